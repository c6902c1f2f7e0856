"""A phone's sign-in, watched beside the path: what it says of the phone, and what advice it makes needless."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.story import NAME, POOL, START, Story, codes, statuses, verdict
from ucdiag.diagnosis.attempts import Attempt
from ucdiag.diagnosis.known_servers import KnownServers
from ucdiag.diagnosis.registrars import SIGN_IN_PORT
from ucdiag.diagnosis.sign_in import SignInAttempts
from ucdiag.model.phone import Phone
from ucdiag.model.report import Evidence, PhoneReport
from ucdiag.wire import watched as wire

REGISTRAR, EDGE, OLD = "10.0.0.40", "192.0.2.40", "10.0.0.99"
OLDEST = "1.0.199.123"
SRV = "_sipinternaltls._tcp.contoso.com"
NO_UPDATE = {"no-update-offered"}

Play = Callable[[Story], object]


def watched(**setting: Any) -> Story:
    return Story(from_capture=True, **setting).leased()


def looks_for_registrar(story: Story, address: str = REGISTRAR) -> Story:
    story.asks(SRV, "NOERROR", type="SRV", records=("0 0 5061 pool01.contoso.com",))
    return story.asks("pool01.contoso.com", "NOERROR", address)


def tcp(outcome: str, server: str = REGISTRAR, port: int = SIGN_IN_PORT, **more: Any) -> Play:
    return lambda story: story.connects(outcome, server=server, port=port, **more)


def tls(outcome: str, server: str = REGISTRAR, port: int = SIGN_IN_PORT, **more: Any) -> Play:
    def play(story: Story) -> None:
        story.connects(server=server, port=port, client_port=5000)
        story.shakes(outcome, server=server, port=port, client_port=5000, **more)

    return play


signs_in = tls("complete", version="TLS 1.0")

# Each way in which a sign-in can fail, and what must be said of it.
FAILURES: dict[str, tuple[Play, tuple[str, ...]]] = {
    "refused": (tcp("refused"), ("refused the connection to port 5061",)),
    "unanswered": (tcp("no_answer", attempts=3), ("did not answer on port 5061",)),
    "unreachable": (tcp("unreachable", reason="ICMP admin prohibited"), ("port 5061", "ICMP admin prohibited")),
    "untrusted": (
        tls("untrusted", alert=48, alert_from="client", stage="certificate"),
        ("the phone refused the TLS handshake", "alert 48 (unknown CA)"),
    ),
    "certificate unknown": (
        tls("alert", alert=46, alert_from="client", stage="certificate"),
        ("the phone refused", "alert 46 (certificate unknown)"),
    ),
    "expired": (tls("expired", alert=45, alert_from="client"), ("the phone refused", "alert 45 (certificate expired)")),
    "version": (
        tls("version", alert=70, alert_from="server", stage="client_hello"),
        ("port 5061 refused the TLS handshake: alert 70 (protocol version)",),
    ),
    "internal error": (
        tls("alert", alert=80, alert_from="server", stage="client_hello"),
        ("port 5061 refused the TLS handshake: alert 80 (internal error)",),
    ),
    "the phone hangs up": (tls("closed", closed_by="client", stage="certificate"), ("the phone hung up on",)),
    "the server hangs up": (
        tls("closed", closed_by="server", stage="client_hello"),
        ("port 5061 closed the connection during the TLS handshake",),
    ),
    "hangs up at once": (
        tls("closed", closed_by="server"),
        ("opened the connection and closed it before the phone sent a byte",),
    ),
    "silent": (tls("no_answer", stage="client_hello"), ("did not answer the ClientHello",)),
    "not TLS": (tls("not_tls", stage="client_hello"), ("does not speak TLS",)),
}


def report_of(*plays: Play, wait: float = 60, **setting: Any) -> PhoneReport:
    story = watched(**setting)
    for play in plays:
        play(story)
    return story.wait(wait).report()


@pytest.mark.parametrize("name", FAILURES)
def test_a_sign_in_that_fails_is_a_warning_beside_a_path_that_holds(name: str) -> None:
    play, words = FAILURES[name]
    report = report_of(lambda story: story.found().updated(), looks_for_registrar, play)
    assert (verdict(report), codes(report)) == (("whole", None, "no-update-offered"), {"sign-in-failed"} | NO_UPDATE)
    (finding,) = (finding for finding in report.findings if finding.code == "sign-in-failed")
    assert finding.level.value == "warning"
    assert all(word in finding.summary for word in words), finding.summary
    assert f"pool01.contoso.com ({REGISTRAR})" in finding.summary
    assert finding.evidence
    assert report.sign_in is not None
    assert (report.sign_in.outcome, report.sign_in.server, report.sign_in.port) == ("failed", REGISTRAR, SIGN_IN_PORT)


@pytest.mark.parametrize("name", FAILURES)
def test_a_phone_that_did_nothing_else_is_not_broken_by_it(name: str) -> None:
    report = report_of(looks_for_registrar, FAILURES[name][0])
    assert (verdict(report)[::2], codes(report)) == (("unknown", "dns-not-asked"), {"dns-not-asked", "sign-in-failed"})


@pytest.mark.parametrize("name", FAILURES)
def test_firmware_without_another_way_is_broken_by_it(name: str) -> None:
    report = report_of(looks_for_registrar, FAILURES[name][0], phone=Phone(firmware=OLDEST))
    assert (verdict(report), codes(report)) == (("broken", "dns", "sign-in-failed"), {"sign-in-failed"})
    assert report.findings[0].level.value == "error"
    assert "Sign in on the phone" not in report.verdict.summary
    assert statuses(report)[2:] == ["not-reached"] * 5


UNANSWERED: dict[str, tuple[Play, bool]] = {
    "one SYN": (tcp("no_answer"), False),
    "a SYN and its repetition": (tcp("no_answer", attempts=2, last_time=START + 90_000_000), True),
    "SYNs of two connections": (
        lambda story: story.connects("no_answer", REGISTRAR, 5061).wait(30).connects("no_answer", REGISTRAR, 5061),
        True,
    ),
    "a ClientHello": (FAILURES["silent"][0], False),
    "a refusal": (FAILURES["refused"][0], True),
}


@pytest.mark.parametrize("name", UNANSWERED)
def test_where_packets_were_lost_one_that_got_no_answer_is_no_failure(name: str) -> None:
    play, fails = UNANSWERED[name]
    report = report_of(looks_for_registrar, play, phone=Phone(firmware=OLDEST), lost=3)
    assert ("sign-in-failed" in codes(report), verdict(report)[0] == "broken") == (fails, fails)


def test_a_phone_that_was_served_since_it_started_is_not() -> None:
    oldest = Phone(firmware=OLDEST)
    report = report_of(lambda story: story.updated(), tcp("refused"), phone=oldest)
    assert (verdict(report)[0], codes(report)) == ("whole", {"sign-in-failed"} | NO_UPDATE)
    # Started again, it has to sign in again.
    report = report_of(lambda story: story.updated().wait(60).leased(), tcp("refused"), phone=oldest)
    assert verdict(report) == ("broken", "dns", "sign-in-failed")
    # What came after the failure proves that it was got over.
    report = report_of(tcp("refused"), lambda story: story.wait(5).updated(), phone=oldest)
    assert (verdict(report)[0], codes(report)) == ("whole", {"sign-in-failed"} | NO_UPDATE)


@pytest.mark.parametrize("play", [signs_in, tcp("open")])
def test_one_that_works_is_a_fact_and_no_finding(play: Play) -> None:
    report = report_of(lambda story: story.found().updated(), looks_for_registrar, play)
    assert codes(report) == NO_UPDATE
    assert report.sign_in is not None
    assert (report.sign_in.outcome, report.sign_in.name) == ("open", "pool01.contoso.com")
    assert report_of(lambda story: story.found().updated()).sign_in is None


def test_what_failed_and_then_worked_is_no_finding() -> None:
    report = report_of(lambda story: story.found().updated(), tcp("refused"), signs_in)
    assert codes(report) == NO_UPDATE
    # The other way round it is one.
    report = report_of(lambda story: story.found().updated(), signs_in, tcp("refused"))
    assert codes(report) == {"sign-in-failed"} | NO_UPDATE


def test_one_server_of_several_is_enough() -> None:
    report = report_of(tcp("no_answer", server="10.0.0.41"), signs_in)
    assert codes(report) == {"dns-not-asked"}


@pytest.mark.parametrize(
    ("play", "wait"),
    [
        (tcp("unfinished"), 1),
        (tcp("no_answer"), 2),
        (tls("unfinished", stage="client_hello"), 1),
        (tls("unfinished", stage="server_hello"), 60),
        (tls("unfinished", stage="server_hello", reason="bytes are missing"), 60),
    ],
)
def test_what_the_capture_does_not_tell_is_no_failure(play: Play, wait: float) -> None:
    report = report_of(lambda story: story.found().updated(), play, wait=wait)
    assert codes(report) == NO_UPDATE
    assert report.sign_in is not None
    assert report.sign_in.outcome == "unfinished"


# The Access Edge.


@pytest.mark.parametrize("name", ["sip.contoso.com", "SIPEXTERNAL.fabrikam.com", "sipinternal.contoso.com"])
def test_port_443_of_an_edge_is_for_the_sign_in(name: str) -> None:
    report = report_of(lambda story: story.asks(name, "NOERROR", EDGE), tcp("refused", EDGE, 443))
    assert codes(report) == {"dns-not-asked", "sign-in-failed"}
    assert report.sign_in is not None
    assert (report.sign_in.name, report.sign_in.port) == (name, 443)


def test_so_is_that_of_an_srv_record() -> None:
    def srv(story: Story) -> None:
        story.asks("_sip._tls.contoso.com", "NOERROR", type="SRV", records=("0 0 443 access.contoso.com",))
        story.asks("access.contoso.com", "NOERROR", EDGE)

    assert codes(report_of(srv, tcp("refused", EDGE, 443))) == {"dns-not-asked", "sign-in-failed"}
    # Of a host with the web services it is not.
    assert codes(report_of(looks_for_registrar, tcp("refused", port=443))) == {"other-server-failed"}
    assert codes(report_of(looks_for_registrar, signs_in, tcp("refused", port=443))) == {"other-server-failed"}


def test_the_name_in_the_hello_decides() -> None:
    hello = tls("no_answer", EDGE, 443, stage="client_hello", server_name="sip.contoso.com")
    assert codes(report_of(hello)) == {"dns-not-asked", "sign-in-failed"}

    def other_name(story: Story) -> None:
        story.asks("sip.contoso.com", "NOERROR", EDGE)
        tls("no_answer", EDGE, 443, stage="client_hello", server_name="oldpool.contoso.com")(story)

    assert codes(report_of(other_name)) == {"other-server-failed"}


def test_an_update_server_that_is_called_sip_too_is_one() -> None:
    def both(story: Story) -> None:
        story.asks("sip.contoso.com", "NOERROR", POOL).found()

    report = report_of(both, tcp("refused", POOL, 443))
    assert (verdict(report), codes(report)) == (("broken", "connect", "connect-refused"), {"connect-refused"})
    report = report_of(tcp("refused", EDGE, 443), servers=KnownServers(given=frozenset({EDGE})))
    assert codes(report) == {"connect-refused"}


def test_the_sign_in_port_of_the_update_server_is_not_its_web_service() -> None:
    report = report_of(lambda story: story.found().updated(), tcp("refused", POOL))
    assert (verdict(report)[0], codes(report)) == ("whole", {"sign-in-failed"} | NO_UPDATE)


# Advice.


def test_no_advice_to_sign_in_to_a_phone_that_did() -> None:
    report = report_of(looks_for_registrar, signs_in)
    assert codes(report) == {"dns-not-asked"}
    text = report.findings[0].fix.text + report.verdict.summary
    assert "sign in" not in text.lower().replace("sign-in", "")
    assert "5061" in report.verdict.summary
    report = report_of(looks_for_registrar, signs_in, tcp("refused", OLD, 80))
    assert codes(report) == {"other-server-failed"}
    assert "sign in again" not in report.findings[0].fix.text
    assert "earlier sign-in" not in report.findings[0].summary
    # To one that did not it is given.
    assert "sign in again" in report_of(tcp("refused", OLD, 80)).findings[0].fix.text


@pytest.mark.parametrize("plays", [(), (signs_in,), (tcp("refused"),)], ids=["unseen", "signed in", "refused"])
def test_firmware_that_was_served_needs_no_advice(plays: tuple[Play, ...]) -> None:
    report = report_of(*plays, lambda story: story.updated(), phone=Phone(firmware=OLDEST))
    assert verdict(report)[0] == "whole"
    assert "DNS will never help" not in report.verdict.summary
    assert "Sign in" not in report.verdict.summary
    # One that got nowhere does.
    report = report_of(phone=Phone(firmware=OLDEST))
    assert "DNS will never help" in report.verdict.summary


def test_the_step_says_who_tells_the_phone_its_server() -> None:
    report = report_of(looks_for_registrar, signs_in, lambda story: story.updated())
    assert codes(report) == NO_UPDATE
    assert "it learns its server at sign-in" in report.steps[1].summary
    report = report_of(signs_in, lambda story: story.asks(NAME, "NXDOMAIN"))
    assert verdict(report) == ("broken", "dns", "dns-r2-missing")


def test_both_layers_mean_the_same_port() -> None:
    assert wire.SIGN_IN_PORT == SIGN_IN_PORT


def made(number: int, reached: bool | None) -> Attempt:
    return Attempt(
        time=number,
        frame=number,
        server=f"10.0.0.{number}",
        port=5061,
        name=None,
        reached=reached,
        summary=f"attempt {number}",
        evidence=Evidence(text="seen"),
    )


@pytest.mark.parametrize(
    ("reached", "failed", "outcome", "last"),
    [
        ([None], [], "unfinished", 1),
        ([None, None], [], "unfinished", 2),
        ([True, None], [], "open", 1),
        ([True, True, None], [], "open", 2),
        ([False], [1], "failed", 1),
        ([True, False, None], [2], "failed", 2),
        ([False, None, False], [1, 3], "failed", 3),
    ],
)
def test_the_sign_in_of_the_report_is_the_last_that_decides(
    reached: list[bool | None], failed: list[int], outcome: str, last: int
) -> None:
    every = tuple(made(number, one) for number, one in enumerate(reached, 1))
    tried = SignInAttempts(every, tuple(every[number - 1] for number in failed))
    fact = tried.sign_in_fact()
    assert fact is not None
    assert (fact.outcome, fact.time, fact.frame, fact.server, fact.summary) == (
        outcome,
        last,
        last,
        f"10.0.0.{last}",
        f"attempt {last}",
    )
    assert (tried.last_reached is not None) is (outcome == "open")


def test_without_an_attempt_there_is_no_sign_in() -> None:
    assert (SignInAttempts().sign_in_fact(), SignInAttempts().last_reached) == (None, None)
