"""busybox udhcpc keeps no lease: it hands the options to a script and forgets them.

What the usual scripts leave: a resolvconf record of the interface, whose ``domain`` line is option 15 (Debian's
script), and comments in /etc/resolv.conf (busybox's sample script), which ``resolvconf.py`` reads. Where neither
is there, a note says that udhcpc runs and that its lease cannot be known; ``check-dhcp --ask`` can.
"""

from typing import Final

from ucdiag.leases.resolvconf import BAD, BAD_TEXT, parse_resolv_conf
from ucdiag.leases.system_files import SystemFiles
from ucdiag.model.observations import Lease
from ucdiag.model.text import decode_bytes
from ucdiag.model.vocabulary import Microseconds
from ucdiag.runtime.privileges import elevated_command

RECORDS = ("/run/resolvconf/interface", "/run/resolvconf/interfaces", "/etc/resolvconf/run/interface")
PIDS = ("/run", "/var/run")

NO_TRACE: Final = "lease-no-trace"


def read_udhcpc(files: SystemFiles, now: Microseconds) -> list[Lease]:
    """The records of the interfaces that udhcpc serves."""
    leases: dict[str, Lease] = {}
    for folder in RECORDS:
        for file in files.list_folder(folder):
            interface, _, program = file.rpartition(".")
            if program != "udhcpc" or interface in leases:
                continue
            data = files.read(f"{folder}/{file}")
            if data is None:
                continue
            text = decode_bytes(data)
            resolvers, search, _ = parse_resolv_conf(text)
            domains = [line.split() for line in text.splitlines() if line.startswith("domain ")]
            domain = domains[0][1] if domains and len(domains[0]) > 1 else None
            bad = domain == BAD
            leases[interface] = Lease(
                time=now,
                interface=interface,
                source="udhcpc",
                provenance=f"the domain that udhcpc's script gave resolvconf for {interface} ({folder}/{file})",
                authority="dhcp",
                domain=None if bad else domain,
                resolvers=resolvers,
                search=() if bad else search,
                unknown=("address", "server", "obtained", "expires", *(("domain",) if bad else ())),
                rewritten=("domain",) if bad else (),
                rewritten_by=BAD_TEXT if bad else None,
            )
    for interface in sorted({name for folder in PIDS for name in _served_interfaces(files, folder)} - set(leases)):
        files.note_problem(
            NO_TRACE,
            f"udhcpc serves {interface} and keeps no lease that could be read: ask a DHCP server with "
            f"{elevated_command('check-dhcp --ask')}",
        )
    return list(leases.values())


def _served_interfaces(files: SystemFiles, folder: str) -> list[str]:
    """The interfaces in the names of its pid files: ``udhcpc.eth0.pid`` and ``udhcpc-eth0.pid``."""
    return [
        file.removeprefix("udhcpc")[1:].removesuffix(".pid")
        for file in files.list_folder(folder)
        if file.startswith(("udhcpc.", "udhcpc-")) and file.endswith(".pid")
    ]
