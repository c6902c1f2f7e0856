"""The first minutes: ``ucdiag`` alone, and words that are nearly right."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ucdiag.cli import first_contact
from ucdiag.cli import main as edge
from ucdiag.cli.asked_format import asks_for
from ucdiag.cli.first_contact import Here, look_around, page_lines

WITHOUT_RIGHTS = Here(may_listen=False, interface="eth0")
WITH_ALL = Here(may_listen=True, interface="enp3s0", domain="fabrikam.com", domain_from="lease")


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is found by its name."""
    monkeypatch.setattr(first_contact, "program_name", lambda platform: "ucdiag")


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(edge.cli, arguments, prog_name="ucdiag", env=environment)


def commands(here: Here, platform: str = "linux") -> list[str]:
    return [line.strip() for line in page_lines(here, platform) if line.startswith("      ")]


def test_each_thing_one_may_have_gets_its_command() -> None:
    assert commands(WITH_ALL) == [
        "ucdiag capture capture.pcapng",
        "ucdiag capture -i enp3s0",
        "ucdiag check fabrikam.com",
        "ucdiag lab dns-legacy-only",
    ]
    text = " ".join(page_lines(WITH_ALL))
    assert "may listen to packets;" in text
    assert "the domain of its lease is fabrikam.com" in text
    assert "root" not in text


def test_a_program_that_is_not_found_by_its_name_is_called_by_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_contact, "program_name", lambda platform: "/opt/v/bin/ucdiag")
    assert all(command.startswith("/opt/v/bin/ucdiag ") for command in commands(WITH_ALL))


def test_who_may_not_listen_gets_the_command_with_rights() -> None:
    _, live, domain, _ = commands(WITHOUT_RIGHTS)
    assert live.startswith("sudo ")
    assert live.endswith(" capture -i eth0")
    assert domain == "ucdiag check contoso.com"
    assert "it knows no DHCP domain" in " ".join(page_lines(WITHOUT_RIGHTS))
    windows = page_lines(WITHOUT_RIGHTS, "win32")
    assert "sudo" not in "\n".join(windows)
    assert any("as administrator" in line for line in windows)


def test_hostile_names_of_this_machine_stay_words_of_the_shell() -> None:
    shown = commands(Here(may_listen=True, interface="a;reboot"))[1]
    assert shlex.split(shown) == ["ucdiag", "capture", "-i", "a;reboot"]


@pytest.mark.parametrize("here", [WITH_ALL, WITHOUT_RIGHTS, Here()])
def test_the_page_fits_a_terminal(here: Here) -> None:
    lines = [line for line in page_lines(here, "linux") if "sudo" not in line]
    assert max(map(len, lines)) < 80
    assert len(run().stderr.splitlines()) <= 24


def test_the_commands_of_the_page_are_commands() -> None:
    for line in commands(WITH_ALL):
        words = shlex.split(line)
        result = run(*words[1:2], "--help")
        assert result.exit_code == 0
        assert f"Usage: ucdiag {words[1]}" in result.stdout


def test_looking_around_sends_nothing_and_runs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a program is run")

    monkeypatch.setattr(subprocess, "Popen", forbidden)
    monkeypatch.setattr(subprocess, "run", forbidden)
    assert look_around().may_listen in (True, False, None)


def test_a_machine_that_says_nothing_still_gets_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("ucdiag.cli.first_contact.may_listen", broken)
    monkeypatch.setattr("ucdiag.probe.interface.choose_interface", broken)
    monkeypatch.setattr("ucdiag.leases.machine_leases", broken)
    result = run()
    assert result.exit_code == 2
    assert "What do you have?" in result.stderr
    assert "no network interface is connected" in " ".join(result.stderr.split())


def test_the_page_loads_nothing_heavy() -> None:
    code = "import sys\nfrom ucdiag.cli.first_contact import look_around, page_lines\n"
    code += "page_lines(look_around())\nprint(*sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heads = {name.split(".")[0] for name in done.stdout.split()}
    assert not heads & {"scapy", "dns", "requests", "rich", "cryptography"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Check", "did you mean check?"),
        ("check_dns", "did you mean check-dns?"),
        ("captrue x.pcap", "did you mean capture?"),
        ("check --jsn", "No such option: --jsn: did you mean --json?"),
        ("check -json", "No such option: -json: did you mean --json?"),
        ("check --sip_domain x", "did you mean --sip-domain?"),
        ("check-dns -d contoso.com", "No such option: -d: did you mean --domain or --device-type?"),
        ("check dns", "DOMAIN: 'ucdiag check-dns' is one word"),
        ("check DHCP --ask", "DOMAIN: 'ucdiag check-dhcp' is one word"),
        ("check --facts", "No such option: --facts: it is an option of capture"),
        ("--json check", "No such option: --json before the command: put it behind, such as 'ucdiag check --json'"),
        ("check -f jsno", "Did you mean json?"),
        ("capture --sniffer scapi", "Did you mean scapy?"),
        ("explain dns-legcy-only", "the nearest are dns-legacy-only"),
        ("lab dns-legcy-only", "the nearest are dns-legacy-only"),
    ],
)
def test_a_wrong_word_gets_the_nearest_right_one(line: str, says: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 2
    assert says in result.stderr


@pytest.mark.parametrize(
    "line", ["check --zzzzqqq", "check -f qqqq", "qqqqzzz", "check-dns -z", "report --compare a b"]
)
def test_where_nothing_is_near_nothing_is_guessed(line: str) -> None:
    result = run(*line.split())
    assert result.exit_code == 2
    assert "did you mean" not in result.stderr.lower()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("UCDIAG_DOMIAN", "UCDIAG_DOMAIN"),
        ("UCDIAG_CHECK_DNS_TIMOUT", "UCDIAG_CHECK_DNS_TIMEOUT"),
        ("UCDIAG_INTERFAC", None),  # of other commands, which say so
        ("UCDIAG_INTERFACE", None),
        ("UCDIAG_PROBE_TIMEOUT", None),
        ("UCDIAG_TIMEOUT", None),
        ("UCDIAG_PASSWORD", None),
        ("UCDIAG_VENV", None),
        ("DOMIAN", None),
    ],
)
def test_a_variable_that_is_nearly_an_option_s_is_reported(name: str, meant: str | None) -> None:
    words = ["check-dns", "contoso.example", "-n", "127.0.0.1:9", "-t", "0.1", "--json"]
    result = run(*words, **{name: "1"})
    said = f"ucdiag: the environment variable {name} is not used: did you mean {meant}?\n"
    assert result.stderr == (said if meant else "")
    assert json.loads(result.stdout)["verdict"]["code"] == "dns-no-answer"


def test_a_variable_of_another_command_is_reported_there() -> None:
    said = run("capture", "no-such-file", UCDIAG_INTERFAC="eth0").stderr
    assert said.startswith(
        "ucdiag: the environment variable UCDIAG_INTERFAC is not used: did you mean UCDIAG_INTERFACE?"
    )


@pytest.mark.parametrize("name", ["UCDIAG_PROBE_TIMEOUT", "UCDIAG_VENV", "UCDIAG_INTERFAC"])
def test_a_variable_of_others_loads_no_other_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ucdiag.cli.usage_errors.mistyped_variables", lambda *_: pytest.fail("all commands are loaded"))
    run("check-dns", "contoso.example", "-n", "127.0.0.1:9", "-t", "0.1", **{name: "1"})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the loopback interface has another name elsewhere")
def test_a_wrong_interface_gets_the_nearest_right_one() -> None:
    result = run("capture", "-i", "loo")
    assert result.exit_code == 3
    assert "There is no interface 'loo': 'ucdiag capture -D' lists them; did you mean lo?" in result.stderr
    assert "did you mean" not in run("capture", "-i", "qqqqqq").stderr


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("check --json", True),
        ("check -f json", True),
        ("check -fjson", True),
        ("check -vqf json", True),
        ("check --format=json", True),
        ("check --format json", True),
        ("check -f text", False),
        ("check", False),
        ("check -- --json", False),
        ("check -f", False),
        ("check --body json", False),
        ("check -o json", False),
    ],
)
def test_whether_json_is_asked_for_is_read_from_the_words(line: str, asked: bool) -> None:
    assert asks_for("json", line.split(), "check", {}) is asked
    # What the parser meets first is what is wrong.
    first, *rest = line.split()
    result = run(first, "--nonsense", *rest)
    assert result.exit_code == 2
    assert (result.stdout != "") is asked
    if asked:
        assert json.loads(result.stdout)["problems"][0]["code"] == "usage"


@pytest.mark.parametrize("environment", [{"UCDIAG_JSON": "1"}, {"UCDIAG_CHECK_JSON": "yes"}, {"UCDIAG_FORMAT": "json"}])
def test_the_environment_may_ask_for_json(environment: dict[str, str]) -> None:
    assert json.loads(run("check", "--nonsense", **environment).stdout)["command"] == "check"
    assert run("check", "--nonsense", "-f", "text", **environment).stdout == ""
    assert run("probe", "--nonsense", UCDIAG_CHECK_JSON="1").stdout == ""


@pytest.mark.parametrize("words", ["-w -", "-w-", "--write=-", "--save-request -"])
def test_no_json_where_packets_or_a_request_were_to_go(words: str) -> None:
    result = run("capture", "/dev/null", "--json", "--nonsense", *words.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert run("capture", "/dev/null", "--json", "--nonsense", "-w", "out.pcap").stdout != ""


def test_a_wrong_use_never_writes_into_a_file(tmp_path: Path) -> None:
    capture = tmp_path / "site.pcap"
    capture.write_bytes(b"precious")
    result = run("capture", str(capture), "--json", "-o", str(capture))
    assert result.exit_code == 2
    assert json.loads(result.stdout)["problems"][0]["code"] == "usage"
    assert capture.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [capture]
