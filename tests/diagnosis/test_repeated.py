"""Whether a silence at the end of a capture lasted long enough, and which questions it is about."""

from typing import Any

import pytest

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.repeated import addresses_left, still_awaited, times_of, unanswered_alike, unopened_alike
from ucdiag.diagnosis.traffic import ONE_CHECK
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


@pytest.mark.parametrize(
    ("changes", "setting", "at", "left"),
    [
        ({}, WATCHED, 100, ["10.0.0.22"]),
        ({"outcome": "unreachable"}, WATCHED, 100, ["10.0.0.22"]),
        # Silence is waited for; only a refusal lets a phone go on at once.
        ({"outcome": "no_answer"}, WATCHED, 100, []),
        ({"outcome": "open"}, WATCHED, 100, []),
        ({}, DiagnosisOptions(), 100, []),
        ({}, WATCHED, 104.999999, ["10.0.0.22"]),
        ({}, WATCHED, 105, []),
        ({"last_time": 103 * SECOND}, WATCHED, 107, ["10.0.0.22"]),
        ({"last_time": 103 * SECOND}, WATCHED, 108, []),
    ],
)
def test_after_a_refusal_the_other_addresses_may_still_be_tried(
    changes: dict[str, Any], setting: DiagnosisOptions, at: float, left: list[str]
) -> None:
    refused = connect(100, **{"outcome": "refused", **changes})
    tried = [connect(90, server="10.0.0.21"), refused]
    assert addresses_left(refused, tried, ["10.0.0.20", "10.0.0.21", "10.0.0.22"], setting, int(at * SECOND)) == left


@pytest.mark.parametrize(("before", "left"), [(ONE_CHECK - 1, []), (ONE_CHECK, ["10.0.0.21"])])
def test_what_was_tried_for_an_earlier_check_may_be_tried_again(before: int, left: list[str]) -> None:
    refused = connect(10_000, outcome="refused")
    earlier = connect(10_000 - before / SECOND, server="10.0.0.21")
    assert addresses_left(refused, [earlier, refused], ["10.0.0.21"], WATCHED, refused.time) == left
