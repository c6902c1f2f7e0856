"""When a capture is looked at again for two clocks, and how much of it memory holds then."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wire.ladder import Ladder
from tests.wire.two_sides import asked, exchange, leased, shifted
from tests.wire.wired import write
from ucdiag.capture import clock_pairs
from ucdiag.capture.aligned_reader import AlignedFileReader
from ucdiag.capture.clock_pairs import ClockSuspicion
from ucdiag.capture.file_reader import CaptureFileReader
from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.wire.host_filter import HostFilter

SECOND = 1_000_000


def message(kind: str, client: str, seconds: float) -> Dhcp:
    return Dhcp(time=int(seconds * SECOND), type=kind, client=client, transaction="0000002a")  # type: ignore[arg-type]


@pytest.mark.parametrize(("client", "found"), [("02:00:00:00:00:01", True), ("02:00:00:00:00:02", False)])
def test_an_answer_before_its_question_is_one_of_the_same_client(client: str, found: bool) -> None:
    suspicion = ClockSuspicion()
    suspicion.feed(message("offer", "02:00:00:00:00:01", 1))
    suspicion.feed(message("discover", client, 2))
    assert suspicion.is_raised is found


def at(seconds: float, seen: Observation, **changes: Any) -> Observation:
    return replace(seen, time=round(seconds * SECOND), **changes)


PHONE, SERVER = "02:00:00:00:00:01", "10.0.0.1"
DISCOVER, OFFER, REQUEST, ACK = (message(kind, PHONE, 0) for kind in ("discover", "offer", "request", "ack"))
ASKED = Lookup(time=0, frame=1, client="10.0.0.7", client_port=5000, server=SERVER, name="a.b", type="A", rcode=None)
TOLD = replace(ASKED, rcode="NOERROR", answer_frame=1)  # without its question
SYN = Connect(time=0, client="10.0.0.7", client_port=5000, server=SERVER, port=80, outcome="no_answer")
SYN_ACK = replace(SYN, outcome="open", lacking="syn")


@pytest.mark.parametrize("swapped", [False, True], ids=["answer first", "question first"])
@pytest.mark.parametrize(
    ("answer", "question", "pairs"),
    [
        (OFFER, DISCOVER, True),
        (ACK, REQUEST, True),
        # The request that chooses is the answer to an offer.
        (replace(REQUEST, server=SERVER), replace(OFFER, server=SERVER), True),
        (replace(REQUEST, server=SERVER), replace(OFFER, server="10.0.0.2"), False),
        (REQUEST, OFFER, False),
        (OFFER, REQUEST, False),
        (ACK, DISCOVER, False),
        (OFFER, replace(DISCOVER, transaction="0000002b"), False),
        (replace(OFFER, transaction=None), replace(DISCOVER, transaction=None), False),
        (replace(OFFER, type="nak"), DISCOVER, False),
        (TOLD, ASKED, True),
        (TOLD, replace(ASKED, name="A.B"), True),
        (replace(TOLD, answer_frame=2), ASKED, False),
        *(
            (TOLD, replace(ASKED, **{name: other}), False)
            for name, other in {
                "client": "10.0.0.8",
                "client_port": 5001,
                "server": "10.0.0.2",
                "name": "a.c",
                "type": "SRV",
            }.items()
        ),
        (SYN_ACK, SYN, True),
        (SYN_ACK, replace(SYN, outcome="refused"), True),
        (SYN_ACK, replace(SYN, outcome="open", lacking="ack"), True),
        (SYN_ACK, replace(SYN, outcome="open"), False),
        (replace(SYN_ACK, client_port=None), replace(SYN, client_port=None), False),
        *(
            (SYN_ACK, replace(SYN, **{name: other}), False)
            for name, other in {"client": "10.0.0.8", "client_port": 5001, "server": "10.0.0.2", "port": 443}.items()
        ),
        (TOLD, SYN, False),
    ],
)
def test_what_is_an_answer_before_its_question(
    answer: Observation, question: Observation, pairs: bool, swapped: bool
) -> None:
    for seconds, found in ((1.050001, pairs), (1.05, False), (0.5, False)):
        facts = [at(1, answer), at(seconds, question)]
        suspicion = ClockSuspicion()
        for seen in reversed(facts) if swapped else facts:
            suspicion.feed(seen)
        assert (suspicion.is_certain, suspicion.is_raised) == (found, found)


@pytest.mark.parametrize(
    ("heard", "raised"),
    [
        ([("syn_ack", SERVER)], True),
        ([("syn_ack", SERVER), (None, SERVER)], False),
        ([(None, SERVER), ("syn_ack", SERVER)], False),
        ([("ack", SERVER), ("syn_ack", SERVER)], False),
        ([("syn_ack", SERVER), (None, "10.0.0.2")], True),
        ([(None, SERVER)], False),
        ([("ack", SERVER)], False),
    ],
)
def test_a_server_that_must_have_answered_and_is_heard_nowhere(heard: Sequence[tuple[Any, str]], raised: bool) -> None:
    suspicion = ClockSuspicion()
    for number, (lacking, server) in enumerate(heard):
        suspicion.feed(replace(SYN, outcome="open", lacking=lacking, server=server, client_port=5000 + number))
    assert (suspicion.is_certain, suspicion.is_raised) == (False, raised)


def test_the_first_of_several_questions_is_the_one_that_counts() -> None:
    suspicion = ClockSuspicion()
    for seen in (at(1, ASKED), at(3, ASKED), at(2, TOLD)):
        suspicion.feed(seen)
    assert not suspicion.is_raised


@pytest.mark.parametrize(
    ("others", "raised"),
    [
        ([(None, "10.0.1.0"), (None, "10.0.1.1")], True),
        ([(None, "10.0.1.0"), (None, "10.0.1.1"), (None, "10.0.1.2")], False),
        ([("syn_ack", "10.0.1.0"), (None, "10.0.1.0")], True),
        ([("syn_ack", "10.0.1.0"), (None, "10.0.1.0"), (None, "10.0.1.1")], False),
    ],
)
def test_of_so_many_servers_it_is_known_whether_they_are_heard(
    others: Sequence[tuple[Any, str]], raised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock_pairs, "_MOST", 3)
    suspicion = ClockSuspicion()
    for number, (lacking, server) in enumerate([*others, ("syn_ack", SERVER)]):
        suspicion.feed(replace(SYN, outcome="open", lacking=lacking, server=server, client_port=6000 + number))
    assert suspicion.is_raised is raised


def test_a_failure_is_no_word_of_the_server() -> None:
    suspicion = ClockSuspicion()
    for outcome, port in (("open", 80), ("no_answer", 443)):
        suspicion.feed(replace(SYN, outcome=outcome, lacking="syn_ack" if port == 80 else None, port=port))  # type: ignore[arg-type]
    assert suspicion.is_raised


@pytest.mark.parametrize(("others", "found"), [(2, True), (3, False)])
def test_the_oldest_answers_are_forgotten(others: int, found: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_pairs, "_MOST", 3)
    for first, second in ((TOLD, ASKED), (at(2, ASKED), TOLD)):
        suspicion = ClockSuspicion()
        suspicion.feed(first)
        for number in range(others):
            suspicion.feed(replace(first, client_port=6000 + number))  # type: ignore[call-arg]
        suspicion.feed(second if first is not TOLD else at(2, second))
        assert suspicion.is_certain is found


@pytest.mark.parametrize(("most_bytes", "ordered"), [(1_000_000, True), (2000, False)])
def test_what_memory_does_not_hold_is_not_put_in_order(most_bytes: int, ordered: bool, tmp_path: Path) -> None:
    file = tmp_path / "two.pcap"
    write(file, [(packet.time, packet.frame) for packet in shifted([*leased(), *asked()], -3)])
    interest = HostFilter()
    reader = AlignedFileReader(interest, most_bytes=most_bytes)
    assert reader.gather_packets([str(file)]) is ordered
    assert reader.too_large is not ordered


@pytest.mark.parametrize(
    ("port", "how", "outcomes"),
    [
        (80, {}, ["no_answer"]),
        (80, {"patience": 1e9}, ["unfinished"]),
        (8080, {}, []),
        (8080, {"ports": frozenset({8080})}, ["no_answer"]),
    ],
)
def test_what_is_put_in_order_is_read_as_it_was_before(
    port: int, how: dict[str, Any], outcomes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "two.pcap"
    unanswered = exchange(Ladder(port=port).asks())
    packets = [*shifted([*leased(), *asked()], -3), *unanswered, *asked(at=-8 * SECOND, ident=8, answers=False)]
    write(file, [(packet.time, packet.frame) for packet in packets])
    interest = HostFilter()
    list(CaptureFileReader(interest, **how).read([str(file)]))
    reader = AlignedFileReader(interest, **how)
    assert reader.gather_packets([str(file)])
    found = [fact for fact in reader.read([str(file)]) if isinstance(fact, Connect)]
    assert [connect.outcome for connect in found] == outcomes
