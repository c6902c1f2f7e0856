"""``ucdiag probe``."""

import click

from ucdiag.cli import options
from ucdiag.cli.options import context_options, domain_options, phone_options, view_options
from ucdiag.cli.probe_plan import diagnosis_options, make_plan, show_requests
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.server_options import server_options
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.probe.local_network import find_local_network
from ucdiag.probe.path_check import observe_walk
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import Context


@options.command("probe")
@domain_options
@context_options
@server_options
@phone_options
@click.option("--dry-run", is_flag=True, help="Print the exact request and send nothing.")
@view_options
def probe(
    context: Context,
    domain: str | None,
    sip_domain: str | None,
    server: ServerOptions,
    phone: Phone,
    dry_run: bool,
    view: ViewOptions,
) -> int:
    """Send the update request that a phone sends, judge the answer, and fetch the offered file.

    Every request that reaches a Device Update Service is likely to leave a row in its audit log. The built-in body is a
    guess: what these phones really send is published nowhere. Use --body with a request saved from a real phone
    where the answer seems to depend on it.

    \b
    Examples:
      ucdiag probe --domain contoso.com
      ucdiag probe --address 10.0.0.20 --port 80 --mac 00:04:f2:aa:bb:cc --serial AB37_679e
      ucdiag probe --url https://ocsrp.fabrikam.com/RequestHandlerExt/ucdevice.upx --ca root.pem
    """
    if dry_run and (view.format != "text" or view.output is not None):
        raise click.UsageError("--dry-run prints the request itself, not a report: leave --json, -f and -o out.")
    network = find_local_network(context, domain)
    # An address was given and no domain: the Host header is then the address, as in the manual's own example.
    plan = make_plan(phone, network.domain if server.needs_dns else domain, sip_domain, server)
    if dry_run:
        return show_requests(plan)
    tested = frozenset(STEPS) - {Step.DHCP} - (frozenset() if server.needs_dns else frozenset({Step.DNS}))
    return run(
        "probe",
        source=Source(kind="active", name=server.url or server.address or network.domain),
        setting=diagnosis_options(plan, network, tested, None),
        observations=observe_walk(network, plan),
        view=view,
        context=network.context,
    )


# The name by which the list of commands finds it.
command = probe
