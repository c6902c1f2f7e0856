"""Checks over hours and days: how many, the last one, the next one due, and whether it is overdue."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.history import HOUR, NEW, OLD, Life
from tests.diagnosis.story import NAME, PHONE, POOL, SECOND, START, codes, verdict
from ucdiag.model.checks import Checks
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Dhcp, Extent, Http, Observation, Pause, UpdateAnswer
from ucdiag.model.report import PhoneReport

WHOLE = ("whole", None, "no-update-offered")
NO_UPDATE = "no-update-offered"


def life() -> Life:
    """A phone that was switched on and checked."""
    return Life().starts().checks()


def history(report: PhoneReport) -> Checks:
    assert report.checks is not None
    return report.checks


ALIVE: dict[str, Callable[[Life], object]] = {
    "a renewal": lambda phone: phone.renews(),
    "a question for another name": lambda phone: phone.asks("_ntp._udp.contoso.com", type="SRV"),
    "a question that nobody answers": lambda phone: phone.asks("time.windows.com", None),
    "a page of the same server": lambda phone: phone.requests(
        target="/abs/handler", method="GET", server="10.0.0.30", client_port=50000
    ),
    "a connection elsewhere": lambda phone: phone.connects("refused", server="10.0.0.30", client_port=50000),
    "a log": lambda phone: phone.uploads(),
    "a sign-in": lambda phone: phone.shakes(server="10.0.0.30", port=5061),
    "an INFORM": lambda phone: phone.dhcp("inform", client_address=PHONE, transaction=7)
    .dhcp("ack", transaction=7, address=None, lease_seconds=None),
    "a renewal without its answer": lambda phone: phone.dhcp("request", client_address=PHONE, transaction=7)
    .dhcp("ack", transaction=7),
}  # fmt: skip


@pytest.mark.parametrize("sign", ALIVE)
def test_a_phone_that_lives_on_without_a_check_is_overdue(sign: str) -> None:
    phone = life().hours(30)
    ALIVE[sign](phone)
    report = phone.wait(20).report()
    assert (verdict(report), codes(report)) == (WHOLE, {NO_UPDATE, "check-overdue"})
    overdue = next(finding for finding in report.findings if finding.code == "check-overdue")
    assert "the last check was at 2023-11-14 22:13 UTC" in overdue.summary
    assert "due by 2023-11-15 22:13 UTC" in overdue.summary
    assert "30 hours after" in overdue.summary
    assert all(line.frame is not None for line in overdue.evidence)
    assert "since then" not in overdue.summary or sign == "a connection elsewhere"


def test_the_last_of_several_checks_is_the_one_that_is_named() -> None:
    report = life().hours(24).checks().hours(30).renews().wait(20).report()
    (overdue,) = [finding for finding in report.findings if finding.code == "check-overdue"]
    assert overdue.summary.startswith("the last check was at 2023-11-15 22:13 UTC, the next was due by 2023-11-16")
    assert overdue.summary.endswith("30 hours after that check")


def test_what_it_could_not_reach_since_then_is_named() -> None:
    """Its sign-in may have named another update server, or another port."""
    before = Life().starts().connects("refused", server="10.0.0.31", client_port=50000).checks()
    phone = before.hours(26).connects("no_answer", server="10.0.0.30", attempts=4, client_port=50001)
    overdue = next(finding for finding in phone.wait(60).report().findings if finding.code == "check-overdue")
    assert "10.0.0.30 did not answer on port 80" in overdue.summary
    assert "which may have been its check" in overdue.summary
    assert "10.0.0.31" not in overdue.summary
    assert any("TCP to 10.0.0.30 port 80: no answer" in line.text for line in overdue.evidence)
    port = life().hours(24).connects(port=443, client_port=50000).shakes("untrusted", alert=48, client_port=50000)
    port.connects("refused", port=5061, client_port=50001).hours(2).renews()
    overdue = next(finding for finding in port.wait(60).report().findings if finding.code == "check-overdue")
    assert f"({POOL}) port 443 refused the TLS handshake" in overdue.summary
    assert "5061" not in overdue.summary
    reached = phone.connects(server="10.0.0.30", client_port=50002).wait(60).report()
    assert all("10.0.0.30 did not" not in finding.summary for finding in reached.findings)


NOT_OVERDUE: dict[str, Callable[[], object]] = {
    "alive at 24.5 hours": lambda: life().hours(24.5).renews(),
    "alive at 24.5 hours, then nothing for long": lambda: life().hours(24.5).renews().hours(6),
    "nothing after the check": lambda: life(),
    "nothing more of it in a long capture": lambda: life().hours(12).renews().hours(40),
    "released its lease": lambda: life().hours(12).renews().dhcp("release").hours(40),
    "the last word is a release": lambda: life().hours(30).dhcp("release", client_address=PHONE).hours(40),
    "checked again": lambda: life().hours(24).checks().hours(12).renews(),
    "missed one and checked later": lambda: life().hours(24).checks().hours(30).renews().hours(18).checks(),
    "checked again and failed": lambda: life().hours(24).fails().hours(12).renews().hours(11).checks(),
    "switched on a moment ago": lambda: life().hours(30).starts(),
    "switched on again, checked": lambda: life().hours(30).starts().checks(),
    "what may be a check, encrypted": lambda: life().hours(24).shakes(server="10.0.0.30").hours(6).renews(),
    "a POST that may be a check": lambda: life().hours(24).posts(purpose="update-or-log").hours(6).renews(),
}


@pytest.mark.parametrize("name", NOT_OVERDUE)
def test_what_is_not_overdue(name: str) -> None:
    phone = NOT_OVERDUE[name]()
    assert isinstance(phone, Life)
    report = phone.wait(20).report()
    assert verdict(report) == WHOLE
    assert "check-overdue" not in codes(report)


def test_a_check_that_fails_at_the_handshake_is_a_check() -> None:
    """Of a phone that knows its server from a sign-in, and so asks DNS for no record."""
    phone = Life().starts().connects(port=443, client_port=5000).shakes(decrypted=True, client_port=5000)
    phone.posts(port=443, client_port=5000, answer_frame=phone.frame + 2).answers(port=443, client_port=5000)
    phone.wait(86_000).connects(port=443, client_port=5001)
    report = phone.shakes("expired", alert=45, alert_from="client", client_port=5001).wait(20).report()
    assert verdict(report) == ("broken", "tls", "tls-expired")
    assert report.checks is not None
    assert [check.code for check in report.checks.history] == [None, "tls-expired"]


def test_a_check_that_failed_is_a_check_and_may_be_overdue_too() -> None:
    report = Life().starts().fails().hours(30).renews().wait(20).report()
    assert verdict(report) == ("broken", "request", "http-not-found")
    assert codes(report) == {"http-not-found", "check-overdue"}
    report = Life().starts().checks().hours(24).fails().hours(6).renews().wait(20).report()
    assert codes(report) == {"http-not-found"}


def test_a_question_that_dns_denies_is_a_check() -> None:
    phone = Life().starts().checks().hours(24).asks(NAME, "NXDOMAIN").hours(6).renews().wait(20)
    report = phone.report()
    assert (verdict(report), codes(report)) == (("broken", "dns", "dns-r2-missing"), {"dns-r2-missing"})
    assert [check.result for check in history(report).history] == ["nothing-newer", "failed"]
    assert history(report).history[-1].code == "dns-r2-missing"


def test_a_phone_without_a_lease_cannot_check() -> None:
    phone = life().hours(20)
    for number in range(4):
        phone.dhcp("discover", transaction=900 + number).hours(3)
    assert codes(phone.report()) == {"dhcp-no-answer"}


@pytest.mark.parametrize(("before", "overdue"), [(0, True), (0.5, False)], ids=["before it", "after it"])
def test_a_lease_that_is_bad_before_the_last_check_kept_the_phone_from_none(before: float, overdue: bool) -> None:
    phone = Life().starts(domain=None).wait(-before).asks(NAME, "NXDOMAIN").wait(before)
    report = phone.hours(30).asks("time.windows.com", "NOERROR", "10.0.0.99").wait(20).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-domain")
    assert codes(report) == {"dhcp-no-domain", *({"check-overdue"} if overdue else ())}


def test_a_file_that_was_not_found_after_the_last_check_kept_the_phone_from_none() -> None:
    phone = Life().starts().checks(offered=NEW).wait(60).gets(404).hours(30).renews().wait(20)
    report = phone.report()
    assert verdict(report) == ("broken", "download", "download-not-found")
    assert codes(report) == {"download-not-found", "check-overdue"}


def test_packets_that_the_capture_lost_may_have_been_the_check() -> None:
    phone = life().hours(30).renews().wait(20)
    assert "check-overdue" not in codes(phone.lost(500).report())
    phone = life().hours(30).renews().wait(20)
    phone.add(Extent(time=0, end=phone.time, lost=2))
    assert "check-overdue" in codes(phone.report())


def test_a_check_may_have_been_while_nothing_was_captured() -> None:
    def judged(start: float, end: float) -> set[str]:
        phone = life().hours(30).renews().wait(20)
        pause = Pause(time=START + int(start * HOUR) * SECOND, end=START + int(end * HOUR) * SECOND)
        phone.add(Extent(time=0, end=phone.time, pauses=(pause,)))
        return codes(phone.report())

    assert "check-overdue" not in judged(1, 29)
    assert "check-overdue" not in judged(20, 22)
    # Before the check, or after the phone was seen.
    assert "check-overdue" in judged(-5, -1)
    assert "check-overdue" in judged(31, 40)


def test_every_check_counts() -> None:
    phone = life()
    for _ in range(6):
        phone.hours(12).renews().hours(12).checks()
    checks = history(phone.wait(20).report())
    assert (checks.count, checks.power_ons, len(checks.history)) == (7, 1, 7)
    assert checks.interval == pytest.approx(86400, abs=2)
    assert checks.last == checks.history[-1].time
    assert checks.last is not None
    assert checks.next_due is not None
    assert abs(checks.next_due - checks.last - 86400 * SECOND) < SECOND
    assert [check.power_on for check in checks.history] == [True, *[False] * 6]
    assert {(check.result, check.firmware) for check in checks.history} == {("nothing-newer", OLD)}


def test_a_phone_that_never_checked_has_none() -> None:
    checks = history(Life().starts().hours(30).renews().report())
    assert (checks.count, checks.interval, checks.last, checks.next_due) == (0, None, None, None)
    assert checks.power_ons == 1


def test_one_check_has_no_interval() -> None:
    checks = history(life().report())
    assert (checks.count, checks.interval) == (1, None)
    assert checks.last is not None
    assert START < checks.last < START + 2 * SECOND


def test_tries_one_after_the_other_are_one_check() -> None:
    phone = Life().starts().found().connects("refused", client_port=1).wait(30).fails().wait(60).fails().wait(60)
    checks = history(phone.checks().wait(20).report())
    assert (checks.count, checks.history[0].result) == (1, "nothing-newer")


def test_a_check_after_the_sign_in_is_another_one() -> None:
    checks = history(life().wait(30).checks().wait(20).report())
    assert checks.count == 2


def test_a_restart_begins_another_check() -> None:
    checks = history(Life().starts().fails().wait(100).starts().fails().wait(20).report())
    assert (checks.count, checks.power_ons) == (2, 2)
    assert [check.power_on for check in checks.history] == [True, True]


def test_what_became_of_each_check_is_reported() -> None:
    phone = Life().starts().checks(offered=NEW).gets(404).hours(24).checks(offered=NEW).gets().hours(24)
    phone.has(NEW).checks(offered=NEW).hours(24).checks()
    checks = history(phone.wait(20).report())
    assert [(check.result, check.code, check.firmware, check.offered, check.url) for check in checks.history] == [
        ("failed", "download-not-found", OLD, NEW, "internal"),
        ("downloaded", None, OLD, NEW, "internal"),
        ("same-version", None, NEW, NEW, None),
        ("nothing-newer", None, NEW, None, None),
    ]


def test_other_traffic_to_the_server_is_no_check() -> None:
    phone = life()
    for _ in range(5):
        phone.hours(1).connects(port=443, client_port=50000).shakes()
    assert history(phone.wait(20).report()).count == 1


def test_a_path_that_is_encrypted_has_checks_too() -> None:
    phone = Life().starts()
    for _ in range(3):
        port = 40000 + phone.next_number()
        phone.found().connects(port=443, client_port=port).shakes(client_port=port).hours(24)
    checks = history(phone.report())
    assert (checks.count, {check.result for check in checks.history}) == (3, {"unknown"})


def test_the_interval_is_the_usual_one() -> None:
    phone = life().hours(24).checks().hours(48).checks().hours(24).checks()
    assert history(phone.report()).interval == pytest.approx(24 * HOUR, abs=2)


@pytest.mark.parametrize(("seconds", "count"), [(299.0, 1), (300.0, 1), (300.000_001, 2), (300.6, 2)])
def test_tries_five_minutes_apart_are_two_checks(seconds: float, count: int) -> None:
    """The second try begins 0.1 s after the wait."""
    phone = Life().starts().found().connects("refused", client_port=1).wait(seconds - 0.1)
    checks = history(phone.connects("refused", client_port=2).wait(20).report())
    assert checks.count == count


def shifted(fact: Observation, seconds: float, drift: int = 0) -> Observation:
    """A fact as a capture by another clock has it."""
    moved: dict[str, Any] = {"time": fact.time + round(seconds * SECOND) + drift, "frame": (fact.frame or 0) + 1000}
    last_time = getattr(fact, "last_time", None)
    if last_time is not None:
        moved["last_time"] = last_time + round(seconds * SECOND)
    return replace(fact, **moved)


@pytest.mark.parametrize("seconds", [420, 3600, 14 * 3600])
@pytest.mark.parametrize(
    "check", [Life.checks, Life.fails, lambda phone: phone.found().connects("refused", client_port=7)]
)
def test_the_same_check_by_another_clock_is_counted_once(check: Callable[[Life], object], seconds: float) -> None:
    """As captures of both ends have it that were merged."""
    phone = Life().starts()
    check(phone)
    phone.hours(15)
    phone.checks()
    for number, fact in enumerate([*phone.fed]):
        phone.engine.feed(shifted(fact, seconds, number * 100))
    assert history(phone.wait(20).report()).count == 2


@pytest.mark.parametrize(
    "other",
    [
        {"seconds": 15 * 3600},
        {"port": 1},
        {"transaction": 1},
        {"slower": 100_000},
    ],
    ids=str,
)
def test_a_check_that_differs_is_another_one(other: dict[str, int]) -> None:
    """It comes more than two time zones later, from another port, after another start, or takes longer."""
    phone = life()
    for number, fact in enumerate([*phone.fed]):
        moved = shifted(fact, other.get("seconds", 3600), number * other.get("slower", 0))
        if isinstance(moved, Dhcp) and moved.transaction is not None:
            moved = replace(moved, transaction=moved.transaction + other.get("transaction", 0))
        elif isinstance(moved, Connect | Http | UpdateAnswer) and moved.client_port is not None:
            moved = replace(moved, client_port=moved.client_port + other.get("port", 0))
        phone.engine.feed(moved)
    assert history(phone.hours(16).report()).count == 2


def test_questions_alone_are_no_copies_of_others() -> None:
    """A resolver may ask from one port, and by a timer."""
    phone = Life()
    phone.asks(NAME, "NXDOMAIN", client_port=7)
    phone.engine.feed(shifted(phone.fed[-1], 3600))
    assert history(phone.hours(2).report()).count == 2
