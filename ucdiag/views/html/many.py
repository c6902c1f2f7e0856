"""Several phones on the page: the counts, each cause with its advice, then all phones in one table by cause."""

from collections.abc import Iterator

from ucdiag.model.fast_dataclass import replace
from ucdiag.model.report import PhoneReport, Report
from ucdiag.model.steps import VerdictStatus
from ucdiag.views.check_lines import moment_text
from ucdiag.views.html.advice import advice_part
from ucdiag.views.html.findings import evidence_part
from ucdiag.views.html.markup import Markup, joined_markup, tag, text_markup
from ucdiag.views.html.page import Page
from ucdiag.views.html.path_picture import path_picture
from ucdiag.views.many_phones import (
    Group,
    cause_codes,
    counts_of,
    counts_text,
    fixing_changes,
    group_phones,
    other_codes,
    phone_name,
    worst_first,
)
from ucdiag.views.words import VERDICTS, advice_head, identity_text, verdict_lead, verdict_text, with_capital

_HEADS = ("Phone", "Site", "IP address", "Model", "Serial", "Firmware", "Last check (UTC)", "Domain", "Also found")
_WIDTHS = ("mac", "model", "ip", "model", "serial", "firmware", "last", None, None)
_PARTS, _MOST_PARTS = 10, 1000  # sites, and models, that are shown at once and in all
_BETWEEN = "\x1f"  # no text that was made visible holds it
_DRAWN = 20  # causes whose path is drawn
_CELL = 200
_SHOWN = ((VerdictStatus.BROKEN, "bad"), (VerdictStatus.UNKNOWN, "ask"), (VerdictStatus.WHOLE, "good"))
_WORDS = {"bad": "do not get through", "ask": "cannot be judged", "good": "get through"}


class ManyPhones:
    """All phones of a report, read once: of each a row is kept, and the first of each cause as it is."""

    def __init__(self, report: Report) -> None:
        self._used = [False] * len(_HEADS)
        self._used[0] = True
        self._all = group_phones(report.phones, self._phone_row)
        self._counts = counts_of(self._all.groups)
        codes = cause_codes(self._all.groups)
        #: The verdict over all, without a step and a code where they would be those of one cause of several.
        self.verdict = report.verdict
        if len(codes) > 1 and report.verdict.code in codes:
            self.verdict = replace(report.verdict, step=None, code=None)
        counts = counts_text(report, self._counts)
        self.words = counts[:1].upper() + counts[1:]

    def _phone_row(self, phone: PhoneReport) -> str:
        who = phone.phone
        last = phone.checks.last if phone.checks is not None else None
        values = (
            who.mac or "",
            who.site or "",
            who.ip or "",
            " ".join(part for part in (who.vendor, who.model) if part),
            who.serial or "",
            who.firmware or "",
            moment_text(last) if last is not None else "",
            who.domain or "",
            ", ".join(other_codes(phone)),
        )
        cells = [text_markup(value, _CELL) for value in values]
        for number, cell in enumerate(cells):
            if cell:
                self._used[number] = True
        return _BETWEEN.join(cells)

    def write_counts(self, page: Page) -> None:
        """How many stand how, as a bar and in words."""
        total = sum(self._counts.values()) or 1
        items: list[Markup] = []
        bar: list[Markup] = []
        x = 0.0
        for status, style in _SHOWN:
            count = self._counts[status]
            if not count:
                continue
            words = tag("b", f"{count:,}", class_=f"is-{style}")
            items.append(tag("li", words, f" {VERDICTS[status]}", tag("span", f", {_WORDS[style]}", class_="sr")))
            width = 1000 * count / total
            bar.append(tag("rect", x=round(x, 2), y=0, width=round(width, 2), height=10, class_=f"f-{style}"))
            x += width
        page.write(
            tag("section", tag("h2", "How the phones stand"), _counts_bar(bar), tag("ul", *items, class_="counts"))
        )

    def write_changes(self, page: Page) -> None:
        """What to do first in several sites, by how many phones it mends; how each site and each model stands."""
        if not self._all.sites:
            return
        items = []
        for change in fixing_changes(self._all.groups):
            count = tag("b", f"{change.count:,} phone{'s' * (change.count > 1)}")
            what = tag("span", f" ({change.who}) ", class_="quiet")
            items.append(tag("li", count, f": {change.text}", what, tag("code", change.code, class_="tag")))
        if items:
            page.write(tag("section", tag("h2", "What to do first"), tag("ol", *items)))
        page.write(
            _parts_section("Models", "Model", self._all.models), _parts_section("Sites", "Site", self._all.sites)
        )

    def write_causes(self, page: Page) -> None:
        """Each cause with what to change."""
        for number, group in enumerate(self._all.groups):
            if group.first.verdict.status is not VerdictStatus.WHOLE:
                page.write(_cause_section(group, draw=number < _DRAWN))
        if self._all.warnings:
            items = []
            for code, (phone, count) in self._all.warnings.items():
                finding = next(finding for finding in phone.findings if finding.code == code)
                phones = f" {count:,} phone{'s' * (count > 1)}, {phone_name(phone)} the first"
                code_ = tag("code", code, class_="tag")
                items.append(tag("li", f"{with_capital(finding.summary)} ", code_, tag("span", phones, class_="quiet")))
            page.write(tag("section", tag("h2", "Warnings"), tag("ul", *items, class_="facts")))

    def write_table(self, page: Page) -> None:
        """All phones by cause, row by row."""
        heads = [head for head, used in zip(_HEADS, self._used, strict=True) if used]
        widths = [width and f"w-{width}" for width, used in zip(_WIDTHS, self._used, strict=True) if used]
        count = f"All {sum(self._counts.values()):,} phones"
        page.write(
            Markup("<section>"),
            tag("h2", count, id="phones"),
            Markup('<div class="scroll" tabindex="0" role="group" aria-labelledby="phones">'),
            Markup('<table class="phones sort" aria-labelledby="phones">'),
            *(tag("col", class_=width) for width in widths),
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
        )
        for group in self._all.groups:
            page.write(Markup("<tbody>"), _cause_row(group, len(heads)))
            for row in self._group_rows(group):
                page.write(row)
            page.write(Markup("</tbody>"))
        page.write(Markup("</table></div></section>"))

    def _group_rows(self, group: Group) -> Iterator[Markup]:
        used = self._used
        for line in group.lines:
            first, *rest = [cell for cell, use in zip(line.split(_BETWEEN), used, strict=True) if use]
            cells = "</td><td>".join(rest)
            more = f"<td>{cells}</td>" if rest else ""
            yield Markup(f'<tr><th scope="row">{first or "not known"}</th>{more}</tr>')


def _parts_section(title: str, head: str, parts: dict[str, tuple[int, int]]) -> Markup:
    """The sites, or the models, the worst first; of many all are folded away below these."""
    ordered = worst_first(parts)
    name = title.lower()
    shown = [tag("h2", title, id=name), _part_table(head, name, ordered[:_PARTS])]
    if len(ordered) > _PARTS:
        some = f"{_MOST_PARTS:,} of {len(ordered):,}" if len(ordered) > _MOST_PARTS else f"All {len(ordered):,}"
        table = _part_table(head, name, ordered[:_MOST_PARTS])
        shown.append(tag("details", tag("summary", f"{some} {name}"), table))
    return tag("section", *shown)


def _part_table(head: str, name: str, rows: list[tuple[str, int, int]]) -> Markup:
    made = [
        tag(
            "tr",
            tag("th", text_markup(part, _CELL), scope="row"),
            tag("td", f"{count:,}"),
            tag("td", f"{count - good:,}", class_="is-bad" if good < count else "is-good"),
        )
        for part, good, count in rows
    ]
    heads = tag("tr", *(tag("th", words, scope="col") for words in (head, "Phones", "Not through")))
    return tag("table", tag("thead", heads), tag("tbody", *made), class_="sort", aria_labelledby=name)


def _counts_bar(parts: list[Markup]) -> Markup:
    return tag("svg", *parts, class_="bar", viewBox="0 0 1000 10", preserveAspectRatio="none", aria_hidden="true")


def _cause_row(group: Group, columns: int) -> Markup:
    verdict, count = group.first.verdict, len(group.lines)
    code = [" ", tag("code", verdict.code, class_="tag")] if verdict.code else []
    phones = f", {count:,} phone{'s' * (count > 1)}"
    words = [verdict_lead(verdict.status, verdict.step), phones, *code]
    return tag("tr", tag("th", *words, scope="rowgroup", colspan=columns, class_="cause"))


def _cause_section(group: Group, *, draw: bool) -> Markup:
    phone, count = group.first, len(group.lines)
    verdict = phone.verdict
    lead = tag("span", verdict_lead(verdict.status, verdict.step), class_="lead")
    parts = [
        tag("h2", lead, f", {count:,} phone{'s' * (count > 1)}"),
        tag("p", f"{verdict_text(verdict)} ", *([tag("code", verdict.code, class_="tag")] if verdict.code else [])),
    ]
    if draw:
        parts.append(path_picture(phone.steps, verdict))
    for finding in phone.findings:
        if finding.code == verdict.code:
            if finding.fix.text or finding.fix.commands:
                parts.append(tag("h3", advice_head(finding.level, verdict.status)))
                parts.append(advice_part(finding.fix, "h4"))
            parts.append(tag("p", f"The first of them: {identity_text(phone.phone)}", class_="where"))
            parts.append(evidence_part(finding, phone))
    return tag("section", joined_markup(parts), class_=verdict.status.value)
