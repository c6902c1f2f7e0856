"""Learns secrets: from the facts of a report, and from text and messages that packets carry."""

import base64
import binascii
import re
from dataclasses import fields
from urllib.parse import unquote_to_bytes

from ucdiag.masking.mask import Mask
from ucdiag.masking.vocabulary import ENDS, words_of
from ucdiag.model.fast_dataclass import Record
from ucdiag.model.patterns import pattern
from ucdiag.model.phone import DEFAULT_MAC, Phone
from ucdiag.model.report import Report

_ENDS = b"|".join(sorted(word.encode() for word in ENDS if "-" not in word and word not in ("ip6", "info", "home")))
_MAIL = pattern(rb"([A-Za-z0-9_.+-]{2,64})@([A-Za-z0-9_-]{2,63}(?:\.[A-Za-z0-9_-]{1,63})+)")
_URL = pattern(
    rb"[A-Za-z][A-Za-z0-9+.-]{1,10}://(?:([^/\s:@<>\"']{1,64})(?::([^/\s@<>\"']{1,64}))?@)?([^/\s:<>\"'?#]{1,255})"
)
_NAME = pattern(
    rb"(?<![A-Za-z0-9_./%-])(?:[A-Za-z0-9_-]{1,63}\.){1,8}(?:" + _ENDS + rb"|[a-z]{2})(?![A-Za-z0-9_-])", re.IGNORECASE
)
_HOST = pattern(rb"\r\nHost:[ \t]*([^\r\n:]{1,255})", re.IGNORECASE)
_BASIC = pattern(rb"Basic[ \t]+([A-Za-z0-9+/]{2,400}={0,2})", re.IGNORECASE)
_NTLM = pattern(rb"TlRMTVNTU[A-Za-z0-9+/]{10,4000}={0,2}")
_DIGEST_USER = pattern(rb"username=\"([^\"]{1,64})\"", re.IGNORECASE)
_ACCOUNT = pattern(rb"(?<![A-Za-z0-9_.\\-])([A-Za-z0-9_.-]{2,64})\\{1,2}([A-Za-z0-9_.$-]{2,64})(?![A-Za-z0-9_.\\-])")
# Elements, attributes and fields that say who it is, and their values.
_WHO = pattern(
    rb"[<\s\"'?&;]([A-Za-z0-9_:-]{0,24}(?:serial|mac|user|host|machine|computer|owner|domain|sip|mail|account|login|"
    rb"extension|display|pool|server|asset|tenant|site|person|contact|location)[A-Za-z0-9_-]{0,24})[\"']?"
    rb"(?:[ \t]*[=:][ \t]*[\"']?|[^<>]{0,80}>[ \t\r\n]*)([^<>\"'&\r\n;]{2,128})",
    re.IGNORECASE,
)
_QUAD = pattern(rb"(?<![0-9.])([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?![0-9.])")
_MAC = pattern(rb"(?<![0-9A-Fa-f:-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])")
_HEX_MAC = pattern(rb"[0-9A-Fa-f]{12}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}[-:.][0-9A-Fa-f]{6}")
_WIDE = pattern(rb"(?:[\x20-\x7e]\x00){4,}|(?:\x00[\x20-\x7e]){4,}")
_HEADERS_OF_PROTOCOL = pattern(rb"(?i)server|host|user-agent|location")
_PRIVATE = (b"10.", b"192.168.", *(b"172.%d." % number for number in range(16, 32)))
_WORDS = pattern(r"[0-9A-Za-z_\-\u0080-\U0010ffff]{2,}")
# Every run of letters, and then what is in it: a search for the runs with an escape takes the square of the length.
_RUN = pattern(rb"[^\s<>\"']+")
_ESCAPE = pattern(rb"%[0-9A-Fa-f]{2}")
_TEXT_MOST = 1 << 20

# What the fields of facts hold.
_NAMES = frozenset(
    [
        "domain",
        "search",
        "hostname",
        "name",
        "aliases",
        "zone",
        "server_name",
        "host",
        "names",
        "site",
        "certificate_service",
        "registrars",
    ]
)
_ADDRESSES = words_of("""
    client server address resolvers routers time_servers time_offset_servers relay client_address source_address
    ip addresses answer_from update_servers registrars subnet broadcast
""")
_MACS = frozenset({"client", "mac", "client_mac", "asked_as"})
_FREE = words_of("""
    client_id request_text answer_text excerpt location url internal_url external_url target records vendor_options
    relay_information message reason target text
""")
_TITLES = frozenset({"subject", "issuer"})


def learn_report(mask: Mask, report: Report) -> None:
    """What the facts of a report say of who and where."""
    if report.source.kind in ("active", "lab"):
        mask.public_macs.add(bytes.fromhex(DEFAULT_MAC.replace(":", "")))
        mask.learn_name(report.source.name)
        mask.learn_address(report.source.name)
    for phone in report.phones:
        learn_record(mask, phone)
    for problem in report.problems:
        learn_text(mask, problem.text.encode("utf-8", "surrogatepass"), names=False)


def learn_record(mask: Mask, record: Record) -> None:
    """What one record of the model, and those in it, say."""
    for field in fields(record):
        value = getattr(record, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Record):
                learn_record(mask, part)
            elif isinstance(part, str):
                _learn_field(mask, field.name, part)


def _learn_field(mask: Mask, name: str, value: str) -> None:
    if name in _MACS and value.count(":") == 5:
        mask.learn_mac(value)
    if name in _ADDRESSES:
        mask.learn_address(value.partition("/")[0])
    if name in _NAMES or (name in ("server", "update_servers") and value.count(".") != 3):
        learn_host(mask, value)
    if name == "serial" and value != Phone().serial:
        mask.learn_word(value)
    if name in _TITLES:
        learn_title(mask, value)
    if name in _FREE:
        learn_text(mask, value.encode("utf-8", "surrogatepass"))


def learn_host(mask: Mask, host: str) -> None:
    """A name, or an address in the place of one, perhaps with a port or as a URL."""
    data = host.encode("utf-8", "surrogatepass")
    if "://" in host:
        learn_text(mask, data)
        return
    quad = _QUAD.fullmatch(data.partition(b":")[0])
    if quad is not None:
        mask.learn_address(quad[1].decode())
    else:
        mask.learn_name(host)


def learn_title(mask: Mask, title: str) -> None:
    """A distinguished name, such as ``CN=pool.contoso.com,O=Contoso Ltd``: every word of its values."""
    for part in re.split(r"(?<!\\)[,+]", title):
        for word in _WORDS.findall(part.partition("=")[2]):
            mask.learn_name(word)


def learn_text(mask: Mask, data: bytes, *, names: bool = True) -> None:
    """What a text says by itself: mail addresses, URLs, names, accounts, private addresses, MAC addresses.

    It may be percent-encoded, twice at most, and in UTF-16.
    """
    data = data[:_TEXT_MOST]
    forms = [data, *(wide.replace(b"\0", b"") for wide in _WIDE.findall(data))]
    for _ in range(2):
        forms += [unquote_to_bytes(form) for form in forms if b"%" in form]
    for form in dict.fromkeys(forms):
        _learn_plain(mask, _RUN.sub(_unless_escaped, form) if b"%" in form else form, names)


def _unless_escaped(run: "re.Match[bytes]") -> bytes:
    """The run, or a blank for one with percent-encoded octets: it is learnt decoded."""
    return b" " if _ESCAPE.search(run[0]) else run[0]


def _learn_plain(mask: Mask, data: bytes, names: bool) -> None:
    for user, domain in _MAIL.findall(data):
        mask.learn_name(user.decode())
        _learn_host(mask, domain)
    for user, password, host in _URL.findall(data):
        mask.learn_name(user.decode("latin-1"))
        if password:
            mask.learn_word(password.decode("latin-1"))
        _learn_host(mask, host)
    hosts = [found[0] for found in _NAME.finditer(data)] if names else []
    for host in hosts + _HOST.findall(data):
        _learn_host(mask, host.strip())
    for address in _QUAD.findall(data):
        # Others may be versions of software.
        if address.startswith(_PRIVATE) or int(address.split(b".")[0]) > 30:
            mask.learn_address(address.decode())
    for found in _MAC.finditer(data):
        mask.learn_mac(found[0].decode())
    _learn_accounts(mask, data)
    for name, value in _WHO.findall(data):
        _learn_value(mask, name, value.strip())


def _learn_host(mask: Mask, host: bytes) -> None:
    quad = _QUAD.fullmatch(host)
    if quad is not None:
        mask.learn_address(quad[1].decode())
    else:
        mask.learn_name(host.decode("utf-8", "replace"))


def _learn_value(mask: Mask, name: bytes, value: bytes) -> None:
    """The value of a field that says who it is, unless it is a version, a date, or prose."""
    if _HEX_MAC.fullmatch(value):
        mask.learn_mac(re.sub(rb"[^0-9A-Fa-f]", b"", value).decode())
        return
    if (
        b"/" in value
        or len(value.split()) > 3
        or (re.fullmatch(rb"[0-9.:TZ+ -]+", value) and b"serial" not in name.lower())
    ):
        return
    if _HEADERS_OF_PROTOCOL.fullmatch(name):
        return
    for word in _WORDS.findall(value.decode("utf-8", "replace")):
        mask.learn_word(word)


def _learn_accounts(mask: Mask, data: bytes) -> None:
    for token in _BASIC.findall(data):
        try:
            user, _, password = base64.b64decode(token + b"=" * (-len(token) % 4)).partition(b":")
        except (binascii.Error, ValueError):
            continue
        for word in _WORDS.findall(user.decode("utf-8", "replace")):
            mask.learn_word(word)
        mask.learn_word(password.decode("utf-8", "replace"))
    for user in _DIGEST_USER.findall(data):
        for word in _WORDS.findall(user.decode("utf-8", "replace")):
            mask.learn_word(word)
    for domain, user in _ACCOUNT.findall(data):
        mask.learn_name(domain.decode())
        mask.learn_name(user.decode())
    for token in _NTLM.findall(data):
        for text in ntlm_names(token):
            mask.learn_name(text)


def ntlm_names(token: bytes) -> list[str]:
    """The domain, user and machine in a message of NTLM (MS-NLMP, 2.2.1), as they stand there."""
    token = token.rstrip(b"=")
    try:
        message = base64.b64decode(token[: len(token) // 4 * 4] + _base64_tail(token))
    except (binascii.Error, ValueError):
        return []
    kind = message[8:9]
    places = {b"\1": (16, 24), b"\2": (12,), b"\3": (28, 36, 44)}.get(kind, ())
    found = []
    for at in places:
        size, start = int.from_bytes(message[at : at + 2], "little"), int.from_bytes(message[at + 4 : at + 8], "little")
        field = message[start : start + size]
        wide = kind != b"\1" and b"\0" in field
        found.append(field.decode("utf-16-le" if wide else "latin-1", "replace"))
    if kind == b"\2":
        size, at = int.from_bytes(message[40:42], "little"), int.from_bytes(message[44:48], "little")
        end = min(at + size, len(message))
        while at + 4 <= end:
            what, length = (
                int.from_bytes(message[at : at + 2], "little"),
                int.from_bytes(message[at + 2 : at + 4], "little"),
            )
            if 1 <= what <= 5 or what == 9:
                found.append(message[at + 4 : at + 4 + length].decode("utf-16-le", "replace"))
            at += 4 + length
    return found


def _base64_tail(token: bytes) -> bytes:
    rest = token[len(token) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
