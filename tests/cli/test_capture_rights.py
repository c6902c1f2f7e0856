"""What ``capture`` still does after root's rights are given up, when files of Python itself cannot be read any more."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.traffic import make
from tests.wire.ladder import Ladder
from tests.wire.wired import POST, frames, question, response, write

# Files are read as if live: all imports after ``preload_lazy_modules`` are refused, as in a Python in root's home. Each
# line of standard input is the words of a command, for a fork of this process.
CHILD = """
import json, os, sys
import ucdiag.capture.pcap  # in the place of what reads an interface
from ucdiag.cli.capture_source import FileCapture
from ucdiag.cli.lazy_modules import preload_lazy_modules
from ucdiag.cli.main import main

class Refuse:
    def find_spec(self, name, path=None, target=None):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def read(self, read=FileCapture.read):
    sys.meta_path.insert(0, Refuse())
    return read(self)

FileCapture.read = read
preload_lazy_modules()
for line in sys.stdin:
    sys.argv = ["ucdiag", "capture", *json.loads(line)]
    child = os.fork()
    if child == 0:
        main()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(2, f"{code} {sys.argv}\\n".encode())
"""


def check(*commands: tuple[object, ...]) -> None:
    """Each of these captures ends well, and says nothing on standard error."""
    words = [[*map(str, command)] for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input="\n".join(map(json.dumps, words)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr.splitlines() == [f"0 {['ucdiag', 'capture', *command]}" for command in words]
    assert done.returncode == 0


def test_every_report_needs_nothing_that_was_not_imported_before(tmp_path: Path) -> None:
    file = tmp_path / "one.pcap"
    make(file, packets=0, phones=1, broken=0, size=2000)
    options = [(), ("-v",), ("--json",), ("-f", "short"), ("--facts",), ("--ladder", "--all")]
    check(*[("-r", file, *words) for words in options])


def test_answers_are_read_in_any_encoding_that_is_known(tmp_path: Path) -> None:
    encodings = ["utf-16", "utf-16-le", "utf-32", "iso-8859-2", "windows-1251", "gb18030"]
    for encoding in encodings:
        body = f'<?xml version="1.0" encoding="{encoding}"?><r downloads="0">\u0418</r>'
        if encoding == "iso-8859-2":
            body = body.replace("\u0418", "\u0159")
        mark = "\ufeff" if encoding == "utf-16-le" else ""
        ladder = Ladder().opens().says(POST).answers(response((mark + body).encode(encoding)))
        write(tmp_path / encoding, [*question(), *frames(ladder.closes().segments)])
    check(*[("-r", tmp_path / encoding, "-f", "short") for encoding in encodings])
