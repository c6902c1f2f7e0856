"""Answers to update requests that are in the capture, as one taken at the server, and did not reach the phone.

The HTTP tracker reports such a request twice: with its answer, and again without one after the server has repeated the
answer without an acknowledgement, or the phone closed the connection. It is one request, and was not answered. So too
where the phone had closed before the answer came; then the second report says how long that took (``seconds``), and of
the beginning of an answer it is the only one.
"""

from collections.abc import Iterable

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Http, Observation, UpdateAnswer, last_time_of


def without_lost_answers(history: ObservationLog) -> ObservationLog:
    """The same facts, in which each such request is there once, at its own time."""
    requests = history.of_kind(Http)
    lost = [(answered, late) for late in requests if is_late(late) and (answered := _request_before(late, requests))]
    if not lost:
        return history
    merged = {late: replace(late, time=answered.time, frame=answered.frame) for answered, late in lost}
    gone = {answered for answered, _ in lost}
    log = ObservationLog()
    for seen in history.all_facts():
        if seen not in gone and not any(_is_answer(seen, answered) for answered in gone):
            log.add(merged.get(seen, seen) if isinstance(seen, Http) else seen)
    return log


def is_late(http: Http) -> bool:
    """Whether this is the second report of a request that was already reported: it has no time of an answer."""
    return http.answer_acked is not None and http.status is None and http.last_time is None


def came_too_late(http: Http) -> bool:
    """Whether the answer that did not reach the phone came when that had closed the connection."""
    return is_late(http) and http.seconds is not None


def _request_before(late: Http, requests: Iterable[Http]) -> Http | None:
    """The request with the answer that was lost: the last one of the connection."""
    same = [
        http
        for http in requests
        if http.time < late.time and _connection_of(http) == _connection_of(late) and http.complete
    ]
    if came_too_late(late):
        same = [http for http in same if (last_time_of(http), http.seconds) == (late.time, late.seconds)]
    return same[-1] if same else None


def _is_answer(seen: Observation, request: Http) -> bool:
    if not isinstance(seen, UpdateAnswer) or _connection_of(seen) != _connection_of(request):
        return False
    return request.time <= seen.time <= last_time_of(request)


def _connection_of(seen: Http | UpdateAnswer) -> tuple[str | None, str, int | None, int | None]:
    return seen.client, seen.server, seen.port, seen.client_port
