"""Option 6 that names nobody who can be asked."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, RESOLVER, Story, codes, verdict

FLAWS = {
    "0.0.0.0": "means no address",
    "127.0.0.1": "loopback",
    "224.0.0.251": "multicast",
    "255.255.255.255": "broadcast",
}


def lease(*resolvers: str) -> Story:
    return Story().lease(resolvers=resolvers)


def offer(*resolvers: str) -> Story:
    return Story().dhcp("discover").dhcp("offer", resolvers=resolvers)


def capture(*resolvers: str) -> Story:
    return Story(from_capture=True).leased(resolvers=resolvers).wait(20)


@pytest.mark.parametrize("told", [lease, offer, capture])
@pytest.mark.parametrize("address", FLAWS)
def test_an_address_that_no_server_has_is_no_resolver(told, address: str) -> None:
    report = told(address).report()
    assert verdict(report) == ("broken", "dhcp", "dhcp-no-resolver")
    assert codes(report) == {"dhcp-no-resolver"}
    assert f"no usable DNS server (option 6), only {address}, and it is" in report.findings[0].summary
    assert FLAWS[address] in report.findings[0].summary


@pytest.mark.parametrize("told", [lease, offer, capture])
def test_one_usable_resolver_is_enough(told) -> None:
    report = told("0.0.0.0", "10.0.0.2").found().updated().wait(20).report()
    assert verdict(report)[0] == "whole"
    assert "dhcp-no-resolver" not in codes(report)


@pytest.mark.parametrize("told", [offer, capture])
def test_the_unusable_one_beside_it_is_reported(told) -> None:
    report = told("0.0.0.0", "10.0.0.2").report()
    assert "resolver 0.0.0.0 (which cannot be one) and 10.0.0.2" in report.steps[0].summary


def test_what_this_machines_resolver_is_configured_to_ask_is_no_option_6() -> None:
    report = Story().lease(resolvers=("127.0.0.53",), authority="resolver").found().updated().report()
    assert verdict(report)[0] == "whole"
    assert "dhcp-no-resolver" not in codes(report)


def test_a_clouds_link_local_resolver_is_let_pass() -> None:
    report = lease("169.254.169.253").found().updated().report()
    assert verdict(report)[0] == "whole"


def test_only_unusable_ones_of_one_offer_and_a_usable_one_of_another_to_another_class() -> None:
    story = offer("0.0.0.0").dhcp("discover", vendor_class="CPE-OCPhone").dhcp("offer")
    assert verdict(story.found().updated().report())[0] == "whole"


BOTH, NEXT = (RESOLVER, "10.0.0.3"), "10.0.0.3"
FAILURES: dict[str, dict[str, Any]] = {
    "ICMP": {"rcode": None, "failure": "unreachable", "reason": "ICMP port unreachable"},
    "SERVFAIL": {"rcode": "SERVFAIL"},
    "REFUSED": {"rcode": "REFUSED"},
    "no DNS": {"rcode": None, "failure": "malformed"},
    "a referral": {"rcode": "NOERROR", "referred": True},
}


def asked(*resolvers: str, **lookup: Any) -> Story:
    return Story(from_capture=True).leased(resolvers=resolvers).wait(20).asks(NAME, lookup.pop("rcode"), **lookup)


def fetched(*resolvers: str, **lookup: Any) -> Story:
    """A phone that looks up the host of the file that it was offered."""
    story = Story(from_capture=True).leased(resolvers=resolvers).found().connects().posts().offers()
    return story.asks("pool01.contoso.com", lookup.pop("rcode"), **lookup)


@pytest.mark.parametrize("told", [asked, fetched])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_the_next_resolver_may_have_been_asked_behind_the_captures_end(told: Any, failure: dict[str, Any]) -> None:
    report = told(*BOTH, **failure).wait(1).report()
    assert verdict(report)[0::2] == ("unknown", "capture-too-short")
    name = NAME if told is asked else "pool01.contoso.com"
    assert f"soon after {RESOLVER} failed for {name} (" in report.verdict.summary
    assert f"), before the phone asked {NEXT}" in report.verdict.summary


@pytest.mark.parametrize("told", [asked, fetched])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_phone_that_asks_nobody_else_for_so_long_does_not(told: Any, failure: dict[str, Any]) -> None:
    report = told(*BOTH, **failure).wait(6).report()
    assert verdict(report)[0] == "broken"
    assert "capture-too-short" not in codes(report)


@pytest.mark.parametrize("told", [asked, fetched])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_where_there_is_no_next_resolver_it_fails_at_once(told: Any, failure: dict[str, Any]) -> None:
    assert verdict(told(RESOLVER, **failure).wait(1).report())[0] == "broken"


def test_where_all_failed_there_is_no_next_one() -> None:
    story = asked(*BOTH, **FAILURES["ICMP"]).asks(NAME, "SERVFAIL", server=NEXT).wait(1)
    assert verdict(story.report())[:2] == ("broken", "dns")


def test_one_that_was_asked_on_another_day_may_be_the_next() -> None:
    story = asked(*BOTH, rcode="NXDOMAIN", server=NEXT).wait(86400).asks(NAME, "SERVFAIL").wait(1)
    assert verdict(story.report())[0::2] == ("unknown", "capture-too-short")


def test_a_name_that_does_not_exist_is_asked_of_nobody_else() -> None:
    assert verdict(asked(*BOTH, rcode="NXDOMAIN").wait(1).report()) == ("broken", "dns", "dns-r2-missing")
