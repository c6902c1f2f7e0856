"""TCP connections: how each began, what spoke on it, how it ended.

Rules of this file:

- A connection that was only asked for (SYN) is a ``_PendingSyn``, one that was answered a ``_Connection``. The two
  have separate tables, so that a flood of SYNs costs little and drives out no flow; both are bounded, oldest out.
- What speaks on a flow is decided by its first bytes, not its port: a TLS hello, else HTTP; port 53 is DNS. Each
  protocol is a *talk* with a sink for each direction. Where nothing is judged, what a proxy lets through is another.
- A flow that has ended stays for a while as a mark, so that retransmissions behind its end do not begin a new one.
- A flow met in the middle has no ``Connect``, and its talk starts out of step.
- A refusal that a mirror shows just before its SYN counts for that SYN; not where packets are told as they stand.
- What did not happen is concluded in ``finish``, and in ``expire`` only when it can no longer happen.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from ucdiag.model.observations import Connect, Observation
from ucdiag.model.vocabulary import ConnectLacking, ConnectOutcome, Ending, Microseconds, Peer, Seconds, microseconds
from ucdiag.wire.addresses import address_text, mac_text
from ucdiag.wire.dns.tracker import DnsTalk, DnsTracker
from ucdiag.wire.http.directions import LEAST
from ucdiag.wire.http.exchange import UpdateExchange, UpdateReader, lost_exchange
from ucdiag.wire.http.tracker import HttpTracker
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.tcp.stream import ACK, BULK_LEAST, FIN, HALF, MASK, RST, SYN, Budget, Endpoints, Sink, Stream
from ucdiag.wire.tls.tracker import TlsTracker, is_tls_answer, is_tls_hello

# Ended flows that are remembered; SYNs that bring data; bytes that one direction may hold behind a hole; seconds of
# silence after which a flow is forgotten, and how often that is looked for.
OVER_MOST = 1024
EARLY_MOST = 64
# So long (microseconds) a refusal may be captured before its SYN.
OUT_OF_ORDER = 50_000
# So long (microseconds) after a connection said its last a copy of its SYN may still come.
COPY_LATE = 1_000_000
HOLD_MOST = 256 * 1024
IDLE = 900
LOOK_EVERY = 30

_DNS_PORT = 53


class _Talk(Protocol):
    @property
    def requests(self) -> Sink: ...

    @property
    def responses(self) -> Sink: ...

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None: ...

    def finish(self, at: Microseconds) -> None: ...

    def pending(self, at: Microseconds) -> list[Observation]: ...

    def release(self) -> None: ...


class _PendingSyn:
    """SYNs of one connection that nobody has answered yet."""

    __slots__ = ("attempts", "frame", "last", "mac", "reason", "sequence", "time")

    def __init__(self, time: Microseconds, frame: int, sequence: int, mac: bytes | None) -> None:
        self.time = self.last = time
        self.frame = frame
        self.sequence = sequence
        self.mac = mac
        self.attempts = 1
        self.reason: str | None = None


class _Connection:
    """A connection. ``up`` is the client's direction. ``in_step`` says that its beginning was seen.

    ``began`` is the time and frame of the first that was seen of it. ``missed`` counts bytes that were sent before
    the first that is in the capture, ``snapped`` says that a snap length cut them off, ``heard`` that the server's SYN
    ACK is there, so that its packets pass where the capture is made.
    """

    __slots__ = ("began", "down", "ends", "heard", "in_step", "key", "missed", "over", "snapped", "talk", "time", "up")

    def __init__(
        self, key: "_Key", ends: Endpoints, budget: Budget, in_step: bool, time: Microseconds, frame: int
    ) -> None:
        self.key = key
        self.ends = ends
        self.in_step = in_step
        self.began = (time, frame)
        self.missed = 0
        self.snapped = False
        self.heard = False
        self.over = False
        self.talk: _Talk | None = None
        self.time = time
        self.up = Stream(budget, HOLD_MOST)
        self.down = Stream(budget, HOLD_MOST)


class _ProtocolDetector:
    """The sink of a direction before anybody knows what speaks there."""

    __slots__ = ("begin", "counts", "flow", "stream", "up")

    def __init__(self, begin: Callable[[_Connection, bytes, bool], None], flow: _Connection, up: bool) -> None:
        self.begin = begin
        self.flow = flow
        self.stream = flow.up if up else flow.down
        self.up = up
        self.counts = 0

    def data(self, data: bytes, time: Microseconds, frame: int) -> None:
        sink = self.stream.sink
        if sink is self:
            self.begin(self.flow, data, self.up)
            sink = self.stream.sink
        assert sink is not None
        sink.data(data, time, frame)

    def skip(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        """Never called: nothing is counted yet."""

    def lost(self, amount: int, time: Microseconds, frame: int) -> None:
        sink = self.stream.sink
        if sink is self or sink is None:
            self.flow.in_step = False
            self.flow.missed += amount
        else:
            sink.lost(amount, time, frame)

    def cut(self, amount: int, time: Microseconds, frame: int) -> bool:
        sink = self.stream.sink
        if sink is not self and sink is not None:
            return sink.cut(amount, time, frame)
        self.flow.snapped = True
        self.lost(amount, time, frame)
        return True

    def end(self, time: Microseconds, frame: int) -> None:
        """Closed before a word was said."""


_Key = tuple[bytes, int, bytes, int]
_Direction = tuple[_Connection, Stream, Stream, bool]


class ConnectionTracker:
    """All TCP connections of a capture on the watched ports; see ``ucdiag.wire`` for the calls.

    ``patience`` is seconds. ``flows`` bounds the number of connections, ``attempts`` that of SYNs without an answer,
    ``buffer`` the bytes that all of them together may keep. ``bodies`` keeps excerpts of requests and answers.
    ``read_update`` reads the answer to each POST to the Device Update Service: what it returns is emitted after its
    ``Http``. ``update`` gets the same exchange after that.
    """

    def __init__(
        self,
        emit: Callable[[Observation], None],
        lookups: DnsTracker,
        *,
        ports: frozenset[int] = frozenset((80, 443)),
        patience: Seconds = 5.0,
        bodies: bool = True,
        update: Callable[[UpdateExchange], None] | None = None,
        read_update: UpdateReader | None = None,
        flows: int = 2048,
        attempts: int = 4096,
        buffer: int = 4 * 1024 * 1024,
    ) -> None:
        self._emit = emit
        self._lookups = lookups
        self._ports = frozenset(ports) | {_DNS_PORT}
        self._patience = microseconds(patience)
        self._bodies = bodies
        self._update = update
        self._read_update = read_update
        self._most = flows
        self._most_attempts = attempts
        self._budget = Budget(buffer)
        self._ways: dict[_Key, _Direction] = {}
        self._attempts: dict[_Key, _PendingSyn] = {}
        self._over: deque[_Connection] = deque()
        self._early: dict[_Key, tuple[bytes, int, int, int]] = {}
        # When a connection was refused of which no SYN had been seen, its SYN's sequence number, whether that has come.
        self._refusals: dict[_Key, tuple[int, int, bool]] = {}
        # SYNs like that of a connection which has said all that it had to say.
        self._alike: dict[_Key, _PendingSyn] = {}
        self._live: dict[_Connection, None] = {}
        self._looked = 0
        self.dropped = 0
        # Packets that a snap length cut where it mattered, of the flows that are over.
        self.snapped = 0

    def segment(
        self,
        time: Microseconds,
        frame: int,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        seq: int,
        ack: int,
        flags: int,
        window: int,
        payload: bytes,
        length: int,
        src_mac: bytes | None = None,
        dst_mac: bytes | None = None,
    ) -> ByteRun | None:
        """One TCP segment. Returns the run of bytes that the reader may count by itself from here on, if any."""
        way = self._ways.get((src, sport, dst, dport))
        if way is None or flags & SYN or way[0].over:
            way = self._meet(
                way, time, frame, src, sport, dst, dport, seq, ack, flags, payload, length, src_mac, dst_mac
            )
            if way is None:
                return None
            if flags & SYN:
                seq = (seq + 1) & MASK
        flow, stream, other, up = way
        if stream.bulk is not None:
            stream.sync()
        flow.time = time
        if flags & ACK:
            other.acknowledge(ack, time, frame)
        if flags & RST:
            stream.reached(seq)
            self._reset(flow, up, time, frame)
            return None
        if length:
            stream.segment(seq, payload, length, time, frame)
        elif flags == ACK:
            stream.reached(seq)
        if flags & FIN:
            other.sync()
            if other.acknowledged == other.at + 1 and not (other.ended or other.held):
                # It is the answer to the other side's FIN, which was captured after it, or not at all.
                other.fin(((other.start or 0) + other.at) & MASK, time, frame)
            if other.acknowledged > other.at + 1 and isinstance(flow.talk, TlsTracker):
                # Who hangs up may have had an answer that is not in the capture.
                flow.talk.lost = True
            stream.fin((seq + length) & MASK, time, frame)
        if stream.ended and other.ended:
            self._end(flow, "closed", "client" if up else "server", time, frame)
            return None
        return self._run(stream, other)

    def unreachable(
        self,
        time: Microseconds,
        frame: int,
        reporter: bytes,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        reason: str,
    ) -> None:
        """An ICMP error quotes a segment from ``src`` to ``dst``: the reason, should its SYN stay unanswered."""
        attempt = self._attempts.get((src, sport, dst, dport))
        if attempt is not None:
            attempt.reason = reason
            attempt.last = time

    def expire(self, now: Microseconds) -> None:
        """Concludes the attempts that nobody will repeat, and forgets flows that have been silent for long."""
        patience = self._patience
        gone = []
        for key, attempt in self._attempts.items():
            if now - attempt.time <= patience:
                break
            # The pause before each further SYN is at most twice the one before.
            if now - attempt.last > 2 * (attempt.last - attempt.time) + patience:
                gone.append(key)
        for key in gone:
            self._emit(self._unopened(key, self._attempts.pop(key), now))
        if now - self._looked >= LOOK_EVERY * 1_000_000:
            self._looked = now
            for flow in list(self._live):
                if now - _last(flow) > IDLE * 1_000_000:
                    self._finish(flow, now)
                    self._end(flow, "closed", None, now, 0)

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit, without ending anything."""
        found: list[Observation] = [self._unopened(key, attempt, at) for key, attempt in self._attempts.items()]
        for flow in self._live:
            flow.up.sync()
            flow.down.sync()
            if flow.talk is not None:
                found += flow.talk.pending(at)
        return found

    def finish(self, at: Microseconds) -> None:
        """The capture has ended at ``at``: concludes all that is still open."""
        for key, attempt in self._attempts.items():
            self._emit(self._unopened(key, attempt, at))
        self._attempts.clear()
        self._alike.clear()
        self._early.clear()
        for flow in self._live:
            self._finish(flow, at)
            flow.up.close()
            flow.down.close()
        self._live.clear()
        self._ways.clear()
        self._over.clear()

    # How a connection begins.

    def _meet(
        self,
        way: _Direction | None,
        time: Microseconds,
        frame: int,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        seq: int,
        ack: int,
        flags: int,
        payload: bytes,
        length: int,
        src_mac: bytes | None,
        dst_mac: bytes | None,
    ) -> _Direction | None:
        """The flow of a segment that is not just the next one of a flow: a new one, the same, or none."""
        key = (src, sport, dst, dport)
        back = (dst, dport, src, sport)
        if flags & SYN and not flags & ACK:
            if (dport not in self._ports and sport not in self._ports) or flags & RST:
                return None
            if way is not None:
                flow = way[0]
                if way[3] and flow.in_step and way[1].start == (seq + 1) & MASK:
                    if time < flow.time or not (flow.over or (way[1].at and way[2].at)):
                        return None
                    if time - flow.time < COPY_LATE:
                        # A copy, or a stack that begins each connection alike: the answer tells.
                        self._alike.pop(key, None)
                        self._alike[key] = _PendingSyn(time, frame, seq, src_mac)
                        if len(self._alike) > EARLY_MOST:
                            del self._alike[next(iter(self._alike))]
                        return None
                self._replace(flow, time, frame)
            if self._refusals and self._was_refused(key, time, frame, seq, src_mac):
                return None
            self._asked(key, time, frame, seq, src_mac)
            if length:
                # TCP Fast Open: data before the connection.
                self._early[key] = (payload, length, time, frame)
                if len(self._early) > EARLY_MOST:
                    del self._early[next(iter(self._early))]
            return None
        if flags & SYN:
            if flags & RST:
                return None
            attempt = self._attempts.get(back) or self._alike.get(back)
            # An answer to a SYN with data may acknowledge them too.
            early = self._early[back][1] if back in self._early else 0
            if attempt is not None and (ack - attempt.sequence - 1) & MASK in (0, early, MASK):
                self._attempts.pop(back, None)
                self._alike.pop(back, None)
                found = self._opened(back, attempt, time, seq)
                if ack == attempt.sequence:
                    # Made by a program that does not count the SYN; where bytes begin the next packets tell.
                    found[0].up.start = found[0].down.start = None
                return found
            if way is not None and (way[0].over or way[1].start == (seq + 1) & MASK):
                return None
            if way is not None:
                self._replace(way[0], time, frame)
            if sport not in self._ports and dport not in self._ports:
                return None
            flow = self._flow(back, dst_mac, True, time, frame)
            flow.heard = True
            flow.up.start = ack
            flow.down.start = (seq + 1) & MASK
            self._emit(self._connect(flow.ends, time, frame, "open", lacking="syn"))
            return self._ways[key]
        if flags & RST and flags & ACK and self._bodies and back not in self._attempts:
            self._refusals.pop(back, None)
            self._refusals[back] = (time, (ack - 1) & MASK, False)
            if len(self._refusals) > EARLY_MOST:
                del self._refusals[next(iter(self._refusals))]
        if way is not None:
            # Over. Only bytes behind its end make a new connection of it.
            start = way[1]
            if not length or flags & RST or start.position(seq) < start.at:
                return None
            self._remove(way[0])
        attempt = self._attempts.get(back)
        if attempt is not None and flags & RST and (not flags & ACK or ack == (attempt.sequence + 1) & MASK):
            del self._attempts[back]
            self._emit(self._attempted(back, attempt, "refused", max(0, time - attempt.time) / 1e6))
            return None
        if attempt is not None and flags & RST and not seq:
            # The answer to something else.
            return None
        if attempt is not None and flags & ACK and (ack - attempt.sequence - 1) & MASK < HALF:
            # The answer to the SYN is not in the capture, and where the server's bytes begin is not known.
            del self._attempts[back]
            self._opened(back, attempt, time, None)
            found = self._ways[key]
            found[0].in_step = False
            return found
        attempt = self._attempts.get(key)
        if attempt is not None and flags & ACK and (seq - attempt.sequence - 1) & MASK < HALF:
            # Nor is it here, but the client has it.
            del self._attempts[key]
            self._opened(key, attempt, time, None)
            found = self._ways[key]
            if seq == (attempt.sequence + 1) & MASK:
                found[2].start = ack
            else:
                # Some of what both said is missing too.
                found[0].in_step = False
            return found
        if not length or flags & RST:
            return None
        if dport in self._ports:
            self._flow(key, src_mac, False, time, frame)
        elif sport in self._ports:
            self._flow(back, dst_mac, False, time, frame)
        else:
            return None
        return self._ways[key]

    def _was_refused(self, key: _Key, time: Microseconds, frame: int, seq: int, mac: bytes | None) -> bool:
        """Whether this SYN, or its copy, is the one of a refusal that came just before it."""
        refusal = self._refusals.get(key)
        if refusal is None or refusal[1] != seq or abs(time - refusal[0]) > OUT_OF_ORDER or key in self._attempts:
            return False
        if not refusal[2]:
            self._refusals[key] = (refusal[0], seq, True)
            self._emit(self._attempted(key, _PendingSyn(time, frame, seq, mac), "refused", None))
        return True

    def _asked(self, key: _Key, time: Microseconds, frame: int, seq: int, mac: bytes | None) -> None:
        attempts = self._attempts
        known = attempts.get(key)
        if known is not None:
            if known.sequence == seq:
                known.attempts += 1
                known.last = time
                return
            del attempts[key]
            self._emit(self._attempted(key, known, "unreachable" if known.reason else "no_answer", None))
        elif len(attempts) >= self._most_attempts:
            oldest = next(iter(attempts))
            gone = attempts.pop(oldest)
            if time - gone.time >= self._patience or not self._bodies:
                # Where nothing is judged, a SYN is a fact whatever becomes of it.
                self._emit(self._unopened(oldest, gone, time))
            else:
                self.dropped += 1
        attempts[key] = _PendingSyn(time, frame, seq, mac)

    def _opened(self, key: _Key, attempt: _PendingSyn, time: Microseconds, seq: int | None) -> _Direction:
        """The client of ``key`` has its connection. Returns the server's direction."""
        flow = self._flow(key, attempt.mac, True, time, attempt.frame)
        flow.up.start = (attempt.sequence + 1) & MASK
        if seq is not None:
            flow.heard = True
            flow.down.start = (seq + 1) & MASK
        lacking: ConnectLacking | None = "syn_ack" if seq is None else None
        self._emit(self._attempted(key, attempt, "open", max(0, time - attempt.time) / 1e6, lacking))
        early = self._early.pop(key, None)
        if early is not None:
            flow.up.segment(flow.up.start, *early)
        return (flow, flow.down, flow.up, False)

    def _flow(self, key: _Key, mac: bytes | None, in_step: bool, time: Microseconds, frame: int) -> _Connection:
        old = self._ways.get(key)
        if old is not None:
            self._replace(old[0], time, 0)
        elif len(self._live) >= self._most:
            self._make_room(time)
        flow = _Connection(key, _ends(key, mac), self._budget, in_step, time, frame)
        flow.up.sink = _ProtocolDetector(self._begin, flow, True)
        flow.down.sink = _ProtocolDetector(self._begin, flow, False)
        self._ways[key] = (flow, flow.up, flow.down, True)
        self._ways[(key[2], key[3], key[0], key[1])] = (flow, flow.down, flow.up, False)
        self._live[flow] = None
        return flow

    def _begin(self, flow: _Connection, data: bytes, up: bool) -> None:
        """The first bytes of a flow: decides what speaks there."""
        ends = flow.ends
        talk: _Talk
        if ends.port == _DNS_PORT:
            src, sport, dst, dport = flow.key
            lookups = self._lookups
            mac = bytes.fromhex(ends.client_mac.replace(":", "")) if ends.client_mac else None
            talk = DnsTalk(
                self._budget,
                lambda time, frame, message: lookups.message(
                    time, frame, src, sport, dst, dport, message, mac, None, "tcp"
                ),
                lambda time, frame, message: lookups.message(
                    time, frame, dst, dport, src, sport, message, None, mac, "tcp"
                ),
            )
        elif is_tls_hello(data) if up else is_tls_answer(data):
            talk = TlsTracker(ends, self._emit, self._budget, patience=self._patience, in_step=flow.in_step)
            talk.judged, talk.lost, talk.snapped = self._bodies, flow.missed > 0, flow.snapped
        else:
            talk = HttpTracker(
                ends,
                self._emit,
                self._budget,
                in_step=flow.in_step,
                bodies=self._bodies,
                patience=self._patience,
                update=self._on_update,
            )
            talk.latest = flow.began
            talk.missed, talk.snapped, talk.heard = flow.missed, flow.snapped, flow.heard
            talk.requests.stream, talk.responses.stream = flow.up, flow.down
            if not self._bodies:
                talk.tunnel = partial(self._tunnel, flow)
        flow.talk = talk
        flow.up.sink = talk.requests
        flow.down.sink = talk.responses

    def _tunnel(self, flow: _Connection) -> None:
        """A proxy lets its client through: whatever speaks next is a fact, and of nobody who is judged."""
        flow.talk = None
        flow.up.sink = _ProtocolDetector(self._begin, flow, True)
        flow.down.sink = _ProtocolDetector(self._begin, flow, False)

    def _on_update(self, exchange: UpdateExchange) -> None:
        """A POST to the Device Update Service is over."""
        if self._read_update is not None and self._bodies:
            answer = self._read_update(exchange)
            if answer is not None:
                self._emit(answer)
        if self._update is not None:
            self._update(exchange)

    def _run(self, stream: Stream, other: Stream) -> ByteRun | None:
        sink = stream.sink
        if sink is not None and sink.counts >= BULK_LEAST:
            bulk = stream.offer()
            if bulk is None and other.bulk is not None:
                other.revoke()
            return bulk
        opposite = other.sink
        if opposite is not None and opposite.counts >= BULK_LEAST and other.bulk is not None:
            return stream.offer_silence()
        if stream.bulk is not None:
            stream.revoke()
            other.revoke()
        return None

    # How it ends.

    def _reset(self, flow: _Connection, up: bool, time: Microseconds, frame: int) -> None:
        self._flush(flow, time, frame)
        self._end(flow, "reset", "client" if up else "server", time, frame)

    def _flush(self, flow: _Connection, time: Microseconds, frame: int) -> None:
        for stream in (flow.up, flow.down):
            stream.sync()
            stream.flush(time, frame)

    def _end(self, flow: _Connection, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        if flow.over:
            return
        flow.over = True
        flow.up.sync()
        flow.down.sync()
        if flow.talk is not None:
            flow.talk.close(how, by, time, frame)
        self._conclude(flow, time)
        if flow.talk is not None:
            flow.talk.release()
            flow.talk = None
        for stream in (flow.up, flow.down):
            stream.close()
            stream.sink = None
        del self._live[flow]
        self._over.append(flow)
        if len(self._over) > OVER_MOST:
            self._remove(self._over.popleft())

    def _finish(self, flow: _Connection, at: Microseconds) -> None:
        self._flush(flow, at, flow.down.frame or flow.up.frame or 0)
        self._conclude(flow, at)

    def _conclude(self, flow: _Connection, at: Microseconds) -> None:
        if flow.talk is not None:
            flow.talk.finish(at)
        elif flow.missed >= LEAST and self._bodies:
            self._emit(lost_exchange(flow.ends, *flow.began, flow.missed, flow.snapped))
        flow.missed = 0
        for stream in (flow.up, flow.down):
            self.snapped += stream.snapped
            stream.snapped = 0

    def _replace(self, flow: _Connection, time: Microseconds, frame: int) -> None:
        """Its ports are used for a new connection."""
        if not flow.over:
            self._finish(flow, time)
            self._end(flow, "closed", None, time, frame)
        self._remove(flow)

    def _remove(self, flow: _Connection) -> None:
        key = flow.key
        for each in (key, (key[2], key[3], key[0], key[1])):
            way = self._ways.get(each)
            if way is not None and way[0] is flow:
                del self._ways[each]

    def _make_room(self, time: Microseconds) -> None:
        """Forgets the flow that was met first, except that one which is in use gets a second chance."""
        for chance in range(8):
            flow = next(iter(self._live))
            if chance < 7 and time - _last(flow) < self._patience:
                del self._live[flow]
                self._live[flow] = None
                continue
            self.dropped += 1
            self._finish(flow, time)
            self._end(flow, "closed", None, time, 0)
            self._remove(flow)
            return

    # What is told.

    def _unopened(self, key: _Key, attempt: _PendingSyn, at: Microseconds) -> Connect:
        if attempt.reason:
            outcome: ConnectOutcome = "unreachable"
        else:
            outcome = "no_answer" if at - attempt.time >= self._patience else "unfinished"
        return self._attempted(key, attempt, outcome, None)

    def _attempted(
        self,
        key: _Key,
        attempt: _PendingSyn,
        outcome: ConnectOutcome,
        seconds: Seconds | None,
        lacking: ConnectLacking | None = None,
    ) -> Connect:
        return self._connect(
            _ends(key, attempt.mac),
            attempt.time,
            attempt.frame,
            outcome,
            seconds,
            attempt.reason if outcome == "unreachable" else None,
            attempt.attempts,
            lacking,
        )

    def _connect(
        self,
        ends: Endpoints,
        time: Microseconds,
        frame: int,
        outcome: ConnectOutcome,
        seconds: Seconds | None = None,
        reason: str | None = None,
        attempts: int = 1,
        lacking: ConnectLacking | None = None,
    ) -> Connect:
        return Connect(
            time=time,
            frame=frame,
            client=ends.client,
            server=ends.server,
            port=ends.port,
            outcome=outcome,
            seconds=seconds,
            client_port=ends.client_port,
            client_mac=ends.client_mac,
            reason=reason,
            attempts=attempts,
            lacking=lacking,
        )


def _ends(key: _Key, mac: bytes | None) -> Endpoints:
    return Endpoints(address_text(key[0]), address_text(key[2]), key[3], key[1], mac_text(mac))


def _last(flow: _Connection) -> Microseconds:
    """When something last moved, the reader's counting included."""
    last = flow.time
    for stream in (flow.up, flow.down):
        bulk = stream.bulk
        if bulk is not None and bulk.time is not None and bulk.time > last:
            last = bulk.time
    return last
