"""Whether a phone went where the answer to its update request redirected it."""

from collections.abc import Iterable

from ucdiag.diagnosis.phrases import host_name
from ucdiag.diagnosis.redirected_files import file_key, redirect_target
from ucdiag.diagnosis.registrars import HostNames
from ucdiag.model.observations import Http, Tls
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import same_name

# Who follows a redirect does so at once (microseconds): a look-up and a connection may come first.
_AT_ONCE: Microseconds = 30_000_000

Followed = tuple[Http, Http | Tls]


def followed_redirects_of(
    updates: Iterable[Http], requests: list[Http], handshakes: list[Tls], names: HostNames
) -> list[Followed]:
    """Each of these update requests that was redirected and followed, with what the phone did there first: a request in
    clear, or a complete handshake behind which requests cannot be read."""
    found: list[Followed] = []
    for http in updates:
        target = redirect_target(http)
        if target is None:
            continue
        host, path = target
        end = http.last_time or http.time
        then: list[Http | Tls] = [
            seen
            for seen in requests
            if end <= seen.time <= end + _AT_ONCE
            and file_key(seen) == path
            and (same_name(host_name(seen), host) or seen.server == host)
            and seen is not http
        ]
        then += [
            seen
            for seen in handshakes
            if end <= seen.time <= end + _AT_ONCE
            and seen.outcome == "complete"
            and not seen.decrypted
            and _is_at_host(seen, host, http, names)
        ]
        if then:
            found.append((http, min(then, key=lambda seen: seen.time)))
    return found


def _is_at_host(seen: Tls, host: str, http: Http, names: HostNames) -> bool:
    """Whether this handshake was with the host to which the answer to ``http`` redirects."""
    if seen.server_name is not None:
        return same_name(seen.server_name, host)
    known = names.name_of(seen.server, seen.time)
    same_host = same_name(host_name(http), host) and seen.server == http.server
    return same_host or seen.server == host or (known is not None and same_name(known, host))
