"""What the views make of what chance put together is what is recorded."""

import pytest

from tests.views.chance import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("name", CASES)
def test_a_view_shows_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.views.chance"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
