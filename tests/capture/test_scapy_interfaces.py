"""``capture -D`` where scapy lists the interfaces: the names that people know, not Npcap's."""

from dataclasses import dataclass, field

import pytest
from click.testing import CliRunner

from ucdiag.capture import interfaces
from ucdiag.cli.main import cli

# As scapy gives them on Windows 11 with Npcap: libpcap's flags (PCAP_IF_UP 2, RUNNING 4, connected 0x10, not 0x20).
UP, UNPLUGGED, DOWN = 0x16, 0x26, 0x0


@dataclass
class Device:
    name: str
    description: str
    network_name: str
    flags: int
    mac: str = "00:1a:2b:3c:4d:5e"
    ips: dict[int, list[str]] = field(default_factory=lambda: {4: [], 6: []})
    dummy: bool = False


class Conf:
    def __init__(self, *devices: Device) -> None:
        self.ifaces = {device.network_name: device for device in devices}


def test_they_are_listed_by_the_names_of_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    conf = Conf(
        Device("Ethernet", "Intel(R) I219-V", r"\Device\NPF_{1}", UP, ips={4: ["10.0.0.7"], 6: ["fe80::1"]}),
        Device("Ethernet 2", "Realtek USB GbE", r"\Device\NPF_{2}", UNPLUGGED),
        # A mirror port has no address, and scapy does not count it among those that work.
        Device("Mirror", "Intel(R) I210", r"\Device\NPF_{3}", UP),
        Device("old", "WinPcap gives no flags", r"\Device\NPF_{4}", DOWN),
        Device("WAN Miniport", "WAN Miniport (Network Monitor)", r"\Device\NPF_{5}", UP, mac="00:00:00:00:00:00"),
    )
    monkeypatch.setattr(interfaces, "load_scapy", lambda: conf)
    result = CliRunner().invoke(cli, ["capture", "-D", "--sniffer", "scapy"], prog_name="ucdiag")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Ethernet (up) 10.0.0.7 fe80::1, Intel(R) I219-V",
        "Ethernet 2 (down), Realtek USB GbE",
        "Mirror (up), Intel(R) I210",
        "old (unknown), WinPcap gives no flags",
    ]


def test_without_scapy_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ModuleNotFoundError("No module named 'scapy'", name="scapy")

    monkeypatch.setattr(interfaces, "load_scapy", missing)
    result = CliRunner().invoke(cli, ["capture", "-D", "--sniffer", "scapy"], prog_name="ucdiag")
    assert result.exit_code == 3
    assert "pip install scapy" in result.stderr
