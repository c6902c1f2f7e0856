"""Where the program begins. Ctrl-C counts from here on, also while all else is still imported.

Nothing is imported before but what every Python has loaded already.
"""

import os
import sys
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]

TYPE_CHECKING = False  # mypy takes it for that of typing, which is slow to import
if TYPE_CHECKING:
    from typing import NoReturn

_ENOMEM = 12  # on each system
_INTERRUPTED = 130
_UNKNOWN = 3


def _leave(number: int, frame: object) -> "NoReturn":
    # Nothing was begun. An exception would be taken for one of what is being imported, or be lost there.
    try:
        os.write(2, b"ucdiag: interrupted\n")
    finally:
        os._exit(_INTERRUPTED)


# Who starts it in the background may have it ignored.
if getsignal(SIGINT) is default_int_handler:
    signal(SIGINT, _leave)


def main() -> "NoReturn":
    """The ``ucdiag`` program."""
    try:
        from ucdiag.runtime.late_modules import LATE, defer

        for name in LATE:
            defer(name)
        from ucdiag.cli.main import main as run

        run()
    except SystemExit as done:
        try:
            _end_process(done.code)
        except KeyboardInterrupt:
            os._exit(_INTERRUPTED)
        raise
    except Exception as error:
        # What is imported or compiled with too little memory fails in many ways. Python raises a SystemError
        # where none is left to say which.
        cause: BaseException | None = error
        while cause is not None and not (
            isinstance(cause, MemoryError | SystemError) or getattr(cause, "errno", None) == _ENOMEM
        ):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            raise
        # There is not even enough to say it in the usual way.
        try:
            os.write(2, b"ucdiag: this process may not have more memory: raise its limit (ulimit -v)\n")
        finally:
            os._exit(_UNKNOWN)


def _end_process(code: object) -> None:
    """Leave to the system what it does at once: Python takes its modules and objects apart one by one, in the time that
    a tenth of a short run takes. Where somebody watches or goes on, nothing is done."""
    import atexit
    import threading

    watched = sys.gettrace() or sys.getprofile() or sys.flags.dev_mode
    if watched or not isinstance(code, int) or threading.active_count() > 1:
        return
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return  # Python says it
    os._exit(code)
