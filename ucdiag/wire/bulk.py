"""A run of stream bytes of which only the number matters: the rest of a file, or what TLS has encrypted.

``Flows.segment`` hands one out for a direction of a flow when it needs nothing more of what follows
than how far it went. A reader may then, without calling ``segment``, advance it for each segment of
that direction that

- has exactly ``next`` as its sequence number (so that nothing is counted twice or missed),
- carries no SYN, FIN, RST or URG,
- and, with its length added, stays short of ``end`` (``end - next`` modulo 2**32 is larger than its length);

and may skip segments without payload and without those flags altogether. Everything else goes to
``segment`` as ever, with the ``Bulk`` already advanced: the flow reads ``next``, ``frame`` and ``time`` back from
it and may move it (reordering) or end it (``live`` False: the reader forgets it).
"""

from collections.abc import Callable


class Bulk:
    """``next`` is the sequence number expected, ``end`` that of the first byte that matters again.

    ``end`` ``None`` means never (until FIN or RST). ``frame`` and ``time`` (microseconds) are of the last segment
    counted; ``None`` as long as the reader counted none. The reader leaves the time as it stands in the file
    (``stamp``) with the function that reads it (``clock``), since nearly all of them are never looked at.
    """

    __slots__ = ("clock", "end", "frame", "live", "next", "stamp")

    def __init__(self, next: int, end: int | None) -> None:
        self.next = next
        self.end = end
        self.frame: int | None = None
        self.stamp: int | None = None
        self.clock: Callable[[int], int] | None = None
        self.live = True

    @property
    def time(self) -> int | None:
        if self.stamp is None:
            return None
        return self.stamp if self.clock is None else self.clock(self.stamp)
