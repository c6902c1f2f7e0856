"""What changed between two points in time, as a person and a program read it."""

import io
import json

import pytest

from ucdiag.model.report import Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.views.changes_view import Changes, PhoneChange, show_changes, summary_of
from ucdiag.views.output_target import Screen

WHOLE = Verdict(status=VerdictStatus.WHOLE, summary="whole")
BROKEN = Verdict(status=VerdictStatus.BROKEN, step=Step.DNS, code="dns-no-answer", summary="broken")
UNKNOWN = Verdict(status=VerdictStatus.UNKNOWN, code="capture-too-short", summary="unknown")
PHONES = (
    PhoneChange(phone="A", change="same", old=WHOLE, new=WHOLE),
    PhoneChange(phone="B", change="mended", old=BROKEN, new=WHOLE),
    PhoneChange(phone="C", change="gone", old=BROKEN, new=None),
    PhoneChange(phone="D", change="new", old=None, new=UNKNOWN),
    PhoneChange(phone="E", change="changed", old=WHOLE, new=UNKNOWN),
    PhoneChange(phone="F", change="still-broken", old=BROKEN, new=BROKEN),
    PhoneChange(phone="G", change="broken", old=WHOLE, new=BROKEN),
)
LINES = [
    "  [FAIL] G: broken now, whole -> broken [dns-no-answer]",
    "  [FAIL] F: still broken [dns-no-answer]",
    "  [?]    E: changed, whole -> unknown [capture-too-short]",
    "  [?]    D: new, unknown [capture-too-short]",
    "  [?]    C: no longer there, broken [dns-no-answer]",
    "  [ok]   B: mended, broken [dns-no-answer] -> whole",
]
COUNTS = "1 broken now, 1 still broken, 1 changed, 1 new, 1 no longer there, 1 mended, 1 as before"


def shown(phones: tuple[PhoneChange, ...], format_: str = "text", verbose: int = 0, problem: str | None = None) -> str:
    stream = io.StringIO()
    changes = Changes(summary=summary_of(phones), phones=phones, problem=problem)
    show_changes(changes, format_, Screen(stream=stream, width=120, verbose=verbose, unicode=False))
    return stream.getvalue()


def test_each_phone_that_stands_otherwise_has_a_line_the_worst_first() -> None:
    assert shown(PHONES).splitlines() == [f"Of 7 phones: {COUNTS}.", *LINES]


def test_those_that_stand_as_before_are_shown_when_asked_for() -> None:
    assert shown(PHONES, verbose=1).splitlines() == [f"Of 7 phones: {COUNTS}.", *LINES, "  [ok]   A: as before, whole"]


def test_what_could_not_be_read_is_a_note() -> None:
    assert shown((), problem="b.json cannot be read").splitlines() == [
        "Of 0 phones: none in either.",
        "Note: b.json cannot be read",
    ]


def test_of_those_that_are_new_the_broken_ones_come_first() -> None:
    new = [
        PhoneChange(phone=name, change="new", new=verdict)
        for name, verdict in zip("HIJ", (WHOLE, UNKNOWN, BROKEN), strict=True)
    ]
    assert shown(tuple(new)).splitlines() == [
        "Of 3 phones: 3 new (1 of them broken).",
        "  [FAIL] J: new, broken [dns-no-answer]",
        "  [?]    I: new, unknown [capture-too-short]",
        "  [ok]   H: new, whole",
    ]


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        ([], "Of 0 phones: none in either."),
        (["new"], "Of 1 phone: 1 new."),
        (["same", "gone"], "Of 2 phones: 1 no longer there, 1 as before."),
        (["same"] * 1234, "Of 1,234 phones: 1,234 as before."),
    ],
)
def test_the_counts(kinds: list[str], text: str) -> None:
    assert summary_of([PhoneChange(phone="x", change=kind) for kind in kinds]) == text


def test_json_has_all_of_it() -> None:
    data = json.loads(shown(PHONES[:2], "json", problem="why"))
    assert (data["schema"], data["problem"]) == ("ucdiag.changes/1", "why")
    assert [(phone["phone"], phone["change"]) for phone in data["phones"]] == [("A", "same"), ("B", "mended")]
    assert data["phones"][1]["old"]["code"] == "dns-no-answer"


@pytest.mark.parametrize(("terminal", "lines"), [(True, 10), (False, 1)])
def test_json_is_indented_for_a_person(terminal: bool, lines: int) -> None:
    stream = io.StringIO()
    changes = Changes(summary="x", phones=PHONES[:1])
    show_changes(changes, "json", Screen(stream=stream, terminal=terminal))
    assert len(stream.getvalue().splitlines()) >= lines
    assert ("\n  " in stream.getvalue()) == terminal


@pytest.mark.parametrize(
    ("change", "old", "new", "mark"),
    [
        ("new", None, BROKEN, "[FAIL]"),
        ("new", None, WHOLE, "[ok]"),
        ("new", None, UNKNOWN, "[?]"),
        ("changed", UNKNOWN, WHOLE, "[ok]"),
        ("changed", WHOLE, UNKNOWN, "[?]"),
        ("same", UNKNOWN, UNKNOWN, "[?]"),
        ("gone", WHOLE, None, "[?]"),
        ("gone", BROKEN, None, "[?]"),
    ],
)
def test_the_mark_is_that_of_the_newer_verdict(
    change: str, old: Verdict | None, new: Verdict | None, mark: str
) -> None:
    line = shown((PhoneChange(phone="A", change=change, old=old, new=new),), verbose=1).splitlines()[1]
    assert line.split()[0] == mark
