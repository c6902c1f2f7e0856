"""The interface on which DHCP is asked, as scapy describes those of Windows and macOS."""

import sys
from dataclasses import dataclass, field

import pytest

from ucdiag.probe import interface
from ucdiag.probe.interface import InterfaceAddresses
from ucdiag.runtime import scapy_packets
from ucdiag.runtime.context import CannotTest

NPF = "\\Device\\NPF_{1F2E3D4C-0000-1111-2222-333344445555}"


@dataclass
class Provider:
    libpcap: bool = True


@dataclass
class Device:
    """As scapy.arch.windows fills it from GetAdaptersAddresses and pcap_findalldevs."""

    name: str = "Ethernet"
    description: str = "Intel(R) Ethernet Connection (7) I219-V"
    network_name: str = NPF
    guid: str = "{1F2E3D4C-0000-1111-2222-333344445555}"
    mac: str | None = "00:1A:2B:3C:4D:5E"
    ip: str | None = "10.0.0.7"
    flags: int = 0x16
    provider: Provider = field(default_factory=Provider)


class Conf:
    def __init__(self, *devices: Device, chosen: Device | None = None) -> None:
        self.ifaces = {device.network_name: device for device in devices}
        self.iface = chosen


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, Device())


def known(monkeypatch: pytest.MonkeyPatch, *devices: Device, chosen: Device | None = None) -> None:
    conf = Conf(*devices, chosen=chosen)
    for module in (interface, scapy_packets):
        monkeypatch.setattr(module, "load_scapy", lambda: conf)
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.parametrize(
    "name",
    ["Ethernet", "ethernet", "Intel(R) Ethernet Connection (7) I219-V", NPF, "{1F2E3D4C-0000-1111-2222-333344445555}"],
)
def test_every_name_of_it_leads_there(name: str) -> None:
    assert interface.own_by_scapy(name) == InterfaceAddresses("00:1a:2b:3c:4d:5e", "10.0.0.7", wireless=False)


@pytest.mark.parametrize(
    ("device", "wireless"),
    [
        (Device(flags=0x1E), True),
        (Device(flags=0x16), False),
        # The flags of a system's own list: 8 is IFF_LOOPBACK on Linux.
        (Device(flags=0x8, provider=Provider(libpcap=False)), False),
    ],
)
def test_a_radio_is_known(monkeypatch: pytest.MonkeyPatch, device: Device, wireless: bool) -> None:
    """It sends under its own address alone."""
    known(monkeypatch, device)
    assert interface.own_by_scapy("Ethernet").wireless is wireless


@pytest.mark.parametrize("address", ["", "0.0.0.0", None])
def test_an_interface_without_an_address(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    known(monkeypatch, Device(ip=address))
    assert interface.own_by_scapy("Ethernet").address is None


@pytest.mark.parametrize("mac", ["", "00:00:00:00:00:00", None])
def test_what_is_no_ethernet(monkeypatch: pytest.MonkeyPatch, mac: str | None) -> None:
    known(monkeypatch, Device(mac=mac))
    with pytest.raises(CannotTest, match="is no Ethernet interface"):
        interface.own_by_scapy("Ethernet")


def test_an_unknown_name_is_said() -> None:
    with pytest.raises(CannotTest, match=r"There is no interface 'Ethernet 2': 'ucdiag capture -D' lists them\."):
        interface.own_by_scapy("Ethernet 2")


def test_the_default_route_s_has_the_name_that_people_know(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device()
    known(monkeypatch, device, chosen=device)
    assert interface.default_by_scapy() == ("Ethernet", True)


def test_no_interface_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    known(monkeypatch, Device())
    with pytest.raises(CannotTest, match="No network interface is connected"):
        interface.default_by_scapy()
