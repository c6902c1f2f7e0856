"""What the judge says of some stories when one field of one fact has another value.

``python -m tests.diagnosis.changed_facts`` writes ``changed_facts.txt`` anew; read the difference before you commit it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.diagnosis.recorded_stories import ACTIVE, CAPTURED
from tests.diagnosis.story import Story
from tests.recorded_texts import read_texts, write_cases
from tests.views.facts import changed
from ucdiag.diagnosis.engine import Engine
from ucdiag.model.observations import Observation

FILE = Path(__file__).with_name("changed_facts.txt")
_OF_ACTIVE = (
    "update arrives",
    "legacy only",
    "SHA-2 chain",
    "one of two addresses refuses",
    "lease without domain",
    "two DHCP servers, two domains",
)
_OF_CAPTURES = ("update arrives", "half of the file is fetched")

STORIES: dict[str, Story] = {
    **{f"active: {name}": ACTIVE[name][0] for name in _OF_ACTIVE if name in ACTIVE},
    **{f"capture: {name}": CAPTURED[name][0] for name in _OF_CAPTURES if name in CAPTURED},
}


def judged(story: Story, facts: Sequence[Observation]) -> str:
    """The verdict in words, and the codes that are found."""
    engine = Engine(story.setting)
    for fact in facts:
        engine.feed(fact)
    report = engine.finish(story.time)
    verdict = report.verdict
    codes = ", ".join(sorted(f"{finding.level.value[0]} {finding.code}" for finding in report.findings)) or "-"
    return f"{verdict.status.value} {verdict.step.value if verdict.step else '-'} [{codes}] {verdict.summary}"


def text_of(name: str) -> str:
    """Each judgement, and the changes that lead to it."""
    story = STORIES[name]
    story.report()  # a story may end with a wait
    found: dict[str, list[str]] = {judged(story, story.fed): ["as it is"]}
    for at, fact in enumerate(story.fed):
        before, after = story.fed[:at], story.fed[at + 1 :]
        kind = f"{type(fact).__name__} {at + 1}"
        found.setdefault(judged(story, [*before, *after]), []).append(f"without {kind}")
        for what, other in changed(fact):
            found.setdefault(judged(story, [*before, other, *after]), []).append(f"{kind} {what}")
    usual = next(iter(found))
    return "\n".join(
        f"{said}\n  <- {'all else' if said == usual else ' | '.join(those)}" for said, those in found.items()
    )


CASES: dict[str, Callable[[], str]] = {name: lambda name=name: text_of(name) for name in STORIES}  # type: ignore[misc]


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
