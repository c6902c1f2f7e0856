"""Adds the options of an active command's run to the commands of its advice, which shall ask as that run asked."""

from collections.abc import Iterable, Mapping

from ucdiag.model.fast_dataclass import replace
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Command, Finding
from ucdiag.model.text import powershell_literal
from ucdiag.model.vocabulary import Shell

#: Options as they were typed, each with its value; None for one without a value.
TypedOptions = tuple[tuple[str, str | None], ...]

_OF_ALL = ("--timeout", "--max-time", "--profile", "--no-profile")
_OF_DNS = ("--nameserver", "--connect-to")
_OF_DHCP = ("--interface", "--vlan", "--relay", "--circuit-id")
_OF_REQUEST = (
    *("--url", "--address", "--port", "--external", "--host", "--body", "--no-download", "--download-bytes"),
    *("--user", "--ca", "--proxy", "--device-type", "--vendor", "--model", "--revision", "--locale", "--firmware"),
)
# By command, which options make it ask something else, or another way.
_NEEDED: Mapping[str, frozenset[str]] = {
    "check": frozenset({*_OF_ALL, *_OF_DNS, *_OF_DHCP, *_OF_REQUEST, "--sip-domain", "--assume", "--ask"}),
    "check-dhcp": frozenset({*_OF_ALL, *_OF_DHCP}),
    "check-dns": frozenset({*_OF_ALL, *_OF_DNS, "--sip-domain"}),
    "probe": frozenset({*_OF_ALL, *_OF_DNS, *_OF_REQUEST}),
}
# What a command that names the server has no place for.
_SERVER = ("--url", "--address", "--port")
_WITH_URL = frozenset({*_SERVER, "--external"})
_SHORT = {"--nameserver": "-n", "--timeout": "-t", "--interface": "-i"}
_COMMAND = pattern(r"(?:sudo )?ucdiag (check|check-dhcp|check-dns|probe)(?: |$)")
# A body that was read of a pipe, which is gone: who pastes the command puts in a file.
_GONE = pattern(r"-|/dev/stdin|/(?:dev|proc/self)/fd/\d+")
_BODY_IN_FILE = "<file with the request>"
_HARMLESS = pattern(r"[A-Za-z0-9_%+=:./-][A-Za-z0-9_@%+=:,./-]*")


def options_of_run() -> frozenset[str]:
    """All options that some command of the advice may need."""
    return frozenset().union(*_NEEDED.values())


def with_repeated_options(findings: Iterable[Finding], typed: TypedOptions) -> tuple[Finding, ...]:
    """The findings with the options of the run in each command of the advice that takes them and does not have them."""
    if not typed:
        return tuple(findings)
    changed = []
    for found in findings:
        commands = tuple(_with_options(command, typed) for command in found.fix.commands)
        changed.append(replace(found, fix=replace(found.fix, commands=commands)))
    return tuple(changed)


def _with_options(command: Command, typed: TypedOptions) -> Command:
    match = _COMMAND.match(command.text)
    if match is None:
        return command
    text = command.text
    there = {word for word in text.split(" ") if word.startswith("-")}
    needed = _NEEDED[match[1]] - there - {long for long, short in _SHORT.items() if short in there}
    if "--url" in there:
        needed -= _WITH_URL
    elif not there.isdisjoint(_SERVER):
        needed -= {"--url", "--address"}
    if "<" in text:
        needed -= {"--host"}  # whose it is is not known
    added = [(option, value) for option, value in dict.fromkeys(typed) if option in needed]
    if ("--ask", None) in added and command.shell == "sh":
        text = f"sudo {text}"
    for option, value in added:
        text += f" {_SHORT.get(option, option)}"
        if option == "--body" and value is not None and _GONE.fullmatch(value):
            text += f" {_BODY_IN_FILE}"
        elif value is not None:
            text += f" {quoted_word(value, command.shell)}"
    return replace(command, text=text)


def quoted_word(word: str, shell: Shell) -> str:
    """A word for that shell, in quotes where it needs them."""
    if _HARMLESS.fullmatch(word):
        return word
    if shell == "powershell":
        return powershell_literal(word)
    return "'" + word.replace("'", "'\"'\"'") + "'"
