"""What ``ucdiag capture`` does with the packets: judge the phones, or print every fact."""

import gc
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from time import monotonic, time_ns
from typing import TYPE_CHECKING, TextIO

import click

from ucdiag.cli.capture_options import CaptureOptions
from ucdiag.cli.capture_source import FileCapture, LiveCapture
from ucdiag.cli.exit_codes import INTERRUPTED, UNKNOWN, WHOLE
from ucdiag.cli.runner import ViewOptions, ViewSession, exit_code, report_of, run_to_end
from ucdiag.model.codec import to_json
from ucdiag.model.observations import Extent
from ucdiag.model.report import PhoneReport, Problem, Report, Source, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import Microseconds
from ucdiag.runtime.context import CannotTest
from ucdiag.views.sanitize import visible

if TYPE_CHECKING:
    from ucdiag.capture.frame_order import FactSorter
    from ucdiag.capture.request_saver import RequestSaver
    from ucdiag.diagnosis.phone_tracker import PhoneTracker

_SOON = 3_000_000  # microseconds that a fact waits, live, for those of earlier frames
_LOOK_EVERY = 1.0  # seconds between two looks whether all named phones have a verdict
_INTERRUPTED = "It was interrupted before all was read."


def print_facts(origin: FileCapture | LiveCapture, view: ViewOptions) -> int:
    """Print every fact, one JSON object a line, in the order of the frames; the exit code.

    Raises CannotTest where the output takes no more.
    """
    from ucdiag.capture.frame_order import FactSorter
    from ucdiag.cli.output import Output

    with Output(view.output) as output:
        stream = output.stream
        lines = FactSorter(stream.write)
        reading = run_to_end(lambda: _sort_facts(origin, lines, stream), interrupted=_INTERRUPTED)
        if reading.code is None and reading.problem is not None:
            _print_warning(reading.problem.text)
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
        output.keep()
    if INTERRUPTED in (reading.code, writing.code):
        return INTERRUPTED
    return UNKNOWN if incomplete else WHOLE


def _sort_facts(origin: FileCapture | LiveCapture, lines: "FactSorter", stream: TextIO) -> None:
    for item in origin.read():
        if isinstance(item, Problem):
            _print_warning(item.text)
        elif item is None:
            # Someone may watch: show what happened, in order as far as it is known by now.
            lines.release(time_ns() // 1000 - _SOON)
            stream.flush()
        elif isinstance(item, Extent):
            if item.lost or item.dropped:
                _print_warning(
                    f"{item.lost:,} packets were dropped by the kernel, and {item.dropped:,} connections or "
                    "questions had to be forgotten to keep memory bounded: facts are missing."
                )
        else:
            lines.put(item.frame or 0, item.time, json.dumps(to_json(item)))
    _raise_interrupt(origin)


def _raise_interrupt(origin: FileCapture | LiveCapture) -> None:
    """An interrupted capture that had another end is not complete. Raises KeyboardInterrupt."""
    if origin.interrupted and origin.limited:
        raise KeyboardInterrupt


def _print_warning(text: str) -> None:
    with suppress(OSError):  # nobody reads standard error
        click.echo(visible(f"ucdiag: {text}"), err=True)


def judge_phones(
    wanted: CaptureOptions, origin: FileCapture | LiveCapture, view: ViewOptions, saver: "RequestSaver | None"
) -> int:
    """Judge every phone of the capture and show the report; the exit code."""
    from ucdiag.diagnosis.options import DiagnosisOptions
    from ucdiag.diagnosis.phone_tracker import PhoneTracker

    # The modules stay: the search for garbage need not go through them.
    gc.freeze()
    setting = DiagnosisOptions(
        from_capture=True, patience=wanted.patience, ports=wanted.ports, expected_domain=wanted.domain
    )
    tracker = PhoneTracker(setting, wanted.macs, wanted.everyone, origin.observer.is_routed)
    started = time_ns() // 1000
    if saver is not None:
        origin.observer.saw_update = saver.take
    with ViewSession("capture", view) as session:
        judgement = _Judgement(tracker, origin, session)
        ending = run_to_end(judgement.read, interrupted=_INTERRUPTED)
        judgement.problems.extend(ending.problems)
        if saver is not None:
            judgement.problems.extend(saver.finish())
        report = judgement.report(started)
        session.end(report)
        for problem in origin.unread:
            # For someone who looks at the verdict alone, or at standard error alone; on a terminal once is enough.
            if problem.text != report.verdict.summary or view.format == "json" or view.output is not None:
                _print_warning(problem.text)
        if saver is not None and saver.said and not view.quiet:
            with suppress(OSError):
                click.echo(saver.said, err=True)
    return ending.code if ending.code is not None else exit_code(report)


class _Judgement:
    """The phones of one capture, and what was learnt of the capture itself."""

    def __init__(self, tracker: "PhoneTracker", origin: FileCapture | LiveCapture, session: ViewSession) -> None:
        self._tracker = tracker
        self._origin = origin
        self._session = session
        self._extent: Extent | None = None
        self._looked = monotonic()
        self.problems: list[Problem] = []

    def read(self) -> None:
        """Take all facts. Raises what the source raises, and KeyboardInterrupt where it was stopped before its end."""
        watched = self._session.shows_phones
        for item in self._origin.read():
            if watched:
                self._session.show_phones(self._phones_so_far, self._origin.packets, self._origin.lost)
            if isinstance(item, Problem):
                self.problems.append(item)
            elif item is None:
                self._stop_when_done()
            else:
                if isinstance(item, Extent):
                    self._extent = item
                    if item.lost:
                        self.problems.append(Problem(code="packets-lost", text=_lost_text(item.lost)))
                self._tracker.feed(item)
        _raise_interrupt(self._origin)

    def _stop_when_done(self) -> None:
        if not self._origin.until_done or monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = monotonic()
        if all(phone.verdict.status is not VerdictStatus.UNKNOWN for phone in self._phones_so_far()):
            self._origin.stop()

    def _phones_so_far(self) -> tuple[PhoneReport, ...]:
        """The phones as they stand, silence that has lasted long enough included."""
        at = self._origin.at
        return self._tracker.finish(at, final=False, pending=self._origin.observer.pending(at))

    def report(self, started: Microseconds) -> Report:
        """The report of the whole capture. A partly read capture is never reported as whole."""
        origin, extent = self._origin, self._extent
        if isinstance(origin, FileCapture) and origin.counting:
            self.problems.append(Problem(code="several-files", text=origin.counting))
        phones = self._session.reports(self._tracker.judgements(extent.end if extent is not None else started))
        packets = extent.packets if extent is not None else None
        report = report_of(
            "capture",
            started=started,
            finished=time_ns() // 1000,
            source=Source(kind=origin.kind, name=origin.name, packets=packets),
            phones=phones,
            problems=(*self.problems, *self._tracker.problems()),
        )
        if not phones and extent is not None:
            report = replace(report, verdict=_no_phone_verdict(self._tracker.hints()))
        if origin.unread and report.verdict.status is VerdictStatus.WHOLE:
            report = replace(report, verdict=_incomplete_verdict(origin.unread[0], report.verdict))
        return report


def _incomplete_verdict(problem: Problem, verdict: Verdict) -> Verdict:
    """The verdict where a part could not be read: that the rest is whole does not prove the path whole."""
    text = f"{problem.text} What could be read says: {verdict.summary}"
    return Verdict(status=VerdictStatus.UNKNOWN, code=problem.code, summary=text)


def _lost_text(count: int) -> str:
    return (
        f"The kernel dropped {count:,} packets because the machine was too slow: a verdict that rests on something "
        "missing may be wrong."
    )


def _no_phone_verdict(hints: Sequence[str]) -> Verdict:
    text = "Nothing in the capture looks like such a phone."
    if hints:
        text += f" By their MAC addresses, these may be some: {', '.join(hints[:5])} (name one with --mac)."
    return Verdict(status=VerdictStatus.UNKNOWN, code="no-phone-seen", summary=text)
