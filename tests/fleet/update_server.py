"""An update service on loopback for many connections: asyncio in a thread, each answer after a while.

What it answers is a function of the request and of how many came before it.
"""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType

HOST = "127.0.0.1"
NONE_OFFERED = b'<?xml version="1.0"?><r downloads="0"/>'
Answer = tuple[int, bytes, str]  # status, body, further header lines


def nothing_newer(request: bytes, number: int) -> Answer:
    """The path is whole."""
    return 200, NONE_OFFERED, ""


class UpdateServer:
    """A context manager. ``most`` connections at a time are served, further ones are reset."""

    def __init__(
        self,
        answer: Callable[[bytes, int], Answer] = nothing_newer,
        *,
        seconds: float = 0.0,
        most: int | None = None,
    ) -> None:
        self.answer = answer
        self.seconds = seconds
        self.most = most
        self.open = 0
        self.widest = 0
        self.turned_away = 0
        self.requests: list[bytes] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{HOST}:{self.port}/RequestHandler/ucdevice.upx"

    def __enter__(self) -> "UpdateServer":
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        making = self._loop.create_server(lambda: _Connection(self), HOST, 0, backlog=512)
        server = self._loop.run_until_complete(making)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _Connection(asyncio.Protocol):
    """One request, its answer, and the end."""

    def __init__(self, server: UpdateServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.open += 1
        self._server.widest = max(self._server.widest, self._server.open)
        if self._server.most is not None and self._server.open > self._server.most:
            self._server.turned_away += 1
            transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._server.open -= 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return
        lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
        if len(body) < next((int(value) for name, _, value in lines if name == b"content-length"), 0):
            return
        request, self._received = self._received, b""
        self._server.requests.append(request)
        answer = self._server.answer(request, len(self._server.requests))
        if self._server.seconds:
            asyncio.get_running_loop().call_later(self._server.seconds, self._answer, answer)
        else:
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        if self._transport is None:
            return
        status, content, more = answer
        start = f"HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nContent-Length: {len(content)}\r\n{more}"
        # Said, for else a client that keeps its connections may ask on one that is just being closed.
        self._transport.write(f"{start}Connection: close\r\n\r\n".encode("ascii") + content)
        self._transport.close()
