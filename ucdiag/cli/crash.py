"""How a bug is reported: one message on standard error, and what is known of the run for a report in JSON.

Every start of the program imports this file, so nothing heavy may be imported here.
"""

import os
from contextlib import suppress

import click

from ucdiag import __version__

# Keys of the root context's ``meta``: what has to be known of a run when something goes wrong.
FORMAT = "ucdiag.format"  # the name of the chosen format
VERBOSE = "ucdiag.verbose"  # how often -v was given
OUTPUT = "ucdiag.output"  # the output file's name; None for standard output
SHOWN = "ucdiag.shown"  # true once the report is shown


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


def report_bug(error: BaseException, text: str, verbose: int) -> None:
    """The one message that a bug makes on standard error; the traceback only for who asks for it."""
    print_error(f"ucdiag: {text}.")
    if verbose or os.environ.get("UCDIAG_TRACEBACK", "") not in ("", "0"):
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            print_error(line)
    else:
        print_error(
            "Please report it to the project's issue tracker, with what UCDIAG_TRACEBACK=1 adds to this message."
        )


def print_error(line: str) -> None:
    """One line on standard error, made safe; a closed or full standard error is nobody's problem."""
    from ucdiag.views.sanitize import visible

    with suppress(OSError):
        click.echo(visible(line), err=True)
