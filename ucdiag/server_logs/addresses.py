"""One spelling for an address: the two logs write the same one in different ways."""

from ipaddress import IPv6Address, ip_address


def plain_address(text: str | None) -> str | None:
    """The address without brackets and zone; IPv4 inside IPv6 as IPv4. None where it is none."""
    if not text:
        return None
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
