"""NetworkManager: its own record of each device, what ``nmcli`` says, and the lease files of its DHCP clients.

Versions such as 1.42 put the options of a lease into /run/NetworkManager/devices/<interface index>, for anybody to
read. Else nmcli is asked, as anybody may. The lease files count where neither is to be had: those of its internal
client of old (systemd's form) and of dhclient; its internal client of today writes no more than the address.
A domain that cannot be a name is left out of all of them, the rest of several names stays.
"""

import re
from collections.abc import Mapping

from ucdiag.leases import dhclient, networkd
from ucdiag.leases.system_files import SystemFiles, parse_address, parse_addresses, whole_number
from ucdiag.model.observations import Lease
from ucdiag.model.patterns import pattern
from ucdiag.model.vocabulary import Microseconds

LEASES = "/var/lib/NetworkManager"
RUNS = "/run/NetworkManager"
DEVICES = f"{RUNS}/devices"
COMMAND = ("nmcli", "-t", "-e", "no", "-f", "GENERAL.DEVICE,GENERAL.TYPE,GENERAL.STATE,DHCP4", "device", "show")

_FILE = pattern(r"(internal|dhclient)-(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-)?(.+)\.lease")
_OPTION = pattern(r"DHCP4\.OPTION\[\d+\]:([a-z0-9_]+) = (.*)")
_RECORDED = pattern(r"^dhcp4\.([a-z0-9_]+)=(.*)$", re.MULTILINE)
_ESCAPE = pattern(r"\\(.)")  # of GLib's key files
_ESCAPES = {"s": " ", "t": "\t", "n": "\n", "r": "\r"}


def read_networkmanager(
    files: SystemFiles, names: dict[int, str], left: Mapping[tuple[int, str], int], now: Microseconds
) -> list[Lease]:
    """The lease of each device that NetworkManager manages.

    ``names`` are the interfaces by their index, ``left`` is ``rtnetlink.seconds_left``.
    """
    leases: list[Lease] = []
    if files.exists(RUNS):
        leases = _device_leases(files, names, now) or parse_nmcli(files.run(COMMAND), now)
    reported = {lease.interface for lease in leases}
    problems = len(files.problems)
    for file in files.list_folder(LEASES):
        match = _FILE.fullmatch(file)
        if match is None or match[2] in reported:
            continue
        path = f"{LEASES}/{file}"
        if match[1] == "dhclient":
            leases.extend(dhclient.read_file(files, path, "NetworkManager (dhclient)", now, match[2]))
        elif read := files.read_dated(path):
            valid = {own: seconds for (index, own), seconds in left.items() if names.get(index) == match[2]}
            lease = networkd.lease_of(read[0], read[1], match[2], "NetworkManager", valid, now)
            if lease is not None:
                leases.append(lease)
    if reported:
        # nmcli has reported all: that its files are root's matters to nobody.
        del files.problems[problems:]
    return leases


def _device_leases(files: SystemFiles, names: dict[int, str], now: Microseconds) -> list[Lease]:
    leases: list[Lease] = []
    for file in files.list_folder(DEVICES):
        index = whole_number(file)
        if index is None or index not in names:
            continue
        text = files.read_text(f"{DEVICES}/{file}")
        options = {
            match[1]: _ESCAPE.sub(lambda escape: _ESCAPES.get(escape[1], escape[1]), match[2])
            for match in _RECORDED.finditer(text.partition("[dhcp4]")[2])
        }
        own = parse_address(options.get("ip_address"))
        if own is not None:
            leases.append(_lease_from_options(names[index], own, options, now))
    return leases


def parse_nmcli(text: str, now: Microseconds) -> list[Lease]:
    """What ``COMMAND`` prints: a block of ``FIELD:value`` lines for each device, blocks parted by an empty line."""
    leases: list[Lease] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        device, options = "", {}
        for line in block.split("\n"):
            if line.startswith("GENERAL.DEVICE:"):
                device = line.partition(":")[2]
            elif match := _OPTION.fullmatch(line):
                options[match[1]] = match[2]
        own = parse_address(options.get("ip_address"))
        if device and own is not None:
            leases.append(_lease_from_options(device, own, options, now))
    return leases


def _lease_from_options(device: str, own: str, options: dict[str, str], now: Microseconds) -> Lease:
    server = parse_address(options.get("dhcp_server_identifier"))
    seconds = whole_number(options.get("dhcp_lease_time"), 0xFFFFFFFF)
    expires = whole_number(options.get("expiry"))
    domain = options.get("domain_name")
    if domain is not None:
        domain = networkd.unescaped_name(domain.encode())
    by = f" from {server}" if server else ""
    return Lease(
        time=now,
        interface=device,
        source="NetworkManager",
        provenance=f"option 15 of the lease of {device}{by}, by NetworkManager",
        authority="dhcp",
        reason=None if domain else "NetworkManager drops a domain that cannot be a DNS name",
        address=own,
        server=server,
        domain=domain,
        resolvers=parse_addresses(options.get("domain_name_servers", "").split()),
        search=tuple(
            networkd.unescaped_name(name.encode()).rstrip(".") for name in options.get("domain_search", "").split()
        ),
        obtained=None if expires is None or seconds is None else (expires - seconds) * 1_000_000,
        expires=None if expires is None else expires * 1_000_000,
    )
