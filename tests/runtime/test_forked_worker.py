"""A copy of this process that works beside it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ucdiag.runtime.forked_worker import ForkedWorker, Tell, may_twin
from ucdiag.runtime.parallel_map import each

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def told_by(work: Callable[[Tell], None]) -> list[Any]:
    with ForkedWorker(work) as twin:
        return list(twin.told())


def nobody_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_it_tells_things_of_any_size_in_their_order() -> None:
    things = [1, "two", b"3" * 3_000_000, (4, None, [5.5, {"six": True}]), b""]

    def work(tell: Tell) -> None:
        for thing in things:
            tell(thing)

    assert told_by(work) == things
    assert nobody_left()


def test_what_it_raises_ends_the_telling_and_is_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    def work(tell: Tell) -> None:
        tell("before")
        raise ValueError("in the copy")

    assert told_by(work) == ["before"]
    assert capfd.readouterr() == ("", "")
    assert nobody_left()


def test_its_death_in_the_middle_of_a_word_ends_the_telling() -> None:
    def work(tell: Tell) -> None:
        tell("before")
        signal.alarm(1)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        tell(b"x" * 300_000_000)  # takes longer than nobody listens

    with ForkedWorker(work) as twin:
        told = twin.told()
        assert next(told) == "before"
        time.sleep(1.5)
        assert list(told) == []


def test_it_does_not_outlive_who_listens() -> None:
    def work(tell: Tell) -> None:
        while True:
            tell("and")

    with ForkedWorker(work) as twin:
        assert next(twin.told()) == "and"
    assert nobody_left()


def test_it_does_not_outlive_who_is_killed(tmp_path: Path) -> None:
    """Nobody calls it back then."""
    named = tmp_path / "number"
    listens = os.fork()
    if listens == 0:

        def work(tell: Tell) -> None:
            named.write_text(str(os.getpid()))
            while True:
                tell(b"x" * 100_000)

        try:
            with ForkedWorker(work) as twin:
                next(twin.told())
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    assert os.waitpid(listens, 0)[1] == signal.SIGKILL
    left = int(named.read_text())
    try:
        for _ in range(100):
            os.kill(left, 0)
            if Path(f"/proc/{left}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                break  # nobody waits for it where this test runs
            time.sleep(0.05)
        else:
            os.kill(left, signal.SIGKILL)
            pytest.fail("it is still there")
    except (ProcessLookupError, FileNotFoundError):
        pass


# With any other thread in the process, as pytest-xdist has one, it might be the one that gets the signal.
INTERRUPTED = """
import os, signal, sys
from ucdiag.runtime.forked_worker import ForkedWorker

number, came_back = int(sys.argv[1]), sys.argv[2]
fork, here = os.fork, os.getpid()

def forked():
    process = fork()
    os.kill(os.getpid(), number)
    return process

def interrupted(*_):
    raise KeyboardInterrupt

os.fork = forked
signal.signal(number, interrupted)
try:
    with ForkedWorker(lambda tell: tell(1)) as twin:
        list(twin.told())
    print("not interrupted")
except KeyboardInterrupt:
    if os.getpid() != here:
        open(came_back, "w").close()
        os._exit(0)
try:
    print("left:", os.waitpid(-1, 0))
except ChildProcessError:
    pass
print("held:", *signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_as_it_begins_interrupts_one_process_and_ends_the_other(number: int, tmp_path: Path) -> None:
    """All processes of a terminal get it. The copy must not come back from it, to report as this process does."""
    came_back = tmp_path / "number"
    command = [sys.executable, "-c", INTERRUPTED, str(int(number)), str(came_back)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["held:"], "")
    assert not came_back.exists()


@pytest.mark.parametrize("call", ["pipe", "fork"])
def test_where_there_can_be_none_nothing_is_told(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError(11, "Resource temporarily unavailable")

    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, call, fails)
    assert told_by(lambda tell: tell(1)) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_it_needs_another_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert not may_twin()


# Work in two halves.


def test_both_halves_are_done_once_and_in_order() -> None:
    here = os.getpid()
    done = each(lambda number: (number, os.getpid() == here), range(301))
    assert [number for number, _ in done] == list(range(301))
    assert [ours for _, ours in done] == [True] * 150 + [False] * 151


def test_what_the_copy_fails_at_is_done_here() -> None:
    here = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != here and number == 170:
            raise MemoryError
        return number

    assert each(work, range(200)) == list(range(200))


def test_what_fails_everywhere_is_raised_here() -> None:
    def work(number: int) -> int:
        if number == 199:
            raise ValueError("the last one")
        return number

    with pytest.raises(ValueError, match="the last one"):
        each(work, range(200))
    assert nobody_left()
