"""A copy of this process that works beside it, on another processor, and tells it things over a pipe."""

import marshal
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

_SIZE = 8  # bytes that tell how many follow
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM)

Tell = Callable[[Any], None]


def may_twin() -> bool:
    """Whether a copy of this process can run at the same time, and would lack nothing but other threads."""
    if not hasattr(os, "fork") or not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2:
        return False
    threading = sys.modules.get("threading")
    return threading is None or threading.active_count() == 1


class ForkedWorker:
    """A context manager. In the copy, ``work`` is called with a function that tells one thing (what ``marshal`` takes).

    Nobody hears what ``work`` raises: the telling ends then, as it does when ``work`` returns, when there can be no
    copy, or when something happens to it.
    """

    def __init__(self, work: Callable[[Tell], None]) -> None:
        self._process = self._pipe = -1
        # As long as it is not yet known which of the two this is, what interrupts would make both of them report.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)
        try:
            with suppress(OSError):
                self._pipe, end = os.pipe()
                try:
                    self._process = os.fork()
                    if self._process == 0:
                        _work(work, self._pipe, end, held)
                finally:
                    os.close(end)
        finally:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, held)
            except BaseException:
                self.__exit__()
                raise

    def __enter__(self) -> "ForkedWorker":
        return self

    def told(self) -> Iterator[Any]:
        """What it tells, up to the first thing that does not arrive whole."""
        while True:
            size = int.from_bytes(self._read(_SIZE), "big")
            if not size:
                return
            told = self._read(size)
            if len(told) < size:
                return
            yield marshal.loads(told)

    def _read(self, amount: int) -> bytes:
        """So many bytes, or fewer where no more come."""
        found = bytearray()
        while len(found) < amount and self._process > 0:
            piece = os.read(self._pipe, amount - len(found))
            if not piece:
                break
            found += piece
        return bytes(found)

    def __exit__(self, *raised: object) -> None:
        """Nothing is left of it."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        if self._process > 0:
            # It has nothing more to do, or nobody listens any more.
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
            with suppress(OSError):
                os.waitpid(self._process, 0)
            self._process = -1


def _work(work: Callable[[Tell], None], listening: int, end: int, held: set[int | signal.Signals]) -> None:
    """In the copy, which ends here: nothing that is buffered or registered may be done twice."""

    def tell(thing: Any) -> None:
        made = marshal.dumps(thing)
        for part in (len(made).to_bytes(_SIZE, "big"), made):
            left = memoryview(part)
            while left:
                left = left[os.write(end, left) :]

    try:
        # As long as it had that end open itself, it would wait for ever for somebody who was killed to listen.
        os.close(listening)
        for number in _INTERRUPTS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        work(tell)
    finally:
        os._exit(0)
