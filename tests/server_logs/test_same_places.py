"""Rows of which IIS server are joined to a phone of which audit log, where two sites may have the same addresses."""

from collections import Counter
from pathlib import Path

import pytest

from tests.server_logs.log_samples import (
    FIELDS,
    FILE,
    HANDLER,
    HEADER,
    MAC,
    OFFER,
    audit,
    iis,
    iis_log,
    logs,
    phones_of,
    problem_codes,
    write,
)
from ucdiag.server_logs import same_places
from ucdiag.server_logs.audit_log import AuditRow, LoggedModule
from ucdiag.server_logs.audit_zones import clear_zone
from ucdiag.server_logs.iis_log import IisRow
from ucdiag.server_logs.log_book import LogBook
from ucdiag.server_logs.logged_rows import SAME, LogEntry

NAMED = FIELDS.replace(" s-ip ", " s-computername ")
REFUSED = "500 0 0"


def line(server: str, time: str, status: str = "200 0 0", **more: str) -> str:
    return iis(f"2026-11-27 {time}", status=status, **more).replace("10.0.0.20", server, 1)


def of_b(folder: Path, offered: str = "") -> list[str]:
    """The logs of server B, both with the same checks of one phone."""
    rows = [audit("11/27/2026 9:00:01 AM", offered=offered), audit("11/27/2026 11:00:01 AM", offered=offered)]
    text = "\r\n".join([HEADER, *rows, ""])
    requests = iis_log(line("10.2.0.20", "09:00:01"), line("10.2.0.20", "11:00:01"))
    return [write(folder, "RequestHandlerAuditLog_B_2026-11-27.log", text), write(folder, "b.log", requests)]


def codes(files: list[str]) -> dict[str, str | None]:
    """The code of each phone's verdict."""
    _, report = logs(*files)
    return {name: phone["verdict"]["code"] for name, phone in phones_of(report).items()}


def test_a_lone_refused_row_of_another_server_is_not_joined(tmp_path: Path) -> None:
    other = write(tmp_path, "a.log", iis_log(line("10.1.0.20", "12:00:00", REFUSED)))
    files = [*of_b(tmp_path), other]
    assert codes(files) == {MAC: "no-update-offered", "10.0.5.7": "http-server-error"}
    # The address is one phone's alone; that of the other site is not known at all.
    assert "several-phones" not in problem_codes(logs(*files)[1])


def test_a_refused_row_of_the_same_server_is_joined(tmp_path: Path) -> None:
    same = write(tmp_path, "b2.log", iis_log(line("10.2.0.20", "12:00:00", REFUSED)))
    assert codes([*of_b(tmp_path), same]) == {MAC: "http-server-error"}


@pytest.mark.parametrize(("address", "joined"), [("10.2.0.20", True), ("10.2.0.21", False)])
def test_an_address_is_that_of_the_computer_that_iis_names_beside_it(
    tmp_path: Path, address: str, joined: bool
) -> None:
    """The error log of HTTP.SYS has addresses alone."""
    both = FIELDS.replace(" s-ip ", " s-computername s-ip ")
    named = iis_log(*(line("WEB1 10.2.0.20", f"{hour}:00:01") for hour in ("09", "11")), fields=both)
    other = iis_log(line("WEB2 10.2.0.21", "09:00:01", client="10.0.5.9"), fields=both)
    errors = iis_log(line(address, "12:00:00", "503 0 0"))
    logs_of_iis = [
        write(tmp_path, f"{name}.log", text) for name, text in (("u1", named), ("u2", other), ("httperr1", errors))
    ]
    assert (codes([of_b(tmp_path)[0], *logs_of_iis])[MAC] == "http-unavailable") is joined


@pytest.mark.parametrize(
    ("server", "joined"), [("A", False), ("B", True), ("b", True), ("B.contoso.com", True), ("10.2.0.20", True)]
)
def test_one_log_of_each_kind_is_of_one_server_unless_their_names_differ(
    tmp_path: Path, server: str, joined: bool
) -> None:
    text = iis_log(line(server, "12:00:00", REFUSED), fields=NAMED)
    found = codes([of_b(tmp_path)[0], write(tmp_path, "a.log", text)])
    assert found == (
        {MAC: "http-server-error"} if joined else {MAC: "no-update-offered", "10.0.5.7": "http-server-error"}
    )


@pytest.mark.parametrize(("time", "joined"), [("11:01:00", True), ("16:00:00", False)])
def test_a_file_that_was_just_offered_may_come_from_another_server(tmp_path: Path, time: str, joined: bool) -> None:
    other = write(tmp_path, "a.log", iis_log(line("10.1.0.20", time, "404 0 2", method="GET", target=FILE)))
    found = codes([*of_b(tmp_path, OFFER), other])
    assert (found[MAC] == "download-not-found") is joined
    assert ("10.0.5.7" in found) is not joined


def second(number: int) -> int:
    return 1_795_770_000_000_000 + number * 1_000_000


def asked(client: str, mac: str = "") -> AuditRow:
    return AuditRow(client=client, mac=mac or f"m{client}", serial=None)


def request(client: str, status: int = 200) -> IisRow:
    return IisRow(client=client, server=None, port=80, method="POST", target=HANDLER, status=status)


def keys(book: LogBook) -> set[str]:
    """The phones of the book, once those of IIS are joined to those of the audit log."""
    book.join_addresses()
    return {phone.key for phone in book.phones()}


@pytest.mark.parametrize(
    ("of_a", "of_c", "joined"), [(3, 1, False), (2, 1, True), (3, 2, True), (4, 2, True), (5, 2, False), (0, 0, False)]
)
def test_a_server_is_the_one_with_half_of_the_most_common_moments(of_a: int, of_c: int, joined: bool) -> None:
    """Where no name says it: a balancer gives some phones to another server."""
    book = LogBook()
    for number in range(of_a + of_c):
        client = f"10.0.0.{number}"
        book.add_audit(second(100 * number), asked(client), "A" if number < of_a else "C")
        book.add_iis(second(100 * number), request(client), "site/W3SVC1")
    book.add_audit(second(0), asked("10.0.1.1", "lone"), "C")
    book.add_iis(second(5000), request("10.0.1.1", 500), "site/W3SVC1")
    book.add_iis(second(5000), request("10.0.9.9"), "other/W3SVC1")
    assert ("address 10.0.1.1" not in keys(book)) is joined


@pytest.mark.parametrize(
    ("target", "status", "counts"),
    [(HANDLER, 199, False), (HANDLER, 299, True), (HANDLER, 300, False), (HANDLER, 500, False), (FILE, 200, False)],
)
def test_only_what_the_audit_log_has_shows_that_two_servers_are_one(target: str, status: int, counts: bool) -> None:
    book = LogBook()
    for number in range(5):
        client = f"10.0.0.{number}"
        book.add_audit(second(100 * number), asked(client), "A" if number < 3 else "C")
        row = IisRow(client=client, server=None, port=80, method="POST", target=target, status=status)
        book.add_iis(second(100 * number), request(client) if number < 4 else row, "site/W3SVC1")
    book.add_audit(second(0), asked("10.0.1.1", "lone"), "C")
    book.add_iis(second(5000), request("10.0.1.1", 500), "site/W3SVC1")
    book.add_iis(second(5000), request("10.0.9.9"), "other/W3SVC1")
    assert ("address 10.0.1.1" not in keys(book)) is counts


@pytest.mark.parametrize(
    ("later", "joined"), [(-2, False), (-1, True), (0, True), (SAME // 1_000_000 - 1, True), (SAME // 1_000_000, False)]
)
def test_of_two_phones_with_one_address_a_request_is_that_of_its_moment(later: int, joined: bool) -> None:
    """The audit log writes a request when it is answered, IIS as well: a little before at most, by their clocks."""
    book = LogBook()
    book.add_audit(second(1000 + later), asked("10.0.0.1", "one"), "A")
    book.add_audit(second(9000), asked("10.0.0.1", "two"), "A")
    book.add_iis(second(1000), request("10.0.0.1"), "A")
    found = keys(book)
    assert ("address 10.0.0.1" not in found) is joined
    assert {"one", "two"} <= found
    if joined:
        rows = next(phone for phone in book.phones() if phone.key == "one")
        assert sorted(rows.times) == sorted([second(1000), second(1000 + later)])


def test_a_request_at_the_moment_of_two_phones_with_one_address_is_nobody_s() -> None:
    book = LogBook()
    book.add_audit(second(1000), asked("10.0.0.1", "one"), "A")
    book.add_audit(second(1001), asked("10.0.0.1", "two"), "A")
    book.add_iis(second(1000), request("10.0.0.1"), "A")
    assert keys(book) == {"one", "two", "address 10.0.0.1"}


FETCHING = 1800


@pytest.mark.parametrize(
    ("later", "joined"), [(0, True), (FETCHING, True), (FETCHING + 1, False), (-2, True), (-999, False)]
)
def test_a_file_is_fetched_within_half_an_hour_of_its_offer(later: int, joined: bool) -> None:
    """From whichever server."""
    book = LogBook()
    offer = AuditRow(client="10.0.0.1", mac="one", serial=None, offered=(LoggedModule("CPE.nbt", "3"),))
    book.add_audit(second(0), offer, "A")
    book.add_iis(second(0), request("10.0.0.1"), "A")
    fetched = IisRow(client="10.0.0.1", server=None, port=80, method="GET", target=FILE, status=200)
    book.add_iis(second(later), fetched, "files/W3SVC2")
    assert (keys(book) == {"one"}) is joined


@pytest.mark.parametrize(
    ("time", "lacking"),
    [
        (-1, (0, 0)),
        (0, (0, 1)),
        (SAME // 1_000_000, (0, 1)),
        (SAME // 1_000_000 + 1, (1, 1)),
        (9999 - SAME // 1_000_000 - 1, (1, 1)),
        (9999 - SAME // 1_000_000, (0, 1)),
        (9999, (0, 1)),
        (10_000, (0, 0)),
    ],
)
def test_a_request_counts_as_missing_while_the_audit_log_was_written(time: int, lacking: tuple[int, int]) -> None:
    book = LogBook()
    book.add_audit(second(0), asked("10.0.0.1"), "A")
    book.add_audit(second(9999), asked("10.0.0.1"), "A")
    book.add_iis(second(time), request("10.0.0.2"), "A")
    book.add_iis(second(500), request("10.0.0.2", 500), "A")
    assert book.not_audited() == lacking
    assert book.last_time == second(max(time, 9999))


@pytest.mark.parametrize(
    ("others", "at", "owner"),
    [
        # Another phone had the address, at another time, or near; what it was offered.
        ([(9000, "")], 600, "one"),
        ([(-1800, "3")], 1, "one"),
        ([(300, "")], 600, "one"),
        ([(601, "")], 600, "one"),
        ([(-1800, "3")], 0, "one"),
        ([(-1790, "3")], 10, None),
        ([(-1791, "3")], 10, "one"),
        ([(300, "3")], 600, None),
        ([(300, "3")], 1801, "two"),
        # At its own moment it fetches; who was just offered the same is not told apart otherwise.
        ([(599, "3")], 600, "two"),
        ([(9000, "")], 1800, "one"),
        ([(9000, "")], 1801, None),
        ([(9000, "")], -4, "one"),
        ([(9000, "")], -5, None),
    ],
)
@pytest.mark.parametrize("status", [200, 404])
def test_a_file_at_an_address_of_several_is_of_the_only_one_that_was_offered_one(
    others: list[tuple[int, str]], at: int, owner: str | None, status: int
) -> None:
    book = LogBook()
    for mac, when, version in [("one", 0, "3"), *(("two", when, version) for when, version in others)]:
        offered = (LoggedModule("CPE.nbt", version),) if version else ()
        book.add_audit(second(when), AuditRow(client="10.0.0.1", mac=mac, serial=None, offered=offered), "A")
        book.add_iis(second(when), request("10.0.0.1"), None)
    fetched = IisRow(client="10.0.0.1", server=None, port=80, method="GET", target=FILE, status=status)
    book.add_iis(second(at), fetched, None)
    book.join_addresses()
    having = [
        phone.key for phone in book.phones() if any(book.entries[number].iis == fetched for number in phone.entries)
    ]
    assert having == [owner or "address 10.0.0.1"]


@pytest.mark.parametrize(
    ("agreed", "compared", "zone"),
    [
        ({}, {}, None),
        # Three that agree are enough for any zone, if they are half of those that were compared.
        ({1: 3}, {1: 3}, 1),
        ({1: 3}, {1: 7}, 1),
        ({1: 3}, {1: 8}, None),
        ({1: 4}, {1: 9}, 1),
        # And twice as many as for the next one.
        ({1: 3, 4: 1}, {1: 3, 4: 3}, 1),
        ({1: 4, 4: 2}, {1: 4, 4: 4}, None),
        ({1: 5, 4: 2}, {1: 5, 4: 5}, 1),
        # Fewer are where all say the same zone, which is one that a country has.
        ({4: 2}, {4: 2}, 4),
        ({4: 1}, {4: 1}, 4),
        ({1: 2}, {1: 2}, None),
        ({4: 2}, {4: 3}, None),
        ({4: 2, 8: 2}, {4: 2, 8: 2}, None),
        ({4: 2, 1: 2}, {4: 2, 1: 2}, 4),
        *(({zone: 1}, {zone: 1}, zone) for zone in (-48, -38, -14, 0, 14, 18, 22, 23, 26, 35, 38, 42, 51, 56)),
        *(({zone: 1}, {zone: 1}, None) for zone in (-52, -1, 2, 13, 27, 50)),
    ],
)
def test_the_zone_that_requests_agree_on(agreed: dict[int, int], compared: dict[int, int], zone: int | None) -> None:
    """In quarters of an hour."""
    assert clear_zone(Counter(agreed), Counter(compared)) == zone


def logged(server: str | None, address: str | None) -> LogEntry:
    row = IisRow(client="10.0.5.7", server=server, address=address, port=80, method="POST", target="/x", status=200)
    return LogEntry(server=server, iis=row)


@pytest.mark.parametrize(
    ("entries", "computers"),
    [
        ([logged("FE1", "10.0.0.20")], {"10.0.0.20": "FE1"}),
        ([logged("FE1", "10.0.0.20"), logged("FE2", "10.0.0.21")], {"10.0.0.20": "FE1", "10.0.0.21": "FE2"}),
        # An address of several computers is nobody's, and without either there is nothing to know.
        ([logged("FE1", "10.0.0.20"), logged("FE2", "10.0.0.20")], {}),
        ([logged("10.0.0.20", "10.0.0.20")], {}),
        ([logged("10.0.0.20", "10.0.0.20"), logged("FE1", "10.0.0.20")], {"10.0.0.20": "FE1"}),
        ([logged("FE1", None)], {}),
        ([LogEntry(server="FE1", audit=None)], {}),
    ],
)
def test_which_computer_has_an_address(entries: list[LogEntry], computers: dict[str, str]) -> None:
    assert same_places._computers_by_address(entries) == computers
