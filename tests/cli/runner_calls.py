"""What the parts that every command shares make of a run: its end, its report, what is shown of it while it lasts.

``python -m tests.cli.runner_calls`` writes ``runner_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import io
import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag.cli.tally import Tally
from ucdiag.model.observations import Connect, Extent, Lookup
from ucdiag.model.report import Identity, PhoneReport, Problem, Source, Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.run_limit import RunLimit

FILE = Path(__file__).with_name("runner_calls.txt")
runner: Any = import_module("ucdiag.cli.runner")
views: Any = import_module("ucdiag.cli.shown_views")
outputs: Any = import_module("ucdiag.cli.output")
files: Any = import_module("ucdiag.cli.output_files")
streams: Any = import_module("ucdiag.cli.standard_streams")
usage: Any = import_module("ucdiag.cli.usage_errors")
capture: Any = import_module("ucdiag.cli.capture_run")
Patch = pytest.MonkeyPatch
DENIED = PermissionError(errno.EACCES, "Permission denied")
FULL = OSError(errno.ENOSPC, "No space left on device")
WHOLE, BROKEN, UNKNOWN = VerdictStatus.WHOLE, VerdictStatus.BROKEN, VerdictStatus.UNKNOWN


def phone(status: VerdictStatus, code: Any = None, learnt: bool = True) -> PhoneReport:
    verdict = Verdict(status=status, step=Step.DNS if code else None, code=code, summary=f"It is {status.value}.")
    seen = (Lookup(time=1, name="x", type="A"),) if learnt else ()
    return PhoneReport(phone=Identity(mac="00:04:f2:aa:bb:cc"), verdict=verdict, steps=(), observations=seen)


# Reports


def _reports() -> dict[str, Call]:
    found: dict[str, Call] = {}
    cut = Problem(code="max-time", text="Not all was read.")
    other = Problem(code="no-domain", text="There is no domain.")
    whole, broken, unknown = phone(WHOLE), phone(BROKEN, "dns-r2-missing"), phone(UNKNOWN, learnt=False)

    def report(phones: tuple[PhoneReport, ...], *problems: Problem, tally: Tally | None = None) -> Call:
        def examine(patch: Patch) -> Any:
            made_ = runner.report_of(
                "check",
                started=1,
                finished=2,
                source=Source(kind="active", name="n"),
                phones=phones,
                problems=problems,
                tally=tally,
            )
            return made_.verdict, runner.exit_code(made_), made_.problems, made_.source, made_.profile, made_.started

        return examine

    some = {
        "nobody": (),
        "whole": (whole,),
        "broken": (broken,),
        "unknown": (unknown,),
        "two whole": (whole, whole),
        "two of three broken": (whole, broken, broken),
        "one of two unknown": (whole, unknown),
        "two unknown": (unknown, unknown),
        "unknown, learnt": (phone(UNKNOWN),),
        "whole, nothing kept": (phone(WHOLE, learnt=False),),
        "broken, nothing kept": (phone(BROKEN, "dns-r2-missing", learnt=False),),
    }
    for name, phones in some.items():
        for problems in ((), (other,), (cut,), (other, cut)):
            found[f"report {name} {' '.join(problem.code for problem in problems)}"] = report(phones, *problems)
    many = Tally()
    many.add(whole.verdict, True, 12_000)
    many.add(broken.verdict, True, 1_234)
    found["report of many"] = report((), tally=many)
    for missing, phones in itertools.product((None, other), ((whole,), (broken,), (unknown,))):

        def lacking(patch: Patch, missing: Any = missing, phones: Any = phones) -> Any:
            made_ = runner.report_of(
                "check", started=1, finished=2, source=Source(kind="active"), phones=phones, problems=()
            )
            return runner.whole_of_all(made_, missing).verdict

        found[f"lacking {missing and missing.code} {phones[0].verdict.status.value}"] = lacking

    def of_problem(patch: Patch) -> Any:
        patch.setattr(runner, "time_ns", lambda: 5_000_999)
        return runner.report_of_problem("probe", "no-domain", "There is none.")

    found["report of a problem"] = of_problem
    return found


# The end of the work


def _endings() -> dict[str, Call]:
    found: dict[str, Call] = {}
    over = RunLimit(3.0)
    over.is_over = True
    short = MemoryError()
    wrapped = RuntimeError("x")
    wrapped.__cause__ = KeyboardInterrupt()
    sessions = {
        "no session": None,
        "session": SimpleNamespace(lost=False, verbose=0),
        "lost session": SimpleNamespace(lost=True, verbose=1),
    }
    errors: dict[str, BaseException | None] = {
        "none": None,
        "cannot": CannotTest("no-domain", "There is none."),
        "interrupted": KeyboardInterrupt(),
        "wrapped interruption": wrapped,
        "pipe": BrokenPipeError(errno.EPIPE, "x"),
        "bug": ValueError("a flaw"),
        "memory": short,
    }
    for (name, session), (what, error) in itertools.product(sessions.items(), errors.items()):
        for limit, bug_of in ((None, "check"), (over, None)):

            def ended(
                patch: Patch, session: Any = session, error: Any = error, limit: Any = limit, bug_of: Any = bug_of
            ) -> Any:
                said: list[Any] = []
                patch.setattr(runner, "report_bug", lambda *words: said.append(words[1:]))
                patch.setattr(runner, "describe_bug", lambda error, command: f"a bug of {command}: {error}")
                patch.setattr(RunLimit, "__enter__", answering(None))
                work = (lambda: None) if error is None else raising(error)
                try:
                    ending = runner.run_to_end(
                        work, interrupted="Stopped.", session=session, bug_of=bug_of, limit=limit
                    )
                except BaseException as raised:  # noqa: BLE001 - an interruption is none of Exception
                    return f"raises {raised!r}", said
                return ending, ending.problems, said

            found[f"ending {what}, {name} {bug_of}"] = ended
    return found


class Session:
    """A session that notes what it is shown."""

    notes: list[Any]

    def __init__(self, command: str, view: Any, waiting: Any) -> None:
        Session.notes.append((command, view.format, waiting is not None))
        self.live, self.lost, self.verbose = view.verbose > 0, False, view.verbose

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *rest: object) -> None:
        Session.notes.append(("closed", rest[0]))

    def progress(self, phone: Any) -> None:
        Session.notes.append(("progress", phone.verdict.status.value))

    def end(self, report: Any) -> None:
        Session.notes.append(
            ("end", report.verdict, report.problems, report.started, report.finished, report.source.name)
        )


def _runs() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def run(error: Any = None, bundle: str | None = None, mask: bool = False, verbose: int = 1, **given: Any) -> Call:
        def examine(patch: Patch) -> Any:
            Session.notes = []
            clock = itertools.count(100)
            judge = Noted(feed=None, stop=None, finish=phone(WHOLE))
            fact = Lookup(time=1, name="x", type="A")
            unsent = Connect(time=2, server="10.0.0.1", port=80, outcome="not_sent", reason="no route to host")

            def observe() -> Iterator[Any]:
                yield fact
                yield Problem(code="no-domain", text="There is none.")
                yield unsent
                yield unsent
                if error is not None:
                    raise error

            patch.setattr(runner, "ViewSession", Session)
            patch.setattr(runner, "report_bug", lambda *words: None)
            patch.setattr(runner, "describe_bug", lambda error, command: f"a bug of {command}: {error}")
            patch.setattr(runner, "_mask_report", lambda report: (report, "what masks"))
            patch.setattr(
                "ucdiag.cli.bundle.write_bundle",
                lambda report, name, contents, **more: Session.notes.append(("bundle", name, contents.mask_text, more)),
            )
            code = runner.run(
                "check",
                source=Source(kind="active", name="n"),
                setting=None,
                observations=observe(),
                view=runner.ViewOptions(
                    format="csv", verbose=verbose, bundle=bundle, mask=mask, force=True, quiet=True
                ),
                judge=judge,
                **{"context": Context(now=lambda: next(clock), max_time=30.0), **given},
            )
            return (
                code,
                Session.notes,
                [note if note[0] != "feed" else ("feed", note[1].__class__.__name__) for note in judge.notes],
            )

        return examine

    found["run plain"] = run()
    found["run not live"] = run(verbose=0)
    found["run, a problem before"] = run(problems=(Problem(code="output", text="Before."),))
    found["run, bundle"] = run(bundle="b.zip")
    found["run, masked bundle"] = run(bundle="b.zip", mask=True)
    for name, error in {
        "bug": ValueError("a flaw"),
        "interrupted": KeyboardInterrupt(),
        "max-time": CannotTest("max-time", "Its time was over."),
        "no-sockets": CannotTest("no-sockets", "None are left."),
        "cannot": CannotTest("no-domain", "There is none."),
    }.items():
        found[f"run, {name}"] = run(error)
    return found


# What is shown


class Table:
    """A view with a table; what it is shown is noted."""

    live = False

    def __init__(self, notes: list[Any], due: bool) -> None:
        self.table = Noted(is_due=due, update=None)
        self.table.notes = notes


def _shown() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def session(**values: Any) -> Any:
        made_ = runner.ViewSession.__new__(runner.ViewSession)
        given = {"_table": None, "_status": None, "_spool": None, "_shown": None, "_command": "check", **values}
        for name, value in given.items():
            setattr(made_, name, value)
        return made_

    for kind, due, fails in itertools.product(("table", "status", "none"), (True, False), (None, DENIED)):

        def phones(patch: Patch, kind: str = kind, due: bool = due, fails: Any = fails) -> Any:
            notes: list[Any] = []
            table = Table(notes, due)
            status = Noted(is_due=due, show_text=fails)
            shows = SimpleNamespace(write=lambda view, work: (notes.append(view is table), work()))
            shown = session(
                _shown=shows,
                _table=(table, table.table) if kind == "table" else None,
                _status=status if kind == "status" else None,
            )
            shown.show_phones(lambda: notes.append("made") or ("a phone",), 7, 3, 2, lambda: "status")
            shown.show_phones(lambda: ("a phone",), 8)
            return notes, status.notes, shown.shows_phones

        found[f"phones shown {kind} {due} {fails}"] = phones
    for fails in (None, DENIED, ValueError("closed")):

        def status(patch: Patch, fails: Any = fails) -> Any:
            line = Noted(close=fails)
            shown = session(_status=line)
            shown._end_status()
            shown._end_status()
            return line.notes

        found[f"status ended {fails!r}"] = status
    for quiet, formats, terminal, there in itertools.product(
        (True, False), (("json",), ("text", "json"), ("ndjson", "json")), (True, False), (True, False)
    ):

        def line(
            patch: Patch, quiet: bool = quiet, formats: Any = formats, terminal: bool = terminal, there: bool = there
        ) -> Any:
            asked: list[Any] = []
            also = tuple(runner.Target(name, "x") for name in formats[1:])
            options = runner.ViewOptions(format=formats[0], also=also, quiet=quiet, color=False)
            patch.setattr(sys, "stderr", io.StringIO() if there else None)
            patch.setattr(
                runner, "screen_of", lambda stream, **more: asked.append(more) or SimpleNamespace(terminal=terminal)
            )
            patch.setattr("ucdiag.views.status_line.StatusLine", lambda screen: f"line on {screen}")
            return runner.status_line(options), asked

        found[f"status line {formats} {quiet} {terminal} {there}"] = line

    def reports(count: int, many: bool, written: bool, fork: bool, can: bool, **options: Any) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []
            shown = session(
                _shown=SimpleNamespace(takes_written=written, takes_brief=True),
                _options=SimpleNamespace(**{"bundle": None, "mask": False, **options}),
            )
            one = phone(WHOLE)

            class Spool:
                tally = "the spool's"

                def __init__(self, **how: Any) -> None:
                    notes.append(how)

                def add_judged(self, judge: Any) -> None:
                    notes.append("added") if len(notes) < 4 else None

            patch.setattr("ucdiag.runtime.forked_worker.can_fork_worker", answering(can))
            halves = lambda work, items: notes.append(len(items)) or map(work, items)  # noqa: E731
            patch.setattr("ucdiag.runtime.forked_worker.parallel_map", halves)
            patch.setattr("ucdiag.views.json_view.written_parts", lambda report: "written")
            patch.setattr("ucdiag.views.json_view.as_written", lambda text: one)
            patch.setattr("ucdiag.cli.report_spool.ReportSpool", Spool)
            made_, tally = shown.reports(iter([lambda: one] * count), many=many, fork=fork)
            kind = f"{type(made_).__name__} {len(made_)}" if isinstance(made_, tuple) else type(made_).__name__
            counts = dict(tally.counts) if isinstance(tally, Tally) else tally
            return kind, counts, notes

        return examine

    for count, (many, written, fork, can) in itertools.product(
        (2, 99, 100, 256, 257),
        ((False, True, True, True), (False, False, True, True), (False, True, False, True), (False, True, True, False)),
    ):
        found[f"made {count} {many} {written} {fork} {can}"] = reports(count, many, written, fork, can)
    found["made many"] = reports(3, True, True, True, True)
    found["made for a bundle"] = reports(300, False, True, True, True, bundle="b.zip")
    found["made for a mask"] = reports(300, False, True, True, True, mask=True)
    return found


def _views() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def closed(*fails: Any) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []

            def pair(number: int, fail: Any) -> Any:
                view = Noted(close=fail[0])
                output = SimpleNamespace(lost=False)
                view.notes = notes
                leave = raising(fail[1]) if fail[1] else answering(None)
                output.__exit__ = lambda *words: (notes.append((number, *map(str, words))), leave())
                return view, output

            shown = views.ShownViews(pair(number, fail) for number, fail in enumerate(fails))
            try:
                shown.close(ValueError, ValueError("x"))
            except (OSError, CannotTest) as error:
                return repr(error), notes
            return notes

        return examine

    found["views closed"] = closed((None, None), (None, None))
    found["views closed, two fail"] = closed(
        (DENIED, CannotTest("output", "the first")), (None, CannotTest("output", "x"))
    )
    found["views closed, the second fails"] = closed((ValueError("closed"), None), (None, FULL))

    def lost(*states: Any) -> Call:
        """``states``: whether an output is lost before, and what happens when it is written to."""

        def examine(patch: Patch) -> Any:
            notes: list[Any] = []

            def pair(number: int, state: Any) -> Any:
                output = SimpleNamespace(lost=state[0], is_file=state[2])

                def write(work: Callable[[], None]) -> None:
                    work()
                    if state[1] is not None:
                        output.lost = isinstance(state[1], BrokenPipeError)
                        raise state[1]

                output.write = write
                output.settle = lambda: notes.append((number, "settled"))
                output.keep = lambda: notes.append((number, "kept"))
                calls = {n: (lambda *_, n=n: notes.append((number, n))) for n in ("begin", "end", "progress")}
                return SimpleNamespace(live=number == 0, **calls), output

            shown = views.ShownViews(pair(number, state) for number, state in enumerate(states))
            for step in ("begin", "progress", "end", "keep"):
                try:
                    getattr(shown, step)(*(() if step == "keep" else ("x",)))
                except OSError as error:
                    notes.append((step, repr(error)))
            return notes, shown.lost, shown.live, shown.exit_code

        return examine

    pipe = BrokenPipeError(errno.EPIPE, "gone")
    found["views written"] = lost((False, None, False), (False, None, True))
    found["views written, one is lost"] = lost((True, None, False), (False, None, True))
    found["views written, one breaks"] = lost((False, pipe, False), (False, None, True))
    found["views written, all break"] = lost((False, pipe, False), (False, pipe, False))
    return found


# Streams and files


def _streams() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def written(
        takes: list[Any], name: str = "posix", pipe: Any = None, ignores: bool = False, waits: float = 0.0
    ) -> Call:
        def examine(patch: Patch) -> Any:
            left = iter(takes)
            now = [100.0]
            notes: list[Any] = []

            class Raw:
                name = "raw"

                def write(self, data: Any) -> Any:
                    take = next(left)
                    if isinstance(take, BaseException):
                        now[0] += waits
                        raise take
                    notes.append(bytes(data[: take or 0]))
                    return take

                def fileno(self) -> int:
                    if isinstance(pipe, Exception):
                        raise pipe
                    return 9

            patch.setattr(streams, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=notes.append))
            patch.setattr(streams.os, "name", name)
            patch.setattr(streams.os, "fstat", answering(SimpleNamespace(st_mode=0o010600 if pipe else 0o100600)))
            writer = streams.CompleteWriter(Raw())
            if ignores:
                writer.ignore_failures()
            said: list[Any] = [writer.name, writer.writable()]
            for data in (b"0123456789", b"more"):
                try:
                    said.append(writer.write(data))
                except BaseException as error:  # noqa: BLE001 - an interruption is none of Exception
                    said.append(repr(error))
            writer.stop_if_stuck()
            patch.undo()
            writer._raw = io.BytesIO()
            return said, notes, repr(writer.error)

        return examine

    found["stream whole"] = written([10, 4])
    found["stream in pieces"] = written([3, None, 0, 7, 4])
    found["stream full"] = written([3, FULL])
    found["stream full, ignored"] = written([3, FULL], ignores=True)
    for waits in (0.0, 1.0, 2.0, 3.0, 9.0):
        found[f"stream interrupted {waits}"] = written([3, KeyboardInterrupt(), 4], waits=waits)
    invalid = OSError(errno.EINVAL, "Invalid argument")
    for pipe, error in itertools.product(
        (True, False, ValueError("closed"), DENIED, AttributeError("x")), (invalid, FULL)
    ):
        found[f"stream on Windows {pipe!r} {error.errno}"] = written([error], name="nt", pipe=pipe)
    found["stream elsewhere"] = written([invalid], pipe=True)

    def opened(for_notepad: bool) -> Call:
        def examine(patch: Patch) -> Any:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "x")
                handle = os.open(path, os.O_WRONLY | os.O_CREAT)
                with streams.open_stream(handle, for_notepad=for_notepad) as stream:
                    stream.write("\u00e9\nb\n")
                    how = stream.encoding, stream.line_buffering, streams.complete_writer_of(stream) is not None
                return path.read_bytes(), how

        return examine

    found["stream opened"] = opened(False)
    found["stream opened for Notepad"] = opened(True)

    def wrapped(patch: Patch) -> Any:
        said: list[Any] = []
        kept: list[Any] = []  # one that is gone would close the bytes below
        for name, through in itertools.product(("posix", "nt"), (True, False)):
            raw = io.BytesIO()
            old = io.TextIOWrapper(raw, "latin-1", "backslashreplace", "\n", line_buffering=True, write_through=through)
            patch.setattr(streams.os, "name", name)
            new = streams.with_complete_writes(old)
            patch.setattr(streams.os, "name", "posix")
            new.write("\u00e9\u20ac\n")
            new.flush()
            said.append((raw.getvalue(), new.encoding, new.errors, new.line_buffering, new.write_through))
            said.append(streams.complete_writer_of(new) is not None)
            kept += [old, new]
        none = io.StringIO()
        return (
            said,
            streams.with_complete_writes(none) is none,
            streams.complete_writer_of(none),
            streams.complete_writer_of(None),
        )

    found["stream wrapped"] = wrapped
    for error in (DENIED, FULL, ValueError("embedded null byte"), OSError("It said so"), OSError()):
        found[f"why not {error!r}"] = lambda patch, e=error: (
            files.reason_of(e),
            repr(files.cannot_write("x", e)),
        )
    for fails, private in itertools.product(
        (None, DENIED, FULL, ValueError("Null"), OSError(errno.EDQUOT, "Quota")), (True, False)
    ):

        def probed(patch: Patch, fails: Any = fails, private: bool = private) -> Any:
            noted = Noted(open_for_writing=None, discard=fails, close=None)
            place = SimpleNamespace(found=None, close=noted.close, is_file=False)
            patch.setattr(files, "find_place", lambda name: place)
            patch.setattr(files, "Replacement", lambda *words, **more: noted.notes.append((words, more)) or noted)
            return files.why_not_writable("x", private=private), noted.notes

        found[f"writable {fails!r} {private}"] = probed
    for error in (
        FileNotFoundError(2, "No such file"),
        NotADirectoryError(20, "Not a directory"),
        DENIED,
        OSError(40, "Too many links"),
        ValueError("Null byte"),
    ):

        def nowhere(patch: Patch, error: Any = error) -> Any:
            patch.setattr(files, "find_place", raising(error))
            return files.why_not_writable("x"), files.is_occupied("x")

        found[f"writable nowhere {error!r}"] = nowhere
    for mode, may, is_file in itertools.product((0o040700, 0o100600, 0o010600), (True, False), (True, False)):

        def there(patch: Patch, mode: int = mode, may: bool = may, is_file: bool = is_file) -> Any:
            noted = Noted(close=None, discard=None)
            place = SimpleNamespace(found=SimpleNamespace(st_mode=mode), close=noted.close, is_file=is_file)
            patch.setattr(files, "find_place", lambda name: place)
            patch.setattr(files, "_may_write", answering(may))
            patch.setattr(files, "Replacement", lambda *words, **more: noted.notes.append((words, more)) or noted)
            return files.why_not_writable("x"), noted.notes

        found[f"writable there {mode:o} {may} {is_file}"] = there
    return found


# Wrong words


def _wrong() -> dict[str, Call]:
    found: dict[str, Call] = {}
    words = ["timeout", "time-out", "Domain", "max-time", "x"]
    for word in (
        "timeot",
        "TIME_OUT",
        " domain ",
        "d",
        "do",
        "m",
        "max",
        "zzzz",
        "",
        f"{'t' * 99}imeout",
        "timeou" + "t" * 95,
    ):
        for count in (1, 2):
            found[f"nearest {word[:20]} {len(word)} {count}"] = lambda patch, w=word, c=count: usage.nearest_of(
                w, words, c
            )
    option = click.Option(["-f", "--format"], type=click.Choice(["json", "text"]), envvar=["A_FORMAT", "FORMAT"])
    plain = click.Option(["--x"], envvar="A_X")
    argument = click.Argument(["files"], metavar="[FILE]...")
    command = click.Command("logs", params=[option, plain, argument])
    source = click.core.ParameterSource
    for name, parameter, origin in (
        ("option", option, source.COMMANDLINE),
        ("variable", option, source.ENVIRONMENT),
        ("one variable", plain, source.ENVIRONMENT),
        ("argument", argument, source.COMMANDLINE),
        ("nothing", None, source.COMMANDLINE),
    ):
        for message in ("'jsn' is not one of 'json', 'text'.", "'zzz' is not one of 'json', 'text'.", "it is wrong"):

            def bad(patch: Patch, parameter: Any = parameter, origin: Any = origin, message: str = message) -> Any:
                context = click.Context(command, info_name="logs")
                patch.setattr(context, "get_parameter_source", lambda name: origin)
                patch.setenv("FORMAT", "jsn")
                hint = "a hint" if message == "it is wrong" else None
                wrong = click.BadParameter(message, context, parameter, hint)
                return usage.sentence_of(wrong, [], {}, "ucdiag")

            found[f"wrong {name}, {message[:6]}"] = bad
    for info in ("logs", "report", "check", None):

        def missing(patch: Patch, info: Any = info) -> Any:
            wrong = click.MissingParameter(None, click.Context(command, info_name=info), argument)
            return usage.sentence_of(wrong, [], {}, "ucdiag")

        found[f"missing {info}"] = missing
    found["missing, without a context"] = lambda patch: usage._what_to_name(click.ClickException("x"))
    found["wrong file"] = lambda patch: usage.sentence_of(click.FileError("a b", "it is gone"), [], {}, "ucdiag")
    found["wrong, as it is"] = lambda patch: usage.sentence_of(click.ClickException("It is so"), [], {}, "ucdiag")
    for count in (1, 2, 3):
        found[f"listed {count}"] = lambda patch, c=count: usage._listed_names(["a", "b", "c"][:c])
    found["options of none"] = lambda patch: usage._all_options({"x": ("no.such.module", ""), "y": ("os", "")})
    return found


# Captures


def _captures() -> dict[str, Call]:
    found: dict[str, Call] = {}
    fact = Lookup(time=7, name="x", type="A")

    def read(
        items: list[Any], watched: bool = False, done: Any = None, lost: Any = None, stopped: bool = False
    ) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(
                feed=None, finish="phones", show=None, watch=None, stop=None, count_fact=None, is_done=done, pending="p"
            )
            setting = SimpleNamespace(lost=0)
            begun: list[Any] = []

            def begin() -> Any:
                begun.append("begun")
                feed = lambda fact: noted.feed(type(fact).__name__, fact.time)  # noqa: E731
                return SimpleNamespace(feed=feed, finish=noted.finish, quiet_count=4, setting=setting)

            origin = SimpleNamespace(
                until_done=done is not None,
                read=lambda: iter(items),
                watch=lambda look: (noted.watch(look.__name__), look()),
                stop=noted.stop,
                packets=9,
                lost=lost,
                status=lambda: "status",
                at=55,
                observer=SimpleNamespace(pending=noted.pending),
            )
            session = SimpleNamespace(
                shows_phones=watched, show_phones=lambda *words: noted.show(words[0](), *words[1:4])
            )
            patch.setattr(capture, "_raise_interrupt", lambda origin: noted.notes.append("end") if stopped else None)
            patch.setattr(capture, "replace", lambda value, **more: SimpleNamespace(**{**vars(value), **more}))
            patch.setattr(
                "ucdiag.cli.until_done.UntilDone",
                lambda look: SimpleNamespace(count_fact=noted.count_fact, is_done=noted.is_done),
            )
            judgement = capture._Judgement(begin, origin, session)
            judgement.read()
            return begun, judgement.problems, judgement._tracker.setting.lost, noted.notes

        return examine

    extent = Extent(time=1, end=9, packets=5, lost=3)
    problem = Problem(code="output", text="A problem.")
    found["judged, all kinds"] = read([fact, None, problem, extent])
    found["judged, begun again"] = read([problem, capture.Again(), fact])
    found["judged, watched"] = read([fact, None], watched=True, lost=3)
    found["judged, watched, none lost"] = read([fact], watched=True, lost=0)
    found["judged, until done"] = read([fact, None], done=True)
    found["judged, not done"] = read([fact, None], done=False, stopped=True)
    return found


CALLS: dict[str, Call] = {
    **_reports(),
    **_endings(),
    **_runs(),
    **_shown(),
    **_views(),
    **_streams(),
    **_wrong(),
    **_captures(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
