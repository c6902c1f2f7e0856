"""Asks nameservers the questions that such a phone asks, and turns the answers into ``Lookup`` observations.

Rules of this file:

- Names are always absolute: no search list is ever applied, for the phone's name is built from option 15 alone.
- Questions are plain (no EDNS), so that an answer above 512 bytes shows what a small device would see: the
  truncation bit, then TCP.
- One lookup never takes longer than ``ctx.timeout``, its one retransmission (half-way) and TCP included.
- A reply counts only if it comes from the asked address and carries the question's id and the question itself.
  What carries the id and cannot be read is ``malformed`` once it has happened twice. Where none counts, one that came
  from elsewhere is reported (``elsewhere``).
- No answer, unreachable (an ICMP message came back, or nobody answers ARP), not_sent (this machine could not send) and
  malformed stay apart. An rcode is not a failure.
- SERVFAIL may be of the moment (an upstream server that does not answer, a zone that is being loaded), so the question
  is put once more, as a stub resolver does. Both answers are reported. A server that fails twice is believed from then
  on. That of this machine's own resolver says nothing of the servers that phones ask.
- An empty answer of a server that does not recurse and names another zone's servers (a referral) says nothing about
  the name, so the next nameserver is asked, as after a failure.
"""

import ipaddress
import os
import socket
from collections.abc import Iterator
from dataclasses import replace

import ucdiag.runtime.ascii_names  # noqa: F401 - before dns

# isort: split
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lookup
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import CUT_OVER_TCP, LookupFailure, Microseconds, Purpose, Seconds, Transport
from ucdiag.probe.dns_elsewhere import ask_beside, closing_second, share_port, source_of_reply
from ucdiag.runtime.context import CannotTest, Context, canonical_host
from ucdiag.runtime.system_errors import (
    CameBackError,
    Notice,
    NotSentError,
    broadcast_among,
    broke_here,
    check_cable,
    connect_tcp,
    explain_error,
    hear_errors,
    local_reason,
)
from ucdiag.update_service.names import LEGACY_LABEL, LONGEST_NAME, R2_LABEL

_LONGEST_CHAIN = 16  # aliases; a stub resolver stops there or earlier
_TRUNCATED = 0x02  # TC in the third byte of the header (RFC 1035, section 4.1.1)
_OWN_RESOLVER = (
    "it is this machine's own resolver, which gives no answer; name the DNS server of the phones with --nameserver"
)
_OWN_RESOLVER_FAILS = (
    "it is this machine's own resolver, which fails (SERVFAIL); name the DNS server of the phones with --nameserver"
)
# BIND remembers a failure for a second (servfail-ttl, BIND 9 Administrator Reference Manual).
_BEFORE_AGAIN: Seconds = 1.1
_FAILS_OFTEN = 3  # names of a run, as of a file of targets, for which a nameserver has to fail twice
_PATIENCE = 2  # questions that a nameserver may leave unanswered before it is asked no more

# What a reader of hostile messages raises, beside its own exceptions, where the library missed a check.
_UNREADABLE = (dns.exception.DNSException, ValueError, LookupError, TypeError, AssertionError, AttributeError)

Server = tuple[str, int]


def parse_nameserver(text: str) -> Server:
    """``ADDR``, ``ADDR:PORT``, ``V6`` or ``[V6]:PORT`` as (address, port); the port is 53 by default.

    Raises ValueError, with one sentence, for a host name, an impossible port, and for an address that no server has.
    """
    text = text.strip()
    advice = "give a nameserver as ADDRESS or ADDRESS:PORT, such as 192.0.2.53 or [2001:db8::53]:5353"
    if len(text.replace(",", " ").split()) > 1:
        raise ValueError(
            f"{quoted(text)} names several nameservers: give each by itself, such as -n 192.0.2.53 -n 192.0.2.54"
        )
    host, port = text, "53"
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{quoted(text)} is not a nameserver's address: {advice}")
        port = rest[1:] if rest else "53"
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"{quoted(text)} is not a nameserver's address: {advice}") from None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise ValueError(f"{quoted(text)} has no possible port (1 to 65535): {advice}")
    if address.is_unspecified or address.is_multicast:
        raise ValueError(f"{quoted(text)} is an address that no nameserver has: {advice}")
    return str(address), int(port)


@record(frozen=True, slots=True)
class _Question:
    """One question in the form in which it travels."""

    wire: bytes
    name: dns.name.Name
    type: dns.rdatatype.RdataType

    @property
    def message_id(self) -> bytes:
        return self.wire[:2]


@record(frozen=True, slots=True)
class Answer:
    """What a reply said along the alias chain, however it winds. ``records`` are those of the asked type as text."""

    rcode: str | None = None
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    ttl: int | None = None
    referred: bool = False
    zone: str | None = None


@record(slots=True)
class _Exchange:
    """What has become of one question so far."""

    deadline: float
    transport: Transport = "udp"
    attempts: int = 0
    malformed: int = 0
    truncated: bool = False
    client: str | None = None
    client_port: int | None = None
    failure: LookupFailure | None = None
    notice: Notice | None = None
    reason: str | None = None
    answer: Answer | None = None
    #: Address and port of a reply that came from elsewhere.
    stray: tuple[str, int] | None = None


class Resolver:
    """Asks the nameservers of ``ctx``. It remembers which of them do not answer, nothing else: no cache."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._silent: dict[Server, int] = {}
        # Those that answered SERVFAIL when they were asked again.
        self._failing: set[Server] = set()

    def gave_up(self, server: Server) -> bool:
        """Whether the nameserver left so many questions unanswered, or cannot be sent any, that it is asked no more."""
        return self._silent.get(server, 0) >= _PATIENCE

    def resolve(self, name: str, purpose: Purpose | None = None, type: str = "A") -> Lookup:
        """The first definite answer (NOERROR or NXDOMAIN) of the nameservers in their order, as a stub resolver does.

        Else the last failure. Raises CannotTest when there is no nameserver at all.
        """
        *_, last = self.try_nameservers(name, purpose, type)
        return last

    def try_nameservers(self, name: str, purpose: Purpose | None = None, type: str = "A") -> Iterator[Lookup]:
        """As ``resolve``, but yields every lookup that was needed: failures first, the one that counts last."""
        servers = self._ctx.nameservers
        if not servers:
            raise CannotTest(
                "no-nameserver",
                "No nameserver is known, so nothing can be resolved: name one with --nameserver ADDRESS.",
            )
        answering = [server for server in servers if not self.gave_up(server)]
        for server in answering or servers[:1]:
            lookup = None
            for lookup in self.ask_patiently(name, type, server, purpose):
                yield lookup
            if lookup is not None and lookup.rcode in ("NOERROR", "NXDOMAIN") and not lookup.referred:
                return

    def ask_nameserver(self, name: str, type: str, server: Server, purpose: Purpose | None = None) -> Lookup:
        """Asks one nameserver once for one absolute name; ``type`` is a record type such as ``A`` or ``SRV``.

        A name that no DNS message can carry gives failure ``malformed`` with no attempt. Raises ValueError for an
        unknown record type, which is a mistake of the caller's.
        """
        known = self._known_lookup(name, type, server, purpose)
        if known is not None:
            return known
        rdtype = dns.rdatatype.from_text(type)
        self._ctx.wait_for(f"{self._place_of(server)}: {name} {type}", self._ctx.patience)
        time, began = self._ctx.now(), self._ctx.monotonic()
        exchange = _Exchange(deadline=began + self._ctx.patience)
        text = name.removesuffix(".")
        try:
            question = _build_question(name, rdtype)
        except (dns.exception.DNSException, UnicodeError, ValueError):
            exchange.failure = "malformed"
            return self._make_lookup(exchange, time, None, text, type, server, purpose)
        try:
            self._ask_udp(question, server, exchange)
        except TimeoutError:
            exchange.failure = "no_answer"
        except NotSentError as error:
            exchange.failure, exchange.reason = "not_sent", error.reason
        except ValueError:
            exchange.failure, exchange.reason = "unreachable", f"{quoted(server[0][:60])} is no address"
        if exchange.answer is None and exchange.failure is None:
            exchange.failure = "malformed" if exchange.malformed else "no_answer"
            if exchange.stray is not None and not exchange.malformed:
                exchange.failure = "elsewhere"
            elif exchange.notice is not None and not exchange.malformed:
                exchange.failure, exchange.reason = "unreachable", exchange.notice.reason
        if server[0] in self._ctx.own_resolvers and exchange.failure in ("no_answer", "unreachable"):
            # No phone asks it, and what it does not pass on says nothing of the servers that phones ask.
            exchange.failure, exchange.reason = "not_sent", _OWN_RESOLVER
        if exchange.failure == "not_sent":
            self._silent[server] = _PATIENCE  # the machine will not have changed by the next question
        elif exchange.failure in ("no_answer", "unreachable", "elsewhere"):
            self._silent[server] = self._silent.get(server, 0) + 1
        else:
            self._silent.pop(server, None)
        seconds = self._ctx.monotonic() - began
        return self._make_lookup(exchange, time, seconds, text, type, server, purpose)

    def ask_patiently(self, name: str, type: str, server: Server, purpose: Purpose | None = None) -> Iterator[Lookup]:
        """As ``ask_nameserver``, and once more where it answers SERVFAIL; the lookup that counts last."""
        lookup = self.ask_nameserver(name, type, server, purpose)
        if lookup.rcode != "SERVFAIL":
            yield lookup
            return
        own = server[0] in self._ctx.own_resolvers
        if not own:
            yield lookup
        again = self._ask_again(lookup, server)
        if own and (again is None or again.rcode == "SERVFAIL"):
            yield replace(lookup, rcode=None, failure="not_sent", reason=_OWN_RESOLVER_FAILS)
        elif again is not None:
            yield again

    def _ask_again(self, failed: Lookup, server: Server) -> Lookup | None:
        """The answer when the question is put again after SERVFAIL; None where there is none, or that is of no use."""
        pause = self._ctx.within(_BEFORE_AGAIN)
        counts = self._ctx.failed_again
        if server in self._failing or counts.get(server, 0) >= _FAILS_OFTEN or pause < _BEFORE_AGAIN:
            return None
        self._ctx.wait_for(f"{self._place_of(server)}: {failed.name} {failed.type}, again after SERVFAIL", pause)
        self._ctx.sleep(pause)
        again = self.ask_nameserver(failed.name, failed.type, server, failed.purpose)
        if again.rcode == "SERVFAIL":
            self._failing.add(server)
            counts[server] = counts.get(server, 0) + 1
        return again if again.rcode is not None else None

    def _known_lookup(self, name: str, type: str, server: Server, purpose: Purpose | None) -> Lookup | None:
        """What need not be asked: what the name is taken to have, or what was heard before."""
        if self._ctx.heard is not None:
            heard = self._ctx.heard.lookup(name, type, server)
            if heard is not None:
                return heard if heard.purpose == purpose else replace(heard, purpose=purpose)
        assumed = self._ctx.assumed.get(canonical_host(name)) if self._ctx.assumed else None
        if assumed is None:
            return None
        return Lookup(
            time=self._ctx.now(),
            server=server[0],
            server_port=server[1],
            name=name.removesuffix("."),
            type=type,
            rcode="NOERROR",
            addresses=assumed if type == "A" else (),
            purpose=purpose,
            assumed=True,
            broadcast=broadcast_among(assumed),
        )

    def _place_of(self, server: Server) -> str:
        """Which of the nameservers it is, for people."""
        servers = self._ctx.nameservers
        port = f" port {server[1]}" if server[1] != 53 else ""
        if server not in servers or len(servers) < 2:
            return f"nameserver {server[0]}{port}"
        return f"nameserver {servers.index(server) + 1} of {len(servers)}, {server[0]}{port}"

    def _make_lookup(
        self,
        exchange: _Exchange,
        time: Microseconds,
        seconds: Seconds | None,
        name: str,
        type: str,
        server: Server,
        purpose: Purpose | None,
    ) -> Lookup:
        answer = exchange.answer or Answer()
        source, source_port = exchange.stray or (None, None)
        if source == self._ctx.route(*server)[0]:
            source = server[0]
        return Lookup(
            time=time,
            client=exchange.client,
            client_port=exchange.client_port,
            server=server[0],
            server_port=server[1],
            name=name,
            type=type,
            rcode=answer.rcode,
            addresses=answer.addresses,
            aliases=answer.aliases,
            records=answer.records,
            ttl=answer.ttl,
            seconds=round(seconds, 6) if seconds is not None else None,
            transport=exchange.transport,
            failure=exchange.failure,
            reason=exchange.reason,
            purpose=purpose,
            attempts=exchange.attempts,
            truncated=exchange.truncated and exchange.answer is None,
            referred=answer.referred,
            zone=answer.zone,
            answer_from=source,
            answer_from_port=source_port,
            broadcast=broadcast_among(answer.addresses),
        )

    def _ask_udp(self, question: _Question, server: Server, exchange: _Exchange) -> None:
        """Sends, waits, sends once more half-way; leaves the answer or the failure in ``exchange``.

        The socket is connected: then the kernel drops what comes from elsewhere, and an ICMP message that the
        port is closed ends the wait at once. Any other ICMP message may be about one packet or one way alone, so the
        wait goes on. Raises NotSentError, TimeoutError.
        """
        monotonic = self._ctx.monotonic
        with self._open_udp(server, exchange) as sock:
            address = str(sock.getpeername()[0]).partition("%")[0]
            half = monotonic() + (exchange.deadline - monotonic()) / 2
            with closing_second(sock) as second:
                for until in (half, exchange.deadline):
                    try:
                        sock.send(question.wire)
                    except OSError as error:  # or what has come back for the first question
                        exchange.notice = explain_error(error, sock, address, sending=True)
                        if exchange.notice.final:
                            return
                    exchange.attempts += 1
                    if until != half:
                        ask_beside(second, sock, question.wire)
                    if self._await_reply(sock, question, server, exchange, until):
                        return
                if second is not None:
                    exchange.stray = source_of_reply(second, sock, lambda wire: _answers_question(wire, question))
            if not exchange.malformed and exchange.stray is None:
                check_cable(sock)

    def _await_reply(
        self, sock: socket.socket, question: _Question, server: Server, exchange: _Exchange, until: float
    ) -> bool:
        """Waits for a reply until a point of ``ctx.monotonic``; whether the question need not be sent again."""
        address = str(sock.getpeername()[0]).partition("%")[0]
        while (left := until - self._ctx.monotonic()) > 0:
            sock.settimeout(left)
            try:
                wire = sock.recv(65535)
            except TimeoutError:
                return False
            except OSError as error:
                exchange.notice = explain_error(error, sock, address, sending=False)
                if exchange.notice.final:
                    return True
                continue
            if not _is_reply(wire, question):
                continue
            if wire[2] & _TRUNCATED:
                exchange.truncated = True
                self._ask_tcp(question, server, exchange)
                return True
            if _accept_reply(wire, question, exchange):
                return True
            if exchange.malformed == 1 and exchange.attempts == 1:
                return False
            if exchange.malformed > 1:
                return True
        return False

    def _ask_tcp(self, question: _Question, server: Server, exchange: _Exchange) -> None:
        exchange.transport = "tcp"
        exchange.attempts += 1
        try:
            with self._open_tcp(server, exchange) as sock:
                self._set_remaining_time(sock, exchange)
                try:
                    sock.sendall(len(question.wire).to_bytes(2, "big") + question.wire)
                except TimeoutError:
                    raise
                except OSError as error:
                    _unless_broken_here(error)
                    raise EOFError from None
                length = int.from_bytes(self._receive_exactly(sock, 2, exchange), "big")
                wire = self._receive_exactly(sock, length, exchange)
        except (TimeoutError, EOFError):
            exchange.failure = "no_answer"
            return
        except ConnectionRefusedError:
            exchange.failure = "unreachable"
            return
        except CameBackError as error:
            exchange.failure, exchange.reason = "unreachable", error.notice.reason
            return
        if not _is_reply(wire, question) or not _accept_reply(wire, question, exchange):
            exchange.failure = "malformed"
        elif wire[2] & _TRUNCATED and exchange.answer is not None and _is_empty(exchange.answer):
            exchange.failure, exchange.reason, exchange.answer = "malformed", CUT_OVER_TCP, None

    def _open_udp(self, server: Server, exchange: _Exchange) -> socket.socket:
        host, port = self._ctx.route(*server)
        try:
            family, kind, _, _, target = socket.getaddrinfo(
                host, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
            )[0]
        except OSError as error:
            raise ValueError(str(error)) from None
        try:
            sock = socket.socket(family, kind)
        except OSError as error:
            raise NotSentError(local_reason(error, host)) from error
        try:
            hear_errors(sock)
            share_port(sock)
            self._set_remaining_time(sock, exchange)
            try:
                sock.connect(target)
            except OSError as error:
                raise NotSentError(local_reason(error, host)) from error
            exchange.client, exchange.client_port = sock.getsockname()[:2]
        except BaseException:
            sock.close()
            raise
        return sock

    def _open_tcp(self, server: Server, exchange: _Exchange) -> socket.socket:
        left = exchange.deadline - self._ctx.monotonic()
        if left <= 0:
            raise TimeoutError
        sock = connect_tcp(*self._ctx.route(*server), left, self._ctx.monotonic)
        try:
            exchange.client, exchange.client_port = sock.getsockname()[:2]
        except BaseException:
            sock.close()
            raise
        return sock

    def _set_remaining_time(self, sock: socket.socket, exchange: _Exchange) -> None:
        left = exchange.deadline - self._ctx.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)

    def _receive_exactly(self, sock: socket.socket, count: int, exchange: _Exchange) -> bytes:
        """Exactly so many bytes; EOFError when the other side closed or broke the connection before."""
        received = bytearray()
        while len(received) < count:
            self._set_remaining_time(sock, exchange)
            try:
                some = sock.recv(count - len(received))
            except TimeoutError:
                raise
            except OSError as error:
                _unless_broken_here(error)
                raise EOFError from None
            if not some:
                raise EOFError
            received += some
        return bytes(received)


def _unless_broken_here(error: OSError) -> None:
    reason = broke_here(error)
    if reason is not None:
        raise NotSentError(reason) from error


NameQuestion = tuple[str, str, Purpose]  # name, type, and what it is asked for


def names_of_each(domain: str, sip_domain: str | None, impossible: str) -> list[NameQuestion]:
    """What ``check_names`` asks every nameserver; ``impossible`` is a label that no name has."""
    names: list[NameQuestion] = [
        (f"{R2_LABEL}.{domain}", "A", "update"),
        (f"{R2_LABEL}.{domain}", "AAAA", "update"),
        (f"{LEGACY_LABEL}.{domain}", "A", "update"),
        (f"{LEGACY_LABEL}.{domain}", "AAAA", "update"),
        (f"{impossible}.{domain}", "A", "wildcard"),
    ]
    if sip_domain and sip_domain != domain:
        names += [(f"{label}.{sip_domain}", "A", "sip") for label in (R2_LABEL, LEGACY_LABEL)]
    return names


def names_of_one(domain: str, sip_domain: str | None) -> list[NameQuestion]:
    """What ``check_names`` asks the first nameserver that answers."""
    home = sip_domain or domain
    names = (
        (f"_ntp._udp.{domain}", "SRV"),
        ("time.windows.com", "A"),
        (f"_sipinternaltls._tcp.{home}", "SRV"),
        (f"sipinternal.{home}", "A"),
        (f"sip.{home}", "A"),
    )
    return [(name, rdtype, "other") for name, rdtype in names if len(name) <= LONGEST_NAME]


def impossible_label() -> str:
    """A label that no name has."""
    return "ucdiag-" + os.urandom(4).hex()[:5]


def check_names(ctx: Context, domain: str, sip_domain: str | None = None) -> Iterator[Lookup]:
    """Asks every nameserver for the update service's names in the domain, and yields each answer as it comes.

    Per nameserver, in this order: ``ucupdates-r2`` and ``ucupdates`` (A, then AAAA; purpose ``update``), a name
    that cannot exist (``wildcard``), and the two names in the SIP domain where that is another one (``sip``). Then the
    first nameserver that answers is asked for the other names that such a phone needs (``other``): its time server
    (Microsoft, "Configuring DHCP Options to Enable Sign-in for IP Phones": a DNS SRV record, else
    ``time.windows.com``; the record's name is background knowledge) and the SIP server (Microsoft, "DNS
    requirements for a Standard Edition server"). A nameserver that left two questions unanswered is asked no more.
    """
    resolver = Resolver(ctx)
    impossible = (ctx.heard.label if ctx.heard is not None else None) or impossible_label()
    answering = None
    for server in ctx.nameservers:
        for name, rdtype, purpose in names_of_each(domain, sip_domain, impossible):
            if resolver.gave_up(server):
                break
            lookup = None
            for lookup in resolver.ask_patiently(name, rdtype, server, purpose):
                yield lookup
            if answering is None and lookup is not None and lookup.rcode is not None and not lookup.referred:
                answering = server
    if answering is None:
        return
    for name, rdtype, purpose in names_of_one(domain, sip_domain):
        lookup = resolver.ask_nameserver(name, rdtype, answering, purpose)
        yield lookup
        if lookup.failure is not None:  # mere information is not worth another wait
            return


def reply_to(name: str, type: str, wire: bytes) -> "Answer | None":
    """What a datagram says in reply to the question; None where it has to be asked again to be sure.

    Raises ValueError for a name that no DNS message can carry.
    """
    try:
        question = _build_question(name, dns.rdatatype.from_text(type))
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(f"{quoted(name[:300])} is no name that can be asked for") from error
    if len(wire) < 12 or wire[2] & _TRUNCATED:
        return None
    exchange = _Exchange(deadline=0)
    return exchange.answer if _accept_reply(wire, question, exchange) else None


def _build_question(name: str, rdtype: dns.rdatatype.RdataType) -> _Question:
    qname = dns.name.from_text(name, dns.name.root)
    header = os.urandom(2) + b"\x01\x00" + b"\x00\x01" + bytes(6)
    tail = int(rdtype).to_bytes(2, "big") + b"\x00\x01"
    return _Question(header + (qname.to_wire() or b"") + tail, qname, rdtype)


def _is_empty(answer: Answer) -> bool:
    """Whether a success has nothing of what was asked for."""
    return answer.rcode == "NOERROR" and not (answer.addresses or answer.records)


def _accept_reply(wire: bytes, question: _Question, exchange: _Exchange) -> bool:
    """Reads a reply into ``exchange``; False when it is unreadable (counted) or about another question."""
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
        if message.question:
            asked = message.question[0]
            if asked.name != question.name or asked.rdtype != question.type:
                return False
        elif message.rcode() == dns.rcode.NOERROR:
            exchange.malformed += 1
            return False
        exchange.answer = _read_answer(message, question)
    except _UNREADABLE:
        exchange.malformed += 1
        return False
    return True


def _is_reply(wire: bytes, question: _Question) -> bool:
    """Whether the header is that of a reply (QR set, opcode QUERY) to this question's id."""
    return len(wire) >= 12 and wire[:2] == question.message_id and wire[2] & 0xF8 == 0x80


def _answers_question(wire: bytes, question: _Question) -> bool:
    """Whether this is a reply to exactly this question."""
    if not _is_reply(wire, question):
        return False
    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
    except _UNREADABLE:
        return False
    asked = message.question[0] if message.question else None
    return asked is not None and asked.name == question.name and asked.rdtype == question.type


def _read_answer(message: dns.message.Message, question: _Question) -> Answer:
    chains: dict[dns.name.Name, dns.rrset.RRset] = {}
    wanted: dict[dns.name.Name, dns.rrset.RRset] = {}
    for rrset in message.answer:
        if rrset.rdclass != dns.rdataclass.IN or not len(rrset):
            continue
        if rrset.rdtype == question.type:
            wanted.setdefault(rrset.name, rrset)
        elif rrset.rdtype == dns.rdatatype.CNAME:
            chains.setdefault(rrset.name, rrset)
    at, seen, used = question.name, {question.name}, []
    aliases: list[str] = []
    while at not in wanted and at in chains and len(aliases) < _LONGEST_CHAIN:
        used.append(chains[at])
        at = chains[at][0].target
        aliases.append(_name_text(at))
        if at in seen:
            break
        seen.add(at)
    addresses: list[str] = []
    records: list[str] = []
    if at in wanted:
        used.append(wanted[at])
        for rdata in wanted[at]:
            if question.type in (dns.rdatatype.A, dns.rdatatype.AAAA):
                addresses.append(rdata.address)
            elif question.type == dns.rdatatype.SRV:
                records.append(f"{rdata.priority} {rdata.weight} {rdata.port} {_name_text(rdata.target)}")
            else:
                records.append(rdata.to_text()[:1000])
    ttl = min((rrset.ttl for rrset in used), default=None)
    rcode = dns.rcode.to_text(message.rcode())
    zone = next((_name_text(rrset.name) for rrset in message.authority if rrset.rdtype == dns.rdatatype.SOA), None)
    return Answer(rcode, tuple(aliases), tuple(addresses), tuple(records), ttl, _is_referral(message), zone)


def _is_referral(message: dns.message.Message) -> bool:
    """Whether a server without recursion only says who may know. "No such record" has a SOA (RFC 2308, 2.2)."""
    if message.answer or message.rcode() != dns.rcode.NOERROR or message.flags & (dns.flags.AA | dns.flags.RA):
        return False
    types = {rrset.rdtype for rrset in message.authority}
    return dns.rdatatype.NS in types and dns.rdatatype.SOA not in types


def _name_text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)
