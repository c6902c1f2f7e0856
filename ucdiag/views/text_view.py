"""The view for people: a line per step, then why and what to change, and the verdict as the last sentence.

On a terminal the steps fill in as they happen; elsewhere each step's line is written once, as soon as a
later step shows that it is settled. Should a settled step still change (another resolver disagrees),
its line is written again at the end.
"""

import re
from collections.abc import Callable
from time import monotonic

from ucdiag.model.codec import to_json
from ucdiag.model.observations import Observation
from ucdiag.model.report import Finding, Identity, PhoneReport, Problem, Report, StepResult
from ucdiag.model.steps import Level, Step, StepStatus, VerdictStatus, Who
from ucdiag.model.vocabulary import ProblemCode, Seconds
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.line_writer import Line, LineWriter, Part
from ucdiag.views.output_target import Screen
from ucdiag.views.phones import PhonesTable
from ucdiag.views.sanitize import shortened, visible_lines
from ucdiag.views.wireshark import display_filter

LONGEST = 2000
NAMED_MOST = 12  # phones named for one cause in the summary of many
_KNOWN = frozenset({StepStatus.OK, StepStatus.WARNING, StepStatus.FAILED})
_LEVELS = {Level.ERROR: ("Why", "bold red"), Level.WARNING: ("Warning", "yellow"), Level.INFORMATION: ("Note", "cyan")}
_WHO = {
    Who.NETWORK: "whoever runs the network",
    Who.DNS: "whoever runs DNS",
    Who.SERVER: "whoever runs the update server",
    Who.PHONE: "whoever has the phone",
}
# Problems that say how to read the report, and not that something was left out of it that could have been tested.
_NOTES: frozenset[ProblemCode] = frozenset(
    {
        "behind-router",
        "body-cut",
        "capture-cut",
        "clock-set-back",
        "connect-to-unused",
        "dhcp-malformed",
        "dhcp-too-many-answers",
        "files-order",
        "forgotten",
        "frames-of-copy",
        "no-request",
        "not-put-in",
        "packets-cut",
        "packets-lost",
        "several-files",
        "several-phones",
        "times-unordered",
        "tls-newer-only",
    }
)
_VERDICTS = {
    VerdictStatus.WHOLE: "bold green",
    VerdictStatus.BROKEN: "bold red",
    VerdictStatus.UNKNOWN: "bold yellow",
}
_BODIES = ("request_text", "answer_text", "excerpt")


def duration(seconds: Seconds | None) -> str:
    """Seconds as a person reads them: ``0.4 ms``, ``21 ms``, ``5.02 s``; nothing when not known."""
    if seconds is None or not 0 <= seconds < float("inf"):
        return ""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def step_line(writer: LineWriter, step: StepResult) -> list[Part]:
    """One step: mark, number, name, claim, time."""
    mark = writer.status_mark(step.status)
    took = duration(step.seconds)
    quiet = step.status not in _KNOWN
    claim = shortened(step.summary, LONGEST)
    parts: list[Part] = [mark, f" {step.number} {step.step.value:9}", (claim, "dim") if quiet else claim]
    if took:
        parts.append((f"  ({took})", "dim"))
    return parts


def who_line(phone: Identity) -> str:
    """The phone in a few words, as far as it is known."""
    name = f"phone {phone.mac or phone.ip or 'not known'}"
    if phone.mac and phone.ip:
        name += f" at {phone.ip}"
    if phone.serial:
        name += f", serial {phone.serial}"
    kind = " ".join(part for part in (phone.vendor, phone.model) if part)
    if kind:
        name += f", {kind}"
    if phone.firmware:
        name += f", firmware {phone.firmware}"
    return name + (f", in the domain {phone.domain}" if phone.domain else "")


def _fix_without_addresses(finding: Finding, phone: Identity) -> tuple[str, ...]:
    """What is equal where the same is to be changed for several phones: all but their own addresses."""
    texts = [finding.code, finding.fix.text, *finding.fix.commands]
    for own in (phone.mac, phone.ip):
        if own:
            texts = [re.sub(rf"(?<![0-9A-Fa-f.:]){re.escape(own)}(?![0-9A-Fa-f.:])", "", text) for text in texts]
    return tuple(texts)


def _short_name(phone: Identity) -> str:
    return phone.mac or phone.ip or "a phone that is not known"


def _first_unsettled(latest: int) -> int:
    """The first step that may still change: connect to response are tried for each address and port in turn."""
    return Step.CONNECT.number if Step.CONNECT.number <= latest < Step.DOWNLOAD.number else latest


class TextView:
    """``-f text``. ``now`` is a clock in seconds."""

    def __init__(self, screen: Screen, now: Callable[[], float] = monotonic) -> None:
        self._screen = screen
        self._writer = line_writer_for(screen)
        self._printed: dict[int, StepResult] = {}
        self._command = ""
        self._ladder = False
        # Whose finding has said what means and mends the same one of later phones.
        self._explained: dict[tuple[str, ...], str] = {}
        self._table = PhonesTable(self._writer, now)
        self.live = not screen.quiet

    def begin(self, command: str) -> None:
        """On a terminal, a sign that it works; elsewhere the steps speak for themselves."""
        self._command = command
        if self._screen.terminal and self.live:
            self._writer.live([self._waiting()])

    @property
    def table(self) -> PhonesTable | None:
        """Where the phones of a capture can be shown while it runs; None where nothing changes in place."""
        return self._table if self._screen.terminal and self.live else None

    def progress(self, phone: PhoneReport) -> None:
        if not self.live:
            return
        if self._screen.terminal:
            self._writer.live(self._live_lines(phone))
            return
        latest = max((step.number for step in phone.steps if step.status in _KNOWN), default=0)
        self._print_steps([step for step in phone.steps if step.number < _first_unsettled(latest)])

    def end(self, report: Report) -> None:
        self._writer.clear_live()
        if not self._screen.quiet:
            one = len(report.phones) == 1 and report.command == "capture"
            self._ladder = one if self._screen.ladder is None else self._screen.ladder
            for phone in report.phones:
                self._phone(phone, several=len(report.phones) > 1)
            shown = [problem for problem in report.problems if problem.text != report.verdict.summary]
            self._problems(shown)
            if report.phones or shown:
                self._writer.blank()
            self._causes(report.phones)
        self._writer.wrapped((report.verdict.summary, _VERDICTS[report.verdict.status]))

    def close(self) -> None:
        self._writer.clear_live()

    def _live_lines(self, phone: PhoneReport) -> list[Line]:
        latest = max((step.number for step in phone.steps if step.status in _KNOWN), default=0)
        return [*(step_line(self._writer, step) for step in phone.steps[:latest]), self._waiting()]

    def _waiting(self) -> Line:
        return [("…" if self._screen.unicode else "...", "dim")]

    def _print_steps(self, steps: list[StepResult]) -> None:
        for step in steps:
            before = self._printed.get(step.number)
            if before is None or (before.status, before.summary) != (step.status, step.summary):
                self._step(step)
                self._printed[step.number] = step

    def _step(self, step: StepResult) -> None:
        parts = step_line(self._writer, step)
        if self._screen.terminal:
            self._writer.wrapped(*parts, hang=13 if self._screen.unicode else 18)
        else:
            self._writer.line(*parts)

    def _phone(self, phone: PhoneReport, *, several: bool) -> None:
        if several:
            who = who_line(phone.phone)
            if phone.verdict.status is VerdictStatus.WHOLE and not phone.findings and not self._screen.verbose:
                self._writer.wrapped(
                    self._writer.status_mark(StepStatus.OK), f" {who}: {phone.verdict.summary}", hang=4
                )
                return
            self._writer.blank()
            self._writer.wrapped((who[0].upper() + who[1:], "bold"))
            self._printed = {}
        self._print_steps(list(phone.steps))
        if self._command == "check-dhcp":
            from ucdiag.views.dhcp import show_dhcp

            show_dhcp(self._writer, phone.observations)
        elif self._command == "check":
            from ucdiag.views.dhcp import show_domains

            show_domains(self._writer, phone.observations)
        if self._ladder:
            self._draw(phone)
        for finding in sorted(phone.findings, key=lambda finding: list(Level).index(finding.level)):
            self._finding(finding, phone.observations, phone.phone if several else None)
        if self._screen.verbose:
            self._details(phone)
        if several:
            self._writer.wrapped(phone.verdict.summary)

    def _draw(self, phone: PhoneReport) -> None:
        from ucdiag.views.ladder import ladder

        lines = ladder(phone, self._screen.width, self._screen.unicode, self._screen.verbose > 0)
        if lines:
            self._writer.blank()
        for line in lines:
            self._writer.line(*line)

    def _finding(self, finding: Finding, observations: tuple[Observation, ...], phone: Identity | None) -> None:
        """``phone`` is whose it is where there are several: what was said for an earlier one is not said again."""
        writer = self._writer
        label, style = _LEVELS[finding.level]
        writer.blank()
        writer.wrapped((f"{label}:", style), f" {shortened(finding.summary, LONGEST)} [{finding.code}]", hang=4)
        most = len(finding.evidence) if self._screen.verbose else 5
        for evidence in finding.evidence[:most]:
            frame = f"frame {evidence.frame}: " if evidence.frame is not None else ""
            writer.wrapped(("seen:", "dim"), f" {frame}{shortened(evidence.text, LONGEST)}", first="    ", hang=10)
        if len(finding.evidence) > most:
            writer.line((f"    seen: {len(finding.evidence) - most} more (-v shows them)", "dim"))
        filter_ = display_filter(finding, observations)
        if filter_:
            writer.line("    ", ("Wireshark:", "dim"), f" {filter_}")
        if phone is not None and not self._screen.verbose:
            name = _short_name(phone)
            before = self._explained.setdefault(_fix_without_addresses(finding, phone), name)
            if before != name:
                if finding.fix.text:
                    what = f" ({_WHO[finding.fix.who]}): as said for {before} above."
                    writer.wrapped(("What to change", "bold"), what, first="  ", hang=4)
                return
        meaning = _meaning(finding.code)
        if meaning and finding.level is Level.ERROR:
            writer.wrapped("What it means: ", meaning, first="  ", hang=4)
        if finding.fix.text:
            writer.wrapped(
                ("What to change", "bold"), f" ({_WHO[finding.fix.who]}): {finding.fix.text}", first="  ", hang=4
            )
        for command in finding.fix.commands:
            writer.line("      ", (command, "cyan"))

    def _causes(self, phones: tuple[PhoneReport, ...]) -> None:
        """Which phones stop at the same place for the same reason, where several do not get through."""
        groups: dict[tuple[VerdictStatus, int, str], list[PhoneReport]] = {}
        for phone in phones:
            verdict = phone.verdict
            if verdict.status is not VerdictStatus.WHOLE:
                number = verdict.step.number if verdict.step else 0
                groups.setdefault((verdict.status, number, verdict.code or ""), []).append(phone)
        if len(phones) < 2 or sum(map(len, groups.values())) < 2:
            return
        order = (VerdictStatus.BROKEN, VerdictStatus.UNKNOWN)
        for key in sorted(groups, key=lambda key: (order.index(key[0]), key[1], -len(groups[key]), key[2])):
            status, _, code = key
            same = groups[key]
            step = same[0].verdict.step
            names = ", ".join(_short_name(report.phone) for report in same[:NAMED_MOST])
            if len(same) > NAMED_MOST:
                names += f" and {len(same) - NAMED_MOST:,} more"
            where = f" at step {step.number} ({step.value})" if step else ""
            what = "broken" if status is VerdictStatus.BROKEN else "not known"
            self._writer.wrapped(
                (f"{len(same):,} {what}{where}", _VERDICTS[status]), f"{f', {code}' if code else ''}: {names}", hang=4
            )
        self._writer.blank()

    def _problems(self, problems: list[Problem]) -> None:
        for problem in problems:
            label = ("Note:", "cyan") if problem.code in _NOTES else ("Not tested:", "yellow")
            if problem.code == "bug":
                label = ("Bug:", "yellow")
            self._writer.blank()
            self._writer.wrapped(label, f" {shortened(problem.text, LONGEST)} [{problem.code}]", hang=4)

    def _details(self, phone: PhoneReport) -> None:
        self._writer.blank()
        self._writer.wrapped(("What was seen", "bold"), f" ({who_line(phone.phone)}):")
        for observation in phone.observations:
            self._observation(observation)

    def _observation(self, observation: Observation) -> None:
        data = to_json(observation)
        bodies = [(name, data.pop(name)) for name in _BODIES if data.get(name)]
        kind, time = data.pop("kind"), data.pop("time")
        said = [f"{name}={_as_text(value)}" for name, value in data.items() if value not in (None, [], "")]
        self._writer.wrapped((time[11:], "dim"), f" {kind} " + shortened(" ".join(said), LONGEST), first="  ", hang=6)
        for name, body in bodies:
            self._writer.line("      ", (f"{name}:", "dim"))
            for line in visible_lines(body):
                self._writer.line("        | ", line)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_as_text(item) for item in value)
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}={_as_text(item)}" for name, item in value.items() if item is not None) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meaning(code: str) -> str | None:
    from ucdiag.diagnosis.catalogue import CATALOGUE

    entry = CATALOGUE.get(code)
    return entry.meaning if entry else None
