"""A name with several addresses: the phone may try the next one behind the end of the capture."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.diagnosis.story import NAME, POOL, Story, codes, verdict

NEXT = "10.0.0.21"
REFUSALS = {"RST": {"outcome": "refused"}, "ICMP": {"outcome": "unreachable", "reason": "ICMP host unreachable"}}


def found(*addresses: str, **attempt: Any) -> Story:
    """A phone that opens no connection to the update server's first address."""
    return Story(from_capture=True).leased().found(*addresses).wait(1).connects(**attempt)


def offered(*addresses: str, **attempt: Any) -> Story:
    """A phone that opens none to the first address of the host of its file."""
    story = Story(from_capture=True).leased().found().connects().posts().offers()
    story.asks("pool01.contoso.com", "NOERROR", *addresses)
    return story.wait(1).connects(**attempt)


BOTH = pytest.mark.parametrize(("told", "first"), [(found, POOL), (offered, "10.0.0.30")])
HOW = pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)


@BOTH
@HOW
def test_the_next_address_may_have_been_tried_behind_the_captures_end(
    told: Any, first: str, refusal: dict[str, Any]
) -> None:
    report = told(first, NEXT, server=first, **refusal).wait(1).report()
    assert verdict(report)[0::2] == ("unknown", "capture-too-short")
    assert f"before the phone tried {NEXT}" in report.verdict.summary


@BOTH
@HOW
def test_a_phone_that_tries_no_other_address_for_so_long_does_not(
    told: Any, first: str, refusal: dict[str, Any]
) -> None:
    report = told(first, NEXT, server=first, **refusal).wait(6).report()
    assert verdict(report)[0] == "broken"
    assert "capture-too-short" not in codes(report)


@BOTH
@pytest.mark.parametrize("others", [(), ("0.0.0.0",)], ids=["alone", "unusable"])
def test_where_there_is_no_next_address_it_fails_at_once(told: Any, first: str, others: tuple[str, ...]) -> None:
    assert verdict(told(first, *others, server=first, outcome="refused").wait(1).report())[0] == "broken"


@BOTH
def test_where_all_addresses_refused_there_is_no_next_one(told: Any, first: str) -> None:
    story = told(first, NEXT, server=first, outcome="refused").connects("refused", NEXT)
    report = story.wait(1).report()
    assert verdict(report)[0] == "broken"
    assert "capture-too-short" not in codes(report)


def test_one_that_was_tried_on_another_day_may_be_the_next() -> None:
    story = found(POOL, NEXT, server=NEXT, outcome="refused").wait(86400).found(POOL, NEXT).connects("refused")
    assert verdict(story.wait(1).report())[0::2] == ("unknown", "capture-too-short")


def test_the_address_of_another_name_is_no_next_one() -> None:
    story = (
        Story(from_capture=True)
        .leased()
        .found()
        .asks("sip.contoso.com", "NOERROR", POOL, NEXT)
        .asks(NAME, "NOERROR", POOL)
    )
    assert verdict(story.connects("refused").wait(1).report()) == ("broken", "connect", "connect-refused")


def test_an_active_command_tried_all_that_it_will() -> None:
    story = Story().lease().found(POOL, NEXT).connects("refused")
    assert verdict(story.report())[0] == "broken"


@pytest.mark.parametrize(
    ("status", "second", "later", "warned"),
    [
        (500, "10.0.0.21", 0, {"http-server-error"}),
        (503, "10.0.0.21", 0, {"http-unavailable"}),
        (404, "10.0.0.21", 200, {"http-not-found"}),
        (404, "10.0.0.21", 400, set()),  # another check
        (500, POOL, 0, set()),  # the same address: it was started again, say
        (200, "10.0.0.21", 0, set()),
    ],
)
def test_a_failure_at_the_other_address_is_not_lost_behind_a_refused_connection(
    status: int, second: str, later: float, warned: set[str]
) -> None:
    story = Story(from_capture=True).leased().found(POOL, "10.0.0.21").connects().posts(status, request_bytes=300)
    report = story.wait(later).connects("refused", server=second).wait(60).report()
    assert verdict(report) == ("broken", "connect", "connect-refused")
    assert codes(report) == {"connect-refused", *warned}
    assert {finding.level.value for finding in report.findings if finding.code in warned} <= {"warning"}


AT_THE_FIRST: dict[str, tuple[Callable[[Story], Story], set[str]]] = {
    "no XML": (lambda story: story.connects().posts().answers("not_xml"), {"response-not-xml"}),
    "blank URLs": (lambda story: story.connects().posts().offers(None, None), {"response-urls-blank"}),
    "TLS": (lambda story: story.connects(port=443).shakes("version"), {"tls-version"}),
    "TLS, beside a good port": (
        lambda story: story.updated().connects(port=443, client_port=4).shakes("version", client_port=4),
        set(),
    ),
    "nothing newer": (lambda story: story.updated(), set()),
}


@pytest.mark.parametrize("name", AT_THE_FIRST)
def test_nor_is_one_of_its_handshake_or_its_answer(name: str) -> None:
    play, warned = AT_THE_FIRST[name]
    story = play(Story(from_capture=True).leased().found(POOL, "10.0.0.21"))
    report = story.connects("refused", server="10.0.0.21").wait(60).report()
    assert verdict(report) == ("broken", "connect", "connect-refused")
    assert codes(report) == {"connect-refused", *warned}
