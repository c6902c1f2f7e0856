"""A saved request: what is refused in which sentence, what is left out, and exact limits."""

import codecs

import pytest

from ucdiag.model.phone import Phone
from ucdiag.model.visible_text import quoted
from ucdiag.update_service.request import LIMIT, Request, from_saved, mark_identity, to_bytes

PHONE = Phone(mac="00:04:f2:aa:bb:cc", serial="AB37_679e")
HOST = "ucupdates-r2.contoso.com"
LINE = "POST /RequestHandler/ucdevice.upx HTTP/1.1"


def saved(body: bytes, *headers: str, line: str = LINE) -> bytes:
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1") + body


def read(data: bytes) -> Request:
    return from_saved(data, PHONE, HOST)


CHUNKS = "the saved request is chunked and breaks off, or its chunks do not fit"
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the saved request is empty"),
    "blanks": (b" \r\n\t", "the saved request is empty"),
    "too long": (b"x" * (LIMIT + 1), f"the saved request is longer than {LIMIT} bytes, which no update request is"),
    "a capture": (
        b"\xd4\xc3\xb2\xa1" + bytes(20),
        "this is a capture file, not a request: take the request out with capture --save-request",
    ),
    "a capture in pcapng": (
        b"\x0a\x0d\x0d\x0a" + bytes(20),
        "this is a capture file, not a request: take the request out with capture --save-request",
    ),
    "a response": (b"HTTP/1.1 200 OK\r\n\r\nx", "this is a saved response (it begins with HTTP/1.), not a request"),
    "a GET": (saved(b"x", line="GET /a HTTP/1.1"), "the saved request is a GET, and an update request is a POST"),
    "a long method": (
        saved(b"x", line="ABCDEFGHIJKLMNOPQRST /a HTTP/1.1"),
        "the saved request is a ABCDEFGHIJKLMNOPQRST, and an update request is a POST",
    ),
    "no body": (saved(b" \r\n"), "the saved request has no body"),
    "no end of the headers": (f"{LINE}\r\nHost: a".encode(), "the saved request breaks off before its body"),
    "a line without a colon": (
        saved(b"x", "Host: a", "nonsense"),
        "the saved request has a line among its headers that is none: 'nonsense'",
    ),
    "a long line without a colon": (
        saved(b"x", "y" * 70),
        f"the saved request has a line among its headers that is none: {'y' * 60!r}",
    ),
    "a folded line": (saved(b"x", "A: b", " c"), "the saved request has a line among its headers that is none: ' c'"),
    "201 headers": (
        saved(b"x", *(f"a{number}: b" for number in range(201))),
        "the saved request has a line among its headers that is none: 'a200: b'",
    ),
    "a short body": (
        saved(b"four", "Content-Length: 5"),
        "the saved request breaks off: 4 of the 5 bytes of its body are there",
    ),
    "HTTP/2": (
        b"POST /a HTTP/2\r\nHost: a\r\n\r\nx",
        "'POST /a HTTP/2' is no line that begins a request: make it such as "
        "'POST /RequestHandler/ucdevice.upx HTTP/1.1', or save the body alone",
    ),
    "what curl shows": (
        b"> POST /a HTTP/1.1\r\n\r\nx",
        "'> POST /a HTTP/1.1' is no line that begins a request: make it such as "
        "'POST /RequestHandler/ucdevice.upx HTTP/1.1', or save the body alone",
    ),
    "a long line that is none": (
        b"POST " + b"a" * 60 + b"\r\n\r\nx",
        f"{'POST ' + 'a' * 35!r} is no line that begins a request: make it such as "
        "'POST /RequestHandler/ucdevice.upx HTTP/1.1', or save the body alone",
    ),
    "a mark in front": (
        codecs.BOM_UTF8 + saved(b"x"),
        "the saved request does not begin with its first line: a byte order mark stands before it, which must go",
    ),
    "a line in front": (
        b"\r\n" + saved(b"x"),
        "the saved request does not begin with its first line: blanks or empty lines stand before it, which must go",
    ),
    "UTF-16": (
        saved(b"x").decode().encode("utf-16-le"),
        "the saved request is in UTF-16: save it byte for byte as the phone sent it",
    ),
    "UTF-16 with a mark": (
        codecs.BOM_UTF16_BE + saved(b"x").decode().encode("utf-16-be"),
        "the saved request is in UTF-16: save it byte for byte as the phone sent it",
    ),
    "chunks that break off": (
        saved(b"5\r\nabc", "Transfer-Encoding: chunked"),
        "the saved request is chunked and breaks off",
    ),
    "chunks without an end": (saved(b"3\r\nabc\r\n", "Transfer-Encoding: chunked"), CHUNKS),
    "chunks that do not fit": (saved(b"2\r\nxyz\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), CHUNKS),
    "an encoding that is unknown": (
        saved(b"x", "Content-Encoding: br"),
        "the saved request's body cannot be used: ",
    ),
    "an encoding that is broken": (
        saved(b"x", "Content-Encoding: gzip"),
        "the saved request's body cannot be used: ",
    ),
}


@pytest.mark.parametrize(("data", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_in_which_words(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        read(data)
    assert str(caught.value) == sentence or (sentence.endswith(": ") and str(caught.value).startswith(sentence))


@pytest.mark.parametrize("data", [b"<a/>", b"<a/>" + b" " * (LIMIT - 4), b"\0<\0a\0/\0>", b"anything"])
def test_a_body_alone(data: bytes) -> None:
    request = read(data)
    assert (request.method, request.target, request.body) == ("POST", "/RequestHandler/ucdevice.upx", data)
    assert (request.version, request.verified, request.notes) == ("HTTP/1.1", True, ())


@pytest.mark.parametrize(
    ("body", "kind"), [(b"<a/>", "text/xml"), ("<a/>".encode("utf-16"), "text/xml; charset=utf-16")]
)
def test_the_headers_of_a_body_alone(body: bytes, kind: str) -> None:
    headers = dict(read(body).headers)
    assert list(headers) == ["Host", "User-Agent", "Content-Type", "Content-Length", "Connection"]
    assert (headers["Host"], headers["Content-Type"], headers["Connection"]) == (HOST, kind, "close")
    assert headers["Content-Length"] == str(len(body))


DROPPED = ["Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect"]


@pytest.mark.parametrize("name", DROPPED)
def test_headers_of_the_connection_are_not_sent(name: str) -> None:
    request = read(saved(b"x", "Accept: */*", f"{name}: y", "Content-Length: 1"))
    assert request.headers == (("Host", HOST), ("Accept", "*/*"), ("Content-Length", "1"))
    assert request.notes == (f"Headers of the saved connection are not sent: {name.lower()}.",)


def test_headers_of_the_connection_are_named_together() -> None:
    request = read(saved(b"x", "Upgrade: y", "Connection: y"))
    assert request.notes == ("Headers of the saved connection are not sent: connection, upgrade.",)


@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization"])
def test_credentials_are_not_sent(name: str) -> None:
    request = read(saved(b"x", f"{name}: NTLM TlRMTVNTUAAB"))
    assert request.headers == (("Host", HOST), ("Content-Length", "1"))
    assert request.notes == (
        "The saved request carried credentials (Authorization), which are good for one connection only: not sent.",
    )


def test_headers_keep_their_order_and_spelling_and_stand_once() -> None:
    headers = ["CONTENT-LENGTH: 1", "X-a:b", "host: old", "Host: older", "x-A: c", "content-length: 1"]
    assert read(saved(b"x", *headers)).headers == (("CONTENT-LENGTH", "1"), ("X-a", "b"), ("host", HOST), ("x-A", "c"))


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        ("X-Serial: 7311902", "New1"),
        ("X-Device: serial=7311902; a=b", "serial=New1; a=b"),
        ("X-Other: 7311902", "7311902"),
    ],
)
def test_a_header_is_a_serial_number_by_its_name(header: str, sent: str) -> None:
    data = saved(b'<r serial="7311902"/>', header)
    request = from_saved(data, PHONE, HOST, serial="New1")
    assert dict(request.headers)[header.partition(":")[0]] == sent
    assert request.body == b'<r serial="New1"/>'


def test_200_headers_are_read() -> None:
    assert len(read(saved(b"x", *(f"a{number}: b" for number in range(200)))).headers) == 202


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        ("http://old/RequestHandler/ucdevice.upx?a=b", "/RequestHandler/ucdevice.upx?a=b"),
        ("https://old", "/"),
        ("/a%20b", "/a%20b"),
        ("a", "/a"),
    ],
)
def test_the_target_of_a_saved_request(target: str, sent: str) -> None:
    assert read(saved(b"x", line=f"POST {target} HTTP/1.0")).target == sent


@pytest.mark.parametrize(
    ("framed", "body"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", b"abc"),
        (b"3\nabc\n2\nde\n0\n\n", b"abcde"),
        (b"3;x=y\r\nabc0\r\n", b"abc"),
        (b"0003 \r\nabc\r\n0\r\n", b"abc"),
        (b"<a/>", b"<a/>"),
    ],
)
def test_chunks(framed: bytes, body: bytes) -> None:
    request = read(saved(framed, "Transfer-Encoding: Chunked"))
    assert request.body == body
    assert dict(request.headers)["Content-Length"] == str(len(body))


def test_more_than_announced() -> None:
    request = read(saved(b"four", "Content-Length: 3"))
    assert request.body == b"fou"
    assert request.notes[0].startswith(
        "The saved request has 4 bytes of body and announces 3 (Content-Length): correct or remove that line to have "
    )


@pytest.mark.parametrize("length", ["x", "", "-1", "12345678901"])
def test_a_length_that_is_none_does_not_count(length: str) -> None:
    assert read(saved(b"four", f"Content-Length: {length}")).body == b"four"


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("a", True),
        ("a:8080", True),
        ("[fe80::1]:80", True),
        ("", False),
        ("a b", False),
        ("a/b", False),
        ("a\\b", False),
        ("u@a", False),
        ("a?b", False),
        ("a#b", False),
        ("a\x7f", False),
        ("a\r\nX: y", False),
        ("ü", False),
    ],
)
def test_which_hosts_are_sent(host: str, good: bool) -> None:
    if good:
        assert dict(from_saved(b"x", PHONE, host).headers)["Host"] == host
        return
    with pytest.raises(ValueError) as caught:
        from_saved(b"x", PHONE, host)
    assert str(caught.value) == (
        f"{quoted(host)} cannot be sent as a Host header: give a host name or address, with its port if unusual"
    )


def test_what_is_chosen_and_not_there_is_noted() -> None:
    request = from_saved(b"<a/>", PHONE, HOST, mac=PHONE.mac, serial=PHONE.serial)
    assert request.notes == (
        "The saved request shows no MAC address, so the chosen one could not be put in.",
        "The saved request shows no serial number, so the chosen one could not be put in.",
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_body_in_utf_16_need_only_not_begin_as_a_request(encoding: str) -> None:
    body = "\ufeffxPOST /a HTTP/1.1".encode(encoding)
    assert read(body).body == body


def test_what_is_no_serial_number_stays() -> None:
    body = b"<a serial='A 1'><serialNumber>B2</serialNumber><serial>C/3</serial></a>"
    changed = from_saved(body, PHONE, HOST, serial="NEW")
    assert changed.body == body.replace(b"B2", b"NEW")


def test_every_serial_number_is_the_chosen_one() -> None:
    body = b'<a SerialNumber="S1"/><b SerialNumber="S2"/>'
    changed = from_saved(body, PHONE, HOST, serial="NEW")
    assert changed.body == b'<a SerialNumber="NEW"/><b SerialNumber="NEW"/>'


def test_half_a_character_of_utf_16_is_left_as_it_is() -> None:
    body = "<MACAddress>64-16-7F-12-34-5D</MACAddress>".encode("utf-16")[:-1]
    request = from_saved(body, PHONE, HOST, mac=PHONE.mac)
    assert len(request.body) == len(body)
    assert request.notes != ()


def test_marking_a_request_that_breaks_off() -> None:
    with pytest.raises(ValueError) as caught:
        mark_identity(f"{LINE}\r\nHost: a".encode())
    assert str(caught.value) == "the saved request breaks off before its body"


def test_the_bytes_that_are_sent() -> None:
    request = read(saved(b"x", "Accept: */*"))
    assert to_bytes(request) == (f"{LINE}\r\nHost: {HOST}\r\nAccept: */*\r\nContent-Length: 1\r\n\r\nx".encode())
