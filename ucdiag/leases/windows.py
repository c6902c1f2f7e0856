"""Windows: the registry, which has each interface's lease in the same words on every language's Windows.

Below ``SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters`` the values with ``Dhcp`` in their names are what DHCP
gave, those without are what somebody set by hand (Microsoft, "TCP/IP and NBT configuration parameters for Windows");
both are reported, apart, and so are the machine's own suffix, which joining an Active Directory domain sets, and
its search list. Anybody may read all of it.

Which interface is in use the registry does not say: the address that the system would send from, and the
addresses that it has now, do (``Network``).
"""

import ntpath
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ucdiag.leases.selection import Interface, rank_leases
from ucdiag.leases.system_files import UNREADABLE, SystemFiles, parse_address, parse_addresses
from ucdiag.model.observations import Lease
from ucdiag.model.patterns import pattern
from ucdiag.model.vocabulary import Microseconds

PARAMETERS = r"SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
INTERFACES = PARAMETERS + r"\Interfaces"
# The class of network adapters; the number is the same on every Windows.
ADAPTERS = "{4D36E972-E325-11CE-BFC1-08002BE10318}"
NETWORK = rf"SYSTEM\CurrentControlSet\Control\Network\{ADAPTERS}"
DRIVERS = rf"SYSTEM\CurrentControlSet\Control\Class\{ADAPTERS}"

_VPN = pattern(
    r"vpn|wireguard|wintun|\btap[- ]|tunnel|anyconnect|forti(?:net|client|ssl)|pangp|globalprotect|juniper|"
    r"pulse secure|zscaler|checkpoint|check point|sonicwall|tailscale|zerotier|nordlynx|wan miniport|ras async",
    re.IGNORECASE,
)
_VIRTUAL = pattern(r"hyper-v virtual|vmware|virtualbox|host-only|npcap|loopback|wi-?fi direct|virtual adapter", re.I)
_MOST = 4096  # keys that are read below one key
_LONGEST = 4096  # characters that are believed of one value


class Registry(Protocol):
    """HKEY_LOCAL_MACHINE, read only. A missing key is an empty one; PermissionError passes."""

    def subkey_names(self, path: str) -> Sequence[str]:
        """The names of the keys below a key."""

    def key_values(self, path: str) -> dict[str, object]:
        """The values of a key."""


class SystemRegistry:
    """The registry of this Windows."""

    def subkey_names(self, path: str) -> Sequence[str]:
        values: list[str] = []
        if sys.platform == "win32":
            import contextlib
            import winreg

            with contextlib.suppress(FileNotFoundError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
                for at in range(min(winreg.QueryInfoKey(key)[0], _MOST)):
                    values.append(winreg.EnumKey(key, at))
        return values

    def key_values(self, path: str) -> dict[str, object]:
        values: dict[str, object] = {}
        if sys.platform == "win32":
            import contextlib
            import winreg

            with contextlib.suppress(FileNotFoundError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
                for at in range(min(winreg.QueryInfoKey(key)[1], _MOST)):
                    name, value, _ = winreg.EnumValue(key, at)
                    values[name] = value
        return values


def _route_address() -> str | None:
    """The address from which this machine would send to the outside. Nothing is sent: UDP only chooses a route."""
    import contextlib
    import socket

    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address: str = probe.getsockname()[0]
        return address
    return None


def _own_addresses() -> frozenset[str] | None:
    """The addresses of the interfaces that are connected now."""
    import contextlib
    import socket

    with contextlib.suppress(OSError, UnicodeError):
        return frozenset(str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET))
    return None


@dataclass(frozen=True)
class Network:
    """What only the running system has: ``route_address`` is the source address of the default route."""

    route_address: Callable[[], str | None] = _route_address
    own_addresses: Callable[[], frozenset[str] | None] = _own_addresses


@dataclass
class _Adapter:
    guid: str
    name: str
    kind: str
    values: dict[str, object] = field(default_factory=dict)


def windows_leases(
    files: SystemFiles,
    now: Microseconds,
    registry: Registry | None = None,
    network: Network | None = None,
    only: str | None = None,
) -> list[Lease]:
    """Every lease, static suffix and machine-wide suffix, best first."""
    registry, network = registry or SystemRegistry(), network or Network()
    reader = _Reader(registry, files)
    drivers = _driver_descriptions(reader)
    adapters = [_read_adapter(reader, guid, drivers) for guid in reader.subkey_names(INTERFACES)]
    own, route = network.own_addresses(), network.route_address()
    known: list[Interface] = []
    leases: list[Lease] = []
    for adapter in adapters:
        here = {_lease_address(adapter), *_static_addresses(adapter)} - {None}
        known.append(
            Interface(
                name=adapter.name,
                kind=adapter.kind,
                connected=None if own is None else bool(here & own),
                metric=0 if route is not None and route in here else None,
            )
        )
        leases.extend(_adapter_leases(adapter, now))
    leases.extend(_machine_leases(reader.key_values(PARAMETERS), now))
    return rank_leases(leases, known, now, own, only)


class _Reader:
    """The registry with permission problems noted once and everything else as it is."""

    def __init__(self, registry: Registry, files: SystemFiles) -> None:
        self._registry = registry
        self._place = files

    def subkey_names(self, path: str) -> Sequence[str]:
        try:
            return self._registry.subkey_names(path)[:_MOST]
        except OSError as error:
            self._note_unreadable(path, error)
            return ()

    def key_values(self, path: str) -> dict[str, object]:
        try:
            return self._registry.key_values(path)
        except OSError as error:
            self._note_unreadable(path, error)
            return {}

    def _note_unreadable(self, path: str, error: OSError) -> None:
        self._place.note_problem(UNREADABLE, f"the registry key HKLM\\{path} cannot be read: {error.strerror or error}")


def _driver_descriptions(reader: _Reader) -> dict[str, str]:
    """What each adapter's driver calls it, by the adapter's GUID."""
    drivers: dict[str, str] = {}
    for number in reader.subkey_names(DRIVERS):
        if re.fullmatch(r"\d{4}", number):
            values = reader.key_values(ntpath.join(DRIVERS, number))
            drivers[_string_value(values.get("NetCfgInstanceId")).upper()] = _string_value(values.get("DriverDesc"))
    return drivers


def _read_adapter(reader: _Reader, guid: str, drivers: dict[str, str]) -> _Adapter:
    connection = reader.key_values(rf"{NETWORK}\{guid}\Connection")
    instance = _string_value(connection.get("PnPInstanceId") or connection.get("PnpInstanceID")).upper()
    name = _string_value(connection.get("Name"))
    description = f"{drivers.get(guid.upper(), '')} {name}"
    if _VPN.search(description) or "WINTUN" in instance or instance.startswith("SWD\\MSRRAS"):
        kind = "vpn"
    elif _VIRTUAL.search(description) or instance.startswith(("ROOT\\", "SWD\\", "{5D624F94")):
        kind = "virtual"
    else:
        kind = "ethernet"
    return _Adapter(guid=guid, name=name or guid, kind=kind, values=reader.key_values(ntpath.join(INTERFACES, guid)))


def _adapter_leases(adapter: _Adapter, now: Microseconds) -> list[Lease]:
    values, leases = adapter.values, []
    own = _lease_address(adapter)
    static_domain = _string_value(values.get("Domain"))
    static_resolvers = parse_addresses(_string_list(values.get("NameServer")))
    if values.get("EnableDHCP") == 1 and own is not None:
        server = parse_address(_string_value(values.get("DhcpServer")))
        if server == "255.255.255.255":
            server = None
        by = f" from {server}" if server else ""
        leases.append(
            Lease(
                time=now,
                interface=adapter.name,
                source="Windows",
                provenance=f"option 15 of the lease of {adapter.name}{by}, by Windows (DhcpDomain in the registry)",
                authority="dhcp",
                reason=f"the interface's own suffix {static_domain} stands before it" if static_domain else None,
                address=own,
                server=server,
                domain=_string_value(values["DhcpDomain"]).rstrip("\0") if "DhcpDomain" in values else None,
                resolvers=parse_addresses(_string_list(values.get("DhcpNameServer"))),
                search=tuple(_string_list(values.get("DhcpDomainSearchList"))),
                obtained=_time_value(values.get("LeaseObtainedTime")),
                expires=_time_value(values.get("LeaseTerminatesTime")),
            )
        )
    if static_domain or static_resolvers:
        leases.append(
            Lease(
                time=now,
                interface=adapter.name,
                source="Windows",
                provenance=f"set by hand for {adapter.name}",
                authority="static",
                reason="it was set by hand, and does not come from DHCP",
                domain=static_domain or None,
                resolvers=static_resolvers,
                unknown=("server", "obtained", "expires"),
            )
        )
    return leases


def _machine_leases(values: dict[str, object], now: Microseconds) -> list[Lease]:
    """The machine's own DNS suffix and its search list."""
    domain = _string_value(values.get("NV Domain")) or _string_value(values.get("Domain"))
    search = tuple(_string_list(values.get("SearchList")))
    if not domain and not search:
        return []
    return [
        Lease(
            time=now,
            source="Windows",
            provenance="the machine's own DNS suffix, as joining an Active Directory domain sets it"
            if domain
            else "the machine's DNS suffix search list",
            authority="directory",
            reason="it is the machine's own suffix, and does not come from DHCP",
            domain=domain or None,
            search=search,
            unknown=("interface", "address", "server", "resolvers", "obtained", "expires"),
        )
    ]


def _lease_address(adapter: _Adapter) -> str | None:
    return parse_address(_string_value(adapter.values.get("DhcpIPAddress")))


def _static_addresses(adapter: _Adapter) -> tuple[str, ...]:
    if adapter.values.get("EnableDHCP") == 1:
        return ()
    return tuple(own for own in parse_addresses(_string_list(adapter.values.get("IPAddress"))) if own != "0.0.0.0")


def _string_value(value: object) -> str:
    return value[:_LONGEST].rstrip("\0") if isinstance(value, str) else ""


def _string_list(value: object) -> list[str]:
    """Servers and suffixes stand in one text, parted by blanks (DHCP's) or commas (set by hand), or are a list."""
    if isinstance(value, (list, tuple)):
        return [word for part in value[:64] for word in _string_list(part)]
    return [word for word in re.split(r"[\s,;]+", _string_value(value)) if word]


def _time_value(value: object) -> Microseconds | None:
    """Seconds since the epoch, as microseconds. All ones is a lease that never ends."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    seconds = value & 0xFFFFFFFF
    return None if seconds in (0, 0x7FFFFFFF, 0xFFFFFFFF) else seconds * 1_000_000
