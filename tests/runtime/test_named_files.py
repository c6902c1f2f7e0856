"""Files that the user named: no link of another in a shared folder is followed, and nothing is half there."""

import os
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from ucdiag.runtime import named_files
from ucdiag.runtime.named_files import (
    NEW,
    GrowingFile,
    Replacement,
    SharedFolderError,
    fill,
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
    os.write(file.begin(), text)
    file.keep()


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
    place.close()


def test_nothing_is_there_before_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "x"
    file = Replacement(str(target))
    os.write(file.begin(), b"half")
    assert not target.exists()
    file.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_came_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "x"
    file = Replacement(str(target))
    target.write_bytes(b"another's")
    with pytest.raises(FileExistsError):
        file.keep()
    file.discard()
    assert target.read_bytes() == b"another's"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_there_is_kept_without_force(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        Replacement(str(target))
    written(target, force=True)
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
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
    os.write(file.begin(), b"new")
    file.keep()
    assert stat.S_IMODE(target.stat().st_mode) == mode


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
        "import os, resource, signal, sys; from ucdiag.runtime.named_files import fill\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "fill(os.open(sys.argv[1], os.O_RDWR), int(sys.argv[2]))"
    )
    done = subprocess.run([sys.executable, "-c", code, target, str(source)], capture_output=True, pass_fds=[source])
    assert resource is not None
    assert b"File too large" in done.stderr
    assert target.read_bytes() == b"old"
    handle = os.open(target, os.O_RDWR)
    fill(handle, source)
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
os.write(file.begin(), b"half")
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


def test_what_grows_beside_a_file_takes_its_place_with_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o604)
    file = grown(path)
    assert (path.read_bytes(), Path(str(file.beside)).read_bytes()) == (b"old", b"new")
    file.keep()
    file.discard()
    assert (path.read_bytes(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (b"new", 0o604, [path])


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


@pytest.mark.slow
def test_what_a_living_run_writes_beside_a_file_is_not_taken(tmp_path: Path) -> None:
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


@ROOT
def test_another_user_s_file_is_replaced_by_one_of_the_same_user(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, OTHER, OWNER)
    path.chmod(0o640)
    file = grown(path)
    file.keep()
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
    file.drop()
    file.discard()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"old", [path])


def test_a_new_one_that_stayed_empty_is_gone(tmp_path: Path) -> None:
    GrowingFile(str(tmp_path / "file")).discard()
    assert list(tmp_path.iterdir()) == []


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
        fill(handle, source)
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
