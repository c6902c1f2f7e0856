"""How a mask is chosen where the first choice will not do, and what is a secret at all.

``python -m tests.masking.choices`` writes ``choices.txt`` anew; read the difference before you commit it.
"""

import itertools
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.recorded_calls import Call, made
from tests.recorded_texts import read_texts, write_texts

FILE = Path(__file__).with_name("choices.txt")
masks: Any = import_module("ucdiag.masking.mask")
Patch = pytest.MonkeyPatch


def mask() -> Any:
    return masks.Mask(b"a key of these tests")


def spans(values: list[Any]) -> Iterator[str]:
    """Values of the numbers from 0 on, those that are alike together."""
    for value, group in itertools.groupby(enumerate(values), key=lambda pair: pair[1]):
        numbers = [number for number, _ in group]
        yield f"{numbers[0]}-{numbers[-1]}: {value}"


def _chosen() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def macs(patch: Patch, *numbers: int) -> Any:
        """Two more MAC addresses meet these numbers where one is to be chosen."""
        chosen = mask()
        left = iter((0x777777, 0x888888, *numbers))
        asked: list[Any] = []

        def number(kind: str, seed: bytes, most: int) -> int:
            asked.append((kind, seed.hex(), most))
            return 0x1234 if kind == "maker" else next(left)

        patch.setattr(chosen, "_keyed_number", number)
        for mac in ("0004f2000001", "021234999999", "0004f2000002", "fcfbfb000003"):
            chosen.learn_mac(bytes.fromhex(mac))
        return [one.hex() for one in chosen.macs.values()], asked[4:]

    found["MAC, the first number"] = lambda patch: macs(patch, 5, 6)
    found["MAC, another's mask"] = lambda patch: macs(patch, 0x777777, 7, 6)
    found["MAC, another itself"] = lambda patch: macs(patch, 0x999999, 8, 6)
    found["MAC, its own end"] = lambda patch: macs(patch, 2, 9, 3, 10)
    for text in (
        "00:04:f2:00:00:01",
        "00-04-F2-00-00-01",
        "0004f2000001",
        "0004f20000",
        "zz",
        "01:00:5e:00:00:01",
        "00:00:00:00:00:00",
        "00:00:5e:00:01:01",
        "ff:ff:ff:ff:ff:ff",
        "02:04:f2:00:00:01",
    ):

        def learnt(patch: Patch, text: str = text) -> Any:
            chosen = mask()
            chosen.learn_mac(text)
            chosen.learn_mac(text)
            return [(mac.hex(), new.hex()) for mac, new in chosen.macs.items()], chosen.changes

        found[f"MAC learnt {text}"] = learnt

    def words(patch: Patch, *letters: str) -> Any:
        chosen = mask()
        chosen.learn_word("fabrikam")
        chosen._taken.add("bbb")
        chosen.words["ccc"] = "ddd"
        left = iter(letters)
        patch.setattr(chosen, "_masked_character", lambda word, at, attempt: f"{next(left)}" if at == 0 else "")
        chosen.learn_word("fff")
        return chosen.words["fff"], sorted(chosen._taken), [*left]

    found["word, the first choice"] = lambda patch: words(patch, "ggg", "hhh")
    found["word, another's mask"] = lambda patch: words(patch, "bbb", "hhh", "iii")
    found["word, another word"] = lambda patch: words(patch, "ccc", "hhh", "iii")
    found["word itself"] = lambda patch: words(patch, "fff", "hhh", "iii")
    found["word of everybody"] = lambda patch: words(patch, "com", "hhh", "iii")
    for text in (
        "",
        "a",
        "ab",
        "a1",
        "1234",
        "12345",
        " -Fabrikam_ ",
        "com",
        "x" * masks._LONGEST,
        "x" * (masks._LONGEST + 1),
        "m\u00fcller",
        "\u20ac\u4e00\U00020000z",
        "ABc",
        "a-b",
    ):

        def word(patch: Patch, text: str = text) -> Any:
            chosen = mask()
            chosen.learn_word(text)
            chosen.learn_word(text)
            words = {word: new if word.isascii() else ascii(new) for word, new in chosen.words.items()}
            return words, sorted(chosen.bound), chosen.changes, ascii(chosen.mask_word(text.upper()))

        found[f"word learnt {text[:12]!a} {len(text)}"] = word
    return found


def _numbers() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for wanted, free in (
        ([1, 2, 3], [1, 2, 3]),
        ([1, 2, 3], [3, 2, 1]),
        ([1], [1]),
        ([1, 2], [2, 1]),
        ([2, 1], [2, 1]),
        ([1, 2], [5, 6, 7]),
        ([1, 2, 3], [2, 1, 3]),
        ([1, 2, 3, 4], [2, 3, 1, 4]),
    ):
        found[f"matched {wanted} {free}"] = lambda patch, w=wanted, f=free: masks._match_octets(w, f)
        if len(wanted) == len(free):
            found[f"apart {wanted} {free}"] = lambda patch, w=wanted, f=free: list(masks._pair_octets(w, f))
    for prefix in ("", "100", "169", "172", "192", "198", "203", "10", "192.0", "198.51", "203.0", "192.168", "10.1.2"):
        octets = bytes(map(int, filter(None, prefix.split("."))))
        found[f"classes {prefix}"] = lambda patch, p=octets: list(
            spans([masks._octet_class(p, octet) for octet in range(256)])
        )
    found["classes that stay"] = lambda patch: list(
        spans([masks._is_special_address(bytes([n, 1, 2, 3])) for n in range(256)])
    )
    for text in (
        "1.2.3.4",
        "255.255.255.255",
        "256.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "a.1.1.1",
        "0001.1.1.1",
        "\u0661.1.1.1",
        "",
    ):
        found[f"packed {text!a}"] = lambda patch, t=text: masks._packed_address(t)

    def tables(patch: Patch) -> Any:
        chosen = mask()
        for address in ("10.1.2.3", "10.1.2.4", "192.168.0.7", "8.8.8.8", "10.1.2.3"):
            chosen.learn_address(address)
        plain = [
            ".".join(map(str, chosen.mask_address(bytes(map(int, text.split("."))))))
            for text in (
                "10.1.2.3",
                "10.1.2.4",
                "10.1.2.255",
                "10.1.9.9",
                "8.8.8.8",
                "127.0.0.1",
                "224.0.0.1",
                "192.0.2.9",
            )
        ]
        starts = [
            chosen.mask_prefix(bytes(start)).hex()
            for start in ([], [10], [10, 1], [10, 1, 2], [10, 1, 2, 3], [127], [224])
        ]
        chosen.frozen = True
        chosen.learn_address("172.16.0.1")
        return plain, starts, chosen.changes, len(chosen.addresses), chosen.mask_address(b"\x01").hex()

    found["addresses"] = tables

    def others(patch: Patch) -> Any:
        chosen = mask()
        six = [
            "20010db8000000000000000000000001",
            "fe80000000000000020c29fffe000001",
            "ff020000000000000000000000000001",
            "0" * 31 + "1",
        ]
        return (
            [chosen.mask_ipv6_address(bytes.fromhex(text)).hex() for text in six],
            chosen.noise(b"abc").hex(),
            chosen.noise(b""),
        )

    found["addresses of IPv6, and noise"] = others
    return found


CALLS: dict[str, Call] = {**_chosen(), **_numbers()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
