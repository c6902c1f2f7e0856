"""What ``check`` and ``probe`` observe: the leases, the DHCP servers' offers, and the walk along the path."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ucdiag.model.observations import Dhcp, Observation, lease_in_use
from ucdiag.model.phone_classes import class_rank
from ucdiag.model.report import Problem
from ucdiag.model.urls import usable_resolvers
from ucdiag.probe.dhcp_check import DhcpQueryOptions, ask_dhcp
from ucdiag.probe.domain_comparison import OfferedDomains, look_up_records
from ucdiag.probe.local_network import FROM_USER, LocalNetwork, no_domain, unused_routes
from ucdiag.probe.path import walk_path
from ucdiag.probe.plan import Plan
from ucdiag.update_service.names import domain_flaw, plain_name


def observe_path(network: LocalNetwork, plan: Plan, query: DhcpQueryOptions | None) -> Iterator[Observation | Problem]:
    """The machine's leases, what DHCP servers offer the phone if they are asked, which domain has the record; the walk.

    The record is looked for in every domain that DHCP gave, so that the one which was walked can be compared.
    """
    yield from network.observations()
    offers: list[Dhcp] = []
    classes: dict[int | None, str | None] = {}
    offered = OfferedDomains()
    lease = lease_in_use(network.leases)
    if query is not None:
        for observation in ask_dhcp(network.context, plan.phone.mac, query, lease, "check"):
            yield observation
            if isinstance(observation, Dhcp):
                offered.add_answer(observation)
                if observation.type == "discover":
                    classes[observation.transaction] = observation.vendor_class
                elif observation.type == "offer":
                    offers.append(observation)
    if lease is not None:
        offered.add_domain(lease.domain, lease.resolvers)
    system = network.context.nameservers
    # What the phone's own vendor classes are offered counts for more than what any other client is.
    offers.sort(key=lambda offer: class_rank(classes.get(offer.transaction)))
    if offers:
        network, plan = _as_offered(network, plan, offers)
    walked = plan.domain if plan.server.needs_dns else None
    if walked is not None or query is not None:
        context = network.context if network.nameservers_given else replace(network.context, nameservers=())
        yield from look_up_records(context, offered, system, known=walked)
    if offers and not plan.has_start:
        return  # the offers were judged: that no name follows from them is no news
    services = [offer.certificate_service for offer in offers if offer.certificate_service]
    yield from observe_walk(network, plan, services)


def observe_walk(network: LocalNetwork, plan: Plan, services: Iterable[str] = ()) -> Iterator[Observation | Problem]:
    """The walk, if it is known where to begin; ``services`` are the certificate services that DHCP named."""
    if not plan.has_start:
        yield no_domain()
        return
    yield from walk_path(network.context, plan)
    yield from unused_routes(network.context)
    if plan.side_checks:
        from ucdiag.probe.side_checks import side_checks

        yield from side_checks(network.context, plan, services)


def _as_offered(network: LocalNetwork, plan: Plan, offers: list[Dhcp]) -> tuple[LocalNetwork, Plan]:
    """What the phone would go on with: the offered domain and resolvers, where the user named no others.

    When no offer has a usable domain there is nothing to go on with.
    """
    from ucdiag.leases import MOST_NAMESERVERS

    usable = next((offer for offer in offers if offer.domain and domain_flaw(offer.domain) is None), None)
    if network.domain_from != FROM_USER:
        domain = plain_name(usable.domain) if usable is not None and usable.domain else None
        plan = replace(plan, domain=domain)
    preferred = [usable, *offers] if usable is not None else offers
    resolvers = next(filter(None, (usable_resolvers(offer.resolvers) for offer in preferred)), None)
    if resolvers is not None and not network.nameservers_given:
        # However many a server lists: each that is silent costs a wait.
        nameservers = tuple((address, 53) for address in resolvers[:MOST_NAMESERVERS])
        network = replace(network, context=replace(network.context, nameservers=nameservers))
    return network, plan
