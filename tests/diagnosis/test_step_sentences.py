"""What each step says of one fact: a line for each outcome, from a capture and from an active command."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, PATH, PHONE, POOL, START
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import request, tls
from ucdiag.diagnosis.steps.tls import sha2_signed
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Certificate, Connect, Http, Tls
from ucdiag.model.steps import Level
from ucdiag.update_service.names import EXTERNAL_PATH

SECOND = 1_000_000
DAY = 86_400 * SECOND
WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions()
WHERE = f"{POOL} port 80"
THERE = f"{POOL} port 443"
TO = f"{WHERE} answered"
UNHEARD = f"no byte of the request was acknowledged by {WHERE}, so it did not arrive"
PART = f"{TO} 206 to the POST to {PATH}: only a part of its answer"
BAD = f"{THERE} has a certificate that"
NO_VERSION = f"{THERE} has no protocol version in common with the client"


def http(**more: Any) -> Http:
    usual = {"method": "POST", "target": PATH, "complete": more.get("status") is not None, "frame": 3}
    return Http(**{"time": START, "client": PHONE, "server": POOL, "port": 80, **usual, **more})


def judged(fact: Http, setting: DiagnosisOptions = WATCHED, after: float = 60) -> Event:
    (event,) = request.events(Traffic(requests=[fact]), setting, START + int(after * SECOND))
    return event


@pytest.mark.parametrize(
    ("more", "ok", "code", "summary"),
    [
        (
            {"status": 200, "verified": False, "request_bytes": 300},
            True,
            None,
            f"{TO} the POST to {PATH} with 200 (the body is ucdiag's own guess)",
        ),
        ({"status": 200, "verified": True}, True, None, f"{TO} the POST to {PATH} with 200"),
        ({"status": 200, "verified": True, "target": None}, True, None, f"{TO} the POST to / with 200"),
        ({"status": 200, "verified": True, "reason": "OK"}, True, None, f"{TO} the POST to {PATH} with 200 OK"),
        ({"status": 200, "verified": True, "reason": "x" * 60}, True, None, f"{TO} the POST to {PATH} with 200"),
        ({"status": 200, "complete": False, "failure": "too_large"}, True, None, f"{TO} the POST to {PATH} with 200"),
        ({"status": 206, "verified": True}, True, None, f"{TO} the POST to {PATH} with 206"),
        ({"failure": "no_answer"}, False, "http-no-answer", f"{WHERE} took the request and sent no answer"),
        (
            {"failure": "no_answer", "answer_bytes": 9},
            False,
            "http-no-answer",
            f"{WHERE} took the request and sent no answer (only 9 bytes came)",
        ),
        (
            {"failure": "incomplete"},
            False,
            "http-no-answer",
            f"{WHERE} began to answer and did not finish: not even its headers were whole",
        ),
        (
            {"status": 200, "complete": False, "failure": "incomplete", "answer_bytes": 10, "announced_bytes": 2000},
            False,
            "http-no-answer",
            f"{WHERE} began to answer and did not finish: 200, cut after 10 bytes of 2,000",
        ),
        (
            {"failure": "no_answer", "request_acked": False},
            False,
            "http-no-answer",
            f"{UNHEARD}: it is lost between the phone and the server",
        ),
        (
            {"status": 200, "complete": False, "failure": "stalled", "answer_acked": False, "answer_bytes": 1},
            False,
            "http-no-answer",
            f"{WHERE} began to answer (200, cut after 1 byte); the phone acknowledged no byte of the answer, so it did "
            "not arrive",
        ),
        (
            {"failure": "no_answer", "answer_acked": False, "closed_by": "client", "seconds": 31.24},
            False,
            "http-no-answer",
            f"{WHERE} answered after 31.2 s, when the phone had given up and closed the connection",
        ),
        ({"failure": "closed"}, False, "http-closed", f"{WHERE} closed the connection before a complete answer"),
        ({"failure": "reset"}, False, "http-closed", f"{WHERE} reset the connection before a complete answer"),
        (
            {"failure": "closed", "closed_by": "client"},
            False,
            "http-closed",
            f"the phone closed the connection to {WHERE} before a complete answer",
        ),
        (
            {"failure": "reset", "status": 200, "complete": False, "answer_bytes": 5},
            False,
            "http-closed",
            f"{WHERE} reset the connection before a complete answer (200, cut after 5 bytes)",
        ),
        (
            {"failure": "closed", "request_acked": False, "closed_by": "client"},
            False,
            "http-closed",
            f"{UNHEARD}, and the phone closed the connection",
        ),
        (
            {"failure": "reset", "request_acked": False},
            False,
            "http-closed",
            f"{UNHEARD}, and {WHERE} reset the connection",
        ),
        (
            {"failure": "closed", "sign_in": "closed"},
            False,
            "http-closed",
            f"{WHERE} closed the connection in the middle of the sign-in",
        ),
        ({"failure": "not_http"}, False, "http-not-http", f"what answers at {WHERE} does not speak HTTP"),
        ({"failure": "too_large"}, False, "http-not-http", f"what answers at {WHERE} does not speak HTTP"),
        (
            {"status": 302, "location": "http://x/"},
            False,
            "http-redirected",
            f"{TO} 302: it redirects to http://x/, and a phone does not follow",
        ),
        ({"status": 299, "verified": True}, True, None, f"{TO} the POST to {PATH} with 299"),
        ({"status": 300}, False, "http-redirected", f"{TO} 300: it redirects, and a phone does not follow"),
        ({"status": 399}, False, "http-redirected", f"{TO} 399: it redirects, and a phone does not follow"),
        (
            {"status": 304},
            False,
            "http-redirected",
            f"{TO} 304 to the POST to {PATH}: not modified, which is no answer to a POST (a cache or proxy on the way "
            "makes such)",
        ),
        ({"status": 404, "verified": True}, False, "http-not-found", f"{TO} 404 to the POST to {PATH}: it "),
        ({"status": 199, "verified": True}, False, "http-status", f"{TO} 199 to the POST to {PATH}: it "),
        (
            {"method": "CONNECT", "target": "pool:443", "status": 200},
            None,
            None,
            f"the phone goes through the proxy {WHERE} to pool:443, and what it says and hears in there cannot be read",
        ),
        (
            {"method": "CONNECT", "target": "pool:443", "status": 404, "verified": True},
            False,
            "http-status",
            f"{TO} 404 to the CONNECT to pool:443: it ",
        ),
        (
            {"method": "CONNECT", "target": "pool:443", "status": 407, "verified": True},
            False,
            "http-proxy-auth",
            f"{TO} 407 to the CONNECT to pool:443: it ",
        ),
        (
            {"method": None, "target": None},
            None,
            "capture-gap",
            f"what the phone and {WHERE} sent is not known: the capture lacks a part of it",
        ),
        (
            {"method": None, "target": None, "status": 200},
            None,
            "capture-gap",
            f"what {WHERE} answered with 200 is not known, since the request is not in the capture",
        ),
        (
            {"method": None, "target": None, "status": 200, "lost_bytes": 7},
            None,
            "capture-gap",
            f"what {WHERE} answered with 200 is not known, since the request is not in the capture: the capture "
            "lacks some 7 bytes",
        ),
        (
            {"lost_bytes": 7},
            None,
            "capture-gap",
            f"what {WHERE} answered is not known: the capture lacks some 7 bytes of it",
        ),
    ],
)
def test_a_request_in_a_capture(more: dict[str, Any], ok: bool | None, code: str | None, summary: str) -> None:
    event = judged(http(**more))
    assert (event.ok, event.code) == (ok, code)
    assert event.summary.startswith(summary)
    if not summary.endswith((": it ", "part of it", "bytes", "bytes of it")):
        assert event.summary == summary
    assert (event.channel, event.time) == ((POOL, 80), START)


@pytest.mark.parametrize(
    ("more", "code", "summary"),
    [
        (
            {"failure": "no_answer", "reason": "timed out"},
            "http-no-answer",
            f"{WHERE} took the request and sent no answer",
        ),
        (
            {"failure": "closed", "reason": "the server closed the connection"},
            "http-closed",
            f"{WHERE} closed the connection before a complete answer",
        ),
        (
            {"failure": "closed", "reason": "because", "closed_by": "client"},
            "http-closed",
            f"{WHERE} closed the connection before a complete answer: because",
        ),
        (
            {"failure": "not_http", "reason": "what answered does not speak HTTP: SSH-2.0"},
            "http-not-http",
            f"what answers at {WHERE} does not speak HTTP: SSH-2.0",
        ),
        (
            {"failure": "too_large", "reason": "too many headers"},
            "http-not-http",
            f"what {WHERE} answers cannot be read: too many headers",
        ),
        (
            {"status": 206, "content_range": "bytes 0-1/5"},
            "http-status",
            f"{PART} (Content-Range: bytes 0-1/5), and all was asked for",
        ),
        (
            {"status": 206},
            "http-status",
            f"{PART}, and all was asked for",
        ),
    ],
)
def test_a_request_of_our_own(more: dict[str, Any], code: str, summary: str) -> None:
    event = judged(http(**more), ASKED)
    assert (event.ok, event.code, event.summary) == (False, code, summary)


@pytest.mark.parametrize(
    ("more", "after", "cut_off", "waiting"),
    [
        ({"failure": "no_answer"}, 4.9, True, True),
        ({"failure": "no_answer"}, 5, False, False),
        ({"failure": None}, 4.9, True, True),
        ({"failure": "no_answer", "last_time": START + 10 * SECOND}, 14.9, True, True),
        ({"failure": "incomplete", "status": 200, "complete": False}, 4.9, True, False),
        ({"failure": "stalled", "status": 200, "complete": False}, 4.9, True, False),
        ({"failure": "closed"}, 4.9, False, False),
        ({"failure": "reset"}, 4.9, False, False),
        ({"failure": "not_http"}, 4.9, False, False),
    ],
)
def test_a_request_at_the_end_of_a_capture(more: dict[str, Any], after: float, cut_off: bool, waiting: bool) -> None:
    event = judged(http(**more), WATCHED, after)
    assert (event.code == "capture-too-short") == cut_off
    assert event.waiting == waiting
    if cut_off:
        assert event.summary == f"the capture ends while the answer of {WHERE} was awaited"
    assert judged(http(**more), ASKED, after).code != "capture-too-short"


def test_the_evidence_and_values_of_a_request() -> None:
    fact = http(status=503, reason="Busy", host="Pool:8080", scheme="https", server_header="IIS", retry_after="5")
    event = judged(fact)
    assert [line.text for line in event.evidence] == [
        f"POST {PATH} to {WHERE}: 503 Busy",
        "the answer came from IIS",
        "it says when to ask again (Retry-After: 5)",
    ]
    assert {line.frame for line in event.evidence} == {3}
    values = {"address": POOL, "port": "80", "path": PATH, "status": "503", "host": "Pool", "name": "Pool"}
    assert event.values == {**values, "scheme": "https", "asked_url": f"https://Pool:8080{PATH}"}
    assert [line.text for line in judged(http(status=401, challenges=("NTLM", "Basic"))).evidence][1:] == [
        "it offers to authenticate by NTLM and Basic"
    ]
    assert [line.text for line in judged(http(method=None, status=200)).evidence] == [f"{WHERE}: 200"]


EXTERNAL = "/RequestHandlerExt/ucdevice.upx"


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (http(status=503), None),
        (http(status=503, port=443, scheme="https", host="pool"), None),
        (http(status=503, port=8080), f"http://{POOL}:8080{PATH}"),
        (http(status=503, port=8080, host="pool"), f"http://pool:8080{PATH}"),
        (http(status=503, port=443, scheme="https", target=EXTERNAL, host="pool"), f"https://pool{EXTERNAL}"),
        (http(status=503, port=8080, server="POOL01"), None),
    ],
)
def test_what_was_asked_is_named_where_the_address_alone_leads_elsewhere(fact: Http, expected: str | None) -> None:
    assert judged(fact).values.get("asked_url") == expected
    active = judged(fact, DiagnosisOptions())
    assert "asked_url" not in active.values


@pytest.mark.parametrize(
    ("challenges", "more", "awaited"),
    [
        (("NTLM",), {}, True),
        (("negotiate",), {}, True),
        (("Basic",), {}, False),
        ((), {}, False),
        (("NTLM",), {"closed_by": "client"}, False),
    ],
)
def test_a_sign_in_may_go_on_after_the_capture(
    challenges: tuple[str, ...], more: dict[str, Any], awaited: bool
) -> None:
    event = judged(http(status=401, verified=True, challenges=challenges, **more), WATCHED, 1)
    assert (event.code == "capture-too-short") == awaited


# TLS

ROOT = Certificate(subject="CN=root", issuer="CN=root", signature="sha256WithRSAEncryption")
LEAF = Certificate(subject="CN=fe", issuer="CN=root", names=("a", "b"), signature="sha1WithRSAEncryption")
SHA2 = Certificate(subject="CN=fe", issuer="CN=root", signature="ecdsa-with-SHA384")
EXPIRED = Certificate(subject="CN=fe", issuer="CN=root", not_after=START - DAY, not_before=START - 9 * DAY)
FUTURE = Certificate(subject="CN=fe", issuer="CN=root", not_before=START + DAY)
MANY = Certificate(subject="CN=fe", issuer="CN=root", names=tuple("abcdefg"))


def shaken(outcome: Any, setting: DiagnosisOptions = WATCHED, after: float = 60, **more: Any) -> Event:
    fact = Tls(time=START, frame=4, client=PHONE, server=POOL, port=443, outcome=outcome, **more)
    (event,) = tls.events(Traffic(handshakes=[fact]), setting, START + int(after * SECOND))
    return event


HUNG = f"the phone hung up on {THERE} after its certificate, which"


@pytest.mark.parametrize(
    ("outcome", "more", "code", "summary"),
    [
        ("no_answer", {}, "tls-no-answer", f"{THERE} did not answer the ClientHello"),
        (
            "untrusted",
            {"reason": "self-signed"},
            "tls-untrusted",
            f"{THERE} has a certificate chain that is not trusted (self-signed)",
        ),
        (
            "untrusted",
            {"chain": (LEAF,)},
            "tls-untrusted",
            f"{THERE} has a certificate chain that is not trusted; it sent no certificate of the issuer, CN=root",
        ),
        ("untrusted", {"chain": (ROOT,)}, "tls-untrusted", f"{THERE} has a certificate chain that is not trusted"),
        ("untrusted", {"chain": (LEAF, ROOT)}, "tls-untrusted", f"{THERE} has a certificate chain that is not trusted"),
        (
            "name_mismatch",
            {"chain": (LEAF,), "server_name": NAME},
            "tls-name-mismatch",
            f"{BAD} does not name {NAME} (its names: a and b)",
        ),
        (
            "name_mismatch",
            {"chain": (MANY,), "server_name": NAME},
            "tls-name-mismatch",
            f"{BAD} does not name {NAME} (its names: a, b, c, d and e and 2 more)",
        ),
        (
            "name_mismatch",
            {"chain": (SHA2,), "server_name": NAME},
            "tls-name-mismatch",
            f"{BAD} does not name {NAME} (its names: none)",
        ),
        (
            "name_mismatch",
            {"server_name": NAME},
            "tls-name-mismatch",
            f"{BAD} does not name the host",
        ),
        (
            "name_mismatch",
            {"chain": (LEAF,)},
            "tls-name-mismatch",
            f"{BAD} does not name the host",
        ),
        ("expired", {"chain": (EXPIRED,)}, "tls-expired", f"{BAD} has expired on 2023-11-13"),
        ("expired", {}, "tls-expired", f"{BAD} has expired"),
        (
            "not_yet_valid",
            {"chain": (FUTURE,)},
            "tls-not-yet-valid",
            f"{BAD} is not valid yet (not before 2023-11-15T22:13Z; this machine's clock may be wrong)",
        ),
        (
            "version",
            {"reason": "library's words"},
            "tls-version",
            f"{THERE} has no protocol version in common with the client",
        ),
        ("not_tls", {}, "tls-handshake", f"{THERE} does not speak TLS on this port"),
        (
            "not_tls",
            {"reason": "it answers in HTTP"},
            "tls-handshake",
            f"{THERE} does not speak TLS on this port: it answers in HTTP",
        ),
        (
            "not_tls",
            {"reason": "what answered does not speak TLS"},
            "tls-handshake",
            f"{THERE} does not speak TLS on this port",
        ),
        (
            "alert",
            {"alert": 70, "alert_from": "server"},
            "tls-version",
            f"the handshake with {THERE} ended, alert 70 from the server",
        ),
        (
            "alert",
            {"alert": 80, "alert_from": "server", "versions": ("TLS 1.0",)},
            "tls-version",
            f"{NO_VERSION}, alert 80 from the server: a server on OpenSSL 3",
        ),
        (
            "alert",
            {"alert": 80, "alert_from": "server", "versions": ("TLS 1.0",), "stage": "server_hello"},
            "tls-handshake",
            f"the handshake with {THERE} failed after server hello, alert 80 from the server",
        ),
        (
            "alert",
            {"alert": 80, "alert_from": "client", "versions": ("TLS 1.0",)},
            "tls-handshake",
            f"the handshake with {THERE} failed, alert 80 from the client",
        ),
        (
            "alert",
            {"alert": 80, "alert_from": "server", "versions": ("TLS 1.2", "TLS 1.0")},
            "tls-handshake",
            f"the handshake with {THERE} failed, alert 80 from the server",
        ),
        (
            "alert",
            {"alert": 80, "alert_from": "server"},
            "tls-handshake",
            f"the handshake with {THERE} failed, alert 80 from the server",
        ),
        (
            "closed",
            {"closed_by": "client", "stage": "certificate", "chain": (EXPIRED,)},
            "tls-expired",
            f"{HUNG} expired on 2023-11-13",
        ),
        (
            "alert",
            {"alert": 40, "alert_from": "client", "stage": "certificate", "chain": (EXPIRED,)},
            "tls-expired",
            f"{HUNG} expired on 2023-11-13, alert 40 from the client",
        ),
        (
            "closed",
            {"closed_by": "client", "stage": "certificate", "chain": (SHA2,)},
            "tls-sha2-chain",
            f"{HUNG} is signed with SHA-384",
        ),
        (
            "closed",
            {"closed_by": "client", "stage": "finished", "chain": (SHA2,)},
            "tls-handshake",
            f"the handshake with {THERE} failed after finished, the client hung up",
        ),
        (
            "closed",
            {"closed_by": "server", "stage": "certificate", "chain": (SHA2,)},
            "tls-handshake",
            f"the handshake with {THERE} failed after certificate, the server hung up",
        ),
        (
            "closed",
            {"closed_by": "server"},
            "tls-handshake",
            f"{THERE} opened the connection and closed it before the phone sent a byte",
        ),
        (
            "closed",
            {"closed_by": "server", "reason": "reset"},
            "tls-handshake",
            f"{THERE} opened the connection and reset it before the phone sent a byte",
        ),
        (
            "closed",
            {"closed_by": "client", "reason": "reset"},
            "tls-handshake",
            f"the handshake with {THERE} failed, the client hung up (reset)",
        ),
        ("unfinished", {}, "tls-no-answer", f"the handshake with {THERE} stopped half-way"),
        ("unfinished", {"stage": "client_hello"}, "tls-no-answer", f"the handshake with {THERE} stopped half-way"),
        ("unfinished", {"stage": "server_hello"}, "tls-handshake", f"the handshake with {THERE} stopped half-way"),
    ],
)
def test_a_handshake_that_failed(outcome: str, more: dict[str, Any], code: str, summary: str) -> None:
    event = shaken(outcome, **more)
    assert (event.ok, event.code) == (False, code)
    if summary.endswith("OpenSSL 3"):
        assert event.summary.startswith(summary)
    else:
        assert event.summary == summary
    assert (event.time, event.channel) == (START, (POOL, 443))


def test_our_own_handshake_says_the_librarys_reason() -> None:
    event = shaken("alert", ASKED, alert=40, alert_from="server", reason="sslv3 alert handshake failure")
    assert event.summary == f"the handshake with {THERE} failed: sslv3 alert handshake failure"
    event = shaken("closed", ASKED, closed_by="client", stage="certificate", chain=(SHA2,))
    assert event.code == "tls-handshake"


@pytest.mark.parametrize(
    ("outcome", "more", "waiting"),
    [
        ("no_answer", {}, True),
        ("unfinished", {}, True),
        ("unfinished", {"stage": "client_hello"}, True),
        ("unfinished", {"stage": "server_hello"}, False),
    ],
)
def test_a_handshake_at_the_end_of_a_capture(outcome: str, more: dict[str, Any], waiting: bool) -> None:
    event = shaken(outcome, after=4.9, **more)
    assert (event.ok, event.code, event.waiting) == (None, "capture-too-short", waiting)
    assert event.summary == f"the capture ends during the TLS handshake with {THERE}"
    assert shaken(outcome, after=5, **more).ok is False
    assert shaken(outcome, ASKED, after=4.9, **more).ok is False
    assert shaken(outcome, after=14.9, last_time=START + 10 * SECOND, **more).ok is None


def test_a_handshake_with_missing_bytes_is_not_known() -> None:
    event = shaken("unfinished", reason="3 bytes are missing")
    assert (event.ok, event.code) == (None, "capture-gap")
    assert event.summary == f"how the handshake with {THERE} went is not known: 3 bytes are missing"


def test_a_handshake_that_completed() -> None:
    event = shaken("complete", version="TLS 1.0", seconds=0.5, chain=(LEAF, EXPIRED), server_name=NAME)
    assert (event.ok, event.code, event.seconds) == (True, None, 0.5)
    assert event.summary == f"the TLS handshake with {THERE} completed (TLS 1.0)"
    assert [line.text for line in event.evidence] == [
        f"TLS with {THERE} for {NAME}: complete",
        "certificate of CN=fe, issued by CN=root, signed with sha1WithRSAEncryption",
        "certificate of CN=fe, issued by CN=root, valid until 2023-11-13",
    ]
    assert len(shaken("complete", chain=(LEAF,) * 9).evidence) == 5
    assert shaken("complete").summary == f"the TLS handshake with {THERE} completed"


def test_the_values_of_a_handshake() -> None:
    assert shaken("no_answer").values == {"address": POOL, "port": "443"}
    named = shaken("closed", closed_by="server", server_name=NAME).values
    assert named == {"address": POOL, "port": "443", "host": NAME, "name": NAME, "variant": "hung-up"}


@pytest.mark.parametrize(
    ("chain", "algorithm"),
    [
        ((), None),
        ((LEAF,), None),
        ((LEAF, ROOT), None),
        ((ROOT,), "SHA-256"),
        ((SHA2, ROOT), "SHA-384"),
        ((LEAF, SHA2, ROOT), "SHA-384"),
        ((Certificate(subject="a", issuer="b", signature="sha-512 with x"),), "SHA-512"),
        ((Certificate(subject="a", issuer="b", signature="SHA224"),), "SHA-224"),
        ((Certificate(subject="a", issuer="b"),), None),
    ],
)
def test_a_signature_that_old_firmware_cannot_verify(chain: tuple[Certificate, ...], algorithm: str | None) -> None:
    assert sha2_signed(chain) == algorithm


def test_a_good_handshake_may_have_a_chain_that_old_firmware_cannot_verify() -> None:
    def fact(outcome: Any, chain: tuple[Certificate, ...], server: str = POOL) -> Tls:
        return Tls(time=START, client=PHONE, server=server, port=443, outcome=outcome, chain=chain)

    def found(*facts: Tls) -> list[Any]:
        return tls.additional_findings(Traffic(handshakes=list(facts)), WATCHED, START)

    assert found(fact("complete", (LEAF,)), fact("alert", (SHA2,))) == []
    (finding,) = found(fact("complete", (SHA2,)), fact("complete", (ROOT,), "10.0.0.30"), fact("complete", (LEAF,)))
    assert finding.summary == "the certificate of 10.0.0.30 is signed with SHA-256, which old firmware cannot verify"
    assert [line.text for line in finding.evidence] == [
        f"TLS with {THERE}: complete",
        "TLS with 10.0.0.30 port 443: complete",
    ]


@pytest.mark.parametrize("status", [401, 404, 405, 500])
def test_a_proxys_word_of_a_path_says_nothing_of_the_host(status: int) -> None:
    event = judged(http(method="CONNECT", target="pool:443", status=status, verified=True))
    assert (event.code, event.summary.rpartition(": it ")[2]) == (
        "http-status",
        "gives a status that the phone cannot use",
    )


@pytest.mark.parametrize(
    ("status", "code", "clause"),
    [
        (401, "http-auth-required", "wants a user name and password"),
        (403, "http-forbidden", "forbids the request"),
        (404, "http-not-found", "does not know this path"),
        (405, "http-method-refused", "does not take POST on this path"),
        (407, "http-proxy-auth", "is a proxy that wants a user name and password"),
        (418, "http-status", "gives a status that the phone cannot use"),
        (500, "http-server-error", "failed inside"),
        (502, "http-unavailable", "gets no answer from the server behind it"),
        (503, "http-unavailable", "is not available"),
        (504, "http-unavailable", "gets no answer in time from the server behind it"),
    ],
)
def test_each_status_has_its_code(status: int, code: str, clause: str) -> None:
    event = judged(http(status=status, verified=True))
    assert (event.code, event.expected) == (code, status == 401)
    assert event.summary == f"{TO} {status} to the POST to {PATH}: it {clause}"


@pytest.mark.parametrize(
    ("status", "guess"),
    [
        *((status, True) for status in (400, 406, 411, 413, 415, 422, 500)),
        *((status, False) for status in (401, 403, 404, 405, 408, 414, 418, 429, 431, 501, 502, 503, 504, 505)),
    ],
)
def test_what_refuses_a_guess_proves_nothing(status: int, guess: bool) -> None:
    event = judged(http(status=status, verified=False), ASKED)
    assert (event.level is Level.WARNING, event.ok is None) == (guess, guess)
    assert ("only a guess" in event.summary) == guess


OUTSIDE = f"{WHERE} asks for a sign-in (NTLM) on {EXTERNAL_PATH}, as it is designed to outside"


@pytest.mark.parametrize(
    ("more", "code", "variant", "summary"),
    [
        ({}, "external-sign-in-needed", None, OUTSIDE),
        (
            {"challenges": ("negotiate", "Basic")},
            "external-sign-in-needed",
            None,
            OUTSIDE.replace("NTLM", "negotiate and Basic"),
        ),
        ({"sign_in": "accepted"}, "external-sign-in-needed", None, OUTSIDE),
        (
            {"sign_in": "refused"},
            "external-sign-in-refused",
            None,
            f"{WHERE} refused the sign-in: the user name or the password is wrong, or the account may not be used here",
        ),
        (
            {"sign_in": "binding-wanted"},
            "external-sign-in-binding",
            None,
            f"{WHERE} takes a sign-in only with a channel binding, and no phone of that time is known to send one",
        ),
        (
            {"sign_in": "not-continued"},
            "external-sign-in-needed",
            "not-continued",
            f"{WHERE} asked for a sign-in and did not go on with it: a proxy on the way may spoil NTLM",
        ),
    ],
)
def test_a_sign_in_outside(more: dict[str, Any], code: str, variant: str | None, summary: str) -> None:
    fact = http(**{"status": 401, "target": EXTERNAL_PATH, "challenges": ("NTLM",), **more})
    # At once: nothing has to be waited for.
    for setting, after in ((ASKED, 60), (WATCHED, 60), (WATCHED, 0)):
        event = judged(fact, setting, after)
        assert (event.ok, event.code, event.summary, event.expected) == (None, code, summary, True)
        by_phone = setting is WATCHED and event.code == "external-sign-in-refused"
        assert event.values.get("variant") == ("phone" if by_phone else variant)


@pytest.mark.parametrize(
    ("more", "logged", "outside"),
    [
        ({"challenges": ()}, True, True),
        ({"challenges": ()}, False, False),
        ({"challenges": ("Basic",)}, False, False),
        ({"target": PATH}, True, False),
        ({"status": 403}, True, False),
    ],
)
def test_a_refusal_outside_that_is_no_sign_in(more: dict[str, Any], logged: bool, outside: bool) -> None:
    fact = http(**{"status": 401, "target": EXTERNAL_PATH, "challenges": ("NTLM",), "verified": True, **more})
    event = judged(fact, DiagnosisOptions(from_capture=True, from_logs=logged))
    assert (event.code == "external-sign-in-needed") == outside
    if outside:
        assert "(the log does not say which)" in event.summary


@pytest.mark.parametrize(("status", "problem"), [(200, "tls-not-decrypted"), (407, None)])
def test_what_is_behind_a_proxy_is_not_decrypted(status: int, problem: str | None) -> None:
    assert judged(http(method="CONNECT", target="pool:443", status=status), WATCHED).problem == problem


def test_a_sign_in_takes_two_refusals() -> None:
    def codes(*statuses: int | None) -> list[str | None]:
        facts = [http(status=status, verified=True, challenges=("NTLM",)) for status in statuses]
        events = request.events(Traffic(requests=facts), WATCHED, START + SECOND)
        return [event.code for event in events]

    early, refused = "capture-too-short", "http-auth-required"
    assert codes(401, 401, 401) == [early, early, refused]
    assert codes(401, 401, 200, 401) == [early, early, None, early]
    # A proxy's own is none of the server's.
    assert codes(407) == ["http-proxy-auth"]


def test_the_sentence_of_a_sign_in_that_may_go_on() -> None:
    event = judged(http(status=401, verified=True, challenges=("NTLM", "Basic")), WATCHED, 1)
    asked = f"{WHERE} asked for a sign-in (NTLM and Basic)"
    assert event.summary == f"the capture ends after {asked}, before the phone's next request"
    assert not event.waiting
    assert judged(http(status=401, verified=True, challenges=("NTLM",)), WATCHED, 5).code == "http-auth-required"
    assert judged(http(status=401, verified=True, challenges=("NTLM",)), ASKED, 1).code == "http-auth-required"


HANG_UP = f"{POOL} opened the connection on port 80 and"


@pytest.mark.parametrize(
    ("more", "summary"),
    [
        ({}, f"{HANG_UP} closed it, before any request"),
        ({"failure": "reset"}, f"{HANG_UP} reset it, before any request"),
        ({"seconds": 0.99}, f"{HANG_UP} closed it, before any request"),
        ({"seconds": 1}, f"{HANG_UP} closed it 1 s later, before any request"),
        ({"seconds": 2.6}, f"{HANG_UP} closed it 3 s later, before any request"),
    ],
)
def test_a_server_that_hangs_up(more: dict[str, Any], summary: str) -> None:
    fact = http(
        **{"method": None, "target": None, "failure": "closed", "closed_by": "server", "client_port": 4, **more}
    )

    def events(*beside: Connect, asked: tuple[Http, ...] = ()) -> list[Event]:
        traffic = Traffic(hang_ups=[fact], beside=list(beside), requests=list(asked))
        return request.events(traffic, WATCHED, START + 60 * SECOND)

    (event,) = events()
    assert (event.ok, event.code, event.summary) == (False, "http-closed", summary)
    assert (event.values["variant"], event.channel) == ("hung-up", (POOL, 80))
    assert [(line.text, line.frame) for line in event.evidence] == [(summary, 3)]
    # What its other port said after that.
    there = Connect(time=START, client=PHONE, server=POOL, port=443, outcome="refused")
    silent = Connect(time=START + 1, client=PHONE, server=POOL, port=443, outcome="no_answer")
    said = [f"{POOL} refused the connection to port 443 (SYN answered by RST)"]
    said.append(f"{POOL} did not answer on port 443 (SYN not answered)")
    (event,) = events(there, silent)
    assert event.summary == f"{summary}; {said[-1]}"
    assert [line.text for line in event.evidence] == [summary, *said]
    before = Connect(time=START - 1, client=PHONE, server=POOL, port=443, outcome="refused")
    elsewhere = Connect(time=START, client=PHONE, server="10.0.0.21", port=443, outcome="refused")
    assert [event.summary for event in events(before, elsewhere)] == [summary]
    # Something was asked on that connection after all.
    assert [event.ok for event in events(asked=(http(status=200, client_port=4),))] == [True]
    assert [event.ok for event in events(asked=(http(status=200, client_port=5),))] == [True, False]


@pytest.mark.parametrize(
    ("more", "watched", "asked"),
    [
        ({"status": 404, "reason": "Not Found", "complete": True}, "404 Not Found", "404"),
        ({"status": 404, "reason": "x" * 59, "complete": True}, f"404 {'x' * 59}", "404"),
        ({"status": 404, "reason": "x" * 60, "complete": True}, "404", "404"),
        ({"failure": "no_answer"}, "no answer", "no answer"),
        ({"failure": "closed", "reason": "why"}, "connection closed", "connection closed (why)"),
        ({"failure": "reset"}, "connection reset", "connection reset"),
        ({"failure": "not_http"}, "an answer that is not HTTP", "an answer that is not HTTP"),
        ({"failure": "too_large"}, "an answer too large to read", "an answer too large to read"),
        ({}, "no complete answer", "no complete answer"),
        ({"failure": "stalled", "reason": "why"}, "no complete answer", "no complete answer (why)"),
        ({"status": 200, "answer_bytes": 9}, "200, cut after 9 bytes", "200, cut after 9 bytes"),
        (
            {"status": 200, "answer_bytes": 9, "announced_bytes": 0},
            "200, cut after 9 bytes of 0",
            "200, cut after 9 bytes of 0",
        ),
        (
            {"status": 200, "lost_bytes": 7},
            "200 (the capture lacks the rest)",
            "200 (the capture lacks the rest)",
        ),
        (
            {"status": 200, "lost_bytes": 7, "snapped": True},
            "200 (the rest of it the capture's snap length cut off)",
            "200 (the rest of it the capture's snap length cut off)",
        ),
        (
            {"status": 200, "lost_bytes": 7, "failure": "closed"},
            "200, cut after 0 bytes",
            "200, cut after 0 bytes",
        ),
        ({"status": 200, "lost_bytes": 7, "complete": True}, "200", "200"),
    ],
)
def test_what_was_answered(more: dict[str, Any], watched: str, asked: str) -> None:
    fact = http(**{"complete": False, **more})
    assert (request.answer_said(fact, True), request.answer_said(fact, False)) == (watched, asked)


@pytest.mark.parametrize(
    ("more", "where", "path", "values"),
    [
        ({"port": 0}, POOL, PATH, {"port": ""}),
        ({"target": None}, WHERE, "/", {"path": "/"}),
        ({"target": "http://pool/x?y"}, WHERE, "/x", {"path": "/x"}),
        ({"method": "CONNECT", "target": None}, WHERE, "", {"path": ""}),
        ({"host": "pool:80"}, WHERE, PATH, {"host": "pool", "name": "pool"}),
        ({"host": "pool:x"}, WHERE, PATH, {"host": "pool:x", "name": "pool:x"}),
        ({"host": "[::1]:8080"}, WHERE, PATH, {"host": "[::1]"}),
    ],
)
def test_where_a_request_went(more: dict[str, Any], where: str, path: str, values: dict[str, str]) -> None:
    event = judged(replace(http(status=503), **more))
    assert event.summary.startswith(f"{where} answered 503 to the {more.get('method', 'POST')} to {path}: ")
    assert event.evidence[0].text == f"{more.get('method', 'POST')} {path} to {where}: 503"
    expected = {"address": POOL, "port": "80", "path": PATH, "status": "503", "host": POOL, "scheme": "http", **values}
    assert event.values == expected


@pytest.mark.parametrize(
    ("alert", "expired", "sha2"),
    [
        (0, "tls-expired", "tls-sha2-chain"),
        (42, "tls-expired", "tls-sha2-chain"),
        # They say that a signature could not be verified, whatever the dates.
        (43, "tls-handshake", "tls-sha2-chain"),
        (51, "tls-handshake", "tls-sha2-chain"),
        (44, "tls-expired", "tls-sha2-chain"),
        (45, "tls-expired", "tls-expired"),
        (48, "tls-untrusted", "tls-untrusted"),
        (50, "tls-expired", "tls-sha2-chain"),
        (52, "tls-expired", "tls-sha2-chain"),
        (70, "tls-version", "tls-version"),
    ],
)
def test_the_alert_with_which_a_phone_hangs_up(alert: int, expired: str, sha2: str) -> None:
    sent = {"alert": alert, "alert_from": "client", "stage": "certificate"}
    assert shaken("alert", chain=(EXPIRED,), **sent).code == expired
    assert shaken("alert", chain=(SHA2,), **sent).code == sha2
    assert shaken("alert", ASKED, chain=(SHA2, EXPIRED), **sent).code == "tls-handshake"


def dated(before: int | None = None, after: int | None = None) -> Certificate:
    return Certificate(subject="CN=fe", issuer="CN=root", not_before=before, not_after=after)


@pytest.mark.parametrize(
    ("outcome", "chain", "said"),
    [
        ("expired", (dated(after=START - 1),), " on 2023-11-14"),
        ("expired", (dated(after=START),), ""),
        ("expired", (dated(before=START + DAY),), ""),
        ("expired", (dated(after=START + 1), dated(after=START - DAY)), " (that of CN=fe, on 2023-11-13)"),
        (
            "not_yet_valid",
            (dated(before=START + 1),),
            " (not before 2023-11-14T22:13Z; this machine's clock may be wrong)",
        ),
        ("not_yet_valid", (dated(before=START),), ""),
        ("not_yet_valid", (dated(after=START - DAY),), ""),
        (
            "not_yet_valid",
            (dated(), dated(before=START + DAY)),
            " (that of CN=fe, not before 2023-11-15T22:13Z; this machine's clock may be wrong)",
        ),
    ],
)
def test_which_date_of_a_chain_is_reported(outcome: str, chain: tuple[Certificate, ...], said: str) -> None:
    text = "has a certificate that has expired" if outcome == "expired" else "has a certificate that is not valid yet"
    assert shaken(outcome, chain=chain).summary == f"{THERE} {text}{said}"


@pytest.mark.parametrize(
    ("certificate", "line"),
    [
        (LEAF, "certificate of CN=fe, issued by CN=root, signed with sha1WithRSAEncryption"),
        (dated(after=START), "certificate of CN=fe, issued by CN=root, valid until 2023-11-14"),
        (dated(), "certificate of CN=fe, issued by CN=root"),
    ],
)
def test_a_certificate_is_evidence(certificate: Certificate, line: str) -> None:
    lines = shaken("complete", chain=(certificate,)).evidence[1:]
    assert [(evidence.text, evidence.time, evidence.frame) for evidence in lines] == [(line, START, 4)]


@pytest.mark.parametrize(
    ("chain", "told"),
    [
        ((LEAF,), True),
        ((ROOT,), False),
        ((), False),
        ((LEAF, ROOT), False),
        ((Certificate(subject="CN=fe", issuer=""),), False),
    ],
)
def test_an_issuer_whose_certificate_was_not_sent(chain: tuple[Certificate, ...], told: bool) -> None:
    missing = "; it sent no certificate of the issuer, CN=root" if told else ""
    event = shaken("untrusted", chain=chain, reason="why")
    assert event.summary == f"{THERE} has a certificate chain that is not trusted (why){missing}"
    # Of another failure that says nothing.
    assert "issuer" not in shaken("version", chain=chain, reason="why").summary


@pytest.mark.parametrize(
    ("outcome", "reason", "variant"),
    [
        ("untrusted", "unsuitable certificate purpose", "purpose"),
        ("untrusted", "unsupported certificate purpose", "purpose"),
        ("untrusted", "unable to get local issuer certificate", None),
        ("untrusted", None, None),
        ("expired", "unsuitable certificate purpose", None),
    ],
)
def test_a_certificate_that_is_for_no_server(outcome: str, reason: str | None, variant: str | None) -> None:
    """To publish the root does not mend it, and the issuer's certificate is not what lacks."""
    event = shaken(outcome, ASKED, chain=(LEAF,), reason=reason)
    assert event.values.get("variant") == variant
    said = f"{THERE} has a certificate that is not made for a server ({reason})"
    assert (event.summary == said) is (variant is not None)
    assert ("it sent no certificate of the issuer" in event.summary) is (outcome == "untrusted" and variant is None)


@pytest.mark.parametrize(("count", "more"), [(5, ""), (6, " and 1 more")])
def test_the_first_names_of_a_certificate(count: int, more: str) -> None:
    names = Certificate(subject="CN=fe", issuer="CN=root", names=tuple("abcdef"[:count]))
    event = shaken("name_mismatch", chain=(names, LEAF), server_name=NAME)
    assert event.summary == f"{BAD} does not name {NAME} (its names: a, b, c, d and e{more})"
