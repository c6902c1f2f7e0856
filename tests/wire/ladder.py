"""Tests that read like a ladder: who says what, line by line, and then what is told of it.

::

facts = Ladder().opens().says(GET).answers(b"HTTP/1.1 204 No Content\r\n\r\n").closes().facts()

A ``Ladder`` writes the segments of one connection, one frame and one millisecond each; ``play`` feeds the segments
of any number of ladders to ``ConnectionTracker`` and gives what it emitted. What the wire does to segments (lose,
repeat, reorder, split) is done to the list between the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ucdiag.model.observations import Observation
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.tcp import segment as tcp
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tcp.segment import ACK, FIN, PSH, RST, SYN
from ucdiag.wire.tcp.stream import MASK
from ucdiag.wire.tls.secrets import TlsSecrets

START = 1_700_000_000_000_000
MILLISECOND = 1000
SECOND = 1_000_000
PHONE = bytes((10, 0, 0, 7))
POOL = bytes((10, 0, 0, 80))
PHONE_MAC = bytes.fromhex("0004f2aabbcc")
POOL_MAC = bytes.fromhex("020000000080")


@dataclass(frozen=True)
class Segment:
    """One TCP segment on the wire. ``length`` is larger than the payload when a snap length cut it."""

    time: int
    up: bool
    seq: int
    ack: int
    flags: int
    payload: bytes = b""
    length: int = -1
    ports: tuple[int, int] = (49152, 80)
    client: bytes = PHONE

    @property
    def size(self) -> int:
        return len(self.payload) if self.length < 0 else self.length


class Ladder:
    """The segments of one connection between the phone (says) and the server (answers)."""

    def __init__(
        self, *, port: int = 80, client_port: int = 49152, up: int = 1000, down: int = 9000, at: int = START
    ) -> None:
        self.ports = (client_port, port)
        self.up = up
        self.down = down
        self.at = at
        self.segments: list[Segment] = []

    def _add(self, up: bool, flags: int, payload: bytes = b"", length: int = -1) -> "Ladder":
        seq, ack = (self.up, self.down) if up else (self.down, self.up)
        if not flags & ACK:
            ack = 0
        found = Segment(self.at, up, seq & MASK, ack & MASK, flags, payload, length, self.ports)
        self.segments.append(found)
        moved = found.size + (1 if flags & (SYN | FIN) else 0)
        if up:
            self.up += moved
        else:
            self.down += moved
        self.at += MILLISECOND
        return self

    def asks(self) -> "Ladder":
        """SYN."""
        return self._add(True, SYN)

    def accepts(self) -> "Ladder":
        """SYN and ACK."""
        return self._add(False, SYN | ACK)

    def refuses(self) -> "Ladder":
        """RST to a SYN."""
        found = self._add(False, RST | ACK)
        self.segments[-1] = replace(self.segments[-1], seq=0)
        return found

    def opens(self) -> "Ladder":
        """SYN, SYN and ACK, ACK."""
        return self.asks().accepts()._add(True, ACK)

    def says(self, *pieces: bytes, cut: int | None = None) -> "Ladder":
        """The client sends each piece in a segment; ``cut`` is a snap length for payloads."""
        for piece in pieces:
            self._add(True, PSH | ACK, piece[:cut], len(piece))
        return self

    def answers(self, *pieces: bytes, cut: int | None = None) -> "Ladder":
        """The server sends each piece in a segment."""
        for piece in pieces:
            self._add(False, PSH | ACK, piece[:cut], len(piece))
        return self

    def acknowledges(self, *, server: bool = False) -> "Ladder":
        """An ACK and no payload."""
        return self._add(not server, ACK)

    def closes(self) -> "Ladder":
        """The server closes, then the client."""
        return self._add(False, FIN | ACK)._add(True, FIN | ACK)._add(False, ACK)

    def hangs_up(self) -> "Ladder":
        """The client closes, then the server."""
        return self._add(True, FIN | ACK)._add(False, FIN | ACK)._add(True, ACK)

    def server_fin(self) -> "Ladder":
        return self._add(False, FIN | ACK)

    def client_fin(self) -> "Ladder":
        return self._add(True, FIN | ACK)

    def resets(self, *, server: bool = True) -> "Ladder":
        return self._add(not server, RST | ACK)

    def waits(self, seconds: float) -> "Ladder":
        """Nothing happens for so long."""
        self.at += int(seconds * SECOND)
        return self

    def loses(self, amount: int, *, server: bool = True) -> "Ladder":
        """So many bytes are sent that the capture lacks."""
        if server:
            self.down += amount
        else:
            self.up += amount
        return self

    def facts(self, *, after: float = 60.0, **options: Any) -> list[Observation]:
        """What is told of it when the capture goes on for ``after`` seconds."""
        return play(self.segments, after=after, **options)


def play(
    segments: Iterable[Segment],
    *,
    after: float = 60.0,
    bulk: bool = False,
    first_frame: int = 1,
    secrets: TlsSecrets | None = None,
    **options: Any,
) -> list[Observation]:
    """Feeds segments in the order given; ``bulk`` counts runs as a fast reader does. ``secrets`` are those of TLS."""
    found: list[Observation] = []
    lookups = DnsTracker(found.append)
    flows = ConnectionTracker(found.append, lookups, **options)
    if secrets is not None:
        flows.use_secrets(secrets)
    memory = flows.budget.left
    at = START
    runs: dict[tuple[bytes, tuple[int, int], bool], ByteRun] = {}
    for frame, segment in enumerate(segments, first_frame):
        at = max(at, segment.time)
        run = runs.get((segment.client, segment.ports, segment.up))
        if bulk and run is not None and run.live and not segment.flags & (SYN | FIN | RST):
            if not segment.size:
                continue
            if segment.seq == run.next and (run.end is None or (run.end - run.next) & MASK > segment.size):
                run.next = (run.next + segment.size) & MASK
                run.stamp, run.frame = segment.time, frame
                continue
        run = feed(flows, segment, frame)
        if run is not None:
            runs[(segment.client, segment.ports, segment.up)] = run
    flows.finish(at + int(after * SECOND))
    lookups.finish(at + int(after * SECOND))
    assert flows.budget.left == memory, "memory that was taken for what is kept was not given back"
    return found


def feed(flows: ConnectionTracker, segment: Segment, frame: int) -> ByteRun | None:
    client_port, port = segment.ports
    ends = (segment.client, client_port, POOL, port) if segment.up else (POOL, port, segment.client, client_port)
    macs = (PHONE_MAC, POOL_MAC) if segment.up else (POOL_MAC, PHONE_MAC)
    return flows.take_segment(
        tcp.Segment(
            segment.time, frame, *ends, segment.seq, segment.ack, segment.flags, segment.payload, segment.size, *macs
        )
    )


def only(found: Iterable[Observation], kind: type) -> list[Any]:
    """Those of one kind."""
    return [fact for fact in found if isinstance(fact, kind)]


def one(found: Iterable[Observation], kind: type) -> Any:
    """The single one of its kind."""
    chosen = only(found, kind)
    assert len(chosen) == 1, chosen
    return chosen[0]
