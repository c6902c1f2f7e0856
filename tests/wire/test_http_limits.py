"""HTTP at its limits: what is no HTTP/1, what the parser bounds, what a half of an answer says."""

from collections.abc import Callable

import pytest

from tests.wire.ladder import Ladder, feed, one, only
from ucdiag.model.observations import Http
from ucdiag.wire.dns.tracker import DnsTracker
from ucdiag.wire.http.directions import LEAST
from ucdiag.wire.http.exchange import EXCERPT, BodyExcerpt, UpdateExchange
from ucdiag.wire.http.framing import LINE_MOST
from ucdiag.wire.http.parser import challenge_schemes, read_fields
from ucdiag.wire.http.tracker import PIPELINE_MOST
from ucdiag.wire.tcp.connections import ConnectionTracker
from ucdiag.wire.tcp.stream import Budget

GET = b"GET /a HTTP/1.1\r\nHost: pool01.contoso.com\r\n\r\n"
POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n<request/>"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<answer/>"
BROKEN = OK[:-4]
PATIENCE = 5.0  # seconds, unless a user chooses others


def test_the_preface_of_http_2_is_no_request() -> None:
    assert not only(Ladder().opens().says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").says(GET).closes().facts(), Http)


def test_after_switching_protocols_nothing_is_http() -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 9\r\n\r\n"
    found = one(Ladder().opens().says(GET).answers(switched).says(GET).answers(EMPTY).closes().facts(), Http)
    assert (found.status, found.complete, found.answer_bytes) == (101, True, 0)


def test_half_a_head_of_an_answer_is_incomplete() -> None:
    assert one(Ladder().opens().says(GET).answers(EMPTY[:20]).facts(), Http).failure == "incomplete"


@pytest.mark.parametrize(
    ("pieces", "frame", "shown"),
    [
        ((b"HT", b"ML garbage"), 6, "HTML garbage"),
        ((b"HHH", b"garbage"), 5, "HHH"),
        ((b"HTTP/1.1 2", b"xx OK\r\n\r\nx"), 6, "HTTP/1.1 2xx OK\r\n\r\n"),
        ((b"HTTP/1.1 2xx OK\r\n\r\nx",), 5, "HTTP/1.1 2xx OK\r\n\r\nx"),
    ],
)
def test_what_comes_in_pieces_and_is_no_head_is_no_http(pieces: tuple[bytes, ...], frame: int, shown: str) -> None:
    found = one(Ladder().opens().says(GET).answers(*pieces).closes().facts(), Http)
    assert (found.failure, found.status) == ("not_http", None)
    assert (found.answer_frame, found.answer_text) == (frame, shown)


@pytest.mark.parametrize("junk", [b"\x00\x01", b"FOO bar\n\n", b"(x) y"])
def test_behind_what_is_no_request_the_next_one_is_read(junk: bytes) -> None:
    assert [
        (http.target, http.status) for http in only(Ladder().opens().says(junk, GET).answers(OK).facts(), Http)
    ] == [("/a", 200)]


@pytest.mark.parametrize(("size", "complete"), [(LINE_MOST, True), (LINE_MOST + 1, False)])
def test_how_long_a_line_between_chunks_may_be(size: int, complete: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = b"2;" + b"x" * (size - 2)
    ladder = Ladder().opens().says(GET).answers(head, line[:100], line[100:], b"\nab\r\n0\r\n\r\n")
    found = only(ladder.closes().facts(), Http)
    assert [(http.complete, http.answer_bytes, http.lost_bytes) for http in found] == [
        (complete, 2 * complete, not complete)
    ]


@pytest.mark.parametrize(
    ("target", "status", "cut"),
    [
        ("ucdevice.upx", 200, 1),
        ("ucdevice.upx", 299, 1),
        ("ucdevice.upx", 300, 0),
        ("ucdevice.upx", 404, 0),
        ("x", 200, 0),
    ],
)
def test_of_a_body_that_nobody_reads_a_snap_length_cuts_nothing(target: str, status: int, cut: int) -> None:
    request = f"POST /RequestHandler/{target} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode()
    answer = f"HTTP/1.1 {status} x\r\nContent-Length: 900\r\n\r\n".encode()
    ladder = Ladder().opens().says(request).answers(answer).answers(b"<" * 900, cut=100).acknowledges()
    flows = ConnectionTracker(lambda fact: None, DnsTracker(lambda fact: None))
    for frame, segment in enumerate(ladder.closes().segments, 1):
        feed(flows, segment, frame)
    flows.finish(ladder.at)
    assert flows.snapped == cut


def test_a_head_for_which_there_is_no_room_is_not_read() -> None:
    assert one(Ladder().opens().says(GET[:9], GET[9:]).answers(OK).facts(buffer=9), Http).method is None
    assert one(Ladder().opens().says(GET).answers(OK[:9], OK[9:]).facts(buffer=9), Http).failure == "not_http"
    assert one(Ladder().opens().says(GET).answers(OK[:9], OK[9:]).facts(buffer=len(OK)), Http).status == 200


@pytest.mark.parametrize(("requests", "told"), [(PIPELINE_MOST, 0), (PIPELINE_MOST + 1, 1)])
def test_the_oldest_of_too_many_pipelined_requests_is_given_up(requests: int, told: int) -> None:
    found = only(Ladder().opens().says(*[GET] * requests).facts(), Http)
    assert len(found) == requests
    assert [http.failure for http in found].count(None) == told


@pytest.mark.parametrize(("waits", "failure"), [(0.999, "no_answer"), (0.998, "closed")])
def test_how_long_a_client_waits_that_gave_up(waits: float, failure: str) -> None:
    found = one(Ladder().opens().says(GET).waits(waits).hangs_up().facts(), Http)
    assert found.failure == failure


@pytest.mark.parametrize(
    ("ladder", "failure", "since"),
    [
        pytest.param(Ladder().opens().says(GET), "no_answer", 0, id="a request"),
        pytest.param(Ladder().opens().says(GET).answers(EMPTY[:20]), "incomplete", 0.001, id="half a head"),
        pytest.param(Ladder().opens().says(GET).answers(BROKEN), "stalled", 0, id="half a body"),
    ],
)
def test_how_long_a_capture_has_to_go_on_to_show_a_failure(ladder: Ladder, failure: str, since: float) -> None:
    assert one(ladder.facts(after=PATIENCE - since), Http).failure == failure
    assert one(ladder.facts(after=PATIENCE - since - 0.001), Http).failure is None


def test_a_request_that_is_not_whole_awaits_no_answer() -> None:
    assert one(Ladder().opens().says(POST[:-1]).facts(), Http).failure is None
    assert one(Ladder().opens().says(POST[:-1]).waits(3).hangs_up().facts(), Http).failure == "closed"
    assert one(Ladder().opens().says(POST).waits(3).hangs_up().facts(), Http).failure == "no_answer"


@pytest.mark.parametrize(
    ("waits", "by", "failure"),
    [
        (PATIENCE - 0.001, "client", "stalled"),
        (PATIENCE - 0.002, "client", "closed"),
        (PATIENCE + 1, "server", "closed"),
    ],
)
def test_how_long_a_client_waits_that_gave_up_on_half_an_answer(waits: float, by: str, failure: str) -> None:
    ladder = Ladder().opens().says(GET).answers(BROKEN).waits(waits)
    found = one((ladder.hangs_up() if by == "client" else ladder.closes()).facts(), Http)
    assert (found.failure, found.closed_by) == (failure, by)


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(lambda ladder: ladder.hangs_up(), id="the client"),
        pytest.param(lambda ladder: ladder.closes(), id="the server"),
        pytest.param(lambda ladder: ladder.resets(), id="a reset"),
    ],
)
@pytest.mark.parametrize(("size", "told"), [(len(b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n"), 1), (6, 0)])
def test_the_beginning_of_a_head_is_a_request_where_its_line_is_whole(
    ends: Callable[[Ladder], Ladder], size: int, told: int
) -> None:
    found = only(ends(Ladder().opens().says(POST[:size])).facts(), Http)
    assert [(http.method, http.target, http.status) for http in found] == [
        ("POST", "/RequestHandler/ucdevice.upx", None)
    ] * told


@pytest.mark.parametrize(("amount", "told"), [(LEAST - 1, 0), (LEAST, 1)])
def test_what_is_lost_of_a_connection_is_an_exchange_from_eight_bytes_on(amount: int, told: int) -> None:
    found = only(Ladder().opens().loses(amount).closes().facts(), Http)
    assert [(http.method, http.status, http.lost_bytes) for http in found] == [(None, None, amount)] * told


def test_so_many_characters_of_a_body_are_shown_however_many_bytes_they_take() -> None:
    body = "ä".encode() * (EXCERPT + 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    found = one(Ladder().opens().says(POST).answers(head, body).facts(), Http)
    assert found.answer_text == "ä" * EXCERPT


def test_what_is_lost_in_the_end_is_reported_at_the_time_of_what_was_seen_last() -> None:
    ladder = Ladder().opens().says(GET).answers(OK[:-4], OK[-4:]).acknowledges().loses(300, server=False).loses(500)
    first, lost = only(ladder.closes().facts(), Http)
    assert (first.frame, first.answer_frame, first.lost_bytes) == (4, 6, 0)
    assert (lost.time, lost.frame, lost.lost_bytes) == (first.last_time, 6, 800)


def test_what_is_lost_behind_a_request_without_an_answer_is_told_at_the_time_of_that() -> None:
    ladder = Ladder().opens().says(GET).waits(2).server_fin().loses(50, server=False).client_fin()
    asked, lost = only(ladder.facts(), Http)
    assert (asked.method, asked.frame, asked.lost_bytes) == ("GET", 4, 0)
    assert (lost.method, lost.time, lost.frame, lost.lost_bytes) == (None, asked.time, 4, 50)


@pytest.mark.parametrize("by", ["server", "client"])
def test_who_broke_off_a_refusal_is_who_closed_first(by: str) -> None:
    """Of one that is whole it counts what the client does next."""
    answer = b"HTTP/1.1 401 x\r\nWWW-Authenticate: NTLM\r\nContent-Length: 9\r\n\r\nabc"
    ladder = Ladder().opens().says(POST).answers(answer)
    found = one((ladder.closes() if by == "server" else ladder.hangs_up()).facts(), Http)
    assert (found.status, found.complete, found.failure, found.closed_by) == (401, False, "closed", by)


def test_an_update_request_is_handed_over_even_without_an_answer() -> None:
    given: list[UpdateExchange] = []
    Ladder().opens().says(POST).facts(update=given.append)
    assert [(exchange.http.failure, exchange.request_body, exchange.answer_body) for exchange in given] == [
        ("no_answer", b"<request/>", b"")
    ]


def test_header_lines_beyond_the_bound_are_left_out() -> None:
    head = b"GET / HTTP/1.1\r\n" + b"".join(b"x%d: y\r\n" % number for number in range(600)) + b"\r\n"
    _, fields = read_fields(head)
    assert (len(fields), "x510" in fields, "x511" in fields) == (511, True, False)


def test_a_folded_value_is_one() -> None:
    assert read_fields(b"GET / HTTP/1.1\r\nA: one\r\n two\r\n\tthree\r\n\r\n")[1] == {"a": ["one two three"]}


def test_challenges_are_bounded() -> None:
    assert len(challenge_schemes({"www-authenticate": [f"S{number}" for number in range(40)]}, 401)) == 16


@pytest.mark.parametrize(("status", "schemes"), [(401, ("NTLM",)), (407, ("Basic",))])
def test_the_challenges_are_those_of_the_status(status: int, schemes: tuple[str, ...]) -> None:
    fields = {"www-authenticate": ["NTLM"], "proxy-authenticate": ["Basic"]}
    assert challenge_schemes(fields, status) == schemes


def test_behind_a_piece_for_which_there_is_no_room_no_other_is_kept() -> None:
    """What is kept is the beginning of the body, without a gap."""
    budget = Budget(10)
    body = BodyExcerpt(budget, 100)
    for piece in (b"123456", b"78901", b"2"):
        body.add(piece)
    assert (bytes(body.raw), body.want, budget.left) == (b"123456", 0, 4)
    body.free()
    assert budget.left == 10


@pytest.mark.parametrize("begins", [b"SSH-2.0-", b"HT"])
@pytest.mark.parametrize("first", ["server", "client"])
def test_of_what_is_no_http_the_beginning_is_kept(begins: bytes, first: str) -> None:
    """A segment may have 64 KiB of it, on each of thousands of connections."""
    junk = begins + b"x" * 50_000
    ladder = Ladder().opens().says(GET).answers(junk) if first == "client" else Ladder().opens().answers(junk).says(GET)
    found = one(ladder.closes().facts(), Http)
    assert (found.failure, found.answer_bytes, found.answer_text) == ("not_http", EXCERPT, junk[:EXCERPT].decode())
