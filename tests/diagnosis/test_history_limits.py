"""The limits of what is said of hours and days: from when on a check is overdue, and what is a loop of restarts."""

import pytest

from tests.diagnosis.history import HOUR, OLD, Life, module, request
from tests.diagnosis.story import PHONE, SECOND, START, codes
from ucdiag.diagnosis.history_findings import moment_text
from ucdiag.model.checks import Check, Checks
from ucdiag.model.observations import Extent, Pause, RepeatedChecks
from ucdiag.model.report import Finding, PhoneReport

OVERDUE = "check-overdue"


def checked() -> Life:
    """A phone that was switched on and checked; ``after`` counts from there."""
    return Life().starts().checks()


def after(phone: Life, seconds: float) -> Life:
    """So long after the last fact, to the microsecond."""
    phone.wait(seconds - 0.1)
    return phone


def history(report: PhoneReport) -> Checks:
    assert report.checks is not None
    return report.checks


def said(report: PhoneReport, code: str) -> Finding:
    return next(finding for finding in report.findings if finding.code == code)


@pytest.mark.parametrize(
    ("seconds", "overdue"), [(25 * HOUR, False), (25 * HOUR + 0.00001, True), (23 * HOUR, False), (50 * HOUR, True)]
)
def test_a_check_is_overdue_an_hour_after_it_was_due(seconds: float, overdue: bool) -> None:
    phone = after(checked(), seconds)
    phone.asks("time.windows.com", None)
    assert (OVERDUE in codes(phone.wait(20).report())) == overdue


@pytest.mark.parametrize(("seconds", "overdue"), [(599.9, False), (600, True)])
def test_a_phone_that_just_started_is_about_to_check(seconds: float, overdue: bool) -> None:
    phone = checked().hours(30)
    begun = phone.time
    phone.starts()
    phone.time = begun + int(seconds * SECOND)
    phone.asks("time.windows.com", None)
    assert (OVERDUE in codes(phone.wait(20).report())) == overdue


@pytest.mark.parametrize(
    ("more", "overdue"),
    [
        ({"lost": 4}, True),
        ({"lost": 5}, False),
        ({"dropped": 5}, False),
        ({"lost": 2, "dropped": 3}, False),
        ({"lost": 2, "dropped": 2}, True),
        ({"lost": None, "dropped": None}, True),
    ],
)
def test_so_many_lost_packets_may_have_been_a_check(more: dict[str, int | None], overdue: bool) -> None:
    phone = checked().hours(30).renews().wait(20)
    phone.add(Extent(time=0, end=phone.time, **more))  # type: ignore[arg-type]
    assert (OVERDUE in codes(phone.report())) == overdue


@pytest.mark.parametrize(
    ("start", "end", "overdue"),
    [(-2, 0, True), (-2, 1, False), (30 * HOUR - 1, 40 * HOUR, False), (30 * HOUR, 40 * HOUR, True)],
)
def test_a_pause_between_the_check_and_the_sign_of_life_may_hide_one(start: float, end: float, overdue: bool) -> None:
    phone = checked()
    check = phone.time - SECOND // 10
    after(phone, 30 * HOUR).asks("time.windows.com", None).wait(20)
    pause = Pause(time=check + int(start * SECOND), end=check + int(end * SECOND))
    phone.add(Extent(time=0, end=phone.time, pauses=(pause,)))
    assert (OVERDUE in codes(phone.report())) == overdue


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        (lambda phone: phone.renews(), "DHCP ACK"),
        (lambda phone: phone.dhcp("inform", client_address=PHONE), "DHCP INFORM"),
        (lambda phone: phone.asks("time.windows.com", None), "question time.windows.com A"),
        (lambda phone: phone.connects("refused", server="10.0.0.30"), "a connection to 10.0.0.30 port 80"),
        (lambda phone: phone.shakes("closed", server="10.0.0.30", port=636), "TLS to 10.0.0.30 port 636"),
        (lambda phone: phone.requests(server="10.0.0.30", method="GET", target="/x"), "GET to 10.0.0.30 port 80"),
        (lambda phone: phone.requests(server="10.0.0.30"), "a request to 10.0.0.30 port 80"),
    ],
)  # fmt: skip
def test_the_sign_of_life_is_named(sign: object, text: str) -> None:
    phone = checked().hours(30)
    sign(phone)  # type: ignore[operator]
    overdue = said(phone.wait(20).report(), OVERDUE)
    assert [overdue.evidence[0].text, overdue.evidence[-1].text] == [
        "the last check, at 2023-11-14 22:13 UTC",
        f"alive at 2023-11-16 04:13 UTC: {text}",
    ]


def test_the_latest_sign_of_life_is_named() -> None:
    phone = checked().hours(30).renews().hours(10).renews().wait(20)
    assert "alive at 2023-11-16 14:13 UTC, 40 hours after" in said(phone.report(), OVERDUE).summary


def test_a_check_without_a_request_is_the_last_one_too() -> None:
    phone = Life().starts().asks(rcode="NXDOMAIN").hours(30).renews().wait(20)
    line = said(phone.report(), OVERDUE).evidence[0]
    assert (line.text, line.time, line.frame) == ("the last check, at 2023-11-14 22:13 UTC", START + 400_000, 5)


@pytest.mark.parametrize(
    ("waits", "starts"),
    [
        # Any three that follow each other are within 15 minutes.
        ([400, 500], 3),
        ([400, 500.1], None),
        ([899], None),
        ([400, 400, 400, 400], 5),
        ([400, 2000, 400, 400], 3),
        ([400, 400, 2000, 400, 400, 400], 4),
        ([300, 300, 300, 2000, 400, 400], 4),
        ([800, 400, 400, 400], 4),
        ([400, 400, 800, 400, 400], 3),
        ([1000, 1000, 1000], None),
        ([100, 850, 40, 860], 4),
    ],
)
def test_three_starts_within_15_minutes_are_a_loop(waits: list[float], starts: int | None) -> None:
    phone = Life()
    begun = phone.time
    for wait in [0, *waits]:
        begun += int(wait * SECOND)
        phone.time = begun
        phone.starts().checks()
    report = phone.wait(20).report()
    assert ("restart-loop" in codes(report)) == (starts is not None)
    if starts is not None:
        loop = said(report, "restart-loop")
        assert f"switched on {starts} times within" in loop.summary
        assert len(loop.evidence) == starts
        assert loop.evidence[0].text.startswith("start at 2023-11-14 ")
        assert loop.evidence[0].text.endswith(": DHCP DISCOVER")


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (START, "2023-11-14 22:13 UTC"),
        (0, "1970-01-01 00:00 UTC"),
        (-1, "1969-12-31 23:59 UTC"),
        (59_999_999, "1970-01-01 00:00 UTC"),
        (60_000_000, "1970-01-01 00:01 UTC"),
        (-(10**18), "0001-01-01 00:00 UTC"),
        (10**18, "9999-12-31 23:59 UTC"),
    ],
)
def test_a_moment_is_written_to_the_minute(time: int, text: str) -> None:
    assert moment_text(time) == text


# The entries of the history.


def entries(phone: Life) -> list[Check]:
    return list(history(phone.wait(20).report()).history)


@pytest.mark.parametrize(("seconds", "count"), [(5, 1), (5.00001, 2), (1, 1), (290, 2)])
def test_a_question_five_seconds_after_the_answer_is_another_check(seconds: float, count: int) -> None:
    assert len(entries(after(checked(), seconds).found())) == count  # type: ignore[arg-type]


def test_a_connection_after_the_answer_is_no_other_check() -> None:
    phone = after(checked(), 30).connects(client_port=999).shakes()
    assert history(phone.wait(20).report()).count == 1


def test_a_start_in_between_makes_two_checks_of_tries() -> None:
    phone = Life().starts().found().connects("refused", client_port=1).wait(70).starts()
    assert [check.power_on for check in entries(phone.found().connects("refused", client_port=2))] == [True, True]


@pytest.mark.parametrize(("seconds", "power_on"), [(299, True), (301, False)])
def test_a_check_soon_after_a_start_is_that_of_the_start(seconds: float, power_on: bool) -> None:
    phone = Life().starts()
    phone.time = START + int(seconds * SECOND)
    assert [check.power_on for check in entries(phone.checks())] == [power_on]


def test_a_check_says_who_asked_whom_and_when() -> None:
    phone = Life().starts()
    phone.found().connects(client_port=7).wait(10)
    time, frame = phone.time, phone.frame + 1
    phone.posts(500, client_port=7, request_text=request(module(OLD))).wait(10)
    phone.posts(500, client_port=7, server="10.0.0.30", request_text=request(module("9.9.9.9")))
    (check,) = entries(phone)
    assert (check.time, check.frame, check.client, check.server) == (time, frame, PHONE, "10.0.0.30")
    assert (check.firmware, check.result, check.code) == (OLD, "failed", "http-server-error")


def test_a_check_without_a_request_is_dated_by_its_question() -> None:
    phone = Life().starts()
    time, frame = phone.time, phone.frame + 1
    (check,) = entries(phone.asks(rcode="NXDOMAIN"))  # type: ignore[arg-type]
    assert (check.time, check.frame, check.client, check.server) == (time, frame, None, None)
    assert (check.firmware, check.offered, check.url) == (None, None, None)


def test_the_report_keeps_the_latest_four_hundred() -> None:
    phone = Life()
    for number in range(402):
        phone.hours(1).posts(500, client_port=number, answer_frame=phone.frame + 2)
    checks = history(phone.wait(20).report())
    assert (checks.count, len(checks.history)) == (402, 400)
    assert checks.history[0].time == START + int(3 * HOUR) * SECOND + 200_000
    assert checks.history[-1].time == checks.last


def test_the_interval_is_the_median_and_of_two_the_lower_one() -> None:
    def interval(*hours: float) -> float | None:
        phone = checked()
        for each in hours:
            phone.hours(each).checks()
        return history(phone.wait(20).report()).interval

    assert interval() is None
    assert interval(10, 30) == pytest.approx(10 * HOUR, abs=2)
    assert interval(30, 10, 20) == pytest.approx(20 * HOUR, abs=2)
    assert interval(40, 30, 10, 20) == pytest.approx(20 * HOUR, abs=2)


def test_checks_that_were_only_counted_are_as_the_one_before() -> None:
    phone = Life(from_logs=True)
    phone.checks().hours(1)
    first = phone.time
    times = first, first + int(HOUR) * SECOND, first + 2 * int(HOUR) * SECOND
    phone.add(RepeatedChecks(time=0, count=3, last_time=times[-1], times=times)).hours(10)
    phone.fails()
    checks = history(phone.wait(20).report())
    assert checks.count == 5
    assert [check.result for check in checks.history] == ["nothing-newer"] * 4 + ["failed"]
    assert [check.time for check in checks.history[1:4]] == list(times)
    assert [check.frame is None for check in checks.history] == [False, True, True, True, False]
    assert {check.firmware for check in checks.history} == {OLD}


def test_checks_that_were_only_counted_are_in_the_tally_of_requests() -> None:
    phone = Life(from_logs=True)
    phone.checks().hours(1)
    times = tuple(phone.time + number * int(HOUR) * SECOND for number in range(3))
    phone.add(RepeatedChecks(time=0, count=3, last_time=times[-1], times=times)).hours(10)
    phone.fails(500)
    said = " ".join(step.summary for step in phone.wait(20).report().steps)
    assert "4 of 5 requests to 10.0.0.20 succeeded" in said
