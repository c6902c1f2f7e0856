"""Which hosts are of interest, and the openings of connections that are kept for those that are not yet."""

import pytest

from tests.wire.ladder import PHONE, POOL, START
from ucdiag.model.observations import Dhcp
from ucdiag.wire.host_filter import (
    HostFilter,
    RecentSyns,
    asks_for_update_server,
    asks_update_service,
    may_post_update_request,
)
from ucdiag.wire.tcp.segment import ACK, SYN, Segment

LEASED = bytes((10, 0, 0, 9))
CLIENT = "00:04:f2:aa:bb:cc"


def dhcp(type_: str, **fields: object) -> Dhcp:
    return Dhcp(time=START, type=type_, client=CLIENT, address="10.0.0.9", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("type_", ["ack", "request", "inform"])
def test_who_has_a_lease_is_of_interest_where_that_is_asked_for(type_: str) -> None:
    leased, others = HostFilter(leased=True), HostFilter()
    leased.learn_from_dhcp(dhcp(type_))
    others.learn_from_dhcp(dhcp(type_))
    assert list(leased.hosts) == [LEASED]
    assert not others.hosts


@pytest.mark.parametrize("type_", ["discover", "offer", "nak", "decline", "release"])
def test_who_has_no_lease_is_not(type_: str) -> None:
    interest = HostFilter(leased=True)
    interest.learn_from_dhcp(dhcp(type_))
    assert not interest.hosts


def test_who_has_a_vendor_class_of_such_phones_is_a_client_from_then_on() -> None:
    interest = HostFilter()
    assert not interest.is_client(CLIENT)
    interest.learn_from_dhcp(dhcp("discover", vendor_class="CPE-OCPHONE"))
    assert interest.is_client(CLIENT)
    interest.learn_from_dhcp(dhcp("offer"))
    assert list(interest.hosts) == [LEASED]


def test_the_listeners_hear_of_each_host_once() -> None:
    interest = HostFilter()
    heard: list[bytes] = []
    interest.on_learn.append(heard.append)
    interest.learn_host(PHONE)
    interest.learn_host(PHONE)
    assert heard == [PHONE]


@pytest.mark.parametrize("address", [bytes(4), b"\xff\xff\xff\xff", bytes(15) + b"\x01", b""])
def test_what_is_no_address_of_a_host_is_not_learned(address: bytes) -> None:
    interest = HostFilter()
    interest.learn_host(address)
    assert not interest.hosts


def test_the_oldest_host_makes_room() -> None:
    interest = HostFilter(limit=2)
    for last in (1, 2, 3):
        interest.learn_host(bytes((10, 0, 0, last)))
    assert [host[3] for host in interest.hosts] == [2, 3]
    assert interest.forgotten == 1


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"POST /RequestHandler/ucdevice.upx HTTP/1.1", True),
        (b"POST http://proxy/requesthandlerext/ucdevice.upx HTTP/1.1", True),
        (b"GET /RequestHandler/ucdevice.upx HTTP/1.1", False),
        (b"POST /other HTTP/1.1", False),
        (b"", False),
    ],
)
def test_what_begins_a_post_to_the_request_handler(payload: bytes, expected: bool) -> None:
    assert asks_update_service(payload) is expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"GET /DeviceUpdateFiles_Int/UCPhone/Polycom/CX700/A/ENU/1.0.522.101/CPE/CPE.nbt HTTP/1.1", True),
        (b"GET /requesthandler/files/3PIP/AudioCodes/420HD/A/ENU/2.0/x.img HTTP/1.1", True),
        (b"GET /RequestHandlerExt/Files/x HTTP/1.1", True),
        (b"HEAD /DeviceUpdateFiles_Int/x HTTP/1.1", False),
        (b"GET /RequestHandler/ucdevice.upx HTTP/1.1", False),
        (b"GET /abs/handler/D-0.lsabs HTTP/1.1", False),
        (b"GET ", False),
    ],
)
def test_what_begins_the_fetching_of_firmware(payload: bytes, expected: bool) -> None:
    assert asks_update_service(payload) is expected


@pytest.mark.parametrize(
    ("payload", "expected"), [(b"POST /Req", True), (b"", True), (b"GET /", False), (b"POST /requesthandler", False)]
)
def test_what_a_snap_length_left_of_such_a_post(payload: bytes, expected: bool) -> None:
    assert may_post_update_request(payload) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"\x09ucupdates\x07contoso\x00", True),
        (b"\x0cUCUPDATES-R2\x07contoso\x00", True),
        (b"\x08ucupdate\x07contosos\x00", False),
        (b"\x03www\x09ucupdates\x00\x00\x00", False),
    ],
)
def test_what_asks_for_the_update_server(name: bytes, expected: bool) -> None:
    assert asks_for_update_server(bytes(12) + name) is expected


def segment(frame: int, *, up: bool = True, port: int = 1, flags: int = SYN) -> Segment:
    ends = (PHONE, port, POOL, 80) if up else (POOL, 80, PHONE, port)
    return Segment(START, frame, *ends, 1, 0, flags, b"", 0)


def test_both_directions_of_an_opening_come_in_the_order_of_their_frames() -> None:
    syns = RecentSyns()
    answer, asked, other = segment(2, up=False, flags=SYN | ACK), segment(1), segment(3, port=2)
    for kept in (answer, asked, other):
        syns.keep_syn(kept)
    assert syns.take_opening(segment(4)) == [asked, answer]
    assert syns.take_opening(segment(4)) == []
    assert syns.take_opening(segment(4, up=False, port=2)) == [other]


def test_the_latest_half_of_the_openings_is_always_there() -> None:
    syns = RecentSyns(limit=8)
    for number in range(100):
        syns.keep_syn(segment(number, port=number))
    kept = [port for port in range(100) if syns.take_opening(segment(0, port=port))]
    assert kept == list(range(100 - len(kept), 100))
    assert 4 <= len(kept) <= 8


def test_the_oldest_client_makes_room() -> None:
    interest = HostFilter(limit=2)
    for number in range(3):
        client = f"00:04:f2:00:00:0{number}"
        interest.learn_from_dhcp(Dhcp(time=START, type="discover", client=client, vendor_class="CPE-OCPhone"))
    assert [interest.is_client(f"00:04:f2:00:00:0{number}") for number in range(3)] == [False, True, True]
    assert interest.forgotten == 1


def test_a_message_without_a_client_teaches_nothing() -> None:
    interest = HostFilter(leased=True)
    interest.learn_from_dhcp(Dhcp(time=START, type="ack", client=None, address="10.0.0.9", vendor_class="CPE-OCPhone"))
    assert not interest.hosts


@pytest.mark.parametrize("vendor_class", ["CPE-OCPhone", "cpe-ocphone 2", "MS-UC-Client", "ms-uc-client"])
def test_both_classes_of_such_phones(vendor_class: str) -> None:
    interest = HostFilter()
    interest.learn_from_dhcp(dhcp("discover", vendor_class=vendor_class))
    assert interest.is_client(CLIENT)


@pytest.mark.parametrize("vendor_class", ["MSFT 5.0", "xCPE-OCPhone", "CPE-OCPhon", ""])
def test_other_classes(vendor_class: str) -> None:
    interest = HostFilter()
    interest.learn_from_dhcp(dhcp("discover", vendor_class=vendor_class))
    assert not interest.is_client(CLIENT)


def test_the_address_that_a_client_has_and_the_one_it_gets() -> None:
    interest = HostFilter(macs=frozenset({bytes.fromhex("0004f2aabbcc")}))
    interest.learn_from_dhcp(dhcp("request", client_address="10.0.0.8"))
    assert list(interest.hosts) == [LEASED, bytes((10, 0, 0, 8))]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(bytes(12) + b"\x09ucupdates\0\0", False, id="24 bytes"),
        pytest.param(bytes(12) + b"\x09ucupdates\0\0\1", True, id="25 bytes"),
        pytest.param(bytes(12) + b"\x08ucupdates\0\0\1", False, id="a label that ends before"),
        pytest.param(bytes(12) + b"\x3fucupdates" + bytes(60), True, id="the longest label"),
        pytest.param(bytes(12) + b"\x40ucupdates" + bytes(60), False, id="no label"),
        pytest.param(bytes(12) + b"\x09ucupdatez\0\0\1", False, id="another name"),
    ],
)
def test_limits_of_what_asks_for_the_update_server(message: bytes, expected: bool) -> None:
    assert asks_for_update_server(message) is expected


@pytest.mark.parametrize(("before", "expected"), [(512 - 15, True), (512 - 14, False)])
def test_how_far_into_a_post_its_target_is_looked_for(before: int, expected: bool) -> None:
    assert (
        asks_update_service((b"POST http://proxy/").ljust(before, b"x") + b"/RequestHandler/ucdevice.upx") is expected
    )


@pytest.mark.parametrize(
    "payload", [b"POST /x", b"post /requesthandler/x", b"/requesthandler/", b"POST/requesthandler/"]
)
def test_what_is_no_such_post(payload: bytes) -> None:
    assert not asks_update_service(payload)


@pytest.mark.parametrize(("length", "expected"), [(19, True), (20, False), (21, False)])
def test_how_much_of_such_a_post_says_which_it_is(length: int, expected: bool) -> None:
    """What is there in full was judged by what it says."""
    assert may_post_update_request(b"POST /RequestHandler/ucdevice.upx"[:length]) is expected


def test_so_many_hosts_are_of_interest() -> None:
    interest = HostFilter()
    for number in range(8193):
        interest.learn_host((10 << 24 | number).to_bytes(4, "big"))
    assert (len(interest.hosts), interest.forgotten) == (8192, 1)


def test_so_many_clients_are_known() -> None:
    interest = HostFilter()
    for number in range(8193):
        mac = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
        interest.learn_from_dhcp(Dhcp(time=START, type="discover", client=mac, vendor_class="CPE-OCPhone"))
    assert (len(interest.clients), interest.forgotten) == (8192, 1)


def test_so_many_openings_are_kept() -> None:
    syns = RecentSyns()
    most = 0
    for number in range(5000):
        syns.keep_syn(segment(number, port=number))
        most = max(most, len(syns))
    assert most == 4095
    assert len(syns) == 2048 + 5000 % 2048


def test_a_client_is_known_by_its_mac_address() -> None:
    named = HostFilter(macs=frozenset({bytes.fromhex("0004f2aabbcc")}))
    assert named.is_client(CLIENT)
    assert not named.is_client("00:04:f2:aa:bb:cd")
    assert not named.is_client(None)
    assert HostFilter(everything=True).is_client(None)


@pytest.mark.parametrize(
    ("known", "src", "dst", "expected"),
    [(PHONE, PHONE, POOL, True), (PHONE, POOL, PHONE, True), (PHONE, POOL, POOL, False), (None, PHONE, POOL, False)],
)
def test_packets_from_and_to_a_host_of_interest_matter(
    known: bytes | None, src: bytes, dst: bytes, expected: bool
) -> None:
    interest = HostFilter()
    if known is not None:
        interest.learn_host(known)
    assert interest.matters(src, dst) is expected
    assert HostFilter(everything=True).matters(src, dst)
