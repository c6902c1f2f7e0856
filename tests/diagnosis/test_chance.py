"""What the judge says of stories that chance made is what is recorded."""

import pytest

from tests.diagnosis.chance import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("batch", CASES)
def test_the_judge_says_of_what_chance_made_what_is_recorded(batch: str) -> None:
    assert CASES[batch]() == RECORDED.get(batch), "meant? then: python -m tests.diagnosis.chance"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
