"""The registry of a Windows laptop: wire, Wi-Fi, a VPN, Hyper-V, what is set by hand, and Active Directory."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.leases.registry import FakeRegistry
from ucdiag.leases import dhcp_domain, nameservers
from ucdiag.leases.system_files import SystemFiles
from ucdiag.leases.windows import ADAPTERS, DRIVERS, INTERFACES, NETWORK, PARAMETERS, Network, windows_leases
from ucdiag.model.observations import Lease

NOW = 1_795_464_000
SECOND = 1_000_000
WIRE, WIFI, TAP, SWITCH, HOST_ONLY = (f"{{{digit * 8}-AAAA-4BBB-8CCC-00000000000{digit}}}" for digit in "12345")


def lease(address: str, **values: object) -> dict[str, object]:
    return {
        "EnableDHCP": 1,
        "Domain": "",
        "NameServer": "",
        "DhcpIPAddress": address,
        "DhcpSubnetMask": "255.255.255.0",
        "DhcpServer": "10.0.0.1",
        "DhcpNameServer": "10.0.0.2 10.0.0.3",
        "DhcpDefaultGateway": ["10.0.0.254"],
        "DhcpDomain": "contoso.com",
        "Lease": 86400,
        "LeaseObtainedTime": NOW - 3600,
        "T1": NOW + 39600,
        "T2": NOW + 72000,
        "LeaseTerminatesTime": NOW + 82800,
        "DhcpInterfaceOptions": b"\x06\0\0\0",
        **values,
    }


@pytest.fixture
def laptop() -> FakeRegistry:
    registry = FakeRegistry()
    registry.put(
        PARAMETERS,
        **{"NV Domain": "ad.contoso.com", "Domain": "ad.contoso.com", "SearchList": "ad.contoso.com,contoso.com"},
    )
    registry.put(rf"{DRIVERS}\Properties")
    registry.put(rf"{NETWORK}\Descriptions")
    registry.adapter(
        WIRE,
        "LAN-Verbindung Büro",
        "Intel(R) Ethernet Connection I219-LM",
        r"PCI\VEN_8086&DEV_156F\3&11583659",
        **lease("10.0.0.7"),
    )
    registry.adapter(
        WIFI,
        "Беспроводная сеть",
        "Intel(R) Dual Band Wireless-AC 8260",
        r"PCI\VEN_8086&DEV_24F3\4&2D78AB8F",
        **lease("10.1.0.9", DhcpDomain="wifi.example", DhcpServer="10.1.0.1"),
    )
    registry.adapter(
        TAP,
        "Ethernet 2",
        "TAP-Windows Adapter V9",
        r"ROOT\NET\0000",
        **lease("10.8.0.6", DhcpDomain="vpn.example", DhcpServer="10.8.0.5"),
    )
    registry.adapter(
        SWITCH, "vEthernet (Default Switch)", "Hyper-V Virtual Ethernet Adapter", r"ROOT\VMS_MP\0000", EnableDHCP=0
    )
    registry.adapter(
        HOST_ONLY,
        "VirtualBox Host-Only Network",
        "VirtualBox Host-Only Ethernet Adapter",
        r"ROOT\NET\0001",
        **lease("192.168.56.101", DhcpDomain=""),
    )
    return registry


def read(
    registry: FakeRegistry,
    route: str | None = "10.0.0.7",
    own: tuple[str, ...] | None = ("10.0.0.7", "10.8.0.6", "192.168.56.101"),
) -> list[Lease]:
    network = Network(route_address=lambda: route, own_addresses=lambda: None if own is None else frozenset(own))
    place = SystemFiles(Path("/nowhere"))
    leases = windows_leases(place, NOW * SECOND, registry, network)
    assert place.problems == []
    return leases


def test_the_wire_is_chosen_and_the_others_are_shown(laptop: FakeRegistry) -> None:
    leases = read(laptop)
    assert leases[0] == Lease(
        time=NOW * SECOND,
        interface="LAN-Verbindung Büro",
        source="Windows",
        provenance="option 15 of the lease of LAN-Verbindung Büro from 10.0.0.1, "
        "by Windows (DhcpDomain in the registry)",
        authority="dhcp",
        chosen=True,
        reason="the default route goes through LAN-Verbindung Büro",
        address="10.0.0.7",
        server="10.0.0.1",
        domain="contoso.com",
        resolvers=("10.0.0.2", "10.0.0.3"),
        obtained=(NOW - 3600) * SECOND,
        expires=(NOW + 82800) * SECOND,
    )
    assert [candidate.chosen for candidate in leases] == [True, False, False, False, False]
    assert {candidate.interface: candidate.reason for candidate in leases[1:]} == {
        "Беспроводная сеть": "Беспроводная сеть is not connected",
        "Ethernet 2": "Ethernet 2 is a VPN's interface",
        "VirtualBox Host-Only Network": "VirtualBox Host-Only Network is a virtual interface without the default route",
        None: "it is the machine's own suffix, and does not come from DHCP",
    }
    assert nameservers(leases) == (("10.0.0.2", 53), ("10.0.0.3", 53))


def test_active_directory_is_apart(laptop: FakeRegistry) -> None:
    (directory,) = [fact for fact in read(laptop) if fact.authority == "directory"]
    assert (directory.domain, directory.search) == ("ad.contoso.com", ("ad.contoso.com", "contoso.com"))
    assert "Active Directory" in directory.provenance


def test_a_vpn_that_took_the_default_route(laptop: FakeRegistry) -> None:
    leases = read(laptop, route="10.8.0.6")
    assert leases[0].domain == "contoso.com"
    assert leases[0].reason == "no lease was found for Ethernet 2, through which the default route goes"


def test_wifi_alone(laptop: FakeRegistry) -> None:
    leases = read(laptop, route="10.1.0.9", own=("10.1.0.9",))
    assert (leases[0].interface, leases[0].domain) == ("Беспроводная сеть", "wifi.example")
    assert (
        next(candidate for candidate in leases if candidate.domain == "contoso.com").reason
        == "LAN-Verbindung Büro is not connected"
    )


def test_hyper_v_switch_on_the_wire_holds_the_lease(laptop: FakeRegistry) -> None:
    laptop.put(rf"{INTERFACES}\{SWITCH.lower()}", **lease("10.0.0.7"))
    laptop.put(rf"{INTERFACES}\{WIRE.lower()}", DhcpIPAddress="0.0.0.0")
    leases = read(laptop)
    assert (leases[0].interface, leases[0].chosen) == ("vEthernet (Default Switch)", True)
    assert all(candidate.interface != "LAN-Verbindung Büro" for candidate in leases)


def test_suffix_and_servers_set_by_hand_are_apart(laptop: FakeRegistry) -> None:
    laptop.put(rf"{INTERFACES}\{WIRE.lower()}", Domain="hand.example", NameServer="10.9.0.1,10.9.0.2")
    leases = read(laptop)
    assert (leases[0].domain, leases[0].authority) == ("contoso.com", "dhcp")
    assert "hand.example" in (leases[0].reason or "")
    (static,) = [candidate for candidate in leases if candidate.authority == "static"]
    assert (static.domain, static.resolvers, static.chosen) == ("hand.example", ("10.9.0.1", "10.9.0.2"), False)
    assert nameservers(leases) == (("10.9.0.1", 53), ("10.9.0.2", 53))


def test_no_dhcp_at_all() -> None:
    registry = FakeRegistry()
    registry.adapter(
        WIRE,
        "Ethernet",
        "Realtek",
        r"PCI\X",
        EnableDHCP=0,
        IPAddress=["10.0.0.7"],
        Domain="hand.example",
        NameServer="10.0.0.2",
    )
    leases = read(registry)
    assert [(candidate.authority, candidate.chosen) for candidate in leases] == [("static", False)]
    assert dhcp_domain(leases) is None
    assert nameservers(leases) == (("10.0.0.2", 53),)


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        ({"DhcpDomain": ""}, ""),
        ({"DhcpDomain": "contoso.com\0"}, "contoso.com"),
        ({"DhcpDomain": "contoso.com."}, "contoso.com."),
        ({"DhcpDomain": "a.example b.example"}, "a.example b.example"),
        ({"DhcpDomain": b"contoso.com"}, ""),
    ],
)
def test_odd_domains(laptop: FakeRegistry, values: dict[str, object], domain: str) -> None:
    laptop.put(rf"{INTERFACES}\{WIRE.lower()}", **values)
    assert read(laptop)[0].domain == domain


def test_a_lease_without_a_domain(laptop: FakeRegistry) -> None:
    del laptop.tree[rf"{INTERFACES}\{WIRE.lower()}"]["DhcpDomain"]
    (first, *_) = read(laptop)
    assert (first.chosen, first.domain, first.unknown) == (True, None, ())


def test_expired_and_endless(laptop: FakeRegistry) -> None:
    laptop.put(rf"{INTERFACES}\{WIRE.lower()}", LeaseTerminatesTime=NOW - 7200)
    expired = next(fact for fact in read(laptop, own=None) if fact.domain == "contoso.com")
    assert (expired.chosen, expired.reason) == (False, "it expired 2 hours ago")
    laptop.put(rf"{INTERFACES}\{WIRE.lower()}", LeaseTerminatesTime=0x7FFFFFFF)
    assert read(laptop)[0].expires is None


def test_refused_keys_are_reported(laptop: FakeRegistry) -> None:
    laptop.refused = {INTERFACES, PARAMETERS}
    place = SystemFiles(Path("/nowhere"))
    assert windows_leases(place, 0, laptop, Network(lambda: None, lambda: None)) == []
    assert [problem.code for problem in place.problems] == ["lease-unreadable"] * 2
    assert "Access is denied" in place.problems[0].text


ANY = st.one_of(
    st.none(),
    st.integers(-(2**33), 2**33),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.lists(st.text(max_size=9), max_size=3),
)
NAMES = sorted({*lease("10.0.0.7"), "IPAddress", "SearchList", "NV Domain", "DhcpDomainSearchList"})


@given(st.dictionaries(st.sampled_from(NAMES), ANY), st.dictionaries(st.sampled_from(NAMES), ANY), ANY, ANY)
def test_values_of_any_type(
    adapter: dict[str, object], machine: dict[str, object], name: object, instance: object
) -> None:
    registry = FakeRegistry()
    registry.put(PARAMETERS, **machine)
    registry.put(rf"{INTERFACES}\{WIRE}", **{**lease("10.0.0.7"), **adapter})
    registry.put(rf"{NETWORK}\{WIRE}\Connection", Name=name, PnPInstanceId=instance)
    registry.put(rf"{DRIVERS}\0000", NetCfgInstanceId=name, DriverDesc=instance)
    assert sum(fact.chosen for fact in read(registry)) <= 1


def test_the_class_of_network_adapters() -> None:
    assert ADAPTERS == "{4D36E972-E325-11CE-BFC1-08002BE10318}"
