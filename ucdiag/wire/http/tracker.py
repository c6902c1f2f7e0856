"""HTTP/1.x as a bystander sees it: both directions of one connection in, one ``Http`` for each request out.

Rules of this file:

- A capture is not a conversation partner's view: it may begin in the middle, lack bytes, hold garbage. Each direction
  reads messages while it is in step; once it lost its place it waits for a segment that begins as a message does, and
  reads on from there.
- Bodies are counted, not kept, beyond a bounded excerpt. The exception is the exchange with the Device Update Service
  (``.../ucdevice.upx``), of which up to ``WHOLE`` bytes are kept each way.
- A request waits in a queue for its response (pipelining); the oldest gets the next response. ``1xx`` is no response.
- The frame of a message is the one that completes it, which is where Wireshark shows it.
- Whatever ends a connection concludes all that waits on it, with the reason for what is missing.

The parsers of h11 and httptools were tried with what captures contain. Both have to be given every byte of a body
and raise at what does not begin as a message; neither can be told that bytes are missing. h11 takes what follows a
HEAD or a gap for the body, needs a conversation of its own sending to know what a response belongs to, and takes 42
microseconds for a small message and 4 for each segment of a body; httptools refuses header values and line ends that
servers do send, and has no way to say that a response answers HEAD.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Http, Observation
from ucdiag.model.vocabulary import Ending, HttpFailure, Microseconds, Peer, Purpose
from ucdiag.wire.http.body import Inflater, excerpt, is_page
from ucdiag.wire.tcp.stream import ENDLESS, Budget, Endpoints, Stream

# Bytes of the head of a message, of one line, and of a kept body.
HEAD_MOST = 65536
LINE_MOST = 4096
SNIFF = 512
EXCERPT = 4096
WHOLE = 256 * 1024
# Requests that wait for their response on one connection.
PIPELINE_MOST = 256
# Bytes of a head that is remembered, should it come again.
USUAL = 2048
# Characters of a header value or target that an observation takes.
VALUE_MOST = 8192
# A client that closes so long (microseconds) after its request gave up on the answer.
GAVE_UP = 1_000_000
# No message is shorter. Fewer bytes that the capture lacks are the sequence numbers of FINs.
LEAST = 8
# Segments out of step after which a direction is left alone.
JUNK_MOST = 1024

_METHODS = (
    "GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|REPORT|"
    "SUBSCRIBE|UNSUBSCRIBE|NOTIFY|POLL|BCOPY|BMOVE|BDELETE|BPROPFIND|BPROPPATCH|M-SEARCH|MERGE|CHECKOUT|CHECKIN|"
    "MKACTIVITY|MKWORKSPACE|UNCHECKOUT|UPDATE|LABEL|VERSION-CONTROL|BASELINE-CONTROL|ACL|LINK|UNLINK|PURGE|RPC_CONNECT|"
    "RPC_IN_DATA|RPC_OUT_DATA|RPC_ECHO_DATA|CCM_POST|X-MS-ENUMATTS|SYNC|PROXYPROPFIND|BITS_POST"
)
_KNOWN = re.compile(rf"(?:{_METHODS}) +[^\s]".encode())
_METHOD = re.compile(rb"[A-Za-z][A-Za-z0-9_.!#$%&'*+^`|~-]{0,31}")
_KNOWN_METHOD = re.compile(rf"(?:{_METHODS})".encode())
_VERSION = re.compile(rb"HTTP/\d(?:\.\d{1,3})?")
_METHOD_START = re.compile(rb"[A-Za-z][A-Za-z0-9_.!#$%&'*+^`|~-]{0,31}(?:[ \t]|$)")
_STATUS = re.compile(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?:[ \t]+(.*))?$")
_DIGITS = re.compile(r"[0-9]{1,18}")
_HEAD_END = re.compile(rb"\n\r?\n")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?')
_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9_.-]{0,63})(?=\s+[^\s=,]|\s*(?:,|$))")
_CHUNK = re.compile(rb"[ \t]*0*([0-9A-Fa-f]{1,15})(?![0-9A-Za-z])")
# Whom a proxy is asked for.
_UPDATE_SERVER = re.compile(r"ucupdates(?:-r2)?[.:]", re.IGNORECASE)
_LOG_FILE = re.compile(
    rb"file(?:name)?\s{0,4}\*?=[^\r\n;&]{1,256}\.(?:dmp|clg2?|bak|kdmp|dat|bin|cat|xml|txt|hex)\b", re.IGNORECASE
)

# The service takes CELog and Watson's dumps (Microsoft, OCS 2007 R2 documentation); a dump begins with MDMP
# (MINIDUMP_HEADER in Microsoft's documentation). That a CELog says what it is, is a guess.
_LOG_START = re.compile(r"celog|mdmp|kdmp", re.IGNORECASE)

# So long (microseconds) an answer may be captured before its request: two directions, two clocks.
EARLY = 50_000

# The buffer of a direction that has nothing in it; never written to.
_EMPTY = bytearray()

# What a direction is reading.
HEAD, BODY, REST, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, ASTRAY = range(8)


@record(frozen=True, slots=True)
class UpdateExchange:
    """A POST to ``ucdevice.upx``, for who wants to send the same again or to read the answer.

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


Emit = Callable[[Observation], None]


class BodyExcerpt:
    """The beginning of a body: ``want`` more bytes of it are to be kept. ``holed`` once bytes are missing."""

    __slots__ = ("budget", "holed", "raw", "want")

    def __init__(self, budget: Budget, want: int) -> None:
        self.budget = budget
        self.want = want
        self.raw = bytearray()
        self.holed = False

    def add(self, data: bytes) -> None:
        data = data[: self.want]
        if self.budget.take(len(data)):
            self.raw += data
            self.want -= len(data)
        else:
            self.want = 0

    def hole(self) -> None:
        self.want = 0
        self.holed = True

    def free(self) -> None:
        self.budget.give(len(self.raw))
        self.want = 0


class Exchange:
    """One request and what is known so far of its response."""

    __slots__ = (
        "announced",
        "answer",
        "answer_bytes",
        "answer_fields",
        "answer_frame",
        "answer_lost",
        "answer_start",
        "answered",
        "asked",
        "complete",
        "frame",
        "last_frame",
        "last_time",
        "method",
        "reason",
        "request",
        "request_bytes",
        "request_fields",
        "request_head",
        "request_lost",
        "request_start",
        "request_time",
        "status",
        "target",
        "time",
        "told",
        "update",
    )

    def __init__(self, time: Microseconds, frame: int) -> None:
        self.time = time
        self.frame = frame
        self.request_time = time
        self.method: str | None = None
        self.target: str | None = None
        self.request_fields: dict[str, list[str]] = {}
        self.request_head = b""
        self.request: BodyExcerpt | None = None
        self.request_bytes = 0
        self.request_lost = 0
        self.request_start: int | None = None
        self.asked = False
        self.told = False
        self.update = False
        self.status: int | None = None
        self.reason: str | None = None
        self.answer_fields: dict[str, list[str]] = {}
        self.answer: BodyExcerpt | None = None
        self.answer_bytes = 0
        self.answer_lost = 0
        self.answer_start: int | None = None
        self.announced: int | None = None
        self.answer_frame: int | None = None
        self.answered = False
        self.complete = False
        self.last_time: Microseconds | None = None
        self.last_frame: int | None = None


class HttpDirection:
    """What the two directions have in common: heads, bodies, chunks, and losing one's place.

    ``counts``: see ``Sink``. ``left`` is what remains of the body, or of the chunk. ``kept`` is the body's excerpt.
    ``sure`` says that a message should begin here, so that what is none is the sender's doing, not the capture's.
    ``start`` is the position in ``stream`` of the bytes with which the latest message began, or of some before them.
    """

    __slots__ = (
        "_began",
        "_latest",
        "buffer",
        "counts",
        "exchange",
        "junk",
        "kept",
        "left",
        "mode",
        "scanned",
        "start",
        "stream",
        "sure",
        "talk",
    )

    def __init__(self, talk: "HttpTracker", in_step: bool) -> None:
        self.talk = talk
        self.counts = 0
        self.mode = HEAD if in_step else ASTRAY
        self.sure = in_step
        self.left = 0
        self.buffer = _EMPTY
        self.scanned = 0
        self.kept: BodyExcerpt | None = None
        self.exchange: Exchange | None = None
        self.junk = 0
        self.stream: Stream | None = None
        self.start: int | None = None
        self._began: tuple[int, int] | None = None
        # Time and frame of the latest piece of the message. A piece that waited behind a hole is older than the one
        # before it, and the message was not complete before the hole was filled.
        self._latest = (0, 0)

    # What the directions do differently.

    def begins(self, data: bytes) -> bool | None:
        """Whether ``data`` begins as a message of this direction; None: too short to tell."""
        raise NotImplementedError

    def resumes(self, data: bytes) -> bool:
        """Whether a segment, met out of step, begins a message."""
        raise NotImplementedError

    def head(self, head: bytes, time: Microseconds, frame: int, whole: bool) -> bool:
        """Takes a message's head and sets what follows; False if it is none. Not ``whole``: its end is not in the
        capture."""
        raise NotImplementedError

    def body(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        """``amount`` bytes of body have passed."""
        raise NotImplementedError

    def done(self, time: Microseconds, frame: int) -> None:
        """The message is complete."""
        raise NotImplementedError

    def broken(self, time: Microseconds, frame: int, lost: int = 1) -> None:
        """The rest of the message, ``lost`` bytes at least, is not in the capture, or makes no sense."""
        raise NotImplementedError

    def missed(self, amount: int) -> None:
        """Bytes that are not in the capture, of a message of which nothing was seen."""
        self.talk.missed += amount

    def misplaced(self, data: bytes, time: Microseconds, frame: int) -> None:
        """Bytes where a message should begin, and none does."""

    # The stream's events.

    def data(self, data: bytes, time: Microseconds, frame: int) -> None:
        at = 0
        size = len(data)
        if self.stream is not None and not self.buffer and self.mode in (HEAD, ASTRAY):
            self.start = self.stream.at - size
        own = (time, frame)
        if frame < self._latest[1]:
            time, frame = self._latest
        else:
            self._latest = own
        while at < size:
            mode = self.mode
            if mode == HEAD:
                if not self.buffer:
                    time, frame = self._latest = own
                at = self._head(data, at, time, frame)
            elif mode in (BODY, CHUNK, REST):
                at = self._body(data, at, time, frame)
            elif mode == ASTRAY:
                rest = data[at:] if at else data
                if not self.resumes(rest):
                    self.junk += 1
                    self.misplaced(rest, time, frame)
                    if self.junk >= JUNK_MOST:
                        self.counts = ENDLESS
                    return
                self.junk = 0
                self.mode = HEAD
                self.sure = True
            else:
                at = self._line(data, at, time, frame)

    def skip(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount
        if frame < self._latest[1]:
            time, frame = self._latest
        else:
            self._latest = (time, frame)
        if self.mode in (BODY, CHUNK, REST):
            self.left -= amount
            if lost and self.kept is not None:
                self.kept.holed = True
            self.body(amount, lost, time, frame)
            if not self.left:
                self._run_over(time, frame)

    def lost(self, amount: int, time: Microseconds, frame: int) -> None:
        while amount:
            if self.counts:
                part = min(amount, self.counts)
                self.skip(part, part, time, frame)
                amount -= part
            elif self.mode in (BODY, CHUNK, REST):
                if self.kept is not None:
                    self.kept.hole()
                self.counts = self.left
            else:
                if self.mode == ASTRAY or (self.mode == HEAD and not self._partial(time, frame)):
                    self.missed(amount)
                else:
                    self.broken(time, frame, amount)
                self.astray(False)
                return

    def cut(self, amount: int, time: Microseconds, frame: int) -> bool:
        kept, exchange = self.kept, self.exchange
        read = kept is not None and kept.want > 0 and exchange is not None and exchange.update
        if read and exchange is not None and exchange.status is not None and not 200 <= exchange.status < 300:
            read = False
        counted = self.mode == ASTRAY or (self.mode in (BODY, CHUNK, REST) and amount <= self.left)
        if read or not counted:
            self.talk.snapped = True
        self.lost(amount, time, frame)
        return read or not counted

    def astray(self, sure: bool) -> None:
        self.sure = sure
        self._drop_buffer()
        self._end_body()
        self.mode = ASTRAY
        self.counts = 0

    def acknowledged(self, start: int | None, heard: bool) -> bool | None:
        """Whether the peer acknowledged any byte of the message that began at ``start``; None where nobody knows.

        That it did not is known from who sent it again, where the peer is ``heard`` in the capture.
        """
        stream = self.stream
        if stream is None or start is None:
            return None
        if stream.acknowledged > start:
            return True
        return False if heard and stream.repeated >= start and not stream.loose else None

    def follow(
        self, length: int | None, chunked: bool, kept: BodyExcerpt | None, time: Microseconds, frame: int
    ) -> None:
        """Sets what follows a head: ``length`` bytes (None: all up to the end), or chunks."""
        self.kept = kept
        if chunked:
            self.mode = CHUNK_SIZE
        elif length is None:
            self.mode = REST
            self.left = ENDLESS
            self._count()
        elif length:
            self.mode = BODY
            self.left = length
            self._count()
        else:
            self._finished(time, frame)

    def stop(self) -> None:
        """Nothing more is read in this direction."""
        self.astray(False)
        self.counts = ENDLESS

    def _count(self) -> None:
        self.counts = 0 if self.kept is not None and self.kept.want > 0 else self.left

    def _finished(self, time: Microseconds, frame: int) -> None:
        self._end_body()
        self.mode = HEAD
        self.counts = 0
        self._began = None
        self.done(time, frame)

    def _end_body(self) -> None:
        self.kept = None
        self.left = 0

    def _drop_buffer(self) -> None:
        self.talk.budget.give(len(self.buffer))
        self.buffer = _EMPTY
        self.scanned = 0
        self._began = None

    def _partial(self, time: Microseconds, frame: int) -> bool:
        """Takes what came of a head, if it is enough to tell."""
        if self.mode != HEAD or not self.buffer:
            return False
        partial, began = bytes(self.buffer), self._began
        self._drop_buffer()
        self._began = began
        return self.head(partial, time, frame, False)

    def _keep(self, piece: bytes) -> bool:
        if len(self.buffer) + len(piece) > HEAD_MOST or not self.talk.budget.take(len(piece)):
            return False
        if self.buffer is _EMPTY:
            self.buffer = bytearray(piece)
        else:
            self.buffer += piece
        return True

    def _head(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        if not self.buffer:
            while at < len(data) and data[at] in b"\r\n":
                at += 1
            if at == len(data):
                return at
            self._began = (time, frame)
            if self.begins(data[at : at + 64]) is False:
                return self._no_head(data[at:], time, frame)
            found = _HEAD_END.search(data, at)
            if found:
                head = data[at : found.end()]
                if not self.head(head, time, frame, True):
                    return self._no_head(data[at:], time, frame)
                return found.end()
            self.scanned = 0
            if not self._keep(data[at:]):
                return self._no_head(data[at:], time, frame)
            if self._simple(time, frame):
                return len(data)
            self.scanned = max(0, len(self.buffer) - 2)
            return len(data)
        before = len(self.buffer)
        if not self._keep(data[at:]):
            return self._no_head(bytes(self.buffer[:SNIFF]), time, frame, len(data))
        if before < 64 and self.begins(bytes(self.buffer[:64])) is False:
            return self._no_head(bytes(self.buffer), time, frame, len(data))
        found = _HEAD_END.search(self.buffer, self.scanned)
        if not found:
            self.scanned = max(0, len(self.buffer) - 2)
            return len(data)
        end = found.end()
        head = bytes(self.buffer[:end])
        first = self._began
        self._drop_buffer()
        self._began = first
        if not self.head(head, time, frame, True):
            return self._no_head(head, time, frame, len(data))
        return at + end - before

    def _simple(self, time: Microseconds, frame: int) -> bool:
        """A message that is complete without an empty line, if this direction knows such."""
        return False

    def _no_head(self, data: bytes, time: Microseconds, frame: int, at: int = ENDLESS) -> int:
        self.astray(self.sure)
        self.misplaced(data, time, frame)
        return at

    def _body(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        amount = min(len(data) - at, self.left)
        if self.kept is not None and self.kept.want:
            self.kept.add(data[at : at + amount])
        self.left -= amount
        self.body(amount, 0, time, frame)
        if self.left:
            self._count()
        else:
            self._run_over(time, frame)
        return at + amount

    def _run_over(self, time: Microseconds, frame: int) -> None:
        if self.mode == CHUNK:
            self.mode = CHUNK_END
            self.counts = 0
        else:
            self._finished(time, frame)

    def _line(self, data: bytes, at: int, time: Microseconds, frame: int) -> int:
        """A line of chunked framing."""
        end = data.find(b"\n", at)
        if end < 0:
            if len(self.buffer) + len(data) - at > LINE_MOST or not self._keep(data[at:]):
                self.broken(time, frame)
                self.astray(False)
            return len(data)
        line = data[at:end]
        if self.buffer:
            line = bytes(self.buffer) + line
            self.talk.budget.give(len(self.buffer))
            self.buffer = _EMPTY
        if self.mode == CHUNK_END:
            if line.strip():
                self.broken(time, frame)
                self.astray(False)
                return end + 1
            self.mode = CHUNK_SIZE
        elif self.mode == CHUNK_SIZE:
            size = _CHUNK.match(line)
            if not size:
                self.broken(time, frame)
                self.astray(False)
                return end + 1
            self.left = int(size[1], 16)
            if self.left:
                self.mode = CHUNK
                self._count()
            else:
                self.mode = TRAILER
        elif line in (b"", b"\r"):
            self._finished(time, frame)
        return end + 1


def read_fields(head: bytes) -> tuple[bytes, dict[str, list[str]]]:
    """The first line of a message's head, and its header fields by lower-case name. Lines that are none are passed
    over."""
    lines = head.split(b"\n", 512)
    fields: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in lines[1:512]:
        line = line.rstrip(b"\r")
        if line[:1] in (b" ", b"\t"):
            if last is not None and len(last[-1]) < VALUE_MOST:
                last[-1] += " " + text_of(line.strip())
            continue
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        last = fields.setdefault(name.strip(b" \t").decode("latin-1").lower(), [])
        last.append(text_of(value.strip()))
    return lines[0], fields


_read_again = lru_cache(maxsize=32)(read_fields)


def _fields_of(head: bytes) -> tuple[bytes, dict[str, list[str]]]:
    """As ``read_fields``, to be looked at only: the phones of a site send much the same, and so do their servers."""
    return _read_again(head) if len(head) <= USUAL else read_fields(head)


def read_request_line(line: bytes) -> tuple[bytes, bytes, bool] | None:
    """Method and target of a request's first line, and whether it names its version (HTTP/0.9 does not); None if it
    is none."""
    method, _, rest = line.strip().replace(b"\t", b" ").partition(b" ")
    rest = rest.strip()
    if not rest or not _METHOD.fullmatch(method):
        return None
    # A target with blanks in it is cut at the first, as servers and Wireshark do.
    target = rest.split(b" ", 1)[0]
    if target != rest and _VERSION.fullmatch(rest.rpartition(b" ")[2]):
        return method, target, True
    return (method, target, False) if _KNOWN_METHOD.fullmatch(method) else None


def text_of(data: bytes) -> str:
    """A header's bytes as text: UTF-8 if they are, else Latin-1."""
    data = data[:VALUE_MOST]
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def body_length(fields: dict[str, list[str]]) -> tuple[int | None, bool]:
    """Content-Length (None: not announced, or nonsense), and whether the body comes in chunks."""
    coding = ",".join(fields.get("transfer-encoding", ())).lower()
    if coding and coding.rstrip().rsplit(",", 1)[-1].strip() == "chunked":
        return None, True
    for value in fields.get("content-length", ()):
        digits = _DIGITS.match(value)
        if digits:
            return int(digits[0]), False
    return None, False


def challenge_schemes(fields: dict[str, list[str]], status: int | None) -> tuple[str, ...]:
    """The scheme words of the challenges that belong to ``status``, in order."""
    names = ("proxy-authenticate", "www-authenticate") if status == 407 else ("www-authenticate", "proxy-authenticate")
    for name in names:
        found = [word for value in fields.get(name, ()) for word in _SCHEME.findall(_QUOTED.sub("", value))]
        if found:
            return tuple(found[:16])
    return ()


class RequestDirection(HttpDirection):
    """The client's direction."""

    __slots__ = ()

    def begins(self, data: bytes) -> bool | None:
        if not _METHOD_START.match(data):
            return False
        line, newline, _ = data.partition(b"\n")
        return False if newline and read_request_line(line) is None else None

    def resumes(self, data: bytes) -> bool:
        if not _KNOWN.match(data):
            return False
        line, newline, _ = data.partition(b"\n")
        found = read_request_line(line)
        return not newline or (found is not None and found[2])

    def head(self, head: bytes, time: Microseconds, frame: int, whole: bool) -> bool:
        line, fields = _fields_of(head)
        found = read_request_line(line)
        if found is None:
            return False
        unsure = not whole and b"\n" not in head and not line.split(None, 1)[-1].count(b" ")
        if unsure and (self.talk.bodies or not self.talk.snapped):
            # Who knows how the target goes on. That something was asked is a fact all the same.
            return False
        method, target, _ = found
        if method == b"PRI" and target == b"*":
            self.talk.stop()
            return True
        first = self._began or (time, frame)
        exchange = self.talk.unasked(first[0]) or self.talk.asked(Exchange(*first))
        exchange.time = first[0]
        exchange.frame = frame
        exchange.request_time = time
        exchange.method = method.decode("ascii")
        exchange.target = text_of(target)
        exchange.request_start = self.start
        exchange.request_fields = fields
        path = exchange.target.split("?", 1)[0].lower()
        exchange.update = exchange.method == "POST" and path.endswith("/ucdevice.upx")
        self.exchange = exchange
        if not whole:
            return True
        length, chunked = body_length(fields)
        kept = None
        if exchange.update:
            if self.talk.budget.take(len(head)):
                exchange.request_head = head
            kept = BodyExcerpt(self.talk.budget, WHOLE)
        elif self.talk.bodies and (length or chunked):
            kept = BodyExcerpt(self.talk.budget, EXCERPT)
        exchange.request = kept
        self.follow(0 if length is None and not chunked else length, chunked, kept, time, frame)
        return True

    def body(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.request_bytes += amount
            exchange.request_lost += lost
            exchange.request_time = time
            exchange.frame = frame

    def done(self, time: Microseconds, frame: int) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.asked = True
            exchange.frame = frame
            exchange.request_time = time
            if exchange.answered:
                self.talk.conclude(exchange, None, None)

    def broken(self, time: Microseconds, frame: int, lost: int = 1) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is not None:
            exchange.request_lost += lost
            if exchange.answered:
                self.talk.conclude(exchange, None, None)

    def missed(self, amount: int) -> None:
        talk = self.talk
        found = talk.early or (talk.queue[0] if talk.queue else None)
        if talk.passed or found is None or found.method is not None:
            talk.passed = False
            talk.missed += amount
            return
        # It was what has its answer already, so that the next request is another one.
        found.request_lost += amount
        if found is talk.early:
            talk.conclude(found, None, None)

    def partial(self, time: Microseconds, frame: int) -> None:
        """The direction ends: takes what came of a head."""
        self._partial(time, frame)

    def _simple(self, time: Microseconds, frame: int) -> bool:
        """HTTP/0.9: ``GET /`` and the end of the line."""
        line, newline, rest = bytes(self.buffer[:LINE_MOST]).partition(b"\n")
        found = read_request_line(line)
        if not newline or rest or found is None or found[2]:
            return False
        self._drop_buffer()
        self._began = (time, frame)
        return self.head(line, time, frame, True)

    def end(self, time: Microseconds, frame: int) -> None:
        self._partial(time, frame)
        self.talk.left = time
        self.talk.let_go("client")
        self.stop()


class ResponseDirection(HttpDirection):
    """The server's direction. ``banner`` is what came where a response should have begun."""

    __slots__ = ("banner",)

    def __init__(self, talk: "HttpTracker", in_step: bool) -> None:
        super().__init__(talk, in_step)
        self.banner: tuple[bytes, int, int] | None = None

    def begins(self, data: bytes) -> bool | None:
        if len(data) < 5:
            return None if b"HTTP/".startswith(data) else False
        return data.startswith(b"HTTP/")

    def resumes(self, data: bytes) -> bool:
        return data.startswith(b"HTTP/") and _STATUS.match(data.partition(b"\n")[0].rstrip()) is not None

    def head(self, head: bytes, time: Microseconds, frame: int, whole: bool) -> bool:
        line, fields = _fields_of(head)
        found = _STATUS.match(line.rstrip())
        if not found:
            return False
        status = int(found[1])
        talk = self.talk
        if 100 <= status < 200 and status != 101:
            self.mode = HEAD
            return True
        first = self._began or (time, frame)
        self._pass_over()
        if talk.queue:
            exchange = talk.queue[0]
        else:
            exchange = Exchange(*first)
            exchange.asked = not talk.is_behind()
            exchange.request_lost, talk.missed = talk.missed, 0
            talk.queue.append(exchange)
        self.exchange = exchange
        self.banner = None
        exchange.status = status
        exchange.answer_start = self.start
        exchange.reason = text_of(found[2]) if found[2] else None
        exchange.answer_fields = fields
        exchange.last_time, exchange.last_frame, exchange.answer_frame = time, frame, frame
        if not whole:
            return True
        length, chunked = body_length(fields)
        exchange.announced = length
        if status == 101 or (exchange.method == "CONNECT" and 200 <= status < 300):
            self._finished(time, frame)
            talk.stop()
            if talk.tunnel is not None and status != 101:
                talk.tunnel()
            return True
        if exchange.method == "HEAD" or status in (204, 304):
            length, chunked = 0, False
        # Of a request that is still to come nobody knows whether it is an update request.
        whole_kept = exchange.update or (talk.bodies and not exchange.asked and exchange.method is None)
        kept = BodyExcerpt(talk.budget, WHOLE if whole_kept else EXCERPT if talk.bodies else SNIFF)
        exchange.answer = kept
        self.follow(length, chunked, kept, time, frame)
        return True

    def _pass_over(self) -> None:
        """A response after a loss answers the last request: the loss took the responses to those before."""
        queue = self.talk.queue
        lost = queue[0].answer_lost if len(queue) > 1 and queue[0].status is None else 0
        if lost >= LEAST and "expect" not in queue[0].request_fields:
            for exchange in queue[:-1]:
                exchange.answer_lost = exchange.answer_lost or lost
                self.talk.conclude(exchange, None, None)
            del queue[:-1]

    def body(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.answer_bytes += amount
            exchange.answer_lost += lost
            exchange.last_time, exchange.last_frame = time, frame

    def done(self, time: Microseconds, frame: int) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.complete = True
            exchange.answer_frame = exchange.last_frame = frame
            exchange.last_time = time
            self._over(exchange)

    def broken(self, time: Microseconds, frame: int, lost: int = 1) -> None:
        exchange = self.exchange
        if exchange is not None:
            exchange.answer_lost += lost
            self._over(exchange)

    def missed(self, amount: int) -> None:
        queue = self.talk.queue
        if queue and queue[0].status is None:
            queue[0].answer_lost += amount
        else:
            self.talk.missed += amount

    def _over(self, exchange: Exchange) -> None:
        self.exchange = None
        exchange.answered = True
        queue = self.talk.queue
        if queue and queue[0] is exchange:
            queue.pop(0)
        if exchange.asked or exchange.request_lost:
            self.talk.conclude(exchange, None, None)
        else:
            if self.talk.early is not None:
                self.talk.passed = True
                self.talk.conclude(self.talk.early, None, None)
            self.talk.early = exchange

    def misplaced(self, data: bytes, time: Microseconds, frame: int) -> None:
        talk = self.talk
        if not self.sure:
            return
        if self.banner is None:
            self.banner = (data[:EXCERPT], time, frame)
        if talk.queue and (self.junk or self.banner[1] >= talk.queue[0].time):
            self.not_http()

    def not_http(self) -> None:
        """What came in answer to the oldest request is no HTTP."""
        exchange = self.talk.queue.pop(0)
        if self.banner is not None:
            data, exchange.last_time, exchange.last_frame = self.banner
            exchange.answer_frame = exchange.last_frame
            exchange.answer_bytes = len(data)
            exchange.answer = kept = BodyExcerpt(self.talk.budget, EXCERPT)
            kept.add(data)
        self.talk.conclude(exchange, "not_http", None)

    def partial(self, time: Microseconds, frame: int) -> None:
        """The direction ends: takes what came of a head."""
        rest = bytes(self.buffer[:EXCERPT]) if self.mode == HEAD else b""
        if rest and not self._partial(time, frame) and self.sure and self.banner is None and self.begins(rest) is False:
            self.banner = (rest, time, frame)

    def end(self, time: Microseconds, frame: int) -> None:
        self.partial(time, frame)
        if self.mode == REST and self.exchange is not None:
            self._finished(time, frame)
        left = self.talk.left
        self.talk.let_go()
        if left is None:
            self.talk.no_more("closed", "server", time, frame)
        else:
            self.talk.no_more("closed", "client", left, frame)
        self.stop()


class HttpTracker:
    """One connection. ``in_step`` says that its beginning was seen.

    ``requests`` and ``responses`` are the sinks of the two directions. ``left`` is when the client closed its
    direction. Times are microseconds, ``patience`` too. ``missed`` counts bytes that the capture lacks of messages of
    which it has nothing, ``snapped`` says that a snap length cut what mattered, ``latest`` is the time and frame of
    what was told last, ``heard`` says that the server's packets pass where the capture is made. ``early`` has its
    answer and not yet its request, or not the end of it; ``passed`` says that the one before it never got it. ``held``
    was answered with 401: whether the client goes on, or hangs up, says whether it signs in. ``tunnel`` is called when
    a CONNECT has succeeded: what follows is another conversation.
    """

    __slots__ = (
        "bodies",
        "budget",
        "early",
        "emit",
        "ends",
        "heard",
        "held",
        "latest",
        "left",
        "missed",
        "passed",
        "patience",
        "queue",
        "requests",
        "responses",
        "snapped",
        "tunnel",
        "update",
    )

    def __init__(
        self,
        ends: Endpoints,
        emit: Emit,
        budget: Budget,
        *,
        in_step: bool,
        bodies: bool,
        patience: Microseconds,
        update: Callable[[UpdateExchange], None] | None,
    ) -> None:
        self.ends = ends
        self.emit = emit
        self.budget = budget
        self.left: int | None = None
        self.latest = (0, 0)
        self.missed = 0
        self.snapped = False
        self.heard = False
        self.bodies = bodies
        self.patience = patience
        self.update = update
        self.tunnel: Callable[[], None] | None = None
        self.queue: list[Exchange] = []
        self.early: Exchange | None = None
        self.held: Http | None = None
        self.passed = False
        self.requests = RequestDirection(self, in_step)
        self.responses = ResponseDirection(self, in_step)

    def asked(self, exchange: Exchange) -> Exchange:
        """A request has begun."""
        self.let_go()
        if len(self.queue) >= PIPELINE_MOST:
            self.conclude(self.queue.pop(0), None, None)
        self.queue.append(exchange)
        return exchange

    def is_behind(self) -> bool:
        """Whether the server has acknowledged what the capture has not shown yet."""
        stream = self.requests.stream
        return stream is not None and stream.acknowledged > stream.at and not stream.ended

    def unasked(self, time: Microseconds) -> Exchange | None:
        """The exchange of which the answer was captured before the request that begins now, if there is one."""
        found = self.early or (self.queue[0] if len(self.queue) == 1 else None)
        if found is None or found.method is not None or found.asked or found.request_lost:
            return None
        return found if time - (found.last_time or found.time) <= EARLY else None

    def stop(self) -> None:
        """The connection is no longer HTTP: a tunnel, another protocol."""
        self.requests.stop()
        self.responses.stop()

    def conclude(self, exchange: Exchange, failure: HttpFailure | None, closed_by: Peer | None) -> None:
        """Emits the exchange as it stands and forgets it."""
        if exchange is self.early:
            self.early = None
        if exchange.told:
            return
        exchange.told = True
        found = self._observation(exchange, failure, closed_by)
        self.latest = (found.last_time or found.time, found.last_frame or found.frame or 0)
        if exchange.update and exchange.status == 401 and exchange.complete:
            self.let_go()
            self.held = found
            if self.left is not None:
                self.let_go("client")
        else:
            self.emit(found)
        if exchange.update and self.update is not None:
            self.update(self._whole(exchange, found))
        self.budget.give(len(exchange.request_head))
        for kept in (exchange.request, exchange.answer):
            if kept is not None:
                kept.free()

    def let_go(self, closed_by: Peer | None = None) -> None:
        """It is known what the client did after its 401."""
        held, self.held = self.held, None
        if held is not None:
            self.emit(held if closed_by is None else replace(held, closed_by=closed_by))

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        """The connection has ended (``how``: closed or reset): concludes all that waits."""
        self.let_go("client" if by == "client" else None)
        self.requests.partial(time, frame)
        self.no_more(how, by, time, frame)
        if self.early is not None:
            self.conclude(self.early, None, by)

    def no_more(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        """No response will come: concludes the requests that wait for one."""
        self.responses.partial(time, frame)
        while self.queue:
            if self.queue[0].status is None and self.responses.banner is not None:
                self.responses.not_http()
                continue
            exchange = self.queue.pop(0)
            self.conclude(exchange, self._failure(exchange, how, by, time), by)

    def finish(self, at: Microseconds) -> None:
        """The capture has ended, or the connection is forgotten."""
        self.let_go()
        pending = self._pending(at)
        if self.missed >= LEAST and not pending and self.bodies:
            self.emit(unseen(self.ends, *self.latest, self.missed, self.snapped))
        for found, exchange in pending:
            self.emit(found)
            if exchange.update and self.update is not None:
                self.update(self._whole(exchange, found))
            self.budget.give(len(exchange.request_head))
            for kept in (exchange.request, exchange.answer):
                if kept is not None:
                    kept.free()
        self.queue.clear()
        self.early = None
        self.stop()

    def release(self) -> None:
        """It is over. Its two ways know it too, so that it would wait for a search for cycles."""
        del self.requests, self.responses

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit."""
        held: list[Observation] = [self.held] if self.held is not None else []
        return held + [found for found, _ in self._pending(at)]

    def _pending(self, at: Microseconds) -> list[tuple[Http, Exchange]]:
        found = []
        if self.early is not None:
            found.append((self._observation(self.early, None, None), self.early))
        for exchange in self.queue:
            failure: HttpFailure | None = None
            if exchange.status is not None:
                if at - (exchange.last_time or exchange.time) >= self.patience:
                    failure = "stalled"
            elif exchange.answer_lost:
                pass
            elif self.responses.banner is not None:
                failure = "not_http"
            elif exchange.asked and at - exchange.request_time >= self.patience:
                failure = "incomplete" if self.responses.buffer else "no_answer"
            found.append((self._observation(exchange, failure, None), exchange))
        return found

    def _failure(self, exchange: Exchange, how: Ending, by: Peer | None, time: Microseconds) -> HttpFailure | None:
        if exchange.answer_lost and exchange.status is None:
            return None
        # Who hangs up after a while had no answer to wait for any more.
        waited = time - exchange.request_time >= min(self.patience, GAVE_UP)
        if exchange.status is None and by == "client" and exchange.asked and waited:
            return "no_answer"
        silent = exchange.last_time is not None and time - exchange.last_time >= self.patience
        if exchange.status is not None and by == "client" and silent:
            return "stalled"
        return how

    def _observation(self, exchange: Exchange, failure: HttpFailure | None, closed_by: Peer | None) -> Http:
        ends = self.ends
        asked, answered = exchange.request_fields, exchange.answer_fields
        content_type = _one(answered, "content-type")
        encoding = _one(answered, "content-encoding")
        html = False
        answer_text = request_text = None
        if exchange.answer is not None and exchange.answer.raw:
            answer_text, html = _said(bytes(exchange.answer.raw[: 2 * EXCERPT]), encoding, content_type)
        if self.bodies and exchange.request is not None and exchange.request.raw:
            raw = bytes(exchange.request.raw[: 2 * EXCERPT])
            request_text, _ = _said(raw, _one(asked, "content-encoding"), _one(asked, "content-type"))
        credentials = _one(asked, "authorization") or _one(asked, "proxy-authorization")
        last = exchange.last_time
        # That of the frame that completes the request, as Wireshark counts it.
        asked_at = exchange.time if exchange.method is None else exchange.request_time
        conditional = None
        if exchange.status == 304 and exchange.method is not None and not exchange.request_lost:
            conditional = any(name.startswith("if-") for name in asked)
        return Http(
            time=asked_at,
            frame=exchange.frame,
            answer_frame=exchange.answer_frame,
            client=ends.client,
            server=ends.server,
            port=ends.port,
            client_port=ends.client_port,
            client_mac=ends.client_mac,
            method=exchange.method,
            host=_one(asked, "host"),
            target=exchange.target,
            status=exchange.status,
            request_bytes=exchange.request_bytes,
            answer_bytes=exchange.answer_bytes,
            announced_bytes=exchange.announced,
            complete=exchange.complete,
            # What came before the request (a banner) did not take any time to answer it.
            seconds=None if last is None or exchange.method is None else max(0, last - asked_at) / 1e6,
            reason=exchange.reason,
            failure=failure,
            content_type=content_type,
            content_encoding=encoding,
            location=_one(answered, "location"),
            challenges=challenge_schemes(answered, exchange.status),
            server_header=_one(answered, "server"),
            user_agent=_one(asked, "user-agent"),
            authorization=credentials.split(None, 1)[0] if credentials else None,
            html=html,
            request_text=request_text,
            answer_text=answer_text if self.bodies else None,
            conditional=conditional,
            purpose=self._purpose(exchange),
            last_time=last,
            last_frame=exchange.last_frame,
            lost_bytes=exchange.request_lost + exchange.answer_lost,
            closed_by=closed_by,
            snapped=self.snapped and bool(exchange.request_lost or exchange.answer_lost),
            request_acked=self.requests.acknowledged(exchange.request_start, self.heard) if exchange.update else None,
            answer_acked=self.responses.acknowledged(exchange.answer_start, True) if exchange.update else None,
            content_range=_one(answered, "content-range"),
            retry_after=_one(answered, "retry-after"),
        )

    def _purpose(self, exchange: Exchange) -> Purpose | None:
        if exchange.update:
            return _posted(exchange)
        to_server = exchange.method == "CONNECT" and _UPDATE_SERVER.match(exchange.target or "")
        return "update" if to_server and self.bodies else None

    def _whole(self, exchange: Exchange, found: Http) -> UpdateExchange:
        request, answer = exchange.request, exchange.answer
        raw = bytes(request.raw) if request is not None else b""
        inflater = Inflater(found.content_encoding, WHOLE)
        body = inflater.feed(bytes(answer.raw)) if answer is not None else b""
        kept_whole = answer is None or (not answer.holed and len(answer.raw) == exchange.answer_bytes)
        if found.complete and kept_whole:
            inflater.end()
        return UpdateExchange(
            http=found,
            request_head=exchange.request_head,
            request_body=raw,
            request_whole=exchange.asked and bool(exchange.request_head) and len(raw) == exchange.request_bytes,
            answer_body=body,
            answer_whole=found.complete and kept_whole and not inflater.overflow,
            answer_holed=answer is not None and answer.holed,
            problem=inflater.problem,
        )


def unseen(ends: Endpoints, time: Microseconds, frame: int, lost: int, snapped: bool) -> Http:
    """An exchange of which nothing is known but that ``lost`` bytes of it passed."""
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


def _one(fields: dict[str, list[str]], name: str) -> str | None:
    values = fields.get(name)
    return values[0] if values else None


# What begins as the phone's file does, or as the answer that offers it, comes as often as there are phones.
@lru_cache(maxsize=16)
def _said(raw: bytes, encoding: str | None, content_type: str | None) -> tuple[str | None, bool]:
    """The text of a body, None where it is none, and whether it is a web page's."""
    text = excerpt(Inflater(encoding, 4 * EXCERPT).feed(raw), content_type, EXCERPT)
    return text if _is_text(text) else None, is_page(text)


def _is_text(text: str) -> bool:
    sample = text[:1024]
    return sample.count("\ufffd") * 20 <= len(sample) and "\x00" not in sample


def _posted(exchange: Exchange) -> Purpose | None:
    """What a POST to the request handler brings: ``log``, ``update-or-log``, or None for an update request.

    The handler takes both (Microsoft, OCS 2007 R2 documentation, "Device Update Service"). How they differ on the
    wire is not published: the update request is XML ("Update Audit Log Schema"), so a named file of the log types
    that the service accepts, a form with files, and what is no text are taken for logs. Other text may be either.
    """
    fields = exchange.request_fields
    content_type = (_one(fields, "content-type") or "").lower()
    if content_type.startswith("multipart/") or _LOG_FILE.search(exchange.request_head):
        return "log"
    kept = exchange.request
    if kept is None or not kept.raw:
        return None
    body = Inflater(_one(fields, "content-encoding"), 4096).feed(bytes(kept.raw[:4096]))
    text = excerpt(body, content_type, 1024).lstrip("\ufeff \t\r\n\x00")
    if not text or text.startswith("<"):
        return None
    return "update-or-log" if _is_text(text) and not _LOG_START.match(text) else "log"
