"""What the judges of the steps hand on: events, lines of evidence, findings."""

from typing import Any

import pytest

from tests.diagnosis.story import command_texts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.step_event import Event, StepEventBuilder, evidence_of, finding
from ucdiag.model.observations import Connect
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step

LINE, MORE = Evidence(text="a line", time=5, frame=2), Evidence(text="more")
KNOWN: dict[str, Any] = {
    "step": Step.CONNECT,
    "time": 7,
    "evidence": (LINE,),
    "channel": ("10.0.0.20", 443),
    "seconds": 1.5,
}
BUILDER = StepEventBuilder(values={"address": "10.0.0.20"}, **KNOWN)


def event(**more: Any) -> Event:
    return Event(**{**KNOWN, "values": {"address": "10.0.0.20"}, "summary": "a clause", "ok": None, **more})


def test_a_step_that_held_needs_no_values() -> None:
    assert BUILDER.ok("a clause") == event(ok=True, values={})


def test_a_step_that_failed() -> None:
    assert BUILDER.failed("connect-refused", "a clause") == event(ok=False, code="connect-refused")
    assert BUILDER.failed("connect-refused", "a clause", level=Level.WARNING, expected=True) == event(
        ok=False, code="connect-refused", level=Level.WARNING, expected=True
    )


def test_a_step_that_cannot_be_judged() -> None:
    assert BUILDER.unknown("a clause") == event()
    assert BUILDER.unknown("a clause", "capture-gap", level=Level.ERROR, expected=True) == event(
        code="capture-gap", level=Level.ERROR, expected=True
    )


def test_a_step_that_the_end_of_the_capture_cut_off() -> None:
    assert BUILDER.cut_off("a clause") == event(code="capture-too-short", waiting=True)
    assert BUILDER.cut_off("a clause", waiting=False) == event(code="capture-too-short")


def test_more_evidence_and_values_come_behind() -> None:
    more = BUILDER.with_evidence(MORE, LINE).with_values(address="10.0.0.21", port="443")
    assert more.unknown("a clause") == event(
        evidence=(LINE, MORE, LINE), values={"address": "10.0.0.21", "port": "443"}
    )
    assert BUILDER.unknown("a clause") == event()


def test_evidence_stands_on_the_first_fact_that_is_there() -> None:
    first, second = (Connect(time=time, frame=time + 1, server="10.0.0.20", port=80, outcome="open") for time in (1, 5))
    assert evidence_of("text") == evidence_of("text", None) == Evidence(text="text")
    assert evidence_of("text", None, first, second) == Evidence(text="text", time=1, frame=2)


def lines(count: int) -> list[Evidence]:
    return [Evidence(text=str(number)) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, []),
        (1, ["0"]),
        (8, ["0", "1", "2", "3", "4", "5", "6", "7"]),
        (9, ["0", "1", "and 1 more of the same", "3", "4", "5", "6", "7", "8"]),
        (20, ["0", "1", "and 12 more of the same", "14", "15", "16", "17", "18", "19"]),
    ],
)
def test_of_much_evidence_the_beginning_and_the_end_are_shown(count: int, shown: list[str]) -> None:
    found = finding("connect-refused", "a clause", iter(lines(count)))
    assert [line.text for line in found.evidence] == shown


def test_a_finding_is_the_entry_of_the_catalogue_with_its_values() -> None:
    entry = CATALOGUE["connect-refused"]
    plain = finding("connect-refused", "a clause")
    assert (plain.code, plain.level, plain.step, plain.summary) == (
        "connect-refused",
        entry.level,
        entry.step,
        "a clause",
    )
    assert plain.fix.who == entry.who
    other = finding("connect-refused", "a clause", level=Level.WARNING)
    assert (other.level, other.fix) == (Level.WARNING, plain.fix)
    known = finding("connect-refused", "a clause", values={"address": "192.0.2.77", "port": "8123"})
    assert "192.0.2.77" in "".join(command_texts(known))
    assert "192.0.2.77" not in "".join(command_texts(plain))


def test_advice_stands_behind_what_is_to_be_changed() -> None:
    plain = finding("connect-refused", "a clause").fix
    assert finding("connect-refused", "a clause", advice="More.").fix.text == f"{plain.text} More."
