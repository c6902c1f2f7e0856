"""The DHCP messages of hosts that have not yet done anything that a phone does: held as bytes, told when one does.

A storm of DHCP has a hundred thousand messages of which nobody ever asks. A message is told, after all that was held of
its client, once

- it names one of the phones' vendor classes, or the client's MAC address is known as a phone's;
- an address in it is of interest, or the one that was leased to the client comes to be;
- a fact of another protocol is of the client's MAC address;
- it is of a kind of which a few bytes do not say all that (below), or there are many of one client.

Bounded: the client that was quiet longest goes first, and is counted.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ucdiag.model.observations import Dhcp
from ucdiag.model.vocabulary import CAPTURE_SKEW, Microseconds
from ucdiag.wire.addresses import address_text
from ucdiag.wire.dhcp.message import PHONE_CLASSES, glance_at_dhcp, options_by_code
from ucdiag.wire.host_filter import MAX_HOSTS, HostFilter

_MOST_MESSAGES = 6000
_MOST_CLIENTS = 4096
_PER_CLIENT = 32

_DISCOVER, _OFFER, _REQUEST, _ACK = 1, 2, 3, 5
# From the magic cookie on, of a message whose first option is its type.
_KINDS = {b"\x63\x82\x53\x63\x35\x01" + bytes([kind]): kind for kind in range(1, 9)}
_PLAIN = (b"\1\1\6", b"\2\1\6")  # a request and a reply of Ethernet
# Operation and hardware, the client's addresses, its MAC address, cookie and type.
_LOOK = struct.Struct(">3s9x4s4s8x6s202x7s").unpack_from
_LEAST, _KIND_AT = 243, 242
_UNNAMED = 44  # where the fields begin that hold names, or options
_CLASS, _IDENTIFIER, _SERVER = 60, 61, b"\x36\x04"
_NOWHERE = bytes(4)
# What comes before an answer, by the answer's type, and what comes behind a question.
_QUESTION_OF = {_OFFER: _DISCOVER, _ACK: _REQUEST, _REQUEST: _OFFER}
_ANSWER_TO = {question: answer for answer, question in _QUESTION_OF.items()}

# As of ``HeldMessage``: to make one for each message would take as long as to hold it.
_Held = tuple[bytes, Microseconds, int, bytes, int | None]


class HeldMessage(NamedTuple):
    """The payload of a datagram, and what its packet said."""

    payload: bytes
    time: Microseconds
    frame: int
    src: bytes
    tag: int | None

    def as_dhcp(self) -> Dhcp:
        """The fact that it is."""
        return glance_at_dhcp(
            self.payload, time=self.time, frame=self.frame, source_address=address_text(self.src), tag=self.tag
        )


class StrangersDhcp:
    """``tell`` gets each message that turns out to matter, in the order in which those of its client came."""

    def __init__(self, interest: HostFilter, tell: Callable[[HeldMessage], None]) -> None:
        self._interest = interest
        self._tell = tell
        self._held: OrderedDict[bytes, list[_Held]] = OrderedDict()
        self._count = 0
        # The client to which an address was leased, of those that are held.
        self._leased: dict[bytes, bytes] = {}
        # Clients whose messages are told at once.
        self._told: dict[bytes, None] = {}
        #: How many messages had to go to stay within bounds.
        self.forgotten = 0
        #: Answers that stand before their questions, by more than packets of one clock do.
        self.early_answers = 0
        interest.on_learn.append(self.report_address)

    def hold_message(self, payload: bytes, time: Microseconds, frame: int, src: bytes, tag: int | None) -> bool:
        """Takes a stranger's message. False for one that is to be told now: then what was held of its client was."""
        if len(payload) < _LEAST:
            return False
        hardware, own, given, client, beginning = _LOOK(payload)
        interest, kind = self._interest, _KINDS.get(beginning)
        if (
            kind is None
            or client in self._told
            or hardware not in _PLAIN
            or given in interest.hosts
            or own in interest.hosts
            or client in interest.clients
            or _may_be_phone(payload, client)
        ):
            self.report_client(client)
            return False
        held = self._held.get(client)
        if held is None:
            self._held[client] = [(payload, time, frame, src, tag)]
        else:
            self._compare_times(held, payload, time, kind)
            held.append((payload, time, frame, src, tag))
            self._held.move_to_end(client)
        self._count += 1
        if kind == _ACK:
            self._note_lease(client, given if given != _NOWHERE else own)
        if self._count > _MOST_MESSAGES or len(self._held) > _MOST_CLIENTS:
            self.forgotten += len(self._take_held(next(iter(self._held))))
        if held is not None and len(held) > _PER_CLIENT:
            self.report_client(client)
        return True

    def _compare_times(self, held: list[_Held], payload: bytes, time: Microseconds, kind: int) -> None:
        """Notes where an answer stands before its question."""
        transaction = payload[4:8]
        question, answer = _QUESTION_OF.get(kind), _ANSWER_TO.get(kind)
        for before, its_time, _, _, _ in held:
            its = before[_KIND_AT]
            if its == answer:
                late, request = time - its_time, before
            elif its == question:
                late, request = its_time - time, payload
            else:
                continue
            if (
                late > CAPTURE_SKEW
                and before[4:8] == transaction
                # A request that names no server chooses among no offers.
                and (_OFFER not in (its, kind) or _DISCOVER in (its, kind) or _SERVER in request[_UNNAMED:])
            ):
                self.early_answers += 1

    def _note_lease(self, client: bytes, address: bytes) -> None:
        if address == _NOWHERE:
            return
        other = self._leased.get(address)
        if other is not None and other != client:
            self.report_client(other)
        self._leased[address] = client

    def _take_held(self, client: bytes) -> list[_Held]:
        """The messages of a client, which are no longer held."""
        held = self._held.pop(client, None)
        if held is None:
            return []
        self._count -= len(held)
        for message in held:
            payload = message[0]
            if payload[_KIND_AT] == _ACK:
                for address in (payload[16:20], payload[12:16]):
                    if self._leased.get(address) == client:
                        del self._leased[address]
        return held

    def report_client(self, client: bytes) -> None:
        """Tells what is held of the client with this MAC address, and from here on all of it at once."""
        self._told.pop(client, None)
        self._told[client] = None
        if len(self._told) > MAX_HOSTS:
            del self._told[next(iter(self._told))]
        for message in self._take_held(client):
            self._tell(HeldMessage._make(message))

    def report_address(self, address: bytes) -> None:
        """Tells what is held of the client to whom this address was leased."""
        client = self._leased.get(address)
        if client is not None:
            self.report_client(client)

    def held_messages(self) -> Iterator[HeldMessage]:
        """What is still held, the quietest client first."""
        for held in self._held.values():
            yield from map(HeldMessage._make, held)


def _may_be_phone(payload: bytes, client: bytes) -> bool:
    """Whether a message names one of the phones' classes, another client than ``client``, or may do so."""
    # A code that stands there once at most is no option that is joined of several, in whatever field.
    vendor_at, identifier_at = payload.find(_CLASS, _UNNAMED), payload.find(_IDENTIFIER, _UNNAMED)
    if (vendor_at >= 0 and payload.find(_CLASS, vendor_at + 1) >= 0) or (
        identifier_at >= 0 and payload.find(_IDENTIFIER, identifier_at + 1) >= 0
    ):
        options = options_by_code(payload)
        if options is None:
            return True
        vendor, identifier = options.get(_CLASS, b""), options.get(_IDENTIFIER, b"")
        identifier = bytes([len(identifier)]) + identifier
    else:
        vendor = payload[vendor_at + 2 : vendor_at + 14] if vendor_at >= 0 else b""
        identifier = payload[identifier_at + 1 : identifier_at + 9] if identifier_at >= 0 else b""
    # A bridge's MAC address stands for that of the client, which is in the identifier.
    return vendor.lower().startswith(PHONE_CLASSES) or (identifier[:2] == b"\7\1" and identifier[2:] != client)
