"""The output of a view: a stream and its capabilities."""

import os
from collections.abc import Callable, Mapping
from typing import TextIO

from ucdiag.model.fast_dataclass import record

_MARKS = "✓✗–…·│─►◄"
_PROGRAM, _AS_ROOT = "ucdiag", "sudo ucdiag"


@record(frozen=True, slots=True, kw_only=True)
class Screen:
    """``terminal`` allows a display that changes; ``color`` allows colours; ``unicode`` says that the marks can be
    encoded; ``width`` is in columns; ``verbose`` counts ``-v``; ``quiet`` asks for the verdict only; ``ladder`` for
    ladders (``None``: where they are the custom). ``program`` is how this program is called from there, ``as_root``
    how with root's rights."""

    stream: TextIO
    terminal: bool = False
    color: bool = False
    unicode: bool = True
    width: int = 80
    verbose: int = 0
    quiet: bool = False
    ladder: bool | None = None
    program: str = _PROGRAM
    as_root: str = _AS_ROOT

    def typed_command(self, command: str) -> str:
        """A command of the catalogue as it is typed there."""
        for prefix, call in ((_PROGRAM, self.program), (_AS_ROOT, self.as_root)):
            if command.startswith(f"{prefix} "):
                return call + command[len(prefix) :]
        return command

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
    calls: Callable[[], tuple[str, str]] = lambda: (_PROGRAM, _AS_ROOT),
) -> Screen:
    """The screen for ``stream``: its capabilities, by its own attributes and ``NO_COLOR``, ``TERM`` and ``COLUMNS``.

    ``calls`` gives how the program is called there, without and with root's rights: what stands on a terminal is pasted
    there, all else may be read anywhere.
    """
    term = environment.get("TERM", "dumb" if os.name != "nt" else "")
    terminal = _is_terminal(stream) and term != "dumb"
    program, as_root = calls() if terminal else (_PROGRAM, _AS_ROOT)
    return Screen(
        stream=stream,
        terminal=terminal,
        program=program,
        as_root=as_root,
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
