"""The help of every command, whole: options, their variables, defaults and sentences."""

import pytest

from tests.cli.help_pages import help_of, recorded
from ucdiag.cli.main import COMMANDS

RECORDED = recorded()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_the_help_is_the_one_that_is_recorded(command: str) -> None:
    assert help_of(command) == RECORDED[command], "meant? then: python -m tests.cli.help_pages"


def test_no_help_of_a_command_that_is_gone_is_recorded() -> None:
    assert list(RECORDED) == ["", *COMMANDS]
