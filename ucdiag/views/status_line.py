"""One line on a terminal that shows the progress of a run whose report goes elsewhere; removed before the report."""

from collections.abc import Callable
from time import monotonic

from ucdiag.views.line_writer import Line
from ucdiag.views.output_target import Screen
from ucdiag.views.rich_writer import RichWriter
from ucdiag.views.text_width import fit_text

_SOONEST = 0.25  # seconds


class StatusLine:
    """On a ``screen`` that is a terminal. ``now`` is a clock in seconds."""

    def __init__(self, screen: Screen, now: Callable[[], float] = monotonic) -> None:
        self._screen = screen
        self._writer = RichWriter(screen)
        self._now = now
        self._next = now() + _SOONEST

    def follow_text(self, text: Callable[[], str]) -> None:
        """Show the result of ``text``, anew four times a second, until ``close``."""
        self._writer.show_live([], lambda: self.fitted_line(text()))

    def is_due(self) -> bool:
        """Whether it is time for ``show_text``; four times a second."""
        now = self._now()
        if now < self._next:
            return False
        self._next = now + _SOONEST
        return True

    def show_text(self, text: str) -> None:
        """Show this, in place of what was shown before."""
        self._writer.show_live([self.fitted_line(text)])

    def fitted_line(self, text: str) -> Line:
        """The text, cut to the terminal's width by now."""
        columns, _ = self._screen.terminal_size()
        return [(fit_text(text, max(columns - 1, 1), self._screen.unicode), "dim")]

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._writer.clear_live()
