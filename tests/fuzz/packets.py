"""Feeds ``capture`` mutated captures until the time is up: nothing may be raised, hang, or grow.

Starts from made-up sites and from captures that are named, changes bytes, cuts, doubles and swaps packets, changes
formats, and reads the result both ways. What fails is kept in a file that repeats it::

    python -m tests.fuzz.packets --seconds 60
    python -m tests.fuzz.packets --seconds 600 --seed 7 some.pcap other.pcapng
"""

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from tests.bench.traffic import BROKEN, Noise, PhoneTraffic
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.codec import to_json
from ucdiag.model.observations import Extent, Observation
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter

_SLOWEST = 5.0  # seconds for one input: they are small
_GROWTH = 60 << 10  # KiB that the process may grow by after its first inputs


def made_up(rng: random.Random, others: Noise) -> bytes:
    """A small capture of a few phones and others."""
    import struct

    packets: list[tuple[float, bytes]] = []
    for number in range(rng.randrange(1, 4)):
        code = rng.choice([*BROKEN, None])
        packets += PhoneTraffic(number + 1, code, rng.random() < 0.3, rng.randrange(1, 40_000), 0.1, rng).packets
    packets += [(rng.random() * 5, frame) for frame in others.frames(30)]
    packets.sort(key=lambda packet: packet[0])
    link = rng.choice([1, 1, 1, 1, 0, 9, 101, 105, 113, 127, 276])
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)]
    for at, frame in packets:
        parts.append(struct.pack("<IIII", 1_767_225_600 + int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame)
    return b"".join(parts)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The same with a few things wrong, mostly behind the file's own header."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4, 16, 64])):
        if len(changed) < 2:
            break
        at = (
            rng.randrange(len(changed))
            if rng.random() < 0.1
            else rng.randrange(min(24, len(changed) - 1), len(changed))
        )
        match rng.randrange(7):
            case 0:
                changed[at] = rng.getrandbits(8)
            case 1:
                changed[at] ^= 1 << rng.randrange(8)
            case 2:
                changed[at : at + 4] = rng.choice(
                    [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0"]
                )
            case 3:
                del changed[at : at + rng.randrange(1, 200)]
            case 4:
                changed[at:at] = rng.randbytes(rng.randrange(1, 200))
            case 5:
                end = at + rng.randrange(1, 2000)
                changed[at:at] = changed[at:end]
            case _:
                del changed[at:]
    return bytes(changed)


def run(path: Path, rng: random.Random) -> None:
    """Reads a file as facts and as a judgement, to the JSON form."""
    for everything in (True, False):
        patience = rng.choice([0.1, 5.0])
        reading = CaptureFileReader(HostFilter(everything=everything, leased=rng.random() < 0.2), patience=patience)
        fleet = PhoneTracker(DiagnosisOptions(from_capture=True, patience=patience))
        end = 0
        for fact in reading.read([str(path)]):
            if isinstance(fact, Observation):
                to_json(fact)
                if not everything:
                    fleet.feed(fact)
                if isinstance(fact, Extent):
                    end = fact.end
        if not everything:
            to_json(fleet.finish(end))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", nargs="*", type=Path, help="captures to start from, beside made-up ones")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args(arguments)
    seed = given.seed if given.seed is not None else random.randrange(1 << 32)
    rng = random.Random(seed)
    grounds = [path.read_bytes()[:2_000_000] for path in given.captures]
    others = Noise(rng, 0.2)
    end = time.monotonic() + given.seconds
    count, base = 0, 0
    with tempfile.TemporaryDirectory(prefix="ucdiag-fuzz-") as folder:
        path = Path(folder) / "capture"
        while time.monotonic() < end:
            ground = rng.choice(grounds) if grounds and rng.random() < 0.7 else made_up(rng, others)
            data = mutated(ground, rng)
            path.write_bytes(data)
            began = time.monotonic()
            try:
                run(path, rng)
            except CannotTest:
                pass
            except Exception:  # noqa: BLE001 - whatever it is, it is what this program looks for
                traceback.print_exc()
                return _failed(data, seed, count, "it raised")
            if time.monotonic() - began > _SLOWEST:
                return _failed(data, seed, count, f"it took {time.monotonic() - began:.1f} s")
            count += 1
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            if count == 50:
                base = peak
            elif base and peak - base > _GROWTH:
                return _failed(data, seed, count, f"memory grew by {(peak - base) >> 10} MiB")
    print(f"{count} captures, seed {seed}: nothing raised, nothing hung, nothing grew")
    return 0


def _failed(data: bytes, seed: int, count: int, what: str) -> int:
    kept = Path(tempfile.gettempdir()) / f"ucdiag-fuzz-{seed}-{count}.capture"
    kept.write_bytes(data)
    print(f"capture {count} of seed {seed}: {what}; it is kept as {kept}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
