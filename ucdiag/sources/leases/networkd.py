"""systemd-networkd: /run/systemd/netif/leases/<interface index>, one ``KEY=value`` a line.

The file is readable by all, written anew at each renewal, and has no times: its own date is when the lease was
given. networkd writes the domain as a DNS name, other bytes escaped, and drops one that cannot be a name (a label
over 63 bytes), so that "no domain" may also mean an unusable one; the reason says so.
"""

import re

from ucdiag.model.observations import Lease
from ucdiag.sources.leases.choose import expiry
from ucdiag.sources.leases.place import MALFORMED, Place, address, addresses, decode, whole_number

LEASES = "/run/systemd/netif/leases"

# How DNS names show a byte that is no letter (RFC 1035, section 5.1): "a.example b.example" has its blank as \\032.
_ESCAPE = re.compile(r"\\(?:([01]\d\d|2[0-4]\d|25[0-5])|([^.\d]))")


def read_networkd(place: Place, names: dict[int, str], now: int) -> list[Lease]:
    """``names`` are the interfaces by their index."""
    found: list[Lease] = []
    for file in place.names(LEASES):
        index = whole_number(file)
        if index is None:
            continue
        path = f"{LEASES}/{file}"
        read = place.read_dated(path)
        if read is None:
            continue
        interface = names.get(index, f"interface number {index}")
        lease = lease_of(read[0], read[1], interface, "systemd-networkd", now)
        if lease is None:
            place.note(MALFORMED, f"{path} is not a lease as systemd-networkd writes it")
        else:
            found.append(lease)
    return found


def lease_of(data: bytes, written: int, interface: str, source: str, now: int) -> Lease | None:
    """One file of this form; NetworkManager's internal client of old wrote the same."""
    values: dict[str, str] = {}
    for line in decode(data).splitlines():
        key, equals, value = line.partition("=")
        if equals and key.isupper():
            values[key] = value.strip().strip('"')
    own = address(values.get("ADDRESS"))
    if own is None:
        return None
    server = address(values.get("SERVER_ADDRESS"))
    domain = values.get("DOMAINNAME")
    if domain is not None:
        domain = unescaped(domain)
    whole = len(values) > 2
    by = f" from {server}" if server else ""
    return Lease(
        time=now,
        interface=interface,
        source=source,
        provenance=f"option 15 of the lease of {interface}{by}, by {source}",
        authority="dhcp",
        reason=None if domain or not whole else f"{source} drops a domain that cannot be a DNS name",
        address=own,
        server=server,
        domain=domain,
        resolvers=addresses(values.get("DNS", "").split()),
        search=tuple(name.rstrip(".") for name in values.get("DOMAIN_SEARCH_LIST", "").split()),
        obtained=written,
        expires=expiry(written, whole_number(values.get("LIFETIME"))),
        unknown=() if whole else ("domain", "resolvers", "search", "server", "expires"),
    )


def unescaped(name: str) -> str:
    """A DNS name as programs of systemd's code write it, with its bytes as they came in the option."""
    return _ESCAPE.sub(_character, name)


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1])) if found[1] else found[2]
