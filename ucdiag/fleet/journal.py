"""The journal of a run: one report a line, written before the report is shown, read when the run goes on.

Lines are only ever added. What was killed within a line leaves a torn one at the end: it is cut off, and its target
is asked again. ``ucdiag report`` reads the file; the key ``target`` is for the journal alone.
"""

import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from ucdiag.model.codec import from_json
from ucdiag.model.report import SCHEMA, Report
from ucdiag.runtime.named_files import find_place

LONGEST = 1 << 28  # bytes of a line
_START = b'{"schema": "' + SCHEMA.encode("ascii") + b'"'
_PIECE = 1 << 16


class JournalError(Exception):
    """The file cannot be used as a journal; the text says why, as a clause."""


class Journal:
    """A context manager. ``kept_reports`` gives what was there at the start, ``add_reports`` adds lines at the end."""

    def __init__(self, name: str) -> None:
        try:
            # Both now: later there may be no right to it.
            self._handle, self._again = _open_journal(name)
        except (OSError, ValueError) as error:
            raise JournalError((getattr(error, "strerror", None) or str(error)).lower()) from error
        try:
            self._lock_file()
            self._end = self._mended_end()
        except BaseException:
            os.close(self._handle)
            os.close(self._again)
            raise

    def _lock_file(self) -> None:
        if sys.platform == "win32":
            return  # a lock there would keep others from reading the journal
        import fcntl

        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError("another run is writing to it") from None
        except OSError:
            return  # a file system without locks

    def _mended_end(self) -> int:
        """Where the last whole line ends. A torn one is cut off, if it is one of ours."""
        found = os.fstat(self._handle)
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISCHR(found.st_mode)):
            raise JournalError("it is no file")
        size = found.st_size
        if size == 0:
            return 0
        with os.fdopen(os.dup(self._handle), "rb") as file:
            start = file.read(len(_START))
            if start.strip(b"\0") != _START[: len(start.strip(b"\0"))]:
                raise JournalError("it is no journal of ucdiag, and is left as it is")
            end = _after_last_newline(file, size)
            file.seek(end)
            torn = file.read(LONGEST).rstrip(b"\0")
            if torn[: len(_START)] != _START[: len(torn)]:
                raise JournalError("its last line is no report of ucdiag, and it is left as it is")
        if end < size:
            # Also where nothing but the end of the line is missing: to ask again is no loss, half a line would be.
            os.ftruncate(self._handle, end)
        return end

    def kept_reports(self) -> Iterator[tuple[str, Report]]:
        """The reports that were there, each with the key of its target. Raises JournalError."""
        end = self._end
        with os.fdopen(os.dup(self._again), "rb") as file:
            file.seek(0)
            number = 0
            while file.tell() < end:
                number += 1
                line = file.readline(LONGEST)
                if not line.strip():
                    continue
                try:
                    value: Any = json.loads(line)
                    target = value["target"]
                    report = from_json(Report, value)
                except (ValueError, KeyError, TypeError, RecursionError):
                    raise JournalError(f"its line {number} is no report of such a run") from None
                if not isinstance(target, str):
                    raise JournalError(f"its line {number} is no report of such a run")
                yield target, report

    def add_reports(self, reports: Iterable[tuple[str, str]]) -> None:
        """Some more reports, each as one line of JSON, with the keys of their targets. Raises OSError.

        The system has them when this returns.
        """
        lines = [f'{report[:-1]}, "target": {json.dumps(target)}}}\n' for report, target in reports]
        self._write_lines("".join(lines).encode("ascii"))

    def _write_lines(self, lines: bytes) -> None:
        left = memoryview(lines)
        try:
            while left:
                left = left[os.write(self._handle, left) :]
        except OSError:
            # A full disk: half a line must not stand before the next one, nor one that was not said to be kept.
            os.ftruncate(self._handle, self._end)
            raise
        self._end += len(lines)

    def close(self) -> None:
        """Everything on the disk."""
        try:
            os.fsync(self._handle)
        except OSError:
            pass
        os.close(self._handle)
        os.close(self._again)

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_journal(name: str) -> tuple[int, int]:
    """The file, open for adding to its end, and open to be read from its start. Raises OSError and JournalError."""
    place = find_place(name)
    try:
        if place.found is not None:
            handle = place.open(os.O_RDWR | os.O_APPEND)
        else:
            handle = place.create_file(0o600, os.O_APPEND)
        try:
            again = place.open(os.O_RDONLY)
        except BaseException:
            os.close(handle)
            raise
    finally:
        place.close()
    if not os.path.samestat(os.fstat(handle), os.fstat(again)):
        os.close(handle)
        os.close(again)
        raise JournalError("another file has its name now")
    return handle, again


def _after_last_newline(file: Any, size: int) -> int:
    """The place behind the last newline of a file."""
    at = size
    while at > 0:
        start = max(0, at - _PIECE)
        file.seek(start)
        place = file.read(at - start).rfind(b"\n")
        if place >= 0:
            return int(start + place + 1)
        at = start
    return 0
