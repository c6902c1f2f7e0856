"""Logs as the tests write them: rows of the audit log in its spellings, lines of IIS; what the program says of them."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from ucdiag.cli.main import cli

HEADER = (
    "Logging DateTime,User Host Address,Device Type,Mac Address,Serial Number,Vendor,Model,Revision,Locale,"
    "Request Modules,Response Modules,User Id"
)
FIELDS = (
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status "
    "sc-substatus sc-win32-status time-taken"
)
HANDLER = "/RequestHandler/ucdevice.upx"
FILE = "/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE.nbt"
MAC = "00:04:f2:aa:bb:cc"
NAME = "RequestHandlerAuditLog_POOL01_2026-11-27.log"


def audit(
    time: str = "11/27/2026 9:00:01 AM",
    *,
    client: str = "10.0.5.7",
    mac: str = "0004F2AABBCC",
    serial: str = "AB37_679e",
    requested: str = "CPE.nbt;1.0.522.101;2009-01-01",
    offered: str = "",
    user: str = "alice",
    by: str = ",",
) -> str:
    """A row of the audit log."""
    fields = (time, client, "UCPhone", mac, serial, "Polycom", "CX700", "A", "ENU", requested, offered, user)
    return by.join(fields)


OFFER = "CPE.nbt;CPE.cat;3.5.6907.35;2010-01-01"


def iis(
    time: str = "2026-11-27 09:00:01",
    client: str = "10.0.5.7",
    method: str = "POST",
    target: str = HANDLER,
    status: str = "200 0 0",
    port: int = 80,
) -> str:
    """A line of IIS with the fields of ``FIELDS``."""
    return f"{time} 10.0.0.20 {method} {target} - {port} - {client} OCPhone/1.0 {status} 12"


def iis_log(*lines: str, fields: str = FIELDS) -> str:
    """A log of IIS with its head."""
    head = ("#Software: Microsoft Internet Information Services 7.5", "#Version: 1.0", "#Date: 2026-11-27 00:00:00")
    return "\r\n".join([*head, fields, *lines, ""])


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> str:
    """A log in a file; its name."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def logs(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON report of ``ucdiag logs``."""
    result = CliRunner().invoke(cli, ["logs", *arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, json.loads(result.stdout)


def phones_of(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The phones of a report by MAC address, else by IP address."""
    return {phone["phone"]["mac"] or phone["phone"]["ip"]: phone for phone in report["phones"]}


def problem_codes(report: dict[str, Any]) -> list[str]:
    """The codes of a report's problems."""
    return [problem["code"] for problem in report["problems"]]
