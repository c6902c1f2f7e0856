"""What a line that is being typed may go on with: the answers, and the real shells that ask for them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.typed import Shell
from tests.real import need
from ucdiag.cli import main as edge
from ucdiag.cli.completing import SHELLS, answer
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.views import FORMATS, general_formats


def asked(*words: str) -> tuple[str, str, list[str]]:
    """Kind, prefix and values of the answer."""
    head, *lines = answer(words).splitlines()
    kind, _, prefix = head.partition("\t")
    return kind, prefix, [line.partition("\t")[0] for line in lines]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["expl"], ("words", "", ["explain"])),
        (["--v"], ("words", "", ["--version"])),
        (["check", "--format=h"], ("words", "--format=", ["html"])),
        (["check", "--format", "h"], ("words", "", ["html"])),
        (["check", "-fh"], ("words", "-f", ["html"])),
        (["check", "-vfh"], ("words", "-vf", ["html"])),
        (["check", "--format", "html", "--form"], ("words", "", ["--format"])),
        (["check", "--domain", "html", "--dom"], ("words", "", [])),
        (["check", "-n1.1.1.1", "--form"], ("words", "", ["--format"])),
        (["check", "-t3", "--timeo"], ("words", "", [])),
        (["check", "--no-such", "--format", "h"], ("words", "", ["html"])),
        (["check", "--no-such=h"], ("words", "--no-such=", [])),
        (["check", "--", "--form"], ("words", "", [])),
        (["probe", "--mac", "00:04:f2:aa:bb:cc", "--form"], ("words", "", ["--format"])),
        (["explain", "dns-legacy"], ("words", "", ["dns-legacy-only"])),
        (["explain", "dns-slow", "dns"], ("words", "", [])),
        (["lab", "--timeout", "3", "dns-legacy"], ("words", "", ["dns-legacy-only"])),
        (["capture", "one.pcap", ""], ("files", "", [])),
        (["capture", "--write=x"], ("files", "--write=", [])),
        (["probe", "--ca", ""], ("files", "", [])),
        (["capture", "-r", ""], ("files", "", [])),
        (
            [
                "capture",
                "--keylog=",
            ],
            ("files", "--keylog=", []),
        ),
        (["check", "--profile", ""], ("files", "", [])),
        (["check", "--bundle", ""], ("files", "", [])),
        (["logs", ""], ("files", "", [])),
        (["check", "--timeout="], ("words", "--timeout=", [])),
        (["completion", "f"], ("words", "", ["fish"])),
        (["capture", "--nameserver"], ("words", "", [])),
        # An option of one letter is offered no value before it is left, and a word without a dash is none.
        (["check", "-f"], ("words", "", [])),
        (["check", "-vf", "h"], ("words", "", ["html"])),
        (["check", "-v", "--form"], ("words", "", ["--format"])),
        (["check", "--verbose", "--form"], ("words", "", ["--format"])),
        (["explain", "xfh"], ("words", "", [])),
        (["explain", "a=dns-legacy"], ("words", "", [])),
        (["logs", "xfh"], ("files", "", [])),
        # Behind two dashes all is an argument, and so is one dash.
        (["check", "--", "-fh"], ("words", "", [])),
        (["check", "--", "--format=h"], ("words", "", [])),
        (["lab", "--", "dns-legacy"], ("words", "", ["dns-legacy-only"])),
        (["lab", "--", "-x", "dns-legacy"], ("words", "", [])),
        (["lab", "--", "--", "dns-legacy"], ("words", "", [])),
        (["lab", "-", "dns-legacy"], ("words", "", [])),
        (["lab", "-x", "dns-legacy"], ("words", "", ["dns-legacy-only"])),
    ],
)
def test_the_answer(words: list[str], expected: tuple[str, str, list[str]]) -> None:
    assert asked(*words) == expected


def test_all_of_a_kind() -> None:
    assert asked("")[2] == list(edge.COMMANDS) == asked()[2]
    assert asked("check", "--format=")[2] == list(FORMATS)
    assert asked("doctor", "--format=")[2] == asked("explain", "-f", "")[2] == list(general_formats())
    assert set(CATALOGUE) | set(PROBLEMS) < set(asked("explain", "")[2])
    assert asked("lab", "")[2] == list(SCENARIOS)
    assert "lo" in asked("capture", "-i", "")[2]


@pytest.mark.parametrize("name", edge.COMMANDS)
def test_every_option_is_offered_but_the_hidden(name: str) -> None:
    command = edge.cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    shown = {
        word.rstrip(",")
        for line in command.get_help(edge.cli.make_context("x", [name])).split("\n")
        for word in line.split()
        if word.startswith("--")
    }
    offered = set(asked(name, "--")[2])
    assert offered
    assert offered <= shown
    assert "--answer" not in offered


def test_what_the_site_s_profile_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ucdiag.toml").write_text('domain = "contoso.com"\nmac = ["00:04:f2:aa:bb:cc", "00:04:f2:aa:bb:cd"]\n')
    assert asked("probe", "--mac=00:04:f2:aa:bb")[2] == ["00:04:f2:aa:bb:cc", "00:04:f2:aa:bb:cd"]
    assert asked("check", "co")[2] == ["contoso.com"]
    Path("ucdiag.toml").write_text('mac = "$(touch gone)"\ndomain = "a`id`"\n')
    assert asked("probe", "--mac", "$")[2] == asked("check", "a")[2] == []
    Path("ucdiag.toml").write_text("= no TOML")
    assert asked("probe", "--mac", "$")[2] == []


def test_an_answer_goes_wrong_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(words: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("ucdiag.cli.completion.answer", broken)
    done = CliRunner().invoke(edge.cli, ["completion", "--answer", "--", "check", ""], prog_name="ucdiag")
    assert (done.exit_code, done.output) == (3, "")


@pytest.mark.parametrize("arguments", [[], ["tcsh"], ["bash", "zsh"]])
def test_what_is_no_shell_is_an_error_on_standard_error(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ucdiag", "completion", *arguments], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "bash, zsh, fish, powershell" in done.stderr


@pytest.mark.parametrize("words", [[], ["check", "--"], ["explain", ""], ["lab", ""], ["probe", "--mac", ""]])
def test_nothing_heavy_is_imported(words: list[str]) -> None:
    code = f"import sys; from ucdiag.cli.completing import answer; answer({words!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert not {"rich", "dns", "requests", "scapy", "cryptography"} & set(done.stdout.split())


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed(shell: str) -> None:
    done = CliRunner().invoke(edge.cli, ["completion", shell], prog_name="ucdiag")
    assert done.exit_code == 0
    assert "completion --answer -- " in done.output


# The real shells

TYPED = {
    "ucdiag expl": "ucdiag explain",
    "ucdiag check --format=h": "ucdiag check --format=html",
    "ucdiag check --format h": "ucdiag check --format html",
    "ucdiag check -fht": "ucdiag check -fhtml",
    "ucdiag explain dns-le": "ucdiag explain dns-legacy-only",
    "ucdiag lab dns-leg": "ucdiag lab dns-legacy-only",
    "ucdiag capture -i l": "ucdiag capture -i lo",
    "ucdiag capture --interface=l": "ucdiag capture --interface=lo",
    "ucdiag check --ca=ro": "ucdiag check --ca=roots.pem",
    "ucdiag capture --mac 00:04:f2:aa:bb:cc sub": "ucdiag capture --mac 00:04:f2:aa:bb:cc subnet.pcap",
    "ucdiag probe --mac 00:04:f2:aa:bb:c": "ucdiag probe --mac 00:04:f2:aa:bb:cc",
    "ucdiag probe --mac=00:04:f2:aa:bb:c": "ucdiag probe --mac=00:04:f2:aa:bb:cc",
    "ucdiag probe --connect-to 192.0.2.1:80:127.0.0.1:8080 --ver": (
        "ucdiag probe --connect-to 192.0.2.1:80:127.0.0.1:8080 --verbose"
    ),
    "ucdiag explain no-such-thing": "ucdiag explain no-such-thing",
    "ucdiag --no-such=x": "ucdiag --no-such=x",
}
PREPARED = {"bash without '=' and ':'": "COMP_WORDBREAKS=${COMP_WORDBREAKS//[:=]/}\n"}


@pytest.fixture(scope="module", params=["bash", "bash without '=' and ':'", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    name = str(request.param)
    need(name.split()[0])
    folder = tmp_path_factory.mktemp("shell")
    for file in ("site one.pcapng", "subnet.pcap", "roots.pem"):
        (folder / file).touch()
    (folder / "ucdiag.toml").write_text('mac = "00:04:f2:aa:bb:cc"\n', encoding="utf-8")
    with Shell(name.split()[0], folder, PREPARED.get(name, "")) as running:
        yield running


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of POSIX")
@pytest.mark.parametrize("line", TYPED)
def test_a_shell_completes(shell: Shell, line: str) -> None:
    assert shell.words(line) == TYPED[line].split()


@pytest.mark.slow
def test_a_shell_quotes_the_name_of_a_file(shell: Shell) -> None:
    assert shell.words("ucdiag capture sit") == ["ucdiag", "capture", "site one.pcapng"]
