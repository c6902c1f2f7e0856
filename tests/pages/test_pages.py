"""What the program made for the documents is what it would make now."""

import shutil
import subprocess
from importlib.metadata import version
from itertools import pairwise

import pytest

from tests.pages import ROOT, man_page, pages, pictures
from ucdiag.cli import exit_codes
from ucdiag.cli.main import COMMANDS
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.problems import PROBLEMS

MADE = pages()


@pytest.mark.parametrize("name", MADE)
def test_a_made_page_is_current(name: str) -> None:
    if name.endswith(".1") and OLD_CLICK:
        pytest.skip("the words of an older click")
    if name.endswith(".svg") and not pictures.drawn_here():
        pytest.skip("another rich draws otherwise")
    path = ROOT / name
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    assert held == MADE[name], f"{name} is not what the program makes now: run 'make docs' and commit it"


OLD_CLICK = tuple(map(int, version("click").split(".")[:2])) < (8, 2)
MAN_PAGE = ROOT / "docs" / "ucdiag.1"


def test_the_man_page_has_what_the_program_has() -> None:
    text = MADE["docs/ucdiag.1"].replace("\\-", "-")
    for name in COMMANDS:
        assert f".SS ucdiag {name}\n" in text
    assert "\b" not in text
    assert "--answer" not in text, "a hidden option"
    codes = [value for name, value in vars(exit_codes).items() if name.isupper() and isinstance(value, int)]
    assert len(codes) > 4
    assert {number for number, _ in man_page.exit_codes()} == set(map(str, codes))


@pytest.mark.parametrize(
    "words",
    [["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-ww", "-man", "-Tutf8", "-z"]],
    ids=["mandoc", "groff"],
)
def test_the_man_page_is_sound(words: list[str]) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run([*words, str(MAN_PAGE)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_code_has_a_place_of_its_own() -> None:
    lines = MADE["docs/codes.rst"].splitlines()
    titles = [line for line, under in pairwise(lines) if line and under == "~" * len(line)]
    assert titles == [*CATALOGUE, *PROBLEMS]
