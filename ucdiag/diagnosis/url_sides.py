"""Finds which of an answer's two URLs, the internal or the external one, the phone used."""

from urllib.parse import SplitResult, unquote

from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.traffic import Traffic, external_side, port_of
from ucdiag.model.observations import Connect, Http, Lookup, Tls, UpdateAnswer, UpdateFile
from ucdiag.model.urls import split_urls
from ucdiag.model.vocabulary import Microseconds, UrlSide
from ucdiag.update_service.names import is_asked_as, same_name, target_path


def sides_of(traffic: Traffic, setting: DiagnosisOptions) -> "UrlSides":
    """The ``UrlSides`` of a phone; made once for each traffic."""
    known = traffic.sides
    if not isinstance(known, UrlSides):
        known = traffic.sides = UrlSides(traffic, setting)
    return known


class UrlSides:
    """Finds the URL of the offer that a request, connection or lookup for a file belongs to."""

    def __init__(self, traffic: Traffic, setting: DiagnosisOptions) -> None:
        self._offers = [answer for answer in traffic.answers if answer.form == "offered"]
        self._lookups = traffic.file_lookups
        # The URLs of each offer, for the inside and for the outside.
        self._urls: dict[int, tuple[list[SplitResult], list[SplitResult]]] = {}
        self._known: dict[int, UrlSide | None] = {}
        self._outside = external_side(traffic.requests, setting)

    def side_of(self, seen: Http | Connect | Tls | Lookup) -> UrlSide | None:
        """The side of a request, connection, handshake or question; None where both URLs fit, or none."""
        key = id(seen)
        if key not in self._known:
            self._known[key] = self._find_side(seen)
        return self._known[key]

    def _find_side(self, seen: Http | Connect | Tls | Lookup) -> UrlSide | None:
        offer = self._offer_at(seen.time)
        if offer is None:
            return None
        inside, outside = (self._fits_any(seen, urls) for urls in self._both_url_lists(offer))
        if inside == outside:
            return None
        return "internal" if inside else "external"

    def side_clause(self, seen: Http | Connect | Tls | Lookup, *, arrived: bool = False) -> str:
        """The end of a sentence that names the side, if the offer has two URLs."""
        side = self.side_of(seen)
        offer = self._offer_at(seen.time)
        if side is None or offer is None or not all(self._both_url_lists(offer)):
            return ""
        if side == "external" and not self._outside:
            return "; the phone asked inside and took the external URL"
        if side == "internal" and self._outside:
            return "; the phone asked outside and took the internal URL"
        return f", from the {side} URL" if arrived else ""

    def is_beside(self, seen: Connect | Tls | Lookup, arrived: list[Http]) -> bool:
        """Whether this is for the host of the other side's URL, and the file had come from the phone's own side before:
        such a host, the external web farm's say, is asked for more than files."""
        offer = self._offer_at(seen.time)
        if offer is None or self._needs_other_side(offer):
            return False
        own = "external" if self._outside else "internal"
        return self.side_of(seen) not in (None, own) and any(
            self.side_of(http) == own and offer.time <= http.time <= seen.time for http in arrived
        )

    def _needs_other_side(self, offer: UpdateAnswer) -> bool:
        """Whether one of the files is at the other side's URL alone."""
        places: list[UpdateAnswer | UpdateFile] = [offer, *offer.files]
        urls = [(one.internal_url, one.external_url) for one in places]
        return any(inner and not outer if self._outside else outer and not inner for inner, outer in urls)

    def _both_url_lists(self, offer: UpdateAnswer) -> tuple[list[SplitResult], list[SplitResult]]:
        urls = self._urls.get(id(offer))
        if urls is None:
            urls = self._urls[id(offer)] = _offered_urls(offer, external=False), _offered_urls(offer, external=True)
        return urls

    def _offer_at(self, time: Microseconds) -> UpdateAnswer | None:
        return next((answer for answer in reversed(self._offers) if answer.time <= time), None)

    def _fits_any(self, seen: Http | Connect | Tls | Lookup, urls: list[SplitResult]) -> bool:
        return any(self._fits_url(seen, url) for url in urls)

    def _fits_url(self, seen: Http | Connect | Tls | Lookup, url: SplitResult) -> bool:
        host = url.hostname or ""
        if isinstance(seen, Lookup):
            return is_asked_as(host, seen.name)
        if seen.port != port_of(url) or not self._is_host(seen, host):
            return False
        return not isinstance(seen, Http) or f"{_plain_path(target_path(seen.target))}/".startswith(
            f"{_plain_path(url.path)}/"
        )

    def _is_host(self, seen: Http | Connect | Tls, host: str) -> bool:
        name = _host_name(seen)
        if name is not None and not same_name(name, seen.server):
            return is_asked_as(host, name)
        return seen.server == host or any(
            is_asked_as(host, lookup.name) and seen.server in lookup.addresses for lookup in self._lookups
        )


def _host_name(seen: Http | Connect | Tls) -> str | None:
    if isinstance(seen, Http):
        return (seen.host or "").partition(":")[0] or None
    return seen.server_name if isinstance(seen, Tls) else seen.name


def _offered_urls(answer: UpdateAnswer, *, external: bool) -> list[SplitResult]:
    return [*split_urls(answer.urls_of(external=external))]


def _plain_path(path: str) -> str:
    return unquote(path).lower().rstrip("/")
