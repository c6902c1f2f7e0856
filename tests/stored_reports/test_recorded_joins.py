"""What becomes of stored reports is what is recorded."""

from tests.in_parts import in_parts
from tests.stored_reports.joins import CASES, recorded

RECORDED = recorded()


@in_parts("name", CASES)
def test_stored_reports_become_what_is_recorded(name: str) -> None:
    assert CASES[name]().rstrip("\n") == RECORDED.get(name), "meant? then: python -m tests.stored_reports.joins"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
