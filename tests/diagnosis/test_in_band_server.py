"""A phone that DNS led to no update server, and that signed in: its server may be the one that the sign-in named."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.story import NAME, Story, codes, statuses, verdict
from ucdiag.model.report import PhoneReport

REGISTRAR, OUTSIDE, HOST = "192.0.2.40", "192.0.2.50", "ocsrp.fabrikam.com"

Play = Callable[[Story], object]


def no_record(story: Story) -> None:
    story.leased().asks(NAME, "NXDOMAIN")


def no_answer(story: Story) -> None:
    story.leased().asks(NAME, None).wait(20)


def no_domain(story: Story) -> None:
    story.leased(domain=None)


def signs_in(story: Story) -> None:
    story.connects(server=REGISTRAR, port=5061, client_port=5000)
    story.shakes(server=REGISTRAR, port=5061, client_port=5000)


def fails_to_sign_in(story: Story) -> None:
    story.connects("refused", server=REGISTRAR, port=5061)


def opens_alone(story: Story) -> None:
    story.connects(server=REGISTRAR, port=5061, client_port=5000)


def fails_to_shake(story: Story) -> None:
    opens_alone(story)
    story.shakes("alert", alert=48, alert_from="client", server=REGISTRAR, port=5061, client_port=5000)


def goes_to(outcome: str, host: str = HOST, **more: Any) -> Play:
    def play(story: Story) -> None:
        story.asks(host, "NOERROR", OUTSIDE).connects(server=OUTSIDE, port=443, client_port=5001)
        story.shakes(outcome, server=OUTSIDE, client_port=5001, **more)

    return play


REFUSED = goes_to("alert", alert=42, alert_from="client", stage="certificate")


def report_of(*plays: Play) -> PhoneReport:
    story = Story(from_capture=True)
    for play in plays:
        play(story)
    return story.wait(60).report()


@pytest.mark.parametrize(
    ("lost", "code"),
    [(no_record, "dns-r2-missing"), (no_answer, "dns-no-answer"), (no_domain, "dhcp-no-domain")],
)
def test_what_it_asked_there_inside_tls_is_not_known(lost: Play, code: str) -> None:
    report = report_of(lost, signs_in, goes_to("complete"))
    assert (verdict(report), codes(report)) == (("unknown", "request", "tls-not-decrypted"), {code})
    assert report.findings[0].level.value == "warning"
    assert f"{HOST} ({OUTSIDE}) port 443" in report.verdict.summary
    assert statuses(report)[2:] == ["not-seen", "not-seen", "warning", "not-seen", "not-seen"]


@pytest.mark.parametrize(
    "plays",
    [
        (),
        (goes_to("complete"),),
        (signs_in,),
        (goes_to("complete"), signs_in),
        (fails_to_sign_in, goes_to("complete")),
        (opens_alone, goes_to("complete")),
        (fails_to_shake, goes_to("complete")),
        (signs_in, goes_to("complete", "autodiscover.contoso.com")),
        (signs_in, goes_to("complete", decrypted=True)),
    ],
    ids=[
        *("nothing else", "no sign-in", "sign-in alone", "sign-in later", "sign-in fails", "no TLS", "TLS fails"),
        *("Exchange", "decrypted"),
    ],
)
def test_nothing_else_may_hide_a_check(plays: tuple[Play, ...]) -> None:
    report = report_of(no_record, *plays)
    assert verdict(report) == ("broken", "dns", "dns-r2-missing")
    assert "perhaps" not in report.verdict.summary


def test_a_later_start_without_a_sign_in_is_broken_again() -> None:
    report = report_of(no_record, signs_in, goes_to("complete"), lambda story: story.wait(3600), no_record)
    assert verdict(report) == ("broken", "dns", "dns-r2-missing")


def test_a_good_check_of_another_day_and_place_does_not_decide() -> None:
    """In the office the record is there, at home it is not."""

    def at_the_office(story: Story) -> None:
        story.leased().found().updated().wait(80_000)

    report = report_of(at_the_office, no_record, signs_in, goes_to("complete"))
    assert verdict(report) == ("unknown", "request", "tls-not-decrypted")
    assert "dns-r2-missing" in codes(report)
    assert verdict(report_of(at_the_office, no_record)) == ("broken", "dns", "dns-r2-missing")
    back = report_of(no_record, signs_in, goes_to("complete"), at_the_office)
    assert verdict(back) == ("whole", None, "no-update-offered")


def test_a_connection_in_the_microsecond_of_the_lost_question_is_none_after_it() -> None:
    def knows_a_server(story: Story) -> None:
        story.leased().found().updated().wait(80_000)

    def goes_there(story: Story) -> None:
        story.wait(-0.1).connects(client_port=5002)

    report = report_of(knows_a_server, signs_in, no_record, goes_there, goes_to("complete"))
    assert verdict(report) == ("unknown", "request", "tls-not-decrypted")


@pytest.mark.parametrize(("lost", "code"), [(no_record, "dns-r2-missing"), (no_domain, "dhcp-no-domain")])
def test_a_host_that_it_could_not_reach_is_named(lost: Play, code: str) -> None:
    report = report_of(lost, signs_in, REFUSED)
    assert (verdict(report)[::2], codes(report)) == (("broken", code), {code})
    (finding,) = report.findings
    assert f"after its sign-in the phone refused the TLS handshake with {HOST} ({OUTSIDE}) port 443" in finding.summary
    assert any(f"TLS with {OUTSIDE} port 443" in line.text for line in finding.evidence)
    assert HOST not in report_of(lost, REFUSED).verdict.summary


def test_a_host_that_does_not_resolve_is_named() -> None:
    def looks(story: Story) -> None:
        story.asks("time.windows.com", "NXDOMAIN").asks(HOST, "NXDOMAIN")

    report = report_of(no_record, signs_in, looks)
    assert verdict(report) == ("broken", "dns", "dns-r2-missing")
    assert f"after its sign-in it asked for {HOST} (NXDOMAIN), perhaps" in report.verdict.summary
    assert HOST not in report_of(no_record, looks, signs_in).verdict.summary


def test_a_server_that_answered_in_clear_decides() -> None:
    def refused_there(story: Story) -> None:
        story.connects(client_port=5002).posts(404, client_port=5002)

    report = report_of(no_record, signs_in, goes_to("complete"), refused_there)
    assert verdict(report) == ("broken", "request", "http-not-found")
