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
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from ucdiag.model.observations import Dhcp
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dhcp_message import Question, build, build_frame, new_transaction, read_frame
from ucdiag.probe.interface import InterfaceAddresses, default_interface, own_interface
from ucdiag.probe.packet_link import Link, open_link
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.system_errors import NOT_SENT, is_running, local_reason, name_of
from ucdiag.wire.dhcp.message import CERTIFICATE_CLASS, VLAN_CLASS, read_dhcp
from ucdiag.wire.errors import DecodeError

MOST_ANSWERS = 64
_AGAIN = 0.4  # the share of the wait after which unanswered questions are repeated once, as a phone would

NO_PRIVILEGE: Final = "no-privilege"

_LINUX = sys.platform.startswith("linux")
_BOOTREPLY = 2


def query_servers(
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
        yield from _LinkExchange(ctx, mac, interface, own, vlan, link).run(wait)
    finally:
        link.close()


@dataclass
class _Answers:
    """Picks the answers to our own questions out of what comes, and counts what cannot be read."""

    ctx: Context
    questions: Sequence[Question]
    interface: str
    vlan: int | None
    malformed: int = 0
    counted: int = 0
    seen: set[bytes] = field(default_factory=set)

    def observe(self, payload: bytes, source: str) -> Iterator[Dhcp]:
        """A datagram as the answer to one of ours, its question before it if this is the first."""
        question = self._question_of(payload)
        if question is None:
            return
        answer = self._read(payload, source)
        if answer is None:
            return
        if not question.answered:
            question.answered = True
            yield question.observed(self.vlan, self.interface)
        yield answer

    def rest(self) -> Iterator[Dhcp | Problem]:
        """What nobody answered, and what could not be read."""
        for question in self.questions:
            if not question.answered:
                yield question.observed(self.vlan, self.interface, "no_answer")
        if self.malformed:
            plural = "s" if self.malformed != 1 else ""
            yield Problem(
                code="dhcp-malformed",
                text=f"{self.malformed} answer{plural} to our questions could not be read as DHCP.",
            )
        if self.counted > MOST_ANSWERS:
            yield Problem(
                code="dhcp-too-many-answers",
                text=f"{self.counted} answers came to our few questions; only the first {MOST_ANSWERS} were read.",
            )

    def _question_of(self, payload: bytes) -> Question | None:
        """The question with the datagram's transaction and hardware address."""
        transaction, client = int.from_bytes(payload[4:8], "big"), payload[28:34].hex(":")
        if payload[:1] != bytes([_BOOTREPLY]):
            return None
        mine = (question for question in self.questions if question.transaction == transaction)
        return next((question for question in mine if question.client == client), None)

    def _read(self, payload: bytes, source: str) -> Dhcp | None:
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


class _LinkExchange:
    """All questions through a packet socket, and every answer until the wait ends."""

    def __init__(
        self, ctx: Context, mac: str, interface: str, own: InterfaceAddresses, vlan: int | None, link: Link
    ) -> None:
        self._ctx = ctx
        self._interface = interface
        self._vlan = vlan
        self._link = link
        questions = [
            Question("discover", mac, new_transaction(), class_) for class_ in (None, VLAN_CLASS, CERTIFICATE_CLASS)
        ]
        if own.address is not None and vlan is None:
            questions.append(Question("inform", own.mac, new_transaction(), address=own.address))
        self._questions = questions
        self._frames = {
            question.transaction: build_frame(question, _source(question, own), vlan) for question in questions
        }
        self._answers = _Answers(ctx, questions, interface, vlan)

    def run(self, wait: Seconds) -> Iterator[Dhcp | Problem]:
        """Asks, listens, repeats once what is unanswered, listens on. Raises CannotTest where the interface is down."""
        if is_running(self._interface) is False:
            raise _interface_down(self._interface)
        begin = self._ctx.monotonic()
        for question in self._questions:
            question.asked = self._ctx.now()
            self._send(question)
        yield from self._listen(begin + wait * _AGAIN)
        if self._ctx.monotonic() < begin + wait:
            for question in self._questions:
                if not question.answered:
                    self._send(question)
            yield from self._listen(begin + wait)
        if is_running(self._interface) is False and not any(question.answered for question in self._questions):
            raise _interface_down(self._interface)
        yield from self._answers.rest()

    def _listen(self, until: float) -> Iterator[Dhcp]:
        """The answers that come until a point of ``ctx.monotonic``."""
        while (left := until - self._ctx.monotonic()) > 0:
            try:
                received = self._link.receive(left)
            except OSError as error:
                raise _broken(error, self._interface) from error
            datagram = read_frame(*received) if received is not None else None
            if datagram is not None and (datagram.tag or None) == self._vlan:
                yield from self._answers.observe(datagram.payload, datagram.source)

    def _send(self, question: Question) -> None:
        try:
            self._link.send(self._frames[question.transaction])
        except OSError as error:
            raise _broken(error, self._interface) from error


def _source(question: Question, own: InterfaceAddresses) -> str:
    """The hardware address that sends: a radio sends under its own only, and the broadcast flag brings the answer."""
    return own.mac if own.wireless or question.type == "inform" else question.client


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
    try:
        ordinary = _OrdinarySocket(interface, own.address)
    except OSError as error:
        why = "another program holds it" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        yield Problem(
            code=NO_PRIVILEGE,
            text=f"{asking}, and INFORM from an ordinary socket needs UDP port 68 ({why}): {how}",
        )
        return
    yield Problem(code=NO_PRIVILEGE, text=f"{asking}; only INFORM was asked, for this machine itself: {how}")
    with ordinary:
        question = Question("inform", own.mac, new_transaction(), address=own.address)
        answers = _Answers(ctx, [question], interface, None)
        message = build(question)
        question.asked = ctx.now()
        until = ctx.monotonic() + wait
        try:
            ordinary.send(message)
        except OSError as error:
            yield Problem(code=NOT_SENT, text=f"INFORM could not be sent on {interface}: {local_reason(error)}.")
            return
        while (left := until - ctx.monotonic()) > 0:
            received = ordinary.receive(left)
            if received is not None:
                yield from answers.observe(*received)
    yield from answers.rest()


class _OrdinarySocket:
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
