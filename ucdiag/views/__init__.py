"""The output formats: one small file each, registered here, imported when asked for.

A new format is one module with a class that has the methods of ``View``, and one line in ``FORMATS``. It gets the
report's dataclasses and a ``Screen`` to write on. What is no report is shown by tables that need a line for each
format too: ``ucdiag.views.explain_view.SHOWS``, and ``LISTS`` and ``TRIALS`` of ``ucdiag.cli.lab``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from ucdiag.model.report import PhoneReport, Report
from ucdiag.views.output_target import Screen

if TYPE_CHECKING:
    from ucdiag.views.phones import PhonesTable


class Format(NamedTuple):
    """Where the view of a format is."""

    module: str
    view: str  # the name of the class
    about: str  # what it shows, in a few words


FORMATS: dict[str, Format] = {
    "text": Format("ucdiag.views.text_view", "TextView", "a line per step, what is wrong and what to change"),
    "short": Format("ucdiag.views.short_view", "ShortView", "problems and verdict only, for pasting"),
    "json": Format("ucdiag.views.json_view", "JsonView", "one JSON object"),
}


class View(Protocol):
    """What shows one run. ``begin`` once, ``progress`` after each observation if ``live``, ``end`` once.

    ``close`` is called in any case, last, also after an exception: it leaves the terminal as it was.
    """

    live: bool

    def begin(self, command: str) -> None:
        """The command starts; nothing is known yet."""

    def progress(self, phone: PhoneReport) -> None:
        """What is known so far. Steps that are not finished are not-tested or not-seen."""

    def end(self, report: Report) -> None:
        """All that there is to show."""

    def close(self) -> None:
        """Leave the terminal as it was."""


@runtime_checkable
class LiveTable(Protocol):
    """A view that can also show the phones of a capture while it runs."""

    @property
    def table(self) -> "PhonesTable | None":
        """The table to update; None where lines cannot change in place."""


@runtime_checkable
class PrewrittenReports(Protocol):
    """A view that may get ``ucdiag.views.json_view.Written`` in place of the reports of several phones."""

    takes_written: bool


def load(name: str, screen: Screen) -> View:
    """The view of that name. Raises KeyError for a name that is not in ``FORMATS``."""
    chosen = FORMATS[name]
    view: View = getattr(import_module(chosen.module), chosen.view)(screen)
    return view
