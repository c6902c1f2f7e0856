"""What commands open, give up, warn of and count is what is recorded."""

import sys

import pytest

from tests.cli.opening_calls import CALLS, recorded
from tests.in_parts import in_parts
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rights are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS)


@in_parts("group", GROUPS)
def test_what_is_opened_and_said_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.cli.opening_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
