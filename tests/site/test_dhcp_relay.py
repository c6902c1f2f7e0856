"""``--ask --relay``: real DHCP servers asked as a relay of the phones' subnet, from a laptop in another one."""

import json
import sys
from typing import Any

import pytest

from tests.site.ground import PHONE_MAC, SERVER, Result, Site, console_script

PHONES = "10.79.0.1"  # the phones' router
LAPTOP = "10.77.0.50"


def dnsmasq(site: Site, domain: str | None = "voice.example") -> None:
    site.dnsmasq(
        "server",
        dhcp=True,
        domain=domain,
        first="10.79.0.10",
        last="10.79.0.20",
        extra=["dhcp-range=10.77.0.200,static"],
    )


def dhcpd(site: Site, domain: str | None = "voice.example") -> None:
    site.isc_dhcpd(
        "server",
        domain=domain,
        subnet="10.79.0.0/24",
        first="10.79.0.10",
        last="10.79.0.20",
        extra_subnets="subnet 10.77.0.0 netmask 255.255.255.0 {}",
    )


def kea(site: Site, domain: str | None = "voice.example") -> None:
    site.kea("server", domain=domain, subnet="10.79.0.0/24", first="10.79.0.10", last="10.79.0.20")


SERVERS = [dnsmasq, dhcpd, kea]


def beside(site: Site) -> None:
    """The laptop has the relay's address too, and the server knows the way there."""
    site.run("laptop", "ip", "address", "add", f"{PHONES}/24", "dev", "eth0")
    site.run("server", "ip", "route", "add", "10.79.0.0/24", "via", LAPTOP)


def messages(result: Result, *types: str) -> list[dict[str, Any]]:
    return [
        observation
        for observation in result.phone["observations"]
        if observation["kind"] == "dhcp" and observation["type"] in types
    ]


def problems(result: Result) -> dict[str, str]:
    return {problem["code"]: problem["text"] for problem in result.report["problems"]}


def ask(site: Site, relay: str = f"{PHONES}/{SERVER}", *words: str, command: str = "check-dhcp") -> Result:
    return site.ucdiag("laptop", command, "--ask", "--relay", relay, "--mac", PHONE_MAC, "-t", "1", "--json", *words)


@pytest.mark.parametrize("own", [False, True], ids=["elsewhere", "own address"])
@pytest.mark.parametrize("server", SERVERS)
def test_what_the_phones_subnet_is_offered(site: Site, server: Any, own: bool) -> None:
    site.host("laptop")
    server(site)
    if own:
        beside(site)
    result = ask(site)
    offers = messages(result, "offer")
    # A server that is slow to wake answers the repeated questions too.
    assert len({offer["transaction"] for offer in offers}) == 3
    for offer in offers:
        assert (offer["client"], offer["domain"]) == (PHONE_MAC, "voice.example")
        assert offer["address"].startswith("10.79.0.")
        assert offer["relay"] == (PHONES if own else LAPTOP)
    assert messages(result, "inform", "request") == []
    assert (result.code, result.codes) == (0, set())


@pytest.mark.parametrize("server", SERVERS)
def test_a_scope_without_a_domain(site: Site, server: Any) -> None:
    site.host("laptop")
    server(site, None)
    result = ask(site)
    assert (result.verdict, result.codes) == (("broken", "dhcp", "dhcp-no-domain"), {"dhcp-no-domain"})


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_without_a_scope_for_that_subnet(site: Site, server: Any) -> None:
    site.host("laptop")
    server(site)
    result = ask(site, f"10.99.0.1/{SERVER}")
    assert result.code == 3
    assert messages(result, "offer") == []
    assert "relay-no-answer" in problems(result)
    assert result.codes == set()


def test_the_relays_own_address_and_no_scope(site: Site) -> None:
    dnsmasq(site)
    site.run("laptop", "ip", "address", "add", "10.99.0.1/24", "dev", "eth0")
    site.run("server", "ip", "route", "add", "10.99.0.0/24", "via", LAPTOP)
    result = ask(site, f"10.99.0.1/{SERVER}")
    assert (result.verdict, result.codes) == (("broken", "dhcp", "dhcp-no-answer"), {"dhcp-no-answer"})


UNAWARE = """
import socket
from ucdiag.wire.dhcp.message import read_dhcp
end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
end.bind(("0.0.0.0", 67))
print("listening", flush=True)
while True:
    data, who = end.recvfrom(2000)
    head = b"\\2" + data[1:3] + b"\\0" + data[4:16] + bytes([10, 77, 0, 130]) + data[20:44] + bytes(192)
    options = b"\\x35\\1\\2\\x36\\4" + bytes([10, 77, 0, 2]) + b"\\1\\4\\xff\\xff\\xff\\0\\x0f\\x0dlocal.example"
    end.sendto(head + b"\\x63\\x82\\x53\\x63" + options + b"\\xff", who)
"""


def test_a_server_that_knows_no_link_selection(site: Site) -> None:
    """What it offers is for the laptop's own subnet."""
    site.host("laptop")
    site.start("server", sys.executable, "-c", UNAWARE, ready="listening")
    result = ask(site)
    assert messages(result, "offer") == []
    assert "10.77.0.130" in problems(result)["relay-other-subnet"]
    assert (result.code, result.codes) == (3, set())


def test_the_circuit_id_reaches_the_server(site: Site) -> None:
    site.host("laptop")
    site.dnsmasq(
        "server", dhcp=True, domain="voice.example", first="10.79.0.10", last="10.79.0.20",
        extra=["dhcp-range=10.77.0.200,static", "dhcp-circuitid=set:port,vlan20", "dhcp-ignore=tag:!port"],
    )  # fmt: skip
    assert len(messages(ask(site, f"{PHONES}/{SERVER}", "--circuit-id", "vlan20"), "offer")) == 3
    assert messages(ask(site, f"{PHONES}/{SERVER}", "--circuit-id", "vlan21"), "offer") == []


def test_the_server_of_the_lease_is_asked(site: Site) -> None:
    site.host("laptop")
    dnsmasq(site)
    result = ask(site, PHONES)
    assert result.code == 3
    assert "--relay 10.79.0.1/<DHCP server>" in problems(result)["no-dhcp-server"]


def test_check_goes_on_with_what_the_phones_are_offered(site: Site) -> None:
    site.host("laptop")
    dnsmasq(site)
    result = ask(site, command="check")
    assert result.verdict == ("broken", "dns", "dns-r2-missing")
    assert result.phone["phone"]["domain"] == "voice.example"


def test_without_rights(site: Site) -> None:
    dnsmasq(site)
    words = ["setpriv", "--bounding-set=-net_bind_service,-net_raw", console_script(), "check-dhcp", "--ask", "--json"]
    done = site.run("laptop", *words, "--relay", f"{PHONES}/{SERVER}", check=False)
    assert done.returncode == 3
    (text,) = [problem["text"] for problem in json.loads(done.stdout)["problems"] if problem["code"] == "no-privilege"]
    assert "port 67" in text
