"""``ucdiag check``."""

from dataclasses import replace

from ucdiag.cli import options
from ucdiag.cli.ask_options import ask_options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.options import context_options, domain_argument, domain_options, phone_options, view_options
from ucdiag.cli.probe_plan import diagnosis_options, make_plan
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.server_options import server_options
from ucdiag.cli.trying_options import trying_options
from ucdiag.cli.until_whole import until_whole as repeat_until_whole
from ucdiag.cli.without_root import open_for_asking, with_readable_files
from ucdiag.model.observations import lease_in_use
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dead_nameservers import with_dead_nameservers
from ucdiag.probe.dhcp_check import DhcpQueryOptions
from ucdiag.probe.local_network import find_local_network
from ucdiag.probe.path_check import observe_path
from ucdiag.probe.plan import ServerOptions
from ucdiag.probe.tunnels import with_tunnels
from ucdiag.runtime.context import Context


@options.command("check")
@domain_argument
@domain_options
@context_options
@ask_options
@server_options
@trying_options
@phone_options
@view_options
@bundle_options
def check(
    *,
    context: Context,
    domain: str | None,
    sip_domain: str | None,
    interface: str | None,
    query: DhcpQueryOptions | None,
    server: ServerOptions,
    phone: Phone,
    until_whole: Seconds | None,
    view: ViewOptions,
) -> int:
    """Walk the phone's whole update path from this machine: DHCP domain, DNS, the request, the file.

    With --ask the DHCP servers are asked as the phone asks (that needs root; no address is taken), and what they offer
    the phone, domain and resolvers, is what the walk goes on with.

    \b
    Examples:
      ucdiag check
      sudo ucdiag check --ask --vlan 20
      ucdiag check contoso.com -n 10.0.0.10
      ucdiag check --domain contoso.com --firmware 1.0.199.123 --json
      ucdiag check --assume ucupdates-r2.contoso.com=10.0.0.20
      ucdiag check --until-whole=30
    """
    network = find_local_network(context, domain, interface=interface)
    network = replace(network, context=with_readable_files(network.context))
    query = open_for_asking(query, lease_in_use(network.leases), view, network.context)
    tested = frozenset(STEPS) - (frozenset() if server.needs_dns else frozenset({Step.DNS}))
    plan = make_plan(phone, network.domain if server.needs_dns else domain, sip_domain, server, all_names=True)
    plan = replace(plan, side_checks=view.verbose > 0)
    setting = diagnosis_options(plan, network, tested, domain)
    return run(
        "check",
        source=Source(kind="active", name=network.domain),
        setting=setting,
        observations=repeat_until_whole(
            lambda: with_tunnels(
                network.context, with_dead_nameservers(network.context, observe_path(network, plan, query))
            ),
            setting,
            network.context,
            until_whole,
            view.quiet,
        ),
        view=view,
        context=network.context,
    )


# The name by which the list of commands finds it.
command = check
