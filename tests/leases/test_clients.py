"""The DHCP clients of Linux one by one: which files are theirs, every field, and what is no lease."""

import socket
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.leases.machine import REAL, SECOND, WRITTEN, Machine
from tests.wire.dhcp_options import name, option
from ucdiag.leases import dhclient
from ucdiag.leases.dhcpcd import read_dhcpcd
from ucdiag.leases.networkd import lease_of, read_networkd, time_span
from ucdiag.leases.networkmanager import COMMAND, parse_nmcli, read_networkmanager
from ucdiag.leases.rtnetlink import seconds_left
from ucdiag.leases.selection import ENDLESS
from ucdiag.leases.system_files import LARGEST, SystemFiles
from ucdiag.model.observations import Lease

NOW = WRITTEN + 60 * SECOND
FOLDER = "/var/lib/dhcp"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def files(machine: Machine) -> SystemFiles:
    return SystemFiles(machine.root, runner=machine.run)


def texts(files: SystemFiles) -> list[tuple[str, str]]:
    return [(problem.code, problem.text) for problem in files.problems]


# dhclient


def block(domain: str = "contoso.com", *lines: str, address: str = "192.0.2.7", interface: str | None = "eth0") -> str:
    of = [f'interface "{interface}";'] if interface else []
    body = [*of, f"fixed-address {address};", f'option domain-name "{domain}";', *lines]
    return "lease {\n" + "".join(f"  {line}\n" for line in body) + "}\n"


def clients(files: SystemFiles) -> list[Lease]:
    return dhclient.read_dhclient(files, NOW)


@pytest.mark.parametrize("folder", ["/var/lib/dhcp", "/var/lib/dhclient", "/var/lib/dhcp3", "/var/db"])
def test_dhclients_folders(machine: Machine, files: SystemFiles, folder: str) -> None:
    machine.put(f"{folder}/dhclient.leases", block())
    assert [lease.domain for lease in clients(files)] == ["contoso.com"]


FILES = [
    ("dhclient.leases", 1),
    ("dhclient.eth0.leases", 1),
    ("dhclient-eth0.lease", 1),
    ("dhclient6.leases", 0),
    ("dhclient.conf", 0),
    ("dhcpd.leases", 0),
]


@pytest.mark.parametrize(("file", "count"), FILES)
def test_dhclients_files(machine: Machine, files: SystemFiles, file: str, count: int) -> None:
    machine.put(f"{FOLDER}/{file}", block())
    assert len(clients(files)) == count


def test_every_field_of_dhclient(machine: Machine, files: SystemFiles) -> None:
    lines = (
        "option dhcp-server-identifier 192.0.2.1;",
        "option dhcp-lease-time 3600;",
        "option domain-name-servers 192.0.2.2,192.0.2.3;",
        'option domain-search "a.example.", "b.example";',
        "expire epoch 1800000000; # Fri Jan 15 08:00:00 2027",
    )
    machine.put(f"{FOLDER}/dhclient.leases", block("contoso.com", *lines))
    assert clients(files) == [
        Lease(
            time=NOW,
            interface="eth0",
            source="ISC dhclient",
            provenance="option 15 of the lease of eth0 from 192.0.2.1, by ISC dhclient (/var/lib/dhcp/dhclient.leases)",
            authority="dhcp",
            address="192.0.2.7",
            server="192.0.2.1",
            domain="contoso.com",
            resolvers=("192.0.2.2", "192.0.2.3"),
            search=("a.example", "b.example"),
            obtained=1_799_996_400 * SECOND,
            expires=1_800_000_000 * SECOND,
        )
    ]
    assert files.problems == []


INTERFACES = [
    ("dhclient.leases", None, "an unnamed interface"),
    ("dhclient.eth1.leases", "eth1", "eth1"),
    ("dhclient-eth1.lease", "eth1", "eth1"),
    ("dhclient-01234567-89ab-cdef-0123-456789abcdef-wlan0.lease", "wlan0", "wlan0"),
]


@pytest.mark.parametrize(("file", "interface", "shown"), INTERFACES)
def test_whose_lease_it_is(machine: Machine, files: SystemFiles, file: str, interface: str | None, shown: str) -> None:
    machine.put(f"{FOLDER}/{file}", block(interface=None))
    [lease] = clients(files)
    assert lease.interface == interface
    assert lease.provenance == f"option 15 of the lease of {shown}, by ISC dhclient ({FOLDER}/{file})"


# libtext-dhcpleases-perl 1.0 gives none for the first (findings/text-dhcpleases-perl-local-time.sh).
TIMES = [
    ("epoch 1800000000", "3600", 1_799_996_400 * SECOND, 1_800_000_000 * SECOND),
    ("5 2027/01/15 08:00:00", "3600", 1_799_996_400 * SECOND, 1_800_000_000 * SECOND),
    ("5 2027/01/15 08:00:00", "0", None, 1_800_000_000 * SECOND),
    ("5 2027/01/15 08:00:00", "x", None, 1_800_000_000 * SECOND),
    ("5 2027/13/15 08:00:00", "3600", None, None),
    ("5 2027/01/15", "3600", None, None),
    ("never", "3600", None, None),
    ("epoch", "3600", None, None),
    ("epoch x", "3600", None, None),
]


@pytest.mark.parametrize(("expire", "seconds", "obtained", "expires"), TIMES)
def test_the_times_of_dhclient(
    machine: Machine, files: SystemFiles, expire: str, seconds: str, obtained: int | None, expires: int | None
) -> None:
    machine.put(f"{FOLDER}/dhclient.leases", block("a", f"expire {expire};", f"option dhcp-lease-time {seconds};"))
    [lease] = clients(files)
    assert (lease.obtained, lease.expires) == (obtained, expires)


NOT_LEASES = [
    ("other blocks", "failover {\n fixed-address 192.0.2.7;\n}\n"),
    ("a block of another word", block().replace("lease {", "lease x {")),
    ("a cut one", block().rpartition("}")[0]),
    ("no address", 'lease {\n option domain-name "a.example";\n}\n'),
    ("address 0.0.0.0", block(address="0.0.0.0")),
    ("deeper", "lease {\n options {\n fixed-address 192.0.2.7;\n }\n}\n"),
    ("words outside", "fixed-address 192.0.2.7;\n"),
]


@pytest.mark.parametrize("text", [row[1] for row in NOT_LEASES], ids=[row[0] for row in NOT_LEASES])
def test_what_is_no_lease_of_dhclient(machine: Machine, files: SystemFiles, text: str) -> None:
    machine.put(f"{FOLDER}/dhclient.leases", text)
    assert clients(files) == []
    assert texts(files) == [("lease-malformed", f"{FOLDER}/dhclient.leases holds no whole lease as dhclient writes it")]


@pytest.mark.parametrize("text", ["", " \n", 'lease6 {\n  interface "eth0";\n}\n'])
def test_a_file_without_leases_is_no_problem(machine: Machine, files: SystemFiles, text: str) -> None:
    machine.put(f"{FOLDER}/dhclient.leases", text)
    assert (clients(files), files.problems) == ([], [])


ESCAPES = [
    (r"a\tb", "a\tb"),
    (r"a\nb", "a\nb"),
    (r"a\rb", "a\rb"),
    (r"a\bb", "a\bb"),
    (r"a\"b", 'a"b'),
    (r"a\\b", "a\\b"),
    (r"a\101b", "aAb"),
    (r"a\xb", "axb"),
]


@pytest.mark.parametrize(("written", "domain"), ESCAPES)
def test_the_escapes_of_dhclient(machine: Machine, files: SystemFiles, written: str, domain: str) -> None:
    machine.put(f"{FOLDER}/dhclient.leases", block(written))
    assert [lease.domain for lease in clients(files)] == [domain]


def test_statements_of_a_deeper_block_are_not_the_leases(machine: Machine, files: SystemFiles) -> None:
    machine.put(f"{FOLDER}/dhclient.leases", block("a.example", "x {", 'option domain-name "b.example";', "}"))
    assert [lease.domain for lease in clients(files)] == ["a.example"]


def test_leases_without_times_the_last_counts(machine: Machine, files: SystemFiles) -> None:
    machine.put(f"{FOLDER}/dhclient.leases", block("a.example") + block("b.example"))
    assert [lease.domain for lease in clients(files)] == ["b.example"]


@pytest.mark.parametrize(
    ("first", "second", "current"), [(2, 1, "a.example"), (1, 2, "b.example"), (1, 1, "b.example")]
)
def test_the_newest_lease_whatever_its_place(
    machine: Machine, files: SystemFiles, first: int, second: int, current: str
) -> None:
    texts_ = [
        block(domain, f"expire epoch {1_900_000_000 + number};")
        for domain, number in (("a.example", first), ("b.example", second))
    ]
    machine.put(f"{FOLDER}/dhclient.leases", "".join(texts_))
    assert [lease.domain for lease in clients(files)] == [current]


@pytest.mark.parametrize(("offset", "count"), [(0, 2), (1, 1)], ids=["expires now", "expires later"])
def test_an_older_lease_is_shown_once_it_has_expired(
    machine: Machine, files: SystemFiles, offset: int, count: int
) -> None:
    old = block("a.example", f"expire epoch {NOW // SECOND + offset};")
    machine.put(f"{FOLDER}/dhclient.leases", old + block("b.example", "expire epoch 1900000000;"))
    assert len(clients(files)) == count


def test_an_expired_lease_behind_the_newest_is_shown(machine: Machine, files: SystemFiles) -> None:
    old = block("a.example", f"expire epoch {NOW // SECOND};")
    machine.put(f"{FOLDER}/dhclient.leases", block("b.example", "expire epoch 1900000000;") + old)
    assert [lease.domain for lease in clients(files)] == ["b.example", "a.example"]


def test_what_stands_behind_a_block_in_a_lease_is_its_own(machine: Machine, files: SystemFiles) -> None:
    inner = block("b.example").replace("lease {", "lease { on expiry { set a = 1; }")
    machine.put(f"{FOLDER}/dhclient.leases", inner)
    assert [(lease.address, lease.domain) for lease in clients(files)] == [("192.0.2.7", "b.example")]


def test_a_long_file_begins_at_a_whole_lease(machine: Machine, files: SystemFiles) -> None:
    cut = 'option domain-name "cut.example";\n fixed-address 192.0.2.9;\n}\n'
    text = "x" * LARGEST + cut + "#" * 500_000 + "\n" + block("b.example")
    machine.put(f"{FOLDER}/dhclient.leases", text)
    assert [lease.domain for lease in clients(files)] == ["b.example"]
    assert files.problems == []


# dhcpcd


def ack(*options: bytes, address: str = "192.0.2.7", client: str = "0.0.0.0") -> bytes:
    head = struct.pack("!4BIHH", 2, 1, 6, 0, 1, 0, 0) + socket.inet_aton(client) + socket.inet_aton(address)
    head += bytes(8) + bytes.fromhex("020000000001") + bytes(10 + 192)
    return head + bytes.fromhex("63825363") + option(53, b"\x05") + b"".join(options) + b"\xff"


DOMAIN = option(15, b"contoso.com")
DHCPCD_FILES = [
    ("eth0.lease", ["eth0"], "eth0"),
    ("dhcpcd-eth0.lease", ["eth0"], "eth0"),
    ("wlan0-Office.lease", ["wlan0"], "wlan0"),
    ("wlan0-1-Office.lease", ["wlan0", "wlan0-1"], "wlan0-1"),
    ("wlan0x.lease", ["wlan0"], "wlan0x"),
    ("gone.lease", [], "gone"),
]


@pytest.mark.parametrize("folder", ["/var/lib/dhcpcd", "/var/lib/dhcpcd5", "/var/db/dhcpcd"])
def test_every_field_of_dhcpcd(machine: Machine, files: SystemFiles, folder: str) -> None:
    options = (
        option(54, socket.inet_aton("192.0.2.1")),
        option(51, (3600).to_bytes(4, "big")),
        option(6, socket.inet_aton("192.0.2.2")),
        option(119, name("a.example")),
        DOMAIN,
    )
    machine.put(f"{folder}/eth0.lease", ack(*options))
    assert read_dhcpcd(files, ["eth0"], NOW) == [
        Lease(
            time=NOW,
            interface="eth0",
            source="dhcpcd",
            provenance="option 15 of the lease of eth0 from 192.0.2.1, by dhcpcd",
            authority="dhcp",
            address="192.0.2.7",
            server="192.0.2.1",
            domain="contoso.com",
            resolvers=("192.0.2.2",),
            search=("a.example",),
            obtained=WRITTEN,
            expires=WRITTEN + 3600 * SECOND,
        )
    ]
    assert files.problems == []


@pytest.mark.parametrize(("file", "interfaces", "interface"), DHCPCD_FILES)
def test_whose_lease_of_dhcpcd_it_is(
    machine: Machine, files: SystemFiles, file: str, interfaces: list[str], interface: str
) -> None:
    machine.put(f"/var/lib/dhcpcd/{file}", ack(DOMAIN))
    [lease] = read_dhcpcd(files, interfaces, NOW)
    assert (lease.interface, lease.server) == (interface, None)
    assert lease.provenance == f"option 15 of the lease of {interface}, by dhcpcd"


@pytest.mark.parametrize(
    ("address", "client", "own"),
    [
        ("192.0.2.7", "0.0.0.0", "192.0.2.7"),
        ("0.0.0.0", "192.0.2.9", "192.0.2.9"),
        ("192.0.2.7", "192.0.2.9", "192.0.2.7"),
    ],
)
def test_the_address_of_dhcpcd(machine: Machine, files: SystemFiles, address: str, client: str, own: str) -> None:
    machine.put("/var/lib/dhcpcd/eth0.lease", ack(DOMAIN, address=address, client=client))
    assert [lease.address for lease in read_dhcpcd(files, ["eth0"], NOW)] == [own]


@pytest.mark.parametrize("file", ["eth0.lease6", "duid", "eth0.conf"])
def test_files_that_are_no_lease_of_dhcpcd(machine: Machine, files: SystemFiles, file: str) -> None:
    machine.put(f"/var/lib/dhcpcd/{file}", ack(DOMAIN))
    assert read_dhcpcd(files, ["eth0"], NOW) == []


def test_a_lease_of_dhcpcd_that_cannot_be_read(machine: Machine, files: SystemFiles) -> None:
    machine.put("/var/lib/dhcpcd/eth0.lease", b"short")
    assert read_dhcpcd(files, ["eth0"], NOW) == []
    [(code, text)] = texts(files)
    assert code == "lease-malformed"
    place = "/var/lib/dhcpcd/eth0.lease"
    assert text == f"{place} is not a lease as dhcpcd writes it: 5 bytes are too few for a DHCP message"


def test_a_cut_lease_of_dhcpcd(machine: Machine, files: SystemFiles) -> None:
    machine.put("/var/lib/dhcpcd/eth0.lease", ack(option(12, b"x"))[:-1] + b"\x0f\x0bconto")
    [lease] = read_dhcpcd(files, ["eth0"], NOW)
    assert lease.unknown == ("domain", "resolvers", "search")


def test_what_the_hook_keeps_is_no_other_domain_than_one_that_is_not_known(
    machine: Machine, files: SystemFiles
) -> None:
    machine.put("/run/dhcpcd/resolv.conf/eth0.dhcp", "domain a.example\n")
    machine.put("/var/lib/dhcpcd/eth0.lease", ack(option(12, b"x"))[:-1] + b"\x0f\x0bconto")
    [cut] = read_dhcpcd(files, ["eth0"], NOW)
    assert cut.reason is None
    for sent, reason in ((b"b.example", "another"), (b"", "none")):
        machine.put("/var/lib/dhcpcd/eth0.lease", ack(option(15, sent)) if sent else ack())
        [lease] = read_dhcpcd(files, ["eth0"], NOW)
        place = "/run/dhcpcd/resolv.conf/eth0.dhcp"
        assert lease.reason == (
            f'dhcpcd\'s hook gave this system the domain "a.example" ({place}), the server sent {reason}'
        )
    machine.put("/var/lib/dhcpcd/eth0.lease", ack(option(15, b"a.example")))
    [lease] = read_dhcpcd(files, ["eth0"], NOW)
    assert lease.reason is None


HOOK_FILES = [("eth0.dhcp", 1), ("eth0.dhcp4", 1), ("eth0.dhcp6", 0), ("eth0.ra", 0), ("dhcp", 1)]


@pytest.mark.parametrize("folder", ["/run/dhcpcd/hook-state/resolv.conf", "/run/dhcpcd/resolv.conf"])
@pytest.mark.parametrize(("file", "count"), HOOK_FILES)
def test_what_the_hook_keeps(machine: Machine, files: SystemFiles, folder: str, file: str, count: int) -> None:
    machine.put(f"{folder}/{file}", "domain contoso.com\n")
    assert len(read_dhcpcd(files, ["eth0"], NOW)) == count


def test_every_field_of_the_hook(machine: Machine, files: SystemFiles) -> None:
    path = "/run/dhcpcd/resolv.conf/eth0.dhcp"
    machine.put(path, "domain contoso.com\nsearch a.example\nnameserver 192.0.2.2\n")
    assert read_dhcpcd(files, ["eth0"], NOW) == [
        Lease(
            time=NOW,
            interface="eth0",
            source="dhcpcd",
            provenance=f"the domain line that dhcpcd keeps for eth0 ({path})",
            authority="dhcp",
            reason="dhcpcd keeps no lease file here",
            domain="contoso.com",
            resolvers=("192.0.2.2",),
            search=("a.example",),
            unknown=("address", "server", "obtained", "expires"),
        )
    ]


def test_the_hook_of_an_interface_without_a_lease_file(machine: Machine, files: SystemFiles) -> None:
    machine.put("/var/lib/dhcpcd/eth0.lease", ack(DOMAIN))
    machine.put("/run/dhcpcd/resolv.conf/eth1.dhcp", "domain\n")
    assert [(lease.interface, lease.domain) for lease in read_dhcpcd(files, ["eth0"], NOW)] == [
        ("eth0", "contoso.com"),
        ("eth1", None),
    ]


# systemd-networkd


SPANS: list[tuple[str, int | None]] = [
    ("1y", 31_557_600),
    ("1month", 2_629_800),
    ("1w", 604_800),
    ("1d", 86_400),
    ("1h", 3600),
    ("1min", 60),
    ("1s", 1),
    ("1000ms", 1),
    ("1000000us", 1),
    ("1000000\u00b5s", 1),
    ("1000000\u03bcs", 1),
    ("999ms", 0),
    ("3600", 3600),
    ("1.5h", 5400),
    ("1h 30min 5s", 5405),
    ("1h30min", 5400),
    ("infinity", ENDLESS),
    (str(ENDLESS), ENDLESS),
    (str(ENDLESS + 1), None),
    ("60 1h", None),
    ("1 fortnight", None),
    ("-1s", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "seconds"), SPANS)
def test_a_span_of_time(text: str, seconds: int | None) -> None:
    assert time_span(text) == seconds


def networkd(text: str, left: int | None = None, now: int = NOW) -> Lease | None:
    kept = {} if left is None else {"192.0.2.7": left}
    return lease_of(text.encode(), WRITTEN, "eth0", "systemd-networkd", kept, now)


WHOLE = "ADDRESS=192.0.2.7\nSERVER_ADDRESS=192.0.2.1\nDOMAINNAME=contoso.com\nDNS=192.0.2.2 192.0.2.3\n"


def test_every_field_of_networkd() -> None:
    assert networkd(WHOLE + "DOMAIN_SEARCH_LIST=a.example. b.example\nLIFETIME=3600\n") == Lease(
        time=NOW,
        interface="eth0",
        source="systemd-networkd",
        provenance="option 15 of the lease of eth0 from 192.0.2.1, by systemd-networkd",
        authority="dhcp",
        address="192.0.2.7",
        server="192.0.2.1",
        domain="contoso.com",
        resolvers=("192.0.2.2", "192.0.2.3"),
        search=("a.example", "b.example"),
        obtained=WRITTEN,
        expires=WRITTEN + 3600 * SECOND,
    )


ENDS = [
    ("3600", None, WRITTEN, WRITTEN + 3600 * SECOND, ()),
    ("3600", 100, WRITTEN, NOW + 100 * SECOND, ()),
    ("100", 50, NOW - 50 * SECOND, NOW + 50 * SECOND, ()),
    ("100", 500, NOW, NOW + 500 * SECOND, ()),
    ("100", 10, WRITTEN, NOW + 10 * SECOND, ()),
    ("3600", ENDLESS, WRITTEN, None, ("expires",)),
    ("infinity", 100, WRITTEN, None, ()),
    ("x", None, WRITTEN, None, ("expires",)),
]


@pytest.mark.parametrize(("lifetime", "left", "obtained", "expires", "unknown"), ENDS)
def test_the_end_of_a_lease_of_networkd(
    lifetime: str, left: int | None, obtained: int, expires: int | None, unknown: tuple[str, ...]
) -> None:
    lease = networkd(f"{WHOLE}LIFETIME={lifetime}\n", left)
    assert lease is not None
    assert (lease.obtained, lease.expires, lease.unknown) == (obtained, expires, unknown)


def test_a_file_that_holds_little_more_than_the_address() -> None:
    lease = networkd("ADDRESS=192.0.2.7\nNETMASK=255.255.255.0\n")
    assert lease is not None
    assert (lease.domain, lease.reason) == (None, None)
    assert lease.unknown == ("domain", "resolvers", "search", "server", "expires")


def test_the_least_that_is_a_whole_lease() -> None:
    lease = networkd("ADDRESS=192.0.2.7\nNETMASK=255.255.255.0\nDNS=192.0.2.2\n")
    assert lease is not None
    assert lease.reason == "systemd-networkd drops a domain that cannot be a DNS name"
    assert lease.unknown == ("expires",)


@pytest.mark.parametrize(
    "text", ["", "DOMAINNAME=a.example\n", "ADDRESS=0.0.0.0\n", "ADDRESS=x\n", "address=192.0.2.7\n"]
)
def test_what_is_no_lease_of_networkd(machine: Machine, files: SystemFiles, text: str) -> None:
    machine.put("/run/systemd/netif/leases/3", text)
    assert read_networkd(files, {3: "eth0"}, {}, NOW) == []
    assert texts(files) == [
        (
            "lease-malformed",
            "/run/systemd/netif/leases/3 is not a lease in the form that systemd-networkd up to version 257 writes",
        )
    ]


def test_files_of_networkd_and_their_interfaces(machine: Machine, files: SystemFiles) -> None:
    for file in ("3", "4", ".#3abc"):
        machine.put(f"/run/systemd/netif/leases/{file}", WHOLE)
    found = read_networkd(files, {3: "eth0"}, {}, NOW)
    assert [lease.interface for lease in found] == ["eth0", "interface number 4"]
    assert files.problems == []


# NetworkManager

MANAGED = (
    "ip_address=192.0.2.7\ndomain_name=contoso.com\ndomain_name_servers=192.0.2.2 192.0.2.3\n"
    "dhcp_server_identifier=192.0.2.1\ndhcp_lease_time=3600\nexpiry=1800000000\ndomain_search=a.example. b.example"
)
MANAGED_LEASE = Lease(
    time=NOW,
    interface="eth0",
    source="NetworkManager",
    provenance="option 15 of the lease of eth0 from 192.0.2.1, by NetworkManager",
    authority="dhcp",
    address="192.0.2.7",
    server="192.0.2.1",
    domain="contoso.com",
    resolvers=("192.0.2.2", "192.0.2.3"),
    search=("a.example", "b.example"),
    obtained=1_799_996_400 * SECOND,
    expires=1_800_000_000 * SECOND,
)


def nmcli(options: str = MANAGED, device: str = "eth0") -> str:
    lines = [f"DHCP4.OPTION[{at}]:{line.replace('=', ' = ', 1)}" for at, line in enumerate(options.splitlines(), 1)]
    return "\n".join([f"GENERAL.DEVICE:{device}", "GENERAL.TYPE:ethernet", *lines, ""])


def test_every_field_of_nmcli() -> None:
    assert parse_nmcli(nmcli(), NOW) == [MANAGED_LEASE]
    assert parse_nmcli("\n".join(nmcli().splitlines()[1:]), NOW) == []


def test_every_field_of_a_devices_record(machine: Machine, files: SystemFiles) -> None:
    record = "[device]\nmanaged=true\n[dhcp4]\n" + "\n".join(f"dhcp4.{line}" for line in MANAGED.splitlines()) + "\n"
    machine.put("/run/NetworkManager/devices/3", record)
    machine.put("/run/NetworkManager/devices/9", record)
    machine.put("/run/NetworkManager/devices/x", record)
    assert read_networkmanager(files, {3: "eth0"}, {}, NOW) == [MANAGED_LEASE]
    assert machine.ran == []


NMCLI: list[tuple[str, str, list[tuple[str | None, str | None]]]] = [
    ("two devices", nmcli() + "\n" + nmcli(device="eth1"), [("eth0", "contoso.com"), ("eth1", "contoso.com")]),
    ("ends of lines", nmcli().replace("\n", "\r\n"), [("eth0", "contoso.com")]),
    ("no device", nmcli(device=""), []),
    ("no lease", "GENERAL.DEVICE:eth0\n", []),
    ("no address", nmcli("ip_address=x\ndomain_name=contoso.com"), []),
    ("no domain", nmcli("ip_address=192.0.2.7"), [("eth0", None)]),
    ("nothing", "", []),
]


@pytest.mark.parametrize(("text", "leases"), [row[1:] for row in NMCLI], ids=[row[0] for row in NMCLI])
def test_what_nmcli_prints(text: str, leases: list[tuple[str, str]]) -> None:
    assert [(lease.interface, lease.domain) for lease in parse_nmcli(text, NOW)] == leases


@pytest.mark.parametrize(
    ("options", "obtained", "expires"),
    [
        ("", None, None),
        ("expiry=1800000000", None, 1_800_000_000 * SECOND),
        ("dhcp_lease_time=3600", None, None),
        ("expiry=x\ndhcp_lease_time=3600", None, None),
        ("expiry=0\ndhcp_lease_time=0", 0, 0),
        ("expiry=4294967295\ndhcp_lease_time=4294967295", 0, 4_294_967_295 * SECOND),
        ("expiry=4294967296\ndhcp_lease_time=4294967296", None, 4_294_967_296 * SECOND),
    ],
)
def test_the_times_of_networkmanager(options: str, obtained: int | None, expires: int | None) -> None:
    [lease] = parse_nmcli(nmcli(f"ip_address=192.0.2.7\n{options}".rstrip()), NOW)
    assert (lease.obtained, lease.expires) == (obtained, expires)
    assert lease.provenance == "option 15 of the lease of eth0, by NetworkManager"
    assert lease.reason == "NetworkManager drops a domain that cannot be a DNS name"
    assert (lease.resolvers, lease.search, lease.server) == ((), (), None)


def test_how_nmcli_is_run(machine: Machine) -> None:
    machine.put("/run/NetworkManager/x", "")
    ran: list[Any] = []
    files = SystemFiles(machine.root, runner=lambda argv: ran.append(argv))
    assert read_networkmanager(files, {}, {}, NOW) == []
    fields = "GENERAL.DEVICE,GENERAL.TYPE,GENERAL.STATE,DHCP4"
    assert [tuple(argv) for argv in ran] == [("nmcli", "-t", "-e", "no", "-f", fields, "device", "show")] == [COMMAND]


def test_files_of_a_device_that_was_reported_are_left(machine: Machine, files: SystemFiles) -> None:
    machine.put("/run/NetworkManager/x", "")
    machine.printed["nmcli"] = nmcli()
    folder = "/var/lib/NetworkManager"
    for interface in ("eth0", "eth1"):
        machine.put(f"{folder}/internal-{interface}.lease", WHOLE.replace("contoso.com", f"{interface}.example"))
    (machine.root / "var/lib/NetworkManager/internal-eth2.lease").mkdir()
    found = read_networkmanager(files, {}, {}, NOW)
    assert [(lease.interface, lease.domain) for lease in found] == [("eth0", "contoso.com"), ("eth1", "eth1.example")]
    assert files.problems == []


def test_a_problem_with_the_files_counts_where_nothing_was_reported(machine: Machine, files: SystemFiles) -> None:
    (machine.root / "var/lib/NetworkManager/internal-eth2.lease").mkdir(parents=True)
    assert read_networkmanager(files, {}, {}, NOW) == []
    assert [code for code, _ in texts(files)] == ["lease-malformed"]


def test_the_kernel_says_how_long_networkmanagers_address_is_valid(machine: Machine, files: SystemFiles) -> None:
    machine.put("/var/lib/NetworkManager/internal-eth1.lease", WHOLE + "LIFETIME=3600\n")
    left = {(4, "192.0.2.7"): 10, (5, "192.0.2.7"): 20}
    [lease] = read_networkmanager(files, {4: "eth1", 5: "eth2"}, left, NOW)
    assert lease.expires == NOW + 10 * SECOND


# The kernel.


def test_every_address_of_the_kernels_answer() -> None:
    real = (REAL / "rtnetlink").read_bytes()
    assert seconds_left(real) == {(1, "127.0.0.1"): ENDLESS, (3, "10.77.0.142"): 3600}
    assert seconds_left(real + real) == seconds_left(real)
