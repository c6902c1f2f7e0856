"""``--profile`` and ``--no-profile``: the site's own values where neither option nor environment has any.

The order is option, environment, profile, default; click keeps it with its ``default_map``.
"""

import os
from typing import Any

import click
from click.core import ParameterSource

from ucdiag.cli.crash import PROFILE, print_message
from ucdiag.cli.plain_help import plain_option
from ucdiag.model.visible_text import quoted
from ucdiag.runtime import site_profile
from ucdiag.runtime.site_profile import KEYS, ProfileError, SiteProfile

_NONE = "ucdiag.no_profile"
_NAMED = "ucdiag.profile_named"


def from_profile(name: str) -> bool:
    """Whether the value of this parameter is the profile's."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.DEFAULT_MAP


def note_no_profile(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    """The callback of ``--no-profile``."""
    typed = value and ctx.get_parameter_source("no_profile") is ParameterSource.COMMANDLINE
    if typed and ctx.meta.get(_NAMED):
        raise click.UsageError("--profile and --no-profile do not go together: leave one out", ctx)
    if value:
        ctx.meta[_NONE] = "typed" if typed else "environment"
    return value


def load_profile(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The callback of ``--profile``: reads the file that is named, or the one that is found. Raises UsageError."""
    typed = ctx.get_parameter_source("profile") is ParameterSource.COMMANDLINE
    refused = ctx.meta.get(_NONE)
    if refused and typed and refused == "typed":
        raise click.UsageError("--profile and --no-profile do not go together: leave one out", ctx)
    if typed:
        ctx.meta[_NAMED] = True
    takers = _profile_options(ctx.command)
    if (refused and not typed) or not takers or ctx.resilient_parsing:
        return value
    path = os.path.abspath(value) if value else site_profile.find_profile()  # noqa: PTH100 - pathlib is slow to import
    if path is None:
        return value
    if not value:
        why = site_profile.why_not_trusted(path)
        if why is not None:
            from ucdiag.runtime.privileges import quoted_word

            print_message(
                f"the profile {quoted(path)} is not read, because {why}: --profile {quoted_word(path)} reads it."
            )
            return value
    try:
        _apply_profile(ctx, site_profile.read_profile(path), takers)
    except ProfileError as error:
        raise click.UsageError(f"the profile {error}", ctx) from None
    return value


def _profile_options(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that a profile may give a value, by their names."""
    found = {}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            name = max(parameter.opts, key=len).lstrip("-")
            if name in KEYS:
                found[name] = parameter
    return found


def _apply_profile(ctx: click.Context, profile: SiteProfile, takers: dict[str, click.Option]) -> None:
    from ucdiag.cli.main import COMMANDS

    site_profile.check_commands(profile, COMMANDS)
    command = ctx.command.name or ""
    for name in profile.tables.get(command, {}):
        if name not in takers:
            raise ProfileError(f"{profile.place_of(name, command)}: {command} has no option --{name}")
    values: dict[str, Any] = {}
    for name, given in profile.values_for(command).items():
        option = takers.get(name)
        if option is not None and option.name is not None:
            values[option.name] = _convert_value(ctx, profile, option, name, given)
    if values:
        ctx.default_map = {**(ctx.default_map or {}), **values}
        ctx.meta[PROFILE] = profile


def _convert_value(
    ctx: click.Context, profile: SiteProfile, option: click.Option, name: str, given: tuple[site_profile.Value, ...]
) -> Any:
    """The value in click's form. It is converted here, so that the error names the line of the profile."""
    where = profile.place_of(name, ctx.command.name or "")
    if option.is_flag:
        if len(given) != 1 or not isinstance(given[0], bool):
            raise ProfileError(f"{where}: {quoted(name)} is true or false")
        return given[0]
    texts = []
    for value in given:
        if isinstance(value, bool):
            raise ProfileError(f"{where}: {quoted(name)} is a text, not true or false")
        text = value if isinstance(value, str) else f"{value}"
        if name == "ca":  # beside the profile, wherever it is read from
            text = os.path.join(os.path.dirname(profile.path), text)  # noqa: PTH118, PTH120
        try:
            option.type.convert(text, None, ctx)
        except click.BadParameter as wrong:
            raise ProfileError(f"{where}: {name}: {wrong.message}") from None
        texts.append(text)
    # One phone is played where one can be: the first of the list.
    return texts if option.multiple else texts[0]


profile_options = [
    # Eager, and before ``--profile``: the values have to be there when the other options are read.
    plain_option(
        "--no-profile", is_flag=True, is_eager=True, callback=note_no_profile, help="Read no ucdiag.toml at all."
    ),
    plain_option(
        "--profile",
        metavar="FILE",
        is_eager=True,
        callback=load_profile,
        help="Take the site's values from this file, not from ucdiag.toml here or in the user's configuration.",
    ),
]
