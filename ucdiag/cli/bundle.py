"""The ZIP file of ``--bundle``: all that somebody elsewhere needs to examine a case."""

import io
import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import click

from ucdiag import __version__
from ucdiag.cli.crash import print_error
from ucdiag.cli.output_files import BinaryOutput
from ucdiag.model.fast_dataclass import record
from ucdiag.model.report import Report
from ucdiag.model.times import utc_datetime
from ucdiag.model.visible_text import visible
from ucdiag.model.vocabulary import Microseconds
from ucdiag.views import FORMATS, load_view
from ucdiag.views.output_target import Screen

PACKETS = "phones.pcapng"
_WIDTH = 100
# The reports, in the order in which they stand in the file: format, name, what it is for. A format that this version
# does not have is left out.
_REPORTS = (
    ("text", "report.txt", "the report as text, with all that was seen"),
    ("html", "report.html", "the same as a page for a browser"),
    ("json", "report.json", "the same for programs"),
)
_SECRET_OPTIONS = {"keylog": "secrets of TLS", "body": "the body of a request", "password": "a password"}
_FILES = frozenset(
    {"files", "expect", "profile", "read", "write", "output", "bundle", "save_request", "ca", "circuit_id"}
)
_MASKED = (
    "MAC addresses, IP addresses, serial numbers, names of hosts, domains and users are masked: each by another of the "
    "same length, the same everywhere in this bundle, and another in the next. The names of the service (ucupdates-r2, "
    "ucupdates, the paths of the request, the names of firmware files), of makers and of protocols stay, and so do the "
    "first three bytes of the MAC addresses of these phones, the classes of addresses, ports and times."
)
_SOURCES = {
    click.core.ParameterSource.COMMANDLINE: "",
    click.core.ParameterSource.ENVIRONMENT: " (from the environment)",
    click.core.ParameterSource.DEFAULT_MAP: " (from the profile)",
}
_FIRST_YEAR = 1980  # of a ZIP file


@record(frozen=True, slots=True, kw_only=True)
class Contents:
    """The content of a bundle beside the report: a file with the phones' packets, and notes on them."""

    packets: str | None = None
    notes: tuple[str, ...] = ()
    mask_text: Callable[[str], str] | None = None


def write_bundle(report: Report, name: str, contents: Contents, *, quiet: bool, force: bool = False) -> None:
    """Write the bundle, and say where. Raises CannotTest where it cannot be written."""
    with BinaryOutput(name, force=force) as output:
        try:
            with zipfile.ZipFile(output.stream, "w", zipfile.ZIP_DEFLATED) as archive:
                _fill_archive(archive, report, contents)
        except OSError as error:
            raise output.write_error(error) from error
        output.keep()
    if not quiet:
        replaced = ", in place of an older file" if output.replaced else ""
        print_error(f"The bundle is in {name}{replaced}.")


def _fill_archive(archive: zipfile.ZipFile, report: Report, contents: Contents) -> None:
    """All files of the archive, always in the same order."""
    at = _entry_time(report.finished)
    reports = [(file, about, _report_text(report, format_)) for format_, file, about in _REPORTS if format_ in FORMATS]
    named = [(file, about) for file, about, _ in reports]
    if contents.packets is not None:
        named.append((PACKETS, "the packets of these phones, for Wireshark, tshark or ucdiag capture"))
    named += [("versions.txt", "what made this bundle"), ("options.txt", "how ucdiag was called")]
    notes = ((_MASKED,) if contents.mask_text is not None else ()) + contents.notes
    _add_text(archive, "README.txt", _readme_text(report, named, notes), at)
    for file, _, text in reports:
        _add_text(archive, file, text, at)
    if contents.packets is not None:
        with (
            Path(contents.packets).open("rb") as source,
            archive.open(_archive_entry(PACKETS, at), "w", force_zip64=True) as to,
        ):
            shutil.copyfileobj(source, to)
    _add_text(archive, "versions.txt", "\n".join(installed_versions()) + "\n", at)
    _add_text(archive, "options.txt", "\n".join(_option_lines(report.command, contents.mask_text)) + "\n", at)


def _entry_time(time: Microseconds) -> datetime:
    moment = utc_datetime(time)
    return moment if moment.year >= _FIRST_YEAR else moment.replace(year=_FIRST_YEAR)


def _archive_entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on every system: for the rights
    entry.external_attr = 0o100600 << 16
    return entry


def _add_text(archive: zipfile.ZipFile, name: str, text: str, at: datetime) -> None:
    archive.writestr(_archive_entry(name, at), text.encode("utf-8", "backslashreplace"))


def _report_text(report: Report, format_: str) -> str:
    stream = io.StringIO()
    view = load_view(format_, Screen(stream=stream, width=_WIDTH, verbose=1))
    try:
        view.begin(report.command)
        view.end(report)
    finally:
        view.close()
    return stream.getvalue()


def _readme_text(report: Report, files: Sequence[tuple[str, str]], notes: Sequence[str]) -> str:
    width = max(len(name) for name, _ in files)
    head = f"Made by ucdiag {__version__} ({report.command}) at {_entry_time(report.finished):%Y-%m-%d %H:%M:%S} UTC."
    lines = [head, "", "Verdict: " + visible(report.verdict.summary), "", "Files:", ""]
    lines += [f"  {name:{width}}  {about}" for name, about in files]
    if notes:
        lines += ["", "Notes:", "", *(f"- {visible(note)}" for note in notes)]
    return "\n".join(lines) + "\n"


@cache
def installed_versions() -> tuple[str, ...]:
    """The versions of ucdiag, Python, the system and the libraries, a line each."""
    return tuple(_version_lines())


def _version_lines() -> Iterator[str]:
    yield f"ucdiag {__version__}"
    yield f"Python {platform.python_version()} ({platform.python_implementation()})"
    yield f"{platform.system()} {platform.release()} ({platform.machine()}, {sys.platform})"
    with suppress(PackageNotFoundError):
        for text in sorted(requires("ucdiag") or ()):
            name = re.split(r"[^\w.-]", text, maxsplit=1)[0]
            if "extra ==" not in text:
                with suppress(PackageNotFoundError):
                    yield f"{name} {version(name)}"


def _option_lines(command: str, mask_text: Callable[[str], str] | None) -> Iterator[str]:
    """The options that were given on the command line or by the environment, each on a line."""
    yield f"ucdiag {command}"
    context = click.get_current_context(silent=True)
    if context is None:
        return
    for parameter in context.command.params:
        name = parameter.name or ""
        source = context.get_parameter_source(name)
        where = _SOURCES.get(source) if source is not None else None
        if where is None:
            continue
        spelling = max(parameter.opts, key=len)
        value = _option_value(name, context.params.get(name))
        if mask_text is not None:
            value = "given, a file" if name in _FILES else mask_text(value)
        yield visible(f"  {spelling}{where}: {value}")


def _option_value(name: str, value: Any) -> str:
    if name in _SECRET_OPTIONS:
        return f"given, {_SECRET_OPTIONS[name]}: left out"
    if isinstance(value, tuple | list):
        return ", ".join(_option_value("", item) for item in value)
    return "yes" if value is True else str(value)
