"""The sentence for a command line that cannot be used, with the nearest right word.

Imported only where something is wrong, because it loads the commands to know their options.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import click

from ucdiag.cli.variables import PREFIX, nearest_variable
from ucdiag.model.patterns import pattern
from ucdiag.model.visible_text import quoted

_MOST_NAMED = 3  # options that begin with one letter
_CHOICE = pattern(r"'(?P<given>.*)' is not one of .*", re.DOTALL)


def nearest_of(word: str, right: Iterable[str], count: int = 1) -> list[str]:
    """The words that may have been meant, the nearest first; none when nothing is near."""
    # By the form in which they are compared.
    known = {name.lower().replace("_", "-"): name for name in right}
    wanted = word.strip().lower().replace("_", "-")
    close = get_close_matches(wanted, known, n=count, cutoff=0.6)
    begun = [name for name in known if len(wanted) > 1 and name.startswith(wanted)]
    return [known[name] for name in dict.fromkeys([*close, *begun])][:count]


def mistyped_variables(names: Iterable[str], commands: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those of these variables that no option of any command reads, with the one that each is nearly."""
    known = set()
    for command, spellings in _all_options(commands).items():
        words = {spelling.lstrip("-").replace("-", "_").upper() for spelling in spellings if spelling.startswith("--")}
        own = command.replace("-", "_").upper()
        known |= {f"{PREFIX}{word}" for word in words} | {f"{PREFIX}{own}_{word}" for word in words}
    for name in sorted(names):
        meant = nearest_variable(name, known)
        if meant is not None:
            yield name, meant


def sentence_of(
    wrong: click.ClickException, arguments: Sequence[str], commands: Mapping[str, tuple[str, str]], program: str
) -> str:
    """The sentence; ``commands`` are those of ``ucdiag.cli.main``, ``program`` what was called, as it was."""
    if isinstance(wrong, click.NoSuchOption):
        return _no_such_option(wrong, arguments, commands, program)
    if isinstance(wrong, click.MissingParameter) and isinstance(wrong.param, click.Argument) and not wrong.message:
        return f"{_option_as_given(wrong)} is missing: {_what_to_name(wrong)}"
    if isinstance(wrong, click.BadParameter):
        # click's own preface, "Invalid value for", says nothing that the sentence does not say.
        return f"{_option_as_given(wrong)}: {wrong.message}{_nearest_choice(wrong)}"
    if isinstance(wrong, click.FileError):
        return f"{quoted(wrong.ui_filename)}: {wrong.message}"
    return wrong.format_message() + _option_for_extra(wrong)


def _what_to_name(wrong: click.ClickException) -> str:
    """What stands in the place of an argument, by the command that needs it."""
    context = getattr(wrong, "ctx", None)
    return _NEEDED.get(context.info_name if context is not None else None, "give one")


_NEEDED: dict[str | None, str] = {
    "logs": "name the server's logs, or the folder that holds them",
    "report": "name reports that were stored with '-f json -o FILE', such as 'ucdiag report site.json'",
}
_EXTRA = pattern(r"Got unexpected extra argument \((\S+)\)")


def _option_for_extra(wrong: click.ClickException) -> str:
    """Which option a server or domain goes into, where it stands alone."""
    match = _EXTRA.fullmatch(wrong.format_message())
    own = wrong.ctx.command if isinstance(wrong, click.UsageError) and wrong.ctx is not None else None
    if match is None or own is None:
        return ""
    from ucdiag.model.urls import is_address

    word, options = match[1], {spelling for parameter in own.params for spelling in _option_spellings(parameter)}
    kind = "--url" if "://" in word else "--address" if is_address(word) else "--domain"
    takes_domain = any(isinstance(parameter, click.Argument) for parameter in own.params)
    if kind not in options or (kind == "--domain" and takes_domain):
        return ""
    also = f", or the server with --url http://{word}/" if kind == "--domain" and "--url" in options else ""
    meant = (
        f"give the DHCP domain with --domain {word}" if kind == "--domain" else f"give the server with {kind} {word}"
    )
    return f": {meant}{also}"


def _no_such_option(
    wrong: click.NoSuchOption, arguments: Sequence[str], commands: Mapping[str, tuple[str, str]], program: str
) -> str:
    given = _as_given(wrong.option_name, arguments)
    said = f"No such option: {given}"
    own = wrong.ctx.command if wrong.ctx is not None else None
    if own is None or isinstance(own, click.Group):
        holders = [name for name, spellings in _all_options(commands).items() if given in spellings]
        if holders:
            return f"{said} before the command: put it behind, such as '{program} {holders[0]} {given}'"
    spellings = (
        [] if own is None else [spelling for parameter in own.params for spelling in _option_spellings(parameter)]
    )
    word = given.lstrip("-")
    near = _nearest_options(word, [spelling for spelling in spellings if spelling.startswith("--")])
    if near and word.lower() == near[0].lstrip("-").lower():
        return f"{said}: did you mean {near[0]}?"
    holders = [name for name, others in _all_options(commands).items() if given in others and len(given) > 2]
    if holders:
        return f"{said}: it is an option of {_listed_names(holders)}"
    return f"{said}: did you mean {' or '.join(near)}?" if near else said


def _nearest_options(word: str, options: Sequence[str]) -> list[str]:
    """The options that may have been meant; of a letter those that begin with it."""
    if len(word) == 1:
        return [option for option in options if option.startswith(f"--{word.lower()}")][:_MOST_NAMED]
    by_word = {option.lstrip("-"): option for option in options}
    return [by_word[name] for name in nearest_of(word, by_word)]


def _as_given(option: str, arguments: Sequence[str]) -> str:
    """The word that was typed: of ``-json`` click knows ``-j`` alone."""
    if not option.startswith("--"):
        for word in arguments:
            if word.startswith(option) and not word.startswith("--") and len(word) > 3:
                return word.partition("=")[0]
    return option


def _all_options(commands: Mapping[str, tuple[str, str]]) -> dict[str, set[str]]:
    from importlib import import_module

    options: dict[str, set[str]] = {}
    for name, (module, _) in commands.items():
        try:
            command = import_module(module).command
        except (ImportError, AttributeError):
            continue
        options[name] = {spelling for parameter in command.params for spelling in _option_spellings(parameter)}
    return options


def _option_spellings(parameter: click.Parameter) -> list[str]:
    if not isinstance(parameter, click.Option) or parameter.hidden:
        return []
    return [*parameter.opts, *parameter.secondary_opts]


def _listed_names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _nearest_choice(wrong: click.BadParameter) -> str:
    kind = wrong.param.type if wrong.param is not None else None
    match = _CHOICE.fullmatch(wrong.message)
    if match is None or not isinstance(kind, click.Choice):
        return ""
    near = nearest_of(match["given"], map(str, kind.choices))
    return f" Did you mean {near[0]}?" if near else ""


def _option_as_given(wrong: click.BadParameter) -> str:
    """The option as the user gave it: its spelling on the command line, or the environment variable."""
    parameter, context = wrong.param, wrong.ctx
    if parameter is None or context is None:
        return str(wrong.param_hint or "the command line")
    source = context.get_parameter_source(parameter.name or "")
    if source is click.core.ParameterSource.ENVIRONMENT:
        names = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or ())
        return "the environment variable " + next((name for name in names if os.environ.get(name)), "UCDIAG_…")
    if isinstance(parameter, click.Argument):
        # make_metavar has had other parameters since click 8.2
        return re.sub(r"[\[\]]", "", parameter.human_readable_name)
    return "/".join(parameter.opts)
