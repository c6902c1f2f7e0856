"""Files that a phone fetched from where the host of the URL redirected it (RFC 9110, section 15.4)."""

from collections.abc import Collection, Iterable
from urllib.parse import urljoin

from ucdiag.diagnosis.phrases import host_name
from ucdiag.model.observations import Http
from ucdiag.model.urls import split_url
from ucdiag.model.vocabulary import is_success_status
from ucdiag.update_service.names import plain_name, target_path

_REDIRECTS = (301, 302, 303, 307, 308)


def file_key(http: Http) -> str | None:
    """The key of a requested file: its path in lower case, without the host."""
    return target_path(http.target).lower() or "/" if http.method is not None else None


def followed_redirects(files: list[Http], requests: Iterable[Http]) -> list[Http]:
    """The requests for these files, with those to other hosts that one of them was redirected to.

    A redirect without a following request stays the last answer for its file.
    """
    if not any(map(redirect_target, files)):
        return files
    known = {id(http) for http in files}
    targets: set[tuple[str, str]] = set()
    found = []
    for http in sorted(requests, key=lambda http: http.time):
        if id(http) in known or _follows_redirect(http, targets):
            found.append(http)
            target = redirect_target(http)
            if target is not None:
                host, key = target
                targets.add((plain_name(host), key))
    return found


def file_keys(requests: Iterable[Http]) -> list[str | None]:
    """The key of each request's file, in their order: where one was redirected, that of the file asked for first."""
    first: dict[str, str | None] = {}
    keys = []
    for http in requests:
        own = file_key(http)
        key = first.get(own, own) if own is not None else None
        keys.append(key)
        target = redirect_target(http)
        if target is not None and target[1] != own:
            first[target[1]] = key
    return keys


def redirect_target(http: Http) -> tuple[str, str] | None:
    """The host and the key of the file to which an answer redirects."""
    if http.method is None or http.status not in _REDIRECTS or not http.location:
        return None
    try:
        url = urljoin(f"http://{http.host or http.server}{target_path(http.target) or '/'}", http.location)
    except ValueError:
        return None
    parts = split_url(url)
    if parts is None or not parts.hostname:
        return None
    return parts.hostname, target_path(parts.path).lower() or "/"


def _follows_redirect(http: Http, targets: Collection[tuple[str, str]]) -> bool:
    if http.method != "GET" or http.html or not (is_success_status(http.status) or http.status in _REDIRECTS):
        return False
    key = file_key(http) or ""
    return (plain_name(host_name(http)), key) in targets or (http.server, key) in targets
