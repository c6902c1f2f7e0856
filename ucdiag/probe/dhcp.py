"""Plays the phone to the DHCP servers on the link: asks, listens to every answer, and takes nothing.

DISCOVER without a vendor class, with that of the phone's VLAN question and with that of its certificate question,
and INFORM from this machine's own address. REQUEST is never sent, so that no server ever hands out an address: an
offer that nobody takes is forgotten. All of it goes through a packet socket, beside the machine's IP stack: the
DHCP client that runs here neither sees its port taken nor its answers.

Questions are built with scapy. Answers are read by ``ucdiag.wire.dhcp.message``, the decoder of captures, so that an
offer means the same whether it was asked for or watched; and because it is bounded: whoever answers may be hostile.

The packet sockets are in ``packet_link.py``.
"""

import errno
import shlex
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self

from ucdiag.model.observations import Dhcp
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import DhcpOutcome, DhcpType, Microseconds, Seconds
from ucdiag.probe.packet_link import Link, open_link
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.packet_socket import load_scapy
from ucdiag.runtime.system_errors import NOT_SENT, is_running, local_reason, name_of
from ucdiag.wire.dhcp.message import CERTIFICATE_CLASS, VLAN_CLASS, read_dhcp
from ucdiag.wire.errors import DecodeError

# What such a phone asks for (option 55): 43 and 120 are documented (Microsoft, "Configuring DHCP Options to Enable
# Sign-in for IP Phones"), 15 and 119 follow from the domain it uses, 42 and 4 are the two time options that are told
# of; the others are any client's. 66 and 67 are left out: the phones boot from their own flash.
PARAMETERS = (1, 3, 6, 15, 43, 42, 4, 51, 54, 58, 59, 119, 120)

MOST_ANSWERS = 64
_AGAIN = 0.4  # the share of the wait after which unanswered questions are repeated once, as a phone would

NO_PRIVILEGE: Final = "no-privilege"

_LINUX = sys.platform.startswith("linux")

_SIOCGIFADDR, _SIOCGIFHWADDR = 0x8915, 0x8927


@dataclass
class Question:
    """One message of ours. ``client`` is the hardware address in it, ``address`` our own in an INFORM."""

    type: DhcpType
    client: str
    transaction: int
    vendor_class: str | None = None
    address: str | None = None
    asked: Microseconds = 0
    answered: bool = False

    def observed(self, tag: int | None, interface: str, outcome: DhcpOutcome | None = None) -> Dhcp:
        """The question as a fact."""
        return Dhcp(
            time=self.asked,
            type=self.type,
            client=self.client,
            vendor_class=self.vendor_class,
            transaction=self.transaction,
            client_address=self.address,
            requested=PARAMETERS,
            tag=tag,
            interface=interface,
            outcome=outcome,
        )


@dataclass
class InterfaceAddresses:
    """What the interface is: its hardware address, its IPv4 address if it has one, whether it is a radio."""

    mac: str
    address: str | None
    wireless: bool = False


def ask(
    ctx: Context,
    *,
    mac: str,
    interface: str | None = None,
    vlan: int | None = None,
    wait: Seconds | None = None,
    link: Link | None = None,
    own: InterfaceAddresses | None = None,
    command: str = "check-dhcp",
) -> Iterator[Dhcp | Problem]:
    """Each question once, before its first answer; every answer as it comes; what nobody answered last (``no_answer``).

    ``mac`` is the phone's. ``wait`` (seconds, ``ctx.timeout`` by default) is how long offers are collected, all of it
    in any case: a second server may be slow, and one that first pings the address takes three seconds. ``vlan``
    asks tagged with that VLAN id. Only an answer to one of our own transactions for our own hardware address
    counts. Without the right to a packet socket a ``Problem`` says so, and INFORM alone is asked, from
    an ordinary socket, where that may be; ``command`` is the one to name in it. Raises CannotTest when there is no
    such interface.
    """
    wait = ctx.timeout if wait is None else wait
    interface = interface or default_interface()
    own = own or own_interface(interface)
    try:
        link = link or open_link(interface)
    except PermissionError:
        yield from _without_privilege(ctx, mac, interface, own, vlan, wait, command)
        return
    except OSError as error:
        raise CannotTest(
            "no-packet-socket", f"No packet socket could be opened on {interface}: {error.strerror or error}."
        ) from error
    try:
        yield from _Exchange(ctx, mac, interface, own, vlan, link).run(wait)
    finally:
        link.close()


@dataclass
class _Exchange:
    ctx: Context
    mac: str
    interface: str
    own: InterfaceAddresses
    vlan: int | None
    link: Link
    malformed: int = 0
    counted: int = 0
    seen: set[bytes] = field(default_factory=set)

    def run(self, wait: Seconds) -> Iterator[Dhcp | Problem]:
        questions = [
            Question("discover", self.mac, _transaction(), class_) for class_ in (None, VLAN_CLASS, CERTIFICATE_CLASS)
        ]
        if self.own.address is not None and self.vlan is None:
            questions.append(Question("inform", self.own.mac, _transaction(), address=self.own.address))
        waiting = {question.transaction: question for question in questions}
        frames = {question.transaction: self._frame(question) for question in questions}
        if is_running(self.interface) is False:
            raise _interface_down(self.interface)
        begin = self.ctx.monotonic()
        for question in questions:
            question.asked = self.ctx.now()
            self._send(frames[question.transaction])
        repeated = False
        while (left := begin + wait - self.ctx.monotonic()) > 0:
            again = begin + wait * _AGAIN - self.ctx.monotonic()
            if not repeated and again <= 0:
                repeated = True
                for question in questions:
                    if not question.answered:
                        self._send(frames[question.transaction])
            try:
                received = self.link.receive(left if repeated else min(left, max(again, 0.0)))
            except OSError as error:
                raise _broken(error, self.interface) from error
            if received is None:
                continue
            answer = self._answer(*received, waiting)
            if answer is None:
                continue
            question = waiting[answer.transaction or 0]
            if not question.answered:
                question.answered = True
                yield question.observed(self.vlan, self.interface)
            yield answer
        if is_running(self.interface) is False and not any(question.answered for question in questions):
            raise _interface_down(self.interface)
        for question in questions:
            if not question.answered:
                yield question.observed(self.vlan, self.interface, "no_answer")
        yield from _told(self.malformed, self.counted)

    def _answer(self, frame: bytes, tag: int | None, waiting: dict[int, Question]) -> Dhcp | None:
        """The frame as the answer to one of ours, or ``None``."""
        found = read_frame(frame, tag)
        if found is None or (found.tag or None) != self.vlan:
            return None
        return self.accept(found.payload, found.source, waiting)

    def accept(self, payload: bytes, source: str, waiting: dict[int, Question]) -> Dhcp | None:
        """A datagram as the answer to one of ours: its transaction and hardware address are looked at first."""
        question = waiting.get(int.from_bytes(payload[4:8], "big"))
        if question is None or payload[:1] != b"\x02" or payload[28:34].hex(":") != question.client:
            return None
        if payload in self.seen:
            return None  # a frame that the network delivered twice
        self.counted += 1
        if self.counted > MOST_ANSWERS:
            return None
        self.seen.add(payload)
        try:
            answer = read_dhcp(
                payload, time=self.ctx.now(), source_address=source, tag=self.vlan, interface=self.interface
            )
        except DecodeError:
            self.malformed += 1
            return None
        return answer if answer.type in ("offer", "ack", "nak") else None

    def _send(self, frame: bytes) -> None:
        try:
            self.link.send(frame)
        except OSError as error:
            raise _broken(error, self.interface) from error

    def _frame(self, question: Question) -> bytes:
        scapy = _scapy()
        # A radio sends under its own address only; the broadcast flag brings the answer back all the same.
        source = self.own.mac if self.own.wireless or question.type == "inform" else question.client
        frame = scapy.Ether(src=source, dst="ff:ff:ff:ff:ff:ff")
        if self.vlan is not None:
            frame /= scapy.Dot1Q(vlan=self.vlan)
        frame /= scapy.IP(src=question.address or "0.0.0.0", dst="255.255.255.255", ttl=64)
        frame /= scapy.UDP(sport=68, dport=67)
        return bytes(frame / scapy.Raw(build(question)))


def _broken(error: OSError, interface: str) -> CannotTest:
    if name_of(error.errno) in ("ENETDOWN", "ENXIO", "ENODEV"):
        return _interface_down(interface, error)
    return CannotTest(NOT_SENT, f"Nothing could be sent on {interface}: {local_reason(error)}.")


def _interface_down(interface: str, error: OSError | None = None) -> CannotTest:
    why = f"{error.strerror or error}" if error is not None else "it is down, or has no carrier"
    how = f"'ip link show {interface}' shows its state" if _LINUX else "check its state"
    return CannotTest(
        "interface-down",
        f"Nothing could be sent on {interface} ({why}): check its cable, and that it is up; {how}.",
    )


def build(question: Question) -> bytes:
    """The DHCP message of a question. DISCOVER has the broadcast flag set."""
    scapy = _scapy()
    hardware = bytes.fromhex(question.client.replace(":", ""))
    options: list[Any] = [("message-type", question.type)]
    if question.type == "discover":
        # Windows CE, on which the phones run, names itself by its hardware address.
        options.append(("client_id", b"\x01" + hardware))
    if question.vendor_class is not None:
        options.append(("vendor_class_id", question.vendor_class.encode("ascii")))
    options += [("param_req_list", list(PARAMETERS)), ("max_dhcp_size", 1472), "end"]
    head = scapy.BOOTP(
        op=1,
        chaddr=hardware + bytes(10),
        xid=question.transaction,
        ciaddr=question.address or "0.0.0.0",
        flags="B" if question.type == "discover" else 0,
    )
    # Some relays drop what is shorter than the BOOTP messages of old (RFC 1542, section 2.1).
    return bytes(head / scapy.DHCP(options=options)).ljust(300, b"\0")


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram to port 68: its VLAN id if tagged, its sender, its payload."""

    tag: int | None
    source: str
    payload: bytes


def read_frame(frame: bytes, tag: int | None = None) -> Datagram | None:
    """An Ethernet frame with such a datagram in it; ``None`` for any other bytes.

    ``tag`` is the VLAN id that the kernel took off. Checksums are not looked at: between virtual machines of
    one host they are often left to a network card that is not there.
    """
    at = 12
    while (kind := frame[at : at + 2]) in (b"\x81\x00", b"\x88\xa8"):
        tag = int.from_bytes(frame[at + 2 : at + 4], "big") & 0xFFF
        at += 4
    if kind != b"\x08\x00":
        return None
    packet = frame[at + 2 :]
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != 17 or int.from_bytes(packet[6:8], "big") & 0x3FFF:
        return None
    header = (packet[0] & 15) * 4
    datagram = packet[header : int.from_bytes(packet[2:4], "big") or len(packet)]
    if header < 20 or len(datagram) < 8 or datagram[2:4] != b"\x00\x44":
        return None
    length = int.from_bytes(datagram[4:6], "big")
    source = ".".join(str(byte) for byte in packet[12:16])
    return Datagram(tag, source, datagram[8 : length if length >= 8 else len(datagram)])


# Without the right to a packet socket.


def _without_privilege(
    ctx: Context, mac: str, interface: str, own: InterfaceAddresses, vlan: int | None, wait: Seconds, name: str
) -> Iterator[Dhcp | Problem]:
    tagged = f" --vlan {vlan}" if vlan is not None else ""
    command = f"ucdiag {name} --ask --interface {shlex.quote(interface)} --mac {mac}{tagged}"
    asking = "Asking as the phone needs a packet socket, which takes more rights"
    how = (
        f"run it from a prompt with administrator's rights: {command}" if sys.platform == "win32" else f"sudo {command}"
    )
    if own.address is None or vlan is not None:
        yield Problem(code=NO_PRIVILEGE, text=f"{asking}: {how}")
        return
    question = Question("inform", own.mac, _transaction(), address=own.address)
    try:
        ordinary = _Ordinary(interface, own.address)
    except OSError as error:
        why = "another program holds it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        yield Problem(
            code=NO_PRIVILEGE,
            text=f"{asking}, and INFORM from an ordinary socket needs UDP port 68 ({why}): {how}",
        )
        return
    yield Problem(code=NO_PRIVILEGE, text=f"{asking}; only INFORM was asked, for this machine itself: {how}")
    with ordinary:
        exchange = _Exchange(ctx, mac, interface, own, None, _Nowhere())
        waiting = {question.transaction: question}
        message = build(question)
        question.asked = ctx.now()
        begin = ctx.monotonic()
        try:
            ordinary.send(message)
        except OSError as error:
            yield Problem(code=NOT_SENT, text=f"INFORM could not be sent on {interface}: {local_reason(error)}.")
            return
        while (left := begin + wait - ctx.monotonic()) > 0:
            received = ordinary.receive(left)
            if received is None:
                continue
            answer = exchange.accept(*received, waiting)
            if answer is None:
                continue
            if not question.answered:
                question.answered = True
                yield question.observed(None, interface)
            yield answer
    if not question.answered:
        yield question.observed(None, interface, "no_answer")
    yield from _told(exchange.malformed, exchange.counted)


def _told(malformed: int, counted: int) -> Iterator[Problem]:
    if malformed:
        yield Problem(
            code="dhcp-malformed",
            text=f"{malformed} answer{'s' * (malformed != 1)} to our questions could not be read as DHCP.",
        )
    if counted > MOST_ANSWERS:
        yield Problem(
            code="dhcp-too-many-answers",
            text=f"{counted} answers came to our few questions; only the first {MOST_ANSWERS} were read.",
        )


class _Ordinary:
    """A UDP socket on port 68. Not shared: a DHCP client that has the port keeps it."""

    def __init__(self, interface: str, address: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if sys.platform == "linux":
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
            self._socket.bind((address, 68))
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._socket.close()

    def send(self, message: bytes) -> None:
        self._socket.sendto(message, ("255.255.255.255", 67))

    def receive(self, seconds: Seconds) -> tuple[bytes, str] | None:
        self._socket.settimeout(max(seconds, 0.001))
        try:
            payload, (source, _) = self._socket.recvfrom(65535)
        except OSError:
            return None  # too late, or an ICMP error that somebody sent
        return payload, source


class _Nowhere:
    """No packet socket."""

    def send(self, frame: bytes) -> None:
        raise AssertionError("there is no packet socket")

    def receive(self, seconds: Seconds) -> None:
        return None

    def close(self) -> None:
        return None


class _Layers:
    """The few layers of scapy that are needed here."""

    def __init__(self) -> None:
        import logging

        logging.getLogger("scapy").setLevel(logging.ERROR)  # as in load_scapy, which would take longer
        from scapy.layers.dhcp import BOOTP, DHCP
        from scapy.layers.inet import IP, UDP
        from scapy.layers.l2 import Dot1Q, Ether
        from scapy.packet import Raw

        self.BOOTP: Any = BOOTP
        self.DHCP: Any = DHCP
        self.IP: Any = IP
        self.UDP: Any = UDP
        self.Dot1Q: Any = Dot1Q
        self.Ether: Any = Ether
        self.Raw: Any = Raw


_loaded: list[_Layers] = []


def _scapy() -> _Layers:
    if not _loaded:
        _loaded.append(_Layers())
    return _loaded[0]


def _transaction() -> int:
    import secrets

    return 1 + secrets.randbelow(0xFFFFFFFF)


# The interface.


def default_interface() -> str:
    """The interface with the default route, else the first that is connected. Raises CannotTest when there is none."""
    if not _LINUX:
        return str(load_scapy().iface)
    from ucdiag.leases.linux import read_interfaces
    from ucdiag.leases.system_files import SystemFiles

    usable = [
        each for each in read_interfaces(SystemFiles()) if each.kind != "loopback" and each.connected is not False
    ]
    usable.sort(key=lambda each: (each.kind != "ethernet", each.metric is None, each.metric or 0))
    if not usable:
        raise CannotTest("no-interface", "No network interface is connected: name one with --interface.")
    return usable[0].name


def own_interface(interface: str) -> InterfaceAddresses:
    """The interface's own addresses. Raises CannotTest when there is no such interface, or none of Ethernet's kind."""
    if sys.platform != "linux":
        return _own_by_scapy(interface)
    import fcntl
    from pathlib import Path

    if len(interface.encode()) > 15 or "/" in interface or "\0" in interface:
        raise CannotTest("no-interface", f"There is no interface {interface!r}: 'ip link' lists them.")
    request = struct.pack("16s240x", interface.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            hardware = fcntl.ioctl(any_socket, _SIOCGIFHWADDR, request)
        except OSError as error:
            raise CannotTest("no-interface", f"There is no interface {interface!r}: 'ip link' lists them.") from error
        if struct.unpack_from("=H", hardware, 16)[0] != 1:
            raise CannotTest("no-interface", f"{interface} is no Ethernet interface: DHCP cannot be asked there.")
        try:
            address = socket.inet_ntoa(fcntl.ioctl(any_socket, _SIOCGIFADDR, request)[20:24])
        except OSError:
            address = None
    wireless = Path("/sys/class/net", interface, "phy80211").exists()
    return InterfaceAddresses(hardware[18:24].hex(":"), address, wireless)


def _own_by_scapy(interface: str) -> InterfaceAddresses:
    load_scapy()
    from scapy.interfaces import resolve_iface

    try:
        found = resolve_iface(interface)
        mac, address = str(found.mac).lower(), str(found.ip)
    except Exception as error:
        raise CannotTest("no-interface", f"There is no interface {interface!r}.") from error
    return InterfaceAddresses(mac, None if address in ("", "0.0.0.0", "None") else address)
