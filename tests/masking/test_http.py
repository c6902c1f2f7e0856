"""What of an HTTP stream is text, what is blanked, and how a compressed body is packed again."""

import gzip
import zlib

import pytest

from tests.masking.masks import KEY, learnt, secrets
from ucdiag.masking.http import learn_http, mask_http
from ucdiag.masking.mask import Mask
from ucdiag.masking.scrubber import Scrubber

NOT_AGAIN = "compressed bodies that could not be packed again in as many bytes"
LONG = "long bodies, such as firmware files, behind their first KiB"


def stream(body: bytes, encoding: str | None = None, length: int | None = None) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) if length is None else length}\r\n"
    return f"{head}{f'Content-Encoding: {encoding}' if encoding else 'X: y'}\r\n\r\n".encode() + body


def masked(body: bytes, encoding: str | None = None, length: int | None = None) -> tuple[bytes, list[str]]:
    """What becomes of the body, and what was blanked."""
    data = stream(body, encoding, length)
    mask = secrets()
    made, blanked = mask_http(mask, Scrubber(mask), data)
    assert len(made) == len(data)
    assert made[: -len(body)] == data[: -len(body)]
    return made[-len(body) :], blanked


@pytest.mark.parametrize(
    ("body", "is_text"),
    [
        # Sixteen bytes are too few to tell; then more than each fifth has to be none of a text.
        (b"http://q.qy.zz/" + b"\1", True),
        (b"http://q.zz/" + b"\1\2\3\4", True),
        (b"http://qq.zz/" + b"\1\2\3\4", False),
        (b"http://qqqqq.zz/" + b"\1\2\3\4", True),
        (b"http://qqqq.zz/" + b"\1\2\3\4\5", False),
        (b"http://qqqqqqq.zz/\t\r\n~" + b"\x7f\0\x80\xff", True),
        # The first KiB decides.
        (b"http://qq.zz/ ".ljust(1024, b"x") + b"\1" * 9999, True),
        (b"http://qq.zz/ ".ljust(1024 - 205, b"x") + b"\1" * 205, False),
        (b"http://qq.zz/ ".ljust(1024 - 204, b"x") + b"\1" * 999, True),
        # Text of 16 bits a character is one.
        ("http://qq.zz/ and more".encode("utf-16"), True),
        ("http://qq.zz/ and more".encode("utf-16-le"), True),
        ("http://qq.zz/ and more".encode("utf-16-be"), True),
    ],
)
def test_names_are_learnt_from_text_alone(body: bytes, is_text: bool) -> None:
    mask = Mask(KEY)
    learn_http(mask, stream(body))
    assert ("zz" in learnt(mask)) is is_text


@pytest.mark.parametrize(
    ("byte", "is_text"),
    [
        *((byte, True) for byte in (9, 10, 13, 0x20, 0x21, 0x7D, 0x7E)),
        *((byte, False) for byte in (0, 8, 11, 12, 14, 0x1F, 0x7F, 0x80, 0xFF)),
    ],
)
def test_which_bytes_are_those_of_a_text(byte: int, is_text: bool) -> None:
    mask = Mask(KEY)
    learn_http(mask, stream(b"http://qq.zz/\1\2\3" + bytes([byte])))
    assert ("zz" in learnt(mask)) is is_text


@pytest.mark.parametrize("more", [0, 1, 70_000])
def test_a_long_body_is_blanked_behind_its_beginning(more: int) -> None:
    body = b"pool01.contoso.com " + b"x" * ((1 << 16) - 19 + more)
    made, blanked = masked(body)
    assert len(made[:1024].strip(b"\0")) == 1024
    assert not made.startswith(b"pool01.contoso.com")
    assert made[19:1024] == b"x" * 1005
    assert made[1024:] == (bytes(len(body) - 1024) if more else b"x" * (len(body) - 1024))
    assert blanked == ([LONG] if more else [])


SECRET = b"<a>pool01.contoso.com, pool01.contoso.com and no more of them</a>"


def with_name(packed: bytes, name: bytes) -> bytes:
    """The gzip file with the name of a file in its head."""
    return packed[:3] + b"\x08" + packed[4:10] + name + b"\0" + packed[10:]


@pytest.mark.parametrize("spare", range(5))
def test_what_is_packed_again_is_as_long_as_before(spare: int) -> None:
    """What is left over goes to the name of a file, which nobody reads."""
    plain, _ = masked(SECRET)
    assert plain != SECRET
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    fresh = packer.compress(plain) + packer.flush()
    packed = bytearray(gzip.compress(SECRET, 9))
    packed = bytearray(with_name(bytes(packed), b"n" * (40 + spare)))
    made, blanked = masked(bytes(packed), "gzip")
    assert blanked == []
    assert gzip.decompress(made) == plain
    unused = len(packed) - 10 - len(fresh) - 8
    assert made[:10] == b"\x1f\x8b\x08\x08" + bytes(6)
    assert made[10 : 10 + unused] == b"x" * (unused - 1) + b"\0"


def test_what_fits_exactly_has_no_name() -> None:
    plain, _ = masked(SECRET)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    fresh = packer.compress(plain) + packer.flush()
    old = gzip.compress(SECRET, 9)
    spare = 10 + len(fresh) + 8 - len(old)
    # As long as what comes: another way to pack the same, or a name.
    for level in range(10):
        packed = gzip.compress(SECRET, level)
        missing = 18 + len(fresh) - len(packed)
        if missing == 0 or missing > 1:
            packed = packed if missing == 0 else with_name(packed, b"n" * (missing - 1))
            break
    assert len(packed) == 18 + len(fresh), spare
    made, blanked = masked(packed, "gzip")
    assert blanked == []
    assert made[:10] == b"\x1f\x8b\x08\0" + bytes(6)
    assert gzip.decompress(made) == plain


def test_a_compressed_body_without_secrets_stays_as_it_is() -> None:
    for packed, encoding in ((gzip.compress(b"nothing"), "gzip"), (zlib.compress(b"nothing"), "deflate")):
        assert masked(packed, encoding) == (packed, [])


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
def test_what_cannot_be_packed_again_is_blanked(encoding: str) -> None:
    """Too short for what comes, of another form, broken, or not whole."""
    packed = gzip.compress(SECRET)
    for body, length in ((zlib.compress(SECRET), None), (packed, len(packed) + 1), (b"no gzip at all", None)):
        assert masked(body, encoding, length) == (bytes(len(body)), [NOT_AGAIN])


def test_comments_go_where_there_is_no_room() -> None:
    """The names of the mask compress worse than those that were there."""
    text = b"<a>" + b"<!-- a comment of many words, of which each is another one -->" + b"lobby lobby it it   <b/> </a>"
    packed = gzip.compress(text, 9)
    made, blanked = masked(packed, "gzip")
    plain, _ = masked(text)
    assert blanked == []
    assert gzip.decompress(made) in (
        plain,
        plain.replace(plain[3 : plain.index(b"-->") + 3], b"").replace(b"   <", b" <"),
    )


def test_names_in_a_compressed_body_are_learnt_if_it_is_whole() -> None:
    packed = gzip.compress(b"see http://qq.zz/")
    for length, whole in ((None, True), (len(packed) + 1, False)):
        mask = Mask(KEY)
        learn_http(mask, stream(packed, "gzip", length))
        assert ("zz" in learnt(mask)) is whole


@pytest.mark.parametrize(("size", "blanked"), [(1 << 16, False), ((1 << 16) + 1, True)])
def test_a_stream_without_a_head_is_the_rest_of_a_long_body(size: int, blanked: bool) -> None:
    """If it is long itself."""
    mask = secrets()
    data = b"x" * size
    assert mask_http(mask, Scrubber(mask), data) == ((bytes(size), [LONG]) if blanked else (data, []))
