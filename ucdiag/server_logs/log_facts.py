"""The rows of one phone as the observations that the judge reads."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from itertools import groupby

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, Observation, RepeatedChecks, UpdateAnswer, UpdateFile
from ucdiag.model.report import Identity
from ucdiag.model.service_names import is_own_agent
from ucdiag.model.vocabulary import Microseconds, Peer, SignInResult
from ucdiag.server_logs.audit_log import AuditRow, LoggedModule
from ucdiag.server_logs.iis_log import IisRow
from ucdiag.server_logs.log_book import LogBook
from ucdiag.server_logs.logged_rows import SAME, LogEntry, TimedNumber
from ucdiag.update_service.names import HTTPS_PORTS, INTERNAL_PATH

# ERROR_NETNAME_DELETED, ERROR_CONNECTION_INVALID, ERROR_CONNECTION_ABORTED, WSAECONNRESET: the other side ended the
# connection.
_CLIENT_LEFT = (64, 1229, 1236, 10054)
# ERROR_SEM_TIMEOUT, ERROR_OPERATION_ABORTED, WSAECONNABORTED, WSAETIMEDOUT: the server stopped sending.
_SENT_NO_MORE = (121, 995, 10053, 10060)
# What a 401 says of a sign-in that the phone had gone through with. ERROR_LOGON_FAILURE to ERROR_ACCOUNT_DISABLED,
# ERROR_ACCOUNT_EXPIRED, ERROR_PASSWORD_MUST_CHANGE, ERROR_ACCOUNT_LOCKED_OUT, SEC_E_LOGON_DENIED; SEC_E_INVALID_TOKEN
# comes where the messages of NTLM went over two connections. SEC_E_NO_CREDENTIALS (2148074254) is NTLM's own step.
_SIGN_INS: dict[int | None, SignInResult] = {
    **dict.fromkeys((*range(1326, 1332), 1793, 1907, 1909, 2148074252), "refused"),
    2148074248: "not-continued",
}
_NOT_THERE = (2, 3)  # ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND
# What HTTP.SYS calls a connection that the client ended, most likely (Microsoft, "Error logging in HTTP APIs").
_DROPPED = ("Client_Reset", "Connection_Dropped")
_JUDGED = 400  # rows of one phone that are judged one by one; older ones are counted
_FIRST, _LAST = 2, 3  # checks of many alike that are judged one by one
_SECOND = 1_000_000
# As the history of checks has it (``ucdiag/diagnosis/check_history.py``).
_ONE_CHECK, _AGAIN = 300 * _SECOND, 5 * _SECOND
UNKNOWN_SERVER = "the server"


def identity_of(book: LogBook, rows: list[TimedNumber]) -> Identity:
    """The phone's identity, from the latest of its rows. An address that a proxy named comes before the proxy's."""
    values: dict[str, str | None] = dict.fromkeys(("mac", "ip", "serial", "vendor", "model", "firmware"))
    numbers = dict.fromkeys(number for _, number in reversed(rows))
    requests = [row for number in numbers if (row := book.entries[number].iis) is not None]
    values["ip"] = next((row.forwarded_for for row in requests if row.forwarded_for), None)
    for number in numbers:
        entry = book.entries[number]
        found = _audit_identity(entry.audit) if entry.audit is not None else _iis_identity(entry.iis)
        for name, value in found.items():
            values[name] = values[name] or value
        if all(values.values()):
            break
    return Identity(**values)


def _audit_identity(row: AuditRow) -> dict[str, str | None]:
    firmware = next((module.version for module in row.requested if module.version), None)
    return {
        "mac": row.mac,
        "ip": row.client,
        "serial": row.serial,
        "vendor": row.vendor,
        "model": row.model,
        "firmware": firmware,
    }


def _iis_identity(row: IisRow | None) -> dict[str, str | None]:
    return {"ip": row.origin if row is not None else None}


def facts_of(book: LogBook, rows: list[TimedNumber]) -> Iterator[Observation]:
    """The rows of a phone by time as observations; a request that both logs have counts once.

    Of many checks in a row that differ in their time alone only the first and the last ones are facts; the others are
    counted. So are those that are older than the latest rows, however they differ.
    """
    entries = book.entries
    visits = _group_visits(_without_doubles(book, rows), entries)
    kept: deque[_Visit | RepeatedChecks] = deque()
    room, older = _JUDGED, 0
    for run in reversed(list(_alike_runs(visits, entries))):
        if room <= 0:
            older += sum(visit.checks for visit in run)
            continue
        first, counted, last = run, [], []
        if len(run) > _FIRST + _LAST:
            first, counted, last = run[:_FIRST], run[_FIRST:-_LAST], run[-_LAST:]
        kept.extendleft(reversed(last))
        if counted:
            kept.appendleft(_repeated_checks(counted))
        kept.extendleft(reversed(first))
        room -= sum(len(visit.rows) for visit in (*first, *last))
    if older:
        yield RepeatedChecks(time=visits[0].time, last_time=kept[0].time, count=older)
    for part in kept:
        if isinstance(part, RepeatedChecks):
            yield part
            continue
        for time, number in part.rows:
            entry = entries[number]
            server = entry.server or UNKNOWN_SERVER
            if entry.audit is not None:
                yield from _audit_observations(time, server, entry.audit)
            elif entry.iis is not None:
                yield _iis_request(time, server, entry.iis)


@record(frozen=True, slots=True)
class _Visit:
    """The rows of one check, as the history of checks has it. ``shape`` is what they say, None where no others may be
    counted as this one; ``checks`` is 0 where they are requests for files alone."""

    rows: list[TimedNumber]
    shape: tuple[int, ...] | None
    checks: int

    @property
    def time(self) -> Microseconds:
        """The time of the first row."""
        return self.rows[0][0]


def _group_visits(rows: list[TimedNumber], entries: list[LogEntry]) -> list[_Visit]:
    """Requests within minutes are one check, until the handler has answered: the audit log has the answer."""
    checking = {number: _is_check(entries[number]) for number in {number for _, number in rows}}
    answering = {number for number in checking if entries[number].audit is not None}
    failed = any(_has_failed(entries[number]) for number in checking)
    visits: list[_Visit] = []
    visit: list[TimedNumber] = []
    until = 0
    for row in rows:
        time, number = row
        if checking[number]:
            if time > until and visit:
                visits.append(_make_visit(visit, checking, failed))
                visit = []
            until = time + (_AGAIN if number in answering else _ONE_CHECK)
        visit.append(row)
    if visit:
        visits.append(_make_visit(visit, checking, failed))
    return visits


def _make_visit(rows: list[TimedNumber], checking: dict[int, bool], failed: bool) -> _Visit:
    """``failed`` says that the phone was refused at some time: then the judge counts requests by their outcome, so that
    a check of several is not counted."""
    shape = tuple(number for _, number in rows)
    checks = sum(checking[number] for number in shape)
    alike = checking[shape[0]] and (checks == 1 or not failed)
    return _Visit(rows, shape if alike else None, min(checks, 1))


def _alike_runs(visits: list[_Visit], entries: list[LogEntry]) -> Iterator[list[_Visit]]:
    """Visits in a row that are alike. What was refused is never counted: it is evidence."""
    for shape, alike in groupby(visits, key=lambda visit: visit.shape):
        run = list(alike)
        if shape is None or any(_has_failed(entries[number]) for number in shape):
            yield from ([visit] for visit in run)
        else:
            yield run


def _repeated_checks(visits: list[_Visit]) -> RepeatedChecks:
    times = tuple(visit.time for visit in visits[-_JUDGED:])
    return RepeatedChecks(time=visits[0].time, last_time=visits[-1].time, count=len(visits), times=times)


def _has_failed(entry: LogEntry) -> bool:
    row = entry.iis
    return row is not None and (row.status is None or row.status >= 400 or _is_cut(row))


def _has_client_left(row: IisRow) -> bool:
    return row.system_error in _CLIENT_LEFT or row.reason in _DROPPED


def _is_cut(row: IisRow) -> bool:
    """Whether the answer was not sent whole.

    An answer of success to a check is short. Where the client ended that connection, as many proxies do by a reset when
    they have the whole answer, nothing says that it was cut.
    """
    if row.system_error in _SENT_NO_MORE:
        return True
    return _has_client_left(row) and not row.is_audited


def _is_check(entry: LogEntry) -> bool:
    return entry.audit is not None or (entry.iis is not None and entry.iis.is_check)


def _without_doubles(book: LogBook, rows: list[TimedNumber]) -> list[TimedNumber]:
    """The rows of which each is a request of its own.

    An audit row replaces that of IIS, also where the client ended the connection: IIS logs Win32 error 64 beside 200
    where the client resets the connection after it got the answer, as proxies do, and what the answer was the audit log
    knows. But the handler writes its row before the answer is sent. Where IIS could not send it, its row replaces the
    audit row.
    """
    entries = book.entries
    numbers = {number for _, number in rows}
    audits = {number for number in numbers if entries[number].audit is not None}
    successes = {number for number in numbers - audits if _is_success(entries[number])}
    unsent = {number for number in successes if _is_unsent(entries[number])}
    audited = [time for time, number in rows if number in audits]
    unheard = {_nearest_time(audited, time) for time, number in rows if number in unsent}
    answered = successes - unsent
    return [
        (time, number)
        for time, number in rows
        if not (number in audits and time in unheard)
        and not (number in answered and _nearest_time(audited, time) is not None)
    ]


def _nearest_time(times: list[Microseconds], time: Microseconds) -> Microseconds | None:
    """The nearest of these times, which are in order, that may be of the same request."""
    at = bisect_left(times, time)
    near = [other for other in times[max(at - 1, 0) : at + 1] if abs(other - time) <= SAME]
    return min(near, key=lambda other: abs(other - time), default=None)


def _is_success(entry: LogEntry) -> bool:
    return entry.iis is not None and entry.iis.is_audited


def _is_unsent(entry: LogEntry) -> bool:
    return entry.iis is not None and entry.iis.system_error in _SENT_NO_MORE


def _audit_observations(time: Microseconds, server: str, row: AuditRow) -> Iterator[Observation]:
    """The observations of an audit row: the request and its answer. A row is written before the answer is sent."""
    yield Http(
        time=time,
        client=row.client,
        client_mac=row.mac,
        server=server,
        port=0,
        method="POST",
        target=INTERNAL_PATH,
        status=200,
        complete=True,
        request_text=_modules_text(row.requested),
        purpose="update",
    )
    files = tuple(
        UpdateFile(name=module.name, signature=module.signature, version=module.version) for module in row.offered
    )
    yield UpdateAnswer(
        time=time,
        client=row.client,
        client_mac=row.mac,
        server=server,
        port=0,
        form="offered" if files else "none_offered",
        downloads=len(files),
        version=next((file.version for file in files if file.version), None),
        files=files,
        asked_as=row.mac,
    )


def _modules_text(modules: tuple[LoggedModule, ...]) -> str | None:
    """The modules as the reader of requests finds them."""
    lines = []
    for module in modules:
        name = f'fileName="{_without_markup(module.name)}"' if module.name else ""
        version = f'version="{_without_markup(module.version)}"' if module.version else ""
        lines.append(f"{name} {version}".strip())
    return "\n".join(lines) or None


def _without_markup(text: str) -> str:
    return text.replace('"', "").replace("<", "").replace("&", "")


def _iis_request(time: Microseconds, server: str, row: IisRow) -> Http:
    """The observation of a request in the IIS log, which has neither its body nor the answer's."""
    client_left, broken_off = _has_client_left(row), row.status is None or _is_cut(row)
    closed_by: Peer = "client" if client_left else "server"
    return Http(
        time=time,
        client=row.origin,
        server=server,
        port=row.port or 0,
        method=row.method,
        host=row.host,
        target=row.target,
        status=row.status,
        complete=not broken_off,
        failure="closed" if broken_off else None,
        closed_by=closed_by if broken_off or client_left else None,
        answer_bytes=row.sent or 0,
        user_agent=row.user_agent,
        verified=not is_own_agent(row.user_agent),
        scheme="https" if row.port in HTTPS_PORTS else "http",
        reason=_status_text(row),
        purpose="update" if row.is_check else "file",
        sign_in=_SIGN_INS.get(row.system_error) if row.status == 401 else None,
    )


def _status_text(row: IisRow) -> str | None:
    """The substatus and the system's error: IIS says there why (401.2, 404.3, 404.8).

    A 0 says nothing, but of a 404 with the system's error of a file or a folder that does not exist.
    """
    parts = []
    if row.substatus or (row.status == 404 and row.substatus == 0 and row.system_error in _NOT_THERE):
        parts.append(f"{row.status}.{row.substatus}")
    if row.system_error:
        parts.append(f"Win32 error {row.system_error}")
    if row.reason:
        parts.append(row.reason)
    return f"({', '.join(parts)})" if parts else None
