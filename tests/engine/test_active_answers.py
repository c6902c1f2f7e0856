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
