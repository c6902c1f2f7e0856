"""What is said of each error on each system is what is recorded."""

import sys

import pytest

from tests.in_parts import in_parts
from tests.recorded_calls import groups, made
from tests.runtime.error_calls import CALLS, recorded

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS)


@in_parts("group", GROUPS)
def test_an_error_is_reported_as_it_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.runtime.error_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
