"""DNS answers from another address or port than was asked, and such as nobody asked for."""

import pytest

from tests.wire.dns_exchange import NAME, RESOLVER, Exchange, answer, question
from tests.wire.ladder import PHONE, PHONE_MAC, SECOND
from ucdiag.model.observations import Lookup
from ucdiag.wire.datagram import Datagram

OTHER = bytes((10, 0, 0, 54))
GROUP = bytes.fromhex("01005e0000fb")
ALL = b"\xff" * 6


class Wire(Exchange):
    """Also answers from elsewhere, and questions to others."""

    def strays(self, message: bytes, source: bytes = OTHER, port: int = 53, *, after: float = 0.001) -> "Wire":
        self.lookups.take_datagram(Datagram(*self._next(after), source, port, PHONE, 1024, message, None, PHONE_MAC))
        return self

    def asks_at(
        self, server: bytes, message: bytes, *, port: int = 53, mac: bytes | None = None, after: float = 0.001
    ) -> "Wire":
        self.lookups.take_datagram(Datagram(*self._next(after), PHONE, 1024, server, port, message, PHONE_MAC, mac))
        return self


ADDRESS = answer(f"{NAME}. 300 A 10.0.0.80")
MISSING = answer(rcode="NXDOMAIN")


def told(lookups: list[Lookup]) -> list[tuple[object, ...]]:
    return [
        (
            lookup.frame,
            lookup.answer_frame,
            lookup.server,
            lookup.rcode or lookup.failure,
            lookup.answer_from,
            lookup.asked_again,
        )
        for lookup in lookups
    ]


@pytest.mark.parametrize(("message", "rcode"), [(ADDRESS, "NOERROR"), (MISSING, "NXDOMAIN")])
def test_an_answer_from_another_address_belongs_to_its_question(message: bytes, rcode: str) -> None:
    found = Wire().asks(question()).strays(message).facts()  # type: ignore[attr-defined]
    assert told(found) == [(1, 2, "10.0.0.53", rcode, "10.0.0.54", False)]
    assert (found[0].answer_from_port, found[0].seconds, found[0].attempts) == (53, 0.001, 1)


def test_an_answer_from_another_port() -> None:
    [found] = Wire().asks(question()).strays(ADDRESS, RESOLVER, 5300).facts()  # type: ignore[attr-defined]
    assert (found.server, found.server_port, found.answer_from, found.answer_from_port) == (
        "10.0.0.53",
        53,
        "10.0.0.53",
        5300,
    )


def test_that_it_was_asked_again() -> None:
    wire = Wire().asks(question()).strays(ADDRESS).asks(question(), after=2).strays(ADDRESS)  # type: ignore[attr-defined]
    [found] = wire.facts()
    assert told([found]) == [(1, 2, "10.0.0.53", "NOERROR", "10.0.0.54", True)]
    assert found.attempts == 2


def test_asked_again_before_the_answer_is_not_asked_again_after_it() -> None:
    [found] = Wire().asks(question()).asks(question(), after=1).strays(ADDRESS).facts()  # type: ignore[attr-defined]
    assert (found.attempts, found.asked_again, found.seconds) == (2, False, 1.001)


@pytest.mark.parametrize("again", [False, True])
def test_a_right_answer_counts_alone(again: bool) -> None:
    wire = Wire().asks(question()).strays(MISSING)  # type: ignore[attr-defined]
    if again:
        wire.asks(question())
    found = wire.answers(ADDRESS).strays(MISSING).facts()
    assert [(fact.rcode, fact.answer_from, fact.addresses) for fact in found] == [("NOERROR", None, ("10.0.0.80",))]


def test_an_answer_before_its_question() -> None:
    found = Wire().strays(ADDRESS).asks(question()).facts()  # type: ignore[attr-defined]
    assert told(found) == [(2, 1, "10.0.0.53", "NOERROR", "10.0.0.54", False)]
    assert found[0].seconds == 0


def test_of_two_answers_before_their_question_the_first_is_its_own() -> None:
    found = Wire().strays(ADDRESS).strays(MISSING, bytes((10, 0, 0, 55))).asks(question()).facts()  # type: ignore[attr-defined]
    assert told(found)[-1] == (3, 1, "10.0.0.53", "NOERROR", "10.0.0.54", False)


def test_an_answer_before_its_question_has_the_mac_address_of_the_question() -> None:
    wire = Wire()
    wire.lookups.take_datagram(Datagram(*wire._next(0.001), OTHER, 53, PHONE, 1024, ADDRESS, None, None))
    [found] = wire.asks(question()).facts()
    assert (found.answer_from, found.client_mac) == ("10.0.0.54", "00:04:f2:aa:bb:cc")


@pytest.mark.parametrize("source", [OTHER, RESOLVER])
def test_answers_with_other_identifiers_are_nobody_s(source: bytes) -> None:
    wire = Wire().asks(question())
    for number in range(100, 120):
        wire.strays(answer(f"{NAME}. 300 A 203.0.113.66", id=number), source)  # type: ignore[attr-defined]
    found = wire.answers(ADDRESS).facts()
    assert told(found) == [(1, 22, "10.0.0.53", "NOERROR", None, False)]
    assert found[0].addresses == ("10.0.0.80",)


def test_one_with_another_identifier_that_was_captured_before_its_question_counts() -> None:
    wire = Wire().asks(question()).answers(answer(f"{NAME}. 300 A 10.0.0.80", id=8)).asks(question(id=8))
    assert told(wire.facts()) == [
        (3, 2, "10.0.0.53", "NOERROR", None, False),
        (1, None, "10.0.0.53", "no_answer", None, False),
    ]


@pytest.mark.parametrize(
    ("server", "port", "mac"),
    [(bytes((224, 0, 0, 251)), 53, GROUP), (b"\xff" * 4, 53, ALL), (bytes((10, 0, 0, 255)), 53, ALL)],
)
def test_whoever_answers_a_question_to_all_was_asked(server: bytes, port: int, mac: bytes) -> None:
    wire = Wire().asks_at(server, question(), port=port, mac=mac).strays(ADDRESS)  # type: ignore[attr-defined]
    [found] = wire.facts()
    assert (found.server, found.rcode, found.answer_from) == ("10.0.0.54", "NOERROR", None)


def test_of_two_resolvers_each_has_its_answer() -> None:
    """As Windows asks: the same identifier and port."""
    wire = Wire().asks(question()).asks_at(OTHER, question()).strays(ADDRESS).answers(MISSING)  # type: ignore[attr-defined]
    assert told(wire.facts()) == [
        (2, 3, "10.0.0.54", "NOERROR", None, False),
        (1, 4, "10.0.0.53", "NXDOMAIN", None, False),
    ]


def test_a_copy_of_an_answer_is_none_to_the_question_that_waits_elsewhere() -> None:
    wire = Wire().asks(question()).asks_at(OTHER, question()).answers(ADDRESS).answers(ADDRESS)  # type: ignore[attr-defined]
    assert told(wire.facts()) == [
        (1, 3, "10.0.0.53", "NOERROR", None, False),
        (2, None, "10.0.0.54", "no_answer", None, False),
    ]


def test_an_answer_over_tcp_is_none_to_a_question_over_udp() -> None:
    wire = Wire().asks(question())
    wire.lookups.take_message(Datagram(*wire._next(0.001), OTHER, 53, PHONE, 1024, ADDRESS, None, PHONE_MAC), "tcp")
    assert [(found.transport, *told([found])[0]) for found in wire.facts()] == [
        ("tcp", 2, 2, "10.0.0.54", "NOERROR", None, False),
        ("udp", 1, None, "10.0.0.53", "no_answer", None, False),
    ]


def test_ipv6() -> None:
    first, second, phone = (bytes.fromhex(f"20010db8{'0' * 22}{last}") for last in ("53", "54", "07"))
    exchange = Exchange()
    exchange.lookups.take_datagram(Datagram(*exchange._next(1), phone, 1024, first, 53, question(), PHONE_MAC, None))
    exchange.lookups.take_datagram(Datagram(*exchange._next(1), second, 53, phone, 1024, ADDRESS, None, PHONE_MAC))
    [found] = exchange.facts()
    assert (found.server, found.answer_from) == ("2001:db8::53", "2001:db8::54")


def test_an_answer_about_another_name_is_none_to_this_one() -> None:
    found = Wire().asks(question()).strays(answer(name="sip.contoso.com")).facts()  # type: ignore[attr-defined]
    assert [(fact.name, fact.rcode or fact.failure, fact.answer_from) for fact in found] == [
        ("sip.contoso.com", "NOERROR", None),
        (NAME, "no_answer", None),
    ]


def test_as_they_stand_each_answer_is_reported_with_its_question() -> None:
    wire = Wire(every_packet=True).asks(question()).strays(ADDRESS).asks(question(), after=2).strays(ADDRESS)  # type: ignore[attr-defined]
    assert told(wire.facts()) == [
        (1, 2, "10.0.0.53", "NOERROR", "10.0.0.54", False),
        (3, 4, "10.0.0.53", "NOERROR", "10.0.0.54", False),
    ]


def test_pending_shows_it() -> None:
    wire = Wire().asks(question()).strays(MISSING)  # type: ignore[attr-defined]
    assert told(wire.lookups.pending(wire.at + SECOND)) == [(1, 2, "10.0.0.53", "NXDOMAIN", "10.0.0.54", False)]


@pytest.mark.parametrize(("after", "lookups"), [(0.05, 1), (0.050001, 2)])
def test_how_long_an_answer_from_elsewhere_waits_for_its_question(after: float, lookups: int) -> None:
    assert len(Wire().strays(ADDRESS).asks(question(), after=after).facts()) == lookups  # type: ignore[attr-defined]


def test_only_a_waiting_question_expects_answers_from_any_port() -> None:
    wire = Wire().asks(question())
    assert wire.lookups.expects_answer(PHONE, 1024)
    assert not wire.lookups.expects_answer(PHONE, 1025)
    wire.answers(ADDRESS)
    assert not wire.lookups.expects_answer(PHONE, 1024)


def test_the_questions_of_one_port_are_bounded() -> None:
    wire = Wire(pending=64)
    for number in range(1000):
        wire.asks(question(id=number)).asks(question(id=number), port=2000 + number)
    assert len(wire.lookups.asking) <= 130
    assert max(map(len, wire.lookups.asking.values())) == 32
