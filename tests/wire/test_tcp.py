import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wire.ladder import PHONE, POOL, SECOND, START, Ladder, Segment, feed, one, only, play
from ucdiag.model.observations import Connect, Http
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.http.directions import LEAST
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tcp.segment import ACK, RST, SYN
from ucdiag.wire.tcp.stream import ENDLESS, MASK, Budget, Stream


class Reader:
    """A sink that writes down what it gets."""

    def __init__(self, counts: int = 0) -> None:
        self.counts = counts
        self.got: list[object] = []

    def receive_data(self, data: bytes, time: int, frame: int) -> None:
        self.got.append(bytes(data))

    def skip_bytes(self, amount: int, lost: int, time: int, frame: int) -> None:
        self.counts -= amount
        self.got.append((amount, lost))

    def cut_bytes(self, amount: int, time: int, frame: int) -> bool:
        self.miss_bytes(amount, time, frame)
        return True

    def miss_bytes(self, amount: int, time: int, frame: int) -> None:
        self.got.append(-amount)

    def end_stream(self, time: int, frame: int) -> None:
        self.got.append("end")


def stream(counts: int = 0, budget: int = 1 << 20) -> tuple[Stream, Reader]:
    made = Stream(Budget(budget), 1 << 18)
    made.sink = reader = Reader(counts)
    made.start = 100
    return made, reader


def test_in_order() -> None:
    made, reader = stream()
    made.take_segment(100, b"abc", 3, 1, 1)
    made.take_segment(103, b"def", 3, 2, 2)
    assert reader.got == [b"abc", b"def"]


def test_retransmission_and_overlap_are_trimmed() -> None:
    made, reader = stream()
    made.take_segment(100, b"abc", 3, 1, 1)
    made.take_segment(100, b"abc", 3, 2, 2)
    made.take_segment(101, b"bcd", 3, 3, 3)
    made.take_segment(99, b"\x00", 1, 4, 4)
    assert reader.got == [b"abc", b"d"]


def test_reordering_waits() -> None:
    made, reader = stream()
    made.take_segment(106, b"ghi", 3, 1, 1)
    made.take_segment(103, b"def", 3, 2, 2)
    assert reader.got == []
    made.take_segment(100, b"abc", 3, 3, 3)
    assert reader.got == [b"abc", b"def", b"ghi"]
    assert made.budget.left == 1 << 20


def test_the_first_copy_of_a_byte_counts() -> None:
    made, reader = stream()
    made.take_segment(103, b"def", 3, 1, 1)
    made.take_segment(100, b"abcXY", 5, 2, 2)
    assert reader.got == [b"abcXY", b"f"]


def test_a_hole_that_the_peer_acknowledged_is_the_captures() -> None:
    made, reader = stream()
    made.take_segment(103, b"def", 3, 1, 1)
    made.acknowledge(103, 2, 2)
    assert reader.got == []
    made.acknowledge(106, 3, 3)
    assert reader.got == [-3, b"def"]


def test_a_hole_that_the_peer_did_not_acknowledge_is_waited_for() -> None:
    made, reader = stream()
    made.take_segment(100, b"abc", 3, 1, 1)
    made.take_segment(106, b"ghi", 3, 1, 1)
    for _ in range(9):
        made.acknowledge(103, 2, 2)
    made.flush(9, 9)
    assert reader.got == [b"abc"]


def test_without_acknowledgements_a_hole_is_given_up_at_the_end() -> None:
    made, reader = stream()
    made.take_segment(106, b"ghi", 3, 1, 1)
    made.flush(9, 9)
    assert reader.got == [-6, b"ghi"]


def test_what_is_only_counted_is_never_handed_over() -> None:
    made, reader = stream(counts=7)
    made.take_segment(100, b"abc", 3, 1, 1)
    made.take_segment(106, b"ghi", 3, 1, 1)
    made.take_segment(103, b"def", 3, 1, 1)
    assert reader.got == [(3, 0), (3, 0), (1, 0), b"hi"] or reader.got == [(3, 0), (3, 0), (1, 0), -2]


def test_what_waits_behind_a_hole_is_kept_as_lengths_where_only_lengths_matter() -> None:
    made, reader = stream(counts=ENDLESS)
    for number in range(1, 1000):
        made.take_segment(100 + 1000 * number, b"x" * 1000, 1000, 1, 1)
    assert made.taken < 1000
    made.take_segment(100, b"x" * 1000, 1000, 1, 1)
    assert ENDLESS - reader.counts == 1_000_000


def test_a_snap_length_is_reported_as_a_loss() -> None:
    made, reader = stream()
    made.take_segment(100, b"abc", 10, 1, 1)
    made.take_segment(110, b"def", 3, 1, 1)
    assert reader.got == [b"abc", -7, b"def"]


def test_wrap_around() -> None:
    made, reader = stream()
    made.start = 0xFFFFFFFE
    made.take_segment(0xFFFFFFFE, b"abc", 3, 1, 1)
    made.take_segment(1, b"def", 3, 1, 1)
    made.take_segment(0xFFFFFFFF, b"bc", 2, 1, 1)
    assert reader.got == [b"abc", b"def"]


def test_the_end_waits_for_what_is_missing() -> None:
    made, reader = stream()
    made.take_segment(103, b"def", 3, 1, 1)
    made.fin(106, 1, 1)
    assert reader.got == []
    made.take_segment(100, b"abc", 3, 1, 1)
    assert reader.got == [b"abc", b"def", "end"]
    made.take_segment(106, b"x", 1, 1, 1)
    made.fin(106, 1, 1)
    assert reader.got == [b"abc", b"def", "end"]


def test_bytes_behind_the_end_are_nobodys() -> None:
    made, reader = stream()
    made.take_segment(110, b"klmno", 5, 1, 1)
    made.take_segment(103, b"d", 1, 1, 1)
    made.fin(106, 1, 1)
    made.flush(1, 1)
    made.take_segment(115, b"pqrs", 4, 1, 1)
    assert reader.got == [-3, b"d", -6, "end"]


def test_what_is_held_is_bounded() -> None:
    made, _ = stream()
    for number in range(5000):
        made.take_segment(200 + 2000 * number, b"x" * 1000, 1000, 1, 1)
        assert made.taken <= 1 << 18
    made.close()
    assert made.budget.left == 1 << 20


def test_without_budget_nothing_is_held() -> None:
    made, reader = stream(budget=100)
    made.take_segment(103, b"def", 3, 1, 1)
    assert reader.got == [-3, b"def"]


def two_waiting(budget: int, limit: int) -> list[object]:
    """What is handed over while two segments of three bytes wait, each behind a hole. Each takes 163 bytes."""
    made, reader = stream(budget=budget)
    made.limit = limit
    made.take_segment(103, b"def", 3, 1, 1)
    made.take_segment(109, b"jkl", 3, 2, 2)
    return reader.got


@pytest.mark.parametrize(
    ("budget", "limit", "got"),
    [
        (326, 326, []),
        (325, 326, [-3, b"def"]),
        (326, 325, [-3, b"def"]),
        (163, 326, [-3, b"def"]),
        (162, 326, [-3, b"def", -3, b"jkl"]),
    ],
)
def test_what_waits_behind_a_hole_takes_as_much_as_it_may(budget: int, limit: int, got: list[object]) -> None:
    assert two_waiting(budget, limit) == got


@pytest.mark.parametrize(("pieces", "got"), [(1024, []), (1025, [-1, b"x"])])
def test_so_many_pieces_wait_behind_holes(pieces: int, got: list[object]) -> None:
    made, reader = stream()
    for number in range(pieces):
        made.take_segment(101 + 2 * number, b"x", 1, 1, 1)
    assert reader.got == got


def test_a_segment_that_the_next_hole_s_end_lets_through_does_not_wait() -> None:
    made, reader = stream()
    made.limit = 163
    made.take_segment(105, b"fgh", 3, 1, 1)
    made.take_segment(103, b"de", 2, 2, 2)
    assert (reader.got, made.taken) == ([-5, b"fgh"], 0)
    made.take_segment(110, b"klm", 3, 3, 3)
    assert (reader.got, made.taken) == ([-5, b"fgh"], 163)
    made.take_segment(112, b"mno", 3, 4, 4)
    assert (reader.got, made.taken) == ([-5, b"fgh", -2, b"klm", b"no"], 0)


def test_where_nothing_can_be_held_the_end_is_noticed_all_the_same() -> None:
    made, reader = stream(budget=100)
    made.fin(106, 1, 1)
    made.take_segment(103, b"def", 3, 2, 2)
    assert reader.got == [-3, b"def", "end"]


def test_of_two_copies_that_wait_the_first_counts() -> None:
    made, reader = stream()
    made.take_segment(103, b"zz", 2, 1, 1)
    made.take_segment(103, b"aab", 3, 2, 2)
    made.take_segment(100, b"abc", 3, 3, 3)
    assert reader.got == [b"abc", b"zz", b"b"]


@pytest.mark.parametrize(
    ("first", "second", "got"),
    [
        ((103, b"def"), (106, b""), [b"abc", b"def", -3]),
        ((103, b""), (106, b"ghi"), [b"abc", -3, b"ghi"]),
        ((103, b""), (106, b""), [b"abc", -6]),
        ((103, b""), (107, b""), [b"abc", -3]),
    ],
)
def test_what_a_snap_length_cut_off_waits_as_well(
    first: tuple[int, bytes], second: tuple[int, bytes], got: list[object]
) -> None:
    made, reader = stream()
    made.take_segment(*first, 3, 1, 1)
    made.take_segment(*second, 3, 2, 2)
    made.take_segment(100, b"abc", 3, 3, 3)
    assert reader.got == got


@pytest.mark.parametrize(("counts", "taken"), [(5, 163), (6, 160), (7, 160)])
def test_behind_a_hole_bytes_are_kept_unless_all_are_only_counted(counts: int, taken: int) -> None:
    made, reader = stream(counts=counts)
    made.take_segment(103, b"def", 3, 1, 1)
    assert made.taken == taken
    made.flush(2, 2)
    assert reader.got == [(3, 3), *([(3, 0)] if counts > 5 else [(2, 0), b"f"])]


@given(st.binary(min_size=1, max_size=400), st.data())
def test_any_cutting_copying_and_shuffling_gives_the_same_bytes(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.sampled_from([0, 100, 2**32 - 1, 2**32 - 150]))
    pieces = []
    at = 0
    while at < len(data):
        end = min(len(data), at + draw.draw(st.integers(1, 60)))
        pieces.append((at, end))
        at = end
    pieces += draw.draw(st.lists(st.sampled_from(pieces), max_size=5))
    ranges = st.tuples(st.integers(0, len(data) - 1), st.integers(1, 80)).map(
        lambda piece: (piece[0], piece[0] + piece[1])
    )
    pieces += draw.draw(st.lists(ranges, max_size=5))
    pieces = draw.draw(st.permutations(pieces))
    made, reader = stream()
    made.start = start
    for at, end in pieces:
        piece = data[at:end]
        made.take_segment((start + at) & MASK, piece, len(piece), 1, 1)
    made.fin((start + len(data)) & MASK, 1, 1)
    assert b"".join(piece for piece in reader.got if isinstance(piece, bytes)) == data
    assert reader.got[-1] == "end"
    assert not made.held
    assert made.taken == 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, MASK), st.binary(max_size=20), st.integers(0, 30), st.integers(0, MASK), st.booleans()
        ),
        max_size=30,
    ),
    st.integers(0, 50),
)
def test_any_segments_leave_the_stream_in_order(segments: list[tuple[int, bytes, int, int, bool]], counts: int) -> None:
    made, _ = stream(counts)
    at = 0
    for sequence, payload, more, acknowledged, fin in segments:
        made.take_segment(sequence, payload, len(payload) + more, 1, 1)
        made.acknowledge(acknowledged, 1, 1)
        if fin:
            made.fin(sequence, 1, 1)
        assert made.at >= at
        at = made.at
    made.flush(1, 1)
    made.close()
    assert made.budget.left == 1 << 20


# Connections.


def connect(ladder: Ladder, **options: float) -> Connect:
    return one(ladder.facts(**options), Connect)


def test_an_open_connection() -> None:
    found = connect(Ladder().opens())
    assert (found.outcome, found.frame, found.time, found.seconds) == ("open", 1, START, 0.001)
    assert (found.client, found.client_port, found.server, found.port) == ("10.0.0.7", 49152, "10.0.0.80", 80)
    assert (found.attempts, found.client_mac, found.reason) == (1, "00:04:f2:aa:bb:cc", None)


def test_refused() -> None:
    found = connect(Ladder().asks().refuses())
    assert (found.outcome, found.seconds) == ("refused", 0.001)


def test_a_refusal_captured_before_its_syn() -> None:
    asked, refused = Ladder().asks().refuses().segments
    found = one(play([refused, replace(asked, time=refused.time + 500)]), Connect)
    assert (found.outcome, found.frame, found.attempts) == ("refused", 2, 1)
    assert one(play([refused, refused, asked, asked]), Connect).outcome == "refused"
    other = replace(asked, seq=asked.seq + 7)
    assert one(play([refused, other]), Connect).outcome == "no_answer"
    late = replace(asked, time=refused.time + SECOND)
    assert one(play([refused, late]), Connect).outcome == "no_answer"
    # Facts are of packets, as they stand in the capture.
    assert one(play([refused, asked], bodies=False), Connect).outcome == "no_answer"


def test_a_reset_of_something_else_refuses_nothing() -> None:
    ladder = Ladder().asks()
    ladder.up += 5
    assert connect(ladder.refuses()).outcome == "no_answer"


def again(ladder: Ladder) -> Ladder:
    ladder.up -= 1
    return ladder.asks()


def test_numbers_that_do_not_count_the_syn() -> None:
    ladder = Ladder(up=0, down=0).opens()
    segments = [replace(segment, seq=0, ack=0) for segment in ladder.segments]
    ladder = Ladder(up=0, down=0).says(GET).answers(b"HTTP/1.1 204 No Content\r\n\r\n")
    facts = play([*segments, *ladder.segments])
    (found,) = only(facts, Connect)
    assert (found.frame, found.outcome, found.lacking, found.seconds) == (1, "open", None, 0.001)
    (http,) = only(facts, Http)
    assert (http.frame, http.answer_frame, http.status, http.complete) == (4, 5, 204, True)
    # A number that is otherwise wrong is the answer to something else.
    wrong = [segments[0], replace(segments[1], ack=MASK), *segments[2:]]
    assert [opening.outcome for opening in only(play(wrong), Connect) if opening.frame == 1] == ["no_answer"]


def test_not_answered() -> None:
    ladder = Ladder().asks().waits(1)
    found = connect(again(again(ladder).waits(2)))
    assert (found.outcome, found.attempts, found.frame, found.seconds) == ("no_answer", 3, 1, None)


def test_answered_at_the_second_try() -> None:
    found = connect(again(Ladder().asks().waits(3)).accepts())
    assert (found.outcome, found.attempts, found.seconds) == ("open", 2, pytest.approx(3.002))


def test_a_capture_that_ends_too_soon_proves_nothing() -> None:
    assert connect(Ladder().asks(), after=4).outcome == "unfinished"
    assert connect(Ladder().asks(), after=4, patience=3).outcome == "no_answer"


def test_unreachable() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append))
    feed(flows, Ladder().asks().segments[0], 1)
    flows.on_unreachable((PHONE, 49152, POOL, 80), "ICMP host unreachable from 10.0.0.1", START + 1)
    assert not found
    flows.finish(START + 2)
    assert (found[0].outcome, found[0].reason) == ("unreachable", "ICMP host unreachable from 10.0.0.1")


@pytest.mark.parametrize("end", [Ladder.closes, Ladder.hangs_up, Ladder.resets, Ladder.acknowledges])
@pytest.mark.parametrize("pause", [0, 0.2, 60])
def test_a_stack_that_begins_each_connection_alike(end: Callable[[Ladder], Ladder], pause: float) -> None:
    ladder = end(Ladder().opens().says(GET % 1).answers(ANSWERS[0])).waits(pause)
    ladder.up, ladder.down = 1000, 9000
    facts = ladder.opens().says(POST).answers(ANSWERS[0]).facts()
    assert [opening.outcome for opening in only(facts, Connect)] == ["open", "open"]
    assert [exchange.method for exchange in only(facts, Http)] == ["GET", "POST"]


@pytest.mark.parametrize("end", [Ladder.closes, Ladder.hangs_up, Ladder.resets])
def test_a_connection_with_an_answer_is_not_the_one_without_that_began_alike(end: Callable[[Ladder], Ladder]) -> None:
    """The second request is not in the capture."""
    ladder = end(Ladder().opens().says(POST))
    ladder.up, ladder.down = 1000, 9000
    first = len(ladder.segments)
    segments = ladder.opens().says(POST).answers(ANSWERS[0]).segments
    facts = play([segment for at, segment in enumerate(segments, -first) if at != 3])
    assert [(opening.outcome, opening.frame) for opening in only(facts, Connect)] == [("open", 1), ("open", first + 1)]
    assert [(exchange.method, exchange.status) for exchange in only(facts, Http)] == [("POST", None), (None, 200)]


@pytest.mark.parametrize("end", [Ladder.closes, Ladder.resets, Ladder.acknowledges])
def test_a_late_copy_of_the_syn_is_no_attempt(end: Callable[[Ladder], Ladder]) -> None:
    ladder = end(Ladder().opens().says(GET % 1).answers(ANSWERS[0]))
    copy = replace(ladder.segments[0], time=ladder.at + 1000)
    assert len(only(play([*ladder.segments, copy]), Connect)) == 1
    early = replace(copy, time=ladder.segments[0].time)
    assert len(only(play([*ladder.segments, early]), Connect)) == 1


@pytest.mark.parametrize("end", [Ladder.closes, Ladder.hangs_up, Ladder.resets, Ladder.acknowledges])
@pytest.mark.parametrize("late", [0.0015, 0.0035, 0.0045, 0.0055, 0.0075, 0.0105, 0.5])
def test_a_connection_that_was_captured_at_both_ends_is_one(late: float, end: Callable[[Ladder], Ladder]) -> None:
    first, second = ANSWERS[0][:-2], ANSWERS[0][-2:]
    segments = end(Ladder().opens().says(GET % 1).answers(first, second)).segments
    copies = [replace(segment, time=segment.time + int(late * SECOND)) for segment in segments]
    facts = play(sorted([*segments, *copies], key=lambda segment: segment.time))
    assert one(facts, Connect).outcome == "open"
    assert (one(facts, Http).status, one(facts, Http).complete) == (200, True)


@pytest.mark.parametrize("end", [Ladder.closes, Ladder.resets])
def test_who_hangs_up_on_a_connection_that_begins_as_the_last_one_is_noticed(end: Callable[[Ladder], Ladder]) -> None:
    ladder = Ladder().opens().says(GET % 1).answers(ANSWERS[0]).closes()
    ladder.up, ladder.down = 1000, 9000
    facts = end(ladder.opens()).facts()
    assert [opening.outcome for opening in only(facts, Connect)] == ["open", "open"]


@pytest.mark.parametrize(("later", "attempts"), [(SECOND - 1, 1), (SECOND, 2)])
def test_how_late_a_copy_of_the_syn_may_come(later: int, attempts: int) -> None:
    ladder = Ladder().opens().says(GET % 1).answers(ANSWERS[0]).closes()
    copy = replace(ladder.segments[0], time=ladder.segments[-2].time + later)
    assert len(only(play([*ladder.segments, copy]), Connect)) == attempts


def test_copies_of_an_opening_with_their_own_times_open_nothing() -> None:
    ladder = Ladder().opens().says(GET % 1).answers(ANSWERS[0]).closes()
    assert len(only(play([*ladder.segments, *ladder.segments[:2]]), Connect)) == 1


def test_a_copy_of_the_answer_to_the_syn_opens_nothing() -> None:
    segments = Ladder().opens().says(GET % 1).answers(ANSWERS[0]).segments
    facts = play([*segments[:4], segments[1], *segments[4:]])
    assert [opening.lacking for opening in only(facts, Connect)] == [None]
    assert (one(facts, Http).frame, one(facts, Http).complete) == (4, True)


@pytest.mark.parametrize(("missing", "told"), [(LEAST - 1, 0), (LEAST, 1)])
def test_fewer_bytes_than_a_message_has_are_no_exchange(missing: int, told: int) -> None:
    assert len(only(Ladder().opens().loses(missing).closes().facts(), Http)) == told


def test_a_new_attempt_from_the_same_port() -> None:
    ladder = Ladder().asks().waits(20)
    ladder.up = 777
    found = only(ladder.asks().accepts().facts(), Connect)
    assert [fact.outcome for fact in found] == ["no_answer", "open"]


def test_a_new_connection_on_the_same_ports() -> None:
    get, answer = b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"
    ladder = Ladder().opens().says(get).answers(answer).closes().waits(60)
    ladder.up, ladder.down = 50_000, 10
    found = ladder.opens().says(get).answers(answer).resets().facts()
    assert [opening.outcome for opening in only(found, Connect)] == ["open", "open"]
    assert [(exchange.frame, exchange.status) for exchange in only(found, Http)] == [(4, 204), (12, 204)]


def test_the_servers_answer_to_a_syn_may_be_missing() -> None:
    segments = Ladder().opens().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 204 x\r\n\r\n").segments
    found = play([segment for segment in segments if segment.flags != SYN | ACK])
    assert (one(found, Connect).outcome, one(found, Connect).lacking) == ("open", "syn_ack")
    assert one(play(segments), Connect).lacking is None
    assert one(found, Http).complete


def test_the_syn_may_be_missing() -> None:
    segments = Ladder().opens().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 204 x\r\n\r\n").segments
    found = play(segments[1:])
    assert (one(found, Connect).outcome, one(found, Connect).seconds) == ("open", None)
    assert one(found, Connect).lacking == "syn"
    assert one(found, Http).complete


@pytest.mark.parametrize("accepted", [True, False])
def test_data_in_the_syn(accepted: bool) -> None:
    get = b"GET / HTTP/1.1\r\n\r\n"
    ladder = Ladder().says(get)
    ladder.segments[0] = replace(ladder.segments[0], flags=SYN, ack=0)
    ladder.up += 1
    if not accepted:
        ladder.up -= len(get)
    ladder.accepts()
    if not accepted:
        ladder.says(get)
    facts = ladder.answers(b"HTTP/1.1 204 x\r\n\r\n").facts()
    assert one(facts, Connect).outcome == "open"
    assert (one(facts, Http).frame, one(facts, Http).status) == (1, 204)


def test_the_client_may_use_a_watched_port() -> None:
    get = b"GET / HTTP/1.1\r\n\r\n"
    found = one(Ladder(client_port=80, port=4660).opens().says(get).answers(b"HTTP/1.1 204 x\r\n\r\n").facts(), Http)
    assert (found.method, found.port, found.client_port) == ("GET", 4660, 80)


def test_late_copies_behind_the_end_begin_nothing() -> None:
    segments = Ladder().opens().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 204 x\r\n\r\n").closes().segments
    found = play([*segments, *segments[3:]])
    assert len(only(found, Http)) == 1
    assert len(only(found, Connect)) == 1


def test_other_ports_are_nobodys_business() -> None:
    assert not Ladder(port=5060).says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 204 x\r\n\r\n").facts()
    assert not Ladder(port=5060).opens().says(b"GET / HTTP/1.1\r\n\r\n").facts()
    assert Ladder(port=5060).opens().says(b"GET / HTTP/1.1\r\n\r\n").facts(ports=frozenset({5060}))


def test_what_is_pending_can_be_asked_without_ending_it() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append))
    segments = [*Ladder().opens().says(b"GET / HTTP/1.1\r\n\r\n").segments, *Ladder(client_port=5).asks().segments]
    for frame, segment in enumerate(segments, 1):
        feed(flows, segment, frame)
    before = len(found)
    pending = flows.pending(START + 60 * SECOND)
    assert len(found) == before
    flows.finish(START + 60 * SECOND)
    assert found[before:] == pending
    assert {fact.kind for fact in pending} == {"http", "connect"}


def test_attempts_are_given_up_when_nobody_will_repeat_them() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append))
    ladder = Ladder().asks().waits(3)
    for frame, segment in enumerate(again(ladder).segments, 1):
        feed(flows, segment, frame)
    flows.expire(ladder.at + 9 * SECOND)
    assert not found
    flows.expire(ladder.at + 12 * SECOND)
    assert [(fact.outcome, fact.attempts) for fact in found] == [("no_answer", 2)]


def test_silent_flows_are_forgotten() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append))
    for frame, segment in enumerate(Ladder().opens().says(b"GET / HTTP/1.1\r\n\r\n").segments, 1):
        feed(flows, segment, frame)
    last = START + 3 * 1000
    flows.expire(last + 900 * SECOND)
    assert [fact.kind for fact in found] == ["connect"]
    flows.expire(last + 931 * SECOND)
    assert [fact.kind for fact in found] == ["connect", "http"]
    assert found[1].failure == "no_answer"


def test_a_flood_of_syns_drives_out_no_flow() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append), connections=50, attempts=50)
    phone = Ladder().opens().says(b"GET / HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 204 x\r\n\r\n").segments
    for frame, segment in enumerate(phone[:4], 1):
        feed(flows, segment, frame)
    for number in range(20_000):
        feed(flows, Segment(START + 10, True, number, 0, SYN, client=number.to_bytes(4, "big")), 5)
    feed(flows, phone[4], 6)
    assert flows.dropped == 20_000 - 50
    assert one(found, Http).status == 204


def test_as_facts_every_syn_of_a_flood_is_reported() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append), attempts=50, bodies=False)
    for number in range(1000):
        feed(flows, Segment(START + 10, True, number, 0, SYN, client=number.to_bytes(4, "big")), number + 1)
    flows.finish(START + SECOND)
    assert [opening.frame for opening in only(found, Connect)] == list(range(1, 1001))  # type: ignore[arg-type]
    assert {opening.outcome for opening in only(found, Connect)} == {"unfinished"}  # type: ignore[arg-type]
    assert not flows.dropped


def test_flows_without_end_are_bounded_oldest_out() -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append), connections=50)
    for number in range(2000):
        for segment in Ladder(client_port=1024 + number, at=START + number).opens().says(b"GET /x").segments:
            feed(flows, segment, number)
    assert flows.dropped == 1950
    assert len(flows.directions) <= 2 * (50 + 1024)
    flows.finish(START + SECOND)
    assert flows.budget.left == 4 * 1024 * 1024


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.integers(0, 3),
            st.integers(0, 60),
            st.integers(0, 60),
            st.sampled_from([SYN, SYN | ACK, ACK, ACK | 1, RST, RST | ACK, 0, 63, ACK]),
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from([b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\x16\x03\x01\x00\x05abcde"]),
            ),
            st.integers(0, 9),
        ),
        max_size=40,
    )
)
def test_any_packets_are_survived(packets: list[tuple[bool, int, int, int, int, bytes, int]]) -> None:
    found: list[object] = []
    flows = ConnectionTracker(found.append, DnsTracker(found.append), connections=2)
    for frame, (up, port, seq, ack, flags, payload, more) in enumerate(packets, 1):
        segment = Segment(
            START + frame, up, seq, ack, flags, payload, len(payload) + more, (1024 + port, (80, 443, 53)[frame % 3])
        )
        feed(flows, segment, frame)
        flows.expire(START + frame * 10 * SECOND)
    flows.pending(START)
    flows.finish(START + SECOND)
    assert flows.budget.left == 4 * 1024 * 1024


GET = b"GET /%d HTTP/1.1\r\nHost: pool\r\n\r\n"
POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: 10\r\n\r\n<request/>"
ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b"0123456789" * 2,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n3\r\nabc\r\n0\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
)


def conversation(pieces: Random) -> list[Segment]:
    ladder = Ladder(up=pieces.choice((0, 2**32 - 40)), down=pieces.choice((0, 2**32 - 50))).opens()
    for number, answer in enumerate(ANSWERS):
        request = POST if number == 1 else GET % number
        ladder.says(*split(request, pieces)).answers(*split(answer, pieces))
    return ladder.closes().segments


def split(data: bytes, pieces: Random) -> list[bytes]:
    cuts = sorted(pieces.sample(range(1, len(data)), pieces.randrange(0, 5)))
    return [data[at:end] for at, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def told(found: list[object]) -> list[tuple[object, ...]]:
    return [
        (
            exchange.method,
            exchange.target,
            exchange.status,
            exchange.request_bytes,
            exchange.answer_bytes,
            exchange.complete,
            exchange.failure,
        )
        for exchange in found
        if isinstance(exchange, Http)
    ]


EXPECTED = [
    ("GET", "/0", 200, 0, 20, True, None),
    ("POST", "/RequestHandler/ucdevice.upx", 200, 10, 13, True, None),
    ("GET", "/2", 304, 0, 0, True, None),
    ("GET", "/3", 404, 0, 0, True, None),
]


@given(st.randoms(use_true_random=False))
def test_what_the_network_does_to_a_conversation_changes_no_fact(chance: Random) -> None:
    segments = conversation(chance)
    assert told(play(segments)) == EXPECTED
    # Copies behind, and one direction's neighbours swapped: what networks do.
    wild = list(segments)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(3, len(wild))
        wild.insert(min(len(wild), at + chance.randrange(1, 4)), wild[at])
    for _ in range(chance.randrange(4)):
        at = chance.randrange(3, len(wild) - 1)
        if wild[at].up == wild[at + 1].up and not (wild[at].flags | wild[at + 1].flags) & 1:
            wild[at], wild[at + 1] = wild[at + 1], wild[at]
    assert told(play(wild)) == EXPECTED
    assert told(play(wild, bulk=True)) == EXPECTED


@given(st.randoms(use_true_random=False))
def test_what_the_capture_lacks_invents_no_failure(chance: Random) -> None:
    segments = conversation(chance)
    kept = [segment for segment in segments if chance.random() > 0.15]
    for method, target, status, _, _, complete, failure in told(play(kept)):
        assert (method, target) in {("GET", "/0"), ("GET", "/2"), ("GET", "/3"), ("POST", EXPECTED[1][1]), (None, None)}
        assert status in (None, 200, 304, 404)
        assert failure != "not_http"
        assert complete is False or status is not None


@pytest.mark.parametrize("said", [GET % 1, bytes.fromhex("1603010005010000010000"), b"\0\x1d" + bytes(29)])
def test_a_connection_that_is_over_waits_for_no_search_for_cycles(said: bytes) -> None:
    port = 53 if said[0] == 0 else 80
    gc.disable()
    gc.freeze()  # All that is there already is not looked at.
    try:
        flows = ConnectionTracker(lambda _: None, DnsTracker(lambda _: None))
        for number in range(20):
            for frame, segment in enumerate(
                Ladder(port=port, client_port=number + 1).opens().says(said).closes().segments
            ):
                feed(flows, segment, frame + 1)
        left = Counter(type(thing) for thing in gc.get_objects())
    finally:
        gc.enable()
    protocols = ("Talk", "Tracker", "Direction")
    assert not {kind for kind, count in left.items() if count >= 20 and kind.__name__.endswith(protocols)}
    # Something is there to be counted.
    assert left[type(flows)] == 1
