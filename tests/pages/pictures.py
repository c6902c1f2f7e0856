"""``docs/pictures/*.svg``: what a terminal shows, drawn by rich from the program's own views."""

import io
import re
import socket
from copy import deepcopy
from importlib.metadata import version

from tests.diagnosis.recorded_stories import ACTIVE
from tests.views.reports import report
from tests.views.shown import Stream, shown

WIDTH = 80
# rich draws as it likes; the pictures are those of its newest.
DRAWN_BY = "15.0.0"
_ANY = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def drawn_here() -> bool:
    """Whether this machine's rich is the one that drew the pictures."""
    return version("rich") == DRAWN_BY


def pages() -> dict[str, str]:
    """Each picture by its path."""
    broken = next(story for story, verdict, _ in ACTIVE.values() if verdict[2] == "dns-legacy-only")
    text = shown(
        report(deepcopy(broken).report()),
        stream=Stream(terminal=True),
        environment={"TERM": "xterm-256color", "COLUMNS": str(WIDTH)},
        color=True,
    )
    # What was shown while it waited is taken back; the host is this machine's.
    text = text.rpartition("\x1b[2K")[2].replace(f"check on {socket.gethostname()},", "check on laptop7,")
    return {"docs/pictures/check.svg": _svg("$ ucdiag check", text)}


def _svg(command: str, text: str) -> str:
    from rich.console import Console
    from rich.text import Text

    longest = max(map(len, _ANY.sub("", text).splitlines()))
    console = Console(
        record=True, width=max(longest, WIDTH), file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text(command, style="bold"))
    console.print(Text.from_ansi(text), soft_wrap=True)
    return console.export_svg(title="ucdiag", unique_id="ucdiag") + "\n"
