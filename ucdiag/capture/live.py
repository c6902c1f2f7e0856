"""An interface to observations, as it happens.

On Linux through a ring of memory that the kernel fills (PACKET_MMAP, version 3; packet(7) and
Documentation/networking/packet_mmap.rst of the kernel): no system call and no copy for a packet that does not matter.
Elsewhere through scapy's socket, which uses libpcap or Npcap.
"""

import errno
import mmap
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from ucdiag.capture.bpf import kernel_filter, raw_filter
from ucdiag.capture.prefilter import ACK, FLAGS_AT, MASK, TAGGED, PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.observations import Extent, Observation
from ucdiag.model.report import Problem
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.link.link_layer import ETHERNET, PLAIN, RAW
from ucdiag.wire.packet_tracker import PacketTracker

_BLOCK = 1 << 20
_BLOCKS = 32
_AT_ONCE = 1024  # packets, where there are no blocks
_RETIRE = 50  # milliseconds after which the kernel hands over a block that is not full
_PATIENCE = 0.2  # seconds between two looks at the clock when nothing comes
_CAP_HINT = (
    "run it as root (sudo), or give Python the right once: "
    "sudo setcap cap_net_raw,cap_net_admin+ep \"$(readlink -f '{python}')\""
)

_SOL_PACKET, _ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION = 263, 1, 5, 6, 10
_PROMISCUOUS, _VERSION_3, _ALL = 1, 2, 0x0003
_ATTACH_FILTER = 26
_USER = 1  # TP_STATUS_USER: the block is ours
_VLAN_VALID = 0x10
_OUTGOING = 4
# tpacket3_hdr: next, seconds, nanoseconds, captured, length, status, offset of the frame; hash; tag.
_HEADER = struct.Struct("=IIIIIIHH4xHH")
_STATION_AT = 48  # struct sockaddr_ll behind it; the type of packet is its byte 10
_ETHERNET_DEVICES = frozenset({1, 772})  # ARPHRD_ETHER, ARPHRD_LOOPBACK
_LINKS = {65534: RAW, 801: 105, 803: 127}  # ARPHRD_NONE (tunnels), 802.11, 802.11 with radiotap


@dataclass(frozen=True, slots=True)
class Interface:
    """One of the machine's interfaces. ``flaw`` says why nothing could be captured on it, if so."""

    name: str
    state: str
    addresses: tuple[str, ...] = ()
    flaw: str | None = None


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
        self._found: list[Observation] = []
        self.observer = PacketTracker(self._found.append, interest, ports=ports, patience=patience)
        self._sieve = PacketPrefilter(self.observer)
        self._stop_at = 1 << 62 if count is None else count + 1
        self._duration = duration
        self._now = now
        self._frame = 1
        self._first: int | None = None
        self._last: int | None = None
        self._stopped = False
        self.lost = 0
        self.unwritten: Problem | None = None
        self._device = _open(interface, ports)
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
        if os.name != "posix" or os.geteuid() != 0:
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
                left = _PATIENCE if ends is None else min(_PATIENCE, ends - time.monotonic())
                if left <= 0:
                    break
                try:
                    self._device.wait(left)
                    self._frame = self._device.take(self._sieve, self._frame, self._stop_at, self.writer)
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
        time.sleep(2 * _RETIRE / 1000)
        for _ in range(_BLOCKS):
            with suppress(OSError):  # it went away
                self._device.wait(0)
            self._frame = self._device.take(self._sieve, self._frame, self._stop_at, self.writer)
            yield from self._taken()
        if self._first is None:
            self._first = self._device.first

    def _failed(self, cannot: CannotTest) -> Problem:
        self.unwritten = Problem(code=cannot.code, text=cannot.text)
        return self.unwritten

    def _taken(self) -> list[Observation]:
        taken = self._found[:]
        self._found.clear()
        return taken


def _account(user: str | None) -> tuple[str, int, int]:
    import pwd

    wanted = user or os.environ.get("SUDO_USER") or "nobody"
    try:
        found = pwd.getpwuid(int(wanted)) if wanted.isdigit() else pwd.getpwnam(wanted)
    except (KeyError, OverflowError) as error:
        raise CannotTest(
            "no-user", f"There is no user {wanted!r} whose rights could be taken on: give one with -Z."
        ) from error
    return found.pw_name, found.pw_uid, found.pw_gid


def _open(name: str, ports: frozenset[int]) -> "_Ring | _ScapySocket":
    if sys.platform == "linux":
        return _Ring(name, sorted(ports))
    return _ScapySocket(name, sorted(ports))


class _Ring:
    """The kernel's ring for one interface. ``link`` is the link type, ``first`` the time of the first packet.

    ``unwritten`` is what stood in the way of writing.
    """

    def __init__(self, name: str, ports: list[int]) -> None:
        import ctypes

        self._at = 0
        self.first: Microseconds | None = None
        self.unwritten: CannotTest | None = None
        try:
            index = socket.if_nametoindex(name)
        except (OSError, ValueError) as error:
            raise CannotTest(
                "no-interface", f"There is no interface {name!r}: 'ucdiag capture -D' lists them."
            ) from error
        kind = _hardware(name)
        if kind not in _ETHERNET_DEVICES and kind not in _LINKS:
            raise CannotTest("no-interface", f"The interface {name} is of a kind ({kind}) that cannot be read.")
        self.link = ETHERNET if kind in _ETHERNET_DEVICES else _LINKS[kind]
        self._loopback = kind == 772
        try:
            program = kernel_filter(ports) if self.link == ETHERNET else raw_filter(ports) if self.link == RAW else b""
        except ValueError as error:
            raise CannotTest(
                "too-many-ports", "These are too many ports for one filter: give fewer with --port."
            ) from error
        self._socket = _packet_socket(name)
        try:
            self._socket.setsockopt(_SOL_PACKET, _VERSION, _VERSION_3)
            if program:
                held = ctypes.create_string_buffer(program)
                attached = struct.pack("HL", len(program) // 8, ctypes.addressof(held))
                self._socket.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, attached)
            ring = struct.pack("=7I", _BLOCK, _BLOCKS, 2048, _BLOCK // 2048 * _BLOCKS, _RETIRE, 0, 0)
            self._socket.setsockopt(_SOL_PACKET, _RX_RING, ring)
            self._map = mmap.mmap(self._socket.fileno(), _BLOCK * _BLOCKS)
            self._view = memoryview(self._map)
            if not self._loopback:
                self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("=iHH8x", index, _PROMISCUOUS, 0))
            self._socket.bind((name, _ALL))
            self._raise_error()
        except OSError as error:
            self._socket.close()
            if error.errno == errno.ENETDOWN:
                text = f"Nothing can be captured on {name}, which is down: 'sudo ip link set {name} up' first."
                raise CannotTest("no-interface", text) from error
            why = error.strerror or str(error)
            raise CannotTest("no-interface", f"Nothing can be captured on {name}: {why}.") from error
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLERR)

    def wait(self, seconds: Seconds) -> None:
        """Until packets are there, or the time is up. Raises OSError when the interface went away."""
        if self._status() & _USER:
            return
        for _, event in self._poll.poll(max(1, int(seconds * 1000))):
            if event & select.POLLERR:
                self._raise_error()

    def _raise_error(self) -> None:
        number = self._socket.getsockopt(1, 4)  # SOL_SOCKET, SO_ERROR
        if number:
            raise OSError(number, os.strerror(number))

    def take(self, sieve: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """Works through the next block if it is there, up to packet ``stop``; the number of the next packet.

        Not through several: what is found has to be fetched in between, and a full ring may hold a lot.
        """
        if self._status() & _USER and frame < stop and self.unwritten is None:
            frame = self._block(self._at * _BLOCK, sieve, frame, stop, writer)
            struct.pack_into("=I", self._view, self._at * _BLOCK + 8, 0)
            self._at = (self._at + 1) % _BLOCKS
        return frame

    def lost(self) -> int:
        """Packets that the kernel dropped since the last call."""
        try:
            found = self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 12)
        except OSError:
            return 0
        return int(struct.unpack("=III", found)[1])

    def close(self) -> None:
        self._view.release()
        self._map.close()
        self._socket.close()

    def _status(self) -> int:
        found: int = struct.unpack_from("=I", self._view, self._at * _BLOCK + 8)[0]
        return found

    def _block(self, start: int, sieve: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """One block. The loop is that of ``pcap.py``, on the kernel's headers."""
        view = self._view
        number, first = struct.unpack_from("=II", view, start + 12)
        if not number:
            return frame
        at = start + first
        mac_at: int = struct.unpack_from("=H", view, at + 24)[0]
        kind_at, ip_at = PLAIN.get(self.link, (0, 0))
        sieve.using(self.link, _clock, "=Q", 4, mac_at)
        if self.first is None:
            self.first = _clock(struct.unpack_from("=Q", view, at + 4)[0])
        skip, quiet, bulk, moved, idle = sieve.skip, sieve.quiet, sieve.bulk, sieve.moved, sieve.idle
        unpack = struct.Struct(f"=I8xI8x{mac_at + ip_at + 12 - 24}x12s").unpack_from
        kind_of = struct.Struct(f">{mac_at + kind_at}xH").unpack_from
        key_of = struct.Struct(f"{mac_at + ip_at + 16}x12s").unpack_from
        flags_at = mac_at + ip_at + FLAGS_AT
        brief = ip_at + 61
        written: list[bytes] = []
        for _ in range(min(number, stop - frame)):
            if at + mac_at + 64 > len(view):
                # The last packet of the last block, and too short for what the loop unpacks.
                following, size, key = struct.unpack_from("=I", view, at)[0], 0, b""
            else:
                following, size, key = unpack(view, at)
            if self._loopback and view[at + _STATION_AT + 10] == _OUTGOING:
                at += following
                continue
            if writer is not None:
                written.append(self._record(writer, at))
            shift = 0
            if not size or key in skip:
                pass
            elif key in bulk:
                run = bulk[key]
                if size == run.mark and run.left and view[at + flags_at] == ACK:
                    run.left -= 1
                    if run.length:
                        if run.at < 0:
                            moved.append(run)
                        run.at = at
                        run.number = frame
                else:
                    self._packet(sieve, at, size, frame, 0, key)
            else:
                kind = kind_of(view, at)[0]
                if kind == TAGGED:
                    key = key_of(view, at)[0]
                    shift = 4
                if kind not in idle and key not in skip and not (key in quiet and size < brief):
                    self._packet(sieve, at, size, frame, shift, key)
            frame += 1
            at += following
        sieve.settle(view)
        if writer is not None and written:
            try:
                writer.write(b"".join(written))
            except CannotTest as cannot:
                self.unwritten = cannot
        return frame

    def _packet(self, sieve: PacketPrefilter, at: int, size: int, frame: int, shift: int, key: bytes) -> None:
        *_, status, _, _, tag, _ = _HEADER.unpack_from(self._view, at)
        sieve.tag = (tag & 0x0FFF or None) if status & _VLAN_VALID else None
        sieve.packet(self._view, at, size, size, frame, shift, key)
        sieve.tag = None

    def _record(self, writer: Writer, at: int) -> bytes:
        """The packet for the file, with the tag that the kernel took off put back."""
        _, seconds, rest, size, length, status, mac_at, _, tag, kind = _HEADER.unpack_from(self._view, at)
        packet = bytes(self._view[at + mac_at : at + mac_at + size])
        if status & _VLAN_VALID and self.link == ETHERNET:
            packet = packet[:12] + struct.pack(">HH", kind or 0x8100, tag) + packet[12:]
            length += 4
        return writer.record(seconds * 1_000_000_000 + rest, packet, length)


def _clock(stamp: int) -> int:
    """Seconds and nanoseconds, as one number in the machine's byte order, in microseconds."""
    if sys.byteorder == "little":
        return (stamp & MASK) * 1_000_000 + (stamp >> 32) // 1000
    return (stamp >> 32) * 1_000_000 + (stamp & MASK) // 1000


def _packet_socket(name: str) -> socket.socket:
    try:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError as error:
        raise CannotTest("no-privilege", f"Capturing on {name} needs privilege: {_hint()}.") from error
    except OSError as error:
        raise CannotTest("no-interface", f"Nothing can be captured here: {error.strerror}.") from error


def _hint() -> str:
    return _CAP_HINT.format(python=sys.executable)


def _hardware(name: str) -> int:
    try:
        with open(f"/sys/class/net/{name}/type", encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to import
            return int(file.read())
    except (OSError, ValueError):
        return 1


class _ScapySocket:
    """Where there is no such ring: scapy's socket, one packet at a time."""

    def __init__(self, name: str, ports: list[int]) -> None:
        try:
            from scapy.config import conf
            from scapy.error import Scapy_Exception
        except ImportError as error:
            raise CannotTest("no-scapy", "Capturing here needs scapy: 'pip install scapy'.") from error
        wanted = " or ".join(f"tcp port {port}" for port in sorted({53, *ports}))
        expression = f"arp or udp port 53 or udp port 67 or udp port 68 or icmp or {wanted}"
        try:
            self._socket = conf.L2listen(iface=name, filter=f"({expression}) or (vlan and ({expression}))")
        except (OSError, Scapy_Exception, ValueError, RuntimeError) as error:
            raise CannotTest("no-interface", f"Nothing can be captured on {name}: {error}. {_pcap_hint()}") from error
        self.link = int(getattr(self._socket, "lladdr", 0) or ETHERNET)
        self.first: Microseconds | None = None
        self.unwritten: CannotTest | None = None

    def wait(self, seconds: Seconds) -> None:
        self._ready = bool(self._socket.select([self._socket], seconds))

    def take(self, sieve: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        stop = min(stop, frame + _AT_ONCE)
        while self._ready and frame < stop and self.unwritten is None:
            _, packet, moment = self._socket.recv_raw(65535)
            if packet is None:
                break
            moment = time.time() if moment is None else float(moment)
            if self.first is None:
                self.first = int(moment * 1_000_000)
            if writer is not None:
                try:
                    writer.write(writer.record(int(moment * 1_000_000_000), packet, len(packet)))
                except CannotTest as cannot:
                    self.unwritten = cannot
            sieve.observer.packet(int(moment * 1_000_000), frame, self.link, packet)
            frame += 1
            self._ready = bool(self._socket.select([self._socket], 0))
        return frame

    def lost(self) -> int:
        return 0

    def close(self) -> None:
        self._socket.close()


def _pcap_hint() -> str:
    if sys.platform == "win32":
        return "Npcap (https://npcap.com) must be installed, and the program run as administrator."
    return "Run it as root (sudo)."


def interfaces() -> list[Interface]:
    """The machine's interfaces, each with the reason why nothing could be captured on it, if there is one."""
    if sys.platform != "linux":
        return _scapy_interfaces()
    flaw = None
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        flaw = f"no privilege: {_hint()}"
    except OSError as error:
        flaw = error.strerror or "no packet sockets here"
    found = []
    for _, name in socket.if_nameindex():
        try:
            with open(f"/sys/class/net/{name}/operstate", encoding="ascii") as file:  # noqa: PTH123
                state = file.read().strip()
        except OSError:
            state = "unknown"
        kind = _hardware(name)
        known = kind in _ETHERNET_DEVICES or kind in _LINKS
        found.append(Interface(name, state, flaw=flaw if known else f"of a kind ({kind}) that cannot be read"))
    return found


def _scapy_interfaces() -> list[Interface]:
    try:
        from scapy.interfaces import get_working_ifaces
    except ImportError as error:
        raise CannotTest("no-scapy", "Listing interfaces here needs scapy: 'pip install scapy'.") from error
    return [Interface(str(each.name), "up", (str(each.ip),) if each.ip else ()) for each in get_working_ifaces()]
