"""The lease readers on what real DHCP clients leave, served by real DHCP servers."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.real import need
from tests.site.ground import GATEWAY, SERVER, Port, Result, Site, console_script
from tests.site.namespaces import Process
from ucdiag.model.times import parse_time

R2 = "ucupdates-r2.contoso.com"


def laptop(site: Site) -> None:
    """A laptop without an address of its own."""
    site.add("laptop", Port(mac="02:77:00:00:00:50"))


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def dhclient(site: Site) -> None:
    site.dhclient("laptop")


def dhcpcd(site: Site) -> None:
    site.dhcpcd("laptop", "--noarp")  # which would take five seconds


def udhcpc(site: Site) -> None:
    """With Debian's own script, which writes resolv.conf."""
    site.udhcpc("laptop", "-s", "/etc/udhcpc/default.script", "-p", "/run/udhcpc.eth0.pid", wait=False)
    wait_for(lambda: "nameserver" in site.host("laptop").read("/etc/resolv.conf"))


def networkd(site: Site) -> Process:
    program = need("/usr/lib/systemd/systemd-networkd")
    host = site.host("laptop")
    host.write("/run/systemd/network/10.network", "[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n")
    index = host.run("cat", "/sys/class/net/eth0/ifindex").stdout.strip()
    # What udev would have said: that the interface is ready.
    host.write(f"/run/udev/data/n{index}", "I:1\nG:systemd\nQ:systemd\n")
    for folder in ("leases", "links", "lldp"):
        host.path(f"/run/systemd/netif/{folder}").mkdir(parents=True)
    host.run("chown", "-R", "systemd-network", "/run/systemd/netif")
    process = host.start(program, env={"SYSTEMD_LOG_TARGET": "console"})
    wait_for(lambda: host.path(f"/run/systemd/netif/leases/{index}").exists())
    # The lease is written before the address is set.
    link = host.path(f"/run/systemd/netif/links/{index}")
    wait_for(lambda: link.exists() and "ADMIN_STATE=configured" in link.read_text())
    return process


def networkmanager(site: Site) -> None:
    """Not on every machine; it needs a system bus of its own."""
    need("NetworkManager")
    need("dbus-daemon")
    host = site.host("laptop")
    for folder in ("/run/dbus", "/run/NetworkManager", "/var/lib/NetworkManager"):
        host.path(folder).mkdir(exist_ok=True)
    rule = '<policy context="default"><allow own="*"/><allow send_destination="*"/><allow send_type="*"/></policy>'
    host.write("/etc/dbus-1/system.d/site.conf", f"<busconfig>{rule}</busconfig>")
    site.start("laptop", "dbus-daemon", "--system", "--nofork", "--nopidfile")
    wait_for(lambda: host.path("/run/dbus/system_bus_socket").exists())
    conf = "[main]\nplugins=keyfile\ndhcp=internal\nauth-polkit=false\n"
    host.write("/etc/NetworkManager/NetworkManager.conf", conf)
    index = host.run("cat", "/sys/class/net/eth0/ifindex").stdout.strip()
    host.write(f"/run/udev/data/n{index}", "I:1\nE:NM_UNMANAGED=0\nG:systemd\nQ:systemd\n")
    host.write("/run/udev/control", "")
    site.start("laptop", "NetworkManager", "--debug", ready="Activation: successful|CONNECTED_GLOBAL", timeout=60)


def leases(result: Result) -> list[dict[str, Any]]:
    return [observation for observation in result.phone["observations"] if observation["kind"] == "lease"]


def chosen(result: Result) -> dict[str, Any]:
    (lease,) = [lease for lease in leases(result) if lease["chosen"]]
    return lease


def check(site: Site, *words: str) -> Result:
    return site.ucdiag("laptop", "check-dhcp", "--json", "-t", "1", *words)


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (dhclient, "ISC dhclient"),
        (dhcpcd, "dhcpcd"),
        (networkd, "systemd-networkd"),
        (networkmanager, "NetworkManager"),
    ],
    ids=["dhclient", "dhcpcd", "networkd", "networkmanager"],
)
def test_every_client(site: Site, client: Callable[[Site], object], source: str) -> None:
    laptop(site)
    search = "option:domain-search,contoso.com,corp.contoso.com"
    site.dnsmasq("server", dhcp=True, router=GATEWAY, options=[search], records={R2: SERVER})
    client(site)
    result = check(site)
    lease = chosen(result)
    assert lease["source"] == source
    assert (lease["interface"], lease["server"], lease["domain"]) == ("eth0", SERVER, "contoso.com")
    assert lease["resolvers"] == [SERVER]
    # networkd does not ask for option 119 unless it is told to.
    assert lease["search"] == ([] if client is networkd else ["contoso.com", "corp.contoso.com"])
    assert lease["address"] in site.run("laptop", "ip", "-4", "address", "show", "eth0").stdout
    assert lease["provenance"].startswith(f"option 15 of the lease of eth0 from {SERVER}, by {source}")
    assert lease["reason"] == "the default route goes through eth0"
    assert abs(parse(lease["expires"]) - parse(lease["obtained"]) - 3600) < 2
    assert abs(parse(lease["obtained"]) - time.time()) < 60
    assert (result.code, result.codes, result.report["problems"]) == (0, set(), [])
    records = [observation for observation in result.phone["observations"] if observation["kind"] == "lookup"]
    assert [(record["name"], record["addresses"]) for record in records] == [
        (R2, [SERVER]),
        ("ucupdates.contoso.com", []),
    ]


def parse(text: str) -> float:
    return parse_time(text) / 1_000_000


def test_udhcpc_leaves_the_resolver_alone(site: Site) -> None:
    laptop(site)
    site.dnsmasq("server", dhcp=True)
    udhcpc(site)
    result = check(site)
    lease = chosen(result)
    assert (lease["authority"], lease["domain"], lease["resolvers"]) == ("resolver", "contoso.com", [SERVER])
    problems = {problem["code"]: problem["text"] for problem in result.report["problems"]}
    assert "udhcpc serves eth0" in problems["lease-no-trace"]
    assert "no-lease" in problems
    assert result.code == 3


ODD = {
    "none": (None, None, "dhcp-no-domain"),
    "empty": ("", "", "dhcp-no-domain"),
    "nul": ("contoso.com\\000", "contoso.com", None),
    "dot": ("contoso.com.", "contoso.com.", None),
    "several": ("a.example b.example", "a.example b.example", "dhcp-domain-unusable"),
    "bad": ("con!toso.com", "con!toso.com", "dhcp-domain-unusable"),
    "long": ("x" * 64 + ".example", "x" * 64 + ".example", "dhcp-domain-unusable"),
    "escape": ("a\\033[31m.example", "a\x1b[31m.example", "dhcp-domain-unusable"),
}


@pytest.mark.parametrize("client", [dhclient, dhcpcd])
@pytest.mark.parametrize(("given", "domain", "code"), ODD.values(), ids=ODD.keys())
def test_odd_domains(
    site: Site, client: Callable[[Site], object], given: str | None, domain: str | None, code: str | None
) -> None:
    laptop(site)
    site.isc_dhcpd("server", domain=given)
    client(site)
    result = check(site)
    lease = chosen(result)
    if domain == "":
        # dhcpd does not send an empty option at all.
        assert lease["domain"] in ("", None)
    elif client is dhclient and given is not None and lease["domain"] is None:
        # dhclient checks domain names, and forgets a lease's domain that is none.
        assert code == "dhcp-domain-unusable"
        code = "dhcp-no-domain"
    else:
        assert lease["domain"] == domain
    assert lease["authority"] == "dhcp"
    assert result.codes == ({code} if code else set())
    assert result.code == (1 if code else 0)


@pytest.mark.parametrize(
    ("given", "domain", "code"),
    [
        ("a.example b.example", "a.example b.example", "dhcp-domain-unusable"),
        ("x" * 64 + ".example", None, "dhcp-no-domain"),
    ],
    ids=["several", "long"],
)
def test_networkd_drops_what_cannot_be_a_name_and_that_is_reported(
    site: Site, given: str, domain: str | None, code: str
) -> None:
    laptop(site)
    site.isc_dhcpd("server", domain=given)
    networkd(site)
    result = check(site)
    lease = chosen(result)
    assert (lease["domain"], result.codes) == (domain, {code})
    assert ("systemd-networkd drops a domain that cannot be a DNS name" in (lease["reason"] or "")) is (domain is None)


def test_networkd_renews_without_touching_its_file(site: Site) -> None:
    """Longer than the lease lasts, its file has the date of the first answer, and the lease is alive."""
    laptop(site)
    site.isc_dhcpd("server", lease=6)
    networkd(site)
    host = site.host("laptop")
    (file,) = host.path("/run/systemd/netif/leases").iterdir()
    given = file.stat().st_mtime
    wait_for(lambda: time.time() > given + 7)
    assert file.stat().st_mtime == given
    lease = chosen(check(site))
    assert (lease["source"], lease["domain"]) == ("systemd-networkd", "contoso.com")
    assert abs(parse(lease["expires"]) - parse(lease["obtained"]) - 6) < 2
    assert parse(lease["obtained"]) > given + 1
    assert parse(lease["expires"]) > given + 7


def test_a_lease_of_networkd_that_ended(site: Site) -> None:
    """networkd was killed, so that nobody renewed the lease or took its file away."""
    laptop(site)
    site.isc_dhcpd("server", lease=4)
    process = networkd(site)
    host = site.host("laptop")
    process.kill()
    wait_for(lambda: "inet " not in host.run("ip", "-4", "address", "show", "eth0").stdout)
    result = check(site)
    (lease,) = [lease for lease in leases(result) if lease["source"] == "systemd-networkd"]
    assert (lease["chosen"], lease["domain"]) == (False, "contoso.com")
    assert lease["reason"].startswith("it expired ")
    assert "no-lease" in {problem["code"] for problem in result.report["problems"]}


def test_dhcpcds_hook_keeps_less_than_the_server_sent(site: Site) -> None:
    laptop(site)
    site.isc_dhcpd("server", domain="b\\303\\274ro.example")
    dhcpcd(site)
    kept = "/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp"
    wait_for(lambda: site.host("laptop").path(kept).exists())
    lease = chosen(check(site))
    assert lease["domain"] == "b\u00fcro.example"
    assert f'dhcpcd\'s hook gave this system the domain "b" ({kept}), the server sent another' in lease["reason"]


@pytest.mark.parametrize("client", [networkd, networkmanager])
def test_a_domain_beyond_ascii_is_one_text(site: Site, client: Callable[[Site], object]) -> None:
    laptop(site)
    site.isc_dhcpd("server", domain="b\\303\\274ro.example")
    client(site)
    lease = chosen(check(site))
    assert lease["domain"] == "b\u00fcro.example"


def test_no_resolver(site: Site) -> None:
    laptop(site)
    site.isc_dhcpd("server", resolvers=())
    dhclient(site)
    result = check(site)
    assert (result.code, result.codes) == (1, {"dhcp-no-resolver"})


def test_several_leases_of_dhclient_and_an_expired_one(site: Site) -> None:
    laptop(site)
    server = site.isc_dhcpd("server", domain="first.example")
    site.dhclient("laptop", "-1").stop()
    server.stop()
    site.isc_dhcpd("server", domain="second.example")
    process = site.dhclient("laptop")
    host = site.host("laptop")
    text = host.read("/var/lib/dhcp/dhclient.leases")
    assert text.count("lease {") >= 2
    assert chosen(check(site))["domain"] == "second.example"
    process.stop()
    host.write(
        "/var/lib/dhcp/dhclient.leases", text.replace("expire 1 2", "expire 1 1").replace("expire 2 2", "expire 2 1")
    )
    past = re.sub(r"(renew|rebind|expire) \d \d{4}", r"\1 1 2001", text)
    host.write("/var/lib/dhcp/dhclient.leases", past)
    result = check(site)
    told = [lease for lease in leases(result) if lease["source"] == "ISC dhclient"]
    assert {(fact["chosen"], fact["domain"]) for fact in told} == {(False, "first.example"), (False, "second.example")}
    assert all(fact["reason"].startswith("it expired ") for fact in told)
    assert "no-lease" in {problem["code"] for problem in result.report["problems"]}


def test_two_interfaces_and_two_clients(site: Site) -> None:
    site.add("laptop", Port(mac="02:77:00:00:00:50"), Port("other", mac="02:77:00:00:00:51"))
    site.add("far", Port("other", "10.78.0.2/24"))
    site.dnsmasq("server", dhcp=True, router=GATEWAY, domain="wire.example")
    site.isc_dhcpd("far", domain="other.example", subnet="10.78.0.0/24", first="10.78.0.10", last="10.78.0.20")
    site.dhclient("laptop", interface="eth0")
    site.dhcpcd("laptop", "--noarp", interface="eth1")
    result = check(site)
    assert chosen(result)["domain"] == "wire.example"
    other = next(lease for lease in leases(result) if lease["interface"] == "eth1")
    assert (other["domain"], other["reason"]) == ("other.example", "the default route goes through eth0")
    named = check(site, "--interface", "eth1")
    assert chosen(named)["domain"] == "other.example"


def test_a_cut_link_is_not_chosen(site: Site) -> None:
    laptop(site)
    site.dnsmasq("server", dhcp=True, router=GATEWAY)
    dhclient(site)
    site.run("laptop", "ip", "link", "set", "eth0", "down")
    result = check(site)
    lease = next(lease for lease in leases(result) if lease["authority"] == "dhcp")
    assert (lease["chosen"], lease["reason"]) == (False, "eth0 is not connected")


def test_check_and_check_dns_take_the_lease_and_not_the_resolver(site: Site) -> None:
    laptop(site)
    site.dnsmasq("server", dhcp=True, router=GATEWAY, records={R2: SERVER})
    dhclient(site)
    site.nameservers("laptop", SERVER, search="vpn.example")
    for command in ("check-dns", "check"):
        result = site.ucdiag("laptop", command, "--json", "-t", "1")
        assert chosen(result)["domain"] == "contoso.com"
        dhcp = result.phone["steps"][0]
        assert dhcp["status"] == "ok"
        assert "option 15 of the lease of eth0" in dhcp["summary"]
        names = {observation["name"] for observation in result.phone["observations"] if observation["kind"] == "lookup"}
        assert R2 in names
        assert not any("vpn.example" in name for name in names)


def test_without_rights_the_readable_part_counts(site: Site) -> None:
    laptop(site)
    site.dnsmasq("server", dhcp=True, router=GATEWAY)
    dhcpcd(site)
    path = "/var/lib/dhcpcd/eth0.lease"
    # The test's Python may not be readable to another user, so root gives up reading what is not his.
    site.run("laptop", "chown", "-R", "nobody", "/var/lib/dhcpcd")
    site.run("laptop", "chmod", "0600", path)
    words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", console_script(), "check-dhcp", "--json"]
    done = site.run("laptop", *words, check=False)
    report = json.loads(done.stdout)
    result = Result(done.returncode, done.stdout, done.stderr, report)
    lease = chosen(result)
    assert (lease["domain"], lease["interface"]) == ("contoso.com", "eth0")
    assert "hook-state" in lease["provenance"]
    assert result.code == 0
    # Root would read the ACK itself, so that others are told why they may see something else.
    assert [problem["code"] for problem in report["problems"]] == ["lease-unreadable"]


REWRITTEN = {
    "supersede": ('supersede domain-name "x.example";', "x.example", "dhclient.conf"),
    "append": ('append domain-name " x.example";', "contoso.com x.example", "dhclient.conf"),
    "prepend": ('prepend domain-name "x.example ";', "x.example contoso.com", "dhclient.conf"),
}


@pytest.mark.parametrize(("statement", "domain", "said"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_what_dhclient_changed_is_not_judged(site: Site, statement: str, domain: str, said: str) -> None:
    laptop(site)
    site.dnsmasq("server", dhcp=True, router=GATEWAY)
    site.dhclient("laptop", conf=f"request domain-name, domain-name-servers, routers;\n{statement}\n")
    result = check(site)
    assert (chosen(result)["domain"], chosen(result)["rewritten"]) == (domain, ["domain"])
    assert (result.code, result.verdict) == (3, ("unknown", "dhcp", "lease-rewritten"))
    assert result.codes == {"lease-rewritten"}
    assert result.phone["steps"][0]["status"] == "warning"
    assert said in result.phone["findings"][0]["summary"]
    asked = check(site, "--ask")
    assert (asked.code, asked.codes) == (0, set())


def test_a_prepended_resolver_is_not_judged(site: Site) -> None:
    laptop(site)
    site.dnsmasq("server", dhcp=True, router=GATEWAY, resolvers=[])
    site.dhclient("laptop", conf="request domain-name, routers;\nprepend domain-name-servers 127.0.0.1;\n")
    assert check(site).codes == {"lease-rewritten"}


def test_udhcpcs_bad_is_no_domain(site: Site) -> None:
    laptop(site)
    site.isc_dhcpd("server", domain="a.example b.example")
    udhcpc(site)
    result = check(site)
    assert (chosen(result)["domain"], result.codes) == (None, {"lease-rewritten"})
    assert result.code == 3
    names = site.ucdiag("laptop", "check-dns", "--json", "-t", "1")
    assert (names.code, names.codes) == (3, {"lease-rewritten"})


def test_what_dhcpcd_sets_itself_is_reported_to_those_who_cannot_read_the_lease(site: Site) -> None:
    laptop(site)
    site.isc_dhcpd("server", domain="a.example b.example")
    site.host("laptop").write(
        "/etc/dhcpcd.conf", "option domain_name, domain_name_servers\nstatic domain_name=x.example\n"
    )
    dhcpcd(site)
    wait_for(lambda: site.host("laptop").path("/run/dhcpcd/hook-state/resolv.conf/eth0.dhcp").exists())
    assert check(site).verdict == ("broken", "dhcp", "dhcp-domain-unusable")
    site.run("laptop", "chown", "-R", "nobody", "/var/lib/dhcpcd")
    site.run("laptop", "chmod", "0600", "/var/lib/dhcpcd/eth0.lease")
    words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", console_script(), "check-dhcp", "--json"]
    done = site.run("laptop", *words, check=False)
    result = Result(done.returncode, done.stdout, done.stderr, json.loads(done.stdout))
    assert (chosen(result)["domain"], result.codes) == ("x.example", {"lease-rewritten"})
    assert [problem["code"] for problem in result.report["problems"]] == ["lease-unreadable"]
