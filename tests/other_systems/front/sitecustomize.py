"""Takes from ucdiag what only Linux has, for a whole process: Python imports this first where it is on PYTHONPATH.

UCDIAG_ELSEWHERE says as which system ucdiag shall see this one: ``win32`` or ``darwin``. Only modules of ucdiag see it:
their imports of ``sys``, ``os``, ``socket``, ``select`` and ``signal`` give modules that lack what is not there, and
those of ``fcntl`` and ``pwd`` fail where Windows has none. Everybody else, scapy and the standard library, sees Linux.

On ``win32``, ``winreg`` has the keys of the JSON file that UCDIAG_ELSEWHERE_REGISTRY names ({path: {name: value}}), and
Ctrl-Break is SIGUSR1. UCDIAG_ELSEWHERE_PCAP=none hides libpcap from scapy. UCDIAG_ELSEWHERE_PIPE=22 lets a write to a
pipe that nobody reads fail as on Windows.
"""

import builtins
import errno
import importlib.abc
import importlib.machinery
import json
import os
import pathlib
import sys
import types

SYSTEM = os.environ.get("UCDIAG_ELSEWHERE", "")

_LINUX = {
    "os": "preadv sched_getaffinity",
    "socket": "AF_PACKET PF_PACKET SO_BINDTODEVICE CMSG_LEN",
    "select": "poll epoll",
    "signal": "",
    "sys": "",
}
_UNIX = {
    "os": "geteuid getuid getgid getegid initgroups setuid setgid fchown getpgid killpg chown mkfifo O_NONBLOCK "
    "O_CLOEXEC uname pread fork register_at_fork",
    "socket": "AF_UNIX recvmsg MSG_DONTWAIT",
    "select": "",
    "signal": "pthread_sigmask SIGUSR1 SIGUSR2 SIGHUP SIGKILL SIG_BLOCK SIG_SETMASK alarm setitimer",
    "sys": "",
}
_UNIX_MODULES = ("fcntl", "pwd", "grp", "termios", "resource", "tty", "pty")
_FORGED: dict[str, types.ModuleType] = {}


class _Without(types.ModuleType):
    """A module without some of its names, and with others. What is set in it is set in the real one."""

    def __init__(self, real: types.ModuleType, missing: set[str], **others: object) -> None:
        super().__init__(real.__name__)
        object.__setattr__(self, "_real", real)
        object.__setattr__(self, "_missing", missing)
        object.__setattr__(self, "_others", others)

    def __getattribute__(self, name: str) -> object:
        if name in ("_real", "_missing", "_others", "__class__"):
            return object.__getattribute__(self, name)
        others = object.__getattribute__(self, "_others")
        if name in others:
            return others[name]
        if name in object.__getattribute__(self, "_missing"):
            raise AttributeError(f"module {self._real.__name__!r} has no attribute {name!r} on {SYSTEM}")
        return getattr(object.__getattribute__(self, "_real"), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(object.__getattribute__(self, "_real"), name, value)


def _forge() -> None:
    import select
    import signal
    import socket

    others: dict[str, dict[str, object]] = {"sys": {"platform": SYSTEM}}
    if SYSTEM == "win32":
        others["os"] = {"name": "nt"}
        others["signal"] = {"SIGBREAK": signal.SIGUSR1, "CTRL_BREAK_EVENT": 1}
    for real in (sys, os, socket, select, signal):
        missing = set(_LINUX[real.__name__].split())
        if SYSTEM == "win32":
            missing |= set(_UNIX[real.__name__].split())
        _FORGED[real.__name__] = _Without(real, missing, **others.get(real.__name__, {}))
    if SYSTEM == "win32":
        _FORGED["winreg"] = _registry()


def _registry() -> types.ModuleType:
    named = os.environ.get("UCDIAG_ELSEWHERE_REGISTRY")
    text = pathlib.Path(named or os.devnull).read_text(encoding="utf-8")
    tree: dict[str, dict[str, object]] = json.loads(text or "{}")

    class Key:
        def __init__(self, path: str) -> None:
            start = path.lower() + "\\"
            below = [key[len(start) :].split("\\")[0] for key in tree if key.lower().startswith(start)]
            self.keys = list(dict.fromkeys(below))
            self.values = list(
                next((values for key, values in tree.items() if key.lower() == path.lower()), {}).items()
            )

        def __enter__(self) -> "Key":
            return self

        def __exit__(self, *raised: object) -> None:
            pass

    def open_key(root: object, path: str) -> Key:
        key = Key(path)
        if not key.keys and not key.values:
            raise FileNotFoundError(errno.ENOENT, "The system cannot find the file specified")
        return key

    module = types.ModuleType("winreg")
    vars(module).update(
        HKEY_LOCAL_MACHINE=0,
        OpenKey=open_key,
        QueryInfoKey=lambda key: (len(key.keys), len(key.values), 0),
        EnumKey=lambda key, at: key.keys[at],
        EnumValue=lambda key, at: (*key.values[at], 1),
    )
    return module


def _import(name, globals=None, locals=None, fromlist=(), level=0):  # type: ignore[no-untyped-def]
    root = name.partition(".")[0]
    if level == 0 and SYSTEM == "win32" and root in _UNIX_MODULES:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    if level == 0 and name in _FORGED:
        return _FORGED[name]
    return builtins.__import__(name, globals, locals, fromlist, level)


_BUILTINS = {**vars(builtins), "__import__": _import}


class _Loader(importlib.machinery.SourceFileLoader):
    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__["__builtins__"] = _BUILTINS
        super().exec_module(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):  # type: ignore[no-untyped-def]
        if name.partition(".")[0] != "ucdiag":
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                if isinstance(spec.loader, importlib.machinery.SourceFileLoader):
                    spec.loader = _Loader(spec.loader.name, spec.loader.path)
                return spec
        return None


def _fail_as_windows_does() -> None:
    """Windows reports a pipe whose reader left as EINVAL."""
    import io

    class FileIO(io.FileIO):
        def write(self, data, /):  # type: ignore[no-untyped-def]
            try:
                return super().write(data)
            except BrokenPipeError:
                raise OSError(errno.EINVAL, "Invalid argument") from None

    for number, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if stream is not None:
            raw = FileIO(number, "w", closefd=False)
            fresh = io.TextIOWrapper(io.BufferedWriter(raw), encoding=stream.encoding, errors=stream.errors)
            setattr(sys, name, fresh)
            # As Python does: what is replaced must not close the stream.
            setattr(sys, f"__{name}__", fresh)


if SYSTEM:
    _forge()
    sys.meta_path.insert(0, _Finder())
    if os.environ.get("UCDIAG_ELSEWHERE_PCAP") == "none":
        import ctypes.util

        _find = ctypes.util.find_library
        ctypes.util.find_library = lambda name: None if name == "pcap" else _find(name)
    if os.environ.get("UCDIAG_ELSEWHERE_PIPE"):
        _fail_as_windows_does()
