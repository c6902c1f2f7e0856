"""The parts of a text report of one broken phone that are shown, so that it fits a terminal; ``-v`` shows all."""

import io
from collections.abc import Callable, Iterator

from ucdiag.model.fast_dataclass import record, replace
from ucdiag.views.output_target import Screen

LINES, COLUMNS = 23, 80  # of a terminal of 24 lines, the prompt has the last; a narrower one says as much


@record(frozen=True, slots=True, kw_only=True)
class Density:
    """The parts that are shown, in the order in which they are left out."""

    #: Commands that do the same as one before.
    alternatives: bool = True
    #: Names, URLs and chains beside the steps.
    beside: bool = True
    #: Each step that passed in a line of its own.
    passed: bool = True
    #: More than the first place where commands are run.
    every_place: bool = True
    #: Findings and problems that do not decide, at their full length.
    others: bool = True
    #: How many sentences of the advice.
    sentences: int | None = None
    commands: bool = True


ALL = Density()
_DECIDES = Density(alternatives=False, beside=False, passed=False, every_place=False, others=False)
LEVELS = (
    ALL,
    Density(alternatives=False),
    Density(beside=False),
    Density(alternatives=False, beside=False),
    Density(beside=False, passed=False),
    Density(alternatives=False, beside=False, passed=False),
    replace(_DECIDES, others=True),
    _DECIDES,
    *(replace(_DECIDES, sentences=count) for count in (4, 3, 2, 1)),
    replace(_DECIDES, others=True, commands=False),
    *(replace(_DECIDES, sentences=count, commands=False) for count in (None, 2, 1)),
)


def fitting_density(screen: Screen, write: Callable[[Screen, Density], None]) -> Density:
    """The first of ``LEVELS`` with which the output of ``write`` fits the screen; the last if none fits."""
    width = max(screen.width, COLUMNS)
    for density in LEVELS[:-1]:
        stream = io.StringIO()
        trial = Screen(stream=stream, unicode=screen.unicode, width=width, ladder=screen.ladder)
        write(trial, density)
        if sum(_row_counts(stream.getvalue(), width)) <= LINES:
            return density
    return LEVELS[-1]


def _row_counts(text: str, width: int) -> Iterator[int]:
    """The number of rows of each line: commands to paste may be longer than the terminal is wide."""
    for line in text.splitlines():
        yield max(1, -(-len(line) // width))
