"""What proves that a capture shows one direction only, and what is then not concluded from silence."""

from typing import Any

import pytest

from tests.diagnosis.story import MAC, NAME, PHONE, POOL, RESOLVER, SERVER, START
from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.one_direction import (
    OneDirection,
    behind_encryption,
    one_direction,
    unheard_lease,
    without_silence,
)
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Level, Step

SECOND = 1_000_000
OTHER = "10.0.0.99"
TCP = frozenset({Step.CONNECT, Step.TLS, Step.REQUEST, Step.RESPONSE, Step.DOWNLOAD})
ALL = frozenset(Step)
PHONE_ONLY = "this capture holds only what the phone sent"
SERVERS_ONLY = "this capture holds only what servers sent to the phone (mirror both directions)"


def log(*observations: Observation) -> ObservationLog:
    history = ObservationLog()
    for seen in observations:
        history.add(seen)
    return history


def dhcp(type: Any, at: float = 0, **more: Any) -> Dhcp:
    return Dhcp(time=START + int(at * SECOND), frame=1, type=type, **{"client": MAC, "transaction": 1, **more})


def connect(outcome: Any = "open", lacking: Any = None, server: str = POOL, **more: Any) -> Connect:
    more = {"client_port": 40000, "client": PHONE, **more}
    return Connect(time=START + SECOND, frame=2, server=server, port=80, outcome=outcome, lacking=lacking, **more)


def http(**more: Any) -> Http:
    return Http(time=START + 2 * SECOND, frame=3, client=PHONE, port=80, **{"server": POOL, **more})


def tls(**more: Any) -> Tls:
    return Tls(time=START + SECOND, client=PHONE, server=POOL, port=443, **{"outcome": "unfinished", **more})


def lookup(**more: Any) -> Lookup:
    return Lookup(time=START + SECOND, frame=5, name=NAME, type="A", client=PHONE, server=RESOLVER, **more)


UNANSWERED = lookup(failure="no_answer")
ANSWERED = lookup(rcode="NOERROR", addresses=(POOL,), answer_frame=6)
UNASKED = lookup(rcode="NOERROR", addresses=(POOL,), answer_frame=5)
OPENED = connect(lacking="syn_ack")
ACCEPTED = connect(lacking="syn")
CHOSEN = dhcp("request", server=SERVER, address=PHONE)
ACKNOWLEDGED = http(method="POST", lost_bytes=500)


@pytest.mark.parametrize(
    ("facts", "phone_missing", "steps", "servers"),
    [
        # The phone's side alone: nobody is heard.
        ([OPENED], False, ALL, set()),
        ([OPENED, UNANSWERED], False, ALL, set()),
        ([CHOSEN], False, ALL, set()),
        ([dhcp("discover"), lookup(failure="no_answer")], False, ALL, set()),
        ([ACKNOWLEDGED], False, ALL, set()),
        # A broadcast OFFER or ACK shows nothing of the other protocols.
        ([OPENED, dhcp("offer")], False, TCP | {Step.DNS}, set()),
        ([OPENED, dhcp("ack")], False, TCP | {Step.DNS}, set()),
        ([OPENED, dhcp("nak")], False, TCP | {Step.DNS}, set()),
        ([OPENED, dhcp("discover")], False, ALL, set()),
        # Where DNS or another server is heard, it is the side of these servers alone.
        ([OPENED, ANSWERED], False, TCP, {POOL}),
        ([OPENED, lookup(failure="malformed")], False, TCP, {POOL}),
        ([OPENED, lookup(failure="elsewhere")], False, TCP, {POOL}),
        ([OPENED, lookup(failure="unreachable")], False, ALL, set()),
        ([OPENED, connect(server=OTHER)], False, TCP, {POOL}),
        ([OPENED, connect("refused", server=OTHER)], False, TCP, {POOL}),
        ([OPENED, connect("no_answer", server=OTHER)], False, ALL, set()),
        ([ACKNOWLEDGED, connect(server=OTHER)], False, TCP, {POOL}),
        ([ACKNOWLEDGED, http(server=OTHER, method="POST", status=200)], False, TCP, {POOL}),
        # The servers' side alone.
        ([ACCEPTED], True, ALL, set()),
        ([ACCEPTED, UNASKED], True, ALL, set()),
        ([ACCEPTED, UNANSWERED], True, TCP, set()),
        ([ACCEPTED, ANSWERED], True, TCP, set()),
        ([ACCEPTED, dhcp("discover")], True, TCP, set()),
        ([ACCEPTED, dhcp("offer")], True, ALL, set()),
        ([http(status=200)], True, ALL, set()),
        ([UNASKED], True, ALL, set()),
    ],
)
def test_one_side_is_missing(
    facts: list[Observation], phone_missing: bool, steps: set[Step], servers: set[str]
) -> None:
    found = one_direction(log(*facts))
    assert found is not None
    assert (found.phone_missing, found.steps, found.servers) == (phone_missing, steps, servers)
    assert found.evidence


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [UNANSWERED],
        [ANSWERED],
        [dhcp("discover")],
        [dhcp("discover"), dhcp("offer"), CHOSEN],
        [dhcp("request", server=SERVER, client_address=PHONE)],
        [dhcp("request", address=PHONE)],
        [connect()],
        [connect("no_answer")],
        [connect("refused", lacking="syn_ack")],
        # The server is heard on another connection, or at another time.
        [OPENED, connect()],
        [OPENED, http(method="POST", status=200)],
        [OPENED, http(method="POST", closed_by="server")],
        [OPENED, http(method="POST", failure="closed")],
        [OPENED, http(method="POST", failure="reset")],
        [OPENED, http(method="POST", request_acked=True)],
        [OPENED, tls(stage="server_hello")],
        [OPENED, tls(stage="client_hello", alert_from="server")],
        [OPENED, tls(stage="client_hello", closed_by="server")],
        # What is missing may be the capture's loss alone.
        [http(method="POST", lost_bytes=500, snapped=True)],
        [http(method="POST", lost_bytes=500, request_acked=False)],
        [http(method="POST")],
        # The phone is heard elsewhere.
        [ACCEPTED, connect("no_answer", server=OTHER)],
        [ACCEPTED, tls(versions=("TLS 1.2",))],
        [ACCEPTED, http(method="GET", failure="no_answer")],
        [UNASKED, dhcp("request")],
        [UNASKED, dhcp("inform")],
        [UNASKED, dhcp("decline")],
        [UNASKED, dhcp("release")],
        [UNASKED, connect("no_answer")],
        [UNASKED, UNANSWERED],
    ],
)
def test_both_sides_may_be_there(facts: list[Observation]) -> None:
    assert one_direction(log(*facts)) is None


@pytest.mark.parametrize(
    "more",
    [
        tls(stage="client_hello"),
        tls(stage=None),
        tls(stage="client_hello", alert_from="client"),
        tls(stage="client_hello", closed_by="client"),
        http(method="POST", failure="no_answer"),
        http(method="POST", closed_by="client"),
        http(method="POST", request_acked=False),
        http(method="POST", request_acked=True, lost_bytes=9),
    ],
)
def test_what_is_no_word_of_the_server(more: Observation) -> None:
    found = one_direction(log(OPENED, more))
    assert found is not None
    assert not found.servers


def test_a_connection_of_nobody_asks_nothing() -> None:
    """Without the client's port only the server's packets were seen."""
    found = one_direction(log(ACCEPTED, connect("no_answer", client_port=None, server=OTHER)))
    assert found is not None
    assert found.phone_missing


@pytest.mark.parametrize(
    ("facts", "texts"),
    [
        ([OPENED], [f"the connection to {POOL} port 80 opened, and no SYN ACK is there"]),
        ([CHOSEN], [f"the REQUEST names the server {SERVER}, which only an OFFER names"]),
        ([ACKNOWLEDGED], [f"the phone acknowledged an answer of {POOL} port 80 that is not there"]),
        ([ACCEPTED], [f"{POOL} port 80 accepted a connection, and no SYN is there"]),
        ([http(status=200)], [f"{POOL} answered, and no request is there"]),
        ([UNASKED], [f"an answer for {NAME}, and no question"]),
        (
            [dhcp("discover"), UNANSWERED],
            [f"after its DISCOVER the phone sends from {PHONE}, which only a lease gives it"],
        ),
        ([CHOSEN] * 3 + [OPENED] * 3, ["REQUEST"] * 3 + ["the connection"]),
        ([OPENED] * 5 + [ANSWERED], ["the connection"] * 4),
        ([OPENED] * 5 + [dhcp("offer")], ["the connection"] * 4),
        ([ACCEPTED] * 5, ["accepted"] * 4),
        ([UNASKED] * 5, ["an answer"] * 4),
    ],
)
def test_the_evidence_says_what_proves_it(facts: list[Observation], texts: list[str]) -> None:
    found = one_direction(log(*facts))
    assert found is not None
    assert len(found.evidence) == len(texts)
    assert all(text in line.text for text, line in zip(texts, found.evidence, strict=True))
    assert all(line.frame is not None and line.time is not None for line in found.evidence)


def found(phone_missing: bool = False, steps: frozenset[Step] = ALL, servers: tuple[str, ...] = ()) -> OneDirection:
    evidence = (Evidence(text="proof", time=START, frame=7),)
    return OneDirection(phone_missing=phone_missing, steps=steps, evidence=evidence, servers=frozenset(servers))


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        (found(), f"{PHONE_ONLY} (mirror both directions)"),
        (found(servers=(POOL,)), f"{PHONE_ONLY} to {POOL} (mirror both directions)"),
        (found(servers=("4", "3", "2", "1")), f"{PHONE_ONLY} to 1, 2 and 3 (mirror both directions)"),
        (found(phone_missing=True), SERVERS_ONLY),
    ],
)
def test_the_sentence(missing: OneDirection, text: str) -> None:
    assert missing.text == text


def event(step: Step = Step.CONNECT, ok: bool | None = False, **more: Any) -> Event:
    return Event(step=step, time=START, ok=ok, summary="as it was", **{"code": "connect-no-answer", **more})


@pytest.mark.parametrize(
    ("judged", "missing", "applies"),
    [
        (event(), found(), True),
        (event(ok=True), found(), False),
        (event(Step.DNS, code="dns-no-answer"), found(steps=TCP), False),
        (event(Step.DNS, code="dns-no-answer"), found(), True),
        (event(code="connect-refused"), found(), False),
        (event(code="connect-refused", silent=True), found(), True),
        (event(code=None), found(), False),
        (event(code=None, ok=None), found(), True),
        (event(code="connect-refused", ok=None), found(), False),
        (event(channel=(POOL, 80)), found(servers=(POOL,)), True),
        (event(channel=(OTHER, 80)), found(servers=(POOL,)), False),
        (event(values={"address": OTHER}), found(servers=(POOL,)), False),
        (event(values={"address": POOL}), found(servers=(POOL,)), True),
        (event(values={}), found(servers=(POOL,)), True),
        (event(channel=(POOL, 80), values={"address": OTHER}), found(servers=(POOL,)), True),
        (event(channel=(OTHER, 80)), found(), True),
        (event(values={"address": OTHER}), found(), True),
    ],
)
def test_which_events_rest_on_what_is_missing(judged: Event, missing: OneDirection, applies: bool) -> None:
    assert missing.applies_to(judged) == applies
    (after,) = without_silence([judged], missing)
    assert (after is judged) != applies


def test_an_event_that_rests_on_it_says_nothing_else() -> None:
    before = event(
        waiting=True, silent=True, level=Level.ERROR, values={"port": "80"}, missing_next=True, channel=(POOL, 80)
    )
    (after,) = without_silence([before], found())
    assert (after.ok, after.code, after.level) == (None, "capture-one-direction", None)
    assert (after.summary, after.evidence, after.values) == (found().text, found().evidence, {})
    assert (after.waiting, after.silent, after.missing_next) == (False, False, False)
    assert (after.step, after.time, after.channel) == (Step.CONNECT, START, (POOL, 80))


ENCRYPTED = event(Step.TLS, True, code=None, channel=(POOL, 443))


@pytest.mark.parametrize(
    ("events", "missing", "expected"),
    [
        ([ENCRYPTED], found(), True),
        ([], found(), False),
        ([event(Step.TLS, False)], found(), False),
        ([event(Step.CONNECT, True)], found(), False),
        ([ENCRYPTED, event(Step.REQUEST, True)], found(), False),
        ([event(Step.CONNECT, True), ENCRYPTED], found(), True),
        ([ENCRYPTED], found(steps=frozenset({Step.DNS})), False),
        ([ENCRYPTED], found(servers=(POOL,)), True),
        ([ENCRYPTED], found(servers=(OTHER,)), False),
        ([event(Step.TLS, True)], found(servers=(OTHER,)), True),
    ],
)
def test_what_is_encrypted_is_not_known(events: list[Event], missing: OneDirection, expected: bool) -> None:
    unknown = behind_encryption(events, missing)
    assert [(after.step, after.ok, after.code) for after in unknown] == (
        [(Step.REQUEST, None, "capture-one-direction")] if expected else []
    )


@pytest.mark.parametrize(
    ("kinds", "missing", "text"),
    [
        (["discover"], found(), f"DISCOVER is in the capture, and no answer: {found().text}"),
        (["discover", "request"], found(), f"DISCOVER and REQUEST are in the capture, and no answer: {found().text}"),
        (["offer"], found(phone_missing=True), f"OFFER is in the capture, and no question: {SERVERS_ONLY}"),
        (["offer", "ack"], found(phone_missing=True), "OFFER and ACK are in the capture, and no question: "),
        (["request"] * 6, found(), "REQUEST is in the capture"),
        (["discover"] * 5 + ["request"], found(), "DISCOVER and REQUEST are in the capture"),
    ],
)  # fmt: skip
def test_one_side_of_dhcp_is_said(kinds: list[str], missing: OneDirection, text: str) -> None:
    (after,) = unheard_lease(log(*(dhcp(kind, number) for number, kind in enumerate(kinds))), missing)
    assert after.summary.startswith(text)
    assert (after.step, after.ok, after.code, after.time) == (Step.DHCP, None, "capture-one-direction", START)
    assert (after.evidence, after.waiting) == (missing.evidence, False)


def test_where_dhcp_is_not_missing_nothing_is_said_of_it() -> None:
    assert unheard_lease(log(), found()) == []
    assert unheard_lease(log(dhcp("discover")), found(steps=TCP)) == []


@in_parts("code", [code for code in CATALOGUE if code != "capture-one-direction"])
def test_only_what_says_that_something_did_not_come_rests_on_silence(code: str) -> None:
    silent = {
        "dhcp-no-answer",
        "dhcp-voice-vlan-silent",
        "dns-no-answer",
        "dns-not-asked",
        "connect-no-answer",
        "connect-unreachable",
        "connect-not-tried",
        "tls-no-answer",
        "request-not-sent",
        "http-no-answer",
        "download-stalled",
        "download-not-tried",
        "capture-too-short",
        "capture-gap",
    }
    assert found().applies_to(event(code=code)) == (code in silent)
