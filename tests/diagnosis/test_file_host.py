"""A file's host that DNS has no address for, and one that DNS could not tell about, need different hands."""

import pytest

from tests.diagnosis.story import RESOLVER, Story, command_texts, verdict
from ucdiag.model.report import Finding
from ucdiag.model.steps import Who

HOST = "pool01.contoso.com"


def _found(story: Story) -> Finding:
    report = story.report()
    assert verdict(report) == ("broken", "download", "download-host-missing")
    (finding,) = [finding for finding in report.findings if finding.code == "download-host-missing"]
    return finding


def _active(rcode: str | None, **more: object) -> Finding:
    story = Story().lease().found().connects().posts().offers()
    story.asks(HOST, rcode, purpose="file", server_port=53, **more)
    return _found(story.fetches("host_missing", reason=f"{HOST} has no address ({rcode})"))


def _watched(rcode: str | None, **more: object) -> Finding:
    story = Story(from_capture=True).leased().found().connects().posts().offers().asks(HOST, rcode, **more)
    story.time += 60_000_000
    return _found(story)


@pytest.mark.parametrize("made", [_active, _watched])
@pytest.mark.parametrize(
    ("rcode", "said", "who"),
    [
        ("SERVFAIL", "SERVFAIL", Who.DNS),
        ("NOTIMP", "NOTIMP", Who.DNS),
        ("REFUSED", "refuses to answer", Who.DNS),
        (None, "no answer from", Who.NETWORK),
    ],
)
def test_a_nameserver_that_cannot_tell_is_what_to_look_at(made, rcode, said, who) -> None:  # type: ignore[no-untyped-def]
    finding = made(rcode)
    assert said in finding.summary
    assert "could not be looked up" in finding.summary
    assert "not known" in finding.summary
    assert "does not resolve" not in finding.summary
    assert RESOLVER in finding.fix.text
    assert "Create an A record" not in finding.fix.text
    assert not [text for text in command_texts(finding) if "recordadd" in text or "Add-DnsServer" in text]
    assert any(f"@{RESOLVER} {HOST}" in text for text in command_texts(finding))
    assert finding.fix.who is who


@pytest.mark.parametrize("made", [_active, _watched])
@pytest.mark.parametrize("rcode", ["NXDOMAIN", "NOERROR"])
def test_a_record_is_what_lacks_where_dns_says_that_there_is_none(made, rcode) -> None:  # type: ignore[no-untyped-def]
    finding = made(rcode)
    assert f"Create an A record for {HOST}" in finding.fix.text
    assert "not known" not in finding.summary
    assert any("Add-DnsServerResourceRecordA" in text for text in command_texts(finding))


@pytest.mark.parametrize("made", [_active, _watched])
def test_a_referral_is_no_statement_about_the_host(made) -> None:  # type: ignore[no-untyped-def]
    finding = made("NOERROR", referred=True)
    assert "could not be looked up" in finding.summary
    assert "Create an A record" not in finding.fix.text
