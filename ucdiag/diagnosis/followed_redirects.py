"""Whether a phone went where the answer to its update request redirected it."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from ucdiag.diagnosis.phrases import host_name
from ucdiag.diagnosis.redirected_files import file_key, redirect_target
from ucdiag.diagnosis.registrars import HostNames
from ucdiag.model.observations import Http, Tls, last_time_of
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import plain_name, same_name

# Who follows a redirect does so at once (microseconds): a look-up and a connection may come first.
_AT_ONCE: Microseconds = 30_000_000
_Seen = TypeVar("_Seen", Http, Tls)


def followed_redirects_of(
    updates: Iterable[Http], requests: Iterable[Http], handshakes: Iterable[Tls], names: HostNames
) -> dict[int, Http | Tls]:
    """What the phone did first where an update request was redirected and followed, by the request's ``id``: a request
    in clear, or a complete handshake behind which requests cannot be read."""
    redirected = [(http, target) for http in updates if (target := redirect_target(http)) is not None]
    if not redirected:
        return {}
    asked, shaken = _Requests(requests), _Handshakes(handshakes, names)
    found: dict[int, Http | Tls] = {}
    for http, (host, path) in redirected:
        then = (asked.first_after(http, host, path), *shaken.first_after(http, host))
        first = min((seen for seen in then if seen is not None), key=lambda seen: seen.time, default=None)
        if first is not None:
            found[id(http)] = first
    return found


class _Requests:
    """The requests, by path and host, in the order of their times."""

    def __init__(self, requests: Iterable[Http]) -> None:
        self._by_place: dict[tuple[str | None, str], list[Http]] = {}
        for seen in sorted(requests, key=lambda seen: seen.time):
            for host in {plain_name(host_name(seen)), seen.server}:
                self._by_place.setdefault((file_key(seen), host), []).append(seen)

    def first_after(self, http: Http, host: str, path: str) -> Http | None:
        """The first other request for ``path`` at ``host`` at once after the answer to ``http``."""
        return _first_after(http, self._by_place.get((path, plain_name(host)), []))


class _Handshakes:
    """The complete handshakes behind which nothing can be read, by host, in the order of their times."""

    def __init__(self, handshakes: Iterable[Tls], names: HostNames) -> None:
        self._by_host: dict[str, list[Tls]] = {}
        self._nameless: dict[str, list[Tls]] = {}  # by address: those whose client names no server
        for seen in sorted(handshakes, key=lambda seen: seen.time):
            if seen.outcome != "complete" or seen.decrypted:
                continue
            hosts = {seen.server_name}
            if seen.server_name is None:
                self._nameless.setdefault(seen.server, []).append(seen)
                hosts = {seen.server, names.name_of(seen.server, seen.time)}
            for host in {plain_name(host) for host in hosts if host is not None}:
                self._by_host.setdefault(host, []).append(seen)

    def first_after(self, http: Http, host: str) -> tuple[Tls | None, Tls | None]:
        """The first handshake with ``host`` at once after the answer to ``http``: by its name or address, and with the
        server that redirected to its own name."""
        own = self._nameless.get(http.server, []) if same_name(host_name(http), host) else []
        return _first_after(http, self._by_host.get(plain_name(host), [])), _first_after(http, own)


def _first_after(http: Http, ordered: list[_Seen]) -> _Seen | None:
    end = last_time_of(http)
    for seen in islice(ordered, bisect_left(ordered, end, key=lambda seen: seen.time), None):
        if seen.time > end + _AT_ONCE:
            return None
        if seen is not http:
            return seen
    return None
