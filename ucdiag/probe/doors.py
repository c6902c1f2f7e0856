"""Sockets that root alone may open, opened once, so that its rights can be given up before anything is asked.

What could not be opened is known here too, and said when it is asked for.
"""

import os
import socket
from typing import Protocol, TypeVar

from ucdiag.model.vocabulary import Seconds

T = TypeVar("T")


class _Link(Protocol):
    """``Link`` of ``packet_link.py``."""

    def send(self, frame: bytes) -> None: ...
    def receive(self, seconds: Seconds) -> tuple[bytes, int | None] | None: ...
    def close(self) -> None: ...


class KeptLink:
    """A packet socket that stays open: it cannot be opened again."""

    def __init__(self, link: _Link) -> None:
        self._link = link

    def send(self, frame: bytes) -> None:
        """Send one frame."""
        self._link.send(frame)

    def receive(self, seconds: Seconds) -> tuple[bytes, int | None] | None:
        """See ``Link``."""
        return self._link.receive(seconds)

    def close(self) -> None:
        """Keep the socket open for the next question."""

    def close_socket(self) -> None:
        """Close the socket."""
        self._link.close()


class Doors:
    """What was opened, or the error in its place."""

    def __init__(self) -> None:
        self.opened_link: KeptLink | Exception | None = None
        self.opened_relay: tuple[socket.socket, str] | Exception | None = None
        self.opened_client: socket.socket | Exception | None = None

    def kept_link(self) -> KeptLink:
        """The packet socket. Raises OSError as ``open_link`` does."""
        return self._opened_or_error(self.opened_link)

    def client_socket(self) -> socket.socket:
        """The socket of a DHCP client, where the packet socket could not be opened. Raises OSError."""
        return self._opened_or_error(self.opened_client).dup()

    def relay_socket(self) -> tuple[socket.socket, str]:
        """The relay's socket and its address. Raises CannotTest as ``bind_relay_socket`` of ``dhcp_relay.py`` does."""
        endpoint, address = self._opened_or_error(self.opened_relay)
        return endpoint.dup(), address

    def close(self) -> None:
        """Nothing is asked any more."""
        if isinstance(self.opened_link, KeptLink):
            self.opened_link.close_socket()
        if isinstance(self.opened_relay, tuple):
            self.opened_relay[0].close()
        if isinstance(self.opened_client, socket.socket):
            self.opened_client.close()

    @staticmethod
    def _opened_or_error(opened: T | Exception | None) -> T:
        if isinstance(opened, Exception):
            raise opened
        if opened is None:
            raise PermissionError(1, os.strerror(1))
        return opened
