"""Files that the user named: no link of another in a shared folder is followed, and nothing is half there."""

import errno
import os
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Noted
from ucdiag.runtime import named_files
from ucdiag.runtime.named_files import (
    NEW,
    GrowingFile,
    Replacement,
    SharedFolderError,
    copy_content,
    find_place,
    unnamed_file,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such folders")
ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="makes files of other users")
OWNER, OTHER = 12345, 12346


def shared(folder: Path, mode: int = 0o1777) -> Path:
    """A folder of somebody, as /tmp, in which another has put things."""
    folder.mkdir()
    os.chown(folder, OWNER, OWNER)
    folder.chmod(mode)
    return folder


def written(name: Path, text: bytes = b"new", **how: bool) -> None:
    file = Replacement(str(name), **how)
    os.write(file.open_for_writing(), text)
    file.put_in_place()


@ROOT
@pytest.mark.parametrize("mode", [0o1777, 0o0777, 0o1775])
@pytest.mark.parametrize("inside", ["", "/inside"])
def test_another_user_s_link_in_a_shared_folder_is_not_followed(mode: int, inside: str, tmp_path: Path) -> None:
    folder, aim = shared(tmp_path / "tmp", mode), tmp_path / "aim"
    aim.mkdir()
    link = folder / "link"
    link.symlink_to(aim if inside else aim / "file")
    os.chown(link, OTHER, OTHER, follow_symlinks=False)
    with pytest.raises(SharedFolderError, match="another user's link"):
        find_place(f"{link}{inside}")


@ROOT
@pytest.mark.parametrize("owner", [0, OWNER])
def test_one_s_own_link_and_that_of_the_folder_s_owner_are(owner: int, tmp_path: Path) -> None:
    link = shared(tmp_path / "tmp") / "link"
    link.symlink_to(tmp_path / "aim")
    os.chown(link, owner, owner, follow_symlinks=False)
    written(link)
    assert (tmp_path / "aim").read_bytes() == b"new"
    assert link.is_symlink()


@ROOT
def test_any_link_in_a_folder_of_one_s_own_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "aim")
    os.chown(link, OTHER, OTHER, follow_symlinks=False)
    written(link)
    assert (tmp_path / "aim").read_bytes() == b"new"


@ROOT
@pytest.mark.parametrize("make", ["file", "pipe"])
@pytest.mark.parametrize("mode", [0o1777, 0o1775])
def test_another_user_s_file_or_pipe_in_a_sticky_folder_is_not_opened(make: str, mode: int, tmp_path: Path) -> None:
    path = shared(tmp_path / "tmp", mode) / "there"
    if make == "pipe":
        os.mkfifo(path)
    else:
        path.touch()
    os.chown(path, OTHER, OTHER)
    with pytest.raises(SharedFolderError, match="belongs to another user"):
        find_place(str(path))


def test_a_link_that_leads_to_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="levels of symbolic links"):
        find_place(str(tmp_path / "a"))


@pytest.mark.parametrize("name", ["{0}/x", "{0}/./sub/../x", "{0}//x", "{0}/sub/up/x", "{0}/relative"])
def test_paths_lead_where_the_system_leads_them(name: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to("..")
    (tmp_path / "relative").symlink_to("sub/../x")
    written(Path(name.format(tmp_path)))
    assert (tmp_path / "x").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["", ".", "/", "{0}", "{0}/", "{0}/."])
def test_a_folder_is_none(name: str, tmp_path: Path) -> None:
    place = find_place(name.format(tmp_path))
    assert place.found is not None
    assert stat.S_ISDIR(place.found.st_mode)
    with pytest.raises(IsADirectoryError):
        place.open()
    place.close()


def test_where_nothing_is_nothing_is_opened(tmp_path: Path) -> None:
    place = find_place(str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError):
        place.open()
    place.close()


def test_nothing_is_there_before_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "x"
    file = Replacement(str(target))
    os.write(file.open_for_writing(), b"half")
    assert not target.exists()
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_came_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "x"
    file = Replacement(str(target))
    target.write_bytes(b"another's")
    with pytest.raises(FileExistsError):
        file.put_in_place()
    file.discard()
    assert target.read_bytes() == b"another's"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("beside", [False, True], ids=["without a name", "beside"])
def test_what_comes_there_at_the_last_moment_is_kept(
    beside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the last look at what is there. The folder is no current one."""
    if beside:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(named_files, "_is_there", lambda *_: False)
    target = tmp_path / "x"
    file = Replacement(str(target))
    os.write(file.open_for_writing(), b"new")
    target.write_bytes(b"another's")
    with pytest.raises(FileExistsError):
        file.put_in_place()
    file.discard()
    assert (target.read_bytes(), list(tmp_path.iterdir())) == (b"another's", [target])


def test_what_is_there_is_kept_without_force(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        Replacement(str(target))
    written(target, force=True)
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o6755])
@pytest.mark.parametrize("beside", [False, True], ids=["without a name", "beside"])
def test_rights_stay_and_are_never_wider_meanwhile(
    mode: int, beside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if beside:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    target = tmp_path / "x"
    target.write_bytes(b"old")
    target.chmod(mode)
    file = Replacement(str(target), force=True)
    assert stat.S_IMODE(os.fstat(file.handle).st_mode) & ~mode == 0
    os.write(file.open_for_writing(), b"new")
    file.put_in_place()
    # What another wrote runs with nobody else's rights.
    assert stat.S_IMODE(target.stat().st_mode) == mode & 0o777


def test_what_only_its_owner_shall_read_is_so_whatever_was_there(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    target.chmod(0o666)
    with target.open("rb") as held:
        written(target, force=True, private=True)
        assert held.read() == b"old"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@ROOT
@pytest.mark.parametrize("group", [0, OTHER])
def test_another_user_s_file_stays_another_user_s(group: int, tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old and longer")
    os.chown(target, OTHER, group)
    before = target.stat()
    written(target, force=True)
    after = target.stat()
    assert target.read_bytes() == b"new"
    assert (after.st_ino, after.st_uid, after.st_gid) == (before.st_ino, OTHER, group)


def test_all_names_of_a_file_stay_names_of_it(tmp_path: Path) -> None:
    target, other = tmp_path / "x", tmp_path / "other"
    target.write_bytes(b"old and longer")
    os.link(target, other)
    written(target, force=True)
    assert other.read_bytes() == b"new"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
def test_a_disk_without_room_leaves_what_was_filled_before(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    target = tmp_path / "x"
    target.write_bytes(b"old")
    source = unnamed_file()
    os.write(source, bytes(8192))
    code = (
        "import os, resource, signal, sys; from ucdiag.runtime.named_files import copy_content\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "copy_content(os.open(sys.argv[1], os.O_RDWR), int(sys.argv[2]))"
    )
    done = subprocess.run([sys.executable, "-c", code, target, str(source)], capture_output=True, pass_fds=[source])
    assert resource is not None
    assert b"File too large" in done.stderr
    assert target.read_bytes() == b"old"
    handle = os.open(target, os.O_RDWR)
    copy_content(handle, source)
    assert target.stat().st_size == 8192
    os.close(handle)
    os.close(source)


KILLED = """
import os, signal, sys
from ucdiag.runtime import named_files
if sys.argv[2] == "named":
    named_files._NOTHING_BEHIND = range(200)
    opened = os.open
    def without(path, flags, *more, **others):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "Operation not supported")
        return opened(path, flags, *more, **others)
    os.open = without
file = named_files.Replacement(sys.argv[1])
os.write(file.open_for_writing(), b"half")
print(*os.listdir(os.path.dirname(sys.argv[1])))
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such files have names")
@pytest.mark.parametrize("how", ["unnamed", "named"])
def test_a_kill_leaves_nothing_beyond_the_next_start(how: str, tmp_path: Path) -> None:
    target = tmp_path / "x"
    done = subprocess.run([sys.executable, "-c", KILLED, target, how], capture_output=True, text=True, timeout=60)
    seen = done.stdout.split()
    assert (len(seen), done.returncode) == (how == "named", -9)
    assert len(list(tmp_path.iterdir())) == len(seen)
    written(target)
    assert list(tmp_path.iterdir()) == [target]


def test_what_another_run_writes_is_not_taken_for_a_rest(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / ".ucdiag-1-00000000"
    with path.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        written(tmp_path / "x")
        assert path.exists()
    written(tmp_path / "y")
    assert not path.exists()


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="only Linux has these lists as attributes")
def test_an_access_control_list_stays(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old and longer")
    nobody = 0xFFFFFFFF
    entries = ((1, 6, nobody), (2, 4, OTHER), (4, 4, nobody), (16, 4, nobody), (32, 0, nobody))
    rights = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(target, "system.posix_acl_access", rights)
    except OSError:
        pytest.skip("this file system has no such lists")
    written(target, force=True)
    assert target.read_bytes() == b"new"
    assert os.getxattr(target, "system.posix_acl_access") == rights


def grown(path: Path, text: bytes = b"new") -> GrowingFile:
    file = GrowingFile(str(path))
    os.write(file.handle, text)
    return file


def test_what_grows_beside_a_file_takes_its_place_with_its_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o4604)
    change, before = os.fchmod, list[int]()

    def noted(handle: int, mode: int) -> None:
        before.append(stat.S_IMODE(os.fstat(handle).st_mode))
        change(handle, mode)

    monkeypatch.setattr(os, "fchmod", noted)
    file = grown(path)
    assert before == [0o600]
    assert (path.read_bytes(), Path(str(file.beside)).read_bytes()) == (b"old", b"new")
    handles = file.open_handles
    file.put_in_place()
    file.discard()
    for handle in handles:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(handle)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), list(tmp_path.iterdir())) == (b"new", 0o604, [path])


def test_what_a_kill_left_beside_a_file_takes_its_place_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.close(grown(path, b"left").handle)
    GrowingFile(str(path)).discard()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"left", [path])


def test_an_empty_one_that_a_kill_left_takes_no_place(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.close(grown(path, b"").handle)
    GrowingFile(str(path)).discard()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])


def test_what_a_killed_run_forked_ends_after_it(tmp_path: Path) -> None:
    """It holds the file a moment longer than the run itself."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    left = grown(path, b"left").handle
    words = [sys.executable, "-c", "import time; print(flush=True); time.sleep(0.3)"]
    with subprocess.Popen(words, pass_fds=[left], stdout=subprocess.PIPE) as forked:
        assert forked.stdout is not None
        assert forked.stdout.readline() == b"\n"
        os.close(left)
        GrowingFile(str(path)).discard()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"left", [path])


def test_what_a_living_run_writes_beside_a_file_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_files, "_ENDING", 0.0)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    first, second = grown(path, b"first"), GrowingFile(str(path))
    assert (second.beside, path.read_bytes(), Path(str(first.beside)).read_bytes()) == (None, b"old", b"first")
    second.discard()
    first.discard()


@pytest.mark.parametrize("rights", [0o600, 0o666])
def test_a_file_of_that_name_that_is_not_ours_stays(rights: int, tmp_path: Path) -> None:
    path, other = tmp_path / "file", tmp_path / f"file{NEW}"
    path.write_bytes(b"old")
    path.chmod(0o644)
    other.write_bytes(b"other")
    other.chmod(rights)
    file = GrowingFile(str(path))
    file.discard()
    assert (file.beside, path.read_bytes(), other.read_bytes()) == (None, b"old", b"other")


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file_takes_the_place_of_none(kind: str, tmp_path: Path) -> None:
    path, other, aim = tmp_path / "file", tmp_path / f"file{NEW}", tmp_path / "aim"
    path.write_bytes(b"old")
    aim.write_bytes(b"aim")
    if kind == "link":
        other.symlink_to(aim)
    else:
        os.mkfifo(other)  # nobody writes to it
    file = GrowingFile(str(path))
    file.discard()
    assert (file.beside, path.is_symlink(), path.read_bytes()) == (None, False, b"old")
    assert other.is_symlink() or other.is_fifo()


@ROOT
def test_another_user_s_file_is_replaced_by_one_of_the_same_user(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, OTHER, OWNER)
    path.chmod(0o640)
    file = grown(path)
    assert file.beside is not None
    file.put_in_place()
    file.discard()
    found = path.stat()
    assert (path.read_bytes(), found.st_uid, found.st_gid, found.st_mode & 0o777) == (b"new", OTHER, OWNER, 0o640)


def test_a_file_with_two_names_is_filled_where_it_is(tmp_path: Path) -> None:
    path, second = tmp_path / "file", tmp_path / "second"
    path.write_bytes(b"old")
    second.hardlink_to(path)
    file = GrowingFile(str(path))
    assert file.beside is None
    file.discard()
    assert sorted(tmp_path.iterdir()) == [path, second]


def test_what_is_of_no_use_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    file = grown(path)
    file.remove_new_file()
    file.discard()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])


def test_a_new_one_that_stayed_empty_is_gone(tmp_path: Path) -> None:
    GrowingFile(str(tmp_path / "file")).discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "put_there", [Path.touch, lambda path: path.symlink_to("moved"), None], ids=["file", "link", "no"]
)
def test_of_one_that_stayed_empty_only_its_own_name_goes(
    put_there: Callable[[Path], None] | None, tmp_path: Path
) -> None:
    path, moved = tmp_path / "file", tmp_path / "moved"
    file = GrowingFile(str(path))
    path.rename(moved)
    if put_there is not None:
        put_there(path)
    before = sorted(tmp_path.iterdir())
    file.discard()
    assert sorted(tmp_path.iterdir()) == before


def test_a_link_that_comes_after_the_look_is_not_followed(tmp_path: Path) -> None:
    path, aim = tmp_path / "file", tmp_path / "aim"
    path.touch()
    aim.write_bytes(b"aim")
    place = find_place(str(path))
    path.unlink()
    path.symlink_to(aim)
    with pytest.raises(OSError, match="symbolic links"):
        place.open(os.O_WRONLY | os.O_TRUNC)
    place.close()
    assert aim.read_bytes() == b"aim"


def test_a_link_that_comes_before_a_file_is_made_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aim, old = tmp_path / "aim", tmp_path / "old"
    place = find_place(str(tmp_path / "new"))
    (tmp_path / "new").symlink_to(aim)
    with pytest.raises(FileExistsError):
        place.create_file(0o600)
    place.close()
    # The name of one beside its place was guessed.
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(os, "urandom", bytes)
    (tmp_path / f".ucdiag-{os.getpid()}-00000000").symlink_to(aim)
    with pytest.raises(FileExistsError):
        Replacement(str(tmp_path / "x"))
    old.write_bytes(b"old")
    monkeypatch.setattr(GrowingFile, "_take_up", lambda *_: (tmp_path / f"old{NEW}").symlink_to(aim))
    file = GrowingFile(str(old))
    file.discard()
    assert (file.beside, old.read_bytes(), aim.exists()) == (None, b"old", False)


@ROOT
def test_another_user_s_file_that_comes_after_the_look_is_not_opened(tmp_path: Path) -> None:
    path = shared(tmp_path / "tmp") / "file"
    path.touch()
    place = find_place(str(path))
    path.unlink()
    path.touch()
    os.chown(path, OTHER, OTHER)
    with pytest.raises(SharedFolderError):
        place.open()
    place.close()


def test_a_link_in_the_place_of_a_folder_on_the_way_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"[Nn]ot a directory|symbolic links"):
        named_files._open_folder(str(tmp_path / "link"))


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system has no such call")
def test_where_there_is_no_room_nothing_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*words: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    path = tmp_path / "file"
    path.write_bytes(b"old")
    source = unnamed_file()
    os.write(source, b"longer than it was")
    handle = os.open(path, os.O_RDWR)
    with pytest.raises(OSError, match="No space"):
        copy_content(handle, source)
    os.close(handle)
    os.close(source)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(("links", "found"), [(1, True), (40, True), (41, False), (200, False)])
def test_so_many_links_are_followed_as_the_kernel_follows(links: int, found: bool, tmp_path: Path) -> None:
    (tmp_path / "0").write_text("there")
    for number in range(links):
        (tmp_path / str(number + 1)).symlink_to(str(number))
    name = str(tmp_path / str(links))
    assert Path(name).exists() is found
    if found:
        place = find_place(name)
        place.close()
        assert place.name == "0"
    else:
        with pytest.raises(OSError, match="symbolic links"):
            find_place(name)


WAYS = ("unnamed", "none", "refused", "windows")


def take_way(way: str, patch: pytest.MonkeyPatch) -> None:
    """Files out of sight without a name, or beside their place: the system has no others, or the folder, or Windows."""
    if way in ("none", "windows"):
        patch.delattr(os, "O_TMPFILE", raising=False)
    if way == "refused":
        refuse_unnamed(patch, errno.EOPNOTSUPP)
    if way == "windows":
        patch.setattr(sys, "platform", "win32")
        patch.setattr(named_files, "_HOLDS_FOLDERS", False)
        for name in ("fchmod", "fchown", "geteuid"):
            patch.delattr(os, name)


def refuse_unnamed(patch: pytest.MonkeyPatch, number: int) -> None:
    """The folder takes no file without a name."""
    opened, mark = os.open, getattr(os, "O_TMPFILE", -1)

    def refused(path: Any, flags: int, *more: Any, **others: Any) -> int:
        if flags & mark == mark:
            raise OSError(number, os.strerror(number))
        return opened(path, flags, *more, **others)

    patch.setattr(os, "open", refused)


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def whole(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("way", WAYS)
def test_a_new_file_comes_whole_with_the_usual_rights(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_way(way, monkeypatch)
    if sys.platform == "linux":
        monkeypatch.chdir("/proc")  # where no file can be
    synced = Noted(fsync=None)
    monkeypatch.setattr(os, "fsync", synced.fsync)
    before = os.umask(0o027)
    try:
        file = Replacement(str(tmp_path / "x"))
        os.write(file.open_for_writing(), b"longer than it will be")
        os.write(file.open_for_writing(), b"new")
        meanwhile = [path.name.startswith(".ucdiag-") for path in tmp_path.iterdir()]
        file.write_to_disk()
        assert synced.notes == [("fsync", file.handle)]
        file.put_in_place()
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert (whole(tmp_path), file.replaced, file.is_file) == ({"x": b"new"}, False, True)
    assert meanwhile == ([] if way == "unnamed" else [True])
    if way != "windows":
        assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640
    file.discard()
    assert whole(tmp_path) == {"x": b"new"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("there", [False, True])
def test_nothing_is_left_of_what_is_given_up(
    way: str, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if there:
        (tmp_path / "x").write_bytes(b"old")
    before = whole(tmp_path)
    take_way(way, monkeypatch)
    file = Replacement(str(tmp_path / "x"), force=True)
    opened = file.open_handles
    os.write(file.handle, b"half")
    file.remove_new_file()
    assert whole(tmp_path) == before
    for handle in opened:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(handle)
    file.discard()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("force", [False, True])
def test_what_came_meanwhile_goes_only_by_force(
    way: str, force: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_way(way, monkeypatch)
    file = Replacement(str(tmp_path / "x"), force=force)
    os.write(file.handle, b"new")
    (tmp_path / "x").write_bytes(b"another's")
    if force:
        file.put_in_place()
    else:
        with pytest.raises(FileExistsError):
            file.put_in_place()
    file.discard()
    assert whole(tmp_path) == {"x": b"new" if force else b"another's"}


@pytest.mark.parametrize("error", [OSError(errno.EPERM, "no links"), NotImplementedError("no links")])
@pytest.mark.parametrize("came", ["", "file", "link"])
@pytest.mark.parametrize("way", ["none", "windows"])
def test_where_no_links_can_be_made_a_file_comes_nevertheless(
    error: Exception, came: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_way(way, monkeypatch)
    file = Replacement(str(tmp_path / "x"))
    os.write(file.handle, b"new")
    if came == "file":
        (tmp_path / "x").write_bytes(b"another's")
    elif came:
        (tmp_path / "x").symlink_to("nowhere")
    monkeypatch.setattr(os, "link", Noted(link=error).link)
    if came:
        with pytest.raises(FileExistsError, match="File exists"):
            file.put_in_place()
    else:
        file.put_in_place()
    file.discard()
    if came == "link":
        assert [path.is_symlink() for path in tmp_path.iterdir()] == [True]
    else:
        assert whole(tmp_path) == {"x": b"another's" if came else b"new"}


@pytest.mark.parametrize(
    ("number", "there", "outcome"),
    [
        *(
            (number, there, "beside")
            for number in ("EOPNOTSUPP", "EISDIR", "EINVAL", "ENOENT", "ENOSYS")
            for there in (False, True)
        ),
        *((number, True, "filled") for number in ("EACCES", "EPERM", "EROFS")),
        *((number, False, "raises") for number in ("EACCES", "EPERM", "EROFS")),
        *(("EIO", there, "raises") for there in (False, True)),
        ("ENOSPC", True, "raises"),
    ],
)
def test_a_folder_that_takes_no_file_without_a_name(
    number: str, there: bool, outcome: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    if there:
        path.write_bytes(b"old and longer")
    before, names = path.stat().st_ino if there else 0, open_files()
    with monkeypatch.context() as patch:
        refuse_unnamed(patch, getattr(errno, number))
        if outcome == "raises":
            with pytest.raises(OSError, match=r"\[Errno"):
                Replacement(str(path), force=True)
            assert open_files() == names
            return
        monkeypatch.setattr(
            named_files, "unnamed_file", lambda: os.open(path.with_name("other"), os.O_RDWR | os.O_CREAT)
        )
        file = Replacement(str(path), force=True)
        os.write(file.open_for_writing(), b"new")
        file.put_in_place()
    (tmp_path / "other").unlink(missing_ok=True)
    assert whole(tmp_path) == {"x": b"new"}
    assert (path.stat().st_ino == before) is (outcome == "filled")


class Keeping:
    """Has the right to put files in their places."""

    def __init__(self, error: OSError | None = None) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._error = error

    def keep_file(self, file: Any) -> None:
        self.asked.append(("keep", file))
        if self._error:
            raise self._error

    def drop_file(self, file: Any) -> None:
        self.asked.append(("drop", file))
        if self._error:
            raise self._error


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("kind", ["replacement", "growing"])
@pytest.mark.parametrize("what", ["keep", "drop"])
def test_what_was_entrusted_another_process_puts_in_its_place(
    there: bool, kind: str, what: str, tmp_path: Path
) -> None:
    path, keeper = tmp_path / "x", Keeping()
    if there:
        path.write_bytes(b"old")
    file: Any = Replacement(str(path), force=True) if kind == "replacement" else GrowingFile(str(path))
    file.entrust_to(keeper)
    os.write(file.handle, b"new")
    before, opened = whole(tmp_path), file.open_handles
    file.put_in_place() if what == "keep" else file.remove_new_file()
    asked_for = there if kind == "growing" else what == "keep"
    assert keeper.asked == ([(what, file)] if asked_for else [])
    assert whole(tmp_path) == before
    if kind == "replacement":
        assert file.replaced is (there and what == "keep")
    file.discard()
    assert whole(tmp_path) == before
    if kind == "replacement":
        assert [os.fstat(handle) for handle in opened]  # it may be begun again
    else:
        assert file.handle == -1
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(opened[0])
        os.fstat(opened[1])
    for handle in opened:
        if handle != file.place.folder and kind == "growing":
            continue
        os.close(handle)


def test_a_keeper_that_fails_is_no_fault_of_what_is_dropped(tmp_path: Path) -> None:
    path, keeper = tmp_path / "x", Keeping(OSError(errno.EPIPE, "gone"))
    path.write_bytes(b"old")
    file = grown(path)
    file.entrust_to(keeper)
    with pytest.raises(OSError, match="gone"):
        file.put_in_place()
    file.remove_new_file()
    file.remove_new_file()
    assert [what for what, _ in keeper.asked] == ["keep", "drop"]


@pytest.mark.parametrize(
    ("kind", "there", "private", "given"),
    [
        ("replacement", False, False, True),
        ("replacement", True, False, False),
        ("replacement", True, True, True),
        ("replacement", False, True, True),
        ("growing", False, False, True),
        ("growing", True, False, False),
    ],
)
@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_only_a_new_file_is_given_to_a_user(
    kind: str,
    there: bool,
    private: bool,
    given: bool,
    platform: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "x"
    if there:
        path.write_bytes(b"old")
    file: Any = Replacement(str(path), force=True, private=private) if kind == "replacement" else GrowingFile(str(path))
    system = Noted(fchown=OSError(errno.EPERM, "no owners here"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fchown", system.fchown)
        patch.setattr(sys, "platform", platform)
        file.give_to(OWNER, OTHER)
    assert system.notes == ([("fchown", file.handle, OWNER, OTHER)] if given and platform == "linux" else [])
    file.discard()


@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EDQUOT", "EACCES", "EROFS"])
def test_where_no_file_can_grow_beside_the_old_one_is_filled_but_for_want_of_room(
    error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    opened, number = os.open, getattr(errno, error)

    def refused(name: Any, flags: int, *more: Any, **others: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(number, os.strerror(number))
        return opened(name, flags, *more, **others)

    monkeypatch.setattr(os, "open", refused)
    if error in ("ENOSPC", "EIO", "EDQUOT"):
        before = open_files()
        with pytest.raises(OSError, match=os.strerror(number)):
            GrowingFile(str(path))
        assert open_files() == before
        return
    file = grown(path)
    assert (file.beside, file.is_new, path.read_bytes()) == (None, False, b"new")
    file.put_in_place()
    file.remove_new_file()
    file.discard()
    assert whole(tmp_path) == {"x": b"new"}


@pytest.mark.parametrize("why", ["owner", "group", "lock", "windows", "list"])
def test_a_new_file_that_would_not_be_as_the_old_one_does_not_grow(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch:
        if why in ("owner", "group"):
            real, held = os.fstat, path.stat().st_ino

            def other(handle: int) -> Any:
                found = real(handle)
                if found.st_ino == held or stat.S_ISDIR(found.st_mode):
                    return found
                rest = {name: getattr(found, name) for name in ("st_mode", "st_nlink", "st_size", "st_ino", "st_dev")}
                return SimpleNamespace(
                    **rest, st_uid=found.st_uid + (why == "owner"), st_gid=found.st_gid + (why == "group")
                )

            patch.setattr(os, "fstat", other)
        if why == "lock":
            patch.setattr(named_files, "lock_file", lambda handle: False)
        if why == "windows":
            patch.setattr(sys, "platform", "win32")
        if why == "list":
            patch.setattr(named_files, "_has_rights_of_its_own", lambda handle: True)
        file = grown(path)
    assert (file.beside, file.is_new) == (None, False)
    file.discard()
    assert whole(tmp_path) == {"x": b"new"}


def test_what_grows_where_nothing_was_is_new(tmp_path: Path) -> None:
    file = grown(tmp_path / "x")
    assert (file.is_new, file.beside, whole(tmp_path)) == (True, None, {"x": b"new"})
    file.remove_new_file()
    file.put_in_place()
    file.discard()
    file.discard()
    assert whole(tmp_path) == {"x": b"new"}


def test_an_empty_file_is_filled_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    file = GrowingFile(str(tmp_path / "x"))
    assert (file.is_new, file.beside) == (False, None)
    file.discard()
    assert whole(tmp_path) == {"x": b""}


def test_what_took_the_place_of_an_empty_new_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "x"
    file = GrowingFile(str(path))
    path.unlink()
    path.touch()
    file.discard()
    assert whole(tmp_path) == {"x": b""}


@pytest.mark.parametrize("what", ["pipe", "file", "growing", "new"])
@pytest.mark.parametrize("owner", [None, (OWNER, OTHER)])
def test_files_are_held_from_before_the_rights_are_given_up(
    what: str, owner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entrusted: list[Any] = []
    monkeypatch.setattr(named_files, "ENTRUSTED", entrusted)
    for name in ("_HELD_FILES", "_GROWING_FILES"):
        monkeypatch.setattr(named_files, name, {})
    system = Noted(fchown=None)
    monkeypatch.setattr(os, "fchown", system.fchown)
    path = tmp_path / "x"
    name = str(path)
    assert named_files.held_file(name) is None
    if what == "growing":
        named_files.hold_growing(name, owner)
        held: Any = named_files.growing_file(name)
        assert held is entrusted[0]
        other = named_files.growing_file(name)
        assert other is not held
        other.discard()
    elif what == "pipe":
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        named_files.hold_output(name, force=False, private=False, owner=owner)
        path.unlink()
        held = named_files.held_file(name)
        handle = held.open_for_writing()
        os.write(handle, b"through")
        os.close(handle)
        held.write_to_disk()
        held.put_in_place()
        held.discard()
        assert os.read(reader, 9) == b"through"
        assert (held.is_file, held.replaced, entrusted, system.notes) == (False, True, [], [])
        os.close(reader)
        return
    else:
        if what == "file":
            path.write_bytes(b"old")
            with pytest.raises(FileExistsError):
                named_files.hold_output(name, force=False, private=True, owner=owner)
        named_files.hold_output(name, force=what == "file", private=True, owner=owner)
        held = named_files.held_file(name)
        os.write(held.open_for_writing(), b"new")
        held.put_in_place()
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
        assert entrusted == [held]
    assert [note[2:] for note in system.notes] == ([owner] if owner else [])
    held.discard()


@pytest.mark.parametrize(
    ("there", "left", "outcome"),
    [
        (b"old", b"left", {"x": b"left"}),
        (b"", b"left", {"x": b"", f"x{NEW}": b"left"}),
        (b"old", b"", {"x": b"old"}),
        (None, b"left", {f"x{NEW}": b"left"}),
        (b"old", None, {"x": b"old"}),
    ],
)
def test_what_was_left_is_taken_up_where_nothing_is_written(
    there: bytes | None, left: bytes | None, outcome: dict[str, bytes], tmp_path: Path
) -> None:
    for name, text in (("x", there), (f"x{NEW}", left)):
        if text is not None:
            (tmp_path / name).write_bytes(text)
            (tmp_path / name).chmod(0o600)
    named_files.take_up_left(str(tmp_path / "x"))
    named_files.take_up_left(f"{tmp_path}/\0")
    assert whole(tmp_path) == outcome


def test_a_file_of_which_nothing_was_left_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_bytes(b"old")
    opened = Noted(GrowingFile=None)
    monkeypatch.setattr(named_files, "GrowingFile", opened.GrowingFile)
    named_files.take_up_left(str(tmp_path / "x"))
    assert opened.notes == []


def found(**values: int) -> Any:
    usual = {"st_mode": stat.S_IFREG | 0o640, "st_uid": 1, "st_gid": 2, "st_nlink": 1, "st_size": 5}
    return SimpleNamespace(**{**usual, **values})


@pytest.mark.parametrize(
    ("left", "is_one"),
    [
        ({}, True),
        ({"st_uid": 3}, False),
        ({"st_gid": 3}, False),
        ({"st_mode": stat.S_IFREG | 0o600}, False),
        ({"st_mode": stat.S_IFREG | 0o600, "st_size": 0}, True),
        ({"st_mode": stat.S_IFREG | 0o400, "st_size": 0, "st_uid": 3}, True),
        ({"st_mode": stat.S_IFREG | 0o601, "st_size": 0}, False),
        ({"st_mode": stat.S_IFREG | 0o620, "st_size": 0}, False),
        ({"st_nlink": 2}, False),
        ({"st_nlink": 0}, False),
        ({"st_mode": stat.S_IFIFO | 0o640}, False),
    ],
)
def test_only_what_a_run_of_this_program_left_is_taken(left: dict[str, int], is_one: bool) -> None:
    assert bool(named_files._is_left(found(**left), found())) is is_one
    # The bits beyond those of reading, writing and running are not given on.
    assert bool(named_files._is_left(found(**left), found(st_mode=stat.S_IFREG | 0o4640))) is is_one


def test_only_files_of_one_s_own_that_nobody_holds_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    for name in ("m-ours", "m-held", "other-m-", "m"):
        (tmp_path / name).touch()
    (tmp_path / "m-folder").mkdir()
    os.mkfifo(tmp_path / "m-pipe")
    (tmp_path / "m-link").symlink_to("m")
    names = {"m-folder", "m-held", "m-link", "m-pipe", "m", "other-m-"}
    with (tmp_path / "m-held").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with monkeypatch.context() as patch:
            patch.setattr(os, "geteuid", lambda: OTHER)
            named_files.sweep_folder(str(tmp_path), "m-")
        assert {path.name for path in tmp_path.iterdir()} == names | {"m-ours"}
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", "win32")
            named_files.sweep_folder(str(tmp_path / "none"), "m-")
            named_files.sweep_folder(str(tmp_path), "m-")
        assert {path.name for path in tmp_path.iterdir()} == names | {"m-ours"}
        before = open_files()
        named_files.sweep_folder(str(tmp_path), "m-")
        assert open_files() == before
    assert {path.name for path in tmp_path.iterdir()} == names
    named_files.remove_leftovers(999_999, "m-")  # a folder that cannot be read is left alone


@pytest.mark.parametrize(
    ("attributes", "platform", "has_some"),
    [
        (["user.note", "system.posix_acl_access"], "linux", True),
        (["user.note"], "linux", False),
        (["system.posix_acl_access"], "darwin", False),
        (OSError(errno.EOPNOTSUPP, "none here"), "linux", False),
    ],
)
def test_rights_of_its_own_are_a_list_beside_them(
    attributes: Any, platform: str, has_some: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Noted(listxattr=attributes)
    monkeypatch.setattr(os, "listxattr", system.listxattr, raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    assert named_files._has_rights_of_its_own(7) is has_some
    assert named_files._has_rights_of_its_own(None) is False


@pytest.mark.parametrize("error", [None, "ENOSPC", "EFBIG", "EDQUOT", "EOPNOTSUPP", "EINVAL"])
@pytest.mark.parametrize("lacks_room", [False, True])
def test_room_is_asked_for_only_for_what_is_more(
    error: str | None, lacks_room: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")
    source = unnamed_file()
    os.write(source, b"longer than it was")
    handle = os.open(path, os.O_RDWR)
    number = getattr(errno, error) if error else None
    system = Noted(posix_fallocate=OSError(number, "room") if number else None)
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", system.posix_fallocate, raising=False)
        if lacks_room:
            patch.delattr(os, "posix_fallocate")
        if error in ("ENOSPC", "EFBIG", "EDQUOT") and not lacks_room:
            with pytest.raises(OSError, match="room"):
                copy_content(handle, source)
            content = b"old"
        else:
            copy_content(handle, source)
            content = b"longer than it was"
    assert path.read_bytes() == content
    assert system.notes == ([] if lacks_room else [("posix_fallocate", handle, 3, 15)])
    os.truncate(path, 0)
    path.write_bytes(b"even longer than it was")
    system.notes.clear()
    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", system.posix_fallocate, raising=False)
        copy_content(handle, source)
    assert (path.read_bytes(), system.notes) == (b"longer than it was", [])
    os.close(handle)
    os.close(source)


def test_much_is_filled_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel takes a part of a piece, and the rest of it after that."""
    path, text, real = tmp_path / "x", bytes(range(256)) * 4100, os.write
    path.touch()
    source = unnamed_file()
    os.write(source, text)
    handle = os.open(path, os.O_RDWR)
    monkeypatch.setattr(os, "write", lambda to, data: real(to, data[:700_001]))
    copy_content(handle, source)
    os.close(handle)
    os.close(source)
    assert path.read_bytes() == text


@pytest.mark.parametrize("name", ["there", "none"])
def test_where_folders_are_not_held_a_place_is_its_path(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named_files, "_HOLDS_FOLDERS", False)
    (tmp_path / "there").touch()
    place = find_place(str(tmp_path / name))
    assert (place.folder, place.name, place.is_file) == (None, str(tmp_path / name), name == "there")
    assert not place.holds_something
    place.close()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("none/x", FileNotFoundError),
        ("none/", FileNotFoundError),
        ("file/", NotADirectoryError),
        ("file/.", NotADirectoryError),
        ("file/x", NotADirectoryError),
    ],
)
def test_a_path_without_its_folder_leads_nowhere(name: str, error: type[OSError], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = open_files()
    with pytest.raises(error):
        find_place(f"{tmp_path}/{name}")
    assert open_files() == before


def test_a_path_with_a_zero_is_none(tmp_path: Path) -> None:
    before = open_files()
    with pytest.raises(ValueError, match="embedded null byte"):
        find_place(f"{tmp_path}/a\0b")
    assert open_files() == before


@pytest.mark.skipif(sys.platform != "linux", reason="the names are Linux'")
@pytest.mark.parametrize("way", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/thread-self/fd/{}"])
def test_an_open_file_is_written_to_where_it_is(way: str, tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb", buffering=0) as held:
        held.write(b"before ")
        place = find_place(way.format(held.fileno()))
        assert (place.is_own_stream, place.is_file, place.holds_something) == (True, False, False)
        handle = place.open()
        os.write(handle, b"after")
        os.close(handle)
        place.close()
    assert (tmp_path / "x").read_bytes() == b"before after"


@pytest.mark.parametrize(
    ("name", "is_one"), [("{}", True), ("x", False), ("\u0661", False), ("9" * 40, False), ("999999", False)]
)
def test_only_a_number_of_an_open_file_is_a_stream_of_one_s_own(name: str, is_one: bool, tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as held, (tmp_path / "y").open("wb") as other:
        here = name.format(held.fileno())
        stream = named_files.Place(None, here, os.fstat(held.fileno()), is_own_stream=True)
        assert stream._is_open_here() is is_one
        assert not named_files.Place(None, here, os.fstat(other.fileno()), is_own_stream=True)._is_open_here()
        assert not named_files.Place(None, here, None, is_own_stream=True)._is_open_here()


def test_a_folder_is_not_opened_to_be_written(tmp_path: Path) -> None:
    place = find_place(str(tmp_path))
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        place.open()
    place.close()
    with pytest.raises(OSError, match="it is no file"):
        Replacement(str(tmp_path), force=True)


@pytest.mark.parametrize(
    ("folder", "owner", "link", "file"),
    [
        (0o1777, OTHER, False, False),
        (0o0777, OTHER, False, True),
        (0o1775, OTHER, False, False),
        (0o0775, OTHER, True, True),
        (0o1755, OTHER, True, True),
        (0o1777, 1, True, True),
        (0o1777, OWNER, True, True),
    ],
)
@pytest.mark.parametrize("kind", [stat.S_IFREG, stat.S_IFIFO, stat.S_IFCHR])
@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_who_may_have_put_something_in_a_folder(
    folder: int,
    owner: int,
    link: bool,
    file: bool,
    kind: int,
    platform: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1)
    monkeypatch.setattr(sys, "platform", platform)
    there = found(st_mode=stat.S_IFDIR | folder, st_uid=OWNER)
    for check, accepts in (
        (named_files._check_link, link),
        (named_files._check_owner, file or kind == stat.S_IFCHR),
    ):
        try:
            check(there, found(st_mode=kind | 0o644, st_uid=owner))
            accepted = True
        except SharedFolderError:
            accepted = False
        assert accepted is (accepts or platform == "win32"), check


@pytest.mark.parametrize(("free_at", "looks"), [(0, 0), (1.0, 20), (None, 60)])
def test_a_lock_is_waited_for_as_long_as_a_forked_process_lives_on(
    free_at: float | None, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(named_files.time, "monotonic", lambda: round(sum(slept), 6))
    monkeypatch.setattr(named_files.time, "sleep", slept.append)
    monkeypatch.setattr(
        named_files, "lock_file", lambda handle: free_at is not None and round(sum(slept), 6) >= free_at
    )
    assert named_files._lock_soon(7) is (free_at is not None)
    assert slept == [0.05] * looks
