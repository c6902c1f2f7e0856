"""The HTML of some scenes is the one that is recorded, to the last element of its pictures."""

import pytest

from tests.views.html_pages import HEADS, made, recorded

RECORDED = recorded()


@pytest.mark.parametrize("head", HEADS)
def test_a_page_is_the_one_that_is_recorded(head: str) -> None:
    assert made(head).rstrip() == RECORDED.get(head), "meant? then: python -m tests.views.html_pages"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(HEADS)
