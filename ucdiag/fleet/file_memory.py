"""A file that many phones are offered is fetched once in a run, where it came whole."""

import threading
from collections.abc import Callable, Hashable, Iterator

from ucdiag.model.observations import Observation, Transfer
from ucdiag.runtime.context import FetchedFiles

_MOST = 1000  # files; a server may name another one to each phone


class FileMemory(FetchedFiles):
    """Keeps what was observed, with its times: the report of each phone shows when the file was fetched.

    What failed is fetched again for the next phone, as the command for one would do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: dict[Hashable, threading.Lock] = {}
        self._whole: dict[Hashable, list[Observation]] = {}

    def known_file(self, key: Hashable) -> list[Observation] | None:
        """What was observed of a file that came whole; None where none has."""
        return self._whole.get(key)

    def once(self, key: Hashable, fetch: Callable[[], Iterator[Observation]]) -> Iterator[Observation]:
        with self._lock:
            if len(self._busy) >= _MOST:
                self._busy.pop(next(iter(self._busy)))  # at worst it is fetched twice
            busy = self._busy.setdefault(key, threading.Lock())
        with busy:
            known = self._whole.get(key)
            if known is None:
                known = list(fetch())
                if any(isinstance(fact, Transfer) and fact.outcome == "whole" for fact in known):
                    with self._lock:
                        while len(self._whole) >= _MOST:
                            self._whole.pop(next(iter(self._whole)))
                        self._whole[key] = known
        yield from known
