"""Finds the time zone of the audit log's clock by comparison with the rows of IIS, which are in UTC.

Servers of several sites have several zones, and where summer time begins or ends within the logs, one server has two.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from ucdiag.model.text import first_listed, listed
from ucdiag.model.times import utc_datetime
from ucdiag.model.vocabulary import Microseconds

_SECOND = 1_000_000
_QUARTER = 900 * _SECOND
_DAY = 96 * _QUARTER
_MORNING = 3 * 3600 * _SECOND  # when a day begins here: clocks are changed before it
_SUMMER_TIME = 4  # quarters of an hour by which clocks are changed, at most
_WIDEST = 14 * 4  # quarters of an hour that a zone may be from UTC
_ENOUGH = 3  # requests in both logs that must agree on a zone
# The zones that countries have, in quarters of an hour from UTC: fewer requests than that agree on one of these alone.
_USED: frozenset[int] = frozenset({*range(-12 * 4, 14 * 4 + 1, 4), *(-38, -14, 14, 18, 22, 26, 38, 42), *(23, 35, 51)})
_EDGE = 6 * _SECOND  # that the first and the last row of one request may be apart in the two logs
_NAMED = 5  # servers that a sentence names

#: An audit row: who asked, when by the server's clock, and the server.
AskedRow = tuple[str, Microseconds, str | None]


class _Votes:
    """How many rows have a request of IIS beside them in each zone, in quarters of an hour, and how many could."""

    __slots__ = ("_compared", "agreed")

    def __init__(self) -> None:
        self.agreed: Counter[int] = Counter()
        # By the quarter, the westernmost first: there may be a thousand days.
        self._compared = array("L", bytes(array("L").itemsize * (2 * _WIDEST + 1)))

    def add(self, other: "_Votes") -> None:
        self.agreed.update(other.agreed)
        for at, count in enumerate(other._compared):
            self._compared[at] += count

    def add_row(self, quarter: int, agrees: bool) -> None:
        self._compared[quarter + _WIDEST] += 1
        if agrees:
            self.agreed[quarter] += 1

    def compared(self, quarter: int) -> int:
        return self._compared[quarter + _WIDEST]

    def clear_zone(self) -> int | None:
        compared = Counter({at - _WIDEST: count for at, count in enumerate(self._compared)})
        return clear_zone(self.agreed, compared)


# A zone, in quarters of an hour, from that day on; the first one counts before, too.
_Spans = tuple[tuple[int, int], ...]


class AuditZones:
    """``spans`` are the zones of each server whose zone is clear. ``was_asked`` says whether IIS has a request of a
    client at a time."""

    def __init__(
        self,
        spans: Mapping[str | None, _Spans],
        was_asked: Callable[[str, Microseconds], bool] = lambda _client, _time: False,
    ) -> None:
        self.spans = spans
        self._was_asked = was_asked

    def __bool__(self) -> bool:
        """Whether any server's clock is not UTC."""
        return any(zone for spans in self.spans.values() for _, zone in spans)

    def shift_at(self, time: Microseconds, server: str | None, client: str | None = None) -> Microseconds:
        """By how much a server's clock is ahead of UTC, at a time by that clock. In the night in which it is changed
        the clock shows an hour twice: the request of ``client`` says which one it is."""
        spans = self.spans.get(server)
        if not spans:
            return 0
        day = _day_of(time)
        shift = next((zone for begin, zone in reversed(spans) if begin <= day), spans[0][1]) * _QUARTER
        after = next((zone for begin, zone in spans if begin == day + 1), None)
        if after is None or client is None or self._was_asked(client, time - shift):
            return shift
        return after * _QUARTER if self._was_asked(client, time - after * _QUARTER) else shift

    def text(self) -> str:
        """The zones as a sentence."""
        servers: dict[str, list[str]] = {}
        for server, spans in self.spans.items():
            servers.setdefault(_spans_text(spans), []).append(server or "others")
        if len(servers) == 1:
            return (
                f"The audit log's clock is {next(iter(servers))}, as its rows beside those of IIS show: its times were "
                "moved. --utc-offset says another."
            )
        clocks = listed([f"{zone} at {first_listed(names, _NAMED)}" for zone, names in servers.items()])
        return (
            f"The audit logs' clocks are {clocks}, as their rows beside those of IIS show: their times were moved. "
            "--utc-offset says another."
        )


def find_zones(
    asked: Mapping[str, Sequence[Microseconds]], sample: Callable[[Microseconds, Microseconds], Iterable[AskedRow]]
) -> AuditZones:
    """The zones that audit rows show beside the requests of IIS, by client. ``sample`` gives rows between two times of
    the servers' clocks. A server that shows no zone by itself has that of all."""
    if not asked:
        return AuditZones({})
    first = min(min(times) for times in asked.values())
    last = max(max(times) for times in asked.values())

    @cache
    def seconds_of(client: str) -> set[int]:
        return {at // _SECOND for at in asked[client]}

    def was_asked(client: str, time: Microseconds) -> bool:
        if client not in asked:
            return False
        seconds, second = seconds_of(client), time // _SECOND
        return any(second - delta in seconds for delta in range(-1, 6))

    votes: dict[str | None, dict[int, _Votes]] = defaultdict(lambda: defaultdict(_Votes))
    for client, time, server in sample(first - _WIDEST * _QUARTER, last + _WIDEST * _QUARTER):
        of_day = votes[server][_day_of(time)]
        for quarter in range(-_WIDEST, _WIDEST + 1):
            moved = time - quarter * _QUARTER
            if first - _EDGE <= moved <= last + _EDGE:
                of_day.add_row(quarter, was_asked(client, moved))
    of_all = _sum_of(days for of_server in votes.values() for days in of_server.values()).clear_zone()
    found = {server: _spans_of(days, of_all) for server, days in votes.items()}
    return AuditZones({server: spans for server, spans in found.items() if spans}, was_asked)


def _spans_of(days: Mapping[int, _Votes], of_all: int | None) -> _Spans:
    """The zones of one server; none where they are not clear."""
    zone = _sum_of(days.values()).clear_zone()
    spans = _summer_time(days, zone)
    if spans:
        return spans
    zone = of_all if zone is None else zone
    return ((min(days), zone),) if zone is not None else ()


def _summer_time(days: Mapping[int, _Votes], zone: int | None) -> _Spans:
    """The zones of a server whose clock was changed; none where that does not explain its rows. ``zone`` is that of
    most rows."""
    clear = {day: found for day in sorted(days) if (found := days[day].clear_zone()) is not None}
    if not clear:
        return ()
    if zone is None:
        zone = Counter(clear.values()).most_common(1)[0][0]
    near = {day: found for day, found in clear.items() if abs(found - zone) <= _SUMMER_TIME}
    spans: list[tuple[int, int]] = []
    for day, found in near.items():
        if not spans or spans[-1][1] != found:
            spans.append((day, found))
    explained = sum(days[day].agreed[found] for day, found in near.items())
    compared = sum(days[day].compared(near.get(day, zone)) for day in days)
    enough = explained == compared or explained >= max(_ENOUGH, compared // 2)
    return tuple(spans) if len(spans) > 1 and enough else ()


def _sum_of(votes: Iterable[_Votes]) -> _Votes:
    total = _Votes()
    for one in votes:
        total.add(one)
    return total


def clear_zone(agreed: Counter[int], compared: Counter[int]) -> int | None:
    """The zone, in quarters of an hour, that the requests agree on; None where that is not clear.

    Few requests are enough where all of them say the same zone, and nothing speaks for any other.
    """
    ranked = agreed.most_common(2)
    best, count = ranked[0] if ranked else (0, 0)
    other = ranked[1][1] if len(ranked) > 1 else 0
    if count >= max(_ENOUGH, compared[best] // 2) and other * 2 < count:
        return best
    used = [zone for zone in _USED if agreed[zone]]
    if len(used) == 1 and agreed[used[0]] == compared[used[0]]:
        return used[0]
    return None


def _day_of(time: Microseconds) -> int:
    return (time - _MORNING) // _DAY


def _spans_text(spans: _Spans) -> str:
    (_, first), *later = spans
    changes = [f"{_zone_text(zone)} from {utc_datetime(day * _DAY):%Y-%m-%d} on" for day, zone in later]
    return f"{_zone_text(first)} ({', '.join(changes)})" if changes else _zone_text(first)


def _zone_text(zone: int) -> str:
    return f"UTC{'-' if zone < 0 else '+'}{abs(zone) // 4:02}:{abs(zone) % 4 * 15:02}" if zone else "UTC"
