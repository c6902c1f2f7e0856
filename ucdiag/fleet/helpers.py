"""Threads for what waits: the questions that one loop cannot ask for many."""

import queue
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


class Helpers(Generic[_Work, _Result]):
    """Does the work that is added, at most ``most`` at a time; ``bell`` can be read when there is a result to take."""

    def __init__(self, work: Callable[[_Work], _Result], most: int) -> None:
        self._work = work
        self._most = most
        self._threads = 0
        self._idle = 0
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._done: deque[_Result | BaseException] = deque()
        self.bell, self._rung = socket.socketpair()
        self.bell.setblocking(False)
        self._rung.setblocking(False)

    def add_work(self, work: _Work) -> None:
        """One thing more to do."""
        with self._lock:
            self._idle -= 1
            start = self._idle < 0 and self._threads < self._most
            if start:
                self._threads += 1
                self._idle += 1
        self._waiting.put(work)
        if start:
            threading.Thread(target=self._run_thread, daemon=True).start()

    def take_results(self) -> list[_Result]:
        """What was done since the last time. Raises what a thread raised."""
        try:
            while self.bell.recv(4096):
                pass
        except OSError:
            pass
        taken: list[_Result] = []
        while self._done:
            result = self._done.popleft()
            if isinstance(result, BaseException):
                raise result
            taken.append(result)
        return taken

    def close(self) -> None:
        """No more is done; what is under way is given up."""
        for _ in range(self._threads):
            self._waiting.put(None)
        with self._lock:
            self.bell.close()
            self._rung.close()

    def _run_thread(self) -> None:
        while True:
            work = self._waiting.get()
            if work is None:
                return
            try:
                self._done.append(self._work(work))
            except BaseException as error:  # noqa: BLE001 - it is raised where the results are taken
                self._done.append(error)
            with self._lock:
                self._idle += 1
                try:
                    self._rung.send(b"\0")
                except OSError:
                    pass  # it rings already, or nobody listens any more
