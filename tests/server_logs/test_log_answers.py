"""Of logs that grow, and of those that lack something, what is said is recorded."""

import sys

import pytest

from tests.server_logs.log_answers import CASES, recorded

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="other names, and no links")
RECORDED = recorded()


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_logs_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.server_logs.log_answers"


def test_nothing_else_is_recorded() -> None:
    assert RECORDED.keys() == CASES.keys()
