"""The far end of an output: it takes all, or remembers why it did not.

Python buffers a stream unless PYTHONUNBUFFERED says otherwise. With a buffer, an output that takes no more is noticed
late, perhaps only when the interpreter ends, which then says so in its own words and leaves with an exit code of its
own. Without one, a write of which the system takes only a part loses the rest, and nobody is told. Here both end alike.
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


class Outlet(io.RawIOBase):
    """Writes to ``raw`` all that it is given.

    ``error`` is why it could not; everything written later meets the same error, so that nothing appears behind a gap.
    After ``give_up`` it takes everything and writes nothing more once it failed.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._given_up = False
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
                self.abandon()
            raise
        if self.error is not None and not self._given_up:
            raise self.error
        return size

    def give_up(self) -> None:
        """From now on a failure is nobody's business."""
        self._given_up = True

    def abandon(self) -> None:
        """Write nothing more: nobody reads."""
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


def opened(handle: int) -> TextIO:
    """A text stream in UTF-8 that ends in an ``Outlet``, for a file that is open for writing."""
    outlet = Outlet(io.FileIO(handle, "w"))
    return io.TextIOWrapper(io.BufferedWriter(outlet), encoding="utf-8", newline="\n", line_buffering=outlet.isatty())


def rewired(stream: TextIO) -> TextIO:
    """A standard stream as Python made it, but with an ``Outlet`` at its end. The old one must not be used any more."""
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    below = stream.buffer
    raw: Any = getattr(below, "raw", below)
    outlet = Outlet(raw)
    return io.TextIOWrapper(
        outlet if raw is below else io.BufferedWriter(outlet),
        encoding=stream.encoding,
        errors=stream.errors,
        newline="\n" if os.name != "nt" else None,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def outlet_of(stream: TextIO | None) -> Outlet | None:
    """The end of a stream, where it has one of this kind."""
    below = getattr(stream, "buffer", None)
    end = getattr(below, "raw", below)
    return end if isinstance(end, Outlet) else None
