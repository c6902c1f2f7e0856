"""Keeps the update request of a real phone, for ``probe --body``: nobody has published what these phones send."""

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest
from ucdiag.update_service.request import mark
from ucdiag.wire.http.exchange import UpdateExchange

STDOUT = "-"


class RequestSaver:
    """Keeps one whole update request: that of the phones in ``macs`` if any are named, best one that was answered.

    The file is opened at once, since a live capture gives up its rights; what was in it before stays until there
    is a request to put in its place. ``-`` is standard output. Raises CannotTest when it cannot be opened. ``said``
    is a sentence once it is written.
    """

    def __init__(self, name: str, macs: Iterable[str] = ()) -> None:
        self.said: str | None = None
        self._name = name
        self._macs = frozenset(macs)
        self._best: UpdateExchange | None = None
        self._file: int | None = None
        self._new = False
        if name == STDOUT:
            return
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        try:
            try:
                self._file = os.open(name, flags | os.O_EXCL, 0o600)
                self._new = True
            except FileExistsError:
                self._file = os.open(name, flags, 0o600)
        except OSError as error:
            raise CannotTest("output", f"{name!r} cannot be written: {error.strerror}.") from None

    def take(self, exchange: UpdateExchange) -> None:
        """One POST to the request handler, over."""
        http = exchange.http
        if not exchange.request_whole or http.purpose == "log" or not exchange.request_body.strip():
            return
        if self._macs and http.client_mac not in self._macs:
            return
        if self._best is None or (_answered(exchange) and not _answered(self._best)):
            self._best = exchange

    def finish(self) -> list[Problem]:
        """Write it, and say what stood in the way. An untouched new file is taken away again."""
        best = self._best
        try:
            if best is None:
                return [self._problem("No whole update request was seen in clear, so none was saved")]
            try:
                data = mark(best.request_head + best.request_body)
            except ValueError as error:
                return [self._problem(f"The update request could not be saved: {error}")]
            self._write(data)
        except OSError as error:
            where = "written to standard output" if self._file is None else f"saved in {self._name!r}"
            text = f"The update request could not be {where}: {error.strerror}."
            return [Problem(code="no-request", text=text)]
        finally:
            self._close()
        who = best.http.client_mac or best.http.client
        where = "on standard output" if self._file is None else f"in {self._name}"
        self.said = (
            f"The update request of {who} (frame {best.http.frame}) is {where}, its MAC and serial marked: "
            f"send it with ucdiag probe --body {self._name}"
        )
        return []

    def _write(self, data: bytes) -> None:
        if self._file is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        if stat.S_ISREG(os.fstat(self._file).st_mode):
            os.lseek(self._file, 0, os.SEEK_SET)
            os.ftruncate(self._file, 0)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def _close(self) -> None:
        if self._file is None:
            return
        empty = os.fstat(self._file).st_size == 0
        os.close(self._file)
        # Only what was made here: a device, which root could take away for everybody, is always empty.
        if empty and self._new:
            with suppress(OSError):
                Path(self._name).unlink()

    @staticmethod
    def _problem(text: str) -> Problem:
        advice = "restart the phone while the capture runs, and see that it asks over http"
        return Problem(code="no-request", text=f"{text}: {advice}.")


def _answered(exchange: UpdateExchange) -> bool:
    status = exchange.http.status
    return status is not None and 200 <= status < 300
