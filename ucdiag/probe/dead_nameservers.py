"""Nameservers that die in the middle of a run: what they leave unanswered says nothing of the names.

Silence alone does not show it: a nameserver may well be silent for a name that it has to ask others for. So it is asked
once more what it has answered.
"""

from collections.abc import Iterable, Iterator

from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest, Context, Endpoint

_SILENT = ("no_answer", "unreachable")


def with_dead_nameservers(ctx: Context, items: Iterable[Observation | Problem]) -> Iterator[Observation | Problem]:
    """The items, and at their end (which may be early) a problem for each nameserver that answers no more."""
    answered: dict[Endpoint, list[Lookup]] = {}
    silent: dict[Endpoint, list[Lookup]] = {}
    try:
        for item in items:
            yield item
            if isinstance(item, Lookup) and item.server and not item.assumed:
                server = item.server, item.server_port or 53
                if item.rcode is not None:
                    answered.setdefault(server, []).append(item)
                    silent.pop(server, None)
                elif item.failure in _SILENT and server in answered:
                    silent.setdefault(server, []).append(item)
    except CannotTest:
        yield from _dead_nameserver_problems(ctx, answered, silent)
        raise
    yield from _dead_nameserver_problems(ctx, answered, silent)


def _dead_nameserver_problems(
    ctx: Context, answered: dict[Endpoint, list[Lookup]], silent: dict[Endpoint, list[Lookup]]
) -> Iterator[Problem]:
    if not silent:
        return
    from ucdiag.probe.dns import Resolver

    for server, unanswered in silent.items():
        known = answered[server][0]
        try:
            again = Resolver(ctx).ask_nameserver(known.name, known.type, server)
        except CannotTest:
            return  # nothing can be asked any more, so nothing is known
        if again.rcode is not None or again.failure not in _SILENT or ctx.is_over:
            continue
        port = f" port {server[1]}" if server[1] != 53 else ""
        count = len(answered[server])
        text = (
            f"The nameserver {server[0]}{port} answered {count} question{'s' * (count > 1)} and then no more, from the "
            f"one for {unanswered[0].name} on, and not even the first one again: it stopped, or it limits how often it "
            "may be asked. What it left unanswered says nothing of the names."
        )
        yield Problem(code="nameserver-stopped", text=text)
