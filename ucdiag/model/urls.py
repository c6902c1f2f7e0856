"""Whether a URL is one that a phone could fetch: the one judge of it. Pure text."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

# Longer than any URL of a file store, and as long as old Windows clients take (INTERNET_MAX_URL_LENGTH is 2083).
LONGEST_URL = 2048

_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


def split_url(url: str) -> SplitResult | None:
    """The URL in parts, or None where it cannot be read at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


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
            f"its scheme is {parts.scheme!r}, not http or https" if parts.scheme else "it names no scheme and no host"
        )
    if not parts.hostname:
        return "it names no host"
    if "@" in parts.netloc:
        return "it has a user name in it"
    if parts.port == 0:
        return "its port is 0"
    if not usable_host(parts.hostname) or "\\" in parts.netloc:
        return f"its host {parts.hostname[:100]!r} is not a host name"
    return None


def usable_host(host: str) -> bool:
    """An IP address or a DNS name in its ASCII form; a name that ends in a number is a broken IPv4 address."""
    try:
        ip_address(host)
        return "%" not in host
    except ValueError:
        pass
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
