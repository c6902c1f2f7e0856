"""The options of a run as they were typed or set, for commands of the advice that ask the same."""

from collections.abc import Iterator
from typing import Any

import click
from click.core import ParameterSource

from ucdiag.diagnosis.repeated_options import TypedOptions, options_of_run

#: In a context's ``meta``: the words of the command line.
TYPED = "ucdiag.typed"
_OPTIONS = "ucdiag.typed_options"


def typed_options(own: TypedOptions = ()) -> TypedOptions:
    """Those options of the run that commands of the advice may need: as they were typed, then what variables of the
    environment gave, which another terminal does not have and sudo drops. ``own``: what a target of a file has in their
    place."""
    context = click.get_current_context(silent=True)
    if context is None or TYPED not in context.meta:
        return own
    typed = context.meta.get(_OPTIONS)
    if typed is None:
        typed = context.meta[_OPTIONS] = (*_read_typed(context), *_read_variables(context))
    names = {option for option, _ in own}
    return (*(pair for pair in typed if pair[0] not in names), *own)


def _read_typed(context: click.Context) -> Iterator[tuple[str, str | None]]:
    values, _, parameters = context.command.make_parser(context).parse_args(list(context.meta[TYPED]))
    for parameter in dict.fromkeys(parameters):
        if isinstance(parameter, click.Option) and parameter.name in values:
            yield from _as_typed(parameter, values[parameter.name])


def _read_variables(context: click.Context) -> Iterator[tuple[str, str | None]]:
    for option in context.command.params:
        name = option.name or ""
        if isinstance(option, click.Option) and context.get_parameter_source(name) is ParameterSource.ENVIRONMENT:
            value = context.params.get(name) if option.is_flag else option.value_from_envvar(context)
            yield from _as_typed(option, value)


def _as_typed(option: click.Option, value: Any) -> Iterator[tuple[str, str | None]]:
    """An option with each of its values, if it may be needed; the spelling that says no, where that was given."""
    spellings = option.secondary_opts if option.is_flag and not value else option.opts
    spelling = max(spellings, key=len, default="")
    if spelling in options_of_run():
        for one in value if option.multiple else [value]:
            yield spelling, None if option.is_flag else str(one)
