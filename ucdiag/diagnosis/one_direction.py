"""A capture that shows one direction only: packets of the other direction exist, so nothing follows from silence.

The captured packets prove the other direction: a client that sends data has received the SYN ACK, and a REQUEST that
names a server follows an OFFER. A server's answer without its question proves that the client sent. Each phone is
examined by itself: a mirror may copy both directions of some ports alone.
"""

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.diagnosis.step_event import Event, evidence_of
from ucdiag.diagnosis.unseen_answers import address_taken
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import FROM_SERVER, Connect, Dhcp, Http, Lookup, Tls
from ucdiag.model.report import Evidence
from ucdiag.model.steps import Step
from ucdiag.model.text import listed
from ucdiag.model.vocabulary import FindingCode

_CODE: FindingCode = "capture-one-direction"
_FROM_CLIENT = frozenset({"discover", "request", "inform", "decline", "release"})
# Codes that say that something did not come.
SILENT: frozenset[FindingCode] = frozenset(
    {
        "dhcp-no-answer",
        "dhcp-voice-vlan-silent",
        "dns-no-answer",
        "dns-not-asked",
        "connect-no-answer",
        "connect-unreachable",
        "connect-not-tried",
        "tls-no-answer",
        "request-not-sent",
        "http-no-answer",
        "download-stalled",
        "download-not-tried",
        "capture-too-short",
        "capture-gap",
    }
)


@record(frozen=True, slots=True, kw_only=True)
class OneDirection:
    """The direction that the capture lacks of one phone: the servers', or (``phone_missing``) the phone's.

    In the ``steps`` nothing may be concluded from silence. ``servers`` limits that to the connections to these
    addresses; empty means all. ``evidence`` is the proof.
    """

    phone_missing: bool
    steps: frozenset[Step]
    evidence: tuple[Evidence, ...]
    servers: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The sentence, without its subject."""
        if self.phone_missing:
            return "this capture holds only what servers sent to the phone (mirror both directions)"
        to = f" to {listed(sorted(self.servers)[:3])}" if self.servers else ""
        return f"this capture holds only what the phone sent{to} (mirror both directions)"

    def applies_to(self, event: Event) -> bool:
        """Whether this event rests on what is missing."""
        if event.ok or event.step not in self.steps:
            return False
        if self.servers and event.channel is not None and event.channel[0] not in self.servers:
            return False
        if self.servers and event.channel is None and event.values.get("address", "") not in ("", *self.servers):
            return False
        return event.silent or event.code in SILENT or (event.ok is None and event.code is None)


_ALL = frozenset(Step)
_TCP = frozenset({Step.CONNECT, Step.TLS, Step.REQUEST, Step.RESPONSE, Step.DOWNLOAD})


@once_a_log
def one_direction(history: ObservationLog) -> OneDirection | None:
    """The direction that the capture lacks of this phone; None if it shows both."""
    dhcp, lookups = history.of_kind(Dhcp), history.of_kind(Lookup)
    offered = any(message.type in FROM_SERVER for message in dhcp)
    answered = any(lookup.rcode is not None or lookup.failure in ("malformed", "elsewhere") for lookup in lookups)
    servers = _Servers(history)
    if not offered and not answered and not servers.server_seen:
        evidence = [*_chosen_offers(dhcp), *_granted_leases(history, dhcp), *servers.evidence]
        if evidence:
            return OneDirection(phone_missing=False, steps=_ALL, evidence=tuple(evidence[:4]))
    unheard = servers.unheard
    if unheard and not answered and not servers.server_seen:
        # OFFER and ACK may be broadcast, which a mirror of the phone's direction shows all the same.
        steps = _TCP | {Step.DNS}
        return OneDirection(phone_missing=False, steps=steps, evidence=tuple(servers.evidence[:4]))
    if unheard:
        return OneDirection(
            phone_missing=False, steps=_TCP, evidence=tuple(servers.evidence[:4]), servers=frozenset(unheard)
        )
    asked = any(message.type in _FROM_CLIENT for message in dhcp) or any(_was_seen(lookup) for lookup in lookups)
    if servers.server_only and not servers.phone_seen:
        steps = _TCP if asked else _ALL
        return OneDirection(phone_missing=True, steps=steps, evidence=tuple(servers.evidence_server_only[:4]))
    if not asked and not servers.phone_seen and lookups and answered:
        evidence = [evidence_of(f"an answer for {unasked.name}, and no question", unasked) for unasked in lookups[:4]]
        return OneDirection(phone_missing=True, steps=_ALL, evidence=tuple(evidence))
    return None


def without_silence(events: list[Event], found: OneDirection) -> list[Event]:
    """The events; those that rest on the missing direction become unknown (``ok`` None)."""
    return [_unheard_event(event, found) if found.applies_to(event) else event for event in events]


def behind_encryption(events: list[Event], found: OneDirection) -> list[Event]:
    """The event that the last connection, an encrypted one, has one side only in the capture."""
    last = max(events, key=lambda event: (event.time, event.step.number), default=None)
    if last is None or last.step is not Step.TLS or not last.ok or Step.REQUEST not in found.steps:
        return []
    if found.servers and last.channel is not None and last.channel[0] not in found.servers:
        return []
    return [_unheard_event(replace(last, step=Step.REQUEST), found)]


def unheard_lease(history: ObservationLog, found: OneDirection) -> list[Event]:
    """The event that DHCP has one side only in the capture, if no other event reports it."""
    messages = history.of_kind(Dhcp)
    if not messages or Step.DHCP not in found.steps:
        return []
    kinds = list(dict.fromkeys(message.type.upper() for message in messages))
    verb = "are" if len(kinds) > 1 else "is"
    lacking = "question" if found.phone_missing else "answer"
    text = f"{listed(kinds)} {verb} in the capture, and no {lacking}: {found.text}"
    first = messages[0]
    return [Event(step=Step.DHCP, time=first.time, ok=None, code=_CODE, summary=text, evidence=found.evidence)]


def _unheard_event(event: Event, found: OneDirection) -> Event:
    return replace(
        event,
        ok=None,
        code=_CODE,
        summary=found.text,
        evidence=found.evidence,
        waiting=False,
        silent=False,
        level=None,
        values={},
        missing_next=False,
    )


def _was_seen(lookup: Lookup) -> bool:
    """Whether the question itself is in the capture."""
    return lookup.rcode is None or lookup.frame != lookup.answer_frame


def _chosen_offers(messages: list[Dhcp]) -> list[Evidence]:
    """The REQUESTs that take an offer."""
    return [
        evidence_of(f"the REQUEST names the server {message.server}, which only an OFFER names", message)
        for message in messages
        if message.type == "request" and message.server and not message.client_address
    ]


def _granted_leases(history: ObservationLog, messages: list[Dhcp]) -> list[Evidence]:
    """The questions after which the phone sends from an address that only their answers give it."""
    found = [(message, address_taken(history, message)) for message in messages[-4:] if message.type == "discover"]
    return [
        evidence_of(f"after its DISCOVER the phone sends from {address}, which only a lease gives it", message)
        for message, address in found
        if address is not None
    ]


class _Servers:
    """Which sides of the phone's TCP connections are in the capture.

    ``unheard`` are the server addresses without a packet although they must have sent. ``server_seen``: a server's
    packets are there. ``phone_seen``: the phone's packets are there. ``server_only``: a server's packets are there
    without the phone's.
    """

    def __init__(self, history: ObservationLog) -> None:
        self.evidence: list[Evidence] = []
        self.evidence_server_only: list[Evidence] = []
        spoke: set[str] = set()
        must: set[str] = set()
        self.phone_seen = self.server_only = False
        for connect in history.of_kind(Connect):
            self.phone_seen |= connect.lacking != "syn" and connect.client_port is not None
            if connect.outcome == "open" and connect.lacking == "syn_ack":
                must.add(connect.server)
                text = f"the connection to {connect.server} port {connect.port} opened, and no SYN ACK is there"
                self.evidence.append(evidence_of(text, connect))
            elif connect.outcome in ("open", "refused"):
                spoke.add(connect.server)
            if connect.lacking == "syn":
                self.server_only = True
                text = f"{connect.server} port {connect.port} accepted a connection, and no SYN is there"
                self.evidence_server_only.append(evidence_of(text, connect))
        for tls in history.of_kind(Tls):
            if tls.stage not in (None, "client_hello") or "server" in (tls.alert_from, tls.closed_by):
                spoke.add(tls.server)
            self.phone_seen |= bool(tls.versions)
        for http in history.of_kind(Http):
            # What was lost may have been acknowledged by what follows from it.
            acked = http.request_acked is True and not http.lost_bytes
            if http.status is not None or http.closed_by == "server" or http.failure in ("closed", "reset") or acked:
                spoke.add(http.server)
            elif http.lost_bytes and http.request_acked is None and http.method is not None and not http.snapped:
                # The phone acknowledged what is not there, and no packet of the server's is.
                must.add(http.server)
                text = f"the phone acknowledged an answer of {http.server} port {http.port} that is not there"
                self.evidence.append(evidence_of(text, http))
            if http.method is not None:
                self.phone_seen = True
            elif http.status is not None:
                self.server_only = True
                self.evidence_server_only.append(evidence_of(f"{http.server} answered, and no request is there", http))
        self.server_seen = bool(spoke)
        self.unheard = must - spoke
