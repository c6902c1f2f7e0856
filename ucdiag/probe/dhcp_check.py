"""What ``check-dhcp`` observes: this machine's leases, the DHCP servers' offers, and which domain has the record."""

import sys
from collections.abc import Iterator
from dataclasses import replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Dhcp, Lease, Observation
from ucdiag.model.report import Problem
from ucdiag.probe.dhcp_message import Relay
from ucdiag.probe.domain_comparison import OfferedDomains, look_up_records
from ucdiag.probe.doors import Doors
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.privileges import elevated_command, quoted_word


@record(frozen=True, slots=True, kw_only=True)
class DhcpQueryOptions:
    """How to ask the DHCP servers; ``interface`` ``None`` is that of the lease in use. ``relay``: as a relay does.

    ``doors`` are what root opened for it, before its rights were given up.
    """

    interface: str | None = None
    vlan: int | None = None
    relay: Relay | None = None
    doors: Doors | None = None


@record(frozen=True, slots=True, kw_only=True)
class MachineLeases:
    """The leases of ``interface`` (``None``: all), and what could not be read of them."""

    interface: str | None
    leases: tuple[Lease, ...]
    problems: tuple[Problem, ...]


def find_leases(context: Context, interface: str | None) -> MachineLeases:
    """What the machine knows."""
    from ucdiag.leases import machine_leases

    leases, problems = machine_leases(context, interface=interface)
    return MachineLeases(interface=interface, leases=tuple(leases), problems=tuple(problems))


def observe_dhcp(
    context: Context, mac: str, found: MachineLeases, domain: str | None, query: DhcpQueryOptions | None
) -> Iterator[Observation | Problem]:
    """The leases that were found, what DHCP servers offer if asked, which domain has the record.

    ``domain`` is one more to compare, ``mac`` the phone's. Without a query and without a lease a problem says so.
    """
    from ucdiag.leases import dhcp_domain, nameservers

    leases = found.leases
    yield from leases
    yield from found.problems
    chosen = dhcp_domain(leases)
    leased = chosen is not None and chosen.authority == "dhcp"
    offered = OfferedDomains()
    if query is not None:
        own = chosen if leased else None
        for observation in ask_dhcp(context, mac, query, own, "check-dhcp"):
            yield observation
            if isinstance(observation, Dhcp):
                offered.add_answer(observation)
    elif not leased:
        yield _no_lease(found.interface)
    if chosen is not None:
        offered.add_domain(chosen.domain, chosen.resolvers)
    offered.add_domain(domain)
    yield from look_up_records(context, offered, nameservers(leases))


def ask_dhcp(
    context: Context, mac: str, query: DhcpQueryOptions, lease: Lease | None, command: str
) -> Iterator[Observation | Problem]:
    """The DHCP servers' answers; ``lease`` is this machine's: its interface, or server, where the query names none."""
    from ucdiag.probe.dhcp import query_servers
    from ucdiag.probe.dhcp_relay import query_as_relay

    relay = query.relay
    interface = lease.interface if lease is not None else None
    try:
        if relay is not None:
            server = relay.server or (lease.server if lease is not None else None)
            yield from query_as_relay(
                context, replace(relay, server=server), mac=mac, command=command, doors=query.doors
            )
            return
        yield from query_servers(
            context,
            mac=mac,
            interface=query.interface or interface,
            vlan=query.vlan,
            doors=query.doors,
            command=command,
        )
    except CannotTest as cannot:
        yield Problem(code=cannot.code, text=cannot.text)


def _no_lease(interface: str | None) -> Problem:
    where = f"for {interface}" if interface is not None else "on this machine"
    command = elevated_command(
        "check-dhcp --ask" + (f" --interface {quoted_word(interface)}" if interface is not None else "")
    )
    how = f"with administrator's rights: {command}" if sys.platform == "win32" else f"with {command}"
    return Problem(code="no-lease", text=f"No DHCP lease in use was found {where}: ask a DHCP server {how}")
