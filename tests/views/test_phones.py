"""The table of phones that fills in while a capture runs."""

import dataclasses
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.in_parts import in_parts
from tests.views.reports import START, broken_phone, instances, steps, whole_phone
from tests.views.shown import Stream, texts
from ucdiag.cli.runner import ViewOptions, ViewSession
from ucdiag.model.checks import Checks
from ucdiag.model.report import Identity, PhoneReport, Verdict
from ucdiag.model.steps import StepStatus, VerdictStatus
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import screen_of
from ucdiag.views.phones import PhonesTable, table_lines
from ucdiag.views.text_view import TextView
from ucdiag.views.text_width import display_width

OK, NOT_SEEN = StepStatus.OK, StepStatus.NOT_SEEN


def waiting_phone() -> PhoneReport:
    """A phone that has a lease so far."""
    return broken_phone(
        phone=Identity(ip="10.0.0.9"),
        verdict=Verdict(status=VerdictStatus.UNKNOWN, summary="not known"),
        steps=steps(OK, *[NOT_SEEN] * 6, dhcp="10.0.0.1 leased 10.0.0.9."),
        findings=(),
    )


def test_broken_phones_come_first_and_each_has_its_steps_and_its_last_word() -> None:
    lines = texts(table_lines([whole_phone(), waiting_phone(), broken_phone()], 1234, 5, 120, 24))
    assert lines == [
        "1,234 packets, 5 lost; 3 phones: 1 broken, 1 not known yet, 1 whole",
        " " * 31 + "1 2 3 4 5 6 7  1 dhcp 2 dns 3 connect 4 tls 5 request 6 response 7 download",
        "00:04:f2:aa:bb:cc contoso.com  ✓ ✗            what dns says",
        "10.0.0.9                       ✓ · · · · · ·  10.0.0.1 leased 10.0.0.9.",
        "00:04:f2:aa:bb:cc contoso.com  ✓ ✓ ✓ ✓ ✓ ✓ ✓  what download says",
    ]


def test_in_ascii() -> None:
    lines = texts(table_lines([broken_phone(), waiting_phone()], 1, 0, 80, 24, unicode=False))
    assert all(line.isascii() for line in lines)
    assert lines[0] == "1 packet; 2 phones: 1 broken, 1 not known yet"
    assert lines[1] == "1 dhcp 2 dns 3 connect 4 tls 5 request 6 response 7 download"
    assert lines[3] == "00:04:f2:aa:bb:cc contoso.com  + X            what dns says"


@pytest.mark.parametrize(("height", "whole"), [(7, False), (8, True)])
def test_the_names_of_the_steps_have_a_line_of_their_own_where_there_is_room(height: int, whole: bool) -> None:
    lines = texts(table_lines([broken_phone()] * 9, 1, 0, 80, height))
    assert ("1 dhcp 2 dns 3 connect 4 tls 5 request 6 response 7 download" in lines) is whole
    assert any(line.endswith(" 1 2 3 4 5 6 7") for line in lines) is whole
    assert len(lines) < height


@pytest.mark.parametrize(("width", "count", "said"), [(106, 1, False), (107, 1, True), (80, 2, True)])
def test_a_single_check_is_spoken_of_only_where_there_is_room_for_it(width: int, count: int, said: bool) -> None:
    checks = Checks(count=count, last=START, next_due=START)
    (line,) = [
        line
        for line in texts(table_lines([broken_phone(checks=checks)], 1, 0, width, 24))
        if line.startswith("00:04:f2")
    ]
    assert (f"  {count}, " in line) is said
    assert line.endswith("what dns says")


def test_before_there_is_a_phone_the_packets_are_counted() -> None:
    assert texts(table_lines([], 7, 0, 80, 24)) == ["7 packets; 0 phones yet"]


def test_the_phones_that_were_quiet_for_long_are_counted() -> None:
    assert texts(table_lines([], 7, 0, 80, 24, quiet=1)) == ["7 packets; 1 phone: 1 quiet"]
    head = texts(table_lines([broken_phone(), whole_phone()], 7, 0, 120, 24, quiet=1200))[0]
    assert head == "7 packets; 1,202 phones: 1 broken, 1 whole, 1,200 quiet"
    assert "quiet" not in texts(table_lines([broken_phone()], 7, 0, 120, 24))[0]


def test_phones_that_do_not_fit_are_counted() -> None:
    fleet = [*[whole_phone()] * 300, *[waiting_phone()] * 50, *[broken_phone()] * 50]
    lines = texts(table_lines(fleet, 10, 0, 80, 24))
    assert len(lines) == 23
    assert all("✗" in line for line in lines[3:-1])
    assert lines[-1] == "… and 31 broken, 50 not known yet, 300 whole"
    assert len(texts(table_lines(fleet, 10, 0, 80, 1))) == 6


def test_without_room_the_domain_gives_way_to_the_address() -> None:
    assert texts(table_lines([broken_phone()], 1, 0, 60, 24))[3].startswith("00:04:f2:aa:bb:cc  ✓ ✗ ")


@in_parts(
    "width, domain, shown",
    [
        (74, "contoso.com", "00:04:f2:aa:bb:cc"),
        (75, "contoso.com", "00:04:f2:aa:bb:cc contoso.com"),
        (112, "x" * 30, "00:04:f2:aa:bb:cc"),
        (113, "x" * 30, f"00:04:f2:aa:bb:cc {'x' * 30}"),
        (500, "x" * 30, f"00:04:f2:aa:bb:cc {'x' * 30}"),
        (500, "x" * 31, "00:04:f2:aa:bb:cc"),
        (49, "x", "00:04:f2…a:bb:cc"),
        (25, "x", "00…c"),
        (24, "x", "0…c"),
        (20, "x", "0…c"),
    ],
    ids=str,
)
def test_the_domain_has_half_of_a_line_and_48_characters_at_most(width: int, domain: str, shown: str) -> None:
    report = broken_phone(phone=Identity(mac="00:04:f2:aa:bb:cc", domain=domain))
    rows = texts(table_lines([report], 1, 0, width, 24))
    assert rows[-1].split("  ")[0] == shown


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(instances(PhoneReport), max_size=4), st.integers(20, 200), st.integers(1, 50), st.booleans(), st.booleans()
)
def test_whatever_the_phones_say_the_table_fits(
    reports: list[PhoneReport], width: int, height: int, unicode: bool, lost: bool
) -> None:
    lines = texts(table_lines(reports, 10**12, int(lost), width, height, unicode))
    assert len(lines) <= max(height, 6)
    for line in lines:
        assert display_width(line) < width
        assert line.isprintable()
        assert unicode or line.isascii()


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_it_is_due_four_times_a_second_and_less_often_where_a_look_takes_long(clock: Clock) -> None:
    made = PhonesTable(line_writer_for(screen_of(Stream(terminal=True), {"TERM": "xterm"})), clock)
    assert not made.is_due()
    clock.now += 0.26
    assert made.is_due()
    made.update([broken_phone()], 1)
    assert not made.is_due()
    clock.now += 0.26
    assert made.is_due()
    clock.now += 1.0  # what judging the phones takes
    made.update([broken_phone()], 2)
    clock.now += 8.9
    assert not made.is_due()
    clock.now += 0.2
    assert made.is_due()
    made.close()


def test_off_a_terminal_nothing_is_due_and_nothing_shown(clock: Clock) -> None:
    stream = Stream()
    made = PhonesTable(LineWriter(screen_of(stream, {})), clock)
    clock.now += 1000
    assert not made.is_due()
    made.update([broken_phone()], 1)
    made.close()
    assert stream.getvalue() == ""


def test_the_text_view_has_a_table_on_a_terminal_only() -> None:
    environment = {"TERM": "xterm"}
    assert TextView(screen_of(Stream(terminal=True), environment)).table is not None
    assert TextView(screen_of(Stream(terminal=True), environment, quiet=True)).table is None
    assert TextView(screen_of(Stream(), environment)).table is None


def test_the_table_appears_in_place_and_is_gone_before_the_report(clock: Clock) -> None:
    stream = Stream(terminal=True)
    view = TextView(screen_of(stream, {"TERM": "xterm", "NO_COLOR": "1"}), clock)
    view.begin("capture")
    clock.now += 1
    shown_table = view.table
    assert shown_table is not None
    assert shown_table.is_due()
    shown_table.update([dataclasses.replace(broken_phone(), phone=Identity(mac="\x1b[2J"))], 5)
    text = stream.getvalue()
    assert "5 packets; 1 phone: 1 broken" in text
    assert "\\x1b[2J" in text
    assert "\x1b[2J" not in text
    view.close()
    # Each of its four lines is erased.
    assert stream.getvalue().rpartition("\x1b[?25h")[2].count("\x1b[2K") == 4


def test_phones_are_judged_only_when_the_table_is_due(tmp_path: object) -> None:
    asked: deque[int] = deque()

    def judge() -> list[PhoneReport]:
        asked.append(1)
        return []

    with ViewSession("capture", ViewOptions(format="json", output=f"{tmp_path}/report")) as session:
        for packets in range(100):
            session.show_phones(judge, packets)
    assert not asked
