"""Types into a real shell in a terminal of its own, and reads what the shell made of the line."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

_LONGEST = 60.0
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|\([A-Z]|[=>])|\r")
# How each shell is started without the user's own files, and what prepares it.
_STARTS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], "bind 'set enable-bracketed-paste off' 2>/dev/null; PS1='> '\n"),
    "zsh": (
        ["zsh", "-f", "-i"],
        "unsetopt zle_bracketed_paste; bindkey -e; PS1='> '; autoload -Uz compinit; compinit -u\n",
    ),
    "fish": (["fish", "--no-config", "--interactive"], "function fish_prompt; echo '> '; end\n"),
}
_LOADS = {
    "bash": 'eval "$(ucdiag completion bash)"\n',
    "zsh": 'eval "$(ucdiag completion zsh)"\n',
    "fish": "ucdiag completion fish | source\n",
}


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Shell:
    """``words(LINE)`` are the words of a line, typed up to its end and completed once."""

    def __init__(self, name: str, folder: Path, prepared: str = "") -> None:
        command, start = _STARTS[name]
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "TERM": "xterm",
            "LANG": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=_own_terminal,  # fish wants one
        )
        os.close(slave)
        self.run(start)
        self.run(_LOADS[name] + prepared)

    def __enter__(self) -> "Shell":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def run(self, line: str) -> str:
        """What the terminal shows until the line has run."""
        self._type(line + "echo en''d\n")
        return self._read_until("\nend")

    def words(self, line: str, keys: str = "\t") -> list[str]:
        """Types the line and the keys, then has the shell print the words instead of running them."""
        self._type(line + keys)
        self._type("\x01printf '<%s>\\n' \x05\n")
        shown = self.run("")
        return [word[1:-1] for word in shown.splitlines() if word.startswith("<") and word.endswith(">")]

    def _type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def _read_until(self, wanted: str) -> str:
        shown, deadline = "", time.monotonic() + _LONGEST
        while wanted not in _ESCAPES.sub("", shown):
            ready, _, _ = select.select([self._master], [], [], deadline - time.monotonic())
            assert ready, f"the shell shows no {wanted!r} but {shown!r}"
            try:
                shown += os.read(self._master, 65536).decode(errors="replace")
            except OSError as error:  # the shell has ended
                raise AssertionError(f"the shell ended: {shown!r}") from error
        return _ESCAPES.sub("", shown)
