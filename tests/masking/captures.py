"""Frames of every kind that a capture of phones can have, with something of a site in each."""

import struct

from tests.masking.messages import ASKED, POINTER, dhcp, dns, hello, option, question, record, request, tls

PHONE, SERVER, STRANGER = bytes((10, 9, 8, 7)), bytes((10, 9, 8, 1)), bytes((10, 0, 0, 7))
MAC, OTHER = bytes.fromhex("0004f2010203"), bytes.fromhex("005056010203")
ETHERNET, NULL, RAW, SLL, SLL2 = 1, 0, 101, 113, 276
SYN, ACK = 2, 16
Frame = tuple[int, bytes]


def checksum(data: bytes) -> int:
    """Of the Internet (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip(
    source: bytes,
    target: bytes,
    protocol: int,
    payload: bytes,
    *,
    flags: int = 0,
    total: int | None = None,
    options: bytes = b"",
) -> bytes:
    size = 20 + len(options)
    head = struct.pack(
        ">BBHHHBBH4s4s",
        0x40 | size // 4,
        0,
        size + len(payload) if total is None else total,
        1,
        flags,
        64,
        protocol,
        0,
        source,
        target,
    )
    head += options
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + payload


def _inner(source: bytes, target: bytes, protocol: int, data: bytes, at: int) -> bytes:
    """The data with the checksum of TCP or UDP, which is at ``at``."""
    whole = source + target + struct.pack(">HH", protocol, len(data)) + data
    return data[:at] + (checksum(whole) or 0xFFFF).to_bytes(2, "big") + data[at + 2 :]


def udp(source: bytes, target: bytes, ports: tuple[int, int], payload: bytes, *, summed: bool = True) -> bytes:
    data = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    return ip(source, target, 17, _inner(source, target, 17, data, 6) if summed else data)


def tcp(
    source: bytes,
    target: bytes,
    ports: tuple[int, int],
    sequence: int,
    payload: bytes = b"",
    *,
    flags: int = ACK,
    total: int | None = None,
) -> bytes:
    data = struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, 1, 0x50, flags, 100, 0, 0) + payload
    return ip(source, target, 6, _inner(source, target, 6, data, 16), total=total)


def ethernet(packet: bytes, *, tags: bytes = b"", kind: int = 0x0800, up: bool = True) -> Frame:
    macs = OTHER + MAC if up else MAC + OTHER
    return ETHERNET, macs + tags + kind.to_bytes(2, "big") + packet


def up(sequence: int, payload: bytes = b"", *, flags: int = ACK, port: int = 80, source: int = 4000) -> Frame:
    return ethernet(tcp(PHONE, SERVER, (source, port), sequence, payload, flags=flags))


def arp(form: bytes = b"\0\1\x08\0\6\4") -> bytes:
    return form + b"\0\1" + MAC + PHONE + bytes(6) + SERVER


def icmp(kind: int, quoted: bytes) -> bytes:
    data = struct.pack(">BBHI", kind, 3, 0, 0) + quoted
    return ip(SERVER, PHONE, 1, data[:2] + checksum(data).to_bytes(2, "big") + data[4:])


QUESTION = udp(PHONE, SERVER, (5000, 53), dns([ASKED]))
LEASE = udp(SERVER, PHONE, (67, 68), dhcp(option(15, b"sales.example") + b"\xff"))
POSTED = tcp(PHONE, SERVER, (4000, 80), 7, b"from contoso")
PLAIN = tcp(PHONE, SERVER, (4000, 80), 1)
ASK = request(b"X: lobby")
HALF = len(ASK) // 2

CAPTURES: dict[str, list[Frame]] = {
    "bodies that cannot be packed again": [
        up(1, request(b"Content-Encoding: gzip\r\nContent-Length: 8") + b"no gzip."),
        up(900, request(b"Content-Encoding: gzip\r\nContent-Length: 8") + b"is none.", source=4001),
    ],
    # Layers.
    "link types": [
        (ETHERNET, OTHER + MAC + b"\x08\0" + PLAIN),
        (RAW, PLAIN),
        (12, PLAIN),
        (14, PLAIN),
        (228, PLAIN),
        (NULL, b"\2\0\0\0" + PLAIN),
        (108, b"\0\0\0\2" + PLAIN),
        (SLL, b"\0\0\0\1\0\6" + MAC + b"\0\0" + b"\x08\0" + PLAIN),
        (SLL2, b"\x08\0\0\0\0\0\0\2\0\1\0\6" + MAC + b"\0\0" + PLAIN),
        (105, PLAIN),
    ],
    "tags": [
        ethernet(PLAIN, tags=b"\x81\0\0\7"),
        ethernet(PLAIN, tags=b"\x88\xa8\0\7" + b"\x81\0\0\x08" * 2),
        ethernet(PLAIN, tags=b"\x81\0\0\x08" * 4),
        ethernet(b"", tags=b"\x81\0\0\7", kind=0x8100),
    ],
    "other kinds": [
        ethernet(bytes(40), kind=0x86DD),
        ethernet(bytes(40), kind=0x88CC),
        ethernet(bytes(40), kind=0x0600),
        ethernet(bytes(40), kind=0x05FF),
        ethernet(b"\x60" + bytes(39), kind=0x0800),
        (RAW, b"\x60" + bytes(39)),
        (RAW, b"\x50" + bytes(39)),
        (RAW, b""),
        ethernet(ip(PHONE, SERVER, 47, bytes(20))),
    ],
    "frames that are cut": [
        (ETHERNET, (OTHER + MAC + b"\x08\0")[:13]),
        (ETHERNET, OTHER + MAC + b"\x08\0"),
        ethernet(PLAIN[:19]),
        ethernet(PLAIN[:20]),
        ethernet(PLAIN[:33]),
        ethernet(PLAIN[:34]),
        ethernet(PLAIN[:39]),
        ethernet(QUESTION[:27]),
        ethernet(QUESTION[:28]),
        ethernet(b"\x44" + PLAIN[1:]),
        ethernet(b"\x4f" + PLAIN[1:]),
        (SLL, bytes(15)),
        (SLL2, bytes(19)),
    ],
    "fragments": [
        ethernet(ip(PHONE, SERVER, 6, PLAIN[20:], flags=0x2000)),
        ethernet(ip(PHONE, SERVER, 6, PLAIN[20:], flags=0x0001)),
        ethernet(ip(PHONE, SERVER, 6, PLAIN[20:], flags=0x4000)),
    ],
    "lengths and what is behind": [
        ethernet(PLAIN + b"contoso behind"),
        ethernet(tcp(PHONE, SERVER, (4000, 80), 1, b"lobby", total=0)),
        ethernet(tcp(PHONE, SERVER, (4001, 80), 1, b"lobby", total=19)),
        ethernet(tcp(PHONE, SERVER, (4002, 80), 1, b"lobby", total=400)),
        ethernet(ip(PHONE, SERVER, 6, PLAIN[20:], options=b"\1\1\1\0")),
        ethernet(PLAIN[:32] + b"\x10" + PLAIN[33:]),
        ethernet(PLAIN[:32] + b"\xf0" + PLAIN[33:] + bytes(8)),
    ],
    "ARP": [
        ethernet(arp(), kind=0x0806),
        ethernet(arp() + b"contoso", kind=0x0806),
        ethernet(arp()[:27], kind=0x0806),
        ethernet(arp(b"\0\6\x08\0\6\4"), kind=0x0806),
    ],
    # Ports.
    "ports": [
        up(1, port=81),
        up(1, port=443),
        up(1, port=53),
        up(1, port=5061),
        ethernet(tcp(SERVER, PHONE, (80, 4000), 1)),
        ethernet(tcp(SERVER, PHONE, (8080, 4000), 1)),
    ],
    "datagrams": [
        ethernet(udp(PHONE, SERVER, (5000, 123), b"contoso")),
        ethernet(QUESTION),
        ethernet(udp(SERVER, PHONE, (53, 5000), dns([ASKED], record(POINTER, 1, PHONE)))),
        ethernet(udp(SERVER, PHONE, (1053, 5000), dns([ASKED], record(POINTER, 1, PHONE)))),
        ethernet(udp(SERVER, PHONE, (1053, 5001), dns([ASKED], record(POINTER, 1, PHONE)))),
        ethernet(udp(SERVER, STRANGER, (1053, 5000), dns([ASKED], record(POINTER, 1, PHONE)))),
        ethernet(LEASE),
        ethernet(udp(PHONE, SERVER, (68, 67), dhcp(option(12, b"phone7") + b"\xff"))),
        ethernet(udp(PHONE, SERVER, (1068, 67), dhcp(option(12, b"phone8") + b"\xff"))),
        ethernet(udp(PHONE, SERVER, (68, 1067), dhcp(option(12, b"phone9") + b"\xff"))),
        ethernet(udp(PHONE, SERVER, (69, 66), dhcp(option(12, b"phone6") + b"\xff"))),
        ethernet(udp(PHONE, SERVER, (5000, 53), dns([ASKED]), summed=False)),
    ],
    # ICMP.
    "ICMP": [
        ethernet(icmp(8, b"contoso")),
        ethernet(icmp(3, QUESTION)),
        ethernet(icmp(11, LEASE)),
        ethernet(icmp(3, POSTED)),
        ethernet(icmp(3, PLAIN[:28])),
        ethernet(icmp(3, QUESTION[:24])),
        ethernet(icmp(3, QUESTION[:15])),
        ethernet(icmp(3, udp(PHONE, SERVER, (5000, 123), b"of contoso"))),
        ethernet(icmp(3, udp(SERVER, PHONE, (53, 5000), dns([ASKED])))),
        ethernet(icmp(3, ip(PHONE, SERVER, 47, b"gre of contoso"))),
        ethernet(icmp(3, b"no packet of contoso, but 24 bytes")),
        ethernet(icmp(3, POSTED[:32] + b"\x70" + POSTED[33:])),
        ethernet(icmp(3, POSTED[:32])),
    ],
    # Streams.
    "a word in two segments": [up(1, flags=SYN), up(2, ASK[:HALF]), up(2 + HALF, ASK[HALF:])],
    "segments in another order": [up(2 + HALF, ASK[HALF:]), up(1, flags=SYN), up(2, ASK[:HALF])],
    "sent again": [up(2, ASK[:HALF]), up(2, ASK[:HALF]), up(2, ASK), up(2 + HALF, ASK[HALF:])],
    "sent again otherwise": [up(2, ASK[:HALF]), up(2, b"contoso" * 3)],
    "overlapping": [up(2, ASK[: HALF + 9]), up(2 + HALF, ASK[HALF:])],
    "a hole": [up(2, ASK[:HALF]), up(3 + HALF, b"lob" + ASK[HALF:])],
    "the end of the numbers": [
        up(0xFFFFFFF0, flags=SYN),
        up(0xFFFFFFF1, ASK[:HALF]),
        up(0xFFFFFFF1 + HALF, ASK[HALF:]),
    ],
    "data with the SYN": [up(1, ASK[:HALF], flags=SYN), up(2 + HALF, ASK[HALF:])],
    "the ports once more": [
        up(1, flags=SYN),
        up(2, b"GET /lob"),
        up(1, flags=SYN),
        up(10, b"by HTTP/1.1\r\n\r\n"),
        up(9000, flags=SYN),
        up(9001, b"lob"),
        up(10, b"by"),
    ],
    "text with an address of IPv6 and a reverse zone": [up(1, b"X: 2001:db8::1, 9.9.10.in-addr.arpa\r\n")],
    "two connections": [up(1, b"lob"), up(4, b"by", source=4001), up(4, b"by")],
    "both directions": [up(1, b"lob"), ethernet(tcp(SERVER, PHONE, (80, 4000), 4, b"by"), up=False)],
    "DNS over TCP": [
        up(1, (len(dns([ASKED]))).to_bytes(2, "big") + dns([ASKED])[:9], port=53),
        up(12, dns([ASKED])[9:] + b"\0\5short" + b"\0", port=53),
    ],
    "two messages of DNS over TCP": [
        up(
            1,
            b"".join(
                len(one).to_bytes(2, "big") + one for one in (dns([ASKED]), dns([question("mail8.quiet.example")]))
            ),
            port=53,
        ),
    ],
    "TLS": [
        up(1, tls(22, hello(b"pool7.sales.example")), port=443),
        up(2000, b"nothing of TLS, but contoso", port=443),
    ],
    # Checksums.
    "wrong checksums": [
        (link, frame[:24] + b"\x12\x34" + frame[26:-1] + bytes([frame[-1] ^ 1]))
        for link, frame in (ethernet(QUESTION), ethernet(POSTED))
    ],
    "no checksums": [
        (link, frame[:24] + b"\0\0" + frame[26:50] + b"\0\0" + frame[52:]) for link, frame in (ethernet(POSTED),)
    ],
    "a checksum of an odd length": [
        ethernet(tcp(PHONE, SERVER, (4000, 80), 1, b"contoso")),
        ethernet(tcp(PHONE, SERVER, (4003, 80), 1, b"contoso!")),
    ],
    # What cannot be masked.
    "a secret that is left": [
        ethernet(udp(PHONE, SERVER, (5000, 53), dns([b"\2aa" * 129 + b"\0\0\1\0\1"]))),
        up(1, b"fine"),
    ],
}


def sums_of(frame: bytes) -> tuple[bool, bool]:
    """Whether the checksums of IP, and of TCP or UDP, are right in an Ethernet frame."""
    head, data = frame[14:34], frame[34:]
    pseudo = head[12:20] + struct.pack(">HH", head[9], len(data))
    return checksum(head) == 0, checksum(pseudo + data) == 0
