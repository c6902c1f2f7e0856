"""``ucdiag logs`` from files to the report: who asked what, what became of it, and what the two logs say together."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests import deep_folders
from tests.server_logs.log_samples import (
    FIELDS,
    FILE,
    HANDLER,
    HEADER,
    MAC,
    NAME,
    OFFER,
    audit,
    iis,
    iis_log,
    logs,
    phones_of,
    problem_codes,
    write,
)
from ucdiag.cli.exit_codes import INTERRUPTED
from ucdiag.cli.main import cli
from ucdiag.server_logs.log_reader import LogReader

OTHER = "00:04:f2:aa:bb:cd"
NEXT_DAY = "11/28/2026 9:00:01 AM"


def audit_file(folder: Path, *rows: str, name: str = NAME, encoding: str = "utf-8") -> str:
    return write(folder, name, "\r\n".join([HEADER, *rows, ""]), encoding)


def iis_file(folder: Path, *lines: str) -> str:
    return write(folder, "u_ex261127.log", iis_log(*lines))


def test_nothing_given_is_nothing_newer(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit()))
    assert code == 0
    assert report["verdict"]["code"] == "no-update-offered"
    (phone,) = report["phones"]
    assert phone["phone"]["mac"] == MAC
    assert phone["phone"]["firmware"] == "1.0.522.101"
    assert [step["status"] for step in phone["steps"]] == ["not-seen"] * 4 + ["ok", "ok", "not-needed"]
    assert report["source"]["kind"] == "logs"
    assert not report["problems"]


def test_an_offer_alone_does_not_tell_whether_the_file_came(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit(offered=OFFER)))
    assert code == 3
    assert report["verdict"]["code"] == "download-not-tried"
    assert "add the IIS logs" in report["verdict"]["summary"]


def test_an_offer_and_no_request_for_the_file_in_iis(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, iis()))
    assert (code, report["verdict"]["code"]) == (3, "download-not-tried")
    assert "these logs have no request" in report["verdict"]["summary"]


def test_a_file_that_iis_sent(tmp_path: Path) -> None:
    get = iis("2026-11-27 09:00:03", method="GET", target=FILE)
    code, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, iis(), get))
    assert code == 0
    (phone,) = report["phones"]
    assert phone["verdict"]["status"] == "whole"
    assert "does not count its bytes" in phone["steps"][6]["summary"]
    assert [check["result"] for check in phone["checks"]["history"]] == ["downloaded"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 0 2", "download-not-found"),
        ("401 2 5", "download-refused"),
        ("403 14 0", "download-refused"),
        ("500 19 0", "download-server-error"),
        *(
            (f"{status} 0 {error}", "download-truncated")
            for status in (200, 206)
            for error in (64, 121, 995, 1229, 1236)
        ),
        *((f"200 0 {error}", "download-truncated") for error in (10053, 10054, 10060)),
    ],
)
def test_a_file_that_iis_did_not_send(tmp_path: Path, status: str, code: str) -> None:
    get = iis("2026-11-27 09:00:03", method="GET", target=FILE, status=status)
    exit_code, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, iis(), get))
    assert (exit_code, report["verdict"]["code"]) == (1, code)
    assert report["phones"][0]["phone"]["mac"] == MAC


def test_commands_name_no_folder_and_no_port_0(tmp_path: Path) -> None:
    fields = "#Fields: date time c-ip cs-method cs-uri-stem sc-status"
    (tmp_path / "W3SVC1").mkdir()
    log = write(
        tmp_path / "W3SVC1", "u.log", iis_log(f"2026-11-27 09:00:01 10.0.5.7 POST {HANDLER} 500", fields=fields)
    )
    _, report = logs(log)
    (finding,) = report["phones"][0]["findings"]
    commands = [command["text"] for command in finding["fix"]["commands"]]
    assert any(command.startswith("ucdiag ") for command in commands)
    assert not any("W3SVC1" in command or "--port 0" in command for command in commands)


@pytest.mark.parametrize("ending", [".cat", ".xml"])
def test_what_lies_beside_the_file_is_not_the_file(tmp_path: Path, ending: str) -> None:
    get = iis("2026-11-27 09:00:03", method="GET", target=FILE.replace(".nbt", ending))
    code, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, iis(), get))
    assert (code, report["verdict"]["code"]) == (3, "download-not-tried")
    assert "and no request for CPE.nbt, the file itself" in report["verdict"]["summary"]
    assert "capture" not in report["verdict"]["summary"]


@pytest.mark.parametrize(
    ("error", "who"), [(64, "the phone's side"), (1229, "the phone's side"), (121, "the server"), (995, "the server")]
)
def test_who_ended_a_connection_in_the_middle_of_a_file(tmp_path: Path, error: int, who: str) -> None:
    get = iis("2026-11-27 09:00:03", method="GET", target=FILE, status=f"200 0 {error}")
    _, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, iis(), get))
    assert report["verdict"]["summary"].endswith(f"broke off: {who} ended the connection.")


@pytest.mark.parametrize(("sent", "code"), [(300, "download-empty"), (20_000_000, None)])
def test_the_bytes_that_iis_counted(tmp_path: Path, sent: int, code: str | None) -> None:
    fields = "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes"
    line = f"2026-11-27 09:00:03 10.0.5.7 GET {FILE} 200 {sent}"
    log = write(tmp_path, "u.log", iis_log(line, fields=fields))
    _, report = logs(audit_file(tmp_path, audit(offered=OFFER)), log)
    assert report["verdict"]["code"] == code


@pytest.mark.parametrize(
    ("status", "sent", "said"),
    [
        ("404 3 50", "", "404 (404.3, Win32 error 50)"),
        ("404 0 2", "", "404 (404.0, Win32 error 2)"),
        ("404 0 0", "", "404"),
        ("200 0 64", "", "200 (Win32 error 64)"),
        ("404 3 50", " 1245", "404 (404.3, Win32 error 50), 1,245 bytes with the header"),
    ],
)
def test_the_evidence_says_what_iis_says(tmp_path: Path, status: str, sent: str, said: str) -> None:
    fields = "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-substatus sc-win32-status"
    line = f"2026-11-27 09:00:03 10.0.5.7 GET {FILE} {status}{sent}"
    log = write(tmp_path, "u.log", iis_log(line, fields=f"{fields}{' sc-bytes' * bool(sent)}"))
    _, report = logs(audit_file(tmp_path, audit(offered=OFFER)), log)
    (evidence,) = report["phones"][0]["findings"][0]["evidence"]
    assert evidence["text"].endswith(f": {said}")


@pytest.mark.parametrize(
    ("status", "changes", "lacks"),
    [
        ("404 0 2", "Import-CsDeviceUpdate", "staticContent"),
        ("404 0 3", "Import-CsDeviceUpdate", "staticContent"),
        ("404 3 50", "staticContent", "Import-CsDeviceUpdate"),
        ("404 7 0", "requestFiltering", "Import-CsDeviceUpdate"),
    ],
)
def test_a_file_that_is_not_served_is_mended_by_what_iis_says(
    tmp_path: Path, status: str, changes: str, lacks: str
) -> None:
    get = iis("2026-11-27 09:00:03", method="GET", target=FILE, status=status)
    _, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, iis(), get))
    (finding,) = (found for found in report["phones"][0]["findings"] if found["code"] == "download-not-found")
    commands = " ".join(command["text"] for command in finding["fix"]["commands"] if command["purpose"] == "change")
    assert changes in commands
    assert lacks not in commands


def test_of_an_answer_that_was_cut_no_bytes_are_said(tmp_path: Path) -> None:
    """They are not kept, and most logs do not count them."""
    _, report = logs(iis_file(tmp_path, iis("2026-11-27 09:00:03", status="200 0 121")))
    assert report["verdict"]["code"] == "http-closed"
    assert "could not send its whole answer (200 (Win32 error 121), cut short)" in report["verdict"]["summary"]


@pytest.mark.parametrize("error", [64, 1229, 1236, 10054])
def test_a_reset_by_the_client_beside_a_success_is_no_cut_answer(tmp_path: Path, error: int) -> None:
    """Proxies reset connections when they have the whole answer, and IIS logs that with the same numbers."""
    code, report = logs(iis_file(tmp_path, iis("2026-11-27 09:00:03", status=f"200 0 {error}")))
    assert (code, report["verdict"]["code"]) == (3, "answer-not-logged")
    assert f"with 200 (Win32 error {error}); the client's side ended the connection" in report["verdict"]["summary"]
    assert report["phones"][0]["findings"] == []
    get = iis("2026-11-27 09:00:05", method="GET", target=FILE)
    code, report = logs(iis_file(tmp_path, iis("2026-11-27 09:00:03", status=f"200 0 {error}"), get))
    assert (code, report["phones"][0]["findings"]) == (0, [])


@pytest.mark.parametrize("status", ["404 0 64", "500 0 64"])
def test_a_reset_by_the_client_beside_a_failure_changes_nothing(tmp_path: Path, status: str) -> None:
    code, report = logs(iis_file(tmp_path, iis("2026-11-27 09:00:03", status=status)))
    assert (code, report["verdict"]["status"], report["verdict"]["step"]) == (1, "broken", "request")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("404 0 2", "http-not-found"),
        ("403 4 5", "http-forbidden"),
        ("401 2 5", "http-auth-required"),
        ("405 0 1", "http-method-refused"),
        ("500 0 0", "http-server-error"),
        ("503 0 0", "http-unavailable"),
    ],
)
def test_a_refused_request_is_in_the_log_of_iis_alone(tmp_path: Path, status: str, code: str) -> None:
    exit_code, report = logs(iis_file(tmp_path, iis(status=status)))
    assert (exit_code, report["verdict"]["code"]) == (1, code)
    known = {name: value for name, value in report["phones"][0]["phone"].items() if value is not None}
    assert known == {"ip": "10.0.5.7"}


@pytest.mark.parametrize(
    ("count", "minutes", "said"),
    [(10, 6, True), (40, 1, True), (9, 1, False), (10, 7, False), (30, 24 * 60, False)],
)
def test_more_requests_than_one_phone_sends_may_be_several_phones(
    tmp_path: Path, count: int, minutes: int, said: bool
) -> None:
    begin = datetime(2026, 11, 1, 9)
    lines = [iis(str(begin + timedelta(minutes=minutes * number)), client="10.0.0.99") for number in range(count)]
    _, report = logs(iis_file(tmp_path, *lines))
    assert problem_codes(report) == ["several-phones"] * said
    if said:
        most = min(count, 60 // minutes + 1)
        assert f"came from 10.0.0.99 ({most}) than one phone sends" in report["problems"][0]["text"]
    with_audit = audit_file(tmp_path, audit(time=str(begin), client="10.0.0.99"))
    assert "several-phones" not in problem_codes(logs(iis_file(tmp_path, *lines), with_audit)[1])


def test_a_sign_in_by_ntlm_is_no_refusal(tmp_path: Path) -> None:
    lines = [iis(status="401 2 5"), iis(status="401 1 2148074254"), iis()]
    code, report = logs(audit_file(tmp_path, audit()), iis_file(tmp_path, *lines))
    assert (code, report["verdict"]["code"]) == (0, "no-update-offered")


@pytest.mark.parametrize(
    ("last", "code", "says"),
    [
        ("401 1 2148074252", "external-sign-in-refused", "Sign out on the phone"),
        ("401 1 1326", "external-sign-in-refused", "Sign out on the phone"),
        ("401 1 1909", "external-sign-in-refused", "Sign out on the phone"),
        ("401 1 2148074248", "external-sign-in-needed", "NTLM needs one connection"),
        ("401 1 2148074254", "external-sign-in-needed", "Nothing is broken"),
        ("401 2 5", "external-sign-in-needed", "Nothing is broken"),
        ("401 1 1332", "external-sign-in-needed", "Nothing is broken"),
        ("200 0 1326", "answer-not-logged", ""),
    ],
)
def test_what_became_of_a_sign_in_from_outside(tmp_path: Path, last: str, code: str, says: str) -> None:
    target = HANDLER.replace("RequestHandler", "RequestHandlerExt")
    statuses = ("401 2 5", "401 1 2148074254", last)
    exit_code, report = logs(iis_file(tmp_path, *(iis(target=target, port=443, status=status) for status in statuses)))
    assert (exit_code, report["verdict"]["code"]) == (3, code)
    findings = report["phones"][0]["findings"]
    assert [finding["code"] for finding in findings] == [code] * bool(says)
    assert all(says in finding["fix"]["text"] for finding in findings)


def test_a_sign_in_that_succeeded_in_the_end_was_not_refused(tmp_path: Path) -> None:
    target = HANDLER.replace("RequestHandler", "RequestHandlerExt")
    statuses = ("401 1 2148074254", "401 1 2148074252", "401 2 5", "401 1 2148074254", "200 0 0")
    lines = (iis(target=target, port=443, status=status) for status in statuses)
    code, report = logs(audit_file(tmp_path, audit()), iis_file(tmp_path, *lines))
    assert (code, report["verdict"]["code"]) == (0, "no-update-offered")
    assert not any("sign-in" in finding["code"] for finding in report["phones"][0]["findings"])


def test_success_in_iis_alone_does_not_tell_the_answer(tmp_path: Path) -> None:
    code, report = logs(iis_file(tmp_path, iis()))
    assert (code, report["verdict"]["status"], report["verdict"]["code"]) == (3, "unknown", "answer-not-logged")
    assert report["phones"][0]["steps"][5]["summary"] == "The server's logs do not show this step."


@pytest.mark.parametrize("error", [121, 995, 10053, 10060])
def test_an_answer_that_iis_could_not_send_is_no_success(tmp_path: Path, error: int) -> None:
    failed = iis_file(tmp_path, iis(status=f"200 0 {error}"))
    code, report = logs(audit_file(tmp_path, audit()), failed)
    assert (code, report["verdict"]["code"]) == (1, "http-closed")
    assert f"could not send its whole answer (200 (Win32 error {error}), cut short)" in report["verdict"]["summary"]
    (finding,) = report["phones"][0]["findings"]
    # Of these two errors alone it is known that nothing was acknowledged.
    assert ("which the phone did not acknowledge" in finding["fix"]["text"]) == (error in (121, 10060))


def test_the_last_check_decides(tmp_path: Path) -> None:
    broken = iis("2026-11-28 09:00:01", status="500 0 0")
    code, report = logs(audit_file(tmp_path, audit()), iis_file(tmp_path, iis(), broken))
    assert (code, report["verdict"]["code"]) == (1, "http-server-error")
    (phone,) = report["phones"]
    assert phone["phone"]["mac"] == MAC
    assert [check["result"] for check in phone["checks"]["history"]] == ["nothing-newer", "failed"]


def test_an_earlier_failure_is_forgiven(tmp_path: Path) -> None:
    broken = iis("2026-11-26 09:00:01", status="500 0 0")
    code, report = logs(audit_file(tmp_path, audit()), iis_file(tmp_path, broken, iis()))
    assert (code, report["verdict"]["status"]) == (0, "whole")


@pytest.mark.parametrize(("files", "said"), [(2, "is not known: several phones"), (0, "no request of the phone")])
def test_a_file_behind_a_balancer_may_be_that_of_any_phone(tmp_path: Path, files: int, said: str) -> None:
    proxy = "10.9.9.9"
    rows = [audit(client=proxy, offered=OFFER), audit("11/27/2026 9:10:00 AM", client=proxy, mac=OTHER, offered=OFFER)]
    requests = [iis(client=proxy), iis("2026-11-27 09:10:00", client=proxy)]
    fetched = [iis(f"2026-11-27 09:1{at}:30", client=proxy, method="GET", target=FILE) for at in range(files)]
    code, report = logs(audit_file(tmp_path, *rows), iis_file(tmp_path, *requests, *fetched))
    assert code == 3
    for mac in (MAC, OTHER):
        assert said in phones_of(report)[mac]["verdict"]["summary"]


def test_a_connection_that_the_client_reset_behind_an_audited_answer_is_no_fault(tmp_path: Path) -> None:
    code, report = logs(
        audit_file(tmp_path, audit()), iis_file(tmp_path, iis("2026-11-27 09:00:03", status="200 0 64"))
    )
    assert (code, report["verdict"]["code"]) == (0, "no-update-offered")
    assert [check["result"] for check in report["phones"][0]["checks"]["history"]] == ["nothing-newer"]


def test_two_phones_behind_one_address_keep_apart(tmp_path: Path) -> None:
    proxy = "10.9.9.9"
    rows = [audit(client=proxy), audit("11/27/2026 9:10:00 AM", client=proxy, mac=OTHER)]
    lines = [
        iis(client=proxy),
        iis("2026-11-27 09:10:00", client=proxy),
        iis("2026-11-27 09:30:00", client=proxy, status="500 0 0"),
    ]
    code, report = logs(audit_file(tmp_path, *rows), iis_file(tmp_path, *lines))
    phones = phones_of(report)
    assert code == 1
    assert {key: phone["verdict"]["status"] for key, phone in phones.items()} == {
        MAC: "whole",
        OTHER: "whole",
        proxy: "broken",
    }


@pytest.mark.parametrize(("hour", "shift"), [(1, "-08:00"), (11, "+02:00")])
def test_the_zone_of_the_audit_log_follows_from_iis(tmp_path: Path, hour: int, shift: str) -> None:
    rows = [
        audit(f"11/27/2026 {hour}:{minute:02}:01 AM", client=f"10.0.5.{minute}", mac=f"0004F2AABB{minute:02}")
        for minute in range(5)
    ]
    lines = [iis(f"2026-11-27 09:{minute:02}:01", client=f"10.0.5.{minute}") for minute in range(5)]
    code, report = logs(audit_file(tmp_path, *rows), iis_file(tmp_path, *lines))
    assert code == 0
    assert problem_codes(report) == ["log-times"]
    assert f"UTC{shift}" in report["problems"][0]["text"]
    assert all(len(phone["checks"]["history"]) == 1 for phone in report["phones"])


@pytest.mark.parametrize(
    ("clock", "shift"), [("11:00:00 AM", "+02:00"), ("1:00:00 AM", "-08:00"), ("2:30:00 PM", "+05:30")]
)
def test_one_request_in_both_logs_shows_the_zone(tmp_path: Path, clock: str, shift: str) -> None:
    # The handler writes its row just before IIS does; what failed an hour later is the last word.
    lines = [iis("2026-11-27 09:00:01"), iis("2026-11-27 10:00:01", status="500 0 0")]
    code, report = logs(audit_file(tmp_path, audit(f"11/27/2026 {clock}")), iis_file(tmp_path, *lines))
    assert (code, report["verdict"]["code"]) == (1, "http-server-error")
    assert problem_codes(report) == ["log-times"]
    assert f"UTC{shift}" in report["problems"][0]["text"]


def test_the_file_of_one_offer_is_found_in_any_zone(tmp_path: Path) -> None:
    get = iis("2026-11-27 09:00:03", method="GET", target=FILE, status="404 3 50")
    log = audit_file(tmp_path, audit("11/27/2026 10:00:01 AM", offered=OFFER))
    code, report = logs(log, iis_file(tmp_path, iis(), get))
    assert (code, report["verdict"]["code"]) == (1, "download-not-found")


@pytest.mark.parametrize(
    "lines",
    [
        # Refused, so in no audit log; +01:45 is no zone; two zones fit; a row that is in its place already.
        [iis("2026-11-27 07:00:01", status="500 0 0"), iis("2026-11-27 07:25:00")],
        [iis("2026-11-27 07:15:01")],
        [iis("2026-11-27 07:00:01"), iis("2026-11-27 04:00:01")],
        [iis("2026-11-27 07:00:01"), iis("2026-11-27 09:00:01")],
    ],
)
def test_few_requests_that_show_no_zone(tmp_path: Path, lines: list[str]) -> None:
    _, report = logs(audit_file(tmp_path, audit()), iis_file(tmp_path, *lines))
    assert "log-times" not in problem_codes(report)
    assert report["phones"][0]["checks"]["last"] == "2026-11-27T09:00:01.000000Z"


def test_where_no_request_is_in_both_logs_the_option_is_named(tmp_path: Path) -> None:
    rows = [audit(), audit(NEXT_DAY)]
    _, report = logs(audit_file(tmp_path, *rows), iis_file(tmp_path, iis("2026-11-27 12:20:00")))
    assert problem_codes(report) == ["logs-differ"]
    assert "--utc-offset" in report["problems"][0]["text"]


def test_a_row_without_a_mac_address_is_the_phone_s_of_that_serial_number(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit(), audit(NEXT_DAY, client="10.0.5.9", mac="")))
    assert code == 0
    (phone,) = report["phones"]
    assert phone["phone"]["mac"] == MAC
    assert phone["checks"]["count"] == 2


def test_a_serial_number_of_two_phones_names_neither(tmp_path: Path) -> None:
    rows = [audit(), audit(mac=OTHER), audit(NEXT_DAY, client="10.0.5.9", mac="")]
    _, report = logs(audit_file(tmp_path, *rows))
    assert len(report["phones"]) == 3


def test_a_zone_that_is_given_is_not_guessed(tmp_path: Path) -> None:
    log = audit_file(tmp_path, audit("11/27/2026 11:00:01 AM"))
    _, report = logs(log, iis_file(tmp_path, iis()), "--utc-offset", "+02:00")
    assert not report["problems"]
    assert report["phones"][0]["checks"]["last"] == "2026-11-27T09:00:01.000000Z"


def test_requests_that_the_audit_log_lacks_are_counted(tmp_path: Path) -> None:
    rows = [audit(), audit(NEXT_DAY)]
    lines = [iis(), iis("2026-11-27 12:00:00", client="10.0.5.8"), iis("2026-11-28 09:00:01")]
    _, report = logs(audit_file(tmp_path, *rows), iis_file(tmp_path, *lines))
    assert problem_codes(report) == ["logs-differ"]
    assert "lacks in the same time" in report["problems"][0]["text"]
    assert "1 of 3" in report["problems"][0]["text"]


def test_a_phone_without_a_check_for_a_day_is_overdue(tmp_path: Path) -> None:
    rows = [audit(), *[audit(f"11/{day}/2026 9:00:01 AM", client="10.0.5.8", mac=OTHER) for day in (27, 28, 29)]]
    _, report = logs(audit_file(tmp_path, *rows))
    overdue = {
        key: any(finding["code"] == "check-overdue" for finding in phone["findings"])
        for key, phone in phones_of(report).items()
    }
    assert overdue == {MAC: True, OTHER: False}


def test_one_check_each_day_is_the_history(tmp_path: Path) -> None:
    rows = [audit(f"11/{day:02}/2026 9:00:01 AM") for day in range(1, 29)]
    _, report = logs(audit_file(tmp_path, *rows))
    checks = report["phones"][0]["checks"]
    assert (checks["count"], checks["interval"], len(checks["history"])) == (28, 86400.0, 28)


def test_a_version_that_the_phone_has_already(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit(requested="CPE.nbt;3.5.6907.35;2010", offered=OFFER)))
    assert (code, report["verdict"]["code"]) == (0, "same-version-offered")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings_of_windows(tmp_path: Path, encoding: str) -> None:
    code, report = logs(audit_file(tmp_path, audit(user="jürgen"), encoding=encoding))
    assert (code, report["phones"][0]["phone"]["mac"]) == (0, MAC)
    assert not report["problems"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_iis(tmp_path: Path, encoding: str) -> None:
    code, report = logs(write(tmp_path, "u.log", iis_log(iis(status="500 0 0")), encoding))
    assert (code, report["verdict"]["code"]) == (1, "http-server-error")


def test_folders_gzip_and_zip(tmp_path: Path) -> None:
    folder = tmp_path / "Audit" / "imageUpdates"
    folder.mkdir(parents=True)
    audit_file(folder, audit())
    (folder / "b.log.gz").write_bytes(gzip.compress(audit(mac=OTHER).encode()))
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        archive.writestr("deep/x.log", audit(mac="0004F2AABBCE"))
    code, report = logs(str(tmp_path))
    assert (code, set(phones_of(report))) == (0, {MAC, OTHER, "00:04:f2:aa:bb:ce"})


@pytest.mark.parametrize("name", ["1²3.log", "a log.log", "٣.log"])
def test_a_folder_with_any_name_in_it(tmp_path: Path, name: str) -> None:
    """A raised 2 is a digit to Python, and no number."""
    write(tmp_path, name, audit())
    assert logs(str(tmp_path))[0] == 0


@pytest.mark.parametrize(
    ("folder", "server"),
    [("POOL01/W3SVC1", "POOL01/W3SVC1"), ("LogFiles/W3SVC1", "W3SVC1"), ("POOL02", "POOL02")],
)
def test_the_folder_names_the_server_where_no_line_does(tmp_path: Path, folder: str, server: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    line = f"2026-11-27 09:00:01 10.0.5.7 POST {HANDLER} 500"
    write(tmp_path / folder, "u.log", iis_log(line, fields="#Fields: date time c-ip cs-method cs-uri-stem sc-status"))
    _, report = logs(str(tmp_path))
    assert report["phones"][0]["checks"]["history"][0]["server"] == server


def test_a_file_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    log = audit_file(tmp_path, audit())
    _, report = logs(log, str(tmp_path), log)
    assert report["phones"][0]["checks"]["count"] == 1


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (
            "x.gz",
            gzip.compress(audit().encode() * 1000, mtime=0)[:-9],
            "it ends in the middle of its compressed data",
        ),
        ("x.zip", b"PK\x03\x04" + b"\x00" * 40, "File is not a zip file"),
    ],
)
def test_a_damaged_archive_is_named(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(data)
    _, report = logs(str(tmp_path / name), audit_file(tmp_path, audit()))
    assert "log-unreadable" in problem_codes(report)
    assert name in report["problems"][0]["text"]
    assert why in report["problems"][0]["text"]
    assert report["phones"]


@pytest.mark.parametrize("name", ["missing.log", "no/such/folder"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    code, report = logs(str(tmp_path / name))
    assert (code, report["verdict"]["code"]) == (3, "log-unreadable")
    assert "no such file" in report["verdict"]["summary"]


@pytest.mark.parametrize(
    "line",
    [
        iis(),
        f"u_ex261127.log:5:{iis()}",
    ],
)
def test_lines_taken_from_a_log_want_the_whole_log(tmp_path: Path, line: str) -> None:
    code, report = logs(write(tmp_path, "found.txt", f"{line}\r\n"))
    (problem,) = report["problems"]
    assert (code, problem["code"]) == (3, "not-a-log")
    assert "without the line #Fields" in problem["text"]
    assert "Name the whole log as IIS wrote it" in problem["text"]


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ('10.0.5.7 - - [27/Nov/2026:09:00:01 +0100] "POST /RequestHandler/ucdevice.upx HTTP/1.1" 200 512', "NCSA"),
        ('10.0.5.7 - CONTOSO\\ann [27/Nov/2026:09:00:01 +0100] "GET / HTTP/1.1" 200 512', "NCSA"),
        (
            "10.0.5.7, -, 11/27/2026, 9:00:01, W3SVC1, FE01, 10.0.0.20, 46, 612, 312, 200, 0, POST, "
            "/RequestHandler/ucdevice.upx, -,",
            "IIS",
        ),
        ("fe80::1, ann, 27.11.2026, 09:00:01, W3SVC34577, FE01, fe80::2, 46, 612, 312, 200, 0, GET, /, -,", "IIS"),
    ],
)
def test_a_log_in_another_format_of_iis_wants_that_changed(tmp_path: Path, line: str, form: str) -> None:
    code, report = logs(write(tmp_path, "u.log", f"{line}\r\n"))
    (problem,) = report["problems"]
    assert (code, problem["code"]) == (3, "not-a-log")
    assert f"a log in the {form} format" in problem["text"]
    assert "Have IIS write the W3C format" in problem["text"]
    assert "#Fields" not in problem["text"]


@pytest.mark.parametrize("text", ["hello\nworld\n", "\x7fELF\0\0", "a,b\n1,2\n", "ElfFile\0\0\0", ""])
def test_a_file_that_is_no_log(tmp_path: Path, text: str) -> None:
    code, report = logs(write(tmp_path, "x.txt", text))
    assert (code, report["verdict"]["code"]) == (3, "not-a-log")
    assert "Name the folder with RequestHandlerAuditLog_SERVER_DATE.log" in report["verdict"]["summary"]
    assert ("event log" in report["verdict"]["summary"]) is text.startswith("Elf")


def test_beside_a_log_a_file_that_is_none_is_just_named(tmp_path: Path) -> None:
    _, report = logs(audit_file(tmp_path, audit()), write(tmp_path, "x.txt", "hello"))
    (problem,) = report["problems"]
    assert problem["text"].endswith(
        "x.txt: neither an audit log of the Device Update Service nor a W3C log of IIS, so passed over."
    )


def test_an_empty_file(tmp_path: Path) -> None:
    code, report = logs(write(tmp_path, NAME, ""))
    assert (code, report["verdict"]["code"]) == (3, "not-a-log")


def test_one_phone_alone(tmp_path: Path) -> None:
    log = audit_file(tmp_path, audit(), audit(mac=OTHER))
    _, report = logs(log, "--mac", "00-04-F2-AA-BB-CD")
    assert set(phones_of(report)) == {OTHER}


def test_a_phone_that_is_in_no_log(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit()), "--mac", OTHER)
    assert (code, report["verdict"]["code"]) == (3, "no-log-row")


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, "oops", audit()))
    assert code == 0
    assert problem_codes(report) == ["log-lines"]
    assert f"{NAME} line 2: it has 1 fields of at least 9" in report["problems"][0]["text"]


def test_a_guessed_date_is_said(tmp_path: Path) -> None:
    _, report = logs(write(tmp_path, "x.log", audit("03/04/2026 09:00:00")))
    assert problem_codes(report) == ["log-times"]
    assert "month/day" in report["problems"][0]["text"]


def test_the_last_row_of_a_short_log_helps_to_tell_the_date(tmp_path: Path) -> None:
    rows = [audit("03/01/2026 09:00:00"), audit("03/04/2026 09:00:00")]
    _, report = logs(write(tmp_path, "RequestHandlerAuditLog_P_2026-03-04.log", "\n".join(rows)))
    assert problem_codes(report) == []


@pytest.mark.parametrize("offset", ["2h", "+15:00", "+02:60", ""])
def test_an_offset_that_is_none(tmp_path: Path, offset: str) -> None:
    from click.testing import CliRunner

    from ucdiag.cli.main import cli

    result = CliRunner().invoke(cli, ["logs", audit_file(tmp_path, audit()), "--utc-offset", offset])
    assert result.exit_code == 2


def test_hostile_text_reaches_no_terminal(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from ucdiag.cli.main import cli

    log = audit_file(tmp_path, audit(serial="\x1b[31mX", user="\x07"), "\x1b]0;title\x07")
    result = CliRunner().invoke(cli, ["logs", log, "-v"])
    assert "\x1b" not in result.output
    assert "\x07" not in result.output


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xd4\xc3\xb2\xa1\2\0\4\0" + b"\0" * 16 + b"POST /RequestHandler/ucdevice.upx", "'ucdiag capture'"),
        (b"\n\r\r\n\x1c\0\0\0M<+\x1a" + b"\0" * 16, "'ucdiag capture'"),
        (b'{"schema": "ucdiag.report/1", "x": "/RequestHandler/ucdevice.upx"}', "'ucdiag report'"),
    ],
)
def test_what_is_for_another_command_is_named_so(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "x").write_bytes(data)
    code, report = logs(str(tmp_path / "x"))
    (problem,) = report["problems"]
    assert (code, problem["code"]) == (3, "not-a-log")
    assert says in problem["text"]
    assert "#Fields" not in problem["text"]


def external(method: str = "POST", status: str = "500 0 0") -> str:
    """A line of the external web site, which listens on 4443."""
    target = "/RequestHandlerExt/ucdevice.upx" if method == "POST" else "/RequestHandlerExt/Files/x/CPE.nbt"
    return iis("2026-11-27 09:00:03", method=method, target=target, status=status, port=4443)


def test_the_external_site_is_named_with_its_port(tmp_path: Path) -> None:
    _, report = logs(audit_file(tmp_path, audit(offered=OFFER)), iis_file(tmp_path, external("GET", "404 0 2")))
    url = "https://10.0.0.20:4443/RequestHandlerExt/Files/x/CPE.nbt"
    assert report["verdict"]["summary"].endswith(f"{url} is not there (404).")
    commands = commands_of(report)
    assert f'curl -I --max-time 20 "{url}"' in commands


def test_a_test_of_the_external_site_goes_there(tmp_path: Path) -> None:
    _, report = logs(iis_file(tmp_path, external()))
    assert "ucdiag probe --url https://10.0.0.20:4443/RequestHandlerExt/ucdevice.upx" in commands_of(report)
    assert not any("--address" in command for command in commands_of(report))
    _, inside = logs(iis_file(tmp_path, iis(status="500 0 0")))
    assert "ucdiag probe --address 10.0.0.20 --port 80" in commands_of(inside)


def commands_of(report: dict[str, Any]) -> list[str]:
    """What the first finding of the first phone advises."""
    return [command["text"] for command in report["phones"][0]["findings"][0]["fix"]["commands"]]


@pytest.mark.parametrize(
    ("method", "status", "says", "not_said"),
    [
        ("GET", "404 3 50", "Add the MIME type", "404.0"),
        ("GET", "404 7 0", "Request Filtering", "MIME"),
        ("GET", "403 4 5", "requires SSL", "Anonymous"),
        ("GET", "401 3 5", "read rights", "switch"),
        ("POST", "403 4 5", "requires SSL", "subnet"),
        ("POST", "403 6 5", "the phones' subnet", "SSL"),
        ("POST", "401 3 5", "read rights", "enable"),
        ("GET", "404 0 2", "no such file (404.0)", "MIME"),
        ("GET", "404 0 0", "has the sub-status 404.0", "no such file"),
        ("POST", "403 1 0", "has the sub-status 403.4", "requires SSL there"),
        ("POST", "403 7 64", "the phone sent none (403.7)", "403.4"),
        ("POST", "403 13 0", "for revoked, or cannot tell (403.13)", "403.4"),
        ("POST", "403 16 0", "does not trust the phone's own certificate (403.16)", "403.4"),
        ("POST", "403 17 0", "for expired or not yet valid (403.17)", "403.4"),
        ("POST", "500 19 5", "it cannot use", "DeviceUpdateFiles"),
        ("POST", "500 21 0", "Register ASP.NET", "DeviceUpdateFiles"),
        ("POST", "500 0 5", "Look in the Application", "First make sure"),
        ("POST", "500 100 0", "Look in the Application", "First make sure"),
        ("POST", "502 3 12030", "Find the server that gives no answer", "Start the application pool"),
    ],
)
def test_the_advice_is_that_of_the_substatus(
    tmp_path: Path, method: str, status: str, says: str, not_said: str
) -> None:
    line = iis("2026-11-27 09:00:03", method=method, target=FILE if method == "GET" else HANDLER, status=status)
    _, report = logs(audit_file(tmp_path, audit(time="11/27/2026 8:00:01 AM", offered=OFFER)), iis_file(tmp_path, line))
    (phone,) = report["phones"]
    fix = phone["findings"][0]["fix"]["text"]
    assert says in fix
    assert not_said not in fix


def test_the_external_directory_counts_too(tmp_path: Path) -> None:
    line = iis(target=HANDLER.replace("RequestHandler", "RequestHandlerExt"), status="401 2 5", port=443)
    _, report = logs(iis_file(tmp_path, line))
    assert report["verdict"]["code"] == "external-sign-in-needed"


@pytest.mark.slow
def test_a_growing_log_is_followed(tmp_path: Path) -> None:
    """A line for each new request, also in a file that is new; Ctrl-C judges all of it."""
    log = audit_file(tmp_path, audit())
    command = [sys.executable, "-m", "ucdiag", "logs", str(tmp_path), "--follow", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ucdiag: 1 log read; waiting for more (Ctrl-C stops and judges).\n"
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(audit("11/27/2026 9:05:00 AM", mac=OTHER, offered=OFFER) + "\r\n" + audit("11/27")[:20])
            file.flush()
            first = process.stderr.readline()
            write(tmp_path, "u_ex.log", iis_log(iis(client="10.0.5.9", status="500 0 0")))
            second = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert first == f"2026-11-27 09:05 UTC {OTHER} has 1.0.522.101, was given 3.5.6907.35 (POOL01)\n"
    assert second == f"2026-11-27 09:00 UTC 10.0.5.9 POST {HANDLER} -> 500 (10.0.0.20)\n"
    report = json.loads(out)
    assert set(phones_of(report)) == {MAC, OTHER, "10.0.5.9"}
    assert process.returncode == 1


@pytest.mark.parametrize("others", [True, False])
def test_what_cannot_be_read_is_not_waited_for_without_a_word(
    tmp_path: Path, others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: LogReader, names: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LogReader, "read_on", interrupted)
    named = [str(tmp_path / "mispelt"), *([audit_file(tmp_path, audit())] if others else [])]
    done = CliRunner().invoke(cli, ["logs", *named, "--follow"])
    first, second = done.stderr.splitlines()[:2]
    assert first.startswith("ucdiag: Could not read ")
    assert "mispelt': no such file or directory" in first
    assert second.startswith(f"ucdiag: {int(others)} log{'' if others else 's'} read; waiting for more")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_that_is_damaged_inside(tmp_path: Path, method: int) -> None:
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.log", iis_log(*(iis(client=f"10.0.5.{number}") for number in range(200))))
    data = bytearray(path.read_bytes())
    data[60:90] = b"\xff" * 30
    path.write_bytes(data)
    code, report = logs(str(path))
    assert code == 3
    assert "log-unreadable" in problem_codes(report)


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    code, report = logs(str(tmp_path / ("a" * 300)))
    assert code == 3
    assert problem_codes(report) == ["log-unreadable"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    audit_file(tmp_path, audit())
    os.mkfifo(tmp_path / "pipe.log")
    code, report = logs(str(tmp_path))
    assert code == 0
    assert not report["problems"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_log_from_a_pipe(tmp_path: Path) -> None:
    name = tmp_path / NAME
    os.mkfifo(name)
    text = f"{HEADER}\r\n{audit()}\r\n".encode()
    writer = threading.Thread(target=name.write_bytes, args=(text,))
    writer.start()
    code, report = logs(str(name))
    writer.join()
    assert code == 0
    assert len(report["phones"]) == 1


def test_nothing_is_whole_beside_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    code, report = logs(audit_file(tmp_path, audit()), str(tmp_path / "missing.log"))
    assert (code, report["verdict"]["status"], report["verdict"]["code"]) == (3, "unknown", "log-unreadable")
    assert "What could be read says: The path is whole" in report["verdict"]["summary"]
    assert report["phones"][0]["verdict"]["status"] == "whole"


def test_logs_without_any_request_say_what_was_in_them(tmp_path: Path) -> None:
    web = write(tmp_path, "u_ex261127.log", iis_log(iis(target="/index.html"), iis(target="/autodiscover")))
    service = write(tmp_path, NAME, HEADER + "\n")
    code, report = logs(web, service)
    assert (code, report["verdict"]["code"], problem_codes(report)) == (3, "no-log-row", ["no-log-row"])
    said = report["verdict"]["summary"]
    assert "(1 audit log, 1 IIS log; 7 lines) there is no POST to /RequestHandler" in said
    assert "Name the logs of the days on which the phones asked" in said


def test_a_phone_that_is_asked_for_in_logs_without_any_request(tmp_path: Path) -> None:
    web = write(tmp_path, "u_ex261127.log", iis_log(iis(target="/index.html")))
    assert problem_codes(logs(web, "--mac", MAC)[1]) == ["no-log-row"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_standard_input_is_a_log(packed: bool) -> None:
    data = "\n".join((HEADER, audit(), "nonsense")).encode()
    done = CliRunner().invoke(cli, ["logs", "-", "-", "--json"], input=gzip.compress(data) if packed else data)
    report = json.loads(done.stdout)
    assert (done.exit_code, list(phones_of(report))) == (0, [MAC])
    (problem,) = report["problems"]
    assert problem["text"].startswith("1 line could not be read: standard input line 3: ")


@pytest.mark.parametrize(("data", "code"), [(b"", "not-a-log"), (b"PK\3\4", "log-unreadable"), (b"x", "not-a-log")])
def test_standard_input_that_is_no_log(data: bytes, code: str) -> None:
    done = CliRunner().invoke(cli, ["logs", "-", "--json"], input=data)
    assert (done.exit_code, problem_codes(json.loads(done.stdout))) == (3, [code])


def test_standard_input_is_not_followed() -> None:
    done = CliRunner().invoke(cli, ["logs", "-", "--follow"], input=b"")
    assert done.exit_code == 2
    assert "--follow goes with files" in done.stderr


@pytest.mark.parametrize(
    ("method", "status"), [("GET", "405 0 0"), ("GET", "200 0 0"), ("HEAD", "500 0 0"), ("OPTIONS", "403 0 0")]
)
def test_a_browser_or_a_monitor_is_no_phone(tmp_path: Path, method: str, status: str) -> None:
    """A balancer asks whether the handler is there, and so do administrators: a phone posts."""
    others = (
        iis(client="10.0.0.5", method=method, status=status),
        iis("2026-11-27 09:05:00", method=method, status=status),
    )
    code, report = logs(audit_file(tmp_path, audit()), iis_file(tmp_path, iis(), *others))
    assert (code, list(phones_of(report)), report["problems"]) == (0, [MAC], [])


def test_a_log_without_the_method_has_requests(tmp_path: Path) -> None:
    fields = FIELDS.replace(" cs-method", "")
    lines = [iis(status="500 0 0").replace(" POST", "")]
    code, report = logs(write(tmp_path, "u.log", iis_log(*lines, fields=fields)))
    assert (code, report["verdict"]["code"]) == (1, "http-server-error")


@pytest.mark.parametrize(
    ("in_the_audit_log", "in_iis"),
    [
        ("2001:db8::7", "2001:DB8:0:0::7"),
        ("fe80::7%11", "fe80::7%4"),
        ("::ffff:10.0.5.7", "10.0.5.7"),
        ("10.0.5.7", "::ffff:10.0.5.7"),
    ],
)
def test_both_logs_spell_an_address_in_their_ways(tmp_path: Path, in_the_audit_log: str, in_iis: str) -> None:
    """A file that was refused to a phone is that phone's, which else were whole."""
    refused = iis("2026-11-27 09:00:03", client=in_iis, method="GET", target=FILE, status="404 0 2")
    names = audit_file(tmp_path, audit(client=in_the_audit_log)), iis_file(tmp_path, iis(client=in_iis), refused)
    assert {mac: phone["verdict"]["code"] for mac, phone in phones_of(logs(*names)[1]).items()} == {
        MAC: "download-not-found"
    }


@pytest.mark.parametrize("mac", ["", "000000000000", "00-00-00-00-00-00"])
def test_a_row_without_a_mac_counts_by_its_serial_number(tmp_path: Path, mac: str) -> None:
    code, report = logs(audit_file(tmp_path, audit(mac=mac), audit(NEXT_DAY, mac=mac, client="10.0.5.8")))
    (phone,) = report["phones"]
    assert (code, phone["phone"]["mac"], phone["phone"]["serial"], phone["checks"]["count"]) == (
        0,
        None,
        "AB37_679e",
        2,
    )


@pytest.mark.parametrize(("unread", "status"), [(1, "whole"), (2, "whole"), (3, "unknown")])
def test_a_log_of_which_most_cannot_be_read_is_not_whole(tmp_path: Path, unread: int, status: str) -> None:
    code, report = logs(audit_file(tmp_path, audit(), *["nonsense"] * unread, audit(NEXT_DAY)))
    assert (code, report["verdict"]["status"]) == (3 if status == "unknown" else 0, status)
    assert problem_codes(report) == ["log-lines"]


def test_a_log_that_does_not_say_what_was_asked(tmp_path: Path) -> None:
    """No silence is concluded from lines that cannot tell."""
    fields = FIELDS.replace(" cs-uri-stem", "")
    code, report = logs(write(tmp_path, "u_ex261127.log", iis_log(iis().replace(f" {HANDLER}", ""), fields=fields)))
    assert (code, problem_codes(report)) == (3, ["no-log-row", "log-lines"])
    said = " ".join(problem["text"] for problem in report["problems"])
    assert "no cs-uri-stem" in said
    assert "no phone got through" not in said


def test_why_the_system_s_own_web_server_refused(tmp_path: Path) -> None:
    text = (
        "#Software: Microsoft HTTP API 2.0\n"
        "#Fields: date time c-ip s-ip s-port cs-method cs-uri sc-status s-siteid s-reason\n"
        f"2026-11-27 09:00:01 10.0.5.7 10.0.0.20 80 POST {HANDLER} 503 1 AppOffline\n"
    )
    code, report = logs(write(tmp_path, "httperr1.log", text))
    assert (code, report["verdict"]["code"]) == (1, "http-unavailable")
    assert "AppOffline" in report["verdict"]["summary"]


@pytest.mark.parametrize(
    ("method", "target", "reason", "verdict", "said"),
    [
        ("POST", HANDLER, "Connection_Abandoned_By_ReqQueue", ("broken", "request", "http-closed"), "port 80 closed"),
        ("POST", HANDLER, "Timer_EntityBody", ("broken", "request", "http-closed"), "port 80 closed"),
        ("POST", HANDLER, "Client_Reset", ("broken", "request", "http-closed"), "the phone closed"),
        ("GET", FILE, "Connection_Dropped", ("broken", "download", "download-truncated"), "the phone's side ended"),
        ("GET", FILE, "Timer_MinBytesPerSecond", ("broken", "download", "download-truncated"), "the server ended"),
    ],
)
def test_a_connection_that_the_system_s_own_web_server_ended(
    method: str, target: str, reason: str, verdict: tuple[str, str, str], said: str, tmp_path: Path
) -> None:
    """There is no status then. Where it wants none of a request's words, no request was made."""
    text = (
        "#Software: Microsoft HTTP API 2.0\n"
        "#Fields: date time c-ip s-ip s-port cs-method cs-uri sc-status s-siteid s-reason\n"
        f"2026-11-27 09:00:01 10.0.5.7 10.0.0.20 80 {method} {target} - 1 {reason}\n"
        "2026-11-27 09:00:05 10.0.5.7 10.0.0.20 80 - - - - Timer_ConnectionIdle\n"
    )
    code, report = logs(write(tmp_path, "httperr1.log", text))
    (phone,) = report["phones"]
    found = phone["verdict"]
    assert (code, problem_codes(report), len(phone["findings"])) == (1, [], 1)
    assert (found["status"], found["step"], found["code"]) == verdict
    assert said in found["summary"]
    assert reason in found["summary"] or method == "GET"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Connection_Abandoned_By_ReqQueue", "Its worker process ended"),
        ("Connection_Abandoned_By_AppPool", "Its worker process ended"),
        ("Timer_AppPool", "Its worker process ended"),
        ("Timer_EntityBody", "waited for the rest of the request in vain"),
        ("Timer_HeaderWait", "waited for the rest of the request in vain"),
        ("Timer_MinBytesPerSecond", "which the phone did not acknowledge"),
        ("Client_Reset", "Find out who sent the reset"),
        ("Timer_ConnectionIdle", "Find out who sent the reset"),
    ],
)
def test_what_to_change_where_the_system_s_own_web_server_says_why(reason: str, said: str, tmp_path: Path) -> None:
    text = (
        "#Fields: date time c-ip s-ip s-port cs-method cs-uri sc-status s-siteid s-reason\n"
        f"2026-11-27 09:00:01 10.0.5.7 10.0.0.20 80 POST {HANDLER} - 1 {reason}\n"
    )
    _, report = logs(write(tmp_path, "httperr1.log", text))
    (found,) = report["phones"][0]["findings"]
    assert said in found["fix"]["text"]
    commands = [command["text"] for command in found["fix"]["commands"]]
    assert any("Microsoft-Windows-WAS" in command for command in commands) is said.startswith("Its worker")


def test_a_connection_that_was_ended_once_is_a_warning(tmp_path: Path) -> None:
    ended = (
        "#Fields: date time c-ip s-ip s-port cs-method cs-uri sc-status s-siteid s-reason\n"
        f"2026-11-27 09:00:01 10.0.5.7 10.0.0.20 80 POST {HANDLER} - 1 Connection_Abandoned_By_AppPool\n"
    )
    later = "2026-11-27 09:20:01"
    code, report = logs(
        write(tmp_path, "httperr1.log", ended),
        write(tmp_path, "u_ex261127.log", iis_log(iis(later))),
        write(tmp_path, NAME, audit("11/27/2026 9:20:01 AM")),
    )
    (phone,) = report["phones"]
    assert (code, phone["phone"]["mac"], phone["verdict"]["status"]) == (0, MAC, "whole")
    assert [found["code"] for found in phone["findings"]] == ["http-closed", "no-update-offered"]


def test_zeros_at_the_end_of_an_audit_log(tmp_path: Path) -> None:
    """Windows made room for more, and was switched off before it was written."""
    path = tmp_path / NAME
    path.write_bytes("\r\n".join([HEADER, audit(), ""]).encode() + bytes(5000))
    assert list(phones_of(logs(str(path))[1])) == [MAC]


def test_a_heading_with_underscores(tmp_path: Path) -> None:
    text = "\r\n".join([HEADER.replace(" ", "_"), audit(), ""])
    assert list(phones_of(logs(write(tmp_path, "audit.csv", text))[1])) == [MAC]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have shorter paths, or open no folders")
def test_folders_within_folders_are_looked_into_however_deep(tmp_path: Path) -> None:
    data = "\r\n".join([HEADER, audit(), ""]).encode()
    with deep_folders.nested(tmp_path, "a", 1100) as innermost:
        deep_folders.put(innermost, NAME, data)
        code, report = logs(str(tmp_path))
    assert (code, report["problems"]) == (0, [])
    assert len(report["phones"]) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have shorter paths, or open no folders")
def test_a_folder_that_cannot_be_read_is_named_and_the_rest_counts(tmp_path: Path) -> None:
    """Nobody can read one whose path is too long."""
    audit_file(tmp_path, audit())
    with deep_folders.nested(tmp_path, "a" * 250, 17):
        code, report = logs(str(tmp_path))
    assert code == 3
    assert len(report["phones"]) == 1
    (problem,) = report["problems"]
    assert (problem["code"], "file name too long" in problem["text"]) == ("log-unreadable", True)


def test_what_is_read_until_an_interruption_is_shown_with_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = write(tmp_path, NAME, f"{HEADER}\n{audit()}\n")
    read = LogReader.read_logs

    def interrupted(reader: LogReader, names: list[str]) -> None:
        read(reader, names)
        raise KeyboardInterrupt

    monkeypatch.setattr(LogReader, "read_logs", interrupted)
    code, report = logs(name)
    assert (code, report["verdict"]["status"]) == (INTERRUPTED, "unknown")
    assert problem_codes(report) == ["interrupted"]
    assert list(phones_of(report)) == [MAC]
