"""TCP connections: the opening, the protocol and the end of each.

Rules of this file:

- A connection of which only SYNs were seen is a ``PendingSyn`` (``handshakes``), one that was answered a
  ``Connection``. The table is bounded, oldest out.
- The protocol of a connection is decided by its first bytes, not its port: a TLS hello, else HTTP. Port 53 is DNS, and
  port 5061 TLS. In facts mode, the protocol inside a proxy's CONNECT is decided anew.
- A connection that has ended stays for a while as a mark, so that retransmissions behind its end begin no new one, nor
  does all of it again, as in merged captures of both ends whose clocks differ by up to a minute; not in facts mode.
- A connection met in the middle has no ``Connect``, and its protocol starts out of step.
- A refusal that a mirror port shows just before its SYN, or a copy of it, counts for that SYN, and of an opening the
  segment that came a little too late belongs to it; not in facts mode.
- A server that closes before either side sent a byte is an observation of its own; not in facts mode. Bytes that the
  client sends after a reset were on their way already.
- A missing event is concluded in ``finish``, and in ``expire`` only when it can no longer happen.
"""

from collections import deque
from collections.abc import Callable, Container
from functools import partial
from typing import TYPE_CHECKING

from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW, ConnectLacking, Ending, Microseconds, Peer, Seconds, microseconds
from ucdiag.wire.addresses import mac_text
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.http import LEAST
from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.tcp.connection import Connection, ProtocolDetector, ProtocolTracker
from ucdiag.wire.tcp.handshakes import CLOCKS_APART, Handshakes, PendingSyn, connect_of, endpoints_of, pending_syn
from ucdiag.wire.tcp.hangups import HangUp, hang_up_of
from ucdiag.wire.tcp.segment import ACK, FIN, RST, SYN, ConnectionKey, Segment
from ucdiag.wire.tcp.stream import BULK_LEAST, HALF, MASK, Budget, Stream
from ucdiag.wire.tls.first_bytes import is_tls_answer, is_tls_hello
from ucdiag.wire.watched import DNS_PORT, OWN_TCP_PORTS, SIGN_IN_PORT

if TYPE_CHECKING:
    from ucdiag.wire.dns.over_tcp import DnsTalk
    from ucdiag.wire.http.exchange import UpdateExchange, UpdateReader
    from ucdiag.wire.http.tracker import HttpTracker
    from ucdiag.wire.tls.decryption import Decryption
    from ucdiag.wire.tls.secrets import TlsSecrets
    from ucdiag.wire.tls.tracker import TlsTracker

# Ended connections that are remembered.
OVER_MOST = 1024
# So long (microseconds) after the last packet of a connection a copy of its SYN may still come.
COPY_LATE = 1_000_000
# A SYN that comes so long (microseconds) after its answer did not cross that on its way: a copy in the capture comes at
# once, and the first repetition after a second or more.
_REPEATED_AFTER = 400_000
# Seconds of silence after which a connection is forgotten, and how often that is looked for.
IDLE = 900
LOOK_EVERY = 30


# The connection of a segment, the stream of its direction, that of the other, and whether the client sent it.
_Direction = tuple[Connection, Stream, Stream, bool]


class ConnectionTracker:
    """All TCP connections of a capture on the watched ports; see ``ucdiag.wire`` for the calls.

    ``patience`` is seconds. ``connections`` bounds the number of connections, ``attempts`` that of SYNs without an
    answer, ``buffer`` the bytes that all of them together may keep. ``bodies`` keeps excerpts of requests and answers;
    it is False for facts. ``read_update`` reads the answer to each POST to the Device Update Service: what it returns
    is emitted after its ``Http``. ``update`` gets the same exchange after that.
    """

    def __init__(
        self,
        emit: Callable[[Observation], None],
        lookups: DnsTracker,
        *,
        ports: frozenset[int] = frozenset((80, 443)),
        patience: Seconds = 5.0,
        bodies: bool = True,
        update: "Callable[[UpdateExchange], None] | None" = None,
        read_update: "UpdateReader | None" = None,
        connections: int = 2048,
        attempts: int = 4096,
        buffer: int = 4 * 1024 * 1024,
    ) -> None:
        self._emit = emit
        self._lookups = lookups
        self._ports = frozenset(ports) | OWN_TCP_PORTS
        self._patience = microseconds(patience)
        self._bodies = bodies
        #: The packed MAC addresses of phones, as far as they are known.
        self.phones: Container[bytes] = ()
        self._update = update
        self._read_update = read_update
        self._most = connections
        self.budget = Budget(buffer)
        self._handshakes = Handshakes(emit, patience=self._patience, judged=bodies, most=attempts)
        # Both directions of each connection.
        self.directions: dict[ConnectionKey, _Direction] = {}
        # Connections that have not ended, oldest first, and those that have.
        self._live: dict[Connection, None] = {}
        self._over: deque[Connection] = deque()
        # The secrets of TLS sessions, where there are any at hand, and what they opened.
        self.secrets: TlsSecrets | None = None
        self.decryption: Decryption | None = None
        self._looked = 0
        self._forgotten = 0
        # Packets that a snap length cut where it mattered, of the connections that are over.
        self.snapped = 0
        #: SYNs behind their answers, and answers to SYNs behind what follows from them: later than packets of one clock
        #: are out of order, and not so late.
        self.late_openings = self.turned_openings = 0
        #: Answers to a SYN behind it in the capture, with a time before it.
        self._early_answers = 0

    @property
    def dropped(self) -> int:
        """Connections and SYNs that were forgotten to make room."""
        return self._forgotten + self._handshakes.dropped

    def use_secrets(self, secrets: "TlsSecrets") -> None:
        """Connections of TLS that begin from here on are decrypted with these."""
        from ucdiag.wire.tls.decryption import Decryption

        if self.decryption is None:
            self.decryption = Decryption()
        self.secrets = secrets

    def take_segment(self, segment: Segment) -> ByteRun | None:
        """One TCP segment. Returns the run of bytes that the reader may count by itself from here on, if any."""
        direction = self.directions.get(segment[2:6])
        flags = segment.flags
        seq = segment.seq
        if direction is None or flags & SYN or direction[0].apart:
            direction = self._begin_with(direction, segment)
            if direction is None:
                return None
            if flags & SYN:
                seq = (seq + 1) & MASK
        connection, stream, other, up = direction
        if stream.bulk is not None:
            stream.sync()
        time, frame, length = segment.time, segment.frame, segment.length
        connection.time = time
        if flags & ACK:
            stream.ack = segment.ack
            other.acknowledge(segment.ack, time, frame)
        if flags & RST:
            stream.reached(seq)
            self._flush_streams(connection, time, frame)
            self._end_connection(connection, "reset", "client" if up else "server", time, frame)
            return None
        if length:
            stream.take_segment(seq, segment.payload, length, time, frame)
        else:
            stream.reached(seq)
        if flags & FIN:
            _close_direction(direction, (seq + length) & MASK, time, frame)
        if stream.ended and other.ended and not (connection.protocol and connection.protocol.awaits_receipt()):
            self._end_connection(connection, "closed", "client" if up else "server", time, frame)
            return None
        return _offer_run(stream, other)

    def on_unreachable(self, key: ConnectionKey, reason: str, time: Microseconds) -> None:
        """An ICMP error quotes a segment of this direction: the reason, should its SYN stay unanswered."""
        self._handshakes.on_unreachable(key, reason, time)

    def expire(self, now: Microseconds) -> None:
        """Concludes the attempts that nobody will repeat, and forgets connections that have been silent for long."""
        self._handshakes.expire(now)
        if now - self._looked >= LOOK_EVERY * 1_000_000:
            self._looked = now
            for connection in list(self._live):
                if now - connection.last_moved() > IDLE * 1_000_000:
                    self._give_up(connection, now)

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit, without ending anything."""
        pending = self._handshakes.pending(at)
        for connection in self._live:
            if connection.opening is not None:
                pending.append(connection.opening)
            connection.up.sync()
            connection.down.sync()
            if connection.protocol is not None:
                pending += connection.protocol.pending(at)
            elif (silent := self._silence_observation(connection, at)) is not None:
                pending.append(silent)
        return pending

    def finish(self, at: Microseconds) -> None:
        """The capture has ended at ``at``: concludes all that is still open."""
        self._handshakes.finish(at)
        for connection in self._live:
            self._finish_connection(connection, at)
            connection.up.close()
            connection.down.close()
        self._live.clear()
        self.directions.clear()
        self._over.clear()

    # How a connection begins.

    def _begin_with(self, known: _Direction | None, segment: Segment) -> _Direction | None:
        """The direction of a segment that is not just the next one of a live connection; ``None`` where it has none.

        ``known`` is that of the connection, live or over, which has its addresses and ports.
        """
        flags = segment.flags
        if known is not None and known[0].opening is not None:
            self._complete_opening(known, segment)
        if flags & SYN:
            if flags & RST:
                return None
            if flags & ACK:
                return self._on_syn_ack(known, segment)
            self._on_syn(known, segment)
            return None
        if known is not None and known[0].copied is not None:
            known = self._on_copied(known, known[0].copied, segment)
        if known is not None and not known[0].over:
            return known
        if flags & RST:
            return self._on_reset(known, segment)
        return self._on_data(known, segment)

    @property
    def answers_before_questions(self) -> int:
        """How many SYNs were answered before their time, by more than packets of one clock are out of order."""
        return self._early_answers + self._handshakes.early_refusals

    def _on_syn(self, known: _Direction | None, segment: Segment) -> None:
        if not self._is_watched(segment):
            return
        if known is not None:
            if known[0].met_open:
                self._note_late_opening(known[0], segment)
            if self._is_copied_syn(known, segment):
                return
            self._replace_connection(known[0], segment.time)
        self._handshakes.on_syn(segment)

    def _is_copied_syn(self, known: _Direction, segment: Segment) -> bool:
        """Whether a SYN is that of this connection again, and not yet known to begin another one."""
        connection, stream, other, up = known
        if not up or not connection.in_step or stream.start != (segment.seq + 1) & MASK:
            return False
        time = segment.time
        if self._bodies and connection.over and COPY_LATE <= time - connection.time <= CLOCKS_APART:
            # Until both numbers of its answer are the same, it is a SYN as any other.
            # What a phone sends itself is no router's copy of it.
            mac = segment.src_mac
            if mac in self.phones and mac_text(mac) != connection.ends.client_mac:
                return False
            self._handshakes.on_syn(segment)
            return True
        if time < connection.time or not (connection.over or (stream.at and other.at)):
            self._note_unheard(connection, segment)
            return True
        if time - connection.time >= COPY_LATE:
            return False
        self._handshakes.on_copied_syn(segment)
        return True

    def _note_unheard(self, connection: Connection, segment: Segment) -> None:
        """A SYN comes again, of a client that may not have the answer."""
        if not connection.heard:
            return
        if connection.unheard is not None:
            connection.unheard.repeat(segment.time)
        elif segment.time - connection.began[0] >= _REPEATED_AFTER:
            connection.unheard = pending_syn(segment)

    def _on_syn_ack(self, known: _Direction | None, segment: Segment) -> _Direction | None:
        client_key = segment.reverse_key
        if (
            known is not None
            and _repeats_opening(known, segment)
            and self._handshakes.take_copied(client_key, segment.ack)
        ):
            known[0].copied, known[0].apart = segment, True
            return None
        syn = self._handshakes.take_answered(client_key, segment.ack)
        if syn is not None:
            opened = self._open_connection(client_key, syn, segment.time, segment.seq)
            if segment.ack == syn.sequence:
                # Made by a program that does not count the SYN; the next packets show where bytes begin.
                opened[0].up.start = opened[0].down.start = None
            return opened
        if known is not None:
            if known[0].over or known[1].start == (segment.seq + 1) & MASK:
                if not known[0].heard:
                    self._note_late_opening(known[0], segment)
                return None
            self._replace_connection(known[0], segment.time)
        if not self._is_watched(segment):
            return None
        # Its SYN is not in the capture.
        time, frame, mac = segment.time, segment.frame, segment.dst_mac
        connection = self._add_connection(client_key, mac, time, frame, in_step=True)
        connection.heard = connection.met_open = True
        connection.up.start = segment.ack
        connection.down.start = (segment.seq + 1) & MASK
        opening = connect_of(client_key, PendingSyn(time, frame, segment.ack, mac), "open", lacking="syn")
        self._hold_opening(connection, opening)
        return self.directions[segment.key]

    def _on_copied(self, known: _Direction, syn_ack: Segment, segment: Segment) -> _Direction:
        """A segment behind the opening of a connection that came again. Returns the direction that it belongs to.

        Captures of both ends that are merged show all of it again. Of a stack that begins each connection alike only
        the opening is the same.
        """
        connection, stream, _, up = known
        if segment.seq != stream.start or not (segment.length or segment.flags & (FIN | RST)):
            return known
        if segment.length and not up and stream.at:
            # The server's bytes show nothing: they may well be the same.
            return known
        connection.copied, connection.apart = None, connection.over
        syn = self._handshakes.take_answered(connection.key, syn_ack.ack)
        if syn is None or connection.first == (hash(segment.payload) if up and segment.length else None):
            return known
        down = self._open_connection(connection.key, syn, syn_ack.time, syn_ack.seq)
        return self.directions[connection.key] if up else down

    def _on_reset(self, known: _Direction | None, segment: Segment) -> _Direction | None:
        client_key = segment.reverse_key
        syn = self._handshakes.get(client_key)
        if syn is None and segment.flags & ACK:
            self._handshakes.on_refusal(segment, syn_seen=False)
        if known is not None and (syn is None or not known[0].over):
            return None
        if syn is not None and (not segment.flags & ACK or segment.ack == (syn.sequence + 1) & MASK):
            self._handshakes.remove(client_key)
            self._early_answers += syn.time - segment.time > CAPTURE_SKEW
            if segment.flags & ACK and self._handshakes.on_refusal(segment, syn_seen=True):
                return None
            self._emit(connect_of(client_key, syn, "refused", max(0, segment.time - syn.time) / 1e6))
        elif syn is None or segment.seq:
            return self._on_unseen_answer(segment)
        # Else it is the answer to something else.
        return None

    def _on_data(self, known: _Direction | None, segment: Segment) -> _Direction | None:
        """Payload, an ACK, a FIN."""
        length = segment.length
        if known is not None:
            # It is over. Only bytes behind its end make a new connection of it, or behind a SYN without a seen answer.
            stream = known[1]
            again = self._handshakes.get(known[0].key) is not None
            if not again and (not length or stream.position(segment.seq) < stream.at):
                return None
            self._remove_connection(known[0])
        opened = self._on_unseen_answer(segment)
        if opened is not None or not length or not self._is_watched(segment):
            return opened
        # A connection met in the middle.
        if segment.dport in self._ports:
            connection = self._add_connection(segment.key, segment.src_mac, segment.time, segment.frame, in_step=False)
            if known is not None and known[0].gone is not None:
                # It crosses the server's reset.
                connection.gone, connection.in_step = known[0].gone, known[0].in_step
        else:
            self._add_connection(segment.reverse_key, segment.dst_mac, segment.time, segment.frame, in_step=False)
        return self.directions[segment.key]

    def _on_unseen_answer(self, segment: Segment) -> _Direction | None:
        """A SYN was seen, its answer was not, and this segment shows that there was one."""
        if not segment.flags & ACK:
            return None
        key, client_key = segment.key, segment.reverse_key
        syn = self._handshakes.get(client_key)
        if syn is not None and (segment.ack - syn.sequence - 1) & MASK < HALF:
            # The server sends. Where its bytes begin is not known.
            self._handshakes.remove(client_key)
            self._open_connection(client_key, syn, segment.time, None)
            opened = self.directions[key]
            opened[0].in_step = False
            return opened
        syn = self._handshakes.get(key)
        if syn is not None and (segment.seq - syn.sequence - 1) & MASK < HALF:
            # The client sends, so it has the answer.
            self._handshakes.remove(key)
            self._open_connection(key, syn, segment.time, None)
            opened = self.directions[key]
            if segment.seq == (syn.sequence + 1) & MASK:
                opened[2].start = segment.ack
            else:
                # Bytes of both directions are missing too.
                opened[0].in_step = False
            return opened
        return None

    def _is_watched(self, segment: Segment) -> bool:
        return segment.dport in self._ports or segment.sport in self._ports

    def _open_connection(self, key: ConnectionKey, syn: PendingSyn, time: Microseconds, seq: int | None) -> _Direction:
        """The client of ``key`` has its connection. Returns the server's direction.

        ``seq`` is the sequence number of the SYN ACK, ``None`` where that is not in the capture.
        """
        connection = self._add_connection(key, syn.mac, time, syn.frame, in_step=True)
        connection.up.start = (syn.sequence + 1) & MASK
        lacking: ConnectLacking | None = "syn_ack"
        if seq is not None:
            connection.heard = True
            connection.down.start = (seq + 1) & MASK
            lacking = None
        self._early_answers += seq is not None and syn.time - time > CAPTURE_SKEW
        self._hold_opening(connection, connect_of(key, syn, "open", max(0, time - syn.time) / 1e6, lacking))
        early = self._handshakes.take_early_data(key)
        if early is not None:
            connection.up.take_segment(connection.up.start, *early)
        return (connection, connection.down, connection.up, False)

    def _note_late_opening(self, connection: Connection, segment: Segment) -> None:
        """A segment of an opening comes behind what follows from it."""
        late = _comes_late(connection, segment)
        self.late_openings += late
        self.turned_openings += not late

    def _hold_opening(self, connection: Connection, opening: Connect) -> None:
        """Emit that a connection is open; where its SYN, or the answer to that, is not there, once it has not come."""
        if opening.lacking is None or not self._bodies:
            self._emit(opening)
        else:
            connection.opening, connection.apart = opening, True

    def _complete_opening(self, known: _Direction, segment: Segment) -> None:
        """Emits the opening that was held back, if this segment is what it lacks, or shows that it will not come."""
        connection, _, _, up = known
        opening = connection.opening
        assert opening is not None
        late = _comes_late(connection, segment)
        if not late and _completes(opening, connection, segment, up):
            first = segment if up else opening
            opening, connection.heard = replace(opening, time=first.time, frame=first.frame, lacking=None), True
            self.turned_openings += not up
        elif not late and not segment.length and not segment.flags & (SYN | FIN | RST):
            return
        self._emit_opening(connection, opening)

    def _emit_opening(self, connection: Connection, opening: Connect) -> None:
        connection.opening, connection.apart = None, connection.over or connection.copied is not None
        self._emit(opening)

    def _add_connection(
        self, key: ConnectionKey, mac: bytes | None, time: Microseconds, frame: int, *, in_step: bool
    ) -> Connection:
        """A new connection. ``key`` is the client's direction, ``mac`` its MAC address."""
        old = self.directions.get(key)
        if old is not None:
            self._replace_connection(old[0], time)
        elif len(self._live) >= self._most:
            self._make_room(time)
        connection = Connection(key, endpoints_of(key, mac), self.budget, in_step=in_step, time=time, frame=frame)
        self._detect_protocol(connection)
        self.directions[key] = (connection, connection.up, connection.down, True)
        self.directions[_reversed_key(key)] = (connection, connection.down, connection.up, False)
        self._live[connection] = None
        return connection

    # What speaks on it. What tracks a protocol is imported with the first connection that speaks it.

    def _detect_protocol(self, connection: Connection) -> None:
        """Wait for the next bytes, which decide the protocol."""
        connection.protocol = None
        connection.up.sink = ProtocolDetector(self._begin_protocol, connection, True)
        connection.down.sink = ProtocolDetector(self._begin_protocol, connection, False)

    def _begin_protocol(self, connection: Connection, data: bytes, up: bool) -> None:
        """Decide the protocol of a connection by its first bytes."""
        protocol: ProtocolTracker
        if up and connection.first is None:
            connection.first = hash(data)
        if connection.ends.port == DNS_PORT:
            protocol = self._dns_tracker(connection)
        elif connection.ends.port == SIGN_IN_PORT:
            protocol = self._tls_tracker(connection)
        elif is_tls_hello(data) if up else is_tls_answer(data):
            protocol = self._tls_or_decrypting(connection)
        else:
            if self.decryption is not None and is_tls_answer(data):
                self.decryption.met_in_the_middle(connection.ends, *connection.began)
            protocol = self._http_tracker(connection)
        connection.protocol = protocol
        connection.up.sink = protocol.requests
        connection.down.sink = protocol.responses

    def _dns_tracker(self, connection: Connection) -> "DnsTalk":
        from ucdiag.wire.dns.over_tcp import DnsTalk

        lookups, ends = self._lookups, connection.ends
        key, reverse_key = connection.key, _reversed_key(connection.key)
        mac = bytes.fromhex(ends.client_mac.replace(":", "")) if ends.client_mac else None

        def ask(time: Microseconds, frame: int, message: bytes) -> None:
            lookups.take_message(Datagram(time, frame, *key, message, mac, None), "tcp")

        def answer(time: Microseconds, frame: int, message: bytes) -> None:
            lookups.take_message(Datagram(time, frame, *reverse_key, message, None, mac), "tcp")

        return DnsTalk(
            self.budget,
            ask,
            answer,
            in_step=connection.in_step,
            awaited=partial(lookups.awaits_answer, key),
            on_loss=partial(lookups.answers_lost, key),
        )

    def _tls_tracker(self, connection: Connection) -> "TlsTracker":
        from ucdiag.wire.tls.tracker import TlsTracker

        tls = TlsTracker(connection.ends, self._emit, self.budget, patience=self._patience, in_step=connection.in_step)
        tls.judged, tls.lost, tls.snapped = self._bodies, connection.missed > 0, connection.snapped
        tls.gone = self._server_ending(connection)
        return tls

    def _tls_or_decrypting(self, connection: Connection) -> ProtocolTracker:
        tls = self._tls_tracker(connection)
        if self.secrets is None or self.decryption is None:
            return tls
        from ucdiag.wire.tls.decryption import DecryptingTracker, emit_as_https

        emit_https = emit_as_https(self._emit)
        http = self._http_tracker(connection, emit_https, in_step=True)
        http.tunnel = None
        note = partial(self.decryption.note, connection.ends, *connection.began)
        return DecryptingTracker(tls, http, self.budget, self.secrets, (connection.up, connection.down), note)

    def _http_tracker(
        self, connection: Connection, emit: Callable[[Observation], None] | None = None, in_step: bool | None = None
    ) -> "HttpTracker":
        from ucdiag.wire.http.tracker import HttpTracker

        http = HttpTracker(
            connection.ends,
            emit or self._emit,
            self.budget,
            in_step=connection.in_step if in_step is None else in_step,
            bodies=self._bodies,
            patience=self._patience,
            update=self._on_update,
            missed=connection.missed,
            snapped=connection.snapped,
            heard=connection.heard,
        )
        http.latest = connection.began
        http.gone = self._server_ending(connection)
        http.requests.stream, http.responses.stream = connection.up, connection.down
        if not self._bodies:
            # In facts mode, what a proxy lets through is classified anew.
            http.tunnel = partial(self._detect_protocol, connection)
        return http

    def _server_ending(self, connection: Connection) -> Ending | None:
        """How the server had ended the connection when its first bytes came."""
        first = connection.hung_up
        if not self._bodies:
            return None
        return first.how if first is not None and first.by == "server" else connection.gone

    def _on_update(self, exchange: "UpdateExchange") -> None:
        """A POST to the Device Update Service is over."""
        if self._read_update is not None and self._bodies:
            answer = self._read_update(exchange)
            if answer is not None:
                self._emit(answer)
        if self._update is not None:
            self._update(exchange)

    # How it ends.

    def _flush_streams(self, connection: Connection, time: Microseconds, frame: int) -> None:
        for stream in (connection.up, connection.down):
            stream.sync()
            stream.flush(time, frame)

    def _end_connection(
        self, connection: Connection, how: Ending, by: Peer | None, time: Microseconds, frame: int
    ) -> None:
        if connection.opening is not None:
            self._emit_opening(connection, connection.opening)
        connection.over = connection.apart = True
        if how == "reset":
            if by == "server":
                connection.gone = how
            if by is not None and connection.protocol is None and connection.hung_up is None:
                connection.hung_up = HangUp(by, how, time, frame)
        connection.up.sync()
        connection.down.sync()
        if connection.protocol is not None:
            connection.protocol.close(how, by, time, frame)
        self._conclude_protocol(connection, time)
        if connection.protocol is not None:
            connection.protocol.release()
            connection.protocol = None
        for stream in (connection.up, connection.down):
            stream.close()
            stream.sink = None
        del self._live[connection]
        self._over.append(connection)
        if len(self._over) > OVER_MOST:
            self._remove_connection(self._over.popleft())

    def _finish_connection(self, connection: Connection, at: Microseconds) -> None:
        """The capture has ended, or the connection is forgotten."""
        if connection.opening is not None:
            self._emit_opening(connection, connection.opening)
        self._flush_streams(connection, at, connection.down.frame or connection.up.frame or 0)
        self._conclude_protocol(connection, at)

    def _give_up(self, connection: Connection, at: Microseconds) -> None:
        """Forget a connection that has not ended."""
        self._finish_connection(connection, at)
        self._end_connection(connection, "closed", None, at, 0)

    def _conclude_protocol(self, connection: Connection, at: Microseconds) -> None:
        """Emits what its protocol still waits for, or that all its bytes are missing."""
        if connection.protocol is not None:
            connection.protocol.finish(at)
        elif connection.missed >= LEAST and self._bodies:
            from ucdiag.wire.http.exchange import lost_exchange

            self._emit(lost_exchange(connection.ends, *connection.began, connection.missed, connection.snapped))
        elif (silent := self._silence_observation(connection, at)) is not None:
            self._emit(silent)
        connection.missed, connection.hung_up, connection.unheard = 0, None, None
        for stream in (connection.up, connection.down):
            self.snapped += stream.snapped
            stream.snapped = 0

    def _silence_observation(self, connection: Connection, at: Microseconds) -> Observation | None:
        """The observation of a connection without data: its opening did not reach the client, or one side closed."""
        if connection.unheard is not None and not connection.up.ack:
            return self._handshakes.unheard(connection.key, connection.unheard, at)
        return self._hang_up(connection)

    def _hang_up(self, connection: Connection) -> Observation | None:
        """The observation that the server closed before either side sent a byte; None if it did not."""
        first = connection.hung_up
        if first is None or first.by != "server" or not self._bodies or not connection.in_step or connection.missed:
            return None
        if connection.ends.port == DNS_PORT or connection.up.acknowledged > connection.up.at + 1:
            return None
        return hang_up_of(connection.ends, connection.began[0], first)

    def _replace_connection(self, connection: Connection, time: Microseconds) -> None:
        """Its ports are used for a new connection."""
        if not connection.over:
            self._give_up(connection, time)
        self._remove_connection(connection)

    def _remove_connection(self, connection: Connection) -> None:
        for key in (connection.key, _reversed_key(connection.key)):
            direction = self.directions.get(key)
            if direction is not None and direction[0] is connection:
                del self.directions[key]

    def _make_room(self, time: Microseconds) -> None:
        """Forgets the connection that was met first, except that one which is in use gets a second chance."""
        for chance in range(8):
            connection = next(iter(self._live))
            if chance < 7 and time - connection.last_moved() < self._patience:
                del self._live[connection]
                self._live[connection] = None
                continue
            self._forgotten += 1
            self._give_up(connection, time)
            self._remove_connection(connection)
            return


def _completes(opening: Connect, connection: Connection, segment: Segment, up: bool) -> bool:
    """Whether this segment is the one that the opening lacks."""
    flags = segment.flags & (SYN | ACK)
    if opening.lacking == "syn":
        return up and flags == SYN and (segment.seq + 1) & MASK == connection.up.start
    return not up and flags == SYN | ACK and segment.ack == connection.up.start


def _comes_late(connection: Connection, segment: Segment) -> bool:
    """Whether a part of its opening comes later than packets of one clock are out of order."""
    return abs(segment.time - connection.began[0]) > CAPTURE_SKEW


def _repeats_opening(direction: _Direction, syn_ack: Segment) -> bool:
    """Whether a SYN ACK has both numbers of the one that opened the connection."""
    _, stream, other, _ = direction
    return stream.start == (syn_ack.seq + 1) & MASK and other.start == syn_ack.ack


def _reversed_key(key: ConnectionKey) -> ConnectionKey:
    return key[2], key[3], key[0], key[1]


def _close_direction(direction: _Direction, sequence: int, time: Microseconds, frame: int) -> None:
    """A FIN, whose sequence number behind its payload is ``sequence``."""
    connection, stream, other, _ = direction
    other.sync()
    if other.acknowledged == other.at + 1 and not other.held:
        # It is the answer to the other side's FIN, which was captured after it, or not at all.
        other.fin(other.following, time, frame)
    if other.acknowledged > other.at + 1 and connection.protocol is not None:
        connection.protocol.note_missed_end()
    stream.fin(sequence, time, frame)


def _offer_run(stream: Stream, other: Stream) -> ByteRun | None:
    """The run of this direction that the reader may count by itself, if it is long enough."""
    sink = stream.sink
    if sink is not None and sink.counts >= BULK_LEAST:
        run = stream.offer()
        if run is None and other.bulk is not None:
            other.revoke()
        return run
    opposite = other.sink
    if opposite is not None and opposite.counts >= BULK_LEAST and other.bulk is not None:
        return stream.offer_silence()
    if stream.bulk is not None:
        stream.revoke()
        other.revoke()
    return None
