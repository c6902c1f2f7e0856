"""Capture files to observations, in bounded memory, as they arrive."""

import time
from collections.abc import Iterator, Sequence

from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.sources.context import CannotTest
from ucdiag.sources.packets.files import STDIN, open_capture
from ucdiag.sources.packets.pcap import Pcap, is_pcap
from ucdiag.sources.packets.pcapng import PcapNg, is_pcapng
from ucdiag.sources.packets.sieve import Sieve
from ucdiag.sources.packets.source import Buffer, DamagedError
from ucdiag.wire.frames import KNOWN
from ucdiag.wire.interest import Interest
from ucdiag.wire.observer import Observer

_FOREVER = 1 << 62
_IDLE = 0.2  # seconds
_THIS_MINUTE = 60_000_000


class Reading:
    """Reads capture files one after the other, as if they were one.

    Frames are numbered from 1 through all of them; ``starts`` tells with which frame each file began. ``limit`` is
    the number of packets after which to stop. ``packets`` is how many there were, ``observer`` where they went.
    ``unread`` are the problems of those files of which nothing could be read.
    """

    def __init__(
        self,
        interest: Interest,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: float = 5.0,
        limit: int | None = None,
    ) -> None:
        self._found: list[Observation] = []
        self.observer = Observer(self._found.append, interest, ports=ports, patience=patience)
        self._sieve = Sieve(self.observer)
        self._stop = _FOREVER if limit is None else limit + 1
        self._frame = 1
        self.first: int | None = None
        self.last: int | None = None
        self.starts: list[tuple[int, str]] = []
        self.unread: list[Problem] = []
        self.interrupted = False

    @property
    def packets(self) -> int:
        return self._frame - 1

    def read(self, names: Sequence[str]) -> Iterator[Observation | Problem | None]:
        """The observations, in the order in which they are finished, problems in between, and at last the Extent.

        From standard input also ``None``, when all is told that has arrived, and somebody may be waiting for it: the
        packets are of this minute, or no more come at the moment. Ctrl-C ends the reading: ``interrupted`` is then set.

        Raises CannotTest when none of the files can be read.
        """
        failures: list[CannotTest] = []
        for name in names:
            if self._frame >= self._stop:
                break
            try:
                yield from self._file(name)
            except CannotTest as cannot:
                failures.append(cannot)
                self.unread.append(Problem(code=cannot.code, text=cannot.text))
            except KeyboardInterrupt:
                # What was read up to here counts.
                self.interrupted = True
                break
        if failures and len(failures) == len(names):
            raise failures[0]
        yield from self.unread
        end = self.last if self.last is not None else 0
        self.observer.finish(end)
        yield from self._taken()
        yield Extent(
            time=self.first if self.first is not None else end,
            end=end,
            packets=self.packets,
            dropped=self.observer.dropped,
            cut=self.observer.unreadable,
        )

    def _is_live(self) -> bool:
        return self.last is not None and abs(time.time() * 1_000_000 - self.last) < _THIS_MINUTE

    def _taken(self) -> Iterator[Observation]:
        if self._found:
            taken = self._found[:]
            self._found.clear()
            yield from taken

    def _file(self, name: str) -> Iterator[Observation | Problem | None]:
        shown = "standard input" if name == STDIN else name
        stream = open_capture(name)
        try:
            buffer = Buffer(stream)
            reader: Pcap | PcapNg
            if not buffer.need(4):
                what = "is empty" if not buffer.have else "is no capture"
                raise CannotTest("not-a-capture", f"{_capital(shown)} {buffer.broken or what}.")
            first = bytes(buffer.view[:4])
            problem = None
            try:
                if is_pcap(first):
                    reader = Pcap(buffer, self._sieve, self._frame, self._stop)
                elif is_pcapng(first):
                    reader = PcapNg(buffer, self._sieve, self._frame, self._stop)
                else:
                    raise CannotTest(
                        "not-a-capture",
                        f"{_capital(shown)} is no capture that can be read: it is neither pcap nor pcapng.",
                    )
            except DamagedError as damaged:
                self.unread.append(Problem(code="capture-cut", text=f"{_capital(shown)}: {damaged}."))
                return
            self.starts.append((self._frame, name))
            try:
                for reached in reader.chunks():
                    self._reached(reader)
                    self.observer.tick(reached)
                    yield from self._taken()
                    if name == STDIN and (self._is_live() or stream.idle(_IDLE)):
                        yield None
            except DamagedError as damaged:
                text = f"{shown}: {buffer.broken + ', and ' if buffer.broken else ''}{damaged}."
                problem = Problem(code="capture-cut", text=_capital(text))
            except OSError as error:
                text = f"{shown} could not be read to its end: {error.strerror or error}."
                problem = Problem(code="capture-cut", text=_capital(text))
            if problem is None and buffer.broken:
                problem = Problem(code="capture-cut", text=_capital(f"{shown}: {buffer.broken}: all before counts."))
            self._reached(reader)
            yield from self._taken()
            if problem is not None:
                yield problem
            links = {reader.link} if isinstance(reader, Pcap) else reader.links
            if links - KNOWN:
                kinds = ", ".join(map(str, sorted(links - KNOWN)))
                yield Problem(
                    code="capture-link-type",
                    text=_capital(
                        f"{shown} has packets of a link type that cannot be read ({kinds}): they were left out."
                    ),
                )
        finally:
            stream.close()

    def _reached(self, reader: Pcap | PcapNg) -> None:
        self._frame = reader.frame
        if self.first is None:
            self.first = reader.first
        if reader.last is not None:
            self.last = reader.last


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("standard") else text
