"""Which lease is the one in use: the order, every objection, and the reason that each of the others has."""

from typing import Any

import pytest

from ucdiag.leases.selection import ENDLESS, Interface, lease_expiry, rank_leases
from ucdiag.model.observations import Lease

NOW = 1_800_000_000_000_000
SECOND = 1_000_000


def lease(interface: str | None = "eth0", authority: str = "dhcp", **values: Any) -> Lease:
    return Lease(
        time=NOW,
        interface=interface,
        source=values.pop("source", "dhclient"),
        provenance="a lease",
        authority=authority,
        **values,
    )


def ethernet(name: str = "eth0", **values: Any) -> Interface:
    return Interface(name=name, **{"connected": True, **values})


def chosen(leases: list[Lease], interfaces: list[Interface], **how: Any) -> list[tuple[str | None, bool, str | None]]:
    return [(one.interface, one.chosen, one.reason) for one in rank_leases(leases, interfaces, NOW, **how)]


OBJECTIONS: list[tuple[str, Lease, Interface, str | None]] = [
    ("fine", lease(), ethernet(), None),
    ("gone", lease("eth9"), ethernet(), "there is no interface eth9 now"),
    ("vpn", lease(), ethernet(kind="vpn", metric=0), "eth0 is a VPN's interface"),
    ("loopback", lease(), ethernet(kind="loopback"), "eth0 is the loopback interface"),
    ("disconnected", lease(), ethernet(connected=False), "eth0 is not connected"),
    ("state unknown", lease(), ethernet(connected=None), None),
    ("virtual", lease(), ethernet(kind="virtual"), "eth0 is a virtual interface without the default route"),
    ("virtual, routed", lease(), ethernet(kind="virtual", metric=0), None),
    ("expires now", lease(expires=NOW), ethernet(), "it expired 0 seconds ago"),
    ("expires next", lease(expires=NOW + 1), ethernet(), None),
    ("address in use", lease(address="192.0.2.7"), ethernet(), None),
    ("address not in use", lease(address="192.0.2.8"), ethernet(), "its address 192.0.2.8 is not in use now"),
    ("address unknown", lease(address=None), ethernet(), None),
    ("static", lease(authority="static", reason="set by hand"), ethernet(), "set by hand"),
    ("static, no reason", lease(authority="static"), ethernet(), "this is not what DHCP gave"),
    ("directory", lease(authority="directory"), ethernet(), "this is not what DHCP gave"),
    ("resolver", lease(None, "resolver"), ethernet(), None),
    ("resolver of an interface", lease("eth0", "resolver"), ethernet(connected=False), "eth0 is not connected"),
]


@pytest.mark.parametrize(
    ("candidate", "interface", "objection"), [row[1:] for row in OBJECTIONS], ids=[row[0] for row in OBJECTIONS]
)
def test_an_objection_has_its_reason(candidate: Lease, interface: Interface, objection: str | None) -> None:
    [(_, is_chosen, reason)] = chosen([candidate], [interface], in_use=frozenset({"192.0.2.7"}))
    assert is_chosen is (objection is None)
    if objection is not None:
        assert reason == objection


def test_addresses_that_are_not_known_are_no_objection() -> None:
    assert chosen([lease(address="192.0.2.8")], [ethernet()], in_use=None)[0][1]


def test_interfaces_that_are_not_known_are_no_objection() -> None:
    assert chosen([lease("eth9")], [])[0][1]


ASKED_FOR: list[tuple[str, Interface, str | None]] = [
    ("vpn", ethernet(kind="vpn"), None),
    ("virtual", ethernet(kind="virtual"), None),
    ("loopback", ethernet(kind="loopback"), "eth0 is the loopback interface"),
    ("disconnected", ethernet(connected=False), "eth0 is not connected"),
]


@pytest.mark.parametrize(("interface", "objection"), [row[1:] for row in ASKED_FOR], ids=[row[0] for row in ASKED_FOR])
def test_the_interface_that_was_asked_for(interface: Interface, objection: str | None) -> None:
    [(_, is_chosen, reason)] = chosen([lease()], [interface], only="eth0")
    assert (is_chosen, reason if objection else None) == (objection is None, objection)


def test_another_interface_than_the_one_asked_for() -> None:
    found = chosen([lease("eth0"), lease("eth1")], [ethernet("eth0", metric=1), ethernet("eth1")], only="eth1")
    assert found[0][:2] == ("eth1", True)
    assert found[1] == ("eth0", False, "it is not of eth1, which was asked for")


DURATIONS = [
    (1, "1 second"),
    (2, "2 seconds"),
    (59, "59 seconds"),
    (60, "1 minute"),
    (119, "1 minute"),
    (120, "2 minutes"),
    (3599, "59 minutes"),
    (3600, "1 hour"),
    (7200, "2 hours"),
    (86_399, "23 hours"),
    (86_400, "1 day"),
    (172_800, "2 days"),
]


@pytest.mark.parametrize(("seconds", "text"), DURATIONS)
def test_how_long_ago_it_expired(seconds: int, text: str) -> None:
    [(_, _, reason)] = chosen([lease(expires=NOW - seconds * SECOND)], [ethernet()])
    assert reason == f"it expired {text} ago"


def test_the_lower_metric_first() -> None:
    found = chosen([lease("eth0"), lease("eth1")], [ethernet("eth0", metric=200), ethernet("eth1", metric=100)])
    assert found == [
        ("eth1", True, "the default route goes through eth1"),
        ("eth0", False, "the default route goes through eth1"),
    ]


def test_a_default_route_of_metric_0_before_none() -> None:
    found = chosen([lease("eth0"), lease("eth1")], [ethernet("eth0"), ethernet("eth1", metric=0)])
    assert [name for name, *_ in found] == ["eth1", "eth0"]


def test_without_a_default_route_the_first() -> None:
    found = chosen([lease("eth0"), lease("eth1")], [ethernet("eth0"), ethernet("eth1")])
    assert found == [("eth0", True, None), ("eth1", False, "eth0 comes first")]


def test_the_default_route_goes_where_no_lease_is() -> None:
    interfaces = [ethernet("eth0"), ethernet("eth1", metric=300), ethernet("eth2", metric=20)]
    [(_, is_chosen, reason)] = chosen([lease("eth0")], interfaces)
    assert (is_chosen, reason) == (True, "no lease was found for eth2, through which the default route goes")


def test_of_default_routes_that_of_metric_0_is_the_one_named() -> None:
    interfaces = [ethernet("eth0"), ethernet("eth1", metric=1), ethernet("eth2", metric=0)]
    [(_, _, reason)] = chosen([lease("eth0")], interfaces)
    assert reason == "no lease was found for eth2, through which the default route goes"


@pytest.mark.parametrize(
    ("candidate", "interface", "remark"),
    [
        (lease(None, "resolver"), ethernet(metric=5), "no DHCP lease in use was found"),
        (lease("eth0", "resolver"), ethernet(metric=5), "the default route goes through eth0"),
        (lease("eth0", "resolver"), ethernet(), "no DHCP lease in use was found"),
        (lease("eth0", "resolver"), ethernet("eth1"), "no DHCP lease in use was found"),
        (lease(None), ethernet(metric=5), None),
        (
            lease("eth0"),
            ethernet("eth1", metric=5),
            "no lease was found for eth1, through which the default route goes",
        ),
    ],
)
def test_what_is_said_of_the_one_that_was_chosen(candidate: Lease, interface: Interface, remark: str | None) -> None:
    """Another interface is known only where nothing is said of the lease's own: one that is gone is never chosen."""
    interfaces = [interface] if interface.name == "eth0" else [interface, ethernet("eth0")]
    assert chosen([candidate], interfaces) == [(candidate.interface, True, remark)]


def test_its_own_reason_stands_before_the_remark() -> None:
    [(_, _, reason)] = chosen([lease(reason="it is odd")], [ethernet(metric=0)])
    assert reason == "it is odd; the default route goes through eth0"


def test_a_lease_before_the_resolver() -> None:
    found = chosen([lease(None, "resolver"), lease("eth0")], [ethernet()])
    assert found == [
        ("eth0", True, None),
        (None, False, "the lease itself says more than the resolver's configuration"),
    ]


def test_the_resolver_where_no_lease_is_in_use() -> None:
    found = chosen([lease(None, "resolver"), lease("eth0")], [ethernet(connected=False)])
    assert found == [(None, True, "no DHCP lease in use was found"), ("eth0", False, "eth0 is not connected")]


def test_of_one_interface_the_newer_lease() -> None:
    old, new = lease(source="dhcpcd", obtained=NOW - 2), lease(source="NetworkManager", obtained=NOW - 1)
    found = rank_leases([old, new], [ethernet()], NOW)
    assert [(one.source, one.chosen) for one in found] == [("NetworkManager", True), ("dhcpcd", False)]
    assert found[1].reason == "the lease by NetworkManager is newer"


def test_of_one_interface_the_lease_that_has_an_address() -> None:
    bare, full = lease(source="hook", obtained=NOW), lease(source="dhcpcd", obtained=NOW - 1, address="192.0.2.7")
    found = rank_leases([bare, full], [ethernet()], NOW)
    assert [one.source for one in found] == ["dhcpcd", "hook"]
    assert found[1].reason == "dhcpcd says more"


def test_a_lease_of_no_known_age_is_not_called_older_than_one_of_none() -> None:
    found = rank_leases([lease(source="one"), lease(source="two")], [ethernet()], NOW)
    assert [one.source for one in found] == ["one", "two"]
    assert found[1].reason == "one says more"


WHY_NOT = [
    (lease(None, obtained=NOW - 2), lease(obtained=NOW - 1, source="b"), "the lease by b is newer"),
    (lease(obtained=NOW - 2), lease(None, obtained=NOW - 1, source="b"), "the lease by b is newer"),
    (lease(None, obtained=NOW - 2), lease(None, obtained=NOW - 1, source="b"), "the lease by b is newer"),
    (lease(None, obtained=NOW), lease(None, obtained=NOW, source="b", address="192.0.2.7"), "b says more"),
    (lease("eth1", address="192.0.2.7"), lease(source="b"), "the default route goes through eth0"),
]


@pytest.mark.parametrize(("other", "first", "why"), WHY_NOT)
def test_why_another_lease_is_not_the_first(other: Lease, first: Lease, why: str) -> None:
    _, second = rank_leases([other, first], [ethernet(metric=0), ethernet("eth1")], NOW)
    assert (second.source, second.chosen, second.reason) == ("dhclient", False, why)


def test_static_and_directory_come_last() -> None:
    all_of_them = [lease(None, "directory"), lease("eth0", "static"), lease(None, "resolver"), lease("eth0")]
    found = rank_leases(all_of_them, [ethernet()], NOW)
    assert [one.authority for one in found] == ["dhcp", "resolver", "static", "directory"]
    assert [one.chosen for one in found] == [True, False, False, False]


@pytest.mark.parametrize(
    ("obtained", "seconds", "end"),
    [
        (NOW, 10, NOW + 10 * SECOND),
        (NOW, 0, NOW),
        (None, 10, None),
        (NOW, None, None),
        (NOW, ENDLESS, None),
        (NOW, ENDLESS - 1, NOW + (ENDLESS - 1) * SECOND),
    ],
)
def test_when_a_lease_ends(obtained: int | None, seconds: int | None, end: int | None) -> None:
    assert lease_expiry(obtained, seconds) == end
