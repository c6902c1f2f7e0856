"""One UDP datagram, as a reader of packets hands it over."""

from typing import NamedTuple

from ucdiag.model.vocabulary import Microseconds


class Datagram(NamedTuple):
    """One UDP datagram, or one message out of a TCP stream. Addresses are packed: 4 or 16 bytes, MAC addresses 6."""

    time: Microseconds
    # The number of its packet, from 1.
    frame: int
    src: bytes
    sport: int
    dst: bytes
    dport: int
    payload: bytes
    src_mac: bytes | None = None
    dst_mac: bytes | None = None
    # The VLAN id of the frame.
    tag: int | None = None
    # Whether the capture lacks its end.
    cut: bool = False
