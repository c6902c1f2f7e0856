"""A glance at a DHCP message and its whole reading say the same; of a stranger's nothing more is read unless asked."""

import pickle
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.dhcp_options import message, option
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.model.observations import Dhcp, UnreadDhcp
from ucdiag.wire.dhcp.message import glance_at_dhcp, read_dhcp
from ucdiag.wire.errors import DecodeError

_CODES = st.sampled_from([0, 6, 12, 15, 43, 50, 52, 53, 54, 60, 61, 82, 119, 255])
_VALUES = st.binary(max_size=9) | st.sampled_from([b"CPE-OCPhone", b"ms-uc-client", b"MSFT 5.0", bytes(4)])
_OPTIONS = st.lists(st.tuples(_CODES, _VALUES).map(lambda pair: option(*pair)), max_size=8)


def glance(payload: bytes) -> Dhcp:
    return glance_at_dhcp(payload, time=7, frame=3, source_address="10.0.0.1", tag=100)


def whole(payload: bytes) -> Dhcp:
    return read_dhcp(payload, time=7, frame=3, source_address="10.0.0.1", tag=100)


STRANGER = message(option(12, b"pc\0"), option(60, b"MSFT 5.0"), option(15, b"contoso.com"), type=1, op=1)


def same(payload: bytes) -> None:
    try:
        expected = whole(payload)
    except DecodeError as error:
        with pytest.raises(DecodeError, match="^" + str(error).replace("(", r"\(").replace(")", r"\)")):
            glance(payload)
        return
    for field in fields(expected):
        # Each by itself, since the first that is missing brings all others.
        assert getattr(glance(payload), field.name) == getattr(expected, field.name), field.name


@given(
    _OPTIONS,
    st.sampled_from([*range(10), None]),
    st.sampled_from([0, 1, 2]),
    st.sampled_from([(1, 6), (6, 6), (1, 5)]),
    st.sampled_from([b"\xff", b"", b"\xff\0\0", b"\xffx", b"\0"]),
)
def test_each_field_is_that_of_the_whole_message(
    options: list[bytes], type_: int | None, op: int, hardware: tuple[int, int], end: bytes
) -> None:
    htype, hlen = hardware
    same(message(*options, type=type_, op=op, htype=htype, hlen=hlen, end=end, sname=option(12, b"x") + b"\xff"))


ALONE: dict[str, bytes] = {
    "nothing": b"",
    "an address": option(50, bytes([10, 0, 0, 7])),
    "no address": option(50, bytes(4)),
    "half an address": option(50, b"\x0a\0\0"),
    "a server": option(54, bytes([10, 0, 0, 1])),
    "two servers": option(54, bytes([10, 0, 0, 1, 10, 0, 0, 2])),
    "no server": option(54, bytes(4)),
    "half a server": option(54, b"\x0a\0\0"),
    "a class": option(60, b"MSFT 5.0\0"),
    "an empty class": option(60, b""),
    "an identifier": option(61, b"\1abcdef"),
    "an empty identifier": option(61, b""),
}


@pytest.mark.parametrize("kind", range(1, 9))
@pytest.mark.parametrize("what", ALONE)
def test_an_option_alone_is_that_of_the_whole_message(kind: int, what: str) -> None:
    payload = message(ALONE[what], type=kind, op=2 if kind in (2, 5, 6) else 1)
    same(payload)
    # The same of a client that has no address yet.
    same(payload[:12] + bytes(8) + payload[20:])


@given(st.binary(max_size=400))
def test_any_bytes_are_read_alike(data: bytes) -> None:
    same(data)
    same(message(data, type=2, op=2))


def test_a_stranger_s_message_is_not_read() -> None:
    found = glance(STRANGER)
    assert (found.type, found.client, found.vendor_class) == ("discover", "00:04:f2:aa:bb:cc", "MSFT 5.0")
    assert isinstance(found, UnreadDhcp)
    assert found.domain == "contoso.com"
    assert type(found) is Dhcp
    assert not hasattr(found, "unread")


@pytest.mark.parametrize("vendor", [b"CPE-OCPhone", b"cpe-ocphone 2", b"MS-UC-Client"])
def test_a_phone_s_message_is_read(vendor: bytes) -> None:
    assert type(glance(message(option(60, vendor), type=1, op=1))) is Dhcp


def test_where_it_is_judged_compared_or_stored_it_is_read() -> None:
    expected = whole(STRANGER)
    log = ObservationLog()
    log.add(glance(STRANGER))
    assert log.of_kind(Dhcp) == [expected]
    assert glance(STRANGER) == expected
    assert expected == glance(STRANGER)
    assert hash(glance(STRANGER)) == hash(expected)
    assert repr(glance(STRANGER)) == repr(expected)
    copy = pickle.loads(pickle.dumps(glance(STRANGER), 5))
    assert (type(copy), copy) == (Dhcp, expected)
    with pytest.raises(AttributeError, match="nothing"):
        glance(STRANGER).nothing  # type: ignore[attr-defined]  # noqa: B018
