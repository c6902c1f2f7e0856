"""The judge against scripted stories, active and captured. Every case says all findings: a false alarm fails it."""

from dataclasses import fields
from typing import Any

import pytest

from tests.diagnosis.recorded_stories import ACTIVE, CAPTURED, NO_UPDATE, active, leased, offered, watched
from tests.diagnosis.story import NAME, POOL, START, Story, codes, statuses, verdict
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.observations import Dhcp, Transfer
from ucdiag.model.phone import Phone
from ucdiag.model.report import Identity, PhoneReport
from ucdiag.model.steps import STEPS, Step


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


def test_lost_packets_are_reported_where_they_matter() -> None:
    report = leased().asks(NAME, None).wait(20).lost(12).report()
    assert "lost 12 packets" in report.verdict.summary
    report = leased().asks(NAME, "NXDOMAIN").wait(20).lost(12).report()
    assert "lost" not in report.verdict.summary


def test_a_command_that_tests_only_dns_says_so() -> None:
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


@pytest.mark.parametrize("asks", ["dhcp", "dns", "connect"])
def test_a_failure_is_named_though_the_capture_ends_in_the_next_check(asks: str) -> None:
    story = leased().found().connects().posts(500).wait(86400)
    if asks == "dhcp":
        story = story.dhcp("discover")
    elif asks == "dns":
        story = story.asks(NAME, None, seconds=None)
    else:
        story = story.found().connects("unfinished")
    report = story.wait(1).report()
    assert verdict(report) == ("unknown", asks, "capture-too-short")
    assert codes(report) == {"capture-too-short", "http-server-error"}
    assert statuses(report)[4] == "warning"


def test_an_answer_cut_short_says_nothing_of_the_address() -> None:
    alone = leased().asks(truncated=True).wait(20).report()
    assert verdict(alone) == ("unknown", "dns", "capture-gap")
    assert codes(alone) == {"capture-gap"}
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


def test_a_lease_that_the_machine_changed_proves_no_step_by_itself() -> None:
    alone = active(tested=frozenset({Step.DHCP}), command="check-dhcp")
    story = alone.lease("contoso.com", rewritten=("domain",), rewritten_by="a line")
    report = story.report()
    assert verdict(report) == ("unknown", "dhcp", "lease-rewritten")
    assert codes(report) == {"lease-rewritten"}
    # What a DHCP server offers, or the rest of the path, shows more.
    assert verdict(story.dhcp("discover").dhcp("offer").report()) == ("whole", None, None)
    walked = active().lease("contoso.com", rewritten=("domain",), rewritten_by="a line").found().updated().report()
    assert verdict(walked)[0] == "whole"
    # Another field says nothing of the domain.
    other = active(tested=frozenset({Step.DHCP}), command="check-dhcp")
    assert verdict(other.lease("contoso.com", rewritten=("server",), rewritten_by="a line").report())[0] == "whole"


BRIEF = {
    **{name: ACTIVE[name][0] for name in list(ACTIVE)[::40]},
    **{name: CAPTURED[name][0] for name in list(CAPTURED)[::40]},
}


@pytest.mark.parametrize("name", BRIEF)
def test_a_brief_report_has_the_same_verdict_and_findings_and_nothing_else(name: str) -> None:
    full = BRIEF[name].report()
    brief = BRIEF[name].engine.finish(BRIEF[name].time, brief=True)
    assert brief == PhoneReport(phone=full.phone, verdict=full.verdict, steps=(), findings=full.findings)
    assert full.observations


def test_the_root_cause_is_the_first_of_its_level_and_the_others_come_by_step() -> None:
    story = active().found().asks("x.contoso.com", "NOERROR", POOL, purpose="wildcard").connects().posts()
    report = story.offers(external="", files=()).fetches("status", status=404).report()
    assert [(finding.level.value, finding.code) for finding in report.findings] == [
        ("error", "download-not-found"),
        ("warning", "dns-wildcard"),
        ("warning", "response-external-url-blank"),
    ]
    unknown = active().found().asks("x.contoso.com", "NOERROR", POOL, purpose="wildcard").connects().posts()
    report = unknown.answers("unknown", reason="it says neither a number nor a URL").report()
    assert [finding.code for finding in report.findings] == ["response-unknown", "dns-wildcard"]
    same = active().found().asks("x.contoso.com", "NOERROR", POOL, purpose="wildcard").updated().report()
    assert [finding.code for finding in same.findings] == ["dns-wildcard", "no-update-offered"]


PHONE = Phone(mac="00:04:f2:00:00:01", serial="A1", vendor="Polycom", model="CX700", firmware="1.0.522.101", site="b")


def test_whose_phone_is_judged() -> None:
    def identity(known: Identity | None = None, *facts: Dhcp, **setting: Any) -> Identity:
        engine = Engine(DiagnosisOptions(**setting), known)
        for fact in facts:
            engine.feed(fact)
        return engine.finish(START).phone

    played = identity(phone=PHONE, domain="contoso.com")
    expected = {name: getattr(PHONE, name) for name in ("mac", "serial", "vendor", "model", "firmware", "site")}
    assert played == Identity(domain="contoso.com", **expected)
    assert identity(domain="contoso.com") == Identity(domain="contoso.com")
    seen, leased_ = Identity(mac=PHONE.mac), Dhcp(time=START, type="ack", client=PHONE.mac, domain="b.example")
    assert identity(seen, from_capture=True, phone=PHONE) == seen
    assert identity(seen, leased_, from_capture=True) == Identity(mac=PHONE.mac, domain="b.example")
    known = Identity(mac=PHONE.mac, domain="c.example")
    assert identity(known, leased_, from_capture=True) == known


A, B, C = (f"http://files.contoso.com/{name}.nbt" for name in "abc")


@pytest.mark.parametrize(
    ("fetched", "status", "named"),
    [
        ([(A, "truncated"), (B, "whole")], "broken", A),
        ([(A, "whole"), (A, "truncated")], "broken", A),
        ([(A, "truncated"), (B, "empty")], "broken", B),
        ([(A, "not_tried"), (B, "whole")], "unknown", A),
        ([(A, "truncated"), (B, "not_tried"), (C, "whole")], "broken", A),
        ([(A, "not_tried"), (B, "truncated"), (C, "whole")], "broken", B),
    ],
)
def test_each_of_several_files_must_arrive(fetched: list[tuple[str, Any]], status: str, named: str) -> None:
    story = active().found().connects().posts().offers()
    for url, outcome in fetched:
        story.add(Transfer(time=0, url=url, outcome=outcome, received_bytes=9, reason="why"))
    report = story.report()
    assert report.verdict.status.value == status
    assert named in report.verdict.summary


def test_a_command_that_was_stopped_says_why_the_rest_was_not_tested() -> None:
    story = active().found()
    story.engine.stop("interrupted", "it was interrupted")
    report = story.report()
    assert [step.summary for step in report.steps[2:5]] == ["Not tested: it was interrupted."] * 3
    assert verdict(report) == ("unknown", None, "interrupted")


def test_a_command_that_could_not_go_on_names_the_problem_alone() -> None:
    story = active().found()
    story.engine.stop("ca-unusable")
    report = story.report()
    assert verdict(report) == ("unknown", None, "ca-unusable")
    assert report.findings == ()
    assert "None" not in "".join(step.summary for step in report.steps)


def test_who_did_not_ask_for_an_update_server_asked_for_another_name() -> None:
    assert "www.contoso.com" not in leased().wait(600).report().verdict.summary
    report = leased().asks("www.contoso.com", "NXDOMAIN").wait(600).report()
    assert verdict(report)[2] == "dns-not-asked"
    assert "www.contoso.com" in report.verdict.summary


def test_what_is_taken_where_nothing_is_said() -> None:
    said = {field.name: getattr(DiagnosisOptions(), field.name) for field in fields(DiagnosisOptions)}
    given = {name: value for name, value in said.items() if value not in (None, False, (), 0)}
    assert given == {
        "tested": frozenset(STEPS),
        "counts_loss": True,
        "patience": 5.0,
        "whole_file": True,
        "servers": KnownServers(),
    }
    assert DiagnosisOptions(patience=2.5).patience_microseconds == 2_500_000


SECOND_POOL = "10.0.0.21"


def two_addresses() -> Story:
    return active().found(POOL, SECOND_POOL).connects()


def test_what_lies_behind_a_broken_step_is_not_reported_unless_it_may_be_the_reason() -> None:
    blank = two_addresses().posts().offers(external="").fetches()
    assert codes(blank.report()) == {"response-external-url-blank"}
    assert codes(blank.connects("refused", server=SECOND_POOL).report()) == {"connect-refused"}
    differs = two_addresses().posts(host=NAME, client_port=1).answers(client_port=1)
    differs.posts(404, host=POOL, purpose="host", client_port=2)
    assert codes(differs.report()) == {"host-header-differs", "no-update-offered"}
    broken = differs.connects("refused", server=SECOND_POOL).report()
    assert codes(broken) == {"connect-refused", "host-header-differs"}


def test_what_lies_behind_a_step_that_is_not_known_is_reported() -> None:
    story = two_addresses().posts().offers(external="").fetches().connects("not_sent", server=SECOND_POOL)
    report = story.report()
    assert verdict(report) == ("unknown", "connect", "not-sent")
    assert codes(report) == {"response-external-url-blank"}


def test_another_failure_of_another_address_is_reported_though_it_lies_behind() -> None:
    story = two_addresses().posts(404, verified=True).connects("refused", server=SECOND_POOL)
    report = story.report()
    assert verdict(report) == ("broken", "connect", "connect-refused")
    assert [(finding.code, finding.level.value) for finding in report.findings] == [
        ("connect-refused", "error"),
        ("http-not-found", "warning"),
    ]


def test_what_only_follows_from_another_finding_is_not_reported() -> None:
    story = active().lease(None, authority="dhcp").dhcp("discover", vendor_class="MS-UC-Client", transaction=2)
    story.dhcp("discover", vendor_class="CPE-OCPhone", transaction=3)
    story.dhcp("offer", transaction=2).dhcp("offer", transaction=3, domain=None)
    report = story.dhcp("offer", transaction=2, server="10.0.0.9", domain=None).found().updated().report()
    # dhcp-no-domain is a consequence of dhcp-domain-by-class, and decides all the same.
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-domain")
    assert codes(report) == {"dhcp-no-domain", "dhcp-domain-by-class"}
