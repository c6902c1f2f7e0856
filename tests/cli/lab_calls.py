"""What ``lab`` does around its site: the pair of interfaces, what it prints while it serves, and all runs at once.

``python -m tests.cli.lab_calls`` writes ``lab_calls.txt`` anew; read the difference before you commit it.
"""

import contextlib
import io
import itertools
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from ucdiag import __version__
from ucdiag.cli.main import cli
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.lab.trial import Trial
from ucdiag.model.observations import Connect, Lookup
from ucdiag.model.report import Identity, PhoneReport, Problem, Verdict
from ucdiag.model.steps import Step, VerdictStatus
from ucdiag.runtime.context import CannotTest

FILE = Path(__file__).with_name("lab_calls.txt")
lab: Any = import_module("ucdiag.cli.lab")
links: Any = import_module("ucdiag.lab.dhcp_link")
serving: Any = import_module("ucdiag.lab.serve_commands")
Patch = pytest.MonkeyPatch
DENIED = OSError(1, "Operation not permitted")
FEW = {name: SCENARIOS[name] for name in ("whole-current", "dns-legacy-only")}


class EndedError(Exception):
    """The other process would have ended here."""


def _linked() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def linked(fails: str | None = None, served: bool = False) -> Call:
        def examine(patch: Patch) -> Any:
            system = Noted(None, close=None, waitpid=None)
            frames = iter([None, (b"a question", 1), (b"another", 2)])
            link: Any = None

            def receive(seconds: float) -> Any:
                frame = next(frames, "over")
                if frame == "over":
                    link._stopping.set()
                return None if frame == "over" else frame

            sock = Noted(bind_to=DENIED if fails == "open" else None, close=None, send=None)
            sock._answers["receive_frame"] = receive
            notes = system.notes = sock.notes

            def ip(*words: str, check: bool = True) -> None:
                notes.append((*words, check))
                if fails in words:
                    raise DENIED

            patch.setattr(links, "_run_ip", ip)
            patch.setattr(links, "_start_remover", lambda: notes.append("remover") or (77, 9))
            patch.setattr(links, "os", system)
            patch.setattr("ucdiag.runtime.packet_socket.PacketSocket", lambda: sock)
            patch.setattr(links, "answer_frames", lambda scenario, frame: [frame, frame.upper()])
            try:
                with links.DhcpLink(FEW["whole-current"]) as link:
                    notes.append(f"up, {link.interface}")
                    if served:
                        link.serve()
                        link._thread.join(30)
                        notes.append((link._thread.name, link._thread.daemon))
            except OSError as error:
                notes.append(repr(error))
            return notes

        return examine

    found["link"] = linked()
    found["link that serves"] = linked(served=True)
    for fails in ("add", "addrgenmode", "up", "open"):
        found[f"link, {fails} fails"] = linked(fails)

    def remover(child: bool, fails: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            system = Noted(None, pipe=(3, 4), fork=0 if child else 77, close=None, setsid=None, dup2=None, open=8)
            system._answers |= {"read": b"", "_exit": EndedError("0"), "right": fails}
            system.devnull, system.O_RDWR = "/dev/null", 2  # type: ignore[attr-defined]
            patch.setattr(links, "os", system)
            patch.setattr(links, "_run_ip", lambda *words, check=True: system.notes.append((*words, check)))
            patch.setattr("ucdiag.runtime.root_rights.successor_of_root", answering("anna"))
            patch.setattr("ucdiag.runtime.root_rights.keep_one_right", system.right)
            try:
                return links._start_remover(), system.notes
            except EndedError:
                return system.notes

        return examine

    found["link's remover"] = remover(False)
    found["link's remover itself"] = remover(True)
    found["link's remover, without rights"] = remover(True, DENIED)
    for code, check in itertools.product((0, 2), (True, False)):

        def ip(patch: Patch, code: int = code, check: bool = check) -> Any:
            asked: list[Any] = []
            done = SimpleNamespace(returncode=code, stderr=" RTNETLINK answers: no \n" + "x" * 300)
            patch.setattr("os.environ", {"A": "1", "LC_ALL": "de_DE"})
            patch.setattr(
                links.subprocess, "run", lambda words, **how: asked.append((words, sorted(how.items()))) or done
            )
            try:
                links._run_ip("link", "up", check=check)
            except OSError as error:
                asked.append(repr(error)[:120])
            return asked

        found[f"link command {code} {check}"] = ip
    for name, platform, there, root in itertools.product(
        ("whole-current", "lease-domain-rewritten"), ("linux", "darwin"), (True, False), (True, False)
    ):

        def why(
            patch: Patch, name: str = name, platform: str = platform, there: bool = there, root: bool = root
        ) -> Any:
            scenario = SCENARIOS.get(name) or next(
                one for one in SCENARIOS.values() if any(getattr(fact, "rewritten", None) for fact in one.observed)
            )
            patch.setattr(links.sys, "platform", platform)
            patch.setattr(links.shutil, "which", answering("/sbin/ip" if there else None))
            patch.setattr(links, "is_root", answering(root))
            return links.why_not(scenario)

        found[f"link not, {name[:5]} {platform} {there} {root}"] = why
    for found_at, own in itertools.product((None, "/usr/bin/ucdiag", "/opt/ucdiag"), ("/usr/bin/ucdiag", None)):

        def name_(patch: Patch, found_at: Any = found_at, own: Any = own) -> Any:
            patch.setattr(serving.shutil, "which", answering(found_at))
            patch.setattr(serving.sys, "argv", [own] if own else [])
            patch.setattr(serving, "program_call", answering("/its/path"))
            return serving.program_name()

        found[f"own name {found_at} {own}"] = name_
    return found


def _served() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    found: dict[str, Call] = {}

    def served(max_time: float | None, sleep: Any = None, start: Any = None, link: Any = None, why: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []
            times = iter([100.0, 101.5])

            @contextlib.contextmanager
            def started(*words: Any) -> Iterator[str]:
                notes.append((words[0].name, words[1], words[2].__name__))
                if start is not None:
                    raise start
                yield "site"

            def slept(seconds: float) -> None:
                notes.append(("sleep", seconds))
                if sleep is not None:
                    raise sleep

            out = io.StringIO()
            patch.setattr(lab.sys, "stdout", out)
            patch.setattr(lab, "time", SimpleNamespace(monotonic=lambda: next(times), sleep=slept))
            patch.setattr("ucdiag.lab.site.start_site", started)
            patch.setattr(lab, "_dhcp_link", lambda scenario, parts: (link, why))
            patch.setattr("ucdiag.lab.serve_commands.describe_site", lambda *words: iter([repr(words[1:]), "a\nb\x1b"]))
            try:
                code = lab._serve_scenario(FEW["whole-current"], 8000, max_time)
            except click.UsageError as error:
                return error.message, notes
            return code, out.getvalue(), notes, link and link.notes

        return examine

    def served_link() -> Any:
        link = Noted(serve=None)
        link.interface = "lab0"  # type: ignore[attr-defined]
        return link

    found["served"] = served(None)
    found["served for a time"] = served(30.0)
    found["served too long"] = served(1.0)
    found["served and stopped"] = served(None, KeyboardInterrupt())
    found["served with DHCP"] = served(None, link=served_link())
    found["served without DHCP"] = served(None, why="it is so")
    for error in (OSError(98, "Address in use"), OSError("no words")):
        found[f"served not, {error}"] = served(None, start=error)
    for of_dhcp, why, fails in itertools.product((True, False), (None, "it is so"), (None, DENIED)):

        def chosen(patch: Patch, of_dhcp: bool = of_dhcp, why: Any = why, fails: Any = fails) -> Any:
            patch.setattr("ucdiag.lab.serve_commands.is_of_dhcp", answering(of_dhcp))
            patch.setattr(links, "why_not", answering(why))
            link = contextlib.nullcontext("the link")
            patch.setattr(links, "DhcpLink", raising(fails) if fails else answering(link))
            with contextlib.ExitStack() as parts:
                return lab._dhcp_link(FEW["whole-current"], parts)

        found[f"served by a link {of_dhcp} {why} {fails}"] = chosen

    def noted(patch: Patch, error: Any) -> Any:
        failed: list[BaseException] = []
        fact = Lookup(time=1, name="x", type="A")
        unsent = Connect(time=2, server="10.0.0.1", port=80, outcome="not_sent", reason="no route")

        def observe() -> Iterator[Any]:
            yield from (fact, unsent, Problem(code="no-domain", text="There is none."))
            if error is not None:
                raise error

        seen = []
        with contextlib.suppress(ValueError):
            seen += [type(item).__name__ for item in lab._note_failures(observe(), failed)]
        return seen, [(type(one).__name__, str(one)) for one in failed]

    found["noted"] = lambda patch: noted(patch, None)
    found["noted, failed"] = lambda patch: noted(patch, ValueError("a flaw"))
    return found


def _run() -> dict[str, Call]:  # noqa: C901, PLR0915 - a table
    """One scenario and all, with what comes of them given."""
    found: dict[str, Call] = {}

    def trial(scenario: Any, wrong: bool) -> Trial:
        status = VerdictStatus.WHOLE if scenario.expect.status == "whole" else VerdictStatus.BROKEN
        step = Step(scenario.expect.step) if scenario.expect.step else None
        verdict = Verdict(status=status, step=step, code=scenario.expect.code, summary="So it is.")
        report = PhoneReport(phone=Identity(mac=None), verdict=verdict, steps=())
        return Trial(scenario=scenario, report=report, seconds=1.23456, differences=["one\x1b", "two"] if wrong else [])

    def everything(words: list[str], wrong: bool = False, error: Any = None) -> Call:
        def examine(patch: Patch) -> Any:
            patch.setattr(lab, "SCENARIOS", FEW)
            patch.setattr("ucdiag.cli.without_root.give_up_for_sites", answering(None))

            def run(scenario: Any, bounds: Any) -> Trial:
                if error is not None:
                    raise error
                return trial(scenario, wrong and scenario.name.startswith("dns"))

            patch.setattr("ucdiag.lab.trial.run", run)
            done = CliRunner().invoke(cli, ["lab", "--all", *words], prog_name="ucdiag")
            out = done.stdout.replace(__version__, "VERSION")
            return (
                done.exit_code,
                out if len(out) < 3000 else re.sub(r"(?s).*(?=<table)|</table.*", "", out),
                done.stderr,
            )

        return examine

    for form, wrong in itertools.product(("text", "short", "json", "html"), (True, False)):
        found[f"all {form} {wrong}"] = everything(["-f", form], wrong)
    found["all quiet"] = everything(["-q"], True)
    found["all in another form"] = everything(["-f", "csv"])
    found["all, one fails"] = everything([], error=CannotTest("no-sockets", "There are none."))
    for form in ("text", "short", "json", "html", "text -q"):

        def listed(patch: Patch, form: str = form) -> Any:
            patch.setattr(lab, "SCENARIOS", FEW)
            done = CliRunner().invoke(cli, ["lab", "-f", *form.split()], prog_name="ucdiag")
            out = done.stdout.replace(__version__, "VERSION")
            return done.exit_code, re.sub(r"(?s).*(?=<table)|</table.*", "", out), done.stderr

        found[f"listed {form}"] = listed

    def one(words: list[str], code: int = 0, unlike: Any = (), failed: Any = None, over: bool = False) -> Call:
        def examine(patch: Patch) -> Any:
            notes: list[Any] = []

            @contextlib.contextmanager
            def started(scenario: Any, **more: Any) -> Iterator[Any]:
                notes.append(sorted(more))
                yield SimpleNamespace(failed=failed)

            def ran(*words: Any, **how: Any) -> int:
                notes.append((*words, sorted(how), how["source"].name, how["source"].kind))
                return code

            patch.setattr("ucdiag.lab.site.start_site", started)
            patch.setattr("ucdiag.lab.trial.observe_site", lambda site, context: iter(()))
            patch.setattr("ucdiag.lab.trial.differences", lambda scenario, report: list(unlike))
            patch.setattr(lab, "run", ran)
            if over:
                patch.setattr("ucdiag.runtime.context.Context.is_over", True)
            patch.setattr(
                "ucdiag.lab.trial.context_of",
                lambda site, bounds: notes.append((bounds.timeout, bounds.max_time)) or CONTEXT,
            )
            done = CliRunner().invoke(cli, ["lab", "whole-current", *words], prog_name="ucdiag")
            return done.exit_code, done.stdout, done.stderr, notes

        return examine

    found["one"] = one([])
    found["one, timed"] = one(["-t", "2", "--max-time", "9"])
    found["one, quiet"] = one(["-q"])
    found["one in JSON"] = one(["--json"])
    found["one unlike"] = one([], unlike=("a", "b"))
    found["one unlike, and failed"] = one([], unlike=("a",), failed=CannotTest("no-sockets", "None are left."))
    found["one failed, but like"] = one([], failed=CannotTest("no-sockets", "None are left."))
    for code in (70, 130, 1):
        found[f"one left with {code}"] = one([], code)
    found["one, over"] = one([], over=True, unlike=("a",))
    return found


CONTEXT: Any = import_module("ucdiag.runtime.context").Context()
CALLS: dict[str, Call] = {**_linked(), **_served(), **_run()}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
