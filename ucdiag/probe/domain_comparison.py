"""The comparison that matters: each domain that was told, and which of them has the record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ucdiag.diagnosis.steps.dhcp import offers_address, usable_resolvers
from ucdiag.model.observations import Dhcp, Observation
from ucdiag.runtime.context import Context
from ucdiag.update_service.names import R2_LABEL, domain_flaw

MOST_DOMAINS = 4
_MOST_RESOLVERS = 2


@dataclass(slots=True)
class OfferedDomains:
    """Domains in the order in which they were told, each with the resolvers that came with it."""

    domains: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, domain: str | None, resolvers: Iterable[str] = ()) -> None:
        """One more, unless no record could be in it."""
        if domain is not None and domain_flaw(domain) is None:
            self.domains.setdefault(domain.rstrip(".").lower(), usable_resolvers(resolvers))

    def answer(self, answer: Dhcp) -> None:
        """What a DHCP server said."""
        if answer.type == "ack" or offers_address(answer):
            self.add(answer.domain, answer.resolvers)


def records(
    context: Context, told: OfferedDomains, system: tuple[tuple[str, int], ...], known: str | None = None
) -> Iterator[Observation]:
    """Which of the domains has the record: told, and not judged. ``known`` is one that is asked for anyway.

    Each is asked of the resolvers that came with it, else of ``system``, unless the context names others.
    """
    asked = [each for each in list(told.domains)[:MOST_DOMAINS] if each != known]
    if not asked:
        return
    from ucdiag.probe.dns import Resolver, is_address

    for name in asked:
        own = tuple((each, 53) for each in told.domains[name][:_MOST_RESOLVERS] if is_address(each))
        servers = context.nameservers or own or system
        if servers:
            yield Resolver(replace(context, nameservers=servers)).resolve(f"{R2_LABEL}.{name}", purpose="other")
