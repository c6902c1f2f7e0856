"""The work of ``ucdiag capture``: judge the phones, or print every fact."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import replace
from time import time_ns
from typing import TYPE_CHECKING, TextIO

from ucdiag.cli.capture_options import CaptureOptions
from ucdiag.cli.capture_source import Again, FileCapture, LiveCapture
from ucdiag.cli.crash import print_error, print_message
from ucdiag.cli.exit_codes import INTERRUPTED, UNKNOWN, WHOLE
from ucdiag.cli.runner import ViewOptions, ViewSession, exit_code, report_of, run_to_end, whole_of_all
from ucdiag.cli.tally import Tally
from ucdiag.model.observations import Extent
from ucdiag.model.report import PhoneReport, Problem, Report, Source
from ucdiag.model.text import counted
from ucdiag.model.urls import is_address
from ucdiag.model.vocabulary import Microseconds, ProblemCode
from ucdiag.runtime.context import CannotTest

if TYPE_CHECKING:
    from ucdiag.capture.frame_order import FactSorter
    from ucdiag.capture.request_saver import RequestSaver
    from ucdiag.cli.capture_bundle import Forwarding
    from ucdiag.cli.masked_run import MaskedRun
    from ucdiag.cli.until_done import UntilDone
    from ucdiag.diagnosis.phone_tracker import PhoneTracker

_SOON = 250_000  # microseconds that a fact waits, live, for those of earlier frames
NOT_COUNTED = (
    "Nothing counts here how many packets the capture lost: nothing is concluded from a silence inside a connection."
)
_ENDED_EARLY = ("max-time", "interrupted")
_INTERRUPTED = "It was interrupted before all was read."


def print_facts(wanted: CaptureOptions, origin: FileCapture | LiveCapture, view: ViewOptions) -> int:
    """Print every fact, one JSON object a line, in the order of the frames; the exit code.

    Raises CannotTest where the output takes no more.
    """
    from ucdiag.capture.frame_order import FactSorter
    from ucdiag.cli.output import Output

    masked = None
    if view.mask:
        from ucdiag.cli.masked_run import MaskedRun

        masked = MaskedRun()
        masked.as_they_come()
    with Output(view.output, force=view.force) as output:
        stream = output.stream
        lines = FactSorter(stream.write)
        reading = run_to_end(
            lambda: _sort_facts(origin, lines, stream, masked), interrupted=_INTERRUPTED, limit=wanted.limit
        )
        if reading.code is None and reading.problem is not None:
            print_message(reading.problem.text)
        incomplete = reading.problem is not None or bool(origin.unread)

        def finish() -> None:
            try:
                output.write(lines.finish)
                output.write(stream.flush)
            finally:
                lines.close()

        writing = run_to_end(finish, interrupted=_INTERRUPTED)
        if writing.code is None and writing.problem is not None:
            raise CannotTest(writing.problem.code, writing.problem.text)
        if masked is not None and wanted.write is not None and wanted.masked_write is not None:
            masked.learn_packets(wanted.write, wanted.ports).write(wanted.masked_write)
        output.keep()
    if INTERRUPTED in (reading.code, writing.code):
        return INTERRUPTED
    return UNKNOWN if incomplete else WHOLE


def _sort_facts(
    origin: FileCapture | LiveCapture, lines: "FactSorter", stream: TextIO, masked: "MaskedRun | None"
) -> None:
    import json

    from ucdiag.model.codec import to_json

    for item in origin.read():
        if isinstance(item, Problem):
            print_message(item.text)
        elif isinstance(item, Again):
            lines.close()
        elif item is None:
            # Someone may watch: show what happened, in order as far as it is known by now.
            lines.write_before(time_ns() // 1000 - _SOON)
            stream.flush()
        elif isinstance(item, Extent):
            if reasons := _why_facts_are_missing(item):
                print_message(f"{', and '.join(reasons)}: facts are missing.")
        else:
            fact = item if masked is None else masked.fact(item)
            lines.add_line(item.frame or 0, item.time, json.dumps(to_json(fact)))
    _raise_interrupt(origin)


def _why_facts_are_missing(extent: Extent) -> list[str]:
    reasons = []
    if extent.lost:
        reasons.append(f"the capture lost {counted(extent.lost, 'packet')}")
    if extent.dropped:
        what = "connection or question" if extent.dropped == 1 else "connections or questions"
        reasons.append(f"{extent.dropped:,} {what} had to be forgotten to keep memory bounded")
    return reasons


def _raise_interrupt(origin: FileCapture | LiveCapture) -> None:
    """An interrupted capture that had another end is not complete. Raises KeyboardInterrupt."""
    if origin.interrupted and origin.limited:
        raise KeyboardInterrupt


def judge_phones(
    wanted: CaptureOptions, origin: FileCapture | LiveCapture, view: ViewOptions, saver: "RequestSaver | None"
) -> int:
    """Judge every phone of the capture and show the report; the exit code."""
    # The modules stay: the search for garbage need not go through them, and what it is to find now are facts.
    gc.freeze()
    gc.set_threshold(50_000)
    started = time_ns() // 1000
    with ExitStack() as archives, ViewSession("capture", view) as session:
        judgement = _make_judgement(wanted, origin, session, saver, archives)
        ending = run_to_end(judgement.read, interrupted=_INTERRUPTED, limit=wanted.limit)
        judgement.problems.extend(ending.problems)
        if saver is not None:
            judgement.problems.extend(saver.finish())
        report = judgement.report(started)
        with _open_forwarding(report, wanted, view) as forwarding:
            if forwarding is not None:
                report = forwarding.shown
            session.end(report)
            if forwarding is not None:
                forwarding.write_bundle(judge_again, quiet=view.quiet, force=view.force)
        for problem in origin.unread:
            # For someone who looks at the verdict alone, or at standard error alone; on a terminal once is enough.
            if problem.text != report.verdict.summary or view.format == "json" or view.output is not None:
                print_message(problem.text)
        if saver is not None and saver.said and not view.quiet:
            print_error(saver.said)
    if saver is not None and saver.failed is not None:
        print_message(saver.failed)
        return UNKNOWN if ending.code is None else ending.code
    return ending.code if ending.code is not None else exit_code(report)


def _open_forwarding(
    report: Report, wanted: CaptureOptions, view: ViewOptions
) -> "AbstractContextManager[Forwarding | None]":
    """What makes of the report and the packets what is forwarded, if anything is."""
    if view.bundle is None and not view.mask:
        return nullcontext()
    from ucdiag.cli.capture_bundle import Forwarding

    return Forwarding(report, wanted, view.bundle, mask=view.mask)


def judge_again(wanted: CaptureOptions) -> Report:
    """The report of the captures, without a view. Raises the errors of reading them."""
    origin = FileCapture(wanted)
    with ExitStack() as archives:
        judgement = _make_judgement(wanted, origin, _Unshown(), None, archives)
        judgement.read()
        return judgement.report(0)


class _Unshown:
    """In the place of a view: of each report its phone, verdict and findings are kept."""

    shows_phones = False
    takes_brief = False
    unkept: str | None = None

    def show_phones(
        self,
        phones: Callable[[], Sequence[PhoneReport]],
        packets: int,
        lost: int = 0,
        quiet: int = 0,
        status: Callable[[], str] = str,
    ) -> None:
        """Nothing is shown."""

    def reports(
        self, judgements: Iterator[Callable[[], PhoneReport]], *, many: bool = False
    ) -> tuple[Sequence[PhoneReport], Tally]:
        """All reports, and how they stand."""
        tally, kept = Tally(), []
        for judge in judgements:
            report = judge()
            tally.add(report.verdict, report.learnt)
            kept.append(replace(report, observations=()))
        return kept, tally


def _make_judgement(
    wanted: CaptureOptions,
    origin: FileCapture | LiveCapture,
    session: "ViewSession | _Unshown",
    saver: "RequestSaver | None",
    archives: ExitStack,
) -> "_Judgement":
    from ucdiag.diagnosis.known_servers import KnownServers
    from ucdiag.diagnosis.options import ClocksDiffer, DiagnosisOptions
    from ucdiag.diagnosis.phone_tracker import PhoneTracker
    from ucdiag.runtime.phone_archive import PhoneArchive

    setting = DiagnosisOptions(
        from_capture=True,
        counts_loss=origin.counts_loss,
        patience=wanted.patience,
        ports=wanted.ports,
        expected_domain=wanted.domain,
        servers=KnownServers(given=wanted.servers),
    )

    def begin() -> PhoneTracker:
        archives.close()
        origin.observer.arp.expected = frozenset(filter(is_address, wanted.servers))
        if saver is not None:
            origin.observer.saw_update = saver.take
        archive = archives.enter_context(closing(PhoneArchive()))
        judged = setting if origin.clocks is None else replace(setting, clocks=ClocksDiffer(*origin.clocks))
        return PhoneTracker(judged, wanted.macs, wanted.everyone, origin.observer.is_routed, archive=archive)

    return _Judgement(begin, origin, session)


class _Judgement:
    """The phones of one capture, and what was learnt of the capture itself."""

    def __init__(
        self,
        begin: "Callable[[], PhoneTracker]",
        origin: FileCapture | LiveCapture,
        session: "ViewSession | _Unshown",
    ) -> None:
        self._begin = begin
        self._tracker = begin()
        self._origin = origin
        self._session = session
        self._extent: Extent | None = None
        self._until_done = self._until_all_are_done() if origin.until_done else None
        self.problems: list[Problem] = []

    def _until_all_are_done(self) -> "UntilDone":
        from ucdiag.cli.until_done import UntilDone

        return UntilDone(self._phones_so_far)

    def read(self) -> None:
        """Take all facts. Raises what the source raises, and KeyboardInterrupt where it was stopped before its end."""
        watched = self._session.shows_phones
        if watched:
            self._origin.watch(self._show_phones)
        for item in self._origin.read():
            if watched:
                self._show_phones()
            if isinstance(item, Problem):
                self.problems.append(item)
            elif isinstance(item, Again):
                self._tracker = self._begin()
                self.problems.clear()
            elif item is None:
                self._stop_when_done()
            else:
                if isinstance(item, Extent):
                    self._extent = item
                    self.problems += _loss_problems(item.lost)
                self._tracker.feed(item)
                if self._until_done is not None:
                    self._until_done.count_fact()
        _raise_interrupt(self._origin)

    def _show_phones(self) -> None:
        origin = self._origin
        self._session.show_phones(
            self._phones_so_far, origin.packets, origin.lost, self._tracker.quiet_count, origin.status
        )

    def _stop_when_done(self) -> None:
        if self._until_done is not None and self._until_done.is_done():
            self._origin.stop()

    def _phones_so_far(self) -> tuple[PhoneReport, ...]:
        """The phones as they stand, silence that has lasted long enough included."""
        at = self._origin.at
        self._note_losses(self._origin.lost)
        return self._tracker.finish(at, final=False, pending=self._origin.observer.pending(at))

    def _note_losses(self, lost: int | None) -> None:
        """Note the lost packets: a missing packet may be one of them, so no silence in a connection is concluded."""
        if lost and lost != self._tracker.setting.lost:
            self._tracker.setting = replace(self._tracker.setting, lost=lost)

    def report(self, started: Microseconds) -> Report:
        """The report of the whole capture. A partly read capture is never reported as whole."""
        origin, extent = self._origin, self._extent
        from ucdiag.diagnosis.options import CaptureGap

        gaps = tuple(CaptureGap(*gap[:3]) for gap in origin.gaps)
        self._tracker.setting = replace(self._tracker.setting, gaps=gaps)
        self._note_losses(extent.lost if extent is not None else None)
        self.problems += (_gap_problem(text, code) for _, _, text, code in origin.gaps)
        if isinstance(origin, FileCapture) and origin.counting:
            self.problems.append(Problem(code="several-files", text=origin.counting))
        end = extent.end if extent is not None else started
        self._tracker.dropped += origin.observer.strangers.forgotten
        many = self._tracker.quiet_count > 0
        judgements = self._tracker.judgements(end, brief=many and self._session.takes_brief)
        phones, tally = self._session.reports(judgements, many=many)
        tally.add_all(self._tracker.verdicts_alone())
        if self._session.unkept is not None:
            self.problems.append(Problem(code="forgotten", text=_unkept_text(self._session.unkept, tally, len(phones))))
        packets = extent.packets if extent is not None else None
        report = report_of(
            "capture",
            started=started,
            finished=time_ns() // 1000,
            source=Source(kind=origin.kind, name=origin.name, packets=packets),
            phones=phones,
            problems=(*self.problems, *self._tracker.problems()),
            tally=tally,
        )
        # Those that were named count as phones, seen or not; of others the verdict alone may be known.
        seen = tally.counts.total() > len(phones) or any(phone.verdict.code != "no-phone-seen" for phone in phones)
        # Of a file from which nothing came in time nobody knows whether it is empty.
        unread = origin.kind == "file" and any(problem.code in _ENDED_EARLY for problem in self.problems)
        if extent is not None and not seen and (extent.packets or not unread):
            from ucdiag.cli.no_phone import no_phone_verdict

            for message in origin.observer.held_dhcp():
                self._tracker.feed(message)
            verdict = no_phone_verdict(
                self._tracker.hinted_macs(),
                extent.packets,
                origin.census() if extent.packets and not origin.interrupted else None,
                origin.observer.tunnels_unread,
                cut=extent.cut,
                live=origin.kind == "live",
                nobody=report.verdict.summary if phones else None,
            )
            report = replace(report, verdict=verdict)
        return whole_of_all(report, next(iter(origin.unread), None))


def _gap_problem(text: str, code: ProblemCode) -> Problem:
    text = f"{text[:1].upper()}{text[1:]}: nothing is concluded from what is missing"
    if code == "files-missing":
        return Problem(code=code, text=f"{text} in that time. Name all files of the series.")
    if code == "times-missing":
        return Problem(code=code, text=f"{text}. Capture again with times (tcpdump, dumpcap).")
    return Problem(code=code, text=f"{text}. Save it in a file, and read that.")


def _loss_problems(count: int | None) -> list[Problem]:
    if count is None:
        return [Problem(code="loss-not-counted", text=NOT_COUNTED)]
    return [Problem(code="packets-lost", text=_lost_text(count))] if count else []


def _lost_text(count: int) -> str:
    return (
        f"The kernel dropped {counted(count, 'packet')} because the machine was too slow: nothing is concluded "
        "from a silence inside a connection."
    )


def _unkept_text(why: str, tally: Tally, kept: int) -> str:
    return (
        f"Of {counted(tally.counts.total() - kept, 'phone')} this report has the verdict alone, because the temporary "
        f"file for reports takes no more ({why}): name a folder with room in TMPDIR, or the phones with --mac."
    )
