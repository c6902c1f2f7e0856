"""What the views make of reports under every option: colours, ``-v``, ``-q``, ladders, ASCII, and widths, as text.

Styles are shown as ``{1;31}``. Of a page or text that is nearly another one's the lines that differ are recorded.
``python -m tests.views.variants`` writes ``variants.txt`` anew; read the difference before you commit it.
"""

import difflib
import io
import os
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

from tests.recorded_texts import read_texts, write_cases
from tests.views.facts import FACTS
from tests.views.reports import START, broken_phone, report, whole_phone
from tests.views.scenes import SCENES
from tests.views.shown import Stream, shown
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.model.checks import Check, Checks
from ucdiag.model.machine import Check as MachineCheck
from ucdiag.model.machine import CheckName, Machine, Remedy
from ucdiag.model.observations import Certificate, Connect, Lookup, SideCheck, Tls, UpdateAnswer, UpdateFile
from ucdiag.model.report import Evidence, Finding, Fix, Identity, PhoneReport, Problem, Report, Source, Verdict
from ucdiag.model.steps import STEPS, Level, Step, StepStatus, VerdictStatus, Who
from ucdiag.views import FORMATS, changes_view, doctor_view, explain_view, inventory_view, load_view
from ucdiag.views.changes_view import Changes, PhoneChange, summary_of
from ucdiag.views.explain_view import Explanation
from ucdiag.views.html.shows import show_scenarios, show_trials
from ucdiag.views.lab_results import Expected, ScenarioResult
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import screen_of
from ucdiag.views.phones import table_lines

FILE = Path(__file__).with_name("variants.txt")
_STYLE = re.compile(r"\x1b\[([0-9;]*)m")
_CURSOR = re.compile(r"\x1b\[(\?25[lh]|[0-9]*[A-Z])|\r")
_HOST = re.compile(r"(?<!capture )\bon [^ ,]+(?=, \d{4}-|</)")
_VERSION = re.compile(r"ucdiag \d[\w.+]*\w")
_ELEMENT = re.compile(r"(?<!\n)<(?!/)")
_HTML_ONCE = re.compile(r"<style>.*?</style>|<script>.*?</script>|sha256-[\w+/=]+", re.DOTALL)


def readable(text: str) -> str:
    """Without this machine's name and the version; styles in braces, each element of HTML in a line of its own."""
    text = _HOST.sub("on this machine", _VERSION.sub("ucdiag VERSION", _CURSOR.sub("", text)))
    text = _STYLE.sub(lambda style: f"{{{style[1]}}}", text)
    if text.startswith("<!DOCTYPE"):
        text = re.sub(r"\n\s*\n+", "\n", _ELEMENT.sub("\n<", _HTML_ONCE.sub("", text)))
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def in_colour(made: Report, columns: int = 100, format_: str = "text", **options: Any) -> str:
    environment = {"TERM": "xterm-256color", "COLUMNS": str(columns)}
    stream = Stream(terminal=True)
    return readable(shown(made, format_=format_, stream=stream, environment=environment, **options))


def piped(made: Report, format_: str = "text", columns: int = 100, encoding: str = "utf-8", **options: Any) -> str:
    environment = {"TERM": "xterm", "COLUMNS": str(columns)}
    return readable(shown(made, format_=format_, stream=Stream(encoding), environment=environment, **options))


def changed(usual: str, other: str) -> str:
    """The lines by which a text differs from the usual one."""
    lines = list(difflib.unified_diff(usual.splitlines(), other.splitlines(), n=0, lineterm=""))[2:]
    difference = "\n".join(line for line in lines if not line.startswith("@@")) or "as usual"
    return difference if len(difference) <= len(other) else other


# Reports that have everything.

_HOUR = 3600 * 10**6
_DAY = 24 * _HOUR


def checks(count: int, history: int | None = None) -> Checks:
    """Checks of a phone day by day, of every result, by two servers and from two addresses."""
    results: list[Any] = ["downloaded", "offered", "nothing-newer", "same-version", "failed", "unknown"]
    made = [
        Check(
            time=START + number * _DAY + (2 * _HOUR if number % 5 == 4 else 0),
            result=results[number % 6],
            code="http-status" if number % 6 == 4 else None,
            firmware=("1.0.522.101", None)[number % 7 == 6],
            offered=("3.5.6907.35", None)[number % 4 == 3],
            server=("10.0.0.20", "10.0.0.21")[number % 3 == 2],
            client=("10.0.0.7", None, "10.0.0.8")[number % 3],
            url=("internal", "external")[number % 8 == 7],
            power_on=number % 5 == 0,
        )
        for number in range(count)
    ]
    return Checks(
        count=count,
        interval=86_400.0 if count > 1 else None,
        power_ons=(count + 4) // 5,
        last=made[-1].time if made else None,
        next_due=made[-1].time + _DAY if made else None,
        history=tuple(made if history is None else made[-history:] if history else ()),
    )


def phone(number: int, **changes_: Any) -> PhoneReport:
    """One of many: of four causes, in three sites, of three models."""
    kind = number % 5
    known = Identity(
        mac=f"00:04:f2:00:00:{number:02x}" if number % 11 else None,
        ip=f"10.0.{kind}.{number}" if number % 7 else None,
        vendor="Polycom" if number % 3 else None,
        model=("CX700", "CX600", None)[number % 3],
        serial=f"AB{number}" if number % 2 else None,
        firmware="1.0.522.101" if kind else None,
        domain="contoso.com" if kind < 3 else None,
        site=("north", "south 2", "south 10")[number % 3],
    )
    warning = Finding(
        code="dns-legacy-name",
        level=Level.WARNING,
        step=Step.DNS,
        summary="only the older name exists",
        fix=Fix(text="Create the newer name. Then wait.", commands=(), who=Who.DNS),
        evidence=(),
    )
    if kind == 4:
        return whole_phone_of(known, warning if number % 2 else None, number)
    codes: list[Any] = ["dns-legacy-only", "connect-refused", "http-status", "capture-too-short"]
    steps: list[Step | None] = [Step.DNS, Step.CONNECT, Step.REQUEST, None]
    step, code = steps[kind], codes[kind]
    status = VerdictStatus.BROKEN if step is not None else VerdictStatus.UNKNOWN
    text = f"The path breaks at step {step.number} ({step.value}): it is so." if step else "It was too short."
    base = broken_phone()
    finding = replace(
        base.findings[0],
        code=code,
        step=step or Step.DHCP,
        fix=replace(base.findings[0].fix, text=f"Mend {code} at {known.ip}. It takes long.", who=list(Who)[kind]),
    )
    made = replace(
        base,
        phone=known,
        verdict=Verdict(status=status, step=step, code=code, summary=text),
        findings=(finding, warning) if number % 4 == 1 else (finding,),
        checks=checks(number % 4) if number % 2 else None,
    )
    return replace(made, **changes_)


def whole_phone_of(known: Identity, warning: Finding | None, number: int) -> PhoneReport:
    findings = (warning,) if warning is not None else ()
    return replace(whole_phone(), phone=known, findings=findings, checks=checks(number % 9))


def many(count: int, sites: bool = True) -> Report:
    phones = [phone(number) for number in range(1, count + 1)]
    if not sites:
        phones = [replace(made, phone=replace(made.phone, site=None)) for made in phones]
    source = Source(kind="file", name="site.pcapng", packets=12_345)
    return report(*phones, command="capture", source=source, profile="branches")


R2, LEGACY = "ucupdates-r2.contoso.com", "ucupdates.contoso.com"
_LEAF = Certificate(
    subject="CN=pool.contoso.com",
    issuer="CN=Contoso CA",
    names=("pool.contoso.com", R2),
    key="RSA 1024",
    signature="sha512WithRSAEncryption",
    not_after=START + 30 * _DAY,
)
_ROOT = Certificate(subject="CN=Contoso CA", issuer="CN=Contoso CA", key="RSA 2048", not_after=START - _DAY)


def _lookup(name: str, **more: Any) -> Lookup:
    return Lookup(time=START, name=name, type="A", **{"purpose": "update", "server": "10.0.0.53", **more})


def _offer(**more: Any) -> UpdateAnswer:
    usual: dict[str, Any] = {
        "server": "10.0.0.20",
        "port": 443,
        "form": "offered",
        "version": "3.5.6907.35",
        "internal_url": "http://in.contoso.com/a",
        "external_url": "https://out.contoso.com/b",
        "files": (UpdateFile(name="CPE.nbt", version="3.5.6907.35"),),
    }
    return UpdateAnswer(time=START, **{**usual, **more})


BESIDE = (
    *FACTS.values(),
    _lookup(R2, rcode="NOERROR", addresses=("10.0.0.20",), ttl=3600, aliases=("pool.contoso.com",)),
    _lookup(R2, rcode="NOERROR", addresses=("10.0.0.20",), ttl=3600, aliases=("pool.contoso.com",), server="10.0.0.54"),
    _lookup(R2, rcode="NOERROR", server="10.0.0.55", server_port=5353),
    _lookup(LEGACY, rcode="NXDOMAIN", server_port=53),
    _lookup(LEGACY, failure="no_answer", server="10.0.0.54"),
    _lookup(R2, assumed=True, addresses=("10.0.0.9",)),
    _lookup("in.contoso.com", purpose="file", rcode="NOERROR", addresses=("10.0.0.30", "10.0.0.31")),
    _lookup("out.contoso.com", purpose="other-side", rcode="NXDOMAIN"),
    Connect(
        time=START,
        server="10.0.0.40",
        port=443,
        outcome="refused",
        purpose="other-side",
        name="out.contoso.com",
    ),
    _offer(),
    _offer(purpose="compare", asked_as="00:04:f2:00:00:99", version="4.0.7577.4387"),
    _offer(purpose="compare", asked_as="00:04:f2:00:00:98"),
    _offer(purpose="compare", form="none_offered", asked_as=None, server="10.0.0.21"),
    _offer(purpose="compare", form="not_xml", asked_as="00:04:f2:00:00:97", server="10.0.0.22"),
    Tls(
        time=START,
        server="10.0.0.20",
        port=443,
        outcome="complete",
        server_name="pool.contoso.com",
        version="TLSv1.2",
        versions=("TLSv1.2",),
        chain=(_LEAF, _ROOT),
    ),
    Tls(time=START, server="10.0.0.21", port=4443, outcome="untrusted", chain=(replace(_LEAF, subject=""),)),
    SideCheck(time=START, what="ntp", target="ntp.contoso.com", server="10.0.0.60", text="answers", good=True),
    SideCheck(
        time=START,
        what="certsrv",
        target="http://10.0.0.20/certsrv",
        server="10.0.0.20",
        text="is not there",
        good=False,
    ),
    SideCheck(time=START, what="certificate-service", target="a.contoso.com", text="is not asked", good=False),
)
COMMANDS: tuple[Any, ...] = ("check", "check-dns", "check-dhcp", "probe", "capture", "logs")


def everything(command: Any, count: int = 4, history: int | None = None) -> Report:
    """A report whose phone has facts of every kind, and checks."""
    kind: Any = {"capture": "file", "logs": "logs"}.get(command, "active")
    source = Source(kind=kind, name="site.pcapng" if kind != "active" else None, packets=1 if kind == "file" else None)
    seen = broken_phone(observations=BESIDE, checks=checks(count, history))
    problems = (
        Problem(code="interrupted", text="It was interrupted."),
        Problem(code="not-sent", text="This machine cannot send."),
        Problem(code="output", text="The file cannot be written."),
    )
    return report(seen, command=command, source=source, problems=problems, profile="branches")


def levels() -> Report:
    """A whole path with a finding of each level, one of which says nothing of what to change."""
    findings = tuple(
        replace(broken_phone().findings[0], code=code, level=level, summary=f"it is {level.value}")
        for level, code in zip(reversed(Level), ("no-update-offered", "dns-slow", "connect-refused"), strict=True)
    )
    empty = replace(findings[0], code="dns-any", fix=Fix(text="", commands=(), who=Who.PHONE), evidence=())
    return report(replace(whole_phone(), findings=(*findings, empty)))


def statuses() -> Report:
    """Steps of every status in many orders."""
    made = []
    orders: list[Sequence[StepStatus]] = [list(StepStatus), list(reversed(StepStatus))]
    orders += [[status] * 7 for status in StepStatus]
    for number, order in enumerate(orders):
        one = broken_phone(observations=(), findings=())
        steps = tuple(replace(step, status=status, seconds=0.5) for step, status in zip(one.steps, order, strict=False))
        steps += one.steps[len(steps) :]
        status = list(VerdictStatus)[number % 3]
        decides = replace(one.verdict, status=status, step=STEPS[number % 7], summary=f"As in order {number}.")
        made.append(replace(one, steps=steps, verdict=decides))
    return report(*made)


def long_texts() -> Report:
    """Whatever can be long is longer than what is shown of it."""
    words, name = "a sentence goes on. " * 160, "n" * 2500
    finding = replace(
        broken_phone().findings[0],
        summary=words,
        evidence=(Evidence(text=words, time=START, frame=12),),
        fix=Fix(text=words, commands=(), who=Who.DNS),
    )
    seen = (
        _lookup(f"ucupdates-r2.{name}", rcode="NOERROR", addresses=tuple(f"10.0.0.{at}" for at in range(1, 255))),
        _offer(internal_url=f"http://in.contoso.com/{name}", version=name),
        _offer(purpose="compare", version=name, asked_as="x", internal_url=f"http://in.contoso.com/{name}"),
        replace(BESIDE[-5], server_name=name, chain=(replace(_LEAF, subject=name, names=(name,) * 9),) * 2),
        SideCheck(time=START, what="ntp", target="ntp.contoso.com", text=words, good=True),
    )
    known = Identity(ip="10.0.0.7", vendor=name, model=name, site=name)
    verdict = replace(broken_phone().verdict, summary=words)
    made = broken_phone(findings=(finding, replace(finding, code="dns-slow")), observations=seen, verdict=verdict)
    problem = Problem(code="not-sent", text=words)
    return report(replace(made, phone=known), problems=(problem,), verdict=verdict)


_RUNS = re.compile(
    r"(n{9,}|(?:(?:a )?sentence goes on\.[ \n]*|(?:sentence )?goes on\. a |on\. a sentence goes[ \n]*){2,})"
)


def runs_counted(text: str) -> str:
    """What is repeated for long is counted."""
    return _RUNS.sub(lambda run: f"{{{len(run[0])} letters}}", text)


def causes() -> Report:
    """Phones of more causes, sites and models than are shown at once."""
    phones = []
    for number in range(1, 31):
        one = phone(
            1, phone=Identity(mac=f"00:04:f2:00:01:{number:02x}", site=f"site {number % 13}", model=f"M{number}")
        )
        fix = replace(one.findings[0].fix, text=f"Mend the {'long ' * 40}thing {number % 8}. Then wait.")
        warned = replace(one.findings[0], code=list(CATALOGUE)[number], level=Level.WARNING)
        phones.append(replace(one, findings=(replace(one.findings[0], fix=fix), warned)))
    return report(*phones, command="capture", source=Source(kind="file", name="a.pcap", packets=1))


MACHINE = Machine(
    ucdiag="1.0",
    system="Linux 6.1",
    python="3.11.2",
    checks=tuple(
        MachineCheck(
            check=name,
            status=("ok", "warning", "failed", "unknown")[number % 4],  # type: ignore[arg-type]
            summary=f"It is so with {name}, as far as can be told from here without asking anybody else at all.",
            fix=f"Mend {name}." if number % 3 else None,
            commands=(
                Remedy(purpose="check", shell="sh", text="ls -l", note="changes nothing"),
                Remedy(purpose="change", shell="sh", text="setcap x"),
                Remedy(purpose="instead", shell="sh", text="sudo ucdiag", note="root"),
            )[: number % 4],
        )
        for number, name in enumerate(get_args(CheckName))
    ),
)
FINE = replace(MACHINE, checks=tuple(replace(check, status="ok") for check in MACHINE.checks))
WORDS_OF_CHANGE = ("broken", "still-broken", "changed", "new", "gone", "mended", "same")


def changes_of(problem: str | None = None) -> Changes:
    verdicts = [phone(number).verdict for number in (1, 2, 3, 4)]
    phones = [
        PhoneChange(
            phone=f"00:04:f2:00:00:{number:02x} at north",
            change=change,
            old=None if change == "new" else verdicts[number % 4],
            new=None if change == "gone" else verdicts[(number + (change != "same")) % 4],
        )
        for number, change in enumerate(WORDS_OF_CHANGE * 2)
    ]
    return Changes(summary=summary_of(phones), phones=tuple(phones), problem=problem)


def scenario_results() -> list[ScenarioResult]:
    dns = Expected(status=VerdictStatus.BROKEN, step=Step.DNS, code="dns-no-answer")
    whole = Expected(status=VerdictStatus.WHOLE, step=None, code=None)
    return [
        ScenarioResult(name="a", title="A <title>", summary="x", expected=dns, expected_findings=("dns-no-answer",)),
        ScenarioResult(
            name="b", title="B", summary="x", expected=whole, expected_findings=(), as_expected=True, seconds=1.26
        ),
        ScenarioResult(
            name="c",
            title="C",
            summary="x",
            expected=whole,
            expected_findings=(),
            as_expected=False,
            differences=("one", "two & three"),
            seconds=0.04,
        ),
    ]


def written(write: Callable[..., None], *arguments: Any, terminal: bool = False, **options: Any) -> str:
    """What a function writes on a screen."""
    stream = Stream(terminal=terminal)
    environment = {"TERM": "xterm-256color", "COLUMNS": "90"}
    write(*arguments, screen_of(stream, environment, **options))
    return readable(stream.getvalue())


def inventory(format_: str, terminal: bool, count: int, **options: Any) -> str:
    def write(screen: Any) -> None:
        view = inventory_view.load_inventory_view(format_, screen)
        made = many(count) if count else SCENES["no phone"]()
        view.begin("capture")
        view.progress(whole_phone())
        view.end(made)
        view.close()

    return written(write, terminal=terminal, **options)


def _styled(line: Any) -> str:
    return "".join(part if isinstance(part, str) else f"{{{part[1]}}}{part[0]}{{}}" for part in line)


def tables() -> str:
    phones = many(12).phones
    made = {
        "none": table_lines([], 0, 0, 80, 24),
        "none, lost": table_lines([], 1, 2, 80, 24, quiet=1),
        "one": table_lines(phones[:1], 1, 1, 80, 24),
        "all": table_lines(phones, 12_345, 1_000, 120, 24, quiet=2, status="listening"),
        "ASCII": table_lines(phones, 12_345, 0, 100, 24, False, status="listening on a very long name " * 5),
        "low": table_lines(phones, 2, 0, 80, 9),
        "narrow": table_lines(phones, 2, 0, 34, 7),
        "very narrow": table_lines(phones, 2, 0, 10, 3, quiet=1, status="x"),
        "wide": table_lines(phones, 2, 0, 300, 15),
    }
    return "\n".join("\n".join([f"{name}:", *map(_styled, lines)]) for name, lines in made.items())


def explained(code: str, format_: str, terminal: bool) -> str:
    entries = (CATALOGUE[code],) if code in CATALOGUE else ()
    problems = tuple(problem for problem in PROBLEMS.values() if problem.code == code)
    made = Explanation(ucdiag="1.0", entries=entries, problems=problems)
    return written(lambda screen: explain_view.show_explanation(made, format_, screen, listed=False), terminal=terminal)


def listed(format_: str, terminal: bool) -> str:
    made = Explanation(ucdiag="1.0", entries=tuple(CATALOGUE.values())[:4], problems=tuple(PROBLEMS.values())[:2])
    return written(lambda screen: explain_view.show_explanation(made, format_, screen, listed=True), terminal=terminal)


def while_it_runs(columns: int, **options: Any) -> str:
    """What the text view shows on a terminal before the end, with a word of what is waited for."""
    stream = Stream(terminal=True)
    view: Any = load_view("text", screen_of(stream, {"TERM": "xterm-256color", "COLUMNS": str(columns)}, **options))
    view.begin("check")
    view.progress(broken_phone())
    view.progress(whole_phone())
    view.close()
    return readable(f"{view.live} {view.takes_brief} {view.table is not None}\n{stream.getvalue()}")


class _Marked(LineWriter):
    """Writes styles by their names."""

    def _write_parts(self, parts: Any) -> None:
        self.screen.stream.write(f"{_styled(parts)}\n")


def wrapped() -> str:
    """How lines are broken."""
    stream = io.StringIO()
    for columns in (20, 41, 60):
        writer = _Marked(screen_of(stream, {"COLUMNS": str(columns)}))
        text = "a sentence that is longer than that, http://contoso.com/which-is/never/broken-at-all/anywhere and more"
        writer.write_wrapped(("Head:", "bold"), f" {text}", hang=4)
        writer.write_wrapped((text, "dim"), first="  ", hang=6)
        writer.write_wrapped("plain ", ("word", "red"), f" {text}", hang=30, first=" - ")
        writer.write_wrapped("")
        writer.write_line("x" * columns, ("y\x1b[2J", "cyan"), text)
        writer.write_blank()
    return stream.getvalue()


OPTIONS: dict[str, dict[str, Any]] = {
    "-v": {"verbose": 1},
    "-q": {"quiet": True},
    "ladder": {"ladder": True},
    "no ladder": {"ladder": False},
    "-v, no ladder": {"ladder": False, "verbose": 1},
    "ASCII": {"encoding": "ascii"},
    "ASCII, -v": {"encoding": "ascii", "verbose": 1},
}
_READ_BY_RICH = {"COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
_SHORTER = ("whole", "broken at dns", "captured, broken", "several phones", "no phone")
_CODES = ("dns-legacy-only", "no-update-offered", "tls-untrusted", "connect-refused", "interrupted", "not-sent")


_Cases = Iterator[tuple[str, Callable[[], str]]]


def _difference(usual: Callable[[], str], other: Callable[[], str]) -> Callable[[], str]:
    return lambda: changed(usual(), other())


def _of_scenes() -> _Cases:
    for name, scene in SCENES.items():
        yield f"in colour: {name}", lambda scene=scene: in_colour(scene())
        yield f"in colour, -q: {name}", lambda scene=scene: in_colour(scene(), quiet=True)
    for name in _SHORTER:
        made = SCENES[name]()
        yield f"in colour, -v: {name}", _difference(partial(in_colour, made), partial(in_colour, made, verbose=1))
        yield f"no colour: {name}", partial(in_colour, made, color=False)
        for format_, option in product(FORMATS, OPTIONS):
            if format_ == "json" or (format_ == "html" and option not in ("-v", "-q", "no ladder")):
                continue
            usual = partial(piped, made, format_)
            yield f"{format_}, {option}: {name}", _difference(usual, partial(usual, **OPTIONS[option]))


def _after(head: str, text: str, lines: int = 36) -> str:
    """So many lines that follow a head."""
    return "\n".join(text.partition(head)[2].splitlines()[:lines])


def _of_everything() -> _Cases:
    for command in COMMANDS:
        made = everything(command)
        coloured = partial(in_colour, made, ladder=False)
        yield f"everything: {command}", coloured
        yield f"everything, -v: {command}", _difference(coloured, partial(coloured, verbose=1))
        for format_ in ("html", "short", "markdown", "csv"):
            usual = partial(piped, everything("check"), format_, ladder=False)
            other = _difference(usual, partial(piped, made, format_, ladder=False))
            yield f"everything, {format_}: {command}", usual if command == "check" else other
    for count, history in ((0, None), (1, None), (2, None), (3, 1), (24, None), (25, None), (30, 26)):
        made = everything("capture", count, history)
        shows = {"": partial(in_colour, made), ", -v": partial(piped, made, verbose=1)}
        for option, show in (*shows.items(), (", html", partial(piped, made, "html"))):
            yield f"{count} checks, {history} known{option}", lambda show=show: _after("Checks:", show())


def _of_steps() -> _Cases:
    for name, made in (("levels", levels()), ("statuses", statuses())):
        yield f"in colour: {name}", partial(in_colour, made)
        for option, given in OPTIONS.items():
            usual = partial(piped, made)
            yield f"text, {option}: {name}", _difference(usual, partial(usual, **given))
        for format_ in ("html", "markdown", "short", "junit", "nagios"):
            yield f"{format_}: {name}", partial(piped, made, format_)


def _of_much() -> _Cases:
    for format_, verbose in product(FORMATS, (0, 1)):
        if format_ not in ("json", "ndjson"):
            shows = partial(piped, long_texts(), format_, verbose=verbose)
            yield f"long texts, {format_}, {verbose}", lambda shows=shows: runs_counted(shows())
    for format_ in ("text", "markdown"):
        yield f"many causes, {format_}", partial(piped, causes(), format_)
    yield "many causes, html", lambda: _after("What to do first", piped(causes(), "html"), 400)


def _of_many() -> _Cases:
    for count, format_ in product((2, 13), FORMATS):
        if format_ not in ("json", "ndjson"):
            yield f"{count} phones, {format_}", partial(piped, many(count), format_)
    text, page = partial(piped, many(13)), partial(piped, many(13), "html")
    yield "13 phones in colour", _difference(text, partial(in_colour, many(13)))
    yield "13 phones of no site", _difference(text, partial(piped, many(13, sites=False)))
    yield "13 phones of no site, html", _difference(page, partial(piped, many(13, sites=False), "html"))
    yield "3 phones, html, -v", _difference(partial(piped, many(3), "html"), partial(piped, many(3), "html", verbose=1))
    yield "tables of phones", tables
    for count, format_, terminal in product((0, 9), ("text", "csv", "json", "ndjson"), (False, True)):
        where = "terminal" if terminal else "pipe"
        yield f"inventory of {count}, {format_}, {where}", partial(inventory, format_, terminal, count)


def _of_what_is_no_report() -> _Cases:
    options: tuple[dict[str, Any], ...] = ({}, {"verbose": 1}, {"quiet": True})
    machines = {"machine": MACHINE, "fine machine": FINE}
    for terminal, format_ in product((False, True), ("text", "short", "json", "html")):
        where = f"{format_}, {'terminal' if terminal else 'pipe'}"
        for (name, machine), option in product(machines.items(), options):
            if format_ != "json" or (name == "machine" and not option):
                show = partial(written, doctor_view.show_machine_checks, machine, format_, terminal=terminal, **option)
                yield f"{name}, {where} {option or ''}".strip(), show
        for code in _CODES:
            yield f"explain {code}, {where}", partial(explained, code, format_, terminal)
        yield f"explained, {where}", partial(listed, format_, terminal)
        for verbose in (0, 1) if format_ != "html" else ():
            show = partial(written, changes_view.show_changes, changes_of("It is so."), format_, terminal=terminal)
            yield f"changes, {where}, {verbose}", partial(show, verbose=verbose)
    yield "no changes", partial(written, changes_view.show_changes, Changes(summary=summary_of([])), "text")
    yield "scenarios", lambda: written(lambda screen: show_scenarios(scenario_results(), screen.stream))
    yield "trials", lambda: written(lambda screen: show_trials(scenario_results()[1:], screen.stream))
    yield "lines", wrapped
    for columns, option in product((30, 100), (*options, {"ladder": True})):
        yield f"while it runs, {columns} {option or ''}".strip(), partial(while_it_runs, columns, **option)


def unaffected(case: Callable[[], str]) -> str:
    """What comes of it whatever this machine's environment says."""
    # What a terminal can do rich reads there, whatever it is told.
    kept = {name: value for name, value in os.environ.items() if name not in _READ_BY_RICH}
    with patch.dict(os.environ, {**kept, "TERM": "xterm-256color"}, clear=True):
        return textwrap.dedent(case()).rstrip("\n")


_ALL = (_of_scenes(), _of_everything(), _of_steps(), _of_much(), _of_many(), _of_what_is_no_report())
CASES: dict[str, Callable[[], str]] = {name: partial(unaffected, case) for name, case in chain.from_iterable(_ALL)}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
