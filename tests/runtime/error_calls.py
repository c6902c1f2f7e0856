"""What is said when sending fails, for each error on each system.

``python -m tests.runtime.error_calls`` writes ``error_calls.txt`` anew; read the difference before you commit it.

The queue of Linux' errors is fed with the kernel's own format (linux/errqueue.h).
"""

import errno
import itertools
import socket
import struct
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, answering, made, raising, replacing
from tests.recorded_texts import read_texts, write_texts

errors: Any = import_module("ucdiag.runtime.system_errors")
FILE = Path(__file__).with_name("error_calls.txt")
NUMBERS = (
    *(errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENONET, errno.ENETDOWN),
    *(errno.ENODEV, errno.ENXIO, errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT),
    *(errno.ECONNABORTED, errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTDOWN, errno.EPIPE, errno.EPROTO),
    *(errno.ENOPROTOOPT, errno.ENETRESET, errno.EOPNOTSUPP, errno.ETIMEDOUT, errno.EMFILE, errno.ENOMEM, 9999),
    *(10013, 10022, 10024, 10043, 10047, 10048, 10049, 10050, 10051, 10052, 10053, 10054, 10055, 10060, 10061),
    *(10064, 10065),
)
ON_MACOS = (13, 34, 43, 47, 48, 49, 50, 51, 52, 53, 54, 55, 60, 61, 64, 65)
HOST = "192.0.2.1"
HOST6 = "2001:db8::1"


def _failing(number: int) -> OSError:
    return OSError(number, "the system's words")


def _cmsg(
    number: int = errno.EHOSTUNREACH,
    origin: int = 2,
    icmp: int = 3,
    code: int = 1,
    sender: bytes = struct.pack("=HH", socket.AF_INET, 0) + bytes((10, 0, 0, 1)),
) -> bytes:
    """struct sock_extended_err, and the address of the offender behind it."""
    return struct.pack("=IBBBxII", number, origin, icmp, code, 0, 0) + sender


INET6 = struct.pack("=HHI", socket.AF_INET6, 0, 0) + socket.inet_pton(socket.AF_INET6, "2001:db8::9")


class Queue:
    """A socket with messages in the queue of its errors."""

    def __init__(self, *messages: tuple[int, int, bytes], here: str = "10.0.0.9", error: int = 0) -> None:
        self.messages = messages
        self.here = here
        self.error = error
        self.asked: list[Any] = []
        self.family = socket.AF_INET

    def recvmsg(self, *words: int) -> Any:
        self.asked.append(words)
        if not self.messages:
            raise BlockingIOError(errno.EAGAIN, "nothing there")
        return b"", self.messages, 0, None

    def getsockname(self) -> tuple[str, int]:
        if not self.here:
            raise OSError(errno.EBADF, "no")
        return self.here, 1234

    def getsockopt(self, level: int, option: int, size: int = 0) -> Any:
        return self.error

    def setsockopt(self, *words: int) -> None:
        self.asked.append(words)

    def fileno(self) -> int:
        return 1


def _on(system: str, call: Callable[[], Any], own: bool = False, connected: bool | None = True) -> Call:
    def examine(patch: pytest.MonkeyPatch) -> Any:
        patch.setattr(errors.sys, "platform", system)
        patch.setattr(errors, "_is_own", answering(own))
        patch.setattr(errors, "_is_connected", answering(connected))
        patch.setattr(errors, "_error_text", lambda number: f"error {number}")
        return call()

    return examine


def _queued(data: bytes, level: int = 0, kind: int = 11, address: str = HOST, **how: Any) -> Call:
    tcp = how.pop("tcp", False)
    system = how.pop("system", "linux")
    sock: Any = Queue((level, kind, data))
    return _on(system, lambda: (errors._queued_notice(sock, address, tcp=tcp), sock.asked), **how)


def _reasons() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for system, address, number in itertools.product(("linux", "darwin", "win32"), (HOST, HOST6, None), NUMBERS):
        if address == HOST or number in (errno.EAFNOSUPPORT, errno.ENETUNREACH, errno.EPERM):
            found[f"reason {system} {address} {number}"] = lambda patch, n=number, a=address, s=system: (
                errors.local_reason(_failing(n), a, s),
                errors.broke_here(_failing(n), a, s) is not None,
                errors.name_of(n, s),
            )
    for number in ON_MACOS:
        found[f"name darwin {number}"] = lambda patch, n=number: errors.name_of(n, "darwin")
    found["reason without words"] = lambda patch: errors.local_reason(OSError(), None, "linux")
    found["reason with an odd system"] = lambda patch: errors.local_reason(_failing(errno.EPERM), None, "freebsd14")
    found["reason with an old Linux"] = lambda patch: errors.local_reason(_failing(errno.EPERM), None, "linux2")
    found["no number"] = lambda patch: errors.name_of(None)
    found["a timeout breaks nothing here"] = lambda patch: errors.broke_here(TimeoutError(errno.ENETDOWN, "x"), None)
    return found


def _explained() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for system, sending, number in itertools.product(("linux", "win32"), (True, False), NUMBERS):
        sock: Any = Queue()
        found[f"explain {system} {'send' if sending else 'recv'} {number}"] = _on(
            system, lambda n=number, s=sending, q=sock: errors.explain_error(_failing(n), q, HOST, sending=s)
        )
    queue: Any = Queue((0, 11, _cmsg()))
    for sending, number in itertools.product((True, False), (errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.EPERM)):
        found[f"explain with a queue {sending} {number}"] = _on(
            "linux", lambda n=number, s=sending: errors.explain_error(_failing(n), queue, HOST, sending=s)
        )
    return found


def _queues() -> dict[str, Call]:
    found: dict[str, Call] = {}
    said = [*errors._SAID, (5, 0), (3, 4)]
    said6 = [*errors._SAID6, (2, 0)]
    for icmp, code in said:
        found[f"ICMP {icmp} {code}"] = _queued(_cmsg(icmp=icmp, code=code))
    for icmp, code in said6:
        found[f"ICMPv6 {icmp} {code}"] = _queued(_cmsg(origin=3, icmp=icmp, code=code, sender=INET6), 41, 25)
    for length in (15, 16, 23, 24):
        found[f"ICMP of {length} bytes"] = _queued(_cmsg()[:length])
    for length in (39, 40):
        found[f"ICMPv6 of {length} bytes"] = _queued(_cmsg(origin=3, icmp=1, sender=INET6)[:length], 41, 25)
    found["ICMP of an unknown family"] = _queued(_cmsg(sender=struct.pack("=HH4x", 99, 0)))
    for name, level, kind in (("level", 1, 11), ("kind", 0, 12), ("both", 41, 25), ("mixed", 41, 11)):
        found[f"ICMP of another {name}"] = _queued(_cmsg(), level, kind)
    found["ICMP, local"] = _queued(_cmsg(errno.EPERM, origin=1))
    for origin in (0, 4):
        found[f"ICMP, origin {origin}"] = _queued(_cmsg(origin=origin))
    for system in ("darwin", "win32", "linux2"):
        found[f"ICMP, {system}"] = _queued(_cmsg(), system=system)
    for address, tcp, connected, way in itertools.product(
        (HOST, "10.0.0.1"), (True, False), (True, False, None), ((2, 3, 1), (2, 3, 3), (2, 1, 3), (3, 1, 3), (3, 3, 1))
    ):
        origin, icmp, code = way
        data = _cmsg(origin=origin, icmp=icmp, code=code)
        found[f"ICMP of our own {origin} {icmp} {code} to {address}{' TCP' if tcp else ''}, {connected}"] = _queued(
            data, address=address, tcp=tcp, own=True, connected=connected
        )
    found["nothing in the queue"] = _on("linux", lambda: errors._queued_notice(Queue(), HOST))
    two: Any = Queue((1, 1, b"other"), (0, 11, _cmsg(origin=0)), (0, 11, _cmsg(icmp=3, code=3)), (0, 11, _cmsg()))
    found["the first that counts"] = _on("linux", lambda: errors._queued_notice(two, HOST))
    return found


def _refused() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for number, many in itertools.product(NUMBERS, (True, False)):
        found[f"refused at once {number}{', for many' if many else ''}"] = replacing(
            lambda n=number: errors._refused_at_once(_failing(n), HOST, 80),
            errors,
            is_for_many=answering(many),
        )
    for address in (
        "224.0.0.1",
        "ff02::1",
        "ff02::1%lo",
        "255.255.255.255",
        "2001:db8::1",
        "127.0.0.1",
        "127.255.255.255",
    ):
        found[f"for many {address}"] = lambda patch, a=address: errors.is_for_many(a, 80)
    return found


class Asked:
    """A socket of which ``connect`` fails once, as for a broadcast address, or always."""

    def __init__(self, *fails: Exception) -> None:
        self.fails = list(fails)
        self.asked: list[Any] = []

    def __call__(self, *words: object) -> "Asked":
        self.asked.append(words)
        return self

    def __enter__(self) -> "Asked":
        return self

    def __exit__(self, *raised: object) -> None:
        self.asked.append("closed")

    def connect(self, where: object) -> None:
        self.asked.append(where)
        if self.fails:
            raise self.fails.pop(0)

    bind = connect

    def setsockopt(self, *words: object) -> None:
        self.asked.append(words)


def _asking(call: Callable[[], Any], *fails: Exception) -> Call:
    def examine(patch: pytest.MonkeyPatch) -> Any:
        asked = Asked(*fails)
        patch.setattr(errors.socket, "socket", asked)
        return call(), asked.asked

    return examine


def _broadcasts() -> dict[str, Call]:
    denied, out = PermissionError(errno.EACCES, "no"), OSError(errno.ENETUNREACH, "no")
    found: dict[str, Call] = {}
    for name, fails in (("goes", ()), ("denied", (denied,)), ("denied twice", (denied, denied)), ("fails", (out,))):
        found[f"broadcast, {name}"] = _asking(lambda: errors.is_for_many("10.0.0.255", 80), *fails)
        for address in ("10.0.0.1", HOST6):
            found[f"our own {address}, {name}"] = _asking(lambda a=address: errors._is_own(a), *fails)
    return found


def _opened() -> dict[str, Call]:
    found: dict[str, Call] = {}

    def opened(system: str, number: int | None, *messages: Any, **how: Any) -> Call:
        failed = how.pop("all_failed", False)
        sock: Any = Queue(*messages, error=number or 0)

        def call() -> Any:
            return errors._wait_for_connection(sock, HOST, 5.0, lambda: 4.0, 7)

        def examine(patch: pytest.MonkeyPatch) -> Any:
            waited: list[float] = []

            class Selector:
                def __enter__(self) -> "Selector":
                    return self

                def __exit__(self, *raised: object) -> None:
                    waited.append(-1)

                def register(self, sock: object, event: int) -> None:
                    waited.append(event)

                def select(self, seconds: float) -> list[int]:
                    waited.append(seconds)
                    return [] if number is None else [1]

            patch.setattr(errors.selectors, "DefaultSelector", Selector)
            patch.setattr(errors, "_all_failed", lambda sock, before: failed and before == 7)
            return _on(system, call, **how)(patch), waited

        return examine

    for system, number in itertools.product(("linux", "win32"), (0, *NUMBERS)):
        found[f"opened {system} {number}"] = opened(system, number)
    found["opened, queued"] = opened("linux", errno.EHOSTUNREACH, (0, 11, _cmsg()))
    found["opened, of our own"] = opened("linux", errno.EHOSTUNREACH, (0, 11, _cmsg()), own=True)
    for connected, failed in itertools.product((True, False, None), (True, False)):
        found[f"silent {connected} {failed}"] = opened("linux", None, connected=connected, all_failed=failed)
    found["silent without an address"] = _on("linux", lambda: errors.check_cable(Queue(here="")), connected=False)
    found["here"] = lambda patch: errors._local_address(Queue(here="fe80::1%eth0"))
    return found


NETSTAT = "TcpExt: A TCPRetransFail B\nTcpExt: 5 7 9\nIpExt: X\nIpExt: 1\n"
INET6_FILE = (
    "20010db8000000000000000000000001 02 40 00 80     eth7\n20010db8000000000000000000000002 03 40 00 80 eth8\n"
)


def _running(ioctl: Callable[..., Any]) -> Any:
    asked: list[Any] = []

    def control(sock: object, code: int, data: bytes) -> Any:
        asked.append((code, data.rstrip(b"\0"), len(data)))
        return ioctl()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fcntl.ioctl", control)
        return errors.is_running("eth0"), asked


def _files() -> dict[str, Call]:
    def reading(text: str | Exception, call: Callable[[], Any], system: str = "linux") -> Call:
        def read(path: Path) -> str:
            if isinstance(text, Exception):
                raise text
            return f"{text}" if path.parts[:3] == ("/", "proc", "thread-self") else ""

        def examine(patch: pytest.MonkeyPatch) -> Any:
            patch.setattr(errors.sys, "platform", system)
            patch.setattr(errors.Path, "read_text", read)
            return call()

        return examine

    gone = OSError(errno.ENOENT, "no")
    texts = {"netstat": NETSTAT, "no file": gone, "empty": "", "short": "TcpExt: A\nTcpExt: 1\n", "odd": "A B\nA\n"}
    texts["words"] = "TcpExt: TCPRetransFail\nTcpExt: x\n"
    found = {f"retransmissions, {name}": reading(text, errors._retransmissions_failed) for name, text in texts.items()}
    found["retransmissions elsewhere"] = reading(NETSTAT, errors._retransmissions_failed, "darwin")
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3"):
        found[f"interface of {address}"] = reading(INET6_FILE, lambda a=address: errors._interface_of(a))
    found["interface without a file"] = reading(gone, lambda: errors._interface_of("2001:db8::1"))
    found["interface elsewhere"] = reading(INET6_FILE, lambda: errors._interface_of("2001:db8::1"), "darwin")
    for again, before, now in itertools.product((0, 1, 2), (None, 5), (None, 5, 6, 7)):
        for length in (103, 104):
            data = bytes(100) + struct.pack("=I", again) + bytes(8)
            found[f"all failed {again} {before} {now} {length}"] = replacing(
                lambda d=data[:length], b=before: errors._all_failed(SimpleNamespace(getsockopt=answering(d)), b),
                errors,
                _retransmissions_failed=answering(now),
            )
    found["all failed, not known"] = replacing(
        lambda: errors._all_failed(SimpleNamespace(getsockopt=raising(gone)), 5),
        errors,
        _retransmissions_failed=answering(7),
    )
    for flags in (0, 1, 0x40, 0x41, 0xFFBF):
        for system in ("linux", "darwin"):
            found[f"running {system} {flags:#x}"] = replacing(
                lambda f=flags: _running(answering(bytes(16) + struct.pack("=H238x", f))), errors, sys__platform=system
            )
    found["running, no such"] = replacing(lambda: _running(raising(gone)), errors, sys__platform="linux")
    for interface, running in itertools.product((None, "eth0"), (True, False, None)):
        found[f"connected {interface} {running}"] = replacing(
            lambda: errors._is_connected(HOST),
            errors,
            _interface_of=answering(interface),
            is_running=lambda name, r=running: r if name == "eth0" else "?",
        )
    found["interface of 127.0.0.1"] = lambda patch: errors._interface_of("127.0.0.1") == "lo"
    found["lo is running"] = lambda patch: errors.is_running("lo")
    return found


def _dialled() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for address, port in (("nobody.example", 80), ("10.0.0.256", 80), ("x" * 80, 80), ("127.0.0.1", 1 << 70)):
        found[f"dial {address[:20]} {port}"] = lambda patch, a=address, p=port: errors.connect_tcp(a, p, 1, lambda: 0.0)
    found["dial without a socket"] = replacing(
        lambda: errors.connect_tcp(HOST6, 80, 1, lambda: 0.0),
        errors,
        socket__socket=raising(_failing(errno.EAFNOSUPPORT)),
    )
    for system, family in itertools.product(("linux", "darwin"), (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX)):
        found[f"hear errors {system} {family.name}"] = lambda patch, s=system, f=family: _heard(patch, s, f)
    return found


def _heard(patch: pytest.MonkeyPatch, system: str, family: int) -> Any:
    patch.setattr(errors.sys, "platform", system)
    sock: Any = Queue()
    sock.family = family
    errors.hear_errors(sock)
    return sock.asked


CALLS: dict[str, Call] = {
    **_reasons(),
    **_explained(),
    **_queues(),
    **_refused(),
    **_broadcasts(),
    **_opened(),
    **_files(),
    **_dialled(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
