"""Decodes an HTTP body without parsing its content: compression, character encoding, whether it is a web page.

Rules of this file: arbitrary bytes in, never an exception for what they hold, never more memory than the stated bound.
"""

import codecs
import re
import zlib

from ucdiag.model.patterns import pattern
from ucdiag.model.visible_text import quoted

# A body names its own encoding, and some of Python's codecs are none, or slow on hostile text. Only these are believed.
_ENCODINGS = frozenset(
    {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii", "koi8-r"}
    | {f"iso8859-{part}" for part in range(1, 17)}
    | {f"cp125{page}" for page in range(9)}
    | {"cp437", "cp850", "cp852", "shift_jis", "cp932", "euc_jp", "gbk", "gb2312", "gb18030", "big5", "cp949", "euc_kr"}
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = pattern(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DECLARED = pattern(r"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([^\"'<>]{1,60})[\"']")
_PREAMBLE = pattern(r"(?:\s+|\ufeff|<\?[^>]{0,1000}\?>|<!--.{0,4000}?-->)*", re.DOTALL)
_PAGE = pattern(
    r"<(?:!doctype\s+html\b|(?:[A-Za-z]\w{0,30}:)?(?:html|head|body|title|script|style|meta|link|h[1-6]|p|b|br|hr|center|"
    r"div|span|table|font|form|iframe|frameset|pre)(?=[\s/>]))",
    re.IGNORECASE,
)


def known_encoding(name: str) -> str | None:
    """Python's name of the character encoding ``name``, or ``None`` for one that is not known or not believed."""
    try:
        codec = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    return codec if codec in _ENCODINGS else None


def load_encodings() -> None:
    """Have Python load all the encodings that a body may name, while it can read where they are."""
    for name in _ENCODINGS:
        known_encoding(name)


_GZIP = b"\x1f\x8b"
_SLICE = 4096

# Characters of a binary body that an excerpt shows.
BINARY = 64


def charset_of(content_type: str | None) -> str | None:
    """The charset parameter of a Content-Type, as it is written there."""
    parameter = _CHARSET.search(content_type) if content_type is not None else None
    return parameter[1] if parameter else None


def marked_encoding(data: bytes) -> tuple[str | None, int]:
    """The Unicode encoding that ``data`` shows by its byte order mark or its first NULs, and the mark's length."""
    for mark, name in _MARKS:
        # The mark of UTF-32 may also be that of UTF-16 and a NUL; what is no multiple of four bytes is not UTF-32.
        if data.startswith(mark) and not (name == "utf-32-le" and len(data) % 4):
            return name, len(mark)
    start = data[:4]
    if len(start) in (2, 4) and start[0] and not start[1] and (len(start) == 2 or (start[2] and not start[3])):
        return "utf-16-le", 0
    if len(start) in (2, 4) and not start[0] and start[1] and (len(start) == 2 or (not start[2] and start[3])):
        return "utf-16-be", 0
    return None, 0


def declared_encoding(data: bytes) -> str | None:
    """What an XML declaration at the start of ``data`` (in an encoding that keeps ASCII) names."""
    declaration = _DECLARED.match(data[:1024].lstrip().decode("latin-1"))
    return declaration[1] if declaration else None


def readable(data: bytes, content_type: str | None = None) -> str:
    """``data`` as text for a reader: whatever cannot be decoded is replaced. Give it only as much as you want back."""
    encoding, skip = marked_encoding(data)
    for name in (declared_encoding(data), charset_of(content_type)):
        if encoding is None and name is not None:
            encoding = known_encoding(name)
            if encoding is not None and encoding.startswith(("utf-16", "utf-32")):
                encoding = None  # declared, but the bytes do not look it
    if encoding is None:
        encoding = "utf-8"
    return data[skip:].decode(encoding, "replace")


def excerpt(data: bytes, content_type: str | None = None, limit: int = 4096) -> str:
    """The first ``limit`` characters of ``data`` as text; of what is plainly no text, such as firmware, a few only."""
    if b"\0" in data[:1024] and marked_encoding(data)[0] is None:
        limit = min(limit, BINARY)
    return readable(data[: 4 * limit], content_type)[:limit]


def is_page(text: str) -> bool:
    """Whether text begins as an HTML (or XHTML) page does."""
    text = text[:20000]
    at = _PREAMBLE.match(text)
    return _PAGE.match(text, at.end() if at else 0) is not None


class Inflater:
    """Undoes ``gzip`` and ``deflate`` piece by piece, never giving more than ``limit`` bytes in all.

    ``feed`` returns the decoded bytes of a piece. ``overflow`` turns True when there would have been more than
    ``limit``; ``problem`` is a sentence once the data turned out not to be what it claims. A gzip body may be several
    members one after the other (RFC 1952 section 2.2); bytes after the end that begin no member are passed over.
    """

    def __init__(self, encoding: str | None, limit: int) -> None:
        words = [word.strip().lower() for word in (encoding or "").split(",")]
        words = [word for word in words if word not in ("", "identity")]
        self.problem: str | None = None
        self.overflow = False
        self._left = limit
        self._stream: zlib._Decompress | None = None
        self._first = True
        self._begin = b""
        self._ended = False
        self._gzip = False
        self._rest = b""  # bytes after the end, too few to show whether another member begins
        self._plain = not words
        if words and (len(words) > 1 or words[0] not in ("gzip", "x-gzip", "deflate")):
            self.problem = f"its compression {quoted(', '.join(words)[:60])} was not asked for and cannot be undone"
        elif words:
            self._stream = zlib.decompressobj(47)

    def feed(self, piece: bytes) -> bytes:
        if self.problem or self.overflow or not piece:
            return b""
        if self._plain:
            decoded = piece[: self._left]
            self.overflow = len(piece) > self._left
            self._left -= len(decoded)
            return decoded
        # In slices, as each member that ends copies what is left of its slice.
        return b"".join(self._inflate_piece(piece[at : at + _SLICE]) for at in range(0, len(piece), _SLICE))

    def end(self) -> None:
        """The last piece has been fed: notes data that breaks off."""
        if self._stream is not None and not (self.problem or self.overflow or self._ended or not self._begin):
            self.problem = "its compressed data breaks off"

    def _inflate_piece(self, piece: bytes) -> bytes:
        assert self._stream is not None
        if self._first:
            self._begin += piece
            if len(self._begin) < 2:
                return b""  # what it is shows in the first two bytes
            piece = self._begin
            self._gzip = piece.startswith(_GZIP)
        out = []
        while piece and not (self.problem or self.overflow):
            if self._ended:
                piece = self._next_member(piece)
                continue
            try:
                decoded = self._stream.decompress(piece, self._left + 1)
            except zlib.error:
                if not self._first:
                    self.problem = "its compressed data is damaged"
                    break
                self._first = self._gzip = False  # "deflate" without the zlib header, as some servers send it
                self._stream = zlib.decompressobj(-15)
                continue
            self._first = False
            if len(decoded) > self._left:
                self.overflow = True
                decoded = decoded[: self._left]
            out.append(decoded)
            self._left -= len(decoded)
            self._ended = self._stream.eof
            piece = self._stream.unused_data if self._ended else self._stream.unconsumed_tail
        return b"".join(out)

    def _next_member(self, piece: bytes) -> bytes:
        """What is to be decompressed of bytes that follow the end: all of them where a member begins, else nothing."""
        piece = self._rest + piece
        self._rest = b""
        if self._gzip and piece.startswith(_GZIP):
            self._stream = zlib.decompressobj(31)
            self._ended = False
            return piece
        if piece == _GZIP[:1]:
            self._rest = piece
        else:
            self._gzip = False
        return b""
