"""Answers that come from another address or port than was asked, as dig notices them ("reply from unexpected source").

The kernel drops them at a connected socket. A second socket, on the same port and connected to nobody, gets what the
first one does not: Linux gives a datagram to the socket that fits best (udp(7), SO_REUSEADDR). On other systems two
sockets of one port may take each other's datagrams. There the second one has a port of its own and asks too, once the
first one has waited in vain.
"""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_MOST = 64  # datagrams that are looked at: whoever finds the port may send any number


def share_port(sock: socket.socket) -> None:
    """Lets another socket have the port that ``sock`` will get. To be called before it is connected."""
    if sys.platform == "linux":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


@contextmanager
def closing_second(sock: socket.socket) -> Iterator[socket.socket | None]:
    """A socket for what comes from elsewhere to the connected ``sock``, or to itself; None where there can be none."""
    second = _open_second(sock)
    try:
        yield second
    finally:
        if second is not None:
            second.close()


def _open_second(sock: socket.socket) -> socket.socket | None:
    try:
        second = socket.socket(sock.family, socket.SOCK_DGRAM)
    except OSError:
        return None
    try:
        second.setblocking(False)
        if sys.platform == "linux":
            second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            second.bind(sock.getsockname())
    except OSError:
        second.close()
        return None
    return second


def ask_beside(second: socket.socket | None, sock: socket.socket, wire: bytes) -> None:
    """Sends the question from the second socket too, where that has a port of its own."""
    if second is not None and sys.platform != "linux":
        with suppress(OSError):
            second.sendto(wire, sock.getpeername())


def source_of_reply(
    second: socket.socket, sock: socket.socket, is_reply: Callable[[bytes], bool]
) -> tuple[str, int] | None:
    """Address and port of the first datagram so far that ``is_reply`` takes, None where there was none.

    What comes from where ``sock`` is connected to is no such datagram.
    """
    asked = sock.getpeername()[:2]
    for _ in range(_MOST):
        try:
            wire, source = second.recvfrom(65535)
        except OSError:  # none is left
            return None
        if source[:2] != asked and is_reply(wire):
            return str(source[0]).partition("%")[0], int(source[1])
    return None
