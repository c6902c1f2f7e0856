"""Phones for which there is no room in memory: none of them is missing in the report, and none changes on the way."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.attempts import attempt_of
from tests.diagnosis.story import NAME, PATH, POOL, SECOND, START, verdict
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import Limits, PhoneTracker
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation
from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import VerdictStatus
from ucdiag.runtime.phone_archive import PhoneArchive

pytestmark = [pytest.mark.slow, pytest.mark.short]

LITTLE = Limits(room=150_000)
AT = START + 100_000 * SECOND
PHONES = 300
BROKEN = 7  # of ten phones, the one with this number


def address(number: int) -> tuple[str, str]:
    return f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", f"10.1.{number >> 8}.{number & 255}"


def attempt(number: int, at: int, *, lease: bool = True, fails: bool = False) -> list[Observation]:
    """One attempt of a phone; ``at`` seconds after the start."""
    mac, ip = address(number)
    return attempt_of(mac, ip, at, lease=lease, fails=fails)


def site(**more: Any) -> Iterator[Observation]:
    """Phones that come one after the other, of which every tenth gets 404."""
    for number in range(PHONES):
        yield from attempt(number, number, fails=number % 10 == BROKEN, **more)


def judged(
    facts: Iterator[Observation] | list[Observation], limits: Limits = LITTLE, archive: Any = None, **more: Any
) -> PhoneTracker:
    tracker = PhoneTracker(DiagnosisOptions(from_capture=True), limits=limits, archive=archive, **more)
    for fact in facts:
        tracker.feed(fact)
    return tracker


@pytest.fixture
def archive() -> Iterator[PhoneArchive]:
    with closing(PhoneArchive()) as made:
        yield made


@pytest.mark.parametrize("lease", [True, False], ids=["with-lease", "without-lease"])
def test_no_report_differs_from_those_of_a_memory_that_has_room(archive: PhoneArchive, lease: bool) -> None:
    tracker = judged(site(lease=lease), archive=archive)
    assert tracker.quiet_count > 200
    assert tracker.finish(AT) == judged(site(lease=lease), Limits()).finish(AT)
    assert tracker.dropped == 0
    assert tracker.problems() == ()


def test_brief_reports_conclude_the_same_and_the_first_is_whole(archive: PhoneArchive) -> None:
    tracker = judged(site(), archive=archive)
    first, *others = tracker.finish(AT)
    assert [judge() for judge in tracker.judgements(AT, brief=True)] == [first, *(other.brief for other in others)]
    assert first.steps


def test_a_phone_that_is_heard_again_is_one_phone_with_all_that_it_did(archive: PhoneArchive) -> None:
    facts = [*site(), *attempt(0, 1000, lease=False), *attempt(BROKEN, 1001)]
    tracker = judged(facts, archive=archive)
    reports = tracker.finish(AT)
    assert len(reports) == PHONES
    assert reports == judged(facts, Limits()).finish(AT)
    mended = next(report for report in reports if report.phone.mac == address(BROKEN)[0])
    assert mended.verdict.status is VerdictStatus.WHOLE


def test_a_phone_is_heard_again_by_its_dhcp_alone(archive: PhoneArchive) -> None:
    mac, ip = address(3)
    renewal = Dhcp(
        time=START + 2000 * SECOND, type="ack", client=mac, address=ip, domain="contoso.com", server="10.0.0.1"
    )
    tracker = judged([*site(), renewal], archive=archive)
    (report,) = (report for report in tracker.finish(AT) if report.phone.mac == mac)
    assert renewal in report.observations
    assert report.verdict.status is VerdictStatus.WHOLE


def test_who_gets_the_address_of_a_quiet_phone_is_another_one(archive: PhoneArchive) -> None:
    facts = [*site(), *attempt(PHONES, 5000)]
    taken = address(2)[1]
    later = [
        replace(fact, **({"address": taken} if isinstance(fact, Dhcp) else {"client": taken}))
        for fact in facts[-len(attempt(0, 0)) :]
    ]
    facts = [*facts[: -len(later)], *later]
    tracker = judged(facts, archive=archive)
    reports = tracker.finish(AT)
    assert len(reports) == PHONES + 1
    assert reports == judged(facts, Limits()).finish(AT)


def test_a_flood_of_made_up_phones_pushes_no_real_one_out(archive: PhoneArchive) -> None:
    made_up = [
        Dhcp(
            time=START + 500 * SECOND,
            type="discover",
            client=f"06:00:00:00:{n >> 8:02x}:{n & 255:02x}",
            vendor_class="CPE-OCPhone",
        )
        for n in range(1000)
    ]
    reports = judged([*site(), *made_up], archive=archive).finish(AT)
    assert len(reports) == PHONES + 1000
    real = [report for report in reports if str(report.phone.mac).startswith("02:")]
    assert Counter(verdict(report)[0] for report in real) == {"whole": PHONES * 9 // 10, "broken": PHONES // 10}


def test_strangers_come_back_as_nobody(archive: PhoneArchive) -> None:
    shut = Connect(time=START + 500 * SECOND, server=POOL, port=80, outcome="no_answer", client="10.9.0.1")
    tracker = judged([*site(), *(replace(shut, client=f"10.9.0.{n}") for n in range(200))], archive=archive)
    quiet = tracker.quiet_count
    assert len(tracker.finish(AT)) == PHONES
    assert quiet <= PHONES


def test_a_named_phone_is_judged_wherever_it_is(archive: PhoneArchive) -> None:
    mac = address(BROKEN)[0]
    tracker = judged(site(), archive=archive, macs=[mac])
    (report,) = tracker.finish(AT)
    assert verdict(report) == ("broken", "request", "http-not-found")


class Full:
    """An archive on a disk that takes ``most`` phones and no more."""

    def __init__(self, most: int) -> None:
        self._kept, self._most = PhoneArchive(), most

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, first_seen: int, keys: Any, phone: Any) -> None:
        if len(self._kept) >= self._most:
            raise OSError("no space left on device")
        self._kept.put(first_seen, keys, phone)

    def take(self, key: str) -> Any:
        return self._kept.take(key)

    def phones(self) -> Iterator[Any]:
        return self._kept.phones()


@pytest.mark.parametrize("archive", [None, Full(0), Full(100)], ids=["none", "full", "full-later"])
def test_where_nothing_more_is_kept_each_phone_still_counts(archive: Any) -> None:
    tracker = judged(site(), archive=archive)
    reports = tracker.finish(AT)
    alone = tracker.verdicts_alone()
    assert alone
    assert not any(one.summary for one in alone)
    counts = Counter(report.verdict.status for report in reports)
    for one, count in alone.items():
        counts[one.status] += count
    assert counts == {VerdictStatus.WHOLE: PHONES * 9 // 10, VerdictStatus.BROKEN: PHONES // 10}
    (problem,) = (problem for problem in tracker.problems() if "only the verdict is known" in problem.text)
    assert (problem.code, f"{alone.total()} phones" in problem.text) == ("forgotten", True)
    assert ("no space left on device" in problem.text) is (archive is not None)


def test_a_phone_of_which_the_verdict_was_left_and_that_tries_again_counts_once() -> None:
    tracker = judged([*site(), *attempt(BROKEN, 1000)])
    reports = tracker.finish(AT)
    assert len(reports) + tracker.verdicts_alone().total() == PHONES
    assert tracker.verdicts_alone().total() + len(reports) == PHONES


@pytest.mark.parametrize("number", [BROKEN, BROKEN + 1], ids=["broken", "whole"])
def test_a_phone_of_which_the_verdict_was_left_and_that_renews_its_lease_counts_once(number: int) -> None:
    facts = attempt(number, 1000)
    renewal = [replace(fact, vendor_class="CPE-OCPhone") for fact in facts if isinstance(fact, Dhcp)]
    tracker = judged([*site(), *renewal])
    counts = Counter(report.verdict.status for report in tracker.finish(AT))
    for one, count in tracker.verdicts_alone().items():
        counts[one.status] += count
    assert counts == {VerdictStatus.WHOLE: PHONES * 9 // 10, VerdictStatus.BROKEN: PHONES // 10}


def test_what_is_said_of_several_phones_is_said_of_those_in_the_archive_too(archive: PhoneArchive) -> None:
    tracker = judged(site(lease=False), archive=archive, routed=lambda ip: True)
    reports: tuple[PhoneReport, ...] = tracker.finish(AT)
    assert len(reports) == PHONES
    (problem,) = tracker.problems()
    assert problem.code == "behind-router"
    assert problem.text.count("10.1.") == 5


def test_phones_behind_one_address_are_distinguished_in_the_archive(archive: PhoneArchive) -> None:
    def shared(number: int, at: int) -> list[Observation]:
        body = f"<MacAddress>{address(number)[0]}</MacAddress>"
        post = Http(
            time=START + at * SECOND,
            client="10.77.0.1",
            client_port=1000 + number,
            server=POOL,
            port=80,
            method="POST",
            target=PATH,
            status=404,
            complete=True,
            request_text=body,
        )
        return [
            Lookup(
                time=START + at * SECOND,
                client="10.77.0.1",
                server="10.0.0.2",
                name=NAME,
                type="A",
                rcode="NOERROR",
                addresses=(POOL,),
            ),
            post,
        ]

    facts = [*shared(900, 0), *shared(901, 1), *site()]
    tracker = judged(facts, archive=archive)
    reports = {report.phone.mac: report for report in tracker.finish(AT)}
    assert reports == {report.phone.mac: report for report in judged(facts, Limits()).finish(AT)}
    assert len(reports) == PHONES + 2
    assert [problem.code for problem in tracker.problems()] == ["several-phones"]


class Unreadable(Full):
    """An archive of which nothing can be read any more after the first phone."""

    def close(self) -> None:
        self._kept.close()

    def phones(self) -> Iterator[Any]:
        yield next(super().phones())
        raise OSError("Input/output error")


def test_phones_that_can_no_longer_be_read_count_as_not_judged() -> None:
    with closing(Unreadable(PHONES)) as archive:
        tracker = judged(site(), archive=archive)
        reports = tracker.finish(AT)
    alone = tracker.verdicts_alone()
    assert len(reports) + alone.total() == PHONES
    assert {(one.status, one.code) for one in alone} == {(VerdictStatus.UNKNOWN, "forgotten")}
    (problem,) = tracker.problems()
    assert "Input/output error" in problem.text
