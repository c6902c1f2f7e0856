"""``ucdiag probe``."""

from dataclasses import replace
from typing import NamedTuple

import click

from ucdiag.cli import options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.fleet_options import FleetOptions, fleet_options, network_of, own_options
from ucdiag.cli.options import context_options, domain_options, phone_options, view_options
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.probe_plan import diagnosis_options, make_plan, show_requests
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.server_options import server_options
from ucdiag.cli.without_root import give_up_root, with_readable_files
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import STEPS, Step
from ucdiag.probe.dead_nameservers import with_dead_nameservers
from ucdiag.probe.local_network import LocalNetwork, find_local_network
from ucdiag.probe.path_check import observe_walk
from ucdiag.probe.plan import ServerOptions, verify_requests
from ucdiag.probe.tunnels import with_tunnels
from ucdiag.runtime.context import Context
from ucdiag.runtime.whole_run import in_time


@options.command("probe")
@domain_options
@context_options
@server_options
@phone_options
@plain_option("--dry-run", is_flag=True, help="Print the exact request and send nothing.")
@view_options
@bundle_options
@fleet_options
def probe(
    *,
    context: Context,
    domain: str | None,
    sip_domain: str | None,
    server: ServerOptions,
    phone: Phone,
    dry_run: bool,
    fleet: FleetOptions | None,
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
      ucdiag probe --targets phones.csv --no-download --journal phones.ndjson
    """
    if dry_run and (view.format != "text" or view.output is not None):
        raise click.UsageError("--dry-run prints the request itself, not a report: leave --json, -f and -o out.")
    network = find_local_network(context, domain)
    network = replace(network, context=with_readable_files(network.context))
    if fleet is not None:
        if context.account is not None:
            # Several wrong passwords at the same time would lock the account.
            fleet = replace(fleet, jobs=1)
        return _probe_all(fleet, network, Asking(phone, domain, sip_domain, server), view)
    # An address was given and no domain: the Host header is then the address, as in the manual's own example.
    plan = make_plan(phone, network.domain if server.needs_dns else domain, sip_domain, server)
    plan = replace(plan, side_checks=view.verbose > 0)
    if dry_run:
        return show_requests(plan)
    give_up_root(view, network.context)
    walk = with_dead_nameservers(network.context, observe_walk(network, plan))
    return run(
        "probe",
        source=Source(kind="active", name=server.url or server.address or network.domain),
        setting=diagnosis_options(plan, network, _tested_steps(server), None),
        observations=in_time(network.context, with_tunnels(network.context, walk)),
        view=view,
        context=network.context,
    )


class Asking(NamedTuple):
    """The values of the options that hold for every target."""

    phone: Phone
    domain: str | None
    sip_domain: str | None
    server: ServerOptions


def _probe_all(fleet: FleetOptions, network: LocalNetwork, asking: Asking, view: ViewOptions) -> int:
    from ucdiag.cli.fleet_run import run_fleet
    from ucdiag.fleet.asking import Question
    from ucdiag.fleet.targets import Target
    from ucdiag.fleet.usual import usual_posts

    def question_of(target: Target) -> Question:
        names = ("mac", "serial", "vendor", "model", "revision", "locale", "firmware")
        own = {name: value for name in names if (value := getattr(target, name)) is not None}
        server = replace(asking.server, url=target.url, address=None) if target.url is not None else asking.server
        there = network_of(network, target.domain, target.nameservers)
        domain = there.domain if server.needs_dns else target.domain or asking.domain
        plan = make_plan(replace(asking.phone, **own), domain, asking.sip_domain, server)
        plan = replace(plan, mac=target.mac or plan.mac, serial=target.serial or plan.serial)
        verify_requests(plan)
        return Question(
            target=target,
            name=server.url or server.address or domain,
            setting=diagnosis_options(plan, there, _tested_steps(server), None, own_options(target)),
            context=there.context,
            observe=lambda context: with_dead_nameservers(context, observe_walk(replace(there, context=context), plan)),
            usual=usual_posts(plan, there.context),
        )

    return run_fleet("probe", fleet, question_of, view, network.context)


def _tested_steps(server: ServerOptions) -> frozenset[Step]:
    return frozenset(STEPS) - {Step.DHCP} - (frozenset() if server.needs_dns else frozenset({Step.DNS}))


# The name by which the list of commands finds it.
command = probe
