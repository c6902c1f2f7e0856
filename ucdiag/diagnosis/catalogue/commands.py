"""What a command of the catalogue is for, where to run it, and for which shell: all by the command's first words.

The catalogue writes a command as plain text. ``described`` finds its rule here; ``tests/diagnosis/test_commands.py``
fails on a command that no rule fits.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ucdiag.diagnosis.catalogue.entry import Values, can_ask_port, fill_command
from ucdiag.diagnosis.catalogue.shared_commands import APPCMD
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Command
from ucdiag.model.service_names import R2_LABEL
from ucdiag.model.steps import Step
from ucdiag.model.visible_text import quoted
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


def _check_rule(pattern: str, where: str, shell: Shell, choice: str | None = None) -> Rule:
    return Rule(pattern=pattern, purpose="check", where=where, shell=shell, choice=choice)


def _change_rule(pattern: str, where: str, shell: Shell, choice: str | None = None) -> Rule:
    return Rule(pattern=pattern, purpose="change", where=where, shell=shell, choice=choice)


# What a pattern begins with that stands for itself.
_LITERAL = pattern(r"[A-Za-z0-9 /-]*(?![?*+{|])")

_APPCMD = re.escape(f"{APPCMD} ")

# The first rule that fits the beginning of a command is its own.
RULES: tuple[Rule, ...] = (
    _check_rule("sudo ucdiag check-dhcp --ask --vlan ", f"{_HERE}, on a port that carries that VLAN", _SHELL_HERE),
    _check_rule("sudo ucdiag check-dhcp --ask", f"{_HERE}, in the phones' VLAN", _SHELL_HERE),
    _check_rule("sudo ucdiag capture -i ", f"{_HERE}, at the mirror of the phone's switch port", _SHELL_HERE),
    _check_rule("ucdiag ", _HERE, _SHELL_HERE),
    # Names.
    _check_rule("Resolve-DnsName ", _WINDOWS, "powershell", "ask"),
    _check_rule("dig ", _UNIX, "sh", "ask"),
    _check_rule("nslookup ", _WINDOWS, "cmd", "ask"),
    _change_rule("Add-DnsServerResourceRecordA ", _DNS, "powershell", "record"),
    _change_rule("dnscmd .*/recordadd ", _DNS, "cmd", "record"),
    _change_rule("Remove-DnsServerResourceRecord ", _DNS, "powershell", "old record"),
    _change_rule("dnscmd .*/recorddelete ", _DNS, "cmd", "old record"),
    _change_rule("Clear-DnsServerCache ", _DNS, "powershell"),
    _change_rule("dnscmd ", _DNS, "cmd"),
    _change_rule("repadmin /syncall", "a domain controller", "cmd"),
    _check_rule("Get-DnsServer", _DNS, "powershell"),
    _check_rule("Get-Service .* DNS$", _DNS, "powershell"),
    # Leases.
    _change_rule("Set-DhcpServerv4OptionValue ", _DHCP, "powershell", "option"),
    _change_rule("netsh dhcp .* set ", _DHCP, "cmd", "option"),
    _check_rule("netsh dhcp .* show ", _DHCP, "cmd", "show"),
    _change_rule("Invoke-DhcpServer", _DHCP, "powershell"),
    _check_rule("Get-DhcpServerv4OptionValue ", _DHCP, "powershell", "show"),
    _check_rule("Get-DhcpServer", _DHCP, "powershell"),
    _check_rule("grep ", _HERE, "sh"),
    # The way to the server.
    _check_rule("Test-NetConnection ", _WINDOWS, "powershell", "open"),
    _check_rule("nc ", _UNIX, "sh", "open"),
    _check_rule("tracert ", _WINDOWS, "cmd"),
    _check_rule("arp ", _WINDOWS, "cmd"),
    _check_rule("route print", _SERVER, "cmd"),
    _check_rule("ping -f ", _WINDOWS, "cmd", "size"),
    _check_rule("ping -M ", _UNIX, "sh", "size"),
    _check_rule("sudo tcpdump ", _UNIX, "sh"),
    _change_rule("New-NetFirewallRule ", _SERVER, "powershell"),
    _check_rule("netsh winhttp show ", _WINDOWS, "cmd"),
    _check_rule("netsh http show ", _WEB, "cmd"),
    _check_rule("(netstat|Get-NetTCPConnection) ", _WEB, "powershell"),
    _check_rule(r"curl\.exe ", _WINDOWS, "powershell", "fetch"),
    _check_rule("curl ", _UNIX, "sh", "fetch"),
    _check_rule("openssl s_client ", _UNIX, "sh"),
    # Certificates and time.
    _change_rule(r"certutil .*-dspublish ", "a domain controller", "cmd"),
    _check_rule("certutil -getreg ", "the certification authority", "cmd"),
    _check_rule("certutil -viewstore ", "a domain member", "cmd"),
    _check_rule("Get-CsCertificate ", _POOL, "powershell"),
    _change_rule("(Request|Set)-CsCertificate ", _POOL, "powershell"),
    _check_rule("w32tm /(query|stripchart)", _SERVER, "cmd"),
    _change_rule("w32tm /resync", _SERVER, "cmd"),
    _check_rule("Get-TlsCipherSuite", _WEB, "powershell"),
    _check_rule("Get-ItemProperty ", _WEB, "powershell"),
    # The web server.
    _check_rule(_APPCMD + "list ", _WEB, "powershell"),
    _change_rule(_APPCMD, _WEB, "powershell"),
    _check_rule("Get-WebBinding ", _WEB, "powershell"),
    _change_rule("New-WebBinding ", _WEB, "powershell"),
    _check_rule("(tshark|editcap|mergecap) ", "the machine that has the capture", "sh"),
    _check_rule("icacls [^/]*$", _WEB, "cmd"),
    _change_rule("icacls ", _WEB, "cmd"),
    _check_rule("Get-(ChildItem|Service|WinEvent|WindowsFeature) ", _WEB, "powershell"),
    _change_rule("(Add|Install)-WindowsFeature ", _WEB, "powershell"),
    # The Device Update Service.
    _change_rule(r"Get-WmiObject .*\.Put\(\)", _POOL, "powershell"),
    _check_rule("Get-WmiObject ", _POOL, "powershell"),
    _change_rule("Get-CsService .*Import-CsDeviceUpdate ", _POOL, "powershell"),
    _check_rule("Get-Cs", _POOL, "powershell"),
    _change_rule("(Approve|Enable|New|Set)-Cs", _POOL, "powershell"),
)


@lru_cache(maxsize=1024)
def rule_of(command: str) -> Rule:
    """The rule of a command of the catalogue. Raises LookupError where there is none."""
    for rule in RULES:
        # Few rules have a pattern that has to be compiled.
        literal = _LITERAL.match(rule.pattern)[0]  # type: ignore[index]
        if command.startswith(literal) and (literal == rule.pattern or re.match(rule.pattern, command)):
            return rule
    raise LookupError(f"no rule says what {quoted(command)} is for")


# How a server is named to probe: by what was found of it, or as it was named to this run, with its path.
_BY_ADDRESS, _AS_ASKED = "ucdiag probe --address {address} --port {port}", "ucdiag probe --url {asked_url}"
# What shows that a step is mended: the first command that can be filled in.
_VERIFY: dict[Step, tuple[str, ...]] = {
    Step.DHCP: ("sudo ucdiag check-dhcp --ask --mac {mac}", "sudo ucdiag check-dhcp --ask"),
    Step.DNS: ("ucdiag check-dns {domain} -n {nameservers}", "ucdiag check-dns {domain}", "ucdiag check-dns"),
    Step.CONNECT: (_BY_ADDRESS, "ucdiag check"),
    Step.TLS: (_BY_ADDRESS, "ucdiag check"),
    Step.REQUEST: (_BY_ADDRESS, "ucdiag check"),
    Step.RESPONSE: (_BY_ADDRESS, "ucdiag check"),
    Step.DOWNLOAD: ("ucdiag check {domain} -n {nameservers}", "ucdiag check {domain}", "ucdiag check"),
}
# What asks as the phone that is invented where none is named; what watches needs a real one.
_ASKING = ("ucdiag probe ", "sudo ucdiag check-dhcp ")
# What sends an update request, as a phone.
_REQUESTING = pattern(r"ucdiag (?:probe|check)(?: |$)")
_PURPOSES: tuple[CommandPurpose, ...] = ("check", "change", "verify")


def commands_for(step: Step, templates: Iterable[str], values: Values) -> tuple[Command, ...]:
    """The catalogue's commands with what is known filled in: checks, changes, and what verifies the changes."""
    commands: list[Command] = []
    if "<" not in fill_command(_AS_ASKED, values):
        templates = [template.replace(_BY_ADDRESS, _AS_ASKED) for template in templates]
    for template in (_as_same_phone(template, values) for template in templates):
        if "{" not in template:
            commands += _constant_commands(template)
        elif can_ask_port(template, values):
            commands += _commands_of(rule_of(template), fill_command(template, values))
    if any(command.purpose == "change" for command in commands):
        commands.append(_verify_command(step, values))
    distinct = dict.fromkeys(commands)  # two templates may differ in the port alone
    return tuple(sorted(distinct, key=lambda command: _PURPOSES.index(command.purpose)))


def _as_same_phone(template: str, values: Values) -> str:
    """The template with the phone that was named to this run, not one that was invented, and the server's own name."""
    if values.get("invented") and template.startswith(_ASKING):
        template = template.replace(" --mac {mac}", "")
    if template.startswith(_BY_ADDRESS) and "--host" not in template and _is_found_by_name(values):
        template += " --domain {domain}"
    if _REQUESTING.match(template):
        options = [(" --mac {mac}", "named_mac"), (" --serial {serial}", "named_serial")]
        for option in (option for option, named in options if values.get(named) and option not in template):
            template += option if "<" not in fill_command(option, values) else ""
    return template


def _is_found_by_name(values: Values) -> bool:
    """Whether the server was asked under the name in the DHCP domain, which its certificate or its site may need."""
    name = f"{R2_LABEL}.{values.get('domain')}".lower()
    return (values.get("name") or "").lower() == name and "<" not in fill_command("{domain}", values)


@lru_cache(maxsize=256)
def _constant_commands(text: str) -> tuple[Command, ...]:
    """The commands of a template in which nothing is filled in, made once for all phones."""
    return tuple(_commands_of(rule_of(text), text))


def _commands_of(rule: Rule, text: str) -> Iterator[Command]:
    if rule.shell == "powershell":
        text = text.removeprefix("sudo ")  # the doctor says how a prompt with more rights is opened
    yield Command(purpose=rule.purpose, where=rule.where, shell=rule.shell, text=text, choice=rule.choice)
    if text.startswith("curl "):
        # PowerShell's own curl is something else, and Windows PowerShell drops an empty argument.
        text = text.replace("curl ", "curl.exe ", 1).replace('--data ""', '-H "Content-Length: 0"')
        yield Command(purpose=rule.purpose, where=_WINDOWS, shell="powershell", text=text, choice=rule.choice)


def _verify_command(step: Step, values: Values) -> Command:
    templates = (_AS_ASKED, *_VERIFY[step]) if step.number >= Step.CONNECT.number else _VERIFY[step]
    filled = [fill_command(_as_same_phone(template, values), values) for template in templates]
    text = next((text for text in filled if "<" not in text), filled[-1])
    return replace(next(_commands_of(rule_of(text), text)), purpose="verify")
