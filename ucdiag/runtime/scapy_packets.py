"""scapy's packet sockets: what a capture listens with, and DHCP is asked with, where Linux' own ways are not there.

scapy has two kinds. With libpcap, or Npcap on Windows, it calls that library: every system has it or can have it, it
filters in the kernel and counts what it lost. Without the library, scapy opens the system's own socket: AF_PACKET on
Linux, /dev/bpf on macOS. Windows has none. Both kinds are tried on Linux, with scapy 2.5.0 and the newest; on Windows
and macOS they are not.

Where scapy's own methods hide what happened, the library is called beside them: scapy takes an error of
``pcap_next_ex`` or ``pcap_inject`` for "no packet" and "sent".
"""

import contextlib
import ctypes
import errno
import functools
import logging
import socket
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ucdiag.model.visible_text import quoted
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.scapy_cache import leave_out_scapy_cache

_LONGEST = 65535
_SOON = 0.01  # seconds
_LOOK_EVERY = 1.0  # seconds between two looks whether a silent interface is up
_UP = 2  # PCAP_IF_UP of pcap_findalldevs(3PCAP)
KEPT = 32 << 20  # bytes that the kernel keeps for libpcap
_RECEIVE_BUFFER = 8 << 20  # bytes, for the sockets that scapy gives 64 KiB
# pcap_pkthdr: struct timeval of two C longs, captured length, length. macOS' microseconds are 32 bits and padding.
_HEADER = struct.Struct("@llII")
_WORD = 0xFFFFFFFF
_STATISTICS_ROOM = 64  # bytes: pcap_stat has three to six numbers, by the library
# linux/if_packet.h, asm-generic/socket.h
_SOL_PACKET, _PACKET_STATISTICS, _IGNORE_OUTGOING, _SO_ATTACH_FILTER, _SO_RCVBUFFORCE = 263, 6, 23, 26, 33
_LOOPBACK = 772
# The DLT number of each kind of interface (ARPHRD_* of linux/if_arp.h): Ethernet, loopback, no header, and 802.11.
_DLT_OF = {1: 1, _LOOPBACK: 1, 65534: 12, 801: 105, 803: 127}

# How libpcap, Npcap, the kernel and scapy say it.
_NO_RIGHT = ("permission", "denied", "not permitted", "root", "administrator")
_GONE = {
    "is down": errno.ENETDOWN,
    "went down": errno.ENETDOWN,
    "disappeared": errno.ENODEV,
    "no such device": errno.ENODEV,
    "no such interface": errno.ENODEV,
}


class RawPacket(NamedTuple):
    """``time`` is microseconds since the epoch, ``length`` how long it was on the wire, ``data`` what was captured."""

    time: Microseconds
    length: int
    data: bytes


@functools.cache
def load_scapy() -> Any:
    """scapy's ``conf``, with this system's sockets, interfaces and routes in it.

    Raises ImportError, whatever scapy met: on Windows it takes functions out of the system's libraries, and an older
    system or another libpcap may lack one (AttributeError, OSError).
    """
    # It warns of machines without an IPv4 default route, and of a missing library, in the middle of our own output.
    logging.getLogger("scapy").setLevel(logging.CRITICAL)
    try:
        leave_out_scapy_cache()
        import scapy.arch
        from scapy.config import conf
    except ImportError:
        raise
    except Exception as error:
        raise ImportError(str(error)) from error

    if not conf.use_pcap:
        # It stays off where there is no libpcap.
        with contextlib.suppress(Exception):
            conf.use_pcap = True
    if conf.iface is None:
        # Which interface has the default route is known only after this.
        with contextlib.suppress(Exception):
            import scapy.route  # noqa: F401
    return conf


def scapy_missing(purpose: str, error: ImportError) -> str:
    """The sentence that says why ``purpose`` is not possible without scapy."""
    if isinstance(error, ModuleNotFoundError) and error.name == "scapy":
        return f"{purpose} needs scapy: 'pip install scapy'."
    return f"{purpose} needs scapy, and it cannot be loaded: {error}. 'ucdiag doctor' says what to do."


def has_library() -> bool:
    """Whether scapy can use libpcap or Npcap. Raises ImportError without scapy."""
    return bool(load_scapy().use_pcap)


def library_version() -> str | None:
    """The version of libpcap or Npcap in its own words, ``None`` without it. Raises ImportError without scapy."""
    if not has_library():
        return None
    from scapy.libs.winpcapy import pcap_lib_version

    return str(pcap_lib_version().decode("ascii", "replace"))


def scapy_version() -> str:
    """Raises ImportError."""
    import scapy

    return str(scapy.__version__)


def find_device(name: str) -> Any:
    """scapy's description of an interface, by any of its names. Raises LookupError where there is none.

    On Windows that is what Windows calls it ("Ethernet"), what its maker does, its GUID, or Npcap's
    ``\\Device\\NPF_{...}``.
    """
    devices = list(load_scapy().ifaces.values())
    names: tuple[tuple[str, ...], ...] = (("network_name",), ("name",), ("description", "guid"))
    for kinds in names:
        for device in devices:
            known = [str(getattr(device, kind, None) or "") for kind in kinds]
            if name in known or (sys.platform == "win32" and name.lower() in map(str.lower, known)):
                return device
    raise LookupError(f"scapy knows no interface {quoted(name)}")


def error_of(text: str) -> OSError:
    """What a library says, as the system would: PermissionError, or an OSError with its number where it is known."""
    lowered = text.lower()
    for words, number in _GONE.items():
        if words in lowered:
            return OSError(number, text)
    if any(word in lowered for word in _NO_RIGHT):
        return PermissionError(errno.EPERM, text)
    return OSError(errno.EIO, text)


@contextlib.contextmanager
def _large_buffer() -> Iterator[None]:
    """Has what is opened meanwhile keep as many packets as the packet ring does.

    libpcap keeps 2 MiB, and takes another size only between creating a capture and activating it, which scapy does in
    one go; scapy 2.5 does not create it in that way, and keeps the 2 MiB.
    """
    if not has_library():
        yield
        return
    from scapy.libs import winpcapy

    activate, library = getattr(winpcapy, "pcap_activate", None), getattr(winpcapy, "_lib", None)
    enlarge = getattr(library, "pcap_set_buffer_size", None)
    if activate is None or enlarge is None:
        yield
        return

    def activate_enlarged(handle: Any) -> Any:
        enlarge(handle, KEPT)
        return activate(handle)

    winpcapy.pcap_activate = activate_enlarged
    try:
        yield
    finally:
        winpcapy.pcap_activate = activate


class ScapySocket:
    """A packet socket of scapy on one interface, which listens, or with ``sends`` also sends.

    ``link`` is the DLT number of its packets (pcap-linktype(7)), ``counts`` whether it knows how many packets it lost.
    ``filters`` are expressions of pcap-filter(7): the first that this kind of link understands is used; ``program``
    (``struct sock_filter``, for Ethernet) stands in for them on Linux without libpcap.

    Opening raises ImportError, LookupError (no such interface), PermissionError, OSError.
    """

    def __init__(self, name: str, filters: Sequence[str] = (), program: bytes = b"", *, sends: bool = False) -> None:
        conf = load_scapy()
        from scapy.error import Scapy_Exception

        device = find_device(name)
        kind = conf.L2socket if sends else conf.L2listen
        if kind is None:
            raise OSError(errno.EPROTONOSUPPORT, "scapy has no packet socket here")
        try:
            with _large_buffer():
                self._socket = kind(iface=device, promisc=True)
        except PermissionError:
            raise
        except OSError as error:
            raise error_of(str(error)) if error.errno is None else error from error
        except (Scapy_Exception, ValueError, RuntimeError, AttributeError) as error:
            raise error_of(str(error)) from error
        self._ready = False
        self._looked = time.monotonic()
        try:
            self._way = _way_of(self._socket, str(device.network_name), filters, program)
        except BaseException:
            self._socket.close()
            raise
        self.link = self._way.link
        self.counts = self._way.counts

    def wait(self, seconds: Seconds) -> bool:
        """Until packets are there, or the time is up; whether there may be some. Raises OSError."""
        if self._ready:
            # It said so the last time, and there was none: without a pause this would go round and round.
            time.sleep(min(seconds, _SOON))
        self._ready = bool(type(self._socket).select([self._socket], seconds))
        return self._ready

    def packets(self, most: int) -> list[RawPacket]:
        """Those that are there, at most so many. Raises OSError when the interface went away, or down."""
        found = self._way.packets(most)
        if found:
            self._ready = False
        elif time.monotonic() - self._looked > _LOOK_EVERY:
            self._looked = time.monotonic()
            self._way.raise_when_down()
        return found

    def lost(self) -> int | None:
        """How many packets were lost since it was opened; ``None`` where that is not counted."""
        return self._way.lost()

    def send(self, frame: bytes) -> None:
        """Send one frame. Raises OSError."""
        self._way.send(frame)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class _ByLibrary:
    """libpcap or Npcap."""

    def __init__(self, sock: Any, name: str, filters: Sequence[str]) -> None:
        from scapy.libs import winpcapy

        self._library = winpcapy
        self._wrapper = sock.pcap_fd
        self._pcap = sock.pcap_fd.pcap
        self.link = int(sock.pcap_fd.datalink())
        self._header = ctypes.POINTER(winpcapy.pcap_pkthdr)()
        self._data = ctypes.POINTER(ctypes.c_ubyte)()
        self._arguments = self._pcap, ctypes.byref(self._header), ctypes.byref(self._data)
        # The same memory as those two pointers, as numbers.
        self._header_at = ctypes.c_void_p.from_buffer(self._header)
        self._data_at = ctypes.c_void_p.from_buffer(self._data)
        self._failed: OSError | None = None
        self._name = name
        self._was_up = self._is_up()
        self._wrapper.setnonblock(True)
        # Npcap has a function of its own for that, and keeps 1 MB without it.
        enlarge = getattr(winpcapy, "pcap_setbuff", None)
        if enlarge is not None:
            enlarge(self._pcap, KEPT)
        self._set_filter(filters)
        self.counts = self.lost() is not None

    def _set_filter(self, expressions: Sequence[str]) -> None:
        from scapy.error import Scapy_Exception

        for expression in expressions:
            with contextlib.suppress(Scapy_Exception, OSError):
                # scapy 2.5 returns False where 2.8 raises.
                if self._wrapper.setfilter(expression) is not False:
                    return

    def packets(self, most: int) -> list[RawPacket]:
        if self._failed is not None:
            raise self._failed
        following, string_at, unpack = self._library.pcap_next_ex, ctypes.string_at, _HEADER.unpack
        size = _HEADER.size
        found: list[RawPacket] = []
        for _ in range(most):
            got = following(*self._arguments)
            if got != 1:
                # scapy's fileno() on Windows: nothing is left, so there is something to wait for.
                self._wrapper.remaining = False
                if got == -1:
                    self._failed = error_of(self._error_text())
                    if not found:
                        raise self._failed
                break
            seconds, rest, captured, length = unpack(string_at(self._header_at.value or 0, size))
            data = string_at(self._data_at.value or 0, captured)
            found.append(RawPacket(seconds * 1_000_000 + (rest & _WORD), length, data))
        return found

    def _is_up(self) -> bool | None:
        """``None`` where the library does not list the interface."""
        from scapy.arch.libpcap import load_winpcapy

        load_winpcapy()
        known = load_scapy().cache_pcapiflist.get(self._name)
        return None if known is None else bool(int(known[2]) & _UP)

    def raise_when_down(self) -> None:
        """libpcap goes on listening to an interface that went down, which is as silent as one where nobody speaks."""
        if self._was_up and not self._is_up():
            raise OSError(errno.ENETDOWN, "it is down")

    def _error_text(self) -> str:
        return bytes(self._library.pcap_geterr(self._pcap) or b"").decode("utf-8", "replace") or "unknown error"

    def lost(self) -> int | None:
        room = ctypes.create_string_buffer(_STATISTICS_ROOM)
        statistics = ctypes.cast(room, ctypes.POINTER(self._library.pcap_stat))
        try:
            if self._library.pcap_stats(self._pcap, statistics) != 0:
                return None
        except (OSError, ValueError):
            return None
        return int(statistics.contents.ps_drop)

    def send(self, frame: bytes) -> None:
        if self._wrapper.send(frame) < 0:
            raise error_of(self._error_text())


class _BySystem:
    """The system's own socket, where there is no libpcap."""

    def __init__(self, sock: Any, program: bytes) -> None:
        self._socket = sock
        self._lost = 0
        linux = getattr(sock, "ins", None)
        self._linux = linux if isinstance(linux, socket.socket) else None
        if self._linux is not None:
            kind = self._linux.getsockname()[3]
            self.link = _DLT_OF.get(kind, -kind)
            self._set_options(self._linux, kind, program)
        else:
            layer, numbers = getattr(sock, "guessed_cls", None), load_scapy().l2types.layer2num
            self.link = int(numbers[layer]) if layer in numbers else 1
        self.counts = self.lost() is not None

    def _set_options(self, sock: socket.socket, kind: int, program: bytes) -> None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
        if kind == _LOOPBACK:
            # What goes over loopback would come twice.
            with contextlib.suppress(OSError):
                sock.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, 1)
        if program and kind in (1, _LOOPBACK):
            held = ctypes.create_string_buffer(program)
            pointer = struct.pack("HP", len(program) // 8, ctypes.addressof(held))
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)

    def packets(self, most: int) -> list[RawPacket]:
        found: list[RawPacket] = []
        while len(found) < most and type(self._socket).select([self._socket], 0):
            _, data, moment = self._socket.recv_raw(_LONGEST)
            if data is None:
                break
            at = round(float(moment) * 1_000_000) if moment is not None else time.time_ns() // 1000
            found.append(RawPacket(at, len(data), bytes(data)))
        return found

    def lost(self) -> int | None:
        if self._linux is not None:
            try:
                # struct tpacket_stats: packets, drops; each look sets them back to zero.
                self._lost += struct.unpack("=II", self._linux.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))[1]
            except OSError:
                return None
            return self._lost
        statistics = getattr(self._socket, "get_stats", None)
        counted = statistics()[1] if statistics is not None else None
        return None if counted is None else int(counted)

    def raise_when_down(self) -> None:
        """Nothing to do: the system's socket says so itself."""

    def send(self, frame: bytes) -> None:
        from scapy.packet import Raw

        self._socket.send(Raw(frame))


def _way_of(sock: Any, name: str, filters: Sequence[str], program: bytes) -> _ByLibrary | _BySystem:
    return _ByLibrary(sock, name, filters) if hasattr(sock, "pcap_fd") else _BySystem(sock, program)
