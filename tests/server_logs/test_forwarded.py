"""Whose request it is where a proxy asks for all, and IIS logs the address that the proxy names."""

import io
from pathlib import Path

import pytest

from tests.server_logs.log_samples import FIELDS, FILE, MAC, NAME, OFFER, audit, iis, iis_log, logs, phones_of, write
from ucdiag.server_logs.iis_log import IisLog, IisRow

PROXY, FIRST, SECOND = "10.9.9.9", "198.51.100.7", "198.51.100.8"
OTHER = "00:04:f2:11:22:33"
WITH = f"{FIELDS} X-Forwarded-For"


def asked(time: str, address: str, status: str = "200 0 0", target: str | None = None) -> str:
    """A line of IIS behind the proxy."""
    more = {"method": "GET", "target": target} if target else {}
    return f"{iis(f'2026-11-27 {time}', client=PROXY, status=status, **more)} {address}"


def checked(time: str, mac: str = MAC, offered: str = "") -> str:
    """A row of the audit log, which has the proxy's address."""
    return audit(f"11/27/2026 {time} AM", client=PROXY, mac=mac.replace(":", ""), serial="", offered=offered)


def judged(folder: Path, lines: list[str], rows: list[str]) -> dict[str, tuple[str, str | None, str]]:
    """Of each phone its verdict, the code and its address."""
    files = [write(folder, "u_ex261127_x.log", iis_log(*lines, fields=WITH))]
    if rows:
        files.append(write(folder, NAME, "\r\n".join([*rows, ""])))
    _, report = logs(*files)
    return {
        name: (phone["verdict"]["status"], phone["verdict"]["code"], phone["phone"]["ip"])
        for name, phone in phones_of(report).items()
    }


def row_of(name: str, value: str) -> IisRow:
    text = iis_log(f"{iis(client=PROXY)} {value}", fields=f"{FIELDS} {name}").encode()
    ((_, row),) = [found for found in IisLog().read_rows(io.BytesIO(), text) if isinstance(found, tuple)]
    return row


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "x_forwarded_for", "cs(X-Forwarded-For)", "OriginalIP", "X-Real-IP", "ClientIP", "Client-IP"],
)
def test_what_the_column_is_called(name: str) -> None:
    row = row_of(name, FIRST)
    assert (row.origin, row.client) == (FIRST, PROXY)


@pytest.mark.parametrize(
    ("values", "origin"), [((FIRST, "-"), FIRST), (("-", FIRST), FIRST), ((FIRST, SECOND), FIRST), (("-", "-"), PROXY)]
)
def test_two_columns_that_name_the_client(values: tuple[str, str], origin: str) -> None:
    """Each proxy fills its own; of both the first counts."""
    row = row_of("X-Forwarded-For OriginalIP", " ".join(values))
    assert row.origin == origin
    assert row_of("True-Client-IP X-Forwarded-For OriginalIP", f"- {' '.join(values)}").origin == origin
    # Also where neither is the last column, by which lines are known again.
    assert row_of("X-Forwarded-For OriginalIP x", f"{' '.join(values)} 1").origin == origin


@pytest.mark.parametrize("name", ["X-Forwarded-Proto", "X-Forwarded-Host", "cs(Referer)", "X-Forwarded-Port"])
def test_another_column_names_nobody(name: str) -> None:
    assert row_of(name, FIRST).origin == PROXY


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        (FIRST, FIRST),
        (f"{FIRST},+10.0.0.1,+10.0.0.2", FIRST),
        (f'"{FIRST}"', FIRST),
        (f"{FIRST}:50123", FIRST),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        (f"unknown,+{FIRST}", FIRST),
        ("-", PROXY),
        ("unknown", PROXY),
        ("1.2.3.4.5", PROXY),
    ],
)
def test_the_first_address_is_the_client_s(value: str, origin: str) -> None:
    assert row_of("X-Forwarded-For", value).origin == origin


def test_without_an_audit_log_each_address_is_a_phone(tmp_path: Path) -> None:
    lines = [asked("09:00:01", FIRST), asked("09:00:02", SECOND, "500 0 0"), asked("09:10:01", FIRST)]
    assert judged(tmp_path, lines, []) == {
        FIRST: ("unknown", "answer-not-logged", FIRST),
        SECOND: ("broken", "http-server-error", SECOND),
    }


def test_what_was_refused_is_the_phone_s_that_asked_from_that_address_before(tmp_path: Path) -> None:
    lines = [asked("09:00:01", FIRST), asked("09:10:01", SECOND), asked("09:30:00", SECOND, "500 0 0")]
    assert judged(tmp_path, lines, [checked("9:00:01"), checked("9:10:01", OTHER)]) == {
        MAC: ("whole", "no-update-offered", FIRST),
        OTHER: ("broken", "http-server-error", SECOND),
    }


def test_a_file_is_that_phone_s_though_both_were_offered_one(tmp_path: Path) -> None:
    lines = [
        *(asked("09:00:01", FIRST), asked("09:01:01", SECOND)),
        *(asked("09:02:00", SECOND, "404 0 2", FILE), asked("09:03:00", FIRST, "200 0 0", FILE)),
    ]
    found = judged(tmp_path, lines, [checked("9:00:01", offered=OFFER), checked("9:01:01", OTHER, OFFER)])
    assert found == {MAC: ("whole", None, FIRST), OTHER: ("broken", "download-not-found", SECOND)}


def test_what_was_refused_is_not_the_phone_s_that_asked_at_that_moment(tmp_path: Path) -> None:
    """The audit log has no row of it: that of the same moment is another phone's."""
    lines = [asked("09:00:01", FIRST), asked("09:00:02", SECOND, "500 0 0")]
    assert judged(tmp_path, lines, [checked("9:00:01")]) == {
        MAC: ("whole", "no-update-offered", FIRST),
        SECOND: ("broken", "http-server-error", SECOND),
    }


def test_requests_of_one_moment_say_nothing_of_whose_address_it_is(tmp_path: Path) -> None:
    lines = [asked("09:00:01", FIRST), asked("09:00:01", SECOND), asked("09:30:00", SECOND, "500 0 0")]
    found = judged(tmp_path, lines, [checked("9:00:01"), checked("9:00:01", OTHER)])
    assert {name: status for name, (status, _, _) in found.items() if status == "broken"} == {SECOND: "broken"}
    assert {name: address for name, (_, _, address) in found.items() if name in (MAC, OTHER)} == {
        MAC: PROXY,
        OTHER: PROXY,
    }


def test_without_the_column_it_is_said_what_is_nobody_s(tmp_path: Path) -> None:
    lines = [iis(f"2026-11-27 {time}", client=PROXY, status="500 0 0") for time in ("09:30:00", "09:40:00")]
    rows = "\r\n".join([checked("9:00:01"), checked("9:10:01", OTHER), ""])
    _, report = logs(write(tmp_path, NAME, rows), write(tmp_path, "u.log", iis_log(*lines)))
    (problem,) = report["problems"]
    assert problem["code"] == "several-phones"
    assert f"to one of them: {PROXY} (2 phones, 2 requests). They" in problem["text"]


@pytest.mark.parametrize("clients", [(PROXY, PROXY), ("10.0.5.7", "10.0.5.8")])
def test_where_each_request_is_a_phone_s_nothing_is_said(tmp_path: Path, clients: tuple[str, str]) -> None:
    """Both phones' requests, from one address at different moments, or from their own."""
    both = tuple(zip(clients, (MAC, OTHER), ("9:00:01", "9:10:01"), strict=True))
    rows = [audit(f"11/27/2026 {time} AM", client=client, mac=mac, serial="") for client, mac, time in both]
    lines = [iis(f"2026-11-27 0{time}", client=client) for client, _, time in both]
    files = write(tmp_path, NAME, "\r\n".join([*rows, ""])), write(tmp_path, "u.log", iis_log(*lines))
    assert logs(*files)[1]["problems"] == []
