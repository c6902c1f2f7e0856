"""What is read of bytes that differ from good ones: each bit of a header the other way, each length, and by chance.

``python -m tests.wire.chance`` writes ``chance.txt`` anew: of each good input how many different outcomes its variants
have, and a sum of all; read the difference before you commit it.
"""

import random
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.fuzz import seeds
from tests.recorded_texts import read_texts, write_cases
from tests.wire.disturbed import LADDERS, told
from tests.wire.disturbed_packets import STORIES
from tests.wire.dns_exchange import answer, question
from tests.wire.ladder import MILLISECOND, PHONE_MAC, POOL_MAC, SECOND, START, Ladder, Segment, play
from tests.wire.tls_sessions import EARLY, MAC_FIRST, RENEGOTIATED, UPDATED, ladder, secrets
from tests.wire.wired import frames
from tests.wire.wrappings import STORY, WRAPPINGS, gre, in_ip, wireless
from ucdiag.model.observations import Observation
from ucdiag.model.phone import Phone
from ucdiag.update_service.captured_answer import read_captured_answer
from ucdiag.update_service.modules import requested_modules
from ucdiag.update_service.names import domain_flaw, parse_domain
from ucdiag.update_service.request import build_request, file_request, from_saved, host_header, mark_identity, to_bytes
from ucdiag.update_service.response import file_urls, read_answer, usable_url
from ucdiag.wire.dhcp.message import read_dhcp, read_names
from ucdiag.wire.dns.message import follow_aliases, read_dns
from ucdiag.wire.dns.over_tcp import is_sound
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.host_filter import HostFilter
from ucdiag.wire.http.body import Inflater, excerpt, is_page
from ucdiag.wire.link.icmp import read_icmp_error
from ucdiag.wire.link.link_layer import ETHERNET, IEEE802_11, PPP, RADIOTAP, read_link_layer
from ucdiag.wire.link.tunnels import in_gre, in_udp
from ucdiag.wire.link.tunnels import in_ip as ip_carries
from ucdiag.wire.packet_tracker import PacketTracker
from ucdiag.wire.tls.handshake import (
    ClientHello,
    ServerHello,
    read_chain,
    read_client_hello,
    read_hello_keys,
    read_server_hello,
    read_ssl2_hello,
)
from ucdiag.wire.tls.secrets import TlsSecrets

FILE = Path(__file__).with_name("chance.txt")
REFUSALS = (DecodeError, ValueError)
HEADER = 56
# One bit of a byte, or two.
CHANGES = [change for change in range(1, 256) if change.bit_count() <= 2]
IP = STORY[0][1][14:]
AIR = wireless(STORY[0][1])
QUALITY = b"\x88" + AIR[1:24] + b"\0\0" + AIR[24:]


def _le(*words: int) -> bytes:
    return b"".join(struct.pack("<I", word) for word in words)


# Frames of links other than Ethernet.
LINKS: dict[str, tuple[int, bytes]] = {
    "the air": (IEEE802_11, AIR),
    "the air with quality": (IEEE802_11, QUALITY),
    "the air with order": (IEEE802_11, b"\x88\x81" + AIR[2:24] + bytes(6) + AIR[24:]),
    "a bridge of the air": (IEEE802_11, b"\x08\x03" + AIR[2:24] + AIR[4:10] + AIR[24:]),
    "to a station": (IEEE802_11, b"\x08\x02" + AIR[2:]),
    "radiotap": (RADIOTAP, b"\0\0\x09\0" + _le(2) + b"\0" + AIR),
    "radiotap, padded": (RADIOTAP, b"\0\0\x09\0" + _le(2) + b"\x20" + QUALITY[:26] + b"\0\0" + QUALITY[26:]),
    "radiotap, more words": (RADIOTAP, b"\0\0\x1a\0" + _le(0x80000003, 0) + bytes(13) + b"\x20" + QUALITY),
    "Prism": (119, _le(0x44, 24) + bytes(16) + AIR),
    "AVS": (163, struct.pack(">II", 0x80211001, 28) + bytes(20) + AIR),
    "PPI": (192, struct.pack("<BBHI", 0, 0, 12, 105) + bytes(4) + AIR),
    "PPI of Ethernet": (192, struct.pack("<BBHI", 0, 0, 8, 1) + STORY[0][1]),
    "PPP": (PPP, b"\xff\x03\0\x21" + IP),
    "PPP, short": (PPP, b"\x21" + IP),
    "cooked": (113, b"\0\0\0\1\0\6" + STORY[0][1][6:12] + b"\0\0\x08\0" + IP),
    "cooked 2": (276, b"\x08\0\0\0\0\0\0\1\0\1\0\6" + STORY[0][1][6:12] + b"\0\0" + IP),
    "nflog": (239, b"\2\0\0\0" + struct.pack("<HHHHHH", 5, 1, 0, 0, 32, 9) + IP),
    "a loopback": (0, b"\2\0\0\0" + IP),
    "a loopback of OpenBSD": (108, b"\0\0\0\2" + IP),
    "IP alone": (101, IP),
    "802.3": (ETHERNET, STORY[0][1][:12] + b"\0\x60\xaa\xaa\x03\0\0\0\x08\0" + IP),
}
# Datagrams of tunnels: their port and their beginning.
TUNNELS: dict[str, tuple[int, bytes]] = {
    "VXLAN": (4789, b"\x08" + bytes(7)),
    "VXLAN-GPE": (4790, b"\x0c\0\0\1" + bytes(4)),
    "Geneve": (6081, b"\0\0\x65\x58" + bytes(4)),
    "LISP": (4341, bytes(8) + b"\x45"),
    "TZSP": (37008, b"\1\0\0\1\0\x0a\1\x77\0\1"),
    "GTP-U": (2152, b"\x34\xff" + bytes(9) + b"\x85\1\0\0\x85\2\0\0\0\0\0\0\0"),
    "L2TP 2": (1701, b"\x4a\2" + bytes(10) + b"\0\1" + bytes(1)),
    "L2TP 2 with a long offset": (1701, b"\2\2" + bytes(4) + b"\1\3" + bytes(280)),
    "L2TP 2 that ends behind its offset": (1701, b"\2\2" + bytes(4) + b"\0\0"),
    "L2TP 3": (1701, b"\0\3" + bytes(6)),
    "CAPWAP": (5247, b"\0\x20\1\0" + bytes(12)),
    "Teredo": (3544, b"\0\1\2\3" + bytes(14) + b"\x60"),
    "Teredo with both": (3544, b"\0\1\0\0" + bytes(9) + bytes(8) + b"\x60"),
    "LWAPP": (12222, bytes(8)),
    "GUE": (6080, b"\2\4" + bytes(10)),
    "GUE with Ethernet in IP": (6080, b"\0\x61\0\0\x30\0\0\0"),
}
REQUEST = (
    b"<Request><DeviceType>3PIP</DeviceType><MACAddress>00-04-F2-11-22-33</MACAddress><SerialNumber>AB1</SerialNumber>"
    b"<Vendor>Polycom</Vendor><Model>CX700</Model><Modules><Module><FileName>cpe.nbt</FileName>"
    b"<Version>1.0.522.101</Version></Module><Module><FileName>second.nbt</FileName><Version>2.0.1.1</Version>"
    b"</Module></Modules></Request>"
)
ALIASES = ("a.contoso.com. 60 CNAME b.contoso.com.", "b.contoso.com. 30 A 10.0.0.80", "b.contoso.com. 20 A 10.0.0.81")
DNS = {
    "a question": question(),
    "an answer": answer(f"{'ucupdates-r2.contoso.com.'} 300 A 10.0.0.80"),
    "aliases": answer(*ALIASES, name="a.contoso.com."),
    "no such name": answer(rcode="NXDOMAIN"),
    "services": answer("_sip._tls.x. 60 SRV 0 5 443 edge.x.", name="_sip._tls.x.", type="SRV"),
}

# Lists of names in an option of DHCP.
SEARCHED = {
    "one": b"\7contoso\3com\0",
    "without an end": b"\7contoso\3com",
    "with a pointer": b"\7contoso\3com\0\4corp\xc0\0\1a\xc0\x0d",
    "the longest": b"".join(bytes([63]) + b"a" * 63 for _ in range(3)) + b"\x3d" + b"b" * 61 + b"\0\1x\0",
    "longer": b"".join(bytes([63]) + b"a" * 63 for _ in range(3)) + b"\x3e" + b"b" * 62 + b"\0\1x\0",
    "dots": b"\3a.b\2\\c\0",
    "many": b"\1a\0" * 70,
}

_BASE = "<BaseURL>http://pool/CPE</BaseURL><ExternalBaseURL>https://ext/CPE</ExternalBaseURL>"
# Answers in other forms than those of the fuzzer.
ANSWERS = {
    str(number): text.encode()
    for number, text in enumerate(
        (
            f"<r>{_BASE}<File url='http://pool/a.nbt' name='a.nbt' version='1.0.1.1' signature='a.cat'/></r>",
            f"<r>{_BASE}<Module><Name>a.nbt</Name><Version>2.0.0.1</Version></Module><Module>b.nbt</Module></r>",
            f"<r>{_BASE}<Files count='2'><File>a.nbt</File><File>b.nbt</File></Files></r>",
            "<r><Downloads><Download><url>http://pool/a.nbt</url><uri>x</uri></Download></Downloads></r>",
            "<r><file1 uri='http://pool/a.nbt'/><file2 fileurl='https://ext/b.nbt' version='1.1.1.1'/></r>",
            "<r><value name='downloads'>1</value><value name='BaseURL'>http://pool/CPE</value></r>",
            "<r><add key='BaseURL' value='http://pool/CPE'/><add key='FileName' value='a.nbt'/></r>",
            "<r><Version>1.0.522.101</Version><InternalUpdatesStoreURL> http://pool </InternalUpdatesStoreURL></r>",
            "<r>BaseURL=http://pool/CPE FileName=a.nbt<x>Version=1.0.0.0</x></r>",
            "<r><x><![CDATA[<Response downloads='1'><FileName>a.nbt</FileName></Response>]]></x></r>",
            f"<s:Envelope xmlns:s='urn:s'><s:Body><d:R xmlns:d='urn:d'>{_BASE}</d:R></s:Body></s:Envelope>",
            "<r><RequestHandlerUrl>http://pool/x</RequestHandlerUrl><NumOfFiles value='0'/><updates>3</updates></r>",
        ),
        1,
    )
}


def outcome(read: Callable[[], object]) -> str:
    """What comes of it, in words."""
    try:
        return repr(read())
    except REFUSALS as problem:
        return f"{type(problem).__name__}: {problem}"


def summed(outcomes: Iterable[str]) -> str:
    total, count, seen = 0, 0, set()
    for one in outcomes:
        count += 1
        seen.add(one)
        total = zlib.crc32(one.encode("utf-8", "backslashreplace"), total)
    return f"{len(seen)} outcomes of {count}, {total:08x}"


def each_bit(data: bytes, most: int = HEADER) -> Iterator[bytes]:
    """The data with each bit of its beginning the other way, each two bits of a byte, and cut at each place there."""
    yield data
    for at in range(min(most, len(data))):
        yield data[:at]
        for change in CHANGES:
            yield data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]


def some(name: str, data: bytes, count: int) -> Iterator[bytes]:
    """The data with a few things done to it by chance: a bit, a byte, a piece lost, doubled, or cut off."""
    draw = random.Random(name)
    yield data
    for _ in range(count):
        made = bytearray(data)
        for _ in range(draw.choice((1, 1, 2, 3))):
            at = draw.randrange(len(made)) if made else 0
            size = draw.choice((1, 1, 2, 8))
            what = draw.randrange(8)
            if what < 3 and made:
                made[at] ^= 1 << draw.randrange(8)
            elif what == 3 and made:
                made[at] = draw.choice(b"\0\1 \n<>&;:=\"'/.-09aZ\x7f\x80\xc0\xff")
            elif what == 4:
                del made[at : at + size]
            elif what == 5:
                made[at:at] = made[at : at + size]
            elif what == 6:
                other = draw.randrange(len(made) + 1)
                made[other:other] = made[at : at + 20]
            elif draw.random() < 0.2:
                del made[at:]
        yield bytes(made)


# Recorded, since not every zlib makes the same of it.
PACKED = {
    "gzip": bytes.fromhex("1f8b0800000000000203b3295248c92fcfcbc94f4c29b6553250b2b349d44760fd223b00561ceb7021000000"),
    "zlib": bytes.fromhex("789cb3295248c92fcfcbc94f4c29b6553250b2b349d44760fd223b00b20209c2"),
    "deflate": bytes.fromhex("b3295248c92fcfcbc94f4c29b6553250b2b349d44760fd223b00"),
}


# Long, and not compressed (RFC 1951, section 3.2.4): a block of 9,000 bytes.
_LONG = b"<r>" + b"0123456789" * 899 + b"</r>ab"
PACKED["long"] = b"\x78\x01\x01" + struct.pack("<HH", len(_LONG), len(_LONG) ^ 0xFFFF) + _LONG
PACKED["long"] += zlib.adler32(_LONG).to_bytes(4, "big")

# What people type, and what cannot be sent.
DOMAINS = (
    *("", " ", ".", "a..b", ".a", "a.", "10.0.0.2", "[10.0.0.2]", "[::1]", "::1", "a b", " a", "a\x01b", "-a.com"),
    *("a-.com", "x" * 63 + ".com", "x" * 64 + ".com", "münchen.de", "xn--a.de", "http://x", "a@b", "a:80", "a/b"),
    *(
        "*.x",
        "_sip.x",
        "a\u3002b",
        "x" * 1001,
        ".".join(["abcdefghi"] * 24),
        ".".join(["abcdefghi"] * 23) + ".abcdefgh",
    ),
    *("ü" * 70 + ".de", "A.B", "1.2.3", "a.1", "\ud800.de", "a,b", "a;b c"),
)
SENT: dict[str, Callable[[], object]] = {
    "a serial": lambda: build_request(Phone(serial="a\x01"), "h"),
    "a serial of XML": lambda: build_request(Phone(serial="<a>&b"), "h"),
    "a model": lambda: build_request(Phone(model="\uffff"), "h"),
    "a locale": lambda: build_request(Phone(locale="\ud800"), "h"),
    "all": lambda: build_request(
        Phone(firmware="9.9", mac="00:04:f2:aa:bb:cc", serial="S1"), "pool:8080", "x y?z=ü%20"
    ),
    **{
        f"host {host!r}": lambda host=host: build_request(Phone(), host)
        for host in ("", "a b", "ü", "a/b", "a@b", "a\x7f")
    },  # type: ignore[misc]
    **{
        f"path {path!r}": lambda path=path: build_request(Phone(), "h", path)
        for path in ("/\x01", "\x7f", "/\ud800", "//a", "")
    },  # type: ignore[misc]
    **{
        f"file {url!r}": lambda url=url: file_request(url)  # type: ignore[misc]
        for url in ("http://h", "https://h:80/a?b#c", "http://h:80/a b", "https://[::1]:443/x", "http://u@h:8080/")
    },
    **{
        f"saved {data!r}": lambda data=data: from_saved(data, Phone(), "h")  # type: ignore[misc]
        for data in (
            *(b"", b" \r\n", b"POST / HTTP/1.1", b"POST / HTTP/1.1\r\nHost: h", b"POST / HTTP/1.1\r\nHost h\r\n\r\n"),
            *(b"\r\nPOST / HTTP/1.1\r\n\r\n", b"\xef\xbb\xbfPOST / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"),
            *(b"POST  / HTTP/1.1\r\n\r\nx", b"POST / HTTP/9\r\n\r\nx", "POST / HTTP/1.1\r\n\r\n".encode("utf-16")),
            b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc",
            b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nabc",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc\r\n",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\nabc\n2\r\nde\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Encoding: br\r\n\r\nabc",
            b"POST / HTTP/1.1\r\nContent-Encoding: Identity \r\n\r\nabc",
            b"POST / HTTP/1.1\r\nContent-Encoding:\r\n\r\nabc",
            b"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n" + PACKED["gzip"],
            b"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n" + PACKED["gzip"][:-9],
        )
    },
    **{
        f"{scheme}, port {port}": lambda scheme=scheme, port=port: [
            host_header(host, port, scheme) for host in ("h", "::1", "[::1]")
        ]  # type: ignore[misc]
        for scheme in ("http", "https")
        for port in (80, 443, 8080)
    },
}


# What is read of one piece of data.


def _hello(data: bytes) -> list[str]:
    client, server = ClientHello(), ServerHello()
    return [
        outcome(lambda: (read_client_hello(data, client), client)),
        outcome(lambda: (read_server_hello(data, server), server)),
        outcome(lambda: read_hello_keys(data, client=True)),
        outcome(lambda: read_hello_keys(data, client=False)),
        outcome(lambda: read_ssl2_hello(data)),
    ]


def _dns(data: bytes) -> list[object]:
    return [outcome(lambda: follow_aliases(read_dns(data))), is_sound(data, True), is_sound(data, False)]


def _answered(data: bytes) -> list[str]:
    found = []
    for kind in (None, 'text/xml; charset="utf-16"'):
        read = read_answer(data, kind)
        urls = [url for external in (False, True) for url in file_urls(read, external)]
        found.append(repr((read, urls, [usable_url(url) for url in urls])))
    return found


def _body(data: bytes) -> list[object]:
    found: list[object] = []
    size = max(7, len(data) // 3)
    for encoding in ("gzip", "deflate", "br, x", None):
        inflater = Inflater(encoding, 1 << 12)
        plain = b"".join(inflater.feed(data[at : at + size]) for at in range(0, len(data), size))
        inflater.end()
        found += [plain, inflater.problem]
    for kind in (None, "text/html; charset=koi8-r"):
        text = excerpt(data, kind)
        found += [text, is_page(text or "")]
    return found


def _saved(data: bytes) -> list[str]:
    phone = Phone(mac="00:04:f2:aa:bb:cc", serial="X9")

    def sent() -> object:
        request = from_saved(data, phone, "ucupdates-r2.contoso.com", mac=phone.mac, serial=phone.serial)
        return to_bytes(request), request.notes

    text = data.decode("utf-8", "replace")
    return [outcome(sent), outcome(lambda: mark_identity(data)), repr(requested_modules(text))]


def _keys(data: bytes) -> object:
    known = TlsSecrets()
    known.add_text(data)
    tables = (known._masters, known._premasters, known._traffic)
    return len(known), known.dropped, [{**table._old, **table._young} for table in tables], known._sessions


def chains() -> dict[str, bytes]:
    """Certificate messages, as of TLS 1.2, and as of TLS 1.3."""
    found = {}
    for number, der in enumerate(seeds.certificates()[:3], 1):
        for name, more in (("", b""), (", TLS 1.3", b"\0\0")):
            chain = (len(der).to_bytes(3, "big") + der + more) * number
            found[f"{number}{name}"] = bytes(len(name) // 9) + len(chain).to_bytes(3, "big") + chain
    return found


def _chain(data: bytes) -> list[str]:
    return [outcome(lambda: read_chain(data)), outcome(lambda: read_chain(data, tls_1_3=True))]


# Conversations.


def _pieces(draw: random.Random, segments: list[Segment]) -> Iterator[Segment]:
    """The same bytes in other segments."""
    for segment in segments:
        at, time = 0, segment.time
        while at < len(segment.payload) and len(segment.payload) == segment.size and draw.random() < 0.5:
            size = draw.choice((1, 2, 5, 40, 100))
            part = segment.payload[at : at + size]
            yield replace(segment, seq=(segment.seq + at) & 0xFFFFFFFF, payload=part, length=len(part), time=time)
            at += len(part)
        if at < segment.size or not segment.size:
            rest = segment.payload[at:]
            yield replace(segment, seq=(segment.seq + at) & 0xFFFFFFFF, payload=rest, length=segment.size - at)


def _disturbed(draw: random.Random, segments: list[Segment]) -> list[Segment]:
    """Two or three things happen to a conversation on its way."""
    made = list(_pieces(draw, segments)) if draw.random() < 0.7 else list(segments)
    # Sequence numbers may begin anywhere, and go over the end.
    add = {up: draw.choice((0, 0, 2**32 - 1100, 2**31, 2**32 - 9100)) for up in (True, False)}
    made = [
        replace(one, seq=(one.seq + add[one.up]) % 2**32, ack=(one.ack + add[not one.up]) % 2**32 if one.ack else 0)
        for one in made
    ]
    for _ in range(draw.choice((0, 1, 2, 3))):
        if len(made) < 3:
            break
        at = draw.randrange(len(made) - 1)
        what = draw.randrange(6)
        if what == 0:
            del made[at]
        elif what == 1:
            made.insert(draw.randrange(at, len(made)), made[at])
        elif what == 2:
            made[at], made[at + 1] = made[at + 1], made[at]
        elif what == 3:
            made[at] = replace(made[at], payload=made[at].payload[: made[at].size // 2], length=made[at].size)
        elif what == 4:
            made = made[draw.randrange(2) :]
        else:
            wait = draw.choice((20, 49, 50, 51, 3000, 40_000, 200_000)) * MILLISECOND
            made = [*made[:at], *(replace(one, time=one.time + wait) for one in made[at:])]
    return made


def talks(name: str, segments: list[Segment], keys: str | None = None, count: int = 60) -> str:
    draw = random.Random(name)

    def outcomes() -> Iterator[str]:
        for _ in range(count):
            facts = play(
                _disturbed(draw, segments),
                secrets=secrets(keys) if keys is not None else None,
                bulk=draw.random() < 0.3,
                bodies=draw.random() < 0.8,
                read_update=read_captured_answer,
            )
            yield "\n".join(map(told, facts))

    return summed(outcomes())


def _asks(first: bytes = b"POST /RequestHandler/ucdevice.upx HTTP/1.1", *more: bytes, body: bytes = b"<r/>") -> bytes:
    return b"\r\n".join([first, b"Host: pool", *more, b"Content-Length: %d" % len(body), b"", body])


def _tells(first: bytes, *more: bytes, body: bytes = b'<r downloads="0"/>', size: bytes | None = None) -> bytes:
    length = [b"Content-Length: " + (b"%d" % len(body) if size is None else size)]
    return b"\r\n".join([b"HTTP/1.1 " + first, *more, *length, b"", body])


_NTLM = (b"WWW-Authenticate: Negotiate", b"WWW-Authenticate: NTLM")
_TOKEN = b"Authorization: NTLM TlRMTVNTUAAB"
_CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n4\r\n<r/>\r\n0\r\n"
_FILE = b"GET /DeviceUpdateFiles_Int/CPE.nbt HTTP/1.1\r\nHost: pool\r\n"
_OK, _NO = _tells(b"200 OK"), _tells(b"401 Unauthorized", *_NTLM, body=b"no")
# Who says what, in turn: the client, the server, the client.
HTTP: dict[str, tuple[bytes, ...]] = {
    "a sign-in": (_asks(), _NO, _asks(b"POST /RequestHandler/ucdevice.upx HTTP/1.1", _TOKEN), _NO, _asks(), _OK),
    "a sign-in, given up": (_asks(), _NO),
    "refused twice": (_asks(), _NO, _asks(), _NO),
    "chunks both ways": (
        b"POST /x HTTP/1.1\r\n" + _CHUNKS + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + _CHUNKS + b"A: b\r\n\r\n",
    ),
    "chunks that are none": (_asks(), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" + _OK),
    "three at once": (_asks() + _FILE + b"\r\n" + _asks(), _OK + _OK + _OK),
    "an answer too many": (_asks(), _OK + _OK, _asks(), _OK),
    "an answer too few": (_asks(), b"", _asks(), _OK),
    "line feeds alone": (_asks().replace(b"\r", b""), _OK.replace(b"\r", b"")),
    "a folded line": (_asks(b"POST /x HTTP/1.1", b"X: a\r\n  b"), _tells(b"200 OK", b"Server: a\r\n\tb")),
    "other protocols": (
        b"GET / HTTP/1.1\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
        b"\1\2",
        b"\3",
    ),
    "a file as before": (_FILE + b"If-None-Match: x\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "a part of a file": (
        _FILE + b"Range: bytes=0-9\r\n\r\n",
        _tells(b"206 Part", b"Content-Range: bytes 0-9/90", body=b"x" * 10),
    ),
    "a file until the end": (_FILE + b"\r\n", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 3000),
    "a long file": (_FILE + b"\r\n", _tells(b"200 OK", body=b"x" * 9000)),
    "no content with a body": (_asks(), b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", _asks(), _OK),
    "of a file the head alone": (
        _FILE.replace(b"GET", b"HEAD") + b"\r\n",
        _tells(b"200 OK", body=b"", size=b"900"),
        _asks(),
        _OK,
    ),
    **{
        f"a length of {size!r}": (_asks(), _tells(b"200 OK", size=size), _asks(), _OK)
        for size in (b"x", b"-1", b"+5", b"18, 18", b"18, 19", b"0x12", b"99999999999999999999", b"", b"19", b"17")
    },
    "both lengths": (_asks(), b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + _CHUNKS + b"\r\n", _asks(), _OK),
    "packed": (_asks(), _tells(b"200 OK", b"Content-Encoding: gzip", body=PACKED["gzip"])),
    "packed otherwise": (_asks(), _tells(b"200 OK", b"Content-Encoding: br", body=b"xyz")),
    "a page": (
        _asks(),
        _tells(b"200 OK", b"Content-Type: text/html", body=b"<!DOCTYPE html><html><body>Error</body></html>"),
    ),
    "first a greeting": (b"", b"220 hello\r\n", _asks(), b"500 what\r\n"),
    "what is none between": (_asks(), _OK + b"\r\n\r\nrubbish", _asks(), _OK),
    "a log": (
        _asks(b"POST /RequestHandler/ucdevice.upx HTTP/1.1", b"Content-Type: multipart/form-data; boundary=b"),
        _OK,
    ),
    "expected": (_asks(b"POST /x HTTP/1.1", b"Expect: 100-continue"), b"HTTP/1.1 100 Continue\r\n\r\n" + _OK),
    "expected, refused": (
        _asks(b"POST /x HTTP/1.1", b"Expect: 100-continue", body=b""),
        _tells(b"417 No"),
        b"<r/>",
        b"",
    ),
    "hints before": (_asks(), b"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" + _OK),
    "a long head": (_asks(b"POST /x HTTP/1.1", *(b"X-%d: %s" % (number, b"y" * 90) for number in range(90))), _OK),
    "HTTP/0.9": (b"GET /x\r\n", b"<html>x</html>"),
    "a bare body": (_asks(), b'<r downloads="0"/>'),
}


def _in_turn(pieces: Sequence[bytes], *, hangs_up: bool) -> list[Segment]:
    made = Ladder().opens()
    for number, piece in enumerate(pieces):
        if piece:
            (made.answers if number % 2 else made.says)(*(piece[at : at + 1400] for at in range(0, len(piece), 1400)))
    return (made.hangs_up() if hangs_up else made.closes()).segments


def _said(flights: bytes, port: int) -> list[Segment]:
    """A conversation of the fuzzer's."""
    made = Ladder(port=port).opens()
    while len(flights) > 2:
        size = int.from_bytes(flights[1:3], "big")
        (made.answers if flights[0] & 1 else made.says)(flights[3 : 3 + size])
        flights = flights[3 + size :]
    return made.closes().segments


# Packets of several things that happen at once.

PLAIN = {name: made for name, made in LADDERS.items() if not name.startswith("decrypted")}
Packet = tuple[int, bytes]


def _happens(draw: random.Random) -> list[Packet]:
    """One thing, perhaps in a tunnel."""
    begin = START + draw.randrange(100) * MILLISECOND
    if draw.random() < 0.6:
        story = STORIES[draw.choice(tuple(STORIES))]
        found = [(begin + number * 10 * MILLISECOND, frame) for number, frame in enumerate(story)]
    else:
        segments = _disturbed(draw, PLAIN[draw.choice(tuple(PLAIN))].segments)
        found = [(time - START + begin, frame) for time, frame in frames(segments)]
    if draw.random() < 0.3:
        wrap = WRAPPINGS[draw.choice(tuple(WRAPPINGS))]
        return [(time, wrap(frame)) for time, frame in found]
    return found


def _packets(draw: random.Random) -> list[Packet]:
    found: list[Packet] = []
    for _ in range(draw.choice((1, 2, 3))):
        found += _happens(draw)
    for _ in range(draw.choice((0, 0, 1, 2))):
        at = draw.randrange(len(found))
        time, frame = found[at]
        what = draw.randrange(4)
        if what == 0 and len(found) > 1:
            del found[at]
        elif what == 1:
            found.append((time, frame))
        elif what == 2:
            found[at] = time, frame[: draw.randrange(20, len(frame))]
        else:
            bit = draw.randrange(14 * 8, min(60, len(frame)) * 8)
            found[at] = time, frame[: bit // 8] + bytes([frame[bit // 8] ^ 1 << bit % 8]) + frame[bit // 8 + 1 :]
    return sorted(found, key=lambda packet: packet[0])


def _seen(number: int) -> str:
    draw = random.Random(number)
    packets = _packets(draw)
    facts: list[Observation] = []
    macs = frozenset(draw.choice(((), (), (PHONE_MAC,), (POOL_MAC,))))
    interest = HostFilter(everything=draw.random() < 0.3, macs=macs, leased=draw.random() < 0.3)
    tracker = PacketTracker(facts.append, interest, patience=draw.choice((2.0, 5.0)))
    for frame, (time, data) in enumerate(packets, 1):
        tracker.take_packet(time, frame, ETHERNET, data, draw.choice((None, None, 7)))
    tracker.finish(START + draw.choice((1, 60)) * SECOND)
    said = "\n".join([*map(told, facts), *map(repr, tracker.held_dhcp())])
    counted = (tracker.cut, tracker.unreadable_packets, tracker.dropped, tracker.tunnels_unread)
    routed = [tracker.is_routed(address) for address in ("10.0.0.7", "10.0.0.80", "10.0.0.2")]
    return f"{number}: {len(facts)} facts, {zlib.crc32(f'{said} {counted} {routed}'.encode()):08x}"


def _ip_6(following: int, payload: bytes) -> bytes:
    ends = bytes.fromhex("20010db8") + bytes(11) + b"\x07" + bytes.fromhex("20010db8") + bytes(11) + b"\x02"
    return struct.pack(">IHBB", 6 << 28, len(payload), following, 64) + ends + payload


def _headers() -> dict[str, bytes]:
    """Packets of IP, by the headers that they have."""
    asked = STORY[0][1]
    datagram = asked[34:]
    options = asked[:14] + b"\x47" + asked[15:16] + struct.pack(">H", len(asked) - 6) + asked[18:34] + bytes(8)
    no_length = asked[:38] + bytes(2) + asked[40:]
    point_to_point = b"\x30\x81\x88\x0b" + bytes(12) + b"\xff\x03\0\x21"
    third = struct.pack(">HHIII", 0x2007, 0, 0, 0, 1)[:12] + bytes(8)
    return {
        "UDP": asked,
        "options": options + datagram,
        "UDP without a length": no_length,
        "TCP": STORY[2][1],
        "GRE": gre(0x0800, 0xB000, bytes(12), whole=False)(asked),
        "GRE of PPTP": in_ip(47, point_to_point, whole=False)(asked),
        "ERSPAN II": WRAPPINGS["ERSPAN II"](asked),
        "ERSPAN III": WRAPPINGS["ERSPAN III"](asked),
        "ERSPAN III with more": gre(0x22EB, 0x1000, bytes(4) + third[:11] + b"\1" + third[12:])(asked),
        "AH": WRAPPINGS["AH"](asked),
        "IPv6": asked[:12] + b"\x86\xdd" + _ip_6(0, b"\x3c\0" + bytes(6) + b"\x11\1" + bytes(14) + datagram),
        "a piece of IPv6": asked[:12] + b"\x86\xdd" + _ip_6(44, b"\x11\0\0\0" + bytes(4) + datagram),
        "VXLAN": WRAPPINGS["VXLAN"](asked),
    }


def _told_of(frame: bytes) -> str:
    facts: list[Observation] = []
    tracker = PacketTracker(facts.append, HostFilter(everything=True))
    tracker.take_packet(START, 1, ETHERNET, frame)
    tracker.finish(START + 60 * SECOND)
    counted = (
        tracker.cut,
        tracker.unreadable_packets,
        tracker.tunnels_unread,
        tracker.is_routed("10.0.0.7"),
    )
    return f"{[told(fact) for fact in facts]} {counted}"


def _each_header() -> str:
    """The bits of all that is behind the MAC addresses, up to the message, or the packet within."""
    found = []
    for name, frame in _headers().items():
        ends = (frame.find(IP[:20], 20), frame.find(IP[28:]), len(frame))
        most = next(end for end in ends if end > 0) - 12
        found.append(f"{name}: {summed(_told_of(frame[:12] + data) for data in each_bit(frame[12:], most))}")
    return "\n".join(found)


def lines(
    inputs: dict[str, bytes], variants: Callable[[str, bytes], Iterable[bytes]], read: Callable[[bytes], object]
) -> str:
    return "\n".join(
        f"{name}: {summed(outcome(lambda data=data: read(data)) for data in variants(name, good))}"  # type: ignore[misc]
        for name, good in inputs.items()
    )


def numbered(those: list[bytes]) -> dict[str, bytes]:
    return {str(number): data for number, data in enumerate(those, 1)}


def _bits(most: int) -> Callable[[str, bytes], Iterable[bytes]]:
    return lambda name, data: each_bit(data, most)


def _chance(count: int) -> Callable[[str, bytes], Iterable[bytes]]:
    return lambda name, data: some(name, data, count)


def _links() -> str:
    found = {name: (ETHERNET, wrap(STORY[0][1])) for name, wrap in WRAPPINGS.items()} | LINKS
    return "\n".join(
        f"{name}: {summed(repr(read_link_layer(link, data)) for data in each_bit(frame))}"
        for name, (link, frame) in found.items()
    )


def _tunnels() -> str:
    parts = {
        name: summed(repr(in_udp(port, data)) for data in each_bit(good)) for name, (port, good) in TUNNELS.items()
    }
    for kind in (0x0800, 0x6558, 0x883E, 0x88BE, 0x22EB, 0x8847, 0x880B):
        good = b"\0\0" + kind.to_bytes(2, "big") + b"\x10\x07\0\x64" + bytes(12) + b"\x45"
        parts[f"GRE {kind:04x}"] = summed(repr(in_gre(data)) for data in each_bit(good))
    for protocol in range(256):
        data = b"\x30\0\0\1" + bytes(8)
        if ip_carries(protocol, data) is not None:
            parts[f"IP {protocol}"] = summed(repr(ip_carries(protocol, other)) for other in each_bit(data))
    return "\n".join(f"{name}: {text}" for name, text in parts.items())


def _icmp() -> str:
    inputs = numbered(seeds.icmp())
    return "\n".join(
        lines(inputs, _bits(60), lambda data, version=version: read_icmp_error(data, version=version))  # type: ignore[misc]
        for version in (4, 6)
    )


def _sessions() -> str:
    return "\n".join(
        f"{what}: {talks(what, ladder(what).segments, what, 40)}" for what in (EARLY, UPDATED, MAC_FIRST, RENEGOTIATED)
    )


CASES: dict[str, Callable[[], str]] = {
    "links": _links,
    "tunnels": _tunnels,
    "headers": _each_header,
    "ICMP": _icmp,
    "DNS": lambda: lines(DNS, _bits(200), _dns),
    "DNS, by chance": lambda: lines(DNS, _chance(500), _dns),
    "names": lambda: lines(SEARCHED, _bits(80), lambda data: list(read_names(data))),
    "names, by chance": lambda: lines(SEARCHED, _chance(200), lambda data: list(read_names(data))),
    "DHCP": lambda: lines(numbered(seeds.dhcp()), _chance(500), lambda data: repr(read_dhcp(data, time=1))),
    "hellos": lambda: lines(numbered(seeds.hellos()[:8]), _chance(250), _hello),
    "chains": lambda: lines(chains(), _chance(200), _chain),
    "keys": lambda: lines(numbered(seeds.key_logs()[:4]), _chance(150), _keys),
    "bodies": lambda: lines({**numbered(seeds.answers()[:6]), **PACKED}, _chance(150), _body),
    "domains": lambda: "\n".join(
        f"{text[:40]!a}: {outcome(lambda text=text: parse_domain(text))!a}" for text in DOMAINS
    ),  # type: ignore[misc]
    "flaws of domains": lambda: "\n".join(f"{text[:40]!a}: {domain_flaw(text)!a}" for text in DOMAINS),
    "sent": lambda: "\n".join(f"{name!a}: {outcome(made)!a}" for name, made in SENT.items()),
    "answers": lambda: lines(numbered(seeds.answers()[:6]), _chance(300), _answered),
    "other answers": lambda: lines(ANSWERS, _chance(80), _answered),
    "requests": lambda: lines({**numbered(seeds.requests()), "modules": REQUEST}, _chance(200), _saved),
    "talks": lambda: "\n".join(
        f"{name}: {talks(name, made.segments)}" for name, made in LADDERS.items() if not name.startswith("decrypted")
    ),
    "talks of HTTP": lambda: "\n".join(
        f"{number}: {talks(f'HTTP {number}', _said(flights, 80), count=120)}"
        for number, flights in enumerate(seeds.http_talks(), 1)
    ),
    **{
        f"HTTP, {'the phone' if hangs_up else 'the server'} closes": lambda hangs_up=hangs_up: "\n".join(  # type: ignore[misc]
            f"{name}: {talks(f'{name} {hangs_up}', _in_turn(pieces, hangs_up=hangs_up), count=30)}"
            for name, pieces in HTTP.items()
        )
        for hangs_up in (True, False)
    },
    "talks of DNS": lambda: "\n".join(
        f"{number}: {talks(f'DNS {number}', _said(flights, 53), count=150)}"
        for number, flights in enumerate(seeds.dns_talks(), 1)
    ),
    "decrypted talks": _sessions,
    **{
        f"packets, {batch}": lambda batch=batch: "\n".join(map(_seen, range(batch * 60, batch * 60 + 60)))  # type: ignore[misc]
        for batch in range(4)
    },
}


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
