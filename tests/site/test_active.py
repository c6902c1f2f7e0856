"""``check``, ``check-dns`` and ``probe``, as separate processes, against servers that are not ours (matrix.py)."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.site.ground import SERVER, Result, Site
from tests.site.matrix import CASES, DOMAIN, EXIT, NAMES, Case, Names

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
    assert {each["code"] for each in result.report["problems"]} <= notes, str(result)
    found = [each["step"] for each in result.phone["steps"]]
    assert found == STEPS
    statuses = {each["step"]: each["status"] for each in result.phone["steps"]}
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_path(site: Site, tmp_path: Path, case: Case) -> None:
    site.dnsmasq("server", records=case.records)
    site.nameservers("laptop", SERVER)
    if case.build is not None:
        case.build(site)
    issued = None
    if case.web is not None:
        issued = case.tls() if case.tls is not None else None
        site.nginx("server", case.web, files=case.files, tls=issued)
    options = ["--domain", DOMAIN, *case.options]
    if case.tls is not None and case.trusted:
        assert issued is not None
        (tmp_path / "root.pem").write_bytes(issued.authority)
        options += ["--ca", str(tmp_path / "root.pem")]
    if case.saved_body:
        (tmp_path / "saved.xml").write_text(BODY)
        options += ["--body", str(tmp_path / "saved.xml")]
    for command, result in run_all(site, case.commands, options).items():
        assert result.report.get("command") == command, str(result)
        check_report(result, case.status, case.step, case.code, case.codes, dict(case.steps))


@pytest.mark.parametrize(
    ("names", "kind"),
    [(names, kind) for names in NAMES for kind in names.servers],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_the_names(site: Site, names: Names, kind: str) -> None:
    site.host("server")
    site.nameservers("laptop", SERVER)
    names.servers[kind](site)
    commands = ("check", "check-dns") if names.status == "broken" else ("check-dns",)
    step = "dns" if names.status == "broken" else None
    for result in run_all(site, commands, ["--domain", DOMAIN, *names.options]).values():
        check_report(result, names.status, step, names.code, names.codes, {})
        lookups = [each for each in result.phone["observations"] if each["kind"] == "lookup"]
        assert any(each["name"] == f"ucupdates-r2.{DOMAIN}" and each["type"] == "A" for each in lookups)
        if names.name == "many-addresses-over-tcp":
            assert any(each["transport"] == "tcp" and len(each["addresses"]) == 90 for each in lookups)
