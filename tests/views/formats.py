"""What the smaller formats make of the scenes, whole.

``python -m tests.views.formats`` writes ``formats.txt`` anew; read the difference before you commit it.
"""

import re
from pathlib import Path

from tests.views.scenes import SCENES
from tests.views.shown import shown

FILE = Path(__file__).with_name("formats.txt")
# The others have tests of their own, or hold all that a report has. On a narrow terminal every text goes on in a line
# below it, indented.
NARROW = "text, narrow"
FORMATS = ("short", "markdown", "mermaid", "csv", "junit", "prometheus", "nagios", NARROW)
_MARK = "=== "


def made(format_: str, scene: str) -> str:
    """A scene's report in a format, without the name of this machine."""
    if format_ == NARROW:
        text = shown(SCENES[scene](), environment={"TERM": "xterm", "COLUMNS": "44"}, verbose=1)
        # The head is as long as that name.
        return re.sub(r"\Aucdiag .*\n(?: .*\n)*", "", text)
    text = shown(SCENES[scene](), format_=format_, environment={"TERM": "xterm", "COLUMNS": "100"})
    return re.sub(r"(?<=check on ).+?(?=, \d{4}-)", "this machine", text).replace("\r", "")


def recorded() -> dict[str, str]:
    """The pages by their heads: format and scene."""
    pages = {}
    for part in f"\n{FILE.read_text(encoding='utf-8')}".split(f"\n{_MARK}")[1:]:
        head, _, text = part.partition("\n")
        pages[head] = text
    return pages


def write() -> None:
    """Record what is made now."""
    pages = (f"{_MARK}{format_}: {scene}\n{made(format_, scene)}" for format_ in FORMATS for scene in SCENES)
    FILE.write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    write()
