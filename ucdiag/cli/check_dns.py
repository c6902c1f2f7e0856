"""``ucdiag check-dns``."""

from collections.abc import Iterator

from ucdiag.cli import options
from ucdiag.cli.options import context_options, domain_options, phone_options, view_options
from ucdiag.cli.runner import ViewOptions, run
from ucdiag.cli.server_options import LocalNetwork, find_home, no_domain, unused_places
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.observations import Observation
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem, Source
from ucdiag.model.steps import Step
from ucdiag.runtime.context import CannotTest, Context


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
    home = find_home(context, domain)
    return run(
        "check-dns",
        source=Source(kind="active", name=home.domain),
        setting=DiagnosisOptions(
            phone=phone,
            tested=frozenset({Step.DHCP, Step.DNS}),
            domain=home.domain,
            domain_from=home.domain_from,
            expected_domain=domain,
            sip_domain=sip_domain,
        ),
        observations=_observe(home, sip_domain),
        view=view,
        context=home.context,
    )


def _observe(home: LocalNetwork, sip_domain: str | None) -> Iterator[Observation | Problem]:
    yield from home.observations()
    if home.domain is None:
        yield no_domain()
        return
    from ucdiag.probe.dns import check_names

    if not home.context.nameservers:
        raise CannotTest("no-nameserver", "No nameserver is known: name one with --nameserver ADDRESS.")
    yield from check_names(home.context, home.domain, sip_domain)
    yield from unused_places(home.context)


# The name by which the list of commands finds it.
command = check_dns
