"""IIS logs a request in its own log and in one of Advanced Logging: given together, it counts once."""

from pathlib import Path

import pytest

from tests.server_logs.log_samples import FILE, HANDLER, iis, iis_log, write
from ucdiag.server_logs.log_reader import LogReader

ADVANCED = "#Software: IIS Advanced Logging Module"
FIELDS = "#Fields: date time s-computername s-ip s-port cs-method cs-uri-stem c-ip X-Forwarded-For sc-status"
PHONE, PROXY = "10.0.5.7", "10.9.9.9"


def own(time: str = "09:00:01", **more: str) -> str:
    return iis(f"2026-11-27 {time}", **more)  # type: ignore[arg-type]


def advanced(
    time: str = "09:00:01.235",
    client: str = PHONE,
    method: str = "POST",
    target: str = HANDLER,
    status: str = "200",
    server: str = "10.0.0.20",
    forwarded: str = "-",
) -> str:
    words = (f'2026-11-27 {time} "WEB1"', server, "80", method, target, client, forwarded, status)
    return " ".join(words)


def counted(folder: Path, own_lines: list[str], lines: list[str], software: str = ADVANCED) -> dict[str, list[str]]:
    """The rows of each address, each by its method and the second of its time, and whether Advanced Logging has it."""
    reader = LogReader()
    write(folder, "u_ex261127.log", iis_log(*own_lines))
    write(folder, "WEB1.log", "\r\n".join([software, FIELDS, *lines, ""]))
    reader.read_logs([str(folder)])
    reader.finish()
    found = {}
    for phone in reader.book.phones():
        rows = [(time, reader.book.entries[number]) for time, number in phone.by_time()]
        found[phone.key.removeprefix("address ")] = [
            f"{entry.iis.method} {time // 1_000_000 % 60}{'a' * entry.advanced}" for time, entry in rows if entry.iis
        ]
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([own()], [advanced()]),
        ([own()], [advanced("09:00:00.001")]),
        ([own()], [advanced("09:00:02.999")]),
        ([own()], [advanced(target=HANDLER.lower())]),
        ([own(status="500 0 0")], [advanced(status="500")]),
    ],
)
def test_a_request_in_both_counts_once(one: list[str], other: list[str], tmp_path: Path) -> None:
    assert counted(tmp_path, one, other) == {PHONE: ["POST 1"]}


@pytest.mark.parametrize(
    "other",
    [
        advanced("08:59:59.999"),
        advanced("09:00:03.000"),
        advanced(status="500"),
        advanced(method="GET", target=FILE),
        advanced(server="10.0.0.21"),
        advanced(client="10.0.5.8"),
    ],
)
def test_another_request_counts_too(other: str, tmp_path: Path) -> None:
    found = counted(tmp_path, [own()], [other])
    assert sum(map(len, found.values())) == 2
    assert "POST 1" in found[PHONE]


def test_a_request_that_came_again_counts_as_often(tmp_path: Path) -> None:
    lines = ["09:00:01", "09:00:02", "09:00:03"]
    found = counted(tmp_path, list(map(own, lines)), [advanced(f"{line}.500") for line in lines])
    assert found == {PHONE: ["POST 1", "POST 2", "POST 3"]}


def test_a_request_that_one_log_alone_has_counts(tmp_path: Path) -> None:
    found = counted(tmp_path, [own("09:00:01"), own("09:00:30")], [advanced(), advanced("09:00:40.100")])
    assert found == {PHONE: ["POST 1", "POST 30", "POST 40a"]}


def test_the_row_that_names_whom_the_proxy_named_stays(tmp_path: Path) -> None:
    phones = ["198.51.100.7", "198.51.100.8"]
    lines = [advanced(client=PROXY, forwarded=phone) for phone in phones]
    found = counted(tmp_path, [own(client=PROXY), own("09:00:02", client=PROXY)], lines)
    assert found == {phone: ["POST 1a"] for phone in phones}


def test_two_logs_of_one_kind_are_of_two_servers(tmp_path: Path) -> None:
    """Or one is a copy, whose times are the same."""
    found = counted(tmp_path, [own()], [advanced()], software="#Software: Microsoft Internet Information Services 8.5")
    assert found == {PHONE: ["POST 1", "POST 1"]}
