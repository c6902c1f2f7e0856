"""The help of every command. ``python -m tests.cli.help_pages`` writes ``help.txt`` anew; read the difference."""

from importlib import import_module
from pathlib import Path

import click

from ucdiag.cli.main import COMMANDS, cli

FILE = Path(__file__).with_name("help.txt")
_MARK = "=== "


def help_of(command: str) -> str:
    """What a command takes and says of it, however click lays it out; ``""``: the program itself."""
    if not command:
        return "\n".join(
            [str(cli.help), str(cli.epilog), *(f"{name}: {summary}" for name, (_, summary) in COMMANDS.items())]
        )
    made = import_module(COMMANDS[command][0]).command
    return "\n".join([str(made.help), str(made.epilog), *map(_parameter, made.params)])


def _parameter(parameter: click.Parameter) -> str:
    about = [" ".join([*parameter.opts, *parameter.secondary_opts]), parameter.metavar or parameter.type.name]
    if isinstance(parameter.type, click.Choice):
        about.append(" ".join(map(str, parameter.type.choices)))
    if isinstance(parameter.type, click.IntRange):
        about.append(f"{parameter.type.min} to {parameter.type.max}")
    words = {"multiple": "repeatable", "required": "required", "is_flag": "flag", "count": "counted"}
    about += [word for attribute, word in words.items() if getattr(parameter, attribute, False)]
    if isinstance(parameter, click.Option):
        shown = parameter.show_default
        about += [f"default: {shown}" if isinstance(shown, str) else "its default is shown"] if shown else []
        about.append(str(parameter.help))
    return "; ".join(about)


def recorded() -> dict[str, str]:
    """The text of each command in the file."""
    parts = FILE.read_text(encoding="utf-8").removeprefix(_MARK).split(f"\n{_MARK}")
    return {name: text.rstrip("\n") for name, _, text in (part.partition("\n") for part in parts)}


if __name__ == "__main__":
    FILE.write_text("\n".join(f"{_MARK}{name}\n{help_of(name)}\n" for name in ("", *COMMANDS)), encoding="utf-8")
