"""What is asked where all is as usual: known ahead, so that one loop can ask it for many at the same time.

It is what the walk asks. Where an answer is another one than it goes on with, the walk itself decides what comes next.
"""

from collections.abc import Callable
from dataclasses import replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.urls import is_address
from ucdiag.model.vocabulary import Purpose
from ucdiag.probe.plan import Plan, UpdateTarget, request_for, targets_of
from ucdiag.runtime.context import Context, Endpoint, canonical_host
from ucdiag.update_service.request import host_header, to_bytes


@record(frozen=True, slots=True, kw_only=True)
class UsualPosts:
    """Requests in clear to one address, each on a connection of its own that goes to ``endpoint``."""

    address: str
    port: int
    endpoint: Endpoint
    requests: Callable[[], tuple[bytes, ...]]


@record(frozen=True, slots=True, kw_only=True)
class UsualNames:
    """Questions to nameservers, one after the other: name, type, purpose, whom, and where it really goes.

    ``label`` is the one that no name has.
    """

    questions: tuple[tuple[str, str, Purpose, Endpoint, Endpoint], ...]
    label: str


def usual_posts(plan: Plan, context: Context) -> UsualPosts | None:
    """The requests of a plan that knows the address, and asks one port in clear."""
    server = plan.server
    if server.repeat != 1 or server.compare is not None or plan.side_checks or not plan.has_start:
        return None
    if context.proxy is not None or context.account is not None:
        return None
    targets = targets_of(plan)
    goal = targets[0]
    if len(targets) != 1 or goal.scheme != "http" or len(goal.addresses) != 1:
        return None
    address = goal.addresses[0]
    name = goal.name if goal.name != address else None
    return UsualPosts(
        address=address,
        port=goal.port,
        endpoint=context.route(address, goal.port, name),
        requests=lambda: _usual_requests(plan, goal, address),
    )


def _usual_requests(plan: Plan, goal: UpdateTarget, address: str) -> tuple[bytes, ...]:
    first = to_bytes(request_for(plan, goal))
    if plan.server.host is not None or is_address(goal.name):
        return (first,)
    by_address = replace(plan, server=replace(plan.server, host=host_header(address, goal.port, goal.scheme)))
    return first, to_bytes(request_for(by_address, goal))


def usual_names(context: Context, domain: str | None, sip_domain: str | None) -> UsualNames | None:
    """What ``check_names`` asks where every nameserver answers."""
    from ucdiag.probe.dns import impossible_label, names_of_each, names_of_one

    servers = context.nameservers
    if domain is None or not servers or len(set(servers)) != len(servers):
        return None
    label = impossible_label()
    each = names_of_each(domain, sip_domain, label)
    questions = [(*question, server, context.route(*server)) for server in servers for question in each]
    questions += [(*question, servers[0], context.route(*servers[0])) for question in names_of_one(domain, sip_domain)]
    if context.assumed and any(canonical_host(name) in context.assumed for name, *_ in questions):
        return None
    return UsualNames(questions=tuple(questions), label=label)
