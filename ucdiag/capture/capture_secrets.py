"""The TLS secrets in captures (Decryption Secrets Blocks of pcapng), found before the packets are read.

A block may stand behind the packets that it decrypts, or in another section or file. So if a block comes after packets,
and the captures can be read twice, all of them are searched for blocks and then read again.
"""

import struct
from collections.abc import Sequence
from contextlib import closing, suppress

from ucdiag.capture.marks import is_pcapng
from ucdiag.capture.open_capture import open_capture
from ucdiag.capture.pcapng import SECRETS, SECTION, key_log_of
from ucdiag.capture.read_buffer import CHUNK, Buffer
from ucdiag.runtime.context import CannotTest

# Bytes of all key logs of a command that are kept.
KEPT_MOST = 16 << 20
_LEAST = 12
_ENHANCED = 6
_LITTLE = 0x4D  # how the byte-order magic of a little-endian section begins


def secrets_in(names: Sequence[str]) -> list[bytes]:
    """The text of each key log in these captures, in their order; of one that cannot be read up to there."""
    found: list[bytes] = []
    room = KEPT_MOST
    for name in names:
        try:
            stream = open_capture(name)
        except CannotTest:
            continue  # the reader says so
        with closing(stream), suppress(OSError):
            for text in _key_logs(Buffer(stream)):
                if text not in found and len(text) <= room:
                    room -= len(text)
                    found.append(text)
    return found


def _key_logs(buffer: Buffer) -> list[bytes]:
    found: list[bytes] = []
    order = "<"
    if not buffer.need(4) or not is_pcapng(bytes(buffer.view[:4])):
        return found
    while buffer.need(_LEAST):
        _pass_packets(buffer, order)
        if buffer.at + _LEAST > buffer.have:
            continue
        at, view = buffer.at, buffer.view
        kind, total = struct.unpack_from(order + "II", view, at)
        if kind == SECTION:
            order = "<" if view[at + 8] == _LITTLE else ">"
            total = struct.unpack_from(order + "I", view, at + 4)[0]
        if total < _LEAST or total % 4:
            break
        if kind == SECRETS and total <= CHUNK:
            if not buffer.need(total):
                break
            text = key_log_of(buffer.take(total)[8:-4], order)
            if text:
                found.append(text)
            continue
        buffer.at += total
    return found


def _pass_packets(buffer: Buffer, order: str) -> None:
    """Leaves out all Enhanced Packet Blocks in the buffer that come next."""
    unpack, view = struct.Struct(order + "II").unpack_from, buffer.view
    at, end = buffer.at, buffer.have - _LEAST
    while at <= end:
        kind, total = unpack(view, at)
        if kind != _ENHANCED or total < _LEAST or total & 3:
            break
        at += total
    buffer.at = at
