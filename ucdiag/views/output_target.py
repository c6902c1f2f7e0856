"""The output of a view: a stream and its capabilities."""

import os
from collections.abc import Mapping
from typing import TextIO

from ucdiag.model.fast_dataclass import record

_MARKS = "✓✗–…·│─►◄"


@record(frozen=True, slots=True, kw_only=True)
class Screen:
    """``terminal`` allows a display that changes; ``color`` allows colours; ``unicode`` says that the marks can be
    encoded; ``width`` is in columns; ``verbose`` counts ``-v``; ``quiet`` asks for the verdict only; ``ladder`` for
    ladders (``None``: where they are the custom)."""

    stream: TextIO
    terminal: bool = False
    color: bool = False
    unicode: bool = True
    width: int = 80
    verbose: int = 0
    quiet: bool = False
    ladder: bool | None = None

    def terminal_size(self) -> tuple[int, int]:
        """Columns and lines by now: a terminal may have been made smaller. 24 lines where it does not say."""
        try:
            columns, lines = os.get_terminal_size(self.stream.fileno())
        except (OSError, ValueError, AttributeError):
            return self.width, 24
        return min(self.width, columns or self.width), lines or 24


def screen_of(
    stream: TextIO,
    environment: Mapping[str, str] = os.environ,
    *,
    color: bool = True,
    verbose: int = 0,
    quiet: bool = False,
    ladder: bool | None = None,
) -> Screen:
    """The screen for ``stream``: its capabilities, by its own attributes and ``NO_COLOR``, ``TERM`` and ``COLUMNS``."""
    term = environment.get("TERM", "dumb" if os.name != "nt" else "")
    terminal = _is_terminal(stream) and term != "dumb"
    return Screen(
        stream=stream,
        terminal=terminal,
        color=terminal and color and not environment.get("NO_COLOR"),
        unicode=_carries_marks(stream),
        width=_screen_width(stream, environment),
        verbose=verbose,
        quiet=quiet,
        ladder=ladder,
    )


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _carries_marks(stream: TextIO) -> bool:
    try:
        _MARKS.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _screen_width(stream: TextIO, environment: Mapping[str, str]) -> int:
    columns = environment.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]) > 0:
        width = int(columns[:6])
    else:
        try:
            width = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError, AttributeError):
            width = 80
    return min(max(width or 80, 20), 1000)
