"""Stories: the facts of one phone, split into a part that phones share and a part that is the phone's own.

A thousand phones that boot do a handful of different things. A ``Story`` has the shared part as its ``shape`` (types,
other fields, order of times, kinds of pauses), and the phone's addresses, serial number, times, frame numbers and
ports as ``Own``. The facts of another phone with the same shape follow from the story and that phone's ``Own``. Whether
the reports of two such phones differ in their own values alone is tested by ``ucdiag/cli/alike_reports.py``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import accumulate, chain, pairwise
from operator import attrgetter
from typing import Any

from ucdiag.diagnosis.shared_address import claimed_serial
from ucdiag.model.fast_dataclass import field_names, record, replace
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, UnreadDhcp, UpdateAnswer
from ucdiag.model.report import PhoneReport
from ucdiag.model.vocabulary import Microseconds

_MOST_FACTS = 64
_SERIAL = 6  # characters at least: a shorter one may be part of another word
_LEAST_PORT = 1024
_NO_TIME = 101  # microseconds before the capture's end, which a report names as well
#: Lower bounds of the kinds of pauses, in microseconds. A pause of the last bound or longer makes no story.
PAUSES = (1, 900_000, 9_000_000, 60_000_000)

_MAC, _IP, _SERIAL_NUMBER = 1, 2, 3  # replace these values, which are text, in a shape
_Times = tuple[Microseconds | None, ...]


@record(frozen=True, slots=True)
class Own:
    """The values of one phone in a story. ``times`` (microseconds since the epoch) and ``frames`` are sorted, without
    duplicates. ``numbers`` are ports, transactions and times to live (seconds), each with the name of its field."""

    mac: str
    ip: str
    serial: str | None
    times: list[Microseconds]
    frames: list[int]
    numbers: list[tuple[str, int]]


@record(frozen=True, slots=True)
class Story:
    """The facts of one phone and their shape. ``spans`` are the durations, each as its first and last index in
    ``Own.times``. ``pauses`` are the microseconds between successive times. ``is_late``: the last fact is after
    ``Within.steady``."""

    shape: tuple[Any, ...]
    own: Own
    facts: Sequence[Observation]
    spans: tuple[tuple[int, int], ...]
    pauses: list[Microseconds]
    is_late: bool = False

    @property
    def key(self) -> tuple[bool, tuple[Any, ...]]:
        """The key of the template that may fit this story."""
        return self.is_late, self.shape

    def facts_of(self, own: Own) -> list[Observation]:
        """The facts that the phone with the values ``own`` would have in this story."""
        mine = self.own
        names = {mine.mac: own.mac, mine.ip: own.ip}
        texts = dict(zip(mac_spellings(mine.mac), mac_spellings(own.mac), strict=True))
        if mine.serial is not None and own.serial is not None:
            texts[mine.serial] = own.serial
        times: dict[Any, Any] = dict(zip(mine.times, own.times, strict=True))
        frames: dict[Any, Any] = dict(zip(mine.frames, own.frames, strict=True))
        numbers = dict(zip(mine.numbers, own.numbers, strict=True))
        facts = []
        for fact in self.facts:
            cls: type = fact.__class__
            kind = _kind_of_fact(cls)
            changes: dict[str, Any] = {}
            for name in kind.names:
                value = getattr(fact, name)
                changes[name] = names.get(value, value)
            for name in kind.texts:
                text = getattr(fact, name)
                changes[name] = None if text is None else _replace_words(text, texts)
            changes |= {name: times.get(getattr(fact, name)) for name in kind.times}
            changes |= {name: frames.get(getattr(fact, name)) for name in kind.frames}
            for name in kind.numbers:
                value = getattr(fact, name)
                changes[name] = None if value is None else numbers[name, value][1]
            end = _end_time(fact) if kind.lasts else None
            if end is not None:
                changes["seconds"] = (times[end] - times[fact.time]) / 1_000_000
            facts.append(replace(fact, **changes))
        return facts


@record(frozen=True, slots=True)
class Within:
    """The times of a capture, in microseconds since the epoch. Between ``start`` and ``steady`` the time of a fact does
    not change the verdict. After ``steady`` the capture ended before ``--patience`` was over."""

    start: Microseconds
    steady: Microseconds
    end: Microseconds


def story_of(facts: Sequence[Observation], mac: str, ip: str) -> Story | None:
    """The story of the phone with these addresses; None if other phones are not likely to share it (more than 64
    facts, a fact of another kind, a pause of a minute)."""
    if not 0 < len(facts) <= _MOST_FACTS or ip.count(".") != 3:
        return None
    reading = _Reading(mac, ip)
    parts = []
    for fact in facts:
        if isinstance(fact, UnreadDhcp):
            fact.read_fields()
        cls: type = fact.__class__
        if cls not in _KINDS:
            return None
        part = reading.shared_part(fact, _kind_of_fact(cls))
        if part is None:
            return None
        parts.append(part)
    times, moments = _rank_numbers(reading.times)
    frames, order = _rank_numbers(reading.frames)
    pauses = [after - before for before, after in pairwise(times)]
    kinds = tuple([bisect_right(PAUSES, pause) for pause in pauses])
    if kinds and max(kinds) == len(PAUSES):
        return None
    network = ip.split(".")[:2]
    return Story(
        (mac[:8], *network, tuple(parts), tuple(moments), tuple(order), kinds),
        Own(mac, ip, reading.serial, times, frames, list(reading.numbers)),
        facts,
        tuple([(moment[0] or 0, moment[-1]) for moment in moments if len(moment) > 1 and moment[-1] is not None]),
        pauses,
    )


def contrasting_phones(story: Story, within: Within) -> tuple[Own, Own] | None:
    """Two invented phones with this story, as different as its shape and the capture allow.

    The first has the shortest pauses and begins at ``within.start``. The second has the longest pauses and ends at
    ``within.steady``. In a late story the first ends at ``within.end`` and the second right after ``within.steady``.
    None if the capture is too short for either. A phone with a pause longer than the second's is outside their
    range."""
    quick = [0]
    for number, kind in enumerate(story.shape[-1]):
        # No two durations are alike: in a report each is to be found again.
        quick.append(quick[-1] + PAUSES[kind - 1] + 101 + 7 * number)
    first = within.end - _NO_TIME - quick[-1] if story.is_late else within.start + 1
    last = within.steady + story.is_late
    pauses = _longest_pauses(story.shape[-1], last - within.start)
    if pauses is None or first < within.start or first + quick[-1] > (within.end if story.is_late else within.steady):
        return None
    slow = [*accumulate(pauses, initial=last - sum(pauses))]
    quick = [first + time for time in quick]
    mac, network = story.own.mac[:8], ".".join(story.own.ip.split(".")[:2])
    serial = story.own.serial
    return (
        Own(
            mac=f"{mac}:fd:01:e7",
            ip=f"{network}.251.249",
            serial=serial and "Q7311902",
            times=quick,
            frames=[910_000_007 + 11 * number for number in range(len(story.own.frames))],
            numbers=_other_numbers(story.own.numbers, 51_203, 1_000_003, 7),
        ),
        Own(
            mac=f"{mac}:03:b9:5d",
            ip=f"{network}.3.201",
            serial=serial and "ZK100045671",
            times=slow,
            frames=[920_000_009 + 3 * number for number in range(len(story.own.frames))],
            numbers=_other_numbers(story.own.numbers, 63_002, 4_000_000_019, 13),
        ),
    )


def _longest_pauses(kinds: Sequence[int], room: Microseconds) -> list[Microseconds] | None:
    """The longest pauses (microseconds) of these kinds with a sum of at most ``room``; None if none fit."""
    most = [PAUSES[kind] - 1 - 13 * number for number, kind in enumerate(kinds)]
    total = sum(most)
    pauses = [
        max(PAUSES[kind - 1] + 211 + 17 * number, min(longest, longest * room // total))
        for number, (kind, longest) in enumerate(zip(kinds, most, strict=True))
    ]
    return pauses if sum(pauses) <= room else None


def _other_numbers(numbers: Iterable[tuple[str, int]], port: int, other: int, step: int) -> list[tuple[str, int]]:
    """Invented values for the fields of these numbers, ``step`` apart, from ``port`` for client ports, else from
    ``other``."""
    return [
        (name, (port if name == "client_port" else other) + step * index) for index, (name, _) in enumerate(numbers)
    ]


@record(frozen=True, slots=True)
class PhoneJudgement:
    """A phone to be judged. A call returns its report.

    ``within`` are the capture's times; None if the report may depend on the capture's own course, or on other phones.
    """

    judge: Callable[[str | None, Sequence[str], Sequence[Observation]], PhoneReport]
    mac: str | None
    ips: Sequence[str]
    facts: Sequence[Observation]
    within: Within | None

    def __call__(self) -> PhoneReport:
        return self.judge(self.mac, self.ips, self.facts)

    def story(self) -> Story | None:
        """The phone's story; None if its report cannot be that of another phone."""
        if self.within is None or self.mac is None or len(self.ips) != 1:
            return None
        story = story_of(self.facts, self.mac, self.ips[0])
        if story is None or story.own.times[0] < self.within.start or story.own.times[-1] > self.within.end:
            return None
        return story if story.own.times[-1] <= self.within.steady else replace(story, is_late=True)

    def report_of(self, story: Story, own: Own) -> PhoneReport:
        """The report of another phone with that story."""
        return self.judge(own.mac, [own.ip], story.facts_of(own))


@record(frozen=True, slots=True)
class _Kind:
    """The fields of one kind of fact: those with values of the phone's own, by their kind; and the others.

    ``get`` returns the values of all fields in this order, of each kind from where ``begins`` says."""

    names: tuple[str, ...]  # addresses
    texts: tuple[str, ...]  # texts that may hold an address or a serial number
    numbers: tuple[str, ...]
    frames: tuple[str, ...]
    times: tuple[str, ...]
    lasts: bool  # whether the fact has ``seconds``
    begins: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)  # texts, numbers, frames, times, the others
    get: Callable[[Any], tuple[Any, ...]] = tuple


_AT_ONCE, _REPEATED = ("time",), ("time", "last_time", "last_but_one")
_CLIENT = ("client", "client_mac")
_KINDS: dict[type, _Kind] = {
    Dhcp: _Kind(
        ("client", "address", "client_address", "source_address"),
        ("client_id", "hostname"),
        ("transaction",),
        ("frame",),
        _AT_ONCE,
        False,
    ),
    Lookup: _Kind(_CLIENT, (), ("client_port", "ttl"), ("frame", "answer_frame"), _REPEATED, True),
    Connect: _Kind(_CLIENT, (), ("client_port",), ("frame",), _REPEATED, True),
    Http: _Kind(
        _CLIENT,
        ("request_text", "user_agent"),
        ("client_port",),
        ("frame", "answer_frame", "last_frame"),
        ("time", "last_time"),
        True,
    ),
    UpdateAnswer: _Kind(_CLIENT, (), ("client_port",), ("frame",), _AT_ONCE, False),
}


@cache
def _kind_of_fact(cls: type) -> _Kind:
    kind = _KINDS[cls]
    own = (kind.names, kind.texts, kind.numbers, kind.frames, kind.times)
    texts, numbers, frames, times, others = accumulate(map(len, own))
    names = [name for group in own for name in group]
    ends = ["seconds"] if kind.lasts else []
    rest = [name for name in field_names(cls) if name not in [*names, *ends]]
    return replace(kind, begins=(texts, numbers, frames, times, others), get=attrgetter(*names, *rest))


class _Names(dict[Any, Any]):
    """What stands for a phone's addresses; for anything else that itself."""

    def __missing__(self, name: Any) -> Any:
        return name


class _Reading:
    """Splits a phone's facts, one after the other, into the shared part and the phone's own values."""

    def __init__(self, mac: str, ip: str) -> None:
        self._names = _Names({mac: _MAC, ip: _IP})
        self._texts = {spelling: f"\0{index}" for index, spelling in reversed([*enumerate(mac_spellings(mac))])}
        self.serial: str | None = None
        #: (field, number) -> its index, in the order of the facts.
        self.numbers: dict[tuple[str, int], int] = {}
        #: The times of each fact; its end follows if the fact has ``seconds``.
        self.times: list[_Times] = []
        self.frames: list[tuple[int | None, ...]] = []

    def shared_part(self, fact: Observation, kind: _Kind) -> tuple[Any, ...] | None:
        """The part of a fact that other phones may share, without times and frames; None if it cannot be separated."""
        texts_at, numbers_at, frames_at, times_at, others_at = kind.begins
        values = kind.get(fact)
        times = values[times_at:others_at]
        if kind.lasts:
            end = _end_time(fact)
            if end is None and fact.seconds is not None:  # type: ignore[attr-defined]
                return None
            times += (end,)
        self.times.append(times)
        self.frames.append(values[frames_at:times_at])
        places = []
        for name, number in zip(kind.numbers, values[numbers_at:frames_at], strict=True):
            if number is not None and number < (_LEAST_PORT if name == "client_port" else 1):
                # It may have a meaning of its own.
                return None
            places.append(None if number is None else self.numbers.setdefault((name, number), len(self.numbers)))
        shared = []
        for text in values[texts_at:numbers_at]:
            if text is not None:
                if "\0" in text:
                    return None
                text = self._shared_text(text)
            shared.append(text)
        return (
            fact.__class__,
            values[others_at:],
            tuple(map(self._names.__getitem__, values[:texts_at])),
            tuple(shared),
            tuple(places),
        )

    def _shared_text(self, text: str) -> str:
        serial = claimed_serial(text)
        if serial is not None and len(serial) >= _SERIAL and self.serial in (None, serial):
            self.serial = serial
            text = text.replace(serial, f"\0{_SERIAL_NUMBER}s")
        return _replace_words(text, self._texts)


def mac_spellings(mac: str) -> tuple[str, ...]:
    """The six spellings of a MAC address: with colons, with dashes and plain, each in lower and upper case."""
    dashed, plain = mac.replace(":", "-"), mac.replace(":", "")
    return mac, dashed, plain, mac.upper(), dashed.upper(), plain.upper()


def _replace_words(text: str, others: dict[str, str]) -> str:
    """The text with each key of ``others`` replaced by its value."""
    for word, other in others.items():
        text = text.replace(word, other)
    return text


def _end_time(fact: Any) -> Microseconds | None:
    """The end of a fact with ``seconds``, in microseconds; None if the duration is not a whole number of them."""
    seconds = fact.seconds
    if seconds is None or seconds < 0:
        return None
    lasted = round(seconds * 1_000_000)
    return fact.time + lasted if lasted / 1_000_000 == seconds else None


def _rank_numbers(those: Sequence[tuple[int | None, ...]]) -> tuple[list[int], list[tuple[int | None, ...]]]:
    """The numbers, sorted and without duplicates; and each tuple with its numbers replaced by their index there."""
    distinct: set[Any] = set(chain.from_iterable(those))
    distinct.discard(None)
    found = sorted(distinct)
    place: dict[int | None, int | None] = dict(zip(found, range(len(found)), strict=True))
    place[None] = None
    return found, [tuple(map(place.__getitem__, numbers)) for numbers in those]
