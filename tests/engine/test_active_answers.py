"""How the judge takes what an active command got, where the words of the answer alone do not decide."""

import pytest

from tests.engine.story import POOL, Story, codes, verdict


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
    assert [(each.code, each.level.value) for each in report.findings] == [("response-unknown", "warning")]
    assert "nothing of a Device Update Service" not in report.findings[0].summary
    foreign = reached().answers("unknown", reason="nothing in it is of a Device Update Service").report()
    assert verdict(foreign) == ("broken", "response", "response-unknown")


@pytest.mark.parametrize(("external", "said"), [("", "is blank"), (None, "has no URL for the outside")])
def test_the_other_sides_url_that_is_not_there(external: str | None, said: str) -> None:
    report = reached().offers(external=external).fetches().report()
    assert verdict(report) == ("whole", None, None)
    assert [(each.code, each.level.value) for each in report.findings] == [("response-external-url-blank", "warning")]
    assert said in report.findings[0].summary
