"""What is advised, with the values of each story, is what is recorded."""

from tests.diagnosis.given_advice import given_advice, recorded
from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE

RECORDED = recorded()


@in_parts("code", CATALOGUE)
def test_the_advice_holds_the_values_of_its_story(code: str) -> None:
    assert given_advice()[code] == RECORDED.get(code), "meant? then: python -m tests.diagnosis.given_advice"


def test_nothing_is_recorded_of_a_code_that_is_gone() -> None:
    assert list(RECORDED) == list(CATALOGUE)
