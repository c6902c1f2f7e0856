"""A phone that goes where the answer to its update request redirected it."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, POOL, Story, codes, verdict

HANDLER = "/RequestHandler/ucdevice.upx"
THERE, OTHER = "10.0.0.30", "pool01.contoso.com"
NOT_FOLLOWED = "a phone does not follow"


def redirected(location: str) -> Story:
    story = Story(from_capture=True).leased().found().wait(1).connects()
    return story.posts(302, location=location, host=NAME).wait(1)


def summary(story: Story) -> str:
    [found] = [known for known in story.wait(10).report().findings if known.code == "http-redirected"]
    return found.summary


def test_a_request_that_is_repeated_there_and_answered() -> None:
    story = redirected(f"http://{OTHER}{HANDLER}").asks(OTHER, "NOERROR", THERE).connects(server=THERE)
    story.posts(200, server=THERE, host=OTHER).answers(server=THERE)
    assert summary(story).endswith("and the phone followed")
    assert verdict(story.report())[0] == "whole"


@pytest.mark.parametrize(
    ("location", "host"),
    [("http://portal.contoso.com/login", "portal.contoso.com"), ("/login", NAME), (f"http://{THERE}/login", THERE)],
    ids=["a name", "the same host", "an address"],
)
def test_a_page_that_is_fetched_there_is_no_answer(location: str, host: str) -> None:
    story = redirected(location).requests(200, server=THERE, method="GET", target="/login", host=host)
    [found] = story.wait(10).report().findings
    assert (found.code, found.evidence[-1].text) == ("http-redirected", f"then GET /login to {THERE} port 80")
    assert found.summary.endswith("and the phone followed")
    assert verdict(story.report()) == ("broken", "request", "http-redirected")


SECURE = f"https://{NAME}{HANDLER}"


@pytest.mark.parametrize(
    ("location", "more"),
    [
        (SECURE, {}),
        (SECURE, {"server_name": NAME}),
        (f"https://{POOL}{HANDLER}", {}),
        (f"https://{OTHER}{HANDLER}", {"server": THERE}),
    ],
    ids=["the same host", "the name in the handshake", "the address", "another host"],
)
def test_the_service_inside_tls_may_have_answered(location: str, more: dict[str, Any]) -> None:
    story = redirected(location).asks(OTHER, "NOERROR", THERE).shakes(**more).wait(10)
    report = story.report()
    assert verdict(report) == ("unknown", "request", "tls-not-decrypted")
    assert "the phone went there over TLS" in report.verdict.summary
    assert "http-redirected" not in codes(report)


@pytest.mark.parametrize(
    ("location", "more"),
    [
        (SECURE, {"server_name": "sip.contoso.com"}),
        (SECURE, {"server": THERE}),
        (SECURE, {"decrypted": True}),
    ],
    ids=["another name in the handshake", "another address", "read, and no request in it"],
)
def test_a_handshake_that_follows_no_redirect(location: str, more: dict[str, Any]) -> None:
    story = redirected(location).shakes(**more).wait(10)
    assert NOT_FOLLOWED in summary(story)


def test_a_portal_inside_tls_is_no_service() -> None:
    story = redirected("https://portal.contoso.com/login").asks("portal.contoso.com", "NOERROR", THERE)
    story.shakes(server=THERE)
    assert summary(story).endswith("and the phone went there over TLS")
    assert verdict(story.report()) == ("broken", "request", "http-redirected")


def test_what_comes_half_a_minute_later_is_no_following() -> None:
    assert NOT_FOLLOWED in summary(redirected(SECURE).wait(30).shakes())


def test_what_came_before_is_no_following() -> None:
    story = Story(from_capture=True).leased().found().connects(port=443).shakes().wait(1).connects()
    assert NOT_FOLLOWED in summary(story.posts(302, location=SECURE, host=NAME))


def test_an_active_command_does_not_follow() -> None:
    story = Story().lease().found().connects().posts(302, location=SECURE, host=NAME).shakes()
    assert verdict(story.report()) == ("broken", "request", "http-redirected")


def test_the_first_thing_that_the_phone_did_there_counts() -> None:
    story = (
        redirected(f"http://{OTHER}/login")
        .wait(1)
        .requests(200, server=THERE, method="GET", target="/login", host=OTHER)
    )
    story.wait(1).requests(200, server=POOL, method="HEAD", target="/login", host=OTHER)
    [found] = story.wait(10).report().findings
    assert [line.text for line in found.evidence[-1:]] == [f"then GET /login to {THERE} port 80"]
