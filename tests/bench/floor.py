"""The floor below the table: what Python takes to do the least with a capture, and nothing of what ucdiag is for.

``looked`` walks the records, reads the options of DHCP, the names of DNS and the heads of HTTP into dicts that are
thrown away, and counts who is a phone. ``paired`` also puts the bytes of each TCP connection in order and brings
answers to their questions, of HTTP, DNS and DHCP; nothing lost, cut or strange is expected. ``judged``
(``floor_judge.py``) also says of each phone in a line of text where its path ends. ``written`` is ``json.dumps``, whose
encoder is C, of the phones in the report that ``ucdiag capture --json`` makes of the file, when all is decided.
``sifted``, ``mirror``, ``held``, ``counted`` and ``halved`` are the loops alone (``floor_loops.py``). ``facts`` is
ucdiag's own reading, of which every observation is thrown away: what is above it is the judge's and the report's.

Processor time, the least of three runs, beside tcpdump's; of ``halved`` and of all programs also wall time. ``beside``
is what many conversations cost in memory that the processor's caches do not hold; ``probe`` the floor below that
command::

    python -m tests.bench.floor FILE            # all of it, and ucdiag itself
    python -m tests.bench.floor FILE ROW ...    # these rows
    python -m tests.bench.floor beside FEW MANY
    python -m tests.bench.floor probe
"""

import gc
import json
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.capture import Measured, measure, ours, tcpdump
from tests.bench.floor_loops import beside, counted, halved, held, mirror, sifted
from tests.bench.startup import SCRIPT, http_server
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.wire.host_filter import HostFilter

_HEAD = struct.Struct("<8xI4x").unpack_from
_LOOK = struct.Struct(">12xH9xB10xHH").unpack_from
_ETHERNET, _IP, _UDP = 14, 20, 8
# Behind the Ethernet header: length, protocol, addresses with ports, sequence number, where the payload begins, flags.
_SEGMENT = struct.Struct(">2xH5xB2x12sI4xBB").unpack_from
_SYN = 2


def packets(path: Path) -> Iterator[bytes]:
    """Each packet of a little-endian pcap file."""
    with path.open("rb") as file:
        file.read(24)
        left = b""
        while more := file.read(1 << 20):
            data, at = left + more, 0
            end = len(data)
            while at + 16 <= end and at + 16 + (size := _HEAD(data, at)[0]) <= end:
                yield data[at + 16 : at + 16 + size]
                at += 16 + size
            left = data[at:]


def options(message: bytes) -> dict[int, bytes]:
    found, at = {}, 240
    while at < len(message) and (code := message[at]) != 255:
        found[code] = message[at + 2 : at + 2 + message[at + 1]]
        at += 2 + message[at + 1]
    return found


def count(path: Path) -> tuple[int, int]:
    """How many packets there are, and how many hardware addresses do what only phones do."""
    phones: set[bytes] = set()
    seen = 0
    for packet in packets(path):
        seen += 1
        if packet[12:14] == b"\x81\0":
            packet = packet[:12] + packet[16:]
        if len(packet) < 38:
            continue
        _, protocol, sport, dport = _LOOK(packet)
        if protocol == 17 and 67 in (sport, dport):
            message = packet[_ETHERNET + _IP + _UDP :]
            if options(message).get(60, b"").lower() == b"cpe-ocphone":
                phones.add(message[28:34])
        elif protocol == 17 and packet[55:64].lower() == b"ucupdates":
            phones.add(packet[6:12] if dport == 53 else packet[:6])
        elif protocol == 6 and 80 in (sport, dport):
            payload = packet[_ETHERNET + _IP + (packet[46] >> 2 & 60) :]
            if payload[:5] in (b"POST ", b"HTTP/"):
                lines = payload.partition(b"\r\n\r\n")[0].split(b"\r\n")
                fields = dict(line.split(b": ", 1) for line in lines[1:] if b": " in line)
                if b"User-Agent" in fields:
                    phones.add(packet[6:12])
    return seen, len(phones)


@dataclass
class Direction:
    """One of the two byte streams of a connection: what is next, and what is left of a body or of a head."""

    next: int
    body: int = 0
    head: bytes = b""
    early: dict[int, bytes] = field(default_factory=dict)


def fields_of(head: bytes) -> dict[bytes, bytes]:
    first, *lines = head.split(b"\r\n")
    return {b"": first, **dict(line.split(b": ", 1) for line in lines if b": " in line)}


class Pairs:
    """Questions and their answers, by where both belong."""

    def __init__(self) -> None:
        self.found = 0
        self.streams: dict[bytes, Direction] = {}
        self._open: dict[bytes, object] = {}

    def tell(self, place: bytes, is_question: bool, said: object) -> None:
        if is_question:
            self._open[place] = said
        elif self._open.pop(place, None) is not None:
            self.found += 1

    def deliver(self, place: bytes, stream: Direction, payload: bytes) -> None:
        """Bytes of TCP that are the next ones."""
        if stream.body:
            stream.body -= len(payload)
            return
        head, end, body = (stream.head + payload).partition(b"\r\n\r\n")
        stream.head = b"" if end else head
        if end:
            fields = fields_of(head)
            stream.body = int(fields.get(b"Content-Length", b"0")) - len(body)
            asked = not head.startswith(b"HTTP/")
            self.tell(place if asked else place[4:8] + place[:4] + place[10:] + place[8:10], asked, fields)

    def datagram(self, place: bytes, payload: bytes) -> None:
        if payload[236:240] == b"\x63\x82\x53\x63":
            found = options(payload)
            self.tell(payload[4:8] + payload[28:34], payload[0] == 1, found)
        elif place[8:10] == b"\0\x35":
            self.tell(place[4:8] + place[10:] + payload[:2], False, payload[12:])
        elif place[10:] == b"\0\x35":
            self.tell(place[:4] + place[8:10] + payload[:2], True, payload[12:])


def pair(path: Path) -> tuple[int, int]:
    """How many packets there are, and how many questions that were answered."""
    pairs = Pairs()
    return read_segments(path, pairs), pairs.found


def read_segments(path: Path, pairs: Pairs) -> int:
    """Gives ``pairs`` each datagram, and the bytes of each connection in their order; how many packets there are."""
    streams, seen = pairs.streams, 0
    with path.open("rb") as file:
        file.read(24)
        left = b""
        while more := file.read(1 << 20):
            data, at = left + more, 0
            end = len(data)
            while at + 16 <= end and at + 16 + (size := _HEAD(data, at)[0]) <= end:
                start = at + 16 + _ETHERNET + (4 if data[at + 28] == 0x81 else 0)
                at += 16 + size
                seen += 1
                if size < _ETHERNET + _IP + 20:
                    continue
                length, protocol, place, number, offset, flags = _SEGMENT(data, start)
                if protocol == 17:
                    pairs.datagram(place, data[start + _IP + _UDP : start + length])
                elif protocol == 6:
                    header = _IP + (offset >> 2 & 60)
                    stream = streams.get(place)
                    if stream is None or flags & _SYN:
                        streams[place] = Direction(number + 1 if flags & _SYN else number)
                    elif length > header:
                        if number == stream.next:
                            stream.next += length - header
                            pairs.deliver(place, stream, data[start + header : start + length])
                        else:
                            stream.early[number] = data[start + header : start + length]
                        while stream.early and (next_one := stream.early.pop(stream.next, None)) is not None:
                            stream.next += len(next_one)
                            pairs.deliver(place, stream, next_one)
            left = data[at:]
    return seen


def written(path: Path) -> float:
    """Seconds that the encoder takes to make the JSON of all phones."""
    report = measure(ours(path), Measured(), (0, 1)).decode()
    decoder, at = json.JSONDecoder(), report.index('"phones": [') + len('"phones": [')
    took = 0.0
    while report[at] == "{":
        # One after the other: all of them would take half a gigabyte.
        phone, at = decoder.raw_decode(report, at)
        begun = time.process_time()
        json.dumps(phone)
        took += time.process_time() - begun
        at += 2 if report[at] == "," else 0
    return took


def facts(path: Path) -> tuple[int, int]:
    """How many packets there are, and observations of them."""
    reader = CaptureFileReader(HostFilter())
    found = sum(1 for _ in reader.read([str(path)]))
    return reader.packets, found


def judged(path: Path) -> tuple[int, int]:
    from tests.bench.floor_judge import judge

    return judge(path)


# What each of them returns says that it did its work: packets, or phones, and what it found.
ROWS: dict[str, Callable[[Path], tuple[int, int]]] = {
    "looked": count,
    "paired": pair,
    "judged": judged,
    "sifted": sifted,
    "mirror": mirror,
    "held": held,
    "counted": counted,
    "facts": facts,
}
_OF_PCAPNG = ("sifted", "mirror", "counted", "facts")


def below_capture(path: Path, names: Sequence[str]) -> None:
    programs = {"tcpdump": tcpdump(path), "python -c pass": [sys.executable, "-c", "pass"]}
    if not names:
        programs |= {"ucdiag, text": ours(path)[:-1], "ucdiag, --json": ours(path)}
    gc.set_threshold(50_000)  # as ucdiag has it
    names = names or [*(ROWS if path.suffix == ".pcap" else _OF_PCAPNG), "written", "halved"]
    measured = {name: Measured() for name in programs}
    took: dict[str, list[float]] = {name: [] for name in names}
    wall: list[float] = []
    for turn in range(3):
        for name, command in programs.items():
            measure(command, measured[name], (0, 1))
        for name in names:
            begun = time.process_time()
            if name == "written":
                took[name].append(written(path))
            elif name == "halved":
                elapsed, seconds = halved(path)
                wall.append(elapsed)
                took[name].append(seconds)
            else:
                found = ROWS[name](path)
                took[name].append(time.process_time() - begun)
                if not turn:
                    print(f"{name:24} found {found[0]:,} and {found[1]:,}", flush=True)
    unit, unit_of_wall = min(measured["tcpdump"].cpu), min(measured["tcpdump"].wall)
    for name, into in measured.items():
        waited = f"   wall {min(into.wall):6.2f} s {min(into.wall) / unit_of_wall:6.1f}"
        print(f"{name:24} {min(into.cpu):7.3f} s {min(into.cpu) / unit:7.2f}{waited}")
    for name in names:
        waited = f"   wall {min(wall):6.2f} s {min(wall) / unit_of_wall:6.1f}" if name == "halved" else ""
        print(f"{name:24} {min(took[name]):7.3f} s {min(took[name]) / unit:7.2f}{waited}")


def below_probe() -> None:
    """What ``ucdiag probe`` takes beside a script that asks the same server, and what it cannot do without."""
    python = [sys.executable, "-c"]
    with http_server() as port:
        url = f"http://127.0.0.1:{port}/"
        rows = {
            "python -c pass": [*python, "pass"],
            "import http.client": [*python, "import http.client"],
            "import http.client, click": [*python, "import http.client, click"],
            "import requests": [*python, "import requests"],
            "import requests, click": [*python, "import requests, click"],
            "a script with requests": [*python, SCRIPT, url],
            "the same with click": [*python, f"import click; {SCRIPT}", url],
            "ucdiag probe": [sys.executable, "-m", "ucdiag", "probe", "--address", "127.0.0.1", "--port", str(port)],
        }
        measured = {name: Measured() for name in rows}
        for _ in range(9):
            for name, command in rows.items():
                measure(command, measured[name])
    unit = min(measured["a script with requests"].cpu)
    for name, into in measured.items():
        print(f"{name:26} {min(into.cpu) * 1000:6.1f} ms {min(into.cpu) / unit:6.2f}")


if __name__ == "__main__":
    if sys.argv[1] == "probe":
        below_probe()
    elif sys.argv[1] == "beside":
        beside(Path(sys.argv[2]), Path(sys.argv[3]), 5)
    else:
        below_capture(Path(sys.argv[1]), sys.argv[2:])
