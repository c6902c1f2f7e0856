"""DNS over TCP (RFC 1035, section 4.2.2): messages, each behind its length in two bytes.

After bytes that the capture lacks, the start of the next message has to be found:

- A hole that ends within a message whose length was read is counted off.
- Behind any other hole, and on a connection met in the middle, a message is believed only where it is sound to its
  last byte and the segments end with it. An answer must be one that a question waits for, unless it begins with a
  segment and questions are lost too. What does not begin with a segment must be the only thing that can be read so.
- A question that waited when bytes of the answers were lost may have been answered: ``lost`` says so.
"""

from collections.abc import Callable
from itertools import pairwise
from struct import unpack_from

from ucdiag.model.observations import Observation
from ucdiag.model.vocabulary import Ending, Microseconds, Peer
from ucdiag.wire.dns.message import read_name
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.stream import ENDLESS, Budget

# The segments behind a hole, and their bytes, among which a message is looked for; and in how many bytes it may begin
# anywhere.
SEGMENTS_MOST = 32
SOUGHT_MOST = 16 * 1024
ANYWHERE_MOST = 4096

_HEADER_SIZE = 12
_LEAST = _HEADER_SIZE + 5  # the root, type and class
_RECORD_HEAD = 10
# QR, opcode and the reserved bit: 0 in an ordinary question.
_KIND, _RESPONSE = 0xF840, 0x8000

Take = Callable[[Microseconds, int, bytes], None]


def is_sound(data: bytes, response: bool) -> bool:
    """Whether the bytes are exactly one ordinary DNS message of that direction, with one question."""
    if len(data) < _LEAST:
        return False
    flags, questions, answers, authorities, additional = unpack_from(">5H", data, 2)
    if flags & _KIND != (_RESPONSE if response else 0) or questions != 1:
        return False
    records = answers + authorities + additional
    if (answers or authorities) and not response:
        return False
    try:
        _, at = read_name(data, _HEADER_SIZE)
        at += 4
        for _ in range(records):
            _, at = read_name(data, at)
            if at + _RECORD_HEAD > len(data):
                return False
            at += _RECORD_HEAD + (data[at + 8] << 8 | data[at + 9])
    except DecodeError:
        return False
    return at == len(data)


class DnsDirection:
    """One direction of DNS over TCP. ``take`` gets time, frame and bytes of each message.

    ``in_step``: its first byte begins a message. The other parameters are the server's direction's only: ``asked`` is
    the client's direction, ``awaited`` returns whether a question waits for an answer, and ``on_loss`` is called where
    bytes are missing.
    """

    __slots__ = (
        "_gone",
        "_sought",
        "answers",
        "asked",
        "awaited",
        "budget",
        "buffer",
        "counts",
        "in_step",
        "on_loss",
        "take",
        "whole",
    )

    def __init__(
        self,
        budget: Budget,
        take: Take,
        *,
        in_step: bool = True,
        asked: "DnsDirection | None" = None,
        awaited: Callable[[bytes], bool] = lambda message: False,
        on_loss: Callable[[], None] = lambda: None,
    ) -> None:
        self.budget = budget
        self.take = take
        # Whether its place is known, and whether all of it was seen.
        self.in_step = self.whole = in_step
        self.asked = asked
        self.awaited = awaited
        self.on_loss = on_loss
        # The server's direction, which may find its place by what is learnt of this one.
        self.answers: DnsDirection | None = None
        self.counts = 0
        self.buffer = bytearray()
        # Bytes of the message at hand that are lost, all behind those in the buffer; of it what still comes is passed.
        self._gone = 0
        # Where each segment behind a hole begins in the buffer, and its time and frame.
        self._sought: list[tuple[int, Microseconds, int]] = []

    def receive_data(self, data: bytes, time: Microseconds, frame: int) -> None:
        if self._gone:
            passed = min(self._gone, len(data))
            self._gone -= passed
            data = data[passed:]
        if not self.budget.take(len(data)):
            self._stop_reading()
            return
        if self.in_step:
            self.buffer += data
            self._take_whole(time, frame)
        else:
            self._seek_message(data, time, frame)
        self._help_answers()

    def _help_answers(self) -> None:
        if self.answers is not None:
            self.answers._find_place()

    def _take_whole(self, time: Microseconds, frame: int) -> None:
        at = 0
        while len(self.buffer) - at >= 2:
            size = self.buffer[at] << 8 | self.buffer[at + 1]
            if len(self.buffer) - at - 2 < size:
                break
            self.take(time, frame, bytes(self.buffer[at + 2 : at + 2 + size]))
            at += 2 + size
        if at:
            self._drop_bytes(at)

    def skip_bytes(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount

    def miss_bytes(self, amount: int, time: Microseconds, frame: int) -> None:
        self.whole = False
        if self._gone:
            left, self._gone = self._gone, 0
        else:
            left = self._bytes_left() if self.in_step else 0
            self._drop_bytes(len(self.buffer))
            self._sought.clear()
        if left >= amount:
            self._gone = left - amount
        else:
            self.in_step = False
        self.on_loss()

    def cut_bytes(self, amount: int, time: Microseconds, frame: int) -> bool:
        self.miss_bytes(amount, time, frame)
        return True

    def end_stream(self, time: Microseconds, frame: int) -> None:
        self._stop_reading()

    def _bytes_left(self) -> int:
        """How many bytes of the current message are still to come; 0 if that is not known."""
        if len(self.buffer) < 2:
            return 0
        return (self.buffer[0] << 8 | self.buffer[1]) + 2 - len(self.buffer)

    def _drop_bytes(self, amount: int) -> None:
        del self.buffer[:amount]
        self.budget.give(amount)

    def _seek_message(self, data: bytes, time: Microseconds, frame: int) -> None:
        """Bytes behind a hole: finds its place again, if they end with a message."""
        if len(self._sought) >= SEGMENTS_MOST or len(self.buffer) + len(data) > max(SOUGHT_MOST, len(data)):
            self._drop_bytes(len(self.buffer))
            self._sought.clear()
        self._sought.append((len(self.buffer), time, frame))
        self.buffer += data
        self._find_place()

    def _find_place(self) -> None:
        chain = self._message_bounds()
        if chain is None:
            return
        found = bytes(self.buffer)
        self._drop_bytes(len(self.buffer))
        sought, self._sought = self._sought, []
        self.in_step = True
        for begin, end in pairwise(chain):
            when = max(start for start in sought if start[0] < end)
            self.take(when[1], when[2], found[begin + 2 : end])

    def _message_bounds(self) -> list[int] | None:
        """The offsets at which the messages in the searched bytes begin, and the end of the last; None if not known."""
        dead: set[int] = set()
        for begin, _, _ in self._sought:
            chain = self._message_ends(begin, dead)
            if chain is not None and (self.asked is None or not self.asked.whole or self._is_awaited(chain)):
                return chain
        if len(self.buffer) > ANYWHERE_MOST:
            return None
        found: list[int] | None = None
        for begin in range(len(self.buffer) - _LEAST - 1):
            if found is not None and begin in found:
                continue
            chain = self._message_ends(begin, dead)
            if chain is not None and (self.asked is None or self._is_awaited(chain)):
                if found is not None:
                    return None
                found = chain
        return found

    def _message_ends(self, begin: int, dead: set[int]) -> list[int] | None:
        """The ends of the messages from there on, where they are sound and the last one ends the buffer. ``dead`` are
        places from which that is not so."""
        buffer, size = self.buffer, len(self.buffer)
        chain = [begin]
        at = begin
        while at < size:
            length = int.from_bytes(buffer[at : at + 2], "big")
            if at in dead or length < _LEAST or at + 2 + length > size:
                dead.update(chain)
                return None
            at += 2 + length
            chain.append(at)
        response = self.asked is not None
        for number, (start, end) in reversed(list(enumerate(pairwise(chain), 1))):
            if not is_sound(bytes(buffer[start + 2 : end]), response):
                dead.update(chain[:number])
                return None
        return chain

    def _is_awaited(self, chain: list[int]) -> bool:
        return self.awaited(bytes(self.buffer[chain[0] + 2 : chain[1]]))

    def _stop_reading(self) -> None:
        self._drop_bytes(len(self.buffer))
        self._sought.clear()
        self.counts = ENDLESS


class DnsTalk:
    """A TCP connection to a DNS server. What is not answered is reported by ``DnsTracker``."""

    __slots__ = ("requests", "responses")

    def __init__(
        self,
        budget: Budget,
        ask: Take,
        answer: Take,
        *,
        in_step: bool = True,
        awaited: Callable[[bytes], bool] = lambda message: False,
        on_loss: Callable[[], None] = lambda: None,
    ) -> None:
        self.requests = DnsDirection(budget, ask, in_step=in_step)
        self.responses = DnsDirection(
            budget, answer, in_step=in_step, asked=self.requests, awaited=awaited, on_loss=on_loss
        )
        self.requests.answers = self.responses

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        self.finish(time)

    def finish(self, at: Microseconds) -> None:
        self.requests._help_answers()
        self.requests._stop_reading()
        self.responses._stop_reading()

    def awaits_receipt(self) -> bool:
        return False

    def note_missed_end(self) -> None:
        """What is not answered is reported by ``DnsTracker``."""

    def release(self) -> None:
        """The two directions hold on to each other."""
        self.requests.answers = self.responses.asked = None

    def pending(self, at: Microseconds) -> list[Observation]:
        return []
