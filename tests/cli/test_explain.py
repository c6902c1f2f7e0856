"""``ucdiag explain``: everything the catalogue knows, for people and for programs."""

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from tests.in_parts import in_parts
from ucdiag import __version__
from ucdiag.cli.main import cli
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.entry import FIELDS
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.model.codec import from_json
from ucdiag.model.steps import STEPS, Level, Step
from ucdiag.views.explain_view import Explanation
from ucdiag.views.schema import schema_files

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_files()["explain.schema.json"]))


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *arguments], prog_name="ucdiag", env={"COLUMNS": "80"})


def test_the_list_has_every_code_once_under_its_step() -> None:
    result = explain()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    heads = [line for line in lines if line and line[0].isdigit()]
    assert heads == [f"{step.number} {step.value}" for step in STEPS]
    problems = lines.index("problems")
    assert problems > lines.index(heads[-1])
    assert [line.split(maxsplit=2) for line in lines[problems + 1 :] if line.startswith("  ")] == [
        ["P", code, entry.title] for code, entry in PROBLEMS.items()
    ]
    del lines[problems:]
    step = None
    listed = []
    for line in lines:
        if line in heads:
            step = line.split()[1]
        elif line.startswith("  "):
            level, code, title = line.split(maxsplit=2)
            listed.append(code)
            entry = CATALOGUE[code]
            assert (entry.step.value, entry.title) == (step, title)
            assert level == {Level.ERROR: "E", Level.WARNING: "W", Level.INFORMATION: "I"}[entry.level]
    assert sorted(listed) == sorted(CATALOGUE)


@in_parts("code", CATALOGUE)
def test_one_code_tells_all(code: str) -> None:
    result = explain(code)
    assert result.exit_code == 0
    entry = CATALOGUE[code]
    words = " ".join(result.stdout.split())
    assert words.startswith(f"{code}: {entry.title}")
    for text in (entry.meaning, *entry.causes, *entry.sources):
        assert " ".join(text.split()) in words
    for name in FIELDS:
        assert "{" + name + "}" not in result.stdout
    assert all(len(line) < 80 for line in result.stdout.splitlines() if not line.startswith("    "))
    lines = [line.strip() for line in result.stdout.splitlines()]
    for command in entry.commands:
        if "{" not in command:
            assert command in lines, "a command was wrapped"


@in_parts("code, format_", product(PROBLEMS, ["text", "short"]))
def test_a_problem_is_explained(code: str, format_: str) -> None:
    result = explain(code, "-f", format_)
    assert result.exit_code == 0
    words = " ".join(result.stdout.split())
    assert words.startswith(f"{code}: {PROBLEMS[code].title}")
    assert PROBLEMS[code].meaning in words
    assert words.endswith(f"What to do: {PROBLEMS[code].fix}")


def test_a_problem_as_json() -> None:
    data = json.loads(explain("no-privilege", "--json").stdout)
    VALIDATOR.validate(data)
    assert data["entries"] == []
    assert from_json(Explanation, data).problems == (PROBLEMS["no-privilege"],)


@pytest.mark.parametrize(
    "typed",
    [
        "DNS-Legacy-Only",
        " dns-legacy-only ",
        "dns-leg",
        "[dns-legacy-only]",
        "[dns-legacy-only],",
        "DNS_LEGACY",
        "'dns-leg.'",
    ],
)
def test_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert explain(typed).stdout == explain("dns-legacy-only").stdout


@pytest.mark.parametrize("typed", ["No-Privilege", "[no-privilege]", "[no-privilege],", "no-priv"])
def test_a_problem_is_found_however_it_is_typed(typed: str) -> None:
    assert explain(typed).stdout == explain("no-privilege").stdout


def test_a_beginning_lists_findings_and_problems() -> None:
    lines = explain("capture-").stdout.splitlines()
    listed = [line.split()[1] for line in lines if line.startswith("  ")]
    assert listed == [code for code in (*CATALOGUE, *PROBLEMS) if code.startswith("capture-")]
    assert {"capture-too-short", "capture-cut"} <= set(listed)


@pytest.mark.parametrize("word", ["no-privilige", "no-privileges", "privilege"])
def test_an_unknown_code_gets_the_nearest_problem(word: str) -> None:
    result = explain(word)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no code '{word}': the nearest are " in result.stderr
    assert "no-privilege" in result.stderr


def test_a_step_or_a_beginning_lists_what_it_fits() -> None:
    tls = explain("tls").stdout
    assert tls.splitlines()[0] == "4 tls"
    assert all(code in tls for code in CATALOGUE if code.startswith("tls-"))
    assert "dns-legacy-only" not in tls
    response = explain("response").stdout
    assert all((code in response) == (entry.step.value == "response") for code, entry in CATALOGUE.items())
    assert "http-not-found" in explain("http-").stdout


@pytest.mark.parametrize("word", ["dns-legacy-onyl", "legacy"])
def test_an_unknown_code_gets_the_nearest(word: str) -> None:
    result = explain(word)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"there is no code '{word}': the nearest are " in result.stderr
    assert "dns-legacy-only" in result.stderr
    assert result.stderr.splitlines()[-1] == "Try 'ucdiag explain --help'."


@pytest.mark.parametrize("word", ["", " ", "qqqqqqqq", "\x1b[31m", "x" * 100_000])
def test_nonsense_gets_one_sentence(word: str) -> None:
    result = explain(word)
    assert result.exit_code == 2
    assert len(result.stderr) < 1000
    assert all(line.isprintable() for line in result.stderr.splitlines())


def test_json_is_lossless_and_valid() -> None:
    result = explain("--json")
    data = json.loads(result.stdout)
    VALIDATOR.validate(data)
    assert data["schema"] == "ucdiag.explain/1"
    assert data["ucdiag"] == __version__
    read = from_json(Explanation, data)
    assert (read.entries, read.problems) == (tuple(CATALOGUE.values()), tuple(PROBLEMS.values()))
    one = json.loads(explain("dns-legacy-only", "--json").stdout)
    VALIDATOR.validate(one)
    assert [entry["code"] for entry in one["entries"]] == ["dns-legacy-only"]
    assert one["problems"] == []
    one["entries"][0]["level"] = "fatal"
    assert not VALIDATOR.is_valid(one)


def test_short_and_quiet_and_file(tmp_path: Path) -> None:
    assert explain("-f", "short").stdout == explain().stdout
    target = tmp_path / "codes.json"
    assert explain("--json", "-o", str(target)).stdout == ""
    VALIDATOR.validate(json.loads(target.read_text(encoding="utf-8")))


@pytest.mark.parametrize("arguments", [[], ["dns-legacy-only"], ["--json"], ["unknown-code"]])
def test_it_imports_nothing_that_it_does_not_need(arguments: list[str]) -> None:
    code = (
        "import atexit, sys\n"
        "from ucdiag.cli.main import main\n"
        "atexit.register(lambda: print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr))\n"
        f"sys.argv = ['ucdiag', 'explain', *{arguments!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "ucdiag" in loaded
    assert not loaded & {"requests", "urllib3", "scapy", "dns", "cryptography", "rich", "socket", "ssl"}


@pytest.mark.parametrize("step", STEPS)
def test_the_number_of_a_step_lists_its_codes(step: Step) -> None:
    result = explain(str(step.number))
    assert result.exit_code == 0
    assert result.stdout == explain(step.value).stdout
    assert all(entry.code in result.stdout for entry in CATALOGUE.values() if entry.step == step)


@pytest.mark.parametrize("number", ["0", "8", "22", "-1", "[]", "-"])
def test_a_number_that_is_no_step_is_none(number: str) -> None:
    assert explain("--", number).exit_code == 2


@pytest.mark.parametrize("around", ["[{}]", "[{}],", "({}).", "'{}'", '"[{}]"', "\u201c{}\u201d;", " [{}]\n"])
def test_every_code_is_found_as_it_is_pasted(around: str) -> None:
    for code in (*CATALOGUE, *PROBLEMS):
        result = explain(around.format(code), "-f", "json")
        assert result.exit_code == 0, code
        told = json.loads(result.stdout)
        assert [entry["code"] for entry in told["entries"] + told["problems"]] == [code]


def test_the_commands_stand_in_groups_with_their_place_and_shell() -> None:
    lines = explain("dns-legacy-only").stdout.splitlines()
    heads = [line.strip() for line in lines if line.startswith("  ") and line.endswith(":")]
    assert heads == [
        "Check (changes nothing), on a Windows PC in the phones' VLAN, PowerShell:",
        "Or, on a Linux or macOS machine in the phones' VLAN, shell:",
        "Change, on the DNS server, PowerShell:",
        "Or, on the DNS server, Command Prompt:",
        "Then, on the DNS server, PowerShell:",
        "Verify, on this machine, shell:",
    ]


@in_parts(
    "format_, code", product(("text", "html"), [code for code, entry in CATALOGUE.items() if entry.step is Step.TLS])
)
def test_tls_is_on_its_own_port(format_: str, code: str) -> None:
    shown = explain(code, "-f", format_).stdout
    assert not re.search(r"-Port 80\b|:80\b|http://<", shown)
    if any("{port}" in command for command in CATALOGUE[code].commands):
        assert "443" in shown
