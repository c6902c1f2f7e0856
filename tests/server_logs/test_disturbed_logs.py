"""Of logs that are damaged what is recorded is read, and said."""

import pytest

from tests.server_logs.disturbed_logs import CASES, made, recorded

RECORDED = recorded()


@pytest.mark.parametrize(("kind", "part"), CASES)
def test_what_is_read_of_it_is_recorded(kind: str, part: int) -> None:
    held = RECORDED.get(f"{kind} {part}")
    assert made(kind, part) == held, "meant? then: python -m tests.server_logs.disturbed_logs"


def test_nothing_else_is_recorded() -> None:
    assert set(RECORDED) == {f"{kind} {part}" for kind, part in CASES}
