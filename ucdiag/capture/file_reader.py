"""Capture files to observations, in bounded memory, as they arrive."""

import os
import stat
import time
from collections.abc import Iterator, Sequence

from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.open_capture import STDIN, open_capture, other_format
from ucdiag.capture.pcap import Pcap, is_pcap
from ucdiag.capture.pcapng import PcapNg, is_pcapng
from ucdiag.capture.prefilter import MAX_CACHED, PacketPrefilter
from ucdiag.capture.read_ahead import USUAL, Ahead
from ucdiag.capture.read_buffer import CHUNK, Buffer, DamagedError
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import KNOWN
from ucdiag.wire.packet_tracker import PacketTracker

_FOREVER = 1 << 62
_IDLE = 0.2  # seconds
_ENOUGH = 76  # bytes that tell another format
_THIS_MINUTE = 60_000_000


@record(frozen=True, slots=True)
class Limits:
    """How much of a capture is held at once."""

    chunk: int = CHUNK  # bytes of a file that are read at once
    cached: int = MAX_CACHED  # conversations of which no packet can matter, of each kind


_LIMITS = Limits()


class CaptureFileReader:
    """Reads capture files one after the other, as if they were one, in the order in which they begin.

    Frames are numbered from 1 through all of them; ``starts`` tells with which frame each file began, and
    ``reordered`` that it is not the order in which they were named. ``limit`` is the number of packets after which to
    stop. ``packets`` is how many there were, ``observer`` where they went. ``unread`` are the problems of those files
    of which nothing could be read. ``ahead`` is how a large file is read by two processes.
    """

    def __init__(
        self,
        interest: HostFilter,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        limit: int | None = None,
        limits: Limits = _LIMITS,
        ahead: Ahead = USUAL,
    ) -> None:
        self._chunk = limits.chunk
        self._ahead = ahead
        self._found: list[Observation] = []
        self.observer = PacketTracker(
            self._found.append, interest, ports=ports, patience=patience, read_update=read_captured_answer
        )
        self._clock_steps = ClockSteps(as_they_stand=interest.everything)
        self.prefilter = PacketPrefilter(self.observer, self._clock_steps, limits.cached)
        self._stop = _FOREVER if limit is None else limit + 1
        self._frame = 1
        self.first: Microseconds | None = None
        self.last: Microseconds | None = None
        self.starts: list[tuple[int, str]] = []
        self.unread: list[Problem] = []
        self.interrupted = False
        self.lost = 0  # packets, as the files say
        self.reordered = False
        self._heard: int | None = None  # the time of the latest packet, as it stands in the file

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
        for name in self._in_order(names):
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
        yield from self._unsteady()
        end = self.last if self.last is not None else 0
        self.observer.finish(end)
        yield from self._taken()
        yield Extent(
            time=self.first if self.first is not None else end,
            end=end,
            packets=self.packets,
            lost=self.lost,
            dropped=self.observer.dropped,
            cut=self.observer.unreadable,
        )

    def _is_live(self) -> bool:
        return self._heard is not None and abs(time.time() * 1_000_000 - self._heard) < _THIS_MINUTE

    def _in_order(self, names: Sequence[str]) -> Sequence[str]:
        """By the time of their first packets, unless some can be read only once."""
        if len(names) < 2 or not all(map(_is_file, names)):
            return names
        began: list[tuple[int, str]] = []
        for name in names:
            first = _began(name)
            # One without packets, or that cannot be read, stays behind the one before it.
            began.append((first if first is not None else began[-1][0] if began else 0, name))
        ordered = [name for _, name in sorted(began, key=lambda each: each[0])]
        self.reordered = ordered != list(names)
        return ordered

    def _unsteady(self) -> Iterator[Problem]:
        """Where times go back within a file."""
        if self._clock_steps.steps:
            places = ", ".join(
                f"at frame {frame} by {back / 1_000_000:,.1f} s" for frame, back in self._clock_steps.steps[:10]
            )
            yield Problem(
                code="clock-set-back",
                text=f"The times of the capture go back {places}: the clock of the capturing machine was set, or "
                "captures were joined in the wrong order. What follows is judged in the order of the frames, with "
                "times as if the clock had gone on.",
            )
        if self._clock_steps.restless is not None:
            yield Problem(
                code="times-unordered",
                text=f"The times of the capture go back again and again, first at frame "
                f"{self._clock_steps.restless}, so what is said of durations and of missing answers may be wrong: put "
                "it into order ('reordercap IN OUT') and read it again.",
            )

    def _taken(self) -> Iterator[Observation]:
        if self._found:
            taken = self._found[:]
            self._found.clear()
            yield from taken

    def _file(self, name: str) -> Iterator[Observation | Problem | None]:
        shown = "standard input" if name == STDIN else name
        stream = open_capture(name)
        try:
            buffer = Buffer(stream, self._chunk)
            reader: Pcap | PcapNg
            if not buffer.need(4):
                what = " is empty" if not buffer.have else " is no capture"
                what = f": {buffer.broken}" if buffer.broken else what
                raise CannotTest("not-a-capture", f"{_capital(shown)}{what}.")
            first = bytes(buffer.view[:4])
            problem = None
            try:
                if is_pcap(first):
                    reader = Pcap(buffer, self.prefilter, self._frame, self._stop, self._ahead)
                elif is_pcapng(first):
                    reader = PcapNg(buffer, self.prefilter, self._frame, self._stop, self._ahead)
                else:
                    beginning = bytes(buffer.view[: _ENOUGH if buffer.need(_ENOUGH) else buffer.have])
                    raise CannotTest("not-a-capture", f"{_capital(shown)} {other_format(beginning, shown)}.")
            except DamagedError as damaged:
                self.unread.append(Problem(code="capture-cut", text=f"{_capital(shown)}: {damaged}."))
                return
            self.starts.append((self._frame, name))
            self._clock_steps.begin()
            before = self.first
            # The time of a piece is that of its first packet, to which the shift before that piece belongs.
            shift = self._clock_steps.shift
            try:
                for _ in reader.chunks():
                    self._reached(reader, shift)
                    shift = self._clock_steps.shift
                    if self.last is not None:
                        self.observer.tick(self.last)
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
            self._reached(reader, self._clock_steps.shift)
            yield from self._taken()
            if isinstance(reader, PcapNg):
                self.lost += reader.lost
                if reader.ended is not None and self.last is not None:
                    # Nothing came for the rest of the time: that is known, too.
                    self.last = max(self.last, self._clock_steps.reached(reader.ended, self._clock_steps.shift))
            if self._heard is not None:
                self._clock_steps.finish(self._heard)
            if problem is not None:
                yield problem
            if before is not None and reader.first is not None and reader.first < before:
                text = f"{shown} begins before {self.starts[-2][1]}: name the captures in the order of their times."
                yield Problem(code="files-order", text=_capital(text))
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

    def _reached(self, reader: Pcap | PcapNg, shift: int) -> None:
        self._frame = reader.frame
        if reader.first is not None:
            self.first = reader.first if self.first is None else min(self.first, reader.first)
        if reader.last is not None:
            self._heard = reader.last
            self.last = max(self.last or 0, self._clock_steps.reached(reader.last, shift))


def _is_file(name: str) -> bool:
    """Whether it can be read twice."""
    try:
        return name != STDIN and stat.S_ISREG(os.stat(name).st_mode)  # noqa: PTH116 - pathlib is slow to import
    except (OSError, ValueError):
        return name != STDIN  # which is told when it is opened


def _began(name: str) -> Microseconds | None:
    """The time of a file's first packet, if it has one that can be read."""
    try:
        stream = open_capture(name)
    except CannotTest:
        return None
    reader: Pcap | PcapNg | None = None
    try:
        buffer = Buffer(stream)
        if not buffer.need(4):
            return None
        first = bytes(buffer.view[:4])
        prefilter = PacketPrefilter(PacketTracker(lambda _: None, HostFilter()))
        if is_pcap(first):
            reader = Pcap(buffer, prefilter, 1, 2)
        elif is_pcapng(first):
            reader = PcapNg(buffer, prefilter, 1, 2)
        else:
            return None
        for _ in reader.chunks():
            if reader.first is not None:
                break
    except (DamagedError, OSError):
        pass
    finally:
        stream.close()
    return reader.first if reader is not None else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("standard") else text
