"""The grammar of HTTP: lines, fields, lengths and challenges, each in every form, and what is near it."""

import pytest

from tests.in_parts import in_parts
from ucdiag.wire.http.parser import (
    VALUE_MOST,
    begins_request,
    begins_response,
    body_length,
    challenge_schemes,
    first_value,
    is_known_request,
    is_known_response,
    read_chunk_size,
    read_fields,
    read_request_line,
    read_status_line,
    shared_fields,
    text_of,
)

WORDS = (
    "GET POST HEAD PUT DELETE OPTIONS CONNECT TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT "
    "SUBSCRIBE UNSUBSCRIBE NOTIFY POLL BCOPY BMOVE BDELETE BPROPFIND BPROPPATCH M-SEARCH MERGE CHECKOUT CHECKIN "
    "MKACTIVITY MKWORKSPACE UNCHECKOUT UPDATE LABEL VERSION-CONTROL BASELINE-CONTROL ACL LINK UNLINK PURGE RPC_CONNECT "
    "RPC_IN_DATA RPC_OUT_DATA RPC_ECHO_DATA CCM_POST X-MS-ENUMATTS SYNC PROXYPROPFIND BITS_POST"
)
METHODS = WORDS.split()


@in_parts("method", METHODS)
def test_known_methods(method: str) -> None:
    assert is_known_request(f"{method} / HTTP/1.1\r\n".encode())
    assert read_request_line(f"{method} /".encode()) == (method.encode(), b"/", False)
    assert not is_known_request(f"x{method} / HTTP/1.1\r\n".encode())


REQUESTS: dict[str, tuple[bytes, tuple[bytes, bytes, bool] | None]] = {
    "1.1": (b"GET /a HTTP/1.1\r\n", (b"GET", b"/a", True)),
    "1.0": (b"GET /a HTTP/1.0", (b"GET", b"/a", True)),
    # h1parser 0.1 takes it for a field (findings/h1parser-first-lines.sh).
    "a whole URL": (b"POST http://a.example/b HTTP/1.1\r\n", (b"POST", b"http://a.example/b", True)),
    # pypacker 5.4 finds no request in it, nor an answer without a reason (findings/pypacker-requests.sh).
    "a hyphen and a query": (b"GET /CX700/a-b.cab?c=1 HTTP/1.1", (b"GET", b"/CX700/a-b.cab?c=1", True)),
    "2": (b"PRI * HTTP/2", (b"PRI", b"*", True)),
    "long minor version": (b"GET /a HTTP/1.123", (b"GET", b"/a", True)),
    "longer minor version": (b"GET /a HTTP/1.1234", (b"GET", b"/a", False)),
    "no version": (b"GET /a", (b"GET", b"/a", False)),
    "blanks": (b"  GET \t /a   HTTP/1.1  ", (b"GET", b"/a", True)),
    "a target with blanks": (b"GET /a b c HTTP/1.1", (b"GET", b"/a", True)),
    "a target with blanks, no version": (b"GET /a b", (b"GET", b"/a", False)),
    "an unknown method": (b"FOO /a HTTP/1.1", (b"FOO", b"/a", True)),
    "an unknown method, no version": (b"FOO /a", None),
    "a known method in lower case": (b"get /a", None),
    "a method of 32": (b"A" * 32 + b" / HTTP/1.1", (b"A" * 32, b"/", True)),
    "a method of 33": (b"A" * 33 + b" / HTTP/1.1", None),
    "a method with a digit in front": (b"1GET / HTTP/1.1", None),
    "no target": (b"GET", None),
    "no target but blanks": (b"GET  ", None),
    "a version alone": (b"GET HTTP/1.1", (b"GET", b"HTTP/1.1", False)),
    "nothing": (b"", None),
    "bytes": (b"\x16\x03 \x01", None),
}


@pytest.mark.parametrize(("line", "found"), REQUESTS.values(), ids=REQUESTS)
def test_request_lines(line: bytes, found: tuple[bytes, bytes, bool] | None) -> None:
    assert read_request_line(line) == found


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"GET ", None),
        (b"GET\t/", None),
        (b"GE", None),
        (b"GET / HTTP/1.1\r\n", None),
        (b"FOO / HTTP/1.1\n", None),
        (b"FOO /\n", False),
        (b"FOO /", None),
        (b"", False),
        (b" GET", False),
        (b"A" * 33, False),
        (b"G\x00", False),
        (b"HTTP/1.1 200", False),
    ],
)
def test_what_may_begin_a_request(data: bytes, begins: bool | None) -> None:
    assert begins_request(data) is begins


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (b"GET /", True),
        (b"GET  /", True),
        (b"GET", False),
        (b"GET ", False),
        (b"GET \r\n", False),
        (b"GET /a\r\n", False),
        (b"GET /a HTTP/1.1\r\n", True),
        (b"FOO /a HTTP/1.1\r\n", False),
    ],
)
def test_what_no_body_begins_with(data: bytes, known: bool) -> None:
    assert is_known_request(data) is known


STATUSES: dict[bytes, tuple[int, str | None] | None] = {
    b"HTTP/1.1 200 OK\r\n": (200, "OK"),
    b"HTTP/1.0 404  Not  Found": (404, "Not  Found"),
    b"HTTP/1.1 200": (200, None),
    b"HTTP/1.1 200 ": (200, None),
    b"HTTP/1.1\t500\tx": (500, "x"),
    b"HTTP/2 200 ": (200, None),
    # h1parser 0.1 takes it for a field (findings/h1parser-first-lines.sh).
    b"HTTP/1.1 200 OK: stored": (200, "OK: stored"),
    b"HTTP/1.1 200 \xe9": (200, "\xe9"),
    b"HTTP/1.1 2000": None,
    b"HTTP/1.1 20": None,
    b"HTTP/1.1200 OK": None,
    b"ICY 200 OK": None,
    b"http/1.1 200 OK": None,
    b"HTTP/x 200 OK": None,
    b"": None,
}


@pytest.mark.parametrize(("line", "found"), STATUSES.items())
def test_status_lines(line: bytes, found: tuple[int, str | None] | None) -> None:
    assert read_status_line(line) == found
    assert is_known_response(line + b"\nx: y") is (found is not None)


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (b"", None),
        (b"H", None),
        (b"HTTP", None),
        (b"HTTP/", True),
        (b"HTTP/1", True),
        (b"HTTX", False),
        (b"GET /", False),
    ],
)
def test_what_may_begin_a_response(data: bytes, begins: bool | None) -> None:
    assert begins_response(data) is begins


def test_fields() -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX-A :b\r\nx-a:  c \r\n\td\r\nnonsense\r\n e\r\n: empty\r\n"
    head += b"Y: \xe9\r\nZ: \xc3\xa9\n\r\n"
    line, fields = read_fields(head)
    assert line == b"GET / HTTP/1.1\r"
    assert fields == {"host": ["a"], "x-a": ["b", "c d e"], "": ["empty"], "y": ["\xe9"], "z": ["\xe9"]}
    assert shared_fields(head) == (line, fields)
    assert (first_value(fields, "x-a"), first_value(fields, "x-b")) == ("b", None)


def test_a_folded_line_in_front_belongs_to_nothing() -> None:
    assert read_fields(b"x\r\n folded\r\na: b\r\n") == (b"x\r", {"a": ["b"]})


def test_fields_are_bounded() -> None:
    _, fields = read_fields(b"x\n" + b"".join(b"a%d: b\n" % number for number in range(600)))
    assert len(fields) == 511
    _, fields = read_fields(b"x\na: " + b"b" * (VALUE_MOST + 9) + b"\n c\n")
    assert [len(value) for value in fields["a"]] == [VALUE_MOST]
    _, fields = read_fields(b"x\na: " + b"b" * (VALUE_MOST - 1) + b"\n c\n d\n")
    assert fields["a"] == ["b" * (VALUE_MOST - 1) + " c"]


def test_long_heads_are_not_kept() -> None:
    for size in (2048, 2049):
        head = b"x\na: b\nz: ".ljust(size, b"y")
        assert (shared_fields(head)[1] is shared_fields(head)[1]) is (size == 2048)


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"a", 10),
        (b"0", 0),
        (b"00ff;name=value", 255),
        (b" \t1F \r", 31),
        (b"0" * 40 + b"1", 1),
        (b"f" * 15, 16**15 - 1),
        (b"f" * 16, None),
        (b"1g", None),
        (b"x1", None),
        (b"", None),
        (b"-1", None),
    ],
)
def test_sizes_of_chunks(line: bytes, size: int | None) -> None:
    assert read_chunk_size(line) == size


def test_text() -> None:
    assert text_of("é".encode()) == text_of(b"\xe9") == "é"
    assert len(text_of(b"x" * (VALUE_MOST + 1))) == VALUE_MOST


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ({}, (None, False)),
        ({"content-length": ["5"]}, (5, False)),
        ({"content-length": ["5, 5"]}, (5, False)),
        # http 2.9.8 of Tcl counts in eights (findings/tcl-http-no-length.sh).
        ({"content-length": ["010"]}, (10, False)),
        ({"content-length": ["09"]}, (9, False)),
        ({"content-length": ["x", "7"]}, (7, False)),
        ({"content-length": ["-1"]}, (None, False)),
        ({"content-length": ["9" * 18]}, (10**18 - 1, False)),
        ({"transfer-encoding": ["chunked"]}, (None, True)),
        ({"transfer-encoding": ["gzip, Chunked "]}, (None, True)),
        ({"transfer-encoding": ["gzip", "chunked"]}, (None, True)),
        ({"transfer-encoding": ["chunked, gzip"]}, (None, False)),
        ({"transfer-encoding": ["identity"], "content-length": ["5"]}, (5, False)),
        ({"transfer-encoding": ["chunked"], "content-length": ["5"]}, (None, True)),
        ({"transfer-encoding": [""], "content-length": ["5"]}, (5, False)),
    ],
)
def test_how_long_a_body_is(fields: dict[str, list[str]], length: tuple[int | None, bool]) -> None:
    assert body_length(fields) == length


@pytest.mark.parametrize(
    ("fields", "status", "schemes"),
    [
        # guile 3.0.8 reads neither the first nor the third of these (findings/guile-web-challenges.sh).
        ({"www-authenticate": ["NTLM"]}, 401, ("NTLM",)),
        ({"www-authenticate": ["Negotiate", "NTLM"]}, 401, ("Negotiate", "NTLM")),
        ({"www-authenticate": ["Negotiate, NTLM"]}, 401, ("Negotiate", "NTLM")),
        ({"www-authenticate": ['Basic realm="a, b NTLM", Digest qop=auth']}, 401, ("Basic", "Digest")),
        # www-authenticate 0.6.3 of npm reads none of these three (findings/www-authenticate-npm-ntlm.sh).
        ({"www-authenticate": ["NTLM TlRMTVNTUAACAAAAAA=="]}, 401, ("NTLM",)),
        ({"www-authenticate": ['Digest realm="a", nonce="1", Basic realm="b"']}, 401, ("Digest", "Basic")),
        ({"www-authenticate": ['Basic realm="the \\"old\\" pool, Digest"']}, 401, ("Basic",)),
        # @node-ntlm/core 0.3.2 takes the realm for the challenge (findings/node-ntlm-core-realms.sh).
        ({"www-authenticate": ['Basic realm="phones, NTLM or not", ntlm TlRM']}, 401, ("Basic", "ntlm")),
        ({"www-authenticate": ["NTLM TlRMTVNTUAAC"]}, 401, ("NTLM",)),
        ({"www-authenticate": ['Basic realm="a\\"b, NTLM"']}, 401, ("Basic",)),
        ({"www-authenticate": ["NTLM"], "proxy-authenticate": ["Basic"]}, 401, ("NTLM",)),
        ({"www-authenticate": ["NTLM"], "proxy-authenticate": ["Basic"]}, 407, ("Basic",)),
        ({"proxy-authenticate": ["Basic"]}, 401, ("Basic",)),
        ({"www-authenticate": ["NTLM"]}, 407, ("NTLM",)),
        ({"www-authenticate": [""]}, 401, ()),
        ({}, None, ()),
        ({"www-authenticate": ["a"] * 20}, 401, ("a",) * 16),
    ],
)
def test_challenges(fields: dict[str, list[str]], status: int | None, schemes: tuple[str, ...]) -> None:
    assert challenge_schemes(fields, status) == schemes
