"""Which interfaces are listed, and how their state and their flaws are said."""

import errno
import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ucdiag.capture import interfaces
from ucdiag.capture.interfaces import Interface

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("four", "six", "mac", "dummy", "listed"),
    [
        (["10.0.0.7"], [], "", False, True),
        ([], ["fe80::1"], "", False, True),
        ([], [], "00:1a:2b:3c:4d:5e", False, True),
        ([], [], "00:00:00:00:00:00", False, False),
        ([], [], None, False, False),
        (["10.0.0.7"], ["fe80::1"], "00:1a:2b:3c:4d:5e", True, False),
    ],
)
def test_a_network_s_interface(four: list[str], six: list[str], mac: str | None, dummy: bool, listed: bool) -> None:
    device = SimpleNamespace(ips={4: four, 6: six}, mac=mac, dummy=dummy)
    assert interfaces._is_network(device) is listed


@pytest.mark.parametrize(
    ("flags", "state"),
    [(0, "unknown"), (1, "down"), (2, "up"), (4, "down"), (0x16, "up"), (0x26, "down"), (0x36, "up"), (0x24, "down")],
)
def test_the_state_is_that_of_the_flags(flags: int, state: str) -> None:
    assert interfaces._interface_state(flags) == state


@pytest.mark.parametrize(
    ("values", "described"),
    [
        ({}, Interface("eth0", "up", ("10.0.0.7", "fe80::1"), description="Intel")),
        ({"name": ""}, Interface("net0", "up", ("10.0.0.7", "fe80::1"), description="Intel")),
        ({"description": "eth0"}, Interface("eth0", "up", ("10.0.0.7", "fe80::1"))),
        ({"description": None}, Interface("eth0", "up", ("10.0.0.7", "fe80::1"), description="")),
        ({"flags": None}, Interface("eth0", "unknown", ("10.0.0.7", "fe80::1"), description="Intel")),
        ({"ips": {4: ["a", "a"], 6: []}}, Interface("eth0", "up", ("a",), description="Intel")),
    ],
)
def test_an_interface_is_described(values: dict[str, Any], described: Interface) -> None:
    known = {"name": "eth0", "network_name": "net0", "description": "Intel", "flags": 2}
    ips = {4: ["10.0.0.7", "10.0.0.7"], 6: ["fe80::1"]}
    assert interfaces._device_interface(SimpleNamespace(**{**known, "ips": ips, **values})) == described


@pytest.mark.skipif(sys.platform != "linux", reason="Linux' own list")
@pytest.mark.parametrize(
    ("error", "flaw"),
    [
        (None, None),
        (
            PermissionError(errno.EPERM, "no"),
            "no privilege: run it as root (sudo capture); 'ucdiag doctor' has other ways",
        ),
        (OSError(errno.EAFNOSUPPORT, "not supported"), "not supported"),
        (OSError("no words"), "no packet sockets here"),
    ],
)
def test_linux_interfaces_have_their_flaws(monkeypatch: Patch, error: OSError | None, flaw: str | None) -> None:
    files = {"/sys/class/net/eth0/operstate": "up\n", "/sys/class/net/eth0/type": "1\n"}
    files |= {
        "/sys/class/net/odd0/type": "280\n",
        "/sys/class/net/lo/operstate": "unknown\n",
        "/sys/class/net/lo/type": "x",
    }

    def opened(name: str, encoding: str) -> io.StringIO:
        if name not in files:
            raise FileNotFoundError(errno.ENOENT, name)
        return io.StringIO(files[name])

    def packet_socket() -> SimpleNamespace:
        if error is not None:
            raise error
        return SimpleNamespace(close=lambda: None)

    monkeypatch.setattr(interfaces, "PacketSocket", packet_socket)
    monkeypatch.setattr(interfaces, "elevated_command", lambda words: f"sudo {words}")
    monkeypatch.setattr(interfaces.socket, "if_nameindex", lambda: [(1, "lo"), (2, "eth0"), (3, "odd0")])
    monkeypatch.setattr("builtins.open", opened)
    found = interfaces._linux_interfaces()
    monkeypatch.undo()
    assert found == [
        Interface("lo", "unknown", flaw=flaw),
        Interface("eth0", "up", flaw=flaw),
        Interface("odd0", "unknown", flaw="of a kind (280) that cannot be read"),
    ]


def test_without_a_word_on_it_an_interface_is_no_dummy() -> None:
    """As of scapy's classes for some systems."""
    assert interfaces._is_network(SimpleNamespace(ips={4: ["10.0.0.7"], 6: []}, mac=None))
