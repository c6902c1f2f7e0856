"""Every ``dhcp-*`` code of the active commands from a real misconfiguration, and healthy sites without a finding.

``check-dhcp --ask`` and ``check --ask`` ask real servers; ``check``, ``check-dns`` and ``check-dhcp`` read what a real
client was leased. Verdict, exit code, findings, problems and the report's schema are looked at each time.
"""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.site.ground import GATEWAY, LAPTOP, PHONE_MAC, SERVER, SERVER2, Port, Result, Site, console_script
from tests.site.reports import run_all, validator

R2 = "ucupdates-r2.contoso.com"
ASK = ("check-dhcp", "check")


def ask(site: Site, *words: str, wait: str = "1") -> dict[str, Result]:
    site.host("laptop")  # made before two threads want it
    return run_all(site, ASK, ["--ask", "--mac", PHONE_MAC, "-t", wait, *words])


def judged(
    result: Result,
    status: str,
    step: str | None,
    code: str | None,
    *others: str,
    problems: frozenset[str] | set[str] = frozenset(),
) -> None:
    """Exactly this verdict, these findings and problems, the fitting exit code, a report that keeps to the schema."""
    assert result.report, str(result)
    validator().validate(result.report)
    assert (result.verdict, result.codes) == ((status, step, code), {code, *others} - {None}), str(result)
    assert result.code == {"whole": 0, "broken": 1, "unknown": 3}[status]
    assert (result.err, {problem["code"] for problem in result.report["problems"]}) == ("", set(problems))


def holds(result: Result) -> None:
    """DHCP is as it should be; ``check`` goes on and finds that nobody serves port 80 here."""
    if result.report["command"] == "check":
        judged(result, "broken", "connect", "connect-refused")
    else:
        judged(result, "whole", None, None)
    assert result.phone["steps"][0]["status"] == "ok"


def records(result: Result) -> dict[str, tuple[str | None, tuple[str, ...]]]:
    """name -> (rcode, addresses) of each question for the record."""
    found = [
        observation
        for observation in result.phone["observations"]
        if observation["kind"] == "lookup" and observation["type"] == "A"
    ]
    return {fact["name"]: (fact["rcode"], tuple(fact["addresses"])) for fact in found if "ucupdates-r2" in fact["name"]}


def leaseless(site: Site) -> None:
    site.add("laptop", Port(mac="02:77:00:00:00:50"))


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "no domain": ({"domain": None}, "dhcp-no-domain"),
    "several names": ({"domain": "contoso.com corp.contoso.com"}, "dhcp-domain-unusable"),
    "no resolver": ({"resolvers": ()}, "dhcp-no-resolver"),
}


@pytest.mark.parametrize(("values", "code"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes_asked_for_and_leased(site: Site, values: dict[str, Any], code: str) -> None:
    leaseless(site)
    site.isc_dhcpd("server", **values)
    for words in ((), ("--domain", "contoso.com")):
        for result in ask(site, *words).values():
            # Without a lease the laptop has no route to the resolver that it is to ask for --domain.
            lost = {"no-nameserver"} if code == "dhcp-no-resolver" else {"not-sent"} if words else set()
            judged(result, "broken", "dhcp", code, problems=lost if result.report["command"] == "check" else set())
            assert all(step["status"] != "ok" for step in result.phone["steps"])
    site.dhclient("laptop")
    for command, result in run_all(site, ("check-dhcp", "check-dns", "check"), ["-t", "1"]).items():
        assert (result.verdict, result.codes, result.code) == (("broken", "dhcp", code), {code}, 1), command
        validator().validate(result.report)
        # What cannot be looked up for want of it is told, and is no second finding.
        assert {problem["code"] for problem in result.report["problems"]} <= {"no-domain", "no-nameserver"}


def test_nobody_answers(site: Site) -> None:
    site.host("laptop")
    site.nameservers("laptop", SERVER, search="contoso.com")
    for result in ask(site).values():
        judged(result, "broken", "dhcp", "dhcp-no-answer")


def test_the_server_s_own_name_as_the_domain(site: Site) -> None:
    """What DNS says of the name that comes of it decides, where it is asked."""
    site.dnsmasq("server", dhcp=True, domain=R2, records={R2: SERVER})
    found = ask(site)
    judged(found["check-dhcp"], "whole", None, None, "dhcp-domain-unusable")
    judged(found["check"], "broken", "dns", "dns-r2-missing")


def test_servers_that_differ_and_one_that_is_not_as_expected(site: Site) -> None:
    site.dnsmasq("server", dhcp=True, records={R2: SERVER})
    site.isc_dhcpd("server2", domain="other.example")
    both = ask(site)
    judged(both["check-dhcp"], "whole", None, None, "dhcp-domains-differ")
    # Which offer comes first is left to chance, and so is what the phone does.
    assert both["check"].codes - {"connect-refused", "dns-refused"} == {"dhcp-domains-differ"}
    for result in both.values():
        assert result.phone["steps"][0]["status"] == "warning"
        summary = result.phone["steps"][0]["summary"]
        assert f"{SERVER} gives the phone the domain contoso.com" in summary
        assert f"{SERVER2} gives the phone the domain other.example" in summary
        assert records(result) == {R2: ("NOERROR", (SERVER,)), "ucupdates-r2.other.example": ("REFUSED", ())}
    named = ask(site, "--domain", "contoso.com")
    judged(named["check-dhcp"], "whole", None, None, "dhcp-domains-differ", "dhcp-domain-unexpected")
    judged(named["check"], "broken", "connect", "connect-refused", "dhcp-domains-differ", "dhcp-domain-unexpected")


def test_two_servers_that_agree_and_one_that_does_not_know_option_119(site: Site) -> None:
    search = "option:domain-search,contoso.com,corp.contoso.com"
    site.dnsmasq("server", dhcp=True, records={R2: SERVER}, options=[search])
    site.isc_dhcpd("server2", domain="Contoso.com.")
    for result in ask(site, "--domain", "contoso.com").values():
        holds(result)
        offers = [observation for observation in result.phone["observations"] if observation.get("type") == "offer"]
        assert {(offer["server"], bool(offer["search"])) for offer in offers} == {(SERVER, True), (SERVER2, False)}


def test_a_server_for_the_phones_class_alone(site: Site) -> None:
    site.dnsmasq(
        "server",
        dhcp=True,
        records={R2: SERVER},
        options=["vendor:CPE-OCPhone,10,0:14"],
        extra=["dhcp-vendorclass=set:phone,CPE-OCPhone", "dhcp-ignore=tag:!phone"],
    )
    for result in ask(site).values():
        holds(result)


def test_through_a_relay(site: Site) -> None:
    site.add("far", Port("far", "10.78.0.2/24"), gateway="10.78.0.1")
    site.add("gateway", Port("lan", "10.77.0.1/24"), Port("far", "10.78.0.1/24"), forwards=True)
    site.isc_dhcpd("far", router=GATEWAY, extra_subnets="subnet 10.78.0.0 netmask 255.255.255.0 {}")
    site.dnsmasq("server", records={R2: SERVER})
    site.dhcp_relay("gateway", "10.78.0.2")
    for result in ask(site).values():
        holds(result)


def test_in_a_vlan(site: Site) -> None:
    site.vlan("server", 20, address="10.79.0.2/24")
    site.vlan("laptop", 20, address="10.79.0.50/24")
    site.isc_dhcpd("server2", domain="data.example")
    site.dnsmasq(
        "server",
        dhcp=True,
        interface="eth0.20",
        first="10.79.0.10",
        last="10.79.0.20",
        records={R2: "10.79.0.2"},
    )
    for result in ask(site, "--interface", "eth0", "--vlan", "20").values():
        holds(result)


def test_the_comparison_of_domains(site: Site) -> None:
    """This machine is in one domain, the phone's class is told another, and somebody expects a third."""
    leaseless(site)
    rules = ["dhcp-vendorclass=set:phone,CPE-OCPhone", "dhcp-option=tag:phone,option:domain-name,contoso.com"]
    site.dnsmasq("server", dhcp=True, router=GATEWAY, domain="data.example", records={R2: SERVER}, extra=rules)
    site.dhclient("laptop")
    site.nameservers("laptop", SERVER, search="vpn.example")
    said = {
        R2: ("NOERROR", (SERVER,)),
        "ucupdates-r2.data.example": ("NXDOMAIN", ()),
        "ucupdates-r2.fabrikam.com": ("REFUSED", ()),
    }
    found = ask(site, "--domain", "fabrikam.com")
    also = ("dhcp-domain-by-class", "dhcp-domain-unexpected")
    judged(found["check-dhcp"], "whole", None, None, *also)
    judged(found["check"], "broken", "dns", "dns-refused", *also)
    for result in found.values():
        assert records(result) == said
    for command in ASK:
        text = site.ucdiag(
            "laptop", command, "--ask", "-v", "-t", "1", "--domain", "fabrikam.com", env={"COLUMNS": "300"}
        ).out
        compared = text.partition("Whose domain")[2].splitlines()[1:10]
        assert compared == [
            f"  data.example, offered to the phone by {SERVER} (to no vendor class and MS-UC-Client), "
            f"sent to this machine by {SERVER}, this machine's lease",
            f"    ucupdates-r2.data.example: does not exist (NXDOMAIN) (asked {SERVER})",
            f"    ucupdates.data.example: does not exist (NXDOMAIN) (asked {SERVER})",
            f"  contoso.com, offered to the phone by {SERVER} (to CPE-OCPhone)",
            f"    {R2}: {SERVER}, TTL 0 s (asked {SERVER})",
            f"    ucupdates.contoso.com: REFUSED (asked {SERVER})",
            "  fabrikam.com, given with --domain",
            f"    ucupdates-r2.fabrikam.com: REFUSED (asked {SERVER})",
            f"    ucupdates.fabrikam.com: REFUSED (asked {SERVER})",
        ]


HUNDREDS = """
import random, socket, sys
sys.path.insert(0, sys.argv[1])
import hostile_dhcp as made

def replies(question, chance):
    listed = b"".join(bytes([10, 77, 1, n]) for n in range(1, 241))
    body = b"".join(b"\\x06\\xf0" + listed[n : n + 240] for n in range(0, 960, 240))
    first = made.plain(question, b"\\x0f\\x0bcontoso.com" + body)
    return [first, *(made.plain(question, b"\\x0f\\x0b" + b"d%02d.example" % n) for n in range(30))]

made.plain = lambda question, options: (
    b"\\x02\\x01\\x06\\0" + question[4:8] + bytes(8) + bytes([10, 77, 0, 7]) + made.ADDRESS + bytes(4) + question[28:44]
    + bytes(192) + b"\\x63\\x82\\x53\\x63\\x35\\x01"
    + (b"\\x05" if b"\\x35\\x01\\x08" in question[:260] else b"\\x02")
    + b"\\x36\\x04" + made.ADDRESS + options + b"\\xff"
)
made.replies = replies
sys.argv = ["", "eth0", "1"]
made.main()
"""


def test_hundreds_of_silent_resolvers_and_domains_do_not_take_for_ever(site: Site) -> None:
    site.add("laptop", Port(address=f"{LAPTOP}/24", mac="02:77:00:00:00:50"), gateway=GATEWAY)
    site.add("gateway", Port("lan", f"{GATEWAY}/24"))
    site.firewall("gateway", drop=["udp/53"])
    site.start("server", sys.executable, "-c", HUNDREDS, str(Path(__file__).parent), ready="listening")
    begin = time.monotonic()
    for command, result in ask(site, wait="0.5").items():
        assert time.monotonic() - begin < 55
        validator().validate(result.report)
        assert result.code in (0, 1), command
        asked = {
            observation["server"] for observation in result.phone["observations"] if observation["kind"] == "lookup"
        }
        assert 0 < len(asked) <= 8


def refused(site: Site, command: str, *words: str) -> Result:
    """Without the right to a packet socket or to port 68."""
    bounding = ["setpriv", "--bounding-set=-net_raw,-net_bind_service", console_script()]
    done = site.run("laptop", *bounding, command, "--ask", "--json", "-t", "1", *words, check=False)
    return Result.of(("--json",), done)


def test_without_rights(site: Site) -> None:
    leaseless(site)
    site.dnsmasq("server", dhcp=True, router=GATEWAY, records={R2: SERVER})
    for leased in (False, True):
        if leased:
            site.dhclient("laptop")
        for command in ASK:
            result = refused(site, command, "--mac", PHONE_MAC)
            problems = {problem["code"]: problem["text"] for problem in result.report["problems"]}
            assert (
                f"sudo {console_script()} {command} --ask --interface eth0 --mac {PHONE_MAC}"
                in problems["no-privilege"]
            )
            assert result.err == ""
            validator().validate(result.report)
            if not leased:
                assert (result.code, result.codes) == (3, set())
            elif command == "check":
                assert (result.verdict, result.code) == (("broken", "connect", "connect-refused"), 1)
            else:
                assert (result.codes, result.code) == (set(), 0)


def test_without_a_usable_interface(site: Site) -> None:
    leaseless(site)
    for words, code in (
        (("-i", "eth9"), "no-interface"),
        (("-i", "lo"), "no-interface"),
        (("-i", "a/../b"), "no-interface"),
    ):
        for result in ask(site, *words).values():
            assert (result.code, result.codes, result.err) == (3, set(), "")
            assert code in {problem["code"] for problem in result.report["problems"]}
    site.run("laptop", "ip", "link", "set", "eth0", "down")
    for words, code in (((), "no-interface"), (("-i", "eth0"), "interface-down")):
        for result in ask(site, *words).values():
            assert (result.code, result.codes, result.err) == (3, set(), "")
            assert code in {problem["code"] for problem in result.report["problems"]}
