"""The recorded exchanges of one target in the loop for many, replayed to the walk of the command for one.

The walk makes its observations from them as if it had asked itself, with the times of the exchanges.
"""

import time
from collections.abc import Callable, Hashable, Iterator

from ucdiag.fleet.file_memory import FileMemory
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import Endpoint, FetchedFiles, HeardExchanges


class UnheardError(Exception):
    """The walk asks for more than was recorded, or for something else."""


@record(frozen=True, slots=True, kw_only=True)
class HeardPost:
    """A request and its whole answer on a connection of its own. Times are points of the monotonic clock.

    ``sent`` None stands for whatever the walk sends. ``ended``: the server closed the connection behind ``answer``.
    """

    address: str
    port: int
    client: str
    client_port: int
    began: float
    connected: float
    answered: float
    sent: bytes | None
    answer: bytes
    ended: bool


class Clock:
    """The clock of a replay: the time of the recorded exchanges; from ``go_on`` the machine's own."""

    def __init__(self, wall: Microseconds, began: float) -> None:
        self._wall = wall
        self._began = began
        self._at: float | None = began

    def now(self) -> Microseconds:
        """Microseconds since the epoch."""
        return wall_time(self._wall, self._began, self._at) if self._at is not None else time.time_ns() // 1000

    def monotonic(self) -> Seconds:
        """A point of the monotonic clock."""
        return self._at if self._at is not None else time.monotonic()

    def move_to(self, to: float) -> None:
        """Set the clock to a point of the monotonic clock."""
        if self._at is not None:
            self._at = to

    def go_on(self) -> None:
        """The replay is over: use the machine's clock."""
        self._at = None


def wall_time(wall: Microseconds, began: float, at: float) -> Microseconds:
    """The time of day ``at`` a point of the monotonic clock, as it was ``wall`` when that was ``began``."""
    return wall + round((at - began) * 1e6)


class Heard(HeardExchanges):
    """The exchanges of one walk, each replayed once. ``strict``: to ask for more raises UnheardError."""

    def __init__(
        self,
        wall: Microseconds,
        began: float,
        *,
        posts: tuple[HeardPost, ...] = (),
        lookups: tuple[Lookup, ...] = (),
        label: str | None = None,
        strict: bool = False,
    ) -> None:
        self.clock = Clock(wall, began)
        self.label = label
        self._began = began
        self._posts = list(posts)
        self._lookups = {(lookup.name, lookup.type, lookup.server, lookup.server_port): lookup for lookup in lookups}
        self._wall = wall
        self._strict = strict

    def lookup(self, name: str, type: str, server: Endpoint) -> Lookup | None:
        found = self._lookups.pop((name, type, *server), None)
        if found is None:
            self._go_beyond_heard()
            return None
        self.clock.move_to(self._began + (found.time - self._wall) / 1e6 + (found.seconds or 0.0))
        return found

    def connection(self, address: str, port: int) -> "Callable[[], ReplayedStream] | None":
        post = self._posts[0] if self._posts else None
        if post is None or (post.address, post.port) != (address, port):
            self._go_beyond_heard()
            return None
        del self._posts[0]
        self.clock.move_to(post.began)

        def open_replayed() -> ReplayedStream:
            self.clock.move_to(post.connected)
            return ReplayedStream(post, self.clock)

        return open_replayed

    def known_files(self, known: FileMemory) -> FetchedFiles:
        """The files that need not be fetched."""
        return KnownFiles(known) if self._strict else known

    def _go_beyond_heard(self) -> None:
        if self._strict:
            raise UnheardError
        self.clock.go_on()


class KnownFiles(FetchedFiles):
    """Files that were fetched before; to fetch another one raises UnheardError."""

    def __init__(self, memory: FileMemory) -> None:
        self._memory = memory

    def once(self, key: Hashable, fetch: Callable[[], Iterator[Observation]]) -> Iterator[Observation]:
        known = self._memory.known_file(key)
        if known is None:
            raise UnheardError
        yield from known


class ReplayedStream:
    """A connection (``ucdiag.probe.tcp.Stream``) that replays a recorded exchange."""

    def __init__(self, post: HeardPost, clock: Clock) -> None:
        self.client, self.client_port = post.client, post.client_port
        #: As of an open connection; never called here.
        self.closed: Callable[[], None] | None = None
        self._post = post
        self._clock = clock
        self._at = 0

    def send(self, data: bytes, until: float) -> None:
        """Send nothing. Raises UnheardError if the recorded request differs from ``data``."""
        if self._post.sent is not None and data != self._post.sent:
            raise UnheardError

    def recv(self, size: int, until: float) -> bytes:
        """The next bytes of the answer; raises UnheardError behind the last, where more might have come."""
        self._clock.move_to(self._post.answered)
        piece = self._post.answer[self._at : self._at + size]
        if not piece and not self._post.ended:
            raise UnheardError
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Nothing: it was closed."""
