"""The event for an expected next action of the phone that is missing: the end of the path as far as it was seen."""

from collections.abc import Sequence
from itertools import pairwise

from ucdiag.diagnosis.attempts import Attempt
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.other_servers import unresolved_text
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.traffic import ONE_CHECK, Traffic, external_side, port_of, url_in_use
from ucdiag.diagnosis.update_lookups import DNS_PORT, phone_resolvers, update_addresses, update_lookups
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Tls, UpdateAnswer
from ucdiag.model.phone_classes import PREFIXES, is_phone_class
from ucdiag.model.steps import Step
from ucdiag.model.text import first_listed, listed
from ucdiag.model.urls import split_url
from ucdiag.model.vocabulary import FindingCode, Microseconds, microseconds

_NOT_ASKED = "an update was offered, and the phone asked for no file of it"
_NOT_KNOWN = (
    "an update was offered, and which of the requests for files from its address are this phone's is not known: "
    "several phones, or a proxy that keeps files, sent from there; capture in the phones' own VLAN"
)
# Routers and static routes in a lease.
_ROUTER = 3
_WAYS = frozenset({_ROUTER, 33, 121, 249})
_MOST_HOSTS = 4  # that a sentence names
# Seconds after which some resolvers no longer wait for an answer.
_SLOW_LOOKUP = 2.0
# Microseconds between two questions of which the second is asked for want of an answer to the first.
_ANEW = 500_000
_WAITED = {
    Step.DNS: "the lease",
    Step.CONNECT: "the DNS answer",
    Step.REQUEST: "the connection opened",
    Step.DOWNLOAD: "the offer",
}


def missing_next(
    events: list[Event],
    traffic: Traffic,
    setting: DiagnosisOptions,
    at: Microseconds,
    instead: Sequence[Attempt] = (),
    signed_in: Attempt | None = None,
) -> list[Event]:
    """At most one event: the action that did not follow the last event by the time ``at`` (microseconds).

    ``instead`` are the phone's attempts to reach other hosts, ``signed_in`` is its successful sign-in.
    """
    if not setting.from_capture:
        return _not_fetched(events, traffic, setting)
    # A renewal says nothing of what the phone does next about its update.
    ahead = [event for event in events if event.step is not Step.DHCP] or events
    last = max(ahead, key=lambda event: (event.time, event.step.number), default=None)
    if last is None or last.ok is not True:
        return []
    offered = last.step is Step.RESPONSE and any(_wants_file(answer, traffic) for answer in traffic.answers[-1:])
    if offered and setting.from_logs:
        return [_not_in_logs(last, setting)]
    port = _unwatched_port(traffic, setting) if offered else None
    if port is not None:
        text = (
            f"whether the phone fetched the file is not known: it is at port {port}, not watched; "
            f"capture with --port {port}"
        )
        event = Event(step=Step.DOWNLOAD, time=last.time, ok=None, summary=text, missing_next=True)
        return [replace(event, problem="port-not-watched")]
    missing = _missing_step(last, traffic, offered, setting.files_unclear)
    if missing is None:
        return []
    code, step, text = missing
    values: dict[str, str] = {}
    if code == "dns-not-asked" and signed_in is not None:
        text += f"; it learns its server at sign-in: {signed_in.summary}"
        values = {"variant": "signed-in"}
    if instead and step in (Step.DNS, Step.CONNECT):
        text += f"; {listed(attempt.summary for attempt in instead)}"
    evidence = tuple(attempt.evidence for attempt in instead) if step is Step.CONNECT else ()
    if evidence:
        values = {"variant": "went-elsewhere", "address": instead[-1].server, "port": str(instead[-1].port or 80)}
    if at - last.time < setting.patience_microseconds:
        # Rounded down: what is not enough must not look as if it were.
        waited = f"the capture ends {(at - last.time) // 100_000 / 10:.1f} s after {_WAITED[step]}"
        return [_missing_event("capture-too-short", step, last.time, f"{waited}, too short to know what came next")]
    return [replace(_missing_event(code, step, last.time, text), values=values, evidence=evidence)]


def with_circumstances(event: Event, history: ObservationLog, mac: str | None = None) -> Event:
    """The event of a missing action, with what the capture tells of its reason. ``mac`` is the phone's, if known."""
    values: dict[str, str] = {}
    if event.code == "dns-not-asked":
        unresolved = unresolved_text(history)
        more, hosts = f"; {unresolved}" if unresolved else "", phone_resolvers(history)
    elif event.code == "connect-not-tried":
        more, values = _cut_answer(history)
        if not more:
            more, values = _slow_answer(history)
        hosts = update_addresses(history)
        values |= {"address": hosts[-1]} if hosts else {}
    else:
        return event
    lease = _lease_without_router(history)
    # The mask is not known: who shares three octets is taken for a neighbour.
    if lease is not None and hosts and not any(_subnet(host) == _subnet(lease.address or "") for host in hosts):
        which = first_listed(hosts, _MOST_HOSTS)
        more += f"; its lease names no router (option 3), so it reaches {which} only inside its own subnet"
        values |= {"variant": "no-router", "dhcp_server": lease.server or ""}
    elif event.code == "connect-not-tried" and not more and not _has_connections(history):
        more += "; it has no connection of the phone at all, as one that is taken at the DNS server"
        values |= {"variant": "no-connections"}
        if not _is_known_phone(history, mac):
            more += ", and nothing else that shows a phone: somebody may have looked the name up on a computer"
            values |= {"variant": "perhaps-no-phone"}
    return replace(event, summary=event.summary + more, values={**values, **event.values})


def _has_connections(history: ObservationLog) -> bool:
    """Whether anything of the phone's connections is in the capture, beside those to a DNS server."""
    connected = any(connect.port != DNS_PORT for connect in history.of_kind(Connect))
    return connected or bool(history.of_kind(Tls) or history.of_kind(Http))


def _is_known_phone(history: ObservationLog, mac: str | None) -> bool:
    """Whether more than a question for an update server says that this is a phone."""
    asks_as_phone = any(is_phone_class(message.vendor_class) for message in history.of_kind(Dhcp))
    return asks_as_phone or (mac is not None and mac[:8] in PREFIXES)


def _cut_answer(history: ObservationLog) -> tuple[str, dict[str, str]]:
    """The clause that each answer of the last check was truncated, and none asked for over TCP, and the values of the
    advice; both empty where that is not so."""
    found = [lookup for lookup in update_lookups(history) if lookup.addresses]
    checked = [lookup for lookup in found if found[-1].time - lookup.time <= ONE_CHECK]
    if not checked or not all(lookup.truncated and not lookup.snapped for lookup in checked):
        return "", {}
    last = checked[-1]
    clause = "; the answer was truncated (TC), and the phone asked for the whole one over TCP in vain or not at all"
    values = {"variant": "truncated", "nameserver": last.server or "", "name": last.name}
    return clause, values | {"dns_port": str(last.server_port or DNS_PORT)}


def _slow_answer(history: ObservationLog) -> tuple[str, dict[str, str]]:
    """The clause that the answer came late, and the values of the advice; both empty where it did not."""
    found = [lookup for lookup in update_lookups(history) if lookup.addresses]
    # Of the last check the fastest: the phone may have asked again, or several resolvers.
    checked = [lookup for lookup in found if found[-1].time - lookup.time <= ONE_CHECK]
    took = min((lookup.seconds or 0 for lookup in checked), default=0)
    if took >= _SLOW_LOOKUP:
        clause = f"; the answer took {took:.1f} s, and the phone may have given up before it came"
    elif _came_after_next_question(checked):
        clause = f"; the answer took {took:.1f} s, and each time the phone had asked anew before it came"
    else:
        return "", {}
    last = checked[-1]
    return clause, {"variant": "slow-answer", "nameserver": last.server or "", "name": last.name}


def _came_after_next_question(lookups: list[Lookup]) -> bool:
    """Whether each answer but the last came after the phone's next question to the same server, asked anew."""
    pairs = [(lookup, later) for lookup, later in pairwise(lookups) if later.time - lookup.time >= _ANEW]
    return bool(pairs) and all(
        later.server == lookup.server and later.time < lookup.time + microseconds(lookup.seconds or 0)
        for lookup, later in pairs
    )


def _lease_without_router(history: ObservationLog) -> Dhcp | None:
    """The phone's last lease, if it names neither a router nor a static route, and the phone asked for a router.

    Who extends the lease, or asks as a second class, may ask for less and is told less.
    """
    messages = history.of_kind(Dhcp)
    leases = [message for message in messages if message.type == "ack" and message.address]
    same = [ack for ack in leases if ack.address == leases[-1].address]
    if any(not ack.options or ack.truncated or not _WAYS.isdisjoint(ack.options) for ack in same):
        return None
    wanted = {message.transaction: message.requested for message in messages if message.requested}
    telling = [ack for ack in same if _ROUTER in wanted.get(ack.transaction, (_ROUTER,))]
    return telling[-1] if telling else None


def _subnet(address: str) -> str:
    return address.rpartition(".")[0]


def _not_in_logs(offer: Event, setting: DiagnosisOptions) -> Event:
    """The event that the server's logs show an offer and no request for its file."""
    text = "an update was offered, and the audit log does not show whether the phone fetched the file: add the IIS logs"
    if setting.logs_files:
        text = "an update was offered, and these logs have no request of the phone for its file"
    if setting.files_unclear:
        text = (
            "an update was offered, and which of the requests for files at its address are this phone's is not "
            "known: several phones have that address (a load balancer, a proxy), and the logs name no other"
        )
    return _missing_event("download-not-tried", Step.DOWNLOAD, offer.time, text)


def _not_fetched(events: list[Event], traffic: Traffic, setting: DiagnosisOptions) -> list[Event]:
    """The event that an active command did not fetch the offered file, by its options."""
    offered = any(_wants_file(answer, traffic) for answer in traffic.answers)
    asked = setting.whole_file and setting.stopped is None
    if asked or not offered or any(event.step is Step.DOWNLOAD for event in events):
        return []
    time = max(answer.time for answer in traffic.answers)
    text = "an update is offered, and the file was not asked for"
    if setting.stopped is not None:
        text = f"an update is offered, and its file was not tested, because {setting.stopped}"
    return [_missing_event("download-not-tried", Step.DOWNLOAD, time, text)]


def _wants_file(answer: UpdateAnswer, traffic: Traffic) -> bool:
    """Whether the answer offers something that the phone lacks."""
    return answer.form == "offered" and not traffic.is_held(answer)


def _missing_step(last: Event, traffic: Traffic, offered: bool, unclear: bool) -> tuple[FindingCode, Step, str] | None:
    """The code, step and sentence of the missing action; None if the path may end there. ``unclear``: files were asked
    for by this phone or another one."""
    if last.step is Step.DHCP:
        return "dns-not-asked", Step.DNS, "the phone has a lease and asked for no update server"
    if last.step is Step.DNS:
        text = "DNS gave a good address, and no connection of the phone to it followed in the capture"
        return "connect-not-tried", Step.CONNECT, text
    if last.step is Step.CONNECT or (last.step is Step.TLS and _is_decrypted(traffic)):
        sent = "what looks like a log, and no update request" if traffic.only_logs else "no request"
        sent = "requests for something else, and no update request" if traffic.only_others else sent
        return "request-not-sent", Step.REQUEST, f"the phone connected and sent {sent}"
    if offered:
        return "download-not-tried", Step.DOWNLOAD, _NOT_KNOWN if unclear else _NOT_ASKED
    return None


def _is_decrypted(traffic: Traffic) -> bool:
    """Whether a request on the latest encrypted connection would have been seen."""
    return bool(traffic.handshakes) and traffic.handshakes[-1].decrypted is True


def _unwatched_port(traffic: Traffic, setting: DiagnosisOptions) -> int | None:
    """The port of the offered file, if the capture passed it over."""
    url = url_in_use(traffic.answers[-1], external_side(traffic.requests, setting))
    parts = split_url(url) if url else None
    if parts is None or setting.ports is None or port_of(parts) in setting.ports:
        return None
    return port_of(parts)


def _missing_event(code: FindingCode, step: Step, time: Microseconds, text: str) -> Event:
    return Event(step=step, time=time, ok=None, code=code, summary=text, missing_next=True)
