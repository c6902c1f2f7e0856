"""Silence in a gap of a capture proves nothing; two clocks in one capture are told."""

from dataclasses import replace
from typing import Any

import pytest

from ucdiag.diagnosis.capture_gaps import without_gaps
from ucdiag.diagnosis.clocks import additional_findings
from ucdiag.diagnosis.options import CaptureGap, ClocksDiffer, DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step

SECOND = 1_000_000
# Five seconds are waited for what came of an event.
FIRST = CaptureGap(100 * SECOND, 200 * SECOND, "a file is missing")
SECOND_GAP = CaptureGap(150 * SECOND, 300 * SECOND, "packets have no time")


def event(**more: Any) -> Event:
    whole: dict[str, Any] = {
        "step": Step.CONNECT,
        "time": 150 * SECOND,
        "ok": False,
        "summary": "nothing came",
        "code": "connect-no-answer",
        "waiting": True,
        "silent": True,
        "level": Level.WARNING,
        **more,
    }
    return Event(**whole)


def judged(one: Event, *gaps: CaptureGap) -> Event:
    (found,) = without_gaps([one], DiagnosisOptions(from_capture=True, gaps=gaps))
    return found


def in_doubt(one: Event, text: str) -> Event:
    summary = f"nothing came, or the capture lacks it: {text}"
    return replace(one, ok=None, code="capture-gap", summary=summary, silent=False, waiting=False, level=None)


def test_silence_in_a_gap_may_be_the_gaps() -> None:
    assert judged(event(), FIRST) == in_doubt(event(), "a file is missing")
    assert judged(event(), FIRST, SECOND_GAP) == in_doubt(event(), "a file is missing")
    late = event(time=250 * SECOND)
    assert judged(late, FIRST, SECOND_GAP) == in_doubt(late, "packets have no time")
    assert judged(event()) == event()


@pytest.mark.parametrize(
    ("seconds", "doubt"), [(95, False), (95.000001, True), (100, True), (200, True), (200.000001, False)]
)
def test_as_long_as_something_is_waited_for(seconds: float, doubt: bool) -> None:
    one = event(time=round(seconds * SECOND))
    assert (judged(one, FIRST) != one) is doubt


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({"silent": False}, True),
        ({"code": None}, True),
        ({"code": "connect-refused"}, True),
        ({"code": None, "silent": False}, False),
        ({"code": "connect-refused", "silent": False}, False),
        ({"code": "capture-too-short"}, False),
        ({"ok": None}, True),
        ({"ok": True}, False),
    ],
)
def test_which_events_rest_on_silence(more: dict[str, Any], doubt: bool) -> None:
    assert (judged(event(**more), FIRST) != event(**more)) is doubt


@pytest.mark.parametrize(
    ("seconds", "text", "by"),
    [
        (1234.5, "answers stand 1,234.50 s before their questions", "1,234.50 s"),
        (0.02, "answers stand 0.02 s before their questions", "0.02 s"),
        (-0.5, "answers stand 0.50 s too late", "0.50 s"),
    ],
)
def test_two_clocks_are_reported(seconds: float, text: str, by: str) -> None:
    (found,) = additional_findings(DiagnosisOptions(from_capture=True, clocks=ClocksDiffer(seconds, 77, 5)))
    assert (found.code, found.summary) == (
        "capture-clocks-differ",
        f"{text}: two clocks captured the two directions, so no durations are given",
    )
    assert found.evidence == (Evidence(text=f"the first answer that was moved, by {by}", time=77, frame=5),)


def test_one_clock_is_not() -> None:
    assert list(additional_findings(DiagnosisOptions(from_capture=True))) == []
