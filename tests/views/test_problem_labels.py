"""The word before a problem's text is true of it."""

from typing import get_args

import pytest

from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.model.vocabulary import ProblemCode
from ucdiag.views.problem_labels import problem_label


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("no-privilege", "Not tested"),
        ("no-domain", "Not tested"),
        ("reports-differ", "Note"),
        ("logs-differ", "Note"),
        ("loss-not-counted", "Note"),
        ("not-as-expected", "Note"),
        ("not-a-capture", "Not read"),
        ("report-unreadable", "Not read"),
        ("output", "Not written"),
        ("bug", "Bug"),
    ],
)
def test_each_kind_has_its_word(code: ProblemCode, label: str) -> None:
    assert problem_label(code) == label


def test_what_the_catalogue_says_was_not_tested_is_headed_so_or_was_not_read() -> None:
    said = [code for code in get_args(ProblemCode) if "not tested" in PROBLEMS[code].meaning.lower()]
    assert said
    for code in said:
        assert problem_label(code) in ("Not tested", "Not read"), code
