"""What walks along the path ask and find is what is recorded."""

import sys

import pytest

from tests.probe.exchange_calls import text_of
from tests.probe.walk_calls import CALLS, recorded
from tests.recorded_calls import groups

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers of errors are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS, words=1)


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_asked_and_found_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := text_of(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.probe.walk_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
