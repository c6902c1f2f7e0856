"""Floors of the loops that every packet passes through: what Python takes to walk a capture and throw packets away.

``sifted`` rejects conversations on other ports and of other hosts by a set, as ``ucdiag capture`` does, and only counts
the packets of hosts that ask for the update server. ``mirror`` is the same where nearly all is DNS without a tag.
``held`` keeps a storm's messages of DHCP as bytes, each client's beside each other, and drops the oldest client's.
``counted`` takes every connection for a phone's, and counts segments that are alike. Nothing is put in order, kept,
judged or shown. Of Ethernet alone, in a little-endian pcap file or one of pcapng with one interface; what no file of
``tests.bench.table`` has is not looked for.
"""

import gc
import marshal
import os
import struct
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

_SIZE, _MARGIN, _FOREVER = 1 << 20, 256, 1 << 62
_TAGGED, _IPV4, _TCP, _UDP, _ACK = 0x8100, 0x0800, 6, 17, 0x10
_WATCHED = frozenset({80, 443, 5061})
_DNS, _LETTER = 53, ord("u")
_PORTS = struct.Struct(">8xHH").unpack
_DHCP, _GRANTED, _PHONE, _MOST_HELD = (b"\0\x44\0\x43", b"\0\x43\0\x44"), 5, b"CPE-OCPhone", 6000
# A file of pcapng begins so.
_SECTION = b"\x0a\x0d\x0d\x0a"

Piece = Callable[[memoryview, int], int]


class Layout:
    """Where a format has a record's length, and how many bytes that does not count. The packet is behind ``head``."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            blocks = file.read(4) == _SECTION
            self.begins, place = "4xI" if blocks else "8xI", 24
            self.head, self.uncounted = (28, 0) if blocks else (16, 16)
            if blocks:
                place = 0
                while True:
                    file.seek(place)
                    kind, length = struct.unpack("<II", file.read(8))
                    if kind == 6:
                        break
                    place += length
        #: Where the first packet's record is.
        self.first = place

    def look(self, fields: str, at: int) -> Callable[[memoryview, int], tuple[int, ...]]:
        """Unpacks the length, and ``fields`` that begin at a place of the packet."""
        return struct.Struct(
            f"<{self.begins}{self.head - struct.calcsize('<' + self.begins) + at}x{fields}"
        ).unpack_from


def read(path: Path, first: int, piece: Piece, end: int = _FOREVER) -> None:
    """Calls ``piece`` with what is in memory and where it was; it returns how far it came. ``end`` is not exact."""
    buffer = bytearray(_SIZE + _MARGIN)
    whole = memoryview(buffer)
    at = have = 0
    with path.open("rb", buffering=0) as file:
        file.seek(first)
        while file.tell() < end:
            left = have - at
            if left > 0:
                buffer[:left] = buffer[at:have]
            at, have = max(-left, 0), max(left, 0)
            got = file.readinto(whole[have:_SIZE])
            if not got:
                return
            have += got
            if at < have:
                at = piece(whole[:have], at)


class Sifted:
    """``seen`` packets, of which ``others`` are of ``hosts`` that ask for the update server."""

    def __init__(self, path: Path) -> None:
        layout = self._layout = Layout(path)
        self.seen = self.others = 0
        self.hosts: set[bytes] = set()
        self._rejected: set[bytes] = set()
        self._quiet: set[bytes] = set()
        self._runs: dict[bytes, int] = {}
        self._look = layout.look("12s", 26)
        self._second = struct.Struct(f">{layout.head + 12}xH16x12s").unpack_from
        read(path, layout.first, self.piece)

    def piece(self, view: memoryview, at: int) -> int:
        look, second, step = self._look, self._second, self._layout.uncounted
        rejected, quiet, runs = self._rejected, self._quiet, self._runs
        without_payload = 75 + self._layout.head - step
        seen = self.seen
        try:
            for seen in range(seen, _FOREVER):  # noqa: B007, B020
                size, key = look(view, at)
                if key in rejected:
                    at += step + size
                    continue
                if key not in runs and (key not in quiet or size >= without_payload):
                    shift = 0
                    kind, tagged = second(view, at)
                    if kind == _TAGGED:
                        if tagged in rejected:
                            at += step + size
                            continue
                        key, shift = tagged, 4
                    if key not in runs:
                        self._other(view, at + self._layout.head + shift, key)
                at += step + size
        except struct.error:
            pass
        self.seen = seen
        return at

    def _other(self, view: memoryview, at: int, key: bytes) -> None:
        """A packet of a conversation that is in no set yet, or of DNS, or of another protocol than IPv4."""
        if view[at + 12 : at + 14] != b"\x08\0":
            return
        protocol = view[at + 23]
        sport, dport = _PORTS(key)
        if protocol == _UDP and _DNS in (sport, dport):
            if view[at + 55] | 0x20 == _LETTER:
                self.hosts.add(key[:4] if dport == _DNS else key[4:8])
        elif protocol != _TCP or (sport not in _WATCHED and dport not in _WATCHED):
            self._rejected.add(key)
        elif key[:4] in self.hosts or key[4:8] in self.hosts:
            self._runs[key] = 0
        else:
            (self._quiet if dport in _WATCHED else self._rejected).add(key)
        self.others += 1


class Mirror:
    """``seen`` packets, of which ``others`` are no DNS, or of ``hosts``, those that ask for the update server."""

    def __init__(self, path: Path) -> None:
        layout = self._layout = Layout(path)
        self.seen = self.others = 0
        self.hosts: set[bytes] = set()
        self._look = layout.look("B2x4s4sHH17xB", 23)
        read(path, layout.first, self.piece)

    def piece(self, view: memoryview, at: int) -> int:
        look, hosts, step = self._look, self.hosts, self._layout.uncounted
        dns = _DNS << 8  # as it reads in the order of the file
        seen = self.seen
        try:
            for seen in range(seen, _FOREVER):  # noqa: B007, B020
                size, protocol, src, dst, sport, dport, letter = look(view, at)
                if (
                    protocol != _UDP
                    or letter | 0x20 == _LETTER
                    or not ((sport == dns and dst not in hosts) or (dport == dns and src not in hosts))
                ):
                    self.others += 1
                    if protocol == _UDP and dport == dns:
                        hosts.add(src)
                at += step + size
        except struct.error:
            pass
        self.seen = seen
        return at


class Held:
    """``clients`` has the last messages of DHCP by hardware address, at most ``_MOST_HELD``; ``leases`` whose an
    address is; ``phones`` the hardware addresses that name the class of phones."""

    def __init__(self, path: Path) -> None:
        layout = self._layout = Layout(path)
        self.seen = self.held = 0
        self.clients: OrderedDict[bytes, list[bytes]] = OrderedDict()
        self.leases: dict[bytes, bytes] = {}
        self.phones: set[bytes] = set()
        self._look = layout.look("4s", 34)
        read(path, layout.first, self.piece)

    def piece(self, view: memoryview, at: int) -> int:
        look, head, step, held = self._look, self._layout.head, self._layout.uncounted, self.held
        clients, leases, phones = self.clients, self.leases, self.phones
        seen, have = self.seen, len(view)
        try:
            while True:
                size, ports = look(view, at)
                if at + head + size > have:
                    break
                if ports in _DHCP:
                    message = bytes(view[at + head + 42 : at + head + size])
                    client = message[28:34]
                    if _PHONE in message:
                        phones.add(client)
                    if message[242] == _GRANTED:
                        leases[message[16:20]] = client
                    known = clients.get(client)
                    if known is None:
                        clients[client] = [message]
                    else:
                        known.append(message)
                        clients.move_to_end(client)
                    held += 1
                    if held > _MOST_HELD:
                        held -= len(clients.popitem(last=False)[1])
                seen += 1
                at += step + size
        except struct.error:
            pass
        self.seen, self.held = seen, held
        return at


class Counted:
    """``runs`` has for each conversation the length that its records say, and how many there were of it."""

    def __init__(self, path: Path, first: int = 0, end: int = _FOREVER) -> None:
        layout = self._layout = Layout(path)
        self.seen = 0
        self.runs: dict[bytes, list[int]] = {}
        self._look = layout.look("H12x12s9xB", 12)
        self._tagged = struct.Struct(f"{layout.head + 30}x12s9xB").unpack_from
        read(path, first or layout.first, self.piece, end)

    def piece(self, view: memoryview, at: int) -> int:
        look, runs, step = self._look, self.runs, self._layout.uncounted
        seen = self.seen
        try:
            for seen in range(seen, _FOREVER):  # noqa: B007, B020
                size, kind, key, flags = look(view, at)
                if kind == 0x81:  # as it reads in the order of the file
                    key, flags = self._tagged(view, at)
                run = runs.get(key)
                if run is not None and size == run[0] and flags == _ACK:
                    run[1] += 1
                else:
                    runs[key] = [size, run[1] + 1 if run is not None else 1]
                at += step + size
        except struct.error:
            pass
        self.seen = seen
        return at


def halved(path: Path) -> tuple[float, float]:
    """Seconds of wall and processor time where two processes count a half of the file each, which where to begin they
    are told for nothing, and the second one sends what it counted."""
    middle = _boundary(path)
    begun, before = time.perf_counter(), sum(os.times()[:4])
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(writing, "wb") as pipe:
            marshal.dump(Counted(path, middle).runs, pipe)
        os._exit(0)
    os.close(writing)
    runs = Counted(path, 0, middle).runs
    with os.fdopen(reading, "rb") as pipe:
        for key, (size, count) in marshal.load(pipe).items():
            run = runs.setdefault(key, [size, 0])
            run[1] += count
    os.waitpid(child, 0)
    return time.perf_counter() - begun, sum(os.times()[:4]) - before


def _boundary(path: Path) -> int:
    """Where the first record behind the middle of a file begins."""
    layout = Layout(path)
    length = struct.Struct(f"<{layout.begins}").unpack
    half, place = path.stat().st_size // 2, layout.first
    with path.open("rb") as file:
        while place < half:
            file.seek(place)
            place += layout.uncounted + length(file.read(12 if layout.uncounted else 8))[0]
    return place


def sifted(path: Path) -> tuple[int, int]:
    found = Sifted(path)
    return found.seen, found.others


def mirror(path: Path) -> tuple[int, int]:
    found = Mirror(path)
    return found.seen, found.others


def held(path: Path) -> tuple[int, int]:
    found = Held(path)
    return found.seen, len(found.phones)


def counted(path: Path) -> tuple[int, int]:
    found = Counted(path)
    return found.seen, len(found.runs)


def _unpacked(path: Path) -> int:
    """Only what each packet's conversation is."""
    layout, seen = Layout(path), 0
    look, step = layout.look("12s", 26), layout.uncounted

    def piece(view: memoryview, at: int) -> int:
        nonlocal seen
        try:
            while True:
                size, _ = look(view, at)
                seen += 1
                at += step + size
        except struct.error:
            return at

    read(path, layout.first, piece)
    return seen


def _in_a_set(path: Path) -> int:
    """Whether it was seen before."""
    layout, seen, known = Layout(path), 0, set[bytes]()
    look, step = layout.look("12s", 26), layout.uncounted

    def piece(view: memoryview, at: int) -> int:
        nonlocal seen
        try:
            while True:
                size, key = look(view, at)
                seen += 1
                if key not in known:
                    known.add(key)
                at += step + size
        except struct.error:
            return at

    read(path, layout.first, piece)
    return seen


def _in_a_dict(path: Path) -> int:
    """How many bytes of it there were."""
    layout, seen, known = Layout(path), 0, dict[bytes, int]()
    look, step = layout.look("12s", 26), layout.uncounted

    def piece(view: memoryview, at: int) -> int:
        nonlocal seen
        try:
            while True:
                size, key = look(view, at)
                seen += 1
                known[key] = known.get(key, 0) + size
                at += step + size
        except struct.error:
            return at

    read(path, layout.first, piece)
    return seen


def beside(few: Path, many: Path, runs: int) -> None:
    """Prints what a packet takes where many conversations are side by side, in the time that it takes where few are."""
    for name, do in {"unpacked": _unpacked, "in a set": _in_a_set, "in a dict": _in_a_dict}.items():
        for collects in (True, False):
            (gc.enable if collects else gc.disable)()
            took: dict[Path, float] = {few: _FOREVER, many: _FOREVER}
            for _ in range(runs):
                for path in took:
                    begun = time.process_time()
                    seen = do(path)
                    took[path] = min(took[path], (time.process_time() - begun) / seen)
            line = f"{name:12} {'' if collects else 'without collector':18} {took[few] * 1e9:5.0f} ns"
            print(f"{line} {took[many] * 1e9:5.0f} ns {took[many] / took[few]:6.2f}", flush=True)
    gc.enable()
