"""What this machine's resolver is configured to do: its nameservers and its domain.

A first, simple reading. It says what the resolver uses, wherever that came from, which need not be what DHCP
hands out: every ``Lease`` made here has the authority ``resolver``.
"""

import sys
from pathlib import Path

from ucdiag.model.observations import Lease
from ucdiag.sources.context import Context

RESOLV_CONF = Path("/etc/resolv.conf")
RESOLVED_CONF = Path("/run/systemd/resolve/resolv.conf")

# systemd-resolved listens there; the real nameservers are in its own file (manual page systemd-resolved.service(8)).
_STUBS = frozenset({"127.0.0.53", "127.0.0.54"})
_LONGEST_FILE = 65536  # bytes that are read of a configuration file
_UNKNOWN = ("interface", "address", "server", "obtained", "expires")


def system_configuration(
    ctx: Context | None = None, resolv_conf: Path = RESOLV_CONF, resolved_conf: Path = RESOLVED_CONF
) -> list[Lease]:
    """The resolver's configuration as observations, the one to use marked as chosen; empty when there is none."""
    time = (ctx or Context()).now()
    if sys.platform == "win32":
        found = _from_dnspython(time)
        return [found] if found is not None else []
    lease = _from_file(resolv_conf, time)
    if lease is not None and lease.resolvers and _STUBS.issuperset(lease.resolvers):
        behind = _from_file(resolved_conf, time)
        if behind is not None and behind.resolvers:
            lease = behind
    return [lease] if lease is not None else []


def system_nameservers(ctx: Context | None = None) -> tuple[tuple[str, int], ...]:
    """The nameservers that this machine asks, as (address, port) in their order."""
    return tuple((address, 53) for lease in system_configuration(ctx) if lease.chosen for address in lease.resolvers)


def read_resolv_conf(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    """(nameservers, search domains, the line that names the domain: ``domain`` or ``search``) of a resolv.conf.

    As resolv.conf(5) says: ``domain`` and ``search`` exclude each other and the last one counts; comments begin
    with ``;`` or ``#``.
    """
    resolvers: list[str] = []
    search: tuple[str, ...] = ()
    line_of_domain = None
    for line in text.splitlines():
        word, *rest = line.split("#")[0].split(";")[0].split() or [""]
        if word == "nameserver" and rest:
            resolvers.append(rest[0])
        elif word in ("domain", "search") and rest:
            names = rest[:1] if word == "domain" else rest
            search, line_of_domain = tuple(name.rstrip(".") or "." for name in names), word
    return tuple(dict.fromkeys(resolvers)), search, line_of_domain


def _from_file(path: Path, time: int) -> Lease | None:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_FILE).decode("utf-8", "replace")
    except OSError:
        return None
    resolvers, search, line = read_resolv_conf(text)
    domains = [name for name in search if name != "."]
    if not resolvers and not domains:
        return None
    return Lease(
        time=time,
        source="resolv.conf",
        provenance=f"the {line} line of {path}" if line else f"{path}, which names no domain",
        authority="resolver",
        chosen=True,
        domain=domains[0].lower() if domains else None,
        resolvers=resolvers,
        search=tuple(domains),
        unknown=_UNKNOWN,
    )


def _from_dnspython(time: int) -> Lease | None:
    import dns.exception
    import dns.resolver

    try:
        resolver = dns.resolver.get_default_resolver()
    except (dns.exception.DNSException, OSError):
        return None
    domain = resolver.domain.to_text(omit_final_dot=True)
    search = [name.to_text(omit_final_dot=True) for name in resolver.search]
    return Lease(
        time=time,
        source="system",
        provenance="the system's resolver configuration",
        authority="resolver",
        chosen=True,
        domain=next((name.lower() for name in [domain, *search] if name not in ("", ".", "@")), None),
        resolvers=tuple(str(server) for server in resolver.nameservers),
        search=tuple(name for name in search if name not in ("", ".")),
        unknown=_UNKNOWN,
    )
