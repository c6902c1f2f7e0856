"""What goes on in the next line of a narrow terminal is indented below what it belongs to."""

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.views.reports import START, report
from tests.views.shown import Stream
from ucdiag.cli import lab
from ucdiag.diagnosis.catalogue import CATALOGUE
from ucdiag.diagnosis.catalogue.problems import PROBLEMS
from ucdiag.lab.scenarios import SCENARIOS
from ucdiag.model.machine import Check, Machine, Remedy, Shell
from ucdiag.model.observations import Certificate, Dhcp, Lease, Lookup, Observation, Tls
from ucdiag.model.report import Command
from ucdiag.views import doctor_view, explain_view
from ucdiag.views.advice_text import write_commands
from ucdiag.views.chain import show_chains
from ucdiag.views.changes_view import Changes, show_changes
from ucdiag.views.choose_writer import line_writer_for
from ucdiag.views.density import Density
from ucdiag.views.dhcp import show_dhcp, show_domains
from ucdiag.views.line_writer import LineWriter
from ucdiag.views.output_target import Screen, screen_of
from ucdiag.views.text_head import write_head

MAC = "00:04:f2:aa:bb:cc"


def screen(stream: io.StringIO) -> Screen:
    return screen_of(stream, {"TERM": "dumb", "COLUMNS": "40"})


def narrow(facts: Iterable[Observation], view: Callable[[LineWriter, Iterable[Observation]], None]) -> str:
    stream = io.StringIO()
    view(line_writer_for(screen(stream)), list(facts))
    return stream.getvalue()


OFFER = Dhcp(
    time=START,
    type="offer",
    client=MAC,
    transaction=1,
    domain="contoso.com",
    server="10.0.0.1",
    address="10.0.0.7",
    resolvers=("10.0.0.1",),
    vlan=20,
    vendor_options=("10: 0x0014",),
    lease_seconds=7200,
)
QUESTION = Dhcp(time=START, type="discover", client=MAC, transaction=1, vendor_class="CPE-OCPhone")
SILENT = replace(QUESTION, transaction=2, vendor_class="MS-UC-Client", outcome="no_answer")
LEASE = Lease(
    time=START,
    interface="eth0",
    source="dhcpcd",
    provenance="option 15 of the lease of eth0 from 10.0.0.1, by dhcpcd",
    authority="dhcp",
    domain="data.example",
    resolvers=("10.0.0.1",),
    search=("a.example", "b.example"),
    chosen=True,
    reason="it is that of the default route, and has the lowest metric",
)
OTHER = replace(LEASE, chosen=False, domain=None, resolvers=(), search=(), reason="no default route goes there at all")
LEASES = """
What this machine knows
* data.example, option 15 of the lease
    of eth0 from 10.0.0.1, by dhcpcd
    resolvers 10.0.0.1; search
    a.example, b.example
    used: it is that of the default
    route, and has the lowest metric
  no domain, option 15 of the lease of
    eth0 from 10.0.0.1, by dhcpcd
    no resolver
    not used: no default route goes
    there at all
"""
ANSWERS = """
What DHCP answers
  DISCOVER as CPE-OCPhone, for
    00:04:f2:aa:bb:cc:
    OFFER from 10.0.0.1, address
      10.0.0.7
      domain (15)               contoso.com
      resolvers (6)             10.0.0.1
      vendor options (43)       10: 0x0014
        voice VLAN              20
      lease time (51)           2 hours
  DISCOVER as MS-UC-Client, for
    00:04:f2:aa:bb:cc:
    no answer
"""


def record(domain: str, *addresses: str) -> Lookup:
    rcode = "NOERROR" if addresses else "NXDOMAIN"
    more = {"rcode": rcode, "purpose": "other", "server": "10.0.0.1", "addresses": addresses}
    return Lookup(time=START, name=f"ucupdates-r2.{domain}", type="A", **more)  # type: ignore[arg-type]


RECORDS = record("data.example", "10.0.0.20"), record("contoso.com")
DOMAINS = """
Whose domain, and is the record in it
  data.example, this machine's lease
    ucupdates-r2.data.example:
      10.0.0.20 (asked 10.0.0.1)
  contoso.com, offered to the phone by
    10.0.0.1 (to CPE-OCPhone)
    ucupdates-r2.contoso.com: does not
      exist (NXDOMAIN) (asked 10.0.0.1)
"""
CHAIN = """
The certificates of 10.0.0.20 port 443
for ucupdates-r2.contoso.com, TLS 1.2
with this machine
  CN=pool; names pool.contoso.com,
    *.contoso.com; EC 256;
    sha1WithRSAEncryption
    ! its key is of the kind EC; such
      phones are older than elliptic
      curves in TLS
    CN=root; RSA 4096;
      sha256WithRSAEncryption; its own
      issuer
"""
LEAF = Certificate(
    subject="CN=pool",
    issuer="CN=root",
    names=("pool.contoso.com", "*.contoso.com"),
    signature="sha1WithRSAEncryption",
    key="EC 256",
)
ROOT = Certificate(subject="CN=root", issuer="CN=root", signature="sha256WithRSAEncryption", key="RSA 4096")
HANDSHAKE = Tls(
    time=START,
    server="10.0.0.20",
    port=443,
    server_name="ucupdates-r2.contoso.com",
    outcome="complete",
    version="TLS 1.2",
    chain=(LEAF, ROOT),
)


@pytest.mark.parametrize(
    ("facts", "view", "text"),
    [
        ((LEASE, OTHER), show_dhcp, LEASES),
        ((QUESTION, OFFER, SILENT), show_dhcp, ANSWERS),
        ((QUESTION, OFFER, SILENT, LEASE, *RECORDS), show_domains, DOMAINS),
        ((HANDSHAKE,), show_chains, CHAIN),
    ],
    ids=["leases", "answers", "domains", "chain"],
)  # fmt: skip
def test_facts(facts: Iterable[Observation], view: Callable[..., None], text: str) -> None:
    assert narrow(facts, view) == text


def test_of_commands_that_do_the_same_the_first_place_is_enough() -> None:
    def command(where: str, text: str, choice: str | None, purpose: Any = "change") -> Command:
        return Command(purpose=purpose, where=where, shell="cmd", text=text, choice=choice)

    check = command("c", "0", None, "check")
    first = [check, command("a", "1", None), command("a", "2", "x"), command("a", "3", "x"), command("b", "4", None)]
    everything = [*first, command("b", "5", "x"), command("b", "6", "y")]

    def written(every: bool = True, **density: bool) -> list[str]:
        stream = io.StringIO()
        write_commands(line_writer_for(screen(stream)), everything, every=every, density=Density(**density))
        return [line.strip() for line in stream.getvalue().splitlines() if line.startswith("      ")]

    assert written() == ["0", "1", "2", "3", "4", "5", "6"]
    assert written(alternatives=False) == ["0", "1", "2", "3", "4", "6"]
    assert written(every=False) == ["1", "2", "3", "4", "5", "6"]
    assert written(every_place=False) == ["0", "2", "3"]


def test_the_name_of_a_profile() -> None:
    stream = io.StringIO()
    write_head(line_writer_for(screen(stream)), report(profile="all branches that are not in the city"))
    assert "\nProfile all branches that are not in\n    the city\n" in stream.getvalue()


def test_an_explanation() -> None:
    stream = io.StringIO()
    explanation = explain_view.Explanation(entries=(CATALOGUE["dns-no-answer"],))
    explain_view.show_explanation(explanation, "text", screen(stream), listed=False)
    text = stream.getvalue()
    for part in (
        "\nLikely causes, the likeliest first:\n  1. A firewall or access list between\n     the voice VLAN and",
        "  Check (changes nothing), on a Windows\n    PC in the phones' VLAN, PowerShell:\n      Resolve-DnsName ",
        "\nSources:\n  - documented: a phone that nobody has\n    signed in to asks for the A record\n",
        "What it means: The question went out,\nand no usable answer came back in time.\n",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("shell", "note", "head"),
    [
        ("powershell", None, "Check (PowerShell):"),
        ("powershell", "as administrator", "Check (PowerShell; as administrator):"),
        ("cmd", "as administrator", "Check (as administrator):"),
        ("cmd", None, "Check:"),
        ("sh", None, "Check:"),
    ],
)
def test_a_command_that_only_powershell_takes_says_so(shell: Shell, note: str | None, head: str) -> None:
    remedy = Remedy(purpose="check", shell=shell, text="Get-DnsClientServerAddress", note=note)
    check = Check(check="resolvers", status="failed", summary="None.", commands=(remedy,))
    machine = Machine(ucdiag="1.0", system="Windows", python="3.11", checks=(check,))
    for format_ in ("text", "html"):
        stream = io.StringIO()
        doctor_view.show_machine_checks(machine, format_, screen(stream))
        # The page has other words for what a command is for.
        assert head.replace("Check", "To look" if format_ == "html" else "Check") in " ".join(stream.getvalue().split())


def test_the_checks_of_a_machine() -> None:
    stream = io.StringIO()
    check = Check(
        check="rights",
        status="failed",
        summary="This user may not open packet sockets here.",
        fix="Call ucdiag as root, or give it the right.",
    )
    machine = Machine(ucdiag="1.0", system="Linux", python="3.11", checks=(check,))
    doctor_view.show_machine_checks(machine, "text", screen(stream))
    assert stream.getvalue() == (
        "ucdiag 1.0, Python 3.11, Linux\n\n✗ rights This user may not open packet\n         sockets here.\n"
        "         Call ucdiag as root, or give\n         it the right.\n\nNot everything can be tested from this\n"
        "machine: rights.\n"
    )


def test_a_note_of_a_comparison() -> None:
    stream = io.StringIO()
    problem = "b.json cannot be read, because it is no report of ucdiag"
    show_changes(Changes(summary="Of 0 phones: none in either.", problem=problem), "text", screen(stream))
    assert stream.getvalue().splitlines()[1:] == [
        "Note: b.json cannot be read, because it",
        "    is no report of ucdiag",
    ]


@pytest.mark.parametrize(
    ("status", "verbose", "shown"), [("ok", 0, False), ("ok", 1, True), ("warning", 0, True), ("failed", 0, True)]
)
def test_what_fixes_a_check_is_shown_where_something_is_wrong(status: Any, verbose: int, shown: bool) -> None:
    stream = io.StringIO()
    remedies = (
        Remedy(purpose="check", shell="sh", text="look here"),
        Remedy(purpose="change", shell="sh", text="fix it", note="as root"),
    )
    check = Check(check="rights", status=status, summary="So it is.", fix="Do something.", commands=remedies)
    machine = Machine(ucdiag="1.0", system="Linux", python="3.11", checks=(check,))
    doctor_view.show_machine_checks(machine, "text", replace(screen(stream), verbose=verbose))
    lines = stream.getvalue().splitlines()
    expected = ["         Do something.", "    Check:", "      look here", "    Change (as root):", "      fix it"]
    assert [line for line in lines if line.startswith("    ")] == (expected if shown else [])


def listed(columns: int, terminal: bool) -> list[list[str]]:
    """The lines of the lists of codes and of scenarios."""
    lists = []
    explanation = explain_view.Explanation(entries=tuple(CATALOGUE.values()), problems=tuple(PROBLEMS.values()))
    for show in (
        lambda to: explain_view.show_explanation(explanation, "text", to, listed=True),
        lambda to: lab.write_scenarios(LineWriter(to)),
    ):
        stream = Stream(terminal=terminal)
        show(screen_of(stream, {"TERM": "xterm", "COLUMNS": str(columns)}, color=False))
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
        lists.append([line for line in text.splitlines() if line and not line.startswith(("E error", "to be known"))])
    return lists


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_list_is_wrapped_between_words_on_a_terminal(columns: int) -> None:
    for lines, whole in zip(listed(columns, terminal=True), listed(columns, terminal=False), strict=True):
        assert max(map(len, lines)) < columns
        assert " ".join(" ".join(lines).split()) == " ".join(" ".join(whole).split())


def test_a_list_is_a_line_for_each_elsewhere() -> None:
    codes, scenarios = listed(40, terminal=False)
    assert {line.split()[1] for line in codes if line.startswith("  ")} == {*CATALOGUE, *PROBLEMS}
    assert [line.split()[0] for line in scenarios] == list(SCENARIOS)
