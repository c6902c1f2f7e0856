"""Which of the domains that DHCP hands out has the update service's records: the comparison that shows a wrong one."""

from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Dhcp, Observation, offers_address
from ucdiag.model.urls import is_address, usable_resolvers
from ucdiag.runtime.context import Context, Endpoint
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL, domain_flaw, plain_name

MOST_DOMAINS = 4
_MOST_RESOLVERS = 2


@record(slots=True)
class OfferedDomains:
    """Domains in the order in which DHCP gave them, each with the resolvers that came with it."""

    domains: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add_domain(self, domain: str | None, resolvers: Iterable[str] = ()) -> None:
        """One more, unless no record could be in it."""
        if domain is not None and domain_flaw(domain) is None:
            self.domains.setdefault(plain_name(domain), usable_resolvers(resolvers))

    def add_answer(self, answer: Dhcp) -> None:
        """What a DHCP server gave, or offered with an address."""
        if answer.type == "ack" or offers_address(answer):
            self.add_domain(answer.domain, answer.resolvers)


def look_up_records(
    context: Context, offered: OfferedDomains, system: tuple[Endpoint, ...], known: str | None = None
) -> Iterator[Observation]:
    """The lookups of both names in each domain; ``known`` is one that is looked up anyway, and left out here.

    Each domain is asked of the resolvers that came with it, else of ``system``, unless the context names others.
    """
    domains = [domain for domain in list(offered.domains)[:MOST_DOMAINS] if domain != known]
    if not domains:
        return
    from ucdiag.probe.dns import Resolver

    for domain in domains:
        resolvers = [address for address in offered.domains[domain][:_MOST_RESOLVERS] if is_address(address)]
        servers = context.nameservers or tuple((address, 53) for address in resolvers) or system
        if servers:
            resolver = Resolver(replace(context, nameservers=servers))
            lookup = resolver.resolve(f"{R2_LABEL}.{domain}", purpose="other")
            yield lookup
            if lookup.rcode is not None:  # who does not answer is not waited for twice
                yield resolver.resolve(f"{LEGACY_LABEL}.{domain}", purpose="other")
