"""Capturing where there is no packet ring: scapy's socket, one packet at a time."""

import sys
import time

from ucdiag.capture.bpf import pcap_expression
from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.packet_socket import ScapySocket
from ucdiag.wire.link.link_layer import ETHERNET

_AT_ONCE = 1024  # packets


class ScapyDevice:
    """The same as ``PacketRing``, and slower. Every packet goes to the tracker, without a pre-filter."""

    def __init__(self, name: str, ports: list[int]) -> None:
        try:
            from scapy.error import Scapy_Exception
        except ImportError as error:
            raise CannotTest("no-scapy", "Capturing here needs scapy: 'pip install scapy'.") from error
        try:
            self._socket = ScapySocket(name, pcap_expression(ports))
        except (OSError, Scapy_Exception, ValueError, RuntimeError) as error:
            raise CannotTest("no-interface", f"Nothing can be captured on {name}: {error}. {_pcap_hint()}") from error
        self.link = ETHERNET
        self.first: Microseconds | None = None
        self.unwritten: CannotTest | None = None
        self._ready = False

    def wait(self, seconds: Seconds) -> None:
        """Until packets are there, or the time is up."""
        self._ready = self._socket.wait(seconds)

    def take(self, prefilter: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """Gives the tracker the packets that are there, up to packet ``stop``; the number of the next packet."""
        stop = min(stop, frame + _AT_ONCE)
        while self._ready and frame < stop and self.unwritten is None:
            packet, moment = self._socket.receive()
            if packet is None:
                break
            moment = time.time() if moment is None else moment
            if self.first is None:
                self.first = int(moment * 1_000_000)
            if writer is not None:
                try:
                    writer.write(writer.record(int(moment * 1_000_000_000), packet, len(packet)))
                except CannotTest as cannot:
                    self.unwritten = cannot
            prefilter.observer.packet(int(moment * 1_000_000), frame, self.link, packet)
            frame += 1
            self._ready = self._socket.wait(0)
        return frame

    def lost(self) -> int:
        """Not known here."""
        return 0

    def close(self) -> None:
        """The end."""
        self._socket.close()


def _pcap_hint() -> str:
    if sys.platform == "win32":
        return "Npcap (https://npcap.com) must be installed, and the program run as administrator."
    return "Run it as root (sudo)."
