"""The decoder of DNS messages: tables, limits, and what is left of a message that breaks off."""

from struct import pack

import dns.name
import dns.rcode
import dns.rdatatype
import pytest

from tests.in_parts import in_parts
from ucdiag.wire.dns.message import Message, Record, follow_aliases, read_dns, read_name, type_text
from ucdiag.wire.errors import DecodeError

TYPES = [
    *(1, 2, 5, 6, 10, 11, 12, 13, 15, 16, 17, 18, 24, 25, 28, 29, 33, 35, 36, 37, 38, 39, 41, 42, 43, 44, 45, 46, 47),
    *(48, 49, 50, 51, 52, 55, 59, 60, 61, 64, 65, 99, 108, 109, 249, 250, 251, 252, 253, 254, 255, 256, 257, 32769),
]
RCODES = [*range(12), *range(16, 24)]
# The names of what is asked, and of one that points to it.
QUESTION = b"\x01a\x01b\x00"
POINTER = b"\xc0\x0c"


def header(*counts: int, flags: int = 0x8180, id: int = 7) -> bytes:
    return pack(">HH4H", id, flags, *counts)


def rr(kind: int, data: bytes, *, ttl: int = 60, name: bytes = POINTER, length: int | None = None) -> bytes:
    return name + pack(">HHIH", kind, 1, ttl, len(data) if length is None else length) + data


def answer(*records: bytes, authorities: int = 0, additional: int = 0, flags: int = 0x8180, type: int = 1) -> bytes:
    """A response; the last ``additional`` records are of that section, those before them of the authority's."""
    answers = len(records) - authorities - additional
    head = header(1, answers, authorities, additional, flags=flags)
    return head + QUESTION + pack(">HH", type, 1) + b"".join(records)


ADDRESS = rr(1, bytes((10, 0, 0, 80)))
OPT = rr(41, b"", ttl=0, name=b"\x00")


@in_parts("number", TYPES)
def test_a_type_has_the_name_that_dnspython_gives_it(number: int) -> None:
    assert type_text(number) == dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))


def test_a_type_without_a_name_has_its_number() -> None:
    assert type_text(65280) == "TYPE65280"


@pytest.mark.parametrize("before", [(), (ADDRESS,)])
@pytest.mark.parametrize(
    "record",
    [rr(1, b"\x0a\0\0"), rr(28, bytes(15)), rr(15, b""), rr(15, b"\0"), rr(15, b"\0\1"), rr(33, b""), rr(33, bytes(6))],
)
def test_a_record_too_short_for_its_type_ends_the_message(record: bytes, before: tuple[bytes, ...]) -> None:
    message = read_dns(answer(*before, record))
    assert (len(message.answers), message.cut) == (len(before), True)


# mdns-js-packet 0.2.0 takes such strings for labels of the next name (findings/mdns-js-packet-empty-text.sh).
@pytest.mark.parametrize("strings", [(b"first", b"", b"second"), (b"k" * 192,), (b"k" * 255, b"\xc0\x0c"), (b"",)])
def test_an_address_behind_any_text_is_its_own(strings: tuple[bytes, ...]) -> None:
    text = rr(16, b"".join(bytes([len(string)]) + string for string in strings))
    assert read_dns(answer(text, ADDRESS)).answers[-1] == read_dns(answer(ADDRESS)).answers[-1]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x01a", "a name runs over the end of the message"),
        (b"\x02a", "a name runs over the end of the message"),
        (b"\xc0", "a name runs over the end of the message"),
        (b"\xc0\0", "a compressed name does not point backwards"),
        (b"\x01a\xc0\x01", "a compressed name does not point backwards"),
        ((b"\x3f" + b"a" * 63) * 4 + b"\0", "a name is longer than 255 bytes"),
        (b"\x40", "a name has a label of unknown kind"),
        (b"\x80\0", "a name has a label of unknown kind"),
    ],
)
def test_why_a_name_cannot_be_read(data: bytes, why: str) -> None:
    with pytest.raises(DecodeError, match=f"^{why}$"):
        read_name(data, 0)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (header(0, 0, 0, 0)[:11], "shorter than the header of a DNS message"),
        (header(1, 0, 0, 0) + QUESTION + b"\0\1\0", "a question runs over the end of the message"),
        (header(2, 0, 0, 0) + QUESTION + b"\0\1\0\1", "a name runs over the end of the message"),
    ],
)
def test_why_a_message_cannot_be_read(data: bytes, why: str) -> None:
    with pytest.raises(DecodeError, match=f"^{why}$"):
        read_dns(data)


# pcap 3.1.0 of npm sees no code at all (findings/pcap-npm-dns-answers.sh).
@pytest.mark.parametrize("number", RCODES)
def test_a_response_code_has_the_name_that_dnspython_gives_it(number: int) -> None:
    opt = rr(41, b"", ttl=number >> 4 << 24, name=b"\x00")
    message = read_dns(answer(opt, additional=1, flags=0x8180 | number & 15))
    assert message.rcode == dns.rcode.to_text(dns.rcode.Rcode.make(number))


def test_a_response_code_without_a_name_has_its_number() -> None:
    assert read_dns(answer(flags=0x818C)).rcode == "RCODE12"


@pytest.mark.parametrize(
    ("flags", "response", "opcode", "truncated"),
    [
        (0x0000, False, 0, False),
        (0x8000, True, 0, False),
        (0x0200, False, 0, True),
        (0x7800, False, 15, False),
        (0x2800, False, 5, False),
        (0x05F0, False, 0, False),
    ],
)
def test_the_flags(flags: int, response: bool, opcode: int, truncated: bool) -> None:
    message = read_dns(header(0, 0, 0, 0, flags=flags, id=0xABCD))
    assert (message.id, message.response, message.opcode, message.truncated) == (0xABCD, response, opcode, truncated)
    assert (message.name, message.type, message.answers, message.cut) == (None, None, (), False)


@pytest.mark.parametrize("size", [0, 11])
def test_less_than_a_header_is_no_message(size: int) -> None:
    with pytest.raises(DecodeError, match="header"):
        read_dns(bytes(size))


def test_the_first_of_several_questions_counts_and_all_are_passed_over() -> None:
    second = b"\x01c\x00" + pack(">HH", 28, 1)
    message = read_dns(header(2, 1, 0, 0) + QUESTION + pack(">HH", 33, 1) + second + ADDRESS)
    assert (message.name, message.type) == ("a.b", "SRV")
    assert message.answers == (Record("a.b", "A", 60, "10.0.0.80"),)


@pytest.mark.parametrize("missing", [1, 4])
def test_a_question_that_breaks_off_is_no_message(missing: int) -> None:
    with pytest.raises(DecodeError, match="question"):
        read_dns((header(1, 0, 0, 0) + QUESTION + pack(">HH", 1, 1))[:-missing])


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (rr(1, bytes((1, 2, 3, 4))), "1.2.3.4"),
        (rr(28, bytes(15) + b"\1"), "::1"),
        (rr(2, POINTER), "a.b"),
        (rr(5, b"\x01c" + POINTER), "c.a.b"),
        (rr(12, POINTER), "a.b"),
        (rr(39, POINTER), "a.b"),
        (rr(15, b"\x01\x02" + b"\x00"), "258 ."),
        (rr(33, b"\x01\x02\x03\x04\x13\xc4" + b"\x00"), "258 772 5060 ."),
        (rr(16, b"\x01x\x00\x02\x1f~"), '"x" "" "\\031~"'),
        (rr(16, b'\x04 \x7f"\\'), '" \\127\\"\\\\"'),
        (rr(16, b""), ""),
        (rr(99, b"\x01x"), '"x"'),
        (rr(6, POINTER), None),
        (rr(65280, b"x"), None),
    ],
    ids=["A", "AAAA", "NS", "CNAME", "PTR", "DNAME", "MX", "SRV", "TXT", "TXT-escaped", "TXT-empty", "SPF", "SOA", "?"],
)
def test_the_data_of_a_record_as_text(record: bytes, text: str | None) -> None:
    message = read_dns(answer(record))
    assert ([found.text for found in message.answers], message.cut) == ([text], False)


@pytest.mark.parametrize(
    "broken",
    [
        rr(1, bytes(3)),
        rr(1, bytes(5)),
        rr(28, bytes(15)),
        rr(28, bytes(17)),
        rr(15, bytes(2)),
        rr(33, bytes(6)),
        rr(16, b"\x02x"),
        rr(5, b"\x01c", length=2) + b"\x00",
        rr(5, POINTER, length=1),
        rr(15, b"\x00\x01\x01c", length=4) + b"\x00",
        rr(33, b"\x00\x01\x00\x01\x00\x01\x01c", length=8) + b"\x00",
        rr(1, bytes(4), name=b"\xc0\xff"),
    ],
    ids=["A-3", "A-5", "AAAA-15", "AAAA-17", "MX", "SRV", "TXT", "name", "pointer", "MX-name", "SRV-name", "owner"],
)
def test_a_broken_record_ends_the_reading_and_what_was_before_it_stays(broken: bytes) -> None:
    message = read_dns(answer(ADDRESS, broken, ADDRESS))
    assert message.answers == (Record("a.b", "A", 60, "10.0.0.80"),)
    assert message.cut


@pytest.mark.parametrize("kept", range(len(ADDRESS)))
def test_a_record_that_breaks_off_anywhere(kept: int) -> None:
    message = read_dns(answer(ADDRESS, ADDRESS)[: -len(ADDRESS)] + ADDRESS[:kept])
    assert (len(message.answers), message.cut) == (1, True)


def test_a_whole_message_is_not_cut_and_what_follows_it_does_not_count() -> None:
    message = read_dns(answer(ADDRESS) + b"\xff\xff\xff")
    assert (len(message.answers), message.cut) == (1, False)


def test_the_records_behind_the_answers_are_none() -> None:
    message = read_dns(answer(ADDRESS, rr(2, POINTER), ADDRESS, authorities=1, additional=1))
    assert [found.type for found in message.answers] == ["A"]


@pytest.mark.parametrize(("flags", "rcode"), [(0x8183, "NXDOMAIN"), (0x81A0, "NOERROR"), (0x81B3, "NXDOMAIN")])
def test_the_response_code_is_behind_the_flags_of_dnssec(flags: int, rcode: str) -> None:
    """dns-messages 1.0.1 reads it two bits early (findings/dns-messages-response-code.sh)."""
    assert read_dns(answer(flags=flags)).rcode == rcode


def test_an_extended_response_code_stands_behind_an_authority() -> None:
    opt = rr(41, b"", ttl=0x01000000, name=b"\x00")
    assert read_dns(answer(rr(2, POINTER), opt, authorities=1, additional=1)).rcode == "BADVERS"


def test_an_option_of_edns_hides_nothing_behind_it() -> None:
    """dns2 3.1.1 of npm takes the option's length for bits (findings/dns2-behind-option.sh)."""
    cookie = rr(41, b"\0\x0a\0\x10" + bytes(16), name=b"\x00")
    extended = rr(41, b"", ttl=0x01000000, name=b"\x00")
    assert read_dns(answer(ADDRESS, cookie, extended, additional=2)).rcode == "BADVERS"
    message = read_dns(answer(cookie, ADDRESS, additional=2))
    assert (message.rcode, message.cut, message.answers) == ("NOERROR", False, ())


def test_a_pointer_into_the_middle_of_a_label_ends_the_message() -> None:
    """nanodns 1.0.4 leaves pointers as they were where it moves names (findings/nanodns-moved-names.sh)."""
    alias = rr(5, b"\x01c" + POINTER)
    moved = rr(5, b"\x01d" + pack(">H", 0xC000 + 13))
    message = read_dns(answer(alias, moved, *[ADDRESS] * 4))
    assert ([found.text for found in message.answers], message.cut) == (["c.a.b"], True)


def test_an_extended_response_code_stays_where_the_rest_breaks_off() -> None:
    opt = rr(41, b"", ttl=0x01000000, name=b"\x00")
    message = read_dns(answer(opt, ADDRESS, additional=2)[:-1])
    assert (message.rcode, message.cut) == ("BADVERS", True)


@pytest.mark.parametrize(("kept", "cut"), [(5, True), (0, False)])
def test_an_authority_record_that_breaks_off_is_noticed(kept: int, cut: bool) -> None:
    whole = answer(ADDRESS, ADDRESS, authorities=1)
    assert read_dns(whole[: len(whole) - kept]).cut is cut


@pytest.mark.parametrize(("sent", "ttl"), [(0, 0), (0x7FFFFFFF, 0x7FFFFFFF), (0x80000001, 1)])
def test_a_lifetime_has_31_bits(sent: int, ttl: int) -> None:
    assert read_dns(answer(rr(1, bytes(4), ttl=sent))).answers[0].ttl == ttl


@pytest.mark.parametrize(("last", "legal"), [(61, True), (62, False)])
def test_a_name_has_at_most_255_bytes(last: int, legal: bool) -> None:
    wire = (b"\x3f" + b"x" * 63) * 3 + bytes((last,)) + b"y" * last + b"\x00"
    assert len(wire) == (255 if legal else 256)
    if legal:
        assert read_name(wire, 0) == (".".join(["x" * 63] * 3 + ["y" * last]), 255)
    else:
        with pytest.raises(DecodeError, match="longer than 255"):
            read_name(wire, 0)


@pytest.mark.parametrize(
    ("wire", "at", "flaw"),
    [
        (b"", 0, "over the end"),
        (b"\x01a", 0, "over the end"),
        (b"\x02a", 0, "over the end"),
        (b"\x00\xc0", 1, "over the end"),
        (b"\x00\xc0\x01", 1, "backwards"),
        (b"\x01a\x01b\xc0\x02", 2, "backwards"),
        (b"\x00\xc0\x03\x00", 1, "backwards"),
        (b"\x40a", 0, "unknown kind"),
        (b"\xbfa", 0, "unknown kind"),
    ],
)
def test_a_name_that_cannot_be_read(wire: bytes, at: int, flaw: str) -> None:
    with pytest.raises(DecodeError, match=flaw):
        read_name(wire, at)


def test_a_pointer_has_14_bits_and_what_follows_it_is_next() -> None:
    wire = bytes(0x0123) + b"\x01a\x00" + b"\x01b\xc1\x23" + b"rest"
    assert read_name(wire, 0x0126) == ("b.a", 0x012A)
    # Of two pointers in a row the first decides where the name ends.
    wire = b"\x01a\x00\xc0\x00\x01c\xc0\x03rest"
    assert read_name(wire, 5) == ("c.a", 9)


def message(*records: Record, type: str | None = "A", name: str | None = "a.b") -> Message:
    return Message(7, True, 0, "NOERROR", False, name, type, records, False)


CNAME = Record("A.b", "CNAME", 30, "C.b")


@pytest.mark.parametrize(
    ("asked", "addresses", "records"),
    [
        ("A", ("1.1.1.1",), ("a.b AAAA ::1", "c.b A 2.2.2.2", "x")),
        ("AAAA", ("::1",), ("a.b A 1.1.1.1", "c.b A 2.2.2.2", "x")),
        ("ANY", ("1.1.1.1", "::1"), ("c.b A 2.2.2.2", "x")),
        ("TXT", (), ("a.b A 1.1.1.1", "a.b AAAA ::1", "c.b A 2.2.2.2", "x")),
    ],
)
def test_addresses_are_those_of_the_asked_type_and_name(
    asked: str, addresses: tuple[str, ...], records: tuple[str, ...]
) -> None:
    given = (
        Record("a.b", "A", 60, "1.1.1.1"),
        Record("a.b", "AAAA", 50, "::1"),
        Record("c.b", "A", 40, "2.2.2.2"),
        Record("a.b", "TXT", 70, "x"),
        Record("a.b", "SOA", 80, None),
    )
    assert follow_aliases(message(*given, type=asked)) == (addresses, (), records, 40)


def test_the_first_of_two_aliases_of_one_name_is_followed_and_case_does_not_matter() -> None:
    other = Record("a.B", "CNAME", 20, "d.b")
    address = Record("c.B", "A", 10, "1.1.1.1")
    assert follow_aliases(message(CNAME, other, address)) == (("1.1.1.1",), ("C.b",), (), 10)


def test_an_alias_that_was_asked_for_is_a_record() -> None:
    assert follow_aliases(message(CNAME, type="CNAME")) == ((), (), ("C.b",), 30)


def test_an_answer_without_records_has_no_lifetime() -> None:
    assert follow_aliases(message()) == ((), (), (), None)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (b"aZ09-_/*!+=", "aZ09-_/*!+="),
        (b"a.b", "a\\.b"),  # php-net-dns2 1.5.0 leaves it out (findings/php-net-dns2-dots.sh)
        (b'"();\\@$', '\\"\\(\\)\\;\\\\\\@\\$'),
        (b" !~\x7f", "\\032!~\\127"),
        (b"\x00\x1f\xff", "\\000\\031\\255"),
    ],
)
def test_a_label_is_written_as_in_a_zone_file(label: bytes, text: str) -> None:
    wire = bytes((len(label),)) + label + b"\x00"
    assert read_name(wire, 0)[0] == text == dns.name.from_wire(wire, 0)[0].to_text(omit_final_dot=True)


SERVERS = rr(2, POINTER)
NO_RECORD = rr(6, POINTER + POINTER + bytes(20))


@pytest.mark.parametrize(
    ("message", "refers"),
    [
        (answer(SERVERS, authorities=1, flags=0x8100), True),
        (answer(SERVERS, SERVERS, ADDRESS, OPT, authorities=2, additional=2, flags=0x8100), True),
        (answer(SERVERS, SERVERS, authorities=2, flags=0x8100)[:-3], True),
        (answer(SERVERS, authorities=1, flags=0x8180), False),  # it recurses
        (answer(SERVERS, authorities=1, flags=0x8500), False),  # it has the zone
        (answer(SERVERS, authorities=1, flags=0x8103), False),
        (answer(SERVERS, NO_RECORD, authorities=2, flags=0x8100), False),
        (answer(NO_RECORD, authorities=1, flags=0x8100), False),
        (answer(ADDRESS, SERVERS, authorities=1, flags=0x8100), False),
        (answer(SERVERS, additional=1, flags=0x8100), False),
        (answer(SERVERS, authorities=1, flags=0x8100)[:-9], False),
        (answer(flags=0x8100), False),
    ],
)
def test_an_answer_that_only_names_the_servers_of_another_zone_refers_to_them(message: bytes, refers: bool) -> None:
    assert read_dns(message).referral is refers


APEX = rr(6, POINTER + POINTER + bytes(20), name=b"\x01b\x00")


@pytest.mark.parametrize(
    ("message", "zone"),
    [
        (answer(APEX, authorities=1, flags=0x8183), "b"),
        (answer(ADDRESS, APEX, authorities=1), "b"),
        (answer(SERVERS, APEX, OPT, authorities=2, additional=1), "b"),
        (answer(APEX, SERVERS, authorities=2), "b"),
        (answer(SERVERS, authorities=1), None),
        (answer(APEX), None),
        (answer(APEX, authorities=1)[:-1], None),
        (answer(), None),
    ],
)
def test_the_zone_of_an_answer_without_the_record_is_where_its_soa_stands(message: bytes, zone: str | None) -> None:
    assert read_dns(message).zone == zone
