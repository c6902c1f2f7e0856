"""Key logs: the secrets of TLS sessions, from files (SSLKEYLOGFILE) and from captures (Decryption Secrets Blocks).

A key log is read in bounded memory. During a live capture, lines added to it are read when a secret is missing. The
secrets are never shown.
"""

import os
from collections.abc import Sequence

from ucdiag.model.report import Problem
from ucdiag.model.visible_text import quoted
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.tls.decryption import Decryption
from ucdiag.wire.tls.secrets import SECRETS_MOST, TlsSecrets

_PIECE = 1 << 16
_MOST = 256 << 20  # bytes of one key log that are read
_LINE_MOST = 8192
_EXAMPLES = 3
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class KeyLog:
    """One file. Raises CannotTest for one that cannot be opened, or is none.

    ``follow``: what is added later is read by ``read_new_lines``; the file stays open, so that rights may be given up.
    """

    def __init__(self, name: str, secrets: TlsSecrets, *, follow: bool = False) -> None:
        self._name = name
        self._secrets = secrets
        self._rest = b""
        self._skipping = False  # what comes is the rest of a line that is too long
        self._is_utf_16: bool | None = None
        self._left = _MOST
        self._file: int | None = None
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | (getattr(os, "O_NONBLOCK", 0) if follow else 0)
        lines, junk = secrets.lines, secrets.junk
        try:
            self._file = os.open(name, flags)
            self.read_new_lines()
        except (OSError, ValueError) as error:
            self.close()
            why = getattr(error, "strerror", None) or str(error)
            raise CannotTest("keylog-unreadable", f"The key log {quoted(name)} cannot be read: {why}.") from error
        if not follow:
            self._take_line(self._rest)
            self.close()
        if secrets.lines == lines and secrets.junk > junk:
            self.close()
            text = (
                f"{quoted(name)} is no key log: it has no line in the format of SSLKEYLOGFILE "
                "(CLIENT_RANDOM and others)."
            )
            raise CannotTest("keylog-unreadable", text)
        self.is_empty = secrets.lines == lines
        self.is_cut = not self._left

    def read_new_lines(self) -> None:
        """Reads what has been added. Raises OSError."""
        while self._left and self._file is not None:
            try:
                data = os.read(self._file, min(_PIECE, self._left))
            except BlockingIOError:
                return
            if not data:
                return
            self._left -= len(data)
            if self._is_utf_16 is None:
                self._is_utf_16 = data.startswith(_UTF_16)
            if self._is_utf_16:
                # As PowerShell writes what is sent to a file: all of it is ASCII.
                data = data.replace(b"\0", b"").removeprefix(_UTF_16[0]).removeprefix(_UTF_16[1])
            *lines, self._rest = (self._rest + data).split(b"\n")
            for line in lines:
                self._take_line(line)
            if len(self._rest) > _LINE_MOST:
                self._take_line(self._rest)
                self._rest = b""
                self._skipping = True

    def _take_line(self, line: bytes) -> None:
        if self._skipping:
            self._skipping = False
            return
        if len(line) > _LINE_MOST:
            self._secrets.junk += 1
            return
        self._secrets.add_line(line.removeprefix(b"\xef\xbb\xbf"))

    def close(self) -> None:
        """Nothing more is read."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read_key_logs(names: Sequence[str], *, follow: bool = False) -> tuple[TlsSecrets, list[Problem]]:
    """The secrets in these files, and what has to be said of the files. ``follow`` as of ``KeyLog``.

    Raises CannotTest where one cannot be read.
    """
    secrets = TlsSecrets()
    logs = [KeyLog(name, secrets, follow=follow) for name in names]
    problems = []
    for name, log in zip(names, logs, strict=True):
        if log.is_empty and not follow:
            text = f"The key log {quoted(name)} holds no secret, so it opens nothing: check that it is the right file."
            problems.append(Problem(code="keylog-incomplete", text=text))
        if log.is_cut:
            read = f"Only the first {_MOST >> 20} MiB of the key log {quoted(name)} were read"
            text = f"{read}: cut it to the time of the capture."
            problems.append(Problem(code="keylog-incomplete", text=text))
    if follow:
        secrets.refresh = _Followed(logs)
    return secrets, problems


class _Followed:
    """Reads on in all of them."""

    def __init__(self, logs: list[KeyLog]) -> None:
        self._logs = logs

    def __call__(self) -> None:
        for log in self._logs:
            try:
                log.read_new_lines()
            except OSError:
                log.close()


def decryption_problems(secrets: TlsSecrets | None, decryption: Decryption | None) -> list[Problem]:
    """What the keys at hand did not open, and why."""
    problems = []
    if secrets is not None and secrets.dropped:
        text = (
            f"There are more than {SECRETS_MOST:,} secrets: the first {secrets.dropped:,} were left out. "
            "Cut the key log to the time of the capture."
        )
        problems.append(Problem(code="keylog-incomplete", text=text))
    if decryption is None or not decryption.unread:
        return problems
    unread = sum(decryption.unread.values())
    reasons = sorted(decryption.unread, key=lambda why: -decryption.unread[why])
    parts = []
    for why in reasons[:_EXAMPLES]:
        ends, _, frame = decryption.examples[why]
        count = decryption.unread[why]
        where = f"{ends.client} to {ends.server} port {ends.port}, frame {frame}"
        first = "" if count == 1 else f"{count:,} connections, the first "
        parts.append(f"{why} ({first}{where})")
    text = f"{unread:,} of {unread + decryption.opened:,} TLS connections could not be decrypted: {'; '.join(parts)}."
    problems.append(Problem(code="tls-not-decrypted", text=text))
    return problems
