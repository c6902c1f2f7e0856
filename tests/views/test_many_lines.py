"""The lines of thousands of phones that stand alike: none is lost or changed, and they take little room."""

import tracemalloc

import pytest

from ucdiag.views.many_phones import Lines


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
