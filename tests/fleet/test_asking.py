"""Hundreds of phones at the lab's sites, at the same time: every verdict is the one that the command for one gives."""

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.bench import fleet_faults
from tests.diagnosis.story import Story
from ucdiag.fleet.asking import Asked, Outcome, Question, ask_target, prepare_threads
from ucdiag.fleet.loop import Loop
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import Target
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.site import RunningSite, start_site
from ucdiag.lab.trial import context_of, differences, observe_site, setting_of
from ucdiag.model.observations import Observation
from ucdiag.model.report import Problem
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import ProblemCode
from ucdiag.runtime.context import CannotTest, Context

# The faults that an administrator meets, each by itself and quick.
FAULTS = (
    "dns-r2-missing",
    "dns-legacy-only",
    "dns-no-address",
    "dns-server-failure",
    "dns-refused",
    "dns-bad-address",
    "connect-refused",
    "connect-unreachable",
    "http-closed",
    "http-not-http",
    "http-redirected",
    "http-forbidden",
    "http-not-found",
    "http-server-error",
    "http-unavailable",
    "response-not-xml",
    "response-malformed",
    "response-urls-blank",
    "download-not-found",
    "download-truncated",
)
PHONES = 300
EACH = PHONES * 3 // 100


def question_of(number: int, site: RunningSite) -> Question:
    def walk(context: Context) -> Iterator[Observation | Problem]:
        yield from observe_site(site, context)

    return Question(
        target=Target(line=number, site=f"Branch {number}"),
        name=site.scenario.name,
        setting=setting_of(site.scenario),
        context=context_of(site),
        observe=walk,
    )


def asked_at(site: RunningSite, numbers: list[int]) -> list[Asked]:
    """What came of so many phones at one site, 8 at a time; the sites share addresses, so each has its servers."""
    found: list[Asked] = []

    def judged(asked: Asked) -> Outcome:
        found.append(asked)
        return Outcome(asked.target, asked.phone.verdict, text="")

    targets = [Target(line=number, site=f"Branch {number}") for number in numbers]
    shapes = Shapes(lambda target: question_of(target.line, site), lambda asked: "")
    for _ in Loop(targets, shapes, judged, 8, Rate(None), Hosts(8, pause=0.02)).ask_targets():
        pass
    return found


@pytest.mark.slow
def test_every_verdict_of_300_phones_is_right() -> None:
    names = [name for name in FAULTS for _ in range(EACH)]
    names += ["whole"] * (PHONES - len(names))
    prepare_threads()
    with ExitStack() as stack:
        sites = {name: stack.enter_context(start_site(SCENARIOS[name])) for name in dict.fromkeys(names)}
        pool = stack.enter_context(ThreadPoolExecutor(4))
        asking = [
            pool.submit(asked_at, site, [number for number, at in enumerate(names) if at == name])
            for name, site in sites.items()
        ]
        found = {asked.target.line: asked for one in asking for asked in one.result()}
    assert len(found) == PHONES
    wrong = {
        line: unlike for line, asked in found.items() if (unlike := differences(SCENARIOS[names[line]], asked.phone))
    }
    assert not wrong
    assert {asked.phone.phone.site for asked in found.values()} == {f"Branch {number}" for number in range(PHONES)}
    statuses = Counter(asked.phone.verdict.status.value for asked in found.values())
    assert statuses["whole"] >= PHONES - EACH * len(FAULTS)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc has the memory of a run")
def test_phones_at_many_faults_are_judged_right_through_kills() -> None:
    faults = ("connect-refused", "http-closed", "http-forbidden", "response-malformed")
    assert fleet_faults.check(phones=140, jobs=8, kills=2, seed=17, faults=faults) == []


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("no-sockets", "this machine ran out of sockets"),
        ("max-time", "the time of 20 seconds for the whole run was over"),
    ],
)
def test_why_a_walk_ended_before_the_file_is_said(code: ProblemCode, why: str) -> None:
    story = Story().lease().found().connects().posts().offers()

    def walk(context: Context) -> Iterator[Observation | Problem]:
        yield from story.fed
        raise CannotTest(code, "It ended.")

    question = Question(
        target=Target(line=1, site="Branch 1"),
        name="contoso.com",
        setting=story.setting,
        context=Context(max_time=20.0),
        observe=walk,
    )
    verdict = ask_target(question, Hosts(8)).phone.verdict
    assert (verdict.status, verdict.code) == (VerdictStatus.UNKNOWN, "download-not-tried")
    assert verdict.summary.endswith(f"its file was not tested, because {why}.")
