"""Several phones of a capture as text: grouped by cause, with the advice once and a line for each phone."""

import marshal
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.report import Finding, Identity, PhoneReport, Report
from ucdiag.model.steps import WORST_FIRST, Level, StepStatus, VerdictStatus
from ucdiag.model.text import in_natural_order
from ucdiag.views.advice_text import write_advice
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.sanitize import shortened
from ucdiag.views.words import VERDICT_STYLES, WHO, identity_text, verdict_lead, verdict_text

_MARKS = {
    VerdictStatus.BROKEN: StepStatus.FAILED,
    VerdictStatus.UNKNOWN: StepStatus.NOT_SEEN,
    VerdictStatus.WHOLE: StepStatus.OK,
}
_COUNTED = {
    VerdictStatus.BROKEN: ("does not get through", "do not get through"),
    VerdictStatus.UNKNOWN: ("cannot be judged", "cannot be judged"),
    VerdictStatus.WHOLE: ("gets through", "get through"),
}
_LISTED = 10  # phones of a cause, on a terminal
_SENTENCE = 400
_CHANGE = 160
_WARNINGS = 50  # different warnings that are written out
_MOST_NAMES = 10_000  # sites, or models, that are counted
CHANGES, PARTS = 5, 10  # changes, and sites or models, that are shown above the causes
_FIRST_SENTENCE = pattern(r"(?<=[.!]) (?=[A-Z])")
_ADDRESS = pattern("[0-9A-Fa-f.:]{2,}")  # what may be one
_TOGETHER = 512  # lines that are compressed together
_GROUPS = 200  # causes that are also grouped by what is to be changed
_Key = tuple[int, int, str, tuple[str, ...]]


class Lines:
    """Lines of text. Of many, which are much alike, all but the last are compressed."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._last: list[str] = []

    def append(self, line: str) -> None:
        """Add a line."""
        self._last.append(line)
        if len(self._last) == _TOGETHER:
            self._packed.append(zlib.compress(marshal.dumps(self._last), 1))
            self._last = []

    def __len__(self) -> int:
        return len(self._packed) * _TOGETHER + len(self._last)

    def __iter__(self) -> Iterator[str]:
        for lines in self._packed:
            yield from marshal.loads(zlib.decompress(lines))
        yield from self._last


@record(slots=True)
class Group:
    """Phones with the same cause: the first report whole, and a line for each phone."""

    first: PhoneReport
    lines: Lines


@record(frozen=True, slots=True)
class Grouped:
    """The groups in the order in which they are shown, and each warning with its first phone and their number."""

    groups: list[Group]
    warnings: dict[str, tuple[PhoneReport, int]]
    #: Of each site and of each model: how many phones get through, and how many there are.
    sites: dict[str, tuple[int, int]]
    models: dict[str, tuple[int, int]]


def group_phones(phones: Iterable[PhoneReport], line: Callable[[PhoneReport], str]) -> Grouped:
    """The phones by cause. ``line`` makes the line that is kept of a phone."""
    groups: dict[_Key, Group] = {}
    warnings: dict[str, tuple[PhoneReport, int]] = {}
    sites: dict[str, tuple[int, int]] = {}
    models: dict[str, tuple[int, int]] = {}
    for phone in phones:
        if phone.phone.site:
            _count_phone(sites, phone.phone.site, phone.verdict.status)
            _count_phone(models, " ".join(filter(None, (phone.phone.vendor, phone.phone.model))), phone.verdict.status)
        key = _group_key(phone)
        if key not in groups and len(groups) >= _GROUPS:
            key = (*key[:3], ())
        group = groups.setdefault(key, Group(phone, Lines()))
        group.lines.append(line(phone))
        for finding in phone.findings:
            if finding.level is Level.WARNING and finding.code != phone.verdict.code:
                known = warnings.get(finding.code)
                if known is not None or len(warnings) < _WARNINGS:
                    warnings[finding.code] = (known[0], known[1] + 1) if known else (phone, 1)
    return Grouped([groups[key] for key in sorted(groups)], warnings, sites, models)


def _count_phone(table: dict[str, tuple[int, int]], name: str, status: VerdictStatus) -> None:
    if name in table or len(table) < _MOST_NAMES:
        good, count = table.get(name, (0, 0))
        table[name] = good + (status is VerdictStatus.WHOLE), count + 1


def write_many(writer: LineWriter, report: Report) -> int:
    """The counts, then each cause with its phones, then the phones that get through, then the warnings.

    Returns the number of different codes.
    """
    all_phones = group_phones(report.phones, _phone_line)
    _write_counts(writer, report, all_phones.groups)
    if all_phones.sites:
        _write_changes(writer, all_phones.groups)
        _write_parts(writer, all_phones.sites, "sites")
        _write_parts(writer, all_phones.models, "models")
    for group in all_phones.groups:
        _write_group(writer, group)
    for code, (phone, count) in all_phones.warnings.items():
        finding = next(finding for finding in phone.findings if finding.code == code)
        writer.write_blank()
        phones = f"{count:,} phone{'s' * (count > 1)}, {phone_name(phone)} the first"
        text = f" {shortened(finding.summary, _SENTENCE)} [{code}] ({phones})"
        writer.write_wrapped(("Warning:", "yellow"), text, hang=4)
    return len(cause_codes(all_phones.groups))


def cause_codes(groups: Iterable[Group]) -> set[str]:
    """The codes of the phones' verdicts."""
    return {code for group in groups if (code := group.first.verdict.code) is not None}


def counts_of(groups: Iterable[Group]) -> Counter[VerdictStatus]:
    """The number of phones with each status."""
    counts: Counter[VerdictStatus] = Counter()
    for group in groups:
        counts[group.first.verdict.status] += len(group.lines)
    return counts


def counts_text(report: Report, counts: Counter[VerdictStatus]) -> str:
    """The counts in a sentence that follows the verdict; where no phone gave it, first what did."""
    if set(counts) == {VerdictStatus.WHOLE}:
        whole = f"the update path of all {len(report.phones):,} phones is whole."
        if report.verdict.status is VerdictStatus.WHOLE:
            return whole
        why = next((problem.text for problem in report.problems if problem.code == report.verdict.code), None)
        return f"{why or report.verdict.summary} Otherwise {whole}"
    said = [f"{counts[status]:,} {_COUNTED[status][counts[status] > 1]}" for status in WORST_FIRST if counts[status]]
    return f"of {len(report.phones):,} phones, {', '.join(said)}."


def _write_counts(writer: LineWriter, report: Report, groups: list[Group]) -> None:
    worst = report.verdict.status
    writer.write_blank()
    counts = counts_of(groups)
    code = f" [{report.verdict.code}]" if report.verdict.code and not counts[worst] else ""
    text = f" {counts_text(report, counts)}{code}"
    writer.write_wrapped((f"{verdict_lead(worst, None)}:", VERDICT_STYLES[worst]), text)


@record(frozen=True, slots=True)
class Change:
    """A change that fixes a number of phones: its code, its sentence, and who can do it."""

    count: int
    code: str
    text: str
    who: str


def fixing_changes(groups: Iterable[Group]) -> list[Change]:
    """The changes that fix broken phones, the one that fixes the most first."""
    found: list[Change] = []
    for group in groups:
        first = group.first
        if first.verdict.status is VerdictStatus.BROKEN:
            finding = next((finding for finding in first.findings if finding.code == first.verdict.code), None)
            if finding is not None:
                text = _FIRST_SENTENCE.split(finding.fix.text, maxsplit=1)[0]
                who = WHO[finding.fix.who]
                found.append(Change(len(group.lines), finding.code, text, who))
    return sorted(found, key=lambda change: -change.count)


def _write_changes(writer: LineWriter, groups: Iterable[Group]) -> None:
    """Write what to do first, by the number of phones that it fixes."""
    every = fixing_changes(groups)
    if len(every) < 2:
        return  # the only one follows at once
    writer.write_blank()
    writer.write_line(("What fixes the most:", "bold"))
    for change in every[:CHANGES]:
        head = f"  {change.count:,} phone{'s' * (change.count > 1)}: "
        writer.write_wrapped(f"{head}{shortened(change.text, _CHANGE)} [{change.code}] ({change.who})", hang=4)
    if len(every) > CHANGES:
        writer.write_line((f"  {len(every) - CHANGES:,} more changes follow below", "dim"))


def worst_first(parts: dict[str, tuple[int, int]]) -> list[tuple[str, int, int]]:
    """Sites, or models, with how many phones get through and how many there are: those that lack the most first."""
    ordered = sorted(parts.items(), key=lambda part: (part[1][0] - part[1][1], in_natural_order(part[0])))
    return [(name or "model not known", good, count) for name, (good, count) in ordered]


def _write_parts(writer: LineWriter, parts: dict[str, tuple[int, int]], what: str) -> None:
    """A line for each site or model, the worst first; of many only these."""
    ordered = worst_first(parts)
    whole = sum(good == count for _, good, count in ordered)
    writer.write_blank()
    if len(ordered) > 1:
        writer.write_line((f"{whole:,} of {len(ordered):,} {what} are whole:", "bold"))
    most = len(ordered) if len(ordered) <= PARTS + 1 else PARTS
    for name, good, count in ordered[:most]:
        status = StepStatus.OK if good == count else StepStatus.FAILED
        text = f" {name}: {good:,} of {count:,} phone{'s' * (count > 1)} through"
        writer.write_line("  ", writer.status_mark(status), text)
    if most < len(ordered):
        writer.write_line((f"  {len(ordered) - most:,} more {what}: -f html shows all", "dim"))


def _write_group(writer: LineWriter, group: Group) -> None:
    verdict = group.first.verdict
    lead = verdict_lead(verdict.status, verdict.step)
    code = f" [{verdict.code}]" if verdict.code else ""
    count = len(group.lines)
    writer.write_blank()
    head = f"{lead}, {count:,} phone{'s' * (count > 1)}:"
    writer.write_wrapped(
        (head, VERDICT_STYLES[verdict.status]), f" {shortened(verdict_text(verdict), _SENTENCE)}{code}"
    )
    if verdict.status is not VerdictStatus.WHOLE:
        for finding in group.first.findings:
            if finding.code == verdict.code:
                uncertain = verdict.status is VerdictStatus.UNKNOWN
                write_advice(writer, finding, every=uncertain, verdict=verdict.status)
    mark = writer.status_mark(_MARKS[verdict.status])
    if not writer.screen.terminal:
        for line in group.lines:
            writer.write_line("  ", mark, f" {line}")
        return
    # Thousands of lines would take all else out of sight.
    most = _LISTED if count > _LISTED + 1 else count
    for line in islice(group.lines, most):
        writer.write_wrapped("  ", mark, f" {line}", hang=6)
    if most < count:
        writer.write_wrapped((f"    and {count - most:,} more: -o FILE lists all (.html, .csv, .txt)", "dim"), hang=6)


def _group_key(phone: PhoneReport) -> _Key:
    verdict = phone.verdict
    finding = next((finding for finding in phone.findings if finding.code == verdict.code), None)
    same = _fix_without_addresses(finding, phone.phone) if finding is not None else ()
    return WORST_FIRST.index(verdict.status), verdict.step.number if verdict.step else 0, verdict.code or "", same


def _fix_without_addresses(finding: Finding, phone: Identity) -> tuple[str, ...]:
    """The fix of a finding without the phone's own addresses, by which phones with the same fix are grouped."""
    own = phone.mac, phone.ip
    texts = [finding.fix.text, *(command.text for command in finding.fix.commands)]
    return tuple([_ADDRESS.sub(lambda found: "" if found[0] in own else found[0], text) for text in texts])


def _phone_line(phone: PhoneReport) -> str:
    """A phone's line: its name, and the codes of its other findings."""
    codes = other_codes(phone)
    return identity_text(phone.phone) + (f" [{', '.join(codes)}]" if codes else "")


def phone_name(phone: PhoneReport) -> str:
    """The shortest name of a phone."""
    return phone.phone.mac or phone.phone.ip or "a phone that is not known"


def other_codes(phone: PhoneReport) -> list[str]:
    """The codes of a phone's other errors and warnings."""
    others = [finding.code for finding in phone.findings if finding.level is not Level.INFORMATION]
    return [code for code in dict.fromkeys(others) if code != phone.verdict.code]
