"""Every sentence of the judge, as recorded in ``reports.txt``."""

import pytest

from tests.diagnosis.reports import STORIES, recorded, text_of

RECORDED = recorded()


@pytest.mark.parametrize("name", STORIES)
def test_the_judge_says_what_is_recorded(name: str) -> None:
    assert text_of(name) == RECORDED[name]


def test_nothing_else_is_recorded() -> None:
    assert list(RECORDED) == list(STORIES)
