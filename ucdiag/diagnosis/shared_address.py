"""Which phone is which behind one IP address, as with address translation: by what their requests say of themselves."""

import re
from bisect import bisect_right
from collections.abc import Iterable

from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, Transfer, UpdateAnswer
from ucdiag.model.phone import parse_mac
from ucdiag.model.vocabulary import Microseconds
from ucdiag.update_service.names import HANDLER, target_path

# How a request may spell what it says of the phone.
_FIELDS = {
    "serial": re.compile(r"serial\w*[\"']?\s*(?:=\s*[\"']|>)\s*([A-Za-z0-9_-]{1,64})", re.IGNORECASE),
    "mac": re.compile(r"mac\w*[\"']?\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f:.\- ]{12,17})", re.IGNORECASE),
    "vendor": re.compile(r"vendor\w*[\"']?\s*(?:=\s*[\"']|>)\s*([^\"'<>&]{1,64})", re.IGNORECASE),
    "model": re.compile(r"model\w*[\"']?\s*(?:=\s*[\"']|>)\s*([^\"'<>&]{1,64})", re.IGNORECASE),
    "firmware": re.compile(r"version\w*[\"']?\s*(?:=\s*[\"']|>)\s*(\d+(?:\.\d+){2,3})", re.IGNORECASE),
}

_Channel = tuple[str | None, int | None, int]  # a connection: server, its port, and the client's


def is_to_handler(http: Http) -> bool:
    """Whether the request goes to ucdevice.upx."""
    return target_path(http.target).lower().endswith(HANDLER)


def claimed_identity(observations: list[Observation]) -> dict[str, str]:
    """What the phone says of itself in its last update request; how it spells the fields is published nowhere."""
    for seen in reversed(observations):
        if isinstance(seen, Http) and seen.request_text and is_to_handler(seen):
            return _fields_of(seen.request_text)
    return {}


def claimed_name(request: Http) -> str | None:
    """Who an update request says that it is of: a MAC address, else "serial ..."."""
    fields = _fields_of(request.request_text, ("mac", "serial")) if request.request_text else {}
    if "mac" in fields:
        return fields["mac"]
    return f"serial {fields['serial']}" if "serial" in fields else None


def _fields_of(text: str, names: Iterable[str] = tuple(_FIELDS)) -> dict[str, str]:
    fields = {name: match[1].strip() for name in names if (match := _FIELDS[name].search(text))}
    try:
        if "mac" in fields:
            fields["mac"] = parse_mac(fields["mac"])
    except ValueError:
        del fields["mac"]
    return fields


class SharedAddress:
    """Shares out the observations of an IP address from which several phones spoke.

    A connection belongs to the phone whose request went over it. One for a file belongs to the only phone that was
    offered one, else to nobody. What failed otherwise without saying whose it was, and did not recover, counts against
    each of them; what succeeded counts for nobody. Names that were found are the same for all that went on from there.
    """

    def __init__(self, identities: Iterable[str], observations: list[Observation]) -> None:
        self._observations = observations
        self.shares: dict[str, list[Observation]] = {name: [] for name in identities}
        # Of each connection, when which phone spoke on it; and the connections on which a file was asked for.
        self._claims: dict[_Channel, list[tuple[Microseconds, str]]] = {}
        self._fetched: set[_Channel] = set()
        for seen in observations:
            if isinstance(seen, Http):
                self._note_claim(seen)
        # When which phone was offered an update.
        self._offers: list[tuple[Microseconds, str]] = []
        unclaimed = [seen for seen in observations if not self._give_to_owner(seen)]
        # When each phone spoke last, and when each name or address was last found to be good.
        self._ends = {name: max((seen.time for seen in share), default=0) for name, share in self.shares.items()}
        self._good: dict[tuple[object, ...], Microseconds] = {}
        for seen in observations:
            if isinstance(seen, Lookup | Connect | Tls) and not _failed(seen):
                self._good[_target(seen)] = max(self._good.get(_target(seen), 0), seen.time)
        for seen in unclaimed:
            for name in self._heirs(seen):
                self.shares[name].append(seen)

    def _note_claim(self, http: Http) -> None:
        channel = _channel(http)
        if channel is None:
            return
        name = claimed_name(http) if is_to_handler(http) else None
        if name is not None and name in self.shares:
            self._claims.setdefault(channel, []).append((http.time, name))
        elif http.method in ("GET", "HEAD"):
            self._fetched.add(channel)

    def _give_to_owner(self, seen: Observation) -> bool:
        """Gives an observation to the phone that it belongs to; False where that is not known."""
        owner = self._owner(seen)
        if owner is None:
            return False
        self.shares[owner].append(seen)
        if isinstance(seen, UpdateAnswer) and seen.form == "offered":
            self._offers.append((seen.time, owner))
        return True

    def _owner(self, seen: Observation) -> str | None:
        channel = _channel(seen)
        claims = sorted(self._claims.get(channel, ())) if channel is not None else []
        if claims:
            # A connection comes before its request, all else after it.
            begun = isinstance(seen, Connect | Tls)
            at = bisect_right(claims, seen.time, key=lambda claim: claim[0]) - (not begun)
            return claims[min(max(at, 0), len(claims) - 1)][1]
        mac: str | None = getattr(seen, "client_mac", None)
        return mac if mac in self.shares else None

    def _heirs(self, seen: Observation) -> list[str]:
        """The phones for which an observation counts that does not say whose it is."""
        if isinstance(seen, Transfer) or _channel(seen) in self._fetched:
            offered = {name for time, name in self._offers if time <= seen.time}
            return list(offered) if len(offered) == 1 else []
        if isinstance(seen, Lookup):
            lasting = self._lasts(seen)
            return [name for name, end in self._ends.items() if lasting or seen.time <= end]
        if isinstance(seen, Connect | Tls):
            return list(self.shares) if self._lasts(seen) else []
        return list(self.shares) if isinstance(seen, Http) and _failed(seen) else []

    def _lasts(self, seen: Lookup | Connect | Tls) -> bool:
        """Whether this is a failure that did not recover."""
        return _failed(seen) and self._good.get(_target(seen), 0) < seen.time


def _channel(seen: Observation) -> _Channel | None:
    if isinstance(seen, Connect | Tls | Http | UpdateAnswer | Transfer) and seen.client_port is not None:
        return seen.server, seen.port, seen.client_port
    return None


def _target(seen: Lookup | Connect | Tls) -> tuple[object, ...]:
    """What was looked for: a name, or an address and port."""
    if isinstance(seen, Lookup):
        return seen.name.lower(), seen.type
    return seen.kind, seen.server, seen.port


def _failed(seen: Observation) -> bool:
    if isinstance(seen, Lookup):
        return seen.rcode != "NOERROR" or not seen.addresses
    if isinstance(seen, Connect):
        return seen.outcome != "open"
    if isinstance(seen, Tls):
        return seen.outcome != "complete"
    return isinstance(seen, Http) and not (seen.complete and seen.status is not None and 200 <= seen.status < 300)
