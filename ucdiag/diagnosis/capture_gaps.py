"""Times of a capture in which silence proves nothing: a file of a series is missing, or packets have no time."""

from ucdiag.diagnosis.one_direction import SILENT
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.fast_dataclass import replace


def without_gaps(events: list[Event], setting: DiagnosisOptions) -> list[Event]:
    """The events; those that rest on a missing answer within such a gap become unknown (``ok`` None)."""
    return [_in_doubt(event, setting) for event in events] if setting.gaps else events


def _in_doubt(event: Event, setting: DiagnosisOptions) -> Event:
    if event.ok or event.code == "capture-too-short" or not (event.silent or event.code in SILENT):
        return event
    for gap in setting.gaps:
        if gap.start - setting.patience_microseconds < event.time <= gap.end:
            text = f"{event.summary}, or the capture lacks it: {gap.text}"
            return replace(event, ok=None, code="capture-gap", summary=text, silent=False, waiting=False, level=None)
    return event
