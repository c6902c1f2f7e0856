"""Reports a bug: one message on standard error, and for JSON a report with the facts of the run so far.

Every start of the program imports this file, so nothing heavy may be imported here.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import suppress

import click

from ucdiag import __version__

# Keys of the root context's ``meta``: what has to be known of a run when something goes wrong.
FORMAT = "ucdiag.format"  # the names of the chosen formats
VERBOSE = "ucdiag.verbose"  # how often -v was given
OUTPUT = "ucdiag.output"  # what -o names
FORCE = "ucdiag.force"  # true where files may be overwritten
PROFILE = "ucdiag.profile"  # the site profile of which values are used
SHOWN = "ucdiag.shown"  # true once the report is shown
OWN_PROCESS = "ucdiag.own-process"  # the root context's ``obj`` where the process is the program
EXIT_CODE = "ucdiag.exit-code"  # that of a format with codes of its own


_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_DEPTH = 20  # of a chain of exceptions


def describe_bug(error: BaseException, command: str) -> str:
    """One sentence for a report of a bug: version, command, exception, and the last frame that is ours."""
    home = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120 - pathlib is not worth its import here
    trace, ours, last = error.__traceback__, "", ""
    while trace is not None:
        code = trace.tb_frame.f_code
        name = "/".join(code.co_filename.replace("\\", "/").split("/")[-3:])
        last = f"{name}, line {trace.tb_lineno}, in {code.co_name}"
        if code.co_filename.startswith(home):
            ours = last
        trace = trace.tb_next
    where = last if last == ours or not ours else f"{ours}; {last}"
    said = str(error)[:500]
    return (
        f"a bug in ucdiag {__version__}, command {command}: {type(error).__name__}"
        f"{': ' + said if said else ''} ({where})"
    )


def is_interruption(error: BaseException) -> bool:
    """Whether Ctrl-C is behind an exception: Python wraps what is raised while a class is made."""
    return any(isinstance(cause, KeyboardInterrupt) for cause in _error_chain(error))


def shortage_text(error: BaseException) -> str | None:
    """The sentence for an exception that says that this machine ran out of memory, open files or room; else None."""
    for cause in _error_chain(error):
        unmapped = isinstance(cause, ImportError) and "failed to map segment" in str(cause)
        # So Python says that there was no memory for the exception itself.
        unsaid = isinstance(cause, SystemError) and "without exception set" in str(cause)
        refused = isinstance(cause, OSError) and cause.errno == errno.ENOMEM
        if isinstance(cause, MemoryError) or unmapped or unsaid or refused:
            return "This process may not have more memory: close programs, or raise its limit (ulimit -v)."
        if isinstance(cause, RuntimeError) and "start new thread" in str(cause):
            return (
                "This process cannot start another thread: close programs, or raise its limit (ulimit -u, ulimit -v)."
            )
        if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
            why = cause.strerror
            return f"This process cannot open another file ({why}): close programs, or raise its limit (ulimit -n)."
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            return f"A disk takes no more ({cause.strerror}): make room, or name a folder with room in TMPDIR."
    return None


def _error_chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_DEPTH):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def report_bug(error: BaseException, text: str, verbose: int) -> None:
    """The one message of a bug on standard error; with a traceback only if ``UCDIAG_TRACEBACK`` or ``-v`` asks."""
    print_message(f"{text}.")
    if verbose or os.environ.get("UCDIAG_TRACEBACK", "") not in ("", "0"):
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            print_error(line)
    else:
        print_error(
            "Please report it to the project's issue tracker, with what UCDIAG_TRACEBACK=1 adds to this message."
        )


def print_message(text: str) -> None:
    """A message of the program on standard error, with its name before it."""
    print_error(f"ucdiag: {text}")


def print_error(line: str) -> None:
    """One line on standard error, made safe; a closed or full standard error is ignored."""
    from ucdiag.model.visible_text import visible

    if sys.stderr is None:
        return
    with suppress(OSError):
        # Named, because click passes by what rich puts there to keep such a line apart from those that change.
        click.echo("\n".join(_rows(visible(line))), file=sys.stderr)


def _rows(line: str) -> list[str]:
    """The line; on a terminal broken between words, unless it is indented: such a line is a command, to be pasted."""
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return [line]
    if line.startswith(" ") or not 20 < columns <= len(line):
        return [line]
    try:
        from ucdiag.views.line_writer import wrap_prose
    except (ImportError, OSError):  # no more files may be opened
        return [line]
    return wrap_prose(line, columns - 1)
