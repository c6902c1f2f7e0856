"""The reports of phones, changed, also where memory does not hold them all."""

from collections.abc import Callable, Iterator, Sequence
from typing import cast, overload

from ucdiag.model.report import PhoneReport

Change = Callable[[PhoneReport], PhoneReport]
_TOO_MANY = 256  # phones whose reports memory does not hold


def changed_phones(phones: Sequence[PhoneReport], change: Change) -> tuple[PhoneReport, ...]:
    """Each report as ``change`` makes it; of many, when it is taken."""
    if len(phones) <= _TOO_MANY:
        return tuple(map(change, phones))
    # As the sequence in a file, which stands in a report in the place of a tuple too.
    return cast(tuple[PhoneReport, ...], _ChangedPhones(phones, change))


class _ChangedPhones(Sequence[PhoneReport]):
    """The reports of phones, each changed when it is taken."""

    def __init__(self, phones: Sequence[PhoneReport], change: Change) -> None:
        self._phones = phones
        self._change = change

    def __len__(self) -> int:
        return len(self._phones)

    @overload
    def __getitem__(self, index: int) -> PhoneReport: ...
    @overload
    def __getitem__(self, index: slice) -> list[PhoneReport]: ...
    def __getitem__(self, index: int | slice) -> PhoneReport | list[PhoneReport]:
        taken = self._phones[index]
        return self._change(taken) if isinstance(taken, PhoneReport) else list(map(self._change, taken))

    def __iter__(self) -> Iterator[PhoneReport]:
        return map(self._change, self._phones)
