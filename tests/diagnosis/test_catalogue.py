"""The catalogue holds exactly the promised codes, each usable by somebody who is tired, and none that can hurt."""

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.diagnosis.story import command_texts
from tests.in_parts import in_parts
from ucdiag.diagnosis.catalogue import (
    CATALOGUE,
    connect,
    dhcp,
    dns,
    download,
    nearest_codes,
    references,
    request,
    response,
    tls,
)
from ucdiag.diagnosis.catalogue.entry import FIELDS, Entry, fill_command, fill_text
from ucdiag.diagnosis.catalogue.references import CERTAINTIES
from ucdiag.diagnosis.engine import Engine
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import finding
from ucdiag.model.observations import Lookup
from ucdiag.model.steps import STEPS, Level, Step, Who

# code, level (E error, W warning, I information), where (A found by the active commands, C in a capture)
PROMISED = """
dhcp-no-answer E AC
dhcp-nak E C
dhcp-no-domain E AC
dhcp-domain-unusable E AC
dhcp-no-resolver E AC
dhcp-domains-differ W AC
dhcp-domain-unexpected W AC
dhcp-voice-vlan-silent E C
dhcp-domain-by-class W AC
lease-rewritten W A
restart-loop W C
dns-r2-missing E AC
dns-legacy-only E AC
dns-sip-domain-only E A
dns-no-address E AC
dns-server-failure E AC
dns-refused E AC
dns-no-answer E AC
dns-bad-address E AC
dns-wrong-domain W C
dns-servers-disagree W A
dns-wildcard W A
dns-not-asked I C
dns-answer-from-elsewhere E AC
firmware-needs-sign-in I A
sign-in-failed W C
other-server-failed I C
connect-refused E AC
connect-no-answer E AC
connect-unreachable E AC
connect-not-tried I C
tls-no-answer E AC
tls-version E AC
tls-untrusted E AC
tls-name-mismatch E A
tls-expired E AC
tls-not-yet-valid E A
tls-sha2-chain W AC
tls-handshake E AC
request-not-sent I C
http-no-answer E AC
http-closed E AC
http-not-http E AC
http-redirected E AC
http-auth-required E AC
http-proxy-auth E AC
http-forbidden E AC
http-not-found E AC
http-method-refused E AC
http-server-error E AC
http-unavailable E AC
http-status E AC
external-sign-in-needed I AC
external-sign-in-refused I AC
external-sign-in-binding W A
check-overdue W C
response-not-xml E AC
response-malformed E AC
response-unknown E AC
response-urls-blank E AC
response-internal-url-blank E AC
response-external-url-blank W AC
response-url-unusable E AC
no-update-offered I AC
host-header-differs W A
same-version-offered I AC
downgrade-offered W AC
stage-skipped W AC
internal-url-https I AC
external-url-http W AC
external-host-missing W A
download-host-missing E AC
download-connect-failed E AC
download-not-found E AC
download-refused E AC
download-server-error E AC
download-status E AC
download-truncated E AC
download-stalled E AC
download-empty E AC
download-not-firmware E AC
download-not-tried I C
update-applied I C
update-not-applied W C
capture-too-short I C
capture-gap I C
capture-one-direction I C
capture-clocks-differ W C
capture-encapsulated I C
no-phone-seen I C
"""
LEVELS = {"E": Level.ERROR, "W": Level.WARNING, "I": Level.INFORMATION}
STEP_OF = {
    "http": Step.REQUEST,
    "external": Step.REQUEST,
    "no": Step.RESPONSE,
    "same": Step.RESPONSE,
    "downgrade": Step.RESPONSE,
    "stage": Step.RESPONSE,
    "internal": Step.RESPONSE,
    "external-url": Step.RESPONSE,
    "external-host": Step.RESPONSE,
    "host": Step.RESPONSE,
    "update": Step.DOWNLOAD,
    "check": Step.REQUEST,
    "restart": Step.DHCP,
    "capture": Step.DHCP,
    "sign": Step.DNS,
    "other": Step.CONNECT,
}
MODULES = {
    Step.DHCP: dhcp,
    Step.DNS: dns,
    Step.CONNECT: connect,
    Step.TLS: tls,
    Step.REQUEST: request,
    Step.RESPONSE: response,
    Step.DOWNLOAD: download,
}
ENTRIES = [entry for module in MODULES.values() for entry in module.ENTRIES]
each_entry = in_parts("entry", ENTRIES, ids=lambda entry: entry.code)


@pytest.mark.parametrize("module", [dhcp, dns, connect, tls, request, response, download])
def test_of_a_code_the_entries_of_its_own_step_are_loaded(module: Any) -> None:
    for entry in module.ENTRIES:
        fresh = type(CATALOGUE)()
        assert fresh[entry.code] is entry
        assert list(vars(fresh)["_modules"]) == [module.__name__.rpartition(".")[2]]


def test_exactly_the_promised_codes_are_there_once_with_their_level_and_place() -> None:
    promised = [tuple(line.split()) for line in PROMISED.strip().splitlines()]
    letter = {level: name for name, level in LEVELS.items()}
    assert sorted((entry.code, letter[entry.level], entry.where) for entry in ENTRIES) == sorted(promised)
    assert len(CATALOGUE) == len(ENTRIES) == len(promised)


def test_the_catalogue_is_in_path_order() -> None:
    assert list(CATALOGUE.values()) == ENTRIES
    assert all(one.step.number <= other.step.number for one, other in pairwise(CATALOGUE.values()))
    assert tuple(MODULES) == STEPS
    assert all(entry.step is step for step, module in MODULES.items() for entry in module.ENTRIES)


@each_entry
def test_the_code_begins_with_its_step(entry: Entry) -> None:
    if entry.code not in ("no-phone-seen", "lease-rewritten", "firmware-needs-sign-in"):
        beginning, second = entry.code.split("-")[:2]
        assert entry.step is (STEP_OF.get(f"{beginning}-{second}") or STEP_OF.get(beginning) or Step(beginning))


def texts(entry: Entry) -> list[str]:
    return [entry.meaning, entry.fix, *entry.causes, *entry.sources]


@each_entry
def test_every_text_is_there_and_ends_as_a_sentence(entry: Entry) -> None:
    assert isinstance(entry.who, Who)
    assert all((entry.causes, entry.commands, entry.sources))
    for text in texts(entry):
        assert len(text) > 20, text
        assert text[-1] in ".!", text
        assert text == text.strip()
    for text in [*texts(entry), entry.title]:
        assert not re.search(r"  |\t|\n|\.\.$", text), text
    assert entry.title[-1] not in ".!?:"
    assert entry.title[0].isupper() or entry.title.startswith("ucupdates")
    assert len(entry.title) <= 90
    assert all(text[0].isupper() or text.startswith("https:") or text[0].isdigit() for text in entry.causes)
    assert len(set(entry.causes)) == len(entry.causes)


@each_entry
def test_placeholders_are_known_and_only_where_they_are_filled(entry: Entry) -> None:
    for text in [entry.title, entry.meaning, *entry.causes, *entry.sources]:
        assert not re.search(r"[{}]", text), text
    for text in [entry.fix, *entry.commands]:
        assert set(re.findall(r"\{(\w+)\}", text)) <= set(FIELDS), text
    assert not re.search(r"[{}]", fill_text(entry.fix, {}))


@each_entry
def test_sources_say_how_sure_and_name_the_work_readably(entry: Entry) -> None:
    for source in entry.sources:
        certainty, _, fact = source.partition(": ")
        assert certainty in CERTAINTIES, source
        assert fact
        if certainty in ("documented", "traced", "field report"):
            assert re.search(r"\(.{6,}\)\.$", source), source
    for text in [*texts(entry), entry.title, *entry.commands]:
        assert not re.search(r"\[S\d|\bS\d{1,2}\b", text), text


@pytest.mark.parametrize("certainty", CERTAINTIES)
def test_a_source_is_the_fact_and_then_the_works(certainty: str) -> None:
    cite = getattr(references, certainty.replace(" ", "_"))
    source = "from " if certainty == "inferred" else ""
    assert cite("it is so") == f"{certainty}: it is so."
    assert cite("it is so", "one") == f"{certainty}: it is so ({source}one)."
    assert cite("it is so", "one", "other") == f"{certainty}: it is so ({source}one; other)."


@each_entry
def test_commands_are_one_line_with_balanced_quotes(entry: Entry) -> None:
    assert len(set(entry.commands)) == len(entry.commands)
    for command in entry.commands:
        assert command == command.strip()
        assert command.isprintable()
        assert command.isascii()
        filled = fill_command(command, {})
        assert filled.count('"') % 2 == 0, filled
        assert filled.count("'") % 2 == 0, filled
        assert filled.count("{") == filled.count("}")
        # A command that a placeholder was left open in must not run: "<" stops sh, cmd.exe and PowerShell alike,
        # and an unquoted ">" without it would write a file.
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", filled)
        assert re.fullmatch(r"(?:[^<>]|<[^<>]+>)*", bare), filled


def test_a_path_stands_behind_a_host_only() -> None:
    for entry in ENTRIES:
        for command in entry.commands:
            assert all(command[: found.start()].endswith("{port}") for found in re.finditer(r"\{path\}", command)), (
                command
            )


@each_entry
def test_supersedes_names_other_known_codes_and_nothing_of_an_earlier_step(entry: Entry) -> None:
    assert len(set(entry.supersedes)) == len(entry.supersedes)
    assert entry.code not in entry.supersedes
    for code in entry.supersedes:
        assert CATALOGUE[code].step.number >= entry.step.number


def test_supersedes_has_no_cycle() -> None:
    done: set[str] = set()

    def walk(code: str, above: tuple[str, ...]) -> None:
        assert code not in above, " > ".join((*above, code))
        if code not in done:
            for below in CATALOGUE[code].supersedes:
                walk(below, (*above, code))
            done.add(code)

    for code in CATALOGUE:
        walk(code, ())


@pytest.mark.parametrize(
    "code", ["http-server-error", "http-status", "response-unknown", "no-update-offered", "http-redirected"]
)
def test_what_nobody_has_published_is_said_where_it_matters(code: str) -> None:
    text = " ".join(texts(CATALOGUE[code]))
    assert re.search(r"published|not found|Nothing says", text)


@pytest.mark.parametrize("code", ["http-server-error", "http-status"])
def test_an_error_to_the_built_in_request_is_called_inconclusive(code: str) -> None:
    assert "built-in request" in CATALOGUE[code].meaning
    assert "inconclusive" in CATALOGUE[code].meaning
    assert any("--save-request" in command for command in CATALOGUE[code].commands)
    assert any("--body" in command for command in CATALOGUE[code].commands)


def test_the_commands_that_an_administrator_expects() -> None:
    def of(code: str) -> str:
        return "\n".join(fill_command(command, SITE) for command in CATALOGUE[code].commands)

    missing = of("dns-r2-missing")
    assert "dnscmd 10.0.0.53 /recordadd contoso.com ucupdates-r2 A 10.0.0.8" in missing
    assert (
        "Add-DnsServerResourceRecordA -ComputerName 10.0.0.53 -ZoneName contoso.com -Name ucupdates-r2 "
        "-IPv4Address 10.0.0.8"
    ) in missing
    assert "dig @10.0.0.53 ucupdates-r2.contoso.com A" in missing
    domain = of("dhcp-no-domain")
    assert "netsh dhcp server 10.0.0.1 scope <scope> set optionvalue 015 STRING contoso.com" in domain
    assert "Set-DhcpServerv4OptionValue -ComputerName 10.0.0.1 -ScopeId <scope> -DnsDomain contoso.com" in domain
    blank = of("response-urls-blank")
    assert "MSFT_SIPUpdatesServerSetting" in blank
    assert "{ $_.Backend -eq '<Backend>' }" in blank
    assert "Get-CsService -WebServer" in blank
    assert "certutil -f -dspublish <root certificate file> RootCA" in of("tls-untrusted")
    assert "Approve-CsDeviceUpdateRule" in of("no-update-offered")
    assert '-IdentifierType MACAddress -Identifier "00:04:f2:aa:bb:cc"' in of("no-update-offered")


def test_a_bad_address_is_never_put_into_the_record_again() -> None:
    for command in CATALOGUE["dns-bad-address"].commands:
        if "Add-" in command or "/recordadd" in command:
            assert "{address}" not in command
    for command in CATALOGUE["dhcp-domain-unusable"].commands:
        assert "{domain}" not in command


# What a plain site puts in: all of it must reach the commands.
SITE = {
    "domain": "contoso.com",
    "sip_domain": "contoso.net",
    "name": "ucupdates-r2.contoso.com",
    "label": "ucupdates-r2",
    "zone": "contoso.com",
    "record": "ucupdates-r2",
    "address": "10.0.0.8",
    "port": "443",
    "scheme": "https",
    "nameserver": "10.0.0.53",
    "dns_port": "53",
    "nameservers": "10.0.0.53 -n 10.0.0.54:5353",
    "url": "http://pool01.contoso.com/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE/CPE.nbt",
    "asked_url": "https://ocsrp.fabrikam.com/RequestHandlerExt/ucdevice.upx",
    "host": "pool01.contoso.com",
    "path": "/RequestHandlerExt/ucdevice.upx",
    "mac": "00:04:f2:aa:bb:cc",
    "serial": "AB37_679e",
    "status": "503",
    "dhcp_server": "10.0.0.1",
    "vlan": "100",
    "origin": "the record of ucupdates-r2.contoso.com",
    "software": "nginx/1.22.1",
}


def test_plain_values_are_filled_everywhere() -> None:
    assert set(SITE) == set(FIELDS)
    for field, value in SITE.items():
        pasted = FIELDS[field] if field in ("origin", "software") else value  # words, for sentences alone
        assert fill_command(f"x {{{field}}} y", SITE) == f"x {pasted} y"
        assert fill_text(f"x {{{field}}} y", SITE) == f"x {value} y"


@pytest.mark.parametrize(
    ("field", "value"),
    [("nameserver", "2001:db8::53"), ("address", "::1"), ("nameserver", "[::1]:53"), ("host", "pool_01.contoso.com")],
)
def test_addresses_of_either_family(field: str, value: str) -> None:
    expected = FIELDS[field] if "[" in value else value
    assert fill_command(f"{{{field}}}", {field: value}) == expected


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("address", {"10.0.0.20": True, "2001:db8::20": True, "::ffff:10.0.0.20": True, "fd00::1": True}),
        ("address", {"POOL01": False, "pool01.contoso.com": False, "W3SVC1": False, "fd": False, "10.0.0": False}),
        ("port", {"80": True, "08080": True, "0": False, "00000": False, "100000": False}),
    ],
)
def test_what_a_command_does_not_take_is_left_out(field: str, values: dict[str, bool]) -> None:
    """Logs name a server's computer or their folder in place of its address, and may have no port."""
    found = {value: fill_command(f"{{{field}}}", {field: value}) == value for value in values}
    assert found == {value: kept or value == FIELDS[field] for value, kept in values.items()}


@pytest.mark.parametrize("code", [code for code, entry in CATALOGUE.items() if any("dig" in c for c in entry.commands)])
@pytest.mark.parametrize(("port", "words"), [(None, ""), ("53", ""), ("5353", "-p 5353 "), ("53; reboot", "")])
def test_dig_asks_the_port_that_was_asked(code: str, port: str | None, words: str) -> None:
    values = SITE | {"dns_port": port or ""}
    for command in command_texts(finding(code, "x", values=values)):
        assert "dns_port" not in command
        if command.startswith("dig ") and "@" in command:
            assert command.startswith((f"dig {words}@10.0.0.53 ", f"dig {words}+tcp @10.0.0.53 "))
        if command.startswith("Resolve-DnsName ") and port == "5353":
            assert "10.0.0.53" not in command  # it cannot be told a port


def test_the_port_of_the_question_reaches_the_commands() -> None:
    for port, asked in ((None, "dig @10.0.0.53 "), (53, "dig @10.0.0.53 "), (5353, "dig -p 5353 @10.0.0.53 ")):
        engine = Engine(DiagnosisOptions(domain="contoso.com", tested=frozenset({Step.DNS})))
        name = "ucupdates-r2.contoso.com"
        engine.feed(Lookup(time=1, name=name, type="A", server="10.0.0.53", server_port=port, rcode="REFUSED"))
        [found] = engine.finish(2).findings
        digs = [command for command in command_texts(found) if command.startswith("dig ")]
        assert digs == [f"{asked}{name} A"]
        assert any(command.startswith("Resolve-DnsName") for command in command_texts(found)) == (port != 5353)


@pytest.mark.parametrize(
    ("host", "address", "sizes"),
    [
        ("10.0.0.2", "10.0.0.2", {"-f -l 1472 10.0.0.2", "-M do -s 1472 10.0.0.2"}),
        ("2001:db8::2", "2001:db8::2", {"-l 1452 2001:db8::2", "-M do -s 1452 2001:db8::2"}),
        ("pool:80", "10.0.0.2", {"-f -l 1472 pool:80", "-M do -s 1472 pool:80", "-f -l 1472 10.0.0.2"}),
        ("pool", "2001:db8::2", {"-f -l 1472 pool", "-M do -s 1472 pool", "-l 1452 2001:db8::2"}),
    ],
)
def test_the_largest_ping_is_one_that_windows_sends_by_that_protocol(host: str, address: str, sizes: set[str]) -> None:
    templates = {command for entry in CATALOGUE.values() for command in entry.commands if command.startswith("ping ")}
    assert len(templates) == 3
    filled = {fill_command(template, {"host": host, "address": address}) for template in templates}
    assert filled == {f"ping {words}" for words in sizes}


def test_unknown_and_empty_values_leave_the_telling_default() -> None:
    for text in ("{domain}", "dig {name} A"):
        assert fill_text(text, {}) == fill_text(text, {"domain": "", "name": ""}) == fill_command(text, {"domain": ""})
    assert fill_text("{domain}", {}) == "<DHCP domain>"


def test_braces_of_powershell_and_unknown_names_stay() -> None:
    text = "ForEach-Object { $_.Put() } {nonsense} {} {{domain}} ${mac}"
    values = {"nonsense": "evil", "domain": "d.example", "mac": "00:04:f2:aa:bb:cc"}
    expected = "ForEach-Object { $_.Put() } {nonsense} {} {d.example} $00:04:f2:aa:bb:cc"
    assert fill_text(text, values) == expected
    assert fill_command(text, values) == expected


def test_a_value_is_not_read_again() -> None:
    assert fill_text("{domain} {mac}", {"domain": "{mac}{domain}", "mac": "\\1 \\g<0>"}) == "{mac}{domain} \\1 \\g<0>"


@pytest.mark.parametrize(
    "value",
    [
        "contoso.com; rm -rf ~",
        "contoso.com\nreboot",
        "contoso.com\n",
        "$(reboot)",
        "`reboot`",
        "a|b",
        "a&b",
        "a>b",
        "%COMSPEC%",
        "^a",
        "!x!",
        "a b",
        "'a",
        '"a',
        "#a",
        "~root",
        "*",
        "a?",
        "(a)",
        "{a}",
        "[a]",
        "a\\b",
        "a,b",
        "-f/etc/passwd",
        "--axfr",
        "/f",
        "@splat",
        "=cmd",
        "contoso.com\x00",
        "contoso.com\u202e",
        "\u2013x",
        "\u201cx",
        "cont\u00f6so.com",
        "\u0661\u0660",
        "a" * 3000,
    ],
)
def test_what_a_shell_or_a_program_could_misread_is_left_out_of_commands(value: str) -> None:
    for field in FIELDS:
        if field == "path" and value == "/f":
            continue
        assert fill_command(f"run {{{field}}}", {field: value}) == f"run {FIELDS[field]}"
        assert fill_text(f"{{{field}}}", {field: value}) == value


@pytest.mark.parametrize(
    "url",
    [
        "http://h/a&b",
        "http://h/?a=b",
        "http://h/%CD%",
        "http://h/a;b",
        "file:///etc/passwd",
        "javascript:x",
        "http://-h/",
        "http:///x",
        "http://u@h/",
    ],
)
def test_urls_that_a_shell_could_misread_are_left_out_of_commands(url: str) -> None:
    assert fill_command('curl "{url}"', {"url": url}) == 'curl "<URL of the file>"'


SHELL = "'\"`$&|;<>(){}[]!*?#~%^\\ \t\n\r\x00,"


@given(
    st.sampled_from(sorted(FIELDS)),
    st.text(max_size=30) | st.text(alphabet=SHELL + "a1.-:/@", max_size=12) | st.text("abc019.:/_-", max_size=12),
)
@example("domain", "a\n")
@example("path", "/x\n")
def test_no_value_brings_a_character_with_a_meaning_into_a_command(field: str, value: str) -> None:
    filled = fill_command(f"X{{{field}}}Y", {field: value})
    put_in = filled.replace('"', "")[1:-1]
    if put_in != FIELDS[field]:
        assert put_in == value or (field, f"[{put_in}]") == ("host", value)
        # Brackets stand around an address alone, and in quotes.
        assert re.fullmatch(
            r"[A-Za-z0-9._:/=+-]+", re.sub(r'"([^"\[]*)\[([0-9A-Fa-f:.]+)\]([^"\[]*)"', r"\1\2\3", filled)
        )
        assert not put_in.startswith(("-", "=", "+"))
        assert not put_in.startswith("/") or field == "path"


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(max_size=20)), st.sampled_from(ENTRIES))
def test_a_filled_command_differs_from_its_form_in_harmless_words_only(values: dict[str, str], entry: Entry) -> None:
    for command in entry.commands:
        filled = fill_command(command, values)
        if " -p " not in filled:
            command = command.replace(" -p {dns_port}", "")  # dig needs no word of the usual port
        if "--resolve" not in filled:
            command = command.replace(" --resolve {host}:{port}:{address}", "")  # of a host that is an address
        if re.match(r"ping .*-[ls] 1452 ", filled):
            command = command.replace("-f -l 1472", "-l 1452").replace("-s 1472", "-s 1452")  # by IPv6
        form = "".join(
            rf"(?:{re.escape(FIELDS[part[1:-1]])}|[A-Za-z0-9._:/=+-]+)" if part[1:-1] in FIELDS else re.escape(part)
            for part in re.split(r"(\{\w+\})", command)
        )
        assert re.fullmatch(form, filled)


@given(st.text(max_size=80))
def test_a_text_without_placeholders_is_kept(text: str) -> None:
    if not any(f"{{{field}}}" in text for field in FIELDS):
        assert fill_text(text, SITE) == text == fill_command(text, SITE)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("dns-legacy-onyl", "dns-legacy-only"),
        ("DNS_R2_MISSING", "dns-r2-missing"),
        (" http not found ", "http-not-found"),
        ("wildcard", "dns-wildcard"),
        ("nak", "dhcp-nak"),
    ],
)
def test_nearest_guesses_what_was_meant(text: str, first: str) -> None:
    assert nearest_codes(text)[0] == first


def test_nearest_does_not_guess_wildly() -> None:
    assert nearest_codes("") == nearest_codes("zzzzzzzz") == nearest_codes("\x00" * 10_000) == ()


@given(st.text())
def test_nearest_takes_any_text(text: str) -> None:
    found = nearest_codes(text)
    assert len(found) <= 5
    assert set(found) <= set(CATALOGUE)


@each_entry
def test_every_text_is_a_sentence_or_a_statement(entry: Entry) -> None:
    sentences = [entry.meaning, *entry.causes, entry.fix, *(variant.fix for variant in entry.variants)]
    for text in sentences:
        assert len(text.split()) >= 4, text
        assert text.endswith((".", ")")), text
    assert len(entry.title.split()) >= 3, entry.title
    for command in (*entry.commands, *(command for variant in entry.variants for command in variant.commands)):
        assert len(command) >= 6, command


@each_entry
def test_a_command_that_switches_require_ssl_off_is_not_silent_on_it(entry: Entry) -> None:
    for advice in (entry, *entry.variants):
        if any("/sslFlags:None" in command for command in advice.commands):
            assert re.search(r"'Require SSL' off|off 'Require SSL'", advice.fix), advice.fix


# The codes that are mere consequences of another one.
SUPERSEDES = """
dhcp-no-answer: dns-not-asked connect-not-tried request-not-sent download-not-tried
dhcp-nak: dhcp-no-answer dns-not-asked connect-not-tried request-not-sent download-not-tried
dhcp-no-domain: dns-not-asked dns-wrong-domain connect-not-tried request-not-sent download-not-tried
dhcp-domain-unusable: dns-not-asked dns-wrong-domain connect-not-tried request-not-sent download-not-tried
dhcp-no-resolver: dns-not-asked connect-not-tried request-not-sent download-not-tried
dhcp-voice-vlan-silent: dhcp-no-answer dns-not-asked connect-not-tried request-not-sent download-not-tried
dhcp-domain-by-class: dhcp-no-domain
dns-r2-missing: connect-not-tried request-not-sent download-not-tried
dns-legacy-only: dns-r2-missing connect-not-tried request-not-sent download-not-tried
dns-sip-domain-only: dns-r2-missing dns-legacy-only connect-not-tried request-not-sent download-not-tried
dns-no-address: connect-not-tried request-not-sent download-not-tried
dns-server-failure: connect-not-tried request-not-sent download-not-tried
dns-refused: connect-not-tried request-not-sent download-not-tried
dns-no-answer: connect-not-tried request-not-sent download-not-tried
dns-bad-address: connect-refused connect-no-answer connect-unreachable connect-not-tried request-not-sent download-not-tried
dns-not-asked: connect-not-tried request-not-sent download-not-tried
dns-answer-from-elsewhere: connect-not-tried request-not-sent download-not-tried
firmware-needs-sign-in: dns-r2-missing dns-legacy-only dns-sip-domain-only
other-server-failed: request-not-sent download-not-tried
connect-refused: request-not-sent download-not-tried
connect-no-answer: request-not-sent download-not-tried
connect-unreachable: request-not-sent download-not-tried
connect-not-tried: request-not-sent download-not-tried
tls-no-answer: request-not-sent download-not-tried
tls-version: tls-handshake request-not-sent download-not-tried
tls-untrusted: tls-handshake request-not-sent download-not-tried
tls-name-mismatch: tls-handshake request-not-sent download-not-tried
tls-expired: tls-handshake request-not-sent download-not-tried
tls-not-yet-valid: tls-handshake request-not-sent download-not-tried
tls-sha2-chain: tls-handshake
tls-handshake: request-not-sent download-not-tried
request-not-sent: download-not-tried
http-no-answer: download-not-tried
http-closed: download-not-tried
http-not-http: download-not-tried
http-redirected: download-not-tried
http-auth-required: download-not-tried
http-proxy-auth: download-not-tried
http-forbidden: download-not-tried
http-not-found: download-not-tried
http-method-refused: download-not-tried
http-server-error: download-not-tried
http-unavailable: download-not-tried
http-status: download-not-tried
external-sign-in-needed: download-not-tried
external-sign-in-refused: download-not-tried
external-sign-in-binding: download-not-tried
response-not-xml: download-not-tried
response-malformed: download-not-tried
response-unknown: download-not-tried
response-urls-blank: response-internal-url-blank response-external-url-blank response-url-unusable download-not-tried
response-internal-url-blank: response-url-unusable download-not-tried
response-url-unusable: download-host-missing download-connect-failed download-not-tried
no-update-offered: download-not-tried
same-version-offered: download-not-tried
download-host-missing: download-connect-failed download-not-tried
download-connect-failed: download-not-tried
download-not-found: download-not-tried
download-refused: download-not-tried
download-server-error: download-not-tried
download-status: download-not-tried
download-truncated: download-not-tried
download-stalled: download-not-tried
download-empty: download-not-tried download-truncated
download-not-firmware: download-not-tried download-truncated
"""  # noqa: E501 - a table


def test_what_a_code_supersedes() -> None:
    found = {entry.code: " ".join(entry.supersedes) for entry in ENTRIES if entry.supersedes}
    promised = dict(line.split(": ") for line in SUPERSEDES.strip().splitlines())
    assert found == promised, "SUPERSEDES, in this file, says another thing than the catalogue"


def test_defaults_of_the_placeholders() -> None:
    assert FIELDS == {
        "domain": "<DHCP domain>",
        "sip_domain": "<SIP domain>",
        "name": "ucupdates-r2.<DHCP domain>",
        "label": "ucupdates-r2",
        "zone": "<DHCP domain>",
        "record": "ucupdates-r2",
        "origin": "the record of ucupdates-r2.<DHCP domain>",
        "address": "<address of the pool>",
        "software": "another web server",
        "port": "80",
        "scheme": "http",
        "nameserver": "<DNS server>",
        "dns_port": "53",
        "nameservers": "<DNS server> -n <other DNS server>",
        "url": "<URL of the file>",
        "asked_url": "<URL of the update server>",
        "host": "<host of the URL>",
        "path": "/RequestHandler/ucdevice.upx",
        "mac": "<MAC of the phone>",
        "serial": "<serial of the phone>",
        "status": "<status>",
        "dhcp_server": "<DHCP server>",
        "vlan": "<voice VLAN>",
    }


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("dns-no-answr", "dns-no-answer"),
        (" DNS_NO_ANSWER ", "dns-no-answer"),
        ("dns no answer", "dns-no-answer"),
        ("wildcard", "dns-wildcard"),
        ("stalled", "download-stalled"),
    ],
)
def test_the_nearest_code(text: str, first: str) -> None:
    assert nearest_codes(text)[0] == first
    assert len(nearest_codes(text)) <= 5


def test_codes_that_share_the_most_words_come_first() -> None:
    codes = ("aaaa-bbbb", "aaaa-bbbb-cccc", "zz-yy", "cccc")
    assert nearest_codes("cccc-xxxxxxxxxxxxxxxxxxxxxx-bbbb-qqqqqqqqqqqqqq", codes) == (
        "aaaa-bbbb-cccc",
        "aaaa-bbbb",
        "cccc",
    )
    # Words of two letters say nothing.
    assert nearest_codes("yy", codes) == ()
    assert nearest_codes("  ", codes) == ()
    assert nearest_codes("completely-else", codes) == ()
