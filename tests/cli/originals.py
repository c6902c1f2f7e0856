"""What was in a capture before it was masked: how to look for it in every encoding, and what must stay."""

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from ucdiag.cli.main import cli

# Addresses that stay: none, loopback, groups, everybody.
_STAYS = re.compile(r"(0|127|22[4-9]|23\d|24\d|25\d)\.")


def run(*words: str | Path) -> Result:
    """``ucdiag`` with these words, in this process."""
    done = CliRunner().invoke(cli, [str(word) for word in words])
    assert done.exit_code in (0, 1, 3), (done.output, done.exception)
    return done


def bundle(path: Path, *options: str, target: Path | None = None) -> dict[str, bytes]:
    """The files of a masked bundle of a capture."""
    target = target or path.with_suffix(".zip")
    run("capture", path, "--mask", "--force", "--bundle", target, *options)
    with zipfile.ZipFile(io.BytesIO(target.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def encodings(word: str) -> Iterator[re.Pattern[bytes]]:
    """Each way in which a word may stand in a file."""
    for form in ("utf-8", "utf-16-le", "utf-16-be"):
        data = word.encode(form)
        yield re.compile(re.escape(data), re.IGNORECASE)
        yield re.compile(re.escape(data.hex().encode()), re.IGNORECASE)
        for spelt in {word, word.lower(), word.upper(), word.title()}:
            for before in range(3):
                text = base64.b64encode(bytes(before) + spelt.encode(form))
                whole = (before + len(spelt.encode(form))) // 3 * 4
                yield re.compile(re.escape(text[(0, 2, 3)[before] : whole]))
    quoted = [b"(?:%s|%%%02x)" % (re.escape(bytes([byte])), byte) for byte in word.encode()]
    yield re.compile(b"".join(quoted), re.IGNORECASE)


def of_address(address: str) -> Iterator[re.Pattern[bytes]]:
    """Each way in which an address may stand there."""
    octets = address.split(".")
    packed = bytes(map(int, octets))
    for text in (address, ".".join(reversed(octets))):
        for form in ("utf-8", "utf-16-le", "utf-16-be"):
            yield re.compile(rb"(?<![0-9.])" + re.escape(text.encode(form)) + rb"(?![0-9.])")
    yield re.compile(b"".join(bytes([len(octet)]) + octet.encode() for octet in reversed(octets)))
    yield re.compile(re.escape(packed))
    yield re.compile(re.escape(packed[::-1]))
    yield re.compile(packed.hex().encode(), re.IGNORECASE)


def of_mac(mac: bytes) -> Iterator[re.Pattern[bytes]]:
    """Each way in which a MAC address may stand there."""
    yield re.compile(re.escape(mac))
    yield re.compile(re.escape(mac[::-1]))
    pairs = [mac.hex()[at : at + 2].encode() for at in range(0, 12, 2)]
    yield re.compile(rb"(?:[:.\-\0 ]|%3a)*".join(pairs), re.IGNORECASE)


def conclusions(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What must be the same before and after."""
    return sorted(
        (
            phone["verdict"]["status"],
            phone["verdict"]["step"],
            phone["verdict"]["code"],
            sorted(finding["code"] for finding in phone["findings"]),
            [(step["step"], step["status"]) for step in phone["steps"]],
        )
        for phone in report["phones"]
    )


def judged(path: Path, *options: str) -> dict[str, Any]:
    """The report of a capture."""
    report: dict[str, Any] = json.loads(run("capture", path, "--json", *options).stdout)
    return report


def check(path: Path, files: dict[str, bytes], tmp_path: Path, *options: str) -> dict[str, Any]:
    """The same conclusions, in the bundle and from its packets; the report of the packets."""
    before = judged(path, *options)
    again = tmp_path / "phones.pcapng"
    again.write_bytes(files["phones.pcapng"])
    after = judged(again)
    assert conclusions(after) == conclusions(before)
    inside = json.loads(files["report.json"])
    assert conclusions(inside) == conclusions(before)
    assert [phone["phone"] for phone in inside["phones"]] == [phone["phone"] for phone in after["phones"]]
    assert "alone gives the same verdicts and findings" in files["README.txt"].decode()
    return after


def found_in(
    files: Mapping[str, bytes], words: Iterable[str], addresses: Iterable[str], macs: Iterable[bytes]
) -> list[tuple[str, object]]:
    """The originals that are still in a file."""
    patterns: list[tuple[object, re.Pattern[bytes]]] = []
    patterns += [(word, pattern) for word in words for pattern in encodings(word)]
    patterns += [(address, pattern) for address in addresses for pattern in of_address(address)]
    patterns += [(mac.hex(), pattern) for mac in macs for pattern in of_mac(mac)]
    return [(name, what) for name, data in files.items() for what, pattern in patterns if pattern.search(data)]


def originals_of(report: Any) -> tuple[set[str], set[bytes]]:
    """The addresses and MAC addresses of a report, as its facts have them."""
    addresses: set[str] = set()
    macs: set[bytes] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key not in ("firmware", "version", "versions"):
                    look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)
        elif isinstance(value, str) and re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}", value):
            if not _STAYS.match(value):
                addresses.add(value)
        elif isinstance(value, str) and re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", value):
            mac = bytes.fromhex(value.replace(":", ""))
            if not mac[0] & 1 and any(mac):
                macs.add(mac)

    for phone in report["phones"]:
        look(phone["phone"])
        look(phone["observations"])
    return addresses, macs
