"""What ``capture`` still does after root's rights are given up, when files of Python itself cannot be read any more."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.traffic import make
from tests.wire.ladder import Ladder
from tests.wire.wired import POST, frames, question, response, write

# A file is read as if live: all imports after ``preload_lazy_modules`` are refused, as in a Python in root's home.
CHILD = """
import sys
from ucdiag.cli.capture_source import FileCapture
from ucdiag.cli.lazy_modules import preload_lazy_modules
from ucdiag.cli.main import main

class Refuse:
    def find_spec(self, name, path=None, target=None):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def read(self, read=FileCapture.read):
    preload_lazy_modules()
    sys.meta_path.insert(0, Refuse())
    return read(self)

FileCapture.read = read
sys.argv[0] = "ucdiag"
main()
"""


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, "capture", *map(str, words)], capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("words", [(), ("-v",), ("--json",), ("-f", "short"), ("--facts",), ("--ladder", "--all")])
def test_every_report_needs_nothing_that_was_not_imported_before(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "one.pcap"
    make(file, packets=0, phones=1, broken=0, size=2000)
    found = run("-r", file, *words)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "iso-8859-2", "windows-1251", "gb18030"])
def test_answers_are_read_in_any_encoding_that_is_known(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "one.pcap"
    body = f'<?xml version="1.0" encoding="{encoding}"?><r downloads="0">\u0418</r>'
    if encoding == "iso-8859-2":
        body = body.replace("\u0418", "\u0159")
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    ladder = Ladder().opens().says(POST).answers(response((mark + body).encode(encoding)))
    write(file, [*question(), *frames(ladder.closes().segments)])
    found = run("-r", file, "-f", "short")
    assert (found.returncode, found.stderr) == (0, "")
