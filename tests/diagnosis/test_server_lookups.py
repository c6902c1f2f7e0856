"""Which questions of a capture are for the addresses of servers that the user named, or that the phone posted to."""

from typing import Any

import pytest

from tests.diagnosis.story import POOL, URL, Story, codes, statuses, verdict
from ucdiag.diagnosis.known_servers import server_lookups
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.model.observations import Lookup

HOSTS = frozenset({"oldpool.contoso.com"})
QUESTIONS: dict[str, tuple[dict[str, Any], bool]] = {
    "its name": ({"name": "oldpool.contoso.com"}, True),
    "its name, spelt otherwise": ({"name": "OldPool.Contoso.com."}, True),
    "an alias of it": ({"name": "pool.contoso.com", "aliases": ("a.contoso.com", "OLDPOOL.contoso.com")}, True),
    "another name": ({"name": "pool.contoso.com"}, False),
    "another alias": ({"name": "pool.contoso.com", "aliases": ("a.contoso.com",)}, False),
    "another type": ({"name": "oldpool.contoso.com", "type": "AAAA"}, False),
    "the service's own name that leads there": (
        {"name": "ucupdates-r2.contoso.com", "aliases": ("oldpool.contoso.com",)},
        False,
    ),
    "the older name that leads there": (
        {"name": "ucupdates.contoso.com", "aliases": ("oldpool.contoso.com",)},
        False,
    ),
}


@pytest.mark.parametrize(("question", "wanted"), QUESTIONS.values(), ids=QUESTIONS)
def test_which_questions_are_for_a_named_server(question: dict[str, Any], wanted: bool) -> None:
    log = ObservationLog()
    lookup = Lookup(time=1, **{"type": "A", "rcode": "NOERROR", **question})
    log.add(lookup)
    assert server_lookups(log, HOSTS) == ([lookup] if wanted else [])
    assert server_lookups(log, frozenset()) == []


OWN, DAY = "pool01.contoso.com", 86_000.0


def provisioned(host: str = OWN) -> Story:
    """A phone that learned this host at a sign-in, and checked there."""
    story = Story(from_capture=True).leased()
    story.asks(host, "NOERROR", POOL).connects(client_port=5000)
    story.posts(client_port=5000, host=host, answer_frame=story.frame + 2).answers(client_port=5000)
    return story.wait(DAY)


@pytest.mark.parametrize(
    ("rcode", "code"),
    [("NXDOMAIN", "dns-no-address"), ("SERVFAIL", "dns-server-failure"), (None, "dns-no-answer")],
)
def test_the_host_that_it_posted_to_is_gone(rcode: str | None, code: str) -> None:
    report = provisioned().asks(OWN, rcode).wait(60).report()
    assert (verdict(report), codes(report)) == (("broken", "dns", code), {code})
    assert statuses(report)[2:] == ["not-reached"] * 5
    assert report.checks is not None
    assert [check.code for check in report.checks.history] == [None, code]


@pytest.mark.parametrize(
    "story",
    [
        provisioned().asks("abs.contoso.com", "NXDOMAIN"),
        provisioned().asks("sip.contoso.com", "NOERROR", aliases=(OWN,)),
        provisioned().asks(OWN, "NXDOMAIN").asks(OWN, "NOERROR", POOL),
        provisioned("10.0.0.20").asks(OWN, "NXDOMAIN"),
        provisioned("ucupdates-r2.contoso.com").asks(OWN, "NXDOMAIN"),
        Story(from_capture=True)
        .leased()
        .asks(OWN, "NXDOMAIN")
        .connects(client_port=5000)
        .posts(client_port=5000, host=OWN)
        .answers(client_port=5000),
    ],
    ids=["another host", "an alias of it", "found again", "its address", "the record's name", "before it posted"],
)
def test_another_question_that_fails_breaks_nothing(story: Story) -> None:
    report = story.wait(60).report()
    assert verdict(report) == ("whole", None, "no-update-offered")


def test_which_of_its_questions_are_checks() -> None:
    """The pool has other services too, so a name that was found is none by itself."""

    def outcomes(story: Story) -> list[str | None]:
        checks = story.wait(60).report().checks
        assert checks is not None
        return [check.code or check.result for check in checks.history]

    def checks_again(story: Story, status: int = 200) -> Story:
        story.asks(OWN, "NOERROR", POOL).connects(client_port=5001)
        story.posts(status, client_port=5001, host=OWN, answer_frame=story.frame + 2)
        return story.answers(client_port=5001) if status == 200 else story

    good = "nothing-newer"
    assert outcomes(provisioned().asks(OWN, "NOERROR", POOL)) == [good]
    assert outcomes(provisioned().asks(OWN, "SERVFAIL").wait(5).asks(OWN, "NOERROR", POOL)) == [good]
    assert outcomes(checks_again(checks_again(provisioned(), 404).wait(DAY))) == [good, "http-not-found", good]
    assert outcomes(checks_again(provisioned().asks(OWN, None).wait(DAY))) == [good, "dns-no-answer", good]


@pytest.mark.parametrize(
    ("questions", "overdue"),
    [
        ([("NOERROR", POOL)], True),
        ([("NOERROR", POOL), ("NOERROR", POOL)], True),
        ([("NXDOMAIN",)], False),
        ([("NXDOMAIN",), ("NOERROR", POOL)], False),
        ([("NOERROR", POOL), ("NXDOMAIN",)], False),
    ],
)
def test_a_name_that_was_found_alone_is_no_check_that_keeps_it_from_being_overdue(
    questions: list[tuple[str, ...]], overdue: bool
) -> None:
    story = provisioned()
    for rcode, *addresses in questions:
        story.asks(OWN, rcode, *addresses)
    report = story.wait(20_000).asks(OWN, "NOERROR", POOL).wait(60).report()
    assert ("check-overdue" in codes(report)) is overdue


def test_it_is_the_last_host_that_counts() -> None:
    story = provisioned("oldpool.contoso.com")
    story.posts(client_port=5001, host=OWN, answer_frame=story.frame + 2).answers(client_port=5001)
    report = story.asks("oldpool.contoso.com", "NXDOMAIN").wait(60).report()
    assert verdict(report) == ("whole", None, "no-update-offered")


def test_after_an_offer_the_question_is_for_the_file() -> None:
    story = provisioned()
    story.posts(client_port=5001, host=OWN, answer_frame=story.frame + 2).offers(URL, client_port=5001)
    report = story.asks(OWN, "NXDOMAIN").wait(60).report()
    assert verdict(report) == ("broken", "download", "download-host-missing")


def test_after_nothing_newer_it_is_for_no_file_of_an_earlier_offer() -> None:
    story = provisioned()
    story.posts(client_port=5001, host=OWN, answer_frame=story.frame + 2).offers(URL, client_port=5001)
    story.wait(DAY).posts(client_port=5002, host=OWN, answer_frame=story.frame + 2).answers(client_port=5002)
    report = story.wait(DAY).asks(OWN, "NXDOMAIN").wait(60).report()
    assert verdict(report) == ("broken", "dns", "dns-no-address")
    assert "download-host-missing" not in codes(report)
