"""Which of many stored reports counts for a phone, and how a phone stands at two points in time."""

from typing import Any

import pytest

from ucdiag.model.checks import Check, Checks
from ucdiag.model.report import Identity, PhoneReport, Report, Source, Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.stored_reports.merging import Change, LatestPhones, key_of, latest_verdicts, phone_changes
from ucdiag.stored_reports.report_files import StoredReport

MAC, OTHER, IP = "00:04:f2:00:00:01", "00:04:f2:00:00:02", "52.10.0.7"
WHOLE = Verdict(status=VerdictStatus.WHOLE, summary="whole")
BROKEN = Verdict(status=VerdictStatus.BROKEN, step=Step.DNS, code="dns-no-answer", summary="broken")
UNKNOWN = Verdict(status=VerdictStatus.UNKNOWN, summary="unknown")


def phone(mac: str | None = None, ip: str | None = None, verdict: Verdict = WHOLE, **more: Any) -> PhoneReport:
    checks = more.pop("checks", None)
    identity = Identity(mac=mac, ip=ip, **more)
    return PhoneReport(phone=identity, verdict=verdict, steps=(), checks=checks)


def stored(kind: Any, finished: int, *phones: PhoneReport, site: str = "hq", **more: Any) -> StoredReport:
    source = Source(kind=kind, name=more.pop("name", None))
    more = {"command": "capture", "started": 0, "ucdiag": "1", **more}
    report = Report(finished=finished, source=source, verdict=WHOLE, phones=phones, **more)
    return StoredReport(report, f"{site}.json", site)


def latest(*reports: StoredReport) -> LatestPhones:
    found = LatestPhones()
    for number, report in enumerate(reports):
        found.add_report(number, report)
    found.finish()
    return found


@pytest.mark.parametrize("kind", ["file", "live", "logs"])
def test_a_phone_that_was_watched_is_known_by_its_mac_address(kind: str) -> None:
    assert key_of(stored(kind, 1), phone(MAC, IP)) == MAC
    assert key_of(stored(kind, 1), phone(None, IP)) == f"hq {IP}"


@pytest.mark.parametrize("kind", ["active", "lab"])
def test_a_phone_that_was_played_is_known_by_where_and_what(kind: str) -> None:
    def key(**more: Any) -> str:
        return key_of(stored(kind, 1, name="x", command="probe"), phone(MAC, domain="contoso.com", **more))

    assert key(serial="A1") == f"hq contoso.com probe {MAC} A1 x"
    assert key(serial="A1", site="branch") == f"branch contoso.com probe {MAC} A1 x"
    assert key_of(stored(kind, 1, command="check"), phone()) == "hq  check None None None"


def test_the_report_that_finished_last_counts() -> None:
    reports = stored("file", 5, phone(MAC)), stored("file", 9, phone(OTHER), phone(MAC)), stored("file", 7, phone(MAC))
    found = latest(*reports)
    assert [found.is_latest(report, 0, MAC) for report in (0, 1, 2)] == [False, False, False]
    assert found.is_latest(1, 1, MAC)
    assert found.is_latest(1, 0, OTHER)
    assert not found.is_latest(1, 0, "nobody")
    assert found.replaced == 2


def test_of_two_that_finished_together_the_later_one_counts() -> None:
    found = latest(stored("file", 5, phone(MAC)), stored("live", 5, phone(MAC)))
    assert (found.is_latest(0, 0, MAC), found.is_latest(1, 0, MAC), found.replaced) == (False, True, 1)


def test_wire_and_logs_of_one_phone_stand_beside_each_other() -> None:
    found = latest(stored("file", 5, phone(MAC)), stored("logs", 3, phone(MAC), phone(OTHER)))
    assert (found.is_latest(0, 0, MAC), found.is_latest(1, 0, MAC), found.replaced) == (True, True, 0)
    assert (found.in_both(MAC), found.in_both(OTHER), found.has_both) == (True, False, True)
    assert not latest(stored("file", 5, phone(MAC))).has_both
    assert not latest(stored("logs", 5, phone(MAC))).has_both


def test_a_phone_of_which_the_logs_know_the_address_is_the_one_captured_with_it() -> None:
    logs, wire = stored("logs", 3, phone(None, IP)), stored("file", 5, phone(MAC, IP))
    found = latest(logs, wire)
    assert found.in_both(MAC)
    assert found.matched_key(logs, logs.report.phones[0]) == MAC
    assert found.matched_key(wire, wire.report.phones[0]) == MAC
    assert found.is_latest(0, 0, MAC)


@pytest.mark.parametrize(
    "reports",
    [
        # Two were captured with it, or one of which the logs tell otherwise, or a phone that a command played.
        [stored("file", 5, phone(MAC, IP), phone(OTHER, IP))],
        [stored("file", 5, phone(MAC, IP)), stored("logs", 4, phone(MAC, "52.10.0.8"))],
        [stored("active", 5, phone(MAC, IP))],
        [stored("file", 5, phone(MAC, "52.10.0.8"))],
        [],
    ],
)
def test_else_it_stays_by_itself(reports: list[StoredReport]) -> None:
    logs = stored("logs", 3, phone(None, IP))
    found = latest(logs, *reports)
    assert found.matched_key(logs, logs.report.phones[0]) == f"hq {IP}"
    assert found.is_latest(0, 0, f"hq {IP}")


PRIVATE = "10.0.0.7"


@pytest.mark.parametrize(
    ("wire", "logs", "same"),
    [
        (phone(MAC, PRIVATE), phone(None, PRIVATE), False),
        (phone(MAC, PRIVATE, serial="A1"), phone(None, PRIVATE, serial="A1"), True),
        (phone(MAC, PRIVATE, serial="A1"), phone(None, PRIVATE, serial="A2"), False),
        (phone(MAC, PRIVATE, serial="A1"), phone(None, PRIVATE), False),
        (phone(MAC, IP, serial="A1"), phone(None, IP, serial="A2"), False),
    ],
)
def test_a_private_address_alone_tells_nobody(wire: PhoneReport, logs: PhoneReport, same: bool) -> None:
    assert latest(stored("logs", 3, logs), stored("file", 5, wire)).in_both(MAC) == same


def history(first: int, last: int | None) -> Checks:
    check = Check(time=first, result="nothing-newer")
    return Checks(count=2, last=last, power_ons=0, history=(check,))


def test_the_logs_cover_the_time_of_their_checks() -> None:
    found = latest(
        stored("logs", 1, phone(MAC, checks=history(50, 60)), phone(OTHER, checks=history(40, 55))),
        stored("logs", 2, phone("c", checks=history(45, 70)), phone("d"), phone("e", checks=history(1, None))),
        stored("file", 2, phone("f", checks=history(1, 100))),
        stored("logs", 2, phone("g", checks=Checks(count=0, last=99, power_ons=0, history=()))),
    )
    assert found.coverage is not None
    assert (found.coverage.first, found.coverage.last) == (40, 70)
    assert latest(stored("logs", 1, phone(MAC))).coverage is None


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, WHOLE, "new"),
        (None, BROKEN, "new"),
        (WHOLE, None, "gone"),
        (BROKEN, BROKEN, "still-broken"),
        (BROKEN, WHOLE, "mended"),
        (BROKEN, UNKNOWN, "changed"),
        (WHOLE, BROKEN, "broken"),
        (UNKNOWN, BROKEN, "broken"),
        (WHOLE, WHOLE, "same"),
        (UNKNOWN, UNKNOWN, "same"),
        (WHOLE, UNKNOWN, "changed"),
        (UNKNOWN, WHOLE, "changed"),
    ],
)
def test_the_kinds_of_changes(old: Verdict | None, new: Verdict | None, kind: str) -> None:
    assert Change("key", "name", old, new).kind == kind


def test_the_changes_of_all_phones() -> None:
    found = list(phone_changes({"a": ("A", WHOLE), "b": ("B", WHOLE)}, {"c": ("C", BROKEN), "a": ("A2", BROKEN)}))
    assert [(change.key, change.name, change.kind) for change in found] == [
        ("a", "A2", "broken"),
        ("b", "B", "gone"),
        ("c", "C", "new"),
    ]
    assert (found[0].old, found[0].new) == (WHOLE, BROKEN)


def test_the_verdicts_are_those_of_the_latest_reports() -> None:
    reports = [
        stored("file", 5, phone(MAC, IP, WHOLE)),
        stored("file", 9, phone(MAC, IP, BROKEN), phone(None, IP)),
        stored("file", 7, phone(MAC, IP, UNKNOWN)),
        stored("active", 1, phone(domain="contoso.com"), name="server", command="check-dns"),
        stored("active", 1, phone(domain="contoso.com"), command="check-dns", site="two"),
        stored("active", 1, phone(), command="check-dns", site="three"),
        stored("active", 1, phone(), command="check", site="four"),
        stored("active", 1, phone(), command="check", site="", name="five"),
    ]
    found = latest_verdicts(reports)
    assert found[MAC] == (MAC, BROKEN)
    assert found[f"hq {IP}"] == (IP, WHOLE)
    assert [name for name, _ in found.values()][2:] == ["server", "contoso.com", "three", "four", "five"]
    assert latest_verdicts([reports[0], stored("file", 5, phone(MAC, IP, BROKEN))])[MAC][1] == BROKEN
