"""What a sentence says of a chain that is not trusted."""

from typing import Any

import pytest

from tests.diagnosis.story import START, Certificate, Story, codes, command_texts, verdict
from ucdiag.model.steps import Level

OWN = Certificate(subject="CN=pool", issuer="CN=issuing")
ISSUER = Certificate(subject="CN=issuing", issuer="CN=root")
SELF = Certificate(subject="CN=pool", issuer="CN=pool")


@pytest.mark.parametrize(("chain", "named"), [((OWN,), True), ((OWN, ISSUER), False), ((SELF,), False), ((), False)])
def test_an_issuer_that_the_server_did_not_send_is_named(chain: tuple[Certificate, ...], named: bool) -> None:
    report = Story().found().connects(port=443).shakes("untrusted", chain=chain).report()
    assert verdict(report) == ("broken", "tls", "tls-untrusted")
    assert ("it sent no certificate of the issuer, CN=issuing" in report.verdict.summary) is named


def _handshake(outcome: str = "alert", *, captured: bool = True, **more: Any) -> Story:
    story = Story(from_capture=captured)
    story = story.leased() if captured else story
    return story.found().connects(port=443).shakes(outcome, **more)


ALERT: dict[str, Any] = {"alert": 48, "alert_from": "server", "stage": "certificate", "reason": "unknown_ca"}
NONE_SENT = "asks for a certificate of the phone's own, and the phone sent none"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({**ALERT, "client_certificate": True}, "refuses the phone's own certificate"),
        ({**ALERT, "alert": 45, "client_certificate": True}, "refuses the phone's own certificate"),
        ({**ALERT, "alert": 40, "client_certificate": False}, NONE_SENT),
        ({"outcome": "closed", "closed_by": "server", "stage": "certificate", "client_certificate": False}, NONE_SENT),
        ({"alert_from": "server", "stage": "finished", "client_certificate": False}, NONE_SENT),  # an encrypted alert
        ({**ALERT, "alert": 40}, None),
        (ALERT, None),  # the request for a certificate may be lost, or encrypted
        ({**ALERT, "alert": 45}, None),
        ({**ALERT, "outcome": "untrusted"}, None),  # as a report of an earlier version has it
        ({**ALERT, "outcome": "expired", "alert": 45}, None),
        ({**ALERT, "alert": 20, "stage": "finished", "client_certificate": False}, None),  # bad_record_mac
        ({**ALERT, "alert": 80, "client_certificate": True}, None),  # internal_error
        ({"outcome": "closed", "closed_by": "server", "stage": "certificate"}, None),
        ({**ALERT, "alert": 42, "alert_from": "client", "client_certificate": False}, None),
        ({"outcome": "closed", "closed_by": "client", "stage": "certificate", "client_certificate": False}, None),
    ],
)
def test_a_server_that_wants_the_phones_certificate_is_not_the_one_whose_certificate_is_bad(
    more: dict[str, Any], said: str | None
) -> None:
    report = _handshake(**more).wait(60).report()
    assert verdict(report) == ("broken", "tls", "tls-handshake")
    assert said is None or said in report.verdict.summary
    assert ("phone's own" in report.verdict.summary) is (said is not None)
    (finding,) = report.findings
    assert ("Set client certificates to Ignore" in finding.fix.text) is (said is not None)
    assert any("sslFlags:None" in text for text in command_texts(finding)) is (said is not None)


@pytest.mark.parametrize(("alert", "code"), [(48, "tls-untrusted"), (45, "tls-expired")])
def test_a_phone_that_refuses_a_certificate_means_the_servers(alert: int, code: str) -> None:
    more = {**ALERT, "alert": alert, "alert_from": "client", "client_certificate": False}
    assert verdict(_handshake(**more).wait(60).report()) == ("broken", "tls", code)


DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("chain", "captured", "found"),
    [
        ((Certificate(subject="CN=pool", issuer="CN=root", not_after=START - DAY),), True, True),
        ((OWN, Certificate(subject="CN=issuing", issuer="CN=root", not_after=START - DAY)), True, True),
        ((Certificate(subject="CN=pool", issuer="CN=root", not_after=START + DAY),), True, False),
        ((Certificate(subject="CN=pool", issuer="CN=root", not_after=START - DAY),), False, False),
        ((OWN,), True, False),
        ((), True, False),
    ],
)
def test_an_expired_certificate_that_the_phone_took_is_a_warning(
    chain: tuple[Certificate, ...], captured: bool, found: bool
) -> None:
    story = _handshake("complete", captured=captured, chain=chain).posts(port=443).answers(port=443)
    report = story.wait(60).report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"no-update-offered", *(["tls-expired"] if found else [])}
    if found:
        (warning,) = [finding for finding in report.findings if finding.code == "tls-expired"]
        assert warning.level is Level.WARNING
        assert warning.summary.endswith(", and the phone went on all the same")


def test_a_certificate_that_was_renewed_since_is_no_warning() -> None:
    old, new = (Certificate(subject="CN=pool", issuer="CN=root", not_after=START + day * DAY) for day in (-1, 1))
    story = _handshake("complete", chain=(old,)).posts(port=443).answers(port=443)
    report = story.connects(port=443).shakes("complete", chain=(new,)).posts(port=443).answers(port=443).wait(60)
    assert "tls-expired" not in codes(report.report())


@pytest.mark.parametrize("captured", [True, False])
def test_a_port_without_tls_is_advised_on_as_one(captured: bool) -> None:
    (plain,) = _findings(_handshake("not_tls", captured=captured, reason="it answers in HTTP"))
    assert plain[0] == "tls-handshake"
    assert "its binding of this port is plain http" in plain[1]
    (closed,) = _findings(_handshake("closed", captured=captured, closed_by="server", stage="client_hello"))
    assert closed[0] == "tls-handshake"
    assert "plain http" not in closed[1]


def _findings(story: Story) -> list[tuple[str, str]]:
    return [(finding.code, finding.fix.text) for finding in story.wait(60).report().findings]


NO_CERTIFICATE, UNFIT = "where the binding has no certificate", "the phone refused it by its alert"


@pytest.mark.parametrize(
    ("more", "advice"),
    [
        ({"outcome": "closed", "closed_by": "server", "stage": "client_hello"}, NO_CERTIFICATE),
        ({"outcome": "closed", "closed_by": "server", "stage": "client_hello", "reason": "reset"}, NO_CERTIFICATE),
        ({"outcome": "closed", "closed_by": "client", "stage": "client_hello"}, None),
        ({"outcome": "closed", "closed_by": "server", "stage": "certificate"}, None),
        ({"outcome": "closed", "closed_by": "server"}, None),  # before the phone sent a byte
        ({"outcome": "closed", "closed_by": "server", "stage": "client_hello", "alert": 40}, None),
        ({"outcome": "failed", "closed_by": "server", "stage": "client_hello"}, None),
        ({"alert": 40, "alert_from": "server", "stage": "client_hello"}, None),
        *(({"alert": number, "alert_from": "client", "stage": "certificate"}, UNFIT) for number in (42, 43, 44, 46)),
        ({"alert": 42, "alert_from": "server", "stage": "certificate"}, None),
        ({"alert": 40, "alert_from": "client", "stage": "certificate"}, None),
    ],
)
def test_how_the_handshake_ends_decides_where_to_look(more: dict[str, Any], advice: str | None) -> None:
    ((code, fix),) = _findings(_handshake(**more))
    assert code == "tls-handshake"
    assert [text for text in (NO_CERTIFICATE, UNFIT) if text in fix] == ([advice] if advice else [])
