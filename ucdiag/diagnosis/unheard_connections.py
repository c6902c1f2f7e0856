"""Connections without any packet of the server in the capture, although other connections show the server.

The phone sends after its SYN, so it received the SYN ACK, which is not in the capture. So the server's missing packets
do not prove that it was silent.
"""

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.one_direction import SILENT
from ucdiag.diagnosis.step_event import Event
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Http, Tls
from ucdiag.model.vocabulary import Microseconds

# By the time and the frame, as evidence names them.
_Places = dict[tuple[Microseconds | None, int | None], Http | Tls]


def without_unheard(events: list[Event], history: ObservationLog) -> list[Event]:
    """The events; those that rest on the silence of such a connection become unknown (``ok`` None)."""
    places: _Places = {(seen.time, seen.frame): seen for seen in _unheard_exchanges(history)}
    return [_unknown_event(event, places) for event in events] if places else events


def _unheard_exchanges(history: ObservationLog) -> list[Http | Tls]:
    """What the phone sent on these connections."""
    opened = {
        (connect.server, connect.port, connect.client_port)
        for connect in history.of_kind(Connect)
        if connect.outcome == "open" and connect.lacking == "syn_ack"
    }
    if not opened:
        return []
    silent: list[Http | Tls] = [
        http
        for http in history.of_kind(Http)
        if http.status is None and http.request_acked is None and http.closed_by != "server"
    ]
    silent += [tls for tls in history.of_kind(Tls) if tls.outcome == "no_answer" and tls.closed_by != "server"]
    return [connect for connect in silent if (connect.server, connect.port, connect.client_port) in opened]


def _unknown_event(event: Event, places: _Places) -> Event:
    if event.ok or not event.evidence or not (event.silent or event.code in SILENT):
        return event
    seen = places.get((event.evidence[0].time, event.evidence[0].frame))
    if seen is None:
        return event
    text = (
        f"what {seen.server} port {seen.port} answered is not known: the capture lacks all that it sent on this "
        "connection; capture again, nearer to the phone or with a larger buffer (tcpdump -B 65536)"
    )
    return replace(event, ok=None, code="capture-gap", summary=text, silent=False, waiting=False, level=None, values={})
