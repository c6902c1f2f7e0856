"""All that a machine says of its leases: which system is read, and which problems matter beside the lease in use."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.leases.machine import REAL, Machine
from tests.leases.registry import FakeRegistry
from ucdiag.leases import machine_leases, windows
from ucdiag.runtime.context import Context

LEASE = """lease {
  interface "eth0";
  fixed-address 10.77.0.7;
  option domain-name "contoso.com";
  expire never;
}
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.interface("eth0", 2, metric=100, address="10.77.0.7")
    return made


def refuse(machine: Machine) -> None:
    """A lease that cannot be read, whoever runs the test: its link leads to itself."""
    folder = machine.root / "var/lib/dhclient"
    folder.mkdir(parents=True)
    (folder / "dhclient.leases").symlink_to("dhclient.leases")


def codes(machine: Machine) -> list[str]:
    return [problem.code for problem in machine.read()[1]]


def test_what_cannot_be_read_is_no_problem_once_the_lease_was_found(machine: Machine) -> None:
    refuse(machine)
    assert codes(machine) == ["lease-unreadable"]
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE)
    assert codes(machine) == []


def test_what_is_broken_stays_a_problem(machine: Machine) -> None:
    refuse(machine)
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE)
    machine.put("/var/lib/dhcpcd/eth1.lease", b"short")
    assert codes(machine) == ["lease-malformed"]


def test_a_resolver_is_no_lease(machine: Machine) -> None:
    refuse(machine)
    machine.put("/etc/resolv.conf", "search contoso.com\nnameserver 10.77.0.2\n")
    assert machine.chosen().authority == "resolver"
    assert codes(machine) == ["lease-unreadable"]


def test_what_dhcpcds_hook_keeps_is_not_the_lease(machine: Machine) -> None:
    """Root would read the lease itself, and may be told something else."""
    refuse(machine)
    machine.put("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp", "domain contoso.com\n")
    assert machine.chosen().source == "dhcpcd"
    assert codes(machine) == ["lease-unreadable"]


def test_what_dhcpcd_keeps_for_root_is_the_lease(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    refuse(machine)
    machine.put("/var/lib/dhcpcd/eth0.lease", (REAL / "dhcpcd-eth0.lease").read_bytes())
    assert machine.chosen().source == "dhcpcd"
    assert codes(machine) == []


def test_what_another_client_keeps_without_its_server_is_the_lease(machine: Machine) -> None:
    refuse(machine)
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE)
    assert machine.chosen().server is None
    assert codes(machine) == []


def test_a_lease_that_is_not_in_use_leaves_the_problem(machine: Machine) -> None:
    refuse(machine)
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE.replace("expire never", "expire epoch 1"))
    assert [lease.chosen for lease in machine.read()[0]] == [False]
    assert codes(machine) == ["lease-unreadable"]


def test_each_system_has_its_reader(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE)
    asked: list[str] = []

    def run(argv: Sequence[str]) -> None:
        asked.append(argv[0])

    def sources(platform: str | None) -> list[str]:
        asked.clear()
        context = Context(now=lambda: machine.now)
        found, _ = machine_leases(context, root=machine.root, runner=run, platform=platform)
        return [lease.source for lease in found]

    assert sources("linux") == ["ISC dhclient"]
    assert asked == []
    assert sources("freebsd14") == ["ISC dhclient"]
    assert sources("darwin") == []
    assert {name.rpartition("/")[2] for name in asked} == {"ifconfig", "route", "scutil"}
    assert sources("win32") == []
    assert asked == []
    assert sources(None) == (["ISC dhclient"] if sys.platform not in ("win32", "darwin") else [])
    monkeypatch.setattr(sys, "platform", "darwin")
    assert sources(None) == []
    assert asked


def test_the_lease_of_one_interface_alone(machine: Machine) -> None:
    machine.interface("eth1", 3)
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE + LEASE.replace("eth0", "eth1").replace("contoso", "fabrikam"))
    context = Context(now=lambda: machine.now)
    found, _ = machine_leases(context, interface="eth1", root=machine.root, runner=machine.run, platform="linux")
    assert [(lease.domain, lease.chosen) for lease in found] == [("fabrikam.com", True), ("contoso.com", False)]


def test_the_lease_of_one_interface_alone_of_windows(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = FakeRegistry()
    for number, name in ((1, "Ethernet"), (2, "Ethernet 2")):
        values = {"EnableDHCP": 1, "DhcpIPAddress": f"10.77.0.{number}", "DhcpDomain": f"site{number}.example"}
        registry.adapter(f"{{{number}}}", name, "Intel(R) Ethernet", r"PCI\VEN_8086", **values)
    network = windows.Network(lambda: "10.77.0.1", lambda: frozenset({"10.77.0.1", "10.77.0.2"}))
    monkeypatch.setattr(windows, "SystemRegistry", lambda: registry)
    monkeypatch.setattr(windows, "Network", lambda: network)

    def chosen(interface: str | None) -> list[str | None]:
        found, problems = machine_leases(interface=interface, root=machine.root, platform="win32")
        assert problems == []
        return [lease.domain for lease in found if lease.chosen]

    assert chosen(None) == ["site1.example"]
    assert chosen("Ethernet 2") == ["site2.example"]
