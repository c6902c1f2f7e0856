"""How masks are chosen is what is recorded."""

import pytest

from tests.masking.choices import CALLS, recorded
from tests.recorded_calls import groups, made

RECORDED = recorded()
GROUPS = groups(CALLS)


@pytest.mark.parametrize("group", GROUPS)
def test_the_choice_is_recorded(group: str) -> None:
    wrong = {name: text for name in GROUPS[group] if (text := made(CALLS[name])) != RECORDED.get(name)}
    assert not wrong, "meant? then: python -m tests.masking.choices"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CALLS.keys()
