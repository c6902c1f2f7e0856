"""The small sentences and readings that several judges share: a line for each value."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, PATH, PHONE, POOL, RESOLVER, START
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.phrases import (
    bytes_text,
    file_name,
    host_name,
    hung_up,
    is_firmware_request,
    is_hang_up,
    is_in_store,
    is_post_to_handler,
    lacking_clause,
    lookup_said,
    update_requests,
)
from ucdiag.model.observations import Http, Lookup, Tls, UpdateAnswer

STORE = "/DeviceUpdateFiles_Int/UCPhone/CPE.nbt"


def http(at: int = 0, **more: Any) -> Http:
    return Http(time=START + at, client=PHONE, **{"server": POOL, "port": 80, **more})


def lookup(**more: Any) -> Lookup:
    return Lookup(time=START, name=NAME, **{"type": "A", "server": RESOLVER, **more})


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"method": "POST", "target": PATH}, True),
        ({"method": "POST", "target": PATH.upper()}, True),
        ({"method": "POST", "target": f"http://{NAME}{PATH}?x=1"}, True),
        ({"method": "GET", "target": PATH}, False),
        ({"method": "POST", "target": f"{PATH}/more"}, True),
        ({"method": "POST", "target": "/ucdevice.upx/more"}, False),
        ({"method": "POST", "target": "/RequestHandler/%75cdevice.upx"}, True),
        ({"method": "POST", "target": f"/x?{PATH}"}, False),
        ({"method": "POST", "target": None}, False),
        ({"method": None, "target": None}, False),
    ],
)
def test_a_post_to_the_handler(request_: dict[str, Any], expected: bool) -> None:
    assert is_post_to_handler(http(**request_)) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"outcome": "refused"}, False),
        ({"stage": "client_hello"}, False),
        ({"closed_by": "client"}, False),
        ({"closed_by": None}, False),
    ],
)
def test_a_server_hung_up_before_tls(more: dict[str, Any], expected: bool) -> None:
    fact = {"outcome": "closed", "stage": None, "closed_by": "server", **more}
    assert hung_up(Tls(time=START, server=POOL, port=443, **fact)) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"failure": "reset"}, True),
        ({"failure": "no_answer"}, False),
        ({"failure": None}, False),
        ({"closed_by": "client"}, False),
        ({"method": "GET"}, False),
        ({"status": 200}, False),
        ({"lost_bytes": 1}, False),
    ],
)
def test_a_server_hung_up_before_http(more: dict[str, Any], expected: bool) -> None:
    assert is_hang_up(http(**{"failure": "closed", "closed_by": "server", **more})) == expected


CHECK = http(1, method="POST", target=PATH)
NAMED = http(2, purpose="update")
LOG = http(3, purpose="log", method="POST", target=PATH, answer_frame=9)
EITHER = http(4, purpose="update-or-log", method="POST", target=PATH, answer_frame=12)
GET = http(5, method="GET", target="/x")


def answer(frame: int | None, form: Any = "none_offered", port: int = 80, server: str = POOL) -> UpdateAnswer:
    return UpdateAnswer(time=START + 9, server=server, port=port, form=form, frame=frame)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], []),
        ([GET, LOG], []),
        ([CHECK, NAMED, GET], [CHECK, NAMED]),
        ([EITHER], [EITHER]),
        ([CHECK, EITHER], [CHECK]),
        # What is answered about updates was a check.
        ([CHECK, EITHER, answer(12)], [CHECK, EITHER]),
        ([CHECK, LOG, answer(9, "offered")], [CHECK, LOG]),
        ([CHECK, LOG, answer(9, "empty")], [CHECK]),
        ([CHECK, LOG, answer(8)], [CHECK]),
        ([CHECK, LOG, answer(9, port=443)], [CHECK]),
        ([CHECK, LOG, answer(9, server="10.0.0.30")], [CHECK]),
        ([CHECK, http(6, purpose="log"), answer(None)], [CHECK]),
    ],
)
def test_update_requests(facts: list[Any], expected: list[Http]) -> None:
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    assert update_requests(history) == expected


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", STORE, True),
        ("GET", STORE.lower(), True),
        ("GET", f"http://pool{STORE}", True),
        ("HEAD", STORE, False),
        ("GET", "/DeviceUpdateFiles_Int/", False),  # a browser
        ("GET", "/RequestHandler/Files/UCPhone/?C=N", False),
        ("GET", "/UCPhone/CPE.nbt", False),
        ("GET", None, False),
    ],
)
def test_a_request_for_firmware(method: str, target: str | None, expected: bool) -> None:
    assert is_firmware_request(http(method=method, target=target)) == expected
    assert is_in_store("/x/RequestHandlerExt/DeviceUpdateFiles_Ext/a")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("pool.contoso.com", "pool.contoso.com"),
        ("pool.contoso.com:8080", "pool.contoso.com"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        (":80", ":80"),
        (None, ""),
    ],
)
def test_the_host_of_a_request(host: str | None, expected: str) -> None:
    assert host_name(http(host=host)) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a/CPE.nbt", "cpe.nbt"),
        ("http://pool/a/CPE.NBT?x", "cpe.nbt"),
        ("CPE%2enbt", "cpe.nbt"),
        ("a\\b\\CPE.cat", "cpe.cat"),
        ("/a/", ""),
        (None, ""),
    ],
)
def test_the_name_of_a_file(path: str | None, expected: str) -> None:
    assert file_name(path) == expected


BUFFER = "; capture again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"
WHOLE = "; capture again with whole packets (tcpdump -s 0)"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, f"the capture lacks a part of it{BUFFER}"),
        ({"lost_bytes": 1}, f"the capture lacks some 1 byte of it{BUFFER}"),
        ({"lost_bytes": 12345}, f"the capture lacks some 12,345 bytes of it{BUFFER}"),
        ({"snapped": True}, f"the capture's snap length cut off a part of it{WHOLE}"),
        ({"snapped": True, "lost_bytes": 2}, f"the capture's snap length cut off some 2 bytes of it{WHOLE}"),
    ],
)
def test_what_the_capture_lacks(more: dict[str, Any], expected: str) -> None:
    assert lacking_clause(http(**more)) == expected


@pytest.mark.parametrize(("count", "text"), [(0, "0 bytes"), (1, "1 byte"), (2, "2 bytes"), (1000, "1,000 bytes")])
def test_bytes(count: int, text: str) -> None:
    assert bytes_text(count) == text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "no answer"),
        ({"failure": "no_answer"}, "no answer"),
        ({"truncated": True}, "a truncated answer over UDP, and none over TCP"),
        ({"failure": "unreachable"}, "nothing listens there (ICMP unreachable)"),
        ({"failure": "unreachable", "reason": "port unreachable"}, "nothing listens there (port unreachable)"),
        ({"failure": "unreachable", "reason": "host unreachable from 10.0.0.1"}, "host unreachable from 10.0.0.1"),
        ({"failure": "not_sent", "reason": "why"}, "not sent"),
        ({"failure": "malformed"}, "an answer that cannot be read as DNS"),
        ({"failure": "lost"}, "the answer is not in the capture"),
        ({"failure": "elsewhere", "answer_from": "10.9.9.9"}, "an answer from 10.9.9.9, which was not asked"),
        ({"rcode": "NXDOMAIN"}, "NXDOMAIN"),
        ({"rcode": "SERVFAIL", "addresses": ("10.0.0.1",)}, "SERVFAIL"),
        ({"rcode": "NOERROR", "addresses": ("10.0.0.1", "10.0.0.2")}, "10.0.0.1 and 10.0.0.2"),
        ({"rcode": "NOERROR", "type": "SRV", "records": tuple("abcde")}, "a, b, c and d"),
        ({"rcode": "NOERROR", "type": "A", "records": ("x",)}, "no such record (NOERROR)"),
        ({"rcode": "NOERROR", "type": "AAAA", "records": ("x",)}, "no such record (NOERROR)"),
        ({"rcode": "NOERROR", "referred": True}, "referred elsewhere (the server does not recurse)"),
        ({"rcode": "NOERROR", "aliases": ("one", "two")}, "alias two, and no record of that"),
        ({"rcode": "NOERROR", "aliases": ("one", "two"), "zone": "x"}, "alias two, which has no such record"),
        ({"rcode": "NOERROR"}, "no such record (NOERROR)"),
    ],
)
def test_what_an_answer_of_dns_said(more: dict[str, Any], said: str) -> None:
    assert lookup_said(lookup(**more)) == said
