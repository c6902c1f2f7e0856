"""The first four bytes by which a capture's format is known."""

# Of pcap, in either order of bytes.
MICROSECONDS, NANOSECONDS, KUZNETSOV = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34


def is_pcap(first: bytes) -> bool:
    """Whether a file that begins with these (four) bytes is pcap."""
    kinds = (MICROSECONDS, NANOSECONDS, KUZNETSOV)
    return int.from_bytes(first[:4], "little") in kinds or int.from_bytes(first[:4], "big") in kinds


def is_pcapng(first: bytes) -> bool:
    """Whether a file that begins with these (four) bytes is pcapng."""
    return first[:4] == b"\x0a\x0d\x0d\x0a"
