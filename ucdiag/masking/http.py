"""Masks a stream of HTTP: what identifies somebody in headers, bodies that are compressed, and long bodies of files."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

from ucdiag.masking.learning import learn_text
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber
from ucdiag.model.fast_dataclass import record
from ucdiag.model.patterns import pattern

_HEAD = pattern(
    rb"(?:HTTP/1\.[01] [0-9]{3}|[A-Z]{3,12} [^\r\n ]{1,4000} HTTP/1\.[01])[^\r\n]*\r\n"
    rb"(?:[^\r\n]{1,16384}\r\n){0,200}\r\n"
)
_LENGTH = pattern(rb"\r\nContent-Length:[ \t]*([0-9]{1,15})", re.IGNORECASE)
_ENCODING = pattern(rb"\r\nContent-Encoding:[ \t]*(x-gzip|gzip|deflate)", re.IGNORECASE)
_CREDENTIALS = pattern(rb"(\r\n(?:Proxy-)?Authorization:[ \t]*)([A-Za-z]+)([ \t]+)([^\r\n]+)", re.IGNORECASE)
_COOKIES = pattern(rb"(\r\n(?:Cookie|Set-Cookie):[ \t]*)([^\r\n]+)", re.IGNORECASE)
_DIGEST_ANSWER = pattern(rb"(\bresponse=\"?)([^\",]+)", re.IGNORECASE)
_REALM = pattern(rb"realm=\"([^\"]{1,100})\"", re.IGNORECASE)
_VIA = pattern(rb"\r\nVia:[ \t]*[0-9A-Za-z./]+[ \t]+([^\s,;:()]+)", re.IGNORECASE)
_ALPHANUMERIC = pattern(rb"[0-9A-Za-z]")
_SPARE = pattern(rb"\s{2,}|\s(?=<)")
_TEXT = bytes([9, 10, 13, *range(0x20, 0x7F)])
_WIDE = pattern(rb"(?:\xff\xfe|\xfe\xff|(?:[\x09-\x7e]\x00){4}|(?:\x00[\x09-\x7e]){4})")
_LONG, _BEGINNING = 1 << 16, 1024
_INFLATED_MOST = 1 << 22


@record(frozen=True, slots=True)
class _Body:
    start: int
    end: int
    whole: bool
    compressed: bool


def _message_bodies(data: bytes) -> Iterator[_Body]:
    at = 0
    while (head := _HEAD.search(data, at)) is not None:
        length = _LENGTH.search(head[0])
        end = head.end() + int(length[1]) if length is not None else head.end()
        compressed = _ENCODING.search(head[0]) is not None
        yield _Body(head.end(), min(end, len(data)), end <= len(data), compressed)
        at = max(end, head.end())
    if not at and len(data) > _LONG:
        # The rest of a body whose beginning is not in the capture.
        yield _Body(-_BEGINNING, len(data), False, False)


def _is_binary(body: bytes) -> bool:
    """Whether this is no text, in which nothing can be read: also where it looks like a name by chance."""
    beginning = body[:_BEGINNING]
    strange = len(beginning.translate(None, _TEXT))
    return len(beginning) > 16 and strange * 5 > len(beginning) and not _WIDE.match(beginning)


def _long_bodies(data: bytes) -> Iterator[tuple[int, int]]:
    """What of a stream is blanked: bodies that are long, as files are, but for their beginning."""
    for body in _message_bodies(data):
        if body.end - body.start > _LONG:
            yield body.start + _BEGINNING, body.end


def learn_http(mask: Mask, data: bytes) -> None:
    """The secrets of a stream."""
    at = 0
    files = [
        (max(body.start, 0), body.end)
        for body in _message_bodies(data)
        if _is_binary(data[max(body.start, 0) : body.end])
    ]
    for start, end in [*sorted({*_long_bodies(data), *files}), (len(data), len(data))]:
        text = data[at:start]
        learn_text(mask, text)
        for words in (_REALM, _VIA):
            for found in words.findall(text):
                mask.learn_name(found.decode("utf-8", "replace"))
        at = max(at, end)
    for body in _message_bodies(data):
        if body.compressed and body.whole:
            learn_text(mask, _inflated_body(data[body.start : body.end]) or b"")


def mask_http(mask: Mask, scrubber: Scrubber, data: bytes) -> tuple[bytes, list[str]]:
    """The stream with masks, as long as before, and what had to be blanked."""
    made, blanked = bytearray(data), []
    bodies = list(_message_bodies(data))
    at = 0
    for start, end in [*_long_bodies(data), (len(data), len(data))]:
        made[at:start] = scrubber.scrub(data[at:start])
        made[start:end] = bytes(end - start)
        if end > start:
            blanked.append("long bodies, such as firmware files, behind their first KiB")
        at = end
    for body in bodies:
        if body.compressed and body.end - max(body.start, 0) <= _LONG:
            packed = data[body.start : body.end]
            fresh = _packed_again(scrubber, packed) if body.whole else None
            if fresh is None:
                blanked.append("compressed bodies that could not be packed again in as many bytes")
                fresh = bytes(len(packed))
            made[body.start : body.end] = fresh
    head = bytes(made)
    head = _CREDENTIALS.sub(lambda found: _masked_credentials(mask, found), head)
    return _COOKIES.sub(lambda found: found[1] + _noise_letters(mask, found[2]), head), blanked


def _noise_letters(mask: Mask, value: bytes) -> bytes:
    noise = mask.noise(value)
    return bytes(97 + noise[at] % 26 if _ALPHANUMERIC.match(value, at) else byte for at, byte in enumerate(value))


def _masked_credentials(mask: Mask, found: "re.Match[bytes]") -> bytes:
    kind, token = found[2].lower(), found[4]
    if kind == b"basic":
        token = _masked_basic_token(token)
    elif kind == b"ntlm" or (kind == b"negotiate" and token.startswith(b"TlRMTVNTU")):
        token = _masked_ntlm_token(token)
    elif kind == b"negotiate":
        token = token[:4] + _noise_letters(mask, token[4:])
    elif kind == b"digest":
        # As of NTLM's, a password can be guessed from the answer.
        token = _DIGEST_ANSWER.sub(lambda answer: answer[1] + b"0" * len(answer[2]), token)
    else:
        token = _noise_letters(mask, token)
    return found[1] + found[2] + found[3] + token


def _masked_basic_token(token: bytes) -> bytes:
    """The user is masked by now; the password becomes x."""
    try:
        user, colon, password = base64.b64decode(token + b"=" * (-len(token) % 4)).partition(b":")
    except (binascii.Error, ValueError):
        return token
    return base64.b64encode(user + colon + b"x" * len(password))[: len(token)]


def _masked_ntlm_token(token: bytes) -> bytes:
    """The answers to a challenge, from which a password can be guessed, become zeros. Names are masked by now."""
    try:
        message = bytearray(base64.b64decode(token + b"=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        return b"A" * len(token)
    if message[8:9] == b"\3":
        for at in (12, 20, 52):
            size = int.from_bytes(message[at : at + 2], "little")
            start = int.from_bytes(message[at + 4 : at + 8], "little")
            end = min(start + size, len(message))
            if start < end:
                message[start:end] = bytes(end - start)
    return base64.b64encode(message)[: len(token)]


def _inflated_body(data: bytes) -> bytes | None:
    for form in (47, -15):  # gzip or zlib, raw
        try:
            return zlib.decompressobj(form).decompress(data, _INFLATED_MOST)
        except zlib.error:
            continue
    return None


def _without_comments(text: bytes) -> bytes:
    """XML without its comments; one that never ends stays."""
    kept, at = [], 0
    while (begin := text.find(b"<!--", at)) >= 0 and (end := text.find(b"-->", begin + 4)) >= 0:
        kept.append(text[at:begin])
        at = end + 3
    return b"".join([*kept, text[at:]])


def _packed_again(scrubber: Scrubber, packed: bytes) -> bytes | None:
    """A compressed body with masks in as many bytes as before; None where that cannot be."""
    plain = _inflated_body(packed)
    if plain is None or len(plain) >= _INFLATED_MOST:
        return None
    made = scrubber.scrub(plain)
    if made == plain:
        return packed
    if packed[:2] != b"\x1f\x8b":
        return None
    # Comments and spare blanks may go: the length of what is unpacked is nowhere said.
    shorter = _SPARE.sub(b" ", _without_comments(made))
    tries = [
        (text, way) for text in (made, shorter) for way in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_FIXED)
    ]
    for made, strategy in tries:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, strategy)
        body = packer.compress(made) + packer.flush()
        body += zlib.crc32(made).to_bytes(4, "little") + len(made).to_bytes(4, "little")
        spare = len(packed) - 10 - len(body)
        if spare == 0:
            return b"\x1f\x8b\x08\0" + bytes(6) + body
        if spare > 0:
            # The field for a file's name takes any number of bytes.
            return b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * (spare - 1) + b"\0" + body
    return None
