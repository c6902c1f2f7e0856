"""``ucdiag check``."""

from typing import Any

import click

from ucdiag.cli import options
from ucdiag.cli.options import ask_options, context_options, domain_options, phone_options, view_options
from ucdiag.cli.probe_plan import DhcpQueryOptions, make_plan, observe, setting_for
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.server_options import find_home, server_options
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.runtime.context import Context


@options.command("check")
@domain_options
@context_options
@ask_options
@server_options
@phone_options
@view_options
def check(
    context: Context,
    domain: str | None,
    sip_domain: str | None,
    ask: bool,
    interface: str | None,
    vlan: int | None,
    server: dict[str, Any],
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
    home = find_home(context, domain, interface=interface)
    needs_dns = server["url"] is None and server["address"] is None
    tested = frozenset(STEPS) - (frozenset() if needs_dns else frozenset({Step.DNS}))
    plan = make_plan(phone, home.domain if needs_dns else domain, sip_domain, server, all_names=True)
    return run(
        "check",
        source=Source(kind="active", name=home.domain),
        setting=setting_for(plan, home, tested, domain),
        observations=observe(home, plan, asking=DhcpQueryOptions(interface=interface, vlan=vlan) if ask else None),
        view=view,
        context=home.context,
    )


# The name by which the list of commands finds it.
command = check
