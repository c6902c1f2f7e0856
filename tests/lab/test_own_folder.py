"""A site's folder does not outlive a kill beyond the next start."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.other_systems import environment
from tests.recorded_calls import Noted
from ucdiag.cli.main import cli
from ucdiag.lab import own_folder
from ucdiag.lab.own_folder import _LOCKED, OwnFolder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")

_KILLED = """
import os, signal
from ucdiag.lab.own_folder import OwnFolder
folder = OwnFolder()
(folder.path / "pool01").mkdir()
print(folder.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""

_HELD = """
import sys
from ucdiag.lab.own_folder import OwnFolder
folder = OwnFolder()
print(folder.path, flush=True)
sys.stdin.read()
folder.remove_folder()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def killed(folder: Path) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED], capture_output=True, text=True, env={**os.environ, "TMPDIR": str(folder)}
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    return Path(done.stdout.strip())


@pytest.mark.slow
def test_what_a_kill_left_is_gone_when_the_next_starts(folder: Path) -> None:
    left = killed(folder)
    assert (left / "pool01").is_dir()
    own = OwnFolder()
    assert list(folder.iterdir()) == [own.path]
    own.remove_folder()
    own.remove_folder()
    assert list(folder.iterdir()) == []


def test_only_a_folder_of_that_name_in_which_no_process_is_is_removed(folder: Path) -> None:
    """Neither one that is held, nor a file, nor a link, nor a folder of another name."""
    import fcntl

    left, held, other = (folder / name for name in (f"{_LOCKED}left", f"{_LOCKED}held", "other"))
    for one in (left, held, other):
        (one / "pool01").mkdir(parents=True)
    file, link = folder / f"{_LOCKED}file", folder / f"{_LOCKED}link"
    file.touch()
    link.symlink_to(other)
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    own = OwnFolder()
    os.close(handle)
    assert sorted(folder.iterdir()) == sorted([held, other, file, link, own.path])
    assert (held / "pool01").is_dir()
    assert (other / "pool01").is_dir()
    own.remove_folder()


def open_files() -> list[Path]:
    return sorted(Path("/dev/fd").iterdir())


@pytest.mark.parametrize("owner", ["this user", "another one"])
def test_nothing_is_left_open(owner: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{_LOCKED}left").mkdir()
    if owner == "another one":
        monkeypatch.setattr(own_folder, "_folder_owners", lambda: iter([os.geteuid() + 1]))
    before = open_files()
    own = OwnFolder()
    assert len(open_files()) == len(before) + 1
    own.remove_folder()
    own.remove_folder()
    assert open_files() == before


def test_ctrl_c_while_the_folder_gets_its_name_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(path: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", rename)
    before = open_files()
    with pytest.raises(KeyboardInterrupt):
        OwnFolder()
    assert (list(folder.iterdir()), open_files()) == ([], before)


def test_another_user_s_folder_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = folder / f"{_LOCKED}left"
    left.mkdir()
    monkeypatch.setattr(own_folder, "_folder_owners", lambda: iter([os.geteuid() + 1]))
    own = OwnFolder()
    assert sorted(folder.iterdir()) == sorted([left, own.path])
    own.remove_folder()


def test_the_folder_of_a_site_that_runs_stays(folder: Path) -> None:
    first, second = OwnFolder(), OwnFolder()
    assert first.path.is_dir()
    assert first.path.stat().st_mode & 0o777 == 0o700
    first.remove_folder()
    assert second.path.is_dir()
    second.remove_folder()


@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_the_folder_of_a_site_that_runs_elsewhere_stays(system: str, folder: Path) -> None:
    """Another system's programs may use the same folder: no lock of theirs is seen here, or none exists."""
    held = subprocess.Popen(
        [sys.executable, "-c", _HELD],
        env=environment(system, TMPDIR=str(folder)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    path = Path(held.stdout.readline().strip())
    OwnFolder().remove_folder()
    assert path.is_dir()
    held.communicate("")
    assert not path.exists()


def test_the_folder_stays_where_no_lock_can_be_had(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with monkeypatch.context() as without:
        without.setattr("fcntl.flock", flock)
        first = OwnFolder()
    second = OwnFolder()
    assert first.path.is_dir()
    first.remove_folder()
    second.remove_folder()
    assert list(folder.iterdir()) == []


def test_what_has_such_a_name_and_is_no_folder_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder / "other"
    other.mkdir()
    (other / "file").touch()
    (folder / "ucdiag-lab-link").symlink_to(other)
    (folder / "ucdiag-lab-file").touch()
    os.mkfifo(folder / "ucdiag-lab-pipe")  # nobody writes to it
    noted = Noted(rmtree=None)
    with monkeypatch.context() as patch:
        patch.setattr(own_folder.shutil, "rmtree", noted.rmtree)
        own_folder._remove_left(str(folder))
    assert noted.notes == []
    OwnFolder().remove_folder()
    assert {path.name for path in folder.iterdir()} == {
        "other",
        "ucdiag-lab-link",
        "ucdiag-lab-file",
        "ucdiag-lab-pipe",
    }
    assert (other / "file").exists()


@pytest.mark.parametrize("words", [["whole-alias"], ["--all"], ["whole", "--serve", "--max-time", "1"]], ids=" ".join)
@pytest.mark.parametrize("where", ["no folder at all", "a folder that is gone"])
def test_without_a_folder_for_temporary_files_a_sentence_says_so(
    words: list[str], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None if where == "no folder at all" else str(tmp_path / "gone"))
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere"])
    done = CliRunner().invoke(cli, ["lab", *words])
    assert done.exit_code == 3
    assert "No folder can be made for the lab's files (" in done.stderr
    assert done.stderr.strip().endswith("): name a folder in TMPDIR.")


def test_a_full_disk_is_a_sentence_and_no_bug(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", write)
    done = CliRunner().invoke(cli, ["lab", "tls-expired"])
    assert done.exit_code == 3
    assert "A disk takes no more (No space left on device)" in done.stderr
    assert list(folder.iterdir()) == []


def test_an_audit_log_on_a_full_disk_is_no_wrong_verdict(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def note(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("ucdiag.lab.update_service.UpdateService._write_audit_row", note)
    done = CliRunner().invoke(cli, ["lab", "whole"])
    assert done.exit_code == 3
    assert "A disk takes no more (No space left on device)" in done.stderr
    assert "NOT as expected" not in done.stderr
