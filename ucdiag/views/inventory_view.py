"""The phones of a capture as an inventory alone: a line or a JSON object for each, and nothing of the path.

``capture --phones``. Lines are never wrapped, so that other programs can take them apart; times are UTC.
"""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from ucdiag.model.report import PhoneReport, Report
from ucdiag.views import View
from ucdiag.views.check_lines import moment_text, result_text
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.inventory import Inventory, inventory_phone
from ucdiag.views.output_target import Screen
from ucdiag.views.text_width import display_width

if TYPE_CHECKING:
    from ucdiag.views.phones import PhonesTable

_HEADS = ("MAC", "IP", "serial", "model", "firmware", "last check", "result", "next due")
_UNKNOWN = "-"
_WIDEST = 40


def load_inventory_view(name: str, screen: Screen) -> View:
    """The inventory's view for the format of that name."""
    if name == "csv":
        from ucdiag.views.csv_view import InventoryCsvView

        return InventoryCsvView(screen)
    if name == "ndjson":
        from ucdiag.views.ndjson_view import InventoryNdjsonView

        return InventoryNdjsonView(screen)
    return InventoryJsonView(screen) if name == "json" else InventoryTextView(screen)


class InventoryTextView:
    """A line for each phone below a line of heads. ``now`` is a clock in seconds."""

    live = False

    def __init__(self, screen: Screen, now: Callable[[], float] = monotonic) -> None:
        self._screen = screen
        self._writer = line_writer_for(screen)
        self._now = now

    @property
    def table(self) -> "PhonesTable | None":
        """The table of phones that is updated while the capture runs; None without a terminal, or with ``-q``."""
        if not self._screen.terminal or self._screen.quiet:
            return None
        from ucdiag.views.phones import PhonesTable

        return PhonesTable(self._writer, self._now)

    def begin(self, command: str) -> None:
        """Nothing before the end."""

    def progress(self, phone: PhoneReport) -> None:
        """Nothing before the end."""

    def end(self, report: Report) -> None:
        self._writer.clear_live()
        if not report.phones:
            self._writer.write_line(report.verdict.summary)
            return
        widths = list(map(len, _HEADS))
        for phone in report.phones:
            widths = [
                min(max(width, display_width(cell)), _WIDEST)
                for width, cell in zip(widths, _phone_cells(phone), strict=True)
            ]
        self._writer.write_line((_padded_row(_HEADS, widths), "bold"))
        for phone in report.phones:
            self._writer.write_line(_padded_row(_phone_cells(phone), widths))

    def close(self) -> None:
        self._writer.clear_live()


def _phone_cells(report: PhoneReport) -> tuple[str, ...]:
    phone, row = report.phone, inventory_phone(report)
    last = report.checks.history[-1] if report.checks is not None and report.checks.history else None
    return (
        phone.mac or _UNKNOWN,
        phone.ip or _UNKNOWN,
        phone.serial or _UNKNOWN,
        " ".join(part for part in (phone.vendor, phone.model) if part) or _UNKNOWN,
        phone.firmware or _UNKNOWN,
        moment_text(row.last_check),
        result_text(last) if last is not None else _UNKNOWN,
        moment_text(row.next_due) + (" overdue" if row.overdue else ""),
    )


def _padded_row(texts: tuple[str, ...], widths: list[int]) -> str:
    padded = [text + " " * (width - display_width(text)) for text, width in zip(texts, widths, strict=True)]
    return "  ".join(padded).rstrip()


class InventoryJsonView:
    """Writes one JSON object: ``ucdiag.phones/1``."""

    live = False

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def begin(self, command: str) -> None:
        """Nothing before the end."""

    def progress(self, phone: PhoneReport) -> None:
        """Nothing before the end."""

    def end(self, report: Report) -> None:
        from ucdiag.views.json_view import show_json

        inventory = Inventory(phones=tuple(map(inventory_phone, report.phones)))
        show_json(inventory, self._screen)

    def close(self) -> None:
        """Nothing to restore."""
