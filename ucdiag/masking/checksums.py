"""Mends the checksums of a frame whose bytes were replaced by as many others.

A checksum changes by what the bytes changed (RFC 1624). So one that was right stays right, also where a snap length
cut the packet, and one that was wrong, or that the network card had still to make, stays as wrong as it was.
"""

from sys import byteorder

from ucdiag.masking.layers import ICMP, TCP, UDP, LeftOut, ip_header


def _ones_complement_sum(data: bytes) -> int:
    if len(data) & 1:
        data += b"\0"
    total = sum(memoryview(data).cast("H")) if data else 0
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    # The sum in the other order of bytes has its bytes exchanged (RFC 1071).
    return int.from_bytes(total.to_bytes(2, byteorder), "big")


def _updated_checksum(checksum: int, before: int, after: int) -> int:
    total = (~checksum & 0xFFFF) + (~before & 0xFFFF) + after
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _write_checksum(frame: bytearray, at: int, checksum: int) -> None:
    frame[at : at + 2] = checksum.to_bytes(2, "big")


def mend_checksums(old: bytes, new: bytearray, at: int, *, quoted: bool = False) -> None:
    """The IP packet at ``at``, and what is in it: ``new`` has the checksums of ``old``. ``quoted``: by ICMP."""
    try:
        protocol, inner, end, fragment = ip_header(old, at)
    except LeftOut:
        return
    end = min(end, len(old))
    header = int.from_bytes(old[at + 10 : at + 12], "big")
    if header and old[at:inner] != bytes(new[at:inner]):
        _write_checksum(
            new,
            at + 10,
            _updated_checksum(header, _ones_complement_sum(old[at:inner]), _ones_complement_sum(bytes(new[at:inner]))),
        )
    if fragment & 0x1FFF:
        return
    if protocol == ICMP and not quoted and inner + 4 <= end:
        if inner + 28 <= end:
            mend_checksums(old, new, inner + 8, quoted=True)
        _mend_inner(old, new, inner, end, inner + 2, b"", b"")
    elif protocol == TCP and inner + 18 <= end:
        _mend_inner(old, new, inner, end, inner + 16, old[at + 12 : at + 20], bytes(new[at + 12 : at + 20]))
    elif protocol == UDP and inner + 8 <= end:
        _mend_inner(old, new, inner, end, inner + 6, old[at + 12 : at + 20], bytes(new[at + 12 : at + 20]))
        if new[inner + 6 : inner + 8] == b"\0\0" and old[inner + 6 : inner + 8] != b"\0\0":
            new[inner + 6 : inner + 8] = b"\xff\xff"


def _mend_inner(old: bytes, new: bytearray, start: int, end: int, at: int, old_ends: bytes, new_ends: bytes) -> None:
    checksum = int.from_bytes(old[at : at + 2], "big")
    if not checksum:
        return  # none was made
    before, after = old_ends + old[start:end], new_ends + bytes(new[start:end])
    if before != after:
        _write_checksum(new, at, _updated_checksum(checksum, _ones_complement_sum(before), _ones_complement_sum(after)))
