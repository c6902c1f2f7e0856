"""The display filter of Wireshark that shows what a finding rests on."""

from collections.abc import Iterable

from ucdiag.model.observations import Http, Lookup, Observation, Transfer
from ucdiag.model.report import Finding

_MOST = 20


def display_filter(finding: Finding, observations: Iterable[Observation] = ()) -> str | None:
    """``frame.number in {12, 15}``: the frames of the evidence, and of the answers to them in ``observations``.

    None where no frame is known. Of very many frames the first and the last ones.
    """
    places = {(fact.time, fact.frame) for fact in finding.evidence if fact.frame is not None}
    if not places:
        return None
    frames = {frame for _, frame in places}
    for fact in observations:
        if isinstance(fact, Lookup | Http | Transfer) and (fact.time, fact.frame) in places:
            frames |= {frame for frame in (fact.answer_frame, getattr(fact, "last_frame", None)) if frame is not None}
    ordered = sorted(frames)
    if len(ordered) > _MOST:
        ordered = [*ordered[: _MOST // 2], *ordered[-_MOST // 2 :]]
    if len(ordered) == 1:
        return f"frame.number == {ordered[0]}"
    return f"frame.number in {{{', '.join(map(str, ordered))}}}"
