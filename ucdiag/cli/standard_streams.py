"""Streams whose last layer writes all that it is given, or remembers why it could not.

Python buffers a stream unless PYTHONUNBUFFERED says otherwise. With a buffer, an output that takes no more is noticed
late, perhaps only when the interpreter ends, which then reports it in its own words and with its own exit code.
Without one, a write of which the system takes only a part loses the rest, and no error says so. Here both end alike.
"""

import errno
import io
import os
import stat
import time
from typing import Any, TextIO

CLOSED = (
    "standard output is closed, so nothing could be shown: leave it open (>/dev/null throws it away), "
    "or have a report written with -o FILE"
)

_POLL = 0.01  # seconds between two tries to write to an output that does not block
_STUCK = 1.0  # seconds after which an interrupted write is not tried again


class CompleteWriter(io.RawIOBase):
    """Write to ``raw`` all that it is given.

    ``error`` is why it could not; everything written later meets the same error, so that nothing appears behind a gap.
    After ``ignore_failures`` it takes everything, and writes nothing more once it failed.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._ignores_failures = False
        self._waits_since: float | None = None  # of a write, when the system last took some of it
        self.error: OSError | None = None
        self.name = getattr(raw, "name", None)

    def write(self, data: Any, /) -> int:
        """All of ``data`` (bytes, a view), however little the system takes at once. Raises OSError, always the same."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        self._waits_since = time.monotonic()
        try:
            while rest and self.error is None:
                taken = self._raw.write(rest)
                if not taken:
                    time.sleep(_POLL)
                else:
                    rest = rest[taken:]
                    self._waits_since = time.monotonic()
            self._waits_since = None
        except OSError as error:
            self.error = self._as_broken_pipe(error)
        except KeyboardInterrupt:
            self.stop_if_stuck()
            raise
        if self.error is not None and not self._ignores_failures:
            raise self.error
        return size

    def _as_broken_pipe(self, error: OSError) -> OSError:
        """Windows reports a pipe whose reader left as an invalid argument."""
        if os.name != "nt" or error.errno != errno.EINVAL:
            return error
        try:
            is_pipe = stat.S_ISFIFO(os.fstat(self._raw.fileno()).st_mode)
        except (OSError, ValueError, AttributeError):
            return error
        return BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) if is_pipe else error

    def ignore_failures(self) -> None:
        """Raise no failure from now on."""
        self._ignores_failures = True

    def stop_if_stuck(self) -> None:
        """Stop writing if the system took no byte of the interrupted write for a while."""
        if self._waits_since is not None and time.monotonic() - self._waits_since > _STUCK:
            self.stop()

    def stop(self) -> None:
        """Stop writing, as for an output without a reader."""
        self.error = self.error or BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    def writable(self) -> bool:
        return True

    # Whether a file is at its start decides whether an encoding such as UTF-16 begins with its mark.

    def seekable(self) -> bool:
        return bool(self._raw.seekable())

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return int(self._raw.seek(offset, whence))

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def close(self) -> None:
        if not self.closed:
            try:
                super().close()
            finally:
                self._raw.close()


def open_stream(handle: int, *, for_notepad: bool = False) -> TextIO:
    """A text stream in UTF-8 that ends in a ``CompleteWriter``, for a file that is open for writing.

    ``for_notepad``: with the mark and the line ends without which Notepad, before Windows 10 of 2019, takes it for a
    text in the system's code page that is one line.
    """
    writer = CompleteWriter(io.FileIO(handle, "w"))
    encoding, newline = ("utf-8-sig", "\r\n") if for_notepad else ("utf-8", "\n")
    return io.TextIOWrapper(
        io.BufferedWriter(writer), encoding=encoding, newline=newline, line_buffering=writer.isatty()
    )


def with_complete_writes(stream: TextIO) -> TextIO:
    """A standard stream as Python made it, but with a ``CompleteWriter`` as its last layer.

    The old one must not be used any more.
    """
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    buffer = stream.buffer
    raw: Any = getattr(buffer, "raw", buffer)
    writer = CompleteWriter(raw)
    return io.TextIOWrapper(
        writer if raw is buffer else io.BufferedWriter(writer),
        encoding=stream.encoding,
        errors=stream.errors,
        newline="\n" if os.name != "nt" else None,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def complete_writer_of(stream: TextIO | None) -> CompleteWriter | None:
    """The last layer of a stream, where it is of this kind."""
    buffer = getattr(stream, "buffer", None)
    last = getattr(buffer, "raw", buffer)
    return last if isinstance(last, CompleteWriter) else None
