"""Rows of which IIS server are joined to a phone of which audit log, where two sites may have the same addresses."""

from pathlib import Path

import pytest

from tests.server_logs.log_samples import FIELDS, FILE, HEADER, MAC, OFFER, audit, iis, iis_log, logs, phones_of, write

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
    found = codes([*of_b(tmp_path), other])
    assert found == {MAC: "no-update-offered", "10.0.5.7": "http-server-error"}


def test_a_refused_row_of_the_same_server_is_joined(tmp_path: Path) -> None:
    same = write(tmp_path, "b2.log", iis_log(line("10.2.0.20", "12:00:00", REFUSED)))
    assert codes([*of_b(tmp_path), same]) == {MAC: "http-server-error"}


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
