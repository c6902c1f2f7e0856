"""The grammar of HTTP/1.x: request and status lines, header fields, lengths. Bytes in, values out, no state.

It reads what clients and servers send, not only what RFC 9110 and RFC 9112 allow: lines may end in a bare line feed,
and lines that are no header field are passed over. Nothing raises.
"""

from collections.abc import Iterable
from functools import lru_cache

from ucdiag.model.patterns import pattern

# Characters of a header value or target that an observation takes.
VALUE_MOST = 8192
# Bytes of a head that is remembered, should it come again.
_USUAL = 2048
_LINES_MOST = 512
_SCHEMES_MOST = 16

_METHODS = (
    "GET|POST|HEAD|PUT|DELETE|OPTIONS|CONNECT|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|SEARCH|REPORT|"
    "SUBSCRIBE|UNSUBSCRIBE|NOTIFY|POLL|BCOPY|BMOVE|BDELETE|BPROPFIND|BPROPPATCH|M-SEARCH|MERGE|CHECKOUT|CHECKIN|"
    "MKACTIVITY|MKWORKSPACE|UNCHECKOUT|UPDATE|LABEL|VERSION-CONTROL|BASELINE-CONTROL|ACL|LINK|UNLINK|PURGE|RPC_CONNECT|"
    "RPC_IN_DATA|RPC_OUT_DATA|RPC_ECHO_DATA|CCM_POST|X-MS-ENUMATTS|SYNC|PROXYPROPFIND|BITS_POST"
)
_KNOWN_REQUEST = pattern(rf"(?:{_METHODS}) +[^\s]".encode())
_METHOD = pattern(rb"[A-Za-z][A-Za-z0-9_.!#$%&'*+^`|~-]{0,31}")
_KNOWN_METHOD = pattern(rf"(?:{_METHODS})".encode())
_VERSION = pattern(rb"HTTP/\d(?:\.\d{1,3})?")
_METHOD_START = pattern(rb"[A-Za-z][A-Za-z0-9_.!#$%&'*+^`|~-]{0,31}(?:[ \t]|$)")
_STATUS = pattern(rb"HTTP/\d+(?:\.\d+)?[ \t]+(\d{3})(?:[ \t]+(.*))?$")
_DIGITS = pattern(r"[0-9]{1,18}")
_QUOTED = pattern(r'"(?:[^"\\]|\\.)*"?')
_SCHEME = pattern(r"(?:^|,)\s*([A-Za-z][A-Za-z0-9_.-]{0,63})(?=\s+[^\s=,]|\s*(?:,|$))")
_CHUNK = pattern(rb"[ \t]*0*([0-9A-Fa-f]{1,15})(?![0-9A-Za-z])")
# The end of a head: an empty line.
HEAD_END = pattern(rb"\n\r?\n")

Fields = dict[str, list[str]]


def read_fields(head: bytes) -> tuple[bytes, Fields]:
    """The first line of a message's head, and the values of its header fields by lower-case name.

    Lines that are no header field are passed over.
    """
    lines = head.split(b"\n", _LINES_MOST)
    fields: Fields = {}
    values: list[str] | None = None
    for line in lines[1:_LINES_MOST]:
        line = line.rstrip(b"\r")
        if line[:1] in (b" ", b"\t"):
            if values is not None and len(values[-1]) < VALUE_MOST:
                values[-1] += " " + text_of(line.strip())
            continue
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        values = fields.setdefault(name.strip(b" \t").decode("latin-1").lower(), [])
        values.append(text_of(value.strip()))
    return lines[0], fields


_read_fields_again = lru_cache(maxsize=32)(read_fields)


def shared_fields(head: bytes) -> tuple[bytes, Fields]:
    """As ``read_fields``, but not to be changed: the phones of a site send the same heads, and so do their servers."""
    return _read_fields_again(head) if len(head) <= _USUAL else read_fields(head)


def first_value(fields: Fields, name: str) -> str | None:
    """The first value of a header field, ``None`` where there is none. ``name`` is in lower case."""
    values = fields.get(name)
    return values[0] if values else None


def read_request_line(line: bytes) -> tuple[bytes, bytes, bool] | None:
    """Method and target of a request line, and whether it names its version (HTTP/0.9 does not); ``None`` if it is
    no request line."""
    method, _, rest = line.strip().replace(b"\t", b" ").partition(b" ")
    rest = rest.strip()
    if not rest or not _METHOD.fullmatch(method):
        return None
    # A target with blanks in it is cut at the first, as servers and Wireshark do.
    target = rest.partition(b" ")[0]
    if target != rest and _VERSION.fullmatch(rest.rpartition(b" ")[2]):
        return method, target, True
    return (method, target, False) if _KNOWN_METHOD.fullmatch(method) else None


def begins_request(data: bytes) -> bool | None:
    """Whether ``data`` begins as a request does; ``None``: too short to decide."""
    if not _METHOD_START.match(data):
        return False
    line, newline, _ = data.partition(b"\n")
    return False if newline and read_request_line(line) is None else None


def is_known_request(data: bytes) -> bool:
    """Whether ``data`` begins with a known method and, where the line is whole, a version: no body does so."""
    if not _KNOWN_REQUEST.match(data):
        return False
    line, newline, _ = data.partition(b"\n")
    request_line = read_request_line(line)
    return not newline or (request_line is not None and request_line[2])


def read_status_line(line: bytes) -> tuple[int, str | None] | None:
    """Status and reason phrase (``None`` where it is empty) of a status line; ``None`` if it is no status line."""
    match = _STATUS.match(line.rstrip())
    if not match:
        return None
    return int(match[1]), text_of(match[2]) if match[2] else None


def begins_response(data: bytes) -> bool | None:
    """Whether ``data`` begins as a response does; ``None``: too short to decide."""
    if len(data) < 5:
        return None if b"HTTP/".startswith(data) else False
    return data.startswith(b"HTTP/")


def is_known_response(data: bytes) -> bool:
    """Whether ``data`` begins with a whole status line."""
    return data.startswith(b"HTTP/") and read_status_line(data.partition(b"\n")[0]) is not None


def read_chunk_size(line: bytes) -> int | None:
    """The size that a line of chunked framing begins with, ``None`` if it has none."""
    match = _CHUNK.match(line)
    return int(match[1], 16) if match else None


def text_of(data: bytes) -> str:
    """A header's bytes as text: UTF-8 if they are, else Latin-1."""
    data = data[:VALUE_MOST]
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def body_length(fields: Fields) -> tuple[int | None, bool]:
    """Content-Length (``None``: not announced, or nonsense), and whether the body comes in chunks."""
    coding = ",".join(fields.get("transfer-encoding", ())).lower()
    if coding and coding.rstrip().rsplit(",", 1)[-1].strip() == "chunked":
        return None, True
    for value in fields.get("content-length", ()):
        digits = _DIGITS.match(value)
        if digits:
            return int(digits[0]), False
    return None, False


def lengths_differ(values: Iterable[str]) -> bool:
    """Whether these values of Content-Length, lists included, announce different lengths, which leaves a client
    without a way to read the message (RFC 9112, section 6.3). What is no number says nothing."""
    parts = [part.strip() for value in values for part in value.split(",")]
    return len(parts) > 1 and len({int(part) for part in parts if _DIGITS.fullmatch(part)}) > 1


def challenge_schemes(fields: Fields, status: int | None) -> tuple[str, ...]:
    """The scheme words of the challenges that belong to ``status``, in order."""
    names = ("proxy-authenticate", "www-authenticate") if status == 407 else ("www-authenticate", "proxy-authenticate")
    for name in names:
        schemes = [word for value in fields.get(name, ()) for word in _SCHEME.findall(_QUOTED.sub("", value))]
        if schemes:
            return tuple(schemes[:_SCHEMES_MOST])
    return ()
