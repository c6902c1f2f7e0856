"""What small machines with a memory do, step by step, is what is recorded."""

from tests.in_parts import in_parts
from tests.tables.traces import CASES, recorded

RECORDED = recorded()


@in_parts("name", CASES)
def test_a_machine_does_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.tables.traces"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
