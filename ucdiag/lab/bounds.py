"""How long a run of the lab may take."""

import time

from ucdiag.model.fast_dataclass import record
from ucdiag.model.vocabulary import Seconds


@record(frozen=True, slots=True)
class Bounds:
    """``timeout`` is for each exchange, else the scenario's own; ``until`` a point of ``time.monotonic``."""

    timeout: Seconds | None = None
    max_time: Seconds | None = None
    until: Seconds | None = None

    @classmethod
    def from_now(cls, timeout: Seconds | None, max_time: Seconds) -> "Bounds":
        """A run that begins now."""
        return cls(timeout, max_time, time.monotonic() + max_time)


UNBOUNDED = Bounds()
