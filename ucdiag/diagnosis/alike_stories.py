"""Phones that did the same. Thousands of phones that boot have a handful of stories.

A story is taken apart into its ``shape``, which phones have in common, and what is a phone's ``Own``: who it is, and
when it was. The same story can then be told of another phone, at another time. Whether a report of it differs in no
more than that is for the caller to find out: see ``ucdiag/cli/alike_reports.py``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import cache
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any

from ucdiag.diagnosis.shared_address import claimed_serial
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, UnreadDhcp, UpdateAnswer
from ucdiag.model.report import PhoneReport
from ucdiag.model.vocabulary import Microseconds

_MOST_FACTS = 64
_SERIAL = 6  # characters at least: a shorter one may stand in other words
_LEAST_PORT = 1024
_NO_TIME = 101  # microseconds before the capture's end, which a report names as well
#: Microseconds between two moments of a story that are of one kind. Nothing lasts longer than the last of them.
PAUSES = (1, 900_000, 9_000_000, 60_000_000)

_MAC, _IP, _SERIAL_NUMBER = 1, 2, 3  # in a shape in the place of these, which are text
_Times = tuple[Microseconds | None, ...]


@record(frozen=True, slots=True)
class Own:
    """What of a story is one phone's alone. ``times`` (microseconds) and ``frames`` ascend and occur once. ``numbers``
    are ports, transactions and times to live, each with the name of its field."""

    mac: str
    ip: str
    serial: str | None
    times: list[Microseconds]
    frames: list[int]
    numbers: list[tuple[str, int]]


@record(frozen=True, slots=True)
class Story:
    """What a phone did. ``spans`` are the durations in it, as the first and last index in ``Own.times``; ``pauses``
    are the microseconds between these times. ``is_late``: the capture ended soon after it."""

    shape: tuple[Any, ...]
    own: Own
    facts: Sequence[Observation]
    spans: tuple[tuple[int, int], ...]
    pauses: list[Microseconds]
    is_late: bool = False

    @property
    def key(self) -> tuple[bool, tuple[Any, ...]]:
        """What stories have in common that a template may tell."""
        return self.is_late, self.shape

    def told_of(self, own: Own) -> list[Observation]:
        """The facts, had another phone done the same."""
        mine = self.own
        names = {mine.mac: own.mac, mine.ip: own.ip}
        texts = dict(zip(mac_spellings(mine.mac), mac_spellings(own.mac), strict=True))
        if mine.serial is not None and own.serial is not None:
            texts[mine.serial] = own.serial
        times: dict[Any, Any] = dict(zip(mine.times, own.times, strict=True))
        frames: dict[Any, Any] = dict(zip(mine.frames, own.frames, strict=True))
        numbers = dict(zip(mine.numbers, own.numbers, strict=True))
        told = []
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
            told.append(replace(fact, **changes))
        return told


@record(frozen=True, slots=True)
class Within:
    """The times of a capture, in microseconds. From ``start`` to ``steady`` no moment counts for more than another;
    after it the phones' patience was not over at the ``end``."""

    start: Microseconds
    steady: Microseconds
    end: Microseconds


def story_of(facts: Sequence[Observation], mac: str, ip: str) -> Story | None:
    """What a phone did, by these addresses; None where that is no story that others are likely to have."""
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


def told_twice(story: Story, within: Within) -> tuple[Own, Own] | None:
    """Two other phones with this story, which are as unlike as its shape and the capture allow: one did it as quickly
    as may be, at the beginning, the other one as slowly, at the end of the steady time. Of a late story the quick one
    ends with the capture, and the slow one right after the steady time. None where there is not the time.

    A phone with this story that took longer in one of its ``pauses`` than the slow one is not between the two."""
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
    """Pauses of these kinds, as long as they may be, which take no more than ``room`` together."""
    most = [PAUSES[kind] - 1 - 13 * number for number, kind in enumerate(kinds)]
    part = min(1.0, room / max(1, sum(most)))
    pauses = [
        max(PAUSES[kind - 1] + 211 + 17 * number, int(longest * part))
        for number, (kind, longest) in enumerate(zip(kinds, most, strict=True))
    ]
    return pauses if sum(pauses) <= room else None


def _other_numbers(numbers: Iterable[tuple[str, int]], port: int, other: int, step: int) -> list[tuple[str, int]]:
    """Other numbers in the places of these."""
    return [
        (name, (port if name == "client_port" else other) + step * index) for index, (name, _) in enumerate(numbers)
    ]


@record(frozen=True, slots=True)
class PhoneJudgement:
    """A phone that is to be judged, by its facts. A call makes its report.

    ``within`` are the capture's times; None where the report may say something of the capture's own course, or of
    other phones.
    """

    judge: Callable[[str | None, Sequence[str], Sequence[Observation]], PhoneReport]
    mac: str | None
    ips: Sequence[str]
    facts: Sequence[Observation]
    within: Within | None

    def __call__(self) -> PhoneReport:
        return self.judge(self.mac, self.ips, self.facts)

    def story(self) -> Story | None:
        """What the phone did, if that can be told of another one."""
        if self.within is None or self.mac is None or len(self.ips) != 1:
            return None
        story = story_of(self.facts, self.mac, self.ips[0])
        if story is None or story.own.times[0] < self.within.start or story.own.times[-1] > self.within.end:
            return None
        return story if story.own.times[-1] <= self.within.steady else replace(story, is_late=True)

    def told_of(self, story: Story, own: Own) -> PhoneReport:
        """The report of another phone with that story."""
        return self.judge(own.mac, [own.ip], story.told_of(own))


@record(frozen=True, slots=True)
class _Kind:
    """Of one kind of fact the fields that are a phone's own, and what takes the values of the others."""

    names: tuple[str, ...]  # addresses
    texts: tuple[str, ...]  # that may hold an address or a serial number
    numbers: tuple[str, ...]
    frames: tuple[str, ...]
    times: tuple[str, ...]
    lasts: bool  # whether there are ``seconds``
    get: tuple[Callable[[Any], tuple[Any, ...]], ...] = ()  # of each of the five
    rest: Callable[[Any], tuple[Any, ...]] = tuple


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
    taken = {name for names in own for name in names} | ({"seconds"} if kind.lasts else set())
    rest = [field.name for field in fields(cls) if field.name not in taken]
    return replace(kind, get=tuple(map(_field_getter, own)), rest=_field_getter(rest))


def _field_getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the values of these fields."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda fact: tuple([getattr(fact, name) for name in names])


class _Reading:
    """Takes a phone's facts apart, one after the other."""

    def __init__(self, mac: str, ip: str) -> None:
        self._names: dict[Any, Any] = {mac: _MAC, ip: _IP}
        self._texts = {spelling: f"\0{index}" for index, spelling in reversed([*enumerate(mac_spellings(mac))])}
        self.serial: str | None = None
        #: In the order in which they came, with their place in it.
        self.numbers: dict[tuple[str, int], int] = {}
        #: Of each fact; last, where it has ``seconds``, when it was over.
        self.times: list[_Times] = []
        self.frames: list[tuple[int | None, ...]] = []

    def shared_part(self, fact: Observation, kind: _Kind) -> tuple[Any, ...] | None:
        """What others may have in common with a fact but for times and frames; None where that cannot be told."""
        names, texts, numbers, frames, times = [get(fact) for get in kind.get]
        if kind.lasts:
            end = _end_time(fact)
            if end is None and fact.seconds is not None:  # type: ignore[attr-defined]
                return None
            times += (end,)
        self.times.append(times)
        self.frames.append(frames)
        if any(map(_is_unusual, kind.numbers, numbers)):
            return None
        shared = []
        for text in texts:
            if text is not None:
                if "\0" in text:
                    return None
                text = self._shared_text(text)
            shared.append(text)
        return (
            fact.__class__,
            kind.rest(fact),
            tuple([self._names.get(name, name) for name in names]),
            tuple(shared),
            tuple(map(self._number_place, kind.numbers, numbers)),
        )

    def _shared_text(self, text: str) -> str:
        serial = claimed_serial(text)
        if serial is not None and len(serial) >= _SERIAL and self.serial in (None, serial):
            self.serial = serial
            text = text.replace(serial, f"\0{_SERIAL_NUMBER}s")
        return _replace_words(text, self._texts)

    def _number_place(self, name: str, number: int | None) -> int | None:
        """Which of the numbers it is."""
        return None if number is None else self.numbers.setdefault((name, number), len(self.numbers))


def mac_spellings(mac: str) -> tuple[str, ...]:
    """How a MAC address may be written."""
    dashed, plain = mac.replace(":", "-"), mac.replace(":", "")
    return mac, dashed, plain, mac.upper(), dashed.upper(), plain.upper()


def _replace_words(text: str, others: dict[str, str]) -> str:
    """The text with other words in the places of these."""
    for word, other in others.items():
        text = text.replace(word, other)
    return text


def _end_time(fact: Any) -> Microseconds | None:
    """When a fact that lasted ``seconds`` was over; None where that is not on a microsecond."""
    seconds = fact.seconds
    if seconds is None or seconds < 0:
        return None
    lasted = round(seconds * 1_000_000)
    return fact.time + lasted if lasted / 1_000_000 == seconds else None


def _is_unusual(name: str, number: int | None) -> bool:
    """Whether a number may mean more than any other."""
    return number is not None and number < (_LEAST_PORT if name == "client_port" else 1)


def _rank_numbers(those: Sequence[tuple[int | None, ...]]) -> tuple[list[int], list[tuple[int | None, ...]]]:
    """The numbers in these, each once, in order; and the place of each of them in that."""
    found = sorted({number for numbers in those for number in numbers if number is not None})
    place: dict[int | None, int | None] = {number: index for index, number in enumerate(found)}
    place[None] = None
    return found, [tuple([place[number] for number in numbers]) for numbers in those]
