"""What the commands of the advice are for: each is found in the table, and none is said to change nothing that does."""

import re

import pytest

from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue import commands as module
from ucdiag.diagnosis.catalogue.commands import RULES, Rule, commands_for, rule_of, shell_here
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect
from ucdiag.model.phone import Phone
from ucdiag.model.report import Command
from ucdiag.model.steps import Step
from ucdiag.model.vocabulary import Shell

COMMANDS = sorted(
    {
        command
        for entry in CATALOGUE.values()
        for commands in (entry.commands, *(variant.commands for variant in entry.variants))
        for command in commands
    }
)
# Words that change something on the machine where the command runs.
CHANGING = re.compile(
    r"\b(Add|Install|Set|New|Remove|Clear|Enable|Approve|Request|Invoke|Import|Restart|Start|Stop)-\w|/record(add|delete)"
    r"| set (optionvalue|config)|\.Put\(\)|-dspublish|/resync| (start|recycle) |/grant|/syncall|/zonerefresh"
)


@in_parts("command", COMMANDS)
def test_each_command_of_the_catalogue_has_its_purpose_and_place(command: str) -> None:
    rule = rule_of(command)
    assert (rule.purpose == "change") is bool(CHANGING.search(command))
    assert rule.where
    powershell = re.match(r'[A-Z]\w+-[A-Z]|& "|curl\.exe ', command) is not None
    assert not powershell or rule.shell == "powershell"


@pytest.mark.parametrize("rule", RULES, ids=[rule.pattern for rule in RULES])
def test_each_rule_is_needed(rule: object) -> None:
    made = ["curl.exe "]  # made of plain curl
    if any(re.match(rule.pattern, command) for command in made):  # type: ignore[attr-defined]
        return
    assert any(rule_of(command) is rule for command in COMMANDS)


def test_a_command_that_nobody_described_is_an_error() -> None:
    with pytest.raises(LookupError, match="no rule says what 'format c:' is for"):
        rule_of("format c:")


EXTERNAL = "https://ocsrp.fabrikam.com/RequestHandlerExt/ucdevice.upx"


def commands(*templates: str, step: Step = Step.DNS, **values: str) -> list[Command]:
    return list(commands_for(step, templates, values))


def test_checks_come_before_changes_and_what_verifies_them_last() -> None:
    made = commands(
        "dnscmd {nameserver} /recordadd {domain} {label} A {address}",
        "dig -p {dns_port} @{nameserver} {name} A",
        domain="contoso.com",
        nameserver="10.0.0.2",
        nameservers="10.0.0.2",
    )
    assert [command.purpose for command in made] == ["check", "change", "verify"]
    assert made[-1].text == "ucdiag check-dns contoso.com -n 10.0.0.2"


def test_without_a_change_there_is_nothing_to_verify() -> None:
    assert [command.purpose for command in commands("Get-DnsServerZone -ComputerName {nameserver}")] == ["check"]


@pytest.mark.parametrize(
    ("step", "values", "text"),
    [
        (Step.DHCP, {"mac": "00:04:f2:00:00:01"}, "sudo ucdiag check-dhcp --ask --mac 00:04:f2:00:00:01"),
        (Step.DHCP, {}, "sudo ucdiag check-dhcp --ask"),
        *(
            (Step.DNS, {"domain": "contoso.com", "nameservers": words}, f"ucdiag check-dns contoso.com -n {words}")
            for words in ("10.0.0.2", "10.0.0.2:5353", "10.0.0.2:5353 -n 10.0.0.3", "fd00::2")
        ),
        (
            Step.DNS,
            {"domain": "contoso.com", "nameservers": "[::2]:5353"},
            'ucdiag check-dns contoso.com -n "[::2]:5353"',
        ),
        # A shell may take a sign or a third kind of word for something else.
        *(
            (Step.DNS, {"domain": "contoso.com", "nameservers": words}, "ucdiag check-dns contoso.com")
            for words in (
                "",
                "[fd00::2",
                "[fd00::2]",
                "[x]:53",
                "10.0.0.2;reboot",
                "10.0.0.2 -o x",
                "10.0.0.2 -n -q",
                "10.0.0.2 -n",
            )
        ),
        (Step.DNS, {"domain": "contoso.com"}, "ucdiag check-dns contoso.com"),
        (Step.DNS, {}, "ucdiag check-dns"),
        *(
            (step, values, text)
            for step in (Step.CONNECT, Step.TLS, Step.REQUEST, Step.RESPONSE)
            for values, text in [
                ({"address": "10.0.0.20", "port": "443"}, "ucdiag probe --address 10.0.0.20 --port 443"),
                ({}, "ucdiag check"),
            ]
        ),
        (Step.DOWNLOAD, {"domain": "contoso.com"}, "ucdiag check contoso.com"),
        (
            Step.DOWNLOAD,
            {"domain": "contoso.com", "nameservers": "10.0.0.2:5353"},
            "ucdiag check contoso.com -n 10.0.0.2:5353",
        ),
        (Step.DOWNLOAD, {}, "ucdiag check"),
        (Step.DNS, {"domain": "contoso.com", "asked_url": EXTERNAL}, "ucdiag check-dns contoso.com"),
        (Step.TLS, {"address": "10.0.0.20", "port": "443", "asked_url": EXTERNAL}, f"ucdiag probe --url {EXTERNAL}"),
        (Step.DOWNLOAD, {"domain": "contoso.com", "asked_url": EXTERNAL}, f"ucdiag probe --url {EXTERNAL}"),
        (
            Step.REQUEST,
            {"address": "10.0.0.20", "port": "80", "asked_url": "http://pool/x?a&reboot"},
            "ucdiag probe --address 10.0.0.20 --port 80",
        ),
    ],
)
def test_what_verifies_a_step_holds_no_blank_to_fill_in(step: Step, values: dict[str, str], text: str) -> None:
    assert commands("Enable-CsComputer", step=step, **values)[-1].text == text


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ({"named_mac": "1"}, " --mac 00:04:f2:aa:bb:cc"),
        ({"named_mac": "1", "named_serial": "1"}, " --mac 00:04:f2:aa:bb:cc --serial AB37_679e"),
        ({"named_serial": "1", "invented": "1"}, " --serial AB37_679e"),
        ({"named_serial": "1", "serial": "x;reboot"}, ""),
        ({"invented": "1"}, ""),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("step", [Step.REQUEST, Step.DOWNLOAD])
def test_what_verifies_asks_as_the_phone_that_was_named(step: Step, values: dict[str, str], options: str) -> None:
    site = {"address": "10.0.0.20", "port": "80", "mac": "00:04:f2:aa:bb:cc", "serial": "AB37_679e"}
    made = commands(
        "Enable-CsComputer", "ucdiag probe --address {address} --port {port} -v", step=step, **(site | values)
    )
    asked = "ucdiag probe --address 10.0.0.20 --port 80"
    assert [command.text for command in made if command.text.startswith("ucdiag")] == [
        f"{asked} -v{options}",
        f"{asked if step is Step.REQUEST else 'ucdiag check'}{options}",
    ]


@pytest.mark.parametrize(
    ("phone", "options"),
    [
        (Phone(), ""),
        (Phone(mac="00:04:f2:aa:bb:cc"), " --mac 00:04:f2:aa:bb:cc"),
        (Phone(serial="AB37_679e"), " --serial AB37_679e"),
    ],
)
def test_a_run_verifies_as_the_phone_that_was_named_to_it(phone: Phone, options: str) -> None:
    engine = Engine(DiagnosisOptions(domain="contoso.com", tested=frozenset({Step.CONNECT}), phone=phone))
    engine.feed(Connect(time=1, server="10.0.0.20", port=80, outcome="refused"))
    [found] = engine.finish(2).findings
    assert found.fix.commands[-1].text == f"ucdiag probe --address 10.0.0.20 --port 80{options}"


@pytest.mark.parametrize(
    ("values", "option"),
    [
        ({"name": "ucupdates-r2.contoso.com", "domain": "contoso.com"}, " --domain contoso.com"),
        ({"name": "UCUPDATES-R2.Contoso.com", "domain": "contoso.com"}, " --domain contoso.com"),
        ({"name": "pool01.contoso.com", "domain": "contoso.com"}, ""),
        ({"name": "ucupdates.contoso.com", "domain": "contoso.com"}, ""),
        ({"name": "10.0.0.20", "domain": "contoso.com"}, ""),
        ({"name": "ucupdates-r2.contoso.com"}, ""),
        ({"domain": "contoso.com"}, ""),
        ({"name": "ucupdates-r2.a;reboot", "domain": "a;reboot"}, ""),
    ],
)
def test_a_server_is_asked_under_the_name_that_led_to_it(values: dict[str, str], option: str) -> None:
    """Its certificate names that, and not the address."""
    templates = ["ucdiag probe --address {address} --port {port} -v", "Enable-CsComputer"]
    made = commands(*templates, step=Step.TLS, address="10.0.0.20", port="443", **values)
    asked = "ucdiag probe --address 10.0.0.20 --port 443"
    assert [command.text for command in made if command.text.startswith("ucdiag")] == [
        f"{asked} -v{option}",
        f"{asked}{option}",
    ]


def test_who_is_asked_under_its_address_is_not_asked_under_its_name() -> None:
    values = {"address": "10.0.0.20", "port": "80", "name": "ucupdates-r2.contoso.com", "domain": "contoso.com"}
    made = commands("ucdiag probe --address {address} --port {port} --host {address}", step=Step.REQUEST, **values)
    assert [command.text for command in made] == ["ucdiag probe --address 10.0.0.20 --port 80 --host 10.0.0.20"]


def test_a_lookup_is_no_phone_s() -> None:
    values = {"domain": "contoso.com", "mac": "00:04:f2:aa:bb:cc", "named_mac": "1"}
    assert commands("ucdiag check-dns {domain}", **values)[-1].text == "ucdiag check-dns contoso.com"


def test_a_server_that_was_named_by_its_url_is_asked_by_it_again() -> None:
    """At its address alone another path would be asked, and under a name that its certificate lacks."""
    values = {"address": "10.0.0.20", "port": "443", "asked_url": EXTERNAL}
    made = commands("ucdiag probe --address {address} --port {port} --body phone.request", step=Step.RESPONSE, **values)
    assert [command.text for command in made] == [f"ucdiag probe --url {EXTERNAL} --body phone.request"]


def test_of_commands_that_do_the_same_one_is_to_be_taken() -> None:
    add, old, clear = commands(
        "Add-DnsServerResourceRecordA -ZoneName {domain}",
        "dnscmd {nameserver} /recordadd {domain} {label} A {address}",
        "Clear-DnsServerCache -ComputerName {nameserver} -Force",
    )[:3]
    assert (add.choice, old.choice, clear.choice) == ("record", "record", None)
    assert (add.shell, old.shell) == ("powershell", "cmd")


def test_curl_has_a_twin_for_powershell() -> None:
    plain, twin = commands('curl -v -X POST --data "" "{url}"', step=Step.REQUEST, url="http://10.0.0.20/x")
    assert (plain.shell, plain.text) == ("sh", 'curl -v -X POST --data "" "http://10.0.0.20/x"')
    assert (twin.shell, twin.text) == ("powershell", 'curl.exe -v -X POST -H "Content-Length: 0" "http://10.0.0.20/x"')
    assert plain.choice == twin.choice == "fetch"


@pytest.mark.parametrize(("platform", "shell"), [("linux", "sh"), ("darwin", "sh"), ("win32", "powershell")])
def test_a_command_for_this_machine_is_for_the_shell_of_its_system(platform: str, shell: str) -> None:
    assert shell_here(platform) == shell


def test_no_command_for_this_machine_is_for_another_system() -> None:
    made = [*commands("ucdiag check-dns {domain}", domain="contoso.com"), commands("Enable-CsComputer")[-1]]
    assert {(command.where, command.shell) for command in made} == {("this machine", shell_here())}


NEEDS_RIGHTS = re.compile(r"ucdiag (check-dhcp --ask|capture -i )|tcpdump ")


@in_parts("command", [command for command in COMMANDS if NEEDS_RIGHTS.search(command)])
def test_what_takes_rights_is_called_with_them(command: str) -> None:
    assert command.startswith("sudo ")


@pytest.mark.parametrize(
    ("shell", "text"), [("sh", "sudo ucdiag check-dhcp --ask"), ("powershell", "ucdiag check-dhcp --ask")]
)
def test_windows_has_no_sudo(monkeypatch: pytest.MonkeyPatch, shell: Shell, text: str) -> None:
    def patched_rule_of(command: str) -> Rule:
        rule = rule_of(command)
        return replace(rule, shell=shell) if command.startswith("sudo ") else rule

    monkeypatch.setattr(module, "rule_of", patched_rule_of)
    assert commands("Enable-CsComputer", step=Step.DHCP)[-1].text == text
    assert commands("sudo ucdiag check-dhcp --ask --mac {mac}")[0].text == f"{text} --mac <MAC of the phone>"


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("pool01.contoso.com", '--resolve "pool01.contoso.com:80:[fd00::20]" "http://pool01.contoso.com:80/"'),
        ("fd00::20", '"http://[fd00::20]:80/"'),
        ("[fd00::20]", '"http://[fd00::20]:80/"'),
    ],
)
def test_curl_is_given_the_address_of_a_name_alone(host: str, asked: str) -> None:
    template = 'curl -v --resolve {host}:{port}:{address} "http://{host}:{port}/"'
    assert commands(template, host=host, port="80", address="fd00::20")[0].text == f"curl -v {asked}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("sudo ucdiag check-dhcp --ask --mac {mac}", "sudo ucdiag check-dhcp --ask"),
        ("ucdiag probe --address {address} --port {port} --mac {mac}", "ucdiag probe --address 10.0.0.20 --port 80"),
        # On the wire there is no such phone.
        (
            "sudo ucdiag capture -i <interface> --mac {mac}",
            "sudo ucdiag capture -i <interface> --mac <MAC of the phone>",
        ),
        ('New-CsTestDevice -Identifier "{mac}"', 'New-CsTestDevice -Identifier "<MAC of the phone>"'),
    ],
)
def test_an_invented_phone_asks_and_is_never_looked_for(template: str, text: str) -> None:
    assert commands(template, address="10.0.0.20", invented="00:04:f2:00:00:01")[0].text == text
    real = commands(template, address="10.0.0.20", mac="00:04:f2:aa:bb:cc")[0].text
    assert "00:04:f2:aa:bb:cc" in real


# What the first words of a command say: where it runs, in which shell, and (!) that it changes something.
PLACES: list[tuple[str, str, list[str]]] = [
    ("this machine", "sh", ["grep "]),
    ("this machine, on a port that carries that VLAN", shell_here(), ["sudo ucdiag check-dhcp --ask --vlan "]),
    ("this machine, in the phones' VLAN", shell_here(), ["sudo ucdiag check-dhcp --ask"]),
    ("this machine, at the mirror of the phone's switch port", shell_here(), ["sudo ucdiag capture -i "]),
    ("this machine", shell_here(), ["ucdiag "]),
    ("a Windows PC in the phones' VLAN", "powershell", ["Resolve-DnsName ", "Test-NetConnection ", r"curl\.exe "]),
    ("a Windows PC in the phones' VLAN", "cmd", ["nslookup ", "tracert ", "arp ", "ping -f ", "netsh winhttp show "]),
    (
        "a Linux or macOS machine in the phones' VLAN",
        "sh",
        [
            "dig ",
            "nc ",
            "ping -M ",
            "sudo tcpdump ",
            "curl ",
            "openssl s_client ",
        ],
    ),
    (
        "the DNS server",
        "powershell",
        [
            "! Add-DnsServerResourceRecordA ",
            "! Remove-DnsServerResourceRecord ",
            "! Clear-DnsServerCache ",
            "Get-DnsServer",
            "Get-Service .* DNS$",
        ],
    ),
    ("the DNS server", "cmd", ["! dnscmd .*/recordadd ", "! dnscmd .*/recorddelete ", "! dnscmd "]),
    ("a domain controller", "cmd", ["! repadmin /syncall", "! certutil .*-dspublish "]),
    (
        "the DHCP server",
        "powershell",
        [
            "! Set-DhcpServerv4OptionValue ",
            "! Invoke-DhcpServer",
            "Get-DhcpServerv4OptionValue ",
            "Get-DhcpServer",
        ],
    ),
    ("the DHCP server", "cmd", ["! netsh dhcp .* set ", "netsh dhcp .* show "]),
    ("the server", "cmd", ["route print", "w32tm /(query|stripchart)", "! w32tm /resync"]),
    ("the server", "powershell", ["! New-NetFirewallRule "]),
    ("the web server of the pool", "cmd", ["netsh http show ", "icacls [^/]*$", "! icacls "]),
    (
        "the web server of the pool",
        "powershell",
        [
            "(netstat|Get-NetTCPConnection) ",
            "Get-TlsCipherSuite",
            "Get-ItemProperty ",
            re.escape('& "$env:windir\\system32\\inetsrv\\appcmd.exe" ') + "list ",
            "! " + re.escape('& "$env:windir\\system32\\inetsrv\\appcmd.exe" '),
            "Get-WebBinding ",
            "! New-WebBinding ",
            "Get-(ChildItem|Service|WinEvent|WindowsFeature) ",
            "! (Add|Install)-WindowsFeature ",
        ],
    ),
    ("the certification authority", "cmd", ["certutil -getreg "]),
    ("a domain member", "cmd", ["certutil -viewstore "]),
    (
        "a Front End server, in the management shell of Lync or Skype for Business",
        "powershell",
        [
            "Get-CsCertificate ",
            "! (Request|Set)-CsCertificate ",
            r"! Get-WmiObject .*\.Put\(\)",
            "Get-WmiObject ",
            "! Get-CsService .*Import-CsDeviceUpdate ",
            "Get-Cs",
            "! (Approve|Enable|New|Set)-Cs",
        ],
    ),
    ("the machine that has the capture", "sh", ["(tshark|editcap|mergecap) "]),
]


def test_where_and_in_which_shell_a_command_runs_and_whether_it_changes_something() -> None:
    found: dict[tuple[str, str], list[str]] = {}
    for rule in RULES:
        mark = {"change": "! ", "check": ""}[rule.purpose]
        found.setdefault((rule.where, rule.shell), []).append(mark + rule.pattern)
    expected: dict[tuple[str, str], list[str]] = {}
    for where, shell, patterns in PLACES:
        expected.setdefault((where, shell), []).extend(patterns)
    assert {place: sorted(those) for place, those in found.items()} == {
        place: sorted(those) for place, those in expected.items()
    }


def test_which_commands_do_the_same() -> None:
    """One of each is enough; what stands alone has no choice."""
    choices: dict[str | None, list[str]] = {}
    for rule in RULES:
        choices.setdefault(rule.choice, []).append(rule.pattern)
    del choices[None]
    assert choices == {
        "ask": ["Resolve-DnsName ", "dig ", "nslookup "],
        "record": ["Add-DnsServerResourceRecordA ", "dnscmd .*/recordadd "],
        "old record": ["Remove-DnsServerResourceRecord ", "dnscmd .*/recorddelete "],
        "option": ["Set-DhcpServerv4OptionValue ", "netsh dhcp .* set "],
        "show": ["netsh dhcp .* show ", "Get-DhcpServerv4OptionValue "],
        "open": ["Test-NetConnection ", "nc "],
        "size": ["ping -f ", "ping -M "],
        "fetch": [r"curl\.exe ", "curl "],
    }
