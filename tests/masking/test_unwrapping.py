"""Which of the optional fields of GRE are there, and that documentation's networks stay what they are."""

import socket

from tests.in_parts import in_parts
from tests.masking.masks import KEY
from ucdiag.masking.mask import Mask
from ucdiag.masking.unwrapping import _in_gre
from ucdiag.wire.link.link_layer import ETHERNET

PLACES = bytes(range(60))  # each says where it is


@in_parts(
    "flags, behind",
    [
        (0x0000, 0),
        (0x8000, 4),  # a checksum
        (0x2000, 4),  # a key
        (0x1000, 12),  # a sequence number, with which ERSPAN has a header of its own
        (0xB000, 20),
        (0x4000, None),  # routing
        (0x0001, 0),
        (0x0081, 4),  # version 1 alone has an acknowledgment number
        (0x0080, 0),
        (0x0082, 0),
        (0x3081, 20),
        (0x3001, 16),
        (0xFF81, None),
    ],
    ids=str,
)
def test_the_fields_of_gre_are_left_out(flags: int, behind: int | None) -> None:
    found = _in_gre(flags.to_bytes(2, "big") + b"\x88\xbe" + PLACES)
    assert (found and (found[0], found[1][0])) == (None if behind is None else (ETHERNET, behind))


def test_what_is_shorter_than_a_header_of_gre_has_nothing_in_it() -> None:
    assert _in_gre(b"\0\0\x88") is None
    assert _in_gre(b"\0\0\x88\xbe") == (ETHERNET, b"")


@in_parts(
    "address, kept",
    [
        ("192.0.2.7", 3),
        ("198.51.100.7", 3),
        ("203.0.113.9", 3),
        ("192.0.3.7", 2),
        ("198.51.99.7", 2),
        ("203.0.114.9", 2),
        ("10.1.2.1", 1),
        ("8.8.8.1", 0),
    ],
)
def test_the_networks_of_documentation_stay(address: str, kept: int) -> None:
    packed = socket.inet_aton(address)
    masked = Mask(KEY).mask_address(packed)
    assert masked[:kept] == packed[:kept]
    assert masked[kept] != packed[kept]


@in_parts("last, stays", [(0, True), (255, True), (1, False), (254, False)])
def test_the_address_of_a_network_and_of_everybody_in_it_stays_one(last: int, stays: bool) -> None:
    masked = Mask(KEY).mask_address(bytes((10, 1, 2, last)))
    assert (masked[3] == last) is stays
    assert (masked[3] in (0, 255)) is stays
