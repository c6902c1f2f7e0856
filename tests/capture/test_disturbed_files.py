"""Of a file that is damaged what is recorded is read, and said, in every format."""

from tests.capture.disturbed_files import CASES, made, recorded
from tests.in_parts import in_parts

RECORDED = recorded()


@in_parts("form, kind", CASES)
def test_what_is_read_of_it_is_recorded(form: str, kind: str) -> None:
    held = RECORDED.get(f"{form}: {kind}")
    assert made(form, kind) == held, "meant? then: python -m tests.capture.disturbed_files"


def test_nothing_else_is_recorded() -> None:
    assert set(RECORDED) == {f"{form}: {kind}" for form, kind in CASES}
