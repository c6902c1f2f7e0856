"""What the loops of the readers pass on, and what a reader knows at the end, is what is recorded."""

import sys

import pytest

from tests.capture.passed_packets import CALLS, recorded
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers of errors are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS, words=1)


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_passed_on_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.capture.passed_packets"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
