"""What the program says to command lines that ask nobody: most of them are wrong, in one word each.

``python -m tests.cli.dialogues`` writes ``dialogues.txt`` anew; read the difference before you commit it.
"""

import os
import re
import shlex
import socket
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner

from tests.capture.capture_files import pcap, phones
from tests.recorded_texts import read_texts, write_texts
from tests.views.scenes import SCENES
from tests.views.shown import shown
from ucdiag.cli.main import cli

FILE = Path(__file__).with_name("dialogues.txt")
_LONG = 1500
_TEXTS = (".txt", ".csv", ".md", ".xml")
_OURS = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?|(?<= )\d{10}\.\d+$", re.MULTILINE)

# Files that the command lines name; they are there in the folder in which the program runs.
FILES: dict[str, str] = {
    "empty.txt": "",
    "full.json": "{}",
    "root.pem": "-----BEGIN CERTIFICATE-----\n",
    "no-root.pem": "nothing\n",
    "body.xml": "<x/>",
    "unknown-key.toml": "\n[check]\ndomein = 'contoso.com'\n",
    "unknown-thing.toml": "quux = 1\n",
    "also-key.toml": "resolvers = ['10.0.0.2']\n",
    "port.toml": "port = 80\n",
    "table.toml": "[chek]\ntimeout = 2\n",
    "no-table.toml": "timeout = 2\n\n[nothing-near]\n",
    "no-option.toml": "[explain]\ndomain = 'contoso.com'\n[check]\npatience = 7\n",
    "flag.toml": "[check]\nexternal = 'yes'\n",
    "truth.toml": "timeout = true\n",
    "list.toml": "nameserver = []\n",
    "deep.toml": "check.timeout = 'soon'\n",
    "date.toml": "domain = 2026-01-01\n",
    "value.toml": "# the site\n'timeout' = 9999\n",
    "good.toml": "timeout = 2\ndomain = 'contoso.com'\n",
    "expect.toml": "colour = 'red'\n",
    "expect-site.toml": "site = 'red'\n",
}
_LATIN = "latin.toml"
_LARGE = "large.toml"
_SITE = "site.pcap"


def _profiles() -> list[str]:
    named = [name for name in FILES if name.endswith(".toml") and not name.startswith("expect")]
    return [f"check --profile {name} --timeout soon" for name in (*named, _LATIN, _LARGE, "none.toml", ".")]


# What is read of a capture of three phones, two of them broken, in every form.
_CAPTURED = [
    "",
    "-v",
    "-q",
    "--no-color",
    "-f short",
    "-f markdown",
    "-f mermaid",
    "-f csv",
    "-f nagios",
    "-f prometheus",
    "-f junit",
    "--phones",
    "--phones -f short",
    "--phones -f csv",
    "--phones -f json",
    "--facts -c 40",
    "-c 40",
    "-c 1",
    "--mac 00:04:f2:00:00:01",
    "--mac 00:04:f2:00:00:02 -v",
    "--mac 00:04:f2:00:00:03 --ladder",
    "--mac 00:04:f2:00:00:03 --no-ladder",
    "--mac 00:04:f2:99:99:99",
    "--mac 00:04:f2:00:00:01 --server 10.1.0.11",
    "--domain contoso.com -q",
    "--domain other.example -f short",
    "--all -f short",
    "--port 8080 -q",
    "--patience 0.5 -f short",
    "--patience 60 -f short",
    "-w out.pcapng -q",
    "-w - -o report.txt",
    "--save-request request.xml -q",
    "--save-request - -o report.txt",
    "-o report.csv -o report.txt",
    "--bundle case.zip -q -w out.pcapng --mac 00:04:f2:00:00:01 --patience 3 --keylog empty.txt -o report.md --force",
    "--bundle case.zip",
    "--bundle case.zip --mac 00:04:f2:00:00:01 -f short",
    "-o report.md",
    "site.pcap -f short",
    "empty.txt -f short",
    "none.pcap -f short",
]
CAPTURED = [f"capture site.pcap {words}".strip() for words in _CAPTURED]

# What is made of stored reports: two of three phones at two points in time, and others.
_STORED = {
    "monday.json": "captured, broken",
    "tuesday.json": "whole",
    "broken.json": "broken at dns",
    "several.json": "several phones",
}
_EXPECTED = "domain = 'contoso.com'\n[site.broken]\nversion = '3.5.6907.35'\n"
REPORTS = [
    "report monday.json",
    "report monday.json -q",
    "report monday.json -f short",
    "report monday.json --rejudge -f short",
    "report monday.json tuesday.json broken.json several.json",
    "report monday.json tuesday.json broken.json several.json -f csv",
    "report monday.json tuesday.json empty.txt -f short",
    "report monday.json monday.json -q",
    "report tuesday.json broken.json --expect expected.toml",
    "report tuesday.json --expect expected.toml -q",
    "report --diff broken.json tuesday.json",
    "report --diff tuesday.json broken.json",
    "report --diff tuesday.json tuesday.json",
    "report --diff several.json broken.json",
    "report --diff broken.json several.json -v",
    "report --diff broken.json several.json -q",
    "report --diff broken.json several.json -f short",
    "report --diff several.json broken.json -f json",
    "report --diff monday.json several.json -o changes.txt",
]

COMMANDS: list[str] = [
    *CAPTURED,
    *REPORTS,
    # Commands and options that are not there.
    "chek",
    "xyzzy",
    "--jason",
    "-x",
    "--domain contoso.com check",
    "check --domian contoso.com",
    "check -json",
    "check --Json",
    "probe --dry_run",
    "explain --repeat 3",
    "check --xyzzy",
    "capture --download",
    "check -xv",
    "capture 1 --serial AB",
    # A server or a domain that stands alone.
    "check contoso.com fabrikam.com",
    "check contoso.com 192.0.2.10",
    "check contoso.com http://192.0.2.10/x",
    "probe contoso.com",
    "probe 192.0.2.10",
    "probe http://192.0.2.10/",
    "check-dhcp contoso.com",
    "check-dns contoso.com more",
    "explain a b",
    "doctor more",
    "logs",
    "report",
    "check site.pcap",
    "check site.pcap.gz",
    # Values.
    "check --timeout soon",
    "check --timeout 0.09",
    "check --timeout 601",
    "check --timeout inf",
    f"check --timeout {'1' * 101}",
    "check --nameserver somewhere",
    "check --nameserver 10.0.0.2:0",
    "check --nameserver 10.0.0.2:65536",
    "check --connect-to 1.2.3.4:80",
    "check --connect-to 1.2.3.4:80:name.example:80",
    "check --connect-to 1.2.3.4:0:127.0.0.1:80",
    "check --connect-to 1.2.3.4:80:127.0.0.1:65536",
    "check --connect-to '[1.2.3.4]:80:127.0.0.1:80'",
    "check --connect-to '-x-:80:127.0.0.1:80'",
    "probe --connect-to 1.2.3.4:80:127.0.0.1:1 --connect-to 1.2.3.4:80:127.0.0.1:2 --dry-run",
    "check --domain contoso..com",
    "check --domain ''",
    "check a.com --domain b.com",
    "check --mac 00:04:f2",
    "check --mac 01:00:5e:00:00:01",
    "check --serial ''",
    f"check --serial {'7' * 65}",
    "check --vendor ' '",
    f"check --vendor {'x' * 65}",
    "check --firmware new",
    "check --site ''",
    "check --url gopher://x/",
    "check --url http://192.0.2.10:99999/",
    "check --address name.example",
    "check --port 0",
    "check --port 65536",
    "check --port '1 '",
    "check --host 'a b'",
    f"check --host {'h' * 301}",
    "check --body none.xml",
    "check --body .",
    "check --download-bytes 0",
    "check --download-bytes 1099511627777",
    "check --repeat 0",
    "check --repeat 10001",
    "check --interval -1",
    "check --interval 3601",
    "check --interval never",
    "check --ca none.pem",
    "check --ca no-root.pem",
    "check --proxy ftp://x",
    "check --proxy http://x:99999",
    "check --compare-mac 00:04:f2:aa:bb",
    "check --compare-mac 00:04:f2:aa:bb:cc,",
    "check -f jsn",
    "check -f xyzzy",
    "capture --sniffer skapy",
    # What goes together.
    "probe --url http://192.0.2.10/ --port 8080 --dry-run",
    "probe --url http://192.0.2.10/ --external --dry-run",
    "probe --no-download --download-bytes 7 --dry-run",
    "check --profile good.toml --no-profile",
    "check --no-profile --profile good.toml",
    "probe -o full.json --dry-run",
    "probe -o . --dry-run",
    "check -o nowhere/x.json",
    "probe -o a.json -o a.json --dry-run",
    "probe -o a.json -o ./a.json --dry-run",
    "probe -f json -f text --dry-run",
    "probe -f json -o a -o b --dry-run",
    "probe -f json -f text -o a -o b -o c --dry-run",
    "probe -f json -f html -o . --dry-run",
    "probe --targets none.txt --dry-run",
    "probe --targets none.txt --mask",
    "probe --journal x.jsonl",
    "probe --targets empty.txt --jobs 0",
    "probe --targets empty.txt --jobs 257",
    "probe --targets empty.txt --rate 0.0001",
    "probe --targets empty.txt --rate fast",
    "probe --targets empty.txt --bad-lines stopp",
    "probe --targets none.txt",
    "probe --targets empty.txt",
    # Captures.
    "capture none.pcap",
    "capture empty.txt",
    "capture full.json",
    "capture ''",
    "capture x.pcap -i eth0",
    "capture x.pcap --keylog ''",
    "capture x.pcap -Z nobody",
    "capture x.pcap --duration 5",
    "capture x.pcap --until-done",
    "capture --until-done",
    "capture x.pcap --duration 0",
    "capture x.pcap --duration 999999999",
    "capture x.pcap --patience 0.01",
    "capture x.pcap --patience 3601",
    "capture x.pcap --patience long",
    "capture x.pcap -c 0",
    "capture x.pcap -c 1.5",
    "capture x.pcap --server fe80::1",
    "capture x.pcap --server 224.0.0.1",
    "capture x.pcap --server http://x/",
    "capture x.pcap --server name:80",
    "capture x.pcap --server 'a b'",
    "capture x.pcap --facts --save-request r.xml",
    "capture x.pcap --facts --phones",
    "capture x.pcap --facts --bundle b.zip",
    "capture x.pcap --facts -o a -o b",
    "capture x.pcap --bundle b.zip -w -",
    "capture x.pcap --mask --save-request r.xml",
    "capture x.pcap --phones -f html",
    "capture x.pcap -w x.pcap",
    "capture full.json -o full.json",
    "capture full.json -w full.json --force",
    "capture x.pcap -w a --save-request a",
    "capture x.pcap -w - --save-request -",
    "capture x.pcap -w -",
    "capture x.pcap --save-request -",
    "capture x.pcap --save-request - --facts -o f",
    "capture x.pcap -w full.json",
    "capture x.pcap --bundle full.json",
    # Logs and reports.
    "logs none.log",
    "logs empty.txt",
    "logs full.json --utc-offset +15",
    "logs full.json --utc-offset +02:60",
    "logs full.json --utc-offset east",
    "logs full.json --phones -f html",
    "report none.json",
    "report empty.txt",
    "report full.json",
    "report full.json --diff",
    "report full.json empty.txt --diff",
    "report full.json empty.txt --diff -f html",
    "report full.json empty.txt --diff -o a -o b",
    "report full.json --expect none.toml",
    "report full.json --expect expect.toml",
    "report full.json --expect expect-site.toml",
    # The lab and explanations.
    "lab --all whole",
    "lab --all --serve",
    "lab --serve",
    "lab whoel",
    "lab xyzzy",
    "lab whole --port 0",
    "lab",
    "lab -f short",
    "lab -f markdown",
    "lab -f csv",
    "lab -f json",
    "lab -f junit",
    "explain",
    "explain -f short",
    "explain dns-r2-mising",
    "explain xyzzy",
    "explain ''",
    "explain 3",
    "explain tls",
    "explain dns-legacy",
    "explain '[DNS_legacy_only],'",
    "explain dns-legacy-only -q",
    "explain dns-legacy-only -f short",
    "explain dns-legacy-only -f markdown",
    "explain dns-legacy-only -f json",
    "explain dns-legacy-only -f csv",
    "explain dns-legacy-only -f nagios",
    "explain http-not-found",
    "explain no-update-offered",
    "explain no-privilege",
    "explain no-privilege -f short",
    "explain no-privilege -f markdown",
    "explain no-privilege -f json",
    "completion fihs",
    "completion",
    *_profiles(),
    "explain --profile no-option.toml x",
    "check-dns --profile no-option.toml -f nagios --timeout soon",
    # Programs get what is wrong in their format.
    "check --timeout soon --json",
    "check --timeout soon -f nagios",
    "check --timeout soon -o x.json",
    "check --timeout soon -fjson",
    "check --timeout soon -vf json",
    "check --timeout soon --format=json -o x.txt",
    "check --timeout soon -f text -o x.json",
    "check --timeout soon -- --json",
    "capture x.pcap --patience long -w - --json",
    "capture x.pcap --patience long --write=- --json",
    "capture x.pcap --patience long --save-request - --json",
]
# Options by the environment.
BY_ENVIRONMENT: list[tuple[dict[str, str], str]] = [
    ({"UCDIAG_TIMEOUT": "soon"}, "probe --dry-run"),
    ({"UCDIAG_CHECK_TIMEOUT": "late", "UCDIAG_TIMEOUT": "soon"}, "probe --dry-run"),
    ({"UCDIAG_CHECK_DNS_TIMEOUT": "late"}, "check-dns"),
    ({"UCDIAG_FORMAT": "jsn"}, "explain"),
    ({"UCDIAG_JSON": "yes"}, "check --timeout soon"),
    ({"UCDIAG_JSON": "no"}, "check --timeout soon"),
    ({"UCDIAG_CHECK_JSON": "1"}, "check --timeout soon"),
    ({"UCDIAG_FORMAT": "json"}, "check --timeout soon"),
    ({"UCDIAG_CHECK_FORMAT": "text", "UCDIAG_FORMAT": "json"}, "check --timeout soon"),
    ({"UCDIAG_OUTPUT": "a.json"}, "check --timeout soon"),
    ({"UCDIAG_PROFILE": "value.toml"}, "probe --dry-run"),
    ({"UCDIAG_PROFILE": "value.toml", "UCDIAG_NO_PROFILE": "1"}, "explain no-privilege -q"),
    ({"UCDIAG_CONNECT_TO": "a b"}, "probe --dry-run"),
]
CASES: dict[str, tuple[Mapping[str, str], str]] = {
    **{words: ({}, words) for words in COMMANDS},
    **{
        f"{' '.join(f'{name}={value}' for name, value in environment.items())} {words}": (environment, words)
        for environment, words in BY_ENVIRONMENT
    },
}


def prepare(folder: Path) -> None:
    """Put the files there."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / _LATIN).write_bytes(b"domain = 'm\xfcller.de'\n")
    (folder / _SITE).write_bytes(pcap(phones(3, 2, noise=20, size=3000)))
    for name, scene in _STORED.items():
        (folder / name).write_text(shown(SCENES[scene](), format_="json"), encoding="utf-8")
    (folder / "expected.toml").write_text(_EXPECTED, encoding="utf-8")
    (folder / _LARGE).write_text("#" * (1 << 16) + "\n", encoding="utf-8")


def said(name: str, folder: Path) -> str:
    """Exit code, standard output and standard error of a command line, run in that folder."""
    environment, words = CASES[name]
    before = Path.cwd()
    os.chdir(folder)
    try:
        runner = CliRunner()
        clear = {"COLUMNS": "100", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "none"), "TERM": "dumb"}
        done = runner.invoke(cli, shlex.split(words), env={**clear, **environment}, prog_name="ucdiag")
    finally:
        os.chdir(before)
    lines = [f"exit code {done.exit_code}"]
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.stdout:
        lines.append(f"--- output\n{_shown(done.stdout, folder)}")
    if done.stderr:
        lines.append(f"--- errors\n{_shown(done.stderr, folder)}")
    for path in sorted(folder.iterdir()):
        if path.name not in {*FILES, *_STORED, _LATIN, _LARGE, _SITE, "expected.toml"}:
            lines.append(f"--- made {path.name}\n{_content(path, folder)}")
            path.unlink()
    return "\n".join(lines)


def _content(path: Path, folder: Path) -> str:
    """A text; of a bundle what is in it, and what says how it came about; of others the size."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            texts = (archive.read(name).decode() for name in ("README.txt", "options.txt"))
            return _steady("\n".join([", ".join(archive.namelist()), *texts]).rstrip(), folder)
    return _shown(path.read_text(encoding="utf-8"), folder) if path.suffix in _TEXTS else f"{path.stat().st_size} bytes"


def _now(found: "re.Match[str]") -> str:
    """A moment of this run; those of the capture stay."""
    return found[0] if found[0].startswith("2026-01-") else "NOW"


def _steady(text: str, folder: Path) -> str:
    """The text without what differs from run to run and from machine to machine."""
    text = text.replace(str(folder), "HERE").replace("\r", "")
    return _OURS.sub(_now, text.replace(f" on {socket.gethostname()}", " on THIS MACHINE"))


def _shown(text: str, folder: Path) -> str:
    text = _steady(text.rstrip("\n"), folder)  # before it is cut, so that the cut is where it always was
    return text if len(text) < 2 * _LONG else f"{text[:_LONG]}\n...\n{text[-_LONG // 3 :]}"


def recorded() -> dict[str, str]:
    """The dialogues by their command lines."""
    return read_texts(FILE)


def write() -> None:
    """Record what is said now."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        prepare(folder)
        texts = {name: said(name, folder) for name in CASES}
    write_texts(FILE, texts)


if __name__ == "__main__":
    sys.exit(write())
