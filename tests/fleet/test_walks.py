"""One walk for one target: what is told on the way, why it ends, and when it is walked again."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.fleet.asking import _MOST_WALKS, Asked, Question, _walk_deadline, ask_target, walk_heard
from ucdiag.fleet.pacing import Hosts
from ucdiag.fleet.targets import Target
from ucdiag.model.observations import Connect, Observation
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest, Context

FOUND = Connect(time=1, server="10.0.0.20", port=80, outcome="open")
UNSENT = Connect(time=1, server="10.0.0.20", port=80, outcome="not_sent")


def walked(*items: Any, site: str | None = None, hosts: Hosts | None = None, max_time: float | None = None) -> Asked:
    """What comes of a walk on which this is seen. An exception is raised at its place."""

    def observe(context: Context) -> Iterator[Observation | Problem]:
        for item in items:
            if isinstance(item, Exception):
                raise item
            yield item() if callable(item) else item

    setting = DiagnosisOptions()
    target = Target(line=7, site=site)
    context = Context(max_time=max_time)
    return ask_target(
        Question(target=target, name="a", setting=setting, context=context, observe=observe), hosts or Hosts(2)
    )


def test_problems_on_the_way_are_those_of_the_target() -> None:
    first, second = Problem(code="output", text="One."), Problem(code="interrupted", text="Two.")
    asked = walked(first, FOUND, second, site="Bremen")
    assert asked.problems == (first, second)
    assert asked.phone.observations == (FOUND,)
    assert (asked.target.line, asked.name, asked.phone.phone.site) == (7, "a", "Bremen")
    assert asked.started <= asked.finished
    assert walked(FOUND).phone.phone.site is None
    assert not asked.is_cut_short


def test_why_nothing_can_be_tested_is_a_problem_of_the_target() -> None:
    asked = walked(FOUND, CannotTest("no-interface", "There is none."), FOUND, max_time=60)
    assert asked.problems == (Problem(code="no-interface", text="There is none."),)
    assert asked.phone.observations == (FOUND,)
    assert not asked.is_cut_short
    assert not any("60 s" in step.summary for step in asked.phone.steps)


def test_what_this_machine_could_not_send_is_a_problem_once() -> None:
    asked = walked(UNSENT, UNSENT, FOUND)
    assert asked.problems == (Problem(code="not-sent", text="This machine could not connect to 10.0.0.20 port 80."),)
    assert asked.phone.observations == (UNSENT, UNSENT, FOUND)


def test_a_walk_for_which_there_was_no_time() -> None:
    asked = walked(FOUND, CannotTest("max-time", "It is over."), max_time=60)
    assert asked.is_cut_short
    assert asked.problems == (Problem(code="max-time", text="It is over."),)
    assert any("60 s" in step.summary for step in asked.phone.steps)


@pytest.mark.parametrize(("refusals", "walks"), [(0, 1), (1, 2), (99, _MOST_WALKS + 1)])
def test_a_server_that_refused_beside_others_is_asked_again(refusals: int, walks: int) -> None:
    hosts = Hosts(2)
    hosts.enter_when_free("10.0.0.20")
    left = [refusals]
    count = []

    def once() -> Connect:
        count.append(1)
        left[0] -= 1
        return Connect(time=1, server="10.0.0.20", port=80, outcome="open")

    note = hosts.note_walk
    hosts.note_walk = lambda seen, crowded: "10.0.0.20" if left[0] >= 0 else note(seen, crowded)  # type: ignore[method-assign]
    walked(once, hosts=hosts)
    assert len(count) == walks
    left[0] = 99
    walked(once, CannotTest("max-time", "It is over."), hosts=hosts)
    assert len(count) == walks + 1  # there is no time for another one


@pytest.mark.parametrize(
    ("until", "max_time", "end"), [(None, None, None), (None, 5.0, 1005.0), (130.0, 5.0, 1010.0), (110.0, None, 1000.0)]
)
def test_when_a_walk_has_to_end(until: float | None, max_time: float | None, end: float | None) -> None:
    """By its own clock, which a walk over what was heard has: with the run, else after the time of one target."""
    run: Any = SimpleNamespace(until=until, max_time=max_time, monotonic=lambda: 120.0)
    own: Any = SimpleNamespace(monotonic=lambda: 1000.0)
    assert _walk_deadline(run, own) == end


def test_a_walk_ends_after_the_time_of_one_target_by_its_own_clock() -> None:
    ends: list[float | None] = []

    def observe(context: Context) -> Iterator[Observation | Problem]:
        ends.append(context.until)
        yield FOUND

    heard: Any = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: 7, monotonic=lambda: 1000.0), known_files=lambda files: files
    )
    for max_time in (None, 60.0):
        context = Context(max_time=max_time)
        asked = Question(target=Target(line=1), name=None, setting=DiagnosisOptions(), context=context, observe=observe)
        found = walk_heard(asked, Hosts(2), heard, None)
        assert found is not None
        assert (found.started, found.finished) == (7, 7)
    assert ends == [None, 1060.0]


@pytest.mark.parametrize(
    ("crowded", "again", "counts"), [(None, "10.0.0.20", True), (set(), None, True), (set(), "10.0.0.20", False)]
)
def test_what_was_heard_counts_unless_the_server_is_to_be_asked_again(
    crowded: set[str] | None, again: str | None, counts: bool
) -> None:
    """Where nothing is to be learnt of the servers, none is."""
    noted = []
    hosts = Hosts(2)
    hosts.note_walk = lambda seen, crowded: noted.append((list(seen), crowded)) or again  # type: ignore[func-returns-value, method-assign]
    heard: Any = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: 7, monotonic=lambda: 1000.0), known_files=lambda files: files
    )
    asked = Question(
        target=Target(line=1),
        name=None,
        setting=DiagnosisOptions(),
        context=Context(),
        observe=lambda context: iter([FOUND]),
    )
    assert (walk_heard(asked, hosts, heard, crowded) is not None) is counts
    assert noted == ([] if crowded is None else [([FOUND], crowded)])
