"""One phone's observations as messages between hosts, with their texts, for a ladder diagram.

A request and its answer are two messages, an unanswered request is one. An observation without a packet of its own (a
lease on this machine, the meaning of an answer's body) is a note, without an arrow. The text is as it came from
outside: the view makes it safe.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.other_servers import goes_elsewhere
from ucdiag.diagnosis.phrases import bytes_text, is_hang_up, lookup_said
from ucdiag.diagnosis.registrars import is_sign_in_name
from ucdiag.diagnosis.steps.dns import is_way_to_resolver
from ucdiag.diagnosis.steps.lease_history import in_order
from ucdiag.diagnosis.traffic import Traffic, sort_traffic
from ucdiag.diagnosis.update_lookups import answer_source
from ucdiag.model.observations import (
    FROM_SERVER,
    Connect,
    Dhcp,
    Http,
    Lease,
    Lookup,
    Observation,
    Tls,
    Transfer,
    UpdateAnswer,
)
from ucdiag.model.text import listed
from ucdiag.model.tls_words import alert_words
from ucdiag.model.vocabulary import Microseconds, Seconds, is_success_status
from ucdiag.update_service.names import target_path, update_label

_ASKS = frozenset({"discover", "request", "inform"})
_LONGEST = 864_000.0  # seconds; an exchange that is said to last longer than ten days is not believed

_UNTRUSTED = {
    "untrusted": "its chain is not trusted",
    "name_mismatch": "it does not name the host",
    "expired": "it has expired",
    "not_yet_valid": "it is not valid yet",
}
_FORMS = {
    "none_offered": "nothing newer is offered",
    "unknown": "it is XML of no update service",
    "not_xml": "it is not XML",
    "malformed": "its XML is broken",
    "empty": "it is empty",
}
_BROKE_OFF = {
    "closed": "then closed",
    "reset": "then reset",
    "incomplete": "not ended in time",
    "stalled": "then nothing more",
    "too_large": "and more than was read",
    "tls": "then the encryption broke",
}


class Role(Enum):
    """The role of a host for the phone, in the order of the path: a short name and a long one."""

    DHCP = ("DHCP", "DHCP server")
    DNS = ("DNS", "resolver")
    UPDATE = ("update", "update server")
    FILE = ("files", "file host")
    SIGN_IN = ("SIP", "registrar")
    OTHER = ("other", "other host")


class Direction(Enum):
    """``LOST`` leaves the phone and is never answered; a ``NOTE`` is no message."""

    OUT = "out"
    BACK = "back"
    LOST = "lost"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A packet or a group of packets in words, or a note.

    ``time`` is microseconds since the epoch. ``server`` ``None`` means every host of the role.
    """

    role: Role
    server: str | None
    direction: Direction
    text: str
    time: Microseconds
    frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageExchange:
    """An observation and its messages. Exchanges with one ``key`` are repetitions of each other."""

    observation: Observation
    key: tuple[object, ...]
    messages: tuple[Message, ...]
    unrelated: bool = False  # it has nothing to do with the update


def message_exchanges(observations: tuple[Observation, ...], servers: tuple[str, ...] = ()) -> list[MessageExchange]:
    """The exchanges by time. Facts with frame numbers are of a capture. ``servers`` are the addresses of update
    servers."""
    history = ObservationLog()
    for fact in observations:
        history.add(fact)
    watching = any(fact.frame is not None for fact in observations)
    return list(_Reader(history, watching, servers).read_exchanges())


class _Reader:
    def __init__(self, history: ObservationLog, watching: bool, servers: tuple[str, ...]) -> None:
        self._all = history.all_facts()
        self._watching = watching
        known = KnownServers(given=frozenset(servers))
        traffic = sort_traffic(history, DiagnosisOptions(from_capture=watching, servers=known))
        self._roles = _traffic_roles(traffic)
        self._related = _related_facts(history, traffic)
        self._answered = _answered_messages(history.of_kind(Dhcp))
        # The tag matters where the phone went from one VLAN to another.
        self._moved = len({fact.tag for fact in history.of_kind(Dhcp)}) > 1
        # Where no DHCP server is heard at all and the phone goes on, its answers do not pass the capture.
        self._deaf = not any(fact.type in FROM_SERVER for fact in history.of_kind(Dhcp)) and any(
            isinstance(fact, Lookup | Connect | Http) for fact in self._all
        )

    def read_exchanges(self) -> Iterator[MessageExchange]:
        for fact in self._all:
            made: MessageExchange | None = None
            if isinstance(fact, Dhcp):
                made = self._dhcp_exchange(fact)
            elif isinstance(fact, Lookup):
                made = self._lookup_exchange(fact)
            elif isinstance(fact, Connect):
                made = self._connect_exchange(fact)
            elif isinstance(fact, Tls):
                made = self._tls_exchange(fact)
            elif isinstance(fact, Http):
                made = self._http_exchange(fact)
            elif isinstance(fact, UpdateAnswer):
                made = self._answer_exchange(fact)
            elif isinstance(fact, Transfer):
                made = self._transfer_exchange(fact)
            elif isinstance(fact, Lease) and fact.chosen:
                made = self._lease_exchange(fact)
            if made is not None:
                yield made

    def _host_role(self, seen: Observation) -> Role:
        return self._roles.get(id(seen), Role.OTHER if self._watching else Role.UPDATE)

    def _dhcp_exchange(self, seen: Dhcp) -> MessageExchange:
        said = seen.type in FROM_SERVER
        text = seen.type.upper()
        if seen.type in ("offer", "ack"):
            text += f" {seen.address or ''}".rstrip() + _lease_words(seen)
        elif seen.type == "nak" and seen.message:
            text += f": {seen.message}"
        elif seen.address and not said:
            text += f" {seen.address}"
        if self._moved and seen.tag is not None:
            text += f" (VLAN {seen.tag})"
        direction = Direction.BACK if said else Direction.OUT
        silent = not self._deaf and id(seen) not in self._answered
        if not said and (seen.outcome == "no_answer" or (seen.type in _ASKS and silent)):
            direction, text = Direction.LOST, f"{text}: no answer"
        server = (seen.server or seen.source_address) if said else seen.server
        key = (Dhcp, seen.type, direction, server, seen.domain, seen.tag)
        return MessageExchange(
            observation=seen, key=key, messages=(_make_message(seen, Role.DHCP, server, direction, text),)
        )

    def _lookup_exchange(self, seen: Lookup) -> MessageExchange:
        question = f"{seen.type} {seen.name}?"
        key = (Lookup, seen.server, seen.name.lower(), seen.type, seen.rcode, seen.failure, seen.transport)
        unrelated = self._watching and update_label(seen.name) is None and id(seen) not in self._related
        over = " over TCP" if seen.transport == "tcp" else ""
        if seen.failure == "lost":
            text = f"{question} (the answer is not in the capture){over}"
            messages: tuple[Message, ...] = (_make_message(seen, Role.DNS, seen.server, Direction.OUT, text),)
        elif seen.rcode is None and seen.failure not in ("unreachable", "malformed"):
            text = f"{question} no answer{_tries_text(seen.attempts)}{over}"
            if seen.failure == "not_sent":
                text = f"{question} not sent{over}"
            messages = (_make_message(seen, Role.DNS, seen.server, Direction.LOST, text),)
        else:
            back = lookup_said(seen) + (" (cut: asked again over TCP)" if seen.truncated else "")
            if seen.answer_from is not None:
                back += f" (from {answer_source(seen)})"
            messages = (
                _make_message(
                    seen, Role.DNS, seen.server, Direction.OUT, f"{question}{_tries_text(seen.attempts)}{over}"
                ),
                _make_reply(seen, Role.DNS, seen.server, Direction.BACK, back, seen.seconds, seen.answer_frame),
            )
        return MessageExchange(observation=seen, key=key, messages=messages, unrelated=unrelated)

    def _connect_exchange(self, seen: Connect) -> MessageExchange:
        role = Role.DNS if is_way_to_resolver(seen) else self._host_role(seen)
        out = f"SYN to port {seen.port}"
        tries = _tries_text(seen.attempts)
        why = f": {seen.reason}" if seen.reason else ""
        if seen.outcome == "open":
            # What is not in the capture is not drawn as if it had been seen.
            asked = f"(SYN to port {seen.port} not seen)" if seen.lacking == "syn" else f"{out}{tries}"
            back = "(SYN ACK not seen) open" if seen.lacking == "syn_ack" else "SYN ACK: open"
            messages = self._connect_messages(seen, role, asked, back)
        elif seen.outcome == "refused":
            messages = self._connect_messages(seen, role, f"{out}{tries}", "RST: refused")
        else:
            words = {
                "no_answer": ", no answer",
                "unreachable": f", unreachable{why}",
                "unfinished": ", then the capture ends",
                "not_sent": ": not sent",
            }
            if seen.lacking == "ack":
                out, words["no_answer"] = "SYN again", ": its SYN ACK is lost"
            text = f"{out}{tries}{words.get(seen.outcome, f', {seen.outcome}')}"
            if seen.outcome == "unreachable" and seen.client_port is None and seen.reason:
                # No packet of a connection: ARP is all that was seen.
                text = f"{seen.reason}{tries}"
            messages = (_make_message(seen, role, seen.server, Direction.LOST, text),)
        key = (Connect, seen.server, seen.port, seen.outcome, seen.reason)
        unrelated = role is Role.OTHER and id(seen) not in self._related
        return MessageExchange(observation=seen, key=key, messages=messages, unrelated=unrelated)

    def _tls_exchange(self, seen: Tls) -> MessageExchange:
        role = self._host_role(seen)
        name = f" {seen.server_name}" if seen.server_name else ""
        offered = f" ({listed(seen.versions)})" if seen.versions else ""
        hello = f"ClientHello{name}{offered}"
        if self._watching and seen.stage is None and seen.closed_by == "server":
            return self._hang_up_exchange(seen, role, seen.reason == "reset")
        if seen.outcome == "no_answer":
            messages: tuple[Message, ...] = (
                _make_message(seen, role, seen.server, Direction.LOST, f"{hello}: no answer"),
            )
        elif seen.outcome == "not_sent":
            messages = (
                _make_message(seen, role, seen.server, Direction.LOST, f"{hello}: this machine could not go on"),
            )
        else:
            messages = (_make_message(seen, role, seen.server, Direction.OUT, hello), *self._tls_answers(seen, role))
        key = (Tls, seen.server, seen.port, seen.server_name, seen.outcome, seen.alert, seen.closed_by)
        unrelated = role is Role.OTHER and id(seen) not in self._related
        return MessageExchange(observation=seen, key=key, messages=messages, unrelated=unrelated)

    def _hang_up_exchange(self, seen: Tls | Http, role: Role, reset: bool) -> MessageExchange:
        """The exchange of a connection that the server closed before either side sent a byte."""
        text = "RST: reset before any request" if reset else "FIN: closed before any request"
        return MessageExchange(
            observation=seen,
            key=(type(seen), seen.server, seen.port, text),
            messages=(_make_message(seen, role, seen.server, Direction.BACK, text),),
            unrelated=role is Role.OTHER and id(seen) not in self._related,
        )

    def _tls_answers(self, seen: Tls, role: Role) -> Iterator[Message]:
        version = f"{seen.version}, " if seen.version else ""
        certificate = f"certificate of {seen.chain[0].subject}" if seen.chain else ""

        def make_answer(text: str, direction: Direction = Direction.BACK) -> Message:
            return _make_reply(seen, role, seen.server, direction, text, seen.seconds, None)

        if seen.outcome == "complete":
            yield make_answer(f"{version}handshake complete")
        elif seen.outcome in _UNTRUSTED:
            yield make_answer(f"{version}{certificate or 'certificate'}: {_UNTRUSTED[seen.outcome]}")
            if seen.alert is not None and seen.alert_from == "client":
                yield make_answer(_alert_text(seen.alert), Direction.OUT)
        elif seen.alert is not None:
            by_client = seen.alert_from == "client"
            if by_client and (certificate or seen.stage not in (None, "client_hello")):
                yield make_answer(f"{version}{certificate or _stage_text(seen.stage)}")
            yield make_answer(_alert_text(seen.alert), Direction.OUT if by_client else Direction.BACK)
        elif seen.closed_by == "client":
            if certificate or seen.stage not in (None, "client_hello"):
                yield make_answer(f"{version}{certificate or _stage_text(seen.stage)}")
            yield make_answer("hangs up", Direction.OUT)
        elif seen.closed_by == "server":
            yield make_answer(f"hangs up after {_stage_text(seen.stage)}")
        else:
            words = {"not_tls": "something that is not TLS", "unfinished": f"no more after {_stage_text(seen.stage)}"}
            yield make_answer(words.get(seen.outcome, seen.reason or seen.outcome.replace("_", " ")))

    def _http_exchange(self, seen: Http) -> MessageExchange:
        role = self._host_role(seen)
        if self._watching and is_hang_up(seen):
            return self._hang_up_exchange(seen, role, seen.failure == "reset")
        path = target_path(seen.target) or seen.target or ""
        if seen.method == "CONNECT":
            path = seen.target or ""
        elif role is not Role.UPDATE:
            path = f"{path.rpartition('/')[2] or path}{f' of {seen.host}' if seen.host else ''}"
        out = f"{seen.method or '(request not seen)'} {path}".rstrip()
        key = (Http, seen.server, seen.port, seen.method, target_path(seen.target), seen.status, seen.failure)
        end = seen.last_frame or seen.answer_frame
        if seen.status is None and seen.failure in (None, "no_answer"):
            lost = " (not seen: packets are missing)" if seen.lost_bytes else ""
            silence = f"{out}: no answer{lost}"
            messages: tuple[Message, ...] = (_make_message(seen, role, seen.server, Direction.LOST, silence),)
        elif seen.status is None and seen.failure == "not_sent":
            messages = (_make_message(seen, role, seen.server, Direction.LOST, f"{out}: this machine could not go on"),)
        else:
            back = _make_reply(seen, role, seen.server, Direction.BACK, _http_said(seen), _answer_seconds(seen), end)
            messages = (_make_message(seen, role, seen.server, Direction.OUT, out), back)
            if seen.status is None and seen.closed_by == "client":
                messages = (
                    messages[0],
                    _make_reply(seen, role, seen.server, Direction.OUT, "hangs up", _answer_seconds(seen), end),
                )
        return MessageExchange(observation=seen, key=key, messages=messages, unrelated=role is Role.OTHER)

    def _answer_exchange(self, seen: UpdateAnswer) -> MessageExchange:
        if seen.form == "offered":
            version = f" {seen.version}" if seen.version else ""
            url = seen.internal_url or seen.external_url
            inside = next((file.internal_url for file in seen.files if file.internal_url), None)
            blank = ", its URLs blank" if not (url or inside) else ", its internal URL blank"
            text = f"an update{version} is offered{blank if seen.internal_url == '' and not inside else ''}"
            if url or inside:
                text += f": {url or inside}"
        else:
            text = _FORMS.get(seen.form, seen.form.replace("_", " "))
        key = (UpdateAnswer, seen.server, seen.port, seen.form, seen.internal_url, seen.external_url)
        note = _make_message(seen, Role.UPDATE, seen.server, Direction.NOTE, f"it says: {text}")
        return MessageExchange(observation=seen, key=key, messages=(note,))

    def _transfer_exchange(self, seen: Transfer) -> MessageExchange:
        came = bytes_text(seen.received_bytes)
        if seen.announced_bytes not in (None, seen.received_bytes):
            came = f"{seen.received_bytes:,} of {seen.announced_bytes:,} bytes"
        why = f": {seen.reason}" if seen.reason else ""
        host = seen.url.partition("://")[2].partition("/")[0]
        file = target_path(seen.url).rpartition("/")[2]
        out = f"GET {file} of {host}" if file and host else f"GET {seen.url}"
        key = (Transfer, seen.url, seen.server, seen.outcome, seen.status)
        if seen.outcome in ("host_missing", "connect_failed", "not_sent", "not_tried"):
            text = f"{out}{why or ': ' + seen.outcome.replace('_', ' ')}"
            return MessageExchange(
                observation=seen, key=key, messages=(_make_message(seen, Role.FILE, seen.server, Direction.NOTE, text),)
            )
        status = _status_text(seen.status, None)
        said = came if seen.outcome in ("whole", "limited") else f"{came}, {seen.outcome.replace('_', ' ')}{why}"
        if seen.outcome == "status":
            said = ""
        back = ", ".join(part for part in (status, said) if part)
        messages = (
            _make_message(seen, Role.FILE, seen.server, Direction.OUT, out),
            _make_reply(seen, Role.FILE, seen.server, Direction.BACK, back, seen.seconds, seen.answer_frame),
        )
        return MessageExchange(observation=seen, key=key, messages=messages)

    def _lease_exchange(self, seen: Lease) -> MessageExchange:
        text = f"{seen.provenance}: domain {seen.domain or 'none'}, DNS {listed(seen.resolvers) or 'none'}"
        return MessageExchange(
            observation=seen,
            key=(Lease, text),
            messages=(_make_message(seen, Role.DHCP, seen.server, Direction.NOTE, text),),
        )

    @staticmethod
    def _connect_messages(seen: Connect, role: Role, out: str, back: str) -> tuple[Message, ...]:
        return (
            _make_message(seen, role, seen.server, Direction.OUT, out),
            _make_reply(seen, role, seen.server, Direction.BACK, back, seen.seconds, None),
        )


def _traffic_roles(traffic: Traffic) -> dict[int, Role]:
    update: list[Observation] = [
        *traffic.connects,
        *traffic.beside,
        *traffic.after_requests,
        *traffic.handshakes,
        *traffic.requests,
    ]
    update += traffic.hang_ups
    files: list[Observation] = [*traffic.file_connects, *traffic.file_handshakes, *traffic.file_requests]
    files += traffic.file_hang_ups
    sign_in: list[Observation] = [*traffic.sign_in_connects, *traffic.sign_in_handshakes]
    roles = {id(fact): Role.UPDATE for fact in update}
    roles.update({id(fact): Role.FILE for fact in files})
    roles.update({id(fact): Role.SIGN_IN for fact in sign_in})
    return roles


def _related_facts(history: ObservationLog, traffic: Traffic) -> set[int]:
    """What concerns the update beside its own traffic (by identity): names that led there, the sign-in, and where the
    phone went if it shows no update server."""
    update: list[Connect | Tls | Http] = [*traffic.connects, *traffic.handshakes, *traffic.requests]
    update += [*traffic.sign_in_connects, *traffic.sign_in_handshakes]
    others: list[Connect | Tls | Http] = []
    if goes_elsewhere(traffic):
        others = [*traffic.other_connects, *traffic.other_handshakes, *traffic.other_hang_ups]
    places = {fact.server for fact in (*update, *others)}
    related = {id(fact) for fact in (*traffic.file_lookups, *others)}
    for lookup in history.of_kind(Lookup):
        if (
            is_sign_in_name(lookup.name)
            or (lookup.type == "A" and goes_elsewhere(traffic))
            or not places.isdisjoint(lookup.addresses)
        ):
            related.add(id(lookup))
    return related


def _answered_messages(messages: list[Dhcp]) -> set[int]:
    """The client's messages (by identity) that a later message of a server belongs to."""
    answered = set()
    heard: set[int | None] = set()
    for message in reversed(in_order(messages)):
        if message.type in FROM_SERVER:
            heard.add(message.transaction)
        elif heard and (message.transaction is None or None in heard or message.transaction in heard):
            answered.add(id(message))
    return answered


def _lease_words(seen: Dhcp) -> str:
    """The parts of a lease that matter for the update. A missing option is named only if all options were read."""
    if seen.domain:
        text = f", domain {seen.domain}"
    elif seen.truncated:
        text = ""
    else:
        text = ", no domain" if seen.domain is None else ", empty domain"
    if seen.type == "ack" and not seen.resolvers and not seen.truncated:
        text += ", no DNS server"
    return text + (f", voice VLAN {seen.vlan}" if seen.vlan else "")


def _http_said(seen: Http) -> str:
    if seen.status is None:
        return {
            "closed": "closes without an answer",
            "reset": "resets without an answer",
            "not_http": "something that is not HTTP",
        }.get(seen.failure or "", (seen.failure or "").replace("_", " "))
    text = _status_text(seen.status, seen.reason)
    if seen.challenges:
        text = f"{seen.status} ({', '.join(seen.challenges)})"
    if 300 <= seen.status < 400 and seen.location:
        text += f", to {seen.location}"
    if is_success_status(seen.status) or not seen.complete:
        text += _bytes_said(seen)
    if seen.html and is_success_status(seen.status):
        text += ", an HTML page"
    if not seen.complete:
        text += ", " + _BROKE_OFF.get(seen.failure or "", "not whole")
    return text


def _bytes_said(seen: Http) -> str:
    """The number of bytes received, as text. A server's log may not count them."""
    if seen.announced_bytes is not None and seen.announced_bytes != seen.answer_bytes:
        return f", {seen.answer_bytes:,} of {seen.announced_bytes:,} bytes"
    if not seen.answer_bytes and seen.frame is None and seen.seconds is None:
        return ""
    return f", {bytes_text(seen.answer_bytes)}"


def _status_text(status: int | None, reason: str | None) -> str:
    if status is None:
        return ""
    if not reason:
        try:
            reason = HTTPStatus(status).phrase
        except ValueError:
            reason = ""
    return f"{status} {reason}".rstrip()


def _alert_text(number: int) -> str:
    name = alert_words(number)
    return f"TLS alert {number}" + (f" ({name})" if name else "")


def _stage_text(stage: str | None) -> str:
    return {
        "client_hello": "ClientHello",
        "server_hello": "ServerHello",
        "certificate": "certificate",
        "finished": "Finished",
    }.get(stage or "", "ClientHello")


def _tries_text(attempts: int) -> str:
    return f" ({attempts} tries)" if attempts > 1 else ""


def _answer_seconds(seen: Http) -> Seconds | None:
    return (seen.last_time - seen.time) / 1_000_000 if seen.last_time is not None else seen.seconds


def _make_message(seen: Observation, role: Role, server: str | None, direction: Direction, text: str) -> Message:
    return Message(role=role, server=server, direction=direction, text=text, time=seen.time, frame=seen.frame)


def _make_reply(
    seen: Observation,
    role: Role,
    server: str | None,
    direction: Direction,
    text: str,
    seconds: Seconds | None,
    frame: int | None,
) -> Message:
    took = int(seconds * 1_000_000) if seconds is not None and 0 <= seconds <= _LONGEST else 0
    return Message(role=role, server=server, direction=direction, text=text, time=seen.time + took, frame=frame)
