"""dhcpcd: its lease is the server's ACK itself, as a raw DHCP message, in /var/lib/dhcpcd/<interface>.lease.

Only root (and dhcpcd's own group) may read it. Readable by all is what dhcpcd's resolv.conf hook keeps for each
interface below /run, the option 15 in its ``domain`` line; that is used where the message cannot be read. It is the
weaker witness (seen with 9.4 and 10.1): of a domain that is no name the hook keeps the first name, the part before the
first byte beyond ASCII, or nothing, and dhcpcd.conf may set another. Where both can be read and differ, the reason
says so.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from ucdiag.leases.resolvconf import parse_resolv_conf
from ucdiag.leases.selection import lease_expiry
from ucdiag.leases.system_files import MALFORMED, UNREADABLE, SystemFiles
from ucdiag.model.observations import Lease
from ucdiag.model.text import decode_bytes
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.dhcp.message import read_dhcp
from ucdiag.wire.errors import DecodeError

FOLDERS = ("/var/lib/dhcpcd", "/var/lib/dhcpcd5", "/var/db/dhcpcd")
CONF = "/etc/dhcpcd.conf"
HOOKS = ("/run/dhcpcd/hook-state/resolv.conf", "/run/dhcpcd/resolv.conf")

_LONGEST = 253  # characters of a name


def read_dhcpcd(files: SystemFiles, interfaces: list[str], now: Microseconds) -> list[Lease]:
    """``interfaces`` are the names of those that exist: a Wi-Fi lease's file name also holds the network's name."""
    leases: list[Lease] = []
    for folder in FOLDERS:
        for file in files.list_folder(folder):
            if file.endswith(".lease"):
                lease = _read_lease(files, f"{folder}/{file}", file, interfaces, now)
                if lease is not None:
                    leases.append(lease)
    latest = {lease.interface: lease for lease in sorted(leases, key=attrgetter("obtained"))}
    for folder in HOOKS:
        for file in files.list_folder(folder):
            name, _, kind = file.rpartition(".")
            if kind not in ("dhcp", "dhcp4"):
                continue
            path = f"{folder}/{file}"
            kept = _hook_lease(files, path, name, now)
            if kept is None or name not in latest:
                leases.extend([kept] if kept else [])
            else:
                leases[leases.index(latest[name])] = latest[name] = _with_hook_domain(latest[name], kept, path)
    return leases


def _with_hook_domain(lease: Lease, kept: Lease, path: str) -> Lease:
    """The lease, its reason saying what the hook made of the domain if that is something else."""
    if "domain" in lease.unknown or (kept.domain or "") == (lease.domain or ""):
        return lease
    domain = f'the domain "{kept.domain[:_LONGEST]}"' if kept.domain else "no domain"
    sent = "another" if lease.domain else "none"
    return replace(lease, reason=f"dhcpcd's hook gave this system {domain} ({path}), the server sent {sent}")


def _read_lease(files: SystemFiles, path: str, file: str, interfaces: list[str], now: Microseconds) -> Lease | None:
    read = files.read_dated(path)
    if read is None:
        return None
    data, written = read
    try:
        message = read_dhcp(data, time=written)
    except DecodeError as error:
        files.note_problem(MALFORMED, f"{path} is not a lease as dhcpcd writes it: {error}")
        return None
    stem = file.removesuffix(".lease").removeprefix("dhcpcd-")
    # All are beginnings of the stem: the longest is the greatest.
    fitting = [name for name in interfaces if stem == name or stem.startswith(f"{name}-")]
    interface = max(fitting, default=stem)
    by = f" from {message.server}" if message.server else ""
    return Lease(
        time=now,
        interface=interface,
        source="dhcpcd",
        provenance=f"option 15 of the lease of {interface}{by}, by dhcpcd",
        authority="dhcp",
        address=message.address or message.client_address,
        server=message.server,
        domain=message.domain,
        resolvers=message.resolvers,
        search=message.search,
        obtained=written,
        expires=lease_expiry(written, message.lease_seconds),
        unknown=("domain", "resolvers", "search") if message.truncated else (),
    )


def _hook_lease(files: SystemFiles, path: str, interface: str, now: Microseconds) -> Lease | None:
    data = files.read(path)
    if data is None:
        return None
    lines = [line.split() for line in decode_bytes(data).splitlines()]
    domains = [words[1] for words in lines if len(words) > 1 and words[0] == "domain"]
    resolvers, search, _ = parse_resolv_conf(decode_bytes(data))
    if any(problem.code == UNREADABLE for problem in files.problems):
        reason = (
            "dhcpcd's own lease file can only be read by root, and of a domain that is no name its hook keeps a part "
            "or nothing"
        )
    else:
        reason = "dhcpcd keeps no lease file here"
    domain = domains[0] if domains else None
    rewritten, how = _rewritten_fields(files, interface, domain, resolvers)
    return Lease(
        time=now,
        interface=interface,
        source="dhcpcd",
        provenance=f"the domain line that dhcpcd keeps for {interface} ({path})",
        authority="dhcp",
        reason=reason,
        domain=domain,
        resolvers=resolvers,
        search=search,
        unknown=("address", "server", "obtained", "expires"),
        rewritten=rewritten,
        rewritten_by=how,
    )


def _rewritten_fields(
    files: SystemFiles, interface: str, domain: str | None, resolvers: tuple[str, ...]
) -> tuple[tuple[str, ...], str | None]:
    """(The fields that dhcpcd.conf shaped, the statements): ``static`` sets a value, ``nooption`` drops one.

    Statements behind ``interface NAME`` are that interface's until the next such line (dhcpcd.conf(5)).
    """
    fields: dict[str, str] = {}
    block: str | None = None
    for line in files.read_text(CONF).splitlines():
        words = line.partition("#")[0].split(None, 1)
        if len(words) < 2:
            continue
        keyword, rest = words[0], words[1].strip()
        if keyword in ("interface", "ssid", "profile"):
            block = rest if keyword == "interface" else f"{keyword} {rest}"
        elif block in (None, interface):
            for field in _fields_of_statement(keyword, rest, domain, resolvers):
                fields.setdefault(field, f"{keyword} {rest} in {CONF}")
    return tuple(fields), "; ".join(dict.fromkeys(fields.values())) or None


def _fields_of_statement(keyword: str, rest: str, domain: str | None, resolvers: tuple[str, ...]) -> Iterator[str]:
    """The field that one statement shaped, if the value can have come from it."""
    if keyword == "static":
        name, _, value = rest.partition("=")
        if name == "domain_name" and value.split()[:1] == [domain]:
            yield "domain"
        elif name == "domain_name_servers" and tuple(value.split()) == resolvers:
            yield "resolvers"
    elif keyword == "nooption":
        dropped = re.split(r"[\s,]+", rest)
        if not domain and ("domain_name" in dropped or "15" in dropped):
            yield "domain"
        if not resolvers and ("domain_name_servers" in dropped or "6" in dropped):
            yield "resolvers"
