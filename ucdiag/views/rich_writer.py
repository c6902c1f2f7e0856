"""Lines on a terminal: colours, and lines that change in place, by rich. Its markup is never read."""

import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ucdiag.views.line_writer import Line, LineWriter, visible_parts
from ucdiag.views.output_target import Screen


class RichWriter(LineWriter):
    """The ``LineWriter`` of a terminal, by rich."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._console = Console(
            file=screen.stream,
            force_terminal=True,
            no_color=not screen.color,
            width=screen.width,
            markup=False,
            emoji=False,
            highlight=False,
        )
        self._live: Live | None = None
        self._lines: tuple[Sequence[Line], Callable[[], Line] | None] = ((), None)

    def show_live(self, lines: Sequence[Line], last: Callable[[], Line] | None = None) -> None:
        self._lines = (lines, last)
        if self._live is None:
            self._live = Live(
                get_renderable=self._live_text,
                console=self._console,
                auto_refresh=last is not None,
                refresh_per_second=4,
                transient=True,
                redirect_stdout=False,
                # What is said there meanwhile would stand in the middle of these lines.
                redirect_stderr=sys.stderr is not None and sys.stderr.isatty(),
            )
            self._live.start(refresh=True)
        else:
            self._live.refresh()

    def _live_text(self) -> Text:
        lines, last = self._lines
        shown = [*lines, last()] if last is not None else lines
        return self._unwrapped("\n").join([self._styled_text(visible_parts(line)) for line in shown])

    def _unwrapped(self, text: str = "") -> Text:
        """A text of which a line that changes in place shows what fits. Rich's mark of a cut is no ASCII."""
        return Text(text, no_wrap=True, overflow="ellipsis" if self.screen.unicode else "crop")

    def clear_live(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _write_parts(self, parts: Line) -> None:
        self._console.print(self._styled_text(parts), soft_wrap=True)

    def _styled_text(self, parts: Line) -> Text:
        text = self._unwrapped()
        for part in parts:
            # Encoding trouble is met here, as where lines cannot change: rich would let it escape as an exception.
            words, style = (part, "") if isinstance(part, str) else part
            encoding = getattr(self.screen.stream, "encoding", None) or "utf-8"
            text.append(words.encode(encoding, "backslashreplace").decode(encoding), style)
        return text
