"""Shows the changes between two points in time: a line for each phone with another verdict, and the counts."""

from collections import Counter
from collections.abc import Sequence

from ucdiag.model.fast_dataclass import Record, record
from ucdiag.model.report import Verdict
from ucdiag.model.steps import StepStatus, VerdictStatus
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.output_target import Screen

CHANGES_SCHEMA = "ucdiag.changes/1"
_WORDS = {
    "broken": "broken now",
    "still-broken": "still broken",
    "changed": "changed",
    "new": "new",
    "gone": "no longer there",
    "mended": "mended",
    "same": "as before",
}
# The mark of a phone by its newer verdict; those that are broken come first.
_MARKS = {
    VerdictStatus.BROKEN: StepStatus.FAILED,
    VerdictStatus.UNKNOWN: StepStatus.NOT_SEEN,
    VerdictStatus.WHOLE: StepStatus.OK,
}
_ORDER = (*_MARKS, None)


@record(frozen=True, slots=True, kw_only=True)
class PhoneChange(Record):
    """One phone at both points; ``old`` or ``new`` is null where it is in one of them only."""

    phone: str
    change: str
    old: Verdict | None = None
    new: Verdict | None = None


@record(frozen=True, slots=True, kw_only=True)
class Changes(Record):
    """All phones of both, and how many changed in which way."""

    schema: str = CHANGES_SCHEMA
    summary: str
    phones: tuple[PhoneChange, ...] = ()
    #: What could not be read.
    problem: str | None = None


def summary_of(phones: Sequence[PhoneChange]) -> str:
    """The counts as a sentence."""
    counts = Counter(phone.change for phone in phones)
    bad = sum(phone.change == "new" and _newer_status(phone) is VerdictStatus.BROKEN for phone in phones)
    more = {"new": f" ({bad:,} of them broken)"} if bad else {}
    said = [f"{counts[kind]:,} {word}{more.get(kind, '')}" for kind, word in _WORDS.items() if counts[kind]]
    return f"Of {len(phones):,} phone{'s' * (len(phones) != 1)}: {', '.join(said) or 'none in either'}."


def show_changes(changes: Changes, format_: str, screen: Screen) -> None:
    """Write it as ``text``, ``short`` or ``json``."""
    if format_ == "json":
        from ucdiag.views.json_view import show_json

        show_json(changes, screen)
        return
    writer = line_writer_for(screen)
    writer.write_wrapped(changes.summary)
    for kind, word in _WORDS.items():
        of_kind = [phone for phone in changes.phones if phone.change == kind and (kind != "same" or screen.verbose)]
        for phone in sorted(of_kind, key=lambda phone: _ORDER.index(_newer_status(phone))):
            status = _newer_status(phone)
            mark = writer.status_mark(_MARKS[status] if status is not None else StepStatus.NOT_SEEN)
            writer.write_line("  ", mark, f" {phone.phone}: {word}{_from_to(phone)}")
    if changes.problem is not None:
        writer.write_wrapped(("Note:", "yellow"), f" {changes.problem}", hang=4)


def _newer_status(phone: PhoneChange) -> VerdictStatus | None:
    return phone.new.status if phone.new is not None else None


def _from_to(phone: PhoneChange) -> str:
    """What follows the word for the change."""
    old, new = _verdict_status(phone.old), _verdict_status(phone.new)
    if phone.change == "still-broken" and old == new:
        return new.removeprefix(VerdictStatus.BROKEN.value)
    return ", " + (new if old == new or not old else old if not new else f"{old} -> {new}")


def _verdict_status(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    return f"{verdict.status.value}{f' [{verdict.code}]' if verdict.code else ''}"
