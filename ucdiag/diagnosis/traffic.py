"""Sorts a phone's connections: those of the update request, and those of the firmware file.

Active sources say what they ask for (``purpose``). In a capture it follows from what the connection carried, and
for a connection that carried nothing from where it went: to an address that DNS gave for the update server, or,
once an update was offered, to the host of the offered URL.
"""

import re
from bisect import bisect_right, insort
from collections.abc import Callable
from dataclasses import field
from typing import Literal, TypeVar
from urllib.parse import SplitResult, unquote

from ucdiag.diagnosis.beside_path import BESIDE
from ucdiag.diagnosis.followed_redirects import followed_redirects_of
from ucdiag.diagnosis.host_flaws import subnet_flaws
from ucdiag.diagnosis.known_servers import (
    KnownServers,
    offered_hosts,
    own_server_lookups,
    server_addresses,
    server_lookups,
)
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.offered_versions import update_offers
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.phrases import (
    file_name,
    host_name,
    hung_up,
    is_definite,
    is_hang_up,
    is_in_store,
    is_post_to_handler,
    update_requests,
)
from ucdiag.diagnosis.redirected_files import followed_redirects
from ucdiag.diagnosis.registrars import SIGN_IN_PORT, HostNames, Registrars, is_arp_alone
from ucdiag.diagnosis.update_lookups import DNS_PORT, phone_resolvers, update_addresses, update_lookups
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Http, Lookup, Tls, Transfer, UpdateAnswer, last_time_of
from ucdiag.model.patterns import pattern
from ucdiag.model.urls import split_urls
from ucdiag.model.vocabulary import Microseconds, is_success_status
from ucdiag.update_service.modules import OfferedVersions
from ucdiag.update_service.names import is_asked_as, is_external, plain_name, same_name, target_path

# What else phones fetch by GET from the same servers: certificates and the address book (Polycom CX700 Deployment
# Guide R2, July 2010, and the Lync Server documentation of certificate provisioning).
_ELSEWHERE = pattern(r"/(certsrv|certprov|abs|groupexpansion|autodiscover|ews)(/|$)", re.IGNORECASE)

_Purpose = Literal["update", "file", "sign-in", "other"]
_T = TypeVar("_T", Connect, Tls, Http)
# What an active command did for something else than the update request.
_NOT_UPDATE = BESIDE | {"file"}
# A server may end a connection that nobody needs any more (microseconds): one that stayed open so long, or so soon
# after it gave what was asked for.
_IDLE = 5_000_000
# An attempt on the other port belongs to the one before it, if it comes so soon (microseconds).
_NEXT_PORT = 60_000_000
#: Tries with less between them are one check (microseconds).
ONE_CHECK = 300_000_000


@record(slots=True)
class Traffic:
    """One phone's observations, sorted by purpose; each list by time.

    ``hang_ups`` are connections that the server closed before either side sent a byte, ``beside`` later failures on
    another port of that server, ``after_requests`` those after a request, which came further. ``spare_handshakes`` are
    handshakes of the update server that failed, and have not completed since, on another port than the good one. The
    others are connections without a request, to hosts of unknown purpose.
    ``only_logs``: the phone sent nothing but logs to the update server, as far as the requests show; ``only_others``:
    nothing but requests for something else, and ``connects`` are the connections of these. ``host_names`` are
    the names that the phone looked up, by address. In a capture ``servers`` are the addresses to which it went and that
    count as its update servers, ``resolvers`` those of its lease, and ``other_addresses`` those that came with an
    address in the answer of DNS.
    """

    connects: list[Connect] = field(default_factory=list)
    handshakes: list[Tls] = field(default_factory=list)
    requests: list[Http] = field(default_factory=list)
    hang_ups: list[Http] = field(default_factory=list)
    beside: list[Connect] = field(default_factory=list)
    after_requests: list[Connect | Tls] = field(default_factory=list)
    spare_handshakes: list[Tls] = field(default_factory=list)
    answers: list[UpdateAnswer] = field(default_factory=list)
    file_lookups: list[Lookup] = field(default_factory=list)
    file_connects: list[Connect] = field(default_factory=list)
    file_handshakes: list[Tls] = field(default_factory=list)
    file_requests: list[Http] = field(default_factory=list)
    file_hang_ups: list[Http] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    #: The offers of the answers, beside what their requests say of the phone.
    offers: list[OfferedVersions] = field(default_factory=list)
    sign_in_connects: list[Connect] = field(default_factory=list)
    sign_in_handshakes: list[Tls] = field(default_factory=list)
    other_connects: list[Connect] = field(default_factory=list)
    other_handshakes: list[Tls] = field(default_factory=list)
    other_hang_ups: list[Http] = field(default_factory=list)
    only_logs: bool = False
    only_others: bool = False
    host_names: dict[str, str] = field(default_factory=dict)
    other_addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: In a capture: what the phone did first at the place to which an update request was redirected, by the request's
    #: ``id``.
    followed: dict[int, Http | Tls] = field(default_factory=dict)
    servers: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    #: Why no host has these addresses (``subnet_flaws``).
    no_hosts: dict[str, str] = field(default_factory=dict)
    #: What ``url_sides`` found out of it, kept for the next one that asks.
    sides: object = None

    def is_held(self, answer: UpdateAnswer) -> bool:
        """Whether the phone has every version that this answer offers, so that it fetches nothing."""
        return any(offer.answer is answer and offer.is_held for offer in self.offers)


def url_in_use(answer: UpdateAnswer, external: bool) -> str | None:
    """The URL that a phone on that side uses: ``""`` when it is blank, None when the answer has none."""
    outer = answer.external_url if external else answer.internal_url
    if outer:
        return outer
    inner = [(file.external_url if external else file.internal_url) for file in answer.files]
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
    """One phone's observations, sorted by purpose."""
    traffic = (
        CaptureTraffic(history, setting.servers).sort_by_purpose() if setting.from_capture else _sort_active(history)
    )
    traffic.offers = update_offers(traffic.requests, traffic.answers, setting)
    return traffic


def _sort_active(history: ObservationLog) -> Traffic:
    return Traffic(
        connects=[connect for connect in history.of_kind(Connect) if connect.purpose not in _NOT_UPDATE],
        handshakes=[tls for tls in history.of_kind(Tls) if tls.purpose not in _NOT_UPDATE],
        requests=[http for http in history.of_kind(Http) if http.purpose not in _NOT_UPDATE],
        answers=[answer for answer in history.of_kind(UpdateAnswer) if answer.purpose not in _NOT_UPDATE],
        file_lookups=[lookup for lookup in history.of_kind(Lookup) if lookup.purpose == "file" and lookup.type == "A"],
        file_connects=[connect for connect in history.of_kind(Connect) if connect.purpose == "file"],
        file_handshakes=[tls for tls in history.of_kind(Tls) if tls.purpose == "file"],
        transfers=history.of_kind(Transfer),
        no_hosts=subnet_flaws(history),
    )


def port_of(url: SplitResult) -> int:
    """The TCP port that a URL leads to."""
    return url.port or (443 if url.scheme == "https" else 80)


def _is_success(http: Http) -> bool:
    return http.complete and is_success_status(http.status)


def _comparable_path(path: str) -> str:
    """A path without regard to case, as IIS takes it, and to what is percent-encoded (RFC 3986, section 6.2.2.2)."""
    return (unquote(path) if "%" in path else path).lower()


class _Offers:
    """The places of files that the answers of the update service name: hosts, their ports, and parent paths.

    Where an offer names files, only these are looked for at the root of a host.
    """

    def __init__(self, answers: list[UpdateAnswer]) -> None:
        #: When the first update was offered.
        self.since: Microseconds | None = None
        #: The ports of each host.
        self.ports: dict[str, set[int]] = {}
        # The names of the files below each (host, path), and those places of which an offer names no file.
        self._names: dict[tuple[str, str], set[str]] = {}
        self._nameless: set[tuple[str, str]] = set()
        for answer in answers:
            if answer.form == "offered":
                self._add_answer(answer)

    def _add_answer(self, answer: UpdateAnswer) -> None:
        names = {file_name(name) for file in answer.files for name in (file.name, file.signature) if name}
        for parts in split_urls(answer.urls):
            self.since = answer.time if self.since is None else self.since
            self._add_place(parts, names)

    def _add_place(self, url: SplitResult, names: set[str]) -> None:
        host = plain_name(url.hostname or "")
        place = (host, _comparable_path(url.path).rstrip("/"))
        self._names.setdefault(place, set()).update(names)
        if not names:
            self._nameless.add(place)
        self.ports.setdefault(host, set()).add(port_of(url))

    def made_by(self, time: Microseconds) -> bool:
        """Whether an update had been offered at that time."""
        return self.since is not None and time >= self.since

    def is_host(self, name: str) -> bool:
        """Whether files are offered at the host of that name."""
        return any(is_asked_as(host, name) for host in self.ports)

    def are_one_host(self, name: str, other: str) -> bool:
        """Whether these different names are what a search list makes of the same host."""
        alike = (is_asked_as(host, name) and is_asked_as(host, other) for host in self.ports)
        return not same_name(name, other) and any(alike)

    def store_ports(self, lookups: list[Lookup]) -> dict[str, set[int]]:
        """The addresses from which files come, and the ports there; a host name stands for itself.

        ``lookups`` are those for the hosts of the offers.
        """
        stores = {host: set(ports) for host, ports in self.ports.items()}
        for lookup in lookups:
            ports = {port for host in self.ports if is_asked_as(host, lookup.name) for port in self.ports[host]}
            for address in lookup.addresses:
                stores.setdefault(address, set()).update(ports)
        return stores

    def includes_file(self, path: str, is_host: Callable[[str], bool]) -> bool:
        """Whether the path is one of the files that are offered at a host for which ``is_host`` is true."""
        return any(is_host(place[0]) and self._is_below(path, place) for place in self._names)

    def _is_below(self, path: str, place: tuple[str, str]) -> bool:
        prefix = place[1]
        if prefix:
            return f"{_comparable_path(path)}/".startswith(f"{prefix}/")
        # All that the host has is below its root.
        return not _ELSEWHERE.match(path) if place in self._nameless else file_name(path) in self._names[place]


_Connection = tuple[str, int, int | None]  # a server, its port, and the client's


def _latest_until(times: list[Microseconds], until: Microseconds) -> Microseconds:
    """The latest of these times, which are in order, up to then; 0 where there is none."""
    at = bisect_right(times, until)
    return times[at - 1] if at else 0


def _connection_of(seen: Connect | Tls | Http) -> _Connection:
    return seen.server, seen.port, seen.client_port


class CaptureTraffic:
    """Sorts the facts of one phone in a capture: update checks, file downloads, and others.

    ``sort`` returns the result. The purpose of a connection is that of the requests it carried; of one that
    carried none, that of the place to which it was opened.
    """

    def __init__(self, history: ObservationLog, known: KnownServers | None = None) -> None:
        self._history = history
        every = history.of_kind(Http)
        self._requests = [http for http in every if not is_hang_up(http)]
        self._hang_ups = [http for http in every if is_hang_up(http)]
        self._updates = update_requests(history)
        checks = {id(http) for http in self._updates}
        self._logs = [http for http in self._requests if id(http) not in checks and is_post_to_handler(http)]
        self._only_logs = bool(self._logs) and not checks
        # The requests that make a connection count: update checks, and logs where there is nothing else.
        self._posted = checks or {id(http) for http in self._logs}
        self._answers = self._answers_to_checks()
        self._known = known or KnownServers()
        self._servers = self._update_servers(self._known)
        self._names = HostNames(history.of_kind(Lookup))
        self._registrars = Registrars(history, self._names, self._servers)
        self._offers = _Offers(self._answers)
        self._file_lookups = [
            lookup for lookup in history.of_kind(Lookup) if lookup.type == "A" and self._offers.is_host(lookup.name)
        ]
        self._stores = self._offers.store_ports(self._file_lookups)
        self._files = followed_redirects([http for http in self._requests if self._is_file(http)], self._requests)
        self._add_unseen_requests()
        self._carried: dict[_Connection, list[Http]] = {}
        for http in self._requests:
            self._carried.setdefault(_connection_of(http), []).append(http)
        self._update_times = [http.time for http in self._updates]
        # Those of which the capture has the answer alone: nearly always none.
        self._unseen_updates = [http for http in self._updates if http.method is None]
        # DNS over TCP, at the same server it may be, is nothing that leads on.
        self._connects = [connect for connect in history.of_kind(Connect) if connect.port != DNS_PORT]
        self._failed_at = {
            (connect.server, connect.port): connect.time for connect in self._connects if connect.outcome != "open"
        }
        self._good_times = self._times_of_success()
        self._asked = sorted(lookup.time for lookup in update_lookups(history))
        # When the phone went to which address and port.
        self._contacts: dict[tuple[str, int], list[Microseconds]] = {}
        contacts: list[Connect | Http | UpdateAnswer] = [*self._connects, *self._requests, *self._answers]
        for contact in sorted(contacts, key=lambda contact: contact.time):
            self._contacts.setdefault((contact.server, contact.port), []).append(contact.time)
        self._fetching = self._times_of_fetching() if self._offers.since is not None else []

    def sort_by_purpose(self) -> Traffic:
        """The observations by what they were for."""
        connects = self._by_purpose(self._connects)
        handshakes = self._by_purpose(self._history.of_kind(Tls))
        hang_ups = self._by_purpose(self._hang_ups)
        tried = any(of["update"] for of in (connects, handshakes, hang_ups)) or bool(self._updates)
        for_others = [] if tried else self._connects_for_others()
        connects["update"] += for_others
        last = {http.server: http for http in hang_ups["update"]}
        usual: list[Connect] = []
        beside: list[Connect] = []
        for connect in connects["update"]:
            (beside if _is_beside(connect, last.get(connect.server)) else usual).append(connect)
        every: list[Connect | Tls] = [*usual, *handshakes["update"]]
        failed = [seen for seen in every if self._is_after_request(seen)]
        shaken = {_connection_of(seen) for seen in failed if isinstance(seen, Tls)}
        after = {id(seen) for seen in failed}
        after |= {id(connect) for connect in usual if _connection_of(connect) in shaken}
        return Traffic(
            connects=[connect for connect in usual if id(connect) not in after],
            handshakes=[tls for tls in handshakes["update"] if id(tls) not in after],
            after_requests=[seen for seen in every if id(seen) in after],
            requests=self._updates,
            hang_ups=hang_ups["update"],
            beside=beside,
            spare_handshakes=self._failed_spare_handshakes(),
            answers=self._answers,
            file_lookups=self._lookups_for_files(),
            file_connects=connects["file"],
            file_handshakes=handshakes["file"],
            file_requests=self._files,
            file_hang_ups=hang_ups["file"],
            transfers=self._history.of_kind(Transfer),
            sign_in_connects=connects["sign-in"],
            sign_in_handshakes=handshakes["sign-in"],
            other_connects=connects["other"],
            other_handshakes=handshakes["other"],
            other_hang_ups=hang_ups["other"],
            only_logs=self._only_logs,
            only_others=bool(for_others),
            host_names=self._names.latest_names(),
            other_addresses=self._names.other_addresses(),
            followed=followed_redirects_of(self._updates, self._requests, self._history.of_kind(Tls), self._names),
            servers=(*sorted(self._servers & self._contacted_servers()), *self._names_not_reached()),
            resolvers=phone_resolvers(self._history),
            no_hosts=subnet_flaws(self._history),
        )

    def _connects_for_others(self) -> list[Connect]:
        """The connections to the update server that the phone had looked up, on which it asked for something else."""
        servers = set(update_addresses(self._history))
        return [
            connect
            for connect in self._connects
            if connect.server in servers
            and connect.outcome == "open"
            and connect.time > self._asked[0]
            and self._purpose_of(connect) is None
        ]

    def _lookups_for_files(self) -> list[Lookup]:
        own = own_server_lookups(self._history)
        found = [lookup for lookup in self._file_lookups if self._offers.made_by(lookup.time) and lookup not in own]
        good = [lookup for lookup in found if lookup.addresses]
        return [lookup for lookup in found if not self._is_passed_over(lookup, good)]

    def _is_passed_over(self, lookup: Lookup, good: list[Lookup]) -> bool:
        """Whether a search list led to a name of a file's host that does not exist, and on to one of the ``good``."""
        if lookup.addresses or not is_definite(lookup):
            return False
        return any(later.time > lookup.time and self._offers.are_one_host(lookup.name, later.name) for later in good)

    def _update_servers(self, known: KnownServers) -> set[str]:
        """The addresses of hosts that are update servers for this phone."""
        history = self._history
        own = set(update_addresses(history)) | {http.server for http in self._updates}
        servers = own | server_addresses(history, known.given | known.posted)
        if not own:
            offering = known.offering.union(*map(offered_hosts, history.of_kind(UpdateAnswer)))
            servers |= server_addresses(history, offering)
        return servers

    def _names_not_reached(self) -> list[str]:
        """The names of known update servers that the phone asked for, and to which it went at no address."""
        names = self._known.given
        if not update_addresses(self._history) and not self._updates:
            names |= self._known.posted
        reached = self._contacted_servers()
        found: dict[str, bool] = {}
        for lookup in server_lookups(self._history, names):
            name = plain_name(lookup.name)
            found[name] = found.get(name, False) or not reached.isdisjoint(lookup.addresses)
        return sorted(name for name, was_reached in found.items() if not was_reached)

    def _contacted_servers(self) -> set[str]:
        seen: list[Connect | Tls | Http] = [*self._connects, *self._history.of_kind(Tls), *self._requests]
        return {fact.server for fact in seen}

    def _answers_to_checks(self) -> list[UpdateAnswer]:
        """The answers without those to log uploads."""
        answers = self._history.of_kind(UpdateAnswer)
        to_logs = {(log.server, log.port, log.answer_frame) for log in self._logs if log.answer_frame is not None}
        return [answer for answer in answers if (answer.server, answer.port, answer.frame) not in to_logs]

    def _is_file(self, http: Http) -> bool:
        """Whether a request is for a firmware file: by its path, or because an offer names the place."""
        if http.method not in ("GET", "HEAD"):
            return False
        path = target_path(http.target)
        if is_in_store(path):
            return True
        if not self._offers.made_by(http.time):
            return False
        host = host_name(http)
        at_store = http.server in self._stores
        return self._offers.includes_file(
            path, lambda offered: at_store or same_name(host, offered) or http.server == offered
        )

    def _add_unseen_requests(self) -> None:
        """Count exchanges with only the answer captured, if they may be the missing success.

        That is the case if no request succeeded; else after the last request, if it failed and the answer is a success.
        """
        unseen = self._unseen_requests()
        at_server = [http for http in unseen if http.server in self._servers]
        succeeded = any(_is_success(http) for http in self._updates)
        if succeeded:
            last = self._updates[-1]
            later = [http for http in at_server if http.time > last.time and (http.status or 200) < 300]
            at_server = [] if _is_success(last) else later
        if at_server:
            self._posted = self._posted | {id(http) for http in at_server}
            self._updates = sorted(self._updates + at_server, key=lambda http: http.time)
        elif succeeded and self._offers.since is not None and not self._files:
            self._files = [http for http in unseen if self._offers.made_by(http.time) and http.server in self._stores]

    def _unseen_requests(self) -> list[Http]:
        """Exchanges with only the answer captured, or with only a count of bytes sent."""
        opened = {_connection_of(connect) for connect in self._history.of_kind(Connect)}
        return [
            http
            for http in self._requests
            if http.method is None and (http.lost_bytes or _connection_of(http) not in opened)
        ]

    def _times_of_success(self) -> dict[tuple[_Purpose, str], dict[int, list[Microseconds]]]:
        """For each purpose and address: when each port gave what was asked for."""
        times: dict[tuple[_Purpose, str], dict[int, list[Microseconds]]] = {}
        for answer in self._answers:
            if answer.form in ("none_offered", "offered"):
                times.setdefault(("update", answer.server), {}).setdefault(answer.port, []).append(answer.time)
        for http in self._files:
            if _is_success(http):
                times.setdefault(("file", http.server), {}).setdefault(http.port, []).append(http.time)
        return times

    def _by_purpose(self, connections: list[_T]) -> dict[_Purpose, list[_T]]:
        """The connections or handshakes that count, by purpose."""
        sorted_out: dict[_Purpose, list[_T]] = {"update": [], "file": [], "sign-in": [], "other": []}
        for seen in connections:
            purpose = self._purpose_of(seen)
            if purpose is not None and not self._is_spare(seen, purpose):
                sorted_out[purpose].append(seen)
        return sorted_out

    def _is_after_request(self, seen: Connect | Tls) -> bool:
        """Whether this failed in the check in which the phone's request failed on another port of the server, or may
        have succeeded unseen. That one came further."""
        if seen.outcome in ("open", "complete", "unfinished") or (isinstance(seen, Connect) and is_arp_alone(seen)):
            return False
        if isinstance(seen, Connect) and self._is_beside_unseen_request(seen):
            return True
        for at in range(bisect_right(self._update_times, seen.time) - 1, -1, -1):
            http = self._updates[at]
            if http.time < seen.time - 2 * ONE_CHECK:
                break
            if http.server == seen.server:
                soon = seen.time - last_time_of(http) <= ONE_CHECK and http.time >= _latest_until(
                    self._asked, seen.time
                )
                return soon and http.port != seen.port and self._may_have_failed(http)
        return False

    def _is_beside_unseen_request(self, seen: Connect) -> bool:
        """Whether a request of which the capture has the answer alone went to the same server in the same check. Its
        connection was open."""
        return any(
            http.server == seen.server and abs(http.time - seen.time) <= ONE_CHECK for http in self._unseen_updates
        )

    def _may_have_failed(self, http: Http) -> bool:
        """Whether an update request failed, or came to what the capture lacks. What a redirect led to is judged by
        itself."""
        if http.method != "POST" or http.location:
            return False
        if http.status is None or not is_success_status(http.status):
            return http.status is not None or http.failure is not None or http.lost_bytes > 0
        place = http.server, http.port, http.answer_frame
        forms = {answer.form for answer in self._answers if (answer.server, answer.port, answer.frame) == place}
        return not forms.isdisjoint(("not_xml", "malformed", "empty")) or (http.lost_bytes > 0 and not forms)

    def _failed_spare_handshakes(self) -> list[Tls]:
        every = self._history.of_kind(Tls)
        last = {(tls.server, tls.port): tls.time for tls in every if tls.outcome == "complete"}
        return [
            tls
            for tls in every
            if tls.outcome not in ("complete", "unfinished")
            and not hung_up(tls)
            and tls.time > last.get((tls.server, tls.port), -1)
            and self._purpose_of(tls) == "update"
            and self._is_spare(tls, "update")
        ]

    def _purpose_of(self, seen: Connect | Tls | Http) -> _Purpose | None:
        if seen.port == SIGN_IN_PORT:
            return "sign-in"
        carried = [
            http
            for http in self._carried.get(_connection_of(seen), ())
            if http.time >= seen.time and (http.method is not None or id(http) in self._posted)
        ]
        if any(id(http) in self._posted for http in carried):
            return "update"
        if any(self._is_file(http) for http in carried):
            return "file"
        if carried:
            return None
        since = self._offers.since
        if since is not None and seen.time > since and self._is_at_store(seen) and not self._is_next_check(seen):
            return "file"
        if not isinstance(seen, Http) and self._registrars.is_sign_in(seen):
            return "sign-in"
        return "update" if seen.server in self._servers else "other"

    def _times_of_fetching(self) -> list[Microseconds]:
        """The times at which the phone was fetching a file: offers, lookups of its host, requests, and connections
        within minutes."""
        times = [answer.time for answer in self._answers if answer.form == "offered"]
        times += [lookup.time for lookup in self._file_lookups if self._offers.made_by(lookup.time)]
        for http in self._files:
            times += [http.time, last_time_of(http)]
        times.sort()
        for connect in sorted(self._connects, key=lambda connect: connect.time):
            if self._is_at_store(connect) and connect.time - _latest_until(times, connect.time) <= ONE_CHECK:
                insort(times, last_time_of(connect))
        return times

    def _is_next_check(self, seen: Connect | Tls | Http) -> bool:
        """Whether this connection to the update server, which serves the files too, is for the next check and not for
        a file."""
        return seen.server in self._servers and seen.time - _latest_until(self._fetching, seen.time) > ONE_CHECK

    def _is_at_store(self, seen: Connect | Tls | Http) -> bool:
        """Whether this goes to an address and port with offered files. A failed ARP has no port: any port fits."""
        ports = self._stores.get(seen.server, set())
        return seen.port in ports or (bool(ports) and isinstance(seen, Connect) and is_arp_alone(seen))

    def _was_done(self, end: Http | Tls, purpose: _Purpose) -> bool:
        """Whether the phone did not need the connection that the server closed."""
        times = [time for port in self._good_times.get((purpose, end.server), {}).values() for time in port]
        times += [
            tls.time for tls in self._history.of_kind(Tls) if tls.server == end.server and tls.outcome == "complete"
        ]
        times.sort()
        before = bisect_right(times, end.time)
        held = end.seconds is not None and end.seconds * 1_000_000 >= _IDLE
        return bool(before) and (held or end.time - times[before - 1] <= _IDLE)

    def _is_spare(self, seen: Connect | Tls | Http, purpose: _Purpose) -> bool:
        """Whether this is only the other port of an address at which one port is good, which is enough."""
        if isinstance(seen, Http) or (isinstance(seen, Tls) and hung_up(seen)):
            return self._was_done(seen, purpose)
        if isinstance(seen, Tls) and seen.outcome == "complete":
            return False
        if _connection_of(seen) in self._carried:
            return False
        for port, times in self._good_times.get((purpose, seen.server), {}).items():
            before = bisect_right(times, seen.time)
            if port == seen.port or not before or self._failed_at.get((seen.server, port), 0) > times[before - 1]:
                continue
            if purpose != "update" or not self._is_next_try(seen, port):
                return True
        return False

    def _is_next_try(self, seen: Connect | Tls, good: int) -> bool:
        """Whether the phone had asked for its update server again, and not gone to the ``good`` port in that check."""
        asked = _latest_until(self._asked, seen.time)
        times = self._contacts.get((seen.server, good), [])
        at = bisect_right(times, asked)
        near = times[max(at - 1, 0) : at + 1]
        return seen.time - asked <= ONE_CHECK and all(abs(time - asked) > ONE_CHECK for time in near)


def _is_beside(connect: Connect, last: Http | None) -> bool:
    """Whether this attempt failed on one port of a server that had just hung up on another, for the ``last`` time."""
    if connect.outcome == "open" or last is None:
        return False
    return last.port != connect.port and 0 <= connect.time - last.time <= _NEXT_PORT
