"""``ucdiag completion``: the script that completes command lines in a shell, and the answers that it asks for."""

import sys
from importlib import resources
from typing import NoReturn

import click

from ucdiag.cli.completing import SHELLS, answer
from ucdiag.cli.exit_codes import UNKNOWN
from ucdiag.cli.options import command as ucdiag_command
from ucdiag.cli.output import need_standard_output
from ucdiag.cli.plain_help import plain_option
from ucdiag.model.visible_text import quoted


@ucdiag_command("completion")
@click.argument("shell", metavar="SHELL", required=False)
@plain_option(
    "--answer",
    "answering",
    is_flag=True,
    hidden=True,
    help="For the scripts: print the completions of the words after --.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="")
def command(shell: str | None, answering: bool, words: tuple[str, ...]) -> int:
    """Print the script that completes ucdiag's command lines in SHELL: bash, zsh, fish or powershell.

    It completes commands, options and their values, codes, scenarios, interfaces, MAC addresses and files.

    \b
    bash        put  eval "$(ucdiag completion bash)"  into ~/.bashrc
    zsh         put  eval "$(ucdiag completion zsh)"  into ~/.zshrc, after compinit
    fish        ucdiag completion fish > ~/.config/fish/completions/ucdiag.fish
    PowerShell  put  ucdiag completion powershell | Out-String | Invoke-Expression  into $PROFILE
    """
    if answering:
        _print_answer([word for word in (shell, *words) if word is not None])
    if shell is None or shell not in SHELLS or words:
        given = (
            f"{quoted(shell[:100])} is no shell that can be completed in"
            if shell and not words
            else "no shell is named"
        )
        raise click.UsageError(
            f"{given if not words else 'one shell at a time'}: give one of {', '.join(SHELLS)}",
            click.get_current_context(),
        )
    need_standard_output()
    text = resources.files("ucdiag.cli").joinpath("shells", SHELLS[shell]).read_text(encoding="utf-8")
    sys.stdout.write(text)
    return 0


def _print_answer(words: list[str]) -> NoReturn:
    """Whatever happens, the line that is being typed stays as it is: an answer in full or nothing at all."""
    try:
        text = answer(words)
        stream = sys.stdout
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", newline="\n")
        stream.write(text)
        stream.flush()
    except Exception:  # noqa: BLE001 - a traceback in the middle of a command line helps nobody
        sys.exit(UNKNOWN)
    sys.exit(0)
