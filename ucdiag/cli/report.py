"""``ucdiag report``."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import time_ns
from typing import IO, TYPE_CHECKING

import click

from ucdiag.cli import options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.capture_options import expand_pattern
from ucdiag.cli.exit_codes import BROKEN, UNEXPECTED, UNKNOWN, WHOLE
from ucdiag.cli.forwarding_reports import show_report
from ucdiag.cli.options import view_options
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.runner import (
    ViewOptions,
    ViewSession,
    exit_code,
    need_one_target,
    report_of,
    run_to_end,
    whole_of_all,
)
from ucdiag.cli.without_root import give_up_for_files
from ucdiag.model.report import PhoneReport, Problem, Report, Source
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.text import STANDARD_INPUT, file_title, listed
from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest

if TYPE_CHECKING:
    from ucdiag.stored_reports.expectations import Expectations
    from ucdiag.stored_reports.report_files import StoredReport

_INTERRUPTED = "It was interrupted before all reports were read: run it again."
# The worst first.
_CODES = {VerdictStatus.BROKEN: BROKEN, VerdictStatus.UNKNOWN: UNKNOWN, VerdictStatus.WHOLE: WHOLE}
_MANY = 200  # reports of which more than the phone that is at hand is not kept in memory
# Formats that show no observation of many phones.
_BRIEF = {"text", "short", "html", "csv", "markdown", "junit", "nagios", "prometheus"}
_NAMED = 5  # files, or differences, that a sentence names


@options.command("report")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@plain_option("--rejudge", is_flag=True, help="Judge the observations again, by the catalogue of this version.")
@plain_option("--diff", is_flag=True, help="Compare two points in time: FILE is the older one, then the newer one.")
@plain_option("--expect", metavar="FILE", help="Compare the reports with what the site should be; exit code 4.")
@view_options
@bundle_options
def report(files: tuple[str, ...], rejudge: bool, diff: bool, expect: str | None, view: ViewOptions) -> int:
    """Show stored reports again, merge those of many sites, or compare two points in time.

    FILE is a report in JSON, a journal of one report a line, a bundle, a folder of these, or - for standard input. Of
    several reports each phone counts once, as the latest one has it. What captures and the server's logs report of one
    phone is combined.

    \b
    Examples:
      ucdiag report branch01.json
      ucdiag report reports/ -f html -o all.html
      ucdiag report --diff monday.json friday.json
      ucdiag report capture.json logs.json
      ucdiag report reports/ --expect site.toml
    """
    names = [name for given in files for name in expand_pattern(given)]
    if diff and (rejudge or expect is not None):
        raise click.UsageError("--diff compares verdicts as they are: leave out --rejudge and --expect")
    if diff and (view.mask or view.bundle is not None):
        raise click.UsageError("--diff has neither --mask nor --bundle: leave them out")
    if diff:
        _need_two(names, view)
    give_up_for_files(view, [*names, *([expect] if expect is not None else [])], opens_later=True)
    if diff:
        return _compare_reports(names, view)
    return _show_reports(names, view, rejudge=rejudge, expected=_read_expectations(expect))


def _read_expectations(name: str | None) -> "Expectations | None":
    if name is None:
        return None
    from ucdiag.stored_reports.expectations import parse_expectations

    try:
        return parse_expectations(Path(name).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise click.UsageError(f"--expect {quoted(name)}: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:
        raise click.UsageError(f"--expect {quoted(name)}: {error}") from error


class _Reports:
    """The stored reports of a run, and what is learnt of them on the way."""

    def __init__(self, names: list[str], *, rejudge: bool, expected: "Expectations | None", brief: bool) -> None:
        """``brief``: nothing that is shown of many phones needs their observations."""
        from ucdiag.cli.kept_phones import KeptPhones
        from ucdiag.stored_reports.merging import LatestPhones
        from ucdiag.stored_reports.places import Places

        self._brief = brief and not rejudge and expected is None
        self._kept = KeptPhones()
        click.get_current_context().call_on_close(self._kept.close)

        self._names = names
        self._rejudge = rejudge
        self._expected = expected
        self.latest = LatestPhones()
        self._places = Places()
        self.count = 0
        self.unread: list[str] = []
        # Of each file's site the latest report that judges a phone, and the latest that judges none, which may be
        # why a merged report lacks the site.
        self._judged: dict[str, int] = {}
        self._unjudged: dict[str, Report] = {}
        self._sites: set[str] = set()
        self._standard_input = _kept_input(names)
        self.differing: list[str] = []
        self.unexpected: list[str] = []
        self.first: Report | None = None
        self.first_lacks = False
        # The first problem of each code, and the sites that have one of it.
        self._problems: dict[str, tuple[Problem, dict[str, None]]] = {}

    def _numbered_reports(self, *, brief: bool) -> "Iterator[tuple[int, StoredReport]]":
        """The reports with their numbers, those that cannot be read counted too."""
        from ucdiag.stored_reports.report_files import NoReport, stored_reports

        unread = []
        found = stored_reports(self._names, brief=brief, standard_input=self._standard_input)
        for number, stored in enumerate(found):
            if isinstance(stored, NoReport):
                unread.append(f"{quoted(stored.file)} ({stored.why})")
            else:
                yield number, self._places.with_site_name(stored)
        self.unread = unread

    def find_latest(self) -> None:
        """The first pass: which report is the latest of each phone."""
        for number, stored in self._numbered_reports(brief=True):
            self.count += 1
            self.latest.add_report(number, stored)
            if self._brief:
                self._keep_phones(number, stored)
            self._note_site(stored)
            if self.first is None:
                self.first = replace(stored.report, phones=())
                self.first_lacks = _reason_unknown(stored.report) is not None
            named = (phone.phone.site for phone in stored.report.phones)
            sites = [name for name in named if name]
            site = next(iter(sites), stored.site)
            self._sites.update((stored.site, *sites))
            for problem in stored.report.problems:
                self._problems.setdefault(problem.code, (problem, {}))[1][site] = None
        self._kept.finish()
        self.latest.finish()

    def _keep_phones(self, number: int, stored: "StoredReport") -> None:
        from ucdiag.cli.kept_phones import KeptPhone
        from ucdiag.stored_reports.merging import key_of

        for place, phone in enumerate(stored.report.phones):
            self._kept.add(KeptPhone(number, place, key_of(stored, phone), stored.site, phone))

    def _note_site(self, stored: "StoredReport") -> None:
        report = stored.report
        if report.phones and _reason_unknown(report) is None:
            self._judged[stored.site] = max(report.finished, self._judged.get(stored.site, report.finished))
        elif report.verdict.status is not VerdictStatus.WHOLE:
            known = self._unjudged.get(stored.site)
            if known is None or known.finished <= report.finished:
                self._unjudged[stored.site] = replace(report, phones=report.phones[:1])

    def _unjudged_sites(self, *, phones: bool) -> list[str]:
        """The sites, of several reports, that no later report judges in full, and why; ``phones``: with phones."""
        if self.is_single:
            return []
        return [
            f"{quoted(site)} ({(_reason_unknown(report) or report.verdict.summary)[:300].rstrip('.')})"
            for site, report in self._unjudged.items()
            if bool(report.phones) == phones and report.finished > self._judged.get(site, report.finished - 1)
        ]

    @property
    def unjudged_sites(self) -> list[str]:
        """The sites of which no report judges a phone, and why."""
        return self._unjudged_sites(phones=False)

    @property
    def incomplete_sites(self) -> list[str]:
        """The sites that are not whole although each of their phones is, and why."""
        return self._unjudged_sites(phones=True)

    def unused_expectations(self) -> list[tuple[str, str | None]]:
        """The sites of the expectations of which there is no report, each with the one that is perhaps meant: a
        reported one like it, of which nothing of its own is expected."""
        if self._expected is None:
            return []
        from difflib import get_close_matches

        others = {site.lower(): site for site in self._sites if site not in self._expected.sites}
        unused = [site for site in self._expected.sites if site not in self._sites]
        near = (get_close_matches(site.lower(), others, n=1, cutoff=0.75) for site in unused)
        return [(site, others[found[0]] if found else None) for site, found in zip(unused, near, strict=True)]

    @property
    def site_names(self) -> set[str]:
        """What the sites are called that have names of their own."""
        expected = self._expected.sites if self._expected is not None else ()
        return {*self._sites, *expected} - {file_title(STANDARD_INPUT)}

    def expected_names(self) -> Iterator[str]:
        """The names and addresses that are expected."""
        if self._expected is None:
            return
        for expected in (self._expected.everywhere, *self._expected.sites.values()):
            yield from (expected.domain,) if expected.domain is not None else ()
            yield from expected.addresses or ()

    @property
    def is_single(self) -> bool:
        """Whether there is one report, which is shown as it was."""
        return self.count == 1

    @property
    def are_many(self) -> bool:
        """Whether there are too many for memory."""
        return self.count > _MANY

    @property
    def are_brief(self) -> bool:
        """Whether the phones are shown without their observations."""
        return self._brief and self.are_many and not self.latest.has_both

    def judgements(self) -> Iterator[Callable[[], PhoneReport]]:
        """The phones that count: of many as the first pass kept them, if that is enough, else in a second pass."""
        if self.are_brief and self._kept.whole:
            for kept in self._kept:
                if self.latest.is_latest(kept.report, kept.place, kept.key):
                    shown = _at_site(kept.phone, kept.site)
                    yield lambda shown=shown: shown  # type: ignore[misc]
            return
        from ucdiag.stored_reports.wire_and_log import join_wire_and_logs, unlogged_requests

        waiting: dict[str, tuple[PhoneReport, bool]] = {}
        latest = self.latest
        coverage = latest.coverage
        for number, stored in self._numbered_reports(brief=self.are_brief):
            is_log = stored.report.source.kind == "logs"
            for place, phone in enumerate(stored.report.phones):
                key = latest.matched_key(stored, phone)
                if not latest.is_latest(number, place, key):
                    continue
                shown = self._prepare_phone(stored, phone)
                if coverage is not None and latest.in_both(key):
                    other = waiting.pop(key, None)
                    if other is None:
                        waiting[key] = (shown, is_log)
                        continue
                    wire, logs = (other[0], shown) if is_log else (shown, other[0])
                    shown, texts = join_wire_and_logs(wire, logs, coverage, latest.request_times(key))
                    self.differing += texts
                elif coverage is not None and stored.report.source.kind in ("file", "live"):
                    self.differing += unlogged_requests(shown, coverage)
                yield lambda shown=shown: shown  # type: ignore[misc]

    def _prepare_phone(self, stored: "StoredReport", phone: PhoneReport) -> PhoneReport:
        from ucdiag.stored_reports.expectations import unmet_expectations
        from ucdiag.stored_reports.judge_again import judged_again

        if self._rejudge:
            phone = judged_again(stored.report, phone)
        phone = _at_site(phone, None if self.is_single else stored.site)
        site = phone.phone.site
        if self._expected is not None:
            name = phone.phone.mac or phone.phone.ip or stored.site
            where = f"{site}: " if site and site != name else ""
            found = unmet_expectations(phone, self._expected.for_site(site, stored.site))
            self.unexpected += (f"{where}{name}: {text}" for text in found)
        return phone

    def all_problems(self) -> list[Problem]:
        """The problems of the merged report."""
        problems = [problem for problem, _ in self._problems.values()]
        if not self.is_single:
            problems = [_of_sites(problem, list(sites)) for problem, sites in self._problems.values()]
        if self.unread:
            held = "it holds" if len(self.unread) == 1 else "they hold"
            text = f"Could not read {_first_texts(self.unread)}. What {held} is missing."
            problems.append(Problem(code="report-unreadable", text=text))
        if self.unjudged_sites:
            text = f"No phone was judged in {_first_texts(self.unjudged_sites)}. How that site stands is not known."
            if len(self.unjudged_sites) > 1:
                text = (
                    f"No phone was judged in {_first_texts(self.unjudged_sites)}. How those sites stand is not known."
                )
            problems.append(Problem(code="report-unreadable", text=text))
        if self.incomplete_sites:
            text = (
                f"Not all was read or asked in {_first_texts(self.incomplete_sites)}. How the rest stands is not known."
            )
            problems.append(Problem(code="report-unreadable", text=text))
        for site, networks in self._places.shared_names()[:_NAMED]:
            text = (
                f"Reports of {len(networks)} networks are called {quoted(site)} ({listed(networks[:_NAMED])}): each "
                "network counts as a site. Name the files by their sites, or run the checks with --site."
            )
            problems.append(Problem(code="several-sites", text=text))
        if self.differing:
            problems.append(Problem(code="reports-differ", text=_first_texts(self.differing, "; ")))
        unused = [
            f"[site.{site}]{f' (did you mean {quoted(near)}?)' if near else ''}"
            for site, near in self.unused_expectations()
        ]
        if unused:
            held = "What is expected there was not compared."
            text = f"There is no report of a site that --expect names: {_first_texts(unused)}. {held}"
            problems.append(Problem(code="not-as-expected", text=text))
        if self.unexpected:
            text = f"{len(self.unexpected):,} not as expected: {_first_texts(self.unexpected, '; ')}."
            problems.append(Problem(code="not-as-expected", text=text))
        return problems


def _reason_unknown(report: Report) -> str | None:
    """The unread or unasked part of a run, if that alone kept its verdict from being whole."""
    if report.verdict.status is not VerdictStatus.UNKNOWN or not report.phones:
        return None
    if any(phone.verdict.status is not VerdictStatus.WHOLE for phone in report.phones):
        return None
    return next((problem.text for problem in report.problems if problem.code == report.verdict.code), None)


def _at_site(phone: PhoneReport, site: str | None) -> PhoneReport:
    return replace(phone, phone=replace(phone.phone, site=phone.phone.site or site))


def _kept_input(names: list[str]) -> IO[bytes] | None:
    """What comes on standard input, where it is named, in a temporary file: it is read more than once."""
    if STANDARD_INPUT not in names:
        return None
    source = getattr(sys.stdin, "buffer", None)
    if source is None:
        raise CannotTest("report-unreadable", "Could not read standard input: it is closed.")
    try:
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the command
    except OSError as error:
        text = f"No temporary file can be made for standard input ({error.strerror}): name a folder in TMPDIR."
        raise CannotTest("report-unreadable", text) from error
    click.get_current_context().call_on_close(kept.close)
    try:
        shutil.copyfileobj(source, kept)
    except OSError as error:
        raise CannotTest("report-unreadable", f"Could not read standard input: {error.strerror}.") from error
    return kept


def _of_sites(problem: Problem, sites: list[str]) -> Problem:
    first, *others = sites
    also = f" (Also {_first_texts(others)}.)" if others else ""
    return replace(problem, text=f"{first}: {problem.text}{also}")


def _first_texts(texts: list[str], mark: str = ", ") -> str:
    more = f" ({len(texts) - _NAMED:,} more)" if len(texts) > _NAMED else ""
    return f"{mark.join(texts[:_NAMED])}{more}"


def _show_reports(names: list[str], view: ViewOptions, *, rejudge: bool, expected: "Expectations | None") -> int:
    started = time_ns() // 1000
    whole = view.verbose or view.mask or view.bundle is not None
    brief = not whole and {target.format for target in view.targets} <= _BRIEF
    reports = _Reports(names, rejudge=rejudge, expected=expected, brief=brief)
    with ViewSession("report", view) as session:
        ending = run_to_end(reports.find_latest, interrupted=_INTERRUPTED)
        phones, tally = session.reports(reports.judgements(), many=reports.are_many, fork=not reports.are_brief)
        alone = reports.first if reports.is_single else None
        shown = report_of(
            alone.command if alone is not None else "report",
            started=alone.started if alone is not None else started,
            finished=alone.finished if alone is not None else time_ns() // 1000,
            source=alone.source if alone is not None else _reports_source(names, reports.count),
            phones=phones,
            problems=[*reports.all_problems(), *ending.problems],
            tally=tally,
        )
        if alone is not None and (not rejudge or not phones):
            shown = replace(shown, verdict=alone.verdict, ucdiag=alone.ucdiag)
        if not reports.count and not reports.unread and not ending.problems:
            raise CannotTest("report-unreadable", "There is no report in what was named.")
        if reports.unread or reports.unjudged_sites or reports.incomplete_sites:
            lacking = next((problem for problem in shown.problems if problem.code == "report-unreadable"), None)
            shown = whole_of_all(shown, lacking)
        if alone is not None and reports.first_lacks:
            shown = whole_of_all(shown, next(one for one in alone.problems if one.code == alone.verdict.code))
        shown = whole_of_all(shown, ending.problem)
        show_report(session, shown, view, secrets=reports.expected_names(), sites=reports.site_names)
    if ending.code is not None:
        return ending.code
    code = exit_code(shown)
    mistaken = reports.unexpected or any(near for _, near in reports.unused_expectations())
    return UNEXPECTED if mistaken and code == WHOLE else code


def _reports_source(names: list[str], count: int) -> Source:
    return Source(kind="reports", name=f"{count:,} reports: {', '.join(names)}"[:1000])


def _need_two(names: list[str], view: ViewOptions) -> None:
    """Raises UsageError."""
    if len(names) != 2:
        raise click.UsageError("--diff compares two: give the older FILE, then the newer one")
    need_one_target(view, "--diff")
    if view.format not in ("text", "short", "json"):
        raise click.UsageError(f"--diff has no format {quoted(view.format)}: give text, short or json")


def _compare_reports(names: list[str], view: ViewOptions) -> int:
    from ucdiag.cli.output import Output
    from ucdiag.stored_reports.merging import latest_verdicts, phone_changes
    from ucdiag.stored_reports.report_files import NoReport, StoredReport, stored_reports
    from ucdiag.views.changes_view import Changes, PhoneChange, show_changes, summary_of
    from ucdiag.views.output_target import screen_of

    files = not any(Path(name).is_dir() for name in names)

    unread: list[str] = []

    standard_input = _kept_input(names)

    def read(name: str) -> Iterator[StoredReport]:
        count = 0
        for stored in stored_reports([name], brief=True, standard_input=standard_input):
            if isinstance(stored, NoReport):
                unread.append(f"{quoted(stored.file)} ({stored.why})")
                continue
            count += 1
            lacking = _reason_unknown(stored.report)
            if lacking is not None:
                unread.append(f"all of {quoted(stored.file)} ({lacking[:300].rstrip('.')})")
            # The same phones at two times, whatever the two files are called; those of a folder are sites.
            yield replace(stored, site="") if files else stored
        if not count:
            why = f": {unread[-1]}" if unread else ""
            raise CannotTest("report-unreadable", f"There is no report in {quoted(name)}{why}.")

    old, new = (latest_verdicts(read(name)) for name in names)
    found = tuple(
        PhoneChange(phone=change.name, change=change.kind, old=change.old, new=change.new)
        for change in phone_changes(old, new)
    )
    with Output(view.output, prose=view.format != "json", force=view.force) as output:
        screen = screen_of(output.stream, color=view.color, verbose=view.verbose, quiet=view.quiet)
        missing = f"Could not read {_first_texts(unread)}: what changed there is not known." if unread else None
        changes = Changes(summary=summary_of(found), phones=found, problem=missing)
        output.write(lambda: show_changes(changes, view.format, screen))
        output.keep()
    statuses = {change.new.status for change in found if change.new is not None}
    code = next((code for status, code in _CODES.items() if status in statuses), UNKNOWN)
    return UNKNOWN if unread and code == WHOLE else code


command = report
