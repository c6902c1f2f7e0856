"""The active commands with all that only Linux has taken away, against real servers; captures.py has live capture."""

import json

import pytest

from tests.other_systems import FRONT
from tests.site.ground import PHONE_MAC, SERVER, Result, Site, console_script
from tests.site.matrix import DOMAIN, GOOD, handler

R2 = f"ucupdates-r2.{DOMAIN}"
SYSTEMS = pytest.mark.parametrize("system", ["win32", "darwin"])
NOTHING = handler('<Response downloads="0"/>')
POWERLESS = ("setpriv", "--bounding-set=-net_raw,-net_admin,-net_bind_service", "--inh-caps=-net_raw,-net_admin")


def run(site: Site, system: str, *words: str, before: tuple[str, ...] = ()) -> Result:
    env = {"PYTHONPATH": str(FRONT), "UCDIAG_ELSEWHERE": system}
    done = site.run("laptop", *before, console_script(), *words, "--json", check=False, timeout=60, env=env)
    assert "Traceback" not in done.stderr
    return Result.of((*words, "--json"), done)


@SYSTEMS
@pytest.mark.parametrize("words", [(), ("--interface", "eth0")], ids=["chosen", "named"])
def test_dhcp_is_asked_through_scapy(site: Site, system: str, words: tuple[str, ...]) -> None:
    site.dnsmasq("server", dhcp=True, records={R2: SERVER})
    site.run("laptop", "ip", "route", "add", "default", "via", SERVER)
    result = run(site, system, "check-dhcp", "--ask", "--mac", PHONE_MAC, "-t", "2", *words)
    assert result.code == 0, result.err + result.out
    found = [observation for observation in result.phone["observations"] if observation["kind"] == "dhcp"]
    offers = [fact for fact in found if fact["type"] == "offer"]
    assert len(offers) == 3
    assert {(offer["client"], offer["server"], offer["domain"]) for offer in offers} == {(PHONE_MAC, SERVER, DOMAIN)}
    assert result.report["problems"] == []


@SYSTEMS
def test_a_tagged_question_gets_a_tagged_answer(site: Site, system: str) -> None:
    site.host("laptop")
    site.vlan("server", 20, address="10.20.0.2")
    site.dnsmasq(
        "server", dhcp=True, records={R2: SERVER}, interface="eth0.20", first="10.20.0.100", last="10.20.0.150"
    )
    result = run(site, system, "check-dhcp", "--ask", "-i", "eth0", "--vlan", "20", "--mac", PHONE_MAC, "-t", "2")
    offers = [
        observation
        for observation in result.phone["observations"]
        if observation["kind"] == "dhcp" and observation["type"] == "offer"
    ]
    assert {offer["tag"] for offer in offers} == {20}


@SYSTEMS
def test_without_the_right_it_says_what_to_do(site: Site, system: str) -> None:
    site.dnsmasq("server", dhcp=True, records={R2: SERVER})
    words = ("check-dhcp", "--ask", "-i", "eth0", "--mac", PHONE_MAC, "-t", "1")
    result = run(site, system, *words, before=POWERLESS)
    assert "no-privilege" in [problem["code"] for problem in result.report["problems"]], result.out
    assert result.code == 3


@SYSTEMS
@pytest.mark.parametrize(
    ("web", "status", "step", "code"),
    [
        (NOTHING, "whole", None, None),
        ("return 404;", "broken", "request", "http-not-found"),
        (None, "broken", "connect", "connect-refused"),
    ],
    ids=["whole", "not-found", "refused"],
)
def test_the_path_is_walked(
    site: Site, system: str, web: str | None, status: str, step: str | None, code: str | None
) -> None:
    site.dnsmasq("server", records=GOOD)
    if web is not None:
        site.nginx("server", web)
    result = run(site, system, "check", DOMAIN, "-n", SERVER, "-t", "3")
    verdict = result.report["verdict"]
    assert (verdict["status"], verdict["step"]) == (status, step), json.dumps(verdict)
    assert code is None or verdict["code"] == code


@SYSTEMS
def test_bare_capture_listens_where_the_default_route_leads(site: Site, system: str) -> None:
    site.host("laptop")
    site.host("server")
    site.run("laptop", "ip", "route", "add", "default", "via", SERVER)
    result = run(site, system, "capture", "--duration", "1")
    assert result.report["source"]["name"] == "eth0"
    assert "listening on eth0, the interface of the default route" in result.err


@SYSTEMS
def test_a_question_that_could_not_leave_blames_nobody(site: Site, system: str) -> None:
    """scapy counts it as sent."""
    site.host("laptop")
    site.host("server")
    site.run("laptop", "ip", "link", "set", "eth0", "down")
    result = run(site, system, "check-dhcp", "--ask", "-i", "eth0", "--mac", PHONE_MAC, "-t", "1")
    assert result.code == 3
    assert "dhcp-no-answer" not in result.codes
    assert {"interface-down", "no-packet-socket"} & {problem["code"] for problem in result.report["problems"]}
