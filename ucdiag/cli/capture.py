"""``ucdiag capture``."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import time_ns

import click

from ucdiag.cli import options
from ucdiag.cli.main import INTERRUPTED, UNKNOWN, WHOLE
from ucdiag.cli.options import DOMAIN, MAC, PORT, Parsed, view_options
from ucdiag.cli.run import Show, ViewOptions, exit_code, report_of
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem, Source, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.sources.context import CannotTest

_LONGEST_PATIENCE = 3600.0


def _parse_seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 < number <= 10 * 365 * 86400:
        raise ValueError(f"{text[:100]!r} is not a duration: give seconds, more than 0")
    return number


def _parse_patience(text: str) -> float:
    number = _parse_seconds(text)
    if not 0.1 <= number <= _LONGEST_PATIENCE:
        raise ValueError(f"{text[:100]!r} seconds is out of range: give seconds from 0.1 to {_LONGEST_PATIENCE:g}")
    return number


def _parse_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) > 0):
        raise ValueError(f"{text[:100]!r} is not a number of packets: give a whole number, 1 at least")
    return int(text)


SECONDS = Parsed("SECONDS", _parse_seconds)
PATIENCE = Parsed("SECONDS", _parse_patience)
COUNT = Parsed("N", _parse_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What to watch for, as the options said."""

    macs: tuple[str, ...]
    everyone: bool
    ports: frozenset[int]
    patience: float
    domain: str | None
    count: int | None
    facts: bool


@options.command("capture")
@click.option(
    "-r", "--read", multiple=True, metavar="FILE", help="Read this capture ('-': standard input; repeatable)."
)
@click.option("--mac", type=MAC, multiple=True, help="Judge the phone with this MAC address (repeatable).")
@click.option("--all", "everyone", is_flag=True, help="Judge every host that has a lease.")
@click.option("--port", type=PORT, multiple=True, help="Watch this TCP port beside 80 and 443 (repeatable).")
@click.option("--domain", type=DOMAIN, help="The DHCP domain that the phones should have.")
@click.option(
    "--patience",
    type=PATIENCE,
    default=5.0,
    show_default=True,
    help="How long the capture must go on after a cause before a missing effect counts, in seconds.",
)
@click.option("-c", "--count", type=COUNT, help="Stop after so many packets.")
@click.option(
    "--facts", is_flag=True, help="Print every fact of every host, one JSON object a line, without judgement."
)
@view_options
def capture(
    read: tuple[str, ...],
    mac: tuple[str, ...],
    everyone: bool,
    port: tuple[int, ...],
    domain: str | None,
    patience: float,
    count: int | None,
    facts: bool,
    view: ViewOptions,
) -> int:
    """Tell from what the wire shows where each phone's update path breaks.

    Reads captures in the formats pcap and pcapng, also compressed. Watches DHCP, DNS, ARP, ICMP, and TCP on the
    ports 80 and 443.

    \b
    Examples:
      ucdiag capture -r site.pcapng
      ssh switch tcpdump -U -w - | ucdiag capture -r -
      ucdiag capture -r site.pcap --facts | grep ucupdates
    """
    wanted = _Wanted(
        macs=tuple(dict.fromkeys(mac)),
        everyone=everyone,
        ports=frozenset({80, 443, *port}),
        patience=patience,
        domain=domain,
        count=count,
        facts=facts,
    )
    if not read:
        raise click.UsageError("there is nothing to read: give a capture with -r FILE")
    if facts:
        return _print_facts(wanted, read, view)
    return _judge(wanted, read, view)


def _observations(wanted: _Wanted, names: Sequence[str]) -> Iterator[Observation | Problem]:
    from ucdiag.sources.packets.reading import Reading
    from ucdiag.wire.interest import Interest

    interest = Interest(
        everything=wanted.facts,
        macs=frozenset(bytes.fromhex(each.replace(":", "")) for each in wanted.macs),
        leased=wanted.everyone,
    )
    reading = Reading(interest, ports=wanted.ports, patience=wanted.patience, limit=wanted.count)
    return reading.read(names)


def _print_facts(wanted: _Wanted, names: Sequence[str], view: ViewOptions) -> int:
    from ucdiag.cli.output import Output
    from ucdiag.model.codec import to_json
    from ucdiag.sources.packets.order import InOrder

    code = WHOLE
    with Output(view.output) as output:
        stream = output.stream
        lines = InOrder(stream.write)
        try:
            for each in _observations(wanted, names):
                if isinstance(each, Problem):
                    _complain(each.text)
                elif not isinstance(each, Extent):
                    lines.put(each.frame or 0, each.time, json.dumps(to_json(each)))
        except KeyboardInterrupt:
            code = INTERRUPTED
        except CannotTest as cannot:
            _complain(cannot.text)
            code = UNKNOWN
        try:
            output.write(lines.finish)
            output.write(stream.flush)
        except KeyboardInterrupt:
            code = INTERRUPTED
        finally:
            lines.close()
        output.keep()
    return code


def _complain(text: str) -> None:
    from ucdiag.views.safe import visible

    click.echo(visible(f"ucdiag: {text}"), err=True)


def _judge(wanted: _Wanted, names: Sequence[str], view: ViewOptions) -> int:
    from ucdiag.engine.fleet import Fleet
    from ucdiag.engine.setting import Setting

    setting = Setting(watching=True, patience=wanted.patience, expected_domain=wanted.domain)
    fleet = Fleet(setting, wanted.macs, wanted.everyone)
    started = time_ns() // 1000
    code: int | None = None
    problems: list[Problem] = []
    extent: Extent | None = None
    with Show("capture", view) as show:
        try:
            extent = _feed(fleet.feed, _observations(wanted, names), problems)
        except CannotTest as cannot:
            problems.append(Problem(code=cannot.code, text=cannot.text))
        except KeyboardInterrupt:
            code = INTERRUPTED
            problems.append(Problem(code="interrupted", text="It was interrupted before all was read."))
        end = extent.end if extent is not None else started
        phones = fleet.finish(end)
        report = report_of(
            "capture",
            started=started,
            finished=time_ns() // 1000,
            source=Source(
                kind="file",
                name=", ".join("standard input" if name == "-" else name for name in names),
                packets=extent.packets if extent is not None else None,
            ),
            phones=phones,
            problems=(*problems, *fleet.problems()),
        )
        if not phones and extent is not None:
            report = replace(report, verdict=_nobody(fleet.hints()))
        show.end(report)
    return code if code is not None else exit_code(report)


def _feed(
    feed: Callable[[Observation], None], observations: Iterable[Observation | Problem], problems: list[Problem]
) -> Extent | None:
    extent = None
    for each in observations:
        if isinstance(each, Problem):
            problems.append(each)
            continue
        if isinstance(each, Extent):
            extent = each
        feed(each)
    return extent


def _nobody(hints: Sequence[str]) -> Verdict:
    text = "Nothing in the capture looks like such a phone."
    if hints:
        text += f" By their MAC addresses, these may be some: {', '.join(hints[:5])} (name one with --mac)."
    return Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text)


# The name by which the list of commands finds it.
command = capture
