"""Nothing from outside can steer a terminal, forge a line or hide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.model.visible_text import quoted, visible
from ucdiag.views.sanitize import shortened, visible_lines

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain text, C:\\path [red]", "plain text, C:\\path [red]"),
        ("Zürich 東京 é", "Zürich 東京 é"),
        ("\x1b[2J\x1b]0;owned\x07", "\\x1b[2J\\x1b]0;owned\\x07"),
        ("a\nverdict: whole", "a\\nverdict: whole"),
        ("a\r\tb", "a\\r\\tb"),
        ("\x9b31m\x7f\x00", "\\x9b31m\\x7f\\x00"),
        ("gpj\u202eexe", "gpj\\u202eexe"),
        ("\u2066\u2069\u061c\u200f", "\\u2066\\u2069\\u061c\\u200f"),
        ("zero\u200bwidth\u200d\ufeff\u00ad\u2060", "zero\\u200bwidth\\u200d\\ufeff\\xad\\u2060"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("blank\u00a0\u3000\u2800\u3164", "blank\\xa0\\u3000\\u2800\\u3164"),
        ("lone \ud800 surrogate \udcff", "lone \\ud800 surrogate \\udcff"),
        ("tag \U000e0041 selector \ufe0f\U000e0101", "tag \\U000e0041 selector \\ufe0f\\U000e0101"),
        ("private \ue000 unassigned \u0378", "private \\ue000 unassigned \\u0378"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "\\u0301\\u0301"),
    ],
)
def test_examples(text: str, safe: str) -> None:
    assert visible(text) == safe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("site.pcap", "'site.pcap'"),
        ("C:\\Users\\Jörg Weiß\\100% new.pcap", "'C:\\Users\\Jörg Weiß\\100% new.pcap'"),
        ("\\\\server\\share", "'\\\\server\\share'"),
        ("it's", '"it\'s"'),
        ('5" disk', "'5\" disk'"),
        ("it's a 5\" disk", "'it's a 5\" disk'"),
        ("a\nb\x1b[2J\u202e\x00\udcff", "'a\\nb\\x1b[2J\\u202e\\x00\\udcff'"),
        ("", "''"),
    ],
)
def test_a_text_in_a_sentence_is_quoted_as_people_write_it(text: str, said: str) -> None:
    assert quoted(text) == said


@given(ANY)
def test_a_quoted_text_is_one_printable_line(text: str) -> None:
    assert quoted(text).isprintable()


@given(ANY)
def test_whatever_comes_in_what_goes_out_is_one_printable_line(text: str) -> None:
    safe = visible(text)
    assert safe.isprintable()
    assert len(safe.splitlines()) <= 1
    assert visible(safe) == safe
    safe.encode("utf-8")


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_left_alone(text: str) -> None:
    assert visible(text) == text


def test_long_text_says_how_much_is_missing() -> None:
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "abc… (1 more character)"
    assert shortened("a" * 10, 3) == "aaa… (7 more characters)"


def test_a_body_is_bounded_both_ways() -> None:
    assert visible_lines("a\r\nb\x1b\n") == ["a", "b\\x1b", ""]
    many = visible_lines("x\n" * 100_000)
    assert len(many) == 41
    assert many[-1] == "… (99961 more lines)"
    long = visible_lines("x" * 1_000_000, columns=10, lines=2)
    assert len(long) == 1
    assert len(long[0]) < 60


@given(ANY)
def test_a_body_is_safe(text: str) -> None:
    assert all(line.isprintable() for line in visible_lines(text, lines=5, columns=10))


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [("abc", 3, "abc"), ("abcd", 3, "abc… (1 more character)"), ("abcde", 3, "abc… (2 more characters)"), ("", 0, "")],
)
def test_what_is_cut_off_is_counted(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", [""]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb", ["a", "b"]),
        ("a\nb\n", ["a", "b", "… (1 more line)"]),
        ("a\nb\nc\r\nd", ["a", "b", "… (2 more lines)"]),
        ("abcd\n\x1b", ["abc… (1 more character)", "\\x1b"]),
        ("a" * 1003, ["aaa… (1000 more characters)"]),
    ],
)
def test_a_body_as_lines(text: str, shown: list[str]) -> None:
    assert visible_lines(text, lines=2, columns=3) == shown
