"""The findings of one phone: what each rests on, what it means, and the advice of those that do not decide."""

from collections.abc import Iterable

from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.model.report import Evidence, Finding, PhoneReport
from ucdiag.model.steps import Level
from ucdiag.model.times import format_time
from ucdiag.views.html.advice import advice_part, command_box
from ucdiag.views.html.markup import Markup, joined_markup, tag
from ucdiag.views.wireshark import display_filter
from ucdiag.views.words import advice_head, step_name, with_capital

_LABELS = {Level.ERROR: "Error", Level.WARNING: "Warning", Level.INFORMATION: "Note"}


def by_level(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with errors first."""
    return sorted(findings, key=lambda finding: list(Level).index(finding.level))


def finding_part(finding: Finding, phone: PhoneReport, *, shown: bool) -> Markup:
    """One finding. ``shown`` says that its advice stands above."""
    step = f"Step {finding.step.number} ({step_name(finding.step)})"
    head = tag(
        "p",
        tag("span", f"{_LABELS[finding.level]}. ", class_="level"),
        f"{with_capital(finding.summary)} ",
        tag("code", finding.code, class_="tag"),
        tag("span", f" {step}", class_="quiet"),
    )
    inside = [head, evidence_part(finding, phone)]
    if not shown and (finding.fix.text or finding.fix.commands):
        inside.append(tag("details", tag("summary", advice_head(finding.level)), advice_part(finding.fix)))
    return tag("div", *inside, class_=f"finding {finding.level.value}")


def evidence_part(finding: Finding, phone: PhoneReport) -> Markup:
    """What a finding rests on, folded away."""
    parts: list[Markup] = []
    if finding.evidence:
        parts.append(tag("ul", *(tag("li", _fact_text(fact)) for fact in finding.evidence), class_="facts"))
    filter_ = display_filter(finding, phone.observations)
    if filter_:
        parts += [tag("p", "Display filter for Wireshark:", class_="where"), command_box(filter_)]
    entry = CATALOGUE.get(finding.code)
    if entry is not None:
        parts.append(tag("p", tag("strong", "What it means: "), entry.meaning))
        if entry.causes:
            parts.append(tag("p", tag("strong", "Likely causes, the likeliest first:")))
            parts.append(tag("ol", *(tag("li", cause) for cause in entry.causes), class_="facts"))
    if not parts:
        return Markup()
    count = len(finding.evidence)
    summary = f"Evidence: {count} fact{'s' * (count != 1)}" if count else "What it means"
    return tag("details", tag("summary", summary), *parts)


def _fact_text(fact: Evidence) -> Markup:
    place = [f"frame {fact.frame}"] if fact.frame is not None else []
    if fact.time is not None:
        place.append(f"{format_time(fact.time)[:23].replace('T', ' ')} UTC")
    return joined_markup([fact.text, tag("span", f" ({', '.join(place)})", class_="quiet") if place else Markup()])
