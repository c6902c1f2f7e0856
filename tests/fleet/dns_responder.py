"""A nameserver on loopback that knows one A record for every name, and nothing else; in a process of its own."""

import multiprocessing
import socket
from multiprocessing.sharedctypes import Synchronized
from types import TracebackType

HOST = "127.0.0.1"


def _serve(sock: socket.socket, count: "Synchronized[int]") -> None:
    while True:
        question, client = sock.recvfrom(4096)
        end = question.index(b"\0", 12) + 5
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\x14" if question[end - 4 : end - 2] == b"\0\1" else b""
        head = question[:2] + b"\x85\x80\0\1" + (b"\0\1" if record else b"\0\0") + bytes(4)
        sock.sendto(head + question[12:end] + record, client)
        count.value += 1


class DnsResponder:
    """A context manager; ``count`` is the number of questions so far."""

    def __init__(self) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._sock.bind((HOST, 0))
        self.port: int = self._sock.getsockname()[1]
        self._count: Synchronized[int] = multiprocessing.Value("q", 0)  # type: ignore[assignment]
        self._process = multiprocessing.Process(target=_serve, args=(self._sock, self._count), daemon=True)

    @property
    def count(self) -> int:
        return self._count.value

    @count.setter
    def count(self, value: int) -> None:
        self._count.value = value

    def __enter__(self) -> "DnsResponder":
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join(10)
        self._sock.close()
