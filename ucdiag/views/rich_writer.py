"""Lines on a terminal: colours, and lines that change in place, by rich. Its markup is never read."""

from collections.abc import Sequence

from rich.console import Console
from rich.live import Live
from rich.text import Text

from ucdiag.views.line_writer import Line, LineWriter, visible_parts
from ucdiag.views.output_target import Screen


class RichWriter(LineWriter):
    """What ``LineWriter`` does, with rich."""

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

    def live(self, lines: Sequence[Line]) -> None:
        shown = Text("\n", no_wrap=True, overflow="ellipsis").join([self._text(visible_parts(line)) for line in lines])
        if self._live is None:
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        self._live.update(shown, refresh=True)

    def clear_live(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _write(self, parts: Line) -> None:
        self._console.print(self._text(parts), soft_wrap=True)

    def _text(self, parts: Line) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        for part in parts:
            # Encoding trouble is met here, as where lines cannot change: rich would let it escape as an exception.
            words, style = (part, "") if isinstance(part, str) else part
            encoding = getattr(self.screen.stream, "encoding", None) or "utf-8"
            text.append(words.encode(encoding, "backslashreplace").decode(encoding), style)
        return text
