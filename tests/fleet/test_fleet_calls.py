"""What spares servers, hears answers and reads targets does what is recorded."""

import sys

import pytest

from tests.fleet.fleet_calls import CALLS, recorded
from tests.in_parts import in_parts
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers of errors are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS)


@in_parts("group", GROUPS)
def test_each_step_is_what_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.fleet.fleet_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
