"""The form of a catalogue entry, and how its placeholders are filled."""

import re
from collections.abc import Mapping
from typing import TypeAlias

from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.steps import Level, Step, Who
from ucdiag.model.vocabulary import FindingCode, FoundBy


@record(frozen=True, slots=True, kw_only=True)
class Variant:
    """What to do instead, where more is known of how the condition came about."""

    name: str
    fix: str
    commands: tuple[str, ...]
    who: Who


@record(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding code: all that is known about it, as data.

    ``level`` is the usual level; the engine lowers an error that recovered to a warning. ``where`` holds ``A``
    when the active commands can find it, ``C`` when a capture can. ``title`` is one positive statement of the
    condition. ``fix`` and ``commands`` may hold the placeholders that the engine fills in (see ``FIELDS``); the
    commands that check come before those that change something. ``supersedes`` names the codes that are mere
    consequences and are not listed beside this one. ``sources`` are readable references, each of which begins
    with how sure the fact is (see ``catalogue.references``). ``variants`` are other advice, which an event asks for by
    the value ``variant``.
    """

    code: FindingCode
    step: Step
    level: Level
    where: FoundBy
    title: str
    meaning: str
    causes: tuple[str, ...]
    fix: str
    commands: tuple[str, ...]
    who: Who
    sources: tuple[str, ...]
    supersedes: tuple[FindingCode, ...] = ()
    variants: tuple[Variant, ...] = ()

    def has_variant(self, name: str) -> bool:
        """Whether there is other advice of this name."""
        return any(candidate.name == name for candidate in self.variants)

    def advice_for(self, variant: str | None) -> tuple[str, tuple[str, ...], Who]:
        """The fix, its commands and who can do it."""
        for candidate in self.variants:
            if candidate.name == variant:
                return candidate.fix, candidate.commands, candidate.who
        return self.fix, self.commands, self.who


# What the engine can put into ``fix`` and ``commands``, as {name}; each has a telling default when unknown.
# A default in a command begins with "<", so that a shell stops at it instead of running half a command.
FIELDS: dict[str, str] = {
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

#: Values of placeholders; None where one is not known.
Values: TypeAlias = Mapping[str, str | None]

# Where only the domain is known, it may be a zone of its own.
_INSTEAD = {"zone": "domain", "record": "label"}
_PLACEHOLDER = pattern(r"\{(" + "|".join(FIELDS) + r")\}")
_RESOLVE = " --resolve {host}:{port}:{address}"
# A word of a command, outside quotes, in which an address may need brackets; with what makes it a Host header.
_UNQUOTED = pattern(r'(?<![^ ])(--host )?([^ "]*\{(?:address|host|url|asked_url|nameservers)\}[^ "]*)(?![^ ])')

# The values come from whoever is on the wire, and the commands are made to be pasted. So a value stands in a
# command only if no shell (sh, cmd.exe, PowerShell) gives any of its characters a meaning, and if no program
# takes it for an option: hence no blank, quote, bracket, $ % & * ; < > ? \ ^ ` | ~, no leading "-", and a leading
# "/" (an option to Windows programs) in {path} alone, which the catalogue uses only behind a host. The brackets around
# an IPv6 address are the exception: a word that has them is put in quotes.
_NAME = pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,254}")
_ADDRESS = pattern(r"[A-Za-z0-9:][A-Za-z0-9._:-]{0,254}")
# The logs of a server may name its computer, or their folder, in place of an address, and no port.
_IP_ADDRESS = pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?=[0-9A-Fa-f.]*:)[0-9A-Fa-f:][0-9A-Fa-f:.]{1,44}")
_NUMBER = pattern(r"[0-9]{1,5}")
_USED_PORT = pattern(r"0{0,4}[1-9][0-9]{0,4}")
_IPV6 = r"\[[0-9A-Fa-f:.]{2,45}\]"
_IN_BRACKETS = pattern(_IPV6)
_URL = pattern(rf"[Hh][Tt][Tt][Pp][Ss]?://(?:[A-Za-z0-9]|{_IPV6})[A-Za-z0-9._:/=+-]{{0,2000}}")
_NAMESERVER = rf"(?:[A-Za-z0-9:][A-Za-z0-9._:-]{{0,254}}|{_IPV6}:[0-9]{{1,5}})"
_SERIAL = pattern(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PASTABLE: dict[str, re.Pattern[str]] = {
    "domain": _NAME,
    "sip_domain": _NAME,
    "name": _NAME,
    "label": _NAME,
    "zone": _NAME,
    "record": _NAME,
    "origin": pattern(r"(?!)"),  # words, for sentences alone
    "software": pattern(r"(?!)"),
    "address": _IP_ADDRESS,
    "port": _USED_PORT,
    "scheme": pattern(r"https?"),
    "nameserver": _ADDRESS,
    "dns_port": _NUMBER,
    "nameservers": pattern(rf"{_NAMESERVER}(?: -n {_NAMESERVER}){{0,9}}"),
    "url": _URL,
    "asked_url": _URL,
    "host": _ADDRESS,
    "path": pattern(r"/[A-Za-z0-9._/=+-]{0,500}"),
    "mac": pattern(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}"),
    "serial": _SERIAL,
    "status": _NUMBER,
    "dhcp_server": _ADDRESS,
    "vlan": _NUMBER,
}


def usual_values(step: Step) -> Values:
    """What placeholders of a step's advice stand for where nothing was seen: TLS is on another port than the rest."""
    return {"port": "443", "scheme": "https"} if step is Step.TLS else {}


def fill_text(text: str, values: Values) -> str:
    """``text`` with each {name} of ``FIELDS`` replaced by its value, or by its default where there is none.

    One pass: a value that holds braces is not read again, and every other brace stays as it is (PowerShell's).
    The values are put in as they are; making them safe to show is the views' work.
    """
    return _PLACEHOLDER.sub(lambda match: _value_of(match[1], values) or FIELDS[match[1]], text)


def fill_command(command: str, values: Values) -> str:
    """As ``fill_text``, for what will be pasted into a shell: a value that is not plainly harmless there is left out.

    The placeholder's default stands in its place, and whoever pastes it must put in what they trust. The usual DNS
    port is not spelt out to dig. An IPv6 address stands in brackets where a port or a path may follow.
    """

    def harmless_value(match: re.Match[str]) -> str:
        name = match[1]
        value = _value_of(name, values) or ""
        if name == "host" and _IN_BRACKETS.fullmatch(value):
            value = value[1:-1]
        if not _PASTABLE[name].fullmatch(value):
            return FIELDS[name]
        return f"[{value}]" if name in ("address", "host") and _needs_brackets(value, match) else value

    def quoted_word(match: re.Match[str]) -> str:
        option = match[1] or ""
        filled = _PLACEHOLDER.sub(harmless_value, option + match[2]).removeprefix(option)
        return option + " ".join(f'"{word}"' if "[" in word else word for word in filled.split(" "))

    if values.get("dns_port") == FIELDS["dns_port"] or not _NUMBER.fullmatch(values.get("dns_port") or ""):
        command = command.replace("dig -p {dns_port} ", "dig ")
    if ":" in (values.get("host") or ""):
        command = command.replace(_RESOLVE, "")  # curl takes no IPv6 address for a name
    if command.startswith("ping ") and (values.get("host" if "{host}" in command else "address") or "").count(":") > 1:
        # Its header has 20 bytes more. No router cuts its packets, and Windows has -f for IPv4 alone.
        command = command.replace("-f -l 1472", "-l 1452").replace("-s 1472", "-s 1452")
    return _PLACEHOLDER.sub(harmless_value, _UNQUOTED.sub(quoted_word, command))


def _value_of(name: str, values: Values) -> str | None:
    return values.get(name) or (values.get(_INSTEAD[name]) if name in _INSTEAD else None)


def _needs_brackets(value: str, place: re.Match[str]) -> bool:
    """Whether a host is an IPv6 address at a place of a template where it is part of a URL, an endpoint or a header."""
    before, after = place.string[: place.start()], place.string[place.end() :]
    return value.count(":") > 1 and (before.endswith(("//", ":", "--host ")) or after.startswith(":"))


def can_ask_port(command: str, values: Values) -> bool:
    """Whether the command asks what was asked: PowerShell's Resolve-DnsName knows no port but 53."""
    usual = values.get("dns_port") in (None, "", FIELDS["dns_port"])
    return usual or not (command.startswith("Resolve-DnsName ") and "{nameserver}" in command)
