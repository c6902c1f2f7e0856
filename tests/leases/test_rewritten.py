"""Values that a DHCP client changed before it kept them: which of them are no witness of what the server sent."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.leases.machine import Machine
from ucdiag.leases.dhclient_conf import with_rewritten
from ucdiag.leases.dhcpcd import read_dhcpcd
from ucdiag.leases.system_files import UNREADABLE, SystemFiles
from ucdiag.model.observations import Lease

LEASE = """lease {{
  interface "eth0";
  fixed-address 10.77.0.7;
  option dhcp-lease-time 3600;
  option domain-name-servers {resolvers};
  option dhcp-server-identifier 10.77.0.2;
  {domain}
  renew 1 2026/11/23 20:46:44;
  rebind 1 2026/11/23 21:09:14;
  expire 1 2026/11/23 21:16:44;
}}
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def dhclient(machine: Machine, conf: str, domain: str | None = "contoso.com", resolvers: str = "10.77.0.2") -> Lease:
    named = "" if domain is None else f'option domain-name "{domain}";'
    machine.put("/var/lib/dhcp/dhclient.leases", LEASE.format(resolvers=resolvers, domain=named))
    machine.put("/etc/dhcp/dhclient.conf", conf)
    return machine.chosen()


DOMAIN, RESOLVERS = ("domain",), ("resolvers",)

# dhclient.conf, the lease's domain and resolvers, what was changed. The values are those that dhclient 4.4.3-P1 writes.
STATEMENTS: dict[str, tuple[str, str | None, str, tuple[str, ...]]] = {
    "nothing": ("request domain-name, domain-name-servers;", "contoso.com", "10.77.0.2", ()),
    "supersede": ('supersede domain-name "x.example";', "x.example", "10.77.0.2", DOMAIN),
    "supersede, not yet renewed": ('supersede domain-name "x.example";', "contoso.com", "10.77.0.2", ()),
    "append": ('append domain-name " x.example";', "contoso.com x.example", "10.77.0.2", DOMAIN),
    "prepend": ('prepend domain-name "x.example ";', "x.example contoso.com", "10.77.0.2", DOMAIN),
    "default, none was sent": ('default domain-name "x.example";', "x.example", "10.77.0.2", DOMAIN),
    "default, one was sent": ('default domain-name "x.example";', "contoso.com", "10.77.0.2", ()),
    "of this interface": ('interface "eth0" { supersede domain-name "y"; }', "y", "10.77.0.2", DOMAIN),
    "of another": ('interface "eth1" { supersede domain-name "contoso.com"; }', "contoso.com", "10.77.0.2", ()),
    "in an alias": ('alias { supersede domain-name "contoso.com"; }', "contoso.com", "10.77.0.2", ()),
    "behind another block": (
        'alias { interface "eth0"; } supersede domain-name "contoso.com";',
        "contoso.com",
        "10.77.0.2",
        DOMAIN,
    ),
    "commented": ('# supersede domain-name "contoso.com";', "contoso.com", "10.77.0.2", ()),
    "other options": (
        'supersede domain-search "contoso.com"; supersede host-name "a";',
        "contoso.com",
        "10.77.0.2",
        (),
    ),
    "computed": ('supersede domain-name = concat("contoso", ".com");', "contoso.com", "10.77.0.2", DOMAIN),
    "resolver in front": ("prepend domain-name-servers 127.0.0.1;", "contoso.com", "127.0.0.1, 10.77.0.2", RESOLVERS),
    "resolver in front, not yet": ("prepend domain-name-servers 127.0.0.1;", "contoso.com", "10.77.0.2", ()),
    "resolvers replaced": (
        "supersede domain-name-servers 8.8.8.8, 8.8.4.4;",
        "contoso.com",
        "8.8.8.8, 8.8.4.4",
        RESOLVERS,
    ),
    "both": (
        'supersede domain-name "x"; append domain-name-servers 8.8.8.8;',
        "x",
        "10.77.0.2, 8.8.8.8",
        ("domain", "resolvers"),
    ),
    "in a block of a block": (
        'interface "eth0" { alias { supersede domain-name "contoso.com"; } }',
        "contoso.com",
        "10.77.0.2",
        (),
    ),
    "in an interface's block of an interface's block": (
        'interface "eth0" { interface "eth0" { supersede domain-name "contoso.com"; } }',
        "contoso.com",
        "10.77.0.2",
        (),
    ),
    "behind one bracket too many": ('} supersede domain-name "contoso.com";', "contoso.com", "10.77.0.2", DOMAIN),
    "behind a block that ends within a statement": (
        'interface "eth0" { request domain-name } supersede domain-name "contoso.com";',
        "contoso.com",
        "10.77.0.2",
        DOMAIN,
    ),
    "another verb": ('request domain-name "contoso.com";', "contoso.com", "10.77.0.2", ()),
    "nothing behind the verb": (
        'supersede; include; supersede domain-name "contoso.com";',
        "contoso.com",
        "10.77.0.2",
        DOMAIN,
    ),
    "nothing put before it": ('prepend domain-name "";', "contoso.com", "10.77.0.2", ()),
    "something else in front": ('prepend domain-name "x";', "contoso.com", "10.77.0.2", ()),
    "something else behind": ('append domain-name "x";', "contoso.com", "10.77.0.2", ()),
    "no resolvers": ("supersede domain-name-servers;", "contoso.com", "10.77.0.2", ()),
    "resolver behind": ("append domain-name-servers 8.8.8.8;", "contoso.com", "10.77.0.2, 8.8.8.8", RESOLVERS),
    "resolver behind, not yet": ("append domain-name-servers 8.8.8.8;", "contoso.com", "8.8.8.8, 10.77.0.2", ()),
    "resolvers by default": ("default domain-name-servers 10.77.0.2;", "contoso.com", "10.77.0.2", RESOLVERS),
    "replaced, and none is there": ('supersede domain-name "x";', None, "10.77.0.2", ()),
    "put behind, and none is there": ('append domain-name "x";', None, "10.77.0.2", ()),
    "broken off": ('supersede domain-name "contoso.com', "contoso.com", "10.77.0.2", ()),
}


@pytest.mark.parametrize("case", STATEMENTS)
def test_what_dhclient_changed(machine: Machine, case: str) -> None:
    conf, domain, resolvers, fields = STATEMENTS[case]
    lease = dhclient(machine, conf, domain, resolvers)
    assert (lease.rewritten, lease.domain) == (fields, domain)
    assert (lease.rewritten_by is None) is (not fields)
    if fields:
        assert "/etc/dhcp/dhclient.conf" in (lease.rewritten_by or "")


def test_a_file_that_another_includes(machine: Machine) -> None:
    machine.put("/etc/dhcp/local.conf", 'supersede domain-name "contoso.com";')
    lease = dhclient(machine, 'include "/etc/dhcp/local.conf";')
    assert lease.rewritten_by == "supersede domain-name contoso.com in /etc/dhcp/local.conf"


def test_how_deep_files_may_include_each_other(machine: Machine) -> None:
    for number in range(3):
        machine.put(
            f"/etc/dhcp/{number}", f'include "/etc/dhcp/{number + 1}"; supersede domain-name-servers 10.77.0.{number};'
        )
    for number in range(4):
        lease = dhclient(machine, 'include "/etc/dhcp/0";', resolvers=f"10.77.0.{number}")
        assert lease.rewritten == (RESOLVERS if number < 2 else ())


def test_a_statement_is_named_with_its_option_and_all_its_values(machine: Machine) -> None:
    lease = dhclient(machine, "supersede domain-name-servers 8.8.8.8, 8.8.4.4;", resolvers="8.8.8.8, 8.8.4.4")
    assert lease.rewritten_by == "supersede domain-name-servers 8.8.8.8, 8.8.4.4 in /etc/dhcp/dhclient.conf"


@pytest.mark.parametrize(("rules", "named"), [(4, 4), (5, 4)])
def test_how_many_statements_a_reason_names(machine: Machine, rules: int, named: int) -> None:
    conf = "".join(f'interface "eth0" {{ append domain-name "{"m" * number}"; }}' for number in range(1, rules + 1))
    lease = dhclient(machine, conf, "m" * 9)
    assert lease.rewritten_by == "; ".join(
        f"append domain-name {'m' * number} in /etc/dhcp/dhclient.conf" for number in range(1, named + 1)
    )


def test_a_long_statement_is_cut_in_the_reason(machine: Machine) -> None:
    lease = dhclient(machine, f'supersede domain-name "{"a" * 400}";', "a" * 400)
    assert lease.rewritten_by == "supersede domain-name " + "a" * (300 - len("supersede domain-name "))


@pytest.mark.parametrize(("before", "fields"), [(256, DOMAIN), (257, ())])
def test_how_many_statements_are_read(machine: Machine, before: int, fields: tuple[str, ...]) -> None:
    conf = 'supersede domain-name "x";' * before + 'supersede domain-name "contoso.com";'
    assert dhclient(machine, conf).rewritten == fields


@pytest.mark.parametrize("folder", ["/etc/dhcp", "/etc", "/etc/dhcp3", "/usr/local/etc"])
@pytest.mark.parametrize(
    ("file", "fields"), [("dhclient.conf", DOMAIN), ("dhclient-eth0.conf", DOMAIN), ("dhclient-eth1.conf", ())]
)
def test_where_the_settings_of_dhclient_are(machine: Machine, folder: str, file: str, fields: tuple[str, ...]) -> None:
    machine.put(f"{folder}/{file}", 'supersede domain-name "contoso.com";')
    machine.put(
        "/var/lib/dhcp/dhclient.leases", LEASE.format(resolvers="10.77.0.2", domain='option domain-name "contoso.com";')
    )
    lease = machine.chosen()
    assert lease.rewritten == fields
    assert lease.rewritten_by == (f"supersede domain-name contoso.com in {folder}/{file}" if fields else None)


def test_the_settings_of_dhclient_are_nobody_else_s(machine: Machine) -> None:
    machine.put("/etc/dhcp/dhclient.conf", 'supersede domain-name "contoso.com";')
    lease = Lease(
        time=0, interface="eth0", source="NetworkManager", provenance="", authority="dhcp", domain="contoso.com"
    )
    files = SystemFiles(machine.root)
    of_dhclient = [replace(lease, source=source) for source in ("ISC dhclient", "dhclient of old")]
    other, *shaped = with_rewritten(files, [lease, *of_dhclient])
    assert other == lease
    assert [one.rewritten for one in shaped] == [DOMAIN, DOMAIN]
    # NetworkManager's dhclient has settings of its own.
    [managed] = with_rewritten(files, [replace(lease, source="NetworkManager (dhclient)")])
    assert managed.rewritten == ()
    machine.put("/var/lib/NetworkManager/dhclient-eth0.conf", 'supersede domain-name "contoso.com";')
    [managed] = with_rewritten(files, [replace(lease, source="NetworkManager (dhclient)")])
    assert managed.rewritten_by == "supersede domain-name contoso.com in /var/lib/NetworkManager/dhclient-eth0.conf"


def test_a_name_of_an_interface_that_leads_elsewhere_names_no_file(machine: Machine) -> None:
    machine.put("/etc/dhcp/passwd.conf", 'supersede domain-name "contoso.com";')
    (machine.root / "etc/dhcp/dhclient-..").mkdir(parents=True)
    named = LEASE.format(resolvers="10.77.0.2", domain='option domain-name "contoso.com";')
    machine.put("/var/lib/dhcp/dhclient.leases", named.replace('"eth0"', '"../../passwd"'))
    leases, _ = machine.read()
    assert [lease.rewritten for lease in leases] == [()]


RUNNING: dict[str, tuple[str, str, bool]] = {
    "this one": ("dhclient.eth0.pid", "/sbin/dhclient\0-cf\0/etc/site.conf\0eth0\0", True),
    "in the last place": ("dhclient.eth0.pid", "dhclient\0eth0\0-cf\0/etc/site.conf", True),
    "of all its interfaces": ("dhclient.pid", "dhclient\0-cf\0/etc/site.conf\0eth1\0eth0\0", True),
    "of another interface": ("dhclient.pid", "dhclient\0-cf\0/etc/site.conf\0eth1\0", False),
    "another program": ("dhclient.pid", "editor\0-cf\0/etc/site.conf\0eth0\0", False),
    "no file named": ("dhclient.pid", "dhclient\0eth0\0-cf", False),
    "no absolute path": ("dhclient.pid", "dhclient\0-cf\0etc/site.conf\0eth0\0", False),
    "nothing is known of it": ("dhclient.pid", "", False),
    "no file of a number": ("dhclient.lease", "dhclient\0-cf\0/etc/site.conf\0eth0\0", False),
    "a file of another": ("sshd.pid", "dhclient\0-cf\0/etc/site.conf\0eth0\0", False),
}


@pytest.mark.parametrize("folder", ["/run", "/var/run", "/run/NetworkManager"])
@pytest.mark.parametrize("case", RUNNING)
def test_which_running_client_has_settings_of_its_own(machine: Machine, folder: str, case: str) -> None:
    file, command, own = RUNNING[case]
    machine.put(f"{folder}/{file}", "4711\n")
    machine.put("/proc/4711/cmdline", command)
    machine.put("/etc/site.conf", "")
    machine.put("/etc/dhcp/dhclient.conf", 'supersede domain-name "contoso.com";')
    assert dhclient(machine, 'supersede domain-name "contoso.com";').rewritten == (() if own else DOMAIN)


def test_the_lease_of_an_unnamed_interface_may_be_of_any_running_client(machine: Machine) -> None:
    machine.put("/run/dhclient.pid", "4711\n")
    machine.put("/proc/4711/cmdline", "dhclient\0-cf\0/etc/site.conf\0eth1\0")
    machine.put("/etc/site.conf", 'supersede domain-name "contoso.com";')
    lease = Lease(time=0, source="ISC dhclient", provenance="", authority="dhcp", domain="contoso.com", interface=None)
    [shaped] = with_rewritten(SystemFiles(machine.root), [lease])
    assert shaped.rewritten_by == "supersede domain-name contoso.com in /etc/site.conf"


def test_a_number_that_is_none_names_no_process(machine: Machine) -> None:
    machine.put("/run/dhclient.pid", "x\n")
    machine.put("/proc/x/cmdline", "dhclient\0-cf\0/etc/site.conf\0eth0\0")
    machine.put("/proc/None/cmdline", "dhclient\0-cf\0/etc/site.conf\0eth0\0")
    assert dhclient(machine, 'supersede domain-name "contoso.com";').rewritten == DOMAIN


def test_files_that_include_each_other_end(machine: Machine) -> None:
    assert dhclient(machine, 'include "/etc/dhcp/dhclient.conf";').rewritten == ()


def test_the_file_that_the_client_was_started_with(machine: Machine) -> None:
    machine.put("/run/dhclient.eth0.pid", "4711\n")
    machine.put("/proc/4711/cmdline", "/sbin/dhclient\0-4\0-cf\0/etc/site.conf\0-pf\0/run/dhclient.eth0.pid\0eth0\0")
    machine.put("/etc/site.conf", 'supersede domain-name "contoso.com";')
    assert dhclient(machine, "").rewritten == DOMAIN
    machine.put("/etc/site.conf", "")
    assert dhclient(machine, 'supersede domain-name "contoso.com";').rewritten == ()
    # A number that is another program's by now.
    machine.put("/proc/4711/cmdline", "/usr/bin/editor\0-cf\0/etc/site.conf\0eth0\0")
    assert dhclient(machine, 'supersede domain-name "contoso.com";').rewritten == DOMAIN


WORD_BAD = "udhcpc writes the word 'bad' in the place of a domain that is no host name, and keeps nothing of what came"


def udhcpc(machine: Machine, *lines: str) -> Lease:
    machine.put("/run/resolvconf/interface/eth0.udhcpc", "\n".join((*lines, "nameserver 10.77.0.2", "")))
    return machine.chosen()


def test_udhcpcs_word_for_what_is_no_host_name(machine: Machine) -> None:
    lease = udhcpc(machine, "domain bad")
    assert (lease.domain, lease.rewritten, lease.resolvers) == (None, DOMAIN, ("10.77.0.2",))
    assert lease.rewritten_by == WORD_BAD
    assert (lease.search, lease.unknown[-1]) == ((), "domain")
    other = udhcpc(machine, "domain bad.example")
    assert (other.rewritten, other.rewritten_by, other.unknown[-1]) == ((), None, "expires")
    assert udhcpc(machine).rewritten == ()


def test_udhcpcs_word_in_resolv_conf(machine: Machine) -> None:
    machine.put("/etc/resolv.conf", "domain bad\nnameserver 10.77.0.2\n")
    assert (machine.chosen().domain, machine.chosen().rewritten) == (None, DOMAIN)
    assert (machine.chosen().rewritten_by, machine.chosen().search) == (WORD_BAD, ())
    machine.put("/etc/resolv.conf", "search bad contoso.com\nnameserver 10.77.0.2\n")
    assert (machine.chosen().domain, machine.chosen().rewritten) == ("bad", ())
    assert (machine.chosen().rewritten_by, machine.chosen().search) == (None, ("bad", "contoso.com"))


def hook(machine: Machine, conf: str, domain: str | None = "contoso.com") -> Lease:
    machine.interface("eth0", 2, metric=100)
    line = f"domain {domain}\n" if domain else ""
    machine.put("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp", f"{line}nameserver 10.77.0.2\n")
    machine.put("/etc/dhcpcd.conf", conf)
    return machine.chosen()


@pytest.mark.parametrize(
    ("conf", "domain", "fields"),
    [
        ("hostname\noption domain_name\n", "contoso.com", ()),
        ("static domain_name=contoso.com\n", "contoso.com", DOMAIN),
        ("static domain_name=contoso.com\n", "other.example", ()),
        ("interface eth0\nstatic domain_name=contoso.com\n", "contoso.com", DOMAIN),
        ("interface eth1\nstatic domain_name=contoso.com\n", "contoso.com", ()),
        ("interface eth1\nstatic domain_name=a\ninterface eth0\nstatic domain_name=contoso.com", "contoso.com", DOMAIN),
        ("static domain_name_servers=10.77.0.2\n", "contoso.com", RESOLVERS),
        ("nooption domain_name, 6\n", None, DOMAIN),
        ("nooption domain_name\n", "contoso.com", ()),
        ("nooption 15\n", None, DOMAIN),
        ("nooption 6 domain_name_servers\n", None, ()),
        ("ssid home\nstatic domain_name=contoso.com\n", "contoso.com", ()),
        ("profile fallback\nstatic domain_name=contoso.com\n", "contoso.com", ()),
        ("static\nnooption\n", "contoso.com", ()),
        ("static\nstatic domain_name=contoso.com\n", "contoso.com", DOMAIN),
        ("nooption", None, ()),
        ("static domain_name=contoso.com too\n", "contoso.com", DOMAIN),
        ("static domain_name_servers=10.77.0.2 10.77.0.3\n", "contoso.com", ()),
        ("#static domain_name=contoso.com\n", "contoso.com", ()),
    ],
)
def test_what_dhcpcds_hook_changed(machine: Machine, conf: str, domain: str | None, fields: tuple[str, ...]) -> None:
    assert hook(machine, conf, domain).rewritten == fields


@pytest.mark.parametrize(
    ("words", "fields"),
    [("nooption domain_name_servers", RESOLVERS), ("nooption 6", RESOLVERS), ("nooption 15", ()), ("option 6", ())],
)
def test_resolvers_that_dhcpcd_was_to_drop(machine: Machine, words: str, fields: tuple[str, ...]) -> None:
    machine.interface("eth0", 2, metric=100)
    machine.put("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp", "domain contoso.com\n")
    machine.put("/etc/dhcpcd.conf", f"{words}\n")
    lease = machine.chosen()
    assert (lease.resolvers, lease.rewritten) == ((), fields)
    assert lease.rewritten_by == (f"{words} in /etc/dhcpcd.conf" if fields else None)


def test_what_dhcpcds_hook_keeps_and_nobody_may_read(machine: Machine) -> None:
    folder = machine.root / "run/dhcpcd/hook-state/resolv.conf"
    folder.mkdir(parents=True)
    (folder / "eth0.dhcp").symlink_to("eth0.dhcp")
    leases, problems = machine.read()
    assert (leases, [problem.code for problem in problems]) == ([], [UNREADABLE])


def test_what_is_said_of_what_dhcpcds_hook_keeps(machine: Machine) -> None:
    lease = hook(machine, "", None)
    assert lease.provenance == (
        "the domain line that dhcpcd keeps for eth0 (/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp)"
    )
    assert (lease.reason or "").split("; ")[0] == "dhcpcd keeps no lease file here"
    assert lease.unknown == ("address", "server", "obtained", "expires")
    assert (lease.rewritten, lease.rewritten_by) == ((), None)


def test_a_lease_of_dhcpcd_that_only_root_may_read(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.put("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp", "domain contoso.com\n")
    files = SystemFiles(tmp_path)
    files.note_problem(UNREADABLE, "/var/lib/dhcpcd/eth0.lease cannot be read")
    [lease] = read_dhcpcd(files, ["eth0"], machine.now)
    assert lease.reason == (
        "dhcpcd's own lease file can only be read by root, and of a domain that is no name its hook keeps a part "
        "or nothing"
    )


def test_every_statement_that_shaped_the_lease_is_named_once(machine: Machine) -> None:
    lease = hook(machine, "static domain_name=contoso.com\nstatic domain_name_servers=10.77.0.2\n")
    assert lease.rewritten == ("domain", "resolvers")
    assert lease.rewritten_by == (
        "static domain_name=contoso.com in /etc/dhcpcd.conf; static domain_name_servers=10.77.0.2 in /etc/dhcpcd.conf"
    )


@given(st.text(alphabet='supersedpnaoi main-name"{};\\ \n#,', max_size=200))
def test_any_settings_of_dhclient(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    dhclient(Machine(tmp_path_factory.mktemp("root")), text)
