"""Windows and macOS: kinds of interfaces, which values count, and what stands in no lease."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.leases.registry import DRIVERS, INTERFACES, NETWORK, PARAMETERS, FakeRegistry
from ucdiag.leases.macos import macos_leases, parse_packet, parse_scutil
from ucdiag.leases.system_files import SystemFiles
from ucdiag.leases.windows import Network, windows_leases
from ucdiag.model.observations import Lease

NOW = 1_800_000_000_000_000
GUID = "{11111111-AAAA-4BBB-8CCC-000000000001}"
ADDRESS = "192.0.2.7"


def windows(registry: FakeRegistry, route: str | None = None, own: frozenset[str] | None = None) -> list[Lease]:
    files = SystemFiles(Path("/nowhere"))
    leases = windows_leases(files, NOW, registry, Network(lambda: route, lambda: own))
    assert files.problems == []
    return leases


def adapter(
    driver: str = "", name: str = "Ethernet", instance: str = r"PCI\VEN_8086", **values: object
) -> FakeRegistry:
    registry = FakeRegistry()
    usual: dict[str, object] = {"EnableDHCP": 1, "DhcpIPAddress": ADDRESS, "DhcpDomain": "contoso.com"}
    registry.adapter(GUID, name, driver, instance, **{**usual, **values})
    return registry


VPN = (
    *(
        "Example VPN",
        "WireGuard Tunnel",
        "Wintun Userspace Tunnel",
        "TAP-Windows Adapter V9",
        "TAP Adapter",
        "a Tunnel",
    ),
    *("Cisco AnyConnect", "FortiNet Adapter", "FortiClient", "FortiSSL", "PANGP Virtual", "GlobalProtect", "Juniper"),
    *("Pulse Secure", "Zscaler", "Checkpoint", "Check Point", "SonicWall", "Tailscale", "ZeroTier", "NordLynx"),
    *("WAN Miniport (IP)", "RAS Async Adapter"),
)
VIRTUAL = (
    *("Hyper-V Virtual Ethernet Adapter", "VMware Network Adapter", "VirtualBox Ethernet", "Host-Only", "Npcap"),
    *("Microsoft KM-TEST Loopback Adapter", "Microsoft Wi-Fi Direct", "WiFi Direct", "Some Virtual Adapter"),
)


@pytest.mark.parametrize("driver", VPN)
def test_windows_drivers_of_a_vpn(driver: str) -> None:
    [lease] = windows(adapter(driver), route=ADDRESS)
    assert (lease.chosen, lease.reason) == (False, "Ethernet is a VPN's interface")


@pytest.mark.parametrize("driver", VIRTUAL)
def test_windows_virtual_drivers(driver: str) -> None:
    [lease] = windows(adapter(driver))
    assert (lease.chosen, lease.reason) == (False, "Ethernet is a virtual interface without the default route")


@pytest.mark.parametrize("driver", ["Intel(R) Ethernet", "Realtek PCIe GbE", "Staple", "Qualcomm Wi-Fi 6"])
def test_windows_drivers_of_hardware(driver: str) -> None:
    assert windows(adapter(driver))[0].chosen


INSTANCES = [
    (r"SWD\MSRRAS\MS_NDISWANIP", "Ethernet is a VPN's interface"),
    (r"ROOT\WINTUN\0000", "Ethernet is a VPN's interface"),
    (r"ROOT\NET\0000", "Ethernet is a virtual interface without the default route"),
    (r"SWD\OTHER\1", "Ethernet is a virtual interface without the default route"),
    (r"{5D624F94-8850-40C3-A3FA-A4FD2080BAF3}\VWIFIMP", "Ethernet is a virtual interface without the default route"),
    (r"root\net\0000", "Ethernet is a virtual interface without the default route"),
    (r"USB\VID_0BDA", None),
]


@pytest.mark.parametrize(("instance", "objection"), INSTANCES)
def test_windows_instances(instance: str, objection: str | None) -> None:
    [lease] = windows(adapter(instance=instance))
    assert (lease.chosen, lease.reason) == (objection is None, objection)


def test_a_vpn_by_the_name_of_its_connection() -> None:
    assert not windows(adapter(name="Office VPN"))[0].chosen


def test_the_other_spelling_of_the_instance() -> None:
    registry = adapter(instance="")
    registry.put(rf"{NETWORK}\{GUID}\Connection", PnpInstanceID=r"ROOT\NET\0000")
    assert not windows(registry)[0].chosen


def test_an_adapter_without_a_name_has_its_number() -> None:
    registry = FakeRegistry()
    registry.put(rf"{INTERFACES}\{GUID}", EnableDHCP=1, DhcpIPAddress=ADDRESS)
    assert [lease.interface for lease in windows(registry)] == [GUID]


def test_keys_that_are_no_driver() -> None:
    registry = adapter()
    registry.put(rf"{DRIVERS}\00010", NetCfgInstanceId=GUID, DriverDesc="Wintun Userspace Tunnel")
    registry.put(rf"{DRIVERS}\Properties", NetCfgInstanceId=GUID, DriverDesc="Wintun Userspace Tunnel")
    assert windows(registry)[0].chosen


NO_LEASE: list[tuple[str, dict[str, object]]] = [
    ("DHCP off", {"EnableDHCP": 0}),
    ("DHCP not set", {"EnableDHCP": None}),
    ("no address", {"DhcpIPAddress": None}),
    ("address 0.0.0.0", {"DhcpIPAddress": "0.0.0.0"}),
]


@pytest.mark.parametrize("values", [row[1] for row in NO_LEASE], ids=[row[0] for row in NO_LEASE])
def test_an_adapter_without_a_lease(values: dict[str, object]) -> None:
    assert windows(adapter(**values)) == []


def test_every_field_of_a_lease_on_windows() -> None:
    registry = adapter(
        DhcpServer="192.0.2.1",
        DhcpNameServer="192.0.2.2 192.0.2.3",
        DhcpDomainSearchList="a.example,b.example",
        LeaseObtainedTime=100,
        LeaseTerminatesTime=0x7FFFFFFE,
    )
    [lease] = windows(registry, route=ADDRESS, own=frozenset({ADDRESS}))
    assert lease == Lease(
        time=NOW,
        interface="Ethernet",
        source="Windows",
        provenance="option 15 of the lease of Ethernet from 192.0.2.1, by Windows (DhcpDomain in the registry)",
        authority="dhcp",
        chosen=True,
        reason="the default route goes through Ethernet",
        address=ADDRESS,
        server="192.0.2.1",
        domain="contoso.com",
        resolvers=("192.0.2.2", "192.0.2.3"),
        search=("a.example", "b.example"),
        obtained=100_000_000,
        expires=0x7FFFFFFE * 1_000_000,
    )


@pytest.mark.parametrize(
    ("value", "server", "by"),
    [("255.255.255.255", None, ""), ("", None, ""), ("192.0.2.1", "192.0.2.1", " from 192.0.2.1")],
)
def test_the_server_of_a_lease_on_windows(value: str, server: str | None, by: str) -> None:
    [lease] = windows(adapter(DhcpServer=value))
    assert lease.server == server
    assert lease.provenance == f"option 15 of the lease of Ethernet{by}, by Windows (DhcpDomain in the registry)"


@pytest.mark.parametrize("value", [0, 0x7FFFFFFF, 0xFFFFFFFF, -1, True, "1", None])
def test_times_that_are_none(value: object) -> None:
    [lease] = windows(adapter(LeaseObtainedTime=value, LeaseTerminatesTime=value))
    assert (lease.obtained, lease.expires) == (None, None)


SEARCH = ["a.example b.example", ["a.example", "b.example"], ["a.example,b.example", 5], "a.example;b.example\0"]


@pytest.mark.parametrize("value", SEARCH)
def test_the_search_list_of_a_lease_on_windows(value: object) -> None:
    [lease] = windows(adapter(DhcpDomainSearchList=value))
    assert lease.search == ("a.example", "b.example")


def test_a_hostile_list_of_windows_is_cut() -> None:
    [lease] = windows(adapter(DhcpDomainSearchList=[f"d{number}.example" for number in range(70)]))
    assert lease.search == tuple(f"d{number}.example" for number in range(64))


def test_a_domain_of_windows_without_the_byte_at_its_end() -> None:
    assert windows(adapter(DhcpDomain="contoso.com\0"))[0].domain == "contoso.com"


STATIC: list[tuple[str, dict[str, object], tuple[str | None, tuple[str, ...]]]] = [
    (
        "both",
        {"Domain": "hand.example", "NameServer": "192.0.2.8,192.0.2.9"},
        ("hand.example", ("192.0.2.8", "192.0.2.9")),
    ),
    ("a suffix", {"Domain": "hand.example"}, ("hand.example", ())),
    ("servers", {"NameServer": "192.0.2.8"}, (None, ("192.0.2.8",))),
]


@pytest.mark.parametrize(("values", "set_by_hand"), [row[1:] for row in STATIC], ids=[row[0] for row in STATIC])
def test_what_was_set_by_hand(values: dict[str, object], set_by_hand: object) -> None:
    dhcp, static = windows(adapter(**values))
    assert (static.domain, static.resolvers) == set_by_hand
    assert (static.authority, static.chosen, static.interface) == ("static", False, "Ethernet")
    assert static.reason == "it was set by hand, and does not come from DHCP"
    assert static.provenance == "set by hand for Ethernet"
    assert static.unknown == ("server", "obtained", "expires")
    suffix = "the interface's own suffix hand.example stands before it"
    assert dhcp.reason == (suffix if "Domain" in values else None)


MACHINE: list[tuple[str, dict[str, object], str, str | None, tuple[str, ...]]] = [
    ("NV Domain", {"NV Domain": "nv.example", "Domain": "x.example"}, "own DNS suffix, as joining", "nv.example", ()),
    ("Domain", {"Domain": "x.example"}, "own DNS suffix, as joining", "x.example", ()),
    ("search list", {"SearchList": "a.example,b.example"}, "DNS suffix search list", None, ("a.example", "b.example")),
]


@pytest.mark.parametrize(
    ("values", "provenance", "domain", "search"), [row[1:] for row in MACHINE], ids=[row[0] for row in MACHINE]
)
def test_the_machines_own_suffix(
    values: dict[str, object], provenance: str, domain: str | None, search: tuple[str, ...]
) -> None:
    registry = FakeRegistry()
    registry.put(PARAMETERS, **values)
    [lease] = windows(registry)
    assert (lease.domain, lease.search, lease.authority, lease.chosen) == (domain, search, "directory", False)
    assert provenance in lease.provenance
    assert lease.unknown == ("interface", "address", "server", "resolvers", "obtained", "expires")


def test_windows_without_anything() -> None:
    registry = FakeRegistry()
    registry.put(PARAMETERS, Domain="", SearchList="")
    assert windows(registry) == []


@pytest.mark.parametrize(
    ("own", "objection"),
    [(None, None), (frozenset({ADDRESS}), None), (frozenset({"192.0.2.9"}), "Ethernet is not connected")],
)
def test_whether_it_is_connected(own: frozenset[str] | None, objection: str | None) -> None:
    [lease] = windows(adapter(), own=own)
    assert (lease.chosen, lease.reason) == (objection is None, objection)


def test_an_address_set_by_hand_shows_that_it_is_connected() -> None:
    registry = adapter(EnableDHCP=0, IPAddress=["0.0.0.0", "192.0.2.9"], NameServer="192.0.2.2")
    [lease] = windows(registry, route="192.0.2.9", own=frozenset({"192.0.2.9"}))
    assert (lease.authority, lease.chosen) == ("static", False)


def test_an_address_set_by_hand_before_shows_nothing_of_one_that_asks_dhcp() -> None:
    [lease] = windows(adapter(IPAddress=["192.0.2.9"]), own=frozenset({"192.0.2.9"}))
    assert (lease.chosen, lease.reason) == (False, "Ethernet is not connected")


def test_an_address_set_by_hand_may_have_the_default_route() -> None:
    registry = adapter(EnableDHCP=0, IPAddress=["192.0.2.9"], DhcpIPAddress="0.0.0.0")
    registry.adapter(
        "{22222222-AAAA-4BBB-8CCC-000000000002}",
        "Other",
        "",
        "PCI",
        EnableDHCP=1,
        DhcpIPAddress=ADDRESS,
        DhcpDomain="b",
    )
    found = windows(registry, route="192.0.2.9", own=frozenset({"192.0.2.9", ADDRESS}))
    [chosen] = [lease for lease in found if lease.chosen]
    assert chosen.interface == "Other"
    assert chosen.reason == "no lease was found for Ethernet, through which the default route goes"


# macOS


def mac(packets: dict[str, str], **printed: str) -> list[Lease]:
    def run(argv: Any) -> str | None:
        match [argv[0].rpartition("/")[2], *argv[1:]]:
            case ["ifconfig", "-l"]:
                return " ".join(["lo0", *packets])
            case ["ifconfig", name]:
                return printed.get(name, "\tstatus: active\n")
            case ["ipconfig", "getpacket", name]:
                return packets[name]
            case ["route", *_]:
                return printed.get("route")
        return None

    return macos_leases(SystemFiles(Path("/nowhere"), runner=run), NOW)


def packet(domain: str = "contoso.com", address: str = ADDRESS) -> str:
    return f"yiaddr = {address}\noptions:\ndomain_name (string): {domain}\n"


NAMES: list[tuple[str, str]] = [
    *((name, "is a VPN's interface") for name in ("tun0", "tap0", "wg0", "feth0")),
    *(
        (name, "is a virtual interface without the default route")
        for name in ("bridge0", "vmnet8", "vmenet0", "vboxnet0")
    ),
    ("vnic0", "is a virtual interface without the default route"),
]


@pytest.mark.parametrize(("name", "objection"), NAMES)
def test_macos_names_that_are_not_the_network(name: str, objection: str) -> None:
    [lease] = mac({name: packet()})
    assert (lease.chosen, lease.reason) == (False, f"{name} {objection}")


@pytest.mark.parametrize(
    "name", ["lo1", "gif0", "stf0", "utun3", "ipsec0", "ppp0", "awdl0", "llw0", "ap1", "anpi0", "XHC0"]
)
def test_macos_interfaces_that_never_have_a_lease_are_not_asked(name: str) -> None:
    assert mac({name: packet()}) == []


@pytest.mark.parametrize(
    ("status", "chosen"), [("\tstatus: active\n", True), ("\tstatus: inactive\n", False), ("flags=1\n", True)]
)
def test_a_cable_of_macos(status: str, chosen: bool) -> None:
    [lease] = mac({"en0": packet()}, en0=status)
    assert lease.chosen is chosen


def test_only_interfaces_that_matter_are_asked_for_their_cable() -> None:
    asked: list[str] = []

    def run(argv: Sequence[str]) -> str | None:
        match [argv[0].rpartition("/")[2], *argv[1:]]:
            case ["ifconfig", "-l"]:
                return "lo0 en0 en1 en2"
            case ["ifconfig", name]:
                asked.append(name)
            case ["ipconfig", "getpacket", "en1"]:
                return packet()
            case ["route", *_]:
                return "  interface: en2\n"
        return None

    macos_leases(SystemFiles(Path("/nowhere"), runner=run), NOW)
    assert asked == ["en1", "en2"]


def test_the_loopback_interface_of_macos_is_none_to_choose() -> None:
    said = SCOPED.format("  nameserver[0] : 192.0.2.1\n  if_index : 1 (lo0)")

    def run(argv: Sequence[str]) -> str | None:
        match [argv[0].rpartition("/")[2], *argv[1:]]:
            case ["ifconfig", "-l"]:
                return "lo0 en0"
            case ["scutil", "--dns"]:
                return said
        return None

    [lease] = macos_leases(SystemFiles(Path("/nowhere"), runner=run), NOW)
    assert (lease.chosen, lease.reason) == (False, "there is no interface lo0 now")


def test_the_default_route_of_macos() -> None:
    found = mac({"en0": packet(), "en1": packet("b.example")}, route="  interface: en1\n")
    assert [(lease.interface, lease.chosen) for lease in found] == [("en1", True), ("en0", False)]


def test_names_that_are_no_interfaces_are_not_asked() -> None:
    assert mac({"en0;x": packet(), "e" * 33: packet()}) == []


PACKETS: list[tuple[str, str, Callable[[Lease], object], object]] = [
    ("a renewal", f"yiaddr = 0.0.0.0\nciaddr = {ADDRESS}\n", lambda lease: lease.address, ADDRESS),
    ("no domain", f"yiaddr = {ADDRESS}\n", lambda lease: lease.domain, None),
    ("an empty domain", f"yiaddr = {ADDRESS}\ndomain_name (string): \n", lambda lease: lease.domain, ""),
    ("the first domain", packet() + "domain_name (string): b.example\n", lambda lease: lease.domain, "contoso.com"),
    ("the first address", f"yiaddr = {ADDRESS}\nyiaddr = 192.0.2.9\n", lambda lease: lease.address, ADDRESS),
    ("a byte at the end", packet("contoso.com\0"), lambda lease: lease.domain, "contoso.com"),
    ("a domain of Mexico", packet("contoso.mx\0"), lambda lease: lease.domain, "contoso.mx"),
    ("a name of Mexico", packet() + "domain_search (x): {a.mx.}\n", lambda lease: lease.search, ("a.mx",)),
    (
        "search",
        packet() + "domain_search (dnsnamelist): {a.example., b.example}\n",
        lambda lease: lease.search,
        ("a.example", "b.example"),
    ),
    ("what is not known", packet(), lambda lease: lease.unknown, ("obtained", "expires")),
    (
        "provenance",
        packet() + "server_identifier (ip): 192.0.2.1\n",
        lambda lease: lease.provenance,
        "option 15 of the lease of en0 from 192.0.2.1, by ipconfig getpacket en0",
    ),
    ("no server", packet(), lambda lease: lease.provenance, "option 15 of the lease of en0, by ipconfig getpacket en0"),
]


@pytest.mark.parametrize(("text", "field", "value"), [row[1:] for row in PACKETS], ids=[row[0] for row in PACKETS])
def test_a_packet_of_macos(text: str, field: Callable[[Lease], object], value: object) -> None:
    lease = parse_packet(text, "en0", NOW)
    assert lease is not None
    assert field(lease) == value


@pytest.mark.parametrize("text", ["", "yiaddr = 0.0.0.0\nciaddr = 0.0.0.0\n", "yiaddr = x\n"])
def test_a_packet_without_an_address(text: str) -> None:
    assert parse_packet(text, "en0", NOW) is None


GENERAL = "DNS configuration\n\nresolver #1\n{}\n"
SCOPED = "DNS configuration\n\nDNS configuration (for scoped queries)\n\nresolver #1\n{}\n"
SERVER = "  nameserver[0] : 192.0.2.2\n"


def test_every_field_of_a_general_resolver() -> None:
    [lease] = parse_scutil(GENERAL.format(f"  search domain[0] : A.example\n{SERVER}  if_index : 6 (en0)"), NOW)
    assert (lease.interface, lease.source, lease.authority) == (None, "scutil", "resolver")
    assert lease.provenance == "the resolver, by scutil --dns"
    assert (lease.domain, lease.search, lease.resolvers) == ("a.example", ("A.example",), ("192.0.2.2",))
    assert lease.unknown == ("address", "server", "obtained", "expires", "interface")


def test_every_field_of_a_resolver_of_one_interface() -> None:
    [lease] = parse_scutil(SCOPED.format(f"{SERVER}  if_index : 6 (en0)"), NOW)
    assert (lease.interface, lease.domain, lease.search) == ("en0", None, ())
    assert lease.provenance == "the resolver of en0, by scutil --dns"
    assert lease.unknown == ("address", "server", "obtained", "expires")


@pytest.mark.parametrize("fields", ["  search domain[0] : a.example\n", SERVER + "  domain   : local\n", ""])
def test_resolvers_that_are_not_for_all_names(fields: str) -> None:
    assert parse_scutil(GENERAL.format(fields), NOW) == []
