"""What is read of capture files in which a few bytes are others, or that end early, in every format.

``python -m tests.capture.disturbed_files`` writes ``disturbed_files.txt`` anew; read the difference.
"""

import hashlib
import random
import re
import struct
import tempfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.capture.capture_files import (
    FORMATS,
    Packet,
    block,
    described,
    enhanced,
    pcap,
    phones,
    read,
    replaced,
    section,
    simple_packets,
)
from tests.recorded_texts import read_texts, write_texts
from ucdiag.model.observations import Extent
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter

FILE = Path(__file__).with_name("disturbed_files.txt")
PACKETS = phones(2, 1, 30, 5, 3000)
_VALUES = (0, 1, 2, 4, 8, 12, 16, 0x7F, 0x80, 0xFF)


def _snapped(packets: Sequence[Packet]) -> bytes:
    return pcap(packets, snap=60)


def _no_times(packets: Sequence[Packet]) -> bytes:
    return pcap([(0, frame) for _, frame in packets])


def _several(packets: Sequence[Packet]) -> bytes:
    """Interfaces that differ in link, unit of time, offset and snap length."""
    parts = [
        section(),
        described(),
        described(link=101),
        described(resolution=9),
        described(offset=-3600),
        described(snap=64),
        described(resolution=0x80 | 20),
    ]
    rates = (10**6, 10**6, 10**9, 10**6, 10**6, 1 << 20)
    for number, (time, frame) in enumerate(packets):
        interface = number % 6
        data = frame[14:] if interface == 1 else frame[:64] if interface == 4 else frame
        parts.append(enhanced(time + (3600 * 10**6 if interface == 3 else 0), data, "<", interface, rates[interface]))
        if number % 9 == 0:
            parts.append(block("<", 5, struct.pack("<III", 0, 0, 0) + struct.pack("<HHQHH", 5, 8, number, 0, 0)))
    return b"".join(parts)


MADE: dict[str, Callable[[Sequence[Packet]], bytes]] = {
    **FORMATS,
    "pcapng, simple packets": simple_packets,
    "pcapng, several interfaces": _several,
    "pcap, snapped": _snapped,
    "pcap, no times": _no_times,
    "pcap, raw": lambda packets: pcap([(time, frame[14:]) for time, frame in packets], link=101),
}


def stored(data: bytes) -> bytes:
    """As gzip has it, not compressed: other versions of zlib would make other bytes of it."""
    blocks = [data[at : at + 5000] for at in range(0, len(data), 5000)]
    parts = [bytes.fromhex("1f8b08000000000000ff")]
    for number, piece in enumerate(blocks):
        last = number == len(blocks) - 1
        parts.append(struct.pack("<BHH", last, len(piece), len(piece) ^ 0xFFFF) + piece)
    return b"".join([*parts, struct.pack("<II", zlib.crc32(data), len(data))])


def disturbed(data: bytes, kind: str, seed: int) -> bytes:
    """The file with something wrong with it."""
    rng = random.Random(f"{kind} {seed}")
    if kind == "whole":
        return data
    if kind == "cut":
        return data[
            : rng.choice((rng.randrange(0, 60), rng.randrange(60, len(data)), len(data) - rng.randrange(1, 40)))
        ]
    if kind == "head":
        at = rng.randrange(0, 60)
        return data[:at] + bytes([rng.choice(_VALUES)]) + data[at + 1 :]
    if kind == "bytes":
        changed = bytearray(data)
        for _ in range(3):
            changed[rng.randrange(len(data))] = rng.choice(_VALUES)
        return bytes(changed)
    if kind == "missing":
        at, count = rng.randrange(24, len(data)), rng.choice((1, 4, 17, 400))
        return data[:at] + data[at + count :]
    if kind == "more":
        at = rng.randrange(24, len(data))
        return data[:at] + bytes(rng.choice((1, 4, 16, 300))) + data[at:]
    if kind == "packed":
        packed = stored(data)
        return packed[: len(packed) - rng.choice((0, 1, 4, 8, 9, len(packed) // 2))]
    packed = bytearray(stored(data))
    packed[rng.randrange(2, len(packed))] ^= 1 << rng.randrange(8)
    return bytes(packed)


SEEDS = {"whole": 1, "cut": 8, "head": 20, "bytes": 8, "missing": 5, "more": 3, "packed": 4, "packed badly": 3}
CASES = [(form, kind) for form in MADE for kind in SEEDS]
INTERESTS: dict[str, Any] = {"all": True, "phones": False}


def read_of(path: Path, everything: bool) -> str:
    """How many facts, what they are, and all that is said of the file."""
    try:
        found = read(path, HostFilter(everything=everything))
    except CannotTest as error:
        told = re.sub(r"Error -\d[^)]*", "the library's words", error.text)
        return f"{error.code}: {told}".replace(str(path), "FILE")
    facts = [item for item in found if not isinstance(item, (Problem, Extent))]
    text = "\n".join(sorted(str((*replaced(fact), fact.time)) for fact in facts))  # type: ignore[attr-defined, arg-type]
    said = [f"{item.code}: {item.text}" for item in found if isinstance(item, Problem)]
    (extent,) = [item for item in found if isinstance(item, Extent)]
    span = f"{extent.time}-{extent.end} {extent.packets} packets, lost {extent.lost}, cut {extent.cut}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    told = re.sub(r"Error -\d[^)]*", "the library's words", " ".join(said)).replace(str(path), "FILE")
    return f"{len(facts)} facts {digest}; {span}; {told}".rstrip("; ")


def made(form: str, kind: str) -> str:
    """A line for each disturbance."""
    data = MADE[form](PACKETS)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "site.pcap")
        for seed in range(SEEDS[kind]):
            path.write_bytes(disturbed(data, kind, seed))
            lines += [read_of(path, everything) for everything in ((True, False) if seed < 2 else (True,))]
    return "\n".join(lines)


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {f"{form}: {kind}": made(form, kind) for form, kind in CASES})
