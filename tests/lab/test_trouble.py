"""What a site says and leaves behind where this machine has too little of something, or is no Linux."""

import errno
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.other_systems import loaded_on
from tests.recorded_calls import Noted, raising
from ucdiag.lab import dhcp_link, own_folder, serving, trial
from ucdiag.lab.dhcp_link import DhcpLink
from ucdiag.lab.own_folder import OwnFolder, temporary_folder
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.serving import Servers
from ucdiag.runtime.context import CannotTest

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the ways are Linux'")


# A trial.


def tried(patch: pytest.MonkeyPatch, failed: BaseException | None, unlike: tuple[str, ...]) -> trial.Trial:
    """A run that takes 12 seconds, of a site whose servers say at their end that they failed."""
    times = iter([100.0, 112.0])
    site = SimpleNamespace(failed=None)
    context = SimpleNamespace(monotonic=lambda: next(times), now=lambda: 5, is_over=False, need_time=lambda: None)

    @contextmanager
    def start(scenario: object) -> Iterator[Any]:
        yield site
        site.failed = failed

    for name, value in {
        "start_site": start,
        "context_of": lambda *words: context,
        "in_time": lambda ctx, facts: facts,
        "observe_site": lambda *words: iter(()),
        "differences": lambda *words: unlike,
    }.items():
        patch.setattr(trial, name, value)
    return trial.run(SCENARIOS["whole-current"])


def test_a_trial_takes_as_long_as_its_check(monkeypatch: pytest.MonkeyPatch) -> None:
    done = tried(monkeypatch, None, ("not as expected",))
    assert (done.seconds, done.differences, done.scenario.name) == (12.0, ("not as expected",), "whole-current")


def test_servers_that_failed_count_only_where_something_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = OSError(errno.EMFILE, "Too many open files")
    assert tried(monkeypatch, failed, ()).differences == ()
    with pytest.raises(OSError, match="Too many open files"):
        tried(monkeypatch, failed, ("not as expected",))


# The servers.


@pytest.fixture
def servers() -> Iterator[Servers]:
    made = Servers()
    yield made
    made.close()


def taken(patch: pytest.MonkeyPatch, servers: Servers, times: int, number: int) -> list[socket.socket]:
    """So often a port of TCP is taken; the sockets of UDP that were opened before it."""
    real, left, opened = servers._bound_socket, [times], list[socket.socket]()

    def bound(kind: socket.SocketKind, port: int) -> socket.socket:
        if kind == socket.SOCK_STREAM:
            left[0] -= 1
            if left[0] >= 0:
                raise OSError(number, os.strerror(number))
            with suppress(OSError):  # another program may have this one
                return real(kind, port)
            return real(kind, 0)
        opened.append(real(kind, port))
        return opened[-1]

    patch.setattr(servers, "_bound_socket", bound)
    return opened


# On Windows a port that the system keeps for Hyper-V is not "in use": it may not be bound (WSAEACCES).
@pytest.mark.parametrize("number", [errno.EADDRINUSE, errno.EACCES])
@pytest.mark.parametrize("times", [0, 1, 99])
def test_a_port_that_tcp_has_not_free_is_changed(
    times: int, number: int, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = taken(monkeypatch, servers, times, number)
    host, port = servers.serve_dns(lambda data, reply: None, lambda connection: None)
    assert (host, port) == opened[-1].getsockname()
    assert len(opened) == times + 1
    assert [sock.fileno() >= 0 for sock in opened] == [False] * (len(opened) - 1) + [True]


@pytest.mark.parametrize(
    ("times", "number", "base", "tries"),
    [(100, errno.EADDRINUSE, False, 100), (1, errno.EMFILE, False, 1), (1, errno.EADDRINUSE, True, 1)],
)
def test_where_no_port_is_free_nothing_stays_open(
    times: int, number: int, base: bool, tries: int, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    if base:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            monkeypatch.setattr(servers, "_next_port", free.getsockname()[1])
    opened = taken(monkeypatch, servers, times, number)
    with pytest.raises(OSError, match=r"no port is free|Too many|in use") as failed:
        servers.serve_dns(lambda data, reply: None, lambda connection: None)
    assert failed.value.errno == number
    assert [sock.fileno() for sock in opened] == [-1] * tries


@pytest.mark.parametrize(
    ("platform", "sentence"),
    [
        ("linux", "bring it up as root with 'ip link set lo up'."),
        ("darwin", "check it."),
        ("win32", "check it."),
    ],
)
def test_what_to_do_with_a_loopback_that_is_down(platform: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = unusable_loopback(errno.ENETUNREACH, platform, monkeypatch)
    assert text.endswith(f"the loopback interface is down (it): {sentence}")


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        ("linux", "nft list ruleset"),
        ("darwin", "pfctl -s rules"),
        ("win32", "Get-NetFirewallRule -Action Block -Enabled True"),
        ("freebsd14", "nft list ruleset"),
    ],
)
def test_which_rules_of_the_firewall_to_look_at(platform: str, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = unusable_loopback(errno.EACCES, platform, monkeypatch)
    assert text.endswith(f" check its rules for the loopback interface ('{command}').")


def unusable_loopback(number: int, platform: str, patch: pytest.MonkeyPatch) -> str:
    """What is said where nothing can be sent to this machine itself."""
    patch.setattr(serving, "_send_to_oneself", raising(OSError(number, "it")))
    patch.setattr(sys, "platform", platform)
    with pytest.raises(CannotTest) as failed:
        serving._need_loopback()
    return str(failed.value)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("can't start new thread")])
def test_the_loop_says_what_it_ran_out_of(error: Exception, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "_serve_sockets", raising(error))
    servers._run()
    assert servers.failed is error


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (MemoryError(), True),
        *((OSError(number, "x"), True) for number in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC)),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.ECONNRESET, "x"), False),
        (OSError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_only_want_of_something_is_a_failure(error: Exception, counts: bool, servers: Servers) -> None:
    servers._note_failure(error)
    assert servers.failed is (error if counts else None)


def test_a_loop_that_cannot_accept_goes_on(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    full, rounds = OSError(errno.EMFILE, "Too many open files"), [0]

    class Full(socket.socket):
        def accept(self) -> Any:
            raise full

    listening = Full()
    asleep = SimpleNamespace(data=None, fileobj=listening)
    of_tcp = SimpleNamespace(data=("tcp", print), fileobj=listening)
    odd = SimpleNamespace(data=("tcp", print), fileobj=7)

    def select() -> list[Any]:
        rounds[0] += 1
        if rounds[0] == 3:
            servers.stopping.set()
        return [(asleep, 0), (odd, 0), (of_tcp, 0)]

    monkeypatch.setattr(servers, "_selector", Noted(servers._selector, select=select))
    servers._serve_sockets()
    monkeypatch.undo()
    servers.stopping.clear()
    listening.close()
    assert (servers.failed, rounds) == (full, [3])


# The folder.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@LINUX
def test_a_folder_that_cannot_be_locked_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    monkeypatch.setattr(own_folder, "lock_file", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        OwnFolder()
    assert list(folder.iterdir()) == []
    assert len(list(Path("/dev/fd").iterdir())) == before


@LINUX
@pytest.mark.parametrize("locks", [True, False])
def test_a_folder_is_named_by_whether_it_is_locked(locks: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_folder, "lock_file", lambda handle: locks)
    own = OwnFolder()
    assert list(folder.iterdir()) == [own.path]
    assert own.path.name.startswith(own_folder._LOCKED if locks else own_folder._UNLOCKED)
    handle = own._lock
    own.remove_folder()
    own.remove_folder()
    assert list(folder.iterdir()) == []
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(handle)


@LINUX
def test_an_empty_folder_goes_also_where_no_file_can_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = OwnFolder()
    asked = Noted(rmtree=None)
    monkeypatch.setattr(shutil, "rmtree", asked.rmtree)
    own.remove_folder()
    assert list(folder.iterdir()) == []
    assert asked.notes == [("rmtree", own.path, ("ignore_errors", True))]


@pytest.mark.parametrize(
    ("error", "why"), [(OSError(28, "No space left on device"), "No space left on device"), (OSError("odd"), "odd")]
)
@pytest.mark.parametrize("where", ["gettempdir", "mkdtemp"])
def test_where_no_folder_can_be_made_it_says_why(
    error: OSError, why: str, where: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, where, raising(error))
    with pytest.raises(CannotTest) as cannot:
        temporary_folder() if where == "gettempdir" else OwnFolder()
    said = f"No folder can be made for the lab's files ({why}): name a folder in TMPDIR."
    assert (cannot.value.code, cannot.value.text) == ("output", said)


@LINUX
def test_only_folders_of_one_s_own_in_which_nobody_is_are_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, other = folder / f"{own_folder._LOCKED}left", folder / f"{own_folder._UNLOCKED}other"
    for path in (left, other, folder / "another"):
        path.mkdir()
    (folder / f"{own_folder._LOCKED}file").touch()
    (folder / f"{own_folder._LOCKED}link").symlink_to(other)
    with monkeypatch.context() as patch:
        patch.setattr(own_folder, "_folder_owners", lambda: iter([12345]))
        own_folder._remove_left(str(folder))
    assert left.is_dir()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        own_folder._remove_left(str(folder / "none"))
    own_folder._remove_left(str(folder))
    assert not left.exists()
    assert len(list(folder.iterdir())) == 4


# The pair of interfaces.


@LINUX
@pytest.mark.parametrize("fails", [None, "remover", "up", "socket"])
def test_a_pair_of_interfaces_is_gone_when_the_site_is(fails: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []

    def ip(*words: str, check: bool = True) -> None:
        said.append((" ".join(words), check))
        if fails == "up" and words[-1] == "up":
            raise OSError("'ip' says: no")

    system = Noted(os, close=None, waitpid=(77, 0))
    sock = Noted(None, close=None, bind_to=OSError("no socket") if fails == "socket" else None)
    monkeypatch.setattr(dhcp_link, "_run_ip", ip)
    monkeypatch.setattr(dhcp_link, "os", system)
    monkeypatch.setattr(
        dhcp_link, "_start_remover", raising(OSError("no fork")) if fails == "remover" else lambda: (77, 8)
    )
    monkeypatch.setattr("ucdiag.runtime.packet_socket.PacketSocket", lambda: sock)
    link = DhcpLink(SCENARIOS["dhcp-domain-by-class"])
    if fails is None:
        with link as up:
            assert up.interface == "ucdiag-lab0"
    else:
        with pytest.raises(OSError, match="no"):
            link.__enter__()
    made = [("link add ucdiag-lab0 type veth peer name ucdiag-lab1", True)]
    quiet = [(f"link set ucdiag-lab{number} {what}", True) for number in (0, 1) for what in ("addrgenmode none", "up")]
    if fails == "remover":
        assert said == [*made, ("link delete ucdiag-lab0", False)]
        assert system.notes == []
    else:
        assert said == made + quiet[: 2 if fails == "up" else 4]
        assert system.notes == [("close", 8), ("waitpid", 77, 0)]
    assert sock.notes == ([("bind_to", "ucdiag-lab1"), ("close",)] if fails in (None, "socket") else [])


def test_elsewhere_there_is_no_such_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    link = loaded_on("darwin", "ucdiag.lab.dhcp_link")
    said = Noted(_run_ip=None)
    link._run_ip = said._run_ip
    for call in (link._start_remover, link.DhcpLink(None)._open_socket, link.DhcpLink(None).__enter__):
        with pytest.raises(OSError, match=r"^virtual interfaces of this kind are Linux' own$"):
            call()
    assert said.notes[-1] == ("_run_ip", "link", "delete", "ucdiag-lab0", ("check", False))
    assert link.DhcpLink(None).serve() is None


@pytest.mark.parametrize(("code", "check", "raises"), [(0, True, False), (2, True, True), (2, False, False)])
def test_what_ip_objects_to_is_said(code: int, check: bool, raises: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    done = SimpleNamespace(returncode=code, stderr=f" Cannot find device {'x' * 300}\n")
    asked = Noted(run=done)
    monkeypatch.setattr("subprocess.run", asked.run)
    if raises:
        with pytest.raises(OSError, match=r"^'ip link show' says: Cannot find device x{181}$"):
            dhcp_link._run_ip("link", "show", check=check)
    else:
        dhcp_link._run_ip("link", "show", check=check)
    words, given = asked.notes[0][1], dict(asked.notes[0][2:])
    assert (words, given["timeout"], given["env"]["LC_ALL"]) == (["ip", "link", "show"], 10, "C")
    assert given["env"].keys() >= os.environ.keys()


@pytest.mark.parametrize(
    ("platform", "ip", "root", "said"),
    [
        ("linux", "/sbin/ip", True, None),
        ("linux", "/sbin/ip", False, "that takes a pair of virtual interfaces, and so root's rights"),
        ("linux", None, True, "that takes a pair of virtual interfaces, which Linux has with the command ip"),
        ("darwin", "/sbin/ip", True, "that takes a pair of virtual interfaces, which Linux has with the command ip"),
    ],
)
def test_why_dhcp_cannot_be_served(
    platform: str, ip: str | None, root: bool, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: ip if name == "ip" else None)
    monkeypatch.setattr(dhcp_link, "is_root", lambda: root)
    monkeypatch.setattr(sys, "platform", platform)
    own = "the fault is in what this machine's own DHCP client keeps, and no server makes it"
    for scenario in SCENARIOS.values():
        rewritten = any(getattr(fact, "rewritten", False) for fact in scenario.observed)
        assert dhcp_link.why_not(scenario) == (own if rewritten else said)
    assert any(getattr(fact, "rewritten", False) for one in SCENARIOS.values() for fact in one.observed)
