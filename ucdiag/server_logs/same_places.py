"""Matches the servers of IIS logs to those of audit logs: two sites may have the same private addresses.

The audit log's file names its server, IIS writes a computer's name or only an address. They are the same where both
write the same name, where there is one of each, or where both have requests of the same host at the same moments. What
has an address alone, as the error log of HTTP.SYS, is of the computer that IIS names beside it.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping

from ucdiag.model.vocabulary import Microseconds
from ucdiag.server_logs.addresses import plain_address
from ucdiag.server_logs.logged_rows import SAME, LogEntry, LoggedPhone

_SECOND = 1_000_000
#: Seconds after an offer in which a phone fetches its file, from whichever server.
FETCHING = 1800
_ENOUGH = 20_000  # rows that are compared

_Numbers = set[int]


class SamePlaces:
    """``phones`` has the rows of each phone or address by its key, ``owners`` for each address the phones that had it,
    and the numbers of their audit rows that say so."""

    def __init__(
        self, entries: list[LogEntry], phones: Mapping[str, LoggedPhone], owners: dict[str, dict[str, _Numbers]]
    ) -> None:
        self._entries = entries
        self._phones = phones
        audits = {entry.server for entry in entries if entry.audit is not None}
        self._named = _computers_by_address(entries)
        # The server of IIS rows, whose name may be that of a folder, and what the rows themselves call it.
        requests = {
            self._place_of(entry.server): self._place_of(entry.iis.server) for entry in entries if entry.iis is not None
        }
        self._links: dict[str | None, set[str | None]] = {}
        self._offers: dict[str, list[Microseconds]] = {}
        one_of_each = len(audits) <= 1 and len(requests) <= 1
        if one_of_each and not any(_are_different_hosts(name, audit) for name in requests.values() for audit in audits):
            self._links = dict.fromkeys(requests, audits)
        else:
            together = self._count_together(owners)
            for request in requests:
                count = together.get(request, Counter())
                most = max(count.values(), default=0)
                self._links[request] = {
                    audit for audit in audits if _same_name(request, audit) or 0 < most <= 2 * count[audit]
                }

    def _count_together(self, owners: dict[str, dict[str, _Numbers]]) -> dict[str | None, "Counter[str | None]"]:
        """How often which two servers have a request of one address at one moment."""
        entries = self._entries
        found: dict[str | None, Counter[str | None]] = defaultdict(Counter)
        compared = 0
        for key, phones in owners.items():
            moments: dict[int, set[str | None]] = defaultdict(set)
            for phone, numbers in phones.items():
                rows = self._phones[phone]
                for time, number in zip(rows.times, rows.entries, strict=True):
                    if number in numbers:
                        moments[time // _SECOND].add(entries[number].server)
            rows = self._phones[key]
            for time, number in zip(rows.times, rows.entries, strict=True):
                request = entries[number].iis
                if request is None or not request.is_audited:
                    continue
                compared += 1
                near = range(time // _SECOND - 1, (time + SAME) // _SECOND + 1)
                for server in set().union(*(moments[second] for second in near if second in moments)):
                    found[self._place_of(entries[number].server)][server] += 1
            if compared > _ENOUGH:
                break
        return found

    def _place_of(self, server: str | None) -> str | None:
        """The computer that has an address, where IIS names one; else the server as it is called."""
        return self._named.get(server, server)

    def may_be(self, entry: LogEntry, time: Microseconds, phone: str, numbers: _Numbers) -> bool:
        """Whether a row of IIS may be of a phone with these audit rows: its server has both, or it is for a file, and
        the phone was just offered one: a pool's files may be elsewhere.
        """
        entries = self._entries
        if entry.iis is None:
            return True
        links = self._links[self._place_of(entry.server)]
        if any(entries[number].server in links for number in numbers):
            return True
        if entry.iis.is_check:
            return False
        offers = self._offers.get(phone)
        if offers is None:
            rows = self._phones[phone].by_time()
            offers = self._offers[phone] = [at for at, number in rows if has_offer(entries[number])]
        before = bisect_right(offers, time + SAME)
        return before > 0 and time - offers[before - 1] <= FETCHING * _SECOND


def _computers_by_address(entries: list[LogEntry]) -> dict[str | None, str | None]:
    """The names of the computers that IIS names beside an address; an address that several have is left out."""
    found: dict[str | None, set[str | None]] = defaultdict(set)
    for entry in entries:
        if entry.iis is not None and entry.iis.address is not None and entry.iis.server != entry.iis.address:
            found[entry.iis.address].add(entry.iis.server)
    return {address: names.pop() for address, names in found.items() if len(names) == 1}


def has_offer(entry: LogEntry) -> bool:
    """Whether a row of the audit log says that the phone was given an update."""
    return entry.audit is not None and bool(entry.audit.offered)


def _same_name(one: str | None, other: str | None) -> bool:
    return _host_label(one) is not None and _host_label(one) == _host_label(other)


def _are_different_hosts(one: str | None, other: str | None) -> bool:
    """Whether both are names of computers, and not the same."""
    return None not in (_host_label(one), _host_label(other)) and _host_label(one) != _host_label(other)


def _host_label(server: str | None) -> str | None:
    """The first label of a computer's name; None for an address, a folder or nothing."""
    if server is None or plain_address(server) is not None or "/" in server:
        return None
    return server.partition(".")[0].lower()
