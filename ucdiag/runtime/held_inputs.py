"""Files to be read that were opened while there were rights to do so, by the names that the user gave."""

import errno
import io
import os
import stat
import sys
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HELD: dict[str, int] = {}


def hold_inputs(names: Iterable[str]) -> None:
    """Open these now. What cannot be opened is said when it is read."""
    for name in names:
        if name not in _HELD:
            try:
                _HELD[name] = os.open(name, os.O_RDONLY)
            except (OSError, ValueError):
                continue


def hold_written(name: str, handle: int) -> None:
    """Keep what was written under this name open, to be read again, if who gave up root's rights meanwhile may not open
    it anew. A handle that cannot be read from, and what is no file, is left alone."""
    if sys.platform == "win32":
        return  # no such users
    if name in _HELD or os.access(name, os.R_OK):
        return
    import fcntl

    if stat.S_ISREG(os.fstat(handle).st_mode) and fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR:
        _HELD[name] = os.dup(handle)


def open_input(name: str) -> IO[bytes]:
    """The bytes of a file, from its beginning, without a buffer. Raises OSError, ValueError."""
    held = _HELD.get(name)
    if held is None:
        try:
            return open(name, "rb", buffering=0)  # noqa: PTH123 - pathlib is slow to import; the reader closes it
        except PermissionError as error:
            # So Windows says of a folder.
            if os.path.isdir(name):  # noqa: PTH112 - as above
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name) from error
            raise
    if stat.S_ISREG(os.fstat(held).st_mode):
        return cast(IO[bytes], _HeldInput(held))
    return os.fdopen(os.dup(held), "rb", buffering=0)


def stat_input(name: str) -> os.stat_result:
    """What is known of a file. Raises OSError, ValueError."""
    held = _HELD.get(name)
    return os.stat(name) if held is None else os.fstat(held)  # noqa: PTH116 - pathlib is slow to import


class _HeldInput(io.RawIOBase):
    """One reading of an open file: others, at the same time or in another process, are at places of their own."""

    def __init__(self, handle: int) -> None:
        self._handle, self._at = handle, 0

    def fileno(self) -> int:
        return self._handle

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if sys.platform == "win32":
            raise NotImplementedError("Windows has no such users")
        with memoryview(buffer).cast("B") as view:
            data = os.pread(self._handle, len(view), self._at)
            view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = place + (os.fstat(self._handle).st_size if start is None else start)
        return self._at

    def tell(self) -> int:
        return self._at
