"""Capture files to observations, in bounded memory, as they arrive."""

import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from ucdiag.capture.clock_steps import ClockSteps
from ucdiag.capture.marks import is_pcap, is_pcapng
from ucdiag.capture.open_capture import Bytes, open_capture
from ucdiag.capture.prefilter import MAX_CACHED, PacketPrefilter
from ucdiag.capture.read_ahead_options import DEFAULT_OPTIONS, ReadAheadOptions
from ucdiag.capture.read_buffer import CHUNK, Buffer, DamagedError
from ucdiag.capture.series import gap_text
from ucdiag.model.fast_dataclass import record
from ucdiag.model.observations import Extent, Observation, Pause
from ucdiag.model.report import Problem
from ucdiag.model.text import STANDARD_INPUT, file_title
from ucdiag.model.vocabulary import Microseconds, ProblemCode, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.held_inputs import stat_input
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import KNOWN
from ucdiag.wire.packet_tracker import PacketTracker

if TYPE_CHECKING:
    from ucdiag.wire.tls.secrets import TlsSecrets

_FOREVER = 1 << 62
_IDLE = 0.2  # seconds
_THIS_MINUTE = 60_000_000
# Captures this far apart are not one; of a series, in which renewals may be all there is, so far (microseconds).
_APART, _QUIET = 3600 * 1_000_000, 13 * 3600 * 1_000_000


class LateSecretsError(Exception):
    """Secrets stand behind packets that they may open: the captures have to be read again."""


@record(frozen=True, slots=True)
class Limits:
    """How much of a capture is held at once."""

    chunk: int = CHUNK  # bytes of a file that are read at once
    cached: int = MAX_CACHED  # conversations of which no packet can matter, of each kind


_LIMITS = Limits()


class CaptureFormat(Protocol):
    """Reads one file in its format. ``frame`` is the number of the next packet, ``links`` the link types so far.

    ``first`` and ``last`` are the times of packets, ``has_untimed_packets`` whether some have none. ``capture_end`` is
    when the capture ended, ``lost_packets`` how many packets it lost, where the file says so.
    """

    frame: int
    first: Microseconds | None
    last: Microseconds | None
    links: set[int]

    @property
    def has_untimed_packets(self) -> bool: ...

    @property
    def capture_end(self) -> Microseconds | None: ...

    @property
    def lost_packets(self) -> int: ...

    def read_chunks(self) -> Iterator[Microseconds]:
        """Works through the file; after each piece of it, the time reached. Raises DamagedError and OSError."""


MakePrefilter = Callable[[PacketTracker, ClockSteps, int], PacketPrefilter]


class CaptureFileReader:
    """Reads capture files one after the other, as if they were one, in the order in which they begin.

    Frames are numbered from 1 through all of them; ``starts`` holds the first frame of each file, and
    ``reordered`` that it is not the order in which they were named. ``limit`` is the number of packets after which to
    stop. ``packets`` is how many there were, ``observer`` where they went. ``unread`` are the problems of those files
    of which nothing could be read. ``ahead`` is how a large file is read by two processes. ``make_prefilter`` gets the
    tracker, the clock steps and the most conversations of a set. ``secrets`` are those of TLS, ``all_secrets`` that
    those of the captures themselves are among them.
    """

    _numbers_are_its_own = True  # not those of a copy that is written

    def __init__(
        self,
        interest: HostFilter,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        limit: int | None = None,
        limits: Limits = _LIMITS,
        ahead: ReadAheadOptions = DEFAULT_OPTIONS,
        make_prefilter: MakePrefilter = PacketPrefilter,
        secrets: "TlsSecrets | None" = None,
        all_secrets: bool = False,
    ) -> None:
        self._chunk = limits.chunk
        self._ahead = ahead
        self._finished: list[Observation] = []
        self.observer = PacketTracker(
            self._finished.append, interest, ports=ports, patience=patience, read_update=read_captured_answer
        )
        if secrets is not None:
            self.observer.use_secrets(secrets)
        self._all_secrets = all_secrets
        self._readable_again = False
        self._late_secrets = False
        self._reader: CaptureFormat | None = None
        self._clock_steps = ClockSteps(as_they_stand=interest.everything)
        self.prefilter = make_prefilter(self.observer, self._clock_steps, limits.cached)
        self.prefilter.on_secrets = self._take_secrets
        self._stop = _FOREVER if limit is None else limit + 1
        self._frame = 1
        self.first: Microseconds | None = None
        self.last: Microseconds | None = None
        self.starts: list[tuple[int, str]] = []
        self.unread: list[Problem] = []
        self.interrupted = False
        self.lost = 0  # packets, as the files say
        self.reordered = False
        # When packets may be missing, and why: files of a series, packets without a time.
        self.gaps: list[tuple[Microseconds, Microseconds, str, ProblemCode]] = []
        self._pauses: list[Pause] = []
        #: Called after each piece of a file, seldom enough to look at a clock.
        self.on_piece: Callable[[], None] | None = None
        self._open: tuple[str, Bytes] | None = None  # the file that is read
        self._latest: int | None = None  # the time of the latest packet, as it stands in the file

    @property
    def packets(self) -> int:
        return self._frame - 1

    @property
    def position(self) -> tuple[str, int, int]:
        """The file that is read; how many of its bytes were read, and of how many (0: not known)."""
        if self._open is None:
            return "", 0, 0
        name, stream = self._open
        return (file_title(name), *stream.progress())

    def read(self, names: Sequence[str]) -> Iterator[Observation | Problem | None]:
        """The observations, in the order in which they are finished, problems in between, and at last the Extent.

        From standard input also ``None``, when everything that has arrived is reported and a user may wait for it: the
        packets are of this minute, or none come at the moment. Ctrl-C ends the reading: ``interrupted`` is then set.

        Raises CannotTest when none of the files can be read, and LateSecretsError where secrets turn up behind packets:
        the files have to be read again, with all that ``secrets_in`` finds.
        """
        self._readable_again = all(map(is_file, names))
        failures: list[CannotTest] = []
        for name in self._in_order(names):
            if self._frame >= self._stop:
                break
            try:
                yield from self._read_file(name)
            except CannotTest as cannot:
                failures.append(cannot)
                self.unread.append(Problem(code=cannot.code, text=cannot.text))
            except KeyboardInterrupt:
                # What was read up to here counts.
                self.interrupted = True
                break
        if len(failures) == len(names):
            raise failures[0]
        yield from self.unread
        yield from self._clock_problems()
        end = self.last if self.last is not None else 0
        self.observer.finish(end)
        yield from self._take_finished()
        yield from self._decryption_problems()
        yield Extent(
            time=self.first if self.first is not None else end,
            end=end,
            packets=self.packets,
            lost=self.lost,
            dropped=self.observer.dropped,
            cut=self.observer.unreadable_packets,
            pauses=tuple(self._pauses),
        )

    def _is_live(self) -> bool:
        return self._latest is not None and abs(time.time() * 1_000_000 - self._latest) < _THIS_MINUTE

    def _in_order(self, names: Sequence[str]) -> Sequence[str]:
        """By the time of their first packets, unless some can be read only once."""
        if len(names) < 2 or not all(map(is_file, names)):
            return names
        began: list[tuple[int, str]] = []
        for name in names:
            first = _first_packet_time(name)
            # One without packets, or that cannot be read, stays behind the one before it.
            began.append((first if first is not None else began[-1][0] if began else 0, name))
        ordered = [name for _, name in sorted(began, key=lambda began_and_name: began_and_name[0])]
        self.reordered = ordered != list(names)
        return ordered

    def _clock_problems(self) -> Iterator[Problem]:
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

    def _take_secrets(self, text: bytes) -> None:
        """The secrets of a capture. Raises LateSecretsError."""
        observer = self.observer
        if self._all_secrets:
            return
        known = len(observer.secrets) if observer.secrets is not None else 0
        observer.add_secrets(text)
        self.prefilter.use_secrets()
        grown = observer.secrets is not None and len(observer.secrets) > known
        late = self._reader is not None and self._reader.frame > 1
        if grown and late:
            if self._readable_again:
                raise LateSecretsError
            self._late_secrets = True

    def _decryption_problems(self) -> Iterator[Problem]:
        """The problem of connections that no given key decrypted."""
        observer = self.observer
        if self._late_secrets:
            text = (
                "The capture has secrets of TLS behind packets that they may open, and a pipe is read only once: "
                "save it in a file, and read that."
            )
            yield Problem(code="keylog-incomplete", text=text)
        if observer.secrets is not None:
            from ucdiag.capture.key_log import decryption_problems

            yield from decryption_problems(observer.secrets, observer.connections.decryption)

    def _take_finished(self) -> Iterator[Observation]:
        if self._finished:
            taken = self._finished[:]
            self._finished.clear()
            yield from taken

    def _read_file(self, name: str) -> Iterator[Observation | Problem | None]:
        """One capture. Raises CannotTest when it is none, or cannot be opened."""
        stream = open_capture(name)
        self._open = name, stream
        try:
            buffer = Buffer(stream, self._chunk)
            shown = file_title(name)
            try:
                reader = self._reader = self._reader_for(buffer, shown)
            except DamagedError as damaged:
                self.unread.append(_make_problem("capture-cut", f"{shown}: {damaged}."))
                return
            before_it, reached = (self.starts[-1][1] if self.starts else None), self.last
            self.starts.append((self._frame, name))
            self._clock_steps.begin_file()
            before = self.first
            yield from self._read_packets(reader, stream, buffer, name)
            if before is not None and reader.first is not None and reader.first < before:
                text = f"{shown} begins before {self.starts[-2][1]}: name the captures in the order of their times."
                yield _make_problem("files-order", text)
            if before_it is not None and reached is not None and reader.first is not None:
                lacking = gap_text(before_it, name)
                if lacking is not None:
                    self.gaps.append((reached, max(reached, reader.first), lacking, "files-missing"))
            if reader.has_untimed_packets:
                untimed = f"packets of {shown} have no time (simple packet blocks)"
                self.gaps.append((0, _FOREVER, untimed, "times-missing"))
            unknown = reader.links - KNOWN
            if unknown:
                kinds = ", ".join(map(str, sorted(unknown)))
                text = f"{shown} has packets of a link type that cannot be read ({kinds}): they were left out."
                yield _make_problem("capture-link-type", text)
        finally:
            # Its buffer of a megabyte goes with the file: this object itself may wait for Python's collector.
            self._reader = self._open = None
            stream.close()

    def _reader_for(self, buffer: Buffer, shown: str) -> CaptureFormat:
        """What reads this format. Raises CannotTest for another one, DamagedError for a damaged header."""
        if not buffer.need(4):
            what = " is empty" if not buffer.have else " is no capture"
            what = f": {buffer.broken}" if buffer.broken else what
            raise CannotTest("not-a-capture", f"{_with_capital(shown)}{what}.")
        reader = _reader_of(buffer, self.prefilter, self._frame, self._stop, self._ahead)
        if reader is None:
            from ucdiag.capture.other_formats import ENOUGH, other_format

            beginning = bytes(buffer.view[: ENOUGH if buffer.need(ENOUGH) else buffer.have])
            raise CannotTest("not-a-capture", f"{_with_capital(shown)} {other_format(beginning, shown)}.")
        return reader

    def _read_packets(
        self, reader: CaptureFormat, stream: Bytes, buffer: Buffer, name: str
    ) -> Iterator[Observation | Problem | None]:
        """Works through the packets of one capture; at last why not through all of them, if so."""
        shown = file_title(name)
        problem = None
        before, earlier = self.last, self.starts[-2][1] if len(self.starts) > 1 else None
        # The time of a piece is that of its first packet, to which the shift before that piece belongs.
        shift = self._clock_steps.shift
        try:
            for _ in reader.read_chunks():
                self._note_progress(reader, shift)
                shift = self._clock_steps.shift
                if self.on_piece is not None:
                    self.on_piece()
                if self.last is not None:
                    self.observer.tick(self.last)
                yield from self._take_finished()
                if name == STANDARD_INPUT and (self._is_live() or stream.idle(_IDLE)):
                    yield None
        except DamagedError as damaged:
            also = f"{buffer.broken}, and " if buffer.broken else ""
            problem = _make_problem("capture-cut", f"{shown}: {also}{damaged}.")
        except OSError as error:
            problem = _make_problem("capture-cut", f"{shown} could not be read to its end: {error.strerror or error}.")
        if problem is None and buffer.broken:
            problem = _make_problem("capture-cut", f"{shown}: {buffer.broken}: all before counts.")
        self._note_progress(reader, self._clock_steps.shift)
        self._note_pause(before, reader.first, earlier, name)
        yield from self._take_finished()
        self.lost += reader.lost_packets
        yield from self._beside_packets(reader, shown)
        if reader.capture_end is not None and self.last is not None:
            # Nothing came for the rest of the time: that is known, too.
            self.last = max(self.last, self._clock_steps.shifted_time(reader.capture_end, self._clock_steps.shift))
        if self._latest is not None:
            self._clock_steps.finish_file(self._latest)
        if problem is not None:
            yield problem

    def _note_pause(self, before: int | None, first: int | None, earlier: str | None, name: str) -> None:
        """Note a gap if the captures are hours apart. In a series of files it may be mere silence."""
        if before is None or first is None or earlier is None:
            return
        if first - before > (_QUIET if _without_digits(earlier) == _without_digits(name) else _APART):
            self._pauses.append(Pause(time=before, end=first))

    def _beside_packets(self, reader: CaptureFormat, shown: str) -> Iterator[Problem]:
        """What is to be known of blocks without packets: what was left out, and that frames are not packets, where the
        numbers are those of this file."""
        if getattr(reader, "secrets_left_out", 0):
            text = f"{shown} has a block of secrets of more than 1 MiB, which was left out: give them with --keylog."
            yield _make_problem("keylog-incomplete", text)
        count = getattr(reader, "numbered", 0)
        if count and self._numbers_are_its_own:
            blocks = f"{count:,} block{'s' * (count > 1)}"
            text = (
                f"{shown} has {blocks} without a packet that Wireshark numbers as frames: so does this report, and "
                "tcpdump and capinfos count fewer."
            )
            yield _make_problem("frames-not-packets", text)

    def _note_progress(self, reader: CaptureFormat, shift: int) -> None:
        self._frame = reader.frame
        if reader.first is not None:
            self.first = reader.first if self.first is None else min(self.first, reader.first)
        if reader.last is not None:
            self._latest = reader.last
            self.last = max(self.last or 0, self._clock_steps.shifted_time(reader.last, shift))


def _reader_of(
    buffer: Buffer, prefilter: PacketPrefilter, frame: int, stop: int, ahead: ReadAheadOptions = DEFAULT_OPTIONS
) -> CaptureFormat | None:
    """What reads the format that the buffer's first four bytes say; ``None`` for any other. Raises DamagedError."""
    first = bytes(buffer.view[:4])
    if is_pcap(first):
        from ucdiag.capture.pcap import Pcap

        return Pcap(buffer, prefilter, frame, stop, ahead)
    if is_pcapng(first):
        from ucdiag.capture.pcapng import PcapNg

        return PcapNg(buffer, prefilter, frame, stop, ahead)
    return None


def _without_digits(name: str) -> str:
    return re.sub(r"[0-9]+", "", name)


def is_file(name: str) -> bool:
    """Whether it can be read twice."""
    try:
        return name != STANDARD_INPUT and stat.S_ISREG(stat_input(name).st_mode)
    except (OSError, ValueError):
        return name != STANDARD_INPUT  # reported when it is opened


def _first_packet_time(name: str) -> Microseconds | None:
    """The time of a file's first packet, if it has one that can be read."""
    try:
        stream = open_capture(name)
    except CannotTest:
        return None
    reader: CaptureFormat | None = None
    try:
        buffer = Buffer(stream)
        if buffer.need(4):
            reader = _reader_of(buffer, PacketPrefilter(PacketTracker(lambda _: None, HostFilter())), 1, 2)
        if reader is not None:
            next((piece for piece in reader.read_chunks() if reader.first is not None), None)
    except (DamagedError, OSError):
        pass
    finally:
        stream.close()
    return reader.first if reader is not None else None


def _make_problem(code: ProblemCode, text: str) -> Problem:
    return Problem(code=code, text=_with_capital(text))


def _with_capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("standard") else text
