"""The one object that travels from the command line to every source.

It carries all that a source must not choose for itself: how long to wait, whom to ask, what the time is,
where a connection really goes. A test, and the lab, hand in their own.
"""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import field
from ipaddress import ip_address
from typing import Any, Protocol

from ucdiag.model.fast_dataclass import Record, record
from ucdiag.model.observations import Lookup, Observation
from ucdiag.model.vocabulary import Microseconds, ProblemCode, Seconds
from ucdiag.runtime.progress import Waiting

Endpoint = tuple[str, int]

_STOPPED: dict[ProblemCode, str] = {
    "bug": "a bug ended the run",
    "interrupted": "the run was interrupted",
    "no-sockets": "this machine ran out of sockets",
}
_CLOSE = 0.01  # seconds by which a system may wake early from a wait that was cut to the end of the run


class ConnectionGate(Protocol):
    """What is passed before each connection, where a run spares the servers."""

    def enter(self, address: str, /) -> Callable[[], None]:
        """Wait until a connection to the address may be opened. What is returned is to be called when it is closed."""


class CannotTest(Exception):  # noqa: N818 - an outcome, not an error
    """Something could not be tested: ``code`` is a short word, ``text`` says what, why and what to do about it.

    It ends as a problem in the report and, when nothing else was learnt, as exit code 3.
    """

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class FetchedFiles(Protocol):
    """What keeps of a file that was fetched whole, where many phones are offered the same."""

    def once(self, key: Hashable, fetch: Callable[[], Iterator[Observation]], /) -> Iterator[Observation]:
        """What ``fetch`` observes, or what it observed the first time. Waits while another fetches the same."""


class HeardExchanges(Protocol):
    """What was asked and answered before the walk that asks for it, where a run asks many at the same time."""

    #: The label that no name has, of the question for it; None where any will do.
    label: str | None

    def lookup(self, name: str, type: str, server: Endpoint, /) -> Lookup | None:
        """The answer of a nameserver; None where it has still to be asked."""

    def connection(self, address: str, port: int, /) -> "Callable[[], Any] | None":
        """What opens the connection (``ucdiag.probe.tcp.Stream``) again; None where it has still to be opened."""


@record(frozen=True, slots=True)
class Account(Record):
    """Whom to sign in as; ``user`` is ``DOMAIN\\name`` or ``name@domain``. Its text holds no password.

    ``refused`` has an entry for each refusal: a run that repeated a wrong password would lock the account.
    """

    user: str
    password: str
    refused: list[Endpoint] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Account({self.user!r})"


def out_of_time(seconds: Seconds | None) -> str:
    """That the time for the whole run was over, as a clause."""
    given = f" of {seconds:g} second{'' if seconds == 1 else 's'}" if seconds is not None else ""
    return f"the time{given} for the whole run was over"


def stop_clause(code: ProblemCode, seconds: Seconds | None) -> str | None:
    """Why a run of at most so many seconds ended before all was tested, by the code of its problem, as a clause; None
    where the problem says it."""
    return out_of_time(seconds) if code == "max-time" else _STOPPED.get(code)


def _system_time() -> Microseconds:
    return time.time_ns() // 1000


def canonical_host(host: str) -> str:
    """One spelling for a name (lower case, without the dot at the end) or for an address."""
    try:
        return str(ip_address(host))
    except ValueError:
        return host.lower().removesuffix(".")


@record(frozen=True, slots=True, kw_only=True)
class Context:
    """``timeout`` is seconds for each exchange (a lookup, a connect, a handshake, a request with its whole answer).

    ``nameservers`` are (address, port) pairs in the order in which to ask; empty means that the caller has still
    to find the system's. ``connect_to`` sends a connection meant for (``canonical_host``, port) to another
    (address, port), as curl's option of that name does; observations keep naming the address that was meant.
    Which of its entries were of use is noted in ``followed``, where that is a set. ``assumed`` has the addresses that
    names are taken to have, by ``canonical_host``, whatever DNS says. ``ca`` is a file of trusted roots
    instead of the machine's. ``proxy`` is used only when asked for. ``now`` gives microseconds since the
    epoch, ``monotonic`` seconds. ``account`` signs in where the path for the outside asks for it. ``waiting`` is called
    with what is waited for, as text, for a status line. ``gate`` is passed before each connection. With
    ``files``, a file that was fetched whole is not fetched again. ``heard`` has recorded exchanges to replay.
    ``until`` is a point of ``monotonic`` at which the whole run ends, ``max_time`` the seconds that it was given.
    ``own_resolvers`` are the addresses of resolvers that run on this machine, as its own settings name them.
    ``failed_again`` counts the names for which a nameserver failed twice (SERVFAIL), over all targets of the run.
    """

    timeout: Seconds = 5.0
    nameservers: tuple[tuple[str, int], ...] = ()
    connect_to: Mapping[Endpoint, Endpoint] = field(default_factory=dict)
    followed: set[Endpoint] | None = None
    assumed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account: Account | None = None
    ca: str | None = None
    proxy: str | None = None
    now: Callable[[], Microseconds] = _system_time
    monotonic: Callable[[], Seconds] = time.monotonic
    sleep: Callable[[Seconds], None] = time.sleep
    waiting: Waiting | None = None
    gate: ConnectionGate | None = None
    files: FetchedFiles | None = None
    heard: HeardExchanges | None = None
    max_time: Seconds | None = None
    until: Seconds | None = None
    own_resolvers: frozenset[str] = frozenset()
    failed_again: dict[Endpoint, int] = field(default_factory=dict)

    @property
    def patience(self) -> Seconds:
        """How long an exchange that begins now may take: ``timeout``, or what is left of the run."""
        return self.within(self.timeout)

    def within(self, seconds: Seconds) -> Seconds:
        """``seconds``, or what is left of the run where that is less."""
        return seconds if self.until is None else max(min(seconds, self.until - self.monotonic()), 0.0)

    @property
    def is_over(self) -> bool:
        """Whether the time for the whole run is over, so that what was not answered by now says nothing."""
        return self.until is not None and self.monotonic() >= self.until - _CLOSE

    def need_time(self) -> None:
        """Raises CannotTest where the time for the whole run is over."""
        if self.is_over:
            raise CannotTest(
                "max-time", f"Not all was tested: {out_of_time(self.max_time)}. Give it more with --max-time."
            )

    def wait_for(self, what: str, longest: Seconds | None = None) -> None:
        """Note what is waited for from now on, ``longest`` seconds at most, for whoever shows it.

        Raises CannotTest where the time for the whole run is over.
        """
        self.need_time()
        if self.waiting is not None:
            self.waiting.begin_wait(what, longest)

    def route(self, address: str, port: int, name: str | None = None) -> Endpoint:
        """Where a connection to ``address`` goes, to which ``name`` led; an entry for the name comes first."""
        if self.connect_to.__class__ is dict and not self.connect_to:  # a mapping of its own may lead all elsewhere
            return address, port
        meant = [(address, port), (canonical_host(address), port)]
        # Of names only those that are listed: a mapping may lead everything that it does not know to one place.
        if name is not None and (canonical_host(name), port) in tuple(self.connect_to):
            meant.insert(0, (canonical_host(name), port))
        for place in meant:
            real = self.connect_to.get(place)
            if real is not None:
                if self.followed is not None:
                    self.followed.add(place)
                return real
        return address, port

    def unused_routes(self) -> tuple[Endpoint, ...]:
        """The entries of ``connect_to`` that were of no use so far, if that is noted at all."""
        if self.followed is None:
            return ()
        return tuple(place for place in self.connect_to if place not in self.followed)
