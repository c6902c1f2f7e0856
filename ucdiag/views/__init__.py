"""The output formats: one small file each, registered here, imported when asked for.

A new format is one module with a class that has the methods of ``View``, and one line in ``FORMATS``. It gets the
report's dataclasses and a ``Screen`` to write on. What is no report is shown by tables that need a line for each
format with ``everything`` too: ``ucdiag.views.explain_view.SHOWS``, and ``LISTS`` and ``TRIALS`` of ``ucdiag.cli.lab``.
"""

from collections.abc import Callable, Iterable
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
    suffix: str  # of its files
    prose: bool = True  # a text that people read
    everything: bool = True  # it also shows what is no report
    inventory: bool = False  # it also shows the phones alone


def _program_format(module: str, view: str, about: str, suffix: str, inventory: bool = False) -> Format:
    """A format that a program reads, and that shows reports alone."""
    return Format(f"ucdiag.views.{module}", view, about, suffix, False, False, inventory)


FORMATS: dict[str, Format] = {
    "text": Format(
        "ucdiag.views.text_view", "TextView", "a line per step, what is wrong and what to change", "txt", inventory=True
    ),
    "short": Format(
        "ucdiag.views.short_view", "ShortView", "problems and verdict only, for pasting", "short.txt", inventory=True
    ),
    "json": Format("ucdiag.views.json_view", "JsonView", "one JSON object", "json", prose=False, inventory=True),
    "html": Format("ucdiag.views.html_view", "HtmlView", "one page that holds all it needs, to be forwarded", "html"),
    "markdown": Format("ucdiag.views.markdown_view", "MarkdownView", "Markdown, for a ticket", "md", everything=False),
    "mermaid": Format(
        "ucdiag.views.mermaid_view", "MermaidView", "the ladder as a Mermaid diagram", "mmd", everything=False
    ),
    "csv": _program_format("csv_view", "CsvView", "a row for each phone and each finding", "csv", inventory=True),
    "ndjson": _program_format("ndjson_view", "NdjsonView", "a line of JSON for each phone", "ndjson", inventory=True),
    "junit": _program_format("junit_view", "JunitView", "JUnit XML, for a CI server", "xml"),
    "prometheus": _program_format("prometheus_view", "PrometheusView", "metrics, for a textfile collector", "prom"),
    "nagios": _program_format(
        "nagios_view", "NagiosView", "a line for a monitor, with a monitor's exit codes", "nagios.txt"
    ),
}
#: The formats that a file's name asks for, by its last suffix in small letters.
SUFFIXES = {
    **{f".{chosen.suffix}": name for name, chosen in FORMATS.items() if "." not in chosen.suffix},
    ".htm": "html",
    ".mermaid": "mermaid",
    ".jsonl": "ndjson",
    ".markdown": "markdown",
}


def general_formats() -> tuple[str, ...]:
    """The formats that also show what is no report."""
    return tuple(name for name, chosen in FORMATS.items() if chosen.everything)


class View(Protocol):
    """Shows one run. ``begin`` once, ``progress`` after each observation if ``live``, ``end`` once.

    ``close`` is called in any case, last, also after an exception: it leaves the terminal as it was.
    """

    live: bool

    def begin(self, command: str) -> None:
        """The command starts; nothing is known yet."""

    def progress(self, phone: PhoneReport) -> None:
        """Show the steps so far. Steps that are not finished are not-tested or not-seen."""

    def end(self, report: Report) -> None:
        """Show the whole report."""

    def close(self) -> None:
        """Leave the terminal as it was."""


@runtime_checkable
class LiveTable(Protocol):
    """A view that can also show the phones of a capture while it runs."""

    @property
    def table(self) -> "PhonesTable | None":
        """The table to update; None where lines cannot change in place."""


@runtime_checkable
class ShowsWaiting(Protocol):
    """A view whose steps fill in on a terminal, with what is waited for behind them."""

    live: bool
    waiting: Callable[[], str] | None


@runtime_checkable
class PrewrittenReports(Protocol):
    """A view that may get ``ucdiag.views.json_view.Written`` in place of the reports of several phones."""

    takes_written: bool


@runtime_checkable
class BriefReports(Protocol):
    """A view that may get ``PhoneReport.brief`` in place of the reports of several phones, of the first one whole."""

    takes_brief: bool


class ReadyReport(Protocol):
    """The report of one phone, as an object or as text, whichever is wanted."""

    @property
    def report(self) -> Report:
        """The report as an object."""

    def text(self, to_text: Callable[[Report], str], /) -> str:
        """Its JSON in one line, made by ``to_text`` where it is not there."""


@runtime_checkable
class StreamsReports(Protocol):
    """A view that can show the reports of many phones as they come, where ``streaming`` is set before the first."""

    streaming: bool

    def stream_reports(self, reports: Iterable[ReadyReport]) -> None:
        """Reports of one phone each. What ``end`` then shows is not these again."""


@runtime_checkable
class OwnExitCode(Protocol):
    """A view whose readers have exit codes of their own. It is known after ``end``."""

    exit_code: int


def load_view(name: str, screen: Screen) -> View:
    """The view of that name. Raises KeyError for a name that is not in ``FORMATS``."""
    chosen = FORMATS[name]
    view: View = getattr(import_module(chosen.module), chosen.view)(screen)
    return view
