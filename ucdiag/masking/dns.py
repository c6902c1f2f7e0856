"""Masks a DNS message: every label in its place, so that compression pointers stay right."""

from collections.abc import Iterator
from typing import NamedTuple

from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber

_A, _NS, _CNAME, _SOA, _PTR, _MX, _AAAA, _SRV, _DNAME, _OPT = 1, 2, 5, 6, 12, 15, 28, 33, 39, 41
# How many bytes stand before the name in the data of a record.
_BEFORE_NAME = {_NS: 0, _CNAME: 0, _SOA: 0, _PTR: 0, _MX: 2, _SRV: 6, _DNAME: 0}
_RECORDS_MOST = 256
_LABELS_MOST = 128


class _Label(NamedTuple):
    at: int
    size: int


class _Part(NamedTuple):
    """``labels`` of a name, or ``kind`` and place of other data."""

    kind: str
    start: int = 0
    end: int = 0
    labels: tuple[_Label, ...] = ()


def learn_dns(mask: Mask, message: bytes) -> None:
    """The names and addresses of a message."""
    for part in _message_parts(message):
        if part.kind == "name":
            labels = [message[label.at : label.at + label.size] for label in part.labels]
            if not _is_reverse(labels):
                mask.learn_name(".".join(label.decode("utf-8", "replace") for label in labels))
            elif len(labels) == 6 and all(label.isdigit() for label in labels[:4]):
                mask.learn_address(b".".join(reversed(labels[:4])).decode())
        elif part.kind == "address":
            mask.learn_address(message[part.start : part.end])


def mask_dns(mask: Mask, scrubber: Scrubber, message: bytes) -> bytes:
    """The message with masks, as long as before."""
    made = bytearray(message)
    for part in _message_parts(message):
        if part.kind == "name":
            _mask_name(mask, scrubber, message, made, part.labels)
            continue
        value = message[part.start : part.end]
        if part.kind == "address":
            value = mask.mask_address(value)
        elif part.kind == "address6":
            value = mask.mask_ipv6_address(value)
        elif part.kind == "blank":
            value = mask.noise(value)
        else:
            value = scrubber.scrub(value)
        made[part.start : part.end] = value
    return bytes(made)


def _mask_name(mask: Mask, scrubber: Scrubber, message: bytes, made: bytearray, labels: tuple[_Label, ...]) -> None:
    texts = [message[label.at : label.at + label.size] for label in labels]
    reverse = _is_reverse(texts)
    numbers = texts[:-2] if reverse else []
    for number, (label, text) in enumerate(zip(labels, texts, strict=True)):
        if reverse and number < len(numbers):
            # The octets of an address, the last one first: what an octet becomes depends on all before it.
            above = [int(octet) for octet in reversed(numbers[number:]) if octet.isdigit()]
            if len(above) == len(numbers) - number <= 4 and max(above) < 256:
                octet = b"%d" % mask.mask_prefix(bytes(above))[-1]
                made[label.at : label.at + label.size] = octet if len(octet) == label.size else b"9" * label.size
                continue
        made[label.at : label.at + label.size] = scrubber.scrub(text, binary=False)


def _is_reverse(labels: list[bytes]) -> bool:
    return [label.lower() for label in labels[-2:]] == [b"in-addr", b"arpa"]


def _message_parts(message: bytes) -> Iterator[_Part]:
    """The parts of a message that say something, as far as it is sound."""
    if len(message) < 12:
        return
    questions, *counts = (int.from_bytes(message[at : at + 2], "big") for at in (4, 6, 8, 10))
    at = 12
    for _ in range(min(questions, 16)):
        name, after = _parse_name(message, at)
        yield _Part("name", labels=name)
        if after is None:
            return
        at = after + 4
    for _ in range(min(sum(counts), _RECORDS_MOST)):
        name, after = _parse_name(message, at)
        yield _Part("name", labels=name)
        if after is None or after + 10 > len(message):
            return
        kind = int.from_bytes(message[after : after + 2], "big")
        size = int.from_bytes(message[after + 8 : after + 10], "big")
        start = after + 10
        at = start + size
        yield from _record_data(message, kind, start, min(at, len(message)))
        if at > len(message):
            return


def _record_data(message: bytes, kind: int, start: int, end: int) -> Iterator[_Part]:
    size = end - start
    if kind == _A and size == 4:
        yield _Part("address", start, end)
    elif kind == _AAAA and size == 16:
        yield _Part("address6", start, end)
    elif kind in _BEFORE_NAME:
        name, after = _parse_name(message[:end], start + _BEFORE_NAME[kind])
        yield _Part("name", labels=name)
        if kind == _SOA and after is not None:
            yield _Part("name", labels=_parse_name(message[:end], after)[0])
    elif kind == _OPT:
        yield from _edns_options(message, start, end)
    elif size:
        yield _Part("other", start, end)


def _edns_options(message: bytes, start: int, end: int) -> Iterator[_Part]:
    """Options of EDNS: a cookie, a client's subnet and the like say who asks, so their data are blanked."""
    while start + 4 <= end:
        size = int.from_bytes(message[start + 2 : start + 4], "big")
        if size and start + 4 + size <= end:
            yield _Part("blank", start + 4, start + 4 + size)
        start += 4 + size


def _parse_name(message: bytes, at: int) -> tuple[tuple[_Label, ...], int | None]:
    """The labels of a name, those behind pointers too, and where the name ends (None: it is not sound)."""
    labels: list[_Label] = []
    after: int | None = None
    limit = at
    while at < len(message) and len(labels) < _LABELS_MOST:
        size = message[at]
        if size == 0:
            return tuple(labels), at + 1 if after is None else after
        if size >= 0xC0:
            if at + 2 > len(message):
                break
            target = (size & 0x3F) << 8 | message[at + 1]
            if after is None:
                after = at + 2
            if target >= limit:
                break
            at = limit = target
            continue
        if size > 63:
            break
        labels.append(_Label(at + 1, min(size, len(message) - at - 1)))
        at += 1 + size
    return tuple(labels), None
