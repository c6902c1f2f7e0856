"""What a run observes until its time is over."""

from collections.abc import Iterable, Iterator

from ucdiag.model.observations import Observation, SideCheck
from ucdiag.model.report import Problem
from ucdiag.runtime.context import Context


def in_time(context: Context, items: Iterable[Observation | Problem]) -> Iterator[Observation | Problem]:
    """What comes until the time for the whole run is over. Raises CannotTest at that moment.

    What comes then was cut short: its silence is no silence.
    """
    for item in items:
        if not context.is_over or isinstance(item, Problem):
            yield item
        elif not isinstance(item, SideCheck):  # mere information
            context.need_time()
