"""Phones that are moved out of memory, the longest silent first, and moved back when they send again.

They go to an archive that the caller supplies: the judge itself opens no file. If the archive takes no more, only the
phone's verdict is kept, so that every phone that was seen is in the counts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from ucdiag.diagnosis.kept_host import KeptHost, PackedHost
from ucdiag.model.fast_dataclass import record, replace
from ucdiag.model.report import Verdict
from ucdiag.model.steps import VerdictStatus
from ucdiag.model.vocabulary import Microseconds

_MOST_VERDICTS = 50_000  # phones with their verdict alone; beyond that only the number of each verdict


class Archive(Protocol):
    """A store of phones by their keys. All methods raise OSError on a failure of the store."""

    def __len__(self) -> int:
        """The number of phones in it."""

    def put(self, first_seen: Microseconds, keys: Sequence[str], phone: Any) -> None:
        """Store a phone, made of plain values."""

    def take(self, key: str) -> Any | None:
        """Remove and return the phone with this key; None if there is none."""

    def phones(self) -> Iterator[tuple[Microseconds, Any]]:
        """The time at which each phone was first seen, and the phone, by that time."""


#: A phone as plain values.
PackedPhone = tuple[
    dict[tuple[str, str | None], PackedHost],
    dict[str, PackedHost],
    dict[str, list[tuple[int, str]]],
    dict[str, dict[str, list[int]]],
    Microseconds,
]


@record(slots=True)
class QuietPhone:
    """All that is kept of one phone: its part of each table of the tracker."""

    by_ip: dict[tuple[str, str | None], KeptHost]
    by_mac: dict[str, KeptHost]
    leases: dict[str, list[tuple[int, str]]]
    ips_of: dict[str, dict[str, list[int]]]
    first_seen: Microseconds = 0

    def keys(self) -> list[str]:
        """By what it is known when it is heard again."""
        ips = dict.fromkeys([*(ip for ip, _ in self.by_ip), *self.leases])
        names = dict.fromkeys(name for host in self.by_ip.values() for name in host.claimed_identities)
        return [*map(mac_key, self.by_mac), *map(ip_key, ips), *map(name_key, names)]

    def hosts(self) -> list[KeptHost]:
        return [*self.by_ip.values(), *self.by_mac.values()]

    def packed(self) -> PackedPhone:
        """The phone as plain values."""
        by_ip = {place: host.packed() for place, host in self.by_ip.items()}
        by_mac = {mac: host.packed() for mac, host in self.by_mac.items()}
        return by_ip, by_mac, self.leases, self.ips_of, self.first_seen

    @classmethod
    def unpacked(cls, packed: PackedPhone) -> "QuietPhone":
        """What ``packed`` made of a phone."""
        by_ip, by_mac, leases, ips_of, first_seen = packed
        return cls(
            by_ip={place: KeptHost.unpacked(host) for place, host in by_ip.items()},
            by_mac={mac: KeptHost.unpacked(host) for mac, host in by_mac.items()},
            leases=leases,
            ips_of=ips_of,
            first_seen=first_seen,
        )


def mac_key(mac: str) -> str:
    """By what a phone in the archive is found by its MAC address."""
    return f"mac {mac}"


def name_key(name: str) -> str:
    """By what a phone in the archive is found by what its update requests say that it is."""
    return f"said {name}"


def ip_key(ip: str) -> str:
    """By what a phone in the archive is found by an IP address."""
    return f"ip {ip}"


class QuietPhones:
    """The archive, and what is left of the phones that it could not take."""

    def __init__(self, archive: Archive | None) -> None:
        self._archive = archive
        # The hash of a key of each phone that the archive did not take -> its verdicts.
        self._left: dict[int, tuple[Verdict, ...]] = {}
        self._uncounted: dict[Verdict, int] = {}  # no Counter, which takes a third of the time to make a tracker
        self.failure: str | None = None  # why the archive takes no more
        self.unread = 0  # phones that it took and no longer gives

    def __len__(self) -> int:
        """The number of whole phones in the archive."""
        return len(self._archive) if self._archive is not None else 0

    @property
    def is_working(self) -> bool:
        """Whether there is an archive that takes phones."""
        return self._archive is not None and self.failure is None

    def archive_phone(self, phone: QuietPhone) -> bool:
        """Store the whole phone. False: the archive takes no more."""
        if self._archive is None or self.failure is not None:
            return False
        try:
            self._archive.put(phone.first_seen, phone.keys(), phone.packed())
        except OSError as error:
            self.failure = str(error)
            return False
        return True

    def put_away(self, phone: QuietPhone, judge: Callable[[QuietPhone], Iterator[Verdict]]) -> bool:
        """Store the whole phone. False: only its verdicts could be kept.

        ``judge`` returns its verdicts: one, several for phones behind one address, or none.
        """
        if self.archive_phone(phone):
            return True
        keys = phone.keys()
        verdicts = tuple(map(_without_text, judge(phone)))
        if keys and len(self._left) < _MOST_VERDICTS:
            self._left[hash(keys[0])] = verdicts
        else:
            for verdict in verdicts:
                self._uncounted[verdict] = self._uncounted.get(verdict, 0) + 1
        return False

    def take_back(self, key: str) -> QuietPhone | None:
        """Remove and return the phone with this key, which has sent again; None if there is none."""
        if self._archive is None:
            return None
        try:
            packed: PackedPhone | None = self._archive.take(key)
        except OSError as error:
            self.failure = str(error)
            return None
        return QuietPhone.unpacked(packed) if packed is not None else None

    def phones(self) -> Iterator[tuple[Microseconds, QuietPhone]]:
        """The time at which each phone in the archive was first seen, and the phone, by that time.

        Ends early if the archive cannot be read; the phones left count as ``unread``.
        """
        self.unread = 0
        if self._archive is None:
            return
        read, count = 0, len(self._archive)
        try:
            for first_seen, packed in self._archive.phones():
                read += 1
                yield first_seen, QuietPhone.unpacked(packed)
        except OSError as error:
            self.failure, self.unread = str(error), count - read

    def has_left(self, keys: Iterable[str]) -> bool:
        """Whether only the verdict is kept of a phone with one of these keys."""
        return bool(self._left) and any(hash(key) in self._left for key in keys)

    def left_verdicts(self, decided: Iterable[str]) -> Counter[Verdict]:
        """How many phones have each verdict, of the phones with their verdict alone; without sentences.

        ``decided`` are keys of phones that sent again and have a verdict from facts.
        """
        again = set(map(hash, decided))
        counts = Counter(self._uncounted)
        if self.unread:
            counts[Verdict(status=VerdictStatus.UNKNOWN, code="forgotten", summary="")] += self.unread
        for key, verdicts in self._left.items():
            if key not in again:
                counts.update(verdicts)
        return counts


def _without_text(verdict: Verdict) -> Verdict:
    return replace(verdict, summary="")
