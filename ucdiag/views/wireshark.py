"""The display filter of Wireshark that shows what a finding rests on."""

from collections.abc import Iterable

from ucdiag.model.observations import Http, Lookup, Observation, Transfer
from ucdiag.model.report import Finding

_MOST = 20


def display_filter(finding: Finding, observations: Iterable[Observation] = ()) -> str | None:
    """``frame.number in {12, 15}``: the frames of the evidence, and of the answers to them in ``observations``.

    None where no frame is known. Of very many frames the first and the last ones.
    """
    places = {(each.time, each.frame) for each in finding.evidence if each.frame is not None}
    if not places:
        return None
    frames = {frame for _, frame in places if frame is not None}
    for each in observations:
        if isinstance(each, Lookup | Http | Transfer) and (each.time, each.frame) in places:
            frames |= {frame for frame in (each.answer_frame, getattr(each, "last_frame", None)) if frame is not None}
    ordered = sorted(frames)
    if len(ordered) > _MOST:
        ordered = [*ordered[: _MOST // 2], *ordered[-_MOST // 2 :]]
    if len(ordered) == 1:
        return f"frame.number == {ordered[0]}"
    return f"frame.number in {{{', '.join(map(str, ordered))}}}"
