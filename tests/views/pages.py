"""What the text view and its ladder print for the recorded stories: each line where it comes first.

``python -m tests.views.pages`` writes ``pages.txt`` anew; read the difference before you commit it.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.diagnosis.reports import STORIES, judged
from tests.recorded_texts import one_in
from tests.views.reports import report as report_of
from tests.views.shown import shown, texts
from ucdiag.model.report import PhoneReport
from ucdiag.views.ladder import ladder_lines
from ucdiag.views.ladder_messages import message_exchanges

FILE = Path(__file__).with_name("pages.txt")
_MARK = "=== "
# A whole page of so many; all of them would take too long.
_EVERY = 12
_WIDTHS = (60, 100)


def _messages(report: PhoneReport) -> Iterator[str]:
    """Who says what to whom."""
    for exchange in message_exchanges(report.observations):
        for message in exchange.messages:
            yield f"{exchange.observation.kind} {message.role.name} {message.direction.name}: {message.text}"


def _page(report: PhoneReport) -> Iterator[str]:
    # The first line names this machine.
    yield from shown(report_of(report), verbose=True).splitlines()[1:]
    for width in _WIDTHS:
        yield from texts(ladder_lines(report, width, False, False))


def pages() -> dict[str, str]:
    """The lines of each story that no earlier story has; stories without such a line are left out."""
    seen: set[str] = set()
    found = {}
    whole = set(one_in(_EVERY, STORIES))
    for name in STORIES:
        report = judged(name)
        lines = [*_messages(report), *(_page(report) if name in whole else ())]
        new = [line.rstrip() for line in dict.fromkeys(lines) if line not in seen and line.strip()]
        seen.update(lines)
        if new:
            found[name] = "\n".join(new)
    return found


def recorded() -> dict[str, str]:
    """The text of each story in the file."""
    parts = FILE.read_text(encoding="utf-8").removeprefix(_MARK).split(f"\n{_MARK}")
    return {name: text.rstrip("\n") for name, _, text in (part.partition("\n") for part in parts)}


if __name__ == "__main__":
    FILE.write_text("\n".join(f"{_MARK}{name}\n{text}\n" for name, text in pages().items()), encoding="utf-8")
