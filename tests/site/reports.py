"""What the JSON reports of the active commands have to be."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files

import jsonschema

from tests.site.ground import Result, Site
from tests.site.matrix import EXIT

STEPS = ["dhcp", "dns", "connect", "tls", "request", "response", "download"]
BODY = """<?xml version="1.0"?><Request><MACAddress>0004F2770001</MACAddress><SerialNumber>1</SerialNumber></Request>"""


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(files("ucdiag").joinpath("report.schema.json").read_text())
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def check_report(
    result: Result,
    status: str,
    step: str | None,
    code: str | None,
    codes: set[str],
    steps: dict[str, str],
    notes: frozenset[str] = frozenset(),
) -> None:
    """The exit code, a valid report, the exact verdict, exactly these findings, and a path that fits them.

    ``notes`` are the problems that may be told.
    """
    assert result.report, str(result)
    assert (result.verdict, result.codes) == ((status, step, code), codes), str(result)
    assert result.code == EXIT[status], str(result)
    assert result.err == ""
    validator().validate(result.report)
    assert {problem["code"] for problem in result.report["problems"]} <= notes, str(result)
    found = [step["step"] for step in result.phone["steps"]]
    assert found == STEPS
    statuses = {step["step"]: step["status"] for step in result.phone["steps"]}
    for name, expected in steps.items():
        assert statuses[name] == expected, str(result)
    if status == "broken":
        assert step is not None
        at = STEPS.index(step)
        assert statuses[step] == "failed"
        assert all(statuses[later] == "not-reached" for later in STEPS[at + 1 :]), statuses
        assert "failed" not in [statuses[earlier] for earlier in STEPS[:at]]
    else:
        assert "failed" not in statuses.values()
    for finding in result.phone["findings"]:
        assert finding["evidence"], finding
        assert (finding["level"] == "error") == (status == "broken" and finding["code"] == code), finding


def run_all(site: Site, commands: tuple[str, ...], options: list[str]) -> dict[str, Result]:
    """All commands at once, on the same site."""
    with ThreadPoolExecutor(len(commands)) as pool:
        running = {
            command: pool.submit(site.ucdiag, "laptop", command, "--json", *options, timeout=90) for command in commands
        }
    return {command: future.result() for command, future in running.items()}
