"""What walks along the path ask and find is what is recorded."""

import sys

import pytest

from tests.probe.exchange_calls import text_of
from tests.probe.walk_calls import CALLS, recorded

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers of errors are Linux'")
RECORDED = recorded()
# They take less than a test each.
GROUPS = {word: [name for name in CALLS if name.split()[0] == word] for word in (name.split()[0] for name in CALLS)}


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_asked_and_found_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := text_of(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.probe.walk_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
