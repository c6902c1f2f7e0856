"""The walk: what it connects to, what it downloads, and what it says it could not do."""

import json
import socket
import threading
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from tests.probe.raw_server import HOST, Peer, RawServer
from ucdiag.cli.main import cli
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Transfer
from ucdiag.model.phone import Phone
from ucdiag.model.report import Problem
from ucdiag.probe import dns
from ucdiag.probe.path import walk_path
from ucdiag.probe.plan import Plan, ServerOptions
from ucdiag.probe.tcp import proxy_endpoint
from ucdiag.runtime.context import CannotTest, Context

NAME = "ucupdates-r2.contoso.test"


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """DNS gives these addresses for every name."""

    def tries(self: dns.Resolver, name: str, purpose: str) -> list[Lookup]:
        return [Lookup(time=1, name=name, type="A", rcode="NOERROR", addresses=addresses, purpose=purpose)]

    monkeypatch.setattr(dns.Resolver, "try_nameservers", tries)


def seen(plan: Plan, ctx: Context) -> list[Observation | Problem]:
    return list(walk_path(ctx, plan))


def context(*ports: tuple[str, int]) -> Context:
    return Context(nameservers=((HOST, 53),), connect_to={(address, 80): (HOST, port) for address, port in ports})


def plan(*, saved: bytes | None = None, mac: str | None = None, all_names: bool = False) -> Plan:
    server = ServerOptions(port=80, saved=saved)
    return Plan(phone=Phone(), domain="contoso.test", server=server, mac=mac, all_names=all_names)


def updates(found: list[Any]) -> list[Connect]:
    """The connections for the update request, without those of the second one, with the address in Host."""
    return [connect for connect in found if isinstance(connect, Connect) and connect.purpose == "update"]


def test_an_address_that_no_host_has_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, HOST, "0.0.0.0", "192.0.2.10")
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        found = seen(plan(), context(("192.0.2.10", server.port), (HOST, server.port)))
    assert [update.server for update in updates(found)] == ["192.0.2.10"]


def offer(peer: Peer, folder: str, own: int) -> None:
    if peer.request().startswith(b"POST"):
        peer.answer(f"<r><BaseURL>http://{HOST}:{own}/{folder}</BaseURL><FileName>a.nbt</FileName></r>".encode())
    else:
        peer.answer(b"firmware")


def test_each_address_has_its_own_offer_fetched_and_the_same_one_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "192.0.2.10", "192.0.2.11", "192.0.2.12")
    ports: dict[str, int] = {}
    with (
        RawServer(lambda peer: offer(peer, "one", ports["one"])) as one,
        RawServer(lambda peer: offer(peer, "two", ports["two"])) as two,
    ):
        ports.update(one=one.port, two=two.port)
        hosts = (("192.0.2.10", one.port), ("192.0.2.11", one.port), ("192.0.2.12", two.port))
        found = seen(plan(), context(*hosts))
    urls = [transfer.url for transfer in found if isinstance(transfer, Transfer)]
    assert urls == [f"http://{HOST}:{ports['one']}/one/a.nbt", f"http://{HOST}:{ports['two']}/two/a.nbt"]
    assert sum(isinstance(exchange, Http) and exchange.purpose == "update" for exchange in found) == 3


def test_a_mac_that_cannot_be_put_into_the_saved_request_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "192.0.2.10")
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        ctx = context(("192.0.2.10", server.port))
        found = seen(plan(saved=b"<r/>", mac="00:04:f2:aa:bb:cc"), ctx)
        fitting = seen(plan(saved=b"<r><MAC>00:04:f2:00:00:01</MAC></r>", mac="00:04:f2:aa:bb:cc"), ctx)
    assert [problem.code for problem in found if isinstance(problem, Problem)] == ["not-put-in"]
    assert [problem for problem in fitting if isinstance(problem, Problem)] == []


def test_a_proxy_s_name_is_looked_up_for_as_long_as_an_answer_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()
    lookup = socket.getaddrinfo

    def slow(host: str, *words: Any, **more: Any) -> Any:
        if host == "proxy.test":
            found.wait(60)
        return lookup(host, *words, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    words = ["probe", "--address", "192.0.2.1", "--proxy", "proxy.test:3128", "-t", "0.3", "--json"]
    try:
        done = CliRunner().invoke(cli, words, prog_name="ucdiag")
    finally:
        found.set()
    (problem,) = json.loads(done.stdout)["problems"]
    text = "The proxy 'proxy.test' does not resolve within 0.3 seconds; nothing behind it was tested."
    assert (done.exit_code, problem["code"], problem["text"]) == (3, "proxy-unusable", text)


@pytest.mark.parametrize("proxy", ["socks5://p:1", "http://u:p@h:80", "http://", "h:x"])
def test_a_proxy_that_cannot_be_one_is_a_wrong_use(proxy: str) -> None:
    result = CliRunner().invoke(cli, ["probe", "--address", "192.0.2.1", "--proxy", proxy], prog_name="ucdiag")
    assert result.exit_code == 2
    assert "--proxy" in result.stderr


def test_a_proxy_s_password_is_not_shown() -> None:
    with pytest.raises(CannotTest) as caught:
        proxy_endpoint("http://anna:secret@10.0.0.9:8080")
    assert "http://...@10.0.0.9:8080" in caught.value.text
    assert "secret" not in caught.value.text


def answered_by(monkeypatch: pytest.MonkeyPatch, *servers: tuple[str, ...]) -> Context:
    """Each nameserver gives these addresses for every name; none means that it says NXDOMAIN."""

    def lookup(self: dns.Resolver, name: str, type: str, server: tuple[str, int], purpose: str) -> Lookup:
        given = servers[int(server[0].rpartition(".")[2]) - 1] if type == "A" and name == NAME else ()
        return Lookup(
            time=1,
            name=name,
            type=type,
            rcode="NOERROR" if given else "NXDOMAIN",
            addresses=given,
            purpose=purpose,
            server=server[0],
            server_port=server[1],
        )

    monkeypatch.setattr(dns.Resolver, "ask_nameserver", lookup)
    return Context(nameservers=tuple((f"192.0.2.{number + 1}", 53) for number in range(len(servers))))


def tried(ctx: Context, *given: tuple[str, int], all_names: bool = False) -> list[str]:
    found = seen(
        plan(all_names=all_names), replace(ctx, connect_to={(address, 80): (HOST, port) for address, port in given})
    )
    return [update.server for update in updates(found)]


@pytest.mark.parametrize("all_names", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_what_any_nameserver_gives_is_tried(monkeypatch: pytest.MonkeyPatch, all_names: bool, turned: bool) -> None:
    said = [("198.51.100.1", "198.51.100.2"), ("198.51.100.2", "198.51.100.3", "127.0.0.1"), ()]
    ctx = answered_by(monkeypatch, *(reversed(said) if turned else said))
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        hosts = [(f"198.51.100.{number}", server.port) for number in (1, 2, 3)]
        found = tried(ctx, *hosts, all_names=all_names)
    assert sorted(found) == ["198.51.100.1", "198.51.100.2", "198.51.100.3"]


def test_of_too_many_each_nameserver_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(f"198.51.100.{number}" for number in range(1, 30))
    ctx = answered_by(monkeypatch, many, ("203.0.113.1",))
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        hosts = [(address, server.port) for address in (*many, "203.0.113.1")]
        connect_to = {(address, 80): (HOST, port) for address, port in hosts}
        found = seen(plan(), replace(ctx, connect_to=connect_to))
    assert "203.0.113.1" in [update.server for update in updates(found)]
    assert len(updates(found)) == 8
    assert [problem.code for problem in found if isinstance(problem, Problem)] == ["too-many-addresses"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "updates.localhost"])
def test_a_server_at_localhost_needs_no_dns(host: str) -> None:
    with RawServer(lambda peer: offer(peer, "files", server.port)) as server:
        url = f"http://{host}:{server.port}/RequestHandler/ucdevice.upx"
        found = seen(Plan(phone=Phone(), server=ServerOptions(url=url)), Context())
    assert not [fact for fact in found if isinstance(fact, Lookup | Problem)]
    assert [(transfer.server, transfer.outcome) for transfer in found if isinstance(transfer, Transfer)] == [
        (HOST, "whole")
    ]
    named = host.lower().rstrip(".")
    assert f"\r\nHost: {named}:{server.port}\r\n".encode() in server.received[0]


def test_the_dot_at_the_end_of_a_urls_name_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = answered_by(monkeypatch, ("192.0.2.10",))
    with RawServer(lambda peer: peer.answer(b'<r downloads="0"/>')) as server:
        ctx = replace(ctx, connect_to={("192.0.2.10", 80): (HOST, server.port)})
        found = seen(Plan(phone=Phone(), server=ServerOptions(url=f"http://{NAME}./")), ctx)
    assert [update.server for update in updates(found)] == ["192.0.2.10"]
