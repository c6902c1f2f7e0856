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
import socket
import sys
from collections.abc import Iterator
from typing import Final, Self

from ucdiag.model.observations import Dhcp
from ucdiag.model.phone_classes import PHONE_CLASSES
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dhcp_exchange import SILENCE, Answers, Exchange
from ucdiag.probe.dhcp_message import Question, build_frame, build_message, new_transaction, read_frame
from ucdiag.probe.doors import Doors
from ucdiag.probe.interface import InterfaceAddresses, default_interface, own_interface
from ucdiag.probe.packet_link import Link, open_link
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.privileges import captured_by_others, elevated_command, quoted_word
from ucdiag.runtime.system_errors import NOT_SENT, is_running, local_reason, name_of

NO_PRIVILEGE: Final = "no-privilege"

_LINUX = sys.platform.startswith("linux")


def query_servers(
    ctx: Context,
    *,
    mac: str,
    interface: str | None = None,
    vlan: int | None = None,
    wait: Seconds | None = None,
    link: Link | None = None,
    doors: Doors | None = None,
    own: InterfaceAddresses | None = None,
    command: str = "check-dhcp",
) -> Iterator[Dhcp | Problem]:
    """Each question once, before its first answer; every answer as it comes; what nobody answered last (``no_answer``).

    ``mac`` is the phone's. ``wait`` (seconds, ``ctx.timeout`` by default) is how long offers are collected, all of it
    in any case: a second server may be slow, and one that first pings the address takes three seconds. Where nobody
    has answered by then, the first answer is awaited for ``SILENCE`` in all, and others for ``wait`` after it. ``vlan``
    asks tagged with that VLAN id. Only an answer to one of our own transactions for our own hardware address
    counts. Without the right to a packet socket a ``Problem`` says so, and INFORM alone is asked, from
    an ordinary socket, where that may be; ``command`` is the one to name in it. Raises CannotTest when there is no
    such interface.
    """
    wait = ctx.timeout if wait is None else wait
    interface = interface or default_interface()
    own = own or own_interface(interface)
    try:
        link = link or (doors.kept_link() if doors is not None else open_link(interface))
    except PermissionError:
        yield from _without_privilege(ctx, mac, interface, own, vlan, wait, name=command, doors=doors)
        return
    except OSError as error:
        raise CannotTest(
            "no-packet-socket", f"No packet socket could be opened on {interface}: {error.strerror or error}."
        ) from error
    try:
        yield from _LinkExchange(ctx, mac, interface, own, vlan, link).run(wait)
    finally:
        link.close()


class _LinkExchange(Exchange):
    """All questions through a packet socket."""

    def __init__(
        self, ctx: Context, mac: str, interface: str, own: InterfaceAddresses, vlan: int | None, link: Link
    ) -> None:
        questions = [Question("discover", mac, new_transaction(), class_) for class_ in (None, *PHONE_CLASSES)]
        if own.address is not None and vlan is None:
            questions.append(Question("inform", own.mac, new_transaction(), address=own.address))
        super().__init__(ctx, questions, interface, vlan)
        self._interface = interface
        self._vlan = vlan
        self._link = link
        self._frames = {
            question.transaction: build_frame(question, _sender_mac(question, own), vlan) for question in questions
        }

    def check_can_send(self) -> None:
        """Raises CannotTest where the interface is down."""
        if is_running(self._interface) is False:
            raise _interface_down(self._interface)

    def send(self, question: Question) -> None:
        """Send the question again."""
        try:
            self._link.send(self._frames[question.transaction])
        except OSError as error:
            raise _send_failure(error, self._interface) from error

    def receive(self, seconds: Seconds) -> tuple[bytes, str] | None:
        """The payload of a frame in our VLAN."""
        try:
            received = self._link.receive(seconds)
        except OSError as error:
            raise _send_failure(error, self._interface) from error
        datagram = read_frame(*received) if received is not None else None
        if datagram is None or (datagram.tag or None) != self._vlan:
            return None
        return datagram.payload, datagram.source


def _sender_mac(question: Question, own: InterfaceAddresses) -> str:
    """The hardware address that sends: a radio sends under its own only, and the broadcast flag brings the answer."""
    return own.mac if own.wireless or question.type == "inform" else question.client


def _send_failure(error: OSError, interface: str) -> CannotTest:
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
    ctx: Context,
    mac: str,
    interface: str,
    own: InterfaceAddresses,
    vlan: int | None,
    wait: Seconds,
    *,
    name: str,
    doors: Doors | None,
) -> Iterator[Dhcp | Problem]:
    tagged = f" --vlan {vlan}" if vlan is not None else ""
    command = elevated_command(f"{name} --ask --interface {quoted_word(interface)} --mac {mac}{tagged}")
    asking = "Asking as the phone needs a packet socket, which takes more rights"
    how = f"run it from a prompt with administrator's rights: {command}" if sys.platform == "win32" else command
    how += f". {captured_by_others(interface=interface, when=', while the phone restarts')}"
    if own.address is None or vlan is not None:
        yield Problem(code=NO_PRIVILEGE, text=f"{asking}: {how}")
        return
    try:
        ordinary = _OrdinarySocket(
            doors.client_socket() if doors is not None else client_socket(interface, own.address)
        )
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
        answers = Answers(ctx, [question], interface, None)
        message = build_message(question)
        question.asked = ctx.now()
        begin = ctx.monotonic()
        try:
            ordinary.send(message)
        except OSError as error:
            yield Problem(code=NOT_SENT, text=f"INFORM could not be sent on {interface}: {local_reason(error)}.")
            return
        while (left := begin + wait - ctx.monotonic()) > 0 or (
            not question.answered and (left := begin + SILENCE - ctx.monotonic()) > 0
        ):
            ctx.need_time()
            received = ordinary.receive(ctx.within(left))
            if received is not None:
                yield from answers.observe_answer(*received)
    yield from answers.remaining_facts()


def client_socket(interface: str, address: str) -> socket.socket:
    """A UDP socket on port 68. Not shared: a DHCP client that has the port keeps it. Raises OSError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        if sys.platform == "linux":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
        made.bind((address, 68))
    except BaseException:
        made.close()
        raise
    return made


class _OrdinarySocket:
    """What INFORM is asked from where no packet socket may be had."""

    def __init__(self, client: socket.socket) -> None:
        self._socket = client

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
