"""The update answer of a captured exchange."""

from functools import lru_cache
from typing import TYPE_CHECKING

from ucdiag.model.observations import UpdateAnswer, last_time_of
from ucdiag.model.vocabulary import is_success_status

if TYPE_CHECKING:
    from ucdiag.update_service.response import Answer
    from ucdiag.wire.http.exchange import UpdateExchange


def read_captured_answer(exchange: "UpdateExchange") -> UpdateAnswer | None:
    """What the update service answered to a POST; ``None`` where its answer is not complete, or not about updates."""
    http = exchange.http
    if not http.complete or not is_success_status(http.status) or exchange.answer_holed:
        return None
    # Most captures need no XML parser.
    from ucdiag.update_service.response import to_observation

    problem = exchange.problem
    if problem is None and not exchange.answer_whole:
        problem = "it is longer than what is kept of it"
    answer = _read_answer(exchange.answer_body, http.content_type, problem)
    # What a log is answered with is published nowhere; only an update check is answered about updates.
    if http.purpose == "log" and answer.form not in ("offered", "none_offered"):
        return None
    # Of what may be a log, an answer that fits one proves nothing against the server; a page of a portal does.
    if http.purpose == "update-or-log" and answer.form in ("empty", "unknown"):
        return None
    return to_observation(
        answer,
        time=last_time_of(http),
        frame=http.answer_frame,
        client=http.client,
        client_port=http.client_port,
        client_mac=http.client_mac,
        server=http.server,
        port=http.port,
    )


# The phones of a site all get the same answer.
@lru_cache(maxsize=1)
def _read_answer(body: bytes, content_type: str | None, problem: str | None) -> "Answer":
    from ucdiag.update_service.response import read_answer

    return read_answer(body, content_type, problem)
