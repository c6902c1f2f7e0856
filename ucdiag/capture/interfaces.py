"""The machine's interfaces, what kind of link each is, and what stands in the way of capturing there."""

import socket
import sys
from dataclasses import dataclass

from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.packet_socket import load_scapy
from ucdiag.wire.link.link_layer import ETHERNET, RAW

LOOPBACK = 772  # ARPHRD_LOOPBACK of linux/if_arp.h
_ETHERNET_DEVICES = frozenset({1, LOOPBACK})  # ARPHRD_ETHER, ARPHRD_LOOPBACK
_OTHER_LINKS = {65534: RAW, 801: 105, 803: 127}  # ARPHRD_NONE (tunnels), 802.11, 802.11 with radiotap


@dataclass(frozen=True, slots=True)
class Interface:
    """One of the machine's interfaces. ``flaw`` says why nothing could be captured on it, if so."""

    name: str
    state: str
    addresses: tuple[str, ...] = ()
    flaw: str | None = None


def privilege_hint() -> str:
    """How to get the right to capture, on Linux."""
    return (
        "run it as root (sudo), or give Python the right once: "
        f"sudo setcap cap_net_raw,cap_net_admin+ep \"$(readlink -f '{sys.executable}')\""
    )


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
    if sys.platform == "linux":
        return _linux_interfaces()
    return scapy_interfaces()


if sys.platform == "linux":
    from ucdiag.runtime.packet_socket import PacketSocket

    def _linux_interfaces() -> list[Interface]:
        flaw = None
        try:
            PacketSocket().close()
        except PermissionError:
            flaw = f"no privilege: {privilege_hint()}"
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
    """Where there is no other list: those that scapy knows. Raises CannotTest without scapy."""
    try:
        load_scapy()
        from scapy.interfaces import get_working_ifaces
    except ImportError as error:
        raise CannotTest("no-scapy", "Listing interfaces here needs scapy: 'pip install scapy'.") from error
    return [
        Interface(str(interface.name), "up", (str(interface.ip),) if interface.ip else ())
        for interface in get_working_ifaces()
    ]
