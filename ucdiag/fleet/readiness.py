"""Which of many sockets are ready: ``select.epoll`` where it is there, for it costs half of what ``selectors`` does."""

import select
import selectors
import socket
import sys
from typing import Generic, TypeVar

_Who = TypeVar("_Who")


class Selectors(Generic[_Who]):
    """On every system."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch_socket(self, sock: socket.socket, who: _Who, *, writing: bool = False) -> None:
        """From now on ``wait_for_ready`` gives ``who`` where the socket can be read, or else written."""
        self._selector.register(sock, selectors.EVENT_WRITE if writing else selectors.EVENT_READ, who)

    def watch_for_reading(self, sock: socket.socket, who: _Who) -> None:
        """From now on the socket, to which all is written, is watched for reading."""
        self._selector.modify(sock, selectors.EVENT_READ, who)

    def forget_socket(self, sock: socket.socket) -> None:
        """Before a socket is closed."""
        try:
            self._selector.unregister(sock)
        except KeyError:
            pass  # it was not watched yet

    def wait_for_ready(self, seconds: float) -> list[_Who]:
        """The owners of sockets that are ready, after so many seconds at most. It may be too early for one of them."""
        return [key.data for key, _ in self._selector.select(seconds)]

    def close(self) -> None:
        """No more is watched."""
        self._selector.close()


if sys.platform == "linux":

    class Readiness(Generic[_Who]):
        """As ``Selectors``. The system forgets a socket that is closed."""

        def __init__(self) -> None:
            self._epoll = select.epoll()
            self._by_handle: dict[int, _Who] = {}

        def watch_socket(self, sock: socket.socket, who: _Who, *, writing: bool = False) -> None:
            handle = sock.fileno()
            self._epoll.register(handle, select.EPOLLOUT if writing else select.EPOLLIN)
            self._by_handle[handle] = who

        def watch_for_reading(self, sock: socket.socket, who: _Who) -> None:
            self._epoll.modify(sock.fileno(), select.EPOLLIN)

        def forget_socket(self, sock: socket.socket) -> None:
            self._by_handle.pop(sock.fileno(), None)

        def wait_for_ready(self, seconds: float) -> list[_Who]:
            found = self._by_handle.get
            return [who for handle, _ in self._epoll.poll(seconds) if (who := found(handle)) is not None]

        def close(self) -> None:
            self._epoll.close()

else:
    Readiness = Selectors
