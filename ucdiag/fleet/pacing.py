"""Limits the load on servers: the targets a second, and the connections to each server by how it answers.

A server that answers more slowly than before, answers 503, or refuses connections while others to it are open gets
fewer at a time. One that refuses all but one gets one.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import field

from ucdiag.fleet.file_memory import FileMemory
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Connect, Http, Observation, Tls
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import ConnectionGate

_RECENT = 8  # answers by which a server's speed goes
_SLOWER = 3.0  # times the time that it took at first
_MATTERS = 0.25  # seconds; what is faster than this is not slow
_AGAIN = 3  # times that a target is asked again after 503
_LONGEST_PAUSE = 30.0  # seconds, whatever Retry-After says
_GIVEN_UP_PAUSE = 1.0


class Rate:
    """Starts so many a second; None or 0: no bound."""

    def __init__(self, rate: float | None, monotonic: Callable[[], Seconds] = time.monotonic) -> None:
        self._step = 1 / rate if rate else 0.0
        self._monotonic = monotonic
        self._next = 0.0

    def seconds_to_next(self) -> Seconds:
        """Seconds until the next one may start. Where that is 0, it is taken to start now."""
        if not self._step:
            return 0.0
        now = self._monotonic()
        if self._next > now:
            return self._next - now
        self._next = now + self._step
        return 0.0


@record(slots=True)
class _Host:
    """One server's address, as it bears us."""

    limit: int
    open: int = 0
    crowded_at: float = -1.0  # when more than one connection to it was open the last time
    single: bool = False  # it refused a second one
    port: int = 0  # at which it did
    proved: bool = False  # and not a single one
    refuses: set[tuple[str, int]] = field(default_factory=set)  # what it refuses also without another
    pause: float = 0.0  # seconds between two connections
    until: float = 0.0  # no connection before this
    unavailable: int = 0  # targets in a row that got 503 to the last
    base: float = math.inf  # seconds that an answer took at first
    good: int = 0
    slowed: bool = False
    times: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))


class Hosts:
    """All servers of a run. ``slowed`` names those that were spared, and why."""

    def __init__(
        self,
        jobs: int,
        *,
        pause: Seconds = 1.0,
        monotonic: Callable[[], Seconds] = time.monotonic,
    ) -> None:
        self._jobs = jobs
        self._first_pause = pause
        self._monotonic = monotonic
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()
        self.files = FileMemory()
        self.slowed: dict[str, str] = {}

    def new_gate(self) -> "Gate":
        """The gate of one walk."""
        return Gate(self)

    def enter_when_free(self, address: str) -> float:
        """Wait until a connection to the address may be opened; when that was."""
        with self._changed:
            host = self._hosts.get(address)
            if host is None:
                host = self._hosts[address] = _Host(self._jobs)
            while True:
                now = self._monotonic()
                if host.open < host.limit and now >= host.until:
                    break
                left = host.until - now
                self._changed.wait(left if left > 0 else None)
            host.open += 1
            if host.pause:
                host.until = now + host.pause
            if host.open > 1:
                host.crowded_at = now
            return now

    def enter_at_once(self, address: str) -> float | None:
        """As ``enter_when_free``, where the server need not be spared; else None, and nothing has happened."""
        with self._changed:
            host = self._hosts.get(address)
            if host is None:
                host = self._hosts[address] = _Host(self._jobs)
            now = self._monotonic()
            if host.open >= host.limit or host.limit < self._jobs or host.pause or now < host.until:
                return None
            host.open += 1
            if host.open > 1:
                host.crowded_at = now
            return now

    def note_usual(self, address: str, port: int, seconds: Seconds) -> None:
        """As ``note_walk``, of a connection that opened at once and a complete answer with another status than 503."""
        with self._changed:
            host = self._hosts[address]
            if host.refuses:
                host.refuses.discard(("connect", port))
                host.refuses.discard(("http", port))
            host.unavailable = 0
            self._note_answer_time(host, address, seconds)

    def note_closed(self, address: str, since: float) -> bool:
        """The connection is closed. Whether others to the address were open meanwhile."""
        with self._changed:
            host = self._hosts[address]
            host.open -= 1
            self._changed.notify_all()
            return host.crowded_at >= since

    def note_walk(self, observations: Iterable[Observation], crowded: set[str]) -> str | None:
        """Learn from a walk; the address at which to ask again, None where the walk counts."""
        again = None
        with self._changed:
            for fact in observations:
                if isinstance(fact, Connect | Tls | Http) and fact.server in self._hosts:
                    again = self._note_fact(fact, fact.server, crowded) or again
            self._changed.notify_all()
        return again

    def _note_fact(self, fact: Connect | Tls | Http, address: str, crowded: set[str]) -> str | None:
        host = self._hosts[address]
        way = (fact.kind, fact.port)
        if _is_refusal(fact):
            if address in crowded:
                if way in host.refuses:
                    return None
                if not host.single:
                    host.single, host.port, host.limit = True, fact.port, 1
                    self.slowed[address] = "refused connections beside another one; it got one at a time"
                return address
            host.refuses.add(way)
            if host.single and host.port == fact.port and not host.proved:
                # It is no matter of how many: it refuses a single one, too.
                host.single, host.limit = False, self._jobs
                self.slowed.pop(address, None)
            return None
        host.refuses.discard(way)
        if isinstance(fact, Http) and host.single and host.port == fact.port and address not in crowded:
            host.proved = True
        if isinstance(fact, Http) and fact.purpose == "update" and fact.complete:
            if fact.status == 503:
                return self._note_unavailable(host, address, fact)
            host.unavailable = 0
            if fact.seconds is not None:
                self._note_answer_time(host, address, fact.seconds)
        return None

    def _note_unavailable(self, host: _Host, address: str, fact: Http) -> str | None:
        asked = _retry_after_seconds(fact.retry_after)
        host.limit = 1
        host.good = 0
        self.slowed[address] = "answered 503; it was asked more slowly, and one request at a time"
        if host.unavailable >= _AGAIN:
            host.pause = min(self._first_pause, _GIVEN_UP_PAUSE)
            return None
        host.unavailable += 1
        host.pause = min(max(2 * host.pause, self._first_pause), _LONGEST_PAUSE)
        host.until = self._monotonic() + max(host.pause, min(asked, _LONGEST_PAUSE))
        return address

    def _note_answer_time(self, host: _Host, address: str, seconds: Seconds) -> None:
        host.times.append(seconds)
        if len(host.times) < _RECENT:
            return
        usual = sorted(host.times)[_RECENT // 2]
        host.base = min(host.base, usual)
        if usual > _MATTERS and usual > _SLOWER * host.base:
            host.limit = max(1, host.limit // 2)
            host.times.clear()
            host.good = 0
            self.slowed.setdefault(address, "answered more and more slowly; it got fewer requests at a time")
            return
        host.good += 1
        if host.good >= _RECENT:
            host.good = 0
            host.pause = host.pause / 2 if host.pause > 0.01 else 0.0
            if not host.single:
                host.limit = min(self._jobs, host.limit + 1)


class Gate(ConnectionGate):
    """What one walk passes before each connection. ``crowded`` are addresses to which others were open meanwhile."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self.crowded: set[str] = set()

    def enter(self, address: str) -> Callable[[], None]:
        since = self._hosts.enter_when_free(address)
        left = False

        def leave() -> None:
            nonlocal left
            if not left:
                left = True
                if self._hosts.note_closed(address, since):
                    self.crowded.add(address)

        return leave


def _is_refusal(fact: Connect | Tls | Http) -> bool:
    """Whether it looks as if a server had turned a connection away."""
    if isinstance(fact, Connect):
        return fact.outcome in ("refused", "no_answer")
    if isinstance(fact, Tls):
        return fact.outcome in ("closed", "no_answer")
    return fact.failure in ("closed", "reset", "no_answer") and not fact.answer_bytes and fact.status is None


def _retry_after_seconds(retry_after: str | None) -> float:
    text = (retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0
