"""An answer that was captured before its request, or before the end of it: at the limits of what is taken for one."""

from dataclasses import replace

import pytest

from tests.wire.ladder import Ladder, Segment, only, play
from ucdiag.model.observations import Http
from ucdiag.model.vocabulary import CAPTURE_SKEW
from ucdiag.wire.http.exchange import EXCERPT, SNIFF, UpdateExchange

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


def test_a_request_that_ends_behind_the_next_answer_is_told_once() -> None:
    other = OK.replace(b"200 OK", b"404 No")
    segments = Ladder().opens().says(POST[:-5], POST[-5:]).answers(OK).says(POST).answers(other).closes().segments
    opening, (begin, end, answer, request, refusal), closing = segments[:3], segments[3:8], segments[8:]
    found = only(play([*opening, begin, answer, refusal, end, request, *closing]), Http)
    assert sorted((http.method or "", http.status or 0) for http in found) == [("POST", 200), ("POST", 404)]
