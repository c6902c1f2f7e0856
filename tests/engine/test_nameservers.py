"""Several nameservers: what each of them says."""

import pytest

from tests.engine.story import NAME, POOL, Story, codes, verdict


def test_each_differing_answer_is_told() -> None:
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


@pytest.mark.parametrize("watching", [False, True])
def test_who_refers_elsewhere_says_nothing_about_the_name(watching: bool) -> None:
    report = Story(watching=watching).asks(NAME, "NOERROR", referred=True).wait(20).report()
    assert verdict(report) == ("broken", "dns", "dns-refused")
    assert codes(report) == {"dns-refused"}
    assert f"10.0.0.2 referred elsewhere for {NAME}: it does not recurse for this client" in report.findings[0].summary
    assert "referred elsewhere" in report.findings[0].evidence[0].text
    assert not any("recordadd" in each or "ResourceRecordA" in each for each in report.findings[0].fix.commands)


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
    assert report.findings[0].summary == f"10.0.0.2 answered for {NAME} with something that is not DNS"
