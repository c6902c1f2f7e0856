"""From options to a walk along the path: what ``check``, ``probe`` and ``lab`` share."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import click

from ucdiag.cli.exit_codes import UNKNOWN, WHOLE
from ucdiag.cli.output import bytes_of, need_standard_output
from ucdiag.cli.server_options import LocalNetwork, no_domain, unused_places
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import is_external
from ucdiag.diagnosis.steps.dhcp import usable_resolvers
from ucdiag.model.observations import Dhcp, Lease, Observation
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem
from ucdiag.model.steps import Step
from ucdiag.probe.domain_comparison import OfferedDomains, records
from ucdiag.probe.path import Plan, UpdateTarget, goals_of, request_for, walk
from ucdiag.runtime.context import CannotTest
from ucdiag.update_service.names import domain_flaw


def make_plan(
    phone: Phone, domain: str | None, sip_domain: str | None, server: dict[str, Any], all_names: bool = False
) -> Plan:
    """The plan for the options; a request that cannot be built is a wrong use, said before anything is sent."""
    context = click.get_current_context()

    def chosen(name: str) -> str | None:
        default = context.get_parameter_source(name) is click.core.ParameterSource.DEFAULT
        return None if default else str(getattr(phone, name))

    plan = Plan(
        phone=phone,
        domain=domain,
        sip_domain=sip_domain,
        mac=chosen("mac"),
        serial=chosen("serial"),
        all_names=all_names,
        **server,
    )
    known = plan.domain is not None or plan.url is not None or plan.address is not None
    # A DHCP server may still tell the domain; what is wrong with the request is wrong in any.
    trial = plan if known else replace(plan, domain="contoso.example")
    try:
        for goal in goals_of(trial):
            request_for(trial, goal)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return plan


def setting_for(
    plan: Plan, home: LocalNetwork, tested: frozenset[Step], expected_domain: str | None
) -> DiagnosisOptions:
    """What the engine has to know of the plan."""
    return DiagnosisOptions(
        phone=plan.phone,
        tested=tested,
        external=plan.external or is_external(plan.path),
        whole_file=plan.download and plan.limit is None,
        domain=plan.domain,
        domain_from=home.domain_from,
        expected_domain=expected_domain,
        sip_domain=plan.sip_domain,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DhcpQueryOptions:
    """How to ask the DHCP servers."""

    interface: str | None = None
    vlan: int | None = None


def observe(home: LocalNetwork, plan: Plan, asking: DhcpQueryOptions | None) -> Iterator[Observation | Problem]:
    """The machine's leases, what DHCP servers offer the phone if they are asked, which domain has the record; the walk.

    The record is looked for in every domain that DHCP told, so that the one which was walked can be compared.
    """
    yield from home.observations()
    offers: list[Dhcp] = []
    told = OfferedDomains()
    if asking is not None:
        for each in _ask(home, plan, asking):
            yield each
            if isinstance(each, Dhcp):
                told.answer(each)
                if each.type == "offer":
                    offers.append(each)
    own = _lease_in_use(home)
    if own is not None:
        told.add(own.domain, own.resolvers)
    system, given = home.context.nameservers, home.nameservers_given
    if offers:
        home, plan = _as_offered(home, plan, offers)
    walked = plan.domain if plan.url is None and plan.address is None else None
    if walked is not None or asking is not None:
        context = home.context if given else replace(home.context, nameservers=())
        yield from records(context, told, system, known=walked)
    if plan.domain is None and offers and plan.url is None and plan.address is None:
        return  # the offers were judged: that no name follows from them is no news
    yield from walk_known(home, plan)


def _lease_in_use(home: LocalNetwork) -> Lease | None:
    return next((lease for lease in home.leases if lease.chosen and lease.authority == "dhcp"), None)


def _ask(home: LocalNetwork, plan: Plan, asking: DhcpQueryOptions) -> Iterator[Observation | Problem]:
    from ucdiag.probe.dhcp import ask

    own = _lease_in_use(home)
    interface = asking.interface or (own.interface if own is not None else None)
    try:
        yield from ask(home.context, mac=plan.phone.mac, interface=interface, vlan=asking.vlan, command="check")
    except CannotTest as cannot:
        yield Problem(code=cannot.code, text=cannot.text)


def _as_offered(home: LocalNetwork, plan: Plan, offers: list[Dhcp]) -> tuple[LocalNetwork, Plan]:
    """What the phone would go on with: the offered domain and resolvers, where the user named no others.

    When no offer has a usable domain there is nothing to go on with.
    """
    from ucdiag.leases import MOST_NAMESERVERS

    offer = next((each for each in offers if each.domain and domain_flaw(each.domain) is None), None)
    if home.domain_from != "--domain":
        domain = offer.domain.rstrip(".").lower() if offer is not None and offer.domain else None
        plan = replace(plan, domain=domain)
    named = (usable_resolvers(each.resolvers) for each in (offer, *offers) if each is not None)
    resolvers = next((each for each in named if each), None)
    if resolvers is not None and not home.nameservers_given:
        # However many a server lists: each that is silent costs a wait.
        nameservers = tuple((each, 53) for each in resolvers[:MOST_NAMESERVERS])
        home = replace(home, context=replace(home.context, nameservers=nameservers))
    return home, plan


def walk_known(home: LocalNetwork, plan: Plan) -> Iterator[Observation | Problem]:
    """The walk, if it is known where to begin."""
    if plan.domain is None and plan.url is None and plan.address is None:
        yield no_domain()
        return
    yield from walk(home.context, plan)
    yield from unused_places(home.context)


def show_requests(plan: Plan) -> int:
    """Print each request exactly as it would be sent, and what there is to know of it on standard error."""
    from ucdiag.update_service.request import to_bytes

    need_standard_output()
    if plan.domain is None and plan.url is None and plan.address is None:
        click.echo(f"ucdiag: {no_domain().text}", err=True)
        return UNKNOWN
    requests = {goal: request_for(plan, goal) for goal in goals_of(plan)}
    alike: dict[bytes, list[UpdateTarget]] = {}
    for goal, request in requests.items():
        alike.setdefault(to_bytes(request), []).append(goal)
    for goals in alike.values():
        goal, request = goals[0], requests[goals[0]]
        where = goal.addresses[0] if goal.addresses else f"the address of {goal.name}"
        ports = " and ".join(f"port {each.port} ({each.scheme})" for each in goals)
        click.echo(f"# to {where}, {ports}:", err=True)
        stream = bytes_of(sys.stdout)
        stream.write(to_bytes(request))
        if not request.body.endswith(b"\n"):
            stream.write(b"\n")
        stream.flush()
        for note in request.notes:
            click.echo(f"# {note}", err=True)
    if not all(request.verified for request in requests.values()):
        click.echo(f"# {UNVERIFIED}", err=True)
    click.echo("# Nothing was sent (--dry-run).", err=True)
    return WHOLE


UNVERIFIED = (
    "The body is ucdiag's own guess (unverified): what these phones really send is published nowhere. "
    "Take a real phone's request with 'ucdiag capture --save-request FILE' and send it with --body FILE."
)
