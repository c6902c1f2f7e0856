"""Unanswered ARP requests, reported as a connection that was ``unreachable``.

A phone that knows the update server's address, and gets no answer to its ARP request for it or for the gateway to it,
sends no SYN; the wire shows only the repeated request. ARP does not show the port: 80 is reported, which such a phone
tries first. A host that has no address of a server yet asks for the DNS server of its lease, port 53: its queries to a
missing one are never sent. The size of the network is not known: an address with the same first three bytes, or that
sent ARP here, is taken to need no gateway.

Answers go to the asker alone, so a capture from elsewhere on the switch may lack them. Therefore nothing is
concluded for a host of which no received packet was seen, nor when anything is sent to the target afterwards.
"""

from collections.abc import Callable
from typing import TypeVar

from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation, UpdateAnswer
from ucdiag.model.repetition import REPEATED, Repeats, proves_silence
from ucdiag.model.urls import is_address, split_urls
from ucdiag.model.vocabulary import Microseconds
from ucdiag.wire.addresses import address_text, mac_text
from ucdiag.wire.watched import DNS_PORT

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

MAX_PENDING = 4096
MAX_ROUTES = 4096
MAX_LEASES = 2048
_AGAIN = 2  # requests, at least: one may have been for a table entry about to expire
_ASSUMED_PORT = 80
_TARGETS = 4  # addresses that a host may be going to, the latest ones


class _Request:
    __slots__ = ("attempts", "frame", "last", "mac", "port", "repeats", "server", "time", "via")

    def __init__(self, time: Microseconds, frame: int, mac: bytes, server: str, port: int, via: str | None) -> None:
        self.time = time
        self.frame = frame
        self.last = time
        self.mac = mac
        self.server = server
        self.port = port
        self.via = via
        self.attempts = 1
        self.repeats = Repeats(time)


class Arp:
    """``patience`` (microseconds) is how long a request stays open before it counts as not answered."""

    def __init__(self, emit: Callable[[Observation], None], *, patience: Microseconds) -> None:
        self._emit = emit
        self._patience = patience
        self._pending: dict[tuple[bytes, bytes], _Request] = {}
        self._targets: dict[str, tuple[str, ...]] = {}
        self._near: dict[bytes, None] = {}
        # The gateways and resolvers in each host's lease, to be read when the host sends ARP for one.
        self._leases: dict[str, Dhcp] = {}
        self.dropped = 0
        #: Addresses that hosts may go to without a question to DNS, as text.
        self.expected: frozenset[str] = frozenset()

    @property
    def is_waiting(self) -> bool:
        """Whether there is a request that an answer would settle."""
        return bool(self._pending)

    def learn_targets(self, observation: Observation) -> None:
        """Learn a host's targets from lookups, connections and offers, and its gateways and DNS servers from leases."""
        if isinstance(observation, Lookup):
            if observation.type == "A":
                self._remember_targets(observation.client, observation.addresses[:_TARGETS])
        elif isinstance(observation, Connect):
            if observation.outcome == "open" and observation.port != DNS_PORT:
                self._remember_targets(observation.client, (observation.server,))
        elif isinstance(observation, UpdateAnswer):
            self._remember_targets(observation.client, _addresses_of(observation))
        elif isinstance(observation, Dhcp) and observation.type in ("ack", "offer") and observation.address:
            self._remember_latest(self._leases, observation.address, observation, MAX_LEASES)

    def _remember_targets(self, client: str | None, addresses: tuple[str, ...]) -> None:
        if not client or not addresses:
            return
        known = self._targets.get(client, ())
        if known[: len(addresses)] != addresses:
            known = (*addresses, *(address for address in known if address not in addresses))[:_TARGETS]
        self._remember_latest(self._targets, client, known)

    @staticmethod
    def _remember_latest(table: dict[_Key, _Value], key: _Key, value: _Value, most: int = MAX_ROUTES) -> None:
        table.pop(key, None)
        table[key] = value
        if len(table) > most:
            del table[next(iter(table))]

    def take_message(self, time: Microseconds, frame: int, data: bytes, at: int) -> None:
        """One ARP message for IPv4 over Ethernet; others are none of ours."""
        if len(data) < at + 28 or data[at : at + 6] != b"\0\x01\x08\0\x06\x04":
            return
        mac, sender, target = data[at + 8 : at + 14], data[at + 14 : at + 18], data[at + 24 : at + 28]
        self._remember_latest(self._near, sender, None)
        self._end_answered(sender)
        if data[at + 7] != 1 or sender == target or not any(sender):
            return
        waiting_request = self._pending.get((sender, target))
        if waiting_request is not None:
            waiting_request.attempts += 1
            waiting_request.last = time
            waiting_request.repeats.add_time(time)
            return
        client, wanted = address_text(sender), address_text(target)
        lease = self._leases.get(client)
        targets, port = self._targets.get(client, ()), _ASSUMED_PORT
        if not targets:
            targets, port = lease.resolvers if lease is not None else (), DNS_PORT
        if wanted in targets:
            request = _Request(time, frame, mac, wanted, port, None)
        elif lease is not None and wanted in lease.routers and (server := self._behind_gateway(client, targets, port)):
            request = _Request(time, frame, mac, server, port, wanted)
        elif wanted in self.expected:
            request = _Request(time, frame, mac, wanted, _ASSUMED_PORT, None)
        else:
            return
        self._pending[sender, target] = request
        if len(self._pending) > MAX_PENDING:
            del self._pending[next(iter(self._pending))]
            self.dropped += 1

    def _behind_gateway(self, client: str, targets: tuple[str, ...], port: int) -> str | None:
        """The first of these that a host reaches through its gateway only. One DNS server nearby is enough."""
        network = client.rpartition(".")[0]
        far = [
            target
            for target in targets
            if target.rpartition(".")[0] != network and bytes(map(int, target.split("."))) not in self._near
        ]
        return far[0] if far and (port != DNS_PORT or len(far) == len(targets)) else None

    def note_sent(self, src: bytes, dst: bytes) -> None:
        """The host sent a packet to ``dst``: what it asked for that was answered, here or out of sight."""
        if self._pending:
            server = address_text(dst)
            for key in [key for key, request in self._pending.items() if key[0] == src and request.server == server]:
                del self._pending[key]

    def _end_answered(self, address: bytes) -> None:
        if self._pending:
            for key in [key for key in self._pending if key[1] == address]:
                del self._pending[key]

    def expire(self, now: Microseconds) -> None:
        for key, request in list(self._pending.items()):
            if now - request.last > self._patience:
                del self._pending[key]
                if request.attempts >= _AGAIN:
                    self._emit(_unanswered_connect(key, request))

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit."""
        return [
            _unanswered_connect(key, request)
            for key, request in self._pending.items()
            if request.attempts >= _AGAIN and self._is_over(request, at)
        ]

    def _is_over(self, request: _Request, at: Microseconds) -> bool:
        repeats = request.repeats
        asked_often = repeats.count >= REPEATED and proves_silence((request.time, repeats.before, repeats.last), at)
        return at - request.time >= self._patience or asked_often

    def finish(self, at: Microseconds) -> None:
        for connect in self.pending(at):
            self._emit(connect)
        self._pending.clear()


def _unanswered_connect(key: tuple[bytes, bytes], request: _Request) -> Connect:
    target = address_text(key[1])
    what = f"its gateway {target}" if request.via else target
    return Connect(
        time=request.time,
        frame=request.frame,
        client=address_text(key[0]),
        server=request.server,
        port=request.port,
        outcome="unreachable",
        client_mac=mac_text(request.mac),
        reason=f"ARP for {what} was not answered",
        attempts=request.attempts,
    )


def _addresses_of(answer: UpdateAnswer) -> tuple[str, ...]:
    """The hosts of the files that are offered, where their URLs hold an address instead of a name."""
    hosts = [parts.hostname or "" for parts in split_urls(answer.urls)]
    return tuple(dict.fromkeys(host for host in hosts if is_address(host) and ":" not in host))
