"""Two generations of Linux clients: systemd 252 and 257, NetworkManager 1.42 and 1.52, dhcpcd 9.4 and 10.1.

The files in folder ``leases`` and the escaped domains below are what the real clients wrote in a test site, served by
dnsmasq 2.90 and dhcpd 4.4.3-P1.
"""

import socket
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.leases.machine import REAL, SECOND, WRITTEN, Machine
from ucdiag.leases.networkd import time_span, unescaped_name
from ucdiag.leases.rtnetlink import dump_addresses, seconds_left
from ucdiag.leases.selection import ENDLESS
from ucdiag.leases.system_files import SystemFiles
from ucdiag.model.observations import Lease

MINUTE, HOUR, DAY = 60, 3600, 86400
NETWORKD = "/run/systemd/netif/leases"
DEVICES = "/run/NetworkManager/devices"
OWN = "10.77.0.142"
GENERATIONS = {"systemd 252": "networkd-252", "systemd 257": "networkd-257"}
DROPPED = "drops a domain that cannot be a DNS name"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def lease_text(generation: str = "systemd 257", **values: str | None) -> str:
    """The real file of a generation with other values, ``None`` for none."""
    lines = (REAL / GENERATIONS[generation]).read_text().splitlines()
    lines = [line for line in lines if line.partition("=")[0] not in values]
    return "\n".join([*lines, *(f"{key}={value}" for key, value in values.items() if value is not None), ""])


def put_networkd(machine: Machine, text: str, *, index: int = 3, age: int = 60) -> None:
    """``age`` is the seconds since the file was written."""
    machine.put(f"{NETWORKD}/{index}", text, machine.now - age * SECOND)


def kernel_says(monkeypatch: pytest.MonkeyPatch, left: int, *, index: int = 3, address: str = OWN) -> None:
    """The real answer of a kernel to which networkd gave the address of these files for an hour, with other numbers."""

    def number(value: int) -> bytes:
        return value.to_bytes(4, sys.byteorder)

    said = (REAL / "rtnetlink").read_bytes()
    for old, new in (
        (number(HOUR), number(left)),
        (socket.inet_aton(OWN), socket.inet_aton(address)),
        (b"\x02\x18\0\0" + number(3), b"\x02\x18\0\0" + number(index)),
    ):
        assert old in said
        said = said.replace(old, new)
    monkeypatch.setattr(SystemFiles, "kernel_addresses", lambda _: said)


# Spans of time.


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("3600", HOUR),
        ("1h", HOUR),
        ("2min", 2 * MINUTE),
        ("10s", 10),
        ("52min 30s", 3150),
        ("1w 3d", 10 * DAY),
        ("1w 2d 3h", 9 * DAY + 3 * HOUR),
        ("1w 1d 18h", 8 * DAY + 18 * HOUR),
        ("1y 1month 4d 7h 30min", 400 * DAY),
        ("11month 2w 1d 4h 30min", 350 * DAY),
        ("6month 2w 3d 9h", 200 * DAY),
        ("1y 3month", 31_557_600 + 3 * 2_629_800),
        ("136y 1month 5d 19h 58min 14s", ENDLESS - 1),
        ("1.5s", 1),
        ("1min 1.999999s", 61),
        ("1s 500ms 500ms", 2),
        ("1s 1000000us", 2),
        ("1s 1000000\u03bcs", 2),
        ("999ms 999us", 0),
        ("0", 0),
        ("infinity", ENDLESS),
        ("4294967295", ENDLESS),
        ("4294967296", None),
        ("", None),
        (" ", None),
        ("-1h", None),
        ("h", None),
        ("1h foo", None),
        ("1fortnight", None),
        ("1.h", None),
        ("1h 1", HOUR + 1),
        ("1 1h", None),
        ("1h,2min", None),
        ("1H", None),
        ("\u0661h", None),
        ("9" * 400, None),
        ("9" * 15 + "y", None),
        ("1h\n", None),
    ],
)
def test_spans(written: str, seconds: int | None) -> None:
    assert time_span(written) == seconds


UNITS = {"s": 1, "min": 60, "h": 3600, "d": DAY, "w": 7 * DAY, "month": 2_629_800, "y": 31_557_600}


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_is_exact_to_the_microsecond(unit: str) -> None:
    assert time_span(f"1{unit}") == time_span(f"1{unit} 999999us") == UNITS[unit]
    assert time_span(f"1{unit} 1000000us") == UNITS[unit] + 1


@pytest.mark.parametrize(
    ("written", "seconds"), [("1ms 998999us", 0), ("1ms 999000us", 1), ("999999us", 0), ("0.999999", 0)]
)
def test_small_units_add_up_to_seconds(written: str, seconds: int) -> None:
    assert time_span(written) == seconds


@given(st.text(alphabet="0123456789. hminsdwyou\u00b5-", max_size=60))
def test_any_span(text: str) -> None:
    seconds = time_span(text)
    assert seconds is None or 0 <= seconds <= ENDLESS


# Every key of systemd-networkd's file.


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_key_of_networkd(machine: Machine, generation: str) -> None:
    machine.interface("eth0", 3, address=OWN, metric=1024)
    put_networkd(machine, lease_text(generation))
    assert machine.chosen() == Lease(
        time=machine.now,
        interface="eth0",
        source="systemd-networkd",
        provenance="option 15 of the lease of eth0 from 10.77.0.2, by systemd-networkd",
        authority="dhcp",
        chosen=True,
        reason="the default route goes through eth0",
        address=OWN,
        server="10.77.0.2",
        domain="b\u00fcro.example",
        resolvers=("10.77.0.2", "10.77.0.3"),
        search=("contoso.com", "corp.contoso.com"),
        obtained=WRITTEN,
        expires=WRITTEN + HOUR * SECOND,
    )


def test_every_key_of_networkmanager(machine: Machine) -> None:
    machine.interface("eth0", 3, address=OWN, metric=100)
    machine.put(f"{DEVICES}/3", (REAL / "networkmanager-1.52-device").read_bytes())
    machine.now = 1795857120 * SECOND
    assert machine.chosen() == Lease(
        time=machine.now,
        interface="eth0",
        source="NetworkManager",
        provenance="option 15 of the lease of eth0 from 10.77.0.2, by NetworkManager",
        authority="dhcp",
        chosen=True,
        reason="the default route goes through eth0",
        address=OWN,
        server="10.77.0.2",
        domain="b\u00fcro.example",
        resolvers=("10.77.0.2", "10.77.0.3"),
        search=("contoso.com", "corp.contoso.com"),
        obtained=(1795860713 - HOUR) * SECOND,
        expires=1795860713 * SECOND,
    )


# When a lease of networkd ends.


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [("1h", HOUR), ("3600", HOUR), ("52min 30s", 3150), ("1w 3d", 10 * DAY), ("1y 1month 4d 7h 30min", 400 * DAY)],
)
def test_the_end_is_known_from_the_files_date(machine: Machine, lifetime: str, seconds: int) -> None:
    put_networkd(machine, lease_text(LIFETIME=lifetime))
    lease = machine.chosen()
    assert (lease.obtained, lease.expires, lease.unknown) == (WRITTEN, WRITTEN + seconds * SECOND, ())


@pytest.mark.parametrize(
    ("lifetime", "unknown"),
    [("infinity", ()), ("4294967295", ()), ("1 hour or so", ("expires",)), ("", ("expires",)), (None, ("expires",))],
)
def test_no_end_is_never_or_unknown(machine: Machine, lifetime: str | None, unknown: tuple[str, ...]) -> None:
    put_networkd(machine, lease_text(LIFETIME=lifetime), age=300 * DAY)
    lease = machine.chosen()
    assert (lease.expires, lease.unknown) == (None, unknown)


@pytest.mark.parametrize(
    ("lifetime", "age", "reason"),
    [
        ("2min", 3 * DAY, "it expired 2 days ago"),
        ("120", 3 * DAY, "it expired 2 days ago"),
        ("1h", HOUR, "it expired 0 seconds ago"),
        ("52min 30s", HOUR, "it expired 7 minutes ago"),
        ("1w 3d", 11 * DAY, "it expired 1 day ago"),
    ],
)
def test_expired(machine: Machine, lifetime: str, age: int, reason: str) -> None:
    machine.interface("eth0", 3, address=OWN, metric=1024)
    put_networkd(machine, lease_text(LIFETIME=lifetime), age=age)
    (lease,) = machine.leases()
    assert (lease.chosen, lease.reason, lease.domain) == (False, reason, "b\u00fcro.example")


@pytest.mark.parametrize(("lifetime", "age"), [("2min", 119), ("1h", HOUR - 1), ("1w 3d", 9 * DAY)])
def test_not_expired(machine: Machine, lifetime: str, age: int) -> None:
    put_networkd(machine, lease_text(LIFETIME=lifetime), age=age)
    assert machine.chosen().expires is not None


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_renewed_lease_has_an_old_file(machine: Machine, monkeypatch: pytest.MonkeyPatch, generation: str) -> None:
    machine.interface("eth0", 3, address=OWN, metric=1024)
    lifetime = {"systemd 252": "120", "systemd 257": "2min"}[generation]
    put_networkd(machine, lease_text(generation, LIFETIME=lifetime), age=3 * DAY)
    kernel_says(monkeypatch, 70)
    lease = machine.chosen()
    assert (lease.obtained, lease.expires) == (machine.now - 50 * SECOND, machine.now + 70 * SECOND)


def test_the_kernel_keeps_an_address_for_ever_whatever_its_lease(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KeepConfiguration=yes, as netplan's ``critical: true`` sets it."""
    machine.interface("eth0", 3, address=OWN, metric=1024)
    put_networkd(machine, lease_text(LIFETIME="2min"), age=3 * DAY)
    kernel_says(monkeypatch, ENDLESS)
    lease = machine.chosen()
    assert (lease.expires, lease.unknown) == (None, ("expires",))


@pytest.mark.parametrize(("index", "address"), [(4, OWN), (3, "10.77.0.143")], ids=["interface", "address"])
def test_the_kernel_speaks_of_another(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, index: int, address: str
) -> None:
    put_networkd(machine, lease_text(LIFETIME="2min"), age=3 * DAY)
    kernel_says(monkeypatch, 70, index=index, address=address)
    (lease,) = machine.leases()
    assert (lease.chosen, lease.reason) == (False, "it expired 2 days ago")


def test_the_start_is_never_before_the_file_nor_in_the_future(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_networkd(machine, lease_text(LIFETIME="2min"), age=10)
    kernel_says(monkeypatch, 109)
    assert machine.chosen().obtained == machine.now - 10 * SECOND
    kernel_says(monkeypatch, 500)
    assert machine.chosen().obtained == machine.now


def test_of_several_interfaces_the_live_lease(machine: Machine) -> None:
    machine.interface("eth0", 3, address=OWN, metric=100)
    machine.interface("eth1", 4, address="10.78.0.9", metric=200)
    machine.interface("eth2", 5, address="10.79.0.9", metric=300)
    put_networkd(machine, lease_text(LIFETIME="2min", DOMAINNAME="old.example"), age=3 * DAY)
    put_networkd(machine, lease_text(ADDRESS="10.78.0.9", LIFETIME="1w 3d", DOMAINNAME="live.example"), index=4)
    put_networkd(machine, lease_text(ADDRESS="10.79.0.9", LIFETIME="1d", DOMAINNAME="later.example"), index=5)
    assert machine.chosen().domain == "live.example"
    assert {lease.domain: lease.reason for lease in machine.leases()[1:]} == {
        "old.example": "it expired 2 days ago",
        "later.example": "the default route goes through eth1",
    }


@pytest.mark.parametrize(("left", "chosen"), [(None, False), (70, True)])
def test_networkmanagers_file_of_old_is_of_the_same_form(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, left: int | None, chosen: bool
) -> None:
    machine.interface("eth0", 3, address=OWN, metric=100)
    path = "/var/lib/NetworkManager/internal-1a2b3c4d-0001-0002-0003-1a2b3c4d5e6f-eth0.lease"
    machine.put(path, lease_text(LIFETIME="2min"), machine.now - 3 * DAY * SECOND)
    if left:
        kernel_says(monkeypatch, left)
    (lease,) = machine.leases()
    assert (lease.source, lease.chosen) == ("NetworkManager", chosen)


# What the kernel says.


def test_the_kernels_real_answer() -> None:
    assert seconds_left((REAL / "rtnetlink").read_bytes()) == {(1, "127.0.0.1"): ENDLESS, (3, OWN): HOUR}


@pytest.mark.parametrize("length", [0, 1, 15, 16, 24, 75, 76, 100, 150, 171])
def test_a_cut_answer_is_read_as_far_as_it_goes(length: int) -> None:
    whole = seconds_left((REAL / "rtnetlink").read_bytes())
    assert seconds_left((REAL / "rtnetlink").read_bytes()[:length]).items() <= whole.items()


@pytest.mark.parametrize("at", [76, 100], ids=["message", "attribute"])
@pytest.mark.parametrize("length", [0, 1, 3, 0xFFFF])
def test_a_length_that_cannot_be(at: int, length: int) -> None:
    real = (REAL / "rtnetlink").read_bytes()
    said = real[:at] + length.to_bytes(2, sys.byteorder) + real[at + 2 :]
    assert seconds_left(said) == {(1, "127.0.0.1"): ENDLESS}


def attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data.ljust((len(data) + 3) & ~3, b"\0")


def netlink(*attributes: bytes, kind: int = 20, index: int = 3) -> bytes:
    body = struct.pack("=BBBBI", 2, 24, 0, 0, index) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body


LOCAL, CACHE = attribute(2, b"\x0a\0\0\7"), attribute(6, struct.pack("=IIII", 100, 200, 0, 0))
TOLD = {(3, "10.0.0.7"): 200}


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        pytest.param(netlink(LOCAL, CACHE), TOLD, id="an address"),
        pytest.param(netlink(CACHE, attribute(3, b"eth\0\0"), LOCAL), TOLD, id="in another order, behind a name"),
        pytest.param(netlink(LOCAL, CACHE, kind=16), {}, id="a link"),
        pytest.param(netlink(LOCAL, CACHE, kind=16) + netlink(LOCAL, CACHE), TOLD, id="a link and an address"),
        pytest.param(struct.pack("=IHHII", 23, 20, 0, 1, 0) + bytes(8) + netlink(LOCAL, CACHE), TOLD, id="no index"),
        pytest.param(struct.pack("=IHHII", 16, 3, 0, 1, 0) + netlink(LOCAL, CACHE), TOLD, id="behind an empty one"),
        pytest.param(struct.pack("=IHHII", 15, 20, 0, 1, 0) + netlink(LOCAL, CACHE), {}, id="behind no message"),
        pytest.param(netlink(LOCAL, CACHE)[:-1], {}, id="a message that is cut"),
        pytest.param(netlink(LOCAL), {}, id="without times"),
        pytest.param(netlink(CACHE), {}, id="without an address"),
        pytest.param(netlink(attribute(1, LOCAL[4:]), CACHE), {}, id="the other end's address"),
        pytest.param(netlink(attribute(2, bytes(16)), CACHE), {}, id="an address of IPv6"),
        pytest.param(netlink(LOCAL, attribute(6, CACHE[4:-1])), {}, id="times that are cut"),
        pytest.param(netlink(LOCAL, attribute(6, CACHE[4:] + bytes(4))), TOLD, id="more than times"),
        pytest.param(netlink(attribute(9, b""), LOCAL, CACHE), TOLD, id="behind an empty attribute"),
        pytest.param(netlink(struct.pack("=HH", 3, 9), LOCAL, CACHE), {}, id="behind no attribute"),
        pytest.param(netlink(LOCAL, CACHE) + netlink(LOCAL, CACHE, index=4), {**TOLD, (4, "10.0.0.7"): 200}, id="two"),
    ],
)
def test_what_an_answer_of_the_kernel_says(answer: bytes, seconds: dict[tuple[int, str], int]) -> None:
    assert seconds_left(answer) == seconds


@given(st.binary(max_size=300), st.integers(0, 190))
def test_any_answer(data: bytes, at: int) -> None:
    real = (REAL / "rtnetlink").read_bytes()
    assert isinstance(seconds_left(data), dict)
    assert isinstance(seconds_left(real[:at] + data[:8] + real[at + 8 :]), dict)


@pytest.mark.skipif(sys.platform != "linux", reason="rtnetlink is Linux's")
def test_the_real_kernel_is_asked() -> None:
    addresses = {address for _, address in seconds_left(dump_addresses())}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("127.0.0.1", 9))
        assert probe.getsockname()[0] in addresses


class Kernel:
    """Stands for a socket of the kernel: says one answer after the other, and refuses where there is none."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[object] = []

    def __call__(self, *kind: int) -> "Kernel":
        self.asked.append(kind)
        return self

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None:
        self.asked.append("closed")

    def settimeout(self, seconds: float) -> None:
        assert seconds == 2

    def sendto(self, question: bytes, address: tuple[int, int]) -> None:
        self.asked += [question, address]

    def recv(self, size: int) -> bytes:
        assert size == 1 << 16
        if not self.answers:
            raise TimeoutError
        return self.answers.pop(0)


DONE, FAILED = (struct.pack("=IHHIII", 20, kind, 2, 1, 0, 0) for kind in (3, 2))


@pytest.mark.skipif(sys.platform != "linux", reason="rtnetlink is Linux's")
@pytest.mark.parametrize(
    ("answers", "read"),
    [
        ((netlink(LOCAL, CACHE), DONE, b"more"), 2),
        ((netlink(LOCAL, CACHE) + DONE, b"more"), 1),
        ((FAILED, b"more"), 1),
        ((netlink(LOCAL, CACHE), netlink(CACHE)), 2),
        ((), 0),
        ((netlink(LOCAL),) * 1025, 1024),
    ],
)
def test_how_the_kernel_is_asked(monkeypatch: pytest.MonkeyPatch, answers: tuple[bytes, ...], read: int) -> None:
    kernel = Kernel(*answers)
    monkeypatch.setattr(socket, "socket", kernel)
    assert dump_addresses() == b"".join(answers[:read])
    question = struct.pack("=IHHIIBBBBI", 24, 22, 0x301, 1, 0, socket.AF_INET, 0, 0, 0, 0)
    assert kernel.asked == [(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE), question, (0, 0), "closed"]


def test_a_kernel_that_refuses_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(socket, "socket", refuse)
    assert dump_addresses() == b""


def test_other_systems_have_no_such_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel(DONE)
    monkeypatch.setattr(socket, "socket", kernel)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert (dump_addresses(), kernel.asked) == (b"", [])


def test_another_root_is_not_this_machine(tmp_path: Path) -> None:
    assert SystemFiles(tmp_path).kernel_addresses() == b""


# Domains. What dhcpd sent -> what each client wrote -> the domain; None: the client drops it.

UTF8, LATIN1, MIXED = "b\u00fcro.example", "b\u00fcro.example", "b\u00c3\u00bcro\u00ff.example"

NETWORKD_DOMAINS = [
    ("utf8", rb"b\195\188ro.example", UTF8),
    ("latin1, 252", rb"b\252ro.example", LATIN1),
    ("mixed, 252", rb"b\195\188ro\255.example", MIXED),
    ("quote, 252", rb"a\034b.example", 'a"b.example'),
    ("escaped dot, 252", rb"a\.b.example", r"a\.b.example"),
    ("blanks", rb"\032contoso.com\032", " contoso.com "),
    ("two", rb"a.example\032b.example", "a.example b.example"),
    ("percent", rb"a\03741.example", "a%41.example"),
    ("hash", rb"a\035b.example", "a#b.example"),
    ("equals", rb"a\061b\059c.example", "a=b;c.example"),
    ("plain", rb"contoso.com", "contoso.com"),
    ("emoji", rb"\240\159\152\128.example", "\U0001f600.example"),
    ("decimal and not octal", rb"a\101.example", "ae.example"),
    ("no byte", rb"a\256.example", r"a\256.example"),
    ("cut", rb"a.example\03", r"a.example\03"),
    ("raw bytes", b"b\xfcro.example", LATIN1),
    ("raw UTF-8", "b\u00fcro.example".encode(), UTF8),
    ("raw line separator", "a\u2028b.example".encode(), "a\u2028b.example"),
    ("control", rb"a\027[31m.example", "a\x1b[31m.example"),
    ("backslash", rb"a\\032.example", r"a\032.example"),
]


@pytest.mark.parametrize(
    ("written", "domain"), [row[1:] for row in NETWORKD_DOMAINS], ids=[row[0] for row in NETWORKD_DOMAINS]
)
def test_domains_of_networkd(machine: Machine, written: bytes, domain: str) -> None:
    data = (REAL / "networkd-257").read_bytes().replace(rb"b\195\188ro.example", written)
    machine.put(f"{NETWORKD}/3", data)
    lease = machine.chosen()
    assert (lease.domain, lease.search) == (domain, ("contoso.com", "corp.contoso.com"))
    assert DROPPED not in (lease.reason or "")


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_domain_that_networkd_dropped(machine: Machine, generation: str) -> None:
    put_networkd(machine, lease_text(generation, DOMAINNAME=None))
    lease = machine.chosen()
    assert (lease.domain, lease.unknown) == (None, ())
    assert DROPPED in (lease.reason or "")


NETWORKMANAGER_DOMAINS = [
    ("utf8", rb"b\195\188ro.example", UTF8),
    ("latin1", rb"b\252ro.example", LATIN1),
    ("mixed", rb"b\195\188ro\255.example", MIXED),
    ("quote", rb"a\034b.example", 'a"b.example'),
    ("escaped dot", rb"a\.b.example", r"a\.b.example"),
    ("blanks around", rb"contoso.com", "contoso.com"),
    ("two", rb"a.example b.example", "a.example b.example"),
    ("percent", rb"a\03741.example", "a%41.example"),
    ("hash", rb"a\035b.example", "a#b.example"),
    ("equals", rb"a\061b\059c.example", "a=b;c.example"),
]


@pytest.mark.parametrize("recorded", [True, False], ids=["file", "nmcli"])
@pytest.mark.parametrize(
    ("written", "domain"), [row[1:] for row in NETWORKMANAGER_DOMAINS], ids=[row[0] for row in NETWORKMANAGER_DOMAINS]
)
def test_domains_of_networkmanager(machine: Machine, written: bytes, domain: str, recorded: bool) -> None:
    machine.interface("eth0", 3, address="10.77.0.142", metric=100)
    if recorded:
        data = (REAL / "networkmanager-1.52-device").read_bytes()
        doubled = written.replace(b"\\", b"\\\\")  # as GLib's key files have it
        machine.put(f"{DEVICES}/3", data.replace(rb"b\\195\\188ro.example", doubled))
    else:
        machine.put(f"{DEVICES}/3", "[device]\nmanaged=true\n")
        machine.printed["nmcli"] = (REAL / "nmcli").read_text().replace("= contoso.com\n", f"= {written.decode()}\n")
    lease = machine.chosen()
    assert (lease.domain, lease.source) == (domain, "NetworkManager")
    assert DROPPED not in (lease.reason or "")


@given(st.binary(max_size=80))
def test_any_bytes_have_a_text(name: bytes) -> None:
    assert isinstance(unescaped_name(name), str)
    escaped = "".join(f"\\{byte:03d}" for byte in name.strip(b"\0"))
    assert unescaped_name(escaped.encode()) == unescaped_name(name.strip(b"\0").replace(b"\\", b"\\\\"))


def test_the_search_list_is_unescaped_too(machine: Machine) -> None:
    put_networkd(machine, lease_text(DOMAIN_SEARCH_LIST=r"b\195\188ro.example a\032b.example corp.contoso.com"))
    assert machine.chosen().search == ("b\u00fcro.example", "a b.example", "corp.contoso.com")


# dhcpcd: the ACK itself beside what its hook made of it.

DHCPCD = "/var/lib/dhcpcd/eth0.lease"
HOOK = "/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp"


def put_ack(machine: Machine, domain: bytes) -> None:
    whole = (REAL / "dhcpcd-10.1-eth0.lease").read_bytes()
    old = "b\u00fcro.example".encode()
    option = b"\x0f" + bytes([len(old)]) + old
    assert option in whole
    machine.put(DHCPCD, whole.replace(option, b"\x0f" + bytes([len(domain)]) + domain if domain else b""))


def test_dhcpcds_lease_holds_what_its_hook_cut(machine: Machine) -> None:
    machine.interface("eth0", 3, address=OWN, metric=1002)
    machine.put(DHCPCD, (REAL / "dhcpcd-10.1-eth0.lease").read_bytes())
    machine.put(HOOK, (REAL / "dhcpcd-10.1-hook-eth0.dhcp").read_bytes())
    (lease,) = machine.leases()
    assert lease == Lease(
        time=machine.now,
        interface="eth0",
        source="dhcpcd",
        provenance="option 15 of the lease of eth0 from 10.77.0.2, by dhcpcd",
        authority="dhcp",
        chosen=True,
        reason=f'dhcpcd\'s hook gave this system the domain "b" ({HOOK}), the server sent another; '
        "the default route goes through eth0",
        address=OWN,
        server="10.77.0.2",
        domain="b\u00fcro.example",
        resolvers=("10.77.0.2", "10.77.0.3"),
        search=("contoso.com", "corp.contoso.com"),
        obtained=WRITTEN,
        expires=WRITTEN + HOUR * SECOND,
    )


@pytest.mark.parametrize(
    ("sent", "kept", "said"),
    [
        (b"contoso.com", "domain contoso.com", None),
        (b"contoso.com\0", "domain contoso.com", None),
        (b"contoso.com.", "domain contoso.com.", None),
        (b"localhost", "domain localhost", None),
        (b"", "", None),
        (b"a.example b.example", "domain a.example", 'the domain "a.example"'),
        (b"b\xfcro.example", "domain b", 'the domain "b"'),
        (b"b\xc3\xbcro\xff.example", "domain b", 'the domain "b"'),
        (b"a\0b.example", "domain a", 'the domain "a"'),
        (b" contoso.com ", "", "no domain"),
        (b'a"b.example', "", "no domain"),
        (b"a\x1b[31m.example", "", "no domain"),
        (b"contoso.com", "domain " + "x" * 999, 'the domain "' + "x" * 253 + '"'),
    ],
)
def test_what_dhcpcds_hook_makes_of_a_domain(machine: Machine, sent: bytes, kept: str, said: str | None) -> None:
    put_ack(machine, sent)
    machine.put(HOOK, f"# Generated by dhcpcd from eth0.dhcp\n{kept}\nnameserver 10.77.0.2\n")
    (lease,) = machine.leases()
    assert lease.chosen
    assert lease.reason == (
        f"dhcpcd's hook gave this system {said} ({HOOK}), the server sent another" if said else None
    )


def test_a_domain_that_dhcpcd_was_configured_to_set(machine: Machine) -> None:
    put_ack(machine, b"")
    machine.put(HOOK, "domain set.example\nnameserver 10.77.0.2\n")
    (lease,) = machine.leases()
    assert lease.domain is None
    assert lease.reason == f'dhcpcd\'s hook gave this system the domain "set.example" ({HOOK}), the server sent none'


def test_the_hook_is_compared_with_the_latest_lease_of_its_interface(machine: Machine) -> None:
    machine.interface("wlan0", 3, address=OWN)
    data = (REAL / "dhcpcd-10.1-eth0.lease").read_bytes()
    name = "b\u00fcro.example".encode()
    machine.put("/var/lib/dhcpcd/wlan0-Office.lease", data, WRITTEN)
    machine.put("/var/lib/dhcpcd/wlan0-Airport.lease", data.replace(name, b"airport.test."), WRITTEN - 300 * SECOND)
    machine.put(HOOK.replace("eth0", "wlan0"), "domain b\n")
    said = {lease.domain: lease.reason or "" for lease in machine.leases()}
    assert "the server sent another" in said[name.decode()]
    assert "the server sent" not in said["airport.test."]
