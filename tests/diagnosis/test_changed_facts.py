"""What the judge says when one field of one fact has another value is what is recorded."""

import pytest

from tests.diagnosis.changed_facts import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("name", CASES)
def test_the_judge_says_of_a_changed_fact_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.diagnosis.changed_facts"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
