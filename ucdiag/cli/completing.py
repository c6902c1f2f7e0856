"""What may stand at the end of a command line that is being typed.

The answer is lines for the scripts in ``ucdiag/cli/shells``. The first is ``words`` or ``files``, a tab, and the
beginning of the word that no value repeats, such as ``--format=``. Each other line is a value, a tab, and a few words
about it. Behind ``files`` the shell adds its own.

click has its own way, but loses ``--option=`` in bash, fish and zsh (click 8.5), and calls the options' callbacks.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

import click

from ucdiag.cli.main import COMMANDS
from ucdiag.model.patterns import pattern

# shell -> the file in ``ucdiag/cli/shells``
SHELLS = {"bash": "ucdiag.bash", "zsh": "ucdiag.zsh", "fish": "ucdiag.fish", "powershell": "ucdiag.ps1"}

Value = tuple[str, str]
# What a shell leaves as it is. A value from outside that holds anything else is not offered.
_PLAIN = pattern(r"[A-Za-z0-9_@%+:./-]{1,200}")
_MOST = 400


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the last word stands: which parameter it is for, with what it begins, and what of it counts."""

    command: click.Command
    used: frozenset[str]
    parameter: click.Parameter | None
    prefix: str
    begun: str
    may_be_option: bool


def answer(words: Sequence[str]) -> str:
    """For the words behind ``ucdiag``, the last of which is being typed."""
    *before, last = words or [""]
    named = next((number for number, word in enumerate(before) if word in COMMANDS), None)
    if named is None:
        if last.startswith("-"):
            return _answer_text(
                "words", "", last, [("--help", "Show this message."), ("--version", "Show the version.")]
            )
        return _answer_text("words", "", last, ((name, summary) for name, (_, summary) in COMMANDS.items()))
    command: click.Command = import_module(COMMANDS[before[named]][0]).command
    place = _typed_place(command, before[named + 1 :], last)
    values = _known_values(place)
    if place.may_be_option and (last.startswith("-") or not (values or _takes_files(place))):
        return _answer_text("words", "", last, _option_spellings(place))
    return _answer_text("files" if _takes_files(place) else "words", place.prefix, place.begun, values)


def _typed_place(command: click.Command, before: Sequence[str], last: str) -> _Place:
    spellings = {
        spelling: parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    used: set[str] = set()
    position, ended, waiting = 0, False, None
    for word in before:
        if waiting is not None:
            waiting = None
        elif word == "--" and not ended:
            ended = True
        elif word.startswith("-") and word != "-" and not ended:
            name, separator, _ = word.partition("=")
            option, rest = (
                (spellings.get(name), separator) if word.startswith("--") else _last_short_option(spellings, word)
            )
            if option is not None:
                used.add(option.name or "")
                waiting = option if _needs_value(option) and not rest else None
        else:
            position += 1
    seen = frozenset(used)
    if waiting is not None:
        return _Place(command, seen, waiting, "", last, may_be_option=False)
    name, separator, value = last.partition("=")
    if separator and name.startswith("--") and not ended:
        return _Place(command, seen, spellings.get(name), f"{name}=", value, may_be_option=False)
    if last.startswith("-") and len(last) > 2 and not ended:
        option, rest = _last_short_option(spellings, last)
        if option is not None and _needs_value(option):
            return _Place(command, seen, option, last[: len(last) - len(rest)], rest, may_be_option=False)
    return _Place(command, seen, _argument_at(arguments, position), "", last, may_be_option=not ended)


def _last_short_option(spellings: dict[str, click.Option], word: str) -> tuple[click.Option | None, str]:
    """The last option of ``-vfhtml``, and what stands behind it in the word as its value."""
    option = None
    for number, letter in enumerate(word[1:], 2):
        option = spellings.get(f"-{letter}")
        if option is None:
            return None, ""
        if _needs_value(option):
            return option, word[number:]
    return option, ""


def _needs_value(option: click.Option) -> bool:
    return not option.is_flag and not option.count


def _argument_at(arguments: Sequence[click.Argument], position: int) -> click.Argument | None:
    for argument in arguments:
        if argument.nargs == -1 or position < argument.nargs:
            return argument
        position -= argument.nargs
    return None


def _takes_files(place: _Place) -> bool:
    parameter = place.parameter
    if parameter is None:
        return False
    return parameter.name == "files" or "FILE" in (parameter.type.name, str(parameter.metavar).removesuffix(".zip"))


def _known_values(place: _Place) -> list[Value]:
    parameter = place.parameter
    if parameter is None:
        return []
    known = _KNOWN.get((place.command.name or "", parameter.name or "")) or _KNOWN.get(("", parameter.name or ""))
    if known is not None:
        return list(known())
    return [(str(choice), "") for choice in parameter.type.choices] if isinstance(parameter.type, click.Choice) else []


def _option_spellings(place: _Place) -> Iterator[Value]:
    for option in place.command.params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        if option.name in place.used and not option.multiple and not option.count:
            continue
        for spelling in (*option.opts, *option.secondary_opts):
            if spelling.startswith("--"):
                yield spelling, option.help or ""
    yield "--help", "Show this message."


def _code_values() -> Iterator[Value]:
    from ucdiag.diagnosis.catalogue import CATALOGUE
    from ucdiag.diagnosis.catalogue.problems import PROBLEMS
    from ucdiag.model.steps import STEPS

    yield from ((entry.code, entry.title) for entry in CATALOGUE.values())
    yield from ((problem.code, problem.title) for problem in PROBLEMS.values())
    yield from ((step.value, f"All codes of step {step.number}") for step in STEPS)


def _scenario_names() -> Iterator[Value]:
    from ucdiag.lab.scenarios import SCENARIOS

    yield from ((scenario.name, scenario.title) for scenario in SCENARIOS.values())


def _shell_names() -> Iterator[Value]:
    yield from ((shell, "") for shell in SHELLS)


def _interface_names() -> Iterator[Value]:
    import sys

    if sys.platform == "win32":  # their names come with scapy, which takes seconds
        return
    import socket

    yield from ((name, "") for _, name in socket.if_nameindex())


def _mac_addresses() -> Iterator[Value]:
    """The MAC addresses of the site's profile, and of the neighbours that this machine has spoken with."""
    yield from ((mac, "in the site's profile") for mac in _profile_values("mac"))
    try:
        with open("/proc/net/arp", encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
            rows = [line.split() for line in file.read(1 << 16).splitlines()[1:]]
    except (OSError, ValueError):
        return
    yield from ((row[3], row[0]) for row in rows if len(row) > 3 and row[3].strip("0:"))


def _domain_names() -> Iterator[Value]:
    yield from ((domain, "in the site's profile") for domain in _profile_values("domain"))


def _nameserver_addresses() -> Iterator[Value]:
    yield from ((nameserver, "in the site's profile") for nameserver in _profile_values("nameserver"))


def _profile_values(key: str) -> tuple[str, ...]:
    from ucdiag.runtime import site_profile

    path = site_profile.find_profile()
    if path is None or site_profile.why_not_trusted(path):
        return ()
    try:
        return tuple(str(value) for value in site_profile.read_profile(path).tables.get("", {}).get(key, ()))
    except site_profile.ProfileError:
        return ()


def _general_formats() -> Iterator[Value]:
    from ucdiag.views import general_formats

    return ((name, "") for name in general_formats())


# (command, parameter) -> its values; "" is any command.
_KNOWN: dict[tuple[str, str], Callable[[], Iterable[Value]]] = {
    ("doctor", "format"): _general_formats,
    ("explain", "code"): _code_values,
    ("explain", "format"): _general_formats,
    ("lab", "scenario"): _scenario_names,
    ("completion", "shell"): _shell_names,
    ("", "interface"): _interface_names,
    ("", "mac"): _mac_addresses,
    ("", "domain"): _domain_names,
    ("", "domain_argument"): _domain_names,
    ("", "nameserver"): _nameserver_addresses,
}


def _answer_text(kind: str, prefix: str, begun: str, values: Iterable[Value]) -> str:
    lines = [f"{kind}\t{prefix}"]
    for value, about in values:
        if value.startswith(begun) and _PLAIN.fullmatch(value) and len(lines) <= _MOST:
            lines.append(f"{value}\t{' '.join(part for part in about.split() if part.isprintable())}")
    return "\n".join(lines) + "\n"
