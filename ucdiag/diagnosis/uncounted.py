"""The conclusions from a capture that lost packets, or does not know how many.

A packet that is missing from a connection may have been lost by the capture. TCP's numbers show that only when a later
packet comes, so a silence that lasts to the end proves nothing. A client that sends its SYN or its question again got
no answer; of one that does not, the answer may be among the packets that the capture lost.
"""

from ucdiag.diagnosis.step_event import Event
from ucdiag.model.fast_dataclass import replace

_SILENCE_IN_A_STREAM = frozenset({"tls-no-answer", "http-no-answer", "download-stalled"})


def uncertain_event(event: Event, lost: int) -> Event:
    """The event, made unknown if a capture that lost ``lost`` packets (0: not counted) does not prove it."""
    failed = event.ok is False or event.code == "other-server-failed"
    if not failed or not (event.code in _SILENCE_IN_A_STREAM or (lost and event.asked_once)):
        return event
    if lost:
        packets = "the packet" if lost == 1 else f"the {lost:,} packets"
        text = f"{event.summary}, or what came is among {packets} that the capture lost"
        return replace(event, ok=None, code="capture-gap", level=None, summary=text)
    text = f"{event.summary}, or the capture lost what came, which nothing counts here"
    return replace(event, ok=None, code=None, problem="loss-not-counted", summary=text)
