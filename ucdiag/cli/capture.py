"""``ucdiag capture``."""

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic, time_ns
from typing import TYPE_CHECKING

import click

from ucdiag.cli import options
from ucdiag.cli.exit_codes import INTERRUPTED, UNKNOWN, WHOLE
from ucdiag.cli.options import DOMAIN, MAC, PORT, Parsed, view_options
from ucdiag.cli.output import need_standard_output
from ucdiag.cli.runner import ViewOptions, ViewSession, exit_code, report_of
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import PhoneReport, Problem, Source, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import Microseconds, Seconds, SourceKind
from ucdiag.runtime.context import CannotTest

if TYPE_CHECKING:
    from ucdiag.capture.filtered_copy import CopyingFileReader
    from ucdiag.capture.live import Live
    from ucdiag.capture.request_saver import RequestSaver
    from ucdiag.diagnosis.phone_tracker import PhoneTracker
    from ucdiag.wire.host_filter import HostFilter
    from ucdiag.wire.packet_tracker import PacketTracker

_LONGEST_PATIENCE = 3600.0
_SOON = 3_000_000  # microseconds that a fact waits, live, for those of earlier frames


def _parse_seconds(text: str) -> Seconds:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0.0 < number <= 10 * 365 * 86400:
        raise ValueError(f"{text[:100]!r} is not a duration: give seconds, more than 0")
    return number


def _parse_patience(text: str) -> Seconds:
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


@record(frozen=True, slots=True, kw_only=True)
class _CaptureOptions:
    """What to watch for, as the options said."""

    macs: tuple[str, ...]
    everyone: bool
    ports: frozenset[int]
    patience: Seconds
    domain: str | None
    count: int | None
    facts: bool
    piped: bool  # the packets that matter go to standard output


@options.command("capture")
@click.option(
    "-r", "--read", multiple=True, metavar="FILE", help="Read this capture ('-': standard input; repeatable)."
)
@options.interface_option
@click.option(
    "-w", "--write", type=options.OUTPUT, help="Also write the packets that matter there (.pcap, else pcapng)."
)
@click.option("-D", "--list-interfaces", is_flag=True, help="List the interfaces, and why one cannot be used.")
@click.option(
    "-Z", "--user", metavar="USER", help="With -i: go on with this user's rights (SUDO_USER's, else nobody's)."
)
@click.option("--duration", type=SECONDS, help="With -i: stop after so many seconds.")
@click.option("--until-done", is_flag=True, help="With -i and --mac: stop when each named phone has a verdict.")
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
@click.option(
    "--save-request",
    type=options.OUTPUT,
    help="Write the update request of a real phone there, MAC and serial marked, for probe --body "
    "('-': standard output, with -o).",
)
@click.option("-c", "--count", type=COUNT, help="Stop after so many packets.")
@click.option(
    "--facts", is_flag=True, help="Print every fact of every host, one JSON object a line, without judgement."
)
@click.option(
    "--ladder/--no-ladder",
    default=None,
    help="Draw the messages of each phone as a ladder (with one phone it is drawn unless told not to).",
)
@view_options
def capture(
    read: tuple[str, ...],
    interface: str | None,
    write: str | None,
    list_interfaces: bool,
    user: str | None,
    duration: float | None,
    until_done: bool,
    mac: tuple[str, ...],
    everyone: bool,
    port: tuple[int, ...],
    domain: str | None,
    patience: Seconds,
    save_request: str | None,
    count: int | None,
    facts: bool,
    ladder: bool | None,
    view: ViewOptions,
) -> int:
    """Tell from what the wire shows where each phone's update path breaks.

    Reads captures in the formats pcap and pcapng, also compressed. Watches DHCP, DNS, ARP, ICMP, and TCP on the
    ports 80 and 443.

    \b
    Examples:
      ucdiag capture -r site.pcapng
      sudo ucdiag capture -i eth0 -w site.pcapng
      ssh switch tcpdump -U -w - | ucdiag capture -r - -w kept.pcapng
      ucdiag capture -r site.pcap --facts | grep ucupdates
    """
    wanted = _CaptureOptions(
        macs=tuple(dict.fromkeys(mac)),
        everyone=everyone,
        ports=frozenset({80, 443, *port}),
        patience=patience,
        domain=domain,
        count=count,
        facts=facts,
        piped=write == "-",
    )
    if facts and save_request:
        raise click.UsageError("--save-request does not go with --facts, which keeps no bodies: leave one out")
    _one_on_standard_output(save_request, write, facts=facts, view=view)
    view = replace(view, ladder=ladder)
    if list_interfaces:
        need_standard_output()
        return _list_interfaces()
    if "" in read:
        raise click.UsageError("-r '' names no file: give a capture, or '-' for standard input")
    if read and interface:
        raise click.UsageError("-r and -i exclude each other: give either captures or an interface")
    _nothing_overwritten(read, {"-o": view.output, "-w": write, "--save-request": save_request})
    if interface is None:
        if not read:
            raise click.UsageError("there is nothing to watch: give a capture with -r FILE, or an interface with -i")
        for given, name in ((user, "-Z"), (duration, "--duration"), (until_done, "--until-done")):
            if given:
                raise click.UsageError(f"{name} goes with -i only")
        return _run(wanted, _FileCapture(wanted, read, write), view, _saver(save_request, wanted))
    if until_done and not mac:
        raise click.UsageError("--until-done needs the phones to wait for: name them with --mac")
    saver = _saver(save_request, wanted)  # before a live capture gives up its rights
    try:
        live = _LiveCapture(
            wanted, interface, write=write, user=user, duration=duration, until_done=until_done, view=view
        )
    except BaseException:
        if saver is not None:
            saver.finish()
        raise
    return _run(wanted, live, view, saver)


def _saver(name: str | None, wanted: _CaptureOptions) -> "RequestSaver | None":
    if name is None:
        return None
    from ucdiag.capture.request_saver import RequestSaver

    return RequestSaver(name, wanted.macs)


def _nothing_overwritten(read: Sequence[str], outputs: Mapping[str, str | None]) -> None:
    """Neither what is to be read, which often nobody has twice, nor what goes to another output. Raises UsageError."""
    files = [(option, name) for option, name in outputs.items() if name is not None and name != "-"]
    if not files:
        return
    from ucdiag.capture.open_capture import is_read, is_same

    for number, (option, name) in enumerate(files):
        source = is_read(name, read)
        if source is not None:
            what = "standard input" if source == "-" else repr(source)
            raise click.UsageError(f"{option} would overwrite {what}, which is to be read: write to another file")
        for earlier, other in files[:number]:
            if is_same(name, other):
                raise click.UsageError(f"{earlier} and {option} would overwrite each other in {name!r}: name two files")


def _one_on_standard_output(save_request: str | None, write: str | None, *, facts: bool, view: ViewOptions) -> None:
    """Only one of report, request and packets can go there. Raises UsageError, or CannotTest where it is closed."""
    named = [name for name, value in (("--save-request -", save_request), ("-w -", write)) if value == "-"]
    if not named:
        return
    if len(named) > 1:
        raise click.UsageError("--save-request - would mix the request with the packets of -w -: give one a file")
    if view.output is None:
        what = "packets" if write == "-" else "request"
        report = "facts" if facts else "report"
        raise click.UsageError(
            f"{named[0]} would mix the {what} with the {report}: have the {report} written with -o FILE, "
            f"or the {what} into a file"
        )
    need_standard_output()


def _run(
    wanted: _CaptureOptions, origin: "_FileCapture | _LiveCapture", view: ViewOptions, saver: "RequestSaver | None"
) -> int:
    code = _print_facts(origin, view) if wanted.facts else _judge(wanted, origin, view, saver)
    # A standard output that does not take all is 3, whatever was to go there.
    return UNKNOWN if wanted.piped and origin.unwritten is not None else code


def _interest(wanted: _CaptureOptions) -> "HostFilter":
    from ucdiag.wire.host_filter import HostFilter

    return HostFilter(
        everything=wanted.facts,
        macs=frozenset(bytes.fromhex(each.replace(":", "")) for each in wanted.macs),
        leased=wanted.everyone,
    )


class _FileCapture:
    """Captures in files, or on standard input."""

    kind: SourceKind = "file"
    _copy: "CopyingFileReader | None" = None

    def __init__(self, wanted: _CaptureOptions, names: Sequence[str], write: str | None) -> None:
        from ucdiag.capture.file_reader import CaptureFileReader

        self.name = ", ".join("standard input" if name == "-" else name for name in names)
        self.limited = True
        self.until_done = False
        self._names = names
        self._reading: CaptureFileReader
        interest, ports = _interest(wanted), wanted.ports
        if write is None:
            self._reading = CaptureFileReader(interest, ports=ports, patience=wanted.patience, limit=wanted.count)
            return
        from ucdiag.capture.filtered_copy import CopyingFileReader

        self._reading = self._copy = CopyingFileReader(
            interest, write=write, ports=ports, patience=wanted.patience, limit=wanted.count
        )

    @property
    def interrupted(self) -> bool:
        return self._reading.interrupted

    @property
    def packets(self) -> int:
        return self._reading.packets

    @property
    def lost(self) -> int:
        return self._reading.lost

    @property
    def at(self) -> Microseconds:
        """The time that the capture has come to."""
        return self._reading.last or 0

    @property
    def observer(self) -> "PacketTracker":
        return self._reading.observer

    @property
    def unread(self) -> Sequence[Problem]:
        """Of files that were named and of which nothing could be read, or not all written."""
        unwritten = self.unwritten
        return self._reading.unread if unwritten is None else [*self._reading.unread, unwritten]

    @property
    def unwritten(self) -> Problem | None:
        """Why not all the packets that matter could be written."""
        return self._copy.problem if self._copy is not None else None

    @property
    def counting(self) -> str | None:
        """How frames count where there are several files."""
        later = self._reading.starts[1:]
        if not later or self._copy is not None:
            return None
        if self._reading.reordered:
            later = self._reading.starts
        told = ", ".join(f"{name} begins with frame {frame}" for frame, name in later[:20])
        order = ", which were read in the order of their times" if self._reading.reordered else ""
        return f"Frame numbers count through all files{order}: {told}."

    def read(self) -> Iterator[Observation | Problem | None]:
        return self._reading.read(self._names)

    def stop(self) -> None:
        """Nothing to stop: what ends the reading is the end of the file."""


class _LiveCapture:
    """An interface. The first Ctrl-C or SIGTERM ends the capture, and the report follows; the second ends it all."""

    kind: SourceKind = "live"
    _live: "Live"

    def __init__(
        self,
        wanted: _CaptureOptions,
        interface: str,
        *,
        write: str | None,
        user: str | None,
        duration: float | None,
        until_done: bool,
        view: ViewOptions,
    ) -> None:
        import signal

        self.name = interface
        self.until_done = until_done
        self.limited = bool(wanted.count or duration or until_done)
        self.interrupted = False
        # Already here: what came until the reading begins is judged too.
        self._before = [(each, signal.signal(each, self._asked)) for each in (signal.SIGINT, signal.SIGTERM)]
        try:
            self._open(wanted, write, user, duration, view)
        except BaseException:
            self._restore()
            raise

    def _open(
        self, wanted: _CaptureOptions, write: str | None, user: str | None, duration: float | None, view: ViewOptions
    ) -> None:
        from ucdiag.capture.live import Live

        self._live = Live(
            self.name,
            _interest(wanted),
            ports=wanted.ports,
            patience=wanted.patience,
            count=wanted.count,
            duration=duration,
            write=write,
        )
        if self.interrupted:
            self._live.stop()
        preload_lazy_modules()
        self._live.become(user)
        if view.output is not None:
            from ucdiag.cli.output import why_not_writable

            why = why_not_writable(view.output)
            if why:
                advice = "write elsewhere, or keep them with -Z root"
                text = f"{view.output!r} cannot be written without root's rights ({why}): {advice}."
                raise CannotTest("output", text)

    def _asked(self, number: int, frame: object) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        if hasattr(self, "_live"):
            self._live.stop()

    def _restore(self) -> None:
        import signal

        for number, handler in self._before:
            signal.signal(number, handler)

    @property
    def unread(self) -> Sequence[Problem]:
        """Of what was captured and could not be written."""
        return () if self.unwritten is None else (self.unwritten,)

    @property
    def unwritten(self) -> Problem | None:
        """Why not all the packets that matter could be written."""
        return self._live.unwritten

    @property
    def observer(self) -> "PacketTracker":
        return self._live.observer

    @property
    def packets(self) -> int:
        return self._live.packets

    @property
    def lost(self) -> int:
        return self._live.lost

    @property
    def at(self) -> Microseconds:
        """The time that the capture has come to."""
        return time_ns() // 1000

    def stop(self) -> None:
        self._live.stop()

    def read(self) -> Iterator[Observation | Problem | None]:
        try:
            yield from self._live.read()
        finally:
            self._restore()


# What is imported late elsewhere: without root's rights, a Python in root's home cannot be read any more.
LAZY_MODULES = (
    "defusedxml.ElementTree",
    "defusedxml.common",
    "difflib",
    "encodings.idna",
    "http",
    "pathlib",
    "tempfile",
    "traceback",
    "ucdiag.cli.output",
    "ucdiag.diagnosis.catalogue",
    "ucdiag.diagnosis.phone_tracker",
    "ucdiag.model.codec",
    "ucdiag.capture.frame_order",
    "ucdiag.views.json_view",
    "ucdiag.views.ladder",
    "ucdiag.views.ladder_messages",
    "ucdiag.views.sanitize",
    "ucdiag.views.short_view",
    "ucdiag.views.rich_writer",
    "ucdiag.views.text_view",
    "ucdiag.update_service.response",
    "unicodedata",
    "xml.etree.ElementTree",
)


def preload_lazy_modules() -> None:
    from importlib import import_module

    for name in LAZY_MODULES:
        import_module(name)
    from rich.cells import cell_len

    from ucdiag.wire.http.body import load_encodings

    # A body, or a name in a certificate, may be in any of them.
    load_encodings()
    # How wide characters are, rich looks up in tables that it imports when it first needs them.
    cell_len("\u2192")


def _list_interfaces() -> int:
    from ucdiag.capture.live import interfaces
    from ucdiag.views.sanitize import visible

    found = interfaces()
    for each in found:
        flaw = f": {each.flaw}" if each.flaw else ""
        click.echo(visible(" ".join((each.name, f"({each.state})", *each.addresses)) + flaw))
    return WHOLE if any(each.flaw is None for each in found) else UNKNOWN


def _print_facts(origin: _FileCapture | _LiveCapture, view: ViewOptions) -> int:
    from ucdiag.capture.frame_order import FactSorter
    from ucdiag.cli.output import Output
    from ucdiag.model.codec import to_json

    code = WHOLE
    with Output(view.output) as output:
        stream = output.stream
        lines = FactSorter(stream.write)
        try:
            for each in origin.read():
                if isinstance(each, Problem):
                    _complain(each.text)
                elif each is None:
                    # Whoever watches wants to see what happened, in order as far as it is known by now.
                    lines.release(time_ns() // 1000 - _SOON)
                    stream.flush()
                elif isinstance(each, Extent):
                    if each.lost or each.dropped:
                        _complain(
                            f"{each.lost:,} packets were dropped by the kernel, and {each.dropped:,} connections or "
                            "questions had to be forgotten to keep memory bounded: facts are missing."
                        )
                else:
                    lines.put(each.frame or 0, each.time, json.dumps(to_json(each)))
            if origin.interrupted and origin.limited:
                code = INTERRUPTED
        except KeyboardInterrupt:
            code = INTERRUPTED
        except CannotTest as cannot:
            _complain(cannot.text)
            code = UNKNOWN
        if origin.unread and code == WHOLE:
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
    from ucdiag.views.sanitize import visible

    with suppress(OSError):  # nobody reads standard error
        click.echo(visible(f"ucdiag: {text}"), err=True)


def _judge(
    wanted: _CaptureOptions, origin: _FileCapture | _LiveCapture, view: ViewOptions, saver: "RequestSaver | None"
) -> int:
    from ucdiag.diagnosis.options import DiagnosisOptions
    from ucdiag.diagnosis.phone_tracker import PhoneTracker

    # What was imported stays.
    gc.freeze()
    setting = DiagnosisOptions(
        watching=True, patience=wanted.patience, ports=wanted.ports, expected_domain=wanted.domain
    )
    fleet = PhoneTracker(setting, wanted.macs, wanted.everyone, origin.observer.is_routed)
    started = time_ns() // 1000
    code: int | None = None
    problems: list[Problem] = []
    extent: Extent | None = None
    if saver is not None:
        origin.observer.saw_update = saver.take
    with ViewSession("capture", view) as show:
        try:
            extent = _feed(fleet, origin, problems, show)
            if origin.interrupted and origin.limited:
                code = INTERRUPTED
                problems.append(Problem(code="interrupted", text="It was interrupted before all was read."))
        except CannotTest as cannot:
            problems.append(Problem(code=cannot.code, text=cannot.text))
        except KeyboardInterrupt:
            code = INTERRUPTED
            problems.append(Problem(code="interrupted", text="It was interrupted before all was read."))
        if saver is not None:
            problems.extend(saver.finish())
        if isinstance(origin, _FileCapture) and origin.counting:
            problems.append(Problem(code="several-files", text=origin.counting))
        end = extent.end if extent is not None else started
        phones = show.reports(fleet.judgements(end))
        report = report_of(
            "capture",
            started=started,
            finished=time_ns() // 1000,
            source=Source(
                kind=origin.kind,
                name=origin.name,
                packets=extent.packets if extent is not None else None,
            ),
            phones=phones,
            problems=(*problems, *fleet.problems()),
        )
        if not phones and extent is not None:
            report = replace(report, verdict=_nobody(fleet.hints()))
        if origin.unread and report.verdict.status is VerdictStatus.WHOLE:
            report = replace(report, verdict=_of_the_rest(origin.unread[0], report.verdict))
        show.end(report)
        for each in origin.unread:
            # Whoever looks at the verdict alone, or at nothing but this; once is enough on a terminal.
            if each.text != report.verdict.summary or view.format == "json" or view.output is not None:
                _complain(each.text)
        if saver is not None and saver.said and not view.quiet:
            with suppress(OSError):
                click.echo(saver.said, err=True)
    return code if code is not None else exit_code(report)


def _feed(
    fleet: "PhoneTracker", origin: _FileCapture | _LiveCapture, problems: list[Problem], show: ViewSession
) -> Extent | None:
    extent = None
    looked = monotonic()
    watched = show.watches
    for each in origin.read():
        if watched:
            show.watch(partial(_so_far, fleet, origin), origin.packets, origin.lost)
        if isinstance(each, Problem):
            problems.append(each)
        elif each is None:
            if origin.until_done and monotonic() - looked >= 1.0:
                looked = monotonic()
                if all(report.verdict.status is not VerdictStatus.UNKNOWN for report in _so_far(fleet, origin)):
                    origin.stop()
        else:
            if isinstance(each, Extent):
                extent = each
                if each.lost:
                    problems.append(Problem(code="packets-lost", text=_lost(each.lost)))
            fleet.feed(each)
    return extent


def _so_far(fleet: "PhoneTracker", origin: _FileCapture | _LiveCapture) -> tuple[PhoneReport, ...]:
    """The phones as they stand, silence that has lasted long enough included."""
    at = origin.at
    return fleet.finish(at, final=False, pending=origin.observer.pending(at))


def _of_the_rest(problem: Problem, verdict: Verdict) -> Verdict:
    """Half of what was to be read cannot say that all is well."""
    text = f"{problem.text} What could be read says: {verdict.summary}"
    return Verdict(status=VerdictStatus.UNKNOWN, code=problem.code, summary=text)


def _lost(count: int) -> str:
    return (
        f"The kernel dropped {count:,} packets because the machine was too slow: a verdict that rests on something "
        "missing may be wrong."
    )


def _nobody(hints: Sequence[str]) -> Verdict:
    text = "Nothing in the capture looks like such a phone."
    if hints:
        text += f" By their MAC addresses, these may be some: {', '.join(hints[:5])} (name one with --mac)."
    return Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text)


# The name by which the list of commands finds it.
command = capture
