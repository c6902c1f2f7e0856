"""The hosts that may be phones, so that a reader can drop the packets of all other hosts early.

This is an over-estimate for speed; ``diagnosis`` decides which hosts are phones. A host becomes of interest when it
does what such a phone does: it sends DHCP with one of the phones' vendor classes, asks DNS for ``ucupdates*``, sends a
POST to the request handler, or fetches a firmware file. Named MAC addresses, or every host with a lease, can be
selected too.

The packets of such a host before that moment matter too. Two kinds could be lost: its DHCP messages, which
``StrangersDhcp`` holds (``dhcp/strangers.py``), and the opening of the connection with its first POST, which
``RecentSyns`` keeps. Both hold them for all hosts, bounded.
"""

from collections import OrderedDict
from collections.abc import Callable

from ucdiag.model.observations import Dhcp
from ucdiag.model.phone_classes import CLASS_STARTS
from ucdiag.model.service_names import HANDLER, INTERNAL_PATH, LEGACY_LABEL, STORES
from ucdiag.wire.addresses import packed_mac
from ucdiag.wire.tcp.segment import ConnectionKey, Segment

MAX_HOSTS = 8192
MAX_OPENINGS = 4096
_HEAD = 512
_LABEL = LEGACY_LABEL.encode()
_LABEL_END = 13 + len(_LABEL)  # behind the header of 12 bytes and the byte that says how long the label is
_POSTS = f"post {INTERNAL_PATH.lower().removesuffix(HANDLER)}".encode()
_STORES = tuple(store.encode() for store in STORES)
_LONGEST_STORE = 4 + max(map(len, _STORES))


def asks_for_update_server(message: bytes) -> bool:
    """Whether the first question of a DNS message is for a name that begins with ``ucupdates``."""
    return len(message) > 24 and len(_LABEL) <= message[12] <= 63 and message[13:_LABEL_END].lower() == _LABEL


def asks_update_service(payload: bytes) -> bool:
    """Whether a TCP segment begins a request that only phones send.

    That is a POST to the request handler, directly or through a proxy, or the GET of a firmware file, which may be of
    http where the POST was of https.
    """
    method = payload[:5]
    if method == b"POST ":
        return b"/requesthandler" in payload[:_HEAD].lower()
    return method == b"GET /" and payload[4:_LONGEST_STORE].lower().startswith(_STORES)


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
        # One that loses its first key each time takes 2 microseconds for it, and a quarter of an OrderedDict's memory.
        self.hosts: dict[bytes, None] = {}
        self.on_learn: list[Callable[[bytes], None]] = []
        self.forgotten = 0
        self._limit = limit
        #: The packed MAC addresses of phones, by their DHCP messages so far.
        self.clients: OrderedDict[bytes, None] = OrderedDict((mac, None) for mac in macs)

    def learn_host(self, address: bytes) -> None:
        """From here on the packets of the host with this address matter."""
        if address in self.hosts or len(address) != 4 or not any(address) or address == b"\xff\xff\xff\xff":
            return
        self.hosts[address] = None
        if len(self.hosts) > self._limit:
            del self.hosts[next(iter(self.hosts))]
            self.forgotten += 1
        for listener in self.on_learn:
            listener(address)

    def matters(self, src: bytes, dst: bytes) -> bool:
        return self.everything or src in self.hosts or dst in self.hosts

    def is_client(self, mac: str | None) -> bool:
        """Whether this is the MAC address of a phone, by its DHCP messages so far."""
        return self.everything or (mac is not None and packed_mac(mac) in self.clients)

    def learn_from_dhcp(self, message: Dhcp) -> None:
        """Learn phones and their addresses from a DHCP message."""
        if message.client is None:
            return
        client = packed_mac(message.client)
        if (message.vendor_class or "").lower().startswith(CLASS_STARTS) and client not in self.clients:
            self.clients[client] = None
            if len(self.clients) > self._limit:
                self.clients.popitem(last=False)
                self.forgotten += 1
        if client in self.clients or (self.leased and message.type in ("ack", "request", "inform")):
            for text in (message.address, message.client_address):
                if text is not None:
                    self.learn_host(bytes(map(int, text.split("."))))


class RecentSyns:
    """The latest SYNs, and answers to them, of hosts that were of no interest then. Bounded, oldest out."""

    def __init__(self, limit: int = MAX_OPENINGS) -> None:
        self._limit = limit
        self._young: dict[ConnectionKey, Segment] = {}
        self._old: dict[ConnectionKey, Segment] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def keep_syn(self, segment: Segment) -> None:
        """A SYN or a SYN ACK."""
        self._young[segment.key] = segment
        if len(self._young) >= self._limit // 2:
            # Two halves instead of removing one at a time: a dict that loses its first key at every step is slow.
            self._old = self._young
            self._young = {}

    def take_opening(self, segment: Segment) -> list[Segment]:
        """Removes and returns the opening of a segment's connection: both directions, in the order of their frames."""
        openings = []
        for key in (segment.key, segment.reverse_key):
            opening = self._young.pop(key, None) or self._old.pop(key, None)
            if opening is not None:
                openings.append(opening)
        return sorted(openings, key=lambda opening: opening.frame)
