"""The update request, as bytes: the built-in guess, or one saved from a real phone.

Method and path are documented (Polycom CX700 Deployment Guide R2 (July 2010), pages 23 and 26), and so is the list of
values in the body, which is XML (Microsoft, "Update Audit Log Schema", OCS 2007 R2 and Lync 2010). Element names,
namespace, headers and character set are not published anywhere: the built-in body is a guess and is labelled
``verified=False``. A body saved from a real phone is the remedy (``from_saved``).

A saved file may mark the places of MAC and serial number, as ``mark`` does: ``{{MAC}}`` stands for twelve upper-case
digits, ``{{MAC:xx-xx-xx-xx-xx-xx}}`` for another spelling (``x`` a lower-case digit, ``X`` an upper-case one) and
``{{SERIAL}}`` for the serial number.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote, urlsplit

from ucdiag import __version__
from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern
from ucdiag.model.phone import Phone
from ucdiag.model.service_names import OWN_AGENT
from ucdiag.model.text import CAPTURE_MARKS
from ucdiag.model.visible_text import quoted
from ucdiag.update_service.names import INTERNAL_PATH
from ucdiag.wire.http.body import Inflater, marked_encoding

USER_AGENT = f"{OWN_AGENT}{__version__}"
# How the note ends that says that a part of the saved body was cut off.
REST_NOT_SENT = "the rest is not sent."
LIMIT = 1 << 20  # bytes of a saved request

# The version that the guess claims to have: old enough to be offered updates (Polycom CX700 Deployment Guide R2).
OLD_FIRMWARE = "1.0.522.101"
# Often quoted as the file's name; no source for it was found.
_MODULE = "CPE.nbt"
_TIMESTAMP = "2009-01-01T00:00:00Z"

# Headers that belong to one connection, or that cannot be repeated: an NTLM or Kerberos token is good for once.
_TOKENS = frozenset({"authorization", "proxy-authorization"})
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
)
_REQUEST_LINE = pattern(rb"([A-Za-z]{3,20}) (\S{1,4000}) (HTTP/1\.[01])[ \t]*\r?\n")
# What was meant as such a line, and is none: HTTP/2, a path with blanks, what curl -v shows.
_MEANT_AS_REQUEST = pattern(
    rb"(\xef\xbb\xbf)?\s*((?:> )?(?:POST|GET|PUT|HEAD|OPTIONS|PROPFIND|CONNECT) [^\r\n]{0,80})", re.IGNORECASE
)
_HEADER = pattern(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100})[ \t]*:[ \t]*([^\r\n\x00]*?)[ \t]*")


@record(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, ready to be sent.

    ``headers`` are in the order in which they are sent and are all that is sent. ``verified`` is False when the body is
    our own guess. ``notes`` are sentences about what was changed in a saved request, or could not be.
    """

    method: str = "POST"
    target: str = INTERNAL_PATH
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    version: str = "HTTP/1.1"
    verified: bool = False
    notes: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """The value of the first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def to_bytes(request: Request) -> bytes:
    """Exactly the bytes that are sent."""
    lines = [f"{request.method} {request.target} {request.version}"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def host_header(host: str, port: int, scheme: str) -> str:
    """What a client puts into the Host header: the port only where it is not the scheme's own, IPv6 in brackets."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return shown if port == {"http": 80, "https": 443}.get(scheme) else f"{shown}:{port}"


def build_request(phone: Phone, host: str, path: str = INTERNAL_PATH) -> Request:
    """The built-in update request: a guess that carries every value known to be in a real one.

    ``host`` is the Host header as it is to be sent. Raises ValueError, with one sentence, for a host or path that
    cannot be sent and for a value that XML cannot hold.
    """
    body = _template_body(phone).encode("utf-8")
    return Request(
        target=_request_target(path),
        headers=(
            ("Host", _checked_host(host)),
            ("User-Agent", USER_AGENT),
            ("Content-Type", "text/xml; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ),
        body=body,
    )


def file_request(url: str) -> Request:
    """The request for a file. ``url`` must be usable (``answer.usable_url``)."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = host_header(parts.hostname or "", port, parts.scheme)
    return Request(
        method="GET",
        target=_request_target(path),
        headers=(("Host", host), ("User-Agent", USER_AGENT), ("Connection", "close")),
        verified=True,
    )


def from_saved(
    data: bytes,
    phone: Phone,
    host: str,
    path: str | None = None,
    *,
    mac: str | None = None,
    serial: str | None = None,
) -> Request:
    """A request from what was saved of a real phone: its body alone, or a whole HTTP request.

    Marked places (see above) get the phone's MAC and serial number. Unmarked ones are found and changed only where
    the user chose a ``mac`` or a ``serial``, and keep their spelling. ``path`` ``None`` keeps the saved request's own.
    Raises ValueError, with one sentence, for a file that is empty, too long or no update request.
    """
    if not data.strip():
        raise ValueError("the saved request is empty")
    if len(data) > LIMIT:
        raise ValueError(f"the saved request is longer than {LIMIT} bytes, which no update request is")
    if data.startswith(CAPTURE_MARKS):
        raise ValueError("this is a capture file, not a request: take the request out with capture --save-request")
    if data.startswith(b"HTTP/1."):
        raise ValueError("this is a saved response (it begins with HTTP/1.), not a request")
    head = _REQUEST_LINE.match(data)
    notes: list[str] = []
    if head is None:
        _not_meant_as_request(data)
        saved: list[tuple[str, str]] = []
        body, target, method, version = data, INTERNAL_PATH, "POST", "HTTP/1.1"
    else:
        method, target, version = (part.decode("latin-1") for part in head.groups())
        if method.upper() != "POST":
            raise ValueError(f"the saved request is a {method}, and an update request is a POST")
        saved, body = _split_headers(data[head.end() :])
        body = _unwrapped_body(saved, body, notes)
        if target.startswith(("http://", "https://")):
            parts = urlsplit(target)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not body.strip():
        raise ValueError("the saved request has no body")

    change = _Change(phone, mac, serial)
    change.learn_identity("\n".join(f"{name}: {value}" for name, value in saved))
    body = _changed_as_text(body, change.learn_identity, change.change_text)
    notes += change.missing_notes()
    path = target if path is None else path
    # The name stands beside the value, because it may be the name that says what the value is.
    headers = [(name, change.change_text(f"{name}: {value}").partition(": ")[2]) for name, value in saved]
    return Request(
        method=method,
        target=_request_target(change.change_text(path)),
        headers=_sent_headers(headers, _checked_host(host), body, notes, alone=head is None),
        body=body,
        version=version,
        verified=True,
        notes=tuple(notes),
    )


def mark_identity(data: bytes) -> bytes:
    """A request or body of a real phone with its MAC and serial number marked, for ``from_saved`` to fill in.

    A chunked body comes back in one piece, because marking changes the length of its chunks; nothing else changes.
    Raises ValueError for a request that breaks off.
    """
    head = _REQUEST_LINE.match(data)
    if head is None:
        marker = _Marker()
        return _changed_as_text(data, marker.learn_identity, marker.change_text)
    saved, body = _split_headers(data[head.end() :])
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in saved):
        body = _unwrapped_body([("Transfer-Encoding", "chunked")], body, [])
    marker = _Marker()
    marker.learn_identity("\n".join(f"{name}: {value}" for name, value in saved))
    body = _changed_as_text(body, marker.learn_identity, marker.change_text)
    # In one go, because a header's name may say what its value is.
    start = data[: head.end()] + b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in saved)
    return marker.change_text(start.decode("latin-1")).encode("latin-1") + b"\r\n" + body


def _template_body(phone: Phone) -> str:
    values = (
        ("DeviceType", phone.device_type),
        ("MACAddress", phone.mac.replace(":", "-").upper()),
        ("SerialNumber", phone.serial),
        ("Vendor", phone.vendor),
        ("Model", phone.model),
        ("Revision", phone.revision),
        ("Locale", phone.locale),
    )
    module = (
        ("FileName", _MODULE),
        ("Version", phone.firmware or OLD_FIRMWARE),
        ("TimeStamp", _TIMESTAMP),
    )
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<UpdateRequest>"]
    lines += [_xml_element(name, value, 2) for name, value in values]
    lines += ["  <Modules>", "    <Module>"]
    lines += [_xml_element(name, value, 6) for name, value in module]
    lines += ["    </Module>", "  </Modules>", "</UpdateRequest>"]
    return "\r\n".join([*lines, ""])


def _xml_element(name: str, value: str, indent: int) -> str:
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", value):
        raise ValueError(f"the phone's {name} {quoted(value)} holds a character that XML cannot carry")
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"{' ' * indent}<{name}>{escaped}</{name}>"


def _checked_host(host: str) -> str:
    if not host or not host.isascii() or re.search(r"[\x00-\x20\x7f/\\@?#]", host):
        raise ValueError(
            f"{quoted(host)} cannot be sent as a Host header: give a host name or address, with its port if unusual"
        )
    return host


def _request_target(path: str) -> str:
    """A path as it goes into a request line: what may not stand there is percent-encoded."""
    if re.search(r"[\x00-\x1f\x7f]", path):
        raise ValueError(f"the path {quoted(path)} holds a control character")
    try:
        return quote(path if path.startswith("/") else f"/{path}", safe="/%?:@!$&'()*+,;=~-._[]{}|^`\\\"<>")
    except UnicodeEncodeError:
        raise ValueError(f"the path {quoted(path)} cannot be encoded") from None


# A whole saved request.


def _not_meant_as_request(data: bytes) -> None:
    """A body alone may be anything; raises ValueError for one that begins as a request does."""
    begin = data[:400]
    if b"\0" in begin[:2] or begin.startswith((b"\xff\xfe", b"\xfe\xff")):
        if _MEANT_AS_REQUEST.match(begin.replace(b"\0", b"").lstrip(b"\xff\xfe")):
            raise ValueError("the saved request is in UTF-16: save it byte for byte as the phone sent it")
        return
    match = _MEANT_AS_REQUEST.match(begin)
    if match is None:
        return
    if match.start(2) and _REQUEST_LINE.match(data[match.start(2) :]):
        mark_ = "a byte order mark stands" if match[1] else "blanks or empty lines stand"
        raise ValueError(f"the saved request does not begin with its first line: {mark_} before it, which must go")
    line = match[2].decode("latin-1")
    raise ValueError(
        f"{quoted(line[:40])} is no line that begins a request: make it such as 'POST {INTERNAL_PATH} HTTP/1.1', "
        "or save the body alone"
    )


def _split_headers(data: bytes) -> tuple[list[tuple[str, str]], bytes]:
    headers: list[tuple[str, str]] = []
    at = 0
    while True:
        end = data.find(b"\n", at)
        if end < 0:
            raise ValueError("the saved request breaks off before its body")
        line = data[at:end].removesuffix(b"\r").decode("latin-1")
        at = end + 1
        if not line:
            return headers, data[at:]
        match = _HEADER.fullmatch(line)
        if match is None or len(headers) >= 200:
            raise ValueError(f"the saved request has a line among its headers that is none: {quoted(line[:60])}")
        headers.append((match[1], match[2]))


def _unwrapped_body(headers: list[tuple[str, str]], body: bytes, notes: list[str]) -> bytes:
    """The body without chunks, surplus and compression."""
    values = {name.lower(): value for name, value in headers}
    if "chunked" in values.get("transfer-encoding", "").lower():
        # Saved by a tool that had already taken the chunks apart, it begins with XML instead.
        if re.match(rb"[ \t]*[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\n]{0,1000})?\r?\n", body):
            body = _joined_chunks(body)
    elif re.fullmatch(r"[0-9]{1,10}", values.get("content-length", "")) and not _has_marker(body):
        announced = int(values["content-length"])
        if len(body) < announced:
            raise ValueError(
                f"the saved request breaks off: {len(body)} of the {announced} bytes of its body are there"
            )
        if body[announced:].strip():
            notes.append(
                f"The saved request has {len(body):,} bytes of body and announces {announced:,} (Content-Length): "
                f"correct or remove that line to have it all sent; now {REST_NOT_SENT}"
            )
        body = body[:announced]
    encoding = values.get("content-encoding")
    if encoding and encoding.strip().lower() != "identity":
        inflater = Inflater(encoding, LIMIT)
        body = inflater.feed(body)
        inflater.end()
        if inflater.problem or inflater.overflow:
            raise ValueError(f"the saved request's body cannot be used: {inflater.problem or 'it unpacks to too much'}")
        headers[:] = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
        notes.append("The saved body was compressed; it is sent uncompressed.")
    return body


def _has_marker(body: bytes) -> bool:
    # Marking changes the length; in UTF-16 every second byte is a NUL.
    return re.search(rb"\{\x00?\{\x00?(?:M\x00?A\x00?C|S\x00?E\x00?R)", body) is not None


def _joined_chunks(data: bytes) -> bytes:
    out: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\n", at)
        size = re.fullmatch(rb"\s*([0-9A-Fa-f]{1,8})\s*(?:;.*)?", data[at:end].rstrip(b"\r")) if end >= 0 else None
        if size is None:
            raise ValueError("the saved request is chunked and breaks off, or its chunks do not fit")
        length = int(size[1], 16)
        if length == 0:
            return b"".join(out)
        piece = data[end + 1 : end + 1 + length]
        if len(piece) < length:
            raise ValueError("the saved request is chunked and breaks off")
        out.append(piece)
        at = end + 1 + length
        at += 2 if data[at : at + 2] == b"\r\n" else 1 if data[at : at + 1] == b"\n" else 0


def _sent_headers(
    saved: list[tuple[str, str]], host: str, body: bytes, notes: list[str], *, alone: bool
) -> tuple[tuple[str, str], ...]:
    length = str(len(body))
    if alone:
        is_wide = marked_encoding(body)[0] in ("utf-16-le", "utf-16-be")
        kind = "text/xml; charset=utf-16" if is_wide else "text/xml"
        return (
            ("Host", host),
            ("User-Agent", USER_AGENT),
            ("Content-Type", kind),
            ("Content-Length", length),
            ("Connection", "close"),
        )
    sent: list[tuple[str, str]] = []
    named = {name.lower() for name, _ in saved}
    if "host" not in named:
        sent.append(("Host", host))
    placed: set[str] = set()
    for name, value in saved:
        key = name.lower()
        if key in ("host", "content-length"):
            if key not in placed:
                sent.append((name, host if key == "host" else length))
            placed.add(key)
        elif key not in _HOP_BY_HOP and key not in _TOKENS:
            sent.append((name, value))
    if "content-length" not in named:
        sent.append(("Content-Length", length))
    if named & _TOKENS:
        notes.append(
            "The saved request carried credentials (Authorization), which are good for one connection only: not sent."
        )
    dropped = sorted(named & _HOP_BY_HOP)
    if dropped:
        notes.append(f"Headers of the saved connection are not sent: {', '.join(dropped)}.")
    return tuple(sent)


# MAC and serial number in text of unknown form.

_HEX = r"[0-9A-Fa-f]"
_SPELLINGS = (
    rf"{_HEX}{{2}}([:\-. ]){_HEX}{{2}}(?:\1{_HEX}{{2}}){{4}}",
    rf"{_HEX}{{4}}([.:\-]){_HEX}{{4}}\2{_HEX}{{4}}",
    rf"{_HEX}{{12}}",
)
_EDGES = r"(?<![0-9A-Za-z:\-.])(?:{})(?![0-9A-Za-z]|[:\-.][0-9A-Za-z])"
_ANY_MAC = pattern(_EDGES.format("|".join(_SPELLINGS)))
_MAC_MARKER = pattern(r"\{\{MAC(?::([xX:\-. ]{12,17}))?\}\}")
_SERIAL_MARKER = pattern(r"\{\{SERIAL\}\}")


# A value in an attribute, an element or a ``name=value`` pair whose name contains WORD.
_NAME = r"(?<![\w:.\-])(?!xmlns)[\w:.\-]{0,60}WORD[\w:.\-]{0,60}"
_FIELD = (
    rf"<({_NAME})(?:\s[^<>]{{0,500}})?>\s*([^<>\s][^<>]{{0,200}}?)\s*</"
    rf"|{_NAME}\s*=\s*\"\s*([^\"<>\s][^\"<>]{{0,200}}?)\s*\"|{_NAME}\s*=\s*'\s*([^'<>\s][^'<>]{{0,200}}?)\s*'"
    rf"|{_NAME}\s*[=:]\s*([0-9A-Za-z_:.\-]{{1,64}})"
)
_MAC_FIELD = pattern(_FIELD.replace("WORD", "mac"), re.IGNORECASE)
_SERIAL_FIELD = pattern(_FIELD.replace("WORD", "serial(?!iz)"), re.IGNORECASE)


def _hex_digits(text: str) -> str:
    return re.sub(r"[^0-9A-Fa-f]", "", text).lower()


def _value_and_span(match: re.Match[str]) -> tuple[str, int, int]:
    group = match.lastindex
    assert group is not None
    return match[group], match.start(group), match.end(group)


def _macs_in(text: str) -> set[str]:
    """The digits of the phone's MAC address: the one that a name says is it, else the only one there is."""
    named = {
        _hex_digits(spelt[0])
        for match in _MAC_FIELD.finditer(text)
        for spelt in [_ANY_MAC.fullmatch(_value_and_span(match)[0])]
        if spelt is not None
    }
    named = {digits for digits in named if int(digits, 16)}
    if named:
        return named
    loose = {
        _hex_digits(match[0])
        for match in _ANY_MAC.finditer(text)
        # Twelve decimal digits are rather a time, unless with colons; a group address is nobody's.
        if (":" in match[0] or not _hex_digits(match[0]).isdigit()) and not int(match[0][1], 16) & 1
    }
    loose.discard("0" * 12)
    return loose if len(loose) == 1 else set()


def _serials_in(text: str) -> set[str]:
    return {
        value
        for value in (_value_and_span(match)[0] for match in _SERIAL_FIELD.finditer(text))
        if re.fullmatch(r"[A-Za-z0-9_.\-]{1,64}", value)
    }


def _respelt_mac(mac: str, like: str) -> str:
    """``mac`` in the spelling of ``like``, digit for digit: separators, and upper or lower case."""
    digits = iter(_hex_digits(mac))
    upper = not re.search(r"[a-fx]", like)
    return "".join(
        (next(digits, "").upper() if upper else next(digits, ""))
        if re.match(r"[0-9A-Fa-fxX]", character)
        else character
        for character in like
    )


class _Places:
    """The MAC addresses and serial numbers of a text, and what stands in their places afterwards."""

    def __init__(self) -> None:
        self.macs: set[str] = set()
        self.serials: set[str] = set()

    def learn_identity(self, text: str) -> None:
        self.macs |= _macs_in(text)
        self.serials |= _serials_in(text)

    def replace_identity(self, text: str, mac: Callable[[str], str] | None, serial: str | None) -> str:
        if mac is not None and self.macs:
            put = mac
            text = _ANY_MAC.sub(lambda match: put(match[0]) if _hex_digits(match[0]) in self.macs else match[0], text)
        if serial is not None and self.serials:
            new = serial

            def replaced_serial(match: re.Match[str]) -> str:
                value, start, end = _value_and_span(match)
                if value not in self.serials:
                    return match[0]
                return match[0][: start - match.start()] + new + match[0][end - match.start() :]

            text = _SERIAL_FIELD.sub(replaced_serial, text)
        return text


class _Change(_Places):
    def __init__(self, phone: Phone, mac: str | None, serial: str | None) -> None:
        super().__init__()
        self._phone, self._mac, self._serial = phone, mac, serial
        self._marked_mac = self._marked_serial = False

    def learn_identity(self, text: str) -> None:
        super().learn_identity(text)
        self._marked_mac = self._marked_mac or _MAC_MARKER.search(text) is not None
        self._marked_serial = self._marked_serial or _SERIAL_MARKER.search(text) is not None

    def change_text(self, text: str) -> str:
        mac = self._mac or self._phone.mac
        chosen = self._mac
        text = self.replace_identity(
            text, None if chosen is None else lambda like: _respelt_mac(chosen, like), self._serial
        )
        text = _MAC_MARKER.sub(lambda found: _respelt_mac(mac, found[1] or "X" * 12), text)
        return _SERIAL_MARKER.sub(lambda _: self._serial or self._phone.serial, text)

    def missing_notes(self) -> list[str]:
        found = []
        if self._mac is not None and not self.macs and not self._marked_mac:
            found.append("The saved request shows no MAC address, so the chosen one could not be put in.")
        if self._serial is not None and not self.serials and not self._marked_serial:
            found.append("The saved request shows no serial number, so the chosen one could not be put in.")
        return found


class _Marker(_Places):
    def change_text(self, text: str) -> str:
        return self.replace_identity(text, _marker_like, "{{SERIAL}}")


def _marker_like(spelt: str) -> str:
    shape = re.sub(_HEX, "x" if re.search(r"[a-f]", spelt) else "X", spelt)
    return "{{MAC}}" if shape == "X" * 12 else f"{{{{MAC:{shape}}}}}"


def _changed_as_text(body: bytes, learn: Callable[[str], None], apply: Callable[[str], str]) -> bytes:
    """``body`` changed as text in its own encoding. Latin-1 keeps every byte of what is not UTF-16."""
    encoding, skip = marked_encoding(body)
    if encoding is None or not encoding.startswith(("utf-16", "utf-32")):
        encoding, skip = "latin-1", 0
    try:
        text = body[skip:].decode(encoding)
    except UnicodeDecodeError:
        encoding, skip = "latin-1", 0
        text = body.decode(encoding)
    learn(text)
    return body[:skip] + apply(text).encode(encoding)


def with_target(request: Request, target: str) -> Request:
    """The same request for another target, as a proxy wants it."""
    return replace(request, target=target)
