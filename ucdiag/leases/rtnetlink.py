"""How long the kernel keeps each IPv4 address: as the DHCP client set it when the lease was given or renewed.

The message is RTM_GETADDR of rtnetlink(7); its numbers are those of linux/rtnetlink.h and linux/if_addr.h.
"""

import socket
import struct
import sys
from contextlib import suppress

_HEADER = struct.Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_ADDRESS = struct.Struct("=BBBBI")  # ifaddrmsg: family, prefix length, flags, scope, interface index
_ATTRIBUTE = struct.Struct("=HH")  # rtattr: length, type
_CACHEINFO = struct.Struct("=IIII")  # ifa_cacheinfo: preferred and valid seconds, created, updated

_ERROR, _DONE, _NEW_ADDRESS, _GET_ADDRESS = 2, 3, 20, 22
_REQUEST_DUMP = 0x301  # NLM_F_REQUEST and NLM_F_DUMP
_IFA_LOCAL, _IFA_CACHEINFO = 2, 6

_MOST_ANSWERS = 1024
_LARGEST_ANSWER = 1 << 16


def dump_addresses() -> bytes:
    """The kernel's answers, one after the other; empty where it cannot be asked."""
    if sys.platform != "linux":
        return b""
    answers: list[bytes] = []
    with suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.settimeout(2)
        size = _HEADER.size + _ADDRESS.size
        question = _HEADER.pack(size, _GET_ADDRESS, _REQUEST_DUMP, 1, 0)
        kernel.sendto(question + _ADDRESS.pack(socket.AF_INET, 0, 0, 0, 0), (0, 0))
        for _ in range(_MOST_ANSWERS):
            answers.append(kernel.recv(_LARGEST_ANSWER))
            if any(kind in (_ERROR, _DONE) for kind, _ in _split_messages(answers[-1])):
                break
    return b"".join(answers)


def seconds_left(answers: bytes) -> dict[tuple[int, str], int]:
    """(interface index, address) -> the seconds for which the address is still valid, ``ENDLESS`` for ever."""
    seconds: dict[tuple[int, str], int] = {}
    for kind, body in _split_messages(answers):
        if kind != _NEW_ADDRESS or len(body) < _ADDRESS.size:
            continue
        *_, index = _ADDRESS.unpack_from(body)
        attributes = dict(_split_attributes(body[_ADDRESS.size :]))
        local, info = attributes.get(_IFA_LOCAL, b""), attributes.get(_IFA_CACHEINFO, b"")
        if len(local) == 4 and len(info) >= _CACHEINFO.size:
            seconds[index, socket.inet_ntoa(local)] = _CACHEINFO.unpack_from(info)[1]
    return seconds


def _split_messages(data: bytes) -> list[tuple[int, bytes]]:
    messages: list[tuple[int, bytes]] = []
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        if not _HEADER.size <= length <= len(data):
            break
        messages.append((kind, data[_HEADER.size : length]))
        data = data[_aligned_length(length) :]
    return messages


def _split_attributes(data: bytes) -> list[tuple[int, bytes]]:
    attributes: list[tuple[int, bytes]] = []
    while len(data) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data)
        if not _ATTRIBUTE.size <= length <= len(data):
            break
        attributes.append((kind, data[_ATTRIBUTE.size : length]))
        data = data[_aligned_length(length) :]
    return attributes


def _aligned_length(length: int) -> int:
    return (length + 3) & ~3
