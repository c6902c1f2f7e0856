"""What step 7 says of a phone's requests for files: one by one, in parts, and in a server's log."""

from typing import Any

import pytest

from tests.diagnosis.story import PHONE, POOL, SECOND, START
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps.file_requests import request_events, status_failure
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Http
from ucdiag.model.steps import Who

WATCHED, LOGGED = DiagnosisOptions(from_capture=True), DiagnosisOptions(from_capture=True, from_logs=True)
URL = "http://pool/CPE.nbt"
WHOLE = f"{URL} arrived whole (5,000 bytes)"
BROKE = f"{URL} broke off after 5,000 bytes of 9,000"
STALLED = f"{URL} stopped coming after 5,000 bytes of 9,000, the connection stayed open"
SNAPPED = "the capture's snap length cut off some 7 bytes of it; capture again with whole packets (tcpdump -s 0)"
LACKS = "capture again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"


def get(**more: Any) -> Http:
    more = {"method": "GET", "target": "/CPE.nbt", "host": "pool", "status": 200, "answer_bytes": 5000, **more}
    more.setdefault("complete", more["status"] is not None)
    return Http(**{"time": START, "frame": 3, "client": PHONE, "server": POOL, "port": 80, "seconds": 0.5, **more})


def judged(*requests: Http, setting: DiagnosisOptions = WATCHED, after: float = 60) -> list[Event]:
    return [event for _, event in request_events(list(requests), setting, START + round(after * SECOND))]


def broken(**more: Any) -> Http:
    """An answer that did not come to its end."""
    return get(complete=False, announced_bytes=9000, **more)


@pytest.mark.parametrize(
    ("more", "ok", "code", "summary"),
    [
        ({}, True, None, WHOLE),
        ({"answer_bytes": 1}, True, None, f"{URL} arrived whole (1 byte)"),
        ({"target": None}, True, None, "http://pool/ arrived whole (5,000 bytes)"),
        ({"host": None}, True, None, f"http://{POOL}/CPE.nbt arrived whole (5,000 bytes)"),
        ({"scheme": "https"}, True, None, "https://pool/CPE.nbt arrived whole (5,000 bytes)"),
        ({"status": 299}, True, None, WHOLE),
        (
            {"method": None, "target": None, "status": None},
            None,
            "capture-gap",
            f"whether the file arrived from {POOL} port 80 is not known: the capture lacks a part of it; {LACKS}",
        ),
        (
            {"status": 304},
            True,
            None,
            f"{POOL} says that {URL} is unchanged (304): the phone has the file already",
        ),
        ({"status": 304, "conditional": False}, False, "download-status", f"{URL} is answered with status 304, not"),
        ({"status": 199}, False, "download-status", f"{URL} is answered with status 199, not with the file"),
        ({"status": 300}, False, "download-status", f"{URL} is answered with status 300, not with the file"),
        ({"status": 401}, False, "download-refused", f"{URL} is refused (401)"),
        ({"status": 404}, False, "download-not-found", f"{URL} is not there (404)"),
        ({"html": True}, False, "download-not-firmware", f"{URL} is an HTML page, not a firmware file"),
        ({"html": True, "status": 206}, False, "download-not-firmware", f"{URL} is an HTML page, not a firmware file"),
        (
            {"answer_text": "File not found."},
            False,
            "download-not-firmware",
            f"{URL} is a message in plain text, not a firmware file",
        ),
        ({"answer_text": "File not found.", "status": 299}, True, None, WHOLE),
        (
            {"answer_text": "File not found.", "target": "/a.txt"},
            True,
            None,
            "http://pool/a.txt arrived whole (5,000 bytes)",
        ),
        (
            {"method": "HEAD", "answer_bytes": 0},
            None,
            "download-not-tried",
            f"the phone asked about {URL} (HEAD), and not for the file itself",
        ),
        ({"answer_bytes": 0}, False, "download-empty", f"{URL} came without a single byte"),
    ],
)
def test_a_request_for_a_file(more: dict[str, Any], ok: bool | None, code: str | None, summary: str) -> None:
    (event,) = judged(get(**more))
    assert (event.ok, event.code) == (ok, code)
    assert event.summary.removesuffix(" with the file") == summary.removesuffix(" with the file")
    assert event.expected == (more.get("status") == 401)
    assert not event.silent
    # What could not be told took no time.
    assert event.seconds == (None if ok is None else 0.5)


@pytest.mark.parametrize(
    ("more", "ok", "code", "summary"),
    [
        ({"failure": "closed"}, False, "download-truncated", BROKE),
        ({"failure": "closed", "closed_by": "server"}, False, "download-truncated", BROKE),
        (
            {"failure": "closed", "closed_by": "client"},
            False,
            "download-truncated",
            f"{BROKE}: the phone closed the connection",
        ),
        ({"failure": "closed", "closed_by": "client", "frame": None}, False, "download-truncated", BROKE),
        ({"failure": "reset"}, False, "download-truncated", BROKE),
        ({"failure": "tls"}, False, "download-truncated", BROKE),
        ({"failure": "not_http"}, False, "download-truncated", BROKE),
        ({"failure": "stalled"}, False, "download-stalled", STALLED),
        ({"failure": "stalled", "lost_bytes": 7}, False, "download-stalled", STALLED),
        ({}, False, "download-stalled", STALLED),
        ({"answer_text": "File not found."}, False, "download-stalled", STALLED),
        (
            {"lost_bytes": 7},
            None,
            "capture-gap",
            f"whether {URL} arrived whole is not known: the capture lacks some 7 bytes of it; {LACKS}",
        ),
        (
            {"lost_bytes": 7, "snapped": True},
            None,
            "capture-gap",
            f"whether {URL} arrived whole is not known: {SNAPPED}",
        ),
        (
            {"status": None, "failure": "no_answer", "answer_bytes": 0},
            False,
            "download-stalled",
            STALLED.replace("5,000", "0"),
        ),
    ],
)
def test_a_file_that_did_not_come_to_its_end(
    more: dict[str, Any], ok: bool | None, code: str | None, summary: str
) -> None:
    (event,) = judged(broken(**more))
    assert (event.ok, event.code, event.summary) == (ok, code, summary)
    assert event.silent == ("status" in more)
    assert event.seconds == (None if ok is None else 0.5)


@pytest.mark.parametrize(
    ("request_", "summary"),
    [
        (get(method="HEAD"), f"the capture ends while {URL} had only been asked about (HEAD)"),
        (broken(), f"the capture ends while {URL} was arriving"),
        (broken(failure="stalled", lost_bytes=7), f"the capture ends while {URL} was arriving"),
        (broken(status=None), f"the capture ends while {URL} was arriving"),
        (get(), None),
        (get(answer_bytes=0), None),
        (get(status=404), None),
        (broken(failure="closed"), None),
    ],
)
@pytest.mark.parametrize("last", [None, 0, START + SECOND])
def test_a_file_at_the_end_of_a_capture(request_: Http, summary: str | None, last: int | None) -> None:
    request_ = replace(request_, last_time=last)
    # Of the last byte that came.
    end = {None: 0, 0: -START / SECOND, START + SECOND: 1}[last]
    (event,) = judged(request_, after=end + 4.999999)
    assert (event.code == "capture-too-short") == (summary is not None)
    if summary is not None:
        assert (event.summary, event.waiting, event.seconds) == (summary, True, None)
        assert bool(event.values) == (request_.status is None)
    (event,) = judged(request_, after=end + 5)
    assert event.code != "capture-too-short"


@pytest.mark.parametrize(
    ("status", "code", "clause"),
    [
        (401, "download-refused", "is refused (401)"),
        (403, "download-refused", "is refused (403)"),
        (404, "download-not-found", "is not there (404)"),
        (402, "download-status", "is answered with status 402, not with the file"),
        (499, "download-status", "is answered with status 499, not with the file"),
        (500, "download-server-error", "fails on the server (500)"),
        (599, "download-server-error", "fails on the server (599)"),
        (600, "download-status", "is answered with status 600, not with the file"),
    ],
)
def test_each_status_that_brings_no_file(status: int, code: str, clause: str) -> None:
    assert status_failure(status) == (code, clause)


def test_the_evidence_and_values_of_a_file() -> None:
    (event,) = judged(broken(status=None, failure="closed", answer_bytes=1, scheme="https"))
    (line,) = event.evidence
    assert (line.text, line.frame) == (f"GET /CPE.nbt to {POOL}: no status, 1 byte of 9,000", 3)
    assert event.values == {"url": "https://pool/CPE.nbt", "host": "pool", "address": POOL, "status": ""}
    (event,) = judged(get(target=None, host=None, status=404, frame=9))
    assert [(line.text, line.frame) for line in event.evidence] == [(f"GET / to {POOL}: 404, 5,000 bytes", 9)]
    assert event.values == {"url": f"http://{POOL}/", "host": POOL, "address": POOL, "status": "404"}
    (event,) = judged(get(method=None, target=None, status=None))
    assert [line.text for line in event.evidence] == [f"connection to {POOL} port 80"]


SENT = f"{POOL} sent {URL}"


@pytest.mark.parametrize(
    ("request_", "ok", "code", "summary"),
    [
        (get(answer_bytes=0), True, None, f"{SENT} (200; this log does not count its bytes)"),
        (get(answer_bytes=512), True, None, f"{SENT} (512 bytes, the header included)"),
        (
            get(answer_bytes=511),
            False,
            "download-empty",
            f"{URL} was answered with 511 bytes, the header included",
        ),
        (
            get(method="HEAD"),
            None,
            "download-not-tried",
            f"the phone asked about {URL} (HEAD), and not for the file itself",
        ),
        (
            broken(),
            False,
            "download-truncated",
            f"{URL} broke off after 5,000 bytes: the phone's side ended the connection",
        ),
        (
            broken(answer_bytes=0),
            False,
            "download-truncated",
            f"{URL} broke off: the phone's side ended the connection",
        ),
        (get(status=404), False, "download-not-found", f"{URL} is not there (404)"),
        (get(status=304), True, None, f"{POOL} says that {URL} is unchanged (304): the phone has the file already"),
    ],
)
def test_a_file_in_the_log_of_a_server(request_: Http, ok: bool | None, code: str | None, summary: str) -> None:
    (event,) = judged(request_, setting=LOGGED, after=0)
    assert (event.ok, event.code, event.summary, event.seconds) == (ok, code, summary, 0.5)


def part(content_range: str | None, answer_bytes: int = 100, **more: Any) -> Http:
    return get(status=206, content_range=content_range, answer_bytes=answer_bytes, **more)


UNKNOWN_PART = f"a part of {URL} arrived, and which one the answer does not say"
NO_SIZE = ", of a file whose size was not said,"


def rest(said: str) -> str:
    return f"{said} arrived of {URL} in parts, and the rest was not asked for"


def in_parts(size: int, parts: int) -> str:
    return f"{URL} arrived whole ({size:,} bytes, in {parts} parts)"


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        # One part is no file, unless it is all of it.
        ([part("bytes 0-99/200")], [rest("100 bytes of 200")]),
        ([part("bytes 0-99/100")], [f"{URL} arrived whole (100 bytes)"]),
        ([part("Bytes = 0-99/100")], [f"{URL} arrived whole (100 bytes)"]),
        ([part(" bytes 0-99/100 ")], [f"{URL} arrived whole (100 bytes)"]),
        ([part("bytes 1-100/101")], [rest("100 bytes of 101")]),
        ([part("bytes 0-99/*")], [rest(f"100 bytes{NO_SIZE}")]),
        ([part(None)], [UNKNOWN_PART]),
        ([part("0-99/100")], [UNKNOWN_PART]),
        ([part("bytes 0-99/100", 60)], [rest("60 bytes of 100")]),
        ([part("bytes 0-0/1", 1)], [f"{URL} arrived whole (1 byte)"]),
        # Two, in any order, side by side or over each other; the last one speaks for both.
        ([part("bytes 0-99/200"), part("bytes 100-199/200")], [in_parts(200, 2)]),
        ([part("bytes 100-199/200"), part("bytes 0-99/200")], [in_parts(200, 2)]),
        ([part("bytes 0-99/150"), part("bytes 50-149/150")], [in_parts(150, 2)]),
        ([part("bytes 0-99/150"), part("bytes 20-29/150", 10)], [rest("100 bytes of 150")]),
        ([part("bytes 0-99/200"), part("bytes 101-199/200", 99)], [rest("199 bytes of 200")]),
        ([part("bytes 0-99/*"), part("bytes 100-199/200")], [in_parts(200, 2)]),
        ([part("bytes 0-99/200"), part("bytes 100-199/*")], [in_parts(200, 2)]),
        ([part("bytes 0-99/200"), part(None)], [UNKNOWN_PART]),
        (
            [part("bytes 0-99/300"), part("bytes 200-299/300"), part("bytes 100-199/300")],
            [in_parts(300, 3)],
        ),
        # A file of another size is another file.
        ([part("bytes 0-99/200"), part("bytes 100-199/300")], [rest("100 bytes of 300")]),
        # What is whole stays so: each event that says it counts.
        ([part("bytes 0-99/100"), part("bytes 0-9/100", 10)], ["arrived whole", "arrived whole"]),
        # The rest of what broke off.
        (
            [broken(answer_bytes=5000, failure="closed"), part("bytes 5000-8999/9000", 4000)],
            [BROKE, in_parts(9000, 2)],
        ),
        (
            [broken(answer_bytes=5000, failure="closed"), part("bytes 6000-8999/9000", 3000)],
            [BROKE, rest("8,000 bytes of 9,000")],
        ),
        # A part that broke off itself counts as far as it came.
        (
            [part("bytes 0-99/200", 60, complete=False, failure="closed"), part("bytes 60-199/200", 140)],
            [f"{URL} broke off after 60 bytes", in_parts(200, 2)],
        ),
        # Nothing more came, and nothing more was to come.
        ([part("bytes 0-99/100"), get(status=416)], [f"{URL} arrived whole (100 bytes)"]),
        ([part("bytes 0-99/100"), get(status=304)], [f"{URL} arrived whole (100 bytes)"]),
        ([part("bytes 0-99/200"), get(status=304)], []),
        ([get(), get(status=416)], [WHOLE]),
        ([get(), get(status=304)], [WHOLE]),
        (
            [get(), get(status=404)],
            [WHOLE, f"{URL} is not there (404)"],
        ),
        (
            [get(status=404), get(status=416)],
            [f"{URL} is not there (404)", f"{URL} is answered with status 416, not with the file"],
        ),
        # Asked about and then fetched.
        ([get(method="HEAD"), get()], [WHOLE]),
        ([get(), get(method="HEAD", answer_bytes=0)], [WHOLE]),
        (
            [get(method="HEAD", target="/CPE.cat"), get()],
            ["the phone asked about http://pool/CPE.cat (HEAD), and not for the file itself", WHOLE],
        ),
        # Only GET brings parts.
        ([get(method="POST", status=206, content_range="bytes 0-99/200")], [WHOLE]),
        (
            [get(method="POST", answer_bytes=50), part("bytes 50-99/100", 50)],
            [f"{URL} arrived whole (50 bytes)", rest("50 bytes of 100")],
        ),
    ],
)
def test_a_file_in_parts(requests: list[Http], expected: list[str]) -> None:
    said = [event.summary for event in judged(*requests)]
    assert len(said) == len(expected)
    for text, start in zip(said, expected, strict=True):
        assert start in text


def test_parts_at_the_end_of_a_capture() -> None:
    begun = [part("bytes 0-99/300"), part("bytes 100-199/300", last_time=START + SECOND)]
    (event,) = judged(*begun, after=5.999999)
    assert (event.ok, event.code, event.waiting) == (None, "capture-too-short", True)
    assert event.summary == f"the capture ends while {URL} was arriving in parts, 200 bytes of 300"
    assert [line.text for line in event.evidence] == [f"GET /CPE.nbt to {POOL}: 206, 100 bytes"]
    (event,) = judged(*begun, after=6)
    assert (event.ok, event.code, event.summary) == (None, "download-not-tried", rest("200 bytes of 300"))
    (event,) = judged(*begun, part("bytes 200-299/300"), after=0)
    assert (event.ok, event.code, event.key) == (True, None, "/cpe.nbt")
    (event,) = judged(part(None), after=0)
    assert (event.ok, event.code) == (None, None)


@pytest.mark.parametrize("status", [403, 404, 418, 500])
def test_a_file_that_a_proxy_refuses_is_the_networks(status: int) -> None:
    (event,) = judged(get(status=status, proxy="squid/5.7"))
    (usual,) = judged(get(status=status))
    assert (event.code, event.summary) == (usual.code, f"{usual.summary}: a proxy on the way (squid/5.7) answered")
    assert event.code is not None
    advice, _, who = CATALOGUE[event.code].advice_for(event.values["variant"])
    assert (advice.startswith("Exempt the phones' subnet, or {host}, from the proxy"), who) == (True, Who.NETWORK)
    assert "variant" not in usual.values


# The page of squid 5.7, without its style.
SQUID_PAGE = '<html><head></head><body id=ERR_CONNECT_FAIL>\n<div id="titles">\n<h1>ERROR</h1>'
BEHIND = "fails: the server behind a proxy or balancer gives that no answer"


@pytest.mark.parametrize(
    ("answer", "clause"),
    [
        ({"status": 502}, f"{BEHIND} (502)"),
        ({"status": 504}, f"{BEHIND} (504)"),
        (
            {"status": 502, "proxy": "squid/5.7"},
            f"{BEHIND} (502): a proxy on the way (squid/5.7) answered",
        ),
        (
            {"status": 503, "proxy": "squid/5.7", "answer_text": SQUID_PAGE},
            f"{BEHIND} (503): a proxy on the way (squid/5.7) answered with its error ERR_CONNECT_FAIL",
        ),
        (
            {"status": 503, "answer_text": "<h1>503</h1>\nNo server is available to handle this request.\n"},
            f"{BEHIND} (503)",
        ),
    ],
)
def test_a_file_that_a_proxy_could_not_fetch_has_its_reason_in_the_proxy(answer: dict[str, Any], clause: str) -> None:
    (event,) = judged(get(**answer))
    assert (event.code, event.summary) == ("download-server-error", f"{URL} {clause}")
    assert event.code is not None
    advice, _, who = CATALOGUE[event.code].advice_for(event.values["variant"])
    assert (advice.startswith("Read the proxy's or balancer's own error first"), who) == (True, Who.SERVER)


ISA = {"proxy": "ISA Server or Forefront TMG"}
DENIED = "Proxy Error ( The ISA Server denied the specified Uniform Resource Locator (URL). )"
NO_HOST = "Proxy Error ( Host was not found. )"


@pytest.mark.parametrize(("phrase", "refused"), [(DENIED, True), (NO_HOST, False)])
def test_isa_server_refuses_with_the_status_of_a_server_that_does_not_answer(phrase: str, refused: bool) -> None:
    """Forefront TMG as well: error 12202."""
    (event,) = judged(get(status=502, reason=phrase, **ISA))
    assert (event.code, event.values["variant"]) == ("download-server-error", "proxy" if refused else "gateway")
    assert ("is refused (502): a proxy on the way" in event.summary) == refused
    assert (BEHIND in event.summary) != refused


@pytest.mark.parametrize("status", [500, 503])
def test_a_file_that_a_server_itself_fails_on_has_no_proxy_to_ask(status: int) -> None:
    (event,) = judged(get(status=status, answer_text="<html><body id=x><h1>Service Unavailable</h1>"))
    assert (event.summary, "variant" in event.values) == (f"{URL} fails on the server ({status})", False)


STALLS = {"complete": False, "failure": "stalled", "announced_bytes": 9_000_000}


@pytest.mark.parametrize(("came", "large"), [(0, False), (14_600, False), (16_384, False), (16_385, True)])
def test_a_file_that_stops_behind_large_packets_is_not_blamed_on_their_size(came: int, large: bool) -> None:
    (event,) = judged(get(answer_bytes=came, **STALLS))
    assert event.code == "download-stalled"
    advice, commands, who = CATALOGUE[event.code].advice_for(event.values.get("variant"))
    assert (advice.startswith("Test large packets"), "the MTU is not the cause" in advice) == (not large, large)
    assert (any(command.startswith("ping") for command in commands), who) == (not large, Who.NETWORK)
    assert ("a window of 0" in advice) == large
