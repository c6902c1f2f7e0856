"""Saves the update request of a real phone, for ``probe --body``: the body that these phones send is not published."""

import os
import sys
from collections.abc import Iterable

from ucdiag.model.report import Problem
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import is_success_status
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.entrusted import ENTRUSTED
from ucdiag.runtime.named_files import Replacement, copy_content, find_place, unnamed_file
from ucdiag.update_service.request import mark_identity
from ucdiag.wire.http.exchange import UpdateExchange

STDOUT = "-"


class RequestSaver:
    """Keeps one whole update request: that of the phones in ``macs`` if any are named, best one that was answered.

    The file is opened at once, since root gives up its rights; what was in it before stays until there is a request
    to put in its place. ``-`` is standard output. Raises CannotTest when it cannot be opened. ``said``
    is a sentence once it is written, ``failed`` one that says why it could not be.
    """

    def __init__(self, name: str, macs: Iterable[str] = ()) -> None:
        self.said: str | None = None
        self.failed: str | None = None
        self._name = name
        self._macs = frozenset(macs)
        self._best: UpdateExchange | None = None
        self._file: int | None = None
        self._is_file = True
        self._instead: Replacement | None = None
        if name == STDOUT:
            return
        try:
            self._open_file(name)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise CannotTest("output", f"{quoted(name)} cannot be written: {why}.") from None

    def _open_file(self, name: str) -> None:
        place = find_place(name)
        try:
            if place.found is not None and not place.is_file:
                self._is_file = False
                self._file = place.open(os.O_WRONLY)
                return
            try:
                # Who may read an old file may not read credentials: a new one takes its place.
                self._instead = Replacement(name, force=True, private=True)
                self._file = self._instead.open_for_writing()
            except OSError:
                if place.found is None or not _is_private(place.found):
                    raise
                self._file = place.open(os.O_RDWR)
        finally:
            place.close()

    def give_to(self, owner: tuple[int, int] | None) -> None:
        """Have the file belong to a user, if it is a new one, and be put in its place by a process that still has the
        right to, once this one has not."""
        if self._instead is not None:
            if owner is not None:
                self._instead.give_to(*owner)
            ENTRUSTED.append(self._instead)

    def take(self, exchange: UpdateExchange) -> None:
        """One POST to the request handler, over."""
        http = exchange.http
        if not exchange.request_whole or http.purpose == "log" or not exchange.request_body.strip():
            return
        if self._macs and http.client_mac not in self._macs:
            return
        if self._best is None or (_was_answered(exchange) and not _was_answered(self._best)):
            self._best = exchange

    def finish(self) -> list[Problem]:
        """Write the request. Returns the problem if there was none, or it could not be written."""
        best = self._best
        try:
            if best is None:
                return [self._no_request_problem("No whole update request was seen in clear, so none was saved")]
            try:
                data = mark_identity(best.request_head + best.request_body)
            except ValueError as error:
                return [self._no_request_problem(f"The update request could not be saved: {error}")]
            self._write_request(data)
        except OSError as error:
            where = "written to standard output" if self._file is None else f"saved in {quoted(self._name)}"
            text = f"The update request could not be {where}: {error.strerror or error}."
            # What happened to standard output is said at the end, where all that was written there is seen.
            self.failed = None if self._file is None else text
            return [Problem(code="no-request", text=text)]
        finally:
            self._close_files()
        who = best.http.client_mac or best.http.client
        where = "on standard output" if self._file is None else f"in {self._name}"
        self.said = (
            f"The update request of {who} (frame {best.http.frame}) is {where}, its MAC and serial marked: "
            f"send it with ucdiag probe --body {self._name}"
        )
        return []

    def _write_request(self, data: bytes) -> None:
        if self._file is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        if not self._is_file:
            _write_all(self._file, data)
            return
        if self._instead is not None:
            _write_all(self._file, data)
            self._instead.write_to_disk()
            self._instead.put_in_place()
            return
        source = unnamed_file()
        try:
            _write_all(source, data)
            copy_content(self._file, source)
        finally:
            os.close(source)

    def _close_files(self) -> None:
        if self._instead is not None:
            self._instead.discard()
        if self._file is not None:
            os.close(self._file)

    @staticmethod
    def _no_request_problem(text: str) -> Problem:
        advice = "restart the phone while the capture runs, and check that it asks over http"
        return Problem(code="no-request", text=f"{text}: {advice}.")


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _is_private(found: os.stat_result) -> bool:
    """Whether a file belongs to this user, who alone may read it. Windows has other rights than these."""
    if sys.platform == "win32":
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _was_answered(exchange: UpdateExchange) -> bool:
    return is_success_status(exchange.http.status)
