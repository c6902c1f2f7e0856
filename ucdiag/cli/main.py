"""The list of commands, and the place where every exception ends.

Nothing heavy may be imported here: ``ucdiag --help`` pays for every import of this file. The commands
themselves are imported one at a time, when they are called; what the list says about them stands in
``COMMANDS``. To add a command, write ``ucdiag/cli/<module>.py`` with an attribute ``command``
(see the top of ``ucdiag/cli/runner.py``) and add its line to the table.

Exit codes are those of ``ucdiag.cli.exit_codes``.
"""

import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from ucdiag import __version__
from ucdiag.cli.crash import (
    EXIT_CODE,
    FORCE,
    FORMAT,
    OUTPUT,
    OWN_PROCESS,
    PROFILE,
    SHOWN,
    VERBOSE,
    describe_bug,
    is_interruption,
    print_error,
    print_message,
    report_bug,
    shortage_text,
)
from ucdiag.cli.exit_codes import BROKEN, BUG, INTERRUPTED, UNKNOWN, USAGE, WHOLE
from ucdiag.cli.plain_help import PlainOption, WithPlainTexts
from ucdiag.cli.standard_streams import CLOSED, complete_writer_of, with_complete_writes
from ucdiag.model.visible_text import quoted

if TYPE_CHECKING:
    from ucdiag.cli.targets import Target
    from ucdiag.model.vocabulary import CommandName, ProblemCode

if sys.version_info < (3, 12):
    # click imports datetime, whose classes in Python go when those in C have come: a quarter of a MiB.
    gc.collect()

# name -> (module, what the list of commands says)
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("ucdiag.cli.check", "Walk the whole update path as seen from this machine."),
    "check-dhcp": ("ucdiag.cli.check_dhcp", "Report which DNS domain DHCP hands out, here and to a phone."),
    "check-dns": ("ucdiag.cli.check_dns", "Look up the update server's names in the DHCP domain."),
    "probe": ("ucdiag.cli.probe", "Send a phone's update request, judge the answer, fetch the file."),
    "capture": ("ucdiag.cli.capture", "Report where each phone's path breaks, from live packets or from captures."),
    "logs": ("ucdiag.cli.logs", "Report each phone's requests and their answers, from the server's logs."),
    "report": ("ucdiag.cli.report", "Show stored reports again, merge them, or compare two points in time."),
    "explain": ("ucdiag.cli.explain", "Explain a code that a report prints, or list them all."),
    "doctor": ("ucdiag.cli.doctor", "Report what this machine can test, and how to repair what it cannot."),
    "lab": ("ucdiag.cli.lab", "Try it on an embedded site, whole or with one fault."),
    "completion": ("ucdiag.cli.completion", "Print the script that completes command lines in your shell."),
}

HELP = """Reports at which step the firmware update path of a Polycom CX700, or any phone running
Communicator or Lync Phone Edition, breaks, why, and what to change.

Every option also reads UCDIAG_<OPTION> from the environment, or UCDIAG_<COMMAND>_<OPTION> for one
command alone: UCDIAG_TIMEOUT=2, UCDIAG_CHECK_DNS_DOMAIN=contoso.com.
"""
EPILOG = """\b
Exit codes:
  0 whole (warnings allowed)  1 broken  2 used wrongly
  3 could not test or tell  4 whole, but not as expected (report --expect)
  70 a bug in ucdiag  130 interrupted
"""


class NoCommand(click.UsageError):
    """The program was called without arguments."""


class _Commands(WithPlainTexts, click.Group):
    """A group whose commands are imported only when they are called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Each version of click has its own way to show the help here, with its own exit code.
        if not args and not ctx.resilient_parsing:
            raise NoCommand(_short_help(self, ctx), ctx)
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = str(args[0])
        if name not in COMMANDS and not name.startswith("-"):
            from ucdiag.cli.usage_errors import nearest_of

            near = nearest_of(name, COMMANDS)
            hint = f"did you mean {near[0]}?" if near else f"give one of {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {quoted(name)}: {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        when_shown: Callable[[], None] = lambda: None,
        **extra: Any,
    ) -> Any:
        """Run, and leave with an exit code of the contract whatever happens.

        ``when_shown`` is called once all is shown, so that there is nothing left to interrupt.
        """
        arguments = list(sys.argv[1:] if args is None else args)
        prog_name = prog_name or "ucdiag"
        if not standalone_mode:
            return super().main(
                arguments,
                prog_name,
                complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )

        sys.exit(_run_command_safely(self, arguments, prog_name, complete_var, extra, when_shown))


def _run_command_safely(
    group: "_Commands",
    arguments: list[str],
    prog_name: str,
    complete_var: str | None,
    extra: dict[str, Any],
    when_shown: Callable[[], None],
) -> int:
    seen: list[dict[str, Any]] = []
    try:
        code = _flush_output(_run_command(group, arguments, prog_name, complete_var, extra, seen))
    except KeyboardInterrupt:  # the second one: the user waits no longer for an output that nobody reads
        writer = complete_writer_of(sys.stdout)
        if writer is not None:
            writer.stop()
            writer.ignore_failures()
        code = INTERRUPTED
    when_shown()
    return _code_for_reader(code, seen[0] if seen else {}, arguments)


def _code_for_reader(code: int, meta: dict[str, Any], arguments: Sequence[str]) -> int:
    """``code``, or the format's own exit code (``-f nagios``), which is UNKNOWN for every error."""
    if EXIT_CODE in meta:
        own: int = meta[EXIT_CODE]
        return own if code in (WHOLE, BROKEN, INTERRUPTED) else UNKNOWN
    if code == WHOLE:
        return code
    try:
        from ucdiag.cli.asked_format import asks_for
    except (ImportError, OSError):  # no more files may be opened, and that was said
        return code

    if _MONITOR in meta.get(FORMAT, ()) or asks_for(_MONITOR, arguments, _command_name(arguments)):
        return UNKNOWN
    return code


_MONITOR = "nagios"


def _run_command(
    group: "_Commands",
    arguments: list[str],
    prog_name: str,
    complete_var: str | None,
    extra: dict[str, Any],
    seen: list[dict[str, Any]],
) -> int:
    meta: dict[str, Any] = {}
    try:
        group._main_shell_completion(extra, prog_name, complete_var)
        with group.make_context(prog_name, arguments, **extra) as context:
            meta = context.meta
            seen.append(meta)
            code = group.invoke(context)
        return code if isinstance(code, int) else WHOLE
    except SystemExit as done:  # what a shell asked, to complete a line, is answered
        return done.code if isinstance(done.code, int) else WHOLE
    except click.exceptions.Exit as done:
        # Help or the version: nothing but what was to be printed.
        if sys.stdout is not None:
            return done.exit_code
        print_message(CLOSED)
        return UNKNOWN
    except NoCommand as wrong:
        _ask_what_there_is(wrong)
        return USAGE
    except click.ClickException as wrong:
        return _report_usage_error(wrong, arguments, meta)
    except (KeyboardInterrupt, EOFError, click.Abort):
        return _report_interruption(arguments, meta)
    except BrokenPipeError:
        return INTERRUPTED  # the reader has seen what it wanted
    except Exception as error:  # noqa: BLE001 - every unexpected exception ends here
        if is_interruption(error):
            return _report_interruption(arguments, meta)
        return _report_exception(error, arguments, meta)


def _flush_output(code: int) -> int:
    """Flush the output. Returns ``code``, or another one if the output could not be written.

    A reader that closed before the end does not change the code.
    """
    failed = None
    try:
        if sys.stdout is not None:  # closed, and not needed: the report went into a file
            sys.stdout.flush()
    except (OSError, ValueError) as error:
        failed = error if isinstance(error, OSError) else None
    writer = complete_writer_of(sys.stdout)
    if writer is not None:
        failed = writer.error
        # What is left in the buffer is tried once more when the interpreter ends.
        writer.ignore_failures()
    if failed is None or isinstance(failed, BrokenPipeError):
        return code
    print_message(f"cannot write to standard output: {str(failed.strerror or failed).lower()}")
    return UNKNOWN


def _output_error() -> OSError | None:
    """The error of standard output, other than a reader that closed it; None without one."""
    writer = complete_writer_of(sys.stdout)
    if writer is None or isinstance(writer.error, BrokenPipeError):
        return None
    return writer.error


def _short_help(group: "_Commands", context: click.Context) -> str:
    """The usage line and the list of commands, without the rest of the help."""
    return f"{group.get_usage(context)}\nCommands: {', '.join(COMMANDS)}\nTry '{context.command_path} --help'."


def _ask_what_there_is(wrong: "NoCommand") -> None:
    """Print on standard error what to begin with, for a call without arguments."""
    from ucdiag.cli.first_contact import look_around, page_lines

    for line in (*page_lines(look_around()), *wrong.message.splitlines()):
        print_error(line)


def _report_usage_error(wrong: click.ClickException, arguments: Sequence[str], meta: dict[str, Any]) -> int:
    context = getattr(wrong, "ctx", None)
    if context is not None:
        path = context.command_path
    else:  # click's parser does not always say where it was
        path = f"ucdiag {arguments[0]}" if arguments and arguments[0] in COMMANDS else "ucdiag"
    from ucdiag.cli.asked_format import asks_for, standard_output_is_taken
    from ucdiag.cli.usage_errors import sentence_of

    message = sentence_of(wrong, arguments, COMMANDS, path)
    print_message(message)
    print_error(f"Try '{path} --help'.")
    if meta.get(PROFILE) is not None:
        print_error(f"The profile {quoted(meta[PROFILE].path)} was read too; --no-profile leaves it out.")
    # What is wrong may stand before the option that asks for JSON.
    for format_ in ("json", _MONITOR):
        asked = format_ in meta.get(FORMAT, ()) or asks_for(format_, arguments, _command_name(arguments))
        if asked and not standard_output_is_taken(arguments):
            # Never into a file: which one is written to may be what is wrong.
            _write_problem_for_program(arguments, {FORMAT: (format_,)}, "usage", message)
            break
    return USAGE


def _report_interruption(arguments: Sequence[str], meta: dict[str, Any]) -> int:
    writer = complete_writer_of(sys.stdout)
    if writer is not None:
        writer.stop_if_stuck()  # a second signal may have come before the writer did it itself
    print_message("interrupted")
    text = "It was interrupted before anything was measured: run it again."
    _write_problem_for_program(arguments, meta, "interrupted", text)
    return INTERRUPTED


def _report_exception(error: Exception, arguments: Sequence[str], meta: dict[str, Any]) -> int:
    from ucdiag.runtime.context import CannotTest

    command = _command_name(arguments)
    refused = _output_error()
    if isinstance(error, CannotTest):
        code, text, leave = error.code, error.text, UNKNOWN
        if code != "output" or refused is None:
            print_message(text)
    elif error is refused:
        return UNKNOWN
    elif (short := shortage_text(error)) is not None:
        code, text, leave = "no-resources", short, UNKNOWN
        print_message(text)
    else:
        code, text, leave = "bug", describe_bug(error, command), BUG
        report_bug(error, text, meta.get(VERBOSE, 0))
    _write_problem_for_program(arguments, meta, code, text)
    return leave


def _write_problem_for_program(arguments: Sequence[str], meta: dict[str, Any], code: "ProblemCode", text: str) -> None:
    """Write a report of the problem for a program that reads reports, unless one was written."""
    from ucdiag.cli.targets import targets_of
    from ucdiag.views import FORMATS

    if meta.get(SHOWN):
        return
    try:
        targets = targets_of(meta.get(FORMAT, ("json",) if "--json" in arguments else ()), meta.get(OUTPUT, ()))
    except ValueError:
        return  # no run gets so far with these
    for target in targets:
        if not FORMATS[target.format].prose:
            _write_problem(arguments, target, code, text, force=meta.get(FORCE, False))


def _write_problem(arguments: Sequence[str], target: "Target", code: "ProblemCode", text: str, *, force: bool) -> None:
    from ucdiag.cli.output import Output
    from ucdiag.cli.output_files import is_occupied
    from ucdiag.cli.runner import report_of_problem
    from ucdiag.runtime.context import CannotTest
    from ucdiag.views import load_view
    from ucdiag.views.json_view import write_json
    from ucdiag.views.output_target import screen_of

    if code == "output" and target.output is not None and is_occupied(target.output):
        return  # what is there is worth more than that nothing could be written in its place
    try:
        report = report_of_problem(_command_name(arguments), code, text)
        with Output(target.output, force=force) as output:
            if target.format == "json":
                write_json(report, output.stream)
            else:
                load_view(target.format, screen_of(output.stream)).end(report)
            output.keep()
    except (OSError, CannotTest, click.UsageError):
        return  # standard error says why
    except Exception as error:  # noqa: BLE001 - the bug may be in what writes JSON: then one plain sentence must do
        print_message(f"the JSON report of it could not be written either ({type(error).__name__}).")


def _command_name(arguments: Sequence[str]) -> "CommandName":
    # tests/model/test_vocabulary.py compares COMMANDS with the names that the vocabulary has.
    return cast("CommandName", next((word for word in arguments if word in COMMANDS), "ucdiag"))


@click.group(
    cls=_Commands,
    name="ucdiag",
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", message="%(prog)s %(version)s", cls=PlainOption)
def cli() -> None:
    """The group; ``main`` is the entry point."""


_SOON = 0.005  # seconds


def _raise_keyboard_interrupt(number: int, frame: FrameType | None) -> None:
    # The same way out as Ctrl-C: what was measured so far is shown, files are closed.
    import signal

    if sys.platform != "win32" and _loses_exceptions(frame):
        signal.signal(signal.SIGALRM, _raise_keyboard_interrupt)
        signal.setitimer(signal.ITIMER_REAL, _SOON)
        return
    raise KeyboardInterrupt


def _loses_exceptions(frame: FrameType | None) -> bool:
    """Whether Python would only print what is raised here: in finalizers and in callbacks of weak references."""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code.co_filename.endswith(("weakref.py", "_weakrefset.py")):
            return True
        if code.co_name == "cb" and "importlib" in code.co_filename:
            return True
        frame = frame.f_back
    return False


def _prepare_standard_streams() -> None:
    """Python has ``None`` for a standard stream that was closed before the start; so has ucdiag for one that is not
    open for writing. The number of a closed one is taken: else the next file open_stream, a capture perhaps, would get
    it, with all that a child or a library says there."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            setattr(sys, name, None)
    for number, name in ((1, "stdout"), (2, "stderr")):
        try:
            if getattr(sys, name) is not None:
                os.write(number, b"")
        except OSError as error:
            if error.errno == errno.EBADF:
                setattr(sys, name, None)
        if getattr(sys, name) is not None:
            setattr(sys, name, with_complete_writes(getattr(sys, name)))
    errors = complete_writer_of(sys.stderr)
    if errors is not None:
        errors.ignore_failures()


def main() -> NoReturn:
    """The ``ucdiag`` program."""
    import signal

    from ucdiag.runtime.ending_signals import ending_signals

    _prepare_standard_streams()

    def ignore_signals() -> None:
        # Who presses Ctrl-C twice gets the same exit code, and no traceback of what was imported just then.
        for number in ending_signals():
            signal.signal(number, signal.SIG_IGN)

    try:
        for number in ending_signals():
            if number != signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _raise_keyboard_interrupt)
        cli.main(prog_name="ucdiag", when_shown=ignore_signals, obj=OWN_PROCESS)
    except KeyboardInterrupt:  # the third one
        ignore_signals()
        sys.exit(INTERRUPTED)
    raise AssertionError("a command always ends with sys.exit")  # pragma: no cover
