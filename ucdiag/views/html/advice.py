"""What to change: the sentences, then the commands in groups: check, change (pick one), verify."""

from collections.abc import Sequence
from itertools import groupby

from ucdiag.model.report import Command, Fix
from ucdiag.views.advice_text import COMMAND_HEADS
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.words import SHELLS, WHO, with_capital


def advice_part(fix: Fix, heading: str = "h3") -> Markup:
    """All advice of a finding."""
    said = [tag("p", tag("strong", f"{with_capital(WHO[fix.who])}: "), fix.text)] if fix.text else []
    groups = groupby(fix.commands, key=lambda command: command.purpose)
    return joined_markup(
        [*said, *(_command_group(COMMAND_HEADS[purpose], list(group), heading) for purpose, group in groups)]
    )


def command_box(command: str) -> Markup:
    """A command that can be selected with one click, and copied where the script runs."""
    button = tag("button", "Copy", type="button", class_="copy", hidden=True, aria_label=f"Copy: {command[:80]}")
    return tag("div", tag("pre", tag("code", command)), button, class_="cmd")


def _command_group(head: str, commands: Sequence[Command], heading: str) -> Markup:
    """Commands of one purpose: those of which one is to be taken stand together, all others follow each other."""
    runs = [list(run) for _, run in groupby(commands, key=lambda command: command.choice or id(command))]
    only = len(runs) == 1 and len(commands) > 1
    if only:
        head = f"{head.removesuffix(')')}; pick one)" if head.endswith(")") else f"{head} (pick one)"
    parts = [tag(heading, head)]
    before: Command | None = None
    picked = False  # what follows a choice says where it is run, so that it is not taken for a part of the choice
    for run in runs:
        boxes = []
        for number, command in enumerate(run):
            same = before is not None and (command.where, command.shell) == (before.where, before.shell)
            if number or picked or not same:
                then = "" if before is None else "Then " if command.purpose == "change" else "And "
                boxes.append(_place_line(command, "Or " if number else then))
            boxes.append(command_box(command.text))
            before, picked = command, False
        picked = len(run) > 1
        if len(run) > 1:
            pick = [] if only else [tag("p", "Pick one of these:", class_="where")]
            parts.append(tag("div", *pick, *boxes, class_="pick"))
        else:
            parts += boxes
    return joined_markup(parts)


def _place_line(command: Command, lead: str) -> Markup:
    """Where a command is run, and in which shell."""
    words = f"{lead}{'on' if lead else 'On'} {command.where}, in "
    return tag("p", words, tag("strong", SHELLS[command.shell]), ":", class_="where")
