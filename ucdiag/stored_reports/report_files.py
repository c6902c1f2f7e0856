"""Reads stored reports from JSON files, journals of one report a line, bundles and folders.

One report is in memory at a time, whatever their number.
"""

import codecs
import json
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ucdiag.model.codec import from_json
from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.report import SCHEMA, Report
from ucdiag.model.text import CAPTURE_MARKS, STANDARD_INPUT, file_title, in_natural_order, unmatched_text

LARGEST = 1 << 30  # bytes of one report
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)
# Names of files that are the same in the folder of every branch.
_NO_SITE = frozenset(
    [
        "bundle",
        "capture",
        "case",
        "check",
        "check-dhcp",
        "check-dns",
        "journal",
        "log",
        "logs",
        "out",
        "output",
        "phones",
        "probe",
        "report",
        "reports",
        "result",
        "results",
        "ucdiag",
    ]
)
_SUFFIXES = (".json", ".ndjson", ".jsonl", ".zip")


@record(frozen=True, slots=True)
class StoredReport:
    """A report, the file that holds it and the ``site`` by which it is known: the file's name without its end, or that
    of the folder where the file's name says no more than that it is a report."""

    report: Report
    file: str
    site: str


@record(frozen=True, slots=True)
class NoReport:
    """A file, or a line of one, that holds no report, and why."""

    file: str
    why: str


def stored_reports(
    names: list[str], *, brief: bool = False, standard_input: IO[bytes] | None = None
) -> Iterator[StoredReport | NoReport]:
    """The reports in these files and folders, in the order of their names. In a folder only ``.json``, ``.ndjson``,
    ``.jsonl`` and ``.zip`` count. ``brief`` leaves the observations out, which are nearly all of a report, but for when
    a capture ran. ``standard_input`` holds what came there, which is ``-`` among the names."""
    seen: set[Path] = set()
    for name in names:
        if name == STANDARD_INPUT and standard_input is not None:
            yield from _reports_in(standard_input, Path(file_title(name)), brief)
            continue
        for path in _report_paths(Path(name)):
            if isinstance(path, NoReport):
                yield path
                continue
            real = path.resolve()
            if real not in seen:
                seen.add(real)
                yield from _reports_of(path, brief)


def _report_paths(path: Path) -> Iterator[Path | NoReport]:
    """The file of that name, or those below the folder, however deep, and the folders that cannot be read."""
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() fails for a name that is too long
        yield path
        return
    left = [path]
    while left:
        entry = left.pop()
        try:
            if entry is path or entry.is_dir():
                below = sorted(entry.iterdir(), key=lambda inner: in_natural_order(inner.name), reverse=True)
                left += [inner for inner in below if not inner.is_symlink()]
            elif entry.suffix.lower() in _SUFFIXES and entry.is_file():
                yield entry
        except OSError as error:
            yield NoReport(str(entry), _error_text(error))


def _reports_of(path: Path, brief: bool) -> Iterator[StoredReport | NoReport]:
    try:
        with path.open("rb") as file:
            if not file.seekable():
                yield NoReport(str(path), "it is a pipe, and it is read more than once: write it to a file first")
            else:
                yield from _reports_in(file, path, brief)
    except OSError as error:
        yield NoReport(str(path), _error_text(error))


def _reports_in(file: IO[bytes], path: Path, brief: bool) -> Iterator[StoredReport | NoReport]:
    try:
        file.seek(0)
        start = file.read(4)
        file.seek(0)
        if start == b"PK\x03\x04":
            yield from _bundle_reports(path, file, brief)
        else:
            yield from _json_reports(file, str(path), _site_of(path), brief)
    except (*_DAMAGED, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        yield NoReport(str(path), _error_text(error))


def _error_text(error: Exception) -> str:
    return unmatched_text(error) or (getattr(error, "strerror", None) or str(error) or "it is damaged").lower()


def _bundle_reports(path: Path, file: IO[bytes], brief: bool) -> Iterator[StoredReport | NoReport]:
    with zipfile.ZipFile(file) as archive:
        members = [entry for entry in archive.infolist() if entry.filename.lower().endswith(_SUFFIXES[:3])]
        if not members:
            yield NoReport(str(path), "there is no JSON report in it")
        for entry in sorted(members, key=lambda entry: in_natural_order(entry.filename)):
            with archive.open(entry) as member:
                yield from _json_reports(member, f"{path}/{entry.filename}", _site_of(path), brief)


def _site_of(path: Path) -> str:
    short = path.name
    site = short.rsplit(".", 1)[0] if "." in short.strip(".") else short
    return path.parent.name or site if site.lower() in _NO_SITE else site


def _json_reports(file: IO[bytes], name: str, site: str, brief: bool) -> Iterator[StoredReport | NoReport]:
    """The reports of a JSON file, or of a journal, line by line."""
    first = file.readline(LARGEST)
    rest = b"" if _is_whole(first) else file.read(LARGEST)
    if rest or not _is_whole(first):
        yield _parse_report(first + rest, name, site, brief)
        return
    number, line = 1, first
    while line:
        if line.strip():
            found = _parse_report(line, name if number == 1 else f"{name} line {number}", site, brief)
            yield found
            if number == 1 and isinstance(found, NoReport) and found.why.startswith(_FOREIGN):
                return  # the other lines are the same
        number += 1
        line = file.readline(LARGEST)


def _is_of_report(seen: object) -> bool:
    """Whether an observation says of when or of where a report is: when its capture ran, the machine's own lease."""
    return isinstance(seen, dict) and (seen.get("kind") == "extent" or bool(seen.get("chosen")))


def _is_whole(line: bytes) -> bool:
    """Whether a line is a JSON value by itself, as in a journal or in a report that was not indented."""
    line = line.strip()
    return line.startswith(b"{") and line.endswith(b"}")


_FOREIGN = (f"it is no report of ucdiag ({SCHEMA})", "it was written by another version of ucdiag")
_OWN_SCHEMA = pattern(r"ucdiag\.([a-z]{1,20})/\d{1,6}", re.ASCII)


def _other_schema(schema: object) -> str:
    """Why a file of this schema is no report, as a clause."""
    own = _OWN_SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    if own is None:
        return _FOREIGN[0]
    if own[1] == "report":
        return f"{_FOREIGN[1]}, as {own[0]}, and this one reads {SCHEMA}: show it with the version that wrote it"
    return f"{_FOREIGN[0]}, but its {own[0]}, which holds no report to show again"


def _other_kind(data: bytes) -> str:
    """Why a file that is no JSON is no report, as a clause."""
    if not data.strip():
        return "it is empty"
    if data.startswith(CAPTURE_MARKS):
        return "it is a capture, to be given to 'ucdiag capture'"
    if data.removeprefix(codecs.BOM_UTF8).startswith((b"#Software: ", b"Logging DateTime")):
        return "it is a log, to be given to 'ucdiag logs'"
    return "it is no JSON"


def _parse_report(data: bytes, name: str, site: str, brief: bool) -> StoredReport | NoReport:
    try:
        value = json.loads(data)  # UTF-8 with a mark or without, and UTF-16: what a redirection of PowerShell writes
    except (ValueError, RecursionError):
        return NoReport(name, _other_kind(data))
    schema = value.get("schema") if isinstance(value, dict) else None
    if schema != SCHEMA:
        return NoReport(name, _other_schema(schema))
    if brief and isinstance(value.get("phones"), list):
        for phone in value["phones"]:
            if isinstance(phone, dict) and isinstance(phone.get("observations"), list):
                phone["observations"] = [seen for seen in phone["observations"] if _is_of_report(seen)]
    try:
        return StoredReport(from_json(Report, value), name, site)
    except (ValueError, RecursionError) as error:
        return NoReport(name, f"its report cannot be read: {str(error)[:200]}")
