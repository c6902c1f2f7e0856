"""A run of stream bytes of which only the number matters: the rest of a file, or what TLS has encrypted.

``ConnectionTracker.take_segment`` hands one out for a direction of a flow when it needs to know only how far what
follows went. A reader may then, without calling ``take_segment``, count the segments of that direction that carry
nothing but ACK among the flags that open, close or break a connection, as long as they cannot reach ``end``; and may
skip segments without payload altogether. It moves ``next`` behind the furthest byte that it counted: what it did not
see before that byte was retransmitted out of its sight, or lost by the capture.

Everything else goes to ``take_segment`` as ever, with the ``ByteRun`` already moved: the flow reads ``next``,
``frame`` and ``time`` back from it and may move it (reordering) or end it (``live`` False: the reader forgets it).
"""

from collections.abc import Callable

from ucdiag.model.vocabulary import Microseconds

_MASK = 0xFFFFFFFF


class ByteRun:
    """``next`` is the sequence number expected, ``end`` that of the first byte that matters again.

    ``end`` ``None`` means never (until FIN or RST). ``frame`` and ``time`` (microseconds) are of the last segment
    counted; ``None`` as long as the reader counted none. The reader leaves the time as it stands in the file
    (``stamp``) with the function that reads it (``clock``), since nearly all of them are never looked at.

    The rest is the reader's: ``mark`` is how long its record of an ordinary segment of this run is, ``length`` the
    payload of such a segment, and ``left`` how many of them it may count before it has to look at a sequence number.
    ``at`` is where in its buffer the last one is that it counted and did not look at, negative if there is none, and
    ``number`` is the number of that packet.
    """

    __slots__ = ("_live", "at", "clock", "end", "frame", "left", "length", "mark", "next", "number", "stamp")

    def __init__(self, next: int, end: int | None) -> None:
        self.next = next
        self.end = end
        self.frame: int | None = None
        self.stamp: int | None = None
        self.clock: Callable[[int], int] | None = None
        self._live = True
        self.mark = 0
        self.length = 0
        self.left = 0
        self.at = -1
        self.number = 0

    @property
    def live(self) -> bool:
        """Whether the run goes on."""
        return self._live

    @live.setter
    def live(self, value: bool) -> None:
        self._live = value
        if not value:
            self.left = 0

    @property
    def time(self) -> Microseconds | None:
        """Microseconds since the epoch."""
        if self.stamp is None:
            return None
        return self.stamp if self.clock is None else self.clock(self.stamp)

    @property
    def room(self) -> int:
        """How many bytes there are from ``next`` to ``end``."""
        return 1 << 30 if self.end is None else (self.end - self.next) & _MASK
