"""One question and one answer over UDP as bytes, for whoever asks many at the same time and has sockets of its own.

Only what is usual is read here: a reply to exactly this question that has records of the asked type and nothing else.
Whatever else may be right is left to ``ucdiag.probe.dns``.
"""

import socket

from ucdiag.model.patterns import pattern
from ucdiag.probe.dns import Answer, reply_to

_NAME = pattern(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}")
_LONGEST = 253
_TYPES = {"A": b"\0\1\0\1", "AAAA": b"\0\x1c\0\1", "SRV": b"\0\x21\0\1"}
_RCODES = {0: "NOERROR", 3: "NXDOMAIN"}
_HEAD = b"\1\0\0\1" + bytes(6)  # a recursive question, and no record
_RECORD = 16  # bytes of an A record whose name points at the question's
_POINTED = b"\xc0\x0c\0\1\0\1"
_HIGHEST_TTL = 0x7FFFFFFF


def question_of(name: str, type: str) -> bytes | None:
    """The question without its id; None for a name that is not one of letters, digits, hyphens and underscores."""
    if len(name) > _LONGEST or _NAME.fullmatch(name) is None or type not in _TYPES:
        return None
    labels = b"".join(bytes((len(label),)) + label.encode("ascii") for label in name.split("."))
    return _HEAD + labels + b"\0" + _TYPES[type]


def is_reply(wire: bytes, id_: bytes) -> bool:
    """Whether it is a reply (QR set, opcode QUERY) to the question of this id."""
    return len(wire) >= 12 and wire[:2] == id_ and wire[2] & 0xF8 == 0x80


def answer_of(wire: bytes, question: bytes, name: str, type: str) -> Answer | None:
    """What a reply says; None where it is cut, cannot be read, or is about something else."""
    end = 2 + len(question)
    # One question, this one, and nothing but answers; not truncated (0x02), for then it is asked again over TCP.
    if not wire[2] & 2 and wire[4:6] == b"\0\1" and wire[12:end] == question[10:] and wire[8:12] == bytes(4):
        plain = _plain_answer(wire, end, type)
        if plain is not None:
            return plain
    return reply_to(name, type, wire)


def _plain_answer(wire: bytes, end: int, type: str) -> Answer | None:
    """An answer of A records of the name itself, or of no record; they stand behind ``end``."""
    rcode = _RCODES.get(wire[3] & 15)
    count = int.from_bytes(wire[6:8], "big")
    if rcode is None or len(wire) != end + count * _RECORD:
        return None
    if not count:
        return Answer(rcode=rcode)
    records = [wire[at : at + _RECORD] for at in range(end, len(wire), _RECORD)]
    lowest = min(int.from_bytes(record[6:10], "big") for record in records)
    highest = max(int.from_bytes(record[6:10], "big") for record in records)
    alike = all(record[:6] == _POINTED and record[10:12] == b"\0\4" for record in records)
    if type != "A" or not alike or highest > _HIGHEST_TTL:
        return None
    addresses = dict.fromkeys(socket.inet_ntoa(record[12:]) for record in records)
    return Answer(rcode=rcode, addresses=tuple(addresses), ttl=lowest)
