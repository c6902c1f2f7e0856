"""Asks many targets at the same time: usual exchanges in one loop, all others by the walk of the command for one.

The loop only asks. The answers are judged by that walk, to which they are replayed, or by a template made from its
reports. If an exchange is unusual (a connection that does not open, an answer that does not end, a nameserver that is
silent) the target goes to a thread, which asks as the command for one does.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable

from ucdiag.fleet.asking import Asked, Outcome, Question, ask_target, walk_heard
from ucdiag.fleet.exchanges import Exchange, PostExchange
from ucdiag.fleet.heard import Heard, UnheardError
from ucdiag.fleet.helpers import Helpers
from ucdiag.fleet.pacing import Hosts, Rate
from ucdiag.fleet.readiness import Readiness
from ucdiag.fleet.shapes import Shapes
from ucdiag.fleet.targets import Target
from ucdiag.fleet.usual import UsualNames
from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import Seconds
from ucdiag.runtime.context import Endpoint

_PAUSE = 0.02  # seconds that results may take to be taken, and count as time that a server took
_LOOK = 0.2  # seconds between two looks at what takes too long
_FAILURES = 3.0  # of a server, before it is asked by threads alone for a while
_FORGIVEN = 0.25  # of a failure, by each answer
_SHORTEST, _LONGEST = 16, 1024  # targets that are asked by threads before it is tried again


@record(slots=True)
class _Server:
    """How a server has answered in the loop. Until it has, it is asked by one at a time."""

    proved: bool = False
    trying: bool = False
    failures: float = 0.0
    spared: int = 0
    next_spared: int = _SHORTEST
    waiting: list[Target] | None = None


class Loop:
    """At most ``jobs`` targets are under way at a time. ``judged`` makes of what came of one what is handed out.

    At ``until``, of ``time.monotonic``, nobody is waited for any more.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        shapes: Shapes,
        judged: Callable[[Asked], Outcome],
        jobs: int,
        rate: Rate,
        hosts: Hosts,
        until: Seconds | None = None,
    ) -> None:
        self._until = until
        self._targets = iter(targets)
        self._shapes = shapes
        self._judged = judged
        self._jobs = jobs
        self._rate = rate
        self._hosts = hosts
        self._servers: dict[Endpoint, _Server] = {}
        self._readiness: Readiness[Exchange | Helpers[tuple[Question, Heard | None], Outcome]] = Readiness()
        self._helpers: Helpers[tuple[Question, Heard | None], Outcome] = Helpers(self._ask_in_thread, jobs)
        self._exchanges: set[Exchange] = set()
        self._ready: deque[Target] = deque()  # begun, and to be asked again by the loop
        self._under_way = 0
        self._more = True
        self._outcomes: list[Outcome] = []

    def ask_targets(self) -> Generator[list[Outcome], None, None]:
        """What came of the targets, in the order in which they are done. What a thread raises is raised here.

        Whoever takes no more (``close``) ends it: what is under way is then given up.
        """
        self._readiness.watch_socket(self._helpers.bell, self._helpers)
        looked = time.monotonic()
        try:
            while True:
                patience = self._begin_targets()
                if self._outcomes:
                    yield from self._hand_out()
                    continue
                if not self._under_way and not self._more:
                    return
                for ready in self._readiness.wait_for_ready(patience):
                    if isinstance(ready, Helpers):
                        self._outcomes += ready.take_results()
                    else:
                        self._go_on(ready)
                now = time.monotonic()
                if now - looked >= _LOOK:
                    looked = now
                    over = self._until is not None and now >= self._until
                    for exchange in [late for late in self._exchanges if over or late.until <= now]:
                        self._hand_over(exchange)
                if self._outcomes:
                    yield from self._hand_out()
        finally:
            for exchange in self._exchanges:
                exchange.close()
            self._helpers.close()
            self._readiness.close()

    def _hand_out(self) -> Generator[list[Outcome], None, None]:
        outcomes, self._outcomes = self._outcomes, []
        self._under_way -= len(outcomes)
        began = time.monotonic()
        yield outcomes
        passed = time.monotonic() - began
        if passed > _PAUSE:
            # Whoever reads the output may take long. What came meanwhile is read only now, which is no server's fault.
            for exchange in self._exchanges:
                exchange.leave_out_pause(passed)

    def _begin_targets(self) -> float:
        """Begin as many as may be; seconds after which to look again."""
        while self._ready:
            self._start_target(self._ready.popleft())
        while self._more and self._under_way < self._jobs:
            left = self._rate.seconds_to_next()
            if left:
                return min(left, _LOOK)
            target = next(self._targets, None)
            if target is None:
                self._more = False
                break
            self._under_way += 1
            self._start_target(target)
        return _LOOK

    def _start_target(self, target: Target) -> None:
        """Ask, in the loop if that can be."""
        shape = self._shapes.shape_of(target)
        usual = shape.usual
        if usual is None:
            self._queue_for_thread(target)
            return
        endpoint = usual.questions[0][3] if isinstance(usual, UsualNames) else usual.endpoint
        server = self._servers.get(endpoint)
        if server is None:
            server = self._servers[endpoint] = _Server()
        if server.spared:
            server.spared -= 1
            self._queue_for_thread(target)
            return
        if not server.proved:
            if server.trying:
                server.waiting = [*(server.waiting or ()), target]
                return
            server.trying = True
        exchange: Exchange
        if isinstance(usual, UsualNames):
            from ucdiag.fleet.name_exchange import NameExchange

            exchange = NameExchange(target, shape, endpoint, usual, self._readiness)
        else:
            exchange = PostExchange(target, shape, endpoint, usual, self._readiness, self._hosts)
        self._exchanges.add(exchange)
        try:
            begun = exchange.begin()
        except OSError:
            self._hand_over(exchange)
            return
        if not begun:
            # The server is to be spared, which is no fault of its connections.
            self._exchanges.discard(exchange)
            self._release_waiting(server)
            self._queue_for_thread(target)

    def _go_on(self, exchange: Exchange) -> None:
        if exchange not in self._exchanges:
            return
        try:
            done = exchange.go_on()
        except OSError:
            done = None
        if done is None:
            self._hand_over(exchange)
        elif done:
            self._exchanges.discard(exchange)
            self._judge_exchange(exchange)

    def _hand_over(self, exchange: Exchange) -> None:
        """The exchange is unusual: let the walk ask in a thread."""
        self._exchanges.discard(exchange)
        exchange.close()
        server = self._servers[exchange.server]
        server.failures += 1
        if not server.proved or server.failures >= _FAILURES:
            server.proved = False
            server.failures = 0.0
            server.spared = server.next_spared
            server.next_spared = min(2 * server.next_spared, _LONGEST)
        self._release_waiting(server)
        self._queue_for_thread(exchange.target, exchange.heard_so_far(strict=False))

    def _release_waiting(self, server: _Server) -> None:
        """The one that tried is done: go on with those that wait for it."""
        server.trying = False
        self._ready.extend(server.waiting or ())
        server.waiting = None

    def _judge_exchange(self, exchange: Exchange) -> None:
        """All was asked and answered: judge it."""
        server = self._servers[exchange.server]
        if not server.proved:
            server.proved = True
            server.next_spared = _SHORTEST
            self._release_waiting(server)
        elif server.failures:
            server.failures = max(0.0, server.failures - _FORGIVEN)
        outcome = exchange.outcome_without_walk()
        if outcome is not None:
            self._outcomes.append(outcome)
            return
        target, heard = exchange.target, exchange.heard_so_far(strict=True)
        assert heard is not None  # for all was answered
        try:
            asked = walk_heard(exchange.shape.question_for(target), self._hosts, heard, exchange.crowded)
        except UnheardError:
            self._queue_for_thread(target, exchange.heard_so_far(strict=False))
            return
        if asked is None:
            self._queue_for_thread(target)
        else:
            self._outcomes.append(self._judged(asked))

    def _queue_for_thread(self, target: Target, heard: Heard | None = None) -> None:
        """Ask the target in a thread, as the command for one does, beginning with the recorded exchanges."""
        self._helpers.add_work((self._shapes.shape_of(target).question_for(target), heard))

    def _ask_in_thread(self, work: tuple[Question, Heard | None]) -> Outcome:
        question, heard = work
        if heard is not None:
            try:
                return self._judged(ask_target(question, self._hosts, heard))
            except UnheardError:
                pass
        return self._judged(ask_target(question, self._hosts))
