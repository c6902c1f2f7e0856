"""An update request on a connection that was kept from the one before, and that the server ends."""

from typing import Any

import pytest

from tests.diagnosis.story import POOL, Story, codes, verdict

ENDED = {"failure": "reset", "closed_by": "server"}


def kept(**ended: Any) -> Story:
    """A phone that asks a second time on the connection of its first request."""
    story = Story(from_capture=True).leased().found().connects(client_port=1030)
    story.posts(200, client_port=1030).answers().wait(120)
    return story.posts(None, **{"client_port": 1030, **ENDED, **ended}).wait(1)


@pytest.mark.parametrize("ended", [{}, {"failure": "closed"}, {"request_acked": False}])
def test_a_request_that_crossed_the_end_of_it_is_repeated_and_no_fault(ended: dict[str, Any]) -> None:
    report = kept(**ended).updated().wait(20).report()
    assert (verdict(report)[0], codes(report)) == ("whole", {"no-update-offered"})


@pytest.mark.parametrize(
    "ended",
    [
        {"request_acked": True},
        {"client_port": 1031},
        {"closed_by": "client", "failure": "closed"},
        {"status": 200, "complete": False},
    ],
    ids=["acknowledged", "another connection", "the phone hung up", "an answer begun"],
)
def test_a_request_that_was_taken_and_not_answered_is_a_warning(ended: dict[str, Any]) -> None:
    status = ended.pop("status", None)
    story = Story(from_capture=True).leased().found().connects(client_port=1030).posts(200, client_port=1030).answers()
    story.wait(120).posts(status, **{"client_port": 1030, **ENDED, **ended}).wait(1).updated().wait(20)
    assert codes(story.report()) == {"no-update-offered", "http-closed"}


def test_one_that_is_not_repeated_breaks_the_path() -> None:
    report = kept().wait(20).report()
    assert verdict(report) == ("broken", "request", "http-closed")
    assert f"{POOL} port 80 ended the connection, kept from the request before" in report.verdict.summary


def test_the_first_request_on_a_connection_is_no_such_one() -> None:
    story = Story(from_capture=True).leased().found().connects(client_port=1030).posts(None, client_port=1030, **ENDED)
    assert codes(story.wait(1).updated().wait(20).report()) == {"no-update-offered", "http-closed"}
