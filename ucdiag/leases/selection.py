"""Which of all that was read is the lease that this machine uses: one of them, and why not the others.

The rule: leases of DHCP before what the resolver's configuration says; the interface with the default route
first, then other connected ones; never one that is expired, whose address is not in use, or whose interface is
a VPN's, disconnected or gone; a virtual interface only when the default route goes through it.
"""

from collections.abc import Iterable
from dataclasses import replace

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lease
from ucdiag.model.vocabulary import Microseconds

ENDLESS = 0xFFFFFFFF  # seconds: a lease, or an address, that never ends (RFC 2131, section 3.3)

_AUTHORITIES = ("dhcp", "resolver", "static", "directory")


@record(frozen=True, slots=True, kw_only=True)
class Interface:
    """One network interface as it is now. ``metric`` is that of its default route, ``None`` without one.

    ``kind`` is ethernet (or anything like it), virtual, vpn or loopback. ``connected`` ``None`` means not known.
    """

    name: str
    index: int | None = None
    kind: str = "ethernet"
    connected: bool | None = None
    metric: int | None = None


def lease_expiry(obtained: Microseconds | None, seconds: int | None) -> Microseconds | None:
    """When a lease of so many seconds ends; ``None`` when unknown or never."""
    if obtained is None or seconds is None or seconds == ENDLESS:
        return None
    return obtained + seconds * 1_000_000


def rank_leases(
    leases: Iterable[Lease],
    interfaces: Iterable[Interface],
    now: Microseconds,
    in_use: frozenset[str] | None = None,
    only: str | None = None,
) -> list[Lease]:
    """All leases, best first, at most one of them chosen, every other with its reason.

    ``in_use`` are the addresses that this machine has now, ``None`` when they are not known. ``only`` is the interface
    that somebody named: whatever stands objection it otherwise, its lease and no other counts.
    """
    known: dict[str | None, Interface] = {interface.name: interface for interface in interfaces}
    judged = [(lease, _reason_against(lease, known, now, in_use, only)) for lease in leases]

    def rank(item: tuple[int, tuple[Lease, str | None]]) -> tuple[object, ...]:
        position, (lease, objection) = item
        interface = known.get(lease.interface)
        metric = interface.metric if interface else None
        return (
            objection is not None,
            _AUTHORITIES.index(lease.authority),
            metric is None and lease.interface is not None,
            metric or 0,
            lease.address is None,
            -(lease.obtained or 0),
            position,
        )

    ordered = [item for _, item in sorted(enumerate(judged), key=rank)]
    ranked: list[Lease] = []
    first: Lease | None = None
    for lease, objection in ordered:
        if objection is not None:
            ranked.append(replace(lease, reason=objection))
        elif first is not None:
            ranked.append(replace(lease, reason=_why_not_first(lease, first, known)))
        else:
            first = replace(lease, chosen=True, reason=_lease_remarks(lease, known))
            ranked.append(first)
    return ranked


def _reason_against(
    lease: Lease, known: dict[str | None, Interface], now: Microseconds, in_use: frozenset[str] | None, only: str | None
) -> str | None:
    """Why this one cannot be the lease in use."""
    if only is not None and lease.interface != only:
        return f"it is not of {only}, which was asked for"
    if lease.authority in ("static", "directory"):
        return lease.reason or "this is not what DHCP gave"
    interface = known.get(lease.interface)
    if interface is None and known and lease.interface is not None:
        return f"there is no interface {lease.interface} now"
    if interface is not None:
        if interface.kind == "vpn" and only is None:
            return f"{interface.name} is a VPN's interface"
        if interface.kind == "loopback":
            return f"{interface.name} is the loopback interface"
        if interface.connected is False:
            return f"{interface.name} is not connected"
    if lease.expires is not None and lease.expires <= now:
        return f"it expired {_duration_text(now - lease.expires)} ago"
    if lease.address is not None and in_use is not None and lease.address not in in_use:
        return f"its address {lease.address} is not in use now"
    if interface is not None and interface.kind == "virtual" and interface.metric is None and only is None:
        return f"{interface.name} is a virtual interface without the default route"
    return None


def _lease_remarks(lease: Lease, known: dict[str | None, Interface]) -> str | None:
    """What is worth saying beside the one that was chosen."""
    remarks = [lease.reason] if lease.reason else []
    interface = known.get(lease.interface)
    routed = [(other.metric, other.name) for other in known.values() if other.metric is not None]
    if interface is not None and interface.metric is not None:
        remarks.append(f"the default route goes through {interface.name}")
    elif lease.interface is not None and routed:
        remarks.append(f"no lease was found for {min(routed)[1]}, through which the default route goes")
    elif lease.authority == "resolver":
        remarks.append("no DHCP lease in use was found")
    return "; ".join(remarks) or None


def _why_not_first(lease: Lease, first: Lease, known: dict[str | None, Interface]) -> str:
    if first.authority == "dhcp" != lease.authority:
        return "the lease itself says more than the resolver's configuration"
    if lease.interface is not None and first.interface is not None and lease.interface != first.interface:
        interface = known.get(first.interface)
        if interface is not None and interface.metric is not None:
            return f"the default route goes through {first.interface}"
        return f"{first.interface} comes first"
    if (lease.obtained or 0) < (first.obtained or 0):
        return f"the lease by {first.source} is newer"
    return f"{first.source} says more"


def _duration_text(microseconds: int) -> str:
    seconds = microseconds // 1_000_000
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' * (count != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"
