"""The output formats: one small file each, registered here, imported when asked for.

A new format is one module with a class ``Shown`` that has the methods of ``View``, and one line in
``FORMATS``. It gets the report's dataclasses and a ``Screen`` to write on.
"""

from importlib import import_module
from typing import Protocol

from ucdiag.model.report import PhoneReport, Report
from ucdiag.views.output_target import Screen

# name -> (module, what it is)
FORMATS: dict[str, tuple[str, str]] = {
    "text": ("ucdiag.views.text_view", "a line per step, what is wrong and what to change"),
    "short": ("ucdiag.views.short_view", "problems and verdict only, for pasting"),
    "json": ("ucdiag.views.json_view", "one JSON object"),
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


def load(name: str, screen: Screen) -> View:
    """The view of that name. Raises KeyError for a name that is not in ``FORMATS``."""
    view: View = import_module(FORMATS[name][0]).Shown(screen)
    return view
