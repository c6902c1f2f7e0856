"""Masks by themselves: as long as before, always the same, of the same class; and no bytes are an error."""

import ipaddress
import random
import time
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.traffic import ethernet
from tests.capture.capture_files import phones
from tests.capture.tls_phone import SERVER, TlsPhone, check, nothing_newer
from tests.in_parts import in_parts
from tests.wire.ladder import PHONE_MAC, POOL_MAC
from tests.wire.tls_talk import TlsTalk
from tests.wire.wrappings import WRAPPINGS
from ucdiag.masking.dhcp import learn_dhcp
from ucdiag.masking.http import _without_comments
from ucdiag.masking.learning import learn_text
from ucdiag.masking.mask import Mask
from ucdiag.masking.packets import PacketMasker
from ucdiag.masking.report import ReportMasker
from ucdiag.masking.scrubber import Scrubber
from ucdiag.masking.unwrapping import unwrap_frame
from ucdiag.model.visible_text import quoted, visible
from ucdiag.wire.link.link_layer import ETHERNET, RAW

PORTS = frozenset({80, 443})
ADDRESSES = st.ip_addresses(v=4).map(lambda address: address.packed)


@given(st.lists(ADDRESSES, min_size=1, max_size=30, unique=True), st.binary(min_size=1, max_size=8))
def test_addresses(addresses: list[bytes], key: bytes) -> None:
    mask = Mask(key)
    for address in addresses:
        mask.learn_address(address)
    masked = {address: mask.mask_address(address) for address in addresses}
    assert len(set(masked.values())) == len(addresses)
    for old, new in masked.items():
        before, after = ipaddress.IPv4Address(old), ipaddress.IPv4Address(new)
        assert len(str(before)) == len(str(after))
        for what in ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_unspecified"):
            if before not in ipaddress.IPv4Network("192.0.0.0/16"):
                assert getattr(before, what) == getattr(after, what), (before, after)
        for other in addresses:
            alike = next((at for at in range(4) if old[at] != other[at]), 4)
            assert next((at for at in range(4) if new[at] != masked[other][at]), 4) == alike


@pytest.mark.parametrize("address", ["0.0.0.0", "255.255.255.255", "127.0.0.1", "224.0.0.251", "239.1.2.3", "0.0.0.7"])
def test_addresses_of_nobody_stay(address: str) -> None:
    mask = Mask(b"k")
    mask.learn_address(address)
    packed = ipaddress.IPv4Address(address).packed
    assert mask.mask_address(packed) == packed
    assert mask.addresses == {}


@pytest.mark.parametrize("address", ["10.0.0.255", "192.168.7.0"])
def test_the_ends_of_a_network_stay_its_ends(address: str) -> None:
    mask = Mask(b"k")
    mask.learn_address(address)
    packed = ipaddress.IPv4Address(address).packed
    assert mask.mask_address(packed)[3] == packed[3]
    assert mask.mask_address(packed) != packed


def test_a_masked_address_is_no_original() -> None:
    mask = Mask(b"k")
    originals = [bytes((10, 0, 0, host)) for host in range(1, 200)]
    for address in originals:
        mask.learn_address(address)
    assert not set(originals) & set(map(mask.mask_address, originals))


@pytest.mark.parametrize("known", [[], [bytes((10, 0, 0, 9))]], ids=["nothing is known", "another is known"])
def test_an_address_that_was_not_known_is_none_of_its_network(known: list[bytes]) -> None:
    for key in range(100):
        mask = Mask(bytes([key]))
        for address in known:
            mask.learn_address(address)
        masked = mask.mask_address(bytes((10, 0, 0, 7)))
        assert masked[1] != 0
        assert masked[2] != 0


def test_macs() -> None:
    maker = bytes.fromhex("0004f2")
    mask = Mask(b"k", [maker])
    phone, other = maker + b"\xaa\xbb\xcc", bytes.fromhex("005056123456")
    for mac in (phone, other, b"\xff" * 6, bytes.fromhex("01005e000001"), bytes.fromhex("00005e000105")):
        mask.learn_mac(mac)
    assert set(mask.macs) == {phone, other}
    assert mask.mask_mac(phone)[:3] == maker
    assert mask.mask_mac(phone)[3:] != phone[3:]
    assert mask.mask_mac(other)[0] == 2
    assert mask.mask_mac(b"\xff" * 6) == b"\xff" * 6


@pytest.mark.parametrize("name", ["ucupdates-r2", "UCUPDATES", "_sipinternaltls", "server", "com", "sip", "www"])
def test_words_of_everybody_stay(name: str) -> None:
    mask = Mask(b"k")
    mask.learn_name(f"{name}.contoso.com")
    assert set(mask.words) == {"contoso"}


@given(st.text(min_size=2, max_size=30))
def test_words_keep_their_length_and_kind(word: str) -> None:
    mask = Mask(b"k")
    mask.learn_word(word)
    for old, new in mask.words.items():
        assert len(old.encode("utf-8", "surrogatepass")) == len(new.encode("utf-8", "surrogatepass"))
        assert [character.isdigit() and character.isascii() for character in old] == [
            character.isdigit() and character.isascii() for character in new
        ]


@given(st.binary(max_size=300))
def test_whatever_is_read_is_as_long_after_it(data: bytes) -> None:
    mask = Mask(b"k")
    learn_text(mask, data)
    for name in ("contoso", "müller", "ab"):
        mask.learn_word(name)
    mask.learn_address("10.0.0.7")
    mask.learn_mac("00:04:f2:aa:bb:cc")
    assert len(Scrubber(mask).scrub(data)) == len(data)


@cache
def frames() -> list[tuple[int, bytes]]:
    phone = TlsPhone()
    phone.talks(SERVER, TlsTalk().request(check()).answer(nothing_newer()).close())
    return [(1, frame) for _, frame in phones(4, 2, noise=40, size=3000) + phone.frames()]


@given(st.integers(0, 1 << 32), st.sampled_from([1, 0, 101, 113, 276, 105]))
def test_damaged_packets_are_no_error(seed: int, link: int) -> None:
    rng = random.Random(seed)
    damaged = []
    for _, frame in rng.sample(frames(), 25):
        data = bytearray(frame[: rng.randrange(len(frame) + 1)] if rng.random() < 0.3 else frame)
        for _ in range(rng.randrange(4)):
            if data:
                data[rng.randrange(min(len(data), 120))] = rng.randrange(256)
        damaged.append(unwrap_frame(link, bytes(data)))
    masker = PacketMasker(Mask(b"k"), damaged, PORTS)
    masker.learn_secrets()
    made = masker.rewrite_frames()
    assert [len(frame) for frame in made if frame is not None] == [
        len(frame) for (_, frame), new in zip(damaged, made, strict=True) if new is not None
    ]


@given(st.binary(max_size=200), st.sampled_from([1, 0, 101, 113, 276, 105, 99999]))
def test_arbitrary_packets_are_no_error(data: bytes, link: int) -> None:
    masker = PacketMasker(Mask(b"k"), [unwrap_frame(link, data)], PORTS)
    masker.learn_secrets()
    masker.rewrite_frames()


def test_a_serial_number_of_digits_is_no_part_of_other_numbers() -> None:
    mask = Mask(b"k")
    mask.learn_word("12345")
    made = Scrubber(mask).scrub(b"Content-Length: 123456\r\n<serial>12345</serial>")
    assert made.startswith(b"Content-Length: 123456\r\n<serial>")
    assert b">12345<" not in made


@pytest.mark.parametrize("word", ["pdate", "pdates-r2", "questhandler", "evice"])
def test_a_name_that_is_part_of_the_service_s_words_leaves_them(word: str) -> None:
    mask = Mask(b"k")
    mask.learn_word(word)
    text = b"POST /RequestHandlerExt/ucdevice.upx HTTP/1.1\r\nHost: ucupdates-r2\r\nServer: "
    made = Scrubber(mask).scrub(text + word.encode())
    assert made.startswith(text)
    assert word.encode() not in made.removeprefix(text)


@in_parts("name, kind", product(WRAPPINGS, [0x0800, 0x0806, 0x86DD, 0x88CC]))  # IPv4, ARP, IPv6, LLDP
def test_what_was_carried_has_a_link_type_that_a_file_can_name(name: str, kind: int) -> None:
    inside = {0x0800: b"\x45", 0x86DD: b"\x60"}.get(kind, b"\0") + bytes(63)
    link, frame = unwrap_frame(ETHERNET, WRAPPINGS[name](ethernet(PHONE_MAC, POOL_MAC, kind, inside)))
    assert 0 <= link < 1 << 16
    assert frame


def test_ipv6_behind_a_controller_s_access_point_is_an_ip_packet() -> None:
    frame = WRAPPINGS["CAPWAP with 802.11"](ethernet(PHONE_MAC, POOL_MAC, 0x86DD, b"\x60" + bytes(39)))
    link, packet = unwrap_frame(ETHERNET, frame)
    assert (link, packet[:1], len(packet)) == (RAW, b"\x60", 40)


LONG = 100_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"%41 " + b"a" * LONG, id="a run without an escape"),
        pytest.param(b"%4" * LONG, id="escapes that are none"),
        pytest.param(b"%41" * LONG, id="escapes"),
        pytest.param(b"0:" * LONG, id="colons"),
        pytest.param(b"1." * LONG, id="numbers with dots"),
        pytest.param(b"a." * LONG, id="labels"),
        pytest.param(b"a@" * LONG, id="at signs"),
        pytest.param(b"<serial" * (LONG // 8), id="elements that never end"),
        pytest.param(b"a\0" * LONG, id="UTF-16"),
        pytest.param(b"ab" * LONG, id="hexadecimal"),
    ],
)
def test_a_long_text_takes_no_square_of_its_length(text: bytes) -> None:
    mask = Mask(b"k")
    mask.learn_name("pool01.contoso.com")
    started = time.process_time()
    learn_text(mask, text)
    Scrubber(mask).scrub(text)
    assert time.process_time() - started < 5  # a bound against hanging: what is linear takes a fifth of a second


def test_a_run_with_an_escape_is_learnt_decoded_and_not_as_it_stands() -> None:
    mask = Mask(b"k")
    learn_text(mask, b"see pool%30%31.contoso.com and lync.fabrikam.com")
    scrubber = Scrubber(mask)
    assert not scrubber.finds_secret(b"another")
    assert scrubber.finds_secret(b"pool01.contoso.com")
    assert scrubber.finds_secret(b"pool%301.contoso.com")
    assert scrubber.finds_secret(b"lync.fabrikam.com")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (b"<a><!-- x --><b/></a>", b"<a><b/></a>"),
        (b"<!-- 1 -->a<!-- 2 -->", b"a"),
        (b"a<!-- b", b"a<!-- b"),
        (b"a<!-- b --> c <!-- d", b"a c <!-- d"),
        (b"<!-->a-->b", b"b"),
        (b"--> a", b"--> a"),
    ],
)
def test_comments_go_where_a_body_has_to_become_shorter(text: bytes, kept: bytes) -> None:
    assert _without_comments(text) == kept


@pytest.mark.parametrize(
    ("kind", "length", "size", "known"),
    [(1, 6, 34, True), (6, 6, 34, True), (2, 6, 34, False), (1, 7, 34, False), (1, 6, 33, False), (1, 6, 1, False)],
)
def test_the_mac_of_a_dhcp_message(kind: int, length: int, size: int, known: bool) -> None:
    mask = Mask(b"k")
    learn_dhcp(mask, (bytes((1, kind, length)) + bytes(25) + bytes.fromhex("0004f2aabbcc"))[:size])
    assert list(mask.macs) == [bytes.fromhex("0004f2aabbcc")] * known


@pytest.mark.parametrize(
    "name",
    [
        "C:\\Users\\alice\\new site.pcap",
        "it's alice's.pcap",
        "alice\x1b[1m.pcap",
        "alice's",
        'the "alice"',
        "alice\n2.log",
    ],
)
def test_a_file_that_a_sentence_quotes_is_masked(name: str) -> None:
    masker = ReportMasker(Mask(b"k"), {name: "capture-1"})
    for said in (name, visible(name)):
        text = masker.mask_text(f"The capture {said} cannot be read.")
        assert text == "The capture capture-1 cannot be read."
    text = masker.mask_text(f"There is no report in {quoted(name)}, which is a file.")
    assert "alice" not in text
    assert "capture-1" in text
