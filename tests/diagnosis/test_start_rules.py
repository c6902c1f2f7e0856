"""Which DHCP messages begin a start of the phone: each condition and each limit of time, one by one."""

from typing import Any

import pytest

from tests.diagnosis.story import LEGACY, MAC, NAME, PATH, PHONE, POOL, RESOLVER, SERVER, START
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.power_ons import power_ons
from ucdiag.model.observations import Connect, Dhcp, Http, Lookup, Observation, Tls

SECOND = 1_000_000
DAY = 86_400
OURS, SECOND_CLASS = {"vendor_class": "CPE-OCPhone"}, {"vendor_class": "MS-UC-Client"}


def at(seconds: float) -> int:
    return START + round(seconds * SECOND)


def message(type: Any, seconds: float, **more: Any) -> Dhcp:
    return Dhcp(time=at(seconds), type=type, **{"client": MAC, "server": None, **more})


def discover(seconds: float, **more: Any) -> Dhcp:
    return message("discover", seconds, **more)


def ack(seconds: float, lease: int | None = DAY, **more: Any) -> Dhcp:
    return message("ack", seconds, **{"server": SERVER, "address": PHONE, "lease_seconds": lease, **more})


def request(seconds: float, **more: Any) -> Dhcp:
    """For an address that the phone remembers."""
    return message("request", seconds, **{"address": PHONE, **more})


def asks(seconds: float, name: str = NAME) -> Lookup:
    return Lookup(time=at(seconds), client=PHONE, name=name, type="A", server=RESOLVER)


def posts(seconds: float, **more: Any) -> Http:
    more = {"method": "POST", "target": PATH, **more}
    return Http(time=at(seconds), client=PHONE, server=POOL, port=80, **more)


OTHER_TRAFFIC: list[Observation] = [
    Connect(time=at(1), client=PHONE, server=POOL, port=80, outcome="open"),
    Tls(time=at(1), client=PHONE, server=POOL, port=443, outcome="complete"),
    asks(1, "time.windows.com"),
    posts(1, target="/other"),
]
FIRST = [discover(0), ack(0.5)]
CHECK = asks(10)


@pytest.mark.parametrize(
    ("facts", "starts"),
    [
        (FIRST, [0]),
        ([], []),
        ([discover(0)], []),
        ([ack(0)], []),
        ([discover(0), message("offer", 0.1, address=PHONE, server=SERVER)], []),
        # An ACK of an INFORM has neither address nor lease.
        ([discover(0), ack(0.5, None, address=None)], []),
        ([discover(0), ack(0.5, None)], [0]),
        ([discover(0), ack(0.5, DAY, address=None)], [0]),
        # One whose answers were not captured went on from there.
        *[([discover(0), traffic], [0]) for traffic in OTHER_TRAFFIC],
        ([discover(2), OTHER_TRAFFIC[0]], []),
        ([discover(1), OTHER_TRAFFIC[0]], [1]),
        ([discover(0), discover(0.9), OTHER_TRAFFIC[0]], [0]),
        ([discover(0), OTHER_TRAFFIC[0], discover(100), asks(101)], [0, 100]),
        ([discover(0), discover(1), ack(2)], [0]),
        # Soon after the lease it is the same start: 20 seconds, or 60 where the phone did nothing with it.
        ([*FIRST, CHECK, discover(20.5), ack(21)], [0]),
        ([*FIRST, CHECK, discover(20.6), ack(21)], [0, 20.6]),
        ([*FIRST, discover(20.6), ack(21)], [0]),
        ([*FIRST, discover(60.5), ack(61)], [0]),
        ([*FIRST, discover(60.6), ack(61)], [0, 60.6]),
        # The lease ran out: within five seconds of its end, and no check followed.
        ([discover(0), ack(0, 100), asks(1), discover(95), ack(95.5)], [0]),
        ([discover(0), ack(0, 100), asks(1), discover(94.9), ack(95.5)], [0, 94.9]),
        ([discover(0), ack(0, 100), asks(1), discover(105), ack(105.5)], [0]),
        ([discover(0), ack(0, 100), asks(1), discover(105.1), ack(105.5)], [0, 105.1]),
        ([discover(0), ack(0, 100), asks(1), discover(100), ack(100.5), asks(101)], [0, 100]),
        ([discover(0), ack(0, 100), asks(1), discover(100), ack(100.5), asks(199.9)], [0, 100]),
        ([discover(0), ack(0, 100), asks(1), discover(100), ack(100.5), asks(200)], [0]),
        ([discover(0), ack(0, 100), asks(1), discover(100), ack(100.5), posts(101)], [0, 100]),
        ([discover(0), ack(0, 100), asks(1), discover(100), ack(100.5), posts(101, target="/x")], [0]),
        ([discover(0), ack(0, 0), asks(1), discover(100), ack(100.5)], [0, 100]),
        # Released a moment ago.
        ([*FIRST, CHECK, message("release", 100), discover(120), ack(121)], [0]),
        ([*FIRST, CHECK, message("release", 100), discover(120.1), ack(121)], [0, 120.1]),
        # The move to the voice VLAN, within two minutes, from no VLAN.
        ([*FIRST, CHECK, discover(120.5, tag=100), ack(121, tag=100)], [0]),
        ([*FIRST, CHECK, discover(120.6, tag=100), ack(121, tag=100)], [0, 120.6]),
        ([*FIRST, CHECK, discover(100), ack(101)], [0, 100]),
        ([discover(0, tag=5), ack(0.5, tag=5), CHECK, discover(100, tag=100), ack(101)], [0, 100]),
        # Whoever lost its lease asks for another one.
        ([*FIRST, CHECK, message("nak", 90), discover(100), ack(101)], [0]),
        ([*FIRST, CHECK, message("decline", 90), discover(100), ack(101)], [0]),
        ([*FIRST, CHECK, request(90, client_address=PHONE, address=None), discover(100), ack(101)], [0]),
        ([*FIRST, CHECK, request(90, client_address=PHONE), ack(91), discover(200), ack(201)], [0, 200]),
        ([*FIRST, CHECK, message("nak", 90), discover(100), ack(101), asks(102), discover(200), ack(201)], [0, 200]),
        # The second class, where there is another.
        ([discover(0, **OURS), ack(1), CHECK, discover(100, **SECOND_CLASS), ack(101)], [0]),
        ([discover(0, **SECOND_CLASS), ack(1), CHECK, discover(100, vendor_class="ms-uc-client"), ack(101)], [0, 100]),
        ([discover(0), ack(1), CHECK, discover(100, vendor_class="ms-uc-client"), ack(101)], [0, 100]),
        ([discover(0, **OURS), ack(1), CHECK, discover(100, vendor_class="cpe-ocphone"), ack(101)], [0, 100]),
        # A remembered address: a start where the phone checks after it, and not too soon.
        ([request(0), ack(0.5), CHECK], [0]),
        ([request(0), ack(0.5), posts(3)], [0]),
        ([request(0), ack(0.5)], []),
        ([request(0), ack(0.5), asks(3, "time.windows.com")], []),
        ([request(0), ack(0.5), asks(3, LEGACY)], [0]),
        ([request(0), CHECK], [0]),
        ([request(0, server=SERVER), ack(0.5), CHECK], []),
        ([request(0, address=None), ack(0.5), CHECK], []),
        ([*FIRST, CHECK, request(20.6), ack(21), asks(22)], [0, 20.6]),
        ([*FIRST, CHECK, request(20.5), ack(21), asks(22)], [0]),
        ([*FIRST, CHECK, message("nak", 90), request(100), ack(101), asks(102)], [0]),
        ([request(0), ack(1), discover(100), ack(101), asks(102)], [100]),
        ([request(0), ack(1), asks(2), request(100), ack(101), asks(102)], [0, 100]),
        ([request(0), ack(1), request(100), ack(101), asks(102)], [100]),
    ],
)  # fmt: skip
def test_the_starts(facts: list[Observation], starts: list[float]) -> None:
    history = ObservationLog()
    for seen in facts:
        history.add(seen)
    assert [(start.time - START) / SECOND for start in power_ons(history)] == starts
