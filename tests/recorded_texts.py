"""Texts in one file, each below a head of its own: what was made once, to be compared with what is made now."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from zlib import crc32

_MARK = "=== "


def one_in(count: int, names: Iterable[str]) -> list[str]:
    """A sample of about so many. A name is in it, or not, whatever others there are."""
    return [name for name in names if crc32(name.encode()) % count == 0]


def read_texts(file: Path) -> dict[str, str]:
    """The texts by their heads."""
    texts = {}
    for part in f"\n{file.read_text(encoding='utf-8')}".split(f"\n{_MARK}")[1:]:
        head, _, text = part.partition("\n")
        texts[head] = text.rstrip("\n")
    return texts


def write_texts(file: Path, texts: Mapping[str, str]) -> None:
    """Record these in place of what is there."""
    file.write_text("\n".join(f"{_MARK}{name}\n{text}\n" for name, text in texts.items()), encoding="utf-8")


def write_cases(file: Path, cases: Mapping[str, Callable[[], str]]) -> None:
    """Record what these make now."""
    write_texts(file, {name: case() for name, case in cases.items()})
