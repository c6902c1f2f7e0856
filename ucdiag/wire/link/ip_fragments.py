"""Datagrams that IP sent in pieces. Bounded in datagrams, in bytes and in time: the oldest goes first."""

from ucdiag.model.vocabulary import Microseconds

MAX_DATAGRAMS = 128
MAX_BYTES = 1 << 20
MAX_AGE = 30_000_000  # microseconds; RFC 791 asks for 15 seconds at least, Linux waits 30
_MAX_PARTS = 1024
_LARGEST = 65535

Key = tuple[bytes, bytes, int, int]


class _Datagram:
    __slots__ = ("began", "parts", "size", "total")

    def __init__(self, began: Microseconds) -> None:
        self.began = began
        self.parts: dict[int, bytes] = {}
        self.size = 0
        self.total: int | None = None


class Fragments:
    """``dropped`` counts the datagrams that had to be forgotten before they were whole, to stay within the bounds.

    One that grew too old, or that cannot be whole, is not among them: no memory would have made it whole.
    """

    def __init__(self, *, datagrams: int = MAX_DATAGRAMS, size: int = MAX_BYTES) -> None:
        self._open: dict[Key, _Datagram] = {}
        self._datagrams = datagrams
        self._limit = size
        self._size = 0
        self.dropped = 0

    def add(self, key: Key, time: Microseconds, at: int, more: bool, payload: bytes) -> bytes | None:
        """One piece, ``at`` bytes into the datagram; the whole payload when this was the one that was missing.

        ``key`` is (source, destination, protocol, identification). Where pieces overlap, what came first counts.
        """
        held = self._open.get(key)
        if held is not None and _is_too_old(held, time):
            self._remove_datagram(key)
            held = None
        if held is None:
            held = self._open[key] = _Datagram(time)
            while len(self._open) > self._datagrams:
                self._forget_datagram(next(iter(self._open)), time)
        if at + len(payload) > _LARGEST or (more and not payload):
            self._remove_datagram(key)
            return None
        if len(held.parts) >= _MAX_PARTS:
            self._forget_datagram(key, time)
            return None
        if at not in held.parts or len(held.parts[at]) < len(payload):
            grown = len(payload) - len(held.parts.get(at, b""))
            held.parts[at] = payload
            held.size += grown
            self._size += grown
        if not more:
            held.total = at + len(payload)
        if held.total is not None and held.size >= held.total:
            whole = self._join_parts(held)
            if whole is not None:
                self._size -= held.size
                del self._open[key]
                return whole
        while self._size > self._limit and self._open:
            self._forget_datagram(next(iter(self._open)), time)
        return None

    def _forget_datagram(self, key: Key, time: Microseconds) -> None:
        self.dropped += not _is_too_old(self._remove_datagram(key), time)

    def _remove_datagram(self, key: Key) -> _Datagram:
        held = self._open.pop(key)
        self._size -= held.size
        return held

    @staticmethod
    def _join_parts(held: _Datagram) -> bytes | None:
        joined = bytearray()
        for at in sorted(held.parts):
            if at > len(joined):
                return None
            joined += held.parts[at][len(joined) - at :]
        return bytes(joined[: held.total])


def _is_too_old(held: _Datagram, time: Microseconds) -> bool:
    return not -MAX_AGE <= time - held.began <= MAX_AGE
