"""``ucdiag check-dhcp``."""

import click

from ucdiag.cli import options
from ucdiag.cli.options import ask_options, context_options, domain_option, mac_option, view_options
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import Step
from ucdiag.probe.dhcp_check import DhcpQueryOptions, observe_dhcp
from ucdiag.runtime.context import Context


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
    query = DhcpQueryOptions(interface=interface, vlan=vlan) if ask else None
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
        observations=observe_dhcp(context, mac, interface, domain, query),
        view=view,
        context=context,
    )


# The name by which the list of commands finds it.
command = check_dhcp
