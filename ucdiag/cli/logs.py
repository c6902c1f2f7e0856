"""``ucdiag logs``."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from time import time_ns
from typing import TYPE_CHECKING

import click

from ucdiag.cli import options
from ucdiag.cli.bundle_options import bundle_options
from ucdiag.cli.capture_options import expand_pattern
from ucdiag.cli.crash import print_message
from ucdiag.cli.forwarding_reports import show_report
from ucdiag.cli.options import MAC, Parsed, view_options
from ucdiag.cli.plain_help import plain_option
from ucdiag.cli.runner import (
    Ending,
    ViewOptions,
    ViewSession,
    exit_code,
    need_inventory,
    report_of,
    run_to_end,
    whole_of_all,
)
from ucdiag.cli.without_root import give_up_for_files
from ucdiag.model.patterns import pattern
from ucdiag.model.report import PhoneReport, Problem, Report, Source
from ucdiag.model.text import STANDARD_INPUT, file_title
from ucdiag.model.visible_text import quoted, visible
from ucdiag.model.vocabulary import Microseconds
from ucdiag.runtime.run_limit import RunLimit

if TYPE_CHECKING:
    from ucdiag.server_logs.audit_log import AuditRow
    from ucdiag.server_logs.iis_log import IisRow
    from ucdiag.server_logs.log_reader import LogReader

_OFFSET = pattern(r"(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?|Z|UTC", re.IGNORECASE)
_POLL = 1.0  # seconds between two looks at growing logs
_INTERRUPTED = "It was interrupted before all logs were read: run it again."


def _parse_offset(text: str) -> timedelta:
    match = _OFFSET.fullmatch(text.strip())
    if match is None or int(match[2] or 0) > 14 or int(match[3] or 0) > 59:
        raise ValueError(f"{quoted(text[:100])} is not an offset from UTC: give +02:00, -5 or Z")
    hours = timedelta(hours=int(match[2] or 0), minutes=int(match[3] or 0))
    return -hours if match[1] == "-" else hours


OFFSET = Parsed("OFFSET", _parse_offset)


@options.command("logs")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@plain_option("--mac", type=MAC, multiple=True, metavar="MAC", help="Judge this phone alone.  [repeatable]")
@plain_option("--phones", is_flag=True, help="Print the inventory of the phones alone.")
@plain_option("--follow", is_flag=True, help="Go on reading as the logs grow, a line for each request; Ctrl-C judges.")
@plain_option("--utc-offset", type=OFFSET, help="The zone of the audit log's times, such as +02:00.")
@options.limit_option
@view_options
@bundle_options
def logs(
    files: tuple[str, ...],
    mac: tuple[str, ...],
    phones: bool,
    follow: bool,
    utc_offset: timedelta | None,
    limit: RunLimit,
    view: ViewOptions,
) -> int:
    """Report each phone's requests and their answers, from the server's logs.

    Reads the Device Update Service's audit logs (RequestHandlerAuditLog_SERVER_DATE.log) and the W3C logs of IIS, in
    any mix: files, folders, gzip, zip; - is standard input. The audit log knows the phones by MAC address; the IIS log
    adds refused requests and the files that were fetched.

    \b
    Examples:
      ucdiag logs "D:\\LyncShare\\1-WebServices-1\\DeviceUpdateLogs\\Server\\Audit"
      ucdiag logs audit.zip u_ex261127.log --mac 00-04-F2-AA-BB-CC
      ucdiag logs --phones Logs/Server/Audit/imageUpdates
    """
    from ucdiag.server_logs.log_reader import LogReader

    if phones:
        need_inventory(view)
    if follow and STANDARD_INPUT in files:
        raise click.UsageError("--follow goes with files: standard input is read to its end")
    if follow and view.mask:
        raise click.UsageError("--follow shows each request as it is, and --mask masks all: leave one out")
    names = [name for given in files for name in expand_pattern(given)]
    give_up_for_files(view, names, opens_later=True)
    reader = LogReader(utc_offset)
    started = time_ns() // 1000
    with ViewSession("logs", replace(view, inventory=phones)) as session:
        following = False

        def read() -> None:
            nonlocal following
            reader.read_logs(names)
            following = follow
            if follow:
                _follow_logs(reader, names)

        ending = run_to_end(read, interrupted=_INTERRUPTED, limit=limit)
        # That is how it ends.
        stopped = following and (ending.code is not None or limit.is_over)
        report = _logs_report(
            session,
            reader,
            ending,
            stopped=stopped,
            wanted=set(mac),
            started=started,
            source=Source(kind="logs", name=", ".join(map(file_title, files))[:1000]),
        )
        show_report(session, report, view)
    if ending.code is not None and not stopped:
        return ending.code
    return exit_code(report)


def _logs_report(
    session: ViewSession,
    reader: "LogReader",
    ending: Ending,
    *,
    stopped: bool,
    wanted: set[str],
    started: Microseconds,
    source: Source,
) -> Report:
    """The report of the rows that were read. ``stopped``: ``--follow`` was ended by a signal."""
    problems = [*reader.finish(), *(() if stopped else ending.problems)]
    read_all = stopped or ending.problem is None
    if read_all and not len(reader.book):
        problems = [*_no_row(reader, problems), *problems]
    reports, tally = session.reports(_phone_judgements(reader, wanted), many=len(reader.book) > 256, fork=False)
    if read_all and len(reader.book):
        problems += _missing_phones(wanted, reader)
    report = report_of(
        "logs",
        started=started,
        finished=time_ns() // 1000,
        source=source,
        phones=reports,
        problems=problems,
        tally=tally,
    )
    lacking = ["log-unreadable", "interrupted"]
    if reader.is_mostly_unread:
        lacking.append("log-lines")
    return whole_of_all(report, next((problem for problem in problems if problem.code in lacking), None))


def _phone_judgements(reader: "LogReader", wanted: set[str]) -> Iterator[Callable[[], PhoneReport]]:
    """A ``PhoneJudgement`` for each phone, those without a MAC address too unless some were named."""
    from ucdiag.diagnosis.engine import Engine
    from ucdiag.diagnosis.options import DiagnosisOptions
    from ucdiag.server_logs.log_facts import facts_of, identity_of
    from ucdiag.server_logs.logged_rows import LoggedPhone

    book = reader.book
    until = book.last_time or 0
    setting = DiagnosisOptions(from_capture=True, from_logs=True, logs_files=reader.iis_files > 0)

    def judge(phone: LoggedPhone) -> PhoneReport:
        rows = phone.by_time()
        own = replace(setting, files_unclear=phone.key in book.unclear)
        engine = Engine(own, identity_of(book, rows))
        for observation in facts_of(book, rows):
            engine.feed(observation)
        return engine.finish(until)

    for phone in book.phones():
        if not wanted or phone.key in wanted:
            yield lambda phone=phone: judge(phone)  # type: ignore[misc]


def _no_row(reader: "LogReader", problems: list[Problem]) -> Iterator[Problem]:
    """The problem of logs without a request: which logs were read, what was searched for, and where else to look."""
    if not reader.audit_files and not reader.iis_files:
        if not problems:
            from ucdiag.server_logs.log_reader import WHERE_LOGS

            yield Problem(code="not-a-log", text=f"There is no log in what was named, or it is empty. {WHERE_LOGS}")
        return
    looked = []
    if reader.iis_files:
        looked.append(
            "no POST to /RequestHandler or /RequestHandlerExt, and no request for a file of /DeviceUpdateFiles or "
            "/RequestHandler/Files"
        )
    if reader.audit_files:
        looked.append("no row of a phone")
    text = f"In what was read ({reader.contents_text()}) there is {' and '.join(looked)}. "
    if reader.has_unread:
        text += "Lines that could not be read may be just these."
    else:
        text += (
            "Name the logs of the days on which the phones asked, of all servers and of both web sites (internal and "
            "external). If these are all, no phone got through to this server: see 'ucdiag check' and 'ucdiag capture'."
        )
    yield Problem(code="no-log-row", text=text)


def _missing_phones(wanted: set[str], reader: "LogReader") -> list[Problem]:
    known = {phone.key for phone in reader.book.phones()}
    return [
        Problem(
            code="no-log-row",
            text=f"{mac} is in none of these logs: it did not reach this server, or its row is not yet written "
            "(at most 5 minutes). Name the logs of all servers, and capture at the phone.",
        )
        for mac in sorted(wanted - known)
    ]


def _follow_logs(reader: "LogReader", names: list[str]) -> None:
    """Print each new request until a signal or the time limit ends it."""
    from ucdiag.diagnosis.history_findings import moment_text

    for problem in reader.file_problems():  # what is misspelt is not waited for in vain
        click.echo(visible(f"ucdiag: {problem.text}"), err=True)
    count = reader.audit_files + reader.iis_files
    print_message(f"{count} log{'' if count == 1 else 's'} read; waiting for more (Ctrl-C stops and judges).")
    while True:
        for at, row, server in reader.read_on(names):
            click.echo(visible(f"{moment_text(at)} {_row_text(row, server)}"), err=True)
        time.sleep(_POLL)


def _row_text(row: "AuditRow | IisRow", server: str | None) -> str:
    from ucdiag.server_logs.iis_log import IisRow

    if isinstance(row, IisRow):
        return f"{row.origin} {row.method} {row.target} -> {row.status} ({server or 'IIS'})"
    versions = ", ".join(module.version or module.name or "?" for module in row.requested) or "no module"
    given = ", ".join(module.version or module.name or "?" for module in row.offered) or "nothing"
    return f"{row.mac or row.serial or row.client} has {versions}, was given {given} ({server or 'audit log'})"


command = logs
