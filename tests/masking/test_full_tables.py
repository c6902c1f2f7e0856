"""What a packed body can make of a mask, beyond its bound: each bound was seen to fail a test without it."""

import gzip
import zlib

import pytest

from tests.traced_memory import peak
from ucdiag.masking import http
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber
from ucdiag.masking.tls import _der_leaves

BOMB = 64 << 20  # bytes


@pytest.mark.parametrize("form", [31, 15, -15], ids=["gzip", "zlib", "raw"])
def test_a_bomb_is_not_unpacked_whole(form: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, form)
    packed = b"".join([packer.compress(bytes(1 << 20)) for _ in range(BOMB >> 20)] + [packer.flush()])
    with peak(BOMB // 4):
        plain = http._inflated_body(packed)
    assert plain is not None
    assert len(plain) == 1 << 22


@pytest.mark.parametrize(("size", "kept"), [(1000, True), (1 << 22, False), ((1 << 22) + 100, False)])
def test_a_body_of_which_the_end_was_not_unpacked_is_blanked(size: int, kept: bool) -> None:
    """There may be anything in what was not looked at."""
    packed = gzip.compress(bytes(size), mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    mask = Mask(b"key")
    made, blanked = http.mask_http(mask, Scrubber(mask), head + packed)
    assert made == head + (packed if kept else bytes(len(packed)))
    assert bool(blanked) is not kept


def test_elements_within_elements_are_not_opened_for_ever() -> None:
    der = b"\x04\x00"
    for _ in range(5000):
        der = b"\x30\x83" + len(der).to_bytes(3, "big") + der
    assert len(list(_der_leaves(der, 0, len(der)))) == 1
