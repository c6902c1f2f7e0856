"""The DHCP decoder: real shapes, odd shapes, and any bytes at all."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.dhcp_options import (
    name,
    option,
)
from ucdiag.model.codec import from_json, to_json
from ucdiag.model.observations import Dhcp, Observation
from ucdiag.wire.dhcp.message import MAX_ITEMS, read_dhcp, read_names
from ucdiag.wire.errors import DecodeError

COOKIE = b"\x63\x82\x53\x63"
MAC = bytes.fromhex("0004f2aabbcc")


def message(
    *options: bytes,
    type: int | None = 2,
    op: int = 2,
    htype: int = 1,
    hlen: int = 6,
    ciaddr: bytes = bytes(4),
    yiaddr: bytes = bytes([10, 0, 0, 7]),
    giaddr: bytes = bytes(4),
    sname: bytes = b"",
    file: bytes = b"",
    end: bytes = b"\xff",
) -> bytes:
    head = bytes([op, htype, hlen, 0]) + b"\x12\x34\x56\x78" + bytes(4) + ciaddr + yiaddr + bytes(4) + giaddr
    head += MAC.ljust(16, b"\0") + sname.ljust(64, b"\0") + file.ljust(128, b"\0")
    kind = b"" if type is None else option(53, bytes([type]))
    return head + COOKIE + kind + b"".join(options) + end


def read(*options: bytes, **more: object) -> Dhcp:
    return read_dhcp(message(*options, **more), time=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (message()[:239], "239 bytes are too few for a DHCP message"),
        (message(op=0), "operation 0 is neither BOOTREQUEST nor BOOTREPLY"),
        (message(op=3), "operation 3 is neither BOOTREQUEST nor BOOTREPLY"),
        (message().replace(COOKIE, b"\x63\x82\x53\x64"), "there is no DHCP magic cookie"),
        (message(type=None), "BOOTP without a DHCP message type"),
        (message(type=0), "message type 0 is not one of DHCP's"),
        (message(option(53, b""), type=None), "BOOTP without a DHCP message type"),
    ],
)
def test_why_a_message_cannot_be_read(data: bytes, why: str) -> None:
    with pytest.raises(DecodeError, match=f"^{why}$"):
        read_dhcp(data, time=1)


def test_the_options_of_messages_that_have_the_same_are_read_once() -> None:
    """A server sends all phones of a site the same, so thousands of messages share their texts."""
    first, second = (read(option(15, b"contoso.com"), option(6, bytes((10, 0, 0, 2))), yiaddr=bytes(4)) for _ in "ab")
    assert first.resolvers is second.resolvers
    assert first.domain is second.domain


@pytest.mark.parametrize(
    ("mask", "subnet"),
    [
        ("ffffff00", "10.0.0.0/24"),
        ("ff000000", "10.0.0.0/8"),
        ("fffffffc", "10.0.0.4/30"),
        ("ffffffff", "10.0.0.7/32"),
        ("ff00ff00", None),
        ("000000ff", None),
        ("00000000", None),
        ("ffff", None),
        ("", None),
    ],
)
def test_a_lease_names_its_subnet(mask: str, subnet: str | None) -> None:
    assert read(option(1, bytes.fromhex(mask))).subnet == subnet


def test_an_answer_to_inform_is_about_the_address_that_asked() -> None:
    answer = read(option(1, b"\xff\xff\xff\0"), yiaddr=bytes(4), ciaddr=bytes([10, 1, 2, 3]))
    assert answer.subnet == "10.1.2.0/24"
    assert read(option(1, b"\xff\xff\xff\0"), yiaddr=bytes(4), ciaddr=bytes(4)).subnet is None


def test_offer_with_everything_such_a_phone_asks_for() -> None:
    vendor = (
        option(1, b"MS-UC-Client")
        + option(2, b"https")
        + option(3, b"pool.contoso.com")
        + option(4, b"443")
        + option(5, b"/CertProv/CertProvisioningService.svc")
    )
    fact = read_dhcp(
        message(
            option(54, bytes([10, 0, 0, 1])),
            option(51, (86400).to_bytes(4, "big")),
            option(1, bytes([255, 255, 255, 0])),
            option(3, bytes([10, 0, 0, 254])),
            option(6, bytes([10, 0, 0, 2, 10, 0, 0, 3])),
            option(15, b"contoso.com\0"),
            option(42, bytes([10, 0, 0, 4])),
            option(4, bytes([10, 0, 0, 5])),
            option(43, vendor),
            option(119, name("contoso.com") + b"\x04corp\xc0\x00"),
            option(120, b"\0" + name("pool.contoso.com")),
            option(82, option(1, b"port 7") + option(2, b"\x00\x01")),
            giaddr=bytes([10, 9, 0, 1]),
        ),
        time=5,
        frame=9,
        source_address="10.0.0.1",
        tag=20,
    )
    assert fact == Dhcp(
        time=5,
        frame=9,
        type="offer",
        client="00:04:f2:aa:bb:cc",
        server="10.0.0.1",
        address="10.0.0.7",
        domain="contoso.com",
        resolvers=("10.0.0.2", "10.0.0.3"),
        search=("contoso.com", "corp.contoso.com"),
        tag=20,
        transaction=0x12345678,
        relay="10.9.0.1",
        routers=("10.0.0.254",),
        time_servers=("10.0.0.4",),
        time_offset_servers=("10.0.0.5",),
        lease_seconds=86400,
        options=(53, 54, 51, 1, 3, 6, 15, 42, 4, 43, 119, 120, 82),
        registrars=("pool.contoso.com",),
        certificate_service="https://pool.contoso.com:443/CertProv/CertProvisioningService.svc",
        vendor_options=(
            '1: "MS-UC-Client"',
            '2: "https"',
            '3: "pool.contoso.com"',
            '4: "443"',
            '5: "/CertProv/CertProvisioningService.svc"',
        ),
        source_address="10.0.0.1",
        subnet="10.0.0.0/24",
        relay_information=('1: "port 7"', "2: 0x0001"),
    )
    assert from_json(Observation, to_json(fact)) == fact


def test_question_of_a_phone() -> None:
    fact = read(
        option(60, b"CPE-OCPhone"),
        option(55, bytes([1, 3, 6, 15, 43, 120])),
        option(12, b"phone7\0"),
        option(50, bytes([10, 0, 0, 9])),
        option(61, b"\x01" + MAC),
        type=1,
        op=1,
        yiaddr=bytes(4),
    )
    assert (fact.type, fact.vendor_class, fact.hostname) == ("discover", "CPE-OCPhone", "phone7")
    assert fact.requested == (1, 3, 6, 15, 43, 120)
    assert fact.address == "10.0.0.9"
    # dhcplib 0.1.1 drops its last octet (findings/dhcplib-client-identifier.sh).
    assert fact.client_id == "01:00:04:f2:aa:bb:cc"
    assert (fact.domain, fact.server, fact.resolvers, fact.lease_seconds) == (None, None, (), None)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "discover"),
        (2, "offer"),
        (3, "request"),
        (4, "decline"),
        (5, "ack"),
        (6, "nak"),
        (7, "release"),
        (8, "inform"),
    ],
)
def test_every_message_type(number: int, word: str) -> None:
    assert read(type=number).type == word


def test_nak_says_why() -> None:
    fact = read(option(56, b"wrong network"), type=6, yiaddr=bytes(4))
    assert (fact.type, fact.message, fact.address) == ("nak", "wrong network", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"contoso.com", "contoso.com"),
        (b"contoso.com\0\0", "contoso.com"),
        (b"contoso.com.", "contoso.com."),
        (b"a.example b.example", "a.example b.example"),
        (b"", ""),
        (b"\0", ""),
        (b"\x1b[31mred\0x", "\x1b[31mred\0x"),
        ("m\u00fcnchen.example".encode(), "m\u00fcnchen.example"),
        ("m\u00fcnchen.example".encode("latin-1"), "m\u00fcnchen.example"),
    ],
)
def test_domain_text(value: bytes, text: str) -> None:
    assert read(option(15, value)).domain == text


def test_absent_domain_is_not_an_empty_one() -> None:
    assert read().domain is None
    assert 15 not in read().options
    assert 15 in read(option(15, b"")).options


def test_overload_and_joined_options() -> None:
    fact = read(
        option(52, b"\x03"),
        option(119, name("contoso.com")[:5]),
        file=option(119, name("contoso.com")[5:] + b"\x02ad\xc0\x00") + b"\xff" + b"\x0f\x01x",
        sname=option(15, b"contoso.com") + option(52, b"\x01") + b"\xff",
    )
    assert fact.search == ("contoso.com", "ad.contoso.com")
    assert fact.domain == "contoso.com"
    assert not fact.truncated


@pytest.mark.parametrize(
    ("options", "file"),
    [
        # What other readers get wrong: dhcppython 0.1.4 (findings/dhcppython-option-in-parts.sh),
        pytest.param((option(15, b"voice."), option(51, bytes(4)), option(15, b"contoso.com")), b"", id="in parts"),
        # dhcp 0.2.20 of npm (findings/dhcp-js-single-pad.sh),
        pytest.param((b"\0", option(15, b"voice.contoso.com")), b"", id="after one pad"),
        # scapy 2.8.0 (findings/scapy-dhcp-overload.sh).
        pytest.param((option(52, b"\1"),), option(15, b"voice.contoso.com") + b"\xff", id="in the file field"),
    ],
)
def test_a_domain_that_other_readers_miss(options: tuple[bytes, ...], file: bytes) -> None:
    fact = read(*options, file=file)
    assert (fact.domain, fact.truncated) == ("voice.contoso.com", False)


# pydhcp3 0.0.6 drops the zeros at the end of a hardware address (findings/pydhcp3-address-ends-in-zero.sh).
@pytest.mark.parametrize("address", ["00:04:f2:aa:bb:00", "00:04:f2:aa:00:00"])
def test_a_hardware_address_that_ends_in_zero(address: str) -> None:
    data = message()
    assert read_dhcp(data[:28] + bytes.fromhex(address.replace(":", "")) + data[34:], time=1).client == address


# dhcp-o82 0.1.0 takes the first letters of a circuit ID for a header (findings/dhcp-o82-circuit-names.sh).
def test_the_inside_of_a_circuit_id_is_its_relays() -> None:
    relayed = option(82, option(1, b"vlan10") + option(2, MAC) + option(5, bytes([10, 9, 0, 1])))
    assert read(relayed).relay_information == ('1: "vlan10"', "2: 0x0004f2aabbcc", "5: 0x0a090001")


# What dhcptool 2026.9.1.6 sends for sub-options 5, 11 and 10 (findings/dhcptool-relay-suboptions.sh): 17 and 16.
def test_a_sub_option_has_the_number_that_was_sent() -> None:
    relayed = bytes.fromhex("520f0504c00002001104c0000201100180")
    assert read(relayed).relay_information == ("5: 0xc0000200", "17: 0xc0000201", "16: 0x80")


# simple-dhcp-server 1.0.6 answers with the client's seconds for flags (findings/simple-dhcp-server-flags.sh).
@pytest.mark.parametrize("seconds_and_flags", ["00058000", "00000005", "ffffffff"])
def test_seconds_and_flags_change_nothing_else(seconds_and_flags: str) -> None:
    plain = message(option(15, b"contoso.com"))
    odd = plain[:8] + bytes.fromhex(seconds_and_flags) + plain[12:]
    assert read_dhcp(odd, time=1) == read_dhcp(plain, time=1)


# aiodhcpwatcher 1.2.7 takes the router for the client (findings/aiodhcpwatcher-relayed-request.sh).
@pytest.mark.parametrize(
    ("renews", "client_address"), [(bytes(4), None), (bytes([10, 0, 0, 7]), "10.0.0.7")], ids=["new", "renews"]
)
def test_the_client_of_a_relayed_request_is_not_the_router(renews: bytes, client_address: str | None) -> None:
    asked = message(type=3, op=1, ciaddr=renews, yiaddr=bytes(4), giaddr=bytes([10, 9, 0, 1]))
    fact = read_dhcp(asked, time=1, source_address="10.9.0.1")
    assert (fact.client, fact.client_address, fact.relay) == ("00:04:f2:aa:bb:cc", client_address, "10.9.0.1")


def test_without_overload_the_boot_file_is_no_option() -> None:
    fact = read(file=option(15, b"evil.example") + b"\xff", sname=option(6, bytes(4)))
    assert (fact.domain, fact.resolvers) == (None, ())


@pytest.mark.parametrize(
    ("overload", "domain", "hostname"), [(1, "file.example", None), (2, None, "sname"), (3, "file.example", "sname")]
)
def test_overload_names_the_fields(overload: int, domain: str | None, hostname: str | None) -> None:
    fact = read(
        option(52, bytes([overload])),
        file=option(15, b"file.example") + b"\xff",
        sname=option(12, b"sname") + b"\xff",
    )
    assert (fact.domain, fact.hostname) == (domain, hostname)


# What other options make the whole long, or continued in other fields.
LONG = {"long": [option(43, bytes(250))] * 5, "overload": [option(52, b"\1")]}


@pytest.mark.parametrize("how", LONG)
@pytest.mark.parametrize(
    ("end", "truncated"), [(b"\x0f\x20contoso", True), (b"", True), (b"\0\0", False), (b"\xff", False)]
)
def test_long_options_may_break_off_too(how: str, end: bytes, truncated: bool) -> None:
    fact = read(option(6, bytes([10, 0, 0, 2])), *LONG[how], end=end)
    assert (fact.resolvers, fact.domain, fact.truncated) == (("10.0.0.2",), None, truncated)


def test_a_field_that_continues_the_options_may_break_off() -> None:
    options = [option(52, b"\1"), option(6, bytes([10, 0, 0, 2])), option(15, b"contoso.com")]
    assert not read(*options, file=option(12, b"phone") + b"\xff").truncated
    assert read(*options, file=b"\0" * 120 + b"\x0c\x20phone!").truncated


def test_option_beyond_the_end() -> None:
    fact = read(option(6, bytes([10, 0, 0, 2])), b"\x0f\x20contoso", end=b"")
    assert (fact.resolvers, fact.domain, fact.truncated) == (("10.0.0.2",), None, True)
    told = option(6, bytes([10, 0, 0, 2])), option(15, b"contoso.com")
    assert [read(*told, b"\x0c\x20phone", end=b"").truncated, read(*told).truncated] == [True, False]


@pytest.mark.parametrize(
    ("options", "end", "truncated"),
    [
        ([option(6, bytes([10, 0, 0, 2]))], b"", True),
        ([option(6, bytes([10, 0, 0, 2])), option(1, bytes([255, 255, 255, 0]))], b"", True),
        ([option(6, bytes([10, 0, 0, 2]))], b"\0\0", False),  # filled up, as servers do
        ([option(6, bytes([10, 0, 0, 2])), option(15, b"contoso.com")], b"", False),
        ([option(6, bytes([10, 0, 0, 2]))], b"\xff", False),
    ],
    ids=["cut", "cut-behind-a-zero", "padded", "nothing-lacks", "ended"],
)
def test_bytes_that_end_without_the_end_option(options: list[bytes], end: bytes, truncated: bool) -> None:
    assert read(*options, end=end).truncated is truncated


def test_odd_lengths_leave_the_field_empty_and_the_option_named() -> None:
    fact = read(option(6, b"\x0a\0\0"), option(51, b"\1"), option(54, b"\1\2"), option(3, b""))
    assert (fact.resolvers, fact.lease_seconds, fact.server, fact.routers) == ((), None, None, ())
    assert {6, 51, 54, 3} <= set(fact.options)


@pytest.mark.parametrize(
    ("value", "vlan"),
    [
        (b"\0\x14", 20),
        (b"\x0f\xfe", 4094),
        (b"\x0f\xff", None),
        (b"\0\0", None),
        (b"\0\0\0\x14", 20),
        (b"Acme", None),
        (b"\x14", 20),
        (b"\0", None),
        (b"20", None),
        (b"", None),
    ],
)
def test_voice_vlan(value: bytes, vlan: int | None) -> None:
    assert read(option(43, option(10, value))).vlan == vlan


def test_vlan_only_from_a_server() -> None:
    assert read(option(43, option(10, b"\0\x14")), type=1).vlan is None


def test_vendor_option_of_another_form() -> None:
    fact = read(option(43, b"10.1.1.1,10.1.1.2"))
    assert (fact.vlan, fact.certificate_service) == (None, None)
    assert fact.vendor_options == ('"10.1.1.1,10.1.1.2"',)


@pytest.mark.parametrize("class_", [b"ms-uc-client", b"CPE-OCPhone"])
def test_certificate_service_needs_the_class_exactly(class_: bytes) -> None:
    parts = [class_, b"https", b"pool.contoso.com", b"443", b"/CertProv"]
    vendor = b"".join(option(at, part) for at, part in enumerate(parts, 1))
    assert read(option(43, vendor)).certificate_service is None


def test_registrars() -> None:
    assert read(option(120, b"\x01\x0a\0\0\x09")).registrars == ("10.0.0.9",)
    assert read(option(120, b"\x02\x0a\0\0\x09")).registrars == ()
    assert read(option(120, b"\x00pool.contoso.com")).registrars == ()


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"\xc0\x00", []),
        (b"\x01a\xc0\x00", []),
        (b"\x01a\xc0\x02", []),
        (name("a.example") + b"\x01b\xc0\x0d", ["a.example"]),
        (name("a.example") + b"\x01b\xc0\x02", ["a.example", "b.example"]),
        (b"\x3fabc", []),
        (b"\x40abc\0", []),
        (b"\0\0" + name("a"), ["a"]),
        (b"\x03a.b\x01\\\0", ["a\\.b.\\\\"]),
        (b"contoso.com", []),
    ],
)
def test_names(data: bytes, names: list[str]) -> None:
    assert list(read_names(data)) == names


def test_names_are_bounded() -> None:
    long = (b"\x3f" + b"x" * 63) * 3 + b"\x3d" + b"y" * 61 + b"\0"
    assert [len(domain) for domain in read_names(long)] == [253]
    assert list(read_names((b"\x3f" + b"x" * 63) * 4 + b"\0")) == []
    assert len(list(read_names(name("a") * 60000))) == MAX_ITEMS


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x01" * 239,
        message(type=None),
        message(type=0),
        message(type=9),
        message(option(53, b""), type=None),
        message(op=3),
        message().replace(COOKIE, b"\0\0\0\0"),
    ],
)
def test_no_dhcp_message(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        read_dhcp(payload, time=1)


@pytest.mark.parametrize(("htype", "hlen"), [(1, 16), (32, 0), (7, 1), (32, 6)])
def test_hardware_address_of_another_kind(htype: int, hlen: int) -> None:
    assert read(htype=htype, hlen=hlen).client is None


@given(st.binary(max_size=700))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert read_dhcp(data, time=1).time == 1


@given(st.binary(max_size=600), st.binary(max_size=64), st.binary(max_size=128), st.sampled_from([0, 1, 2, 3]))
def test_any_options(options: bytes, sname: bytes, file: bytes, overload: int) -> None:
    payload = message(option(52, bytes([overload])), options, sname=sname, file=file)
    fact = read_dhcp(memoryview(payload), time=1)
    assert fact.type == "offer"
    assert from_json(Observation, to_json(fact)) == fact
    assert len(str(fact)) < 200_000


@given(st.lists(st.tuples(st.sampled_from([6, 15, 43, 60, 82, 119, 120]), st.binary(max_size=255)), max_size=8))
def test_any_values(options: list[tuple[int, bytes]]) -> None:
    fact = read(*(option(code, value) for code, value in options))
    assert set(fact.options) == {53, *(code for code, _ in options)}
    assert not fact.truncated


@given(st.binary(max_size=300))
def test_any_names(data: bytes) -> None:
    assert all(len(domain) <= 1024 for domain in read_names(data))
    assert len(list(read_names(data))) <= MAX_ITEMS


@pytest.mark.parametrize("value", [bytes([10, 1, 2, 3]), bytes([0, 0, 0, 1]), bytes([1, 0, 0, 0])])
@pytest.mark.parametrize(
    ("offset", "field"),
    [(8, None), (12, "client_address"), (16, "address"), (20, None), (24, "relay")],
    ids=["secs and flags", "ciaddr", "yiaddr", "siaddr", "giaddr"],
)
def test_each_address_of_the_fixed_part_stands_for_itself(offset: int, field: str | None, value: bytes) -> None:
    payload = bytearray(message(yiaddr=bytes(4)))
    payload[offset : offset + 4] = value
    fact = read_dhcp(payload, time=1)
    text = ".".join(map(str, value))
    for attribute in ("client_address", "address", "relay"):
        assert getattr(fact, attribute) == (text if attribute == field else None)


@pytest.mark.parametrize(("size", "flaw"), [(239, "239 bytes are too few"), (240, "BOOTP without")])
def test_the_shortest_message(size: int, flaw: str) -> None:
    with pytest.raises(DecodeError, match=flaw):
        read_dhcp(message(type=None, end=b"\0" * 10)[:size], time=1)


@pytest.mark.parametrize("op", [0, 3])
def test_other_operations_are_no_dhcp(op: int) -> None:
    with pytest.raises(DecodeError, match=f"operation {op}"):
        read(op=op)


@pytest.mark.parametrize("kind", [0, 9, 255])
def test_other_message_types_are_no_dhcp(kind: int) -> None:
    with pytest.raises(DecodeError, match=f"message type {kind} "):
        read(type=kind)


@pytest.mark.parametrize(("count", "kept"), [(256, 256), (257, 256)])
def test_lists_hold_256_items(count: int, kept: int) -> None:
    def split(code: int, value: bytes) -> bytes:
        return b"".join(option(code, value[at : at + 252]) for at in range(0, len(value), 252))

    addresses = b"".join(bytes([10, 0, number >> 8, number & 255]) for number in range(count))
    names = b"".join(bytes([1, 97 + number % 26, 0]) for number in range(count))
    fact = read(split(6, addresses), split(55, bytes(count)), split(119, names))
    assert (len(fact.resolvers), len(fact.requested), len(fact.search)) == (kept, kept, kept)
    assert fact.resolvers[-1] == "10.0.0.255"


@pytest.mark.parametrize("size", [1000, 1016, 1017, 1100])
def test_long_options_are_read_as_short_ones_are(size: int) -> None:
    padding = b"\0" * (size - len(option(15, b"contoso.com")))
    fact = read(option(15, b"contoso.com"), padding, option(12, b"phone"))
    assert (fact.domain, fact.hostname, fact.truncated) == ("contoso.com", "phone", False)


@pytest.mark.parametrize(
    ("value", "seconds", "server"),
    [(b"", None, None), (bytes(3), None, None), (b"\0\0\1\2", 258, "0.0.1.2"), (b"\0\0\1\2\3", 258, "0.0.1.2")],
)
def test_of_an_option_of_four_bytes_the_first_four_count(value: bytes, seconds: int | None, server: str | None) -> None:
    fact = read(option(51, value), option(54, value))
    assert (fact.lease_seconds, fact.server) == (seconds, server)


@pytest.mark.parametrize("kind", [1, 3, 4, 7, 8])
def test_a_client_asks_for_an_address_in_option_50(kind: int) -> None:
    assert read(option(50, bytes([10, 0, 0, 9])), type=kind, op=1, yiaddr=bytes(4)).address == "10.0.0.9"


@pytest.mark.parametrize("kind", [2, 5, 6])
def test_a_server_s_option_50_is_no_address_that_it_gives(kind: int) -> None:
    assert read(option(50, bytes([10, 0, 0, 9])), type=kind, yiaddr=bytes(4)).address is None


@pytest.mark.parametrize("missing", range(1, 6))
def test_the_certificate_service_needs_all_five_parts(missing: int) -> None:
    parts = {1: b"MS-UC-Client", 2: b"https", 3: b"pool", 4: b"443", 5: b"path"}
    whole = b"".join(option(code, value) for code, value in parts.items())
    assert read(option(43, whole)).certificate_service == "https://pool:443/path"
    assert read(option(43, whole.replace(option(missing, parts[missing]), b""))).certificate_service is None


@pytest.mark.parametrize("blank", [2, 3, 4])
def test_the_certificate_service_needs_scheme_host_and_port(blank: int) -> None:
    parts = {1: b"MS-UC-Client", 2: b"https", 3: b"pool", 4: b"443", 5: b"/path"}
    vendor = b"".join(option(code, b"" if code == blank else value) for code, value in parts.items())
    assert read(option(43, vendor)).certificate_service is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"ab", '"ab"'),
        (b" ~\0", '" ~"'),
        (b"a", "0x61"),
        (b"a\x1f", "0x611f"),
        (b"a\x7f", "0x617f"),
        (b"", "empty"),
        (b"\0", "0x00"),
    ],
)
def test_a_sub_option_is_shown_as_text_or_digits(value: bytes, shown: str) -> None:
    assert read(option(43, option(7, value))).vendor_options == (f"7: {shown}",)


def test_a_vendor_option_of_another_form_is_shown_whole() -> None:
    assert read(option(43, b"\x05abc")).vendor_options == ("0x05616263",)
    assert read(option(43, b"hello")).vendor_options == ('"hello"',)
