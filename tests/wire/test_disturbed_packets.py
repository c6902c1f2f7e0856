"""What is read of packets of DNS, DHCP, ARP and ICMP, as they are and disturbed, is what is recorded."""

import pytest

from tests.wire.disturbed_packets import CASES, recorded

RECORDED = recorded()


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_of_packets_is_what_is_recorded(name: str) -> None:
    assert CASES[name]() == RECORDED.get(name), "meant? then: python -m tests.wire.disturbed_packets"


def test_nothing_is_recorded_of_what_is_gone() -> None:
    assert list(RECORDED) == list(CASES)
