"""What servers answer to the questions of ``--ask``: what counts as an offer to the phone, and what does not."""

from typing import Any

import pytest

from tests.diagnosis.story import Story, codes, verdict
from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import Step, StepStatus

PLAIN, VLAN, CERTIFICATE = 1, 2, 3
OTHER = "10.0.0.9"


def _asked(*answered: int) -> Story:
    """The three questions, of which those named have an answer of some kind."""
    story = Story(tested=frozenset({Step.DHCP}), domain=None)
    for transaction, class_ in ((PLAIN, None), (VLAN, "CPE-OCPhone"), (CERTIFICATE, "MS-UC-Client")):
        outcome = None if transaction in answered else "no_answer"
        story.dhcp("discover", transaction=transaction, vendor_class=class_, outcome=outcome)
    return story


def _summary(report: PhoneReport) -> str:
    return report.steps[0].summary or ""


def test_an_offer_to_a_vendor_class_alone_is_reported_and_no_fault() -> None:
    report = _asked(VLAN).dhcp("offer", transaction=VLAN).report()
    assert codes(report) == set()
    assert report.steps[0].status is StepStatus.OK
    assert "without a vendor class" in _summary(report)
    assert "CPE-OCPhone" in _summary(report)
    assert "contoso.com" in _summary(report)


def test_an_offer_to_the_plain_question_alone_is_none_to_the_phone() -> None:
    report = _asked(PLAIN).dhcp("offer", transaction=PLAIN).report()
    assert codes(report) == {"dhcp-domain-by-class"}
    assert report.steps[0].status is StepStatus.WARNING
    assert "nobody made one to CPE-OCPhone and MS-UC-Client" in report.findings[0].summary


@pytest.mark.parametrize("answered", [VLAN, CERTIFICATE])
def test_one_class_of_the_phones_is_enough(answered: int) -> None:
    report = _asked(PLAIN, answered).dhcp("offer", transaction=PLAIN).dhcp("offer", transaction=answered).report()
    assert codes(report) == set()
    assert report.steps[0].status is StepStatus.OK


# (option 15 to no class, to CPE-OCPhone, to MS-UC-Client), the verdict, the codes
BY_CLASS: dict[str, tuple[tuple[str | None, str | None, str | None], tuple[str, str | None, str | None], set[str]]] = {
    "all alike": (("contoso.com", "Contoso.com.", "contoso.com"), ("whole", None, None), set()),
    "none to CPE-OCPhone": (("contoso.com", None, "contoso.com"), ("whole", None, None), {"dhcp-domain-by-class"}),
    "none to MS-UC-Client": (("contoso.com", "contoso.com", ""), ("whole", None, None), {"dhcp-domain-by-class"}),
    "to MS-UC-Client alone": ((None, None, "contoso.com"), ("whole", None, None), {"dhcp-domain-by-class"}),
    "to CPE-OCPhone alone": ((None, "contoso.com", None), ("whole", None, None), {"dhcp-domain-by-class"}),
    "another to CPE-OCPhone": (
        ("contoso.com", "guest.example", "contoso.com"),
        ("whole", None, None),
        {"dhcp-domain-by-class"},
    ),
    "another to PCs": (("data.example", "contoso.com", "contoso.com"), ("whole", None, None), set()),
    "none to PCs": ((None, "contoso.com", "contoso.com"), ("whole", None, None), set()),
    "to PCs alone": (("contoso.com", None, None), ("broken", "dhcp", "dhcp-no-domain"), {"dhcp-no-domain"}),
    "to nobody": ((None, None, None), ("broken", "dhcp", "dhcp-no-domain"), {"dhcp-no-domain"}),
    "no name to CPE-OCPhone": (
        ("contoso.com", "a b", "contoso.com"),
        ("broken", "dhcp", "dhcp-domain-unusable"),
        {"dhcp-domain-unusable", "dhcp-domain-by-class"},
    ),
}


@pytest.mark.parametrize("case", BY_CLASS)
def test_what_each_class_is_offered(case: str) -> None:
    domains, expected, findings = BY_CLASS[case]
    story = _asked(PLAIN, VLAN, CERTIFICATE)
    for transaction, domain in zip((PLAIN, VLAN, CERTIFICATE), domains, strict=True):
        story.dhcp("offer", transaction=transaction, domain=domain)
    report = story.report()
    assert (verdict(report), codes(report)) == (expected, findings)
    if len(set(domains)) > 1 and findings:
        assert "gives the phone the domain" not in _summary(report)


def test_two_servers_are_not_two_classes() -> None:
    story = _asked(PLAIN, VLAN, CERTIFICATE)
    for transaction in (PLAIN, VLAN, CERTIFICATE):
        story.dhcp("offer", transaction=transaction)
        story.dhcp("offer", transaction=transaction, server=OTHER, domain="lab.local")
    assert codes(story.report()) == {"dhcp-domains-differ"}


def test_the_phones_own_class_says_in_which_domain_it_asks() -> None:
    story = _asked(PLAIN, VLAN, CERTIFICATE)
    for transaction, domain in ((PLAIN, "data.example"), (CERTIFICATE, "contoso.com"), (VLAN, "guest.example")):
        story.dhcp("offer", transaction=transaction, domain=domain)
    assert story.report().phone.domain == "guest.example"


def _watched(*told: tuple[str, str | None], apart: float = 1, **more: Any) -> set[str]:
    """The codes of a capture in which the phone asks under each class and is told this domain."""
    story = Story(from_capture=True)
    for transaction, (class_, domain) in enumerate(told, 1):
        story.dhcp("discover", transaction=transaction, vendor_class=class_, **more)
        story.dhcp("offer", transaction=transaction, domain=domain)
        story.dhcp("request", transaction=transaction, vendor_class=class_, server="10.0.0.1", **more)
        story.dhcp("ack", transaction=transaction, domain=domain).wait(apart)
    return codes(story.found().updated().wait(60).report()) - {"no-update-offered"}


def test_a_capture_shows_it_too() -> None:
    assert _watched(("MS-UC-Client", "guest.example"), ("CPE-OCPhone", "contoso.com")) == {"dhcp-domain-by-class"}
    assert _watched(("MS-UC-Client", None), ("CPE-OCPhone", "contoso.com")) == {"dhcp-domain-by-class"}
    assert _watched(("MS-UC-Client", "contoso.com"), ("CPE-OCPhone", "contoso.com")) == set()
    assert _watched(("CPE-OCPhone", "old.example"), ("CPE-OCPhone", "contoso.com")) == set()


def test_a_scope_that_was_changed_in_between_does_not_depend_on_the_class() -> None:
    assert _watched(("MS-UC-Client", "old.example"), ("CPE-OCPhone", "contoso.com"), apart=3600) == set()


@pytest.mark.parametrize(("apart", "found"), [(299.6, {"dhcp-domain-by-class"}), (299.7, set())])
def test_answers_within_five_minutes_are_of_one_scope(apart: float, found: set[str]) -> None:
    """The second ACK comes 0.4 s after the wait."""
    assert _watched(("MS-UC-Client", "a.example"), ("CPE-OCPhone", "contoso.com"), apart=apart) == found


def test_who_does_not_ask_for_a_domain_proves_nothing() -> None:
    story = Story(from_capture=True).leased(vendor_class="CPE-OCPhone")
    story.dhcp("discover", transaction=9, vendor_class="MS-UC-Client", requested=(43, 120))
    story.dhcp("offer", transaction=9, domain=None)
    assert codes(story.found().updated().wait(60).report()) == {"no-update-offered"}


def test_an_offer_without_an_address_is_none() -> None:
    report = _asked(PLAIN).dhcp("offer", transaction=PLAIN, address=None).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    assert "0.0.0.0" in _summary(report)
    assert "gives the phone" not in _summary(report)


def test_an_offer_without_an_address_beside_a_good_one_is_reported() -> None:
    story = _asked(VLAN).dhcp("offer", transaction=VLAN)
    report = story.dhcp("offer", transaction=VLAN, address=None, server=OTHER, domain="other.example").report()
    assert codes(report) == set()
    assert f"{OTHER} offers 0.0.0.0, which is not an address" in _summary(report)
    assert "other.example" not in _summary(report)


def test_a_nak_to_discover_is_reported_and_is_no_answer() -> None:
    report = _asked(PLAIN).dhcp("nak", transaction=PLAIN).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    assert "NAK" in _summary(report)


def test_a_nak_to_discover_does_no_harm_beside_an_offer() -> None:
    report = _asked(VLAN).dhcp("nak", transaction=VLAN, server=OTHER).dhcp("offer", transaction=VLAN).report()
    assert codes(report) == set()
    assert report.steps[0].status is StepStatus.OK
    assert f"{OTHER} answers DISCOVER with NAK" in _summary(report)


def test_an_ack_to_discover_is_no_lease() -> None:
    report = _asked(PLAIN).dhcp("ack", transaction=PLAIN).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    assert "this machine" not in _summary(report)


def test_the_machines_own_lease_does_not_hide_that_the_phone_is_offered_nothing() -> None:
    story = Story(tested=frozenset({Step.DHCP}), domain=None).lease()
    story.dhcp("discover", transaction=PLAIN).dhcp("nak", transaction=PLAIN)
    assert verdict(story.report()) == ("broken", "dhcp", "dhcp-no-answer")


def test_an_ack_to_inform_tells_this_machine() -> None:
    story = Story(tested=frozenset({Step.DHCP}), domain=None)
    story.dhcp("inform", transaction=7).dhcp("ack", transaction=7, address=None)
    report = story.report()
    assert codes(report) == set()
    assert "this machine" in _summary(report)


def test_silence_to_inform_is_no_fault_beside_an_offer() -> None:
    story = _asked(PLAIN, VLAN, CERTIFICATE)
    for transaction in (PLAIN, VLAN, CERTIFICATE):
        story.dhcp("offer", transaction=transaction)
    assert codes(story.dhcp("inform", transaction=7, outcome="no_answer").report()) == set()


def test_silence_to_inform_is_no_fault_in_a_capture_that_shows_offers() -> None:
    story = Story(from_capture=True).leased().found().updated()
    assert codes(story.dhcp("inform", transaction=7).wait(60).report()) == {"no-update-offered"}
    alone = Story(from_capture=True).dhcp("inform", transaction=7).wait(60)
    assert codes(alone.report()) == {"dhcp-no-answer"}


@pytest.mark.parametrize("informed", [True, False])
def test_a_server_that_answers_inform_alone_is_there_and_has_no_address(informed: bool) -> None:
    story = _asked().dhcp("inform", transaction=7, outcome=None if informed else "no_answer")
    if informed:
        story.dhcp("ack", transaction=7, address=None, server=OTHER)
    report = story.report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    (finding,) = report.findings
    assert (f"{OTHER} answered this machine's INFORM" in finding.summary) == informed
    assert (f"See on {OTHER}" in finding.fix.text) == informed
    assert ("Give the phone's VLAN a DHCP server" in finding.fix.text) != informed


def test_each_server_that_answers_inform_alone_is_evidence() -> None:
    story = _asked().dhcp("inform", transaction=7)
    for server in ("10.0.0.5", OTHER):
        story.dhcp("ack", transaction=7, address=None, server=server)
    (finding,) = story.report().findings
    assert f"10.0.0.5 and {OTHER} answered this machine's INFORM" in finding.summary
    answers = [line.text.split(":")[0] for line in finding.evidence if line.text.startswith("ACK")]
    assert answers == ["ACK from 10.0.0.5", f"ACK from {OTHER}"]
    assert f"See on {OTHER}, which answers in this VLAN" in finding.fix.text


def test_an_answer_to_inform_without_a_server_takes_away_no_name() -> None:
    story = _asked().dhcp("inform", transaction=7)
    story.dhcp("ack", transaction=7, address=None, server=OTHER).dhcp("ack", transaction=7, address=None, server=None)
    (finding,) = story.report().findings
    assert f"{OTHER} answered this machine's INFORM" in finding.summary
    assert f"See on {OTHER}, which answers in this VLAN" in finding.fix.text
