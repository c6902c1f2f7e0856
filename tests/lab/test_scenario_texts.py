"""Every scenario is the one that is recorded: its texts, its site, its check and what it expects."""

from tests.in_parts import in_parts
from tests.lab.scenario_texts import TEXTS, recorded

RECORDED = recorded()


@in_parts("name", TEXTS)
def test_a_scenario_is_the_one_that_is_recorded(name: str) -> None:
    assert TEXTS[name] == RECORDED.get(name), "meant? then: python -m tests.lab.scenario_texts"


def test_no_scenario_that_is_gone_is_recorded() -> None:
    assert list(RECORDED) == list(TEXTS)
