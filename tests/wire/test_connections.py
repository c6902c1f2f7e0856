"""Connections: copies of their opening, what is remembered of those that are over, and servers that hang up at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.wire.ladder import POOL, SECOND, START, Ladder, Segment, feed, one, only, play
from ucdiag.model.observations import Connect, Http, Observation, Tls
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.http.exchange import UpdateExchange
from ucdiag.wire.tcp.connection import Connection
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tcp.segment import ACK, RST, SYN

GET = b"GET /a HTTP/1.1\r\nHost: pool01.contoso.com\r\n\r\n"
POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n<request/>"
COPY_LATE, OVER_MOST = 1_000_000, 1024
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<answer/>"


def tracker(found: list[Observation], **options: Any) -> ConnectionTracker:
    return ConnectionTracker(found.append, DnsTracker(found.append), **options)


@pytest.mark.parametrize(
    ("said", "copies"),
    [
        (lambda ladder: ladder, True),
        (lambda ladder: ladder.says(GET), True),
        (lambda ladder: ladder.answers(b"220 ready\r\n"), True),
        (lambda ladder: ladder.says(GET).answers(OK), False),
    ],
)
def test_a_syn_again_is_a_copy_as_long_as_not_both_have_spoken(said: Callable[[Ladder], Ladder], copies: bool) -> None:
    """Who got an answer sends no SYN again."""
    ladder = said(Ladder().opens())
    again = replace(ladder.segments[0], time=ladder.segments[0].time + COPY_LATE + 5000)
    assert len(only(play([*ladder.segments, again]), Connect)) == (1 if copies else 2)


def opening(*later: tuple[str, float], end: float = 20) -> list[Connect]:
    """What is reported of a SYN that is answered at once, and of what comes at so many seconds after it."""
    first, answer, ack = Ladder().opens().segments
    kinds = {"syn": first, "syn ack": answer, "ack": ack, "reset": replace(answer, seq=answer.seq + 1, flags=RST)}
    segments = [first, answer]
    segments += (replace(kinds[kind], time=first.time + round(at * SECOND)) for kind, at in later)
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(segments, 1):
        feed(flows, segment, frame)
    known, at = len(found), first.time + round(end * SECOND)
    pending = flows.pending(at)
    flows.finish(at)
    assert found[known:] == pending
    return only(found, Connect)


def test_a_syn_that_comes_again_behind_its_answer_did_not_get_it() -> None:
    opened, lost = opening(("syn", 1), ("syn ack", 1.001), ("syn", 3), ("syn", 7))
    assert (opened.outcome, opened.lacking) == ("open", None)
    assert (lost.outcome, lost.lacking, lost.attempts, lost.frame) == ("no_answer", "ack", 3, 3)
    assert (lost.time, lost.last_time) == (START + SECOND, START + 7 * SECOND)


def test_a_server_that_gives_up_hung_up_on_nobody() -> None:
    *_, lost = opening(("syn", 1), ("syn", 3), ("reset", 15))
    assert (lost.outcome, lost.lacking) == ("no_answer", "ack")


@pytest.mark.parametrize(("end", "outcome"), [(1 + 4.9, "unfinished"), (1 + 5, "no_answer")])
def test_how_long_an_answer_may_take_to_reach_the_client(end: float, outcome: str) -> None:
    assert opening(("syn", 1), end=end)[-1].outcome == outcome


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([("syn", 1), ("ack", 1.001)], id="the client has it at last"),
        pytest.param([("ack", 0.001), ("syn", 1)], id="a late copy behind the client's ACK"),
        pytest.param([("syn", 0.0002)], id="a copy at once"),
        pytest.param([("syn", 0.399)], id="a SYN that may have crossed the answer"),
        pytest.param([("syn ack", 1)], id="only the answer comes again"),
    ],
)
def test_a_syn_again_does_not_show_that_its_answer_was_lost(later: list[tuple[str, float]]) -> None:
    assert [connect.outcome for connect in opening(*later)] == ["open"]


@pytest.mark.parametrize(
    ("order", "seconds", "late"),
    [
        pytest.param((0, 1, 2, 3, 4), 0, 0, id="in order"),
        pytest.param((1, 0, 2, 3, 4), 0.048, 0, id="the answer just before the SYN"),
        pytest.param((1, 0, 2, 3, 4), 0.053, 1, id="the answer before the SYN"),
        pytest.param((1, 0, 2, 3, 4), -0.055, 1, id="the answer before the SYN, with a later time"),
        pytest.param((0, 2, 1, 3, 4), 0.048, 0, id="the answer just behind what follows from it"),
        pytest.param((0, 2, 1, 3, 4), 0.053, 1, id="the answer behind what follows from it"),
        pytest.param((0, 1, 1, 2, 3, 4), 0.1, 0, id="the answer twice"),
        pytest.param((0, 0, 1, 2, 3, 4), 0.1, 0, id="the SYN twice"),
        pytest.param((0, 1, 2, 3, 4, 0), 0.1, 0, id="the SYN again at the end"),
        pytest.param((1, 2, 3, 4), 0.1, 0, id="no SYN"),
        pytest.param((0, 2, 3, 4), 0.1, 0, id="no answer"),
    ],
)
def test_openings_behind_what_follows_from_them_are_counted(
    order: tuple[int, ...], seconds: float, late: int, request: pytest.FixtureRequest
) -> None:
    """Many of them show that the packets of one side come late."""
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(turned_round(Ladder().opens().says(GET).answers(OK).segments, order, seconds), 1):
        feed(flows, segment, frame)
    assert (flows.late_openings, flows.turned_openings > 0) == (late, "just" in request.node.callspec.id)


def turned_round(segments: list[Segment], order: tuple[int, ...], seconds: float) -> list[Segment]:
    """The segments in this order; from the first one on that stands too late, all have so much later times."""
    latest = moved = 0
    turned = []
    for number in order:
        moved = round(seconds * SECOND) if number < latest else moved
        latest = max(latest, number)
        turned.append(replace(segments[number], time=segments[number].time + moved))
    return turned


@pytest.mark.parametrize(
    ("order", "seconds", "lacking"),
    [
        pytest.param((0, 1, 2, 3, 4), 0, None, id="in order"),
        pytest.param((1, 0, 2, 3, 4), 0.04, None, id="the answer just before the SYN"),
        pytest.param((1, 2, 0, 3, 4), 0.04, None, id="the answer and what follows just before the SYN"),
        pytest.param((1, 0, 2, 3, 4), 0.06, "syn", id="the answer before the SYN"),
        pytest.param((1, 2, 3, 4), 0, "syn", id="no SYN"),
        pytest.param((1,), 0, "syn", id="the answer alone"),
        pytest.param((0, 2, 1, 3, 4), 0.04, None, id="the answer just behind what follows from it"),
        pytest.param((0, 2, 1, 3, 4), 0.06, "syn_ack", id="the answer behind what follows from it"),
        pytest.param((0, 2, 3, 4), 0, "syn_ack", id="no answer"),
        pytest.param((0, 2), 0, "syn_ack", id="no answer, and nothing more"),
    ],
)
def test_an_opening_that_a_mirror_turns_round_lacks_nothing(
    order: tuple[int, ...], seconds: float, lacking: str | None
) -> None:
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(turned_round(Ladder().opens().closes().segments, order, seconds), 1):
        feed(flows, segment, frame)
    pending = [seen for seen in [*found, *flows.pending(START + SECOND)] if isinstance(seen, Connect)]
    flows.finish(START + SECOND)
    opened = one(found, Connect)
    assert (opened.outcome, opened.lacking, pending) == ("open", lacking, [opened])
    assert opened.frame == (order.index(0) + 1 if lacking is None else 1)


def test_facts_have_each_packet_of_an_opening_where_it_stands() -> None:
    found: list[Observation] = []
    flows = tracker(found, bodies=False)
    feed(flows, Ladder().opens().segments[1], 1)
    assert one(found, Connect).lacking == "syn"


@pytest.mark.parametrize(("later", "outcomes"), [(0.05, ["refused"]), (0.051, ["refused", "unfinished"])])
def test_a_copy_of_a_syn_behind_its_refusal_is_no_other_attempt(later: float, outcomes: list[str]) -> None:
    found: list[Observation] = []
    flows = tracker(found)
    syn, refusal = Ladder().asks().refuses().segments
    copy = replace(syn, time=refusal.time + round(later * SECOND))
    for frame, segment in enumerate((syn, refusal, copy), 1):
        feed(flows, segment, frame)
    flows.finish(refusal.time + SECOND)
    assert [seen.outcome for seen in found if isinstance(seen, Connect)] == outcomes


def again(seconds: float, ladder: Ladder, lacks: tuple[int, ...] = ()) -> list[Segment]:
    """A connection, and after that the ``ladder`` on the same ports, without these of its segments."""
    first = Ladder().opens().says(POST).answers(OK).closes().segments
    last, begin = first[-1].time, ladder.segments[0].time
    second = [
        replace(segment, time=segment.time - begin + last + round(seconds * SECOND)) for segment in ladder.segments
    ]
    return [*first, *(segment for number, segment in enumerate(second) if number not in lacks)]


SAME, REFUSED = Ladder().opens().says(POST).answers(OK).closes(), Ladder()
REFUSED.segments += [SAME.segments[0], replace(SAME.segments[1], seq=0, flags=RST | ACK)]


@pytest.mark.parametrize(
    ("segments", "outcomes", "requests"),
    [
        (again(2, SAME), ["open"], 1),
        (again(59.9, SAME), ["open"], 1),
        (again(60.1, SAME), ["open", "open"], 2),
        # Who begins each connection alike says something else, or is answered with another number.
        (again(40, Ladder().opens().says(GET).answers(OK).closes()), ["open", "open"], 2),
        (again(40, Ladder(down=77).opens().says(POST).answers(OK).closes()), ["open", "open"], 2),
        (again(40, Ladder(up=77).opens().says(POST).answers(OK).closes()), ["open", "open"], 2),
        # It may be answered in another way, or not at all.
        (again(40, REFUSED), ["open", "refused"], 1),
        (again(40, REFUSED, lacks=(1,)), ["open", "no_answer"], 1),
        (again(40, SAME, lacks=(1,)), ["open", "open"], 2),
    ],
)
def test_a_connection_that_the_other_end_captured_later_is_one(
    segments: list[Segment], outcomes: list[str], requests: int
) -> None:
    """Both ends were captured, and their clocks differ."""
    facts = play(segments)
    assert [connect.outcome for connect in only(facts, Connect)] == outcomes
    assert len(only(facts, Http)) == requests


@pytest.mark.parametrize("seconds", [0.5, 10])
def test_one_of_a_client_that_begins_each_alike_is_another_by_the_server_s_number(seconds: float) -> None:
    first = Ladder().opens().says(GET).answers(OK).closes()
    second = Ladder(at=first.at + round(seconds * SECOND), down=70_000).opens().says(GET).answers(OK).closes()
    found = play([*first.segments, *second.segments])
    assert [connect.outcome for connect in only(found, Connect)] == ["open", "open"]
    assert [(http.frame, http.status) for http in only(found, Http)] == [(4, 200), (12, 200)]


def test_facts_have_each_connection_that_is_in_the_capture() -> None:
    facts = play(again(40, SAME), bodies=False)
    assert len(only(facts, Connect)) == len(only(facts, Http)) == 2


def test_a_server_that_hung_up_is_there_once_though_the_other_end_captured_it_later() -> None:
    ladder = silent(80)
    segments = [*ladder.segments, *(replace(segment, time=segment.time + 20 * SECOND) for segment in ladder.segments)]
    facts = play(segments)
    assert len(only(facts, Connect)) == len(only(facts, Http)) == 1


@pytest.mark.parametrize(("since", "known"), [(OVER_MOST - 1, True), (OVER_MOST, False)])
def test_how_many_connections_that_are_over_are_remembered(since: int, known: bool) -> None:
    """A late copy of their last bytes begins nothing."""
    found: list[Observation] = []
    flows = tracker(found)
    first = Ladder(client_port=1000).opens().says(GET).answers(OK).closes()
    for segment in first.segments:
        feed(flows, segment, 1)
    for number in range(since):
        for segment in Ladder(client_port=2000 + number).opens().resets().segments:
            feed(flows, segment, 2)
    assert ((first.segments[3].client, 1000, POOL, 80) in flows.directions) is known


@pytest.mark.parametrize(
    "end", [lambda ladder: ladder, lambda ladder: ladder.closes(), lambda ladder: ladder.waits(20).opens()]
)
def test_each_packet_that_was_cut_counts_once(end: Callable[[Ladder], Ladder]) -> None:
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(end(Ladder().opens().says(POST, cut=20).answers(OK, cut=20)).segments, 1):
        feed(flows, segment, frame)
    flows.finish(START + 60_000_000)
    assert flows.snapped == 2


def test_a_request_without_an_answer_is_handed_over_with_an_empty_one() -> None:
    given: list[UpdateExchange] = []
    play(Ladder().opens().says(POST).closes().segments, update=given.append)
    assert [(exchange.answer_body, exchange.answer_whole, exchange.answer_holed) for exchange in given] == [
        (b"", False, False)
    ]
    assert (given[0].problem, given[0].request_whole) == (None, True)


def test_without_memory_for_half_a_head_the_connection_goes_on() -> None:
    found: list[Observation] = []
    flows = tracker(found, buffer=len(GET) - 9)
    ladder = Ladder().opens().says(GET[:-8], GET[-8:]).answers(OK).says(GET)
    for frame, segment in enumerate(ladder.answers(OK).segments, 1):
        feed(flows, segment, frame)
    flows.finish(START + 60_000_000)
    told = [(http.method, http.status) for http in found if isinstance(http, Http)]
    assert told == [(None, 200), ("GET", 200)]
    assert flows.budget.left == len(GET) - 9


# Servers that hang up before anybody says a word.


def silent(port: int, how: str = "closes", by: str = "server") -> Ladder:
    ladder = Ladder(port=port).opens()
    if how == "resets":
        return ladder.resets(server=by == "server")
    return ladder.closes() if by == "server" else ladder.hangs_up()


@pytest.mark.parametrize(("how", "failure"), [("closes", "closed"), ("resets", "reset")])
def test_a_server_that_hangs_up_at_once(how: str, failure: str) -> None:
    http = one(silent(80, how).facts(), Http)
    assert (http.failure, http.closed_by, http.method, http.frame) == (failure, "server", None, 4)
    assert (http.time, http.last_time, http.seconds) == (START + 3000, START + 3000, 0.002)
    assert (http.client, http.client_port, http.client_mac) == ("10.0.0.7", 49152, "00:04:f2:aa:bb:cc")
    assert (http.server, http.port) == ("10.0.0.80", 80)
    for port in (443, 5061):
        tls = one(silent(port, how).facts(), Tls)
        assert (tls.outcome, tls.closed_by, tls.stage) == ("closed", "server", None)
        assert tls.reason == ("reset" if how == "resets" else None)
        assert (tls.time, tls.frame, tls.seconds) == (START + 3000, 4, 0.002)
        assert (tls.client, tls.client_port, tls.client_mac) == ("10.0.0.7", 49152, "00:04:f2:aa:bb:cc")
        assert (tls.server, tls.port) == ("10.0.0.80", port)


def unseen(ladder: Ladder, acknowledged: int) -> list[Segment]:
    """What ends the connection, from the server, acknowledges so many bytes that the capture has not."""
    *opening, end = ladder.segments[:4]
    return [*opening, replace(end, ack=end.ack + acknowledged)]


NOTHING: dict[str, list[Segment]] = {
    "the client hangs up": silent(80, by="client").segments,
    "the client resets": silent(80, "resets", by="client").segments,
    "a nameserver": silent(53).segments,
    "a nameserver's reset": silent(53, "resets").segments,
    "bytes of the client are not in the capture": unseen(silent(80), 2),
    "bytes of the client are not in the capture, a reset": unseen(silent(80, "resets"), 2),
    "the client's FIN is not in the capture": unseen(silent(80), 1),
    "its opening is not in the capture": silent(80).segments[3:],
}


@pytest.mark.parametrize("case", NOTHING)
def test_nothing_is_reported_of(case: str) -> None:
    found = play(NOTHING[case])
    assert not [fact for fact in found if isinstance(fact, Http | Tls) and fact.closed_by == "server"]


def test_one_number_more_that_the_server_acknowledged_may_be_a_fin() -> None:
    assert one(play(unseen(silent(80, "resets"), 1)), Http).closed_by == "server"


def test_facts_tell_nothing_of_a_connection_without_a_word() -> None:
    assert not only(play(silent(80).segments, bodies=False), Http)


@pytest.mark.parametrize(("acknowledged", "kinds"), [(0, ["http"]), (2, [])])
def test_it_is_pending_until_the_client_has_closed_too(acknowledged: int, kinds: list[str]) -> None:
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(unseen(silent(80), acknowledged), 1):
        feed(flows, segment, frame)
    assert [fact.kind for fact in flows.pending(START + 5000)] == kinds


def test_what_a_reader_counted_is_in_what_is_pending() -> None:
    size = 100_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    ladder = Ladder().opens().says(GET).answers(head, b"x" * 8000)
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(ladder.segments, 1):
        run = feed(flows, segment, frame)
    assert run is not None
    run.next = (run.next + 50_000) & 0xFFFFFFFF
    run.stamp, run.frame = START + 9000, 99
    [http] = flows.pending(START + 10_000)
    assert isinstance(http, Http)
    assert (http.answer_bytes, http.last_time, http.last_frame) == (58_000, START + 9000, 99)


# What one table holds, and for how long.


def test_how_much_one_direction_may_keep_behind_a_hole() -> None:
    ladder = Ladder().opens()
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    connection = next(iter(flows.directions.values()))[0]
    assert isinstance(connection, Connection)
    assert (connection.up.limit, connection.down.limit) == (256 * 1024, 256 * 1024)
    assert flows.budget.left == 4 * 1024 * 1024


@pytest.mark.parametrize(("count", "dropped"), [(2048, 0), (2049, 1)])
def test_how_many_connections_are_followed(count: int, dropped: int) -> None:
    flows = tracker([])
    for number in range(count):
        for segment in Ladder(client_port=1024 + number).opens().segments:
            feed(flows, segment, 1)
    assert flows.dropped == dropped


@pytest.mark.parametrize(("count", "dropped"), [(4096, 0), (4097, 1)])
def test_how_many_syns_wait(count: int, dropped: int) -> None:
    flows = tracker([])
    for number in range(count):
        feed(flows, Ladder(client_port=1024 + number).asks().segments[0], 1)
    assert flows.dropped == dropped


@pytest.mark.parametrize(
    ("moved", "gone"),
    [
        pytest.param({}, 0, id="the one that was met first"),
        pytest.param({0: 1}, 1, id="not one in use"),
        pytest.param({0: 5 * SECOND}, 0, id="one that was in use as long ago as the patience"),
        pytest.param({0: 5 * SECOND - 1}, 1, id="one that was in use just within the patience"),
        pytest.param(dict.fromkeys(range(7), 1), 7, id="seven get a second chance"),
        pytest.param(dict.fromkeys(range(8), 1), 7, id="the eighth does not"),
    ],
)
def test_which_connection_makes_room(moved: dict[int, int], gone: int) -> None:
    """``moved``: those of ten that said something so long before the next one begins."""
    flows = tracker([], connections=10)
    now = START + 60 * SECOND
    ladders = [Ladder(client_port=number).opens() for number in range(10)]
    for ladder in ladders:
        for segment in ladder.segments:
            feed(flows, segment, 1)
    for number, before in moved.items():
        ladders[number].at = now - before
        feed(flows, ladders[number].says(GET).segments[-1], 2)
    *_, syn, answer = Ladder(client_port=99, at=now - 1000).asks().accepts().segments
    feed(flows, syn, 3)
    feed(flows, answer, 4)
    known = {key[1] for key in flows.directions if key[3] == 80}
    assert set(range(10)) - known == {gone}
    assert 99 in known
    assert flows.dropped == 1


def test_who_got_a_second_chance_stands_behind_the_others() -> None:
    flows = tracker([], connections=3)
    for number in range(3):
        for segment in Ladder(client_port=number).opens().segments:
            feed(flows, segment, 1)
    later = START + 60 * SECOND
    feed(flows, Ladder(client_port=0, at=later, up=1001, down=9001).says(GET).segments[0], 1)
    left = []
    for number in range(3, 7):
        for segment in Ladder(client_port=number, at=later + (number - 3) * 60 * SECOND).asks().accepts().segments:
            feed(flows, segment, 1)
        left.append(sorted(key[1] for key in flows.directions if key[3] == 80))
    assert left == [[0, 2, 3], [0, 3, 4], [3, 4, 5], [4, 5, 6]]


@pytest.mark.parametrize(("later", "told"), [(900 * SECOND, 0), (900 * SECOND + 1, 1)])
def test_how_long_a_silent_connection_is_remembered(later: int, told: int) -> None:
    found: list[Observation] = []
    flows = tracker(found)
    ladder = Ladder().opens().says(GET)
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    flows.expire(ladder.segments[-1].time + later)
    assert len(only(found, Http)) == told


@pytest.mark.parametrize(("later", "told"), [(30 * SECOND - 1, 0), (30 * SECOND, 1)])
def test_silent_connections_are_looked_for_now_and_then(later: int, told: int) -> None:
    found: list[Observation] = []
    flows = tracker(found)
    ladder = Ladder().opens().says(GET)
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    looked = ladder.segments[-1].time + 900 * SECOND
    flows.expire(looked)
    flows.expire(looked + later)
    assert len(only(found, Http)) == told


def test_what_ended_is_reported_once() -> None:
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(Ladder().opens().says(GET).segments, 1):
        feed(flows, segment, frame)
    flows.finish(START + 60 * SECOND)
    known = len(found)
    flows.finish(START + 60 * SECOND)
    assert [type(fact) for fact in found] == [Connect, Http]
    assert len(found) == known
    assert flows.directions == {}


# Openings.


def test_another_answer_to_the_syn_is_another_connection() -> None:
    """The SYN to which it is the answer is not in the capture."""
    ladder = Ladder().opens().says(GET)
    ladder.up, ladder.down = 7001, 500
    facts = ladder.accepts()._add(True, ACK).says(GET).answers(OK).facts()
    assert [(connect.outcome, connect.lacking) for connect in only(facts, Connect)] == [("open", None), ("open", "syn")]
    assert [(http.frame, http.status) for http in only(facts, Http)] == [(4, None), (7, 200)]


@pytest.mark.parametrize("seen", [True, False], ids=["with its SYN", "without"])
def test_data_in_the_answer_to_a_syn(seen: bool) -> None:
    ladder = Ladder().asks()._add(False, SYN | ACK, b"HTTP/1.1 200 OK\r\n").answers(b"Content-Length: 0\r\n\r\n")
    facts = play(ladder.segments if seen else ladder.segments[1:])
    assert [(http.status, http.frame) for http in only(facts, Http)] == [(200, 2 if seen else 1)]


@pytest.mark.parametrize(
    ("shift", "early"), [(50_000, 0), (50_001, 1), (-1, 0)], ids=["within the skew", "beyond it", "in time"]
)
@pytest.mark.parametrize("how", ["accepted", "refused", "refused before"])
def test_syns_that_were_answered_before_their_time_are_counted(how: str, shift: int, early: int) -> None:
    """Two clocks captured the two directions."""
    ladder = Ladder().asks()
    syn, answer = (ladder.accepts() if how == "accepted" else ladder.refuses()).segments
    answer = replace(answer, time=syn.time - shift)
    flows = tracker([])
    for frame, segment in enumerate((answer, syn) if how == "refused before" else (syn, answer), 1):
        feed(flows, segment, frame)
    assert flows.answers_before_questions == early


def test_early_answers_of_both_kinds_are_counted_together() -> None:
    flows = tracker([])
    for port, before in ((1, False), (2, True), (3, True)):
        syn, refusal = Ladder(client_port=port).asks().refuses().segments
        refusal = replace(refusal, time=syn.time - SECOND)
        for segment in (refusal, syn) if before else (syn, refusal):
            feed(flows, segment, 1)
    assert flows.answers_before_questions == 3


# What crosses the server's end.


@pytest.mark.parametrize(
    ("ladder", "failures"),
    [
        pytest.param(Ladder().opens().resets().says(POST), ["reset"], id="its reset"),
        pytest.param(Ladder().opens().server_fin().says(POST), ["closed"], id="its FIN"),
        pytest.param(Ladder().opens().client_fin().answers(OK), [None], id="the client's FIN and the server's answer"),
    ],
)
def test_what_crosses_the_end_of_the_other_side(ladder: Ladder, failures: list[str | None]) -> None:
    assert [http.failure for http in only(ladder.facts(), Http)][-1:] == failures


def test_a_syn_again_behind_its_refusal_was_not_refused_before_it_came() -> None:
    """Windows tries three times with the same sequence number."""
    found, flows = refused_again(0.5)
    assert [(connect.outcome, connect.frame) for connect in only(found, Connect)] == [("refused", 1)]
    assert flows.answers_before_questions == 0


def refused_again(seconds: float, later: Ladder | None = None, **options: bool) -> tuple[list[Observation], Any]:
    """A SYN that is refused, and so much later the same again, or another one."""
    segments = Ladder().asks().refuses().segments
    found: list[Observation] = []
    flows = tracker(found, **options)
    again = [
        replace(seen, time=seen.time + round(seconds * SECOND)) for seen in (later.segments if later else segments)
    ]
    for frame, segment in enumerate((*segments, *again), 1):
        feed(flows, segment, frame)
    return found, flows


@pytest.mark.parametrize(
    ("seconds", "later", "options", "frames"),
    [
        pytest.param(2.5, None, {}, [1], id="captured at the other end, too"),
        pytest.param(59.9, None, {}, [1], id="by a clock that is a minute behind"),
        pytest.param(60.1, None, {}, [1, 3], id="another time"),
        pytest.param(2.5, Ladder(up=5000).asks().refuses(), {}, [1, 3], id="another SYN"),
        pytest.param(2.5, None, {"bodies": False}, [1, 3], id="facts"),
    ],
)
def test_a_refusal_that_the_other_end_captured_later_is_one(
    seconds: float, later: Ladder | None, options: dict[str, bool], frames: list[int]
) -> None:
    found, _ = refused_again(seconds, later, **options)
    assert [connect.frame for connect in only(found, Connect)] == frames


def test_a_syn_that_is_accepted_when_it_comes_again_is_open() -> None:
    found, _ = refused_again(0.5, Ladder().opens())
    assert [connect.outcome for connect in only(found, Connect)] == ["refused", "open"]


@pytest.mark.parametrize(
    ("flags", "seq", "ack", "outcome"),
    [
        pytest.param(RST | ACK, 0, 1001, "refused", id="a refusal"),
        pytest.param(RST, 5, 0, "refused", id="a refusal without a number"),
        pytest.param(RST | ACK, 0, 1002, "no_answer", id="the answer to something else"),
        pytest.param(RST | ACK, 5, 1002, "open", id="the end of a connection whose answer is missing"),
        pytest.param(ACK, 5, 1001 + (1 << 31) - 1, "open", id="so much was acknowledged"),
        pytest.param(ACK, 5, 1001 + (1 << 31), "no_answer", id="less than the SYN was acknowledged"),
        pytest.param(ACK, 5, 1001, "open", id="the SYN was acknowledged"),
        pytest.param(ACK, 5, 1000, "no_answer", id="not even the SYN was"),
        pytest.param(0, 5, 1001, "no_answer", id="nothing was acknowledged"),
    ],
)
def test_what_answers_a_syn(flags: int, seq: int, ack: int, outcome: str) -> None:
    ladder = Ladder().asks()
    segment = Segment(ladder.at, False, seq, ack, flags)
    assert one(play([*ladder.segments, segment]), Connect).outcome == outcome


@pytest.mark.parametrize(
    ("seq", "outcome"),
    [(1001, "open"), (1001 + (1 << 31) - 1, "open"), (1001 + (1 << 31), "no_answer"), (1000, "no_answer")],
)
def test_what_of_the_client_shows_that_its_syn_was_answered(seq: int, outcome: str) -> None:
    ladder = Ladder().asks()
    segment = Segment(ladder.at, True, seq & 0xFFFFFFFF, 9001, ACK)
    assert one(play([*ladder.segments, segment]), Connect).outcome == outcome


SIZE = 100_000


def downloading() -> tuple[ConnectionTracker, list[Observation], Ladder]:
    """A download of which the reader may count the rest."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE
    ladder = Ladder().opens().says(GET).answers(head, b"x" * 8000)
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    return flows, found, ladder


def test_who_downloads_has_nothing_to_say() -> None:
    """Its bare acknowledgements may be left out, and the run of the server goes on."""
    flows, _, ladder = downloading()
    given = feed(flows, ladder.answers(b"x" * 1000).segments[-1], 9)
    silence = feed(flows, ladder.acknowledges().segments[-1], 10)
    assert given is not None
    assert silence is not None
    assert (given.live, silence.live, silence.room) == (True, True, 0)
    assert feed(flows, ladder.answers(b"x" * 1000).segments[-1], 11) is given


def test_both_runs_are_over_when_the_download_is() -> None:
    flows, found, ladder = downloading()
    silence = feed(flows, ladder.acknowledges().segments[-1], 9)
    for number in range(9):
        given = feed(flows, ladder.answers(b"x" * 10_000).segments[-1], 10 + number)
    assert feed(flows, ladder.answers(b"x" * 2000).segments[-1], 20) is None
    assert silence is not None
    assert feed(flows, ladder.acknowledges().segments[-1], 21) is None
    assert not silence.live
    assert given is None or not given.live
    assert one(found, Http).answer_bytes == SIZE


def test_a_hole_in_a_download_ends_both_runs() -> None:
    flows, _, ladder = downloading()
    given = feed(flows, ladder.answers(b"x" * 1000).segments[-1], 9)
    silence = feed(flows, ladder.acknowledges().segments[-1], 10)
    assert feed(flows, ladder.loses(1000).answers(b"x" * 1000).segments[-1], 11) is None
    assert given is not None
    assert silence is not None
    assert (given.live, silence.live) == (False, False)


@pytest.mark.parametrize(("counted", "told"), [(0, 1), (1000, 0), (-1, 1)])
def test_what_the_reader_counted_keeps_a_connection(counted: int, told: int) -> None:
    """The time of a run counts where it is the latest."""
    flows, found, ladder = downloading()
    run = feed(flows, ladder.answers(b"x" * 1000).segments[-1], 9)
    last = ladder.segments[-1].time
    assert run is not None
    run.next, run.stamp, run.frame = run.next + 1, last + counted, 10
    flows.expire(last + 900 * SECOND + 1)
    assert len(only(found, Http)) == told


def test_another_connection_with_the_numbers_of_the_last_concludes_that_one() -> None:
    """At once: not at the end of the capture."""
    ladder = Ladder().opens().says(GET).answers(OK).says(POST)
    ladder.up, ladder.down = 1000, 9000
    found: list[Observation] = []
    flows = tracker(found)
    for frame, segment in enumerate(ladder.opens().says(POST).segments, 1):
        feed(flows, segment, frame)
    assert [(http.method, http.status, http.complete) for http in only(found, Http)] == [
        ("GET", 200, True),
        ("POST", None, False),
    ]


def test_what_a_connection_keeps_is_given_back_when_it_is_given_up() -> None:
    flows = tracker([])
    ladder = Ladder().opens().says(GET[:20])
    for frame, segment in enumerate(ladder.segments, 1):
        feed(flows, segment, frame)
    assert flows.budget.left < 4 * 1024 * 1024
    flows.expire(ladder.at + 1000 * SECOND)
    assert flows.budget.left == 4 * 1024 * 1024


def test_a_reset_that_shows_that_a_syn_was_answered_ends_the_connection() -> None:
    flows = tracker([])
    ladder = Ladder().asks()
    feed(flows, ladder.segments[0], 1)
    feed(flows, Segment(ladder.at, False, 5, 1002, RST | ACK), 2)
    assert [direction[0].over for direction in flows.directions.values()] == [True, True]
    assert flows.pending(ladder.at + 60 * SECOND) == []


@pytest.mark.parametrize("behind", [True, False], ids=["bytes behind it", "nothing behind it"])
def test_a_byte_that_the_capture_lacks_is_no_fin_where_others_follow(behind: bool) -> None:
    """Who closes acknowledges one more than there is."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n"
    ladder = Ladder().opens().says(GET).answers(head).loses(1)
    acknowledged = ladder.down
    if behind:
        ladder.answers(b"x" * 29)
    ladder.client_fin()
    ladder.segments[-1] = replace(ladder.segments[-1], ack=acknowledged)
    http = one(ladder.facts(), Http)
    assert (http.answer_bytes, http.lost_bytes) == ((30, 1) if behind else (0, 0))
