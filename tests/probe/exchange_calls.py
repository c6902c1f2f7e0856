"""What comes of exchanges over streams that answer from a script, whole: every field of every fact, and what was sent.

``python -m tests.probe.exchange_calls`` writes ``exchange_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import itertools
import re
import ssl
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.capture.disturbed_files import stored
from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag.model.observations import Certificate, Connect, Http, Lookup, Tls
from ucdiag.model.phone import Phone
from ucdiag.runtime.context import Account, CannotTest, Context
from ucdiag.runtime.system_errors import CameBackError, Notice, NotSentError
from ucdiag.update_service.request import Request, build_request, file_request

FILE = Path(__file__).with_name("exchange_calls.txt")
https: Any = import_module("ucdiag.probe.http")
handshakes: Any = import_module("ucdiag.probe.tls")
streams: Any = import_module("ucdiag.probe.tls_stream")
records: Any = import_module("ucdiag.probe.tls_records")
tcp: Any = import_module("ucdiag.probe.tcp")
updates: Any = import_module("ucdiag.probe.update_request")
signing: Any = import_module("ucdiag.probe.sign_in")
reading: Any = import_module("ucdiag.probe.certificates")
Patch = pytest.MonkeyPatch
_VERSION = re.compile(r"ucdiag/\d[\w.+]*\w")
HOST = "ucupdates-r2.contoso.com"


class Script:
    """A stream that gives its pieces one after another. A number lets its clock run, an error is raised."""

    client, client_port = "10.0.0.50", 50000

    def __init__(self, *pieces: Any, refuses: BaseException | None = None) -> None:
        self.now = 1000.0
        self.notes: list[Any] = []
        self._body_pieces, self._refuses, self._at = list(pieces), refuses, 0

    def recv(self, size: int, until: float) -> bytes:
        while self._body_pieces:
            piece = self._body_pieces.pop(0)
            if isinstance(piece, (int, float)):
                self.now += piece
                if self.now > until:
                    self.now = until
                    raise TimeoutError
                continue
            if isinstance(piece, BaseException):
                raise piece
            self.now += 0.125
            self._at += size
            if self._at < len(piece):
                self._body_pieces.insert(0, piece)
                return bytes(piece[self._at - size : self._at])
            start, self._at = self._at - size, 0
            return bytes(piece[start:])
        return b""

    def send(self, data: bytes, until: float) -> None:
        self.notes.append((round(until - 1000, 3), data if len(data) < 200 else data[:120]))
        if self._refuses is not None:
            raise self._refuses

    def close(self) -> None:
        self.notes.append("closed")

    def context(self, **more: Any) -> Context:
        return Context(now=lambda: int(self.now * 1_000_000), monotonic=lambda: self.now, **{"timeout": 3.0, **more})


class Line(str):
    """A text that is shown as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def fact(value: Any) -> Any:
    """What of a fact is not as in a new one, in one line."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    usual = {part.name: part.default for part in fields(value)}
    parts = (f"{name}={_clipped(given)}" for name in usual if (given := getattr(value, name)) != usual[name])
    return Line(" ".join((type(value).__name__, *parts)))


def _clipped(value: Any) -> str:
    text = _VERSION.sub("ucdiag/VERSION", repr(value))
    return text if len(text) < 120 else f"{text[:60]}...{len(text)}"


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


BODY = b'<update downloads="0"/>'
LENGTH = f"Content-Length: {len(BODY)}"
FULL = (
    "Content-Type: text/xml; charset=utf-8",
    "Server: Microsoft-IIS/7.5",
    "Location: http://elsewhere/x",
    "WWW-Authenticate: Negotiate",
    'WWW-Authenticate: NTLM, Basic realm="a, b c"',
    "Proxy-Authenticate: Digest nonce=1",
    "Content-Range: bytes 0-1/2",
    "Retry-After: 120",
    "X-Two: a",
    "X-Two: b",
)
CHUNKED = head("Transfer-Encoding: chunked")
PACKED = stored(BODY)
ANSWERS: dict[str, Sequence[Any]] = {
    "whole": [head(LENGTH) + BODY],
    "everything": [head(LENGTH, *FULL) + BODY],
    "everything, 401": [head(LENGTH, *FULL, status="401 No") + BODY],
    "long headers": [head(LENGTH, f"Server: {'s' * 2000}", f"Content-Type: {'t' * 2000}") + BODY],
    "byte by byte": [bytes([byte]) for byte in head(LENGTH) + BODY],
    "a page": [head("Content-Type: text/html", "Content-Length: 20") + b"<html><p>gone</html>"],
    "a page in a refusal": [
        head("Content-Type: text/html", "Content-Length: 20", status="404 No") + b"<html>gone.</html> "
    ],
    "no body": [head("Content-Length: 0")],
    "no content": [head(LENGTH, status="204 No") + BODY],
    "not modified": [head(LENGTH, status="304 No") + BODY],
    "until the end": [head() + BODY],
    "continued": [head(status="100 Continue") + head(status="103 Early") + head(LENGTH) + BODY],
    "many challenges": [head(LENGTH, *(f"WWW-Authenticate: S{n}" for n in range(12))) + BODY],
    "many headers": [head(LENGTH, *(f"X-{n}: y" for n in range(300))) + BODY],
    "odd length": [head("Content-Length: +23") + BODY],
    "long length": [head(f"Content-Length: {'9' * 18}") + BODY],
    "longer length": [head(f"Content-Length: {'9' * 19}") + BODY],
    "blanks around the length": [head("Content-Length:   23  ") + BODY],
    "more than announced": [head(LENGTH) + BODY + b"more"],
    "packed": [head("Content-Encoding: gzip", f"Content-Length: {len(PACKED)}") + PACKED],
    "packed, cut": [head("Content-Encoding: gzip", f"Content-Length: {len(PACKED) - 9}") + PACKED[:-9]],
    "packed badly": [head("Content-Encoding: gzip", "Content-Length: 4") + b"what"],
    "packed strangely": [head("Content-Encoding: br", "Content-Length: 4") + b"what"],
    "chunks": [CHUNKED + b'5\r\n<upda\r\n12;x=1\r\nte downloads="0"/>\r\n0\r\nX: y\r\n\r\n'],
    "chunks, bare": [CHUNKED + b" 17 \n" + BODY + b"\n0\n\n"],
    "chunks and a length": [head(LENGTH, "Transfer-Encoding: gzip, Chunked ") + b"17\r\n" + BODY + b"\r\n0\r\n\r\n"],
    "not chunks": [head(LENGTH, "Transfer-Encoding: chunked, gzip") + BODY],
    "chunks, no size": [CHUNKED + b"x\r\n"],
    "chunks, empty size": [CHUNKED + b"\r\n"],
    "chunks, too long": [CHUNKED + b"2\r\nabcd\r\n0\r\n\r\n"],
    "chunks, cut": [CHUNKED + b"5\r\nab"],
    "chunks, cut in the size": [CHUNKED + b"5"],
    "chunks, cut behind": [CHUNKED + b"2\r\nab"],
    "chunks, a long size": [CHUNKED + b"0" * 15 + b"\r\n\r\n"],
    "chunks, a longer size": [CHUNKED + b"0" * 16 + b"\r\n\r\n"],
    "chunks, a long line": [CHUNKED + b"2;" + b"x" * 8190 + b"\r\n"],
    "chunks, as long a line": [CHUNKED + b"0;" + b"x" * 8189 + b"\n\r\n"],
    "chunks, trailers": [CHUNKED + b"0\r\n" + b"a: b\r\n" * 99 + b"\r\n"],
    "chunks, more trailers": [CHUNKED + b"0\r\n" + b"a: b\r\n" * 100 + b"\r\n"],
    "nothing": [],
    "a reset": [ConnectionResetError(104, "reset")],
    "a pipe": [BrokenPipeError(32, "pipe")],
    "silence": [9],
    "broken": [OSError(errno.EIO, "the system's words")],
    "broken without words": [OSError()],
    "broken here": [OSError(errno.ENETDOWN, "Network is down")],
    "TLS breaks": [tcp.TlsBrokenError("bad record mac")],
    "a cut status": [b"HTTP/1.1 2"],
    "a cut head": [head(LENGTH)[:-4]],
    "a reset in the head": [head(LENGTH)[:-4], ConnectionResetError(104, "reset")],
    "silence in the head": [head(LENGTH)[:-4], 9],
    "a cut body": [head(LENGTH) + BODY[:9]],
    "a reset in the body": [head(LENGTH) + BODY[:9], ConnectionResetError(104, "reset")],
    "a reset without a length": [head() + BODY[:9], ConnectionResetError(104, "reset")],
    "silence in the body": [head(LENGTH) + BODY[:9], 9],
    "slowly": [head("Content-Length: 8"), *itertools.chain.from_iterable((1, b"x") for _ in range(8))],
    "slowly, enough": [head("Content-Length: 1600"), *itertools.chain.from_iterable((1, b"x" * 200) for _ in range(8))],
    "slow and slower": [
        head("Content-Length: 1600"),
        *itertools.chain.from_iterable((1, b"x" * (200 if n < 4 else 9)) for n in range(9)),
    ],
    "for long": [head("Content-Length: 9999"), *itertools.chain.from_iterable((1, b"x" * 200) for _ in range(30))],
    "another protocol": [b"220 mail.contoso.com ESMTP\r\n"],
    "another, binary": [bytes(range(64))],
    "another, long": [b"a" * 30],
    "another, with letters": ["M\u00fcller".encode("latin-1")],
    "another, empty": [b"\r\n\r\n"],
    "an alert": [b"\x15\x03\x01\0\2\2\x28"],
    "a handshake": [b"\x16"],
    "no handshake": [b"\x16\x04"],
    "HTTP of no version": [b"HTTP/x 200 OK\r\n\r\n"],
    "HTTP, no status": [b"HTTP/1.1 abc\r\n\r\n"],
    "HTTP 2": [b"HTTP/2.0 200 OK\r\n\r\n"],
    "a long header": [head(f"X: {'x' * 66000}") + BODY],
    "too many headers": [b"HTTP/1.1 200 OK\r\n", b"a: b\r\n" * 45000],
    "a bare status": [b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx"],
    "an image": [head("Content-Type: application/octet-stream", "Content-Length: 9000") + b"\0\1" * 4500],
    **{
        f"a text, {status}": [head("Content-Type: text/plain", "Content-Length: 5", status=f"{status} Odd") + b"words"]
        for status in (199, 200, 299, 300, 404)
    },
    "large": [head("Content-Length: 1048577"), b"x" * (1 << 20), b"y"],
    "as large": [head("Content-Length: 1048576"), b"x" * (1 << 20)],
}


def _shown(answered: Any, script: Script) -> Any:
    body = answered.body if len(answered.body) < 100 else (answered.body[:20], len(answered.body))
    return fact(answered.http), body, answered.problem, answered.first_byte, answered.challenge, script.notes


def _exchanged() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Any] = {}
    request = build_request(Phone(mac="00:04:f2:aa:bb:cc", serial="S-1"), HOST)
    short = Request(
        method="POST",
        target="/RequestHandler/ucdevice.upx",
        headers=(("Host", HOST), ("User-Agent", "CPE")),
        body=b"body",
    )
    file = file_request("http://files.contoso.com/a/CPE.cat?b=1")

    def asked(pieces: Sequence[Any], given: Request = short, **more: Any) -> Call:
        def examine(patch: Patch) -> Any:
            script = Script(*pieces, refuses=more.get("refuses"))
            named = {name: value for name, value in more.items() if name != "refuses"}
            answered = https.send_update_request(
                script.context(), script, given, server="10.0.0.20", port=8080, **named
            )
            return _shown(answered, script)

        return examine

    for name, pieces in ANSWERS.items():
        found[f"posted {name}"] = asked(pieces)
    found["posted the usual request"] = asked(ANSWERS["whole"], request)
    found["posted over https"] = asked(ANSWERS["whole"], scheme="https", purpose="compare", keep_open=True)
    for error in (ConnectionResetError(104, "reset"), TimeoutError(), tcp.TlsBrokenError("an alert"), OSError(5, "io")):
        for name in ("whole", "nothing", "a reset", "silence"):
            found[f"refused {error!r} {name}"] = asked(ANSWERS[name], refuses=error)

    def got(pieces: Sequence[Any], limit: int | None, bound: float) -> Call:
        def examine(patch: Patch) -> Any:
            script = Script(*pieces)
            told: Any = []
            answered = https.get_file(
                script.context(),
                script,
                file,
                server="10.0.0.20",
                port=80,
                limit=limit,
                bound=bound,
                progress=lambda *words: told.append(words),
            )
            return _shown(answered, script), told[:3], len(told)

        return examine

    for name, pieces in ANSWERS.items():
        found[f"fetched {name}"] = got(pieces, None, 20)
    for limit in (0, 1, 9, len(BODY) - 1, len(BODY), len(BODY) + 1):
        for name in ("whole", "until the end", "chunks", "packed"):
            found[f"limited {limit} {name}"] = got(ANSWERS[name], limit, 20)
    for bound in (0.5, 5.0):
        for name in ("for long", "slowly", "silence in the body"):
            found[f"bound {bound} {name}"] = got(ANSWERS[name], None, bound)
    for value in (
        "",
        "NTLM",
        "Negotiate, NTLM",
        'Basic realm="x, NTLM", Digest a=1',
        "Negotiate YII==",
        "a = b",
        ", , x",
        "1x",
        "x" * 64,
        "x" * 65,
        'Basic realm="open, NTLM',
        'Basic realm="a\\", b", C',
        "a=b, c",
        f"{' ' * 8190}ab",
    ):
        found[f"challenge {value[:30]!r} {len(value)}"] = lambda patch, v=value: https.challenge_schemes(v)
    return found


def alert(number: int, level: int = 2) -> bytes:
    return bytes([21, 3, 1, 0, 2, level, number])


def handshake_record(*kinds: int, size: int = 1) -> bytes:
    messages = b"".join(bytes([kind]) + size.to_bytes(3, "big") + bytes(size) for kind in kinds)
    return b"\x16\x03\x03" + len(messages).to_bytes(2, "big") + messages


FLIGHTS: dict[str, bytes] = {
    "nothing": b"",
    "hello": handshake_record(2),
    "certificate": handshake_record(2, 11, 14),
    "asks": handshake_record(2, 11, 13, 14),
    "refuses": handshake_record(2, 11, 13, 14) + alert(42),
    "refuses a name": handshake_record(2) + alert(112),
    "warns": handshake_record(2) + alert(112, 1),
    "version": alert(70),
    "unknown": alert(99),
    "two alerts": alert(40) + alert(70),
    "encrypted": handshake_record(2) + b"\x14\x03\x03\0\1\1" + alert(40),
    "data": b"\x17\x03\x03\0\1\1" + alert(40),
    "long alert": b"\x15\x03\x01\0\3\2\x28\0",
    "cut": handshake_record(2, 11)[:8],
    "text": b"220 mail\r\n",
    "no record": b"\x18\x03\x01\0\1\1",
    "another version": b"\x16\x02",
    "half": b"\x16",
    "below": b"\x13\x03\x01\0\2\2\x28",
    "a long message": handshake_record(2, 13, size=300) + handshake_record(11),
}


class Failure(ssl.SSLError):
    """An error of the library with this reason."""

    def __init__(self, reason: str | None) -> None:
        super().__init__(1, "the library's words")
        self.reason = reason  # type: ignore[assignment]


def _untrusted(code: int, message: str = "self-signed certificate") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    return error


ERRORS: dict[str, BaseException] = {
    **{f"verify {code}": _untrusted(code) for code in (9, 10, 18, 62, 64)},
    "verify, long": _untrusted(18, "w" * 600),
    "end": EOFError(),
    "library": Failure("SOME_REASON"),
    "no reason": Failure(None),
    "old version": Failure("unsupported_protocol"),
    "named alert": Failure("SSLV3_ALERT_HANDSHAKE_FAILURE"),
    "named version": Failure("TLSV1_ALERT_PROTOCOL_VERSION"),
    "time": TimeoutError(),
    "reset": ConnectionResetError(104, "reset"),
    "aborted": ConnectionAbortedError(103, "aborted"),
    "pipe": BrokenPipeError(32, "pipe"),
    "io": OSError(5, "Input/output error"),
    "no words": OSError(),
    "down": OSError(errno.ENETDOWN, "Network is down"),
    "name": ValueError("label too long"),
    "type": TypeError("embedded null"),
}


def _shaken() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Any] = {}
    for name, flight in FLIGHTS.items():
        found[f"flight {name}"] = lambda patch, f=flight: (
            records.looks_like_tls(f),
            records.fatal_alert(f),
            records.message_types(f),
            records.stage_of(f),
        )
    for (name, error), (of, flight) in itertools.product(ERRORS.items(), FLIGHTS.items()):
        if of not in ("nothing", "hello") and not isinstance(error, (Failure, EOFError)):
            continue
        found[f"ends {name}, {of}"] = _shake(error, flight)
    found["handshake that cannot begin"] = _shake(None, FLIGHTS["hello"], wraps=False)
    for host in (HOST, HOST + ".", "[2001:db8::1]", "10.0.0.20"):
        found[f"handshake with {host}"] = _shake(None, FLIGHTS["hello"], host)
        found[f"handshake untrusted {host}"] = _shake(ERRORS["verify 18"], FLIGHTS["hello"], host)
    for name in ERRORS:
        found[f"described {name}"] = lambda patch, e=ERRORS[name]: streams.describe_error(e)
    for reason in (
        None, "", "TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_BAD_CERTIFICATE", "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_UNRECOGNIZED_NAME", "SSLV3_X", "x_alert_internal_error", "SSL_USER_CANCELLED",
        "TLSV1_ALERT_USER_CANCELLED", "UNKNOWN_CA", "tlsv1_alert_decode_error", "REASON(1000)",
    ):  # fmt: skip
        found[f"alert named {reason}"] = lambda patch, r=reason: streams.named_alert(Failure(r))
    for version, late in itertools.product(("TLS 1.3", "TLS 1.2"), (None, 0, 39, 40, 41, 46, 47, 48, 49, 50, 116)):

        def rejected(patch: Patch, version: str = version, late: int | None = late) -> Any:
            shaken = Tls(time=1, server="10.0.0.20", port=443, outcome="complete", version=version, stage="finished")
            stream = object.__new__(streams.TlsStream)
            stream.late_alert = late
            return fact(handshakes.client_rejection(shaken, stream)), handshakes.client_rejection(shaken, Script())

        found[f"rejected {version} {late}"] = rejected
    for name, pieces in {
        "yes": [b"HTTP/1.1 200 Yes\r\n\r\n", b"\x16"],
        "no": [b"HTTP/1.1 407 No\r\n\r\n"],
        "odd": [b"HTTP/1.1 2\r\n\r\n"],
        "no status": [b"HTTP/1.1\r\n\r\n"],
        "another": [b"SPDY/1 200 Yes\r\n\r\n"],
        "letters": ["HTTP/1.1 4\u00e47x No\r\n\r\n".encode("latin-1")],
        "end": [b"HTTP/1.1 200 Yes\r\n"],
        "long": [b"HTTP/1.1 200 Yes\r\n" + b"x" * 65519, b"x", b"\r\n\r\n"],
        "longer": [b"HTTP/1.1 200 Yes\r\n" + b"x" * 70000, b"\r\n\r\n"],
    }.items():
        for address in ("10.0.0.20", "2001:db8::1"):

            def through(patch: Patch, pieces: Any = pieces, address: str = address) -> Any:
                script = Script(*pieces)
                try:
                    handshakes.open_tunnel(script, address, 443, 1007.5)
                except OSError as error:
                    return repr(error), script.notes
                return script.notes, script._body_pieces

            found[f"tunnel {name} {address}"] = through
    return found


def _shake(error: BaseException | None, flight: bytes, host: str = HOST, wraps: bool = True) -> Call:
    """A handshake that ends so, and what an old client is refused with in the same way."""

    def examine(patch: Patch) -> Any:
        script = Script()
        asked: Any = []

        class Stream:
            first_flight, own_flight = flight, b"\x15\x03\x03\0\2\2\x2a"

            def __init__(self, *words: Any) -> None:
                asked.append(words[2])
                if not wraps:
                    raise ValueError("label too long")

            def handshake(self, until: float) -> None:
                asked.append(until)
                script.now += 0.5
                if error is not None:
                    raise error

            def version(self) -> str:
                return "TLS 1.2"

            def certificate_chain(self) -> list[bytes]:
                return [b"der"]

        again: Any = []
        patch.setattr(handshakes, "TlsStream", Stream)
        patch.setattr(handshakes, "client_context", lambda ctx, verify=True: again.append(verify) or SimpleNamespace())
        patch.setattr(handshakes, "read_certificates", lambda chain: (Certificate(subject=str(chain), issuer="x"),))
        patch.setattr(handshakes, "offered_versions", lambda: ("TLS 1.2",))
        patch.setattr(handshakes, "open_stream", lambda ctx, *words: again.append(words) or (script, None))
        tls, stream = handshakes.handshake(script.context(), script, host, "10.0.0.20", 443)
        notes = list(script.notes)
        old = handshakes.refuses_old(script.context(), "10.0.0.20", 443, host)
        return fact(tls), stream is not None, asked, notes, again, old

    return examine


def _opened() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """The steps of a request and of a file, with every part beneath them replaced."""
    found: dict[str, Any] = {}
    request = build_request(Phone(), HOST)
    failed = Http(time=1, server="10.0.0.20", port=443, failure="tls", sign_in=None)
    base: dict[str, Any] = {"time": 1, "server": "10.0.0.20", "port": 443, "status": 200, "complete": True}
    for change in (
        {},
        {"status": 199},
        {"status": 200},
        {"status": 299},
        {"status": 300},
        {"status": 404},
        {"status": None},
        {"status": None, "failure": "too_large", "reason": "its headers are long", "complete": False},
        {"failure": "not_sent", "reason": "no network"},
        {"html": True, "answer_bytes": 9},
        {"html": True, "answer_bytes": 0},
        {"answer_text": "a  b\nc" + "d" * 99, "answer_bytes": 9},
        {"answer_text": "a", "answer_bytes": 0},
        {"answer_bytes": 9},
        {"answer_bytes": 9, "announced_bytes": 9},
        {"answer_bytes": 9, "status": 206},
        *({"answer_bytes": 9, "status": 206, "content_range": text} for text in (
            "bytes 0-8/9", " Bytes 0-8/9 ", "bytes 0-8/10", "bytes 1-9/10", "bytes 0-8/*", "bytes 0-9/10", "bytes 0-7/8"
        )),
        *({"complete": False, "answer_bytes": 5, "failure": word, "reason": "why"} for word in (
            "closed", "reset", "too_large", "stalled", "no_answer", "incomplete", "tls", "not_http"
        )),
        {"complete": False, "status": None, "failure": "no_answer"},
    ):  # fmt: skip
        found[f"outcome {change}"[:90]] = lambda patch, c=change: updates._transfer_outcome(Http(**{**base, **c}))
    for outcome in ("open", "refused", "no_answer", "unreachable", "not_sent"):
        connected = Connect(time=1, server="10.0.0.20", port=443, outcome=outcome, reason="why")
        found[f"unopened {outcome}"] = lambda patch, c=connected: updates._why_not_open(c)
    for change in ({}, {"failure": "closed"}, {"status": 200}, {"answer_bytes": 1}):
        shaken = Tls(time=1, server="10.0.0.20", port=443, outcome="complete", version="TLS 1.3")
        stream = object.__new__(streams.TlsStream)
        stream.late_alert = 116
        found[f"rejected after {change}"] = lambda patch, c=change, s=stream, t=shaken: fact(
            updates._rejected_handshake(t, s, replace(failed, **c))
        )
    for proxy, scheme, path in itertools.product((None, "http://p:1"), ("http", "https"), ("/a", "http://x/a")):
        given = replace(request, target=path)
        ctx = Context(proxy=proxy)
        target = updates.Target(address="10.0.0.20", port=80, host="h", scheme=scheme)
        found[f"as sent {proxy} {scheme} {path}"] = lambda patch, c=ctx, t=target, g=given: (
            updates._as_sent(c, t, g).target,
            updates._as_sent(c, t, replace(g, headers=())).target,
        )
    for version, scheme, late, status in itertools.product(
        ("TLS 1.2", "TLS 1.3"), ("http", "https"), (None, 116), (200, 206, 299, 300, None)
    ):
        if (scheme == "http" and version == "TLS 1.2") or (late and (status is not None or scheme == "http")):
            continue
        for purpose in ("update", "host"):
            if purpose == "host" and status != 200:
                continue
            found[f"request {scheme} {version} {late} {status} {purpose}"] = _requested(
                version, scheme, late, status, purpose
            )
    for outcome in ("refused", "no_answer", "unreachable", "not_sent"):
        found[f"request {outcome}"] = _requested("TLS 1.2", "https", None, 200, "update", connected=outcome)
    found["request untrusted"] = _requested("TLS 1.2", "https", None, 200, "update", shaken="untrusted")
    found["request unsent in TLS"] = _requested("TLS 1.2", "https", None, 200, "update", shaken="not_sent")
    for error in ("the proxy answers 407", "the proxy answers 503", errno.ENETDOWN):
        found[f"request through a proxy, {error}"] = _requested(
            "TLS 1.2", "https", None, 200, "update", proxy=OSError(error, "Network is down") if isinstance(error, int)
            else OSError(error)
        )  # fmt: skip
    return found


def _requested(
    version: str,
    scheme: str,
    late: int | None,
    status: int | None,
    purpose: str,
    *,
    connected: str = "open",
    shaken: str = "complete",
    proxy: OSError | None = None,
) -> Call:
    """A request of an update and the fetching of a file from the same place."""

    def examine(patch: Patch) -> Any:
        script = Script()
        asked: Any = []
        tls = object.__new__(streams.TlsStream)
        tls.late_alert, tls._stream, tls.client, tls.client_port = late, script, "10.0.0.50", 50000

        def connect(ctx: Context, address: str, port: int, **named: Any) -> Any:
            asked.append((address, port, sorted(named.items())))
            made_ = Connect(time=1, server=address, port=port, outcome=connected, reason="why")  # type: ignore[arg-type]
            return made_, script if connected == "open" else None

        def handshake(ctx: Context, stream: Any, *words: Any, **named: Any) -> Any:
            asked.append((words, sorted(named.items())))
            made_ = Tls(time=2, server="10.0.0.20", port=443, outcome=shaken, version=version, reason=None)  # type: ignore[arg-type]
            return made_, tls if shaken == "complete" else None

        def send(ctx: Context, stream: Any, request: Request, **named: Any) -> Any:
            asked.append((stream is script, request.target, sorted(named.items(), key=lambda item: item[0])))
            failure: Any = "tls" if status is None else None
            http = Http(
                time=3, server="10.0.0.20", port=443, status=status, failure=failure, complete=status is not None,
                content_type="text/xml", client="10.0.0.50", client_port=50000, answer_bytes=23 if status else 0,
                last_time=4, content_encoding="gzip",
            )  # fmt: skip
            return https.Answered(http, b"" if purpose == "host" else BODY, None, 0.25)

        patch.setattr(updates, "connect", connect)
        patch.setattr(handshakes, "handshake", handshake)
        patch.setattr(https, "send_update_request", send)
        patch.setattr(https, "get_file", send)
        if proxy is not None:
            patch.setattr(handshakes, "open_tunnel", raising(proxy))
        waiting = Noted(None, begin_wait=None, count_bytes=None)
        ctx = script.context(waiting=waiting, proxy="http://p:1" if proxy is not None else None)
        target = updates.Target(address="10.0.0.20", port=443, host=HOST, scheme=scheme)
        given = build_request(Phone(), HOST)
        results: list[Any] = []
        lookup = Lookup(time=1, name="f", type="A", rcode="NOERROR", addresses=("10.0.0.21", "10.0.0.22"))
        for facts in (
            updates.request_update(ctx, target, given, purpose),
            updates.fetch_file(ctx, f"{scheme}://f.contoso.com:443/a/b", lambda *words: asked.append(words) or lookup),
        ):
            try:
                results += [fact(one) for one in facts]
            except CannotTest as error:
                results.append(f"{error.code}: {error.text}")
            results.append(script.notes[:])
        plain = [
            [(n, v) for n, v in note[-1] if n != "progress"] if isinstance(note[-1], list) else note for note in asked
        ]
        return results, plain, [note[1] for note in waiting.notes]

    return examine


def _files() -> dict[str, Call]:
    """URLs and answers of DNS that lead to a file, or to none."""
    found: dict[str, Any] = {}
    lookups: dict[str, Any] = {
        "two": {"rcode": "NOERROR", "addresses": ("10.0.0.21", "10.0.0.22")},
        "five": {"rcode": "NOERROR", "addresses": tuple(f"10.0.0.{n}" for n in range(21, 27))},
        "none": {"rcode": "NOERROR"},
        "missing": {"rcode": "NXDOMAIN"},
        "silent": {"failure": "no_answer"},
        "nothing": {},
        "unsent": {"failure": "not_sent", "reason": "no network"},
        "loopback": {"rcode": "NOERROR", "addresses": ("127.0.0.1",)},
        "both": {"rcode": "NOERROR", "addresses": ("0.0.0.0", "10.0.0.22")},
    }

    def fetch(url: str, answer: dict[str, Any], named_by: str | None, outcomes: Sequence[str]) -> Call:
        def examine(patch: Patch) -> Any:
            asked: Any = []
            left = list(outcomes)

            def connect(ctx: Context, address: str, port: int, **named: Any) -> Any:
                asked.append((address, port, sorted(named.items())))
                outcome: Any = left.pop(0) if left else "refused"
                return Connect(time=1, server=address, port=port, outcome=outcome, reason="why"), None

            patch.setattr(updates, "connect", connect)
            script = Script()
            lookup = Lookup(time=1, name="f", type="A", **answer)
            resolve = lambda *words: asked.append(words) or lookup  # noqa: E731
            return [fact(one) for one in updates.fetch_file(script.context(), url, resolve, named_by=named_by)], asked

        return examine

    for name, answer in lookups.items():
        for named_by in (None, "10.0.0.20", "127.0.0.1"):
            found[f"file {name} {named_by}"] = fetch("http://f.contoso.com./a", answer, named_by, ())
    for url in (
        "", "ftp://x/a", "http:///a", "/a", "http://10.0.0.9/a", "https://10.0.0.9/a", "http://localhost/a",
        "http://127.0.0.1/a", "https://x.localhost:99/a", "http://[2001:db8::1]:81/a", f"http://x/{'y' * 300}",
        f"x{'y' * 300}",
    ):  # fmt: skip
        for named_by in (None, "127.0.0.1"):
            found[f"file at {url[:30]} {len(url)} {named_by}"] = fetch(url, lookups["two"], named_by, ())
    for outcomes in (
        ("not_sent", "refused"),
        ("refused", "not_sent"),
        ("not_sent", "not_sent"),
        ("no_answer", "unreachable"),
    ):
        found[f"file after {outcomes}"] = fetch("http://f.contoso.com/a", lookups["two"], None, outcomes)
    return found


def _signed() -> dict[str, Call]:  # noqa: C901 - a table
    """The sign-in, with a client that says what it was given."""
    found: dict[str, Any] = {}
    for status, complete, offered in itertools.product(
        (401, 403), (True, False), ((), ("Basic",), ("Basic", "NTLM"), ("Negotiate",), ("Negotiate", "ntlm"))
    ):
        http = Http(time=1, server="s", port=443, status=status, complete=complete, challenges=offered)
        found[f"wants {status} {complete} {offered}"] = lambda patch, h=http: (
            signing.wants_sign_in(h),
            signing._sign_in_scheme(h),
        )
    for challenge in (
        None, "", "NTLM", "NTLM TlRMTVNTUAAC", "ntlm TlRMTVNTUAAC", "Negotiate x, NTLM TlRMTVNTUAAC", "NTLM TlRMTVN",
        "NTLM TlRMTVNT", "NTLM TlRM=VNT", "XNTLM TlRMTVNTUAAC", "NTLM  TlRMTVNTUAAC, Basic", "NTLM " + "A" * 65540,
    ):  # fmt: skip
        found[f"token {str(challenge)[:40]} {len(challenge or '')}"] = lambda patch, c=challenge: (
            signing._challenge_token(c, "NTLM")
        )
    failure: Any
    code: Any
    for code, failure in itertools.product((None, 200), (None, "closed", "reset", "tls")):
        answered = https.Answered(Http(time=1, server="s", port=1, status=code, failure=failure), b"", None, None)
        found[f"cut {code} {failure}"] = lambda patch, a=answered: (
            signing._hang_up_result(a),
            signing._with_result(a, "done").http.sign_in,
        )
    given = Request(
        target="/a",
        headers=(
            ("Host", "p.contoso.com:443"),
            ("Connection", "x"),
            ("authorization", "y"),
            ("CONTENT-length", "4"),
            ("Z", "z"),
        ),
        body=b"body",
    )
    for last in (True, False):
        found[f"with a token, {last}"] = lambda patch, b=last: signing._with_token(given, "NTLM", b"token", last=b)
    for (first, challenge), second, offers, fails, host in itertools.product(
        ((401, "NTLM TlRMTVNTUAAC"), (401, None), (200, "NTLM TlRMTVNTUAAC"), (None, None)),
        (200, 401, None),
        ("NTLM", "Negotiate"),
        (False, True),
        ("p.contoso.com:443", ""),
    ):
        if (host == "" or offers == "Negotiate" or fails) and (first != 401 or second != 200):
            continue
        found[f"signed {first} {challenge} {second} {offers} {fails} {host}"] = _sign(
            first, challenge, second, offers, fails, host
        )
    for algorithm in ("md5", "sha1", "sha256", "sha384", None, ValueError("none")):

        def bound(patch: Patch, algorithm: Any = algorithm) -> Any:
            used = SimpleNamespace(signature_hash_algorithm=SimpleNamespace(name=algorithm) if algorithm else None)
            load = raising(algorithm) if isinstance(algorithm, Exception) else answering(used)
            patch.setattr("cryptography.x509.load_der_x509_certificate", load)
            return signing._end_point(b"certificate").hex()

        found[f"bound to {algorithm}"] = bound
    for chain in ([], [b"own", b"root"]):

        def own(patch: Patch, chain: Any = chain) -> Any:
            patch.setattr(streams.TlsStream, "certificate_chain", lambda stream: chain)
            return signing.certificate_of(object.__new__(streams.TlsStream)), signing.certificate_of(Script())

        found[f"certificate of {chain}"] = own
    for scheme, refused, first_word, second_word in itertools.product(
        ("http", "https"),
        ([], [("10.0.0.20", 443)]),
        ("done", "refused", "closed", None),
        ("done", "refused", None),
    ):
        if first_word != "refused" and second_word != "done":
            continue
        found[f"signs in {scheme} {refused} {first_word} {second_word}"] = _signs_in(
            scheme, refused, first_word, second_word
        )
    return found


def _sign(first: Any, challenge: Any, second: Any, offers: str, fails: bool, host: str) -> Call:
    def examine(patch: Patch) -> Any:
        sent: Any = []
        client = Noted(
            None, step=lambda *words: raising(ValueError("no challenge"))() if fails and words else b"message"
        )
        library: Any = ModuleType("spnego")
        library.client = lambda *words, **named: sent.append((words, sorted(named.items()))) or client
        library.channel_bindings = ModuleType("spnego.channel_bindings")
        library.channel_bindings.GssChannelBindings = lambda application_data: application_data.hex()
        patch.setitem(sys.modules, "spnego", library)
        patch.setitem(sys.modules, "spnego.channel_bindings", library.channel_bindings)

        def send(status: Any) -> Callable[[Request], Any]:
            def answer(request: Request) -> Any:
                sent.append(fact(request))
                failure: Any = "closed" if status is None else None
                http = Http(time=1, server="s", port=443, status=status, failure=failure)
                return https.Answered(http, b"", None, None, challenge)

            return answer

        http = Http(time=1, server="s", port=443, status=401, complete=True, challenges=(offers,))
        given = Request(method="POST", target="/a", headers=(("Host", host),) if host else (), body=b"body")
        bound = b"no certificate" if host else None
        answered = signing.sign_in(Account("D\\u", "p"), http, given, send(first), send(second), bound)
        return answered.http.sign_in, answered.http.status, sent, client.notes

    return examine


def _signs_in(scheme: str, refused: list[Any], first: Any, second: Any) -> Call:
    def examine(patch: Patch) -> Any:
        script, words = Script(), [first, second]
        asked: Any = []
        patch.setattr(
            updates, "connect", lambda ctx, address, port, **named: (
                asked.append(sorted(named.items()))
                or Connect(time=1, server=address, port=port, outcome="open"),
                script,
            )
        )  # fmt: skip
        shaken = Tls(time=2, server="10.0.0.20", port=443, outcome="complete", version="TLS 1.2")
        patch.setattr(handshakes, "handshake", lambda *words, **named: (shaken, script))
        patch.setattr(signing, "certificate_of", lambda stream: b"der")
        wanting = Http(
            time=3, server="10.0.0.20", port=443, status=401, complete=True, challenges=("NTLM",), purpose="update"
        )

        def send(ctx: Context, stream: Any, request: Request, **named: Any) -> Any:
            asked.append((request.target, sorted(named.items(), key=lambda item: item[0])))
            return https.Answered(wanting, b"", None, None)

        def sign_in(account: Account, http: Http, request: Request, begin: Any, end: Any, binding: Any) -> Any:
            begin(request)
            end(request)
            asked.append((account, http.status, request.target, binding))
            word = words.pop(0)
            status = {"refused": 401, "done": 200, None: None}.get(word)
            return https.Answered(replace(wanting, status=status, sign_in=word), b"", None, None)

        patch.setattr(https, "send_update_request", send)
        patch.setattr(signing, "sign_in", sign_in)
        account = Account("D\\u", "p", list(refused))
        ctx = script.context(account=account)
        target = updates.Target(address="10.0.0.20", port=443, host=HOST, scheme=scheme)
        results = []
        for path, purpose in (
            ("/RequestHandlerExt/ucdevice.upx", "update"),
            ("/RequestHandlerExt/ucdevice.upx", "host"),
            ("/RequestHandler/ucdevice.upx", "update"),
        ):
            given = build_request(Phone(), HOST, path)
            results.append(
                [fact(one) for one in updates.request_update(ctx, target, given, purpose) if one.kind == "http"]
            )
        return results, account.refused, asked, script.notes

    return examine


def _certificates() -> dict[str, Call]:
    """What is read of certificates that the library reads in part only."""
    found: dict[str, Any] = {}

    class Odd:
        """A certificate; whatever is an error is raised."""

        def __init__(self, **parts: Any) -> None:
            self._parts = parts

        def __getattr__(self, name: str) -> Any:
            part = self._parts[name]
            if isinstance(part, Exception):
                raise part
            return part

    from datetime import UTC, datetime

    from cryptography.exceptions import UnsupportedAlgorithm

    moment = datetime(2026, 1, 31, 9, 0, 0, 5, tzinfo=UTC)
    oid = SimpleNamespace(dotted_string="1.2.840.113549.1.1.11")
    for name, parts in {
        "new": {"not_valid_after_utc": moment},
        "old": {"not_valid_after_utc": None, "not_valid_after": moment.replace(tzinfo=None)},
        "bad": {"not_valid_after_utc": ValueError("year")},
        "type": {"not_valid_after_utc": TypeError("year")},
        "overflow": {"not_valid_after_utc": OverflowError("year")},
    }.items():
        found[f"valid until, {name}"] = lambda patch, p=parts: reading._validity_time(Odd(**p), "not_valid_after")
    for name, part in {
        "known": oid,
        "unknown": SimpleNamespace(dotted_string="1.2.3"),
        "pss": SimpleNamespace(dotted_string="1.2.840.113549.1.1.10"),
        "bad": ValueError("no"),
        "unsupported": UnsupportedAlgorithm("no"),
    }.items():
        found[f"signature {name}"] = lambda patch, p=part: reading._signature_name(
            Odd(signature_algorithm_oid=p, signature_hash_algorithm=SimpleNamespace(name="sha256"))
        )
    for name, part in {"bad": ValueError("no"), "unsupported": UnsupportedAlgorithm("no"), "other": object()}.items():
        found[f"key {name}"] = lambda patch, p=part: reading._key_description(
            Odd(public_key=raising(p) if isinstance(p, Exception) else answering(p))
        )
    return found


def _connected() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """Connections, direct and through a proxy."""
    found: dict[str, Any] = {}
    refused = ConnectionRefusedError(111, "refused")
    failures: dict[str, BaseException | None] = {
        "open": None,
        "silent": TimeoutError(),
        "refused": refused,
        "came back": CameBackError(Notice("10.0.0.1 says that there is no way", True)),
        "not sent": NotSentError("no network"),
        "no address": ValueError("'x' is no address"),
    }
    places = [(2, 1, 6, "", (f"10.0.0.{number}", 3128)) for number in range(90, 96)]

    def connected(error: Any, **more: Any) -> Call:
        def examine(patch: Patch) -> Any:
            script = Script()
            notes: Any = []
            errors = list(error) if isinstance(error, list) else None

            def dial(*words: Any) -> Any:
                notes.append(words[:3])
                one = errors.pop(0) if errors else error
                if isinstance(one, BaseException):
                    raise one
                return Noted(None, getsockname=more.get("name", ("10.0.0.50", 4)), close=None, settimeout=None)

            def asked(*words: Any, **named: Any) -> Any:
                notes.append((words, sorted(named.items())))
                if isinstance(more.get("resolves"), BaseException):
                    raise more["resolves"]
                return places

            patch.setattr(tcp, "connect_tcp", dial)
            patch.setattr(tcp.socket, "getaddrinfo", asked)
            gate = SimpleNamespace(enter=lambda address: notes.append(address) or (lambda: notes.append("left")))
            heard = SimpleNamespace(connection=lambda *words: (lambda: script) if more.get("heard") else None)
            waiting = Noted(None, begin_wait=None)
            ctx = script.context(
                proxy=more.get("proxy"), gate=gate, heard=heard if "heard" in more else None, waiting=waiting
            )
            ctx = replace(
                ctx,
                connect_to={("10.0.0.20", 443): ("10.9.9.9", 9)},
                timeout=more.get("timeout", 60.0 if "proxy" in more else 3.0),
            )
            one, stream = tcp.connect(ctx, "10.0.0.20", 443, name="p.contoso.com", purpose="file")
            if stream is not None:
                stream.close()
                stream.close()
            return fact(one), stream is not None, notes, waiting.notes

        return examine

    for name, error in failures.items():
        found[f"connected {name}"] = connected(error)
        found[f"connected by proxy {name}"] = connected(error, proxy="http://proxy:3128")
    for timeout in (1, 2.5):
        found[f"connected silent {timeout}"] = connected(TimeoutError(), timeout=timeout)
    found["connected by proxy at last"] = connected([refused, refused, refused, None], proxy="proxy")
    found["connected by proxy too late"] = connected([refused] * 4 + [None], proxy="proxy")
    found["connected by no proxy"] = connected(None, proxy="proxy", resolves=OSError(1, "no such host"))
    found["connected by odd proxy"] = connected(None, proxy="proxy", resolves=UnicodeError("label"))
    found["connected and reset"] = connected(None, name=OSError(107, "not connected"))
    found["connected as heard"] = connected(None, heard=True)
    found["connected, not heard"] = connected(None, heard=False)
    for proxy in (
        "http://p:1",
        "p:1",
        "p",
        "http://p",
        "https://p:1",
        "http://u@p:1",
        "http://:1",
        "",
        "http://p:x",
        "http://[::1]:8",
        "http://p:99999",
        "x" * 200 + "://",
    ):
        found[f"proxy {proxy[:20]!r} {len(proxy)}"] = lambda patch, p=proxy: tcp.proxy_endpoint(p)

    def slow(patch: Patch) -> Any:
        class Asking:
            def __init__(self, **named: Any) -> None:
                self.named = {name: value for name, value in named.items() if name != "target"}

            def start(self) -> None: ...

            def join(self, seconds: float) -> None:
                self.named["joined"] = seconds

            def is_alive(self) -> bool:
                return True

        patch.setattr("threading.Thread", Asking)
        return tcp._addresses_of_proxy(Script().context(), "proxy", 8080)

    def no_thread(patch: Patch) -> Any:
        patch.setattr("threading.Thread.start", raising(RuntimeError("can't start new thread")))
        patch.setattr(tcp.socket, "getaddrinfo", lambda *words, **named: (words, sorted(named)))
        return tcp._addresses_of_proxy(Script().context(), "proxy", 8080)

    found["proxy that is slow"], found["proxy without threads"] = slow, no_thread
    for left in (-1.0, 0.0, 0.5):

        def streamed(patch: Patch, left: float = left) -> Any:
            sock = Noted(
                None, getsockname=("10.0.0.50", 4), settimeout=None, recv=b"data", sendall=None, close=OSError(9, "x")
            )
            notes: Any = []
            stream = tcp.TcpStream(sock, lambda: 10.0)
            stream.closed = lambda: notes.append("closed")
            for call, what in ((stream.recv, 5), (stream.send, b"x")):
                try:
                    notes.append(call(what, 10.0 + left))
                except TimeoutError as error:
                    notes.append(repr(error))
            stream.close()
            return stream.client, stream.client_port, notes, sock.notes

        found[f"stream of TCP {left}"] = streamed
    return found


class Tls12:
    """In place of ``ssl.SSLObject``: each call gives the next of what is scripted for it."""

    def __init__(self, outgoing: Any, **scripts: Sequence[Any]) -> None:
        self._outgoing = outgoing
        self._scripts = {name: list(script) for name, script in scripts.items()}

    def _next(self, name: str, *words: Any) -> Any:
        script = self._scripts.get(name) or [None]
        found = script.pop(0)
        self._outgoing.write(f"<{name} {[word if len(str(word)) < 50 else len(word) for word in words]}>".encode())
        if isinstance(found, BaseException):
            raise found
        return found

    def do_handshake(self) -> None:
        self._next("do_handshake")

    def read(self, size: int) -> Any:
        return self._next("read", size)

    def write(self, data: bytes) -> Any:
        return self._next("write", data)

    def version(self) -> Any:
        return self._scripts["version"][0]

    def getpeercert(self, binary_form: bool) -> Any:
        return self._scripts["own"][0] if binary_form else None


def _encrypted() -> dict[str, Call]:  # noqa: C901 - a table
    """The encrypted stream over one that answers from a script."""
    found: dict[str, Any] = {}
    want, gone, zero = ssl.SSLWantReadError(2, "want"), ssl.SSLEOFError(8, "eof"), ssl.SSLZeroReturnError(6, "zero")
    bad = Failure("SSLV3_ALERT_BAD_CERTIFICATE")

    def over(pieces: Sequence[Any], call: str, refuses: Any = None, **scripts: Sequence[Any]) -> Call:
        def examine(patch: Patch) -> Any:
            script = Script(*pieces, refuses=refuses)
            named: Any = []

            def wrap(incoming: Any, outgoing: Any, server_hostname: str) -> Tls12:
                named.append(server_hostname)
                return Tls12(outgoing, **scripts)

            stream = streams.TlsStream(script, SimpleNamespace(wrap_bio=wrap), "host", lambda: 0.0)
            try:
                if call == "handshake":
                    result = stream.handshake(1009.0)
                else:
                    result = stream.recv(7, 1009.0) if call == "recv" else stream.send(b"some data", 1009.0)
            except (EOFError, OSError, tcp.TlsBrokenError) as error:
                result = Line(f"{type(error).__name__} {error} from {error.__cause__!r}")
            stream.close()
            flights = bytes(stream.first_flight)[:60], len(stream.first_flight), bytes(stream.own_flight)[:90]
            return result, stream.late_alert, *flights, script.notes, named, stream.client, stream.client_port

        return examine

    handshakes_: dict[str, Any] = {
        "at once": ([], [None]),
        "after bytes": ([b"hello", b"more"], [want, want, None]),
        "end": ([], [want, want]),
        "end after bytes": ([b"hello"], [want, want, want]),
        "silence": ([9], [want]),
        "bad": ([b"hello"], [want, bad]),
        "very long": ([b"x" * 16384] * 6, [want] * 6 + [None]),
    }
    for name, (pieces, steps) in handshakes_.items():
        found[f"encrypted handshake {name}"] = over(pieces, "handshake", do_handshake=steps)
        found[f"encrypted handshake refused {name}"] = over(
            pieces, "handshake", ConnectionResetError(104, "reset"), do_handshake=steps
        )
        for call, word in (("recv", "read"), ("send", "write")):
            answer: Any = b"data" if call == "recv" else 4
            given = [answer if step is None else step for step in steps]
            found[f"encrypted {call} {name}"] = over(
                pieces, call, **{word: [*given, *([5, 9] if call == "send" else [])]}
            )
    for name, error in {"gone": gone, "zero": zero, "bad": bad, "other": Failure("OTHER_REASON")}.items():
        found[f"encrypted handshake ends {name}"] = over([], "handshake", do_handshake=[error])
        found[f"encrypted recv ends {name}"] = over([], "recv", read=[error])
        found[f"encrypted send ends {name}"] = over([], "send", write=[error])
    for version in (None, "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "SSLv3"):

        def spoken(patch: Patch, version: Any = version) -> Any:
            stream = object.__new__(streams.TlsStream)
            stream._tls = Tls12(ssl.MemoryBIO(), version=[version])
            return stream.version()

        found[f"encrypted version {version}"] = spoken
    pem = ssl.DER_cert_to_PEM_cert(b"der")
    for name, parts in {
        "public": {"get_unverified_chain": lambda: [b"a", b"b"]},
        "beneath": {
            "_sslobj": SimpleNamespace(get_unverified_chain=lambda: [SimpleNamespace(public_bytes=lambda: pem)])
        },
        "of bytes": {"get_unverified_chain": lambda: [SimpleNamespace(public_bytes=lambda: b"der")]},
        "none": {
            "get_unverified_chain": lambda: None,
            "getpeercert": lambda binary_form=False: b"own" if binary_form else {},
        },
        "nothing": {"getpeercert": lambda binary_form: None},
        "broken": {
            "get_unverified_chain": raising(ValueError("no")),
            "getpeercert": lambda binary_form=False: b"own" if binary_form else {},
        },
        "long": {"get_unverified_chain": lambda: [bytes([number]) for number in range(12)]},
    }.items():

        def chained(patch: Patch, parts: Any = parts) -> Any:
            stream = object.__new__(streams.TlsStream)
            stream._tls = SimpleNamespace(**parts)
            return stream.certificate_chain()

        found[f"encrypted chain {name}"] = chained
    for has in itertools.product((True, False), repeat=4):

        def offered(patch: Patch, has: Any = has) -> Any:
            for name, value in zip(("HAS_TLSv1", "HAS_TLSv1_1", "HAS_TLSv1_2", "HAS_TLSv1_3"), has, strict=True):
                patch.setattr(streams.ssl, name, value)
            return streams.offered_versions()

        found[f"encrypted offers {has}"] = offered
    errors: Any = (None, FileNotFoundError(2, "No such file"), ssl.SSLError(1, "x"), ValueError("x"))
    for verify, ca, why in itertools.product((True, False), (None, "roots.pem"), errors):

        def trusted(patch: Patch, verify: bool = verify, ca: Any = ca, error: Any = why) -> Any:
            class Trusting:
                options, check_hostname, verify_mode, minimum_version = 1, True, "required", None

                def __init__(self, protocol: Any) -> None:
                    self.notes: list[Any] = [str(protocol)]

                def load_verify_locations(self, cafile: str) -> None:
                    self.notes.append(cafile)
                    if error is not None:
                        raise error

                def load_default_certs(self) -> None:
                    self.notes.append("default")

                def set_ciphers(self, ciphers: str) -> None:
                    self.notes.append(ciphers)
                    if "SECLEVEL" in ciphers and error is not None:
                        raise ssl.SSLError(1, "no level")

            patch.setattr(streams.ssl, "SSLContext", Trusting)
            made_ = streams.client_context(Context(ca=ca), verify=verify)
            return made_.notes, made_.options, made_.check_hostname, str(made_.verify_mode), str(made_.minimum_version)

        found[f"encrypted trust {verify} {ca} {why!r}"] = trusted
    return found


CALLS: dict[str, Call] = {
    **_exchanged(),
    **_shaken(),
    **_opened(),
    **_files(),
    **_signed(),
    **_certificates(),
    **_connected(),
    **_encrypted(),
}


def text_of(call: Call) -> str:
    """What comes of it, without the version of ucdiag."""
    return _VERSION.sub("ucdiag/VERSION", made(call))


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: text_of(call) for name, call in CALLS.items()})
