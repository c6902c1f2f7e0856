"""What a packed body can make of a mask, beyond its bound: each bound was seen to fail a test without it."""

import tracemalloc
import zlib

import pytest

from ucdiag.masking import http

BOMB = 64 << 20  # bytes


@pytest.mark.parametrize("form", [31, 15, -15], ids=["gzip", "zlib", "raw"])
def test_a_bomb_is_not_unpacked_whole(form: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, form)
    packed = b"".join([packer.compress(bytes(1 << 20)) for _ in range(BOMB >> 20)] + [packer.flush()])
    tracemalloc.start()
    try:
        plain = http._inflated(packed)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert plain is not None
    assert len(plain) == 1 << 22
    assert peak < BOMB // 4
