"""``ucdiag check-dhcp``."""

from ucdiag.cli import options
from ucdiag.cli.ask_options import ask_options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.options import context_options, domain_option, mac_option, view_options
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.typed_options import typed_options
from ucdiag.cli.without_root import open_for_asking
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import lease_in_use
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import Step
from ucdiag.probe.dhcp_check import DhcpQueryOptions, find_leases, observe_dhcp
from ucdiag.runtime.context import Context
from ucdiag.runtime.whole_run import in_time


@options.command("check-dhcp")
@ask_options
@mac_option
@domain_option
@context_options
@view_options
@bundle_options
def check_dhcp(
    context: Context,
    mac: str,
    interface: str | None,
    query: DhcpQueryOptions | None,
    domain: str | None,
    view: ViewOptions,
) -> int:
    """Report which DNS domain DHCP hands out: to this machine, and with --ask to a phone.

    The phone builds the name of its update server from option 15 of its lease. This machine's own lease is read
    from wherever its DHCP client keeps it. With --ask, DHCP servers are asked as the phone asks, from the phone's
    MAC address, and every offer is collected for as long as --timeout says; no offer is taken. That needs root.
    Where the switch allows one MAC address a port, asking as another one may block the port. --relay asks one server
    for the phones' subnet from elsewhere, as their router does.

    \b
    Examples:
      ucdiag check-dhcp
      sudo ucdiag check-dhcp --ask --mac 00:04:f2:aa:bb:cc
      sudo ucdiag check-dhcp --ask --interface eth0 --vlan 20 --domain contoso.com
      sudo ucdiag check-dhcp --ask --relay 10.0.20.1/10.0.0.5
    """
    found = find_leases(context, interface)
    query = open_for_asking(query, lease_in_use(found.leases), view, None)
    return run(
        "check-dhcp",
        source=Source(kind="active", name=interface),
        setting=DiagnosisOptions(
            phone=Phone(mac=mac),
            tested=frozenset({Step.DHCP}),
            domain=domain,
            domain_from="--domain" if domain else None,
            expected_domain=domain,
            command="check-dhcp",
            typed=typed_options(),
        ),
        observations=in_time(context, observe_dhcp(context, mac, found, domain, query)),
        view=view,
        context=context,
    )


# The name by which the list of commands finds it.
command = check_dhcp
