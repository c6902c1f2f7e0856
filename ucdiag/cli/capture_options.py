"""The options of ``ucdiag capture``, and which of them go together."""

from collections.abc import Sequence
from typing import Any

import click

from ucdiag.cli import options
from ucdiag.cli.options import DOMAIN, MAC, PORT, Parsed, bundle
from ucdiag.cli.output import need_standard_output, need_unoccupied
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.profile import from_profile
from ucdiag.cli.runner import ViewOptions, need_inventory, need_one_target
from ucdiag.model.fast_dataclass import record
from ucdiag.model.urls import ipv4_flaw, is_address
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Seconds, Sniffer, words
from ucdiag.runtime.run_limit import RunLimit
from ucdiag.update_service.names import parse_domain

_LONGEST_PATIENCE = 3600.0


def _parse_seconds(text: str) -> Seconds:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 < number <= 10 * 365 * 86400:
        raise ValueError(f"{quoted(text[:100])} is not a duration: give seconds, more than 0")
    return number


def _parse_patience(text: str) -> Seconds:
    number = _parse_seconds(text)
    if not 0.1 <= number <= _LONGEST_PATIENCE:
        raise ValueError(
            f"{quoted(text[:100])} seconds is out of range: give seconds from 0.1 to {_LONGEST_PATIENCE:g}"
        )
    return number


def _parse_count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) > 0):
        raise ValueError(f"{quoted(text[:100])} is not a number of packets: give a whole number, 1 at least")
    return int(text)


def _parse_server(text: str) -> str:
    """A host name, or an IPv4 address, in the spelling in which hosts are compared."""
    if is_address(text):
        if ":" in text:
            raise ValueError(
                f"{quoted(text)} is an IPv6 address, and such phones use IPv4: give a name or an IPv4 address"
            )
        flaw = ipv4_flaw(text)
        if flaw is not None:
            raise ValueError(f"{quoted(text)} is no server's address: {flaw}")
        return text
    if "/" in text or ":" in text:
        raise ValueError(
            f"{quoted(text[:100])} is not a host: give a name or an IPv4 address, without scheme, port or path"
        )
    try:
        return parse_domain(text)
    except ValueError:
        raise ValueError(f"{quoted(text[:100])} is not a host: give a name or an IPv4 address") from None


SERVER = Parsed("NAME|ADDRESS", _parse_server)
SECONDS = Parsed("SECONDS", _parse_seconds)
PATIENCE = Parsed("SECONDS", _parse_patience)
COUNT = Parsed("N", _parse_count)


@record(frozen=True, slots=True, kw_only=True)
class CaptureOptions:
    """The values of the options: the inputs, what to watch for, and the outputs."""

    read: tuple[str, ...]  # files; "-" is standard input
    interface: str | None
    write: str | None  # where the packets that matter go; "-" is standard output
    keylog: tuple[str, ...]  # files with secrets of TLS
    save_request: str | None  # where the update request of a phone goes; "-" is standard output
    user: str | None
    duration: Seconds | None
    until_done: bool
    macs: tuple[str, ...]
    everyone: bool  # judge every host that has a lease
    ports: frozenset[int]
    domain: str | None
    servers: frozenset[str]  # names and addresses of update servers
    patience: Seconds
    count: int | None  # packets to read
    facts: bool
    ladder: bool | None
    phones: bool  # the inventory of the phones alone
    list_interfaces: bool
    sniffer: Sniffer
    limit: RunLimit | None = None  # of the whole run
    temporary_write: bool = False  # ``write`` is a file that nobody will see
    masked_write: str | None = None  # where those of ``write``, which is temporary then, go when they are masked


def expand_pattern(name: str) -> list[str]:
    """The files that a pattern such as ``*.pcap`` names, in the order of their names: cmd and PowerShell leave it to
    the program. A name without a pattern, or with one that nothing fits, stays as it is.
    """
    if not any(char in name for char in "*?["):
        return [name]
    from glob import glob
    from os.path import lexists

    return [name] if lexists(name) else sorted(glob(name)) or [name]  # noqa: PTH207 - pathlib is slow to import


def _gather_capture(values: dict[str, Any]) -> None:
    files = (*values.pop("files"), *values["read"])
    values["read"] = tuple(name for given in files for name in expand_pattern(given))
    if values["read"] and from_profile("interface"):
        values["interface"] = None
    taken = {name: values.pop(name) for name in _TAKEN}
    values["wanted"] = CaptureOptions(
        macs=tuple(dict.fromkeys(values.pop("mac"))),
        ports=frozenset({80, 443, *values.pop("port")}),
        servers=frozenset(values.pop("server")),
        **taken,
    )


_TAKEN = (
    "read",
    "interface",
    "write",
    "keylog",
    "save_request",
    "user",
    "duration",
    "until_done",
    "everyone",
    "domain",
    "patience",
    "count",
    "facts",
    "ladder",
    "phones",
    "list_interfaces",
    "sniffer",
    "limit",
)

capture_options = bundle(
    [
        click.argument("files", metavar="[FILE]...", nargs=-1),
        plain_option(
            "-r", "--read", multiple=True, metavar="FILE", help="Read this capture, as FILE does ('-': standard input)."
        ),
        options.interface_option,
        plain_option(
            "-w",
            "--write",
            type=options.OUTPUT,
            help="Also write the packets of the update path to this file (.pcap, else pcapng).",
        ),
        plain_option(
            "--keylog",
            multiple=True,
            metavar="FILE",
            help="Decrypt TLS with the secrets in this file, in the format of SSLKEYLOGFILE (repeatable).",
        ),
        plain_option("-D", "--list-interfaces", is_flag=True, help="List the interfaces, and why one cannot be used."),
        plain_option(
            "-Z", "--user", metavar="USER", help="Live: go on with this user's rights (SUDO_USER's, else nobody's)."
        ),
        plain_option("--duration", type=SECONDS, help="Live: stop after this many seconds."),
        options.limit_option,
        plain_option("--until-done", is_flag=True, help="Live, with --mac: stop when each named phone has a verdict."),
        plain_option("--mac", type=MAC, multiple=True, help="Judge the phone with this MAC address (repeatable)."),
        plain_option("--all", "everyone", is_flag=True, help="Judge every host that has a lease."),
        plain_option("--port", type=PORT, multiple=True, help="Watch this TCP port beside 80 and 443 (repeatable)."),
        plain_option("--domain", type=DOMAIN, help="The DHCP domain that the phones should have."),
        plain_option(
            "--server",
            type=SERVER,
            multiple=True,
            help="This host (name or IPv4 address) is an update server, whatever the phones ask DNS (repeatable).",
        ),
        plain_option(
            "--patience",
            type=PATIENCE,
            default=5.0,
            show_default=True,
            help="How long the capture must go on after a cause before a missing effect counts, in seconds.",
        ),
        plain_option(
            "--save-request",
            type=options.OUTPUT,
            help="Write the update request of a real phone there, MAC and serial marked, for probe --body "
            "('-': standard output, with -o).",
        ),
        plain_option(
            "--sniffer",
            type=click.Choice(words(Sniffer)),
            default="auto",
            show_default=True,
            help="What captures live: Linux' packet ring, or scapy (libpcap, Npcap); auto takes the ring if it can.",
        ),
        plain_option("-c", "--count", type=COUNT, help="Stop after this many packets."),
        plain_option(
            "--facts", is_flag=True, help="Print every fact of every host, one JSON object a line, without judgement."
        ),
        plain_option(
            "--phones",
            is_flag=True,
            help="Print the inventory alone: for each phone its firmware, its last check, the next one due.",
        ),
        plain_option(
            "--ladder/--no-ladder",
            default=None,
            help="Draw the messages of each phone as a ladder (the default with one phone).",
        ),
    ],
    _gather_capture,
)


def check_outputs(wanted: CaptureOptions, view: ViewOptions) -> None:
    """Which outputs go together. Raises UsageError, or CannotTest where standard output is needed and closed."""
    if wanted.facts and wanted.save_request:
        raise click.UsageError("--save-request does not go with --facts, which keeps no bodies: leave one out")
    if wanted.facts:
        need_one_target(view, "--facts")
    if wanted.phones:
        need_inventory(view)
    if wanted.facts and wanted.phones:
        raise click.UsageError("--phones judges the phones, and --facts judges nothing: leave one out")
    if view.bundle is not None and wanted.facts:
        raise click.UsageError("--bundle holds a report, and --facts judges nothing: leave one out")
    if view.bundle is not None and wanted.write == "-":
        raise click.UsageError("--bundle reads the packets again, which -w - gives away: have them written to a file")
    if view.mask and wanted.save_request is not None:
        raise click.UsageError("--save-request keeps the request as it is, and --mask masks all: leave one out")
    _one_on_standard_output(wanted.save_request, wanted.write, facts=wanted.facts, view=view)


def check_sources(wanted: CaptureOptions, view: ViewOptions) -> None:
    """Which inputs go together, with each other and with the outputs. Raises UsageError."""
    if "" in wanted.read:
        raise click.UsageError("'' names no file: give a capture, or '-' for standard input")
    if "" in wanted.keylog:
        raise click.UsageError("--keylog '' names no file: give one in the format of SSLKEYLOGFILE")
    if wanted.read and wanted.interface:
        raise click.UsageError("a capture and -i exclude each other: give either captures or an interface")
    outputs = [
        *(("-o", name) for name in view.outputs),
        ("-w", wanted.write),
        ("--save-request", wanted.save_request),
        ("--bundle", view.bundle),
    ]
    _nothing_overwritten((*wanted.read, *wanted.keylog), outputs)
    need_unoccupied(outputs, force=view.force)
    if wanted.read:
        live_only = ((wanted.user, "-Z"), (wanted.duration, "--duration"), (wanted.until_done, "--until-done"))
        for given, name in live_only:
            if given:
                raise click.UsageError(f"{name} goes with an interface only, and captures are to be read")
    elif wanted.until_done and not wanted.macs:
        raise click.UsageError("--until-done needs the phones to wait for: name them with --mac")


def _nothing_overwritten(read: Sequence[str], outputs: Sequence[tuple[str, str | None]]) -> None:
    """Refuse to overwrite an input or another output. Raises UsageError."""
    files = [(option, name) for option, name in outputs if name is not None and name != "-"]
    if not files:
        return
    from ucdiag.capture.open_capture import is_read, is_same

    for number, (option, name) in enumerate(files):
        source = is_read(name, read)
        if source is not None:
            what = "standard input" if source == "-" else quoted(source)
            raise click.UsageError(f"{option} would overwrite {what}, which is to be read: write to another file")
        for earlier, other in files[:number]:
            if is_same(name, other):
                raise click.UsageError(
                    f"{earlier} and {option} would overwrite each other in {quoted(name)}: name two files"
                )


def _one_on_standard_output(save_request: str | None, write: str | None, *, facts: bool, view: ViewOptions) -> None:
    """Only one of report, request and packets can go there. Raises UsageError, or CannotTest where it is closed."""
    named = [name for name, value in (("--save-request -", save_request), ("-w -", write)) if value == "-"]
    if not named:
        return
    if len(named) > 1:
        raise click.UsageError("--save-request - would mix the request with the packets of -w -: give one a file")
    if view.on_standard_output is not None:
        what = "packets" if write == "-" else "request"
        report = "facts" if facts else "report"
        raise click.UsageError(
            f"{named[0]} would mix the {what} with the {report}: have the {report} written with -o FILE, "
            f"or the {what} into a file"
        )
    need_standard_output()
