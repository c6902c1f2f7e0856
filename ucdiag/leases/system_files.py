"""Where the readers read: files below a root, and what programs print. All of it bounded, none of it believed.

A reader asks a ``SystemFiles`` and gets bytes, or ``None`` after it has noted why; so a file that is missing,
unreadable, endless or no file at all costs one note and never the run. A test hands in a root of its own.
"""

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import Final

from ucdiag.model.fast_dataclass import record
from ucdiag.model.report import Problem
from ucdiag.model.text import decode_bytes
from ucdiag.model.vocabulary import ProblemCode, Seconds
from ucdiag.runtime.privileges import same_command_elevated

LARGEST = 1 << 20  # bytes that are read of one file, or of what one program prints
MOST_FILES = 4096  # of one folder: a host of containers has thousands of interfaces
MOST_PROBLEMS = 64

UNREADABLE: Final = "lease-unreadable"
MALFORMED: Final = "lease-malformed"

Runner = Callable[[Sequence[str]], str | None]


def run_program(argv: Sequence[str], *, timeout: Seconds = 5.0) -> str | None:
    """What a program prints in English, at most ``LARGEST`` bytes; ``None`` when it is not there, fails or hangs."""
    import subprocess
    import threading

    environment: Mapping[str, str] = {**os.environ, "LC_ALL": "C", "LANG": "C"}
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    except (OSError, ValueError):
        return None
    watchdog = threading.Timer(timeout, process.kill)
    watchdog.daemon = True
    watchdog.start()
    with process:
        try:
            assert process.stdout is not None
            printed = process.stdout.read(LARGEST)
            if len(printed) < LARGEST:
                process.wait()
        finally:
            process.kill()
            watchdog.cancel()
    return decode_bytes(printed) if process.returncode == 0 or len(printed) == LARGEST else None


@record()
class SystemFiles:
    """``root`` stands for ``/``. ``problems`` gathers what could not be read, one sentence each."""

    root: Path = Path("/")
    runner: Runner | None = None
    problems: list[Problem] = field(default_factory=list)

    def path_below_root(self, name: str) -> Path:
        """``/etc/resolv.conf`` below the root."""
        return self.root / name.lstrip("/")

    def read(self, name: str, *, tail: bool = False) -> bytes | None:
        """The first ``LARGEST`` bytes of a file (``tail``: the last); ``None`` when there is no such file."""
        dated = self.read_dated(name, tail=tail)
        return dated[0] if dated else None

    def read_dated(self, name: str, *, tail: bool = False) -> tuple[bytes, int] | None:
        """As ``read``, with the time of the last change in microseconds since the epoch."""
        try:
            # Not blocking: a pipe of that name must not make us wait for its writer.
            descriptor = os.open(
                self.path_below_root(name), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            self._note_right_needed(name)
            return None
        except (OSError, ValueError) as error:
            self.note_problem(UNREADABLE, f"{name} cannot be read: {getattr(error, 'strerror', None) or error}")
            return None
        try:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                self.note_problem(MALFORMED, f"{name} is not a regular file and was not read")
                return None
            if tail and about.st_size > LARGEST:
                os.lseek(descriptor, about.st_size - LARGEST, os.SEEK_SET)
            return _read_up_to_limit(descriptor), about.st_mtime_ns // 1000
        except OSError as error:
            self.note_problem(UNREADABLE, f"{name} cannot be read: {error.strerror or error}")
            return None
        finally:
            os.close(descriptor)

    def read_text(self, name: str) -> str:
        """A small text file, such as those of /sys; empty when there is no such file."""
        return decode_bytes(self.read(name) or b"")

    def exists(self, name: str) -> bool:
        """Whether there is anything of that name."""
        return os.path.lexists(self.path_below_root(name))

    def list_folder(self, folder: str) -> list[str]:
        """What is in a folder, in order; empty when there is no such folder."""
        try:
            with os.scandir(self.path_below_root(folder)) as entries:
                return sorted(entry.name for entry, _ in zip(entries, range(MOST_FILES), strict=False))
        except (FileNotFoundError, NotADirectoryError):
            pass
        except PermissionError:
            self._note_right_needed(folder)
        except OSError as error:
            self.note_problem(UNREADABLE, f"{folder} cannot be read: {error.strerror or error}")
        return []

    def run(self, argv: Sequence[str]) -> str:
        """What a program prints; empty when it is not there or fails. Without a runner only the real root has any."""
        if self.runner is not None:
            return self.runner(argv) or ""
        return (run_program(argv) or "") if self.root == Path("/") else ""

    def kernel_addresses(self) -> bytes:
        """What the kernel answers to a dump of its IPv4 addresses; empty for any root but the machine's own."""
        from ucdiag.leases.rtnetlink import dump_addresses

        return dump_addresses() if self.root == Path("/") else b""

    def _note_right_needed(self, name: str) -> None:
        how = same_command_elevated("check-dhcp")
        self.note_problem(UNREADABLE, f"{name} cannot be read without more rights: run it as root: {how}")

    def note_problem(self, code: ProblemCode, text: str) -> None:
        """One sentence for the reader, once."""
        problem = Problem(code=code, text=text)
        if problem not in self.problems and len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def _read_up_to_limit(descriptor: int) -> bytes:
    parts: list[bytes] = []
    left = LARGEST
    while left and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def parse_addresses(words: Iterable[str]) -> tuple[str, ...]:
    """Those of the words that are IP addresses, once each; a zone (``fe80::1%eth0``) may follow."""
    import ipaddress

    unique: dict[str, None] = {}
    for word in words:
        try:
            ipaddress.ip_address(word.partition("%")[0])
        except ValueError:
            continue
        unique[word] = None
    return tuple(unique)


def parse_address(word: str | None) -> str | None:
    """The word if it is an address other than 0.0.0.0."""
    parsed = parse_addresses([word] if word else [])
    return parsed[0] if parsed and parsed[0] != "0.0.0.0" else None


def whole_number(word: str | None, largest: int = 1 << 40) -> int | None:
    """A decimal number from 0 to ``largest``."""
    if word is None or not (word.isascii() and word.isdigit()) or len(word) > 20:
        return None
    number = int(word)
    return number if number <= largest else None
