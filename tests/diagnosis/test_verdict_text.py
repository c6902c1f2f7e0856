"""The sentence of the verdict, where it says more than the step that decides."""

from dataclasses import replace
from typing import Any

import pytest

from tests.diagnosis.story import NAME, POOL, Story
from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.judgement import Judgement, as_sentence
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.report_text import verdict_of
from ucdiag.diagnosis.root_cause import PathResult
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.observations import Extent, Lookup, Tls, UpdateAnswer
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


def test_lost_packets_are_reported_where_nothing_can_be_concluded_at_all() -> None:
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
    assert as_sentence(clause) == text


@pytest.mark.parametrize(
    ("tested", "status", "text"),
    [
        ({Step.DNS}, "whole", "Step 2 (dns) passed. The rest of the path was not tested."),
        ({Step.DHCP, Step.DNS}, "whole", "Step 2 (dns) passed. The rest of the path was not tested."),
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
    assert verdict.summary == ("Steps 2 (dns) and 3 (connect) passed. The rest of the path was not tested.")


# Of a path that nothing broke, and of one of several addresses.


def happened(step: Step, ok: bool | None = True, **more: Any) -> Event:
    return Event(**{"step": step, "ok": ok, "time": 1, "summary": f"the {step} happened", **more})


def concluded(
    *events: Event, setting: DiagnosisOptions | None = None, facts: tuple[Any, ...] = (), **more: Any
) -> Verdict:
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    result = PathResult(
        root=more.pop("root", None), last={event.step: event for event in events}, channels=more.pop("channels", {})
    )
    judgement = Judgement(
        setting=setting or DiagnosisOptions(from_capture=True),
        history=history,
        result=result,
        traffic=more.pop("traffic", Traffic()),
    )
    return verdict_of(judgement, more.pop("firmware", None), more.pop("final", True))


def answer(form: Any, port: int = 80) -> UpdateAnswer:
    return UpdateAnswer(time=1, server=POOL, port=port, form=form)


HERE = (POOL, 80)
LAST = "Cannot tell whether the path is whole. The last that was seen is step"
SERVER_ITSELF = "test the server itself with ucdiag probe."
SHAKEN = happened(Step.TLS, channel=HERE)


def shaken(*not_decrypted: str | None) -> Traffic:
    return Traffic(
        handshakes=[
            Tls(time=1, server=POOL, port=443, outcome="complete", not_decrypted=reason) for reason in not_decrypted
        ]
    )


@pytest.mark.parametrize(
    ("verdict", "status", "code", "text"),
    [
        (concluded(happened(Step.DOWNLOAD)), "whole", None, "The path is whole: the download happened."),
        (
            concluded(happened(Step.DOWNLOAD, False)),
            "unknown",
            None,
            f"{LAST} 7 (download): the download happened.",
        ),
        (
            concluded(happened(Step.RESPONSE, channel=HERE), traffic=Traffic(answers=[answer("none_offered")])),
            "whole",
            "no-update-offered",
            "The path is whole up to the answer, and nothing newer is offered to this phone.",
        ),
        (
            concluded(
                happened(Step.RESPONSE, channel=HERE),
                traffic=Traffic(answers=[answer("none_offered", 443), answer("offered")]),
            ),
            "unknown",
            None,
            f"{LAST} 6 (response): the response happened.",
        ),
        (
            concluded(
                happened(Step.RESPONSE, channel=HERE),
                traffic=Traffic(answers=[answer("none_offered"), answer("offered")]),
            ),
            "unknown",
            None,
            f"{LAST} 6 (response): the response happened.",
        ),
        (
            concluded(),
            "unknown",
            "no-phone-seen",
            "The capture shows no update traffic of this phone.",
        ),
        (concluded(happened(Step.DNS), happened(Step.DHCP)), "unknown", None, f"{LAST} 2 (dns): the dns happened."),
        (
            concluded(SHAKEN),
            "unknown",
            "tls-not-decrypted",
            f"{LAST} 4 (tls): the tls happened. What follows is encrypted: {SERVER_ITSELF}",
        ),
        (
            concluded(SHAKEN, traffic=shaken(None)),
            "unknown",
            "tls-not-decrypted",
            f"{LAST} 4 (tls): the tls happened. What follows is encrypted: {SERVER_ITSELF}",
        ),
        (
            concluded(SHAKEN, traffic=shaken("another reason", "no key fits")),
            "unknown",
            "tls-not-decrypted",
            f"{LAST} 4 (tls): the tls happened. What follows could not be decrypted, because no key fits: "
            f"{SERVER_ITSELF}",
        ),
    ],
)
def test_a_path_that_nothing_broke(verdict: Verdict, status: str, code: str | None, text: str) -> None:
    assert (verdict.status, verdict.step, verdict.code, verdict.summary) == (status, None, code, text)


def test_a_path_up_to_a_version_that_the_phone_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Traffic, "is_held", lambda traffic, offer: offer is traffic.answers[0])
    offered = Traffic(answers=[answer("offered")])
    verdict = concluded(happened(Step.RESPONSE, channel=HERE), traffic=offered)
    assert (verdict.status, verdict.code) == ("whole", "same-version-offered")
    assert verdict.summary == (
        "The path is whole up to the answer, which offers the version that this phone has: nothing to fetch."
    )


LITTLE = "Too little could be tested to tell whether the path is whole."
NO_LEASE = "No DHCP lease was found, and no DHCP server was asked, so what a phone would get is not known."
NO_DOMAIN = "No DHCP domain is known, so there is no name to look up: give the phone's with --domain NAME."


def only(*steps: Step, **more: Any) -> DiagnosisOptions:
    return DiagnosisOptions(tested=frozenset(steps), **more)


@pytest.mark.parametrize(
    ("events", "setting", "status", "step", "text"),
    [
        ([], only(Step.DHCP), "unknown", Step.DHCP, NO_LEASE),
        (
            [Step.DHCP],
            only(Step.DHCP),
            "whole",
            None,
            "Step 1 (dhcp) passed. The rest of the path was not tested.",
        ),
        ([], only(Step.DHCP, Step.DNS), "unknown", Step.DHCP, NO_DOMAIN),
        ([], only(Step.DHCP, Step.CONNECT), "unknown", None, LITTLE),
        ([], only(Step.DNS), "unknown", Step.DHCP, NO_DOMAIN),
        ([], only(Step.DNS, domain="contoso.com"), "unknown", None, LITTLE),
        ([Step.DHCP], only(Step.DHCP, Step.DNS), "unknown", None, LITTLE),
        (
            [Step.DNS],
            only(Step.DNS, command="check-dns"),
            "whole",
            None,
            "Step 2 (dns) passed. The rest of the path is not part of check-dns.",
        ),
        (
            [Step.DNS, Step.CONNECT, Step.REQUEST],
            only(Step.DNS, Step.CONNECT, Step.TLS, Step.REQUEST, Step.DOWNLOAD),
            "whole",
            None,
            "Steps 2 (dns), 3 (connect) and 5 (request) passed. The rest of the path was not tested.",
        ),
        ([Step.DNS, Step.CONNECT], only(Step.DNS, Step.CONNECT, Step.REQUEST), "unknown", None, LITTLE),
        ([Step.DNS, Step.RESPONSE], only(Step.DNS, Step.RESPONSE), "unknown", None, LITTLE),
    ],
)
def test_an_active_command_that_came_to_no_end(
    events: list[Step], setting: DiagnosisOptions, status: str, step: Step | None, text: str
) -> None:
    verdict = concluded(*map(happened, events), setting=setting)
    code = {NO_LEASE: "no-lease", NO_DOMAIN: "no-domain"}.get(text)
    assert (verdict.status, verdict.step, verdict.code, verdict.summary) == (status, step, code, text)
    if status == "unknown":
        stopped = concluded(*map(happened, events), setting=replace(setting, stopped_by="max-time"))
        assert stopped == replace(verdict, code="max-time")


@pytest.mark.parametrize(
    ("good", "text"),
    [
        ([], ""),
        ([("10.0.0.7", 80)], " 10.0.0.7 is in order, but a phone may take any of the addresses."),
        ([("10.0.0.7", 80), ("10.0.0.7", 443)], " 10.0.0.7 is in order, but a phone may take any of the addresses."),
        (
            [("10.0.0.7", 80), ("10.0.0.8", 80)],
            " 10.0.0.7 and 10.0.0.8 are in order, but a phone may take any of the addresses.",
        ),
        # The other port of the address that breaks the path.
        ([(POOL, 443)], ""),
    ],
)
def test_addresses_that_are_in_order(good: list[tuple[str, int]], text: str) -> None:
    root = happened(Step.CONNECT, False, code="connect-refused", channel=HERE)
    channels = {HERE: PathResult(root=root), **{channel: PathResult() for channel in good}}
    broken = "The path breaks at step 3 (connect): the connect happened."
    assert concluded(root, root=root, channels=channels).summary == f"{broken}{text}"
    nowhere = happened(Step.CONNECT, False, code="connect-refused")
    assert concluded(nowhere, root=nowhere, channels=channels).summary == broken


def test_what_the_verdict_rests_on() -> None:
    def taken(name: str, *addresses: str, assumed: bool = True) -> Lookup:
        return Lookup(time=1, name=name, type="A", rcode="NOERROR", addresses=addresses, assumed=assumed)

    facts = (taken("a", "10.0.0.1", "10.0.0.2"), taken("b", "10.0.0.3"), taken("c"), taken("d", POOL, assumed=False))
    active = concluded(happened(Step.DOWNLOAD), setting=DiagnosisOptions(), facts=facts).summary
    assert active == "Assuming a = 10.0.0.1 and 10.0.0.2 and b = 10.0.0.3: The path is whole: the download happened."
    watched = concluded(happened(Step.DOWNLOAD), facts=facts).summary
    assert watched == "The path is whole: the download happened."


def test_a_whole_path_hides_nothing() -> None:
    lost = (Extent(time=0, end=1, lost=3, dropped=5),)
    assert concluded(happened(Step.DOWNLOAD), facts=lost).summary == "The path is whole: the download happened."
    assert "lost 3 packets" in concluded(happened(Step.DNS), facts=lost).summary
