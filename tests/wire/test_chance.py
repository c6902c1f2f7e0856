"""What is read of bytes that differ from good ones is what is recorded."""

import pytest

from tests.wire.chance import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("what", CASES)
def test_what_is_read_of_other_bytes_is_what_is_recorded(what: str) -> None:
    assert CASES[what]() == RECORDED.get(what), "meant? then: python -m tests.wire.chance"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
