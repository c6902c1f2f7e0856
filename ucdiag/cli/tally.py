"""Counts the verdicts of all phones of a report while their reports are made."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ucdiag.model.report import PhoneReport, Verdict
from ucdiag.model.steps import WORST_FIRST, VerdictStatus


class Tally:
    """Counts by status, and the first verdict of each. ``learnt``: whether anything is known of any phone."""

    def __init__(self) -> None:
        self.counts: Counter[VerdictStatus] = Counter()
        self.first: dict[VerdictStatus, Verdict] = {}
        self.learnt = False

    @classmethod
    def from_phones(cls, phones: Iterable[PhoneReport]) -> "Tally":
        """The tally of these reports."""
        tally = cls()
        for phone in phones:
            tally.add(phone.verdict, phone.learnt)
        return tally

    def add(self, verdict: Verdict, learnt: bool, count: int = 1) -> None:
        """Add one phone, or ``count`` phones with the same verdict."""
        self.counts[verdict.status] += count
        self.first.setdefault(verdict.status, verdict)
        self.learnt |= learnt

    def add_all(self, verdicts: Mapping[Verdict, int]) -> None:
        """Phones of which the verdict alone is known."""
        for verdict, count in verdicts.items():
            self.add(verdict, True, count)

    @property
    def worst(self) -> Verdict | None:
        """The worst verdict, of the first phone that has it; None without phones."""
        return next((self.first[status] for status in WORST_FIRST if status in self.first), None)
