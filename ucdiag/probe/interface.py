"""The interface on which DHCP is asked: which one, and its own addresses."""

import re
import socket
import struct
import sys
from dataclasses import dataclass

from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.interface_names import no_such_interface
from ucdiag.runtime.scapy_packets import find_device, load_scapy, scapy_missing

_LINUX = sys.platform.startswith("linux")
_PCAP_WIRELESS = 0x8  # PCAP_IF_WIRELESS of pcap_findalldevs(3PCAP)
_SIOCGIFADDR, _SIOCGIFHWADDR = 0x8915, 0x8927


@dataclass
class InterfaceAddresses:
    """What the interface is: its hardware address, its IPv4 address if it has one, whether it is a radio."""

    mac: str
    address: str | None
    wireless: bool = False


def default_interface() -> str:
    """The interface with the default route, else the first that is connected. Raises CannotTest when there is none."""
    return choose_interface()[0]


def choose_interface() -> tuple[str, bool]:
    """As ``default_interface``, and whether a default route goes through it."""
    if not _LINUX:
        return default_by_scapy()
    from ucdiag.leases.linux import read_interfaces
    from ucdiag.leases.system_files import SystemFiles

    usable = [
        candidate
        for candidate in read_interfaces(SystemFiles())
        if candidate.kind != "loopback" and candidate.connected is not False
    ]
    usable.sort(key=lambda candidate: (candidate.kind != "ethernet", candidate.metric is None, candidate.metric or 0))
    if not usable:
        raise CannotTest("no-interface", "No network interface is connected: name one with --interface.")
    return usable[0].name, usable[0].metric is not None


def default_by_scapy() -> tuple[str, bool]:
    try:
        device = load_scapy().iface
    except ImportError as error:
        raise CannotTest("no-scapy", scapy_missing("Finding the interface here", error)) from error
    if device is None:
        raise CannotTest("no-interface", "No network interface is connected: name one with --interface.")
    return str(getattr(device, "name", None) or device), True


def own_interface(interface: str) -> InterfaceAddresses:
    """The interface's own addresses. Raises CannotTest when there is no such interface, or none of Ethernet's kind."""
    if sys.platform != "linux":
        return own_by_scapy(interface)
    import fcntl
    from pathlib import Path

    if len(interface.encode()) > 15 or "/" in interface or "\0" in interface:
        raise no_such_interface(interface, "ip link")
    request = struct.pack("16s240x", interface.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            hardware = fcntl.ioctl(any_socket, _SIOCGIFHWADDR, request)
        except OSError as error:
            raise no_such_interface(interface, "ip link") from error
        if struct.unpack_from("=H", hardware, 16)[0] != 1:
            raise CannotTest("no-interface", f"{interface} is no Ethernet interface: DHCP cannot be asked there.")
        try:
            address = socket.inet_ntoa(fcntl.ioctl(any_socket, _SIOCGIFADDR, request)[20:24])
        except OSError:
            address = None
    wireless = Path("/sys/class/net", interface, "phy80211").exists()
    return InterfaceAddresses(hardware[18:24].hex(":"), address, wireless)


def own_by_scapy(interface: str) -> InterfaceAddresses:
    try:
        device = find_device(interface)
    except ImportError as error:
        raise CannotTest("no-scapy", scapy_missing("Asking DHCP here", error)) from error
    except LookupError as error:
        raise no_such_interface(interface) from error
    mac, address = str(device.mac).lower(), str(device.ip)
    if not re.fullmatch(r"(?!(00:){5}00)([0-9a-f]{2}:){5}[0-9a-f]{2}", mac):
        raise CannotTest("no-interface", f"{interface} is no Ethernet interface: DHCP cannot be asked there.")
    # The flags of libpcap and Npcap say it; those of a system's own list have another meaning there.
    wireless = bool(getattr(device.provider, "libpcap", False)) and bool(int(device.flags or 0) & _PCAP_WIRELESS)
    return InterfaceAddresses(mac, None if address in ("", "0.0.0.0", "None") else address, wireless)
