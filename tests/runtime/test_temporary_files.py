"""Temporary files without the import of ``tempfile``, which a run without it is spared."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ucdiag.runtime import temporary_files

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has files without a name")
_FILE = """
import sys
from ucdiag.runtime.temporary_files import temporary_file, temporary_folder
with temporary_file() as file:
    file.write(b"some")
    file.seek(0)
    print(file.read(), temporary_folder(), "tempfile" in sys.modules)
"""


def run(**variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("TMPDIR", "TEMP", "TMP")}
    done = subprocess.run(
        [sys.executable, "-c", _FILE], capture_output=True, text=True, check=True, env={**environment, **variables}
    )
    return done.stdout


@linux
@pytest.mark.parametrize("variable", ["TMPDIR", "TEMP", "TMP"])
def test_a_file_of_the_named_folder_needs_no_tempfile(variable: str, tmp_path: Path) -> None:
    assert run(**{variable: str(tmp_path)}) == f"b'some' {tmp_path} False\n"
    assert list(tmp_path.iterdir()) == []


@linux
def test_of_several_folders_the_first_counts(tmp_path: Path) -> None:
    assert run(TMPDIR="", TEMP=str(tmp_path), TMP="/nowhere") == f"b'some' {tmp_path} False\n"


def test_where_the_named_folder_is_not_there_tempfile_knows_another(tmp_path: Path) -> None:
    said, folder, loaded = run(TMPDIR=str(tmp_path / "nowhere"), TEMP=str(tmp_path)).split()
    assert (said, folder, loaded) == ("b'some'", str(tmp_path), "True")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", ["tempfile is loaded", "it is not", "no file without a name"])
def test_what_is_written_goes_out_at_once(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is handed to others by its number, and so may hold nothing back."""

    def fails(folder: str) -> int:
        raise OSError("none here")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if way != "tempfile is loaded":
        monkeypatch.delitem(sys.modules, "tempfile")
    if way == "no file without a name":
        monkeypatch.setattr(temporary_files, "_open_unnamed", fails)
    with temporary_files.temporary_file() as file:
        file.write(b"some")
        assert os.fstat(file.fileno()).st_size == 4
