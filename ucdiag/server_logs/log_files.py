"""Logs as an administrator has them: files, folders, gzip files and zip archives, in several encodings.

Windows writes such logs in UTF-8, in UTF-16 or in the code page of the system; which one is seen from the file's first
bytes. No file is read into memory as a whole.
"""

import codecs
import gzip
import io
import lzma
import os
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

from ucdiag.model.fast_dataclass import record
from ucdiag.model.text import STANDARD_INPUT, file_title, in_natural_order, unmatched_text
from ucdiag.model.visible_text import quoted

BLOCK = 1 << 18  # bytes that are read at once
LONGEST_LINE = 1 << 16  # bytes; what is longer is no line of such a log
LONGEST_KNOWN = 4096  # characters of a line that is remembered, in case the next ones are like it
HEAD = 4096  # bytes by which the kind of a log is detected
_MOST_FILES = 100_000
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError)
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


class LogUnreadableError(Exception):
    """A file that cannot be read; the text says why."""


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes: ...


@record(frozen=True, slots=True)
class LogFile:
    """One log: ``name`` for people, ``path`` on disk, and the ``member`` of an archive."""

    name: str
    path: str
    member: str | None = None


def find_logs(names: list[str]) -> Iterator[LogFile | LogUnreadableError]:
    """The logs below these files and folders, each once, in the order of their names (``u_ex2`` before ``u_ex10``)."""
    seen: set[str] = set()
    for name in names:
        if name == STANDARD_INPUT:
            if name not in seen:
                seen.add(name)
                yield LogFile(file_title(name), name)
            continue
        for path in _files_below(name):
            if isinstance(path, LogUnreadableError):
                yield path
                continue
            real = os.path.realpath(path)
            if real in seen:
                continue
            seen.add(real)
            if len(seen) > _MOST_FILES:
                yield LogUnreadableError(f"{quoted(name)} holds more than {_MOST_FILES:,} files: name fewer")
                return
            yield from _logs_in_file(path)


def is_pipe(path: str) -> bool:
    """Whether what is read of it is gone. Raises OSError."""
    mode = Path(path).stat().st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _files_below(name: str) -> Iterator[str | LogUnreadableError]:
    """The file of that name, or all below the folder, however deep, and the folders that cannot be read."""
    if not os.path.isdir(name):  # noqa: PTH112 - Path.is_dir() fails for a name that is too long
        yield name
        return
    folders = [name]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: in_natural_order(entry.name))
        except OSError as error:
            yield LogUnreadableError(f"{quoted(folder)}: {_error_text(error)}")
            continue
        for entry in entries:
            # No pipe, for which nobody may ever write, and no folder that a link leads to.
            if not _is_folder(entry) and (os.path.isfile(entry.path) or not os.path.exists(entry.path)):  # noqa: PTH110, PTH113
                yield str(Path(entry.path))
        folders += [entry.path for entry in reversed(entries) if _is_folder(entry) and not entry.is_symlink()]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _logs_in_file(path: str) -> Iterator[LogFile | LogUnreadableError]:
    try:
        start = b""
        if not is_pipe(path):  # what is read of a pipe is gone
            with Path(path).open("rb") as file:
                start = file.read(4)
        if start != _ZIP:
            yield LogFile(path, path)
            return
        with zipfile.ZipFile(path) as archive:
            names = sorted((entry.filename for entry in archive.infolist() if not entry.is_dir()), key=in_natural_order)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        yield LogUnreadableError(f"{quoted(path)}: {_error_text(error)}")
        return
    for member in names:
        yield LogFile(f"{path}/{member}", path, member)


@contextmanager
def open_log(log: LogFile) -> Iterator[Readable]:
    """The bytes of a log, unpacked. Raises LogUnreadableError, also while it is read."""
    try:
        if log.path == STANDARD_INPUT:
            yield _standard_input()
            return
        with Path(log.path).open("rb", buffering=0) as file:
            if log.member is not None:
                # By its name in the archive: nothing is ever written to disk.
                with zipfile.ZipFile(file) as archive, archive.open(log.member) as member:
                    yield _unpacked_file(member)
            else:
                yield _unpacked_file(file)
    except (OSError, EOFError, NotImplementedError, RuntimeError, ValueError, *_DAMAGED) as error:
        raise LogUnreadableError(f"{quoted(log.name)}: {_error_text(error)}") from error


def _standard_input() -> Readable:
    """What comes on standard input, unpacked. Raises ValueError."""
    source = getattr(sys.stdin, "buffer", None)
    if source is None:
        raise ValueError("it is closed")
    buffered = io.BufferedReader(source, BLOCK)
    start = buffered.peek(4)[:4]
    if start.startswith(_ZIP):
        raise ValueError("it is a zip archive, which is read from a file only: name it")
    return cast(Readable, gzip.GzipFile(fileobj=buffered) if start.startswith(_GZIP) else buffered)


def _unpacked_file(file: IO[bytes] | io.FileIO) -> Readable:
    if not file.seekable():
        return cast(Readable, file)
    start = file.read(2)
    file.seek(0)
    return cast(Readable, gzip.GzipFile(fileobj=file) if start == _GZIP else file)


def _error_text(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return unmatched_text(error) or error.strerror.lower()
    if isinstance(error, EOFError):
        return "it ends in the middle of its compressed data"
    return str(error) or type(error).__name__


def encoding_of(start: bytes) -> str:
    """The encoding of a log by its first bytes: ``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``cp1252``."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if start.startswith(mark):
            return name
    # Without the zeros with which a file ends that Windows had made room for, and never wrote.
    pairs = (len(start.rstrip(b"\0")) + 1) // 2
    if pairs >= 8:
        if start[1 : 2 * pairs : 2].count(0) > pairs * 3 // 4:
            return "utf-16-le"
        if start[0 : 2 * pairs : 2].count(0) > pairs * 3 // 4:
            return "utf-16-be"
    return "utf-8"


class LineReader:
    """The lines of a log as text, with their numbers. A line that is no UTF-8 is taken as Windows' code page 1252.

    ``number`` lines were read before.
    """

    def __init__(self, source: Readable, start: bytes = b"", encoding: str = "utf-8", number: int = 0) -> None:
        self._source = source
        self._rest = start
        self._wide = encoding.startswith("utf-16")
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace") if self._wide else None
        self.number = number

    def read_lines(self) -> Iterator[tuple[int, str]]:
        """``(number from 1, text without its end)``; what is longer than ``LONGEST_LINE`` is cut."""
        rest = self._recode_to_utf8(self._rest)
        while True:
            *whole, rest = rest.split(b"\n")
            for line in whole:
                self.number += 1
                yield self.number, self._decode_line(line)
            if len(rest) > LONGEST_LINE:
                rest = rest[:LONGEST_LINE]
            data = self._source.read(BLOCK // 8)
            if not data:
                break
            rest += self._recode_to_utf8(data)
        if rest:
            self.number += 1
            yield self.number, self._decode_line(rest)

    def _recode_to_utf8(self, data: bytes) -> bytes:
        return self._decoder.decode(data).encode("utf-8", "replace") if self._decoder is not None else data

    def _decode_line(self, line: bytes) -> str:
        line = line[:LONGEST_LINE].rstrip(b"\r")
        if self.number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        return text_of(line)


def text_of(line: bytes) -> str:
    """The text of a line: UTF-8, else the code page 1252 of Western Windows."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def head_of(source: Readable) -> bytes:
    """The first bytes of a log."""
    head = b""
    while len(head) < HEAD and (data := source.read(HEAD - len(head))):
        head += data
    return head
