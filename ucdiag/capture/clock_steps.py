"""Corrects the times of a capture where the clock of the capturing machine was set back.

The judge needs the order of events and the length of silences. Where the times of a capture go back, the order of its
packets is right and the times are wrong: all later times are shifted as if the clock had gone on. A single packet with
a later time than its neighbours does not count, and times that go back again and again (several clocks in one file)
stay as they are.
"""

from ucdiag.model.vocabulary import Microseconds

# Packets of one capture are out of order by less than this (microseconds): each interface has its own buffer.
STEP = 3_000_000
MOST_STEPS = 3
_FEW = 2
_NEVER = 1 << 62


class ClockSteps:
    """``shift`` is to be added to the times of a file (microseconds), ``latest`` the latest so far, shift included.

    ``steps`` holds the places where the clock was set back: the number of the frame, and by how many microseconds. A
    place among packets that do not matter is only known at the end of the file, as behind the last one that did.
    ``restless`` is the first such frame of a file with too many of them. Where nothing is judged (``as_they_stand``)
    every packet keeps its time.
    """

    def __init__(self, *, as_they_stand: bool = False) -> None:
        self._as_they_stand = as_they_stand
        self.shift = 0
        self.latest = 0
        self.steps: list[tuple[int, int]] = []
        self.restless: int | None = None
        self._of_file = 0
        self._before = _NEVER
        self._since = 0
        self._frame = 0
        self._first = 0

    def begin_file(self) -> None:
        """Another file, which may have been captured at the same time as the one before it."""
        self.shift = self.latest = self._of_file = self._since = 0
        self._before = _NEVER

    def take_time(self, time: Microseconds, frame: int) -> bool:
        """The time of the next packet, shift included. False when it went back, and ``shift`` is another now."""
        self._frame = frame
        latest = self.latest
        if time >= latest - STEP:
            if time > latest + STEP:
                self._before = latest or _NEVER
                self._since = 0
            else:
                self._since += 1
            if time > latest:
                self.latest = time
            return True
        if self._as_they_stand:
            self.latest = time
            self._of_file += 1
            if self._of_file == 1:
                self._first = frame
            elif self._of_file > MOST_STEPS:
                self.restless = self.restless or self._first
            return True
        if self._of_file > MOST_STEPS:
            return True
        if self._since < _FEW and time >= self._before - STEP:
            self.latest = time
            return True
        self._of_file += 1
        if self._of_file > MOST_STEPS:
            self.restless = self.restless or self.steps[-MOST_STEPS][0]
            del self.steps[-MOST_STEPS:]
            self.shift = 0
            return False
        self.shift += self.latest - time
        self.steps.append((frame, self.latest - time))
        return False

    def take_times(self, count: int, time: Microseconds, frame: int) -> None:
        """``count`` packets, of which the last is ``frame``, with times in order from ``latest`` up to ``time``.

        All of them are within ``STEP`` of ``latest``.
        """
        self._frame, self.latest = frame, time
        self._since += count

    def finish_file(self, time: Microseconds) -> None:
        """The time of the last packet of the file, without shift."""
        back = self.latest - time - self.shift
        if not self._as_they_stand and back > STEP and self._of_file <= MOST_STEPS:
            self.steps.append((self._frame + 1, back))

    def shifted_time(self, time: Microseconds, shift: int) -> int:
        """The corrected time of a packet with the time ``time`` in the file, read while ``shift`` was in force."""
        return time if self._of_file > MOST_STEPS else max(time + shift, self.latest)
