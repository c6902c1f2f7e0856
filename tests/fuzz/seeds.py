"""What the parsers understand, to begin from: small, the same in each run, and made of what the other tests have."""

import gzip
import json
import tempfile
import zlib
from functools import cache
from pathlib import Path
from random import Random

from tests.bench.traffic import PhoneTraffic, dns_answer, dns_question
from tests.capture import capture_files
from tests.leases import machine
from tests.server_logs import log_samples
from tests.stored_reports import report_samples
from tests.wire import wired
from tests.wire.dhcp_options import name, option

CRASHES = Path(__file__).parent / "crashes"
_TESTS = Path(__file__).parent.parent

_NAME = "ucupdates-r2.contoso.com"


def crashes(target: str) -> list[bytes]:
    """What broke this parser once."""
    return [path.read_bytes() for path in sorted((CRASHES / target).glob("*"))]


@cache
def _packets() -> tuple[capture_files.Packet, ...]:
    rng = Random(5)
    found = [
        packet
        for number, code in enumerate((None, "http-not-found", "dns-legacy-only", "connect-refused"))
        for packet in PhoneTraffic(number + 1, code, number % 2 == 1, 700, 0.1, rng).packets
    ]
    found.sort(key=lambda packet: packet[0])
    return tuple((int((1_767_225_600 + at) * 1_000_000), frame) for at, frame in found)


def dhcp() -> list[bytes]:
    head = bytes.fromhex("02010600000000070000000000000000 0a0000070a00000200000000 0004f2aabbcc".replace(" ", ""))
    fixed = head.ljust(236, b"\0") + bytes.fromhex("63825363")
    options = [
        option(1, b"\xff\xff\xff\0"),
        option(6, b"\x0a\0\0\2\x0a\0\0\3"),
        option(12, b"phone"),
        option(15, b"contoso.com"),
        option(43, option(1, b"MS-UC-Client") + option(2, b"\0\x05") + option(10, b"\0\x0a")),
        option(51, b"\0\1\x51\x80"),
        option(54, b"\x0a\0\0\1"),
        option(60, b"CPE-OCPHONE"),
        option(82, option(1, b"port 7") + option(2, b"switch")),
        option(119, name("contoso.com") + b"\x04corp\xc0\x00"),
        option(120, b"\0" + name("sip.contoso.com")),
    ]
    kinds = [option(53, bytes([kind])) for kind in (1, 2, 3, 5, 6, 8)]
    overload = option(52, b"\3")
    return [
        *[fixed + kind + b"".join(options) + b"\xff" for kind in kinds],
        fixed + kinds[1] + overload + options[3] + b"\xff",
        fixed + kinds[1] + options[3],
    ]


def dns() -> list[bytes]:
    answers = [dns_answer(7, _NAME, address) for address in ("10.0.0.80", "10.0.0.81")]
    alias = bytes.fromhex("0007818000010003000000010000") + b"".join(
        [
            dns_question(7, _NAME)[12:],
            bytes.fromhex("c00c00050001000000050002") + b"\xc0\x16",
            bytes.fromhex("c01600210001000000050009000100020050") + b"\1a\0",
            bytes.fromhex("c016001000010000000500040373706600000029100000000000000000"),
        ]
    )
    return [dns_question(7, _NAME), *answers, alias]


def frames() -> list[bytes]:
    """Each with its link type's place and its length before it."""
    made = [frame[:1500] for _, frame in _packets()]
    each = [b"\0" + len(frame).to_bytes(2, "big") + frame for frame in made]
    return [b"".join(each[:12]), b"".join(each[12:30]), *each[:4]]


def links() -> list[bytes]:
    """Frames behind a byte that chooses what they are taken for."""
    found = {len(frame): bytes([number % 200]) + frame[:200] for number, (_, frame) in enumerate(_packets())}
    return list(found.values())[:24]


def icmp() -> list[bytes]:
    quoted = next(frame for _, frame in _packets() if frame[12:14] == b"\x08\0")[14:42]
    quoted6 = b"\x60\0\0\0\0\x08\x11\x40" + bytes(32) + b"\xc3\x50\0\x35\0\x08\0\0"
    return [b"\3\x0d\0\0\0\0\0\0" + quoted, b"\x0b\0\0\0\0\0\0\0" + quoted, b"\1\4\0\0\0\0\0\0" + quoted6]


def tunnels() -> list[bytes]:
    """A frame behind heads of VXLAN, Geneve, GRE with and without a key, TZSP, GTP and CAPWAP, each for each port."""
    frame = _packets()[0][1][:120]
    heads = ["0800000000000100", "0000655800000100", "00006558", "2000655800000007", "010000010100", "30ff003000000001"]
    heads += ["0010020000000000", "0002000100000001"]
    return [bytes([place]) + bytes.fromhex(head) + frame for place, head in enumerate(heads * 3)]


def fragments() -> list[bytes]:
    """Size, place, word and payload of each piece."""
    whole = bytes([32, 0, 1]) + bytes(32) + bytes([20, 4, 0]) + bytes(20)
    return [whole, bytes([8, 1, 0]) + bytes(8) + bytes([8, 0, 1]) + bytes(8), whole[:35] * 4 + whole[35:]]


def _flights(talk: list[tuple[bool, bytes]]) -> bytes:
    """A conversation as ``stream-*`` read it: a word (bit 0: the server), a length, and what is said."""
    return b"".join(
        bytes([0 if client else 1]) + len(piece).to_bytes(2, "big") + piece
        for client, whole in talk
        for piece in [whole[at : at + 1400] for at in range(0, len(whole), 1400)]
    )


def http_talks() -> list[bytes]:
    packed = zlib.compress(b"<Response/>")
    answers = [
        wired.NOTHING_NEWER,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + packed,
        b"HTTP/1.1 100 Continue\r\n\r\n" + wired.NOTHING_NEWER,
    ]
    get = b"GET http://pool/CPE.nbt HTTP/1.1\r\nHost: pool\r\nRange: bytes=0-9\r\n\r\n"
    chunked = wired.POST.replace(b"Content-Length: 10", b"Transfer-Encoding: chunked").replace(b"<r", b"a\r\n<r")
    return [
        *[_flights([(True, wired.POST), (False, answer)]) for answer in answers],
        _flights([(True, get), (False, answers[0]), (True, chunked + b"\r\n0\r\n\r\n"), (False, answers[1])]),
    ]


@cache
def _tls() -> list[tuple[bytes, list[tuple[bool, bytes]]]]:
    """Recorded conversations: the secrets, and what each side sent. New ones would differ in each run."""
    files = (Path(__file__).parent / "tls_talks.json", _TESTS / "wire/data/tls_old_ciphers.json")
    return [
        (talk["key_log"].encode(), [(client, bytes.fromhex(piece)) for client, piece in talk["flights"]])
        for file in files
        for talk in json.loads(file.read_text(encoding="ascii"))
    ]


def tls_talks() -> list[bytes]:
    return [_flights(flights) for _, flights in _tls()]


def key_logs() -> list[bytes]:
    return [key_log for key_log, _ in _tls()]


def hellos() -> list[bytes]:
    """Without the heads of record and handshake; the first of the server's is followed by its chain."""
    found = [piece[9 : 9 + int.from_bytes(piece[6:9], "big")] for _, flights in _tls() for _, piece in flights[:2]]
    return [*found, *(len(der).to_bytes(3, "big") * 2 + der for der in certificates())]


def certificates() -> list[bytes]:
    found = (piece.partition(b"\x0b\0")[2] for _, flights in _tls() for _, piece in flights if b"\x30\x82" in piece)
    chains = (piece[piece.index(b"\x30\x82") :] for piece in found if b"\x30\x82" in piece)
    return [chain[: int.from_bytes(chain[2:4], "big") + 4] for chain in chains]


def dns_talks() -> list[bytes]:
    asked, told = [len(data).to_bytes(2, "big") + data for data in (dns_question(7, _NAME), dns()[1])]
    return [_flights([(True, asked), (False, told)]), _flights([(True, asked * 2), (False, told[:9]), (False, told)])]


def answers() -> list[bytes]:
    offer = (
        '<?xml version="1.0"?><Response downloads="1"><DeviceUpdateResponse><BaseURL>http://pool/CPE</BaseURL>'
        "<ExternalBaseURL>https://ext/CPE</ExternalBaseURL><FileName>CPE.nbt</FileName><Version>1.0.522.101</Version>"
        "</DeviceUpdateResponse></Response>"
    )
    page = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>Error: not found</body></html>'
    pairs = "BaseURL=http://pool/CPE;FileName=CPE.nbt;Version=1.0.522.101"
    texts = [offer, page, pairs, '<Response downloads="0"/>', "<a><![CDATA[<Response/>]]></a>"]
    return [
        *[text.encode() for text in texts],
        offer.encode("utf-16"),
        gzip.compress(offer.encode(), mtime=0),
        zlib.compress(page.encode()),
    ]


def requests() -> list[bytes]:
    marked = b"<Request><MACAddress>00-04-F2-11-22-33</MACAddress><SerialNumber>AB1</SerialNumber></Request>"
    return [wired.POST, marked, wired.POST.replace(b"<request/>", marked), marked.decode().encode("utf-16")]


def captures() -> list[bytes]:
    packets = _packets()
    made = [
        capture_files.pcap(packets),
        capture_files.pcap(packets, ">", True),
        capture_files.kuznetzov(packets),
        capture_files.pcapng(packets),
        capture_files.pcapng(packets, ">", 9),
        capture_files.sections(packets),
        capture_files.old_packets(packets),
        capture_files.simple_packets(packets),
    ]
    return [*made, gzip.compress(made[0], mtime=0), gzip.compress(made[3], mtime=0)]


def iis_logs() -> list[bytes]:
    log = log_samples.iis_log(log_samples.iis(), log_samples.iis(status="500 0 0"), "x y z")
    return [log.encode(), log.encode("utf-16"), gzip.compress(log.encode(), mtime=0)]


def audit_logs() -> list[bytes]:
    rows = [log_samples.HEADER, log_samples.audit(offered=log_samples.OFFER), log_samples.audit("2026-11-27 09:00:01")]
    german = log_samples.audit("27.11.2026 09:00:01", by=";")
    return ["\n".join(rows).encode(), german.encode(), german.encode("utf-16")]


def leases(file: str) -> bytes:
    """One of the real files of DHCP clients, or of the kernel."""
    return (machine.REAL / file).read_bytes()


def lease_files() -> list[bytes]:
    made = [
        b'supersede domain-name "x.example";\ninterface "eth0" { request domain-name, subnet-mask; }\n',
        b"# Generated by NetworkManager\nsearch contoso.com corp.contoso.com\nnameserver 10.0.0.2\noptions edns0\n",
    ]
    files = sorted(path for path in machine.REAL.iterdir() if path.is_file())
    return [*made, *(path.read_bytes() for path in files)]


def netlink() -> list[bytes]:
    return [leases("rtnetlink")]


def macos() -> list[bytes]:
    packet = (
        "op = BOOTREPLY\nyiaddr = 10.0.0.7\nchaddr = 3c:22:fb:aa:bb:cc\noptions:\nOptions count is 3\n"
        "dhcp_message_type (uint8): ACK 0x5\ndomain_name (string): contoso.com\n"
        "domain_name_server (ip_mult): {10.0.0.2, 10.0.0.3}\nlease_time (uint32): 0x15180\nend (none):\n"
    )
    resolver = "resolver #1\n  search domain[0] : contoso.com\n  nameserver[0] : 10.0.0.2\n  if_index : 6 (en0)\n"
    return [packet.encode(), b"DNS configuration\n\n" + resolver.encode()]


def targets() -> list[bytes]:
    table = "MAC,Serial,Site,Nameserver\n00-04-F2-AA-BB-CC,AB1,Köln,10.0.0.2\n0004.f2aa.bbcd;x\n"
    return [table.encode(), table.replace(",", ";").encode("utf-16"), b"contoso.com\n# no\ncorp.example 10.0.0.2\n"]


@cache
def _stored() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        stored = report_samples.store(Path(folder), "a.json", log_samples.audit(offered=log_samples.OFFER)).read_text()
    data = json.loads(stored.replace(folder, "/tmp/reports"))
    data.update(started="2026-11-27T10:00:00.000000Z", finished="2026-11-27T10:00:01.000000Z")
    return json.dumps(data).encode()


def reports() -> list[bytes]:
    line = json.dumps({"target": "00:04:f2:aa:bb:cc", **json.loads(_stored())}).encode() + b"\n"
    return [_stored(), line, line * 2 + line[:50]]


def facts() -> list[bytes]:
    found = [fact for phone in json.loads(_stored())["phones"] for fact in phone["observations"]]
    return [json.dumps(fact).encode() for fact in found]


def expectations() -> list[bytes]:
    return [
        b'domain = "contoso.com"\naddress = ["10.0.0.80"]\nversion = ["1.0.522.101"]\n'
        b'certificate_until = 2027-01-01\n[site.Koeln]\ndomain = "koeln.example"\n'
    ]


def words() -> list[bytes]:
    return [b"contoso.com", "köln.example".encode(), b"10.0.0.2:5353", b"[2001:db8::1]:53", b"http://u@pool:80/a?b#c"]
