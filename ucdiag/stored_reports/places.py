"""Finds stored reports with one site name and different places: each branch's PC may use the same file name.

A report that a machine made of its own site has that machine's lease. Two are of one place unless the machines had
addresses of different networks, and other resolvers or another DHCP server besides.
"""

from dataclasses import replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lease
from ucdiag.stored_reports.report_files import StoredReport

_MOST = 10_000  # names
_MOST_OF_ONE = 1000  # places that are compared, of one name


@record(frozen=True, slots=True)
class _Place:
    network: str
    server: str | None
    resolvers: tuple[str, ...]

    def is_elsewhere(self, other: "_Place") -> bool:
        servers = self.server and other.server and self.server != other.server
        resolvers = self.resolvers and other.resolvers and not set(self.resolvers) & set(other.resolvers)
        return self.network != other.network and bool(servers or resolvers)


class Places:
    """Gives reports of one name and of different places names of their own, always the same in the same order."""

    def __init__(self) -> None:
        self._known: dict[str, list[_Place]] = {}

    def with_site_name(self, stored: StoredReport) -> StoredReport:
        """The report with its site's name: that of its file, and of a second place its network behind it."""
        place = _place_of(stored)
        if place is None or (stored.site not in self._known and len(self._known) >= _MOST):
            return stored
        known = self._known.setdefault(stored.site, [])
        same = next((other for other in known if not place.is_elsewhere(other)), None)
        if same is None:
            same = place
            if len(known) < _MOST_OF_ONE:
                known.append(place)
        return replace(stored, site=f"{stored.site} ({same.network})") if same is not known[0] else stored

    def shared_names(self) -> list[tuple[str, list[str]]]:
        """The names that several places have, each with their networks."""
        return [(site, [place.network for place in known]) for site, known in self._known.items() if len(known) > 1]


def _place_of(stored: StoredReport) -> _Place | None:
    if stored.report.source.kind in ("file", "live", "logs"):
        return None
    for phone in stored.report.phones:
        if phone.phone.site is not None:
            return None  # which --site said
        for seen in phone.observations:
            if isinstance(seen, Lease) and seen.chosen and seen.address is not None and "." in seen.address:
                network = f"{seen.address.rpartition('.')[0]}.0/24"
                return _Place(network, seen.server, seen.resolvers)
    return None
