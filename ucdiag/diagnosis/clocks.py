"""The finding that the two directions of a phone were captured by different clocks."""

from collections.abc import Iterator

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.step_event import finding
from ucdiag.model.report import Evidence, Finding


def additional_findings(setting: DiagnosisOptions) -> Iterator[Finding]:
    """The warning ``capture-clocks-differ``, with one answer that precedes its question as evidence."""
    clocks = setting.clocks
    if clocks is None:
        return
    by = f"{abs(clocks.seconds):,.2f} s"
    where = f"stand {by} before their questions" if clocks.seconds > 0 else f"stand {by} too late"
    text = f"answers {where}: two clocks captured the two directions, so no durations are given"
    seen = Evidence(text=f"the first answer that was moved, by {by}", time=clocks.time, frame=clocks.frame)
    yield finding("capture-clocks-differ", text, (seen,))
