"""Observations: facts in the past tense, without judgement.

Every source (a query of our own, a packet, a lease file) makes these and nothing else, and the engine
reads these and nothing else. All times are integer microseconds since 1970-01-01T00:00:00Z, so that
their JSON form (RFC 3339 with microseconds) loses nothing; all durations are seconds. Addresses are
text, MAC addresses lower case with colons, names without a trailing dot. ``None`` means not known.
Text may hold anything that came from outside, control characters included: views make it safe.

``frame`` counts from 1 as Wireshark does and is set by captures only. ``purpose`` is set by active
sources, which know what they ask for; a capture leaves it ``None`` and the engine infers it.
"""

from typing import ClassVar

from ucdiag.model.fast_dataclass import Record, record

# What an active source was after: the update server itself, the firmware file, a name that cannot
# exist, the same names in the SIP domain, or another name that such a phone needs. A capture tells of a POST
# to the update server that it brought a log, or that it cannot tell from the body alone.
PURPOSES = ("update", "file", "wildcard", "sip", "other", "log", "update-or-log")


@record(frozen=True, slots=True, kw_only=True)
class Observation(Record):
    """What every observation has: when it began, and the frame that showed it."""

    kind: ClassVar[str] = ""

    time: int
    frame: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Lease(Observation):
    """What this machine knows of its own DHCP lease or resolver configuration, from one place.

    ``authority`` says how much it proves: ``dhcp`` (options of a lease), ``resolver`` (the resolver's
    configuration, wherever that came from), ``static`` (set by hand), ``directory`` (Active Directory).
    ``domain`` is option 15 as text; ``None`` with authority ``dhcp`` means that the lease carries none,
    provided that ``"domain"`` is not in ``unknown``, the names of the fields that the place cannot tell.
    """

    kind: ClassVar[str] = "lease"

    interface: str | None = None
    source: str
    provenance: str
    authority: str
    chosen: bool = False
    reason: str | None = None
    address: str | None = None
    server: str | None = None
    domain: str | None = None
    resolvers: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    obtained: int | None = None
    expires: int | None = None
    unknown: tuple[str, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class Dhcp(Observation):
    """One DHCP message, or (``outcome`` ``no_answer``) a question of ours that nobody answered.

    ``type`` is discover, offer, request, decline, ack, nak, release or inform. ``client`` is the
    phone's hardware address. ``vlan`` is the voice VLAN id of option 43, sub-option 10; ``tag`` the
    802.1Q VLAN id of the frame itself. ``domain`` is option 15 as text, ``""`` when present but empty.
    ``address`` is the address handed out, in a client's message the one it asks for (option 50). ``server`` is
    option 54 alone, ``source_address`` who sent it. ``message`` is option 56, why a server said NAK. ``truncated``
    says that the options broke off, so that one that is absent may only be lost.
    """

    kind: ClassVar[str] = "dhcp"

    type: str
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
    outcome: str | None = None
    client_id: str | None = None
    message: str | None = None
    relay_information: tuple[str, ...] = ()
    truncated: bool = False


@record(frozen=True, slots=True, kw_only=True)
class Lookup(Observation):
    """One DNS question and its answer. ``rcode`` is ``None`` when no answer came.

    ``failure`` is then a reason word: no_answer, unreachable (an ICMP message came back, or ARP was not answered),
    not_sent (this machine could not send the question, so nothing follows for the server), malformed; ``reason`` tells
    why it was unreachable or not sent. ``addresses`` are those of the
    asked type at the end of the alias chain, ``aliases`` the names of that chain in order, ``records``
    the other answers as text (``0 0 5061 sip.contoso.com`` for SRV). ``ttl`` is the smallest, seconds.
    ``truncated`` is the TC flag: the answer was not whole, and a client asks again over TCP. ``referred`` says that
    the server, which does not recurse, only named the servers of another zone: nothing about the name.
    """

    kind: ClassVar[str] = "lookup"

    answer_frame: int | None = None
    client: str | None = None
    server: str | None = None
    name: str
    type: str
    rcode: str | None = None
    addresses: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    seconds: float | None = None
    records: tuple[str, ...] = ()
    ttl: int | None = None
    transport: str = "udp"
    failure: str | None = None
    purpose: str | None = None
    client_port: int | None = None
    server_port: int | None = None
    client_mac: str | None = None
    attempts: int = 1
    truncated: bool = False
    referred: bool = False
    reason: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Connect(Observation):
    """One attempt to open a TCP connection.

    ``outcome``: open, refused, no_answer, unreachable, not_sent (this machine could not send, so nothing follows for
    the server), unfinished (the capture ended first).
    ``reason`` tells why unreachable: an ICMP message, ARP not answered; or why not sent. ``attempts``
    counts the SYNs. ``name`` is the host name that led to the address, where known. ``lacking`` (syn, syn_ack) is the
    part of the opening that is not in the capture: that the connection opened follows from what came after.
    """

    kind: ClassVar[str] = "connect"

    client: str | None = None
    server: str
    port: int
    outcome: str
    seconds: float | None = None
    client_port: int | None = None
    client_mac: str | None = None
    reason: str | None = None
    attempts: int = 1
    name: str | None = None
    purpose: str | None = None
    lacking: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Certificate(Record):
    """One certificate of a chain. Times are microseconds since the epoch."""

    subject: str
    issuer: str
    names: tuple[str, ...] = ()
    not_before: int | None = None
    not_after: int | None = None
    signature: str | None = None


@record(frozen=True, slots=True, kw_only=True)
class Tls(Observation):
    """One TLS handshake.

    ``outcome``: complete, no_answer, untrusted, name_mismatch, expired, not_yet_valid, version,
    alert (any other fatal alert), closed (somebody hung up: ``closed_by``), not_tls, not_sent (this machine itself
    could not send any more), failed, unfinished.
    ``stage`` is the last handshake part seen: client_hello, server_hello, certificate, finished.
    ``versions`` are those offered, ``version`` the one chosen ("TLS 1.2"). ``chain`` begins with the
    server's own certificate and is empty where it was not in clear. ``last_time`` is of the last byte that was seen of
    one that is unfinished; its ``reason``, if any, is what the capture lacks of it.
    """

    kind: ClassVar[str] = "tls"

    client: str | None = None
    server: str
    port: int
    server_name: str | None = None
    versions: tuple[str, ...] = ()
    version: str | None = None
    alert: int | None = None
    alert_from: str | None = None
    outcome: str
    client_port: int | None = None
    client_mac: str | None = None
    seconds: float | None = None
    stage: str | None = None
    closed_by: str | None = None
    chain: tuple[Certificate, ...] = ()
    reason: str | None = None
    purpose: str | None = None
    last_time: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Http(Observation):
    """One HTTP request and its response.

    ``request_bytes`` and ``answer_bytes`` count body bytes as transferred (before decompression),
    ``announced_bytes`` is Content-Length, ``None`` when the length was not announced. ``complete``
    says that the whole response came. ``failure`` tells why it did not: no_answer (nothing came before
    the time was up), closed, reset, not_http, incomplete (began and did not end in time), stalled,
    too_large (more than we were willing to read), tls (the encrypted connection broke), not_sent (this machine itself
    could not send any more).
    ``challenges`` are the scheme words of WWW-Authenticate or Proxy-Authenticate in order.
    ``request_text`` and ``answer_text`` are bounded excerpts of the decoded bodies. ``html`` says that
    the body begins like an HTML page. ``verified`` is False when the body was our own guess. ``last_time``
    and ``last_frame`` are of the last byte of the response. ``lost_bytes`` of the exchange, at least, were
    sent and are not in the capture: if it is not complete, that proves nothing. ``snapped`` says that the capture's
    snap length cut them off. With neither ``method`` nor ``status``, nothing else is known of it. ``closed_by``
    (client, server) ended the connection before the exchange was over, or (client) after a 401 and without another
    request. ``content_range`` is the answer's header: which part of the file a 206 carries (``bytes 0-4999/20004``).
    ``request_acked`` and ``answer_acked`` say whether the other side acknowledged any byte of an update request, or of
    the answer to it. ``retry_after`` is the answer's header: when the server wants to be asked again, in seconds or as
    a date. ``conditional`` says of a 304 whether the request had a condition (If-None-Match and its like), without
    which there is none.
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
    request_bytes: int = 0
    answer_bytes: int = 0
    announced_bytes: int | None = None
    complete: bool = False
    seconds: float | None = None
    client_port: int | None = None
    client_mac: str | None = None
    scheme: str = "http"
    reason: str | None = None
    failure: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    location: str | None = None
    challenges: tuple[str, ...] = ()
    server_header: str | None = None
    user_agent: str | None = None
    authorization: str | None = None
    html: bool = False
    request_text: str | None = None
    answer_text: str | None = None
    verified: bool = True
    purpose: str | None = None
    last_time: int | None = None
    last_frame: int | None = None
    lost_bytes: int = 0
    closed_by: str | None = None
    snapped: bool = False
    content_range: str | None = None
    request_acked: bool | None = None
    answer_acked: bool | None = None
    retry_after: str | None = None
    conditional: bool | None = None


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

    ``form``: none_offered (nothing newer), offered, unknown (well-formed XML with nothing of this service
    in it), not_xml, malformed, empty. ``internal_url`` and ``external_url`` are the elements' text, ``""``
    when the element is there and blank, ``None`` when there is no such element.
    """

    kind: ClassVar[str] = "answer"

    client: str | None = None
    server: str
    port: int
    form: str
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


@record(frozen=True, slots=True, kw_only=True)
class Transfer(Observation):
    """One attempt to fetch the firmware file.

    ``outcome``: whole, truncated, partial (only a part was sent), stalled, empty, html, text, status (see ``status``),
    limited (all bytes that we were willing to read arrived), host_missing, connect_failed, not_sent (this machine
    itself could not send), unfinished. ``reason`` is for the reader.
    """

    kind: ClassVar[str] = "transfer"

    client: str | None = None
    server: str | None = None
    port: int | None = None
    url: str
    status: int | None = None
    received_bytes: int = 0
    announced_bytes: int | None = None
    outcome: str
    seconds: float | None = None
    first_byte_seconds: float | None = None
    content_type: str | None = None
    reason: str | None = None
    answer_frame: int | None = None
    client_mac: str | None = None
    client_port: int | None = None


@record(frozen=True, slots=True, kw_only=True)
class Extent(Observation):
    """How far a capture reached: ``time`` is its first packet, ``end`` its last.

    ``lost`` counts packets that the kernel dropped, ``dropped`` what ucdiag itself had to forget, ``cut`` the packets
    of phones that cannot be read because the capture's snap length cut them.
    """

    kind: ClassVar[str] = "extent"

    end: int
    packets: int = 0
    lost: int = 0
    dropped: int = 0
    cut: int = 0


KINDS: dict[str, type[Observation]] = {
    cls.kind: cls for cls in (Lease, Dhcp, Lookup, Connect, Tls, Http, UpdateAnswer, Transfer, Extent)
}
