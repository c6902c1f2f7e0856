"""ARP: whom a phone looks for in its network on its way to a server, and who does not answer."""

import struct
from ipaddress import ip_address

import pytest

from ucdiag.model.observations import Connect, Dhcp, Lookup, Observation, UpdateAnswer, UpdateFile
from ucdiag.wire.link.arp import Arp

START = 1_767_225_600_000_000
SECOND = 1_000_000
MAC = bytes.fromhex("0004f2aabbcc")
MAX_PENDING, MAX_ROUTES, MAX_LEASES = 4096, 4096, 2048
PHONE, GATEWAY, NEAR, FAR, RESOLVER = "10.0.0.7", "10.0.0.1", "10.0.0.20", "10.9.0.20", "10.0.0.2"


def arp(sender: str, target: str, operation: int = 1, head: bytes = b"\0\1\x08\0\x06\x04") -> bytes:
    ends = MAC + ip_address(sender).packed + bytes(6) + ip_address(target).packed
    return head + struct.pack("!H", operation) + ends


class Network:
    def __init__(self, patience: int = 5 * SECOND) -> None:
        self.found: list[Observation] = []
        self.arp = Arp(self.found.append, patience=patience)
        self.time = START
        self.frame = 0

    def looks_up(self, *addresses: str, type: str = "A") -> "Network":
        lookup = Lookup(time=0, client=PHONE, name="x", type=type, rcode="NOERROR", addresses=addresses)
        self.arp.learn_targets(lookup)
        return self

    def leased(self, routers: tuple[str, ...] = (GATEWAY,), resolvers: tuple[str, ...] = (RESOLVER,)) -> "Network":
        lease = Dhcp(time=0, type="ack", client="a", address=PHONE, routers=routers, resolvers=resolvers)
        self.arp.learn_targets(lease)
        return self

    def asks(self, target: str, sender: str = PHONE, times: int = 2, operation: int = 1) -> "Network":
        for _ in range(times):
            self.frame += 1
            self.arp.take_message(self.time, self.frame, arp(sender, target, operation), 0)
            self.time += SECOND
        return self

    def told(self, wait: int = 60) -> list[tuple[str | None, str, int, str | None, int]]:
        self.arp.expire(self.time + wait * SECOND)
        return [
            (fact.client, fact.server, fact.port, fact.reason, fact.attempts)
            for fact in self.found
            if isinstance(fact, Connect)
        ]


def silent(server: str, port: int = 80, what: str | None = None, attempts: int = 2) -> list[object]:
    return [(PHONE, server, port, f"ARP for {what or server} was not answered", attempts)]


def test_a_server_nearby_that_does_not_answer() -> None:
    network = Network().looks_up(NEAR).asks(NEAR, times=3)
    assert network.told() == silent(NEAR, attempts=3)
    [found] = network.found
    assert isinstance(found, Connect)
    assert (found.time, found.frame, found.outcome, found.client_mac) == (START, 1, "unreachable", "00:04:f2:aa:bb:cc")


def test_one_question_may_be_for_an_entry_that_is_about_to_expire() -> None:
    assert Network().looks_up(NEAR).asks(NEAR, times=1).told() == []


def test_a_gateway_that_does_not_answer() -> None:
    assert Network().leased().looks_up(FAR).asks(GATEWAY).told() == silent(FAR, what=f"its gateway {GATEWAY}")


def test_a_gateway_is_nothing_to_a_server_nearby() -> None:
    assert Network().leased().looks_up(NEAR).asks(GATEWAY).told() == []


def test_a_resolver_that_does_not_answer() -> None:
    assert Network().leased().asks(RESOLVER).told() == silent(RESOLVER, 53)


@pytest.mark.parametrize(
    ("resolvers", "told"),
    [
        ((FAR,), silent(FAR, 53, f"its gateway {GATEWAY}")),
        ((FAR, "10.9.0.21"), silent(FAR, 53, f"its gateway {GATEWAY}")),
        ((FAR, RESOLVER), []),
        ((), []),
    ],
)
def test_a_gateway_to_the_resolvers(resolvers: tuple[str, ...], told: list[object]) -> None:
    assert Network().leased(resolvers=resolvers).asks(GATEWAY).told() == told


def test_an_answer_ends_the_question() -> None:
    network = Network().looks_up(NEAR).asks(NEAR)
    assert network.arp.is_waiting
    network.asks(PHONE, sender=NEAR, operation=2)
    assert not network.arp.is_waiting
    assert network.told() == []


def test_the_answer_of_another_host_does_not() -> None:
    network = Network().looks_up(NEAR).asks(NEAR).asks(PHONE, sender="10.0.0.21", operation=2)
    assert network.told() == silent(NEAR)


def test_who_sends_a_packet_there_was_answered_out_of_sight() -> None:
    network = Network().leased().looks_up(NEAR, FAR).asks(NEAR).asks(GATEWAY)
    network.arp.note_sent(ip_address(PHONE).packed, ip_address(FAR).packed)
    assert network.told() == silent(NEAR)
    network = Network().looks_up(NEAR).asks(NEAR)
    network.arp.note_sent(ip_address("10.0.0.8").packed, ip_address(NEAR).packed)
    assert network.told() == silent(NEAR)


STRANGE = {
    "a probe": arp("0.0.0.0", NEAR),
    "an announcement": arp(PHONE, PHONE),
    "an answer": arp(PHONE, NEAR, 2),
    "another network": arp(PHONE, NEAR, head=b"\0\6\x08\0\x06\x04"),
    "another protocol": arp(PHONE, NEAR, head=b"\0\1\x86\xdd\x06\x04"),
    "another length": arp(PHONE, NEAR, head=b"\0\1\x08\0\x08\x04"),
    "half of one": arp(PHONE, NEAR)[:27],
    "somebody that nobody looks for": arp(PHONE, "10.0.0.99"),
    "somebody else's question": arp("10.0.0.8", NEAR),
}


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE)
def test_what_is_no_question_on_the_way(data: bytes) -> None:
    network = Network().looks_up(NEAR)
    network.arp.take_message(START, 1, data, 0)
    network.arp.take_message(START + SECOND, 2, data, 0)
    assert network.told() == []


def test_a_host_that_is_expected_needs_no_lookup() -> None:
    network = Network()
    network.arp.expected = frozenset({NEAR})
    assert network.asks(NEAR).told() == silent(NEAR)


def test_the_offer_names_where_a_phone_goes() -> None:
    network = Network()
    files = (UpdateFile(name="a", internal_url="http://10.0.0.31/a"),)
    urls = {"internal_url": f"http://{NEAR}/x", "external_url": "https://files.contoso.com/x"}
    network.arp.learn_targets(
        UpdateAnswer(time=0, client=PHONE, server="s", port=80, form="offered", files=files, **urls)
    )
    assert network.asks(NEAR).asks("10.0.0.31").told() == silent(NEAR) + silent("10.0.0.31")


@pytest.mark.parametrize(
    ("outcome", "port", "told"), [("open", 80, silent(NEAR)), ("refused", 80, []), ("open", 53, [])]
)
def test_a_connection_names_where_a_phone_goes(outcome: str, port: int, told: list[object]) -> None:
    network = Network()
    network.arp.learn_targets(Connect(time=0, client=PHONE, server=NEAR, port=port, outcome=outcome))  # type: ignore[arg-type]
    assert network.asks(NEAR).told() == told


@pytest.mark.parametrize("type_", ["SRV", "AAAA"])
def test_only_addresses_of_ipv4_count(type_: str) -> None:
    assert Network().looks_up(NEAR, type=type_).asks(NEAR).told() == []


def test_it_waits_for_its_patience() -> None:
    network = Network().looks_up(NEAR).asks(NEAR)
    # From the last question on.
    network.arp.expire(START + 6 * SECOND)
    assert network.found == []
    network.arp.expire(START + 6 * SECOND + 1)
    assert len(network.found) == 1


def test_the_end_tells_what_is_due_alone() -> None:
    network = Network(patience=10 * SECOND).looks_up(NEAR).asks(NEAR)
    assert network.arp.pending(START + 9 * SECOND) == []
    assert len(network.arp.pending(START + 10 * SECOND)) == 1
    assert network.found == []
    network.arp.finish(START + 10 * SECOND)
    assert len(network.found) == 1
    assert not network.arp.is_waiting


def test_questions_are_bounded_oldest_out() -> None:
    network = Network()
    network.arp.expected = frozenset({NEAR})
    for number in range(MAX_PENDING + 3):
        network.asks(NEAR, sender=f"10.1.{number >> 8}.{number & 255}")
    assert network.arp.dropped == 3
    assert len(network.arp.pending(network.time + 60 * SECOND)) == MAX_PENDING


def host(number: int) -> str:
    return f"10.1.{number >> 8}.{number & 255}"


@pytest.mark.parametrize(("others", "told"), [(MAX_ROUTES - 1, True), (MAX_ROUTES, False)])
def test_of_so_many_hosts_it_is_known_where_they_go(others: int, told: bool) -> None:
    network = Network().looks_up(NEAR)
    for number in range(others):
        network.arp.learn_targets(Connect(time=0, client=host(number), server=FAR, port=80, outcome="open"))
    assert network.asks(NEAR).told() == (silent(NEAR) if told else [])


@pytest.mark.parametrize(("others", "told"), [(MAX_LEASES - 1, True), (MAX_LEASES, False)])
def test_so_many_leases_are_known(others: int, told: bool) -> None:
    network = Network().leased()
    for number in range(others):
        network.arp.learn_targets(Dhcp(time=0, type="ack", client="b", address=host(number)))
    assert network.asks(RESOLVER).told() == (silent(RESOLVER, 53) if told else [])


def test_what_was_heard_again_is_not_the_oldest() -> None:
    network = Network().looks_up(NEAR)
    for number in range(MAX_ROUTES):
        if number == MAX_ROUTES - 1:
            network.looks_up(NEAR)
        network.arp.learn_targets(Connect(time=0, client=host(number), server=FAR, port=80, outcome="open"))
    assert network.asks(NEAR).told() == silent(NEAR)


@pytest.mark.parametrize(
    ("addresses", "known"),
    [
        pytest.param([(1, 2, 3, 4)], (1, 2, 3, 4), id="four"),
        pytest.param([(1, 2, 3, 4, 5)], (1, 2, 3, 4), id="the first four"),
        pytest.param([(1,), (2,), (3,), (4,), (5,)], (5, 4, 3, 2), id="the latest four"),
        pytest.param([(1, 2), (2,)], (2, 1), id="one of them again"),
        pytest.param([(1, 2), (1,)], (1, 2), id="the first of them again"),
        pytest.param([(1, 2), (3, 1)], (3, 1, 2), id="another and one of them"),
    ],
)
def test_where_a_host_may_be_going(addresses: list[tuple[int, ...]], known: tuple[int, ...]) -> None:
    """The gateway stands for the latest of them."""
    every = [f"10.9.0.{number}" for number in range(1, 6)]
    for wanted in every:
        network = Network()
        for some in addresses:
            network.looks_up(*(f"10.9.0.{number}" for number in some))
        told = network.asks(wanted).told()
        assert told == (silent(wanted) if int(wanted.rpartition(".")[2]) in known else [])
    network = Network().leased()
    for some in addresses:
        network.looks_up(*(f"10.9.0.{number}" for number in some))
    assert network.asks(GATEWAY).told() == silent(f"10.9.0.{known[0]}", what=f"its gateway {GATEWAY}")


@pytest.mark.parametrize("type_", ["offer", "nak", "request"])
def test_an_offer_names_the_gateway_too(type_: str) -> None:
    network = Network().looks_up(FAR)
    network.arp.learn_targets(Dhcp(time=0, type=type_, client="a", address=PHONE, routers=(GATEWAY,)))  # type: ignore[arg-type]
    assert network.asks(GATEWAY).told() == (silent(FAR, what=f"its gateway {GATEWAY}") if type_ == "offer" else [])


def test_a_server_that_sent_arp_here_needs_no_gateway() -> None:
    network = Network().leased().looks_up(FAR).asks("10.9.0.99", sender=FAR)
    assert network.asks(GATEWAY).told() == []


def test_a_probe_is_an_answer_of_nobody() -> None:
    """It has no address yet, and asks for one that is looked for."""
    network = Network().looks_up(NEAR).asks(NEAR)
    network.asks(NEAR, sender="0.0.0.0")
    assert network.told() == silent(NEAR)


def test_what_is_asked_once_more_is_one_attempt_more() -> None:
    network = Network().looks_up(NEAR).asks(NEAR, times=4)
    assert network.told() == silent(NEAR, attempts=4)
    assert network.asks(NEAR).told() == silent(NEAR, attempts=4) + silent(NEAR)


def test_a_message_behind_a_header_of_the_link() -> None:
    network = Network().looks_up(NEAR)
    for second in range(2):
        network.arp.take_message(START + second * SECOND, second, bytes(14) + arp(PHONE, NEAR) + bytes(18), 14)
    assert network.told() == silent(NEAR)
    connect = network.found[0]
    assert isinstance(connect, Connect)
    assert connect.client_mac == "00:04:f2:aa:bb:cc"


@pytest.mark.parametrize(
    ("urls", "asked"),
    [
        (("http://10.0.0.31/a", None), ["10.0.0.31"]),
        ((None, "http://10.0.0.31:8080/a"), ["10.0.0.31"]),
        (("http://files.contoso.com/a", "http://[2001:db8::1]/a"), []),
        (("http://10.0.0.31/a", "http://10.0.0.32/a"), ["10.0.0.31", "10.0.0.32"]),
    ],
)
def test_addresses_of_the_files_that_are_offered(urls: tuple[str | None, str | None], asked: list[str]) -> None:
    network = Network()
    files = (UpdateFile(name="a", internal_url=urls[0], external_url=urls[1]),)
    network.arp.learn_targets(UpdateAnswer(time=0, client=PHONE, server="s", port=80, form="offered", files=files))
    for address in ("10.0.0.31", "10.0.0.32"):
        network.asks(address)
    assert [server for _, server, *_ in network.told()] == asked


def test_an_offer_without_addresses_leaves_what_is_known() -> None:
    network = Network().looks_up(NEAR)
    network.arp.learn_targets(UpdateAnswer(time=0, client=PHONE, server="s", port=80, form="current"))
    assert network.asks(NEAR).told() == silent(NEAR)


@pytest.mark.parametrize(("times", "after", "told"), [(2, 4, 0), (3, 3, 0), (3, 4, 1), (2, 5, 1), (1, 60, 0)])
def test_what_is_over_at_the_end(times: int, after: int, told: int) -> None:
    network = Network().looks_up(NEAR).asks(NEAR, times=times)
    assert len(network.arp.pending(START + after * SECOND)) == told


def test_a_file_at_an_address_of_ipv6_is_behind_no_gateway() -> None:
    network = Network().leased()
    files = (UpdateFile(name="a", internal_url="http://[2001:db8::1]/a"),)
    network.arp.learn_targets(UpdateAnswer(time=0, client=PHONE, server="s", port=80, form="offered", files=files))
    assert network.asks(GATEWAY).told() == []


def test_an_ack_without_an_address_is_nobodys_lease() -> None:
    network = Network().looks_up(FAR)
    network.arp.learn_targets(Dhcp(time=0, type="ack", client="a", address=None, routers=(GATEWAY,)))
    assert network.asks(GATEWAY).told() == []
