"""The program as Windows' own Python runs it, and as this system's does."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_FOLDER = ROOT / "build/windows"
_SECONDS = 300  # a bound against hanging


@dataclass(frozen=True)
class Run:
    """What a run printed, standard error included, and its exit code."""

    code: int
    out: str

    @property
    def line(self) -> str:
        """All of it as one line, wherever it was wrapped."""
        return " ".join(self.out.split())

    @property
    def report(self) -> Any:
        """The report that was printed with ``--json``."""
        return json.loads(self.out)


def windows_path(path: Path) -> str:
    """What Wine calls a file."""
    return f"Z:{path}".replace("/", "\\")


def _environment() -> Mapping[str, str]:
    # Npcap's library, and no other library of Wine's, may be another one than Wine's own.
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/root"),
        "LC_ALL": "C.UTF-8",  # what Wine reads the names of files by
        "WINEPREFIX": str(_FOLDER / "prefix"),
        "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "wpcap=n,b",
        "PYTHONPATH": windows_path(ROOT),
        "PYTHONPYCACHEPREFIX": windows_path(_FOLDER / "bytecode"),
    }


def start_on_windows(*words: object, folder: Path) -> "subprocess.Popen[bytes]":
    """``ucdiag`` with these words. Wine's programs write to pipes alone: to a file Python cannot write there."""
    command = ["wine", str(_FOLDER / "python/python.exe"), "-m", "ucdiag", *map(str, words)]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env=_environment(),
    )


def on_windows(*words: object, folder: Path) -> Run:
    """A run to its end. A pipe gets the system's code page; the lines here have no carriage returns."""
    with start_on_windows(*words, folder=folder) as process:
        try:
            out, _ = process.communicate(timeout=_SECONDS)
        finally:
            process.kill()
    return Run(process.returncode, out.decode("cp1252").replace("\r\n", "\n"))


def on_linux(*words: object, folder: Path) -> Run:
    """The same words, by this Python."""
    command = [sys.executable, "-m", "ucdiag", *map(str, words)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=folder, timeout=_SECONDS, check=False
    )
    return Run(done.returncode, done.stdout.decode())


def judged(report: Any) -> Any:
    """A report without what differs from system to system: the times of the run, and commands for this machine."""
    for phone in report["phones"]:
        for finding in phone["findings"]:
            del finding["fix"]["commands"]
    return {name: value for name, value in report.items() if name not in ("started", "finished")}
