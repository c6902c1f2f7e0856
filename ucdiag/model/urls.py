"""Whether a URL is one that a phone could fetch, and an address one that a host can have. Pure text."""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from ipaddress import AddressValueError, IPv4Address, ip_address
from urllib.parse import SplitResult, urlsplit

from ucdiag.model.patterns import pattern
from ucdiag.model.visible_text import quoted

# Longer than any URL of a file store, and as long as old Windows clients take (INTERNET_MAX_URL_LENGTH is 2083).
LONGEST_URL = 2048

# What ``localhost`` is for such a phone, which has IPv4 only.
LOCALHOST = "127.0.0.1"

_LABEL = pattern(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


class Url(SplitResult):
    """A URL in parts, each of which is made once: each rule asks for its host and port again."""

    @cached_property
    def hostname(self) -> str | None:
        return super().hostname

    @cached_property
    def port(self) -> int | None:
        return super().port


# The phones of a site get the same few URLs and addresses, and each is parsed many times.
@lru_cache(maxsize=32)
def split_url(url: str) -> Url | None:
    """The URL in parts, or None where it cannot be read at all."""
    try:
        parts = Url._make(urlsplit(url))
        _ = parts.port
    except ValueError:
        return None
    return parts


def split_urls(urls: Iterable[str | None]) -> list[Url]:
    """Those of these URLs that name a host, in parts."""
    parts = (split_url(url) for url in urls if url)
    return [part for part in parts if part is not None and part.hostname]


@lru_cache(maxsize=32)
def url_flaw(url: str) -> str | None:
    """Why this is not an absolute http or https URL that a phone could fetch; None if it is one."""
    if not url:
        return "it is blank"
    if len(url) > LONGEST_URL:
        return f"it is {len(url):,} characters long"
    # Before it is taken apart, because urlsplit drops tabs and line ends in silence.
    if re.search(r"[\s\x00-\x20\x7f-\x9f]", url):
        return "it has blanks or control characters in it"
    parts = split_url(url)
    if parts is None:
        return "it cannot be read as a URL (its port or its address in brackets is wrong)"
    if parts.scheme not in ("http", "https"):
        return (
            f"its scheme is {quoted(parts.scheme)}, not http or https"
            if parts.scheme
            else "it names no scheme and no host"
        )
    if not parts.hostname:
        return "it names no host"
    if "@" in parts.netloc:
        return "it has a user name in it"
    if "#" in url:
        return "it has a fragment (all from the '#' on), which no client sends to a server"
    if parts.port == 0:
        return "its port is 0"
    if not usable_host(parts.hostname) or "\\" in parts.netloc:
        return f"its host {quoted(parts.hostname[:100])} is not a host name"
    return None


def is_loopback(address: str) -> bool:
    """Whether it is an address of the machine itself, by which no other host can call it."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def address_flaw(address: str) -> str | None:
    """Why no host that a phone could call has this IPv4 or IPv6 address; None if one can have it."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "it is not an IP address"
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if str(parsed) == "255.255.255.255":
        return "it is the broadcast address"
    if parsed.is_loopback:
        return "it is a loopback address: each phone would call itself"
    if parsed.is_link_local:
        block = "169.254.0.0/16" if parsed.version == 4 else "fe80::/10"
        return f"it is a link-local address ({block}), which a host without a lease gives itself"
    if parsed.is_multicast:
        return "it is a multicast address"
    if parsed.version == 4 and int(parsed) >> 24 == 0:
        return "it is in 0.0.0.0/8, which means no address"
    if parsed.version == 4 and int(parsed) >> 28 == 0xF:
        return "it is in 240.0.0.0/4, which is reserved: no host has such an address"
    if parsed.is_unspecified:
        return "it means no address"
    return None


@lru_cache(maxsize=32)
def is_public(address: str) -> bool:
    """Whether this is an address of the Internet, and none that a site gives its own hosts (private, shared)."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def ipv4_flaw(address: str) -> str | None:
    """Why no host has this IPv4 address; None if one can have it."""
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        return "it is not an IPv4 address"
    return address_flaw(str(parsed))


@lru_cache(maxsize=1024)
def resolver_flaw(address: str) -> str | None:
    """Why nobody can be asked at this address of option 6; None if somebody may be.

    Networks of clouds have resolvers at link-local addresses.
    """
    try:
        parsed = IPv4Address(address)
    except AddressValueError:
        return None
    return None if parsed.is_link_local else address_flaw(str(parsed))


def usable_resolvers(resolvers: Iterable[str]) -> tuple[str, ...]:
    """Those of option 6 that a phone can ask: no server is at 0.0.0.0, and at 127.0.0.1 each would ask itself."""
    return tuple(address for address in resolvers if resolver_flaw(address) is None)


@lru_cache(maxsize=32)
def place_flaw(url: str, server: str | None) -> str | None:
    """Why a usable URL from ``server`` (an address) has an address that is no host's; None if it has none such.

    What is itself at such an address, as a test site on this machine is, may name one: it is where its files are.
    """
    parts = split_url(url)
    host = (parts.hostname or "") if parts is not None else ""
    address = LOCALHOST if is_localhost(host) else host
    if not is_address(address) or (server is not None and address_flaw(server)):
        return None
    flaw = address_flaw(address)
    means = f"{host}, which is {address}" if address != host else host
    return f"its host is {means}, and {flaw}" if flaw else None


@lru_cache(maxsize=64)
def is_address(host: str) -> bool:
    """Whether the host is an IP address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_localhost(host: str) -> bool:
    """Whether the name is ``localhost`` or one below it, which means the host itself without DNS (RFC 6761, 6.3)."""
    return host.lower().removesuffix(".").rpartition(".")[2] == "localhost"


def usable_host(host: str) -> bool:
    """An IP address or a DNS name in its ASCII form; a name that ends in a number is a broken IPv4 address."""
    try:
        ip_address(host)
        return "%" not in host
    except ValueError:
        pass
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
