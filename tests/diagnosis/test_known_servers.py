"""Which hosts count as update servers, and which connections are for the sign-in: each way that proves it."""

from typing import Any

import pytest

from tests.diagnosis.story import NAME, PATH, PHONE, POOL, RESOLVER, START
from ucdiag.diagnosis import known_servers
from ucdiag.diagnosis.known_servers import (
    KnownServers,
    ServersOfCapture,
    offered_hosts,
    server_addresses,
    server_lookups,
)
from ucdiag.diagnosis.observation_log import ObservationLog
from ucdiag.diagnosis.redirected_files import file_key, file_keys, followed_redirects
from ucdiag.diagnosis.registrars import HostNames, Registrars, is_arp_alone, is_sign_in_name
from ucdiag.model.observations import Connect, Http, Lookup, Observation, Tls, UpdateAnswer, UpdateFile

OTHER = "10.0.0.99"


def log(*observations: Observation) -> ObservationLog:
    history = ObservationLog()
    for seen in observations:
        history.add(seen)
    return history


def lookup(name: str, *addresses: str, at: int = 0, **more: Any) -> Lookup:
    return Lookup(
        time=START + at, client=PHONE, name=name, server=RESOLVER, addresses=addresses, **{"type": "A", **more}
    )


def connect(server: str = POOL, port: int = 443, at: int = 0, **more: Any) -> Connect:
    more = {"outcome": "open", "client_port": 40000, **more}
    return Connect(time=START + at, client=PHONE, server=server, port=port, **more)


def tls(server: str = POOL, name: str | None = None, port: int = 443, **more: Any) -> Tls:
    more = {"outcome": "complete", "client_port": 40000, **more}
    return Tls(time=START, client=PHONE, server=server, port=port, server_name=name, **more)


def http(server: str = POOL, host: str | None = None, at: int = 0, **more: Any) -> Http:
    return Http(time=START + at, client=PHONE, server=server, port=80, host=host, **more)


def offer(form: Any = "offered", files: tuple[UpdateFile, ...] = (), **urls: str) -> UpdateAnswer:
    return UpdateAnswer(time=START, server=POOL, port=80, form=form, files=files, **urls)


@pytest.mark.parametrize(
    ("answer", "hosts"),
    [
        (offer(internal_url="http://In.Contoso.com/x", external_url="https://out/x"), ["in.contoso.com", "out"]),
        (offer("none_offered", internal_url="http://in.contoso.com/x"), []),
        (offer(internal_url="no url", external_url=""), []),
        (
            offer(files=(UpdateFile(name="a", internal_url="http://a/"), UpdateFile(name="b", external_url="http://b/"))),
            ["a", "b"],
        ),
    ],
)  # fmt: skip
def test_the_hosts_of_an_offer(answer: UpdateAnswer, hosts: list[str]) -> None:
    assert list(offered_hosts(answer)) == hosts


def known(*seen: Observation, given: tuple[str, ...] = ()) -> KnownServers:
    servers = ServersOfCapture()
    for one in seen:
        servers.feed(one)
    return servers.known_servers(frozenset(given))


POST = http(host="Pool.Contoso.com:80", method="POST", target=PATH)


def test_who_got_a_post_and_where_files_are_offered_is_known() -> None:
    found = known(POST, offer(internal_url="http://files/x"), given=("mine",))
    assert (found.posted, found.offering, found.given) == ({POOL, "pool.contoso.com"}, {"files"}, {"mine"})


def test_other_requests_prove_nothing() -> None:
    assert known(http(method="GET", target=PATH, host="x"), connect(), tls(name=NAME)) == KnownServers()


def test_a_post_without_a_host_proves_its_address_alone() -> None:
    assert known(http(method="POST", target=PATH)).posted == {POOL}


@pytest.mark.parametrize(
    ("question", "addresses"),
    [
        (lookup("mine", "10.1.1.1", "10.1.1.2"), {"10.1.1.1", "10.1.1.2"}),
        (lookup("MINE.", "10.1.1.1"), {"10.1.1.1"}),
        (lookup("alias", "10.1.1.1", aliases=("x", "Mine.")), {"10.1.1.1"}),
        (lookup("alias", "10.1.1.1", aliases=("1", "2", "3", "mine")), {"10.1.1.1"}),
        (lookup("alias", "10.1.1.1", aliases=("1", "2", "3", "4", "mine")), set()),
        (lookup("mine", "10.1.1.1", type="AAAA"), set()),
        (lookup("mine"), set()),
        (lookup("other", "10.1.1.1"), set()),
        (lookup("mine", *(f"10.1.1.{n}" for n in range(9))), {f"10.1.1.{n}" for n in range(8)}),
    ],
)
def test_a_name_counts_for_its_addresses(question: Lookup, addresses: set[str]) -> None:
    assert known(question, given=("mine",)).given == {"mine", *addresses}


def test_an_answer_without_addresses_leaves_those_that_are_known() -> None:
    assert known(lookup("mine", "10.1.1.1"), lookup("mine"), given=("mine",)).given == {"mine", "10.1.1.1"}


def test_the_oldest_hosts_and_names_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_servers, "_MOST_HOSTS", 2)
    monkeypatch.setattr(known_servers, "_MOST_NAMES", 2)
    posts = [http(server=f"10.0.1.{n}", method="POST", target=PATH) for n in range(3)]
    assert known(*posts).posted == {"10.0.1.1", "10.0.1.2"}
    names = [lookup(f"n{n}", f"10.2.0.{n}") for n in range(3)]
    assert known(*names, given=("n0", "n1", "n2")).given == {"n0", "n1", "n2", "10.2.0.1", "10.2.0.2"}


HOSTS = frozenset({POOL, "pool.contoso.com"})


@pytest.mark.parametrize(
    ("fact", "addresses"),
    [
        (connect(POOL), {POOL}),
        (connect(OTHER), set()),
        (tls(POOL), {POOL}),
        (tls(OTHER), set()),
        (tls(OTHER, NAME), {OTHER}),
        (tls(OTHER, "POOL.contoso.com"), {OTHER}),
        (tls(OTHER, "other.contoso.com"), set()),
        (http(POOL), {POOL}),
        (http(OTHER, NAME), {OTHER}),
        (http(OTHER, "pool.contoso.com:80"), {OTHER}),
        (http(OTHER, "other.contoso.com"), set()),
        (lookup("pool.contoso.com", OTHER), {OTHER}),
        (lookup("other.contoso.com", OTHER), set()),
    ],
)
def test_the_addresses_of_servers(fact: Observation, addresses: set[str]) -> None:
    assert server_addresses(log(fact), HOSTS) == addresses


@pytest.mark.parametrize(
    ("question", "counts"),
    [
        (lookup("Pool.contoso.com.", OTHER), True),
        (lookup("x", OTHER, aliases=("y", "POOL.contoso.com")), True),
        (lookup("pool.contoso.com", OTHER, type="AAAA"), False),
        (lookup("x", OTHER, aliases=("y",)), False),
        (lookup(NAME, OTHER, aliases=("pool.contoso.com",)), False),
    ],
)
def test_the_questions_for_servers(question: Lookup, counts: bool) -> None:
    assert server_lookups(log(question), HOSTS) == ([question] if counts else [])
    assert server_lookups(log(question), frozenset()) == []


# The sign-in.

SRV = lookup(
    "_sipinternaltls._tcp.contoso.com", type="SRV", records=("0 0 5061 FE.contoso.com.", "0 0 443 edge.contoso.com")
)


def test_names_of_an_address_by_time() -> None:
    names = HostNames(
        [lookup("a", POOL, at=10), lookup("b", POOL, OTHER, at=20), lookup("c", POOL, at=30, type="AAAA")]
    )
    assert [names.name_of(POOL, START + at) for at in (5, 10, 19, 20, 99)] == ["a", "a", "a", "b", "b"]
    assert names.name_of("10.9.9.9", START) is None
    assert names.latest_names() == {POOL: "b", OTHER: "b"}


def included(seen: Connect | Tls, *facts: Observation, servers: tuple[str, ...] = ()) -> bool:
    history = log(*facts, seen)
    return Registrars(history, HostNames(history.of_kind(Lookup)), set(servers)).is_sign_in(seen)


ARP = connect(OTHER, 80, at=9, client_port=None, outcome="unreachable")


@pytest.mark.parametrize(
    ("seen", "facts", "servers", "expected"),
    [
        (connect(port=5061), [], (), True),
        (connect(port=5061), [], (POOL,), True),
        (connect(port=80), [lookup("sip.contoso.com", POOL)], (), False),
        # An Access Edge has port 443, and is known by its name.
        (connect(at=9), [lookup("sip.contoso.com", POOL)], (), True),
        (connect(at=9), [lookup("SIPexternal.contoso.com", POOL)], (), True),
        (connect(at=9), [lookup("sipinternal.contoso.com", POOL)], (), True),
        (connect(at=9), [lookup("pool.contoso.com", POOL)], (), False),
        (connect(at=9), [], (), False),
        (connect(at=9), [SRV, lookup("edge.contoso.com", POOL)], (), True),
        (connect(at=9), [SRV, lookup("fe.contoso.com", POOL)], (), False),
        (connect(at=9), [lookup("sip.contoso.com", POOL)], (POOL,), False),
        (connect(at=9), [lookup("sip.contoso.com", POOL), connect(POOL, 5061)], (), False),
        # What the handshake says counts more.
        (tls(name="sip.contoso.com"), [], (), True),
        (tls(name="sip.contoso.com"), [], (POOL,), True),
        (tls(name="edge.contoso.com"), [SRV], (), True),
        (tls(name="other.contoso.com"), [lookup("sip.contoso.com", POOL)], (), False),
        (connect(at=9), [tls(name="sip.contoso.com")], (), True),
        (connect(at=9), [tls(name="sip.contoso.com", client_port=7)], (), False),
        # ARP alone does not tell the port.
        (ARP, [SRV, lookup("fe.contoso.com", OTHER)], (), True),
        (ARP, [lookup("sip.contoso.com", OTHER)], (), True),
        (ARP, [lookup("sip.contoso.com", OTHER)], (OTHER,), False),
        (ARP, [lookup("pool.contoso.com", OTHER)], (), False),
        (ARP, [], (), False),
    ],
)
def test_what_is_for_the_sign_in(
    seen: Connect | Tls, facts: list[Observation], servers: tuple[str, ...], expected: bool
) -> None:
    assert included(seen, *facts, servers=servers) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sip.contoso.com", True),
        ("SIP", True),
        ("sipinternal.contoso.com.", True),
        ("sipdir.contoso.com", False),
        ("_sip._tls.contoso.com", True),
        ("_sipinternal._tcp.contoso.com", True),
        ("_sipinternaltls._tcp.contoso.com", True),
        ("_sip._udp.contoso.com", False),
        ("www.sip.com", False),
    ],
)
def test_names_of_a_sign_in(name: str, expected: bool) -> None:
    assert is_sign_in_name(name) == expected


@pytest.mark.parametrize(
    ("more", "expected"), [({}, True), ({"client_port": 1}, False), ({"outcome": "no_answer"}, False)]
)
def test_arp_alone(more: dict[str, Any], expected: bool) -> None:
    assert is_arp_alone(connect(**{"client_port": None, "outcome": "unreachable", **more})) == expected


@pytest.mark.parametrize("record", ["", "host", "443 edge.contoso.com"])
def test_short_srv_records(record: str) -> None:
    question = lookup("_sip._tls.contoso.com", type="SRV", records=(record,))
    assert included(connect(at=9), question, lookup("edge.contoso.com", POOL)) == (record.startswith("443"))


# Files elsewhere.


def get(path: str, status: int | None, at: int = 0, location: str | None = None, **more: Any) -> Http:
    more = {"host": "pool", "method": "GET", **more}
    return http(at=at, target=path, status=status, location=location, **more)


MOVED = get("/a/CPE.nbt", 302, 1, "http://cdn/b/CPE.nbt")
SECOND = get("/b/cpe.NBT", 200, 2, host="CDN.")


@pytest.mark.parametrize(
    ("moved", "second", "followed"),
    [
        (MOVED, SECOND, True),
        *[
            (get("/a/CPE.nbt", status, 1, "http://cdn/b/CPE.nbt"), SECOND, status != 304)
            for status in (301, 303, 304, 307, 308)
        ],
        (get("/a/CPE.nbt", 200, 1, "http://cdn/b/CPE.nbt"), SECOND, False),
        (get("/a/CPE.nbt", 302, 1), SECOND, False),
        (get("/a/CPE.nbt", 302, 1, "http://["), SECOND, False),
        (get("/a/CPE.nbt", 302, 1, "mailto:x"), SECOND, False),
        (get("/a/CPE.nbt", 302, 1, "/b/CPE.nbt"), get("/b/CPE.nbt", 200, 2), True),
        (get("/a/CPE.nbt", 302, 1, "CPE2.nbt"), get("/a/CPE2.nbt", 206, 2), True),
        (get("/a/CPE.nbt", 302, 1, "http://cdn"), get("/", 200, 2, host="cdn"), True),
        (get("/a/CPE.nbt", 302, 1, "/b", host=None), get("/b", 200, 2, host=None), True),
        (MOVED, get("/b/CPE.nbt", 404, 2, host="cdn"), False),
        (MOVED, get("/b/CPE.nbt", 199, 2, host="cdn"), False),
        (MOVED, get("/b/CPE.nbt", 300, 2, host="cdn"), False),
        (MOVED, get("/b/CPE.nbt", None, 2, host="cdn"), False),
        (MOVED, get("/b/CPE.nbt", 200, 2, host="cdn", html=True), False),
        (MOVED, get("/b/CPE.nbt", 200, 2, host="cdn", method="POST"), False),
        (MOVED, get("/b/CPE.nbt", 200, 2, host="other"), False),
        (MOVED, get("/c/CPE.nbt", 200, 2, host="cdn"), False),
        (MOVED, get("/b/CPE.nbt", 200, 0, host="cdn"), False),
        (get("/a", 302, 1, "http://10.0.0.99/b"), get("/b", 200, 2, host="", server=OTHER), True),
    ],
)
def test_a_file_is_followed_to_where_it_was_redirected(moved: Http, second: Http, followed: bool) -> None:
    assert followed_redirects([moved], [second, moved]) == ([moved, second] if followed else [moved])


def test_several_redirects_in_turn_are_followed() -> None:
    chain = [MOVED, get("/b/CPE.nbt", 301, 2, "/c", host="cdn"), get("/c", 200, 3, host="cdn"), get("/d", 200, 4)]
    assert followed_redirects(chain[:1], chain) == chain[:3]
    assert file_keys(chain) == ["/a/cpe.nbt", "/a/cpe.nbt", "/a/cpe.nbt", "/d"]


def test_the_key_of_a_file() -> None:
    assert file_key(get("http://x/A.nbt?q", 200)) == "/a.nbt"
    assert file_key(get("", 200)) == "/"
    assert file_key(http()) is None
    same = get("/a", 301, 1, "https://pool/A")
    assert file_keys([same, http(at=2), get("/a", 200, 3)]) == ["/a", None, "/a"]
