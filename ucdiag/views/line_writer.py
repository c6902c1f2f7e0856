"""Lines on a screen: wrapped, styled, and with every text made safe on the way.

A line is a list of parts, each a text or a (text, style) pair. Everything passes ``visible`` here, so that
no view can forget it. ``LineWriter`` writes to anything; ``ucdiag.views.rich_writer`` does the same on a terminal
with rich, whose import costs more than a whole DNS check and is paid only there.
"""

import textwrap
from collections.abc import Callable, Iterator, Sequence

from ucdiag.model.patterns import pattern
from ucdiag.model.steps import StepStatus
from ucdiag.model.visible_text import visible
from ucdiag.views.output_target import Screen

Part = str | tuple[str, str]
Line = Sequence[Part]

# status -> (mark, ASCII mark, style)
MARKS: dict[StepStatus, tuple[str, str, str]] = {
    StepStatus.OK: ("✓", "[ok]", "green"),
    StepStatus.WARNING: ("!", "[warn]", "yellow"),
    StepStatus.FAILED: ("✗", "[FAIL]", "bold red"),
    StepStatus.NOT_NEEDED: ("·", "[.]", "dim"),
    StepStatus.NOT_SEEN: ("?", "[?]", "dim"),
    StepStatus.NOT_TESTED: ("–", "[-]", "dim"),
    StepStatus.NOT_REACHED: ("–", "[-]", "dim"),
}


_NUMBER = pattern(r"\(?[0-9][0-9.,]*")
_UNIT = pattern(r"(ms|s|bytes|[KMG]iB)[).,;:]*")
_LEAST_OF_WORD = 20  # columns
# A command of this program within prose, with what stands at it: one in quotes, and one that explains.
_COMMAND = pattern(r"(?<!\S)(?:\(?'[^']*\bucdiag [^']+'\S*|(?:sudo |\S+ -m )?\S*\bucdiag explain \S+)")


class _Wrapper(textwrap.TextWrapper):
    """Wraps prose without breaking a word, a command that a line can hold, or parting a number from its unit.

    A word that is longer than any line begins behind the words before it: the terminal breaks it anyway, and alone in a
    line it would part a mark or a label from its text.
    """

    def __init__(self, width: int, subsequent_indent: str) -> None:
        super().__init__(width, subsequent_indent=subsequent_indent, break_long_words=False, break_on_hyphens=False)

    def _split(self, text: str) -> list[str]:
        chunks: list[str] = []
        for chunk in self._words(text):
            if len(chunks) > 1 and chunks[-1] == " " and _UNIT.fullmatch(chunk) and _NUMBER.fullmatch(chunks[-2]):
                chunks[-2:] = [f"{chunks[-2]} {chunk}"]
            else:
                chunks.append(chunk)
        return chunks

    def _words(self, text: str) -> Iterator[str]:
        """The words of the text and the blanks between them; a command is one word, where a line can hold it."""
        done = 0
        for command in _COMMAND.finditer(text) if "ucdiag " in text else ():
            if len(command[0]) <= self.width - len(self.subsequent_indent):
                yield from super()._split(text[done : command.start()])
                yield command[0]
                done = command.end()
        yield from super()._split(text[done:])

    def _handle_long_word(self, reversed_chunks: list[str], cur_line: list[str], cur_len: int, width: int) -> None:
        if not cur_line or width - cur_len >= _LEAST_OF_WORD:
            cur_line.append(reversed_chunks.pop())


def wrap_prose(text: str, width: int, *, hang: int = 0) -> list[str]:
    """The lines of a text of prose, each of ``width`` columns at most, ``hang`` blanks before all but the first."""
    return _Wrapper(width, subsequent_indent=" " * hang).wrap(text)


class LineWriter:
    """Writes plain lines. Each is flushed, so that a reader of a pipe gets a step when it happens."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def status_mark(self, status: StepStatus) -> Part:
        """The mark of a step, in ASCII (padded to one width) where the stream can carry no other."""
        mark, ascii_mark, style = MARKS[status]
        return (mark if self.screen.unicode else f"{ascii_mark:6}", style)

    def write_blank(self) -> None:
        """An empty line."""
        self._write_parts([""])

    def write_line(self, *parts: Part) -> None:
        """One line, however long: for what is pasted or searched."""
        self._write_parts(visible_parts(parts))

    def write_wrapped(self, *parts: Part, hang: int = 0, first: str = "") -> None:
        """Prose, wrapped to the screen, ``first`` before its first line and ``hang`` blanks before the others.

        Words are never broken: a URL or a name stays whole, and one that begins a part keeps its style.
        """
        safe = visible_parts(parts)
        text = first + "".join(part if isinstance(part, str) else part[0] for part in safe)
        lines = wrap_prose(text, max(self.screen.width - 1, hang + 20), hang=hang)
        style = next((part[1] for part in safe if not isinstance(part, str)), None)
        styled = next((part[0] for part in safe if not isinstance(part, str)), "")
        for number, line in enumerate(lines or [""]):
            if number == 0 and style is not None and styled and styled in line:
                before, _, after = line.partition(styled)
                self._write_parts([before, (styled, style), after])
            elif style is not None and len(safe) == 1:
                self._write_parts([(line, style)])
            else:
                self._write_parts([line])

    def write_listed(self, *parts: Part, hang: int, first: str = "") -> None:
        """A line of a list: wrapped on a terminal, elsewhere whole, so that other programs can take it apart."""
        if not self.screen.terminal:
            self.write_line(first, *parts)
        else:
            self.write_wrapped(*parts, first=first, hang=hang if self.screen.width >= 2 * hang - 3 else 4)

    def show_live(self, lines: Sequence[Line], last: Callable[[], Line] | None = None) -> None:
        """Show these lines in place of those shown before. Nothing where lines cannot change.

        ``last`` makes one more line, anew four times a second, in another thread.
        """

    def clear_live(self) -> None:
        """Take the live lines away."""

    def _write_parts(self, parts: Line) -> None:
        text = "".join(part if isinstance(part, str) else part[0] for part in parts).rstrip()
        stream = self.screen.stream
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()


def visible_parts(parts: Line) -> list[Part]:
    """The parts with every text made safe by ``visible``."""
    return [visible(part) if isinstance(part, str) else (visible(part[0]), part[1]) for part in parts]
