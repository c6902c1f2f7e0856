"""Makes captures of a site from a seed: phones of which the verdict is known, and the traffic of everybody else.

Everything follows from ``(seed, packets, phones, ...)``, so a benchmark that prints its arguments can be repeated
anywhere. Written for speed (a million packets in seconds): templates of frames are filled in place.
"""

import heapq
import random
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

START = 1_767_225_600  # 2026-01-01T00:00:00Z
DOMAIN = "contoso.com"
SERVER = "10.1.0.10"
FILES = "10.1.0.11"
RESOLVER = "10.1.0.2"
DHCP_SERVER = "10.1.0.3"
POOL = "pool01.contoso.com"
_ROUTER_MAC = bytes.fromhex("0050569a0001")
_MSS = 1448

# What is wrong with each kind of phone, by the code that a verdict has to name; None is a whole path.
BROKEN: tuple[str, ...] = (
    "dhcp-no-answer",
    "dhcp-no-domain",
    "dns-r2-missing",
    "dns-legacy-only",
    "dns-no-answer",
    "connect-refused",
    "connect-no-answer",
    "http-not-found",
    "response-urls-blank",
    "download-truncated",
)

Packet = tuple[float, bytes]


@dataclass(frozen=True)
class Expected:
    """A phone in the capture, and how its verdict has to read."""

    mac: str
    ip: str
    status: str
    code: str | None


def _ip(text: str) -> bytes:
    return socket.inet_aton(text)


def _name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def _checksum(header: bytes) -> int:
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def ethernet(src: bytes, dst: bytes, kind: int, payload: bytes, tag: int | None = None) -> bytes:
    vlan = b"" if tag is None else struct.pack(">HH", 0x8100, tag)
    return dst + src + vlan + struct.pack(">H", kind) + payload


def ipv4(src: str, dst: str, protocol: int, payload: bytes, ident: int = 1) -> bytes:
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident, 0, 64, protocol, 0, _ip(src), _ip(dst))
    return head[:10] + struct.pack(">H", _checksum(head)) + head[12:] + payload


def udp(sport: int, dport: int, payload: bytes) -> bytes:
    return struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload


def tcp(sport: int, dport: int, seq: int, ack: int, flags: int, payload: bytes = b"") -> bytes:
    options = b"\x02\x04\x05\xb4" if flags & 2 else b""
    offset = (5 + len(options) // 4) << 4
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, offset, flags, 64240, 0, 0)
    return head + options + payload


def dns_question(ident: int, name: str, kind: int = 1) -> bytes:
    return struct.pack(">HHHHHH", ident, 0x0100, 1, 0, 0, 0) + _name(name) + struct.pack(">HH", kind, 1)


def dns_answer(ident: int, name: str, address: str | None, rcode: int = 0) -> bytes:
    head = struct.pack(">HHHHHH", ident, 0x8180 | rcode, 1, 1 if address else 0, 0, 0)
    question = _name(name) + struct.pack(">HH", 1, 1)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + _ip(address) if address else b""
    return head + question + record


def dhcp(operation: int, xid: int, mac: bytes, address: str, options: list[tuple[int, bytes]]) -> bytes:
    head = struct.pack(
        ">BBBBIHH4s4s4s4s", operation, 1, 6, 0, xid, 0, 0x8000, bytes(4), _ip(address), bytes(4), bytes(4)
    )
    body = b"".join(bytes([code, len(value)]) + value for code, value in options)
    return head + mac + bytes(10) + bytes(192) + b"\x63\x82\x53\x63" + body + b"\xff"


class PhoneTraffic:
    """The packets of one phone, in order, as (seconds, frame)."""

    def __init__(self, number: int, code: str | None, tagged: bool, size: int, at: float, rng: random.Random) -> None:
        self.mac = bytes.fromhex("0004f2") + number.to_bytes(3, "big")
        self.ip = f"10.2.{number >> 8}.{number & 255}"
        self.code = code
        self.tag = 100 if tagged else None
        self.size = size
        self.rng = rng
        self.at = at
        self.packets: list[Packet] = []
        self.port = 40000 + number % 20000
        self._play()

    @property
    def expected(self) -> Expected:
        status = "broken" if self.code else "whole"
        return Expected(self.mac.hex(":"), self.ip, status, self.code)

    def _send(self, src: str, dst: str, protocol: int, payload: bytes, up: bool, step: float = 0.0004) -> None:
        macs = (self.mac, _ROUTER_MAC) if up else (_ROUTER_MAC, self.mac)
        self.packets.append((self.at, ethernet(*macs, 0x0800, ipv4(src, dst, protocol, payload), self.tag)))
        self.at += step

    def _play(self) -> None:
        if self._lease() and (server := self._resolve()) and self._update(server):
            pass

    def _lease(self) -> bool:
        xid = self.rng.getrandbits(32)
        vendor = (60, b"CPE-OCPhone")
        wanted = (55, bytes([1, 3, 6, 15, 43, 120]))
        for kind in (1, 3):
            for attempt in range(3 if self.code == "dhcp-no-answer" else 1):
                message = dhcp(1, xid, self.mac, "0.0.0.0", [(53, bytes([kind])), vendor, wanted])
                self._send("0.0.0.0", "255.255.255.255", 17, udp(68, 67, message), True, 4.0 if attempt else 0.002)
            if self.code == "dhcp-no-answer":
                return False
            options = [
                (53, bytes([kind + 2 if kind == 3 else 2])),
                (54, _ip(DHCP_SERVER)),
                (51, struct.pack(">I", 86400)),
            ]
            options += [(1, _ip("255.255.0.0")), (3, _ip("10.2.255.254")), (6, _ip(RESOLVER))]
            if self.code != "dhcp-no-domain":
                options.append((15, DOMAIN.encode()))
            reply = dhcp(2, xid, self.mac, self.ip, options)
            self._send(DHCP_SERVER, "255.255.255.255", 17, udp(67, 68, reply), False, 0.003)
        return self.code != "dhcp-no-domain"

    def _ask(self, name: str, address: str | None, rcode: int = 0, answered: bool = True) -> None:
        ident = self.rng.getrandbits(16)
        port = self.rng.randrange(49152, 65535)
        for _ in range(1 if answered else 4):
            self._send(self.ip, RESOLVER, 17, udp(port, 53, dns_question(ident, name)), True, 0.0008 if answered else 2)
        if answered:
            self._send(RESOLVER, self.ip, 17, udp(53, port, dns_answer(ident, name, address, rcode)), False, 0.001)

    def _resolve(self) -> str | None:
        name = f"ucupdates-r2.{DOMAIN}"
        if self.code == "dns-no-answer":
            self._ask(name, None, answered=False)
            return None
        if self.code in ("dns-r2-missing", "dns-legacy-only"):
            self._ask(name, None, 3)
            legacy = SERVER if self.code == "dns-legacy-only" else None
            self._ask(f"ucupdates.{DOMAIN}", legacy, 0 if legacy else 3)
            return None
        self._ask(name, SERVER)
        return SERVER

    def _open(self, server: str) -> bool:
        self.port += 1
        self.seq, self.ack = self.rng.getrandbits(32), self.rng.getrandbits(32)
        if self.code == "connect-no-answer":
            for wait in (3.0, 6.0, 12.0):
                self._send(self.ip, server, 6, tcp(self.port, 80, self.seq, 0, 2), True, wait)
            return False
        self._send(self.ip, server, 6, tcp(self.port, 80, self.seq, 0, 2), True)
        if self.code == "connect-refused":
            self._send(server, self.ip, 6, tcp(80, self.port, 0, self.seq + 1, 0x14), False)
            return False
        self._send(server, self.ip, 6, tcp(80, self.port, self.ack, self.seq + 1, 0x12), False)
        self.seq += 1
        self.ack += 1
        self._send(self.ip, server, 6, tcp(self.port, 80, self.seq, self.ack, 0x10), True)
        return True

    def _exchange(self, server: str, request: bytes, answer: bytes, close: bool) -> None:
        for at in range(0, len(request), _MSS):
            part = request[at : at + _MSS]
            self._send(self.ip, server, 6, tcp(self.port, 80, self.seq, self.ack, 0x18, part), True)
            self.seq += len(part)
        for number, at in enumerate(range(0, len(answer), _MSS)):
            part = answer[at : at + _MSS]
            last = at + _MSS >= len(answer)
            self._send(
                server, self.ip, 6, tcp(80, self.port, self.ack, self.seq, 0x18 if last else 0x10, part), False, 0.0001
            )
            self.ack += len(part)
            if number & 1 or last:
                self._send(self.ip, server, 6, tcp(self.port, 80, self.seq, self.ack, 0x10), True, 0.0001)
        if close:
            self._send(server, self.ip, 6, tcp(80, self.port, self.ack, self.seq, 0x11), False)
            self._send(self.ip, server, 6, tcp(self.port, 80, self.seq, self.ack + 1, 0x11), True)
            self._send(server, self.ip, 6, tcp(80, self.port, self.ack + 1, self.seq + 1, 0x10), False)

    def _update(self, server: str) -> bool:
        if not self._open(server):
            return False
        body = (
            '<?xml version="1.0"?><Request><DeviceType>UCPhone</DeviceType>'
            f"<MacAddress>{self.mac.hex('-')}</MacAddress>"
            f"<SerialNumber>P{self.rng.getrandbits(30):010d}</SerialNumber><Vendor>Polycom</Vendor><Model>CX700</Model>"
            "<Revision>A</Revision><Locale>ENU</Locale><Version>1.0.522.101</Version></Request>"
        ).encode()
        request = (
            b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\n"
            b"Host: ucupdates-r2.contoso.com\r\nUser-Agent: Microsoft UCPhone\r\n"
            b"Content-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        if self.code == "http-not-found":
            page = b"<html><head><title>404</title></head><body>Not found</body></html>"
            answer = (
                b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page
            )
            self._exchange(server, request + body, answer, True)
            return False
        base = f"http://{POOL}/DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35/CPE"
        url = "" if self.code == "response-urls-blank" else base
        offer = (
            f'<?xml version="1.0"?><Response><Downloads>1</Downloads><BaseURL>{url}</BaseURL><ExternalBaseURL>{url}'
            "</ExternalBaseURL><File><Name>CPE.nbt</Name><Version>3.5.6907.35</Version></File></Response>"
        ).encode()
        head = (
            b"HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/6.0\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
            % len(offer)
        )
        self._exchange(server, request + body, head + offer, True)
        if self.code == "response-urls-blank":
            return False
        self._ask(POOL, FILES)
        if not self._open(FILES):
            return False
        path = base.split(POOL)[1]
        get = f"GET {path}/CPE.nbt HTTP/1.1\r\nHost: {POOL}\r\nUser-Agent: Microsoft UCPhone\r\n\r\n".encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % self.size
        sent = self.size // 2 if self.code == "download-truncated" else self.size
        content = (b"NBT0" + self.rng.randbytes(4096) * (sent // 4096 + 1))[:sent]
        self._exchange(FILES, get, head + content, True)
        return True


# Whether it goes to the server, sequence number, acknowledgement, flags, payload, and the packet's identification.
_Segment = tuple[bool, int, int, int, bytes, int]


class _Conversation:
    """Frames that come one after the other, and then again.

    There are many more than a small capture has room for: a conversation is described when its first frame is sent,
    and a frame is made when it is.
    """

    __slots__ = ("_at", "_count", "_describe", "_frames", "_send")

    def __init__(
        self, count: int, at: int, describe: Callable[[], "list[bytes | _Segment]"], send: Callable[[_Segment], bytes]
    ) -> None:
        self._count, self._at, self._describe, self._send = count, at, describe, send
        self._frames: list[bytes | _Segment] | None = None

    def next(self) -> bytes:
        if self._frames is None:
            self._frames = self._describe()
        at = self._at
        sent = self._frames[at]
        if not isinstance(sent, bytes):
            sent = self._frames[at] = self._send(sent)
        self._at = at + 1 if at + 1 < self._count else 0
        return sent


def _words(rng: random.Random, count: int) -> bytes:
    """What ``rng.getrandbits(16)`` takes so many times, in one call: of four bytes, the upper two are the number."""
    return rng.getrandbits(32 * count).to_bytes(4 * count, "little")


class Noise:
    """Endless traffic of other hosts, as frames: TLS, HTTP, SMB, RTP, DNS, and a little of everything else."""

    _KINDS = ("tls", "http", "smb", "rtp", "dns", "other")
    _WEIGHTS = (40, 15, 18, 20, 3, 4)

    def __init__(self, rng: random.Random, tagged: float) -> None:
        self.rng = rng
        self.tagged = tagged
        self.filler = rng.randbytes(1500)
        self.flows = {kind: [self._flow(kind, n) for n in range(200)] for kind in ("tls", "http", "smb", "rtp")}
        self.dns = [self._dns(n) for n in range(400)]
        self.other = [self._other(n) for n in range(60)]

    def _macs(self, number: int) -> tuple[bytes, bytes]:
        return bytes.fromhex("001a2b") + (number % 5000).to_bytes(3, "big"), _ROUTER_MAC

    def _flow(self, kind: str, number: int) -> "_Conversation":
        """A conversation: opened, requests, data, closed; then again."""
        rng = self.rng
        host, mac = f"10.3.{number % 250}.{rng.randrange(1, 255)}", self._macs(number)
        server = (
            f"93.184.{rng.randrange(1, 250)}.{rng.randrange(1, 250)}" if kind != "smb" else f"10.1.1.{number % 20 + 1}"
        )
        tag = 200 if rng.random() < self.tagged else None
        sport = rng.randrange(49152, 65535)

        def made(up: bool, payload: bytes, protocol: int, ident: int) -> bytes:
            pair = mac if up else mac[::-1]
            ends = (host, server) if up else (server, host)
            return ethernet(*pair, 0x0800, ipv4(*ends, protocol, payload, ident), tag)

        if kind == "rtp":
            said = udp(sport & ~1, 20000 + number * 2, b"\x80\0" + self.filler[:170])
            ident = rng.getrandbits(16)
            return _Conversation(1, 0, lambda: [made(True, said, 17, ident)], lambda segment: b"")
        dport = {"tls": 443, "http": 80, "smb": 445}[kind]

        def send(segment: _Segment) -> bytes:
            up, seq, ack, flags, payload, ident = segment
            ports = (sport, dport) if up else (dport, sport)
            return made(up, tcp(*ports, seq, ack, flags, payload), 6, ident)

        words = [_words(rng, 3)]
        counts = []
        for _ in range(rng.randrange(3, 8)):
            counts.append(rng.randrange(4, 40))
            words.append(_words(rng, 1 + counts[-1] + counts[-1] // 2))
        words.append(_words(rng, 3))
        length = sum(map(len, words)) // 4
        return _Conversation(length, rng.randrange(length), lambda: self._segments(kind, counts, b"".join(words)), send)

    def _segments(self, kind: str, counts: list[int], words: bytes) -> list["bytes | _Segment"]:
        """A conversation with so many segments in each answer; ``words`` have the identifications of its packets."""
        idents = (ident for (ident,) in struct.iter_unpack("<2xH", words))

        def frame(up: bool, seq: int, ack: int, flags: int, payload: bytes = b"") -> _Segment:
            return up, seq, ack, flags, payload, next(idents)

        whole = self.filler[:_MSS]
        frames: list[bytes | _Segment] = [frame(True, 1, 0, 2), frame(False, 7, 2, 0x12), frame(True, 2, 8, 0x10)]
        seq, ack = 2, 8
        for turn, count in enumerate(counts):
            if kind == "http":
                verb = b"POST /api/v1/items" if turn == 1 else b"GET /index.html"
                request = verb + b" HTTP/1.1\r\nHost: www.example.net\r\nContent-Length: 0\r\nAccept: */*\r\n\r\n"
                reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
                size = count * _MSS - len(reply) + 2
                reply = reply % (size - len(str(size)))
            else:
                request = b"\x17\x03\x03\x01\x00" + self.filler[:300]
                reply = b"\x17\x03\x03\x3f\x00"
            frames.append(frame(True, seq, ack, 0x18, request))
            seq += len(request)
            for part in range(count):
                data = (reply + self.filler)[:_MSS] if part == 0 else whole
                frames.append(frame(False, ack, seq, 0x10, data))
                ack += len(data)
                if part & 1:
                    frames.append(frame(True, seq, ack, 0x10))
        frames.append(frame(False, ack, seq, 0x11))
        frames.append(frame(True, seq, ack + 1, 0x11))
        frames.append(frame(False, ack + 1, seq + 1, 0x10))
        return frames

    def _dns(self, number: int) -> tuple[bytes, bytes]:
        name = self.rng.choice(("www.example.net", "login.example.com", "outlook.contoso.com", "wpad.contoso.com"))
        host, port, ident = f"10.3.{number % 250}.7", self.rng.randrange(1024, 65535), self.rng.getrandbits(16)
        up, down = self._macs(number), self._macs(number)[::-1]
        return (
            ethernet(*up, 0x0800, ipv4(host, RESOLVER, 17, udp(port, 53, dns_question(ident, name)))),
            ethernet(*down, 0x0800, ipv4(RESOLVER, host, 17, udp(53, port, dns_answer(ident, name, "93.184.1.1")))),
        )

    def _other(self, number: int) -> bytes:
        src, dst = self._macs(number)
        match number % 6:
            case 0:
                arp = struct.pack(">HHBBH6s4s6s4s", 1, 0x0800, 6, 4, 1, src, _ip("10.3.0.9"), bytes(6), _ip("10.3.0.1"))
                return ethernet(src, b"\xff" * 6, 0x0806, arp + bytes(18))
            case 1:
                return ethernet(src, dst, 0x0800, ipv4("10.3.0.9", "10.3.0.1", 1, b"\x08\0\0\0" + self.filler[:56]))
            case 2:
                return ethernet(src, dst, 0x86DD, b"\x60\0\0\0\0\x20\x3a\xff" + self.filler[:64])
            case 3:
                return b"\x01\x80\xc2\0\0\0" + src + b"\0\x26\x42\x42\x03" + bytes(43)
            case 4:
                return ethernet(src, dst, 0x0800, ipv4("10.3.0.9", "10.1.0.5", 17, udp(123, 123, self.filler[:48])))
            case _:
                return ethernet(src, dst, 0x0800, ipv4("10.3.0.9", "10.3.255.255", 17, udp(137, 137, self.filler[:50])))

    def frames(self, count: int) -> Iterator[bytes]:
        rng, flows = self.rng, self.flows
        pending: bytes | None = None
        kinds = rng.choices(self._KINDS, self._WEIGHTS, k=4096)
        for number in range(count):
            kind = kinds[number & 4095]
            if kind == "dns":
                if pending is None:
                    question, pending = rng.choice(self.dns)
                    yield question
                else:
                    yield pending
                    pending = None
            elif kind == "other":
                yield self.other[number % len(self.other)]
            else:
                yield flows[kind][number * 7919 % 200].next()


def write_packets(path: Path, packets: Iterator[tuple[int, bytes]], pcapng: bool) -> int:
    """Writes (microseconds, frame) pairs; the number of them."""
    count = 0
    record = struct.Struct("<IIII")
    block = struct.Struct("<IIIIIII")
    with path.open("wb", buffering=1 << 20) as file:
        if pcapng:
            file.write(struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28))
            file.write(struct.pack("<IIHHII", 1, 20, 1, 0, 262144, 20))
        else:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for time, frame in packets:
            count += 1
            size = len(frame)
            if pcapng:
                pad = -size & 3
                total = 32 + size + pad
                file.write(block.pack(6, total, 0, time >> 32, time & 0xFFFFFFFF, size, size))
                file.write(frame + bytes(pad) + total.to_bytes(4, "little"))
            else:
                file.write(record.pack(time // 1_000_000, time % 1_000_000, size, size))
                file.write(frame)
    return count


def make(
    path: Path,
    *,
    packets: int,
    phones: int = 50,
    broken: int = 10,
    size: int = 1_000_000,
    seed: int = 1,
    tagged: float = 0.2,
    pcapng: bool = False,
) -> tuple[int, list[Expected]]:
    """A capture of ``packets`` packets (0: the phones' only). Gives the number written and what to expect."""
    rng = random.Random(seed)
    seconds = max(60.0, packets / 10_000) if packets else 60.0
    played = []
    for number in range(phones):
        code = BROKEN[number % len(BROKEN)] if number < broken else None
        played.append(PhoneTraffic(number + 1, code, rng.random() < tagged, size, rng.uniform(0, seconds * 0.3), rng))
    theirs = heapq.merge(*(phone.packets for phone in played), key=lambda packet: packet[0])
    count = sum(len(phone.packets) for phone in played)
    end = max(packet[0] for phone in played for packet in phone.packets)
    rest = max(packets - count, 0)
    noise = Noise(rng, tagged).frames(rest)
    span = max(seconds, end + 30)

    def stream() -> Iterator[tuple[int, bytes]]:
        step = span / rest if rest else 0.0
        clock = 0.0
        upcoming = next(theirs, None)
        for frame in noise:
            while upcoming is not None and upcoming[0] <= clock:
                yield int((START + upcoming[0]) * 1_000_000), upcoming[1]
                upcoming = next(theirs, None)
            yield int((START + clock) * 1_000_000), frame
            clock += step
        while upcoming is not None:
            yield int((START + upcoming[0]) * 1_000_000), upcoming[1]
            upcoming = next(theirs, None)

    return write_packets(path, stream(), pcapng), [phone.expected for phone in played]


def make_crowd(path: Path, phones: int, rounds: int) -> None:
    """More phones than any site has: in each round each of them asks DNS for another name and sends a POST."""
    write_packets(path, _crowd(phones, rounds), False)


def _crowd(phones: int, rounds: int) -> Iterator[tuple[int, bytes]]:
    at = START * 1_000_000
    filler = "x" * 400
    for turn in range(rounds):
        for number in range(phones):
            mac = b"\x00\x04" + number.to_bytes(4, "big")
            ip = f"10.{2 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
            name, port = f"ucupdates-r2.{DOMAIN.replace('.', f'{turn}.')}", 20000 + turn % 40000
            body = f'<request mac="{mac.hex()}" serial="S{number}">{filler}</request>'.encode()
            asked = b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n" % (
                name.encode(),
                len(body),
            )
            asked += body
            said = f'<response downloads="0">{filler}</response>'.encode()
            said = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(said) + said
            ends = (101 + len(asked), 901 + len(said))
            for up, server, protocol, payload in (
                (True, RESOLVER, 17, udp(port, 53, dns_question(turn, name))),
                (False, RESOLVER, 17, udp(53, port, dns_answer(turn, name, SERVER))),
                (True, SERVER, 6, tcp(port, 80, 100, 0, 2)),
                (False, SERVER, 6, tcp(80, port, 900, 101, 18)),
                (True, SERVER, 6, tcp(port, 80, 101, 901, 24, asked)),
                (False, SERVER, 6, tcp(80, port, 901, ends[0], 24, said)),
                (True, SERVER, 6, tcp(port, 80, ends[0], ends[1], 17)),
                (False, SERVER, 6, tcp(80, port, ends[1], ends[0] + 1, 17)),
            ):
                macs, hosts = ((mac, _ROUTER_MAC), (ip, server)) if up else ((_ROUTER_MAC, mac), (server, ip))
                at += 200
                yield at, ethernet(*macs, 0x0800, ipv4(*hosts, protocol, payload))
