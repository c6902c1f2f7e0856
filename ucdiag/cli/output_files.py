"""Outputs that are files: whether one can be written, what is there already, and how it is opened."""

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

from ucdiag.cli.output_errors import cannot_write, reason_of
from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.named_files import HeldFile, Place, Replacement, SharedFolderError, find_place, held_file

if TYPE_CHECKING:
    from pathlib import Path

# The errors of a disk that takes no more.
_DISK = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))


def _resolved_path(name: str) -> "Path":
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
        return reason_of(error)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        return f"no file can be made in its folder ({reason_of(error)})"
    except (OSError, ValueError) as error:
        return reason_of(error)
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
            raise cannot_write(quoted(name), error) from error
        return f"no file can be made in its folder ({reason_of(error)})"
    return None


def _may_write(place: Place) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(place.name, os.W_OK, dir_fd=place.folder, effective_ids=effective)


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
        return _resolved_path(name) == _resolved_path(other)
    except (OSError, ValueError, RuntimeError):
        return name == other


def open_output(name: str, held: HeldFile | None, *, force: bool) -> "tuple[int, HeldFile | None]":
    """Where to write, and what puts it in its place: nothing does where it is no regular file. Raises OSError."""
    if held is not None:
        return held.open_for_writing(), held if held.is_file else None
    place = find_place(name)
    try:
        if place.found is not None and not place.is_file:
            return place.open(), None
    finally:
        place.close()
    file = Replacement(name, force=force)
    return file.open_for_writing(), file


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
            self.stream: BinaryIO = os.fdopen(self._file.open_for_writing(), "w+b")
        except (OSError, ValueError) as error:
            raise self.write_error(error) from error

    def __enter__(self) -> "BinaryOutput":
        return self

    def keep(self) -> None:
        """The file is whole: put it in its place."""
        try:
            self.stream.flush()
            self.stream.close()
            self._file.write_to_disk()
            self._file.put_in_place()
            self.replaced = self._file.replaced
        except OSError as error:
            raise self.write_error(error) from error

    def write_error(self, error: Exception) -> CannotTest:
        """The CannotTest for an error while the file is written."""
        return cannot_write(quoted(self._name), error)

    def __exit__(self, *rest: object) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.stream.close()
        self._file.discard()
