"""The kernel's packet ring of one interface, on Linux: no system call and no copy for a packet that does not matter.

PACKET_MMAP, version 3: packet(7), and Documentation/networking/packet_mmap.rst of the kernel.
"""

import errno
import mmap
import select
import socket
import struct
import sys
from math import ceil

from ucdiag.capture.bpf import kernel_filter, raw_filter
from ucdiag.capture.interfaces import LOOPBACK, hardware_kind, link_type, privilege_hint
from ucdiag.capture.prefilter import ACK, FLAGS_AT, MASK, TAGGED, PacketPrefilter
from ucdiag.capture.writer import Writer
from ucdiag.model.vocabulary import Microseconds, Seconds
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.interface_names import no_such_interface
from ucdiag.wire.link.link_layer import ETHERNET, PLAIN, RAW

assert sys.platform == "linux"

from ucdiag.runtime.packet_socket import (  # noqa: E402 - only there on Linux, which mypy knows from here on
    PACKET_OUTGOING,
    RX_RING,
    SOL_PACKET,
    STATISTICS,
    STATUS_USER,
    STATUS_VLAN_VALID,
    TPACKET_V3,
    VERSION,
    PacketSocket,
)

# A block is handed over when it is full or old, however little is in it: on a quiet wire it is their number that says
# for how long the program may be away (another program has the processor, a slow disk), 6.4 s. Smaller ones would hold
# fewer packets of 64 KiB, as offloading makes them, since none lies in two blocks.
_BLOCK = 1 << 18
BLOCKS = 128
RETIRE = 50  # milliseconds after which the kernel hands over a block that is not full
# tpacket3_hdr: next, seconds, nanoseconds, captured, length, status, offset of the frame; hash; tag, its EtherType.
_HEADER = struct.Struct("=IIIIIIHH4xIH")
_LAST_TIME_AT = 40  # tpacket_hdr_v1 of the block: seconds and nanoseconds of its last packet
_STATION_AT = 48  # struct sockaddr_ll behind it; the type of packet is its byte 10


class PacketRing:
    """The kernel's ring for one interface. ``link`` is the link type, ``first`` the time of the first packet.

    ``unwritten`` is what stood in the way of writing, ``reached`` the time up to which all packets were taken,
    where more are there, or may come that are not taken.
    """

    counts_loss = True
    most_pieces = BLOCKS

    def __init__(self, name: str, ports: list[int]) -> None:
        self._at = 0
        self.reached: Microseconds | None = None
        self.first: Microseconds | None = None
        self.unwritten: CannotTest | None = None
        try:
            index = socket.if_nametoindex(name)
        except (OSError, ValueError) as error:
            raise no_such_interface(name) from error
        kind = hardware_kind(name)
        link = link_type(kind)
        if link is None:
            raise CannotTest("no-interface", f"The interface {name} is of a kind ({kind}) that cannot be read.")
        self.link = link
        self._loopback = kind == LOOPBACK
        program = _filter_for(link, ports)
        self._socket = _packet_socket(name)
        try:
            self._map = self._set_up_ring(name, index, program)
        except OSError as error:
            self._socket.close()
            if error.errno == errno.ENETDOWN:
                text = f"Nothing can be captured on {name}, which is down: 'sudo ip link set {name} up' first."
                raise CannotTest("no-interface", text) from error
            why = error.strerror or str(error)
            raise CannotTest("no-interface", f"Nothing can be captured on {name}: {why}.") from error
        self._view = memoryview(self._map)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLERR)

    def _set_up_ring(self, name: str, index: int, program: bytes) -> mmap.mmap:
        """Sets the socket up, with its filter before its first packet; the ring's memory. Raises OSError."""
        self._socket.setsockopt(SOL_PACKET, VERSION, TPACKET_V3)
        if program:
            self._socket.attach_filter(program)
        ring = struct.pack("=7I", _BLOCK, BLOCKS, 2048, _BLOCK // 2048 * BLOCKS, RETIRE, 0, 0)
        self._socket.setsockopt(SOL_PACKET, RX_RING, ring)
        memory = mmap.mmap(self._socket.fileno(), _BLOCK * BLOCKS)
        if not self._loopback:
            self._socket.make_promiscuous(index)
        self._socket.bind_to(name)
        self._socket.raise_error()
        return memory

    def wait_for_packets(self, seconds: Seconds) -> None:
        """Until packets are there, or the time is up. Raises OSError when the interface went away."""
        if self._block_status() & STATUS_USER:
            return
        for _, event in self._poll.poll(ceil(seconds * 1000)):
            if event & select.POLLERR:
                self._socket.raise_error()

    def take_packets(self, prefilter: PacketPrefilter, frame: int, stop: int, writer: Writer | None) -> int:
        """Works through the next block if it is there, up to packet ``stop``; the number of the next packet.

        Not through several: what is found has to be fetched in between, and a full ring may hold a lot.
        """
        if self._block_status() & STATUS_USER and frame < stop and self.unwritten is None:
            frame = self._sift_block(self._at * _BLOCK, prefilter, frame, stop, writer)
            last = struct.unpack_from("=Q", self._view, self._at * _BLOCK + _LAST_TIME_AT)[0]
            struct.pack_into("=I", self._view, self._at * _BLOCK + 8, 0)
            self._at = (self._at + 1) % BLOCKS
            more = frame >= stop or self._block_status() & STATUS_USER
            self.reached = _kernel_time(last) if more else None
        return frame

    def count_lost(self) -> int:
        """Packets that the kernel dropped since the last call."""
        try:
            found = self._socket.getsockopt(SOL_PACKET, STATISTICS, 12)
        except OSError:
            return 0
        return int(struct.unpack("=III", found)[1])

    def close(self) -> None:
        self._view.release()
        self._map.close()
        self._socket.close()

    def _block_status(self) -> int:
        found: int = struct.unpack_from("=I", self._view, self._at * _BLOCK + 8)[0]
        return found

    def _sift_block(  # noqa: C901, PLR0912, PLR0915 - one of the loops that prefilter.py names
        self, start: int, prefilter: PacketPrefilter, frame: int, stop: int, writer: Writer | None
    ) -> int:
        """One block: the loop that every packet passes through, as in ``pcap.py``, on the kernel's headers.

        A function call for each packet would double the time. Change ``pcap.py``, ``pcapng.py`` and ``read_ahead.py``
        with it.
        """
        view = self._view
        number, first = struct.unpack_from("=II", view, start + 12)
        if not number:
            return frame
        at = start + first
        mac_at: int = struct.unpack_from("=H", view, at + 24)[0]
        kind_at, ip_at = PLAIN.get(self.link, (0, 0))
        prefilter.use_format(self.link, _kernel_time, "=Q", 4, mac_at)
        if self.first is None:
            self.first = _kernel_time(struct.unpack_from("=Q", view, at + 4)[0])
        rejected, payload_only, ignored = prefilter.rejected, prefilter.payload_only, prefilter.ignored_ethertypes
        run_of, moved = prefilter.counted_runs.get, prefilter.moved
        unpack = struct.Struct(f"=I8xI8x{mac_at + ip_at + 12 - 24}x12s").unpack_from
        kind_of = struct.Struct(f">{mac_at + kind_at}xH").unpack_from
        key_of = struct.Struct(f"{mac_at + ip_at + 16}x12s").unpack_from
        flags_at = mac_at + ip_at + FLAGS_AT
        without_request = ip_at + 61
        written: list[bytes] = []
        # Over loopback each comes twice: how many of the block are needed shows only while they are read.
        for _ in range(number if self._loopback else min(number, stop - frame)):
            if at + mac_at + 64 > len(view):
                # The last packet of the last block, and too short for what the loop unpacks.
                following, size, key = struct.unpack_from("=I", view, at)[0], 0, b""
            else:
                following, size, key = unpack(view, at)
            if self._loopback:
                if frame >= stop:
                    break
                if view[at + _STATION_AT + 10] == PACKET_OUTGOING:
                    at += following
                    continue
            if writer is not None:
                written.append(self._file_record(writer, at))
            shift = 0
            if not size or key in rejected:
                pass
            elif (run := run_of(key)) is not None:
                if size == run.mark and run.left and view[at + flags_at] == ACK:
                    run.left -= 1
                    if run.length:
                        if run.at < 0:
                            moved.append(run)
                        run.at = at
                        run.number = frame
                else:
                    self._pass_packet(prefilter, at, size, frame, 0, key)
            else:
                kind = kind_of(view, at)[0]
                if kind == TAGGED:
                    key = key_of(view, at)[0]
                    shift = 4
                if kind not in ignored and key not in rejected and not (key in payload_only and size < without_request):
                    self._pass_packet(prefilter, at, size, frame, shift, key)
            frame += 1
            at += following
        prefilter.settle_runs(view)
        if writer is not None and written:
            try:
                writer.write(b"".join(written))
            except CannotTest as cannot:
                self.unwritten = cannot
        return frame

    def _pass_packet(self, prefilter: PacketPrefilter, at: int, size: int, frame: int, shift: int, key: bytes) -> None:
        *_, status, _, _, tag, _ = _HEADER.unpack_from(self._view, at)
        prefilter.tag = (tag & 0x0FFF or None) if status & STATUS_VLAN_VALID else None
        prefilter.take_packet(self._view, at, size, size, frame, shift, key)
        prefilter.tag = None

    def _file_record(self, writer: Writer, at: int) -> bytes:
        """The packet for the file, with the tag that the kernel took off put back."""
        _, seconds, rest, size, length, status, mac_at, _, tag, kind = _HEADER.unpack_from(self._view, at)
        packet = bytes(self._view[at + mac_at : at + mac_at + size])
        if status & STATUS_VLAN_VALID and self.link == ETHERNET:
            packet = packet[:12] + struct.pack(">HH", kind or 0x8100, tag & 0xFFFF) + packet[12:]
            length += 4
        return writer.packet_record(seconds * 1_000_000_000 + rest, packet, length)


def _kernel_time(stamp: int) -> int:
    """Seconds and nanoseconds, as one number in the machine's byte order, in microseconds."""
    if sys.byteorder == "little":
        return (stamp & MASK) * 1_000_000 + (stamp >> 32) // 1000
    return (stamp >> 32) * 1_000_000 + (stamp & MASK) // 1000


def _filter_for(link: int, ports: list[int]) -> bytes:
    """The kernel's filter for a link type, empty where there is none. Raises CannotTest for too many ports."""
    try:
        return kernel_filter(ports) if link == ETHERNET else raw_filter(ports) if link == RAW else b""
    except ValueError as error:
        raise CannotTest(
            "too-many-ports", "These are too many ports for one filter: give fewer with --port."
        ) from error


def _packet_socket(name: str) -> PacketSocket:
    try:
        return PacketSocket()
    except PermissionError as error:
        raise CannotTest("no-privilege", f"Capturing on {name} needs privilege: {privilege_hint(name)}.") from error
    except OSError as error:
        raise CannotTest("no-interface", f"Nothing can be captured here: {error.strerror}.") from error
