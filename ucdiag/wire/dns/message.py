"""DNS messages (RFC 1035): header, first question and the records of the answer section.

- A message is decoded as far as it is sound: without a header and a readable question it is no message
  (``DecodeError``); answers that break off leave those before them, and ``cut`` says so.
- Names are in the form of zone files (RFC 1035, section 5.1): ``\\.`` for a dot within a label, ``\\DDD`` for what is
  not printable. Compression pointers lead only backwards, so that no message makes a loop, and no name is longer than
  255 bytes.

dnspython decodes the same and takes about ten times as long; the tests hold this decoder against it.
"""

from collections.abc import Callable
from contextlib import suppress
from struct import unpack_from

from ucdiag.model.fast_dataclass import record
from ucdiag.wire.addresses import address_text
from ucdiag.wire.errors import DecodeError

# Records of one message that are read.
RECORDS_MOST = 256

_HEADER_SIZE = 12
_RECORD_HEAD_SIZE = 10  # type, class, TTL and length
_NS, _SOA, _OPT = 2, 6, 41
_AUTHORITATIVE_RECURSIVE_OR_ERROR = 0x048F  # the flags AA and RA, and the RCODE
_RCODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
    11: "DSOTYPENI",
    16: "BADVERS",
    17: "BADKEY",
    18: "BADTIME",
    19: "BADMODE",
    20: "BADNAME",
    21: "BADALG",
    22: "BADTRUNC",
    23: "BADCOOKIE",
}
_TYPES = {
    1: "A",
    2: "NS",
    5: "CNAME",
    6: "SOA",
    10: "NULL",
    11: "WKS",
    12: "PTR",
    13: "HINFO",
    15: "MX",
    16: "TXT",
    17: "RP",
    18: "AFSDB",
    24: "SIG",
    25: "KEY",
    28: "AAAA",
    29: "LOC",
    33: "SRV",
    35: "NAPTR",
    36: "KX",
    37: "CERT",
    38: "A6",
    39: "DNAME",
    41: "OPT",
    42: "APL",
    43: "DS",
    44: "SSHFP",
    45: "IPSECKEY",
    46: "RRSIG",
    47: "NSEC",
    48: "DNSKEY",
    49: "DHCID",
    50: "NSEC3",
    51: "NSEC3PARAM",
    52: "TLSA",
    55: "HIP",
    59: "CDS",
    60: "CDNSKEY",
    61: "OPENPGPKEY",
    64: "SVCB",
    65: "HTTPS",
    99: "SPF",
    108: "EUI48",
    109: "EUI64",
    249: "TKEY",
    250: "TSIG",
    251: "IXFR",
    252: "AXFR",
    253: "MAILB",
    254: "MAILA",
    255: "ANY",
    256: "URI",
    257: "CAA",
    32769: "DLV",
}
# How a byte of a label is written; the characters are those that zone files give a meaning to.
_LABEL_BYTES = tuple(
    "\\" + chr(byte) if byte in b'"().;\\@$' else chr(byte) if 0x20 < byte < 0x7F else f"\\{byte:03d}"
    for byte in range(256)
)
_UNESCAPED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/*!+=")
_TEXT_BYTES = tuple(
    "\\" + chr(byte) if byte in b'"\\' else chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}" for byte in range(256)
)


class _RecordError(DecodeError):
    """A record that breaks off, or does not have the length of its type. The message is cut there in both cases."""


@record(frozen=True, slots=True)
class Record:
    """One record of the answer section. ``ttl`` is seconds; ``text`` is its data as zone files write it, ``None`` for
    types that are not decoded."""

    name: str
    type: str
    ttl: int
    text: str | None


@record(frozen=True, slots=True)
class Message:
    """A DNS message.

    ``name`` and ``type`` are of its first question, ``None`` where it has none; ``rcode`` includes the bits of an OPT
    record (RFC 6891, section 6.1.3). ``truncated`` is the TC flag; ``cut``: its bytes end before its last record.
    ``referral``: a server without recursion only names the servers of another zone, and says nothing about the name.
    ``zone``: the owner of a SOA record behind the answers, as an answer without the record has it (RFC 2308,
    section 3), where it comes first there or there are additional records.
    """

    id: int
    response: bool
    opcode: int
    rcode: str
    truncated: bool
    name: str | None
    type: str | None
    answers: tuple[Record, ...]
    cut: bool
    referral: bool = False
    zone: str | None = None


def type_text(number: int) -> str:
    """The name of a record type; ``TYPE`` and its number where it has none here (RFC 3597, section 5)."""
    return _TYPES.get(number) or f"TYPE{number}"


def read_name(data: bytes, at: int) -> tuple[str, int]:
    """The name at offset ``at`` of a message, and the offset behind it.

    Raises DecodeError for a name that runs over the end, is longer than 255 bytes, or has a pointer that does not
    lead backwards.
    """
    labels = []
    length = 0
    lowest = at
    following = None
    size = len(data)
    while True:
        if at >= size:
            raise DecodeError("a name runs over the end of the message")
        count = data[at]
        if not count:
            break
        if count < 0x40:
            length += count + 1
            end = at + 1 + count
            if length > 254:
                raise DecodeError("a name is longer than 255 bytes")
            if end > size:
                raise DecodeError("a name runs over the end of the message")
            label = data[at + 1 : end]
            if _UNESCAPED.issuperset(label):
                labels.append(label.decode("ascii"))
            else:
                labels.append("".join([_LABEL_BYTES[byte] for byte in label]))
            at = end
        elif count >= 0xC0:
            if following is None:
                following = at + 2
            lowest = at = _pointer_target(data, at, lowest)
        else:
            raise DecodeError("a name has a label of unknown kind")
    return ".".join(labels) or ".", at + 1 if following is None else following


def _pointer_target(data: bytes, at: int, lowest: int) -> int:
    """Where the compression pointer at ``at`` leads, which must be before ``lowest``. Raises DecodeError."""
    if at + 1 >= len(data):
        raise DecodeError("a name runs over the end of the message")
    target = (data[at] & 0x3F) << 8 | data[at + 1]
    if target >= lowest:
        raise DecodeError("a compressed name does not point backwards")
    return target


def read_dns(data: bytes) -> Message:
    """Decodes a message. Raises DecodeError when it has no sound header and question."""
    if len(data) < _HEADER_SIZE:
        raise DecodeError("shorter than the header of a DNS message")
    ident, flags, questions, answers, authorities, additional = unpack_from(">6H", data)
    name, type_, at = _read_questions(data, questions)
    records, zone, high_rcode, cut = _read_records(data, at, answers, authorities, additional)
    may_refer = authorities and not (answers or high_rcode or flags & _AUTHORITATIVE_RECURSIVE_OR_ERROR)
    rcode = high_rcode << 4 | flags & 15
    return Message(
        id=ident,
        response=bool(flags & 0x8000),
        opcode=flags >> 11 & 15,
        rcode=_RCODES.get(rcode) or f"RCODE{rcode}",
        truncated=bool(flags & 0x0200),
        name=name,
        type=type_,
        answers=records,
        cut=cut,
        referral=bool(may_refer) and _names_other_servers(data, at, authorities),
        zone=zone,
    )


def _read_questions(data: bytes, count: int) -> tuple[str | None, str | None, int]:
    """Name and type of the first question, and the offset behind the last one. Raises DecodeError."""
    at = _HEADER_SIZE
    name = type_ = None
    for number in range(count):
        asked, at = read_name(data, at)
        if at + 4 > len(data):
            raise DecodeError("a question runs over the end of the message")
        if not number:
            name, type_ = asked, type_text(data[at] << 8 | data[at + 1])
        at += 4
    return name, type_, at


def _read_records(
    data: bytes, at: int, answers: int, authorities: int, additional: int
) -> tuple[tuple[Record, ...], str | None, int, bool]:
    """The answers from offset ``at`` on, the owner of a SOA record behind them, the high bits of the RCODE (RFC 6891,
    section 6.1.3), and whether the message breaks off.

    Of the sections behind the answers nothing else counts.
    """
    records: list[Record] = []
    zone = None
    high_rcode = 0
    try:
        for number in range(min(answers + authorities + additional, RECORDS_MOST)):
            owner, at = read_name(data, at)
            if at + _RECORD_HEAD_SIZE > len(data):
                raise _RecordError
            kind, _, ttl, length = unpack_from(">HHIH", data, at)
            at += _RECORD_HEAD_SIZE
            end = at + length
            if end > len(data):
                raise _RecordError
            if kind == _OPT:
                high_rcode |= ttl >> 24
            elif number < answers:
                records.append(Record(owner, type_text(kind), ttl & 0x7FFFFFFF, _record_text(data, kind, at, end)))
            else:
                if kind == _SOA:
                    zone = owner
                if not additional:
                    break
            at = end
    except DecodeError:
        return tuple(records), zone, high_rcode, True
    return tuple(records), zone, high_rcode, False


def _names_other_servers(data: bytes, at: int, authorities: int) -> bool:
    """Whether the records of the authority section at offset ``at`` are of servers (NS), without the SOA of a zone that
    has no such record (RFC 2308, section 2.2)."""
    kinds = set()
    with suppress(DecodeError):
        for _ in range(min(authorities, RECORDS_MOST)):
            _, at = read_name(data, at)
            if at + _RECORD_HEAD_SIZE > len(data):
                break
            kind, _, _, length = unpack_from(">HHIH", data, at)
            kinds.add(kind)
            at += _RECORD_HEAD_SIZE + length
    return _NS in kinds and _SOA not in kinds


def _record_text(data: bytes, kind: int, at: int, end: int) -> str | None:
    """The data of a record as zone files write it; None for a type that is not decoded. Raises DecodeError."""
    read = _DATA_READERS.get(kind)
    return read(data, at, end) if read is not None else None


def _read_ipv4(data: bytes, at: int, end: int) -> str:
    if end - at != 4:
        raise _RecordError
    return address_text(data[at:end])


def _read_ipv6(data: bytes, at: int, end: int) -> str:
    if end - at != 16:
        raise _RecordError
    return address_text(data[at:end])


def _read_target(data: bytes, at: int, end: int) -> str:
    """A name within a record's data, which may be compressed."""
    name, after = read_name(data, at)
    if after > end:
        raise _RecordError
    return name


def _read_mx(data: bytes, at: int, end: int) -> str:
    if end - at < 3:
        raise _RecordError
    return f"{data[at] << 8 | data[at + 1]} {_read_target(data, at + 2, end)}"


def _read_srv(data: bytes, at: int, end: int) -> str:
    if end - at < 7:
        raise _RecordError
    priority, weight, port = unpack_from(">3H", data, at)
    return f"{priority} {weight} {port} {_read_target(data, at + 6, end)}"


def _read_texts(data: bytes, at: int, end: int) -> str:
    texts = []
    while at < end:
        after = at + 1 + data[at]
        if after > end:
            raise _RecordError
        text = "".join([_TEXT_BYTES[byte] for byte in data[at + 1 : after]])
        texts.append(f'"{text}"')
        at = after
    return " ".join(texts)


# By record type: NS, CNAME, PTR and DNAME are a name; SPF is written as TXT is (RFC 7208, section 3.3).
_DATA_READERS: dict[int, Callable[[bytes, int, int], str]] = {
    1: _read_ipv4,
    2: _read_target,
    5: _read_target,
    12: _read_target,
    15: _read_mx,
    16: _read_texts,
    28: _read_ipv6,
    33: _read_srv,
    39: _read_target,
    99: _read_texts,
}


def follow_aliases(message: Message) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int | None]:
    """What an answer gives: addresses of the asked type at the end of the alias chain, the chain, the other records as
    text, and the smallest TTL in seconds (None without records)."""
    chain: list[str] = []
    records: list[str] = []
    addresses: list[str] = []
    aliases: dict[str, str] = {}
    for answer in message.answers:
        if answer.type == "CNAME" and answer.text is not None:
            aliases.setdefault(answer.name.lower(), answer.text)
    name = (message.name or "").lower()
    if message.type != "CNAME":
        while name in aliases:
            chain.append(aliases.pop(name))
            name = chain[-1].lower()
    wanted = ("A", "AAAA") if message.type in ("ANY", None) else (message.type,)
    for answer in message.answers:
        if answer.text is None or (answer.type == "CNAME" and message.type != "CNAME"):
            continue
        if answer.type not in ("A", "AAAA"):
            records.append(answer.text)
        elif answer.type in wanted and answer.name.lower() == name:
            addresses.append(answer.text)
        else:
            records.append(f"{answer.name} {answer.type} {answer.text}")
    ttl = min((answer.ttl for answer in message.answers), default=None)
    return tuple(addresses), tuple(chain), tuple(records), ttl
