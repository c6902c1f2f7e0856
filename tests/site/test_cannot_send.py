"""A machine that cannot send blames nobody; what really came back from the network is still a finding."""

from collections.abc import Callable

import pytest

from tests.site.ground import GATEWAY, SERVER, SERVER2, Port, Result, Site
from tests.site.matrix import DOMAIN, R2

FAR = "192.0.2.53"
DNS = ("check-dns", "--domain", DOMAIN, "-t", "1.5", "--json")
OUTPUT = "table inet own {{\nchain output {{\ntype filter hook output priority 0\n{rule}\n}}\n}}\n"

Build = Callable[[Site], object]


def route(kind: str, to: str = SERVER) -> Build:
    return lambda site: site.run("laptop", "ip", "route", "add", kind, f"{to}/32")


def output(rule: str) -> Build:
    return lambda site: site.host("laptop").run("nft", "-f", "-", input=OUTPUT.format(rule=rule))


def link(*words: str) -> Build:
    return lambda site: site.run("laptop", "ip", "link", "set", *words)


def unplugged(site: Site) -> None:
    """The other end of the laptop's cable is taken down: the switch is off."""
    site.host("laptop")
    site.switch.run("ip", "link", "set", site._switch_ports["laptop", "eth0"], "down")


def nothing(site: Site) -> None:
    site.host("laptop")


def says(result: Result, *words: str) -> None:
    """Exit 3, one problem of this machine's own with these words in it, and nothing found of anybody."""
    assert result.code == 3, str(result)
    assert result.err == "", str(result)
    assert result.codes == set(), str(result)
    assert result.verdict[0] == "unknown"
    assert result.verdict[2] == "not-sent"
    (problem,) = {(problem["code"], problem["text"]) for problem in result.report["problems"]}
    assert problem[0] == "not-sent"
    assert [word for word in words if word not in problem[1]] == [], str(result)
    assert "failed" not in {step["status"] for step in result.phone["steps"]}


LOCAL = {
    "no route": (nothing, FAR, ("Network is unreachable (ENETUNREACH)", f"ip route get {FAR}")),
    "blackhole": (route("blackhole"), SERVER, ("Invalid argument (EINVAL)", "of type blackhole")),
    "prohibit": (route("prohibit"), SERVER, ("Permission denied (EACCES)", "of type prohibit")),
    "unreachable": (route("unreachable"), SERVER, ("No route to host (EHOSTUNREACH)", "its routes")),
    "link down": (link("eth0", "down"), SERVER, ("Network is unreachable (ENETUNREACH)", "check its cable")),
    "no carrier": (unplugged, SERVER, ("is not connected", "check the cable")),
    "no IPv6": (
        lambda site: site.run("laptop", "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"),
        "2001:db8::53",
        ("2001:db8::53",),
    ),
    "udp dropped": (output("udp dport 53 drop"), SERVER, ("Operation not permitted (EPERM)", "output rules")),
    "udp rejected": (output("udp dport 53 reject"), SERVER, ("Operation not permitted (EPERM)", "output rules")),
    "udp prohibited": (
        output("udp dport 53 reject with icmp type host-unreachable"),
        SERVER,
        ("Operation not permitted (EPERM)", "output rules"),
    ),
}


@pytest.mark.parametrize("name", LOCAL)
def test_a_question_that_cannot_be_sent_blames_no_nameserver(site: Site, name: str) -> None:
    build, server, words = LOCAL[name]
    site.dnsmasq("server", records={R2: SERVER})
    build(site)
    says(site.ucdiag("laptop", *DNS, "-n", server), f"could not ask the nameserver {server}", *words)


CONNECTS = {
    "no route": (nothing, FAR, "ENETUNREACH"),
    "blackhole": (route("blackhole"), SERVER, "EINVAL"),
    "prohibit": (route("prohibit"), SERVER, "EACCES"),
    "unreachable": (route("unreachable"), SERVER, "EHOSTUNREACH"),
    "link down": (link("eth0", "down"), SERVER, "ENETUNREACH"),
    "no carrier": (unplugged, SERVER, "is not connected"),
    "dropped": (output("tcp dport 80 drop"), SERVER, "no SYN could leave"),
    "rejected": (output("tcp dport 80 reject"), SERVER, "this machine rejects it itself (ICMP port unreachable"),
    "prohibited": (
        output("tcp dport 80 reject with icmp type admin-prohibited"),
        SERVER,
        "this machine rejects it itself (ICMP communication prohibited",
    ),
}


@pytest.mark.parametrize("name", CONNECTS)
def test_a_connection_that_cannot_be_tried_blames_no_server(site: Site, name: str) -> None:
    build, server, word = CONNECTS[name]
    site.raw("server", 80, [])
    build(site)
    result = site.ucdiag("laptop", "probe", "--address", server, "--port", "80", "-t", "1.5", "--json")
    says(result, f"could not connect to {server} port 80", word)
    assert result.verdict[1] == "connect"


def test_dns_over_tcp_that_cannot_be_sent(site: Site) -> None:
    many = {R2: [f"10.77.1.{number}" for number in range(1, 120)]}
    site.dnsmasq("server", records=many)
    output("tcp dport 53 reject")(site)
    says(site.ucdiag("laptop", *DNS, "-n", SERVER), f"nameserver {SERVER} over TCP", "rejects it itself")


def test_a_proxy_that_cannot_be_sent_to(site: Site) -> None:
    """A proxy that cannot be reached is no word on what lies behind it."""
    result = site.ucdiag("laptop", "probe", "--address", SERVER, "--proxy", f"http://{FAR}:3128", "--json")
    assert (result.code, result.codes) == (3, set())
    (problem,) = result.report["problems"]
    assert problem["code"] == "not-sent"
    assert f"to the proxy {FAR}:3128: Network is unreachable" in problem["text"]


def test_of_two_nameservers_the_one_that_answers_decides(site: Site) -> None:
    site.dnsmasq("server", records={R2: SERVER})
    for order in ([FAR, SERVER], [SERVER, FAR], ["2001:db8::53", SERVER]):
        words = [word for address in order for word in ("-n", address)]
        result = site.ucdiag("laptop", *DNS, *words)
        assert (result.code, result.verdict[0], result.codes) == (0, "whole", set()), str(result)
        (problem,) = result.report["problems"]
        assert problem["code"] == "not-sent"


def test_a_nameserver_that_cannot_be_asked_may_be_the_one_that_answers(site: Site) -> None:
    site.host("server")
    result = site.ucdiag("laptop", *DNS, "-n", SERVER, "-n", FAR)
    assert (result.code, result.verdict) == (3, ("unknown", "dns", "not-sent")), str(result)
    levels = {finding["code"]: finding["level"] for finding in result.phone["findings"]}
    assert levels == {"dns-no-answer": "warning"}


def test_a_nameserver_of_ipv6_is_none_of_a_phone(site: Site) -> None:
    site.host("server")
    result = site.ucdiag("laptop", *DNS, "-n", SERVER, "-n", "2001:db8::53")
    assert (result.code, result.verdict) == (1, ("broken", "dns", "dns-no-answer")), str(result)


def test_a_port_that_cannot_be_tried_may_be_the_good_one(site: Site) -> None:
    site.host("server")
    output("tcp dport 80 reject")(site)
    result = site.ucdiag("laptop", "probe", "--address", SERVER, "--json")
    assert (result.code, result.verdict) == (3, ("unknown", "connect", "not-sent")), str(result)


# What came back.


def closed(site: Site) -> None:
    site.host("server")


def answers(rule: str) -> Build:
    return lambda site: site.firewall("server", rules=rule)


def behind_router(site: Site) -> None:
    site.add("router", Port(address=f"{GATEWAY}/24"), Port("far", "10.78.0.1/24"), forwards=True)
    site.run("laptop", "ip", "route", "add", "default", "via", GATEWAY)


def no_gateway(site: Site) -> None:
    site.run("laptop", "ip", "route", "add", "default", "via", "10.77.0.99")


CAME_BACK = {
    "closed port": (closed, SERVER, f"nothing listens there (ICMP port unreachable, said {SERVER})"),
    "admin prohibited": (
        answers("udp dport 53 reject with icmp type admin-prohibited"),
        SERVER,
        f"ICMP communication prohibited, said {SERVER}",
    ),
    "no route behind the router": (behind_router, FAR, f"ICMP network unreachable, said {GATEWAY}"),
    "nobody on the link": (nothing, "10.77.0.99", "nobody answers ARP for 10.77.0.99"),
    "no gateway": (no_gateway, FAR, f"nobody answers ARP for {FAR} or for the gateway to it"),
}


@pytest.mark.parametrize("name", CAME_BACK)
def test_what_came_back_is_a_finding(site: Site, name: str) -> None:
    build, server, words = CAME_BACK[name]
    build(site)
    site.host("laptop")
    result = site.ucdiag("laptop", *DNS, "-t", "8", "-n", server)
    assert (result.code, result.verdict) == (1, ("broken", "dns", "dns-no-answer")), str(result)
    assert result.report["problems"] == []
    assert words in result.report["verdict"]["summary"], str(result)


REFUSALS = {
    "closed port": (closed, SERVER, "connect-refused", "SYN answered by RST"),
    "rejected there": (
        answers("tcp dport 80 reject with icmp type port-unreachable"),
        SERVER,
        "connect-unreachable",
        f"ICMP port unreachable, said {SERVER}",
    ),
    "no route behind the router": (
        behind_router,
        FAR,
        "connect-unreachable",
        f"ICMP network unreachable, said {GATEWAY}",
    ),
    "nobody on the link": (nothing, "10.77.0.99", "connect-unreachable", "nobody answers ARP for 10.77.0.99"),
    "broadcast": (nothing, "10.77.0.255", "connect-unreachable", "a broadcast or multicast address"),
    "dropped there": (answers("tcp dport 80 drop"), SERVER, "connect-no-answer", "SYN not answered"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_came_back_of_a_connection_is_a_finding(site: Site, name: str) -> None:
    build, server, code, words = REFUSALS[name]
    build(site)
    seconds = "1.5" if name == "dropped there" else "8"
    result = site.ucdiag("laptop", "probe", "--address", server, "--port", "80", "-t", seconds, "--json")
    assert (result.code, result.verdict) == (1, ("broken", "connect", code)), str(result)
    assert result.report["problems"] == []
    assert words in result.report["verdict"]["summary"], str(result)


# DHCP.


@pytest.mark.parametrize("build", [link("eth0", "down"), unplugged], ids=["down", "no carrier"])
def test_a_dhcp_question_on_a_dead_interface_blames_no_server(site: Site, build: Build) -> None:
    site.dnsmasq("server", dhcp=True)
    build(site)
    result = site.ucdiag("laptop", "check-dhcp", "--ask", "-i", "eth0", "-t", "1", "--json")
    assert (result.code, result.codes) == (3, set()), str(result)
    assert "interface-down" in {problem["code"] for problem in result.report["problems"]}


def test_an_interface_that_goes_down_while_asking_blames_no_server(site: Site) -> None:
    asking = site.ucdiag_start("laptop", "check-dhcp", "--ask", "-i", "eth0", "-t", "6", "--json")
    site.run("laptop", "sh", "-c", "sleep 3; ip link set eth0 down")
    assert asking.wait() == 3, asking.output
    assert "interface-down" in asking.output
    assert "dhcp-no-answer" not in asking.output


# The lab.


@pytest.mark.parametrize("words", [("whole",), ("--all",), ("whole", "--serve"), ("--all", "--json")])
@pytest.mark.parametrize("state", ["never up", "down again"])
def test_the_lab_without_loopback(site: Site, words: tuple[str, ...], state: str) -> None:
    site.host("laptop")
    site.run("laptop", "ip", "link", "set", "lo", "down")
    if state == "never up":
        site.run("laptop", "ip", "address", "flush", "dev", "lo")
    result = site.ucdiag("laptop", "lab", *words)
    assert result.code == 3, str(result)
    (line,) = result.err.splitlines()
    assert "the loopback interface is down" in line
    assert "'ip link set lo up'" in line


def test_the_lab_behind_a_firewall_of_its_own(site: Site) -> None:
    output("oif lo drop")(site)
    result = site.ucdiag("laptop", "lab", "--all")
    assert result.code == 3, str(result)
    assert "firewall" in result.err


def test_the_lab_with_loopback_alone(site: Site) -> None:
    site.run("laptop", "ip", "link", "set", "eth0", "down")
    result = site.ucdiag("laptop", "lab", "connect-unreachable")
    assert result.code == 1, str(result)


def test_both_nameservers_of_the_machine(site: Site) -> None:
    """Without ``-n`` too: the nameservers are the machine's own."""
    site.dnsmasq("server2", records={R2: SERVER})
    site.nameservers("laptop", FAR, SERVER2)
    result = site.ucdiag("laptop", *DNS)
    assert (result.code, result.verdict[0]) == (0, "whole"), str(result)
    assert [problem["code"] for problem in result.report["problems"]] == ["not-sent"]
