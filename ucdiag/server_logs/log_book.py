"""The requests in all logs: the rows of each phone by time, in compact form.

A row is a time and a number of an entry: rows that differ in their time alone share the entry. A phone is known by its
MAC address, else by its serial number. An IIS log has the address alone; the audit log shows the phone that had it.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Iterator
from functools import partial
from math import inf

from ucdiag.model.service_names import plain_path
from ucdiag.model.vocabulary import Microseconds
from ucdiag.server_logs.audit_log import AuditRow
from ucdiag.server_logs.audit_zones import AskedRow, AuditZones, find_zones
from ucdiag.server_logs.iis_log import IisRow
from ucdiag.server_logs.logged_rows import SAME, LogEntry, LoggedPhone, TimedNumber
from ucdiag.server_logs.same_places import FETCHING, SamePlaces, has_offer

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND
_CROWD = 10  # requests within an hour: a phone asks when it starts, at a sign-in and once a day
_MOST_SHARED = 20_000
_SAMPLE = 1000  # audit rows that are held against IIS for it, at most


class LogBook:
    """The rows of all logs."""

    def __init__(self) -> None:
        self._numbers: dict[LogEntry, int] = {}
        # Rows that came before, by their identity: the row itself, its number, and where the phone's times and numbers
        # are.
        self._shared: dict[tuple[int, str | None], tuple[AuditRow | IisRow, int, array[int], array[int]]] = {}
        self.entries: list[LogEntry] = []
        self._phones: dict[str, LoggedPhone] = {}
        self.audit_rows = 0
        self.iis_rows = 0
        #: The phones at whose address are requests for files that may be theirs or another phone's.
        self.unclear: set[str] = set()

    @property
    def last_time(self) -> Microseconds | None:
        """The time of the latest row."""
        return max((max(phone.times) for phone in self._phones.values()), default=None)

    def add_audit(self, time: Microseconds, row: AuditRow, server: str | None) -> None:
        """One row of an audit log."""
        self.audit_rows += 1
        if not self._add_known(time, row, server):
            key = row.mac or (f"serial {row.serial}" if row.serial else f"address {row.client}")
            self._add_new(key, time, row, LogEntry(server=server, audit=row), server)

    def add_iis(self, time: Microseconds, row: IisRow, folder: str | None, *, advanced: bool = False) -> None:
        """One row of an IIS log. ``folder`` names the site where the row does not name its server. ``advanced``: the
        log is one of Advanced Logging."""
        self.iis_rows += 1
        if not self._add_known(time, row, folder):
            entry = LogEntry(server=row.server or folder, iis=row, advanced=advanced)
            self._add_new(f"address {row.origin}", time, row, entry, folder)

    def _add_known(self, time: Microseconds, row: AuditRow | IisRow, place: str | None) -> bool:
        """Add a row that came before; False for another one."""
        known = self._shared.get((id(row), place))
        if known is None:
            return False
        _, number, times, entries = known
        times.append(time)
        entries.append(number)
        return True

    def _add_new(
        self, key: str, time: Microseconds, row: AuditRow | IisRow, entry: LogEntry, place: str | None
    ) -> None:
        number = self._entry_number(entry)
        phone = self._phones.get(key)
        if phone is None:
            phone = self._phones[key] = LoggedPhone(key=key, times=array("q"), entries=array("I"))
        phone.times.append(time)
        phone.entries.append(number)
        if len(self._shared) >= _MOST_SHARED:
            self._shared.clear()
        self._shared[id(row), place] = row, number, phone.times, phone.entries

    def _entry_number(self, entry: LogEntry) -> int:
        """The number of an entry, which is added if it is new."""
        number = self._numbers.get(entry)
        if number is None:
            number = self._numbers[entry] = len(self.entries)
            self.entries.append(entry)
        return number

    def __len__(self) -> int:
        return len(self._phones)

    def phones(self) -> Iterator[LoggedPhone]:
        """All phones, in the order of their first row."""
        yield from self._phones.values()

    def zones_of_audit(self) -> AuditZones:
        """The zones of the audit logs, from the distance of their times to those of IIS, which are UTC.

        Of the audit rows of addresses that IIS has too a sample is held against IIS, for each zone those of the time
        that the IIS logs cover.
        """
        requests = self._iis_times()
        return find_zones(requests, partial(self._audit_sample, requests))

    def _iis_times(self) -> dict[str, "array[int]"]:
        """When each address asked with success, as IIS logged it: the audit log has no others."""
        times: dict[str, array[int]] = {}
        for phone in self._phones.values():
            clients = [
                entry.iis.client if entry.iis is not None and entry.iis.is_audited else None
                for entry in self._entries_of(phone)
            ]
            if not any(clients):
                continue
            known = dict(zip(self._numbers_of(phone), clients, strict=True))
            for time, number in zip(phone.times, phone.entries, strict=True):
                client = known[number]
                if client is not None:
                    times.setdefault(client, array("q")).append(time)
        return times

    def _audit_sample(self, clients: Container[str], begin: Microseconds, end: Microseconds) -> list[AskedRow]:
        """Audit rows of that time, not too many: of more than a few every other one counts."""
        found: list[AskedRow] = []
        step = at = 1
        for phone in self._phones.values():
            rows = [entry.audit for entry in self._entries_of(phone)]
            known = {
                number: row.client
                for number, row in zip(self._numbers_of(phone), rows, strict=True)
                if row is not None and row.client is not None and row.client in clients
            }
            for time, number in zip(phone.times, phone.entries, strict=True):
                if number in known and begin <= time <= end:
                    at += 1
                    if at % step == 0:
                        found.append((known[number], time, self.entries[number].server))
                        if len(found) > _SAMPLE:
                            found, step = found[::2], step * 2
        return found

    def _numbers_of(self, phone: LoggedPhone) -> list[int]:
        """The numbers of what a phone's rows say, each once."""
        return sorted(set(phone.entries))

    def _entries_of(self, phone: LoggedPhone) -> list[LogEntry]:
        return [self.entries[number] for number in self._numbers_of(phone)]

    def not_audited(self) -> tuple[int, int]:
        """Of the update requests that IIS answered with success while the audit log was written: how many the audit
        log lacks, and how many there are. A row is missed where no row is near it, whoever asked.
        """
        audits = [entry.audit is not None for entry in self.entries]
        good = [entry.iis is not None and entry.iis.is_audited for entry in self.entries]
        audited = _Seconds()
        for phone in self._phones.values():
            for time, number in zip(phone.times, phone.entries, strict=True):
                if audits[number]:
                    audited.add(time // _SECOND)
        lacking = count = 0
        for phone in self._phones.values():
            for time, number in zip(phone.times, phone.entries, strict=True):
                if good[number] and audited.first <= time // _SECOND <= audited.last:
                    count += 1
                    lacking += not audited.is_near(time // _SECOND)
        return lacking, count

    def shift_audit(self, zones: AuditZones) -> None:
        """Move the times of all audit rows from these zones to UTC."""
        for phone in self._phones.values():
            for at, number in enumerate(phone.entries):
                entry = self.entries[number]
                if entry.audit is not None:
                    phone.times[at] -= zones.shift_at(phone.times[at], entry.server, entry.audit.client)

    def drop_advanced(self) -> None:
        """Leave out what IIS logged twice, in its own log and in one of Advanced Logging: of the two the row stays that
        has whom a proxy named, else IIS's own.

        Both have the same client, method, path and status, and times within a second (IIS writes whole ones), and no
        two servers. Each row has one other at most, so that a request that was repeated counts as often as it came.
        """
        if not any(entry.advanced for entry in self.entries):
            return
        kinds: dict[tuple[object, ...], tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
        for number, entry in enumerate(self.entries):
            if entry.iis is not None:
                kinds[_request_key(entry.iis)][entry.advanced].add(number)
        doubted = {key: numbers for key, numbers in kinds.items() if all(numbers)}
        if not doubted:
            return
        self._shared.clear()
        keys = {number: key for key, numbers in doubted.items() for number in set().union(*numbers)}
        rows: dict[tuple[object, ...], tuple[list[TimedNumber], list[TimedNumber]]] = defaultdict(lambda: ([], []))
        for phone in self._phones.values():
            for time, number in phone.by_time():
                if number in keys:
                    rows[keys[number]][self.entries[number].advanced].append((time, number))
        dropped = {row for own, advanced in rows.values() for row in self._logged_twice(sorted(own), sorted(advanced))}
        for name, phone in list(self._phones.items()) if dropped else ():
            kept = [row for row in phone.by_time() if row not in dropped]
            phone.times, phone.entries = array("q", [time for time, _ in kept]), array("I", [row for _, row in kept])
            if not kept:
                del self._phones[name]

    def _logged_twice(self, own: list[TimedNumber], advanced: list[TimedNumber]) -> Iterator[TimedNumber]:
        """The row that is too much, of each two of these that are one request."""
        near: deque[TimedNumber] = deque()
        at = 0
        for time, number in own:
            while at < len(advanced) and advanced[at][0] < time + 2 * _SECOND:
                near.append(advanced[at])
                at += 1
            while near and near[0][0] < time - _SECOND:
                near.popleft()
            row = self.entries[number].iis
            for candidate in near:
                other = self.entries[candidate[1]].iis
                if row is not None and other is not None and _may_be_same(row, other):
                    near.remove(candidate)
                    yield (time, number) if other.forwarded_for and not row.forwarded_for else candidate
                    break

    def join_serials(self) -> None:
        """Give the rows that lack the MAC address to the phone that says the same serial number beside its own."""
        named = [key for key in self._phones if key.startswith("serial ")]
        if not named:
            return
        self._shared.clear()
        owners: dict[str, set[str]] = defaultdict(set)
        for phone in self._phones.values():
            for entry in self._entries_of(phone):
                if entry.audit is not None and entry.audit.mac is not None:
                    owners[f"serial {entry.audit.serial}"].add(phone.key)
        for key in named:
            if len(owners[key]) == 1:
                rows, target = self._phones.pop(key), self._phones[next(iter(owners[key]))]
                target.times.extend(rows.times)
                target.entries.extend(rows.entries)

    def join_addresses(self) -> list[tuple[str, int, int]]:
        """Give the rows of IIS to the phones that had their addresses.

        Where an address was one phone's alone, it is that phone's; where several had it, a balancer or a proxy may be
        in between, and a row goes to a phone only if that one's own row is of the same moment, or if it is for a file
        and that one alone was just offered one. Two sites may have the same private addresses: a row of a server goes
        to no phone that another server's audit log alone has. Returned are the addresses of several phones of which
        requests stay nobody's: the address, how many phones had it, how many requests.
        """
        self._shared.clear()
        left = []
        owners = self._address_owners()
        places = SamePlaces(self.entries, self._phones, owners)
        for key in owners:
            rows = self._phones[key]
            keep = LoggedPhone(key=key, times=array("q"), entries=array("I"))
            only = next(iter(owners[key])) if len(owners[key]) == 1 else None
            moments = self._phones_by_second(owners[key]) if only is None else {}
            offers = self._offers_by_time(owners[key]) if only is None else []
            for time, number in rows.by_time():
                owner = only
                if owner is None and not self._is_check(number):
                    owner = _only_phone_offered(offers, time)
                if owner is None:
                    owner = _only_phone_near(moments, time)
                if owner is not None and not places.may_be(self.entries[number], time, owner, owners[key][owner]):
                    owner = None
                target = self._phones[owner] if owner is not None else keep
                target.times.append(time)
                target.entries.append(number)
            if not all(map(self._is_check, set(keep.entries))):
                self.unclear |= owners[key].keys()
            if keep.times:
                self._phones[key] = keep
                if only is None:
                    left.append((key.removeprefix("address "), len(owners[key]), len(keep.times)))
            else:
                del self._phones[key]
        return left

    def crowded_addresses(self) -> list[tuple[str, int]]:
        """The addresses without a phone in the audit log that asked for updates with success more often within an hour
        than one phone does, and the most requests within an hour."""
        found = []
        for phone in self._phones.values():
            if not phone.key.startswith("address ") or len(phone.times) < _CROWD:
                continue
            good = {number for number in self._numbers_of(phone) if self._is_audited(number)}
            times = [time for time, number in phone.by_time() if number in good]
            most = max((at + 1 - bisect_left(times, time - _HOUR) for at, time in enumerate(times)), default=0)
            if most >= _CROWD:
                found.append((phone.key.removeprefix("address "), most))
        return found

    def _is_audited(self, number: int) -> bool:
        row = self.entries[number].iis
        return row is not None and row.is_audited

    def _address_owners(self) -> dict[str, dict[str, set[int]]]:
        """For each address that IIS alone has rows of, the phones that had it, and which of their rows say so."""
        owners: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for phone in self._phones.values():
            if not phone.key.startswith("address "):
                for number in set(phone.entries):
                    client = self._client_address(number)
                    if client is not None and f"address {client}" in self._phones:
                        owners[f"address {client}"][phone.key].add(number)
        self._add_forwarded_owners(owners)
        return owners

    def _add_forwarded_owners(self, owners: dict[str, dict[str, set[int]]]) -> None:
        """Add the owners of addresses that a proxy named: the audit log has the proxy's own, and the phone is the only
        one that asked there at the moment of a request that IIS answered."""
        proxies = {entry.iis.client for entry in self.entries if entry.iis is not None and entry.iis.forwarded_for}
        if not proxies:
            return
        moments: dict[str | None, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        numbers: dict[tuple[str | None, str], set[int]] = defaultdict(set)
        for phone in self._phones.values():
            for time, number in zip(phone.times, phone.entries, strict=True):
                audit = self.entries[number].audit
                if audit is not None and audit.client in proxies and not phone.key.startswith("address "):
                    moments[audit.client][time // _SECOND].add(phone.key)
                    numbers[audit.client, phone.key].add(number)
        for phone in self._phones.values():
            for time, number in zip(phone.times, phone.entries, strict=True):
                row = self.entries[number].iis
                if row is not None and row.forwarded_for and row.is_audited:
                    owner = _only_phone_near(moments[row.client], time)
                    if owner is not None:
                        owners[phone.key][owner] |= numbers[row.client, owner]

    def _phones_by_second(self, keys: Iterable[str]) -> dict[int, set[str]]:
        """Which of these phones have an audit row in which second."""
        moments: dict[int, set[str]] = defaultdict(set)
        for key in keys:
            phone = self._phones[key]
            for time, number in zip(phone.times, phone.entries, strict=True):
                if self.entries[number].audit is not None:
                    moments[time // _SECOND].add(key)
        return moments

    def _offers_by_time(self, owners: dict[str, set[int]]) -> list[tuple[Microseconds, str]]:
        """When which of these phones was offered an update at the address at which these rows are."""
        return sorted(
            (time, key)
            for key, numbers in owners.items()
            for time, number in zip(self._phones[key].times, self._phones[key].entries, strict=True)
            if number in numbers and has_offer(self.entries[number])
        )

    def _is_check(self, number: int) -> bool:
        row = self.entries[number].iis
        return row is None or row.is_check

    def _client_address(self, number: int) -> str | None:
        entry = self.entries[number]
        if entry.audit is not None:
            return entry.audit.client
        return entry.iis.origin if entry.iis is not None else None


def _request_key(row: IisRow) -> tuple[object, ...]:
    return row.client, row.method.upper(), plain_path(row.target), row.status


def _may_be_same(one: IisRow, other: IisRow) -> bool:
    """Whether two rows, of one client and URL, may be of one server and phone: where both say it, they say the same."""
    return all(
        None in values or len(set(values)) == 1
        for values in (
            (one.address, other.address),
            (one.port, other.port),
            (one.forwarded_for, other.forwarded_for),
            # A server without a name is called by its address.
            tuple(row.server if row.server != row.address else None for row in (one, other)),
        )
    )


class _Seconds:
    """A set of seconds, each a bit of its quarter of an hour: there may be millions, and any two may be years apart."""

    def __init__(self) -> None:
        self._quarters: dict[int, int] = {}
        self.first, self.last = inf, -inf

    def add(self, second: int) -> None:
        quarter, rest = divmod(second, 900)
        self._quarters[quarter] = self._quarters.get(quarter, 0) | 1 << rest
        self.first, self.last = min(self.first, second), max(self.last, second)

    def is_near(self, second: int) -> bool:
        """Whether there is one within the time in which two rows are one request."""
        return any(second + delta in self for delta in range(-SAME // _SECOND, SAME // _SECOND + 1))

    def __contains__(self, second: int) -> bool:
        quarter, rest = divmod(second, 900)
        return bool(self._quarters.get(quarter, 0) >> rest & 1)


def _only_phone_near(moments: dict[int, set[str]], time: Microseconds) -> str | None:
    second = time // _SECOND
    found = set().union(*(moments.get(second + delta, set()) for delta in range(-1, SAME // _SECOND)))
    return found.pop() if len(found) == 1 else None


def _only_phone_offered(offers: list[tuple[Microseconds, str]], time: Microseconds) -> str | None:
    """The phone that may have fetched a file at that time; None where several may have, or none."""
    begin = bisect_left(offers, (time - FETCHING * _SECOND, ""))
    found = {phone for _, phone in offers[begin : bisect_left(offers, (time + SAME, ""))]}
    return found.pop() if len(found) == 1 else None
