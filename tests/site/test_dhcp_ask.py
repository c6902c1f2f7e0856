"""``check-dhcp --ask`` against real DHCP servers, relays, VLANs, and a hostile one."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.site.ground import GATEWAY, LAPTOP, PHONE_MAC, SERVER, SERVER2, Port, Result, Site, console_script

R2 = "ucupdates-r2.contoso.com"
VENDOR = (
    "vendor:MS-UC-Client,1,MS-UC-Client",
    "vendor:MS-UC-Client,2,https",
    "vendor:MS-UC-Client,3,pool.contoso.com",
    'vendor:MS-UC-Client,4,"443"',
    "vendor:MS-UC-Client,5,/CertProv/CertProvisioningService.svc",
    "vendor:CPE-OCPhone,10,0:14",
)


def ask(site: Site, *words: str | Path, host: str = "laptop", wait: str = "2") -> Result:
    return site.ucdiag(host, "check-dhcp", "--ask", "--json", "--mac", PHONE_MAC, "-t", wait, *words)


def messages(result: Result, *types: str) -> list[dict[str, Any]]:
    return [
        observation
        for observation in result.phone["observations"]
        if observation["kind"] == "dhcp" and observation["type"] in types
    ]


def classes(result: Result, outcome: str | None) -> set[str | None]:
    return {message["vendor_class"] for message in messages(result, "discover") if message["outcome"] == outcome}


def message_types(file: Path) -> set[str]:
    words = ["tshark", "-r", str(file), "-Y", "dhcp", "-Tfields", "-edhcp.option.dhcp"]
    return set(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())


def test_everything_such_a_phone_gets(site: Site) -> None:
    options = [
        "option:domain-search,contoso.com,corp.contoso.com",
        "option:ntp-server,10.77.0.4",
        "4,10.77.0.5",
        "120,sip.contoso.com",
        *VENDOR,
    ]
    site.dnsmasq("server", dhcp=True, router=GATEWAY, records={R2: SERVER}, options=options)
    result = ask(site)
    assert (result.code, result.codes, result.report["problems"]) == (0, set(), [])
    assert classes(result, None) == {None, "CPE-OCPhone", "MS-UC-Client"}
    offers = messages(result, "offer")
    assert len(offers) == 3
    for offer in offers:
        assert (offer["client"], offer["server"], offer["domain"]) == (PHONE_MAC, SERVER, "contoso.com")
        assert offer["search"] == ["contoso.com", "corp.contoso.com"]
        assert (offer["resolvers"], offer["routers"]) == ([SERVER], [GATEWAY])
        assert (offer["time_servers"], offer["time_offset_servers"]) == (["10.77.0.4"], ["10.77.0.5"])
        assert offer["registrars"] == ["sip.contoso.com"]
        assert (offer["lease_seconds"], offer["relay"], offer["source_address"]) == (3600, None, SERVER)
    assert sorted(offer["vlan"] or 0 for offer in offers) == [0, 0, 20]
    services = {offer["certificate_service"] for offer in offers}
    assert services == {None, "https://pool.contoso.com:443/CertProv/CertProvisioningService.svc"}
    (answer,) = messages(result, "ack")
    assert (answer["client"], answer["client_address"], answer["domain"]) == (
        "02:77:00:00:00:50",
        LAPTOP,
        "contoso.com",
    )
    records = [observation for observation in result.phone["observations"] if observation["kind"] == "lookup"]
    assert [(record["name"], record["addresses"]) for record in records] == [
        (R2, [SERVER]),
        ("ucupdates.contoso.com", []),
    ]


def test_it_takes_no_address_from_any_server(site: Site, tmp_path: Path) -> None:
    site.dnsmasq("server", dhcp=True)
    site.isc_dhcpd("server2")
    site.add("server3", Port(address="10.77.0.4/24"))
    site.kea("server3")
    books = {
        "server": "/var/lib/misc/dnsmasq.leases",
        "server2": "/var/lib/dhcp/dhcpd.leases",
        "server3": "/var/lib/kea/kea-leases4.csv",
    }

    def taken() -> dict[str, list[str]]:
        found = {}
        for host, path in books.items():
            file = site.host(host).path(path)
            text = file.read_text() if file.exists() else ""
            found[host] = re.findall(r"10\.77\.0\.\d+", text)
        return found

    capture = site.tcpdump("laptop", tmp_path / "a.pcap")
    result = ask(site)
    capture.stop()
    assert {message["server"] for message in messages(result, "offer")} == {SERVER, SERVER2, "10.77.0.4"}
    assert (result.code, result.codes) == (0, set())
    assert taken() == {"server": [], "server2": [], "server3": []}
    # Discover, offer, ack (to INFORM), inform: no request, no decline, no release.
    assert message_types(tmp_path / "a.pcap") == {"1", "2", "5", "8"}
    # The books do show a lease once somebody takes one.
    site.udhcpc("phone")
    assert sum(map(len, taken().values())) >= 1


def test_two_servers_that_differ(site: Site) -> None:
    site.dnsmasq("server", dhcp=True, records={R2: SERVER})
    site.isc_dhcpd("server2", domain="other.example")
    result = ask(site)
    assert {(message["server"], message["domain"]) for message in messages(result, "offer")} == {
        (SERVER, "contoso.com"),
        (SERVER2, "other.example"),
    }
    assert result.codes == {"dhcp-domains-differ"}
    assert result.code == 0
    records = {
        observation["name"]: (observation["rcode"], observation["addresses"])
        for observation in result.phone["observations"]
        if observation["kind"] == "lookup"
    }
    assert records == {
        R2: ("NOERROR", [SERVER]),
        "ucupdates.contoso.com": ("NXDOMAIN", []),
        "ucupdates-r2.other.example": ("REFUSED", []),
        "ucupdates.other.example": ("REFUSED", []),
    }


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no domain": ({"domain": None}, "dhcp-no-domain"),
    "several": ({"domain": "a.example b.example"}, "dhcp-domain-unusable"),
    "blank": ({"domain": "contoso.com "}, "dhcp-domain-unusable"),
    "bad character": ({"domain": "con!toso.com"}, "dhcp-domain-unusable"),
    "long label": ({"domain": "x" * 64 + ".example"}, "dhcp-domain-unusable"),
    "no resolver": ({"resolvers": ()}, "dhcp-no-resolver"),
}


@pytest.mark.parametrize("server", ["isc_dhcpd", "kea"])
@pytest.mark.parametrize(("values", "code"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(site: Site, server: str, values: dict[str, Any], code: str) -> None:
    if server == "kea" and values.get("domain") is not None:
        # Kea takes no such name as text; as bytes it takes anything.
        data = {"name": "domain-name", "csv-format": False, "data": str(values["domain"]).encode().hex()}
        site.kea("server", domain=None, options=[data])
    else:
        getattr(site, server)("server", **values)
    result = ask(site, wait="1")
    assert (result.verdict, result.codes) == (("broken", "dhcp", code), {code})
    assert result.code == 1


@pytest.mark.parametrize(
    ("given", "domain"), [("contoso.com\\000", "contoso.com"), ("contoso.com.", "contoso.com."), ("Contoso.COM", None)]
)
def test_spellings_that_work(site: Site, given: str, domain: str | None) -> None:
    site.isc_dhcpd("server", domain=given)
    result = ask(site, "--domain", "contoso.com", wait="1")
    assert (result.code, result.codes) == (0, set())
    assert {message["domain"] for message in messages(result, "offer")} == {domain or given}


def test_not_the_expected_domain(site: Site) -> None:
    site.isc_dhcpd("server", domain="other.example")
    result = ask(site, "--domain", "contoso.com", wait="1")
    assert (result.code, result.codes) == (0, {"dhcp-domain-unexpected"})


def test_nobody_answers(site: Site) -> None:
    site.host("laptop")
    begin = time.monotonic()
    result = ask(site, wait="2")
    assert time.monotonic() - begin < 60
    assert (result.verdict, result.codes) == (("broken", "dhcp", "dhcp-no-answer"), {"dhcp-no-answer"})
    assert {message["outcome"] for message in messages(result, "discover", "inform")} == {"no_answer"}
    assert result.code == 1


def test_a_server_for_one_vendor_class_alone(site: Site) -> None:
    rule = "dhcp-vendorclass=set:phone,CPE-OCPhone"
    site.dnsmasq("server", dhcp=True, extra=[rule, "dhcp-ignore=tag:!phone"])
    result = ask(site)
    assert classes(result, None) == {"CPE-OCPhone"}
    assert classes(result, "no_answer") == {None, "MS-UC-Client"}


def test_a_server_that_looks_first_whether_the_address_is_free(site: Site) -> None:
    site.isc_dhcpd("server", top="ping-check true;\nping-timeout 2;")
    result = ask(site, wait="5")
    assert {message["server"] for message in messages(result, "offer")} == {SERVER}
    assert result.code == 0


def test_only_answers_to_our_own_questions(site: Site) -> None:
    site.dnsmasq("server", dhcp=True)
    site.host("laptop")
    asking = site.ucdiag_start(
        "laptop", "check-dhcp", "--ask", "--json", "--mac", "00:04:f2:00:00:99", "-t", "4", "-o", "/run/site/report"
    )
    site.udhcpc("phone")
    asking.wait()
    report = json.loads(site.host("laptop").read("/run/site/report"))
    result = Result(0, "", "", report)
    assert len(messages(result, "offer")) == 3
    assert {message["client"] for message in messages(result, "offer")} == {"00:04:f2:00:00:99"}
    assert {message["client"] for message in messages(result, "ack")} == {"02:77:00:00:00:50"}


def test_in_a_vlan(site: Site) -> None:
    site.vlan("server", 20, address="10.79.0.2/24")
    site.isc_dhcpd("server2", domain="data.example")
    site.dnsmasq(
        "server", dhcp=True, interface="eth0.20", domain="voice.example", first="10.79.0.10", last="10.79.0.20"
    )
    tagged = ask(site, "--vlan", "20")
    assert {(message["domain"], message["tag"]) for message in messages(tagged, "offer")} == {("voice.example", 20)}
    assert messages(tagged, "inform") == []
    plain = ask(site)
    assert {(message["domain"], message["tag"]) for message in messages(plain, "offer")} == {("data.example", None)}
    other = ask(site, "--vlan", "21", wait="1")
    assert other.verdict == ("broken", "dhcp", "dhcp-no-answer")


def test_through_a_relay(site: Site) -> None:
    site.add("far", Port("far", "10.78.0.2/24"), gateway="10.78.0.1")
    site.add("gateway", Port("lan", "10.77.0.1/24"), Port("far", "10.78.0.1/24"), forwards=True)
    site.isc_dhcpd("far", router="10.77.0.1", extra_subnets="subnet 10.78.0.0 netmask 255.255.255.0 {}")
    site.dhcp_relay("gateway", "10.78.0.2")
    result = ask(site)
    offers = messages(result, "offer")
    assert {(offer["server"], offer["relay"], offer["domain"]) for offer in offers} == {
        ("10.78.0.2", "10.77.0.1", "contoso.com")
    }
    assert result.code == 0


def test_the_running_client_keeps_its_lease(site: Site) -> None:
    site.add("laptop", Port(mac="02:77:00:00:00:50"))
    site.dnsmasq("server", dhcp=True, router=GATEWAY)
    client = site.dhclient("laptop")
    before = site.run("laptop", "ip", "-4", "-br", "address").stdout
    leases = site.host("server").read("/var/lib/misc/dnsmasq.leases")
    result = ask(site)
    assert result.code == 0
    assert len(messages(result, "offer")) == 3
    assert client.alive
    assert site.run("laptop", "ip", "-4", "-br", "address").stdout == before
    assert site.host("server").read("/var/lib/misc/dnsmasq.leases") == leases


def without(site: Site, *rights: str, words: tuple[str, ...] = ()) -> Result:
    """``check-dhcp --ask`` without some of root's rights: the tests' Python may not be readable to another user."""
    command = ["setpriv", f"--bounding-set=-{',-'.join(rights)}", console_script(), "check-dhcp", "--ask", "--json"]
    done = site.run("laptop", *command, "--mac", PHONE_MAC, "-t", "2", *words, check=False)
    return Result(done.returncode, done.stdout, done.stderr, json.loads(done.stdout))


def problems(result: Result) -> dict[str, str]:
    return {problem["code"]: problem["text"] for problem in result.report["problems"]}


def test_without_any_right_and_without_a_lease(site: Site) -> None:
    site.dnsmasq("server", dhcp=True)
    result = without(site, "net_raw", "net_bind_service")
    assert result.code == 3
    assert messages(result, "discover", "inform", "offer", "ack") == []
    assert (
        f"sudo {console_script()} check-dhcp --ask --interface eth0 --mac {PHONE_MAC}"
        in problems(result)["no-privilege"]
    )
    assert "port 68" in problems(result)["no-privilege"]
    assert "Traceback" not in result.err


def test_without_any_right_the_own_lease_is_still_reported(site: Site) -> None:
    site.add("laptop", Port(mac="02:77:00:00:00:50"))
    site.dnsmasq("server", dhcp=True, router=GATEWAY)
    site.dhclient("laptop")
    result = without(site, "net_raw", "net_bind_service")
    assert result.code == 0
    assert "no-privilege" in problems(result)


def test_without_a_packet_socket_inform_is_asked(site: Site) -> None:
    site.dnsmasq("server", dhcp=True)
    site.isc_dhcpd("server2")
    result = without(site, "net_raw")
    assert [message["server"] for message in messages(result, "ack")] in ([SERVER, SERVER2], [SERVER2, SERVER])
    assert messages(result, "discover") == []
    assert "only INFORM was asked" in problems(result)["no-privilege"]
    assert result.code == 0


def test_a_client_that_holds_the_port_keeps_it(site: Site) -> None:
    site.dnsmasq("server", dhcp=True)
    code = """
import socket, time
holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
holder.bind(("0.0.0.0", 68))
print("bound", flush=True)
time.sleep(60)
"""
    site.start("laptop", sys.executable, "-c", code, ready="bound")
    result = without(site, "net_raw")
    assert "another program holds it" in problems(result)["no-privilege"]
    assert result.code == 3
    # A packet socket does not need the port.
    assert len(messages(ask(site), "offer")) == 3


def test_an_interface_that_is_not_there_or_down(site: Site) -> None:
    site.host("laptop")
    result = ask(site, "--interface", "eth7")
    assert "There is no interface 'eth7'" in problems(result)["no-interface"]
    assert result.code == 3
    site.run("laptop", "ip", "link", "set", "eth0", "down")
    result = ask(site, "--interface", "eth0", wait="1")
    assert "interface-down" in problems(result)
    assert result.code == 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_hostile_server(site: Site, seed: int) -> None:
    script = Path(__file__).with_name("hostile_dhcp.py")
    site.start("server", sys.executable, script, "eth0", str(seed), ready="listening")
    for words in (("--json",), ("-v",), ("-f", "short")):
        begin = time.monotonic()
        done = site.ucdiag("laptop", "check-dhcp", "--ask", "--mac", PHONE_MAC, "-t", "1", *words)
        assert time.monotonic() - begin < 60
        assert done.code in (0, 1, 3), str(done)
        assert "Traceback" not in done.err
        assert "\x1b" not in done.out
        assert "\x07" not in done.out
        assert "\x9b" not in done.out
        if done.report:
            assert len(messages(done, "offer", "ack")) <= 64
            assert "dhcp-malformed" in problems(done)
            assert {message["client"] for message in messages(done, "offer")} == {PHONE_MAC}


def test_scapys_socket_does_the_same(site: Site) -> None:
    """What other systems use, tried where there is a server."""
    site.dnsmasq("server", dhcp=True)
    code = f"""
from ucdiag.probe.dhcp import query_servers
from ucdiag.probe.packet_link import ScapyLink
from ucdiag.runtime.context import Context
for each in query_servers(Context(timeout=2), mac="{PHONE_MAC}", interface="eth0", link=ScapyLink("eth0")):
    print(each.type, each.server)
"""
    lines = site.python("laptop", code).stdout.splitlines()
    assert sorted(set(lines)) == [f"ack {SERVER}", "discover None", "inform None", f"offer {SERVER}"]
