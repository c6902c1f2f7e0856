"""Classifies the system's errors of sending: an error of this machine, or an ICMP message that came back.

The difference decides the finding. An error of this machine (no route, a firewall of its own, an interface that is
down) means that no packet left it, so it proves nothing about the server: ``NotSentError``. An ICMP message was sent by
the network or the server: ``Notice``.

They are distinguished in this order:

- Linux queues each error with its origin and the sender of the ICMP message (ip(7), IP_RECVERR).
- An error of ``connect`` itself, before the system had to wait, and one of ``send``, are the machine's own, whatever
  the number: EHOSTUNREACH at once is a route of type "unreachable", and after a wait it came back.
- The number, for Linux, macOS and Windows (Windows: Microsoft, "Windows Sockets Error Codes").

ARP that nobody answers is no fault of this machine, unless its cable is out: the question for the address was sent, and
whoever should have answered is somewhere else. Linux says it by an ICMP "host unreachable" in the machine's own name;
any other ICMP error in its own name comes from a firewall on it that rejects.
"""

import contextlib
import errno
import ipaddress
import selectors
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path

from ucdiag.model.fast_dataclass import record
from ucdiag.model.urls import ipv4_flaw
from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import ProblemCode, Seconds
from ucdiag.runtime.context import CannotTest

NOT_SENT: ProblemCode = "not-sent"  # the code of the problem

_WINDOWS = {
    10013: "EACCES",
    10022: "EINVAL",
    10024: "EMFILE",
    10043: "EPROTONOSUPPORT",
    10047: "EAFNOSUPPORT",
    10048: "EADDRINUSE",
    10049: "EADDRNOTAVAIL",
    10050: "ENETDOWN",
    10051: "ENETUNREACH",
    10052: "ENETRESET",
    10053: "ECONNABORTED",
    10054: "ECONNRESET",
    10055: "ENOBUFS",
    10060: "ETIMEDOUT",
    10061: "ECONNREFUSED",
    10064: "EHOSTDOWN",
    10065: "EHOSTUNREACH",
}
# Where they are others than Linux' (sys/errno.h of macOS).
_MACOS = {
    43: "EPROTONOSUPPORT",
    47: "EAFNOSUPPORT",
    48: "EADDRINUSE",
    49: "EADDRNOTAVAIL",
    50: "ENETDOWN",
    51: "ENETUNREACH",
    52: "ENETRESET",
    53: "ECONNABORTED",
    54: "ECONNRESET",
    55: "ENOBUFS",
    60: "ETIMEDOUT",
    61: "ECONNREFUSED",
    64: "EHOSTDOWN",
    65: "EHOSTUNREACH",
}

_NO_ROUTE = ("ENETUNREACH", "EHOSTUNREACH", "ENONET")
_EXHAUSTED = frozenset({"EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"})
# Errors that only the other side, or a device on the way, causes.
_CAME_BACK = frozenset({"ECONNREFUSED", "ECONNRESET", "EHOSTDOWN", "EPIPE", "EPROTO", "ENOPROTOOPT", "ENETRESET"})
# Errors that a router's ICMP message becomes on systems without an error queue; only after a packet was sent.
_MAY_COME_BACK = frozenset({"EHOSTUNREACH", "ENETUNREACH", "ENONET", "EOPNOTSUPP", "ETIMEDOUT"})
# What ends a connection that is open without any word from outside.
_BREAKS_HERE = frozenset(
    {"ENETDOWN", "EACCES", "EPERM", "EADDRNOTAVAIL", "EINVAL", "ENODEV", "ENXIO", "ENONET", "ECONNABORTED"}
)

_FIREWALL = {
    "linux": "nft list ruleset, or iptables -S OUTPUT",
    "darwin": "pfctl -s rules",
    "win32": "Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True",
}
_ROUTES = {
    "linux": "ip route get {address}",
    "darwin": "route get {address}",
    "win32": "Find-NetRoute -RemoteIPAddress {address}",
}
_LINK_LOCAL = ("fe8", "fe9", "fea", "feb")  # fe80::/10
_ZONES = {"linux": "{address}%eth0", "darwin": "{address}%en0", "win32": "{address}%12"}
_LINKS = {"linux": "ip link", "darwin": "ifconfig", "win32": "Get-NetAdapter"}
_ADDRESSES = {"linux": "ip address", "darwin": "ifconfig", "win32": "Get-NetIPAddress"}

_RECVERR = {socket.AF_INET: (0, 11), socket.AF_INET6: (41, 25)}
_ERRQUEUE = 0x2000
_LOCAL, _ICMP, _ICMP6 = 1, 2, 3  # SO_EE_ORIGIN_..., linux/errqueue.h
_SAID = {
    (3, 0): "network unreachable",
    (3, 1): "host unreachable",
    (3, 2): "protocol unreachable",
    (3, 3): "port unreachable",
    (3, 6): "network unknown",
    (3, 7): "host unknown",
    (3, 9): "network prohibited",
    (3, 10): "host prohibited",
    (3, 11): "network unreachable for this service",
    (3, 12): "host unreachable for this service",
    (3, 13): "communication prohibited",
    (11, 0): "time to live exceeded",
}
_SAID6 = {
    (1, 0): "no route",
    (1, 1): "communication prohibited",
    (1, 2): "beyond the scope of the source address",
    (1, 3): "address unreachable",
    (1, 4): "port unreachable",
    (1, 5): "source address failed the policy",
    (1, 6): "route rejected",
    (3, 0): "hop limit exceeded",
}
# Windows sends a refused SYN twice more, half a second apart each, before it says so: about 2 s.
_REFUSAL_ON_WINDOWS = 3.0
_SIOCGIFADDR, _SIOCGIFFLAGS, _IFF_RUNNING = 0x8915, 0x8913, 0x40
_TCP_INFO, _TOTAL_RETRANS = 11, 100  # linux/tcp.h: tcpi_total_retrans is the 25th of 32 bits, after 8 bytes


class NotSentError(Exception):
    """This machine could not send: ``reason`` is the system's own, and what to do here. Says nothing of a server."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@record(frozen=True, slots=True)
class Notice:
    """Word from the network that came back. ``final``: the host itself says that nothing listens there."""

    reason: str
    final: bool = False


class CameBackError(Exception):
    """A connection could not be opened, because of a notice."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice.reason)
        self.notice = notice


def name_of(number: int | None, platform: str = sys.platform) -> str | None:
    """``ENETUNREACH`` for the system's number; ``None`` for one that is not known."""
    if number is None:
        return None
    if number >= 10000:
        return _WINDOWS.get(number)
    if platform == "darwin" != sys.platform and number > 34:
        return _MACOS.get(number)
    return errno.errorcode.get(number)


def local_reason(error: OSError, address: str | None = None, platform: str = sys.platform) -> str:
    """The system's own words for an error of this machine, and what to do about it here: one sentence without a stop.

    Raises CannotTest (``no-sockets``) where the machine has run out of sockets or memory: then nothing can be tested.
    """
    name = name_of(error.errno, platform)
    words = error.strerror or str(error) or type(error).__name__
    if name in _EXHAUSTED:
        raise CannotTest(
            "no-sockets", f"This machine cannot open another connection: {words}. Close programs and try again."
        ) from error
    if name is not None:
        number = f" {error.errno}" if (error.errno or 0) >= 10000 else ""
        words = f"{words} ({'WSA' if number else ''}{name}{number})"
    return f"{words}; {_local_advice(name, address, platform)}"


def _lacks_zone(address: str) -> bool:
    """Whether it is an address of one link, which every interface has, and the interface is not in it (RFC 4007)."""
    return address.lower().startswith(_LINK_LOCAL) and ":" in address and "%" not in address


def _local_advice(name: str | None, address: str | None, platform: str) -> str:
    def system_command(commands: dict[str, str]) -> str:
        command = commands.get("linux" if platform.startswith("linux") else platform, commands["linux"])
        shown = address or "ADDRESS"
        if commands is _ROUTES and command.startswith("ip "):
            shown = shown.replace("%", " dev ", 1)  # ip reads no zone
        return command.format(address=shown)

    if address is not None and _lacks_zone(address) and name in ("EINVAL", *_NO_ROUTE):
        return f"an address of one link says nothing without its interface: name it, such as {system_command(_ZONES)}"
    if name in _NO_ROUTE:
        return (
            f"this machine has no route there: check its cable, its address and its routes ({system_command(_ROUTES)})"
        )
    if name in ("EACCES", "EINVAL"):
        kind = "prohibit" if name == "EACCES" else "blackhole"
        return (
            f"this machine forbids it: check its routes for one of type {kind} ({system_command(_ROUTES)}) and "
            f"its firewall ({system_command(_FIREWALL)})"
        )
    if name == "EPERM":
        return f"this machine's firewall does not let it out: check its output rules ({system_command(_FIREWALL)})"
    if name in ("ENETDOWN", "ENODEV", "ENXIO"):
        return f"its network interface is down: check the cable and the interface ({system_command(_LINKS)})"
    if name == "EADDRNOTAVAIL":
        return f"this machine has no address to send from: check its addresses ({system_command(_ADDRESSES)})"
    if name == "EADDRINUSE":
        return "this machine has no port left to send from: close programs and try again"
    if name in ("EAFNOSUPPORT", "EPROTONOSUPPORT"):
        kind = "IPv6" if address and ":" in address else "that kind of address"
        return f"this machine does not speak {kind}: test with an address that it can reach"
    if name == "ECONNABORTED":
        return "this machine itself ended the connection: check its firewall and its virus scanner, and try again"
    commands = "; ".join(map(system_command, (_LINKS, _ROUTES, _FIREWALL)))
    return f"check this machine's interface, routes and firewall ({commands})"


def broke_here(error: OSError, address: str | None = None, platform: str = sys.platform) -> str | None:
    """The reason why an open connection broke, if that is this machine's own; ``None`` for word from outside."""
    name = name_of(error.errno, platform)
    if isinstance(error, TimeoutError) or (name not in _BREAKS_HERE and name not in _EXHAUSTED):
        return None
    return local_reason(error, address, platform)


def hear_errors(sock: socket.socket) -> None:
    """Asks Linux to queue errors with their origin; elsewhere nothing."""
    if sys.platform.startswith("linux") and sock.family in _RECVERR:
        with contextlib.suppress(OSError):
            sock.setsockopt(*_RECVERR[sock.family], 1)


def explain_error(error: OSError, sock: socket.socket, address: str, *, sending: bool) -> Notice:
    """The notice behind an error of ``send`` or ``recv`` on a connected datagram socket.

    ``address`` is where the socket leads. Raises NotSentError for an error that is this machine's own, CannotTest where
    it has run out of sockets.
    """
    name = name_of(error.errno)
    if sending and name not in _CAME_BACK | _MAY_COME_BACK:
        raise NotSentError(local_reason(error, address))
    queued = _queued_notice(sock, address)
    if sending and queued is None and name not in _CAME_BACK:
        raise NotSentError(local_reason(error, address))
    if queued is not None:
        return queued
    if name in _CAME_BACK:
        final = name in ("ECONNREFUSED", "ECONNRESET")
        return Notice("ICMP port unreachable" if final else f"ICMP error ({error.strerror or name})", final)
    if name in _MAY_COME_BACK and sys.platform != "win32":
        return Notice(f"ICMP {'network' if name == 'ENETUNREACH' else 'host'} unreachable")
    raise NotSentError(local_reason(error, address))


def check_cable(sock: socket.socket) -> None:
    """Looks for the cause of a silence on this machine. Raises NotSentError where its cable is out."""
    here = _local_address(sock)
    if here is not None and _is_connected(here) is False:
        raise NotSentError(
            "the interface that it would leave by is not connected; check the cable (ip link shows NO-CARRIER)"
        )


def connect_tcp(address: str, port: int, seconds: Seconds, monotonic: Callable[[], Seconds]) -> socket.socket:
    """A TCP connection to an IP address, its timeout set to what is left of ``seconds``.

    Raises TimeoutError (nobody answered), ConnectionRefusedError (RST), CameBackError (an ICMP message, ARP not
    answered), NotSentError (nothing left this machine), CannotTest (out of sockets), ValueError (no address).
    """
    if sys.platform == "win32":
        seconds = max(seconds, _REFUSAL_ON_WINDOWS)
    until = monotonic() + seconds
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
        )[0]
    except (OSError, UnicodeError, OverflowError):
        raise ValueError(f"{quoted(address[:60])} is no address to connect to") from None
    try:
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise NotSentError(local_reason(error, address)) from error
    try:
        hear_errors(sock)
        sock.setblocking(False)
        failed = _retransmissions_failed()
        try:
            sock.connect(where)
        except BlockingIOError:
            _wait_for_connection(sock, address, until, monotonic, failed)
        except OSError as error:
            _refused_at_once(error, address, port)
        sock.settimeout(max(until - monotonic(), 0.001))
    except BaseException:
        sock.close()
        raise
    return sock


def _refused_at_once(error: OSError, address: str, port: int) -> None:
    name = name_of(error.errno)
    if name in ("ECONNREFUSED", "ECONNRESET"):
        raise ConnectionRefusedError from error
    if name == "ETIMEDOUT":
        raise TimeoutError from error
    if name == "EHOSTDOWN":
        raise CameBackError(_no_arp_answer(address)) from error
    if is_for_many(address, port):
        text = "it is a broadcast or multicast address, to which no connection can be opened"
        raise CameBackError(Notice(text)) from error
    raise NotSentError(local_reason(error, address)) from error


def is_for_many(address: str, port: int) -> bool:
    """Whether it is no host's address but a broadcast or multicast one, by itself or by this machine's routes."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if parsed.is_multicast or str(parsed) == "255.255.255.255":
        return True
    if parsed.version == 6:
        return False
    # Linux' TCP says "network is unreachable" of a broadcast address too; its UDP wants to be asked for broadcast.
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((address, port))
        except PermissionError:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.connect((address, port))
            return True
    return False


def broadcast_among(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the addresses that are broadcast addresses by this machine's routes. Sends nothing."""
    # The bits of the host, two at least, are all set. The system is asked about no other address.
    return tuple(
        address
        for address in addresses
        if ipv4_flaw(address) is None and int(address.rpartition(".")[2]) & 3 == 3 and is_for_many(address, 53)
    )


def _wait_for_connection(
    sock: socket.socket, address: str, until: float, monotonic: Callable[[], Seconds], failed: int | None
) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        ready = selector.select(max(until - monotonic(), 0))
    if not ready:
        check_cable(sock)
        if _all_failed(sock, failed):
            text = f"no SYN could leave; {_local_advice('EPERM', address, sys.platform)}"
            raise NotSentError(text)
        raise TimeoutError
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if not number:
        return
    queued = _queued_notice(sock, address, tcp=True)
    if queued is not None:
        raise CameBackError(queued)
    name = name_of(number)
    if name in ("ECONNREFUSED", "ECONNRESET"):
        raise ConnectionRefusedError
    if name == "ETIMEDOUT":
        raise TimeoutError
    error = OSError(number, _error_text(number))
    if (name in _MAY_COME_BACK and sys.platform != "win32") or name in _CAME_BACK:
        raise CameBackError(Notice(f"a router or the link says so ({error.strerror})"))
    raise NotSentError(local_reason(error, address))


def _error_text(number: int) -> str:
    import os

    return os.strerror(number)


def _no_arp_answer(address: str) -> Notice:
    return Notice(f"nobody answers ARP for {address} or for the gateway to it")


def _queued_notice(sock: socket.socket, address: str, *, tcp: bool = False) -> Notice | None:
    """The next ICMP error in Linux' queue. Raises NotSentError for one that this machine made itself."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        _, ancillary, _, _ = sock.recvmsg(1, 512, _ERRQUEUE | getattr(socket, "MSG_DONTWAIT", 0))
    except OSError:
        return None
    for level, kind, data in ancillary:
        if (level, kind) not in _RECVERR.values() or len(data) < 16:
            continue
        number, origin, icmp, code = struct.unpack_from("=IBBB", data)
        if origin == _LOCAL:
            raise NotSentError(local_reason(OSError(number, _error_text(number)), address))
        if origin not in (_ICMP, _ICMP6):
            continue
        words = (_SAID if origin == _ICMP else _SAID6).get((icmp, code), f"type {icmp} code {code}")
        sender = _icmp_sender(data)
        text = f"ICMP {words}{f', said {sender}' if sender else ''}"
        if sender is not None and _is_own(sender) and (tcp or sender != address):
            if (icmp, code) != ((3, 1) if origin == _ICMP else (1, 3)):
                firewall = _local_advice("EPERM", address, sys.platform)
                raise NotSentError(f"this machine rejects it itself ({text}); {firewall}")
            check_cable(sock)
            return _no_arp_answer(address)
        return Notice(text, final=words == "port unreachable")
    return None


def _icmp_sender(data: bytes) -> str | None:
    if len(data) < 24:
        return None
    (family,) = struct.unpack_from("=H", data, 16)
    if family == socket.AF_INET:
        return socket.inet_ntop(family, data[20:24])
    if family == socket.AF_INET6 and len(data) >= 40:
        return socket.inet_ntop(family, data[24:40])
    return None


def _is_own(address: str) -> bool:
    """Whether the address is this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.bind((address, 0))
    except OSError:
        return False
    return True


def _local_address(sock: socket.socket) -> str | None:
    """The address that the socket sends from."""
    try:
        return str(sock.getsockname()[0]).partition("%")[0]
    except OSError:
        return None


def is_running(interface: str) -> bool | None:
    """Whether an interface is up and has a carrier; ``None`` if the system does not show it."""
    if not sys.platform.startswith("linux"):
        return None
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            said = fcntl.ioctl(sock, _SIOCGIFFLAGS, struct.pack("16s240x", interface.encode()))
        except OSError:
            return None
    return bool(struct.unpack_from("=H", said, 16)[0] & _IFF_RUNNING)


def _is_connected(address: str) -> bool | None:
    """Whether the interface with this address of ours is connected; ``None`` if the system does not show it."""
    interface = _interface_of(address)
    return is_running(interface) if interface is not None else None


def _interface_of(address: str) -> str | None:
    if not sys.platform.startswith("linux"):
        return None
    if ":" in address:
        packed = ipaddress.ip_address(address).packed.hex()
        with contextlib.suppress(OSError):
            for line in Path("/proc/thread-self/net/if_inet6").read_text().splitlines():
                words = line.split()
                if words[0] == packed:
                    return words[5]
        return None
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):
                said = fcntl.ioctl(sock, _SIOCGIFADDR, struct.pack("16s240x", name.encode()))
                if socket.inet_ntoa(said[20:24]) == address:
                    return name
    return None


def _retransmissions_failed() -> int | None:
    """How many repetitions of a segment the machine could not send so far, all connections together."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        lines = [line.split() for line in Path("/proc/thread-self/net/netstat").read_text().splitlines()]
        return int(dict(zip(lines[0], lines[1], strict=True))["TCPRetransFail"])
    except (OSError, ValueError, LookupError):
        return None


def _all_failed(sock: socket.socket, before: int | None) -> bool:
    """Whether no repetition of the SYN could be sent, as where a firewall here drops it: Linux' connect hides that."""
    now = _retransmissions_failed()
    if before is None or now is None:
        return False
    try:
        data = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 256)
    except OSError:
        return False
    if len(data) < _TOTAL_RETRANS + 4:
        return False
    (again,) = struct.unpack_from("=I", data, _TOTAL_RETRANS)
    return bool(again and now - before >= again)
