"""The pages that are made from the program, so that they say what it says: ``make docs`` writes them."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def pages() -> dict[str, str]:
    """Path of the file in the repository, and what it has to hold."""
    from tests.pages import codes, man_page, pictures

    return {"docs/codes.rst": codes.page(), "docs/ucdiag.1": man_page.page(), **pictures.pages()}
