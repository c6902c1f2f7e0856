"""Distinguishes the phones behind one IP address, as with address translation, by the fields of their requests."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.model.patterns import pattern
from ucdiag.model.phone import parse_mac
from ucdiag.model.service_names import is_own_agent
from ucdiag.model.vocabulary import CAPTURE_SKEW, Microseconds, Seconds, is_success_status, microseconds
from ucdiag.update_service.modules import firmware_of, requested_modules
from ucdiag.update_service.names import is_to_handler, update_label

# How a request may spell what it says of the phone.
_FIELDS = {
    "serial": pattern(r"serial\w{0,32}+[\"']?\s*+(?:=\s*[\"']|>)\s*([A-Za-z0-9_-]{1,64})", re.IGNORECASE),
    "mac": pattern(r"mac\w{0,32}+[\"']?\s*+(?:=\s*[\"']|>)\s*([0-9A-Fa-f:.\- ]{12,17})", re.IGNORECASE),
    "vendor": pattern(r"vendor\w{0,32}+[\"']?\s*+(?:=\s*[\"']|>)\s*([^\"'<>&]{1,64})", re.IGNORECASE),
    "model": pattern(r"model\w{0,32}+[\"']?\s*+(?:=\s*[\"']|>)\s*([^\"'<>&]{1,64})", re.IGNORECASE),
    "firmware": pattern(r"version\w{0,32}+[\"']?\s*+(?:=\s*[\"']|>)\s*(\d+(?:\.\d+){2,3})", re.IGNORECASE),
}
# What the name of each begins with.
_WORDS = {name: "version" if name == "firmware" else name for name in _FIELDS}

_WAITS: Seconds = 60.0  # that a phone may wait for an answer that did not come
_AT_ONCE: Seconds = 10.0  # from a phone's DNS answer until its proxy, which resolves and connects too, asks for it

_Channel = tuple[str | None, int | None, int]  # a connection: server, its port, and the client's


def claimed_identity(observations: Iterable[Observation]) -> dict[str, str]:
    """The identity that a phone's requests claim: each field from the last update request with it, else the last log.

    How it spells the fields is published nowhere. Requests of another MAC address are another phone's.
    """
    posts = [
        seen for seen in observations if isinstance(seen, Http) and seen.request_text and is_to_handler(seen.target)
    ]
    posts.sort(key=lambda http: (http.purpose in (None, "update"), http.purpose != "log", http.time), reverse=True)
    identity: dict[str, str] = {}
    for http in posts:
        if len(identity) == len(_FIELDS):
            break
        fields = _fields_of(http.request_text or "")
        firmware = firmware_of(requested_modules(http.request_text))
        if firmware is not None:
            fields["firmware"] = firmware
        if identity.get("mac", fields.get("mac")) == fields.get("mac", identity.get("mac")):
            identity = {**fields, **identity}
    return identity


def claimed_name(request: Http) -> str | None:
    """The phone that an update request names: a MAC address, else "serial ..."."""
    fields = _fields_of(request.request_text, ("mac", "serial")) if request.request_text else {}
    if "mac" in fields:
        return fields["mac"]
    return f"serial {fields['serial']}" if "serial" in fields else None


def claimed_serial(text: str) -> str | None:
    """The serial number that a request's text names."""
    return _fields_of(text, ("serial",)).get("serial")


def _fields_of(text: str, names: Iterable[str] = tuple(_FIELDS)) -> dict[str, str]:
    fields = {}
    lower = text.lower()
    for name in names:
        # Without regard to case, the search for a name takes ten times as long; and "ſerial" is one as well.
        start = lower.find(_WORDS[name]) if text.isascii() else 0
        match = _FIELDS[name].search(text, start) if start >= 0 else None
        if match is not None:
            fields[name] = match[1].strip()
    try:
        if "mac" in fields:
            fields["mac"] = parse_mac(fields["mac"])
    except ValueError:
        del fields["mac"]
    return fields


def requests_of(observations: Iterable[Observation], name: str | None = None) -> list[Http]:
    """The requests to the update service, all or those in the name of one phone."""
    posts = (seen for seen in observations if isinstance(seen, Http) and is_to_handler(seen.target))
    return [http for http in posts if name is None or claimed_name(http) == name]


def passed_on(posts: list[Http], own: list[Http]) -> bool:
    """Whether a proxy or address translation forwarded each of these requests: it repeats one of the phone's ``own``
    whose answer was still outstanding. False without requests."""
    return bool(posts) and all(any(_is_passed_on(post, http) for http in own) for post in posts)


def has_connected(own: Sequence[Observation]) -> bool:
    """Whether a phone, by its ``own`` facts, tried to connect to an address that DNS gave it for its update server, or
    asked for an update."""
    sought = {address for lookup in _good_lookups(own) for address in lookup.addresses}
    return bool(requests_of(own)) or any(isinstance(seen, Connect | Tls) and seen.server in sought for seen in own)


def asked_through(posts: list[Http], own: Sequence[Observation]) -> bool:
    """Whether one of these requests in a phone's name came right after DNS gave the phone its update server, as where
    the phone asks a proxy. False for those that this program sent."""
    found = [lookup.time + microseconds(lookup.seconds or 0) for lookup in _good_lookups(own)]
    return any(
        -CAPTURE_SKEW <= post.time - time <= microseconds(_AT_ONCE) and not is_own_agent(post.user_agent)
        for post in posts
        for time in found
    )


def _good_lookups(own: Sequence[Observation]) -> list[Lookup]:
    """The questions for an update server that gave an address."""
    lookups = (seen for seen in own if isinstance(seen, Lookup) and seen.addresses)
    return [lookup for lookup in lookups if update_label(lookup.name) is not None]


def _is_passed_on(post: Http, own: Http) -> bool:
    waited = _WAITS if own.seconds is None else own.seconds
    soon = -CAPTURE_SKEW <= post.time - own.time <= microseconds(waited)
    return soon and post.request_text == own.request_text


class SharedAddress:
    """Assigns the observations of an IP address from which several phones sent.

    A connection belongs to the phone whose request went over it. One for a file belongs to the only phone that was
    offered one, else to none. Another failure without an owner counts against each phone, unless it recovered; a
    success without an owner counts for none. Resolved names count for each phone that went on from there.

    Of ``proxied`` phones a proxy at that address sent the requests. Its other names, connections and failures are none
    of theirs, and its connection to the server may be that of several.
    """

    def __init__(self, identities: Iterable[str], observations: list[Observation], proxied: Sequence[str] = ()) -> None:
        self.shares: dict[str, list[Observation]] = {name: [] for name in (*identities, *proxied)}
        self._proxied = frozenset(proxied)
        # Of each connection, when which phone spoke on it; and the connections on which a file was asked for.
        self._claims: dict[_Channel, list[tuple[Microseconds, str]]] = {}
        self._fetched: set[_Channel] = set()
        #: The phones that may have asked for a file, where it is not known which of them did.
        self.unclear: set[str] = set()
        for seen in observations:
            if isinstance(seen, Http):
                self._note_claim(seen)
        # When which phone was offered an update.
        self._offers: list[tuple[Microseconds, str]] = []
        unclaimed = [seen for seen in observations if not self._give_to_owner(seen)]
        # When each phone spoke last, and when each name or address was last found to be good.
        self._ends = {
            name: max((seen.time for seen in share), default=0)
            for name, share in self.shares.items()
            if name not in self._proxied
        }
        self._good: dict[tuple[object, ...], Microseconds] = {}
        for seen in observations:
            if isinstance(seen, Lookup | Connect | Tls) and not _is_failure(seen):
                self._good[_sought_target(seen)] = max(self._good.get(_sought_target(seen), 0), seen.time)
        for seen in unclaimed:
            for name in self._possible_owners(seen):
                self.shares[name].append(seen)

    def _note_claim(self, http: Http) -> None:
        channel = _connection_of(http)
        if channel is None:
            return
        name = claimed_name(http) if is_to_handler(http.target) else None
        if name is not None and name in self.shares:
            self._claims.setdefault(channel, []).append((http.time, name))
        elif http.method in ("GET", "HEAD"):
            self._fetched.add(channel)

    def _give_to_owner(self, seen: Observation) -> bool:
        """Assign an observation to its phone; False if that is not known."""
        owner = self._owner_of(seen)
        if owner is None:
            return False
        self.shares[owner].append(seen)
        if isinstance(seen, UpdateAnswer) and seen.form == "offered":
            self._offers.append((seen.time, owner))
        return True

    def _owner_of(self, seen: Observation) -> str | None:
        channel = _connection_of(seen)
        claims = sorted(self._claims.get(channel, ())) if channel is not None else []
        if claims:
            # A connection comes before its request, all else after it.
            begun = isinstance(seen, Connect | Tls)
            at = bisect_right(claims, seen.time, key=lambda claim: claim[0]) - (not begun)
            owner = claims[min(max(at, 0), len(claims) - 1)][1]
            is_file = isinstance(seen, Transfer) or (isinstance(seen, Http) and seen.method in ("GET", "HEAD"))
            return None if is_file and owner in self._proxied else owner
        mac: str | None = getattr(seen, "client_mac", None)
        return mac if mac in self.shares else None

    def _possible_owners(self, seen: Observation) -> list[str]:
        """The phones for which an observation without an owner counts."""
        if isinstance(seen, Transfer) or _connection_of(seen) in self._fetched:
            offered = {name for time, name in self._offers if time <= seen.time}
            if len(offered) > 1:
                self.unclear |= offered
            return list(offered) if len(offered) == 1 else []
        if isinstance(seen, Lookup):
            lasting = self._is_lasting_failure(seen)
            return [name for name, end in self._ends.items() if lasting or seen.time <= end]
        if isinstance(seen, Connect | Tls):
            return list(self._ends) if self._is_lasting_failure(seen) else []
        return list(self._ends) if isinstance(seen, Http) and _is_failure(seen) else []

    def _is_lasting_failure(self, seen: Lookup | Connect | Tls) -> bool:
        """Whether this is a failure that did not recover."""
        return _is_failure(seen) and self._good.get(_sought_target(seen), 0) < seen.time


def _connection_of(seen: Observation) -> _Channel | None:
    if isinstance(seen, Connect | Tls | Http | UpdateAnswer | Transfer) and seen.client_port is not None:
        return seen.server, seen.port, seen.client_port
    return None


def _sought_target(seen: Lookup | Connect | Tls) -> tuple[object, ...]:
    """The target: a name, or an address and port."""
    if isinstance(seen, Lookup):
        return seen.name.lower(), seen.type
    return seen.kind, seen.server, seen.port


def _is_failure(seen: Observation) -> bool:
    if isinstance(seen, Lookup):
        return seen.rcode != "NOERROR" or not seen.addresses
    if isinstance(seen, Connect):
        return seen.outcome != "open"
    if isinstance(seen, Tls):
        return seen.outcome != "complete"
    return isinstance(seen, Http) and not (seen.complete and is_success_status(seen.status))
