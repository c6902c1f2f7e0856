"""One request and its response, and the observation made from them."""

import re
from collections.abc import Callable
from functools import lru_cache

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, Observation
from ucdiag.model.patterns import pattern
from ucdiag.model.service_names import LEGACY_LABEL, R2_LABEL, is_own_agent
from ucdiag.model.vocabulary import HttpFailure, Microseconds, Peer, Purpose, Seconds, is_success_status
from ucdiag.wire.http.body import Inflater, excerpt, is_page
from ucdiag.wire.http.ntlm import ends_ntlm
from ucdiag.wire.http.parser import Fields, challenge_schemes, first_value
from ucdiag.wire.tcp.stream import Budget, Endpoints

# Bytes of a body that are kept: of one with the update service, of others, and to recognise a web page.
WHOLE = 256 * 1024
EXCERPT = 4096
SNIFF = 512

# The start of a CONNECT target that names the update server.
_UPDATE_SERVER = pattern(rf"(?:{R2_LABEL}|{LEGACY_LABEL})[.:]", re.IGNORECASE)
_LOG_FILE = pattern(
    rb"file(?:name)?\s{0,4}\*?=[^\r\n;&]{1,256}\.(?:dmp|clg2?|bak|kdmp|dat|bin|cat|xml|txt|hex)\b", re.IGNORECASE
)

# The service takes CELog and Watson's dumps (Microsoft, OCS 2007 R2 documentation); a dump begins with MDMP
# (MINIDUMP_HEADER in Microsoft's documentation). That a CELog begins with its name is a guess.
_LOG_START = pattern(r"celog|mdmp|kdmp", re.IGNORECASE)
_XML_HEAD = pattern(r"<\?xml[^>]{0,256}>", re.IGNORECASE)
# What an update request is documented to be and to name, as a part of an element's or an attribute's name (Microsoft,
# "Update Audit Log Schema"): a log has no need of it.
_ASKS = pattern(
    r"[<\s:][\w.-]{0,32}(?:request|version|firmware|model|vendor|brand|manufacturer|devicetype|revision|locale|module)"
    r"[\w.-]{0,32}\s{0,4}[=>\s/]",
    re.IGNORECASE,
)


@record(frozen=True, slots=True)
class UpdateExchange:
    """A POST to ``ucdevice.upx`` with its bytes, for ``--save-request`` and for reading the answer.

    ``request_head`` and ``request_body`` are exactly the bytes sent, the body without chunk framing; ``answer_body``
    is decompressed. ``request_whole`` and ``answer_whole`` are False when bytes are missing or there were too many,
    ``answer_holed`` when the capture lacks some; ``problem`` says why the answer could not be decompressed.
    """

    http: Http
    request_head: bytes
    request_body: bytes
    request_whole: bool
    answer_body: bytes
    answer_whole: bool
    answer_holed: bool
    problem: str | None


# Reads the answer of an exchange, ``None`` where it says nothing.
UpdateReader = Callable[[UpdateExchange], Observation | None]


class BodyExcerpt:
    """The beginning of a body: ``want`` more bytes of it are to be kept. ``holed`` once bytes are missing."""

    __slots__ = ("budget", "holed", "raw", "want")

    def __init__(self, budget: Budget, want: int) -> None:
        self.budget = budget
        self.want = want
        self.raw = bytearray()
        self.holed = False

    def add(self, data: bytes) -> None:
        """The next bytes of the body."""
        data = data[: self.want]
        if self.budget.take(len(data)):
            self.raw += data
            self.want -= len(data)
        else:
            self.want = 0

    def hole(self) -> None:
        """The next bytes of the body are not in the capture."""
        self.want = 0
        self.holed = True

    def free(self) -> None:
        """Returns the bytes to the budget."""
        self.budget.give(len(self.raw))
        self.want = 0


class Exchange:
    """One request and what is known so far of its response. Times are microseconds."""

    __slots__ = (
        "after_loss",
        "announced",
        "answer",
        "answer_bytes",
        "answer_fields",
        "answer_frame",
        "answer_lost",
        "answer_over",
        "answer_reach",
        "answer_start",
        "complete",
        "emitted",
        "frame",
        "is_update",
        "last_frame",
        "last_time",
        "method",
        "reason",
        "received",
        "request",
        "request_bytes",
        "request_complete",
        "request_fields",
        "request_head",
        "request_lost",
        "request_start",
        "request_time",
        "status",
        "target",
        "time",
    )

    def __init__(self, time: Microseconds, frame: int) -> None:
        # When the exchange began, and the frame that completes the request so far.
        self.time = time
        self.frame = frame
        # When the latest byte of the request was sent.
        self.request_time = time
        self.method: str | None = None
        self.target: str | None = None
        self.request_fields: Fields = {}
        # Exactly as sent; only of a POST to the update service.
        self.request_head = b""
        self.request: BodyExcerpt | None = None
        self.request_bytes = 0
        # Bytes that the capture lacks.
        self.request_lost = 0
        # The position in its stream at which the request began.
        self.request_start: int | None = None
        # The position in the server's stream up to which the client had acknowledged when it sent the request: its
        # answer begins there, unless other requests wait for theirs.
        self.received: int | None = None
        self.request_complete = False
        # Whether its observation was emitted.
        self.emitted = False
        # Whether this is a POST to the update service.
        self.is_update = False
        self.status: int | None = None
        self.reason: str | None = None
        self.answer_fields: Fields = {}
        self.answer: BodyExcerpt | None = None
        self.answer_bytes = 0
        self.answer_lost = 0
        self.answer_start: int | None = None
        # The position in the client's stream up to which the server had acknowledged when it sent the response.
        self.answer_reach: int | None = None
        # Whether the capture lacks bytes between this response and the one before, of a request that was not seen.
        self.after_loss = False
        # Content-Length of the response.
        self.announced: int | None = None
        self.answer_frame: int | None = None
        # Whether nothing more of the response can come: it is complete, or its rest is lost.
        self.answer_over = False
        self.complete = False
        self.last_time: Microseconds | None = None
        self.last_frame: int | None = None

    def free(self, budget: Budget) -> None:
        """Returns what is kept to the budget."""
        budget.give(len(self.request_head))
        for body in (self.request, self.answer):
            if body is not None:
                body.free()


@record(slots=True, kw_only=True)
class ExchangeContext:
    """The parts of an observation that are not in the exchange itself.

    ``bodies`` is whether excerpts are wanted, ``snapped`` whether a snap length cut packets that mattered,
    ``request_acked`` and ``answer_acked`` whether the peer acknowledged any of it (``None``: unknown).
    """

    ends: Endpoints
    bodies: bool
    snapped: bool
    request_acked: bool | None
    answer_acked: bool | None


def to_observation(
    exchange: Exchange, context: ExchangeContext, failure: HttpFailure | None, closed_by: Peer | None
) -> Http:
    """The exchange as it stands."""
    ends = context.ends
    request, response = exchange.request_fields, exchange.answer_fields
    answer_text, html = _excerpt_of(exchange.answer, response)
    request_text, _ = _excerpt_of(exchange.request, request) if context.bodies else (None, False)
    credentials = first_value(request, "authorization") or first_value(request, "proxy-authorization")
    last = exchange.last_time
    # As Wireshark: the time of the frame that completes the request.
    time = exchange.time if exchange.method is None else exchange.request_time
    return Http(
        time=time,
        frame=exchange.frame,
        answer_frame=exchange.answer_frame,
        client=ends.client,
        server=ends.server,
        port=ends.port,
        client_port=ends.client_port,
        client_mac=ends.client_mac,
        method=exchange.method,
        host=first_value(request, "host"),
        target=exchange.target,
        status=exchange.status,
        request_bytes=exchange.request_bytes,
        answer_bytes=exchange.answer_bytes,
        announced_bytes=exchange.announced,
        complete=exchange.complete,
        # What came before the request (a banner) did not take any time to answer it.
        seconds=None if last is None or exchange.method is None else max(0, last - time) / 1e6,
        reason=exchange.reason,
        failure=failure,
        content_type=first_value(response, "content-type"),
        content_encoding=first_value(response, "content-encoding"),
        location=first_value(response, "location"),
        challenges=challenge_schemes(response, exchange.status),
        server_header=first_value(response, "server"),
        user_agent=first_value(request, "user-agent"),
        authorization=credentials.split()[0] if credentials else None,
        html=html,
        request_text=request_text,
        answer_text=answer_text if context.bodies else None,
        conditional=_is_conditional(exchange),
        verified=not _is_test(exchange),
        purpose=_request_purpose(exchange, context.bodies),
        last_time=last,
        last_frame=exchange.last_frame,
        lost_bytes=exchange.request_lost + exchange.answer_lost,
        closed_by=closed_by,
        snapped=context.snapped and bool(exchange.request_lost or exchange.answer_lost),
        request_acked=context.request_acked,
        answer_acked=context.answer_acked,
        content_range=first_value(response, "content-range"),
        retry_after=first_value(response, "retry-after"),
        proxy=_answering_proxy(exchange, response),
        sign_in="refused" if exchange.is_update and exchange.status == 401 and ends_ntlm(credentials) else None,
    )


def _answering_proxy(exchange: Exchange, response: Fields) -> str | None:
    """The proxy that made an answer without success, as its header says."""
    if exchange.status is None or is_success_status(exchange.status):
        return None
    from ucdiag.wire.http.proxy_answer import answering_proxy

    return answering_proxy(first_value(response, "server"), first_value(response, "x-squid-error"), exchange.reason)


def lost_exchange(ends: Endpoints, time: Microseconds, frame: int, lost: int, snapped: bool) -> Http:
    """A placeholder for an exchange of which only the number of lost bytes, ``lost``, is known."""
    return Http(
        time=time,
        frame=frame,
        client=ends.client,
        server=ends.server,
        port=ends.port,
        client_port=ends.client_port,
        client_mac=ends.client_mac,
        lost_bytes=lost,
        snapped=snapped,
    )


def without_answer(
    http: Http,
    time: Microseconds,
    frame: int | None,
    failure: HttpFailure,
    closed_by: Peer | None,
    began: bool,
    late: Seconds | None = None,
) -> Http:
    """An update request as if no answer were in the capture, since the client has not got it, or its beginning alone
    (``began``). ``late`` is how long the answer took that came when the client had hung up."""
    return Http(
        time=time,
        frame=frame,
        client=http.client,
        server=http.server,
        port=http.port,
        client_port=http.client_port,
        client_mac=http.client_mac,
        method=http.method,
        host=http.host,
        target=http.target,
        request_bytes=http.request_bytes,
        failure=failure,
        user_agent=http.user_agent,
        authorization=http.authorization,
        request_text=http.request_text,
        verified=http.verified,
        purpose=http.purpose,
        lost_bytes=http.lost_bytes,
        closed_by=closed_by,
        snapped=http.snapped,
        request_acked=True,
        answer_acked=began,
        seconds=late,
    )


def update_exchange(exchange: Exchange, http: Http) -> UpdateExchange:
    """A POST to the update service with its bodies; ``http`` is its observation."""
    request, answer = exchange.request, exchange.answer
    request_body = bytes(request.raw) if request is not None else b""
    inflater = Inflater(http.content_encoding, WHOLE)
    answer_body = inflater.feed(bytes(answer.raw)) if answer is not None else b""
    kept_whole = answer is None or (not answer.holed and len(answer.raw) == exchange.answer_bytes)
    if http.complete and kept_whole:
        inflater.end()
    head_kept = bool(exchange.request_head)
    return UpdateExchange(
        http=http,
        request_head=exchange.request_head,
        request_body=request_body,
        request_whole=exchange.request_complete and head_kept and len(request_body) == exchange.request_bytes,
        answer_body=answer_body,
        answer_whole=http.complete and kept_whole and not inflater.overflow,
        answer_holed=answer is not None and answer.holed,
        problem=inflater.problem,
    )


def _excerpt_of(body: BodyExcerpt | None, fields: Fields) -> tuple[str | None, bool]:
    if body is None or not body.raw:
        return None, False
    encoding, content_type = first_value(fields, "content-encoding"), first_value(fields, "content-type")
    return _read_excerpt(bytes(body.raw[: 2 * EXCERPT]), encoding, content_type)


# The phones of a site send files that begin alike, and get the same answer.
@lru_cache(maxsize=16)
def _read_excerpt(raw: bytes, encoding: str | None, content_type: str | None) -> tuple[str | None, bool]:
    """The beginning of a body as text, ``None`` where it is none, and whether it is a web page."""
    text = excerpt(Inflater(encoding, 4 * EXCERPT).feed(raw), content_type, EXCERPT)
    return text if _is_text(text) else None, is_page(text)


def _is_text(text: str) -> bool:
    sample = text[:1024]
    return sample.count("\ufffd") * 20 <= len(sample) and "\x00" not in sample


def _is_conditional(exchange: Exchange) -> bool | None:
    """Whether the request that got a 304 had a condition; ``None`` where that is unknown or of no interest."""
    if exchange.status != 304 or exchange.method is None or exchange.request_lost:
        return None
    return any(name.startswith("if-") for name in exchange.request_fields)


def _is_test(exchange: Exchange) -> bool:
    """Whether a POST to the update service is known to be no phone's: it is this program's own, or has no body, as that
    of a person or of a monitor. The first messages of NTLM have none either."""
    if not exchange.is_update:
        return False
    fields = exchange.request_fields
    if is_own_agent(first_value(fields, "user-agent")):
        return True
    has_body = exchange.request_bytes or exchange.request_lost or "transfer-encoding" in fields
    announced = (first_value(fields, "content-length") or "").strip("0")
    signs_in = "authorization" in fields or "proxy-authorization" in fields
    return exchange.request_complete and not (has_body or announced or signs_in)


def _request_purpose(exchange: Exchange, judged: bool) -> Purpose | None:
    if exchange.is_update:
        return _upload_purpose(exchange)
    to_server = exchange.method == "CONNECT" and _UPDATE_SERVER.match(str(exchange.target))
    return "update" if to_server and judged else None


def _upload_purpose(exchange: Exchange) -> Purpose | None:
    """What a POST to the request handler brings: ``log``, ``update-or-log``, or ``None`` for an update request.

    The handler takes both (Microsoft, OCS 2007 R2 documentation, "Device Update Service"). How they differ on the
    wire is not published: the update request is XML ("Update Audit Log Schema"), so a named file of the log types
    that the service accepts, a form with files, and what is no text are taken for logs. Other text may be either, as
    may XML that calls itself no request and names neither the phone's model nor a version.
    """
    fields = exchange.request_fields
    content_type = (first_value(fields, "content-type") or "").lower()
    if content_type.startswith("multipart/") or _LOG_FILE.search(exchange.request_head):
        return "log"
    body = exchange.request
    if body is None or not body.raw:
        return None
    inflated = Inflater(first_value(fields, "content-encoding"), 4096).feed(bytes(body.raw[:4096]))
    text = excerpt(inflated, content_type, 4096).lstrip("\ufeff \t\r\n\x00")
    if not text:
        return None
    if text.startswith("<"):
        said = _XML_HEAD.sub("", text, count=1).strip()
        return "update-or-log" if said and not _ASKS.search(said) else None
    return "update-or-log" if _is_text(text) and not _LOG_START.match(text) else "log"
