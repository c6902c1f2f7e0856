"""The floor of judging: what Python takes to say of each phone, in a line of text, where its path ends.

On top of what ``paired`` of ``tests.bench.floor`` does. A phone is a client with the vendor class of phones, or one
that asks for the update server. Five facts are kept of it, each its last one: the lease, the answer of DNS, of the
handler, of a file, and what its messages of DHCP were. The verdict is the first of them that is missing or not good.
What ``ucdiag`` keeps, doubts, explains and counts beside that is left out, as are memory and bad input.
"""

from pathlib import Path

from tests.bench.floor import Pairs, options, read_segments

_PHONE = b"cpe-ocphone"
_OFFERED, _GRANTED = b"\x02", b"\x05"


class Judge(Pairs):
    """``leases`` by hardware address, and what came of the other steps by address: name, request and download."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[bytes, bytearray] = {}
        self.phones: set[bytes] = set()
        self.leases: dict[bytes, tuple[bytes, bytes]] = {}
        self.names: dict[bytes, bytes] = {}
        self.requests: dict[bytes, bytes] = {}
        self.downloads: dict[bytes, bytes] = {}

    def datagram(self, place: bytes, payload: bytes) -> None:
        if payload[236:240] == b"\x63\x82\x53\x63":
            found = options(payload)
            mac, kind = payload[28:34], found.get(53, b"")
            # Everybody's messages in their order: who is a phone may show later.
            self.kinds.setdefault(mac, bytearray()).extend(kind)
            if found.get(60, b"").lower() == _PHONE:
                self.phones.add(mac)
            if kind == _GRANTED:
                self.leases[mac] = payload[16:20], found.get(15, b"")
        elif place[8:10] == b"\0\x35":
            if payload[13:22].lower() == b"ucupdates":
                good = not payload[3] & 15 and payload[6:8] != b"\0\0"
                self.names[place[4:8]] = payload[-4:] if good else b""
        elif place[10:] == b"\0\x35" and payload[13:22].lower() == b"ucupdates":
            self.names.setdefault(place[:4], b"")

    def tell(self, place: bytes, is_question: bool, said: object) -> None:
        """A head of HTTP."""
        if is_question:
            self._open[place] = said
            return
        asked = self._open.pop(place, None)
        if isinstance(asked, dict) and isinstance(said, dict):
            self.found += 1
            steps = self.requests if asked[b""].startswith(b"POST ") else self.downloads
            steps[place[:4]] = said[b""][9:12]

    def lines(self) -> list[str]:
        return [f"{mac.hex(':')} {self.verdict(mac)}" for mac in self.phones]

    def verdict(self, mac: bytes) -> str:
        lease = self.leases.get(mac)
        if lease is None:
            return "broken at dhcp: " + ("no lease" if _OFFERED in self.kinds[mac] else "no offer")
        address, domain = lease
        if not domain:
            return "broken at dhcp: no domain"
        if not self.names.get(address):
            return "broken at dns: no address"
        status = self.requests.get(address)
        if status != b"200":
            return "broken at request: " + (status.decode() if status else "no answer")
        status = self.downloads.get(address)
        return "whole" if status in (None, b"200", b"206") else f"broken at download: {status.decode()}"


def judge(path: Path) -> tuple[int, int]:
    """How many phones there are, and how many of them are whole."""
    judge = Judge()
    read_segments(path, judge)
    text = "\n".join(judge.lines())
    return len(judge.phones), text.count("whole")
