"""What the small functions make of a table of values each, as text: texts, addresses, times, and messages cut anywhere.

``python -m tests.tables.functions`` writes ``functions.txt`` anew; read the difference before you commit it.
"""

import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.bench.traffic import dns_answer, ipv4, udp
from tests.masking.messages import CERTIFICATE, DNS, chain, hello, tls
from tests.masking.messages import option as dhcp_option
from tests.recorded_texts import read_texts, write_cases
from tests.wire.wrappings import STORY, WRAPPINGS
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.commands import RULES
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.fleet.targets import CHECK_DNS, PROBE
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.link.unread import ENCRYPTED
from ucdiag.wire.tls.handshake import ClientHello, ServerHello

FILE = Path(__file__).with_name("functions.txt")
_LONG = 3000

# Values.

TEXTS = (
    "",
    " ",
    "a",
    "contoso.com",
    "CONTOSO.com.",
    "ucupdates-r2.contoso.com",
    "UCUPDATES.contoso.com",
    "ucupdates-r2",
    "_sipinternaltls._tcp.contoso.com",
    "a..b",
    ".a",
    "-a.b",
    "a-.b",
    "a_b.c",
    "m\u00fcller.de",
    "xn--mller-kva.de",
    "a b",
    "a,b;c",
    f"{'x' * 63}.com",
    f"{'x' * 64}.com",
    ".".join(["abcdefg"] * 31) + ".abcde",
    ".".join(["abcdefg"] * 31) + ".abcdef",
    "localhost",
    "LocalHost.",
    "127.0.0.1",
    "127.1",
    "0.0.0.0",
    "10.0.0.7",
    "10.0.0.07",
    "10.0.0.256",
    "10.0.0",
    "169.254.1.1",
    "192.0.2.10",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "2001:db8::10",
    "[2001:db8::10]",
    "ff02::1",
    "::ffff:10.0.0.7",
    "10.0.0.2:53",
    "10.0.0.2:0",
    "[2001:db8::53]:5353",
    "[::1]",
    "http://contoso.com",
    "http://contoso.com:8080/x?y#z",
    "HTTPS://10.0.0.7/RequestHandler/ucdevice.upx",
    "http://[2001:db8::10]:80/x",
    "http://user:word@contoso.com/",
    "http:///x",
    "http://contoso.com:0/",
    "http://contoso.com:65536/",
    "http://contoso.com:x/",
    "http://127.0.0.1/x",
    "http://224.0.0.1/",
    "http://a b/",
    "ftp://contoso.com/",
    "//contoso.com/x",
    "/RequestHandler/ucdevice.upx",
    "/RequestHandlerExt/ucdevice.upx?x=1",
    "/requesthandlerext",
    "/DeviceUpdateFiles_Int/UCPhone/CPE.nbt",
    "http://pool/DeviceUpdateFiles_Ext/a%20b/CPE.nbt",
    "a\tb\x1b[31m\u202e\ud800",
    "one\ntwo\r\nthree",
    "One sentence. And two! Three? 3.5 of it, e.g. here.",
    "\u6f22\u5b57 wide e\u0301 \U0001f600",
    "a|b*c_d`e[f]<g>#h",
    '"quoted" & <tag> #1; a:b',
    "it's a word; $HOME %PATH% `x`",
)
NUMBERS = (
    -1,
    0,
    1,
    2,
    9,
    10,
    59,
    60,
    99,
    100,
    999,
    1000,
    1023,
    1024,
    65535,
    65536,
    999_949,
    10**6,
    10**9,
    10**12,
    1 << 40,
)
SECONDS = (
    0.0,
    0.0004,
    0.001,
    0.0099,
    0.05,
    0.0994,
    0.4,
    0.95,
    0.999,
    1.0,
    1.04,
    9.94,
    9.96,
    59.4,
    59.96,
    60.0,
    61.0,
    119.0,
)
SECONDS += (120.0, 3599.0, 3600.0, 5400.0, 86_399.0, 86_400.0, 172_800.0, 10**7)
MICROSECONDS = (
    0,
    1,
    999,
    1000,
    99_950,
    999_999,
    10**6,
    59_999_999,
    60 * 10**6,
    3_599_999_999,
    3600 * 10**6,
    86_400 * 10**6,
)
MICROSECONDS += (1_700_000_000_123_456, -1, -(10**6), 253_402_300_799_999_999)
MACS = (
    "00:04:f2:aa:bb:cc",
    "00-04-F2-AA-BB-CC",
    "0004f2aabbcc",
    "0004.f2aa.bbcc",
    "0004f2-aabbcc",
    "00:04:f2:aa:bb",
    "00:04:f2:aa:bb:cg",
    "00:00:00:00:00:00",
    "ff:ff:ff:ff:ff:ff",
    "01:00:5e:00:00:01",
    " 00:04:f2:aa:bb:cc ",
)
SERIALS = ("AB37_679e", "a-b", "", "a b", "x" * 64, "x" * 65, "\u00e9")
VERSIONS = ("3.5.6907.35", "1.0.522.101", "1.0", "1", "1.2.3.4.5", "01.0", "a.b", "0.0.0.0", "3.5.6907.35 ", "", "1..2")
TIMES = (
    "2026-01-31T09:00:00Z",
    "2026-01-31T09:00:00.5Z",
    "2026-01-31T09:00:00.123456Z",
    "2026-01-31T09:00:00+01:00",
    "2026-01-31 09:00:00",
    "2026-02-30T09:00:00Z",
    "0001-01-01T00:00:00.000000Z",
    "9999-12-31T23:59:59.999999Z",
    "now",
    "",
)
HEADS = (
    b"",
    b"GET / HTTP/1.1",
    b"GET /",
    b"GET  / HTTP/1.0",
    b"POST /RequestHandler/ucdevice.upx HTTP/1.1",
    b"CONNECT a:443 HTTP/1.1",
    b"get / HTTP/1.1",
    b"GET / HTTP/2.0",
    b"GET / HTTP/1.1 x",
    b"PROPFIND /x HTTP/1.1",
    b"G\xe9T / HTTP/1.1",
    b"HTTP/1.1 200 OK",
    b"HTTP/1.0 404",
    b"HTTP/1.1 99 x",
    b"HTTP/1.1 200",
    b"HTTP/1.1  200 OK",
    b"HTTP/2 200",
    b"HTTP/1.1 2000 x",
    b"ICY 200 OK",
    b"0",
    b"1a; x=y",
    b"FFFFFFFF",
    b"fffffffffffffffff",
    b"g",
    b" 5 ",
    b"-1",
)
BODIES = (
    b"",
    b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>",
    b"\xff\xfe<\0a\0/\0>\0",
    b"\xfe\xff\0<\0a\0/\0>",
    b"<\0a\0/\0>\0",
    b"\0<\0a\0/\0>",
    b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>",
    b'<html><head><meta charset="windows-1252"><title>x</title></head>',
    b"<!DOCTYPE html><HTML>",
    b"  \n<html>",
    b"plain text \xe9",
    b"\x80\x81\x82\xff",
    b"<response downloads='0'/>",
    b"\0\0\0\0",
)
KINDS = (
    None,
    "",
    "text/html",
    "text/xml; charset=utf-8",
    'text/xml; charset="UTF-16"',
    "text/plain; charset=nothing",
    "x/y",
)
LINKS = (0, 1, 9, 12, 14, 101, 105, 108, 113, 119, 127, 228, 276, 99999)
ADDRESSES = (bytes((10, 0, 0, 7)), bytes(4), bytes(16), bytes.fromhex("20010db8000000000000000000000010"), b"abc", b"")
HARDWARE = (bytes.fromhex("0004f2aabbcc"), bytes(6), b"", None, b"abc")
RESOLV_CONF = (
    "",
    "nameserver 10.0.0.2\nnameserver 10.0.0.3 more\nnameserver x\n",
    "domain contoso.com\nsearch a.example b.example.\n",
    "search a.example\ndomain contoso.com. other\n",
    "# nameserver 10.0.0.2\n; search a\nnameserver 10.0.0.4 # one\nnameserver 10.0.0.5; two\n",
    "search a#b c\nsearch d;e f\n",
    "nameserver\nsearch\noptions ndots:1\n nameserver 10.0.0.6\nNAMESERVER 10.0.0.7\n",
    "search .\n",
)
TARGETS = (
    "",
    "# nobody\n\n",
    "00:04:f2:aa:bb:cc\n0004F2AABBCD, contoso.com\n",
    "mac,domain,nameserver\n00:04:f2:aa:bb:cc,a.example,10.0.0.2\n00:04:f2:aa:bb:cd,,10.0.0.2:5353 10.0.0.3\n",
    "domain;colour\na.example;red\nb.example;blue\n",
    "MAC\tSerial\n00:04:f2:aa:bb:cc\tAB37\n",
    "url\nhttp://10.0.0.7/x\nftp://x\n",
    "a.example\nhttp://10.0.0.7/x\n00:04:f2:aa:bb:cc\n",
    "a.example,b.example,c.example,d.example\n",
    "nameserver\nx\n10.0.0.2\nfe80::1\n123\n",
    "a..b\n00:04:f2\na.example\na.example\n",
    '"a.example","x, y"\n',
    "mac,mac\n00:04:f2:aa:bb:cc,00:04:f2:aa:bb:cd\n",
)
SPANS = (
    "",
    "1",
    "1s",
    "2min",
    "1h 30min",
    "1d",
    "1w",
    "infinity",
    "5 s",
    "1x",
    "-1s",
    "1.5h",
    "3month",
    "2y",
    "500ms",
    "9us",
)
WORDS = ("whole", "dns", "DHCP", "wholee", "w", "", "no_such", "no-such-thing")
QUESTION = STORY[0][1]
FRAMES = {name: wrap(QUESTION) for name, wrap in WRAPPINGS.items()}


def of(module: str, function: str, values: Iterable[Sequence[Any] | Any]) -> tuple[str, Callable[..., Any], list[Any]]:
    """A function by its module, and the arguments of each call."""
    return f"{module}.{function}", getattr(import_module(f"ucdiag.{module}"), function), list(values)


def pairs(*values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """All combinations."""
    return itertools.product(*values)


PLATFORMS = ("linux", "win32", "darwin")
SHELLS = ("sh", "powershell", "cmd")

FUNCTIONS = [
    of(
        "update_service.request",
        "file_request",
        [text for text in TEXTS if text.lower().startswith(("http://c", "https://"))],
    ),
    of("fleet.targets", "decode_text", [*BODIES, "m\u00fc".encode("utf-16"), "m\u00fc".encode("cp1252")]),
    of("fleet.targets", "parse_targets", pairs(TARGETS, (PROBE, CHECK_DNS))),
    of("leases.resolvconf", "parse_resolv_conf", RESOLV_CONF),
    of("leases.networkd", "time_span", SPANS),
    of("leases.networkd", "unescaped_name", [b"a\\x2db", b"\\040", b"a\\", b"\\zb", b"plain"]),
    of("leases.dhclient", "unquoted_string", [b"a\\042b", b"\\t\\n", b"\\999", b"\\", b"plain", b"m\xc3\xbc"]),
    of("model.text", "decode_bytes", [b"", b"abc", b"m\xc3\xbc", b"m\xfc", b"a\0b"]),
    of("leases.system_files", "parse_address", [None, *TEXTS]),
    of("leases.system_files", "parse_addresses", [(TEXTS,), ((),), (("10.0.0.2", "x", "10.0.0.2", "10.0.0.3"),)]),
    of("leases.system_files", "whole_number", [None, "", "0", "12", "-1", "+1", "1.0", " 7", "9" * 30, "\u0661"]),
    of("leases.system_files", "whole_number", pairs(("0", "7", "8"), (7,))),
    of("capture.bpf", "pcap_expressions", [((80,),), ((80, 443, 8080),)]),
    of("capture.prefilter", "reversed_key", [bytes(range(12))]),
    of("model.urls", "split_url", TEXTS),
    of("model.urls", "url_flaw", TEXTS),
    of("model.urls", "address_flaw", TEXTS),
    of("model.urls", "ipv4_flaw", TEXTS),
    of("model.urls", "resolver_flaw", TEXTS),
    of("model.urls", "is_address", TEXTS),
    of("model.urls", "is_localhost", TEXTS),
    of("model.urls", "usable_host", TEXTS),
    of("model.urls", "place_flaw", pairs(TEXTS, (None, "10.0.0.7"))),
    of("model.times", "format_time", MICROSECONDS),
    of("model.times", "parse_time", TIMES),
    of("model.phone", "parse_mac", MACS),
    of("model.phone", "parse_serial", SERIALS),
    of("model.phone", "parse_firmware", VERSIONS),
    of("model.text", "listed", [((),), (("a",),), (("a", "b"),), (("a", "b", "c"),)]),
    of("model.text", "in_natural_order", ["a10b2", "A9", "", "x", "007"]),
    of("model.tls_words", "alert_text", range(256)),
    of("model.tls_words", "alert_words", range(256)),
    of("cli.options", "parse_timeout", ["0.1", "600", "1e2", "600.1", "0.0999", "nan", "x"]),
    of("cli.options", "parse_port", ["1", "65535", "0", "65536", "80 ", "1234567890", "x"]),
    of(
        "cli.options",
        "parse_connect_to",
        [
            "a.example:80:127.0.0.1:8080",
            "A.EXAMPLE.:80:localhost:81",
            "[2001:db8::10]:80:[::1]:8080",
            "10.0.0.7:443:10.0.0.8:444",
            "a:80:b:80",
            "a:80:[x]:80",
            "[x]:80:1.2.3.4:80",
            "a:80",
            "",
        ],
    ),
    of(
        "cli.targets", "format_by_suffix", ["a.json", "a.HTML", "a.txt", "a.md", "a.csv", "a.xml", "a.prom", "a", "a.b"]
    ),
    of("cli.usage_errors", "nearest_of", pairs(WORDS, [("whole", "whole_slow", "dns-no-answer", "dhcp")], (1, 2))),
    of(
        "capture.series",
        "missing_between",
        pairs(("a_00001_x.pcap", "a2.pcap"), ("a_00002_x.pcap", "a_00007_x.pcap", "b")),
    ),
    of("capture.series", "gap_text", [("a_00001_x.pcap", "a_00003_x.pcap"), ("a_00001_x.pcap", "a_00007_x.pcap")]),
    of("probe.dns", "parse_nameserver", TEXTS),
    of("probe.tcp", "spell_seconds", SECONDS),
    of("probe.tcp", "proxy_endpoint", TEXTS),
    of(
        "probe.http",
        "challenge_schemes",
        ["NTLM", "Negotiate, NTLM", 'Basic realm="a, b", Digest x=1', "", "NTLM TlRM="],
    ),
    of("runtime.context", "canonical_host", TEXTS),
    of("runtime.progress", "size_text", NUMBERS),
    of("runtime.progress", "of_amount", pairs((0, 1, 1000, 10**6, 10**9), (None, 0, 1000, 2 * 10**9))),
    of("runtime.progress", "duration_text", SECONDS),
    of("runtime.progress", "reading_text", pairs(("a.pcap",), (0, 12_345), (0, 10**6), (0, 4 * 10**6), (0.5, 30.0))),
    of(
        "runtime.progress",
        "listening_text",
        pairs(("eth0",), (0, 12_345), (0.5, 90.0), (None, 600.0), (None, "w.pcap")),
    ),
    of("runtime.privileges", "quoted_word", pairs(TEXTS[-10:], PLATFORMS)),
    of("runtime.privileges", "quoted_words", pairs([("a", "b c", "d'e")], PLATFORMS)),
    of(
        "runtime.site_profile",
        "user_folder",
        pairs(
            (
                {},
                {"HOME": "/home/a"},
                {"HOME": "/home/a", "XDG_CONFIG_HOME": "/c"},
                {"HOME": "x", "XDG_CONFIG_HOME": "c"},
                {"APPDATA": "C:\\A"},
            ),
            PLATFORMS,
        ),
    ),
    of("runtime.system_errors", "name_of", pairs((None, 0, 1, 13, 49, 51, 101, 111, 113, 10013, 10065), PLATFORMS)),
    of(
        "runtime.system_errors", "is_for_many", pairs(("10.0.0.7", "255.255.255.255", "224.0.0.1", "ff02::1"), (53, 67))
    ),
    of("server_logs.audit_log", "server_of", ["RequestHandlerAuditLog_FE01_20260101.log", "x_FE02.log", "x.log", ""]),
    of("server_logs.log_files", "encoding_of", BODIES),
    of("server_logs.log_files", "text_of", BODIES),
    of(
        "update_service.error_page",
        "is_message",
        pairs(
            (None, "", "<html>", "Too busy", '{"error": 1}', "The page cannot be found"),
            ("/a.nbt", "/x.txt"),
            (True, False),
        ),
    ),
    of("update_service.modules", "version_number", [None, *VERSIONS]),
    of("update_service.modules", "requested_modules", [None, "", "<a/>", "<Module>CPE</Module>", "a=1&b=2"]),
    of("update_service.modules", "same_file", pairs(("CPE.nbt", "cpe.NBT", "CPE"), ("CPE.nbt", "other.nbt", "CPE"))),
    of("update_service.names", "plain_name", TEXTS),
    of("update_service.names", "same_name", pairs((None, "", "A.b.", "a.B"), (None, "", "a.b"))),
    of("update_service.names", "domain_flaw", TEXTS),
    of("update_service.names", "update_label", TEXTS),
    of("update_service.names", "domain_part", TEXTS),
    of("update_service.names", "target_path", [None, *TEXTS]),
    of("update_service.names", "is_external", [None, *TEXTS]),
    of("update_service.names", "parse_domain", TEXTS),
    of("model.phone_classes", "class_rank", [None, "", "CPE-OCPhone", "MS-UC-Client", "ms-uc-client", "x"]),
    of("model.phone_classes", "is_phone_class", [None, "", "CPE-OCPhone", "MS-UC-Client", "udhcp"]),
    of(
        "update_service.request",
        "host_header",
        pairs(("a.b", "10.0.0.7", "2001:db8::1"), (80, 443, 81), ("http", "https")),
    ),
    of("update_service.response", "usable_url", TEXTS),
    of("update_service.response_xml", "plain_key", ["InternalUrl", "{urn:x}Base-URL", "a_b.c", "", "\u00c4"]),
    of("update_service.response_xml", "decode_body", pairs(BODIES, KINDS)),
    of(
        "update_service.response_xml",
        "inner_documents",
        ["", "<a/>", "&lt;a/&gt;", "x <a>1</a> y <b/>", "<![CDATA[<a/>]]>"],
    ),
    of("views.check_lines", "span_text", SECONDS),
    of("views.html.markup", "text_markup", pairs(TEXTS[-12:], (5, 40))),
    of("views.ladder", "elapsed_text", MICROSECONDS),
    of("views.ladder", "clock_text", MICROSECONDS),
    of("views.markdown_view", "escaped_markdown", TEXTS[-12:]),
    of("views.mermaid_view", "escaped_mermaid", TEXTS[-12:]),
    of("views.nagios_view", "status_line", pairs((0, 1, 2, 3), ("fine", "a|b\nc"))),
    of("model.visible_text", "visible", TEXTS[-12:]),
    of("views.sanitize", "shortened", pairs(TEXTS[-12:], (3, 10, 40))),
    of("views.text_width", "display_width", TEXTS[-12:]),
    of("views.text_width", "fit_text", pairs(TEXTS[-12:], (1, 7, 60), (True, False))),
    of("views.words", "with_capital", TEXTS[-12:]),
    of("views.words", "split_sentences", TEXTS[-12:]),
    of("views.words", "duration_text", [None, *SECONDS]),
    of("views.problem_labels", "problem_label", PROBLEMS),
    of("wire.addresses", "address_text", ADDRESSES),
    of("wire.addresses", "mac_text", HARDWARE),
    of("wire.dns.message", "type_text", (0, 1, 2, 5, 6, 12, 15, 16, 28, 33, 41, 255, 256, 999)),
    of(
        "wire.http.body",
        "known_encoding",
        ["gzip", "x-gzip", "GZIP", "deflate", "zstd", "br", "identity", "", "gzip, br"],
    ),
    of("wire.http.body", "charset_of", KINDS),
    of("wire.http.body", "marked_encoding", BODIES),
    of("wire.http.body", "declared_encoding", BODIES),
    of("wire.http.body", "readable", pairs(BODIES, KINDS)),
    of("wire.http.body", "excerpt", pairs(BODIES, (None, "text/xml"), (3, 400))),
    of("wire.http.body", "is_page", [text.decode("latin-1") for text in BODIES]),
    of(
        "wire.http.parser",
        "read_fields",
        [b"", b"A: b\r\n", b"A: b\r\n c\r\nD:e\r\n", b"A : b\r\nno colon\r\n: x\r\n", b"A: b\nC: d\n"],
    ),
    of("wire.http.parser", "read_request_line", HEADS),
    of("wire.http.parser", "begins_request", HEADS),
    of("wire.http.parser", "is_known_request", HEADS),
    of("wire.http.parser", "read_status_line", HEADS),
    of("wire.http.parser", "begins_response", HEADS),
    of("wire.http.parser", "is_known_response", HEADS),
    of("wire.http.parser", "read_chunk_size", HEADS),
    of("wire.link.unread", "unread_protocol", range(256)),
    of("wire.link.unread", "unread_gre", (0, 0x0800, 0x6558, 0x86DD, 0x8847, 0x88BE, 0x880B, 0x9999)),
    of(
        "wire.tls.handshake",
        "version_text",
        (0, 2, 0x0200, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0x7F1C, 0xFEFF, 0x9A9A),
    ),
    of("wire.dhcp.message", "decode_text", [b"", b"abc\0", b"\0", b"m\xc3\xbc", b"m\xfc", b"a\0b", b" a "]),
]

# What is read of a message that is cut behind any of its bytes.
DNS_NAMES = b"\3www\7contoso\3com\0\xc0\x04\1a\xc0\x00\x40"
MESSAGES: list[tuple[str, Callable[[bytes], Any], dict[str, bytes]]] = []


def cut(
    module: str, function: str, messages: dict[str, bytes], call: Callable[..., Callable[[bytes], Any]] | None = None
) -> None:
    found = getattr(import_module(f"ucdiag.{module}"), function)
    MESSAGES.append((f"{module}.{function}, cut", call(found) if call else found, messages))


HELLO = hello(b"pool7.contoso.com")
ICMP = b"\3\1\0\0\0\0\0\0" + ipv4("10.0.0.7", "10.0.0.2", 17, udp(5000, 53, b"question"))
cut(
    "wire.dns.message",
    "read_dns",
    {name: DNS[name] for name in ("an address", "SOA", "MX and SRV", "TXT", "two questions")},
)
cut(
    "wire.dns.message",
    "read_name",
    {"names": DNS_NAMES},
    lambda read: lambda data: [read(data, at) for at in (0, 4, 17, 21)],
)
cut(
    "wire.dns.over_tcp",
    "is_sound",
    {"answer": dns_answer(7, "a.example", "10.0.0.7")},
    lambda read: lambda data: (read(data, response=True), read(data, response=False)),
)
cut("wire.dhcp.message", "read_names", {"names": b"\3www\7contoso\3com\0\2ab\xc0\x04\0"})
cut(
    "wire.tls.handshake",
    "read_hello_keys",
    {"hello": HELLO[4:]},
    lambda read: lambda data: (read(data, client=True), read(data, client=False)),
)
cut("wire.tls.handshake", "read_ssl2_hello", {"hello": b"\x80\x2e\1\3\1\0\x15\0\0\0\x10" + bytes(37)})
_RANDOM = bytes(range(32))
_VERSION = b"\0\x2b\0\2\3\4"


def _filled(read: Callable[[bytes, Any], None], kind: type) -> Callable[[bytes], Any]:
    """What a message fills in, also one that breaks off."""

    def reading(data: bytes) -> Any:
        found = kind()
        try:
            read(data, found)
        except DecodeError:
            return f"breaks off: {found!r}"
        return found

    return reading


cut(
    "wire.tls.handshake",
    "read_server_hello",
    {
        "1.0": b"\3\1" + _RANDOM + b"\0\0\x2f\0",
        "1.2": b"\3\3" + _RANDOM + b"\2ab\0\x2f\0\0\6\xff\1\0\1\0\x17",
        "1.3": b"\3\3" + _RANDOM + b"\0\x13\1\0\0\6" + _VERSION,
        "a draft of 1.3": b"\x7f\x12" + _RANDOM + b"\x13\1\0\6" + _VERSION,
        "1.3 by itself": b"\3\4" + _RANDOM + b"\x13\1\0\0",
    },
    lambda read: _filled(read, ServerHello),
)
cut("wire.tls.handshake", "read_client_hello", {"hello": HELLO[4:]}, lambda read: _filled(read, ClientHello))
cut(
    "wire.tls.handshake",
    "read_chain",
    {"chain": chain(CERTIFICATE)[4:40]},
    lambda read: lambda data: read(data, tls_1_3=False),
)
cut("wire.tls.first_bytes", "is_tls_hello", {"hello": tls(22, HELLO)[:60]})
cut(
    "wire.tls.first_bytes", "is_tls_answer", {"answer": tls(22, b"\2\0\0\x26" + bytes(38)), "alert": tls(21, b"\2\x28")}
)
cut("wire.tls.first_bytes", "is_ssl2_hello", {"hello": b"\x80\x2e\1\3\1\0\x15\0\0\0\x10" + bytes(37)})
cut("wire.tls.records", "is_record", {"record": tls(23, b"abc")})
cut("wire.tls.x509", "read_certificate", {"certificate": CERTIFICATE[:120]})
cut(
    "wire.link.icmp",
    "read_icmp_error",
    {"error": ICMP},
    lambda read: lambda data: (read(data, version=4), read(data, version=6)),
)
cut("probe.tls_records", "looks_like_tls", {"hello": tls(22, HELLO)[:12], "text": b"HTTP/1.1"})
cut(
    "probe.tls_records",
    "fatal_alert",
    {"alert": tls(21, b"\2\x28") + tls(21, b"\1\0")},
    lambda read: lambda data: (read(data, fatal=True), read(data, fatal=False)),
)
cut(
    "probe.tls_records",
    "message_types",
    {"messages": tls(22, b"\2\0\0\1x" + b"\x0b\0\0\2yz") + tls(20, b"\1") + tls(22, b"secret")},
)
cut("probe.tls_records", "stage_of", {"messages": tls(22, b"\2\0\0\1x" + b"\x0b\0\0\2yz") + tls(20, b"\1")})
cut(
    "probe.dhcp_relay",
    "other_subnet",
    {
        "offer": b"\2\1\6\0"
        + bytes(12)
        + bytes((10, 77, 0, 9))
        + bytes(216)
        + b"\x63\x82\x53\x63"
        + b"\0"
        + dhcp_option(53, b"\2")
        + dhcp_option(1, b"\xff\xff\xff\0")
        + b"\xff"
    },
    lambda read: lambda data: read(data, "10.79.0.1"),
)
cut("wire.link.link_layer", "read_link_layer", FRAMES, lambda read: lambda data: read(1, data))
cut("wire.link.unread", "unread_frame", FRAMES, lambda read: lambda data: read(1, data))
_ADDRESS = struct.pack("=BBBBI", 2, 24, 0, 0, 3)
_LOCAL = struct.pack("=HH", 8, 2) + bytes((10, 0, 0, 7))
_SPAN = struct.pack("=HHIIII", 20, 6, 1800, 3600, 0, 0)
_LABEL = struct.pack("=HH", 9, 3) + b"eth0\0" + bytes(3)


def netlink(kind: int, *parts: bytes) -> bytes:
    """A message of the kernel (rtnetlink(7))."""
    body = b"".join(parts)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body + bytes(-len(body) % 4)


cut(
    "leases.rtnetlink",
    "seconds_left",
    {
        "an address": netlink(20, _ADDRESS, _LOCAL, _SPAN),
        "with a label": netlink(20, _ADDRESS, _LABEL, _LOCAL, _SPAN),
        "of another kind": netlink(21, _ADDRESS, _LOCAL, _SPAN) + netlink(3),
        "without a span": netlink(20, _ADDRESS, _LOCAL) + netlink(20, _ADDRESS, _LOCAL, _SPAN[:8]),
        "two": netlink(20, _ADDRESS, _LOCAL, _SPAN) + netlink(20, _ADDRESS[:4] + b"\x04\0\0\0", _LOCAL, _SPAN),
    },
)
for number in LINKS:
    cut(
        "wire.link.link_layer",
        "read_link_layer",
        {f"link type {number}": b"\2\0\0\0\x45\0\0\x28" + bytes(8) + b"\x08\0" + bytes(30)},
        lambda read, link=number: lambda data: read(link, data),
    )


def said(call: Callable[..., Any], *arguments: Any) -> str:
    """What comes of a call; an error that the function is there to raise is a result, too."""
    try:
        result = call(*arguments)
        if isinstance(result, Iterator):
            result = list(result)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is recorded
        return f"{type(error).__name__}: {error}"[:_LONG]
    return _shown(result)[:_LONG]


def _shown(value: Any) -> str:
    if isinstance(value, frozenset | set):
        return f"{{{', '.join(sorted(map(_shown, value)))}}}"
    return repr(value)


def of_calls(call: Callable[..., Any], values: list[Any]) -> str:
    """A line for each result, with the arguments that lead to it."""
    found: dict[str, list[str]] = {}
    for value in values:
        arguments = value if isinstance(value, tuple) else (value,)
        found.setdefault(said(call, *arguments), []).append(", ".join(map(_shown, arguments)))
    return "\n".join(f"{result}\n  <- {' | '.join(those)}" for result, those in found.items())


def of_cuts(call: Callable[[bytes], Any], messages: dict[str, bytes]) -> str:
    """For each message the results by its length: from so many bytes on, this."""
    lines = []
    for name, data in messages.items():
        before = None
        for size in range(len(data) + 1):
            now = said(call, data[:size])
            if now != before:
                lines.append(f"{name}, {size}: {now}")
                before = now
    return "\n".join(lines)


CASES: dict[str, Callable[[], str]] = {}
for title, function, arguments_ in FUNCTIONS:
    key = title if title not in CASES else f"{title}, with more"
    CASES[key] = lambda function=function, values=arguments_: of_calls(function, values)  # type: ignore[misc]
for title, reader, messages_ in MESSAGES:
    key = title if title not in CASES else f"{title}, {next(iter(messages_))}"
    CASES[key] = lambda reader=reader, messages=messages_: of_cuts(reader, messages)  # type: ignore[misc]

CASES["what each kind of command is for"] = lambda: "\n".join(
    f"{rule.purpose}, {rule.where}, {rule.shell}, {rule.choice}: {rule.pattern}" for rule in RULES
)
CASES["which findings each finding leaves out"] = lambda: "\n".join(
    f"{code}: {', '.join(sorted(entry.supersedes))}" for code, entry in CATALOGUE.items() if entry.supersedes
)
CASES["what each problem means"] = lambda: "\n".join(
    f"{code}: {entry.title} | {entry.meaning} | {entry.fix}" for code, entry in PROBLEMS.items()
)
CASES["which of what cannot be read is encrypted"] = lambda: ", ".join(sorted(ENCRYPTED))


def recorded() -> dict[str, str]:
    """The texts by their heads."""
    return read_texts(FILE)


if __name__ == "__main__":
    write_cases(FILE, CASES)
