"""Finds a phone's connections for its sign-in.

A phone signs in by SIP over TLS: inside at port 5061, outside at port 443 of an Access Edge. It finds the server by the
SRV records ``_sipinternaltls._tcp`` and ``_sip._tls``, then by the names ``sipinternal``, ``sip`` and ``sipexternal``
(Microsoft, "DNS requirements for a Standard Edition server", Lync Server 2013; the order of the names is background).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.model.observations import Connect, Lookup, Tls
from ucdiag.model.urls import ipv4_flaw
from ucdiag.update_service.names import plain_name

SIGN_IN_PORT = 5061
_EDGE_PORT = 443
_SERVICES = ("_sipinternaltls._tcp.", "_sipinternal._tcp.", "_sip._tls.")
_LABELS = frozenset({"sipinternal", "sip", "sipexternal"})


class HostNames:
    """The names that led one phone to an address, with their times."""

    def __init__(self, lookups: Iterable[Lookup]) -> None:
        self._asked: dict[str, list[tuple[int, str]]] = {}
        self._answers: dict[str, tuple[str, ...]] = {}
        for lookup in lookups:
            if lookup.type == "A":
                for address in lookup.addresses:
                    self._asked.setdefault(address, []).append((lookup.time, lookup.name))
                    self._answers[address] = lookup.addresses

    def name_of(self, address: str, time: int) -> str | None:
        """The name that led there last by this time (microseconds), else the first one after it."""
        asked = self._asked.get(address)
        if not asked:
            return None
        before = bisect_right(asked, time, key=lambda entry: entry[0])
        return asked[max(before - 1, 0)][1]

    def latest_names(self) -> dict[str, str]:
        """The last name of each address."""
        return {address: asked[-1][1] for address, asked in self._asked.items()}

    def other_addresses(self) -> dict[str, tuple[str, ...]]:
        """The other addresses that a phone can use, of the last answer with each address."""
        usable = {address for address in self._asked if ipv4_flaw(address) is None}
        found = {
            address: tuple(other for other in answer if other != address and other in usable)
            for address, answer in self._answers.items()
        }
        return {address: others for address, others in found.items() if others}


class Registrars:
    """Finds what is for the sign-in. ``servers`` are the addresses of update servers, which have port 443 too."""

    def __init__(self, history: ObservationLog, names: HostNames, servers: set[str]) -> None:
        self._names = names
        self._servers = servers
        # The hosts of the SRV records, and those for port 443.
        self._hosts: set[str] = set()
        self._edges: set[str] = set()
        for lookup in history.of_kind(Lookup):
            if lookup.type == "SRV" and plain_name(lookup.name).startswith(_SERVICES):
                self._hosts.update(host for _, host in _hosts_of(lookup))
                self._edges.update(host for port, host in _hosts_of(lookup) if port == str(_EDGE_PORT))
        # An Access Edge has either; the pool has the web services at port 443.
        self._inside = {connect.server for connect in history.of_kind(Connect) if connect.port == SIGN_IN_PORT}
        self._said = {
            (handshake.server, handshake.port, handshake.client_port): handshake.server_name
            for handshake in history.of_kind(Tls)
        }

    def is_sign_in(self, seen: Connect | Tls) -> bool:
        """Whether this connection or handshake is for the sign-in."""
        if seen.port == SIGN_IN_PORT:
            return True
        if isinstance(seen, Connect) and is_arp_alone(seen):
            name = self._names.name_of(seen.server, seen.time)
            known = name is not None and (plain_name(name) in self._hosts or is_sign_in_name(name))
            return known and seen.server not in self._servers
        if seen.port != _EDGE_PORT:
            return False
        name = self._said.get((seen.server, seen.port, seen.client_port))
        if name is not None:
            return self._is_edge(name)
        if seen.server in self._servers or seen.server in self._inside:
            return False
        name = self._names.name_of(seen.server, seen.time)
        return name is not None and self._is_edge(name)

    def _is_edge(self, name: str) -> bool:
        plain = plain_name(name)
        return plain in self._edges or is_sign_in_name(plain)


def is_sign_in_name(name: str) -> bool:
    """Whether a name is one that phones ask for to sign in: of a host, or of an SRV record."""
    plain = plain_name(name)
    return plain.partition(".")[0] in _LABELS or plain.startswith(_SERVICES)


def is_arp_alone(connect: Connect) -> bool:
    """Whether no packet of a connection was seen, only unanswered ARP, which does not show the port."""
    return connect.client_port is None and connect.outcome == "unreachable"


def _hosts_of(lookup: Lookup) -> Iterator[tuple[str, str]]:
    """The ports and hosts of an SRV answer, whose records are ``priority weight port host``."""
    for record in lookup.records:
        words = record.split()
        if len(words) >= 2:
            yield words[-2], plain_name(words[-1])
