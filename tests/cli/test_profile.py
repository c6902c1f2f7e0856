"""The site profile: what it may say, where it is read from, what comes before it, and whom it is not taken from."""

import json
import os
import subprocess
import sys
import tracemalloc
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ucdiag.cli import main as edge
from ucdiag.runtime import site_profile
from ucdiag.runtime.site_profile import (
    KEYS,
    OF_ONE_COMMAND,
    ProfileError,
    candidate_paths,
    read_profile,
    why_not_trusted,
)

# Nothing listens there, so that a run ends at once.
CLOSED = 'nameserver = "127.0.0.1:9"\n'
posix = pytest.mark.skipif(os.name == "nt", reason="files have no such owners there")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder; the user's configuration is in ``home/.config`` of it, and nothing else is set."""
    for name in list(os.environ):
        if name.startswith("UCDIAG_"):
            monkeypatch.delenv(name)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return here


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(edge.cli, arguments, prog_name="ucdiag", env=environment)


def domain_of(result: Result) -> str | None:
    data = json.loads(result.stdout)
    domain: str | None = data["phones"][0]["phone"]["domain"]
    return domain


def test_every_key_is_an_option_and_every_option_of_its_own_meaning_is_in_a_table() -> None:
    found: set[str] = set()
    for module, _ in edge.COMMANDS.values():
        for parameter in import_module(module).command.params:
            if isinstance(parameter, click.Option):
                found |= {spelling[2:] for spelling in parameter.opts if spelling.startswith("--")}
    assert set(KEYS) <= found
    assert set(KEYS) >= OF_ONE_COMMAND
    assert list(KEYS) == sorted(KEYS)


@pytest.mark.parametrize("name", [name for name in edge.COMMANDS if name != "completion"])  # which is for a shell
def test_every_command_takes_a_profile(name: str) -> None:
    spellings = [
        spelling for parameter in import_module(edge.COMMANDS[name][0]).command.params for spelling in parameter.opts
    ]
    assert "--profile" in spellings
    assert "--no-profile" in spellings


def test_option_then_environment_then_profile(folder: Path) -> None:
    write(folder / "ucdiag.toml", f'{CLOSED}domain = "profile.example"\ntimeout = 0.2\n')
    assert domain_of(run("check-dns", "--json")) == "profile.example"
    assert domain_of(run("check-dns", "--json", UCDIAG_DOMAIN="environment.example")) == "environment.example"
    own = run("check-dns", "--json", UCDIAG_CHECK_DNS_DOMAIN="own.example")
    assert domain_of(own) == "own.example"
    line = run("check-dns", "--json", "--domain", "option.example", UCDIAG_DOMAIN="environment.example")
    assert domain_of(line) == "option.example"
    assert domain_of(run("check-dns", "argument.example", "--json")) == "argument.example"


def test_a_command_s_own_table_comes_before_the_values_for_all(folder: Path) -> None:
    write(folder / "ucdiag.toml", f'{CLOSED}domain = "all.example"\n[check-dns]\ndomain = "own.example"\n')
    assert domain_of(run("check-dns", "--json")) == "own.example"
    write(folder / "ucdiag.toml", f'{CLOSED}domain = "all.example"\n[probe]\ndomain = "own.example"\n')
    assert domain_of(run("check-dns", "--json")) == "all.example"


def test_the_report_says_which_file_was_used(folder: Path) -> None:
    path = write(folder / "ucdiag.toml", f'{CLOSED}domain = "profile.example"\n')
    assert json.loads(run("check-dns", "--json").stdout)["profile"] == str(path)
    head = " ".join(run("check-dns").stdout.partition("\n\n")[0].split())
    assert f" Profile {path} " in head
    assert run("check-dns", "-f", "short").stdout.splitlines()[0] == f"profile {path}"
    without = run("check-dns", "--json", "--no-profile", "--domain", "x.example", "-n", "127.0.0.1:9")
    assert json.loads(without.stdout)["profile"] is None
    assert "Profile" not in run("check-dns", "--no-profile", "--domain", "x.example", "-n", "127.0.0.1:9").stdout


def test_a_hostile_folder_s_name_reaches_no_terminal(tmp_path: Path, folder: Path) -> None:
    path = write(tmp_path / "\x1b[31mred\u202e" / "ucdiag.toml", f'{CLOSED}domain = "profile.example"\n')
    shown = run("check-dns", "--profile", str(path)).stdout
    assert "\\x1b[31mred\\u202e" in "".join(shown.split())
    assert "\x1b" not in shown
    path.write_text("oops = 1\n", encoding="utf-8")
    assert "\x1b" not in run("check-dns", "--profile", str(path)).stderr


def test_a_named_file_comes_before_the_folder_s_and_that_before_the_user_s(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "home/.config/ucdiag/ucdiag.toml", f'{CLOSED}domain = "user.example"\n')
    assert domain_of(run("check-dns", "--json")) == "user.example"
    assert domain_of(run("check-dns", "--json", XDG_CONFIG_HOME=str(tmp_path / "other"))) != "user.example"
    write(folder / "ucdiag.toml", f'{CLOSED}domain = "folder.example"\n')
    assert domain_of(run("check-dns", "--json")) == "folder.example"
    named = str(write(tmp_path / "named.toml", f'{CLOSED}domain = "named.example"\n'))
    assert domain_of(run("check-dns", "--json", "--profile", named)) == "named.example"
    assert domain_of(run("check-dns", "--json", UCDIAG_PROFILE=named)) == "named.example"
    both = run("check-dns", "--json", "--domain", "x.example", "-t", "0.1", "--no-profile", UCDIAG_PROFILE=named)
    assert json.loads(both.stdout)["profile"] is None
    for words in (["--profile", named, "--no-profile"], ["--no-profile", "--profile", named]):
        result = run("check-dns", *words)
        assert result.exit_code == 2
        assert "do not go together" in result.stderr
    assert run("check-dns", "--profile", str(tmp_path / "missing.toml")).exit_code == 2


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"HOME": "/home/a"}, ["ucdiag.toml", "/home/a/.config/ucdiag/ucdiag.toml"]),
        ("linux", {"HOME": "/home/a", "XDG_CONFIG_HOME": "/c"}, ["ucdiag.toml", "/c/ucdiag/ucdiag.toml"]),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "rel"}, ["ucdiag.toml", "/h/.config/ucdiag/ucdiag.toml"]),
        ("linux", {}, ["ucdiag.toml"]),
        ("darwin", {"HOME": "/U/a"}, ["ucdiag.toml", "/U/a/Library/Application Support/ucdiag/ucdiag.toml"]),
        ("win32", {"APPDATA": "C:/a"}, ["ucdiag.toml", "C:/a/ucdiag/ucdiag.toml"]),
        ("win32", {"HOME": "/h"}, ["ucdiag.toml"]),
    ],
)
def test_where_it_is_looked_for(platform: str, environment: dict[str, str], expected: list[str]) -> None:
    assert list(candidate_paths(environment, platform)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('a\ndomian = "x"', "is no TOML"),
        ('# site\ndomian = "x.example"', "line 2: 'domian' is no key of a profile: did you mean 'domain'?"),
        ('\n\n"nameservers" = "10.0.0.1"', "line 3: 'nameservers' is no key of a profile: did you mean 'nameserver'?"),
        ('phones = ["00:04:f2:aa:bb:cc"]', "did you mean 'mac'?"),
        ("zzzzzz = 1", f"'zzzzzz' is no key of a profile: it takes {', '.join(KEYS)}"),
        ("[check-dnss]", "line 1: [check-dnss] is no command: did you mean [check-dns]?"),
        ('[check-dns]\nserver = "a.example"', "line 2: check-dns has no option --server"),
        ("port = 80", "line 1: 'port' means something else in each command: put it into [check] or [capture]"),
        ("domain = 'a b'", "line 1: domain: 'a b'"),
        ('[probe]\ndomain = "x.example"\n[check-dns]\ndomain = "a b"', "line 4: domain: 'a b'"),
        ("timeout = 0", "line 1: timeout: '0' seconds is out of range"),
        ("timeout = true", "line 1: 'timeout' is a text, not true or false"),
        ("domain = {a = 1}", "line 1: 'domain' is no text, number or truth value"),
        ("domain = [[1]]", "'domain' is no text, number or truth value"),
        ("domain = 2026-01-31", "'domain' is no text, number or truth value"),
        ("domain = []", "'domain' is no text, number or truth value"),
        ("a" * 70_000, "is larger than 64 KiB"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_file_and_line(folder: Path, text: str, says: str) -> None:
    write(folder / "ucdiag.toml", text)
    result = run("check-dns")
    assert result.exit_code == 2
    assert says in result.stderr
    assert str(folder / "ucdiag.toml") in result.stderr
    assert result.stdout == ""
    assert json.loads(run("check-dns", "-f", "json").stdout)["problems"][0]["code"] == "usage"


@pytest.mark.parametrize(
    "key",
    [
        "output",
        "write",
        "save-request",
        "user",
        "body",
        "keylog",
        "read",
        "format",
        "profile",
        "sniffer",
        "assume",
        "ask",
    ],
)
def test_nothing_in_it_makes_files_sends_them_or_chooses_rights(folder: Path, key: str) -> None:
    write(folder / "ucdiag.toml", f'{CLOSED}domain = "x.example"\n{key} = "made"\n[capture]\n')
    for command in ("check-dns", "capture"):
        result = run(command, *(["/dev/null"] if command == "capture" else []))
        assert result.exit_code == 2
        assert f"'{key}' is no key of a profile" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["ucdiag.toml"]


def test_a_broken_profile_keeps_nobody_from_reading_the_catalogue(folder: Path) -> None:
    write(folder / "ucdiag.toml", "broken")
    assert run("explain", "dns-legacy-only").exit_code == 0
    assert run("doctor").exit_code in (0, 3)
    doctor = {check["check"]: check for check in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert doctor["profile"]["status"] == "failed"
    assert "is no TOML" in doctor["profile"]["summary"]
    write(folder / "ucdiag.toml", 'domain = "x.example"')
    doctor = {check["check"]: check for check in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert doctor["profile"]["summary"] == f"The site profile {folder / 'ucdiag.toml'} is read: domain."


def test_the_lab_has_its_own_site(folder: Path) -> None:
    write(folder / "ucdiag.toml", "timeout = 600\n")
    assert json.loads(run("lab", "whole", "--json").stdout)["profile"] is None


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no such names there")
def test_a_pipe_of_that_name_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "ucdiag.toml")
    result = run("check-dns", "--domain", "x.example")
    assert result.exit_code == 2
    assert "it is no file" in result.stderr
    (folder / "ucdiag.toml").unlink()
    (folder / "ucdiag.toml").mkdir()
    assert run("check-dns", "--domain", "x.example").exit_code == 2


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'domain = "\xff"')
    with pytest.raises(ProfileError, match="UTF-8"):
        read_profile(str(path))
    path.write_bytes(b'\xef\xbb\xbfdomain = "x.example"\r\n')
    assert read_profile(str(path)).tables == {"": {"domain": ("x.example",)}}


@posix
def test_what_every_user_may_write_is_not_trusted(folder: Path) -> None:
    path = write(folder / "ucdiag.toml", f'{CLOSED}domain = "hostile.example"\n')
    path.chmod(0o666)
    result = run("check-dns", "--json", "--domain", "x.example", "-n", "127.0.0.1:9")
    assert json.loads(result.stdout)["profile"] is None
    assert f"the profile '{path}' is not read, because every user may write to it" in result.stderr
    assert f"--profile {path} reads it" in result.stderr
    named = run("check-dns", "--json", "--profile", str(path))
    assert domain_of(named) == "hostile.example"
    assert "not read" not in named.stderr


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(folder / "ucdiag.toml", f'{CLOSED}domain = "hostile.example"\n')
    assert why_not_trusted(str(path)) is None
    os.chown(path, 65534, 65534)
    assert "belongs to another user" in (why_not_trusted(str(path)) or "")
    assert "hostile" not in run("check-dns", "--json", "-t", "0.1").stdout
    # The one who called sudo is no stranger.
    assert why_not_trusted(str(path), {"SUDO_UID": "65534"}) is None
    os.chown(path, 0, 0)
    os.chown(folder, 65534, 65534)
    assert "its folder belongs to another user" in (why_not_trusted(str(path)) or "")
    os.chown(folder, 0, 0)
    # A link of somebody else to a file of one's own.
    path.rename(folder / "other.toml")
    path.symlink_to("other.toml")
    os.chown(path, 65534, 65534, follow_symlinks=False)
    assert "it belongs to another user" in (why_not_trusted(str(path)) or "")
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    assert why_not_trusted(str(path)) is None


def test_what_a_profile_has_stands_in_no_way(folder: Path) -> None:
    capture = folder / "empty.pcap"
    capture.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    write(
        folder / "ucdiag.toml",
        f'{CLOSED}domain = "x.example"\ninterface = "eth7"\nvlan = 20\n[probe]\nurl = "http://10.255.255.1/"\n',
    )
    assert run("capture", str(capture)).exit_code == 3  # not 2: the interface is for a live capture
    assert run("check-dhcp").exit_code != 2  # the VLAN is for --ask
    dry = run("probe", "--address", "127.0.0.1", "--port", "8080", "--dry-run")
    assert dry.exit_code == 0
    assert "10.255.255.1" not in dry.stdout
    assert "10.255.255.1" in run("probe", "--dry-run").stdout


def test_the_first_phone_is_played_and_all_are_judged(folder: Path) -> None:
    write(folder / "ucdiag.toml", f'{CLOSED}domain = "x.example"\nmac = ["00:04:f2:aa:bb:c1", "00-04-f2-aa-bb-c2"]\n')
    assert json.loads(run("check-dns", "--json").stdout)["phones"][0]["phone"]["mac"] == "00:04:f2:aa:bb:c1"
    capture = folder / "empty.pcap"
    capture.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    phones = json.loads(run("capture", str(capture), "--json").stdout)["phones"]
    assert [phone["phone"]["mac"] for phone in phones] == ["00:04:f2:aa:bb:c1", "00:04:f2:aa:bb:c2"]


def test_trusted_roots_are_beside_the_profile(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "site/root.pem", "-----BEGIN CERTIFICATE-----\n")
    path = write(tmp_path / "site/ucdiag.toml", 'domain = "x.example"\nca = "root.pem"\n')
    assert run("probe", "--dry-run", "--profile", str(path)).exit_code == 0
    write(path, 'domain = "x.example"\nca = "other.pem"\n')
    assert "line 2: ca: " in run("probe", "--dry-run", "--profile", str(path)).stderr


def test_a_wrong_use_names_the_profile_that_was_read(folder: Path) -> None:
    write(folder / "ucdiag.toml", 'domain = "x.example"\nurl = "http://10.255.255.1/"\n[probe]\nport = 80\n')
    result = run("probe", "--dry-run")
    assert result.exit_code == 2
    assert "--no-profile leaves it out" in result.stderr


def test_without_a_profile_nothing_is_loaded_for_one(folder: Path) -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from ucdiag.cli.main import cli\n"
        "CliRunner().invoke(cli, ['probe', '--dry-run', '--domain', 'x.example'])\n"
        "print('tomllib' in sys.modules, 'ucdiag.runtime.site_profile' in sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(site_profile.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "False True\n"


@posix
def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(200 << 20)
    tracemalloc.start()
    try:
        with pytest.raises(ProfileError, match="larger than 64 KiB"):
            read_profile(str(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("text", ["x" * 50_000 + " = 1", f"[{'x' * 50_000}]\nport = 80"], ids=["key", "table"])
def test_a_long_word_is_named_by_its_beginning(folder: Path, text: str) -> None:
    write(folder / "ucdiag.toml", text)
    result = run("check-dns")
    assert (result.exit_code, len(result.output) < 1000) == (2, True)
