"""The verdict on a capture without phones: the content of the capture, and what to do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ucdiag.model.report import Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.text import counted, listed
from ucdiag.model.vocabulary import FindingCode

if TYPE_CHECKING:
    from ucdiag.capture.census import Census

_NOBODY = "Nothing in the capture looks like such a phone."
_MIRROR = "Mirror the phone's switch port in both directions, and capture without a filter."
_WHOLE = "capture again with whole packets (tcpdump -s 0)."
_RESTART = (
    "Power the phone off and on while the capture runs. Name the phone with --mac, or judge every host that has a "
    "lease with --all."
)
_TYPES_NAMED = 4
_SHOWN = ("DHCP", "DNS", "TCP", "UDP", "ARP", "ICMP", "IPv6")


def no_phone_verdict(
    hints: Sequence[str],
    packets: int,
    census: "Census | None",
    unread: "Mapping[str, int]",
    *,
    cut: int = 0,
    live: bool = False,
    nobody: str | None = None,
) -> Verdict:
    """``nobody`` says that of the phones that were named nothing was seen. ``hints`` are MAC addresses that may be
    phones', ``packets`` how many there were, ``census`` what is in the files (None where they can be read only once),
    ``cut`` how many a snap length cut that may be phones', ``unread`` the packets by the name of what hides others in
    them."""
    if not packets:
        return _unknown_verdict("no-phone-seen", _empty_text(live))
    if census is not None:
        from ucdiag.capture.census import WIRELESS_OVERHEAD

        unread, packets = census.unread_tunnels, census.packets - census.kinds[WIRELESS_OVERHEAD]
    hidden = sum(unread.values())
    if 2 * hidden > packets:
        return _unknown_verdict("capture-encapsulated", _hidden_text(unread, packets))
    parts = [nobody or _NOBODY]
    if census is not None:
        parts.append(_seen_text(census))
    if hidden:
        parts.append(f"Into {counted(hidden, 'packet')} nobody can look ({_listed_counts(unread)}).")
    if cut:
        parts.append(f"Its snap length cut {counted(cut, 'packet')} that may be a phone's: {_WHOLE}")
    if hints:
        parts.append(f"By their MAC addresses, these may be some: {', '.join(hints[:5])} (name one with --mac).")
    elif census is not None and not cut:
        heard = census.kinds["DHCP"] or census.kinds["DNS"] or census.ports or census.tunnels
        parts.append(_RESTART if heard else _MIRROR)
    return _unknown_verdict("no-phone-seen", " ".join(parts))


def _unknown_verdict(code: FindingCode, text: str) -> Verdict:
    return Verdict(status=VerdictStatus.UNKNOWN, code=code, summary=text)


def _empty_text(live: bool) -> str:
    if live:
        return "No packet came that may be of a phone's update path. Check the interface and the mirror of the switch."
    return "The capture is empty: no packet is in it. Check the interface and the filter with which it was captured."


def _hidden_text(unread: Mapping[str, int], packets: int) -> str:
    from ucdiag.wire.link.unread import ENCRYPTED

    why = "encrypted" if set(unread) <= ENCRYPTED else "not read"
    carry = "carries" if sum(unread.values()) == 1 else "carry"
    return (
        f"{sum(unread.values()):,} of {counted(packets, 'packet')} {carry} others in a tunnel that is {why} "
        f"({_listed_counts(unread)}). "
        "No phone can be seen in them. Capture where the tunnel has not begun or has ended, best at the phone's "
        "switch port."
    )


def _listed_counts(counts: Mapping[str, int]) -> str:
    return listed([f"{name}: {count:,}" for name, count in Counter(counts).most_common(_TYPES_NAMED)])


def _seen_text(census: "Census") -> str:
    """How many packets of which kinds, and of how many hosts."""
    counts = {name: census.kinds[name] for name in _SHOWN if census.kinds[name]}
    others = {name: count for name, count in census.kinds.items() if name not in _SHOWN}
    parts = [f"{name}: {count:,}" for name, count in counts.items()]
    parts += [f"TCP port {port}: {count:,}" for port, count in sorted(census.ports.items())]
    if census.tunnels:
        parts.append(f"tunnels that were looked into: {census.tunnels:,}")
    parts += [f"{name}: {count:,}" for name, count in Counter(others).most_common(_TYPES_NAMED)]
    missing = [name for name in ("DHCP", "DNS") if not census.kinds[name]]
    if not census.ports:
        missing.append("TCP on a watched port")
    from ucdiag.capture.census import CENSUS_MOST

    first = "Its first" if census.packets >= CENSUS_MOST else "Its"
    verb = "is" if census.packets == 1 else "are"
    hosts = counted(len(census.hosts), "host") if census.hosts else "no IP host"
    text = f"{first} {counted(census.packets, 'packet')} {verb} of {hosts} ({', '.join(parts)})."
    if missing and not census.tunnels:
        text += f" There is {listed([f'no {name}' for name in missing])} in it."
    return text
