"""Lines in the order of their frames, in bounded memory.

A fact is complete later than it began: a question when its answer comes, an unanswered connection seconds after its
SYN, a download minutes after its request. Facts that do not fit into memory until all earlier ones are complete go to
temporary files, sorted, which are merged at the end.
"""

import heapq
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import IO

from ucdiag.model.vocabulary import Microseconds
from ucdiag.runtime.context import CannotTest

MAX_HELD = 4096
_Line = tuple[int, int, int, str]  # frame, order of arrival, time, text


class FactSorter:
    """``write`` gets the lines. ``add_line`` takes them in any order; ``finish`` writes what is left."""

    def __init__(self, write: Callable[[str], object], limit: int = MAX_HELD) -> None:
        self._write = write
        self._limit = limit
        self._held: list[_Line] = []
        self._count = 0
        self._files: list[IO[str]] = []

    def add_line(self, frame: int, time: Microseconds, text: str) -> None:
        """One line, without its line end. Raises CannotTest when a temporary file cannot be written; all lines but
        that one are still there then."""
        if len(self._held) >= self._limit:
            self._spill_lines()
        self._count += 1
        self._held.append((frame, self._count, time, text))

    def write_before(self, before: int) -> None:
        """Writes at once, in order, what began before that time (microseconds): for captures that go on."""
        if self._files:
            return
        due = sorted(line for line in self._held if line[2] < before)
        if due:
            self._held = [line for line in self._held if line[2] >= before]
            for line in due:
                self._write(line[3] + "\n")

    def finish(self) -> None:
        """Writes everything that is still held, in order."""
        self._held.sort()
        try:
            for line in heapq.merge(*map(_read_lines, self._files), self._held):
                self._write(line[3] + "\n")
        finally:
            self.close()

    def close(self) -> None:
        """Removes the temporary files."""
        for file in self._files:
            file.close()
        self._files.clear()
        self._held.clear()

    def _spill_lines(self) -> None:
        if len(self._files) >= 64:
            # One file out of many, so that not too many are open.
            whole = _temporary_file(heapq.merge(*map(_read_lines, self._files)))
            for file in self._files:
                file.close()
            self._files = [whole]
        self._held.sort()
        self._files.append(_temporary_file(self._held))
        self._held.clear()


def _temporary_file(lines: Iterable[_Line]) -> IO[str]:
    """A temporary file with these lines, ready to be read. Raises CannotTest."""
    try:
        file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close()
    except OSError as error:
        raise _no_temporary_file(error) from error
    try:
        for line in lines:
            file.write(json.dumps(line) + "\n")
        file.seek(0)
    except OSError as error:
        with suppress(OSError):  # what could not be written is tried once more
            file.close()
        raise _no_temporary_file(error) from error
    return file


def _no_temporary_file(error: OSError) -> CannotTest:
    text = (
        "The facts do not fit into memory, and no temporary file can be written to put them into order "
        f"({error.strerror or error}): those up to here are reported. Name a folder with room in TMPDIR."
    )
    return CannotTest("output", text)


def _read_lines(file: IO[str]) -> Iterator[_Line]:
    file.seek(0)
    for text in file:
        frame, count, time, line = json.loads(text)
        yield frame, count, time, line
