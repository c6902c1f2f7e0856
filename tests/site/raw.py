"""A TCP server that says exactly what a test wants, cut where it wants: for what no decent server does.

It needs no namespaces: `Raw(0, ...)` on loopback has its port in `port`.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

Step = bytes | float | str | Callable[[socket.socket, bytes], Any]


class Raw:
    """Each connection is answered by the same ``steps``, one after the other, after a whole request has come in.

    A step: bytes are sent; a number is a pause in seconds; ``"close"`` ends the stream in order, ``"reset"`` by RST,
    ``"hold"`` leaves it open and silent until the client goes; a function gets the socket and the request. After the
    last step the connection is closed in order. ``read=False`` answers without waiting for a request (a banner).
    """

    def __init__(self, port: int, *steps: Step, address: str = "0.0.0.0", read: bool = True) -> None:
        self.steps = steps
        self.read = read
        self.requests: list[bytes] = []
        self._listener = socket.create_server((address, port), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, name=f"raw-{self.port}", daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), name=f"raw-{self.port}-one", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.settimeout(60)
            request = self._request(connection) if self.read else b""
            self.requests.append(request)
            for step in self.steps:
                self._do(connection, request, step)
        with self._lock:
            self._open.discard(connection)
        connection.close()

    def _do(self, connection: socket.socket, request: bytes, step: Step) -> None:
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, float | int):
            self._closing.wait(step)
        elif step == "hold":
            with contextlib.suppress(TimeoutError):
                while connection.recv(65536):
                    pass
        elif step == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        elif step == "close":
            connection.shutdown(socket.SHUT_WR)
            time.sleep(0.05)
        elif callable(step):
            step(connection, request)

    @staticmethod
    def _request(connection: socket.socket) -> bytes:
        """Until a whole HTTP request is there: head, and as much body as Content-Length says."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                break
            body += more
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            still = list(self._open)
        for connection in still:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
