"""What is said of a machine, on each system, is what is recorded."""

from itertools import product

from tests.in_parts import in_parts
from tests.probe.machine_texts import SITUATIONS, SYSTEMS, made, recorded

RECORDED = recorded()


@in_parts("system, situation", product(SYSTEMS, SITUATIONS))
def test_a_check_says_what_is_recorded(system: str, situation: str) -> None:
    held = RECORDED.get(f"{system}: {situation}", RECORDED[f"linux: {situation}"])
    assert made(system, situation) == held, "meant? then: python -m tests.probe.machine_texts"


def test_nothing_else_is_recorded() -> None:
    assert {head.partition(": ")[2] for head in RECORDED} == set(SITUATIONS)
