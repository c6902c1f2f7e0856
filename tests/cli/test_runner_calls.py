"""What the shared parts make of a run is what is recorded."""

import sys

import pytest

from tests.cli.runner_calls import CALLS, recorded
from tests.in_parts import in_parts
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="streams differ elsewhere")
RECORDED = recorded()
GROUPS = groups(CALLS)


@in_parts("group", GROUPS)
def test_what_is_made_of_a_run_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.cli.runner_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
