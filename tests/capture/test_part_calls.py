"""What small parts of reading captures answer is what is recorded."""

import sys

import pytest

from tests.capture.part_calls import CALLS, recorded
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers of errors are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS, words=1)


@pytest.mark.parametrize("group", GROUPS)
def test_what_a_part_answers_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.capture.part_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
