"""A file's host that DNS has no address for, and one that DNS could not tell about, need different hands."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.story import POOL, RESOLVER, Story, codes, command_texts, verdict
from ucdiag.model.observations import Transfer
from ucdiag.model.report import Finding
from ucdiag.model.steps import Level, Step, Who

HOST = "pool01.contoso.com"
DEAD, GOOD = "10.0.0.30", "10.0.0.31"


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


@pytest.mark.parametrize("other", [(), ("EBOOT.nbt",)], ids=["one file", "two files"])
def test_an_address_that_gave_nothing_breaks_no_path_whose_file_came_from_another(other: tuple[str, ...]) -> None:
    story = Story().lease().found().connects().posts().offers()
    for name in ("CPE.nbt", *other):
        story.connects("refused", server=DEAD, purpose="file", name=HOST)
        story.connects(server=GOOD, purpose="file", name=HOST)
        story.add(Transfer(time=0, url=f"http://{HOST}/{name}", outcome="whole", server=GOOD, port=80))
    report = story.report()
    assert verdict(report) == ("whole", None, None)
    (finding,) = [finding for finding in report.findings if finding.code == "download-connect-failed"]
    assert finding.level is Level.WARNING
    assert DEAD in finding.summary
    assert DEAD in finding.fix.text
    assert "warning" in {step.status for step in report.steps if step.step is Step.DOWNLOAD}


def test_a_file_that_lacks_decides_over_an_address_passed_over() -> None:
    story = Story().lease().found().connects().posts().offers()
    story.connects("refused", server=DEAD, purpose="file", name=HOST)
    story.fetches("status", status=404, server=GOOD, port=80)
    story.connects("refused", server=DEAD, purpose="file", name=HOST)
    story.add(Transfer(time=0, url=f"http://{HOST}/EBOOT.nbt", outcome="whole", server=GOOD, port=80))
    assert verdict(story.report()) == ("broken", "download", "download-not-found")


FIREWALL, NOT_BOUND, NOT_SUITED = "Open the port of the URL", "answered by a reset", "its TLS is what fails"
MET: dict[str, tuple[str, dict[str, str], dict[str, Any] | None]] = {
    "silence": (FIREWALL, {"outcome": "no_answer"}, None),
    "a reset": (NOT_BOUND, {"outcome": "refused"}, None),
    "ICMP": (FIREWALL, {"outcome": "unreachable", "reason": "ICMP host unreachable, said 10.0.0.1"}, None),
    "an alert": (NOT_SUITED, {}, {"outcome": "alert", "alert": 70, "alert_from": "server", "stage": "client_hello"}),
}


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("met", MET)
def test_the_advice_is_about_what_the_connection_to_the_host_met(met: str, active: bool) -> None:
    advice, opening, handshake = MET[met]
    url = f"{'https' if handshake else 'http'}://{HOST}/files/CPE.nbt"
    place: dict[str, Any] = {"server": DEAD, "port": 443 if handshake else 80}
    story = (Story().lease() if active else Story(from_capture=True).leased()).found().connects().posts().offers(url)
    if active:
        place["purpose"] = "file"
        story.add(Transfer(time=0, url=url, outcome="connect_failed", server=DEAD, port=place["port"]))
    else:
        story.asks(HOST, "NOERROR", DEAD)
    story.connects(**opening, **place)
    if handshake is not None:
        story.shakes(**handshake, **place)
    report = story.wait(20).report()
    assert verdict(report) == ("broken", "download", "download-connect-failed")
    (finding,) = [finding for finding in report.findings if finding.code == "download-connect-failed"]
    assert [text for text in (FIREWALL, NOT_BOUND, NOT_SUITED) if text in finding.fix.text] == [advice]


@pytest.mark.parametrize("looked_up", [True, False])
@pytest.mark.parametrize("failed", ["refused", "handshake"])
def test_a_capture_names_the_files_host_as_the_phone_looked_it_up(failed: str, looked_up: bool) -> None:
    """A phone's handshake names no server (SNI), and no certificate is to name an address."""
    story = Story(from_capture=True).leased().found().connects().posts()
    story.offers(internal=f"https://{HOST if looked_up else DEAD}/DeviceUpdateFiles_Int/CPE")
    if looked_up:
        story.asks(HOST, "NOERROR", DEAD)
    story.connects("refused" if failed == "refused" else "open", server=DEAD, port=443, client_port=50_000)
    if failed == "handshake":
        story.shakes("alert", server=DEAD, alert=70, alert_from="server", client_port=50_000)
    report = story.wait(60).report()
    assert verdict(report) == ("broken", "download", "download-connect-failed")
    (finding,) = [finding for finding in report.findings if finding.code == "download-connect-failed"]
    told = " ".join([finding.fix.text, *command_texts(finding)])
    assert (HOST in told) == looked_up
    assert DEAD in told


def _short(*, https: bool = False, host: str = "pool01") -> Story:
    """A phone that was offered a file at a host without a domain."""
    story = Story(from_capture=True).leased().found().connects().posts()
    return story.offers(f"{'https' if https else 'http'}://{host}/DeviceUpdateFiles_Int/CPE")


SHORT: dict[str, tuple[Callable[[], Story], str | None, set[str]]] = {
    "no record": (lambda: _short().asks(HOST, "NXDOMAIN"), "download-host-missing", set()),
    "no name of a search list": (
        lambda: _short().asks(HOST, "NXDOMAIN").asks("pool01", "NXDOMAIN"),
        "download-host-missing",
        set(),
    ),
    "refused": (
        lambda: _short().asks(HOST, "NOERROR", DEAD).connects("refused", server=DEAD),
        "download-connect-failed",
        set(),
    ),
    "alert": (
        lambda: (
            _short(https=True)
            .asks(HOST, "NOERROR", DEAD)
            .connects(server=DEAD, port=443)
            .shakes("alert", server=DEAD, alert=70, alert_from="server")
        ),
        "download-connect-failed",
        {"internal-url-https"},
    ),
    "the second name of a search list": (
        lambda: (
            _short()
            .asks("pool01.branch.contoso.com", "NXDOMAIN")
            .asks(HOST, "NOERROR", POOL)
            .gets(target="/DeviceUpdateFiles_Int/CPE/CPE.nbt", host="pool01")
        ),
        None,
        set(),
    ),
    "a failure, then the address": (
        lambda: (
            _short()
            .asks(HOST, "SERVFAIL")
            .asks(HOST, "NOERROR", POOL)
            .gets(target="/DeviceUpdateFiles_Int/CPE/CPE.nbt", host="pool01")
        ),
        None,
        {"download-host-missing"},
    ),
    "another host": (lambda: _short().asks("pool012.contoso.com", "NXDOMAIN"), "download-not-tried", set()),
    "below a whole name": (
        lambda: _short(host=HOST).asks(f"{HOST}.contoso.com", "NXDOMAIN"),
        "download-not-tried",
        set(),
    ),
}


@pytest.mark.parametrize("met", SHORT)
def test_a_host_without_a_domain_is_the_one_that_the_phone_looks_up_below_a_domain(met: str) -> None:
    played, code, warnings = SHORT[met]
    report = played().wait(20).report()
    assert report.verdict.code == code
    assert codes(report) == warnings | ({code} if code else set())
