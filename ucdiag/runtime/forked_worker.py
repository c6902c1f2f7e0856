"""A second process, forked from this one, that works on another processor and sends results back over a pipe."""

import marshal
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

_SIZE = 8  # bytes before each result that say how long it is
_NO_FORK = "Windows has no fork: ask can_fork_worker first"
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)

Send = Callable[[Any], None]
_Item = TypeVar("_Item")


def can_fork_worker() -> bool:
    """Whether a worker can run at the same time as this process.

    It needs fork, a second processor, and a process without other threads, which a fork would not copy.
    """
    if sys.platform == "win32" or sys.platform == "darwin":
        return False
    if not hasattr(os, "fork") or not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2:
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


class ForkedWorker:
    """A context manager around one forked process, which calls ``work`` with a function that sends one result.

    A result is anything that ``marshal`` takes. An exception of ``work`` is not reported: the results end there, as
    they do when ``work`` returns, when the process could not be forked, and when it is killed.
    """

    def __init__(self, work: Callable[[Send], None]) -> None:
        self._process = self._pipe = -1
        if sys.platform == "win32":
            raise NotImplementedError(_NO_FORK)
        # Until both processes know which of the two they are, a signal's handler would run in both of them.
        blocked_before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
        try:
            with suppress(OSError):
                self._pipe, write_end = os.pipe()
                try:
                    self._process = os.fork()
                    if self._process == 0:
                        _run_in_worker(work, self._pipe, write_end, blocked_before)
                finally:
                    os.close(write_end)
        finally:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, blocked_before)
            except BaseException:
                self.__exit__()
                raise

    def __enter__(self) -> "ForkedWorker":
        return self

    def results(self) -> Iterator[Any]:
        """The results, in the order in which they were sent, up to the first that does not arrive whole."""
        while True:
            size = int.from_bytes(self._read_bytes(_SIZE), "big")
            if not size:
                return
            result = self._read_bytes(size)
            if len(result) < size:
                return
            yield marshal.loads(result)

    def _read_bytes(self, amount: int) -> bytes:
        """This many bytes, or fewer where the pipe ends."""
        data = bytearray()
        while len(data) < amount and self._process > 0:
            piece = os.read(self._pipe, amount - len(data))
            if not piece:
                break
            data += piece
        return bytes(data)

    def __exit__(self, *raised: object) -> None:
        """Ends the process and closes the pipe."""
        if sys.platform == "win32":
            raise NotImplementedError(_NO_FORK)
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        if self._process > 0:
            # Its work is done, or nobody reads the results any more.
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
            with suppress(OSError):
                os.waitpid(self._process, 0)
            self._process = -1


def parallel_map(work: Callable[[_Item], Any], items: Sequence[_Item]) -> list[Any]:
    """``work`` of each item, in the items' order. ``work`` returns something that ``marshal`` takes.

    A forked worker does the second half. This process does what the worker does not get to, so an exception of
    ``work`` is raised here.
    """
    middle = len(items) // 2

    def second_half(send: Send) -> None:
        # Sent only when all is done, since this process reads nothing before; marshalled, results are small.
        for result in [marshal.dumps(work(item)) for item in items[middle:]]:
            send(result)

    with ForkedWorker(second_half) as worker:
        done = [work(item) for item in items[:middle]]
        done += map(marshal.loads, worker.results())
    return done + [work(item) for item in items[len(done) :]]


def _run_in_worker(
    work: Callable[[Send], None], read_end: int, write_end: int, blocked_before: set[int | signal.Signals]
) -> None:
    """The worker's whole life. It never returns: what is buffered or registered must not run in two processes."""
    if sys.platform == "win32":
        raise NotImplementedError(_NO_FORK)

    def send(result: Any) -> None:
        data = marshal.dumps(result)
        for part in (len(data).to_bytes(_SIZE, "big"), data):
            left = memoryview(part)
            while left:
                left = left[os.write(write_end, left) :]

    try:
        # With its own copy of the read end open, it would wait for ever where the reading process was killed.
        os.close(read_end)
        for number in _INTERRUPTS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked_before)
        work(send)
    finally:
        os._exit(0)
