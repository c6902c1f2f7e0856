"""What macOS prints: ipconfig getpacket, scutil --dns, route, ifconfig."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucdiag.leases import machine_leases, nameservers
from ucdiag.leases.macos import parse_packet, parse_scutil
from ucdiag.model.observations import Lease
from ucdiag.runtime.context import Context

PACKET = """op = BOOTREPLY
htype = 1
flags = 0
hlen = 6
hops = 0
xid = 0x4d6f6e21
secs = 0
ciaddr = 0.0.0.0
yiaddr = 10.0.0.7
siaddr = 10.0.0.1
giaddr = 0.0.0.0
chaddr = 3c:22:fb:aa:bb:cc
sname =
file =
options:
Options count is 9
dhcp_message_type (uint8): ACK 0x5
server_identifier (ip): 10.0.0.1
lease_time (uint32): 0x15180
subnet_mask (ip): 255.255.255.0
router (ip_mult): {10.0.0.254}
domain_name_server (ip_mult): {10.0.0.2, 10.0.0.3}
domain_name (string): contoso.com
domain_search (dnsnamelist): {contoso.com, corp.contoso.com}
end (none):
"""

SCUTIL = """DNS configuration

resolver #1
  search domain[0] : contoso.com
  search domain[1] : corp.contoso.com
  nameserver[0] : 10.0.0.2
  nameserver[1] : 10.0.0.3
  if_index : 6 (en0)
  flags    : Request A records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  domain   : local
  options  : mdns
  timeout  : 5
  flags    : Request A records
  reach    : 0x00000000 (Not Reachable)
  order    : 300000

resolver #3
  domain   : vpn.example
  nameserver[0] : 10.8.0.1
  flags    : Request A records

DNS configuration (for scoped queries)

resolver #1
  search domain[0] : contoso.com
  nameserver[0] : 10.0.0.2
  if_index : 6 (en0)
  flags    : Scoped, Request A records

resolver #2
  search domain[0] : vpn.example
  nameserver[0] : 10.8.0.1
  if_index : 15 (utun3)
  flags    : Scoped, Request A records
"""

ROUTE = """   route to: default
destination: default
       mask: default
    gateway: 10.0.0.254
  interface: {}
      flags: <UP,GATEWAY,DONE,STATIC,PRCLONING,GLOBAL>
"""


class Mac:
    def __init__(self) -> None:
        self.packets = {"en0": PACKET}
        self.status = {"en0": "active"}
        self.default = "en0"
        self.names = "lo0 gif0 stf0 en0 en1 bridge0 utun3 awdl0"
        self.scutil = SCUTIL

    def run(self, argv: Sequence[str]) -> str | None:
        match [argv[0].rpartition("/")[2], *argv[1:]]:
            case ["ifconfig", "-l"]:
                return self.names + "\n"
            case ["ifconfig", name]:
                status = self.status.get(name, "inactive")
                return f"{name}: flags=8863<UP,BROADCAST>\n\tmedia: autoselect\n\tstatus: {status}\n"
            case ["route", "-n", "get", "default"]:
                return ROUTE.format(self.default)
            case ["scutil", "--dns"]:
                return self.scutil
            case ["ipconfig", "getpacket", name]:
                return self.packets.get(name)
        raise AssertionError(argv)

    def leases(self) -> list[Lease]:
        leases, problems = machine_leases(
            Context(now=lambda: 5), root=Path("/nowhere"), runner=self.run, platform="darwin"
        )
        assert problems == []
        return leases


def test_the_lease_is_chosen_before_the_resolvers() -> None:
    leases = Mac().leases()
    assert leases[0] == Lease(
        time=5,
        interface="en0",
        source="ipconfig",
        provenance="option 15 of the lease of en0 from 10.0.0.1, by ipconfig getpacket en0",
        authority="dhcp",
        chosen=True,
        reason="the default route goes through en0",
        address="10.0.0.7",
        server="10.0.0.1",
        domain="contoso.com",
        resolvers=("10.0.0.2", "10.0.0.3"),
        search=("contoso.com", "corp.contoso.com"),
        unknown=("obtained", "expires"),
    )
    assert [(lease.interface, lease.domain, lease.chosen) for lease in leases[1:]] == [
        (None, "contoso.com", False),
        ("en0", "contoso.com", False),
        ("utun3", "vpn.example", False),
    ]
    assert leases[-1].reason == "utun3 is a VPN's interface"
    assert nameservers(leases) == (("10.0.0.2", 53), ("10.0.0.3", 53))


def test_vpn_with_the_default_route_and_a_cable_that_was_pulled() -> None:
    mac = Mac()
    mac.default = "utun3"
    mac.packets["en1"] = PACKET.replace("10.0.0.7", "10.1.0.7").replace("contoso.com", "wire.example")
    leases = mac.leases()
    assert (leases[0].interface, leases[0].domain) == ("en0", "contoso.com")
    assert next(lease for lease in leases if lease.domain == "wire.example").reason == "en1 is not connected"


def test_without_a_lease_the_resolver() -> None:
    mac = Mac()
    mac.packets = {}
    first = mac.leases()[0]
    assert (first.authority, first.domain, first.chosen, first.interface) == ("resolver", "contoso.com", True, None)


def test_nothing_there() -> None:
    assert machine_leases(root=Path("/nowhere"), runner=lambda argv: None, platform="darwin") == ([], [])


@pytest.mark.parametrize(
    ("line", "domain"),
    [
        ("domain_name (string): ", ""),
        ("domain_name (string):", ""),
        ("domain_name (string): contoso.com.", "contoso.com."),
        ("domain_name (string): a.example b.example", "a.example b.example"),
        ("", None),
    ],
)
def test_odd_domains(line: str, domain: str | None) -> None:
    lease = parse_packet(PACKET.replace("domain_name (string): contoso.com", line), "en0", 0)
    assert lease is not None
    assert lease.domain == domain


def test_values_of_the_server_do_not_pose_as_the_head() -> None:
    lease = parse_packet(PACKET.replace("contoso.com", "yiaddr = 10.9.9.9", 1), "en0", 0)
    assert lease is not None
    assert (lease.address, lease.domain) == ("10.0.0.7", "yiaddr = 10.9.9.9")


def test_behind_the_options_stands_no_head() -> None:
    head, _, options = PACKET.partition("options:\n")
    own = "ciaddr = 0.0.0.0\nyiaddr = 10.0.0.7\n"
    assert parse_packet(head.replace(own, "") + "options:\nyiaddr = 10.9.9.9\n" + options, "en0", 0) is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text(packet: str, dns: str) -> None:
    parse_packet(packet, "en0", 0)
    parse_packet(PACKET + packet, "en0", 0)
    parse_scutil(dns, 0)
    parse_scutil(SCUTIL + dns, 0)
