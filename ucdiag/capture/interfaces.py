"""The machine's interfaces, their link types, and what prevents capturing on each."""

import socket
import sys
from dataclasses import dataclass
from typing import Any

from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.privileges import capture_hint, elevated_command
from ucdiag.runtime.scapy_packets import load_scapy, scapy_missing
from ucdiag.wire.link.link_layer import ETHERNET, RAW

LOOPBACK = 772  # ARPHRD_LOOPBACK of linux/if_arp.h
_ETHERNET_DEVICES = frozenset({1, LOOPBACK})  # ARPHRD_ETHER, ARPHRD_LOOPBACK
# pcap_findalldevs(3PCAP): is up; is connected, where that is known.
_UP, _CONNECTION, _DISCONNECTED = 0x2, 0x30, 0x20
_OTHER_LINKS = {65534: RAW, 801: 105, 803: 127}  # ARPHRD_NONE (tunnels), 802.11, 802.11 with radiotap


@dataclass(frozen=True, slots=True)
class Interface:
    """One of the machine's interfaces. ``flaw`` says why nothing could be captured on it, if so.

    ``name`` is what ``-i`` takes, ``description`` what else the system calls it.
    """

    name: str
    state: str
    addresses: tuple[str, ...] = ()
    flaw: str | None = None
    description: str | None = None


def privilege_hint(interface: str) -> str:
    """How to get the right to capture on that interface, and the way without it."""
    return capture_hint(sys.platform, interface)


def hardware_kind(name: str) -> int:
    """The kind of an interface (ARPHRD_* of linux/if_arp.h), on Linux; Ethernet's where that is not known."""
    try:
        with open(f"/sys/class/net/{name}/type", encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
            return int(file.read())
    except (OSError, ValueError):
        return 1


def link_type(kind: int) -> int | None:
    """The link type of the packets of an interface of this kind; ``None`` where they cannot be read."""
    return ETHERNET if kind in _ETHERNET_DEVICES else _OTHER_LINKS.get(kind)


def interfaces() -> list[Interface]:
    """All of them, each with the reason why nothing could be captured on it, if there is one. Raises CannotTest."""
    if sys.platform == "linux" and hasattr(socket, "AF_PACKET"):
        return _linux_interfaces()
    return scapy_interfaces()


if sys.platform == "linux":
    from ucdiag.runtime.packet_socket import PacketSocket

    def _linux_interfaces() -> list[Interface]:
        flaw = None
        try:
            PacketSocket().close()
        except PermissionError:
            flaw = f"no privilege: run it as root ({elevated_command('capture')}); 'ucdiag doctor' has other ways"
        except OSError as error:
            flaw = error.strerror or "no packet sockets here"
        result = []
        for _, name in socket.if_nameindex():
            try:
                with open(f"/sys/class/net/{name}/operstate", encoding="ascii") as file:  # noqa: PTH123
                    state = file.read().strip()
            except OSError:
                state = "unknown"
            kind = hardware_kind(name)
            unreadable = None if link_type(kind) is not None else f"of a kind ({kind}) that cannot be read"
            result.append(Interface(name, state, flaw=unreadable or flaw))
        return result


def scapy_interfaces() -> list[Interface]:
    """Those that scapy knows, in the order of the system. Raises CannotTest without scapy."""
    try:
        devices = list(load_scapy().ifaces.values())
    except ImportError as error:
        raise CannotTest("no-scapy", scapy_missing("Listing interfaces here", error)) from error
    return [_device_interface(device) for device in devices if _is_network(device)]


def _is_network(device: Any) -> bool:
    """Whether it is a network's interface: libpcap also lists Bluetooth's, D-Bus' and the like.

    A mirror port has no address, and scapy's own idea of interfaces that work leaves it out.
    """
    if getattr(device, "dummy", False):
        return False
    return bool(device.ips[4] or device.ips[6] or str(device.mac or "").strip("0:"))


def _device_interface(device: Any) -> Interface:
    name = str(device.name or device.network_name)
    flags = int(getattr(device, "flags", 0) or 0)
    addresses = tuple(dict.fromkeys(str(address) for kind in (4, 6) for address in device.ips[kind]))
    description = str(device.description or "")
    return Interface(name, _interface_state(flags), addresses, description=description if description != name else None)


def _interface_state(flags: int) -> str:
    """In the words of Linux. The flags are those of pcap_findalldevs(3PCAP); Linux' own have the same lowest bits."""
    if not flags:
        return "unknown"
    if not flags & _UP:
        return "down"
    return "down" if flags & _CONNECTION == _DISCONNECTED else "up"
