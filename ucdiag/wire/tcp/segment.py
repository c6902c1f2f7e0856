"""One TCP segment, as a reader of packets hands it over."""

from typing import NamedTuple

from ucdiag.model.vocabulary import Microseconds

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16

# One direction of a connection: source address and port, destination address and port.
ConnectionKey = tuple[bytes, int, bytes, int]


class Segment(NamedTuple):
    """One TCP segment. Addresses are packed: 4 or 16 bytes, MAC addresses 6."""

    time: Microseconds
    # The number of its packet, from 1.
    frame: int
    src: bytes
    sport: int
    dst: bytes
    dport: int
    seq: int
    ack: int
    # The TCP flags byte.
    flags: int
    # The bytes captured, and how many there were on the wire: a snap length may have cut them.
    payload: bytes
    length: int
    src_mac: bytes | None = None
    dst_mac: bytes | None = None

    @property
    def key(self) -> ConnectionKey:
        """Its direction."""
        return self[2:6]

    @property
    def reverse_key(self) -> ConnectionKey:
        """The other direction of its connection."""
        return self[4], self[5], self[2], self[3]
