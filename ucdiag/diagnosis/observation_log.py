"""The observations of one phone, by kind. Bounded, oldest out first."""

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from ucdiag.model.observations import Extent, Observation, UnreadDhcp

T = TypeVar("T", bound=Observation)
_Made = TypeVar("_Made")

# For each kind. A phone makes some tens of observations an hour; an active command some tens in all.
MOST = 2000


class ObservationLog:
    """Observations in the order of ``add``; ``forgotten`` counts those dropped to bound memory."""

    def __init__(self) -> None:
        self._kept: dict[type[Observation], deque[Observation]] = {}
        # Each judge asks for the same kinds again.
        self._sorted: dict[type[Observation], list[Observation]] = {}
        self._made: dict[object, Any] = {}
        self.forgotten = 0

    def add(self, observation: Observation) -> None:
        if isinstance(observation, UnreadDhcp):
            observation.read_fields()
        kept = self._kept.get(type(observation))
        if kept is None:
            kept = self._kept[type(observation)] = deque(maxlen=MOST)
        elif len(kept) == MOST:
            self.forgotten += 1
        kept.append(observation)
        if self._sorted or self._made:
            self._sorted.clear()
            self._made.clear()

    def of_kind(self, kind: type[T]) -> list[T]:
        """All of one kind, by time."""
        found = self._sorted.get(kind)
        if found is None:
            found = self._sorted[kind] = sorted(self._kept.get(kind, ()), key=_time_and_frame)
        return found[:]  # type: ignore[return-value]

    def compute_once(self, make: Callable[["ObservationLog"], _Made]) -> _Made:
        """The result of ``make`` for this log, cached until the next observation."""
        try:
            return cast(_Made, self._made[make])
        except KeyError:
            made = self._made[make] = make(self)
            return made

    def all_facts(self) -> tuple[Observation, ...]:
        """All of every kind, by time and frame."""
        return tuple(sorted((observation for kept in self._kept.values() for observation in kept), key=_time_and_frame))

    @property
    def extent(self) -> Extent | None:
        extents = self._kept.get(Extent)
        return extents[-1] if extents else None  # type: ignore[return-value]


def once_a_log(make: Callable[[ObservationLog], _Made]) -> Callable[[ObservationLog], _Made]:
    """Decorator: compute a result once for each log. The result is shared between rules, which must not change it."""

    @wraps(make)
    def made_once(history: ObservationLog) -> _Made:
        return history.compute_once(make)

    return made_once


def _time_and_frame(observation: Observation) -> tuple[int, int]:
    return observation.time, observation.frame or 0
