"""Text in the columns of a terminal: how wide it is, and cut to what there is room for."""

from unicodedata import category, east_asian_width

from ucdiag.model.visible_text import visible


def display_width(text: str) -> int:
    """How many columns of a terminal the text takes: East Asian wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if character.isascii():
        return 1
    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def fit_text(text: str, width: int, unicode: bool) -> str:
    """``text`` made safe and at most ``width`` columns wide, with the middle left out where it is too long."""
    if len(text) > 1000:
        text = f"{text[:500]}{text[-500:]}"
    text = visible(text)
    if not unicode:
        text = text.encode("ascii", "backslashreplace").decode("ascii")
    if display_width(text) <= width:
        return text
    more = ("…" if unicode else "...")[: max(width, 0)]
    room = width - len(more)
    head = _leading_columns(text, (room + 1) // 2)
    tail = _leading_columns(text[::-1], room // 2)[::-1]
    return f"{head}{more}{tail}"


def _leading_columns(text: str, width: int) -> str:
    used = 0
    for at, character in enumerate(text):
        used += _character_width(character)
        if used > width:
            return text[:at]
    return text
