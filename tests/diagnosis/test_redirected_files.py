"""A file that the phone fetched from where it was redirected arrived: what was redirected is a warning."""

import pytest

from tests.diagnosis.story import URL, Story, codes, verdict

CDN = "10.0.0.99"
HERE = f"/{URL.split('/', 3)[3]}/CPE.nbt"
WHOLE = ("whole", None, None)
REDIRECTED = ("broken", "download", "download-status")


def redirected(location: str, status: int = 302, target: str = HERE) -> Story:
    story = Story(from_capture=True).leased().found().connects().posts().offers().wait(1)
    return gets(story, target, "pool01.contoso.com", status=status, location=location, answer_bytes=0)


def gets(story: Story, target: str, host: str = "cdn.contoso.com", server: str = CDN, **more: object) -> Story:
    more.setdefault("answer_bytes", 9000)
    return story.requests(method="GET", target=target, host=host, server=server, **more).wait(1)


@pytest.mark.parametrize(
    "story",
    [
        gets(redirected(f"http://cdn.contoso.com{HERE}"), HERE),
        gets(redirected("http://cdn.contoso.com/a/CPE.nbt", 301), "/a/CPE.nbt"),
        gets(redirected("http://cdn.contoso.com/blob/12?sig=x", 307), "/blob/12?sig=x"),
        gets(redirected("/other/cpe.nbt", 308), "/other/CPE.nbt", "pool01.contoso.com"),
        gets(redirected(f"http://{CDN}/a/CPE.nbt"), "/a/CPE.nbt", CDN),
        # References without a scheme, of which HTTP::Tiny 0.082 follows none (findings/http-tiny-perl-*.sh).
        gets(redirected("//cdn.contoso.com/a/CPE.nbt"), "/a/CPE.nbt"),
        gets(redirected("new.nbt"), HERE.replace("CPE.nbt", "new.nbt"), "pool01.contoso.com"),
        gets(redirected("?version=2"), f"{HERE}?version=2", "pool01.contoso.com"),
        # Twice.
        gets(
            gets(redirected("http://cdn.contoso.com/a"), "/a", status=302, location="/b", answer_bytes=0),
            "/b",
        ),
    ],
)
def test_a_file_that_came_from_there_is_whole(story: Story) -> None:
    report = story.wait(20).report()
    assert verdict(report) == WHOLE
    assert codes(report) == {"download-status"}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (redirected("http://cdn.contoso.com/a"), REDIRECTED),
        # A page to log in, nothing, another host, another place, before the redirect, and what is no address.
        (gets(redirected("http://cdn.contoso.com/a"), "/a", html=True), REDIRECTED),
        (gets(redirected("http://cdn.contoso.com/a"), "/a", status=404), REDIRECTED),
        (gets(redirected("http://cdn.contoso.com/a"), "/a", "mail.contoso.com"), REDIRECTED),
        (gets(redirected("http://cdn.contoso.com/a"), "/b"), REDIRECTED),
        (gets(redirected("http://[::1/a"), "/a"), REDIRECTED),
        (gets(redirected(""), "/a"), REDIRECTED),
        (
            gets(redirected("http://cdn.contoso.com/a"), "/a", complete=False, failure="reset"),
            ("broken", "download", "download-truncated"),
        ),
    ],
)
def test_a_redirect_that_led_to_no_file_breaks_the_path(story: Story, expected: tuple[str, str, str]) -> None:
    assert verdict(story.wait(20).report()) == expected


@pytest.mark.parametrize(("status", "whole"), [(304, True), (416, True), (404, False), (500, False)])
def test_after_a_whole_file_an_answer_that_there_is_no_more_says_nothing(status: int, whole: bool) -> None:
    story = Story(from_capture=True).found().connects().posts().offers().gets(client_port=1).wait(5)
    report = story.gets(status, client_port=2, answer_bytes=0).wait(20).report()
    assert (verdict(report)[0] == "whole") == whole
