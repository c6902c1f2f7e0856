"""libpcap as scapy wraps it, in memory: what the library was asked is noted, and packets come as C has them."""

import ctypes
import struct
from typing import Any

from tests.recorded_calls import Noted


class Header(ctypes.Structure):
    _fields_ = (
        ("seconds", ctypes.c_long),
        ("rest", ctypes.c_long),
        ("captured", ctypes.c_uint),
        ("length", ctypes.c_uint),
    )


class Statistics(ctypes.Structure):
    _fields_ = (("ps_recv", ctypes.c_uint), ("ps_drop", ctypes.c_uint), ("ps_ifdrop", ctypes.c_uint))


class Library:
    """``packets`` are (seconds, microseconds, length, data), or what ``pcap_next_ex`` returns without one."""

    pcap_pkthdr = Header
    pcap_stat = Statistics

    def __init__(self, *packets: Any, says: bytes | None = b"eth0: it went down", drops: int | Exception = 3) -> None:
        self.left = list(packets)
        self.says = says
        self.drops = drops
        self.noted = Noted(None, pcap_setbuff=None)
        self.held: list[Any] = []

    def pcap_next_ex(self, pcap: object, header: Any, data: Any) -> int:
        if not self.left:
            return 0
        packet = self.left.pop(0)
        if isinstance(packet, int):
            return packet
        seconds, rest, length, content = packet
        held = Header(seconds, rest, len(content), length)
        room = (ctypes.c_ubyte * len(content)).from_buffer_copy(content)
        self.held += [held, room]
        header._obj.contents = held
        ctypes.memmove(ctypes.byref(data._obj), struct.pack("P", ctypes.addressof(room)), struct.calcsize("P"))
        return 1

    def pcap_geterr(self, pcap: object) -> bytes | None:
        return self.says

    def pcap_stats(self, pcap: object, statistics: Any) -> int:
        if isinstance(self.drops, Exception):
            raise self.drops
        if self.drops < 0:
            return -1
        statistics.contents.ps_recv, statistics.contents.ps_drop, statistics.contents.ps_ifdrop = 7, self.drops, 9
        return 0


class Wrapper:
    """scapy's ``pcap_fd``. ``understands`` are the filters that compile."""

    def __init__(self, link: int = 1, understands: tuple[str, ...] = (), sent: int = 0, old: bool = False) -> None:
        self.pcap = "the handle"
        self.remaining = True
        self.notes: list[Any] = []
        self._link, self._understands, self._sent, self._old = link, understands, sent, old

    def datalink(self) -> int:
        return self._link

    def setnonblock(self, on: bool) -> None:
        self.notes.append(("nonblock", on))

    def setfilter(self, expression: str) -> Any:
        self.notes.append(("filter", expression))
        if expression in self._understands:
            return True
        if self._old:
            return False
        from scapy.error import Scapy_Exception

        raise Scapy_Exception("cannot compile")

    def send(self, frame: bytes) -> int:
        self.notes.append(("send", frame))
        return self._sent
