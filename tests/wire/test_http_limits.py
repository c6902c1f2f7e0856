"""HTTP at its limits: what is no HTTP/1, what the parser bounds, what a half of an answer says."""

import pytest

from tests.wire.ladder import Ladder, one, only
from ucdiag.model.observations import Http
from ucdiag.wire.http.parser import challenge_schemes, read_fields
from ucdiag.wire.http.tracker import PIPELINE_MOST

GET = b"GET /a HTTP/1.1\r\nHost: pool01.contoso.com\r\n\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_the_preface_of_http_2_is_no_request() -> None:
    assert not only(Ladder().opens().says(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").says(GET).closes().facts(), Http)


def test_after_switching_protocols_nothing_is_http() -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nContent-Length: 9\r\n\r\n"
    found = one(Ladder().opens().says(GET).answers(switched).says(GET).answers(EMPTY).closes().facts(), Http)
    assert (found.status, found.complete, found.answer_bytes) == (101, True, 0)


def test_half_a_head_of_an_answer_is_incomplete() -> None:
    assert one(Ladder().opens().says(GET).answers(EMPTY[:20]).facts(), Http).failure == "incomplete"


@pytest.mark.parametrize(("requests", "told"), [(PIPELINE_MOST, 0), (PIPELINE_MOST + 1, 1)])
def test_the_oldest_of_too_many_pipelined_requests_is_given_up(requests: int, told: int) -> None:
    found = only(Ladder().opens().says(*[GET] * requests).facts(), Http)
    assert len(found) == requests
    assert [http.failure for http in found].count(None) == told


@pytest.mark.parametrize(("waits", "failure"), [(0.999, "no_answer"), (0.998, "closed")])
def test_how_long_a_client_waits_that_gave_up(waits: float, failure: str) -> None:
    found = one(Ladder().opens().says(GET).waits(waits).hangs_up().facts(), Http)
    assert found.failure == failure


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
