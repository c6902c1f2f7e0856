"""Chooses the line writer for a screen."""

from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen


def line_writer_for(screen: Screen) -> LineWriter:
    """The line writer for the screen. rich, whose import is slow, is imported on a terminal only."""
    if screen.terminal:
        from ucdiag.views.rich_writer import RichWriter

        return RichWriter(screen)
    return LineWriter(screen)
