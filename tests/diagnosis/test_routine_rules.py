"""Which facts of a phone are routine: how many of each kind stay, and what never goes."""

from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, MAC, NAME, PATH, PHONE, POOL, RESOLVER
from ucdiag.diagnosis.routine_facts import without_routine
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls, UpdateAnswer

ELSEWHERE = "10.0.0.30"
LATEST, RENEWALS = 4, 8


def lookup(at: int, name: str = "time.contoso.com", **more: Any) -> Lookup:
    return Lookup(time=at, name=name, server=RESOLVER, client=PHONE, **{"type": "A", **more})


def connect(at: int, server: str = ELSEWHERE, **more: Any) -> Connect:
    return Connect(time=at, server=server, client=PHONE, **{"port": 443, "outcome": "open", **more})


def tls(at: int, server: str = ELSEWHERE, **more: Any) -> Tls:
    return Tls(time=at, server=server, client=PHONE, **{"port": 443, "outcome": "complete", **more})


def http(at: int, server: str = ELSEWHERE, **more: Any) -> Http:
    return Http(
        time=at, server=server, port=80, client=PHONE, **{"method": "GET", "target": "/x", "status": 200, **more}
    )


ROUTINE = [lookup, connect, tls, http]


@pytest.mark.parametrize("make", ROUTINE)
def test_of_what_repeats_the_latest_stay_in_their_order(make: Any) -> None:
    facts = [make(at) for at in range(LATEST + 3)]
    assert without_routine(facts) == facts[3:]
    assert without_routine(facts[3:]) == facts[3:]
    # Others in between are counted by themselves.
    mixed = [fact for at, fact in enumerate(facts) for fact in (fact, lookup(at, "other.contoso.com", rcode="REFUSED"))]
    assert [fact.time for fact in without_routine(mixed) if fact in facts] == [fact.time for fact in facts[3:]]


@pytest.mark.parametrize(
    ("make", "more"),
    [
        (lookup, {"name": "b"}),
        (lookup, {"type": "AAAA"}),
        (lookup, {"rcode": "NXDOMAIN"}),
        (lookup, {"addresses": ("10.0.0.1",)}),
        (connect, {"server": "10.0.0.31"}),
        (connect, {"port": 80}),
        (connect, {"outcome": "refused"}),
        (tls, {"server": "10.0.0.31"}),
        (tls, {"port": 80}),
        (tls, {"outcome": "alert"}),
        (http, {"method": "HEAD"}),
        (http, {"target": "/y"}),
        (http, {"server": "10.0.0.31"}),
        (http, {"status": 404}),
        (http, {"complete": True}),
    ],
)
def test_what_differs_is_something_else(make: Any, more: dict[str, Any]) -> None:
    facts = [make(0, **more), *(make(at) for at in range(1, LATEST + 1))]
    assert without_routine(facts) == facts


@pytest.mark.parametrize(
    "server",
    [
        http(0, POOL, method="POST", target=PATH),
        http(0, POOL, method=None, target=None),
        lookup(0, NAME, addresses=(POOL,)),
        lookup(0, LEGACY, addresses=("10.0.0.99", POOL)),
    ],
)
@pytest.mark.parametrize("make", [connect, tls, http])
def test_what_may_belong_to_a_check_stays(make: Any, server: Observation) -> None:
    facts = [server, *(make(at, POOL) for at in range(1, LATEST + 4))]
    assert without_routine(facts) == facts


def test_another_request_makes_no_update_server() -> None:
    facts = [http(0, POOL, method="POST", target="/x"), *(connect(at, POOL) for at in range(1, LATEST + 4))]
    assert len(without_routine(facts)) == LATEST + 1


@pytest.mark.parametrize(
    "fact",
    [lookup(0, NAME), lookup(0, LEGACY), UpdateAnswer(time=0, server=ELSEWHERE, port=80, form="offered")],
)
def test_what_is_of_the_update_stays(fact: Observation) -> None:
    assert without_routine([fact] * (LATEST + 3)) == [fact] * (LATEST + 3)


def exchange(number: int, *kinds: str, address: str | None = PHONE) -> list[Dhcp]:
    return [
        Dhcp(
            time=number * 10 + at,
            type=kind,  # type: ignore[arg-type]
            client=MAC,
            transaction=number,
            client_address=address if kind == "request" else None,
        )
        for at, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize(
    ("kinds", "address", "goes"),
    [
        (("request", "ack"), PHONE, True),
        (("inform", "ack"), PHONE, True),
        (("request", "request", "ack"), PHONE, True),
        (("request",), PHONE, False),
        (("request", "nak"), PHONE, False),
        (("request", "ack"), None, False),
        (("discover", "offer", "request", "ack"), PHONE, False),
    ],
)
def test_of_answered_renewals_the_latest_stay(kinds: tuple[str, ...], address: str | None, goes: bool) -> None:
    exchanges = [exchange(number, *kinds, address=address) for number in range(RENEWALS + 2)]
    facts = [message for messages in exchanges for message in messages]
    left = [message for messages in exchanges[2 if goes else 0 :] for message in messages]
    assert without_routine(facts) == left


def test_messages_without_a_transaction_stay() -> None:
    facts = [Dhcp(time=at, type="inform", client=MAC) for at in range(RENEWALS + 5)]
    assert without_routine(facts) == facts
