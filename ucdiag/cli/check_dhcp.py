"""``ucdiag check-dhcp``."""

import shlex
import sys
from collections.abc import Iterator

import click

from ucdiag.cli import options
from ucdiag.cli.options import ask_options, context_options, domain_option, mac_option, view_options
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Dhcp, Observation
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem, Source
from ucdiag.model.steps import Step
from ucdiag.probe.domain_comparison import OfferedDomains, records
from ucdiag.runtime.context import CannotTest, Context


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
        setting=DiagnosisOptions(
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
    from ucdiag.leases import dhcp_domain, machine_leases, nameservers

    leases, problems = machine_leases(context, interface=interface)
    yield from leases
    yield from problems
    chosen = dhcp_domain(leases)
    leased = chosen is not None and chosen.authority == "dhcp"
    told = OfferedDomains()
    if asking:
        from ucdiag.probe.dhcp import ask

        try:
            link = interface or (chosen.interface if chosen is not None and leased else None)
            for each in ask(context, mac=mac, interface=link, vlan=vlan):
                yield each
                if isinstance(each, Dhcp):
                    told.answer(each)
        except CannotTest as cannot:
            yield Problem(code=cannot.code, text=cannot.text)
    elif not leased:
        yield _no_lease(interface)
    if chosen is not None:
        told.add(chosen.domain, chosen.resolvers)
    told.add(domain)
    yield from records(context, told, nameservers(leases))


def _no_lease(interface: str | None) -> Problem:
    where = f"for {interface}" if interface is not None else "on this machine"
    command = "ucdiag check-dhcp --ask" + (f" --interface {shlex.quote(interface)}" if interface is not None else "")
    how = f"with administrator's rights: {command}" if sys.platform == "win32" else f"with sudo {command}"
    return Problem(code="no-lease", text=f"No DHCP lease in use was found {where}: ask a DHCP server {how}")


# The name by which the list of commands finds it.
command = check_dhcp
