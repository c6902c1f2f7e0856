"""What lab does around its site is what is recorded."""

import sys

import pytest

from tests.cli.lab_calls import CALLS, recorded
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the pair of interfaces is Linux'")
RECORDED = recorded()
GROUPS = groups(CALLS)


@pytest.mark.parametrize("group", GROUPS)
def test_what_lab_does_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.cli.lab_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
