import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.dns_exchange import NAME, RESOLVER, Exchange, answer, question
from tests.wire.ladder import PHONE, PHONE_MAC, SECOND, START, Ladder, one, only
from ucdiag.model.observations import Connect, Lookup
from ucdiag.wire.datagram import Datagram
from ucdiag.wire.dns.message import Message, follow_aliases, read_dns, read_name
from ucdiag.wire.errors import DecodeError


def test_a_question_and_its_answer() -> None:
    found = one(Exchange().asks(question()).answers(answer(f"{NAME}. 300 A 10.0.0.80")).facts(), Lookup)
    assert (found.name, found.type, found.rcode, found.addresses) == (NAME, "A", "NOERROR", ("10.0.0.80",))
    assert (found.frame, found.answer_frame, found.time) == (1, 2, START + 1000)
    assert (found.client, found.client_port, found.server, found.server_port) == ("10.0.0.7", 1024, "10.0.0.53", 53)
    assert (found.seconds, found.ttl, found.attempts, found.failure) == (0.001, 300, 1, None)
    assert (found.client_mac, found.transport, found.truncated) == ("00:04:f2:aa:bb:cc", "udp", False)
    assert (found.aliases, found.records) == ((), ())


def test_the_alias_chain_is_followed_in_its_own_order() -> None:
    found = one(
        Exchange()
        .asks(question())
        .answers(
            answer(
                "c.contoso.com. 20 A 10.0.0.81",
                "b.contoso.com. 30 CNAME c.contoso.com.",
                f"{NAME}. 60 CNAME b.contoso.com.",
                "other.contoso.com. 60 A 10.9.9.9",
            )
        )
        .facts(),
        Lookup,
    )
    assert found.aliases == ("b.contoso.com", "c.contoso.com")
    assert found.addresses == ("10.0.0.81",)
    assert found.records == ("other.contoso.com A 10.9.9.9",)
    assert found.ttl == 20


def test_an_alias_loop_ends() -> None:
    found = Exchange().asks(question()).answers(answer(f"{NAME}. 1 CNAME b.c.", f"b.c. 1 CNAME {NAME}.")).facts()
    assert one(found, Lookup).aliases == ("b.c", NAME)


@pytest.mark.parametrize("rcode", ["NXDOMAIN", "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "BADVERS"])
def test_what_the_server_said_instead(rcode: str) -> None:
    found = one(Exchange().asks(question()).answers(answer(rcode=rcode)).facts(), Lookup)
    assert (found.rcode, found.addresses, found.failure) == (rcode, (), None)


def test_other_records() -> None:
    name = "_sipinternaltls._tcp.contoso.com"
    reply = answer(f"{name}. 9 SRV 0 0 5061 sip.contoso.com.", name=name, type="SRV")
    found = one(Exchange().asks(question(name, "SRV")).answers(reply).facts(), Lookup)
    assert (found.type, found.records, found.addresses) == ("SRV", ("0 0 5061 sip.contoso.com",), ())


@pytest.mark.parametrize(
    "other",
    [
        f"{NAME}. 9 RRSIG A 13 3 9 20300101000000 20200101000000 1 contoso.com. AAAA",
        f"{NAME}. 9 HTTPS 1 .",
        f"{NAME}. 9 TYPE65280 \\# 2 0102",
    ],
    ids=["RRSIG", "HTTPS", "TYPE65280"],
)
def test_a_record_of_any_type_beside_the_address_hides_nothing(other: str) -> None:
    # For dpkt 1.9.8 such a message cannot be read (findings/dpkt-dns-unlisted-type.sh).
    reply = answer(other, f"{NAME}. 9 A 10.0.0.80")
    found = one(Exchange().asks(question()).answers(reply).facts(), Lookup)
    assert (found.addresses, found.failure) == (("10.0.0.80",), None)


def test_a_repeated_question_is_one_lookup() -> None:
    found = one(Exchange().asks(question()).asks(question(), after=1).answers(answer()).facts(), Lookup)
    assert (found.attempts, found.frame, found.answer_frame, found.seconds) == (2, 1, 3, 1.001)


def test_each_of_two_attempts_may_be_answered() -> None:
    exchange = Exchange().asks(question()).asks(question(), after=1)
    found = exchange.answers(answer()).answers(answer()).answers(answer()).facts()
    assert [(fact.frame, fact.answer_frame) for fact in found] == [(1, 3), (2, 4)]


def test_every_repetition_is_reported_when_asked_for() -> None:
    exchange = (
        Exchange(every_packet=True)
        .asks(question())
        .asks(question())
        .asks(question())
        .answers(answer())
        .answers(answer())
    )
    found = exchange.asks(question(id=8)).asks(question(id=8)).facts()
    assert [
        (fact.frame, fact.answer_frame, fact.failure) for fact in sorted(found, key=lambda fact: fact.frame or 0)
    ] == [
        (1, 4, None),
        (2, 5, None),
        (3, None, None),
        (6, None, "no_answer"),
        (7, None, None),
    ]
    assert not any(fact.failure for fact in found if fact.frame in (3, 7))


def test_every_answer_is_reported_when_asked_for() -> None:
    exchange = Exchange(every_packet=True).asks(question()).answers(answer()).answers(answer()).answers(answer(id=8))
    found = exchange.answers(answer(id=8)).facts()
    assert [(fact.frame, fact.answer_frame) for fact in found] == [(1, 2), (3, 3), (4, 4), (5, 5)]
    assert [fact.seconds for fact in found] == [0.001, None, None, None]


def test_a_repetition_much_later_is_a_lookup_of_its_own_when_all_are_reported() -> None:
    exchange = Exchange(every_packet=True).asks(question()).asks(question(), after=1).asks(question(), after=4.001)
    found = exchange.answers(answer(), after=0.25).facts()
    assert [(fact.frame, fact.answer_frame, fact.seconds, fact.failure, fact.attempts) for fact in found] == [
        (1, None, None, "no_answer", 2),
        (2, None, None, None, 1),
        (3, 4, 0.25, None, 1),
    ]
    told = one(Exchange().asks(question()).asks(question(), after=5.001).answers(answer()).facts(), Lookup)
    assert (told.frame, told.answer_frame, told.attempts) == (1, 3, 2)


def test_of_many_repetitions_all_are_reported_when_asked_for() -> None:
    exchange = Exchange(every_packet=True)
    for _ in range(100):
        exchange.asks(question())
    found = exchange.answers(answer()).facts()
    assert sorted(fact.frame or 0 for fact in found) == list(range(1, 101))
    assert [fact.answer_frame for fact in found if fact.rcode] == [101]


def test_an_answer_that_the_snap_length_cut_is_no_answer_without_records() -> None:
    whole = answer(f"{NAME}. 300 A 10.0.0.80")
    found = one(Exchange().asks(question()).answers(whole[:-2]).facts(), Lookup)
    assert (found.rcode, found.addresses, found.truncated) == ("NOERROR", (), True)


def test_an_unanswered_question() -> None:
    found = one(Exchange().asks(question()).facts(), Lookup)
    assert (found.rcode, found.failure, found.answer_frame, found.seconds) == (None, "no_answer", None, None)


def test_a_capture_that_ends_too_soon_proves_nothing() -> None:
    assert one(Exchange().asks(question()).facts(after=1), Lookup).failure is None


def test_an_unanswered_question_is_reported_in_a_long_capture() -> None:
    exchange = Exchange().asks(question())
    exchange.lookups.expire(exchange.at + 29 * SECOND)
    assert not exchange.found
    exchange.lookups.expire(exchange.at + 31 * SECOND)
    assert one(exchange.facts(), Lookup).failure == "no_answer"


def test_an_answer_with_another_identifier_is_nobody_s() -> None:
    [found] = Exchange().asks(question()).answers(answer(id=8)).facts()
    assert (found.frame, found.failure) == (1, "no_answer")


@pytest.mark.parametrize("change", [{"name": "other.contoso.com"}, {"type": "AAAA"}])
def test_only_its_own_answer_counts(change: dict[str, object]) -> None:
    found = Exchange().asks(question()).answers(answer(**change)).facts()  # type: ignore[arg-type]
    assert [(fact.frame, fact.rcode, fact.failure) for fact in found] == [
        (2, "NOERROR", None),
        (1, None, "no_answer"),
    ]


def test_another_port_is_another_question() -> None:
    found = Exchange().asks(question()).answers(answer(), port=1025).facts()
    assert [fact.failure for fact in found] == [None, "no_answer"]


def test_the_name_of_the_answer_may_differ_in_case() -> None:
    assert one(Exchange().asks(question(NAME.upper())).answers(answer()).facts(), Lookup).rcode == "NOERROR"


def test_an_answer_whose_question_was_not_seen() -> None:
    found = one(
        Exchange().answers(answer(f"{NAME}. 1 A 10.0.0.80")).answers(answer(f"{NAME}. 1 A 10.0.0.80")).facts(), Lookup
    )
    assert (found.frame, found.answer_frame, found.seconds, found.addresses) == (1, 1, None, ("10.0.0.80",))


def test_an_answer_captured_before_its_question_answers_it() -> None:
    found = one(Exchange().answers(answer(rcode="NXDOMAIN")).asks(question()).facts(), Lookup)
    assert (found.frame, found.answer_frame, found.rcode, found.attempts) == (2, 1, "NXDOMAIN", 1)
    assert found.seconds is None
    # Each of them twice, as where a mirror copies both ports of a packet's way.
    copies = Exchange().answers(answer()).answers(answer()).asks(question()).asks(question())
    assert one(copies.facts(), Lookup).frame == 3
    # Another question, another name, another port, or much later: two things.
    for other in (question(id=8), question("pool.contoso.com")):
        found = Exchange().answers(answer()).asks(other).facts()
        assert sorted((fact.frame, fact.answer_frame) for fact in found) == [(1, 1), (2, None)]
    assert len(Exchange().answers(answer()).asks(question(), port=1025).facts()) == 2
    assert len(Exchange().answers(answer()).asks(question(), after=0.2).facts()) == 2
    # Facts are of packets, as they stand in the capture.
    assert len(Exchange(every_packet=True).answers(answer()).asks(question()).facts()) == 2


def test_an_answer_that_waits_for_its_question_is_reported_soon_and_they_are_bounded() -> None:
    exchange = Exchange().answers(answer())
    assert [fact.frame for fact in exchange.lookups.pending(exchange.at)] == [1]
    exchange.lookups.expire(exchange.at + SECOND)
    assert [fact.frame for fact in exchange.found] == [1]  # type: ignore[attr-defined]
    exchange = Exchange()
    for number in range(1000):
        exchange.answers(answer(id=number), after=0)
    assert len(exchange.found) > 900
    assert len(exchange.facts()) == 1000


def test_unreachable() -> None:
    exchange = Exchange().asks(question())
    exchange.lookups.on_unreachable(exchange.at, 2, (PHONE, 1024, RESOLVER, 53), "ICMP port unreachable")
    found = one(exchange.facts(), Lookup)
    assert (found.failure, found.rcode) == ("unreachable", None)
    assert (found.reason, found.answer_frame) == ("ICMP port unreachable", 2)


@pytest.mark.parametrize("ident", [8, None])
def test_an_icmp_error_ends_the_question_that_it_quotes_and_no_other(ident: int | None) -> None:
    """A stub resolver sends the questions for A and AAAA from one port; without the identifier the first is meant."""
    exchange = Exchange().asks(question(id=8)).asks(question(type="AAAA", id=9))
    exchange.lookups.on_unreachable(exchange.at, 3, (PHONE, 1024, RESOLVER, 53), "ICMP host unreachable", ident)
    exchange.answers(answer(type="AAAA", id=9))
    facts = {lookup.type: (lookup.failure, lookup.rcode) for lookup in only(exchange.facts(), Lookup)}
    assert facts == {"A": ("unreachable", None), "AAAA": (None, "NOERROR")}


@pytest.mark.parametrize(("ident", "port"), [(9, 1024), (8, 1025)])
def test_an_icmp_error_about_something_else(ident: int, port: int) -> None:
    exchange = Exchange().asks(question(id=8))
    exchange.lookups.on_unreachable(exchange.at, 3, (PHONE, port, RESOLVER, 53), "ICMP host unreachable", ident)
    exchange.answers(answer(id=8))
    assert one(exchange.facts(), Lookup).rcode == "NOERROR"


def test_an_icmp_error_about_udp_ends_no_question_over_tcp() -> None:
    exchange = Exchange()
    exchange.lookups.take_message(Datagram(START, 1, PHONE, 1024, RESOLVER, 53, question(), PHONE_MAC, None), "tcp")
    exchange.lookups.on_unreachable(START + 1, 2, (PHONE, 1024, RESOLVER, 53), "ICMP port unreachable", 7)
    exchange.lookups.take_message(Datagram(START + 2, 3, RESOLVER, 53, PHONE, 1024, answer(), None, PHONE_MAC), "tcp")
    assert one(exchange.facts(), Lookup).rcode == "NOERROR"


def test_an_answer_that_cannot_be_read() -> None:
    broken = answer()[:14]
    found = one(Exchange().asks(question()).answers(broken).facts(), Lookup)
    assert (found.failure, found.answer_frame) == ("malformed", 2)
    assert one(Exchange().asks(question()).answers(answer(id=9)[:14]).facts(), Lookup).failure == "no_answer"


def test_an_error_without_a_question_section() -> None:
    bare = b"\x00\x07\x81\x85" + bytes(8)
    found = one(Exchange().asks(question()).answers(bare).facts(), Lookup)
    assert (found.name, found.rcode) == (NAME, "REFUSED")


def test_a_truncated_answer_says_so() -> None:
    found = one(Exchange().asks(question()).answers(answer(flags=dns.flags.TC)).facts(), Lookup)
    assert found.truncated


def test_dynamic_updates_are_no_lookups() -> None:
    assert not Exchange().asks(b"\x00\x07\x28\x00\x00\x01" + question()[6:]).facts()


def test_questions_without_end_are_bounded() -> None:
    exchange = Exchange(pending=100)
    for number in range(1000):
        exchange.asks(question(id=number))
    assert exchange.lookups.dropped == 900
    assert len(exchange.facts()) == 100


def test_over_tcp() -> None:
    def framed(message: bytes) -> bytes:
        return len(message).to_bytes(2, "big") + message

    ladder = Ladder(port=53).opens().says(framed(question()), framed(question(type="AAAA", id=8)))
    reply = framed(answer(f"{NAME}. 300 A 10.0.0.80")) + framed(answer(type="AAAA", id=8))
    facts = ladder.answers(reply[:1], reply[1:40], reply[40:]).closes().facts()
    found = only(facts, Lookup)
    assert [(fact.type, fact.transport, fact.addresses, fact.frame, fact.answer_frame) for fact in found] == [
        ("A", "tcp", ("10.0.0.80",), 4, 8),
        ("AAAA", "tcp", (), 5, 8),
    ]
    assert {fact.client_mac for fact in found} == {"00:04:f2:aa:bb:cc"}
    assert one(facts, Connect).port == 53


LABEL = st.binary(min_size=1, max_size=63)
NAMES = st.lists(LABEL, max_size=4).filter(lambda labels: sum(map(len, labels)) + len(labels) < 255)


@given(NAMES)
def test_names_read_as_dnspython_writes_them(labels: list[bytes]) -> None:
    name = dns.name.Name([*labels, b""])
    wire = name.to_wire()
    assert wire is not None
    text, end = read_name(wire + b"x", 0)
    assert text == (name.to_text(omit_final_dot=True) if labels else ".")
    assert end == len(wire)


RECORDS = st.lists(
    st.sampled_from(
        [
            "a.b. 1 A 1.2.3.4",
            "a.b. 2 AAAA 2001:db8::1",
            "A.b. 3 CNAME c.b.",
            r"x\.y.b. 4 PTR c.b.",
            "c.b. 5 MX 10 mail.b.",
            "s.b. 6 SRV 1 2 5061 sip.b.",
            r's.b. 7 TXT "one \"two\"" "\007"',
            "s.b. 8 NS ns.b.",
            "b. 9 SOA ns.b. root.b. 1 2 3 4 5",
            "s.b. 10 CAA 0 issue ca.b",
        ]
    ),
    max_size=12,
)


@given(RECORDS, st.sampled_from(["A", "AAAA", "SRV", "ANY", "HTTPS", "TYPE999"]), st.integers(0, 0xFFFF), st.booleans())
def test_messages_read_as_dnspython_wrote_them(records: list[str], type: str, id: int, edns: bool) -> None:
    query = dns.message.make_query("a.b", type, id=id, use_edns=edns)
    reply = dns.message.make_response(query)
    for record in records:
        owner, ttl, kind, data = record.split(" ", 3)
        reply.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", kind, data))
    reply.additional.append(dns.rrset.from_text("z.b.", 1, "IN", "A", "9.9.9.9"))
    found = read_dns(reply.to_wire())
    parsed = dns.message.from_wire(reply.to_wire(), one_rr_per_rrset=True)
    assert (found.id, found.response, found.name, found.type, found.cut) == (id, True, "a.b", type, False)
    expected = []
    for rrset in parsed.answer:
        kind = dns.rdatatype.to_text(rrset.rdtype)
        owner = rrset.name.to_text(omit_final_dot=True)
        data = " ".join(word.removesuffix(".") for word in rrset[0].to_text().split(" "))
        expected.append((owner, kind, rrset.ttl, None if kind in ("SOA", "CAA") else data))
    assert [(resource.name, resource.type, resource.ttl, resource.text) for resource in found.answers] == expected


@given(st.binary(max_size=600))
def test_any_bytes_are_a_message_or_a_decode_error(data: bytes) -> None:
    try:
        found = read_dns(data)
    except DecodeError:
        return
    assert isinstance(found, Message)
    follow_aliases(found)


@given(st.data())
def test_damaged_messages_are_read_or_refused(data: st.DataObject) -> None:
    wire = bytearray(answer("a.b. 1 CNAME c.b.", "c.b. 5 MX 10 mail.b.", 's.b. 7 TXT "x"', f"{NAME}. 1 A 1.2.3.4"))
    for _ in range(data.draw(st.integers(1, 6))):
        wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(wire)))
    exchange = Exchange().asks(question()).answers(bytes(wire[:cut]))
    assert len(exchange.facts()) <= 2


@pytest.mark.parametrize(
    "name",
    [
        b"\xc0\x0c",
        b"\x01a\xc0\x0c",
        b"\xc0\x0e\xc0\x0c",
        b"\xc0",
        b"\x05ab",
        b"\x40a",
        b"\xc0\xff",
        b"\x3f" + b"x" * 63,
    ],
)
def test_names_that_loop_or_break_off(name: bytes) -> None:
    with pytest.raises(DecodeError):
        read_dns(b"\x00\x07\x01\x00\x00\x01" + bytes(6) + name)


def test_a_name_of_many_pointers_is_bounded() -> None:
    with pytest.raises(DecodeError):
        read_name(b"\x3f" + b"x" * 63 + b"".join(b"\x3f" + b"y" * 63 for _ in range(4)) + b"\x00", 0)


def test_a_message_of_very_many_records_is_read_in_part() -> None:
    records = b"".join(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x01\x02\x03\x04" for _ in range(4000))
    wire = b"\x00\x07\x81\x80\x00\x01\xff\xff\x00\x00\x00\x00" + b"\x01a\x00\x00\x01\x00\x01" + records
    assert len(read_dns(wire).answers) == 256
