"""What the HTML format makes of some scenes, whole; style and script once.

``python -m tests.views.html_pages`` writes ``html_pages.txt`` anew; read the difference before you commit it.
"""

import re
from pathlib import Path

from tests.views.scenes import SCENES
from tests.views.shown import shown

FILE = Path(__file__).with_name("html_pages.txt")
PAGES = ("whole", "broken at tls", "captured, broken", "several phones", "no phone", "not sent")
_STYLE = "style and script"
HEADS = (*PAGES, _STYLE)
_MARK = "=== "
_USUAL = re.compile(r"<style>.*?</style>|<script>.*?</script>", re.DOTALL)


def made(head: str) -> str:
    """The page of a scene, an element a line, without the name of this machine."""
    page = shown(SCENES[PAGES[0] if head == _STYLE else head](), format_="html")
    if head == _STYLE:
        return "\n".join(_USUAL.findall(page))
    page = re.sub(r"sha256-[\w+/=]+", "sha256-OF IT", page)  # of style and script
    page = re.sub(r"(?<=check on ).+?(?=, \d{4}-|<)", "this machine", _USUAL.sub("", page))
    return re.sub(r"\n\s*\n+", "\n", re.sub(r"(?<!\n)<(?!/)", "\n<", page)).strip()


def recorded() -> dict[str, str]:
    """The pages by their heads."""
    pages = {}
    for part in f"\n{FILE.read_text(encoding='utf-8')}".split(f"\n{_MARK}")[1:]:
        head, _, text = part.partition("\n")
        pages[head] = text.rstrip("\n")
    return pages


def write() -> None:
    """Record what is made now."""
    FILE.write_text("\n".join(f"{_MARK}{head}\n{made(head).rstrip()}\n" for head in HEADS), encoding="utf-8")


if __name__ == "__main__":
    write()
