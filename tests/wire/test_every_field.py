"""Observations with a value in every field that they can have, compared whole."""

from tests.wire.dns_exchange import NAME, RESOLVER, Exchange, answer, question
from tests.wire.ladder import PHONE, PHONE_MAC, SECOND, START, Ladder, one
from ucdiag.model.observations import Http, Lookup
from ucdiag.update_service.response import Answer, to_observation
from ucdiag.wire.datagram import Datagram

MAC = "00:04:f2:aa:bb:cc"
ENDS = {"client": "10.0.0.7", "server": "10.0.0.80", "port": 80, "client_port": 49152, "client_mac": MAC}
ASKED = {"client": "10.0.0.7", "client_port": 1024, "client_mac": MAC, "server": "10.0.0.53", "server_port": 53}
QUESTION = {**ASKED, "name": NAME, "type": "A", "transport": "udp"}
MILLISECOND = 1000


def test_an_exchange() -> None:
    request = (
        b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2.contoso.com\r\nUser-Agent: phone\r\n"
        b"Authorization: NTLM abc\r\nContent-Length: 9\r\n\r\nMDMP 1234"
    )
    answered = (
        b"HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nContent-Encoding: identity\r\nLocation: /there\r\n"
        b"Server: Microsoft-IIS/7.0\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Negotiate\r\nRetry-After: 5\r\n"
        b"Content-Range: bytes 0-1/2\r\nContent-Length: 15\r\n\r\n<html>no</html>"
    )
    ladder = Ladder().opens().says(request).waits(1.5).answers(answered).acknowledges().client_fin()
    assert one(ladder.facts(), Http) == Http(
        **ENDS,
        time=START + 3 * MILLISECOND,
        frame=4,
        answer_frame=5,
        method="POST",
        host="ucupdates-r2.contoso.com",
        target="/RequestHandler/ucdevice.upx",
        status=401,
        request_bytes=9,
        answer_bytes=15,
        announced_bytes=15,
        complete=True,
        seconds=1.501,
        reason="Unauthorized",
        content_type="text/html",
        content_encoding="identity",
        location="/there",
        challenges=("NTLM", "Negotiate"),
        server_header="Microsoft-IIS/7.0",
        user_agent="phone",
        authorization="NTLM",
        html=True,
        request_text="MDMP 1234",
        answer_text="<html>no</html>",
        purpose="log",
        last_time=START + 1504 * MILLISECOND,
        last_frame=5,
        closed_by="client",
        request_acked=True,
        content_range="bytes 0-1/2",
        retry_after="5",
    )


def test_an_exchange_that_is_not_whole() -> None:
    asked = b"GET /x HTTP/1.1\r\nProxy-Authorization: Basic abc\r\nIf-None-Match: x\r\n\r\n"
    ladder = Ladder().opens().says(asked).answers(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    found = one(ladder.facts(), Http)
    assert (found.conditional, found.authorization, found.complete) == (True, "Basic", True)
    ladder = Ladder().opens().says(asked).answers(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x" * 300, cut=90)
    assert one(ladder.resets().facts(), Http) == Http(
        **ENDS,
        time=START + 3 * MILLISECOND,
        frame=4,
        answer_frame=5,
        method="GET",
        target="/x",
        status=200,
        reason="OK",
        answer_bytes=300,
        announced_bytes=900,
        seconds=0.002,
        failure="reset",
        authorization="Basic",
        answer_text="x" * 90,
        last_time=START + 5 * MILLISECOND,
        last_frame=6,
        lost_bytes=210,
        closed_by="server",
    )


def test_an_exchange_of_which_the_capture_has_nothing() -> None:
    assert one(Ladder().opens().loses(300, server=False).loses(500).closes().facts(), Http) == Http(
        **ENDS, time=START + MILLISECOND, frame=1, lost_bytes=800
    )


def test_a_lookup() -> None:
    records = (f"{NAME}. 300 CNAME pool.contoso.com.", "pool.contoso.com. 60 A 10.0.0.80", f"{NAME}. 900 TXT x")
    [found] = (
        Exchange().asks(question()).asks(question(), after=1).answers(answer(*records, flags=0x200), after=0.5).facts()
    )
    assert found == Lookup(
        **QUESTION,
        time=START + MILLISECOND,
        frame=1,
        answer_frame=3,
        rcode="NOERROR",
        addresses=("10.0.0.80",),
        aliases=("pool.contoso.com",),
        records=('"x"',),
        ttl=60,
        seconds=1.5,
        attempts=2,
        truncated=True,
    )


def test_a_lookup_that_an_icmp_error_ended() -> None:
    exchange = Exchange().asks(question()).asks(question(), after=1).asks(question(), after=2)
    exchange.lookups.on_unreachable(exchange.at + SECOND, 9, (PHONE, 1024, RESOLVER, 53), "ICMP port unreachable", 7)
    assert exchange.facts() == [
        Lookup(
            **QUESTION,
            time=START + MILLISECOND,
            frame=1,
            answer_frame=9,
            seconds=4.0,
            failure="unreachable",
            attempts=3,
            last_time=START + MILLISECOND + 3 * SECOND,
            last_but_one=START + MILLISECOND + SECOND,
            reason="ICMP port unreachable",
        )
    ]


def test_a_lookup_whose_answer_came_from_elsewhere() -> None:
    exchange = Exchange().asks(question()).asks(question(), after=1)
    elsewhere = bytes((10, 0, 0, 99))
    message = answer(f"{NAME}. 60 A 10.0.0.80")
    at = exchange.at + 250 * MILLISECOND
    exchange.lookups.take_datagram(Datagram(at, 3, elsewhere, 5353, PHONE, 1024, message, None, PHONE_MAC))
    [found] = exchange.facts()
    assert found == Lookup(
        **QUESTION,
        time=START + MILLISECOND,
        frame=1,
        answer_frame=3,
        rcode="NOERROR",
        addresses=("10.0.0.80",),
        ttl=60,
        seconds=1.25,
        attempts=2,
        answer_from="10.0.0.99",
        answer_from_port=5353,
        asked_again=False,
    )


def test_the_answer_of_the_update_service() -> None:
    seen = to_observation(
        Answer(form="empty"),
        time=5,
        frame=7,
        server="192.0.2.1",
        port=80,
        client="192.0.2.9",
        client_port=1234,
        client_mac=MAC,
    )
    assert (seen.time, seen.frame, seen.server, seen.port) == (5, 7, "192.0.2.1", 80)
    assert (seen.client, seen.client_port, seen.client_mac) == ("192.0.2.9", 1234, MAC)
