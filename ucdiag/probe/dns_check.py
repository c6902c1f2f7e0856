"""What ``check-dns`` observes: this machine's leases, and the update service's names in the DHCP domain."""

from collections.abc import Iterator

from ucdiag.model.observations import Observation
from ucdiag.model.report import Problem
from ucdiag.probe.local_network import LocalNetwork, no_domain, no_nameserver, unused_routes


def observe_names(network: LocalNetwork, sip_domain: str | None) -> Iterator[Observation | Problem]:
    """The leases, and the update service's names at each nameserver. Raises CannotTest without a nameserver."""
    yield from network.observations()
    if network.domain is None:
        yield no_domain()
        return
    from ucdiag.probe.dns import check_names

    if not network.context.nameservers:
        raise no_nameserver()
    yield from check_names(network.context, network.domain, sip_domain)
    yield from unused_routes(network.context)
