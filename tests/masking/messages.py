"""Messages of each protocol with something of a site in every place that can hold it."""

import base64
import gzip
import struct
import zlib

# DNS.


def name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def question(text: str, kind: int = 1) -> bytes:
    return name(text) + struct.pack(">HH", kind, 1)


def record(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack(">HHIH", kind, 1, 300, len(data)) + data


def dns(questions: list[bytes], *records: bytes, counts: tuple[int, int, int] | None = None) -> bytes:
    answers = counts or (len(records), 0, 0)
    return struct.pack(">HHHHHH", 7, 0x8180, len(questions), *answers) + b"".join([*questions, *records])


ASKED = question("web7.sales.example")
POINTER = b"\xc0\x0c"

DNS: dict[str, bytes] = {
    "a question": dns([ASKED]),
    "two questions": dns([ASKED, question("mail8.sales.example", 15)]),
    "an address": dns([ASKED], record(POINTER, 1, bytes((10, 9, 8, 7)))),
    "an address of three bytes": dns([ASKED], record(POINTER, 1, bytes((10, 0, 0)))),
    "an address of IPv6": dns([ASKED], record(POINTER, 28, bytes.fromhex("20010db8000000000000000000000001"))),
    "NS, CNAME, DNAME and PTR": dns(
        [ASKED], *(record(POINTER, kind, name(f"n{kind}x.sales.example")) for kind in (2, 5, 39, 12))
    ),
    "a name with a pointer": dns([ASKED], record(POINTER, 5, b"\5alias\xc0\x11")),
    "SOA": dns([ASKED], record(POINTER, 6, name("ns7.sales.example") + name("admin7.sales.example") + bytes(20))),
    "MX and SRV": dns(
        [ASKED],
        record(POINTER, 15, b"\0\x0a" + name("mx7.sales.example")),
        record(POINTER, 33, b"\0\0\0\0\x01\xbb" + name("srv7.sales.example")),
    ),
    "TXT": dns([ASKED], record(POINTER, 16, b"\x1av=spf1 ip4:10.0.0.7 contoso")),
    "authority and additional": dns(
        [ASKED],
        record(POINTER, 2, name("ns8.sales.example")),
        record(name("ns8.sales.example"), 1, bytes((10, 9, 8, 6))),
        counts=(0, 1, 1),
    ),
    "EDNS with a cookie and a subnet": dns(
        [ASKED],
        b"\0"
        + struct.pack(">HHIH", 41, 1232, 0, 31)
        + struct.pack(">HH", 10, 8)
        + b"COOKIE77"
        + struct.pack(">HH", 8, 7)
        + b"\0\1\x18\0\x0a\0\0"
        + struct.pack(">HH", 3, 0)
        + struct.pack(">HH", 12, 9)
        + b"\0",
        counts=(0, 0, 1),
    ),
    "a reverse question": dns([question("7.8.9.10.in-addr.arpa", 12)]),
    "a reverse zone": dns([question("8.9.10.IN-ADDR.ARPA", 6)]),
    "a reverse zone of no numbers": dns([question("x-7.8.9.10.in-addr.arpa", 12)]),
    "a reverse zone of large numbers": dns([question("300.8.9.10.in-addr.arpa", 12)]),
    "a reverse zone of five numbers": dns([question("7.8.9.10.11.in-addr.arpa", 12)]),
    "a reverse answer": dns([question("7.0.0.10.in-addr.arpa", 12)], record(POINTER, 12, name("host7.sales.example"))),
    "of eleven bytes": dns([ASKED])[:11],
    "cut in a name": dns([ASKED])[:22],
    "cut behind a name": dns([ASKED], record(POINTER, 1, bytes((10, 9, 8, 7))))[:-10],
    "cut in an address": dns([ASKED], record(POINTER, 1, bytes((10, 9, 8, 7))))[:-1],
    "cut in text": dns([ASKED], record(POINTER, 16, b"\x0econtoso and so"))[:-3],
    "a pointer to itself": dns([b"\xc0\x0c\0\1\0\1"]),
    "a pointer forward": dns([b"\xc0\x20\0\1\0\1"]),
    "half a pointer": dns([b"\xc0"]),
    "a label of 64": dns([b"\x40" + b"a" * 64 + b"\0\0\1\0\1"]),
    "127 labels": dns([b"\2aa" * 127 + b"\0\0\1\0\1"]),
    "129 labels": dns([b"\2aa" * 129 + b"\0\0\1\0\1"]),
    "17 questions": dns([question("qa.example" if number < 15 else f"q{number}x.example") for number in range(17)]),
    "257 records": dns(
        [],
        *(
            record(b"\0", 1, bytes((10, 9, 8, 7) if number < 255 else (10, 0, 0, number - 253)))
            for number in range(257)
        ),
    ),
}

# DHCP.


def dhcp(
    options: bytes, *, length: int = 6, sname: bytes = b"", file: bytes = b"", cookie: bytes = b"\x63\x82\x53\x63"
) -> bytes:
    head = struct.pack(">BBBBIHH", 2, 1, length, 0, 77, 0, 0)
    ends = bytes((10, 9, 8, 7)) + bytes((10, 9, 8, 6)) + bytes((10, 9, 8, 5)) + bytes((10, 9, 8, 4))
    hardware = bytes.fromhex("005056010203") + bytes(10)
    return head + ends + hardware + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + cookie + options


def option(code: int, value: bytes) -> bytes:
    return bytes([code, len(value)]) + value


def dhcp_with(code: int, value: bytes) -> bytes:
    """A message without addresses that has this option."""
    return bytes((2, 1, 0, 0)) + bytes(232) + b"\x63\x82\x53\x63" + option(code, value) + b"\xff"


DHCP: dict[str, bytes] = {
    "without options": dhcp(b"\xff"),
    "of a hardware type of eight bytes": dhcp(b"\xff", length=8),
    "of 33 bytes": dhcp(b"\xff")[:33],
    "of 239 bytes": dhcp(b"\xff")[:239],
    "names of server and file": dhcp(b"\xff", sname=b"boot7.sales.example", file=b"/images/sales7.bin"),
    "server and file that are no text": dhcp(b"\xff", sname=b"boot7\x07sales", file=b"\xffsales7"),
    "options in the file": dhcp(option(52, b"\1") + b"\xff", file=option(15, b"sales.example") + b"\xff"),
    "options in the server's name": dhcp(option(52, b"\2") + b"\xff", sname=option(12, b"phone7") + b"\xff"),
    "options in both": dhcp(
        option(52, b"\3") + b"\xff",
        file=option(15, b"sales.example") + b"\xff",
        sname=option(6, bytes((10, 9, 8, 3))) + b"\xff",
    ),
    "an empty overload": dhcp(option(52, b"") + b"\xff", file=option(6, bytes((10, 9, 8, 3)))),
    "pads and no end": dhcp(b"\0\0" + option(3, bytes((10, 9, 8, 3))) + b"\0"),
    "nothing behind the end": dhcp(b"\xff" + option(3, bytes((10, 9, 8, 3)))),
    "an option that is cut": dhcp(b"\x0f\x20sales.example"),
    "an option without a length": dhcp(b"\x0f"),
    "another cookie": dhcp(option(3, bytes((10, 9, 8, 3))), cookie=b"\x63\x82\x53\x64"),
    "SIP servers by address": dhcp(option(120, b"\1" + bytes((10, 9, 8, 3, 10, 9, 8, 2))) + b"\xff"),
    "SIP servers by name": dhcp(option(120, b"\0\5sales\7example\0") + b"\xff"),
    "client FQDN": dhcp(option(81, b"\0\0\0phone7.sales.example") + b"\xff"),
    "a client identifier of text": dhcp(option(61, b"\0phone-7") + b"\xff"),
    "a client identifier of a secret": dhcp(option(61, b"\0lobby-7") + b"\xff"),
    "public classes": dhcp(
        b"".join(option(60, name_) for name_ in (b"CPE-OCPhone", b"MSFT 5.0", b"udhcp 1.30")) + b"\xff"
    ),
    "classes of vendors": dhcp(
        option(43, b"CPE-OCPhone") + option(124, b"sip:x@sales.example") + option(77, b"dhcpcd-9 x") + b"\xff"
    ),
    "routes": dhcp(option(121, b"\x18\x0a\0\0\x0a\x09\x08\1" + b"\0\x0a\0\0\x07" + b"\x21\x0a") + b"\xff"),
    "a route that is cut": dhcp(option(249, b"\x20\x0a\0\0\7\x0a\0") + b"\xff"),
    "a netmask and a broadcast": dhcp(option(1, b"\xff\xff\xff\0") + option(28, b"\x0a\0\0\xff") + b"\xff"),
    "a relay's": dhcp(option(82, option(1, b"rack12") + option(2, b"\0\4\2\0\0\0\0\x80") + option(9, b"")) + b"\xff"),
}

# HTTP.


def answer(body: bytes, *headers: bytes, length: int | None = None) -> bytes:
    lines = (b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % (len(body) if length is None else length), b"", b"")
    return b"\r\n".join(lines) + body


def request(*headers: bytes) -> bytes:
    return b"\r\n".join((b"GET /x HTTP/1.1", b"Host: pool7.sales.example", *headers, b"", b""))


PAGE = b"<html>  <!-- from sales7.example -->\n  <p>pool7.sales.example</p>   <b>lobby</b></html>" * 3
SECRET_3 = (
    b"NTLMSSP\0\3\0\0\0"
    + struct.pack("<HHIHHI", 4, 4, 64, 4, 4, 68)
    + struct.pack("<HHIHHIHHI", 10, 10, 72, 10, 10, 82, 6, 6, 92)
    + struct.pack("<HHI", 4, 4, 98)
    + bytes(4)
    + b"\xaa\xab\xac\xad\xba\xbb\xbc\xbd"
    + "LOBBY".encode("utf-16-le")
    + "alice".encode("utf-16-le")
    + "PC7".encode("utf-16-le")
    + b"\xca\xcb\xcc\xcd"
)


def zlib_of(data: bytes) -> bytes:
    return zlib.compress(data, 0)


HTTP: dict[str, bytes] = {
    "headers": request(b"Via: 1.1 proxy7", b"VIA: HTTP/1.0 proxy8:80", b'WWW-Authenticate: Basic realm="Hall Nine"'),
    "Basic": request(b"Authorization: Basic " + base64.b64encode(b"alice7:Pass-word7")),
    "Basic for a proxy": request(b"proxy-authorization:\tBASIC  " + base64.b64encode(b"alice7:longer-pass")),
    "Basic that is none": request(b"Authorization: Basic abcde"),
    "NTLM": request(b"Authorization: NTLM " + base64.b64encode(SECRET_3)),
    "NTLM in Negotiate": request(b"Authorization: Negotiate " + base64.b64encode(SECRET_3)),
    "NTLM, first message": request(b"Authorization: NTLM " + base64.b64encode(b"NTLMSSP\0\1" + bytes(30))),
    "NTLM that is none": request(b"Authorization: NTLM TlRMTVNTU*"),
    "Negotiate": request(b"Authorization: Negotiate YIIFzwYGKwYBBQUCoIIF"),
    "Bearer": request(b"Authorization: Bearer abc.DEF-123"),
    "Digest": request(b'Authorization: Digest username="alice7", nonce="77", response="0123456789ABCDEF", qop=auth'),
    "Digest without quotes": request(b"Authorization: digest username=alice7,response=0123456789abcdef"),
    "cookies": request(b"Cookie: a=B1; c=~d", b"set-cookie:  e=f; path=/"),
    "two messages": answer(b"<p>sales.example</p>") + answer(b"<p>lobby</p>"),
    "a body that goes on": answer(b"Cookie: x\r\n" * 3, length=99),
    "a head in a body": answer(b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345"),
    "a binary body": answer(bytes(range(128, 256)) + b" pool9.hidden.com "),
    "a short binary body": answer(bytes(range(128, 142)) + b" p.hidden9.com"),
    "a body of one part in five": answer(b"\x80" * 5 + b"a" * 20),
    "a body in UTF-16": answer(b"\xff\xfe" + "user=nora7 <a>".encode("utf-16-le") * 2),
    "a long body": answer(b"contoso " * 8193),
    "a body at the limit": answer(b"contoso " * 8192),
    "the rest of a long body": b"contoso " * 8193,
    "the rest of a shorter body": b"contoso " * 20,
    "a page in gzip": answer(gzip.compress(PAGE, 1, mtime=0), b"Content-Encoding: gzip"),
    "a page in gzip, cut": answer(b"\x1f\x8b\x08" + bytes(40), b"Content-Encoding: x-gzip", length=44),
    "a page without secrets in gzip": answer(gzip.compress(b"<html/>", 1, mtime=0), b"content-encoding:gzip"),
    "a page in zlib": answer(zlib_of(b"<p>lobby</p>"), b"Content-Encoding: deflate"),
    "a page in zlib without secrets": answer(zlib_of(b"<p>hello</p>"), b"Content-Encoding: deflate"),
    "a raw page": answer(zlib_of(b"<p>hello</p>")[2:-4], b"Content-Encoding: deflate"),
    "a page that is not compressed": answer(b"<p>lobby</p>", b"Content-Encoding: gzip"),
    "no HTTP": b"hello from contoso at 10.0.0.7",
}

# TLS.


def tls(kind: int, body: bytes, minor: int = 3) -> bytes:
    return bytes((kind, 3, minor)) + len(body).to_bytes(2, "big") + body


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes((tag, size)) + body
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + body


def _title(*values: tuple[int, bytes]) -> bytes:
    return der(0x30, *(der(0x31, der(0x30, der(6, b"\x55\4\3"), der(tag, value))) for tag, value in values))


NAMES_OF_HOST = der(
    0x30,
    der(0x82, b"pool7.sales.example"),
    der(0x81, b"admin7@sales.example"),
    der(0x86, b"http://crl7.sales.example/x"),
    der(0x87, bytes((10, 0, 0, 7))),
    der(0x87, bytes.fromhex("20010db8000000000000000000000001")),
    der(0x88, b"\x2a\3"),
)
CERTIFICATE = der(
    0x30,
    der(
        0x30,
        der(0xA0, der(2, b"\2")),
        der(2, b"\x11\x22\x33\x44\x55\x66\x77\x88\x99"),
        der(0x30, der(6, b"\x2a\x86\x48"), der(5)),
        _title(
            (19, b"Sales CA"), (12, b"M\xc3\xbcller"), (30, "Wide7".encode("utf-16-be")), (22, b"ia5-7"), (20, b"tele7")
        ),
        der(0x30, der(23, b"260101000000Z"), der(24, b"20270101000000Z")),
        _title(
            (18, b"123456789"), (21, b"video7"), (25, b"graphic7"), (26, b"visible7"), (27, b"general7"), (28, b"univ")
        ),
        der(0x30, der(0x30, der(6, b"\x2a")), der(3, b"\0", der(0x30, der(2, bytes(range(1, 65))), der(2, b"\1\0\1")))),
        der(
            0xA3,
            der(
                0x30,
                der(0x30, der(6, b"\x55\x1d\x11"), der(4, NAMES_OF_HOST)),
                der(0x30, der(6, b"\x55"), der(4, der(4, b"KEYID7" * 3))),
            ),
        ),
    ),
    der(0x30, der(6, b"\x2a\x86\x48")),
    der(3, b"\0" + bytes(range(100, 164))),
)


def chain(*certificates: bytes) -> bytes:
    body = b"".join(len(one).to_bytes(3, "big") + one for one in certificates)
    return handshake(11, len(body).to_bytes(3, "big") + body)


def hello(host: bytes | None) -> bytes:
    extensions = struct.pack(">HH", 23, 0)
    if host is not None:
        entry = b"\0" + len(host).to_bytes(2, "big") + host
        data = len(entry).to_bytes(2, "big") + entry
        extensions += struct.pack(">HH", 0, len(data)) + data
    head = b"\3\3" + bytes(range(32)) + b"\2SI" + b"\0\4\0\x2f\0\x35" + b"\1\0"
    return handshake(1, head + len(extensions).to_bytes(2, "big") + extensions)


TLS: dict[str, bytes] = {
    "a hello": tls(22, hello(b"pool7.sales.example"), 1),
    "a hello without a name": tls(22, hello(None)),
    "a hello that is cut": tls(22, hello(b"pool7.sales.example"))[:50],
    "a hello in two records": tls(22, hello(b"pool7.sales.example")[:60]) + tls(22, hello(b"pool7.sales.example")[60:]),
    "a certificate": tls(22, handshake(2, bytes(38)) + chain(CERTIFICATE) + handshake(14, b"")),
    "two certificates": tls(22, chain(CERTIFICATE, der(0x30, der(0x30, der(12, b"other7"))))),
    "a certificate that is none": tls(22, chain(b"\x30\x82no certificate of contoso")),
    "a certificate that is cut": tls(22, chain(CERTIFICATE))[:-30],
    "a ticket": tls(22, handshake(4, b"\0\0\x1c\x20\0\x10TICKET-TICKET-77")),
    "a request for a certificate": tls(22, handshake(13, b"\1\1\0\x10\0\x0eof sales and so")),
    "a certificate's status": tls(22, handshake(22, b"\1\0\0\x10STATUS-STATUS-77")),
    "what is encrypted": tls(22, hello(b"pool7.sales.example"))
    + tls(20, b"\1")
    + tls(22, b"FINISHED-OF-CONTOSO")
    + tls(23, b"contoso")
    + tls(21, b"\1\0"),
    "data before a change of ciphers": tls(23, b"contoso") + tls(24, b"beat"),
    "empty records": tls(22, b"") + tls(23, b"") + tls(22, hello(b"pool7.sales.example")),
    "what is cut in a record": tls(23, b"contoso" * 5)[:-4],
    "other bytes behind it": tls(21, b"\1\0") + b"contoso behind",
    "four bytes": b"\x16\3\1\0",
    "another version": b"\x16\2\1\0\1x",
    "a later version": b"\x16\3\5\0\1x",
    "another type": b"\x19\3\1\0\1x",
    "the last type": b"\x18\3\4\0\1x",
    "the first type": b"\x14\3\0\0\1x",
}
