"""What is read of packets of DNS, DHCP, ARP and ICMP, as they are and with each lost, doubled, late, early, or cut.

``python -m tests.wire.disturbed_packets`` writes ``disturbed_packets.txt`` anew; read the difference before you commit.
"""

import socket
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.traffic import dhcp, dns_answer, dns_question, ethernet, ipv4, tcp, udp
from tests.recorded_texts import read_texts, write_cases
from tests.wire.disturbed import compared, told
from tests.wire.ladder import MILLISECOND, PHONE_MAC, POOL_MAC, SECOND, START
from ucdiag.model.observations import Observation
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

FILE = Path(__file__).with_name("disturbed_packets.txt")
PHONE, SERVER, OTHER, RESOLVER = "10.0.0.7", "10.0.0.80", "10.0.0.81", "10.0.0.2"
R2, LEGACY = "ucupdates-r2.contoso.com", "ucupdates.contoso.com"
EVERYBODY = b"\xff" * 6
SKEW = 50 * MILLISECOND
Packet = tuple[int, bytes]


def up(kind: int, source: str, target: str, payload: bytes) -> bytes:
    return ethernet(PHONE_MAC, POOL_MAC, 0x0800, ipv4(source, target, kind, payload))


def down(kind: int, source: str, target: str, payload: bytes) -> bytes:
    return ethernet(POOL_MAC, PHONE_MAC, 0x0800, ipv4(source, target, kind, payload))


def asks(name: str = R2, ident: int = 7, port: int = 5000, server: str = RESOLVER, kind: int = 1) -> bytes:
    return up(17, PHONE, server, udp(port, 53, dns_question(ident, name, kind)))


def told_by(
    name: str = R2,
    ident: int = 7,
    port: int = 5000,
    server: str = RESOLVER,
    address: str | None = SERVER,
    rcode: int = 0,
) -> bytes:
    return down(17, server, PHONE, udp(53, port, dns_answer(ident, name, address, rcode)))


def cut_answer() -> bytes:
    answer = bytearray(dns_answer(7, R2, None))
    answer[2] |= 2
    return down(17, RESOLVER, PHONE, udp(53, 5000, bytes(answer)))


def lease(
    kind: int, transaction: int = 9, given: str = PHONE, server: str = "10.0.0.1", domain: bytes = b"contoso.com"
) -> bytes:
    options = [(53, bytes([kind]))]
    if kind in (2, 5, 6):
        options += [(54, socket.inet_aton(server))]
    if kind in (2, 5):
        options += [
            (15, domain),
            (6, socket.inet_aton(RESOLVER)),
            (3, socket.inet_aton("10.0.0.1")),
            (51, b"\0\0\x0e\x10"),
        ]
        return ethernet(
            POOL_MAC,
            PHONE_MAC,
            0x0800,
            ipv4(server, given, 17, udp(67, 68, dhcp(2, transaction, PHONE_MAC, given, options))),
        )
    if kind == 6:
        message = dhcp(2, transaction, PHONE_MAC, "0.0.0.0", options)
        return ethernet(POOL_MAC, PHONE_MAC, 0x0800, ipv4(server, "255.255.255.255", 17, udp(67, 68, message)))
    if kind == 3:
        options += [(50, socket.inet_aton(given)), (54, socket.inet_aton(server))]
    options += [(60, b"CPE-OCPhone"), (55, b"\1\3\6\x0f\x2b")]
    message = dhcp(1, transaction, PHONE_MAC, "0.0.0.0", options)
    return ethernet(PHONE_MAC, EVERYBODY, 0x0800, ipv4("0.0.0.0", "255.255.255.255", 17, udp(68, 67, message)))


def who_has(target: str, sender: str = PHONE, mac: bytes = PHONE_MAC) -> bytes:
    data = b"\0\1\x08\0\6\4\0\1" + mac + socket.inet_aton(sender) + bytes(6) + socket.inet_aton(target)
    return ethernet(mac, EVERYBODY, 0x0806, data)


def is_at(sender: str, mac: bytes = POOL_MAC) -> bytes:
    data = b"\0\1\x08\0\6\4\0\2" + mac + socket.inet_aton(sender) + PHONE_MAC + socket.inet_aton(PHONE)
    return ethernet(mac, PHONE_MAC, 0x0806, data)


def error(code: int, quoted: bytes, sender: str = "10.0.0.1", kind: int = 3) -> bytes:
    return down(1, sender, PHONE, struct.pack(">BBHI", kind, code, 0, 0) + quoted[14:62])


def syn(port: int = 80, flags: int = 2, client: int = 49152) -> bytes:
    return up(6, PHONE, SERVER, tcp(client, port, 1000, 0, flags))


def syn_ack(port: int = 80, client: int = 49152) -> bytes:
    return down(6, SERVER, PHONE, tcp(port, client, 9000, 1001, 0x12))


def pieces(frame: bytes, size: int = 24) -> list[bytes]:
    """An IP packet in fragments."""
    head, data = frame[14:34], frame[34:]
    found = []
    for at in range(0, len(data), size):
        more = 0x2000 if at + size < len(data) else 0
        part = data[at : at + size]
        fragment = (
            head[:2] + struct.pack(">H", 20 + len(part)) + head[4:6] + struct.pack(">H", more | at // 8) + head[8:]
        )
        found.append(frame[:14] + fragment + part)
    return found


STORIES: dict[str, list[bytes]] = {
    "a question and its answer": [asks(), told_by()],
    "no such name, then the older one": [asks(), told_by(address=None, rcode=3), asks(LEGACY, 8), told_by(LEGACY, 8)],
    "asked again": [asks(), asks(), asks(), told_by()],
    "asked two servers": [asks(), asks(server="10.0.0.3"), told_by(server="10.0.0.3"), told_by()],
    "two questions at once": [asks(), asks(LEGACY, 8, 5001), told_by(LEGACY, 8, 5001), told_by()],
    "an answer from elsewhere": [asks(), told_by(server="10.0.0.4")],
    "an answer to another port": [asks(), told_by(port=5001)],
    "an answer with another identifier": [asks(), told_by(ident=8)],
    "an answer to another name": [asks(), told_by(LEGACY)],
    "an answer in capitals": [asks(), told_by(R2.upper())],
    "two answers": [asks(), told_by(), told_by(address=OTHER)],
    "an empty answer": [asks(), told_by(address=None)],
    "a cut answer": [asks(), cut_answer()],
    "an answer that is no DNS": [asks(), down(17, RESOLVER, PHONE, udp(53, 5000, b"\0\7\x81\x80xxxxxxxx"))],
    "port 53 unreachable": [asks(), error(3, asks(), RESOLVER)],
    "the resolver's host unreachable": [asks(), error(1, asks())],
    "a lease": [lease(1), lease(2), lease(3), lease(5)],
    "a lease refused": [lease(3), lease(6), lease(1), lease(2), lease(3), lease(5)],
    "two offers": [
        lease(1),
        lease(2),
        lease(2, given="10.0.0.9", server="10.0.0.5", domain=b"b.example"),
        lease(3),
        lease(5),
    ],
    "another transaction": [lease(1), lease(2, 8), lease(1, 10), lease(2, 10)],
    "a release": [lease(3), lease(5), lease(7)],
    "nobody at home": [who_has(SERVER), who_has(SERVER), who_has(SERVER)],
    "somebody at home": [who_has(SERVER), is_at(SERVER), syn(), syn_ack()],
    "no gateway": [lease(3), lease(5), who_has("10.0.0.1"), who_has("10.0.0.1")],
    "a SYN, again and again": [syn(), syn(), syn()],
    "a SYN that a router refuses": [syn(), error(13, syn()), syn()],
    "a SYN to a host that is not there": [syn(), error(1, syn())],
    "a SYN whose packets go in circles": [syn(), error(0, syn(), kind=11)],
    "two connections": [syn(), syn(client=49153), syn_ack(client=49153), syn_ack()],
    "a question in pieces": [*pieces(asks()), told_by()],
    "an answer in pieces": [asks(), *pieces(told_by())],
    "pieces in another order": [asks(), *reversed(pieces(told_by()))],
}


def disturbances(frames: list[bytes]) -> Iterator[tuple[str, list[Packet]]]:
    """The packets, 10 ms apart, with one thing done to one of them; they are counted from 1."""
    plain = [(START + number * 10 * MILLISECOND, frame) for number, frame in enumerate(frames)]
    for at, (time, frame) in enumerate(plain):
        before, after, number = plain[:at], plain[at + 1 :], at + 1
        yield f"without {number}", before + after
        yield f"{number} twice", [*before, (time, frame), (time, frame), *after]
        yield f"{number} cut", [*before, (time, frame[: (len(frame) + 34) // 2]), *after]
        if after:
            yield f"until {number}", [*before, (time, frame)]
            yield f"{number} behind {number + 1}", [*before, after[0], (after[0][0], frame), *after[1:]]
            for name, gap in (
                ("40 ms", SKEW - 10 * MILLISECOND),
                ("50 ms", SKEW),
                ("4 s", 4 * SECOND),
                ("30 s", 30 * SECOND),
            ):
                yield (
                    f"{name} behind {number}",
                    [*before, (time, frame), *((late + gap, other) for late, other in after)],
                )
            early = [(other - SKEW, packet) for other, packet in after]
            yield f"50 ms early behind {number}", [*before, (time, frame), *early]


def read(packets: list[Packet], *, everything: bool) -> list[Observation]:
    found: list[Observation] = []
    tracker = PacketTracker(found.append, HostFilter(everything=everything))
    for frame, (time, data) in enumerate(packets, 1):
        tracker.take_packet(time, frame, 1, data)
    tracker.finish(max((time for time, _ in packets), default=START) + 60 * SECOND)
    return found


def text_of(name: str, *, everything: bool) -> str:
    """Each outcome, and the disturbances that lead to it; of a fact what is not as without them."""
    plain = [(START + number * 10 * MILLISECOND, frame) for number, frame in enumerate(STORIES[name])]
    whole = read(plain, everything=everything)
    found: dict[str, list[str]] = {"\n".join(map(told, whole)) or "nothing": ["whole"]}
    for what, packets in disturbances(STORIES[name]):
        found.setdefault(compared(read(packets, everything=everything), whole), []).append(what)
    return "\n".join(f"{', '.join(those)}:\n{said}" for said, those in found.items())


CASES: dict[str, Callable[[], str]] = {
    **{name: lambda name=name: text_of(name, everything=True) for name in STORIES},  # type: ignore[misc]
    **{f"{name}, of a phone": lambda name=name: text_of(name, everything=False) for name in STORIES},  # type: ignore[misc]
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
