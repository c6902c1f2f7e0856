"""The forked worker: what arrives of its results, and that nothing is left of it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ucdiag.runtime.forked_worker import ForkedWorker, Send, can_fork_worker, parallel_map

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def results_of(work: Callable[[Send], None]) -> list[Any]:
    with ForkedWorker(work) as worker:
        return list(worker.results())


def nobody_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_results_of_any_size_arrive_in_their_order() -> None:
    things = [1, "two", b"3" * 3_000_000, (4, None, [5.5, {"six": True}]), b""]

    def work(send: Send) -> None:
        for thing in things:
            send(thing)

    assert results_of(work) == things
    assert nobody_left()


def test_an_exception_ends_the_results_and_is_not_reported(capfd: pytest.CaptureFixture[str]) -> None:
    def work(send: Send) -> None:
        send("before")
        raise ValueError("in the copy")

    assert results_of(work) == ["before"]
    assert capfd.readouterr() == ("", "")
    assert nobody_left()


def test_a_worker_killed_while_it_sends_ends_the_results() -> None:
    def work(send: Send) -> None:
        send("before")
        signal.alarm(1)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        send(b"x" * 300_000_000)  # takes longer than nobody reads

    with ForkedWorker(work) as worker:
        results = worker.results()
        assert next(results) == "before"
        time.sleep(1.5)
        assert list(results) == []


def test_the_worker_ends_with_its_context() -> None:
    def work(send: Send) -> None:
        while True:
            send("and")

    with ForkedWorker(work) as worker:
        assert next(worker.results()) == "and"
    assert nobody_left()


def test_the_worker_ends_when_the_reading_process_is_killed(tmp_path: Path) -> None:
    """Nobody calls it back then."""
    named = tmp_path / "number"
    listens = os.fork()
    if listens == 0:

        def work(send: Send) -> None:
            named.write_text(str(os.getpid()))
            while True:
                send(b"x" * 100_000)

        try:
            with ForkedWorker(work) as worker:
                next(worker.results())
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    assert os.waitpid(listens, 0)[1] == signal.SIGKILL
    left = int(named.read_text())
    try:
        for _ in range(1200):
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
    with ForkedWorker(lambda send: send(1)) as worker:
        list(worker.results())
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
def test_a_signal_during_the_fork_interrupts_one_process_and_ends_the_other(number: int, tmp_path: Path) -> None:
    """All processes of a terminal get it. The copy must not come back from it, to report as this process does."""
    came_back = tmp_path / "number"
    command = [sys.executable, "-c", INTERRUPTED, str(int(number)), str(came_back)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["held:"], "")
    assert not came_back.exists()


@pytest.mark.parametrize("call", ["pipe", "fork"])
def test_without_pipe_or_fork_there_are_no_results(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise OSError(11, "Resource temporarily unavailable")

    before = len(list(Path("/proc/self/fd").iterdir()))
    monkeypatch.setattr(os, call, fails)
    assert results_of(lambda send: send(1)) == []
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize(
    ("system", "processors", "threads", "possible"),
    [
        ("linux", {0, 1}, 1, True),
        ("linux", {2, 5, 7}, 1, True),
        ("linux", {3}, 1, False),
        ("linux", {0, 1}, 2, False),
        # Without the module no thread was ever started.
        ("linux", {0, 1}, None, True),
        ("linux", {3}, None, False),
        ("linux", None, 1, False),
        ("freebsd14", None, 1, False),
        ("darwin", {0, 1}, 1, False),
        ("win32", {0, 1}, 1, False),
    ],
)
def test_a_worker_needs_a_second_processor_and_no_other_thread(
    system: str, processors: set[int] | None, threads: int | None, possible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    if processors is None:
        monkeypatch.delattr(os, "sched_getaffinity")
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: processors)
    if threads is None:
        monkeypatch.delitem(sys.modules, "threading")
    else:
        monkeypatch.setattr(threading, "active_count", lambda: threads)
    assert can_fork_worker() is possible


def test_a_worker_needs_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.delattr(os, "fork")
    assert not can_fork_worker()


def open_files() -> list[Path]:
    return sorted(Path("/dev/fd").iterdir())


def test_nothing_is_left_open() -> None:
    before = open_files()
    with ForkedWorker(lambda send: send(1)) as worker:
        # The writing end is the worker's alone, so that its end is seen here.
        assert len(open_files()) == len(before) + 1
        assert list(worker.results()) == [1]
    assert open_files() == before
    # What came to its end gives nothing more, and may be left twice.
    assert list(worker.results()) == []
    worker.__exit__()
    assert nobody_left()


# parallel_map.


def test_parallel_map_does_both_halves_once_and_in_order() -> None:
    here = os.getpid()
    done = parallel_map(lambda number: (number, os.getpid() == here), range(301))
    assert [number for number, _ in done] == list(range(301))
    assert [ours for _, ours in done] == [True] * 150 + [False] * 151


def test_parallel_map_does_here_what_the_worker_fails_at() -> None:
    here = os.getpid()

    def work(number: int) -> int:
        if os.getpid() != here and number == 170:
            raise MemoryError
        return number

    assert parallel_map(work, range(200)) == list(range(200))


def test_parallel_map_raises_here_what_fails_in_both_processes() -> None:
    def work(number: int) -> int:
        if number == 199:
            raise ValueError("the last one")
        return number

    with pytest.raises(ValueError, match="the last one"):
        parallel_map(work, range(200))
    assert nobody_left()
