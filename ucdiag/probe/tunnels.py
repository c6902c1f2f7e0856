"""Whether this machine asked through a VPN of its own, where no phone of a site does.

What counts is the way to each server that was asked, not the default route: many VPNs take two halves of all addresses,
or the networks of a company alone. PPPoE is no VPN: it is the way to a provider. Known on Linux.
"""

import socket
import sys
from collections.abc import Container, Iterable, Iterator

from ucdiag.model.observations import Connect, Lookup, Observation
from ucdiag.model.report import Problem
from ucdiag.model.text import listed
from ucdiag.runtime.context import CannotTest, Context

_ANY_PORT = 9
# The kernel's tables of PPPoE sessions (one a line) and of IPv6 addresses; the scope of an address of one link in that.
_PPPOE, _IPV6, _LINK = "/proc/net/pppoe", "/proc/net/if_inet6", "20"


def with_tunnels(ctx: Context, items: Iterable[Observation | Problem]) -> Iterator[Observation | Problem]:
    """The items, and at their end (which may be early) a problem for each VPN through which servers were asked."""
    asked: dict[str, str | None] = {}
    try:
        for item in items:
            yield item
            if isinstance(item, Lookup | Connect) and item.server and not getattr(item, "assumed", False):
                asked[item.server] = asked.get(item.server) or item.client
    except CannotTest:
        yield from _tunnel_problems(ctx, asked)
        raise
    yield from _tunnel_problems(ctx, asked)


def _tunnel_problems(ctx: Context, asked: dict[str, str | None]) -> Iterator[Problem]:
    """``asked`` has the servers, each with this machine's address on its connection, where one was open."""
    names = vpn_addresses() if asked else {}
    servers: dict[str, list[str]] = {}
    for server, client in asked.items() if names else ():
        if client is None and not ctx.connect_to:
            client = _own_address(server)
        if client in names:
            servers.setdefault(names[client], []).append(server)
    for name, its in servers.items():
        text = (
            f"This machine's way to {listed(its)} leads through {name}, a VPN. The phones of a site do not go that "
            "way: disconnect it and run this again at the site, or read this as what a host behind the VPN gets."
        )
        yield Problem(code="asked-through-vpn", text=text)


def vpn_addresses() -> dict[str, str]:
    """This machine's addresses on VPNs, each with its interface; none where the system does not show them."""
    if sys.platform != "linux":
        return {}
    from ucdiag.leases.linux import read_interfaces
    from ucdiag.leases.rtnetlink import seconds_left
    from ucdiag.leases.system_files import SystemFiles

    files = SystemFiles()
    names = {interface.index: interface.name for interface in read_interfaces(files) if interface.kind == "vpn"}
    uplinks = [index for index, name in names.items() if name.startswith("ppp")]
    if uplinks and len(files.read_text(_PPPOE).splitlines()) > len(uplinks):  # one line is its head
        names = {index: name for index, name in names.items() if index not in uplinks}
    found = {address: names[index] for index, address in seconds_left(files.kernel_addresses()) if index in names}
    if names:
        found.update(_ipv6_addresses(files.read_text(_IPV6), set(names.values())))
    return found


def _ipv6_addresses(text: str, names: Container[str]) -> Iterator[tuple[str, str]]:
    """The addresses of these interfaces in the kernel's table, without those of one link, which every interface has."""
    for line in text.splitlines():
        words = line.split()
        if len(words) == 6 and words[5] in names and words[3] != _LINK:
            yield socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[0])), words[5]


def _own_address(server: str) -> str | None:
    """The address from which this machine sends to that one; nothing is sent. None where there is no way."""
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((server, _ANY_PORT))
            return str(sock.getsockname()[0])
    except OSError:
        return None
