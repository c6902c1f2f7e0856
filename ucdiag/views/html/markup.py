"""Markup in which every text is escaped: only what this module made is taken as it is.

A text from outside is first made visible (``ucdiag.model.visible_text``), then escaped, then written in ASCII with
character references. So the page is the same in every encoding that a stream may have.
"""

from collections.abc import Iterable
from html import escape

from ucdiag.model.visible_text import visible
from ucdiag.views.sanitize import shortened

LONGEST = 2000
_EMPTY = frozenset({"br", "col", "meta"})
_ASCII = ("ascii", "xmlcharrefreplace")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text_markup(value: str, limit: int = LONGEST) -> Markup:
    """A text as markup: at most ``limit`` characters of it, and how many more there are."""
    safe = escape(visible(shortened(value, limit)))
    return Markup(safe if safe.isascii() else safe.encode(*_ASCII).decode("ascii"))


def tag(name: str, /, *children: str, **attributes: str | int | float | bool | None) -> Markup:
    """An element. An underscore in the name of an attribute stands for a hyphen, and ``class_`` for class.

    An attribute of ``None`` or ``False`` is left out; ``True`` is written without a value.
    """
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = "class" if key == "class_" else key.replace("_", "-")
        words.append(key if value is True else f'{key}="{text_markup(_attribute_text(value))}"')
    start = f"<{' '.join(words)}>"
    return Markup(start if name in _EMPTY else f"{start}{joined_markup(children)}</{name}>")


def joined_markup(parts: Iterable[str]) -> Markup:
    """One after the other, each escaped unless it is markup."""
    return Markup("".join(part if isinstance(part, Markup) else text_markup(part) for part in parts))


def _attribute_text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
