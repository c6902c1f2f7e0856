"""Rows of the audit log in every spelling that the sources allow."""

from datetime import timedelta

import pytest

from tests.server_logs.log_samples import HEADER, MAC, NAME, OFFER, audit
from ucdiag.server_logs.audit_log import AuditLog, AuditRow, LoggedModule, Unread, is_audit_log, server_of

NINE = 1795770001000000  # 2026-11-27 09:00:01 UTC


Found = list[tuple[int, AuditRow] | Unread]


def rows(*lines: str, name: str = NAME, offset: timedelta = timedelta()) -> Found:
    """What is read of these lines."""
    return list(AuditLog(name, list(lines), offset).read_rows(iter(enumerate(lines, 1))))


def timed(*lines: str, name: str = NAME) -> tuple[int, AuditRow]:
    (row,) = rows(*lines, name=name)
    assert isinstance(row, tuple)
    return row


def only(*lines: str, name: str = NAME) -> AuditRow:
    return timed(*lines, name=name)[1]


def times(found: Found) -> list[int]:
    return [row[0] for row in found if isinstance(row, tuple)]


INNER_COMMAS = "CPE.nbt,1.0.522.101,2009-01-01"
OFFER_COMMAS = "CPE.nbt,CPE.cat,3.5.6907.35,2010-01-01"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([HEADER, audit(offered=OFFER)], id="commas-with-header"),
        pytest.param([audit(offered=OFFER)], id="commas-without-header"),
        pytest.param([audit(offered=OFFER, by=";")], id="semicolons-outside-and-inside"),
        pytest.param([audit(requested=INNER_COMMAS, offered=OFFER_COMMAS)], id="commas-outside-and-inside"),
        pytest.param(
            [audit(requested=INNER_COMMAS, offered=OFFER_COMMAS, by=";")], id="semicolons-outside-commas-inside"
        ),
        pytest.param([HEADER.replace(",", ";"), audit(offered=OFFER, by=";")], id="semicolons-with-header"),
        pytest.param([audit(offered=f'"{OFFER}"', user='"alice"')], id="quoted"),
        pytest.param([audit(offered=OFFER, by="\t")], id="tabs"),
    ],
)
def test_the_row_is_the_same_in_each_spelling(lines: list[str]) -> None:
    time, row = timed(*lines)
    assert (time, row.client, row.mac, row.serial) == (NINE, "10.0.5.7", MAC, "AB37_679e")
    assert (row.vendor, row.model, row.revision, row.locale, row.user) == ("Polycom", "CX700", "A", "ENU", "alice")
    assert row.requested == (LoggedModule("CPE.nbt", "1.0.522.101"),)
    assert row.offered == (LoggedModule("CPE.nbt", "3.5.6907.35", "CPE.cat"),)


TWO_ASKED = "CPE.nbt;1.0.522.101;2009#EBOOT.nbt;1.23;2008"
TWO_GIVEN = "CPE.nbt;CPE.cat;3.5.6907.35;2010#EBOOT.nbt;EBOOT.cat;1.24;2010"


@pytest.mark.parametrize("by", [",", ";"])
def test_several_modules_are_joined_by_a_hash(by: str) -> None:
    row = only(audit(requested=TWO_ASKED, offered=TWO_GIVEN, by=by))
    assert [module.version for module in row.requested] == ["1.0.522.101", "1.23"]
    assert [(module.name, module.version) for module in row.offered] == [
        ("CPE.nbt", "3.5.6907.35"),
        ("EBOOT.nbt", "1.24"),
    ]
    assert row.user == "alice"


@pytest.mark.parametrize("by", [",", ";"])
def test_no_response_module_means_nothing_given(by: str) -> None:
    row = only(audit(by=by))
    assert row.offered == ()
    assert row.user == "alice"


@pytest.mark.parametrize("by", [",", ";"])
def test_no_request_module_and_no_user(by: str) -> None:
    row = only(audit(requested="", offered=OFFER, user="", by=by))
    assert row.requested == ()
    assert row.offered[0].version == "3.5.6907.35"
    assert row.user is None


def test_a_blank_mac_address_and_serial_number_are_unknown() -> None:
    row = only(audit(mac="", serial=""))
    assert (row.mac, row.serial, row.client) == (None, None, "10.0.5.7")


def test_columns_go_by_the_header() -> None:
    time, row = timed(
        "Logging DateTime,Mac Address,User Host Address,a,b,c,d,e,Model",
        f"2026-11-27 09:00:01,{MAC},10.1.1.1,,,,,,CX600",
    )
    assert (time, row.mac, row.client, row.model, row.serial) == (NINE, MAC, "10.1.1.1", "CX600", None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("garbage", "it has 1 fields of at least 9"),
        (audit(time="yesterday"), "its time 'yesterday' cannot be read"),
        (audit(time="13/13/2026 09:00:00"), "its time '13/13/2026 09:00:00' cannot be read"),
        (audit(time="2026-02-30 09:00:00"), "its time '2026-02-30 09:00:00' cannot be read"),
        (audit(mac="0004F2AABB"), "'0004F2AABB' is not a MAC address"),
    ],
)
def test_a_bad_row_is_named_and_the_others_count(line: str, why: str) -> None:
    bad, good = rows(line, audit(time="2026-11-27 09:00:01"))
    assert bad == Unread(1, why)
    assert isinstance(good, tuple)


@pytest.mark.parametrize(
    ("time", "name"),
    [
        ("11/27/2026 9:00:01 AM", NAME),
        ("27/11/2026 09:00:01", NAME),
        ("27.11.2026 09:00:01", NAME),
        ("2026-11-27 09:00:01", NAME),
        ("2026-11-27T09:00:01Z", NAME),
        ("2026-11-27T11:00:01+02:00", NAME),
        ("2026/11/27 09:00:01.000", NAME),
        ("11/27/26 9:00:01 a.m.", NAME),
    ],
)
def test_times_in_their_spellings(time: str, name: str) -> None:
    assert timed(audit(time=time), name=name)[0] == NINE


@pytest.mark.parametrize(
    ("time", "name", "month"),
    [
        ("03/04/2026 09:00:00", "RequestHandlerAuditLog_P_2026-04-03.log", 4),
        ("03/04/2026 09:00:00", "RequestHandlerAuditLog_P_20260304.log", 3),
        ("03/04/2026 09:00:00", "RequestHandlerAuditLog_POOL01_2026-04-03.log", 4),
        ("03/04/2026 09:00:00", "RequestHandlerAuditLog_POOL01_2026-03-04_2.log", 3),
        ("03/04/2026 09:00:00", "2026-03-04/RequestHandlerAuditLog_POOL01_20260403.log.gz", 4),
        ("03/04/2026 09:00:00", "x.log", 3),
        ("03.04.2026 09:00:00", "x.log", 4),
    ],
)
def test_the_name_of_the_file_tells_day_from_month(time: str, name: str, month: int) -> None:
    at, _ = timed(audit(time=time), name=name)
    begin = {3: 1772582400000000, 4: 1775174400000000}[month]  # 2026-03-04 and 2026-04-03
    assert at == begin + 9 * 3_600_000_000


@pytest.mark.parametrize(
    ("times", "guessed"),
    [
        (["03/04/2026 09:00:00"], True),
        (["03/04/2026 09:00:00", "13/04/2026 09:00:00"], False),
        (["2026-03-04 09:00:00"], False),
        (["04/04/2026 09:00:00"], False),
    ],
)
def test_a_guess_is_said(times: list[str], guessed: bool) -> None:
    assert AuditLog("x.log", [audit(time=time) for time in times]).guessed is guessed


def test_a_row_that_allows_one_reading_decides_for_all() -> None:
    first, second = times(rows(audit(time="03/04/2026 09:00:00"), audit(time="13/04/2026 09:00:00"), name="x.log"))
    assert second - first == 10 * 86_400_000_000


@pytest.mark.parametrize("none", ["13/13/2026 09:00:00", "31/02/2026 09:00:00", "03/13/2026 29:00:00"])
def test_what_is_no_time_decides_nothing_of_the_others(none: str) -> None:
    expected = times(rows(audit(time="03/04/2026 09:00:00"), name="x.log"))
    assert times(rows(audit(time=none), audit(time="03/04/2026 09:00:00"), name="x.log")) == expected
    assert AuditLog("x.log", [audit(time=none), audit(time="03/04/2026 09:00:00")]).guessed


def test_the_offset_moves_times_that_name_no_zone() -> None:
    lines = [audit(time="2026-11-27 11:00:01"), audit(time="2026-11-27 09:00:01Z")]
    assert times(rows(*lines, offset=timedelta(hours=2))) == [NINE, NINE]


@pytest.mark.parametrize(
    "spelling",
    ["11/27/2026 {}:{}:{} AM", "2026-11-27T{:0>2}:{}:{}.250Z", "27.11.2026 {}:{}:{}", "2026-11-27 {}:{}:{}+00:00"],
)
def test_rows_that_differ_in_their_time_alone(spelling: str) -> None:
    clocks = [("9", "00", "01"), ("9", "00", "59"), ("9", "01", "00"), ("10", "00", "01")]
    found = rows(*(audit(spelling.format(*clock)) for clock in clocks))
    assert [time - NINE - (250_000 if "250" in spelling else 0) for time in times(found)] == [
        0,
        58_000_000,
        59_000_000,
        3_600_000_000,
    ]
    assert len({id(row[1]) for row in found if isinstance(row, tuple)}) == 1


def test_minutes_and_zones_that_look_like_seconds() -> None:
    spelled = ["2026-11-27 11:00+02:00", "2026-11-27 10:30+01:30", "2026-11-27 09:00", "2026-11-27 09:01"]
    assert [time - NINE + 1_000_000 for time in times(rows(*map(audit, spelled)))] == [0, 0, 0, 60_000_000]


def test_a_row_like_the_one_before_with_a_bad_time() -> None:
    first, bad, good = rows(audit("2026-11-27 09:00:01"), audit("2026-11-27 09:00:6x"), audit("2026-11-27 09:00:03"))
    assert isinstance(first, tuple)
    assert bad == Unread(2, "its time '2026-11-27 09:00:6x' cannot be read")
    assert isinstance(good, tuple)
    assert good[0] - first[0] == 2_000_000


@pytest.mark.parametrize(
    ("name", "server"),
    [
        (NAME, "POOL01"),
        (r"D:\Share\RequestHandlerAuditLog_web_01.contoso.com_20261127.log", "web_01.contoso.com"),
        ("RequestHandlerAuditLog_POOL01_2026-11-27_2.csv", "POOL01"),
        ("RequestHandlerAuditLog_POOL01_20261127.log.gz", "POOL01"),
        ("requesthandlerauditlog_pool01_20261127.log", "pool01"),
        ("RequestHandlerAuditLog_POOL01_2026-11-27.logs/other.log", None),
        ("RequestHandlerAuditLog_POOL01_2026.log", None),
        ("other_2026.log", None),
    ],
)
def test_the_server_is_in_the_name(name: str, server: str | None) -> None:
    assert server_of(name) == server


@pytest.mark.parametrize(
    ("name", "lines", "is_one"),
    [
        (NAME, [], True),
        ("x.csv", [HEADER], True),
        ("x.csv", ["", audit()], True),
        ("x.csv", [" ", f"  {HEADER}"], True),
        ("x.csv", [audit(time='"11/27/2026 9:00:01 AM"')], True),
        ("x.csv", [audit(by=";")], True),
        ("x.csv", [audit().rsplit(",", 1)[0]], True),
        ("x.csv", [audit().rsplit(",", 2)[0]], False),
        ("x.csv", ["2026-11-27 09:00:01,something,happened"], False),
        ("x.csv", [audit(time="yesterday")], False),
        ("x.csv", ["a,b,c"], False),
        ("x.csv", ["a,b,c", audit(), HEADER], False),
        ("x.csv", [], False),
        ("x.log", ["2026-11-27 09:00:01 something happened"], False),
    ],
)
def test_what_is_an_audit_log(name: str, lines: list[str], is_one: bool) -> None:
    assert is_audit_log(name, lines) is is_one


def test_what_stands_around_a_row_does_not_count() -> None:
    """Windows fills what it made room for, and never wrote, with zeros."""
    found = rows("\x00" * 9, f"\x00 {audit()}\t\r\n\x00", " \t", f" {audit()}")
    assert times(found) == [NINE, NINE]
    assert len(found) == 2


BROKEN_QUOTE = '"a"\rb,'


def test_quotes_that_do_not_match() -> None:
    """The lines around them are read as if they were not there: a header that is none changes no columns."""
    why = "its quotes do not match (new-line character seen in unquoted field"
    first, header, row, last = rows(audit(), f"Logging DateTime,Mac Address,{BROKEN_QUOTE}", BROKEN_QUOTE, audit())
    assert isinstance(header, Unread)
    assert isinstance(row, Unread)
    assert (header.line, row.line) == (2, 3)
    assert header.why.startswith(why)
    assert row.why.startswith(why)
    assert first == last
    assert isinstance(last, tuple)


def test_rows_like_those_before_a_header_have_its_columns() -> None:
    swapped = HEADER.replace("Vendor,Model", "Model,Vendor")
    found = rows(audit(), audit(), swapped, audit(), HEADER, audit())
    assert [row[1].vendor for row in found if isinstance(row, tuple)] == ["Polycom", "Polycom", "CX700", "Polycom"]


def test_a_first_column_that_is_not_the_time_decides_nothing() -> None:
    header = "Logging Date and more,DateTime,User Host Address,a,b,c,d,e,f"
    found = rows(header, *(f"2026-11-27 0{hour}:00:01,2026-11-27 09:00:01,10.1.1.{hour},,,,,," for hour in (1, 1, 2)))
    assert times(found) == [NINE] * 3
    assert [row[1].client for row in found if isinstance(row, tuple)] == ["10.1.1.1", "10.1.1.1", "10.1.1.2"]


def test_a_row_that_ends_as_one_with_a_quoted_time_is_another() -> None:
    quoted, plain = rows(audit('"11/27/2026, 9:00:01 AM"'), audit('11/27/2026 9:00, 9:00:01 AM"'))
    assert isinstance(quoted, tuple)
    assert quoted[0] == NINE
    assert plain == Unread(2, "'UCPhone' is not a MAC address")


@pytest.mark.parametrize(
    ("mac", "read"),
    [
        ("00:00:00:00:00:00", None),
        ("00-00-00-00-00-00", None),
        ("0000.0000.0000", None),
        ("00 00 00 00 00 00", None),
        ("0", None),
        ("00-04-f2-aa-bb-cc", MAC),
        ("00:00:00:00:00:01", "00:00:00:00:00:01"),
    ],
)
def test_a_mac_address_of_zeros_is_as_good_as_blank(mac: str, read: str | None) -> None:
    assert only(audit(mac=mac)).mac == read


def test_of_a_long_value_the_beginning_is_named() -> None:
    time, mac, *_ = rows(audit(time="t" * 99), audit(mac="m" * 99))
    assert time == Unread(1, f"its time {'t' * 40!r} cannot be read")
    assert mac == Unread(2, f"{'m' * 40!r} is not a MAC address")


def test_values_of_every_column_are_cut() -> None:
    long = "x" * 300
    fields = (
        "2026-11-27 09:00:01",
        "10.0.5.7",
        long,
        "",
        *[long] * 5,
        f"{long};{long};1",
        f"{long};{long};{long}",
        long,
    )
    row = only(",".join(fields))
    cut = "x" * 256
    assert row == AuditRow(
        client="10.0.5.7",
        mac=None,
        serial=cut,
        device_type=cut,
        vendor=cut,
        model=cut,
        revision=cut,
        locale=cut,
        requested=(LoggedModule(cut, cut),),
        offered=(LoggedModule(cut, cut, cut),),
        user=cut,
    )


def test_a_row_without_its_last_columns() -> None:
    row = only(audit().rsplit(",", 3)[0])
    assert (row.locale, row.requested, row.offered, row.user) == ("ENU", (), (), None)
    (bad,) = rows(audit().rsplit(",", 4)[0])
    assert bad == Unread(1, "it has 8 fields of at least 9")


def test_more_fields_than_a_header_names_are_left_out() -> None:
    """Where the modules do not stand at their place, nothing is joined that stands apart."""
    header = HEADER.replace("Request Modules,Response Modules", "Response Modules,Request Modules")
    row = only(header, audit(requested=OFFER, offered="CPE.nbt;1.0.522.101;2009-01-01") + ",more,and,more")
    assert row.offered == (LoggedModule("CPE.nbt", "3.5.6907.35", "CPE.cat"),)
    assert (row.requested[0].version, row.user) == ("1.0.522.101", "alice")


@pytest.mark.parametrize(
    ("requested", "offered", "asked", "given"),
    [
        ("A,1,x#B,2,x", "", ["A 1", "B 2"], []),
        ("A,1,x#B,2,x#C,3,x", "A,a,5,x#B,b,6,x", ["A 1", "B 2", "C 3"], ["A 5", "B 6"]),
        ("", "A,a,5,x", [], ["A 5"]),
    ],
)
def test_modules_with_the_row_s_own_separator(requested: str, offered: str, asked: list[str], given: list[str]) -> None:
    row = only(audit(requested=requested, offered=offered))
    assert [f"{module.name} {module.version}" for module in row.requested] == asked
    assert [f"{module.name} {module.version}" for module in row.offered] == given


@pytest.mark.parametrize("end", ["A,1,x#B,2", "A,1,x#B,2,x", "A,1,x#B,2,x#"])
def test_a_row_that_is_cut_within_its_modules(end: str) -> None:
    row = only(audit(requested="").rsplit(",", 3)[0] + f",{end}")
    assert row.requested == (LoggedModule("A", "1"), LoggedModule("B", "2"))
    assert (row.offered, row.user) == ((), None)


@pytest.mark.parametrize(
    ("text", "modules"),
    [
        ("##", ()),
        ("A#B;;", (LoggedModule("A", None), LoggedModule("B", None))),
        (";1.0", (LoggedModule(None, "1.0"),)),
        (" A ; 1 ;x;y;z", (LoggedModule("A", "1"),)),
        ("#".join("A;1" for _ in range(33)), (LoggedModule("A", "1"),) * 32),
    ],
)
def test_modules_that_lack_parts_or_have_too_many(text: str, modules: tuple[LoggedModule, ...]) -> None:
    assert only(audit(requested=text)).requested == modules


@pytest.mark.parametrize("heading", ["Logging Date", "LoggingDate", "logging_datetime", ' "Logging DateTime"'])
def test_a_header_however_it_is_spelled(heading: str) -> None:
    header = HEADER.replace("Logging DateTime", heading)
    assert len(rows(header, audit())) == 1
    assert is_audit_log("x.csv", [header])


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Client IP", "client"),
        ("Mac", "mac"),
        ("Serial", "serial"),
        ("Request Module", "requested"),
        ("Request Modules Info", "requested"),
        ("Response Module", "offered"),
        ("Response Modules Info", "offered"),
        ("User", "user"),
        ("User Name", "user"),
        ("Device-Type", "device_type"),
        ("Revision", "revision"),
        ("Locale", "locale"),
    ],
)
def test_a_column_by_each_of_its_names(heading: str, column: str) -> None:
    """The value is read into this column, and into no other."""
    value = {"client": "10.1.1.1", "mac": "0004F2AABBCC"}.get(column, "x")
    row = only(f"Logging Date,{heading},a,b,c,d,e,f,g", f"2026-11-27 09:00:01,{value},,,,,,,")
    module = (LoggedModule("x", None),)
    expected = {"client": value, "mac": MAC, "requested": module, "offered": module}.get(column, "x")
    blank = {"client": None, "mac": None, "serial": None}
    assert row == AuditRow(**{**blank, column: expected})  # type: ignore[arg-type]
