import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.wire.ladder import SECOND, START, Ladder, Segment, one, only, play
from ucdiag.model.observations import Connect, Http, Tls
from ucdiag.update_service.request import USER_AGENT
from ucdiag.wire.http.exchange import UpdateExchange
from ucdiag.wire.http.framing import JUNK_MOST

GET = b"GET /a HTTP/1.1\r\nHost: pool01.contoso.com\r\nUser-Agent: phone\r\n\r\n"
POST = (
    b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2.contoso.com\r\n"
    b"Content-Type: text/xml\r\nContent-Length: 10\r\n\r\n<request/>"
)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 9\r\nServer: Microsoft-IIS/7.0\r\n\r\n<answer/>"


def http(ladder: Ladder, **options: object) -> Http:
    return one(ladder.facts(**options), Http)


def test_one_request_and_its_response() -> None:
    facts = Ladder().opens().says(GET).answers(OK).closes().facts()
    found = one(facts, Http)
    assert (found.method, found.target, found.host) == ("GET", "/a", "pool01.contoso.com")
    assert (found.status, found.reason, found.server_header) == (200, "OK", "Microsoft-IIS/7.0")
    assert (found.frame, found.answer_frame) == (4, 5)
    assert (found.answer_bytes, found.announced_bytes, found.complete) == (9, 9, True)
    assert (found.failure, found.closed_by, found.lost_bytes) == (None, None, 0)
    assert found.client == "10.0.0.7"
    assert found.server == "10.0.0.80"
    assert found.client_mac == "00:04:f2:aa:bb:cc"
    assert found.time == START + 3000
    assert found.seconds == pytest.approx(0.001)
    assert found.answer_text == "<answer/>"
    assert one(facts, Connect).outcome == "open"
    assert not only(facts, Tls)


TWICE = b"Content-Length: 9\r\nContent-Length: 10\r\n"


@pytest.mark.parametrize(
    ("fields", "status", "failure"),
    [
        (TWICE, b"200 OK", "not_http"),
        (b"Content-Length: 9, 10\r\n", b"200 OK", "not_http"),
        (TWICE, b"404 Not Found", "not_http"),
        (b"Content-Length: 9\r\nContent-Length: 09\r\n", b"200 OK", None),
        (b"Content-Length: 9, 9\r\n", b"200 OK", None),
        (TWICE + b"Transfer-Encoding: chunked\r\n", b"200 OK", None),
        (TWICE, b"204 No Content", None),
        (TWICE, b"304 Not Modified", None),
    ],
)
@pytest.mark.parametrize("request_", [GET, POST])
def test_where_an_answer_with_two_lengths_ends_cannot_be_known(
    request_: bytes, fields: bytes, status: bytes, failure: str | None
) -> None:
    """RFC 9112, section 6.3. What follows is read on from the next answer that begins."""
    body = b"" if status[:1] == b"3" or status[:3] == b"204" else b"<answer/>"
    body = b"9\r\n<answer/>\r\n0\r\n\r\n" if b"chunked" in fields else body
    answer = b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n" + body
    ladder = Ladder().opens().says(request_).answers(answer).says(GET).answers(OK).closes()
    updates: list[UpdateExchange] = []
    first, second = only(ladder.facts(update=updates.append), Http)
    assert (first.status, first.failure, first.complete) == (int(status[:3]), failure, failure is None)
    assert (second.status, second.complete, second.answer_text) == (200, True, "<answer/>")
    assert [update.http.complete for update in updates if update.http.complete] == [True] * (
        request_ is POST and failure is None
    )


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("chunks", "came"),
    [
        (b"zz\r\n<answer/>\r\n0\r\n\r\n", 0),
        (b"-9\r\n<answer/>\r\n0\r\n\r\n", 0),
        (b"9\r\n<answer/>more\r\n0\r\n\r\n", 9),
        (b"9\r\n<answer/>\r\nmore\r\n", 9),
    ],
)
@pytest.mark.parametrize("request_", [GET, POST])
def test_chunks_that_do_not_fit_are_the_servers_fault_where_nothing_is_missing(
    request_: bytes, chunks: bytes, came: int
) -> None:
    """As of an active command. What follows is read on from the next answer that begins."""
    ladder = Ladder().opens().says(request_).answers(CHUNKS + chunks).says(GET).answers(OK).closes()
    first, second = only(ladder.facts(), Http)
    assert (first.status, first.failure, first.complete, first.lost_bytes) == (200, "closed", False, 0)
    assert first.answer_bytes == came
    assert (second.status, second.complete, second.answer_text) == (200, True, "<answer/>")


def test_chunks_that_do_not_fit_behind_missing_bytes_are_nobodys_fault() -> None:
    ladder = Ladder().opens().says(POST).answers(CHUNKS + b"9\r\n<ans").loses(3)
    (http_,) = only(ladder.answers(b"r/>\r\nmore\r\n").closes().facts(), Http)
    assert (http_.failure, http_.complete, http_.lost_bytes > 0) == (None, False, True)


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize(
    ("answers", "failed"),
    [
        ("lost lost", ()),
        ("lost lost lost", ()),
        ("headless headless", ()),
        ("lost none", (1,)),
        ("lost lost none", (2,)),
        ("headless none", (1,)),
    ],
)
def test_answers_that_the_capture_lacks_one_behind_the_other_fail_none_of_their_requests(
    answers: str, failed: tuple[int, ...], closes: bool
) -> None:
    ladder = Ladder().opens()
    for answer in answers.split():
        ladder.says(POST)
        if answer == "lost":
            ladder.loses(len(OK))
        elif answer == "headless":
            ladder.loses(20).answers(OK[20:])
        ladder.acknowledges()
    found = only((ladder.closes() if closes else ladder).facts(), Http)
    assert [http.method for http in found] == ["POST"] * len(answers.split())
    failure = "closed" if closes else "no_answer"
    assert [http.failure for http in found] == [failure if at in failed else None for at in range(len(found))]
    assert [http.lost_bytes > 0 for http in found] == [at not in failed for at in range(len(found))]


@pytest.mark.parametrize(
    ("target", "is_one"),
    [
        (b"/requesthandler/UcDevice.UPX", True),
        (b"/RequestHandler/ucdevice%2Eupx", True),
        (b"/RequestHandler/ucdevice.upx?id=1", True),
        (b"/RequestHandler/ucdevice.upx/more", True),
        (b"/RequestHandler/other.upx?/ucdevice.upx", False),
    ],
)
def test_an_update_request_however_its_path_is_spelled(target: bytes, is_one: bool) -> None:
    updates: list[UpdateExchange] = []
    http(
        Ladder().opens().says(POST.replace(b"/RequestHandler/ucdevice.upx", target)).answers(OK), update=updates.append
    )
    assert len(updates) == is_one


@pytest.mark.parametrize(
    ("begins", "verified"),
    [
        (b"Content-Length: 10", True),
        (b"Content-Length: 0", False),
        (b"User-Agent: curl/7.88.1", False),
        # The server refuses it before its body comes.
        (b"Content-Length: 300\r\nExpect: 100-continue", True),
        (b"Transfer-Encoding: chunked\r\nExpect: 100-continue", True),
        # What it announces is not known.
        (b"User-Agent", True),
        (b"Content-Length: 0\r\nAuthorization: NTLM TlRM", True),
        (b"Content-Length: 0\r\nProxy-Authorization: NTLM TlRM", True),
        (b"Content-Length: 10\r\nUser-Agent: " + USER_AGENT.encode(), False),
    ],
)
def test_an_update_request_that_no_phone_sends_is_not_verified(begins: bytes, verified: bool) -> None:
    body = POST[-10:] if b": 10" in begins else b""
    for path, expected in ((b"/RequestHandler/ucdevice.upx", verified), (b"/page", True)):
        asked = b"POST " + path + b" HTTP/1.1\r\nHost: pool\r\n" + begins + b"\r\n\r\n" + body
        if b":" not in begins:
            asked = asked.rstrip()
        assert http(Ladder().opens().says(asked).answers(OK.replace(b"200 OK", b"500 No"))).verified is expected
        late = Ladder().opens().says(asked).waits(30).client_fin().answers(OK)
        assert {found.verified for found in only(late.facts(), Http)} == {expected}


def test_a_part_of_a_file_says_which_part_it_is() -> None:
    part = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-8/100\r\nContent-Length: 9\r\n\r\n<answer/>"
    found = http(Ladder().opens().says(GET).answers(part))
    assert (found.status, found.content_range, found.answer_bytes) == (206, "bytes 0-8/100", 9)
    assert http(Ladder().opens().says(GET).answers(OK)).content_range is None


def test_when_to_ask_again_is_reported() -> None:
    busy = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n"
    found = http(Ladder().opens().says(GET).answers(busy))
    assert (found.status, found.retry_after) == (503, "120")
    assert http(Ladder().opens().says(GET).answers(OK)).retry_after is None


SQUID = b"Server: squid/5.7\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nVia: 1.1 proxy (squid/5.7)\r\n"


@pytest.mark.parametrize(
    ("first", "fields", "proxy"),
    [
        (b"403 Forbidden", SQUID, "squid/5.7"),
        (b"403 Forbidden ( The server denied the specified URL.  )", b"", "ISA Server or Forefront TMG"),
        (b"403 Forbidden", b"Server: Microsoft-IIS/7.5\r\nVia: 1.1 proxy (squid/5.7)\r\n", None),
        (b"200 OK", b"Server: squid/5.7\r\n", None),
    ],
)
def test_a_proxy_that_answers_itself_is_named(first: bytes, fields: bytes, proxy: str | None) -> None:
    head = b"HTTP/1.1 " + first + b"\r\n" + fields + b"Content-Length: 0\r\n\r\n"
    assert http(Ladder().opens().says(GET).answers(head)).proxy == proxy


def test_head_and_body_in_segments_of_their_own_count_from_the_frame_that_completes_them() -> None:
    found = http(Ladder().opens().says(POST[:-10], POST[-10:]).answers(OK[:-9], OK[-9:-4], OK[-4:]))
    assert (found.frame, found.answer_frame) == (5, 8)
    assert found.time == START + 4000
    assert found.seconds == pytest.approx(0.003)
    assert found.request_bytes == 10
    assert found.request_text == "<request/>"
    assert found.purpose is None


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_any_cut_of_the_stream_tells_the_same(size: int) -> None:
    ladder = Ladder().opens()
    ladder.says(*(POST[at : at + size] for at in range(0, len(POST), size)))
    ladder.answers(*(OK[at : at + size] for at in range(0, len(OK), size)))
    found = http(ladder)
    assert (found.status, found.complete, found.request_text, found.answer_text) == (
        200,
        True,
        "<request/>",
        "<answer/>",
    )


def test_keep_alive() -> None:
    # pcap2har 0.1.2 makes one exchange of both (findings/pcap2har-kept-connection.sh).
    facts = Ladder().opens().says(GET).answers(OK).says(POST).answers(OK).closes().facts()
    assert [(exchange.method, exchange.frame, exchange.answer_frame) for exchange in only(facts, Http)] == [
        ("GET", 4, 5),
        ("POST", 6, 7),
    ]


REFUSED = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"


def test_who_hangs_up_after_a_401_is_reported() -> None:
    def asked() -> Ladder:
        return Ladder().opens().says(POST).answers(REFUSED)

    assert http(asked().client_fin()).closed_by == "client"
    assert http(asked().client_fin().server_fin()).closed_by == "client"
    assert http(asked().resets(server=False)).closed_by == "client"
    # It may still go on, it goes on, or the server does not let it.
    assert http(asked()).closed_by is None
    assert http(asked().server_fin().client_fin()).closed_by is None
    assert http(asked().resets()).closed_by is None
    told = only(asked().says(POST).answers(OK).client_fin().facts(), Http)
    assert [(fact.status, fact.closed_by, fact.frame) for fact in told] == [(401, None, 4), (200, None, 6)]
    assert [
        exchange.closed_by for exchange in only(asked().says(POST).answers(REFUSED).client_fin().facts(), Http)
    ] == [
        None,
        "client",
    ]
    # It had hung up before.
    assert http(Ladder().opens().says(POST).client_fin().answers(REFUSED)).closed_by == "client"
    # Of other answers nothing follows from it, nor of other requests.
    assert http(Ladder().opens().says(POST).answers(OK).client_fin()).closed_by is None
    assert http(Ladder().opens().says(GET).answers(REFUSED).client_fin()).closed_by is None


def test_each_of_two_refusals_in_a_row_is_reported() -> None:
    found = only(Ladder().opens().says(POST, POST).answers(REFUSED, REFUSED).client_fin().facts(), Http)
    assert [(fact.status, fact.closed_by) for fact in found] == [(401, None), (401, "client")]


# httpreplay-ng 0.4.2 loses what this and the tests on 100 and on an answer without length are about
# (findings/httpreplay-lost-answers.sh).
def test_pipelining() -> None:
    facts = Ladder().opens().says(GET + GET.replace(b"/a", b"/b"), POST).answers(OK + OK, OK).facts()
    assert [(exchange.target, exchange.frame, exchange.answer_frame) for exchange in only(facts, Http)] == [
        ("/a", 4, 6),
        ("/b", 4, 6),
        ("/RequestHandler/ucdevice.upx", 5, 7),
    ]


@pytest.mark.parametrize("coding", [b"chunked", b"Chunked"])
@pytest.mark.parametrize(("end", "complete"), [(b"0\r\n\r\n", True), (b"", False)])
def test_chunked_by_any_name_is_whole_with_its_last_chunk(coding: bytes, end: bytes, complete: bool) -> None:
    # http-z 8.1.1 refuses the whole one, takes the other, and knows no capitals (findings/http-z-chunked.sh).
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n"
    found = http(Ladder().opens().says(GET).answers(head + b"4\r\n<a/>\r\n" + end).closes())
    assert (found.complete, found.answer_bytes, found.answer_text) == (complete, 4, "<a/>")


def test_chunked_with_extension_and_trailer() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n<ans\r\n5\r\nwer/>\r\n0\r\nX: y\r\n\r\n"
    found = http(Ladder().opens().says(GET).answers(answer[:60], answer[60:]).closes())
    assert (found.complete, found.answer_bytes, found.announced_bytes, found.answer_text) == (
        True,
        9,
        None,
        "<answer/>",
    )


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed(name: str, pack: object) -> None:
    body = pack(b"<answer/>")  # type: ignore[operator]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {name}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    found = http(Ladder().opens().says(GET).answers(head, body).closes())
    assert (found.complete, found.answer_bytes, found.answer_text) == (True, len(body), "<answer/>")
    assert found.content_encoding == name


# Without "Connection: close" http 2.9.8 of Tcl gives no body (findings/tcl-http-no-length.sh), and aiosonic 1.3.3 never
# gives one (findings/aiosonic-no-length.sh).
@pytest.mark.parametrize(
    "head", [b"HTTP/1.0 200 OK", b"HTTP/1.1 200 OK\r\nContent-Type: a/b", b"HTTP/1.1 200 OK\r\nConnection: close"]
)
def test_a_response_without_length_ends_with_the_connection(head: bytes) -> None:
    found = http(Ladder().opens().says(GET).answers(head + b"\r\n\r\nabc", b"def").closes())
    assert (found.complete, found.answer_bytes, found.answer_frame, found.failure) == (True, 6, 7, None)


def test_a_response_without_length_that_is_reset_is_not_complete() -> None:
    found = http(Ladder().opens().says(GET).answers(b"HTTP/1.0 200 OK\r\n\r\nabc").resets())
    assert (found.complete, found.answer_bytes, found.failure, found.closed_by) == (False, 3, "reset", "server")


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(status: int) -> None:
    # http-parser-js 0.5.10 takes the next answer for the body of a 304 (findings/http-parser-js-304.sh).
    answer = f"HTTP/1.1 {status} x\r\nContent-Length: 99\r\n\r\n".encode()
    facts = only(Ladder().opens().says(GET).answers(answer).says(GET).answers(OK).facts(), Http)
    assert [(fact.status, fact.complete, fact.answer_bytes) for fact in facts] == [(status, True, 0), (200, True, 9)]


def test_head_has_no_body() -> None:
    facts = Ladder().opens().says(GET.replace(b"GET", b"HEAD")).answers(OK[:-9]).says(GET).answers(OK).facts()
    assert [
        (exchange.method, exchange.answer_bytes, exchange.announced_bytes, exchange.complete)
        for exchange in only(facts, Http)
    ] == [
        ("HEAD", 0, 9, True),
        ("GET", 9, 9, True),
    ]


def test_continue_is_no_response() -> None:
    head, body = POST[:-10].replace(b"Host", b"Expect: 100-continue\r\nHost"), POST[-10:]
    found = http(Ladder().opens().says(head).answers(b"HTTP/1.1 100 Continue\r\n\r\n").says(body).answers(OK))
    assert (found.status, found.frame, found.answer_frame, found.request_bytes) == (200, 6, 7, 10)


# check_http 2.3.3 of Monitoring Plugins says OK of both (findings/monitoring-plugins-interim-answers.sh).
@pytest.mark.parametrize("interim", [b"100 Continue", b"103 Early Hints\r\nLink: </a>"])
def test_a_refusal_behind_an_interim_answer_counts(interim: bytes) -> None:
    refusal = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    found = http(Ladder().opens().says(GET).answers(b"HTTP/1.1 " + interim + b"\r\n\r\n" + refusal).closes())
    assert (found.status, found.complete) == (503, True)


def test_an_answer_before_the_request_is_whole() -> None:
    refusal = OK.replace(b"200 OK", b"401 No")
    found = http(Ladder().opens().says(POST[:-10]).answers(refusal).says(POST[-10:]))
    assert (found.status, found.complete, found.request_bytes, found.frame) == (401, True, 10, 6)


@pytest.mark.parametrize("bodies", [True, False])
@pytest.mark.parametrize("target", [b"/RequestHandler/ucdevice.upx", b"/page"])
@pytest.mark.parametrize("size", [b"Content-Length: 20000", b"Transfer-Encoding: chunked"])
def test_a_body_that_is_withheld_after_a_final_answer(size: bytes, target: bytes, bodies: bool) -> None:
    asked = b"POST " + target + b" HTTP/1.1\r\nHost: pool\r\n" + size + b"\r\nExpect: 100-continue\r\n\r\n"
    again = POST.replace(b"/RequestHandler/ucdevice.upx", target)
    ladder = Ladder().opens().says(asked).answers(OK.replace(b"200 OK", b"417 No")).says(again).answers(OK)
    facts = ladder.facts(bodies=bodies)
    assert [(found.status, found.request_bytes, found.complete) for found in only(facts, Http)] == [
        (417, 0, True),
        (200, 10, True),
    ]


def test_a_body_that_comes_after_a_final_answer_is_no_other_request() -> None:
    head, body = POST[:-10].replace(b"Host", b"Expect: 100-continue\r\nHost"), POST[-10:]
    refusal = OK.replace(b"200 OK", b"417 No")
    facts = Ladder().opens().says(head).answers(refusal).says(body).says(POST).answers(OK).facts()
    assert [(found.status, found.request_bytes) for found in only(facts, Http)] == [(417, 10), (200, 10)]


def test_challenges_and_credentials() -> None:
    answer = (
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM TlRM==\r\n"
        b'WWW-Authenticate: Basic realm="a, NTLM b", Digest nonce="x"\r\nContent-Length: 0\r\n\r\n'
    )
    found = http(
        Ladder().opens().says(GET.replace(b"\r\n\r\n", b"\r\nAuthorization: NTLM secret\r\n\r\n")).answers(answer)
    )
    assert found.challenges == ("Negotiate", "NTLM", "Basic", "Digest")
    assert found.authorization == "NTLM"
    assert "secret" not in repr(found)


def test_offers_in_fields_of_their_own_and_no_reason() -> None:
    # http-message-parser 0.0.34 keeps the last offer, and no status (findings/http-message-parser-answers.sh);
    # libhttp-parser-perl 0.06 makes the status 1 (findings/http-parser-perl-no-reason.sh).
    offers = b"WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"
    found = http(Ladder().opens().says(GET).answers(b"HTTP/1.1 401 \r\n" + offers))
    assert (found.status, found.reason, found.challenges) == (401, None, ("Negotiate", "NTLM"))


def test_a_request_that_is_acknowledged_and_never_answered() -> None:
    found = http(Ladder().opens().says(GET).acknowledges(server=True))
    assert (found.status, found.failure, found.answer_frame, found.complete) == (None, "no_answer", None, False)


def test_a_capture_that_ends_too_soon_proves_nothing() -> None:
    found = http(Ladder().opens().says(GET), after=1)
    assert (found.status, found.failure) == (None, None)


def test_a_client_that_gives_up_had_no_answer() -> None:
    found = http(Ladder().opens().says(GET).waits(3).hangs_up())
    assert (found.failure, found.closed_by) == ("no_answer", "client")
    found = http(Ladder().opens().says(GET).waits(3).resets(server=False))
    assert (found.failure, found.closed_by) == ("no_answer", "client")
    assert http(Ladder().opens().says(GET).hangs_up()).failure == "closed"


@pytest.mark.parametrize(("by", "failure"), [("client", "no_answer"), ("server", "closed")])
def test_who_hung_up_first_is_known_where_its_fin_was_captured_last(by: str, failure: str) -> None:
    ladder = Ladder().opens().says(GET).waits(3)
    ladder = ladder.hangs_up() if by == "client" else ladder.closes()
    first, second, last = ladder.segments[-3:]
    ladder.segments[-3:] = [replace(second, time=first.time), replace(first, time=second.time), last]
    found = http(ladder)
    assert (found.failure, found.closed_by) == (failure, by)


def test_a_client_that_gives_up_on_a_body_had_it_stall() -> None:
    found = http(Ladder().opens().says(GET).answers(OK[:-4]).waits(30).resets(server=False))
    assert (found.failure, found.closed_by) == ("stalled", "client")
    found = http(Ladder().opens().says(GET).answers(OK[:-4]).waits(1).resets(server=False))
    assert (found.failure, found.closed_by) == ("reset", "client")


def test_a_client_that_gives_up_on_half_an_answer_had_a_stalled_one() -> None:
    found = http(Ladder().opens().says(GET).answers(OK[:-4]).waits(30).hangs_up())
    assert (found.status, found.failure, found.closed_by, found.complete) == (200, "stalled", "client", False)
    found = http(Ladder().opens().says(GET).answers(OK[:-4]).waits(0.5).hangs_up())
    assert (found.status, found.failure, found.closed_by, found.complete) == (200, "closed", "client", False)


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_a_server_that_hangs_up_instead_of_answering(how: str) -> None:
    ladder = Ladder().opens().says(GET)
    found = http(ladder.closes() if how == "closed" else ladder.resets())
    assert (found.status, found.failure, found.closed_by, found.complete) == (None, how, "server", False)


def test_a_body_that_breaks_off() -> None:
    found = http(Ladder().opens().says(GET).answers(OK[:-4]).closes())
    assert (found.status, found.failure, found.closed_by, found.complete) == (200, "closed", "server", False)
    assert (found.answer_bytes, found.announced_bytes, found.lost_bytes) == (5, 9, 0)


def test_a_head_that_breaks_off() -> None:
    found = http(Ladder().opens().says(GET).answers(OK[:40]).closes())
    assert (found.status, found.failure, found.complete) == (200, "closed", False)


@pytest.mark.parametrize(("begin", "failure"), [(b"HTT", "closed"), (b"HTX", "not_http")])
def test_the_beginning_of_a_first_line_may_be_http(begin: bytes, failure: str) -> None:
    found = http(Ladder().opens().says(GET).answers(begin).closes())
    assert (found.status, found.failure) == (None, failure)


def test_a_body_that_stops_coming() -> None:
    found = http(Ladder().opens().says(GET).answers(OK[:-4]))
    assert (found.status, found.failure, found.answer_bytes) == (200, "stalled", 5)
    assert http(Ladder().opens().says(GET).answers(OK[:-4]), after=1).failure is None


def test_what_answers_is_no_http() -> None:
    found = http(Ladder().opens().says(GET).answers(b"SSH-2.0-OpenSSH_9.2\r\n").closes())
    assert (found.status, found.failure, found.answer_frame) == (None, "not_http", 5)
    assert found.answer_text == "SSH-2.0-OpenSSH_9.2\r\n"


def test_a_banner_before_the_request_is_no_http_either() -> None:
    facts = (
        Ladder().opens().answers(b"SSH-2.0-OpenSSH_9.2\r\n").says(GET).answers(b"Protocol mismatch.\n").closes().facts()
    )
    assert one(facts, Http).failure == "not_http"
    assert one(facts, Http).seconds == 0


def test_surplus_bytes_behind_a_response_do_no_harm() -> None:
    facts = Ladder().opens().says(GET).answers(OK, b"surplus").says(GET).answers(OK).facts()
    assert [(exchange.status, exchange.failure) for exchange in only(facts, Http)] == [(200, None), (200, None)]


def test_a_capture_that_begins_in_the_middle() -> None:
    ladder = Ladder().answers(b"e end of some body").says(GET).answers(OK)
    facts = ladder.facts()
    found = one(facts, Http)
    assert (found.method, found.status, found.frame, found.answer_frame) == ("GET", 200, 2, 3)
    assert not only(facts, Connect)


def test_a_response_without_its_request() -> None:
    found = http(Ladder().answers(OK))
    assert (found.method, found.status, found.answer_frame, found.complete, found.failure) == (None, 200, 1, True, None)


def test_garbage_in_both_directions_is_no_fact() -> None:
    assert not only(Ladder().opens().says(b"\x00\x01garbage").answers(b"\xff\xfegarbage").closes().facts(), Http)


def test_bytes_of_a_body_that_the_capture_lacks_were_still_sent() -> None:
    big = OK.replace(b"Length: 9", b"Length: 50000")[:-9]
    ladder = Ladder().opens().says(GET).answers(big, b"x" * 20000).loses(10000).acknowledges()
    ladder.answers(b"x" * 10000).acknowledges().answers(b"x" * 10000).acknowledges().says(GET).answers(OK)
    first, second = only(ladder.facts(), Http)
    assert (first.complete, first.answer_bytes, first.lost_bytes, first.failure) == (True, 50000, 10000, None)
    assert (second.complete, second.lost_bytes) == (True, 0)


def test_a_head_that_the_capture_lacks_a_part_of() -> None:
    ladder = Ladder().opens().says(GET).answers(OK[:30]).loses(20).answers(OK[50:]).acknowledges().acknowledges()
    ladder.says(GET).answers(OK)
    first, second = only(ladder.facts(), Http)
    assert (first.status, first.complete, first.failure) == (200, False, None)
    assert first.lost_bytes
    assert (second.status, second.complete, second.lost_bytes) == (200, True, 0)


@pytest.mark.parametrize(
    "ending",
    [
        lambda ladder: ladder.closes(),
        lambda ladder: ladder.server_fin(),
        lambda ladder: ladder.resets(),
        lambda ladder: ladder.acknowledges(),
        lambda ladder: ladder.acknowledges(server=True),
    ],
)
def test_an_answer_of_which_the_capture_has_nothing(ending: Callable[[Ladder], Ladder]) -> None:
    found = http(ending(Ladder().opens().says(GET).loses(500)))
    assert (found.status, found.complete, found.failure, found.lost_bytes) == (None, False, None, 500)


def test_one_sequence_number_more_may_be_a_fin() -> None:
    found = http(Ladder().opens().says(GET).loses(1).acknowledges())
    assert (found.failure, found.lost_bytes) == ("no_answer", 0)


def test_an_exchange_of_which_the_capture_has_nothing_is_reported_to_the_judge_only() -> None:
    ladder = Ladder().opens().loses(300, server=False).loses(500).closes()
    found = http(ladder)
    assert (found.method, found.status, found.frame, found.lost_bytes) == (None, None, 1, 800)
    assert not only(ladder.facts(bodies=False), Http)
    assert not only(Ladder().opens().hangs_up().facts(), Http)


def test_a_snap_length_leaves_the_count_of_body_bytes() -> None:
    big = OK.replace(b"Length: 9", b"Length: 3000")[:-9]
    ladder = Ladder().opens().says(GET).answers(big + b"x" * 1000, b"x" * 2000, cut=200).says(GET).answers(OK)
    first, second = only(ladder.facts(), Http)
    assert (first.status, first.answer_bytes, first.complete, first.answer_frame) == (200, 3000, True, 6)
    assert (second.status, second.complete) == (200, True)


def test_a_snap_length_that_leaves_the_first_line_in_part() -> None:
    assert http(Ladder().opens().says(GET, cut=9)).target == "/a"
    ladder = Ladder().opens().says(GET, cut=6)
    begun = http(ladder, bodies=False)
    assert (begun.method, begun.target, begun.snapped) == ("GET", "/a", True)
    unseen = http(ladder)
    assert (unseen.method, unseen.status, unseen.lost_bytes, unseen.snapped) == (None, None, len(GET) - 6, True)


def test_as_facts_a_request_whose_target_a_snap_length_cut_is_reported_as_far_as_it_goes() -> None:
    post = POST.replace(b" HTTP", b"?a=b HTTP")
    ladder = Ladder().opens().says(GET, GET, post, cut=20).answers(OK, OK, OK)
    ladder.says(GET, cut=5).closes()
    found = only(ladder.facts(bodies=False), Http)
    assert [(fact.frame, fact.method, fact.target, fact.status) for fact in found] == [
        (4, "GET", "/a", 200),
        (5, "GET", "/a", 200),
        (6, "POST", "/RequestHandler", 200),
        (10, "GET", "/", None),
    ]
    assert all(fact.snapped for fact in found)
    # What somebody judges must be known.
    assert not any(exchange.target == "/RequestHandler" for exchange in only(ladder.facts(), Http))


@pytest.mark.parametrize("header", [b'If-None-Match: "a"', b"if-modified-since: Sat, 29 Oct 1994 19:43:31 GMT"])
def test_what_was_asked_on_a_condition(header: bytes) -> None:
    unchanged = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    asked = GET.replace(b"User-Agent: phone", header)
    assert http(Ladder().opens().says(asked).answers(unchanged)).conditional is True
    assert http(Ladder().opens().says(GET).answers(unchanged)).conditional is False
    assert http(Ladder().opens().says(asked).answers(OK)).conditional is None


def test_a_request_of_the_first_version_is_its_line() -> None:
    found = http(Ladder().opens().says(b"GET /a\r\n").answers(b"HTTP/1.0 200 OK\r\n\r\nabc").closes())
    assert (found.method, found.target, found.frame, found.answer_bytes) == ("GET", "/a", 4, 3)


def test_a_line_with_a_version_waits_for_the_end_of_its_head() -> None:
    found = http(Ladder().opens().says(b"GET /a HTTP/1.1\r\n", b"Host: pool\r\n\r\n").answers(OK).closes())
    assert (found.target, found.host, found.frame) == ("/a", "pool", 5)


@pytest.mark.parametrize(("junk", "told"), [(JUNK_MOST - 1, 1), (JUNK_MOST, 0)])
def test_a_direction_that_makes_no_sense_is_left_alone_after_a_while(junk: int, told: int) -> None:
    ladder = Ladder(up=1000).says(*[b"\x00junk"] * junk).says(GET)
    assert len(only(ladder.facts(), Http)) == told


def test_text_that_comes_compressed_is_read_from_its_beginning() -> None:
    # Compressed, the excerpt needs fewer bytes than it has characters.
    body = gzip.compress(b"<answer/>" * 2000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    found = http(Ladder().opens().says(GET).answers(head, body))
    assert found.answer_text == ("<answer/>" * 2000)[:4096]


def test_a_request_without_a_body_has_no_text() -> None:
    found = http(Ladder().opens().says(POST.replace(b"Length: 10", b"Length: 0")[:-10]).answers(OK))
    assert (found.request_text, found.request_bytes) == (None, 0)


@pytest.mark.parametrize(
    ("status", "snapped"),
    [
        pytest.param(b"200 OK", True, id="an answer that is read"),
        pytest.param(b"299 x", True, id="the last status of success"),
        pytest.param(b"404 No", False, id="a refusal, whose body nobody reads"),
    ],
)
def test_a_snap_length_that_cuts_an_answer_matters_where_the_answer_is_read(status: bytes, snapped: bool) -> None:
    answer = b"HTTP/1.1 %s\r\nContent-Length: 1000\r\n\r\n" % status
    found = http(Ladder().opens().says(POST).answers(answer).answers(b"x" * 1000, cut=100))
    assert (found.complete, found.answer_bytes, found.snapped) == (True, 1000, snapped)


def test_a_web_page_is_known() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 35\r\n\r\n"
    page += b"<!DOCTYPE html><html>Log in</html>\r\n"
    assert http(Ladder().opens().says(GET).answers(page)).html
    assert not http(Ladder().opens().says(GET).answers(OK)).html


def test_bodies_are_not_kept_unless_asked_for() -> None:
    found = http(Ladder().opens().says(POST).answers(OK), bodies=False)
    assert (found.request_text, found.answer_text) == (None, None)


def test_a_tunnel_is_left_alone() -> None:
    ladder = Ladder().opens().says(b"CONNECT a:443 HTTP/1.1\r\n\r\n").answers(b"HTTP/1.1 200 OK\r\n\r\n")
    found = http(ladder.says(GET).answers(b"garbage").closes())
    assert (found.method, found.target, found.status, found.complete) == ("CONNECT", "a:443", 200, True)


@pytest.mark.parametrize(("status", "tunnels"), [(199, False), (200, True), (299, True), (300, False), (407, False)])
def test_what_follows_a_connect_that_succeeded_is_another_conversation(status: int, tunnels: bool) -> None:
    answer = f"HTTP/1.1 {status} x\r\nContent-Length: 3\r\n\r\nabc".encode()
    if status == 199:
        answer += OK
    found = only(Ladder().opens().says(b"CONNECT a:443 HTTP/1.1\r\n\r\n").answers(answer).says(GET).facts(), Http)
    assert [http.method for http in found] == ["CONNECT", "GET"][: 2 - tunnels]


def test_an_excerpt_ends_where_bytes_are_lost() -> None:
    ladder = Ladder().opens().says(GET).answers(OK[:-7]).loses(3).answers(OK[-4:]).acknowledges()
    found = http(ladder.acknowledges().closes())
    assert (found.answer_text, found.answer_bytes, found.lost_bytes, found.complete) == ("<a", 9, 3, True)


def test_of_a_body_that_nobody_reads_bytes_may_be_lost() -> None:
    request = b"POST /x HTTP/1.1\r\nContent-Length: 30\r\n\r\n"
    ladder = Ladder().opens().says(request + b"x" * 10).loses(10, server=False).says(b"x" * 10)
    found = http(ladder.answers(OK).acknowledges(server=True).closes(), bodies=False)
    assert (found.request_bytes, found.lost_bytes, found.status, found.complete) == (30, 10, 200, True)


@pytest.mark.parametrize(
    ("head", "body", "purpose"),
    [
        (b"Content-Type: text/xml", b"<request/>", None),
        (b"Content-Type: application/octet-stream", b"<request/>", None),
        (b"Content-Type: text/xml", b"\xef\xbb\xbf <?xml version='1.0'?>", None),
        (b"Content-Type: text/xml", "<request/>".encode("utf-16"), None),
        (b"Authorization: NTLM TlRM", b"", None),
        (b"Content-Type: text/xml", b" \t\r\n\x00", None),
        (b"Content-Type: text/xml\r\nContent-Encoding: gzip", b"x", None),
        (b"Content-Type: text/xml", b"<a:R xmlns:a='urn:a'><a:Device DeviceModel='CX700'/></a:R>", None),
        (b"Content-Type: text/xml", b"<R><PhoneVersion>3.5.6907.35</PhoneVersion></R>", None),
        (b"Content-Type: text/xml", b"<DeviceLog><MACAddress>00-04</MACAddress></DeviceLog>", "update-or-log"),
        (b"Content-Type: text/xml", b"<?xml version='1.0'?><Log>model, version</Log>", "update-or-log"),
        (b"Content-Type: text/xml", "<Log><SerialNumber/></Log>".encode("utf-16"), "update-or-log"),
        (b"Content-Type: text/plain", b"test", "update-or-log"),
        (b"Content-Type: application/x-www-form-urlencoded", b"mac=0004f2aabbcc", "update-or-log"),
        (b"Content-Type: text/plain", b"CELOG: 12:00 up", "log"),
        (b"Content-Type: text/plain", b"MDMP and so on", "log"),
        (b"Content-Type: application/octet-stream", b"CELOG\x00\x01\x02", "log"),
        (b"Content-Type: multipart/form-data; boundary=b", b"--b\r\n\r\n<request/>\r\n--b--", "log"),
        (b'Content-Disposition: attachment; filename="UCPhone_1-20090501-CELOG1.clg"', b"<x/>", "log"),
    ],
)
def test_a_log_upload_to_the_same_address_is_distinguished(head: bytes, body: bytes, purpose: str | None) -> None:
    request = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n%s\r\nContent-Length: %d\r\n\r\n%s" % (
        head,
        len(body),
        body,
    )
    assert http(Ladder().opens().says(request).answers(OK)).purpose == purpose


def test_the_update_exchange_is_handed_over_exactly() -> None:
    given: list[UpdateExchange] = []
    body = gzip.compress(b"<answer/>" * 100)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    http(Ladder().opens().says(POST).answers(head, body), update=given.append)
    assert len(given) == 1
    assert given[0].request_head + given[0].request_body == POST
    assert given[0].request_whole
    assert given[0].answer_whole
    assert given[0].answer_body == b"<answer/>" * 100
    assert given[0].http.method == "POST"
    other: list[UpdateExchange] = []
    http(Ladder().opens().says(GET).answers(OK), update=other.append)
    assert not other


def test_an_update_request_longer_than_what_is_kept_is_not_whole() -> None:
    given: list[UpdateExchange] = []
    request = POST[:-10].replace(b"Length: 10", b"Length: 300000")
    http(Ladder().opens().says(request, *[b"x" * 60000] * 5).answers(OK), update=given.append)
    assert len(given[0].request_body) == 256 * 1024
    assert not given[0].request_whole


def test_a_piece_that_waited_does_not_complete_a_message_before_the_hole_was_filled() -> None:
    segments = Ladder().opens().says(POST[:20], POST[20:60], POST[60:]).answers(OK).segments
    segments[4], segments[5] = segments[5], segments[4]
    assert one(play(segments), Http).frame == 6


def test_a_response_before_a_request_that_is_never_whole_is_reported_once() -> None:
    found = http(Ladder().opens().says(POST[:-10]).answers(OK).closes())
    assert (found.status, found.complete, found.failure) == (200, True, None)
    ladder = Ladder().opens().says(POST[:-10]).answers(OK).server_fin().says(POST[-10:]).client_fin()
    assert http(ladder).request_bytes == 10


@pytest.mark.parametrize(
    ("size", "ok"),
    [
        (b"000000000000000000000009", True),
        (b"9 ", True),
        # httpchunked 0.1.2 refuses it (findings/httpchunked-small-letters.sh).
        (b'9;part="one"', True),
        (b"x", False),
        (b"-9", False),
    ],
)
def test_sizes_of_chunks(size: bytes, ok: bool) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n<answer/>\r\n0\r\n\r\n" % size
    assert http(Ladder().opens().says(GET).answers(answer).closes()).complete == ok


@pytest.mark.parametrize(
    ("end", "ok"), [(b"\r\n", True), (b"\n", True), (b" \r\n", True), (b"xy\r\n", False), (b"xy\r\n\r\n", False)]
)
def test_behind_a_chunk_its_line_ends(end: bytes, ok: bool) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<answer/>" + end + b"0\r\n\r\n"
    found = http(Ladder().opens().says(GET).answers(answer).closes())
    assert (found.complete, found.answer_bytes) == (ok, 9)


@pytest.mark.parametrize("size", [b"a", b"A", b"0a"])
def test_the_size_of_a_chunk_may_have_letters_of_either_case(size: bytes) -> None:
    # For httpchunked 0.1.2 they are capitals (findings/httpchunked-small-letters.sh).
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n<answers/>\r\n0\r\n\r\n" % size
    found = http(Ladder().opens().says(GET).answers(answer).closes())
    assert (found.complete, found.answer_bytes, found.answer_text) == (True, 10, "<answers/>")


def test_a_target_with_a_blank_in_it_is_cut_there() -> None:
    found = http(Ladder().opens().says(b"GET /a b HTTP/1.1\r\n\r\n").answers(OK))
    assert found.target == "/a"


def download(size: int, piece: int = 1460) -> Ladder:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    ladder = Ladder().opens().says(GET).answers(head)
    left = size
    while left:
        ladder.answers(b"x" * min(piece, left)).acknowledges()
        left -= min(piece, left)
    return ladder


def test_a_reader_that_counts_the_body_by_itself_tells_the_same() -> None:
    ladder = download(1_000_000).says(GET).answers(OK).closes()
    slow, fast = play(ladder.segments), play(ladder.segments, bulk=True)
    assert slow == fast
    first, second = only(fast, Http)
    assert (first.answer_bytes, first.complete, first.lost_bytes) == (1_000_000, True, 0)
    assert second.complete


@pytest.mark.parametrize("bulk", [False, True])
def test_a_download_across_the_end_of_the_sequence_numbers(bulk: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n"
    ladder = Ladder(down=2**32 - 300_000, up=2**32 - 10).opens().says(GET).answers(head, *[b"x" * 1000] * 600).closes()
    found = one(play(ladder.segments, bulk=bulk), Http)
    assert (found.answer_bytes, found.complete, found.answer_frame) == (600_000, True, 605)


def test_a_download_that_stalls_while_a_reader_counts() -> None:
    segments = download(1_000_000).segments[:400]
    found = one(play(segments, bulk=True), Http)
    assert (found.failure, found.complete) == ("stalled", False)
    assert found.answer_bytes == sum(len(segment.payload) for segment in segments[5:])
    assert found.last_frame in (399, 400)
    assert found == one(play(segments), Http)


def test_retransmissions_in_a_download_count_once() -> None:
    ladder = download(200_000)
    segments = ladder.segments
    for at in (60, 61, 90):
        segments = [*segments[:at], segments[at - 6], *segments[at:]]
    assert one(play(segments, bulk=True), Http).answer_bytes == 200_000


def test_reordering_in_a_download_loses_nothing() -> None:
    segments = download(400_000).segments
    segments[60], segments[80] = segments[80], segments[60]
    found = one(play(segments, bulk=True), Http)
    assert (found.answer_bytes, found.complete, found.lost_bytes) == (400_000, True, 0)


UPX = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nContent-Length: 4\r\n\r\n<a/>"


def sent(ladder: Ladder, up: bool, *pieces: bytes, times: int = 3) -> Ladder:
    """The same segments again and again, as nobody acknowledges them."""
    for number in range(times):
        (ladder.says if up else ladder.answers)(*pieces)
        if number < times - 1:
            if up:
                ladder.up -= sum(map(len, pieces))
            else:
                ladder.down -= sum(map(len, pieces))
        ladder.waits(3)
    return ladder


def test_whether_a_request_was_acknowledged() -> None:
    lost = one(sent(Ladder().opens(), True, UPX).facts(), Http)
    assert (lost.failure, lost.request_acked) == ("no_answer", False)
    assert one(sent(Ladder().opens(), True, UPX[:30], UPX[30:]).facts(), Http).request_acked is False
    reset = sent(Ladder().opens(), True, UPX).resets(server=False)
    assert one(reset.facts(), Http).request_acked is False
    # Only repetitions show that no acknowledgement came, and only a server that is heard at all.
    assert one(Ladder().opens().says(UPX).facts(), Http).request_acked is None
    deaf = [segment for segment in sent(Ladder().opens(), True, UPX).segments if segment.up]
    assert one(play(deaf), Http).request_acked is None
    arrived = sent(Ladder().opens(), True, UPX).acknowledges(server=True)
    assert one(arrived.facts(), Http).request_acked is True
    assert one(Ladder().opens().says(UPX).answers(b"HTTP/1.1 204 x\r\n\r\n").facts(), Http).request_acked is True
    # The second request on a connection, and not the first.
    first = Ladder().opens().says(UPX).answers(b"HTTP/1.1 204 x\r\n\r\n")
    found = only(sent(first, True, UPX).facts(), Http)
    assert [fact.request_acked for fact in found] == [True, False]
    twice = Ladder().opens().says(UPX + UPX).answers(b"HTTP/1.1 204 x\r\n\r\n" * 2)
    assert False not in [exchange.request_acked for exchange in only(twice.facts(), Http)]


def test_the_beginning_of_a_head_is_what_was_acknowledged() -> None:
    begun = Ladder().opens().says(UPX[:30]).acknowledges(server=True)
    assert one(sent(begun, True, UPX[30:]).facts(), Http).request_acked is True


def test_whether_an_answer_was_acknowledged() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"<" * 1000
    lost = one(sent(Ladder().opens().says(UPX), False, head).facts(), Http)
    assert (lost.status, lost.answer_acked, lost.request_acked) == (200, False, True)
    came = sent(Ladder().opens().says(UPX), False, head).acknowledges()
    assert one(came.facts(), Http).answer_acked is True
    assert one(Ladder().opens().says(UPX).answers(head).facts(), Http).answer_acked is None


def repeated(
    who: str, seconds: tuple[float, ...], target: bytes = b"/RequestHandler/ucdevice.upx", more: bytes = b""
) -> Ladder:
    """An update request, its whole answer, of which nothing is acknowledged, and what is sent again after so long;
    or ``more``, which follows the request."""
    ladder = Ladder().opens().says(POST.replace(b"/RequestHandler/ucdevice.upx", target))
    ladder.acknowledges(server=True).answers(OK)
    request, answer = ladder.segments[3], ladder.segments[-1]
    for late in seconds:
        again = request if who == "client" else answer
        if more:
            again = replace(again, seq=again.seq + again.size, payload=more, length=len(more))
        ladder.segments.append(replace(again, time=answer.time + int(late * SECOND)))
    ladder.at = ladder.segments[-1].time + 1000
    return ladder


@pytest.mark.parametrize(
    ("end", "failure", "closed_by"),
    [
        (lambda ladder: ladder, "no_answer", None),
        (lambda ladder: ladder.resets(server=False), "no_answer", "client"),
        (lambda ladder: ladder.resets(), "reset", "server"),
    ],
)
@pytest.mark.parametrize("who", ["client", "server"])
def test_a_whole_answer_that_never_reaches_the_client(
    who: str, end: Callable[[Ladder], Ladder], failure: str, closed_by: str | None
) -> None:
    ladder = repeated(who, (1, 3, 7))
    # What the client sends now acknowledges nothing of the answer.
    ladder.down -= len(OK)
    answered, unheard = only(end(ladder).facts(), Http)
    assert (answered.status, answered.complete) == (200, True)
    assert (unheard.status, unheard.complete, unheard.answer_bytes) == (None, False, 0)
    assert (unheard.failure, unheard.closed_by, unheard.answer_acked) == (failure, closed_by, False)
    assert (unheard.method, unheard.frame, unheard.time - answered.last_time) == ("POST", 9, 7 * SECOND)


def half_heard(seconds: tuple[float, ...], got: int) -> Ladder:
    """An update request whose answer is sent again, of which the client acknowledges ``got`` bytes when it hangs up."""
    ladder = repeated("server", seconds)
    if 0 < got < len(OK):
        again = ladder.segments[-1]
        ladder.segments.append(replace(again, seq=again.seq + got, payload=OK[got:], length=-1, time=ladder.at))
    ladder.down -= len(OK) - got
    return ladder


@pytest.mark.parametrize("got", [0, 20])
@pytest.mark.parametrize("end", [Ladder.client_fin, lambda ladder: ladder.resets(server=False)])
def test_who_hangs_up_has_not_got_the_answer_that_is_still_repeated(end: Callable[[Ladder], Ladder], got: int) -> None:
    answered, unheard = only(end(half_heard((0.2, 0.6, 1.4), got)).facts(), Http)
    assert (answered.status, unheard.status, unheard.failure) == (200, None, "no_answer")
    assert unheard.answer_acked is bool(got)


@pytest.mark.parametrize(
    "ladder",
    [
        half_heard((0.2, 0.3), 0).client_fin(),  # It hung up at once.
        half_heard((), 0).waits(1.4).client_fin(),
        half_heard((0.2, 1.4), len(OK)).client_fin(),
        repeated("server", (0.2, 1.4)).server_fin(),  # It has not hung up.
    ],
)
def test_who_hangs_up_may_have_the_answer(ladder: Ladder) -> None:
    (found,) = only(ladder.facts(), Http)
    assert (found.status, found.complete) == (200, True)


def after_closing() -> Ladder:
    """An update request whose client closes after two seconds; a second later the answer comes."""
    return Ladder().opens().says(POST).acknowledges(server=True).waits(2).client_fin().waits(1).answers(OK)


@pytest.mark.parametrize("ladder", [after_closing(), after_closing().server_fin()], ids=["open", "closed by both"])
def test_an_answer_that_the_client_refuses_since_it_has_closed(ladder: Ladder) -> None:
    ladder.down = ladder.segments[3].ack  # Nothing of the answer is acknowledged.
    answered, unheard = only(ladder.resets(server=False).facts(), Http)
    assert (answered.status, unheard.status, unheard.failure) == (200, None, "no_answer")
    assert (unheard.closed_by, unheard.answer_acked, unheard.seconds) == ("client", False, answered.seconds)


def test_an_answer_that_the_client_refuses_before_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"
    ladder = after_closing()
    first, end = ladder.segments[3].ack, replace(ladder.segments[-1], payload=head, length=len(head))
    ladder.segments[-1] = end
    ladder.down = first
    (unheard,) = only(ladder.resets(server=False).facts(), Http)
    assert (unheard.status, unheard.failure, unheard.closed_by, unheard.answer_bytes) == (
        None,
        "no_answer",
        "client",
        0,
    )
    assert (unheard.answer_acked, unheard.seconds) == (False, 3.003)
    # Of which it took the beginning: it left in the middle.
    ladder = after_closing()
    ladder.segments[-1] = end
    ladder.down = first + len(head)
    (left,) = only(ladder.resets(server=False).facts(), Http)
    assert (left.status, left.failure, left.closed_by) == (200, "reset", "client")


@pytest.mark.parametrize(
    "ladder",
    [
        after_closing().acknowledges().server_fin().acknowledges(),
        after_closing().server_fin().acknowledges(),
        after_closing().server_fin(),  # What the client said of it is not in the capture.
        after_closing().server_fin().resets(server=False),  # This reset acknowledges it.
        after_closing().server_fin().acknowledges().resets(server=False),
    ],
)
def test_who_closes_its_direction_may_still_take_the_answer(ladder: Ladder) -> None:
    (found,) = only(ladder.facts(), Http)
    assert (found.status, found.complete) == (200, True)


@pytest.mark.parametrize(("micros", "told"), [(4_999_999, 1), (5_000_000, 2)])
@pytest.mark.parametrize("who", ["client", "server"])
def test_how_long_an_answer_is_repeated_that_nobody_has_got(who: str, micros: int, told: int) -> None:
    assert len(only(repeated(who, (micros / SECOND,)).facts(), Http)) == told


@pytest.mark.parametrize(
    ("patience", "micros", "told"),
    [(5.0, 999_999, 1), (5.0, 1_000_000, 2), (0.7, 699_999, 1), (0.7, 700_000, 2)],
)
def test_how_long_who_hangs_up_waited_for_an_answer_that_is_repeated(patience: float, micros: int, told: int) -> None:
    ladder = half_heard((0.2,), 0)
    answered = next(segment for segment in ladder.segments if segment.payload == OK)
    ladder.at = answered.time + micros
    assert len(only(ladder.client_fin().facts(patience=patience), Http)) == told


def test_an_unheard_answer_leaves_nothing_of_itself_in_the_request() -> None:
    head = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nUser-Agent: phone\r\nAuthorization: NTLM a\r\n"
    request = head + b"Content-Length: 9\r\n\r\nMDMP 1234"
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nLocation: /there\r\nServer: IIS\r\n"
        b"WWW-Authenticate: NTLM\r\nRetry-After: 5\r\nContent-Range: bytes 0-1/2\r\nContent-Length: %d\r\n\r\n"
    )
    page = gzip.compress(b"<html>yes</html>")
    ladder = Ladder().opens().says(request).acknowledges(server=True)
    [silent] = only(ladder.facts(), Http)
    ladder.answers(answer % len(page) + page)
    ladder.segments.append(replace(ladder.segments[-1], time=ladder.at + 7 * SECOND))
    [_, unheard] = only(ladder.facts(), Http)
    assert (silent.purpose, silent.authorization, silent.failure) == ("log", "NTLM", "no_answer")
    assert unheard == replace(silent, time=ladder.at + 7 * SECOND, frame=7, answer_acked=False)


def test_what_the_capture_lacks_of_a_request_it_lacks_where_the_answer_is_unheard_too() -> None:
    head = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n"
    ladder = Ladder().opens().says(head + b"<r>" + b" " * 17).loses(20, server=False).says(b" " * 16 + b"</r>")
    ladder.acknowledges(server=True).answers(OK)
    ladder.segments.append(replace(ladder.segments[-1], time=ladder.at + 7 * SECOND))
    answered, unheard = only(ladder.facts(), Http)
    assert (answered.status, answered.lost_bytes) == (200, 20)
    assert (unheard.status, unheard.failure, unheard.lost_bytes) == (None, "no_answer", 20)


@pytest.mark.parametrize(
    "ladder",
    [
        repeated("server", (1, 3)),  # It may come yet.
        repeated("client", (1, 3)),
        repeated("server", ()),
        repeated("server", (1, 3, 7), b"/page"),
        repeated("server", (1, 3, 7)).acknowledges(),
        repeated("client", (7,), more=b"GE"),
        repeated("server", (1, 3, 7)).says(POST).answers(OK).acknowledges(),
    ],
)
def test_an_answer_that_may_have_reached_the_client_counts(ladder: Ladder) -> None:
    assert {(found.status, found.complete) for found in only(ladder.facts(), Http)} == {(200, True)}


def test_facts_say_what_was_answered_whatever_became_of_it() -> None:
    assert one(repeated("server", (1, 3, 7)).facts(bodies=False), Http).complete


def test_a_way_through_a_proxy_to_the_update_server_is_for_the_update() -> None:
    def purpose(target: str, **options: bool) -> str | None:
        ladder = Ladder().opens().says(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
        found = one(ladder.answers(b"HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n").facts(**options), Http)
        assert found.status == 407
        return found.purpose  # type: ignore[no-any-return]

    assert purpose("ucupdates-r2.contoso.com:443") == "update"
    assert purpose("UCUpdates.contoso.com:443") == "update"
    assert purpose("sip.contoso.com:443") is None
    assert purpose("ucupdates-r2x.contoso.com:443") is None
    assert purpose("ucupdates-r2.contoso.com:443", bodies=False) is None


def late(ladder: Ladder, *numbers: int, by: int = 1) -> list[Segment]:
    """The segments, those of these numbers captured ``by`` places later than they were sent."""
    segments = list(ladder.segments)
    times = [segment.time for segment in segments]
    for number in numbers:
        segments.insert(number + by, segments.pop(number))
    return [replace(segment, time=time) for segment, time in zip(segments, times, strict=True)]


def test_an_answer_that_was_captured_before_its_request_is_its_answer() -> None:
    given: list[UpdateExchange] = []
    ladder = Ladder().opens().says(POST).answers(OK).closes()
    (found,) = only(play(late(ladder, 3), update=given.append), Http)
    assert (found.method, found.status, found.complete, found.failure) == ("POST", 200, True, None)
    assert (found.frame, found.answer_frame, found.lost_bytes) == (5, 4, 0)
    assert given[0].request_whole
    assert given[0].answer_body == b"<answer/>"
    # The server may have closed by then, and the client.
    for by in (1, 2, 3):
        (found,) = only(play(late(ladder, 3, by=by)), Http)
        assert (found.method, found.status, found.complete) == ("POST", 200, True)


def test_answers_before_their_requests_on_one_connection() -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n"
    ladder = Ladder().opens().says(GET).answers(OK).says(POST).answers(missing, b"gone").closes()
    for segments in (late(ladder, 3, 5), late(ladder, 3), late(ladder, 5), late(ladder, 5, by=2)):
        facts = only(play(segments), Http)
        assert [(fact.method, fact.status, fact.complete) for fact in facts] == [
            ("GET", 200, True),
            ("POST", 404, True),
        ]


def test_an_answer_whose_request_is_missing_takes_no_other() -> None:
    ladder = Ladder().opens().says(GET).answers(OK)
    segments = [segment for number, segment in enumerate(ladder.segments) if number != 3]
    (found,) = only(play(segments), Http)
    assert (found.method, found.status, found.complete) == (None, 200, True)
    ladder.says(POST)
    for acknowledged in (0, 2):
        # The hole is known before the second answer comes, or only when all is over.
        more = Ladder()
        more.segments, more.at, more.up, more.down = list(ladder.segments), ladder.at, ladder.up, ladder.down
        for _ in range(acknowledged):
            more.acknowledges(server=True)
        more.answers(OK.replace(b"200 OK", b"404 No"))
        segments = [segment for number, segment in enumerate(more.segments) if number != 3]
        facts = only(play(segments), Http)
        assert [(fact.method, fact.status) for fact in facts if fact.status] == [(None, 200), ("POST", 404)]
