"""A small HTTP/1.1 server that can also misbehave in every way that a scenario asks for."""

import contextlib
import gzip
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from socket import SO_LINGER, SOL_SOCKET, socket

from ucdiag.lab.scenario import Reply
from ucdiag.lab.serving import Servers
from ucdiag.wire.http.body import Inflater

_LONGEST_HEAD = 65536
_LONGEST_BODY = 1 << 20
_CHUNK = 1000  # bytes
_TRICKLE = 0.2  # seconds between two bytes
_GARBAGE = b"\x00\x05\xfe\xed ucdiag lab: this is no HTTP \xff\xfe\x80" * 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LabRequest:
    """One request as it came. Header names are lower case; ``client`` is the address that it came from."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    client: str

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(slots=True)
class ReplyCounter:
    """Counts down a fault's ``times``."""

    left: dict[int, int] = field(default_factory=dict)

    def still_applies(self, reply: Reply) -> bool:
        """Whether the reply still applies, counting this use."""
        if reply.times is None:
            return True
        left = self.left.setdefault(id(reply), reply.times)
        self.left[id(reply)] = left - 1
        return left > 0


Handler = Callable[[LabRequest], Reply]


class HttpServer:
    """Speaks HTTP on connections that ``servers`` hands to ``serve_connection``; ``context`` makes it https.

    ``tls_fault`` answers the ClientHello wrongly: silent, close, garbage, or a fatal alert's number. ``requests`` are
    all that came.
    """

    def __init__(
        self,
        servers: Servers,
        handler: Handler,
        context: ssl.SSLContext | None = None,
        tls_fault: str | int | None = None,
    ) -> None:
        self._servers, self._handler, self._context, self._tls_fault = servers, handler, context, tls_fault
        self.requests: list[LabRequest] = []

    def serve_connection(self, connection: socket) -> None:
        """Serves one connection until either side ends it."""
        if self._tls_fault is not None:
            self._fail_tls(connection)
        elif self._context is None:
            self._serve_requests(connection)
        else:
            with contextlib.suppress(ssl.SSLError), self._context.wrap_socket(connection, server_side=True) as secured:
                self._serve_requests(secured)

    def _fail_tls(self, connection: socket) -> None:
        connection.recv(4096)
        if self._tls_fault == "silent":
            _wait_for_end(connection)
        elif self._tls_fault == "garbage":
            connection.sendall(_GARBAGE)
        elif isinstance(self._tls_fault, int):
            # One fatal alert in a record of TLS 1.0, which every client reads (RFC 5246, 7.2 and appendix E).
            connection.sendall(b"\x15\x03\x01\x00\x02\x02" + bytes([self._tls_fault]))
            _wait_for_end(connection)

    def _serve_requests(self, connection: socket) -> None:
        pending = bytearray()
        client = connection.getpeername()[0]
        while not self._servers.stopping.is_set():
            request = _read_request(connection, pending, client)
            if request is None:
                return
            self.requests.append(request)
            if not self._send_reply(connection, request, self._handler(request)):
                return

    def _send_reply(self, connection: socket, request: LabRequest, reply: Reply) -> bool:
        """Send the reply in its way; False when the connection is over."""
        if _send_nothing_useful(connection, reply):
            return False
        last = request.headers.get("connection", "").lower() == "close" or reply.how != "whole"
        head, body = _build_message(reply, last=last, with_body=request.method != "HEAD")
        if reply.how == "endless":
            self._send_endlessly(connection, head)
        elif reply.how == "trickle":
            self._send_slowly(connection, head + body)
        elif reply.how in ("cut", "stall"):
            connection.sendall(head + body[: len(body) // 2])
            if reply.how == "stall":
                _wait_for_end(connection)
        else:
            connection.sendall(head + body)
        return not last

    def _send_endlessly(self, connection: socket, head: bytes) -> None:
        connection.sendall(head)
        while not self._servers.stopping.is_set():
            connection.sendall(b"<x/>" * 4096)

    def _send_slowly(self, connection: socket, message: bytes) -> None:
        for at in range(len(message)):
            connection.sendall(message[at : at + 1])
            if self._servers.stopping.wait(_TRICKLE):
                return


def _send_nothing_useful(connection: socket, reply: Reply) -> bool:
    """Do what a reply without an HTTP message asks for; False for one that has a message."""
    if reply.how == "silent":
        _wait_for_end(connection)
    elif reply.how == "reset":
        _reset_at_close(connection)
    elif reply.how == "garbage":
        connection.sendall(_GARBAGE)
    return reply.how in ("silent", "close", "reset", "garbage")


def _build_message(reply: Reply, *, last: bool, with_body: bool) -> tuple[bytes, bytes]:
    """Head and body as they are sent. ``last``: the connection ends after it."""
    body = reply.body or b""
    headers = list(reply.headers)
    if reply.gzip:
        body = gzip.compress(body, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    if reply.how == "endless":
        pass
    elif reply.chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    else:
        headers.append(("Content-Length", str(len(body))))
    if last:
        headers.append(("Connection", "close"))
    if not with_body:
        body = b""
    return _build_head(reply.status, headers), _chunked_body(body) if reply.chunked else body


def _build_head(status: int, headers: list[tuple[str, str]]) -> bytes:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = "Unknown"
    names = {name.lower() for name, _ in headers}
    if "server" not in names:
        headers.append(("Server", "ucdiag-lab"))
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _chunked_body(body: bytes) -> bytes:
    parts = [body[at : at + _CHUNK] for at in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _wait_for_end(connection: socket) -> None:
    """Until the client hangs up, or the site is closed, which shuts the connection down."""
    while connection.recv(4096):
        pass


def _reset_at_close(connection: socket) -> None:
    # Closing with linger of zero sends RST in place of FIN.
    connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


def _read_request(connection: socket, pending: bytearray, client: str) -> LabRequest | None:
    """The next request; ``None`` at the end of the connection and for what is no request."""
    while (end := pending.find(b"\r\n\r\n")) < 0:
        if len(pending) > _LONGEST_HEAD or not _receive_more(connection, pending):
            return None
    lines = bytes(pending[:end]).decode("latin-1").split("\r\n")
    del pending[: end + 4]
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = _read_body(connection, pending, headers)
    if body is None:
        return None
    return LabRequest(method=words[0], target=words[1], headers=headers, body=body, client=client)


def _read_body(connection: socket, pending: bytearray, headers: dict[str, str]) -> bytes | None:
    """The body; None where it does not arrive whole, is longer than ``_LONGEST_BODY``, or has a wrong length."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _read_chunks(connection, pending)
    announced = headers.get("content-length", "0")
    if not (announced.isascii() and announced.isdigit()) or len(announced) > 9 or int(announced) > _LONGEST_BODY:
        return None
    while len(pending) < int(announced):
        if not _receive_more(connection, pending):
            return None
    body = pending[: int(announced)]
    del pending[: int(announced)]
    if headers.get("content-encoding", "").lower() == "gzip":
        inflater = Inflater("gzip", _LONGEST_BODY)
        plain = inflater.feed(bytes(body))
        inflater.end()
        if inflater.problem is None:
            return plain
    return bytes(body)


def _read_chunks(connection: socket, pending: bytearray) -> bytes | None:
    body = bytearray()
    while len(body) <= _LONGEST_BODY:
        chunk = _read_chunk(connection, pending)
        if chunk is None:
            return None
        if not chunk:
            return bytes(body)
        body += chunk
    return None


def _read_chunk(connection: socket, pending: bytearray) -> bytes | None:
    """The next chunk; empty for the last one, None where it does not arrive whole or is too long."""
    while (end := pending.find(b"\r\n")) < 0:
        if len(pending) > _LONGEST_HEAD or not _receive_more(connection, pending):
            return None
    try:
        size = int(pending[:end].split(b";")[0], 16)
    except ValueError:
        return None
    while len(pending) < end + 2 + size + 2:
        if size > _LONGEST_BODY or not _receive_more(connection, pending):
            return None
    chunk = bytes(pending[end + 2 : end + 2 + size])
    del pending[: end + 2 + size + 2]
    return chunk


def _receive_more(connection: socket, pending: bytearray) -> bool:
    some = connection.recv(65536)
    pending += some
    return bool(some)
