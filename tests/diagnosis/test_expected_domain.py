"""Which domain is held against the expected one: DHCP's own word, not what this machine's client made of it."""

import pytest

from tests.diagnosis.recorded_stories import active
from tests.diagnosis.story import codes

UNEXPECTED = "dhcp-domain-unexpected"


@pytest.mark.parametrize(
    ("domain", "more", "found"),
    [
        ("corp.contoso.com", {}, True),
        ("contoso.com", {}, False),
        ("Contoso.Com.", {}, False),
        ("corp.contoso.com", {"rewritten": ("domain",)}, False),
        ("corp.contoso.com", {"rewritten": ("resolvers",)}, True),
        ("no domain at all", {}, False),
        (None, {}, False),
    ],
)
def test_the_domain_of_a_lease(domain: str | None, more: dict[str, tuple[str, ...]], found: bool) -> None:
    story = active(expected_domain="contoso.com").lease(domain, **more).found().updated()
    assert (UNEXPECTED in codes(story.report())) == found


@pytest.mark.parametrize(("domain", "found"), [("corp.contoso.com", True), ("contoso.com", False)])
def test_what_servers_offer_counts_more(domain: str, found: bool) -> None:
    story = active(expected_domain="contoso.com").lease("other.example").dhcp("offer", domain=domain).found().updated()
    assert (UNEXPECTED in codes(story.report())) == found
