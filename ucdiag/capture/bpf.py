"""The filter that runs in the kernel, as classic BPF: what a capture needs to see, and nothing else.

Passed are ARP; of IPv4: DHCP, DNS, TCP with a watched port, ICMP errors, fragments, tunnels that mirror ports use. A
frame with one tag still in it is looked into as well; Linux takes the outermost off before the filter runs.
"""

from collections.abc import Sequence

from ucdiag.runtime.bpf import (
    ACCEPT,
    AND,
    ANY_BIT,
    EQUAL,
    HEADER_TO_X,
    LOAD_BYTE,
    LOAD_BYTE_X,
    LOAD_HALF,
    LOAD_HALF_X,
    REJECT,
    RETURN,
    Program,
)
from ucdiag.wire.link.link_layer import ARP, IPV4, PPPOE, VLAN_TAGS
from ucdiag.wire.watched import DNS_PORT, ICMP, ICMP_ERRORS, TCP, TUNNEL_PROTOCOLS, UDP, UDP_PORTS

_TAGS = sorted(VLAN_TAGS)


def kernel_filter(ports: Sequence[int], at: int = 12) -> bytes:
    """The program (an array of ``struct sock_filter``) for Ethernet. ``at`` is where the EtherType is.

    Raises ValueError for more ports than a program of this form can test (about 90).
    """
    program = Program()
    _layer(program, "", sorted({DNS_PORT, *ports}), at, at + 2)
    return program.assemble()


def raw_filter(ports: Sequence[int]) -> bytes:
    """The same for packets that begin with the IP header."""
    program = Program()
    program.add(LOAD_BYTE, 0)
    program.add(AND, 0xF0)
    program.add(EQUAL, 0x40, None, "reject")
    _ipv4(program, "", sorted({DNS_PORT, *ports}), 0)
    _ends(program)
    return program.assemble()


def pcap_expression(ports: Sequence[int]) -> str:
    """The same for libpcap and Npcap (pcap-filter(7)), with or without one tag."""
    parts = ["arp", "ip[6:2] & 0x3fff != 0", "icmp"]
    parts += [f"ip proto {protocol}" for protocol in sorted(TUNNEL_PROTOCOLS)]
    parts += [f"udp port {port}" for port in sorted(UDP_PORTS)]
    parts += [f"tcp port {port}" for port in sorted({DNS_PORT, *ports})]
    expression = " or ".join(parts)
    return f"({expression}) or (vlan and ({expression}))"


def _layer(program: Program, name: str, ports: Sequence[int], type_at: int, ip_at: int) -> None:
    """Tests from the EtherType on; tagged frames are tested once more, four bytes further on."""
    program.add(LOAD_HALF, type_at)
    program.add(EQUAL, IPV4, "ip")
    program.jump_if_any((ARP, PPPOE), "accept-1")
    program.jump_if_any(_TAGS, "tagged")
    program.label("reject-1")
    program.add(RETURN, REJECT)
    program.label("accept-1")
    program.add(RETURN, ACCEPT)
    program.label("tagged")
    program.add(LOAD_HALF, type_at + 4)
    program.add(EQUAL, IPV4, "tagged-ip", None)
    program.jump_if_any((ARP, PPPOE, *_TAGS), "accept-1b")
    program.add(RETURN, REJECT)
    program.label("accept-1b")
    program.add(RETURN, ACCEPT)
    program.label("tagged-ip")
    _ipv4(program, "tagged-", ports, ip_at + 4)
    _ends(program, "tagged-")
    program.label("ip")
    _ipv4(program, "", ports, ip_at)
    _ends(program)


def _ipv4(program: Program, prefix: str, ports: Sequence[int], at: int) -> None:
    accept, reject, tcp, udp, icmp = (prefix + word for word in ("accept", "reject", "tcp", "udp", "icmp"))
    program.add(LOAD_BYTE, at + 9)
    # Fragments come with UDP and TCP only; what tunnels and ICMP carry is not put together before.
    program.jump_if_any(sorted(TUNNEL_PROTOCOLS), accept)
    program.add(EQUAL, ICMP, icmp)
    program.add(EQUAL, TCP, tcp)
    program.add(EQUAL, UDP, udp, reject)
    program.label(icmp)
    program.add(HEADER_TO_X, at)
    program.add(LOAD_BYTE_X, at)
    program.jump_if_any(sorted(ICMP_ERRORS), accept)
    program.add(RETURN, REJECT)
    for label, wanted in ((tcp, ports), (udp, sorted(UDP_PORTS))):
        program.label(label)
        program.add(LOAD_HALF, at + 6)
        program.add(ANY_BIT, 0x3FFF, accept)
        program.add(HEADER_TO_X, at)
        program.add(LOAD_HALF_X, at)
        program.jump_if_any(wanted, accept)
        program.add(LOAD_HALF_X, at + 2)
        program.jump_if_any(wanted, accept)
        if label == tcp:
            program.add(RETURN, REJECT)


def _ends(program: Program, prefix: str = "") -> None:
    program.label(prefix + "reject")
    program.add(RETURN, REJECT)
    program.label(prefix + "accept")
    program.add(RETURN, ACCEPT)
