"""Holds the DHCP messages of hosts that are not known as phones, as bytes, and emits them once a host becomes one.

A storm of DHCP has a hundred thousand messages that no report needs. The held messages of a client are emitted, and
each later one at once, when

- a message names one of the phones' vendor classes, or the client's MAC address is known as a phone's;
- an address in it is of interest, or the address leased to the client becomes so;
- a fact of another protocol has the client's MAC address;
- the fixed fields of a message do not decide that (below), or many messages of one client are held.

Bounded: the client without a message for the longest time is dropped first, and its messages are counted.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ucdiag.model.observations import Dhcp
from ucdiag.model.phone_classes import CLASS_STARTS_ON_WIRE
from ucdiag.model.vocabulary import CAPTURE_SKEW, Microseconds
from ucdiag.wire.addresses import address_text
from ucdiag.wire.dhcp.message import glance_at_dhcp, options_by_code
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
    """The payload of a datagram, with the time (microseconds), frame number, source address and VLAN of its packet."""

    payload: bytes
    time: Microseconds
    frame: int
    src: bytes
    tag: int | None

    def as_dhcp(self) -> Dhcp:
        """The message as a fact."""
        return glance_at_dhcp(
            self.payload, time=self.time, frame=self.frame, source_address=address_text(self.src), tag=self.tag
        )


class StrangersDhcp:
    """``emit`` gets each message of a phone, in the order of its client's messages."""

    def __init__(self, interest: HostFilter, emit: Callable[[HeldMessage], None]) -> None:
        self._interest = interest
        self._emit = emit
        self._held: OrderedDict[bytes, list[_Held]] = OrderedDict()
        self._count = 0
        self._latest = 0  # of the times of these messages
        # Leased address -> its client, of the held messages.
        self._leased: dict[bytes, bytes] = {}
        # Clients whose messages are emitted at once, the oldest first.
        self._reported: dict[bytes, None] = {}
        #: How many messages were dropped to stay within bounds.
        self.forgotten = 0
        #: Answers that precede their questions by more than ``CAPTURE_SKEW``.
        self.early_answers = 0
        interest.on_learn.append(self.report_address)

    def hold_message(self, payload: bytes, time: Microseconds, frame: int, src: bytes, tag: int | None) -> bool:
        """Hold a message. False: it has to be emitted now, and the held messages of its client were emitted."""
        if len(payload) < _LEAST:
            return False
        hardware, own, given, client, beginning = _LOOK(payload)
        interest, kind = self._interest, _KINDS.get(beginning)
        hosts = interest.hosts
        if (
            kind is None
            or client in self._reported
            or hardware not in _PLAIN
            or given in hosts
            or own in hosts
            or client in interest.clients
            or _may_be_phone(payload, client)
        ):
            self.report_client(client)
            return False
        early = time < self._latest
        if not early:
            self._latest = time
        held = self._held.get(client)
        if held is None:
            self._held[client] = [(payload, time, frame, src, tag)]
        else:
            if early or kind in _ANSWER_TO:
                self._compare_times(held, payload, time, kind, _QUESTION_OF.get(kind) if early else None)
            held.append((payload, time, frame, src, tag))
            self._held.move_to_end(client)
        self._count += 1
        if kind == _ACK:
            self._note_lease(client, given if given != _NOWHERE else own)
        if self._count > _MOST_MESSAGES or (held is None and len(self._held) > _MOST_CLIENTS):
            self.forgotten += len(self._take_held(next(iter(self._held))))
        if held is not None and len(held) > _PER_CLIENT:
            self.report_client(client)
        return True

    def _compare_times(
        self, held: list[_Held], payload: bytes, time: Microseconds, kind: int, question: int | None
    ) -> None:
        """Count an answer that precedes its question. ``question`` None: none of those held is later than ``time``."""
        answer = _ANSWER_TO.get(kind)
        for message in held:
            before = message[0]
            its = before[_KIND_AT]
            if its == answer:
                late, request = time - message[1], before
            elif its == question:
                late, request = message[1] - time, payload
            else:
                continue
            if (
                late > CAPTURE_SKEW
                and before[4:8] == payload[4:8]
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
        """Remove and return the messages of a client."""
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
        """Emit the held messages of the client with this MAC address, and its later ones at once."""
        self._reported.pop(client, None)
        self._reported[client] = None
        if len(self._reported) > MAX_HOSTS:
            del self._reported[next(iter(self._reported))]
        for message in self._take_held(client):
            self._emit(HeldMessage._make(message))

    def report_address(self, address: bytes) -> None:
        """Emit the held messages of the client to which this address was leased."""
        client = self._leased.get(address)
        if client is not None:
            self.report_client(client)

    def held_messages(self) -> Iterator[HeldMessage]:
        """The messages still held, those of the client longest without a message first."""
        for held in self._held.values():
            yield from map(HeldMessage._make, held)


def _may_be_phone(payload: bytes, client: bytes) -> bool:
    """Whether a message names one of the phones' classes, another client than ``client``, or may do so."""
    find = payload.find
    vendor_at, identifier_at = find(_CLASS, _UNNAMED), find(_IDENTIFIER, _UNNAMED)
    # If the byte of an option's code occurs once at most, the option is not split over several places.
    if (vendor_at != -1 and find(_CLASS, vendor_at + 1) != -1) or (
        identifier_at != -1 and find(_IDENTIFIER, identifier_at + 1) != -1
    ):
        options = options_by_code(payload)
        if options is None:
            return True
        vendor, identifier = options.get(_CLASS, b""), options.get(_IDENTIFIER, b"")
        names_other = len(identifier) == 7 and identifier[0] == 1 and identifier[1:] != client
        return vendor.lower().startswith(CLASS_STARTS_ON_WIRE) or names_other
    if vendor_at != -1 and payload[vendor_at + 2 : vendor_at + 14].lower().startswith(CLASS_STARTS_ON_WIRE):
        return True
    # A bridge's MAC address stands for that of the client, which is in the identifier.
    return (
        identifier_at != -1
        and not payload.startswith(client, identifier_at + 3)
        and payload.startswith(b"\7\1", identifier_at + 1)
    )
