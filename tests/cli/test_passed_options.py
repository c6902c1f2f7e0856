"""What the options of a command hand to it is what is recorded."""

import sys

import pytest

from tests.cli.passed_options import COMMANDS, FILE, said
from tests.recorded_texts import read_texts

RECORDED = read_texts(FILE)


@pytest.mark.skipif(sys.platform == "win32", reason="other names cannot be written there")
@pytest.mark.parametrize("command", COMMANDS)
def test_options_are_passed_as_recorded(command: str) -> None:
    assert said(command) == RECORDED.get(command), "meant? then: python -m tests.cli.passed_options"


def test_no_other_commands_are_recorded() -> None:
    assert RECORDED.keys() == set(COMMANDS)
