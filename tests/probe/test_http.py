"""One request and its answer, against servers that do one thing wrong each, on real sockets."""

import gzip
import http.client
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.probe.raw_server import HOST, Peer, RawServer
from ucdiag.model.observations import Http, Observation, UpdateAnswer
from ucdiag.model.phone import Phone
from ucdiag.probe import http as probe_http
from ucdiag.probe.http import BODY_LIMIT, challenge_schemes
from ucdiag.probe.update_request import Target, request_update
from ucdiag.runtime.context import Context
from ucdiag.update_service.request import Request, build_request, from_saved, to_bytes

NONE = b'<update downloads="0"/>'
QUICK = 0.6  # seconds that a client waits where the server is meant to be too slow
PATIENT = 15.0


def post(server: RawServer, timeout: float = PATIENT, request: Request | None = None) -> list[Observation]:
    target = Target(address=HOST, port=server.port, host="ucupdates-r2.example.test")
    request = request or build_request(Phone(), "ucupdates-r2.example.test")
    return list(request_update(Context(timeout=timeout), target, request))


def http_of(script: Callable[[Peer], Any], timeout: float = PATIENT) -> Http:
    """The exchange with a server that must not have led to an update answer."""
    with RawServer(script) as server:
        seen = post(server, timeout)
    assert [fact.kind for fact in seen] == ["connect", "http"]
    assert isinstance(seen[1], Http)
    return seen[1]


def answered(script: Callable[[Peer], Any], timeout: float = PATIENT) -> tuple[Http, UpdateAnswer]:
    with RawServer(script) as server:
        seen = post(server, timeout)
    assert [fact.kind for fact in seen] == ["connect", "http", "answer"]
    http, answer = seen[1:]
    assert isinstance(http, Http)
    assert isinstance(answer, UpdateAnswer)
    assert http.complete
    assert http.failure is None
    return http, answer


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n", header: bytes = b"Transfer-Encoding: chunked") -> bytes:
    framed = b"".join(b"%x;ignored=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\n" + framed + end


def reply(data: bytes) -> Callable[[Peer], None]:
    """Sends these bytes to a request and hangs up."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.send(data)

    return script


def test_what_is_sent_is_what_a_dry_run_shows() -> None:
    request = build_request(
        Phone(mac="00:04:f2:aa:bb:cc", serial="S-1"), "pool.example.test:8080", "/RequestHandlerExt/x.upx?a=b"
    )
    with RawServer(lambda peer: peer.answer(NONE)) as server:
        post(server, request=request)
    assert server.received == [to_bytes(request)]
    assert server.received[0].startswith(
        b"POST /RequestHandlerExt/x.upx?a=b HTTP/1.1\r\nHost: pool.example.test:8080\r\nUser-Agent: ucdiag/"
    )


def test_a_saved_request_is_sent_as_it_was_headers_in_order_and_twice() -> None:
    saved = (
        b"POST /RequestHandler/ucdevice.upx HTTP/1.0\r\nuser-AGENT: CPE\r\nX-Twice: 1\r\nHost: old\r\nX-Twice: 2\r\n"
        b"Content-Length: 4\r\n\r\n\x00\xff<>"
    )
    with RawServer(lambda peer: peer.answer(NONE)) as server:
        seen = post(server, request=from_saved(saved, Phone(), "new.example.test"))
    assert server.received == [saved.replace(b"old", b"new.example.test")]
    assert isinstance(seen[1], Http)
    assert seen[1].verified
    assert seen[1].user_agent == "CPE"


def test_a_complete_answer() -> None:
    script = lambda peer: peer.answer(NONE, "Content-Type: text/xml", "Server: Microsoft-IIS/7.0")  # noqa: E731
    http, answer = answered(script)
    assert (http.status, http.method, http.target) == (200, "POST", "/RequestHandler/ucdevice.upx")
    assert (http.announced_bytes, http.answer_bytes) == (len(NONE), len(NONE))
    assert (http.content_type, http.server_header) == ("text/xml", "Microsoft-IIS/7.0")
    assert http.content_range is None
    assert http.answer_text == NONE.decode()
    assert http.request_text is not None
    assert http.request_text.startswith("<?xml")
    assert not http.verified
    assert not http.html
    assert http.client == HOST
    assert http.client_port
    assert answer.form == "none_offered"
    assert (answer.server, answer.client_port) == (HOST, http.client_port)


def test_a_part_of_a_file_says_which_part_it_is() -> None:
    http, _ = answered(lambda peer: peer.answer(NONE, "Content-Range: bytes 0-9/100"))
    assert http.content_range == "bytes 0-9/100"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n" + NONE, id="until it hangs up"),
        # Neither for aiosonic 1.3.3 nor for http 2.9.8 of Tcl (findings/*-no-length.sh).
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n" + NONE, id="until it hangs up, HTTP/1.1"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 0%d\r\n\r\n" % len(NONE) + NONE, id="zero before the length"),
        pytest.param(b"HTTP/1.1 200 OK\nContent-Length: %d\n\n" % len(NONE) + NONE, id="bare line feeds"),
        pytest.param(chunked(NONE[:5], NONE[5:]), id="chunked"),
        pytest.param(chunked(NONE, end=b"0\r\nX-Trailer: 1\r\n\r\n"), id="chunked with a trailer"),
        pytest.param(
            chunked(NONE, header=b"Content-Length: 3\r\nTransfer-Encoding: chunked"), id="chunked beside a wrong length"
        ),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" + NONE,
            id="after interim answers",
        ),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: %d\r\n\r\n" % len(NONE) + NONE, id="without a phrase"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: nonsense\r\n\r\n" + NONE, id="a length that is none"),
    ],
)
def test_every_framing_of_a_whole_answer(data: bytes) -> None:
    http, answer = answered(reply(data))
    assert http.status == 200
    assert http.answer_bytes == len(NONE)
    assert answer.form == "none_offered"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(NONE, mtime=0)),
        ("x-gzip", gzip.compress(NONE, mtime=0)),
        ("deflate", zlib.compress(NONE)),
        ("deflate", zlib.compress(NONE)[2:-4]),
        # Members one after the other (RFC 1952 section 2.2), of which httpx 0.28.1 keeps the first
        # (findings/httpx-gzip-members.sh).
        ("gzip", gzip.compress(NONE[:9], mtime=0) + gzip.compress(NONE[9:], mtime=0)),
        ("gzip", gzip.compress(NONE, mtime=0) + gzip.compress(b"", mtime=0)),
        ("gzip", gzip.compress(NONE, mtime=0) + bytes(7)),
        ("gzip", gzip.compress(NONE, mtime=0) + b"\x1f"),
        ("deflate", zlib.compress(NONE) + gzip.compress(NONE, mtime=0)),
        ("identity", NONE),
    ],
)
def test_compressed_answers(encoding: str, packed: bytes) -> None:
    http, answer = answered(lambda peer: peer.answer(packed, f"Content-Encoding: {encoding}"))
    assert answer.form == "none_offered"
    assert http.answer_bytes == len(packed)
    assert http.answer_text == NONE.decode()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(NONE, mtime=0)[:-12]),
        ("gzip", NONE),
        ("gzip", gzip.compress(NONE * 9, mtime=0)[:20] + b"\xff" * 20),
        ("gzip", gzip.compress(NONE[:9], mtime=0) + gzip.compress(NONE[9:], mtime=0)[:-9]),
        ("br", b"\x0b\x0b\x80"),
        ("gzip, br", NONE),
    ],
)
def test_broken_compression_is_a_malformed_answer(encoding: str, packed: bytes) -> None:
    http, answer = answered(lambda peer: peer.answer(packed, f"Content-Encoding: {encoding}"))
    assert answer.form == "malformed"
    assert answer.reason is not None
    assert "compress" in answer.reason
    assert http.reason is not None


def test_chunks_overrule_an_announced_length() -> None:
    http, _ = answered(reply(chunked(NONE, header=b"Content-Length: 3\r\nTransfer-Encoding: chunked")))
    assert (http.announced_bytes, http.answer_bytes) == (None, len(NONE))


def test_no_content_is_an_empty_answer() -> None:
    http, answer = answered(reply(b"HTTP/1.1 204 No Content\r\n\r\n"))
    assert (http.status, answer.form) == (204, "empty")


def test_an_error_page_of_another_status() -> None:
    page = b"<!DOCTYPE html><title>404 - File or directory not found.</title>"
    http = http_of(lambda peer: peer.answer(page, "Content-Type: text/html", status="404 Not Found"))
    assert (http.status, http.complete, http.html) == (404, True, True)
    assert http.failure is None


def test_a_redirect_is_not_followed() -> None:
    with RawServer(lambda peer: peer.silent()) as elsewhere:
        where = f"http://{HOST}:{elsewhere.port}/x"
        http = http_of(lambda peer: peer.answer(b"", f"Location: {where}", status="302 Found"))
    assert (http.status, http.location, http.complete) == (302, where, True)
    assert elsewhere.received == []


@pytest.mark.parametrize("location", ["http://[::1", "//", "\x01\xff", "http://" + "a" * 70000, "javascript:x"])
def test_a_redirect_to_nonsense_is_only_reported(location: str) -> None:
    http = http_of(lambda peer: peer.answer(b"", f"Location: {location[:60000]}", status="301 Moved"))
    assert http.status == 301
    assert http.location is not None
    assert len(http.location) <= 1024


def test_challenges_in_order() -> None:
    http = http_of(
        lambda peer: peer.answer(
            b"",
            "WWW-Authenticate: Negotiate, NTLM",
            'www-authenticate: Basic realm="a, Digest b", charset="UTF-8"',
            status="401 Unauthorized",
        )
    )
    assert http.challenges == ("Negotiate", "NTLM", "Basic")


@pytest.mark.parametrize(
    ("value", "schemes"),
    [
        ("NTLM", ["NTLM"]),
        ("Negotiate oYGeMIGb==, NTLM TlRMTVNTUAAC=", ["Negotiate", "NTLM"]),
        ('Digest realm="x, y", nonce=abc, qop = "auth,auth-int", Kerberos', ["Digest", "Kerberos"]),
        ("Basic realm=unquoted", ["Basic"]),
        ('Basic realm="never closed, NTLM', ["Basic"]),
        (", ,NTLM,,", ["NTLM"]),
        ("", []),
        ('"', []),
        ("=", []),
    ],
)
def test_the_scheme_words_of_a_challenge(value: str, schemes: list[str]) -> None:
    assert challenge_schemes(value) == schemes


def test_of_ever_more_challenges_the_first_are_kept() -> None:
    lines = b"".join(b"WWW-Authenticate: S%d\r\n" % number for number in range(20))
    data = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n" + lines + b"\r\n"
    assert http_of(lambda peer: (peer.request(), peer.send(data))).challenges == tuple(f"S{at}" for at in range(8))


# Answers that are not whole.


def test_no_answer() -> None:
    http = http_of(lambda peer: (peer.request(), peer.silent()), QUICK)
    assert (http.failure, http.status, http.complete) == ("no_answer", None, False)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTT",
        b"HTTP/1.1",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_closed_before_the_headers_end(data: bytes) -> None:
    http = http_of(reply(data))
    assert (http.failure, http.status, http.complete) == ("closed", None, False)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + NONE,
        chunked(NONE, end=b""),
        chunked(NONE, end=b"0\r\n"),
        chunked(NONE, end=b"5\r\nab"),
        chunked(NONE, end=b"zz\r\n"),
        chunked(NONE, end=b"-5\r\nabcde\r\n0\r\n\r\n"),
        chunked(NONE, end=b"1\r\nab\r\n0\r\n\r\n"),
        chunked(NONE, end=b"f" * 9000),
    ],
)
def test_cut_answers_are_not_complete(data: bytes) -> None:
    http = http_of(reply(data))
    assert (http.failure, http.status, http.complete) == ("closed", 200, False)
    assert http.answer_text is not None
    assert http.answer_text.startswith(NONE.decode())


def test_reset_is_not_closed() -> None:
    http = http_of(lambda peer: (peer.request(), peer.reset()))
    assert (http.failure, http.complete) == ("reset", False)


def test_reset_in_the_body() -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + NONE)
        time.sleep(0.2)
        peer.reset()

    http = http_of(script)
    assert (http.failure, http.complete) == ("reset", False)


@pytest.mark.parametrize(
    "data",
    [
        b"220 mail.example.test ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x00" * 50,
        b"\x16\x03\x01\x00\x05hello",
        b"<html>no status line</html>",
        b"HTTP/2.0\x00\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99999 Huge\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
    ],
)
def test_what_is_not_http(data: bytes) -> None:
    # It stays open, and still the answer comes at once.
    with RawServer(lambda peer: (peer.request(), peer.send(data), peer.silent())) as server:
        seen = post(server)
    assert isinstance(seen[-1], Http)
    assert (seen[-1].failure, seen[-1].status) == ("not_http", None)


@pytest.mark.parametrize(
    ("fields", "whole"),
    [
        (b"Content-Length: 5\r\nContent-Length: 9", False),
        (b"Content-Length: 5, 9", False),
        (b"Content-Length: %d\r\nX: y\r\ncontent-length: %d, 1" % (len(NONE), len(NONE)), False),
        (b"Content-Length: %d\r\nContent-Length: 0%d" % (len(NONE), len(NONE)), True),
        (b"Content-Length: %d, %d" % (len(NONE), len(NONE)), True),
    ],
)
def test_an_answer_with_two_lengths_cannot_be_read(fields: bytes, whole: bool) -> None:
    """RFC 9112, section 6.3. That one length is there twice is no fault."""
    with RawServer(reply(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + NONE)) as server:
        connected, seen, *answers = post(server)
    assert isinstance(seen, Http)
    assert (connected.kind, len(answers)) == ("connect", whole)
    assert (seen.status, seen.complete, seen.failure) == (200, whole, None if whole else "not_http")
    assert whole or (seen.reason or "").startswith("it announces different lengths (Content-Length: ")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", '"SSH-2.0-OpenSSH_9.2"'),
        (b'it\'s "x"\r\n', '"it\'s "x""'),
        (b"\x00\x01" * 20, "the bytes 00 01 00 01"),
        (b"\r\nHTTP/1.1 200 OK\r\n\r\n", "the bytes 0d 0a 48 54"),
    ],
)
def test_how_it_begins_is_reported_for_people(data: bytes, said: str) -> None:
    reason = http_of(reply(data)).reason
    assert reason is not None
    assert said in reason
    assert "b'" not in reason
    assert 'b"' not in reason


def test_as_many_headers_are_read_as_browsers_read() -> None:
    with RawServer(reply(OPEN + b"A: b\r\n" * 1500 + b"Content-Length: 0\r\n\r\n")) as server:
        http = next(exchange for exchange in post(server, PATIENT) if isinstance(exchange, Http))
    assert (http.status, http.complete, http.failure) == (200, True, None)


def test_one_interim_answer_after_the_other_is_passed_over() -> None:
    interim = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    with RawServer(reply(b"HTTP/1.1 100 Continue\r\n\r\n" + interim + OPEN + b"Content-Length: 0\r\n\r\n")) as server:
        http = next(exchange for exchange in post(server, PATIENT) if isinstance(exchange, Http))
    assert (http.status, http.complete) == (200, True)


def test_no_http_follows_an_answer_that_switches_protocols() -> None:
    """RFC 9110, section 15.2.2."""
    http = http_of(reply(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"))
    assert (http.status, http.complete, http.failure) == (101, True, None)


@pytest.mark.parametrize("status", [b"503 Service Unavailable", b"429 Too Many Requests"])
def test_when_to_ask_again_is_kept(status: bytes) -> None:
    head = b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n"
    assert http_of(reply(head + b"Retry-After: 120\r\n\r\n")).retry_after == "120"
    assert http_of(reply(head + b"\r\n")).retry_after is None


@pytest.mark.parametrize(
    ("head", "proxy"),
    [
        (b"403 Forbidden\r\nServer: squid/5.7\r\nX-Squid-Error: ERR_ACCESS_DENIED 0", "squid/5.7"),
        (b"503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111", "squid"),
        (b"500 Internal Server Error ( The target principal name is incorrect.  )", "ISA Server or Forefront TMG"),
        (b"503 Service Unavailable\r\nServer: Microsoft-HTTPAPI/2.0", None),
    ],
)
def test_a_proxy_that_answers_itself_is_named(head: bytes, proxy: str | None) -> None:
    assert http_of(reply(b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\n\r\n")).proxy == proxy


def test_tls_on_the_http_port_is_reported() -> None:
    http = http_of(reply(b"\x15\x03\x01\x00\x02\x02\x46"))
    assert http.failure == "not_http"
    assert http.reason is not None
    assert "TLS" in http.reason


def test_an_answer_that_comes_before_the_request_was_read_counts() -> None:
    def script(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        peer.request()

    assert http_of(script).status == 503


# Hostile answers: bounded in time and memory.

OPEN = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("first", "slow"),
    [
        pytest.param(b"", OPEN * 99, id="status line"),
        pytest.param(OPEN, b"X-Header: abc\r\n" * 99, id="headers"),
        pytest.param(OPEN + b"Content-Length: 999\r\n\r\n", b"x" * 999, id="body"),
        pytest.param(OPEN + b"\r\n", b"x" * 999, id="body without a length"),
        pytest.param(OPEN + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 999, id="chunks"),
        pytest.param(OPEN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 999, id="trailers"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, id="interim answers"),
    ],
)
def test_a_trickle_ends_with_the_timeout(first: bytes, slow: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(first)
        peer.drip(slow, 0.05)

    http = http_of(script, QUICK)
    assert (http.failure, http.complete) == ("incomplete", False)
    assert http.seconds is not None
    assert http.seconds < 10 * QUICK


def endless(first: bytes, more: bytes) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.request()
        peer.send(first)
        while True:  # until the client hangs up
            peer.send(more)

    return script


@pytest.mark.parametrize(
    ("first", "more"),
    [
        pytest.param(OPEN, b"X: " + b"y" * 60000 + b"\r\n", id="long headers"),
        pytest.param(OPEN, b"A: b\r\n" * 1000, id="many headers"),
        pytest.param(b"HTTP/1.1 200 ", b"y" * 60000, id="status line"),
        pytest.param(OPEN + b"X: ", b"y" * 60000, id="one header"),
        pytest.param(OPEN + b"\r\n", b"y" * 60000, id="body"),
        pytest.param(OPEN + b"Content-Length: 999999999999999999\r\n\r\n", b"y" * 60000, id="announced body"),
        pytest.param(OPEN + b"Transfer-Encoding: chunked\r\n\r\n", b"8000\r\n" + b"y" * 0x8000 + b"\r\n", id="chunks"),
        pytest.param(OPEN + b"Content-Encoding: br\r\n\r\n", b"y" * 60000, id="unreadable body"),
        pytest.param(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, id="interim answers"),
        pytest.param(OPEN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"A: b\r\n" * 1000, id="trailers"),
    ],
)
def test_endless_answers_stop_at_a_bound(first: bytes, more: bytes) -> None:
    http = http_of(endless(first, more))
    assert (http.failure, http.complete) == ("too_large", False)
    assert http.answer_bytes <= BODY_LIMIT + 65536


def test_a_chunk_s_size_that_does_not_end_is_given_up() -> None:
    http = http_of(endless(OPEN + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 60000))
    assert (http.failure, http.complete) == ("closed", False)
    assert http.reason == "its chunks do not fit: a chunk's size cannot be read"


def test_a_bomb_stops_at_the_bound_and_takes_no_memory() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join([packer.compress(bytes(1 << 20)) for _ in range(200)] + [packer.flush()])
    assert len(bomb) < BODY_LIMIT
    with RawServer(lambda peer: peer.answer(bomb, "Content-Encoding: gzip")) as server:
        post(server)  # imports what it needs
        tracemalloc.start()
        try:
            seen = post(server)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    http = seen[-1]
    assert isinstance(http, Http)
    assert (http.failure, http.complete) == ("too_large", False)
    assert most < 16 << 20


@pytest.mark.parametrize(
    "header",
    [
        "X: \x00\x01\x1b[31m",
        "Content-Type: \x1b]0;title\x07text/xml",
        "Server: [bold red]markup[/]\xff",
        "no colon here",
        ": empty name",
        "Content-Encoding: \x85\x1c",
        "Content-Length: 99999999999999999999999999",
        "Content-Length: " + "9" * 5000,
        "Content-Length: -1",
        "WWW-Authenticate: " + '"\\' * 4000,
        "WWW-Authenticate: " + "a , " * 4000,
    ],
)
def test_strange_headers_do_no_harm(header: str) -> None:
    data = f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n".encode("latin-1") + NONE
    with RawServer(reply(data)) as server:
        started = time.monotonic()
        seen = post(server)
        assert time.monotonic() - started < PATIENT
    http = seen[1]
    assert isinstance(http, Http)
    assert http.status == 200


def test_control_characters_in_the_body_stay_as_they_are() -> None:
    _, answer = answered(lambda peer: peer.answer(b"\x1b[2J\x07 not xml \xff"))
    assert answer.form == "not_xml"
    assert answer.excerpt == "\x1b[2J\x07 not xml \ufffd"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (http.client.LineTooLong("header line"), "its answer has a header line longer than 65536 bytes"),
        (http.client.HTTPException("got more than 100 headers"), "its answer has more than 100 header lines"),
        (http.client.HTTPException("something else"), "the headers of its answer cannot be read"),
    ],
)
def test_what_is_wrong_with_the_head_of_an_answer(error: http.client.HTTPException, said: str) -> None:
    assert probe_http._head_flaw(error) == said
