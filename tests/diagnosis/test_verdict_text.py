"""The sentence of the verdict, where it says more than the step that decides."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, Story
from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.judgement import Judgement, sentence
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.report_text import verdict_of
from ucdiag.diagnosis.root_cause import PathResult
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.observations import Extent
from ucdiag.model.report import Verdict
from ucdiag.model.steps import Step

# Codes that are concluded from what did not happen.
ABSENCE = {
    "dhcp-no-answer",
    "dhcp-voice-vlan-silent",
    "dns-no-answer",
    "dns-not-asked",
    "connect-no-answer",
    "connect-not-tried",
    "tls-no-answer",
    "request-not-sent",
    "http-no-answer",
    "http-closed",
    "download-not-tried",
    "download-stalled",
    "download-truncated",
    "no-phone-seen",
}


def judged(code: Any, *, ok: bool | None = False, lost: int = 0, dropped: int = 0) -> Verdict:
    history = ObservationLog()
    history.add(Extent(time=0, end=1, lost=lost, dropped=dropped))
    root = Event(step=Step.DNS, time=0, ok=ok, code=code, summary="something happened")
    result = PathResult(root=root, last={Step.DNS: root})
    setting = DiagnosisOptions(from_capture=True)
    judgement = Judgement(setting=setting, history=history, traffic=Traffic(), result=result)
    return verdict_of(judgement, None, True)


@in_parts("code", CATALOGUE)
def test_lost_packets_may_hide_what_seems_to_be_missing(code: str) -> None:
    told = " The capture lost 1,234 packets, which may hide what seems to be missing: capture again."
    assert (told in judged(code, lost=1234, dropped=5).summary) is (code in ABSENCE)
    assert "packets" not in judged(code).summary


def test_what_was_forgotten_is_not_said_to_be_lost() -> None:
    said = judged("dns-no-answer", dropped=1234).summary
    assert "1,234 connections, questions or hosts were forgotten to keep memory bounded" in said
    assert "lost" not in said


def test_one_that_was_forgotten() -> None:
    said = judged("dns-no-answer", dropped=1).summary
    assert " 1 connection, question or host was forgotten to keep memory bounded, which may hide what seems " in said


def test_lost_packets_are_told_where_nothing_can_be_concluded_at_all() -> None:
    assert "lost 3 packets" in judged(None, ok=None, lost=3).summary


@pytest.mark.parametrize(
    ("ok", "status", "text"),
    [
        (False, "broken", "The path breaks at step 2 (dns): something happened."),
        (None, "unknown", "Cannot tell whether the path is whole: at step 2 (dns), something happened."),
    ],
)
def test_the_step_that_decides(ok: bool | None, status: str, text: str) -> None:
    verdict = judged("dns-bad-address", ok=ok)
    assert (verdict.status, verdict.step, verdict.code, verdict.summary) == (status, Step.DNS, "dns-bad-address", text)


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("the phone asked", "The phone asked."),
        ("is it so?", "Is it so?"),
        ("stop!", "Stop!"),
        ("ends. ", "ends. ."),
        (f"{NAME} exists", f"{NAME} exists."),
        ("http://x is there", "http://x is there."),
        ("über uns", "über uns."),
        ("", "."),
    ],
)
def test_a_clause_as_a_sentence(clause: str, text: str) -> None:
    assert sentence(clause) == text


@pytest.mark.parametrize(
    ("tested", "status", "text"),
    [
        ({Step.DNS}, "whole", "Passed: step 2 (dns). The rest of the path was not tested."),
        ({Step.DHCP, Step.DNS}, "whole", "Passed: step 2 (dns). The rest of the path was not tested."),
        (
            {Step.DNS, Step.CONNECT},
            "unknown",
            "Too little could be tested to tell whether the path is whole.",
        ),
        (set(Step), "unknown", "Too little could be tested to tell whether the path is whole."),
    ],
)
def test_an_active_command_that_tested_a_part(tested: set[Step], status: str, text: str) -> None:
    verdict = Story(tested=frozenset(tested)).found().report().verdict
    assert (verdict.status, verdict.code, verdict.summary) == (status, None, text)


def test_two_steps_that_hold() -> None:
    verdict = Story(tested=frozenset({Step.DNS, Step.CONNECT})).found().connects().report().verdict
    assert verdict.summary == ("Passed: steps 2 (dns) and 3 (connect). The rest of the path was not tested.")
