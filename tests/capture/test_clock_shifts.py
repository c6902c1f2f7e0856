"""By how much two clocks differ: what pairs of questions and answers tell, and what raises the suspicion."""

from typing import Any

import pytest

from ucdiag.capture import clock_pairs
from ucdiag.capture.clock_pairs import ClockSuspicion, Sight, clock_shifts
from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.model.vocabulary import CAPTURE_SKEW

SECOND = 1_000_000
MAC, PHONE, SERVER = "02:00:00:00:00:01", "10.0.0.7", "10.0.0.20"


def pair(number: int, *kinds: tuple[str, float], protocol: Any = "dns") -> list[tuple[int, Sight]]:
    return [(round(time * SECOND), Sight(protocol, kind, (number,))) for kind, time in kinds]  # type: ignore[arg-type]


def asked(number: int, question: float, answer: float, protocol: Any = "dns") -> list[tuple[int, Sight]]:
    return pair(number, ("question", question), ("answer", answer), protocol=protocol)


def followed(number: int, answer: float, follows: float, protocol: Any = "dns") -> list[tuple[int, Sight]]:
    return pair(number, ("answer", answer), ("follows", follows), protocol=protocol)


LEAST = 0.001
CLOSE = 0.0001
SKEW = CAPTURE_SKEW / SECOND


@pytest.mark.parametrize(
    ("sights", "expected"),
    [
        ([], {}),
        (asked(1, 0, 0.1), {}),
        (pair(1, ("question", 5)), {}),
        (pair(1, ("answer", 5)), {}),
        # An answer before its question, by more than packets of one clock are out of order.
        (asked(1, 3, 0), {"dns": 3 + LEAST}),
        (asked(1, SKEW, 0), {"dns": SKEW}),
        (asked(1, SKEW + 0.00001, 0), {"dns": SKEW + 0.00001 + LEAST}),
        # The one that needs the most of those that agree.
        ([*asked(1, 3, 0), *asked(2, 13.5, 10)], {"dns": 3.5 + LEAST}),
        ([*asked(1, 3, 0), *asked(2, 13.2, 10), *asked(3, 60, 20)], {"dns": 3.2 + LEAST}),
        # Half of the pairs are enough.
        ([*asked(1, 3, 0), *asked(2, 10, 10.5)], {"dns": 3 + LEAST}),
        ([*asked(1, 3, 0), *asked(2, 10, 10.5), *asked(3, 20, 20.5)], {}),
        # What follows from an answer stands before it.
        (followed(1, 3, 0), {"dns": -3 - LEAST}),
        (followed(1, 3, 3), {}),
        (followed(1, SKEW, 0), {"dns": -SKEW}),
        ([*followed(1, 3, 0), *followed(2, 13.5, 10)], {"dns": -3.5 - LEAST}),
        ([*followed(1, 3, 0), *followed(2, 10, 10.5), *followed(3, 20, 20.5)], {}),
        # The first of several answers counts, but where the first was to a question before the capture.
        (pair(1, ("question", 3), ("answer", 0), ("answer", 9)), {}),
        (pair(1, ("question", 3), ("answer", 0), ("answer", 1)), {"dns": 3 + LEAST}),
        (pair(1, ("answer", 0), ("question", 3), ("answer", 3.1)), {}),
        # A mirror's turn, and the answer once more.
        (pair(1, ("answer", 0), ("question", 0.004), ("follows", 0.005), ("answer", 3)), {"dns": 0.004 + CLOSE}),
        # All packets of one side come a little early, or late: between what comes before and what follows.
        (asked(1, 0.004, 0), {"dns": 0.004 + CLOSE}),
        ([*asked(1, 0.004, 0), *asked(2, 10.003, 10)], {"dns": 0.004 + CLOSE}),
        (pair(1, ("answer", 0), ("question", 0.004), ("follows", 0.00402)), {"dns": 0.00401}),
        (followed(1, 0.004, 0), {"dns": -0.004 - CLOSE}),
        (pair(1, ("question", 0), ("answer", 0.004), ("follows", 0.00002)), {"dns": -0.00399}),
        # Some only are turned round, and no shift fits all.
        ([*asked(1, 0.004, 0), *asked(2, 10, 10.1), *asked(3, 20, 20.1)], {}),
        ([*followed(1, 0.004, 0), *followed(2, 10, 10.1), *followed(3, 20, 20.1)], {}),
        ([*asked(1, 0.004, 0), *followed(2, 10.002, 10)], {}),
        ([*asked(1, 0.004, 0), *asked(2, 13, 10), *asked(3, 20, 20.1)], {}),
        # What the first bytes tell counts for TCP alone.
        (
            [*pair(1, ("answer", 0), ("question", 0.004), ("follows", 0.00402), protocol="tcp"),
             *asked(2, 0.00401, 0, "bytes"), *asked(1, 0, 1)],
            {"tcp": 0.004015, "dhcp": 0.004015},
        ),
        (
            [*pair(1, ("answer", 0), ("question", 0.004), ("follows", 0.00402), protocol="tcp"),
             *followed(2, 0.1, 0.1039, "bytes")],
            {},
        ),
        (pair(1, ("question", 3), ("question", 9), ("answer", 0)), {"dns": 3 + LEAST}),
        # Another protocol's answers have the same clock where nothing speaks against it.
        ([*asked(1, 3, 0), *asked(1, 5, 5.1, "tcp")], {"dns": 3 + LEAST, "dhcp": 3 + LEAST}),
        ([*followed(1, 3, 0), *asked(1, 5, 9, "tcp")], {"dns": -3 - LEAST, "dhcp": -3 - LEAST, "tcp": -3 - LEAST}),
        ([*followed(1, 3, 0), *asked(1, 5, 7, "tcp")], {"dns": -3 - LEAST, "dhcp": -3 - LEAST}),
        ([*followed(1, 3, 0), *pair(1, ("question", 5), ("answer", 9), ("follows", 5.5), protocol="tcp")],
         {"dns": -3 - LEAST, "dhcp": -3 - LEAST, "tcp": -3.5 - LEAST}),
        ([*asked(1, 3, 0), *asked(1, 7, 0, "tcp")], {"dns": 3 + LEAST, "tcp": 7 + LEAST, "dhcp": 3 + LEAST}),
        # A small shift moves no answer of another protocol before its question.
        ([*followed(1, 0.006, 0), *asked(1, 5, 5.007, "tcp")],
         {"dns": -0.006 - CLOSE, "dhcp": -0.006 - CLOSE, "tcp": -0.006 - CLOSE}),
        ([*followed(1, 0.006, 0), *asked(1, 5, 5.006, "tcp")], {"dns": -0.006 - CLOSE, "dhcp": -0.006 - CLOSE}),
    ],
)  # fmt: skip
def test_the_shift_of_answers(sights: list[tuple[int, Sight]], expected: dict[str, float]) -> None:
    # A protocol of which nothing was seen goes with the others.
    whole = dict.fromkeys(("dhcp", "dns", "tcp"), expected["dns"]) if list(expected) == ["dns"] else expected
    assert clock_shifts(sights) == {protocol: pytest.approx(shift * SECOND, abs=1) for protocol, shift in whole.items()}


def dhcp(type: Any, at: float, **more: Any) -> Dhcp:
    more = {"client": MAC, "transaction": 7, **more}
    return Dhcp(time=int(at * SECOND), type=type, **more)


def lookup(
    at: float, rcode: str | None = "NOERROR", frame: int = 1, answer_frame: int | None = 1, **more: Any
) -> Lookup:
    more = {"name": "a", "client": PHONE, "client_port": 5, "server": SERVER, "type": "A", **more}
    return Lookup(time=int(at * SECOND), rcode=rcode, frame=frame, answer_frame=answer_frame, **more)


def connect(at: float, outcome: Any = "open", lacking: Any = None, **more: Any) -> Connect:
    more = {"client": PHONE, "client_port": 5, "server": SERVER, "port": 80, **more}
    return Connect(time=int(at * SECOND), outcome=outcome, lacking=lacking, **more)


def suspicion(*facts: Observation) -> tuple[bool, bool]:
    found = ClockSuspicion()
    for fact in facts:
        found.feed(fact)
    return found.is_raised, found.is_certain


UNASKED, UNANSWERED = lookup(0), lookup(3, None, answer_frame=None)
ACCEPTED, UNACCEPTED = connect(0, lacking="syn"), connect(3, "no_answer")


@pytest.mark.parametrize(
    "facts",
    [
        [dhcp("offer", 0), dhcp("discover", 3)],
        [dhcp("discover", 3), dhcp("offer", 0)],
        [dhcp("ack", 0), dhcp("request", 3)],
        [dhcp("request", 0, server=SERVER), dhcp("offer", 3, server=SERVER)],
        [UNASKED, UNANSWERED],
        [UNANSWERED, UNASKED],
        [lookup(0, name="A"), UNANSWERED],
        [ACCEPTED, UNACCEPTED],
        [UNACCEPTED, ACCEPTED],
        [ACCEPTED, connect(3, lacking="syn_ack")],
        [UNASKED, UNANSWERED, lookup(3.1)],
    ],
)
def test_an_answer_before_its_question(facts: list[Observation]) -> None:
    assert suspicion(*facts) == (True, True)


@pytest.mark.parametrize(
    "facts",
    [
        [],
        [dhcp("discover", 0), dhcp("offer", 3)],
        [dhcp("offer", 0), dhcp("discover", 0.04)],
        [dhcp("offer", 0), dhcp("request", 3)],
        [dhcp("nak", 0), dhcp("request", 3)],
        [dhcp("offer", 0, transaction=8), dhcp("discover", 3)],
        [dhcp("offer", 0, transaction=None), dhcp("discover", 3, transaction=None)],
        [dhcp("offer", 0, server=SERVER), dhcp("request", 3, server=SERVER)],
        # The late offer of another server than the one that was chosen.
        [dhcp("request", 0, server=SERVER), dhcp("offer", 3, server="10.0.0.21")],
        [lookup(0, frame=1, answer_frame=2), UNANSWERED],
        [lookup(0, name="b"), UNANSWERED],
        [lookup(0, type="AAAA"), UNANSWERED],
        [lookup(0, client_port=6), UNANSWERED],
        [lookup(0, server="10.0.0.9"), UNANSWERED],
        [connect(0), UNACCEPTED],
        [connect(0, lacking="syn", port=443), UNACCEPTED],
        [connect(0, lacking="syn", client_port=None), connect(3, "no_answer", client_port=None)],
        [ACCEPTED, connect(3)],
    ],
)
def test_what_raises_no_suspicion(facts: list[Observation]) -> None:
    assert suspicion(*facts) == (False, False)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ([connect(0, lacking="syn_ack")], True),
        ([connect(0, lacking="syn_ack"), connect(1, client_port=6)], False),
        ([connect(0, lacking="syn_ack"), connect(1, client_port=6, server="10.0.0.9")], True),
        ([connect(0, "refused", lacking="syn_ack")], False),
    ],
)
def test_a_server_that_is_not_heard_at_all_is_suspicious(facts: list[Observation], found: bool) -> None:
    assert suspicion(*facts) == (found, False)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_pairs, "_MOST", 2)
    offers = [dhcp("offer", 0, transaction=number) for number in range(3)]
    assert suspicion(*offers, dhcp("discover", 3, transaction=1)) == (True, True)
    assert suspicion(*offers, dhcp("discover", 3, transaction=0)) == (False, False)
