"""A wire between two interfaces, run as a script: loses, delays, reorders, repeats frames, adds and takes 802.1Q tags.

The kernel has all of this (netem, 8021q), but not every kernel is built with it, and chance from a seed is the same on
every run. Usage: ``wire.py NEAR FAR JSON``; see `Impairment` and `Site.netem`, `Site.vlan` in ground.py for the values.
"""

import heapq
import json
import random
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass

ETH_P_ALL = 3
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_ADD_MEMBERSHIP = 1
PACKET_MR_PROMISC = 1
PACKET_IGNORE_OUTGOING = 23
TP_STATUS_VLAN_VALID = 0x10
TP_STATUS_CSUMNOTREADY = 0x08
AUXDATA = struct.Struct("=IIIHHHH")
VLAN_TYPES = (0x8100, 0x88A8)


@dataclass
class Impairment:
    """What happens to a frame on its way. Shares are from 0 to 1, times in seconds.

    ``direction``: ``both``, ``out`` (near to far) or ``in`` (far to near).
    """

    loss: float = 0.0
    delay: float = 0.0
    jitter: float = 0.0
    reorder: float = 0.0  # this share waits `gap` longer than the others, so that later frames overtake it
    gap: float = 0.01
    duplicate: float = 0.0
    drop: tuple[int, ...] = ()  # the frames with these numbers (from 1, TCP segments with data only) are lost
    tag: int | None = None  # near side is untagged, far side carries this VLAN id
    outer: int | None = None  # and around it this service tag (802.1ad)
    direction: str = "both"
    seed: int = 1


def _open(name: str) -> socket.socket:
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    end.setsockopt(socket.SOL_SOCKET, 33, 8 * 1024 * 1024)  # SO_RCVBUFFORCE
    end.bind((name, ETH_P_ALL))
    membership = struct.pack("=IHH8s", socket.if_nametoindex(name), PACKET_MR_PROMISC, 0, b"")
    end.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
    end.setblocking(False)
    return end


def _receive(end: socket.socket) -> bytes:
    """The frame as it was on the wire: the tag that the kernel took off is put back."""
    frame, extra, _, _ = end.recvmsg(65536, 64)
    for level, kind, data in extra:
        if level == SOL_PACKET and kind == PACKET_AUXDATA and len(data) >= AUXDATA.size:
            status, _, _, _, _, tci, tpid = AUXDATA.unpack(data[: AUXDATA.size])
            if status & TP_STATUS_VLAN_VALID:
                frame = frame[:12] + struct.pack("!HH", tpid or 0x8100, tci) + frame[12:]
    return frame


def _is_tcp_data(frame: bytes) -> bool:
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return False
    header = (frame[14] & 15) * 4
    return int.from_bytes(frame[16:18]) > header + (frame[14 + header + 12] >> 4) * 4


def _tagged(frame: bytes, rule: Impairment) -> bytes:
    tags = b"" if rule.outer is None else struct.pack("!HH", 0x88A8, rule.outer)
    return frame[:12] + tags + struct.pack("!HH", 0x8100, rule.tag) + frame[12:]


def _untagged(frame: bytes, rule: Impairment) -> bytes | None:
    """The frame without the tag, or None when it is not of this VLAN."""
    rest = frame[12:]
    for wanted in (rule.outer, rule.tag):
        if wanted is None:
            continue
        kind, tci = struct.unpack("!HH", rest[:4])
        if kind not in VLAN_TYPES or tci & 0xFFF != wanted:
            return None
        rest = rest[4:]
    return frame[:12] + rest


def carry(near: socket.socket, far: socket.socket, rule: Impairment) -> None:
    chance = random.Random(rule.seed)
    waiting: list[tuple[float, int, socket.socket, bytes]] = []
    number = data_segments = 0
    while True:
        timeout = None if not waiting else max(0.0, waiting[0][0] - time.monotonic())
        for end in select.select([near, far], [], [], timeout)[0]:
            for _ in range(64):
                try:
                    frame = _receive(end)
                except BlockingIOError:
                    break
                outwards = end is near
                if rule.tag is not None:
                    changed = _tagged(frame, rule) if outwards else _untagged(frame, rule)
                    if changed is None:
                        continue
                    frame = changed
                now = time.monotonic()
                due, copies = now, 1
                if rule.direction in ("both", "out" if outwards else "in"):
                    if rule.drop and _is_tcp_data(frame):
                        data_segments += 1
                        if data_segments in rule.drop:
                            continue
                    if chance.random() < rule.loss:
                        continue
                    due += rule.delay + (chance.uniform(-rule.jitter, rule.jitter) if rule.jitter else 0)
                    if chance.random() < rule.reorder:
                        due += rule.gap
                    if chance.random() < rule.duplicate:
                        copies = 2
                for _ in range(copies):
                    number += 1
                    if due <= now and not waiting:
                        _send(far if outwards else near, frame)
                    else:
                        heapq.heappush(waiting, (due, number, far if outwards else near, frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, end, frame = heapq.heappop(waiting)
            _send(end, frame)


def _send(end: socket.socket, frame: bytes) -> None:
    try:
        end.send(frame)
    except (BlockingIOError, OSError):
        pass  # a wire that cannot carry a frame loses it


if __name__ == "__main__":
    values = json.loads(sys.argv[3])
    values["drop"] = tuple(values.get("drop", ()))
    ends = _open(sys.argv[1]), _open(sys.argv[2])
    print("carrying", flush=True)
    carry(*ends, Impairment(**values))
