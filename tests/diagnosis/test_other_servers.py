"""The update server that DNS does not name: as the user or the capture says, and what can be said without."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import MAC, NAME, POOL, START, Story, codes, statuses, verdict
from ucdiag.diagnosis.known_servers import KnownServers, ServersOfCapture
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phone_tracker import PhoneTracker
from ucdiag.model.observations import Dhcp, Http, Lookup, Observation, UpdateAnswer
from ucdiag.model.report import PhoneReport

OLD, OTHER_OLD, CAS = "10.0.0.99", "10.0.0.98", "10.0.0.60"
OLD_NAME = "oldpool.contoso.com"
OTHER_PHONE, OTHER_MAC = "10.0.0.8", "00:04:f2:00:00:08"
UNKNOWN = ("unknown", "connect", "other-server-failed")

Play = Callable[[Story], object]


def watched(*given: str, **setting: Any) -> Story:
    return Story(from_capture=True, servers=KnownServers(given=frozenset(given)), **setting).leased()


def report_of(play: Play, *given: str, wait: float = 60) -> PhoneReport:
    story = watched(*given)
    play(story)
    return story.wait(wait).report()


def named(story: Story) -> Story:
    """The phone finds its old pool in DNS."""
    return story.asks(OLD_NAME, "NOERROR", OLD)


def to_old(outcome: str, port: int = 80, **more: Any) -> Play:
    return lambda story: named(story).connects(outcome, server=OLD, port=port, **more)


def handshake(outcome: str, **more: Any) -> Play:
    def play(story: Story) -> None:
        named(story).connects(server=OLD, port=443, client_port=5000)
        story.shakes(outcome, server=OLD, client_port=5000, **more)

    return play


# What a phone may meet at the server of an earlier sign-in, what the report must say of it, and what that is called
# where the host is known to be the update server.
FAILURES: dict[str, tuple[Play, tuple[str, ...], tuple[str, str]]] = {
    "unanswered": (
        to_old("no_answer", attempts=4),
        (OLD_NAME, OLD, "did not answer on port 80"),
        ("connect", "connect-no-answer"),
    ),
    "refused": (to_old("refused"), (OLD_NAME, OLD, "refused", "port 80"), ("connect", "connect-refused")),
    "refused on 443": (to_old("refused", 443), (OLD, "refused", "port 443"), ("connect", "connect-refused")),
    "unreachable by ICMP": (
        to_old("unreachable", reason="ICMP host unreachable, said 10.0.0.1"),
        (OLD, "port 80", "ICMP host unreachable"),
        ("connect", "connect-unreachable"),
    ),
    "unreachable by ARP": (
        to_old("unreachable", client_port=None, reason="ARP for 10.0.0.99 was not answered", attempts=3),
        (OLD, "ARP for 10.0.0.99 was not answered"),
        ("connect", "connect-unreachable"),
    ),
    "without DNS": (
        lambda story: story.connects("no_answer", server=OLD, attempts=3),
        (OLD, "port 80"),
        ("connect", "connect-no-answer"),
    ),
    "untrusted": (
        handshake("untrusted", alert=48, alert_from="client", stage="certificate"),
        (OLD_NAME, "port 443", "the phone refused", "alert 48 (unknown CA)"),
        ("tls", "tls-untrusted"),
    ),
    "certificate unknown": (
        handshake("alert", alert=46, alert_from="client", stage="certificate"),
        ("port 443", "the phone refused", "alert 46 (certificate unknown)"),
        ("tls", "tls-handshake"),
    ),
    "expired": (
        handshake("expired", alert=45, alert_from="client", stage="certificate"),
        ("alert 45 (certificate expired)",),
        ("tls", "tls-expired"),
    ),
    "the phone's version": (
        handshake("version", alert=70, alert_from="client", stage="server_hello"),
        ("the phone refused", "alert 70 (protocol version)"),
        ("tls", "tls-version"),
    ),
    "the server's version": (
        handshake("version", alert=70, alert_from="server", stage="client_hello"),
        (f"{OLD_NAME} ({OLD}) port 443 refused the TLS handshake: alert 70 (protocol version)",),
        ("tls", "tls-version"),
    ),
    "the phone hung up": (
        handshake("closed", closed_by="client", stage="certificate"),
        ("the phone hung up on", "port 443"),
        ("tls", "tls-handshake"),
    ),
    "the server hung up": (
        handshake("closed", closed_by="server", stage="client_hello", reason="reset"),
        ("port 443 reset the connection",),
        ("tls", "tls-handshake"),
    ),
    "hung up before a byte": (
        lambda story: (
            named(story)
            .connects(server=OLD, client_port=5000)
            .requests(None, server=OLD, client_port=5000, failure="reset", closed_by="server")
        ),
        (f"{OLD_NAME} ({OLD})", "port 80", "reset"),
        ("request", "http-closed"),
    ),
    "hung up before a byte on 443": (
        handshake("closed", closed_by="server", reason="reset"),
        (f"{OLD_NAME} ({OLD}) port 443 opened the connection and reset it before the phone sent a byte",),
        ("tls", "tls-handshake"),
    ),
    "no answer to the hello": (
        handshake("no_answer", stage="client_hello"),
        ("port 443 did not answer the ClientHello",),
        ("tls", "tls-no-answer"),
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_elsewhere_names_host_port_and_failure(name: str) -> None:
    play, words, _ = FAILURES[name]
    report = report_of(play)
    assert (verdict(report), codes(report)) == (UNKNOWN, {"other-server-failed"}), report.verdict.summary
    assert all(word in report.findings[0].summary for word in words), report.findings[0].summary
    assert all(word in report.verdict.summary for word in words)
    assert "not in the capture" not in " ".join(step.summary for step in report.steps)
    assert report.findings[0].evidence
    assert len(report.findings[0].summary.split()) <= 25


# Without DNS nothing says which address has the name.
@pytest.mark.parametrize(
    ("name", "given"),
    [(name, given) for name in FAILURES for given in (OLD_NAME, OLD) if (name, given) != ("without DNS", OLD_NAME)],
)
def test_the_same_at_a_server_that_the_user_named_breaks_the_path(name: str, given: str) -> None:
    play, _, (step, code) = FAILURES[name]
    report = report_of(play, given)
    assert (verdict(report), codes(report)) == (("broken", step, code), {code}), report.verdict.summary


def test_a_name_that_the_phone_itself_says_needs_no_dns() -> None:
    def play(story: Story) -> None:
        story.connects(server=OLD, port=443, client_port=5000)
        story.shakes("no_answer", server=OLD, client_port=5000, stage="client_hello", server_name=OLD_NAME.upper())

    assert verdict(report_of(play, OLD_NAME)) == ("broken", "tls", "tls-no-answer")
    assert verdict(report_of(play, "otherpool.contoso.com")) == UNKNOWN


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"rcode": "NXDOMAIN"}, "dns-no-address"),
        ({"rcode": "NOERROR"}, "dns-no-address"),
        ({"rcode": "SERVFAIL"}, "dns-server-failure"),
        ({"rcode": "REFUSED"}, "dns-refused"),
        ({"rcode": None}, "dns-no-answer"),
    ],
)
def test_the_name_of_a_server_that_the_user_named_is_judged_like_ucupdates(answer: dict[str, Any], code: str) -> None:
    report = report_of(lambda story: story.asks(OLD_NAME, **answer), OLD_NAME)
    assert (verdict(report), codes(report)) == (("broken", "dns", code), {code})
    # Its record is named, not that of ucupdates-r2.
    assert not any("ucupdates" in command.text for command in report.findings[0].fix.commands)
    # Without, it is a name like any other.
    report = report_of(lambda story: story.asks(OLD_NAME, **answer))
    assert (verdict(report)[2], codes(report)) == ("dns-not-asked", {"dns-not-asked"})
    assert f"it asked for {OLD_NAME} (" in report.verdict.summary


def test_names_of_other_services_and_names_that_were_found_later_are_not_listed() -> None:
    def play(story: Story) -> None:
        story.asks("time.windows.com", "REFUSED").asks("autodiscover.contoso.com", "NXDOMAIN")
        story.asks("sipexternal.contoso.com", "NXDOMAIN").asks(OLD_NAME, "SERVFAIL").asks(OLD_NAME, "NOERROR", OLD)

    report = report_of(play)
    assert codes(report) == {"dns-not-asked"}
    assert "it asked for" not in report.verdict.summary


def test_a_named_server_that_works_is_the_path() -> None:
    report = report_of(lambda story: named(story).updated(server=OLD), OLD_NAME)
    assert (verdict(report), codes(report)) == (("whole", None, "no-update-offered"), {"no-update-offered"})
    assert "resolves to 10.0.0.99" in report.steps[1].summary


def test_a_host_that_answered_later_is_no_finding() -> None:
    def play(story: Story) -> None:
        named(story).connects("no_answer", server=OLD, attempts=3)
        story.wait(30).connects(server=OLD)

    report = report_of(play)
    assert (verdict(report)[2], codes(report)) == ("dns-not-asked", {"dns-not-asked"})
    assert "no connection" in report.steps[2].summary
    assert OLD_NAME in report.steps[2].summary


def test_a_host_that_answered_on_the_other_port_did_not_answer_on_this_one() -> None:
    def play(story: Story) -> None:
        named(story).connects(server=OLD, port=443, client_port=5000).shakes(server=OLD, client_port=5000)
        story.wait(5).connects("refused", server=OLD)

    report = report_of(play)
    assert (verdict(report), codes(report)) == (UNKNOWN, {"other-server-failed"})


def test_of_two_hosts_the_one_that_fails_is_named() -> None:
    def play(story: Story) -> None:
        named(story).connects("no_answer", server=OLD, attempts=3)
        story.wait(9).connects(server=OTHER_OLD, port=443, client_port=6000)
        story.shakes(server=OTHER_OLD, client_port=6000)

    report = report_of(play)
    assert (verdict(report), codes(report)) == (UNKNOWN, {"other-server-failed"})
    assert OTHER_OLD not in report.findings[0].summary

    def both(story: Story) -> None:
        named(story).connects("no_answer", server=OLD, attempts=3)
        story.wait(9).connects("refused", server=OTHER_OLD, port=443)

    summary = report_of(both).findings[0].summary
    assert f"{OTHER_OLD} refused the connection to port 443" in summary
    assert f"({OLD}) did not answer on port 80" in summary


def test_of_two_hosts_one_that_serves_the_phone_is_its_server() -> None:
    def play(story: Story) -> None:
        named(story).connects("no_answer", server=OLD, attempts=3)
        story.wait(9).updated(server=POOL)

    report = report_of(play)
    assert (verdict(report), codes(report)) == (("whole", None, "no-update-offered"), {"no-update-offered"})


@pytest.mark.parametrize(
    "play",
    [
        lambda story: story.found().updated().connects("refused", server=CAS),
        lambda story: story.connects("refused", server=CAS, port=443).found().updated(),
        lambda story: story.updated().wait(5).connects("no_answer", server=CAS, attempts=3),
        lambda story: (
            story.updated()
            .connects(server=CAS, port=443, client_port=7)
            .shakes("alert", server=CAS, client_port=7, alert=46, alert_from="client", stage="certificate")
        ),
    ],
    ids=["after DNS", "before it", "in-band", "TLS"],
)
def test_a_plain_web_host_that_fails_for_a_phone_that_was_served_is_no_finding(play: Play) -> None:
    report = report_of(play)
    assert (verdict(report), codes(report)) == (("whole", None, "no-update-offered"), {"no-update-offered"})
    assert report.update_servers == (POOL,)


def test_a_service_of_exchange_is_no_update_server() -> None:
    def play(story: Story) -> None:
        story.asks("autodiscover.contoso.com", "NOERROR", CAS).connects("refused", server=CAS, port=443)

    assert codes(report_of(play)) == {"dns-not-asked"}


def test_a_phone_that_dns_led_elsewhere_is_reported_with_where_it_went() -> None:
    report = report_of(lambda story: story.found().connects("no_answer", server=OLD, attempts=3))
    assert (verdict(report), codes(report)) == (("unknown", "connect", "connect-not-tried"), {"connect-not-tried"})
    assert f"{OLD} did not answer on port 80" in report.verdict.summary
    assert OLD in report.findings[0].fix.text
    # A failure of DNS is one all the same.
    report = report_of(lambda story: story.asks(NAME, "NXDOMAIN").connects("no_answer", server=OLD, attempts=3))
    assert (verdict(report), codes(report)) == (("broken", "dns", "dns-r2-missing"), {"dns-r2-missing"})


def test_an_attempt_at_the_end_of_the_capture_proves_nothing() -> None:
    report = report_of(to_old("unfinished"), wait=1)
    assert (verdict(report)[2], codes(report)) == ("capture-too-short", {"capture-too-short"})
    assert f"{OLD_NAME} ({OLD}) port 80" in report.verdict.summary
    assert codes(report_of(handshake("unfinished", stage="client_hello"), wait=1)) == {"capture-too-short"}


def test_bytes_that_the_capture_lacks_are_no_failure() -> None:
    play = handshake("unfinished", stage="server_hello", reason="bytes of the handshake are not in the capture")
    assert codes(report_of(play)) == {"dns-not-asked"}


def test_who_never_went_anywhere_only_did_not_ask() -> None:
    report = report_of(lambda story: story)
    assert (verdict(report), codes(report)) == (("unknown", "dns", "dns-not-asked"), {"dns-not-asked"})
    assert statuses(report)[2] == "not-seen"


# What a whole capture proves.


def moved(observations: list[Observation], shift: int = 0) -> list[Observation]:
    """The same as of another phone."""
    found = []
    for message in observations:
        changes: dict[str, Any] = {"client": OTHER_MAC if isinstance(message, Dhcp) else OTHER_PHONE}
        if isinstance(message, Dhcp) and message.address:
            changes["address"] = OTHER_PHONE
        found.append(replace(message, time=message.time + shift, **changes))
    return found


def phones_of(*facts: Observation, given: frozenset[str] = frozenset()) -> dict[str | None, PhoneReport]:
    setting = DiagnosisOptions(from_capture=True, servers=KnownServers(given=given))
    tracker = PhoneTracker(setting, macs=[MAC, OTHER_MAC])
    for fact in sorted(facts, key=lambda fact: fact.time):
        tracker.feed(fact)
    return {report.phone.mac: report for report in tracker.finish(START + 600_000_000)}


def fails_at(server: str, port: int = 80) -> list[Observation]:
    return Story(from_capture=True).leased().connects("no_answer", server=server, port=port, attempts=3).fed


@pytest.mark.parametrize("shift", [-60_000_000, 60_000_000], ids=["before", "after"])
@pytest.mark.parametrize("status", [200, 404])
def test_a_post_there_by_any_phone_makes_a_host_the_update_server(shift: int, status: int) -> None:
    other = Story(from_capture=True).leased().connects(server=OLD).posts(status, server=OLD).fed
    assert verdict(phones_of(*fails_at(OLD), *moved(other, shift))[MAC]) == ("broken", "connect", "connect-no-answer")
    assert verdict(phones_of(*fails_at(OTHER_OLD), *moved(other, shift))[MAC]) == UNKNOWN


def test_so_does_a_post_of_the_same_phone_at_any_time() -> None:
    story = Story(from_capture=True).leased().updated(server=OLD).wait(90).connects("refused", server=OLD)
    report = phones_of(*story.fed)[MAC]
    assert (verdict(report), codes(report)) == (("broken", "connect", "connect-refused"), {"connect-refused"})


def test_so_does_an_offer_of_files_there() -> None:
    other = Story(from_capture=True).leased().found().connects().posts().offers(internal="http://oldpool/files")
    other.asks("oldpool", "NOERROR", OLD)
    assert verdict(phones_of(*fails_at(OLD), *moved(other.fed))[MAC]) == ("broken", "connect", "connect-no-answer")
    # A phone that shows another server is judged by that.
    served = Story(from_capture=True).leased().found().updated().connects("refused", server=OLD, port=443).fed
    assert codes(phones_of(*served, *moved(other.fed))[MAC]) == {"no-update-offered"}


def test_a_get_there_proves_nothing() -> None:
    other = Story(from_capture=True).leased().found().updated()
    other.requests(200, server=OLD, method="GET", target="/abs/handler/file.lsabs")
    assert verdict(phones_of(*fails_at(OLD), *moved(other.fed))[MAC]) == UNKNOWN


def test_a_name_that_another_phone_looked_for_leads_to_the_named_server() -> None:
    other = Story(from_capture=True).leased().asks(OLD_NAME, "NOERROR", OLD).fed
    given = frozenset({OLD_NAME})
    assert verdict(phones_of(*fails_at(OLD), *moved(other), given=given)[MAC]) == (
        "broken",
        "connect",
        "connect-no-answer",
    )


def test_what_is_known_of_servers_is_bounded() -> None:
    servers = ServersOfCapture()
    for number in range(5000):
        address = f"10.{number >> 8}.{number & 255}.1"
        name = f"host{number}.contoso.com"
        servers.feed(Lookup(time=0, name=name, type="A", rcode="NOERROR", addresses=(address,)))
        servers.feed(Http(time=0, server=address, port=80, method="POST", target="/x/ucdevice.upx", host=name))
        servers.feed(UpdateAnswer(time=0, server=address, port=80, form="offered", internal_url=f"http://{name}/"))
    known = servers.known_servers(frozenset({"10.0.0.1"}))
    assert len(known.posted) <= 512
    assert "host4999.contoso.com" in known.posted
    assert "host4999.contoso.com" in known.offering
    assert known.given == {"10.0.0.1"}


def test_a_host_called_ucupdates_is_one_without_dns() -> None:
    def play(story: Story) -> None:
        story.connects(server=OLD, port=443, client_port=5000)
        story.shakes("no_answer", server=OLD, client_port=5000, stage="client_hello", server_name=NAME)

    assert verdict(report_of(play)) == ("broken", "tls", "tls-no-answer")
