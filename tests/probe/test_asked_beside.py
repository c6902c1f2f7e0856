"""Nameservers that stop in the middle of a run, and the records in the domains that DHCP offers."""

from collections.abc import Iterator
from typing import Any

import pytest

from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation
from ucdiag.model.report import Problem
from ucdiag.probe import dns
from ucdiag.probe.dead_nameservers import with_dead_nameservers
from ucdiag.probe.domain_comparison import OfferedDomains, look_up_records
from ucdiag.runtime.context import CannotTest, Context

SERVER, OTHER = "10.0.0.2", "10.0.0.3"


def lookup(name: str = "a", rcode: str | None = "NOERROR", server: str | None = SERVER, **more: Any) -> Lookup:
    more = {"type": "A", "failure": None if rcode else "no_answer", **more}
    return Lookup(time=0, name=name, rcode=rcode, server=server, **more)


class Resolver:
    """Answers as it was told, and notes what it was asked."""

    again: Any = None
    asked: list[Any]

    def __init__(self, context: Context) -> None:
        self.context = context

    def ask_nameserver(self, name: str, type_: str, server: tuple[str, int]) -> Lookup:
        Resolver.asked.append((name, type_, server))
        if isinstance(Resolver.again, Exception):
            raise Resolver.again
        answer: Lookup = Resolver.again
        return answer

    def resolve(self, name: str, purpose: str) -> Lookup:
        Resolver.asked.append((name, purpose, self.context.nameservers))
        return lookup(name, Resolver.again)


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> type[Resolver]:
    monkeypatch.setattr(dns, "Resolver", Resolver)
    monkeypatch.setattr(Resolver, "asked", [], raising=False)
    monkeypatch.setattr(Resolver, "again", lookup(rcode=None))
    return Resolver


def problems(*items: Observation) -> list[str]:
    found = list(with_dead_nameservers(Context(), items))
    assert found[: len(items)] == list(items)
    return [item.text for item in found[len(items) :] if isinstance(item, Problem)]


SILENT = lookup("b", None)


@pytest.mark.parametrize(
    ("items", "count"),
    [
        ([lookup(), SILENT], 1),
        ([lookup(rcode="NXDOMAIN"), SILENT], 1),
        ([lookup(), lookup("b", None, failure="unreachable")], 1),
        ([SILENT], 0),
        ([SILENT, lookup()], 0),
        ([lookup(), SILENT, lookup("c")], 0),
        ([lookup(), lookup("b", None, server=OTHER)], 0),
        ([lookup(), lookup("b", None, server_port=5353)], 0),
        ([lookup(), lookup("b", None, server_port=53)], 1),
        ([lookup(), lookup("b", None, failure="not_sent")], 0),
        ([lookup(), lookup("b", None, failure="malformed")], 0),
        ([lookup(assumed=True), SILENT], 0),
        ([lookup(server=None), lookup("b", None, server=None)], 0),
        ([lookup(), lookup(server=OTHER), SILENT, lookup("b", None, server=OTHER)], 2),
        ([Connect(time=0, server=SERVER, port=53, outcome="no_answer")], 0),
    ],
)
def test_who_stopped(resolver: type[Resolver], items: list[Observation], count: int) -> None:
    assert len(problems(*items)) == count
    assert len(resolver.asked) == count


def test_it_is_asked_once_more_what_it_has_answered(resolver: type[Resolver]) -> None:
    items = lookup("first", type="SRV", server_port=5353), lookup("next", server_port=5353)
    gone = lookup("b", None, server_port=5353), lookup("c", None, server_port=5353)
    assert problems(*items, *gone) == [
        f"The nameserver {SERVER} port 5353 answered 2 questions and then no more, from the one for b on, and not even "
        "the first one again: it stopped, or it limits how often it may be asked. What it left unanswered says nothing "
        "of the names."
    ]
    assert resolver.asked == [("first", "SRV", (SERVER, 5353))]
    assert problems(lookup(), SILENT)[0].startswith(f"The nameserver {SERVER} answered 1 question and then no more")


@pytest.mark.parametrize(
    "again",
    [
        lookup(),
        lookup(rcode="SERVFAIL"),
        lookup(rcode=None, failure="malformed"),
        CannotTest("not-sent", "no network"),
    ],
)
def test_who_answers_again_did_not_stop(resolver: type[Resolver], again: Any) -> None:
    resolver.again = again
    assert problems(lookup(), SILENT) == []


def test_what_ends_the_run_early_comes_after_it(resolver: type[Resolver]) -> None:
    def items() -> Iterator[Observation]:
        yield lookup()
        yield SILENT
        raise CannotTest("output", "full")

    found: list[Any] = []
    with pytest.raises(CannotTest, match="full"):
        found.extend(with_dead_nameservers(Context(), items()))
    assert [getattr(item, "code", None) for item in found] == [None, None, "nameserver-stopped"]


# The domains that DHCP offers.


def answer(type_: Any = "ack", domain: str | None = "A.Example.", **more: Any) -> Dhcp:
    return Dhcp(time=0, type=type_, domain=domain, resolvers=(SERVER, "0.0.0.0"), **more)


@pytest.mark.parametrize(
    ("answers", "domains"),
    [
        ([answer()], {"a.example": (SERVER,)}),
        ([answer("offer", address="10.0.0.7")], {"a.example": (SERVER,)}),
        ([answer("offer")], {}),
        ([answer("nak", address="10.0.0.7")], {}),
        ([answer(domain=None)], {}),
        ([answer(domain="a b")], {}),
        ([answer(), answer(domain="a.example")], {"a.example": (SERVER,)}),
        ([answer(domain="b"), answer(domain="a")], {"b": (SERVER,), "a": (SERVER,)}),
    ],
)
def test_the_domains_that_dhcp_offers(answers: list[Dhcp], domains: dict[str, tuple[str, ...]]) -> None:
    offered = OfferedDomains()
    for one in answers:
        offered.add_answer(one)
    assert list(offered.domains.items()) == list(domains.items())


def asked(resolver: type[Resolver], domains: dict[str, tuple[str, ...]], *system: str, **more: Any) -> list[Any]:
    context = Context(nameservers=tuple((server, 53) for server in more.pop("given", ())))
    endpoints = tuple((server, 53) for server in system)
    list(look_up_records(context, OfferedDomains(dict(domains)), endpoints, more.pop("known", None)))
    return resolver.asked


R2, OLD = "ucupdates-r2.a", "ucupdates.a"


def test_both_names_are_asked_for(resolver: type[Resolver]) -> None:
    resolver.again = "NXDOMAIN"
    servers = ((SERVER, 53), (OTHER, 53))
    assert asked(resolver, {"a": (SERVER, OTHER, "10.0.0.4")}, "10.9.9.9") == [
        (R2, "other", servers),
        (OLD, "other", servers),
    ]


def test_who_does_not_answer_is_asked_once(resolver: type[Resolver]) -> None:
    resolver.again = None
    assert [name for name, _, _ in asked(resolver, {"a": (SERVER,)})] == [R2]


@pytest.mark.parametrize(
    ("domains", "more", "servers"),
    [
        ({"a": (SERVER,)}, {"given": (OTHER,)}, ((OTHER, 53),)),
        ({"a": ()}, {}, (("10.9.9.9", 53),)),
        ({"a": ("no address",)}, {}, (("10.9.9.9", 53),)),
    ],
)
def test_who_is_asked(resolver: type[Resolver], domains: Any, more: Any, servers: Any) -> None:
    resolver.again = None
    assert asked(resolver, domains, "10.9.9.9", **more) == [(R2, "other", servers)]


def test_whom_nobody_can_be_asked_for_is_left_out(resolver: type[Resolver]) -> None:
    assert asked(resolver, {"a": ()}) == []
    assert asked(resolver, {"a": (SERVER,)}, known="a") == []
    assert asked(resolver, {}) == []


def test_four_domains_are_looked_at(resolver: type[Resolver]) -> None:
    resolver.again = None
    names = [name for name, _, _ in asked(resolver, dict.fromkeys("abcde", (SERVER,)), known="b")]
    assert names == ["ucupdates-r2.a", "ucupdates-r2.c", "ucupdates-r2.d"]
