"""What became of an attempt to reach a host: each way in which a connection or handshake ends, and how it is said."""

from typing import Any

import pytest

from tests.diagnosis.story import PHONE, POOL, START
from ucdiag.diagnosis.attempts import Attempt, connection_attempts
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Certificate, Connect, Http, Tls

SECOND = 1_000_000
WATCHED = DiagnosisOptions(from_capture=True)
NAMES = {POOL: "fe.contoso.com"}
PLACE = f"fe.contoso.com ({POOL})"
SHA2 = Certificate(subject="CN=fe", issuer="CN=root", signature="sha256WithRSAEncryption")


def connect(outcome: Any = "open", at: float = 0, **more: Any) -> Connect:
    more = {"client_port": 40000, "server": POOL, "port": 443, **more}
    return Connect(time=START + int(at * SECOND), frame=3, client=PHONE, outcome=outcome, **more)


def tls(outcome: Any = "complete", at: float = 0, **more: Any) -> Tls:
    more = {"client_port": 40000, "server": POOL, "port": 443, **more}
    return Tls(time=START + int(at * SECOND), frame=4, client=PHONE, outcome=outcome, **more)


def hang_up(**more: Any) -> Http:
    more = {"client_port": 40000, "failure": "closed", "closed_by": "server", **more}
    return Http(time=START, frame=5, client=PHONE, server=POOL, port=80, **more)


def only(*facts: Connect | Tls | Http, after: float = 60, names: dict[str, str] = NAMES, **more: Any) -> Attempt:
    (attempt,) = all_of(*facts, after=after, names=names, **more)
    return attempt


def all_of(
    *facts: Connect | Tls | Http, after: float = 60, names: dict[str, str] = NAMES, **more: Any
) -> list[Attempt]:
    return connection_attempts(
        [fact for fact in facts if isinstance(fact, Connect)],
        [fact for fact in facts if isinstance(fact, Tls)],
        names,
        WATCHED,
        START + int(after * SECOND),
        hang_ups=[fact for fact in facts if isinstance(fact, Http)],
        **more,
    )


@pytest.mark.parametrize(
    ("fact", "state", "summary", "evidence"),
    [
        (
            connect(),
            (True, False, False),
            f"{PLACE} accepted the connection to port 443",
            f"TCP to {POOL} port 443: open",
        ),
        (
            connect("refused"),
            (False, False, False),
            f"{PLACE} refused the connection to port 443 (SYN answered by RST)",
            f"TCP to {POOL} port 443: refused",
        ),
        (
            connect("no_answer", attempts=3),
            (False, False, True),
            f"{PLACE} did not answer on port 443 (SYN not answered)",
            f"TCP to {POOL} port 443: no answer, 3 SYNs",
        ),
        (
            connect("unreachable", reason="host unreachable"),
            (False, False, False),
            f"{PLACE} cannot be reached on port 443: host unreachable",
            f"TCP to {POOL} port 443: unreachable",
        ),
        (
            connect("unreachable", client_port=None, reason="no answer to ARP", attempts=4),
            (False, False, True),
            f"{PLACE} cannot be reached: no answer to ARP",
            "no answer to ARP, asked 4 times",
        ),
    ],
)  # fmt: skip
def test_a_connection(fact: Connect, state: tuple[bool, bool, bool], summary: str, evidence: str) -> None:
    attempt = only(fact)
    assert (attempt.reached, attempt.cut_off, attempt.silent) == state
    assert (attempt.summary, attempt.evidence.text) == (summary, evidence)
    assert (attempt.time, attempt.frame, attempt.server, attempt.name) == (START, 3, POOL, "fe.contoso.com")
    assert attempt.port == (None if fact.client_port is None else 443)


@pytest.mark.parametrize("outcome", ["no_answer", "unfinished"])
@pytest.mark.parametrize(("after", "state"), [(4.9, (None, True, False)), (60, (False, False, True))])
def test_a_connection_at_the_end_of_the_capture(outcome: str, after: float, state: tuple[Any, ...]) -> None:
    attempt = only(connect(outcome), after=after)
    assert (attempt.reached, attempt.cut_off, attempt.silent) == state


@pytest.mark.parametrize(
    ("names", "place"), [({}, POOL), ({POOL: POOL}, POOL), ({"10.0.0.99": "x"}, POOL), (NAMES, PLACE)]
)
def test_the_name_of_the_place(names: dict[str, str], place: str) -> None:
    assert only(connect(), names=names).summary == f"{place} accepted the connection to port 443"
    assert only(tls(), names=names).summary == f"{place} port 443 completed the TLS handshake"
    assert only(hang_up(), names=names).summary.startswith(f"{place} opened the connection on port 80 and closed it")


def test_the_name_that_the_client_said_counts_more() -> None:
    assert only(tls(server_name="sip.contoso.com")).name == "sip.contoso.com"
    assert only(tls(server_name="sip.contoso.com")).summary.startswith(f"sip.contoso.com ({POOL}) port 443")


THERE = f"{PLACE} port 443"
ENDLESS = f"the TLS handshake with {THERE} does not end in the capture"


@pytest.mark.parametrize(
    ("fact", "summary"),
    [
        (tls("unfinished"), f"the TLS handshake with {THERE} stopped half-way"),
        (tls("no_answer"), f"{THERE} did not answer the ClientHello"),
        (tls("alert", alert=70, alert_from="server"), f"{THERE} refused the TLS handshake: alert 70 (protocol "),
        (tls("alert", alert=250, alert_from="server"), f"{THERE} refused the TLS handshake: alert 250"),
        (tls("alert", alert_from="server"), f"{THERE} refused the TLS handshake: an encrypted alert"),
        (
            tls("alert", alert=48, alert_from="client"),
            f"the phone refused the TLS handshake with {THERE}: alert 48 (unknown CA)",
        ),
        (
            tls("alert", alert=42, alert_from="client", chain=(SHA2,)),
            f"the phone refused the TLS handshake with {THERE}: alert 42 (bad certificate), after a certificate signed "
            "with SHA-256",
        ),
        (
            tls("closed", closed_by="client", stage="client_hello"),
            f"the phone hung up on {THERE} before the server answered its ClientHello",
        ),
        (
            tls("closed", closed_by="client"),
            f"the phone hung up on {THERE} before the server answered its ClientHello",
        ),
        (
            tls("closed", closed_by="client", stage="certificate", chain=(SHA2,)),
            f"the phone hung up on {THERE} during the TLS handshake, after a certificate signed with SHA-256",
        ),
        (tls("closed", closed_by="server", stage="server_hello"), f"{THERE} closed the connection during the TLS "),
        (
            tls("closed", closed_by="server", stage="client_hello", reason="reset"),
            f"{THERE} reset the connection during the TLS handshake",
        ),
        (
            tls("closed", closed_by="server", reason="reset"),
            f"{THERE} opened the connection and reset it before the phone sent a byte",
        ),
        (
            tls("closed", closed_by="server"),
            f"{THERE} opened the connection and closed it before the phone sent a byte",
        ),
    ],
)  # fmt: skip
def test_a_handshake_that_failed(fact: Tls, summary: str) -> None:
    attempt = only(fact)
    assert attempt.summary.startswith(summary)
    assert (attempt.reached, attempt.cut_off) == (False, False)
    assert attempt.silent == (fact.outcome in ("unfinished", "no_answer"))
    alert = f", alert {fact.alert} from the {fact.alert_from}" if fact.alert is not None else ""
    assert attempt.evidence.text == f"TLS with {POOL} port 443: {fact.outcome.replace('_', ' ')}{alert}"
    assert (attempt.time, attempt.frame, attempt.port) == (START, 4, 443)


@pytest.mark.parametrize(
    ("fact", "after", "half_fails", "state", "summary"),
    [
        (tls(version="TLS 1.2"), 60, True, (True, False), f"{THERE} completed the TLS handshake (TLS 1.2)"),
        (tls("unfinished", reason="3 bytes are missing"), 60, True, (None, False), ENDLESS),
        (tls("unfinished", reason="3 bytes are missing"), 1, True, (None, False), ENDLESS),
        (tls("unfinished"), 60, False, (None, False), ENDLESS),
        (tls("unfinished"), 4.9, True, (None, True), ENDLESS),
        (tls("unfinished"), 5, True, (False, False), f"the TLS handshake with {THERE} stopped half-way"),
        (tls("unfinished", last_time=START + 50 * SECOND), 54.9, True, (None, True), ENDLESS),
        (tls("no_answer"), 4.9, True, (None, True), f"the capture ends before {THERE} answers the ClientHello"),
    ],
)  # fmt: skip
def test_a_handshake_without_an_end(
    fact: Tls, after: float, half_fails: bool, state: tuple[Any, ...], summary: str
) -> None:
    attempt = only(fact, after=after, half_fails=half_fails)
    assert (attempt.reached, attempt.cut_off, attempt.summary) == (*state, summary)


@pytest.mark.parametrize(
    ("more", "how"),
    [
        ({}, "closed it, before any request"),
        ({"failure": "reset"}, "reset it, before any request"),
        ({"seconds": 0.9}, "closed it, before any request"),
        ({"seconds": 1.0}, "closed it 1 s later, before any request"),
        ({"seconds": 29.6}, "closed it 30 s later, before any request"),
    ],
)
def test_a_server_that_hung_up(more: dict[str, Any], how: str) -> None:
    attempt = only(hang_up(**more))
    assert attempt.summary == f"{PLACE} opened the connection on port 80 and {how}"
    assert attempt.evidence.text == f"{POOL} opened the connection on port 80 and {how}"
    assert (attempt.reached, attempt.cut_off, attempt.silent, attempt.port) == (False, False, False, 80)
    assert (attempt.time, attempt.frame, attempt.name) == (START, 5, "fe.contoso.com")


def test_a_connection_counts_as_what_became_of_its_handshake() -> None:
    assert [attempt.frame for attempt in all_of(connect(), tls("closed", 0.1))] == [4]
    assert [attempt.frame for attempt in all_of(connect(port=80), hang_up())] == [5]
    assert [attempt.frame for attempt in all_of(connect(client_port=1), tls("closed", 0.1))] == [3, 4]
    assert [attempt.frame for attempt in all_of(connect(port=444), tls("closed", 0.1))] == [3, 4]
    assert [attempt.frame for attempt in all_of(connect(server="10.0.0.9"), tls("closed", 0.1))] == [3, 4]
    assert [attempt.frame for attempt in all_of(connect("refused"), tls("closed", 0.1))] == [3, 4]
    # Of which port it was is not known.
    assert [attempt.frame for attempt in all_of(connect(client_port=None), tls("closed", 0.1, client_port=None))] == [
        3,
        4,
    ]


def test_attempts_stand_in_the_order_of_time_and_frames() -> None:
    late, early = connect("refused", 9), tls("closed", 1)
    assert [attempt.time for attempt in all_of(late, early)] == [early.time, late.time]
    assert [attempt.frame for attempt in all_of(tls("closed"), connect("refused"))] == [3, 4]
