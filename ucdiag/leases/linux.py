"""Linux: the interfaces as the kernel shows them, and the leases of whatever DHCP client there is."""

import re

from ucdiag.leases.dhclient import read_dhclient
from ucdiag.leases.dhclient_conf import with_rewritten
from ucdiag.leases.dhcpcd import read_dhcpcd
from ucdiag.leases.networkd import read_networkd
from ucdiag.leases.networkmanager import read_networkmanager
from ucdiag.leases.resolvconf import read_resolver
from ucdiag.leases.rtnetlink import seconds_left
from ucdiag.leases.selection import Interface, rank_leases
from ucdiag.leases.system_files import SystemFiles, whole_number
from ucdiag.leases.udhcpc import read_udhcpc
from ucdiag.model.observations import Lease
from ucdiag.model.patterns import pattern
from ucdiag.model.vocabulary import Microseconds

_CLASS = "/sys/class/net"
_ROUTES = "/proc/net/route"
_TRIE = "/proc/net/fib_trie"

# How virtual switches and the host's ends of containers are called. One that is called eth0 is a container's own.
_VIRTUAL = pattern(
    r"(?:docker|br-|virbr|vmnet|vboxnet|lxcbr|lxdbr|incusbr|cni|flannel|cali|veth|dummy|podman|vnet|ifb|kube-|nerdctl)"
)
_VPN = pattern(r"(?:tun|tap|wg|ppp|utun|ipsec|vpn|gpd|cscotun|tailscale|zt|nordlynx|proton|fortisslvpn)")
_UP = 1  # RTF_UP of a route
_ETHERNET, _LOOPBACK = "1", "772"  # ARPHRD numbers of the kernel's if_arp.h


def linux_leases(files: SystemFiles, now: Microseconds, only: str | None = None) -> list[Lease]:
    """Every lease found, best first."""
    known = read_interfaces(files)
    names = [interface.name for interface in known]
    numbered = {interface.index: interface.name for interface in known if interface.index is not None}
    left = seconds_left(files.kernel_addresses())
    leases = [
        *read_networkd(files, numbered, left, now),
        *with_rewritten(files, [*read_networkmanager(files, numbered, left, now), *read_dhclient(files, now)]),
        *read_dhcpcd(files, names, now),
        *read_udhcpc(files, now),
        *read_resolver(files, now),
    ]
    return rank_leases(leases, known, now, read_addresses(files), only)


def read_interfaces(files: SystemFiles) -> list[Interface]:
    """The interfaces of /sys/class/net with their kind, state and default route."""
    metrics = _default_routes(files)
    return [
        Interface(
            name=name,
            index=whole_number(_read_attribute(files, name, "ifindex")),
            kind=_interface_kind(files, name),
            connected=_is_connected(_read_attribute(files, name, "operstate")),
            metric=metrics.get(name),
        )
        for name in files.list_folder(_CLASS)
        if files.exists(f"{_CLASS}/{name}/ifindex")
    ]


def read_addresses(files: SystemFiles) -> frozenset[str] | None:
    """The IPv4 addresses of this machine; ``None`` when the kernel does not show them."""
    text = files.read_text(_TRIE)
    if not text:
        return None
    leaves = text.split("|-- ")[1:]
    return frozenset(leaf.split()[0] for leaf in leaves if "/32 host LOCAL\n" in leaf)


def _default_routes(files: SystemFiles) -> dict[str, int]:
    """The lowest metric of each interface's default route."""
    metrics: dict[str, int] = {}
    for line in files.read_text(_ROUTES).splitlines()[1:]:
        words = line.split()
        if len(words) < 8 or words[1] != "00000000" or words[7] != "00000000":
            continue
        metric, flags = whole_number(words[6]), re.fullmatch(r"[0-9A-Fa-f]{1,8}", words[3])
        if metric is None or flags is None or not int(flags[0], 16) & _UP:
            continue
        metrics[words[0]] = min(metric, metrics.get(words[0], metric))
    return metrics


def _interface_kind(files: SystemFiles, name: str) -> str:
    number = _read_attribute(files, name, "type")
    if number == _LOOPBACK or name == "lo":
        return "loopback"
    device = re.search(r"^DEVTYPE=(\w+)", files.read_text(f"{_CLASS}/{name}/uevent"), re.MULTILINE)
    kind = device[1] if device else ""
    if kind in ("wireguard", "ppp") or files.exists(f"{_CLASS}/{name}/tun_flags") or _VPN.match(name):
        return "vpn"
    if number not in (None, _ETHERNET) and not files.exists(f"{_CLASS}/{name}/device"):
        return "vpn"  # tunnels: no Ethernet, and nothing that could be plugged in
    if kind in ("bridge", "vxlan", "geneve") or _VIRTUAL.match(name):
        return "virtual"
    return "ethernet"


def _is_connected(state: str | None) -> bool | None:
    if state in ("up", "unknown"):
        return True
    return None if state is None else False


def _read_attribute(files: SystemFiles, name: str, what: str) -> str | None:
    return files.read_text(f"{_CLASS}/{name}/{what}").strip() or None
