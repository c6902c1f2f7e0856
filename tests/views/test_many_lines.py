"""The lines of thousands of phones that stand alike: none is lost or changed, and they take little room."""

import re
import tracemalloc
from typing import Any

import pytest

from tests.views.reports import broken_phone, report, whole_phone
from tests.views.shown import Stream, shown
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.report import PhoneReport
from ucdiag.views import load_view
from ucdiag.views.many_phones import Lines
from ucdiag.views.output_target import screen_of


def line(number: int) -> str:
    return f"00:04:f2:00:{number >> 8:02x}:{number & 255:02x}, 10.2.{number >> 8}.{number & 255}, contoso.com"


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 1024, 2000])
def test_they_come_back_in_order_and_again(count: int) -> None:
    lines = Lines()
    for number in range(count):
        lines.append(line(number))
    assert len(lines) == count
    assert list(lines) == list(lines) == list(map(line, range(count)))


def test_whatever_a_phone_says_of_itself_comes_back() -> None:
    odd = ["", "two\nlines", "\ud800", "\x1f\x00", "ä" * 300]
    lines = Lines()
    for text in odd * 300:
        lines.append(text)
    assert list(lines) == odd * 300


def test_twenty_thousand_take_less_than_a_third_of_their_text() -> None:
    tracemalloc.start()
    try:
        lines = Lines()
        for number in range(20_000):
            lines.append(line(number))
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert taken < sum(map(len, map(line, range(20_000)))) / 3


def alike(count: int) -> list[PhoneReport]:
    made = broken_phone()
    return [replace(made, phone=replace(made.phone, mac=f"00:04:f2:00:00:{number:02x}")) for number in range(count)]


def on_terminal(*phones: PhoneReport) -> list[str]:
    stream = Stream(terminal=True)
    load_view("text", screen_of(stream, {"TERM": "xterm", "COLUMNS": "60"}, color=False)).end(report(*phones))
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue()).splitlines()


@pytest.mark.parametrize(("count", "listed"), [(11, 11), (12, 10), (90, 10)])
def test_on_a_terminal_thousands_of_phones_leave_the_verdict_in_sight(count: int, listed: int) -> None:
    lines = on_terminal(*alike(count))
    assert sum(line.startswith("  ✗ 00:04:f2:") for line in lines) == listed
    rest = [line for line in lines if " more: " in line]
    assert rest == ([f"    and {count - listed} more: -o FILE lists all (.html, .csv, .txt)"] if listed < count else [])


def test_a_file_lists_every_phone_in_a_line_of_its_own() -> None:
    lines = shown(report(*alike(90))).splitlines()
    assert sum(line.startswith("  ✗ 00:04:f2:") and line.endswith("domain contoso.com") for line in lines) == 90
    assert not any("more: -o" in line for line in lines)


@pytest.mark.parametrize(
    ("codes", "explained"), [(("dns-refused", "dns-refused"), "dns-refused"), (("dns-refused", "http-closed"), "CODE")]
)
def test_of_several_causes_none_is_explained_before_the_others(codes: tuple[Any, Any], explained: str) -> None:
    phones = zip(alike(2), codes, strict=True)
    made = [replace(phone, verdict=replace(phone.verdict, code=code)) for phone, code in phones]
    text = shown(replace(report(*made, whole_phone()), verdict=made[0].verdict))
    assert text.endswith(f"More: ucdiag explain {explained}.\n")
