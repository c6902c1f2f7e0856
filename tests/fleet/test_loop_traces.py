"""What the loop that asks many does, and its journal, is what is recorded."""

import sys

import pytest

from tests.fleet.loop_traces import CALLS, recorded
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other locks, other errors")
RECORDED = recorded()
GROUPS = groups(CALLS)


@pytest.mark.parametrize("group", GROUPS)
def test_what_it_does_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.fleet.loop_traces"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
