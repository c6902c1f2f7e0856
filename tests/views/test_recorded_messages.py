"""The messages of the ladder for observations of every kind are those that are recorded."""

import pytest

from tests.views.facts import FACTS
from tests.views.messages import recorded, text_of

RECORDED = recorded()


@pytest.mark.parametrize("name", FACTS)
def test_the_messages_are_those_that_are_recorded(name: str) -> None:
    assert text_of(name) == RECORDED.get(name), "meant? then: python -m tests.views.messages"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(FACTS)
