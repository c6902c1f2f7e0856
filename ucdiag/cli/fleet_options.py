"""The options of ``probe`` and ``check-dns`` about many targets."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ucdiag.cli.options import Parsed, bundle, given_max_time
from ucdiag.cli.plain_help import plain_option
from ucdiag.diagnosis.repeated_options import TypedOptions
from ucdiag.model.fast_dataclass import record
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.local_network import FROM_USER, LocalNetwork

if TYPE_CHECKING:
    from ucdiag.fleet.targets import Target

_MOST_JOBS = 256


@record(frozen=True, slots=True, kw_only=True)
class FleetOptions:
    """The file of targets, how many are asked at a time and a second at most, and the journal."""

    targets: str
    jobs: int
    rate: float | None
    bad_lines: str
    journal: str | None
    #: When the whole run ends, by ``time.monotonic``, and how long that is; None where the user did not bound it.
    until: Seconds | None = None
    max_time: Seconds | None = None


def _parse_jobs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= _MOST_JOBS):
        raise ValueError(f"{quoted(text[:50])} is not a whole number from 1 to {_MOST_JOBS}")
    return int(text)


def _parse_rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not (rate == 0 or 0.001 <= rate <= 100_000):
        raise ValueError(f"{quoted(text[:50])} is not a number a second: give one such as 20 or 0.5, or 0 for no bound")
    return rate


def _set_fleet(values: dict[str, Any]) -> None:
    targets, jobs, rate = values.pop("targets"), values.pop("jobs"), values.pop("rate")
    bad_lines, journal = values.pop("bad_lines"), values.pop("journal")
    values["fleet"] = None
    if targets is None:
        if journal is not None:
            raise click.UsageError("--journal goes with --targets: name the file of those to ask.")
        return
    for name in ("dry_run", "until_whole"):
        if values.get(name):
            raise click.UsageError(f"--{name.replace('_', '-')} is for one phone: leave --targets out.")
    view = values["view"]
    if view.bundle is not None or view.mask:
        raise click.UsageError("--bundle and --mask do not go with --targets.")
    values["fleet"] = FleetOptions(targets=targets, jobs=jobs, rate=rate or None, bad_lines=bad_lines, journal=journal)
    context = values["context"]
    if given_max_time():
        values["fleet"] = replace(values["fleet"], until=context.until, max_time=context.max_time)
    else:
        # Each target has the time that a run of one has.
        values["context"] = replace(context, until=None)


def network_of(network: LocalNetwork, domain: str | None, nameservers: tuple[tuple[str, int], ...]) -> LocalNetwork:
    """The network as a target names it: its domain and nameservers in place of those of the run."""
    if nameservers:
        network = replace(network, context=replace(network.context, nameservers=nameservers), nameservers_given=True)
    return replace(network, domain=domain, domain_from=FROM_USER) if domain is not None else network


def own_options(target: "Target") -> TypedOptions:
    """The options that a target has for itself: those that its report's commands do not name anyway."""
    servers = ((f"[{host}]" if ":" in host else host, port) for host, port in target.nameservers)
    named = [(f"--{name}", getattr(target, name)) for name in ("vendor", "model", "revision", "locale", "firmware")]
    return (
        *(("--nameserver", host if port == 53 else f"{host}:{port}") for host, port in servers),
        *((option, value) for option, value in named if value is not None),
    )


#: To stand below ``view_options`` and ``bundle_options``, whose object it needs. Without --targets, ``fleet`` is None.
fleet_options = bundle(
    [
        plain_option("--targets", metavar="FILE", help="Ask all that this file names, a line each."),
        plain_option(
            "--jobs",
            type=Parsed("N", _parse_jobs),
            default="4",
            show_default=True,
            help="With --targets: ask N at a time.",
        ),
        plain_option(
            "--rate",
            type=Parsed("N", _parse_rate),
            default="20",
            show_default=True,
            help="With --targets: begin N a second at most; 0: no bound.",
        ),
        plain_option(
            "--bad-lines",
            type=click.Choice(["skip", "stop"]),
            default="skip",
            show_default=True,
            help="With --targets: name a line that cannot be read and go on, or ask nobody.",
        ),
        plain_option(
            "--journal",
            metavar="FILE",
            help="With --targets: keep each report there at once; start again to go on after what it has.",
        ),
    ],
    _set_fleet,
)
