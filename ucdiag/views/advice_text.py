"""The advice of a finding as text: the sentences, then the commands in groups: check, change, verify."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ucdiag.model.report import Command, Finding
from ucdiag.model.steps import VerdictStatus
from ucdiag.views.density import ALL, Density
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.words import SHELLS, WHO, advice_head, split_sentences

COMMAND_HEADS = {"check": "Check (changes nothing)", "change": "Change", "verify": "Verify"}


def write_advice(
    writer: LineWriter,
    finding: Finding,
    *,
    every: bool,
    commands: bool = True,
    density: Density = ALL,
    said: str = "",
    verdict: VerdictStatus | None = None,
) -> None:
    """The advice of a finding. ``every`` False leaves out the checks where there is something to change, ``commands``
    False all commands. ``said`` is a text whose sentences are not said again. ``verdict`` is that of
    the phone."""
    fix = finding.fix
    fresh = [sentence for sentence in split_sentences(fix.text) if sentence and sentence not in said]
    if fresh:
        lacks_commands = commands and not density.commands and bool(fix.commands)
        text = " ".join(fresh[: density.sentences]) + _left_out(density.sentences, len(fresh), lacks_commands)
        head = advice_head(finding.level, verdict, change="Change")
        writer.write_wrapped((f"{head} ({WHO[fix.who]}):", "bold"), f" {text}", hang=4)
    if not commands or not density.commands:
        return
    write_commands(writer, fix.commands, every=every, density=density)


def _left_out(shown: int | None, of: int, lacks_commands: bool) -> str:
    """Where the rest of the advice is, as a sentence behind it; nothing where all is shown."""
    if shown is not None and shown < of:
        return f" More of this{', and the commands' * lacks_commands}: -v."
    return " The commands: -v." * lacks_commands


def write_commands(
    writer: LineWriter, commands: Sequence[Command], *, every: bool = True, density: Density = ALL
) -> None:
    """Commands in their groups, each with where to run it and in which shell."""
    changes = any(command.purpose == "change" for command in commands)
    for purpose, group in groupby(commands, key=lambda command: command.purpose):
        if every or not changes or purpose != "check":
            _write_group(writer, COMMAND_HEADS[purpose], list(group), density)


def _write_group(writer: LineWriter, head: str, commands: Sequence[Command], density: Density) -> None:
    """Commands of one purpose, those of one place together; what does the same as one before is called "or"."""
    done: set[str] = set()
    for number, block in enumerate(_command_blocks(commands if density.alternatives else _first_choices(commands))):
        alternative = block[0].choice in done
        done |= {command.choice for command in block if command.choice is not None}
        if number and not density.every_place:
            return
        later = "Or" if alternative else "Then" if block[0].purpose == "change" else "And"
        start = head if number == 0 else later
        writer.write_wrapped(f"{start}, on {block[0].where}, {SHELLS[block[0].shell]}:", first="  ", hang=4)
        if not density.every_place:  # what has to follow is in the sentences
            block = [command for command in block if command.choice is not None] or block
        for command in block:
            writer.write_line("      ", (writer.screen.typed_command(command.text), "cyan"))


def _first_choices(commands: Sequence[Command]) -> list[Command]:
    """The commands without those that do elsewhere what one before does."""
    places: dict[str, tuple[str, str]] = {}
    kept: list[Command] = []
    for command in commands:
        place = (command.where, command.shell)
        if command.choice is None or places.setdefault(command.choice, place) == place:
            kept.append(command)
    return kept


def _command_blocks(commands: Sequence[Command]) -> Iterator[list[Command]]:
    """Commands that follow each other at one place in one shell."""
    for _, block in groupby(commands, key=lambda command: (command.where, command.shell)):
        yield list(block)
