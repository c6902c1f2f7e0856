"""Answers that a capture lacks and that what the phone did next proves: nobody is blamed for them."""

from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, NAME, PHONE, POOL, SERVER, URL, Story, codes, verdict
from ucdiag.model.observations import Lookup

WHOLE = ("whole", None, "no-update-offered")
NOTHING_NEWER = {"no-update-offered"}
OTHER = "10.0.0.99"


def watched() -> Story:
    return Story(from_capture=True).leased()


def unanswered(story: Story | None = None, name: str = NAME, **more: Any) -> Story:
    return (story or watched()).asks(name, None, **more)


@pytest.mark.parametrize(
    ("story", "expected", "found"),
    [
        (unanswered().updated().wait(20), WHOLE, NOTHING_NEWER),
        (unanswered(failure=None).updated().wait(20), WHOLE, NOTHING_NEWER),
        (unanswered().connects("refused").wait(20), ("broken", "connect", "connect-refused"), {"connect-refused"}),
        (unanswered().connects().posts(404).wait(20), ("broken", "request", "http-not-found"), {"http-not-found"}),
        (
            unanswered().shakes("refused", alert=70, alert_from="server").wait(20),
            ("broken", "tls", "tls-version"),
            {"tls-version"},
        ),
        # The question for the older name, after the newer one was answered.
        (
            unanswered(watched().asks(NAME, "NXDOMAIN"), LEGACY).updated().wait(20),
            WHOLE,
            {"dns-legacy-only", *NOTHING_NEWER},
        ),
        # It goes on to the next name: the answer was none that helps.
        (
            unanswered().asks(LEGACY, "NXDOMAIN").wait(20),
            ("unknown", "dns", "capture-gap"),
            {"capture-gap"},
        ),
        (
            unanswered().wait(5).asks(LEGACY, "NXDOMAIN").wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
        (
            unanswered(unanswered().asks(LEGACY, "NXDOMAIN").wait(2)).wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
        # Nothing proves an answer:
        (unanswered().wait(20), ("broken", "dns", "dns-no-answer"), {"dns-no-answer"}),
        # it asks again,
        (
            unanswered().connects("no_answer", server=OTHER).asks(NAME, None).wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
        # the address was given it before,
        (
            unanswered(watched().asks("old.contoso.com", "NOERROR", OTHER)).connects("refused", server=OTHER).wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
        # it is late,
        (
            unanswered().wait(5).connects("refused", server=OTHER).wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
        # or it goes to sign in.
        (
            unanswered().connects("open", server=OTHER, port=5061).wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
    ],
)
def test_whether_dns_answered(story: Story, expected: tuple[str, str, str], found: set[str]) -> None:
    report = story.report()
    assert verdict(report) == expected
    assert codes(report) == found


def next_day(story: Story | None = None, wait: float = 86_400) -> Story:
    """The question of the next check, which the capture lacks the answer to."""
    return unanswered((story or watched().found().updated()).wait(wait))


@pytest.mark.parametrize(
    ("story", "expected", "found"),
    [
        # The address is that of another day's answer.
        (next_day().updated().wait(20), WHOLE, NOTHING_NEWER),
        (next_day().connects().wait(20), WHOLE, NOTHING_NEWER),
        (next_day().updated().wait(86_400).found().updated().wait(20), WHOLE, NOTHING_NEWER),
        (unanswered().updated().wait(86_400).found().updated().wait(20), WHOLE, NOTHING_NEWER),
        (
            next_day().connects("no_answer").wait(20),
            ("broken", "connect", "connect-no-answer"),
            {"connect-no-answer"},
        ),
        (next_day().connects().posts(500).wait(20), ("broken", "request", "http-server-error"), {"http-server-error"}),
        # Nothing proves an answer: it is late,
        (next_day().wait(5).updated().wait(20), WHOLE, {"dns-no-answer", *NOTHING_NEWER}),
        # it goes where another name led just before,
        (
            next_day(watched().found().updated().wait(86_400).asks("old.contoso.com", "NOERROR", POOL), wait=1)
            .connects("refused")
            .wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
        # it uses a connection that was open,
        (next_day().posts(404).wait(20), ("broken", "dns", "dns-no-answer"), {"dns-no-answer"}),
        # or it asks again.
        (
            unanswered(next_day().connects("refused")).wait(20),
            ("broken", "dns", "dns-no-answer"),
            {"dns-no-answer"},
        ),
    ],
)
def test_whether_dns_answered_on_another_day(story: Story, expected: tuple[str, str, str], found: set[str]) -> None:
    report = story.report()
    assert verdict(report) == expected
    assert codes(report) - NOTHING_NEWER == found - NOTHING_NEWER


def test_the_step_says_what_is_missing_and_what_proves_it() -> None:
    step = unanswered().updated().wait(20).report().steps[1]
    assert step.status.value == "ok"
    assert step.summary == f"The answer for {NAME} is not in the capture; the phone went to {POOL} at once."


def test_where_only_the_phone_is_heard_that_is_what_is_said() -> None:
    report = unanswered(Story(from_capture=True)).connects(lacking="syn_ack").wait(20).report()
    assert verdict(report)[::2] == ("unknown", "capture-one-direction")
    assert "not in the capture" not in (report.steps[1].summary or "")


def test_the_facts_stay_as_they_are() -> None:
    story = unanswered().updated().wait(20)
    assert list(story.report().observations) == story.fed


def test_the_host_of_the_file() -> None:
    offered = watched().found().connects().posts().offers()
    story = unanswered(offered, "pool01.contoso.com").connects(server=OTHER)
    target = f"/{URL.split('/', 3)[3]}/CPE.nbt"
    report = story.requests(server=OTHER, method="GET", target=target, answer_bytes=5000).wait(20).report()
    assert verdict(report)[0] == "whole"
    assert "download-host-missing" not in codes(report)


def begun() -> Story:
    return Story(from_capture=True).dhcp("discover", transaction=1)


def requested(**more: Any) -> Story:
    story = Story(from_capture=True).dhcp("discover", transaction=1).dhcp("offer", transaction=1)
    more.setdefault("server", SERVER)
    return story.dhcp("request", transaction=1, address=PHONE, **more)


@pytest.mark.parametrize(
    ("story", "expected", "found"),
    [
        (requested().found().updated().wait(20), WHOLE, NOTHING_NEWER),
        (requested().asks(NAME, "NXDOMAIN").wait(20), ("broken", "dns", "dns-r2-missing"), {"dns-r2-missing"}),
        (begun().found().updated().wait(20), WHOLE, NOTHING_NEWER),
        (begun().wait(20), ("broken", "dhcp", "dhcp-no-answer"), {"dhcp-no-answer"}),
        (begun().wait(4).dhcp("discover", transaction=2).found().updated().wait(20), WHOLE, NOTHING_NEWER),
        (
            begun().add(Lookup(time=0, client="169.254.7.7", name=NAME, type="A", server="10.0.0.2")).wait(20),
            ("broken", "dhcp", "dhcp-no-answer"),
            {"dhcp-no-answer"},
        ),
        # Nothing is sent from that address, or it is asked for again before that.
        (requested().wait(20), ("broken", "dhcp", "dhcp-no-answer"), {"dhcp-no-answer"}),
        (
            requested().wait(4).dhcp("discover", transaction=2).wait(20),
            ("broken", "dhcp", "dhcp-no-answer"),
            {"dhcp-no-answer"},
        ),
        # A client may keep an old lease where nobody answers.
        (requested(server=None).found().updated().wait(20), WHOLE, {"dhcp-no-answer", *NOTHING_NEWER}),
    ],
)
def test_whether_the_lease_was_granted(story: Story, expected: tuple[str, str, str], found: set[str]) -> None:
    report = story.report()
    assert verdict(report) == expected
    assert codes(report) == found


def test_the_lease_that_the_phone_uses_is_that_of_the_offer() -> None:
    step = requested().found().updated().wait(20).report().steps[0]
    assert step.status.value == "ok"
    assert step.summary == (
        f"The ACK for {PHONE} is not in the capture; the phone uses that address, offered with the domain contoso.com."
    )


def test_dhcp_that_tells_nothing_is_not_said_to_be_missing() -> None:
    story = Story(from_capture=True).dhcp("discover").dhcp("request", server=SERVER, address=PHONE)
    step = story.found().updated().wait(20).report().steps[0]
    assert step.status.value == "not-seen"
    assert step.summary == "Not seen: of DHCP, only DISCOVER and REQUEST are in the capture."
