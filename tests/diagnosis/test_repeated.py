"""Whether a silence at the end of a capture lasted long enough, and which questions it is about."""

from typing import Any

import pytest

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.repeated import still_awaited, times_of, unanswered_alike, unopened_alike
from ucdiag.model.observations import Connect, Lookup

SECOND = 1_000_000
WATCHED = DiagnosisOptions(from_capture=True)


def lookup(at: float = 0, **more: Any) -> Lookup:
    return Lookup(**{"time": int(at * SECOND), "name": "a.contoso.com", "type": "A", "server": "10.0.0.2", **more})


def connect(at: float = 0, **more: Any) -> Connect:
    whole = {"time": int(at * SECOND), "server": "10.0.0.20", "port": 80, "outcome": "no_answer", **more}
    return Connect(**whole)


def test_when_these_were_asked() -> None:
    facts = [lookup(1), lookup(2, last_time=5), connect(3, last_time=7, last_but_one=6)]
    assert list(times_of(facts)) == [SECOND, 2 * SECOND, 5, 3 * SECOND, 7, 6]


@pytest.mark.parametrize(("at", "awaited"), [(0, True), (4.999999, True), (5, False), (60, False)])
def test_an_answer_is_awaited_for_some_seconds(at: float, awaited: bool) -> None:
    assert still_awaited(lookup(), [lookup()], WATCHED, round(at * SECOND)) is awaited


def test_a_question_that_was_repeated_is_not_awaited_so_long() -> None:
    often = [lookup(0, last_time=2 * SECOND, last_but_one=SECOND)]
    assert not still_awaited(often[0], often, WATCHED, round(4.5 * SECOND))
    assert still_awaited(lookup(), [lookup()], WATCHED, round(4.5 * SECOND))


OPEN = lookup(10)


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        (lookup(1), True),
        (lookup(20), True),
        (lookup(1, name="A.Contoso.COM"), True),
        (lookup(1, failure="no_answer"), True),
        (lookup(1, failure="unreachable"), False),
        (lookup(1, name="b.contoso.com"), False),
        (lookup(1, type="AAAA"), False),
        (lookup(1, rcode="NOERROR"), False),
    ],
)
def test_the_unanswered_questions_for_a_name(other: Lookup, counts: bool) -> None:
    assert unanswered_alike(OPEN, [other, OPEN]) == [*[other] * counts, OPEN]


@pytest.mark.parametrize(
    ("answered", "left"),
    [
        (lookup(5, rcode="NXDOMAIN"), [10, 20]),
        (lookup(10, rcode="NXDOMAIN"), [20]),
        (lookup(30, rcode="NXDOMAIN"), []),
        (lookup(30, rcode="NXDOMAIN", name="b"), [1, 10, 20]),
    ],
)
def test_only_those_since_one_was_answered(answered: Lookup, left: list[int]) -> None:
    found = unanswered_alike(OPEN, [lookup(1), answered, OPEN, lookup(20)])
    assert [other.time // SECOND for other in found] == left


SYN = connect(10)


@pytest.mark.parametrize(
    ("other", "counts"),
    [
        (connect(1), True),
        (connect(1, outcome="unfinished"), True),
        (connect(1, outcome="refused"), False),
        (connect(1, server="10.0.0.21"), False),
        (connect(1, port=443), False),
    ],
)
def test_the_unanswered_connections_to_a_place(other: Connect, counts: bool) -> None:
    assert unopened_alike(SYN, [other, SYN]) == [*[other] * counts, SYN]


@pytest.mark.parametrize(
    ("opened", "left"),
    [
        (connect(5, outcome="open"), [10, 20]),
        (connect(10, outcome="refused"), [20]),
        (connect(30, outcome="open"), []),
        (connect(30, outcome="open", port=443), [1, 10, 20]),
    ],
)
def test_only_those_since_one_was_opened(opened: Connect, left: list[int]) -> None:
    found = unopened_alike(SYN, [connect(1), opened, SYN, connect(20)])
    assert [other.time // SECOND for other in found] == left
