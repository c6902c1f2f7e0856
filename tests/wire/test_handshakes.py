"""SYNs without an answer: how long they wait, and what is reported of them."""

import pytest

from tests.wire.ladder import PHONE, PHONE_MAC, POOL, SECOND, START
from ucdiag.model.observations import Connect, Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW
from ucdiag.wire.tcp.handshakes import Handshakes, connect_of
from ucdiag.wire.tcp.segment import ACK, RST, SYN, Segment

KEY = (PHONE, 49152, POOL, 80)
PATIENCE = 5 * SECOND
# Of each of the small tables so many entries are kept.
EARLY_MOST = 64


class Waiting:
    """``Handshakes`` and what it emitted."""

    def __init__(self, *, judged: bool = True, most: int = 4096) -> None:
        self.emitted: list[Observation] = []
        self.handshakes = Handshakes(self.emitted.append, patience=PATIENCE, judged=judged, most=most)

    def syn(self, at: int = START, *, frame: int = 1, seq: int = 100, port: int = 49152, payload: bytes = b"") -> None:
        self.handshakes.on_syn(Segment(at, frame, PHONE, port, POOL, 80, seq, 0, SYN, payload, len(payload), PHONE_MAC))

    def refusal(self, at: int = START, *, ack: int = 101, port: int = 49152) -> None:
        self.handshakes.on_refusal(Segment(at, 9, POOL, 80, PHONE, port, 0, ack, RST | ACK, b"", 0), syn_seen=False)

    def copy(self, *, frame: int = 1, port: int = 49152) -> None:
        self.handshakes.on_copied_syn(Segment(START, frame, PHONE, port, POOL, 80, 100, 0, SYN, b"", 0, PHONE_MAC))

    @property
    def told(self) -> list[tuple[str, int, int]]:
        return [
            (connect.outcome, connect.frame or 0, connect.attempts)
            for connect in self.emitted
            if isinstance(connect, Connect)
        ]


@pytest.mark.parametrize(("later", "told"), [(PATIENCE, []), (PATIENCE + 1, [("no_answer", 1, 1)])])
def test_one_syn_waits_for_the_patience(later: int, told: list[object]) -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.handshakes.expire(START + later)
    assert waiting.told == told


@pytest.mark.parametrize(
    ("later", "told"), [(3 + 2 * 3 + 5, []), (3 + 2 * 3 + 5.000001, [("no_answer", 1, 2)])], ids=["waits", "gives up"]
)
def test_a_repeated_syn_waits_for_twice_its_pause_and_the_patience(later: float, told: list[object]) -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.syn(START + 3 * SECOND, frame=2)
    waiting.handshakes.expire(START + round(later * SECOND))
    assert waiting.told == told


def test_a_syn_behind_one_that_still_waits_is_not_looked_at_yet() -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.syn(START + SECOND, port=2, frame=2)
    waiting.handshakes.expire(START + PATIENCE + 1)
    assert waiting.told == [("no_answer", 1, 1)]


@pytest.mark.parametrize(("later", "outcome"), [(PATIENCE - 1, "unfinished"), (PATIENCE, "no_answer")])
def test_at_the_end_of_the_capture_a_young_syn_is_unfinished(later: int, outcome: str) -> None:
    waiting = Waiting()
    waiting.syn()
    pending = waiting.handshakes.pending(START + later)
    assert not waiting.emitted
    waiting.handshakes.finish(START + later)
    assert waiting.emitted == pending
    assert waiting.told == [(outcome, 1, 1)]
    waiting.handshakes.finish(START + later)
    assert len(waiting.emitted) == 1


def test_another_syn_of_the_same_ports_ends_the_first() -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.syn(START + 1, frame=2, seq=555)
    assert waiting.told == [("no_answer", 1, 1)]
    syn = waiting.handshakes.get(KEY)
    assert syn is not None
    assert (syn.frame, syn.sequence, syn.attempts) == (2, 555, 1)


def test_another_syn_after_an_icmp_error_leaves_the_first_unreachable() -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.handshakes.on_unreachable(KEY, "ICMP host unreachable", START + 1)
    waiting.syn(START + 2, frame=2, seq=555)
    assert waiting.told == [("unreachable", 1, 1)]
    assert [connect.reason for connect in waiting.emitted if isinstance(connect, Connect)] == ["ICMP host unreachable"]


def test_an_icmp_error_prolongs_the_wait() -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.handshakes.on_unreachable(KEY, "ICMP host unreachable", START + SECOND)
    waiting.handshakes.expire(START + SECOND + 2 * SECOND + PATIENCE)
    assert waiting.told == []


def test_an_icmp_error_about_no_syn_changes_nothing() -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.handshakes.on_unreachable((PHONE, 1, POOL, 80), "ICMP host unreachable", START)
    waiting.handshakes.finish(START)
    assert waiting.told == [("unfinished", 1, 1)]


@pytest.mark.parametrize(
    ("pause", "judged", "told", "dropped"),
    [
        pytest.param(PATIENCE - 1, True, [], 1, id="young, forgotten"),
        pytest.param(PATIENCE, True, [("no_answer", 1, 1)], 0, id="waited long enough"),
        pytest.param(PATIENCE - 1, False, [("unfinished", 1, 1)], 0, id="facts report each"),
    ],
)
def test_the_oldest_makes_room(pause: int, judged: bool, told: list[object], dropped: int) -> None:
    waiting = Waiting(judged=judged, most=2)
    waiting.syn()
    waiting.syn(START, port=2)
    assert waiting.handshakes.dropped == 0
    waiting.syn(START + pause, port=3)
    assert (waiting.told, waiting.handshakes.dropped) == (told, dropped)
    assert waiting.handshakes.get(KEY) is None


@pytest.mark.parametrize("ack", [101, 104, 100], ids=["the SYN", "its data too", "a SYN that is not counted"])
def test_the_answer_to_a_syn_with_data(ack: int) -> None:
    waiting = Waiting()
    waiting.syn(payload=b"GET")
    syn = waiting.handshakes.take_answered(KEY, ack)
    assert syn is not None
    assert waiting.handshakes.get(KEY) is None
    assert waiting.handshakes.take_early_data(KEY) == (b"GET", 3, START, 1)
    assert waiting.handshakes.take_early_data(KEY) is None


@pytest.mark.parametrize("ack", [99, 102, 103, 105])
def test_what_is_no_answer_to_a_syn_with_data(ack: int) -> None:
    waiting = Waiting()
    waiting.syn(payload=b"GET")
    assert waiting.handshakes.take_answered(KEY, ack) is None
    assert waiting.handshakes.get(KEY) is not None


def test_of_data_in_syns_the_oldest_is_forgotten() -> None:
    waiting = Waiting()
    for port in range(EARLY_MOST + 1):
        waiting.syn(port=port, payload=b"GET")
    kept = [port for port in range(EARLY_MOST + 1) if waiting.handshakes.take_early_data((PHONE, port, POOL, 80))]
    assert kept == list(range(1, EARLY_MOST + 1))


@pytest.mark.parametrize(
    ("later", "told"), [(CAPTURE_SKEW, [("refused", 1, 1)]), (CAPTURE_SKEW + 1, []), (-CAPTURE_SKEW - 1, [])]
)
def test_a_refusal_just_before_its_syn(later: int, told: list[object]) -> None:
    waiting = Waiting()
    waiting.refusal()
    waiting.syn(START + later)
    waiting.syn(START + later)
    assert waiting.told == told
    assert (waiting.handshakes.get(KEY) is None) is bool(told)


@pytest.mark.parametrize("ack", [100, 102])
def test_a_refusal_of_another_syn_refuses_nothing(ack: int) -> None:
    waiting = Waiting()
    waiting.refusal(ack=ack)
    waiting.syn()
    assert waiting.told == []


def test_in_facts_mode_a_refusal_before_its_syn_refuses_nothing() -> None:
    waiting = Waiting(judged=False)
    waiting.refusal()
    waiting.syn()
    assert waiting.told == []


def test_of_refusals_the_oldest_is_forgotten() -> None:
    waiting = Waiting()
    for port in range(EARLY_MOST + 1):
        waiting.refusal(port=port)
    waiting.syn(port=0)
    waiting.syn(port=1)
    assert [connect.client_port for connect in waiting.emitted if isinstance(connect, Connect)] == [1]


@pytest.mark.parametrize("table", ["refusals", "copies"])
def test_what_came_again_is_not_the_oldest(table: str) -> None:
    waiting = Waiting()

    def comes(port: int) -> None:
        if table == "refusals":
            waiting.refusal(port=port)
        else:
            waiting.copy(port=port)

    for port in [*range(EARLY_MOST), 0, EARLY_MOST]:
        comes(port)
    known = []
    for port in (0, 1, 2, EARLY_MOST):
        if table == "refusals":
            waiting.syn(port=port)
            known.append(waiting.handshakes.get((PHONE, port, POOL, 80)) is None)
        else:
            known.append(waiting.handshakes.take_answered((PHONE, port, POOL, 80), 101) is not None)
    assert known == [True, False, True, True]


def test_a_copied_syn_is_answered_once_and_waits_for_nothing() -> None:
    waiting = Waiting()
    waiting.copy(frame=7)
    assert waiting.handshakes.get(KEY) is None
    assert waiting.handshakes.take_answered(KEY, 102) is None
    answered = waiting.handshakes.take_answered(KEY, 101)
    assert answered is not None
    assert (answered.frame, answered.sequence, answered.mac) == (7, 100, PHONE_MAC)
    assert waiting.handshakes.take_answered(KEY, 101) is None
    waiting.handshakes.finish(START + 60 * SECOND)
    assert waiting.told == []


def test_the_answer_to_a_syn_is_that_to_its_copy_too() -> None:
    waiting = Waiting()
    waiting.copy()
    waiting.syn(frame=2)
    answered = waiting.handshakes.take_answered(KEY, 101)
    assert answered is not None
    assert answered.frame == 2
    assert waiting.handshakes.take_answered(KEY, 101) is None


def test_a_refusal_before_its_syn_refuses_nothing_while_another_syn_waits() -> None:
    waiting = Waiting()
    waiting.refusal()
    waiting.syn(seq=555)
    waiting.syn(START + 1, frame=2)
    assert waiting.told == [("no_answer", 1, 1)]
    syn = waiting.handshakes.get(KEY)
    assert syn is not None
    assert syn.frame == 2


@pytest.mark.parametrize(
    ("times", "early"),
    [
        pytest.param([CAPTURE_SKEW], 0, id="just before its SYN"),
        pytest.param([CAPTURE_SKEW + 1], 1, id="long before its SYN"),
        pytest.param([-CAPTURE_SKEW - 1], 0, id="the SYN has an earlier time"),
        pytest.param([1, CAPTURE_SKEW + 1], 0, id="a copy long behind its SYN"),
        pytest.param([], 0, id="no SYN"),
    ],
)
def test_refusals_long_before_their_syns_are_counted(times: list[int], early: int) -> None:
    """Two clocks captured the two directions."""
    waiting = Waiting()
    waiting.refusal()
    for time in times:
        waiting.syn(START + time)
    assert waiting.handshakes.early_refusals == early


@pytest.mark.parametrize(("later", "outcome"), [(PATIENCE - 1, "unfinished"), (PATIENCE, "no_answer")])
def test_a_syn_whose_answer_was_not_heard(later: int, outcome: str) -> None:
    waiting = Waiting()
    waiting.syn()
    syn = waiting.handshakes.get(KEY)
    assert syn is not None
    connect = waiting.handshakes.unheard(KEY, syn, START + later)
    assert (connect.outcome, connect.lacking, connect.reason) == (outcome, "ack", None)


def test_of_a_syn_that_was_answered_no_reason_is_reported() -> None:
    waiting = Waiting()
    waiting.syn()
    waiting.handshakes.on_unreachable(KEY, "ICMP host unreachable", START)
    syn = waiting.handshakes.take_answered(KEY, 101)
    assert syn is not None
    assert connect_of(KEY, syn, "open").reason is None
    assert connect_of(KEY, syn, "unreachable").reason == "ICMP host unreachable"


@pytest.mark.parametrize(
    ("judged", "later", "outcome"),
    [
        pytest.param(True, CAPTURE_SKEW, "unreachable", id="a mirror shows its SYN just after it"),
        pytest.param(True, -CAPTURE_SKEW, "unreachable", id="that SYN has an earlier time"),
        pytest.param(True, CAPTURE_SKEW + 1, "no_answer", id="long before the SYN"),
        pytest.param(False, CAPTURE_SKEW, "no_answer", id="facts go by the order of frames"),
    ],
)
def test_an_icmp_error_just_before_its_syn_counts(judged: bool, later: int, outcome: str) -> None:
    waiting = Waiting(judged=judged)
    waiting.handshakes.on_unreachable(KEY, "ICMP host unreachable", START)
    waiting.syn(START + later)
    waiting.handshakes.finish(START + 60 * SECOND)
    assert [told for told, _, _ in waiting.told] == [outcome]


def test_an_icmp_error_before_its_syn_says_nothing_of_the_next_one() -> None:
    waiting = Waiting()
    waiting.handshakes.on_unreachable(KEY, "ICMP host unreachable", START)
    waiting.syn(START + 1)
    waiting.syn(START + 2, frame=2, seq=200)
    waiting.syn(START + 3, frame=3, port=49153)
    waiting.handshakes.finish(START + 60 * SECOND)
    assert sorted(waiting.told) == [("no_answer", 2, 1), ("no_answer", 3, 1), ("unreachable", 1, 1)]


def test_of_icmp_errors_before_their_syns_the_oldest_is_forgotten() -> None:
    waiting = Waiting()
    for port in range(EARLY_MOST + 1):
        waiting.handshakes.on_unreachable((PHONE, port, POOL, 80), "ICMP host unreachable", START)
    for port in (0, 1):
        waiting.syn(START + 1, frame=port, port=port)
    waiting.handshakes.finish(START + 60 * SECOND)
    assert waiting.told == [("no_answer", 0, 1), ("unreachable", 1, 1)]
