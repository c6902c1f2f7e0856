"""``ucdiag`` as a program of its own, without the start of an interpreter for every run.

A helper process imports what the commands need and forks for every run. The child gets the standard streams as
file descriptors, makes Python's streams of them as a start of Python does, and ends as any Python does, with the
flush at the end and its exit code. What only a real start shows (what Python makes of a closed stream, of
``PYTHONUNBUFFERED`` and ``PYTHONIOENCODING``) is tested with real starts, on a few command lines.
"""

import contextlib
import gc
import io
import json
import os
import re
import resource
import selectors
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).parents[2]
_REDIRECTION = re.compile(r"(\d?)(>>|>&|<&|>|<)(\S+)")
_STREAMS = ("stdin", "stdout", "stderr")


class ForkedProgram:
    """Runs ``ucdiag`` again and again. ``environment`` is all that the runs see of one.

    ``scenarios`` are those that the lab has in these runs: where ``lab --all`` is to be run often, and it does not
    matter of how many. Empty: all.
    """

    def __init__(self, environment: dict[str, str], scenarios: Sequence[str] = ()) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(180)
        self._helper = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forked_program", str(theirs.fileno()), *scenarios],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def run(
        self,
        line: str,
        redirections: str = "",
        *,
        unbuffered: bool = False,
        stdout: int | None = None,
        room: int | None = None,
    ) -> "subprocess.CompletedProcess[str]":
        """``ucdiag LINE REDIRECTIONS`` as a shell would have it; ``stdout`` is a descriptor to use in place of a pipe.

        ``room`` is the most bytes that a file may get (RLIMIT_FSIZE).
        """
        out, err = os.pipe(), os.pipe()
        null = os.open(os.devnull, os.O_RDONLY)
        task = {"words": shlex.split(line), "redirections": redirections, "unbuffered": unbuffered, "room": room}
        data = json.dumps(task).encode()
        given = [null, out[1] if stdout is None else stdout, err[1]]
        socket.send_fds(self._socket, [len(data).to_bytes(4, "big") + data], given)
        for handle in (null, out[1], err[1]):
            os.close(handle)
        said = _read_all(out[0], err[0])
        code = int.from_bytes(_exactly(self._socket, 4), "big", signed=True)
        return subprocess.CompletedProcess(line, code, said[out[0]], said[err[0]])

    def close(self) -> None:
        """End the helper."""
        self._socket.close()
        self._helper.wait(60)


def _read_all(*handles: int) -> dict[int, str]:
    parts = {handle: bytearray() for handle in handles}
    with selectors.DefaultSelector() as selector:
        for handle in handles:
            selector.register(handle, selectors.EVENT_READ)
        end = time.monotonic() + 180
        while selector.get_map():
            assert time.monotonic() < end, "the program does not end"
            for key, _ in selector.select(1):
                data = os.read(key.fd, 1 << 16)
                parts[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return {handle: data.decode() for handle, data in parts.items()}


def _exactly(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        some = sock.recv(count - len(data))
        if not some:
            raise EOFError
        data += some
    return data


# The helper


def _serve(tasks: socket.socket) -> None:
    """Fork for every task. Returns in a child, that is to run the program, and ends the helper at the end of tasks."""
    while True:
        data, handles, _, _ = socket.recv_fds(tasks, 4, 3)
        if not data:
            sys.exit(0)
        length = int.from_bytes(data + (_exactly(tasks, 4 - len(data)) if len(data) < 4 else b""), "big")
        task = json.loads(_exactly(tasks, length))
        child = os.fork()
        if child == 0:
            tasks.close()
            _become(task, handles)
            return
        for handle in handles:
            os.close(handle)
        _, status = os.waitpid(child, 0)
        tasks.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def _become(task: dict[str, Any], handles: list[int]) -> None:
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    _redirect(task["redirections"])
    for number, name in enumerate(_STREAMS):
        stream = _stream(number, unbuffered=task["unbuffered"])
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    if task["room"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (task["room"], task["room"]))
    sys.argv = ["ucdiag", *task["words"]]


def _redirect(redirections: str) -> None:
    """What a POSIX shell does with ``>FILE``, ``2>>FILE``, ``<FILE``, ``2>&1`` and ``>&-``, from left to right."""
    rest = _REDIRECTION.sub("", redirections).strip()
    assert not rest, f"not a redirection: {rest}"
    for number, kind, target in _REDIRECTION.findall(redirections):
        handle = int(number) if number else int(kind.startswith(">"))
        if target == "-" and kind in (">&", "<&"):
            with contextlib.suppress(OSError):
                os.close(handle)
        elif kind in (">&", "<&"):
            os.dup2(int(target), handle)
        else:
            flags = {
                "<": os.O_RDONLY,
                ">": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                ">>": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
            }
            opened = os.open(target, flags[kind], 0o666)
            if opened != handle:
                os.dup2(opened, handle)
                os.close(opened)
            else:
                os.set_inheritable(opened, True)


def _stream(number: int, *, unbuffered: bool) -> TextIO | None:
    """As ``create_stdio`` of Python's pylifecycle.c makes it. None for a descriptor that is closed."""
    try:
        os.fstat(number)
    except OSError:
        return None
    raw = io.FileIO(number, "w" if number else "r", closefd=False)
    raw.name = f"<{_STREAMS[number]}>"
    buffer: Any
    if unbuffered and number:
        buffer = raw
    else:
        buffer = io.BufferedWriter(raw) if number else io.BufferedReader(raw)
    return io.TextIOWrapper(
        buffer,
        encoding="utf-8",
        errors="backslashreplace" if number == 2 else "strict",
        newline="\n",
        line_buffering=number == 2 or raw.isatty(),
        write_through=unbuffered,
    )


def _keep_scenarios(names: Sequence[str]) -> None:
    from ucdiag.lab.scenarios import SCENARIOS

    kept = {name: SCENARIOS[name] for name in names}
    SCENARIOS.clear()
    SCENARIOS.update(kept)


def _preload() -> None:
    from ucdiag.cli.lazy_modules import preload_lazy_modules
    from ucdiag.cli.main import COMMANDS

    for module, _ in COMMANDS.values():
        import_module(module)
    for name in ("capture.file_reader", "capture.filtered_copy", "capture.live", "capture.request_saver"):
        import_module(f"ucdiag.{name}")
    for name in ("diagnosis", "lab.site", "lab.trial", "probe.dns", "probe.path", "leases.linux", "views.explain_view"):
        import_module(f"ucdiag.{name}")
    for name in ("probe.http", "probe.update_request"):
        import_module(f"ucdiag.{name}")
    preload_lazy_modules()
    gc.freeze()  # else every child copies the pages of all these modules when it ends


def running(environment: dict[str, str], scenarios: Sequence[str] = ()) -> Iterator[ForkedProgram]:
    """For a fixture: the helper, until the tests are done."""
    program = ForkedProgram(environment, scenarios)
    try:
        yield program
    finally:
        program.close()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _preload()
    if sys.argv[2:]:
        _keep_scenarios(sys.argv[2:])
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from ucdiag.cli.main import main

    main()
