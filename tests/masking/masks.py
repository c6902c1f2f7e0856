"""What is learnt from each kind of text and message, and what becomes of them under one key, as text.

``python -m tests.masking.masks`` writes ``masks.txt`` anew; read the difference before you commit it.
"""

import base64
import gzip
import hashlib
import re
import struct
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.bench.traffic import ethernet, ipv4, udp
from tests.masking.captures import CAPTURES, MAC, OTHER
from tests.masking.messages import DHCP, DNS, HTTP, TLS, dhcp_with
from tests.masking.records import CLASSES, least, text_fields
from tests.recorded_texts import read_texts, write_cases
from tests.views.reports import report, whole_phone
from tests.wire.wrappings import VXLAN, WRAPPINGS, outer, wireless
from ucdiag.masking.dhcp import learn_dhcp, mask_dhcp
from ucdiag.masking.dns import learn_dns, mask_dns
from ucdiag.masking.http import learn_http, mask_http
from ucdiag.masking.learning import learn_host, learn_record, learn_report, learn_text, learn_title, ntlm_names
from ucdiag.masking.mask import Mask
from ucdiag.masking.packets import PacketMasker
from ucdiag.masking.report import ReportMasker
from ucdiag.masking.scrubber import Scrubber
from ucdiag.masking.tls import is_tls, learn_tls, mask_tls
from ucdiag.masking.unwrapping import unwrap_frame
from ucdiag.model.fast_dataclass import Record
from ucdiag.model.observations import Lookup
from ucdiag.model.report import Problem, Source, Verdict
from ucdiag.model.steps import VerdictStatus

FILE = Path(__file__).with_name("masks.txt")
_LINE = 110
_LONG = 1200
_REPEATED = re.compile(rb"(.{1,24}?)\1{7,}", re.DOTALL)
KEY = b"k"
PORTS = frozenset({80, 443})
MAKER = bytes.fromhex("0004f2")


def secrets() -> Mask:
    """A mask that knows some secrets of each kind."""
    mask = Mask(KEY, [MAKER])
    for name in ("pool01.contoso.com", "müller.fabrikam.co", "lobby", "it", "ab37_679e", "12345678"):
        mask.learn_name(name)
    for address in ("10.0.0.7", "10.0.0.80", "192.168.3.9", "203.0.113.5"):
        mask.learn_address(address)
    for mac in ("00:04:f2:aa:bb:cc", "02-00-00-00-00-80"):
        mask.learn_mac(mac)
    return mask


def learnt(mask: Mask) -> str:
    """What a mask knows, in order."""
    known = [
        *sorted(f"({word})" if word in mask.bound else word for word in mask.words),
        *(".".join(map(str, address)) for address in sorted(mask.addresses)),
        *(mac.hex(":") for mac in sorted(mask.macs)),
    ]
    return ", ".join(known) or "-"


def shown(data: bytes) -> str:
    """Bytes in lines; what is repeated is counted, and of what is long the middle is a digest."""
    if len(data) > _LONG and _REPEATED.search(data) is None:
        middle = data[_LONG // 2 : -_LONG // 4]
        ends = shown(data[: _LONG // 2]), shown(data[-_LONG // 4 :])
        return f"{ends[0]}\n  ... {len(middle)} bytes, SHA-256 {hashlib.sha256(middle).hexdigest()[:16]} ...\n{ends[1]}"
    parts, at = [], 0
    for found in _REPEATED.finditer(data):
        parts.append(repr(data[at : found.start()])[2:-1])
        parts.append(f"{{{len(found[0]) // len(found[1])} times {found[1]!r}}}")
        at = found.end()
    parts.append(repr(data[at:])[2:-1])
    lines = [
        part for line in "".join(parts).replace("\\n", "\\n\n").splitlines() for part in textwrap.wrap(line, _LINE)
    ]
    return "\n".join(f"  {line}" for line in lines)


# Text.

NTLM_1 = b"NTLMSSP\0\1\0\0\0" + bytes(4) + struct.pack("<HHIHHI", 6, 6, 32, 5, 5, 38) + b"CORPDCHOST9"
NTLM_2 = (
    b"NTLMSSP\0\2\0\0\0"
    + struct.pack("<HHI", 8, 8, 48)
    + bytes(20)
    + struct.pack("<HHI", 44, 44, 56)
    + "CORP".encode("utf-16-le")
    + struct.pack("<HH", 2, 8)
    + "CORQ".encode("utf-16-le")
    + struct.pack("<HH", 7, 8)
    + bytes(8)
    + struct.pack("<HH", 9, 10)
    + "HTTP/".encode("utf-16-le")
    + struct.pack("<HH", 6, 4)
    + bytes(4)
)
NTLM_3 = (
    b"NTLMSSP\0\3\0\0\0"
    + struct.pack("<HHIHHI", 4, 4, 64, 4, 4, 68)
    + struct.pack("<HHIHHIHHI", 8, 8, 72, 10, 10, 80, 6, 6, 90)
    + struct.pack("<HHI", 4, 4, 96)
    + bytes(4)
    + b"\xaa\xab\xac\xad\xba\xbb\xbc\xbd"
    + "CORP".encode("utf-16-le")
    + "alice".encode("utf-16-le")
    + "PC7".encode("utf-16-le")
    + b"\xca\xcb\xcc\xcd"
)


def coded(message: bytes) -> bytes:
    return base64.b64encode(message)


TEXTS: dict[str, bytes] = {
    "mail": b"write to alice.b@fabrikam.com, or x@y, or bob@host-7.corp.example.",
    "URL": b"http://pool.contoso.com:8080/x?y=1 https://bob:s3cret@web9/ ftp://10.0.0.7/a nothing://",
    "URL with a user alone": b"sip://carol@edge.fabrikam.com;tls",
    "names": b"see www.contoso.com and a.b.c.de, not a.b or file.tar, v1.example.zz .hidden.com x.com-y",
    "names with slashes and percents": b"/images.contoso.com %41.contoso.com a-b.contoso.com",
    "names behind percents": b"to bob%2Ek@fabrikam.com, x=%2500%3A50%3A56%3A01%3A02%3A03, a%2Dbox9.corp.example",
    "Host header": b"GET / HTTP/1.1\r\nHost: pool77:80\r\nhost:\tother8\r\n\r\n",
    "Host header with an address": b"\r\nHost: 10.20.30.40\r\n",
    "private addresses": b"10.1.2.3 192.168.1.2 172.16.0.1 172.31.9.9 172.32.0.1 31.1.1.1 30.9.9.9 1.2.3.4 300.1.1.1",
    "addresses in longer numbers": b"1.10.1.2.3 10.1.2.3.4 10.1.2 10.1.2.3",
    "MAC addresses": b"00:04:f2:aa:bb:cc 00-50-56-01-02-03 00:04-f2:aa:bb:cd 00:04:f2:aa:bb:cc:dd x00:50:56:0a:0b:0c",
    "accounts": b"CORPDC\\alice x\\y \\\\server9\\share7 DOM\\\\bob.k$ a\\b\\c",
    "Basic": b"Authorization: Basic " + coded(b"alice smith:Fabrikam-7") + b"\r\nbasic AAA=\r\nBasic " + coded(b"carl"),
    "Digest": b'Digest username="dora.k", realm="x", USERNAME="erik"',
    "NTLM negotiate": b"NTLM " + coded(NTLM_1),
    "NTLM challenge": b"NTLM " + coded(NTLM_2),
    "NTLM authenticate": b"NTLM " + coded(NTLM_3),
    "elements": (
        b"<SerialNumber>AB37_679e</SerialNumber><MACAddress>0004F2AABBCC</MACAddress><Version>1.0.522.101</Version>"
        b"<UserName>frieda</UserName><ServerVersion>1.0</ServerVersion><Owner>a very long prose of an owner</Owner>"
        b"<Location>Building 7</Location><hostPath>/x/yy</hostPath><serialNo>998877</serialNo><mac>0004.f2aa.bbcd</mac>"
    ),
    "attributes and fields": (
        b" user=\"gerd\" machine='box77' computer: heinz7\r\n&login=ida+x"
        b'&DisplayName=Jon Doe\r\n;pool=p77 extension="4711"'
    ),
    "headers of the protocol": b"\r\nServer: IIS/7.5 special\r\nUser-Agent: phoney\r\nLocation: elsewhere9\r\n",
    "dates and versions of who": b"<userDate>2026-01-01T00:00:00Z</userDate><serialDate>20260101</serialDate>",
    "percent": (
        b"q=%68%74%74%70%3A%2F%2Fpool5.contoso.com x=http%3A%2F%2Fpool6.contoso.com%2F&twice=%2568ost%253Dkurt7.%63om"
    ),
    "UTF-16": b"\xff\xfe" + "user=lena7 at pool8.contoso.com".encode("utf-16-le"),
    "UTF-16, the other order": "user=mona7 at pool9.contoso.com".encode("utf-16-be"),
    "nothing": b"",
}


def of_text(data: bytes, names: bool = True) -> str:
    mask = Mask(KEY)
    learn_text(mask, data, names=names)
    return learnt(mask)


HOSTS = (
    "pool.contoso.com",
    "10.0.0.7",
    "10.0.0.7:443",
    "pool:443",
    "http://pool2.contoso.com/x",
    "",
    "single",
    "www.contoso.co.uk",
    "contoso.local",
    "com",
    "a.b",
    "ab",
    "a1",
    "1234",
    "12345",
    "-_x9y-_",
    "x" * 255,
    "x" * 256,
    "Straße.contoso.com",
    "ucupdates-r2.contoso.com",
    "pool01.corp.contoso.com.",
    "mailbox",
    "ports",
    "date",
)
TITLES = (
    "CN=pool.contoso.com,O=Contoso Ltd",
    r"CN=a\,bee.contoso.com+OU=Sales Team,C=DE",
    "no equals sign",
    "O=Microsoft Corporation",
)


def of_words(learn: Callable[[Mask, str], None], words: Iterable[str]) -> str:
    lines = []
    for word in words:
        mask = Mask(KEY)
        learn(mask, word)
        name = word if len(word) < 80 else f"{len(word)} letters"
        known = learnt(mask)
        lines.append(f"{name!r}: {known if len(known) < 80 else f'{len(known)} letters'}")
    return "\n".join(lines)


def masked_words() -> str:
    mask = secrets()
    spelt = ("contoso", "Contoso", "CONTOSO", "pool01", "MÜLLER", "müller", "it", "AB37_679E", "12345678", "other")
    return "\n".join(f"{word}: {mask.mask_word(word)}" for word in spelt)


_ADDRESSES = """
    0.0.0.0 0.1.2.3 1.2.3.4 8.8.8.8 9.9.9.9 10.0.0.0 10.0.0.7 10.0.0.80 10.0.0.255 11.22.33.44 99.1.1.1 100.63.1.1
    100.64.1.1 100.127.9.9 100.128.1.1 126.1.1.1 127.0.0.1 128.1.2.3 169.253.1.1 169.254.1.1 169.255.1.1
    172.15.1.1 172.16.1.1 172.31.1.1 172.32.1.1 192.0.0.8 192.0.2.77 192.0.3.1 192.1.1.1 192.167.1.1 192.168.3.9
    192.168.4.9 192.169.1.1 198.17.1.1 198.18.1.1 198.19.1.1 198.20.1.1 198.51.100.9 198.51.101.9 198.52.1.1
    203.0.113.5 203.0.114.5 203.1.1.1 223.1.1.1 224.0.0.1 239.1.1.1 255.255.255.255
"""
ADDRESSES = _ADDRESSES.split()
PREFIXES = (
    b"",
    b"\x0a",
    b"\x0a\0",
    b"\x0a\0\0",
    b"\xc0\xa8\3",
    b"\xc0\xa8\3\x09",
    b"\0",
    b"\x7f\0",
    b"\xe0",
    b"\x0b\x16",
)
ADDRESSES_6 = (
    "20010db8000000000000000000000001",
    "20010db8123456789abcdef012345678",
    "20010db8123456789abcdef012345679",
    "fe800000000000000204f2fffeaabbcc",
    "fd00000000000000000000000000000a",
    "ff020000000000000000000000010002",
    "ff0e0000000000000000000000010002",
    "00000000000000000000000000000001",
    "00000000000000000000000000000000",
    "00000000000000000000000000010001",
)
MACS = (
    "00:04:f2:aa:bb:cc",
    "02-00-00-00-00-80",
    "00:04:f2:aa:bb:cd",
    "00:00:5e:00:01:07",
    "00:00:0c:07:ac:01",
    "01:00:5e:00:00:01",
    "00:00:00:00:00:00",
    "00:00:00:00:00:01",
    "ff:ff:ff:ff:ff:ff",
    "00:04:f2:aa:bb",
    "no address",
)


def masked_addresses() -> str:
    mask = Mask(KEY)
    for text in ADDRESSES:
        mask.learn_address(text)
    known = [
        f"{text}: {'.'.join(map(str, mask.mask_address(bytes(map(int, text.split('.'))))))}"
        f"{'' if bytes(map(int, text.split('.'))) in mask.addresses else ' (no secret)'}"
        for text in ADDRESSES
    ]
    prefixes = [f"prefix {octets.hex('.') or 'none'}: {mask.mask_prefix(octets).hex('.')}" for octets in PREFIXES]
    sixes = [f"{text}: {mask.mask_ipv6_address(bytes.fromhex(text)).hex()}" for text in ADDRESSES_6]
    return "\n".join([*known, *prefixes, *sixes])


def neighbours() -> str:
    """Thirty hosts of one network, and what the last octets of all its addresses become."""
    mask = Mask(KEY)
    for host in (*range(1, 28), 200, 201, 254):
        mask.learn_address(bytes((10, 0, 0, host)))
    return " ".join(str(mask.mask_address(bytes((10, 0, 0, host)))[3]) for host in range(256))


def frozen() -> str:
    """What is learnt after masks were asked for changes none of them."""
    mask = secrets()
    mask.frozen = True
    before = mask.mask_address(b"\x0a\0\0\x07")
    mask.learn_address("10.0.0.9")
    after = [mask.mask_address(bytes((10, 0, 0, host))) for host in (7, 9)]
    return " ".join(masked.hex(".") for masked in (before, *after))


def masked_macs() -> str:
    mask = Mask(KEY, [MAKER])
    mask.public_macs.add(bytes.fromhex("0004f2000001"))
    for text in (*MACS, "00:04:f2:00:00:01"):
        mask.learn_mac(text)
    mask.learn_mac(None)
    mask.learn_mac(b"\0\x50\x56\1\2\3")
    return "\n".join(f"{mac.hex(':')}: {mask.mask_mac(mac).hex(':')}" for mac in mask.macs)


# Scrubbing.

SCRUBBED: dict[str, bytes] = {
    "words": b"Contoso CONTOSO xcontosox pool01 Pool01s lobby it IT item f\xc3\xbcr M\xc3\xbcller 12345678 123456789",
    "addresses": b"10.0.0.7 7.0.0.10 10.0.0.70 1.10.0.0.7 10.0.0.7.1 10.0.0.80:443 999.0.0.7 010.0.0.7 192.168.3.9.",
    "addresses in bytes": b"\x0a\0\0\x07 \x07\0\0\x0a \x0a\0\0\x08",
    "reverse zones": b"7.0.0.10.in-addr.arpa 0.0.10.IN-ADDR.ARPA 300.0.10.in-addr.arpa 5.113.0.203.in-addr.arpa",
    "MAC addresses in bytes": b"x\0\x04\xf2\xaa\xbb\xccx \xcc\xbb\xaa\xf2\x04\0 \2\0\0\0\0\x80",
    "MAC addresses": b"00:04:f2:aa:bb:cc 00-04-F2-AA-BB-CC 0004f2aabbcc 0004.f2aa.bbcc CC:BB:AA:F2:04:00 00 04 f2 aa",
    "hexadecimal": b"0A000007 0a000050 x636f6e746f736f 436F6E746F736F 0636f6e746f736f 6 36f6e746f736f",
    "percent": b"%63ontoso c%6Fnt%6fso %63%6f%6e%74%6f%73%6f %43ONTOSO 100%25 %zz 10%2e0.0.7 a%62c",
    "UTF-16": "x contoso 10.0.0.7".encode("utf-16-le") + b"|" + "lobby!".encode("utf-16-be") + b"\0a\0b",
    "Base64": b" ".join(
        (
            coded(b"user of contoso.com"),
            b"xy" + coded(b"lobby-phone"),
            coded(coded(b"the contoso")),
            coded(b"no secret here"),
            base64.urlsafe_b64encode(b"\xff\xfe\xfdcontoso\xff\xff"),
            coded(b"contoso"),
            coded(b"lobby"),
        )
    ),
    "IPv6": b"2001:db8::1 fe80::204:f2ff:feaa:bbcc ::1 ::ffff:1 2001:db8:1:2:3:4:5:6 1:2:3 12:34:56 fd::g a::b::c",
    "deep": b"%2563ontoso%2520x %252563ontoso",
}


def scrubbed(data: bytes) -> str:
    scrubber = Scrubber(secrets())
    made = scrubber.scrub(data)
    assert len(made) == len(data)
    text = scrubber.scrub(data, binary=False)
    apart = "" if text == made else f"\nas text\n{shown(text)}"
    return f"{shown(made)}{apart}\nfound: {scrubber.finds_secret(data)}, left: {scrubber.finds_secret(made)}"


# Captures.


def of_capture(frames: Sequence[tuple[int, bytes]]) -> str:
    alone, mask = Mask(KEY), secrets()
    PacketMasker(alone, frames, PORTS).learn_secrets()
    masker = PacketMasker(mask, frames, PORTS)
    masker.learn_secrets()
    made = masker.rewrite_frames()
    lines = [learnt(alone)]
    for (_, frame), new in zip(frames, made, strict=True):
        if new is None:
            lines.append("left out")
            continue
        assert len(new) == len(frame)
        lines.append(shown(new) if new != frame else "  as it was")
    lines += [f"{what}: {count} left out" for what, count in masker.left_out.items()]
    lines += [f"{what}: {count} changed" for what, count in masker.changed.items()]
    return "\n".join(lines)


# Tunnels.


def nested(count: int, packet: bytes) -> bytes:
    """A packet in so many others."""
    return nested(count - 1, ipv4("10.9.8.7", "10.9.8.1", 4, packet)) if count else packet


FRAME = ethernet(MAC, OTHER, 0x0800, ipv4("10.9.8.7", "10.9.8.1", 17, udp(1, 53, b"a question")))
NARROW: dict[str, tuple[int, bytes]] = {
    **{name: (1, wrap(FRAME)) for name, wrap in WRAPPINGS.items()},
    "nothing": (1, FRAME),
    "ARP": (1, FRAME[:12] + b"\x08\x06" + b"\0\1\x08\0\6\4\0\1" + bytes(20)),
    "ARP of another form": (1, FRAME[:12] + b"\x08\x06" + b"\0\6\x08\0\6\4\0\1" + bytes(20)),
    "IPv6": (1, FRAME[:12] + b"\x86\xdd" + b"\x60" + bytes(39)),
    "a fragment": (1, FRAME[:20] + b"\x20\0" + FRAME[22:]),
    "a fragment of a tunnel": (1, WRAPPINGS["GRE"](FRAME)[:20] + b"\x20\0" + WRAPPINGS["GRE"](FRAME)[22:]),
    "GRE with a route": (1, WRAPPINGS["GRE"](FRAME)[:34] + b"\x40\0" + WRAPPINGS["GRE"](FRAME)[36:]),
    "GRE of version 1": (1, WRAPPINGS["GRE"](FRAME)[:34] + b"\0\x81" + WRAPPINGS["GRE"](FRAME)[36:38] + bytes(4)),
    "GRE of three bytes": (1, outer(0x0800, ipv4("10.9.8.7", "10.9.8.1", 47, b"\0\0\x08"))),
    "VXLAN of eight bytes": (1, WRAPPINGS["VXLAN"](b"")[:42]),
    "VXLAN from its port": (1, outer(0x0800, ipv4("10.9.8.7", "10.9.8.1", 17, udp(4789, 9, VXLAN + FRAME)))),
    "ERSPAN III with a platform": (
        1,
        outer(0x0800, ipv4("10.9.8.7", "10.9.8.1", 47, b"\x10\0\x22\xeb" + bytes(15) + b"\1" + bytes(8) + FRAME)),
    ),
    **{f"IP in IP, {count} times": (101, nested(count, FRAME[14:])) for count in (1, 3, 4, 5)},
    "raw": (101, FRAME[14:]),
    "802.11": (105, wireless(FRAME)),
    "Linux cooked": (113, b"\0\0\0\1\0\6" + MAC + b"\0\0\x08\0" + FRAME[14:]),
    "Linux cooked with GRE": (113, b"\0\0\0\1\0\6" + MAC + b"\0\0\x08\0" + WRAPPINGS["GRE"](FRAME)[14:]),
    "a link type that nobody has": (99999, FRAME),
    "LLC": (1, FRAME[:12] + b"\0\x40" + bytes(64)),
}


def narrowed(link: int, frame: bytes) -> str:
    kind, inside = unwrap_frame(link, frame)
    if (kind, inside) == (link, frame):
        return "as it was"
    head = inside[: len(inside) - len(FRAME[14:])] if inside.endswith(FRAME[14:]) else inside
    return f"link type {kind}\n{shown(head)}{' + packet' if inside.endswith(FRAME[14:]) else ''}"


# Reports.

PROBES = (
    "h7.sales.example",
    "10.9.8.7",
    "00:50:56:01:02:03",
    "to olga7@hall.example",
    "CN=dora7,O=Nine",
    "AB12",
    "h8:80",
)


def fields_of(cls: type[Record]) -> str:
    """What is learnt of each text in a field, one after the other, and what the last text becomes."""
    lines = []
    mask = secrets()
    mask.learn_name("lobby")
    masker = ReportMasker(mask, {"lobby.pcap": "capture"})
    for name, several in text_fields(cls):
        known = []
        for probe in PROBES:
            alone = Mask(KEY)
            learn_record(alone, least(cls, **{name: (probe, "x") if several else probe}))
            known.append(learnt(alone))
        text = "lobby.pcap of Lobby"
        shown_ = getattr(masker.mask_record(least(cls, **{name: (text, text) if several else text})), name)
        lines.append(f"{name}: {'; '.join(known)} => {', '.join(shown_) if several else shown_}")
    return "\n".join(lines)


def of_reports() -> str:
    """What is learnt of whole reports."""
    lines = []
    for kind in ("active", "lab", "live", "file"):
        mask = Mask(KEY)
        verdict = Verdict(status=VerdictStatus.WHOLE, summary="pool7.contoso.com")
        phone = replace(whole_phone(), observations=(least(Lookup, name="web7.sales.example"),), verdict=verdict)
        problem = Problem(code="unreadable", text="olga7@hall.example of pool9.contoso.com")
        source = Source(kind=kind, name="host7")
        learn_report(mask, report(phone, problems=(problem,), source=source))
        mask.learn_mac("00:04:f2:00:00:01")
        lines.append(f"{kind}: {learnt(mask)}")
    return "\n".join(lines)


_NAMES = {"site.pcapng": "1.pcapng", "site": "2", r"C:\logs\a.b": "3", "/x/site.pcap": "4", "x.pcap": "5"}
_NAMED = (
    "site.pcapng",
    "site",
    "site, site.pcapng",
    "site, other",
    "site,site",
    "the site",
    "the 'site' of",
    "'site'",
    "capture site has",
    "capture site",
    "capture site.pcapng has",
    "in site.pcapng: it is",
    "in asite.pcapng",
    "site.pcapng7",
    "site.pcapng.",
    "site.pcapng-x",
    "/y/site.pcapng",
    r"C:\logs\a.b is",
    r"'C:\\logs\\a.b' is",
    "/x/site.pcap and x.pcap",
    "/x/x.pcap",
    "pool01.contoso.com at 10.0.0.7 in site.pcapng",
    "",
)


def texts_of_reports() -> str:
    masker = ReportMasker(secrets(), _NAMES)
    return "\n".join(f"{text}: {masker.mask_text(text)}" for text in _NAMED)


# Messages.


def of_message(
    learn: Callable[[Mask, bytes], None], mask_it: Callable[[Mask, Scrubber, bytes], bytes], message: bytes
) -> str:
    """What is learnt of a message alone; then its form under masks that know it and other secrets."""
    alone, mask = Mask(KEY), secrets()
    learn(alone, message)
    learn(mask, message)
    made = mask_it(mask, Scrubber(mask), message)
    assert len(made) == len(message)
    return f"{learnt(alone)}\n{shown(made) if made != message else '  as it was'}"


def of_http(data: bytes) -> str:
    alone, mask = Mask(KEY), secrets()
    learn_http(alone, data)
    learn_http(mask, data)
    made, blanked = mask_http(mask, Scrubber(mask), data)
    assert len(made) == len(data)
    head, blank, body = made.partition(b"\r\n\r\n")
    if body.startswith(b"\x1f\x8b"):  # how long it is depends on the version of zlib
        made = re.sub(rb"[0-9]+$", b"?", head) + blank + b"gzip of: " + gzip.decompress(body)
    return "\n".join([learnt(alone), shown(made), *(f"blanked: {what}" for what in blanked)])


def of_tls(data: bytes) -> str:
    return f"TLS: {is_tls(data)}. {of_message(learn_tls, mask_tls, data)}"


# A value, and the option that makes it known.
_VALUES: dict[str, tuple[bytes, int]] = {
    "an address": (bytes((10, 9, 8, 7)), 3),
    "three addresses": (bytes((10, 9, 8, 7, 10, 9, 8, 6, 10, 9, 8, 5)), 3),
    "a name": (b"phone7.sales.example", 12),
    "labels": (b"\5sales\4corp\0", 119),
    "a MAC address": (b"\1\0\x50\x56\1\2\3", 61),
    "sub-options": (b"\1\5rack7\2\x0810.9.8.3\3\4\x0a\x09\x08\x02\4\x06a.unit", 43),
    "a route": (b"\x18\x0a\x09\x08\x0a\x09\x08\1\0\x0a\x09\x08\2", 121),
    "bytes": (bytes(range(0xE0, 0xEC)), 255),
}


def options(value: bytes, known: int) -> str:
    """What each option of DHCP makes of a value; the options of which the same comes stand together."""
    kinds: dict[str, list[int]] = {}
    mask = secrets()
    learn_dhcp(mask, dhcp_with(known, value))
    scrubber = Scrubber(mask)
    for code in range(1, 255):
        message = dhcp_with(code, value)
        alone = Mask(KEY)
        learn_dhcp(alone, message)
        made = mask_dhcp(mask, scrubber, message)
        after = made[242 : 242 + len(value)]
        said = f"{learnt(alone)} -> {'as it was' if after == value else repr(after)[1:]}"
        kinds.setdefault(said, []).append(code)
    return "\n".join(f"{_spans(codes)}: {said}" for said, codes in kinds.items())


def _spans(numbers: list[int]) -> str:
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


CASES: dict[str, Callable[[], str]] = {
    **{f"learnt of {name}": partial(of_text, data) for name, data in TEXTS.items()},
    "learnt of names, in prose": lambda: of_text(TEXTS["names"], names=False),
    "learnt of hosts": lambda: of_words(learn_host, HOSTS),
    "learnt of titles": lambda: of_words(learn_title, TITLES),
    "names in NTLM": lambda: "\n".join(
        repr(ntlm_names(token))
        for token in (
            *map(coded, (NTLM_1, NTLM_2, NTLM_3)),
            coded(NTLM_3)[:-1],
            coded(NTLM_1)[:-2],
            b"T!",
            coded(b"NTLMSSP\0\4"),
        )
    ),
    "masks of words": masked_words,
    "masks of addresses": masked_addresses,
    "masks of neighbours": neighbours,
    "masks when frozen": frozen,
    "masks of MAC addresses": masked_macs,
    **{f"scrubbed {name}": partial(scrubbed, data) for name, data in SCRUBBED.items()},
    **{f"DNS, {name}": partial(of_message, learn_dns, mask_dns, message) for name, message in DNS.items()},
    **{f"DHCP, {name}": partial(of_message, learn_dhcp, mask_dhcp, message) for name, message in DHCP.items()},
    **{f"options of DHCP, {name}": partial(options, *value) for name, value in _VALUES.items()},
    **{f"HTTP, {name}": partial(of_http, data) for name, data in HTTP.items()},
    **{f"TLS, {name}": partial(of_tls, data) for name, data in TLS.items()},
    **{f"narrowed: {name}": partial(narrowed, *frame) for name, frame in NARROW.items()},
    **{f"fields of {name}": partial(fields_of, cls) for name, cls in ((cls.__name__, cls) for cls in CLASSES)},
    "learnt of reports": of_reports,
    "texts of reports": texts_of_reports,
    **{f"capture, {name}": partial(of_capture, frames) for name, frames in CAPTURES.items()},
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
