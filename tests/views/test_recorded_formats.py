"""The smaller formats over the scenes are those that are recorded."""

from itertools import product

from tests.in_parts import in_parts
from tests.views.formats import FORMATS, made, recorded
from tests.views.scenes import SCENES

RECORDED = recorded()


@in_parts("format_, scene", product(FORMATS, SCENES))
def test_a_format_is_the_one_that_is_recorded(format_: str, scene: str) -> None:
    held = RECORDED[f"{format_}: {scene}"]
    assert made(format_, scene).rstrip("\n") == held.rstrip("\n"), "meant? then: python -m tests.views.formats"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == [f"{format_}: {scene}" for format_ in FORMATS for scene in SCENES]
