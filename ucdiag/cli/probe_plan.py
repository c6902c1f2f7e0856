"""Makes the plan of a probe and the engine's options from the command line, for ``check`` and ``probe``."""

import sys

import click

from ucdiag.cli.crash import print_message
from ucdiag.cli.exit_codes import UNKNOWN, WHOLE
from ucdiag.cli.output import bytes_of, need_standard_output
from ucdiag.cli.typed_options import typed_options
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.repeated_options import TypedOptions
from ucdiag.model.phone import Phone
from ucdiag.model.steps import Step
from ucdiag.model.visible_text import visible
from ucdiag.probe.local_network import LocalNetwork, no_domain
from ucdiag.probe.plan import Plan, ServerOptions, UpdateTarget, request_for, targets_of, verify_requests


def make_plan(
    phone: Phone, domain: str | None, sip_domain: str | None, server: ServerOptions, all_names: bool = False
) -> Plan:
    """The plan for the options; a request that cannot be built is a wrong use, said before anything is sent."""
    context = click.get_current_context()

    def chosen(name: str) -> str | None:
        default = context.get_parameter_source(name) is click.core.ParameterSource.DEFAULT
        return None if default else str(getattr(phone, name))

    plan = Plan(
        phone=phone,
        domain=domain,
        sip_domain=sip_domain,
        server=server,
        mac=chosen("mac"),
        serial=chosen("serial"),
        all_names=all_names,
    )
    try:
        verify_requests(plan)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return plan


def diagnosis_options(
    plan: Plan,
    network: LocalNetwork,
    tested: frozenset[Step],
    expected_domain: str | None,
    own: TypedOptions = (),
) -> DiagnosisOptions:
    """The engine's options for the plan; ``own`` are the options that a target has for itself."""
    return DiagnosisOptions(
        phone=plan.phone,
        tested=tested,
        external=plan.external,
        whole_file=plan.server.download and plan.server.limit is None,
        domain=plan.domain,
        domain_from=network.domain_from,
        expected_domain=expected_domain,
        sip_domain=plan.sip_domain,
        url=plan.server.url,
        typed=typed_options(own),
    )


def show_requests(plan: Plan) -> int:
    """Print each request exactly as it would be sent; notes on it go to standard error."""
    from ucdiag.update_service.request import to_bytes

    need_standard_output()
    if not plan.has_start:
        print_message(no_domain().text)
        return UNKNOWN
    requests = {target: request_for(plan, target) for target in targets_of(plan)}
    alike: dict[bytes, list[UpdateTarget]] = {}
    for target, request in requests.items():
        alike.setdefault(to_bytes(request), []).append(target)
    for wire, targets in alike.items():
        first = targets[0]
        where = first.addresses[0] if first.addresses else f"the address of {first.name}"
        ports = " and ".join(f"port {target.port} ({target.scheme})" for target in targets)
        click.echo(visible(f"# to {where}, {ports}:"), err=True)
        stream = bytes_of(sys.stdout)
        stream.write(wire)
        if not requests[first].body.endswith(b"\n"):
            stream.write(b"\n")
        stream.flush()
        for note in requests[first].notes:
            click.echo(visible(f"# {note}"), err=True)
    if not all(request.verified for request in requests.values()):
        click.echo(visible(f"# {UNVERIFIED}"), err=True)
    click.echo("# Nothing was sent (--dry-run).", err=True)
    return WHOLE


UNVERIFIED = (
    "The body is ucdiag's own guess (unverified): what these phones really send is published nowhere. "
    "Take a real phone's request with 'ucdiag capture --save-request FILE' and send it with --body FILE."
)
