"""Which packets are a phone's own, and which are nobody else's business."""

from typing import Any

import pytest
from scapy.layers.dhcp import BOOTP
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, GRE, Ether
from scapy.packet import Raw

from ucdiag.capture.phone_packets import PhonePackets
from ucdiag.model.observations import Dhcp, Extent, Lookup, Observation
from ucdiag.model.report import Identity, PhoneReport, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.wire.link.link_layer import ETHERNET

MAC, ROUTER, OTHER = "00:04:f2:00:00:01", "02:00:00:00:00:01", "02:00:00:00:00:02"
PHONE, POOL, STRANGER = "10.0.0.7", "10.0.0.20", "10.0.0.99"
RAW_MAC = bytes.fromhex(MAC.replace(":", ""))


def packed(address: str) -> bytes:
    return bytes(map(int, address.split(".")))


PHONES = PhonePackets([RAW_MAC], [packed(PHONE)])


def routed(packet: Any, source: str = ROUTER, target: str = OTHER) -> Any:
    return Ether(src=source, dst=target) / packet


def dhcp(mac: str) -> Any:
    body = BOOTP(chaddr=bytes.fromhex(mac.replace(":", "")))
    return IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67) / body


TO_POOL = IP(src=PHONE, dst=POOL) / TCP()
ELSEWHERE = IP(src=STRANGER, dst=POOL)


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (routed(ELSEWHERE / TCP(), source=MAC), True),
        (routed(ELSEWHERE / TCP(), target=MAC), True),
        (routed(IPv6(), source=MAC), True),
        (routed(IPv6()), False),
        (routed(TO_POOL), True),
        (routed(IP(src=POOL, dst=PHONE) / TCP()), True),
        (routed(ELSEWHERE / TCP()), False),
        (routed(ELSEWHERE / TCP() / Raw(RAW_MAC + packed(PHONE))), False),
        # DHCP has the address in the message.
        (routed(dhcp(MAC)), True),
        (routed(dhcp(OTHER)), False),
        (routed(dhcp(OTHER) / Raw(packed(PHONE))), False),
        # ARP: who asks, and who is asked for.
        (routed(ARP(hwsrc=MAC, psrc=STRANGER, pdst=POOL)), True),
        (routed(ARP(hwsrc=OTHER, hwdst=MAC, psrc=STRANGER, pdst=POOL)), True),
        (routed(ARP(hwsrc=OTHER, psrc=PHONE, pdst=POOL)), True),
        (routed(ARP(hwsrc=OTHER, psrc=STRANGER, pdst=PHONE)), True),
        (routed(ARP(hwsrc=OTHER, psrc=STRANGER, pdst=POOL)), False),
        # An error quotes the packet that it is about.
        (routed(IP(src="10.0.0.1", dst=STRANGER) / ICMP(type=3) / TO_POOL), True),
        (routed(IP(src="10.0.0.1", dst=STRANGER) / ICMP(type=3) / (ELSEWHERE / TCP())), False),
        (routed(IP(src="10.0.0.1", dst=STRANGER) / ICMP(type=8) / TO_POOL), False),
        # DNS of somebody else may say the address.
        (routed(ELSEWHERE / UDP(sport=53, dport=999) / Raw(packed(PHONE))), False),
        (routed(ELSEWHERE / UDP(sport=999, dport=53) / Raw(packed(PHONE))), False),
        # What tunnels carry is not taken apart.
        (routed(ELSEWHERE / UDP(sport=999, dport=4789) / Raw(bytes(8)) / routed(TO_POOL)), True),
        (routed(ELSEWHERE / UDP(sport=999, dport=4789) / Raw(bytes(8) + RAW_MAC)), True),
        (routed(ELSEWHERE / UDP(sport=999, dport=4789) / Raw(bytes(8)) / routed(ELSEWHERE)), False),
        (routed(ELSEWHERE / GRE() / TO_POOL), True),
        (routed(ELSEWHERE / GRE() / (ELSEWHERE / TCP())), False),
    ],
)
def test_whose_a_packet_is(packet: Any, expected: bool) -> None:
    assert PHONES.contains_packet(ETHERNET, bytes(packet)) == expected


@pytest.mark.parametrize("length", [0, 13, 14, 20, 25, 33])
def test_a_cut_packet_of_nobody_is_nobodys(length: int) -> None:
    assert not PHONES.contains_packet(ETHERNET, bytes(routed(ELSEWHERE / TCP()))[:length])


def test_what_cannot_be_read_is_a_phones_if_its_address_is_in_it() -> None:
    assert PHONES.contains_packet(9999, b"??" + RAW_MAC)
    assert not PHONES.contains_packet(9999, b"??" + packed(PHONE))


def test_an_address_of_nobody_and_one_that_is_none_are_left_out() -> None:
    found = PhonePackets([RAW_MAC, b"short"], [packed(PHONE), bytes(4), b"\xff" * 4, b"", b"16 bytes of IPv6"])
    assert (found.macs, found.addresses) == ({RAW_MAC}, {packed(PHONE)})


def test_the_phones_of_a_report_have_all_addresses_that_they_had() -> None:
    facts: tuple[Observation, ...] = (
        Dhcp(time=0, type="ack", address="10.0.0.8"),
        Dhcp(time=0, type="request", client_address="10.0.0.9", server="10.0.0.1"),
        Lookup(time=0, name="a", type="A", client="10.0.0.10", server="10.0.0.2"),
        Lookup(time=0, name="a", type="A", client="2001:db8::1"),
        Extent(time=0, end=1),
    )
    verdict = Verdict(status=VerdictStatus.WHOLE, summary="")
    phones = [
        PhoneReport(phone=Identity(mac=MAC, ip=PHONE), verdict=verdict, steps=(), observations=facts),
        PhoneReport(phone=Identity(), verdict=verdict, steps=()),
    ]
    found = PhonePackets.of_phones(phones)
    assert found.macs == {RAW_MAC}
    assert found.addresses == {packed(f"10.0.0.{number}") for number in (7, 8, 9, 10)}
