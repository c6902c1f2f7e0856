"""The entry of one row of a log, and the rows of one phone."""

from array import array

from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import Microseconds
from ucdiag.server_logs.audit_log import AuditRow
from ucdiag.server_logs.iis_log import IisRow

#: Microseconds. A row of both logs is one request where their times are so close: the audit log has the time at which
#: the handler was done, IIS writes whole seconds.
SAME = 5_000_000


@record(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A request as one log shows it, apart from its time. ``audit`` or ``iis`` is set. ``advanced``: the log is one of
    Advanced Logging, which IIS writes beside its own."""

    server: str | None
    audit: AuditRow | None = None
    iis: IisRow | None = None
    advanced: bool = False


TimedNumber = tuple[Microseconds, int]


@record(slots=True, kw_only=True)
class LoggedPhone:
    """The rows of one phone: ``times`` (microseconds) and beside each the number of what it says."""

    key: str
    times: "array[int]"
    entries: "array[int]"

    def by_time(self) -> list[TimedNumber]:
        """``(time, number of the entry)``, by time; what a log and its copy both have counts once."""
        return sorted(set(zip(self.times, self.entries, strict=True)))
