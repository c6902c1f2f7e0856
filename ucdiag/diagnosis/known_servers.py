"""Hosts that are update servers although no lookup of ``ucupdates`` led to them.

A phone that was signed in uses the URL that it got at the sign-in. The user can name such a host (``--server``), and a
capture can prove it: a host posted to ``ucdevice.upx`` there, or a TLS hello or a request names it ``ucupdates*``. The
host of an offered file counts as one too, for a phone that shows no other.
"""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.diagnosis.phrases import host_name, is_post_to_handler, update_requests
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, UpdateAnswer
from ucdiag.model.urls import split_urls
from ucdiag.update_service.names import plain_name, same_name, update_label

_MOST_HOSTS = 256
_MOST_NAMES = 1024


@record(frozen=True, slots=True)
class KnownServers:
    """Names (``plain_name``) and addresses of update servers.

    ``given`` were named by the user. ``posted`` got a POST to ``ucdevice.upx``, from any client. ``offering`` are the
    hosts of files that some answer offers.
    """

    given: frozenset[str] = frozenset()
    posted: frozenset[str] = frozenset()
    offering: frozenset[str] = frozenset()


def offered_hosts(answer: UpdateAnswer) -> Iterator[str]:
    """The hosts of the URLs of an offer."""
    for parts in split_urls(answer.urls) if answer.form == "offered" else ():
        yield plain_name(parts.hostname or "")


class ServersOfCapture:
    """Collects the update servers that a whole capture proves, for all its phones. Bounded, oldest out first."""

    def __init__(self) -> None:
        self._posted: OrderedDict[str, None] = OrderedDict()
        self._offering: OrderedDict[str, None] = OrderedDict()
        self._addresses: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    def feed(self, seen: Observation) -> None:
        """One more fact of any host."""
        if isinstance(seen, Lookup):
            if seen.addresses and seen.type == "A":
                for name in (seen.name, *seen.aliases[:4]):
                    self._addresses[plain_name(name)] = seen.addresses[:8]
                while len(self._addresses) > _MOST_NAMES:
                    self._addresses.popitem(last=False)
        elif isinstance(seen, Http):
            if is_post_to_handler(seen):
                self._add_hosts(self._posted, (seen.server, plain_name(host_name(seen))))
        elif isinstance(seen, UpdateAnswer):
            self._add_hosts(self._offering, offered_hosts(seen))

    @staticmethod
    def _add_hosts(hosts: "OrderedDict[str, None]", more: Iterable[str]) -> None:
        for host in more:
            if host:
                hosts[host] = None
        while len(hosts) > _MOST_HOSTS:
            hosts.popitem(last=False)

    def known_servers(self, given: frozenset[str]) -> KnownServers:
        """The servers known so far, with the addresses of their names. ``given`` are those that the user named."""
        return KnownServers(
            self._with_addresses(given), self._with_addresses(self._posted), self._with_addresses(self._offering)
        )

    def _with_addresses(self, hosts: Iterable[str]) -> frozenset[str]:
        names = list(hosts)
        return frozenset([*names, *(address for name in names for address in self._addresses.get(name, ()))])


def server_addresses(history: ObservationLog, hosts: frozenset[str]) -> set[str]:
    """The addresses of these hosts to which one phone went, and of all that it calls ``ucupdates*``."""

    def is_server(server: str, name: str | None) -> bool:
        if server in hosts:
            return True
        return bool(name) and (update_label(name or "") is not None or plain_name(name or "") in hosts)

    addresses = {connect.server for connect in history.of_kind(Connect) if connect.server in hosts}
    addresses.update(tls.server for tls in history.of_kind(Tls) if is_server(tls.server, tls.server_name))
    addresses.update(http.server for http in history.of_kind(Http) if is_server(http.server, host_name(http)))
    for lookup in server_lookups(history, hosts):
        addresses.update(lookup.addresses)
    return addresses


def server_lookups(history: ObservationLog, hosts: frozenset[str]) -> list[Lookup]:
    """The questions for the addresses of these hosts (type A), those for ``ucupdates*`` left out."""
    if not hosts:
        return []
    return [
        lookup
        for lookup in history.of_kind(Lookup)
        if lookup.type == "A"
        and (plain_name(lookup.name) in hosts or any(plain_name(name) in hosts for name in lookup.aliases))
        and update_label(lookup.name) is None
    ]


@once_a_log
def own_server_lookups(history: ObservationLog) -> list[Lookup]:
    """The questions for the host that got the phone's last update request before, as after a sign-in.

    Not after an offer: then they may be for the file. Another name that is an alias of it is of another service.
    """
    requests = update_requests(history)
    asked = [http.time for http in requests]
    answers = [answer for answer in history.of_kind(UpdateAnswer) if answer.form in ("offered", "none_offered")]
    answered = [answer.time for answer in answers]
    found = []
    for lookup in server_lookups(history, frozenset(plain_name(host_name(http)) for http in requests)):
        request, answer = bisect_left(asked, lookup.time), bisect_left(answered, lookup.time)
        is_own = request > 0 and same_name(host_name(requests[request - 1]), lookup.name)
        if is_own and not (answer and answers[answer - 1].form == "offered"):
            found.append(lookup)
    return found
