"""One phone on the page: who it is, its verdict, what to change, its path, its ladder and what all that rests on."""

from itertools import groupby

from ucdiag.model.codec import to_json
from ucdiag.model.observations import BODY_FIELDS
from ucdiag.model.report import Finding, PhoneReport, StepResult, Verdict
from ucdiag.model.steps import Level, StepStatus, VerdictStatus
from ucdiag.views.beside_steps import LADDER_CHECKS
from ucdiag.views.html.advice import advice_part
from ucdiag.views.html.findings import by_level, finding_part
from ucdiag.views.html.ladder_picture import ladder_picture
from ucdiag.views.html.lines import beside_steps
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.html.path_picture import STATUS_WORDS, path_picture
from ucdiag.views.line_writer import MARKS
from ucdiag.views.output_target import Screen
from ucdiag.views.sanitize import visible_lines
from ucdiag.views.words import advice_head, duration_text, step_name, verdict_lead, verdict_text, with_capital

_REST = frozenset({StepStatus.NOT_NEEDED, StepStatus.NOT_SEEN, StepStatus.NOT_TESTED, StepStatus.NOT_REACHED})
_FIELDS = (
    ("ip", "IP address"),
    ("vendor", "Vendor"),
    ("model", "Model"),
    ("serial", "Serial number"),
    ("firmware", "Firmware"),
    ("domain", "Domain"),
)


def identity_part(phone: PhoneReport, word: str) -> Markup:
    """All that is known of who the phone is. ``word`` is what it is called."""
    known = [(word, phone.phone.mac), *((label, getattr(phone.phone, name)) for name, label in _FIELDS)]
    items = [tag("div", tag("dt", label), tag("dd", value)) for label, value in known if value]
    return tag("dl", *items, class_="id") if items else Markup()


def verdict_part(verdict: Verdict, words: str | None = None) -> Markup:
    """The conclusion, on top of everything. ``words`` stand in place of its own."""
    lead = tag("p", verdict_lead(verdict.status, verdict.step), class_="lead")
    code = tag("p", "Code ", tag("code", verdict.code), class_="code") if verdict.code else Markup()
    title = tag("h1", words or verdict_text(verdict))
    return tag("div", lead, title, code, class_=f"card verdict {verdict.status.value}")


def advised_findings(phone: PhoneReport) -> list[Finding]:
    """The findings whose advice is shown: what decides, and on a path that is whole what could be better."""
    whole = phone.verdict.status is VerdictStatus.WHOLE
    return [
        finding
        for finding in by_level(phone.findings)
        if (finding.fix.text or finding.fix.commands)
        and (finding.code == phone.verdict.code or (whole and finding.level is Level.WARNING))
    ]


def change_part(phone: PhoneReport) -> Markup:
    """What to change."""
    findings = advised_findings(phone)
    if not findings:
        return Markup()
    whole = phone.verdict.status is VerdictStatus.WHOLE
    parts = [tag("h2", "What could be better" if whole else advice_head(findings[0].level, phone.verdict.status))]
    for finding in findings:
        if finding.code != phone.verdict.code:
            parts.append(tag("p", f"{with_capital(finding.summary)} ", tag("code", finding.code, class_="tag")))
        parts.append(advice_part(finding.fix))
    return tag("section", *parts)


def path_part(phone: PhoneReport) -> Markup:
    """The picture, and a line for each step."""
    alike = groupby(phone.steps, key=lambda step: (step.status, step.summary, step.status in _REST or step.step))
    lines = tag("ol", *(_step_line(list(steps)) for _, steps in alike), class_="steps")
    return tag("section", tag("h2", "The path"), path_picture(phone.steps, phone.verdict), lines)


def _step_line(steps: list[StepResult]) -> Markup:
    """A line for one step, or for several in a row of which the same is said."""
    step, last = steps[0], steps[-1]
    number = f"{step.number} {step_name(step.step)}"
    if last is not step:
        number = f"{step.number} {'to' if len(steps) > 2 else 'and'} {last.number}"
    mark = tag("span", MARKS[step.status][0], class_="mark", aria_hidden="true")
    name = tag("span", number, tag("span", f", {STATUS_WORDS[step.status]}:", class_="sr"), class_="name")
    says = tag("span", step.summary, class_="says")
    took = tag("span", duration_text(step.seconds), class_="took")
    rest = " rest" if step.status in _REST else ""
    return tag("li", mark, name, says, took, class_=f"{step.status.value}{rest}")


def findings_part(phone: PhoneReport) -> Markup:
    """Each finding with its evidence."""
    if not phone.findings:
        return Markup()
    shown = {finding.code for finding in advised_findings(phone)}
    parts = [finding_part(finding, phone, shown=finding.code in shown) for finding in by_level(phone.findings)]
    return tag("section", tag("h2", "Findings and their evidence"), *parts)


def ladder_part(phone: PhoneReport, screen: Screen) -> Markup:
    """The ladder, unless it is not wanted; folded away where it would be a wall."""
    if screen.ladder is False:
        return Markup()
    picture = ladder_picture(phone, screen.verbose > 0)
    if not picture:
        return Markup()
    if screen.ladder is None and phone.checks is not None and phone.checks.count > LADDER_CHECKS:
        picture = tag("details", tag("summary", f"Of {phone.checks.count:,} checks"), picture)
    return tag("section", tag("h2", "The messages"), picture)


def beside_part(phone: PhoneReport, command: str, screen: Screen) -> Markup:
    """What the command shows beside the steps."""
    lines = beside_steps(screen, command, phone)
    return tag("section", tag("h2", "More of what was seen"), lines) if lines else Markup()


def facts_part(phone: PhoneReport, screen: Screen) -> Markup:
    """With ``-v``, all facts."""
    if not screen.verbose or not phone.observations:
        return Markup()
    rows = []
    for observation in phone.observations:
        data = to_json(observation)
        bodies = [(name, data.pop(name)) for name in BODY_FIELDS if data.get(name)]
        kind, time = data.pop("kind"), data.pop("time")
        said = " ".join(f"{name}={value}" for name, value in data.items() if value not in (None, [], ""))
        blocks = [tag("pre", _body_lines(body)) for _, body in bodies]
        rows.append(tag("tr", tag("td", time[11:23]), tag("td", kind), tag("td", said, *blocks)))
    heads = tag("tr", *(tag("th", head, scope="col") for head in ("Time (UTC)", "Kind", "What")))
    table = tag("table", tag("thead", heads), tag("tbody", *rows))
    scrolled = tag("div", table, class_="scroll", tabindex=0, role="group", aria_label="All facts, scrollable")
    summary = tag("summary", f"All {len(rows):,} facts")
    return tag("section", tag("h2", "All that was seen"), tag("details", summary, scrolled))


def _body_lines(body: str) -> Markup:
    return joined_markup(tag("span", line) for line in visible_lines(body))
