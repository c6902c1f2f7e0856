"""What this machine knows of the network: the domain and where it comes from, whom to ask, and unused routes."""

from typing import Any

import pytest

import ucdiag.leases
from ucdiag.model.fast_dataclass import replace
from ucdiag.model.observations import Lease, lease_in_use
from ucdiag.model.report import Problem
from ucdiag.probe.local_network import find_local_network, unused_routes
from ucdiag.runtime.context import Context

NOTE = Problem(code="lease-unreadable", text="a file cannot be read")


def lease(domain: str | None, authority: str = "dhcp", chosen: bool = True) -> Lease:
    values: dict[str, Any] = {"authority": authority, "chosen": chosen}
    return Lease(time=1, source="test", provenance="option 15", domain=domain, resolvers=("192.0.2.1",), **values)


@pytest.fixture
def leases(monkeypatch: pytest.MonkeyPatch) -> list[Lease]:
    found: list[Lease] = []
    monkeypatch.setattr(ucdiag.leases, "machine_leases", lambda ctx, interface=None: (found, [NOTE]))
    return found


DOMAINS: list[tuple[str, Lease | None, str | None, tuple[str | None, str | None]]] = [
    ("the user's", lease("lease.test"), "user.test", ("user.test", "--domain")),
    ("the lease's", lease("Lease.test."), None, ("lease.test", "option 15")),
    ("the resolver's", lease("search.test", "resolver"), None, ("search.test", "option 15")),
    ("an unusable one", lease("a.test b.test"), None, (None, None)),
    ("none", lease(None), None, (None, None)),
    ("an empty one", lease(""), None, (None, None)),
    ("a lease not in use", lease("lease.test", chosen=False), None, (None, None)),
    ("no lease", None, None, (None, None)),
]


@pytest.mark.parametrize(("one", "given", "known"), [row[1:] for row in DOMAINS], ids=[row[0] for row in DOMAINS])
def test_the_domain_and_where_it_comes_from(
    leases: list[Lease], one: Lease | None, given: str | None, known: tuple[str | None, str | None]
) -> None:
    leases.extend([one] if one is not None else [])
    network = find_local_network(Context(), given)
    assert (network.domain, network.domain_from) == known


def test_the_machines_nameservers(leases: list[Lease]) -> None:
    leases.append(lease("lease.test"))
    network = find_local_network(Context(), None)
    assert (network.context.nameservers, network.nameservers_given) == ((("192.0.2.1", 53),), False)


def test_the_users_nameservers(leases: list[Lease]) -> None:
    leases.append(lease("lease.test"))
    network = find_local_network(Context(nameservers=(("192.0.2.9", 5353),)), None)
    assert (network.context.nameservers, network.nameservers_given) == ((("192.0.2.9", 5353),), True)


@pytest.mark.parametrize(
    ("named", "own"),
    [
        (("127.0.0.53",), {"127.0.0.53"}),
        (("127.0.1.1", "192.0.2.1"), {"127.0.1.1"}),
        (("::1", "no address"), {"::1"}),
        (("192.0.2.1",), set()),
    ],
)
def test_the_resolvers_that_run_on_the_machine(leases: list[Lease], named: tuple[str, ...], own: set[str]) -> None:
    leases.append(replace(lease("search.test", "resolver"), resolvers=named))
    assert find_local_network(Context(), None).context.own_resolvers == own
    assert not find_local_network(Context(nameservers=(("127.0.0.53", 53),)), None).context.own_resolvers


@pytest.mark.parametrize(("given", "problems"), [(None, [NOTE]), ("user.test", [])])
def test_what_could_not_be_read_matters_where_no_domain_was_given(
    leases: list[Lease], given: str | None, problems: list[Problem]
) -> None:
    leases.append(lease("lease.test"))
    assert list(find_local_network(Context(), given).observations()) == [*leases, *problems]


@pytest.mark.parametrize(
    ("one", "in_use"),
    [(lease("a.test"), True), (lease("a.test", chosen=False), False), (lease("a.test", "resolver"), False)],
    ids=["lease", "not in use", "resolver"],
)
def test_the_lease_in_use(leases: list[Lease], one: Lease, in_use: bool) -> None:
    leases.append(one)
    assert lease_in_use(find_local_network(Context(), None).leases) is (one if in_use else None)


def routes(count: int) -> list[str]:
    context = Context(connect_to={(f"h{number}", 80): ("192.0.2.1", 81) for number in range(count)}, followed=set())
    return [problem.text for problem in unused_routes(context)]


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "h0 port 80"),
        (2, "h0 port 80 and h1 port 80"),
        (5, "h0 port 80, h1 port 80, h2 port 80, h3 port 80 and h4 port 80"),
        (6, "h0 port 80, h1 port 80, h2 port 80, h3 port 80, h4 port 80 and 1 more"),
    ],
)
def test_routes_that_no_connection_used(count: int, shown: str) -> None:
    [text] = routes(count)
    assert text.startswith(f"--connect-to was never used for {shown}, because ")


def test_no_routes_no_word() -> None:
    assert routes(0) == []


def test_a_route_that_was_used_is_not_named() -> None:
    context = Context(connect_to={("192.0.2.5", 80): ("192.0.2.1", 81)}, followed=set())
    context.route("192.0.2.5", 80)
    assert list(unused_routes(context)) == []
