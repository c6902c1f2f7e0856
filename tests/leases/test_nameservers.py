"""The nameservers that this machine asks, out of its leases and its resolver's configuration."""

from typing import Any

import pytest

from ucdiag.leases import MOST_NAMESERVERS, dhcp_domain, nameservers
from ucdiag.model.observations import Lease


def lease(authority: str = "dhcp", *resolvers: str, interface: str | None = "eth0", chosen: bool = False) -> Lease:
    values: dict[str, Any] = {"authority": authority, "resolvers": resolvers, "chosen": chosen}
    return Lease(time=1, interface=interface, source="test", provenance="a test", **values)


LEASE = lease("dhcp", "192.0.2.1", chosen=True)
RESOLVER = lease("resolver", "192.0.2.2", interface=None)
STATIC = lease("static", "192.0.2.3")

CASES: list[tuple[str, list[Lease], tuple[str, ...]]] = [
    ("nothing", [], ()),
    ("lease alone", [LEASE], ("192.0.2.1",)),
    ("lease not in use", [lease("dhcp", "192.0.2.1")], ()),
    ("resolver before lease", [LEASE, RESOLVER], ("192.0.2.2",)),
    ("resolver without servers", [LEASE, lease("resolver", interface=None)], ("192.0.2.1",)),
    ("set by hand before resolver", [LEASE, RESOLVER, STATIC], ("192.0.2.3",)),
    ("set by hand without servers", [LEASE, lease("static")], ("192.0.2.1",)),
    ("set by hand elsewhere", [LEASE, lease("static", "192.0.2.3", interface="eth1")], ("192.0.2.1",)),
    ("set by hand and no lease", [lease("static", "192.0.2.3", interface="eth1")], ("192.0.2.3",)),
    ("the first resolver only", [RESOLVER, lease("resolver", "192.0.2.4")], ("192.0.2.2",)),
    ("useless ones of option 6", [lease("dhcp", "0.0.0.0", "127.0.0.1", "192.0.2.1", chosen=True)], ("192.0.2.1",)),
    ("a resolver on this machine", [lease("resolver", "127.0.0.1", interface=None)], ("127.0.0.1",)),
    ("set by hand on this machine", [lease("static", "127.0.0.1")], ("127.0.0.1",)),
]


@pytest.mark.parametrize(("leases", "servers"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_whom_this_machine_asks(leases: list[Lease], servers: tuple[str, ...]) -> None:
    assert nameservers(leases) == tuple((address, 53) for address in servers)


def test_no_more_than_the_most() -> None:
    many = [f"192.0.2.{number}" for number in range(1, 20)]
    assert nameservers([lease("dhcp", *many, chosen=True)]) == tuple((address, 53) for address in many[:6])
    assert MOST_NAMESERVERS == 6


def test_the_domain_is_the_chosen_leases() -> None:
    assert dhcp_domain([RESOLVER, LEASE]) is LEASE
    assert dhcp_domain([RESOLVER]) is None
