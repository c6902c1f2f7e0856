"""A server of raw sockets that does exactly what a test says, and remembers what it was sent.

    with RawServer(lambda peer: (peer.request(), peer.send(b"HTTP/1.1 204 No Content\\r\\n\\r\\n"))) as server:
        ...
    assert server.received[0].startswith(b"POST ")

The script runs once for each connection, in a thread; the connection is closed after it.
"""

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

HOST = "127.0.0.1"
GUARD = 20.0  # seconds; against hanging tests only


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: "RawServer", sock: socket.socket) -> None:
        self._server = server
        self.sock = sock
        self.data = bytearray()

    def read(self, size: int = 65536) -> bytes:
        piece = self.sock.recv(size)
        self.data += piece
        return piece

    def request(self) -> bytes:
        """Reads one whole request by its Content-Length."""
        while b"\r\n\r\n" not in self.data:
            if not self.read():
                return bytes(self.data)
        head, _, body = bytes(self.data).partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            piece = self.read()
            if not piece:
                break
            body += piece
        return bytes(self.data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> None:
        """Waits for the request, then sends an answer with its length."""
        self.request()
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def silent(self) -> None:
        """Keeps the connection open until the test is over or the client has gone."""
        self.sock.settimeout(0.05)
        while not self._server.over.is_set():
            try:
                if not self.read():
                    return
            except TimeoutError:
                continue

    def drip(self, data: bytes, pause: float) -> None:
        for at in range(len(data)):
            if self._server.over.wait(pause):
                return
            self.send(data[at : at + 1])

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class RawServer:
    def __init__(self, script: Callable[[Peer], Any], tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.over = threading.Event()
        self._received: dict[int, bytes] = {}
        self._threads: list[threading.Thread] = []

    @property
    def received(self) -> list[bytes]:
        """What came over the connections that are over, in the order in which they were opened."""
        return [self._received[number] for number in sorted(self._received)]

    def __enter__(self) -> "RawServer":
        thread = threading.Thread(target=self._listen, daemon=True)
        thread.start()
        self._threads.append(thread)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(GUARD)
            assert not thread.is_alive()

    def _listen(self) -> None:
        for number in itertools.count():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(number, sock), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, number: int, sock: socket.socket) -> None:
        sock.settimeout(GUARD)
        peer = Peer(self, sock)
        try:
            if self._tls is not None:
                peer.sock = self._tls.wrap_socket(sock, server_side=True)
            self._script(peer)
        except OSError:
            pass
        finally:
            self._received[number] = bytes(peer.data)
            with contextlib.suppress(OSError):
                peer.sock.close()


@contextlib.contextmanager
def full_listener() -> Iterator[int]:
    """A port whose SYNs are dropped, because its queue is full and nobody takes from it."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((HOST, 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((HOST, port))
        yield port
