"""The filter that runs in the kernel, as classic BPF: what a capture needs to see, and nothing else.

Passed are ARP; of IPv4: DHCP, DNS, TCP with a watched port, ICMP errors, fragments, tunnels that mirror ports use. A
frame with one tag still in it is looked into as well; Linux takes the outermost off before the filter runs. A load
beyond the packet's end rejects the packet, so every test of a field follows the tests of those before it.
"""

import struct
from collections.abc import Iterable, Sequence

from ucdiag.wire.link.tunnels import TUNNEL_PORTS

_LOAD_HALF, _LOAD_BYTE, _LOAD_HALF_X, _LOAD_BYTE_X, _HEADER_TO_X = 0x28, 0x30, 0x48, 0x50, 0xB1
_EQUAL, _ANY_BIT, _RETURN = 0x15, 0x45, 0x06
_WHOLE = 0x40000
_ARP, _IPV4, _TAGS, _PPPOE = 0x0806, 0x0800, (0x8100, 0x88A8, 0x9100), 0x8864
_ICMP, _IPIP, _TCP, _UDP, _SIX_IN_FOUR, _GRE, _AH = 1, 4, 6, 17, 41, 47, 51
_UDP_PORTS = (53, 67, 68, *sorted(TUNNEL_PORTS))

_Line = tuple[int, int, str | None, str | None]  # code, operand, where to go on when it holds, and when not


class _Program:
    """Instructions with labels; a jump to ``None`` goes on with the next instruction."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._labels: dict[str, int] = {}

    def label(self, name: str) -> None:
        self._labels[name] = len(self._lines)

    def do(self, code: int, operand: int, true: str | None = None, false: str | None = None) -> None:
        self._lines.append((code, operand, true, false))

    def any_of(self, values: Iterable[int], true: str) -> None:
        for value in values:
            self.do(_EQUAL, value, true)

    def assembled(self) -> bytes:
        found = []
        for number, (code, operand, true, false) in enumerate(self._lines):
            jumps = [0 if name is None else self._labels[name] - number - 1 for name in (true, false)]
            if max(jumps) > 255:
                raise ValueError("a jump is too far: too many ports")
            found.append(struct.pack("=HBBI", code, *jumps, operand))
        return b"".join(found)


def kernel_filter(ports: Sequence[int], at: int = 12) -> bytes:
    """The program (an array of ``struct sock_filter``) for Ethernet. ``at`` is where the EtherType is.

    Raises ValueError for more ports than a program of this form can test (about 40).
    """
    program = _Program()
    _layer(program, "", sorted({53, *ports}), at, at + 2)
    return program.assembled()


def raw_filter(ports: Sequence[int]) -> bytes:
    """The same for packets that begin with the IP header."""
    program = _Program()
    program.do(_LOAD_BYTE, 0)
    program.do(0x54, 0xF0)  # and
    program.do(_EQUAL, 0x40, None, "reject")
    _ipv4(program, "", sorted({53, *ports}), 0)
    _ends(program)
    return program.assembled()


def _layer(program: _Program, name: str, ports: Sequence[int], type_at: int, ip_at: int) -> None:
    """Tests from the EtherType on; tagged frames are tested once more, four bytes further on."""
    program.do(_LOAD_HALF, type_at)
    program.do(_EQUAL, _IPV4, "ip")
    program.any_of((_ARP, _PPPOE), "accept-1")
    program.any_of(_TAGS, "tagged")
    program.label("reject-1")
    program.do(_RETURN, 0)
    program.label("accept-1")
    program.do(_RETURN, _WHOLE)
    program.label("tagged")
    program.do(_LOAD_HALF, type_at + 4)
    program.do(_EQUAL, _IPV4, "tagged-ip", None)
    program.any_of((_ARP, _PPPOE, *_TAGS), "accept-1b")
    program.do(_RETURN, 0)
    program.label("accept-1b")
    program.do(_RETURN, _WHOLE)
    program.label("tagged-ip")
    _ipv4(program, "tagged-", ports, ip_at + 4)
    _ends(program, "tagged-")
    program.label("ip")
    _ipv4(program, "", ports, ip_at)
    _ends(program)


def _ipv4(program: _Program, prefix: str, ports: Sequence[int], at: int) -> None:
    accept, reject, tcp, udp, icmp = (prefix + word for word in ("accept", "reject", "tcp", "udp", "icmp"))
    program.do(_LOAD_BYTE, at + 9)
    # Fragments come with UDP and TCP only; what tunnels and ICMP carry is not put together before.
    program.any_of((_IPIP, _SIX_IN_FOUR, _GRE, _AH), accept)
    program.do(_EQUAL, _ICMP, icmp)
    program.do(_EQUAL, _TCP, tcp)
    program.do(_EQUAL, _UDP, udp, reject)
    program.label(icmp)
    program.do(_HEADER_TO_X, at)
    program.do(_LOAD_BYTE_X, at)
    program.any_of((3, 11), accept)
    program.do(_RETURN, 0)
    for label, wanted in ((tcp, ports), (udp, _UDP_PORTS)):
        program.label(label)
        program.do(_LOAD_HALF, at + 6)
        program.do(_ANY_BIT, 0x3FFF, accept)
        program.do(_HEADER_TO_X, at)
        program.do(_LOAD_HALF_X, at)
        program.any_of(wanted, accept)
        program.do(_LOAD_HALF_X, at + 2)
        program.any_of(wanted, accept)
        if label == tcp:
            program.do(_RETURN, 0)


def _ends(program: _Program, prefix: str = "") -> None:
    program.label(prefix + "reject")
    program.do(_RETURN, 0)
    program.label(prefix + "accept")
    program.do(_RETURN, _WHOLE)
