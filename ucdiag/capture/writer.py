"""Writes packets to a capture file that is whole at every moment.

What is written goes to the system at once; a write that fails half-way is taken back. So the file can be read while
it grows, and ends with a whole packet however the program ends.
"""

import os
import struct
import sys

from ucdiag import __version__
from ucdiag.runtime.context import CannotTest

SNAP = 262144


class Writer:
    """``name`` ends in ``.pcap`` or ``.cap`` for that format; everything else is pcapng. ``-`` is standard output.

    Times are nanoseconds since the epoch in pcapng, and in pcap as well (by its magic number).
    """

    def __init__(self, name: str, link: int, interface: str | None = None) -> None:
        self.name = name
        self._pcapng = not name.lower().endswith((".pcap", ".cap"))
        try:
            if name == "-":
                self.handle = os.dup(sys.stdout.fileno())
            else:
                self.handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        except (OSError, ValueError, AttributeError) as error:
            raise self._failed(error) from error
        self._written = 0
        self._put(_pcapng_head(link, interface) if self._pcapng else _pcap_head(link))

    def another(self, link: int) -> bytes:
        """One more interface in the form of the file; they are numbered from 0. Raises CannotTest."""
        if not self._pcapng:
            text = f"{self.name} cannot hold packets of several link types: give a name that ends in .pcapng with -w."
            raise CannotTest("capture-unwritable", text)
        return _described(link, None)

    def record(self, nanoseconds: int, packet: bytes | memoryview, length: int, interface: int = 0) -> bytes:
        """One packet in the form of the file. ``length`` is how long it was on the wire."""
        size = len(packet)
        if not self._pcapng:
            seconds, rest = divmod(nanoseconds, 1_000_000_000)
            return struct.pack("<IIII", seconds & 0xFFFFFFFF, rest, size, length) + packet
        padding = bytes(-size & 3)
        total = 32 + size + len(padding)
        head = struct.pack(
            "<IIIIIII", 6, total, interface, nanoseconds >> 32 & 0xFFFFFFFF, nanoseconds & 0xFFFFFFFF, size, length
        )
        return b"".join((head, packet, padding, struct.pack("<I", total)))

    def write(self, records: bytes) -> None:
        """Whole records, as ``record`` made them. Raises CannotTest when the disk is full and the like."""
        self._put(records)

    def ended(self, nanoseconds: int, lost: int = 0) -> None:
        """The last to be written: when the capture ended, which may be long after its last packet, and how many
        packets the kernel lost. Of pcap nothing, where there is no place for it. Raises CannotTest as ``write`` does.
        """
        if self._pcapng:
            now = struct.pack("<II", nanoseconds >> 32 & 0xFFFFFFFF, nanoseconds & 0xFFFFFFFF)
            told = _option(3, now) + _option(5, struct.pack("<Q", min(lost, (1 << 64) - 1))) + _option(0, b"")
            self._put(_block(5, bytes(4) + now + told))

    def close(self) -> None:
        """Nothing is left to write."""
        os.close(self.handle)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.handle, rest) :]
        except OSError as error:
            self._take_back()
            raise self._failed(error) from error
        except BaseException:
            self._take_back()
            raise
        self._written += len(data)

    def _take_back(self) -> None:
        if self.name == "-":
            return  # what stood there before is not ours
        try:
            os.ftruncate(self.handle, self._written)
            os.lseek(self.handle, self._written, os.SEEK_SET)
        except OSError:
            return  # a pipe or a device: what is out is out

    def _failed(self, error: Exception) -> CannotTest:
        why = getattr(error, "strerror", None) or str(error)
        where = "on standard output" if self.name == "-" else self.name
        return CannotTest("capture-unwritable", f"The capture {where} cannot be written: {why}.")


def _pcap_head(link: int) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP, link)


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) & 3)


def _block(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def _pcapng_head(link: int, interface: str | None) -> bytes:
    end = _option(0, b"")
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(4, f"ucdiag {__version__}".encode()) + end
    return _block(0x0A0D0D0A, section) + _described(link, interface)


def _described(link: int, interface: str | None) -> bytes:
    name = _option(2, interface.encode("utf-8", "replace")[:255]) if interface else b""
    return _block(1, struct.pack("<HHI", link, 0, SNAP) + name + _option(9, b"\x09") + _option(0, b""))
