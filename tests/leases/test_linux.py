"""The readers of Linux, on what the real programs left (folder ``leases``, written in a test site) and on odd files."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.leases.machine import REAL, SECOND, WRITTEN, Machine
from ucdiag.leases import dhcp_domain, machine_leases, nameservers
from ucdiag.leases.dhclient import read_file
from ucdiag.leases.linux import read_addresses
from ucdiag.leases.networkmanager import parse_nmcli
from ucdiag.leases.system_files import LARGEST, SystemFiles, run_program
from ucdiag.model.observations import Lease
from ucdiag.model.report import Problem


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def dhclient_lease(**values: str) -> str:
    words = {
        "interface": '"eth0"',
        "fixed-address": "10.0.0.7",
        **{key.replace("_", "-"): v for key, v in values.items()},
    }
    options = ("domain-name", "domain-name-servers", "domain-search", "dhcp-lease-time", "dhcp-server-identifier")
    lines = [f"  {'option ' if key in options else ''}{key} {value};" for key, value in words.items()]
    return "\n".join(["lease {", *lines, "}", ""])


# What the real programs wrote.


def test_real_systemd_networkd(machine: Machine) -> None:
    machine.interface("lo", 1, type=772, state="unknown", address="127.0.0.1")
    machine.interface("eth0", 5)
    shutil.copy(REAL / "fib_trie", machine.root / "proc/net/fib_trie")
    shutil.copy(REAL / "route", machine.root / "proc/net/route")
    machine.put("/run/systemd/netif/leases/5", (REAL / "networkd").read_bytes())
    lease = machine.chosen()
    assert lease == Lease(
        time=machine.now,
        interface="eth0",
        source="systemd-networkd",
        provenance="option 15 of the lease of eth0 from 10.77.0.2, by systemd-networkd",
        authority="dhcp",
        chosen=True,
        reason="the default route goes through eth0",
        address="10.77.0.145",
        server="10.77.0.2",
        domain="contoso.com",
        resolvers=("10.77.0.2",),
        obtained=WRITTEN,
        expires=WRITTEN + 3600 * SECOND,
    )


def test_real_dhclient(machine: Machine) -> None:
    machine.put("/var/lib/dhcp/dhclient.leases", (REAL / "dhclient.leases").read_bytes())
    lease = machine.chosen()
    assert (lease.interface, lease.address, lease.server) == ("eth0", "10.77.0.143", "10.77.0.2")
    assert (lease.domain, lease.resolvers) == ("contoso.com", ("10.77.0.2",))
    assert lease.search == ("contoso.com", "corp.contoso.com")
    assert lease.provenance.startswith("option 15 of the lease of eth0 from 10.77.0.2, by ISC dhclient")
    assert lease.obtained == lease.expires - 3600 * SECOND if lease.expires else False


def test_real_dhcpcd(machine: Machine) -> None:
    machine.put("/var/lib/dhcpcd/eth0.lease", (REAL / "dhcpcd-eth0.lease").read_bytes())
    lease = machine.chosen()
    assert (lease.interface, lease.server, lease.domain) == ("eth0", "10.77.0.2", "contoso.com")
    assert lease.search == ("contoso.com", "corp.contoso.com")
    assert (lease.obtained, lease.expires) == (WRITTEN, WRITTEN + 3600 * SECOND)
    assert lease.provenance == "option 15 of the lease of eth0 from 10.77.0.2, by dhcpcd"


def test_real_dhcpcd_without_rights(machine: Machine) -> None:
    machine.put("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp", (REAL / "dhcpcd-hook-eth0.dhcp").read_bytes())
    lease = machine.chosen()
    assert (lease.interface, lease.domain, lease.resolvers) == ("eth0", "contoso.com", ("10.77.0.2",))
    assert "address" in lease.unknown
    assert lease.provenance.startswith("the domain line that dhcpcd keeps for eth0")


@pytest.mark.parametrize("recorded", [True, False])
def test_real_networkmanager(machine: Machine, recorded: bool) -> None:
    machine.interface("eth0", 5, address="10.77.0.142", metric=100)
    folder = "/run/NetworkManager/devices"
    if recorded:
        machine.put(f"{folder}/5", (REAL / "networkmanager-device").read_bytes())
        machine.put(f"{folder}/77", (REAL / "networkmanager-device").read_bytes())
    else:
        machine.put(f"{folder}/5", "[device]\nmanaged=true\n")
        machine.printed["nmcli"] = (REAL / "nmcli").read_text()
    lease = machine.chosen()
    assert (lease.source, lease.interface, lease.domain) == ("NetworkManager", "eth0", "contoso.com")
    assert lease.provenance == "option 15 of the lease of eth0 from 10.77.0.2, by NetworkManager"
    assert lease.resolvers == ("10.77.0.2",)
    assert lease.search == ("contoso.com", "corp.contoso.com")
    assert (lease.obtained, lease.expires) == ((1795470911 - 3600) * SECOND, 1795470911 * SECOND)
    assert len(machine.leases()) == 1
    assert machine.ran == ([] if recorded else ["nmcli"] * 2)


def test_domains_that_systemds_code_escaped(machine: Machine) -> None:
    text = (REAL / "networkmanager-device").read_text().replace("name=contoso.com", "name=con\\\\033toso.com")
    machine.interface("eth0", 5, address="10.77.0.142")
    machine.put("/run/NetworkManager/devices/5", text)
    assert machine.chosen().domain == "con!toso.com"
    text = (REAL / "networkd").read_text().replace("=contoso.com", "=a.example\\032b.example")
    machine.put("/run/systemd/netif/leases/5", text)
    found = {lease.source: lease.domain for lease in machine.leases()}
    assert found == {"NetworkManager": "con!toso.com", "systemd-networkd": "a.example b.example"}


@pytest.mark.parametrize(
    ("written", "domain"), [("s", "a b"), ("t", "a\tb"), ("n", "a\nb"), ("r", "a\rb"), (";", "a;b")]
)
def test_what_networkmanager_s_files_escape(machine: Machine, written: str, domain: str) -> None:
    text = (REAL / "networkmanager-device").read_text().replace("name=contoso.com", f"name=a\\{written}b")
    machine.interface("eth0", 5, address="10.77.0.142")
    machine.put("/run/NetworkManager/devices/5", text)
    assert machine.chosen().domain == domain


def test_nmcli_is_not_run_without_networkmanager(machine: Machine) -> None:
    machine.printed["nmcli"] = (REAL / "nmcli").read_text()
    assert machine.leases() == []
    assert machine.ran == []


def test_lease_files_of_networkmanager(machine: Machine) -> None:
    folder = "/var/lib/NetworkManager"
    uuid = "1a2b3c4d-0001-0002-0003-1a2b3c4d5e6f"
    machine.put(f"{folder}/internal-{uuid}-enp0s25.lease", (REAL / "networkd").read_bytes())
    machine.put(f"{folder}/internal-{uuid}-wlp3-s0.lease", "# This is private data. Do not parse.\nADDRESS=10.9.9.9\n")
    machine.put(
        f"{folder}/dhclient-{uuid}-eth1.lease", (REAL / "dhclient.leases").read_text().replace('"eth0"', '"eth1"')
    )
    machine.put(f"{folder}/timestamps", "[timestamps]\n")
    found = {lease.interface: lease for lease in machine.leases()}
    assert {name: lease.domain for name, lease in found.items()} == {
        "enp0s25": "contoso.com",
        "wlp3-s0": None,
        "eth1": "contoso.com",
    }
    assert "domain" in found["wlp3-s0"].unknown
    assert found["enp0s25"].source == "NetworkManager"
    assert found["eth1"].source == "NetworkManager (dhclient)"


# dhclient's file.


def test_dhclient_newest_of_several(machine: Machine) -> None:
    text = "".join(
        dhclient_lease(domain_name=f'"{name}"', dhcp_lease_time="3600", expire=f"1 2026/11/{day:02} 21:00:00")
        for name, day in (("first.example", 21), ("second.example", 22), ("third.example", 23))
    )
    machine.put("/var/lib/dhcp/dhclient.leases", "# comment { lease\n" + text)
    # The newest counts; expired ones of other domains are told once each, the latest first.
    machine.put("/var/lib/dhcp/dhclient.leases", text + text.replace('"first.example"', '"third.example"'))
    said = [(lease.domain, lease.chosen, lease.reason) for lease in machine.leases()]
    assert said == [
        ("third.example", True, said[0][2]),
        ("second.example", False, "it expired 23 hours ago"),
        ("first.example", False, "it expired 1 day ago"),
    ]


def test_dhclient_takes_no_lease_twice_for_a_brace_too_many(machine: Machine) -> None:
    text = dhclient_lease(domain_name='"a.example"', expire="1 2026/11/20 20:00:00")
    machine.put("/var/lib/dhcp/dhclient.leases", text + "}\n" + text.replace("a.example", "b.example") + "} }\n")
    assert [lease.domain for lease in machine.leases()] == ["b.example", "a.example"]


@pytest.mark.parametrize("line", ["|--", "  |--  ", "Local:", "|-- 10.0.0.9 x", "/32 host"])
def test_lines_of_the_kernels_table_without_an_address(machine: Machine, line: str) -> None:
    machine.interface("eth0", 2, address="10.0.0.7")
    table = machine.root / "proc/net/fib_trie"
    table.write_text(f"{line}\n{table.read_text()}{line}\n")
    assert read_addresses(SystemFiles(machine.root)) == {"10.0.0.7"}


def test_dhclient_tells_few_of_many_expired_leases(machine: Machine) -> None:
    text = "".join(
        dhclient_lease(domain_name=f'"d{n}.example"', dhcp_lease_time="60", expire=f"1 2026/11/22 20:{n:02}:00")
        for n in range(60)
    )
    machine.put("/var/lib/dhcp/dhclient.leases", text + dhclient_lease(domain_name='"now.example"', expire="never"))
    leases = machine.leases()
    assert [lease.domain for lease in leases] == ["now.example", *(f"d{n}.example" for n in (59, 58, 57, 56))]
    assert [lease.chosen for lease in leases] == [True, False, False, False, False]


def test_dhclient_one_per_interface(machine: Machine) -> None:
    machine.interface("eth0", 2, address="10.0.0.7")
    machine.interface("eth1", 3, address="10.1.0.7", metric=50)
    machine.put(
        "/var/lib/dhcp/dhclient.leases",
        dhclient_lease(domain_name='"a.example"')
        + dhclient_lease(interface='"eth1"', fixed_address="10.1.0.7", domain_name='"b.example"'),
    )
    leases = machine.leases()
    assert [(lease.domain, lease.chosen) for lease in leases] == [("b.example", True), ("a.example", False)]
    assert leases[1].reason == "the default route goes through eth1"


def test_dhclient_expired(machine: Machine) -> None:
    machine.put(
        "/var/lib/dhcp/dhclient.leases", dhclient_lease(expire="1 2026/11/20 20:00:00", domain_name='"a.example"')
    )
    (lease,) = machine.leases()
    assert (lease.chosen, lease.domain) == (False, "a.example")
    assert lease.reason == "it expired 3 days ago"
    assert dhcp_domain([lease]) is None


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ('"contoso.com"', "contoso.com"),
        ('""', ""),
        ('"contoso.com\\000"', "contoso.com"),
        ('"contoso.com."', "contoso.com."),
        ('"a.example b.example"', "a.example b.example"),
        ('"a\\"b\\\\c; } # \\303\\274"', 'a"b\\c; } # \u00fc'),
        # dhcp-lease-list 4.4.3-P1 ends a lease at the word (findings/dhcp-lease-list-perl-earlier-lease.sh).
        ('"lease { release.example"', "lease { release.example"),
        ('"m\\374nchen.example"', "m\u00fcnchen.example"),
        ('"a\nb"', "a\nb"),
        ('"\\033[31m"', "\x1b[31m"),
    ],
)
def test_dhclient_quoting(machine: Machine, written: str, domain: str) -> None:
    machine.put("/var/lib/dhcp/dhclient.eth0.leases", dhclient_lease(domain_name=written))
    assert machine.chosen().domain == domain


def test_dhclient_without_a_domain(machine: Machine) -> None:
    machine.put("/var/lib/dhcp/dhclient.leases", dhclient_lease(domain_search='"a.example."'))
    lease = machine.chosen()
    assert (lease.domain, lease.search, lease.unknown) == (None, ("a.example",), ())


@pytest.mark.parametrize(
    ("expire", "expires"),
    [
        # Neither of these for dhcpd-leases 0.1.2 (findings/dhcpd-leases-never.sh), which reads the server's file.
        ("never", None),
        ("epoch 1795467704", 1795467704 * SECOND),
        ("1 2026/11/23 21:16:44", 1795468604 * SECOND),
        ("1 nonsense", None),
        ("", None),
    ],
)
def test_dhclient_times(machine: Machine, expire: str, expires: int | None) -> None:
    machine.put("/var/lib/dhcp/dhclient.leases", dhclient_lease(expire=expire, dhcp_lease_time="3600"))
    lease = machine.chosen()
    assert lease.expires == expires
    assert lease.obtained == (None if expires is None else expires - 3600 * SECOND)


def test_dhclient_names_its_interface_in_the_file_name(machine: Machine) -> None:
    text = dhclient_lease().replace('  interface "eth0";\n', "")
    machine.put("/var/lib/dhclient/dhclient-1a2b3c4d-0001-0002-0003-1a2b3c4d5e6f-wlan0.lease", text)
    assert machine.chosen().interface == "wlan0"


def test_dhclient_passes_over_what_is_no_lease(machine: Machine) -> None:
    text = (
        'default-duid "\\000";\nlease6 {\n  interface "eth0";\n  ia-na { iaaddr 2001:db8::1 { } }\n}\n'
        + dhclient_lease(domain_name='"good.example"')
    )
    machine.put("/var/lib/dhcp/dhclient.leases", text + 'lease {\n  fixed-address 10.0.0.8;\n  option domain-name "cut')
    (lease,) = machine.leases()
    assert (lease.domain, lease.address) == ("good.example", "10.0.0.7")


def test_the_end_of_a_very_long_file_counts(machine: Machine) -> None:
    old = dhclient_lease(domain_name='"old.example"', comment='"' + "x" * 900 + '"')
    text = old * (2 * LARGEST // len(old)) + dhclient_lease(domain_name='"new.example"')
    machine.put("/var/lib/dhcp/dhclient.leases", text)
    assert machine.chosen().domain == "new.example"


# Which one.


def test_vpn_disconnected_virtual_gone_and_unused_are_shown_and_not_chosen(machine: Machine) -> None:
    machine.interface("eth0", 2, address="10.0.0.7")
    machine.interface("tun0", 3, address="10.8.0.2", type=65534, metric=0, tun=True)
    machine.interface("eth1", 4, state="down")
    machine.interface("virbr0", 5, address="10.5.0.7", device="bridge")
    machine.interface("eth2", 6, address="10.6.0.99")
    text = "".join(
        dhclient_lease(interface=f'"{name}"', fixed_address=address, domain_name=f'"{name}.example"')
        for name, address in (
            ("tun0", "10.8.0.2"),
            ("eth1", "10.4.0.7"),
            ("virbr0", "10.5.0.7"),
            ("eth2", "10.6.0.7"),
            ("usb0", "10.7.0.7"),
            ("eth0", "10.0.0.7"),
        )
    )
    machine.put("/var/lib/dhcp/dhclient.leases", text)
    leases = machine.leases()
    assert (leases[0].interface, leases[0].chosen) == ("eth0", True)
    assert leases[0].reason == "no lease was found for tun0, through which the default route goes"
    assert {lease.interface: lease.reason for lease in leases[1:]} == {
        "tun0": "tun0 is a VPN's interface",
        "eth1": "eth1 is not connected",
        "virbr0": "virbr0 is a virtual interface without the default route",
        "eth2": "its address 10.6.0.7 is not in use now",
        "usb0": "there is no interface usb0 now",
    }
    assert [lease.chosen for lease in leases].count(True) == 1


def test_a_bridge_with_the_default_route_is_the_machines_own(machine: Machine) -> None:
    machine.interface("br0", 7, address="10.0.0.7", device="bridge", metric=100)
    machine.put("/var/lib/dhcp/dhclient.br0.leases", dhclient_lease(interface='"br0"', domain_name='"a.example"'))
    assert machine.chosen().interface == "br0"


def test_lower_metric_first_and_lesser_routes_do_not_count(machine: Machine) -> None:
    machine.interface("wlan0", 3, address="10.1.0.7", metric=600, device="wlan")
    machine.interface("eth0", 2, address="10.0.0.7", metric=100)
    machine.put(
        "/var/lib/dhcp/dhclient.leases",
        dhclient_lease(interface='"wlan0"', fixed_address="10.1.0.7", domain_name='"wifi.example"')
        + dhclient_lease(domain_name='"wire.example"'),
    )
    assert machine.chosen().domain == "wire.example"


def test_newer_source_of_one_interface(machine: Machine) -> None:
    machine.interface("eth0", 5, address="10.77.0.145", metric=0)
    machine.put("/run/systemd/netif/leases/5", (REAL / "networkd").read_bytes())
    machine.put(
        "/var/lib/dhcp/dhclient.leases",
        dhclient_lease(
            fixed_address="10.77.0.145",
            domain_name='"old.example"',
            dhcp_lease_time="864000",
            expire="1 2026/11/30 20:00:00",
        ),
    )
    leases = machine.leases()
    assert [(lease.source, lease.chosen) for lease in leases] == [("systemd-networkd", True), ("ISC dhclient", False)]
    assert leases[1].reason == "the lease by systemd-networkd is newer"


def test_lease_before_resolver_and_the_resolver_for_questions(machine: Machine) -> None:
    machine.put(
        "/var/lib/dhcp/dhclient.leases", dhclient_lease(domain_name='"lease.example"', domain_name_servers="10.0.0.2")
    )
    machine.put("/etc/resolv.conf", "search vpn.example\nnameserver 10.8.0.1\n")
    leases = machine.leases()
    assert [(lease.authority, lease.domain, lease.chosen) for lease in leases] == [
        ("dhcp", "lease.example", True),
        ("resolver", "vpn.example", False),
    ]
    assert nameservers(leases) == (("10.8.0.1", 53),)


def test_a_lease_without_a_domain_is_not_filled_from_the_resolver(machine: Machine) -> None:
    machine.put("/var/lib/dhcp/dhclient.leases", dhclient_lease())
    machine.put("/etc/resolv.conf", "search vpn.example\n")
    assert machine.chosen().domain is None


# The resolver.


def test_resolver_alone(machine: Machine) -> None:
    machine.put(
        "/etc/resolv.conf", "# Generated by NetworkManager\nsearch Contoso.com. corp.contoso.com\nnameserver 10.0.0.2\n"
    )
    lease = machine.chosen()
    assert (lease.authority, lease.domain) == ("resolver", "contoso.com")
    assert lease.provenance == "the search line of /etc/resolv.conf, written by NetworkManager"
    assert lease.search == ("Contoso.com", "corp.contoso.com")


def test_resolved_behind_its_stub(machine: Machine) -> None:
    machine.put("/etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0\nsearch .\n")
    machine.put("/run/systemd/resolve/resolv.conf", "nameserver 10.0.0.2\nnameserver 10.0.0.3\nsearch contoso.com\n")
    lease = machine.chosen()
    assert (lease.source, lease.domain, lease.resolvers) == (
        "systemd-resolved",
        "contoso.com",
        ("10.0.0.2", "10.0.0.3"),
    )
    assert nameservers(machine.leases()) == (("10.0.0.2", 53), ("10.0.0.3", 53))


def test_resolved_is_not_used_when_it_is_not_asked(machine: Machine) -> None:
    machine.put("/etc/resolv.conf", "nameserver 10.0.0.9\nsearch real.example\n")
    machine.put("/run/systemd/resolve/resolv.conf", "nameserver 10.0.0.2\nsearch other.example\n")
    assert machine.chosen().domain == "real.example"


# udhcpc.


def test_udhcpc_through_resolvconf(machine: Machine) -> None:
    machine.put("/run/resolvconf/interface/eth0.udhcpc", "domain contoso.com\nnameserver 10.0.0.2\n")
    machine.put("/run/resolvconf/interface/eth0.inet", "search other.example\n")
    machine.put("/run/udhcpc.eth0.pid", "77\n")
    (lease,) = machine.leases()
    assert (lease.source, lease.interface, lease.domain) == ("udhcpc", "eth0", "contoso.com")
    assert lease.resolvers == ("10.0.0.2",)


def test_udhcpc_without_a_trace_says_so(machine: Machine) -> None:
    machine.put("/var/run/udhcpc.eth0.pid", "77\n")
    leases, problems = machine.read()
    assert leases == []
    assert [problem.code for problem in problems] == ["lease-no-trace"]
    assert "eth0" in problems[0].text
    assert "--ask" in problems[0].text


def test_udhcpc_sample_script(machine: Machine) -> None:
    machine.put("/etc/resolv.conf", "search contoso.com # eth0\nnameserver 10.0.0.2 # eth0\n")
    lease = machine.chosen()
    assert lease.provenance == "the search line of /etc/resolv.conf, written by udhcpc's script for eth0"
    assert (lease.domain, lease.authority, lease.resolvers) == ("contoso.com", "resolver", ("10.0.0.2",))


# Hostile and unreadable.

EVERY_PLACE = (
    "/run/systemd/netif/leases/2",
    "/var/lib/NetworkManager/internal-1a2b3c4d-0001-0002-0003-1a2b3c4d5e6f-eth0.lease",
    "/var/lib/dhcp/dhclient.leases",
    "/var/lib/dhcpcd/eth0.lease",
    "/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp",
    "/run/resolvconf/interface/eth0.udhcpc",
    "/etc/resolv.conf",
    "/run/systemd/resolve/resolv.conf",
    "/proc/net/route",
    "/proc/net/fib_trie",
    "/sys/class/net/eth0/ifindex",
    "/sys/class/net/eth0/uevent",
    "/etc/dhcpcd.conf",
    "/etc/dhcp/dhclient.conf",
    "/run/dhclient.pid",
)


@given(st.binary(max_size=400), st.sampled_from(EVERY_PLACE))
def test_any_bytes_anywhere(tmp_path_factory: pytest.TempPathFactory, data: bytes, place: str) -> None:
    machine = Machine(tmp_path_factory.mktemp("root"))
    machine.put(place, data)
    leases, problems = machine.read()
    assert sum(lease.chosen for lease in leases) <= 1
    assert all(problem.text.count("\n") == 0 for problem in problems)


@given(st.text(alphabet='lease{};"\\ \n#,0123456789.-optindmav', max_size=300))
def test_any_text_in_the_form_of_dhclient(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "file").write_text("lease {\n" + text + "\n}\n")
    read_file(SystemFiles(root), "/file", "ISC dhclient", 0)


@given(st.text(max_size=300))
def test_any_text_from_nmcli(text: str) -> None:
    parse_nmcli("GENERAL.DEVICE:eth0\nDHCP4.OPTION[1]:ip_address = 10.0.0.7\n" + text, 0)


def test_binary_garbage_is_reported(machine: Machine) -> None:
    for place in EVERY_PLACE[:4]:
        machine.put(place, bytes(range(256)) * 8)
    leases, problems = machine.read()
    assert leases == []
    assert {problem.code for problem in problems} == {"lease-malformed"}
    assert len(problems) == 3


def test_a_huge_file_is_read_in_part(machine: Machine) -> None:
    for place in EVERY_PLACE:
        file = machine.put(place, "")
        with file.open("wb") as stream:
            stream.truncate(100 << 20)
    machine.read()
    assert len(SystemFiles(machine.root).read(EVERY_PLACE[0]) or b"") == LARGEST


def test_pipes_devices_folders_and_loops_do_not_hang(machine: Machine) -> None:
    (machine.root / "etc").mkdir()
    os.mkfifo(machine.root / "etc/resolv.conf")
    (machine.root / "var/lib/dhcp").mkdir(parents=True)
    (machine.root / "var/lib/dhcp/dhclient.eth0.leases").symlink_to("/dev/zero")
    (machine.root / "var/lib/dhcp/dhclient.eth1.leases").mkdir()
    (machine.root / "var/lib/dhcp/dhclient.eth2.leases").symlink_to("dhclient.eth2.leases")
    (machine.root / "var/lib/dhcpcd").symlink_to("/dev/null")
    leases, problems = machine.read()
    assert leases == []
    told = " ".join(problem.text for problem in problems)
    assert all(name in told for name in ("resolv.conf", "eth0.leases", "eth1.leases", "eth2.leases"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights(machine: Machine) -> None:
    machine.put("/var/lib/dhcpcd/eth0.lease", b"").chmod(0)
    leases, problems = machine.read()
    assert leases == []
    assert [problem.code for problem in problems] == ["lease-unreadable"]


def test_missing_rights_are_reported_and_only_when_they_matter(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = machine.put("/var/lib/dhcpcd/eth0.lease", (REAL / "dhcpcd-eth0.lease").read_bytes())
    real_open = os.open

    def refusing(path: object, *more: int) -> int:
        if path == secret:
            raise PermissionError(13, "Permission denied")
        return real_open(path, *more)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(os, "open", refusing)
    leases, problems = machine.read()
    assert leases == []
    assert [problem.code for problem in problems] == ["lease-unreadable"]
    assert "/var/lib/dhcpcd/eth0.lease" in problems[0].text
    assert "sudo" in problems[0].text
    machine.put("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp", (REAL / "dhcpcd-hook-eth0.dhcp").read_bytes())
    assert machine.chosen().domain == "contoso.com"
    # The hook's file is the weaker witness: root would read another.
    assert [problem.code for problem in machine.read()[1]] == ["lease-unreadable"]


def test_programs_are_bounded() -> None:
    assert run_program(["sh", "-c", "echo $LC_ALL; exit 0"]) == "C\n"
    assert run_program(["sh", "-c", "echo x; exit 1"]) is None
    assert run_program(["/no/such/program"]) is None
    assert run_program(["sleep", "60"], timeout=0.2) is None
    assert len(run_program(["yes"], timeout=30) or "") == LARGEST


def test_the_real_machine_is_read_without_a_crash() -> None:
    leases, problems = machine_leases()
    assert sum(lease.chosen for lease in leases) <= 1
    assert all(isinstance(problem, Problem) for problem in problems)
