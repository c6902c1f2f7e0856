"""Every sentence of the judge and of the catalogue, as recorded in ``reports.txt`` and ``advice.txt``."""

from tests.diagnosis import advice
from tests.diagnosis.reports import STORIES, recorded, text_of
from tests.in_parts import in_parts

RECORDED = recorded()


@in_parts("name", STORIES)
def test_the_judge_says_what_is_recorded(name: str) -> None:
    assert text_of(name) == RECORDED[name]


def test_nothing_else_is_recorded() -> None:
    assert list(RECORDED) == list(STORIES)


ADVICE = advice.recorded()


@in_parts("code", advice.ADVICE)
def test_the_catalogue_says_what_is_recorded(code: str) -> None:
    assert advice.ADVICE[code] == ADVICE.get(code), "meant? then: python -m tests.diagnosis.reports"


def test_no_advice_of_a_code_that_is_gone_is_recorded() -> None:
    assert list(ADVICE) == list(advice.ADVICE)
