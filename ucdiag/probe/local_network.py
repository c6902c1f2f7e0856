"""What this machine knows of the network that it shares with the phones: DHCP domain, leases, nameservers."""

from collections.abc import Iterator
from dataclasses import replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lease, Observation
from ucdiag.model.report import Problem
from ucdiag.model.text import listed
from ucdiag.model.urls import is_loopback
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.update_service.names import domain_flaw, plain_name

# Where the domain comes from when the user named it.
FROM_USER = "--domain"
_MOST_NAMED = 5


@record(frozen=True, slots=True, kw_only=True)
class LocalNetwork:
    """The DHCP domain to work with, and whom to ask."""

    domain: str | None
    #: ``--domain``, or the provenance of the lease that has the domain.
    domain_from: str | None
    #: With the nameservers to ask.
    context: Context
    leases: tuple[Lease, ...] = ()
    #: What could not be read of the leases.
    problems: tuple[Problem, ...] = ()
    #: Whether the user named the nameservers.
    nameservers_given: bool = False

    def observations(self) -> Iterator[Observation | Problem]:
        """What the machine knows, for the engine; and what could not be read, unless the domain was given."""
        yield from self.leases
        if self.domain_from != FROM_USER:
            yield from self.problems


def find_local_network(context: Context, domain: str | None, interface: str | None = None) -> LocalNetwork:
    """``--domain``, else what this machine's lease or resolver says; ``-n``, else this machine's nameservers."""
    from ucdiag.leases import dhcp_domain, machine_leases, nameservers

    leases, problems = machine_leases(context, interface=interface)
    chosen = dhcp_domain(leases)
    origin = FROM_USER if domain else None
    if domain is None and chosen is not None and chosen.domain and domain_flaw(chosen.domain) is None:
        domain, origin = plain_name(chosen.domain), chosen.provenance
    given = bool(context.nameservers)
    if not given:
        found = nameservers(leases)
        own = frozenset(address for address, _ in found if is_loopback(address))
        context = replace(context, nameservers=found, own_resolvers=own)
    return LocalNetwork(
        domain=domain,
        domain_from=origin,
        context=context,
        leases=tuple(leases),
        problems=tuple(problems),
        nameservers_given=given,
    )


def no_domain() -> Problem:
    """The user named no domain, and the machine knows none."""
    text = "No DHCP domain is known to this machine: give the phone's with --domain NAME."
    return Problem(code="no-domain", text=text)


def no_nameserver() -> CannotTest:
    """The user named no nameserver, and the machine has none."""
    return CannotTest("no-nameserver", "No nameserver is known: name one with --nameserver ADDRESS.")


def unused_routes(context: Context) -> Iterator[Problem]:
    """--connect-to entries that no connection used (a typo, or the walk stopped earlier)."""
    unused = [f"{host} port {port}" for host, port in context.unused_routes()]
    if len(unused) > _MOST_NAMED:
        unused[_MOST_NAMED:] = [f"{len(unused) - _MOST_NAMED} more"]
    if unused:
        text = (
            f"--connect-to was never used for {listed(unused)}, because this run tried no such connection: it goes by "
            "the name or the address that a connection is meant for, and by its port."
        )
        yield Problem(code="connect-to-unused", text=text)
