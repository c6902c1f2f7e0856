"""Work on hundreds of things, shared with a second process."""

import marshal
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ucdiag.runtime.forked_worker import ForkedWorker, Tell

_Thing = TypeVar("_Thing")


def each(work: Callable[[_Thing], Any], things: Sequence[_Thing]) -> list[Any]:
    """``work`` of each thing, in their order. What it returns has to be something that ``marshal`` takes.

    The second half is worked on by a copy of this process. What that one does not come to, this one does, so that
    what ``work`` raises, it raises here.
    """
    middle = len(things) // 2

    def second(tell: Tell) -> None:
        # Told at the end, since nobody listens before; and kept as short as it can be.
        for made in [marshal.dumps(work(thing)) for thing in things[middle:]]:
            tell(made)

    with ForkedWorker(second) as twin:
        done = [work(thing) for thing in things[:middle]]
        done += map(marshal.loads, twin.told())
    return done + [work(thing) for thing in things[len(done) :]]
