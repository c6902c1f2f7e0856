"""What commands do at their edges: where something is closed, full, shut, too large, or another answer than usual.

``python -m tests.cli.edge_calls`` writes ``edge_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import inspect
import io
import itertools
import os
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag.fleet.targets import Target
from ucdiag.model.observations import Lease, Lookup, SideCheck
from ucdiag.model.phone import Phone
from ucdiag.model.report import Identity, PhoneReport, Problem, Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.probe.local_network import LocalNetwork
from ucdiag.probe.plan import ServerOptions
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.root_rights import Account

FILE = Path(__file__).with_name("edge_calls.txt")
capture: Any = import_module("ucdiag.cli.capture")
bundles: Any = import_module("ucdiag.cli.capture_bundle")
completion: Any = import_module("ucdiag.cli.completion")
lazy: Any = import_module("ucdiag.cli.lazy_modules")
reports: Any = import_module("ucdiag.cli.report")
spools: Any = import_module("ucdiag.cli.report_spool")
servers: Any = import_module("ucdiag.cli.server_options")
fleets: Any = import_module("ucdiag.cli.fleet_run")
probes: Any = import_module("ucdiag.cli.probe")
names: Any = import_module("ucdiag.cli.check_dns")
whole_runs: Any = import_module("ucdiag.runtime.whole_run")
contexts: Any = import_module("ucdiag.runtime.context")
fleet_options: Any = import_module("ucdiag.cli.fleet_options")
firsts: Any = import_module("ucdiag.cli.first_contact")
outputs: Any = import_module("ucdiag.cli.output")
masks: Any = import_module("ucdiag.cli.masked_run")
runners: Any = import_module("ucdiag.cli.runner")
repeats: Any = import_module("ucdiag.cli.until_whole")
profiles: Any = import_module("ucdiag.runtime.site_profile")
Patch = pytest.MonkeyPatch
FULL = OSError(errno.ENOSPC, "No space left on device")
SOMEBODY = Account("anna", 1000, 100)
WHOLE, BROKEN, UNKNOWN = VerdictStatus.WHOLE, VerdictStatus.BROKEN, VerdictStatus.UNKNOWN


def phone(status: VerdictStatus, code: Any = None, *codes: Any, ttl: int | None = None) -> PhoneReport:
    verdict = Verdict(status=status, code=code, summary=f"It is {status.value}.")
    seen = [
        Lookup(time=1, name="x", type="A", purpose=purpose, ttl=number, addresses=addresses)  # type: ignore[arg-type]
        for purpose, number, addresses in (
            ("update", ttl, ("10.0.0.1",)),
            ("update", 9000, ()),
            ("file", 8000, ("10.0.0.1",)),
            ("update", 7, ("10.0.0.2",)),
        )
        if ttl is not None
    ]
    findings = tuple(SimpleNamespace(code=code) for code in codes)
    return PhoneReport(
        phone=Identity(mac=None),
        verdict=verdict,
        steps=(),
        findings=findings,
        observations=tuple(seen),  # type: ignore[arg-type]
    )


# Captures


def _captures() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def outputs(
        is_root: bool, given: bool, force: bool, temporary: bool, write: Any, is_file: bool, saves: bool
    ) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(take_up_left=None, give_up=None, give_to=None)
            patch.setattr("ucdiag.capture.file_reader.is_file", answering(is_file))
            patch.setattr("ucdiag.runtime.privileges.is_root", answering(is_root))
            patch.setattr("ucdiag.runtime.named_files.take_up_left", noted.take_up_left)
            patch.setattr(
                "ucdiag.cli.without_root.give_up_for_files", lambda view, *rest, **more: noted.give_up(*rest, **more)
            )
            patch.setattr("ucdiag.cli.without_root.is_given_up", answering(given))
            patch.setattr("ucdiag.runtime.root_rights.successor_of_root", answering(SOMEBODY))
            wanted = SimpleNamespace(read=("a", "b"), write=write, masked_write="masked", temporary_write=temporary)
            capture._prepare_outputs(wanted, SimpleNamespace(force=force), noted if saves else None)
            return noted.notes

        return examine

    usual = {
        "is_root": False,
        "given": True,
        "force": True,
        "temporary": False,
        "write": "out",
        "is_file": False,
        "saves": True,
    }
    for name, more in {
        "as usual": {},
        "without force": {"force": False},
        "a copy": {"temporary": True},
        "of a file": {"is_file": True},
        "to nobody": {"write": None},
        "to standard output": {"write": "-"},
        "nothing saved": {"saves": False},
        "not given up": {"given": False},
    }.items():
        for is_root in (True, False):
            found[f"outputs {name} {is_root}"] = outputs(**{**usual, **more, "is_root": is_root})
    for user, is_root, platform in itertools.product((None, "carla"), (True, False), ("linux", "win32")):

        def heir(patch: Patch, user: Any = user, is_root: bool = is_root, platform: str = platform) -> Any:
            patch.setattr(capture.sys, "platform", platform)
            patch.setattr("ucdiag.runtime.privileges.is_root", answering(is_root))
            patch.setattr("ucdiag.runtime.root_rights.successor_of_root", lambda user: f"heir {user}")
            return capture._account_without_root(user)

        found[f"heir {user} {is_root} {platform}"] = heir

    def begun(read: Any, heir: Any, fails: Any = None, saves: bool = True, interface: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(give_to=None, finish=None)
            wanted = SimpleNamespace(read=read, interface=interface, user="u")
            patch.setattr(capture, "_request_saver", answering(noted if saves else None))
            patch.setattr(capture, "_account_without_root", answering(heir))
            patch.setattr(capture, "_default_interface", lambda *, quiet: f"the usual, {quiet}")
            patch.setattr(capture, "FileCapture", lambda wanted, prepare: f"file {prepare.__name__}")
            live = raising(fails) if fails else (lambda wanted, interface, view: f"live on {interface}")
            patch.setattr(capture, "LiveCapture", live)
            patch.setattr(capture, "_judge_or_print", lambda wanted, origin, view, saver: (origin, saver is noted))
            try:
                return capture._run_capture(wanted, SimpleNamespace(quiet=True)), noted.notes
            except CannotTest as error:
                return repr(error), noted.notes

        return examine

    found["capture begun, file"] = begun(("a",), SOMEBODY)
    for name, heir in (("nobody", None), ("anna", SOMEBODY), ("root", Account("root", 0, 0))):
        found[f"capture begun, live {name}"] = begun((), heir)
    found["capture begun, live, named"] = begun((), None, interface="eth7", saves=False)
    for saves in (True, False):
        found[f"capture begun, fails {saves}"] = begun((), None, CannotTest("no-interface", "None."), saves)

    def copied(there: bool, fails: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(sweep=FULL, unnamed=7, mkstemp=(8, "/tmp/x"), lock=None, close=None, unlink=FULL)
            if fails is not None:
                noted._answers |= {"unnamed": fails, "mkstemp": fails}
            patch.setattr("tempfile.gettempdir", answering("/tmp"))
            patch.setattr("tempfile.mkstemp", noted.mkstemp)
            for name, call in {
                "sweep_folder": noted.sweep,
                "unnamed_file": noted.unnamed,
                "lock_file": noted.lock,
            }.items():
                patch.setattr(bundles, name, call)
            system = SimpleNamespace(
                path=SimpleNamespace(isdir=answering(there)), close=noted.close, unlink=noted.unlink
            )
            patch.setattr(bundles, "os", system)
            with bundles.temporary_copy() as name:
                noted.notes.append(name)
            return noted.notes

        return examine

    for there in (True, False):
        found[f"copy {there}"] = copied(there)
        for error in (FULL, OSError("no words")):
            found[f"copy {there} {error}"] = copied(there, error)
    one, two = phone(WHOLE), phone(BROKEN, "dns-r2-missing", "b", "a")
    for name, again in {
        "alike": (one, two),
        "less": (one,),
        "more": (one, two, two),
        "none": (),
        "other": (one, phone(UNKNOWN)),
        "cannot": CannotTest("output", "It is shut."),
    }.items():

        def compared(patch: Patch, again: Any = again) -> Any:
            judge = raising(again) if isinstance(again, CannotTest) else answering(SimpleNamespace(phones=again))
            return bundles._compare_bundle(SimpleNamespace(phones=(one, two)), None, judge)

        found[f"compared {name}"] = compared
    return found


# Reports


def _stored() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def problems(**values: Any) -> Call:
        places = SimpleNamespace(shared_names=lambda: values.get("shared", []))
        given: dict[str, Any] = {
            name: [] for name in ("unread", "unjudged_sites", "incomplete_sites", "differing", "unexpected")
        }
        given |= {
            "_problems": {},
            "is_single": False,
            "_places": places,
            "unused_expectations": lambda: values.get("unused", []),
        }
        return lambda patch: reports._Reports.all_problems(SimpleNamespace(**{**given, **values}))

    for count in (1, 2, 5, 6, 9):
        names = [f"{number}.json" for number in range(count)]
        found[f"problems unread {count}"] = problems(unread=names)
        found[f"problems unjudged {count}"] = problems(unjudged_sites=names)
        found[f"problems of incomplete ones {count}"] = problems(incomplete_sites=names)
        found[f"problems of differing ones {count}"] = problems(differing=names)
        found[f"problems unexpected {count}"] = problems(unexpected=names)
        found[f"problems unused {count}"] = problems(
            unused=[(name, name[:1] if count == 2 else None) for name in names]
        )
        found[f"problems shared {count}"] = problems(shared=[("s", names)] * count)
        found[f"problems of sites {count}"] = problems(
            _problems={"output": (Problem(code="output", text="It is so."), dict.fromkeys(names))}
        )
    for count in (1, 2, 200, 201):
        these = SimpleNamespace(count=count)
        found[f"problems of so many, {count}"] = lambda patch, t=these: (
            reports._Reports.is_single.fget(t),
            reports._Reports.are_many.fget(t),
        )
    found["problems alone"] = problems(
        is_single=True, _problems={"output": (Problem(code="output", text="So."), {"a": None})}
    )

    def kept(stdin: Any, fails: Any = None, names: tuple[str, ...] = ("a", "-")) -> Call:
        def examine(patch: Patch) -> Any:
            patch.setattr(sys, "stdin", stdin)
            if fails is not None:
                patch.setattr(reports.tempfile, "TemporaryFile", raising(fails))
            with click.Context(click.Command("report")):
                file = reports._kept_input(list(names))
                return None if file is None else (file.tell(), file.seek(0), file.read())

        return examine

    class Broken:
        def read(self, size: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    found["kept input, none"] = kept(None, names=("a",))
    found["kept input"] = kept(SimpleNamespace(buffer=io.BytesIO(b"a report")))
    found["kept input, closed"] = kept(None)
    found["kept input, broken"] = kept(SimpleNamespace(buffer=Broken()))
    found["kept input, full"] = kept(SimpleNamespace(buffer=io.BytesIO(b"x")), FULL)

    def spooled(as_json: bool, brief: bool, fails: Any = None, takes: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            if fails is not None:
                patch.setattr(spools, "temporary_file", raising(fails))
            spool = spools.ReportSpool(as_json=as_json, brief=brief)
            real = spool._file
            if takes is not None:
                counts = iter(takes)

                def write(data: Any) -> int:
                    count = next(counts)
                    if isinstance(count, Exception):
                        raise count
                    return int(real.write(data[:count]))

                spool._file = SimpleNamespace(seek=real.seek, read=real.read, write=write, close=real.close)
            for status in (WHOLE, BROKEN, WHOLE):
                spool.add(PhoneReport(phone=Identity(mac=None), verdict=phone(status).verdict, steps=()))
            read = [type(one).__name__ for one in spool]
            part = [type(one).__name__ for one in spool[1:]] if len(spool) else []
            last = getattr(spool[-1], "verdict", None) if len(spool) and not as_json else None
            spool.close()
            return len(spool), read, part, last, dict(spool.tally.counts), spool.failure

        return examine

    for as_json, brief in itertools.product((True, False), (True, False)):
        found[f"spool {as_json} {brief}"] = spooled(as_json, brief)
    found["spool, none"] = spooled(False, False, FULL)
    found["spool, none, no words"] = spooled(False, False, OSError("no words"))
    found["spool in pieces"] = spooled(False, False, takes=[1, 2, 1 << 20, 1 << 20, 1 << 20])
    found["spool, full"] = spooled(False, False, takes=[1 << 20, 5, FULL])
    found["spool, full, no words"] = spooled(False, False, takes=[OSError("no words")])
    return found


# What is asked again and again


def _repeated() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def repeated(seconds: Any, rounds: list[Any], quiet: bool = False) -> Call:
        def examine(patch: Patch) -> Any:
            said: list[Any] = []
            now = [100.0]
            left = iter(rounds)
            current: list[Any] = []

            def observe() -> Any:
                current[:] = [next(left)]
                now[0] += 1.0
                yield Problem(code="output", text=f"round {len(said)}")
                yield Lookup(time=1, name="x", type="A")
                if isinstance(current[0], CannotTest):
                    raise current[0]

            def sleep(seconds: float) -> None:
                said.append(("sleep", seconds))
                now[0] += seconds

            engine = SimpleNamespace(
                feed=lambda item: said.append(type(item).__name__),
                finish=lambda at: current[0] if isinstance(current[0], PhoneReport) else phone(UNKNOWN),
            )
            patch.setattr(repeats, "Engine", answering(engine))
            patch.setattr(repeats, "print_message", said.append)
            context = Context(now=lambda: int(now[0] * 1_000_000), monotonic=lambda: now[0], sleep=sleep)
            items: list[Any] = []
            try:
                for item in repeats.until_whole(observe, None, context, seconds, quiet):
                    items.append(getattr(item, "text", type(item).__name__))
            except CannotTest as error:
                items.append(repr(error))
            return items, said

        return examine

    broken, whole = phone(BROKEN, "dns-r2-missing", ttl=30), phone(WHOLE)
    cannot = CannotTest("no-domain", "There is none.")
    found["again, once"] = repeated(None, [broken])
    found["again until whole"] = repeated(60.0, [broken, broken, phone(BROKEN, "dns-nxdomain"), whole])
    found["again, quiet"] = repeated(60.0, [broken, whole], quiet=True)
    found["again, whole at once"] = repeated(60.0, [whole])
    found["again, its time is over"] = repeated(12.0, [broken] * 9)
    found["again, cannot"] = repeated(15.0, [cannot, cannot, cannot, cannot])
    found["again, could not"] = repeated(60.0, [cannot, phone(UNKNOWN), whole])
    for ttl in (None, 0, 5, 300):
        found[f"kept for {ttl}"] = lambda patch, t=ttl: repeats._kept_record(phone(BROKEN, ttl=t))
    return found


# What is said to shells, imported early, read of options


def _read() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def answered(text: Any, stream: Any) -> Call:
        def examine(patch: Patch) -> Any:
            patch.setattr(completion, "answer", raising(text) if isinstance(text, Exception) else answering(text))
            patch.setattr(sys, "stdout", stream)
            try:
                completion._print_answer(["a"])
            except SystemExit as done:
                return done.code, stream.notes if isinstance(stream, Noted) else stream.getvalue()

        return examine

    found["answer"] = answered("a\n", Noted(reconfigure=None, write=None, flush=None))
    found["answer, another stream"] = answered("a\n", io.StringIO())
    found["answer, a bug"] = answered(ValueError("x"), io.StringIO())
    found["answer, full"] = answered("a\n", Noted(reconfigure=None, write=None, flush=FULL))

    def preloaded(name: str, fails: str = "") -> Call:
        def examine(patch: Patch) -> Any:
            names: list[str] = []

            def take(module: str) -> None:
                names.append(module)
                if module == fails:
                    raise ImportError(module)

            patch.setattr("ucdiag.cli.bundle.installed_versions", lambda: names.append("versions"))
            patch.setattr("ucdiag.wire.http.body.load_encodings", lambda: names.append("encodings"))
            patch.setattr("rich.cells.cell_len", lambda text: names.append(f"width of {text}"))
            patch.setattr("importlib.import_module", take)
            getattr(lazy, name)()
            return names

        return examine

    for name in ("preload_decryption", "preload_bundling", "preload_lazy_modules"):
        found[f"early {name}"] = preloaded(name)
    found["early, old ciphers"] = preloaded("preload_decryption", lazy._OLD_CIPHERS)

    def parsed(call: Any, text: str, content: bytes | None, stdin: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            with tempfile.TemporaryDirectory() as folder:
                if content is not None:
                    Path(folder, "x").write_bytes(content)
                patch.chdir(folder)
                patch.setattr(sys, "stdin", stdin)
                try:
                    value = call(text)
                finally:
                    patch.undo()
                return len(value), value[:20]

        return examine

    most = servers.LONGEST_BODY
    pem = b"-----BEGIN CERTIFICATE-----"
    for name, text, content in (
        ("a file", "x", b"body"),
        ("the longest", "x", b"y" * most),
        ("too long", "x", b"y" * (most + 1)),
        ("none", "none", None),
        ("null", "\0", None),
        ("a folder", ".", None),
    ):
        found[f"body {name}"] = parsed(servers._parse_body, text, content)
    found["body of standard input"] = parsed(servers._parse_body, "-", None, SimpleNamespace(buffer=io.BytesIO(b"z")))
    found["body, closed"] = parsed(servers._parse_body, "-", None)
    for name, text, content in (
        ("good", "x", pem),
        ("late", "x", b"y" * (1 << 20) + pem),
        ("bad", "x", b"none"),
        ("none", "none", None),
        ("null", "\0", None),
    ):
        found[f"roots {name}"] = parsed(servers._parse_ca, text, content)
    for known, password, terminal in itertools.product((True, False), (None, "", "secret"), (True, False)):

        def account(patch: Patch, known: bool = known, password: Any = password, terminal: bool = terminal) -> Any:
            asked: list[Any] = []
            patch.setattr("importlib.util.find_spec", lambda name: asked.append(name) or (known or None))
            patch.delenv(servers.PASSWORD, raising=False)
            if password is not None:
                patch.setenv(servers.PASSWORD, password)
            patch.setattr(sys, "stdin", SimpleNamespace(isatty=answering(terminal)))
            patch.setattr(click, "prompt", lambda text, **more: asked.append((text, more)) or "typed")
            try:
                made_ = servers._ask_account("anna\x1b")
                return made_.user, made_.password, asked
            except click.UsageError as error:
                return error.message, asked

        found[f"account {known} {password!r} {terminal}"] = account
    return found


# Profiles


def _profiles() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Call] = {}
    for owner, caller, uid, writable, fails in itertools.product(
        ((0, 0, 0), (1000, 1000, 1000), (7, 0, 0), (0, 7, 0), (0, 0, 7)),
        ("", "1000", "x"),
        (0, 1000),
        (False, True),
        (None, FULL),
    ):

        def trusted(
            patch: Patch,
            owner: Any = owner,
            caller: Any = caller,
            uid: int = uid,
            writable: bool = writable,
            fails: Any = fails,
        ) -> Any:
            mode = 0o100646 if writable else 0o100644
            kinds = iter((owner[0], owner[2]))

            def stat(path: str) -> Any:
                if fails is not None:
                    raise fails
                return SimpleNamespace(st_uid=next(kinds), st_mode=mode)

            patch.setattr(profiles.os, "geteuid", answering(uid))
            patch.setattr(profiles.os, "stat", stat)
            patch.setattr(profiles.os, "lstat", lambda path: SimpleNamespace(st_uid=owner[1], st_mode=mode))
            patch.setattr(profiles, "_user_name", lambda number: f"user {number}")
            return profiles.why_not_trusted("/a/p.toml", {"SUDO_UID": caller})

        if fails is None or (uid == 0 and not writable and not caller):
            found[f"profile trusted {owner} {caller} {uid} {writable} {fails and 'fails'}"] = trusted
    for platform, known in itertools.product(("linux", "win32"), (True, False)):

        def user(patch: Patch, platform: str = platform, known: bool = known) -> Any:
            def getpwuid(number: int) -> Any:
                if not known:
                    raise KeyError(number)
                return SimpleNamespace(pw_name="anna")

            patch.setattr(profiles.sys, "platform", platform)
            patch.setattr("pwd.getpwuid", getpwuid)
            return profiles._user_name(1000)

        found[f"profile of {platform} {known}"] = user

    def read(content: bytes | None, name: str = "p.toml") -> Call:
        def examine(patch: Patch) -> Any:
            with tempfile.TemporaryDirectory() as folder:
                if content is not None:
                    Path(folder, "p.toml").write_bytes(content)
                patch.chdir(folder)
                try:
                    profile = profiles.read_profile(name)
                finally:
                    patch.undo()
                return profile.tables, profile.values_for("check"), profile.values_for("capture")

        return examine

    large = b"#" * (profiles.LARGEST - 1) + b"\n"
    for name, content in {
        "good": b"timeout = 2\n[check]\nmac = '00:04:f2:aa:bb:cc'\nport = 81\n[capture]\nport = [82, 83]\n",
        "with a mark": "\ufefftimeout = 2\r\n".encode(),
        "deep": b"timeout = " + b"[" * 5000 + b"]" * 5000,
        "large": large,
        "too large": large + b"#",
        "no text": b"\xff",
        "no TOML": b"a = = b",
    }.items():
        found[f"profile read, {name}"] = read(content)
    for name in ("none.toml", ".", "a\0b"):
        found[f"profile read, {name!r}"] = read(None, name)

    def found_at(patch: Patch) -> Any:
        said = []
        with tempfile.TemporaryDirectory() as folder:
            patch.chdir(folder)
            environment = {"XDG_CONFIG_HOME": f"{folder}/c", "HOME": f"{folder}/h", "APPDATA": f"{folder}/a"}
            for place in (None, "h/.config/ucdiag", "c/ucdiag", "."):
                if place is not None:
                    Path(place).mkdir(parents=True, exist_ok=True)
                    Path(place, profiles.NAME).write_text("", encoding="utf-8")
                for words in (environment, {"HOME": f"{folder}/h"}, {}):
                    path = profiles.find_profile(words, "linux")
                    said.append(path and path.replace(str(Path(folder).resolve()), "").replace(folder, ""))
            patch.undo()
        places = [
            list(profiles.candidate_paths(words, platform))
            for words in ({}, {"HOME": "/h"}, {"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, {"APPDATA": "/a"})
            for platform in ("linux", "darwin")
        ]
        return said, places

    found["profile found"] = found_at
    return found


# Many


def _many() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def outcome(status: VerdictStatus, learnt: bool = True) -> Any:
        return SimpleNamespace(verdict=phone(status).verdict, learnt=learnt, status=status)

    def summed(
        outcomes: list[Any],
        only: bool = False,
        written: bool = False,
        count: int = 2,
        endings: tuple[Any, ...] = (),
        problems: tuple[Problem, ...] = (),
    ) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []

            def take(judgements: Any, **how: Any) -> Any:
                notes.append(how)
                made_ = [judge() for judge in judgements]
                notes.append([getattr(one, "verdict", one) for one in made_])
                tally = fleets.Tally()
                for one in outcomes:
                    tally.add(one.verdict, one.learnt)
                return tuple(made_), tally

            session = SimpleNamespace(
                only_streams=only,
                takes_written=written,
                reports=take,
                end=lambda report: notes.append((report.verdict, report.problems, report.source, len(report.phones))),
            )
            patch.setattr(fleets, "_as_written", lambda one: f"written {one.status.value}")
            patch.setattr(fleets, "_as_object", lambda one: phone(one.status))
            patch.setattr(fleets, "print_message", notes.append)
            run = fleets._FleetRun("probe", SimpleNamespace(jobs=4, targets="t.txt"), ["t"] * count, None, None)
            patch.setattr(run, "_all_outcomes", lambda: iter(outcomes))
            patch.setattr(run, "_run_problems", lambda targets: list(problems))
            run._ended = list(endings)
            return run.all(session, SimpleNamespace(repeated=[])), notes

        return examine

    whole, broken = outcome(WHOLE), outcome(BROKEN)
    full = runners.Ending(problem=Problem(code="output", text="It is full."))
    stopped = runners.Ending(code=130, problem=Problem(code="interrupted", text="Stopped."))
    skipped = (Problem(code="targets-skipped", text="Some were skipped."),)
    found["many summed"] = summed([whole, broken])
    found["many summed, written"] = summed([whole], written=True)
    found["many summed, streamed"] = summed([whole, whole], only=True)
    found["many summed, more"] = summed([whole], count=257)
    found["many summed, most"] = summed([whole], count=256)
    found["many summed, stopped"] = summed([whole], endings=(stopped,))
    found["many summed, full"] = summed([broken], endings=(full,))
    found["many summed, full of whole ones"] = summed([whole], endings=(full,))
    found["many summed, ended"] = summed([whole], endings=(runners.Ending(),))
    found["many summed, skipped"] = summed([whole], problems=skipped)
    found["many summed, none"] = summed([], problems=skipped)

    def gone_on(*lines: tuple[str, Any], fails: bool = False) -> Call:
        def examine(patch: Patch) -> Any:
            asked: list[Any] = []

            def read() -> Any:
                for key, status in lines:
                    command = "check-dns" if key.startswith("other") else "probe"
                    phones = () if status is None else (phone(status),)
                    vain = key.startswith("vain")
                    yield (
                        key.removeprefix("other").removeprefix("vain"),
                        SimpleNamespace(command=command, phones=phones, vain=vain, problems=()),
                    )
                if fails:
                    raise fleets.JournalError("its line 9 is no report")

            class Loop:
                def __init__(
                    self, targets: Any, shapes: Any, judged: Any, jobs: int, rate: Any, hosts: Any, until: Any
                ) -> None:
                    asked.append(([target.key for target in targets], jobs, rate, until))

                def ask_targets(self) -> Any:
                    yield ["one", "two"]
                    yield ["three"]

            targets = [SimpleNamespace(key=key) for key in ("a", "b", "c")]
            settings = SimpleNamespace(jobs=4, targets="t.txt", journal="j", rate=7.0, until=99.0)
            journal = SimpleNamespace(kept_reports=read) if lines or fails else None
            run = fleets._FleetRun("probe", settings, targets, None, journal)
            session = SimpleNamespace(stream=lambda outcomes: asked.append(("stream", *outcomes)))
            run._session, run.streams = session, bool(lines)
            patch.setattr(fleets, "_in_vain", lambda report: report.vain)
            patch.setattr(fleets, "Loop", Loop)
            patch.setattr(fleets, "Rate", lambda rate: f"rate {rate}")
            patch.setattr(fleets, "prepare_threads", lambda: asked.append("threads"))
            patch.setattr(run, "_in_time", lambda targets: targets)
            patch.setattr(run, "_write_journal", lambda outcomes: asked.append(("keep", *outcomes)))
            patch.setattr(
                run, "_count_outcome", lambda one: asked.append(("counted", getattr(one, "target", one))) or one
            )
            try:
                given = [
                    [getattr(getattr(one, "target", one), "key", one) for one in some]
                    for some in run._outcome_batches()
                ]
            except CannotTest as error:
                given = [[repr(error)]]
            shown = [str(note).replace("namespace", "") for note in asked]
            return given, shown, run.progress.known

        return examine

    def counted(patch: Patch) -> Any:
        """Each counts once, and of each kind of problem the first is said."""
        run = fleets._FleetRun("probe", SimpleNamespace(rate=None, jobs=4), [1, 2, 3, 4], None, None)
        for number, (status, codes) in enumerate(
            (
                ("whole", ()),
                ("broken", ("max-time",)),
                ("broken", ("max-time", "no-domain")),
                ("unknown", ("max-time",)),
            )
        ):
            problems = [Problem(code=code, text=f"{code} {number}") for code in codes]
            outcome = SimpleNamespace(problems=problems, verdict=SimpleNamespace(status=VerdictStatus(status)))
            assert run._count_outcome(outcome) is outcome
        return run.progress.text().partition(",")[0], {code: one.text for code, one in run._problems.items()}

    found["many counted"] = counted
    found["many asked"] = gone_on()
    found["many gone on with"] = gone_on(("a", WHOLE), ("a", BROKEN), ("other b", WHOLE), ("z", WHOLE), ("c", None))
    found["many gone on with, in vain"] = gone_on(("vaina", UNKNOWN), ("a", WHOLE), ("otherb", WHOLE))
    found["many gone on with, all"] = gone_on(("a", WHOLE), ("b", WHOLE), ("c", WHOLE))
    found["many not gone on with"] = gone_on(("a", WHOLE), fails=True)
    return found


def _targets() -> dict[str, Call]:
    """What is asked of each target, by what the options say of all."""
    found: dict[str, Call] = {}

    def asked(**values: Any) -> Call:
        def examine(patch: Patch) -> Any:
            server = {name: value for name, value in values.items() if name in ("url", "address", "saved", "port")}
            own = {name: value for name, value in values.items() if name not in server and name != "domain"}
            domain = values.get("domain")
            network = LocalNetwork(
                context=Context(nameservers=(("10.0.0.2", 53),)), domain="contoso.com", domain_from="lease"
            )
            questions: list[Any] = []
            patch.setattr(
                "ucdiag.cli.fleet_run.run_fleet",
                lambda command, fleet, question_of, view, context: questions.append((command, question_of)) or 7,
            )
            asking = probes.Asking(Phone(), domain, "sip.example", ServerOptions(**server))
            code = probes._probe_all(None, network, asking, None)
            command, question_of = questions[0]
            try:
                with click.Context(click.Command("probe")):
                    question = question_of(Target(line=3, **own))
            except (ValueError, click.UsageError) as error:
                return type(error).__name__, getattr(error, "message", str(error))
            seen: list[Any] = []
            patch.setattr(probes, "observe_walk", lambda *words: seen.append(list(map(_brief, words))) or ())
            patch.setattr(probes, "with_dead_nameservers", lambda context, found: seen.append(_brief(context)))
            question.observe(replace(question.context, timeout=9.0))
            usual = question.usual
            told = (question.target.line, question.name, _brief(question.setting), _brief(question.context))
            return code, command, told, usual and usual.endpoint, seen

        return examine

    http2 = b"POST /x HTTP/2\r\nHost: a\r\n\r\n<r/>"
    for name, values in {
        "a name": {"domain": "a.example"},
        "the usual": {},
        "an address": {"address": "10.0.0.9", "mac": "00:04:f2:aa:bb:cc", "serial": "S1"},
        "a URL": {"url": "http://10.0.0.9/x", "vendor": "V", "model": "M", "revision": "R", "locale": "L"},
        "its firmware": {"address": "10.0.0.9", "port": 81, "firmware": "1.0.522.101"},
        "another protocol": {"address": "10.0.0.9", "saved": http2},
        "another protocol by name": {"saved": http2},
    }.items():
        found[f"target, {name}"] = asked(**values)

    def named(domain: str | None, **own: Any) -> Call:
        def examine(patch: Patch) -> Any:
            network = LocalNetwork(
                context=Context(nameservers=(("10.0.0.2", 53),)), domain="contoso.com", domain_from="lease"
            )
            begun: list[Any] = []
            patch.setattr(
                "ucdiag.cli.fleet_run.run_fleet",
                lambda command, fleet, question_of, view, context: begun.append((command, question_of)) or 7,
            )
            code = names._check_all(None, network, Phone(model="CX600"), "sip.example", None)
            command, question_of = begun[0]
            question = question_of(Target(line=3, domain=domain, **own))
            seen: list[Any] = []
            patch.setattr(names, "observe_names", lambda *words: seen.append(list(map(_brief, words))) or ())
            patch.setattr(names, "with_dead_nameservers", lambda context, found: seen.append(_brief(context)))
            question.observe(replace(question.context, timeout=9.0))
            told = (question.target.line, question.name, _brief(question.setting), _brief(question.context))
            return (
                code,
                command,
                told,
                [asked[:4] for asked in question.usual.questions if asked[2] != "wildcard"],
                seen,
            )

        return examine

    found["target, a domain"] = named("a.example")
    found["target, no domain"] = named(None)
    found["target, a domain at nameservers"] = named("a.example", nameservers=(("10.0.0.3", 53), ("10.0.0.4", 5353)))
    return found


def _handed() -> dict[str, Call]:
    """What each active command hands to its run: with values that differ from each other and from the usual."""
    found: dict[str, Call] = {}
    lease = Lease(
        time=1, interface="eth0", source="s", provenance="p", authority="dhcp", chosen=True, domain="x.example"
    )

    def handed(command: str, **given: Any) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []
            module = import_module(f"ucdiag.cli.{command}")
            network = LocalNetwork(
                context=Context(nameservers=(("10.0.0.2", 53),)),
                domain="contoso.com",
                domain_from="a lease",
                leases=(lease,),
            )

            def noted(name: str, answer: Callable[..., Any]) -> None:
                def call(*words: Any, **named: Any) -> Any:
                    told = [*map(_brief, words), *(f"{key} {_brief(part)}" for key, part in named.items())]
                    notes.append(f"{name}: {'; '.join(map(str, told))}")
                    return answer(*words, **named)

                if hasattr(module, name):
                    patch.setattr(module, name, call)

            def run(command: str, **values: Any) -> int:
                notes.extend(f"{key} {_brief(values[key])}" for key in sorted(values) if key != "observations")
                notes.extend(_brief(part) for part in values["observations"])
                notes.append(command)
                return 5

            noted("find_local_network", lambda context, domain, interface=None: network)
            noted("lease_in_use", lambda leases: "the lease in use")
            noted("find_leases", lambda context, interface: SimpleNamespace(leases=("the leases",)))
            noted("with_readable_files", lambda context: replace(context, files={"hosts": b"read"}))
            noted("open_for_asking", lambda query, *rest: f"{query}, opened")
            noted("give_up_root", lambda *words: None)
            noted("in_time", lambda context, seen: seen)
            noted("repeat_until_whole", lambda observe, *rest: observe())
            noted("with_dead_nameservers", lambda context, seen: seen)
            for name in ("observe_path", "observe_walk", "observe_names", "observe_dhcp"):
                noted(name, lambda *words: iter(("observed",)))
            patch.setattr(module, "run", run)
            with click.Context(click.Command(command)):
                code = inspect.unwrap(module.command.callback)(**given)
            return code, notes

        return examine

    view = runners.ViewOptions(verbose=1, quiet=True)
    context = Context(timeout=7.0)
    both = {"phone": Phone(model="CX600"), "sip_domain": "sip.example", "context": context}
    for domain, quiet in (("given.example", view), (None, replace(view, verbose=0, quiet=False))):
        some: dict[str, Any] = {**both, "domain": domain, "view": quiet}
        found[f"handed, check-dns {domain}"] = handed("check_dns", **some, until_whole=9.0, fleet=None)
        found[f"handed, check-dhcp {domain}"] = handed(
            "check_dhcp",
            context=context,
            mac="00:04:f2:aa:bb:cc",
            interface="eth7",
            query="a query",
            domain=domain,
            view=quiet,
        )
        for name, server in {
            "a name": ServerOptions(external=True),
            "a URL": ServerOptions(url="http://10.0.0.9/x", limit=5),
            "an address": ServerOptions(address="10.0.0.8", download=False),
        }.items():
            found[f"handed, check {name} {domain}"] = handed(
                "check", **some, server=server, interface="eth7", query="a query", until_whole=9.0
            )
            found[f"handed, probe {name} {domain}"] = handed("probe", **some, server=server, dry_run=False, fleet=None)
    return found


def _brief(value: Any) -> Any:
    """Of a record what differs from the usual, and no functions."""
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: (getattr(value, part.name), part) for part in fields(value) if part.name[0] != "_"}
        unusual = {
            name: _brief(held)
            for name, (held, part) in parts.items()
            if held != part.default and not callable(held) and name not in ("waiting", "followed")
        }
        return f"{type(value).__name__}{unusual}"
    return "a call" if callable(value) or isinstance(value, Iterator) else value


def _ended_in_time(patch: Patch) -> Any:
    """What comes when the time of a run is over: problems are passed on, and mere information is left."""
    problem, fact = Problem(code="output", text="So."), Lookup(time=1, name="x", type="A")
    beside = SideCheck(time=1, what="ntp", target="a.example", good=True, text="So.")
    said = []
    for items in ((fact, beside, problem), (beside, problem), (problem, beside, fact, problem), ()):
        for over in (False, True):
            context: Any = SimpleNamespace(is_over=over, need_time=raising(CannotTest("max-time", "It is over.")))
            given: list[str] = []
            try:
                given.extend(type(item).__name__ for item in whole_runs.in_time(context, items))
            except CannotTest as error:
                given.append(error.code)
            said.append(f"{over} {' '.join(given)}")
    return said


def _signed_in(patch: Patch) -> Any:
    """How many are asked at the same time, with an account and without: wrong passwords would lock it."""
    said = []
    for user in (None, "CONTOSO\\anna"):
        account = None if user is None else contexts.Account(user=user, password="x")
        network = LocalNetwork(context=Context(account=account), domain=None, domain_from=None)
        patch.setattr(probes, "find_local_network", lambda context, domain, network=network: network)
        patch.setattr(probes, "with_readable_files", lambda context: context)
        patch.setattr(probes, "_probe_all", lambda fleet, *words: said.append(fleet) or 0)
        fleet = fleet_options.FleetOptions(targets="t", jobs=4, rate=2.0, bad_lines="skip", journal=None)
        context, server = Context(account=account), ServerOptions()
        inspect.unwrap(probes.command.callback)(
            context=context,
            domain=None,
            sip_domain=None,
            server=server,
            phone=Phone(),
            dry_run=False,
            fleet=fleet,
            view=runners.ViewOptions(),
        )
    return said


def _found_out(patch: Patch) -> Any:
    """Which domain the first page names, and where it is from."""
    said = []
    for domain, authority in itertools.product(("Contoso.COM.", None, "", "a b", "x..y"), ("dhcp", "resolver")):
        chosen = SimpleNamespace(domain=domain, authority=authority)
        asked: list[Any] = []
        patch.setattr(
            "ucdiag.leases.machine_leases", lambda runner, asked=asked: (asked.append(runner("ip")), "problems")
        )
        patch.setattr("ucdiag.leases.dhcp_domain", lambda leases, chosen=chosen: chosen)
        said.append((firsts._lease_domain(), asked))
    patch.setattr("ucdiag.leases.dhcp_domain", lambda leases: None)
    return list(map(str, (*said, firsts._lease_domain())))


def _notepad(patch: Patch) -> Any:
    """Which outputs are written as Notepad needs it: prose, in a file, on Windows."""
    said: list[Any] = []
    for system, prose, file in itertools.product(("nt", "posix"), (True, False), ("a file", None)):
        patch.setattr(outputs, "os", SimpleNamespace(**{**vars(os), "name": system}))
        patch.setattr("ucdiag.runtime.named_files.held_file", lambda name: None)
        patch.setattr(outputs, "need_unoccupied", lambda *words, **named: None)
        patch.setattr("ucdiag.cli.output_files.open_output", lambda *words, file=file, **named: (9, file))
        patch.setattr(outputs, "open_stream", lambda handle, for_notepad: said.append((handle, for_notepad)))
        output = outputs.Output("x", prose=prose)
        said.append((system, prose, output.is_file))
    return said


def _unmasked(patch: Patch) -> Any:
    """What is read of a copy before it is masked: of what is unwrapped the length changes as its bytes do."""
    patch.setattr(masks, "unwrap_frame", lambda link, frame: (101, frame[4:]) if link == 276 else (link, frame))
    blocks = [(1, struct.pack("<HHI", link, 7, 0)) for link in (1, 276)]
    for interface, length in itertools.product((0, 1), (20, 21, 600, 15, 16, 17)):
        blocks.append((6, struct.pack("<IIIII", interface, 3, 7, 20, length) + bytes(range(20)) + b"padding"))
    blocks += [(5, struct.pack("<IIIHHQ", 0, 2, 9, 5, 8, 41)), (4, b"of no interest")]
    said = []
    for those in (blocks, blocks[:2], blocks[8:9], []):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a")
            path.write_bytes(b"".join(struct.pack("<II", kind, len(body) + 8) + body for kind, body in those) + b"cut")
            try:
                read = masks._Frames(str(path))
            except IndexError as error:
                said.append(repr(error))
                continue
        frames = [(link, bytes(frame).hex()) for link, frame in read.frames]
        said += [read.links, read.details, sorted(set(frames)), (read.ended, read.lost)]
    return list(map(str, said))


CALLS: dict[str, Call] = {
    "unmasked packets": _unmasked,
    "ended in time": _ended_in_time,
    "signed in": _signed_in,
    "found out": _found_out,
    "for Notepad": _notepad,
    **_targets(),
    **_handed(),
    **_many(),
    **_captures(),
    **_stored(),
    **_repeated(),
    **_read(),
    **_profiles(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
