"""The judge against scripted stories, active and captured. Every case says all findings: a false alarm fails it."""

import pytest

from tests.diagnosis.recorded_stories import ACTIVE, CAPTURED, NO_UPDATE, active, leased, offered, watched
from tests.diagnosis.story import NAME, POOL, codes, statuses, verdict
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.report import PhoneReport


def check(report: PhoneReport, expected: tuple[str, str | None, str | None], findings: set[str]) -> None:
    assert (verdict(report), codes(report)) == (expected, findings), report.verdict.summary
    assert [step.number for step in report.steps] == [1, 2, 3, 4, 5, 6, 7]
    assert all(step.summary for step in report.steps)
    assert from_json(PhoneReport, to_json(report)) == report
    if expected[0] == "broken":
        failed = [step.step.value for step in report.steps if step.status.value == "failed"]
        assert failed == [expected[1]]
        assert all(status == "not-reached" for status in statuses(report)[report.verdict.step.number :])  # type: ignore[union-attr]
        root = report.findings[0]
        assert (root.code, root.level.value) == (expected[2], "error")
        assert root.evidence
    else:
        assert "failed" not in statuses(report)


@pytest.mark.parametrize("name", ACTIVE)
def test_active(name: str) -> None:
    story, expected, findings = ACTIVE[name]
    check(story.report(), expected, findings)


@pytest.mark.parametrize("name", CAPTURED)
def test_captured(name: str) -> None:
    story, expected, findings = CAPTURED[name]
    check(story.report(), expected, findings)


def test_finish_changes_nothing() -> None:
    story = leased().found().connects("refused").wait(20)
    assert story.report() == story.report()
    early = watched().leased()
    assert early.engine.finish(early.time, final=False).findings == ()


def test_lost_packets_are_told_where_they_matter() -> None:
    report = leased().asks(NAME, None).wait(20).lost(12).report()
    assert "lost 12 packets" in report.verdict.summary
    report = leased().asks(NAME, "NXDOMAIN").wait(20).lost(12).report()
    assert "lost" not in report.verdict.summary


def test_a_command_that_tests_only_dns_says_so() -> None:
    from ucdiag.model.steps import Step

    report = active(tested=frozenset({Step.DHCP, Step.DNS})).found().report()
    assert verdict(report) == ("whole", None, None)
    assert "not tested" in report.verdict.summary
    assert statuses(report) == ["not-tested", "ok", *["not-tested"] * 5]


def test_evidence_names_the_frames() -> None:
    report = leased().asks(NAME, "NXDOMAIN").wait(20).report()
    assert [line.frame for line in report.findings[0].evidence] == [5]


def test_what_was_seen_is_never_called_not_seen() -> None:
    report = offered().gets(404).wait(600).asks(NAME, None, failure=None).wait(1).report()
    assert verdict(report) == ("unknown", "dns", "capture-too-short")
    assert statuses(report) == ["ok", "warning", "ok", "not-seen", "ok", "ok", "warning"]
    assert "earlier" in report.steps[4].summary
    report = leased().found().connects().posts(None, failure=None).wait(1).report()
    assert verdict(report) == ("unknown", "request", "capture-too-short")
    assert statuses(report) == ["ok", "ok", "ok", "not-needed", "warning", "not-seen", "not-seen"]
    report = leased().found().connects().wait(20).report()
    assert statuses(report) == ["ok", "ok", "ok", "not-seen", "not-seen", "not-seen", "not-seen"]


def test_an_answer_cut_short_says_nothing_of_the_address() -> None:
    alone = leased().asks(truncated=True).wait(20).report()
    assert verdict(alone) == ("unknown", "dns", None)
    assert codes(alone) == set()
    assert "over TCP" in alone.verdict.summary
    again = leased().asks(truncated=True).asks(NAME, "NOERROR", POOL, transport="tcp").connects().updated()
    assert verdict(again.report()) == ("whole", None, "no-update-offered")
    assert codes(again.report()) == NO_UPDATE


def test_names_of_a_resolvers_search_list_are_not_what_the_phone_meant() -> None:
    stray = f"{NAME}.contoso.com"
    report = leased().asks(stray, "NXDOMAIN").asks(NAME, "NOERROR", POOL).connects().updated().report()
    assert codes(report) == NO_UPDATE
    report = leased().asks(NAME, "NXDOMAIN").asks(stray, "NXDOMAIN").wait(20).report()
    assert codes(report) == {"dns-r2-missing"}
    assert stray not in report.verdict.summary
    # Alone it is what the phone asks for: nothing explains it away.
    assert codes(leased().asks(stray, "NXDOMAIN").wait(20).report()) >= {"dns-r2-missing"}


def test_the_finding_of_two_addresses_that_fail_alike_has_the_evidence_of_both() -> None:
    story = active().found(POOL, "10.0.0.21").connects("refused").connects("refused", server="10.0.0.21")
    (finding,) = story.report().findings
    assert finding.code == "connect-refused"
    assert [line.text for line in finding.evidence] == [
        "TCP to 10.0.0.21 port 80: refused",
        f"TCP to {POOL} port 80: refused",
    ]


@pytest.mark.parametrize(
    ("domain", "resolvers", "text"),
    [
        ("contoso.com", ("10.0.0.2",), "the domain contoso.com, resolvers 10.0.0.2"),
        (None, (), "no domain, resolvers none"),
    ],
)
def test_a_lease_that_the_machine_changed_is_quoted(domain: str | None, resolvers: tuple[str, ...], text: str) -> None:
    story = active().lease(domain, resolvers, rewritten=("domain", "resolvers"), rewritten_by="a line").found()
    (quoted,) = [finding for finding in story.updated().report().findings if finding.code == "lease-rewritten"]
    assert [line.text for line in quoted.evidence] == [f"option 15 of the lease of eth0: {text}"]
