"""Ends a run after ``--max-time``, whatever it waits for, by a system timer that raises KeyboardInterrupt."""

import signal
import sys
from time import monotonic
from types import FrameType

from ucdiag.model.vocabulary import Seconds


class RunLimit:
    """A context manager: its body ends, as by SIGTERM, ``seconds`` after this object was made; never if that is None.

    ``is_over`` is then True, which distinguishes this end from a signal.
    """

    def __init__(self, seconds: Seconds | None) -> None:
        self.seconds = seconds
        self.is_over = False
        self._until = None if seconds is None else monotonic() + seconds
        self._armed = False

    def __enter__(self) -> "RunLimit":
        if self._until is not None:
            self._armed = True
            self._start_timer(max(self._until - monotonic(), 0.001))
        return self

    def __exit__(self, *rest: object) -> None:
        if self._armed:
            self._armed = False
            self._stop_timer()

    if sys.platform == "win32":

        def _start_timer(self, seconds: Seconds) -> None:
            from threading import Timer

            self._timer = Timer(seconds, self._end_run)
            self._timer.daemon = True
            self._timer.start()

        def _end_run(self) -> None:
            from _thread import interrupt_main

            if self._armed:
                self.is_over = True
                interrupt_main()

        def _stop_timer(self) -> None:
            self._timer.cancel()

    else:

        def _start_timer(self, seconds: Seconds) -> None:
            self._before = signal.signal(signal.SIGALRM, self._end_run)
            signal.setitimer(signal.ITIMER_REAL, seconds)

        def _end_run(self, number: int, frame: FrameType | None) -> None:
            if not self._armed:
                return
            self.is_over = True
            end = signal.getsignal(signal.SIGTERM)
            if not callable(end):
                raise KeyboardInterrupt
            end(signal.SIGTERM, frame)

        def _stop_timer(self) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._before)
