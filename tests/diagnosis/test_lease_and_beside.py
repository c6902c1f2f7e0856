"""A machine's own lease, several servers' offers, and what was asked beside the path: each condition in a line."""

from typing import Any

import pytest

from tests.diagnosis.story import MAC, NAME, PATH, POOL, RESOLVER, SERVER, START, command_texts
from ucdiag.diagnosis import shared_mac
from ucdiag.diagnosis.beside_path import beside_findings
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.shared_mac import DhcpClients
from ucdiag.diagnosis.step_event import Event
from ucdiag.diagnosis.steps import dhcp
from ucdiag.model.observations import Dhcp, Http, Lease, Lookup, Observation, UpdateAnswer
from ucdiag.model.report import Finding
from ucdiag.model.steps import Level

OTHER = "10.0.0.9"


def log(*observations: Observation) -> ObservationLog:
    history = ObservationLog()
    for seen in observations:
        history.add(seen)
    return history


def lease(**more: Any) -> Lease:
    more = {"domain": "contoso.com", "resolvers": (RESOLVER,), "chosen": True, "interface": "eth0", **more}
    return Lease(time=START, source="test", provenance="the lease", authority="dhcp", **more)


def leased(fact: Lease, **setting: Any) -> Event:
    (event,) = dhcp.events(log(fact), DiagnosisOptions(**setting), START + 60_000_000)
    return event


@pytest.mark.parametrize(
    ("more", "ok", "code", "summary"),
    [
        ({}, True, None, "DHCP gives the domain contoso.com (the lease)"),
        ({"domain": None}, False, "dhcp-no-domain", "the lease of eth0 carries no domain (option 15)"),
        (
            {"domain": None, "search": ("contoso.com", "corp.contoso.com")},
            False,
            "dhcp-no-domain",
            "the lease of eth0 carries no domain (option 15), only a search list (option 119) of contoso.com and "
            "corp.contoso.com",
        ),
        ({"domain": ""}, False, "dhcp-no-domain", "the lease of eth0 carries an empty domain (option 15)"),
        (
            {"domain": "", "interface": None},
            False,
            "dhcp-no-domain",
            "the lease of this machine carries an empty domain",
        ),
        ({"domain": None, "unknown": ("domain",)}, True, None, "DHCP gives the domain the lease"),
        (
            {"domain": "a b"},
            False,
            "dhcp-domain-unusable",
            "the DHCP domain 'a b' is not one DNS name: it holds several",
        ),
        ({"resolvers": ()}, False, "dhcp-no-resolver", "the lease of eth0 names no DNS server (option 6)"),
        (
            {"resolvers": (), "interface": None},
            False,
            "dhcp-no-resolver",
            "the lease of this machine names no DNS server",
        ),
        ({"resolvers": (), "unknown": ("resolvers",)}, True, None, "DHCP gives the domain contoso.com"),
        (
            {"resolvers": ("0.0.0.0",)},
            False,
            "dhcp-no-resolver",
            "the lease of eth0 names no usable DNS server (option 6)",
        ),
        (
            {"resolvers": ("0.0.0.0",), "unknown": ("resolvers",)},
            False,
            "dhcp-no-resolver",
            "the lease of eth0 names no usable",
        ),
        ({"resolvers": (), "rewritten": ("resolvers",)}, True, None, "DHCP gives the domain contoso.com"),
        ({"resolvers": ("0.0.0.0",), "rewritten": ("resolvers",)}, True, None, "DHCP gives the domain contoso.com"),
        ({"rewritten": ("domain",), "rewritten_by": "a line"}, True, None, "what DHCP gave eth0 is not known: a line"),
        (
            {"rewritten": ("domain",), "rewritten_by": "a line", "interface": None},
            True,
            None,
            "what DHCP gave this machine is not known: a line",
        ),
    ],
)
def test_the_lease_of_this_machine(more: dict[str, Any], ok: bool, code: str | None, summary: str) -> None:
    event = leased(lease(**more))
    assert (event.ok, event.code) == (ok, code)
    assert event.summary.startswith(summary)
    assert event.level is None


def test_the_evidence_of_a_lease() -> None:
    assert [line.text for line in leased(lease()).evidence] == [f"the lease: domain contoso.com, resolvers {RESOLVER}"]
    assert [line.text for line in leased(lease(domain=None, resolvers=())).evidence] == [
        "the lease: domain none, resolvers none"
    ]


@pytest.mark.parametrize("more", [{"domain": None}, {"domain": "a b"}, {"resolvers": ()}])
def test_beside_a_domain_that_was_named_a_bad_lease_is_a_warning(more: dict[str, Any]) -> None:
    assert leased(lease(**more), expected_domain="contoso.com").level is Level.WARNING


def offer(domain: str | None = "contoso.com", server: str | None = SERVER, transaction: int = 1, **more: Any) -> Dhcp:
    more = {"type": "offer", "address": "10.0.0.50", "resolvers": (RESOLVER,), **more}
    return Dhcp(time=START + transaction, client=MAC, domain=domain, server=server, transaction=transaction, **more)


def asked(transaction: int = 1, vendor_class: str | None = "CPE-OCPhone", **more: Any) -> Dhcp:
    more = {"type": "discover", "vendor_class": vendor_class, **more}
    return Dhcp(time=START, client=MAC, transaction=transaction, **more)


def offered(*facts: Observation) -> list[tuple[bool | None, str | None, str]]:
    events = dhcp.events(log(*facts), DiagnosisOptions(), START + 60_000_000)
    return [(event.ok, event.code, event.summary) for event in events]


DEPENDS, ENDING = f"what {SERVER} offers depends on the vendor class:", f", resolver {RESOLVER}"
GOOD = f"{SERVER} gives the phone the domain contoso.com, resolver {RESOLVER}"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([asked(), offer()], [(True, None, GOOD)]),
        ([asked(), offer(server=None)], [(True, None, GOOD.replace(SERVER, "the DHCP server"))]),
        ([asked(), offer(None)], [(False, "dhcp-no-domain", f"{SERVER} gives no domain (option 15)")]),
        ([asked(), offer("")], [(False, "dhcp-no-domain", f"{SERVER} gives an empty domain (option 15)")]),
        ([asked(), offer(resolvers=())], [(False, "dhcp-no-resolver", f"{SERVER} names no DNS server (option 6)")]),
        (
            [asked(), offer(), offer(None, OTHER)],
            [(True, None, GOOD), (False, "dhcp-no-domain", f"{OTHER} gives no domain (option 15); {GOOD}")],
        ),
        ([asked(), offer(), offer("contoso.com", OTHER)], [(True, None, f"{GOOD}; {GOOD.replace(SERVER, OTHER)}")]),
        (
            [asked(), offer(), lease(domain="x.example")],
            [(True, None, f"{GOOD}; this machine's own lease says x.example")],
        ),
        ([asked(), offer(), lease(domain="Contoso.com.")], [(True, None, GOOD)]),
        ([asked(), offer(), lease(domain="x.example", rewritten=("domain",))], [(True, None, GOOD)]),
        ([asked(), offer(), lease(domain=None)], [(True, None, GOOD)]),
        (
            [asked(), offer(truncated=True)],
            [
                (
                    None,
                    None,
                    f"{SERVER} answered, and its answer breaks off before its options end; what was read of it is "
                    f"the domain 'contoso.com' and the resolver {RESOLVER}",
                )
            ],
        ),
        (
            [asked(), offer(None, truncated=True, resolvers=())],
            [
                (
                    None,
                    None,
                    f"{SERVER} answered, and its answer breaks off before its options end; neither a domain nor a "
                    "resolver was read",
                )
            ],
        ),
        # Of one server the phones' classes count, and of these the first with a domain.
        ([asked(), offer(), offer("b.example")], [(True, None, GOOD.replace(", res", " and b.example, res"))]),
        (
            [asked(), asked(2, None), offer(), offer("b.example", transaction=2)],
            [(True, None, f"{DEPENDS} contoso.com (to CPE-OCPhone) and b.example (to no vendor class){ENDING}")],
        ),
        (
            [asked(), asked(2, "MS-UC-Client"), offer(None), offer(transaction=2)],
            [(True, None, f"{DEPENDS} contoso.com (to MS-UC-Client) and no domain (to CPE-OCPhone){ENDING}")],
        ),
        ([asked(), asked(2, None), offer(resolvers=()), offer(transaction=2)], [(True, None, GOOD)]),
    ],
)
def test_the_offers_of_servers(facts: list[Observation], expected: list[tuple[bool | None, str | None, str]]) -> None:
    assert offered(*facts) == expected


def test_of_many_servers_some_are_named() -> None:
    (event,) = offered(asked(), *(offer(server=f"10.0.1.{number}") for number in range(10)))
    assert event[2].count("gives the phone") == 8
    assert event[2].endswith("; and 2 more servers")


# Beside the path.


def http(host: str, purpose: Any = "update", status: int | None = 200, **more: Any) -> Http:
    more = {
        "server": POOL,
        "port": 80,
        "complete": status is not None,
        "client_port": 1 if purpose == "update" else 2,
        **more,
    }
    return Http(time=START, method="POST", target=PATH, host=host, purpose=purpose, status=status, **more)


def answer(form: Any, purpose: Any = None, **more: Any) -> UpdateAnswer:
    client_port = 1 if purpose is None else 2
    more = {"server": POOL, "port": 80, "client_port": client_port, **more}
    return UpdateAnswer(time=START, form=form, purpose=purpose, **more)


def beside(*facts: Observation, **setting: Any) -> list[Finding]:
    return beside_findings(log(*facts), DiagnosisOptions(**setting))


USUAL, BY_ADDRESS = http(NAME), http(POOL, "host", 404)
HERE = f"{POOL} port 80 answers"
SAID = f"{HERE} 200 when Host is {NAME}, and 404 when Host is {POOL}"


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ([USUAL, BY_ADDRESS], SAID),
        ([USUAL, http(POOL, "host", 200)], None),
        ([USUAL], None),
        ([BY_ADDRESS], None),
        ([http(NAME, status=None), BY_ADDRESS], None),
        ([http(NAME, port=443), BY_ADDRESS], None),
        ([http(NAME, server=OTHER), BY_ADDRESS], None),
        ([http(NAME, "compare"), BY_ADDRESS], None),
        ([USUAL, http(POOL, "host", None, failure="not_sent")], None),
        ([USUAL, http(POOL, "host", None, failure="closed")], SAID.replace("404", "nothing (closed)")),
        ([USUAL, http(POOL, "host", None, failure="closed", reason="why")], SAID.replace("404", "nothing (why)")),
        ([USUAL, http(POOL, "host", None)], SAID.replace("404", "nothing (no answer)")),
        # A server that answers now this way, now that.
        ([http(NAME, status=404), USUAL, BY_ADDRESS], None),
        ([USUAL, http(POOL, "host", 200), BY_ADDRESS], None),
        # What breaks off says nothing of what it would have been.
        ([USUAL, http(POOL, "host", 200, complete=False, failure="incomplete")], None),
        ([USUAL, answer("none_offered"), http(POOL, "host", 200, complete=False, failure="incomplete")], None),
        ([http(NAME, complete=False, failure="closed"), http(POOL, "host", 200), answer("offered", "host")], None),
        # What the answers say counts, too.
        ([USUAL, answer("none_offered"), http(POOL, "host", 200), answer("none_offered", "host")], None),
        (
            [USUAL, answer("none_offered"), http(POOL, "host", 200), answer("offered", "host", version="3.5")],
            f"{HERE} 200 with nothing newer when Host is {NAME}, and 200 with version 3.5 when Host is {POOL}",
        ),
        (
            [USUAL, answer("offered"), http(POOL, "host", 200), answer("not_xml", "host")],
            f"{HERE} 200 with an update when Host is {NAME}, and 200 without an answer of a Device Update "
            f"Service when Host is {POOL}",
        ),
        (
            [
                USUAL,
                answer("offered", internal_url="a"),
                http(POOL, "host"),
                answer("offered", "host", internal_url="b"),
            ],
            "differs",
        ),
        (
            [
                USUAL,
                answer("offered", external_url="a"),
                http(POOL, "host"),
                answer("offered", "host", external_url="b"),
            ],
            "differs",
        ),
        ([USUAL, answer("offered", client_port=9), http(POOL, "host"), answer("offered", "host", client_port=9)], None),
    ],
)
def test_another_host_in_the_request(facts: list[Observation], text: str | None) -> None:
    found = beside(*facts)
    assert [finding.code for finding in found] == ([] if text is None else ["host-header-differs"])
    if text not in (None, "differs"):
        assert found[0].summary == text
        assert [line.text.partition(": ")[0] for line in found[0].evidence] == [f"Host {NAME}", f"Host {POOL}"]
    assert beside(*facts, from_capture=True) == []


def test_advice_names_the_hosts_and_the_place() -> None:
    facts = [http("one.example", port=8123, scheme="https"), http(POOL, "host", 404, port=8123, scheme="https")]
    (found,) = beside(*facts)
    assert command_texts(found) == [
        f"ucdiag probe --address {POOL} --port 8123 --host {POOL}",
        "Get-WebBinding | Format-Table protocol,bindingInformation,ItemXPath",
        "New-WebBinding -Name <site> -Protocol https -Port 8123",
        f"ucdiag probe --address {POOL} --port 8123",
    ]
    (missing,) = beside(other_side())
    assert missing.fix.text.startswith("Ask a public DNS server for out.example. ")
    assert command_texts(missing)[:2] == [
        "Resolve-DnsName out.example -Server <public DNS server>",
        "nslookup out.example <public DNS server>",
    ]


def test_it_is_said_once() -> None:
    twice = [http(NAME, port=443), http(POOL, "host", 404, port=443)]
    assert len(beside(USUAL, BY_ADDRESS, *twice)) == 1


def other_side(rcode: str | None = "NXDOMAIN", **more: Any) -> Lookup:
    more = {"purpose": "other-side", "server": RESOLVER, "name": "out.example", **more}
    return Lookup(time=START, type="A", rcode=rcode, **more)


@pytest.mark.parametrize(
    ("lookup", "what"),
    [
        (other_side(), "does not exist"),
        (other_side("NOERROR"), "has no A record"),
        (other_side("NOERROR", addresses=(POOL,)), None),
        (other_side("NOERROR", referred=True), None),
        (other_side("SERVFAIL"), None),
        (other_side(None, failure="no_answer"), None),
        (other_side(purpose="file"), None),
    ],
)
def test_the_host_of_the_external_url(lookup: Lookup, what: str | None) -> None:
    found = beside(lookup)
    assert [finding.code for finding in found] == ([] if what is None else ["external-host-missing"])
    if what is not None:
        assert found[0].summary == f"out.example, the host of the external URL, {what} as {RESOLVER} has it"
        assert [line.text for line in found[0].evidence] == [f"out.example: {lookup.rcode} (asked {RESOLVER})"]
        assert any("out.example" in command.text for command in found[0].fix.commands)
    assert beside(lookup, external=True) == []
    assert beside(lookup, from_capture=True) == []


# Several behind one hardware address.


def test_clients_of_a_bridge_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_mac, "_MOST", 2)
    clients = DhcpClients()

    def key(mac: str, identifier: str | None = None, type: Any = "discover", transaction: int | None = 1) -> str | None:
        message = Dhcp(time=START, type=type, client=mac, client_id=identifier, transaction=transaction)
        return clients.client_key(message)

    assert [key("a", "00:1"), key("a", "00:2")] == ["a", "a 00:2"]
    assert key("a", type="ack") == "a 00:2"
    assert [key("b", "00:1"), key("c", "00:1")] == ["b", "c"]
    # "a" was forgotten: its second client is its first again.
    assert key("a", "00:2") == "a"
    assert [key("c", "00:9", transaction=number) for number in (5, 6)] == ["c 00:9", "c 00:9"]
    assert key("c", type="offer", transaction=6) == "c 00:9"
    assert key("a", type="nak", transaction=1) == "a"
    assert key("c", "00:1", transaction=6) == "c"
    assert key("c", type="ack", transaction=6) == "c"
    assert key("c", type="release", identifier="00:9", transaction=None) == "c 00:9"
    assert key("c", type="ack", transaction=None) == "c 00:9"
