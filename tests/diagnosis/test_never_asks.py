"""Firmware that never asks DNS: the steps behind DNS are shown as they were tested, and decide nothing."""

import pytest

from tests.diagnosis.story import NAME, Story, verdict
from ucdiag.model.phone import Phone
from ucdiag.model.steps import Step

OLDEST = Phone(firmware="1.0.199.123")
UNKNOWN = ("unknown", "dns", "firmware-needs-sign-in")


def test_what_was_tested_is_shown() -> None:
    report = Story(phone=OLDEST).lease().found().updated().report()
    assert verdict(report) == UNKNOWN
    assert [step.status for step in report.steps] == ["ok", "warning", "ok", "not-needed", "ok", "ok", "not-needed"]
    assert "went on all the same" not in str(report.steps)


def test_a_failure_behind_dns_is_a_warning() -> None:
    report = Story(phone=OLDEST).lease().found().connects().posts(404, host=NAME).report()
    assert verdict(report) == UNKNOWN
    assert [(finding.code, finding.level) for finding in report.findings] == [
        ("http-not-found", "warning"),
        ("firmware-needs-sign-in", "information"),
    ]
    assert report.steps[4].status == "warning"
    assert "404" in report.steps[4].summary
    assert "went on all the same" not in report.steps[4].summary


def test_the_sign_in_is_advised_once() -> None:
    report = Story(phone=OLDEST).lease().asks(NAME, "NXDOMAIN").report()
    (finding,) = report.findings
    assert f"{report.verdict.summary} {finding.fix.text}".count("Sign in on the phone once") == 1


def test_other_firmware_is_judged_by_what_dns_leads_to() -> None:
    for firmware in ("1.0.199.12", "1.0.522.101", "3.5.6907.35"):
        report = Story(phone=Phone(firmware=firmware)).lease().found().updated().report()
        assert verdict(report) == ("whole", None, "no-update-offered")


@pytest.mark.parametrize("rcode", ["NXDOMAIN", "NOERROR"])
def test_a_command_that_tests_dns_alone_judges_no_such_phone_by_it(rcode: str) -> None:
    addresses = ("10.0.0.20",) if rcode == "NOERROR" else ()
    tested = frozenset({Step.DHCP, Step.DNS})
    story = Story(phone=OLDEST, command="check-dns", tested=tested).lease().asks(NAME, rcode, *addresses)
    assert verdict(story.report()) == UNKNOWN
