"""The reports of more phones than memory should hold, in a temporary file, read one after the other."""

import marshal
import pickle
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from typing import IO, cast, overload

from ucdiag.cli.tally import Tally
from ucdiag.model.packed_report import pack_brief, unpack_brief
from ucdiag.model.report import PhoneReport
from ucdiag.views.json_view import as_written, written


class ReportSpool(Sequence[PhoneReport]):
    """A sequence of reports that can be read again and again. ``as_json`` keeps of each only what JSON needs.

    ``brief`` keeps of all but the first, which tells how far the capture reached, their conclusions alone.

    Where there is no file, or it takes no more (``failure`` says why), a report counts in ``tally`` alone.
    """

    def __init__(self, *, as_json: bool, brief: bool = False) -> None:
        self._as_json, self._brief = as_json, brief
        self._starts = array("Q", [0])
        self.tally = Tally()
        self.failure: str | None = None
        self._file: IO[bytes] | None = None
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            self.failure = error.strerror or str(error)

    def add(self, report: PhoneReport) -> None:
        """One more report."""
        self.tally.add(report.verdict, report.learnt)
        if self._file is None or self.failure is not None:
            return
        data = self._pack(report)
        try:
            self._file.seek(self._starts[-1])
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.failure = error.strerror or str(error)
        else:
            self._starts.append(self._starts[-1] + len(data))

    def _pack(self, report: PhoneReport) -> bytes:
        if self._as_json:
            return marshal.dumps(written(report))
        return marshal.dumps(pack_brief(report)) if self._brief and len(self) else pickle.dumps(report, 5)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __iter__(self) -> Iterator[PhoneReport]:
        for index in range(len(self)):
            yield self._read(index)

    @overload
    def __getitem__(self, index: int) -> PhoneReport: ...
    @overload
    def __getitem__(self, index: slice) -> list[PhoneReport]: ...
    def __getitem__(self, index: int | slice) -> PhoneReport | list[PhoneReport]:
        indices = range(len(self))[index]
        return self._read(indices) if isinstance(indices, int) else list(map(self._read, indices))

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()

    def _read(self, index: int) -> PhoneReport:
        assert self._file is not None
        start, end = self._starts[index], self._starts[index + 1]
        self._file.seek(start)
        data = self._file.read(end - start)
        # Its own: only ``add`` makes the data, and no other process can open the file.
        if self._as_json:
            return as_written(marshal.loads(data))
        return unpack_brief(marshal.loads(data)) if self._brief and index else cast(PhoneReport, pickle.loads(data))
