"""The zones of the audit logs' clocks: of several servers, and of one whose clock was changed."""

from collections.abc import Iterator

import pytest

from ucdiag.server_logs.audit_zones import AskedRow, AuditZones, find_zones

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
SUNDAY = 20_751 * DAY  # 2026-10-25, when summer time ends in Europe


class Site:
    """Requests as IIS has them, and their rows by the clocks of servers."""

    def __init__(self) -> None:
        self.asked: dict[str, list[int]] = {}
        self.rows: list[AskedRow] = []

    def ask(
        self, at: int, server: str | None, zone: float | None, *, client: str = "10.0.5.7", iis: bool = True
    ) -> int:
        """A request at ``at``, in UTC; without a zone the audit log lacks it. Returns the time of its audit row."""
        if iis:
            self.asked.setdefault(client, []).append(at)
        time = at + SECOND + round((zone or 0) * HOUR)
        if zone is not None:
            self.rows.append((client, time, server))
        return time

    def zones(self) -> AuditZones:
        return find_zones(self.asked, lambda _begin, _end: self.rows)


def hours(zones: AuditZones) -> dict[str | None, list[float]]:
    return {server: [zone / 4 for _, zone in spans] for server, spans in zones.spans.items()}


def test_each_server_has_its_zone() -> None:
    site = Site()
    for number in range(6):
        site.ask(SUNDAY + number * HOUR, "A", 1, client=f"10.1.0.{number}")
        site.ask(SUNDAY + number * HOUR + 1800 * SECOND, "B", -5, client=f"10.2.0.{number}")
        site.ask(SUNDAY + number * HOUR + 900 * SECOND, "C", 0, client=f"10.3.0.{number}")
    zones = site.zones()
    assert hours(zones) == {"A": [1], "B": [-5], "C": [0]}
    assert [zones.shift_at(SUNDAY, server) for server in ("A", "B", "C", "D")] == [HOUR, -5 * HOUR, 0, 0]
    assert zones.text() == (
        "The audit logs' clocks are UTC+01:00 at A, UTC-05:00 at B and UTC at C, as their rows beside those of IIS "
        "show: their times were moved. --utc-offset says another."
    )


def test_a_server_of_which_iis_has_nothing_has_the_zone_of_all() -> None:
    site = Site()
    for number in range(4):
        site.ask(SUNDAY + number * HOUR, "FE1", 2, client=f"10.1.0.{number}")
    late = site.ask(SUNDAY + HOUR + 420 * SECOND, "FE2", 2, client="10.1.0.1", iis=False)
    zones = site.zones()
    assert hours(zones) == {"FE1": [2], "FE2": [2]}
    assert zones.shift_at(late, "FE2") == 2 * HOUR
    assert zones.text().startswith("The audit log's clock is UTC+02:00, as")


def week_of_summer_time(before: float, after: float) -> Iterator[tuple[int, float, str]]:
    """Checks on the days around the change, which is at one o'clock UTC."""
    for day in (-3, -2, -1, 0, 1, 2):
        for number in range(3):
            at = SUNDAY + day * DAY + (9 + number) * HOUR + number * 420 * SECOND
            yield at, (before if at < SUNDAY + HOUR else after), f"10.1.0.{number}"


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2), (0, 1), (1, 0), (-4, -5), (10.5, 11)])
def test_a_clock_that_was_changed(before: float, after: float) -> None:
    site = Site()
    asked = [(at, site.ask(at, "A", zone, client=client)) for at, zone, client in week_of_summer_time(before, after)]
    zones = site.zones()
    assert hours(zones) == {"A": [before, after]}
    assert [time - zones.shift_at(time, "A") for _, time in asked] == [at + SECOND for at, _ in asked]


def test_a_clock_that_was_changed_is_reported() -> None:
    site = Site()
    for at, zone, client in week_of_summer_time(2, 1):
        site.ask(at, "A", zone, client=client)
    assert site.zones().text().startswith("The audit log's clock is UTC+02:00 (UTC+01:00 from 2026-10-25 on), as its")


def test_a_night_s_rows_before_the_change_are_of_the_day_before() -> None:
    site = Site()
    for at, zone, client in week_of_summer_time(2, 1):
        site.ask(at, "A", zone, client=client)
    night = site.ask(SUNDAY + 1800 * SECOND, "A", 2, client="10.1.0.9")
    assert site.zones().shift_at(night, "A") == 2 * HOUR


@pytest.mark.parametrize(("before", "after"), [(2, 1), (-4, -5), (1, 2)])
def test_the_hours_of_the_change_are_told_apart_by_the_requests(before: float, after: float) -> None:
    """The clock shows one hour twice in autumn; in America, those up to three o'clock are of the new zone."""
    site = Site()
    for at, zone, client in week_of_summer_time(before, after):
        site.ask(at, "A", zone, client=client)
    earlier, later = (
        site.ask(SUNDAY + 9000 * SECOND - round(zone * HOUR), "A", zone, client=f"10.1.1.{zone}")
        for zone in (before, after)
    )
    assert earlier == later
    zones = site.zones()
    assert zones.shift_at(earlier, "A", f"10.1.1.{before}") == before * HOUR
    assert zones.shift_at(later, "A", f"10.1.1.{after}") == after * HOUR
    # Of who has no request in IIS, or none in that night, it is as in the days before.
    assert zones.shift_at(later, "A", "10.1.1.99") == zones.shift_at(later, "A") == before * HOUR
    # A day away from the change the clock shows no hour twice, whatever was asked then.
    site.ask(SUNDAY - DAY - round(after * HOUR), None, None, client="10.1.1.98")
    assert site.zones().shift_at(SUNDAY - DAY + SECOND, "A", "10.1.1.98") == before * HOUR


def test_a_day_without_a_request_in_both_logs_is_as_the_days_before() -> None:
    site = Site()
    for at, zone, client in week_of_summer_time(2, 1):
        site.ask(at, "A", zone, client=client)
    zones = site.zones()
    assert [zones.shift_at(SUNDAY + day * DAY + 12 * HOUR, "A") // HOUR for day in (-9, -1, 9)] == [2, 2, 1]


@pytest.mark.parametrize("other", [4, -2, 0.5])
def test_a_day_that_shows_a_zone_that_no_change_of_the_clock_leads_to(other: float) -> None:
    site = Site()
    for day in range(5):
        for number in range(3):
            at = SUNDAY + day * DAY + (9 + number) * HOUR + number * 420 * SECOND
            site.ask(at, "A", 2, client=f"10.1.0.{number}")
    lone = SUNDAY + 6 * DAY + 9 * HOUR + 180 * SECOND
    site.ask(lone, "A", other, client="10.1.0.8")
    assert hours(site.zones()) == {"A": [2]}


def test_one_phone_that_asks_once_a_day_shows_the_change() -> None:
    site = Site()
    for day in range(-3, 3):
        site.ask(SUNDAY + day * DAY + 9 * HOUR + day * 11 * SECOND, "A", 1 if day >= 0 else 2)
    assert hours(site.zones()) == {"A": [2, 1]}


def test_no_zone_where_half_of_the_requests_are_in_no_other_log() -> None:
    site = Site()
    site.ask(SUNDAY + 9 * HOUR, "A", 2)
    for number in range(6):
        site.ask(SUNDAY + DAY + number * HOUR + 420 * SECOND, "A", 2, iis=False)
    site.ask(SUNDAY + 2 * DAY, "A", None)
    assert not site.zones()


def test_without_iis_there_is_no_zone() -> None:
    assert hours(find_zones({}, lambda _begin, _end: [])) == {}


def test_rows_are_looked_at_as_far_around_the_requests_as_a_zone_may_move_them() -> None:
    ranges: list[tuple[int, int]] = []

    def sample(begin: int, end: int) -> list[AskedRow]:
        ranges.append((begin, end))
        return []

    asked = {"10.1.0.1": [SUNDAY + HOUR, SUNDAY], "10.1.0.2": [SUNDAY + 3 * HOUR, SUNDAY + 2 * HOUR]}
    assert hours(find_zones(asked, sample)) == {}
    assert ranges == [(SUNDAY - 14 * HOUR, SUNDAY + 17 * HOUR)]


@pytest.mark.parametrize(("zone", "found"), [(14, [14]), (-14, [-14]), (14.25, None), (-14.25, None), (13.25, [13.25])])
def test_the_zone_that_is_the_farthest_from_utc(zone: float, found: list[float] | None) -> None:
    site = Site()
    for number in range(3):
        site.ask(SUNDAY + number * (2 * HOUR + 420 * SECOND), "A", zone)
    assert hours(site.zones()).get("A") == found


@pytest.mark.parametrize(("late", "agrees"), [(-2, False), (-1, True), (0, True), (5, True), (6, False)])
def test_how_late_the_row_of_a_request_may_be(late: int, agrees: bool) -> None:
    row = ("10.1.0.1", SUNDAY + HOUR + late * SECOND, "A")
    zones = find_zones({"10.1.0.1": [SUNDAY]}, lambda _begin, _end: [row])
    assert hours(zones) == ({"A": [1]} if agrees else {})


@pytest.mark.parametrize(("after", "spans"), [(1, [2, 1]), (3, [2, 3]), (0.75, [2]), (3.25, [2])])
def test_by_how_much_a_clock_is_changed_at_most(after: float, spans: list[float]) -> None:
    site = Site()
    for day in range(4):
        for number in range(3):
            at = SUNDAY + day * DAY + (9 + number) * HOUR + number * 420 * SECOND
            site.ask(at, "A", 2 if day < 3 else after, client=f"10.1.0.{number}")
    assert hours(site.zones()) == {"A": spans}


@pytest.mark.parametrize(("missing", "spans"), [(0, [2, 1]), (7, [2, 1]), (8, None)])
def test_a_change_that_explains_half_of_the_rows(missing: int, spans: list[float] | None) -> None:
    """Of two days with a zone each the requests are in both logs, of a third one in the audit log alone."""
    site = Site()
    for number in range(3):
        site.ask(SUNDAY - DAY + (9 + number) * HOUR + number * 420 * SECOND, "A", 2)
        site.ask(SUNDAY + DAY + (9 + number) * HOUR + number * 420 * SECOND, "A", 1)
    for number in range(missing):
        site.ask(SUNDAY + 8 * HOUR + number * 1100 * SECOND, "A", 2, iis=False)
    assert hours(site.zones()).get("A") == spans


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2)])
def test_two_requests_are_enough_for_a_change(before: float, after: float) -> None:
    site = Site()
    site.ask(SUNDAY - DAY + 9 * HOUR, "A", before)
    site.ask(SUNDAY + DAY + 9 * HOUR, "A", after)
    zones = site.zones()
    assert hours(zones) == {"A": [before, after]}
    assert [begin for begin, _ in zones.spans["A"]] == [SUNDAY // DAY - 1, SUNDAY // DAY + 1]


@pytest.mark.parametrize("lone", [6, -6])
def test_a_change_is_from_the_zone_of_most_days(lone: float) -> None:
    """One day agrees with a zone that no change leads to."""
    site = Site()
    for day, zone in enumerate([2, 2, 1, lone]):
        site.ask(SUNDAY + day * (DAY + 660 * SECOND) + 9 * HOUR, "A", zone)
    assert hours(site.zones()) == {"A": [2, 1]}


def test_a_zone_counts_from_the_first_row_on() -> None:
    site = Site()
    for day in (1, 0, 2):
        site.ask(SUNDAY + day * DAY + 9 * HOUR, "A", 2)
    assert site.zones().spans == {"A": ((SUNDAY // DAY, 8),)}


@pytest.mark.parametrize(("moment", "zone"), [(-1, 2), (0, 1)])
def test_a_day_begins_at_three_o_clock(moment: int, zone: int) -> None:
    zones = AuditZones({"A": ((SUNDAY // DAY - 9, 8), (SUNDAY // DAY, 4))})
    assert zones.shift_at(SUNDAY + 3 * HOUR + moment, "A") == zone * HOUR
    assert zones.shift_at(SUNDAY - 30 * DAY, "A") == 2 * HOUR
    assert zones.shift_at(SUNDAY + 3 * HOUR + moment, "B") == 0


@pytest.mark.parametrize(
    ("spans", "are_other"),
    [
        ({}, False),
        ({"A": ((5, 0),)}, False),
        ({"A": ((5, 0), (7, 4))}, True),
        ({"A": ((5, 0),), None: ((5, 4),)}, True),
    ],
)
def test_whether_any_clock_is_another_than_utc(
    spans: dict[str | None, tuple[tuple[int, int], ...]], are_other: bool
) -> None:
    assert bool(AuditZones(spans)) is are_other


SHOWN = "as their rows beside those of IIS show: their times were moved. --utc-offset says another."


@pytest.mark.parametrize(
    ("spans", "text"),
    [
        (
            {**{f"FE{number}": ((5, -14),) for number in range(5)}, None: ((5, 23),)},
            f"The audit logs' clocks are UTC-03:30 at FE0, FE1, FE2, FE3 and FE4 and UTC+05:45 at others, {SHOWN}",
        ),
        (
            {**{f"FE{number}": ((5, 4), (20_751, 8), (20_753, 0)) for number in range(1006)}, None: ((5, 0),)},
            "The audit logs' clocks are UTC+01:00 (UTC+02:00 from 2026-10-25 on, UTC from 2026-10-27 on) at FE0, FE1, "
            f"FE2, FE3 and FE4 and 1,001 more and UTC at others, {SHOWN}",
        ),
    ],
)
def test_the_clocks_of_several_servers_are_named(
    spans: dict[str | None, tuple[tuple[int, int], ...]], text: str
) -> None:
    assert AuditZones(spans).text() == text
