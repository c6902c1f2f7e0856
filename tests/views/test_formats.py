"""A format is whole: it shows reports, explanations, and what the lab lists and runs, and never text in its place."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views.reports import instances, report
from tests.views.shown import Stream, shown
from ucdiag.cli import lab
from ucdiag.cli.main import cli
from ucdiag.model.report import PhoneReport
from ucdiag.views import (
    FORMATS,
    BriefReports,
    LiveTable,
    PrewrittenReports,
    doctor_view,
    explain_view,
    general_formats,
    load_view,
)
from ucdiag.views.output_target import screen_of

# Of many phones they show who each is, its verdict and its findings.
BRIEF = {"text", "csv", "markdown", "nagios"}

TABLES = {
    "explain": explain_view.SHOWS,
    "the list of lab": lab.LISTS,
    "lab --all": lab.TRIALS,
    "doctor": doctor_view.SHOWS,
}


@pytest.mark.parametrize("name", general_formats())
@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_format_has_a_form_for_it(table: dict[str, Any], name: str) -> None:
    assert name in table


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_there_is_no_form_of_an_unknown_format(table: dict[str, Any]) -> None:
    assert set(table) == set(general_formats())


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_shown_in_it(name: str) -> None:
    assert "dns-legacy-only" in shown(report(), format_=name)


@pytest.mark.parametrize("listed", [True, False])
def test_an_unknown_format_is_an_error_and_shows_nothing(listed: bool) -> None:
    stream = Stream()
    with pytest.raises(KeyError):
        explain_view.show_explanation(explain_view.Explanation(entries=()), "odd", screen_of(stream, {}), listed=listed)
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
    view = load_view(name, screen_of(Stream(terminal=terminal), {"TERM": "xterm"}))
    assert (isinstance(view, LiveTable) and view.table is not None) == table
    assert (isinstance(view, PrewrittenReports) and view.takes_written) == takes_written


@pytest.mark.parametrize("command", ["doctor", "explain"])
def test_the_help_names_the_formats_that_the_command_has(command: str) -> None:
    text = CliRunner().invoke(cli, [command, "--help"]).output
    assert f"--format [{'|'.join(general_formats())}]" in text
    assert "nagios" not in text
    assert "|nagios]" in CliRunner().invoke(cli, ["check", "--help"]).output


@pytest.mark.parametrize("words", [["explain"], ["doctor"], ["lab"], ["lab", "--all"]], ids=" ".join)
@pytest.mark.parametrize("name", sorted(set(FORMATS) - set(general_formats())))
def test_a_format_of_reports_alone_is_refused_elsewhere_before_any_work(name: str, words: list[str]) -> None:
    result = CliRunner().invoke(cli, [*words, "-f", name])
    line = f"UCDIAG UNKNOWN - [usage] {result.stderr.splitlines()[0].removeprefix('ucdiag: ')} | "
    wanted = (3, line + "whole=0;;;0 broken=0;;;0 unknown=0;;;0\n") if name == "nagios" else (2, "")
    assert (result.exit_code, result.stdout) == wanted
    assert f"{name} shows reports alone: give one of text, short, json, html here" in result.stderr


def _table() -> str:
    """The table of the formats in the manual."""
    rows = [("format", "suffix", "what it shows")]
    rows += [(f"``{name}``", f"``.{chosen.suffix}``", chosen.about) for name, chosen in FORMATS.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rule = " ".join("=" * width for width in widths)
    head, *body = (" ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join([rule, head, rule, *body, rule])


def test_the_manual_has_the_formats_as_they_are() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "manual.rst").read_text(encoding="utf-8")
    assert _table() in manual, f"put this into docs/manual.rst:\n{_table()}"
    assert f"``-f/--format {'|'.join(FORMATS)}``" in manual


def test_which_views_take_brief_reports() -> None:
    views = {name: load_view(name, screen_of(Stream(), {})) for name in FORMATS}
    assert {name for name, view in views.items() if isinstance(view, BriefReports) and view.takes_brief} == BRIEF, (
        "BRIEF, in this file, names other views"
    )


@pytest.mark.parametrize("name", sorted(BRIEF))
@settings(max_examples=10)
@given(phones=st.lists(instances(PhoneReport), min_size=2, max_size=3))
def test_a_view_that_takes_brief_reports_shows_no_more_of_whole_ones(name: str, phones: list[PhoneReport]) -> None:
    brief = [phones[0], *(phone.brief for phone in phones[1:])]
    assert shown(report(*brief), format_=name) == shown(report(*phones), format_=name)


@pytest.mark.parametrize("changes", [{"verbose": 1}, {"ladder": True}])
def test_text_that_shows_steps_takes_no_brief_reports(changes: dict[str, Any]) -> None:
    view = load_view("text", dataclasses.replace(screen_of(Stream(), {}), **changes))
    assert not (isinstance(view, BriefReports) and view.takes_brief)
