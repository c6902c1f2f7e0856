"""``ucdiag check-dns``."""

from ucdiag.cli import options
from ucdiag.cli.options import context_options, domain_options, phone_options, view_options
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.phone import Phone
from ucdiag.model.report import Source
from ucdiag.model.steps import Step
from ucdiag.probe.dns_check import observe_names
from ucdiag.probe.local_network import find_local_network
from ucdiag.runtime.context import Context


@options.command("check-dns")
@domain_options
@context_options
@phone_options
@view_options
def check_dns(context: Context, domain: str | None, sip_domain: str | None, phone: Phone, view: ViewOptions) -> int:
    """Look up ucupdates-r2 and ucupdates in the DHCP domain, at each nameserver, as a phone would.

    The verdict covers the steps that were tested (dhcp as far as this machine knows it, and dns); the rest
    of the path is for "ucdiag probe" and "ucdiag check".

    \b
    Examples:
      ucdiag check-dns --domain contoso.com
      ucdiag check-dns --domain contoso.com --sip-domain fabrikam.com -n 10.0.0.10 -n 10.0.0.11
    """
    network = find_local_network(context, domain)
    return run(
        "check-dns",
        source=Source(kind="active", name=network.domain),
        setting=DiagnosisOptions(
            phone=phone,
            tested=frozenset({Step.DHCP, Step.DNS}),
            domain=network.domain,
            domain_from=network.domain_from,
            expected_domain=domain,
            sip_domain=sip_domain,
        ),
        observations=observe_names(network, sip_domain),
        view=view,
        context=network.context,
    )


# The name by which the list of commands finds it.
command = check_dns
