"""Checks what this machine can test with ucdiag, each check with its fix.

Nothing leaves the machine, and nothing on it is changed.
"""

import contextlib
import platform
import shutil
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ucdiag import __version__
from ucdiag.leases.system_files import run_program
from ucdiag.model.machine import Check, CheckStatus, Machine, Remedy, RemedyPurpose, Shell
from ucdiag.model.observations import Lease
from ucdiag.probe.interface import choose_interface
from ucdiag.probe.local_network import LocalNetwork, find_local_network
from ucdiag.runtime.confinement import offered_ways
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.privileges import elevated_command, may_listen, program_call, program_word, quoted_word
from ucdiag.runtime.scapy_packets import library_version, load_scapy, scapy_version
from ucdiag.runtime.silenced_warnings import silenced
from ucdiag.runtime.system_errors import name_of

_LISTENING = ("capture", "check-dhcp --ask", "check --ask")
_NAMES = ("check", "check-dns", "probe")
_COPY = "capture.pcapng"
_BUILT = 1_735_689_600  # seconds: 2025-01-01, before which no clock is right
_MOST_NAMED = 6


def examine_machine() -> Machine:
    """Everything, in the order in which a capture needs it."""
    network = _local_network(Context())
    checks: list[Callable[[], Check]] = [
        rights_check,
        confinement_check,
        scapy_check,
        library_check,
        interfaces_check,
        port_68_check,
        lambda: resolvers_check(network),
        lambda: _domain_check(network),
        _trust_store,
        tls_1_0_check,
        time_check,
        _profile_check,
    ]
    system = f"{platform.system()} {platform.release()}".strip()
    return Machine(
        ucdiag=__version__,
        system=system,
        python=platform.python_version(),
        checks=tuple(check() for check in checks),
    )


def _remedies(
    purpose: RemedyPurpose, *commands: tuple[str, str | None], shell: Shell | None = None
) -> tuple[Remedy, ...]:
    """``shell``: the one that the commands need; by default this system's, on Windows cmd, in which PowerShell's users
    can run them, too."""
    if shell is None:
        shell = "cmd" if sys.platform == "win32" else "sh"
    return tuple(Remedy(purpose=purpose, shell=shell, text=text, note=note) for text, note in commands)


# --- Packets ---


def rights_check() -> Check:
    able = may_listen()
    if able:
        summary = "This process may listen to packets and send them."
        return Check(check="rights", status="ok", summary=summary, needed_for=_LISTENING)
    status: CheckStatus = "unknown" if able is None else "failed"
    said = (
        "It is not known whether this process may listen to packets."
        if able is None
        else ("This process may not listen to packets or send them.")
    )
    return Check(
        check="rights",
        status=status,
        summary=said,
        needed_for=_LISTENING,
        fix="Run the command with more rights, or let another program capture and read its file.",
        commands=_ways_to_listen(),
    )


def confinement_check() -> Check:
    """What is left to a run once root's rights are given up. Without it nothing is lost but a second wall."""
    ways = {"landlock": "files (Landlock)", "seccomp": "programs and sockets (seccomp)"}
    if sys.platform == "win32":
        summary = "Nothing is done about it: on Windows a run keeps the rights of its prompt."
        return Check(check="confined", status="ok", summary=summary, needed_for=_LISTENING)
    if not sys.platform.startswith("linux"):
        summary = "A run of root goes on as another user; this system cannot confine it further."
        return Check(check="confined", status="ok", summary=summary, needed_for=_LISTENING)
    missing = [text for way, text in ways.items() if way not in offered_ways()]
    if missing:
        return Check(
            check="confined",
            status="warning",
            summary=f"A run of root goes on as another user; this kernel does not confine its {' and '.join(missing)}.",
            needed_for=_LISTENING,
            fix="A kernel from 5.13 on has both, if it was built with them. All commands work without.",
        )
    summary = "A run of root goes on as another user, without other files, programs and sockets than it needs."
    return Check(check="confined", status="ok", summary=summary, needed_for=_LISTENING)


def _ways_to_listen() -> tuple[Remedy, ...]:
    read = f"{program_call()} capture {_COPY}"
    if sys.platform == "win32":
        return (
            *_remedies(
                "change",
                ("Start-Process powershell -Verb RunAs", "opens a prompt with administrator's rights; there"),
                shell="powershell",
            ),
            *_remedies("change", (f"{program_call()} capture", None)),
            *_remedies(
                "instead",
                (
                    "pktmon start --capture --pkt-size 0",
                    "as administrator, part of Windows: whole packets of this machine",
                ),
                ("pktmon stop", None),
                (f"pktmon etl2pcap PktMon.etl -o {_COPY}", None),
                (read, "then, as anybody"),
                shell="cmd",
            ),
        )
    ways = [
        *_remedies("change", (elevated_command("capture"), "as root; the program then goes on with your own rights"))
    ]
    if sys.platform == "linux":
        ways += _remedies(
            "change",
            (
                f'sudo setcap cap_net_raw,cap_net_admin+ep "$(readlink -f {quoted_word(sys.executable)})"',
                "lets every user capture and forge packets with all that this Python runs; setcap -r takes it back",
            ),
        )
        ways += _remedies(
            "instead",
            (f"dumpcap -i eth0 -w {_COPY}", "as a member of the group wireshark: sudo adduser NAME wireshark"),
        )
    interface = "eth0" if sys.platform == "linux" else "en0"
    ways += _remedies(
        "instead", (f"sudo tcpdump -i {interface} -w {_COPY}", "as whoever may run it"), (read, "then, as anybody")
    )
    return tuple(ways)


def scapy_check() -> Check:
    try:
        version = scapy_version()
        load_scapy()
    except Exception as error:  # noqa: BLE001 - whatever keeps scapy from being imported is what is to be said
        return Check(
            check="scapy",
            status="failed",
            summary=f"scapy cannot be used: {error}.",
            needed_for=_LISTENING,
            fix="Install it again for this Python.",
            commands=_remedies(
                "change", (f"{program_word(sys.executable)} -m pip install --force-reinstall scapy", None)
            ),
        )
    return Check(check="scapy", status="ok", summary=f"scapy {version} is there.", needed_for=_LISTENING)


def library_check() -> Check:
    windows = sys.platform == "win32"
    name = "Npcap" if windows else "libpcap"
    with contextlib.suppress(ImportError):
        version = library_version()
        if version is not None:
            return Check(check="libpcap", status="ok", summary=f"{version} is there.", needed_for=("capture",))
    if windows:
        return Check(
            check="libpcap",
            status="failed",
            summary="Npcap is not there, and Windows has no packet sockets of its own.",
            needed_for=_LISTENING,
            fix="Install it from https://npcap.com, or let Windows capture and read its file.",
            commands=(
                *_remedies("change", ("winget install --id Insecure.Npcap", "as administrator"), shell="cmd"),
                *_remedies("instead", ("pktmon start --capture --pkt-size 0", "as administrator"), shell="cmd"),
            ),
        )
    install = "sudo apt-get install libpcap0.8" if sys.platform == "linux" else "brew install libpcap"
    own = "Linux' packet ring works without it" if sys.platform == "linux" else "the system's own socket is used"
    return Check(
        check="libpcap",
        status="warning",
        summary=f"{name} is not there: {own}.",
        needed_for=("capture --sniffer scapy",),
        fix="Install it to capture through scapy with a filter in the kernel.",
        commands=_remedies("change", (install, None)),
    )


def interfaces_check() -> Check:
    listing = _remedies("check", (f"{program_call()} capture -D", "lists all, and why one cannot be used"))
    try:
        name, routed = choose_interface()
    except CannotTest as cannot:
        return Check(
            check="interfaces",
            status="failed",
            summary=cannot.text,
            needed_for=(*_LISTENING, *_NAMES),
            fix="Connect a network cable, or join a network.",
            commands=listing,
        )
    if not routed:
        return Check(
            check="interfaces",
            status="warning",
            summary=f"No interface has a default route; {name} is connected and is used.",
            needed_for=("capture", "check-dhcp --ask"),
            fix="Name another one with -i.",
            commands=listing,
        )
    summary = f"{name} has the default route; capture and --ask use it unless -i names another."
    return Check(check="interfaces", status="ok", summary=summary, needed_for=_LISTENING, commands=listing)


def port_68_check() -> Check:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("0.0.0.0", 68))
    except OSError as error:
        return _port_68_taken(error)
    summary = "UDP port 68 is free: DHCP can be asked from an ordinary socket too."
    return Check(check="port-68", status="ok", summary=summary, needed_for=("check-dhcp --ask",))


def _port_68_taken(error: OSError) -> Check:
    name = name_of(error.errno)
    holders = {
        "win32": ("Get-NetUDPEndpoint -LocalPort 68 | Select-Object OwningProcess", "powershell"),
        "darwin": ("sudo lsof -nP -iUDP:68", "sh"),
    }
    command, shell = holders.get(sys.platform, ("sudo ss -lunp 'sport = :68'", "sh"))
    held = False
    if name == "EADDRINUSE" or (name == "EACCES" and sys.platform == "win32"):
        # Windows' own DHCP client holds the port for itself alone, which gives 10013 instead of 10048.
        why, held = "another program, mostly this system's DHCP client, holds it", True
    elif name in ("EACCES", "EPERM"):
        why = "this user may not use it"
    else:
        why = error.strerror or str(error)
    return Check(
        check="port-68",
        status="warning",
        summary=f"UDP port 68 cannot be used: {why}.",
        needed_for=("check-dhcp --ask without a packet socket",),
        fix="Nothing needs a fix: with the right to listen to packets, --ask does without the port.",
        commands=_remedies("check", (command, "shows who holds it"), shell="powershell" if shell != "sh" else "sh")
        if held
        else (),
    )


# --- The network's configuration ---


def _local_network(context: Context) -> LocalNetwork | None:
    with contextlib.suppress(CannotTest, OSError):
        return find_local_network(context, None)
    return None


def resolvers_check(network: LocalNetwork | None) -> Check:
    servers = network.context.nameservers if network is not None else ()
    shows = {"win32": ("Get-DnsClientServerAddress", "powershell"), "darwin": ("scutil --dns", "sh")}
    command, shell = shows.get(sys.platform, ("resolvectl status || cat /etc/resolv.conf", "sh"))
    commands = _remedies("check", (command, None), shell="powershell" if shell != "sh" else "sh")
    if not servers:
        return Check(
            check="resolvers",
            status="failed",
            summary="This machine knows no DNS server.",
            needed_for=_NAMES,
            fix="Name the phones' DNS server with -n ADDRESS.",
            commands=commands,
        )
    named = ", ".join(address for address, _ in servers[:_MOST_NAMED])
    return Check(
        check="resolvers", status="ok", summary=f"This machine asks {named}.", needed_for=_NAMES, commands=commands
    )


def _domain_check(network: LocalNetwork | None) -> Check:
    leases: tuple[Lease, ...] = network.leases if network is not None else ()
    if network is not None and network.domain:
        origin = f" ({network.domain_from})" if network.domain_from else ""
        summary = f"This machine's domain is {network.domain}{origin}."
        return Check(check="domain", status="ok", summary=summary, needed_for=("check", "check-dns"))
    seen = "no lease names one" if leases else "no lease was found"
    return Check(
        check="domain",
        status="warning",
        summary=f"This machine knows no DHCP domain: {seen}.",
        needed_for=("check", "check-dns"),
        fix="Name the phones' domain: check DOMAIN. Or ask their DHCP server with --ask.",
        commands=_remedies(
            "check", (f"{program_call()} check-dhcp", None), (elevated_command("check-dhcp --ask"), None)
        ),
    )


# --- TLS and time ---


def _trust_store() -> Check:
    context = ssl.create_default_context()
    count = len(context.get_ca_certs())
    folder = ssl.get_default_verify_paths().capath
    with contextlib.suppress(OSError):
        if not count and folder and any(Path(folder).iterdir()):
            summary = f"Root certificates are in {folder}."
            return Check(check="trust-store", status="ok", summary=summary, needed_for=("probe", "check"))
    if count:
        summary = f"{count} root certificates are trusted here."
        return Check(check="trust-store", status="ok", summary=summary, needed_for=("probe", "check"))
    if sys.platform == "darwin":
        version = ".".join(platform.python_version_tuple()[:2])
        mend = f"'/Applications/Python {version}/Install Certificates.command'"
    elif sys.platform == "win32":
        mend = "certutil -generateSSTFromWU roots.sst"
    else:
        mend = "sudo apt-get install ca-certificates"
    return Check(
        check="trust-store",
        status="warning",
        summary="No root certificates are found here: every server counts as untrusted.",
        needed_for=("probe", "check"),
        fix="Install them, or name the right one with --ca FILE.",
        commands=_remedies("change", (mend, None), shell="cmd" if sys.platform == "win32" else "sh"),
    )


def speaks_tls_1_0() -> str | None:
    """Why this OpenSSL cannot offer TLS 1.0, ``None`` where it can. A ClientHello is made in memory, and not sent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    outgoing = ssl.MemoryBIO()
    try:
        with silenced(DeprecationWarning):
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    except (ssl.SSLError, ValueError, OSError) as error:
        return str(getattr(error, "reason", None) or error)
    return None if outgoing.read(1) == b"\x16" else "it sent no ClientHello"


def tls_1_0_check() -> Check:
    why = speaks_tls_1_0()
    if why is None:
        summary = f"{ssl.OPENSSL_VERSION} can offer TLS 1.0, as such a phone does."
        return Check(check="tls-1.0", status="ok", summary=summary, needed_for=("probe", "check"))
    policy = shutil.which("update-crypto-policies")
    mend = (
        ("sudo update-crypto-policies --set LEGACY", "for every program of this machine; '--set DEFAULT' takes it back")
        if policy
        else (f"{program_call()} capture", "a capture of the phone shows its own handshake")
    )
    return Check(
        check="tls-1.0",
        status="warning",
        summary=f"{ssl.OPENSSL_VERSION} cannot offer TLS 1.0 here ({why}), which such a phone needs on port 443.",
        needed_for=("probe", "check"),
        fix="Test https from another machine, or judge the phone's own handshake in a capture.",
        commands=_remedies("change" if policy else "instead", mend),
    )


def time_check() -> Check:
    now = time.time()
    shown = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    ways: dict[str, tuple[Remedy, ...]] = {
        "win32": (
            *_remedies("check", ("w32tm /query /status", None), shell="cmd"),
            *_remedies("change", ("w32tm /resync", "as administrator"), shell="cmd"),
        ),
        "darwin": _remedies("change", ("sudo sntp -sS time.apple.com", None)),
    }
    linux = (
        *_remedies("check", ("timedatectl", None)),
        *_remedies("change", ("sudo timedatectl set-ntp true", None)),
    )
    commands = ways.get(sys.platform, linux)
    if now < _BUILT:
        return Check(
            check="time",
            status="failed",
            summary=f"The clock says {shown}, which is over: certificates are judged wrongly.",
            needed_for=("probe", "check", "capture"),
            fix="Set the clock.",
            commands=commands,
        )
    synchronised = _is_clock_synchronised()
    if synchronised is False:
        return Check(
            check="time",
            status="warning",
            summary=f"The clock says {shown}, and is not synchronised.",
            needed_for=("probe", "check", "capture"),
            fix="Compare it with another clock, or let it be synchronised.",
            commands=commands,
        )
    status: CheckStatus = "ok" if synchronised else "unknown"
    how = "it is synchronised" if synchronised else "whether it is synchronised is not known"
    return Check(
        check="time",
        status=status,
        summary=f"The clock says {shown}; {how}.",
        needed_for=("probe", "capture"),
        commands=commands,
    )


def _is_clock_synchronised() -> bool | None:
    """Whether the system says that its clock is synchronised; ``None`` where it does not say."""
    if sys.platform != "linux":
        return None
    said = run_program(["timedatectl", "show", "-p", "NTPSynchronized", "--value"])
    return {"yes": True, "no": False}.get((said or "").strip())


def _profile_check() -> Check:
    """The site profile that the commands read."""
    from ucdiag.runtime import site_profile

    path = site_profile.find_profile()
    if path is None:
        places = " or ".join(site_profile.candidate_paths())
        summary = f"No site profile is read; it would be {places}."
        return Check(check="profile", status="ok", summary=summary)
    why = site_profile.why_not_trusted(path)
    if why is not None:
        return Check(
            check="profile",
            status="warning",
            summary=f"The site profile {path} is not read, because {why}.",
            needed_for=(*_NAMES, "capture"),
            fix=f"Name it where you trust it: --profile {quoted_word(path)}.",
        )
    try:
        profile = site_profile.read_profile(path)
    except site_profile.ProfileError as error:
        return Check(
            check="profile",
            status="failed",
            summary=f"The site profile {error}.",
            needed_for=(*_NAMES, "capture"),
            fix="Correct the file, or leave it out with --no-profile.",
        )
    keys = ", ".join(sorted({key for table in profile.tables.values() for key in table})) or "no values"
    return Check(check="profile", status="ok", summary=f"The site profile {path} is read: {keys}.")
