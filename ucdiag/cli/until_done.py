"""Decides for ``--until-done`` when the verdicts of the named phones are computed, and when the capture ends."""

from collections.abc import Callable, Sequence
from time import monotonic

from ucdiag.model.report import PhoneReport
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import Seconds

_EVERY = 1.0  # seconds between two looks where nothing happens, and for as long as a broken path has to stay so
_SHARE = 10  # a look takes one in so many of the time


class UntilDone:
    """``phones`` gives the phones as they stand. Nothing else is looked at, so nothing is judged for every packet.

    A whole path is enough at once. After a failure a phone may go on to another name, port or server.
    """

    def __init__(self, phones: Callable[[], Sequence[PhoneReport]], now: Callable[[], Seconds] = monotonic) -> None:
        self._phones, self._now = phones, now
        self._looked = self._soonest = now()
        self._new = self._going_on = False
        # How the phones stood at the last look, where each has a verdict, and since when.
        self._stood: list[tuple[object, ...]] | None = None
        self._since = self._looked

    def count_fact(self) -> None:
        """There is one more fact."""
        self._new = self._going_on = True

    def is_done(self) -> bool:
        """Whether all phones have a verdict. To be asked after each piece of the capture, also an empty one."""
        now, quiet = self._now(), not self._going_on
        self._going_on = False
        if now - self._looked < _EVERY and not (self._new and quiet and now >= self._soonest):
            return False
        self._new = False
        verdicts = [phone.verdict for phone in self._phones()]
        self._looked = now
        self._soonest = now + _SHARE * (self._now() - now)
        if any(verdict.status is VerdictStatus.UNKNOWN for verdict in verdicts):
            self._stood = None
            return False
        if all(verdict.status is VerdictStatus.WHOLE for verdict in verdicts):
            return True
        stands: list[tuple[object, ...]] = [(verdict.status, verdict.step, verdict.code) for verdict in verdicts]
        if stands != self._stood:
            self._stood, self._since = stands, now
        return now - self._since >= _EVERY
