"""Capturing through scapy: libpcap, Npcap on Windows, or the system's own socket.

The available packets are put one behind the other as records of a pcap file and pass through the loop for files, which
rejects most of them at once.
"""

import struct
import sys

from ucdiag.capture.bpf import pcap_expressions, program_for
from ucdiag.capture.interfaces import privilege_hint
from ucdiag.capture.pcap import RecordSifter
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.interface_names import no_such_interface
from ucdiag.runtime.scapy_packets import KEPT, RawPacket, ScapySocket, has_library, scapy_missing
from ucdiag.wire.link.link_layer import KNOWN, RAW

_AT_ONCE = 1024  # packets
_SMALLEST = 128  # bytes that the kernel needs for a packet
_RAW_ALIASES = frozenset({12, 14})  # DLT_RAW of most systems and of OpenBSD
_RECORD = struct.Struct("<IIII")


class ScapyDevice:
    """A device as ``PacketRing``. ``count_lost`` is ``None`` where this system's socket does not count it."""

    most_pieces = KEPT // (_SMALLEST * _AT_ONCE)

    def __init__(self, name: str, ports: list[int]) -> None:
        self._socket = _open_socket(name, ports)
        self.link = RAW if self._socket.link in _RAW_ALIASES else self._socket.link
        if self.link not in KNOWN:
            self._socket.close()
            raise CannotTest("no-interface", f"The interface {name} is of a kind ({self.link}) that cannot be read.")
        self.counts_loss = self._socket.counts
        self.first: Microseconds | None = None
        self.unwritten: CannotTest | None = None
        self.reached: Microseconds | None = None
        self._lost = 0
        self._sifter: RecordSifter | None = None

    def wait_for_packets(self, seconds: Seconds) -> None:
        """Until packets are there, or the time is up."""
        self._socket.wait(seconds)

    def take_packets(self, prefilter: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """Works through the packets that are there, up to packet ``stop``; the number of the next packet."""
        if self.unwritten is not None or frame >= stop:
            return frame
        packets = self._socket.packets(min(stop - frame, _AT_ONCE))
        self.reached = packets[-1].time if packets else None
        if not packets:
            return frame
        if self.first is None:
            self.first = packets[0].time
        if writer is not None:
            try:
                writer.write(b"".join(writer.packet_record(at * 1000, data, length) for at, length, data in packets))
            except CannotTest as cannot:
                self.unwritten = cannot
        if self._sifter is None:
            self._sifter = RecordSifter(prefilter, self.link)
        self._sifter.sift_records(_pcap_records(packets), len(packets), frame)
        return frame + len(packets)

    def count_lost(self) -> int | None:
        """Packets that were dropped since the last call; ``None`` where that is not counted."""
        if not self.counts_loss:
            return None
        total = self._socket.lost() or self._lost
        new, self._lost = max(total - self._lost, 0), total
        return new

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def _pcap_records(packets: list[RawPacket]) -> bytearray:
    """As a pcap file in little-endian order has them, in microseconds."""
    head = _RECORD.pack
    pieces = bytearray()
    for at, length, data in packets:
        seconds, rest = divmod(at, 1_000_000)
        pieces += head(seconds & 0xFFFFFFFF, rest, len(data), length)
        pieces += data
    return pieces


def _open_socket(name: str, ports: list[int]) -> ScapySocket:
    """Raises CannotTest."""
    try:
        return ScapySocket(name, pcap_expressions(ports), program_for(ports))
    except ImportError as error:
        raise CannotTest("no-scapy", scapy_missing("Capturing here", error)) from error
    except LookupError as error:
        raise no_such_interface(name) from error
    except PermissionError as error:
        raise CannotTest("no-privilege", f"Capturing on {name} needs privilege: {privilege_hint(name)}.") from error
    except OSError as error:
        why = (error.strerror or str(error)).rstrip(".")
        raise CannotTest("no-interface", f"Nothing can be captured on {name}: {why}.{_library_hint()}") from error


def _library_hint() -> str:
    if sys.platform != "win32" or has_library():
        return ""
    return " Npcap (https://npcap.com) must be installed."
