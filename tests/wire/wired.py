"""A ``Ladder`` as the capture that ``ucdiag capture -r`` reads: the phone asks DNS, and then the ladder is played."""

import json
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.bench.traffic import dns_answer, dns_question, ethernet, ipv4, tcp, udp
from tests.wire.ladder import PHONE_MAC, POOL_MAC, START, Segment
from ucdiag.cli.main import cli

PHONE, POOL, RESOLVER = "10.0.0.7", "10.0.0.80", "10.0.0.2"
SECOND = 1_000_000
Packet = tuple[int, bytes]

POST = (
    b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2.contoso.com\r\nContent-Type: text/xml\r\n"
    b"Content-Length: 10\r\n\r\n<request/>"
)


def response(body: bytes, status: str = "200 OK", kind: str = "text/xml") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


NOTHING_NEWER = response(b'<response downloads="0"/>')


def question(address: str = POOL) -> list[Packet]:
    """The phone asks for the update server and gets its address, a second before the ladder begins."""
    name = "ucupdates-r2.contoso.com"
    asked = ipv4(PHONE, RESOLVER, 17, udp(50000, 53, dns_question(7, name)))
    told = ipv4(RESOLVER, PHONE, 17, udp(53, 50000, dns_answer(7, name, address)))
    return [
        (START - SECOND, ethernet(PHONE_MAC, POOL_MAC, 0x0800, asked)),
        (START - SECOND + 1000, ethernet(POOL_MAC, PHONE_MAC, 0x0800, told)),
    ]


def frames(segments: Iterable[Segment], server: str = POOL) -> list[Packet]:
    found = []
    for segment in segments:
        client_port, port = segment.ports
        payload = segment.payload + bytes(segment.size - len(segment.payload))
        ends, ports, macs = (PHONE, server), (client_port, port), (PHONE_MAC, POOL_MAC)
        if not segment.up:
            ends, ports, macs = ends[::-1], ports[::-1], macs[::-1]
        packet = ipv4(*ends, 6, tcp(*ports, segment.seq, segment.ack, segment.flags, payload))
        found.append((segment.time, ethernet(*macs, 0x0800, packet)))
    return found


def later(at: int) -> Packet:
    """Somebody else's packet: the capture goes on until ``at``."""
    packet = ipv4("10.0.0.99", "10.0.0.98", 17, udp(1000, 2000, b"noise"))
    return at, ethernet(bytes(6), bytes(6), 0x0800, packet)


def write(path: Path, packets: Sequence[Packet], snap: int = 262144, after: float = 60.0) -> Path:
    """A pcap of the packets, cut to ``snap`` bytes, that goes on for ``after`` seconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, 1)]
    for time, frame in [*packets, later(max(time for time, _ in packets) + int(after * SECOND))]:
        cut = frame[:snap]
        parts.append(struct.pack("<IIII", time // SECOND, time % SECOND, len(cut), len(frame)) + cut)
    path.write_bytes(b"".join(parts))
    return path


def captured(path: Path, *options: str) -> dict[str, Any]:
    """The report of ``ucdiag capture -r path --json``."""
    done = CliRunner().invoke(cli, ["capture", "-r", str(path), "--json", *options])
    assert done.exit_code in (0, 1, 3), (done.exit_code, done.output, done.exception)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def judged(path: Path, segments: Iterable[Segment], snap: int = 262144, after: float = 60.0) -> dict[str, Any]:
    """The one phone of the report on DNS and these segments."""
    report = captured(write(path, [*question(), *frames(segments)], snap, after))
    if not report["phones"]:
        return {**report, "findings": [], "observations": []}
    assert len(report["phones"]) == 1, report
    phone: dict[str, Any] = report["phones"][0]
    phone["problems"] = report["problems"]
    return phone


def said(phone: dict[str, Any]) -> tuple[str, str | None, str | None]:
    verdict = phone["verdict"]
    return verdict["status"], verdict["step"], verdict["code"]
