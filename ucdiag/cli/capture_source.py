"""The sources of packets of ``ucdiag capture``: files, or an interface."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from time import monotonic, time_ns
from typing import TYPE_CHECKING

from ucdiag.cli.capture_options import CaptureOptions
from ucdiag.cli.runner import ViewOptions
from ucdiag.model.observations import Observation
from ucdiag.model.report import Problem
from ucdiag.model.text import file_title
from ucdiag.model.vocabulary import Microseconds, ProblemCode, SourceKind
from ucdiag.runtime.ending_signals import ending_signals
from ucdiag.runtime.privileges import is_root
from ucdiag.runtime.progress import listening_text, reading_text

if TYPE_CHECKING:
    from ucdiag.capture.aligned_reader import ClockDifference
    from ucdiag.capture.census import Census
    from ucdiag.capture.file_reader import CaptureFileReader
    from ucdiag.capture.filtered_copy import CopyingFileReader
    from ucdiag.capture.live import Live
    from ucdiag.wire.host_filter import HostFilter
    from ucdiag.wire.packet_tracker import PacketTracker
    from ucdiag.wire.tls.secrets import TlsSecrets


def _host_filter(wanted: CaptureOptions) -> "HostFilter":
    from ucdiag.wire.host_filter import HostFilter

    return HostFilter(
        everything=wanted.facts,
        macs=frozenset(bytes.fromhex(mac.replace(":", "")) for mac in wanted.macs),
        leased=wanted.everyone,
    )


class Again:
    """Reading starts again, with more secrets or in another order: the facts before this do not count."""


class FileCapture:
    """Captures in files, or on standard input."""

    kind: SourceKind = "file"
    #: What was found of captures of two clocks.
    clocks: "ClockDifference | None" = None
    _copy: "CopyingFileReader | None" = None

    def __init__(self, wanted: CaptureOptions, opened: Callable[[], None] = lambda: None) -> None:
        """``opened`` is called before anything is read but the files of ``--keylog``."""
        from ucdiag.capture.clock_pairs import ClockSuspicion

        names = wanted.read
        self._make_suspicion = ClockSuspicion
        self.name = ", ".join(map(file_title, names))
        self.limited = True
        self.until_done = False
        self._names = names
        self._measured, self._since = ("", 0), 0.0
        self._look: Callable[[], None] | None = None
        self._wanted = wanted
        self._secrets, self._of_key_logs = _read_key_logs(wanted)
        opened()
        self._reading = self._make_reader(None if wanted.write is None else self._look_for_secrets())

    def _make_reader(self, of_captures: list[bytes] | None) -> "CaptureFileReader":
        """The reader of the captures. ``of_captures`` are the key logs in them, if they were searched for."""
        wanted, secrets = self._wanted, self._secrets
        if of_captures:
            from ucdiag.wire.tls.secrets import TlsSecrets

            secrets = self._secrets = secrets or TlsSecrets()
            for text in of_captures:
                secrets.add_text(text)
        hosts, ports = _host_filter(wanted), wanted.ports
        if wanted.write is None:
            from ucdiag.capture.file_reader import CaptureFileReader

            return CaptureFileReader(
                hosts,
                ports=ports,
                patience=wanted.patience,
                limit=wanted.count,
                secrets=secrets,
                all_secrets=of_captures is not None,
            )
        from ucdiag.capture.filtered_copy import CopyingFileReader

        self._copy = CopyingFileReader(
            hosts,
            write=wanted.write,
            ports=ports,
            patience=wanted.patience,
            limit=wanted.count,
            secrets=secrets,
            of_captures=of_captures,
        )
        return self._copy

    def _look_for_secrets(self) -> list[bytes] | None:
        """The key logs that the captures hold; None where they can be read only once."""
        from ucdiag.capture.capture_secrets import secrets_in
        from ucdiag.capture.file_reader import is_file

        return secrets_in(self._names) if all(map(is_file, self._names)) else None

    @property
    def interrupted(self) -> bool:
        return self._reading.interrupted

    @property
    def packets(self) -> int:
        return self._reading.packets

    @property
    def lost(self) -> int:
        return self._reading.lost

    @property
    def counts_loss(self) -> bool:
        """True: the packets of a file show what it lacks."""
        return True

    @property
    def at(self) -> Microseconds:
        """The time of the latest packet, in microseconds since the epoch; 0 before the first."""
        return self._reading.last or 0

    def status(self) -> str:
        """How far it is, in one line."""
        name, done, total = self._reading.position
        if not name:
            return "reading"
        if (name, total) != self._measured:  # another file, or the same one again
            self._measured, self._since = (name, total), monotonic()
        return reading_text(name, self.packets, done, total, monotonic() - self._since)

    def watch(self, look: Callable[[], None]) -> None:
        """Have ``look`` called after each piece of a file."""
        self._look = self._reading.on_piece = look

    @property
    def observer(self) -> "PacketTracker":
        return self._reading.observer

    @property
    def unread(self) -> Sequence[Problem]:
        """Problems of files of which nothing could be read, or not all written."""
        unwritten = self.unwritten
        return self._reading.unread if unwritten is None else [*self._reading.unread, unwritten]

    @property
    def unwritten(self) -> Problem | None:
        """Why not all the packets that matter could be written."""
        return self._copy.problem if self._copy is not None else None

    def census(self) -> "Census | None":
        """The census of the files, from a second reading; None if they can be read only once."""
        from ucdiag.capture.census import census_of
        from ucdiag.capture.file_reader import is_file

        return census_of(self._names, self._wanted.ports) if all(map(is_file, self._names)) else None

    @property
    def gaps(self) -> Sequence[tuple[Microseconds, Microseconds, str, ProblemCode]]:
        """The times in which packets may be missing, each with the reason and the code of its problem."""
        return self._reading.gaps

    @property
    def counting(self) -> str | None:
        """How frames count where there are several files."""
        later = self._reading.starts[1:]
        if not later or self._copy is not None:
            return None
        if self._reading.reordered:
            later = self._reading.starts
        starts = ", ".join(f"{name} begins with frame {frame}" for frame, name in later[:20])
        order = ", which were read in the order of their times" if self._reading.reordered else ""
        return f"Frame numbers count through all files{order}: {starts}."

    def read(self) -> Iterator[Observation | Problem | Again | None]:
        """The facts of the captures. After an ``Again``, all of them once more."""
        from ucdiag.capture.file_reader import LateSecretsError

        yield from self._of_key_logs
        try:
            yield from self._watched_items()
            return
        except LateSecretsError:
            self._reading = self._make_reader(self._look_for_secrets())
            self._reading.on_piece = self._look
        yield Again()
        yield from self._of_key_logs
        yield from self._watched_items()

    def _watched_items(self) -> Iterator[Observation | Problem | Again | None]:
        """The facts of the captures; of two clocks, an ``Again`` follows, and the facts in the order of one clock."""
        if self._wanted.facts:
            yield from self._reading.read(self._names)
            return
        suspicion = self._make_suspicion()
        for item in self._reading.read(self._names):
            if isinstance(item, Observation):
                suspicion.feed(item)
            yield item
        connections = self.observer.connections
        early = connections.late_openings + connections.answers_before_questions > 0
        early = early or self.observer.lookups.early_answers + self.observer.strangers.early_answers > 0
        if (suspicion.is_raised or early or connections.turned_openings) and not self._reading.interrupted:
            yield from self._aligned_items(suspicion.is_certain or early)

    def _aligned_items(self, surely: bool) -> Iterator[Observation | Problem | Again | None]:
        from ucdiag.capture.aligned_reader import AlignedFileReader
        from ucdiag.capture.file_reader import is_file

        first = self._reading
        if not all(map(is_file, self._names)) or self._wanted.count is not None or self._copy is not None:
            if surely:
                text = "two clocks captured the two directions, and only a file that is read whole can be put in order"
                first.gaps.append((0, 1 << 62, text, "times-unordered"))
            return
        aligned = AlignedFileReader(
            first.observer.interest, ports=self._wanted.ports, patience=self._wanted.patience, secrets=self._secrets
        )
        if aligned.gather_packets(self._names):
            self._reading, self.clocks = aligned, aligned.difference
            yield Again()
            yield from self._of_key_logs
            yield from aligned.unread
            yield from aligned.read(self._names)
        elif surely and aligned.too_large:
            text = "two clocks captured the two directions, and the capture is too large to be put in order"
            first.gaps.append((0, 1 << 62, text, "times-unordered"))

    def stop(self) -> None:
        """No effect: reading ends at the end of the file."""


def _read_key_logs(wanted: CaptureOptions, *, follow: bool = False) -> "tuple[TlsSecrets | None, list[Problem]]":
    """The secrets of ``--keylog``, and what has to be said of those files. Raises CannotTest."""
    if not wanted.keylog:
        return None, []
    from ucdiag.capture.key_log import read_key_logs

    return read_key_logs(wanted.keylog, follow=follow)


def _hold_outputs(wanted: CaptureOptions, view: ViewOptions, live: "Live") -> None:
    """Open, while there are root's rights, what who goes on could not write. Raises CannotTest."""
    if sys.platform == "win32" or not is_root():
        return
    from ucdiag.cli.without_root import hold_outputs, keep_imports
    from ucdiag.runtime.root_rights import successor_of_root

    account = successor_of_root(wanted.user)
    if account.uid:
        live.entrust()
        hold_outputs(view, account, wanted.masked_write if wanted.masked_write != "-" else None)
        keep_imports(account)


def _confine_capture(wanted: CaptureOptions, view: ViewOptions) -> None:
    """What is left to a capture when it listens."""
    from ucdiag.cli.without_root import confine_to

    key_logs = (os.path.dirname(os.path.abspath(name)) for name in wanted.keylog)  # noqa: PTH100, PTH120
    confine_to(view, (wanted.write, *key_logs), (wanted.masked_write, wanted.save_request))


class LiveCapture:
    """An interface. The first Ctrl-C or SIGTERM ends the capture, and the report follows; the second ends it all."""

    kind: SourceKind = "live"
    clocks: None = None
    gaps: Sequence[tuple[Microseconds, Microseconds, str, ProblemCode]] = ()
    _live: "Live"

    def __init__(self, wanted: CaptureOptions, interface: str, view: ViewOptions) -> None:
        import signal

        self.name = interface
        self._since, self._duration, self._written = monotonic(), wanted.duration, wanted.write
        self.until_done = wanted.until_done
        self.limited = bool(wanted.count or wanted.duration or wanted.until_done)
        self.interrupted = False
        # Before the reading begins: what came until then is judged too.
        self._before = [(number, signal.signal(number, self._stop_at)) for number in ending_signals()]
        try:
            self._open_interface(wanted, view)
        except BaseException:
            self._restore_signals()
            raise

    def _open_interface(self, wanted: CaptureOptions, view: ViewOptions) -> None:
        from ucdiag.capture.live import Live

        secrets, self._of_key_logs = _read_key_logs(wanted, follow=True)
        self._live = Live(
            self.name,
            _host_filter(wanted),
            ports=wanted.ports,
            patience=wanted.patience,
            count=wanted.count,
            duration=wanted.duration,
            write=wanted.write,
            sniffer=wanted.sniffer,
            secrets=secrets,
        )
        if wanted.until_done or wanted.facts:
            # Somebody waits for what the last packet says.
            self._live.look_around = 0.03
        if wanted.until_done:
            # By then nothing came for as long as that.
            self._live.held_back /= 2
        if self.interrupted:
            self._live.stop()
        from ucdiag.cli.lazy_modules import preload_bundling, preload_decryption, preload_lazy_modules

        preload_lazy_modules()
        if secrets is not None:
            preload_decryption()
        if view.bundle is not None or view.mask:
            preload_bundling()
        _hold_outputs(wanted, view, self._live)
        if self._live.become(wanted.user):
            _confine_capture(wanted, view)
        if self._live.beside is not None and not view.quiet:
            from ucdiag.cli.crash import print_message

            print_message(f"{wanted.write} stays until the end; until then the packets are in {self._live.beside}.")

    def _stop_at(self, number: int, frame: object) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        if hasattr(self, "_live"):
            self._live.stop()

    def _restore_signals(self) -> None:
        import signal

        for number, handler in self._before:
            signal.signal(number, handler)

    @property
    def unread(self) -> Sequence[Problem]:
        """The problem of packets that were captured and could not be written."""
        return () if self.unwritten is None else (self.unwritten,)

    @property
    def unwritten(self) -> Problem | None:
        """Why not all the packets that matter could be written."""
        return self._live.unwritten

    def census(self) -> "Census | None":
        """Nothing can be read twice."""
        return None

    @property
    def observer(self) -> "PacketTracker":
        return self._live.observer

    @property
    def packets(self) -> int:
        return self._live.packets

    @property
    def lost(self) -> int:
        return self._live.lost or 0

    @property
    def counts_loss(self) -> bool:
        """Whether it is known how many packets were lost."""
        return self._live.lost is not None

    @property
    def at(self) -> Microseconds:
        """The time now, in microseconds since the epoch."""
        return time_ns() // 1000

    def stop(self) -> None:
        self._live.stop()

    def status(self) -> str:
        """What goes on, and what to do, in one line."""
        passed = monotonic() - self._since
        return listening_text(self.name, self.packets, passed, self._duration, self._written)

    def watch(self, look: Callable[[], None]) -> None:
        """Nothing to arrange: ``read`` gives ``None`` often enough."""

    def read(self) -> Iterator[Observation | Problem | Again | None]:
        yield from self._of_key_logs
        try:
            yield from self._live.read()
        finally:
            self._restore_signals()
