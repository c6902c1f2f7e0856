"""A phone's update checks in lines: each with what is unusual, and as much as a column has room for."""

from typing import Any

import pytest

from tests.views.reports import START
from ucdiag.model.checks import Check, Checks
from ucdiag.views.check_lines import check_lines, check_text, checks_short, checks_text

HOUR = 3_600_000_000
AT = "2026-01-31 09:00"


def check(hours: float = 0, result: Any = "nothing-newer", **more: Any) -> Check:
    more = {"firmware": "1.0.522.101", **more}
    return Check(time=START + int(hours * HOUR), result=result, **more)


HEAD = f"{AT}  1.0.522.101        "


@pytest.mark.parametrize(
    ("more", "ending"),
    [
        ({}, ""),
        ({"url": "internal"}, ""),
        ({"url": "external"}, ", from the external URL"),
        ({"power_on": True}, " (power-on)"),
        ({"server": "10.0.0.20", "client": "10.0.0.7"}, ""),
    ],
)
def test_one_check(more: dict[str, Any], ending: str) -> None:
    line = check_text(check(**more), None)
    assert line.startswith(HEAD)
    assert line.endswith(ending)
    assert line.removesuffix(ending) == check_text(check(), None)


def test_a_check_of_a_phone_that_does_not_name_its_version() -> None:
    assert check_text(check(firmware=None), None).startswith(f"{AT}  version not named  ")


@pytest.mark.parametrize(
    ("result", "more", "said"),
    [
        ("offered", {"offered": "3.5.6907.35"}, "3.5.6907.35"),
        ("offered", {}, "an update"),
        ("failed", {"code": "http-not-found"}, "http-not-found"),
        ("downloaded", {"offered": "3.5"}, "3.5"),
    ],
)
def test_what_came_of_it(result: str, more: dict[str, Any], said: str) -> None:
    assert said in check_text(check(result=result, **more), None)


def test_where_they_differ_server_and_client_are_named() -> None:
    one = check(server="10.0.0.20", client="10.0.0.7")
    assert check_text(one, None, server=True).endswith(", by 10.0.0.20")
    assert check_text(one, None, client=True).endswith(", from 10.0.0.7")
    assert check_text(check(), None, server=True, client=True) == check_text(check(), None)
    same = Checks(count=2, history=(one, one), power_ons=0)
    assert not any("10.0.0" in line for line in check_lines(same))
    other = Checks(count=2, history=(one, check(1, server="10.0.0.21", client="10.0.0.7"), check(2)), power_ons=0)
    lines = check_lines(other)
    assert [", by 10.0.0.20" in lines[0], ", by 10.0.0.21" in lines[1], ", by" in lines[2]] == [True, True, False]
    assert not any(", from" in line for line in lines)
    moved = Checks(count=2, history=(one, check(1, server="10.0.0.20", client="10.0.0.8")), power_ons=0)
    assert [line.endswith(f", from 10.0.0.{end}") for line, end in zip(check_lines(moved), (7, 8), strict=True)] == [
        True
    ] * 2


@pytest.mark.parametrize(("hours", "late"), [(24, False), (24.9, False), (26, True), (240, True)])
def test_a_check_that_came_late_says_so(hours: float, late: bool) -> None:
    line = check_text(check(hours), check())
    assert ("after the one before" in line) == late
    assert check_lines(Checks(count=2, history=(check(), check(hours)), power_ons=0))[1] == line


def test_several_notes_stand_together() -> None:
    assert check_text(check(240, power_on=True), check()).endswith("(power-on, 10 days after the one before)")


def checks(**more: Any) -> Checks:
    more = {"count": 1234, "interval": 86400.0, "last": START, "next_due": START + 24 * HOUR, **more}
    return Checks(**{"power_ons": 0, **more})


DUE = f"the last {AT}, the next due by 2026-02-01 09:00 (UTC)."


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, f"1,234, usually 24 h apart; {DUE}"),
        ({"interval": None}, f"1,234; {DUE}"),
        ({"power_ons": 1, "interval": None}, f"1,234, 1 power-on; {DUE}"),
        ({"power_ons": 2, "interval": None}, f"1,234, 2 power-ons; {DUE}"),
        ({"count": 0, "last": None, "next_due": None}, "none was seen."),
    ],
)  # fmt: skip
def test_all_checks_in_a_sentence(more: dict[str, Any], text: str) -> None:
    assert checks_text(checks(**more)) == text


LONG, SHORT = "1,234 every 24 h, last 31 09:00, next 01 09:00", "1,234, next 01 09:00"


@pytest.mark.parametrize(
    ("more", "width", "text"),
    [
        ({}, len(LONG), LONG),
        ({}, len(LONG) - 1, SHORT),
        ({}, len(SHORT), SHORT),
        ({}, len(SHORT) - 1, ""),
        ({"interval": None}, 99, "1,234, last 31 09:00, next 01 09:00"),
        ({"count": 0}, 99, ""),
        ({"last": None}, 99, ""),
        ({"next_due": None}, 99, ""),
    ],
)
def test_as_much_as_a_column_has_room_for(more: dict[str, Any], width: int, text: str) -> None:
    assert checks_short(checks(**more), width) == text
    assert checks_short(None, width) == ""
