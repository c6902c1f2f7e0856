"""The update request: the built-in guess, and what is made of one saved from a real phone."""

import gzip
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.model.phone import Phone
from ucdiag.update_service.names import EXTERNAL_PATH
from ucdiag.update_service.request import (
    LIMIT,
    USER_AGENT,
    Request,
    build_request,
    file_request,
    from_saved,
    host_header,
    mark_identity,
    to_bytes,
)

PHONE = Phone(mac="00:04:f2:aa:bb:cc", serial="AB37_679e")
OLD, NEW = "64:16:7f:12:34:5d", "00:04:f2:aa:bb:cc"
HOST = "ucupdates-r2.contoso.com"


def spellings(mac: str) -> list[str]:
    pairs = mac.split(":")
    bare = "".join(pairs)
    found = [mac, "-".join(pairs), bare, f"{bare[:4]}.{bare[4:8]}.{bare[8:]}", " ".join(pairs)]
    return [spelling for spelt in found for spelling in (spelt, spelt.upper())]


def saved(body: bytes, *headers: str, line: str = "POST /RequestHandler/ucdevice.upx HTTP/1.1") -> bytes:
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1") + body


# The built-in guess.


def test_the_guess_carries_every_documented_value() -> None:
    phone = Phone(
        mac="00:04:f2:aa:bb:cc",
        serial="S-1",
        device_type="UCPhone",
        vendor="Polycom",
        model="CX<700>&",
        revision="A",
        locale="ENU",
        firmware="1.2.3.4",
    )
    request = build_request(phone, HOST)
    values = [
        (element.text or "").strip() for element in ElementTree.fromstring(request.body).iter() if not len(element)
    ]
    assert values[:7] == ["UCPhone", "00-04-F2-AA-BB-CC", "S-1", "Polycom", "CX<700>&", "A", "ENU"]
    assert "1.2.3.4" in values[7:]
    assert len(values) == 10  # and the module's name and timestamp
    assert not request.verified
    assert request.notes == ()


def test_the_exact_bytes_of_the_guess() -> None:
    request = build_request(PHONE, f"{HOST}:8080", EXTERNAL_PATH)
    head, _, body = to_bytes(request).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /RequestHandlerExt/ucdevice.upx HTTP/1.1"
    assert lines[1] == b"Host: ucupdates-r2.contoso.com:8080"
    assert lines[3:] == [
        b"Content-Type: text/xml; charset=utf-8",
        b"Content-Length: %d" % len(body),
        b"Connection: close",
    ]
    assert body == request.body
    assert body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\r\n<UpdateRequest>\r\n')


def test_an_unknown_firmware_is_one_that_is_offered_updates() -> None:
    assert b">1.0.522.101<" in build_request(Phone(), HOST).body


def test_values_of_other_scripts() -> None:
    body = build_request(Phone(vendor="Größe", model="電話"), HOST).body
    assert "Größe".encode() in body
    assert ElementTree.fromstring(body).find("Model").text == "電話"  # type: ignore[union-attr]


@pytest.mark.parametrize("value", ["a\x00b", "\x1b[31m", "\ud800", "\uffff"])
def test_values_that_xml_cannot_carry(value: str) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        build_request(Phone(model=value), HOST)


@pytest.mark.parametrize("host", ["", "a b", "a\r\nX: y", "a/b", "ünï", "u@h", "h\x00"])
def test_hosts_that_cannot_be_sent(host: str) -> None:
    with pytest.raises(ValueError, match="Host header"):
        build_request(PHONE, host)
    with pytest.raises(ValueError, match="Host header"):
        from_saved(b"<r/>", PHONE, host)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/a/b", "/a/b"),
        ("a", "/a"),
        ("", "/"),
        ("/a b", "/a%20b"),
        ("/ü", "/%C3%BC"),
        ("/a%20b?c=d&e='f'", "/a%20b?c=d&e='f'"),
        ("/a#b", "/a%23b"),
    ],
)
def test_paths(path: str, target: str) -> None:
    assert build_request(PHONE, HOST, path).target == target


@pytest.mark.parametrize("path", ["/a\r\nX: y", "/\x00", "/\ud800"])
def test_paths_that_cannot_be_sent(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        build_request(PHONE, HOST, path)


@pytest.mark.parametrize(
    ("host", "port", "scheme", "header"),
    [
        ("h", 80, "http", "h"),
        ("h", 443, "https", "h"),
        ("h", 443, "http", "h:443"),
        ("h", 80, "https", "h:80"),
        ("h", 8080, "http", "h:8080"),
        ("2001:db8::1", 80, "http", "[2001:db8::1]"),
        ("2001:db8::1", 81, "http", "[2001:db8::1]:81"),
    ],
)
def test_host_header(host: str, port: int, scheme: str, header: str) -> None:
    assert host_header(host, port, scheme) == header


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("http://p/CPE/CPE.nbt", b"GET /CPE/CPE.nbt HTTP/1.1\r\nHost: p\r\n"),
        ("https://p:443/x?y=z#f", b"GET /x?y=z HTTP/1.1\r\nHost: p\r\n"),
        ("http://P:8080", b"GET / HTTP/1.1\r\nHost: p:8080\r\n"),
        ("http://[2001:db8::1]/ü", b"GET /%C3%BC HTTP/1.1\r\nHost: [2001:db8::1]\r\n"),
    ],
)
def test_the_request_for_a_file(url: str, start: bytes) -> None:
    assert to_bytes(file_request(url)) == start + b"User-Agent: %s\r\nConnection: close\r\n\r\n" % USER_AGENT.encode()


# A body or a request that was saved.


def test_nothing_chosen_nothing_changed() -> None:
    body = f'<r mac="{OLD}"><Serial>S-1</Serial></r>\xe9'.encode("latin-1")
    request = from_saved(body, PHONE, HOST)
    assert request.body == body
    assert request.verified
    assert request.notes == ()
    assert request.target == "/RequestHandler/ucdevice.upx"
    assert request.header("content-length") == str(len(body))
    assert request.header("host") == HOST


@pytest.mark.parametrize(("old", "new"), list(zip(spellings(OLD), spellings(NEW), strict=True)))
@pytest.mark.parametrize("form", ['<r MAC="{}"/>', "<r><mac_address> {} </mac_address></r>", "mac={}", "<r a='{}'/>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_mac_keeps_its_spelling(old: str, new: str, form: str, encoding: str) -> None:
    if form == "mac={}" and (" " in old or encoding in ("utf-16-le", "utf-16-be")):
        form = "<x mac='{}'>"
    request = from_saved(form.format(old).encode(encoding), PHONE, HOST, mac=NEW)
    assert request.body == form.format(new).encode(encoding)
    assert request.notes == ()


def test_every_place_of_the_same_mac_and_no_other() -> None:
    body = (
        b'<r mac="64-16-7F-12-34-5D" id="urn:uuid:64167f12-345d-4000-8000-64167f12345d" gw="00-11-22-33-44-55">'
        b"<t>201001311200</t><x>64167F12345D</x><y>164167F12345D</y><z>64:16:7f:12:34:5d:00</z></r>"
    )
    request = from_saved(saved(body, "X-Device: 64167f12345d", "Host: h"), PHONE, HOST, mac=NEW)
    assert request.body == body.replace(b"64-16-7F-12-34-5D", b"00-04-F2-AA-BB-CC").replace(
        b"<x>64167F12345D", b"<x>0004F2AABBCC"
    )
    assert request.header("X-Device") == "0004f2aabbcc"


def test_an_address_in_a_header_alone_is_found() -> None:
    request = from_saved(saved(b"<r/>", "X-Device: 64167f12345d", "Host: h"), PHONE, HOST, mac=NEW)
    assert (request.header("X-Device"), request.notes) == ("0004f2aabbcc", ())


@pytest.mark.parametrize("old", [b"00:11:22:33:44:55", b"00-11-22-33-44-5a", b"0011.2233.445a", b"00112233445a"])
def test_a_mac_that_nothing_marks_is_found_where_it_is_no_time(old: bytes) -> None:
    request = from_saved(b"<r><a>%s</a></r>" % old, PHONE, HOST, mac=NEW)
    assert old not in request.body
    assert request.notes == ()


@pytest.mark.parametrize(
    "body",
    [
        b"<r><t>201001311200</t></r>",  # a time, not a MAC
        b"<r><t>0011.2233.4455</t></r>",
        b"<r><t>001122334455</t></r>",
        b"<r><t>20-10-01-31-12-00</t></r>",
        b"<r a='64:16:7f:12:34:5d' b='64:16:7f:12:34:5e'/>",  # which of them?
        b"<r a='01:00:5e:00:00:01'/>",  # a group
        b"<r mac=''/>",
        b"<r mac='00:00:00:00:00:00'/>",
        b"<r/>",
    ],
)
def test_a_mac_that_is_not_sure_is_left_and_reported(body: bytes) -> None:
    request = from_saved(body, PHONE, HOST, mac=NEW)
    assert request.body == body
    assert any("no MAC address" in note for note in request.notes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<r><SerialNumber>S-1</SerialNumber></r>", "<r><SerialNumber>NEW</SerialNumber></r>"),
        ("<r><x:serial a='b'>\n S-1 </x:serial></r>", "<r><x:serial a='b'>\n NEW </x:serial></r>"),
        ('<r SERIAL="S-1" v="S-1"/>', '<r SERIAL="NEW" v="S-1"/>'),
        ("<r serialno='S-1'/>", "<r serialno='NEW'/>"),
        ("mac=1&serial=S-1&x=y", "mac=1&serial=NEW&x=y"),
        (
            '<r xmlns:serial="urn:x" xmlns:s="http://x/Serialization/" serialization="a" serial="S-1"/>',
            '<r xmlns:serial="urn:x" xmlns:s="http://x/Serialization/" serialization="a" serial="NEW"/>',
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_serial_number(old: str, new: str, encoding: str) -> None:
    request = from_saved(old.encode(encoding), PHONE, HOST, serial="NEW")
    assert request.body == new.encode(encoding)
    assert request.notes == ()


@pytest.mark.parametrize("body", [b"<r><Serial/></r>", b"<r serial=''/>", b"<r/>", b"serial"])
def test_a_serial_number_that_is_not_there_is_reported(body: bytes) -> None:
    request = from_saved(body, PHONE, HOST, serial="NEW")
    assert request.body == body
    assert any("no serial number" in note for note in request.notes)


def test_a_whole_request() -> None:
    data = saved(
        b"<r/>surplus",
        "Cookie: a=b",
        "Host: old.example.com",
        "USER-AGENT: Microsoft UCPhone",
        "Connection: Keep-Alive",
        "Authorization: NTLM TlRM",
        "Expect: 100-continue",
        "Content-Length: 4",
        "Cookie: c=d",
        line="POST http://old.example.com/RequestHandlerExt/ucdevice.upx?x=y HTTP/1.0",
    )
    request = from_saved(data, PHONE, HOST)
    assert to_bytes(request) == saved(
        b"<r/>",
        "Cookie: a=b",
        f"Host: {HOST}",
        "USER-AGENT: Microsoft UCPhone",
        "Content-Length: 4",
        "Cookie: c=d",
        line="POST /RequestHandlerExt/ucdevice.upx?x=y HTTP/1.0",
    )
    assert len(request.notes) == 3
    assert "The saved request has 11 bytes of body and announces 4 (Content-Length)" in request.notes[0]
    assert any("Authorization" in note for note in request.notes)
    assert any("connection, expect" in note for note in request.notes)
    assert from_saved(data, PHONE, HOST, "/other").target == "/other"


def test_a_line_of_the_body_is_no_field() -> None:
    """http-parse 0.1.5 takes it for one (findings/http-parse-line-ends.sh)."""
    body = b"<r>\r\nCookie: c=d\r\n\r\nHost: phone\r\n</r>"
    request = from_saved(saved(body, "Cookie: a=b", f"Content-Length: {len(body)}"), PHONE, HOST)
    assert request.body == body
    assert [value for name, value in request.headers if name == "Cookie"] == ["a=b"]


@pytest.mark.parametrize("surplus", [b"", b"\n", b"\r\n\r\n", b" "])
def test_a_line_end_behind_the_body_is_no_news(surplus: bytes) -> None:
    request = from_saved(saved(b"<r/>" + surplus, "Content-Length: 4"), PHONE, HOST)
    assert request.body == b"<r/>"
    assert request.notes == ()


def test_line_feeds_alone() -> None:
    data = saved(b"<r/>\r\n", "X: y").replace(b"\r\nX", b"\nX").replace(b"y\r\n\r\n", b"y\n\n")
    request = from_saved(data, PHONE, HOST)
    assert request.body == b"<r/>\r\n"
    assert request.headers == (("Host", HOST), ("X", "y"), ("Content-Length", "6"))


@pytest.mark.parametrize(
    "framed",
    [b"3;x=y\r\n<r \r\n2\r\n/>\r\n0\r\nA: b\r\n\r\n", b"3\n<r \n2\n/>\n0\n\n", b"<r />"],
    ids=["crlf", "lf", "joined"],
)
def test_chunks_are_joined(framed: bytes) -> None:
    request = from_saved(saved(framed, "Transfer-Encoding: chunked"), PHONE, HOST)
    assert request.body == b"<r />"
    assert request.header("Transfer-Encoding") is None
    assert request.header("Content-Length") == "5"


def test_a_compressed_body_is_unpacked_so_that_the_mac_can_be_put_in() -> None:
    data = saved(gzip.compress(f'<r mac="{OLD}"/>'.encode()), "Content-Encoding: gzip")
    request = from_saved(data, PHONE, HOST, mac=NEW)
    assert request.body == f'<r mac="{NEW}"/>'.encode()
    assert request.header("Content-Encoding") is None
    assert any("uncompressed" in note for note in request.notes)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"x" * (LIMIT + 1), "longer than"),
        (saved(b"", "A: b"), "has no body"),
        (b"POST / HTTP/1.1\r\nA: b", "breaks off before its body"),
        (saved(b"abc", "Content-Length: 9"), "3 of the 9 bytes"),
        (saved(b"3\r\nab", "Transfer-Encoding: chunked"), "breaks off"),
        (saved(b"3\r\nabc\r\nzz", "Transfer-Encoding: chunked"), "chunks do not fit|breaks off"),
        (saved(b"abc", "Content-Encoding: gzip"), "cannot be used"),
        (saved(gzip.compress(bytes(LIMIT * 2), mtime=0), "Content-Encoding: gzip"), "too much"),
        (saved(b"abc", "not a header"), "none: 'not a header'"),
        (saved(b"abc", *["A: b"] * 300), "among its headers"),
        (saved(b"", line="GET /x HTTP/1.1"), "is a GET"),
        (b"HTTP/1.1 200 OK\r\n\r\n<r/>", "saved response"),
        (b"POST /RequestHandler/ucdevice.upx\r\nA: b\r\n\r\n<r/>", r"'POST /RequestHandler/ucdevice.upx' is no line"),
        (b"POST /x HTTP/2\r\nA: b\r\n\r\n<r/>", "'POST /x HTTP/2' is no line .* or save the body alone"),
        (b"POST /x y HTTP/1.1\r\n\r\n<r/>", "is no line that begins a request"),
        (b"post /x http/1.1\n\n<r/>", "is no line that begins a request"),
        (b"POST /x HTTP/1.1", "is no line that begins a request|breaks off"),
        (b"POST ", "'POST ' is no line"),
        (b"PUT /x\r\n\r\n<r/>", "'PUT /x' is no line"),
        (b"GET /\r\n\r\n<r/>", "'GET /' is no line"),
        (b"> POST /x HTTP/1.1\r\n> A: b\r\n\r\n<r/>", "'> POST /x HTTP/1.1' is no line"),
        (b"\xef\xbb\xbfPOST /x HTTP/1.1\r\n\r\n<r/>", "does not begin with its first line: a byte order mark"),
        (b"\r\nPOST /x HTTP/1.1\r\n\r\n<r/>", "does not begin with its first line"),
        ("\ufeffPOST /x HTTP/1.1\r\n\r\n<r/>".encode("utf-16-le"), "is in UTF-16"),
        ("POST /x HTTP/1.1\r\n\r\n<r/>".encode("utf-16-be"), "is in UTF-16"),
        (b"POST " + b"\x1b[31m\xff" * 2000 + b" HTTP/1.1\r\n\r\n<r/>", "is no line that begins a request"),
        (b"\xd4\xc3\xb2\xa1\x02\x00", "capture file"),
        (b"\x0a\x0d\x0d\x0a\x1c\x00", "capture file"),
    ],
)
def test_files_that_are_no_request(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        from_saved(data, PHONE, HOST)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "body",
    [b"<POST a='b'/>", b"POSTSCRIPT", b"<r>POST /x HTTP/1.1</r>", b"Poster of 1999", "\ufeff<r/>".encode("utf-16-le")],
)
def test_a_body_that_only_looks_like_it_is_a_body(body: bytes) -> None:
    assert from_saved(body, PHONE, HOST).body == body


# Marked places, as capture --save-request writes them.


@pytest.mark.parametrize(
    ("marked", "filled"),
    [
        ("<r a='{{MAC}}' b='{{SERIAL}}'/>", "<r a='0004F2AABBCC' b='AB37_679e'/>"),
        ("<r a='{{MAC:xx:xx:xx:xx:xx:xx}}'/>", "<r a='00:04:f2:aa:bb:cc'/>"),
        ("<r a='{{MAC:XX-XX-XX-XX-XX-XX}}'/>", "<r a='00-04-F2-AA-BB-CC'/>"),
        ("<r a='{{MAC:xxxx.xxxx.xxxx}}'/>", "<r a='0004.f2aa.bbcc'/>"),
        ("<r a='{{MAC:bad}}' b='{{OTHER}}'/>", "<r a='{{MAC:bad}}' b='{{OTHER}}'/>"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_marks_are_filled_even_when_nothing_was_chosen(marked: str, filled: str, encoding: str) -> None:
    assert from_saved(marked.encode(encoding), PHONE, HOST).body == filled.encode(encoding)
    chosen = from_saved(marked.encode(encoding), Phone(), HOST, mac=PHONE.mac, serial=PHONE.serial)
    assert chosen.body == filled.encode(encoding)


@pytest.mark.parametrize("mac", spellings(OLD))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_marking_and_filling_in_gives_the_same_back(mac: str, encoding: str) -> None:
    body = f'<r MAC="{mac}"><SerialNumber>S-1</SerialNumber><x>{mac}</x></r>\r\n'.encode(encoding)
    data = saved(body, "Host: old", f"X-MAC: {mac}", "X-Serial: S-1", f"Content-Length: {len(body)}")
    marked = mark_identity(data)
    for known in (mac, "S-1"):
        assert known.encode(encoding).removeprefix(b"\xff\xfe") not in marked
        assert known.encode() not in marked
    again = from_saved(marked, Phone(mac=OLD, serial="S-1"), "old")
    assert to_bytes(again) == data
    assert mark_identity(marked) == marked
    assert again.notes == ()


@pytest.mark.parametrize(
    ("header", "unwrapped"),
    [
        ("Transfer-Encoding: chunked", True),
        ("TRANSFER-encoding: gzip, Chunked", True),
        ("Transfer-Encoding: gzip", False),
        ("X-Note: chunked", False),
    ],
)
def test_only_a_chunked_body_comes_back_in_one_piece(header: str, unwrapped: bool) -> None:
    data = saved(b"5\r\n<abc>\r\n0\r\n\r\n", header)
    head, _, body = mark_identity(data).partition(b"\r\n\r\n")
    assert body == (b"<abc>" if unwrapped else b"5\r\n<abc>\r\n0\r\n\r\n")
    assert header.encode() in head


def test_marking_joins_chunks() -> None:
    body = f'<r mac="{OLD}"/>'.encode()
    data = saved(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), "Transfer-Encoding: chunked")
    marked = mark_identity(data)
    assert marked.endswith(b'\r\n\r\n<r mac="{{MAC:xx:xx:xx:xx:xx:xx}}"/>')
    assert from_saved(marked, PHONE, HOST).body == f'<r mac="{NEW}"/>'.encode()


def test_marking_a_body_alone() -> None:
    assert mark_identity(b"<r mac='64167F12345D'/>") == b"<r mac='{{MAC}}'/>"


PIECES = st.sampled_from(
    [
        *("POST / HTTP/1.1\r\n", "\r\n", "\n", "A: b\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"),
        *("3\r\n", "abc", "0\r\n", "<r ", "mac=", "serial=", "'64:16:7f:12:34:5d'", "64167f12345d", "<Serial>", ">"),
        *("</Serial>", "{{MAC}}", "{{MAC:", "xx}}", "{{SERIAL}}", "\x00", "é", " ", "Content-Encoding: gzip\r\n"),
    ]
)


def tried(data: bytes, mac: str | None, serial: str | None) -> Request | None:
    """The request, or None after one clear sentence."""
    try:
        return from_saved(data, PHONE, HOST, mac=mac, serial=serial)
    except UnicodeError:
        raise
    except ValueError as error:
        said = str(error)
    assert said
    assert "\n" not in said
    return None


@given(st.lists(PIECES, max_size=25).map("".join), st.sampled_from(["latin-1", "utf-16"]), st.booleans())
def test_anything_gives_a_request_or_one_sentence(text: str, encoding: str, chosen: bool) -> None:
    request = tried(text.encode(encoding), NEW if chosen else None, "NEW" if chosen else None)
    if request is not None:
        head, _, body = to_bytes(request).partition(b"\r\n\r\n")
        assert body == request.body
        assert request.header("Content-Length") == str(len(body))
        assert all(line and b"\r" not in line and b"\n" not in line for line in head.split(b"\r\n"))


@given(st.binary(max_size=300))
def test_any_bytes_give_a_request_or_one_sentence(data: bytes) -> None:
    request = tried(data, NEW, "NEW")
    if request is not None:
        to_bytes(request)
        mark_identity(data)
