"""A phone's whole path as packets that say which side sent them, so that a test can take one side away or shift it.

::

packets = leased() + asked() + exchange(Ladder().opens().says(POST).answers(NOTHING_NEWER).closes())
judge(path, only(packets, up=True))
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.traffic import dhcp, dns_answer, dns_question, ethernet, ipv4, udp
from tests.wire.ladder import PHONE_MAC, POOL_MAC, START, Ladder
from tests.wire.wired import PHONE, POOL, RESOLVER, SECOND, captured, frames, write

NAME = "ucupdates-r2.contoso.com"
DHCP_SERVER = "10.0.0.1"
KINDS = {"discover": 1, "offer": 2, "request": 3, "ack": 5, "nak": 6}
_ADDRESS = bytes(map(int, PHONE.split(".")))
_SERVER = bytes(map(int, DHCP_SERVER.split(".")))


class Packet(NamedTuple):
    """One frame. ``up``: the phone sent it. ``what`` is dhcp, dns or tcp."""

    time: int
    frame: bytes
    up: bool
    what: str


def _udp(time: int, up: bool, what: str, ends: tuple[str, str], ports: tuple[int, int], payload: bytes) -> Packet:
    macs = (PHONE_MAC, POOL_MAC) if up else (POOL_MAC, PHONE_MAC)
    return Packet(time, ethernet(*macs, 0x0800, ipv4(*ends, 17, udp(*ports, payload))), up, what)


def message(kind: str, at: int, xid: int = 77, server: str = DHCP_SERVER) -> Packet:
    """One DHCP message of a phone that takes the offer of ``DHCP_SERVER``, or of ``server``; ``at`` in microseconds
    before the ladder begins."""
    options: list[tuple[int, bytes]] = [(53, bytes([KINDS[kind]]))]
    up = kind in ("discover", "request")
    if up:
        options += [(60, b"CPE-OCPhone"), (55, bytes([1, 3, 6, 15]))]
        if kind == "request":
            options += [(50, _ADDRESS), (54, _SERVER)]
        payload = dhcp(1, xid, PHONE_MAC, "0.0.0.0", options)
        return _udp(START - at, True, "dhcp", ("0.0.0.0", "255.255.255.255"), (68, 67), payload)
    options += [
        (54, bytes(map(int, server.split(".")))),
        (51, (3600).to_bytes(4, "big")),
        (15, b"contoso.com"),
        (6, bytes([10, 0, 0, 2])),
    ]
    payload = dhcp(2, xid, PHONE_MAC, PHONE, options)
    return _udp(START - at, False, "dhcp", (server, PHONE), (67, 68), payload)


def leased() -> list[Packet]:
    """A lease, ten seconds before the ladder begins."""
    kinds = ("discover", "offer", "request", "ack")
    return [message(kind, 10 * SECOND - number * 2000) for number, kind in enumerate(kinds)]


def asked(address: str | None = POOL, *, at: int = SECOND, ident: int = 7, answers: bool = True) -> list[Packet]:
    """The question for the update server; without an address it does not exist."""
    question = _udp(START - at, True, "dns", (PHONE, RESOLVER), (50000 + ident, 53), dns_question(ident, NAME))
    payload = dns_answer(ident, NAME, address, 0 if address else 3)
    answer = _udp(START - at + 2000, False, "dns", (RESOLVER, PHONE), (53, 50000 + ident), payload)
    return [question, answer] if answers else [question]


def exchange(ladder: Ladder) -> list[Packet]:
    """A connection to the pool."""
    return [
        Packet(time, frame, segment.up, "tcp")
        for segment, (time, frame) in zip(ladder.segments, frames(ladder.segments), strict=True)
    ]


def only(packets: Iterable[Packet], *, up: bool, what: Iterable[str] = ("dhcp", "dns", "tcp")) -> list[Packet]:
    """Of these protocols one side alone; all of the others."""
    kinds = set(what)
    return [packet for packet in packets if packet.up is up or packet.what not in kinds]


def shifted(
    packets: Iterable[Packet],
    seconds: float,
    *,
    up: bool = False,
    what: Iterable[str] = ("dhcp", "dns", "tcp"),
    sort: bool = True,
) -> list[Packet]:
    """What one side sent by another clock, and all in the order of their times, as mergecap writes them.

    Not sorted, they stay in the order in which they came, as where one program captures on two cards.
    """
    kinds = set(what)
    moved = [
        packet._replace(time=packet.time + int(seconds * SECOND))
        if packet.up is up and packet.what in kinds
        else packet
        for packet in packets
    ]
    return sorted(moved, key=lambda packet: packet.time) if sort else moved


def judge(path: Path, packets: Iterable[Packet], *options: str, snap: int = 262144, after: float = 60.0) -> Any:
    """The one phone of the report."""
    report = captured(write(path, [(packet.time, packet.frame) for packet in packets], snap, after), *options)
    assert len(report["phones"]) == 1, report["verdict"]
    phone = report["phones"][0]
    phone["problems"] = report["problems"]
    return phone
