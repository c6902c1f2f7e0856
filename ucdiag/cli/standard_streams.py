"""Streams whose last layer writes all that it is given, or remembers why it could not.

Python buffers a stream unless PYTHONUNBUFFERED says otherwise. With a buffer, an output that takes no more is noticed
late, perhaps only when the interpreter ends, which then reports it in its own words and with its own exit code.
Without one, a write of which the system takes only a part loses the rest, and no error says so. Here both end alike.
"""

import errno
import io
import os
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
        self.error: OSError | None = None
        self.name = getattr(raw, "name", None)

    def write(self, data: Any, /) -> int:
        """All of ``data`` (bytes, a view), however little the system takes at once. Raises OSError, always the same."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        since = time.monotonic()
        try:
            while rest and self.error is None:
                taken = self._raw.write(rest)
                if not taken:
                    time.sleep(_POLL)
                else:
                    rest = rest[taken:]
                    since = time.monotonic()
        except OSError as error:
            self.error = error
        except KeyboardInterrupt:
            if time.monotonic() - since > _STUCK:
                self.stop()
            raise
        if self.error is not None and not self._ignores_failures:
            raise self.error
        return size

    def ignore_failures(self) -> None:
        """Raise no failure from now on."""
        self._ignores_failures = True

    def stop(self) -> None:
        """Write nothing more, as where nobody reads."""
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


def open_stream(handle: int) -> TextIO:
    """A text stream in UTF-8 that ends in a ``CompleteWriter``, for a file that is open for writing."""
    writer = CompleteWriter(io.FileIO(handle, "w"))
    return io.TextIOWrapper(io.BufferedWriter(writer), encoding="utf-8", newline="\n", line_buffering=writer.isatty())


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
