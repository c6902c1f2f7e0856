"""What views write: for a report, to a stream of some kind, and styled lines as plain text."""

import io
from collections.abc import Sequence
from typing import Any

from ucdiag.model.report import PhoneReport, Report
from ucdiag.views import load
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
    view = load(format_, screen_of(stream, environment or {"TERM": "xterm"}, **options))
    view.begin(made.command)
    for phone in progress:
        view.progress(phone)
    view.end(made)
    view.close()
    return stream.getvalue()


def texts(lines: Sequence[Line]) -> list[str]:
    return ["".join(part if isinstance(part, str) else part[0] for part in line).rstrip() for line in lines]
