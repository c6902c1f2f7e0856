"""Dates of captures whose clock stood anywhere: the same on each system."""

from pathlib import Path

import pytest

from ucdiag.model.times import utc_datetime

_SECOND = 1_000_000
_YEAR = 31_556_952 * _SECOND


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (0, "1970-01-01 00:00:00+00:00"),
        (999_999, "1970-01-01 00:00:00+00:00"),
        (-1, "1969-12-31 23:59:59+00:00"),
        (1_767_225_600 * _SECOND, "2026-01-01 00:00:00+00:00"),
        (1_100 * _YEAR, "3069-12-31 18:00:00+00:00"),
        (9_000 * _YEAR, "9999-12-31 23:59:59+00:00"),
        (-3_000 * _YEAR, "0001-01-01 00:00:00+00:00"),
    ],
)
def test_a_time_is_a_date_of_the_calendar(time: int, shown: str) -> None:
    assert str(utc_datetime(time)) == shown


def test_no_date_is_asked_of_the_system() -> None:
    """Windows' ``gmtime`` refuses times before 1970 and after 3000, so ``fromtimestamp`` fails there."""
    package = Path(__file__).parents[2] / "ucdiag"
    asking = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if ".fromtimestamp(" in file.read_text(encoding="utf-8")
    }
    assert not asking
