"""What the JSON form of the model takes, and what it says of anything else, is what is recorded."""

from tests.in_parts import in_parts
from tests.model.forms import CASES, recorded

RECORDED = recorded()


@in_parts("name", CASES)
def test_a_type_takes_what_is_recorded(name: str) -> None:
    assert CASES[name]().rstrip("\n") == RECORDED.get(name), "meant? then: python -m tests.model.forms"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
