"""A phone that found no update server by DNS and signed in: the sign-in may have named one.

Step 2 holds too if the phone knows its server from a sign-in. What it was told there is encrypted, so another host that
it went to afterwards may be that server.
"""

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.other_servers import failed_attempts, failures_text, is_other_service, unresolved_text
from ucdiag.diagnosis.step_event import Event, evidence_of
from ucdiag.diagnosis.traffic import Traffic
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Tls
from ucdiag.model.steps import Level, Step
from ucdiag.model.vocabulary import FindingCode, Microseconds

# What keeps a phone from a name to look up.
_NO_NAME: frozenset[FindingCode | None] = frozenset({"dhcp-no-domain", "dhcp-domain-unusable"})


def with_in_band_server(
    events: list[Event],
    history: ObservationLog,
    traffic: Traffic,
    setting: DiagnosisOptions,
    at: Microseconds,
) -> list[Event]:
    """The events of steps 1 and 2, with what the phone did after a sign-in where the last of them found no server.

    After a completed handshake with another host their failures are warnings: what the phone asked there is not known.
    A failure to reach or to resolve one is a clause of the last of these events. A connection to the registrar on which
    TLS did not complete is no sign-in.
    """
    lost = [event for event in events if _finds_no_server(event)]
    signed_in = [tls.time for tls in traffic.sign_in_handshakes if tls.outcome == "complete"]
    if not lost or not signed_in:
        return events
    last = max(lost, key=lambda event: event.time)
    if _finds_server_later(last, events, traffic):
        return events
    since = max(min(signed_in), last.time)
    hidden = [tls for tls in traffic.other_handshakes if tls.time > since and _may_hide_check(tls, traffic)]
    if hidden:
        lowered = [replace(event, level=Level.WARNING) if event in lost else event for event in events]
        return [*lowered, _hidden_event(hidden[-1], traffic)]
    failed = [attempt for attempt in failed_attempts(history, traffic, setting, at) if attempt.time > since]
    text = failures_text(failed) if failed else unresolved_text(history, since)
    if not text:
        return events
    more = f"; after its sign-in {text}, perhaps the update server that the sign-in named"
    evidence = (*last.evidence, *(attempt.evidence for attempt in failed))
    explained = replace(last, summary=f"{last.summary}{more}", evidence=evidence)
    return [explained if event is last else event for event in events]


def _finds_no_server(event: Event) -> bool:
    failed = event.ok is False and event.level is not Level.WARNING
    return failed and (event.step is Step.DNS or event.code in _NO_NAME)


def _finds_server_later(last: Event, events: list[Event], traffic: Traffic) -> bool:
    found = any(event.ok and event.step is Step.DNS and event.time > last.time for event in events)
    went = [*traffic.connects, *traffic.handshakes, *traffic.requests, *traffic.hang_ups]
    return found or any(seen.time > last.time for seen in went)


def _host(tls: Tls, traffic: Traffic) -> str | None:
    return tls.server_name or traffic.host_names.get(tls.server)


def _may_hide_check(tls: Tls, traffic: Traffic) -> bool:
    return tls.outcome == "complete" and not tls.decrypted and not is_other_service(_host(tls, traffic))


def _hidden_event(tls: Tls, traffic: Traffic) -> Event:
    name = _host(tls, traffic)
    place = f"{name} ({tls.server})" if name and name != tls.server else tls.server
    text = (
        f"after its sign-in the phone went over TLS to {place} port {tls.port}, perhaps the update server that the "
        "sign-in named, and its request cannot be read: test the server itself with ucdiag probe"
    )
    return Event(
        step=Step.REQUEST,
        time=tls.time,
        ok=None,
        summary=text,
        evidence=(evidence_of(f"TLS with {tls.server} port {tls.port}: complete", tls),),
        expected=True,  # not idle: it decides
        problem="tls-not-decrypted",
    )
