"""A site of any number of phones, written as a stream, and a flood of phones that somebody made up."""

import heapq
import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Literal

from tests.bench.traffic import (
    BROKEN,
    RESOLVER,
    SERVER,
    START,
    Expected,
    Packet,
    PhoneTraffic,
    dhcp,
    dns_question,
    ethernet,
    ipv4,
    tcp,
    udp,
    write_packets,
)

Flood = Literal["dhcp", "dns", "post"]
_PER_SECOND = 100  # phones that begin to boot
_QUIET = 60.0  # seconds from a phone's first packet to where none of it is left


def make_site(
    path: Path,
    *,
    phones: int,
    broken: int,
    flood: Flood | None = None,
    made_up: int = 0,
    size: int = 1000,
    seed: int = 1,
    pcapng: bool = False,
) -> tuple[int, list[Expected]]:
    """``phones`` phones boot, ``broken`` of them, spread over all, with one of the faults each.

    ``made_up`` phones come before, among and after them, a third each. Gives the number of packets and what to expect
    of the phones that are real.
    """
    rng = random.Random(seed)
    expected: list[Expected] = []
    lasting = phones / _PER_SECOND + _QUIET
    began = _QUIET if made_up else 0.0

    def played() -> Iterator[Packet]:
        faults = count()
        waiting: list[tuple[float, int, bytes]] = []
        order = count()
        for number in range(phones):
            at = began + number / _PER_SECOND
            while waiting and waiting[0][0] < at:
                time, _, frame = heapq.heappop(waiting)
                yield time, frame
            is_broken = number * broken // phones != (number + 1) * broken // phones
            code = BROKEN[next(faults) % len(BROKEN)] if is_broken else None
            phone = PhoneTraffic(number + 1, code, False, size, at, rng)
            expected.append(phone.expected)
            for time, frame in phone.packets:
                heapq.heappush(waiting, (time, next(order), frame))
        while waiting:
            time, _, frame = heapq.heappop(waiting)
            yield time, frame

    def flooded() -> Iterator[Packet]:
        assert flood is not None
        for number in range(made_up):
            third = made_up // 3 + 1
            part, place = number // third, number % third / third
            at = (place * began, began + place * lasting, began + lasting + place * _QUIET)[part]
            yield at, _made_up(flood, number, rng)

    streams = [played(), flooded()] if flood is not None else [played()]
    packets = heapq.merge(*streams, key=lambda packet: packet[0])
    written = write_packets(path, ((int((START + at) * 1_000_000), frame) for at, frame in packets), pcapng)
    return written, expected


def _made_up(flood: Flood, number: int, rng: random.Random) -> bytes:
    """The one packet of a phone that does not exist: with a phone's prefix, from an address of its own."""
    mac, server = bytes.fromhex("0004f2") + (0x800000 | rng.getrandbits(23)).to_bytes(3, "big"), b"\0\x50\x56\x9a\0\1"
    ip = f"10.{100 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
    if flood == "dhcp":
        message = dhcp(1, rng.getrandbits(32), mac, "0.0.0.0", [(53, b"\1"), (60, b"CPE-OCPhone")])
        return ethernet(mac, b"\xff" * 6, 0x0800, ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, message)))
    if flood == "dns":
        question = dns_question(rng.getrandbits(16), "ucupdates-r2.contoso.com")
        return ethernet(mac, server, 0x0800, ipv4(ip, RESOLVER, 17, udp(49152 + number % 16000, 53, question)))
    asked = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2\r\nContent-Length: 0\r\n\r\n"
    return ethernet(mac, server, 0x0800, ipv4(ip, SERVER, 6, tcp(50000, 80, 1, 1, 0x18, asked)))
