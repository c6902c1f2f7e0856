"""A phone whose update service speaks TLS: the packets of its lease, its question, and its connections.

::

    phone = TlsPhone()
    talk = TlsTalk(maximum=TLSv1_2).request(check()).answer(nothing_newer()).close()
    phone.talks(SERVER, talk)
    write(path, pcapng(phone.frames()))
"""

import random

from tests.bench.traffic import FILES, POOL, SERVER, START, PhoneTraffic, tcp
from tests.capture.capture_files import Packet
from tests.wire.tls_talk import PIECE, TlsTalk

PATH = "/RequestHandler/Files/UCPhone/Polycom/CX700/A/ENU/3.5.6907.35"
__all__ = ["FILES", "SERVER", "TlsPhone", "check", "fetch", "file_of", "nothing_newer", "offer", "status"]


def check() -> bytes:
    """The update request."""
    body = (
        b'<?xml version="1.0"?><Request><DeviceType>UCPhone</DeviceType><MacAddress>00-04-f2-00-00-01</MacAddress>'
        b"<SerialNumber>P0000000001</SerialNumber><Vendor>Polycom</Vendor><Model>CX700</Model><Revision>A</Revision>"
        b"<Locale>ENU</Locale><Version>1.0.522.101</Version></Request>"
    )
    head = (
        b"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2.contoso.com\r\n"
        b"User-Agent: Microsoft UCPhone\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n"
    )
    return head % len(body) + body


def status(line: str, body: bytes = b"", kind: str = "text/html") -> bytes:
    """An answer: ``404 Not Found``."""
    head = (
        f"HTTP/1.1 {line}\r\nServer: Microsoft-IIS/7.5\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def nothing_newer() -> bytes:
    return status("200 OK", b'<?xml version="1.0"?><Response><Downloads>0</Downloads></Response>', "text/xml")


def offer() -> bytes:
    """The answer that offers a file over https."""
    url = f"https://{POOL}{PATH}"
    body = (
        f'<?xml version="1.0"?><Response><Downloads>1</Downloads><BaseURL>{url}</BaseURL><ExternalBaseURL>{url}'
        "</ExternalBaseURL><File><Name>CPE.nbt</Name><Version>3.5.6907.35</Version></File></Response>"
    )
    return status("200 OK", body.encode(), "text/xml")


def fetch() -> bytes:
    """The request for that file."""
    return f"GET {PATH}/CPE.nbt HTTP/1.1\r\nHost: {POOL}\r\nUser-Agent: Microsoft UCPhone\r\n\r\n".encode()


def file_of(size: int, sent: int | None = None) -> bytes:
    """The answer with a file of so many bytes, of which so many are sent."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % size
    return head + (b"NBT0" + random.Random(1).randbytes(size))[: size if sent is None else sent]


class TlsPhone(PhoneTraffic):
    """One phone. Its lease and its question are there from the beginning."""

    def __init__(self, number: int = 1, *, asks: bool = True) -> None:
        self._asks = asks
        super().__init__(number, None, False, 0, 0.0, random.Random(number))

    def _play(self) -> None:
        if self._asks:
            self._lease()
            self._resolve()

    def asks_for_pool(self) -> None:
        """The question for the file's host."""
        self._ask(POOL, FILES)

    def talks(
        self, server: str, talk: TlsTalk, *, port: int = 443, closes: bool = True, lost: int | None = None
    ) -> None:
        """A connection. ``lost`` is the number of the segment, from 0, that the capture lacks."""
        self.port += 1
        up, down = self.rng.getrandbits(32), self.rng.getrandbits(32)

        def send(is_up: bool, flags: int, payload: bytes = b"") -> None:
            nonlocal up, down
            ends, ports = ((self.ip, server), (self.port, port)) if is_up else ((server, self.ip), (port, self.port))
            seq, ack = (up, down) if is_up else (down, up)
            self._send(*ends, 6, tcp(*ports, seq, ack if flags & 16 else 0, flags, payload), is_up)
            moved = len(payload) + (1 if flags & 3 else 0)
            up, down = (up + moved, down) if is_up else (up, down + moved)

        for is_up, flags in ((True, 2), (False, 0x12), (True, 0x10)):
            send(is_up, flags)
        number = 0
        for is_up, data in talk.flights:
            for at in range(0, len(data), PIECE):
                send(is_up, 0x18, data[at : at + PIECE])
                if number == lost:
                    self.packets.pop()
                send(not is_up, 0x10)
                number += 1
        if closes:
            for is_up, flags in ((False, 0x11), (True, 0x11), (False, 0x10)):
                send(is_up, flags)

    def waits(self, seconds: float) -> None:
        """Something of another host comes after so long, so that the capture goes on."""
        self.at += seconds
        self._send("10.1.9.9", "10.1.9.255", 17, bytes(8), False)

    def frames(self) -> list[Packet]:
        """As the writers of capture files take them."""
        return [(int((START + at) * 1_000_000), frame) for at, frame in self.packets]
