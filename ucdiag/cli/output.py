"""Where the output goes: standard output, or a file that appears whole or not at all."""

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO, TextIO

import click

from ucdiag.cli.standard_streams import CLOSED, complete_writer_of, open_stream
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.named_files import HeldFile, Place, Replacement, SharedFolderError, find_place, held_file

if TYPE_CHECKING:
    from pathlib import Path


# The errors of a disk that takes no more.
_DISK = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))


def _resolved(name: str) -> "Path":
    # Imported here: most runs write to standard output, and pathlib takes a tenth of the time of a start.
    from pathlib import Path

    return Path(name).resolve()


def why_not_writable(name: str, *, private: bool = False) -> str | None:
    """The reason why a file of that name cannot be written, or ``None``. Leaves nothing behind. ``private``: it is a
    new file in any case.

    Raises CannotTest where the name is good and its disk is not: that is no wrong use.
    """
    try:
        place = find_place(name)
    except SharedFolderError as error:
        return _reason_of(error)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        return f"no file can be made in its folder ({_reason_of(error)})"
    except (OSError, ValueError) as error:
        return _reason_of(error)
    try:
        if place.found is not None:
            if stat.S_ISDIR(place.found.st_mode):
                return "it is a folder"
            if not _may_write(place):
                return "permission denied"
            if not place.is_file:
                return None
    finally:
        place.close()
    try:
        Replacement(name, force=True, private=private).discard()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _DISK:
            raise _cannot_write(repr(name), error) from error
        return f"no file can be made in its folder ({_reason_of(error)})"
    return None


def _may_write(place: Place) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(place.name, os.W_OK, dir_fd=place.folder, effective_ids=effective)


def need_unoccupied(places: Iterable[tuple[str, str | None]], *, force: bool) -> None:
    """Before any work: what options name must not hold anything yet. Raises UsageError, unless it may be overwritten.

    An empty file holds nothing: ``mktemp`` makes one. Devices and pipes are written to as they are.
    """
    if force:
        return
    for option, name in places:
        if name is not None and name != "-" and is_occupied(name):
            raise click.UsageError(f"{option} {name!r}: the file exists: name another, or overwrite it with --force")


def is_occupied(name: str) -> bool:
    """Whether a regular file with something in it is there."""
    try:
        place = find_place(name)
    except (OSError, ValueError):
        return False
    place.close()
    return place.holds_something


def is_same_place(name: str, other: str) -> bool:
    """Whether both names lead to one file."""
    try:
        return _resolved(name) == _resolved(other)
    except (OSError, ValueError, RuntimeError):
        return name == other


def bytes_of(stream: TextIO | None) -> BinaryIO:
    """The bytes beneath a standard stream. Raises OSError where it was closed before the start."""
    if stream is None:
        raise OSError(errno.EBADF, "it is closed")
    return stream.buffer


def need_standard_output() -> None:
    """Before any work: it would be in vain where nothing can be shown. Raises CannotTest."""
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
        held = held_file(name)
        if held is None:
            need_unoccupied([("-o", name)], force=force)
        try:
            handle, self._file = _opened(name, held, force=force)
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
            self._file.settle()
        except OSError as error:
            raise self._as_cannot_test(error) from error

    def keep(self) -> None:
        """The file is whole: put it in its place, with the rights of the one that was there."""
        self.settle()
        if self._file is None:
            return
        try:
            self._file.keep()
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
        return _cannot_write("standard output" if self.name is None else repr(self.name), error)


def _opened(name: str, held: HeldFile | None, *, force: bool) -> "tuple[int, HeldFile | None]":
    """Where to write, and what puts it in its place: nothing does where it is no regular file. Raises OSError."""
    if held is not None:
        return held.begin(), held if held.is_file else None
    place = find_place(name)
    try:
        if place.found is not None and not place.is_file:
            return place.open(), None
    finally:
        place.close()
    file = Replacement(name, force=force)
    return file.begin(), file


class BinaryOutput:
    """A context manager: a file of bytes that only its owner can read, and that appears whole or not at all.

    ``keep`` puts it in its place; ``replaced`` then says whether another file stood there. Raises CannotTest.
    """

    def __init__(self, name: str, *, force: bool = False) -> None:
        self._name = name
        self.replaced = False
        try:
            held = held_file(name)
            self._file = held if held is not None else Replacement(name, force=force, private=True)
            self.stream: BinaryIO = os.fdopen(self._file.begin(), "w+b")
        except (OSError, ValueError) as error:
            raise self.failed(error) from error

    def __enter__(self) -> "BinaryOutput":
        return self

    def keep(self) -> None:
        """The file is whole: put it in its place."""
        try:
            self.stream.flush()
            self.stream.close()
            self._file.settle()
            self._file.keep()
            self.replaced = self._file.replaced
        except OSError as error:
            raise self.failed(error) from error

    def failed(self, error: Exception) -> CannotTest:
        """What to say of an error while it is written."""
        return _cannot_write(repr(self._name), error)

    def __exit__(self, *rest: object) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.stream.close()
        self._file.discard()


def _cannot_write(where: str, error: Exception) -> CannotTest:
    return CannotTest("output", f"cannot write to {where}: {_reason_of(error)}")


def _reason_of(error: Exception) -> str:
    said = str(getattr(error, "strerror", None) or error)
    return said[:1].lower() + said[1:]
