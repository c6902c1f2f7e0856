"""The one object that travels from the command line to every source.

It carries all that a source must not choose for itself: how long to wait, whom to ask, what the time is,
where a connection really goes. A test, and the lab, hand in their own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import field
from ipaddress import ip_address

from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import Microseconds, ProblemCode, Seconds

Endpoint = tuple[str, int]


class CannotTest(Exception):  # noqa: N818 - an outcome, not an error
    """Something could not be tested: ``code`` is a short word, ``text`` says what, why and what to do about it.

    It ends as a problem in the report and, when nothing else was learnt, as exit code 3.
    """

    def __init__(self, code: ProblemCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def _now() -> Microseconds:
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
    Which of its entries were of use is noted in ``followed``, where that is a set. ``ca`` is a file of trusted roots
    instead of the machine's. ``proxy`` is used only when asked for. ``now`` gives microseconds since the
    epoch, ``monotonic`` seconds.
    """

    timeout: Seconds = 5.0
    nameservers: tuple[tuple[str, int], ...] = ()
    connect_to: Mapping[Endpoint, Endpoint] = field(default_factory=dict)
    followed: set[Endpoint] | None = None
    ca: str | None = None
    proxy: str | None = None
    now: Callable[[], Microseconds] = _now
    monotonic: Callable[[], Seconds] = time.monotonic
    sleep: Callable[[Seconds], None] = time.sleep

    def route(self, address: str, port: int, name: str | None = None) -> Endpoint:
        """Where a connection to ``address`` goes, to which ``name`` led; an entry for the name comes first."""
        meant = [(address, port), (canonical_host(address), port)]
        # Of names only those that are listed: a mapping may lead everything that it does not know to one place.
        if name is not None and (canonical_host(name), port) in tuple(self.connect_to):
            meant.insert(0, (canonical_host(name), port))
        for each in meant:
            real = self.connect_to.get(each)
            if real is not None:
                if self.followed is not None:
                    self.followed.add(each)
                return real
        return address, port

    def unused_routes(self) -> tuple[Endpoint, ...]:
        """The entries of ``connect_to`` that were of no use so far, if that is noted at all."""
        if self.followed is None:
            return ()
        return tuple(each for each in self.connect_to if each not in self.followed)
