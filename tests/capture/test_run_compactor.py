"""Which blocks of a capture a worker that reads ahead passes on; at any other its piece ends."""

import struct

import pytest

from tests.bench.traffic import ethernet, ipv4, udp
from tests.capture.capture_files import PHONE, SERVER
from ucdiag.capture.prefilter import MARGIN
from ucdiag.capture.read_ahead import RunCompactor
from ucdiag.capture.read_ahead_options import ReadAheadLimits, pcapng_layout

FRAME = ethernet(PHONE, SERVER, 0x0800, ipv4("10.1.0.10", "10.1.0.20", 17, udp(3000, 3001, bytes(50))))
CAPTURED = len(FRAME)
SIZE = 32 + CAPTURED


def block(kind: int = 6, size: int = SIZE, interface: int = 0, captured: int = CAPTURED) -> bytes:
    return struct.pack("<IIIIIII", kind, size, interface, 0, 0, captured, captured) + FRAME + struct.pack("<I", size)


@pytest.mark.parametrize(
    ("odd", "passed_on"),
    [
        pytest.param(block(), 3, id="as the others"),
        pytest.param(block(captured=CAPTURED - 1), 3, id="padded"),
        pytest.param(block(kind=3), 1, id="of another kind"),
        pytest.param(block(interface=1), 1, id="of another interface"),
        pytest.param(block(size=SIZE + 1), 1, id="whose length is no multiple of four"),
        pytest.param(block(captured=CAPTURED + 1), 1, id="that is too short for its packet"),
    ],
)
def test_a_piece_ends_at_a_block(odd: bytes, passed_on: int) -> None:
    assert SIZE % 4 == 0
    data = block() + odd + block()
    piece = RunCompactor(pcapng_layout("<"), int, ReadAheadLimits(most=1 << 62)).compact_piece(
        memoryview(data + bytes(MARGIN)), len(data), 0, 1
    )
    assert piece is not None
    assert (piece[0], len(piece[-1])) == (passed_on * SIZE, passed_on)


@pytest.mark.parametrize("have", [0, 1, 3, 4, 5, 31, 32, 60, SIZE - 1])
def test_a_piece_that_holds_no_whole_packet_is_none(have: int) -> None:
    compactor = RunCompactor(pcapng_layout("<"), int, ReadAheadLimits(most=1 << 62))
    # What the memory holds behind the piece is of an earlier one.
    assert compactor.compact_piece(memoryview(block() * 9 + bytes(MARGIN)), have, 0, 1) is None
