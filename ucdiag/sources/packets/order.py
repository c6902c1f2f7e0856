"""Lines in the order of their frames, in bounded memory.

A fact is finished later than it began: a question when its answer comes, a connection that nobody answered
seconds after its SYN, a download minutes after its request. What cannot be held in memory until all before it is
known goes to temporary files, sorted, and is merged at the end.
"""

import heapq
import json
import tempfile
from collections.abc import Callable, Iterator
from typing import IO

MAX_HELD = 4096
_Line = tuple[int, int, int, str]  # frame, order of arrival, time, text


class InOrder:
    """``write`` gets the lines. ``put`` takes them in any order; ``finish`` writes what is left."""

    def __init__(self, write: Callable[[str], object], limit: int = MAX_HELD) -> None:
        self._write = write
        self._limit = limit
        self._held: list[_Line] = []
        self._count = 0
        self._files: list[IO[str]] = []

    def put(self, frame: int, time: int, text: str) -> None:
        """One line, without its line end. Raises OSError when a temporary file cannot be written."""
        self._count += 1
        self._held.append((frame, self._count, time, text))
        if len(self._held) >= self._limit:
            self._spill()

    def release(self, before: int) -> None:
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
            for line in heapq.merge(*map(_lines, self._files), self._held):
                self._write(line[3] + "\n")
        finally:
            self.close()

    def close(self) -> None:
        """Removes the temporary files."""
        for file in self._files:
            file.close()
        self._files.clear()
        self._held.clear()

    def _spill(self) -> None:
        self._held.sort()
        file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close()
        self._files.append(file)
        for line in self._held:
            file.write(json.dumps(line) + "\n")
        file.seek(0)
        self._held.clear()
        if len(self._files) >= 64:
            self._merge()

    def _merge(self) -> None:
        """One file out of many, so that not too many are open."""
        whole = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close()
        for line in heapq.merge(*map(_lines, self._files)):
            whole.write(json.dumps(line) + "\n")
        whole.seek(0)
        for file in self._files:
            file.close()
        self._files = [whole]


def _lines(file: IO[str]) -> Iterator[_Line]:
    for text in file:
        frame, count, time, line = json.loads(text)
        yield frame, count, time, line
