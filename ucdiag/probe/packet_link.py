"""Frames of DHCP out of and into one interface, through the packet socket of this system."""

import errno
import socket
import sys
from typing import Protocol

from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.bpf import (
    ACCEPT,
    ANY_BIT,
    EQUAL,
    HEADER_TO_X,
    LOAD_BYTE,
    LOAD_HALF,
    LOAD_HALF_X,
    REJECT,
    RETURN,
    Program,
)
from ucdiag.runtime.scapy_packets import RawPacket, ScapySocket
from ucdiag.wire.link.link_layer import IPV4, VLAN_TAGS
from ucdiag.wire.watched import UDP

_CLIENT_PORT = 68
_AT_ONCE = 64  # frames
# The same for libpcap and Npcap (pcap-filter(7)), with or without one tag.
_UDP_TO_CLIENTS = "udp dst port 68"
TO_DHCP_CLIENTS = (f"({_UDP_TO_CLIENTS}) or (vlan and ({_UDP_TO_CLIENTS}))", _UDP_TO_CLIENTS)


class Link(Protocol):
    """A packet socket on one interface. ``send`` and ``receive`` raise OSError where the interface goes down."""

    def send(self, frame: bytes) -> None:
        """Send one frame."""

    def receive(self, seconds: Seconds) -> tuple[bytes, int | None] | None:
        """A received frame and the VLAN id that the kernel took off it; ``None`` when none came in time."""

    def close(self) -> None:
        """Close the socket."""


def open_link(interface: str) -> Link:
    """A packet socket on an interface. Raises PermissionError without the right to it, OSError for other reasons."""
    if sys.platform == "linux":
        return PacketLink(interface)
    return ScapyLink(interface)


def to_dhcp_clients() -> bytes:
    """The kernel's filter for Ethernet: UDP over IPv4 to port 68, no later fragment, and every frame with a tag."""
    program = Program()
    program.add(LOAD_HALF, 12)
    program.jump_if_any(sorted(VLAN_TAGS), "accept")
    program.add(EQUAL, IPV4, None, "reject")
    program.add(LOAD_BYTE, 23)
    program.add(EQUAL, UDP, None, "reject")
    program.add(LOAD_HALF, 20)
    program.add(ANY_BIT, 0x1FFF, "reject")
    program.add(HEADER_TO_X, 14)
    program.add(LOAD_HALF_X, 16)
    program.add(EQUAL, _CLIENT_PORT, None, "reject")
    program.label("accept")
    program.add(RETURN, ACCEPT)
    program.label("reject")
    program.add(RETURN, REJECT)
    return program.assemble()


if sys.platform == "linux":
    from ucdiag.runtime.packet_socket import AUXDATA, SOL_PACKET, PacketSocket

    class PacketLink:
        """Linux: promiscuous, since an answer may be for the phone's address alone, with a filter in the kernel."""

        def __init__(self, interface: str) -> None:
            self._socket = PacketSocket()
            try:
                self._socket.attach_filter(to_dhcp_clients())
                self._socket.setsockopt(SOL_PACKET, AUXDATA, 1)
                self._socket.bind_to(interface)
                self._socket.make_promiscuous(socket.if_nametoindex(interface))
            except BaseException:
                self._socket.close()
                raise

        def send(self, frame: bytes) -> None:
            """Send one frame."""
            self._socket.send(frame)

        def receive(self, seconds: Seconds) -> tuple[bytes, int | None] | None:
            """See ``Link``."""
            return self._socket.receive_frame(seconds)

        def close(self) -> None:
            """Close the socket."""
            self._socket.close()


class ScapyLink:
    """Any system that scapy knows a packet socket of."""

    def __init__(self, interface: str) -> None:
        try:
            self._socket = ScapySocket(interface, TO_DHCP_CLIENTS, sends=True)
        except (ImportError, LookupError) as error:
            raise OSError(errno.ENODEV, str(error)) from error
        self._received: list[RawPacket] = []

    def send(self, frame: bytes) -> None:
        """Send one frame."""
        self._socket.send(frame)

    def receive(self, seconds: Seconds) -> tuple[bytes, int | None] | None:
        """See ``Link``. scapy leaves tags in the frame."""
        if not self._received:
            self._socket.wait(max(seconds, 0))
            self._received = self._socket.packets(_AT_ONCE)[::-1]
        return (self._received.pop().data, None) if self._received else None

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
