"""How the program leaves, whatever happens in a command; and how it begins, whatever its standard streams are.

``python -m tests.cli.main_calls`` writes ``main_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import io
import itertools
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag import __version__
from ucdiag.cli.crash import EXIT_CODE, FORCE, FORMAT, OUTPUT, PROFILE, SHOWN, VERBOSE
from ucdiag.runtime.context import CannotTest

FILE = Path(__file__).with_name("main_calls.txt")
main: Any = import_module("ucdiag.cli.main")
_before = signal.getsignal(signal.SIGINT)
program: Any = import_module("ucdiag.program")
signal.signal(signal.SIGINT, _before)  # it takes Ctrl-C as its own
Patch = pytest.MonkeyPatch
FULL = OSError(errno.ENOSPC, "No space left on device")
PIPE = BrokenPipeError(errno.EPIPE, "Broken pipe")


def wrapped(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


ERRORS: dict[str, Any] = {
    "exit": SystemExit(4),
    "exit with a text": SystemExit("text"),
    "help": click.exceptions.Exit(0),
    "no command": main.NoCommand("Commands: one\nTry it."),
    "usage": click.UsageError("It is wrong."),
    "Ctrl-C": KeyboardInterrupt(),
    "end of input": EOFError(),
    "abort": click.Abort(),
    "pipe": PIPE,
    "wrapped Ctrl-C": wrapped(RuntimeError("x"), KeyboardInterrupt()),
    "cannot": CannotTest("no-domain", "There is none."),
    "cannot write": CannotTest("output", "cannot write to 'x'"),
    "memory": MemoryError(),
    "bug": ValueError("a flaw"),
    "full": FULL,
}


def saying(patch: Patch, said: list[Any]) -> None:
    """What goes to standard error is noted, and what would be written as a report."""
    patch.setattr(main, "print_error", said.append)
    patch.setattr(main, "print_message", lambda text: said.append(f"ucdiag: {text}"))
    patch.setattr(main, "report_bug", lambda error, text, verbose: said.append(("bug", text, verbose)))
    patch.setattr(main, "describe_bug", lambda error, command: f"a bug of {command}")


def _left() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for (name, error), meta, words in itertools.product(
        ERRORS.items(), ({}, {FORMAT: ("json",), VERBOSE: 2}), (("check",), ("check", "--json"))
    ):

        def run(patch: Patch, error: Any = error, meta: Any = meta, words: Any = words) -> Any:
            said: list[Any] = []
            saying(patch, said)
            patch.setattr(
                main, "_write_problem", lambda words, target, *rest, **more: said.append((*target, *rest, more))
            )
            patch.setattr("ucdiag.cli.first_contact.look_around", answering("here"))
            patch.setattr("ucdiag.cli.first_contact.page_lines", lambda here: [f"a page of {here}"])
            context = click.Context(click.Command("check"), info_name="check")
            context.meta.update(meta)
            group = SimpleNamespace(
                _main_shell_completion=lambda *words: said.append(words),
                make_context=lambda *words, **more: said.append((words, more)) or context,
                invoke=raising(error),
            )
            seen: list[Any] = []
            code = main._run_command(group, list(words), "ucdiag", None, {"obj": 1}, seen)
            return code, seen, said

        found[f"left by {name}, {len(meta)} {' '.join(words)}"] = run
    for result in (None, 0, 3, "x", True):
        found[f"left with {result!r}"] = lambda patch, r=result: main._run_command(
            SimpleNamespace(
                _main_shell_completion=answering(None),
                make_context=lambda *words, **more: click.Context(click.Command("x")),
                invoke=answering(r),
            ),
            [],
            "ucdiag",
            None,
            {},
            [],
        )

    def closed(patch: Patch) -> Any:
        said: list[Any] = []
        saying(patch, said)
        patch.setattr(sys, "stdout", None)
        group = SimpleNamespace(_main_shell_completion=raising(click.exceptions.Exit(0)))
        return main._run_command(group, [], "ucdiag", None, {}, []), said

    found["left by help, closed"] = closed
    for code, own, words in itertools.product(
        (0, 1, 2, 3, 70, 130), (None, 2), (("check",), ("check", "-f", "nagios"), ("-f", "nagios"))
    ):
        meta = {} if own is None else {EXIT_CODE: own}
        found[f"code for a reader {code} {own} {len(words)}"] = lambda patch, c=code, m=meta, w=words: (
            main._code_for_reader(c, m, w),
            main._code_for_reader(c, {**m, FORMAT: ("nagios",)}, ["check"]),
        )

    def second(patch: Patch, stuck: bool) -> Any:
        writer = Noted(stop=None, ignore_failures=None, stop_if_stuck=None)
        shown: list[str] = []
        patch.setattr(main, "_run_command", answering(0))
        patch.setattr(main, "_flush_output", raising(KeyboardInterrupt()))
        patch.setattr(main, "complete_writer_of", answering(writer if stuck else None))
        code = main._run_command_safely(None, [], "ucdiag", None, {}, lambda: shown.append("shown"))
        return code, writer.notes, shown

    found["left by a second Ctrl-C"] = lambda patch: second(patch, True)
    found["left by a second Ctrl-C, no writer"] = lambda patch: second(patch, False)
    for flushed, written in itertools.product(
        (None, FULL, PIPE, ValueError("closed")), ("none", None, FULL, PIPE, OSError())
    ):

        def flush(patch: Patch, flushed: Any = flushed, written: Any = written) -> Any:
            said: list[Any] = []
            saying(patch, said)
            writer = SimpleNamespace(error=written, ignore_failures=lambda: said.append("ignored"))
            patch.setattr(sys, "stdout", SimpleNamespace(flush=raising(flushed) if flushed else answering(None)))
            patch.setattr(main, "complete_writer_of", answering(None if written == "none" else writer))
            return main._flush_output(1), repr(main._output_error()), said

        found[f"left and flushed, {flushed!r} {written!r}"] = flush
    return found


def _told() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Call] = {}
    for code, (name, meta), words in itertools.product(
        ("bug", "output"),
        {
            "text": {},
            "json": {FORMAT: ("json",)},
            "shown": {FORMAT: ("json",), SHOWN: True},
            "file": {FORMAT: ("json", "csv"), OUTPUT: ("a.json", "b.csv")},
            "force": {FORMAT: ("json",), OUTPUT: ("there.json",), FORCE: True},
            "there": {FORMAT: ("json",), OUTPUT: ("there.json",)},
            "nowhere": {FORMAT: ("json",), OUTPUT: ("none/x.json",)},
            "wrong": {FORMAT: ("json", "csv"), OUTPUT: ("a", "b", "c")},
            "prose": {FORMAT: ("markdown",)},
            "monitor": {FORMAT: ("nagios",)},
        }.items(),
        (("check",), ("probe", "--json"), ("nothing",)),
    ):

        def told(patch: Patch, code: Any = code, meta: Any = meta, words: Any = words) -> Any:
            said: list[Any] = []
            saying(patch, said)
            out = io.StringIO()
            patch.setattr(sys, "stdout", out)
            patch.setattr("ucdiag.cli.runner.time_ns", answering(5_000_000))
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "there.json").write_text("old", encoding="utf-8")
                patch.chdir(folder)
                main._write_problem_for_program(words, meta, code, "It went wrong.")
                files = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(folder).iterdir())}
                patch.undo()
            shown = {"": out.getvalue(), **files}
            return {name: text.replace(f'"{__version__}"', "VERSION")[:160] for name, text in shown.items()}, said

        found[f"told {code} {name} {words[0]}"] = told

    def fails(patch: Patch) -> Any:
        said: list[Any] = []
        saying(patch, said)
        patch.setattr("ucdiag.cli.runner.report_of_problem", raising(TypeError("x")))
        main._write_problem_for_program(["check", "--json"], {}, "bug", "text")
        return said

    found["told not, another bug"] = fails
    for context, words, profile in itertools.product((True, False), ((), ("check",), ("chek",)), (True, False)):

        def usage(patch: Patch, context: bool = context, words: Any = words, profile: bool = profile) -> Any:
            said: list[Any] = []
            saying(patch, said)
            group = click.Context(click.Group("ucdiag"), info_name="ucdiag")
            own = click.Context(click.Command("logs"), parent=group, info_name="logs") if context else None
            meta = {PROFILE: SimpleNamespace(path="/p.toml")} if profile else {}
            return main._report_usage_error(click.UsageError("It is wrong.", own), words, meta), said

        found[f"told of wrong use {context} {words} {profile}"] = usage
    for words in (
        ["check", "--json"],
        ["check", "-f", "nagios"],
        ["capture", "-w", "-", "--json"],
        ["check", "-f", "csv"],
    ):

        def for_program(patch: Patch, words: Any = words) -> Any:
            said: list[Any] = []
            saying(patch, said)
            patch.setattr(main, "_write_problem_for_program", lambda *rest: said.append(rest))
            return main._report_usage_error(click.UsageError("It is wrong."), words, {}), said

        found[f"told a program of wrong use, {words}"] = for_program
    for refused, error in itertools.product(
        (None, FULL), (FULL, CannotTest("output", "x"), CannotTest("no-domain", "y"))
    ):

        def exception(patch: Patch, refused: Any = refused, error: Any = error) -> Any:
            said: list[Any] = []
            saying(patch, said)
            patch.setattr(main, "_output_error", answering(refused))
            patch.setattr(main, "_write_problem_for_program", lambda words, meta, *rest: said.append(rest))
            return main._report_exception(error, ["check"], {VERBOSE: 1}), said

        found[f"told why, {refused} {error}"] = exception
    return found


def _signalled() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def frames(*codes: tuple[str, str]) -> Any:
        frame = None
        for name, file in reversed(codes):
            frame = SimpleNamespace(f_code=SimpleNamespace(co_name=name, co_filename=file), f_back=frame)
        return frame

    cases = {
        "nothing": None,
        "a function": frames(("read", "x.py"), ("main", "y.py")),
        "a finalizer": frames(("close", "x.py"), ("__del__", "y.py"), ("main", "z.py")),
        "a weak reference": frames(("_remove", "/lib/weakref.py")),
        "a weak set": frames(("_remove", "/lib/_weakrefset.py")),
        "a callback of an import": frames(("cb", "<frozen importlib._bootstrap>")),
        "another callback": frames(("cb", "x.py")),
        "an import": frames(("load", "<frozen importlib._bootstrap>")),
    }
    for (name, frame), platform in itertools.product(cases.items(), ("linux", "win32")):

        def signalled(patch: Patch, frame: Any = frame, platform: str = platform) -> Any:
            notes: list[Any] = []
            patch.setattr(main.sys, "platform", platform)
            patch.setattr("signal.signal", lambda number, call: notes.append((int(number), call.__name__)))
            patch.setattr("signal.setitimer", lambda *words: notes.append(tuple(map(float, words))))
            try:
                main._raise_keyboard_interrupt(2, frame)
            except KeyboardInterrupt:
                notes.append("interrupted")
            return notes

        found[f"signal in {name} {platform}"] = signalled

    def begun(ignored: bool, ends: Any) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []

            def run(**how: Any) -> None:
                notes.append(sorted(how))
                how["when_shown"]()
                raise ends

            patch.setattr(main, "_prepare_standard_streams", lambda: notes.append("streams"))
            patch.setattr(main.cli, "main", run)
            patch.setattr(
                "signal.signal", lambda number, call: notes.append((int(number), getattr(call, "__name__", str(call))))
            )
            patch.setattr("signal.getsignal", answering(signal.SIG_IGN if ignored else signal.SIG_DFL))
            try:
                main.main()
            except SystemExit as done:
                notes.append(done.code)
            return notes

        return examine

    for ignored, ends in itertools.product((True, False), (SystemExit(3), KeyboardInterrupt())):
        found[f"begun {ignored} {ends!r}"] = begun(ignored, ends)

    def streams(shut: tuple[int, ...], write_fails: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []

            def fstat(number: int) -> None:
                if number in shut:
                    raise OSError(errno.EBADF, "x")

            system = Noted(main.os, set_inheritable=None, open=9, write=write_fails)
            system._answers["fstat"] = fstat
            errors = Noted(ignore_failures=None)
            kept = sys.stdin, sys.stdout, sys.stderr
            patch.setattr(main, "os", system)
            patch.setattr(main, "with_complete_writes", lambda stream: f"complete {stream}")
            patch.setattr(main, "complete_writer_of", lambda stream: notes.append(f"asked of {stream}") or errors)
            try:
                sys.stdin, sys.stdout, sys.stderr = "in", "out", "err"  # type: ignore[assignment]
                main._prepare_standard_streams()
                now = sys.stdin, sys.stdout, sys.stderr
            finally:
                sys.stdin, sys.stdout, sys.stderr = kept
            return now, notes, system.notes, errors.notes

        return examine

    for shut in ((), (0,), (1,), (2,), (0, 1, 2)):
        found[f"streams, shut {shut}"] = streams(shut)
    found["streams, not for writing"] = streams((), OSError(errno.EBADF, "x"))
    found["streams, full"] = streams((), FULL)
    return found


def _programmed() -> dict[str, Call]:
    """The program before and around all that."""
    found: dict[str, Call] = {}
    errors: dict[str, Callable[[], BaseException]] = {
        "Ctrl-C": KeyboardInterrupt,
        "memory": MemoryError,
        "unmapped": lambda: ImportError("x: failed to map segment from shared object"),
        "no module": lambda: ImportError("no module named x"),
        "no memory": lambda: OSError(errno.ENOMEM, "x"),
        "denied": lambda: OSError(errno.EACCES, "x"),
        "behind": lambda: wrapped(ImportError("x"), MemoryError()),
        "system": lambda: SystemError("returned NULL without exception set"),
        "exit": lambda: SystemExit(3),
    }
    for (name, make), fails in itertools.product(errors.items(), (None, FULL)):

        def run(patch: Patch, make: Any = make, fails: Any = fails) -> Any:
            system = Noted(program.os, write=fails, _exit=RuntimeError("it is left"))
            patch.setattr(program, "os", system)
            # What it does is for a process of its own: tests/cli/test_start_up.py.
            patch.setattr(program, "_end_process", lambda code: None)
            patch.setattr(main, "main", raising(make()))
            try:
                program.main()
            except BaseException as error:  # noqa: BLE001 - an exit is none of Exception
                return repr(error), system.notes
            return system.notes

        found[f"program, {name} {fails and fails.errno}"] = run
    return found


CALLS: dict[str, Call] = {
    **_left(),
    **_told(),
    **_signalled(),
    **_programmed(),
    "told in short": lambda patch: main._short_help(main.cli, click.Context(main.cli, info_name="ucdiag")),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
