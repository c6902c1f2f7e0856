"""What is told of an answer's status, and the command that repeats the request."""

import pytest

from tests.diagnosis.story import NAME, PATH, POOL, Story, command_texts, verdict
from ucdiag.model.report import Finding


def _finding(status: int | None, **more: object) -> Finding:
    report = Story().lease().found().connects().posts(status, host=NAME, **more).report()
    return report.findings[0]


@pytest.mark.parametrize("status", [503, 429])
def test_when_the_server_wants_to_be_asked_again_is_evidence(status: int) -> None:
    evidence = _finding(status, retry_after="120").evidence
    assert any("Retry-After: 120" in line.text for line in evidence)
    assert not any("Retry-After" in line.text for line in _finding(status).evidence)


def test_not_modified_is_no_answer_to_a_post() -> None:
    story = Story().lease().found().connects().posts(304)
    report = story.report()
    assert verdict(report) == ("broken", "request", "http-redirected")
    assert "not modified" in report.verdict.summary
    assert "POST" in report.verdict.summary
    assert "redirects" not in report.verdict.summary


def test_more_headers_than_can_be_read_are_http_all_the_same() -> None:
    finding = _finding(None, failure="too_large", reason="its answer has more than 100 header lines")
    assert "does not speak HTTP" not in finding.summary
    assert "its answer has more than 100 header lines" in finding.summary


@pytest.mark.parametrize("status", [500, 429])
def test_what_a_real_phone_sent_need_not_be_sent_again(status: int) -> None:
    def advice(verified: bool) -> str:
        finding = _finding(status, verified=verified)
        return "\n".join([finding.fix.text, *command_texts(finding)])

    assert "--save-request" not in advice(True)
    assert "real phone's request before" not in advice(True)
    assert "record a real phone's request" not in advice(True)
    assert "--save-request" in advice(False)


def test_the_request_can_be_repeated_to_the_address_that_was_asked() -> None:
    (curl,) = [text for text in command_texts(_finding(405)) if text.startswith("curl ")]
    assert '--data ""' in curl  # without it curl sends no Content-Length, and IIS answers 411
    assert f"--resolve {NAME}:80:{POOL}" in curl
    assert f'"http://{NAME}:80{PATH}"' in curl


def test_a_port_in_the_host_header_is_not_taken_for_the_name() -> None:
    report = Story().lease().found().connects(port=8080).posts(405, host=f"{NAME}:8080", port=8080).report()
    (curl,) = [text for text in command_texts(report.findings[0]) if text.startswith("curl ")]
    assert f"--resolve {NAME}:8080:{POOL}" in curl
    assert f'"http://{NAME}:8080{PATH}"' in curl
