"""Packed addresses as text."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=1024)
def address_text(packed: bytes) -> str:
    """An IPv4 address (4 bytes) or IPv6 address (16 bytes) as text; of any other length, hexadecimal digits."""
    if len(packed) == 4:
        return ".".join(map(str, packed))
    if len(packed) == 16:
        return str(ipaddress.IPv6Address(packed))
    return packed.hex()


@lru_cache(maxsize=1024)
def packed_address(text: str) -> bytes:
    """The 4 bytes of an IPv4 address or the 16 of an IPv6 address. Raises ValueError for any other text."""
    return ipaddress.ip_address(text).packed


@lru_cache(maxsize=1024)
def mac_text(packed: bytes | None) -> str | None:
    """A hardware address in lower case with colons; ``None`` stays ``None``."""
    return packed.hex(":") if packed else None


@lru_cache(maxsize=1024)
def packed_mac(text: str) -> bytes:
    """The six bytes of a hardware address with colons."""
    return bytes.fromhex(text.replace(":", ""))
