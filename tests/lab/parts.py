"""What the parts of the lab make of each scenario, question, request and reply, as text.

``python -m tests.lab.parts`` writes ``parts.txt`` anew; read the difference before you commit it.
"""

import contextlib
import datetime
import errno
import gzip
import socket
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dns.message
import dns.opcode
from cryptography import x509

from tests.recorded_texts import read_texts, write_cases
from tests.views.reports import broken_phone, whole_phone
from ucdiag.lab.bounds import Bounds
from ucdiag.lab.certificates import Certificates, _encode_der
from ucdiag.lab.dhcp_link import _read_options, answer_frames
from ucdiag.lab.dns_server import DnsServer
from ucdiag.lab.http_server import HttpServer, LabRequest, ReplyCounter, _build_message, _read_request
from ucdiag.lab.phone import request_body, saved_request
from ucdiag.lab.scenario import (
    NO_ANSWER,
    POOL,
    REFUSED,
    UNREACHABLE,
    Answer,
    Check,
    Expect,
    Host,
    Nameserver,
    Reply,
    Rule,
    Scenario,
    Site,
    Store,
    TlsSetting,
    Update,
    Web,
)
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.serve_commands import describe_site, is_of_dhcp
from ucdiag.lab.serving import Servers, _need_loopback
from ucdiag.lab.site import start_site
from ucdiag.lab.store import FileStore, file_content, folder_of
from ucdiag.lab.trial import context_of, differences, domain_of, observe_site, plan_of, setting_of
from ucdiag.lab.update_service import _SPELLINGS, read_request
from ucdiag.model.observations import Dhcp
from ucdiag.model.phone import Phone
from ucdiag.runtime.context import CannotTest

FILE = Path(__file__).with_name("parts.txt")


def _shown(value: Any) -> str:
    """Sets in their order; what is long is cut."""
    if isinstance(value, frozenset):
        value = sorted(getattr(member, "value", member) for member in value)
    return f"{value!r}" if len(f"{value!r}") < 300 else f"{f'{value!r}'[:300]}..."


def _fields(value: Any) -> dict[str, str]:
    return {field.name: _shown(getattr(value, field.name)) for field in fields(value)}


def _unlike(value: Any, usual: Any) -> str:
    known = _fields(usual)
    return ", ".join(f"{name}={text}" for name, text in _fields(value).items() if known.get(name) != text) or "as usual"


# Scenarios.


def plans() -> str:
    """What the check of each scenario asks, and what the judge is told, unlike the usual one's."""
    usual = SCENARIOS["whole"]
    plan, setting = plan_of(usual), setting_of(usual)
    lines = [f"usual: {domain_of(usual)}"]
    lines += [f"{name}: {text}" for name, text in {**_fields(plan), **_fields(setting)}.items()]
    for name, scenario in SCENARIOS.items():
        said = _unlike(plan_of(scenario), plan), _unlike(setting_of(scenario), setting)
        if set(said) != {"as usual"}:
            lines.append(f"{name}: {domain_of(scenario)}; {said[0]}; {said[1]}")
    return "\n".join(lines)


def domains() -> str:
    lines = []
    base = SCENARIOS["whole-current"]
    for kind, domain in product(("discover", "offer", "request", "ack", "nak"), ("A.example.", "a..b", None)):
        fact = Dhcp(time=0, type=kind, domain=domain)  # type: ignore[arg-type]
        lines.append(f"{kind} {domain}: {domain_of(replace(base, observed=(fact, *base.observed[1:])))}")
    lines.append(f"--domain: {domain_of(replace(base, check=replace(base.check, domain='b.example')))}")
    return "\n".join(lines)


def unlike() -> str:
    """What is said where a run does not give what it must."""
    base = SCENARIOS["whole-current"]
    expects = (
        Expect(status="whole"),
        Expect(status="broken", step="dns", code="dns-legacy-only"),
        Expect(status="broken", step="tls", code="dns-legacy-only"),
        Expect(status="unknown", code="dns-slow"),
    )
    lines = []
    for expect, also, phone in product(expects, ((), ("dns-slow", "connect-slow")), (broken_phone(), whole_phone())):
        texts = differences(replace(base, expect=expect, also=also), phone)
        lines.append(f"{expect.status} {expect.step} {also}: {'; '.join(texts) or 'as expected'}")
    return "\n".join(lines)


class _Running:
    """A site that has certain addresses, in place of the ports that the system would choose."""

    def __init__(self, scenario: Scenario, folder: Path, *, bare: bool) -> None:
        self.scenario, self.folder = scenario, folder
        self.nameservers = () if bare else (("127.0.0.1", 5301), ("127.0.0.1", 5302))
        self.connect_to = {} if bare else {(POOL, 80): ("127.0.0.1", 8001), ("2001:db8::1", 443): ("127.0.0.1", 8002)}
        self.ca_file = None if bare else Path("/ca/trusted.pem")
        self.audit_log = None if bare else Path("/x/audit.log")


def pasted(bare: bool) -> str:
    """What is printed of each scenario that is kept up: the lines that no scenario before has."""
    seen: set[str] = set()
    lines = []
    called = patch("ucdiag.lab.serve_commands.program_name", return_value="ucdiag")
    with tempfile.TemporaryDirectory() as folder, called:
        for scenario in SCENARIOS.values():
            site: Any = _Running(scenario, Path(folder), bare=bare)
            # What is of DHCP has a line of its own where that is served.
            for interface in ("veth0", None) if is_of_dhcp(scenario) or scenario.name == "whole" else (None,):
                made = "\n".join(describe_site(site, interface, "it needs root")).replace(folder, "FOLDER")
                lines += [line for line in made.splitlines() if line not in seen]
                seen.update(made.splitlines())
    return "\n".join(lines)


def contexts() -> str:
    """How a site is reached."""
    lines = []
    for bounds in (Bounds(), Bounds(timeout=0.5, max_time=9.0)):
        with tempfile.TemporaryDirectory() as folder:
            for bare in (True, False):
                site: Any = _Running(SCENARIOS["whole-current"], Path(folder), bare=bare)
                made = context_of(site, bounds)
                lines.append(f"{made.timeout} {made.max_time} {made.nameservers} {made.ca} {dict(made.connect_to)}")
                facts = list(observe_site(replace_scenario(site), made))
                lines.append(" ".join(f"{fact.kind} {made.now() - fact.time < 60_000_000}" for fact in facts))  # type: ignore[union-attr]
    return "\n".join(lines)


def replace_scenario(site: Any) -> Any:
    """The site of a machine that knows no domain, so that nobody is asked."""
    lease: Any = site.scenario.observed[0]
    site.scenario = replace(site.scenario, observed=(replace(lease, domain=None, obtained=5),))
    return site


# A site.

_WEB = Web()
SITES: dict[str, Site] = {
    "no host": Site(nameservers=(Nameserver(),), hosts=()),
    "a name that leads nowhere": Site(
        nameservers=(
            Nameserver(
                names={
                    "a.example": Answer(addresses=("192.0.2.7", "127.0.0.1")),
                    "b.example": Answer(addresses=("2001:db8::7",)),
                },
                otherwise=Answer(addresses=("192.0.2.9",)),
            ),
        ),
    ),
    "all kinds of ports": Site(
        nameservers=(Nameserver(), Nameserver(closed=True)),
        hosts=(
            Host(ports={80: _WEB, 443: REFUSED, 81: UNREACHABLE}),
            Host(address="192.0.2.11", ports={80: Web(update=None), 8080: _WEB}),
            Host(address="192.0.2.12", ports={80: NO_ANSWER, 443: Web(store=None)}),
            Host(address="192.0.2.13", ports={}),
        ),
    ),
}
PATHS = (
    "/RequestHandler/ucdevice.upx",
    "/requesthandlerext/UCDEVICE.UPX?x",
    "/x",
    "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE/CPE.cat",
)


def _scenario(site: Site, **more: Any) -> Scenario:
    return Scenario(name="x", title="X", summary="x", site=site, check=Check(), expect=Expect(status="whole"), **more)


def running(name: str) -> str:
    """Where each connection is led, and what each web server answers."""
    lines = []
    with start_site(_scenario(SITES[name])) as up:
        real = {up.connect_to[POOL, 80]: "web"} if (POOL, 80) in up.web else {}
        for number, ((address, port), (host, real_port)) in enumerate(up.connect_to.items()):
            place = real.setdefault((host, real_port), f"port {number}") if host == "127.0.0.1" else f"{real_port}"
            lines.append(f"{address} {port}: {host} {place}")
        for meant in ((POOL, 81), ("192.0.2.99", 80)):
            lines.append(f"{meant}: {up.connect_to[meant][0] if meant in up.connect_to else up.connect_to.get(meant)}")
        lines.append(f"{len(up.connect_to)} {('127.0.0.1', 81) in up.connect_to}")
        logs = [log.relative_to(up.folder).parts[0] for log in up.audit_logs]
        lines.append(f"logs {logs}, the first {up.audit_log == (up.audit_logs or (None,))[0]}, CA {up.ca_file}")
        asked = [question for server in up.dns for question in server.asked]
        lines.append(f"{len(up.nameservers)} nameservers, {up.requests} {asked}")
        for (address, port), server in up.web.items():
            for path in PATHS:
                request = LabRequest(method="GET", target=path, headers={}, body=b"", client="127.0.0.1")
                reply = server._handler(request)
                lines.append(f"{address} {port} {path}: {reply.status} {len(reply.body or b'')} {reply.headers}")
    lines.append(f"left: {up.folder.exists()}")
    return "\n".join(lines)


def everything() -> str:
    """A web server that answers all alike, as long as it lasts."""
    page = Reply(status=503, body=b"busy", times=2)
    with start_site(
        _scenario(Site(nameservers=(Nameserver(),), hosts=(Host(ports={80: Web(everything=page)}),)))
    ) as up:
        (server,) = up.web.values()
        request = LabRequest(method="POST", target=PATHS[0], headers={}, body=b"<x/>", client="127.0.0.1")
        return " ".join(str(server._handler(request).status) for _ in range(4))


def counted() -> str:
    counter = ReplyCounter()
    replies = Reply(times=None), Reply(times=0), Reply(times=1), Reply(times=2)
    return "\n".join(f"{reply.times}: {[counter.still_applies(reply) for _ in range(4)]}" for reply in replies)


# DNS.

NAMES = {
    "a.test": Answer(addresses=("192.0.2.1", "2001:db8::1"), ttl=7),
    "alias.test": Answer(alias="A.test", ttl=9),
    "lost.test": Answer(alias="gone.test"),
    "loop.test": Answer(alias="loop2.test"),
    "loop2.test": Answer(alias="loop.test"),
    "_ntp._udp.test": Answer(records=("SRV 0 0 123 a.test.", "TXT hello")),
    "fail.test": Answer(rcode="SERVFAIL", addresses=("192.0.2.1",)),
    "alias-fail.test": Answer(alias="fail.test"),
    "cut.test": Answer(addresses=("192.0.2.2",), truncated=True, delay=1.5),
    "silent.test": Answer(addresses=("192.0.2.2",), silent=True),
    "big.test": Answer(addresses=tuple(f"192.0.2.{at}" for at in range(1, 101)), delay=0.5),
    "*.wild.test": Answer(addresses=("192.0.2.3",)),
    "own.wild.test": Answer(addresses=("192.0.2.4",)),
}


def questions() -> str:
    """The reply to each question, over both transports."""
    servers = Servers()
    try:
        server = DnsServer(servers, Nameserver(names=NAMES, otherwise=Answer(rcode="REFUSED")))
        lines = []
        for name, kind, transport in product(
            ("A.Test", *list(NAMES)[1:-2], "x.y.wild.test", "own.wild.test", "wild.test", "test", "none"),
            ("A", "AAAA", "CNAME", "SRV"),
            ("udp", "tcp"),
        ):
            answer = server._make_reply(dns.message.make_query(name, kind, id=7).to_wire(), transport)
            if kind != "A" and answer is not None and transport == "tcp":
                continue
            lines.append(f"{transport} {name} {kind}: {_reply(answer)}")
        query = dns.message.make_query("a.test", "A", id=7)
        wire = query.to_wire()
        query.set_opcode(dns.opcode.STATUS)
        two = bytearray(wire)
        two[5] = 2
        for what, data in {
            "nothing": b"",
            "short": wire[:11],
            "an answer": bytes([*wire[:2], wire[2] | 0x80, *wire[3:]]),
            "a status": query.to_wire(),
            "no question": bytes([*wire[:5], 0, *wire[6:12]]),
            "two questions": bytes(two) + wire[12:],
            "more behind it": wire + b"x",
        }.items():
            lines.append(f"{what}: {_reply(server._make_reply(data, 'udp'))}")
        lines.append(f"{len(server.asked)} asked: {server.asked[:3]}")
        return "\n".join(lines)
    finally:
        servers.close()


def _reply(answer: tuple[bytes, float] | None) -> str:
    if answer is None:
        return "silence"
    message = dns.message.from_wire(answer[0])
    text = [line for rrset in message.answer for line in rrset.to_text().splitlines()]
    said = f"{len(text)} answers" if len(text) > 20 else " | ".join(text)
    flags = dns.flags.to_text(message.flags)
    return f"{dns.rcode.to_text(message.rcode())} {flags} after {answer[1]}, {len(message.question)} question: {said}"


# HTTP.

REPLIES = (
    Reply(body=b"hello"),
    Reply(),
    Reply(status=404, headers=(("Server", "x"), ("A", "b\u20ac")), body=b"no"),
    Reply(status=799, body=b"x"),
    Reply(body=b"ab" * 1200, chunked=True),
    Reply(body=b"ab" * 1200, gzip=True),
    Reply(body=b"a" * 1000, chunked=True, gzip=True),
    Reply(chunked=True),
    Reply(body=b"hello", how="endless"),
    Reply(body=b"hello", how="endless", chunked=True),
)


def messages() -> str:
    lines = []
    for reply, last, with_body in product(REPLIES, (False, True), (True, False)):
        head, body = _build_message(reply, last=last, with_body=with_body)
        if last and not with_body:
            continue
        size = "compressed" if reply.gzip and b"chunked" not in head else str(len(body))
        head = head.replace(f"Content-Length: {len(body)}".encode(), b"Content-Length: SIZE") if reply.gzip else head
        shown = "" if reply.gzip else repr(body[:12] + b"..." + body[-9:])[1:]
        lines.append(f"{reply.how} {last} {with_body}: {head!r} {size if not reply.gzip else 'gzip'} {shown}")
    return "\n".join(lines)


_BODY = b"<x/>"
_CHUNKED = b"POST /x HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
_GZIP = gzip.compress(_BODY, 0, mtime=0)  # not compressed, so that it is the same with every zlib
REQUESTS: dict[str, bytes] = {
    "none": b"",
    "a short one": b"GET /x?y HTTP/1.0\r\n\r\n",
    "headers": b"POST /x HTTP/1.1\r\nHOST:  a b \r\nx\r\ny:z:1\r\nContent-Length: 4\r\n\r\n<x/>and more",
    "the length is too large": b"POST /x HTTP/1.1\r\nContent-Length: 5\r\n\r\n<x/>",
    "the length is no number": b"POST /x HTTP/1.1\r\nContent-Length: x\r\n\r\n<x/>",
    "the length is negative": b"POST /x HTTP/1.1\r\nContent-Length: -4\r\n\r\n<x/>",
    "the length is empty": b"POST /x HTTP/1.1\r\nContent-Length:\r\n\r\n<x/>",
    "the length is of ten digits": b"POST /x HTTP/1.1\r\nContent-Length: 0000000004\r\n\r\n<x/>",
    "the length is of nine digits": b"POST /x HTTP/1.1\r\nContent-Length: 000000004\r\n\r\n<x/>",
    "the length is of other digits": "POST /x HTTP/1.1\r\nContent-Length: \u00b2\r\n\r\n<x/>".encode("latin-1"),
    "the longest": b"POST /x HTTP/1.1\r\nContent-Length: 1048576\r\n\r\n" + b"x" * 1048576,
    "longer than the longest": b"POST /x HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n" + b"x" * 1048577,
    "100-continue": b"POST /x HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n<x/>",
    "another expectation": b"POST /x HTTP/1.1\r\nExpect: 100\r\nContent-Length: 4\r\n\r\n<x/>",
    "gzip": b"POST /x HTTP/1.1\r\nContent-Encoding: GZIP\r\nContent-Length: %d\r\n\r\n%s" % (len(_GZIP), _GZIP),
    "no gzip": b"POST /x HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n<x/>",
    "gzip that breaks off": b"POST /x HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n" + _GZIP[:12],
    "another encoding": b"POST /x HTTP/1.1\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\n<x/>",
    "chunks": _CHUNKED + b"2;a=b\r\n<x\r\n2\r\n/>\r\n0\r\n\r\nGET",
    "chunks that break off": _CHUNKED + b"2\r\n<x\r\n2\r\n/",
    "no chunk": _CHUNKED + b"x\r\n<x\r\n0\r\n\r\n",
    "chunks without an end": _CHUNKED + b"2\r\n<x\r\n",
    "a chunk that is too long": _CHUNKED + b"100001\r\n" + b"x" * 0x100001 + b"\r\n0\r\n\r\n",
    "chunks that are too long": _CHUNKED + (b"fffff\r\n" + b"x" * 0xFFFFF + b"\r\n") * 2 + b"0\r\n\r\n",
    "a chunk of the longest": _CHUNKED + b"100000\r\n" + b"x" * 0x100000 + b"\r\n0\r\n\r\n",
    "two words": b"GET /x\r\n\r\n",
    "four words": b"GET /x y HTTP/1.1\r\n\r\n",
    "another protocol": b"GET /x HTTP/2.0\r\n\r\n",
    "a head that breaks off": b"GET /x HTTP/1.1\r\nHost: a\r\n",
    "a head of 64 KiB": b"GET /x HTTP/1.1\r\nA: " + b"x" * 65500 + b"\r\n\r\n",
    "a head without end": b"GET /x HTTP/1.1\r\nA: " + b"x" * 140_000 + b"\r\n\r\n",
}


class _Connection:
    """What a client sends, in pieces, then the end; and what is said to it."""

    def __init__(self, data: bytes, piece: int = 65536) -> None:
        self._data, self._piece, self.sent = data, piece, b""

    def recv(self, most: int) -> bytes:
        size = min(self._piece, most)
        some, self._data = self._data[:size], self._data[size:]
        return some

    def sendall(self, data: bytes) -> None:
        self.sent += data


def requests(name: str) -> str:
    """What is read, at once and in pieces; and what is left for the next request."""
    data = REQUESTS[name]
    said = []
    for piece in (65536, 7) if len(data) < 10_000 else (65536,):
        connection: Any = _Connection(data, piece)
        pending = bytearray()
        made = _read_request(connection, pending, "127.0.0.1")
        text = repr(made) if made is None or len(made.body) + sum(map(len, made.headers.values())) < 200 else "long"
        size = "" if made is None else f" body of {len(made.body)}, path {made.path}"
        said.append(f"{text[:400]}{size}; left {bytes(pending[:20])!r} if any; said {connection.sent!r}")
    return "\n".join(dict.fromkeys(said)) if piece == 65536 else "\n".join(said)


def conversations() -> str:
    """What a client reads that sends two requests at once, by how the server replies."""
    lines = []
    ask = b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\n<x/>"
    heads = {"twice": ask * 2, "then close": ask.replace(b"\r\nC", b"\r\nConnection: CLOSE\r\nC", 1) + ask}
    heads["HEAD"] = ask.replace(b"POST", b"HEAD", 1)
    for how, (name, data) in product(("whole", "close", "cut", "garbage"), heads.items()):
        servers = Servers()
        try:
            server = HttpServer(servers, lambda request, how=how: Reply(body=request.body * 3, how=how))  # type: ignore[misc]
            servers_end, client = socket.socketpair()
            with client:
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
                with contextlib.suppress(OSError), closing(servers_end):
                    server.serve_connection(_Named(servers_end))  # type: ignore[arg-type]
                found = b""
                while some := client.recv(65536):
                    found += some
            lines.append(f"{how}, {name}: {len(server.requests)} requests, {found!r}")
        finally:
            servers.close()
    return "\n".join(lines)


class _Named:
    """A connection of a pair, which has no name by itself."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def getpeername(self) -> tuple[str, int]:
        return "127.0.0.9", 7

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


# Files and the phone.


def stores() -> str:
    lines = [
        folder_of(Rule(), "1.0"),
        repr(file_content("/A/b", 45)),
        str(file_content("/a/B", 45) == file_content("/A/b", 45)),
    ]
    lines += [f"{size}: {file_content('/x', size)!r}" for size in (0, 3, 7, 8, 39, 40)]
    rules = Rule(), Rule(model="CX600", approved="4.0", pending="5.0"), Rule(model="none", approved=None)
    for reply in (
        None,
        Reply(how="cut", chunked=True),
        Reply(status=403),
        Reply(body=b"x"),
        Reply(how="stall", times=1),
    ):
        store = FileStore(Store(size=20, reply=reply), Update(rules=rules))
        for method, path in (
            ("GET", f"/Files{folder_of(rules[0], '3.5.6907.35')}/CPE.nbt"),
            ("HEAD", f"/files{folder_of(rules[0], '3.5.6907.35')}/cpe.NBT?x"),
            ("POST", f"/files{folder_of(rules[0], '3.5.6907.35')}/CPE.nbt"),
            ("GET", f"{folder_of(rules[1], '5.0')}/CPE.cat"),
            ("GET", f"{folder_of(rules[1], '6.0')}/CPE.cat"),
            ("GET", f"{folder_of(rules[1], '5.0')}/CPE.txt"),
        ):
            request = LabRequest(method=method, target=path, headers={}, body=b"", client="127.0.0.1")
            lines.append(f"{method} {path}: {store.answer_request(request)}")
    return "\n".join(lines)


def spellings() -> str:
    """Each spelling of a value's name in a request, and what it is read as."""
    lines = []
    for names in _SPELLINGS.values():
        for name in names:
            body = f"<Request><MACAddress>0004F2AABBCC</MACAddress><{name}>7</{name}></Request>"
            lines.append(f"{name}: {read_request(body.encode())}")
    return "\n".join(lines)


def phones() -> str:
    odd = Phone(vendor="A&B", model="C<\"7'>", firmware="2.0", serial="s")
    return "\n".join(
        f"{text!r}" for text in (request_body(Phone()), request_body(odd), saved_request(Phone(), "a.example"))
    )


# DHCP.

_DISCOVER = (
    b"\xff" * 6
    + bytes.fromhex("0004f2000001")
    + b"\x08\0"
    + bytes((0x45, 0, 1, 16, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255))
    + bytes((0, 68, 0, 67, 1, 0, 0, 0))
    + bytes((1, 1, 6, 0, 0x11, 0x22, 0x33, 0x44))
    + bytes(20)
    + bytes.fromhex("0004f2000001")
    + bytes(202)
    + bytes.fromhex("63825363")
    + b"\x35\1\1\0\x3c\x0bCPE-OCPhone\x37\2\1\x0f\xff\x35\1\3"
)


def discovers() -> str:
    """What each scenario answers to a DISCOVER; which bytes of that matter; and how much of it is needed."""
    said: dict[str, list[str]] = {}
    for name, scenario in SCENARIOS.items():
        said.setdefault(" | ".join(frame.hex() for frame in answer_frames(scenario, _DISCOVER)) or "-", []).append(name)
    lines = [f"{' '.join(names) if len(names) < 20 else len(names)}: {frames}" for frames, names in said.items()]
    scenario = SCENARIOS["dhcp-domain-by-class"]
    usual = answer_frames(scenario, _DISCOVER)
    for mask in (1, 0x40, 0xFF):
        silent, other = [], []
        for at in range(len(_DISCOVER)):
            now = list(answer_frames(scenario, _DISCOVER[:at] + bytes((_DISCOVER[at] ^ mask,)) + _DISCOVER[at + 1 :]))
            if now != usual:
                (other if now else silent).append(at)
        lines.append(f"^ {mask}: nothing if {silent}, another answer if {other}")
    before = None
    for size in range(len(_DISCOVER) + 1):
        now = answer_frames(scenario, _DISCOVER[:size])
        if now != before:
            lines.append(f"{size} bytes: {len(now)} {'as usual' if now == usual else ''}")
            before = now
    return "\n".join(lines)


def dhcp_options() -> str:
    data = b"\0\1\4\xff\xff\xff\0\x0c\0\0\0\6\4\x0a\0\0\2\6\1x\xff\7\1y"
    return "\n".join(f"{size}: {_read_options(data[:size])}" for size in range(len(data) + 1))


# The loopback interface.


def unusable_loopback() -> str:
    """What is said where nothing can be sent to this machine itself."""
    lines = []
    errors: list[OSError] = [OSError(getattr(errno, name), f"it is {name}") for name in _ERRORS]
    for error, up in product([*errors, TimeoutError("timed out"), OSError("no number")], (True, False)):
        for calls in (1, 2):
            outcomes = [None] * (calls - 1) + [error]
            with (
                patch("ucdiag.lab.serving._send_to_oneself", side_effect=outcomes),
                patch("ucdiag.lab.serving.is_running", return_value=up),
            ):
                try:
                    _need_loopback()
                except CannotTest as problem:
                    lines.append(f"{error}, {'up' if up else 'down'}: {problem.code}: {problem}")
    return "\n".join(dict.fromkeys(lines))


_ERRORS = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EPERM", "EACCES", "ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL")


def ports() -> str:
    """Which ports are given out, and what is said where one is taken."""
    lines = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 0))
        servers = Servers(taken.getsockname()[1])
        try:
            servers.serve_dns(lambda data, reply: None, lambda connection: None)
        except OSError as error:
            lines.append(f"taken: {errno.errorcode[error.errno or 0]}")
        finally:
            servers.close()
    servers = Servers()
    server = DnsServer(servers, Nameserver(closed=True))
    heard: list[bytes] = []
    server._reply_later(0, b"before", heard.append)
    servers.close()
    server._reply_later(0, b"after", heard.append)
    servers.close()
    lines.append(f"{server.address[0]} {heard} {servers.stopping.is_set()} {len(servers._threads)}")
    return "\n".join(lines)


# Certificates.


def secured() -> str:
    """The roots of a site with https, and the names in them."""
    https = Host(ports={443: Web(tls=TlsSetting()), 444: Web(tls=TlsSetting(certificate="sha2"))})
    hosts = (https, Host(address="192.0.2.11", ports={443: Web(tls=TlsSetting(fault="close"))}))
    names = {"b.example": Answer(), "*.c.example": Answer()}
    with start_site(_scenario(Site(nameservers=(Nameserver(names=names),), hosts=hosts))) as up:
        assert up.ca_file is not None
        roots = x509.load_pem_x509_certificates(up.ca_file.read_bytes())
        secured_ = {meant: server._context is not None for meant, server in up.web.items()}
        return "\n".join([f"{secured_} {up.ca_file.name}", *map(_certificate, roots)])


def certificate(kind: str) -> str:
    """What is in the certificates of a kind, times in days from now."""
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder), ("a.example", "b.example"))
        before = made.ca_file.read_bytes()
        made.server_context(TlsSetting(certificate=kind))
        data = (Path(folder) / f"{kind}.pem").read_bytes()
        roots = x509.load_pem_x509_certificates(made.ca_file.read_bytes())
        made.server_context(TlsSetting(certificate=kind))
        again = (Path(folder) / f"{kind}.pem").read_bytes() == data
        mode = (Path(folder) / "key.pem").stat().st_mode & 0o777
        lines = [f"made again: {not again}, key {mode:o}"]
        first = x509.load_pem_x509_certificate(before)
        for cert in (*x509.load_pem_x509_certificates(data), first, *roots[1:]):
            lines.append(_certificate(cert))
    return "\n".join(lines)


def _certificate(cert: x509.Certificate) -> str:
    now = datetime.datetime.now(datetime.UTC)
    days = [
        round((time - now).total_seconds() / 86400) for time in (cert.not_valid_before_utc, cert.not_valid_after_utc)
    ]
    said = [f"{cert.subject.rfc4514_string()} by {cert.issuer.rfc4514_string()}, {days[0]} to {days[1]} days"]
    said.append(cert.signature_algorithm_oid.dotted_string)
    for extension in cert.extensions:
        value: Any = extension.value
        if isinstance(value, x509.SubjectKeyIdentifier | x509.AuthorityKeyIdentifier):
            text = "of a key"
        elif isinstance(value, x509.KeyUsage):
            names = ("digital_signature", "key_encipherment", "key_cert_sign", "crl_sign", "content_commitment")
            text = " ".join(name for name in names if getattr(value, name))
        elif isinstance(value, x509.SubjectAlternativeName):
            text = " ".join(value.get_values_for_type(x509.DNSName))
        else:
            text = str(value)
        said.append(f"{'critical ' if extension.critical else ''}{extension.oid.dotted_string} {text}")
    return "; ".join(said)


def lengths() -> str:
    return "\n".join(
        f"{size}: {_encode_der(0x30, bytes(size))[:6].hex()}" for size in (0, 1, 127, 128, 255, 256, 65535, 65536)
    )


CASES: dict[str, Callable[[], str]] = {
    "plans": plans,
    "domains": domains,
    "not as expected": unlike,
    "pasted": partial(pasted, False),
    "pasted, of a bare site": partial(pasted, True),
    "contexts": contexts,
    **{f"running: {name}": partial(running, name) for name in SITES},
    "everything alike": everything,
    "replies counted": counted,
    "questions": questions,
    "messages": messages,
    **{f"request: {name}": partial(requests, name) for name in REQUESTS},
    "conversations": conversations,
    "discovers": discovers,
    "options of DHCP": dhcp_options,
    "a loopback that cannot be used": unusable_loopback,
    "ports": ports,
    "a site with https": secured,
    "stores": stores,
    "spellings": spellings,
    "phones": phones,
    **{
        f"certificate: {kind}": partial(certificate, kind)
        for kind in ("trusted", "untrusted", "wrong_name", "expired", "not_yet_valid", "sha2")
    },
    "lengths": lengths,
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
