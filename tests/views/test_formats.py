"""A format is whole: it shows reports, explanations, and what the lab lists and runs, and never text in its place."""

from typing import Any

import pytest

from tests.views.reports import report
from tests.views.shown import Stream, shown
from ucdiag.cli import lab
from ucdiag.views import FORMATS, LiveTable, PrewrittenReports, explain_view, load
from ucdiag.views.output_target import screen_of

TABLES = {
    "explain": explain_view.SHOWS,
    "the list of lab": lab.LISTS,
    "lab --all": lab.TRIALS,
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_format_has_a_form_for_it(table: dict[str, Any], name: str) -> None:
    assert name in table


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_there_is_no_form_of_an_unknown_format(table: dict[str, Any]) -> None:
    assert set(table) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_shown_in_it(name: str) -> None:
    assert "dns-legacy-only" in shown(report(), format_=name)


@pytest.mark.parametrize("listed", [True, False])
def test_an_unknown_format_is_an_error_and_shows_nothing(listed: bool) -> None:
    stream = Stream()
    with pytest.raises(KeyError):
        explain_view.show(explain_view.Explanation(entries=()), "csv", screen_of(stream, {}), listed=listed)
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("name", "terminal", "table", "takes_written"),
    [
        ("text", False, False, False),
        ("text", True, True, False),
        ("short", True, False, False),
        ("json", False, False, True),
        ("json", True, False, False),
    ],
)
def test_what_else_a_view_can_do(name: str, terminal: bool, table: bool, takes_written: bool) -> None:
    view = load(name, screen_of(Stream(terminal=terminal), {"TERM": "xterm"}))
    assert (isinstance(view, LiveTable) and view.table is not None) == table
    assert (isinstance(view, PrewrittenReports) and view.takes_written) == takes_written
