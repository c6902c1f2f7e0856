"""What commands do at their edges is what is recorded."""

import sys

import pytest

from tests.cli.edge_calls import CALLS, recorded
from tests.in_parts import in_parts
from tests.recorded_calls import groups, made

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other rights, other errors")
RECORDED = recorded()
GROUPS = groups(CALLS)


@in_parts("group", GROUPS)
def test_what_is_done_at_an_edge_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.cli.edge_calls"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
