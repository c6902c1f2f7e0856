"""Asks one target of many, by the walk and by the judge of the command for one."""

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.unsent import problem_of
from ucdiag.fleet.heard import Heard
from ucdiag.fleet.pacing import Hosts
from ucdiag.fleet.targets import Target
from ucdiag.fleet.usual import UsualNames, UsualPosts
from ucdiag.model.codec import from_json
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Observation
from ucdiag.model.report import PhoneReport, Problem, Report, Verdict
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest, Context, stop_clause
from ucdiag.runtime.whole_run import in_time

_HEADERS = 256 << 10
_MOST_WALKS = 6


@record(frozen=True, slots=True, kw_only=True)
class Question:
    """The question for one target: the judge's options, the observations to make, and the target's name."""

    target: Target
    name: str | None
    setting: DiagnosisOptions
    context: Context
    observe: Callable[[Context], Iterator[Observation | Problem]]
    #: What is asked where all is as usual; None where that is not known ahead.
    usual: UsualPosts | UsualNames | None = None


@record(frozen=True, slots=True, kw_only=True)
class Asked:
    """The result of asking one target."""

    target: Target
    name: str | None
    started: Microseconds
    finished: Microseconds
    phone: PhoneReport
    problems: tuple[Problem, ...]

    @property
    def is_cut_short(self) -> bool:
        """Whether the time for the run was over before all was tested."""
        return any(problem.code == "max-time" for problem in self.problems)


class Outcome:
    """The outcome of one target: its verdict, and its report as an object or as JSON text.

    Whichever was not made is made when it is asked for.
    """

    __slots__ = ("_report", "_text", "problems", "target", "verdict")

    def __init__(
        self,
        target: Target,
        verdict: Verdict,
        *,
        report: Report | None = None,
        text: str | None = None,
    ) -> None:
        self.target = target
        self.verdict = verdict
        self.problems = report.problems if report is not None else ()
        self._report = report
        self._text = text

    @property
    def report(self) -> Report:
        """The report of the one phone."""
        if self._report is None:
            assert self._text is not None
            self._report = from_json(Report, json.loads(self._text))
        return self._report

    @property
    def learnt(self) -> bool:
        """Whether anything at all is known of the phone."""
        return self._report is None or self._report.phones[0].learnt

    @property
    def phone_text(self) -> str | None:
        """The phone's part of the text, where there is one and there are no problems."""
        if self._text is None or self.problems:
            return None
        return self._text.partition('"phones": [')[2].rpartition('], "problems": []')[0] or None

    def text(self, to_text: Callable[[Report], str]) -> str:
        """The report in JSON, in one line; ``to_text`` makes it where there is none."""
        if self._text is None:
            assert self._report is not None
            self._text = to_text(self._report)
        return self._text


def ask_target(question: Question, hosts: Hosts, heard: Heard | None = None) -> Asked:
    """Walk, and again where a server did not get to answer for reasons that lie with us.

    The first walk begins with what was ``heard``.
    """
    asked, observations, crowded = _walk_once(question, hosts, heard)
    for _ in range(_MOST_WALKS):
        if asked.is_cut_short or hosts.note_walk(observations, crowded) is None:
            break
        asked, observations, crowded = _walk_once(question, hosts)
    return asked


def walk_heard(question: Question, hosts: Hosts, heard: Heard, crowded: set[str] | None) -> Asked | None:
    """The walk over the recorded exchanges alone; None if the target has to be asked again.

    ``crowded`` are addresses to which other connections were open meanwhile; where it is None, nothing is learnt of the
    servers. Raises UnheardError where what was heard is not all.
    """
    asked, observations, _ = _walk_once(question, hosts, heard)
    return asked if crowded is None or hosts.note_walk(observations, crowded) is None else None


def _walk_once(
    question: Question, hosts: Hosts, heard: Heard | None = None
) -> tuple[Asked, list[Observation], set[str]]:
    gate = hosts.new_gate()
    context = replace(question.context, gate=gate, files=hosts.files, waiting=None, followed=None)
    if heard is not None:
        context = replace(
            context,
            heard=heard,
            now=heard.clock.now,
            monotonic=heard.clock.monotonic,
            files=heard.known_files(hosts.files),
        )
    context = replace(context, until=_walk_deadline(question.context, context))
    engine = Engine(question.setting)
    problems: list[Problem] = []
    observations: list[Observation] = []
    started = context.now()
    walk = question.observe(context)
    try:
        for item in in_time(context, walk):
            if isinstance(item, Problem):
                problems.append(item)
                continue
            engine.feed(item)
            observations.append(item)
            unsent = problem_of(item)
            if unsent is not None and unsent not in problems:
                problems.append(unsent)
    except CannotTest as cannot:
        problems.append(Problem(code=cannot.code, text=cannot.text))
        engine.stop(cannot.code, stop_clause(cannot.code, context.max_time))
    finished = context.now()
    phone = engine.finish(finished)
    if question.target.site is not None:
        phone = replace(phone, phone=replace(phone.phone, site=question.target.site))
    asked = Asked(
        target=question.target,
        name=question.name,
        started=started,
        finished=finished,
        phone=phone,
        problems=tuple(problems),
    )
    return asked, observations, gate.crowded


def _walk_deadline(run: Context, own: Context) -> Seconds | None:
    """When a walk has to end, by its own clock: with the run, else after the time that a run of one target has."""
    left = run.max_time if run.until is None else max(run.until - run.monotonic(), 0.0)
    return None if left is None else own.monotonic() + left


def prepare_threads() -> None:
    """Before threads ask: what the probe sets for a moment each time, for all of them."""
    # The probe bounds the head of an answer by its bytes, and raises this limit meanwhile.
    http.client._MAXHEADERS = _HEADERS  # type: ignore[attr-defined]
