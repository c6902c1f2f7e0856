"""Files that the user named, opened for writing as carefully as the kernel does it for a shell's ``>``, and more.

Linux refuses to follow another user's link in a folder that all may write to, and to open another user's file or pipe
there, if ``fs.protected_symlinks``, ``protected_regular`` and ``protected_fifos`` say so (proc_sys_fs(5)). Here that
holds on every system with such folders, whatever these say, and for the links to folders on the way, too.

A path is walked folder by folder, each one held open: nobody can put another folder in its place meanwhile.
"""

import errno
import os
import stat
import sys
import time
from collections import deque
from contextlib import suppress
from typing import Protocol

from ucdiag.model.fast_dataclass import record
from ucdiag.runtime.entrusted import ENTRUSTED

if sys.platform != "win32":
    import fcntl

_MOST_LINKS = 40  # as Linux has it
_MARK = ".ucdiag-"  # begins the name of a file that is written beside its place
#: Ends the name of a capture that grows beside the one whose place it takes at the end.
NEW = ".ucdiag-new"
_ENDING = 3.0  # seconds within which what was forked from a killed process ends
_NO_ROOM = (errno.ENOSPC, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))
_BINARY = getattr(os, "O_BINARY", 0)
_NOT_THROUGH_LINKS = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0)
_NOTHING_BEHIND = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS)
#: Whether folders are held open: Windows has neither such folders nor such links.
_HOLDS_FOLDERS = sys.platform != "win32"


class SharedFolderError(PermissionError):
    """What is there was put there by another user, in a folder that others may write to."""


@record(frozen=True, slots=True)
class Place:
    """Where a file is, or would be. ``folder`` is the open folder (``None`` on Windows, where ``name`` is the path)."""

    folder: int | None
    name: str
    #: What is there; None where nothing is.
    found: os.stat_result | None
    #: It is one of this process' own open files (``/dev/stdout``), which the kernel alone can follow.
    is_own_stream: bool = False

    @property
    def is_file(self) -> bool:
        """Whether a regular file is there, which can be replaced."""
        return self.found is not None and stat.S_ISREG(self.found.st_mode) and not self.is_own_stream

    @property
    def holds_something(self) -> bool:
        """Whether there is something to lose."""
        return self.is_file and self.found is not None and self.found.st_size > 0

    def open(self, flags: int = os.O_WRONLY) -> int:
        """Open what is there. Raises OSError."""
        if self.found is not None and stat.S_ISDIR(self.found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if self.is_own_stream and self._is_open_here():
            return os.dup(int(self.name))  # with its place in the file: what was written before it stays
        if not self.is_own_stream:
            flags |= _NOT_THROUGH_LINKS
        handle = os.open(self.name, flags | _BINARY, dir_fd=self.folder)
        try:
            if self.folder is not None:
                _check_owner(os.fstat(self.folder), os.fstat(handle))
        except BaseException:
            os.close(handle)
            raise
        return handle

    def _is_open_here(self) -> bool:
        if not (self.name.isascii() and self.name.isdigit()) or self.found is None:
            return False
        try:
            return os.path.samestat(os.fstat(int(self.name)), self.found)
        except (OSError, OverflowError):
            return False

    def create_file(self, rights: int, more: int = 0) -> int:
        """Make a file where nothing is. Raises OSError, FileExistsError where something came."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY | more
        return os.open(self.name, flags, rights, dir_fd=self.folder)

    def close(self) -> None:
        """Let go of the folder."""
        if self.folder is not None:
            with suppress(OSError):
                os.close(self.folder)


def find_place(name: str) -> Place:
    """Where a path leads. Raises OSError where its folder is not there, and SharedFolderError."""
    if not _HOLDS_FOLDERS:
        try:
            return Place(None, name, os.stat(name))  # noqa: PTH116 - pathlib is slow to import
        except FileNotFoundError:
            return Place(None, name, None)
    walk = _Walk(name)
    try:
        return walk.to_its_end()
    except BaseException:
        os.close(walk.folder)
        raise


class _Walk:
    """A path, followed folder by folder. ``folder`` is the open folder that it has come to."""

    def __init__(self, name: str) -> None:
        self._parts = deque(_path_parts(name))
        if not self._parts or name.endswith(("/", "/.")):
            self._parts.append(".")
        self._links = 0
        self.folder = _open_folder("/" if name.startswith("/") else ".")

    def to_its_end(self) -> Place:
        """Raises OSError."""
        while True:
            part = self._parts.popleft()
            try:
                found = os.stat(part, dir_fd=self.folder, follow_symlinks=False)
            except FileNotFoundError:
                if self._parts:
                    raise
                return Place(self.folder, part, None)
            if stat.S_ISLNK(found.st_mode):
                if not self._parts and _is_of_processes(os.fstat(self.folder)):
                    return Place(self.folder, part, os.stat(part, dir_fd=self.folder), is_own_stream=True)
                self._follow_link(part, found)
            elif self._parts:
                self._enter_folder(part)
            else:
                _check_owner(os.fstat(self.folder), found)
                return Place(self.folder, part, found)

    def _follow_link(self, part: str, link: os.stat_result) -> None:
        _check_link(os.fstat(self.folder), link)
        self._links += 1
        if self._links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        target = os.readlink(part, dir_fd=self.folder)
        self._parts.extendleft(reversed(_path_parts(target) or ["."]))
        if target.startswith("/"):
            self._enter_folder("/")

    def _enter_folder(self, part: str) -> None:
        inner = _open_folder(part, self.folder)
        os.close(self.folder)
        self.folder = inner


def _path_parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def _open_folder(path: str, folder: int | None = None) -> int:
    return os.open(path, getattr(os, "O_PATH", os.O_RDONLY) | _FOLDER | _NOT_THROUGH_LINKS, dir_fd=folder)


def _is_of_processes(folder: os.stat_result) -> bool:
    """Whether a folder is of /proc, or of /dev/fd elsewhere: links there are no names."""
    for path in ("/proc", "/dev/fd"):
        with suppress(OSError):
            there = os.stat(path)  # noqa: PTH116 - pathlib is slow to import
            if there.st_dev == folder.st_dev and (path == "/proc" or there.st_ino == folder.st_ino):
                return True
    return False


def _check_link(folder: os.stat_result, link: os.stat_result) -> None:
    """Raises SharedFolderError for a link of another in a folder that others may write to."""
    if sys.platform == "win32":
        return
    shared = folder.st_mode & stat.S_IWOTH or (folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWGRP)
    if shared and link.st_uid not in (os.geteuid(), folder.st_uid):
        raise SharedFolderError(errno.EACCES, "it is another user's link in a folder that others may write to")


def _check_owner(folder: os.stat_result, found: os.stat_result) -> None:
    """Raises SharedFolderError for a file or pipe of another in a sticky folder that others may write to."""
    if sys.platform == "win32":
        return
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISFIFO(found.st_mode)):
        return
    shared = folder.st_mode & stat.S_ISVTX and folder.st_mode & (stat.S_IWOTH | stat.S_IWGRP)
    if shared and found.st_uid not in (os.geteuid(), folder.st_uid):
        raise SharedFolderError(errno.EACCES, "it belongs to another user, in a folder that others may write to")


class Replacement:
    """A file that is written out of sight and appears at its place whole (``put_in_place``), or never (``discard``).

    It has no name until then, where the system can do that: a kill leaves nothing behind. Elsewhere it has a name
    beside its place, and what a kill left is removed by the next one there. What exists keeps its owner and its
    rights: where a new file would have others, the old one is filled. ``private``: a new file in any case, for its
    owner alone. Raises OSError, FileExistsError where something is there, unless ``force``.
    """

    def __init__(self, name: str, *, force: bool = False, private: bool = False) -> None:
        self._force, self._private = force, private
        self.replaced = False
        self._kept_by: Keeper | None = None
        self._beside: str | None = None
        self._old: int | None = None
        self.place = find_place(name)
        try:
            if self.place.found is not None and not self.place.is_file:
                raise OSError(errno.EINVAL, "it is no file")
            if self.place.holds_something and not force:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            self._remove_leftovers()
            self.handle = self._open_to_write()
        except BaseException:
            if self._old is not None:
                os.close(self._old)
            self.place.close()
            raise

    def _open_to_write(self) -> int:
        """The open file to write to."""
        found = self.place.found
        if found is None or self._private:
            return self._out_of_sight()
        self._old = self.place.open()  # to write alone: who gave up rights may not read there
        try:
            handle = self._out_of_sight()
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise
            return unnamed_file()
        if self._can_take_the_place(handle, found):
            os.close(self._old)
            self._old = None
            return handle
        self._close_beside(handle)
        return unnamed_file()

    def _can_take_the_place(self, handle: int, found: os.stat_result) -> bool:
        """Whether a new file can have the owner, the group and the rights of the old one, and no other name has it."""
        if sys.platform == "win32":
            return True
        if found.st_nlink > 1 or _has_rights_of_its_own(self._old):
            return False
        new = os.fstat(handle)
        if new.st_gid != found.st_gid:
            with suppress(OSError):
                os.fchown(handle, -1, found.st_gid)
            new = os.fstat(handle)
        return (new.st_uid, new.st_gid) == (found.st_uid, found.st_gid)

    def _out_of_sight(self) -> int:
        """A file of the folder, for its owner alone until it is whole."""
        folder = self.place.folder
        if hasattr(os, "O_TMPFILE") and folder is not None and os.path.isdir("/proc/self/fd"):  # noqa: PTH112
            try:
                return os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600, dir_fd=folder)
            except OSError as error:
                if error.errno not in _NOTHING_BEHIND:
                    raise
        beside = self._name_beside(f"{_MARK}{os.getpid()}-{os.urandom(4).hex()}")
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600, dir_fd=folder)
        self._beside = beside
        lock_file(handle)
        return handle

    def _name_beside(self, name: str) -> str:
        if self.place.folder is not None:
            return name
        return os.path.join(os.path.dirname(self.place.name), name)  # noqa: PTH118, PTH120 - pathlib is slow to import

    @property
    def is_file(self) -> bool:
        """Whether it is a file, and no device or pipe: it always is."""
        return True

    def open_for_writing(self) -> int:
        """Where to write, from the beginning. Raises OSError."""
        os.ftruncate(self.handle, 0)
        os.lseek(self.handle, 0, os.SEEK_SET)
        return os.dup(self.handle)

    def give_to(self, uid: int, gid: int) -> None:
        """Have it belong to a user, if it is a new file. Not on a file system without owners."""
        if sys.platform != "win32" and (self.place.found is None or self._private):
            with suppress(OSError):
                os.fchown(self.handle, uid, gid)

    @property
    def open_handles(self) -> list[int]:
        """What is open of it."""
        return [number for number in (self.handle, self._old, self.place.folder) if number is not None]

    def entrust_to(self, keeper: "Keeper") -> None:
        """From now on this process has no right to put it in its place, and that one has."""
        self._kept_by = keeper

    def remove_new_file(self) -> None:
        """Nothing of it is of use."""
        self.discard()

    def write_to_disk(self) -> None:
        """All was written, and is on the disk when this returns. Raises OSError."""
        os.fsync(self.handle)

    def put_in_place(self) -> None:
        """Put it in its place: it is whole. ``replaced`` then says whether another one was there. Raises OSError."""
        if self._kept_by is not None:
            self._kept_by.keep_file(self)
            self.replaced = self.place.found is not None
            return
        found = self.place.found
        self.replaced = found is not None
        if self._old is not None:
            copy_content(self._old, self.handle)
            self.discard()
            return
        if sys.platform != "win32":
            os.fchmod(self.handle, self._file_rights())
        if sys.platform == "win32" and self._beside is not None:
            os.close(self.handle)
            self.handle = -1
        if found is not None or self._force:
            self._take_the_place()
        else:
            self._come_into_being()
        self.discard()

    def _file_rights(self) -> int:
        if self._private:
            return 0o600
        if self.place.found is not None:
            return stat.S_IMODE(self.place.found.st_mode) & 0o777
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask

    def _come_into_being(self) -> None:
        folder, name = self.place.folder, self.place.name
        if self._beside is None:
            os.link(f"/proc/self/fd/{self.handle}", name, dst_dir_fd=folder, follow_symlinks=True)
            return
        try:
            os.link(self._beside, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # a file system without such links
            if _is_there(folder, name):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
            os.replace(self._beside, name, src_dir_fd=folder, dst_dir_fd=folder)
            self._beside = None

    def _take_the_place(self) -> None:
        folder = self.place.folder
        if self._beside is None:
            beside = f"{_MARK}{os.getpid()}-{os.urandom(4).hex()}"
            lock_file(self.handle)
            os.link(f"/proc/self/fd/{self.handle}", beside, dst_dir_fd=folder, follow_symlinks=True)
            self._beside = beside
        os.replace(self._beside, self.place.name, src_dir_fd=folder, dst_dir_fd=folder)
        self._beside = None

    def discard(self) -> None:
        """Leave nothing but what ``put_in_place`` put in its place. May be called twice."""
        if self._kept_by is not None:
            return  # it may be begun again
        self._close_beside(self.handle)
        self.handle = -1
        if self._old is not None:
            os.close(self._old)
            self._old = None
        self.place.close()

    def _close_beside(self, handle: int) -> None:
        if self._beside is not None and sys.platform != "win32":
            with suppress(OSError):
                os.unlink(self._beside, dir_fd=self.place.folder)
        if handle >= 0:
            with suppress(OSError):
                os.close(handle)
        if self._beside is not None and sys.platform == "win32":
            with suppress(OSError):
                os.unlink(self._beside)  # noqa: PTH108 - pathlib is slow to import
        self._beside = None

    def _remove_leftovers(self) -> None:
        """Removes what a killed run left in the folder."""
        if self.place.folder is not None:
            remove_leftovers(self.place.folder, _MARK)


class GrowingFile:
    """A file that is filled in its place, for others to read while it grows. What it has stays after a kill.

    An ordinary file that is there, with something in it, stays until ``put_in_place``: the new one grows beside it, at
    the name ``beside``, with the same owner and rights. Where it cannot have these, or none can be made there, the old
    one is filled. What a kill left beside it takes its place before. ``is_new``: nothing was in it. Raises OSError.
    """

    def __init__(self, name: str) -> None:
        self.beside: str | None = None
        self._beside: str | None = None
        self._kept_by: Keeper | None = None
        self._made = False
        self.place = place = find_place(name)
        try:
            if place.found is None:
                self.handle, self._made = place.create_file(0o666), True
            else:
                old = place.open()
                try:
                    self.handle = self._open_successor(old, place.found) if place.holds_something else old
                except BaseException:
                    os.close(old)
                    raise
                if self._beside is not None:
                    os.close(old)
        except BaseException:
            place.close()
            raise
        if self._beside is not None:
            self.beside = os.path.realpath(name) + NEW

    @property
    def is_new(self) -> bool:
        """Whether nothing was in it."""
        return self._made or self._beside is not None

    def _open_successor(self, old: int, found: os.stat_result) -> int:
        """A new file beside the old one; the old one where a new one would not be as good a place."""
        if sys.platform == "win32" or found.st_nlink > 1 or _has_rights_of_its_own(old):
            return old
        name, place = self.place.name + NEW, self.place
        try:
            self._take_up(name, found)
            handle = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=place.folder)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise
            return old
        try:
            with suppress(OSError):
                os.fchown(handle, found.st_uid, found.st_gid)
            new = os.fstat(handle)
            if (new.st_uid, new.st_gid) == (found.st_uid, found.st_gid) and lock_file(handle):
                os.fchmod(handle, stat.S_IMODE(found.st_mode) & 0o777)
                self._beside = name
                return handle
        finally:
            if self._beside is None:
                os.close(handle)
                with suppress(OSError):
                    os.unlink(name, dir_fd=place.folder)
        return old

    def _take_up(self, name: str, found: os.stat_result) -> None:
        """What a killed run left takes the place of the old one, as it would have done. Raises OSError."""
        if sys.platform == "win32":
            return
        folder = self.place.folder
        try:
            left = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except FileNotFoundError:
            return
        try:
            if not _is_left(os.fstat(left), found) or not _lock_soon(left):  # not ours, or of a run that lives
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            if os.fstat(left).st_size:
                os.replace(name, self.place.name, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                os.unlink(name, dir_fd=folder)
        finally:
            os.close(left)

    def give_to(self, uid: int, gid: int) -> None:
        """Have it belong to a user, if it was made where nothing was. Not on a file system without owners."""
        if sys.platform != "win32" and self._made:
            with suppress(OSError):
                os.fchown(self.handle, uid, gid)

    @property
    def open_handles(self) -> list[int]:
        """See ``Replacement``."""
        return [number for number in (self.handle, self.place.folder) if number is not None]

    def entrust_to(self, keeper: "Keeper") -> None:
        """See ``Replacement``."""
        self._kept_by = keeper

    def put_in_place(self) -> None:
        """Put the whole file in its place, over one that was there before. Raises OSError."""
        if self._beside is None:
            return
        if self._kept_by is not None:
            self._kept_by.keep_file(self)
        else:
            folder = self.place.folder
            os.replace(self._beside, self.place.name, src_dir_fd=folder, dst_dir_fd=folder)
        self._beside = None

    def remove_new_file(self) -> None:
        """Nothing of what was written is of use: what was there before stays as it was."""
        if self._beside is None:
            return
        if self._kept_by is not None:
            with suppress(OSError):
                self._kept_by.drop_file(self)
        else:
            with suppress(OSError):
                os.unlink(self._beside, dir_fd=self.place.folder)
        self._beside = None

    def discard(self) -> None:
        """No more is written. What was stays, if it is anything."""
        if self._kept_by is None and not self.place.is_own_stream:
            self._remove_empty()
        if self.handle >= 0:
            with suppress(OSError):
                os.close(self.handle)
            self.handle = -1
        if self._kept_by is None:
            self.place.close()

    def _remove_empty(self) -> None:
        name = self._beside if self._beside is not None else self.place.name if self._made else None
        if name is None or sys.platform == "win32":
            return
        with suppress(OSError):
            written = os.fstat(self.handle)
            found = os.stat(name, dir_fd=self.place.folder, follow_symlinks=False)
            if written.st_size == 0 and os.path.samestat(written, found):
                os.unlink(name, dir_fd=self.place.folder)


def _is_left(left: os.stat_result, found: os.stat_result) -> bool:
    same = (left.st_uid, left.st_gid, stat.S_IMODE(left.st_mode)) == (
        found.st_uid,
        found.st_gid,
        stat.S_IMODE(found.st_mode) & 0o777,
    )
    just_made = left.st_size == 0 and not left.st_mode & 0o77
    return stat.S_ISREG(left.st_mode) and left.st_nlink == 1 and (same or just_made)


class Keeper(Protocol):
    """Who still has the right to put files in their places."""

    def keep_file(self, file: "KeptFile") -> None:
        """Raises OSError."""

    def drop_file(self, file: "KeptFile") -> None:
        """Nothing of it is of use. Raises OSError."""


KeptFile = Replacement | GrowingFile


class HeldStream:
    """A device or a pipe that was opened while there were rights to do so."""

    is_file = False
    replaced = True

    def __init__(self, place: Place) -> None:
        self._handle = place.open()

    def open_for_writing(self) -> int:
        """Where to write. Raises OSError."""
        return os.dup(self._handle)

    def write_to_disk(self) -> None:
        """Nothing: there is no disk behind it."""

    def put_in_place(self) -> None:
        """Nothing: the stream is where it goes."""

    def discard(self) -> None:
        """Nothing: what was written cannot be taken back."""


HeldFile = Replacement | HeldStream
_HELD_FILES: dict[str, HeldFile] = {}
_GROWING_FILES: dict[str, GrowingFile] = {}


def hold_output(name: str, *, force: bool, private: bool, owner: tuple[int, int] | None) -> None:
    """Open a file now, for a time without the rights to do so; a new one belongs to ``owner``. Raises OSError."""
    place = find_place(name)
    try:
        if place.found is not None and not place.is_file:
            _HELD_FILES[name] = HeldStream(place)
            return
    finally:
        place.close()
    file = Replacement(name, force=force, private=private)
    if owner is not None:
        file.give_to(*owner)
    _HELD_FILES[name] = file
    ENTRUSTED.append(file)


def hold_growing(name: str, owner: tuple[int, int] | None) -> None:
    """As ``hold_output``, for a ``GrowingFile``. Raises OSError."""
    file = GrowingFile(name)
    if owner is not None:
        file.give_to(*owner)
    _GROWING_FILES[name] = file
    ENTRUSTED.append(file)


def held_file(name: str) -> HeldFile | None:
    """The file of that name, if it is held."""
    return _HELD_FILES.get(name)


def growing_file(name: str) -> GrowingFile:
    """The file of that name, opened now unless it is held. Raises OSError."""
    return _GROWING_FILES.pop(name, None) or GrowingFile(name)


def take_up_left(name: str) -> None:
    """What a killed run left beside a file takes its place, also where nothing comes that would be written there."""
    with suppress(OSError, ValueError):
        if os.stat(name).st_size and os.path.lexists(os.path.realpath(name) + NEW):  # noqa: PTH116
            GrowingFile(name).discard()


def remove_leftovers(folder: int, mark: str) -> None:
    """Removes files of this user that begin so, and that no living process holds."""
    if sys.platform != "win32":
        try:
            readable = os.open(".", os.O_RDONLY, dir_fd=folder)
        except OSError:
            return
        try:
            names = [name for name in os.listdir(readable) if name.startswith(mark)]  # noqa: PTH208
            for name in names:
                with suppress(OSError):
                    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=readable)
                    try:
                        found = os.fstat(handle)
                        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
                            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                            os.unlink(name, dir_fd=readable)
                    finally:
                        os.close(handle)
        finally:
            os.close(readable)


def sweep_folder(path: str, mark: str) -> None:
    """As ``remove_leftovers``, of a folder by its path. Raises OSError."""
    if sys.platform == "win32":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        remove_leftovers(folder, mark)
    finally:
        os.close(folder)


def lock_file(handle: int) -> bool:
    """For as long as it is open: so others see that somebody writes to it. False: no lock can be had."""
    if sys.platform != "win32":
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False


def _lock_soon(handle: int) -> bool:
    """As ``lock_file``, where a process that was killed may have left another one, which ends when it sees that."""
    until = time.monotonic() + _ENDING
    while not (locked := lock_file(handle)) and time.monotonic() < until:
        time.sleep(0.05)
    return locked


def unnamed_file() -> int:
    """A temporary file without a name."""
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _is_there(folder: int | None, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _has_rights_of_its_own(handle: int | None) -> bool:
    """Whether a file has an access control list, which a new one would lack."""
    if sys.platform != "linux" or handle is None:
        return False
    try:
        return "system.posix_acl_access" in os.listxattr(handle)
    except OSError:
        return False


def copy_content(handle: int, source: int) -> None:
    """Put the content of one file into another one. Nothing is lost where the disk has no room. Raises OSError."""
    size = os.fstat(source).st_size
    if size > os.fstat(handle).st_size and hasattr(os, "posix_fallocate"):
        before = os.fstat(handle).st_size
        try:
            os.posix_fallocate(handle, before, size - before)
        except OSError as error:
            os.ftruncate(handle, before)
            if error.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)):
                raise
    for one in (source, handle):
        os.lseek(one, 0, os.SEEK_SET)
    while piece := os.read(source, 1 << 20):
        left = memoryview(piece)
        while left:
            left = left[os.write(handle, left) :]
    os.ftruncate(handle, size)
    os.fsync(handle)
