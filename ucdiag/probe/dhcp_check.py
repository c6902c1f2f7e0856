"""What ``check-dhcp`` observes: this machine's leases, the DHCP servers' offers, and which domain has the record."""

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ucdiag.model.observations import Dhcp, Observation
from ucdiag.model.report import Problem
from ucdiag.probe.domain_comparison import OfferedDomains, look_up_records
from ucdiag.runtime.context import CannotTest, Context


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpQueryOptions:
    """How to ask the DHCP servers; ``interface`` ``None`` is that of the lease in use."""

    interface: str | None = None
    vlan: int | None = None


def observe_dhcp(
    context: Context, mac: str, interface: str | None, domain: str | None, query: DhcpQueryOptions | None
) -> Iterator[Observation | Problem]:
    """The leases of ``interface`` (``None``: all), what DHCP servers offer if asked, which domain has the record.

    ``domain`` is one more to compare, ``mac`` the phone's. Without a query and without a lease a problem says so.
    """
    from ucdiag.leases import dhcp_domain, machine_leases, nameservers

    leases, problems = machine_leases(context, interface=interface)
    yield from leases
    yield from problems
    chosen = dhcp_domain(leases)
    leased = chosen is not None and chosen.authority == "dhcp"
    offered = OfferedDomains()
    if query is not None:
        own = chosen.interface if chosen is not None and leased else None
        for observation in ask_dhcp(context, mac, query, own, "check-dhcp"):
            yield observation
            if isinstance(observation, Dhcp):
                offered.add_answer(observation)
    elif not leased:
        yield _no_lease(interface)
    if chosen is not None:
        offered.add(chosen.domain, chosen.resolvers)
    offered.add(domain)
    yield from look_up_records(context, offered, nameservers(leases))


def ask_dhcp(
    context: Context, mac: str, query: DhcpQueryOptions, interface: str | None, command: str
) -> Iterator[Observation | Problem]:
    """The DHCP servers' answers; ``interface`` is where to ask when the query names none."""
    from ucdiag.probe.dhcp import query_servers

    try:
        yield from query_servers(
            context, mac=mac, interface=query.interface or interface, vlan=query.vlan, command=command
        )
    except CannotTest as cannot:
        yield Problem(code=cannot.code, text=cannot.text)


def _no_lease(interface: str | None) -> Problem:
    where = f"for {interface}" if interface is not None else "on this machine"
    command = "ucdiag check-dhcp --ask" + (f" --interface {shlex.quote(interface)}" if interface is not None else "")
    how = f"with administrator's rights: {command}" if sys.platform == "win32" else f"with sudo {command}"
    return Problem(code="no-lease", text=f"No DHCP lease in use was found {where}: ask a DHCP server {how}")
