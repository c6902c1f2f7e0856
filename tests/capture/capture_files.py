"""Capture files made from packets, and what reading them gives."""

import functools
import random
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.traffic import (
    START,
    Noise,
    PhoneTraffic,
    ethernet,
    ipv4,
    tcp,
)
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.model.observations import Extent, Http, Observation
from ucdiag.model.report import Problem
from ucdiag.wire.host_filter import HostFilter

Packet = tuple[int, bytes]  # microseconds, frame
PHONE, SERVER, STRANGER = bytes.fromhex("0004f2000001"), bytes.fromhex("00505600aa01"), bytes.fromhex("001a2b000001")


def read(path: Path | str | Sequence[Path], interest: HostFilter | None = None, **settings: object) -> list[object]:
    names = [str(name) for name in path] if isinstance(path, list) else [str(path)]
    reading = CaptureFileReader(interest or HostFilter(everything=True), **settings)  # type: ignore[arg-type]
    return [fact for fact in reading.read(names) if fact is not None]


def facts(found: Sequence[object]) -> list[Observation]:
    """The observations in the order of their frames, without the extent."""
    kept = [fact for fact in found if isinstance(fact, Observation) and not isinstance(fact, Extent)]
    return sorted(kept, key=lambda observation: (observation.frame or 0, observation.kind, observation.time))


def problems(found: Sequence[object]) -> list[str]:
    return [problem.text for problem in found if isinstance(problem, Problem)]


def extent(found: Sequence[object]) -> Extent:
    return next(observation for observation in found if isinstance(observation, Extent))


def phones(count: int = 4, broken: int = 2, noise: int = 300, seed: int = 3, size: int = 20_000) -> list[Packet]:
    """A small site: the packets of a few phones, tagged ones among them, between those of others."""
    return list(_phones(count, broken, noise, seed, size))


@functools.cache
def _phones(count: int, broken: int, noise: int, seed: int, size: int) -> tuple[Packet, ...]:
    rng = random.Random(seed)
    codes = ["connect-refused", "http-not-found", "connect-no-answer", "dns-legacy-only"]
    found: list[tuple[float, bytes]] = []
    for number in range(count):
        code = codes[number % len(codes)] if number < broken else None
        found += PhoneTraffic(number + 1, code, number % 2 == 1, size, rng.uniform(0, 5), rng).packets
    if noise:
        found += [(index * 0.02, frame) for index, frame in enumerate(Noise(rng, 0.2).frames(noise))]
    found.sort(key=lambda packet: packet[0])
    return tuple((int((START + at) * 1_000_000), frame) for at, frame in found)


def pcap(
    packets: Sequence[Packet], order: str = "<", nanoseconds: bool = False, link: int = 1, snap: int = 262144
) -> bytes:
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    for time, frame in packets:
        rest = time % 1_000_000 * (1000 if nanoseconds else 1)
        cut = frame[:snap]
        parts.append(struct.pack(order + "IIII", time // 1_000_000, rest, len(cut), len(frame)) + cut)
    return b"".join(parts)


def kuznetzov(packets: Sequence[Packet]) -> bytes:
    parts = [struct.pack("<IHHiIII", 0xA1B2CD34, 2, 4, 0, 0, 262144, 1)]
    for time, frame in packets:
        head = struct.pack("<IIIIIHBB", time // 1_000_000, time % 1_000_000, len(frame), len(frame), 1, 8, 0, 0)
        parts.append(head + frame)
    return b"".join(parts)


def block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) & 3)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def described(order: str = "<", link: int = 1, resolution: int | None = None, offset: int = 0, snap: int = 0) -> bytes:
    options = b""
    if resolution is not None:
        options += struct.pack(order + "HHB3x", 9, 1, resolution)
    if offset:
        options += struct.pack(order + "HHq", 14, 8, offset)
    return block(order, 1, struct.pack(order + "HHI", link, 0, snap) + options + bytes(4))


def enhanced(time: int, frame: bytes, order: str = "<", interface: int = 0, per_second: int = 1_000_000) -> bytes:
    units = time * per_second // 1_000_000
    size = len(frame)
    head = struct.pack(order + "IIIII", interface, units >> 32, units & 0xFFFFFFFF, size, size)
    comment = struct.pack(order + "HH4sHH", 1, 4, b"note", 0, 0)
    return block(order, 6, head + frame + bytes(-size & 3) + comment)


def pcapng(packets: Sequence[Packet], order: str = "<", resolution: int | None = None) -> bytes:
    rate = 1_000_000 if resolution is None else 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    head = section(order) + described(order, resolution=resolution)
    return head + b"".join(enhanced(time, frame, order, 0, rate) for time, frame in packets)


def sections(packets: Sequence[Packet]) -> bytes:
    """Three sections in both byte orders, each with interfaces of several kinds, and blocks that say nothing."""
    third = len(packets) // 3
    parts = []
    for number, order in enumerate("<><"):
        parts.append(section(order) + described(order, 113) + block(order, 4, bytes(8)) + described(order, 1, 9))
        for time, frame in packets[number * third : (number + 1) * third if number < 2 else None]:
            parts.append(enhanced(time, frame, order, 1, 10**9))
            if time % 7 == 0:
                parts.append(block(order, 5, bytes(12)) + block(order, 0x0BED, b"whatever"))
    return b"".join(parts)


def old_packets(packets: Sequence[Packet]) -> bytes:
    parts = [section(), described()]
    for time, frame in packets:
        head = struct.pack("<HHIIII", 0, 0, time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        parts.append(block("<", 2, head + frame))
    return b"".join(parts)


def simple_packets(packets: Sequence[Packet]) -> bytes:
    parts = [section(), described()]
    parts += [block("<", 3, struct.pack("<I", len(frame)) + frame) for _, frame in packets]
    return b"".join(parts)


FORMATS: dict[str, Callable[[Sequence[Packet]], bytes]] = {
    "pcap": pcap,
    "pcap, big-endian": lambda packets: pcap(packets, ">"),
    # pycapng 0.19.7 reads its times as microseconds (findings/pycapng-nanosecond-pcap.sh).
    "pcap, nanoseconds": lambda packets: pcap(packets, nanoseconds=True),
    "pcap, nanoseconds, big-endian": lambda packets: pcap(packets, ">", nanoseconds=True),
    "pcap, modified": kuznetzov,
    "pcapng": pcapng,
    "pcapng, big-endian": lambda packets: pcapng(packets, ">"),
    # fpcap 0.2.0 gives as microseconds what the file counts (findings/fpcap-microseconds.sh).
    "pcapng, nanoseconds": lambda packets: pcapng(packets, resolution=9),
    "pcapng, a power of two": lambda packets: pcapng(packets, resolution=0x80 | 30),
    "pcapng, sections": sections,
    "pcapng, old packets": old_packets,
}


def shaken(packets: Sequence[Packet], seed: int) -> list[Packet]:
    """Some packets lost, doubled, or a little later than they should be."""
    rng = random.Random(seed)
    found = []
    for time, frame in packets:
        dice = rng.random()
        if dice < 0.02:
            continue
        found.append((time + (rng.randrange(3000) if dice > 0.95 else 0), frame))
        if dice > 0.98:
            found.append((time + rng.randrange(5000), frame))
    return sorted(found, key=lambda packet: packet[0])


def whole_download(exchange: Observation) -> object:
    """What has to agree in any case: where packets were lost within a counted run, its bytes and its end may differ."""
    if isinstance(exchange, Http):
        return (exchange.frame, exchange.client, exchange.method, exchange.target, exchange.status)
    return exchange


def conversation(ip: str, request: bytes, port: int = 80, mac: bytes = STRANGER, at: int = 0) -> list[Packet]:
    """One connection with one request, from SYN to FIN."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    up, down = (mac, SERVER), (SERVER, mac)
    steps: list[tuple[tuple[bytes, bytes], bytes]] = [
        (up, ipv4(ip, "10.1.0.10", 6, tcp(50000, port, 100, 0, 2))),
        (down, ipv4("10.1.0.10", ip, 6, tcp(port, 50000, 500, 101, 0x12))),
        (up, ipv4(ip, "10.1.0.10", 6, tcp(50000, port, 101, 501, 0x10))),
        (up, ipv4(ip, "10.1.0.10", 6, tcp(50000, port, 101, 501, 0x18, request))),
        (down, ipv4("10.1.0.10", ip, 6, tcp(port, 50000, 501, 101 + len(request), 0x18, answer))),
        (up, ipv4(ip, "10.1.0.10", 6, tcp(50000, port, 101 + len(request), 501 + len(answer), 0x11))),
        (down, ipv4("10.1.0.10", ip, 6, tcp(port, 50000, 501 + len(answer), 102 + len(request), 0x11))),
        (up, ipv4(ip, "10.1.0.10", 6, tcp(50000, port, 102 + len(request), 502 + len(answer), 0x10))),
    ]
    return [
        (START * 1_000_000 + at + number * 1000, ethernet(*ends, 0x0800, packet))
        for number, (ends, packet) in enumerate(steps)
    ]


def set_back(packets: Sequence[Packet], at: int, seconds: int) -> list[Packet]:
    return [*packets[:at], *((time - seconds * 1_000_000, frame) for time, frame in packets[at:])]


def replaced(observation: Observation) -> tuple[object, ...]:
    names = ("outcome", "status", "complete", "failure", "name", "rcode", "answer_bytes", "lost_bytes")
    return (observation.kind, observation.frame, *(getattr(observation, name, None) for name in names))


def secrets_block(key_log: str, kind: int = 0x544C534B) -> bytes:
    text = key_log.encode()
    return block("<", 10, struct.pack("<II", kind, len(text)) + text + bytes(-len(text) & 3))
