"""What views write: for a report, to a stream of some kind, and styled lines as plain text."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ucdiag.model.report import PhoneReport, Report
from ucdiag.views import load_view
from ucdiag.views.line_writer import Line
from ucdiag.views.output_target import screen_of


class Stream(io.StringIO):
    """A stream of some encoding, that may be a terminal."""

    def __init__(self, encoding: str = "utf-8", terminal: bool = False) -> None:
        super().__init__()
        self._encoding, self._terminal = encoding, terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        text.encode(self._encoding)
        return super().write(text)


def shown(
    made: Report,
    *progress: PhoneReport,
    format_: str = "text",
    stream: Stream | None = None,
    environment: dict[str, str] | None = None,
    **options: Any,
) -> str:
    stream = stream or Stream()
    view = load_view(format_, screen_of(stream, environment or {"TERM": "xterm"}, **options))
    view.begin(made.command)
    for phone in progress:
        view.progress(phone)
    view.end(made)
    view.close()
    return stream.getvalue()


def texts(lines: Sequence[Line]) -> list[str]:
    return ["".join(part if isinstance(part, str) else part[0] for part in line).rstrip() for line in lines]


def rows(text: str, columns: int = 80) -> int:
    """How many rows of a terminal a text takes."""
    return sum(max(1, -(-len(line) // columns)) for line in text.splitlines())


def short_report(made: Report) -> str:
    """The text of a report without ``-v``, piped, for 80 columns."""
    return shown(made, environment={"TERM": "xterm", "COLUMNS": "80"})


def said_twice(text: str) -> list[str]:
    """The sentences that a text holds more than once; names of steps and short words may."""
    joined = " ".join(text.split())
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+|: (?=[A-Z])", joined)]
    return [sentence for sentence, count in Counter(sentences).items() if count > 1 and len(sentence.split()) > 3]
