"""The tracker of DNS lookups: limits, windows of time, and what is forgotten when."""

from collections.abc import Iterable

import pytest

from tests.wire.dns_exchange import NAME, RESOLVER, Exchange, answer, question
from tests.wire.ladder import PHONE, PHONE_MAC, SECOND, START
from ucdiag.model.observations import Lookup
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dns.over_tcp import DnsDirection, DnsTalk
from ucdiag.wire.tcp.segment import ConnectionKey
from ucdiag.wire.tcp.stream import ENDLESS, Budget

EARLY = 0.05
OTHER_MAC = bytes.fromhex("0004f2000099")


def outcomes(lookups: Iterable[Lookup]) -> list[tuple[int | None, int | None, str | None]]:
    """Question's frame, answer's frame, RCODE or failure."""
    return [(found.frame, found.answer_frame, found.rcode or found.failure) for found in lookups]


def test_a_question_that_an_icmp_error_ended_waits_no_more() -> None:
    exchange = Exchange().asks(question(), port=1024).asks(question(id=8), port=1024)
    assert exchange.lookups.expects_answer(PHONE, 1024)
    for ident in (7, 8, 9):
        exchange.lookups.on_unreachable(exchange.at + ident, 5, (PHONE, 1024, RESOLVER, 53), "ICMP", ident)
    assert outcomes(exchange.found) == [(1, 5, "unreachable"), (2, 5, "unreachable")]  # type: ignore[arg-type]
    assert not exchange.lookups.expects_answer(PHONE, 1024)
    assert exchange.facts() == exchange.found


def test_an_icmp_error_without_an_identifier_ends_the_question_that_waited_longest() -> None:
    exchange = Exchange().asks(question(), port=1024).asks(question(id=8), port=1024)
    for number in range(3):
        exchange.lookups.on_unreachable(exchange.at + number, 5, (PHONE, 1024, RESOLVER, 53), "ICMP")
    exchange.lookups.on_unreachable(exchange.at, 5, (PHONE, 1025, RESOLVER, 53), "ICMP")
    assert outcomes(exchange.found) == [(1, 5, "unreachable"), (2, 5, "unreachable")]  # type: ignore[arg-type]


def test_when_a_question_was_repeated_last_is_reported_of_one_without_an_answer() -> None:
    exchange = Exchange().asks(question()).asks(question(), after=1).asks(question(), after=2)
    [lookup] = exchange.facts()
    first = START + 1000
    assert (lookup.time, lookup.attempts, lookup.failure) == (first, 3, "no_answer")
    assert (lookup.last_but_one, lookup.last_time) == (first + SECOND, first + 3 * SECOND)


@pytest.mark.parametrize(
    ("after", "second", "lookups"),
    [
        (59.999, f"{NAME}. 60 A 10.0.0.80", 1),  # 60 s after the question: its answer came 1 ms after it
        (59.999_001, f"{NAME}. 60 A 10.0.0.80", 2),
        (1, f"{NAME}. 60 A 10.0.0.80", 1),
        (0.3, f"{NAME}. 60 A 10.0.0.80", 1),
        # It was told something else, or by somebody who remembers it.
        (40, f"{NAME}. 60 A 10.0.0.81", 2),
        (40, f"{NAME}. 20 A 10.0.0.80", 2),
        (40, None, 2),
        # A mirror's copy of the question alone comes at once.
        (0.048, None, 1),
        (0.053, None, 2),
        # Or a client asks again that a server failed: musl does so at once, with the same identifier and port.
        (0.02, f"{NAME}. 60 A 10.0.0.80", 1),
        (0.02, f"{NAME}. 60 A 10.0.0.81", 2),
    ],
)
def test_a_lookup_that_the_other_end_captured_later_is_one(after: float, second: str | None, lookups: int) -> None:
    """Both ends were captured, and their clocks differ."""

    def found(**options: bool) -> list[Lookup]:
        exchange = Exchange(**options).asks(question()).answers(answer(f"{NAME}. 60 A 10.0.0.80"))
        exchange.asks(question(), after=after)
        return exchange.facts() if second is None else exchange.answers(answer(second)).facts()

    assert len(found()) == lookups
    # Another identifier, or port, is another question; and facts are what the capture has.
    assert len(found(every_packet=True)) == 2
    exchange = Exchange().asks(question()).answers(answer(f"{NAME}. 60 A 10.0.0.80"))
    exchange.asks(question(id=8), after=after).answers(answer(f"{NAME}. 60 A 10.0.0.80", id=8))
    assert len(exchange.facts()) == 2


@pytest.mark.parametrize(
    ("first", "second", "counted"),
    [
        (PHONE_MAC, PHONE_MAC, [1]),
        (PHONE_MAC, OTHER_MAC, [1]),
        (OTHER_MAC, PHONE_MAC, [1, 3]),
        (OTHER_MAC, OTHER_MAC, [1]),
    ],
    ids=["by the phone twice", "by a router after the phone", "by the phone after a router", "by a router twice"],
)
def test_what_a_known_phone_sends_itself_is_no_copy_of_what_a_router_sent(
    first: bytes, second: bytes, counted: list[int]
) -> None:
    exchange = Exchange()
    exchange.lookups.phones = {PHONE_MAC}
    for mac in (first, second):
        exchange.asks(question(), after=40, mac=mac).answers(answer(f"{NAME}. 60 A 10.0.0.80"))
    assert [lookup.frame for lookup in exchange.facts()] == counted


def test_what_a_question_asked_again_at_once_is_told_counts_once() -> None:
    exchange = Exchange().asks(question()).answers(answer(rcode="SERVFAIL")).asks(question())
    told = answer(f"{NAME}. 60 A 10.0.0.80")
    lookups = exchange.answers(told).answers(told).answers(answer(rcode="SERVFAIL")).facts()
    assert [(seen.rcode, seen.frame, seen.answer_frame) for seen in lookups] == [("SERVFAIL", 1, 2), ("NOERROR", 3, 4)]


@pytest.mark.parametrize(
    ("records", "flags", "failure"),
    [
        ((), 0x0200, "malformed"),
        ((f"{NAME}. 60 A 10.0.0.80",), 0x0200, None),
        ((f"{NAME}. 60 TXT x",), 0x0200, None),
        ((), 0, None),
    ],
)
def test_an_answer_over_tcp_that_is_cut_all_the_same(records: tuple[str, ...], flags: int, failure: str | None) -> None:
    exchange = Exchange()
    for at, message, macs in (
        (0, question(), (PHONE_MAC, None)),
        (1, answer(*records, flags=flags), (None, PHONE_MAC)),
    ):
        ends = (PHONE, 1024, RESOLVER, 53) if not at else (RESOLVER, 53, PHONE, 1024)
        exchange.lookups.take_message(Datagram(START + at * SECOND, at + 1, *ends, message, *macs), "tcp")
    [lookup] = exchange.facts()
    assert (lookup.failure, lookup.truncated) == (failure, bool(flags))
    assert (lookup.rcode is None) is (failure is not None)
    assert (lookup.answer_frame, lookup.seconds) == (2, 1.0)


ENDS = (PHONE, 1024, RESOLVER, 53)


def test_a_question_whose_answer_may_be_lost_is_given_up_as_lost() -> None:
    exchange = Exchange()
    exchange.lookups.take_message(Datagram(START, 1, *ENDS, question(), PHONE_MAC, None), "tcp")
    exchange.lookups.answers_lost((PHONE, 1025, RESOLVER, 53))
    exchange.lookups.take_message(Datagram(START, 2, PHONE, 1025, *ENDS[2:], question(), PHONE_MAC, None), "tcp")
    exchange.lookups.answers_lost(ENDS)
    exchange.lookups.expire(START + 30 * SECOND - 1)
    assert exchange.found == []
    exchange.lookups.expire(START + 30 * SECOND)
    assert outcomes(exchange.found) == [(1, None, "lost"), (2, None, "no_answer")]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ends", "message", "awaited"),
    [
        (ENDS, answer(), True),
        (ENDS, answer(id=8), False),
        (ENDS, answer(type="AAAA"), False),
        (ENDS, answer(name="sip.contoso.com"), False),
        ((PHONE, 1025, RESOLVER, 53), answer(), False),
        (ENDS, b"x", False),
    ],
)
def test_which_answer_a_question_over_tcp_awaits(ends: ConnectionKey, message: bytes, awaited: bool) -> None:
    exchange = Exchange()
    exchange.lookups.take_message(Datagram(START, 1, *ENDS, question(), PHONE_MAC, None), "tcp")
    assert exchange.lookups.awaits_answer(ends, message) is awaited


@pytest.mark.parametrize(("after", "lookups"), [(EARLY, 1), (EARLY + 0.000001, 2)])
def test_an_answer_waits_50_milliseconds_for_its_question(after: float, lookups: int) -> None:
    assert len(Exchange().answers(answer()).asks(question(), after=after).facts()) == lookups


@pytest.mark.parametrize(("waited", "emitted"), [(50_000, 0), (50_001, 1)])
def test_an_early_answer_is_reported_when_its_wait_is_over(waited: int, emitted: int) -> None:
    exchange = Exchange().answers(answer())
    exchange.lookups.expire(exchange.at + waited)
    assert len(exchange.found) == emitted


@pytest.mark.parametrize(("count", "emitted"), [(64, []), (65, [1])])
def test_64_answers_wait_for_their_questions(count: int, emitted: list[int]) -> None:
    exchange = Exchange()
    for number in range(count):
        exchange.answers(answer(id=number), after=0)
    assert [found.frame for found in exchange.found] == emitted  # type: ignore[attr-defined]


def test_an_early_answer_takes_name_time_and_address_of_its_question() -> None:
    exchange = Exchange().answers(answer())
    exchange.lookups.take_datagram(
        Datagram(START + 2000, 2, PHONE, 1024, RESOLVER, 53, question(NAME.upper()), OTHER_MAC, None)
    )
    [found] = exchange.facts()
    assert (found.name, found.client_mac, found.time) == (NAME.upper(), "00:04:f2:00:00:99", START + 2000)


def test_an_early_answer_keeps_its_address_where_the_question_has_none() -> None:
    exchange = Exchange().answers(answer())
    exchange.lookups.take_datagram(Datagram(START + 2000, 2, PHONE, 1024, RESOLVER, 53, question(), None, None))
    assert [found.client_mac for found in exchange.facts()] == ["00:04:f2:aa:bb:cc"]


def test_a_question_whose_early_answer_was_taken_is_reported_once() -> None:
    exchange = Exchange().answers(answer()).asks(question())
    assert outcomes(exchange.found) == [(2, 1, "NOERROR")]  # type: ignore[arg-type]
    assert exchange.lookups.pending(exchange.at) == []
    assert len(exchange.facts()) == 1


@pytest.mark.parametrize(("after", "lookups"), [(5, 1), (5.000001, 2)])
def test_a_repetition_within_five_seconds_is_no_lookup_of_its_own(after: float, lookups: int) -> None:
    exchange = Exchange(every_packet=True).asks(question()).asks(question(), after=after).answers(answer())
    # The repetition that got no answer of its own is reported as such when all packets are.
    assert outcomes(exchange.facts()) == (
        [(1, 3, "NOERROR"), (2, None, None)] if lookups == 1 else [(1, None, "no_answer"), (2, 3, "NOERROR")]
    )


@pytest.mark.parametrize(("waited", "failure"), [(5, "no_answer"), (4.999999, None)])
def test_the_patience_at_the_end_of_a_capture(waited: float, failure: str | None) -> None:
    exchange = Exchange().asks(question())
    at = exchange.at + round(waited * SECOND)
    assert [found.failure for found in exchange.lookups.pending(at)] == [failure]  # type: ignore[attr-defined]
    exchange.lookups.finish(at)
    assert [found.failure for found in exchange.found] == [failure]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("patience", "waited", "emitted"), [(5.0, 30, 1), (5.0, 29.999999, 0), (40.0, 39.9, 0), (40.0, 40, 1)]
)
def test_a_question_is_given_up_after_30_seconds_or_the_patience(patience: float, waited: float, emitted: int) -> None:
    exchange = Exchange(patience=patience).asks(question())
    exchange.lookups.expire(exchange.at + round(waited * SECOND))
    assert len(exchange.found) == emitted


def test_a_question_waits_from_its_last_repetition_on() -> None:
    exchange = Exchange().asks(question()).asks(question(), after=20)
    exchange.lookups.expire(exchange.at + 29 * SECOND)
    assert exchange.found == []


def test_giving_up_stops_at_the_first_question_that_still_waits() -> None:
    exchange = Exchange().asks(question(id=1)).asks(question(id=2)).asks(question(id=3), after=20)
    exchange.lookups.expire(exchange.at + 10 * SECOND)
    assert outcomes(exchange.found) == [(1, None, "no_answer"), (2, None, "no_answer")]  # type: ignore[arg-type]


def test_a_repeated_question_is_not_the_oldest_any_more() -> None:
    exchange = Exchange(pending=2).asks(question(id=1)).asks(question(id=2)).asks(question(id=1)).asks(question(id=3))
    assert exchange.lookups.dropped == 1
    assert [found.frame for found in exchange.facts()] == [1, 4]


def test_a_question_that_got_no_answer_is_reported_when_it_makes_room() -> None:
    exchange = Exchange(pending=1).asks(question(id=1)).asks(question(id=2), after=5)
    assert (outcomes(exchange.found), exchange.lookups.dropped) == ([(1, None, "no_answer")], 0)  # type: ignore[arg-type]


def test_a_question_that_may_still_be_answered_is_forgotten_when_it_makes_room() -> None:
    exchange = Exchange(pending=1).asks(question(id=1)).asks(question(id=2), after=4.999999)
    assert (exchange.found, exchange.lookups.dropped) == ([], 1)


def test_a_forgotten_question_is_reported_where_all_are() -> None:
    exchange = Exchange(pending=1, every_packet=True).asks(question(id=1)).asks(question(id=2))
    assert (outcomes(exchange.found), exchange.lookups.dropped) == ([(1, None, None)], 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("answers", [True, False])
def test_the_ports_that_questions_came_from_are_bounded(answers: bool) -> None:
    exchange = Exchange(pending=4)
    sizes = []
    for number in range(100):
        exchange.asks(question(), port=1024 + number)
        sizes.append(len(exchange.lookups.asking))
        if answers:
            exchange.answers(answer(rcode="NXDOMAIN"), port=1024 + number)
    assert max(sizes) == 2 * 4
    assert exchange.lookups.expects_answer(PHONE, 1024 + number) is not answers


def test_the_ports_of_answered_questions_are_kept_as_long_as_these() -> None:
    exchange = Exchange()
    sizes = []
    for number in range(6000):
        exchange.asks(question(), port=1024 + number)
        sizes.append(len(exchange.lookups.asking))
        exchange.answers(answer(rcode="NXDOMAIN"), port=1024 + number)
    assert max(sizes) == 2048 * 3 // 2
    assert {(PHONE, 1024 + number) for number in range(6000 - 2048, 6000)} <= set(exchange.lookups.asking)


@pytest.mark.parametrize(("names", "dropped"), [(32, 0), (33, 1)])
def test_32_questions_wait_with_one_identifier(names: int, dropped: int) -> None:
    exchange = Exchange()
    for number in range(names):
        exchange.asks(question(f"n{number}.test"))
    assert exchange.lookups.dropped == dropped
    assert [found.name for found in exchange.facts()] == [f"n{number}.test" for number in range(dropped, names)]


@pytest.mark.parametrize(("others", "lookups"), [(2047, 2048), (2048, 2050)])
def test_2048_answers_are_remembered_to_know_their_copies(others: int, lookups: int) -> None:
    asked, answered = question(id=0)[2:], answer(id=0)[2:]
    exchange = Exchange()
    for number in range(others + 1):
        ident = number.to_bytes(2, "big")
        exchange.asks(ident + asked).answers(ident + answered)
    exchange.answers(answer(id=0))
    assert len(exchange.facts()) == lookups


@pytest.mark.parametrize("repeats", [16, 17])
def test_of_many_attempts_16_may_be_answered_each(repeats: int) -> None:
    exchange = Exchange().asks(question())
    for _ in range(repeats):
        exchange.asks(question())
    for _ in range(repeats + 2):
        exchange.answers(answer())
    found = exchange.facts()
    assert len(found) == 17
    assert found[0].attempts == repeats + 1


def test_an_answer_ends_the_question_for_its_name_and_type_alone() -> None:
    exchange = Exchange().asks(question()).asks(question(type="AAAA")).answers(answer(type="AAAA"))
    assert outcomes(exchange.facts()) == [(2, 3, "NOERROR"), (1, None, "no_answer")]


def test_an_answer_without_a_question_ends_the_one_that_waited_longest() -> None:
    bare = b"\x00\x07\x81\x85" + bytes(8)
    exchange = Exchange().asks(question()).asks(question(type="AAAA")).answers(bare)
    assert outcomes(exchange.facts()) == [(1, 3, "REFUSED"), (2, None, "no_answer")]


def test_an_answer_without_a_question_to_nothing_that_waits_is_no_lookup() -> None:
    assert Exchange().answers(b"\x00\x07\x81\x85" + bytes(8)).facts() == []


def test_the_records_of_an_answer_without_a_question_are_nobody_s_addresses() -> None:
    bare = (
        b"\x00\x07\x81\x80\x00\x00\x00\x01"
        + bytes(4)
        + b"\x00"
        + b"\x00\x01\x00\x01"
        + bytes(4)
        + b"\x00\x04"
        + bytes(4)
    )
    [found] = Exchange().asks(question()).answers(bare).facts()
    assert (found.addresses, found.aliases, found.rcode) == ((), (), "NOERROR")


def test_an_answer_that_was_stamped_before_its_question_took_no_time() -> None:
    [found] = Exchange().asks(question()).answers(answer(), after=-1).facts()
    assert found.seconds == 0


@pytest.mark.parametrize(("after", "seconds"), [(0.25, 0.25), (-1, 0)])
def test_an_icmp_error_says_how_long_the_question_waited(after: float, seconds: float) -> None:
    exchange = Exchange().asks(question())
    at = exchange.at + round(after * SECOND)
    exchange.lookups.on_unreachable(at, 2, (PHONE, 1024, RESOLVER, 53), "ICMP port unreachable", 7)
    [found] = exchange.facts()
    assert found.seconds == seconds


@pytest.mark.parametrize(
    ("ident", "after", "outcome"),
    [
        (7, 0.001, (2, 1, "unreachable")),
        (7, EARLY, (2, 1, "unreachable")),
        # Of eight bytes of its question nobody knows which it was.
        (None, 0.001, (2, None, "no_answer")),
        # It is about a question that the capture lacks.
        (7, EARLY + 0.000_001, (2, None, "no_answer")),
        (8, 0.001, (2, None, "no_answer")),
    ],
)
def test_an_icmp_error_just_before_its_question_ends_it(
    ident: int | None, after: float, outcome: tuple[int, int | None, str]
) -> None:
    exchange = Exchange()
    exchange.lookups.on_unreachable(*exchange._next(0), (PHONE, 1024, RESOLVER, 53), "ICMP port unreachable", ident)
    [found] = exchange.asks(question(), after=after).facts()
    assert (outcomes([found]), found.seconds) == ([outcome], 0 if outcome[1] else None)
    assert found.reason == ("ICMP port unreachable" if outcome[1] else None)


def test_an_icmp_error_before_its_question_ends_that_question_alone() -> None:
    exchange = Exchange()
    exchange.lookups.on_unreachable(*exchange._next(0), (PHONE, 1024, RESOLVER, 53), "x", 7)
    exchange.asks(question(), port=1025).asks(question()).asks(question(), after=0.01).answers(answer())
    assert outcomes(exchange.facts()) == [(3, 1, "unreachable"), (4, 5, "NOERROR"), (2, None, "no_answer")]


def test_a_second_copy_of_an_icmp_error_does_not_end_the_next_question_of_the_port() -> None:
    exchange = Exchange().asks(question())
    for _ in range(2):
        exchange.lookups.on_unreachable(*exchange._next(0.001), (PHONE, 1024, RESOLVER, 53), "x")
    exchange.asks(question(id=8), after=0.01).answers(answer(id=8))
    assert outcomes(exchange.facts()) == [(1, 2, "unreachable"), (4, 5, "NOERROR")]


def test_where_all_packets_are_reported_an_icmp_error_waits_for_no_question() -> None:
    exchange = Exchange(every_packet=True)
    exchange.lookups.on_unreachable(*exchange._next(0), (PHONE, 1024, RESOLVER, 53), "x", 7)
    assert outcomes(exchange.asks(question()).facts()) == [(2, None, "no_answer")]


def test_an_icmp_error_ends_one_of_the_questions_with_its_identifier() -> None:
    exchange = Exchange().asks(question()).asks(question(type="AAAA"))
    exchange.lookups.on_unreachable(exchange.at, 3, (PHONE, 1024, RESOLVER, 53), "x", 7)
    assert outcomes(exchange.facts()) == [(1, 3, "unreachable"), (2, None, "no_answer")]


def test_the_attempts_before_an_icmp_error_are_reported_where_all_are() -> None:
    exchange = Exchange(every_packet=True).asks(question()).asks(question())
    exchange.lookups.on_unreachable(exchange.at, 3, (PHONE, 1024, RESOLVER, 53), "x", 7)
    found = exchange.facts()
    assert outcomes(found) == [(1, 3, "unreachable"), (2, None, None)]
    assert [lookup.client_mac for lookup in found] == ["00:04:f2:aa:bb:cc"] * 2


@pytest.mark.parametrize(("after", "seconds"), [(0.25, 0.25), (-1, 0)])
def test_an_unreadable_answer_says_how_long_the_question_waited(after: float, seconds: float) -> None:
    exchange = Exchange().asks(question()).answers(answer()[:14], after=after)
    assert exchange.lookups.malformed == 1
    [found] = exchange.facts()
    assert (found.failure, found.seconds) == ("malformed", seconds)


@pytest.mark.parametrize("garbage", [b"", answer()[:11], question()[:14]], ids=["empty", "short", "question"])
def test_garbage_that_bears_no_answer_ends_no_question(garbage: bytes) -> None:
    exchange = Exchange().asks(question()).answers(garbage)
    assert exchange.lookups.malformed == 1
    assert outcomes(exchange.facts()) == [(1, None, "no_answer")]


@pytest.mark.parametrize("opcode", [1, 4, 5])
def test_other_operations_are_neither_questions_nor_answers(opcode: int) -> None:
    def changed(message: bytes) -> bytes:
        return message[:2] + bytes((message[2] | opcode << 3,)) + message[3:]

    found = Exchange().asks(question()).answers(changed(answer())).asks(changed(question(id=9))).facts()
    assert outcomes(found) == [(1, None, "no_answer")]


@pytest.mark.parametrize("labels", [7, 8])
def test_a_long_message_is_read_as_a_short_one_is(labels: int) -> None:
    text = [f"{NAME}. {number} A 10.0.{labels}.{number}" for number in range(1, 4 * labels)]
    reply = answer(*text)
    assert (len(reply) > 512) is (labels == 8)
    exchange = Exchange()
    for number in (1, 2):
        exchange.asks(question(id=number)).answers(number.to_bytes(2, "big") + reply[2:])
    found = exchange.facts()
    assert [len(lookup.addresses) for lookup in found] == [4 * labels - 1] * 2
    assert outcomes(found) == [(1, 2, "NOERROR"), (3, 4, "NOERROR")]


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


class TestOverTcp:
    def direction(self, total: int = 1000) -> tuple[DnsDirection, Budget, list[tuple[int, int, bytes]]]:
        taken: list[tuple[int, int, bytes]] = []
        budget = Budget(total)
        return DnsDirection(budget, lambda time, frame, message: taken.append((time, frame, message))), budget, taken

    def test_messages_come_out_as_they_are_complete(self) -> None:
        direction, budget, taken = self.direction()
        data = framed(b"one") + framed(b"") + framed(b"three")
        direction.receive_data(data[:1], 1, 1)
        direction.receive_data(data[1:4], 2, 2)
        assert (taken, budget.left) == ([], 996)
        direction.receive_data(data[4:-1], 3, 3)
        assert (taken, budget.left) == ([(3, 3, b"one"), (3, 3, b"")], 994)
        direction.receive_data(data[-1:], 4, 4)
        assert (taken[2:], budget.left, direction.counts) == ([(4, 4, b"three")], 1000, 0)

    @pytest.mark.parametrize("event", ["miss_bytes", "cut_bytes"])
    def test_a_hole_gives_back_what_was_kept(self, event: str) -> None:
        direction, budget, taken = self.direction(100)
        direction.receive_data(framed(b"0123456789")[:8], 1, 1)
        assert budget.left == 92
        assert getattr(direction, event)(1, 2, 2) is (True if event == "cut_bytes" else None)
        assert (budget.left, direction.counts, direction.in_step) == (100, 0, True)
        direction.receive_data(b"789" + framed(b"next"), 3, 3)
        assert (budget.left, taken) == (100, [(3, 3, b"next")])

    @pytest.mark.parametrize("event", ["end", "budget"])
    def test_reading_ends_and_what_was_kept_is_given_back(self, event: str) -> None:
        direction, budget, taken = self.direction(10)
        direction.receive_data(framed(b"0123456789")[:8], 1, 1)
        assert budget.left == 2
        if event == "end":
            direction.end_stream(2, 2)
        else:
            direction.receive_data(b"89x", 2, 2)
        assert (budget.left, direction.counts, taken) == (10, ENDLESS, [])

    def test_what_is_passed_over_is_counted_down(self) -> None:
        direction, _, _ = self.direction()
        direction.counts = 7
        direction.skip_bytes(3, 0, 1, 1)
        assert direction.counts == 4

    @pytest.mark.parametrize("way", ["close", "finish"])
    def test_the_end_of_a_connection_gives_back_what_was_kept(self, way: str) -> None:
        budget = Budget(100)
        talk = DnsTalk(budget, lambda *_: None, lambda *_: None)
        talk.requests.receive_data(b"\x00\x09x", 1, 1)
        talk.responses.receive_data(b"\x00\x09x", 1, 1)
        assert budget.left == 94
        if way == "close":
            talk.close("closed", "client", 2, 2)
        else:
            talk.finish(2)
        assert (budget.left, talk.pending(3)) == (100, [])
