"""What is read of a plain answer without the library is what the library reads."""

import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.probe.dns import reply_to
from ucdiag.probe.dns_plain import answer_of, is_reply, question_of

NAME = "ucupdates-r2.contoso.com"
ID = b"\x12\x34"
ADDRESSES = st.lists(st.ip_addresses(v=4).map(str), max_size=5)


def wire_of(
    type_: str = "A", records: tuple[tuple[str, int, str, str], ...] = (), rcode: int = 0, name: str = NAME
) -> bytes:
    """A reply to the question for ``NAME``; ``records`` are name, TTL, type and value."""
    question = question_of(NAME, type_)
    assert question is not None
    reply = dns.message.make_response(dns.message.from_wire(ID + question), recursion_available=True)
    reply.set_rcode(dns.rcode.Rcode(rcode))
    for owner, ttl, kind, value in records:
        reply.answer.append(dns.rrset.from_text(f"{owner}.", ttl, "IN", kind, value))
    return reply.to_wire()


def read(wire: bytes, type_: str = "A") -> object:
    question = question_of(NAME, type_)
    assert question is not None
    return answer_of(wire, question, NAME, type_)


@given(ADDRESSES, st.integers(0, 2**31 - 1), st.sampled_from([0, 2, 3, 5]))
def test_addresses_and_their_ttl(addresses: list[str], ttl: int, rcode: int) -> None:
    wire = wire_of(records=tuple((NAME, ttl, "A", address) for address in addresses), rcode=rcode)
    assert is_reply(wire, ID)
    assert read(wire) == reply_to(NAME, "A", wire)
    assert read(wire) is not None


@pytest.mark.parametrize(
    "records",
    [
        ((NAME, 60, "CNAME", "pool.contoso.com."), ("pool.contoso.com", 30, "A", "10.0.0.20")),
        ((NAME, 60, "CNAME", "pool.contoso.com."),),
        (("other.contoso.com", 60, "A", "10.0.0.20"),),
        ((NAME, 60, "TXT", '"x"'),),
        ((NAME, 60, "A", "10.0.0.20"), (NAME, 5, "A", "10.0.0.21"), (NAME, 9, "A", "10.0.0.20")),
    ],
)
def test_other_answers_are_what_the_library_says(records: tuple[tuple[str, int, str, str], ...]) -> None:
    wire = wire_of(records=records)
    assert read(wire) == reply_to(NAME, "A", wire)
    assert read(wire) is not None


@given(st.integers(0, 70), st.binary(min_size=1, max_size=4))
def test_a_reply_that_is_changed_anywhere_is_what_the_library_says(at: int, change: bytes) -> None:
    wire = bytearray(wire_of(records=((NAME, 60, "A", "10.0.0.20"),)))
    wire[at : at + len(change)] = change
    if is_reply(bytes(wire), ID):
        assert read(bytes(wire)) == reply_to(NAME, "A", bytes(wire))


@given(st.integers(0, 80))
def test_a_reply_that_breaks_off_is_what_the_library_says(length: int) -> None:
    wire = wire_of(records=((NAME, 60, "A", "10.0.0.20"),))[:length]
    if is_reply(wire, ID):
        assert read(wire) == reply_to(NAME, "A", wire)


def test_a_truncated_one_is_asked_again() -> None:
    wire = bytearray(wire_of(records=((NAME, 60, "A", "10.0.0.20"),)))
    wire[2] |= 2
    assert read(bytes(wire)) is None


@pytest.mark.parametrize("wire", [b"", ID, b"\0\0" + wire_of()[2:], ID + b"\0" * 10])
def test_what_is_no_reply(wire: bytes) -> None:
    assert not is_reply(wire, ID)


@pytest.mark.parametrize("name", ["", "a..b", "a." + "b" * 64, "ä.example", "a b", ".".join(["a" * 60] * 5), "a\\.b"])
def test_names_that_are_left_to_the_library(name: str) -> None:
    assert question_of(name, "A") is None
    assert question_of(NAME, "TXT") is None
