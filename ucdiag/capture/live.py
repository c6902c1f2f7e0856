"""An interface to observations, as it happens: on Linux through a packet ring, elsewhere through scapy."""

import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Microseconds, Seconds, Sniffer
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.privileges import is_root
from ucdiag.runtime.root_rights import give_up, successor_of_root
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

if TYPE_CHECKING:
    from ucdiag.wire.tls.secrets import TlsSecrets

_LOOK_AROUND = 0.2


class CaptureDevice(Protocol):
    """The source of the packets of one interface.

    ``link`` is the link type, ``first`` the time of the first packet, ``unwritten`` what stood in the way of writing,
    ``counts_loss`` whether ``count_lost`` can say anything, ``most_pieces`` how often ``take_packets`` gives some of
    what the kernel can hold, ``reached`` the time up to which it has given all, where there is more, or more than was
    counted; ``None``: up to now.
    """

    link: int
    counts_loss: bool
    most_pieces: int
    reached: Microseconds | None
    first: Microseconds | None
    unwritten: CannotTest | None

    def wait_for_packets(self, seconds: Seconds) -> None:
        """Until packets are there, or the time is up. Raises OSError when the interface went away."""

    def take_packets(self, prefilter: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """Works through some of the packets that are there, up to packet ``stop``; the number of the next packet."""

    def count_lost(self) -> int | None:
        """Packets that were dropped since the last call; ``None`` where that is not counted."""

    def close(self) -> None:
        """Close the socket."""


class Live:
    """Captures on one interface until ``stop`` is called, ``count`` packets or ``duration`` seconds have passed.

    Opening needs privilege; ``become`` then gives it up. ``packets`` counts those that passed the filter, and so are
    numbered as in a file that is written at the same time. ``unwritten`` says why not all of them could be written:
    that ends the capture too, since who leaves it alone for hours counts on the file.
    """

    def __init__(
        self,
        interface: str,
        interest: HostFilter,
        *,
        ports: frozenset[int] = frozenset({80, 443}),
        patience: Seconds = 5.0,
        count: int | None = None,
        duration: float | None = None,
        write: str | None = None,
        sniffer: Sniffer = "auto",
        secrets: "TlsSecrets | None" = None,
        now: Callable[[], Microseconds] = lambda: time.time_ns() // 1000,
    ) -> None:
        self.interface = interface
        #: How long the kernel may hold back packets, in seconds.
        self.held_back = 0.1
        #: Seconds between two looks at the clock when nothing comes.
        self.look_around = _LOOK_AROUND
        self._finished: list[Observation] = []
        self.observer = PacketTracker(
            self._finished.append, interest, ports=ports, patience=patience, read_update=read_captured_answer
        )
        if secrets is not None:
            self.observer.use_secrets(secrets)
        self._prefilter = PacketPrefilter(self.observer)
        self._stop_at = 1 << 62 if count is None else count + 1
        self._duration = duration
        self._now = now
        self._frame = 1
        self._first: int | None = None
        self._last: int | None = None
        self._stopped = False
        self.unwritten: Problem | None = None
        self._device = _open_device(interface, ports, sniffer)
        #: How many packets were lost, ``None`` where that is not counted.
        self.lost: int | None = 0 if self._device.counts_loss else None
        try:
            self.writer = None if write is None else Writer(write, self._device.link, interface)
        except CannotTest:
            self._device.close()
            raise

    @property
    def packets(self) -> int:
        return self._frame - 1

    def stop(self) -> None:
        """Ends ``read`` soon: it then gives what is still open. May be called from a signal handler."""
        self._stopped = True

    @property
    def beside(self) -> str | None:
        """See ``Writer``."""
        return self.writer.beside if self.writer is not None else None

    def entrust(self) -> None:
        """See ``Writer``."""
        if self.writer is not None:
            self.writer.entrust()

    def become(self, user: str | None) -> str | None:
        """Gives up root's rights for those of ``user`` (default: who called sudo, else nobody); whose they are now.

        ``None`` when there was nothing to give up, or they shall stay (``root``). Raises CannotTest for a user that
        does not exist.
        """
        if sys.platform == "win32" or not is_root():
            return None
        account = successor_of_root(user)
        if self.writer is not None and account.uid and account.owner is not None:
            self.writer.give_to(*account.owner)
        return account.name if give_up(account) else None

    def read(self) -> Iterator[Observation | Problem | None]:
        """Observations as they are finished; ``None`` from time to time, so that the caller can look around; at last
        the Extent."""
        ends = None if self._duration is None else time.monotonic() + self._duration
        try:
            yield from self._begin_writing()
            while self.unwritten is None and not self._stopped and self._frame < self._stop_at:
                left = self.look_around if ends is None else min(self.look_around, ends - time.monotonic())
                if left <= 0:
                    break
                try:
                    self._device.wait_for_packets(left)
                    self._frame = self._device.take_packets(self._prefilter, self._frame, self._stop_at, self.writer)
                except OSError as error:
                    yield Problem(
                        code="capture-ended",
                        text=f"The interface {self.interface} went away: {error.strerror or error}.",
                    )
                    break
                if self._first is None:
                    self._first = self._device.first
                self.observer.tick(self._time_reached())
                yield from self._take_finished()
                yield None
                if self._device.unwritten is not None:
                    yield self._note_unwritten(self._device.unwritten)
            if self.unwritten is None:
                yield from self._read_rest()
                if self._device.unwritten is not None:
                    yield self._note_unwritten(self._device.unwritten)
            if self.lost is not None:
                self.lost += self._device.count_lost() or 0
            end = self._time_reached()
            self.observer.finish(end)
            yield from self._take_finished()
            yield from self._decryption_problems()
            if self.writer is not None and self.unwritten is None:
                try:
                    self.writer.write_end(end * 1000, self.lost)
                    self.writer.keep()
                except CannotTest as cannot:
                    yield self._note_unwritten(cannot)
            yield Extent(
                time=self._first if self._first is not None else end,
                end=end,
                packets=self.packets,
                lost=self.lost,
                dropped=self.observer.dropped,
                cut=self.observer.unreadable_packets,
            )
        finally:
            self._device.close()
            if self.writer is not None:
                self.writer.close()

    def _begin_writing(self) -> Iterator[Problem]:
        """All that can fail before has not: now what stood in the file goes."""
        if self.writer is not None:
            try:
                self.writer.begin_file()
            except CannotTest as cannot:
                yield self._note_unwritten(cannot)

    def _decryption_problems(self) -> list[Problem]:
        """What the keys at hand did not open."""
        if self.observer.secrets is None:
            return []
        from ucdiag.capture.key_log import decryption_problems

        return decryption_problems(self.observer.secrets, self.observer.connections.decryption)

    def _read_rest(self) -> Iterator[Observation]:
        """The observations of packets that came before the end: the kernel may hold them back until a block is full."""
        time.sleep(self.held_back)
        for _ in range(self._device.most_pieces):
            with suppress(OSError):  # it went away
                self._device.wait_for_packets(0)
                self._frame = self._device.take_packets(self._prefilter, self._frame, self._stop_at, self.writer)
            yield from self._take_finished()
        if self._first is None:
            self._first = self._device.first

    def _time_reached(self) -> Microseconds:
        """Up to when all packets were seen: now, or in the packets' time while the kernel holds more of them.

        The program may have been away for longer than the patience, and the answers be among those packets.
        """
        reached = self._device.reached
        return self._now() if reached is None else reached

    def _note_unwritten(self, cannot: CannotTest) -> Problem:
        self.unwritten = Problem(code=cannot.code, text=cannot.text)
        return self.unwritten

    def _take_finished(self) -> list[Observation]:
        taken = self._finished[:]
        self._finished.clear()
        return taken


def has_ring() -> bool:
    """Whether this system has the packet ring."""
    return sys.platform == "linux" and hasattr(socket, "AF_PACKET") and hasattr(select, "poll")


def _open_device(name: str, ports: frozenset[int], sniffer: Sniffer) -> CaptureDevice:
    if sniffer == "ring" and not has_ring():
        raise CannotTest("no-packet-socket", "The packet ring is Linux' own: leave --sniffer ring out here.")
    if sys.platform == "linux" and has_ring() and sniffer != "scapy":
        from ucdiag.capture.packet_ring import PacketRing

        return PacketRing(name, sorted(ports))
    from ucdiag.capture.scapy_socket import ScapyDevice

    return ScapyDevice(name, sorted(ports))
