"""Where ``ucdiag capture`` gets its packets: from files, or from an interface."""

from collections.abc import Iterator, Sequence
from time import time_ns
from typing import TYPE_CHECKING

from ucdiag.cli.capture_options import CaptureOptions
from ucdiag.cli.lazy_modules import preload_lazy_modules
from ucdiag.cli.runner import ViewOptions
from ucdiag.model.observations import Observation
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Microseconds, SourceKind
from ucdiag.runtime.context import CannotTest

if TYPE_CHECKING:
    from ucdiag.capture.filtered_copy import CopyingFileReader
    from ucdiag.capture.live import Live
    from ucdiag.wire.host_filter import HostFilter
    from ucdiag.wire.packet_tracker import PacketTracker


def _host_filter(wanted: CaptureOptions) -> "HostFilter":
    from ucdiag.wire.host_filter import HostFilter

    return HostFilter(
        everything=wanted.facts,
        macs=frozenset(bytes.fromhex(mac.replace(":", "")) for mac in wanted.macs),
        leased=wanted.everyone,
    )


class FileCapture:
    """Captures in files, or on standard input."""

    kind: SourceKind = "file"
    _copy: "CopyingFileReader | None" = None

    def __init__(self, wanted: CaptureOptions) -> None:
        from ucdiag.capture.file_reader import CaptureFileReader

        names = wanted.read
        self.name = ", ".join("standard input" if name == "-" else name for name in names)
        self.limited = True
        self.until_done = False
        self._names = names
        self._reading: CaptureFileReader
        hosts, ports = _host_filter(wanted), wanted.ports
        if wanted.write is None:
            self._reading = CaptureFileReader(hosts, ports=ports, patience=wanted.patience, limit=wanted.count)
            return
        from ucdiag.capture.filtered_copy import CopyingFileReader

        self._reading = self._copy = CopyingFileReader(
            hosts, write=wanted.write, ports=ports, patience=wanted.patience, limit=wanted.count
        )

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
    def at(self) -> Microseconds:
        """The time that the capture has come to."""
        return self._reading.last or 0

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

    def read(self) -> Iterator[Observation | Problem | None]:
        return self._reading.read(self._names)

    def stop(self) -> None:
        """Nothing to stop: what ends the reading is the end of the file."""


class LiveCapture:
    """An interface. The first Ctrl-C or SIGTERM ends the capture, and the report follows; the second ends it all."""

    kind: SourceKind = "live"
    _live: "Live"

    def __init__(self, wanted: CaptureOptions, interface: str, view: ViewOptions) -> None:
        import signal

        self.name = interface
        self.until_done = wanted.until_done
        self.limited = bool(wanted.count or wanted.duration or wanted.until_done)
        self.interrupted = False
        # Before the reading begins: what came until then is judged too.
        self._before = [(number, signal.signal(number, self._stop_at)) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            self._open(wanted, view)
        except BaseException:
            self._restore()
            raise

    def _open(self, wanted: CaptureOptions, view: ViewOptions) -> None:
        from ucdiag.capture.live import Live

        self._live = Live(
            self.name,
            _host_filter(wanted),
            ports=wanted.ports,
            patience=wanted.patience,
            count=wanted.count,
            duration=wanted.duration,
            write=wanted.write,
        )
        if self.interrupted:
            self._live.stop()
        preload_lazy_modules()
        self._live.become(wanted.user)
        if view.output is not None:
            from ucdiag.cli.output import why_not_writable

            why = why_not_writable(view.output)
            if why:
                advice = "write elsewhere, or keep them with -Z root"
                text = f"{view.output!r} cannot be written without root's rights ({why}): {advice}."
                raise CannotTest("output", text)

    def _stop_at(self, number: int, frame: object) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        if hasattr(self, "_live"):
            self._live.stop()

    def _restore(self) -> None:
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

    @property
    def observer(self) -> "PacketTracker":
        return self._live.observer

    @property
    def packets(self) -> int:
        return self._live.packets

    @property
    def lost(self) -> int:
        return self._live.lost

    @property
    def at(self) -> Microseconds:
        """The time that the capture has come to."""
        return time_ns() // 1000

    def stop(self) -> None:
        self._live.stop()

    def read(self) -> Iterator[Observation | Problem | None]:
        try:
            yield from self._live.read()
        finally:
            self._restore()
