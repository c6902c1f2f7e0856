"""The folder of a running site: of one's own, and gone at the latest when the next site starts."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.named_files import lock_file
from ucdiag.runtime.privileges import is_root

# The first is the name of a folder that its process holds a lock on, for as long as it lives.
_LOCKED, _UNLOCKED = "ucdiag-lab-", "ucdiag-site-"


class OwnFolder:
    """``path`` is locked for as long as the process lives, so that nobody else takes it for one that a kill left.

    Where no lock can be had (Windows, some file systems), it keeps a name for which nobody looks. Raises CannotTest
    where no folder can be made.
    """

    def __init__(self) -> None:
        self._lock: int | None = None
        parent = temporary_folder()
        with suppress(OSError):
            _remove_left(parent)
        try:
            self.path = Path(tempfile.mkdtemp(prefix=_UNLOCKED, dir=parent))
        except OSError as error:
            raise _no_folder(error) from error
        if sys.platform != "win32":
            named = self.path.with_name(_LOCKED + self.path.name.removeprefix(_UNLOCKED))
            try:
                self._lock = os.open(self.path, os.O_RDONLY)
                if lock_file(self._lock):
                    self.path = self.path.rename(named)
            except BaseException:
                self.remove_folder()
                raise

    def remove_folder(self) -> None:
        """With all that is in it. May be called twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):  # an empty one, where no file can be opened any more
            self.path.rmdir()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def temporary_folder() -> str:
    """Where the sites' folders are made. Raises CannotTest where there is no such folder."""
    try:
        return tempfile.gettempdir()
    except OSError as error:
        raise _no_folder(error) from error


def _no_folder(error: OSError) -> CannotTest:
    reason = error.strerror or str(error)
    return CannotTest("output", f"No folder can be made for the lab's files ({reason}): name a folder in TMPDIR.")


def _remove_left(parent: str) -> None:
    """Removes folders of this user, and of who goes on in place of root, in which no process is. Raises OSError."""
    if sys.platform == "win32":
        return
    import fcntl

    users = set(_folder_owners())
    for name in os.listdir(parent):  # noqa: PTH208 - the names alone
        if not name.startswith(_LOCKED):
            continue
        path = os.path.join(parent, name)  # noqa: PTH118
        with suppress(OSError):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(folder).st_uid in users:
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(folder)


def _folder_owners() -> Iterator[int]:
    if sys.platform == "win32":
        return
    yield os.geteuid()
    if is_root():
        from ucdiag.runtime.root_rights import successor_of_root

        yield successor_of_root().uid
