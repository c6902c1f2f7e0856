"""Linux: what kind an interface is, whether it is connected, its default route, and the machine's addresses."""

from pathlib import Path

import pytest

from tests.leases.machine import Machine
from ucdiag.leases.linux import read_addresses, read_interfaces
from ucdiag.leases.selection import Interface
from ucdiag.leases.system_files import SystemFiles


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def only(machine: Machine) -> Interface:
    (interface,) = read_interfaces(SystemFiles(machine.root))
    return interface


KINDS = {
    "ethernet": ["eth0", "enp3s0", "wlan0", "eno1", "usb0", "bond0"],
    "virtual": [
        *("docker0", "br-12ab", "virbr0", "vmnet8", "vboxnet0", "lxcbr0", "lxdbr0", "incusbr0", "cni0", "flannel.1"),
        *("cali123", "veth12", "dummy0", "podman0", "vnet3", "ifb0", "kube-ipvs0", "nerdctl0"),
    ],
    "vpn": [
        *("tun0", "tap0", "wg0", "ppp0", "utun3", "ipsec0", "vpn0", "gpd0", "cscotun0", "tailscale0", "zt7nnig"),
        *("nordlynx", "proton0", "fortisslvpn0"),
    ],
    "loopback": ["lo"],
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in KINDS.items() for name in names])
def test_the_kind_by_the_name(machine: Machine, kind: str, name: str) -> None:
    machine.interface(name, 3)
    assert only(machine).kind == kind


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        ("wireguard", "vpn"),
        ("ppp", "vpn"),
        ("bridge", "virtual"),
        ("vxlan", "virtual"),
        ("geneve", "virtual"),
        ("wlan", "ethernet"),
        ("vlan", "ethernet"),
        ("", "ethernet"),
    ],
)
def test_the_kind_by_the_kernels_word(machine: Machine, device: str, kind: str) -> None:
    machine.interface("net0", 3, device=device)
    assert only(machine).kind == kind


def test_a_tunnel_by_its_flags(machine: Machine) -> None:
    machine.interface("net0", 3, tun=True)
    assert only(machine).kind == "vpn"


@pytest.mark.parametrize(("type", "kind"), [(1, "ethernet"), (772, "loopback"), (65534, "vpn"), (768, "vpn")])
def test_the_kind_by_the_kernels_number(machine: Machine, type: int, kind: str) -> None:
    machine.interface("net0", 3, type=type)
    assert only(machine).kind == kind


def test_what_can_be_plugged_in_is_no_tunnel(machine: Machine) -> None:
    machine.interface("net0", 3, type=32)  # InfiniBand
    machine.put("sys/class/net/net0/device/vendor", "0x15b3\n")
    assert only(machine).kind == "ethernet"


def test_an_interface_of_unknown_type(machine: Machine) -> None:
    machine.put("sys/class/net/net0/ifindex", "5\n")
    assert only(machine) == Interface(name="net0", index=5, kind="ethernet", connected=None, metric=None)


def test_a_file_among_the_interfaces_is_none(machine: Machine) -> None:
    machine.put("sys/class/net/bonding_masters", "bond0\n")
    assert read_interfaces(SystemFiles(machine.root)) == []


@pytest.mark.parametrize(
    ("state", "connected"),
    [("up", True), ("unknown", True), ("down", False), ("lowerlayerdown", False), ("dormant", False)],
)
def test_whether_it_is_connected(machine: Machine, state: str, connected: bool) -> None:
    machine.interface("eth0", 3, state=state)
    assert only(machine).connected is connected


ROUTES = [
    ("default", "eth0 00000000 0100000A 0003 0 0 100 00000000 0 0 0", 100),
    ("of metric 0", "eth0 00000000 0100000A 0003 0 0 0 00000000 0 0 0", 0),
    ("to a network", "eth0 0000000A 00000000 0003 0 0 100 000000FF 0 0 0", None),
    ("with a mask", "eth0 00000000 0100000A 0003 0 0 100 00000080 0 0 0", None),
    ("not up", "eth0 00000000 0100000A 0002 0 0 100 00000000 0 0 0", None),
    ("broken flags", "eth0 00000000 0100000A zz 0 0 100 00000000 0 0 0", None),
    ("broken metric", "eth0 00000000 0100000A 0003 0 0 -1 00000000 0 0 0", None),
    ("short", "eth0 00000000 0100000A 0003 0 0 100", None),
    ("shortest whole", "eth0 00000000 0100000A 0003 0 0 100 00000000", 100),
    ("of another", "eth1 00000000 0100000A 0003 0 0 100 00000000 0 0 0", None),
]


@pytest.mark.parametrize(("route", "metric"), [row[1:] for row in ROUTES], ids=[row[0] for row in ROUTES])
def test_the_default_route(machine: Machine, route: str, metric: int | None) -> None:
    machine.interface("eth0", 3)
    machine.put("proc/net/route", "Iface\tDestination\n" + route.replace(" ", "\t") + "\n")
    assert only(machine).metric == metric


@pytest.mark.parametrize("metrics", [(20, 10), (10, 20)])
def test_the_lowest_of_several_default_routes(machine: Machine, metrics: tuple[int, int]) -> None:
    machine.interface("eth0", 3)
    routes = [f"eth0\t00000000\t0100000A\t0003\t0\t0\t{metric}\t00000000\t0\t0\t0" for metric in metrics]
    machine.put("proc/net/route", "\n".join(["Iface\tDestination", *routes, ""]))
    assert only(machine).metric == 10


@pytest.mark.parametrize(("flags", "metric"), [("0010", None), ("0011", 5), ("FFFE", None), ("ffff", 5), ("x", None)])
def test_only_a_route_that_is_up_counts(machine: Machine, flags: str, metric: int | None) -> None:
    machine.interface("eth0", 2)
    machine.put("proc/net/route", f"Iface\neth0\t00000000\t01004D0A\t{flags}\t0\t0\t5\t00000000\t0\t0\t0\n")
    [interface] = read_interfaces(SystemFiles(machine.root))
    assert interface.metric == metric


def test_the_machines_addresses(machine: Machine) -> None:
    machine.put(
        "proc/net/fib_trie",
        "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 10.0.0.0\n        /24 link UNICAST\n     |-- 10.0.0.7\n"
        "        /32 host LOCAL\n     |-- 10.0.0.255\n        /32 link BROADCAST\n",
    )
    assert read_addresses(SystemFiles(machine.root)) == frozenset({"10.0.0.7"})


def test_only_leaves_are_addresses(machine: Machine) -> None:
    text = "Local:\n  |-- 10.0.0.7\n     /32 LOCAL\n     two words\n     /32 host LOCAL\n"
    machine.put("proc/net/fib_trie", text)
    assert read_addresses(SystemFiles(machine.root)) == frozenset({"10.0.0.7"})


def test_addresses_that_the_kernel_does_not_show(tmp_path: Path) -> None:
    assert read_addresses(SystemFiles(tmp_path)) is None
