"""``ucdiag`` on a real terminal: a pseudo-terminal of the system, of which the test is the other end."""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import sys
import termios
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()].)")


class Session(NamedTuple):
    """What a run left: all that the terminal got, the exit code, and whether its settings are as before."""

    raw: str
    code: int
    settings_kept: bool

    @property
    def lines(self) -> list[str]:
        """What was ever written into a line, without the escape sequences."""
        return [line for line in re.split(r"[\r\n]+", _ESCAPE.sub("", self.raw)) if line]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def run(
    line: str,
    *,
    interrupt_at: str | None = None,
    columns: int = 100,
    seconds: float = 60,
    **environment: str,
) -> Session:
    """``ucdiag LINE`` by a shell whose terminal it is; redirections in the line are the shell's.

    Ctrl-C is typed once ``interrupt_at`` was seen.
    """
    given = {name: value for name, value in os.environ.items() if not name.startswith("UCDIAG_")}
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))
    given |= {"TERM": "xterm", "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        given.pop(name, None)
    given |= environment
    child, terminal = pty.fork()
    if child == 0:
        program = f"exec {shlex.quote(sys.executable)} -m ucdiag {line}"
        os.execve("/bin/sh", ["/bin/sh", "-c", f"stty cols {columns} rows 24; read go; {program}"], given)
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        before = termios.tcgetattr(terminal)
        os.write(terminal, b"\n")
        raw, kept = _talk(terminal, before, interrupt_at, seconds)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(child, 0)
        os.close(terminal)
    return Session(raw, os.waitstatus_to_exitcode(status), kept)


def _talk(terminal: int, before: list[object], interrupt_at: str | None, seconds: float) -> tuple[str, bool]:
    got, kept, typed = b"", True, interrupt_at is None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                some = os.read(terminal, 1 << 16)
            except OSError:  # Linux: the other end was closed
                some = b""
            if not some:
                return got.decode("utf-8", "replace"), kept
            got += some
            kept = termios.tcgetattr(terminal) == before
        if not typed and interrupt_at is not None and interrupt_at.encode() in got:
            typed = True
            os.write(terminal, b"\x03")
    raise AssertionError(f"the program does not end; it wrote {got[-2000:]!r}")
