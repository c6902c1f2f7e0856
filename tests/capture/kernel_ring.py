"""A packet ring as the kernel fills it (linux/if_packet.h, TPACKET_V3), in a file in memory in place of a socket's."""

import os
import select
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from ucdiag.capture import packet_ring
from ucdiag.capture.packet_ring import BLOCKS, PacketRing

BLOCK = 1 << 18
MAC_AT = 82
VLAN_VALID = 0x10
OUTGOING = 4


@dataclass(frozen=True)
class Ringed:
    """A packet in the ring. ``tag`` and ``kind`` are of the VLAN tag that the kernel took off it."""

    time: int  # nanoseconds
    frame: bytes
    length: int | None = None
    status: int = 0
    tag: int = 0
    kind: int = 0
    station: int = 0

    def packed(self, following: int) -> bytes:
        seconds, rest = divmod(self.time, 10**9)
        length = self.length if self.length is not None else len(self.frame)
        head = struct.pack("=IIIIII", following, seconds, rest, len(self.frame), length, self.status)
        head += struct.pack("=HHIIHH8x", MAC_AT, MAC_AT + 14, 7, self.tag, self.kind, 0)
        head += struct.pack("=HHiHBB8x", 17, 0, 1, 1, self.station, 6)
        return head.ljust(MAC_AT, b"\0") + self.frame


def filled(packets: Sequence[Ringed]) -> bytes:
    """One block."""
    data = b""
    for packet in packets:
        size = len(packet.packed(0))
        room = (size + 15) // 16 * 16
        data += packet.packed(room).ljust(room, b"\0")
    last = divmod(packets[-1].time, 10**9) if packets else (0, 0)
    return struct.pack("=IIIIII16xII", 3, 48, 1, len(packets), 48, 48 + len(data), *last) + data


class RingSocket:
    """In place of ``PacketSocket``; ``asked`` is what was asked of it."""

    def __init__(self, fails: dict[str, OSError] | None = None, lost: Iterable[int | OSError] = ()) -> None:
        self.asked: list[Any] = []
        self.fails = fails or {}
        self.lost = iter(lost)
        self.memory = os.memfd_create("ring")
        os.ftruncate(self.memory, BLOCK * BLOCKS)
        self.read, self.write = os.pipe()

    def put(self, block: int, packets: Sequence[Ringed]) -> None:
        os.pwrite(self.memory, filled(packets), block * BLOCK)

    def _note(self, name: str, *words: Any) -> None:
        self.asked.append((name, *words))
        if name in self.fails:
            raise self.fails[name]

    def fileno(self) -> int:
        return self.memory

    def setsockopt(self, *words: Any) -> None:
        self._note(f"option {words[1]}", *words)

    def getsockopt(self, *words: Any) -> bytes:
        self._note("get", *words)
        lost = next(self.lost)
        if isinstance(lost, OSError):
            raise lost
        return struct.pack("=III", 99, lost, 3)

    def attach_filter(self, program: bytes) -> None:
        self._note("filter", len(program))

    def make_promiscuous(self, index: int) -> None:
        self._note("promiscuous", index)

    def bind_to(self, name: str) -> None:
        self._note("bind", name)

    def raise_error(self) -> None:
        self._note("error")

    def close(self) -> None:
        self._note("close")
        for handle in (self.memory, self.read, self.write):
            os.close(handle)


class Poll:
    """Answers with these events at once."""

    def __init__(self, *events: int) -> None:
        self.events = events
        self.asked: list[Any] = []

    def register(self, *words: Any) -> None:
        self.asked.append(words[1:])

    def poll(self, milliseconds: int) -> list[tuple[int, int]]:
        self.asked.append(milliseconds)
        return [(3, event) for event in self.events]


def ring(patch: pytest.MonkeyPatch, sock: RingSocket, kind: int = 1, poll: Poll | None = None) -> PacketRing:
    """Of an interface of this kind."""
    prepare(patch, sock, kind, poll)
    return PacketRing("eth7", [80, 443])


def prepare(patch: pytest.MonkeyPatch, sock: RingSocket, kind: int = 1, poll: Poll | None = None) -> None:
    """So that what is opened next is that ring."""
    patch.setattr(socket, "if_nametoindex", lambda name: {"eth7": 7}[name])
    patch.setattr(packet_ring, "hardware_kind", lambda name: kind)
    patch.setattr(packet_ring, "PacketSocket", lambda: sock)
    patch.setattr(select, "poll", lambda: poll or Poll())
