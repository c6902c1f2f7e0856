"""Times as server logs write them: each spelling, and what decides between day and month."""

from datetime import UTC, datetime, timedelta

import pytest

from ucdiag.server_logs import log_times
from ucdiag.server_logs.log_times import TimeReader, day_comes_first, parse_time


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> int:
    """In microseconds since the epoch."""
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1_000_000 + micro


AT = moment(2026, 4, 3, 14, 5, 6)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-04-03 14:05:06", AT),
        ("2026-04-03T14:05:06Z", AT),
        ("2026/4/3 14.05.06", AT),
        (" 2026-04-03, 14:05:06 ", AT),
        ("2026-04-03 14:05", AT - 6_000_000),
        ("2026-04-03 14:05:06.5", AT + 500_000),
        ("2026-04-03 14:05:06,123456789", AT + 123_456),
        ("2026-04-03 02:05:06 PM", AT),
        ("2026-04-03 2:05:06 p.m.", AT),
        ("2026-04-03 2:05:06 p. m.", AT),
        ("2026-04-03 2:05:06\u202fp.\xa0m.", AT),
        ("2026-04-03 12:05:06 AM", moment(2026, 4, 3, 0, 5, 6)),
        ("2026-04-03 12:05:06 PM", moment(2026, 4, 3, 12, 5, 6)),
        ("2026-04-03 1:05:06am", moment(2026, 4, 3, 1, 5, 6)),
        ("3. 4. 2026 14:05:06", AT),
        ("3.4.2026. 14:05:06", AT),
        ("2026. 04. 03. 14:05:06", AT),
        ("3.4.2026 г. 14:05:06", AT),
        ("3.4.2026 2:05:06 μμ", AT),
        ("2026-04-03 12:05:06 Π.Μ.", moment(2026, 4, 3, 0, 5, 6)),
        ("2026-04-03 2:05:06 CH", AT),
        ("2026-04-03 오후 2:05:06", AT),
        ("2026/4/3 下午 02:05:06", AT),
        ("2026/4/3 上午 12:05:06", moment(2026, 4, 3, 0, 5, 6)),
        ("2026-04-03 14:05:06 UTC", AT),
        ("2026-04-03 14:05:06 GMT", AT),
        ("2026-04-03 16:05:06 +02:00", AT),
        ("2026-04-03 16:05:06+0200", AT),
        ("2026-04-03 08:35:06 -05:30", AT),
        # The day is last in a name of three numbers that begins with the year, and first with dots.
        ("03.04.2026 14:05:06", AT),
        ("3.4.26 14:05:06", AT),
        ("03/04/26 14:05:06", moment(2026, 3, 4, 14, 5, 6)),
        ("13/04/2026 00:00", moment(2026, 4, 13)),
        ("04/13/2026 00:00", moment(2026, 4, 13)),
        ("12/12/2026 00:00", moment(2026, 12, 12)),
        ("1/1/99 00:00", moment(2099, 1, 1)),
        ("1/1/100 00:00", moment(100, 1, 1)),
        ("2024-02-29 00:00", moment(2024, 2, 29)),
    ],
)
def test_a_time(text: str, time: int) -> None:
    assert parse_time(text, day_first=False) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-04-03",
        "14:05:06",
        "2026-04/03 14:05:06",
        "2026-02-29 00:00",
        "2026-13-01 00:00",
        "2026-04-03 24:00:00",
        "2026-04-03 14:60:00",
        "2026-04-03 14:05:60",
        "2026-04-03 0:05:06 AM",
        "2026-04-03 13:05:06 PM",
        "2026-04-03 14:05:06 CET",
        "2026-04-03 14:05:06 +24:00",
        "2026-04-03 14:05:06 x",
        "2026-04-03 2:05:06 μπ",
        "2026-04-03 오후 14:05:06",
        "2026-04-03.14:05:06",
        "3. 4.  2026 14:05:06",
        "0000-01-01 00:00",
        "13/13/2026 00:00",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text, day_first=False) is None


def test_day_first_decides_where_both_can_be() -> None:
    text = "03/04/2026 14:05:06"
    assert parse_time(text, day_first=True) == AT
    assert parse_time(text, day_first=False) == moment(2026, 3, 4, 14, 5, 6)
    assert parse_time("04/13/2026 00:00", day_first=True) == moment(2026, 4, 13)


def test_the_offset_is_for_times_without_a_zone() -> None:
    hours = timedelta(hours=2)
    assert parse_time("2026-04-03 16:05:06", day_first=False, offset=hours) == AT
    assert parse_time("2026-04-03 14:05:06Z", day_first=False, offset=hours) == AT
    assert parse_time("2026-04-03 14:05:06 +00:00", day_first=False, offset=hours) == AT


def test_a_reader_reads_as_the_parser_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_times, "_MOST_MINUTES", 2)
    reader = TimeReader(day_first=True, offset=timedelta(hours=1))
    texts = [
        *(f"03/04/2026 14:0{minute}:{second:02} PM" for minute in range(3) for second in (0, 59, 60)),
        *(f"03/04/2026 1{minute}:05:{second}" for minute in range(3) for second in ("00", "59", "60", "5", "x1")),
        *(f"2026-04-03 14:05:0{second}.5" for second in range(3)),
        "2026-04-03 14:05",
        "2026-04-03 14:06",
        "2026-04-03 14:05:06 +02:00",
        "2026-04-03 14:05:06 +02:30",
        "",
    ]
    for text in [*texts, *texts]:
        assert reader.parse_time(text) == parse_time(text, day_first=True, offset=timedelta(hours=1)), text


@pytest.mark.parametrize(
    ("times", "name", "expected"),
    [
        ([], "log", None),
        (["13/04/2026 00:00"], "log", True),
        (["04/13/2026 00:00"], "log", False),
        (["04/03/2026 00:00"], "log", None),
        (["04/03/2026 00:00", "13/04/2026 00:00"], "log", True),
        (["2026-13-04 00:00", "13.04.2026 00:00", "nothing"], "log", None),
        # With AM and PM it is as without.
        (["04/03/2026 01:00 PM"], "log", None),
        (["13/04/2026 01:00 PM"], "log", True),
        # The name of the file.
        (["04/03/2026 00:00"], "x_2026-04-03.log", False),
        (["04/03/2026 00:00"], "x_2026-03-04.log", True),
        (["04/03/2026 00:00"], "x_20260403.log", False),
        (["04/03/2026 00:00"], "x_2026_03_04.log", True),
        (["04/03/2026 00:00"], "2026-03-04/x.log", None),
        (["04/03/2026 00:00"], "logs\\x_2026-03-04.log", True),
        (["04/03/2026 00:00"], "x_2026-05-06.log", None),
        (["04/04/2026 00:00"], "x_2026-04-04.log", None),
        (["04/03/2026 00:00"], "x_2026-03-04_2026-04-03.log", None),
        (["04/03/2026 00:00"], "x_04-03-2026.log", None),
        (["04/13/2026 00:00"], "x_13-04-2026.log", False),
        (["04/03/2026 01:00 AM"], "x_2026-03-04.log", True),
        (["nothing", "04/03/2026 00:00"], "x_2026-03-04.log", True),
        (["12/04/2026 00:00", "04/12/2026 00:00"], "log", None),
        (["13/12/2026 00:00"], "log", True),
        (["12/13/2026 00:00"], "log", False),
        (["2026-03-04 00:00", "04/03/2026 00:00"], "x_2026-03-04.log", True),
        (["01/05/2026 00:00", "04/03/2026 00:00"], "x_2026-03-04.log", True),
        (["04/03/2026 00:00"], "x_12026-03-04.log", None),
        # Dutch and Danish.
        (["04-03-2026 00:00"], "log", True),
        (["04-03-2026 00:00"], "x_2026-04-03.log", False),
        (["04-13-2026 00:00"], "log", False),
        (["2026-03-04 00:00"], "log", None),
    ],
)  # fmt: skip
def test_whether_the_day_comes_first(times: list[str], name: str, expected: bool | None) -> None:
    assert day_comes_first(times, name) is expected
