"""What is learnt from texts and messages, and what becomes of them, is what is recorded."""

import pytest

from tests.in_parts import in_parts
from tests.masking.captures import CAPTURES, sums_of
from tests.masking.masks import CASES, PORTS, recorded, secrets
from ucdiag.masking.packets import PacketMasker

RECORDED = recorded()


@in_parts("name", CASES)
def test_masks_are_those_that_are_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.masking.masks"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)


@pytest.mark.parametrize("name", ["datagrams", "a word in two segments", "overlapping", "a checksum of an odd length"])
def test_right_checksums_are_right_afterwards(name: str) -> None:
    masker = PacketMasker(secrets(), CAPTURES[name], PORTS)
    masker.learn_secrets()
    pairs = [
        (old, new) for (_, old), new in zip(CAPTURES[name], masker.rewrite_frames(), strict=True) if new is not None
    ]
    assert any(old != new for old, new in pairs)
    for old, new in pairs:
        assert sums_of(new) == sums_of(old), (old, new)


def test_wrong_checksums_are_wrong_afterwards() -> None:
    masker = PacketMasker(secrets(), CAPTURES["wrong checksums"], PORTS)
    masker.learn_secrets()
    assert [sums_of(frame) for frame in masker.rewrite_frames() if frame is not None] == [(False, False)] * 2
