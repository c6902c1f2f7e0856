"""The pages are sound reStructuredText, and what they name in this repository is there."""

import re
from pathlib import Path

import pytest
from docutils.core import publish_doctree
from docutils.utils import SystemMessage

ROOT = Path(__file__).parent.parent
PAGES = [
    *ROOT.glob("*.rst"),
    *sorted((ROOT / "docs").rglob("*.rst")),
    *sorted((ROOT / "tests").rglob("*.rst")),
    *sorted((ROOT / "findings").glob("*.rst")),
]
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])

# ``ucdiag/cli/main.py``; not ``tests/leases/data/NAME``, where a word in capitals stands for a name of the reader's.
_NAMED = re.compile(r"``((?:ucdiag|tests|docs|findings)/[^`\s]*)``")
_PLACEHOLDER = re.compile(r"[A-Z]{2,}|\*|<")
_LINK = re.compile(r"`[^`]*<([^>]+)>`_")
# A heading without an empty line before it is a part of the paragraph for docutils, which does not complain.
_LOST_HEADING = re.compile(r"^[^\s=~-].*\n(?P<heading>[A-Z].*)\n(?:={4,}|-{4,}|~{4,})$", re.MULTILINE)


def complaint(text: str) -> str | None:
    """What docutils has against the text, from warnings on."""
    settings = {"halt_level": 2, "report_level": 5, "file_insertion_enabled": False}
    try:
        publish_doctree(text, settings_overrides=settings)
    except SystemMessage as error:
        return str(error)
    lost = _LOST_HEADING.search(text)
    return f"no empty line before {lost['heading']!r}" if lost else None


def missing(text: str, page: Path) -> list[str]:
    """The files that the text names and the repository lacks."""
    named = [name for name in _NAMED.findall(text) if not _PLACEHOLDER.search(name.removesuffix("README.rst"))]
    links = [link for link in _LINK.findall(text) if "://" not in link and not link.startswith("#")]
    return [name for name in named if not (ROOT / name).exists()] + [
        link for link in links if not (page.parent / link.partition("#")[0]).exists()
    ]


@each_page
def test_a_page_is_sound(page: Path) -> None:
    assert complaint(page.read_text(encoding="utf-8")) is None


@each_page
def test_what_a_page_names_is_there(page: Path) -> None:
    assert missing(page.read_text(encoding="utf-8"), page) == []


@pytest.mark.parametrize(
    "text", ["A title\n====\n", "a `link`_ to nothing\n", "* one\n  two\n * three\n", "Words.\nA heading\n~~~~~~~~~\n"]
)
def test_an_unsound_page_is_noticed(text: str) -> None:
    assert complaint(text) is not None


def test_a_file_that_is_not_there_is_noticed() -> None:
    text = "``ucdiag/gone.py``, ``ucdiag/cli/main.py``, ``tests/NAME.py``, `here <../README.rst>`_, `x <no.rst>`_"
    assert missing(text, ROOT / "docs" / "manual.rst") == ["ucdiag/gone.py", "no.rst"]
