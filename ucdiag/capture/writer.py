"""Writes packets to a capture file that is whole at every moment.

Each write goes to the system at once; a write that fails half-way is undone. So the file can be read while it grows,
and it ends with a whole packet however the program ends.
"""

import os
import stat
import struct
import sys
from contextlib import suppress

from ucdiag import __version__
from ucdiag.capture import TLS_KEY_LOG
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.entrusted import ENTRUSTED
from ucdiag.runtime.held_inputs import hold_written
from ucdiag.runtime.named_files import (
    GrowingFile,
    HeldFile,
    Replacement,
    find_place,
    growing_file,
    held_file,
)

SNAP = 262144


class Writer:
    """``name`` ends in ``.pcap`` or ``.cap`` for that format; everything else is pcapng. ``-`` is standard output.

    Times are nanoseconds since the epoch in pcapng, and in pcap as well (by its magic number). With ``replace``, a
    file that is there stays as it is until ``keep`` puts the new one in its place.
    """

    def __init__(self, name: str, link: int, interface: str | None = None, *, replace: bool = False) -> None:
        self.name = name
        self._replacement: HeldFile | None = None
        self._growing: GrowingFile | None = None
        self._made, self._is_stream = False, name == "-"
        self._pcapng = not name.lower().endswith((".pcap", ".cap"))
        self._written, self._is_cut = 0, False
        self._head = _pcapng_head(link, interface) if self._pcapng else _pcap_head(link)
        try:
            if name == "-":
                self.handle = os.dup(sys.stdout.fileno())
            elif replace and (held := _replacement_for(name)) is not None:
                self._replacement = held
                self.handle, self._made = self._replacement.open_for_writing(), True
            elif (held := held_file(name)) is not None:
                self.handle, self._is_stream = held.open_for_writing(), True
            else:
                self._growing = growing_file(name)
                self.handle, self._made = os.dup(self._growing.handle), self._growing.is_new
                self._is_stream = self._growing.place.is_own_stream
        except (OSError, ValueError, AttributeError) as error:
            raise self._cannot_write(error) from error
        self._begun = False
        if self._made or self._is_stream or not stat.S_ISREG(os.fstat(self.handle).st_mode):
            try:
                self.begin_file()
            except CannotTest:
                self.close()
                raise

    def begin_file(self) -> None:
        """From now on the file is a capture: what was there before goes. Raises CannotTest as ``write`` does."""
        if self._begun:
            return
        self._begun = True
        if not self._made and not self._is_stream:
            try:
                if stat.S_ISREG(os.fstat(self.handle).st_mode):
                    os.ftruncate(self.handle, 0)
            except OSError as error:
                raise self._cannot_write(error) from error
        self._write_all(self._head)

    def interface_block(self, link: int) -> bytes:
        """One more interface in the form of the file; they are numbered from 0. Raises CannotTest."""
        if not self._pcapng:
            text = f"{self.name} cannot hold packets of several link types: give a name that ends in .pcapng with -w."
            raise CannotTest("capture-unwritable", text)
        return _interface_block(link, None)

    def packet_record(self, nanoseconds: int, packet: bytes | memoryview, length: int, interface: int = 0) -> bytes:
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

    def secrets_block(self, key_log: bytes) -> bytes:
        """A key log of TLS in the form of the file: a Decryption Secrets Block, to stand before the packets that it
        opens. Of pcap nothing, where there is no place for it."""
        if not self._pcapng:
            return b""
        return _block_bytes(10, struct.pack("<II", TLS_KEY_LOG, len(key_log)) + key_log + bytes(-len(key_log) & 3))

    @property
    def keeps_secrets(self) -> bool:
        """Whether the format has a place for them."""
        return self._pcapng

    def write(self, records: bytes) -> None:
        """Whole records, as ``packet_record`` made them. Raises CannotTest when the disk is full and the like."""
        self.begin_file()
        self._write_all(records)

    def write_end(self, nanoseconds: int, lost: int | None = 0) -> None:
        """The last to be written: when the capture ended, which may be long after its last packet, and how many
        packets the kernel lost (``None``: not counted). Of pcap nothing, where there is no place for it.

        Raises CannotTest as ``write`` does.
        """
        self.begin_file()
        if self._pcapng:
            now = struct.pack("<II", nanoseconds >> 32 & 0xFFFFFFFF, nanoseconds & 0xFFFFFFFF)
            count = b"" if lost is None else _option_bytes(5, struct.pack("<Q", min(lost, (1 << 64) - 1)))
            self._write_all(_block_bytes(5, bytes(4) + now + _option_bytes(3, now) + count + _option_bytes(0, b"")))

    def give_to(self, uid: int, gid: int) -> None:
        """Have the file belong to a user. What was there before, a device above all, keeps its owner."""
        if self._growing is not None:
            self._growing.give_to(uid, gid)

    def entrust(self) -> None:
        """Have it put in its place by a process that still has the right to, once this one has not."""
        if self._growing is not None and self.beside is not None:
            ENTRUSTED.append(self._growing)

    @property
    def beside(self) -> str | None:
        """Where it is until the end, while what was there before stays."""
        return self._growing.beside if self._growing is not None else None

    def keep(self) -> None:
        """All is written: where there was another file, it goes now. Raises CannotTest."""
        try:
            if self._replacement is not None:
                self._replacement.write_to_disk()
                self._replacement.put_in_place()
            if self._growing is not None:
                self._growing.put_in_place()
        except OSError as error:
            raise self._cannot_write(error) from error

    def close(self) -> None:
        """Nothing is left to write. Packets that cannot be had again are kept, wherever it ended."""
        if not self._is_stream:
            hold_written(self.name, self.handle)
        os.close(self.handle)
        if self._replacement is not None:
            self._replacement.discard()
        if self._growing is not None:
            if self._written <= len(self._head):
                self._growing.remove_new_file()
            elif not self._is_cut:
                with suppress(OSError):
                    self._growing.put_in_place()
            self._growing.discard()

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.handle, rest) :]
        except OSError as error:
            self._take_back()
            self._is_cut = True
            raise self._cannot_write(error) from error
        except BaseException:
            self._take_back()
            raise
        self._written += len(data)

    def _take_back(self) -> None:
        if self._is_stream:
            return  # what stood there before is not ours
        try:
            os.ftruncate(self.handle, self._written)
            os.lseek(self.handle, self._written, os.SEEK_SET)
        except OSError:
            return  # a pipe or a device: what is out is out

    def _cannot_write(self, error: Exception) -> CannotTest:
        why = getattr(error, "strerror", None) or str(error)
        where = "on standard output" if self.name == "-" else self.name
        kept = ""
        if self._is_cut and self.beside is not None and self._written > len(self._head):
            kept = f" What came before is in {self.beside}, and {self.name} is as it was."
        return CannotTest("capture-unwritable", f"The capture {where} cannot be written: {why}.{kept}")


def _replacement_for(name: str) -> HeldFile | None:
    """A new file that replaces an existing one at the end; None if there is none. Raises OSError."""
    held = held_file(name)
    if held is not None and held.is_file:
        return held
    place = find_place(name)
    place.close()
    return Replacement(name, force=True) if place.holds_something else None


def _pcap_head(link: int) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP, link)


def _option_bytes(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) & 3)


def _block_bytes(kind: int, body: bytes) -> bytes:
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def _pcapng_head(link: int, interface: str | None) -> bytes:
    end = _option_bytes(0, b"")
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option_bytes(4, f"ucdiag {__version__}".encode()) + end
    return _block_bytes(0x0A0D0D0A, section) + _interface_block(link, interface)


def _interface_block(link: int, interface: str | None) -> bytes:
    name = _option_bytes(2, interface.encode("utf-8", "replace")[:255]) if interface else b""
    return _block_bytes(
        1, struct.pack("<HHI", link, 0, SNAP) + name + _option_bytes(9, b"\x09") + _option_bytes(0, b"")
    )
