"""Opens capture files: plain, compressed, or standard input as it arrives."""

import io
import os
import stat
import sys
from collections.abc import Callable, Sequence
from typing import IO, Protocol

from ucdiag.model.text import STANDARD_INPUT, unmatched_text
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.held_inputs import open_input

_GZIP, _XZ, _ZSTD, _BZIP2, _LZ4 = b"\x1f\x8b", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"BZh", b"\x04\x22\x4d\x18"
_SKIPPABLE = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f; their length follows. pzstd's files begin so, LZ4 has them too.
_PIECE = 1 << 18  # bytes that are decompressed at once
_RAW = 1 << 16  # bytes that gzip and xz take at once
_LZMA_MEMORY = 68 << 20  # what 'xz -9' asks for; a file may ask for gigabytes


class Bytes(Protocol):
    """The methods of a file that the readers need."""

    size: int  # of a regular file when it was opened, else 0
    file: int  # the descriptor of a file that can be read at any place, else -1

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fills the buffer from its beginning as far as bytes are there; 0 at the end."""

    def idle(self, seconds: Seconds) -> bool:
        """Whether nothing comes for so long. False where that cannot be known."""

    def progress(self) -> tuple[int, int]:
        """How many bytes of the file, as it is stored, were read, and of how many; 0 where that is not known."""

    def seek(self, place: int, /) -> int:
        """Reads on at that place of a regular file."""

    def close(self) -> None:
        """Close the file."""


class BrokenArchiveError(Exception):
    """The compressed data is damaged, or ends too early. The text says which."""


class _Prefixed(io.RawIOBase):
    """A stream whose first bytes were read already, to detect its format."""

    def __init__(self, first: bytes, rest: IO[bytes], named: bool) -> None:
        self._first = first
        self._rest = rest
        self.size = _file_size(rest)
        # What is on standard input may have been read in part by somebody else.
        self.file = rest.fileno() if self.size and named else -1

    def readable(self) -> bool:
        return True

    def idle(self, seconds: Seconds) -> bool:
        """Whether nothing comes for so long. False where that cannot be known."""
        import select

        try:
            return not select.select([self._rest.fileno()], [], [], seconds)[0]
        except (OSError, ValueError):
            return False

    def progress(self) -> tuple[int, int]:
        """How far the file was read."""
        try:
            return (self._rest.tell(), self.size) if self.size else (0, 0)
        except (OSError, ValueError):
            return 0, self.size

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._first:
            amount = min(len(buffer), len(self._first))
            buffer[:amount] = self._first[:amount]
            self._first = self._first[amount:]
            return amount
        return self._rest.readinto(buffer) or 0  # type: ignore[attr-defined]

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        self._first = b""
        return self._rest.seek(place, whence)

    def close(self) -> None:
        self._rest.close()
        super().close()


def _file_size(stream: IO[bytes]) -> int:
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


class _Archive:
    """A compressed stream whose library errors become BrokenArchiveError."""

    def __init__(self, stream: IO[bytes], raw: _Prefixed, errors: tuple[type[BaseException], ...]) -> None:
        self._stream = stream
        # Where the library can decompress to where the bytes belong.
        self._into: Callable[[memoryview], int] | None = getattr(stream, "readinto1", None)
        self._raw = raw
        self.size = 0
        self.file = -1
        self._errors = errors

    def readinto(self, buffer: memoryview) -> int:
        try:
            # One step at a time, so that what is whole before a damaged place is not lost with it.
            if self._into is not None:
                return self._into(buffer[:_PIECE])
            data = self._stream.read1(min(len(buffer), _PIECE))  # type: ignore[attr-defined]
        except self._errors as error:
            what = "ends too early" if isinstance(error, EOFError) else f"is damaged ({str(error)[:200]})"
            raise BrokenArchiveError(f"the compressed data {what}") from error
        buffer[: len(data)] = data
        return len(data)

    def progress(self) -> tuple[int, int]:
        """How far the compressed file was read."""
        return self._raw.progress()

    def seek(self, place: int) -> int:
        raise OSError("a compressed capture can be read from its beginning only")

    def close(self) -> None:
        self._stream.close()
        self._raw.close()

    def idle(self, seconds: Seconds) -> bool:
        """What is left in the decompressor cannot be asked for."""
        return False


class _Gzip:
    """What ``gzip.GzipFile`` does, which reads and decompresses 8 KiB at a time and so takes twice as long."""

    def __init__(self, stream: _Prefixed) -> None:
        self._stream = stream
        self._ahead = b""  # what is to be decompressed next
        self._step = _RAW
        self._begin_member()

    def _begin_member(self) -> None:
        import zlib

        self._one = zlib.decompressobj(wbits=31)

    def read1(self, size: int) -> bytes:
        import zlib

        while True:
            if self._one.eof and not self._find_next_member():
                return b""
            self._ahead = self._ahead or self._stream.read(_RAW)
            if not self._ahead:
                raise EOFError
            before, piece = self._one.copy(), self._ahead[: self._step]
            try:
                data = self._one.decompress(piece, size)
            except zlib.error:
                if self._step == 1:
                    raise
                # Once more in smaller steps, so that what is whole before the damaged place is not lost.
                self._one, self._step = before, self._step >> 8
                continue
            self._ahead = (self._one.unconsumed_tail or self._one.unused_data) + self._ahead[len(piece) :]
            if data:
                return data

    def _find_next_member(self) -> bool:
        """Whether there is one more of them behind the last, perhaps with zeros between them."""
        self._ahead = self._ahead.lstrip(b"\0")
        while not self._ahead and (more := self._stream.read(_RAW)):
            self._ahead = more.lstrip(b"\0")
        self._begin_member()
        return bool(self._ahead)

    def close(self) -> None:
        """The stream beneath is closed by who opened it."""


class _Xz:
    """What ``lzma.LZMAFile`` does, with a bound for the memory that the file may ask for."""

    def __init__(self, stream: _Prefixed) -> None:
        self._stream = stream
        self._begin_member()

    def _begin_member(self) -> None:
        import lzma

        self._one = lzma.LZMADecompressor(lzma.FORMAT_XZ, _LZMA_MEMORY)

    def read1(self, size: int) -> bytes:
        import lzma

        raw = b""
        while True:
            if self._one.eof:
                # Several of them, one after the other, with zeros between them.
                rest = self._one.unused_data.lstrip(b"\0")
                while not rest and (more := self._stream.read(_RAW)):
                    rest = more.lstrip(b"\0")
                if not rest:
                    return b""
                self._begin_member()
                raw = rest
            elif self._one.needs_input and not raw:
                raw = self._stream.read(_RAW)
                if not raw:
                    raise EOFError
            try:
                data, raw = self._one.decompress(raw, size), b""
            except lzma.LZMAError as error:
                if "limit" not in str(error):
                    raise
                most = f"{_LZMA_MEMORY >> 20} MiB"
                text = f"the compressed data needs more than {most} of memory: decompress it first (unxz)"
                raise BrokenArchiveError(text) from error
            if data:
                return data

    def close(self) -> None:
        """The stream beneath is closed by who opened it."""


def open_capture(name: str) -> Bytes:
    """The bytes of a capture file, decompressed; ``-`` is standard input. Raises CannotTest."""
    if name == STANDARD_INPUT:
        stream: IO[bytes] = _standard_input()
    else:
        try:
            stream = open_input(name)
        except OSError as error:
            why = unmatched_text(error) or error.strerror or "it cannot be opened"
            raise CannotTest("capture-unreadable", f"The capture {name} cannot be read: {why}.") from error
        except ValueError as error:
            raise CannotTest("capture-unreadable", f"The capture {quoted(name)} cannot be read: {error}.") from error
    try:
        first = _behind_skippable(_read_first(stream), stream)
    except OSError as error:
        stream.close()
        raise CannotTest(
            "capture-unreadable", f"The capture {name} cannot be read: {error.strerror or error}."
        ) from error
    except BaseException:  # it was interrupted while nothing came
        stream.close()
        raise
    return _open_decompressed(name, first, _Prefixed(first, stream, named=name != STANDARD_INPUT))


def is_read(write: str, names: Sequence[str]) -> str | None:
    """The one of the captures in ``names`` that writing to the file ``write`` would destroy, if any."""
    try:
        target = os.stat(write)  # noqa: PTH116 - pathlib is slow to import
    except (OSError, ValueError):
        return None
    for name in names:
        try:
            found = os.fstat(sys.stdin.fileno()) if name == "-" else os.stat(name)  # noqa: PTH116
        except (OSError, ValueError, AttributeError):
            continue
        if os.path.samestat(found, target):
            return name
    return None


def is_same(one: str, other: str) -> bool:
    """Whether two names, of files that need not be there yet, lead to one regular file."""
    one, other = os.path.realpath(one), os.path.realpath(other)
    try:
        return os.path.samefile(one, other) and os.path.isfile(one)  # noqa: PTH113, PTH121 - as above
    except (OSError, ValueError):
        return one == other


def _standard_input() -> IO[bytes]:
    try:
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    except (AttributeError, OSError, ValueError) as error:
        # No file behind it: a test's, or closed.
        buffer = getattr(sys.stdin, "buffer", None)
        if buffer is None:
            raise CannotTest("capture-unreadable", "Standard input cannot be read: it is closed.") from error
        return buffer  # type: ignore[no-any-return]


def _read_first(stream: IO[bytes], amount: int = 6) -> bytes:
    """The next bytes of a stream: fewer at its end."""
    found = b""
    while len(found) < amount:
        more = stream.read(amount - len(found))
        if not more:
            break
        found += more
    return found


def _behind_skippable(first: bytes, stream: IO[bytes]) -> bytes:
    """The first bytes behind the skippable frames of zstd and LZ4 that a file begins with."""
    while len(first) == 6 and first[0] & 0xF0 == 0x50 and first[1:4] == _SKIPPABLE:
        left = int.from_bytes(first[4:] + _read_first(stream, 2), "little")
        while left and (skipped := len(stream.read(min(left, 1 << 16)) or b"")):
            left -= skipped
        first = _read_first(stream)
    return first


def _open_decompressed(name: str, first: bytes, stream: _Prefixed) -> Bytes:
    if first.startswith(_GZIP):
        import zlib

        return _Archive(_Gzip(stream), stream, (OSError, EOFError, zlib.error))  # type: ignore[arg-type]
    if first.startswith(_XZ):
        import lzma

        return _Archive(_Xz(stream), stream, (OSError, EOFError, lzma.LZMAError))  # type: ignore[arg-type]
    if first.startswith(_BZIP2) and len(first) > 3 and first[3:4].isdigit():
        import bz2

        return _Archive(bz2.BZ2File(stream, "rb"), stream, (OSError, EOFError, ValueError))
    if first.startswith(_ZSTD):
        return _open_zstandard(name, stream)
    if first.startswith(_LZ4):
        stream.close()
        raise CannotTest(
            "capture-unreadable", f"The capture {name} is compressed with LZ4: decompress it first (unlz4)."
        )
    return stream


def _open_zstandard(name: str, stream: _Prefixed) -> Bytes:
    try:
        import zstandard
    except ImportError as error:
        stream.close()
        raise CannotTest(
            "capture-unreadable",
            f"The capture {name} is compressed with zstd, and the package that reads it is not installed: "
            "'pip install zstandard', or decompress it first (unzstd).",
        ) from error
    reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(stream, read_across_frames=True)
    return _Archive(reader, stream, (OSError, EOFError, zstandard.ZstdError))
