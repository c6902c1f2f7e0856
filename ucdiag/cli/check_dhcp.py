"""``ucdiag check-dhcp``."""

from collections.abc import Iterator
from dataclasses import replace

import click

from ucdiag.cli import options
from ucdiag.cli.options import ask_options, context_options, domain_option, mac_option, view_options
from ucdiag.cli.run import ViewOptions, run
from ucdiag.engine.setting import Setting
from ucdiag.engine.words import R2_LABEL, domain_flaw
from ucdiag.model.observations import Dhcp, Lease, Observation
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem, Source
from ucdiag.model.steps import Step
from ucdiag.sources.context import CannotTest, Context

_MOST_DOMAINS = 4


@options.command("check-dhcp")
@ask_options
@mac_option
@domain_option
@context_options
@view_options
def check_dhcp(
    context: Context,
    ask: bool,
    mac: str,
    interface: str | None,
    vlan: int | None,
    domain: str | None,
    view: ViewOptions,
) -> int:
    """Tell which DNS domain DHCP hands out: to this machine, and with --ask to a phone.

    The phone builds the name of its update server from option 15 of its lease. This machine's own lease is read
    from wherever its DHCP client keeps it. With --ask, DHCP servers are asked as the phone asks, from the phone's
    MAC address, and every offer is collected for as long as --timeout says; no offer is taken. That needs root.
    Where the switch allows one MAC address a port, asking as another one may block the port.

    \b
    Examples:
      ucdiag check-dhcp
      sudo ucdiag check-dhcp --ask --mac 00:04:f2:aa:bb:cc
      sudo ucdiag check-dhcp --ask --interface eth0 --vlan 20 --domain contoso.com
    """
    if vlan is not None and not ask:
        raise click.UsageError("--vlan goes with --ask: it is the VLAN to ask in.")
    return run(
        "check-dhcp",
        source=Source(kind="active", name=interface),
        setting=Setting(
            phone=Phone(mac=mac),
            tested=frozenset({Step.DHCP}),
            domain=domain,
            domain_from="--domain" if domain else None,
            expected_domain=domain,
        ),
        observations=_observe(context, ask, mac, interface, vlan, domain),
        view=view,
        context=context,
    )


def _observe(
    context: Context, asking: bool, mac: str, interface: str | None, vlan: int | None, domain: str | None
) -> Iterator[Observation | Problem]:
    from ucdiag.sources.leases import dhcp_domain, machine_leases, nameservers

    leases, problems = machine_leases(context, interface=interface)
    yield from leases
    yield from problems
    chosen = dhcp_domain(leases)
    # Where each domain was told, and the resolvers that came with it: the record is looked for there.
    told: dict[str, tuple[str, ...]] = {}
    if asking:
        from ucdiag.sources.ask import ask

        if interface is None and chosen is not None and chosen.authority == "dhcp":
            interface = chosen.interface
        try:
            for each in ask(context, mac=mac, interface=interface, vlan=vlan):
                yield each
                if isinstance(each, Dhcp) and each.domain and each.type in ("offer", "ack"):
                    told.setdefault(each.domain, each.resolvers)
        except CannotTest as cannot:
            yield Problem(code=cannot.code, text=cannot.text)
    elif chosen is None or chosen.authority != "dhcp":
        yield Problem(
            code="no-lease",
            text="No DHCP lease in use was found on this machine: ask a DHCP server with sudo ucdiag check-dhcp --ask",
        )
    if isinstance(chosen, Lease) and chosen.domain:
        told.setdefault(chosen.domain, chosen.resolvers)
    if domain:
        told.setdefault(domain, ())
    yield from _records(context, told, nameservers(leases))


def _records(
    context: Context, told: dict[str, tuple[str, ...]], system: tuple[tuple[str, int], ...]
) -> Iterator[Observation | Problem]:
    """Which of the domains has the record. It is told, and judged by ``check-dns``."""
    domains: dict[str, tuple[str, ...]] = {}
    for name, resolvers in told.items():
        if domain_flaw(name) is None:
            domains.setdefault(name.rstrip(".").lower(), resolvers)
    if not domains:
        return
    from ucdiag.sources.dns import Resolver, is_address

    for name, resolvers in list(domains.items())[:_MOST_DOMAINS]:
        own = tuple((each, 53) for each in resolvers[:2] if is_address(each))
        servers = context.nameservers or own or system
        if servers:
            resolver = Resolver(replace(context, nameservers=servers))
            yield resolver.resolve(f"{R2_LABEL}.{name}", purpose="other")


# The name by which the list of commands finds it.
command = check_dhcp
