"""Observations: facts in the past tense, without judgement.

Every source (a query of our own, a packet, a lease file) makes these and nothing else, and the engine
reads these and nothing else. All times are integer microseconds since 1970-01-01T00:00:00Z, so that
their JSON form (RFC 3339 with microseconds) loses nothing; all durations are seconds. Addresses are
text, MAC addresses lower case with colons, names without a trailing dot. ``None`` means not known.
Text may hold anything that came from outside, control characters included: views make it safe.

``frame`` counts from 1 as Wireshark does and is set by captures only. ``purpose`` is set by active
sources, which know what they ask for; a capture leaves it ``None`` and the engine infers it.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

from ucdiag.model.fast_dataclass import Record, field_filler, field_values, record
from ucdiag.model.vocabulary import (
    AnswerForm,
    ConnectLacking,
    ConnectOutcome,
    DhcpOutcome,
    DhcpType,
    HttpFailure,
    LeaseAuthority,
    LookupFailure,
    Microseconds,
    Peer,
    Purpose,
    Scheme,
    Seconds,
    SideCheckSubject,
    SignInResult,
    TlsOutcome,
    TlsStage,
    TransferOutcome,
    Transport,
)

#: The fields that hold a text as it was sent.
BODY_FIELDS = ("request_text", "answer_text", "excerpt")


@record(frozen=True, slots=True, kw_only=True)
class Observation(Record):
    """What every observation has: when it began, and the frame that showed it."""

    kind: ClassVar[str] = ""

    time: Microseconds
    frame: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Lease(Observation):
    """What this machine knows of its own DHCP lease or resolver configuration, from one place.

    ``authority`` says how much it proves. ``domain`` is option 15 as text; ``None`` with authority ``dhcp`` means that
    the lease carries none, provided that ``"domain"`` is not in ``unknown``, the names of the fields that the place
    does not record. ``rewritten`` names the fields that the machine's own client changed, so that the server's values
    are not known, and ``rewritten_by`` says how.
    """

    kind: ClassVar[str] = "lease"

    interface: str | None = None
    source: str
    provenance: str
    authority: LeaseAuthority
    chosen: bool = False
    reason: str | None = None
    address: str | None = None
    server: str | None = None
    domain: str | None = None
    resolvers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    obtained: Microseconds | None = None
    expires: Microseconds | None = None
    unknown: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    rewritten_by: str | None = None


class _MayBeUnread(Observation):
    """Has room for what a message is read from, as long as nobody asked for more of it than its beginning."""

    __slots__ = ("unread",)

    unread: bytes


@record(frozen=True, slots=True, kw_only=True)
class Dhcp(_MayBeUnread):
    """One DHCP message, or (``outcome`` ``no_answer``) a question of ours that nobody answered.

    ``client`` is the phone's hardware address. ``vlan`` is the voice VLAN id of option 43, sub-option 10; ``tag`` the
    802.1Q VLAN id of the frame itself. ``domain`` is option 15 as text, ``""`` when present but empty.
    ``address`` is the address handed out, in a client's message the one it asks for (option 50). ``server`` is
    option 54 alone, ``source_address`` who sent it. ``message`` is option 56, why a server said NAK. ``truncated``
    says that the options broke off, so that one that is absent may only be lost.
    """

    kind: ClassVar[str] = "dhcp"

    type: DhcpType
    client: str | None = None
    server: str | None = None
    address: str | None = None
    domain: str | None = None
    resolvers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    vendor_class: str | None = None
    hostname: str | None = None
    vlan: int | None = None
    tag: int | None = None
    transaction: int | None = None
    client_address: str | None = None
    relay: str | None = None
    routers: tuple[str, ...] = ()
    time_servers: tuple[str, ...] = ()
    time_offset_servers: tuple[str, ...] = ()
    lease_seconds: int | None = None
    requested: tuple[int, ...] = ()
    options: tuple[int, ...] = ()
    registrars: tuple[str, ...] = ()
    certificate_service: str | None = None
    vendor_options: tuple[str, ...] = ()
    source_address: str | None = None
    interface: str | None = None
    outcome: DhcpOutcome | None = None
    client_id: str | None = None
    message: str | None = None
    relay_information: tuple[str, ...] = ()
    truncated: bool = False
    #: It is the capture that lacks the rest of it: its snap length cut the packet.
    snapped: bool = False
    #: Of a server's message: the subnet of the client's address by option 1, such as ``10.0.0.0/24``.
    subnet: str | None = None


class UnreadDhcp(Dhcp):
    """A message of which some fields are there. Who asks for another one makes it a ``Dhcp`` with all of them.

    A storm of DHCP has a hundred thousand messages of hosts of which nobody ever asks. Who makes one sets
    what is known, and ``unread`` to what ``whole_message`` makes all of it from.
    """

    __slots__ = ()

    def whole_message(self) -> Dhcp:
        """The same message with all fields."""
        raise NotImplementedError

    def read_fields(self) -> None:
        """From here on it is a ``Dhcp`` like any other."""
        field_filler(Dhcp)(self, field_values(Dhcp)(self.whole_message()))
        object.__delattr__(self, "unread")
        self.__class__ = Dhcp  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name not in Dhcp.__dataclass_fields__:
            raise AttributeError(name)
        self.read_fields()
        return getattr(self, name)

    def __eq__(self, other: object) -> bool:
        self.read_fields()
        return self == other

    def __hash__(self) -> int:
        self.read_fields()
        return hash(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.read_fields()
        return self.__reduce_ex__(protocol)


#: The types of a server's answers.
FROM_SERVER: frozenset[DhcpType] = frozenset({"offer", "ack", "nak"})


def lease_in_use(leases: Iterable[Lease]) -> Lease | None:
    """The lease of DHCP that this machine uses, among all that it has."""
    return next((lease for lease in leases if lease.chosen and lease.authority == "dhcp"), None)


def offers_address(message: Dhcp) -> bool:
    """Whether this is an offer of which a phone can make a lease."""
    return message.type == "offer" and message.address is not None


@record(frozen=True, slots=True, kw_only=True)
class Lookup(Observation):
    """One DNS question and its answer. ``rcode`` is ``None`` when no answer came."""

    kind: ClassVar[str] = "lookup"

    answer_frame: int | None = None
    client: str | None = None
    server: str | None = None
    name: str
    type: str
    rcode: str | None = None
    #: Those of the asked type at the end of the alias chain.
    addresses: tuple[str, ...] = ()
    #: The names of the alias chain, in order.
    aliases: tuple[str, ...] = ()
    seconds: Seconds | None = None
    #: The other answers as text (``0 0 5061 sip.contoso.com`` for SRV).
    records: tuple[str, ...] = ()
    #: The smallest, in seconds.
    ttl: int | None = None
    transport: Transport = "udp"
    #: Why there is no ``rcode``.
    failure: LookupFailure | None = None
    purpose: Purpose | None = None
    client_port: int | None = None
    server_port: int | None = None
    client_mac: str | None = None
    attempts: int = 1
    #: Of one that was put more than once: when for the last time, and for the last time before that.
    last_time: Microseconds | None = None
    last_but_one: Microseconds | None = None
    #: The TC flag: the answer was not whole, and a client asks again over TCP.
    truncated: bool = False
    #: Of an answer that is cut short: its packet ends before its records do, as a capture's snap length leaves it.
    snapped: bool = False
    #: The server, which does not recurse, only named the servers of another zone: nothing about the name.
    referred: bool = False
    #: The zone that the answer's SOA names, of an answer without the record: where it would have to be.
    zone: str | None = None
    #: Nobody was asked: the user said what DNS shall be taken to answer (``--assume``).
    assumed: bool = False
    reason: str | None = None
    #: The answer came from this address and port, not from those that were asked. Whether the client took it is not
    #: said; ``asked_again``: it put the question again after that answer.
    answer_from: str | None = None
    answer_from_port: int | None = None
    asked_again: bool = False
    #: Of an active command: those of the addresses that are broadcast addresses by this machine's routes.
    broadcast: tuple[str, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class Connect(Observation):
    """One attempt to open a TCP connection."""

    kind: ClassVar[str] = "connect"

    client: str | None = None
    server: str
    port: int
    #: ``unfinished``: the capture ended first.
    outcome: ConnectOutcome
    seconds: Seconds | None = None
    client_port: int | None = None
    client_mac: str | None = None
    #: Why unreachable: an ICMP message, ARP not answered, no route.
    reason: str | None = None
    #: The number of SYNs.
    attempts: int = 1
    #: Of one that was put more than once: when for the last time, and for the last time before that.
    last_time: Microseconds | None = None
    last_but_one: Microseconds | None = None
    #: The host name that led to the address, where known.
    name: str | None = None
    purpose: Purpose | None = None
    #: The part of the opening that is not in the capture. Without ``syn`` or ``syn_ack``, that the connection opened
    #: follows from what came after. Without ``ack``, the client repeats its SYN though its answer is in the capture.
    lacking: ConnectLacking | None = None


@record(frozen=True, slots=True, kw_only=True)
class Certificate(Record):
    """One certificate of a chain. Times are microseconds since the epoch."""

    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    not_before: Microseconds | None = None
    not_after: Microseconds | None = None
    signature: str | None = None
    #: Kind and length of the key: ``RSA 2048``, ``EC 256``.
    key: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Tls(Observation):
    """One TLS handshake."""

    kind: ClassVar[str] = "tls"

    client: str | None = None
    server: str
    port: int
    server_name: str | None = None
    #: Those that were offered.
    versions: tuple[str, ...] = ()
    #: The one that was chosen (``TLS 1.2``).
    version: str | None = None
    alert: int | None = None
    alert_from: Peer | None = None
    #: ``alert``: any fatal alert without a word of its own. ``closed``: somebody hung up, see ``closed_by``.
    outcome: TlsOutcome
    client_port: int | None = None
    client_mac: str | None = None
    seconds: Seconds | None = None
    #: The last part of the handshake that was seen.
    stage: TlsStage | None = None
    closed_by: Peer | None = None
    #: Begins with the server's own certificate; empty where it was not in clear.
    chain: tuple[Certificate, ...] = ()
    #: Of a handshake that is unfinished, if any: what the capture lacks of it.
    reason: str | None = None
    purpose: Purpose | None = None
    #: Of the last byte that was seen of a handshake that is unfinished.
    last_time: Microseconds | None = None
    #: Of a handshake that is complete, in a capture with keys: whether what follows it could be decrypted.
    decrypted: bool | None = None
    #: Why not.
    not_decrypted: str | None = None
    #: Whether the client sent a certificate, where the server asked for one in clear and the client answered that.
    client_certificate: bool | None = None


@record(frozen=True, slots=True, kw_only=True)
class Http(Observation):
    """One HTTP request and its response.

    With neither ``method`` nor ``status``, nothing else is known of it.
    """

    kind: ClassVar[str] = "http"

    answer_frame: int | None = None
    client: str | None = None
    server: str
    port: int
    method: str | None = None
    host: str | None = None
    target: str | None = None
    status: int | None = None
    #: Bytes of the body as transferred, before decompression; ``answer_bytes`` too.
    request_bytes: int = 0
    answer_bytes: int = 0
    #: Content-Length; ``None`` when the length was not announced.
    announced_bytes: int | None = None
    #: Whether the whole response came.
    complete: bool = False
    seconds: Seconds | None = None
    client_port: int | None = None
    client_mac: str | None = None
    scheme: Scheme = "http"
    reason: str | None = None
    #: Why the response is not complete. ``no_answer``: nothing came before the time was up. ``incomplete``: it began
    #: and did not end in time. ``too_large``: more than we were willing to read. ``tls``: the encrypted connection
    #: broke.
    failure: HttpFailure | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    location: str | None = None
    #: The scheme words of WWW-Authenticate or Proxy-Authenticate, in order.
    challenges: tuple[str, ...] = ()
    server_header: str | None = None
    user_agent: str | None = None
    authorization: str | None = None
    #: Of a request that an active command sent with a sign-in; in a capture ``refused`` alone, of 401 to NTLM's last
    #: message; of a server's log what the error beside 401 says.
    sign_in: SignInResult | None = None
    #: Whether the body begins like an HTML page.
    html: bool = False
    #: A bounded excerpt of the decoded body; ``answer_text`` too.
    request_text: str | None = None
    answer_text: str | None = None
    #: False when no phone sent the body: it was our own guess, or the request has none.
    verified: bool = True
    purpose: Purpose | None = None
    #: Of the last byte of the response; ``last_frame`` too.
    last_time: Microseconds | None = None
    last_frame: int | None = None
    #: So many bytes of the exchange, at least, were sent and are not in the capture: if it is not complete, that proves
    #: nothing.
    lost_bytes: int = 0
    #: Who ended the connection before the exchange was over, or (``client``) after a 401 and without another request.
    closed_by: Peer | None = None
    #: The capture's snap length cut off the ``lost_bytes``.
    snapped: bool = False
    #: The answer's header: which part of the file a 206 carries (``bytes 0-4999/20004``).
    content_range: str | None = None
    #: Whether the other side acknowledged any byte of an update request; ``answer_acked``: of the answer to it.
    request_acked: bool | None = None
    answer_acked: bool | None = None
    #: The answer's header: when the server wants to be asked again, in seconds or as a date.
    retry_after: str | None = None
    #: Of a 304: whether the request had a condition (If-None-Match and its like), without which there is none.
    conditional: bool | None = None
    #: What made the answer, where its header says that it is a proxy's own, and not of the server behind it.
    proxy: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class UpdateFile(Record):
    """One file of an offered update. Any part may be unknown."""

    name: str | None = None
    signature: str | None = None
    version: str | None = None
    internal_url: str | None = None
    external_url: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class UpdateAnswer(Observation):
    """What the body of a successful response to an update request said.

    ``form`` is none_offered for nothing newer, unknown for well-formed XML with nothing of this service in it.
    ``internal_url`` and ``external_url`` are the elements' text, ``""`` when the element is there and blank, ``None``
    when there is no such element.
    """

    kind: ClassVar[str] = "answer"

    client: str | None = None
    server: str
    port: int
    form: AnswerForm
    downloads: int | None = None
    internal_url: str | None = None
    external_url: str | None = None
    version: str | None = None
    files: tuple[UpdateFile, ...] = ()
    root: str | None = None
    reason: str | None = None
    excerpt: str | None = None
    client_port: int | None = None
    client_mac: str | None = None
    #: Of what an active command asked beside the path, and the MAC address that was in the request.
    purpose: Purpose | None = None
    asked_as: str | None = None

    def urls_of(self, *, external: bool) -> list[str | None]:
        """The URLs for that side: the answer's own, then those of its files."""
        own = self.external_url if external else self.internal_url
        return [own, *(file.external_url if external else file.internal_url for file in self.files)]

    @property
    def urls(self) -> list[str | None]:
        """The URLs for both sides: the answer's own, then those of its files."""
        own = [self.internal_url, self.external_url]
        return own + [url for file in self.files for url in (file.internal_url, file.external_url)]


@record(frozen=True, slots=True, kw_only=True)
class Transfer(Observation):
    """One attempt to fetch the firmware file."""

    kind: ClassVar[str] = "transfer"

    client: str | None = None
    server: str | None = None
    port: int | None = None
    url: str
    status: int | None = None
    received_bytes: int = 0
    announced_bytes: int | None = None
    #: ``partial``: only a part was sent. ``status``: see the field of that name. ``limited``: all bytes that we were
    #: willing to read arrived. ``not_tried``: it was left alone.
    outcome: TransferOutcome
    seconds: Seconds | None = None
    first_byte_seconds: Seconds | None = None
    content_type: str | None = None
    #: For the reader.
    reason: str | None = None
    answer_frame: int | None = None
    client_mac: str | None = None
    client_port: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Pause(Record):
    """A span in which nothing was captured."""

    time: Microseconds
    end: Microseconds


@record(frozen=True, slots=True, kw_only=True)
class Extent(Observation):
    """How far a capture reached: ``time`` is its first packet, ``end`` its last.

    ``lost`` counts packets that the kernel dropped (``None`` where that is not counted), ``dropped`` what ucdiag itself
    had to forget, ``cut`` the packets of phones that cannot be read because the capture's snap length cut them.
    """

    kind: ClassVar[str] = "extent"

    end: Microseconds
    packets: int = 0
    lost: int | None = 0
    dropped: int = 0
    cut: int = 0
    #: Between captures that are read as one: what happened then is not known.
    pauses: tuple[Pause, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class SideCheck(Observation):
    """What was asked beside the update path, and what came: for information, not judged.

    ``good`` says that an answer came which a phone could use. ``offset`` is by how many seconds a time server's clock
    is ahead of this machine's.
    """

    kind: ClassVar[str] = "side-check"

    what: SideCheckSubject
    target: str
    server: str | None = None
    good: bool
    text: str
    offset: Seconds | None = None


@record(frozen=True, slots=True, kw_only=True)
class RepeatedChecks(Observation):
    """Update checks in a server's logs that are only counted: they differ from the one before in their time alone.

    ``time`` and ``last_time`` are those of the first and the last of them, ``times`` the latest of all. Without
    ``times`` they were not like the one before: older than what is kept of a phone.
    """

    kind: ClassVar[str] = "repeated-checks"

    count: int
    last_time: Microseconds
    times: tuple[Microseconds, ...] = ()


KINDS: dict[str, type[Observation]] = {
    cls.kind: cls
    for cls in (Lease, Dhcp, Lookup, Connect, Tls, Http, UpdateAnswer, Transfer, Extent, SideCheck, RepeatedChecks)
}


def last_time_of(seen: Connect | Http | Lookup | Tls) -> Microseconds:
    """When the last of it was seen: its last byte, or its last repetition."""
    return seen.last_time if seen.last_time is not None else seen.time
