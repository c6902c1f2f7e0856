"""Linux' packet sockets: whole frames, past the IP stack of this machine (packet(7); linux/if_packet.h).

``scapy_packets.py`` has what is used elsewhere.
"""

import select
import socket
import struct
import sys

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

        def receive_frame(self, seconds: Seconds) -> tuple[bytes, int | None] | None:
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
