"""Documentation's networks stay what they are."""

import socket

from tests.in_parts import in_parts
from tests.masking.masks import KEY
from ucdiag.masking.mask import Mask


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
