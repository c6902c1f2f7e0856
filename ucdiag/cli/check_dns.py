"""``ucdiag check-dns``."""

from dataclasses import replace

from ucdiag.cli import options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.fleet_options import FleetOptions, fleet_options, network_of, own_options
from ucdiag.cli.options import (
    context_options,
    domain_argument,
    domain_options,
    phone_options,
    view_options,
)
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.trying_options import trying_options
from ucdiag.cli.typed_options import typed_options
from ucdiag.cli.until_whole import until_whole as repeat_until_whole
from ucdiag.cli.without_root import give_up_root, with_readable_files
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.repeated_options import TypedOptions
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dead_nameservers import with_dead_nameservers
from ucdiag.probe.dns_check import observe_names
from ucdiag.probe.local_network import LocalNetwork, find_local_network
from ucdiag.probe.tunnels import with_tunnels
from ucdiag.runtime.context import Context


@options.command("check-dns")
@domain_argument
@domain_options
@context_options
@trying_options
@phone_options
@view_options
@bundle_options
@fleet_options
def check_dns(
    *,
    context: Context,
    domain: str | None,
    sip_domain: str | None,
    phone: Phone,
    until_whole: Seconds | None,
    fleet: FleetOptions | None,
    view: ViewOptions,
) -> int:
    """Look up ucupdates-r2 and ucupdates in the DHCP domain, at each nameserver, as a phone would.

    The verdict covers the steps that were tested (dhcp as far as this machine knows it, and dns); the rest
    of the path is for "ucdiag probe" and "ucdiag check".

    \b
    Examples:
      ucdiag check-dns contoso.com
      ucdiag check-dns --domain contoso.com --sip-domain fabrikam.com -n 10.0.0.10 -n 10.0.0.11
      ucdiag check-dns --domain contoso.com --until-whole
      ucdiag check-dns --targets domains.csv
    """
    network = find_local_network(context, domain)
    network = replace(network, context=with_readable_files(network.context))
    if fleet is not None:
        return _check_all(fleet, network, phone, sip_domain, view)
    give_up_root(view, None)
    setting = _diagnosis_options(network, phone, domain, sip_domain)
    return run(
        "check-dns",
        source=Source(kind="active", name=network.domain),
        setting=setting,
        observations=repeat_until_whole(
            lambda: with_tunnels(
                network.context, with_dead_nameservers(network.context, observe_names(network, sip_domain))
            ),
            setting,
            network.context,
            until_whole,
            view.quiet,
        ),
        view=view,
        context=network.context,
    )


def _diagnosis_options(
    network: LocalNetwork, phone: Phone, domain: str | None, sip_domain: str | None, own: TypedOptions = ()
) -> DiagnosisOptions:
    return DiagnosisOptions(
        phone=phone,
        tested=frozenset({Step.DHCP, Step.DNS}),
        domain=network.domain,
        domain_from=network.domain_from,
        expected_domain=domain,
        sip_domain=sip_domain,
        command="check-dns",
        typed=typed_options(own),
    )


def _check_all(
    fleet: FleetOptions, network: LocalNetwork, phone: Phone, sip_domain: str | None, view: ViewOptions
) -> int:
    from ucdiag.cli.fleet_run import run_fleet
    from ucdiag.fleet.asking import Question
    from ucdiag.fleet.targets import Target
    from ucdiag.fleet.usual import usual_names

    def question_of(target: Target) -> Question:
        there = network_of(network, target.domain, target.nameservers)
        at = ", ".join(address if port == 53 else f"{address}:{port}" for address, port in target.nameservers)
        return Question(
            target=target,
            name=f"{there.domain} at {at}" if at else there.domain,
            setting=_diagnosis_options(there, phone, target.domain, sip_domain, own_options(target)),
            context=there.context,
            observe=lambda context: with_dead_nameservers(
                context, observe_names(replace(there, context=context), sip_domain)
            ),
            usual=usual_names(there.context, there.domain, sip_domain),
        )

    return run_fleet("check-dns", fleet, question_of, view, network.context)


# The name by which the list of commands finds it.
command = check_dns
