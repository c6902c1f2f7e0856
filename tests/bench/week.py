"""Makes a capture of a week: phones that check every day, renew their leases, and ask DNS for other things.

Everything follows from a seed, as in ``traffic``. ``LIVES`` says what each kind of phone does, and what of it must be
found.
"""

import heapq
import random
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.traffic import (
    DHCP_SERVER,
    DOMAIN,
    FILES,
    POOL,
    RESOLVER,
    SERVER,
    START,
    Packet,
    PhoneTraffic,
    dhcp,
    udp,
)

DAY, HOUR = 86400.0, 3600.0
OLD, NEW = "1.0.522.101", "3.5.6907.35"
_NAMES = ("autodiscover.contoso.com", "time.contoso.com", "sip.contoso.com", "crl.contoso.com")


@dataclass(frozen=True)
class Life:
    """What a phone does in a week: the days on which it does not check, and the update that it is offered on day 1."""

    missed: frozenset[int] = frozenset()
    offered: bool = False
    applied: bool = False
    codes: frozenset[str] = frozenset()


LIVES = (
    Life(),
    Life(missed=frozenset(range(4, 8)), codes=frozenset({"check-overdue"})),
    Life(offered=True, applied=True, codes=frozenset({"update-applied"})),
    Life(offered=True, codes=frozenset({"update-not-applied"})),
    Life(missed=frozenset({3})),
)


@dataclass(frozen=True)
class Expected:
    """A phone of the week, and what must be said of it."""

    mac: str
    checks: int
    firmware: str
    codes: frozenset[str]


class WeekOfPhone(PhoneTraffic):
    """One phone, from its power-on on day 0. ``chatter`` is how often it asks DNS for something else (seconds)."""

    def __init__(self, number: int, days: int, chatter: float, rng: random.Random) -> None:
        self.days, self.chatter = days, chatter
        self.life = LIVES[number % len(LIVES)]
        self.firmware = OLD
        self.checks = 0
        super().__init__(number, None, False, 5000, START + number * 7.0, rng)

    @property
    def week(self) -> Expected:
        return Expected(self.mac.hex(":"), self.checks, self.firmware, self.life.codes)

    def _play(self) -> None:
        began = self.at
        self._lease()
        chores = [(began + day * DAY, 0, day) for day in range(self.days + 1)]
        chores += [(began + number * 4 * HOUR, 1, 0) for number in range(1, 6 * self.days)]
        chores += [
            (began + 60 + number * self.chatter, 2, number) for number in range(int(self.days * DAY / self.chatter))
        ]
        for at, kind, number in sorted(chores):
            self.at = max(self.at, at)
            if kind == 1:
                self._renew()
            elif kind == 2:
                self._ask(_NAMES[number % len(_NAMES)], "10.1.0.30")
            elif number not in self.life.missed:
                self._check(number)

    def _renew(self) -> None:
        xid = self.rng.getrandbits(32)
        question = bytearray(
            dhcp(1, xid, self.mac, "0.0.0.0", [(53, b"\x03"), (60, b"CPE-OCPhone"), (55, b"\x01\x03\x06\x0f")])
        )
        question[12:16] = socket.inet_aton(self.ip)
        self._send(self.ip, DHCP_SERVER, 17, udp(68, 67, bytes(question)), True, 0.003)
        options = [(53, b"\x05"), (54, socket.inet_aton(DHCP_SERVER)), (51, struct.pack(">I", 28800))]
        options += [(6, socket.inet_aton(RESOLVER)), (15, DOMAIN.encode())]
        answer = bytearray(dhcp(2, xid, self.mac, self.ip, options))
        answer[12:16] = socket.inet_aton(self.ip)
        self._send(DHCP_SERVER, self.ip, 17, udp(67, 68, bytes(answer)), False, 0.003)

    def _check(self, day: int) -> None:
        self.checks += 1
        if day == 2 and self.life.applied:
            self.firmware = NEW
        offers = self.life.offered and day >= 1 and self.firmware == OLD
        self._resolve()
        self._open(SERVER)
        self._post(offers)
        if offers:
            self._ask(POOL, FILES)
            self._open(FILES)
            self._fetch()

    def _post(self, offers: bool) -> None:
        body = (
            f"<Request><MACAddress>{self.mac.hex('-')}</MACAddress><SerialNumber>P{self.mac.hex()}</SerialNumber>"
            "<Vendor>Polycom</Vendor><Model>CX700</Model><Modules><Module><FileName>CPE.nbt</FileName>"
            f"<Version>{self.firmware}</Version></Module></Modules></Request>"
        ).encode()
        head = (
            f"POST /RequestHandler/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2.{DOMAIN}\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        answer = b'<Response downloads="0"/>'
        if offers:
            answer = (
                f'<Response downloads="1"><BaseURL>http://{POOL}/DeviceUpdateFiles_Int/CPE</BaseURL>'
                f"<ExternalBaseURL>https://ext.{DOMAIN}/DeviceUpdateFiles_Ext/CPE</ExternalBaseURL>"
                f"<Module><FileName>CPE.nbt</FileName><Version>{NEW}</Version></Module></Response>"
            ).encode()
        said = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
        self._exchange(SERVER, head + body, said + answer, True)

    def _fetch(self) -> None:
        get = f"GET /DeviceUpdateFiles_Int/CPE/CPE.nbt HTTP/1.1\r\nHost: {POOL}\r\n\r\n".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {self.size}\r\n\r\n"
        self._exchange(FILES, get, head.encode() + b"NBT0" + bytes(self.size - 4), True)


def make_week(
    path: Path, *, phones: int = 50, days: int = 7, chatter: float = 900.0, seed: int = 1
) -> tuple[int, list[Expected]]:
    """Write the capture; how many packets it has, and the phones."""
    rng = random.Random(seed)
    made = [WeekOfPhone(number + 1, days, chatter, rng) for number in range(phones)]
    count = 0
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at, frame in _merged([phone.packets for phone in made]):
            count += 1
            file.write(struct.pack("<IIII", int(at), int(at % 1 * 1_000_000), len(frame), len(frame)) + frame)
    return count, [phone.week for phone in made]


def _merged(streams: list[list[Packet]]) -> Iterator[Packet]:
    return heapq.merge(*streams, key=lambda packet: packet[0])
