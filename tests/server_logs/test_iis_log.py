"""Lines of IIS: fields that change, lines about other things, what cannot be read, and no whole file in memory."""

import io

import pytest

from tests.server_logs.log_samples import FIELDS, FILE, HANDLER, iis, iis_log
from ucdiag.server_logs.iis_log import IisLog, IisRow, UnreadRow, _field_picker, is_iis_log
from ucdiag.server_logs.log_files import BLOCK, LineReader

NINE = 1795770001000000  # 2026-11-27 09:00:01 UTC
Found = list[tuple[int, IisRow] | UnreadRow]


def rows(text: str, piece: int = 1 << 30) -> Found:
    """What is read of a log that comes in pieces of so many bytes."""
    data = text.encode()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(piece, size if size is not None and size >= 0 else piece))

    return list(IisLog().read_rows(Slow(data[64:]), data[:64]))


def test_a_request() -> None:
    ((time, row),) = rows(iis_log(iis()))  # type: ignore[misc]
    assert time == NINE
    assert (row.client, row.server, row.port, row.method) == ("10.0.5.7", "10.0.0.20", 80, "POST")
    assert (row.target, row.status, row.substatus, row.user_agent) == (HANDLER, 200, 0, "OCPhone/1.0")
    assert row.is_check


@pytest.mark.parametrize("piece", [1, 7, 100, 1 << 20])
def test_the_pieces_in_which_a_log_comes_change_nothing(piece: int) -> None:
    text = iis_log(iis(), iis(target="/owa"), iis(target=FILE, method="GET", status="404 0 2"), iis(client="10.0.5.8"))
    assert rows(text, piece) == rows(text)
    assert len(rows(text)) == 3


def test_a_log_longer_than_a_block() -> None:
    other = iis(target="/owa/auth.owa")
    text = iis_log(iis(), *[other] * (2 * BLOCK // len(other)), iis(client="10.0.5.8"))
    assert [row.client for _, row in rows(text)] == ["10.0.5.7", "10.0.5.8"]  # type: ignore[misc]


def test_a_line_like_the_one_before_has_its_own_time() -> None:
    text = iis_log(iis(), iis("2026-11-27 09:00:59"), iis("2026-11-27 09:01:00"), iis("2026-11-28 00:00:00"))
    found = rows(text)
    assert [time - NINE for time, _ in found] == [0, 58_000_000, 59_000_000, 53_999_000_000]  # type: ignore[misc]
    assert len({id(row) for _, row in found}) == 1  # type: ignore[misc]


@pytest.mark.parametrize("time", ["2026-11-27 09:00:6 ", "2026-11-27 9:00:001"])
def test_a_bad_time_in_a_line_like_the_one_before(time: str) -> None:
    _, bad = rows(iis_log(iis(), iis(time)))
    assert isinstance(bad, UnreadRow)


def test_fields_that_change_in_the_middle_of_lines_that_are_alike() -> None:
    fields = "#Fields: date time cs-method cs-uri-stem sc-status sc-substatus c-ip"
    other = fields.replace("sc-status sc-substatus", "sc-substatus sc-status")
    line = f"2026-11-27 09:00:02 POST {HANDLER} 500 200 10.0.5.7"
    text = iis_log(line, line, other, line, fields, line, fields=fields)
    assert [row.status for _, row in rows(text)] == [500, 500, 200, 500]  # type: ignore[misc]


def test_a_mark_inside_a_line_is_no_header() -> None:
    other = iis(target="/owa/#Fields:")
    text = iis_log(iis(), other, iis("2026-11-27 09:00:02"), "#Remark: restarted", iis("2026-11-27 09:00:03"))
    assert [time - NINE for time, _ in rows(text)] == [0, 1_000_000, 2_000_000]  # type: ignore[misc]


def test_fields_that_change_in_the_middle() -> None:
    """goaccess 1.7 skips the line, lnav 0.11.1 skips the second one (findings/goaccess-*.sh, lnav-second-fields.sh)."""
    later = "#Fields: date time c-ip cs-method cs-uri-stem sc-status"
    text = iis_log(iis(), later, f"2026-11-27 09:00:02 10.0.5.8 POST {HANDLER} 500", FIELDS, iis(client="10.0.5.9"))
    assert [(row.client, row.status) for _, row in rows(text)] == [  # type: ignore[misc]
        ("10.0.5.7", 200),
        ("10.0.5.8", 500),
        ("10.0.5.9", 200),
    ]


def test_the_date_line_counts_where_no_field_has_it() -> None:
    """dissect.target 3.25.1 gives such requests no time (findings/dissect-target-iis-dates.sh)."""
    fields = "#Fields: time c-ip cs-method cs-uri-stem sc-status"
    text = iis_log(
        f"09:00:01 10.0.5.7 POST {HANDLER} 200",
        "#Date: 2026-11-28 00:00:00",
        f"09:00:01 10.0.5.7 POST {HANDLER} 200",
        fields=fields,
    )
    assert [time for time, _ in rows(text)] == [NINE, NINE + 86_400_000_000]  # type: ignore[misc]


@pytest.mark.parametrize(
    "target",
    ["/owa", "/RequestHandler/other.upx", "/ucdevice.upx/more", "/RequestHandlerExt/ucdevice.upx.bak"],
)
def test_another_path_is_no_request_to_the_service(target: str) -> None:
    assert rows(iis_log(iis(target=target))) == []


@pytest.mark.parametrize(
    "target",
    [
        "/requesthandler/UcDevice.upx",
        "/REQUESTHANDLER/UCDEVICE.UPX",
        "/RequestHandlerExt/ucdevice.upx",
        "/requesthandlerext/ucdevice.UPX",
        "/RequestHandler/%75cdevice.upx",
        "/RequestHandler/ucdevice.upx?id=1",
        "/RequestHandler/ucdevice.upx/more",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_check_however_its_path_is_spelled(target: str, encoding: str) -> None:
    text = iis_log(iis(target=target), iis(target="/owa"))
    if encoding == "utf-8":
        found = rows(text)
    else:
        data = text.encode("utf-16")
        found = list(IisLog().read_text_rows(LineReader(io.BytesIO(data), encoding="utf-16")))
    (_, row), *more = found  # type: ignore[misc]
    assert row.is_check
    assert not more


@pytest.mark.parametrize(
    "target",
    [
        FILE.upper(),
        FILE.lower(),
        "/RequestHandler/Files/UCPhone/Polycom/CX700/A/ENU/4.0.7577.4387/CPE/CPE.nbt",
        "/requesthandlerext/files/UCPhone/Polycom/CX700/A/ENU/4.0.7577.4387/CPE/CPE.nbt",
        "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE%2Enbt",
    ],
)
def test_a_file_of_each_generation_however_its_path_is_spelled(target: str) -> None:
    ((_, row),) = rows(iis_log(iis(target=target, method="GET", status="404 0 2")))  # type: ignore[misc]
    assert row.target == target
    assert not row.is_check


@pytest.mark.parametrize("target", ["/RequestHandler/ucdevice.upx", "/reQuesthandler/UCDEVICE.UPX", FILE, FILE.upper()])
@pytest.mark.parametrize("other", ["/meet/", "/meet/jquery.js", "/a_b/", "/Q/Q/q/_/"])
def test_a_request_among_many_others(target: str, other: str) -> None:
    """Whatever the others are: rare letters of the service's paths are looked for, where they are rare."""
    others = [iis(target=other, method="GET")] * 300
    mine = iis(target=target, method="GET" if "CPE" in target else "POST")
    text = iis_log(mine, *others, mine, mine, *others, mine)
    assert len(rows(text)) == len(rows(text, 1000)) == 4


def test_the_path_in_another_column_is_none() -> None:
    line = iis(target="/owa").replace("OCPhone/1.0", "see+ucdevice.upx")
    assert rows(iis_log(line)) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"2026-11-27 09:00:01 POST {HANDLER}", "it has 4 fields, and #Fields names 14"),
        (iis(status="- 0 0"), "its sc-status is missing or cannot be read"),
        (iis(time="2026-11-27 9h00"), "its time is missing or cannot be read"),
        (iis(time="2026-13-27 09:00:01"), "its time is missing or cannot be read"),
    ],
)
def test_a_bad_line_is_named_and_the_others_count(line: str, why: str) -> None:
    bad, good = rows(iis_log(line, iis()))
    assert isinstance(bad, UnreadRow)
    assert bad.why == why
    assert isinstance(good, tuple)


def test_a_line_before_any_fields() -> None:
    (bad,) = rows("#Software: IIS\n" + iis() + "\n")
    assert isinstance(bad, UnreadRow)
    assert bad.why == "it has 14 fields, and no #Fields line stands before it"


def test_bytes_count_for_files_alone() -> None:
    fields = "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes"
    lines = [
        f"2026-11-27 09:00:01 10.0.5.7 {method} {target} 200 5000"
        for method, target in (("POST", HANDLER), ("GET", FILE))
    ]
    assert [row.sent for _, row in rows(iis_log(*lines, fields=fields))] == [None, 5000]  # type: ignore[misc]


def test_a_line_without_end() -> None:
    found = rows("#Fields: date\n" + "x" * 3_000_000 + "ucdevice.upx", piece=1 << 20)
    assert {row.why for row in found if isinstance(row, UnreadRow)} == {"a line is longer than 65,536 bytes"}
    assert not [row for row in found if isinstance(row, tuple)]


@pytest.mark.parametrize(
    ("lines", "is_one"),
    [(["#Software: IIS"], True), (["#fields: date"], True), (["date,time"], False), ([], False)],
)
def test_what_is_a_log_of_iis(lines: list[str], is_one: bool) -> None:
    assert is_iis_log(lines) is is_one


def test_the_next_day_where_no_line_has_a_date() -> None:
    text = "#Date: 2026-11-27 08:00:00\n#Fields: time c-ip cs-method cs-uri-stem sc-status\n" + "".join(
        f"{time} 10.0.5.7 POST {HANDLER} 200\n" for time in ("23:59:58", "23:59:57", "00:00:02", "09:00:01")
    )
    assert [time - NINE for time, _ in rows(text)] == [  # type: ignore[misc]
        53_997_000_000,
        53_996_000_000,
        54_001_000_000,
        86_400_000_000,
    ]


@pytest.mark.parametrize("time", ["24:00:00", "12:60:00", "12:00:60", "99:99:99"])
def test_a_time_that_no_clock_shows(time: str) -> None:
    first, second = rows(iis_log(iis(f"2026-11-27 {time}"), iis()))
    assert isinstance(first, UnreadRow)
    assert isinstance(second, tuple)


@pytest.mark.parametrize("status", ["² 0 0", "20² 0 0", "- 0 0"])
def test_a_status_that_is_no_number(status: str) -> None:
    first, second = rows(iis_log(iis(status=status), iis()))
    assert isinstance(first, UnreadRow)
    assert isinstance(second, tuple)


def test_another_number_that_is_none() -> None:
    ((_, row),) = rows(iis_log(iis(status="200 ² ²")))  # type: ignore[misc]
    assert (row.status, row.substatus, row.system_error) == (200, None, None)


def test_a_header_in_capitals() -> None:
    assert len(rows(iis_log(iis()).replace("#Fields", "#FIELDS"))) == 1


@pytest.mark.parametrize("column", ["time", "c-ip", "sc-status"])
def test_a_column_that_is_needed_is_named(column: str) -> None:
    at = FIELDS.split()[1:].index(column)
    line = iis().split(" ")
    (bad,) = rows(iis_log(" ".join([*line[:at], *line[at + 1 :]]), fields=FIELDS.replace(f" {column}", "", 1)))
    assert isinstance(bad, UnreadRow)
    assert bad.why == f"#Fields has no {column}: have IIS log it"


def test_a_line_without_the_client_is_no_phone_s() -> None:
    (bad,) = rows(iis_log(iis(client="-")))
    assert isinstance(bad, UnreadRow)
    assert bad.why == "its c-ip is missing"


def test_the_error_log_of_the_system_s_own_web_server() -> None:
    """HTTP.SYS refuses requests itself where an application pool is stopped: IIS logs nothing of them."""
    fields = (
        "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename"
    )
    refused = f"2026-11-27 09:00:01 10.0.5.7 49152 10.0.0.20 80 HTTP/1.1 POST {HANDLER}?a=b 503 1 AppOffline Pool"
    idle = "2026-11-27 09:01:01 10.0.5.7 49153 10.0.0.20 80 - - - - - Timer_ConnectionIdle -"
    ((_, row),) = rows("\n".join(["#Software: Microsoft HTTP API 2.0", fields, refused, idle, ""]))  # type: ignore[misc]
    assert (row.target, row.status, row.reason, row.client) == (HANDLER, 503, "AppOffline", "10.0.5.7")


@pytest.mark.parametrize("piece", [1, 50, 1 << 20])
def test_where_a_bad_line_stands(piece: int) -> None:
    """In bytes from the beginning of the file, whichever lines and pieces are in front of it."""
    text = iis_log(iis(), "§ " + iis(), iis(target="/owa"), "#Remark: more", iis("x"), iis(), iis(status="- 0 0"))
    data = text.encode()
    places = [data.index(part) for part in ("§".encode(), iis("x").encode(), iis(status="- 0 0").encode())]
    assert [row.offset for row in rows(text, piece) if isinstance(row, UnreadRow)] == places


def test_where_a_line_stands_that_is_too_long() -> None:
    """What is just short enough is read, and what follows is counted on."""
    short = iis(target=f"{HANDLER}?{'x' * (65_536 - len(iis()) - 1)}")
    assert len(short) == 65_536
    head = iis_log(iis())
    one, found, other = rows(f"{head}{short}\r\n{iis('x y')}\r\n", piece=1 << 16)
    assert (isinstance(one, tuple), isinstance(found, tuple)) == (True, True)
    assert other == UnreadRow(len(head) + len(short) + 2, "its time is missing or cannot be read")


def test_a_log_begins_with_a_mark_of_its_encoding() -> None:
    assert len(rows("\ufeff" + iis_log(iis()).partition("\r\n#Date")[2].partition("\r\n")[2])) == 1


@pytest.mark.parametrize("start", ["Software", "Version", "Fields", "Date", "Start-Date", "Remark"])
def test_a_log_of_iis_by_each_of_its_headers(start: str) -> None:
    line = f"#{start}: x"
    assert is_iis_log(["x"] * 19 + [line])
    assert is_iis_log([line.upper()])
    assert not is_iis_log(["x"] * 20 + [line])
    assert not is_iis_log([line[1:], f" {line}", line[:-3]])


SHORT = "#Fields: date time c-ip cs-method cs-uri-stem sc-status"


def short(status: object, time: str = "09:00:01") -> str:
    """A line whose last column matters."""
    return f"2026-11-27 {time} 10.0.5.7 POST {HANDLER} {status}"


def test_lines_that_differ_in_their_last_column_are_not_alike() -> None:
    found = rows(iis_log(*map(short, (200, 200, 500, 200)), fields=SHORT))
    assert [row.status for _, row in found] == [200, 200, 500, 200]  # type: ignore[misc]


@pytest.mark.parametrize(("status", "audited"), [(199, False), (200, True), (299, True), (300, False)])
def test_which_requests_the_audit_log_has(status: int, audited: bool) -> None:
    ((_, row),) = rows(iis_log(short(status), fields=SHORT))  # type: ignore[misc]
    assert row.is_audited is audited
    ((_, file),) = rows(iis_log(short(status).replace(HANDLER, FILE), fields=SHORT))  # type: ignore[misc]
    assert not file.is_audited


@pytest.mark.parametrize(("method", "count"), [("POST", 1), ("post", 1), ("-", 1), ("GET", 0), ("HEAD", 0)])
def test_a_phone_posts_to_the_handler(method: str, count: int) -> None:
    assert len(rows(iis_log(iis(method=method)))) == count


def test_every_column_of_a_request() -> None:
    fields = (
        "#Fields: date time s-computername s-ip s-port cs-method cs-uri-stem c-ip cs-host cs(User-Agent) sc-status "
        "sc-substatus sc-win32-status sc-bytes s-reason x"
    )
    line = f"2026-11-27 09:00:01 WEB1 10.0.0.20 443 get {FILE}?a 10.0.5.7 h.contoso.com UA/1 404 2 64 {'9' * 15} Why x"
    row = IisRow(
        client="10.0.5.7",
        server="WEB1",
        address="10.0.0.20",
        port=443,
        method="get",
        target=FILE,
        status=404,
        substatus=2,
        host="h.contoso.com",
        user_agent="UA/1",
        sent=10**15 - 1,
        system_error=64,
        reason="Why",
    )
    assert rows(iis_log(line, fields=fields)) == [(NINE, row)]
    ((_, other),) = rows(iis_log(line.replace("9" * 15, "9" * 16).replace("WEB1", "-"), fields=fields))  # type: ignore[misc]
    assert (other.sent, other.server) == (None, "10.0.0.20")


def test_a_status_of_many_digits() -> None:
    ((_, row),) = rows(iis_log(short("1234567890"), fields=SHORT))  # type: ignore[misc]
    assert row.status == 123456789


def test_blanks_between_columns() -> None:
    assert len(rows(iis_log(iis().replace(" POST", "  POST")))) == 1


def test_both_spellings_of_the_path_s_column() -> None:
    """The stem counts; HTTP.SYS has the whole of it."""
    fields = "#Fields: date time c-ip cs-method cs-uri cs-uri-stem sc-status x"
    line = f"2026-11-27 09:00:01 10.0.5.7 POST /owa {HANDLER} 200 x"
    ((_, row),) = rows(iis_log(line, fields=fields))  # type: ignore[misc]
    assert row.target == HANDLER
    log = IisLog()
    list(log.read_rows(io.BytesIO(), fields.replace(" cs-uri-stem", "").encode()))
    assert log.lacks == ()
    list(log.read_rows(io.BytesIO(), fields.replace(" cs-uri cs-uri-stem", "").encode()))
    assert log.lacks == ("cs-uri-stem",)


@pytest.mark.parametrize(("later", "days"), [("06:00:00", 0), ("05:59:59", 1)])
def test_half_a_day_earlier_is_the_next_day(later: str, days: int) -> None:
    """Where no line has a date: what is a little earlier came out of order."""
    head = "#Date: 2026-11-27 08:00:00\n#Fields: time c-ip cs-method cs-uri-stem sc-status\n"
    text = head + "".join(f"{time} 10.0.5.7 POST {HANDLER} 200\n" for time in ("18:00:00", later))
    (first, _), (second, _) = rows(text)  # type: ignore[misc]
    hours = {"06:00:00": 12 * 3600, "05:59:59": 12 * 3600 + 1}[later]
    assert second - first == (days * 86_400 - hours) * 1_000_000


def test_a_date_line_begins_the_days_anew() -> None:
    head = "#Date: 2026-11-27 08:00:00\n#Fields: time c-ip cs-method cs-uri-stem sc-status\n"
    lines = [f"{time} 10.0.5.7 POST {HANDLER} 200\n" for time in ("23:00:01", "01:00:01", "09:00:01")]
    text = head + lines[0] + lines[1] + "#Date: 2026-11-29\n" + lines[2] + "#Software: IIS\n" + lines[2]
    assert [(time - NINE) // 3_600_000_000 for time, _ in rows(text)] == [14, 16, 48, 48]  # type: ignore[misc]


@pytest.mark.parametrize("date", ["2026-11-2", "26-11-2027", "2026-11-31", "2026/11/27", "-"])
def test_a_date_that_is_none(date: str) -> None:
    """The date before it does not count for the line."""
    first, bad, last = rows(iis_log(iis(), iis(f"{date} 09:00:01"), iis()))
    assert isinstance(bad, UnreadRow)
    assert bad.why == "its time is missing or cannot be read"
    assert first == last


def test_lines_about_others_are_not_read() -> None:
    """Neither is what is wrong with them said."""
    others = [iis("x", target="/owa"), "/RequestHandlers.htm", iis(target="/owa", status="-")]
    assert rows(iis_log(*others[::2])) == []
    assert len(rows(iis_log(others[1]))) == 1


def test_lines_with_a_date_are_of_that_date() -> None:
    """However early the next one is."""
    found = rows(iis_log(iis("2026-11-27 23:00:01"), iis("2026-11-28 01:00:02"), iis("2026-11-27 02:00:00")))
    assert [(time - NINE) // 1_000_000 for time, _ in found] == [14 * 3600, 16 * 3600 + 1, -7 * 3600 - 1]  # type: ignore[misc]


@pytest.mark.parametrize("server", ["qpool", "Qpool", "_pool", "pool"])
@pytest.mark.parametrize("target", [HANDLER, HANDLER.upper(), FILE])
def test_a_line_that_begins_with_a_letter_of_the_path(server: str, target: str) -> None:
    """As it may where the time is not its first column."""
    fields = "#Fields: s-computername date time c-ip cs-method cs-uri-stem sc-status x"
    lines = [f"{server} 2026-11-27 09:00:01 10.0.5.7 {'GET' if target == FILE else 'POST'} {target} 200 x"] * 2
    text = iis_log(*lines, fields=fields)
    assert [row.server for _, row in rows(text, 1)] == [server] * 2  # type: ignore[misc]
    assert rows(text, 1) == rows(text)


@pytest.mark.parametrize(("places", "fields"), [((), ()), ((1,), ("b",)), ((2, 0), ("c", "a"))])
def test_the_fields_at_some_places_are_a_tuple(places: tuple[int, ...], fields: tuple[str, ...]) -> None:
    assert _field_picker(places)(["a", "b", "c"]) == fields


@pytest.mark.parametrize("mark", [" ", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_of_advanced_logging(mark: str, encoding: str) -> None:
    """Texts in quotes, blanks in them, and parts of a second (IIS Advanced Logging 1.0)."""
    fields = (
        "date time s-computername s-ip cs-method cs-uri-stem s-port c-ip cs(User-Agent) cs(Host) sc-status TimeTakenMS "
        "X-Forwarded-For"
    )
    line = (
        '2026-11-27|09:00:01.235|"WEB1"|10.0.0.20|POST|/RequestHandler/ucdevice.upx|80|10.9.9.9|"OCPhone/1.0 (a; b)"|'
        '"pool01.contoso.com"|500|12|"198.51.100.7, 10.9.9.9"'
    )
    other = line.replace(":01.235", ":02").replace('"OCPhone/1.0 (a; b)"', "-")
    text = f"#Fields:  {fields}\n" + "".join(f"{one.replace('|', mark)}\n" for one in (line, line, other))
    log = IisLog()
    if encoding == "utf-8":
        found = list(log.read_rows(io.BytesIO(), text.encode()))
    else:
        found = list(log.read_text_rows(LineReader(io.BytesIO(text.encode("utf-16-le")), b"", "utf-16-le")))
    assert [time - NINE for time, _ in found] == [235_000, 235_000, 1_000_000]  # type: ignore[misc]
    rows_of = [row for _, row in found]  # type: ignore[misc]
    assert {(row.server, row.host, row.status, row.origin) for row in rows_of} == {
        ("WEB1", "pool01.contoso.com", 500, "198.51.100.7")
    }
    assert [row.user_agent for row in rows_of] == ["OCPhone/1.0 (a; b)"] * 2 + [None]


@pytest.mark.parametrize(
    "agent", ['"OCPhone/1.0', 'OCPhone/"1.0"', '"a"b', 'a"b c"', '"a b"c'], ids=["open", "inside", "behind", "in", "on"]
)
def test_a_quote_that_holds_no_field_together(agent: str) -> None:
    line = iis().replace("OCPhone/1.0", agent)
    (found,) = rows(iis_log(line))
    assert isinstance(found, UnreadRow) == (" " in agent)
    if not isinstance(found, UnreadRow):
        assert found[1].user_agent == agent


def test_a_quote_within_a_text_is_doubled() -> None:
    agent = '"OCPhone ""A"" 1.0"'
    (found,) = rows(iis_log(iis().replace("OCPhone/1.0", agent)))
    assert not isinstance(found, UnreadRow)
    assert found[1].user_agent == agent[1:-1]


@pytest.mark.parametrize("part", [".", ".x", ".1234567890", ",5"])
def test_a_part_of_a_second_that_is_none(part: str) -> None:
    (found,) = rows(iis_log(iis(f"2026-11-27 09:00:01{part}")))
    assert isinstance(found, UnreadRow)
