"""What the small functions make of a table of values each is what is recorded."""

from tests.in_parts import in_parts
from tests.tables.functions import CASES, recorded

RECORDED = recorded()


@in_parts("name", CASES)
def test_a_function_makes_of_its_values_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.tables.functions"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
