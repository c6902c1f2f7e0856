"""What step 1 says of the questions of an active command, and what is worth knowing beside it."""

from typing import Any

import pytest

from tests.diagnosis.story import MAC, PHONE, RESOLVER, SERVER, START
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.options import DiagnosisOptions
from ucdiag.diagnosis.steps import dhcp, dhcp_text
from ucdiag.model.observations import Dhcp, Lease, Lookup, Observation
from ucdiag.model.report import Finding
from ucdiag.model.steps import Level

OTHER = "10.0.0.9"
OURS, LYNC = "CPE-OCPhone", "MS-UC-Client"
WATCHED, ASKED = DiagnosisOptions(from_capture=True), DiagnosisOptions()


def message(type: Any, **more: Any) -> Dhcp:
    more = {"time": START, "client": MAC, "transaction": 1, **more}
    if type in ("offer", "ack", "nak"):
        more = {"server": SERVER, **more}
    if type in ("offer", "ack"):
        more = {"address": PHONE, "domain": "contoso.com", "resolvers": (RESOLVER,), **more}
    return Dhcp(type=type, **more)


def offer(**more: Any) -> Dhcp:
    return message("offer", **more)


def discover(transaction: int = 1, **more: Any) -> Dhcp:
    return message("discover", transaction=transaction, **more)


def lease(**more: Any) -> Lease:
    more = {"domain": "contoso.com", "resolvers": (RESOLVER,), "chosen": True, "interface": "eth0", **more}
    return Lease(**{"time": START, "source": "test", "provenance": "the lease", "authority": "dhcp", **more})


def log(*facts: Observation) -> ObservationLog:
    history = ObservationLog()
    for fact in facts:
        history.add(fact)
    return history


def said(*facts: Observation) -> list[tuple[str, str]]:
    words = {True: "good", False: "bad", None: "?"}
    return [(event.code or words[event.ok], event.summary) for event in dhcp.events(log(*facts), ASKED, START)]


SILENT = discover(outcome="no_answer")
LEASED = "DHCP gives the domain contoso.com (the lease)"
SEVERAL = "which is not one DNS name: it holds several names, and option 15 is one name"
GIVES = f"gives the phone the domain contoso.com, resolver {RESOLVER}"
NO_ANSWER = "dhcp-no-answer"
NOBODY = "no DHCP server offered the phone an address:"
ONLY = "no DHCP server made an offer to DISCOVER without a vendor class; "


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], []),
        ([lease()], [("good", LEASED)]),
        ([lease(chosen=False)], []),
        ([lease(authority="resolver")], []),
        ([lease(chosen=False), lease()], [("good", LEASED)]),
        ([SILENT], [(NO_ANSWER, "no DHCP server answered DISCOVER")]),
        (
            [SILENT, discover(2, outcome="no_answer", vendor_class=OURS)],
            [(NO_ANSWER, f"no DHCP server answered DISCOVER and DISCOVER as {OURS}")],
        ),
        # The lease of this machine says nothing of what the phone is offered; INFORM is asked for this machine.
        ([lease(), SILENT], [(NO_ANSWER, "no DHCP server answered DISCOVER")]),
        ([lease(), message("inform", outcome="no_answer")], [("good", LEASED)]),
        ([message("inform", outcome="no_answer")], [(NO_ANSWER, "no DHCP server answered INFORM")]),
        (
            [message("inform", transaction=5), message("ack", transaction=5)],
            [("good", f"{SERVER} gives this machine the domain contoso.com, resolver {RESOLVER}")],
        ),
        (
            [message("inform", transaction=5), message("ack", transaction=5), SILENT],
            [(NO_ANSWER, f"no DHCP server answered DISCOVER, though {SERVER} answered this machine's INFORM")],
        ),
        ([discover(), offer()], [("good", f"{SERVER} {GIVES}")]),
        ([SILENT, offer(transaction=2)], [("good", f"{SERVER} {GIVES}")]),
        # What answers DISCOVER and offers nothing.
        (
            [discover(), offer(address=None)],
            [(NO_ANSWER, f"{NOBODY} {SERVER} offers 0.0.0.0, which is not an address")],
        ),
        (
            [discover(), message("nak", server=None, source_address=OTHER)],
            [(NO_ANSWER, f"{NOBODY} {OTHER} answers DISCOVER with NAK, which is no offer")],
        ),
        (
            [discover(), message("ack", server=None)],
            [(NO_ANSWER, f"{NOBODY} a DHCP server answers DISCOVER with ACK, which is no offer")],
        ),
        ([discover(), message("nak", transaction=9)], []),
        ([discover(transaction=None), message("nak", transaction=None)], []),
        (
            [discover(), offer(), offer(address=None, server=OTHER)],
            [("good", f"{SERVER} {GIVES}; {OTHER} offers 0.0.0.0, which is not an address")],
        ),
        # Who is served under a class alone.
        (
            [SILENT, discover(2, vendor_class=OURS), offer(transaction=2)],
            [("good", f"{SERVER} {GIVES}; {ONLY}{SERVER} made one only to {OURS}")],
        ),
        (
            [SILENT, discover(2, vendor_class=OURS), offer(transaction=2, server=None)],
            [
                (
                    "good",
                    f"the DHCP server {GIVES}; {ONLY}a server made one only to {OURS}",
                )
            ],
        ),
        (
            [SILENT, discover(2, vendor_class=OURS), discover(3, vendor_class=LYNC)]
            + [offer(transaction=number, server=server) for number, server in ((2, SERVER), (3, OTHER))],
            [
                (
                    "good",
                    f"{SERVER} {GIVES}; {OTHER} {GIVES}; {ONLY}{SERVER} and {OTHER} made one only to {OURS} and {LYNC}",
                )
            ],
        ),
        ([discover(2, vendor_class=OURS), offer(transaction=2)], [("good", f"{SERVER} {GIVES}")]),
        (
            [discover(), discover(2, vendor_class=OURS), offer(), offer(transaction=2)],
            [("good", f"{SERVER} {GIVES}")],
        ),
        (
            [discover(transaction=None), discover(2, vendor_class=OURS), offer(transaction=2)],
            [("good", f"{SERVER} {GIVES}")],
        ),
        # Two bad servers, the last of them with what is good.
        (
            [discover(), offer(domain=None, server="10.0.0.7"), offer(domain=None, server=OTHER)],
            [
                ("dhcp-no-domain", "10.0.0.7 gives no domain (option 15)"),
                ("dhcp-no-domain", f"{OTHER} gives no domain (option 15)"),
            ],
        ),
        (
            [discover(), offer(domain=None, server="10.0.0.7"), offer(), offer(domain="a b", server=OTHER)],
            [
                ("good", f"{SERVER} {GIVES}"),
                ("dhcp-no-domain", "10.0.0.7 gives no domain (option 15)"),
                (
                    "dhcp-domain-unusable",
                    f"{OTHER} gives the domain 'a b', {SEVERAL}; {SERVER} {GIVES}",
                ),
            ],
        ),
        # An answer that breaks off decides where no other does.
        (
            [discover(), offer(truncated=True, server=OTHER), offer()],
            [("?", f"{SERVER} {GIVES}; {OTHER} answered, and its answer breaks off")],
        ),
        (
            [discover(), offer(truncated=True, domain="a b")],
            [("dhcp-domain-unusable", f"{SERVER} gives the domain 'a b', {SEVERAL}")],
        ),
        (
            [discover(), offer(truncated=True), offer()],
            [("good", f"{SERVER} {GIVES}")],
        ),
        (
            [
                discover(1, vendor_class=OURS),
                discover(2, vendor_class=LYNC),
                offer(domain=None),
                offer(transaction=2, domain=""),
            ],
            [("dhcp-no-domain", f"{SERVER} gives no domain (option 15)")],
        ),
        (
            [discover(), offer(domain=None, search=("a.example",))],
            [("dhcp-no-domain", f"{SERVER} gives no domain (option 15), only a search list (option 119) of a.example")],
        ),
        (
            [discover(1, vendor_class=OURS), discover(2), offer(domain=None), offer(transaction=2)],
            [
                (
                    "dhcp-no-domain",
                    f"{SERVER} gives no domain (option 15) to the phone's own vendor classes: contoso.com (to no "
                    f"vendor class) and no domain (to {OURS})",
                )
            ],
        ),
        # Of several offers of one server: the class that counts most, the domain of any, a resolver of any.
        (
            [
                discover(1, vendor_class=LYNC),
                discover(2, vendor_class=OURS),
                offer(resolvers=("10.0.0.3",)),
                offer(transaction=2),
            ],
            [("good", f"{SERVER} {GIVES}")],
        ),
        (
            [
                discover(1, vendor_class=OURS),
                discover(2, vendor_class=LYNC),
                offer(domain=None),
                offer(transaction=2),
            ],
            [
                (
                    "good",
                    f"what {SERVER} offers depends on the vendor class: contoso.com (to {LYNC}) and no domain (to "
                    f"{OURS}), resolver {RESOLVER}",
                )
            ],
        ),
        ([discover(), offer(resolvers=("0.0.0.0",)), offer()], [("good", f"{SERVER} {GIVES}")]),
        (
            [discover(), offer(resolvers=()), offer(resolvers=("0.0.0.0",))],
            [
                (
                    "dhcp-no-resolver",
                    f"{SERVER} names no usable DNS server (option 6), only 0.0.0.0, and it is in "
                    "0.0.0.0/8, which means no address",
                )
            ],
        ),
    ],
)
def test_what_was_asked_of_dhcp(facts: list[Observation], expected: list[tuple[str, str]]) -> None:
    found = said(*facts)
    assert [code for code, _ in found] == [code for code, _ in expected]
    for (_, text), (_, start) in zip(found, expected, strict=True):
        assert text == start or (start.endswith("breaks off") and text.startswith(start))


def test_the_evidence_and_values_of_what_was_asked() -> None:
    (event,) = dhcp.events(log(SILENT, discover(), offer(address=None, time=START + 5)), ASKED, START)
    assert [line.text for line in event.evidence] == [
        f"OFFER from {SERVER}: domain 'contoso.com', resolvers {RESOLVER}",
        "DISCOVER: no answer",
    ]
    assert (event.values, event.time) == ({"dhcp_server": SERVER}, START + 5)
    (event,) = dhcp.events(log(SILENT, discover(2, outcome="no_answer", time=START + 5, tag=20)), ASKED, START)
    assert [line.text for line in event.evidence] == ["DISCOVER: no answer", "DISCOVER, tagged VLAN 20: no answer"]
    assert (event.values, event.time) == ({}, START + 5)
    (event,) = dhcp.events(log(discover(), offer(domain=None, server=None, resolvers=())), ASKED, START)
    assert [line.text for line in event.evidence] == ["OFFER from a server: no domain (option 15), resolvers none"]
    assert event.values == {"dhcp_server": None, "domain": None}
    (event,) = dhcp.events(log(lease(domain=None, server=SERVER)), ASKED, START)
    assert event.values == {"dhcp_server": SERVER, "domain": None}
    expected = DiagnosisOptions(expected_domain="b.example")
    (event,) = dhcp.events(log(lease(domain=None)), expected, START)
    assert event.values == {"dhcp_server": None, "domain": "b.example"}


@pytest.mark.parametrize(
    ("facts", "at", "domain"),
    [
        ([], None, None),
        ([offer(domain="a")], None, "a"),
        ([offer(domain="a"), offer(domain="b")], None, "b"),
        ([offer(domain="a"), message("ack", domain="b"), offer(domain="c")], None, "b"),
        ([message("ack", domain="a"), offer(domain="c"), message("ack", domain=None)], None, "a"),
        # Whose lease the phone did not take counts for nothing.
        ([offer(domain="a", server=OTHER), message("ack", domain=None)], None, None),
        ([offer(domain="a"), message("ack", domain=None)], None, "a"),
        ([message("nak", domain="a"), message("inform", domain="b")], None, None),
        ([message("ack", domain="a"), message("ack", domain="b", time=START + 9)], START + 8, "a"),
        ([message("ack", domain="a"), message("ack", domain="b", time=START + 9)], START + 9, "b"),
        ([message("ack", domain="a", time=START + 9)], START, "a"),
    ],
)
def test_the_domain_that_a_phone_was_given(facts: list[Dhcp], at: int | None, domain: str | None) -> None:
    assert dhcp.phone_domain(log(*facts), at) == domain


# Beside the path.


def beside(*facts: Observation, **setting: Any) -> list[Finding]:
    return dhcp.additional_findings(log(*facts), DiagnosisOptions(**setting), START)


DIFFER = "the DHCP servers hand out different domains:"
TWO = [offer(), offer(domain="b.example", server=OTHER)]


@pytest.mark.parametrize(
    ("facts", "asked", "watched"),
    [
        (TWO, "differ", "differ"),
        ([discover(), *TWO], "differ", "differ"),
        ([offer(), offer(domain="Contoso.com.", server=OTHER)], None, None),
        ([offer(), offer(domain="b.example")], None, None),
        ([offer(), offer(domain="b.example", server=None)], None, None),
        ([offer(), offer(domain=None, server=OTHER)], None, None),
        ([offer(), offer(domain="b.example", server=OTHER, transaction=2)], None, "differ"),
        # Where the phone is offered something, what this machine is told counts for nothing.
        ([offer(), message("ack", domain="b.example", server=OTHER)], None, "differ"),
        ([offer(address=None), message("ack", domain="b.example", server=OTHER)], None, "differ"),
        ([message("ack"), message("ack", domain="b.example", server=OTHER)], "differ", "differ"),
        ([message("nak", domain="a"), message("ack", domain="b.example", server=OTHER)], None, None),
    ],
)
def test_servers_that_hand_out_different_domains(
    facts: list[Observation], asked: str | None, watched: str | None
) -> None:
    for from_capture, expected in ((False, asked), (True, watched)):
        found = [one for one in beside(*facts, from_capture=from_capture) if one.code == "dhcp-domains-differ"]
        assert len(found) == (expected is not None)
        for finding in found:
            assert finding.summary == f"{DIFFER} contoso.com (from {SERVER}) and b.example (from {OTHER})"
            assert [line.text.split()[2] for line in finding.evidence] == [f"{SERVER}:", f"{OTHER}:"]
            assert SERVER in "".join(command.text for command in finding.fix.commands)


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({}, True),  # the same subnet: a split scope
        ({"address": "10.9.0.7"}, False),
        ({"address": "10.9.0.7", "routers": ("10.9.0.1",)}, False),
        ({"address": "10.0.1.7", "routers": ("10.0.0.1",)}, True),  # a larger subnet
        ({"address": "10.9.0.7", "transaction": 1}, True),  # two answers to one question
        ({"tag": 20}, False),
        ({"type": "ack", "address": None, "client_address": "10.0.0.7"}, True),  # the answer to an INFORM
        ({"type": "ack", "address": None, "client_address": "10.9.0.7"}, False),
    ],
)
def test_a_phone_that_moved_to_another_network_has_its_domain(other: dict[str, Any], differs: bool) -> None:
    here = offer(transaction=1, routers=("10.0.0.1",))
    there = message(**{"type": "offer", "domain": "b.example", "server": OTHER, "transaction": 2, **other})
    found = [one.code for one in beside(here, there, from_capture=True)]
    assert found == ["dhcp-domains-differ"] * differs


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({}, True),
        ({"domain": ""}, True),
        ({"time": START - 1}, True),
        # What it says is not known, or it is to another question; or it is no offer, as of a server for network boot.
        ({"options": ()}, False),
        ({"truncated": True}, False),
        ({"transaction": 2}, False),
        ({"client": "02:00:00:00:00:09"}, False),
        ({"address": None}, False),
        ({"type": "ack"}, False),
        ({"server": SERVER}, False),
        ({"server": None}, False),
    ],
)
def test_a_second_server_that_offers_no_domain(other: dict[str, Any], differs: bool) -> None:
    facts = [offer(), message(**{"type": "offer", "domain": None, "server": OTHER, "options": (53, 54, 1), **other})]
    codes = [one.summary for one in beside(*facts, from_capture=True) if one.code == "dhcp-domains-differ"]
    said = [f"contoso.com (from {SERVER})", f"none (from {OTHER})"]
    said = said[::-1] if "time" in other else said
    assert codes == ([f"{DIFFER} {' and '.join(said)}"] if differs else [])
    assert [one.code for one in beside(*facts)] == []


@pytest.mark.parametrize(("requested", "differs"), [((), True), ((6, 15), True), ((43, 120), False)])
def test_a_server_that_sends_no_domain_unasked(requested: tuple[int, ...], differs: bool) -> None:
    """Some servers send option 15 unasked. Asked for it, the second one sends the same."""
    asked = {"transaction": 2, "time": START + 9}
    facts = [
        *(discover(requested=(6, 15)), offer(), offer(server=OTHER)),
        *(discover(requested=requested, **asked), offer(**asked)),
        offer(domain=None, server=OTHER, options=(53, 54, 43), **asked),
    ]
    codes = [one.code for one in beside(*facts, from_capture=True) if one.code == "dhcp-domains-differ"]
    assert codes == ["dhcp-domains-differ"] * differs


EXPECTED = {"expected_domain": "contoso.com"}


@pytest.mark.parametrize(
    ("facts", "domains"),
    [
        ([offer()], None),
        ([offer(domain="b.example")], "b.example"),
        ([offer(domain="b.example"), offer(domain="B.example.")], "b.example"),
        ([offer(domain="b.example"), offer(domain="c.example"), offer()], "b.example and c.example"),
        ([offer(domain="a b")], None),
        ([message("ack", domain="b.example")], "b.example"),
        ([message("ack", domain="b.example"), offer()], None),
        ([lease(domain="b.example")], "b.example"),
        ([lease(domain=None)], None),
        ([lease(domain="b.example", chosen=False)], None),
        ([lease(domain="b.example"), offer()], None),
    ],
)
def test_a_domain_that_is_not_the_expected_one(facts: list[Observation], domains: str | None) -> None:
    found = [finding for finding in beside(*facts, **EXPECTED) if finding.code == "dhcp-domain-unexpected"]
    text = f"DHCP gives the domain {domains}, not contoso.com"
    assert [finding.summary for finding in found] == [text] * (domains is not None)
    for finding in found:
        assert len(finding.evidence) == (domains or "").count("example")
        assert "contoso.com" in "".join(command.text for command in finding.fix.commands)
    assert not [finding for finding in beside(*facts) if finding.code == "dhcp-domain-unexpected"]


def test_the_evidence_of_a_lease_that_is_not_the_expected_one() -> None:
    (finding,) = beside(lease(domain="b.example"), **EXPECTED)
    assert [(line.text, line.time) for line in finding.evidence] == [("the lease: b.example", START)]


R2 = "ucupdates-r2.contoso.com"
BELOW = Lookup(time=START, name=f"ucupdates-r2.{R2}", type="A", rcode="NXDOMAIN", purpose="update")


@pytest.mark.parametrize(
    ("facts", "domain"),
    [
        ([lease(domain=R2)], R2),
        ([lease(domain="UCUPDATES.contoso.com.")], "ucupdates.contoso.com"),
        ([discover(), offer(domain=R2)], R2),
        ([discover(), offer(domain=R2), lease(domain="b.example")], R2),
        ([lease(domain=R2), BELOW], None),
        ([lease(domain=R2, rewritten=("domain",), rewritten_by="a line")], None),
        ([lease(domain=R2), discover(), offer(domain="b.example")], None),
        ([lease(domain="ucupdates-r2")], None),
        ([lease(domain="a.ucupdates-r2.contoso.com")], None),
        ([lease(domain="ucupdates-r2x.contoso.com")], None),
        ([lease(domain=None)], None),
    ],
)
def test_a_domain_that_is_the_server_s_own_name(facts: list[Observation], domain: str | None) -> None:
    """Unless DNS was asked for what comes of it."""
    found = [finding for finding in beside(*facts) if finding.code == "dhcp-domain-unusable"]
    text = (
        f"DHCP gives the domain {domain}, which is itself the name of an update server: a phone puts ucupdates-r2 in "
        f"front of it, and asks for ucupdates-r2.{domain}"
    )
    assert [finding.summary for finding in found] == [text] * bool(domain)
    for finding in found:
        assert finding.level is Level.WARNING
        assert "to the domain alone, contoso.com," in finding.fix.text


@pytest.mark.parametrize("last", [R2, "b.example"])
def test_the_advice_on_such_a_domain_names_the_server_that_gave_it(last: str) -> None:
    by = {R2: SERVER, "b.example": "10.0.0.9"}
    first = R2 if last != R2 else "b.example"
    facts = [discover(), offer(domain=first, server=by[first]), offer(domain=last, server=by[last])]
    (found,) = (found for found in beside(*facts) if found.code == "dhcp-domain-unusable")
    named = {word for command in found.fix.commands for word in command.text.split() if word in by.values()}
    assert named == {SERVER}


CHANGED = "this machine's DHCP client changed the"


@pytest.mark.parametrize(
    ("facts", "text", "evidence"),
    [
        ([lease()], None, None),
        (
            [lease(rewritten=("domain",), rewritten_by="a line")],
            f"{CHANGED} domain (option 15) before it kept the lease: a line",
            f"the lease: the domain contoso.com, resolvers {RESOLVER}",
        ),
        (
            [lease(rewritten=("domain", "resolvers"), rewritten_by="it", domain=None, resolvers=())],
            f"{CHANGED} domain (option 15) and DNS servers (option 6) before it kept the lease: it",
            "the lease: no domain, resolvers none",
        ),
        (
            [lease(rewritten=("server",), rewritten_by="it")],
            f"{CHANGED} server before it kept the lease: it",
            f"the lease: the domain contoso.com, resolvers {RESOLVER}",
        ),
        ([lease(rewritten=("domain",), rewritten_by="it", chosen=False)], None, None),
        ([lease(rewritten=("domain",), rewritten_by="it"), offer()], None, None),
        ([lease(rewritten=("domain",), rewritten_by="it"), message("ack")], None, None),
        (
            [lease(rewritten=("domain",), rewritten_by="it"), SILENT],
            f"{CHANGED} domain (option 15) before it kept the lease: it",
            f"the lease: the domain contoso.com, resolvers {RESOLVER}",
        ),
    ],
)
def test_a_lease_that_was_changed(facts: list[Observation], text: str | None, evidence: str | None) -> None:
    found = beside(*facts)
    assert [(finding.code, finding.summary) for finding in found] == [("lease-rewritten", text)] * (text is not None)
    for finding in found:
        assert [(line.text, line.time) for line in finding.evidence] == [(evidence, START)]


# Words.


@pytest.mark.parametrize(
    ("count", "text"), [(1, "n0"), (2, "n0 and n1"), (9, "n0, n1, n2, n3, n4, n5, n6, n7 and 1 more")]
)
def test_only_some_are_named(count: int, text: str) -> None:
    assert dhcp_text.listed_briefly(f"n{number}" for number in range(count)) == text
    assert dhcp_text.listed_briefly([f"n{number}" for number in range(count)] * 2) == text


@pytest.mark.parametrize(
    ("resolvers", "text"),
    [
        ((), "no DNS server (option 6)"),
        (("0.0.0.0",), "no usable DNS server (option 6), only 0.0.0.0, and "),
        (
            ("0.0.0.0", "0.0.0.1"),
            "no usable DNS server (option 6), only 0.0.0.0 and 0.0.0.1; each has the same fault: ",
        ),
        (("0.0.0.0", "224.0.0.1"), "no usable DNS server (option 6), only 0.0.0.0, and "),
    ],
)
def test_option_6_without_anybody_to_ask(resolvers: tuple[str, ...], text: str) -> None:
    said_of_it = dhcp_text.no_resolver_text(resolvers)
    assert said_of_it.startswith(text)
    assert ("224.0.0.1, and it" in said_of_it) == ("224.0.0.1" in resolvers)


@pytest.mark.parametrize(
    ("domain", "resolvers", "text"),
    [
        (None, (), "neither a domain nor a resolver was read"),
        ("", (), "neither a domain nor a resolver was read"),
        ("a", (), "what was read of it is the domain 'a'"),
        (None, (RESOLVER,), f"what was read of it is the resolver {RESOLVER}"),
        ("a", ("0.0.0.0",), "what was read of it is the domain 'a' and the resolver 0.0.0.0 (which cannot be one)"),
    ],
)
def test_what_was_read_before_an_answer_broke_off(domain: str | None, resolvers: tuple[str, ...], text: str) -> None:
    assert dhcp_text.read_before_text(domain, resolvers) == text
