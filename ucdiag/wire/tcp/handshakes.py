"""Incomplete TCP handshakes: SYNs without an answer, and their outcome.

They have tables of their own, apart from the connections, so that a flood of SYNs costs little and drives out no
connection. All of them are bounded, oldest out.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from ucdiag.model.observations import Connect, Observation
from ucdiag.model.repetition import Repeats, last_two
from ucdiag.model.vocabulary import CAPTURE_SKEW, ConnectLacking, ConnectOutcome, Microseconds, Seconds
from ucdiag.wire.addresses import address_text, mac_text
from ucdiag.wire.tcp.segment import ConnectionKey, Segment
from ucdiag.wire.tcp.stream import MASK, Endpoints

# SYNs that bring data, refusals without a SYN, and copied SYNs that are remembered, of each so many.
EARLY_MOST = 64
# So long after it (microseconds) all of a connection may come again, captured at the other end by another clock.
CLOCKS_APART = 60_000_000


_Value = TypeVar("_Value")


class PendingSyn:
    """The SYNs of one connection attempt without an answer so far. Times are microseconds."""

    __slots__ = ("attempts", "frame", "last", "mac", "reason", "repeats", "sequence", "time")

    def __init__(self, time: Microseconds, frame: int, sequence: int, mac: bytes | None) -> None:
        # When the first SYN was sent, and the latest.
        self.time = self.last = time
        self.frame = frame
        self.sequence = sequence
        # The client's MAC address.
        self.mac = mac
        self.attempts = 1
        self.repeats: Repeats | None = None
        # What an ICMP error says of it.
        self.reason: str | None = None

    def repeat(self, time: Microseconds) -> None:
        """The SYN comes once more."""
        self.attempts += 1
        self.last = time
        if self.repeats is None:
            self.repeats = Repeats(self.time)
        self.repeats.add_time(time)


class _Refusal(NamedTuple):
    """A RST that answers a SYN. ``syn_seen`` is whether that SYN was seen, before it or since."""

    time: Microseconds
    sequence: int  # of the SYN
    syn_seen: bool


class Handshakes:
    """SYNs that wait for an answer, by the client's direction.

    ``patience`` is microseconds, ``most`` bounds the number of SYNs. Not ``judged`` (facts), each SYN is reported
    whatever becomes of it, and packets count in the order of their frames. ``dropped`` counts SYNs that were forgotten
    to make room.
    """

    def __init__(self, emit: Callable[[Observation], None], *, patience: Microseconds, judged: bool, most: int) -> None:
        self._emit = emit
        self._patience = patience
        self._judged = judged
        self._most = most
        self._syns: dict[ConnectionKey, PendingSyn] = {}
        # Data in a SYN (TCP Fast Open): payload, length, time, frame.
        self._early: dict[ConnectionKey, tuple[bytes, int, Microseconds, int]] = {}
        self._refusals: dict[ConnectionKey, _Refusal] = {}
        # ICMP errors that quote a SYN which had not been seen: when, and the reason.
        self._early_errors: dict[ConnectionKey, tuple[Microseconds, str]] = {}
        # SYNs that repeat the one of a connection which has said all that it had to say.
        self._copies: dict[ConnectionKey, PendingSyn] = {}
        self.dropped = 0
        #: SYNs that were refused before they came, as where two clocks captured the two directions.
        self.early_refusals = 0

    def get(self, key: ConnectionKey) -> PendingSyn | None:
        """The SYN that waits for an answer."""
        return self._syns.get(key)

    def remove(self, key: ConnectionKey) -> None:
        """Remove a SYN whose answer is known."""
        del self._syns[key]

    def take_copied(self, key: ConnectionKey, ack: int) -> bool:
        """Whether a SYN ACK, both of whose numbers were seen before, answers a SYN that repeats the one of a
        connection: it waits as that from here on."""
        syn = self._syns.get(key) or self._copies.get(key)
        if syn is None or syn.sequence != (ack - 1) & MASK:
            return False
        self._syns.pop(key, None)
        self._copies[key] = syn
        _limit_table(self._copies)
        return True

    def take_answered(self, key: ConnectionKey, ack: int) -> PendingSyn | None:
        """Removes and returns the SYN to which a SYN ACK with this acknowledgement number is the answer."""
        syn = self._syns.get(key) or self._copies.get(key)
        # An answer to a SYN with data may acknowledge them too.
        early = self._early[key][1] if key in self._early else 0
        if syn is None or (ack - syn.sequence - 1) & MASK not in (0, early, MASK):
            return None
        self._syns.pop(key, None)
        self._copies.pop(key, None)
        return syn

    def take_early_data(self, key: ConnectionKey) -> tuple[bytes, int, Microseconds, int] | None:
        """Removes and returns the data of a SYN: payload, length on the wire, time, frame."""
        return self._early.pop(key, None)

    def on_syn(self, segment: Segment) -> None:
        """A SYN, or a repetition of one."""
        key = segment.key
        if self._was_refused(key, segment):
            return
        self._add_syn(key, segment)
        if segment.length:
            self._early[key] = (segment.payload, segment.length, segment.time, segment.frame)
            _limit_table(self._early)

    def on_copied_syn(self, segment: Segment) -> None:
        """The SYN of a connection comes again: a late copy, or a stack that begins each connection alike.

        The answer shows which.
        """
        self._copies.pop(segment.key, None)
        self._copies[segment.key] = pending_syn(segment)
        _limit_table(self._copies)

    def on_refusal(self, segment: Segment, *, syn_seen: bool) -> bool:
        """RST ACK to a SYN, seen or not: a mirror may show the SYN, or a copy of it, just after it.

        Returns whether that SYN had been refused before: it was sent again, or captured at the other end, too.
        """
        if not self._judged:
            return False
        key, sequence = segment.reverse_key, (segment.ack - 1) & MASK
        before = self._refusals.pop(key, None)
        self._refusals[key] = _Refusal(segment.time, sequence, syn_seen)
        _limit_table(self._refusals)
        if before is None or not before.syn_seen or before.sequence != sequence:
            return False
        return segment.time - before.time <= CLOCKS_APART

    def on_unreachable(self, key: ConnectionKey, reason: str, time: Microseconds) -> None:
        """An ICMP error quotes a SYN: ``reason`` is reported, should it stay unanswered.

        A mirror may show the SYN just after it.
        """
        syn = self._syns.get(key)
        if syn is not None:
            syn.reason = reason
            syn.last = time
        elif self._judged:
            self._early_errors.pop(key, None)
            self._early_errors[key] = (time, reason)
            _limit_table(self._early_errors)

    def expire(self, now: Microseconds) -> None:
        """Concludes the attempts that nobody will repeat."""
        patience = self._patience
        expired = []
        for key, syn in self._syns.items():
            if now - syn.time <= patience:
                break
            # The pause before each further SYN is at most twice the one before.
            if now - syn.last > 2 * (syn.last - syn.time) + patience:
                expired.append(key)
        for key in expired:
            self._emit(self._unanswered_connect(key, self._syns.pop(key), now))

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit."""
        return [self._unanswered_connect(key, syn, at) for key, syn in self._syns.items()]

    def finish(self, at: Microseconds) -> None:
        """The capture has ended at ``at``."""
        for connect in self.pending(at):
            self._emit(connect)
        self._syns.clear()

    def _was_refused(self, key: ConnectionKey, segment: Segment) -> bool:
        """Whether this SYN, or its copy, is the one of a refusal that was captured just before it."""
        refusal = self._refusals.get(key)
        if refusal is None or refusal.sequence != segment.seq or key in self._syns:
            return False
        if abs(segment.time - refusal.time) > CAPTURE_SKEW:
            self.early_refusals += segment.time > refusal.time and not refusal.syn_seen
            return False
        if not refusal.syn_seen:
            self._refusals[key] = refusal._replace(syn_seen=True)
            self._emit(connect_of(key, pending_syn(segment), "refused"))
        return True

    def _add_syn(self, key: ConnectionKey, segment: Segment) -> None:
        syns = self._syns
        earlier = syns.get(key)
        if earlier is not None:
            if earlier.sequence == segment.seq:
                earlier.repeat(segment.time)
                return
            del syns[key]
            self._emit(connect_of(key, earlier, "unreachable" if earlier.reason else "no_answer"))
        elif len(syns) >= self._most:
            self._make_room(segment.time)
        syns[key] = syn = pending_syn(segment)
        time, reason = self._early_errors.pop(key, (None, None))
        if time is not None and abs(segment.time - time) <= CAPTURE_SKEW:
            syn.reason = reason

    def _make_room(self, time: Microseconds) -> None:
        key = next(iter(self._syns))
        oldest = self._syns.pop(key)
        if time - oldest.time >= self._patience or not self._judged:
            self._emit(self._unanswered_connect(key, oldest, time))
        else:
            self.dropped += 1

    def unheard(self, key: ConnectionKey, syn: PendingSyn, at: Microseconds) -> Connect:
        """SYNs whose answer is in the capture and did not reach the client."""
        return connect_of(key, syn, "no_answer" if at - syn.time >= self._patience else "unfinished", lacking="ack")

    def _unanswered_connect(self, key: ConnectionKey, syn: PendingSyn, at: Microseconds) -> Connect:
        if syn.reason:
            return connect_of(key, syn, "unreachable")
        return connect_of(key, syn, "no_answer" if at - syn.time >= self._patience else "unfinished")


def pending_syn(segment: Segment) -> PendingSyn:
    """The first SYN of an attempt."""
    return PendingSyn(segment.time, segment.frame, segment.seq, segment.src_mac)


def _limit_table(table: dict[ConnectionKey, _Value]) -> None:
    """Removes the oldest entry of a table that grew too large."""
    if len(table) > EARLY_MOST:
        del table[next(iter(table))]


def endpoints_of(key: ConnectionKey, mac: bytes | None) -> Endpoints:
    """The ends of a connection as observations write them. ``key`` is the client's direction, ``mac`` the client's."""
    return Endpoints(address_text(key[0]), address_text(key[2]), key[3], key[1], mac_text(mac))


def connect_of(
    key: ConnectionKey,
    syn: PendingSyn,
    outcome: ConnectOutcome,
    seconds: Seconds | None = None,
    lacking: ConnectLacking | None = None,
) -> Connect:
    """The observation of a connection attempt. ``seconds`` is how long its answer took."""
    ends = endpoints_of(key, syn.mac)
    before, last = last_two(syn.repeats)
    return Connect(
        time=syn.time,
        frame=syn.frame,
        client=ends.client,
        server=ends.server,
        port=ends.port,
        outcome=outcome,
        seconds=seconds,
        client_port=ends.client_port,
        client_mac=ends.client_mac,
        reason=syn.reason if outcome == "unreachable" else None,
        attempts=syn.attempts,
        last_time=last,
        last_but_one=before,
        lacking=lacking,
    )
