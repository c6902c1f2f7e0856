"""DNS over TCP behind a hole: it finds its place again where that is sure, and takes nothing false."""

from collections.abc import Callable, Iterable

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.dns_exchange import NAME, answer, question
from tests.wire.ladder import Ladder, Segment, only, play
from ucdiag.model.observations import Lookup
from ucdiag.wire.dns.over_tcp import SOUGHT_MOST, DnsDirection, DnsTalk, is_sound
from ucdiag.wire.tcp.stream import Budget

OTHER, THIRD = "sip.contoso.com", "pool01.contoso.com"


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def asked(id: int, name: str) -> bytes:
    return framed(question(name, id=id))


def told(id: int, name: str, address: str | None = None) -> bytes:
    if address is None:
        return framed(answer(name=name, id=id, rcode="NXDOMAIN"))
    return framed(answer(f"{name}. 300 A {address}", name=name, id=id))


def embedding(id: int, inner: bytes) -> bytes:
    """An answer whose text holds another message."""
    found = dns.message.make_response(dns.message.make_query(OTHER, "TXT", id=id))
    text = "".join(f"\\{byte:03d}" for byte in inner)
    found.answer.append(dns.rrset.from_text(f"{OTHER}.", 300, "IN", "TXT", f'"{text}"'))
    return framed(found.to_wire())


def talk() -> Ladder:
    """Three questions and their answers, each in a segment of its own: segments 3 to 8."""
    ladder = Ladder(port=53).opens()
    for number, (name, address) in enumerate(((OTHER, "10.0.0.9"), (THIRD, "10.0.0.8"), (NAME, None)), 1):
        ladder.says(asked(number, name)).answers(told(number, name, address))
    return ladder.acknowledges().closes()


def without(*lost: int) -> list[Segment]:
    return [segment for at, segment in enumerate(talk().segments) if at not in lost]


def lookups(segments: Iterable[Segment]) -> list[tuple[str, str | None]]:
    """Name, and RCODE or failure, by name."""
    found = only(play(segments), Lookup)
    return sorted((fact.name, fact.rcode or fact.failure) for fact in found)


ALL = [(THIRD, "NOERROR"), (OTHER, "NOERROR"), (NAME, "NXDOMAIN")]


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ((), ALL),
        ((5, 6), [(OTHER, "NOERROR"), (NAME, "NXDOMAIN")]),
        ((3, 4), [(THIRD, "NOERROR"), (NAME, "NXDOMAIN")]),
        ((3, 4, 5, 6), [(NAME, "NXDOMAIN")]),
        ((0, 1, 2, 3, 4), [(THIRD, "NOERROR"), (NAME, "NXDOMAIN")]),
        ((0, 1, 2), ALL),
        # One direction: the answer shows its question, the question may have had an answer.
        ((5,), ALL),
        ((3,), ALL),
        ((7,), ALL),
        ((6,), [(THIRD, "lost"), (OTHER, "NOERROR"), (NAME, "NXDOMAIN")]),
        ((4,), [(THIRD, "NOERROR"), (OTHER, "lost"), (NAME, "NXDOMAIN")]),
        ((8,), [(THIRD, "NOERROR"), (OTHER, "NOERROR"), (NAME, "lost")]),
        ((4, 6), [(THIRD, "lost"), (OTHER, "lost"), (NAME, "NXDOMAIN")]),
    ],
)
def test_behind_holes_between_messages(lost: tuple[int, ...], expected: list[tuple[str, str]]) -> None:
    assert lookups(without(*lost)) == sorted(expected)


# netverdict 0.9.0 loses such an answer (findings/netverdict-sequence-wrap.sh).
@pytest.mark.parametrize("first", [2**32 - 1, 2**32 - 2, 2**32 - 21, 2**32 - 41])
def test_an_answer_whose_sequence_numbers_go_past_the_end(first: int) -> None:
    ladder = Ladder(port=53, down=first).opens().says(asked(1, OTHER))
    reply = told(1, OTHER, "10.0.0.9")
    ladder.answers(reply[:20], reply[20:40], reply[40:]).acknowledges()
    assert lookups(ladder.closes().segments) == [(OTHER, "NOERROR")]


@pytest.mark.parametrize("lost", [(5, 6), (3, 4), (3, 4, 5, 6)])
def test_question_and_answer_keep_their_frames(lost: tuple[int, ...]) -> None:
    last = only(play(without(*lost)), Lookup)[-1]
    frames = 8 - len(lost)
    assert (last.name, last.frame, last.answer_frame, last.seconds) == (NAME, frames, frames + 1, 0.001)


def test_a_segment_with_two_messages() -> None:
    ladder = Ladder(port=53).opens().says(asked(1, OTHER)).answers(told(1, OTHER, "10.0.0.9"))
    ladder.loses(len(asked(2, THIRD)), server=False).loses(len(told(2, THIRD, "10.0.0.8")))
    ladder.says(asked(3, NAME) + asked(4, THIRD)).answers(told(3, NAME) + told(4, THIRD, "10.0.0.7")).acknowledges()
    assert lookups(ladder.closes().segments) == [(THIRD, "NOERROR"), (OTHER, "NOERROR"), (NAME, "NXDOMAIN")]


def test_a_message_in_two_segments() -> None:
    ladder = Ladder(port=53).opens().says(asked(1, OTHER)).loses(50)
    reply = told(2, NAME, "10.0.0.80")
    ladder.says(asked(2, NAME)).answers(reply[:1], reply[1:30], reply[30:]).acknowledges()
    [first, second] = only(play(ladder.closes().segments), Lookup)
    assert (first.name, first.rcode, first.addresses, first.frame, first.answer_frame) == (
        NAME,
        "NOERROR",
        ("10.0.0.80",),
        5,
        8,
    )
    assert (second.name, second.failure) == (OTHER, "lost")


def test_a_hole_within_a_message_is_counted_off() -> None:
    big = embedding(2, bytes(200))
    ladder = Ladder(port=53).opens().says(asked(1, THIRD) + asked(2, OTHER) + asked(3, NAME))
    ladder.answers(told(1, THIRD, "10.0.0.8"), big[:60]).loses(100)
    ladder.answers(big[160:] + told(3, NAME)).acknowledges()
    assert lookups(ladder.closes().segments) == [(THIRD, "NOERROR"), (OTHER, "lost"), (NAME, "NXDOMAIN")]


@pytest.mark.parametrize(
    ("lost", "rest", "taken"),
    [
        pytest.param(2, b"c\0\1x", [b"x"], id="within a message"),
        pytest.param(3, b"\0\1x", [b"x"], id="up to its end"),
        pytest.param(4, b"\1x\0\1x", [], id="into the next"),
    ],
)
def test_behind_a_hole_that_ends_with_a_message_the_next_need_not_be_sound(
    lost: int, rest: bytes, taken: list[bytes]
) -> None:
    found: list[bytes] = []
    budget = Budget(100)
    direction = DnsDirection(budget, lambda time, frame, message: found.append(message))
    direction.receive_data(b"\0\5ab", 1, 1)
    direction.miss_bytes(lost, 2, 2)
    direction.receive_data(rest, 3, 3)
    direction.end_stream(4, 4)
    assert (found, budget.left) == (taken, 100)


def test_all_messages_behind_the_end_of_another_are_taken() -> None:
    found: list[bytes] = []
    direction = DnsDirection(Budget(1000), lambda time, frame, message: found.append(message), in_step=False)
    direction.receive_data(b"end" + asked(1, OTHER) + asked(2, NAME), 1, 1)
    assert found == [question(OTHER, id=1), question(NAME, id=2)]


def test_a_snap_length_makes_holes_too() -> None:
    big = embedding(2, bytes(200))
    ladder = Ladder(port=53).opens().says(framed(question(OTHER, "TXT", id=2)))
    ladder.answers(big, cut=80).says(asked(3, NAME)).answers(told(3, NAME)).acknowledges()
    assert lookups(ladder.closes().segments) == [(OTHER, "lost"), (NAME, "NXDOMAIN")]


def test_many_small_messages_and_holes() -> None:
    ladder = Ladder(port=53).opens()
    names = [f"host{number}.contoso.com" for number in range(60)]
    for number, name in enumerate(names, 1):
        ladder.says(asked(number, name)).answers(told(number, name, "10.0.0.9"))
    segments = ladder.acknowledges().closes().segments
    kept = [segment for at, segment in enumerate(segments) if at < 3 or (at - 3) // 2 % 5 != 2 or at > 122]
    expected = [(name, "NOERROR") for at, name in enumerate(names) if at % 5 != 2]
    assert lookups(kept) == sorted(expected)


@pytest.mark.parametrize("front", [b"", b"x", bytes(40)])
def test_a_message_within_a_message_is_not_taken_for_one(front: bytes) -> None:
    """Behind the hole comes the end of an answer, which looks like an answer that nobody asked for."""
    false = told(9, NAME, "203.0.113.66")
    big = embedding(2, front + false)
    cut = len(big) - len(false) - len(front)
    ladder = Ladder(port=53).opens().says(asked(1, THIRD), framed(question(OTHER, "TXT", id=2)))
    ladder.answers(told(1, THIRD, "10.0.0.8")).loses(cut).answers(big[cut:])
    ladder.says(asked(3, NAME)).answers(told(3, NAME)).acknowledges()
    assert lookups(ladder.closes().segments) == [(THIRD, "NOERROR"), (OTHER, "lost"), (NAME, "NXDOMAIN")]


def test_what_can_be_read_in_two_ways_is_not_read() -> None:
    """Two questions of the same end: which of them the phone asked cannot be told."""
    inner = asked(5, NAME)
    options = dns.message.make_query(OTHER, "A", id=4, use_edns=0, options=[dns.edns.GenericOption(65001, inner)])
    ladder = Ladder(port=53).opens().says(asked(1, THIRD)).loses(30, server=False)
    ladder.says(b"end of a message" + framed(options.to_wire())).acknowledges(server=True)
    assert lookups(ladder.closes().segments) == [(THIRD, "no_answer")]


def test_an_answer_that_was_acknowledged_and_not_captured_is_lost() -> None:
    ladder = Ladder(port=53).opens().says(asked(1, NAME)).loses(60).acknowledges()
    assert lookups(ladder.closes().segments) == [(NAME, "lost")]


def test_an_answer_that_the_network_lost_was_none() -> None:
    ladder = Ladder(port=53).opens().says(asked(1, NAME)).acknowledges(server=True)
    assert lookups(ladder.segments) == [(NAME, "no_answer")]


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=40)), max_size=12))
def test_arbitrary_bytes_and_holes_give_back_what_they_keep(parts: list[tuple[bool, bytes]]) -> None:
    budget = Budget(1 << 20)
    direction = DnsDirection(budget, lambda *_: None)
    for frame, (is_lost, data) in enumerate(parts):
        if is_lost:
            direction.miss_bytes(len(data) + 1, frame, frame)
        else:
            direction.receive_data(data, frame, frame)
    direction.end_stream(99, 99)
    assert budget.left == 1 << 20


def test_the_search_is_bounded() -> None:
    budget = Budget(1 << 22)
    direction = DnsDirection(budget, lambda *_: None)
    direction.miss_bytes(5, 1, 1)
    for frame in range(200):
        direction.receive_data(b"\0\x11" * 2000, frame, frame)
        assert budget.left >= (1 << 22) - SOUGHT_MOST


def padded(size: int) -> bytes:
    """A question that takes ``size`` bytes with its length."""
    record = b"\0\0\x29\x10\0\0\0\0\0" + (size - 30).to_bytes(2, "big") + bytes(size - 30)
    return framed(b"\0\7\1\0\0\1\0\0\0\0\0\1" + b"\0\0\1\0\1" + record)


@pytest.mark.parametrize(
    ("front", "size", "segments", "found"),
    [
        (0, 16384, 20, True),
        (0, 16385, 20, False),
        (0, 16385, 1, True),
        (0, 3200, 32, True),
        (0, 3200, 33, False),
        (96, 4000, 5, True),
        (97, 4000, 5, False),
    ],
)
def test_a_message_is_looked_for_among_so_much(front: int, size: int, segments: int, found: bool) -> None:
    taken: list[bytes] = []
    direction = DnsDirection(Budget(1 << 20), lambda time, frame, message: taken.append(message), in_step=False)
    data = bytes(front) + padded(size)
    step = -(-len(data) // segments)
    for start in range(0, len(data), step):
        direction.receive_data(data[start : start + step], 1, 1)
    assert taken == ([padded(size)[2:]] if found else [])


def test_an_answer_is_taken_as_soon_as_its_question_comes() -> None:
    questions: list[bytes] = []
    answers: list[tuple[int, int, bytes]] = []
    both = DnsTalk(
        Budget(1 << 20),
        lambda time, frame, message: questions.append(message),
        lambda *seen: answers.append(seen),
        awaited=lambda message: bool(questions),
    )
    both.responses.miss_bytes(10, 1, 1)
    both.responses.receive_data(told(1, NAME), 2, 2)
    assert answers == []
    both.requests.receive_data(asked(1, NAME), 3, 3)
    assert answers == [(2, 2, told(1, NAME)[2:])]


OPT = b"\0\0\x29\x10\0\0\0\0\0\0\0"


def with_record(data: bytes, count_at: int, record: bytes) -> bytes:
    """One more record in the section whose count is there."""
    return data[:count_at] + b"\0\1" + data[count_at + 2 :] + record


@pytest.mark.parametrize(
    ("change", "sound"),
    [
        (lambda data: data, True),
        (lambda data: data[:-1], False),
        (lambda data: data + b"\0", False),
        (lambda data: data[:2] + b"\x81\x80" + data[4:], False),
        (lambda data: data[:4] + b"\0\2" + data[6:], False),
        (lambda data: data[:2] + b"\x28\0" + data[4:], False),
        (lambda data: b"", False),
        (lambda data: data[:12] + b"\0\0\1\0\1", True),
        (lambda data: data[:12] + b"\0\0\1\0", False),
        (lambda data: with_record(data, 10, OPT), True),
        (lambda data: with_record(data, 10, OPT[:-1] + b"\1x"), True),
        (lambda data: with_record(data, 10, OPT[:-1] + b"\1"), False),
        (lambda data: with_record(data, 10, OPT[:-1]), False),
        (lambda data: with_record(data, 10, OPT[:-2] + b"\1\x02" + bytes(258)), True),
        (lambda data: with_record(data, 10, OPT[:-2] + b"\1\x02" + bytes(257)), False),
        (lambda data: with_record(data, 10, b""), False),
        (lambda data: with_record(data, 6, OPT), False),
        (lambda data: with_record(data, 8, OPT), False),
    ],
)
def test_what_is_a_sound_question(change: Callable[[bytes], bytes], sound: bool) -> None:
    assert is_sound(change(question()), response=False) is sound


@pytest.mark.parametrize("section", [6, 8, 10])
def test_a_sound_answer_may_have_records_in_each_section(section: int) -> None:
    data = with_record(answer(), section, OPT)
    assert is_sound(data, response=True)
    assert not is_sound(data + b"\0", response=True)
    assert not is_sound(data[:2] + b"\1\0" + data[4:], response=True)


@pytest.mark.parametrize(
    ("record", "rcode", "found"),
    [
        (None, "NOERROR", (None, (), "malformed", True)),
        (f"{NAME}. 60 IN A 192.0.2.1", "NOERROR", ("NOERROR", ("192.0.2.1",), None, True)),
        (None, "NXDOMAIN", ("NXDOMAIN", (), None, True)),
    ],
    ids=["empty", "address", "nxdomain"],
)
def test_an_answer_that_is_cut_short_over_tcp_and_has_nothing_is_malformed(
    record: str | None, rcode: str, found: tuple[str | None, tuple[str, ...], str | None, bool]
) -> None:
    said = dns.message.make_response(dns.message.make_query(NAME, "A", id=1))
    said.flags |= dns.flags.TC
    said.set_rcode(dns.rcode.from_text(rcode))
    if record is not None:
        said.answer.append(dns.rrset.from_text(*record.split(None, 4)))
    ladder = Ladder(port=53).opens().says(asked(1, NAME)).answers(framed(said.to_wire())).acknowledges().closes()
    (lookup,) = only(play(ladder.segments), Lookup)
    assert (lookup.rcode, lookup.addresses, lookup.failure, lookup.truncated) == found


def test_in_step_an_answer_is_taken_however_it_is_made() -> None:
    """One without its question would not be looked for behind a hole."""
    found = dns.message.make_response(dns.message.make_query(NAME, "A", id=1))
    found.question = []
    message = found.to_wire()
    assert not is_sound(message, True)
    ladder = Ladder(port=53).opens().says(asked(1, NAME)).answers(framed(message)).closes()
    assert lookups(ladder.segments) == [(NAME, "NOERROR")]
