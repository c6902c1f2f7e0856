"""What is learnt and masked of damaged messages is what is recorded."""

from tests.in_parts import in_parts
from tests.masking.sweeps import CASES, recorded

RECORDED = recorded()


@in_parts("name", CASES)
def test_a_damaged_message_is_masked_as_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.masking.sweeps"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
