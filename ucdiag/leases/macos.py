"""macOS: ``ipconfig getpacket`` prints the lease of an interface, ``scutil --dns`` what the resolver does.

Anybody may run them. Neither says when the lease was obtained.
"""

import re

from ucdiag.leases.selection import Interface, rank_leases
from ucdiag.leases.system_files import SystemFiles, parse_address, parse_addresses
from ucdiag.model.observations import Lease
from ucdiag.model.patterns import pattern
from ucdiag.model.vocabulary import Microseconds

IFCONFIG, IPCONFIG, SCUTIL, ROUTE = "/sbin/ifconfig", "/usr/sbin/ipconfig", "/usr/sbin/scutil", "/sbin/route"

_NAME = pattern(r"[a-z0-9]{1,32}")
_NEVER_LEASED = pattern(r"lo\d|gif\d|stf\d|utun\d|ipsec\d|ppp\d|awdl\d|llw\d|ap\d|anpi\d|XHC\d|pktap\d")
_VPN = pattern(r"utun|ipsec|ppp|tun|tap|wg|feth")
_VIRTUAL = pattern(r"bridge|vmnet|vmenet|vboxnet|vnic|anpi|awdl|llw|ap\d")
_OPTION = pattern(r"(\w+) \([\w ]*\): ?(.*)")
_MOST = 64  # interfaces that are asked


def macos_leases(files: SystemFiles, now: Microseconds, only: str | None = None) -> list[Lease]:
    """Every lease and resolver, best first."""
    names = [name for name in files.run([IFCONFIG, "-l"]).split() if _NAME.fullmatch(name)][:_MOST]
    routed = re.search(r"^\s*interface: (\S+)", files.run([ROUTE, "-n", "get", "default"]), re.MULTILINE)
    default = routed[1] if routed else None
    known: list[Interface] = []
    leases: list[Lease] = []
    for name in names:
        if name.startswith("lo"):
            continue
        kind = "vpn" if _VPN.match(name) else "virtual" if _VIRTUAL.match(name) else "ethernet"
        packet = None if _NEVER_LEASED.fullmatch(name) else files.run([IPCONFIG, "getpacket", name])
        lease = parse_packet(packet, name, now) if packet else None
        connected = None
        if lease is not None or name == default:
            state = re.search(r"^\s*status: (\w+)", files.run([IFCONFIG, name]), re.MULTILINE)
            connected = state[1] == "active" if state else None
        known.append(Interface(name=name, kind=kind, connected=connected, metric=0 if name == default else None))
        if lease is not None:
            leases.append(lease)
    leases.extend(parse_scutil(files.run([SCUTIL, "--dns"]), now))
    return rank_leases(leases, known, now, only=only)


def parse_packet(text: str, interface: str, now: Microseconds) -> Lease | None:
    """What ``ipconfig getpacket`` prints: ``yiaddr = 10.0.0.7``, then ``domain_name (string): contoso.com``."""
    head: dict[str, str] = {}
    options: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition(" = ")
        if equals and key.isidentifier() and "options:" not in head:
            head.setdefault(key, value.strip())
        elif line.startswith("options:"):
            head["options:"] = ""
        elif match := _OPTION.fullmatch(line):
            options.setdefault(match[1], match[2])
    own = parse_address(head.get("yiaddr")) or parse_address(head.get("ciaddr"))
    if own is None:
        return None
    server = parse_address(options.get("server_identifier"))
    domain = options.get("domain_name")
    by = f" from {server}" if server else ""
    return Lease(
        time=now,
        interface=interface,
        source="ipconfig",
        provenance=f"option 15 of the lease of {interface}{by}, by ipconfig getpacket {interface}",
        authority="dhcp",
        address=own,
        server=server,
        domain=None if domain is None else domain.rstrip("\0"),
        resolvers=parse_addresses(_split_list(options.get("domain_name_server"))),
        search=tuple(name.rstrip(".") for name in _split_list(options.get("domain_search"))),
        unknown=("obtained", "expires"),
    )


def parse_scutil(text: str, now: Microseconds) -> list[Lease]:
    """What ``scutil --dns`` prints: numbered resolvers, first those of all questions, then those of one interface."""
    leases: list[Lease] = []
    general, _, scoped = text.partition("DNS configuration (for scoped queries)")
    for part, is_scoped in ((general, False), (scoped, True)):
        for block in re.split(r"^resolver #\d+\s*$", part, flags=re.MULTILINE)[1:][:_MOST]:
            fields = re.findall(r"^\s*+([a-z_ ]{1,64}?)(?:\[\d+\])?\s*+: (.*)$", block, re.MULTILINE)
            search = tuple(value.strip().rstrip(".") for name, value in fields if name == "search domain")
            resolvers = parse_addresses(value.strip() for name, value in fields if name == "nameserver")
            # Resolvers with a "domain" serve that domain alone: multicast DNS, or a VPN's split DNS.
            if not resolvers or any(name == "domain" for name, _ in fields):
                continue
            index = re.search(r"^\s*if_index\s*: \d+ \((\w+)\)", block, re.MULTILINE)
            interface = index[1] if index and is_scoped else None
            leases.append(
                Lease(
                    time=now,
                    interface=interface,
                    source="scutil",
                    provenance=f"the resolver of {interface}, by scutil --dns"
                    if interface
                    else "the resolver, by scutil --dns",
                    authority="resolver",
                    domain=search[0].lower() if search and search[0] else None,
                    resolvers=resolvers,
                    search=search,
                    unknown=("address", "server", "obtained", "expires", *(() if interface else ("interface",))),
                )
            )
    return leases


def _split_list(text: str | None) -> list[str]:
    """``{10.0.0.2, 10.0.0.3}`` or a single value."""
    return [word for word in re.split(r"[\s,{}]+", text or "") if word]
