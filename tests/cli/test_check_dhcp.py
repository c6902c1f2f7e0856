"""``check-dhcp`` and ``check --ask``: what is asked, chosen, looked up and said. Real servers: tests/site."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

import ucdiag.leases
import ucdiag.probe.dhcp
import ucdiag.probe.dns
from ucdiag.cli import main as edge
from ucdiag.model.observations import Dhcp, Lease, Lookup
from ucdiag.model.report import Problem
from ucdiag.runtime.context import CannotTest
from ucdiag.runtime.privileges import elevated_command

MAC = "00:04:f2:aa:bb:cc"
SCHEMA = jsonschema.Draft202012Validator(json.loads(files("ucdiag").joinpath("report.schema.json").read_text()))


def lease(domain: str | None = "data.example", **values: Any) -> Lease:
    usual: dict[str, Any] = {
        "time": 1,
        "interface": "eth7",
        "source": "dhcpcd",
        "provenance": "option 15 of the lease of eth7, by dhcpcd",
        "authority": "dhcp",
        "resolvers": ("192.0.2.1",),
        "chosen": True,
    }
    return Lease(domain=domain, **{**usual, **values})


def resolver(domain: str | None = "vpn.example") -> Lease:
    return lease(domain, authority="resolver", interface=None, source="resolv.conf", provenance="the search line")


def question(number: int = 1, class_: str | None = None, outcome: str | None = None) -> Dhcp:
    return Dhcp(time=2, type="discover", client=MAC, transaction=number, vendor_class=class_, outcome=outcome)


def offer(domain: str | None, number: int = 1, server: str = "192.0.2.2", *resolvers: str) -> Dhcp:
    return Dhcp(
        time=3,
        type="offer",
        client=MAC,
        transaction=number,
        server=server,
        address="192.0.2.50",
        domain=domain,
        resolvers=resolvers or ("192.0.2.2",),
    )


class World:
    """The machine, the DHCP servers and DNS, as a test says; and what was asked of them."""

    def __init__(self) -> None:
        self.leases: list[Lease] = []
        self.problems: list[Problem] = []
        self.answers: list[Dhcp | Problem | CannotTest] = []
        self.records: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.looked_up: list[tuple[str, str]] = []
        self.only: list[str | None] = []
        self.silent = False

    def machine_leases(self, ctx: Any = None, *, interface: str | None = None) -> tuple[list[Lease], list[Problem]]:
        self.only.append(interface)
        return self.leases, self.problems

    def ask(self, ctx: Any, **how: Any) -> Iterator[Dhcp | Problem]:
        self.asked.append(how)
        for answer in self.answers:
            if isinstance(answer, CannotTest):
                raise answer
            yield answer

    def lookup(self, asker: Any, name: str, type: str, server: tuple[str, int], purpose: str | None = None) -> Lookup:
        if type == "A" and name.startswith("ucupdates-r2."):
            self.looked_up.append((name, server[0]))
        found = self.records.get(name) if type == "A" else None
        rcode = None if self.silent else "NOERROR" if found else "NXDOMAIN"
        return Lookup(
            time=4,
            name=name,
            type=type,
            server=server[0],
            rcode=rcode,
            failure="no_answer" if self.silent else None,
            addresses=(found,) if found else (),
            ttl=300 if found else None,
            purpose=purpose,
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(ucdiag.leases, "machine_leases", made.machine_leases)
    monkeypatch.setattr(ucdiag.probe.dhcp, "query_servers", made.ask)
    monkeypatch.setattr(ucdiag.probe.dns.Resolver, "ask_nameserver", lambda *words, **more: made.lookup(*words, **more))
    return made


def invoke(*words: str) -> Result:
    return CliRunner().invoke(edge.cli, words, prog_name="ucdiag")


def report(*words: str) -> tuple[int, dict[str, Any]]:
    result = invoke(*words, "--json")
    assert result.stderr == ""
    said: dict[str, Any] = json.loads(result.stdout)
    SCHEMA.validate(said)
    return result.exit_code, said


def codes(said: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in said["phones"][0]["findings"]}


def problems(said: dict[str, Any]) -> dict[str, str]:
    return {problem["code"]: problem["text"] for problem in said["problems"]}


def test_the_lease_alone(world: World) -> None:
    world.leases = [lease(), resolver()]
    code, said = report("check-dhcp")
    assert (code, codes(said), said["problems"], world.asked) == (0, set(), [], [])
    assert world.looked_up == [("ucupdates-r2.data.example", "192.0.2.1")]


@pytest.mark.parametrize(("words", "name"), [([], None), (["-i", "eth3"], "eth3")])
def test_the_source_is_the_interface_that_was_named(world: World, words: list[str], name: str | None) -> None:
    world.leases = [lease()]
    assert report("check-dhcp", *words)[1]["source"] == {"kind": "active", "name": name, "packets": None}


def test_no_lease_says_what_would_tell(world: World) -> None:
    world.leases = [resolver()]
    code, said = report("check-dhcp")
    assert code == 3
    assert problems(said)["no-lease"].endswith(elevated_command("check-dhcp --ask"))
    code, said = report("check-dhcp", "--interface", "eth 9")
    assert world.only[-1] == "eth 9"
    assert "for eth 9" in problems(said)["no-lease"]
    assert problems(said)["no-lease"].endswith("--interface 'eth 9'")


@pytest.mark.parametrize("command", ["check-dhcp", "check"])
def test_asked_where_the_lease_is_by_default(world: World, command: str) -> None:
    world.leases = [lease()]
    invoke(command, "--ask", "--mac", "00-04-F2-AA-BB-CC")
    invoke(command, "--ask", "-i", "eth3", "--vlan", "20")
    world.leases = [resolver()]
    invoke(command, "--ask")
    asked = [(asked["interface"], asked["vlan"]) for asked in world.asked]
    assert asked == [("eth7", None), ("eth3", 20), (None, None)]
    assert world.asked[0]["mac"] == MAC


@pytest.mark.parametrize("command", ["check-dhcp", "check"])
def test_a_vlan_alone_is_used_wrongly(world: World, command: str) -> None:
    result = invoke(command, "--vlan", "20")
    assert (result.exit_code, world.asked) == (2, [])
    assert "--vlan goes with --ask" in result.stderr


def test_both_names_are_shown_with_their_addresses(world: World) -> None:
    world.leases = [lease()]
    world.records = {"ucupdates.data.example": "192.0.2.9"}
    text = invoke("check-dhcp").stdout
    assert "    ucupdates-r2.data.example: does not exist (NXDOMAIN) (asked 192.0.2.1)\n" in text
    assert "    ucupdates.data.example: 192.0.2.9, TTL 300 s (asked 192.0.2.1)\n" in text
    code, said = report("check-dhcp")
    assert (code, codes(said)) == (0, set())


def test_every_domain_is_looked_up_where_its_server_says(world: World) -> None:
    world.leases = [lease()]
    world.answers = [
        question(),
        offer("Contoso.COM."),
        offer("contoso.com"),
        offer("other.example", 1, "192.0.2.3", "192.0.2.4"),
    ]
    world.records = {"ucupdates-r2.contoso.com": "192.0.2.9"}
    code, said = report("check-dhcp", "--ask", "--domain", "fabrikam.com")
    assert world.looked_up == [
        ("ucupdates-r2.contoso.com", "192.0.2.2"),
        ("ucupdates-r2.other.example", "192.0.2.4"),
        ("ucupdates-r2.data.example", "192.0.2.1"),
        ("ucupdates-r2.fabrikam.com", "192.0.2.1"),
    ]
    assert (code, codes(said)) == (0, {"dhcp-domain-unexpected", "dhcp-domains-differ"})
    world.looked_up.clear()
    report("check-dhcp", "--ask", "-n", "192.0.2.53")
    assert {server for _, server in world.looked_up} == {"192.0.2.53"}


def test_hundreds_of_domains_and_resolvers_do_not_take_for_ever(world: World) -> None:
    many = [f"192.0.2.{n}" for n in range(1, 250)]
    world.answers = [question(), *(offer(f"d{n}.example", 1, "192.0.2.2", *many) for n in range(60))]
    world.silent = True
    invoke("check-dhcp", "--ask")
    assert len(world.looked_up) <= 8
    world.looked_up.clear()
    result = invoke("check", "--ask")
    assert len({server for _, server in world.looked_up}) <= 6
    assert len(world.looked_up) < 60
    assert max(map(len, result.stdout.splitlines())) < 1500


def test_names_that_are_none_are_not_looked_up(world: World) -> None:
    world.answers = [question(), offer("a.example b.example")]
    for command in ("check-dhcp", "check"):
        code, said = report(command, "--ask")
        assert (code, codes(said), said["problems"]) == (1, {"dhcp-domain-unusable"}, [])
    # With --domain it only follows that this is not the expected one.
    code, said = report("check-dhcp", "--ask", "--domain", "contoso.com")
    assert codes(said) == {"dhcp-domain-unusable"}


def test_check_walks_the_offered_domain_and_compares(world: World) -> None:
    world.leases = [lease()]
    world.answers = [question(), offer("contoso.com")]
    world.records = {"ucupdates-r2.data.example": "192.0.2.9"}
    code, said = report("check", "--ask")
    assert (code, codes(said)) == (1, {"dns-r2-missing"})
    assert said["phones"][0]["phone"]["domain"] == "contoso.com"
    assert ("ucupdates-r2.data.example", "192.0.2.1") in world.looked_up
    text = invoke("check", "--ask", "-v").stdout
    assert "contoso.com, offered to the phone by 192.0.2.2\n    ucupdates-r2.contoso.com: does not exist" in text
    assert "data.example, this machine's lease\n    ucupdates-r2.data.example: 192.0.2.9, TTL 300 s" in text


def test_check_compares_the_lease_with_the_domain_that_was_given(world: World) -> None:
    world.leases = [lease(), resolver()]
    code, said = report("check", "--domain", "contoso.com")
    assert (code, codes(said)) == (1, {"dns-r2-missing", "dhcp-domain-unexpected"})
    assert {name for name, _ in world.looked_up} == {"ucupdates-r2.contoso.com", "ucupdates-r2.data.example"}
    world.looked_up.clear()
    # A server that was named is asked and DNS left alone.
    report("check", "--domain", "contoso.com", "--address", "192.0.2.77", "-t", "0.1")
    assert world.looked_up == []


def test_one_server_may_tell_each_class_something_else(world: World) -> None:
    world.answers = [
        question(1),
        question(2, "CPE-OCPhone"),
        offer("data.example", 1),
        offer("contoso.com", 2),
        offer("contoso.com", 2, "192.0.2.3"),
        offer("data.example", 1, "192.0.2.3"),
    ]
    code, said = report("check-dhcp", "--ask")
    assert (code, codes(said)) == (0, set())
    summary = said["phones"][0]["steps"][0]["summary"]
    assert "contoso.com (to CPE-OCPhone) and data.example (to no vendor class)" in summary


def test_what_this_machine_gets_is_not_held_against_the_phones_offer(world: World) -> None:
    inform = Dhcp(time=2, type="inform", client="02:00:00:00:00:50", transaction=9)
    told = Dhcp(time=3, type="ack", transaction=9, server="192.0.2.3", domain="data.example", resolvers=("192.0.2.3",))
    world.answers = [question(), offer("contoso.com"), inform, told]
    code, said = report("check-dhcp", "--ask", "--domain", "contoso.com")
    assert (code, codes(said)) == (0, set())
    world.answers = [inform, told]
    code, said = report("check-dhcp", "--ask", "--domain", "contoso.com")
    assert (code, codes(said)) == (0, {"dhcp-domain-unexpected"})
    assert "gives this machine the domain data.example" in said["phones"][0]["steps"][0]["summary"]


@pytest.mark.parametrize("command", ["check-dhcp", "check"])
def test_one_bad_server_of_two_is_reported_with_the_good_one(world: World, command: str) -> None:
    world.answers = [question(), offer(None), offer("contoso.com", 1, "192.0.2.3")]
    code, said = report(command, "--ask")
    assert (code, codes(said)) == (1, {"dhcp-no-domain"})
    summary = said["phones"][0]["steps"][0]["summary"]
    assert "192.0.2.2 gives no domain" in summary
    assert "192.0.2.3 gives the phone the domain contoso.com" in summary


@pytest.mark.parametrize("command", ["check-dhcp", "check"])
@pytest.mark.parametrize("leases", [[], [lease()]], ids=["without a lease", "with a lease"])
def test_what_cannot_be_asked(world: World, command: str, leases: list[Lease]) -> None:
    world.leases = leases
    for answer in (
        CannotTest("no-interface", "There is no interface 'eth9'."),
        Problem(code="no-privilege", text="sudo ucdiag"),
    ):
        world.answers = [answer]
        code, said = report(command, "--ask")
        expected = 3 if not leases else (0 if command == "check-dhcp" else 1)
        assert (code, "no-interface" in problems(said) or "no-privilege" in problems(said)) == (expected, True)
    assert [asked.get("command", "check-dhcp") for asked in world.asked] == [command] * 2


def test_nobody_answers(world: World) -> None:
    world.answers = [question(outcome="no_answer"), question(2, "CPE-OCPhone", "no_answer")]
    for command in ("check-dhcp", "check"):
        code, said = report(command, "--ask")
        assert (code, codes(said)) == (1, {"dhcp-no-answer"})


def test_without_a_nameserver_that_is_said(world: World) -> None:
    world.leases = [lease(resolvers=())]
    for command in ("check", "check-dns"):
        code, said = report(command, "--domain", "contoso.com")
        assert (code, "no-nameserver" in problems(said)) == (3, True)


def test_help_tells_its_options(world: World) -> None:
    result = invoke("check-dhcp", "--help")
    assert result.exit_code == 0
    for word in ("--ask", "--vlan", "--mac", "--interface", "--domain"):
        assert word in result.stdout


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_an_offered_resolver_that_is_none_is_not_asked(world: World, address: str) -> None:
    world.leases = [resolver()]
    world.answers = [question(), offer("voice.example", 1, "192.0.2.2", address)]
    for command in ("check-dhcp", "check"):
        world.looked_up.clear()
        exit_code, said = report(command, "--ask")
        assert (exit_code, said["verdict"]["code"]) == (1, "dhcp-no-resolver")
        assert address in said["verdict"]["summary"]
        assert address not in {server for _, server in world.looked_up}


def test_a_leased_resolver_that_is_none_is_not_asked(world: World) -> None:
    world.leases = [lease("voice.example", resolvers=("0.0.0.0", "192.0.2.1"))]
    exit_code, said = report("check-dns")
    assert said["verdict"]["code"] != "dhcp-no-resolver"
    assert {server for _, server in world.looked_up} == {"192.0.2.1"}
    world.leases = [lease("voice.example", resolvers=("0.0.0.0",))]
    world.looked_up.clear()
    exit_code, said = report("check-dns")
    assert (exit_code, said["verdict"]["code"]) == (1, "dhcp-no-resolver")
    assert world.looked_up == []


def test_the_machines_own_stub_resolver_is_asked(world: World) -> None:
    world.leases = [lease("voice.example"), resolver()]
    world.leases[1] = lease(None, authority="resolver", chosen=False, resolvers=("127.0.0.53",))
    _, said = report("check-dns")
    assert {server for _, server in world.looked_up} == {"127.0.0.53"}
    assert "dhcp-no-resolver" not in codes(said)
