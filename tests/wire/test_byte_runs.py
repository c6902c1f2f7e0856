"""Runs that a reader counts by itself, and streams at their limits: who may count what, and what is taken over."""

import pytest

from ucdiag.wire.tcp.byte_run import ByteRun
from ucdiag.wire.tcp.stream import ENDLESS, HALF, Budget, Stream

BULK_LEAST, HELD_MOST, HELD_COST, REACH = 8192, 1024, 160, 1 << 20


class Sink:
    """Writes down what it gets; the first ``counts`` bytes are only counted."""

    def __init__(self, counts: int = 0) -> None:
        self.counts = counts
        self.got: list[object] = []

    def receive_data(self, data: bytes, time: int, frame: int) -> None:
        self.got.append((bytes(data), time, frame))

    def skip_bytes(self, amount: int, lost: int, time: int, frame: int) -> None:
        self.counts -= amount
        self.got.append((amount, lost, time, frame))

    def cut_bytes(self, amount: int, time: int, frame: int) -> bool:
        self.got.append(("cut", amount, time, frame))
        return amount % 2 == 0

    def miss_bytes(self, amount: int, time: int, frame: int) -> None:
        self.got.append(("lost", amount, time, frame))

    def end_stream(self, time: int, frame: int) -> None:
        self.got.append(("end", time, frame))


def stream(counts: int = 0, start: int | None = 1000, budget: int = 1 << 20, limit: int = 1 << 18) -> Stream:
    made = Stream(Budget(budget), limit)
    made.sink = Sink(counts)
    made.start = start
    return made


def got(made: Stream) -> list[object]:
    assert isinstance(made.sink, Sink)
    return made.sink.got


# What a run is.


@pytest.mark.parametrize(
    ("next_", "end", "room"), [(10, 30, 20), (0xFFFFFFF0, 16, 32), (7, 7, 0), (1, 0, 0xFFFFFFFF), (5, None, 1 << 30)]
)
def test_how_many_bytes_a_run_has_left(next_: int, end: int | None, room: int) -> None:
    assert ByteRun(next_, end).room == room


def test_the_time_of_a_run_is_read_by_the_clock_of_its_file() -> None:
    run = ByteRun(0, None)
    assert run.time is None
    run.stamp = 5
    assert run.time == 5
    run.clock = lambda stamp: stamp * 1000
    assert run.time == 5000


def test_a_new_run_of_which_nothing_was_counted() -> None:
    run = ByteRun(3, 9)
    assert (run.next, run.end, run.live) == (3, 9, True)
    assert (run.frame, run.stamp, run.clock) == (None, None, None)
    assert (run.mark, run.length, run.left, run.at, run.number) == (0, 0, 0, -1, 0)


def test_a_run_that_is_over_lets_the_reader_count_nothing() -> None:
    run = ByteRun(0, None)
    run.left = 9
    run.live = True
    assert (run.live, run.left) == (True, 9)
    run.live = False
    assert (run.live, run.left) == (False, 0)


# Who gets one.


@pytest.mark.parametrize(("counts", "given"), [(BULK_LEAST - 1, False), (BULK_LEAST, True)])
def test_how_long_a_run_has_to_be(counts: int, given: bool) -> None:
    assert (stream(counts).offer() is not None) is given


def test_a_run_begins_where_the_stream_is_and_ends_where_bytes_matter_again() -> None:
    made = stream(10_000, start=0xFFFFFFFF)
    made.at = 3
    run = made.offer()
    assert run is not None
    assert (run.next, run.end) == (2, 10_002)
    made.at += 1000
    assert made.sink is not None
    made.sink.counts -= 1000
    assert made.offer() is run
    assert (run.next, run.end) == (1002, 10_002)


def test_a_run_is_never_longer_than_sequence_numbers_tell_apart() -> None:
    run = stream(ENDLESS, start=0).offer()
    assert run is not None
    assert run.end == HALF - 1


def behind_a_hole(made: Stream) -> None:
    made.take_segment(3000, b"x", 1, 1, 1)


def ending(made: Stream) -> None:
    made.fin(3000, 1, 1)


def ended(made: Stream) -> None:
    made.fin(1000, 1, 1)


def unread(made: Stream) -> None:
    made.sink = None


@pytest.mark.parametrize("change", [behind_a_hole, ending, ended, unread])
def test_where_something_else_may_come_the_run_is_over(change: object) -> None:
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    assert callable(change)
    change(made)
    assert made.offer() is None
    assert (run.live, made.bulk) == (False, None)


@pytest.mark.parametrize("change", [behind_a_hole, ending, ended])
def test_a_silent_direction_has_nothing_to_leave_out_then(change: object) -> None:
    made = stream()
    assert callable(change)
    change(made)
    assert made.offer_silence() is None


def test_a_run_of_silence_has_no_byte_in_it() -> None:
    made = stream(start=0xFFFFFFFF)
    made.at = 3
    run = made.offer_silence()
    assert run is not None
    assert (run.next, run.end, run.room) == (2, 2, 0)
    made.at = 9
    assert made.offer_silence() is run
    assert (run.next, run.end) == (8, 8)
    assert stream(start=None).offer_silence() is None


# What is taken over.


def test_what_a_reader_counted_is_taken_over_once() -> None:
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    made.sync()
    assert (made.at, made.frame, made.loose, got(made)) == (0, None, False, [])
    run.next, run.stamp, run.frame = 1500, 7, 8
    made.sync()
    made.sync()
    assert (made.at, made.time, made.frame, made.loose) == (500, 7, 8, True)
    assert got(made) == [(500, 0, 7, 8)]


def test_what_was_taken_over_is_not_taken_again_behind_what_came_since() -> None:
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    run.next, run.stamp, run.frame = 1500, 7, 8
    made.sync()
    made.take_segment(1500, b"x", 1, 9, 9)
    made.sync()
    assert (made.at, made.time, made.frame, got(made)) == (501, 9, 9, [(500, 0, 7, 8), (1, 0, 9, 9)])


def test_acknowledgements_that_a_reader_left_out_move_nothing_but_the_time() -> None:
    made = stream()
    run = made.offer_silence()
    assert run is not None
    run.stamp, run.frame = 7, 8
    made.sync()
    assert (made.at, made.time, made.frame, made.loose, got(made)) == (0, 7, 8, False, [])


def test_a_run_without_a_time_is_at_the_epoch() -> None:
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    run.frame = 8
    made.sync()
    assert (made.time, made.frame) == (0, 8)


def test_a_run_that_is_taken_back_is_counted_first() -> None:
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    run.next, run.stamp, run.frame = 1500, 7, 8
    made.revoke()
    assert (made.at, run.live, made.bulk) == (500, False, None)
    made.revoke()


def test_a_stream_that_is_closed_has_no_run() -> None:
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    made.close()
    assert (run.live, made.bulk, made.ended) == (False, None, True)


def test_what_a_run_left_out_before_a_retransmission_came_when_the_run_was_counted() -> None:
    """And not at the end, when a segment behind it proves that it was sent."""
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    run.next, run.stamp, run.frame = 1500, 7, 8
    made.sync()
    made.take_segment(1000, b"x" * 500, 500, 9, 9)
    made.reached(3000)
    made.flush(10, 10)
    assert got(made) == [(500, 0, 7, 8), (1500, 0, 7, 8)]


def test_behind_a_run_nobody_knows_which_bytes_the_capture_lacks() -> None:
    """The reader may have seen them, and not said so."""
    made = stream(10_000)
    run = made.offer()
    assert run is not None
    run.next, run.stamp, run.frame = 1500, 7, 8
    made.sync()
    made.take_segment(2000, b"x" * 100, 100, 9, 9)
    made.flush(10, 10)
    assert got(made)[1:] == [(500, 0, 9, 9), (100, 0, 9, 9)]
    strict = stream(10_000)
    strict.take_segment(2000, b"x" * 100, 100, 9, 9)
    strict.flush(10, 10)
    assert got(strict) == [(1000, 1000, 9, 9), (100, 0, 9, 9)]


# Limits of a stream.


@pytest.mark.parametrize(("pieces", "skipped"), [(HELD_MOST, 0), (HELD_MOST + 1, 1)])
def test_how_many_pieces_wait_behind_holes(pieces: int, skipped: int) -> None:
    made = stream()
    for number in range(1, pieces + 1):
        made.take_segment(1000 + 10 * number, b"x", 1, number, number)
    assert sum(piece[0] == "lost" for piece in got(made) if isinstance(piece, tuple)) == skipped
    assert made.budget.left == (1 << 20) - HELD_MOST * (HELD_COST + 1)


@pytest.mark.parametrize(("limit", "waits"), [(2 * HELD_COST + 7, 2), (2 * HELD_COST + 6, 1)])
def test_how_many_bytes_wait_behind_holes(limit: int, waits: int) -> None:
    for made in (stream(limit=limit), stream(budget=limit)):
        made.take_segment(1010, b"abc", 3, 1, 1)
        made.take_segment(1020, b"defg", 4, 2, 2)
        assert len(made.held or ()) == waits
        assert made.taken == (2 * HELD_COST + 7 if waits == 2 else HELD_COST + 4)
        assert made.budget.left + made.taken in (limit, 1 << 20)


@pytest.mark.parametrize("start", [0, 1000, 0xFFFFFFFF])
def test_where_no_more_may_wait_the_first_hole_is_given_up(start: int) -> None:
    """A piece of that hole has come too late then."""
    made = stream(start=start, limit=HELD_COST + 2)
    made.take_segment((start + 10) & 0xFFFFFFFF, b"k", 1, 1, 1)
    made.take_segment((start + 5) & 0xFFFFFFFF, b"fg", 2, 2, 2)
    assert got(made) == [("lost", 10, 1, 1), (b"k", 1, 1)]
    assert (made.at, made.repeated, made.held, made.taken) == (11, 5, [], 0)


def test_without_anybody_to_read_only_the_place_moves() -> None:
    made = stream()
    made.sink = None
    made.take_segment(1000, b"abc", 5, 1, 1)
    made.take_segment(1010, b"k", 1, 2, 2)
    made.fin(1011, 3, 3)
    made.flush(9, 9)
    assert (made.at, made.ended, made.snapped) == (11, True, 0)
    other = stream()
    other.sink = None
    other.fin(1010, 1, 1)
    other.acknowledge(1010, 2, 2)
    assert (other.at, other.ended) == (10, True)


def test_what_waited_is_delivered_by_its_place_with_its_own_time() -> None:
    made = stream()
    for sequence, payload, number in ((1006, b"gh", 1), (1002, b"cd", 2), (1004, b"efg", 3), (1010, b"kl", 4)):
        made.ack = number * 100
        made.take_segment(sequence, payload, len(payload), number, number)
    made.take_segment(1000, b"ab", 2, 5, 5)
    assert got(made) == [(b"ab", 5, 5), (b"cd", 2, 2), (b"efg", 3, 3), (b"h", 1, 1)]
    assert made.ack == 100
    assert [(begin, end) for begin, end, *_ in made.held or ()] == [(10, 12)]


def test_lengths_that_follow_each_other_wait_as_one() -> None:
    made = stream(10_000)
    for sequence in (1100, 1200, 1300, 1500):
        made.take_segment(sequence, b"x" * 100, 100, sequence, sequence)
    assert [(begin, end, payload) for begin, end, payload, *_ in made.held or ()] == [(100, 400, b""), (500, 600, b"")]
    assert made.taken == 2 * HELD_COST
    # Of which a part matters: all of it is kept.
    other = stream(150)
    other.take_segment(1100, b"x" * 50, 50, 1, 1)
    other.take_segment(1150, b"y", 1, 1, 1)
    assert [piece[2] for piece in other.held or ()] == [b"", b"y"]


def test_a_hole_that_is_filled_forgets_how_often_it_was_acknowledged() -> None:
    made = stream()
    made.take_segment(1003, b"d", 1, 1, 1)
    made.take_segment(1010, b"k", 1, 1, 1)
    made.acknowledge(1004, 2, 2)
    made.take_segment(1000, b"abc", 3, 3, 3)
    made.acknowledge(1011, 4, 4)
    assert [piece[0] for piece in made.held or ()] == [10]
    made.acknowledge(1011, 5, 5)
    assert made.held == []
    assert got(made)[2:] == [("lost", 6, 1, 1), (b"k", 1, 1)]


@pytest.mark.parametrize(("beyond", "told"), [(1, []), (2, [("lost", 2, 9, 9)])])
@pytest.mark.parametrize("how", ["acknowledged", "reached"])
def test_one_sequence_number_more_at_the_end_may_be_a_fin(how: str, beyond: int, told: list[object]) -> None:
    made = stream()
    if how == "acknowledged":
        made.acknowledge(1000 + beyond, 1, 1)
    else:
        made.reached(1000 + beyond)
    made.flush(9, 9)
    assert got(made) == told


@pytest.mark.parametrize(("beyond", "reach"), [(0, 0), (-5, 0), (1, 1), (REACH, REACH), (REACH + 1, 0)])
def test_how_far_a_reset_may_stand_behind_what_was_seen(beyond: int, reach: int) -> None:
    made = stream()
    made.reached(1000 + beyond)
    assert made.reach == reach
    made.reached(1000)
    assert made.reach == reach
    later = stream()
    later.take_segment(1000, b"abc", 3, 1, 1)
    later.reached(1003 + beyond)
    assert later.reach == (reach and reach + 3)
    unknown = stream(start=None)
    unknown.reached(1000 + beyond)
    assert unknown.reach == 0


@pytest.mark.parametrize("denials", [0, 1, 2])
def test_a_fin_behind_bytes_that_never_came(denials: int) -> None:
    """Who acknowledges again and again less than the FIN did not get what lies before it."""
    made = stream()
    made.fin(1010, 1, 1)
    for _ in range(denials):
        made.acknowledge(1004, 2, 2)
    made.flush(9, 9)
    assert got(made) == ([] if denials == 2 else [("lost", 10, 9, 9), ("end", 9, 9)])


def test_a_fin_that_was_acknowledged_came_with_all_before_it() -> None:
    made = stream()
    made.fin(1010, 1, 1)
    made.acknowledge(1009, 2, 2)
    assert got(made) == []
    made.acknowledge(1010, 3, 3)
    assert got(made) == [("lost", 10, 3, 3), ("end", 3, 3)]


def test_what_comes_behind_the_end_waits_for_nothing() -> None:
    made = stream()
    made.fin(1000, 1, 1)
    made.take_segment(1000, b"x", 1, 2, 2)
    made.take_segment(1010, b"x", 1, 3, 3)
    made.reached(1005)
    made.flush(9, 9)
    assert (got(made), made.held, made.at, made.frame) == ([("end", 1, 1)], None, 0, 3)


def test_only_the_first_fin_counts_and_none_behind_what_came() -> None:
    made = stream()
    made.take_segment(1000, b"abc", 3, 1, 1)
    made.fin(1002, 2, 2)
    assert made.fin_at is None
    made.fin(1005, 3, 3)
    made.fin(1004, 4, 4)
    assert made.fin_at == 5
    made.take_segment(1003, b"defgh", 5, 5, 5)
    assert got(made) == [(b"abc", 1, 1), (b"de", 5, 5), ("end", 5, 5)]


@pytest.mark.parametrize(("length", "snapped"), [(5, 1), (4, 0), (3, 0)])
def test_a_packet_that_was_cut_where_it_matters_is_counted(length: int, snapped: int) -> None:
    made = stream()
    made.take_segment(1000, b"abc", length, 1, 1)
    assert got(made) == [(b"abc", 1, 1), *([("cut", length - 3, 1, 1)] if length > 3 else [])]
    assert made.snapped == snapped


def test_a_packet_that_was_cut_where_bytes_are_only_counted_lacks_nothing() -> None:
    made = stream(8)
    made.take_segment(1000, b"abc", 8, 1, 1)
    made.take_segment(1008, b"def", 10, 2, 2)
    assert got(made) == [(8, 0, 1, 1), (b"def", 2, 2), ("cut", 7, 2, 2)]
    partly = stream(8)
    partly.take_segment(1000, b"abc", 10, 1, 1)
    assert got(partly) == [(8, 0, 1, 1), ("cut", 2, 1, 1)]


@pytest.mark.parametrize(("sequence", "repeated"), [(1000, 0), (1002, 2), (1003, -1)])
def test_a_segment_that_came_before_is_remembered_as_repeated(sequence: int, repeated: int) -> None:
    made = stream()
    made.take_segment(1000, b"abcd", 4, 1, 1)
    made.take_segment(sequence, b"cd", 2, 2, 2)
    assert made.repeated == repeated


@pytest.mark.parametrize("offset", [0, 1, -1, 5, HALF - 1, -HALF])
def test_a_sequence_number_is_the_nearest_place_that_has_it(offset: int) -> None:
    made = stream(start=0xFFFFFFF0)
    made.at = (1 << 33) + 5
    assert made.position((0xFFFFFFF0 + made.at + offset) & 0xFFFFFFFF) == made.at + offset


def test_the_first_number_seen_is_the_beginning() -> None:
    for take in (
        lambda made: made.take_segment(77, b"a", 1, 1, 1),
        lambda made: made.acknowledge(77, 1, 1),
        lambda made: made.fin(77, 1, 1),
    ):
        made = stream(start=None)
        take(made)
        assert made.start == 77
    assert made.ended


@pytest.mark.parametrize("denials", [0, 2])
def test_a_hole_before_what_waits_says_nothing_of_the_fin(denials: int) -> None:
    """What the peer lacks is in the capture, behind a hole."""
    made = stream()
    made.fin(1010, 1, 1)
    made.take_segment(1005, b"f", 1, 2, 2)
    for _ in range(denials):
        made.acknowledge(1003, 3, 3)
    made.acknowledged = 0
    made.flush(9, 9)
    assert got(made) == [("lost", 5, 2, 2), (b"f", 2, 2), ("lost", 4, 9, 9), ("end", 9, 9)]


def test_what_is_acknowledged_again_moves_nothing_back() -> None:
    made = stream()
    made.acknowledge(1007, 1, 1)
    made.acknowledge(1003, 2, 2)
    assert made.acknowledged == 7


def test_the_first_bytes_behind_a_fin_are_no_data() -> None:
    made = stream()
    made.take_segment(1000, b"ab", 2, 1, 1)
    made.fin(1004, 2, 2)
    made.take_segment(1004, b"x", 1, 3, 3)
    assert made.held is None
    made.take_segment(1003, b"dx", 2, 4, 4)
    made.take_segment(1002, b"c", 1, 5, 5)
    assert got(made) == [(b"ab", 1, 1), (b"c", 5, 5), (b"d", 4, 4), ("end", 4, 4)]
    assert made.at == 4


@pytest.mark.parametrize(("amount", "taken"), [(9, True), (10, True), (11, False)])
def test_a_budget_gives_what_is_left(amount: int, taken: bool) -> None:
    budget = Budget(10)
    assert budget.take(amount) is taken
    assert budget.left == (10 - amount if taken else 10)
    budget.give(3)
    assert budget.left == (13 - amount if taken else 13)


def test_a_fin_that_was_acknowledged_after_all_came_with_all_before_it() -> None:
    made = stream()
    made.fin(1010, 1, 1)
    for _ in range(2):
        made.acknowledge(1004, 2, 2)
    made.take_segment(1005, b"f", 1, 3, 3)
    made.acknowledge(1011, 4, 4)
    made.flush(9, 9)
    assert got(made) == [("lost", 5, 3, 3), (b"f", 3, 3), ("lost", 4, 9, 9), ("end", 9, 9)]
