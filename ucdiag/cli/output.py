"""Where the output goes: standard output, or a file that appears whole or not at all."""

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO, TextIO

from ucdiag.cli.standard_streams import CLOSED, complete_writer_of, open_stream
from ucdiag.runtime.context import CannotTest

if TYPE_CHECKING:
    from pathlib import Path


# The errors of a disk that takes no more.
_DISK = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))


def _resolved(name: str) -> "Path":
    # Imported here: most runs write to standard output, and pathlib takes a tenth of the time of a start.
    from pathlib import Path

    return Path(name).resolve()


def _create_beside(target: "Path") -> "tuple[Path, int]":
    """A new file in the target's folder, with the rights that the user's mask gives, open for writing."""
    path = target.with_name(f".ucdiag-{os.getpid()}-{os.urandom(4).hex()}")
    return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)


def why_not_writable(name: str) -> str | None:
    """The reason why a file of that name cannot be written, or ``None``. Leaves nothing behind.

    Raises CannotTest where the name is good and its disk is not: that is no wrong use.
    """
    try:
        target = _resolved(name)
        if target.exists():
            mode = target.stat().st_mode
            if stat.S_ISDIR(mode):
                return "it is a folder"
            if not os.access(target, os.W_OK):
                return "permission denied"
            if not stat.S_ISREG(mode):
                return None
    except (OSError, ValueError, RuntimeError) as error:
        return _reason_of(error)
    try:
        path, handle = _create_beside(target)
        os.close(handle)
        path.unlink()
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _DISK:
            raise _cannot_write(repr(name), error) from error
        return f"no file can be made in its folder ({_reason_of(error)})"
    return None


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

    A regular file is written beside its place under another name and moved there by ``keep``; without
    ``keep`` it vanishes. A pipe or device is written as it is. Raises CannotTest when that fails.
    """

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.lost = False
        self._target: Path | None = None
        self._temporary: Path | None = None
        self.stream: TextIO = sys.stdout
        if name is None:
            need_standard_output()
            return
        try:
            target = _resolved(name)
            if target.exists() and not target.is_file():
                handle = os.open(target, os.O_WRONLY)
            else:
                self._temporary, handle = _create_beside(target)
                self._target = target
            self.stream = open_stream(handle)
        except (OSError, ValueError, RuntimeError) as error:
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

    def keep(self) -> None:
        """The file is whole: put it in its place, with the rights of the one that was there."""
        if self._target is None or self._temporary is None:
            return
        try:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()
            if self._target.exists():
                self._temporary.chmod(stat.S_IMODE(self._target.stat().st_mode))
            self._temporary.replace(self._target)
        except OSError as error:
            raise self._as_cannot_test(error) from error
        self._temporary = None

    def __exit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, *rest: object
    ) -> None:
        if self.name is not None:
            with contextlib.suppress(OSError, ValueError):
                self.stream.close()
            if self._temporary is not None:
                with contextlib.suppress(OSError):
                    self._temporary.unlink()
        # Of what was not written with ``write``.
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError) and error is self._write_error():
            raise self._as_cannot_test(error) from error

    def _write_error(self) -> OSError | None:
        writer = complete_writer_of(self.stream)
        return None if writer is None else writer.error

    def _as_cannot_test(self, error: Exception) -> CannotTest:
        return _cannot_write("standard output" if self.name is None else repr(self.name), error)


def _cannot_write(where: str, error: Exception) -> CannotTest:
    return CannotTest("output", f"cannot write to {where}: {_reason_of(error)}")


def _reason_of(error: Exception) -> str:
    said = str(getattr(error, "strerror", None) or error)
    return said[:1].lower() + said[1:]
