"""The one object that travels from the command line to every source.

It carries all that a source must not choose for itself: how long to wait, whom to ask, what the time is,
where a connection really goes. A test, and the lab, hand in their own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class CannotTest(Exception):  # noqa: N818 - an outcome, not an error
    """Something could not be tested: ``code`` is a short word, ``text`` says what, why and what to do about it.

    It ends as a problem in the report and, when nothing else was learnt, as exit code 3.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def _now() -> int:
    return time.time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """``timeout`` is seconds for each exchange (a lookup, a connect, a handshake, a request with its whole answer).

    ``nameservers`` are (address, port) pairs in the order in which to ask; empty means that the caller has still
    to find the system's. ``connect_to`` sends a connection meant for (address, port) elsewhere, as curl's
    option of that name does; observations keep naming the address that was meant. ``ca`` is a file of
    trusted roots instead of the machine's. ``proxy`` is used only when asked for. ``now`` gives
    microseconds since the epoch, ``monotonic`` seconds.
    """

    timeout: float = 5.0
    nameservers: tuple[tuple[str, int], ...] = ()
    connect_to: Mapping[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    ca: str | None = None
    proxy: str | None = None
    now: Callable[[], int] = _now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
