"""A line of JSON for each phone, each a report of one phone by itself; one line where there is no phone."""

import json
from collections.abc import Iterable
from dataclasses import replace

from ucdiag.model.codec import to_json
from ucdiag.model.report import Report
from ucdiag.views import ReadyReport
from ucdiag.views.at_end import AtEnd
from ucdiag.views.inventory import inventory_phone
from ucdiag.views.json_view import json_text
from ucdiag.views.output_target import Screen


class NdjsonView(AtEnd):
    """``-f ndjson``. The verdict of a line is the run's, that of the phone stands in ``phones``.

    Where reports come one by one, each is a line by itself.
    """

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.takes_written = True
        self.streaming = False

    def stream_reports(self, reports: Iterable[ReadyReport]) -> None:
        """Reports as they come."""
        self._screen.stream.write("".join([report.text(json_text) + "\n" for report in reports]))

    def end(self, report: Report) -> None:
        if self.streaming:
            return
        stream = self._screen.stream
        before, after = json_text(replace(report, phones=())).split('"phones": []', 1)
        if not report.phones:
            stream.write(f'{before}"phones": []{after}\n')
        for phone in report.phones:
            stream.write(f'{before}"phones": [{json_text(phone)}]{after}\n')


class InventoryNdjsonView(AtEnd):
    """``capture --phones -f ndjson``: a phone of ``ucdiag.phones/1`` in each line."""

    def end(self, report: Report) -> None:
        for phone in report.phones:
            self._screen.stream.write(json.dumps(to_json(inventory_phone(phone))) + "\n")
