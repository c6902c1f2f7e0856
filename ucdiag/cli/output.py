"""The output of a command: standard output, or a file that appears whole or not at all."""

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

from ucdiag.cli.output_errors import cannot_write
from ucdiag.cli.standard_streams import CLOSED, complete_writer_of, open_stream
from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest

if TYPE_CHECKING:
    from ucdiag.runtime.named_files import HeldFile


def need_unoccupied(places: Iterable[tuple[str, str | None]], *, force: bool) -> None:
    """Before any work: what options name must not hold anything yet. Raises UsageError, unless it may be overwritten.

    An empty file holds nothing: ``mktemp`` makes one. Devices and pipes are written to as they are.
    """
    named = [(option, name) for option, name in places if name is not None and name != "-"]
    if force or not named:
        return
    # Imported here: most runs write to standard output alone.
    from ucdiag.cli.output_files import is_occupied

    for option, name in named:
        if is_occupied(name):
            raise click.UsageError(
                f"{option} {quoted(name)}: the file exists: name another, or overwrite it with --force"
            )


def bytes_of(stream: TextIO | None) -> BinaryIO:
    """The bytes beneath a standard stream. Raises OSError where it was closed before the start."""
    if stream is None:
        raise OSError(errno.EBADF, "it is closed")
    return stream.buffer


def need_standard_output() -> None:
    """Check before any work that standard output is open. Raises CannotTest."""
    if sys.stdout is None:
        raise CannotTest("output", CLOSED)


class Output:
    """A context manager around ``stream``. ``lost`` says that nobody reads it any more.

    A regular file is written out of sight and put in its place by ``keep``; without ``keep`` nothing of it is left.
    ``prose`` is a text that people read, which on Windows is written as Notepad needs it. A pipe or device is written
    as it is. Raises CannotTest when that fails, and UsageError for a file that exists, unless ``force`` is given.
    """

    def __init__(self, name: str | None, *, prose: bool = False, force: bool = False) -> None:
        self.name = name
        self.lost = False
        self._file: HeldFile | None = None
        self.stream: TextIO = sys.stdout
        if name is None:
            need_standard_output()
            return
        from ucdiag.cli.output_files import open_output
        from ucdiag.runtime.named_files import held_file

        held = held_file(name)
        if held is None:
            need_unoccupied([("-o", name)], force=force)
        try:
            handle, self._file = open_output(name, held, force=force)
            self.stream = open_stream(handle, for_notepad=prose and os.name == "nt" and self._file is not None)
        except (OSError, ValueError) as error:
            raise self._as_cannot_test(error) from error

    def __enter__(self) -> "Output":
        return self

    def write(self, work: Callable[[], None]) -> None:
        """Do what writes, to the end. Raises BrokenPipeError, and then sets ``lost``, or CannotTest (a full disk)."""
        try:
            work()
            self.stream.flush()
        except BrokenPipeError:
            self.lost = True
            raise
        except OSError as error:
            raise self._as_cannot_test(error) from error

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file, which ``keep`` puts in its place."""
        return self._file is not None

    def settle(self) -> None:
        """The file is whole, and on its disk; nothing more can be written."""
        if self._file is None or self.stream.closed:
            return
        try:
            self.stream.flush()
            self.stream.close()
            self._file.write_to_disk()
        except OSError as error:
            raise self._as_cannot_test(error) from error

    def keep(self) -> None:
        """The file is whole: put it in its place, with the rights of the one that was there."""
        self.settle()
        if self._file is None:
            return
        try:
            self._file.put_in_place()
        except OSError as error:
            raise self._as_cannot_test(error) from error

    def __exit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, *rest: object
    ) -> None:
        if self.name is not None:
            with contextlib.suppress(OSError, ValueError):
                self.stream.close()
            if self._file is not None:
                self._file.discard()
        # Of what was not written with ``write``.
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError) and error is self._write_error():
            raise self._as_cannot_test(error) from error

    def _write_error(self) -> OSError | None:
        writer = complete_writer_of(self.stream)
        return None if writer is None else writer.error

    def _as_cannot_test(self, error: Exception) -> CannotTest:
        return cannot_write("standard output" if self.name is None else quoted(self.name), error)
