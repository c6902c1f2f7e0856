"""Small sentences and readings that several step judges share. Pure text."""

from functools import lru_cache
from urllib.parse import unquote

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.model.observations import Http, Lookup, UpdateAnswer
from ucdiag.model.text import listed
from ucdiag.update_service.names import HANDLER, target_path


def is_post_to_handler(http: Http) -> bool:
    """Whether this is a POST to ucdevice.upx: an update check, or the upload of a log."""
    return http.method == "POST" and target_path(http.target).lower().endswith(HANDLER)


def update_requests(history: ObservationLog) -> list[Http]:
    """A phone's update checks: its POSTs to ucdevice.upx that bring no log.

    How the two differ on the wire is published nowhere. A body that may be either is a log's when the same phone's
    update checks are seen beside it; whatever is answered about updates was an update check.
    """
    found = []
    unclear = []
    answered = {
        (each.server, each.port, each.frame)
        for each in history.of(UpdateAnswer)
        if each.form in ("offered", "none_offered") and each.frame is not None
    }
    for each in history.of(Http):
        if each.purpose == "update" or (each.purpose is None and is_post_to_handler(each)):
            found.append(each)
        elif each.purpose in ("log", "update-or-log"):
            if (each.server, each.port, each.answer_frame) in answered:
                found.append(each)
            elif each.purpose == "update-or-log":
                unclear.append(each)
    return found or unclear


@lru_cache(maxsize=32)
def file_name(path: str | None) -> str:
    """The last part of a path or URL, as Windows servers compare it: no regard to case or to how it is escaped."""
    return unquote(target_path(path)).replace("\\", "/").rpartition("/")[2].lower()


def lacking(http: Http) -> str:
    """That the capture lacks a part of this exchange, why, and what helps."""
    much = f"some {bytes_text(http.lost_bytes)} of it" if http.lost_bytes else "a part of it"
    if http.snapped:
        return f"the capture's snap length cut off {much}; capture again with whole packets (tcpdump -s 0)"
    advice = "capture again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"
    return f"the capture lacks {much}; {advice}"


def bytes_text(count: int) -> str:
    """``1 byte``, ``12,345 bytes``."""
    return f"{count:,} byte{'' if count == 1 else 's'}"


def lookup_said(lookup: Lookup) -> str:
    """What the answer to a question was, in a few words."""
    if lookup.rcode is None:
        if lookup.truncated:
            return "a truncated answer over UDP, and none over TCP"
        if lookup.failure == "unreachable" and lookup.reason and "port unreachable" not in lookup.reason:
            return lookup.reason
        return {
            "unreachable": f"nothing listens there ({lookup.reason or 'ICMP unreachable'})",
            "not_sent": "not sent",
            "malformed": "an answer that is not DNS",
        }.get(lookup.failure or "", "no answer")
    if lookup.rcode != "NOERROR":
        return lookup.rcode
    if lookup.addresses:
        return listed(lookup.addresses)
    if lookup.referred:
        return "referred elsewhere (the server does not recurse)"
    return f"alias {lookup.aliases[-1]}, which has no such record" if lookup.aliases else "no such record (NOERROR)"
