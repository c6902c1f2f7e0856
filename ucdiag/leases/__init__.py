"""What this machine knows of its own DHCP lease: the readers of each system, and the choice among what they found.

===================  ==========================================  =================================================
system               what is read                                rights
===================  ==========================================  =================================================
systemd-networkd     /run/systemd/netif/leases/                  anybody
NetworkManager       /run/NetworkManager/devices/, else nmcli,    anybody; the files root
                     else its lease files
ISC dhclient         /var/lib/dhcp/, /var/lib/dhclient/          anybody on Debian; elsewhere root
dhcpcd               /var/lib/dhcpcd/ (the ACK itself); what     root; anybody
                     its hook keeps below /run/dhcpcd/
busybox udhcpc       nothing of its own; what its script gave    anybody
                     resolvconf
systemd-resolved,    their resolv.conf: the weakest witness      anybody
/etc/resolv.conf
Windows              the registry                                anybody
macOS                ipconfig getpacket, scutil --dns            anybody
===================  ==========================================  =================================================
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from ucdiag.leases.system_files import UNREADABLE, Runner, SystemFiles
from ucdiag.model.observations import Lease
from ucdiag.model.report import Problem
from ucdiag.model.urls import usable_resolvers
from ucdiag.runtime.context import Context

MOST_NAMESERVERS = 6  # resolvers use two or three; a lease can list hundreds, and each that is silent costs a wait


def machine_leases(
    ctx: Context | None = None,
    *,
    interface: str | None = None,
    root: Path | None = None,
    runner: Runner | None = None,
    platform: str | None = None,
) -> tuple[list[Lease], list[Problem]]:
    """(all leases and resolver configurations, best first, at most one chosen; what could not be read).

    ``interface`` asks for that one's lease and no other. Never raises for what is on the machine. ``root`` stands
    for ``/``, ``runner`` runs programs, ``platform`` is as ``sys.platform``. What only lacks rights is no problem
    once the lease in use was found, unless root would read another, stronger witness of the same lease.
    """
    now = (ctx or Context()).now()
    files = SystemFiles(root or Path("/"), runner)
    platform = platform or sys.platform
    if platform == "win32":
        from ucdiag.leases.windows import windows_leases

        leases = windows_leases(files, now, only=interface)
    elif platform == "darwin":
        from ucdiag.leases.macos import macos_leases

        leases = macos_leases(files, now, interface)
    else:
        from ucdiag.leases.linux import linux_leases

        leases = linux_leases(files, now, interface)
    problems = files.problems
    # dhcpcd's hook keeps less than the lease that root alone may read: the two may be judged differently.
    if any(
        lease.chosen and lease.authority == "dhcp" and not (lease.source == "dhcpcd" and "server" in lease.unknown)
        for lease in leases
    ):
        problems = [problem for problem in problems if problem.code != UNREADABLE]
    return leases, problems


def dhcp_domain(leases: Iterable[Lease]) -> Lease | None:
    """The lease in use, or failing that the resolver's configuration: where the DHCP domain is to be read."""
    return next((lease for lease in leases if lease.chosen), None)


def nameservers(leases: Iterable[Lease]) -> tuple[tuple[str, int], ...]:
    """The nameservers that this machine asks, as (address, port): the resolver's, else the chosen lease's.

    At most ``MOST_NAMESERVERS``. A resolver that runs on this machine is this machine's own configuration, never what
    a lease's option 6 says.
    """
    leases = list(leases)
    chosen = dhcp_domain(leases)
    resolver = [lease for lease in leases if lease.authority == "resolver" and lease.resolvers]
    static = [
        lease
        for lease in leases
        if lease.authority == "static" and lease.resolvers and (chosen is None or lease.interface == chosen.interface)
    ]
    use = (static or resolver or [lease for lease in leases if lease.chosen])[:1]
    named = (usable_resolvers(lease.resolvers) if lease.authority == "dhcp" else lease.resolvers for lease in use)
    return tuple((address, 53) for resolvers in named for address in resolvers[:MOST_NAMESERVERS])
