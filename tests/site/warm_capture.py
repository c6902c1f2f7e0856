"""``ucdiag capture -i`` on hosts of the site, without the start of an interpreter for each.

A helper process for each sniffer imports what such a capture has imported when it begins to listen, and forks for each
run. The child goes to the host, gets standard streams and an environment of its own, and begins where the console
script does. What only a real start shows is tested with real starts: tests/site/test_live.py.
"""

import atexit
import ctypes
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.site.namespaces import Host, Process

_ROOT = Path(__file__).parents[2]
_LONGEST = 1 << 17  # bytes of a task
_HANDLES = ("ended", "pid", "net", "uts", "mnt", "root", "out", "err")
_NAMESPACES = {"pid": 0x20000000, "net": 0x40000000, "uts": 0x04000000, "mnt": 0x00020000}
# All that a capture imports before it listens. Of scapy not what looks at the interfaces: scapy.arch.
_MODULES = ("ucdiag.program", "ucdiag.cli.main", "ucdiag.cli.capture", "ucdiag.capture.live")
_OF_SNIFFER = {
    "ring": ("ucdiag.capture.packet_ring",),
    "scapy": ("ucdiag.capture.scapy_socket", "scapy.supersocket", "scapy.libs.winpcapy", "scapy.libs.extcap"),
}


class WarmCapture:
    """Starts captures with one sniffer. ``environment`` is added to that of the helper."""

    def __init__(self, sniffer: str, environment: "Mapping[str, str]") -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._helper = subprocess.Popen(
            [sys.executable, "-m", "tests.site.warm_capture", str(theirs.fileno()), sniffer],
            stdin=subprocess.DEVNULL,
            cwd=_ROOT,
            env={**os.environ, **environment},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        atexit.register(self.close)

    def start(self, host: "Host", words: "Sequence[str]", out: Path, err: Path) -> "Process":
        """``ucdiag WORDS >OUT 2>ERR`` on a host. ``host`` waits for it at its end, as for all that runs there."""
        ended, theirs = os.pipe()
        files = [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644) for path in (out, err)]
        task = json.dumps(list(words)).encode()
        assert len(task) < _LONGEST
        socket.send_fds(self._socket, [task], [theirs, *host.handles(), *files])
        for handle in (theirs, *files):
            os.close(handle)
        return host.adopt(ForkedPopen(ended, words), ["ucdiag", *words], err)

    def close(self) -> None:
        """End the helper."""
        self._socket.close()
        self._helper.wait(60)


class ForkedPopen:
    """What ``subprocess.Popen`` offers, for a child of the helper, which writes its PID and later its end to a pipe."""

    stdin = stdout = stderr = None

    def __init__(self, ended: int, words: "Sequence[str]") -> None:
        self.args = ["ucdiag", *words]
        self.returncode: int | None = None
        self._ended = ended
        self.pid = self._number()

    def _number(self) -> int:
        data = os.read(self._ended, 4)
        if len(data) != 4:
            raise EOFError(f"the helper of {self.args} has ended")
        return int.from_bytes(data, "big", signed=True)

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises subprocess.TimeoutExpired."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            self.returncode = self._number()
            os.close(self._ended)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


# The helper


def load_modules(sniffer: str) -> None:
    """Import what a capture with this sniffer has imported when it begins to listen."""
    for name in (*_MODULES, *_OF_SNIFFER[sniffer]):
        import_module(name)
    from ucdiag.cli.lazy_modules import preload_lazy_modules

    preload_lazy_modules()


def _serve(tasks: socket.socket) -> list[str]:
    """Fork for each task. Returns the words in a child, and ends the helper at the end of tasks."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    running: dict[int, tuple[int, int]] = {}  # by the PID file descriptor: the PID, and where its end is written
    while True:
        ready, _, _ = select.select([tasks, *running], [], [])
        for handle in running.keys() & ready:
            child, ended = running.pop(handle)
            _, status = os.waitpid(child, 0)
            _report(ended, os.waitstatus_to_exitcode(status))
            os.close(ended)
            os.close(handle)
        if tasks not in ready:
            continue
        data, handles, _, _ = socket.recv_fds(tasks, _LONGEST, len(_HANDLES))
        if not data:
            sys.exit(0)
        named = dict(zip(_HANDLES, handles, strict=True))
        _enter(named["pid"], "pid")  # where its children are
        child = os.fork()
        if child == 0:
            _become(named)
            words: list[str] = json.loads(data)
            return words
        _enter(own, "pid")
        _report(named["ended"], child)
        running[os.pidfd_open(child)] = child, named.pop("ended")
        for handle in named.values():
            os.close(handle)


def _report(handle: int, number: int) -> None:
    try:
        os.write(handle, number.to_bytes(4, "big", signed=True))
    except BrokenPipeError:
        pass  # nobody asks any more


def _enter(handle: int, kind: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(handle, _NAMESPACES[kind]) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns to the {kind} namespace: {os.strerror(number)}")


def _become(named: dict[str, int]) -> None:
    for kind in ("net", "uts", "mnt"):
        _enter(named[kind], kind)
    os.fchdir(named["root"])
    os.chroot(".")
    os.chdir("/")
    os.dup2(named["out"], 1)
    os.dup2(named["err"], 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _main() -> NoReturn:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tasks = socket.socket(fileno=int(sys.argv[1]))
    load_modules(sys.argv[2])
    gc.freeze()  # else each child copies the pages of all these modules
    sys.argv = ["ucdiag", *_serve(tasks)]
    from ucdiag.program import main

    main()


if __name__ == "__main__":
    _main()
