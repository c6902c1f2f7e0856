"""Commands that are printed to be pasted: in the words and the quoting of each system's shell."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ucdiag.runtime import privileges
from ucdiag.runtime.privileges import (
    capture_hint,
    elevated_command,
    program_call,
    program_calls,
    program_name,
    quoted_word,
    same_command_elevated,
)

NAMES = [
    "eth0",
    "/opt/ucdiag/bin/ucdiag",
    "/home/a b/.venv/bin/ucdiag",
    "it's",
    "a$b",
    "a;b",
    "a`b`",
    "*",
    "",
    "-n",
    "ä",
]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests themselves were called with is no option's value."""
    for name in [name for name in os.environ if name.startswith("UCDIAG_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("name", NAMES)
def test_posix_shells_give_the_word_back(name: str) -> None:
    done = subprocess.run(["sh", "-c", f"printf %s {quoted_word(name, 'linux')}"], capture_output=True, check=True)
    assert done.stdout.decode() == name


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("Ethernet", "Ethernet"),
        # No character of these has a meaning to cmd or PowerShell.
        (r"C:\ucdiag\ucdiag.exe", r"C:\ucdiag\ucdiag.exe"),
        ("Local Area Connection 2", '"Local Area Connection 2"'),
        (r"C:\Program Files\ucdiag.exe", r'"C:\Program Files\ucdiag.exe"'),
        # Both shells take these as they are between double quotes; ' would be a word's part to cmd, & would end it.
        ("Marketing & Sales (5 GHz)", '"Marketing & Sales (5 GHz)"'),
        ("O'Neill", '"O\'Neill"'),
        ("", '""'),
        # PowerShell would replace these between double quotes.
        ("a$b", "'a$b'"),
        ("a`b", "'a`b'"),
        ("O'$x", "'O''$x'"),
        ("O\u2019$x", "'O\u2019\u2019$x'"),  # a quote like any other there
        # To PowerShell these end what " began.
        ("the \u201cnew\u201d site", "'the \u201cnew\u201d site'"),
        ("\u201eneu\u201c", "'\u201eneu\u201c'"),
        ("O\u2019Brien \u201eneu\u201c", "'O\u2019\u2019Brien \u201eneu\u201c'"),
        ("O\u2019Brien's", '"O\u2019Brien\'s"'),
        # To PowerShell a variable's elements, and two words.
        ("@site", '"@site"'),
        ("-t1.5", '"-t1.5"'),
        ("-rC:\\site.pcap", '"-rC:\\site.pcap"'),
        ("--timeout=1.5", "--timeout=1.5"),
        ("olga@contoso.com", "olga@contoso.com"),
        # A program takes \\" for a quote that belongs to the word.
        ("C:\\new logs\\", '"C:\\new logs\\\\"'),
        ("C:\\logs\\", "C:\\logs\\"),
        # Devices of Npcap: braces are a script block to PowerShell.
        (r"\Device\NPF_{1-2}", r'"\Device\NPF_{1-2}"'),
    ],
)
def test_windows_shells_take_it_as_one_word(word: str, text: str) -> None:
    assert quoted_word(word, "win32") == text


@pytest.mark.parametrize(("folder", "text"), [("plain", "{}/plain/{}"), ("with blank", '{}/"with blank"/{}')])
def test_a_program_is_called_by_its_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str, text: str
) -> None:
    own = tmp_path / folder / "ucdiag.exe"
    own.parent.mkdir()
    own.touch()
    monkeypatch.setattr(sys, "argv", [str(own)])
    assert program_call("win32") == text.format(tmp_path, "ucdiag.exe")


@pytest.mark.parametrize(
    ("path", "call"),
    [
        # With a quote at the beginning it is a text that PowerShell prints; with & before that cmd does not know it.
        (r"C:\Program Files\Python311\python.exe", r'C:\"Program Files"\Python311\python.exe'),
        (r"C:\Python311\python.exe", r"C:\Python311\python.exe"),
        (r"\\server\the share\A & B\python.exe", r'\\server\"the share"\"A & B"\python.exe'),
    ],
)
def test_python_s_path_is_a_program_to_cmd_and_to_powershell(
    monkeypatch: pytest.MonkeyPatch, path: str, call: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["python"])
    monkeypatch.setattr(sys, "executable", path)
    assert program_call("win32") == f"{call} -m ucdiag"
    assert program_name("win32") == f"{call} -m ucdiag"
    assert elevated_command("capture", "win32") == f"{call} -m ucdiag capture"


def test_sudo_gets_the_program_s_own_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """sudo has a search path of its own, in which no virtual environment is."""
    own = tmp_path / "my venv" / "ucdiag"
    own.parent.mkdir()
    own.touch()
    monkeypatch.chdir(own.parent)
    monkeypatch.setattr(sys, "argv", ["./ucdiag"])
    assert shlex.split(elevated_command("capture -i eth0", "linux")) == ["sudo", str(own), "capture", "-i", "eth0"]
    assert not elevated_command("capture", "win32").startswith("sudo ")


def test_a_module_is_called_by_its_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/lib/python3/ucdiag/__main__.py"])
    assert shlex.split(program_call()) == [sys.executable, "-m", "ucdiag"]


@pytest.mark.parametrize(("system", "way"), [("linux", "dumpcap"), ("darwin", "tcpdump"), ("win32", "pktmon")])
def test_the_hint_has_the_way_without_root_too(system: str, way: str) -> None:
    hint = capture_hint(system, "eth 7")
    assert way in hint
    assert "capture capture.pcapng" in hint
    assert "ucdiag doctor" in hint
    assert ("'eth 7'" in hint) == (system != "win32")
    assert ("sudo" in hint) == (system != "win32")


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("/opt/v/ucdiag", "capture -i eth0 -w 'my site.pcap'"),
        ("/opt/v/ucdiag.pyz", "capture -i eth0 -w 'my site.pcap'"),
        ("/usr/lib/python3/ucdiag/__main__.py", "capture -i eth0 -w 'my site.pcap'"),
        # Another program's words are none of ours.
        ("/usr/lib/python3/pytest/__main__.py", "check-dhcp"),
        ("/usr/bin/pytest", "check-dhcp"),
    ],
)
def test_who_lacks_the_right_gets_the_same_command_with_it(
    monkeypatch: pytest.MonkeyPatch, own: str, words: str
) -> None:
    monkeypatch.setattr(sys, "argv", [own, "capture", "-i", "eth0", "-w", "my site.pcap"])
    assert same_command_elevated("check-dhcp", "linux") == f"sudo {program_call('linux')} {words}"


@pytest.mark.parametrize(
    ("platform", "before"),
    [
        ("linux", "sudo UCDIAG_CAPTURE_MAC=00:04:f2:aa:bb:cc 'UCDIAG_SITE=head office' "),
        ("win32", ""),
    ],
)
def test_sudo_is_given_the_variables_that_options_were_read_from(
    monkeypatch: pytest.MonkeyPatch, platform: str, before: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/v/ucdiag", "capture"])
    values = {
        "UCDIAG_SITE": "head office",
        "UCDIAG_CAPTURE_MAC": "00:04:f2:aa:bb:cc",
        "UCDIAG_PASSWORD": "secret",
        "UCDIAG_TRACEBACK": "1",
        "NOT_UCDIAG_MAC": "x",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert same_command_elevated("check-dhcp", platform) == f"{before}{program_call(platform)} capture"
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest", "x"])
    assert "UCDIAG_" not in same_command_elevated("check-dhcp", platform)


def test_the_name_is_enough_only_where_it_finds_this_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("own", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ucdiag").touch(mode=0o755)
    own = tmp_path / "own" / "ucdiag"
    monkeypatch.setattr(sys, "argv", [str(own)])
    monkeypatch.setenv("PATH", str(own.parent))
    assert program_name("linux") == "ucdiag"
    assert program_calls() == ("ucdiag", f"sudo {own}")
    for path in (tmp_path / "other", tmp_path):
        monkeypatch.setenv("PATH", str(path))
        assert program_name("linux") == str(own)


@pytest.mark.parametrize(("number", "root"), [(0, True), (1000, False), (None, None)])
def test_who_runs_it(monkeypatch: pytest.MonkeyPatch, number: int | None, root: bool | None) -> None:
    if number is None:
        monkeypatch.delattr(privileges.os, "geteuid")
    else:
        monkeypatch.setattr(privileges.os, "geteuid", lambda: number)
    assert privileges.is_root() is root
