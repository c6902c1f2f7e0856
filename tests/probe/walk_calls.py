"""What walks along the path ask and find: DNS over sockets that answer from a script, targets, what stands beside.

``python -m tests.probe.walk_calls`` writes ``walk_calls.txt`` anew; read the difference before you commit it.
"""

import itertools
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.probe.exchange_calls import Line, fact, text_of
from tests.probe.hostile_dns import referral, reply
from tests.recorded_calls import Call, Noted, answering, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag.model.observations import Connect, Dhcp, Http, Lease, Lookup, Tls, UpdateAnswer, UpdateFile, lease_in_use
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem
from ucdiag.probe.dhcp_check import DhcpQueryOptions, MachineLeases
from ucdiag.probe.dhcp_message import Relay
from ucdiag.probe.local_network import FROM_USER, LocalNetwork
from ucdiag.probe.plan import Plan, ServerOptions
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.system_errors import CameBackError, Notice, NotSentError

FILE = Path(__file__).with_name("walk_calls.txt")
names: Any = import_module("ucdiag.probe.dns")
plain: Any = import_module("ucdiag.probe.dns_plain")
elsewhere: Any = import_module("ucdiag.probe.dns_elsewhere")
paths: Any = import_module("ucdiag.probe.path")
beside: Any = import_module("ucdiag.probe.beside_path")
plans: Any = import_module("ucdiag.probe.plan")
checks: Any = import_module("ucdiag.probe.path_check")
dhcp_checks: Any = import_module("ucdiag.probe.dhcp_check")
comparing: Any = import_module("ucdiag.probe.domain_comparison")
network: Any = import_module("ucdiag.probe.local_network")
sides: Any = import_module("ucdiag.probe.side_checks")
updates: Any = import_module("ucdiag.probe.update_request")
handshakes: Any = import_module("ucdiag.probe.tls")
tcp: Any = import_module("ucdiag.probe.tcp")
asking_dhcp: Any = import_module("ucdiag.probe.dhcp")
relaying: Any = import_module("ucdiag.probe.dhcp_relay")
leases: Any = import_module("ucdiag.leases")
Patch = pytest.MonkeyPatch
R2 = "ucupdates-r2.contoso.com"
SERVER = ("10.0.0.2", 53)


def shown(items: Iterator[Any]) -> list[Any]:
    """Facts and problems in one line each, and the error at the end if there is one."""
    found: list[Any] = []
    try:
        for item in items:
            found.append(Line(f"{item.code}: {item.text}") if isinstance(item, Problem) else fact(item))
    except CannotTest as error:
        found.append(Line(f"{error.code}: {error.text}"))
    return found


class Clock:
    """A time that runs where somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def context(self, **more: Any) -> Context:
        usual: dict[str, Any] = {"timeout": 4.0, "nameservers": (SERVER,)}
        return Context(now=lambda: int(self.now * 1e6), monotonic=lambda: self.now, **{**usual, **more})


class Datagrams:
    """A socket for DNS. ``answers`` makes of a question what comes: bytes, or errors. TCP gives them in pieces."""

    def __init__(self, clock: Clock, answers: Callable[[bytes, int], Sequence[Any]], tcp_answers: Any = None) -> None:
        self._clock, self._answers = clock, answers
        self._tcp: Any = tcp_answers or (lambda wire: [])
        self.notes: Any = []
        self._queue: list[Any] = []
        self._count = 0
        self._waits = 0.0

    def __enter__(self) -> "Datagrams":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        self.notes.append("closed")

    def getpeername(self) -> Any:
        return (*SERVER, 0, 0)

    def getsockname(self) -> Any:
        return "10.0.0.50", 40000

    def settimeout(self, seconds: float) -> None:
        self._waits = seconds
        self.notes.append(round(seconds, 3))

    def send(self, wire: bytes) -> None:
        self._count += 1
        self.notes.append((round(self._clock.now - 1000, 3), wire[2:].hex()))
        given = list(self._answers(wire, self._count))
        if given and given[0] == "refuses":
            raise given[1]
        self._queue += given

    def sendall(self, wire: bytes) -> None:
        self.notes.append(("tcp", wire[:2], wire[4:].hex()))
        self._queue += self._tcp(wire[2:])

    def recv(self, size: int) -> bytes:
        if not self._queue:
            self._clock.now += self._waits
            raise TimeoutError
        self._clock.now += 0.25
        found = self._queue.pop(0)
        if isinstance(found, BaseException):
            raise found
        if len(found) > size:
            self._queue.insert(0, found[size:])
        return bytes(found[:size])


def flags(wire: bytes, third: int) -> bytes:
    return wire[:2] + bytes([third]) + wire[3:]


A = f"{R2}. 300 IN A 10.0.0.20"
ANSWERS: dict[str, Callable[[bytes, int], Sequence[Any]]] = {
    "an address": lambda wire, count: [reply(wire, A)],
    "missing": lambda wire, count: [reply(wire, rcode=3)],
    "refused": lambda wire, count: [reply(wire, rcode=5)],
    "empty": lambda wire, count: [reply(wire)],
    "another type": lambda wire, count: [reply(wire, f"{R2}. 300 IN TXT x")],
    "another class": lambda wire, count: [reply(wire, f"{R2}. 1 CH TXT x")],
    "alias": lambda wire, count: [
        reply(wire, f"{R2}. 60 IN CNAME pool.x.", "pool.x. 300 IN A 10.0.0.21", "pool.x. 20 IN A 10.0.0.22")
    ],
    "alias to nothing": lambda wire, count: [reply(wire, f"{R2}. 60 IN CNAME pool.x.")],
    "loop": lambda wire, count: [reply(wire, f"{R2}. 60 IN CNAME b.x.", f"b.x. 50 IN CNAME {R2}.")],
    "long chain": lambda wire, count: [
        reply(
            wire,
            f"{R2}. 9 IN CNAME n0.x.",
            *(f"n{n}.x. {n} IN CNAME n{n + 1}.x." for n in range(20)),
            "n21.x. 1 IN A 10.0.0.1",
        )
    ],
    "just a chain": lambda wire, count: [
        reply(
            wire,
            f"{R2}. 9 IN CNAME n0.x.",
            *(f"n{n}.x. 9 IN CNAME n{n + 1}.x." for n in range(15)),
            "n15.x. 1 IN A 10.0.0.1",
        )
    ],
    "referral": lambda wire, count: [referral(wire)],
    "referral with authority": lambda wire, count: [referral(wire, flags=0x0400)],
    "referral with recursion": lambda wire, count: [referral(wire, flags=0x0080)],
    "start of authority": lambda wire, count: [referral(wire, "x. 1 IN SOA a. b. 1 2 3 4 5", "x. 1 IN NS c.")],
    "silent": lambda wire, count: [],
    "late": lambda wire, count: [] if count == 1 else [reply(wire, A)],
    "not the question's id": lambda wire, count: [b"\0\0" + reply(wire, A)[2:]] * 2,
    "no reply": lambda wire, count: [wire, flags(reply(wire, A), 0x88), reply(wire, A)],
    "short": lambda wire, count: [reply(wire, A)[:11], reply(wire, A)[:12]],
    "garbage": lambda wire, count: [reply(wire, A)[:-3]],
    "garbage thrice": lambda wire, count: [reply(wire, A)[:-3]] * 3,
    "garbage, then an answer": lambda wire, count: [reply(wire, A)[:-3]] if count == 1 else [reply(wire, A)],
    "another question": lambda wire, count: [reply(wire[:12] + b"\1x\0\0\1\0\1"), reply(wire, A)],
    "another question's type": lambda wire, count: [reply(wire[:-4] + b"\0\x1c\0\1"), reply(wire, A)],
    "no question": lambda wire, count: [flags(wire[:4], 0x80) + bytes(8), wire[:2] + b"\x80\5" + bytes(8)],
    "truncated": lambda wire, count: [flags(reply(wire), 0x82)],
    "refused at once": lambda wire, count: ["refuses", ConnectionRefusedError(111, "refused")],
    "refused later": lambda wire, count: [ConnectionRefusedError(111, "refused")],
    "unreachable, then an answer": lambda wire, count: [OSError(113, "no route"), reply(wire, A)],
    "unreachable": lambda wire, count: [OSError(113, "no route")],
}
TCP_ANSWERS: dict[str, Any] = {
    "whole": lambda wire: [framed(reply(wire, A))],
    "in pieces": lambda wire: [framed(reply(wire, A))[at : at + 20] for at in range(0, 60, 20)],
    "cut": lambda wire: [framed(reply(wire, A))[:-1], b""],
    "no length": lambda wire: [b"\0", b""],
    "silent": lambda wire: [],
    "another id": lambda wire: [framed(b"\0\0" + reply(wire, A)[2:])],
    "garbage": lambda wire: [framed(reply(wire, A)[:-3])],
    "truncated too": lambda wire: [framed(flags(reply(wire), 0x82))],
    "truncated with an address": lambda wire: [framed(flags(reply(wire, A), 0x82))],
    "truncated and missing": lambda wire: [framed(flags(reply(wire, rcode=3), 0x82))],
    "broken": lambda wire: [OSError(104, "reset")],
    "broken here": lambda wire: [OSError(100, "Network is down")],
    "refused": ConnectionRefusedError(111, "refused"),
    "too late": TimeoutError(),
    "came back": CameBackError(Notice("10.0.0.1 says so", True)),
    "not sent": NotSentError("no network"),
}


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2, "big") + wire


def _lookups() -> dict[str, Call]:  # noqa: C901, PLR0912, PLR0915 - a table
    found: dict[str, Any] = {}

    def looked_up(answers: Any, tcp_answers: Any = None, type_: str = "A", name: str = R2, stray: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            clock = Clock()
            sock = Datagrams(clock, answers, tcp_answers)
            fails = isinstance(tcp_answers, BaseException)
            patch.setattr(names.os, "urandom", lambda size: b"\x12\x34\x56\x78"[:size])
            patch.setattr(names.socket, "socket", lambda *words: sock.notes.append(words[1:]) or sock)
            patch.setattr(
                names,
                "connect_tcp",
                raising(tcp_answers) if fails else lambda *words: sock.notes.append(words[:3]) or sock,
            )
            for part in ("hear_errors", "share_port"):
                patch.setattr(names, part, lambda given, p=part: sock.notes.append(p))
            patch.setattr(names, "check_cable", lambda given: sock.notes.append("silence"))
            sock.connect = lambda place: sock.notes.append(place)  # type: ignore[attr-defined]
            patch.setattr(
                names,
                "explain_error",
                lambda error, given, address, sending: Notice(f"{error} {address} {sending}", error.errno == 111),
            )
            patch.setattr(names, "closing_second", lambda given: Second(stray is not None))
            patch.setattr(
                names, "ask_beside", lambda second, given, wire: sock.notes.append(("beside", second is not None))
            )
            patch.setattr(
                names,
                "source_of_reply",
                lambda second, given, accepts: (
                    sock.notes.append(("accepted", *map(accepts, NO_REPLIES)))
                    or (stray if accepts(reply(QUESTION, A)) else "no")
                ),
            )
            resolver = names.Resolver(clock.context())
            results = [fact(resolver.ask_nameserver(name, type_, SERVER, "update")), resolver._silent]
            return [*results, clock.now - 1000, *sock.notes]

        return examine

    for name, answers in ANSWERS.items():
        found[f"looked up, {name}"] = looked_up(answers)
    for name, tcp_answers in TCP_ANSWERS.items():
        found[f"over TCP, {name}"] = looked_up(ANSWERS["truncated"], tcp_answers)
    for type_, records in {
        "AAAA": [f"{R2}. 9 IN AAAA 2001:db8::1"],
        "SRV": [f"{R2}. 9 IN SRV 1 2 5061 sip.x.", f"{R2}. 9 IN SRV 1 2 5061 ."],
        "TXT": [f'{R2}. 9 IN TXT "{"x" * 200}" "{"y" * 250}" "{"z" * 250}" "{"w" * 250}" "{"v" * 250}"'],
        "CNAME": [f"{R2}. 9 IN CNAME x."],
    }.items():
        found[f"looked up {type_}"] = looked_up(lambda wire, count, r=records: [reply(wire, *r)], type_=type_)
    for stray in (("10.0.0.9", 53), None):
        for name in ("silent", "garbage", "an address", "unreachable"):
            found[f"from elsewhere {stray} {name}"] = looked_up(ANSWERS[name], stray=stray or False)
    for name in ("", ".", "a..b", "x" * 64, "b\u00fccher.de", R2 + ".", "x." * 130):
        found[f"looked up the name {name[:20]!r} {len(name)}"] = looked_up(ANSWERS["missing"], name=name)
    for text in (
        "10.0.0.2",
        " 10.0.0.2 ",
        "10.0.0.2:5353",
        "10.0.0.2:0",
        "10.0.0.2:65535",
        "10.0.0.2:65536",
        "10.0.0.2:",
        "10.0.0.2:053",
        "10.0.0.2:000053",
        "10.0.0.2:\u0663",
        "::1",
        "[::1]",
        "[::1]:54",
        "[::1",
        "[::1]54",
        "[::1]:",
        "0.0.0.0",
        "224.0.0.1",
        "::",
        "ff02::1",
        "ns.contoso.com",
        "",
        "10.0.0.2:5:3",
        "10.0.0.2:+5",
    ):
        found[f"nameserver {text!r}"] = lambda patch, t=text: names.parse_nameserver(t)

    def opened(which: str, error: Any) -> Call:
        def examine(patch: Patch) -> Any:
            clock = Clock()
            sock = Datagrams(clock, ANSWERS["an address"])
            closing: Any = Noted(None, connect=error if which == "connect" else None, close=None, settimeout=None)
            closing.getsockname = raising(error) if which == "name" else (lambda: ("10.0.0.50", 4))
            patch.setattr(names.socket, "socket", raising(error) if which == "socket" else answering(closing))
            patch.setattr(names, "connect_tcp", answering(closing))
            patch.setattr(names, "hear_errors", raising(error) if which == "hear" else answering(None))
            patch.setattr(names, "share_port", answering(None))
            patch.setattr(names, "local_reason", lambda error, host: f"{error} at {host}")
            results: list[Any] = []
            resolver = names.Resolver(clock.context(connect_to={SERVER: ("10.9.9.9", 99)}))
            for call in (resolver._open_udp, resolver._open_tcp):
                asked = names._Exchange(deadline=1002.0 if which != "late" else 1000.0)
                try:
                    call(SERVER, asked)
                except (OSError, ValueError, NotSentError) as caught:
                    results.append(repr(caught))
                results.append((asked.client, asked.client_port, closing.notes[:]))
            return results, len(sock.notes)

        return examine

    for which, error in itertools.product(
        ("socket", "connect", "name", "hear"), (OSError(101, "no route"), KeyError("a bug"))
    ):
        found[f"no socket {which} {error!r}"] = opened(which, error)
    found["no socket, late"] = opened("late", None)
    found["a socket"] = opened("none", None)
    for domain, sip in itertools.product(
        ("contoso.com", "x" * 60 + "." + "y" * 180), (None, "contoso.com", "sip.example")
    ):
        found[f"names {len(domain)} {sip}"] = lambda patch, d=domain, s=sip: (
            names.names_of_each(d, s, "none"),
            names.names_of_one(d, s),
        )
    for label, servers in itertools.product((None, "heard"), (1, 2)):
        for kinds in ("answers", "refers", "silent", "fails later"):
            found[f"names asked {label} {servers} {kinds}"] = _all_names(label, servers, kinds)
    for assumed, heard in itertools.product((None, "10.0.0.9"), (None, "update", "sip")):
        for type_ in ("A", "AAAA"):
            found[f"known {assumed} {heard} {type_}"] = _known(assumed, heard, type_)
    for those, server in itertools.product(
        ((SERVER,), (SERVER, ("10.0.0.3", 54)), ()), (SERVER, ("10.0.0.3", 54), ("9.9.9.9", 53))
    ):
        found[f"place {those} {server}"] = lambda patch, those=those, one=server: names.Resolver(
            Context(nameservers=those)
        )._place_of(one)
    return found


QUESTION = (
    b"\x12\x34\1\0\0\1" + bytes(6) + b"".join(bytes([len(p)]) + p.encode() for p in R2.split(".")) + b"\0\0\1\0\1"
)
NO_REPLIES = [
    reply(QUESTION, A)[:-3],
    reply(QUESTION, A)[:11],
    b"\0\0" + reply(QUESTION, A)[2:],
    reply(QUESTION[:12] + b"\1x\0\0\1\0\1"),
    reply(QUESTION[:-4] + b"\0\x1c\0\1"),
    QUESTION[:2] + b"\x80\0" + bytes(8),
    QUESTION,
]


class Second:
    """What ``closing_second`` gives."""

    def __init__(self, there: bool) -> None:
        self._there = there

    def __enter__(self) -> Any:
        return self if self._there else None

    def __exit__(self, *raised: object) -> None: ...


def _all_names(label: str | None, servers: int, kinds: str) -> Call:
    def examine(patch: Patch) -> Any:
        asked: Any = []

        def lookup(self: Any, name: str, type_: str, server: Any, purpose: Any) -> Lookup:
            asked.append((name, type_, server[0], purpose))
            silent = kinds == "silent" or (kinds == "fails later" and "_ntp" in name) or server[0] == "10.0.0.3"
            more: Any = {"failure": "no_answer"} if silent else {"rcode": "NOERROR", "referred": kinds == "refers"}
            return Lookup(time=1, name=name, type=type_, **more)

        patch.setattr(names.Resolver, "ask_nameserver", lookup)
        patch.setattr(names.Resolver, "gave_up", lambda self, server: len(asked) > 5 and kinds == "silent")
        patch.setattr(names, "impossible_label", lambda: "none")
        heard = SimpleNamespace(label=label) if label else None
        ctx = Context(nameservers=(("10.0.0.3", 53), SERVER)[2 - servers :], heard=heard)
        return len(list(names.check_names(ctx, "contoso.com", "sip.example"))), asked

    return examine


def _known(assumed: str | None, heard: str | None, type_: str) -> Call:
    def examine(patch: Patch) -> Any:
        answer = Lookup(time=1, name="x", type=type_, purpose=heard)  # type: ignore[arg-type]
        ctx = Context(
            now=lambda: 7,
            heard=SimpleNamespace(lookup=lambda *words: answer if heard else None),
            assumed={R2: (assumed,)} if assumed else {},
        )
        return fact(names.Resolver(ctx)._known_lookup(R2.upper() + ".", type_, SERVER, "update"))

    return examine


def _plain_answers() -> dict[str, Call]:
    found: dict[str, Any] = {}
    for name in (
        "a.b",
        "a",
        "",
        "a..b",
        "x" * 63,
        "x" * 64,
        "a b",
        "_ntp._udp.x-1",
        ".".join(["x" * 49] * 5) + "abc",
        ".".join(["x" * 49] * 5) + "abcd",
    ):
        for type_ in ("A", "AAAA", "SRV", "TXT"):
            found.setdefault(f"plain question {name[:9]!r} {len(name)}", []).append((name, type_))
    for head, those in list(found.items()):
        found[head] = lambda patch, t=those: [plain.question_of(*one) for one in t]
    question = plain.question_of(R2, "A")
    record = b"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\x0a\0\0\x14"
    other = record[:6] + b"\0\0\0\x05" + record[10:15] + b"\x15"
    usual = {"flags": b"\x81\x80", "counts": b"\0\1", "rest": bytes(4), "records": [record]}
    changes: dict[str, dict[str, Any]] = {
        "usual": {},
        "two": {"records": [record, other]},
        "the same twice": {"records": [record, record]},
        "none": {"records": []},
        "missing": {"flags": b"\x81\x83", "records": []},
        "missing with a record": {"flags": b"\x81\x83"},
        "refused": {"flags": b"\x81\x85", "records": []},
        "truncated": {"flags": b"\x83\x80"},
        "two questions": {"counts": b"\0\2"},
        "more": {"rest": b"\0\0\0\1"},
        "authority": {"rest": b"\0\1\0\0"},
        "high": {"records": [record[:6] + b"\x7f\xff\xff\xff" + record[10:]]},
        "higher": {"records": [record[:6] + b"\x80\0\0\0" + record[10:]]},
        "another name": {"records": [b"\xc0\x0d" + record[2:]]},
        "another length": {"records": [record[:10] + b"\0\5" + record[12:]]},
        "short": {"records": [record[:-1]]},
    }
    for name, change in changes.items():
        parts = {**usual, **change}
        records = b"".join(parts["records"])
        count = len(parts["records"]).to_bytes(2, "big")
        wire = b"\x12\x34" + parts["flags"] + parts["counts"] + count + parts["rest"] + question[10:] + records
        for type_ in ("A", "AAAA"):

            def answered(patch: Patch, wire: bytes = wire, type_: str = type_) -> Any:
                asked = plain.question_of(R2, type_)
                given = wire.replace(question[-4:], asked[-4:], 1)
                end = 2 + len(asked)
                return fact(plain._plain_answer(given, end, type_)), fact(plain.answer_of(given, asked, R2, type_))

            found[f"plain answer, {name} {type_}"] = answered
    for data in (
        bytes(12),
        b"\x12\x34\x80" + bytes(9),
        b"\x12\x34\x80" + bytes(8),
        b"\x12\x34\x88" + bytes(9),
        b"\x12\x35\x80" + bytes(9),
        b"\x12\x34\x87" + bytes(9),
    ):
        found[f"plain reply {data.hex()}"] = lambda patch, d=data: plain.is_reply(d, b"\x12\x34")
    for number, data in enumerate(
        (b"", bytes(11), QUESTION[:2] + b"\x83" + QUESTION[3:], flags(QUESTION, 0x80), flags(reply(QUESTION, A), 0x81))
    ):
        found[f"reply to it {number}"] = lambda patch, d=data: names.reply_to(R2, "A", d)
    found["reply to it, no name"] = lambda patch: names.reply_to("a..b", "A", reply(QUESTION, A))
    return found


def _elsewhere() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Any] = {}
    for platform, fails in itertools.product(
        ("linux", "darwin"), (None, "socket", "setblocking", "setsockopt", "bind")
    ):

        def second(patch: Patch, platform: str = platform, fails: str | None = fails) -> Any:
            error = OSError(98, "in use")
            sock: Any = Noted(
                None,
                **{
                    part: error if part == fails else None
                    for part in ("setblocking", "setsockopt", "bind", "close", "sendto")
                },
            )
            patch.setattr(elsewhere.sys, "platform", platform)
            patch.setattr(
                elsewhere.socket,
                "socket",
                raising(error) if fails == "socket" else lambda *words: sock.notes.append(words) or sock,
            )
            first = Noted(SimpleNamespace(family=2), getsockname=("10.0.0.50", 4), setsockopt=None, getpeername=SERVER)
            elsewhere.share_port(first)
            with elsewhere.closing_second(first) as opened:
                elsewhere.ask_beside(opened, first, b"wire")
            return opened is not None, sock.notes, first.notes

        found[f"second socket {platform} {fails}"] = second
    for name, given in {
        "none": [],
        "asked": [(b"yes", SERVER)],
        "another": [(b"yes", ("10.0.0.9", 53, 0, 0))],
        "another port": [(b"yes", ("10.0.0.2", 54))],
        "no reply": [(b"no", ("10.0.0.9", 53))],
        "scoped": [(b"yes", ("fe80::1%eth0", 53, 0, 2))],
        "after others": [(b"no", ("10.0.0.9", 53))] * 63 + [(b"yes", ("10.0.0.9", 53))],
        "after too many": [(b"no", ("10.0.0.9", 53))] * 64 + [(b"yes", ("10.0.0.9", 53))],
    }.items():

        def source(patch: Patch, given: Any = given) -> Any:
            left = list(given)
            sock = SimpleNamespace(
                recvfrom=lambda size: left.pop(0) if left else raising(BlockingIOError(11, "none"))()
            )
            first = SimpleNamespace(getpeername=lambda: (*SERVER, 0, 0))
            return elsewhere.source_of_reply(sock, first, lambda wire: wire == b"yes"), len(left)

        found[f"source, {name}"] = source
    for name, change in {
        "usual": {},
        "short": {"cut": 47},
        "as long": {"cut": 48},
        "another mode": {0: 0x1B},
        "stratum 0": {1: 0},
        "stratum 15": {1: 15},
        "stratum 16": {1: 16},
        "another question": {24: 0xEE},
    }.items():
        for address in ("10.0.0.9", "2001:db8::9"):

            def timed(patch: Patch, change: Any = change, address: str = address) -> Any:
                clock = Clock()
                notes: Any = []
                answer = bytearray(
                    b"\x1c\2"
                    + bytes(22)
                    + b"MARKMARK"
                    + struct.pack(">IIII", 2208988800 + 1002, 1 << 31, 2208988800 + 1003, 0)
                    + b"more"
                )
                for at, value in change.items():
                    if at != "cut":
                        answer[at] = value
                pieces = [bytes(answer[: change.get("cut", 60)])]

                class Sock:
                    def __init__(self, *words: Any) -> None:
                        notes.append(words)

                    def __enter__(self) -> "Sock":
                        return self

                    def __exit__(self, *raised: object) -> None:
                        notes.append("closed")

                    def connect(self, place: Any) -> None:
                        notes.append(place)

                    def send(self, data: bytes) -> None:
                        notes.append(data)

                    def settimeout(self, seconds: float) -> None:
                        notes.append(seconds)

                    def recv(self, size: int) -> bytes:
                        clock.now += 1
                        if not pieces:
                            raise TimeoutError
                        return pieces.pop(0)[:size]

                patch.setattr(sides.os, "urandom", lambda size: b"MARKMARK")
                patch.setattr(sides.socket, "socket", Sock)
                return sides.ask_time(clock.context(), address), notes

            found[f"time {name} {address}"] = timed
    return found


OFFER = UpdateAnswer(
    time=5,
    server="10.0.0.20",
    port=80,
    form="offered",
    version="9.0.0.0",
    internal_url="http://in.contoso.com/a",
    external_url="https://out.contoso.com/b",
    files=(UpdateFile(name="CPE.nbt", version="9.0.0.0"),),
)


def _walks() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """Whole walks, with each exchange replaced by what comes of it."""
    found: dict[str, Any] = {}
    servers: dict[str, dict[str, Any]] = {
        "by name": {},
        "one port": {"port": 8080},
        "port 443": {"port": 443},
        "outside": {"external": True},
        "an address": {"address": "10.0.0.20"},
        "an address and a host": {"address": "10.0.0.20", "host": "pool.x:8080"},
        "an address and a host in six": {"address": "10.0.0.20", "host": "2001:db8::1"},
        "a URL": {"url": "https://pool.x:4443/RequestHandlerExt/ucdevice.upx?a=1"},
        "a URL of an address": {"url": "http://10.0.0.20/"},
        "a URL with an address": {"url": "HTTPS://pool.x./x", "address": "10.0.0.9"},
        "a URL of localhost": {"url": "http://localhost:99"},
        "twice": {"repeat": 2, "interval": 3.0},
        "compared": {"compare": ("00:04:f2:00:00:99", None)},
        "compared with a serial": {"compare": ("00:04:f2:00:00:99", "S-9"), "address": "10.0.0.20"},
        "nothing fetched": {"download": False},
        "limited": {"limit": 5},
        "saved": {"saved": b"<body/>"},
    }
    for name, options in servers.items():
        for domain in ("contoso.com", None):
            if domain is None and not ("url" in options or "address" in options):
                continue
            plan = Plan(
                phone=Phone(mac="00:04:f2:00:00:01", serial="S-1"), domain=domain, server=ServerOptions(**options)
            )
            found[f"plan {name} {domain}"] = lambda patch, p=plan: (
                [fact(one) for one in plans.targets_of(p)],
                p.path,
                p.external,
                p.has_start,
                [fact(plans.request_for(p, one)) for one in plans.targets_of(p)],
                [
                    plans.port_flaw(p, f"http://x:{port}/", [("y", 7000)])
                    for port in (80, 443, 8080, 4443, 99, 7000, 25)
                ],
                plans.port_flaw(p, "http://x/"),
            )
            found[f"walk {name} {domain}"] = _walk(plan)
    usual = Plan(phone=Phone(mac="00:04:f2:00:00:01", serial="S-1", firmware="1.0.522.101"), domain="contoso.com")
    external = replace(usual, server=ServerOptions(external=True))
    for form in ("offered", "none_offered", "not_xml"):
        found[f"walk to {form}"] = _walk(usual, form=form)
        found[f"walk outside to {form}"] = _walk(external, form=form)
    for status in (None, 200, 404, 500):
        found[f"walk with status {status}"] = _walk(
            replace(usual, server=ServerOptions(compare=("00:04:f2:00:00:99", "S"))), status=status
        )
    found["walk, another status by address"] = _walk(usual, by_address=403)
    for count in (0, 1, 2, 8, 9):
        found[f"walk to {count} addresses"] = _walk(
            usual, addresses=tuple(f"10.0.0.{n}" for n in range(20, 20 + count))
        )
    found["walk to loopback"] = _walk(usual, addresses=("127.0.0.1", "0.0.0.0", "10.0.0.20"))
    for urls in (
        ("http://in.contoso.com/a", "http://in.contoso.com/b"),
        ("", "https://out.contoso.com./b"),
        ("http://in.contoso.com:25/a", "http://out.contoso.com:26/b"),
        ("http://in.contoso.com/a", "ftp://out/b"),
        ("http://in.contoso.com/a", "https://10.0.0.99/b"),
        ("http://in.contoso.com/a", "http://localhost/b"),
        ("http://in.contoso.com/a", "http://out.contoso.com:8080/b"),
    ):
        found[f"walk to {urls}"] = _walk(usual, urls=urls)
    found["walk to many files"] = _walk(usual, addresses=tuple(f"10.0.0.{n}" for n in range(20, 28)), own_urls=True)
    for outcome in ("open", "refused", "not_sent"):
        found[f"walk, the other side {outcome}"] = _walk(usual, other=outcome)
    for version, able, why in itertools.product(
        ("TLS 1.0", "TLS 1.2", "TLS 1.3"), (True, False), (None, "it hung up", "alert 80")
    ):
        found[f"walk over {version} {able} {why}"] = _walk(external, tls=version, able=able, why=why)
    found["walk over TLS 1.2 and in clear"] = _walk(usual, tls="TLS 1.2", why="it hung up")
    found["walk over TLS 1.2 to many"] = _walk(
        external, tls="TLS 1.2", why="it hung up", addresses=("10.0.0.20", "10.0.0.21")
    )
    found["walk that keeps files"] = _walk(usual, files=True)
    found["walk without nameservers"] = _walk(usual, nameservers=())
    found["walk with all names"] = _walk(replace(usual, all_names=True, sip_domain="sip.example"))
    found["walk, missing"] = _walk(replace(usual, sip_domain="sip.example"), rcode="NXDOMAIN", addresses=())
    found["walk, missing in one domain"] = _walk(
        replace(usual, sip_domain="contoso.com"), rcode="NXDOMAIN", addresses=()
    )
    notes = ("the MAC could not be put in.", "the MAC could not be put in.", f"x {paths.REST_NOT_SENT}", "another")
    found["walk with notes"] = _walk(usual, notes=notes, saved=True)
    found["walk with notes, none saved"] = _walk(usual, notes=notes)
    for answers in (
        [],
        [["a", "b"]],
        [["a", "b"], ["b", "c"]],
        [[str(n) for n in range(9)], ["x", "y"]],
        [[str(n) for n in range(8)]],
    ):
        found[f"in turn {answers}"] = lambda patch, a=answers: paths._in_turn(a)
    for start, domain in itertools.product((True, False), (None, "contoso.com")):
        plan = Plan(phone=Phone(), domain=domain, server=ServerOptions(address="10.0.0.20" if start else None))

        def verified(patch: Patch, plan: Plan = plan) -> Any:
            asked: Any = []
            patch.setattr(plans, "request_for", lambda plan, target: asked.append((plan.domain, target.name)))
            plans.verify_requests(plan)
            return asked

        found[f"verified {start} {domain}"] = verified
    return found


def _walk(  # noqa: C901, PLR0913 - what may differ of a walk
    plan: Plan,
    *,
    form: Any = "offered",
    status: int | None = 200,
    by_address: int | None = None,
    addresses: tuple[str, ...] = ("10.0.0.20",),
    urls: tuple[str, str] | None = None,
    own_urls: bool = False,
    other: Any = "open",
    tls: Any = None,
    able: bool = True,
    why: str | None = None,
    files: bool = False,
    nameservers: Any = (SERVER, ("10.0.0.3", 53)),
    rcode: Any = "NOERROR",
    notes: tuple[str, ...] = (),
    saved: bool = False,
) -> Call:
    def examine(patch: Patch) -> Any:  # noqa: C901 - the parts beneath it
        asked: Any = []
        plan_ = replace(plan, server=replace(plan.server, saved=b"x")) if saved else plan
        if notes:
            real = plans.request_for
            given = lambda plan, target: replace(real(plan, target), notes=notes)  # noqa: E731
            patch.setattr(paths, "request_for", given)

        def request(ctx: Any, target: Any, request: Any, purpose: Any = "update") -> Iterator[Any]:
            asked.append(Line(f"{fact(target)} {request.header('Host')} {len(request.body)} {purpose}"))
            place: Any = {"server": target.address, "port": target.port}
            if tls is not None and target.scheme == "https":
                yield Tls(time=2, outcome="complete", version=tls, server_name=target.host, purpose=purpose, **place)
            code = by_address if purpose == "host" and by_address is not None else status
            yield Http(time=3, status=code, complete=True, purpose=purpose, request_text=None, **place)
            if status == 200:
                inside, outside = urls or (OFFER.internal_url, OFFER.external_url)
                if own_urls:
                    inside = f"http://{target.address}/a"
                yield replace(OFFER, form=form, internal_url=inside, external_url=outside, purpose=purpose, **place)

        def lookup(name: str, type_: str, server: Any, purpose: Any) -> Lookup:
            asked.append((name, type_, server, purpose))
            return Lookup(time=1, name=name, type=type_, rcode=rcode, addresses=addresses, purpose=purpose)

        class Resolver:
            def __init__(self, ctx: Any) -> None:
                self.first = ctx.nameservers[0]

            def try_nameservers(self, name: str, purpose: Any) -> Iterator[Lookup]:
                host, port = self.first
                yield replace(lookup(name, "A", "each", purpose), server=host, server_port=port)

            def ask_patiently(self, name: str, type_: str, server: Any, purpose: Any) -> Iterator[Lookup]:
                yield lookup(name, type_, server, purpose)

            def resolve(self, name: str, purpose: Any) -> Lookup:
                return lookup(name, "A", "first", purpose)

        def check_names(ctx: Any, *words: Any) -> Iterator[Lookup]:
            asked.append(words)
            yield lookup(R2, "A", "all", "update")
            yield lookup(R2, "AAAA", "all", "update")
            yield lookup("x", "A", "all", "update")
            yield lookup(R2, "A", "all", "sip")

        def fetch(ctx: Any, url: str, resolve: Any, **named: Any) -> Iterator[Any]:
            asked.append(("fetch", url, sorted(named.items())))
            yield Tls(time=9, server="10.0.0.30", port=443, outcome="complete", version="TLS 1.2", purpose="file")

        def connect(ctx: Any, address: str, port: int, **named: Any) -> Any:
            asked.append((address, port, sorted(named.items())))
            stream = SimpleNamespace(close=lambda: asked.append("closed")) if other == "open" else None
            return Connect(time=8, server=address, port=port, outcome=other), stream

        patch.setattr(updates, "request_update", request)
        patch.setattr(updates, "fetch_file", fetch)
        patch.setattr(names, "Resolver", Resolver)
        patch.setattr(names, "check_names", check_names)
        patch.setattr(tcp, "connect", connect)
        patch.setattr(handshakes, "can_try_old", lambda: able)
        patch.setattr(handshakes, "refuses_old", lambda ctx, *words: asked.append(words) or why)
        once = SimpleNamespace(once=lambda key, fetch: asked.append(key) or fetch())
        ctx = Clock().context(nameservers=nameservers, files=once if files else None)
        ctx = replace(ctx, sleep=lambda seconds: asked.append(("sleeps", seconds)))
        return shown(paths.walk_path(ctx, plan_)), asked

    return examine


def _checked() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """What ``check``, ``check-dns`` and ``check-dhcp`` put together."""
    found: dict[str, Any] = {}
    lease = Lease(
        time=1,
        interface="eth0",
        source="/lease",
        provenance="dhclient",
        authority="dhcp",
        chosen=True,
        domain="lease.example",
        resolvers=("10.0.0.5",),
        server="10.0.0.1",
    )
    offer = Dhcp(
        time=2,
        type="offer",
        transaction=1,
        domain="offer.example",
        resolvers=("10.0.0.6", "10.0.0.7", "10.0.0.8", "10.0.0.9", "10.0.0.10"),
        address="10.0.0.99",
        certificate_service="http://cert/",
    )
    classed = replace(offer, transaction=2, domain="class.example", resolvers=())
    discovers = (
        Dhcp(time=1, type="discover", transaction=1, vendor_class="MSFT 5.0"),
        Dhcp(time=1, type="discover", transaction=2, vendor_class="CPE-OCPHONE"),
    )
    answered: dict[str, tuple[Any, ...]] = {
        "none": (),
        "an offer": (discovers[0], offer),
        "two classes": (*discovers, offer, classed),
        "no domain": (discovers[0], replace(offer, domain=None)),
        "bad domain": (
            discovers[0],
            replace(offer, domain="a..b"),
            replace(offer, transaction=2, domain="CLASS.example."),
        ),
        "no service": (discovers[0], replace(offer, certificate_service=None)),
        "an ack": (replace(offer, type="ack"),),
        "a problem": (Problem(code="no-lease", text="none"),),
    }
    for (name, facts), domain_from, given, leased in itertools.product(
        answered.items(), (FROM_USER, "dhclient", None), (True, False), (True, False)
    ):
        if name not in ("none", "an offer", "bad domain") and (domain_from is None or not leased):
            continue
        for sided in (True, False):
            if not sided and name != "an offer":
                continue
            found[f"path {name} {domain_from} {given} {leased} {sided}"] = _path(
                facts, domain_from, given, leased, sided, lease
            )
    found["path, nobody asked"] = _path(None, "dhclient", False, True, True, lease)
    found["path, nothing known"] = _path(None, None, False, False, True, lease)
    for relay, leased, query in itertools.product(
        (None, Relay(address="10.1.0.1"), Relay(address="10.1.0.1", server="10.0.0.1")), (True, False), (True, False)
    ):
        for fails in (False, True):

            def checked(
                patch: Patch, relay: Any = relay, leased: bool = leased, query: bool = query, fails: bool = fails
            ) -> Any:
                asked: Any = []

                def ask(which: str) -> Any:
                    def answer(ctx: Any, *words: Any, **named: Any) -> Iterator[Any]:
                        asked.append((which, [fact(word) for word in words], sorted(named.items())))
                        yield offer
                        if fails:
                            raise CannotTest("no-interface", "there is none")

                    return answer

                patch.setattr(asking_dhcp, "query_servers", ask("servers"))
                patch.setattr(relaying, "query_as_relay", ask("relay"))
                patch.setattr(dhcp_checks, "elevated_command", lambda words: f"sudo {words}")
                patch.setattr(
                    dhcp_checks,
                    "look_up_records",
                    lambda ctx, offered, system, known=None: (asked.append((offered.domains, system, known)), iter(()))[
                        1
                    ],
                )
                held = MachineLeases(
                    interface="eth9",
                    leases=(lease,) if leased else (replace(lease, chosen=False, authority="resolver"),),
                    problems=(Problem(code="lease-unreadable", text="no"),),
                )
                options = DhcpQueryOptions(relay=relay, vlan=7, interface=None if leased else "eth1") if query else None
                return (
                    shown(dhcp_checks.observe_dhcp(Context(), "00:04:f2:00:00:01", held, "more.example", options)),
                    asked,
                    lease_in_use(held.leases) is not None,
                )

            found[f"check-dhcp {relay} {leased} {query} {fails}"] = checked
    for count in range(8):
        ctx = Context(connect_to={(f"h{n}", 80): ("x", 1) for n in range(count)}, followed=set())
        found[f"unused routes {count}"] = lambda patch, c=ctx: shown(network.unused_routes(c))
    for named, known, nameservers, flawed in itertools.product(
        (None, "given.example"), (True, False), (True, False), (False, True)
    ):

        def local(
            patch: Patch,
            domain: Any = named,
            known: bool = known,
            nameservers: bool = nameservers,
            flawed: bool = flawed,
        ) -> Any:
            those = [replace(lease, domain="a..b" if flawed else "Lease.Example.")] if known else []
            patch.setattr(
                leases,
                "machine_leases",
                lambda ctx, interface: (those, [Problem(code="lease-unreadable", text=f"on {interface}")]),
            )
            ctx = Context(nameservers=(SERVER,) if nameservers else ())
            held = network.find_local_network(ctx, domain, "eth7")
            return (
                held.domain,
                held.domain_from,
                held.context.nameservers,
                held.nameservers_given,
                shown(held.observations()),
                lease_in_use(held.leases) is not None,
            )

        found[f"local {named} {known} {nameservers} {flawed}"] = local
    for domains, asked_for, rcode, nameservers in itertools.product(
        (0, 1, 5), (None, "d0.example"), ("NOERROR", None), (True, False)
    ):

        def compared(
            patch: Patch,
            domains: int = domains,
            known: Any = asked_for,
            rcode: Any = rcode,
            nameservers: bool = nameservers,
        ) -> Any:
            asked: Any = []

            class Resolver:
                def __init__(self, ctx: Context) -> None:
                    self.servers = ctx.nameservers

                def resolve(self, name: str, purpose: str) -> Lookup:
                    asked.append((name, purpose, self.servers))
                    return Lookup(time=1, name=name, type="A", rcode=rcode)

            patch.setattr(names, "Resolver", Resolver)
            offered = comparing.OfferedDomains()
            for number in range(domains):
                offered.add_domain(
                    f"D{number}.example", ("10.0.0.4", "x", "10.0.0.5", "10.0.0.6") if number % 2 else ()
                )
            offered.add_domain("a..b")
            offered.add_domain(None)
            ctx = Context(nameservers=(SERVER,) if nameservers else ())
            return shown(comparing.look_up_records(ctx, offered, (("9.9.9.9", 53),), known)), asked, offered.domains

        found[f"compared {domains} {asked_for} {rcode} {nameservers}"] = compared
    for kind, change in itertools.product(("ack", "offer", "nak"), ({}, {"address": None})):
        one = Dhcp(time=1, type=kind, **{"domain": "x.example", "address": "10.0.0.9", **change})  # type: ignore[arg-type]

        def added(patch: Patch, one: Any = one) -> Any:
            offered = comparing.OfferedDomains()
            offered.add_answer(one)
            return offered.domains

        found[f"offered domain {kind} {change}"] = added
    for domain, nameservers in itertools.product((None, "contoso.com"), (True, False)):

        def checked_names(patch: Patch, domain: Any = domain, nameservers: bool = nameservers) -> Any:
            patch.setattr(names, "check_names", lambda ctx, *words: iter([Problem(code="no-lease", text=str(words))]))
            ctx = Context(
                nameservers=(SERVER,) if nameservers else (), connect_to={("h", 80): ("x", 1)}, followed=set()
            )
            held = LocalNetwork(domain=domain, domain_from=None, context=ctx, leases=(lease,))
            return shown(import_module("ucdiag.probe.dns_check").observe_names(held, "sip.example"))

        found[f"check-dns {domain} {nameservers}"] = checked_names
    return found


def _path(facts: Any, domain_from: Any, given: bool, leased: bool, sided: bool, lease: Lease) -> Call:
    def examine(patch: Patch) -> Any:
        asked: Any = []

        def ask(ctx: Any, mac: Any, query: Any, lease: Any, command: str) -> Iterator[Any]:
            asked.append((mac, lease is not None, command))
            yield from facts

        def walk(ctx: Any, plan: Plan) -> Iterator[Any]:
            asked.append(("walks", ctx.nameservers, plan.domain))
            yield Problem(code="no-lease", text="the walk")

        def look_up(ctx: Any, offered: Any, system: Any, known: Any) -> Iterator[Any]:
            asked.append((ctx.nameservers, offered.domains, system, known))
            return iter(())

        patch.setattr(checks, "ask_dhcp", ask)
        patch.setattr(checks, "walk_path", walk)
        patch.setattr(checks, "look_up_records", look_up)
        patch.setattr(sides, "side_checks", lambda ctx, plan, services: asked.append(list(services)) or iter(()))
        domain = "own.example" if domain_from is not None else None
        held = LocalNetwork(
            domain=domain,
            domain_from=domain_from,
            context=Context(nameservers=(SERVER,)),
            leases=(lease,) if leased else (),
            problems=(Problem(code="lease-unreadable", text="no"),),
            nameservers_given=given,
        )
        plan = Plan(phone=Phone(mac="00:04:f2:00:00:01"), domain=domain, side_checks=sided)
        query = DhcpQueryOptions() if facts is not None else None
        return shown(checks.observe_path(held, plan, query)), asked

    return examine


CALLS: dict[str, Call] = {**_lookups(), **_plain_answers(), **_elsewhere(), **_walks(), **_checked()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: text_of(call) for name, call in CALLS.items()})
