"""The plan of a probe: where it leads, what it asks there, and what cannot be asked."""

from typing import Any

import pytest

from ucdiag.model.phone import Phone
from ucdiag.probe.plan import Plan, ServerOptions, UpdateTarget, request_for, targets_of, verify_requests

INTERNAL, EXTERNAL = "/RequestHandler/ucdevice.upx", "/RequestHandlerExt/ucdevice.upx"
NAME = "ucupdates-r2.contoso.test"


def plan(domain: str | None = "contoso.test", **server: Any) -> Plan:
    return Plan(phone=Phone(), domain=domain, server=ServerOptions(**server))


TARGETS: list[tuple[str, Plan, list[tuple[str, int, str, tuple[str, ...]]]]] = [
    ("by DNS", plan(), [("http", 80, NAME, ()), ("https", 443, NAME, ())]),
    ("outside", plan(external=True), [("https", 443, NAME, ())]),
    ("one port", plan(port=8080), [("http", 8080, NAME, ())]),
    ("that of the external web site", plan(port=4443), [("https", 4443, NAME, ())]),
    ("port 443", plan(port=443), [("https", 443, NAME, ())]),
    (
        "an address",
        plan(None, address="192.0.2.1"),
        [("http", 80, "192.0.2.1", ("192.0.2.1",)), ("https", 443, "192.0.2.1", ("192.0.2.1",))],
    ),
    ("an address in a domain", plan(address="192.0.2.1", port=80), [("http", 80, NAME, ("192.0.2.1",))]),
    (
        "a host at an address",
        plan(address="192.0.2.1", host="a.test", port=80),
        [("http", 80, "a.test", ("192.0.2.1",))],
    ),
    ("with its port", plan(address="192.0.2.1", host="a.test:81", port=80), [("http", 80, "a.test", ("192.0.2.1",))]),
    ("of IPv6", plan(address="192.0.2.1", host="::1", port=80), [("http", 80, "::1", ("192.0.2.1",))]),
    ("a host by DNS", plan(host="a.test", port=80), [("http", 80, NAME, ())]),
    ("a URL", plan(url="http://a.test/x"), [("http", 80, "a.test", ())]),
    ("a URL of https", plan(url="HTTPS://a.test/x"), [("https", 443, "a.test", ())]),
    ("its port", plan(url="https://a.test:8443/"), [("https", 8443, "a.test", ())]),
    ("its dot", plan(url="http://a.test./"), [("http", 80, "a.test", ())]),
    ("its address", plan(url="http://192.0.2.1/"), [("http", 80, "192.0.2.1", ("192.0.2.1",))]),
    ("its address of IPv6", plan(url="http://[2001:db8::1]/"), [("http", 80, "2001:db8::1", ("2001:db8::1",))]),
    ("localhost", plan(url="http://localhost/"), [("http", 80, "localhost", ("127.0.0.1",))]),
    ("a URL at an address", plan(url="http://a.test/", address="192.0.2.1"), [("http", 80, "a.test", ("192.0.2.1",))]),
]


@pytest.mark.parametrize(("asked", "targets"), [row[1:] for row in TARGETS], ids=[row[0] for row in TARGETS])
def test_where_it_leads(asked: Plan, targets: list[tuple[Any, int, str, tuple[str, ...]]]) -> None:
    assert targets_of(asked) == [
        UpdateTarget(scheme=scheme, port=port, name=name, addresses=addresses)
        for scheme, port, name, addresses in targets
    ]


PATHS = [
    ("by DNS", plan(), INTERNAL, False),
    ("outside", plan(external=True), EXTERNAL, True),
    ("a URL without a path", plan(url="http://a.test"), INTERNAL, False),
    ("the root", plan(url="http://a.test/"), INTERNAL, False),
    ("a path", plan(url="http://a.test/x/y"), "/x/y", False),
    ("a query", plan(url="http://a.test/x?y=1"), "/x?y=1", False),
    ("a path to the outside", plan(url=f"http://a.test{EXTERNAL.upper()}"), EXTERNAL.upper(), True),
]


@pytest.mark.parametrize(("asked", "path", "external"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_what_is_asked_for(asked: Plan, path: str, external: bool) -> None:
    assert (asked.path, asked.external) == (path, external)
    request = request_for(asked, targets_of(asked)[0])
    assert (request.method, request.target) == ("POST", path)


HOSTS = [
    ("by DNS", plan(), [NAME, NAME]),
    ("a host", plan(host="a.test:81"), ["a.test:81", "a.test:81"]),
    ("another port", plan(port=8080), [f"{NAME}:8080"]),
    ("an address", plan(None, address="2001:db8::1", port=80), ["[2001:db8::1]"]),
]


@pytest.mark.parametrize(("asked", "hosts"), [row[1:] for row in HOSTS], ids=[row[0] for row in HOSTS])
def test_whom_the_request_names(asked: Plan, hosts: list[str]) -> None:
    assert [request_for(asked, target).header("Host") for target in targets_of(asked)] == hosts


STARTS = [
    ("nothing", plan(None), False, True),
    ("a domain", plan(), True, True),
    ("a URL", plan(None, url="http://a.test/"), True, False),
    ("an address", plan(None, address="192.0.2.1"), True, False),
]


@pytest.mark.parametrize(("asked", "start", "dns"), [row[1:] for row in STARTS], ids=[row[0] for row in STARTS])
def test_whether_it_is_known_where_to_begin(asked: Plan, start: bool, dns: bool) -> None:
    assert (asked.has_start, asked.server.needs_dns) == (start, dns)


@pytest.mark.parametrize("domain", ["contoso.test", None], ids=["domain", "no domain yet"])
def test_a_request_that_cannot_be_sent_is_known_before(domain: str | None) -> None:
    verify_requests(plan(domain))
    with pytest.raises(ValueError):
        verify_requests(plan(domain, saved=b"POST /x HTTP/2\r\nHost: a\r\n\r\n<r/>"))


def test_the_path_of_a_saved_request_is_its_own_unless_another_is_asked_for() -> None:
    saved = b"POST /saved HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n<r/>"
    asked = [plan(saved=saved), plan(saved=saved, external=True), plan(saved=saved, url="http://a.test/u")]
    assert [request_for(one, targets_of(one)[0]).target for one in asked] == ["/saved", EXTERNAL, "/u"]
