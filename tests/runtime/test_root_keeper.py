"""The process that puts root's files in their places has few rights, holds nothing else, and ends with the other."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ucdiag.runtime.confinement import offered_ways

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root"),
    pytest.mark.site,
]
# Makes a file out of sight, has it kept, says who keeps it, and does what it reads.
CHILD = """
import os, sys
from ucdiag.runtime.named_files import held_file, hold_output
from ucdiag.runtime.root_keeper import start_keeper

os.environ.clear()
os.open("/etc/shadow", os.O_RDONLY)
hold_output(sys.argv[1], force=True, private=False, owner=None)
start_keeper()
with open(f"/proc/self/task/{os.getpid()}/children") as file:
    keeper = int(file.read().split()[0])
os.setgid(65534)
os.setuid(65534)
print(keeper, flush=True)
file = held_file(sys.argv[1])
for line in sys.stdin:
    if line == "write\\n":
        os.write(file.open_for_writing(), b"whole")
    elif line == "keep\\n":
        try:
            file.put_in_place()
        except OSError as error:
            print(error, flush=True)
            continue
    print("done", flush=True)
"""


class Run:
    """A run of ``CHILD``, and its keeper's process number."""

    def __init__(self, target: Path) -> None:
        words = [sys.executable, "-c", CHILD, str(target)]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.keeper = int(self.said())

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def does(self, what: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.said()

    def status(self, name: str) -> str:
        lines = Path(f"/proc/{self.keeper}/status").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{name}:"))

    def ends(self) -> None:
        """Wait until the keeper has ended."""
        for _ in range(1200):
            if not Path(f"/proc/{self.keeper}").exists() or self.status("State").startswith("Z"):
                return
            time.sleep(0.05)
        raise AssertionError("the keeper lives on")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "of-root"
    folder.mkdir(0o700)
    return folder / "target"


@pytest.fixture
def run(target: Path) -> Iterator[Run]:
    run = Run(target)
    yield run
    run.process.kill()
    with suppress(OSError):
        if str(target) in Path(f"/proc/{run.keeper}/cmdline").read_text():
            os.kill(run.keeper, 9)
    run.process.communicate()


def test_a_file_is_put_in_its_place_for_who_has_no_rights(run: Run, target: Path) -> None:
    assert [run.does("write"), run.does("keep")] == ["done", "done"]
    assert (target.read_bytes(), target.stat().st_uid) == (b"whole", 0)


def test_it_has_three_rights_and_gets_no_others(run: Run) -> None:
    run.does("write")  # it serves, or begins to
    run.does("keep")
    assert {int(run.status(name), 16) for name in ("CapPrm", "CapEff")} == {0b1011}
    assert {int(run.status(name), 16) for name in ("CapBnd", "CapInh", "CapAmb")} == {0}
    assert run.status("NoNewPrivs") == "1"


@pytest.mark.skipif("seccomp" not in offered_ways(), reason="this kernel has no seccomp")
def test_it_is_confined(run: Run) -> None:
    run.does("keep")
    assert run.status("Seccomp") == "2"


def test_it_holds_nothing_else_open(run: Run, target: Path) -> None:
    run.does("keep")
    held = {str(path.readlink()).split(":")[0] for path in Path(f"/proc/{run.keeper}/fd").iterdir()}
    assert held <= {"/dev/null", "pipe", str(target), str(target.parent)}


def test_signals_of_the_terminal_do_not_end_it(run: Run, target: Path) -> None:
    for number in (1, 2, 3, 15):
        os.kill(run.keeper, number)
    assert [run.does("write"), run.does("keep")] == ["done", "done"]
    assert target.exists()


def test_a_kill_ends_both_and_leaves_nothing(run: Run, target: Path) -> None:
    run.does("write")
    run.process.kill()
    run.ends()
    assert list(target.parent.iterdir()) == []


def test_that_it_was_killed_is_an_error(run: Run, target: Path) -> None:
    run.does("write")
    os.kill(run.keeper, 9)
    run.ends()
    assert run.does("keep") == "[Errno 0] the process that puts files in their places has ended"
    assert not target.exists()
