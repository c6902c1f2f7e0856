"""The DNS source against real nameservers: dnsmasq, unbound, knot and bind."""

import pytest

from tests.real import Server, bind, dnsmasq, knot, unbound, zone_text
from ucdiag.model.observations import Lookup
from ucdiag.probe.dns import Resolver, check_names
from ucdiag.runtime.context import Context

DOMAIN = "example.test"
R2, LEGACY = f"ucupdates-r2.{DOMAIN}", f"ucupdates.{DOMAIN}"


def ask(server: Server, name: str = R2, type: str = "A", timeout: float = 10) -> Lookup:
    return Resolver(Context(timeout=timeout)).ask_nameserver(name, type, (server.host, server.port), "update")


def check(server: Server, timeout: float = 10) -> dict[tuple[str, str], Lookup]:
    ctx = Context(timeout=timeout, nameservers=((server.host, server.port),))
    found = {}
    for name in check_names(ctx, DOMAIN):
        found["wildcard" if name.purpose == "wildcard" else name.name, name.type] = name
    return found


def test_dnsmasq_the_record(tmp_path) -> None:
    with dnsmasq(tmp_path, f"host-record={R2},192.0.2.10,2001:db8::10", f"local=/{DOMAIN}/", "local-ttl=60") as server:
        found = check(server)
    assert (found[R2, "A"].addresses, found[R2, "A"].ttl) == (("192.0.2.10",), 60)
    assert found[R2, "AAAA"].addresses == ("2001:db8::10",)
    assert found[LEGACY, "A"].rcode == "NXDOMAIN"
    assert found["wildcard", "A"].rcode == "NXDOMAIN"


def test_dnsmasq_legacy_only(tmp_path) -> None:
    with dnsmasq(tmp_path, f"host-record={LEGACY},192.0.2.10", f"local=/{DOMAIN}/") as server:
        found = check(server)
    assert (found[R2, "A"].rcode, found[R2, "A"].addresses) == ("NXDOMAIN", ())
    assert found[LEGACY, "A"].addresses == ("192.0.2.10",)


def test_dnsmasq_no_data(tmp_path) -> None:
    with dnsmasq(tmp_path, f"txt-record={R2},hello", f"local=/{DOMAIN}/") as server:
        found = ask(server)
    assert (found.rcode, found.addresses, found.aliases, found.failure) == ("NOERROR", (), (), None)


def test_dnsmasq_refused_without_upstream(tmp_path) -> None:
    with dnsmasq(tmp_path) as server:
        assert ask(server).rcode == "REFUSED"


def test_dnsmasq_alias(tmp_path) -> None:
    lines = [f"cname={R2},pool.{DOMAIN}", f"host-record=pool.{DOMAIN},192.0.2.10", f"local=/{DOMAIN}/"]
    with dnsmasq(tmp_path, *lines) as server:
        found = ask(server)
    assert (found.rcode, found.aliases, found.addresses) == ("NOERROR", (f"pool.{DOMAIN}",), ("192.0.2.10",))


def test_dnsmasq_wildcard(tmp_path) -> None:
    with dnsmasq(tmp_path, f"address=/{DOMAIN}/192.0.2.99") as server:
        assert check(server)["wildcard", "A"].addresses == ("192.0.2.99",)


def test_dnsmasq_no_answer_from_upstream(tmp_path) -> None:
    """A forwarder whose upstream is silent is silent itself."""
    with (
        unbound(tmp_path, f'local-zone: "{DOMAIN}" deny') as silent,
        dnsmasq(tmp_path, f"server=127.0.0.1#{silent.port}") as server,
    ):
        found = ask(server, timeout=0.4)
    assert (found.rcode, found.failure, found.attempts) == (None, "no_answer", 2)


def test_a_stopped_server_is_unreachable(tmp_path) -> None:
    with dnsmasq(tmp_path) as server:
        server.close()
        found = ask(server)
    assert (found.rcode, found.failure) == (None, "unreachable")


def test_unbound_refused_denied_and_missing(tmp_path) -> None:
    lines = [
        'local-zone: "refused.test" refuse',
        'local-zone: "silent.test" deny',
        f'local-zone: "{DOMAIN}" static',
        f'local-data: "{R2} 120 IN A 192.0.2.10"',
        f'local-data: "{LEGACY} 120 IN TXT old"',
    ]
    with unbound(tmp_path, *lines) as server:
        assert (ask(server).addresses, ask(server).ttl) == (("192.0.2.10",), 120)
        assert ask(server, f"no.{DOMAIN}").rcode == "NXDOMAIN"
        assert (ask(server, LEGACY).rcode, ask(server, LEGACY).addresses) == ("NOERROR", ())
        assert ask(server, "ucupdates-r2.refused.test").rcode == "REFUSED"
        found = ask(server, "ucupdates-r2.silent.test", timeout=0.3)
    assert (found.rcode, found.failure) == (None, "no_answer")


def test_unbound_servfail_when_its_upstream_refuses(tmp_path) -> None:
    with dnsmasq(tmp_path) as refusing:
        zone = f'forward-zone:\n  name: "{DOMAIN}"\n  forward-addr: 127.0.0.1@{refusing.port}\n'
        with unbound(tmp_path, f'local-zone: "{DOMAIN}" transparent', outside=zone) as server:
            assert ask(server).rcode == "SERVFAIL"


@pytest.mark.parametrize("serve", [knot, bind], ids=["knot", "bind"])
def test_authoritative(tmp_path, serve) -> None:
    many = [f"big A 198.51.100.{at}" for at in range(1, 91)]
    zone = zone_text(
        "ucupdates-r2 77 A 192.0.2.10",
        "ucupdates CNAME pool",
        "pool 55 A 192.0.2.11",
        "nodata TXT hello",
        "dangling CNAME missing",
        "outside CNAME pool.elsewhere.test.",
        "a CNAME b",
        "b CNAME a",
        "*.wild A 192.0.2.99",
        "_ntp._udp SRV 0 0 123 time",
        *many,
    )
    with serve(tmp_path, {DOMAIN: zone}) as server:
        assert (ask(server).addresses, ask(server).ttl) == (("192.0.2.10",), 77)
        alias = ask(server, LEGACY)
        assert (alias.aliases, alias.addresses, alias.ttl) == ((f"pool.{DOMAIN}",), ("192.0.2.11",), 55)
        assert (ask(server, f"nodata.{DOMAIN}").rcode, ask(server, f"nodata.{DOMAIN}").addresses) == ("NOERROR", ())
        dangling = ask(server, f"dangling.{DOMAIN}")
        assert (dangling.rcode, dangling.aliases) == ("NXDOMAIN", (f"missing.{DOMAIN}",))
        outside = ask(server, f"outside.{DOMAIN}")
        assert (outside.rcode, outside.aliases, outside.addresses) == ("NOERROR", ("pool.elsewhere.test",), ())
        assert outside.zone is None
        assert [ask(server, name).zone for name in (f"ucupdates-r2.site.{DOMAIN}", f"big.{DOMAIN}")] == [DOMAIN, None]
        loop = ask(server, f"a.{DOMAIN}")
        assert loop.addresses == ()
        assert loop.aliases[:2] in ((f"b.{DOMAIN}", f"a.{DOMAIN}"), ())
        assert ask(server, f"anything.wild.{DOMAIN}").addresses == ("192.0.2.99",)
        assert ask(server, f"_ntp._udp.{DOMAIN}", "SRV").records == (f"0 0 123 time.{DOMAIN}",)
        assert ask(server, "ucupdates-r2.elsewhere.test").rcode == "REFUSED"
        big = ask(server, f"big.{DOMAIN}")
        assert (big.transport, len(big.addresses), big.attempts) == ("tcp", 90, 2)
        found = check(server)
    assert found["wildcard", "A"].rcode == "NXDOMAIN"
    assert found["_ntp._udp." + DOMAIN, "SRV"].records


def test_bind_servfail_for_an_expired_zone(tmp_path) -> None:
    """A secondary that never reached its primary has no zone to answer from."""
    options = 'recursion no; }; zone "other.test" { type secondary; primaries { 127.0.0.1 port 9; }; file "other"; '
    with bind(tmp_path, {DOMAIN: zone_text("ucupdates-r2 A 192.0.2.10")}, options) as server:
        assert ask(server, "ucupdates-r2.other.test").rcode == "SERVFAIL"
        assert ask(server).rcode == "NOERROR"
