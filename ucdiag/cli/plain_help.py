"""Help texts without indentation. click takes it out of each text with ``inspect``, which is large
(``ucdiag/runtime/late_modules.py``)."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class PlainOption(click.Option):
    """An option whose help has no indentation."""

    def __init__(self, *args: Any, help: str | None = None, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.help = help


def plain_option(*names: str, **settings: Any) -> Callable[[F], F]:
    """``click.option``, with a ``PlainOption``."""
    return click.option(*names, cls=PlainOption, **settings)


class WithPlainHelpOption(click.Command):
    """A command whose option ``--help`` is a ``PlainOption``."""

    _plain_help_option: click.Parameter | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        names = self.get_help_option_names(ctx)
        if not names or not self.add_help_option:
            return None
        if self._plain_help_option is None:
            click.help_option(*names, cls=PlainOption)(self)
            self._plain_help_option = self.params.pop()
        assert isinstance(self._plain_help_option, click.Option)
        return self._plain_help_option


class WithPlainTexts(WithPlainHelpOption):
    """A command whose help and epilog have no indentation either."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_text(self.help, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_text(self.epilog, formatter)


def _write_text(text: str | None, formatter: click.HelpFormatter) -> None:
    if text is None:
        return
    formatter.write_paragraph()
    with formatter.indentation():
        formatter.write_text(text)
