"""Which addresses of DNS answers no host has: by themselves, or in the subnet that they belong to."""

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Tls
from ucdiag.model.urls import ipv4_flaw

# A subnet with fewer bits for hosts has no address of its own (RFC 3021, and a single host).
_LEAST_HOST_BITS = 2


@once_a_log
def subnet_flaws(history: ObservationLog) -> dict[str, str]:
    """Why no host has these addresses (RFC 1122, section 3.2.1.3), as clauses: by the phone's last lease, or by
    this machine's routes. A host that was reached has its address."""
    flaws: dict[str, str] = {}
    leases = [message.subnet for message in history.of_kind(Dhcp) if message.type == "ack" and message.subnet]
    # An earlier one may be of another VLAN, or have had the mask that was corrected since.
    for subnet in leases[-1:]:
        flaws.update(_own_addresses(subnet))
    for lookup in history.of_kind(Lookup):
        for address in lookup.broadcast:
            flaws.setdefault(address, "it is the broadcast address of a subnet of this machine")
    for address in _answering(history) if flaws else ():
        flaws.pop(address, None)
    return flaws


@lru_cache(maxsize=64)  # the phones of a site share it
def _own_addresses(subnet: str) -> tuple[tuple[str, str], ...]:
    """The addresses that a subnet has for itself, each with why no host has it."""
    try:
        network = IPv4Network(subnet)
    except ValueError:  # as a report may have it that somebody wrote
        return ()
    if network.max_prefixlen - network.prefixlen < _LEAST_HOST_BITS:
        return ()
    return (
        (str(network.network_address), f"it is the address of the phone's subnet itself, {subnet}"),
        (str(network.broadcast_address), f"it is the broadcast address of the phone's subnet, {subnet}"),
    )


def _answering(history: ObservationLog) -> Iterator[str]:
    """The addresses from which something was answered: the SYN, if only with a reset, a handshake or a request."""
    for connect in history.of_kind(Connect):
        if connect.outcome in ("open", "refused"):
            yield connect.server
    for tls in history.of_kind(Tls):
        if tls.outcome == "complete" or tls.version or tls.chain:
            yield tls.server
    for http in history.of_kind(Http):
        if http.status is not None and not http.proxy:
            yield http.server


def host_flaw(address: str, by_subnet: dict[str, str]) -> str | None:
    """Why no host has this IPv4 address, as a clause; None if one can have it. ``by_subnet``: ``subnet_flaws``."""
    return ipv4_flaw(address) or by_subnet.get(address)
