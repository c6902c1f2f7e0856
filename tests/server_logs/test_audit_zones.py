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


def test_a_clock_that_was_changed_is_told() -> None:
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
