"""Several nameservers: what each of them says."""

from typing import Any

import pytest

from tests.diagnosis.story import (
    LEGACY,
    NAME,
    POOL,
    RESOLVER,
    SECOND,
    START,
    Story,
    codes,
    command_texts,
    statuses,
    verdict,
)
from ucdiag.model.phone import Phone


def test_each_differing_answer_is_reported() -> None:
    story = Story().lease().asks(NAME, "NOERROR", POOL).asks(NAME, "NOERROR", "10.0.0.77", server="10.0.0.3")
    report = story.asks(NAME, "NXDOMAIN", server="10.0.0.4").updated().updated("10.0.0.77").report()
    assert verdict(report)[0] == "whole"
    assert "but 10.0.0.3 says 10.0.0.77 and 10.0.0.4 says NXDOMAIN" in report.steps[1].summary
    assert "dns-servers-disagree" in codes(report)


def test_an_address_that_only_one_nameserver_gives_breaks_the_path() -> None:
    for addresses in ((POOL, "10.0.0.77"), ("10.0.0.77", POOL)):
        story = Story().lease()
        for number, address in enumerate(addresses):
            story.asks(NAME, "NOERROR", address, server=f"10.0.0.{number + 2}")
        for address in addresses:
            if address == POOL:
                story.updated()
            else:
                story.connects("refused", server=address)
        assert verdict(story.report()) == ("broken", "connect", "connect-refused")


@pytest.mark.parametrize("from_capture", [False, True])
def test_who_refers_elsewhere_says_nothing_about_the_name(from_capture: bool) -> None:
    report = Story(from_capture=from_capture).asks(NAME, "NOERROR", referred=True).wait(20).report()
    assert verdict(report) == ("broken", "dns", "dns-refused")
    assert codes(report) == {"dns-refused"}
    assert f"10.0.0.2 referred elsewhere for {NAME}: it does not recurse for this client" in report.findings[0].summary
    assert "referred elsewhere" in report.findings[0].evidence[0].text
    assert not any("recordadd" in text or "ResourceRecordA" in text for text in command_texts(report.findings[0]))


def test_who_refers_elsewhere_does_not_decide_and_does_not_disagree() -> None:
    story = Story().lease().asks(NAME, "NOERROR", referred=True).asks(NAME, "NOERROR", POOL, server="10.0.0.3")
    report = story.updated().report()
    assert verdict(report)[0] == "whole"
    assert codes(report) == {"dns-refused", "no-update-offered"}


@pytest.mark.parametrize(
    ("failure", "said"), [("unreachable", "is closed"), ("no_answer", "gives no answer"), ("malformed", "is not DNS")]
)
def test_cut_short_over_udp_and_nothing_over_tcp(failure: str, said: str) -> None:
    report = Story().asks(NAME, None, failure=failure, truncated=True, transport="tcp", server_port=53).report()
    assert verdict(report) == ("broken", "dns", "dns-no-answer")
    text = report.findings[0].summary
    assert text.startswith("10.0.0.2 answered over UDP, cut short (truncated)")
    assert "TCP port 53" in text
    assert said in text
    assert "did not answer" not in text


def test_an_answer_that_is_not_dns_is_an_answer() -> None:
    report = Story().asks(NAME, None, failure="malformed").report()
    assert verdict(report) == ("broken", "dns", "dns-no-answer")
    assert report.findings[0].summary == f"10.0.0.2 answered for {NAME} with a message that cannot be read as DNS"


def test_the_older_name_alone_is_no_disagreement_where_all_give_the_same_address_for_r2() -> None:
    story = Story().lease()
    for server, rcode in (("10.0.0.2", "NXDOMAIN"), ("10.0.0.3", "NOERROR")):
        story.asks(NAME, "NOERROR", POOL, server=server).asks(
            LEGACY, rcode, *[POOL] * (rcode == "NOERROR"), server=server
        )
    report = story.updated().report()
    assert verdict(report)[0] == "whole"
    assert "dns-servers-disagree" not in codes(report)


@pytest.mark.parametrize("firmware", [None, "1.0.522.34"])
def test_the_older_name_counts_where_a_phone_may_need_it(firmware: str | None) -> None:
    rcode, address = ("NXDOMAIN", ()) if firmware is None else ("NOERROR", (POOL,))
    story = Story(phone=Phone(firmware=firmware)) if firmware else Story()
    story.lease()
    for server, legacy in (("10.0.0.2", ()), ("10.0.0.3", (POOL,))):
        story.asks(NAME, rcode, *address, server=server)
        story.asks(LEGACY, "NOERROR" if legacy else "NXDOMAIN", *legacy, server=server)
    assert "dns-servers-disagree" in codes(story.report())


@pytest.mark.parametrize("from_capture", [False, True])
@pytest.mark.parametrize("addresses", [(POOL, "0.0.0.0"), ("0.0.0.0", POOL)])
def test_a_good_address_beside_the_bad_one_is_named(from_capture: bool, addresses: tuple[str, str]) -> None:
    report = Story(from_capture=from_capture).asks(NAME, "NOERROR", *addresses).wait(20).report()
    assert verdict(report) == ("broken", "dns", "dns-bad-address")
    text = report.findings[0].summary
    assert (
        f"{NAME} resolves to {addresses[0]} and {addresses[1]}, of which 0.0.0.0 is no host's: it is in 0.0.0.0/8"
        in text
    )


@pytest.mark.parametrize(
    ("aliases", "said"),
    [
        ((NAME,), "is an alias of itself (a loop)"),
        (("a.contoso.com", NAME.upper()), "is an alias that leads in a loop (a.contoso.com"),
        (("a.contoso.com", "b.contoso.com", "a.contoso.com"), "is an alias that leads in a loop (a.contoso.com, b"),
        (tuple(f"c{number}.contoso.com" for number in range(16)), "too long a chain of aliases (16 and more)"),
    ],
)
def test_aliases_without_end(aliases: tuple[str, ...], said: str) -> None:
    report = Story().asks(NAME, "NOERROR", aliases=aliases).report()
    assert verdict(report) == ("broken", "dns", "dns-no-address")
    assert said in report.findings[0].summary
    assert "without an A record" not in report.findings[0].summary


AGAIN = {"last_time": START + 2 * SECOND}
OTHER_NAME = "time.windows.com"


@pytest.mark.parametrize(
    ("first", "lost", "warned"),
    [
        ([(NAME, None, AGAIN)], 0, True),
        ([(NAME, None, {"failure": "unreachable", "reason": "ICMP"}), (OTHER_NAME, None, {})], 0, True),
        # One packet that was lost.
        ([(NAME, None, {})], 0, False),
        ([(NAME, None, AGAIN), (OTHER_NAME, "NXDOMAIN", {})], 0, False),
        ([(OTHER_NAME, "NOERROR", {}), (NAME, None, AGAIN)], 0, False),
        ([(NAME, None, AGAIN)], 3, False),
    ],
    ids=["asked again", "icmp", "asked once", "answers later", "answered before", "packets lost"],
)
def test_a_first_resolver_that_answers_nothing_is_a_warning(
    first: list[tuple[str, str | None, dict[str, Any]]], lost: int, warned: bool
) -> None:
    story = Story(from_capture=True, lost=lost).leased(resolvers=(RESOLVER, "10.0.0.3"))
    for name, rcode, more in first:
        story.asks(name, rcode, **more)
    report = story.wait(3).asks(NAME, "NOERROR", POOL, server="10.0.0.3").updated().wait(20).report()
    assert verdict(report) == ("whole", None, "no-update-offered")
    assert codes(report) == {"no-update-offered"} | ({"dns-no-answer"} if warned else set())
    assert statuses(report)[1] == ("warning" if warned else "ok")
    assert [f"{RESOLVER} did not answer for {NAME}" in finding.summary for finding in report.findings][:1] == [warned]


def test_what_the_deciding_nameserver_says_of_the_older_name_counts() -> None:
    """Seen with two dnsmasq 2.90: one knows neither name, the other one both."""
    story = Story().lease().asks(NAME, "NXDOMAIN").asks(NAME, "NOERROR", "10.0.0.21", server="10.0.0.3")
    report = story.asks(LEGACY, "NXDOMAIN").asks(LEGACY, "NOERROR", POOL, server="10.0.0.3").report()
    assert verdict(report) == ("broken", "dns", "dns-r2-missing")
    assert codes(report) == {"dns-r2-missing", "dns-servers-disagree"}
    said = f"{NAME} does not exist, nor does {LEGACY} (asked 10.0.0.2); but 10.0.0.3 says 10.0.0.21"
    assert said in report.verdict.summary


@pytest.mark.parametrize("rcode", ["SERVFAIL", None])
def test_another_nameserver_says_where_the_older_name_is_if_the_deciding_one_does_not(rcode: str | None) -> None:
    story = Story().lease().asks(NAME, "NXDOMAIN").asks(NAME, "NXDOMAIN", server="10.0.0.3")
    report = story.asks(LEGACY, rcode).asks(LEGACY, "NOERROR", POOL, server="10.0.0.3").report()
    assert verdict(report) == ("broken", "dns", "dns-legacy-only")


def test_what_the_deciding_nameserver_says_of_the_sip_domain_counts() -> None:
    there = "ucupdates-r2.fabrikam.com"
    story = Story(sip_domain="fabrikam.com").lease()
    for server in ("10.0.0.2", "10.0.0.3"):
        story.asks(NAME, "NXDOMAIN", server=server).asks(LEGACY, "NXDOMAIN", server=server)
    story.asks(there, "NXDOMAIN", purpose="sip")
    report = story.asks(there, "NOERROR", POOL, purpose="sip", server="10.0.0.3").report()
    assert verdict(report) == ("broken", "dns", "dns-r2-missing")
