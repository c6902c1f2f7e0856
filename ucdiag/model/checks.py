"""A phone's update checks over time, as a capture shows them. Frozen data, no behaviour."""

from ucdiag.model.fast_dataclass import Record, record
from ucdiag.model.vocabulary import CheckResult, FindingCode, Microseconds, Seconds, UrlSide


@record(frozen=True, slots=True, kw_only=True)
class Check(Record):
    """One update check: an attempt to reach the update service, whatever became of it.

    ``time`` is that of its request, else of what was seen first. ``power_on`` says that the phone had just started.
    """

    time: Microseconds
    frame: int | None = None
    result: CheckResult
    #: Why it failed.
    code: FindingCode | None = None
    #: The version that the phone said it had, and the one that it was offered.
    firmware: str | None = None
    offered: str | None = None
    #: The URL of the answer that the phone took.
    url: UrlSide | None = None
    power_on: bool = False
    #: The address from which it asked, and the server.
    client: str | None = None
    server: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Checks(Record):
    """All checks of one phone: how many, the usual time between two (seconds), the last one, and when the next is due.

    A phone checks at power-on, at sign-in and every 24 hours (Microsoft, "How the Device Update Process Works").
    ``count`` may be more than ``history`` holds: of many, the oldest are only counted.
    """

    count: int
    interval: Seconds | None = None
    last: Microseconds | None = None
    next_due: Microseconds | None = None
    power_ons: int = 0
    history: tuple[Check, ...] = ()
