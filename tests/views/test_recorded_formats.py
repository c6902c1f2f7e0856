"""The smaller formats over the scenes are those that are recorded."""

import pytest

from tests.views.formats import FORMATS, made, recorded
from tests.views.scenes import SCENES

RECORDED = recorded()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("format_", FORMATS)
def test_a_format_is_the_one_that_is_recorded(format_: str, scene: str) -> None:
    held = RECORDED[f"{format_}: {scene}"]
    assert made(format_, scene).rstrip("\n") == held.rstrip("\n"), "meant? then: python -m tests.views.formats"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == [f"{format_}: {scene}" for format_ in FORMATS for scene in SCENES]
