"""One observation in the words of the ladder."""

import pytest

from tests.views.reports import START
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.views.ladder_messages import Direction, message_exchanges

OUT, BACK, LOST, NOTE = Direction.OUT, Direction.BACK, Direction.LOST, Direction.NOTE
SERVER = "10.0.0.20"
HELLO = (OUT, "ClientHello pool.example")


def connect(outcome: str, **values: object) -> Connect:
    return Connect(**{"time": START, "server": SERVER, "port": 80, "outcome": outcome, **values})  # type: ignore[arg-type]


def tls(outcome: str, **values: object) -> Tls:
    usual = {"time": START, "server": SERVER, "port": 443, "server_name": "pool.example", "outcome": outcome}
    return Tls(**{**usual, **values})  # type: ignore[arg-type]


def http(status: int | None, **values: object) -> Http:
    usual = {"time": START, "server": SERVER, "port": 80, "method": "POST", "target": "/a/b.upx", "status": status}
    usual["complete"] = status is not None
    return Http(**{**usual, **values})  # type: ignore[arg-type]


def transfer(outcome: str, **values: object) -> Transfer:
    usual = {"time": START, "url": "http://pool.example/a/CPE.nbt", "server": SERVER, "outcome": outcome}
    return Transfer(**{**usual, **values})  # type: ignore[arg-type]


def answer(form: str, **values: object) -> UpdateAnswer:
    return UpdateAnswer(**{"time": START, "server": SERVER, "port": 80, "form": form, **values})  # type: ignore[arg-type]


def messages(fact: Observation) -> list[tuple[Direction, str]]:
    (exchange,) = message_exchanges((fact,))
    return [(message.direction, message.text) for message in exchange.messages]


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(connect("open"), [(OUT, "SYN to port 80"), (BACK, "SYN ACK: open")], id="open"),
        pytest.param(connect("refused"), [(OUT, "SYN to port 80"), (BACK, "RST: refused")], id="refused"),
        pytest.param(connect("no_answer", attempts=1), [(LOST, "SYN to port 80, no answer")], id="one SYN"),
        pytest.param(connect("no_answer", attempts=2), [(LOST, "SYN to port 80 (2 tries), no answer")], id="two SYNs"),
        pytest.param(
            connect("unreachable", reason="host unreachable", client_port=5),
            [(LOST, "SYN to port 80, unreachable: host unreachable")],
            id="unreachable",
        ),
        pytest.param(
            connect("unreachable", reason="no answer by ARP"), [(LOST, "no answer by ARP")], id="no packet of it"
        ),
        pytest.param(connect("not_sent"), [(LOST, "SYN to port 80: not sent")], id="not sent"),
    ],
)
def test_a_connection(fact: Connect, expected: list[tuple[Direction, str]]) -> None:
    assert messages(fact) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(tls("complete", version="TLSv1"), [HELLO, (BACK, "TLSv1, handshake complete")], id="complete"),
        pytest.param(tls("no_answer"), [(LOST, "ClientHello pool.example: no answer")], id="no answer"),
        pytest.param(
            tls("alert", alert=70, alert_from="server"), [HELLO, (BACK, "TLS alert 70 (protocol version)")], id="alert"
        ),
        pytest.param(tls("alert", alert=1, alert_from="server"), [HELLO, (BACK, "TLS alert 1")], id="no name for it"),
        pytest.param(
            tls("alert", alert=48, alert_from="client", stage="certificate"),
            [HELLO, (BACK, "certificate"), (OUT, "TLS alert 48 (unknown CA)")],
            id="alert of the phone",
        ),
        pytest.param(
            tls("alert", alert=48, alert_from="client", stage="client_hello"),
            [HELLO, (OUT, "TLS alert 48 (unknown CA)")],
            id="alert of the phone before anything came",
        ),
        pytest.param(
            tls("closed", closed_by="client", stage="server_hello"),
            [HELLO, (BACK, "ServerHello"), (OUT, "hangs up")],
            id="the phone hangs up",
        ),
        pytest.param(
            tls("closed", closed_by="server", stage="finished"),
            [HELLO, (BACK, "hangs up after Finished")],
            id="the server hangs up",
        ),
        pytest.param(tls("not_tls"), [HELLO, (BACK, "something that is not TLS")], id="not TLS"),
        pytest.param(
            tls("unfinished", stage="certificate"), [HELLO, (BACK, "no more after certificate")], id="unfinished"
        ),
        pytest.param(tls("expired"), [HELLO, (BACK, "certificate: it has expired")], id="expired"),
    ],
)
def test_a_handshake(fact: Tls, expected: list[tuple[Direction, str]]) -> None:
    assert messages(fact) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(http(200, answer_bytes=512), "200 OK, 512 bytes", id="whole"),
        pytest.param(http(404, answer_bytes=9), "404 Not Found", id="no length of an error"),
        pytest.param(http(299), "299", id="a status without a name"),
        pytest.param(http(200, seconds=0.1), "200 OK, 0 bytes", id="nothing in it"),
        pytest.param(http(302, location="http://b/"), "302 Found, to http://b/", id="redirected"),
        pytest.param(http(401, challenges=("NTLM",)), "401 (NTLM)", id="challenged"),
        pytest.param(http(200, answer_bytes=2, html=True), "200 OK, 2 bytes, an HTML page", id="a page"),
        pytest.param(
            http(200, answer_bytes=2, announced_bytes=9, complete=False, failure="reset"),
            "200 OK, 2 of 9 bytes, then reset",
            id="cut",
        ),
        pytest.param(http(None, failure="closed"), "closes without an answer", id="closed"),
        pytest.param(http(None, failure="not_http"), "something that is not HTTP", id="not HTTP"),
    ],
)
def test_an_answer_by_http(fact: Http, expected: str) -> None:
    assert messages(fact) == [(OUT, "POST /a/b.upx"), (BACK, expected)]


def test_a_request_that_its_client_gives_up() -> None:
    given_up = http(None, failure="closed", closed_by="client")
    assert messages(given_up) == [(OUT, "POST /a/b.upx"), (OUT, "hangs up")]


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(answer("none_offered"), "nothing newer is offered", id="nothing"),
        pytest.param(answer("malformed"), "its XML is broken", id="malformed"),
        pytest.param(answer("offered", internal_url="http://a/"), "an update is offered: http://a/", id="offered"),
        pytest.param(
            answer("offered", version="1.2", internal_url="", external_url="https://a/"),
            "an update 1.2 is offered, its internal URL blank: https://a/",
            id="the internal URL blank",
        ),
        pytest.param(
            answer("offered", internal_url="", external_url=""), "an update is offered, its URLs blank", id="both blank"
        ),
    ],
)
def test_what_an_answer_says(fact: UpdateAnswer, expected: str) -> None:
    assert messages(fact) == [(NOTE, f"it says: {expected}")]


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        pytest.param(transfer("whole", status=200, received_bytes=1000), "200 OK, 1,000 bytes", id="whole"),
        pytest.param(transfer("whole", received_bytes=1000), "1,000 bytes", id="without a status"),
        pytest.param(transfer("status", status=404), "404 Not Found", id="refused"),
        pytest.param(
            transfer("truncated", status=200, received_bytes=1, announced_bytes=3, reason="it closed"),
            "200 OK, 1 of 3 bytes, truncated: it closed",
            id="truncated",
        ),
    ],
)
def test_a_download(fact: Transfer, expected: str) -> None:
    assert messages(fact) == [(OUT, "GET CPE.nbt of pool.example"), (BACK, expected)]


def test_a_download_that_could_not_begin_is_a_note() -> None:
    fact = transfer("connect_failed", reason="refused")
    assert messages(fact) == [(NOTE, "GET CPE.nbt of pool.example: refused")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"failure": "timeout"}, [(LOST, "A a.example? no answer")], id="no answer"),
        pytest.param({"failure": "timeout", "attempts": 3}, [(LOST, "A a.example? no answer (3 tries)")], id="tries"),
        pytest.param({"failure": "not_sent"}, [(LOST, "A a.example? not sent")], id="not sent"),
        pytest.param({"rcode": "NXDOMAIN"}, [(OUT, "A a.example?"), (BACK, "NXDOMAIN")], id="NXDOMAIN"),
        pytest.param(
            {"rcode": "NOERROR", "addresses": (SERVER,), "transport": "tcp"},
            [(OUT, "A a.example? over TCP"), (BACK, SERVER)],
            id="over TCP",
        ),
    ],
)
def test_a_lookup(values: dict[str, object], expected: list[tuple[Direction, str]]) -> None:
    fact = Lookup(**{"time": START, "name": "a.example", "type": "A", "server": "10.0.0.2", **values})  # type: ignore[arg-type]
    assert messages(fact) == expected
