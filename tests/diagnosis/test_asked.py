"""What servers answer to the questions of ``--ask``: what counts as an offer to the phone, and what does not."""

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


def test_an_offer_to_a_vendor_class_alone_is_told_and_no_fault() -> None:
    report = _asked(VLAN).dhcp("offer", transaction=VLAN).report()
    assert codes(report) == set()
    assert report.steps[0].status is StepStatus.OK
    assert "without a vendor class" in _summary(report)
    assert "CPE-OCPhone" in _summary(report)
    assert "contoso.com" in _summary(report)


def test_an_offer_to_the_plain_question_needs_no_other() -> None:
    report = _asked(PLAIN).dhcp("offer", transaction=PLAIN).report()
    assert codes(report) == set()
    assert report.steps[0].status is StepStatus.OK
    assert "vendor class" not in _summary(report)


def test_an_offer_without_an_address_is_none() -> None:
    report = _asked(PLAIN).dhcp("offer", transaction=PLAIN, address=None).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    assert "0.0.0.0" in _summary(report)
    assert "gives the phone" not in _summary(report)


def test_an_offer_without_an_address_beside_a_good_one_is_told() -> None:
    story = _asked(PLAIN).dhcp("offer", transaction=PLAIN)
    report = story.dhcp("offer", transaction=PLAIN, address=None, server=OTHER, domain="other.example").report()
    assert codes(report) == set()
    assert f"{OTHER} offers the address 0.0.0.0" in _summary(report)
    assert "other.example" not in _summary(report)


def test_a_nak_to_discover_is_told_and_is_no_answer() -> None:
    report = _asked(PLAIN).dhcp("nak", transaction=PLAIN).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-answer")
    assert "NAK" in _summary(report)


def test_a_nak_to_discover_does_no_harm_beside_an_offer() -> None:
    report = _asked(PLAIN).dhcp("nak", transaction=PLAIN, server=OTHER).dhcp("offer", transaction=PLAIN).report()
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
