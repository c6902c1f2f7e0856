"""An answer that was captured before its request, or before the end of it: at the limits of what is taken for one.

And one that came too late for its client.
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.wire.ladder import Ladder, Segment, only, play
from ucdiag.model.observations import Http
from ucdiag.model.vocabulary import CAPTURE_SKEW
from ucdiag.wire.http.exchange import EXCERPT, SNIFF, UpdateExchange, without_answer

POST = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n<request/>"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<answer/>"
BODY = b"<answer>" + b"x" * (2 * EXCERPT) + b"</answer>"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


def early(answer: bytes, by: int = 1000) -> list[Segment]:
    """The answer is captured so many microseconds before the request that it answers."""
    segments = Ladder().opens().says(POST).answers(answer).segments
    *opening, request, response = segments
    return [*opening, replace(response, time=request.time), replace(request, time=request.time + by)]


@pytest.mark.parametrize("bodies", [True, False])
def test_an_early_answer_is_kept_whole_where_somebody_reads_it(bodies: bool) -> None:
    """Whether it answers the update service's request is not known yet when it is read."""
    given: list[UpdateExchange] = []
    play(early(LONG), update=given.append, bodies=bodies)
    assert (given[0].http.method, given[0].http.status, given[0].http.answer_bytes) == ("POST", 200, len(BODY))
    assert given[0].answer_body == (BODY if bodies else BODY[:SNIFF])
    assert given[0].answer_whole is bodies


@pytest.mark.parametrize(("by", "pairs"), [(CAPTURE_SKEW, 1), (CAPTURE_SKEW + 1, 2)])
def test_how_much_earlier_an_answer_may_be_captured_than_its_request(by: int, pairs: int) -> None:
    assert len(only(play(early(OK, by)), Http)) == pairs


def test_an_answer_that_the_server_gave_before_it_had_the_request_is_none_to_it() -> None:
    """It gives up on the connection while the client sends its next request."""
    timeout = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    ladder = Ladder().opens().says(POST).answers(OK).acknowledges().answers(timeout)
    ladder.down -= len(timeout)
    found = only(ladder.says(POST).facts(), Http)
    assert [(http.method, http.status) for http in found] == [("POST", 200), (None, 408), ("POST", None)]


def test_an_early_answer_to_one_of_two_requests_in_a_segment_is_taken_by_neither() -> None:
    """Where the capture begins in the middle, nobody knows which of the two the server had answered before."""
    get = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"
    *before, request, answer = Ladder().says(get % 8, get % 9).answers(OK).says(get % 1 + get % 2).answers(OK).segments
    found = only(play([*before, answer, replace(request, time=answer.time)]), Http)
    told = [(http.target, http.status) for http in found]
    assert told == [("/8", None), ("/9", None), (None, 200), (None, 200), ("/1", None), ("/2", None)]
    # Where the capture has the connection's beginning, the first is the one.
    opening = Ladder().opens().segments
    *before, request, answer = Ladder(up=1001, down=9001).says(get % 1 + get % 2).answers(OK).segments
    found = only(play([*opening, *before, answer, replace(request, time=answer.time)]), Http)
    assert [(http.target, http.status) for http in found] == [("/1", 200), ("/2", None)]


def test_a_request_that_ends_behind_the_next_answer_is_reported_once() -> None:
    other = OK.replace(b"200 OK", b"404 No")
    segments = Ladder().opens().says(POST[:-5], POST[-5:]).answers(OK).says(POST).answers(other).closes().segments
    opening, (begin, end, answer, request, refusal), closing = segments[:3], segments[3:8], segments[8:]
    found = only(play([*opening, begin, answer, refusal, end, request, *closing]), Http)
    assert sorted((http.method or "", http.status or 0) for http in found) == [("POST", 200), ("POST", 404)]


def test_an_answer_that_the_client_has_not_got_leaves_the_request() -> None:
    """All of the request, what is given, and nothing of the answer."""
    of_request: dict[str, Any] = {
        "client": "10.0.0.7",
        "server": "10.0.0.20",
        "port": 8080,
        "client_port": 50000,
        "client_mac": "00:04:f2:00:00:01",
        "method": "POST",
        "host": "pool01",
        "target": "/RequestHandler/ucdevice.upx",
        "request_bytes": 11,
        "user_agent": "OCPhone",
        "authorization": "NTLM",
        "request_text": "<request/>",
        "purpose": "update",
        "lost_bytes": 5,
        "snapped": True,
    }
    of_answer: dict[str, Any] = {
        "answer_frame": 8,
        "status": 200,
        "answer_bytes": 12,
        "announced_bytes": 13,
        "complete": True,
        "content_type": "text/xml",
        "server_header": "IIS",
        "answer_text": "<answer/>",
        "last_time": 9,
        "last_frame": 10,
        "request_acked": False,
    }
    whole = Http(time=1, frame=2, seconds=1.0, **of_request, **of_answer)
    given = Http(
        time=3,
        frame=4,
        failure="closed",
        closed_by="client",
        request_acked=True,
        answer_acked=True,
        seconds=2.5,
        **of_request,
    )
    assert without_answer(whole, 3, 4, "closed", "client", True, 2.5) == given
