"""What small machines with a memory do, step by step, as text: clocks set back, counts of packets, a nameserver.

``python -m tests.tables.traces`` writes ``traces.txt`` anew; read the difference before you commit it.
"""

import datetime
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from tests.masking.captures import CAPTURES
from tests.masking.records import least
from tests.recorded_texts import read_texts, write_cases
from tests.views.reports import START
from tests.wire.wrappings import STORY, WRAPPINGS
from ucdiag.capture.census import Census
from ucdiag.capture.clock_pairs import ClockSuspicion, Sight, clock_shifts
from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.lab.dns_server import DnsServer
from ucdiag.lab.scenario import Answer, Nameserver
from ucdiag.lab.serving import Servers
from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

FILE = Path(__file__).with_name("traces.txt")
SECOND = 1_000_000

# Clocks that are set back: the seconds of each packet, and of each file.

CLOCKS: dict[str, Sequence[Sequence[float]]] = {
    "in order": [[1, 2, 3, 3, 4]],
    "a little out of order": [[10, 9, 11, 8.5, 12]],
    "three seconds back": [[10, 11, 12, 9, 10]],
    "more than three seconds back": [[10, 11, 12, 8.9, 10, 11]],
    "one packet ahead": [[10, 11, 12, 100, 13, 14]],
    "two packets ahead": [[10, 11, 12, 100, 101, 13, 14]],
    "three packets ahead": [[10, 11, 12, 100, 101, 102, 13, 14]],
    "ahead at the beginning": [[100, 1, 2, 3]],
    "ahead at the end": [[10, 11, 12, 100]],
    "set back once, and on": [[10, 11, 12, 2, 3, 4, 5]],
    "set back twice": [[10, 11, 12, 2, 3, 4, 20, 21, 22, 5, 6]],
    "set back three times": [[100, 101, 102, 80, 81, 82, 60, 61, 62, 40, 41]],
    "set back four times": [[100, 101, 102, 80, 81, 82, 60, 61, 62, 40, 41, 42, 20, 21, 22]],
    "set back five times": [[100, 101, 102, 80, 81, 82, 60, 61, 62, 40, 41, 42, 20, 21, 22, 1, 2]],
    "two files": [[10, 11, 12], [1, 2, 3]],
    "two files, each set back": [[10, 11, 12, 2, 3], [10, 11, 12, 2, 3]],
    "a file with too many and another": [[100, 101, 80, 81, 82, 60, 61, 62, 40, 41, 42, 20, 21, 22], [5, 6, 1, 2, 3]],
}


def clock(files: Sequence[Sequence[float]], as_they_stand: bool) -> str:
    steps = ClockSteps(as_they_stand=as_they_stand)
    lines, frame = [], 0
    for number, seconds in enumerate(files):
        if number:
            steps.begin_file()
        told = []
        for second in seconds:
            frame += 1
            time = int(second * SECOND)
            shift = steps.shift
            taken = steps.take_time(time + steps.shift, frame)
            told.append(f"{second:g}{'' if taken else '!'}{f' by {steps.shift / SECOND:g}' if steps.shift else ''}")
            assert steps.shifted_time(time, shift) is not None
        last = int(seconds[-1] * SECOND)
        reached = steps.shifted_time(last, steps.shift)
        steps.finish_file(last)
        lines.append(f"{', '.join(told)}; latest {steps.latest / SECOND:g}, reached {reached / SECOND:g}")
    return "\n".join([*lines, f"steps {steps.steps}, restless {steps.restless}"])


# Two clocks.

HOST = {"client": "10.0.0.7", "server": "10.0.0.2"}


def lookup(at: int, **given: Any) -> Observation:
    return cast(
        Observation,
        least(Lookup, **{**HOST, "time": START + at, "name": "a.example", "type": "A", "client_port": 5, **given}),
    )


def connect(at: int, **given: Any) -> Observation:
    usual = {**HOST, "time": START + at, "port": 80, "client_port": 5, "outcome": "open"}
    return cast(Observation, least(Connect, **{**usual, **given}))


def dhcp(at: int, kind: str, **given: Any) -> Observation:
    return cast(
        Observation,
        least(Dhcp, **{"time": START + at, "type": kind, "transaction": 9, "client": "00:04:f2:00:00:01", **given}),
    )


SUSPICIONS: dict[str, list[Observation]] = {
    "nothing": [],
    "a question without an answer": [lookup(0)],
    "an answer long before its question": [
        lookup(0, rcode="NOERROR", frame=1, answer_frame=1),
        lookup(CAPTURE_SKEW + 1),
    ],
    "an answer shortly before its question": [
        lookup(0, rcode="NOERROR", frame=1, answer_frame=1),
        lookup(CAPTURE_SKEW),
    ],
    "an answer of another name": [
        lookup(0, rcode="NOERROR", frame=1, answer_frame=1),
        lookup(CAPTURE_SKEW + 1, name="b.example"),
    ],
    "an answer of another type": [
        lookup(0, rcode="NOERROR", frame=1, answer_frame=1),
        lookup(CAPTURE_SKEW + 1, type="SRV"),
    ],
    "an answer in capitals": [
        lookup(0, rcode="NOERROR", frame=1, answer_frame=1, name="A.Example"),
        lookup(CAPTURE_SKEW + 1),
    ],
    "an answer with its question": [lookup(0, rcode="NOERROR", frame=1, answer_frame=2), lookup(CAPTURE_SKEW + 1)],
    "a question long before": [lookup(0), lookup(CAPTURE_SKEW + 1, rcode="NOERROR", frame=1, answer_frame=1)],
    "a server that is not heard": [connect(0, lacking="syn_ack")],
    "a server that is heard as well": [connect(0, lacking="syn_ack"), connect(1)],
    "another server that is heard": [connect(0, lacking="syn_ack"), connect(1, server="10.0.0.3")],
    "a SYN ACK long before its SYN": [connect(0, lacking="syn"), connect(CAPTURE_SKEW + 1, outcome="no_answer")],
    "a SYN ACK shortly before its SYN": [connect(0, lacking="syn"), connect(CAPTURE_SKEW, outcome="no_answer")],
    "a SYN ACK of another port": [
        connect(0, lacking="syn"),
        connect(CAPTURE_SKEW + 1, outcome="no_answer", client_port=6),
    ],
    "no port": [
        connect(0, lacking="syn", client_port=None),
        connect(CAPTURE_SKEW + 1, outcome="no_answer", client_port=None),
    ],
    "an OFFER long before its DISCOVER": [dhcp(0, "offer"), dhcp(CAPTURE_SKEW + 1, "discover")],
    "an OFFER shortly before its DISCOVER": [dhcp(0, "offer"), dhcp(CAPTURE_SKEW, "discover")],
    "an ACK long before its REQUEST": [dhcp(0, "ack"), dhcp(CAPTURE_SKEW + 1, "request")],
    "an OFFER long after what follows": [
        dhcp(0, "request", server="10.0.0.1"),
        dhcp(CAPTURE_SKEW + 1, "offer", server="10.0.0.1"),
    ],
    "another server's OFFER": [
        dhcp(0, "request", server="10.0.0.1"),
        dhcp(CAPTURE_SKEW + 1, "offer", server="10.0.0.2"),
    ],
    "a REQUEST of no server": [dhcp(0, "request"), dhcp(CAPTURE_SKEW + 1, "offer")],
    "another transaction": [dhcp(0, "offer"), dhcp(CAPTURE_SKEW + 1, "discover", transaction=8)],
    "no transaction": [dhcp(0, "offer", transaction=None), dhcp(CAPTURE_SKEW + 1, "discover", transaction=None)],
    "another client": [dhcp(0, "offer"), dhcp(CAPTURE_SKEW + 1, "discover", client="00:04:f2:00:00:02")],
    "forgotten": [
        dhcp(0, "offer"),
        *(dhcp(0, "offer", transaction=number) for number in range(100, 1124)),
        dhcp(CAPTURE_SKEW + 1, "discover"),
    ],
    "not yet forgotten": [
        dhcp(0, "offer"),
        *(dhcp(0, "offer", transaction=number) for number in range(100, 1123)),
        dhcp(CAPTURE_SKEW + 1, "discover"),
    ],
}


def suspicion(facts: list[Observation]) -> str:
    machine = ClockSuspicion()
    for fact in facts:
        machine.feed(fact)
    return f"found {machine.is_raised}, sure {machine.is_certain}"


def _pairs(protocol: str, *times: tuple[float | None, float | None, float | None]) -> list[tuple[int, Sight]]:
    """Question, answer and what follows, in seconds, each under a key of its own."""
    found = []
    for key, moments in enumerate(times):
        for kind, moment in zip(("question", "answer", "follows"), moments, strict=True):
            if moment is not None:
                found.append((START + round(moment * SECOND), Sight(protocol, kind, (key,))))  # type: ignore[arg-type]
    return found


SIGHTS: dict[str, list[tuple[int, Sight]]] = {
    "none": [],
    "one clock": _pairs("dns", (1, 1.1, 1.2), (2, 2.1, None)),
    "answers early": _pairs("dns", (10, 1, None), (20, 11.5, None), (30, 21.2, None)),
    "answers early by more than a second apart": _pairs("dns", (10, 1, None), (20, 8, None), (30, 21.2, None)),
    "half early": _pairs("dns", (10, 1, None), (20, 20.5, None)),
    "a third early": _pairs("dns", (10, 1, None), (20, 20.5, None), (30, 30.5, None)),
    "at the skew": _pairs("dns", (1 + CAPTURE_SKEW / SECOND, 1, None)),
    "beyond the skew": _pairs("dns", (1 + (CAPTURE_SKEW + 1) / SECOND, 1, None)),
    "answers late at the skew": _pairs("tcp", (0, 1 + CAPTURE_SKEW / SECOND, 1)),
    "answers late beyond the skew": _pairs("tcp", (0, 1 + (CAPTURE_SKEW + 1) / SECOND, 1)),
    "answers late": _pairs("tcp", (1, 10, 2), (2, 11.5, 3)),
    "half late": _pairs("tcp", (1, 10, 2), (2, 2.1, 3)),
    "a third late": _pairs("tcp", (1, 10, 2), (2, 2.1, 3), (4, 4.1, 5)),
    "another protocol without pairs": _pairs("dns", (10, 1, None)) + _pairs("tcp", (1, None, 2)),
    "another protocol of the same clock": _pairs("tcp", (1, 10, 2), (2, 11, 3)) + _pairs("dns", (1, 10.5, None)),
    "another protocol of its own clock": _pairs("tcp", (1, 10, 2), (2, 11, 3)) + _pairs("dns", (1, 1.5, None)),
    "two protocols early": _pairs("dns", (10, 1, None)) + _pairs("dhcp", (10, 2, None)),
    "an identifier that comes again": [
        (START, Sight("dns", "answer", (1,))),
        (START + 5 * SECOND, Sight("dns", "question", (1,))),
        (START + 6 * SECOND, Sight("dns", "answer", (1,))),
    ],
}


def shifted(sights: list[tuple[int, Sight]]) -> str:
    return str({protocol: shift / SECOND for protocol, shift in clock_shifts(sights).items()})


# Counts of packets.

_FRAMES = {
    **{name: [(1, wrap(STORY[0][1]))] for name, wrap in WRAPPINGS.items()},
    **{
        name: CAPTURES[name]
        for name in (
            "link types",
            "tags",
            "other kinds",
            "frames that are cut",
            "fragments",
            "ARP",
            "ports",
            "datagrams",
            "ICMP",
        )
    },
}


def counted(frames: Sequence[tuple[int, bytes]]) -> str:
    census = Census(PacketTracker(lambda _: None, HostFilter()))
    for number, (link, frame) in enumerate(frames, 1):
        census.count_packet(link, frame, number)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(census.kinds.items()))
    unread = ", ".join(f"{count} {kind}" for kind, count in sorted(census.unread_tunnels.items()))
    return (
        f"{census.packets} packets; {kinds or '-'}; unread {unread or '-'}; tunnels {census.tunnels}; "
        f"hosts {len(census.hosts)}; ports {sorted(census.ports)}"
    )


# A nameserver of the lab.

MANY = Answer(addresses=tuple(f"192.0.2.{number}" for number in range(1, 60)))
_DATA = Nameserver(
    names={
        "a.example": Answer(addresses=("192.0.2.1", "192.0.2.2"), ttl=7),
        "many.example": MANY,
        "alias.example": Answer(alias="a.example"),
        "loop.example": Answer(alias="loop.example"),
        "cut.example": Answer(addresses=("192.0.2.1",), truncated=True),
        "silent.example": Answer(silent=True),
        "late.example": Answer(addresses=("192.0.2.1",), delay=1.5),
        "broken.example": Answer(rcode="SERVFAIL"),
        "_sip.example": Answer(records=("SRV 0 0 5061 a.example.", "TXT hello")),
        "*.wild.example": Answer(addresses=("192.0.2.9",)),
    }
)
_NAMES = ("a.example", "A.EXAMPLE", "none.example", "x.wild.example", "wild.example", "y.x.wild.example")
QUESTIONS = [(name, kind, "udp") for name in (*_NAMES, *_DATA.names) for kind in ("A", "SRV", "CNAME", "TXT", "AAAA")]
QUESTIONS += [(name, "A", "tcp") for name in ("many.example", "cut.example", "a.example")]


def nameserver() -> str:
    """Its answers, and the questions that it keeps."""
    taken: list[Any] = []
    servers = SimpleNamespace(
        serve_dns=lambda datagram, talk, elsewhere: (taken.extend((datagram, talk, elsewhere)), ("127.0.0.1", 53))[1],
        spawn_thread=lambda work, *arguments: late.append(arguments),
    )
    late: list[Any] = []
    server = DnsServer(cast(Servers, servers), _DATA)
    lines = [f"address {server.address}, elsewhere {taken[2]}"]
    for name, kind, transport in QUESTIONS:
        wire = dns.message.make_query(name, kind, id=7).to_wire()
        answer = server._make_reply(wire, transport)
        lines.append(f"{transport} {kind} {name}: {_told(answer)}")
    opcode = dns.message.make_query("a.example", "A", id=7)
    opcode.set_opcode(dns.opcode.NOTIFY)
    lines += [f"NOTIFY: {_told(server._make_reply(opcode.to_wire(), 'udp'))}"]
    lines += [f"garbage: {server._make_reply(b'abc', 'udp')}"]
    said: list[bytes] = []
    for name in ("a.example", "silent.example", "late.example"):
        taken[0](dns.message.make_query(name, "A", id=7).to_wire(), said.append)
    lines += [
        f"said {len(said)} at once, {len(late)} later, {late[0][0]} s",
        f"asked {len(server.asked)}, {server.asked[-1]}",
    ]
    return "\n".join(lines)


def _told(answer: tuple[bytes, float] | None) -> str:
    if answer is None:
        return "silence"
    message = dns.message.from_wire(answer[0])
    records = " ".join(
        f"{rrset.name} {rrset.ttl} {dns.rdatatype.to_text(rrset.rdtype)} {len(rrset)}" for rrset in message.answer
    )
    first = min(map(str, message.answer[-1])) if message.answer else "-"  # they are sent in any order
    head = f"{dns.rcode.to_text(message.rcode())} {dns.flags.to_text(message.flags)}"
    return f"{head}: {records or '-'} ({first}), {answer[1]} s"


# Certificates of the lab.


def certificate(kind: str) -> str:
    """Who, from when, until when, for whom, signed how, and how many roots are trusted afterwards."""
    from cryptography import x509

    from ucdiag.lab.certificates import Certificates

    now = datetime.datetime.now(datetime.UTC)
    with tempfile.TemporaryDirectory() as name:
        made = Certificates(Path(name), ("a.example", "b.example"))
        path = made._certificate_file(kind)
        chain = x509.load_pem_x509_certificates(path.read_bytes())
        roots = x509.load_pem_x509_certificates(made.ca_file.read_bytes())
        again = made._certificate_file(kind) == path
    lines = []
    for one in [*chain, *roots]:
        first = round((one.not_valid_before_utc - now).total_seconds() / 86400)
        last = round((one.not_valid_after_utc - now).total_seconds() / 86400)
        used = one.signature_hash_algorithm.name if one.signature_hash_algorithm else "-"
        more = sorted(f"{extension.oid._name}{'!' if extension.critical else ''}" for extension in one.extensions)
        names = [
            extension.value for extension in one.extensions if isinstance(extension.value, x509.SubjectAlternativeName)
        ]
        hosts = names[0].get_values_for_type(x509.DNSName) if names else "-"
        lines.append(
            f"{one.subject.rfc4514_string()} by {one.issuer.rfc4514_string()}, days {first} to {last}, {hosts}, "
            f"{used}, {', '.join(more)}"
        )
    return "\n".join([f"chain {len(chain)}, roots {len(roots)}, made once {again}", *lines])


CASES: dict[str, Callable[[], str]] = {
    **{f"clock, {name}": partial(clock, files, as_they_stand=False) for name, files in CLOCKS.items()},
    **{f"clock, as it stands, {name}": partial(clock, files, as_they_stand=True) for name, files in CLOCKS.items()},
    **{f"suspicion, {name}": partial(suspicion, facts) for name, facts in SUSPICIONS.items()},
    **{f"shifts, {name}": partial(shifted, sights) for name, sights in SIGHTS.items()},
    **{f"counted, {name}": partial(counted, frames) for name, frames in _FRAMES.items()},
    "nameserver": nameserver,
    **{
        f"certificate, {kind}": partial(certificate, kind)
        for kind in ("trusted", "untrusted", "wrong_name", "expired", "not_yet_valid", "sha2")
    },
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
