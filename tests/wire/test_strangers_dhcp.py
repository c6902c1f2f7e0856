"""What strangers say in DHCP is held until one of them turns out to be a phone, and then told in its order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.traffic import dhcp, dns_question, ethernet, ipv4, udp
from tests.wire.dhcp_options import message, option
from ucdiag.model.observations import Dhcp, Observation
from ucdiag.model.phone_classes import CLASS_STARTS_ON_WIRE
from ucdiag.model.vocabulary import CAPTURE_SKEW
from ucdiag.wire.dhcp.message import glance_at_dhcp
from ucdiag.wire.dhcp.strangers import HeldMessage, StrangersDhcp
from ucdiag.wire.errors import DecodeError
from ucdiag.wire.host_filter import MAX_HOSTS, HostFilter
from ucdiag.wire.packet_tracker import PacketTracker

MAC, OTHER = bytes.fromhex("001a2b000001"), bytes.fromhex("001a2b000002")
ADDRESS = "10.0.0.7"
PACKED = bytes([10, 0, 0, 7])
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
SERVER = (54, bytes([10, 0, 0, 1]))
NOWHERE = "0.0.0.0"
SECOND = 1_000_000


def said(kind: int, *options: tuple[int, bytes], mac: bytes = MAC, address: str = NOWHERE, xid: int = 9) -> bytes:
    up = kind in (DISCOVER, REQUEST)
    return dhcp(1 if up else 2, xid, mac, address, [(53, bytes([kind])), *options])


class Told:
    """Holds messages, a second apart, and knows the numbers of those that were told."""

    def __init__(self) -> None:
        self.interest = HostFilter()
        self.frames: list[int] = []
        self.strangers = StrangersDhcp(self.interest, lambda held: self.frames.append(held.frame))
        self._frame = 0

    def hear(self, payload: bytes, time: int | None = None) -> bool:
        """Whether it is held."""
        self._frame += 1
        return self.strangers.hold_message(
            payload, self._frame * SECOND if time is None else time, self._frame, PACKED, None
        )

    def hear_all(self, *payloads: bytes) -> list[bool]:
        return [self.hear(payload) for payload in payloads]


def test_a_stranger_s_message_is_not_reported() -> None:
    told = Told()
    assert told.hear_all(said(DISCOVER, (60, b"MSFT 5.0")), said(ACK, address=ADDRESS)) == [True, True]
    assert told.frames == []


@pytest.mark.parametrize("vendor", [b"CPE-OCPhone", b"cpe-ocphone 2", b"MS-UC-Client"])
def test_who_names_a_phone_s_class_has_said_all_before_it(vendor: bytes) -> None:
    told = Told()
    assert told.hear_all(said(DISCOVER), said(DISCOVER, mac=OTHER), said(REQUEST, (60, vendor))) == [True, True, False]
    assert told.frames == [1]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(((60, b"CPE-OC"), (60, b"Phone")), id="in two parts"),
        pytest.param(((60, b"\x3c"), (12, b"\x3c"), (60, b"CPE-OCPhone")), id="behind bytes like its code"),
        pytest.param(((12, b"a<b"), (60, b"CPE-OCPhone")), id="behind a name with a byte like its code"),
        pytest.param(((12, b"a<"), (60, b"CPE-OCPhone")), id="right behind a byte like its code"),
        pytest.param(((12, b"a="), (61, b"\1" + OTHER)), id="a bridge's, right behind a byte like its code"),
        pytest.param(((61, b"\1" + OTHER),), id="a bridge's, with the client in the identifier"),
        pytest.param(((12, b"a=b"), (61, b"\1" + OTHER)), id="a bridge's, behind a name with a byte like its code"),
    ],
)
def test_what_may_be_a_phone_s_is_reported_at_once(options: tuple[tuple[int, bytes], ...]) -> None:
    assert not Told().hear(said(DISCOVER, *options))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(((61, b"\1" + MAC), (12, b"pc")), id="its own identifier"),
        pytest.param(((12, b"a<b=c"), (60, b"MSFT 5.0"), (61, b"\1" + MAC)), id="bytes like the codes"),
        pytest.param(((12, b"CPE-OCPhone"),), id="a name like a class"),
    ],
)
def test_what_is_no_phone_s_is_held(options: tuple[tuple[int, bytes], ...]) -> None:
    assert Told().hear(said(DISCOVER, *options))


def test_a_class_where_names_stand_is_read() -> None:
    field = option(60, b"CPE-OCPhone") + b"\xff"
    assert not Told().hear(message(option(52, b"\2"), option(60, b"x"), type=DISCOVER, op=1, sname=field))


def test_the_lease_of_an_address_is_reported_once_it_is_of_interest() -> None:
    told = Told()
    told.hear_all(said(DISCOVER), said(ACK, address=ADDRESS), said(ACK, mac=OTHER, address="10.0.0.8"))
    told.interest.learn_host(PACKED)
    assert told.frames == [1, 2]


def test_who_was_reported_is_reported_at_once() -> None:
    told = Told()
    told.strangers.report_client(MAC)
    assert told.hear_all(said(DISCOVER), said(DISCOVER, mac=OTHER)) == [False, True]


def test_a_lease_of_an_address_of_interest_brings_what_was_said_before() -> None:
    told = Told()
    told.interest.learn_host(PACKED)
    assert told.hear_all(said(DISCOVER), said(OFFER, address=ADDRESS)) == [True, False]
    assert told.frames == [1]


def test_who_had_the_address_before_is_reported() -> None:
    told = Told()
    told.hear_all(said(ACK, mac=OTHER, address=ADDRESS), said(ACK, address=ADDRESS))
    told.interest.learn_host(PACKED)
    assert told.frames == [1, 2]


def test_an_acknowledgement_without_an_address_is_no_lease() -> None:
    told = Told()
    assert told.hear_all(said(ACK), said(ACK, mac=OTHER), said(ACK)) == [True] * 3
    assert told.frames == []


def test_a_lease_that_is_renewed_is_of_the_same_client() -> None:
    told = Told()
    assert told.hear_all(said(ACK, address=ADDRESS), said(ACK, address=ADDRESS)) == [True, True]
    assert told.frames == []


def has_already(payload: bytes) -> bytes:
    """The client says that it has its address."""
    return payload[:12] + PACKED + payload[16:]


def test_an_address_that_a_client_has_already_is_its_own() -> None:
    told = Told()
    assert told.hear_all(has_already(said(ACK)), said(ACK, mac=OTHER)) == [True, True]
    told.interest.learn_host(PACKED)
    assert told.frames == [1]
    known = Told()
    known.interest.learn_host(PACKED)
    assert known.hear_all(said(REQUEST), has_already(said(REQUEST)), said(REQUEST, mac=OTHER)) == [True, False, True]
    assert known.frames == [1]


def test_a_client_that_is_known_as_a_phone_is_reported_at_once() -> None:
    told = Told()
    told.interest.clients[MAC] = None
    assert told.hear_all(said(DISCOVER), said(DISCOVER, mac=OTHER)) == [False, True]


def test_so_many_clients_are_reported_at_once_those_that_were_reported_last() -> None:
    told = Told()
    macs = [number.to_bytes(6, "big") for number in range(MAX_HOSTS + 1)]
    for mac in macs[:-1]:
        told.strangers.report_client(mac)
    told.strangers.report_client(macs[0])
    told.strangers.report_client(macs[-1])
    places = (1, 0, 2, -1)
    assert told.hear_all(*(said(DISCOVER, mac=macs[place]) for place in places)) == [True, False, False, False]


def test_what_is_held_is_given_the_quietest_client_s_first() -> None:
    told = Told()
    told.hear_all(said(DISCOVER), said(DISCOVER, mac=OTHER), said(DISCOVER))
    assert [held.frame for held in told.strangers.held_messages()] == [2, 1, 3]


def test_of_one_that_says_much_all_is_reported() -> None:
    told = Told()
    assert all(told.hear_all(*[said(REQUEST)] * 33))
    assert told.frames == list(range(1, 34))
    assert not told.hear(said(REQUEST))


def test_the_quietest_is_forgotten_and_counted() -> None:
    told = Told()
    for number in range(4096):
        told.hear(said(ACK, mac=number.to_bytes(6, "big"), address=f"10.{number >> 8}.{number & 255}.1"))
    told.hear(said(ACK, mac=bytes(6), address="10.0.0.1"))
    assert told.strangers.forgotten == 0
    told.hear(said(ACK))
    assert told.strangers.forgotten == 1
    told.interest.learn_host(bytes([10, 0, 1, 1]))
    assert told.frames == []
    told.interest.learn_host(bytes([10, 0, 0, 1]))
    assert told.frames == [1, 4097]


def test_the_lease_of_a_client_that_was_forgotten_is_forgotten_too() -> None:
    told = Told()
    told.hear(said(ACK, address=ADDRESS))
    for number in range(4096):
        told.hear(said(DISCOVER, mac=number.to_bytes(6, "big")))
    assert told.strangers.forgotten == 1
    told.interest.learn_host(PACKED)
    assert told.hear(said(DISCOVER))


def test_so_many_messages_are_held() -> None:
    told = Told()
    for number in range(1501):
        told.hear_all(*[said(DISCOVER, mac=number.to_bytes(6, "big"))] * 4)
    assert told.strangers.forgotten == 4
    assert [held.frame for held in told.strangers.held_messages()] == list(range(5, 6005))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (said(DISCOVER), said(OFFER, address=ADDRESS)),
        (said(REQUEST), said(ACK, address=ADDRESS)),
        (said(OFFER, address=ADDRESS), said(REQUEST, SERVER)),
    ],
)
@pytest.mark.parametrize("late", [60_000, SECOND])
def test_an_answer_before_its_question_is_counted(question: bytes, answer: bytes, late: int) -> None:
    told = Told()
    told.hear(answer, SECOND)
    told.hear(question, SECOND + late)
    assert told.strangers.early_answers == 1
    behind = Told()
    behind.hear(question, SECOND + late)
    behind.hear(answer, SECOND)
    assert behind.strangers.early_answers == 1


@pytest.mark.parametrize(("late", "early"), [(CAPTURE_SKEW, 0), (CAPTURE_SKEW + 1, 1)])
def test_by_how_much_an_answer_is_early(late: int, early: int) -> None:
    told = Told()
    told.hear(said(OFFER, address=ADDRESS), SECOND)
    told.hear(said(DISCOVER), SECOND + late)
    told.hear(said(DISCOVER, xid=10), SECOND + SECOND)
    assert told.strangers.early_answers == early


def test_no_answer_is_early_in_an_exchange_in_its_order() -> None:
    told = Told()
    told.hear_all(said(DISCOVER), said(OFFER), said(REQUEST, SERVER), said(ACK), said(DISCOVER, xid=10))
    told.hear(said(REQUEST, SERVER, xid=10))
    assert told.strangers.early_answers == 0


def test_a_request_without_a_server_chooses_no_offer() -> None:
    told = Told()
    told.hear_all(said(REQUEST), said(OFFER))
    assert told.strangers.early_answers == 0


_CODES = st.sampled_from([0, 6, 12, 50, 52, 53, 60, 61, 82, 255])
_VALUES = st.binary(max_size=4) | st.sampled_from([b"CPE-OCPhone", b"ms-uc-client", b"CPE-", b"\x3c\x0bCPE-OCPhone"])
_OPTIONS = st.lists(st.tuples(_CODES, _VALUES).map(lambda pair: option(*pair)), max_size=6)


@given(
    _OPTIONS, st.sampled_from([*range(10), None]), st.sampled_from([0, 1, 2]), st.sampled_from([b"\xff", b"", b"\0"])
)
def test_no_phone_s_message_is_held(options: list[bytes], kind: int | None, op: int, end: bytes) -> None:
    payload = message(*options, type=kind, op=op, end=end, sname=option(60, b"CPE-OCPhone") + b"\xff")
    if not Told().hear(payload):
        return
    try:
        fact = glance_at_dhcp(payload, time=0, frame=1, source_address=None, tag=None)
    except DecodeError:
        pytest.fail("what is no message is held")
    assert not (fact.vendor_class or "").lower().encode().startswith(CLASS_STARTS_ON_WIRE)


@given(st.binary(max_size=400))
def test_any_bytes_may_come(data: bytes) -> None:
    told = Told()
    told.hear_all(data, message(data, type=1, op=1), data)


def frame(payload: bytes, source: str, ports: tuple[int, int], mac: bytes = MAC) -> bytes:
    return ethernet(mac, b"\xff" * 6, 0x0800, ipv4(source, "10.0.0.1", 17, udp(*ports, payload)))


def facts(*packets: bytes) -> list[Observation]:
    found: list[Observation] = []
    tracker = PacketTracker(found.append, HostFilter())
    for number, packet in enumerate(packets, 1):
        tracker.take_packet(number * SECOND, number, 1, packet)
    tracker.finish(100 * SECOND)
    return found


def test_unanswered_questions_of_who_turns_out_to_be_a_phone_are_facts() -> None:
    asks = frame(said(DISCOVER), NOWHERE, (68, 67))
    lookup = frame(dns_question(7, "ucupdates-r2.contoso.com"), "10.0.0.9", (2000, 53))
    found = facts(asks, frame(said(DISCOVER, mac=OTHER), NOWHERE, (68, 67), OTHER), lookup, asks)
    assert [(seen.kind, seen.frame) for seen in found] == [("dhcp", 1), ("dhcp", 4), ("lookup", 3)]


def test_what_nobody_asked_for_is_there_at_the_end() -> None:
    tracker = PacketTracker(lambda seen: None, HostFilter())
    tracker.take_packet(SECOND, 1, 1, frame(said(DISCOVER, (60, b"MSFT 5.0")), NOWHERE, (68, 67)))
    assert [(seen.client, seen.vendor_class) for seen in tracker.held_dhcp()] == [("00:1a:2b:00:00:01", "MSFT 5.0")]


def test_a_message_of_which_all_is_asked_is_that_of_its_packet() -> None:
    held = HeldMessage(said(DISCOVER, (12, b"pc")), 5, 3, PACKED, 100)
    fact = held.as_dhcp()
    assert isinstance(fact, Dhcp)
    assert (fact.time, fact.frame, fact.source_address, fact.tag, fact.hostname) == (5, 3, ADDRESS, 100, "pc")


@pytest.mark.parametrize("interest", [HostFilter(everything=True), HostFilter(leased=True)])
def test_where_everybody_matters_nothing_is_held(interest: HostFilter) -> None:
    found: list[Observation] = []
    tracker = PacketTracker(found.append, interest)
    tracker.take_packet(SECOND, 1, 1, frame(said(DISCOVER), NOWHERE, (68, 67)))
    assert len(found) == 1
