"""The edge: whatever happens, one clear sentence and an exit code of the contract."""

import ast
import json
import os
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli import fake
from tests.cli.forked_program import ForkedProgram, running
from tests.examples import examples
from ucdiag import __version__
from ucdiag.cli import main as edge
from ucdiag.cli.options import parse_connect_to, parse_port, parse_timeout
from ucdiag.model.visible_text import visible
from ucdiag.views import FORMATS
from ucdiag.views.schema import schema_files

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_files()["report.schema.json"]))
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``ucdiag`` in this process, with the scripted command, and nothing of the real environment."""
    monkeypatch.setitem(edge.COMMANDS, "check-dns", (fake.MODULE, "Do as told."))
    for name in list(os.environ):
        if name.startswith("UCDIAG_"):
            monkeypatch.delenv(name)

    def invoke(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(edge.cli, arguments, prog_name="ucdiag", env=environment)

    return invoke


def options(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    shown: dict[str, Any] = ast.literal_eval(result.stdout)
    return shown


def start(*arguments: str, **settings_: Any) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UCDIAG_")}
    environment.update(settings_.pop("environment", {}))
    return subprocess.Popen(
        [sys.executable, "-m", fake.MODULE, *arguments],
        stdout=settings_.pop("stdout", subprocess.PIPE),
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **settings_,
    )


def valid(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    VALIDATOR.validate(data)
    return data


# Listing


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import atexit, sys\n"
        "from ucdiag.cli import main\n"
        "atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))\n"
        "sys.argv = ['ucdiag', '--help']\n"
        "main.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    for name, (_, summary) in edge.COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert summary.split()[0] in done.stdout
    loaded = set(done.stderr.split())
    assert "ucdiag.cli.main" in loaded
    assert not loaded & {module for module, _ in edge.COMMANDS.values()}
    assert not {name.split(".")[0] for name in loaded} & {"rich", "dns", "requests", "scapy", "cryptography"}
    assert "ucdiag.model.report" not in loaded
    assert "importlib.metadata" not in loaded


@pytest.mark.parametrize("name", edge.COMMANDS)
def test_each_command_is_what_its_line_says(name: str) -> None:
    module, summary = edge.COMMANDS[name]
    command = import_module(module).command
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help
    assert summary.endswith(".")


@pytest.mark.parametrize("name", edge.COMMANDS)
def test_every_option_reads_the_environment(name: str) -> None:
    command = import_module(edge.COMMANDS[name][0]).command
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            word = max(parameter.opts, key=len).lstrip("-").replace("-", "_").upper()
            own = name.upper().replace("-", "_")
            assert parameter.envvar == [f"UCDIAG_{own}_{word}", f"UCDIAG_{word}"]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["check-dns", "--help"], ["check-dns", "-h"], []])
def test_help(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == (0 if arguments else 2)
    # Before click 8.2 ``output`` is standard output alone.
    assert "Usage: ucdiag" in (result.stdout if arguments else result.stderr)


def _help_and_exit(group: click.Group, context: click.Context, arguments: list[str]) -> list[str]:
    click.echo(context.get_help())
    context.exit()


def _help_as_an_error(group: click.Group, context: click.Context, arguments: list[str]) -> list[str]:
    raise click.UsageError(context.get_help(), context)


# What the versions before 8.2 do by themselves, and what the later ones do.
@pytest.mark.parametrize("of_click", [_help_and_exit, _help_as_an_error, None])
def test_the_help_without_a_command(run: Run, of_click: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = run().stderr
    if of_click is not None:
        monkeypatch.setattr(click.Group, "parse_args", of_click)
    bare = run()
    assert (bare.exit_code, bare.stdout) == (2, "")
    assert bare.stderr == expected
    assert expected.splitlines()[2] == "What do you have?"
    assert "\\n" not in bare.stderr


@pytest.mark.parametrize("name", edge.COMMANDS)
def test_no_command_shows_its_help_unasked(run: Run, name: str) -> None:
    # Some work without an argument; the others say in one sentence what is missing.
    command = import_module(edge.COMMANDS[name][0]).command
    assert not command.no_args_is_help
    assert not isinstance(command, click.Group)


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"ucdiag {__version__}\n"


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ucdiag", "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"ucdiag {__version__}\n"


# Exit codes


@pytest.mark.parametrize(
    ("does", "code"),
    [
        ("whole", 0),
        ("broken", 1),
        ("unknown", 3),
        ("cannot", 3),
        ("cannot-early", 3),
        ("problem", 3),
        ("bug", 70),
        ("bug-early", 70),
        ("bug-in-judge", 70),
        ("interrupt", 130),
        ("interrupt-early", 130),
    ],
)
@pytest.mark.parametrize("format_", FORMATS)
def test_exit_code_and_valid_json(run: Run, does: str, code: int, format_: str) -> None:
    result = run("check-dns", "-f", format_, does)
    assert result.exit_code == (code if format_ != "nagios" else {0: 0, 1: 2}.get(code, 3))
    assert "Traceback" not in result.output
    if format_ == "json":
        data = valid(result.stdout)
        assert data["command"] == "check-dns"
        codes = [problem["code"] for problem in data["problems"]]
        expected = {70: ["bug"], 130: ["interrupted"]}.get(code, [])
        expected = {
            "cannot": ["no-nameserver"],
            "cannot-early": ["no-domain"],
            "interrupt-early": ["interrupted"],
            "problem": ["no-privilege"],
        }.get(does, expected)
        assert codes == expected


def test_what_was_measured_before_a_bug_is_shown(run: Run) -> None:
    data = valid(run("check-dns", "--json", "bug").stdout)
    assert len(data["phones"][0]["observations"]) == 2
    assert data["verdict"]["status"] == "unknown"
    text = run("check-dns", "bug")
    assert "what dhcp says" in text.stdout
    assert "INCONCLUSIVE" in text.stdout
    assert "It could not be told. [dns-no-answer]" in text.stdout


def test_a_bug_is_one_report_that_can_be_acted_on(run: Run) -> None:
    result = run("check-dns", "bug")
    first, second = result.stderr.splitlines()
    assert first.startswith(f"ucdiag: a bug in ucdiag {__version__}, command check-dns: ZeroDivisionError: by ")
    assert "\\x1b[31mzero\\u202e" in first
    assert "in observations" in first
    assert "report it" in second
    assert "UCDIAG_TRACEBACK=1" in second
    assert "\x1b" not in result.output


@pytest.mark.parametrize("how", [{"UCDIAG_TRACEBACK": "1"}, {}])
@pytest.mark.parametrize("does", ["bug", "bug-early"])
def test_a_traceback_for_who_asks(run: Run, how: dict[str, str], does: str) -> None:
    result = run("check-dns", does, *([] if how else ["-v"]), **how)
    assert "Traceback (most recent call last)" in result.stderr
    assert "Traceback" not in result.stdout
    assert result.exit_code == 70


def test_a_command_that_cannot_be_imported_is_a_bug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(edge.COMMANDS, "check-dns", ("tests.cli.not_there", "Not there."))
    result = run("check-dns", "--json")
    assert result.exit_code == 70
    assert valid(result.stdout)["problems"][0]["code"] == "bug"


@pytest.mark.parametrize("does", ["bug-early", "cannot-early", "bug-in-judge"])
def test_the_file_gets_the_json_of_a_failure(run: Run, tmp_path: Path, does: str) -> None:
    result = run("check-dns", "--json", "-o", str(tmp_path / "report"), does)
    assert result.stdout == ""
    assert len(valid((tmp_path / "report").read_text(encoding="utf-8"))["problems"]) == 1


def test_a_bug_after_the_report_adds_no_second_object(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def close(view: object) -> None:
        raise ZeroDivisionError("while closing")

    monkeypatch.setattr("ucdiag.views.json_view.JsonView.close", close)
    result = run("check-dns", "--json", "whole")
    assert result.exit_code == 70
    assert valid(result.stdout)["verdict"]["status"] == "whole"


def test_a_bug_in_what_writes_json_is_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise NameError("name 'x' is not defined")

    monkeypatch.setattr("ucdiag.views.json_view.write_json", broken)
    result = run("check-dns", "--json", "whole")
    assert result.exit_code == 70
    assert result.stdout == ""
    assert "a bug in ucdiag" in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_learnt_makes_the_problem_the_verdict(run: Run) -> None:
    result = run("check-dns", "cannot")
    assert "INCONCLUSIVE: No nameserver is known: name one with -n. [no-nameserver]" in result.stdout
    data = valid(run("check-dns", "--json", "cannot").stdout)
    assert data["verdict"] == {
        "status": "unknown",
        "step": None,
        "code": "no-nameserver",
        "summary": "No nameserver is known: name one with -n.",
    }
    late = valid(run("check-dns", "--json", "late-cannot").stdout)
    assert late["verdict"]["code"] == "dns-no-answer"
    assert late["problems"][0]["code"] == "no-nameserver"


# Used wrongly


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chek-dns"], "did you mean check-dns?"),
        (["\x1b[31mx"], "there is no command '\\x1b[31mx': give one of"),
        (["--nonsense"], "No such option"),
        (["check-dns", "--nonsense"], "No such option"),
        (["check-dns", "--\x1b[31m\u202e"], "\\x1b[31m\\u202e"),
        (["check-dns", "-t"], "requires an argument"),
        (["check-dns", "-t", "0"], "-t/--timeout: '0' seconds is out of range: give seconds from 0.1 to 600"),
        (["check-dns", "-t", "601"], "out of range"),
        (["check-dns", "-t", "nan"], "'nan' is not a number: give seconds"),
        (["check-dns", "-t", "inf"], "is not a number"),
        (["check-dns", "-t", "-1"], "out of range"),
        (["check-dns", "-t", "soon"], "is not a number"),
        (["check-dns", "-f", "xml"], "-f/--format: 'xml' is not one of"),
        (["check-dns", "--mac", "00:04:f2"], "--mac: '00:04:f2' is not a MAC address: give six pairs"),
        (["check-dns", "--mac", "ff:ff:ff:ff:ff:ff"], "is a group (multicast or broadcast) address"),
        (["check-dns", "--mac", "\x1b]0;x\x07"], "is not a MAC address"),
        (["check-dns", "--serial", "a b"], "--serial: 'a b' is not a serial number"),
        (["check-dns", "--firmware", "new"], "--firmware: 'new' is not a firmware version"),
        (["check-dns", "--model", ""], "--model: '' is not usable"),
        (["check-dns", "--model", "x\ny"], "is not usable"),
        (["check-dns", "--domain", "a b"], "--domain: "),
        (["check-dns", "--sip-domain", "a b"], "--sip-domain: "),
        (["check-dns", "-n", "not-an-address"], "-n/--nameserver: "),
        (["check-dns", "--connect-to", "a:1:b"], "--connect-to: 'a:1:b' is not HOST:PORT:HOST:PORT"),
        (["check-dns", "--connect-to", "a:1:b:99999"], "'99999' is not a port"),
        (["check-dns", "-o", "/"], "-o/--output: '/' cannot be written: it is a folder"),
        (["check-dns", "-o", "/no/such/folder/file"], "cannot be written: no file can be made in its folder"),
        (["check-dns", "-o", "a\0b"], "cannot be written"),
        (["check-dns", "-o", "x" * 5000], "cannot be written"),
        (["check-dns", "whole", "too", "many"], "unexpected extra argument"),
    ],
)
@pytest.mark.parametrize("json_", [False, True])
def test_bad_input_gets_one_sentence_and_a_hint(run: Run, arguments: list[str], says: str, json_: bool) -> None:
    if json_:
        arguments = [*arguments[:1], "--json", *arguments[1:]]
    result = run(*arguments)
    assert result.exit_code == 2
    assert says.lower() in result.stderr.lower()
    if json_:
        told = valid(result.stdout)
        assert told["problems"] == [{"code": "usage", "text": told["verdict"]["summary"]}]
        assert says.lower() in visible(told["verdict"]["summary"]).lower()
        assert told["command"] == (arguments[0] if arguments[0] == "check-dns" else "ucdiag")
    else:
        assert result.stdout == ""
    first, hint = result.stderr.splitlines()
    assert first.startswith("ucdiag: ")
    assert hint == f"Try 'ucdiag{' check-dns' if arguments[0] == 'check-dns' else ''} --help'."
    assert first.isprintable()


def test_a_bad_variable_is_named(run: Run) -> None:
    shared = run("check-dns", UCDIAG_MAC="wrong")
    assert shared.exit_code == 2
    assert "the environment variable UCDIAG_MAC: 'wrong' is not a MAC address" in shared.stderr
    own = run("check-dns", UCDIAG_CHECK_DNS_TIMEOUT="never", UCDIAG_TIMEOUT="3")
    assert "the environment variable UCDIAG_CHECK_DNS_TIMEOUT: 'never' is not a number" in own.stderr


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0"), max_size=12), max_size=4))
def test_no_command_line_makes_a_traceback(arguments: list[str]) -> None:
    # Before any command is chosen, and after one: explain does nothing that could hurt.
    for words in (arguments, ["explain", *arguments]):
        if any("o" in word for word in words if word.startswith("-")):
            continue  # it would write a file
        result = CliRunner().invoke(edge.cli, words, prog_name="ucdiag")
        assert result.exit_code in (0, 2), (words, result.output)
        assert all(line.isprintable() for line in result.stderr.splitlines())


# Options


def test_defaults(run: Run) -> None:
    shown = options(run("check-dns", "options"))
    assert shown == {
        "domain": None,
        "sip": None,
        "mac": "00:04:f2:00:00:01",
        "serial": "UCDIAG-0001",
        "model": "CX700",
        "firmware": None,
        "timeout": 5.0,
        "format": "text",
        "nameservers": (),
        "connect_to": {},
        "verbose": 0,
        "quiet": False,
        "color": True,
        "output": None,
    }


def test_every_option_arrives(run: Run) -> None:
    arguments = shlex.split(
        "--domain Contoso.COM. --sip-domain fabrikam.com --mac 00-04-F2-AA-BB-CC --serial AB37_679e --model CX600 "
        "--firmware 4.0.7577.4387 -t 2.5 -f short -n 192.0.2.53 -n 192.0.2.54:5353 -n 192.0.2.53 "
        "--connect-to 192.0.2.10:80:127.0.0.1:8080 --connect-to [2001:DB8::1]:443:[::1]:8443 -vv -q --no-color"
    )
    assert options(run("check-dns", "options", *arguments)) == {
        "domain": "contoso.com",
        "sip": "fabrikam.com",
        "mac": "00:04:f2:aa:bb:cc",
        "serial": "AB37_679e",
        "model": "CX600",
        "firmware": "4.0.7577.4387",
        "timeout": 2.5,
        "format": "short",
        "nameservers": (("192.0.2.53", 53), ("192.0.2.54", 5353)),
        "connect_to": {("192.0.2.10", 80): ("127.0.0.1", 8080), ("2001:db8::1", 443): ("::1", 8443)},
        "verbose": 2,
        "quiet": True,
        "color": False,
        "output": None,
    }


def test_the_environment_speaks_for_every_option(run: Run) -> None:
    shown = options(
        run(
            "check-dns",
            "options",
            UCDIAG_DOMAIN="contoso.com",
            UCDIAG_SIP_DOMAIN="fabrikam.com",
            UCDIAG_MAC="0004F2AABBCC",
            UCDIAG_TIMEOUT="7",
            UCDIAG_CHECK_DNS_TIMEOUT="3",
            UCDIAG_NAMESERVER="192.0.2.53 192.0.2.54:5353",
            UCDIAG_CONNECT_TO="192.0.2.10:80:127.0.0.1:8080",
            UCDIAG_JSON="1",
            UCDIAG_VERBOSE="2",
            UCDIAG_QUIET="true",
            UCDIAG_NO_COLOR="1",
            UCDIAG_SERIAL="",
        )
    )
    assert shown["domain"] == "contoso.com"
    assert shown["sip"] == "fabrikam.com"
    assert shown["mac"] == "00:04:f2:aa:bb:cc"
    assert shown["timeout"] == 3.0, "the command's own variable comes first"
    assert shown["nameservers"] == (("192.0.2.53", 53), ("192.0.2.54", 5353))
    assert shown["connect_to"] == {("192.0.2.10", 80): ("127.0.0.1", 8080)}
    assert (shown["format"], shown["verbose"], shown["quiet"], shown["color"]) == ("json", 2, True, False)
    assert shown["serial"] == "UCDIAG-0001", "an empty variable is none"


def test_the_command_line_beats_the_environment(run: Run) -> None:
    assert options(run("check-dns", "options", "-t", "2", UCDIAG_TIMEOUT="7"))["timeout"] == 2.0
    assert options(run("check-dns", "options", "-f", "short", UCDIAG_JSON="1"))["format"] == "short"
    assert options(run("check-dns", "options", "--json", UCDIAG_FORMAT="short"))["format"] == "json"
    assert options(run("check-dns", "options", "--json", "-f", "text"))["format"] == "json"
    assert options(run("check-dns", "options", UCDIAG_FORMAT="short"))["format"] == "short"


@given(st.text())
def test_parsers_raise_one_sentence_or_give_what_they_promise(text: str) -> None:
    sentences = []
    for parse in (parse_timeout, parse_port, parse_connect_to):
        try:
            parse(text)
        except ValueError as error:
            sentences.append(str(error))
    assert all(": give " in sentence and len(sentence) < 1000 for sentence in sentences)


# Output


def test_a_file_gets_the_report_and_the_screen_nothing(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run("check-dns", "--json", "-o", str(target), "broken")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "only the old name exists" in result.stderr
    assert valid(target.read_text(encoding="utf-8"))["verdict"]["code"] == "dns-legacy-only"
    assert list(tmp_path.iterdir()) == [target]
    assert run("check-dns", "-q", "-f", "text", "-o", str(target), "--force", "whole").stderr == ""
    assert target.read_text(encoding="utf-8") == "The path is whole.\n"


def test_a_file_keeps_its_rights_and_a_link_its_target(run: Run, tmp_path: Path) -> None:
    target, link = tmp_path / "report", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    assert run("check-dns", "-o", str(link), "--force", "whole").exit_code == 0
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert "The path is whole." in target.read_text(encoding="utf-8")


def test_a_file_that_exists_is_kept(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    result = run("check-dns", "-o", str(target), "whole")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"-o {str(target)!r}: the file exists: name another, or overwrite it with --force\n" in result.stderr
    assert target.read_text() == "old"


def test_an_empty_file_holds_nothing_to_keep(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.touch()
    assert run("check-dns", "-q", "-o", str(target), "whole").exit_code == 0
    assert target.read_text(encoding="utf-8") == "The path is whole.\n"


@pytest.mark.parametrize("does", ["bug-in-judge", "interrupt-early"])
def test_a_run_that_fails_leaves_the_old_file(run: Run, tmp_path: Path, does: str) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    assert run("check-dns", "--force", "-o", str(target), does).exit_code > 3
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_reported_before_the_work(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_text("old")
    target.chmod(0o400)
    assert "permission denied" in run("check-dns", "--force", "-o", str(target), "bug-early").stderr


def test_a_device_is_written_as_it_is(run: Run) -> None:
    assert run("check-dns", "-o", "/dev/null", "broken").exit_code == 1
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_dash_is_standard_output(run: Run) -> None:
    assert run("check-dns", "-q", "-o", "-", "whole").stdout == "The path is whole.\n"


@pytest.mark.parametrize("arguments", [["check-dns", "whole"], ["check-dns", "--json"], ["--help"], ["--version"]])
def test_a_full_disk_is_reported(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = start(*arguments, stdout=full)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "cannot write to standard output: no space left on device" in said.lower()
    assert "Traceback" not in said
    assert "Exception ignored" not in said


def test_a_closed_standard_output_is_no_bug() -> None:
    process = start("check-dns", "whole", environment={"UCDIAG_TEST_CLOSE_STDOUT": "1"})
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert "a bug" not in said
    assert process.returncode == 3


COMMAND_LINES = [
    "--help",
    "--version",
    "",
    "explain --help",
    "check --domain a.example -n 127.0.0.1:9 -t 0.1",
    "check-dhcp --json",
    "check-dns --domain a.example -n 127.0.0.1:9 -t 0.1 --json",
    "probe --address 127.0.0.1 --port 9 -t 0.1",
    "probe --address 127.0.0.1 --port 9 --dry-run",
    "capture -D",
    "capture -r /nonexistent",
    "capture -r /nonexistent --facts",
    "explain",
    "explain dns-refused --json -o -",
    "lab",
    "lab dns-refused",
    "lab whole --serve",
]


def without_options() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("UCDIAG_")}


def in_shell(command: str, redirections: str) -> "subprocess.CompletedProcess[str]":
    """The program itself, its standard streams closed as a shell does it."""
    line = f"exec {shlex.quote(sys.executable)} -m ucdiag {command} {redirections}"
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, env=without_options())


@pytest.fixture(scope="module")
def program() -> Iterator[ForkedProgram]:
    yield from running(without_options())


@pytest.mark.parametrize("closing", [">&-", "1</dev/null", ">&- <&-"])
@pytest.mark.parametrize("command", [line for line in COMMAND_LINES if line])
def test_standard_output_closed_from_the_start(program: ForkedProgram, command: str, closing: str) -> None:
    done = program.run(command, closing)
    assert done.returncode == 3
    assert done.stderr.startswith("ucdiag: standard output is closed")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("closing", [">&- 2>&-", "1</dev/null 2>&-", ">&- <&- 2>&-"])
@pytest.mark.parametrize("command", [line for line in COMMAND_LINES if line])
def test_both_outputs_closed_from_the_start(program: ForkedProgram, command: str, closing: str) -> None:
    """No other code, and no traceback into some file."""
    done = program.run(command, closing)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


@pytest.mark.parametrize("closing", [">&-", "1</dev/null", ">&- <&-"])
def test_no_command_is_a_wrong_use_whose_help_needs_no_standard_output(closing: str) -> None:
    assert in_shell("", closing).returncode == 2


@pytest.mark.parametrize("closing", [">&-", "1</dev/null", ">&- <&-"])
@pytest.mark.parametrize("command", ["--help", "explain", "lab dns-refused"])
def test_standard_output_closed_from_a_real_start(command: str, closing: str) -> None:
    done = in_shell(command, closing)
    assert done.returncode == 3
    assert done.stderr.startswith("ucdiag: standard output is closed")
    quiet = in_shell(command, f"{closing} 2>&-")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (3, "", "")


@pytest.mark.parametrize("closing", [">&-", ">&- 2>&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("command", ["explain dns-refused --json", "lab dns-refused --json", "check-dhcp --json"])
def test_a_report_in_a_file_needs_no_standard_output(
    program: ForkedProgram, command: str, closing: str, tmp_path: Path
) -> None:
    usual = program.run(command)
    done = program.run(f"{command} -o {tmp_path / 'report'}", closing)
    assert done.returncode == usual.returncode
    assert "closed" not in done.stderr
    assert type(json.loads((tmp_path / "report").read_text())) is type(json.loads(usual.stdout))


@pytest.mark.parametrize("closing", [">&-", ">&- 2>&- <&-"])
def test_a_report_in_a_file_from_a_real_start(closing: str, tmp_path: Path) -> None:
    done = in_shell(f"explain dns-refused --json -o {tmp_path / 'report'}", closing)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads((tmp_path / "report").read_text())


@pytest.mark.parametrize(("command", "code"), [("--version", 0), ("explain dns-refused", 0), ("explain no-such", 2)])
@pytest.mark.parametrize("closing", ["2>&-", "2</dev/null"])
def test_standard_error_closed_from_the_start(command: str, code: int, closing: str) -> None:
    done = in_shell(command, closing)
    assert done.returncode == code
    assert bool(done.stdout) == (code == 0)


@pytest.mark.parametrize(
    ("command", "redirection", "code", "says"),
    [
        ("capture -r -", "<&-", 3, "Standard input cannot be read: it is closed"),
        ("capture -r -", "</dev/null", 3, "Standard input is empty"),
        ("capture -r - --facts", "<&-", 3, "Standard input cannot be read: it is closed"),
        ("capture -r - --facts", "</dev/null", 3, "Standard input is empty"),
        ("probe --address 127.0.0.1 --body - --dry-run", "<&-", 2, "it is closed"),
        ("probe --address 127.0.0.1 --body - --dry-run", "</dev/null", 2, "is empty"),
    ],
)
def test_standard_input_closed_or_empty(command: str, redirection: str, code: int, says: str) -> None:
    done = in_shell(command, redirection)
    assert done.returncode == code, done.stderr
    assert says in done.stdout + done.stderr
    assert "a bug" not in done.stderr


def test_no_file_gets_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    # What a child or a library says on standard error must not end in a file of ours.
    code = (
        "import os, sys\n"
        "from ucdiag.cli import main as edge\n"
        f"edge.cli.main = lambda **_: sys.exit(os.open({str(tmp_path / 'file')!r}, os.O_WRONLY | os.O_CREAT))\n"
        "edge.main()\n"
    )
    line = f"exec {shlex.quote(sys.executable)} -c {shlex.quote(code)} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", line], timeout=60).returncode > 2


# Signals and pipes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("format_", ["text", "json"])
def test_interrupted_with_what_was_measured(number: signal.Signals, format_: str) -> None:
    process = start("check-dns", "-f", format_, "wait")
    assert process.stderr is not None
    assert process.stderr.readline() == "waiting\n"
    process.send_signal(number)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    if format_ == "json":
        data = valid(out)
        assert data["problems"][0]["code"] == "interrupted"
        assert len(data["phones"][0]["observations"]) == 3
    else:
        assert "what connect says" in out
        assert "interrupted" in out


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    process = start("check-dns", "later", stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stdin.write("go on\n")
    process.stdin.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) in (3, 130)
    assert said == ""


@pytest.mark.parametrize("arguments", [["check-dns", "whole"], ["check-dns", "--json"], ["--help"]])
def test_nobody_reads_at_all(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        process = start(*arguments, stdout=pipe)
        _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode in (0, 130)


@pytest.mark.parametrize(("command", "says"), [("logs", "name the server's logs"), ("report", "name reports")])
def test_a_missing_file_is_asked_for_in_words(command: str, says: str) -> None:
    result = CliRunner().invoke(edge.cli, [command], prog_name="ucdiag")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"FILE... is missing: {says}" in result.stderr


@pytest.mark.parametrize(
    ("given", "said"), [(None, "ucdiag"), ("", "ucdiag"), ("python -m ucdiag", "python -m ucdiag")]
)
def test_the_program_has_the_name_by_which_it_was_called(
    given: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        edge.cli.main(["check", "--help"], prog_name=given)
    assert capsys.readouterr().out.startswith(f"Usage: {said} check [OPTIONS] ")
