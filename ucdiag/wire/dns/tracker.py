"""DNS messages, and which answer belongs to which question.

Rules of this file:

- A message is decoded as far as it is sound: without a header and a readable question it is no message
  (``DecodeError``); answers that break off leave those before them, and ``cut`` says so.
- Names are in the form of zone files: ``\\.`` for a dot within a label, ``\\DDD`` for what is not printable.
  Compression pointers only lead backwards, so that no message makes a loop, and no name is longer than 255 bytes.
- Only ordinary questions are facts here: no dynamic updates, notifications or zone transfers.
- A question sent again (same identifier, same port) is one more attempt of the same lookup; should both be answered,
  the second is a lookup of its own.
- An answer whose question was not seen is a lookup too: its ``frame`` is its ``answer_frame``, its time the answer's.
  It waits a moment for its question, since a mirror may turn the two round; not where all packets are told as they
  stand (``each``).

dnspython decodes the same, and the tests hold this decoder against it; it takes about ten times as long for a
message.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from struct import unpack_from

from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.vocabulary import Ending, LookupFailure, Microseconds, Peer, Seconds, Transport, microseconds
from ucdiag.wire.addresses import address_text, mac_text
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.tcp.stream import ENDLESS, Budget

# Records of one message that are looked at, answers that are remembered to know their copies, silence (seconds) after
# which a question of a long capture is given up.
RECORDS_MOST = 256
ANSWERED_MOST = 2048
GIVE_UP = 30.0
REPEATS_MOST = 16
# So long (microseconds) after a question the same one is another lookup, where all packets are told as they stand.
# Wireshark holds them for two from 5 seconds on, which is also when many resolvers ask again.
ANOTHER = 5_000_000
# So long (microseconds) an answer may be captured before its question, and so many may wait for theirs.
EARLY = 50_000
EARLY_MOST = 64
SAME_MOST = 32
# Bytes of a message that is remembered, should it come again.
_USUAL = 512

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
_BYTES = tuple(
    "\\" + chr(each) if each in b'"().;\\@$' else chr(each) if 0x20 < each < 0x7F else f"\\{each:03d}"
    for each in range(256)
)
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/*!+=")


@record(frozen=True, slots=True)
class Record:
    """One record of the answer section. ``text`` is its data as zone files write it, ``None`` for types that nobody
    here reads."""

    name: str
    type: str
    ttl: int
    text: str | None


@record(frozen=True, slots=True)
class Message:
    """A DNS message. ``name`` and ``type`` are of its first question, ``None`` where it has none. ``truncated`` is
    the TC flag."""

    id: int
    response: bool
    opcode: int
    rcode: str
    truncated: bool
    name: str | None
    type: str | None
    answers: tuple[Record, ...]
    cut: bool


def type_text(number: int) -> str:
    """The name of a record type."""
    return _TYPES.get(number) or f"TYPE{number}"


def read_name(data: bytes, at: int) -> tuple[str, int]:
    """The name at ``at`` and where what follows it begins. Raises DecodeError."""
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
            if _PLAIN.issuperset(label):
                labels.append(label.decode("ascii"))
            else:
                labels.append("".join([_BYTES[each] for each in label]))
            at = end
        elif count >= 0xC0:
            if at + 1 >= size:
                raise DecodeError("a name runs over the end of the message")
            target = (count & 0x3F) << 8 | data[at + 1]
            if following is None:
                following = at + 2
            if target >= lowest:
                raise DecodeError("a compressed name does not point backwards")
            lowest = at = target
        else:
            raise DecodeError("a name has a label of unknown kind")
    return ".".join(labels) or ".", at + 1 if following is None else following


def read_dns(data: bytes) -> Message:
    """Decodes a message. Raises DecodeError when it has no sound header and question."""
    if len(data) < 12:
        raise DecodeError("shorter than the header of a DNS message")
    ident, flags, questions, answers, authorities, additional = unpack_from(">6H", data)
    at = 12
    name = type_ = None
    for number in range(questions):
        asked, at = read_name(data, at)
        if at + 4 > len(data):
            raise DecodeError("a question runs over the end of the message")
        if not number:
            name, type_ = asked, type_text(data[at] << 8 | data[at + 1])
        at += 4
    rcode = flags & 15
    found: list[Record] = []
    cut = False
    try:
        for number in range(min(answers + authorities + additional, RECORDS_MOST)):
            owner, at = read_name(data, at)
            if at + 10 > len(data):
                raise DecodeError("a record runs over the end of the message")
            kind, _, ttl, length = unpack_from(">HHIH", data, at)
            at += 10
            end = at + length
            if end > len(data):
                raise DecodeError("a record runs over the end of the message")
            if kind == 41:
                rcode |= ttl >> 24 << 4
            elif number < answers:
                found.append(Record(owner, type_text(kind), ttl & 0x7FFFFFFF, _record_text(data, kind, at, end)))
            elif not additional:
                break
            at = end
    except DecodeError:
        cut = True
    return Message(
        id=ident,
        response=bool(flags & 0x8000),
        opcode=flags >> 11 & 15,
        rcode=_RCODES.get(rcode) or f"RCODE{rcode}",
        truncated=bool(flags & 0x0200),
        name=name,
        type=type_,
        answers=tuple(found),
        cut=cut,
    )


# The phones of a site ask for the same names, and are told the same, but for the identifier.
@lru_cache(maxsize=64)
def _read_again(rest: bytes) -> Message:
    return read_dns(b"\0\0" + rest)


def _record_text(data: bytes, kind: int, at: int, end: int) -> str | None:
    length = end - at
    if kind == 1:
        if length != 4:
            raise DecodeError("an A record has not four bytes")
        return address_text(data[at:end])
    if kind == 28:
        if length != 16:
            raise DecodeError("an AAAA record has not sixteen bytes")
        return address_text(data[at:end])
    if kind in (2, 5, 12, 39):
        return _inner_name(data, at, end)
    if kind == 15:
        if length < 3:
            raise DecodeError("an MX record is too short")
        return f"{data[at] << 8 | data[at + 1]} {_inner_name(data, at + 2, end)}"
    if kind == 33:
        if length < 7:
            raise DecodeError("an SRV record is too short")
        priority, weight, port = unpack_from(">3H", data, at)
        return f"{priority} {weight} {port} {_inner_name(data, at + 6, end)}"
    if kind in (16, 99):
        return _strings(data, at, end)
    return None


def _inner_name(data: bytes, at: int, end: int) -> str:
    name, after = read_name(data, at)
    if after > end:
        raise DecodeError("a name runs over the end of its record")
    return name


def _strings(data: bytes, at: int, end: int) -> str:
    found = []
    while at < end:
        after = at + 1 + data[at]
        if after > end:
            raise DecodeError("a text runs over the end of its record")
        text = "".join(
            "\\" + chr(each) if each in b'"\\' else chr(each) if 0x20 <= each < 0x7F else f"\\{each:03d}"
            for each in data[at + 1 : after]
        )
        found.append(f'"{text}"')
        at = after
    return " ".join(found)


def follow(message: Message) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], int | None]:
    """Addresses of the asked type at the end of the alias chain, the chain, the other records as text, the smallest
    TTL."""
    chain: list[str] = []
    records: list[str] = []
    addresses: list[str] = []
    aliases: dict[str, str] = {}
    for each in message.answers:
        if each.type == "CNAME" and each.text is not None:
            aliases.setdefault(each.name.lower(), each.text)
    name = (message.name or "").lower()
    if message.type != "CNAME":
        while name in aliases:
            chain.append(aliases.pop(name))
            name = chain[-1].lower()
    wanted = ("A", "AAAA") if message.type in ("ANY", None) else (message.type,)
    for each in message.answers:
        if each.text is None or (each.type == "CNAME" and message.type != "CNAME"):
            continue
        if each.type in ("A", "AAAA") and each.type in wanted and each.name.lower() == name:
            addresses.append(each.text)
        elif each.type in ("A", "AAAA"):
            records.append(f"{each.name} {each.type} {each.text}")
        else:
            records.append(each.text)
    ttl = min((each.ttl for each in message.answers), default=None)
    return tuple(addresses), tuple(chain), tuple(records), ttl


class _Question:
    """A question that waits. ``again`` is when and where it was repeated."""

    __slots__ = ("again", "attempts", "frame", "last", "mac", "name", "time", "type")

    def __init__(self, time: Microseconds, frame: int, name: str, type: str, mac: bytes | None) -> None:
        self.time = self.last = time
        self.frame = frame
        self.name = name
        self.type = type
        self.mac = mac
        self.attempts = 1
        self.again: list[tuple[int, int]] = []


_Key = tuple[bytes, int, bytes, int, int, Transport]
_Known = tuple[_Key, str | None, str | None]


class DnsTracker:
    """Matches answers to questions. ``patience`` is seconds, ``pending`` how many questions may wait.

    With ``each`` every repetition of a question that was not answered for itself is told too, as a lookup without
    ``rcode`` and without ``failure``, and every answer beyond those that were asked for: all questions and answers of a
    capture, rather than what became of them.

    ``dropped`` counts the questions that were forgotten to make room, ``malformed`` what was no DNS message.
    """

    def __init__(
        self, emit: Callable[[Observation], None], *, patience: Seconds = 5.0, pending: int = 4096, each: bool = False
    ) -> None:
        self._emit = emit
        self._each = each
        self._patience = microseconds(patience)
        self._give_up = max(self._patience, microseconds(GIVE_UP))
        self._most = pending
        self._waiting: OrderedDict[_Key, list[_Question]] = OrderedDict()
        self._answered: OrderedDict[tuple[_Key, str | None, str | None], list[tuple[int, int]]] = OrderedDict()
        # Answers without a question, and when each came; None for one whose question has come.
        self._early: OrderedDict[_Known, tuple[int, Lookup | None]] = OrderedDict()
        self.dropped = 0
        self.malformed = 0

    def udp(self, datagram: Datagram) -> None:
        """One UDP datagram of a DNS port."""
        self.message(datagram, "udp")

    def message(self, datagram: Datagram, transport: Transport) -> None:
        """One DNS message, whatever carried it."""
        time, frame, src, sport, dst, dport, payload, src_mac, dst_mac, _, _ = datagram
        try:
            found = _read_again(payload[2:]) if len(payload) <= _USUAL else read_dns(payload)
        except DecodeError:
            self._unreadable(time, frame, (dst, dport, src, sport), payload, transport)
            return
        if found.opcode:
            return
        ident = payload[0] << 8 | payload[1]
        if found.response:
            self._answer(time, frame, (dst, dport, src, sport, ident, transport), found, dst_mac)
        elif found.name is not None and found.type is not None:
            self._question(time, frame, (src, sport, dst, dport, ident, transport), found.name, found.type, src_mac)

    def unreachable(
        self,
        time: Microseconds,
        frame: int,
        reporter: bytes,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        reason: str,
        ident: int | None = None,
    ) -> None:
        """An ICMP error quotes a question over UDP from ``src`` to ``dst``; ``ident`` is its identifier, if quoted.

        It ends that question and no other: without the identifier the one that has waited longest.
        """
        ends = (src, sport, dst, dport)
        if ident is not None:
            key: _Key | None = (*ends, ident, "udp")
        else:
            key = next((each for each in self._waiting if each[:4] == ends and each[5] == "udp"), None)
        questions = self._waiting.get(key) if key is not None else None
        if key is None or not questions:
            return
        asked = questions.pop(0)
        if not questions:
            del self._waiting[key]
        self._emit(self._unanswered(key, asked, "unreachable", frame, max(0, time - asked.time) / 1e6, reason=reason))
        self._repeated((key, asked.name, asked.type), asked.again, asked.mac)

    def expire(self, now: Microseconds) -> None:
        """Gives up what has waited for long. Cheap when called often."""
        if self._early:
            self._tell_early(now)
        while self._waiting:
            key, questions = next(iter(self._waiting.items()))
            if now - max(each.last for each in questions) < self._give_up:
                break
            del self._waiting[key]
            for each in questions:
                self._end(key, each, "no_answer")

    def pending(self, at: Microseconds) -> list[Observation]:
        """What ``finish`` would emit."""
        found: list[Observation] = [early for _, early in self._early.values() if early is not None]
        found += [
            self._unanswered(key, each, "no_answer" if at - each.time >= self._patience else None)
            for key, questions in self._waiting.items()
            for each in questions
        ]
        return found

    def finish(self, at: Microseconds) -> None:
        """The capture has ended."""
        self._tell_early(None)
        for key, questions in self._waiting.items():
            for each in questions:
                self._end(key, each, "no_answer" if at - each.time >= self._patience else None)
        self._waiting.clear()
        for known, repeats in self._answered.items():
            self._repeated(known, repeats)
        self._answered.clear()

    def _tell_early(self, now: Microseconds | None) -> None:
        """Tells the answers whose question does not come any more; all of them when ``now`` is None."""
        while self._early:
            known, (time, early) = next(iter(self._early.items()))
            if now is not None and abs(now - time) <= EARLY and len(self._early) <= EARLY_MOST:
                return
            del self._early[known]
            if early is not None:
                self._emit(early)

    def _claims(self, time: Microseconds, frame: int, known: _Known, name: str, mac: bytes | None) -> bool:
        """Whether this question, or its copy, is the one of an answer that came just before it."""
        found = self._early.get(known)
        if found is None or abs(time - found[0]) > EARLY:
            return False
        early = found[1]
        if early is not None:
            self._early[known] = (found[0], None)
            self._emit(replace(early, time=time, frame=frame, name=name, client_mac=mac_text(mac) or early.client_mac))
        return True

    def _question(self, time: Microseconds, frame: int, key: _Key, name: str, type: str, mac: bytes | None) -> None:
        if self._early and self._claims(time, frame, (key, name.lower(), type), name, mac):
            return
        questions = self._waiting.get(key)
        if questions is not None:
            for each in questions:
                if each.type == type and each.name.lower() == name.lower():
                    if self._each and time - each.time > ANOTHER:
                        # An answer from here on is one to this.
                        questions.remove(each)
                        self._end(key, each, "no_answer")
                        break
                    each.attempts += 1
                    each.last = time
                    if len(each.again) < REPEATS_MOST:
                        each.again.append((time, frame))
                    else:
                        self._repeated((key, name, type), [(time, frame)], mac)
                    self._waiting.move_to_end(key)
                    return
            if len(questions) >= SAME_MOST:
                self._drop(key, questions.pop(0))
            questions.append(_Question(time, frame, name, type, mac))
            self._waiting.move_to_end(key)
            return
        if len(self._waiting) >= self._most:
            oldest, gone = self._waiting.popitem(last=False)
            for each in gone:
                if time - each.last >= self._patience:
                    self._end(oldest, each, "no_answer")
                else:
                    self._drop(oldest, each)
        self._waiting[key] = [_Question(time, frame, name, type, mac)]

    def _answer(self, time: Microseconds, frame: int, key: _Key, found: Message, mac: bytes | None) -> None:
        question = None
        early = False
        if self._early:
            self._tell_early(time)
        questions = self._waiting.get(key)
        if questions is not None:
            for each in questions:
                if found.name is None or (each.type == found.type and each.name.lower() == found.name.lower()):
                    question = each
                    questions.remove(each)
                    break
            if not questions:
                del self._waiting[key]
        known = (key, found.name and found.name.lower(), found.type)
        if question is None:
            if found.name is None or found.type is None:
                return
            repeats = self._answered.get(known)
            if repeats is None:
                question = _Question(time, frame, found.name, found.type, mac)
                self._answered[known] = []
                early = not self._each
            elif repeats:
                # Each of several attempts was answered.
                question = _Question(*repeats.pop(0), found.name, found.type, mac)
            elif self._each:
                question = _Question(time, frame, found.name, found.type, mac)
            else:
                return
        else:
            if known in self._answered:
                self._repeated(known, self._answered.pop(known))
            self._answered[known] = question.again
        if len(self._answered) > ANSWERED_MOST:
            self._repeated(*self._answered.popitem(last=False))
        addresses, aliases, records, ttl = follow(found)
        if found.name is None:
            addresses, aliases = (), ()
        lookup = Lookup(
            time=question.time,
            frame=question.frame,
            answer_frame=frame,
            client=address_text(key[0]),
            server=address_text(key[2]),
            name=question.name,
            type=question.type,
            rcode=found.rcode,
            addresses=addresses,
            aliases=aliases,
            seconds=None if question.frame == frame else max(0, time - question.time) / 1e6,
            records=records,
            ttl=ttl,
            transport=key[5],
            client_port=key[1],
            server_port=key[3],
            client_mac=mac_text(question.mac),
            attempts=question.attempts,
            truncated=found.truncated or found.cut,
        )
        if early:
            self._early[known] = (time, lookup)
            self._tell_early(time)
        else:
            self._emit(lookup)

    def _unreadable(
        self, time: Microseconds, frame: int, ends: tuple[bytes, int, bytes, int], payload: bytes, transport: Transport
    ) -> None:
        """Garbage, which ends a lookup only when it bears the identifier of one."""
        self.malformed += 1
        if len(payload) < 12 or not payload[2] & 0x80:
            return
        key = (*ends, payload[0] << 8 | payload[1], transport)
        for each in self._waiting.pop(key, ()):
            self._emit(self._unanswered(key, each, "malformed", frame, max(0, time - each.time) / 1e6))

    def _drop(self, key: _Key, question: _Question) -> None:
        """Forgets a question before anybody knows whether it will be answered."""
        self.dropped += 1
        if self._each:
            self._end(key, question, None)

    def _end(self, key: _Key, question: _Question, failure: LookupFailure | None) -> None:
        """No answer came."""
        self._emit(self._unanswered(key, question, failure))
        self._repeated((key, question.name, question.type), question.again, question.mac)

    def _repeated(
        self, known: tuple[_Key, str | None, str | None], repeats: list[tuple[int, int]], mac: bytes | None = None
    ) -> None:
        """Tells the repetitions that got no answer of their own, if they are asked for."""
        key, name, kind = known
        if self._each and name is not None and kind is not None:
            for time, frame in repeats:
                self._emit(self._unanswered(key, _Question(time, frame, name, kind, mac), None))

    def _unanswered(
        self,
        key: _Key,
        question: _Question,
        failure: LookupFailure | None,
        frame: int | None = None,
        seconds: Seconds | None = None,
        reason: str | None = None,
    ) -> Lookup:
        return Lookup(
            time=question.time,
            frame=question.frame,
            answer_frame=frame,
            client=address_text(key[0]),
            server=address_text(key[2]),
            name=question.name,
            type=question.type,
            seconds=seconds,
            transport=key[5],
            failure=failure,
            client_port=key[1],
            server_port=key[3],
            client_mac=mac_text(question.mac),
            attempts=question.attempts,
            reason=reason,
        )


class DnsDirection:
    """One direction of DNS over TCP: messages, each behind its length."""

    __slots__ = ("budget", "buffer", "counts", "take")

    def __init__(self, budget: Budget, take: Callable[[int, int, bytes], None]) -> None:
        self.budget = budget
        self.take = take
        self.counts = 0
        self.buffer = bytearray()

    def data(self, data: bytes, time: Microseconds, frame: int) -> None:
        if not self.budget.take(len(data)):
            self._stop()
            return
        self.buffer += data
        at = 0
        while len(self.buffer) - at >= 2:
            size = self.buffer[at] << 8 | self.buffer[at + 1]
            if len(self.buffer) - at - 2 < size:
                break
            self.take(time, frame, bytes(self.buffer[at + 2 : at + 2 + size]))
            at += 2 + size
        if at:
            del self.buffer[:at]
            self.budget.give(at)

    def skip(self, amount: int, lost: int, time: Microseconds, frame: int) -> None:
        self.counts -= amount

    def lost(self, amount: int, time: Microseconds, frame: int) -> None:
        self._stop()

    def cut(self, amount: int, time: Microseconds, frame: int) -> bool:
        self._stop()
        return True

    def end(self, time: Microseconds, frame: int) -> None:
        self._stop()

    def _stop(self) -> None:
        self.budget.give(len(self.buffer))
        self.buffer = bytearray()
        self.counts = ENDLESS


class DnsTalk:
    """A TCP connection to a DNS server. What is not answered is told by ``DnsTracker``."""

    __slots__ = ("requests", "responses")

    def __init__(
        self, budget: Budget, ask: Callable[[int, int, bytes], None], answer: Callable[[int, int, bytes], None]
    ) -> None:
        self.requests = DnsDirection(budget, ask)
        self.responses = DnsDirection(budget, answer)

    def close(self, how: Ending, by: Peer | None, time: Microseconds, frame: int) -> None:
        self.finish(time)

    def finish(self, at: Microseconds) -> None:
        self.requests._stop()
        self.responses._stop()

    def release(self) -> None:
        """Nothing here holds on to itself."""

    def pending(self, at: Microseconds) -> list[Observation]:
        return []
