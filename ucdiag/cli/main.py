"""The list of commands, and the place where every exception ends.

Nothing heavy may be imported here: ``ucdiag --help`` pays for every import of this file. The commands
themselves are imported one at a time, when they are called; what the list says about them stands in
``COMMANDS``. To add a command, write ``ucdiag/cli/<module>.py`` with an attribute ``command``
(see the top of ``ucdiag/cli/runner.py``) and add its line to the table.

Exit codes are those of ``ucdiag.cli.exit_codes``.
"""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn, get_args

import click

from ucdiag import __version__
from ucdiag.cli.crash import FORMAT, OUTPUT, SHOWN, VERBOSE, describe_bug, print_error, report_bug
from ucdiag.cli.exit_codes import BUG, INTERRUPTED, UNKNOWN, USAGE, WHOLE
from ucdiag.cli.standard_streams import CLOSED, complete_writer_of, with_complete_writes
from ucdiag.model.vocabulary import CommandName, ProblemCode

# name -> (module, what the list of commands says)
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("ucdiag.cli.check", "Walk the whole update path as seen from this machine."),
    "check-dhcp": ("ucdiag.cli.check_dhcp", "Tell which DNS domain DHCP hands out, here and to a phone."),
    "check-dns": ("ucdiag.cli.check_dns", "Look up the update server's names in the DHCP domain."),
    "probe": ("ucdiag.cli.probe", "Send a phone's update request, judge the answer, fetch the file."),
    "capture": ("ucdiag.cli.capture", "Tell from the wire, or from a capture, where each phone's path breaks."),
    "explain": ("ucdiag.cli.explain", "Explain a finding code, or list them all."),
    "lab": ("ucdiag.cli.lab", "Try it on an embedded site, whole or with one fault."),
}

HELP = """Tells at which step the firmware update path of a Polycom CX700, or any phone running
Communicator or Lync Phone Edition, breaks, why, and what to change.

Every option also reads UCDIAG_<OPTION> from the environment, or UCDIAG_<COMMAND>_<OPTION> for one
command alone: UCDIAG_TIMEOUT=2, UCDIAG_CHECK_DNS_DOMAIN=contoso.com.
"""
EPILOG = """\b
Exit codes:
  0 whole (warnings allowed)  1 broken  2 used wrongly  3 could not test or tell
  70 a bug in ucdiag  130 interrupted
"""


class NoCommand(click.UsageError):
    """A group was called without anything; ``message`` is its help."""


class _Commands(click.Group):
    """A group whose commands are imported only when they are called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # Each version of click has its own way to show the help here, with its own exit code.
        if not args and not ctx.resilient_parsing:
            raise NoCommand(ctx.get_help(), ctx)
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
            from difflib import get_close_matches

            near = get_close_matches(name.lower(), COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"give one of {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {name!r}: {hint}", ctx)
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
        **extra: Any,
    ) -> Any:
        """Run, and leave with an exit code of the contract whatever happens."""
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

        sys.exit(_run_command_safely(self, arguments, prog_name, complete_var, extra))


def _run_command_safely(
    group: "_Commands", arguments: list[str], prog_name: str, complete_var: str | None, extra: dict[str, Any]
) -> int:
    try:
        return _flush_output(_run_command(group, arguments, prog_name, complete_var, extra))
    except KeyboardInterrupt:  # the second one: the user waits no longer for an output that nobody reads
        writer = complete_writer_of(sys.stdout)
        if writer is not None:
            writer.stop()
            writer.ignore_failures()
        return INTERRUPTED


def _run_command(
    group: "_Commands", arguments: list[str], prog_name: str, complete_var: str | None, extra: dict[str, Any]
) -> int:
    meta: dict[str, Any] = {}
    try:
        group._main_shell_completion(extra, prog_name, complete_var)
        with group.make_context(prog_name, arguments, **extra) as context:
            meta = context.meta
            code = group.invoke(context)
        return code if isinstance(code, int) else WHOLE
    except SystemExit as done:  # what a shell asked, to complete a line, is answered
        return done.code if isinstance(done.code, int) else WHOLE
    except click.exceptions.Exit as done:
        # Help or the version: nothing but what was to be printed.
        if sys.stdout is not None:
            return done.exit_code
        print_error(f"ucdiag: {CLOSED}")
        return UNKNOWN
    except NoCommand as wrong:
        _print_help(wrong)
        return USAGE
    except click.ClickException as wrong:
        return _report_usage_error(wrong, arguments)
    except (KeyboardInterrupt, EOFError, click.Abort):
        print_error("ucdiag: interrupted")
        _write_problem_as_json(
            arguments, meta, "interrupted", "It was interrupted before anything was measured: run it again."
        )
        return INTERRUPTED
    except BrokenPipeError:
        return INTERRUPTED  # the reader has seen what it wanted
    except Exception as error:  # noqa: BLE001 - every unexpected exception ends here
        return _report_exception(error, arguments, meta)


def _flush_output(code: int) -> int:
    """``code``, once all that was to be shown is written: the one place that decides what it means where it is not.

    A reader who left before the end has seen what it wanted, and that changes no code.
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
    print_error(f"ucdiag: cannot write to standard output: {str(failed.strerror or failed).lower()}")
    return UNKNOWN


def _output_error() -> OSError | None:
    """Why standard output took no more, apart from a reader who left."""
    writer = complete_writer_of(sys.stdout)
    if writer is None or isinstance(writer.error, BrokenPipeError):
        return None
    return writer.error


def _print_help(wrong: "NoCommand") -> None:
    """The help, on standard error: it is not what was asked for."""
    for line in wrong.message.splitlines():
        print_error(line)


def _report_usage_error(wrong: click.ClickException, arguments: Sequence[str]) -> int:
    context = getattr(wrong, "ctx", None)
    if context is not None:
        path = context.command_path
    else:  # click's parser does not always say where it was
        path = f"ucdiag {arguments[0]}" if arguments and arguments[0] in COMMANDS else "ucdiag"
    message = wrong.format_message()
    if isinstance(wrong, click.BadParameter):
        # click's own preface, "Invalid value for", says nothing that the sentence does not say.
        message = f"{_option_as_given(wrong)}: {wrong.message}"
    elif isinstance(wrong, click.FileError):
        message = f"{wrong.ui_filename!r}: {wrong.message}"
    print_error(f"ucdiag: {message}")
    print_error(f"Try '{path} --help'.")
    return USAGE


def _option_as_given(wrong: click.BadParameter) -> str:
    """The option as the user gave it: its spelling on the command line, or the environment variable."""
    parameter, context = wrong.param, wrong.ctx
    if parameter is None or context is None:
        return str(wrong.param_hint or "the command line")
    source = context.get_parameter_source(parameter.name or "")
    if source is click.core.ParameterSource.ENVIRONMENT:
        names = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or ())
        return "the environment variable " + next((name for name in names if os.environ.get(name)), "UCDIAG_…")
    if isinstance(parameter, click.Argument):
        return parameter.make_metavar(context).strip("[]")
    return "/".join(parameter.opts)


def _report_exception(error: Exception, arguments: Sequence[str], meta: dict[str, Any]) -> int:
    from ucdiag.runtime.context import CannotTest

    command = _command_name(arguments)
    refused = _output_error()
    if isinstance(error, CannotTest):
        code, text, leave = error.code, error.text, UNKNOWN
        if code != "output" or refused is None:
            print_error(f"ucdiag: {text}")
    elif error is refused:
        return UNKNOWN
    else:
        code, text, leave = "bug", describe_bug(error, command), BUG
        report_bug(error, text, meta.get(VERBOSE, 0))
    _write_problem_as_json(arguments, meta, code, text)
    return leave


def _write_problem_as_json(arguments: Sequence[str], meta: dict[str, Any], code: ProblemCode, text: str) -> None:
    """Who asked for JSON gets one object also from a run that came to nothing, and never two."""
    if meta.get(FORMAT, "json" if "--json" in arguments else None) != "json" or meta.get(SHOWN):
        return
    from ucdiag.cli.output import Output
    from ucdiag.cli.runner import report_of_problem
    from ucdiag.runtime.context import CannotTest
    from ucdiag.views.json_view import write_json

    try:
        with Output(meta.get(OUTPUT)) as output:
            write_json(report_of_problem(_command_name(arguments), code, text), output.stream)
            output.keep()
    except (OSError, CannotTest):
        return  # standard error says why
    except Exception as error:  # noqa: BLE001 - the bug may be in what writes JSON: then one plain sentence must do
        print_error(f"ucdiag: the JSON report of it could not be written either ({type(error).__name__}).")


def _command_name(arguments: Sequence[str]) -> CommandName:
    names: tuple[CommandName, ...] = get_args(CommandName)
    return next((name for word in arguments if word in COMMANDS for name in names if name == word), "ucdiag")


@click.group(
    cls=_Commands,
    name="ucdiag",
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", prog_name="ucdiag", message="%(prog)s %(version)s")
def cli() -> None:
    """The group; ``main`` is the entry point."""


def _raise_keyboard_interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # The same way out as Ctrl-C: what was measured so far is shown, files are closed.
    raise KeyboardInterrupt


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

    _prepare_standard_streams()
    signal.signal(signal.SIGTERM, _raise_keyboard_interrupt)
    cli.main(prog_name="ucdiag")
    raise AssertionError("a command always ends with sys.exit")  # pragma: no cover
