"""What comes of exchanges that answer from a script is what is recorded, to the last field of each fact."""

import sys

import pytest

from tests.probe.exchange_calls import CALLS, recorded, text_of
from tests.recorded_calls import groups

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the numbers of errors are Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS, words=1)


@pytest.mark.parametrize("group", GROUPS)
def test_what_comes_of_an_exchange_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := text_of(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.probe.exchange_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
