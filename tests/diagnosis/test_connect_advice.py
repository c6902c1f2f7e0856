"""What is to be corrected where the update server's address is wrong."""

from typing import Any

import pytest

from tests.diagnosis.story import POOL, Story, command_texts, verdict
from ucdiag.diagnosis.known_servers import KnownServers


def fix(story: Story) -> str:
    (finding,) = [finding for finding in story.report().findings if finding.code.startswith("connect-")]
    return finding.fix.text


@pytest.mark.parametrize("outcome", ["refused", "no_answer", "unreachable"])
def test_no_record_is_blamed_for_an_address_that_dns_did_not_give(outcome: str) -> None:
    given = fix(Story(domain=None).connects(outcome=outcome))
    assert "correct the address that was given" in given
    assert "ucupdates-r2" not in given
    named = fix(Story(domain=None).connects(outcome=outcome, name="pool01.contoso.com"))
    assert "correct the record of pool01.contoso.com" in named


def test_in_a_capture_the_name_that_the_phone_asked_for_counts() -> None:
    seen = fix(Story(from_capture=True).found(POOL).connects(outcome="refused"))
    assert "correct the record of ucupdates-r2.contoso.com" in seen
    unseen = fix(Story(from_capture=True, servers=KnownServers(given=frozenset({POOL}))).connects(outcome="refused"))
    assert "a DNS record, or the URL that a sign-in gave it" in unseen
    assert "ucupdates-r2" not in unseen


def answers_lost(story: Story) -> Story:
    """The server's SYN ACK is in the capture, and the phone sends its SYN three times more."""
    opened = story.connects(client_port=50000)
    return opened.wait(1).connects("no_answer", client_port=50000, attempts=3, lacking="ack", seconds=None).wait(20)


def test_an_answer_that_does_not_reach_the_phone_is_looked_for_on_the_way_back() -> None:
    report = answers_lost(Story(from_capture=True).leased().found(POOL)).report()
    (finding,) = [finding for finding in report.findings if finding.code == "connect-no-answer"]
    assert verdict(report) == ("broken", "connect", "connect-no-answer")
    assert f"{POOL} answered on port 80, and the answer does not reach the phone" in finding.summary
    assert "asymmetric routing" in finding.fix.text
    assert not any("New-NetFirewallRule" in text for text in command_texts(finding))


def test_an_answer_that_reaches_the_phone_at_last_is_no_failure() -> None:
    story = answers_lost(Story(from_capture=True).leased().found(POOL)).connects().posts().answers().wait(1)
    assert verdict(story.report()) == ("whole", None, "no-update-offered")


def test_a_file_whose_host_does_not_reach_the_phone_names_the_way_back_too() -> None:
    story = Story(from_capture=True).leased().found(POOL).connects().posts().offers()
    story.asks("pool01.contoso.com", "NOERROR", "10.0.0.30").connects(server="10.0.0.30").wait(1)
    report = story.connects("no_answer", server="10.0.0.30", attempts=3, lacking="ack").wait(20).report()
    assert verdict(report) == ("broken", "download", "download-connect-failed")
    assert "10.0.0.30 answered on port 80, and the answer does not reach the phone" in report.verdict.summary


ROUTE, FILTER, LOOP = "options 001 and 003", "Find the filter that refuses the port", "round in a circle"
NO_HOST, NOBODY = "is a broadcast or multicast address", "in its own subnet, and nobody answers"


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("ICMP host unreachable, said 10.0.0.1", ROUTE),
        ("ICMP network unreachable, said 10.0.0.1", ROUTE),
        ("ARP for its gateway 10.0.0.1 was not answered", ROUTE),
        ("nobody answers ARP for 10.0.0.20 or for the gateway to it", ROUTE),
        ("ARP for 10.0.0.20 was not answered", NOBODY),
        (None, ROUTE),
        ("ICMP communication prohibited, said 10.0.0.1", FILTER),
        ("ICMP host prohibited, said 10.0.0.1", FILTER),
        ("ICMP network prohibited, said 10.0.0.1", FILTER),
        ("ICMP source address failed the policy, said fd00::1", FILTER),
        ("ICMP port unreachable, said 10.0.0.20", FILTER),
        ("ICMP protocol unreachable, said 10.0.0.20", FILTER),
        ("ICMP time to live exceeded, said 10.9.0.2", LOOP),
        ("it is a broadcast or multicast address, to which no connection can be opened", NO_HOST),
    ],
)
def test_the_reason_decides_where_to_look(reason: str | None, advice: str) -> None:
    report = Story(from_capture=True).leased().found(POOL).connects("unreachable", reason=reason).wait(20).report()
    assert verdict(report) == ("broken", "connect", "connect-unreachable")
    (finding,) = report.findings
    assert [text for text in (ROUTE, FILTER, LOOP, NO_HOST, NOBODY) if text in finding.fix.text] == [advice]
    # The gateway of the lease is at fault only where the network knows no way.
    assert any("Set-DhcpServerv4OptionValue" in text for text in command_texts(finding)) == (advice == ROUTE)


BLOCKED, NOT_RUNNING, NO_WAY = "Open UDP and TCP port 53", "Start the DNS service", "does not get that far"


@pytest.mark.parametrize("captured", [True, False])
@pytest.mark.parametrize(
    ("failure", "reason", "advice"),
    [
        ("no_answer", None, BLOCKED),
        ("unreachable", None, BLOCKED),
        ("unreachable", "ICMP communication prohibited, said 10.0.0.1", BLOCKED),
        ("unreachable", "ICMP source address failed the policy, said fd00::1", BLOCKED),
        ("unreachable", "ICMP port unreachable, said 10.0.0.2", NOT_RUNNING),
        ("unreachable", "ICMP host unreachable, said 10.0.0.1", NO_WAY),
        ("unreachable", "ICMP time to live exceeded, said 10.0.0.1", NO_WAY),
        ("unreachable", "nobody answers ARP for 10.0.0.2 or for the gateway to it", NO_WAY),
    ],
)
def test_what_came_back_of_a_question_decides_where_to_look(
    failure: str, reason: str | None, advice: str, captured: bool
) -> None:
    story = Story(from_capture=True).leased() if captured else Story()
    report = story.asks("ucupdates-r2.contoso.com", None, failure=failure, reason=reason).wait(20).report()
    assert verdict(report) == ("broken", "dns", "dns-no-answer")
    (finding,) = report.findings
    assert [text for text in (BLOCKED, NOT_RUNNING, NO_WAY) if text in finding.fix.text] == [advice]


def test_a_gateway_to_the_dns_server_that_is_not_there_is_looked_for_in_the_lease() -> None:
    gone: dict[str, Any] = {"server": "10.9.0.2", "port": 53, "client_port": None, "attempts": 3}
    story = Story(from_capture=True).leased()
    story.connects("unreachable", reason="ARP for its gateway 10.0.0.1 was not answered", **gone)
    report = story.wait(20).report()
    assert verdict(report) == ("broken", "dns", "dns-no-answer")
    (finding,) = report.findings
    assert NO_WAY in finding.fix.text
    assert BLOCKED not in finding.fix.text


@pytest.mark.parametrize(("port", "ports"), [(443, ["443"]), (80, ["80", "443"])])
def test_a_port_is_tried_once(port: int, ports: list[str]) -> None:
    (finding,) = Story(from_capture=True).found(POOL).connects(outcome="refused", port=port).report().findings
    tries = [text for text in command_texts(finding) if text.startswith("Test-NetConnection ")]
    assert tries == [f"Test-NetConnection {POOL} -Port {tried}" for tried in ports]
