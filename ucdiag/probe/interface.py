"""The interface on which DHCP is asked: which one, and its own addresses."""

import socket
import struct
import sys
from dataclasses import dataclass

from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.packet_socket import load_scapy

_LINUX = sys.platform.startswith("linux")
_SIOCGIFADDR, _SIOCGIFHWADDR = 0x8915, 0x8927


@dataclass
class InterfaceAddresses:
    """What the interface is: its hardware address, its IPv4 address if it has one, whether it is a radio."""

    mac: str
    address: str | None
    wireless: bool = False


def default_interface() -> str:
    """The interface with the default route, else the first that is connected. Raises CannotTest when there is none."""
    if not _LINUX:
        return str(load_scapy().iface)
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
    return usable[0].name


def own_interface(interface: str) -> InterfaceAddresses:
    """The interface's own addresses. Raises CannotTest when there is no such interface, or none of Ethernet's kind."""
    if sys.platform != "linux":
        return _own_by_scapy(interface)
    import fcntl
    from pathlib import Path

    if len(interface.encode()) > 15 or "/" in interface or "\0" in interface:
        raise CannotTest("no-interface", f"There is no interface {interface!r}: 'ip link' lists them.")
    request = struct.pack("16s240x", interface.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            hardware = fcntl.ioctl(any_socket, _SIOCGIFHWADDR, request)
        except OSError as error:
            raise CannotTest("no-interface", f"There is no interface {interface!r}: 'ip link' lists them.") from error
        if struct.unpack_from("=H", hardware, 16)[0] != 1:
            raise CannotTest("no-interface", f"{interface} is no Ethernet interface: DHCP cannot be asked there.")
        try:
            address = socket.inet_ntoa(fcntl.ioctl(any_socket, _SIOCGIFADDR, request)[20:24])
        except OSError:
            address = None
    wireless = Path("/sys/class/net", interface, "phy80211").exists()
    return InterfaceAddresses(hardware[18:24].hex(":"), address, wireless)


def _own_by_scapy(interface: str) -> InterfaceAddresses:
    load_scapy()
    from scapy.interfaces import resolve_iface

    try:
        resolved = resolve_iface(interface)
        mac, address = str(resolved.mac).lower(), str(resolved.ip)
    except Exception as error:
        raise CannotTest("no-interface", f"There is no interface {interface!r}.") from error
    return InterfaceAddresses(mac, None if address in ("", "0.0.0.0", "None") else address)
