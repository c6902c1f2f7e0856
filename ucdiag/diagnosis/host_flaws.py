"""Which addresses of DNS answers no host has: by themselves, or in the subnet that they belong to."""

from ipaddress import IPv4Network

from ucdiag.diagnosis.observation_log import ObservationLog, once_a_log
from ucdiag.model.observations import Connect, Dhcp, Lookup
from ucdiag.model.urls import ipv4_flaw

# A subnet with fewer bits for hosts has no address of its own (RFC 3021, and a single host).
_LEAST_HOST_BITS = 2


@once_a_log
def subnet_flaws(history: ObservationLog) -> dict[str, str]:
    """Why no host has these addresses (RFC 1122, section 3.2.1.3), as clauses: by the phone's leases, or by this
    machine's routes. A host that was reached has its address."""
    flaws: dict[str, str] = {}
    subnets = (message.subnet for message in history.of_kind(Dhcp) if message.type == "ack" and message.subnet)
    for subnet in dict.fromkeys(subnets):
        try:
            network = IPv4Network(subnet)
        except ValueError:
            continue  # as a report may have it that somebody wrote
        if network.max_prefixlen - network.prefixlen >= _LEAST_HOST_BITS:
            flaws[str(network.network_address)] = f"it is the address of the phone's subnet itself, {subnet}"
            flaws[str(network.broadcast_address)] = f"it is the broadcast address of the phone's subnet, {subnet}"
    for lookup in history.of_kind(Lookup):
        for address in lookup.broadcast:
            flaws.setdefault(address, "it is the broadcast address of a subnet of this machine")
    for connect in history.of_kind(Connect) if flaws else ():
        if connect.outcome == "open":
            flaws.pop(connect.server, None)
    return flaws


def host_flaw(address: str, by_subnet: dict[str, str]) -> str | None:
    """Why no host has this IPv4 address, as a clause; None if one can have it. ``by_subnet``: ``subnet_flaws``."""
    return ipv4_flaw(address) or by_subnet.get(address)
