"""HTTP: one request and its whole answer on a connection that is already open.

``requests`` carries the exchange through an adapter of our own, for three reasons: the connection goes to a chosen
address while the request names a host; nothing is sent but what the request holds, byte for byte, so that a dry run
shows exactly what is sent; and every read has a deadline, because a timeout for each read lets a server that sends one
byte a second go on for ever. No redirect is followed, no proxy and no password is taken from the environment.
"""

import http.client
import io
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, cast

import requests
from requests.adapters import BaseAdapter
from requests.models import PreparedRequest
from requests.structures import CaseInsensitiveDict

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http
from ucdiag.model.patterns import pattern
from ucdiag.model.vocabulary import HttpFailure, Purpose, Scheme, Seconds, is_success_status
from ucdiag.probe.tcp import Stream, TlsBrokenError, spell_seconds
from ucdiag.runtime.context import Context
from ucdiag.runtime.system_errors import broke_here
from ucdiag.update_service.error_page import is_message
from ucdiag.update_service.request import Request, to_bytes
from ucdiag.wire.http.body import Inflater, excerpt, is_page
from ucdiag.wire.http.parser import lengths_differ
from ucdiag.wire.http.proxy_answer import answering_proxy

BODY_LIMIT = 1 << 20  # bytes of an answer to an update request, before and after decompression
_HEAD_LIMIT = 256 << 10
_PIECE = 64 << 10
_EXCERPT = 4096
_SNIFFED = 8192
_HEADER = 1024
# A server that sends slower than this (bytes a second) has stalled, whatever it dribbles: the file would take days.
SLOWEST = 64
_PRELUDE = b"HTTP/"
_SHOWN = 20  # bytes of what is not HTTP
_NAMED = 60  # characters of values that contradict each other


class _Ended(Exception):  # noqa: N818 - not an error: how the exchange ended
    """The exchange ended before the answer was whole: ``failure`` is the observation's word."""

    def __init__(self, failure: HttpFailure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure
        self.reason = reason


class _Incoming(io.RawIOBase):
    """What the server sends, as a raw file that keeps the deadline and remembers how it began."""

    def __init__(self, ctx: Context, stream: Stream, until: float) -> None:
        self._ctx = ctx
        self._stream = stream
        self.until = until
        self.stall: Seconds | None = None
        self.start = b""
        self.received = 0
        self.first: float | None = None
        self.in_head = True
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        until = self.until
        if self.stall is not None:
            until = min(until, self._ctx.monotonic() + self.stall)
        data = self._stream.recv(len(buffer), until)
        if not data:
            self.ended = True
            return 0
        if self.first is None:
            self.first = self._ctx.monotonic()
        if len(self.start) < 64:
            self.start += data[:64]
            if not (self.start.startswith(_PRELUDE) or _PRELUDE.startswith(self.start)):
                raise _Ended("not_http", _not_http(self.start))
        self.received += len(data)
        if self.in_head and self.received > _HEAD_LIMIT:
            raise _Ended("too_large", f"its headers are longer than {_HEAD_LIMIT} bytes")
        buffer[: len(data)] = data
        return len(data)


def _not_http(start: bytes) -> str:
    if start[:1] in (b"\x15", b"\x16") and start[1:2] in (b"", b"\x03"):
        return "what answered speaks TLS, not HTTP, on this port"
    start = start[:_SHOWN]
    text = start.rstrip(b"\r\n").decode("latin-1")
    if text and text.isascii() and text.isprintable():
        return f'what answered does not speak HTTP: it begins with "{text}"'
    return f"what answered does not speak HTTP: it begins with the bytes {start.hex(' ')}"


def _head_flaw(error: http.client.HTTPException) -> str:
    """What is wrong with the head of an answer, in words of ours."""
    if isinstance(error, http.client.LineTooLong):
        return "its answer has a header line longer than 65536 bytes"
    many = re.search(r"more than ([0-9]+) headers", str(error))
    if many:
        return f"its answer has more than {many[1]} header lines"
    return "the headers of its answer cannot be read"


class _File(Protocol):
    def read1(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


class _Once:
    """Lets ``http.client`` read from a file that is already there."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def makefile(self, *_: object, **__: object) -> Any:
        return self._file


class _OneConnection(BaseAdapter):
    """Sends a request's exact bytes on one open connection and reads the head of the answer."""

    def __init__(self, stream: Stream, incoming: _Incoming, wire: bytes, keep_open: bool = False) -> None:
        super().__init__()
        self._keep_open = keep_open
        self._stream = stream
        self._incoming = incoming
        self._wire = wire
        self.file = io.BufferedReader(incoming, _PIECE)

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        refused: OSError | TlsBrokenError | None = None
        try:
            self._stream.send(self._wire, self._incoming.until)
        except TimeoutError:
            raise
        except (OSError, TlsBrokenError) as error:
            refused = error  # a server may answer and hang up before it has read everything
        try:
            head = self._read_head(request.method or "GET")
        except (OSError, http.client.HTTPException):
            if refused is not None and not self._incoming.received:
                raise refused from None
            raise
        response = requests.Response()
        response.status_code = head.status
        response.reason = head.reason
        response.headers = CaseInsensitiveDict({name: ", ".join(head.msg.get_all(name) or ()) for name in head.msg})
        response.url = request.url or ""
        response.raw = head
        return response

    def _read_head(self, method: str) -> http.client.HTTPResponse:
        while True:
            head = http.client.HTTPResponse(cast(socket.socket, _Once(self.file)), method=method)
            try:
                with _many_headers():
                    head.begin()
            finally:
                # When it is forgotten it closes its file. Ours goes on; and where ours was closed before, Python from
                # 3.13 on says on standard error that this failed.
                head.fp = None  # type: ignore[assignment]
            if self._incoming.ended:
                raise EOFError  # http.client takes the end of the connection for the end of the headers
            # Behind 101 no HTTP follows (RFC 9110, section 15.2.2).
            if head.status >= 200 or head.status == http.client.SWITCHING_PROTOCOLS:
                self._incoming.in_head = False
                return head

    def close(self) -> None:
        if not self._keep_open:
            self._stream.close()


@contextmanager
def _many_headers() -> Iterator[None]:
    """Lets ``http.client`` take as many header lines as browsers do: ``_HEAD_LIMIT`` bounds them all."""
    before = getattr(http.client, "_MAXHEADERS", None)
    http.client._MAXHEADERS = _HEAD_LIMIT  # type: ignore[attr-defined]
    try:
        yield
    finally:
        http.client._MAXHEADERS = before  # type: ignore[attr-defined]


class _Session(requests.Session):
    """Looks at no redirect: even resolving one would read a body without a bound."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


@record(frozen=True, slots=True)
class Answered:
    """One exchange: the observation, the decoded body as far as it was kept, and what is wrong with its compression.

    ``first_byte`` is seconds from the request to the first byte of the answer. ``challenge`` is the whole of
    WWW-Authenticate.
    """

    http: Http
    body: bytes
    problem: str | None
    first_byte: Seconds | None
    challenge: str | None = None


def send_update_request(
    ctx: Context,
    stream: Stream,
    request: Request,
    *,
    server: str,
    port: int,
    scheme: Scheme = "http",
    purpose: Purpose | None = "update",
    keep_open: bool = False,
) -> Answered:
    """Sends an update request and reads the whole answer, within ``ctx.timeout`` in all and ``BODY_LIMIT`` bytes.

    ``keep_open`` leaves the connection as it is, for another request.
    """
    exchange = _Exchange(ctx, stream, request, scheme, keep_open=keep_open)
    body = bytearray()
    exchange.run(keep=body.extend, limit=None, bound=None, progress=None)
    return exchange.exchange_result(bytes(body), server=server, port=port, purpose=purpose)


def get_file(
    ctx: Context,
    stream: Stream,
    request: Request,
    *,
    server: str,
    port: int,
    scheme: Scheme = "http",
    limit: int | None,
    bound: Seconds,
    progress: Callable[[int, int | None], None] | None = None,
) -> Answered:
    """Sends a request for a file and counts its bytes; only the first few are kept.

    The head of the answer must come within ``ctx.timeout``. After that the server has stalled when nothing, or next to
    nothing, comes for as long; the whole may take ``bound`` seconds. Reading stops after ``limit`` bytes, with the
    failure too_large when that was not all.
    """
    exchange = _Exchange(ctx, stream, request, scheme)
    start = bytearray()
    exchange.run(keep=start.extend, limit=limit, bound=bound, progress=progress)
    return exchange.exchange_result(bytes(start), server=server, port=port, purpose="file")


class _Exchange:
    def __init__(
        self, ctx: Context, stream: Stream, request: Request, scheme: Scheme, *, keep_open: bool = False
    ) -> None:
        self._ctx = ctx
        self._keep_open = keep_open
        self._stream = stream
        self._request = request
        self._scheme = scheme
        self.began, self.started = ctx.now(), ctx.monotonic()
        self._incoming = _Incoming(ctx, stream, self.started + ctx.patience)
        self._head: http.client.HTTPResponse | None = None
        self._headers: Mapping[str, str] = {}
        self._announced: int | None = None
        self._received = 0
        self._complete = False
        self._failure: HttpFailure | None = None
        self._reason: str | None = None
        self._inflater: Inflater | None = None
        self._file = False

    def run(
        self,
        *,
        keep: Callable[[bytes], None],
        limit: int | None,
        bound: Seconds | None,
        progress: Callable[[int, int | None], None] | None,
    ) -> None:
        """The exchange; ``bound`` None holds all of it to the deadline, else the body may take so many seconds."""
        self._file = bound is not None
        try:
            self._send_and_receive(keep, limit, bound, progress)
            self._complete = True
        except _Ended as end:
            self._failure, self._reason = end.failure, end.reason
        except TimeoutError:
            self._failure, self._reason = self._timed_out(bound)
        except (http.client.RemoteDisconnected, EOFError):  # the former is also a ConnectionResetError
            self._failure, self._reason = "closed", f"the server closed the connection {self._progress_in_words()}"
        except (ConnectionResetError, BrokenPipeError):
            self._failure, self._reason = "reset", f"the server reset the connection {self._progress_in_words()}"
        except TlsBrokenError as error:
            self._failure, self._reason = "tls", f"the encrypted connection broke: {error}"
        except (http.client.BadStatusLine, http.client.UnknownProtocol):
            if self._incoming.ended:  # the line itself was cut
                self._failure, self._reason = "closed", f"the server closed the connection {self._progress_in_words()}"
            else:
                self._failure, self._reason = "not_http", _not_http(self._incoming.start)
        except http.client.HTTPException as error:
            self._failure, self._reason = "too_large", _head_flaw(error)
        except OSError as error:
            here = broke_here(error)
            words = f"the connection broke: {error.strerror or type(error).__name__}"
            self._failure, self._reason = ("not_sent", here) if here is not None else ("closed", words)
        if self._inflater is not None and self._complete:
            self._inflater.end()

    def _progress_in_words(self) -> str:
        if not self._incoming.received:
            return "without an answer"
        if self._head is None:
            return "within the headers of its answer"
        if self._announced is not None:
            return f"after {self._received} of {self._announced} bytes"
        return f"after {self._received} bytes, before the end of its answer"

    def _timed_out(self, bound: Seconds | None) -> tuple[HttpFailure, str]:
        waited = spell_seconds(self._ctx.timeout)
        if not self._incoming.received:
            return "no_answer", f"the request was sent and nothing came within {waited}"
        if self._head is None or bound is None:
            return "incomplete", f"the answer began and did not end within {waited}"
        if self._ctx.monotonic() >= self._incoming.until:
            return "incomplete", f"{self._received} bytes came within {spell_seconds(bound)}, and it was not all"
        return "stalled", f"nothing came for {waited} after {self._received} bytes, and the connection stayed open"

    def _send_and_receive(
        self,
        keep: Callable[[bytes], None],
        limit: int | None,
        bound: Seconds | None,
        progress: Callable[[int, int | None], None] | None,
    ) -> None:
        adapter = _OneConnection(self._stream, self._incoming, to_bytes(self._request), self._keep_open)
        with _Session() as session:
            session.trust_env = False
            session.mount(f"{self._scheme}://", adapter)
            response = session.send(
                _prepared_request(self._request, self._scheme),
                stream=True,
                allow_redirects=False,
                proxies={},
                timeout=None,
            )
            head = response.raw
            assert isinstance(head, http.client.HTTPResponse)
            self._head = head
            self._headers = response.headers
            length = re.fullmatch(r"[0-9]{1,18}", (head.msg.get("Content-Length") or "").partition(",")[0].strip())
            self._announced = int(length[0]) if length else None
            # Decoding serves the reader of an answer; of a file only the start is decoded, to see whether it is a page.
            most = BODY_LIMIT if bound is None else _SNIFFED
            self._inflater = Inflater(response.headers.get("Content-Encoding"), most)
            if bound is not None:
                self._incoming.until = self._ctx.monotonic() + self._ctx.within(bound)
                self._incoming.stall = self._ctx.timeout
            window, counted = self._ctx.monotonic(), 0
            for piece in self._body_pieces(adapter.file, head, limit):
                self._received += len(piece)
                keep(self._inflater.feed(piece))
                if progress is not None:
                    progress(self._received, self._announced)
                if bound is None:
                    if self._inflater.overflow or self._received > BODY_LIMIT:
                        raise _Ended("too_large", f"its body is longer than {BODY_LIMIT} bytes")
                    continue
                if limit is not None and self._received >= limit and self._received != self._announced:
                    raise _Ended("too_large", f"reading stopped after {self._received} bytes, as asked")
                now = self._ctx.monotonic()
                if now - window >= self._ctx.timeout:
                    if self._received - counted < SLOWEST * (now - window):
                        raise _Ended(
                            "stalled", f"only {self._received - counted} bytes came in {now - window:.0f} seconds"
                        )
                    window, counted = now, self._received

    def _body_pieces(self, file: _File, head: http.client.HTTPResponse, limit: int | None) -> Iterator[bytes]:
        """The body as it was transferred, without chunk marks. Raises EOFError where it breaks off."""
        if head.status in (204, 304):
            return
        if re.search(r"\bchunked\s*$", head.msg.get("Transfer-Encoding") or "", re.IGNORECASE):
            self._announced = None  # chunks overrule a length (RFC 9112, section 6.3)
            yield from _read_chunks(file)
            return
        lengths = head.msg.get_all("Content-Length") or ()
        if lengths_differ(lengths):
            self._announced = None
            values = ", ".join(lengths)[:_NAMED]
            raise _Ended("not_http", f"it announces different lengths (Content-Length: {values})")
        total = self._announced
        while total is None or self._received < total:
            size = _PIECE if total is None else min(_PIECE, total - self._received)
            piece = file.read1(size if limit is None else max(1, min(size, limit - self._received)))
            if not piece:
                if total is None:
                    return
                raise EOFError
            yield piece

    def exchange_result(self, body: bytes, *, server: str, port: int, purpose: Purpose | None) -> Answered:
        headers = self._headers
        kind = _clip_header(headers.get("Content-Type"))
        head = self._head
        challenges: list[str] = []
        if head is not None:
            for name in ("WWW-Authenticate", "Proxy-Authenticate"):
                for value in head.msg.get_all(name) or ():
                    challenges += challenge_schemes(str(value))
        request = self._request
        text = excerpt(body, kind, _EXCERPT) if body else None
        page = is_page(text) if text else False
        status = head.status if head is not None else None
        good = is_success_status(status)
        if self._file and not page and good and not is_message(text, request.target, self._complete):
            text = None  # a firmware image is nothing to read
        incoming = self._incoming
        problem = self._inflater.problem if self._inflater is not None else None
        observation = Http(
            time=self.began,
            last_time=self._ctx.now(),
            client=self._stream.client,
            client_port=self._stream.client_port,
            server=server,
            port=port,
            method=request.method,
            host=request.header("Host"),
            target=request.target,
            scheme=self._scheme,
            status=status,
            request_bytes=len(request.body),
            answer_bytes=self._received,
            announced_bytes=self._announced,
            complete=self._complete,
            seconds=self._ctx.monotonic() - self.started,
            failure=self._failure,
            reason=self._reason or (f"its body cannot be read: {problem}" if problem and not self._file else None),
            content_type=kind,
            content_encoding=_clip_header(headers.get("Content-Encoding")),
            location=_clip_header(headers.get("Location")),
            challenges=tuple(challenges[:8]),
            server_header=_clip_header(headers.get("Server")),
            user_agent=request.header("User-Agent"),
            html=page,
            request_text=excerpt(request.body, request.header("Content-Type"), _EXCERPT) if request.body else None,
            answer_text=text,
            verified=request.verified,
            purpose=purpose,
            content_range=_clip_header(headers.get("Content-Range")),
            retry_after=_clip_header(headers.get("Retry-After")),
            proxy=None if good or head is None else _answering_proxy(head),
        )
        first = incoming.first - self.started if incoming.first is not None else None
        challenge = ", ".join(head.msg.get_all("WWW-Authenticate") or ()) if head is not None else None
        return Answered(observation, body, problem, first, challenge)


def _prepared_request(request: Request, scheme: Scheme) -> PreparedRequest:
    # Filled by hand: preparing would add headers and rewrite the URL.
    prepared = PreparedRequest()
    prepared.method = request.method
    prepared.url = f"{scheme}://{request.header('Host') or ''}{request.target}"
    prepared.headers = CaseInsensitiveDict(request.headers)
    prepared.body = request.body
    return prepared


def _read_chunks(file: _File) -> Iterator[bytes]:
    while True:
        size = re.fullmatch(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n", _read_chunk_line(file))
        if size is None:
            raise _Ended("closed", "its chunks do not fit: a chunk's size cannot be read")
        left = int(size[1], 16)
        if left == 0:
            break
        while left > 0:
            piece = file.read1(min(_PIECE, left))
            if not piece:
                raise EOFError
            left -= len(piece)
            yield piece
        if _read_chunk_line(file) not in (b"\r\n", b"\n"):
            raise _Ended("closed", "its chunks do not fit: a chunk is longer than its size says")
    for _ in range(100):
        if _read_chunk_line(file) in (b"\r\n", b"\n"):
            return
    raise _Ended("too_large", "it has more than 100 trailing headers")


def _read_chunk_line(file: _File) -> bytes:
    line = file.readline(8192)
    if not line.endswith(b"\n"):
        if len(line) < 8192:
            raise EOFError
        raise _Ended("closed", "its chunks do not fit: a chunk's size cannot be read")
    return line


_SCHEME = pattern(r"(?:^|,)\s*([A-Za-z][\w!#$%&'*+.^`|~-]{0,63})(?=\s*(?:,|$)|\s+(?![\s=]))")


def challenge_schemes(value: str) -> list[str]:
    """The scheme words of one WWW-Authenticate header, which may hold several challenges."""
    return _SCHEME.findall(re.sub(r"\"(?:[^\"\\]|\\.)*\"?", '""', value))


def _answering_proxy(head: http.client.HTTPResponse) -> str | None:
    return answering_proxy(
        _clip_header(head.msg.get("Server")), _clip_header(head.msg.get("X-Squid-Error")), head.reason
    )


def _clip_header(value: str | None) -> str | None:
    return None if value is None else str(value)[:_HEADER]
