"""The filter that runs in the kernel, as classic BPF: what a capture needs to see, and nothing else.

Passed are ARP; of IPv4: DHCP, DNS, TCP with a watched port, ICMP errors, fragments, tunnels that mirror ports use; and
answers of DNS about a name that begins as the update server's do, from whatever port they come. A frame with one tag
still in it is looked into as well; Linux takes the outermost off before the filter runs.
"""

from collections.abc import Sequence

from ucdiag.runtime.bpf import (
    ACCEPT,
    AND,
    ANY_BIT,
    EQUAL,
    GO,
    HEADER_TO_X,
    LOAD_BYTE,
    LOAD_BYTE_X,
    LOAD_HALF,
    LOAD_HALF_X,
    REJECT,
    RETURN,
    Program,
)
from ucdiag.update_service.names import LEGACY_LABEL, R2_LABEL
from ucdiag.wire.link.link_layer import ARP, IPV4, VLAN_TAGS, WRAPPERS
from ucdiag.wire.watched import ICMP, ICMP_ERRORS, OWN_TCP_PORTS, TCP, TUNNEL_PROTOCOLS, UDP, UDP_PORTS

# In an answer of DNS, from the UDP header on: a response, one question, a name whose first label is as long as
# ucupdates-r2 or ucupdates and begins with "uc" in any case.
_FLAGS, _RESPONSE, _QUESTIONS, _LABEL, _LETTERS = 8 + 2, 0x8000, 8 + 4, 8 + 12, 8 + 13
_LENGTHS = (len(R2_LABEL), len(LEGACY_LABEL))
_ANY_CASE, _BEGINNING = 0xDFDF, int.from_bytes(b"UC", "big")

_ETHERTYPE, _IP = 12, 14  # where they are in a frame without a tag
_TAGS = sorted(VLAN_TAGS)
_WRAPPERS = sorted(WRAPPERS)


def kernel_filter(ports: Sequence[int]) -> bytes:
    """The program (an array of ``struct sock_filter``) for Ethernet.

    Raises ValueError for more ports than a program of this form can test (about 90).
    """
    program = Program()
    _add_ethernet(program, sorted({*OWN_TCP_PORTS, *ports}))
    return program.assemble()


def raw_filter(ports: Sequence[int]) -> bytes:
    """The program for packets that begin with the IP header."""
    program = Program()
    program.add(LOAD_BYTE, 0)
    program.add(AND, 0xF0)
    program.add(EQUAL, 0x40, None, "reject")
    _add_ipv4(program, "", sorted({*OWN_TCP_PORTS, *ports}), 0)
    _add_returns(program)
    return program.assemble()


def pcap_expressions(ports: Sequence[int]) -> list[str]:
    """The filter for libpcap and Npcap (pcap-filter(7)): with or without one tag, and for links that have no tags."""
    parts = ["arp", "ip[6:2] & 0x3fff != 0", "icmp"]
    parts += [f"ether proto {kind:#06x}" for kind in _WRAPPERS]
    parts += [f"ip proto {protocol}" for protocol in sorted(TUNNEL_PROTOCOLS)]
    parts += [f"udp port {port}" for port in sorted(UDP_PORTS)]
    label = " or ".join(f"udp[{_LABEL}] = {length}" for length in _LENGTHS)
    parts.append(
        f"(udp[{_FLAGS}:2] & {_RESPONSE:#x} != 0 and udp[{_QUESTIONS}:2] = 1 and ({label}) "
        f"and udp[{_LETTERS}:2] & {_ANY_CASE:#x} = {_BEGINNING:#x})"
    )
    parts += [f"tcp port {port}" for port in sorted({*OWN_TCP_PORTS, *ports})]
    expression = " or ".join(parts)
    return [f"({expression}) or (vlan and ({expression}))", expression]


def program_for(ports: Sequence[int]) -> bytes:
    """``kernel_filter``, or nothing for too many ports: then every packet comes."""
    try:
        return kernel_filter(ports)
    except ValueError:
        return b""


def _add_ethernet(program: Program, ports: Sequence[int]) -> None:
    """Tests from the EtherType on; tagged frames are tested once more, four bytes further on."""
    program.add(LOAD_HALF, _ETHERTYPE)
    program.add(EQUAL, IPV4, "to-ip")
    program.jump_if_any((ARP, *_WRAPPERS), "accept-1")
    program.jump_if_any(_TAGS, "tagged")
    program.label("reject-1")
    program.add(RETURN, REJECT)
    program.label("accept-1")
    program.add(RETURN, ACCEPT)
    program.label("to-ip")
    program.add(GO, 0, "ip")
    program.label("tagged")
    program.add(LOAD_HALF, _ETHERTYPE + 4)
    program.add(EQUAL, IPV4, "tagged-ip", None)
    program.jump_if_any((ARP, *_WRAPPERS, *_TAGS), "accept-1b")
    program.add(RETURN, REJECT)
    program.label("accept-1b")
    program.add(RETURN, ACCEPT)
    program.label("tagged-ip")
    _add_ipv4(program, "tagged-", ports, _IP + 4)
    _add_returns(program, "tagged-")
    program.label("ip")
    _add_ipv4(program, "", ports, _IP)
    _add_returns(program)


def _add_ipv4(program: Program, prefix: str, ports: Sequence[int], at: int) -> None:
    accept, reject, tcp, udp, icmp = (prefix + word for word in ("accept", "reject", "tcp", "udp", "icmp"))
    program.add(LOAD_BYTE, at + 9)
    # Fragments come with UDP and TCP only; what tunnels and ICMP carry is not put together before.
    program.jump_if_any(sorted(TUNNEL_PROTOCOLS), accept + "-2")
    program.add(EQUAL, ICMP, icmp)
    program.add(EQUAL, TCP, tcp)
    program.add(EQUAL, UDP, None, reject + "-2")
    program.add(GO, 0, udp)
    program.label(icmp)
    program.add(HEADER_TO_X, at)
    program.add(LOAD_BYTE_X, at)
    program.jump_if_any(sorted(ICMP_ERRORS), accept + "-2")
    program.label(reject + "-2")
    program.add(RETURN, REJECT)
    program.label(accept + "-2")
    program.add(RETURN, ACCEPT)
    for label, wanted, found in ((tcp, ports, accept + "-3"), (udp, sorted(UDP_PORTS), accept)):
        program.label(label)
        program.add(LOAD_HALF, at + 6)
        program.add(ANY_BIT, 0x3FFF, found)
        program.add(HEADER_TO_X, at)
        program.add(LOAD_HALF_X, at)
        program.jump_if_any(wanted, found)
        program.add(LOAD_HALF_X, at + 2)
        program.jump_if_any(wanted, found)
        if label == tcp:
            program.add(RETURN, REJECT)
            program.label(found)
            program.add(RETURN, ACCEPT)
    _dns_answer(program, prefix, at)


def _dns_answer(program: Program, prefix: str, at: int) -> None:
    """Passes what only its content shows to be an answer about the update server."""
    accept, reject, label = prefix + "accept", prefix + "reject", prefix + "label"
    program.add(LOAD_HALF_X, at + _FLAGS)
    program.add(ANY_BIT, _RESPONSE, None, reject)
    program.add(LOAD_HALF_X, at + _QUESTIONS)
    program.add(EQUAL, 1, None, reject)
    program.add(LOAD_BYTE_X, at + _LABEL)
    program.jump_if_any(_LENGTHS, label)
    program.add(RETURN, REJECT)
    program.label(label)
    program.add(LOAD_HALF_X, at + _LETTERS)
    program.add(AND, _ANY_CASE)
    program.add(EQUAL, _BEGINNING, accept, reject)


def _add_returns(program: Program, prefix: str = "") -> None:
    program.label(prefix + "reject")
    program.add(RETURN, REJECT)
    program.label(prefix + "accept")
    program.add(RETURN, ACCEPT)
