"""Makes the captures in which nearly every packet matters, or none is like the one before: all from a seed.

``traffic`` has the parts: its phones, of which the verdict is known, are in each of them.
"""

import heapq
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench.traffic import (
    BROKEN,
    DHCP_SERVER,
    DOMAIN,
    RESOLVER,
    START,
    Expected,
    PhoneTraffic,
    _ip,
    dhcp,
    dns_answer,
    dns_question,
    ethernet,
    ipv4,
    tcp,
    udp,
    write_packets,
)

_ROUTER_MAC = bytes.fromhex("0050569a0001")
_BROADCAST = "255.255.255.255"

# Microseconds, and a frame.
_Timed = tuple[int, bytes]


def make_boot(path: Path, phones: int, *, broken: int = 100, size: int = 9000, seed: int = 1) -> Sequence[Expected]:
    """All phones of a site switched on together: nothing else in the capture, all of them side by side."""
    return _make(path, _phones(phones, broken, size, 18.0, random.Random(seed)), iter(()))


def make_dhcp_storm(
    path: Path, messages: int, *, phones: int = 1000, broken: int = 100, seed: int = 1
) -> Sequence[Expected]:
    """Ever new clients, each of which gets a lease, and the phones among them."""
    rng = random.Random(seed)
    step = 60_000_000 // messages
    return _make(path, _phones(phones, broken, 4000, 50.0, rng), _leases(messages, step, rng))


def make_dns_mirror(
    path: Path, packets: int, *, phones: int = 230, broken: int = 50, seed: int = 1
) -> Sequence[Expected]:
    """What a resolver is asked, and says: ever new ports and many names; the phones are a hundredth of the packets."""
    rng = random.Random(seed)
    played = _phones(phones, broken, 4000, 50.0, rng)
    others = packets - sum(len(phone.packets) for phone in played)
    return _make(path, played, _questions(others, 60_000_000 // packets, rng))


def make_side_by_side(path: Path, packets: int, conversations: int, *, seed: int = 1) -> Sequence[Expected]:
    """Packets of so many connections in turn, none of them a phone's but those of two phones."""
    rng = random.Random(seed)
    return _make(path, _phones(2, 1, 4000, 5.0, rng), _side_by_side(packets, conversations, 60_000_000 // packets, rng))


def _phones(count: int, broken: int, size: int, within: float, rng: random.Random) -> list[PhoneTraffic]:
    return [
        PhoneTraffic(
            number + 1,
            BROKEN[number % len(BROKEN)] if number < broken else None,
            rng.random() < 0.2,
            size,
            rng.uniform(0, within),
            rng,
        )
        for number in range(count)
    ]


def _make(path: Path, phones: list[PhoneTraffic], others: Iterator[_Timed]) -> Sequence[Expected]:
    theirs = heapq.merge(*(phone.packets for phone in phones), key=lambda packet: packet[0])
    timed = (((START * 1_000_000 + int(at * 1_000_000)), frame) for at, frame in theirs)
    write_packets(path, heapq.merge(timed, others, key=lambda packet: packet[0]), False)
    return [phone.expected for phone in phones]


def _leases(messages: int, step: int, rng: random.Random) -> Iterator[_Timed]:
    wanted = (55, bytes([1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]))
    vendor = (60, b"MSFT 5.0")
    at = START * 1_000_000
    for number in range(0, messages, 4):
        mac = bytes.fromhex("001a2b") + number.to_bytes(3, "big")
        ip = f"10.{16 + (number >> 18)}.{number >> 10 & 255}.{number >> 2 & 255}"
        xid = rng.getrandbits(32)
        own = [(61, b"\x01" + mac), (12, b"PC-%06d" % number), vendor, wanted]
        given = [
            (54, _ip(DHCP_SERVER)),
            (51, struct.pack(">I", 86400)),
            (1, _ip("255.255.0.0")),
            (3, _ip("10.16.255.254")),
            (6, _ip(RESOLVER)),
            (15, DOMAIN.encode()),
        ]
        for kind, up in ((1, True), (2, False), (3, True), (5, False)):
            options = [(53, bytes([kind])), *(own if up else given)]
            if kind == 3:
                options += [(50, _ip(ip)), (54, _ip(DHCP_SERVER))]
            message = dhcp(1 if up else 2, xid, mac, "0.0.0.0" if up else ip, options)
            ports, src = ((68, 67), "0.0.0.0") if up else ((67, 68), DHCP_SERVER)
            macs = (mac, b"\xff" * 6) if up else (_ROUTER_MAC, mac)
            at += step
            yield at, ethernet(*macs, 0x0800, ipv4(src, _BROADCAST, 17, udp(*ports, message)))


def _questions(packets: int, step: int, rng: random.Random) -> Iterator[_Timed]:
    names = [f"{rng.choice(('www', 'cdn', 'api', 'login'))}{n}.{rng.getrandbits(24):06x}.example" for n in range(2000)]
    at = START * 1_000_000
    for number in range(0, packets, 2):
        host = number // 2 % 6000
        ip, mac = f"10.{4 + (host >> 8)}.{host & 255}.9", bytes.fromhex("001a2b") + host.to_bytes(3, "big")
        ident, port, name = rng.getrandbits(16), rng.randrange(1024, 65535), names[rng.randrange(2000)]
        at += step
        yield at, ethernet(mac, _ROUTER_MAC, 0x0800, ipv4(ip, RESOLVER, 17, udp(port, 53, dns_question(ident, name))))
        at += step
        answer = udp(53, port, dns_answer(ident, name, "93.184.1.1"))
        yield at, ethernet(_ROUTER_MAC, mac, 0x0800, ipv4(RESOLVER, ip, 17, answer))


def _side_by_side(packets: int, conversations: int, step: int, rng: random.Random) -> Iterator[_Timed]:
    filler = rng.randbytes(200)
    made: list[Callable[[int, int], bytes]] = []
    for number in range(conversations):
        made.append(_conversation(number, rng.randrange(1024, 65535), filler))
    at = START * 1_000_000
    for number in range(packets):
        at += step
        # Of each both directions, one after the other.
        yield at, made[number // 2 % conversations](number & 1, number // 2 // conversations)


def _conversation(number: int, port: int, filler: bytes) -> Callable[[int, int], bytes]:
    """What makes the packet of a turn: an acknowledgement up, 200 bytes down."""
    host = f"10.{3 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
    server = f"93.184.{number % 250}.{number % 199}"
    mac = bytes.fromhex("001a2b") + number.to_bytes(3, "big")
    service = (443, 443, 80, 445, 8443)[number % 5]
    up = bytearray(ethernet(mac, _ROUTER_MAC, 0x0800, ipv4(host, server, 6, tcp(port, service, 1, 1, 0x10))))
    down = bytearray(ethernet(_ROUTER_MAC, mac, 0x0800, ipv4(server, host, 6, tcp(service, port, 1, 1, 0x18, filler))))

    def frame(which: int, turn: int) -> bytes:
        data, field = (down, 38) if which else (up, 42)
        struct.pack_into(">I", data, field, turn * len(filler) + 1)
        return bytes(data)

    return frame
