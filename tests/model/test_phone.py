"""What an administrator says of a phone, in any usual spelling."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ucdiag.model.phone import parse_mac


def spellings(octets: bytes) -> list[str]:
    """Those of New-CsTestDevice, Windows, Linux, Cisco, HP, and the arp of BSD and macOS."""
    digits = octets.hex()
    pairs = [digits[at : at + 2] for at in range(0, 12, 2)]
    found = [digits]
    found += [separator.join(pairs) for separator in ":-. "]
    found += [separator.join((digits[:4], digits[4:8], digits[8:])) for separator in ".-:"]
    found += [separator.join((digits[:6], digits[6:])) for separator in "-:."]
    found += [separator.join(f"{octet:x}" for octet in octets) for separator in ":-"]
    return [*found, *(fact.upper() for fact in found), *(f"  {fact}\n" for fact in found)]


@given(st.binary(min_size=6, max_size=6))
@example(bytes.fromhex("0004f2000001"))
@example(bytes.fromhex("0e0a00000000"))
def test_every_spelling_is_the_same_address(octets: bytes) -> None:
    assume(any(octets) and not octets[0] & 1)
    assert {parse_mac(spelling) for spelling in spellings(octets)} == {octets.hex(":")}


@pytest.mark.parametrize("spelt", ["0:4:f2:0:0:1", "0-4-F2-0-0-1", "0004f2-000001", "0004F2-000001"])
def test_spellings_of_arp_and_of_switches(spelt: str) -> None:
    assert parse_mac(spelt) == "00:04:f2:00:00:01"


@pytest.mark.parametrize(
    ("spelt", "says"),
    [
        ("00:04:f2:00:00:1", "lacks a digit, or drops some leading zeros and keeps others"),
        ("0:04:f2:aa:bb:cc", "lacks a digit, or drops some leading zeros and keeps others"),
        ("0-04-F2-0-0-1", "lacks a digit, or drops some leading zeros and keeps others"),
        ("0:4:f2:0:0", "is not a MAC address"),
        ("0:4:f2:0:0:1:2", "is not a MAC address"),
        ("0:4:f2:0:0:", "is not a MAC address"),
        ("0:4:f2::0:1", "is not a MAC address"),
        ("0:4-f2:0:0:1", "is not a MAC address"),
        ("0:004:f2:0:0:1", "is not a MAC address"),
        ("0.4.f2.0.0.1", "is not a MAC address"),
        ("0 4 f2 0 0 1", "is not a MAC address"),
        ("0004f2-00001", "is not a MAC address"),
        ("004f2-0000010", "is not a MAC address"),
        ("4.f200.1", "is not a MAC address"),
        ("04f2000001", "is not a MAC address"),
        ("0x0004f2000001", "is not a MAC address"),
        ("\uff10:4:f2:0:0:1", "is not a MAC address"),
        ("1:4:f2:0:0:1", "is a group (multicast or broadcast) address"),
        ("ffffff-ffffff", "is a group (multicast or broadcast) address"),
        ("0:0:0:0:0:0", "is the empty MAC address"),
        ("0" * 100_000, "is not a MAC address"),
    ],
)
def test_what_cannot_be_reported_for_sure_is_refused_in_one_sentence(spelt: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"MAC|digit|address") as refused:
        parse_mac(spelt)
    assert says in str(refused.value)
    assert len(str(refused.value)) < 400
