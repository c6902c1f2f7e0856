"""What the views make of reports under every option is what is recorded."""

from tests.in_parts import in_parts
from tests.views.variants import CASES, recorded

RECORDED = recorded()


@in_parts("name", CASES)
def test_a_view_shows_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.views.variants"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
