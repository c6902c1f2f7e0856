"""What the resolver is configured to do: systemd-resolved's own file and /etc/resolv.conf.

It is the weakest witness: what it says may come from DHCP, from a VPN, from an administrator, or from all of
them together. All ``Lease`` objects made here have the authority ``resolver``.
"""

from ucdiag.leases.system_files import SystemFiles, parse_addresses
from ucdiag.model.observations import Lease
from ucdiag.model.text import decode_bytes
from ucdiag.model.vocabulary import Microseconds

RESOLV_CONF = "/etc/resolv.conf"
RESOLVED_CONF = "/run/systemd/resolve/resolv.conf"

# systemd-resolved listens there; the real nameservers are in its own file (manual page systemd-resolved.service(8)).
STUBS = frozenset({"127.0.0.53", "127.0.0.54"})

# udhcpc 1.35 puts this word in the place of a domain that is no host name (several names, a hyphen in front, UTF-8).
BAD = "bad"
BAD_TEXT = (
    f"udhcpc writes the word '{BAD}' in the place of a domain that is no host name, and keeps nothing of what came"
)

UNKNOWN = ("interface", "address", "server", "obtained", "expires")


def parse_resolv_conf(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """(nameservers, search domains, the line that names the domain: ``domain`` or ``search``) of a resolv.conf.

    As resolv.conf(5) says: ``domain`` and ``search`` exclude each other and the last one counts; comments begin
    with ``;`` or ``#``.
    """
    resolvers: list[str] = []
    search: tuple[str, ...] = ()
    line_of_domain = None
    for line in text.splitlines():
        word, *rest = line.split("#")[0].split(";")[0].split() or [""]
        if word == "nameserver":
            resolvers.extend(rest[:1])
        elif word in ("domain", "search") and rest:
            names = rest[:1] if word == "domain" else rest
            search, line_of_domain = tuple(name.rstrip(".") for name in names), word
    return parse_addresses(resolvers), tuple(name for name in search if name), line_of_domain


def read_resolver(files: SystemFiles, now: Microseconds) -> list[Lease]:
    """The resolver's configuration: systemd-resolved's where it is the one in use, else /etc/resolv.conf."""
    lease = _from_file(files, RESOLV_CONF, "resolv.conf", now)
    if lease is None or (lease.resolvers and STUBS.issuperset(lease.resolvers)):
        behind = _from_file(files, RESOLVED_CONF, "systemd-resolved", now)
        if behind is not None and (lease is None or behind.resolvers):
            return [behind] if lease is None else [behind, lease]
    return [] if lease is None else [lease]


def _from_file(files: SystemFiles, name: str, source: str, now: Microseconds) -> Lease | None:
    data = files.read(name)
    if data is None:
        return None
    text = decode_bytes(data)
    resolvers, search, line = parse_resolv_conf(text)
    if not resolvers and not search:
        return None
    bad = search == (BAD,)
    return Lease(
        time=now,
        source=source,
        provenance=f"the {line} line of {name}{_written_by(text)}" if line else f"{name}, which names no domain",
        authority="resolver",
        domain=search[0].lower() if search and not bad else None,
        resolvers=resolvers,
        search=() if bad else search,
        unknown=UNKNOWN,
        rewritten=("domain",) if bad else (),
        rewritten_by=BAD_TEXT if bad else None,
    )


def _written_by(text: str) -> str:
    """The program that a comment names as its writer. Busybox's sample script ends each line with the interface."""
    first = text.lstrip()[:200].partition("\n")[0]
    for word in ("NetworkManager", "systemd-resolved", "dhcpcd", "resolvconf", "connman", "tailscale", "WSL"):
        if first.startswith("#") and word.lower() in first.lower():
            return f", written by {word}"
    for line in text.splitlines()[:20]:
        kind, _, comment = line.partition(" # ")
        if kind.startswith(("search ", "nameserver ", "domain ")) and comment.strip().isalnum():
            return f", written by udhcpc's script for {comment.strip()}"
    return ""
