"""What step 3 says of one attempt to open a connection."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, PHONE, POOL, SECOND, START
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import connect
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.observations import Connect

WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions()
LINE = f"TCP to {POOL} port 80"
CUT_OFF = f"the capture ends while {POOL} port 80 was being connected to"
LOST = f"{POOL} answered on port 80, and the answer does not reach the phone (SYN ACK seen, SYN repeated)"
SILENT = f"{POOL} did not answer on port 80 (SYN not answered)"


def attempt(outcome: Any = "open", **more: Any) -> Connect:
    more = {"time": START, "frame": 3, "client": PHONE, "server": POOL, "port": 80, "seconds": 0.5, **more}
    return Connect(outcome=outcome, **more)


def judged(*attempts: Connect, setting: DiagnosisOptions = WATCHED, after: float = 60, **names: str) -> list[Event]:
    traffic = Traffic(connects=list(attempts), host_names={POOL: names["host"]} if names else {})
    return connect.events(traffic, setting, START + round(after * SECOND))


@pytest.mark.parametrize(
    ("outcome", "more", "ok", "code", "summary"),
    [
        ("open", {}, True, None, f"{POOL} accepted the connection to port 80"),
        ("open", {"lacking": "syn"}, True, None, f"{POOL} accepted the connection to port 80"),
        (
            "refused",
            {},
            False,
            "connect-refused",
            f"{POOL} refused the connection to port 80 (SYN answered by RST)",
        ),
        ("no_answer", {}, False, "connect-no-answer", SILENT),
        ("no_answer", {"lacking": "ack"}, False, "connect-no-answer", LOST),
        ("no_answer", {"reason": "why"}, False, "connect-no-answer", f"{SILENT}: why"),
        ("unreachable", {}, False, "connect-unreachable", f"{POOL} cannot be reached on port 80"),
        ("unreachable", {"reason": "why"}, False, "connect-unreachable", f"{POOL} cannot be reached on port 80: why"),
        ("unfinished", {}, False, "connect-no-answer", SILENT),
    ],
)
def test_an_attempt_to_connect(outcome: str, more: dict[str, Any], ok: bool, code: str | None, summary: str) -> None:
    (event,) = judged(attempt(outcome, **more))
    assert (event.ok, event.code, event.summary) == (ok, code, summary)
    assert (event.time, event.channel, event.seconds) == (START, (POOL, 80), 0.5)
    lost = "answer-lost" if more.get("lacking") == "ack" else None
    assert event.values.get("variant") == lost


def test_what_had_not_ended_is_no_answer_in_a_capture_alone() -> None:
    (event,) = judged(attempt("unfinished"), setting=ASKED)
    assert event.summary == f"{POOL} had not answered on port 80 when the capture ended"
    assert event.code == "connect-no-answer"


@pytest.mark.parametrize(
    ("outcome", "more", "line"),
    [
        ("open", {}, f"{LINE}: open"),
        ("no_answer", {"attempts": 2}, f"{LINE}: no answer, 2 SYNs"),
        ("no_answer", {"attempts": 3, "lacking": "ack"}, f"{LINE}: no answer, 3 SYNs after the SYN ACK"),
        ("open", {"lacking": "syn"}, f"{LINE}: open"),
    ],
)
def test_the_evidence_of_an_attempt(outcome: str, more: dict[str, Any], line: str) -> None:
    (event,) = judged(attempt(outcome, **more))
    assert [(evidence.text, evidence.frame) for evidence in event.evidence] == [(line, 3)]


@pytest.mark.parametrize(
    ("outcome", "after", "awaited"),
    [
        ("unfinished", 4.999999, True),
        ("unfinished", 5, False),
        ("no_answer", 4.999999, True),
        ("no_answer", 5, False),
        ("refused", 0, False),
        ("unreachable", 0, False),
        ("open", 0, False),
    ],
)
def test_an_attempt_at_the_end_of_a_capture(outcome: str, after: float, awaited: bool) -> None:
    (event,) = judged(attempt(outcome), after=after)
    assert (event.summary == CUT_OFF) == (event.code == "capture-too-short") == awaited
    assert event.waiting == awaited
    assert event.seconds == (None if awaited else 0.5)
    (event,) = judged(attempt(outcome), after=after, setting=ASKED)
    assert event.code != "capture-too-short"


def test_attempts_at_one_place_prove_its_silence_together() -> None:
    def codes(*servers: str) -> set[str | None]:
        times = (START, START + SECOND // 2, START + 2 * SECOND)
        attempts = [attempt("no_answer", server=server, time=time) for server, time in zip(servers, times, strict=True)]
        return {event.code for event in judged(*attempts, after=4.5)}

    assert codes(POOL, POOL, POOL) == {"connect-no-answer"}
    assert codes(POOL, "10.0.0.21", POOL) == {"capture-too-short"}
    repeated = attempt("no_answer", last_but_one=START + SECOND // 2, last_time=START + 2 * SECOND)
    assert not connect.is_undecided(repeated, WATCHED, START + 4_500_000)
    assert connect.is_undecided(attempt("no_answer"), WATCHED, START + 4_500_000)


@pytest.mark.parametrize(
    ("name", "host", "setting", "values"),
    [
        (None, None, WATCHED, "whatever named it to the phone: a DNS record, or the URL that a sign-in gave it"),
        (None, None, ASKED, "the address that was given"),
        (NAME, None, WATCHED, f"the record of {NAME}"),
        (None, NAME, WATCHED, f"the record of {NAME}"),
        (NAME, "other.contoso.com", ASKED, f"the record of {NAME}"),
    ],
)
def test_the_values_of_an_attempt(name: str | None, host: str | None, setting: DiagnosisOptions, values: str) -> None:
    (event,) = judged(attempt("refused", name=name), setting=setting, **({"host": host} if host else {}))
    named = {"name": NAME} if name or host else {}
    assert event.values == {"address": POOL, "port": "80", "origin": values, **named}
