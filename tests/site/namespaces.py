"""One host of the test site: a thread of this process that lives in namespaces of its own.

Nothing here has a name outside this process. A host's network, mount and host name namespaces exist because a thread of
ours is in them, and all its processes are in one PID namespace per site, whose first process waits on a pipe that we
hold. When this process ends, even by SIGKILL, the pipe closes, that first process ends, the kernel kills every other
process in its PID namespace, and with the last of them the namespaces, the interfaces and the in-memory files go.
"""

import contextlib
import ctypes
import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tests.real import need

if TYPE_CHECKING:
    from tests.site.warm_capture import ForkedPopen

T = TypeVar("T")

CLONE_FS = 0x00000200
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_REC = 0x4000
MS_PRIVATE = 0x40000

# Written to by daemons and DHCP clients: each host sees the machine's own files there and keeps its changes to itself.
OWN_DIRECTORIES = ("/etc", "/var/lib", "/var/log", "/var/cache")

_libc = ctypes.CDLL(None, use_errno=True)


class SiteError(Exception):
    """The test site could not be built, or one of its servers did not come up. Says why."""


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise SiteError(f"{what}: {os.strerror(number)}")


def _unshare(flags: int) -> None:
    _check(_libc.unshare(flags), f"unshare({flags:#x})")


def _setns(descriptor: int, kind: int) -> None:
    _check(_libc.setns(descriptor, kind), f"setns({kind:#x})")


def _mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _check(_libc.mount(*arguments), f"mount {kind} on {target}")


class _Worker:
    """A thread that runs what it is given, one after the other."""

    def __init__(self, name: str) -> None:
        self._tasks: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    @property
    def tid(self) -> int:
        tid = self._thread.native_id
        assert tid is not None
        return tid

    def _serve(self) -> None:
        while (task := self._tasks.get()) is not None:
            function, future = task
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is raised again where the result is asked for
                future.set_exception(error)

    def do(self, function: Callable[[], T]) -> T:
        future: Future[T] = Future()
        self._tasks.put((function, future))
        return future.result()

    def end(self) -> None:
        self._tasks.put(None)
        self._thread.join()


class Cell:
    """The PID namespace of one site. Every process of the site ends when it does."""

    def __init__(self) -> None:
        self._worker = _Worker("site-init")
        self._init = self._worker.do(self._first)
        self.descriptor = os.open(f"/proc/{self._init.pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def _first(self) -> "subprocess.Popen[bytes]":
        _unshare(CLONE_NEWPID)
        # SIGCHLD ignored: orphans of the site's daemons are reaped by the kernel. `cat` ends when our end of the pipe
        # closes; the parent-death signal does the same should a forked child of ours still hold the pipe.
        script = 'trap "" CHLD; exec setpriv --pdeathsig KILL cat'
        return subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd="/")

    @property
    def pid(self) -> int:
        """Of the first process, as this process sees it."""
        return self._init.pid

    def kill(self) -> None:
        """Begins the end: every process in the site is being killed. They must be waited for before `end`."""
        self._init.kill()

    def end(self) -> None:
        assert self._init.stdin is not None
        self._init.stdin.close()
        self._init.wait()
        os.close(self.descriptor)
        self._worker.end()


def _wait_until_settled(file: Path, quiet: float = 0.2, most: float = 5) -> None:
    """Until the file has kept its size for ``quiet`` seconds; after ``most`` seconds all the same."""
    until, size = time.monotonic() + most, -1
    while time.monotonic() < until:
        before, size = size, file.stat().st_size if file.exists() else 0
        if size == before:
            return
        time.sleep(quiet)


class Process:
    """A program running on a host. What it prints is in `output`."""

    def __init__(self, popen: "subprocess.Popen[bytes] | ForkedPopen", argv: list[str], log: Path) -> None:
        self.popen = popen
        self.argv = argv
        self.log = log
        # What it still writes when it is stopped: it is let go on until this file has stopped growing.
        self.writes: Path | None = None

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    def wait(self, timeout: float = 60) -> int:
        """The exit code (negative for a signal). Raises SiteError when it still runs after ``timeout`` seconds."""
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise SiteError(f"{self.argv} still runs after {timeout} s:\n{self.output}") from None

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.popen.send_signal(number)

    def stop(self, number: int = signal.SIGTERM, timeout: float = 30) -> int:
        """Asks it to end, waits, and gives the exit code. What ignores the signal is killed after ``timeout``."""
        if self.writes is not None:
            _wait_until_settled(self.writes)
        self.send(number)
        try:
            return self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            return self.popen.wait()

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def wait_for(self, pattern: str, timeout: float = 60) -> re.Match[str]:
        """Until the output matches ``pattern``. Raises SiteError with the output when it ends or takes too long."""
        deadline = time.monotonic() + timeout
        while True:
            ended = not self.alive
            if found := re.search(pattern, self.output):
                return found
            if ended or time.monotonic() > deadline:
                why = f"ended with {self.popen.returncode}" if ended else f"said no {pattern!r} in {timeout} s"
                raise SiteError(f"{self.argv} {why}:\n{self.output}")
            time.sleep(0.02)

    def wait_until_idle(self, looks: int = 10, timeout: float = 180) -> None:
        """Until it has ended, or waits for something at so many looks in a row, each 30 ms after the one before.

        What has to wait for a processor alone, on a busy machine, is not idle.
        """
        deadline, idle = time.monotonic() + timeout, 0
        while self.alive and idle < looks:
            if time.monotonic() > deadline:
                raise SiteError(f"{self.argv} is still busy after {timeout} s:\n{self.output}")
            time.sleep(0.03)
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state = Path(f"/proc/{self.pid}/status").read_text()
                idle = idle + 1 if "State:\tS" in state else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.alive:
            self.stop()


class Host:
    """Network, mounts and host name of its own; its processes see nothing else of the machine's network.

    Changes below /etc, /var/lib, /var/log and /var/cache stay in its memory; /run is its own. Other files (the tests'
    temporary directories among them) are the machine's.
    """

    def __init__(self, name: str, cell: Cell) -> None:
        self.name = name
        self._cell = cell
        self._count = 0
        self.processes: list[Process] = []
        self._running: list[subprocess.Popen[bytes] | ForkedPopen] = []
        self._worker = _Worker(f"site-{name}")
        self.tid = self._worker.tid
        try:
            self._worker.do(self._enter)
        except BaseException:
            self._worker.end()
            raise
        own = f"/proc/{os.getpid()}/task/{self.tid}"
        self.root = Path(own, "root")
        self.net = os.open(f"{own}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self._mnt = os.open(f"{own}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        self._uts = os.open(f"{own}/ns/uts", os.O_RDONLY | os.O_CLOEXEC)
        self._root = os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        # A /proc that shows this PID namespace can only be mounted from inside it; /sys shows this network.
        self.run("mount", "-t", "proc", "proc", "/proc")
        self.run("mount", "-t", "sysfs", "sysfs", "/sys")

    def _enter(self) -> None:
        _unshare(CLONE_FS | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS)
        _mount("none", "/", "none", MS_REC | MS_PRIVATE)
        socket.sethostname(self.name)
        _mount("tmpfs", "/mnt", "tmpfs", data="mode=755")
        for number, directory in enumerate(OWN_DIRECTORIES):
            upper, work = Path(f"/mnt/{number}"), Path(f"/mnt/{number}-work")
            upper.mkdir()
            work.mkdir()
            _mount("overlay", directory, "overlay", data=f"lowerdir={directory},upperdir={upper},workdir={work}")
        _mount("tmpfs", "/run", "tmpfs", data="mode=755")
        for name in ("lock", "site"):
            Path("/run", name).mkdir()
        Path("/run/lock").chmod(0o1777)
        resolver = Path("/etc/resolv.conf")
        resolver.unlink(missing_ok=True)
        resolver.write_text("")
        _setns(self._cell.descriptor, CLONE_NEWPID)

    # Files, as this host sees them.

    def path(self, path: str | os.PathLike[str]) -> Path:
        """A path of this host as a path of this process. Absolute symbolic links on the way are not the host's."""
        return self.root / str(path).lstrip("/")

    def write(self, path: str, content: str | bytes) -> str:
        """Makes the file (and its folders), readable by all. Gives ``path`` back, for a command line."""
        real = self.path(path)
        real.parent.mkdir(parents=True, exist_ok=True)
        real.write_bytes(content.encode() if isinstance(content, str) else content)
        real.chmod(0o644)
        return path

    def read(self, path: str) -> str:
        return self.path(path).read_text(errors="replace")

    # Programs.

    def popen(self, argv: Iterable[str | os.PathLike[str]], **more: Any) -> "subprocess.Popen[bytes]":
        """subprocess.Popen on this host."""
        words = [os.fspath(word) for word in argv]
        try:
            process = self._worker.do(lambda: subprocess.Popen(words, **more))
        except FileNotFoundError:
            need(words[0])
            raise
        self._running = [other for other in self._running if other.poll() is None]
        self._running.append(process)
        return process

    def run(
        self,
        *argv: str | os.PathLike[str],
        check: bool = True,
        timeout: float = 60,
        input: str | bytes | None = None,
        env: dict[str, str] | None = None,
        user: str | int | None = None,
        cwd: str | os.PathLike[str] = "/",
        pass_fds: tuple[int, ...] = (),
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a program to its end. ``env`` is added to the environment; ``check`` raises SiteError on failure."""
        data = input.encode() if isinstance(input, str) else input
        drop: dict[str, Any] = {} if user is None else {"user": user, "group": "nogroup", "extra_groups": []}
        process = self.popen(
            argv,
            stdin=subprocess.DEVNULL if data is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(env),
            cwd=cwd,
            pass_fds=pass_fds,
            **drop,
        )
        try:
            out, err = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            tail = (out + err).decode(errors="replace")
            raise SiteError(f"{self.name}: {list(argv)} still ran after {timeout} s:\n{tail}") from None
        text_out, text_err = out.decode(errors="replace"), err.decode(errors="replace")
        if check and process.returncode != 0:
            raise SiteError(f"{self.name}: {list(argv)} ended with {process.returncode}:\n{text_out}{text_err}")
        return subprocess.CompletedProcess([os.fspath(word) for word in argv], process.returncode, text_out, text_err)

    def start(
        self,
        *argv: str | os.PathLike[str],
        ready: str | Iterable[str] | Callable[[], bool] | None = None,
        timeout: float = 60,
        env: dict[str, str] | None = None,
        user: str | int | None = None,
        cwd: str | os.PathLike[str] = "/",
    ) -> Process:
        """Starts a program and leaves it running until it ends, is stopped, or the site goes.

        ``ready`` says when it has come up: ``"tcp/80"`` or ``"udp/53"`` (or several): such a port is open on this host;
        any other text: a regular expression that its output matches; or a function that says so.
        """
        self._count += 1
        words = [os.fspath(word) for word in argv]
        log = self.path(f"/run/site/{self._count:02}-{Path(words[0]).name}.log")
        drop: dict[str, Any] = {} if user is None else {"user": user, "group": "nogroup", "extra_groups": []}
        with log.open("wb") as output:
            popen = self.popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(env),
                cwd=cwd,
                **drop,
            )
        process = Process(popen, words, log)
        self.processes.append(process)
        for condition in _conditions(ready):
            self._wait_ready(process, condition, timeout)
        return process

    def handles(self) -> tuple[int, int, int, int, int]:
        """This host, for a process that comes here by itself: the namespaces of PID, net, UTS and mnt, and its root."""
        return self._cell.descriptor, self.net, self._uts, self._mnt, self._root

    def adopt(self, popen: "subprocess.Popen[bytes] | ForkedPopen", argv: list[str], log: Path) -> Process:
        """A process that came here by itself and writes to ``log``: as if it had been started here."""
        self._running.append(popen)
        process = Process(popen, argv, log)
        self.processes.append(process)
        return process

    def _wait_ready(self, process: Process, condition: "str | Callable[[], bool]", timeout: float) -> None:
        if isinstance(condition, str) and not re.fullmatch(r"(tcp|udp)/\d+", condition):
            process.wait_for(condition, timeout)
            return
        deadline = time.monotonic() + timeout
        while not (self.is_open(condition) if isinstance(condition, str) else condition()):
            if not process.alive or time.monotonic() > deadline:
                raise SiteError(f"{self.name}: {process.argv} did not come up ({condition}):\n{process.output}")
            time.sleep(0.01)

    def is_open(self, port: str) -> bool:
        """Whether ``tcp/N`` is listened on, or ``udp/N`` bound, here."""
        kind, number = port.split("/")
        wanted = f":{int(number):04X}"
        for family in ("", "6"):
            with contextlib.suppress(FileNotFoundError):
                for line in self.proc_net(f"{kind}{family}").splitlines()[1:]:
                    _, local, _, state, *_ = line.split()
                    if local.endswith(wanted) and (kind == "udp" or state == "0A"):
                        return True
        return False

    def proc_net(self, name: str) -> str:
        """The file of /proc/net of this name, as this host has it."""
        return Path(f"/proc/{os.getpid()}/task/{self.tid}/net/{name}").read_text()

    # This process's own code.

    def call(self, function: Callable[[], T]) -> T:
        """Runs ``function`` in a thread of this process that sees this host's network and files.

        A socket made there stays on this host's network wherever it is used afterwards.
        """
        future: Future[T] = Future()

        def inside() -> None:
            try:
                _unshare(CLONE_FS)
                _setns(self._mnt, CLONE_NEWNS)
                _setns(self.net, CLONE_NEWNET)
                # That changed to the top of the mounts; where this runs in a chroot, its / is below.
                os.fchdir(self._root)
                os.chroot(".")
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it is raised again in the caller's thread
                future.set_exception(error)

        thread = threading.Thread(target=inside, name=f"site-{self.name}-call", daemon=True)
        thread.start()
        thread.join()
        return future.result()

    def reap(self) -> None:
        """Waits for every process started here: they have been killed."""
        for process in self._running:
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()

    def end(self) -> None:
        os.close(self.net)
        os.close(self._mnt)
        os.close(self._uts)
        os.close(self._root)
        self._worker.end()


def _environment(more: dict[str, str] | None) -> dict[str, str]:
    """Ours, with the places of daemons in the path."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"
    return {**os.environ, "PATH": path, **(more or {})}


def _conditions(ready: "str | Iterable[str] | Callable[[], bool] | None") -> "Iterator[str | Callable[[], bool]]":
    if ready is None:
        return
    if isinstance(ready, str) or callable(ready):
        yield ready
        return
    yield from ready


def unavailable() -> str | None:
    """Why hosts cannot be made here, or None when they can."""
    if not hasattr(os, "geteuid") or not Path("/proc/self/ns/net").exists():
        return "network namespaces need Linux, with /proc mounted"
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not any(line.split()[4] == "/" for line in Path("/proc/self/mountinfo").read_text().splitlines()):
        # What is mounted for a host would then reach the machine: mounts are made private where one begins.
        return (
            "/ is no mount point here, as in a plain chroot, so no host can have mounts of its own;"
            " mount --bind FOLDER FOLDER before chroot FOLDER makes it one"
        )
    for program in ("ip", "ethtool", "mount", "setpriv"):
        if shutil.which(program, path=_environment(None)["PATH"]) is None:
            return f"hosts cannot be made: {program} is not installed"
    try:
        cell = Cell()
    except (SiteError, OSError) as error:
        return f"no PID namespace can be made: {error}"
    host = None
    try:
        host = Host("try", cell)
    except (SiteError, OSError) as error:
        return f"no host can be made: {error}"
    finally:
        cell.kill()
        if host is not None:
            host.reap()
            host.end()
        cell.end()
    return None
