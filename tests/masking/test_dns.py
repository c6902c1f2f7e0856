"""Names that are addresses in reverse: each octet has as many digits as before, as the message has its length."""

import re

import pytest

from tests.masking.masks import KEY, secrets
from tests.masking.messages import dns, question
from ucdiag.masking.dns import mask_dns
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber


def masked(name: str, mask: Mask | None = None) -> str:
    """What becomes of the name of a question."""
    known = mask if mask is not None else Mask(KEY)
    message = dns([question(name, 12)])
    made = mask_dns(known, Scrubber(known), message)
    assert len(made) == len(message)
    labels, at = [], 12
    while made[at]:
        labels.append(made[at + 1 : at + 1 + made[at]].decode())
        at += 1 + made[at]
    return ".".join(labels)


@pytest.mark.parametrize("octet", [0, 5, 9, 10, 55, 99, 100, 199, 200, 255])
def test_an_octet_has_as_many_digits_as_before(octet: int) -> None:
    """It is the mask that the address has."""
    address = bytes([10, 1, octet])
    for key in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
        mask = Mask(key)
        found = re.fullmatch(r"([0-9]+)\.[0-9]+\.[0-9]+\.in-addr\.arpa", masked(f"{octet}.1.10.in-addr.arpa", mask))
        assert found is not None
        chosen = str(mask.mask_prefix(address)[-1])
        assert found[1] == chosen


@pytest.mark.parametrize("octet", ["05", "007", "0000", "012"])
def test_an_octet_with_zeros_in_front_becomes_nines(octet: str) -> None:
    """Nobody writes it so, and its mask has fewer digits."""
    assert masked(f"{octet}.1.10.in-addr.arpa").split(".")[0] == "9" * len(octet)


@pytest.mark.parametrize(
    "name", ["1.2.3.4.5.in-addr.arpa", "256.1.1.10.in-addr.arpa", "x.1.10.in-addr.arpa", "1.0.0.10.in-addr.example"]
)
def test_what_is_no_address_in_reverse_keeps_its_first_label(name: str) -> None:
    assert masked(name, secrets()).split(".")[0] == name.split(".")[0]


def test_capitals_change_nothing() -> None:
    assert masked("77.0.0.10.IN-ADDR.ARPA").lower() == masked("77.0.0.10.in-addr.arpa")
    assert masked("77.0.0.10.in-addr.arpa") != "77.0.0.10.in-addr.arpa"
