"""What is asked of DHCP servers, of interfaces and beside the path, through sockets that note it, and what is said.

``python -m tests.probe.asking_calls`` writes ``asking_calls.txt`` anew; read the difference before you commit it.
"""

import errno
import itertools
import socket
import struct
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.recorded_calls import Call, Noted, answering, made, raising
from tests.recorded_texts import read_texts, write_texts
from tests.wire.dhcp_options import option
from ucdiag.model.observations import Http, Lookup, Tls, Transfer
from ucdiag.probe.dhcp_message import Question, Relay
from ucdiag.probe.interface import InterfaceAddresses
from ucdiag.runtime.context import CannotTest, Context

FILE = Path(__file__).with_name("asking_calls.txt")
relays: Any = import_module("ucdiag.probe.dhcp_relay")
dhcp: Any = import_module("ucdiag.probe.dhcp")
checks: Any = import_module("ucdiag.probe.dhcp_check")
doors: Any = import_module("ucdiag.probe.doors")
links: Any = import_module("ucdiag.probe.packet_link")
interfaces: Any = import_module("ucdiag.probe.interface")
sides: Any = import_module("ucdiag.probe.side_checks")
scapy_packets: Any = import_module("ucdiag.runtime.scapy_packets")
Patch = pytest.MonkeyPatch
MAC = "00:04:f2:aa:bb:cc"
OWN = InterfaceAddresses("02:00:00:00:00:01", "10.0.0.50")
NOWHERE = InterfaceAddresses("02:00:00:00:00:01", None)


def fails(number: int) -> OSError:
    return OSError(number, "the system's words")


def answer_to(question: bytes, address: str = "10.79.0.77", mask: str | None = "255.255.255.0") -> bytes:
    """An offer, or for an INFORM an acknowledgement."""
    inform = option(53, b"\x08") in question
    yours = bytes(4) if inform else socket.inet_aton(address)
    head = b"\x02\x01\x06\0" + question[4:12] + bytes(4) + yours + bytes(8) + question[28:44] + bytes(192)
    said = option(53, b"\x05" if inform else b"\x02") + option(54, socket.inet_aton("10.0.0.1"))
    said += option(1, socket.inet_aton(mask)) if mask else b""
    return head + b"\x63\x82\x53\x63" + said + option(15, b"contoso.com") + b"\xff"


class Datagrams:
    """A socket of UDP. Its clock jumps instead of waiting; ``answers`` makes of a question what comes."""

    def __init__(self, answers: Callable[[bytes], Iterator[bytes | OSError]], fails: OSError | None = None) -> None:
        self.now = 1000.0
        self.asked: list[Any] = []
        self._answers, self._fails = answers, fails
        self._queue: list[bytes | OSError] = []
        self._waits = 0.0

    def __enter__(self) -> "Datagrams":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        self.asked.append("closed")

    def sendto(self, message: bytes, where: Any) -> None:
        self.asked.append((round(self.now - 1000, 3), where, message[:44].hex(), message[236:].rstrip(b"\0").hex()))
        if self._fails is not None:
            raise self._fails
        self._queue += self._answers(message)

    def settimeout(self, seconds: float) -> None:
        assert seconds > 0
        self._waits = seconds

    def recvfrom(self, most: int) -> tuple[bytes, Any]:
        if not self._queue:
            self.now += self._waits
            raise TimeoutError
        self.now += 0.001
        found = self._queue.pop(0)
        if isinstance(found, OSError):
            raise found
        return found[:most], ("10.0.0.1", 67)

    @property
    def context(self) -> Context:
        return Context(now=lambda: int(self.now * 1_000_000), monotonic=lambda: self.now, timeout=3)


ANSWERS: dict[str, Callable[[bytes], Iterator[bytes | OSError]]] = {
    "silent": lambda question: iter(()),
    "answers": lambda question: iter([answer_to(question)]),
    "no mask": lambda question: iter([answer_to(question, mask=None)]),
    "elsewhere": lambda question: iter([answer_to(question, f"10.77.0.{question[7] + n}") for n in range(3)]),
    "both": lambda question: iter([answer_to(question, "10.77.0.1"), answer_to(question)]),
    "refused": lambda question: iter([fails(errno.ECONNREFUSED)]),
    "no DHCP": lambda question: iter([b"\x02", answer_to(question)[:239]]),
}


def _numbered(patch: Patch) -> None:
    number = iter(range(1, 99))
    for module in (relays, dhcp):
        patch.setattr(module, "new_transaction", lambda: next(number))
        patch.setattr(module, "elevated_command", lambda words: f"sudo ucdiag {words}")
    patch.setattr(dhcp, "quoted_word", lambda word: f"<{word}>")
    patch.setattr(dhcp, "captured_by_others", lambda interface, when: f"Others capture on {interface}{when}.")


def _all(found: Iterator[Any]) -> list[Any]:
    """What came, and the error at its end if there is one."""
    items = []
    try:
        for item in found:
            items.append(_short(item))
    except (OSError, CannotTest) as error:
        items.append(f"{type(error).__name__} {getattr(error, 'code', '')}: {error}")
    return items


def _short(item: Any) -> Any:
    values = {name: getattr(item, name) for name in item.__dataclass_fields__} if hasattr(item, "code") else {}
    if values:
        return f"{item.code}: {item.text}"
    if hasattr(item, "transaction"):
        names = (
            "time",
            "type",
            "client",
            "server",
            "outcome",
            "vlan",
            "interface",
            "domain",
            "your_address",
            "transaction",
        )
        return " ".join(f"{name}={getattr(item, name)}" for name in names if getattr(item, name, None) is not None)
    return item


def _relayed() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for (name, answers), own, circuit in itertools.product(
        ANSWERS.items(), ("10.79.0.1", "10.0.0.50"), (None, "port7")
    ):

        def examine(patch: Patch, answers: Any = answers, own: str = own, circuit: str | None = circuit) -> Any:
            _numbered(patch)
            sock = Datagrams(answers)
            relay = Relay(address="10.79.0.1", server="10.0.0.1", circuit=circuit)
            opened = SimpleNamespace(relay_socket=lambda: (sock, own))
            return _all(relays.query_as_relay(sock.context, relay, mac=MAC, doors=opened)), sock.asked

        found[f"relay, {name} {own} {circuit}"] = examine
    for number in (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EPERM):

        def unsent(patch: Patch, number: int = number) -> Any:
            _numbered(patch)
            sock = Datagrams(ANSWERS["silent"], OSError(number, "the system's words"))
            patch.setattr(relays, "bind_relay_socket", lambda *words: (sock, words[0]))
            relay = Relay(address="10.79.0.1", server="10.0.0.1")
            return _all(relays.query_as_relay(sock.context, relay, mac=MAC, wait=0.5)), sock.asked

        found[f"relay, not sent {number}"] = unsent
    found["relay, nobody"] = lambda patch: _all(relays.query_as_relay(Context(), Relay(address="10.79.0.1"), mac=MAC))
    for own, towards, number in itertools.product(
        (None, errno.EADDRNOTAVAIL, errno.EACCES, errno.EADDRINUSE, errno.EINVAL),
        (None, errno.ENETUNREACH),
        (None, errno.EACCES, errno.EADDRINUSE),
    ):
        found[f"relay bound {own} {towards} {number}"] = _bound(own, towards, number)
    question = Question(
        type="inform",
        client=MAC,
        transaction=7,
        vendor_class="MS-UC-Client",
        address="10.0.0.50",
        relay="10.79.0.1",
        asked=5,
    )
    found["question asked"] = lambda patch: question.as_observation(20, "eth7", "no_answer")
    found["relay bound, a bug"] = _bound(ZeroDivisionError("a bug"), None, None)
    for data in (b"", b"\1", b"\1\4\1\2\3\4", b"\0\0\1\1x", b"\2\1x\1\1y", b"\xff\1\1y", b"\1\0", b"\2\xff\1\1y"):
        found[f"option {data.hex()}"] = lambda patch, d=data: (
            relays._option_value(d, 1),
            relays._option_value(b"\3\1z" + d, 1),
        )
    return found


def _bound(own: Any, towards: int | None, second: int | None) -> Call:
    def examine(patch: Patch) -> Any:
        _numbered(patch)
        errors = [own, second]

        def bind(where: Any) -> None:
            number = errors.pop(0)
            if isinstance(number, Exception):
                raise number
            if number is not None:
                raise fails(number)

        connects = fails(towards) if towards is not None else None
        sock = Noted(None, bind=bind, connect=connects, getsockname=("10.0.0.50", 1), close=None)

        class Opened:
            def __init__(self, *words: Any) -> None:
                sock.notes.append(words)

            def __enter__(self) -> Noted:
                return sock

            def __exit__(self, *raised: object) -> None:
                sock.notes.append("closed")

            def __getattr__(self, name: str) -> Any:
                return getattr(sock, name)

        patch.setattr(relays.socket, "socket", Opened)
        try:
            _, address = relays.bind_relay_socket("10.79.0.1", "10.0.0.1", "check-dhcp")
        except CannotTest as error:
            return error.code, error.text, sock.notes
        except ZeroDivisionError as error:
            return repr(error), sock.notes
        return address, sock.notes

    return examine


def _without_rights() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Call] = {}

    def asked(
        answers: Any,
        own: InterfaceAddresses = OWN,
        vlan: int | None = None,
        sent: OSError | None = None,
        client: OSError | None = None,
        platform: str = "linux",
    ) -> Call:
        def examine(patch: Patch) -> Any:
            _numbered(patch)
            patch.setattr(dhcp.sys, "platform", platform)
            sock = Datagrams(answers, sent)
            given = raising(client) if client is not None else (lambda *words: sock.asked.append(words) or sock)
            patch.setattr(dhcp, "client_socket", given)
            patch.setattr(dhcp, "open_link", raising(PermissionError(errno.EPERM, "no")))
            ctx = sock.context
            return _all(dhcp.query_servers(ctx, mac=MAC, interface="eth 0", vlan=vlan, own=own)), sock.asked

        return examine

    for (name, answers), vlan in itertools.product(ANSWERS.items(), (None, 7)):
        found[f"unprivileged, {name} {vlan}"] = asked(answers, vlan=vlan)
    found["unprivileged, no address"] = asked(ANSWERS["answers"], NOWHERE)
    found["unprivileged, Windows"] = asked(ANSWERS["answers"], platform="win32")
    for number in (errno.ENETUNREACH, errno.EPERM):
        found[f"unprivileged, not sent {number}"] = asked(ANSWERS["answers"], sent=fails(number))
    for number in (errno.EADDRINUSE, errno.EACCES):
        found[f"unprivileged, no port {number}"] = asked(ANSWERS["answers"], client=fails(number))
    found["unprivileged, no port"] = asked(ANSWERS["answers"], client=OSError("no number"))
    for number in (errno.ENETDOWN, errno.ENXIO, errno.ENODEV, errno.EPERM, errno.EINVAL):
        found[f"broken link {number}"] = lambda patch, n=number: _told(dhcp._send_failure(fails(n), "eth0"))
    for linux in (True, False):

        def down(patch: Patch, linux: bool = linux) -> Any:
            patch.setattr(dhcp, "_LINUX", linux)
            return _told(dhcp._interface_down("eth0")), _told(dhcp._interface_down("eth0", OSError("no words")))

        found[f"link down {linux}"] = down
    for error in (fails(errno.ENODEV), OSError("no number")):
        found[f"no link {error}"] = lambda patch, e=error: (
            patch.setattr(dhcp, "open_link", raising(e)),
            _all(dhcp.query_servers(Context(), mac=MAC, interface="eth0", own=OWN)),
        )
    for platform, number in itertools.product(("linux", "darwin"), (None, errno.EADDRINUSE)):

        def client(patch: Patch, platform: str = platform, number: int | None = number) -> Any:
            error = None if number is None else fails(number)
            sock = Noted(None, setsockopt=None, bind=error, close=None)
            patch.setattr(dhcp.sys, "platform", platform)
            patch.setattr(dhcp.socket, "socket", lambda *words: sock.notes.append(words) or sock)
            try:
                dhcp.client_socket("eth0", "10.0.0.50")
            except OSError as caught:
                sock.notes.append(repr(caught))
            return sock.notes

        found[f"client socket {platform} {number}"] = client
    for interface, platform in itertools.product((None, "eth 0"), ("linux", "win32")):

        def no_lease(patch: Patch, interface: str | None = interface, platform: str = platform) -> Any:
            patch.setattr(checks.sys, "platform", platform)
            patch.setattr(checks, "elevated_command", lambda words: f"sudo ucdiag {words}")
            patch.setattr(checks, "quoted_word", lambda word: f"<{word}>")
            return _told(checks._no_lease(interface))

        found[f"no lease {interface} {platform}"] = no_lease
    return found


def _told(item: Any) -> str:
    return f"{item.code}: {item.text}"


def _kept() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for kind, method in (("link", "kept_link"), ("client", "client_socket"), ("relay", "relay_socket")):
        for name, value in (("nothing", None), ("error", fails(errno.EINVAL))):

            def given(patch: Patch, kind: str = kind, method: str = method, value: Any = value) -> Any:
                opened = doors.Doors()
                setattr(opened, f"opened_{kind}", value)
                opened.close()
                return getattr(opened, method)()

            found[f"door {kind}, {name}"] = given

    def link(patch: Patch) -> Any:
        inner = Noted(None, send=None, receive=("frame", 7), close=None)
        opened = doors.Doors()
        opened.opened_link = doors.KeptLink(inner)
        kept = opened.kept_link()
        kept.send(b"frame")
        got = kept.receive(2.5)
        kept.close()
        before = list(inner.notes)
        opened.close()
        return got, before, inner.notes

    def sockets(patch: Patch) -> Any:
        opened = doors.Doors()
        opened.opened_relay = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "10.0.0.50"
        opened.opened_client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with opened.client_socket() as client, opened.relay_socket()[0] as relay:
            numbers = {client.fileno(), relay.fileno(), opened.opened_relay[0].fileno(), opened.opened_client.fileno()}
            address = opened.relay_socket
            opened.close()
            open_still = client.fileno() >= 0, relay.fileno() >= 0
            return (
                len(numbers),
                open_still,
                opened.opened_relay[0].fileno(),
                opened.opened_client.fileno(),
                bool(address),
            )

    found["door, a link"] = link
    found["door, sockets"] = sockets
    return found


class Device(SimpleNamespace):
    def __str__(self) -> str:
        return "the device"


def _interfaces() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Call] = {}

    def by_scapy(device: Any) -> Call:
        def examine(patch: Patch) -> Any:
            patch.setattr(
                interfaces, "find_device", raising(device) if isinstance(device, Exception) else answering(device)
            )
            patch.setattr(
                interfaces,
                "load_scapy",
                raising(device) if isinstance(device, ImportError) else answering(SimpleNamespace(iface=device)),
            )
            patch.setattr(interfaces, "_LINUX", False)
            patch.setattr(interfaces.sys, "platform", "darwin")
            results = []
            for call in (
                interfaces.default_interface,
                interfaces.choose_interface,
                lambda: interfaces.own_interface("en7"),
            ):
                try:
                    results.append(call())
                except (CannotTest, AttributeError) as error:
                    results.append(str(error))
            return results

        return examine

    plain = {"name": "en0", "mac": "02:AB:00:00:00:01", "ip": "10.0.0.9", "flags": 0, "provider": SimpleNamespace()}
    pcap = SimpleNamespace(libpcap=True)
    changes: dict[str, dict[str, Any]] = {
        "plain": {},
        "no name": {"name": ""},
        "no address": {"ip": None},
        "empty address": {"ip": ""},
        "zero address": {"ip": "0.0.0.0"},
        "no mac": {"mac": None},
        "zero mac": {"mac": "00:00:00:00:00:00"},
        "short mac": {"mac": "02:ab:00:00:00"},
        "long mac": {"mac": "02:ab:00:00:00:01:02"},
        "odd mac": {"mac": "02:ag:00:00:00:01"},
        "last byte": {"mac": "00:00:00:00:00:01"},
        "radio": {"flags": 0x1E, "provider": pcap},
        "no radio": {"flags": 0x16, "provider": pcap},
        "radio of none": {"flags": 0x1E},
        "no flags": {"flags": None, "provider": pcap},
    }
    for name, change in changes.items():
        found[f"scapy's interface, {name}"] = by_scapy(Device(**{**plain, **change}))
    for name, value in (("none", None), ("no scapy", ImportError("no scapy")), ("unknown", LookupError("en7"))):
        found[f"scapy's interface, {name}"] = by_scapy(value)

    def by_linux(name: str, kind: int | OSError, address: Any) -> Call:
        def control(sock: Any, code: int, request: bytes) -> bytes:
            assert len(request) == 256
            assert request[:16].rstrip(b"\0") == name.encode()
            value = {0x8927: kind, 0x8915: address}[code]
            if isinstance(value, OSError):
                raise value
            if code == 0x8927:
                return bytes(16) + struct.pack("=H", value) + bytes.fromhex("020304050607") + bytes(20)
            return bytes(20) + socket.inet_aton(address) + bytes(20)

        def examine(patch: Patch) -> Any:
            patch.setattr(interfaces.sys, "platform", "linux")
            patch.setattr("fcntl.ioctl", control)
            patch.setattr(Path, "exists", lambda path: str(path) == "/sys/class/net/wlan0/phy80211")
            return interfaces.own_interface(name)

        return examine

    gone = fails(errno.ENODEV)
    for name in ("eth0", "wlan0", "a/b", "a\0b", "x" * 15, "x" * 16):
        found[f"Linux' interface {name!r}"] = by_linux(name, 1, "10.0.0.9")
    found["Linux' interface, no Ethernet"] = by_linux("eth0", 801, "10.0.0.9")
    found["Linux' interface, gone"] = by_linux("eth0", gone, "10.0.0.9")
    found["Linux' interface, no address"] = by_linux("eth0", 1, gone)
    candidates = {
        "w": ("wlan0", "wireless", True, 5),
        "l": ("lo", "loopback", None, None),
        "e": ("eth0", "ethernet", None, 100),
        "f": ("eth1", "ethernet", True, 0),
        "d": ("eth2", "ethernet", False, 1),
        "n": ("eth3", "ethernet", True, None),
    }
    for which in ("", "l", "d", "w", "lwe", "ef", "fe", "ne", "nw", "dlw", "n"):

        def chosen(patch: Patch, which: str = which) -> Any:
            names = ("name", "kind", "connected", "metric")
            those = [SimpleNamespace(**dict(zip(names, candidates[one], strict=True))) for one in which]
            patch.setattr("ucdiag.leases.linux.read_interfaces", answering(those))
            patch.setattr(interfaces, "_LINUX", True)
            return interfaces.choose_interface()

        found[f"chosen interface of {which!r}"] = chosen
    return found


def _packet_links() -> dict[str, Call]:
    found: dict[str, Call] = {}
    for step in (None, "attach_filter", "setsockopt", "bind_to", "make_promiscuous"):

        def examine(patch: Patch, step: str | None = step) -> Any:
            names = ("attach_filter", "setsockopt", "bind_to", "make_promiscuous", "close", "send")
            answers: dict[str, Any] = dict.fromkeys(names)
            if step is not None:
                answers[step] = fails(errno.ENODEV)
            sock = Noted(None, receive_frame=("frame", 7), **answers)
            patch.setattr(links, "PacketSocket", lambda: sock)
            patch.setattr(links.socket, "if_nametoindex", {"eth7": 7}.__getitem__)
            patch.setattr(links.sys, "platform", "linux")
            try:
                link = links.open_link("eth7")
                link.send(b"frame")
                sock.notes.append(link.receive(1.5))
                link.close()
            except OSError as error:
                sock.notes.append(repr(error))
            return sock.notes

        found[f"packet link, {step}"] = examine
    for error in (None, ImportError("no scapy"), LookupError("no interface"), PermissionError(1, "no")):

        def by_scapy(patch: Patch, error: Exception | None = error) -> Any:
            got = [[1, 2], [3], []]
            packets = lambda most: [SimpleNamespace(data=one) for one in got.pop(0)]  # noqa: E731
            sock = Noted(None, send=None, wait=None, packets=packets, close=None)

            def opened(*words: Any, **named: Any) -> Noted:
                sock.notes.append((words, named))
                if error is not None:
                    raise error
                return sock

            patch.setattr(links, "ScapySocket", opened)
            patch.setattr(links.sys, "platform", "darwin")
            link = links.open_link("en0")
            link.send(b"frame")
            received = [link.receive(seconds) for seconds in (1.5, 2.5, -1, 0)]
            link.close()
            return received, sock.notes

        found[f"scapy's link, {error!r}"] = by_scapy
    return found


def _beside() -> dict[str, Call]:  # noqa: C901 - a table
    found: dict[str, Call] = {}
    srv = Lookup(time=1, name="x", type="SRV", records=("bad", "0 0 x name.", "1 2 124 .", "1 2 125 ntp.contoso.com."))
    address = Lookup(time=1, name="x", type="A", rcode="NOERROR", addresses=("10.0.0.9", "10.0.0.8"))
    missing = Lookup(time=1, name="x", type="A", rcode="NXDOMAIN")
    silent = Lookup(time=1, name="x", type="A", failure="timeout")

    def timed(record: Lookup, answer: Lookup, offset: float | None) -> Call:
        def examine(patch: Patch) -> Any:
            asked: list[Any] = []

            class Resolver:
                def __init__(self, ctx: Context) -> None: ...

                def resolve(self, *words: str) -> Lookup:
                    asked.append(words)
                    return record if len(asked) == 1 else answer

            patch.setattr("ucdiag.probe.dns.Resolver", Resolver)
            patch.setattr(sides, "ask_time", lambda ctx, *words: asked.append(words) or offset)
            return list(sides._check_time(Context(now=lambda: 7, timeout=2.5), "contoso.com")), asked

        return examine

    for name, record in (("record", srv), ("none", missing)):
        for which, answer in (("address", address), ("missing", missing), ("silent", silent)):
            for offset in (None, -3.26, 0.0, 2.04):
                found[f"time, {name} {which} {offset}"] = timed(record, answer, offset)

    def fetched(*facts: Any, url: str = "http://contoso.com/x") -> Call:
        def examine(patch: Patch) -> Any:
            asked: list[Any] = []

            def fetch(ctx: Any, *words: Any, **named: Any) -> Iterator[Any]:
                asked.append((words[0], sorted(named.items())))
                yield from facts

            patch.setattr("ucdiag.probe.update_request.fetch_file", fetch)
            return sides.check_url(Context(now=lambda: 7, timeout=2.5), "certsrv", url), asked

        return examine

    def http(status: int | None, **more: Any) -> Http:
        return Http(time=1, server="10.0.0.9", port=80, method="GET", status=status, **more)

    end = Transfer(time=2, url="http://x/", server="10.0.0.9", reason="it was refused", outcome="refused")
    for status in (None, 199, 200, 204, 299, 300, 399, 400, 401, 403, 404, 500):
        found[f"fetched {status}"] = fetched(http(status, answer_bytes=17, content_type="text/plain"), end)
    found["fetched, no type"] = fetched(http(200, answer_bytes=5), end)
    found["fetched, sign-in"] = fetched(http(401, challenges=("Negotiate", "NTLM")), end)
    found["fetched, sign-in at 200"] = fetched(http(200, challenges=("NTLM",)), end)
    for outcome in ("complete", "failed"):
        tls = Tls(time=1, server="10.0.0.9", port=443, outcome=outcome, reason="an alert")  # type: ignore[arg-type]
        found[f"fetched, TLS {outcome}"] = fetched(tls, end)
        found[f"fetched, TLS {outcome} and no end"] = fetched(tls)
    found["fetched, nothing"] = fetched()
    found["fetched, no words"] = fetched(Transfer(time=2, url="http://x/", server=None, reason=None, outcome="refused"))
    for url in ("http://10.0.0.9/x", "http://[2001:db8::1]/x", "http:///x"):
        found[f"fetched of {url}"] = fetched(end, url=url)

    def all_of(domain: str | None, server: str | None, nameservers: bool, *services: str, cannot: bool = False) -> Call:
        def examine(patch: Patch) -> Any:
            noted = Noted(None, time=CannotTest("max-time", "over") if cannot else [1], fetched="fetched")
            patch.setattr(sides, "_check_time", noted.time)
            patch.setattr(sides, "check_url", noted.fetched)
            plan = SimpleNamespace(domain=domain, server=SimpleNamespace(address=server))
            ctx = Context(nameservers=(("10.0.0.2", 53),) if nameservers else ())
            result = list(sides.side_checks(ctx, plan, services))
            return result, [note[:1] + note[2:] for note in noted.notes]

        return examine

    for domain, server, nameservers in itertools.product((None, "contoso.com"), (None, "10.0.0.7"), (True, False)):
        found[f"beside {domain} {server} {nameservers}"] = all_of(domain, server, nameservers)
    found["beside, services"] = all_of(None, None, True, "http://a/", "http://a/", "http://b/", "http://c/")
    found["beside, no time"] = all_of("contoso.com", None, True, cannot=True)
    return found


CALLS: dict[str, Call] = {
    **_relayed(),
    **_without_rights(),
    **_kept(),
    **_interfaces(),
    **_packet_links(),
    **_beside(),
}


def recorded() -> dict[str, str]:
    """The texts in the file."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_texts(FILE, {name: made(call) for name, call in CALLS.items()})
