"""What a command of the catalogue is for, where to run it, and for which shell: all by the command's first words.

The catalogue writes a command as plain text. ``described`` finds its rule here; ``tests/diagnosis/test_commands.py``
fails on a command that no rule fits.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ucdiag.diagnosis.catalogue.entry import Values, fill_command, fits
from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Command
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import CommandPurpose, Shell

_DNS = "the DNS server"
_DHCP = "the DHCP server"
_WEB = "the web server of the pool"
_POOL = "a Front End server, in the management shell of Lync or Skype for Business"
_WINDOWS = "a Windows PC in the phones' VLAN"
_UNIX = "a Linux or macOS machine in the phones' VLAN"
_HERE = "this machine"
_SERVER = "the server"


def shell_here(platform: str = sys.platform) -> Shell:
    """The shell in which a command for this machine is typed."""
    return "powershell" if platform == "win32" else "sh"


_SHELL_HERE = shell_here()


@record(frozen=True, slots=True, kw_only=True)
class Rule:
    """``choice`` names what the command does where several commands do the same: take one of them."""

    pattern: str
    purpose: CommandPurpose
    where: str
    shell: Shell
    choice: str | None = None


def _check(pattern: str, where: str, shell: Shell, choice: str | None = None) -> Rule:
    return Rule(pattern=pattern, purpose="check", where=where, shell=shell, choice=choice)


def _change(pattern: str, where: str, shell: Shell, choice: str | None = None) -> Rule:
    return Rule(pattern=pattern, purpose="change", where=where, shell=shell, choice=choice)


# What a pattern begins with that stands for itself.
_LITERAL = pattern(r"[A-Za-z0-9 /-]*(?![?*+{|])")

_APPCMD = re.escape('& "$env:windir\\system32\\inetsrv\\appcmd.exe" ')

# The first rule that fits the beginning of a command is its own.
RULES: tuple[Rule, ...] = (
    _check("sudo ucdiag ", _HERE, "sh"),
    _check("ucdiag ", _HERE, _SHELL_HERE),
    # Names.
    _check("Resolve-DnsName ", _WINDOWS, "powershell", "ask"),
    _check("dig ", _UNIX, "sh", "ask"),
    _check("nslookup ", _WINDOWS, "cmd", "ask"),
    _change("Add-DnsServerResourceRecordA ", _DNS, "powershell", "record"),
    _change("dnscmd .*/recordadd ", _DNS, "cmd", "record"),
    _change("Remove-DnsServerResourceRecord ", _DNS, "powershell", "old record"),
    _change("dnscmd .*/recorddelete ", _DNS, "cmd", "old record"),
    _change("Clear-DnsServerCache ", _DNS, "powershell"),
    _change("dnscmd ", _DNS, "cmd"),
    _change("repadmin /syncall", "a domain controller", "cmd"),
    _check("Get-DnsServer", _DNS, "powershell"),
    _check("Get-Service .* DNS$", _DNS, "powershell"),
    # Leases.
    _change("Set-DhcpServerv4OptionValue ", _DHCP, "powershell", "option"),
    _change("netsh dhcp .* set ", _DHCP, "cmd", "option"),
    _check("netsh dhcp .* show ", _DHCP, "cmd", "show"),
    _change("Invoke-DhcpServer", _DHCP, "powershell"),
    _check("Get-DhcpServerv4OptionValue ", _DHCP, "powershell", "show"),
    _check("Get-DhcpServer", _DHCP, "powershell"),
    _check("grep ", _HERE, "sh"),
    # The way to the server.
    _check("Test-NetConnection ", _WINDOWS, "powershell", "open"),
    _check("nc ", _UNIX, "sh", "open"),
    _check("tracert ", _WINDOWS, "cmd"),
    _check("arp ", _WINDOWS, "cmd"),
    _check("route print", _SERVER, "cmd"),
    _check("ping -f ", _WINDOWS, "cmd", "size"),
    _check("ping -M ", _UNIX, "sh", "size"),
    _check("tcpdump ", _UNIX, "sh"),
    _change("New-NetFirewallRule ", _SERVER, "powershell"),
    _check("netsh winhttp show ", _WINDOWS, "cmd"),
    _check("netsh http show ", _WEB, "cmd"),
    _check("(netstat|Get-NetTCPConnection) ", _WEB, "powershell"),
    _check(r"curl\.exe ", _WINDOWS, "powershell", "fetch"),
    _check("curl ", _UNIX, "sh", "fetch"),
    _check("openssl s_client ", _UNIX, "sh"),
    # Certificates and time.
    _change(r"certutil .*-dspublish ", "a domain controller", "cmd"),
    _check("certutil -getreg ", "the certification authority", "cmd"),
    _check("certutil -viewstore ", "a domain member", "cmd"),
    _check("Get-CsCertificate ", _POOL, "powershell"),
    _change("(Request|Set)-CsCertificate ", _POOL, "powershell"),
    _check("w32tm /(query|stripchart)", _SERVER, "cmd"),
    _change("w32tm /resync", _SERVER, "cmd"),
    _check("Get-TlsCipherSuite", _WEB, "powershell"),
    _check("Get-ItemProperty ", _WEB, "powershell"),
    # The web server.
    _check(_APPCMD + "list ", _WEB, "powershell"),
    _change(_APPCMD, _WEB, "powershell"),
    _check("Get-WebBinding ", _WEB, "powershell"),
    _change("New-WebBinding ", _WEB, "powershell"),
    _check("(tshark|editcap|mergecap) ", "the machine that has the capture", "sh"),
    _check("icacls [^/]*$", _WEB, "cmd"),
    _change("icacls ", _WEB, "cmd"),
    _check("Get-(ChildItem|Service|WinEvent|WindowsFeature) ", _WEB, "powershell"),
    _change("(Add|Install)-WindowsFeature ", _WEB, "powershell"),
    # The Device Update Service.
    _change(r"Get-WmiObject .*\.Put\(\)", _POOL, "powershell"),
    _check("Get-WmiObject ", _POOL, "powershell"),
    _change("Get-CsService .*Import-CsDeviceUpdate ", _POOL, "powershell"),
    _check("Get-Cs", _POOL, "powershell"),
    _change("(Approve|Enable|New|Set)-Cs", _POOL, "powershell"),
)


@lru_cache(maxsize=1024)
def described(command: str) -> Rule:
    """The rule of a command of the catalogue. Raises LookupError where there is none."""
    for rule in RULES:
        # Few rules have a pattern that has to be compiled.
        if command.startswith(_LITERAL.match(rule.pattern)[0]) and re.match(rule.pattern, command):  # type: ignore[index]
            return rule
    raise LookupError(f"no rule says what {command!r} is for")


# How a server is named to probe: by what was found of it, or as it was named to this run, with its path.
_BY_ADDRESS, _AS_ASKED = "ucdiag probe --address {address} --port {port}", "ucdiag probe --url {asked_url}"
# What shows that a step is mended: the first command that can be filled in.
_VERIFY: dict[Step, tuple[str, ...]] = {
    Step.DHCP: ("ucdiag check-dhcp --ask --mac {mac}", "ucdiag check-dhcp --ask"),
    Step.DNS: ("ucdiag check-dns {domain} -n {nameserver}", "ucdiag check-dns {domain}", "ucdiag check-dns"),
    Step.CONNECT: (_BY_ADDRESS, "ucdiag check"),
    Step.TLS: (_BY_ADDRESS, "ucdiag check"),
    Step.REQUEST: (_BY_ADDRESS, "ucdiag check"),
    Step.RESPONSE: (_BY_ADDRESS, "ucdiag check"),
    Step.DOWNLOAD: ("ucdiag check {domain}", "ucdiag check"),
}
_PURPOSES: tuple[CommandPurpose, ...] = ("check", "change", "verify")


def commands_for(step: Step, templates: Iterable[str], values: Values) -> tuple[Command, ...]:
    """The catalogue's commands with what is known filled in: checks, changes, and what verifies the changes."""
    commands: list[Command] = []
    if "<" not in fill_command(_AS_ASKED, values):
        templates = [template.replace(_BY_ADDRESS, _AS_ASKED) for template in templates]
    for template in templates:
        if "{" not in template:
            commands += _constant(template)
        elif fits(template, values):
            commands += _commands_of(described(template), fill_command(template, values))
    if any(command.purpose == "change" for command in commands):
        commands.append(_verifying(step, values))
    return tuple(sorted(commands, key=lambda command: _PURPOSES.index(command.purpose)))


@lru_cache(maxsize=256)
def _constant(text: str) -> tuple[Command, ...]:
    """The commands of a template in which nothing is filled in, made once for all phones."""
    return tuple(_commands_of(described(text), text))


def _commands_of(rule: Rule, text: str) -> Iterator[Command]:
    yield Command(purpose=rule.purpose, where=rule.where, shell=rule.shell, text=text, choice=rule.choice)
    if text.startswith("curl "):
        # PowerShell's own curl is something else, and Windows PowerShell drops an empty argument.
        text = text.replace("curl ", "curl.exe ", 1).replace('--data ""', '-H "Content-Length: 0"')
        yield Command(purpose=rule.purpose, where=_WINDOWS, shell="powershell", text=text, choice=rule.choice)


def _verifying(step: Step, values: Values) -> Command:
    templates = (_AS_ASKED, *_VERIFY[step]) if step.number >= Step.CONNECT.number else _VERIFY[step]
    filled = [fill_command(template, values) for template in templates]
    text = next((text for text in filled if "<" not in text), filled[-1])
    return Command(purpose="verify", where=_HERE, shell=_SHELL_HERE, text=text)
