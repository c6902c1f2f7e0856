"""The phones of stored reports without their observations, in a temporary file, so that the reports are read once."""

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from ucdiag.model.fast_dataclass import record
from ucdiag.model.report import PhoneReport


@record(frozen=True, slots=True)
class KeptPhone:
    """A phone of a stored report: the numbers of report and phone, the phone's identity, and the report's site."""

    report: int
    place: int
    key: str
    site: str
    phone: PhoneReport


class KeptPhones:
    """Keeps phones in the order of ``add``. ``whole`` is False once one could not be kept."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._count = 0
        self.whole = True

    def add(self, kept: KeptPhone) -> None:
        """One more phone, unless the file takes no more."""
        if not self.whole:
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
            pickle.dump((kept.report, kept.place, kept.key, kept.site, kept.phone), self._file, 5)
        except OSError:
            self.whole = False
            self.close()
        self._count += 1

    def finish(self) -> None:
        """All phones were added."""
        try:
            if self._file is not None:
                self._file.flush()
        except OSError:
            self.whole = False

    def __iter__(self) -> Iterator[KeptPhone]:
        if self._file is None:
            return
        self._file.seek(0)
        for _ in range(self._count):
            # Its own: only ``add`` writes it, and no other process can open the file.
            yield KeptPhone(*pickle.load(self._file))

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            with suppress(OSError):  # what was not written is of no use any more
                self._file.close()
            self._file = None
