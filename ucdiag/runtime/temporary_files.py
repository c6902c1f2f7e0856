"""Where temporary files go, and one without a name: as ``tempfile`` has both, whose import takes longer than a small
capture to be read. Where that is imported already, or nothing of the usual works, it is asked."""

import os
import sys
from typing import IO


def temporary_folder() -> str:
    """As ``tempfile.gettempdir``. Raises OSError where there is none."""
    named = _named_folder()
    try:
        os.close(_open_unnamed(named))
        return named
    except OSError:
        pass  # it knows where else to look
    import tempfile

    return tempfile.gettempdir()


def temporary_file() -> IO[bytes]:
    """A file without a name and without a buffer. Raises OSError where there can be none."""
    if "tempfile" not in sys.modules:
        try:
            return os.fdopen(_open_unnamed(_named_folder()), "w+b", buffering=0)
        except OSError:
            pass
    import tempfile

    return tempfile.TemporaryFile(buffering=0)


def _named_folder() -> str:
    named = next(filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))), "/tmp")
    return os.path.abspath(named)  # noqa: PTH100 - pathlib is slow to import


def _open_unnamed(folder: str) -> int:
    """An empty file there, which takes bytes. Raises OSError."""
    if sys.platform != "linux":
        raise OSError("only Linux has files without a name")
    handle = os.open(folder, os.O_RDWR | os.O_TMPFILE, 0o600)
    try:
        os.write(handle, b"?")
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
    except BaseException:
        os.close(handle)
        raise
    return handle
