"""The lab's update service answers, and logs, what is recorded."""

import pytest

from tests.lab.service_answers import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("name", CASES)
def test_the_service_answers_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.lab.service_answers"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
