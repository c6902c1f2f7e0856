"""Which of a phone's connections belong to the update request, and which to the firmware file.

Active sources say what they ask for (``purpose``). In a capture it follows from what the connection carried, and
for a connection that carried nothing from where it went: to an address that DNS gave for the update server, or,
once an update was offered, to the host of the offered URL.
"""

import re
from bisect import bisect_right
from dataclasses import field
from urllib.parse import SplitResult, unquote

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import file_name, is_external, is_post_to_handler, split_url, target_path, update_requests
from ucdiag.diagnosis.steps.dns import DNS_PORT, update_addresses
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Http, Lookup, Tls, Transfer, UpdateAnswer
from ucdiag.update_service.names import same_name

# Where the services publish firmware files: DeviceUpdateFiles_Int and _Ext (OCS 2007 R2), RequestHandler/Files and
# RequestHandlerExt/Files (Lync 2013 documentation, sample output of Get-CsService).
_STORE = re.compile(r"/(deviceupdatefiles_(int|ext)|requesthandler(ext)?/files)/", re.IGNORECASE)
# What else phones fetch by GET from the same servers: certificates and the address book (Polycom CX700 Deployment
# Guide R2, July 2010, and the Lync Server documentation of certificate provisioning).
_ELSEWHERE = re.compile(r"/(certsrv|certprov|abs|groupexpansion|autodiscover|ews)(/|$)", re.IGNORECASE)


@record(slots=True)
class Traffic:
    """One phone's observations, sorted out by what they were for; each list by time.

    ``only_logs`` says that what the phone sent to the update server were logs alone, as far as can be told.
    """

    connects: list[Connect] = field(default_factory=list)
    handshakes: list[Tls] = field(default_factory=list)
    requests: list[Http] = field(default_factory=list)
    answers: list[UpdateAnswer] = field(default_factory=list)
    file_lookups: list[Lookup] = field(default_factory=list)
    file_connects: list[Connect] = field(default_factory=list)
    file_handshakes: list[Tls] = field(default_factory=list)
    file_requests: list[Http] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    only_logs: bool = False


def url_in_use(answer: UpdateAnswer, external: bool) -> str | None:
    """The URL that a phone on that side uses: ``""`` when it is blank, None when the answer has none."""
    outer = answer.external_url if external else answer.internal_url
    if outer:
        return outer
    inner = [(each.external_url if external else each.internal_url) for each in answer.files]
    filled = [url for url in inner if url]
    if filled:
        return filled[0]
    return "" if outer == "" or "" in inner else None


def external_side(traffic_requests: list[Http], setting: DiagnosisOptions) -> bool:
    """Whether the requests went to the path for the outside."""
    if setting.external:
        return True
    return bool(traffic_requests) and is_external(traffic_requests[-1].target)


def sort_traffic(history: ObservationLog, setting: DiagnosisOptions) -> Traffic:
    """Sort out one phone's observations."""
    return _watched(history) if setting.from_capture else _active(history)


def _active(history: ObservationLog) -> Traffic:
    return Traffic(
        connects=[each for each in history.of(Connect) if each.purpose != "file"],
        handshakes=[each for each in history.of(Tls) if each.purpose != "file"],
        requests=[each for each in history.of(Http) if each.purpose != "file"],
        answers=history.of(UpdateAnswer),
        file_lookups=[each for each in history.of(Lookup) if each.purpose == "file" and each.type == "A"],
        transfers=history.of(Transfer),
    )


def _succeeded(http: Http) -> bool:
    return http.complete and http.status is not None and 200 <= http.status < 300


def port_of(url: SplitResult) -> int:
    """The TCP port that a URL leads to."""
    return url.port or (443 if url.scheme == "https" else 80)


def _spelt_alike(path: str) -> str:
    """A path without regard to case, as IIS takes it, and to what is percent-encoded (RFC 3986, section 6.2.2.2)."""
    return (unquote(path) if "%" in path else path).lower()


def _watched(history: ObservationLog) -> Traffic:
    requests = history.of(Http)
    updates = update_requests(history)
    known = {id(each) for each in updates}
    logs = [each for each in requests if id(each) not in known and is_post_to_handler(each)]
    # The connections that count: those of the update checks, and of the logs where there is nothing else.
    posted = known or {id(each) for each in logs}
    answers = history.of(UpdateAnswer)
    if logs:
        # What was said to a log says nothing of updates.
        aside = {(each.server, each.port, each.answer_frame) for each in logs if each.answer_frame is not None}
        answers = [each for each in answers if (each.server, each.port, each.frame) not in aside]
    servers = set(update_addresses(history)) | {each.server for each in updates}
    offered_at: int | None = None
    # Where files are offered, by host and path: their names, none where an offer names none.
    places: dict[tuple[str, str], set[str]] = {}
    nameless: set[tuple[str, str]] = set()
    ports: dict[str, set[int]] = {}
    for answer in answers:
        if answer.form != "offered":
            continue
        urls = [answer.internal_url, answer.external_url]
        names: set[str] = set()
        for file in answer.files:
            urls += [file.internal_url, file.external_url]
            names.update(file_name(name) for name in (file.name, file.signature) if name)
        for url in urls:
            parts = split_url(url) if url else None
            if parts is not None and parts.hostname:
                offered_at = answer.time if offered_at is None else offered_at
                place = (parts.hostname.lower(), _spelt_alike(parts.path).rstrip("/"))
                places.setdefault(place, set()).update(names)
                if not names:
                    nameless.add(place)
                ports.setdefault(parts.hostname.lower(), set()).add(port_of(parts))

    def is_offered_host(name: str | None) -> bool:
        return name is not None and any(same_name(name, host) for host in ports)

    file_lookups = [each for each in history.of(Lookup) if each.type == "A" and is_offered_host(each.name)]
    # The addresses from which files come, and the ports there; a host name stands for itself.
    stores = {host: set(its) for host, its in ports.items()}
    for lookup in file_lookups:
        for address in lookup.addresses:
            stores.setdefault(address, set()).update(ports.get(lookup.name.rstrip(".").lower(), {80, 443}))

    def is_file(http: Http) -> bool:
        if http.method not in ("GET", "HEAD"):
            return False
        path = target_path(http.target)
        if _STORE.search(path):
            return True
        if offered_at is None or http.time < offered_at:
            return False
        host = (http.host or "").rpartition("]")[2].partition(":")[0] or (http.host or "")
        return any(
            (same_name(host, name) or http.server == name or http.server in stores) and is_at(path, (name, prefix))
            for name, prefix in places
        )

    def is_at(path: str, place: tuple[str, str]) -> bool:
        prefix = place[1]
        if prefix:
            return f"{_spelt_alike(path)}/".startswith(f"{prefix}/")
        # All that the host has is below its root.
        return not _ELSEWHERE.match(path) if place in nameless else file_name(path) in places[place]

    files = [each for each in requests if is_file(each)]
    # Of these only the answer is in the capture, or only that something was said.
    opened = {(each.server, each.port, each.client_port) for each in history.of(Connect)}
    unseen = [
        each
        for each in requests
        if each.method is None and (each.lost_bytes or (each.server, each.port, each.client_port) not in opened)
    ]
    if not unseen:
        pass
    elif not any(_succeeded(each) for each in updates):
        # It may have been the success.
        updates = sorted(updates + [each for each in unseen if each.server in servers], key=lambda each: each.time)
    elif offered_at is not None and not files:
        files = [each for each in unseen if each.time >= offered_at and each.server in stores]
    carried: dict[tuple[str, int, int | None], list[Http]] = {}
    for each in requests:
        carried.setdefault((each.server, each.port, each.client_port), []).append(each)

    def purpose(each: Connect | Tls) -> str | None:
        inside = [
            http
            for http in carried.get((each.server, each.port, each.client_port), ())
            if http.time >= each.time and http.method is not None
        ]
        if any(id(http) in posted for http in inside):
            return "update"
        if any(is_file(http) for http in inside):
            return "file"
        if inside:
            return None
        if offered_at is not None and each.time > offered_at and each.port in stores.get(each.server, ()):
            return "file"
        return "update" if each.server in servers else None

    # DNS over TCP, at the same server it may be, is nothing that leads on.
    tries = [each for each in history.of(Connect) if each.port != DNS_PORT]
    failed = {(each.server, each.port): each.time for each in tries if each.outcome != "open"}
    good: dict[tuple[str, str], dict[int, list[int]]] = {}
    for answer in answers:
        if answer.form in ("none_offered", "offered"):
            good.setdefault(("update", answer.server), {}).setdefault(answer.port, []).append(answer.time)
    for fetched in files:
        if _succeeded(fetched):
            good.setdefault(("file", fetched.server), {}).setdefault(fetched.port, []).append(fetched.time)

    def is_spare(each: Connect | Tls, why: str | None) -> bool:
        """Whether this is only the other port of an address at which one port is good, which is enough."""
        if isinstance(each, Tls) and each.outcome == "complete":
            return False
        if (each.server, each.port, each.client_port) in carried:
            return False
        for port, times in good.get((why or "", each.server), {}).items():
            before = bisect_right(times, each.time)
            if port != each.port and before and failed.get((each.server, port), 0) <= times[before - 1]:
                return True
        return False

    connects = [(each, why) for each in tries if not is_spare(each, why := purpose(each))]
    handshakes = [(each, why) for each in history.of(Tls) if not is_spare(each, why := purpose(each))]
    return Traffic(
        connects=[each for each, why in connects if why == "update"],
        handshakes=[each for each, why in handshakes if why == "update"],
        requests=updates,
        answers=answers,
        file_lookups=[each for each in file_lookups if offered_at is not None and each.time >= offered_at],
        file_connects=[each for each, why in connects if why == "file"],
        file_handshakes=[each for each, why in handshakes if why == "file"],
        file_requests=files,
        transfers=history.of(Transfer),
        only_logs=bool(logs) and not known,
    )
