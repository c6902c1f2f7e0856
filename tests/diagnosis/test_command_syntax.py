"""Every printed command is read by its own parser: a shell's, a server's, that of ucdiag's options."""

import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from tests.diagnosis.reports import STORIES, judged
from tests.in_parts import in_parts
from tests.wire.tls_talk import server_pem
from ucdiag.cli.main import cli
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.commands import commands_for
from ucdiag.model.report import Command

SITE = {
    "domain": "contoso.com",
    "sip_domain": "fabrikam.com",
    "name": "ucupdates-r2.contoso.com",
    "label": "ucupdates-r2",
    "address": "10.0.0.20",
    "port": "443",
    "scheme": "https",
    "nameserver": "10.0.0.2",
    "dns_port": "53",
    "url": "http://pool01.contoso.com/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE/CPE.nbt",
    "host": "pool01.contoso.com",
    "path": "/RequestHandler/ucdevice.upx",
    "mac": "00:04:f2:aa:bb:cc",
    "serial": "AB37_679e",
    "status": "503",
    "dhcp_server": "10.0.0.1",
    "vlan": "100",
}
# Where the phone was named to the run, and servers have IPv6 addresses.
NEWER_SITE = SITE | {
    "address": "fd00::20",
    "host": "fd00::20",
    "nameserver": "fd00::53",
    "dns_port": "5353",
    "nameservers": "[fd00::53]:5353 -n fd00::54",
    "url": "http://[fd00::20]:8080/CPE.nbt",
    "named_mac": SITE["mac"],
    "named_serial": SITE["serial"],
}
SITES = (SITE, NEWER_SITE, NEWER_SITE | {"asked_url": "https://[fd00::20]:4443/RequestHandlerExt/ucdevice.upx"})
# What an administrator puts in: a word, or an address where one is meant.
FILLED_IN = {
    "<public DNS server>": "8.8.8.8",
    "<other DNS server>": "10.0.0.3",
    "<DNS server>": "10.0.0.2",
    "<address of the pool>": "10.0.0.20",
    "<MAC of the phone>": "00:04:f2:aa:bb:cc",
    "<voice VLAN>": "20",
}


def printed() -> Iterator[Command]:
    """The commands of the catalogue, with the values of the sites; those of IPv6 where a capture's phones are not."""
    for entry in CATALOGUE.values():
        for templates in (entry.commands, *(variant.commands for variant in entry.variants)):
            for site in SITES if "A" in entry.where else SITES[:1]:
                yield from commands_for(entry.step, templates, site)


def recorded() -> set[str]:
    """The commands of this program in what is recorded: reports of stories and of the lab, pages, help, dialogues."""
    words = r"(?:sudo )?ucdiag (?:check|probe|capture|explain|report|logs|lab|doctor)\b[^{\n]*"
    own = re.compile(rf"^[ \t]*(?:\w+: )?({words})$", re.MULTILINE)
    texts = [path.read_text("utf-8", "replace") for path in Path(__file__).parent.parent.rglob("*.txt")]
    return {filled(text.strip()) for whole in texts for text in own.findall(whole)}


def filled(text: str) -> str:
    return re.sub(r"<[^<>]*>", lambda match: FILLED_IN.get(match[0], "word"), text)


def of(shell: str) -> list[str]:
    return sorted({filled(command.text) for command in printed() if command.shell == shell})


OWN = sorted({text for text in of("powershell") + of("sh") if re.match(r"(sudo )?ucdiag ", text)} | recorded())
WITH_ADDRESS = [text for text in of("powershell") + of("sh") if "fd00::20" in text]


@pytest.mark.parametrize("text", of("sh"))
def test_bash_reads_it(text: str) -> None:
    read = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@in_parts("text", of("powershell"))
def test_a_grammar_of_powershell_reads_it(text: str) -> None:
    grammar = pytest.importorskip("tree_sitter_powershell", reason="tree-sitter-powershell is not installed")
    tree_sitter = pytest.importorskip("tree_sitter", reason="tree-sitter is not installed")
    # findings/tree-sitter-powershell-names.sh: the grammar knows no digit in the name of a parameter, and no list.
    plain = text.replace("-IPv4Address", "-IPvAddress")
    plain = re.sub(r"(Format-(?:List|Table)) [\w*,]+", r"\1 Name", plain)
    tree = tree_sitter.Parser(tree_sitter.Language(grammar.language())).parse(plain.encode())
    assert not tree.root_node.has_error, str(tree.root_node)


def test_powershell_reads_them_all() -> None:
    if shutil.which("pwsh") is None:
        pytest.skip("PowerShell (pwsh) is not installed")
    script = "$e=$null; $t=$input -join [char]10; "
    script += "[void][Management.Automation.Language.Parser]::ParseInput($t, [ref]$null, [ref]$e); $e"
    text = "\n".join(of("powershell"))
    read = subprocess.run(["pwsh", "-NoProfile", "-c", script], input=text, text=True, capture_output=True, check=False)
    assert read.stdout.strip() == ""


@pytest.mark.parametrize("text", of("cmd"))
def test_the_command_prompt_reads_it_as_one_command(text: str) -> None:
    assert text.count('"') % 2 == 0
    bare = re.sub(r'"[^"]*"', "", text)
    assert not re.search(r"[&|<>^%!']", bare), bare


@in_parts("text", of("powershell"))
def test_curl_of_powershell_is_the_program(text: str) -> None:
    assert not re.search(r"\bcurl (?!\.exe)", text)


@in_parts("text", OWN)
def test_ucdiag_knows_the_options_of_its_own_commands(text: str) -> None:
    words = shlex.split(text.removeprefix("sudo "))[1:]
    with click.Context(cli, info_name="ucdiag") as context:
        command = cli.get_command(context, words[0])
        assert command is not None
        # A file that is named is not here.
        words = [str(Path(__file__)) if word.endswith("phone.request") else word for word in words]
        words = [server_pem() if word.endswith(".pem") else word for word in words]
        with suppress(click.exceptions.Exit):  # after help
            command.make_context(words[0], words[1:], parent=context)


@pytest.mark.parametrize("text", WITH_ADDRESS)
def test_an_ipv6_address_has_brackets_before_a_port_and_they_are_quoted(text: str) -> None:
    """A shell takes brackets for a pattern, and curl and OpenSSL a bare address for host and port."""
    assert "[" not in re.sub(r'"[^"]*"', "", text)
    for url in re.findall(r'(?<=[" ])https?://[^ "]+', text):
        assert urlsplit(url).hostname == "fd00::20"
        assert urlsplit(url).port in (None, 443, 4443, 8080)
    if text.startswith("openssl "):
        assert re.search(r' -connect "\[fd00::20\]:\d+"( |$)', text)


@pytest.mark.parametrize("text", [text for text in WITH_ADDRESS if text.startswith(("curl ", "openssl "))])
def test_the_program_takes_an_ipv6_address(text: str, tmp_path: Path) -> None:
    """Nobody listens there, which is the first thing that goes wrong."""
    words = shlex.split(re.sub(r"\[fd00::20\](:\d+)?", "[::1]:9", text))
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run(words, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL, cwd=tmp_path)
    assert re.search(r"refused|Couldn't connect|Failed to connect", done.stderr), done.stderr


def test_the_addresses_of_which_brackets_are_expected_are_some() -> None:
    assert {text.split()[0] for text in WITH_ADDRESS} >= {"curl", "curl.exe", "openssl", "ucdiag"}
    assert any(' -n "[fd00::53]:5353" -n fd00::54' in text for text in OWN)


def test_full_packets_name_the_system_whose_ping_it_is() -> None:
    for command in printed():
        if command.text.startswith("ping -f"):
            assert (command.shell, "Windows" in command.where) == ("cmd", True)
        if command.text.startswith("ping -M"):
            assert (command.shell, "Windows" in command.where) == ("sh", False)


def test_a_firewall_rule_is_for_the_phones_alone() -> None:
    rules = [command.text for command in printed() if "New-NetFirewallRule" in command.text]
    assert rules
    assert all("-RemoteAddress <subnet of the phones>" in rule for rule in rules)


def run(*words: str) -> None:
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run(words, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dnsmasq_reads_its_line(tmp_path: Path) -> None:
    (line,) = re.findall(r"dnsmasq: '([^']+)'", CATALOGUE["dhcp-no-domain"].fix)
    file = tmp_path / "dnsmasq.conf"
    file.write_text(f"{line}contoso.com\n")
    run("dnsmasq", "--test", f"--conf-file={file}")


def test_dhcpd_reads_its_line(tmp_path: Path) -> None:
    (line,) = re.findall(r"ISC dhcpd: '([^']+)'", CATALOGUE["dhcp-no-domain"].fix)
    file = tmp_path / "dhcpd.conf"
    file.write_text(f'{line} "contoso.com";\nsubnet 10.0.0.0 netmask 255.255.255.0 {{ }}\n')
    run("dhcpd", "-t", "-cf", str(file))


def test_kea_reads_its_option(tmp_path: Path) -> None:
    (name,) = re.findall(r"Kea: option-data '([^']+)'", CATALOGUE["dhcp-no-domain"].fix)
    file = tmp_path / "kea.json"
    option = f'{{"name": "{name}", "data": "contoso.com"}}'
    file.write_text(f'{{"Dhcp4": {{"interfaces-config": {{"interfaces": []}}, "option-data": [{option}]}}}}\n')
    run("kea-dhcp4", "-t", str(file))


def test_nginx_reads_its_line(tmp_path: Path) -> None:
    (line,) = re.findall(r"nginx: ([^)]+)\)", CATALOGUE["tls-version"].fix)
    file = tmp_path / "nginx.conf"
    server = f"server {{ listen 127.0.0.1:18443; ssl_protocols TLSv1 TLSv1.2; {line}; }}"
    file.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off; {server} }}\n")
    run("nginx", "-t", "-c", str(file), "-p", str(tmp_path))


ADDED = re.compile(r"Add-\S+A .*-ZoneName (\S+) -Name (\S+) -IPv4Address (\S+)|/recordadd (\S+) (\S+) A (\S+)")
REMOVED = re.compile(r"Remove-.*-ZoneName (\S+) -Name (\S+) .*-RecordData (\S+)|/recorddelete (\S+) (\S+) A (\S+)")
OPTION = re.compile(r"(-DnsDomain|-DnsServer|-Router) ([^\s<]+)|optionvalue (0\d\d) \S+ ([^\s<]+)")


def contradictions(commands: Iterable[str]) -> list[str]:
    """Advice of one report that cannot all be followed."""
    values: dict[tuple[str, ...], set[str]] = defaultdict(set)
    removed: set[tuple[tuple[str, ...], str]] = set()
    for text in commands:
        for pattern in (ADDED, OPTION):
            if found := pattern.search(text):
                *name, value = (part for part in found.groups() if part is not None)
                if not value.startswith("<"):
                    values[tuple(name)].add(value)
        if found := REMOVED.search(text):
            *name, value = (part for part in found.groups() if part is not None)
            removed.add((tuple(name), value))
    several = [f"{name} is {given}" for name, given in values.items() if len(given) > 1]
    return several + [f"{name} {value} added and removed" for name, value in removed if value in values[name]]


@in_parts("name", STORIES)
def test_no_advice_of_a_report_contradicts_another(name: str) -> None:
    findings = judged(name).findings
    assert contradictions(command.text for finding in findings for command in finding.fix.commands) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Add-DnsServerResourceRecordA -ZoneName a.b -Name c -IPv4Address 10.0.0.1",
            "dnscmd d /recordadd a.b c A 10.0.0.2",
        ),
        ("dnscmd d /recorddelete a.b c A 10.0.0.1 /f", "dnscmd d /recordadd a.b c A 10.0.0.1"),
        ("Set-DhcpServerv4OptionValue -DnsDomain a.b", "Set-DhcpServerv4OptionValue -DnsDomain c.d"),
    ],
)
def test_contradictions_are_found(one: str, other: str) -> None:
    assert contradictions([one, other])
    assert not contradictions([one, one])
