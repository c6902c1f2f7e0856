"""The packets of some phones, and of nobody else, from captures into one pcapng file.

A packet is a phone's by its MAC address in the frame or in DHCP or ARP, by its IP address in the header, or in the
header that an ICMP error quotes. Inside tunnels, which are not taken apart here, the bytes of either address count.
"""

from collections.abc import Iterable, Sequence

from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.filtered_copy import CopyingFileReader, FilteringCopier
from ucdiag.model.observations import Dhcp, Observation
from ucdiag.model.report import PhoneReport
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import ARP, IPV4, read_link_layer
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.watched import DHCP_PORTS, ICMP, ICMP_ERRORS, TCP, UDP

_NO_HOST = frozenset({bytes(4), b"\xff" * 4})


def _packed_address(text: str | None) -> bytes:
    try:
        return bytes(map(int, (text or "").split(".")))
    except ValueError:
        return b""


class PhonePackets:
    """Finds the packets of the phones with these packed MAC and IPv4 addresses."""

    def __init__(self, macs: Iterable[bytes], addresses: Iterable[bytes]) -> None:
        self.macs = frozenset(mac for mac in macs if len(mac) == 6)
        self.addresses = frozenset(address for address in addresses if len(address) == 4) - _NO_HOST

    @classmethod
    def of_phones(cls, phones: Iterable[PhoneReport]) -> "PhonePackets":
        """Those of the phones of a report, with every address that they had."""
        macs, addresses = set(), set()
        for phone in phones:
            if phone.phone.mac:
                macs.add(bytes.fromhex(phone.phone.mac.replace(":", "")))
            addresses.add(_packed_address(phone.phone.ip))
            for fact in phone.observations:
                addresses.update(map(_packed_address, _addresses_in(fact)))
        return cls(macs, addresses)

    def contains_packet(self, link: int, packet: bytes) -> bool:
        """Whether this packet is of one of them."""
        found = read_link_layer(link, packet)
        if found is None:
            return any(mac in packet for mac in self.macs)
        if found.src_mac in self.macs or found.dst_mac in self.macs:
            return True
        if found.kind == ARP:
            return self._in_arp(packet[found.at : found.at + 28])
        return found.kind == IPV4 and self._in_ip(packet, found.at)

    def _in_arp(self, arp: bytes) -> bool:
        known = self.addresses
        return arp[8:14] in self.macs or arp[18:24] in self.macs or arp[14:18] in known or arp[24:28] in known

    def _in_ip(self, packet: bytes, at: int) -> bool:
        if at + 20 > len(packet):
            return False
        if packet[at + 12 : at + 16] in self.addresses or packet[at + 16 : at + 20] in self.addresses:
            return True
        inner = at + (packet[at] & 15) * 4
        protocol = packet[at + 9]
        if protocol == ICMP:
            quoted = inner + 8
            return inner < len(packet) and packet[inner] in ICMP_ERRORS and self._in_ip(packet, quoted)
        if protocol == TCP:
            return False
        if protocol == UDP:
            port = int.from_bytes(packet[inner : inner + 2], "big")
            if port in DHCP_PORTS:
                return packet[inner + 36 : inner + 42] in self.macs
            if 53 in (port, int.from_bytes(packet[inner + 2 : inner + 4], "big")):
                return False
        inside = packet[inner:]
        return any(word in inside for words in (self.macs, self.addresses) for word in words)


def _addresses_in(fact: Observation) -> Iterable[str | None]:
    """The addresses in a fact that are the phone's own."""
    if isinstance(fact, Dhcp):
        return (fact.address, fact.client_address)
    return (getattr(fact, "client", None),)


class _PhoneCopier(FilteringCopier):
    """Keeps the phones' packets and judges nothing. ``frames`` has the new number of each frame by its old one."""

    def __init__(self, observer: PacketTracker, name: str, clock_steps: ClockSteps, phones: PhonePackets) -> None:
        super().__init__(observer, name, clock_steps)
        self.frames: dict[int, int] = {}
        self._phones = phones

    def take_packet(self, view: memoryview, at: int, size: int, mark: int, frame: int, shift: int, key: bytes) -> None:
        start = at + self._head
        if not self._phones.contains_packet(self._at[0], bytes(view[start : start + size])):
            return
        self.kept += 1
        self.frames[frame] = self.kept
        if self.problem is None:
            self._keep_packet(view, at, start, size)


class _PhoneReader(CopyingFileReader):
    """Reads captures and writes the phones' packets. ``secrets_left_out`` counts key logs of TLS, which stay out."""

    def __init__(self, phones: PhonePackets, write: str, limit: int | None) -> None:
        self._phones = phones
        self.secrets_left_out = 0
        super().__init__(HostFilter(everything=True), write=write, limit=limit)

    def _make_copier(self, observer: PacketTracker, clock_steps: ClockSteps, cached: int) -> FilteringCopier:
        self.copier = self._copier = _PhoneCopier(observer, self._name, clock_steps, self._phones)
        return self.copier

    def _take_secrets(self, text: bytes) -> None:
        self.secrets_left_out += 1


class CopiedPackets:
    """What was copied: ``frames`` has the new number of each frame by its old one."""

    def __init__(self, reader: _PhoneReader) -> None:
        self.frames = reader.copier.frames
        self.secrets_left_out = reader.secrets_left_out


def copy_phone_packets(
    names: Sequence[str], phones: PhonePackets, write: str, limit: int | None = None
) -> CopiedPackets:
    """Copy the packets of the phones from the captures into the file ``write``. Raises CannotTest."""
    reader = _PhoneReader(phones, write, limit)
    for _ in reader.read(names):
        pass
    if reader.problem is not None:
        raise CannotTest(reader.problem.code, reader.problem.text)
    return CopiedPackets(reader)
