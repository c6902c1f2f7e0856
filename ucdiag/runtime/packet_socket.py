"""Packet sockets: whole frames, past the IP stack of this machine.

On Linux AF_PACKET (packet(7); linux/if_packet.h). Elsewhere scapy's socket, which uses BPF on macOS and Npcap on
Windows; it has not been tried on those systems.
"""

import select
import socket
import struct
import sys
from typing import Any

from ucdiag.model.vocabulary import Seconds

if sys.platform == "linux":
    import os

    SOL_PACKET = 263
    ADD_MEMBERSHIP, RX_RING, STATISTICS, AUXDATA, VERSION = 1, 5, 6, 8, 10
    TPACKET_V3 = 2
    PACKET_OUTGOING = 4  # the kind of a packet that this machine sent
    STATUS_USER, STATUS_VLAN_VALID = 1, 0x10
    _PROMISCUOUS = 1
    _ETH_P_ALL = 3
    _SO_ATTACH_FILTER = 26
    _AUXILIARY = struct.Struct("=IIIHHHH")  # struct tpacket_auxdata: status, ..., VLAN tag, its EtherType

    class PacketSocket(socket.socket):
        """Raises PermissionError without the right to it, OSError where there are no packet sockets.

        It receives nothing before ``bind_to``: until then a filter can be attached that no packet passes by.
        """

        def __init__(self) -> None:
            super().__init__(socket.AF_PACKET, socket.SOCK_RAW, 0)

        def attach_filter(self, program: bytes) -> None:
            """``program`` is an array of ``struct sock_filter`` (``ucdiag.runtime.bpf``)."""
            import ctypes

            held = ctypes.create_string_buffer(program)
            # struct sock_fprog of linux/filter.h: a count and a pointer, aligned as C aligns them.
            pointer = struct.pack("HP", len(program) // 8, ctypes.addressof(held))
            self.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)

        def bind_to(self, interface: str) -> None:
            """Receives the packets of one interface from now on."""
            self.bind((interface, _ETH_P_ALL))

        def make_promiscuous(self, index: int) -> None:
            """Also the frames for others, on the interface with this index, for as long as the socket is open."""
            self.setsockopt(SOL_PACKET, ADD_MEMBERSHIP, struct.pack("=iHH8x", index, _PROMISCUOUS, 0))

        def raise_error(self) -> None:
            """Raises the OSError that waits on the socket, if one does."""
            number = self.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                raise OSError(number, os.strerror(number))

        def receive(self, seconds: Seconds) -> tuple[bytes, int | None] | None:
            """(A frame of another, the VLAN id that the kernel took off it), or ``None`` when none came in time.

            The VLAN id is there where ``AUXDATA`` was set.
            """
            if not select.select([self], [], [], max(seconds, 0))[0]:
                return None
            try:
                frame, extra, _, sender = self.recvmsg(65535, 256)
            except BlockingIOError:
                return None
            if sender[2] == PACKET_OUTGOING:
                return None
            for level, kind, data in extra:
                if level == SOL_PACKET and kind == AUXDATA and len(data) >= _AUXILIARY.size:
                    status, *_, tag, _ = _AUXILIARY.unpack(data[: _AUXILIARY.size])
                    if status & STATUS_VLAN_VALID:
                        return frame, tag & 0xFFF
            return frame, None


def load_scapy() -> Any:
    """scapy's ``conf``, with the sockets and interfaces of this system in it. Raises ImportError."""
    import logging

    # It warns of machines without an IPv4 default route, in the middle of our own output.
    logging.getLogger("scapy").setLevel(logging.ERROR)
    import scapy.arch  # noqa: F401 - only this import finds out the sockets and interfaces of this system
    from scapy.config import conf

    return conf


class ScapySocket:
    """scapy's packet socket, which both captures (with a filter ``expression``) and sends (without).

    Opening raises what scapy raises: ImportError, OSError, ``Scapy_Exception`` and others.
    """

    def __init__(self, interface: str, expression: str | None = None) -> None:
        conf = load_scapy()
        self._socket = (
            conf.L2socket(iface=interface, promisc=True)
            if expression is None
            else conf.L2listen(iface=interface, filter=expression)
        )

    def wait(self, seconds: Seconds) -> bool:
        """Whether a frame is there within this time."""
        return bool(type(self._socket).select([self._socket], seconds))

    def receive(self) -> tuple[bytes | None, Seconds | None]:
        """A frame that is there, and its time since the epoch where the system gives one."""
        _, frame, moment = self._socket.recv_raw(65535)
        return (None if frame is None else bytes(frame)), (None if moment is None else float(moment))

    def send(self, frame: bytes) -> None:
        """One frame. Raises OSError."""
        from scapy.packet import Raw

        self._socket.send(Raw(frame))

    def close(self) -> None:
        """The end."""
        self._socket.close()
