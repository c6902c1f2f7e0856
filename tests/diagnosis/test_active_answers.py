"""How the judge takes what an active command got, where the words of the answer alone do not decide."""

from typing import Any

import pytest

from tests.diagnosis.story import POOL, Story, codes, verdict
from ucdiag.model.steps import Step


def reached(server: str = POOL) -> Story:
    return Story().found(server).connects(server=server).posts(server=server)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1.2.3", "0.0.0.0", "169.254.7.7", "224.0.0.1", "255.255.255.255", "[::1]", "[fe80::1]"]
)
def test_a_url_that_leads_to_no_host(host: str) -> None:
    story = reached().offers(f"http://{host}/files/CPE").fetches("host_missing")
    assert verdict(story.report()) == ("broken", "response", "response-url-unusable")
    assert codes(story.report()) == {"response-url-unusable"}


def test_a_test_site_on_loopback_may_name_itself() -> None:
    story = Story(domain=None).connects(server="127.0.0.1").posts(server="127.0.0.1")
    story = story.offers("http://127.0.0.1/files/CPE", server="127.0.0.1").fetches()
    assert (verdict(story.report()), codes(story.report())) == (("whole", None, None), set())


def test_its_own_elements_with_values_that_say_nothing_prove_no_fault() -> None:
    reason = "it names its downloads and gives neither a number nor a URL"
    report = reached().answers("unknown", reason=reason).report()
    assert verdict(report) == ("unknown", "response", "response-unknown")
    assert [(finding.code, finding.level.value) for finding in report.findings] == [("response-unknown", "warning")]
    assert "nothing of a Device Update Service" not in report.findings[0].summary
    foreign = reached().answers("unknown", reason="nothing in it is of a Device Update Service").report()
    assert verdict(foreign) == ("broken", "response", "response-unknown")


@pytest.mark.parametrize(("external", "said"), [("", "is blank"), (None, "has no URL for the outside")])
def test_the_other_sides_url_that_is_not_there(external: str | None, said: str) -> None:
    report = reached().offers(external=external).fetches().report()
    assert verdict(report) == ("whole", None, None)
    assert [(finding.code, finding.level.value) for finding in report.findings] == [
        ("response-external-url-blank", "warning")
    ]
    assert said in report.findings[0].summary


@pytest.mark.parametrize(
    ("outcome", "reason", "code", "said"),
    [
        (
            "text",
            "it reads 'File not found.'",
            "download-not-firmware",
            "is a message in plain text, not a firmware file: it reads 'File",
        ),
        (
            "partial",
            "status 206 (Content-Range: bytes 0-9/100) came",
            "download-truncated",
            "came only in part: status 206",
        ),
        ("host_missing", "pool01 has no usable address", "download-host-missing", "cannot be fetched: pool01 has no"),
    ],
)
def test_what_came_instead_of_the_file(outcome: str, reason: str, code: str, said: str) -> None:
    report = reached().offers().fetches(outcome, reason=reason, received_bytes=15).report()
    assert verdict(report) == ("broken", "download", code)
    assert codes(report) == {code}
    assert said in report.verdict.summary


def test_a_part_of_the_answer_that_was_not_asked_for() -> None:
    report = Story().found().connects().posts(206, content_range="bytes 0-9/100").report()
    assert verdict(report) == ("broken", "request", "http-status")
    assert "bytes 0-9/100" in report.verdict.summary


def test_a_text_instead_of_the_file_in_a_capture() -> None:
    def gets(text: str | None, **more: Any) -> Story:
        story = Story(from_capture=True).leased().found().connects().posts().offers()
        return story.gets(answer_text=text, answer_bytes=15, **more).wait(600)

    report = gets("File not found.").report()
    assert verdict(report) == ("broken", "download", "download-not-firmware")
    assert codes(report) == {"download-not-firmware"}
    assert verdict(gets(None).report()) == ("whole", None, None)
    assert verdict(gets("s" * 15).report()) == ("whole", None, None)
    assert verdict(gets("B000FF\n\x01").report()) == ("whole", None, None)


@pytest.mark.parametrize(("port", "scheme"), [(80, "http"), (8080, "http"), (443, "https")])
def test_the_advice_for_an_answer_names_where_it_came_from(port: int, scheme: str) -> None:
    story = Story().found().connects(port=port)
    if scheme == "https":
        story.shakes(port=port)
    story.posts(port=port, scheme=scheme).answers("not_xml", port=port)
    (finding,) = [finding for finding in story.report().findings if finding.step is Step.RESPONSE]
    said = " ".join(command.text for command in finding.fix.commands)
    assert POOL in said
    if port == 8080:
        assert "8080" in said
    if scheme == "https":
        assert "https://" in said
