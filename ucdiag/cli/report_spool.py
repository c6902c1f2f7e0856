"""Keeps the reports of many phones in a temporary file, from which they are read one after the other."""

import json
import marshal
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import IO, cast, overload

from ucdiag.cli.alike_reports import AlikeReports
from ucdiag.cli.tally import Tally
from ucdiag.diagnosis.alike_stories import PhoneJudgement
from ucdiag.model.packed_report import pack_brief, unpack_brief
from ucdiag.model.report import PhoneReport, Verdict
from ucdiag.model.times import format_time
from ucdiag.runtime.temporary_files import temporary_file
from ucdiag.views.json_view import WrittenParts, as_written, verdict_of, verdict_parts, written_parts


class ReportSpool(Sequence[PhoneReport]):
    """A sequence of reports that can be read again and again. ``as_json`` keeps of each only what JSON needs.

    ``brief`` keeps only the conclusions of all reports but the first, which shows how far the capture reached.

    Where there is no file, or it takes no more (``failure`` says why), a report counts in ``tally`` alone.
    """

    def __init__(self, *, as_json: bool, brief: bool = False) -> None:
        self._as_json = as_json
        # None: all of a report is kept.
        self._write = written_parts if as_json else brief_text if brief else None
        # Of brief reports the first one, which is whole, stays in memory.
        self._first: PhoneReport | None = None
        self._alike = AlikeReports(self._write, format_time if as_json else str) if self._write is not None else None
        self._starts = array("Q", [0])
        self.tally = Tally()
        self.failure: str | None = None
        self._file: IO[bytes] | None = None
        try:
            self._file = temporary_file()
        except OSError as error:
            self.failure = error.strerror or str(error)

    def add(self, report: PhoneReport) -> None:
        """One more report."""
        self._add_packed(report.verdict, report.learnt, lambda: self._pack_report(report))

    def add_judged(self, judge: Callable[[], PhoneReport]) -> None:
        """One more report, which is made now."""
        if self._alike is None or not isinstance(judge, PhoneJudgement) or self._is_whole(len(self)):
            self.add(judge())
            return
        parts = self._alike.written(judge)
        self._add_packed(verdict_of(parts[1]), parts[2], lambda: marshal.dumps(parts))

    def _add_packed(self, verdict: Verdict, learnt: bool, pack: Callable[[], bytes]) -> None:
        self.tally.add(verdict, learnt)
        if self._file is None or self.failure is not None:
            return
        data = pack()
        try:
            self._file.seek(self._starts[-1])
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.failure = error.strerror or str(error)
        else:
            self._starts.append(self._starts[-1] + len(data))

    def _is_whole(self, index: int) -> bool:
        """Whether all of this report is kept."""
        return self._write is None or not (self._as_json or index)

    def _pack_report(self, report: PhoneReport) -> bytes:
        if self._write is None:
            import pickle  # JSON and brief reports need none of it

            return pickle.dumps(report, 5)
        if self._is_whole(len(self)):
            self._first = report
            return b""
        return marshal.dumps(self._write(report))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __iter__(self) -> Iterator[PhoneReport]:
        for index in range(len(self)):
            yield self._read_report(index)

    @overload
    def __getitem__(self, index: int) -> PhoneReport: ...
    @overload
    def __getitem__(self, index: slice) -> list[PhoneReport]: ...
    def __getitem__(self, index: int | slice) -> PhoneReport | list[PhoneReport]:
        indices = range(len(self))[index]
        return self._read_report(indices) if isinstance(indices, int) else list(map(self._read_report, indices))

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()

    def _read_report(self, index: int) -> PhoneReport:
        if index == 0 and self._first is not None:
            return self._first
        assert self._file is not None
        start, end = self._starts[index], self._starts[index + 1]
        self._file.seek(start)
        data = self._file.read(end - start)
        # Its own: only ``_add_packed`` writes the data, and no other process can open the file.
        if self._write is None:
            import pickle

            return cast(PhoneReport, pickle.loads(data))
        parts: WrittenParts = marshal.loads(data)
        return as_written(parts) if self._as_json else unpack_brief(json.loads(parts[0]))


def brief_text(report: PhoneReport) -> WrittenParts:
    """The conclusions of a report, as text."""
    return json.dumps(pack_brief(report)), verdict_parts(report.verdict), report.learnt
