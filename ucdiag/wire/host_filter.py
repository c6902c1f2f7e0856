"""Which hosts may be phones: what a reader has to know to throw away everybody else's packets early.

This is an over-estimate for the sake of speed, not the judgement of who is a phone, which is the engine's. A host is
of interest from the moment that it does what such a phone does: it asks DHCP with one of the phone's vendor classes,
asks DNS for ``ucupdates*``, or sends a POST to the request handler. Named MACs, or every host with a lease, can be
asked for.

What such a host did before that moment matters too, and only two things can be lost that way: its DHCP messages,
which are therefore always read, and the opening of the very connection that carries its first POST, which
``RecentSyns`` keeps for a while for everybody.
"""

from collections import OrderedDict
from collections.abc import Callable

from ucdiag.model.observations import Dhcp
from ucdiag.wire.dhcp.message import CERTIFICATE_CLASS, VLAN_CLASS
from ucdiag.wire.tcp.segment import ConnectionKey, Segment

MAX_HOSTS = 8192
MAX_OPENINGS = 4096
_HEAD = 512
_POSTS = b"post /requesthandler"
_CLASSES = (VLAN_CLASS.lower(), CERTIFICATE_CLASS.lower())


def asks_for_update_server(message: bytes) -> bool:
    """Whether the first question of a DNS message is for a name that begins with ``ucupdates``."""
    return len(message) > 24 and 9 <= message[12] <= 63 and message[13:22].lower() == b"ucupdates"


def posts_update_request(payload: bytes) -> bool:
    """Whether a TCP segment begins a POST to the request handler, directly or through a proxy."""
    return payload[:5] == b"POST " and b"/requesthandler" in payload[5:_HEAD].lower()


def may_post_update_request(payload: bytes) -> bool:
    """Whether what a snap length left of a segment may be the beginning of such a POST, as far as it goes."""
    return len(payload) < len(_POSTS) and _POSTS.startswith(payload.lower())


class HostFilter:
    """``hosts`` holds the packed IPv4 addresses of interest; ``everything`` makes all hosts so.

    ``macs`` are packed addresses of hosts that were named, ``leased`` makes every host with a lease one.
    ``forgotten`` counts hosts that had to make room for others.
    """

    def __init__(
        self,
        *,
        everything: bool = False,
        macs: frozenset[bytes] = frozenset(),
        leased: bool = False,
        limit: int = MAX_HOSTS,
    ) -> None:
        self.everything = everything
        self.macs = macs
        self.leased = leased
        # Not a plain dict: one that loses its first key at every step is slow.
        self.hosts: OrderedDict[bytes, None] = OrderedDict()
        self.on_learn: list[Callable[[bytes], None]] = []
        self.forgotten = 0
        self._limit = limit
        self._clients: OrderedDict[str, None] = OrderedDict((mac.hex(":"), None) for mac in macs)

    def learn(self, address: bytes) -> None:
        """From here on the packets of the host with this address matter."""
        if address in self.hosts or len(address) != 4 or not any(address) or address == b"\xff\xff\xff\xff":
            return
        self.hosts[address] = None
        if len(self.hosts) > self._limit:
            self.hosts.popitem(last=False)
            self.forgotten += 1
        for listener in self.on_learn:
            listener(address)

    def matters(self, src: bytes, dst: bytes) -> bool:
        return self.everything or src in self.hosts or dst in self.hosts

    def is_client(self, mac: str | None) -> bool:
        """Whether this is the MAC address of a phone, by its DHCP messages so far."""
        return self.everything or mac in self._clients

    def dhcp(self, message: Dhcp) -> None:
        """Learns from a DHCP message who is a phone and what its address is."""
        client = message.client
        if client is None:
            return
        if message.vendor_class and message.vendor_class.lower().startswith(_CLASSES) and client not in self._clients:
            self._clients[client] = None
            if len(self._clients) > self._limit:
                self._clients.popitem(last=False)
                self.forgotten += 1
        if client in self._clients or (self.leased and message.type in ("ack", "request", "inform")):
            for text in (message.address, message.client_address):
                if text is not None:
                    self.learn(bytes(map(int, text.split("."))))


class RecentSyns:
    """The latest SYNs, and answers to them, of hosts that were of no interest then. Bounded, oldest out."""

    def __init__(self, limit: int = MAX_OPENINGS) -> None:
        self._limit = limit
        self._young: dict[ConnectionKey, Segment] = {}
        self._old: dict[ConnectionKey, Segment] = {}

    def keep(self, segment: Segment) -> None:
        """A SYN or a SYN ACK."""
        self._young[segment.key] = segment
        if len(self._young) >= self._limit // 2:
            # Two halves instead of removing one at a time: a dict that loses its first key at every step is slow.
            self._old = self._young
            self._young = {}

    def take(self, segment: Segment) -> list[Segment]:
        """Removes and returns the opening of a segment's connection: both directions, in the order of their frames."""
        openings = []
        for key in (segment.key, segment.reverse_key):
            opening = self._young.pop(key, None) or self._old.pop(key, None)
            if opening is not None:
                openings.append(opening)
        return sorted(openings, key=lambda opening: opening.frame)
