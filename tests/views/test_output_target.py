"""What a stream can do, by what it says of itself and by the environment; reports as lines of JSON."""

import json

import pytest

from tests.views.reports import broken_phone, report, whole_phone
from tests.views.shown import Stream, shown
from ucdiag.views.output_target import screen_of


@pytest.mark.parametrize(
    ("terminal", "environment", "color", "expected"),
    [
        (True, {"TERM": "xterm"}, True, (True, True)),
        (False, {"TERM": "xterm"}, True, (False, False)),
        (True, {"TERM": "dumb"}, True, (False, False)),
        # Who names no terminal has a simple one.
        (True, {}, True, (False, False)),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, True, (True, False)),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True, (True, True)),
        (True, {"TERM": "xterm"}, False, (True, False)),
    ],
)
def test_a_terminal_and_its_colours(
    terminal: bool, environment: dict[str, str], color: bool, expected: tuple[bool, bool]
) -> None:
    screen = screen_of(Stream(terminal=terminal), environment, color=color)
    assert (screen.terminal, screen.color) == expected


@pytest.mark.parametrize(("encoding", "marks"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_the_marks_that_can_be_written(encoding: str, marks: bool) -> None:
    assert screen_of(Stream(encoding), {}).unicode == marks


def test_a_stream_that_was_closed_is_no_terminal() -> None:
    stream = Stream(terminal=True)
    stream.isatty = lambda: (_ for _ in ()).throw(ValueError("closed"))  # type: ignore[method-assign]
    assert not screen_of(stream, {"TERM": "xterm"}).terminal


def test_each_phone_is_a_report_in_a_line() -> None:
    lines = shown(report(broken_phone(), whole_phone()), format_="ndjson").splitlines()
    assert [len(json.loads(line)["phones"]) for line in lines] == [1, 1]
    assert [json.loads(line)["phones"][0]["verdict"]["status"] for line in lines] == ["broken", "whole"]


def test_what_mends_the_most_is_said_where_there_is_a_choice() -> None:
    text = shown(report(*[broken_phone()] * 30), environment={"TERM": "xterm", "COLUMNS": "100"})
    assert "What fixes the most" not in text


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        ("", 80),
        ("0", 80),
        ("-5", 80),
        ("x", 80),
        ("\u00b2", 80),
        ("\uff11\uff12\uff10", 80),
        ("1", 20),
        ("20", 20),
        ("21", 21),
        ("1000", 1000),
        ("1001", 1000),
        ("9" * 5000, 1000),
        ("000000120", 80),
    ],
)
def test_how_wide_it_is(columns: str, width: int) -> None:
    assert screen_of(Stream(), {"COLUMNS": columns}).width == width


def test_a_terminal_is_at_most_as_large_as_it_says() -> None:
    screen = screen_of(Stream(terminal=True), {"TERM": "xterm", "COLUMNS": "77"})
    assert screen.terminal_size() == (77, 24)
