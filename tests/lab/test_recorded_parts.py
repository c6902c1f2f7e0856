"""What the parts of the lab make of each scenario, question, request and reply is what is recorded."""

import pytest

from tests.lab.parts import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("name", CASES)
def test_a_part_of_the_lab_makes_what_is_recorded(name: str) -> None:
    assert CASES[name]().rstrip("\n") == RECORDED.get(name), "meant? then: python -m tests.lab.parts"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
