"""The probe's phases in order, and the file, with real sockets on loopback."""

import errno
import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.probe.raw_server import HOST, Peer, RawServer, full_listener
from tests.real import free_port
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Transfer, UpdateAnswer
from ucdiag.model.phone import Phone
from ucdiag.probe import tcp
from ucdiag.probe.update_request import Target, fetch_file, request_update
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.progress import Waiting, of_amount
from ucdiag.update_service.request import build_request, file_request, to_bytes
from ucdiag.update_service.response import file_urls

NAME = "ucupdates-r2.example.test"
QUICK = 0.6
PATIENT = 15.0
OFFER = b"""<?xml version="1.0"?><r xmlns="urn:x"><BaseURL>http://%s:%d/Files/CPE</BaseURL><ExternalBaseURL/>
<Module><FileName>CPE.nbt</FileName><SignatureFileName>CPE.cat</SignatureFileName><Version>3.5.6907.35</Version></Module></r>"""


def ask(ctx: Context, port: int, address: str = HOST) -> list[Observation]:
    target = Target(address=address, port=port, host=NAME)
    return list(request_update(ctx, target, build_request(Phone(), NAME)))


def connect_of(seen: list[Observation]) -> Connect:
    assert len(seen) == 1
    assert isinstance(seen[0], Connect)
    return seen[0]


def test_refused() -> None:
    seen = connect_of(ask(Context(), free_port()))
    assert (seen.outcome, seen.reason, seen.name, seen.purpose) == ("refused", None, NAME, "update")
    assert seen.seconds is not None
    assert seen.client is None


def test_no_answer() -> None:
    with full_listener() as port:
        seen = connect_of(ask(Context(timeout=QUICK), port))
    assert seen.outcome == "no_answer"
    assert seen.seconds is not None
    assert QUICK * 0.9 < seen.seconds < 10 * QUICK


@pytest.mark.parametrize("address", ["localhost", "not-an-address", "", "1.2.3.4.5", "\x00", "a" * 300, "2001:db8::g"])
def test_what_is_no_address_is_not_looked_up(address: str) -> None:
    seen = connect_of(ask(Context(), 80, address))
    assert seen.outcome == "unreachable"
    assert seen.reason is not None
    assert "is no address" in seen.reason


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (errno.ECONNREFUSED, "refused"),
        (10061, "refused"),
        (errno.ECONNRESET, "refused"),
        (errno.ETIMEDOUT, "no_answer"),
        (10060, "no_answer"),
        (errno.EHOSTUNREACH, "not_sent"),
        (errno.ENETUNREACH, "not_sent"),
        (10051, "not_sent"),
        (10065, "not_sent"),
        (errno.EACCES, "not_sent"),
        (10013, "not_sent"),
        (errno.EPERM, "not_sent"),
        (9999, "not_sent"),
        (errno.EINVAL, "not_sent"),
        (errno.EADDRNOTAVAIL, "not_sent"),
        (errno.ENETDOWN, "not_sent"),
        (errno.EAFNOSUPPORT, "not_sent"),
        (10022, "not_sent"),
        (10047, "not_sent"),
        (10049, "not_sent"),
        (10050, "not_sent"),
        (10054, "refused"),
        (10064, "unreachable"),
    ],
)
def test_what_systems_say(monkeypatch: pytest.MonkeyPatch, number: int, outcome: str) -> None:
    def fail(self: socket.socket, where: object) -> None:
        raise OSError(number, "localised words")

    monkeypatch.setattr(socket.socket, "connect", fail)
    seen = connect_of(ask(Context(), 80))
    assert seen.outcome == outcome
    assert bool(seen.reason) == (outcome != "refused")
    assert ("localised" in (seen.reason or "")) == (outcome == "not_sent")


def test_out_of_sockets_is_no_fact_about_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: socket.socket, where: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket.socket, "connect", fail)
    with pytest.raises(CannotTest, match="another connection"):
        ask(Context(), 80)


def test_a_connection_can_be_sent_elsewhere_and_keeps_its_name() -> None:
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        ctx = Context(connect_to={("192.0.2.7", 80): (HOST, server.port)})
        seen = ask(ctx, 80, "192.0.2.7")
    assert [(fact.kind, fact.server, fact.port) for fact in seen] == [  # type: ignore[attr-defined]
        (kind, "192.0.2.7", 80) for kind in ("connect", "http", "answer")
    ]


def test_times_are_of_the_context_and_in_order() -> None:
    clock = iter(range(1_000_000, 2_000_000, 1000))
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        seen = ask(Context(now=lambda: next(clock)), server.port)
    times = [fact.time for fact in seen]
    assert times == sorted(times)
    assert all(1_000_000 <= time < 2_000_000 for time in times)


def test_observations_survive_json() -> None:
    with RawServer(lambda peer: peer.answer(OFFER % (b"pool.example.test", 80))) as server:
        seen = ask(Context(), server.port)
    assert [from_json(Observation, to_json(fact)) for fact in seen] == seen


def test_an_abandoned_exchange_closes_its_connection() -> None:
    with RawServer(lambda peer: peer.silent()) as server:
        steps = request_update(
            Context(), Target(address=HOST, port=server.port, host=NAME), build_request(Phone(), NAME)
        )
        assert next(steps).kind == "connect"
        steps.close()
        deadline = time.monotonic() + PATIENT
        while not server.received and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.received == [b""]


# The file.


class Names:
    """A resolver that remembers what it was asked."""

    def __init__(self, *addresses: str, rcode: str | None = "NOERROR") -> None:
        self.addresses, self.rcode = addresses, rcode
        self.asked: list[tuple[str, str]] = []

    def __call__(self, name: str, purpose: str) -> Lookup:
        self.asked.append((name, purpose))
        return Lookup(time=1, name=name, type="A", rcode=self.rcode, addresses=self.addresses, purpose=purpose)


def got(
    script: Callable[[Peer], Any], timeout: float = PATIENT, **more: Any
) -> tuple[Transfer, list[Observation], RawServer]:
    with RawServer(script) as server:
        url = f"http://{HOST}:{server.port}/Files/CPE/CPE.nbt"
        seen = list(fetch_file(Context(timeout=timeout), url, Names(), named_by=HOST, **more))
    assert [fact.kind for fact in seen] == ["connect", "http", "transfer"]
    assert isinstance(seen[-1], Transfer)
    assert isinstance(seen[1], Http)
    assert seen[1].purpose == "file"
    assert seen[1].answer_bytes == seen[-1].received_bytes
    return seen[-1], seen, server


def test_the_whole_way() -> None:
    image = bytes(range(256)) * 4000

    def site(peer: Peer) -> None:
        if peer.request().startswith(b"POST"):
            peer.answer(OFFER % (b"pool.example.test", peer.sock.getsockname()[1]))
        else:
            peer.answer(image, "Content-Type: application/octet-stream")

    with RawServer(site) as server:
        answer = ask(Context(), server.port)[-1]
        assert isinstance(answer, UpdateAnswer)
        assert (answer.form, answer.external_url, answer.version) == ("offered", "", "3.5.6907.35")
        (url,) = file_urls(answer, external=False)
        assert url == f"http://pool.example.test:{server.port}/Files/CPE/CPE.nbt"
        assert file_urls(answer, external=True) == ()
        names, waiting = Names(HOST), Waiting()
        seen = list(fetch_file(Context(waiting=waiting), url, names, named_by=HOST))
    assert names.asked == [("pool.example.test", "file")]
    assert [fact.kind for fact in seen] == ["lookup", "connect", "http", "transfer"]
    connect, transfer = seen[1], seen[-1]
    assert isinstance(connect, Connect)
    assert isinstance(transfer, Transfer)
    assert (connect.name, connect.purpose) == ("pool.example.test", "file")
    assert (transfer.outcome, transfer.status, transfer.reason) == ("whole", 200, None)
    assert (transfer.received_bytes, transfer.announced_bytes) == (len(image), len(image))
    assert transfer.content_type == "application/octet-stream"
    assert transfer.seconds is not None
    assert transfer.first_byte_seconds is not None
    assert transfer.first_byte_seconds <= transfer.seconds
    assert of_amount(len(image), len(image)) in waiting.waiting_text()
    assert server.received[1] == to_bytes(file_request(url))
    assert server.received[1].startswith(
        f"GET /Files/CPE/CPE.nbt HTTP/1.1\r\nHost: pool.example.test:{server.port}\r\n".encode()
    )


IMAGE = b"B000FF\n" + bytes(range(256)) * 200
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "outcome", "received"),
    [
        (lambda peer: peer.answer(b"\0" * 9), "whole", 9),
        (lambda peer: (peer.request(), peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"\0" * 9)), "whole", 9),
        (lambda peer: peer.answer(b"\0" * 9, length=10), "truncated", 9),
        (lambda peer: peer.answer(b"", length=10), "truncated", 0),
        (lambda peer: peer.answer(b""), "empty", 0),
        (lambda peer: (peer.request(), peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")), "empty", 0),
        (lambda peer: (peer.request(), peer.send(b"HTTP/1.1 200 OK\r\n\r\n")), "empty", 0),
        (
            lambda peer: (
                peer.request(),
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"),
            ),
            "truncated",
            5,
        ),
        (lambda peer: peer.answer(b"<html>Sign in</html>", "Content-Type: text/html"), "html", 20),
        (lambda peer: peer.answer(b"\n <!DOCTYPE HTML>\n<title>x"), "html", 26),
        (lambda peer: peer.answer(gzip.compress(b"<html>"), "Content-Encoding: gzip"), "html", 26),
        (lambda peer: peer.answer(b"image\0<html>", "Content-Type: text/html"), "whole", 12),
        (lambda peer: peer.answer(b"File not found.", "Content-Type: text/plain"), "text", 15),
        (lambda peer: peer.answer(b"<?xml version='1.0'?><Error>gone</Error>"), "text", 40),
        (lambda peer: peer.answer(gzip.compress(b"No such file", mtime=0), "Content-Encoding: gzip"), "text", 32),
        (lambda peer: peer.answer(b"not found" * 60, length=900), "truncated", 540),
        (lambda peer: peer.answer(gzip.compress(IMAGE, mtime=0), "Content-Encoding: gzip"), "whole", 560),
        (
            lambda peer: peer.answer(gzip.compress(IMAGE, mtime=0)[:-9], "Content-Encoding: gzip", length=560),
            "truncated",
            551,
        ),
        (lambda peer: peer.answer(gzip.compress(b""), "Content-Encoding: gzip"), "empty", 20),
        (lambda peer: peer.answer(b"\x8b\x01" + IMAGE, "Content-Encoding: br"), "whole", 51209),
        (lambda peer: peer.answer(IMAGE, "\r\n".join(f"X-{n}: {n}" for n in range(300))), "whole", 51207),
        (
            lambda peer: (peer.request(), peer.send(INTERIM), peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + IMAGE)),
            "whole",
            51207,
        ),
        (lambda peer: (peer.request(), peer.send(INTERIM)), "truncated", 0),
        (lambda peer: peer.answer(b"firmware " * 60, "Content-Type: text/plain"), "whole", 540),
        (lambda peer: peer.answer(b"x" * 9), "whole", 9),
        (lambda peer: peer.answer(b"B000FF\n", length=900), "truncated", 7),
        (lambda peer: peer.answer(b"B000FF\n\0" + b"x" * 9000, "Content-Type: text/plain"), "whole", 9008),
        (lambda peer: peer.answer(b"0\x82\x05\xdc" + b"x" * 900, "Content-Type: text/plain"), "whole", 904),
        (lambda peer: peer.answer(b"gone", status="404 Not Found"), "status", 4),
        (lambda peer: peer.answer(b"<html>gone", status="404 Not Found"), "status", 10),
        (lambda peer: peer.answer(b"", "Location: /x", status="302 Found"), "status", 0),
        (lambda peer: peer.answer(b"", status="401 Unauthorized", length=5), "status", 0),
        (lambda peer: peer.request(), "truncated", 0),
        (lambda peer: (peer.request(), peer.reset()), "truncated", 0),
        (lambda peer: (peer.request(), peer.send(b"nonsense\r\n")), "truncated", 0),
    ],
)
def test_how_a_transfer_ends(script: Callable[[Peer], Any], outcome: str, received: int) -> None:
    transfer, _, _ = got(script)
    assert (transfer.outcome, transfer.received_bytes) == (outcome, received)


@pytest.mark.parametrize(
    ("content_range", "outcome"),
    [
        ("bytes 0-9/100", "partial"),
        ("bytes 10-19/20", "partial"),
        ("bytes 0-9/*", "partial"),
        ("nonsense", "partial"),
        (None, "partial"),
        ("bytes 0-9/10", "whole"),
    ],
)
def test_a_part_that_was_not_asked_for(content_range: str | None, outcome: str) -> None:
    headers = [f"Content-Range: {content_range}"] if content_range else []
    transfer, _, server = got(lambda peer: peer.answer(b"\0" * 10, *headers, status="206 Partial Content"))
    assert b"\r\nRange:" not in server.received[0]
    assert (transfer.outcome, transfer.status, transfer.received_bytes) == (outcome, 206, 10)
    if outcome == "partial":
        assert "Content-Range" in (transfer.reason or "")
        assert content_range is None or content_range in (transfer.reason or "")


def test_a_part_of_an_answer_is_none() -> None:
    with RawServer(lambda peer: peer.answer(b"<r downloads='0'/>", status="206 Partial Content")) as server:
        assert [fact.kind for fact in ask(Context(), server.port)] == ["connect", "http"]


def test_the_text_that_came_instead_is_reported() -> None:
    transfer, seen, _ = got(lambda peer: peer.answer(b"File \x1b[1m not\r\nfound." + b"." * 999))
    assert transfer.reason is not None
    assert transfer.reason.startswith("it reads 'File \\x1b[1m not found...")
    assert len(transfer.reason) < 120
    assert isinstance(seen[1], Http)
    assert (seen[1].answer_text or "").startswith("File ")


def test_status_is_reported() -> None:
    transfer, _, _ = got(lambda peer: peer.answer(b"", status="503 Service Unavailable"))
    assert (transfer.outcome, transfer.status) == ("status", 503)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(lambda peer: (peer.answer(b"\0" * 9, length=99), peer.silent()), id="silence in the body"),
        pytest.param(lambda peer: (peer.request(), peer.silent()), id="no answer"),
        pytest.param(lambda peer: (peer.request(), peer.drip(b"HTTP/1.1 200 OK\r\n" * 99, 0.05)), id="slow headers"),
        pytest.param(lambda peer: (peer.answer(b"", length=999), peer.drip(b"\0" * 999, 0.05)), id="a trickle"),
    ],
)
def test_stalled(script: Callable[[Peer], Any]) -> None:
    started = time.monotonic()
    transfer, seen, _ = got(script, QUICK)
    assert transfer.outcome == "stalled"
    assert transfer.reason
    assert isinstance(seen[1], Http)
    assert not seen[1].complete
    assert time.monotonic() - started < 20 * QUICK


def test_a_slow_file_that_goes_on_is_not_stalled() -> None:
    def script(peer: Peer) -> None:
        peer.answer(b"", length=400 * 8)
        for _ in range(8):
            time.sleep(0.2)
            peer.send(b"\0" * 400)

    transfer, _, _ = got(script, 0.5)  # the file takes 1.6 seconds
    assert transfer.outcome == "whole"


def test_the_whole_download_has_a_bound_too() -> None:
    def script(peer: Peer) -> None:
        peer.answer(b"", length=1 << 30)
        while True:
            time.sleep(0.01)
            peer.send(b"\0" * 4000)

    transfer, _, _ = got(script, seconds=QUICK)
    assert transfer.outcome == "stalled"
    assert transfer.reason is not None
    assert "not all" in transfer.reason


def test_reading_stops_at_the_limit_and_memory_stays_flat() -> None:
    def script(peer: Peer) -> None:
        peer.answer(b"", length=1 << 40)
        while True:
            peer.send(b"\0" * 65536)

    got(lambda peer: peer.answer(b"\0"))  # imports what it needs
    tracemalloc.start()
    try:
        transfer, seen, _ = got(script, limit=50 << 20)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (transfer.outcome, transfer.received_bytes) == ("limited", 50 << 20)
    assert transfer.announced_bytes == 1 << 40
    assert isinstance(seen[1], Http)
    assert seen[1].answer_text is None
    assert most < 4 << 20


@pytest.mark.parametrize("limit", [9, 10, None])
def test_a_file_as_long_as_the_limit_is_whole(limit: int | None) -> None:
    assert got(lambda peer: peer.answer(b"\0" * 9), limit=limit)[0].outcome == "whole"


def test_a_limit_within_the_file() -> None:
    transfer, _, _ = got(lambda peer: peer.answer(b"\0" * 9), limit=8)
    assert (transfer.outcome, transfer.received_bytes) == ("limited", 8)


@pytest.mark.parametrize(("rcode", "said"), [("NXDOMAIN", "NXDOMAIN"), ("NOERROR", "NOERROR"), (None, "not answered")])
def test_a_host_without_an_address(rcode: str | None, said: str) -> None:
    seen = list(fetch_file(Context(), "http://pool.example.test/x", Names(rcode=rcode)))
    assert [fact.kind for fact in seen] == ["lookup", "transfer"]
    assert isinstance(seen[1], Transfer)
    assert seen[1].outcome == "host_missing"
    assert said in (seen[1].reason or "")


NOWHERE = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.1.1", "224.0.0.5", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1"),
]


@pytest.mark.parametrize("address", [*NOWHERE, "ff02::1", "::ffff:127.0.0.1"])
def test_a_place_that_no_phone_reaches_is_not_asked(address: str) -> None:
    with RawServer(lambda peer: peer.answer(b"\x00image")) as server:
        ctx = Context(connect_to={(address, 80): (HOST, server.port)})
        host = f"[{address}]" if ":" in address else address
        (literal,) = fetch_file(ctx, f"http://{host}/x", Names(), named_by="192.0.2.1")
        lookup, named = fetch_file(ctx, "http://pool.example.test/x", Names(address), named_by="192.0.2.1")
        (unnamed,) = fetch_file(ctx, f"http://{host}/x", Names())
    assert server.received == []
    assert isinstance(lookup, Lookup)
    for request in (literal, named, unnamed):
        assert isinstance(request, Transfer)
        assert request.outcome == "host_missing"
        assert address in (request.reason or "")
    assert "pool.example.test has no usable address" in (named.reason or "")  # type: ignore[attr-defined]


def test_the_address_that_a_host_can_have_is_asked_before_one_that_none_has() -> None:
    with RawServer(lambda peer: peer.answer(b"\x00image")) as server:
        ctx = Context(connect_to={("192.0.2.2", 80): (HOST, server.port)})
        seen = list(
            fetch_file(ctx, "http://pool.example.test/x", Names("127.0.0.1", "192.0.2.2"), named_by="192.0.2.1")
        )
    assert [fact.kind for fact in seen] == ["lookup", "connect", "http", "transfer"]
    assert isinstance(seen[-1], Transfer)
    assert (seen[-1].outcome, seen[-1].server) == ("whole", "192.0.2.2")


def test_a_host_that_does_not_open() -> None:
    port = free_port()
    seen = list(fetch_file(Context(), f"http://pool.example.test:{port}/x", Names(HOST), named_by=HOST))
    assert [fact.kind for fact in seen] == ["lookup", "connect", "transfer"]
    assert isinstance(seen[-1], Transfer)
    assert (seen[-1].outcome, seen[-1].server, seen[-1].port) == ("connect_failed", HOST, port)
    assert "refused" in (seen[-1].reason or "")


def test_the_next_address_is_tried() -> None:
    with RawServer(lambda peer: peer.answer(b"\0yz")) as server:
        ctx = Context(connect_to={("192.0.2.1", 80): (HOST, free_port()), ("192.0.2.2", 80): (HOST, server.port)})
        seen = list(fetch_file(ctx, "http://pool.example.test/x", Names("192.0.2.1", "192.0.2.2")))
    assert [fact.kind for fact in seen] == ["lookup", "connect", "connect", "http", "transfer"]
    assert isinstance(seen[-1], Transfer)
    assert (seen[-1].outcome, seen[-1].server) == ("whole", "192.0.2.2")


TWO, OTHER_OF_TWO = Names("192.0.2.2", "192.0.2.1"), ("192.0.2.1", 80)


@pytest.mark.parametrize("opens", [True, False])
def test_the_other_addresses_are_opened_once_for_all_files(opens: bool) -> None:
    with RawServer(lambda peer: peer.answer(b"\0yz")) as server, RawServer(lambda peer: peer.answer(b"\0yz")) as other:
        place = (HOST, other.port if opens else free_port())
        ctx = Context(connect_to={OTHER_OF_TWO: place, ("192.0.2.2", 80): (HOST, server.port)})
        tried: set[tuple[str, int]] = set()
        first = list(fetch_file(ctx, "http://pool.example.test/x", TWO, tried=tried))
        second = list(fetch_file(ctx, "http://pool.example.test/y", TWO, tried=tried))
    assert [fact.kind for fact in first] == ["lookup", "connect", "http", "transfer", "connect"]
    assert [fact.kind for fact in second] == ["lookup", "connect", "http", "transfer"]
    assert isinstance(first[-1], Connect)
    assert (first[-1].server, first[-1].outcome) == ("192.0.2.1", "open" if opens else "refused")
    assert first[-1].purpose == "file"
    assert other.received in ([], [b""])


@pytest.mark.parametrize(
    ("status", "more"),
    [
        pytest.param("404 Not Found", {"tried": set()}, id="what failed says enough"),
        pytest.param("200 OK", {}, id="beside the path"),
        pytest.param("200 OK", {"tried": {OTHER_OF_TWO}}, id="opened before"),
        pytest.param("200 OK", {"tried": set(), "limit": 1}, id="what was cut short decides nothing"),
    ],
)
def test_no_other_address_is_opened_needlessly(status: str, more: dict[str, Any]) -> None:
    with RawServer(lambda peer: peer.answer(b"\0yz", status=status)) as server:
        ctx = Context(connect_to={OTHER_OF_TWO: (HOST, free_port()), ("192.0.2.2", 80): (HOST, server.port)})
        seen = list(fetch_file(ctx, "http://pool.example.test/x", TWO, **more))
    assert [fact.kind for fact in seen] == ["lookup", "connect", "http", "transfer"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/x",
        "ftp://h/x",
        "http://",
        "http://h:0/",
        "http://h:x/",
        "http://[::1",
        "http://a b/",
        "http://h/\n",
        "x",
        "http://h/#x",
    ],
)
def test_a_url_that_cannot_be_fetched(url: str) -> None:
    names = Names(HOST)
    (seen,) = fetch_file(Context(), url, names)
    assert isinstance(seen, Transfer)
    assert seen.outcome == "host_missing"
    assert names.asked == []


def test_a_url_is_sent_as_it_is() -> None:
    with RawServer(lambda peer: peer.answer(b"\0")) as server:
        list(fetch_file(Context(), f"http://{HOST}:{server.port}/a%20b/\u00fc.nbt?v=1&x='y'", Names(), named_by=HOST))
    assert server.received[0].startswith(b"GET /a%20b/%C3%BC.nbt?v=1&x='y' HTTP/1.1\r\n")


# A proxy, only when asked for.


def test_no_proxy_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(lambda peer: peer.silent()) as proxy, RawServer(lambda peer: peer.answer(b"<r/>")) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{HOST}:{proxy.port}")
        assert ask(Context(), server.port)[-1].kind == "answer"
    assert proxy.received == []


def test_behind_a_proxy_no_other_address_is_opened() -> None:
    with RawServer(lambda peer: peer.answer(b"\0yz")) as proxy:
        ctx = Context(proxy=f"http://{HOST}:{proxy.port}")
        seen = list(fetch_file(ctx, "http://pool.example.test/x", TWO, tried=set()))
    assert [fact.kind for fact in seen] == ["lookup", "connect", "http", "transfer"]
    assert len(proxy.received) == 1


def test_a_proxy_that_was_asked_for() -> None:
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as proxy:
        ctx = Context(proxy=f"http://{HOST}:{proxy.port}")
        seen = ask(ctx, 80, "192.0.2.7")
    assert seen[-1].kind == "answer"
    assert isinstance(seen[0], Connect)
    assert (seen[0].server, seen[0].port) == ("192.0.2.7", 80)
    assert "through the proxy" in (seen[0].reason or "")
    assert proxy.received[0].startswith(f"POST http://{NAME}/RequestHandler/ucdevice.upx HTTP/1.1\r\n".encode())


def test_a_proxy_that_fails_is_no_fact_about_the_server() -> None:
    ctx = Context(timeout=QUICK, proxy=f"{HOST}:{free_port()}")
    with pytest.raises(CannotTest, match="refuses the connection"):
        ask(ctx, 80, "192.0.2.7")
    for proxy in ("socks5://h:1", "http://", "http://u:p@h:1", "http://h:x"):
        with pytest.raises(CannotTest, match="cannot be used"):
            ask(replace(ctx, proxy=proxy), 80, "192.0.2.7")
    with RawServer(lambda peer: (peer.read(), peer.send(b"HTTP/1.1 403 Forbidden\r\n\r\n"))) as server:
        target = Target(address="192.0.2.7", port=443, host=NAME, scheme="https")
        ctx = replace(ctx, proxy=f"{HOST}:{server.port}")
        with pytest.raises(CannotTest, match="403"):
            list(request_update(ctx, target, build_request(Phone(), NAME)))
    assert server.received[0].startswith(b"CONNECT 192.0.2.7:443 HTTP/1.1\r\n")


def test_seconds_in_words() -> None:
    assert [tcp.spell_seconds(seconds) for seconds in (1, 1.0, 2.5, 5.0)] == [
        "1 second",
        "1 second",
        "2.5 seconds",
        "5 seconds",
    ]


def test_a_proxy_that_wants_a_password_for_the_tunnel() -> None:
    def refuse(peer: Peer) -> None:
        peer.answer(b"", status="407 Proxy Authentication Required")

    with RawServer(refuse) as proxy:
        ctx = Context(proxy=f"http://{HOST}:{proxy.port}")
        target = Target(address="192.0.2.1", port=443, host="updates.test", scheme="https")
        seen = list(request_update(ctx, target, build_request(Phone(), "updates.test")))
    assert [fact.kind for fact in seen] == ["connect", "http"]
    assert isinstance(seen[1], Http)
    assert (seen[1].status, seen[1].method, seen[1].scheme) == (407, "CONNECT", "https")


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "localhost.", "files.localhost"])
def test_localhost_is_this_host_without_dns(host: str) -> None:
    names = Names("192.0.2.9")
    with RawServer(lambda peer: peer.answer(b"\0yz")) as server:
        url = f"http://{host}:{server.port}/x"
        seen = list(fetch_file(Context(), url, names, named_by=HOST))
        (elsewhere,) = fetch_file(Context(), url, names, named_by="192.0.2.1")
    assert [fact.kind for fact in seen] == ["connect", "http", "transfer"]
    assert isinstance(seen[-1], Transfer)
    assert (seen[-1].outcome, seen[-1].server) == ("whole", HOST)
    assert len(server.received) == 1
    # A phone that is told localhost by a server elsewhere would call itself, as with 127.0.0.1.
    assert isinstance(elsewhere, Transfer)
    assert elsewhere.outcome == "host_missing"
    assert "each phone would call itself" in (elsewhere.reason or "")
    assert names.asked == []


def test_a_name_that_only_ends_like_localhost_is_asked_for() -> None:
    names = Names()
    list(fetch_file(Context(), "http://notlocalhost/x", names, named_by="192.0.2.1"))
    list(fetch_file(Context(), "http://localhost.example.test/x", names, named_by="192.0.2.1"))
    assert [name for name, *_ in names.asked] == ["notlocalhost", "localhost.example.test"]
