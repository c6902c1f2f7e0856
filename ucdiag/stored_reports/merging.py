"""Merges many reports: each phone once, by its latest report; and compares two points in time."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Extent
from ucdiag.model.report import PhoneReport, Report, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.urls import is_public
from ucdiag.model.vocabulary import Microseconds
from ucdiag.stored_reports.report_files import StoredReport
from ucdiag.stored_reports.wire_and_log import SAME, Coverage


@record(frozen=True, slots=True)
class Seen:
    """Where a phone stands in the stored reports: which report and which of its phones, of when that is, and whether
    it is what the server's logs say."""

    report: int
    phone: int
    moment: "Moment"
    logs: bool


# Of when a phone's report is, and when that was finished.
Moment = tuple[Microseconds, Microseconds]


def moment_of(report: Report, phone: PhoneReport) -> Moment:
    """The time of a phone's report. What was captured or logged may be older than another that was read before it: its
    last check says so, else the end of the capture."""
    known = report.finished
    if report.source.kind in ("file", "live", "logs"):
        ends = [seen.end for seen in phone.observations if isinstance(seen, Extent)]
        last = phone.checks.last if phone.checks is not None else None
        known = last if last is not None else max(ends, default=known)
    return known, report.finished


def key_of(stored: StoredReport, phone: PhoneReport) -> str:
    """The identity of a phone: the MAC address of one that was watched, else the site and address; of one that a
    command played the site, command, phone and source."""
    watched = stored.report.source.kind in ("file", "live", "logs")
    if watched and phone.phone.mac:
        return phone.phone.mac
    if watched:
        return f"{stored.site} {phone.phone.ip}"
    played = phone.phone
    asked = (played.domain or "", stored.report.command, played.mac, played.serial, stored.report.source.name)
    return f"{played.site or stored.site} {' '.join(map(str, asked))}"


_CAPTURED = ("file", "live")


class _Addressed:
    """A phone known by its address alone, with the serial numbers and times that match it to another report."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._serials: set[str] = set()
        self._asked = array("q")

    def add_report(self, phone: PhoneReport) -> None:
        """Note the serial number and times of one more report."""
        if phone.phone.serial is not None:
            self._serials.add(phone.phone.serial)
        if phone.checks is not None:
            self._asked.extend(check.time for check in phone.checks.history)

    def is_same(self, other: "_Addressed") -> bool:
        """Whether both, who have the same address, are one phone: by the serial number, by an address that nobody else
        has, else by a request that both made at the same moment."""
        if self._serials and other._serials:
            return bool(self._serials & other._serials)
        if is_public(self.address):
            return True
        times = sorted(other._asked)
        return any(_is_near(time, times) for time in self._asked)


def _is_near(time: Microseconds, times: list[Microseconds]) -> bool:
    at = bisect_left(times, time - SAME)
    return at < len(times) and times[at] <= time + SAME


class LatestPhones:
    """Which report is the latest of each phone, found in a first pass over all reports."""

    def __init__(self) -> None:
        self._wire: dict[str, Seen] = {}
        self._logs: dict[str, Seen] = {}
        # IIS logs know addresses alone: these phones by their keys, and who was captured with an address.
        self._nameless: dict[str, _Addressed] = {}
        self._with_address: dict[str, dict[str, _Addressed]] = {}
        self._same: dict[str, str] = {}
        self._requests: dict[str, array[int]] = {}
        #: The time that the logs cover; None without logs.
        self.coverage: Coverage | None = None
        #: Phones of which another report counts.
        self.replaced = 0

    def add_report(self, report: int, stored: StoredReport) -> None:
        """One more report, of that number."""
        logs = stored.report.source.kind == "logs"
        table = self._logs if logs else self._wire
        for number, phone in enumerate(stored.report.phones):
            key = key_of(stored, phone)
            if logs:
                self._extend_coverage(phone)
                self._note_requests(key, phone)
            if phone.phone.ip is not None and logs and phone.phone.mac is None:
                self._nameless.setdefault(key, _Addressed(phone.phone.ip)).add_report(phone)
            elif phone.phone.ip is not None and stored.report.source.kind in _CAPTURED:
                captured = self._with_address.setdefault(phone.phone.ip, {})
                captured.setdefault(key, _Addressed(phone.phone.ip)).add_report(phone)
            known = table.get(key)
            if known is not None:
                self.replaced += 1
            moment = moment_of(stored.report, phone)
            if known is None or known.moment <= moment:
                table[key] = Seen(report, number, moment, logs)

    def _note_requests(self, key: str, phone: PhoneReport) -> None:
        if phone.checks is not None:
            times = self._requests.setdefault(key, array("q"))
            times.extend(check.time for check in phone.checks.history)

    def request_times(self, key: str) -> "array[int]":
        """When the logs of any server have requests of a phone."""
        return self._requests.get(key, array("q"))

    def _extend_coverage(self, phone: PhoneReport) -> None:
        if phone.checks is None or not phone.checks.history or phone.checks.last is None:
            return
        first, last = phone.checks.history[0].time, phone.checks.last
        known = self.coverage
        self.coverage = Coverage(min(first, known.first), max(last, known.last)) if known else Coverage(first, last)

    def finish(self) -> None:
        """All reports were taken. A phone of which the logs know the address alone is the one that was captured with
        it, where it is the same without doubt: branches use the same private addresses."""
        owners = {
            key: [wire for wire, seen in self._with_address.get(logged.address, {}).items() if logged.is_same(seen)]
            for key, logged in self._nameless.items()
        }
        claimed = Counter(wire for wires in owners.values() for wire in wires)
        for key, wires in owners.items():
            if len(wires) == 1 and claimed[wires[0]] == 1 and wires[0] not in self._logs:
                self._same[key] = wires[0]
                self._logs[wires[0]] = self._logs.pop(key)

    def matched_key(self, stored: StoredReport, phone: PhoneReport) -> str:
        """``key_of`` once all reports were taken."""
        key = key_of(stored, phone)
        return self._same.get(key, key) if stored.report.source.kind == "logs" else key

    @property
    def has_both(self) -> bool:
        """Whether there are reports of the wire and of the server's logs."""
        return bool(self._wire and self._logs)

    def is_latest(self, report: int, phone: int, key: str) -> bool:
        """Whether that phone of that report is the latest of its kind."""
        place = (report, phone)
        return any(
            seen is not None and (seen.report, seen.phone) == place
            for seen in (self._wire.get(key), self._logs.get(key))
        )

    def in_both(self, key: str) -> bool:
        """Whether a phone is both in a capture and in the server's logs."""
        return key in self._wire and key in self._logs


@record(frozen=True, slots=True)
class Change:
    """How one phone stands at two points in time; ``old`` or ``new`` is None where it is in one of them only."""

    key: str
    name: str
    old: Verdict | None
    new: Verdict | None

    @property
    def kind(self) -> str:
        """``mended``, ``broken`` (was not), ``still-broken``, ``changed``, ``new``, ``gone`` or ``same``."""
        if self.old is None:
            return "new"
        if self.new is None:
            return "gone"
        was, now = self.old.status is VerdictStatus.BROKEN, self.new.status is VerdictStatus.BROKEN
        if was and now:
            return "still-broken"
        if was:
            return "mended" if self.new.status is VerdictStatus.WHOLE else "changed"
        if now:
            return "broken"
        return "same" if self.old.status is self.new.status else "changed"


def latest_verdicts(stored: Iterable[StoredReport]) -> dict[str, tuple[str, Verdict]]:
    """The latest verdict of each phone by its key, with its name."""
    latest: dict[str, tuple[Moment, str, Verdict]] = {}
    for one in stored:
        for phone in one.report.phones:
            key = key_of(one, phone)
            known = latest.get(key)
            moment = moment_of(one.report, phone)
            if known is None or known[0] <= moment:
                latest[key] = (moment, _name_of(one, phone), phone.verdict)
    return {key: (name, verdict) for key, (_, name, verdict) in latest.items()}


def _name_of(stored: StoredReport, phone: PhoneReport) -> str:
    """The name of a phone for people; of ``check-dns``, which plays no particular phone, the name looked up."""
    if stored.report.command == "check-dns":
        return stored.report.source.name or phone.phone.domain or stored.site
    return phone.phone.mac or phone.phone.ip or stored.site or stored.report.source.name or ""


def phone_changes(old: dict[str, tuple[str, Verdict]], new: dict[str, tuple[str, Verdict]]) -> Iterator[Change]:
    """All phones of both, those that are in the old ones first."""
    for key in [*old, *(key for key in new if key not in old)]:
        before, after = old.get(key), new.get(key)
        name = (after or before or ("", None))[0]
        yield Change(key, name, before[1] if before else None, after[1] if after else None)
