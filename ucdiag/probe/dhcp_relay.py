"""Asks a DHCP server as a relay of the phones' subnet does, from a machine that is elsewhere.

A relay names itself in ``giaddr``: the server serves the subnet of that address, and answers to port 67 there (RFC
2131, section 4.1). Where the address is this machine's own, the server sees what the phones' relay sends. Else the
answer would go to the phones' relay. So ``giaddr`` is this machine's address, and link selection names the phones'
subnet (RFC 3527, option 82, sub-option 5); dnsmasq, ISC dhcpd, Kea and Windows since Server 2016 know it. What a server
offers from another subnet says nothing of the phones and is left out.
"""

import errno
import ipaddress
import socket
from collections.abc import Iterator

from ucdiag.model.observations import Dhcp
from ucdiag.model.phone_classes import PHONE_CLASSES
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Seconds
from ucdiag.probe.dhcp_exchange import Exchange
from ucdiag.probe.dhcp_message import Question, Relay, build_message, new_transaction
from ucdiag.probe.doors import Doors
from ucdiag.runtime.context import CannotTest, Context
from ucdiag.runtime.privileges import elevated_command
from ucdiag.runtime.system_errors import NOT_SENT, local_reason, name_of

_PORT = 67
_CIRCUIT, _LINK_SELECTION = 1, 5  # sub-options of option 82
_FIXED = 240  # bytes before the options
_MASK = 1  # option
_NAMED = 4  # addresses in a sentence


def query_as_relay(
    ctx: Context,
    relay: Relay,
    *,
    mac: str,
    wait: Seconds | None = None,
    command: str = "check-dhcp",
    doors: Doors | None = None,
) -> Iterator[Dhcp | Problem]:
    """Each of the phone's questions once, before its first answer; as ``query_servers`` of ``dhcp.py``, without INFORM.

    Raises CannotTest when no server is known, or nothing can be sent from port 67.
    """
    if relay.server is None:
        raise CannotTest(
            "no-dhcp-server",
            f"No DHCP server is known to this machine: name it with --relay {relay.address}/<DHCP server>.",
        )
    endpoint, own = (
        doors.relay_socket() if doors is not None else bind_relay_socket(relay.address, relay.server, command)
    )
    with endpoint:
        exchange = _RelayExchange(ctx, endpoint, relay.server, relay, own, mac)
        for item in exchange.run(ctx.timeout if wait is None else wait):
            # Without the relay's own address it is not known whether the server understood for whom was asked.
            if isinstance(item, Dhcp) and item.outcome == "no_answer" and own != relay.address:
                continue
            yield item
        yield from exchange.why_inconclusive()


def bind_relay_socket(address: str, server: str, command: str) -> tuple[socket.socket, str]:
    """(A socket on port 67, its address): of ``address`` if it is this machine's, else the one towards the server."""
    endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        try:
            endpoint.bind((address, _PORT))
        except OSError as error:
            if name_of(error.errno) != "EADDRNOTAVAIL":
                raise
            address = _address_towards(server)
            endpoint.bind((address, _PORT))
    except PermissionError as error:
        endpoint.close()
        raise CannotTest(
            "no-privilege",
            f"Asking as a relay needs UDP port {_PORT}, which takes more rights: "
            + elevated_command(f"{command} --ask --relay {address}/{server}"),
        ) from error
    except OSError as error:
        endpoint.close()
        if name_of(error.errno) == "EADDRINUSE":
            text = f"Another program (a DHCP server or relay) holds UDP port {_PORT} of {address}: ask from elsewhere."
            raise CannotTest("no-privilege", text) from error
        raise CannotTest(NOT_SENT, f"Nothing can be sent to {server}: {local_reason(error)}.") from error
    except BaseException:
        endpoint.close()
        raise
    return endpoint, address


def _address_towards(server: str) -> str:
    """This machine's address on the way to the server. Raises OSError where there is no way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        trial.connect((server, _PORT))
        return str(trial.getsockname()[0])


class _RelayExchange(Exchange):
    """The phone's questions through a relay's socket."""

    def __init__(self, ctx: Context, endpoint: socket.socket, server: str, relay: Relay, own: str, mac: str) -> None:
        agent = b""
        if relay.circuit is not None:
            agent += _sub_option(_CIRCUIT, relay.circuit.encode())
        if own != relay.address:
            agent += _sub_option(_LINK_SELECTION, socket.inet_aton(relay.address))
        questions = [
            Question("discover", mac, new_transaction(), class_, relay=own, agent=agent)
            for class_ in (None, *PHONE_CLASSES)
        ]
        super().__init__(ctx, questions, None)
        self._endpoint = endpoint
        self._server, self._relay = server, relay
        self._own = own
        self._elsewhere: dict[str, None] = {}
        self._unreachable = False

    def send(self, question: Question) -> None:
        """To the server alone."""
        try:
            self._endpoint.sendto(build_message(question), (self._server, _PORT))
        except ConnectionRefusedError:
            self._unreachable = True  # an ICMP message to an earlier one
        except OSError as error:
            raise CannotTest(NOT_SENT, f"Nothing can be sent to {self._server}: {local_reason(error)}.") from error

    def receive(self, seconds: Seconds) -> tuple[bytes, str] | None:
        """An answer for the phones' subnet."""
        self._endpoint.settimeout(max(seconds, 0.001))
        try:
            payload, (source, _) = self._endpoint.recvfrom(65535)
        except TimeoutError:
            return None
        except OSError as error:
            self._unreachable = self._unreachable or error.errno == errno.ECONNREFUSED
            return None
        offered = other_subnet(payload, self._relay.address) if self._own != self._relay.address else None
        if offered is not None:
            if len(self._elsewhere) < _NAMED:
                self._elsewhere[offered] = None
            return None
        return payload, source

    def why_inconclusive(self) -> Iterator[Problem]:
        """Why nothing follows from what came, or did not come."""
        if any(question.answered for question in self._questions):
            return
        server, address = self._server, self._relay.address
        if self._elsewhere:
            text = (
                f"{server} offered {', '.join(list(self._elsewhere))}, not from the subnet of {address}: it does "
                "not regard link selection (RFC 3527). Ask from a machine that has an address of that subnet."
            )
            yield Problem(code="relay-other-subnet", text=text)
        elif self._own != address:
            text = (
                f"{server} did not answer the question for the subnet of {address}, sent from {self._own}. It may have "
                "no scope there, not know link selection (RFC 3527), or be behind a firewall that stops UDP port 67. "
                "Nothing follows for the phones: ask from a machine that has an address of that subnet."
            )
            yield Problem(code="relay-no-answer", text=text)


def _sub_option(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value


def other_subnet(payload: bytes, address: str) -> str | None:
    """The address that an answer offers, if the subnet mask with it shows that it is of another subnet."""
    mask = _option_value(payload[_FIXED:], _MASK)
    offered = payload[16:20]
    if mask is None or len(mask) != 4 or not any(offered):
        return None
    network = int.from_bytes(mask, "big")
    if int.from_bytes(offered, "big") & network == int(ipaddress.IPv4Address(address)) & network:
        return None
    return str(ipaddress.IPv4Address(offered))


def _option_value(options: bytes, wanted: int) -> bytes | None:
    """The first option of that code."""
    at = 0
    while at + 1 < len(options) and options[at] != 255:
        if options[at] == 0:
            at += 1
            continue
        value = options[at + 2 : at + 2 + options[at + 1]]
        if options[at] == wanted:
            return value
        at += 2 + options[at + 1]
    return None
