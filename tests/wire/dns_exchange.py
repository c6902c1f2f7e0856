"""Questions and answers of DNS on one port of the phone, made by dnspython, and what the tracker reports of them."""

import dns.message
import dns.rcode
import dns.rrset

from tests.wire.ladder import PHONE, PHONE_MAC, SECOND, START
from ucdiag.model.observations import Lookup
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dns.tracker import DnsTracker

RESOLVER = bytes((10, 0, 0, 53))
NAME = "ucupdates-r2.contoso.com"


class Exchange:
    """Questions (``asks``) and answers on one port, and what is reported of them."""

    def __init__(self, **options: object) -> None:
        self.found: list[object] = []
        self.lookups = DnsTracker(self.found.append, **options)  # type: ignore[arg-type]
        self.at = START
        self.frame = 0

    def _next(self, seconds: float) -> tuple[int, int]:
        self.at += int(seconds * SECOND)
        self.frame += 1
        return self.at, self.frame

    def asks(self, message: bytes, *, port: int = 1024, after: float = 0.001, mac: bytes = PHONE_MAC) -> "Exchange":
        self.lookups.take_datagram(Datagram(*self._next(after), PHONE, port, RESOLVER, 53, message, mac, None))
        return self

    def answers(self, message: bytes, *, port: int = 1024, after: float = 0.001) -> "Exchange":
        self.lookups.take_datagram(Datagram(*self._next(after), RESOLVER, 53, PHONE, port, message, None, PHONE_MAC))
        return self

    def facts(self, after: float = 60) -> list[Lookup]:
        self.lookups.finish(self.at + int(after * SECOND))
        return self.found  # type: ignore[return-value]


def question(name: str = NAME, type: str = "A", id: int = 7) -> bytes:
    return dns.message.make_query(name, type, id=id).to_wire()


def answer(
    *records: str, name: str = NAME, type: str = "A", id: int = 7, rcode: str = "NOERROR", flags: int = 0
) -> bytes:
    found = dns.message.make_response(dns.message.make_query(name, type, id=id))
    found.set_rcode(dns.rcode.from_text(rcode))
    found.flags |= flags
    for record in records:
        owner, ttl, kind, data = record.split(" ", 3)
        found.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, data))
    return found.to_wire()
