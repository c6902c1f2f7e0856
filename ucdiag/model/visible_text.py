"""Text from outside is hostile: the one function that makes it fit for a terminal, a ticket or a log.

Names, headers, option strings and XML come from whoever is on the wire. An escape sequence can rewrite
what an administrator has just read; a bidirectional override can turn a name around; a newline can forge
a line of output. Here they become visible: ``\\x1b``, ``\\u202e``, ``\\n``.
"""

# Printable by Unicode's categories, and yet blank or nothing at all on a screen.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MOST_MARKS = 3


def visible(text: str) -> str:
    """``text`` with everything that is not plainly printable written as a backslash escape.

    That is: C0 and C1 controls, DEL, line and paragraph separators, bidirectional and other format
    characters, zero-width ones, blanks other than the space, private and unassigned characters, lone
    surrogates, variation selectors, and combining marks beyond three in a row. The result is one line.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible_characters(text))


def quoted(text: str) -> str:
    """``text`` in quotes, as a sentence for people shows it: a path keeps its backslashes, and what could not be seen
    is visible. The quotes are single ones, and double ones around a text that has single ones alone."""
    mark = '"' if "'" in text and '"' not in text else "'"
    return f"{mark}{visible(text)}{mark}"


def _visible_characters(text: str) -> list[str]:
    from unicodedata import category

    safe: list[str] = []
    marks = 0
    for character in text:
        if " " <= character <= "~":
            marks = 0
            safe.append(character)
        elif not character.isprintable() or character in _BLANK or _is_selector(character):
            safe.append(_escaped_character(character))
        elif category(character).startswith("M"):
            marks += 1
            safe.append(character if marks <= _MOST_MARKS else _escaped_character(character))
        else:
            marks = 0
            safe.append(character)
    return safe


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _escaped_character(character: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if named:
        return named
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
