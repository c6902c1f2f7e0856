"""What docs/fleet.rst says: its files and its commands, taken from the page itself."""

import re
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from docutils.core import publish_doctree

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "fleet.rst"
COLLECTION = ROOT / "ansible"
ROLE = COLLECTION / "roles" / "ucdiag"


@dataclass(frozen=True)
class Block:
    """A literal block, and the paragraph before it."""

    section: str
    before: str
    text: str


def blocks() -> list[Block]:
    """All literal blocks of the page, in their order."""
    tree = publish_doctree(PAGE.read_text(encoding="utf-8"), settings_overrides={"report_level": 2, "halt_level": 2})
    found = []
    for block in tree.findall(nodes.literal_block):
        section = block.parent
        while not isinstance(section, nodes.section):
            section = section.parent
        before = block.parent[block.parent.index(block) - 1]
        found.append(Block(section[0].astext(), before.rawsource, block.astext()))
    return found


def files() -> dict[str, str]:
    """The files of the recipe by their names, which stand in the paragraph before each."""
    named = {}
    for block in blocks():
        name = re.search(r"``([\w.]+\.(?:ini|yml|cfg))`` (?:is|asks)", block.before)
        if name and block.section == "The recipe":
            named[name[1]] = block.text + "\n"
    return named


def commands() -> list[str]:
    """The command lines of the recipe and of what follows, in their order."""
    return [
        line
        for block in blocks()
        if block.section in ("The recipe", "What comes of it") and re.match(r"(make|ansible|ucdiag|cp) ?", block.text)
        for line in block.text.splitlines()
    ]


def playbook(name: str) -> str:
    """The playbook of the page whose play has this name."""
    (found,) = (block.text for block in blocks() if block.text.startswith(f"- name: {name}"))
    return found + "\n"


def playbooks() -> list[str]:
    """The names of all plays of the page."""
    return [match[1] for block in blocks() if (match := re.match("- name: (.*)", block.text))]
