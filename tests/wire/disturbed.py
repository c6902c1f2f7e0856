"""What is read of small conversations of TCP, whole and with each segment lost, doubled, late, cut, or the last one.

``python -m tests.wire.disturbed`` writes ``disturbed.txt`` anew; read the difference before you commit it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path

from tests.bench.traffic import dns_answer, dns_question
from tests.masking.messages import CERTIFICATE, chain, handshake, hello, tls
from tests.recorded_texts import read_texts, write_cases
from tests.wire.ladder import MILLISECOND, SECOND, START, Ladder, Segment, play
from tests.wire.tls_sessions import EARLY, MAC_FIRST, RENEGOTIATED, UPDATED, ladder, secrets
from tests.wire.wired import NOTHING_NEWER, POST, response
from ucdiag.model.observations import Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW
from ucdiag.wire.tcp.segment import RST

FILE = Path(__file__).with_name("disturbed.txt")
_USUAL = {"client": "10.0.0.7", "server": "10.0.0.80", "client_mac": "00:04:f2:aa:bb:cc", "client_port": 49152}
_LONG = 60

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nAge: 1\r\n\r\n"
ENDLESS = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end"
EXPECTING = POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n", 1)
HEAD_END = EXPECTING.index(b"\r\n\r\n") + 4
GET = b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n"
CLIENT_HELLO = tls(22, hello(b"pool7.contoso.com"), 1)
SERVER_HELLO = tls(22, handshake(2, b"\3\3" + bytes(32) + b"\0\0\x2f\0") + chain(CERTIFICATE) + handshake(14, b""))
FINISHED = tls(22, handshake(16, bytes(48))) + tls(20, b"\1") + tls(22, bytes(40))


def _dns(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


LADDERS: dict[str, Ladder] = {
    "a request": Ladder().opens().says(POST).answers(NOTHING_NEWER).closes(),
    "a request in two, an answer in three": Ladder()
    .opens()
    .says(POST[:40], POST[40:])
    .answers(NOTHING_NEWER[:30], NOTHING_NEWER[30:80], NOTHING_NEWER[80:])
    .hangs_up(),
    "two requests": Ladder().opens().says(GET).answers(NOTHING_NEWER).says(POST).answers(response(b"x")).closes(),
    "two requests at once": Ladder().opens().says(GET, POST).answers(response(b"x"), NOTHING_NEWER).closes(),
    "chunks": Ladder().opens().says(GET).answers(CHUNKED[:60], CHUNKED[60:]).closes(),
    "until the end": Ladder().opens().says(GET).answers(ENDLESS[:-4], ENDLESS[-4:]).closes(),
    "HTTP/0.9": Ladder().opens().says(b"GET /x\r\n").answers(b"<html>").closes(),
    "an answer first": Ladder().opens().answers(response(b"x", "400 Bad Request")).says(POST).closes(),
    "100 Continue": Ladder()
    .opens()
    .says(EXPECTING[:HEAD_END])
    .answers(b"HTTP/1.1 100 Continue\r\n\r\n")
    .says(EXPECTING[HEAD_END:])
    .answers(NOTHING_NEWER)
    .closes(),
    "HEAD": Ladder().opens().says(GET.replace(b"GET", b"HEAD")).answers(response(b"x")[:-1]).closes(),
    "a tunnel": Ladder()
    .opens()
    .says(b"CONNECT a.example:443 HTTP/1.1\r\n\r\n")
    .answers(b"HTTP/1.1 200 OK\r\n\r\n")
    .says(CLIENT_HELLO)
    .closes(),
    "no HTTP": Ladder().opens().says(b"\1\2\3\4").answers(b"\5\6").closes(),
    "no HTTP back": Ladder().opens().says(GET).answers(b"hello there\r\n").closes(),
    "refused": Ladder().asks().refuses(),
    "a silent server": Ladder().opens().says(POST),
    "reset": Ladder().opens().says(POST).resets(),
    "reset by the client": Ladder().opens().says(POST).resets(server=False),
    "closed without a word": Ladder().opens().closes(),
    "TLS": Ladder(port=443).opens().says(CLIENT_HELLO).answers(SERVER_HELLO).says(FINISHED).answers(FINISHED).closes(),
    "TLS with an alert": Ladder(port=443).opens().says(CLIENT_HELLO).answers(tls(21, b"\2\x28")).closes(),
    "TLS with an alert of the client": Ladder(port=443)
    .opens()
    .says(CLIENT_HELLO)
    .answers(SERVER_HELLO)
    .says(tls(21, b"\2\x2a"))
    .closes(),
    "TLS with a warning": Ladder(port=443)
    .opens()
    .says(CLIENT_HELLO)
    .answers(tls(21, b"\1\x70"), SERVER_HELLO)
    .closes(),
    "TLS that says goodbye": Ladder(port=443).opens().says(CLIENT_HELLO).answers(tls(21, b"\1\0")).closes(),
    "TLS in pieces": Ladder(port=443)
    .opens()
    .says(CLIENT_HELLO[:7], CLIENT_HELLO[7:])
    .answers(SERVER_HELLO[:3], SERVER_HELLO[3:70], SERVER_HELLO[70:])
    .closes(),
    "no TLS back": Ladder(port=443).opens().says(CLIENT_HELLO).answers(b"HTTP/1.1 400 Bad Request\r\n\r\n").closes(),
    "SSL 2": Ladder(port=443).opens().says(b"\x80\x2e\1\3\1\0\x15\0\0\0\x10" + bytes(37)).resets(),
    "HTTP on 443": Ladder(port=443).opens().says(POST).answers(NOTHING_NEWER).closes(),
    "DNS": Ladder(port=53)
    .opens()
    .says(_dns(dns_question(7, "ucupdates-r2.contoso.com")))
    .answers(_dns(dns_answer(7, "ucupdates-r2.contoso.com", "10.0.0.80")))
    .closes(),
    "DNS without an answer": Ladder(port=53).opens().says(_dns(dns_question(7, "a.example"))[:9]).resets(),
}

# Sessions of which the keys are at hand.
DECRYPTED = {f"decrypted: {what}": what for what in (EARLY, UPDATED, MAC_FIRST, RENEGOTIATED)}
LADDERS |= {name: ladder(what) for name, what in DECRYPTED.items()}


def disturbances(segments: list[Segment]) -> Iterator[tuple[str, list[Segment]]]:
    """The segments with one thing done to one of them; they are counted from 1."""
    yield "the other way round", [replace(one, up=not one.up) for one in segments]
    for at, one in enumerate(segments):
        before, after = segments[:at], segments[at + 1 :]
        number = at + 1
        yield f"without {number}", before + after
        yield f"{number} twice", [*before, one, one, *after]
        yield f"from {number}", segments[at:]
        if after:
            yield f"until {number}", [*before, one]
            yield f"{number} behind {number + 1}", [*before, after[0], one, *after[1:]]
            for what, gap in (("50 ms", CAPTURE_SKEW), ("more than 50 ms", CAPTURE_SKEW + 1)):
                slow = [replace(other, time=after[0].time + gap) for other in (one, *after[1:])]
                yield f"{number} {what} behind {number + 1}", [*before, after[0], *slow]
            late = [replace(other, time=other.time + 20 * SECOND) for other in after]
            yield f"20 s behind {number}", [*before, one, *late]
            end = replace(after[0], up=False, flags=RST, payload=b"", length=0, seq=0, ack=0)
            yield f"a reset behind {number}", [*before, one, end, *after]
        if one.payload:
            cut = replace(one, payload=one.payload[: len(one.payload) // 2], length=len(one.payload))
            yield f"{number} cut", [*before, cut, *after]
            changed = replace(one, payload=b"x" * len(one.payload))
            yield f"{number} again otherwise", [*before, one, changed, *after]


def _value(name: str, value: object) -> str:
    if name in ("time", "last_time", "last_but_one") and isinstance(value, int) and value > START // 2:
        return f"{(value - START) / MILLISECOND:g}"
    text = repr(value)
    return text if len(text) < _LONG else f"{text[:_LONG]}... {len(text)}"


def _said(fact: Observation) -> dict[str, str]:
    """The fields of a fact that say something."""
    found = {}
    for field in fields(fact):
        value = getattr(fact, field.name)
        usual = field.default if field.default_factory is MISSING else field.default_factory()
        if field.name != "kind" and value != usual and _USUAL.get(field.name) != value:
            found[field.name] = _value(field.name, value)
    return found


def told(fact: Observation, whole: Observation | None = None) -> str:
    """A fact without what is as usual, or what of it is not as in ``whole``."""
    now, before = _said(fact), _said(whole) if whole is not None else {}
    parts = [f"{name}={value}" for name, value in now.items() if before.get(name) != value]
    parts += [f"no {name}" for name in before if name not in now]
    return f"{'= ' if whole is not None else ''}{type(fact).__name__}({', '.join(parts)})"


def _kin(fact: Observation) -> tuple[object, ...]:
    """What facts have in common that are compared."""
    _said(fact)  # a message of DHCP is read to its end when that is wanted
    return (fact.kind, *(getattr(fact, name, None) for name in ("type", "name", "client_port", "method")))


def compared(facts: Sequence[Observation], whole: Sequence[Observation]) -> str:
    """A line for each fact: what of it is not as in the one of ``whole`` that is most like it."""
    left = list(whole)
    lines = []
    for fact in facts:
        alike = next((one for one in left if _kin(one) == _kin(fact)), None)
        if alike is not None:
            left.remove(alike)
        lines.append(told(fact, alike))
    return "\n".join(lines) or "nothing"


def text_of(name: str) -> str:
    """Each outcome, and the disturbances that lead to it; of a fact what is not as without them."""
    segments = LADDERS[name].segments
    keys = DECRYPTED.get(name)

    def read(what: list[Segment]) -> list[Observation]:
        return play(what, secrets=secrets(keys) if keys is not None else None)

    whole = read(segments)
    found: dict[str, list[str]] = {"\n".join(map(told, whole)) or "nothing": ["whole"]}
    for what, other in disturbances(segments):
        found.setdefault(compared(read(other), whole), []).append(what)
    return "\n".join(f"{', '.join(those)}:\n{said}" for said, those in found.items())


CASES: dict[str, Callable[[], str]] = {name: lambda name=name: text_of(name) for name in LADDERS}  # type: ignore[misc]


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
