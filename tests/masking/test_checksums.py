"""Checksums after a replacement: one that was right stays right, and one that was wrong stays as wrong."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Raw

from ucdiag.masking.checksums import mend_checksums


def right(packet: bytes) -> bytes:
    """The packet with the checksums that scapy makes."""
    made = IP(packet)
    for layer in (IP, TCP, UDP, ICMP):
        if layer in made:
            del made[layer].chksum
    return bytes(made)


def replaced(packet: bytes, *pairs: tuple[bytes, bytes]) -> bytearray:
    for old, new in pairs:
        assert len(old) == len(new)
        packet = packet.replace(old, new)
    return bytearray(packet)


ENDS = bytes([10, 0, 0, 7]), bytes([192, 168, 77, 1])
NAME = b"contoso", b"fabrika"
TCP_PACKET = bytes(IP(src="10.0.0.7", dst="10.0.0.20") / TCP(sport=1, dport=80) / Raw(b"GET contoso "))
ODD = bytes(IP(src="10.0.0.7", dst="10.0.0.20") / TCP(sport=1, dport=80) / Raw(b"GET contoso"))
UDP_PACKET = bytes(IP(src="10.0.0.7", dst="10.0.0.20") / UDP(sport=1, dport=53) / Raw(b"contoso"))
ICMP_PACKET = bytes(IP(src="10.0.0.7", dst="10.0.0.20") / ICMP(type=8) / Raw(b"contoso"))


@pytest.mark.parametrize("packet", [TCP_PACKET, ODD, UDP_PACKET, ICMP_PACKET], ids=["tcp", "odd", "udp", "icmp"])
@pytest.mark.parametrize("pairs", [(ENDS,), (NAME,), (ENDS, NAME), ()])
def test_a_right_checksum_stays_right(packet: bytes, pairs: tuple[tuple[bytes, bytes], ...]) -> None:
    new = replaced(packet, *pairs)
    mend_checksums(packet, new, 0)
    assert bytes(new) == right(bytes(new))
    assert (bytes(new) == packet) == (not pairs)


def test_it_may_stand_behind_a_link_header() -> None:
    frame = bytes(14) + TCP_PACKET
    new = replaced(frame, ENDS, NAME)
    mend_checksums(frame, new, 14)
    assert bytes(new[14:]) == right(bytes(new[14:]))
    assert bytes(new[:14]) == bytes(14)


@pytest.mark.parametrize(("packet", "at"), [(TCP_PACKET, 36), (UDP_PACKET, 26), (ICMP_PACKET, 22)])
def test_a_wrong_one_stays_as_wrong_and_none_stays_none(packet: bytes, at: int) -> None:
    def with_checksum(data: bytes, checksum: int) -> bytes:
        return data[:at] + checksum.to_bytes(2, "big") + data[at + 2 :]

    was = int.from_bytes(packet[at : at + 2], "big")
    wrong = with_checksum(packet, (was + 5) % 0xFFFF)
    new = replaced(wrong, NAME)
    mend_checksums(wrong, new, 0)
    meant = int.from_bytes(right(bytes(replaced(packet, NAME)))[at : at + 2], "big")
    assert int.from_bytes(new[at : at + 2], "big") == (meant + 5) % 0xFFFF
    none = with_checksum(packet, 0)
    new = replaced(none, NAME)
    mend_checksums(none, new, 0)
    assert new[at : at + 2] == b"\0\0"


def test_a_fragment_has_its_header_mended_alone() -> None:
    packet = bytes(IP(src="10.0.0.7", dst="10.0.0.20", proto=17, frag=10) / Raw(b"12345678contoso"))
    new = replaced(packet, ENDS, NAME)
    mend_checksums(packet, new, 0)
    again = IP(bytes(new))
    del again.chksum
    assert bytes(new[:20]) == bytes(again)[:20]
    assert bytes(new[20:]) == b"12345678fabrika"


def test_the_packet_inside_an_icmp_error_is_mended_too() -> None:
    inner = TCP_PACKET
    packet = bytes(IP(src="10.0.0.1", dst="10.0.0.7") / ICMP(type=3, code=3) / Raw(inner))
    new = replaced(packet, ENDS, NAME)
    mend_checksums(packet, new, 0)
    assert bytes(new[28:]) == right(bytes(new[28:]))
    outer = IP(bytes(new[:28]) + bytes(new[28:]))
    del outer.chksum
    assert bytes(outer)[:20] == bytes(new[:20])


def test_what_a_quoted_message_quotes_is_left() -> None:
    """It could go on so without end. The header of what is quoted is mended, as everywhere."""
    head = IP(src="10.0.0.1", dst="10.0.0.7") / ICMP(type=3, code=3)
    packet = bytes(head / Raw(bytes(head / Raw(TCP_PACKET))))
    new = replaced(packet, ENDS, NAME)
    mend_checksums(packet, new, 0)
    quoted = IP(bytes(new[28:]))
    del quoted.chksum
    assert bytes(quoted)[:20] == bytes(new[28:48])
    assert bytes(new[48:]) == bytes(replaced(packet[48:], ENDS, NAME))


def with_sum(packet: bytes, at: int) -> bytes:
    """The packet, its last two bytes chosen so that the sum of all is the one of which the checksum would be zero."""
    return packet[:-2] + right(packet[:-2] + b"\0\0")[at : at + 2]


def test_a_checksum_of_udp_that_comes_to_zero_is_said_otherwise() -> None:
    """Zero would mean that there is none (RFC 768); for TCP it is a checksum as any other."""
    for layer, at, meant in ((UDP(sport=1, dport=53), 26, b"\xff\xff"), (TCP(sport=1, dport=80), 36, b"\0\0")):
        packet = bytes(IP(src="10.0.0.7", dst="10.0.0.20") / layer / Raw(b"contosox??"))
        new = bytearray(with_sum(bytes(replaced(packet, NAME)), at))
        old = right(bytes(new.replace(b"fabrika", b"contoso")))
        new[10:12], new[at : at + 2] = old[10:12], old[at : at + 2]
        mend_checksums(old, new, 0)
        assert bytes(new[at : at + 2]) == meant
        assert bytes(new[:10]) == old[:10]


@pytest.mark.parametrize(("packet", "at"), [(TCP_PACKET, 36), (UDP_PACKET, 26)], ids=["tcp", "udp"])
def test_a_packet_that_was_cut_has_the_checksums_of_the_whole_one(packet: bytes, at: int) -> None:
    """Where they are there: they are mended by what changed, and only the addresses did."""
    whole = replaced(packet, ENDS)
    mend_checksums(packet, whole, 0)
    for length in range(20, len(packet)):
        cut = packet[:length]
        new = replaced(cut, ENDS)
        mend_checksums(cut, new, 0)
        there = bytes(whole[:length]) if length >= at + 2 else bytes(whole[:at]) + packet[at:length]
        assert bytes(new) == there[:length], length


@pytest.mark.parametrize("length", range(len(UDP_PACKET)))
def test_a_packet_that_was_cut_raises_nothing_and_stays_as_long(length: int) -> None:
    cut = UDP_PACKET[:length]
    new = bytearray(cut)
    mend_checksums(cut, new, 0)
    assert bytes(new) == cut
