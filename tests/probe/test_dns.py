"""The DNS source against a server that says whatever the test wants, hostile things included."""

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import dns.flags
import dns.message
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.probe.hostile_dns import hostile, over_tcp, referral, reply
from tests.real import HOST, free_port
from ucdiag.model.observations import Lookup
from ucdiag.probe import dns as asking
from ucdiag.probe.dns import Resolver, check_names
from ucdiag.runtime.context import CannotTest, Context

R2 = "ucupdates-r2.example.test"


def ask(server, name=R2, type="A", timeout=10, purpose="update") -> Lookup:
    return Resolver(Context(timeout=timeout)).ask_nameserver(name, type, server.address, purpose)


def nowhere() -> tuple[str, int]:
    """A loopback port that nobody listens on."""
    return HOST, free_port()


def test_an_address() -> None:
    with hostile(lambda wire, *_: [reply(wire, f"{R2}. 77 IN A 192.0.2.10", f"{R2}. 77 IN A 192.0.2.11")]) as server:
        found = ask(server, R2 + ".")
        assert server.names() == [f"{R2} A"]
    assert found.rcode == "NOERROR"
    assert found.addresses == ("192.0.2.10", "192.0.2.11")
    assert (found.name, found.type, found.server, found.server_port) == (R2, "A", *server.address)
    assert (found.ttl, found.transport, found.attempts, found.failure) == (77, "udp", 1, None)
    assert (found.client, found.purpose, found.aliases) == ("127.0.0.1", "update", ())
    assert found.client_port
    assert found.seconds


@pytest.mark.parametrize(
    ("rcode", "text"),
    [(0, "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"), (5, "REFUSED"), (9, "NOTAUTH")],
)
def test_every_rcode_stays_what_it_is(rcode: int, text: str) -> None:
    with hostile(lambda wire, *_: [reply(wire, rcode=rcode)]) as server:
        found = ask(server)
    assert (found.rcode, found.failure, found.addresses, found.ttl) == (text, None, (), None)


SOA = "example.test. 300 IN SOA ns.example.test. root.example.test. 1 2 3 4 5"


@pytest.mark.parametrize(
    ("records", "flags", "referred"),
    [
        ((), 0, True),
        (("test. 300 IN NS ns.nic.test.",), 0, True),
        ((), dns.flags.AA, False),
        ((), dns.flags.RA, False),
        ((". 300 IN NS a.root-servers.net.", SOA), 0, False),
        ((SOA,), 0, False),
    ],
)
def test_a_referral_is_no_answer_about_the_name(records: tuple[str, ...], flags: int, referred: bool) -> None:
    with hostile(lambda wire, *_: [referral(wire, *records, flags=flags)]) as server:
        found = ask(server)
    assert (found.rcode, found.addresses, found.referred) == ("NOERROR", (), referred)
    assert found.zone == ("example.test" if SOA in records else None)


def test_an_answer_with_the_zones_servers_is_no_referral() -> None:
    with hostile(lambda wire, *_: [reply(wire, f"{R2}. 5 IN A 192.0.2.10")]) as server:
        assert not ask(server).referred


def test_who_refers_elsewhere_is_passed_over() -> None:
    with (
        hostile(lambda wire, *_: [referral(wire)]) as lame,
        hostile(lambda wire, *_: [reply(wire, f"{R2}. 5 IN A 192.0.2.10")]) as good,
    ):
        ctx = Context(nameservers=(lame.address, good.address))
        assert Resolver(ctx).resolve(R2).addresses == ("192.0.2.10",)
        assert [attempt.referred for attempt in Resolver(ctx).try_nameservers(R2)] == [True, False]
        asked = {name.server_port for name in check_names(ctx, "example.test") if name.purpose == "other"}
        assert asked == {good.address[1]}


def test_no_question_section_is_accepted_with_an_error_only() -> None:
    def bare(rcode: int):
        return lambda wire, *_: [wire[:2] + bytes([0x81, rcode]) + bytes(8)]

    with hostile(bare(5)) as server:
        assert ask(server).rcode == "REFUSED"
    with hostile(bare(0)) as server:
        found = ask(server)
    assert (found.rcode, found.failure) == (None, "malformed")


def test_silence_takes_the_timeout_and_two_attempts() -> None:
    with hostile(lambda *_: []) as server:
        began = time.monotonic()
        found = ask(server, timeout=0.3)
        assert 0.29 < time.monotonic() - began < 5
        assert [kind for kind, _ in server.questions] == ["udp", "udp"]
        assert server.questions[0] == server.questions[1]
    assert (found.rcode, found.failure, found.attempts) == (None, "no_answer", 2)


def test_a_lost_first_question_is_asked_again() -> None:
    with hostile(lambda wire, _, count: [reply(wire, f"{R2}. 5 IN A 192.0.2.10")] if count > 1 else []) as server:
        found = ask(server, timeout=3)
    assert (found.addresses, found.attempts) == (("192.0.2.10",), 2)


def test_a_closed_port_is_unreachable_at_once() -> None:
    began = time.monotonic()
    found = Resolver(Context(timeout=20)).ask_nameserver(R2, "A", nowhere(), "update")
    assert time.monotonic() - began < 10
    assert (found.rcode, found.failure) == (None, "unreachable")


def test_an_address_of_no_family_is_unreachable() -> None:
    found = Resolver(Context(timeout=1)).ask_nameserver(R2, "A", ("nonsense", 53))
    assert (found.rcode, found.failure) == (None, "unreachable")


def test_strays_are_not_believed() -> None:
    """Another id, a question instead of a reply, another name: all before the true answer."""

    def behave(wire: bytes, *_: object) -> list[bytes]:
        other_id = bytes([wire[0] ^ 1, wire[1]])
        wrong = reply(wire, f"{R2}. 5 IN A 198.51.100.66")
        asked_elsewhere = wrong.replace(b"\x0cucupdates-r2", b"\x0cucupdates-r3")
        return [other_id + wrong[2:], wire, asked_elsewhere, reply(wire, f"{R2}. 5 IN A 192.0.2.10")]

    with hostile(behave) as server:
        found = ask(server)
    assert (found.addresses, found.attempts) == (("192.0.2.10",), 1)


def test_strays_alone_are_no_answer_and_end_in_time() -> None:
    def flood(wire: bytes, *_: object) -> list[bytes]:
        return [bytes([wire[0] ^ 1, wire[1]]) + reply(wire, f"{R2}. 5 IN A 198.51.100.66")[2:]] * 300

    with hostile(flood) as server:
        found = ask(server, timeout=0.3)
    assert (found.rcode, found.failure, found.addresses) == (None, "no_answer", ())


@pytest.mark.parametrize(
    "tail",
    [b"", b"\xff" * 40, b"\x00\x01\x00\x01\x00\x00\x00\x00\xc0\x0c", random.Random(1).randbytes(300)],
    ids=["header only", "ones", "loop", "random"],
)
def test_garbage_with_the_right_id_is_malformed(tail: bytes) -> None:
    with hostile(
        lambda wire, *_: [wire[:2] + b"\x81\x80\x00\x01\x00\x05\x00\x00\x00\x00"[: max(2, 10)] + tail]
    ) as server:
        began = time.monotonic()
        found = ask(server, timeout=20)
        assert time.monotonic() - began < 10
    assert (found.rcode, found.failure, found.addresses) == (None, "malformed", ())


def test_garbage_then_an_answer() -> None:
    def behave(wire: bytes, _: str, count: int) -> list[bytes]:
        return [wire[:2] + b"\x81\x80" + b"\xff" * 30] if count == 1 else [reply(wire, f"{R2}. 5 IN A 192.0.2.10")]

    with hostile(behave) as server:
        found = ask(server)
    assert (found.addresses, found.attempts, found.failure) == (("192.0.2.10",), 2, None)


def test_truncated_over_udp_whole_over_tcp() -> None:
    """lightweight-dns-resolver 0.1.0 takes the part for all (findings/lightweight-dns-resolver-truncated.sh)."""
    many = [f"{R2}. 60 IN A 192.0.2.{at}" for at in range(1, 201)]

    def behave(wire: bytes, transport: str, _: int) -> list[bytes]:
        if transport == "udp":
            return [reply(wire, many[0], truncated=True)]
        return [over_tcp(reply(wire, *many))]

    with hostile(behave) as server:
        found = ask(server)
        assert [kind for kind, _ in server.questions] == ["udp", "tcp"]
    assert (len(found.addresses), found.transport, found.rcode) == (200, "tcp", "NOERROR")


@pytest.mark.parametrize(
    ("records", "rcode", "found"),
    [
        ([], 0, (None, (), "malformed")),
        ([f"{R2}. 60 IN CNAME pool.contoso.com."], 0, (None, (), "malformed")),
        ([f"{R2}. 60 IN A 192.0.2.1"], 0, ("NOERROR", ("192.0.2.1",), None)),
        ([], 3, ("NXDOMAIN", (), None)),
    ],
    ids=["empty", "alias", "address", "nxdomain"],
)
def test_truncated_over_tcp_too(records: list[str], rcode: int, found: tuple[str | None, tuple[str, ...], str]) -> None:
    def behave(wire: bytes, transport: str, _: int) -> list[bytes]:
        if transport == "udp":
            return [reply(wire, truncated=True)]
        return [over_tcp(reply(wire, *records, rcode=rcode, truncated=True))]

    with hostile(behave) as server:
        lookup = ask(server)
    assert (lookup.rcode, lookup.addresses, lookup.failure) == found


@pytest.mark.parametrize(
    ("sent", "failure"),
    [
        ([], "no_answer"),
        ([b"\x00"], "no_answer"),
        ([b"\xff\xff" + b"\x00" * 10], "no_answer"),
        ([b"\x00\x00"], "malformed"),
        ([over_tcp(b"\x00" * 40)], "malformed"),
    ],
    ids=["closed", "half a length", "cut", "empty", "zeros"],
)
def test_truncated_over_udp_broken_over_tcp(sent: list[bytes], failure: str) -> None:
    with hostile(lambda wire, kind, _: [reply(wire, truncated=True)] if kind == "udp" else sent) as server:
        found = ask(server)
    assert (found.rcode, found.failure, found.transport, found.addresses) == (None, failure, "tcp", ())


def test_truncated_over_udp_trickled_over_tcp_ends_in_time() -> None:
    class Trickle(list):  # one byte a time, for ever
        def __iter__(self):
            yield b"\xff\xff"
            while True:
                time.sleep(0.02)
                yield b"\x00"

    with hostile(lambda wire, kind, _: [reply(wire, truncated=True)] if kind == "udp" else Trickle()) as server:
        began = time.monotonic()
        found = ask(server, timeout=0.4)
        assert time.monotonic() - began < 5
    assert (found.rcode, found.failure) == (None, "no_answer")


@pytest.mark.parametrize(
    ("tcp", "sent", "failure"), [(False, [], "unreachable"), (True, [], "no_answer"), (True, [b"\0\1x"], "malformed")]
)
def test_truncated_over_udp_and_nothing_over_tcp_stays_reported(tcp: bool, sent: list[bytes], failure: str) -> None:
    with hostile(lambda wire, kind, _: [reply(wire, truncated=True)] if kind == "udp" else sent, tcp) as server:
        found = ask(server)
    assert (found.rcode, found.failure, found.truncated, found.transport) == (None, failure, True, "tcp")


def test_truncated_over_udp_and_no_such_record_over_tcp_is_whole() -> None:
    def behave(wire: bytes, kind: str, _: int) -> list[bytes]:
        return [reply(wire, truncated=True) if kind == "udp" else over_tcp(reply(wire))]

    with hostile(behave) as server:
        found = ask(server)
    assert (found.rcode, found.truncated, found.transport) == ("NOERROR", False, "tcp")


def test_truncated_over_udp_refused_over_tcp() -> None:
    with hostile(lambda wire, *_: [reply(wire, truncated=True)], tcp=False) as server:
        found = ask(server)
    assert (found.failure, found.transport) == ("unreachable", "tcp")


def test_aliases_in_order_whatever_the_order_of_the_records() -> None:
    records = [
        "b.example.test. 30 IN A 192.0.2.10",
        "a.example.test. 20 IN CNAME b.example.test.",
        f"{R2}. 300 IN CNAME a.example.test.",
        "stranger.example.test. 1 IN A 198.51.100.66",
    ]
    with hostile(lambda wire, *_: [reply(wire, *records)]) as server:
        found = ask(server)
    assert found.aliases == ("a.example.test", "b.example.test")
    assert (found.addresses, found.ttl) == (("192.0.2.10",), 20)


@pytest.mark.parametrize("rcode", [0, 3])
def test_alias_to_nowhere(rcode: int) -> None:
    with hostile(lambda wire, *_: [reply(wire, f"{R2}. 300 IN CNAME pool.example.test.", rcode=rcode)]) as server:
        found = ask(server)
    assert found.rcode == ("NOERROR", "NXDOMAIN", "", "NXDOMAIN")[rcode]
    assert (found.aliases, found.addresses, found.failure) == (("pool.example.test",), (), None)


def test_alias_loops_end() -> None:
    loop = [f"{R2}. 5 IN CNAME a.test.", "a.test. 5 IN CNAME b.test.", f"b.test. 5 IN CNAME {R2}."]
    with hostile(lambda wire, *_: [reply(wire, *loop)]) as server:
        assert ask(server).aliases == ("a.test", "b.test", R2)
    endless = [f"{R2}. 5 IN CNAME n0.test."] + [f"n{at}.test. 5 IN CNAME n{at + 1}.test." for at in range(400)]
    with hostile(lambda wire, *_: [reply(wire, *endless)]) as server:
        found = ask(server)
    assert len(found.aliases) == 16
    assert found.addresses == ()


def test_only_the_asked_type_counts() -> None:
    records = [f"{R2}. 5 IN AAAA 2001:db8::1", f"{R2}. 5 IN TXT hello"]
    with hostile(lambda wire, *_: [reply(wire, *records)]) as server:
        assert ask(server).addresses == ()
        assert ask(server, type="AAAA").addresses == ("2001:db8::1",)


def test_srv_records_as_text() -> None:
    record = "_ntp._udp.example.test. 5 IN SRV 10 20 123 time.example.test."
    with hostile(lambda wire, *_: [reply(wire, record)]) as server:
        found = ask(server, "_ntp._udp.example.test", "SRV")
    assert (found.records, found.addresses) == (("10 20 123 time.example.test",), ())


def test_names_that_no_message_can_carry() -> None:
    with hostile(lambda *_: []) as server:
        for name in ("a" * 64 + ".test", ".".join(["abcdefgh"] * 40), "a..b", "\ud800.test"):
            found = ask(server, name, timeout=5)
            assert (found.failure, found.attempts, found.rcode) == ("malformed", 0, None)
        assert server.questions == []


def test_resolve_goes_on_to_the_next_server_as_a_stub_resolver_does() -> None:
    def failing(rcode: int):
        return hostile(lambda wire, *_: [reply(wire, rcode=rcode)])

    good = hostile(lambda wire, *_: [reply(wire, f"{R2}. 5 IN A 192.0.2.10")])
    with failing(2) as servfail, failing(5) as refused, failing(3) as missing, good as whole:
        addresses = (nowhere(), servfail.address, refused.address, whole.address)
        resolver = Resolver(Context(timeout=10, nameservers=addresses))
        assert resolver.resolve(R2, "file").addresses == ("192.0.2.10",)
        tried = list(resolver.try_nameservers(R2, "file"))
        assert [lookup.rcode for lookup in tried] == [None, "SERVFAIL", "REFUSED", "NOERROR"]
        assert {lookup.purpose for lookup in tried} == {"file"}
        resolver = Resolver(Context(timeout=10, nameservers=(missing.address, whole.address)))
        assert resolver.resolve(R2).rcode == "NXDOMAIN"
        resolver = Resolver(Context(timeout=10, nameservers=(servfail.address, refused.address)))
        assert resolver.resolve(R2).rcode == "REFUSED"
        assert len(whole.questions) == 2


def test_resolve_without_a_nameserver_says_so() -> None:
    with pytest.raises(CannotTest, match="--nameserver"):
        Resolver(Context()).resolve(R2)


def test_connect_to_leads_elsewhere_and_the_meant_address_is_kept() -> None:
    with hostile(lambda wire, *_: [reply(wire, f"{R2}. 5 IN A 192.0.2.10")]) as server:
        ctx = Context(timeout=10, nameservers=(("192.0.2.53", 53),), connect_to={("192.0.2.53", 53): server.address})
        found = Resolver(ctx).resolve(R2)
    assert (found.server, found.server_port, found.rcode) == ("192.0.2.53", 53, "NOERROR")


def test_check_names_asks_the_phones_name_first_and_marks_each_purpose() -> None:
    with hostile(lambda wire, *_: [reply(wire, rcode=3)]) as server:
        found = list(check_names(Context(timeout=5, nameservers=(server.address,)), "example.test", "sip.test"))
        asked = server.names()
    random = found[4].name
    assert random.endswith(".example.test")
    assert len(random.split(".")[0]) <= len("ucupdates-r2")
    assert asked == [
        "ucupdates-r2.example.test A",
        "ucupdates-r2.example.test AAAA",
        "ucupdates.example.test A",
        "ucupdates.example.test AAAA",
        f"{random} A",
        "ucupdates-r2.sip.test A",
        "ucupdates.sip.test A",
        "_ntp._udp.example.test SRV",
        "time.windows.com A",
        "_sipinternaltls._tcp.sip.test SRV",
        "sipinternal.sip.test A",
        "sip.sip.test A",
    ]
    assert [fact.purpose for fact in found] == ["update"] * 4 + ["wildcard"] + ["sip"] * 2 + ["other"] * 5


@pytest.mark.slow
def test_check_names_asks_a_dead_server_twice_and_the_living_one_everything() -> None:
    with hostile(lambda *_: []) as dead, hostile(lambda wire, *_: [reply(wire, rcode=3)]) as living:
        ctx = Context(timeout=1, nameservers=(dead.address, living.address))
        found = list(check_names(ctx, "example.test"))
    of_dead = [fact for fact in found if fact.server_port == dead.address[1]]
    assert [lookup.failure for lookup in of_dead] == ["no_answer", "no_answer"]
    assert len(found) - len(of_dead) == 10


def test_check_names_in_the_same_sip_domain_asks_nothing_twice() -> None:
    with hostile(lambda wire, *_: [reply(wire, rcode=3)]) as server:
        found = list(check_names(Context(timeout=5, nameservers=(server.address,)), "example.test", "example.test"))
    assert not [fact for fact in found if fact.purpose == "sip"]
    assert len({(fact.name, fact.type) for fact in found}) == len(found)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600), st.binary(max_size=8))
def test_any_bytes_after_the_id_give_a_lookup(tail: bytes, flags: bytes) -> None:
    with hostile(lambda wire, *_: [wire[:2] + b"\x81" + flags + wire[12:] + tail]) as server:
        found = ask(server, timeout=0.05)
    assert (found.rcode is None) == (found.failure is not None)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_damage_to_a_true_answer_gives_a_lookup(data: st.DataObject) -> None:
    records = (f"{R2}. 5 IN CNAME a.test.", "a.test. 5 IN A 192.0.2.10", "a.test. 5 IN A 192.0.2.11")

    def behave(wire: bytes, *_: object) -> list[bytes]:
        sent = bytearray(reply(wire, *records))
        for at, value in damage:
            sent[at % (len(sent) - 2) + 2] = value
        return [bytes(sent[:cut])]

    damage = data.draw(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 255)), max_size=4))
    cut = data.draw(st.integers(0, 500))
    with hostile(behave) as server:
        found = ask(server, timeout=0.05)
    assert (found.rcode is None) == (found.failure is not None)


@pytest.mark.parametrize(
    ("change", "answers"),
    [
        (lambda wire: wire, True),
        (lambda wire: wire + b"behind", True),
        (lambda wire: bytes([wire[0] ^ 1]) + wire[1:], False),
        (lambda wire: wire[:1] + bytes([wire[1] ^ 1]) + wire[2:], False),
        # A question, and an answer to another kind of request.
        (lambda wire: wire[:2] + bytes([wire[2] & 0x7F]) + wire[3:], False),
        (lambda wire: wire[:2] + bytes([wire[2] | 0x10]) + wire[3:], False),
        (lambda wire: wire[:11], False),
        (lambda wire: wire[:20], False),
        (lambda wire: wire[:4] + bytes(2) + wire[6:12], False),
        (lambda wire: wire.replace(b"ucupdates", b"ucupdatez"), False),
        # MX.
        (lambda wire: wire[:-4] + b"\0\x0f\0\1", False),
    ],
)
def test_from_elsewhere_only_an_answer_to_the_very_question_counts(
    change: Callable[[bytes], bytes], answers: bool
) -> None:
    message = dns.message.make_query("ucupdates-r2.contoso.com", "A")
    asked = message.question[0]
    question = asking._Question(message.to_wire(), asked.name, asked.rdtype)
    wire = dns.message.make_response(message).to_wire()
    assert asking._answers_question(change(wire), question) is answers


@pytest.mark.parametrize(
    ("rcodes", "own", "failures"),
    [
        ((), True, ["not_sent"]),
        ((), False, ["no_answer"]),
        ((2,), True, ["not_sent"]),
        ((3,), True, [None]),
        ((5,), True, [None]),
    ],
)
def test_this_machines_own_resolver_that_is_silent_or_fails_says_nothing(
    rcodes: tuple[int, ...], own: bool, failures: list[str | None]
) -> None:
    with hostile(lambda wire, *_: [reply(wire, rcode=rcode) for rcode in rcodes]) as server:
        own_resolvers = frozenset({server.address[0]} if own else ())
        ctx = Context(timeout=0.4, nameservers=(server.address,), own_resolvers=own_resolvers)
        found = list(Resolver(ctx).try_nameservers(R2))
    assert [lookup.failure for lookup in found] == failures
    assert [(lookup.reason or "").startswith("it is this machine's own resolver") for lookup in found] == [
        failure == "not_sent" for failure in failures
    ]


def seen(lookups: Iterable[Lookup]) -> list[str]:
    return [lookup.rcode or str(lookup.failure) for lookup in lookups]


@pytest.mark.parametrize(
    ("rcodes", "own", "expected"),
    [
        ((2, 0), False, ["SERVFAIL", "NOERROR"]),
        ((2, 3), False, ["SERVFAIL", "NXDOMAIN"]),
        ((2, 2), False, ["SERVFAIL", "SERVFAIL"]),
        ((2, 5), False, ["SERVFAIL", "REFUSED"]),
        ((2, None), False, ["SERVFAIL"]),
        ((5, 0), False, ["REFUSED"]),
        ((4, 0), False, ["NOTIMP"]),
        ((0, 2), False, ["NOERROR"]),
        # A failure of this machine's own resolver is nobody's.
        ((2, 0), True, ["NOERROR"]),
        ((2, 2), True, ["not_sent"]),
        ((2, None), True, ["not_sent"]),
    ],
)
def test_who_fails_is_asked_once_more(rcodes: tuple[int | None, ...], own: bool, expected: list[str]) -> None:
    def behave(wire: bytes, _: str, count: int) -> list[bytes]:
        rcode = rcodes[min(count, 2) - 1]
        return [] if rcode is None else [reply(wire, *([f"{R2}. 5 IN A 192.0.2.10"] if not rcode else []), rcode=rcode)]

    slept: list[float] = []
    with hostile(behave) as server:
        own_resolvers = frozenset({server.address[0]} if own else ())
        ctx = Context(timeout=1, own_resolvers=own_resolvers, sleep=slept.append)
        found = list(Resolver(ctx).ask_patiently(R2, "A", server.address, "update"))
        asked = server.names()
    assert seen(found) == expected
    assert {lookup.purpose for lookup in found} == {"update"}
    assert slept == ([1.1] if rcodes[0] == 2 else [])
    assert len(asked) >= 1 + len(slept)


def test_who_fails_again_is_believed_from_then_on() -> None:
    slept: list[float] = []
    with hostile(lambda wire, *_: [reply(wire, rcode=2)]) as server:
        resolver = Resolver(Context(timeout=5, nameservers=(server.address,), sleep=slept.append))
        assert seen(resolver.try_nameservers(R2)) == ["SERVFAIL", "SERVFAIL"]
        assert seen(resolver.try_nameservers(R2)) == ["SERVFAIL"]
        assert len(server.names()) == 3
    assert len(slept) == 1


def test_this_machines_own_resolver_that_fails_for_one_name_is_asked_for_the_next() -> None:
    """A zone whose servers are broken says nothing of the others, nor one name of another."""

    def behave(wire: bytes, *_: object) -> list[bytes]:
        name = dns.message.from_wire(wire).question[0].name.to_text(omit_final_dot=True)
        return [reply(wire, rcode=2)] if name == R2 else [reply(wire, f"{name}. 5 IN A 192.0.2.20")]

    slept: list[float] = []
    with hostile(behave) as server:
        own = frozenset({server.address[0]})
        ctx = Context(timeout=1, nameservers=(server.address,), own_resolvers=own, sleep=slept.append)
        found = list(check_names(ctx, "example.test"))
    assert [(lookup.name, lookup.failure) for lookup in found if lookup.name.startswith("ucupdates")] == [
        (R2, "not_sent"),
        (R2, "not_sent"),
        ("ucupdates.example.test", None),
        ("ucupdates.example.test", None),
    ]
    assert {lookup.rcode for lookup in found if lookup.name != R2} == {"NOERROR"}
    assert len(slept) == 1


def test_check_names_asks_the_first_server_that_answers_what_one_is_asked() -> None:
    with (
        hostile(lambda wire, *_: [reply(wire, rcode=3)]) as one,
        hostile(lambda wire, *_: [reply(wire, rcode=3)]) as two,
    ):
        ctx = Context(timeout=5, nameservers=(one.address, two.address))
        found = list(check_names(ctx, "example.test"))
    asked = {server: sum(lookup.server_port == server[1] for lookup in found) for server in (one.address, two.address)}
    assert asked[one.address] > asked[two.address] > 0
    assert found[-1].server_port == one.address[1]


def test_who_fails_for_many_targets_of_a_run_is_not_waited_for_each_time() -> None:
    slept: list[float] = []
    with (
        hostile(lambda wire, *_: [reply(wire, rcode=2)]) as server,
        hostile(lambda wire, _, count: [reply(wire, rcode=2 if count == 1 else 3)]) as other,
    ):
        ctx = Context(timeout=5, sleep=slept.append)
        for number in range(9):
            found = Resolver(replace(ctx)).ask_patiently(f"d{number}.test", "A", server.address)
            assert seen(found) == ["SERVFAIL"] * (2 if number < 3 else 1)
        assert len(slept) == 3
        assert seen(Resolver(ctx).ask_patiently(R2, "A", other.address)) == ["SERVFAIL", "NXDOMAIN"]


def test_nobody_is_asked_again_when_the_time_of_the_run_is_over() -> None:
    slept: list[float] = []
    with hostile(lambda wire, *_: [reply(wire, rcode=2)]) as server:
        ctx = Context(timeout=5, monotonic=lambda: 10.0, until=11.0, sleep=slept.append)
        assert seen(Resolver(ctx).ask_patiently(R2, "A", server.address)) == ["SERVFAIL"]
    assert slept == []


def test_this_machines_own_resolver_that_does_not_run_says_nothing() -> None:
    with hostile(lambda *_: []) as server:
        closed = server.address
    ctx = Context(timeout=1, nameservers=(closed,), own_resolvers=frozenset({closed[0]}))
    assert Resolver(ctx).resolve(R2).failure == "not_sent"
    assert Resolver(Context(timeout=1, nameservers=(closed,))).resolve(R2).failure == "unreachable"
