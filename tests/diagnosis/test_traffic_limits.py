"""Until when an attempt on another port belongs to a hang-up, and when a server's hang-up says nothing."""

from typing import Any

import pytest

from tests.diagnosis.story import POOL, Story
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.steps.request import events
from ucdiag.diagnosis.traffic import Traffic, sort_traffic

HANG_UP: dict[str, Any] = {"status": None, "failure": "closed", "closed_by": "server"}


def sorted_out(story: Story) -> Traffic:
    history = ObservationLog()
    for seen in story.fed:
        history.add(seen)
    return sort_traffic(history, DiagnosisOptions(from_capture=True))


def tried(seconds: float, outcome: str = "refused", server: str = POOL, port: int = 80) -> Traffic:
    """The server hangs up at port 443, and the phone tries so many seconds later."""
    story = (
        Story(from_capture=True).found().connects(port=443, client_port=1).requests(port=443, client_port=1, **HANG_UP)
    )
    # The time goes on by a tenth of a second itself.
    return sorted_out(story.wait(seconds - 0.1).connects(outcome, server, port, client_port=2))


@pytest.mark.parametrize(("seconds", "beside"), [(0.1, True), (60, True), (60.0000015, False), (61, False)])
def test_an_attempt_within_a_minute_belongs_to_the_hang_up(seconds: float, beside: bool) -> None:
    assert bool(tried(seconds).beside) is beside


def test_one_at_the_same_time_does_too() -> None:
    assert tried(0).beside


def test_one_before_the_hang_up_does_not() -> None:
    assert not tried(-0.05).beside


@pytest.mark.parametrize("more", [{"outcome": "open"}, {"server": "10.0.0.21"}, {"port": 443}])
def test_another_attempt_does_not(more: dict[str, str]) -> None:
    assert not tried(1, **more).beside  # type: ignore[arg-type]


def test_what_many_attempts_show_is_kept_once() -> None:
    """A server that hung up many times, and then many refusals on the other port: the evidence grows with their sum."""
    story = Story(from_capture=True).found()
    for port in range(1000, 1050):
        story = story.connects(port=443, client_port=port).requests(port=443, client_port=port, **HANG_UP)
    for port in range(2000, 2050):
        story = story.connects("refused", POOL, 80, client_port=port)
    made = events(sorted_out(story), DiagnosisOptions(from_capture=True), story.fed[-1].time + 60_000_000)
    assert [len(event.evidence) for event in made] == [1] * 49 + [51]
    assert {event.summary.partition("; ")[2] for event in made} == {
        f"{POOL} refused the connection to port 80 (SYN answered by RST)"
    }
