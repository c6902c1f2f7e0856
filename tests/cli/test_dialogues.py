"""What the program says to command lines that ask nobody is what is recorded: whole sentences, and the exit code."""

from pathlib import Path

import pytest

from tests.cli.dialogues import CASES, prepare, recorded, said

RECORDED = recorded()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the program runs."""
    made = tmp_path_factory.mktemp("dialogues").resolve()
    prepare(made)
    return made


@pytest.mark.parametrize("name", CASES)
def test_the_program_says_what_is_recorded(name: str, folder: Path) -> None:
    assert said(name, folder) == RECORDED.get(name), "meant? then: python -m tests.cli.dialogues"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
