"""Stored reports for the tests: made by the program itself, of logs and of the lab, or with a few fields changed."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.server_logs.log_samples import audit, write
from ucdiag.cli.main import cli


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and the standard output of a command."""
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout


def report(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of ``ucdiag report``."""
    code, out = run("report", *arguments, "--json")
    return code, json.loads(out)


def store(folder: Path, name: str, *rows: str, finished: int | None = None) -> Path:
    """The report of an audit log with these rows, in a file. ``finished`` is its day in November."""
    (folder / "logs").mkdir(exist_ok=True)
    log = write(folder / "logs", f"RequestHandlerAuditLog_P_2026-11-27_{name}.log", "\n".join(rows or (audit(),)))
    _, out = run("logs", log, "--json")
    data = json.loads(out)
    if finished is not None:
        data["finished"] = f"2026-11-{finished:02}T10:00:00.000000Z"
    path = folder / name
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def stored_text(path: Path) -> dict[str, Any]:
    """The JSON of a stored report."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
