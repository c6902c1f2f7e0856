"""A process that keeps root's rights for one thing: to put the files that the user named in their places at the end.

Who reads what comes from outside has no rights left then. It can say "this one is whole" and nothing else: which files
these are was settled before, and this process reads nothing of them. A kill of the other process ends this one, too.
"""

import os
import signal
import struct
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from ucdiag.runtime.confinement import confine_process
from ucdiag.runtime.entrusted import ENTRUSTED

if TYPE_CHECKING:
    from ucdiag.runtime.named_files import KeptFile
if sys.platform == "linux":
    from ucdiag.runtime.root_rights import keep_capabilities

_REQUEST = struct.Struct("=cI")  # what is to be done, and the number of the file
_ANSWER = struct.Struct("=iH")  # the number of an error, and how long the text is that follows
_KEEP, _DROP = b"k", b"d"
# CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER
_RIGHTS = 1 << 0 | 1 << 1 | 1 << 3
_ENDED = "the process that puts files in their places has ended"
_NO_FORK = "Windows has no fork"
_MOST_OPEN = 1 << 16  # files, where it is not seen which are


class RootKeeper:
    """The way to that process. ``close`` ends it."""

    def __init__(self, files: "list[KeptFile]", process: int, requests: int, answers: int) -> None:
        self._files, self._process, self._requests, self._answers = files, process, requests, answers

    def keep_file(self, file: "KeptFile") -> None:
        """Have a file put in its place. Raises OSError."""
        self._send_request(_KEEP, file)

    def drop_file(self, file: "KeptFile") -> None:
        """Have a file removed. Raises OSError."""
        self._send_request(_DROP, file)

    def _send_request(self, what: bytes, file: "KeptFile") -> None:
        number = next(number for number, one in enumerate(self._files) if one is file)
        try:
            os.write(self._requests, _REQUEST.pack(what, number))
        except BrokenPipeError:
            raise OSError(0, _ENDED) from None
        error, length = _ANSWER.unpack(_read_exactly(self._answers, _ANSWER.size))
        text = _read_exactly(self._answers, length).decode("utf-8", "replace")
        if text:
            raise OSError(error, text)

    def close(self) -> None:
        """Nothing more is put in its place."""
        os.close(self._requests)
        os.close(self._answers)
        with suppress(OSError):
            os.waitpid(self._process, 0)


def start_keeper() -> None:
    """Have the files that are entrusted kept by a process with root's rights. Raises OSError.

    To be called with these rights, and without threads.
    """
    if sys.platform == "win32" or not ENTRUSTED:
        return
    import atexit

    files = ENTRUSTED[:]
    ENTRUSTED.clear()
    requests, answers = os.pipe(), os.pipe()
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        process = os.fork()
        if process == 0:
            _serve_requests(files, requests[0], answers[1])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    os.close(requests[0])
    os.close(answers[1])
    keeper = RootKeeper(files, process, requests[1], answers[0])
    for file in files:
        file.entrust_to(keeper)
    atexit.register(keeper.close)


def _serve_requests(files: "list[KeptFile]", requests: int, answers: int) -> None:
    """The other process' whole life. It never returns. All signals stay blocked: it ends with the first one."""
    try:
        _close_all_but(files, requests, answers)
        _keep_few_rights(files)
        while len(request := os.read(requests, _REQUEST.size)) == _REQUEST.size:
            what, number = _REQUEST.unpack(request)
            os.write(answers, _answer_request(what, files[number]))
        for file in files:
            file.discard()
    finally:
        os._exit(0)


def _answer_request(what: bytes, file: "KeptFile") -> bytes:
    """Do it; the answer."""
    try:
        if what == _KEEP:
            file.put_in_place()
        else:
            file.remove_new_file()
    except OSError as error:
        text = (error.strerror or str(error) or "it failed").encode("utf-8", "replace")[:1000]
        return _ANSWER.pack(error.errno or 0, len(text)) + text
    return _ANSWER.pack(0, 0)


def _close_all_but(files: "list[KeptFile]", *others: int) -> None:
    """Sockets, inputs and the standard streams are not its own."""
    if sys.platform == "win32":
        raise NotImplementedError(_NO_FORK)
    wanted = {*others}
    for file in files:
        wanted.update(file.open_handles)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        if number not in wanted:
            os.dup2(null, number)
    try:
        opened = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - pathlib is slow to import
    except OSError:
        opened = list(range(min(os.sysconf("SC_OPEN_MAX"), _MOST_OPEN)))
    for number in opened:
        if number > 2 and number not in wanted:
            with suppress(OSError):
                os.close(number)


def _keep_few_rights(files: "list[KeptFile]") -> None:
    if sys.platform == "linux":
        keep_capabilities(_RIGHTS)
        confine_process(write=[f"/proc/self/fd/{file.place.folder}" for file in files], sockets="none")


def _read_exactly(handle: int, amount: int) -> bytes:
    data = b""
    while len(data) < amount:
        more = os.read(handle, amount - len(data))
        if not more:
            raise OSError(0, _ENDED)
        data += more
    return data
