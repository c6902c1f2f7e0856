"""ICMP and ICMPv6 errors: why a packet did not arrive, and which one it was."""

from typing import NamedTuple

from ucdiag.wire.tcp.segment import ConnectionKey

# RFC 792 and RFC 1812, section 5.2.7.1: destination unreachable, by its code.
_UNREACHABLE = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    6: "network unknown",
    7: "host unknown",
    9: "network prohibited",
    10: "host prohibited",
    11: "network unreachable for this service",
    12: "host unreachable for this service",
    13: "communication prohibited",
}
_TIME_EXCEEDED = {0: "time to live exceeded"}
# RFC 4443, sections 3.1 and 3.3.
_UNREACHABLE6 = {
    0: "no route",
    1: "communication prohibited",
    2: "beyond the scope of the source address",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed the policy",
    6: "route rejected",
}
_HOP_LIMIT = {0: "hop limit exceeded"}
_ERRORS = {3: _UNREACHABLE, 11: _TIME_EXCEEDED}
_ERRORS6 = {1: _UNREACHABLE6, 3: _HOP_LIMIT}

_HEADER = 8


class IcmpError(NamedTuple):
    """An ICMP error: ``what`` is its cause, ``key`` (addresses and ports) and ``protocol`` identify the quoted packet.

    ``ident`` are the two bytes behind its UDP header, which identify a question of DNS, if that much is quoted.
    """

    what: str
    protocol: int
    key: ConnectionKey
    ident: int | None


def read_icmp_error(message: bytes, *, version: int) -> IcmpError | None:
    """The error in an ICMP message of IP ``version``; ``None`` for other messages, and where the ports are missing."""
    if len(message) < _HEADER + 28:
        return None
    if version == 6:
        what = _ERRORS6.get(message[0], {}).get(message[1])
        # Extension headers come before the protocol in what few packets have them; those are passed over.
        size, protocol, piece = 40, message[14], 0
        src, dst = message[16:32], message[32:48]
    else:
        what = _ERRORS.get(message[0], {}).get(message[1])
        size, protocol = (message[8] & 15) * 4, message[17]
        piece = (message[14] << 8 | message[15]) & 0x1FFF
        src, dst = message[20:24], message[24:28]
    at = _HEADER + size
    if what is None or message[8] >> 4 != version or size < 20 or len(message) < at + 4 or piece:
        return None
    sport, dport = message[at] << 8 | message[at + 1], message[at + 2] << 8 | message[at + 3]
    # A router need not quote more than the ports (RFC 792); most quote all of a question.
    ident = message[at + 8] << 8 | message[at + 9] if len(message) >= at + 10 else None
    return IcmpError(what, protocol, (src, sport, dst, dport), ident)
