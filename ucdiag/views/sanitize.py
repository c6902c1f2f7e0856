"""Long text from outside, cut for a view, with how much is left out."""

from ucdiag.model.visible_text import visible


def shortened(text: str, limit: int) -> str:
    """The first ``limit`` characters, and how many more there are."""
    rest = len(text) - limit
    return text if rest <= 0 else f"{text[:limit]}… ({rest} more character{'s' if rest > 1 else ''})"


def visible_lines(text: str, *, lines: int = 40, columns: int = 400) -> list[str]:
    """A body as lines, each made visible: at most ``lines`` of ``columns`` characters, the rest stated."""
    first = text.replace("\r\n", "\n").split("\n", lines)[:lines]
    shown = [visible(shortened(line, columns)) for line in first]
    rest = text.count("\n") + 1 - len(shown)
    if rest > 0:
        shown.append(f"… ({rest} more line{'s' if rest > 1 else ''})")
    return shown
