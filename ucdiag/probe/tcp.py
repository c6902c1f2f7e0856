"""TCP: opening one connection to one address, and reading and writing it against a hard deadline.

A deadline is a point on ``ctx.monotonic``'s scale. Every wait is cut to what is left until then, so that a peer
that sends one byte a second cannot make an exchange last.
"""

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import ConnectOutcome, Purpose, Seconds
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.system_errors import NOT_SENT, CameBackError, NotSentError, connect_tcp

_Candidate = tuple[int, int, int, str, tuple[Any, ...]]  # as ``socket.getaddrinfo`` has it


def spell_seconds(seconds: Seconds) -> str:
    """``1 second``, ``2.5 seconds``."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


class TlsBrokenError(Exception):
    """The encrypted connection broke in a way that is TLS's own (an alert, a bad record); the text says how."""


class Stream(Protocol):
    """One open connection, in clear or encrypted. ``until`` is a deadline; past it, TimeoutError."""

    client: str
    client_port: int

    def recv(self, size: int, until: float) -> bytes:
        """At least one byte, or ``b""`` at the end. Raises OSError (ConnectionResetError, TimeoutError, ...)."""

    def send(self, data: bytes, until: float) -> None:
        """All of ``data``. Raises as ``recv`` does."""

    def close(self) -> None:
        """Closes it, whatever its state; never raises."""


class TcpStream:
    """A connected socket as a ``Stream``."""

    def __init__(self, sock: socket.socket, monotonic: Callable[[], Seconds] = time.monotonic) -> None:
        self._sock = sock
        #: Called when it is closed, perhaps more than once.
        self.closed: Callable[[], None] | None = None
        self._monotonic = monotonic
        name = sock.getsockname()
        self.client: str = name[0]
        self.client_port: int = name[1]

    def recv(self, size: int, until: float) -> bytes:
        self._wait(until)
        return self._sock.recv(size)

    def send(self, data: bytes, until: float) -> None:
        self._wait(until)
        self._sock.sendall(data)  # the socket's timeout is for all of it

    def close(self) -> None:
        try:
            self._sock.close()
        except OSError:
            pass
        if self.closed is not None:
            self.closed()

    def _wait(self, until: float) -> None:
        left = until - self._monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        self._sock.settimeout(left)


@record(frozen=True, slots=True)
class _Failure:
    outcome: ConnectOutcome
    reason: str | None = None


def connect(
    ctx: Context, address: str, port: int, *, name: str | None = None, purpose: Purpose | None = "update"
) -> tuple[Connect, TcpStream | None]:
    """One attempt to open a connection to ``address``, an IP address, within ``ctx.timeout``.

    ``name`` is the host name that led to the address. The stream is ``None`` unless the outcome is open. Raises
    CannotTest when this machine has run out of sockets, or when a proxy was asked for and cannot be used.
    """
    heard = ctx.heard.connection(address, port) if ctx.heard is not None else None
    leave = ctx.gate.enter(address) if ctx.gate is not None and heard is None else None
    began, started = ctx.now(), ctx.monotonic()
    stream: TcpStream | None = None
    try:
        stream, failure = open_stream(ctx, address, port, name) if heard is None else (heard(), _Failure("open"))
    finally:
        if stream is not None:
            stream.closed = leave
        elif leave is not None:
            leave()
    return Connect(
        time=began,
        client=stream.client if stream else None,
        client_port=stream.client_port if stream else None,
        server=address,
        port=port,
        outcome=failure.outcome,
        reason=failure.reason,
        seconds=ctx.monotonic() - started,
        name=name,
        purpose=purpose,
    ), stream


def open_stream(ctx: Context, address: str, port: int, name: str | None = None) -> tuple[TcpStream | None, _Failure]:
    """The connection alone, without an observation."""
    if ctx.proxy is not None:
        return _through_proxy(ctx, ctx.proxy)
    return _open_directly(ctx, *ctx.route(address, port, name))


def _open_directly(ctx: Context, address: str, port: int) -> tuple[TcpStream | None, _Failure]:
    ctx.wait_for(f"connecting to {address} port {port}", ctx.patience)
    try:
        sock = connect_tcp(address, port, max(ctx.patience, 0.001), ctx.monotonic)
    except TimeoutError:
        return None, _Failure("no_answer", f"no answer within {spell_seconds(ctx.timeout)}")
    except ConnectionRefusedError:
        return None, _Failure("refused")
    except CameBackError as error:
        return None, _Failure("unreachable", error.notice.reason)
    except NotSentError as error:
        return None, _Failure("not_sent", error.reason)
    except ValueError as error:
        return None, _Failure("unreachable", str(error))
    try:
        return TcpStream(sock, ctx.monotonic), _Failure("open")
    except OSError:
        sock.close()
        return None, _Failure("refused")  # it was reset before it could be looked at


def proxy_endpoint(proxy: str) -> tuple[str, int]:
    """Host and port of a proxy given as ``http://host:port`` or ``host:port``. Raises CannotTest for anything else."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        parts, host, port = None, None, 0
    if parts is None or parts.scheme != "http" or not host or "@" in parts.netloc:
        shown = quoted(_without_password(proxy)[:100])
        raise CannotTest(
            "proxy-unusable", f"The proxy {shown} cannot be used: give it as http://host:port, without a user."
        )
    return host, port


def _without_password(proxy: str) -> str:
    before, at, host = proxy.rpartition("@")
    scheme, mark, _ = before.rpartition("://")
    return f"{scheme}{mark}...@{host}" if at else proxy


def _addresses_of_proxy(ctx: Context, host: str, port: int) -> Sequence[_Candidate]:
    """What this machine's resolver says, which knows no time limit: it is asked beside. Raises CannotTest."""
    from threading import Thread

    found: list[Sequence[_Candidate]] = []

    def ask_system() -> None:
        with suppress(OSError, UnicodeError):
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    seconds = ctx.patience
    asking = Thread(target=ask_system, name="ucdiag-proxy", daemon=True)
    try:
        asking.start()
        asking.join(seconds)
    except RuntimeError:  # no more threads may be started
        ask_system()
    if found:
        return found[0]
    if not asking.is_alive():
        raise CannotTest("proxy-unusable", f"The proxy {quoted(host)} does not resolve; nothing behind it was tested.")
    ctx.need_time()
    text = f"The proxy {quoted(host)} does not resolve within {spell_seconds(seconds)}; nothing behind it was tested."
    raise CannotTest("proxy-unusable", text)


def _through_proxy(ctx: Context, proxy: str) -> tuple[TcpStream | None, _Failure]:
    host, port = proxy_endpoint(proxy)
    candidates = _addresses_of_proxy(ctx, host, port)
    failure = _Failure("no_answer")
    for _, _, _, _, endpoint in candidates[:4]:
        address, number = str(endpoint[0]), int(endpoint[1])
        stream, failure = _open_directly(ctx, *ctx.route(address, number, host))
        if stream is not None:
            return stream, _Failure("open", f"through the proxy {host}:{port}")
    if failure.outcome == "not_sent":
        raise CannotTest(
            NOT_SENT,
            f"Nothing could be sent to the proxy {host}:{port}: {failure.reason}; nothing behind it was tested.",
        )
    word = {"refused": "refuses the connection", "no_answer": "does not answer"}.get(
        failure.outcome, "cannot be reached"
    )
    raise CannotTest("proxy-unusable", f"The proxy {host}:{port} {word}; nothing behind it was tested.")
