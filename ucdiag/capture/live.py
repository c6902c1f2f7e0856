"""An interface to observations, as it happens: on Linux through a packet ring, elsewhere through scapy's socket."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from ucdiag.capture.prefilter import PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

_LOOK_AROUND = 0.2  # seconds between two looks at the clock when nothing comes
# How long the kernel may hold back packets, in seconds, and in how many pieces they may come then.
_HELD_BACK, _PIECES = 0.1, 32


class CaptureDevice(Protocol):
    """Where the packets of one interface come from.

    ``link`` is the link type, ``first`` the time of the first packet, ``unwritten`` what stood in the way of writing.
    """

    link: int
    first: Microseconds | None
    unwritten: CannotTest | None

    def wait(self, seconds: Seconds) -> None:
        """Until packets are there, or the time is up. Raises OSError when the interface went away."""

    def take(self, prefilter: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """Works through some of the packets that are there, up to packet ``stop``; the number of the next packet."""

    def lost(self) -> int:
        """Packets that were dropped since the last call."""

    def close(self) -> None:
        """The end."""


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
        now: Callable[[], Microseconds] = lambda: time.time_ns() // 1000,
    ) -> None:
        self.interface = interface
        self._finished: list[Observation] = []
        self.observer = PacketTracker(
            self._finished.append, interest, ports=ports, patience=patience, read_update=read_captured_answer
        )
        self._prefilter = PacketPrefilter(self.observer)
        self._stop_at = 1 << 62 if count is None else count + 1
        self._duration = duration
        self._now = now
        self._frame = 1
        self._first: int | None = None
        self._last: int | None = None
        self._stopped = False
        self.lost = 0
        self.unwritten: Problem | None = None
        self._device = _open_device(interface, ports)
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

    def become(self, user: str | None) -> str | None:
        """Gives up root's rights for those of ``user`` (default: who called sudo, else nobody); whose they are now.

        ``None`` when there was nothing to give up. Raises CannotTest for a user that does not exist.
        """
        if sys.platform == "win32" or os.geteuid() != 0:
            return None
        name, uid, gid = _account(user)
        if uid == 0:
            return name
        if self.writer is not None:
            try:
                os.fchown(self.writer.handle, uid, gid)
            except OSError:
                pass  # a file system without owners, or a pipe: the handle stays usable in any case
        try:
            os.initgroups(name, gid)
            os.setgid(gid)
            os.setuid(uid)
        except OSError as error:
            raise CannotTest("no-privilege", f"The rights of {name} cannot be taken on: {error.strerror}.") from error
        return name

    def read(self) -> Iterator[Observation | Problem | None]:
        """Observations as they are finished; ``None`` from time to time, so that the caller can look around; at last
        the Extent."""
        ends = None if self._duration is None else time.monotonic() + self._duration
        try:
            while not self._stopped and self._frame < self._stop_at:
                left = _LOOK_AROUND if ends is None else min(_LOOK_AROUND, ends - time.monotonic())
                if left <= 0:
                    break
                try:
                    self._device.wait(left)
                    self._frame = self._device.take(self._prefilter, self._frame, self._stop_at, self.writer)
                except OSError as error:
                    yield Problem(
                        code="capture-ended",
                        text=f"The interface {self.interface} went away: {error.strerror or error}.",
                    )
                    break
                if self._first is None:
                    self._first = self._device.first
                self.observer.tick(self._now())
                yield from self._taken()
                yield None
                if self._device.unwritten is not None:
                    yield self._failed(self._device.unwritten)
                    break
            if self.unwritten is None:
                yield from self._rest()
                if self._device.unwritten is not None:
                    yield self._failed(self._device.unwritten)
            self.lost += self._device.lost()
            end = self._now()
            self.observer.finish(end)
            yield from self._taken()
            if self.writer is not None and self.unwritten is None:
                try:
                    self.writer.ended(end * 1000, self.lost)
                except CannotTest as cannot:
                    yield self._failed(cannot)
            yield Extent(
                time=self._first if self._first is not None else end,
                end=end,
                packets=self.packets,
                lost=self.lost,
                dropped=self.observer.dropped,
                cut=self.observer.unreadable,
            )
        finally:
            self._device.close()
            if self.writer is not None:
                self.writer.close()

    def _rest(self) -> Iterator[Observation]:
        """Of what came before the end, and the kernel may hold back for as long as a block is not full."""
        time.sleep(_HELD_BACK)
        for _ in range(_PIECES):
            with suppress(OSError):  # it went away
                self._device.wait(0)
            self._frame = self._device.take(self._prefilter, self._frame, self._stop_at, self.writer)
            yield from self._taken()
        if self._first is None:
            self._first = self._device.first

    def _failed(self, cannot: CannotTest) -> Problem:
        self.unwritten = Problem(code=cannot.code, text=cannot.text)
        return self.unwritten

    def _taken(self) -> list[Observation]:
        taken = self._finished[:]
        self._finished.clear()
        return taken


def _open_device(name: str, ports: frozenset[int]) -> CaptureDevice:
    if sys.platform == "linux":
        from ucdiag.capture.packet_ring import PacketRing

        return PacketRing(name, sorted(ports))
    from ucdiag.capture.scapy_socket import ScapyDevice

    return ScapyDevice(name, sorted(ports))


def _account(user: str | None) -> tuple[str, int, int]:
    """Name, user and group number of who gets the rights. Raises CannotTest for a user that does not exist."""
    if sys.platform == "win32":
        raise NotImplementedError("Windows has no users to change to")
    import pwd

    wanted = user or os.environ.get("SUDO_USER") or "nobody"
    try:
        account = pwd.getpwuid(int(wanted)) if wanted.isdigit() else pwd.getpwnam(wanted)
    except (KeyError, OverflowError) as error:
        raise CannotTest(
            "no-user", f"There is no user {wanted!r} whose rights could be taken on: give one with -Z."
        ) from error
    return account.pw_name, account.pw_uid, account.pw_gid
