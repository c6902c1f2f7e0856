"""Until when an attempt on another port belongs to a hang-up, and when a server's hang-up says nothing."""

import pytest

from tests.diagnosis.story import POOL, Story
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.traffic import Traffic, sort_traffic

HANG_UP = {"status": None, "failure": "closed", "closed_by": "server"}


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
