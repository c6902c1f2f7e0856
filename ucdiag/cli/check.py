"""``ucdiag check``."""

import click

from ucdiag.cli import options
from ucdiag.cli.options import ask_options, context_options, domain_options, phone_options, view_options
from ucdiag.cli.probe_plan import diagnosis_options, make_plan
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.server_options import server_options
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.probe.dhcp_check import DhcpQueryOptions
from ucdiag.probe.local_network import find_local_network
from ucdiag.probe.path_check import observe_path
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import Context


@options.command("check")
@domain_options
@context_options
@ask_options
@server_options
@phone_options
@view_options
def check(
    *,
    context: Context,
    domain: str | None,
    sip_domain: str | None,
    ask: bool,
    interface: str | None,
    vlan: int | None,
    server: ServerOptions,
    phone: Phone,
    view: ViewOptions,
) -> int:
    """Walk the phone's whole update path from this machine: DHCP domain, DNS, the request, the file.

    With --ask the DHCP servers are asked as the phone asks (that needs root; no address is taken), and what they offer
    the phone, domain and resolvers, is what the walk goes on with.

    \b
    Examples:
      ucdiag check
      sudo ucdiag check --ask --vlan 20
      ucdiag check --domain contoso.com -n 10.0.0.10
      ucdiag check --domain contoso.com --firmware 1.0.199.123 --json
    """
    if vlan is not None and not ask:
        raise click.UsageError("--vlan goes with --ask: it is the VLAN to ask in.")
    network = find_local_network(context, domain, interface=interface)
    tested = frozenset(STEPS) - (frozenset() if server.needs_dns else frozenset({Step.DNS}))
    plan = make_plan(phone, network.domain if server.needs_dns else domain, sip_domain, server, all_names=True)
    query = DhcpQueryOptions(interface=interface, vlan=vlan) if ask else None
    return run(
        "check",
        source=Source(kind="active", name=network.domain),
        setting=diagnosis_options(plan, network, tested, domain),
        observations=observe_path(network, plan, query),
        view=view,
        context=network.context,
    )


# The name by which the list of commands finds it.
command = check
