"""More stories for the judge's sentences: proxies, other servers, the sign-in, comparisons, and exact limits of time.

Their texts are in ``reports.txt``, as those of ``report_stories.py``.
"""

from collections.abc import Iterator
from typing import Any

from tests.diagnosis.recorded_stories import active, leased, reached, watched
from tests.diagnosis.report_stories import ALL_HANDSHAKES, ALL_STATUSES
from tests.diagnosis.story import NAME, OUTER, PHONE, POOL, URL, Certificate, Story
from ucdiag.model.phone import Phone

_OLD, _OLD_NAME, _REGISTRAR = "10.0.0.99", "oldpool.contoso.com", "10.0.0.40"
_SHA2 = (Certificate(subject="CN=pool", issuer="CN=root", signature="sha256WithRSAEncryption"),)
_OLDEST = Phone(firmware="1.0.199.123")

_CONNECTS: dict[str, dict[str, Any]] = {
    "refused": {"outcome": "refused"},
    "silent once": {"outcome": "no_answer"},
    "silent thrice": {"outcome": "no_answer", "attempts": 3},
    "unfinished": {"outcome": "unfinished", "attempts": 2},
    "unreachable": {"outcome": "unreachable", "reason": "ICMP host unreachable from 10.0.0.254"},
    "no ARP": {
        "outcome": "unreachable",
        "client_port": None,
        "reason": "ARP for 10.0.0.99 was not answered",
        "attempts": 3,
    },
    "unreachable, no reason": {"outcome": "unreachable"},
}
_MORE_HANDSHAKES: dict[str, dict[str, Any]] = {
    "complete": {"outcome": "complete"},
    "complete, version known": {"outcome": "complete", "version": "TLS 1.0"},
    "unfinished": {"outcome": "unfinished", "stage": "certificate"},
    "unfinished with a gap": {"outcome": "unfinished", "reason": "12 bytes are missing"},
    "hung up before the answer": {"outcome": "closed", "closed_by": "client", "stage": "client_hello"},
    "hung up, stage unknown": {"outcome": "closed", "closed_by": "client"},
    "hung up on the certificate": {"outcome": "closed", "closed_by": "client", "stage": "certificate", "chain": _SHA2},
    "reset by the server": {"outcome": "closed", "closed_by": "server", "stage": "client_hello", "reason": "reset"},
    "reset before a byte": {"outcome": "closed", "closed_by": "server", "reason": "reset"},
    "closed before a byte": {"outcome": "closed", "closed_by": "server"},
    "encrypted alert of the phone": {"outcome": "alert", "alert_from": "client", "stage": "certificate"},
    "encrypted alert of the server": {"outcome": "alert", "alert_from": "server", "stage": "certificate"},
    "alert after SHA-2": {"outcome": "alert", "alert": 42, "alert_from": "client", "chain": _SHA2},
    "alert of no name": {"outcome": "alert", "alert": 200, "alert_from": "client"},
}
# What a capture can show: of a name that does not fit, only the phone's alert.
_SHAKEN = {
    **{name: how for name, how in ALL_HANDSHAKES.items() if how["outcome"] != "name_mismatch"},
    **_MORE_HANDSHAKES,
}
_HANG_UPS: dict[str, dict[str, Any]] = {
    "closed": {"failure": "closed", "closed_by": "server"},
    "reset": {"failure": "reset", "closed_by": "server"},
}


def _other(named: bool) -> Story:
    """A phone that goes to a server of which nobody knows what it is for."""
    story = leased()
    return story.asks(_OLD_NAME, "NOERROR", _OLD) if named else story


def _to_others() -> Iterator[tuple[str, Story]]:
    for name, connect in _CONNECTS.items():
        for known in (True, False):
            words = f"other server{'' if known else ' without a name'}, {name}"
            yield words, _other(known).connects(server=_OLD, **connect).wait(60)
            yield f"{words}, at the end", _other(known).connects(server=_OLD, **connect)
    for name, handshake in _SHAKEN.items():
        for known in (True, False):
            words = f"other server's handshake{'' if known else ' without a name'}, {name}"
            story = _other(known).connects(server=_OLD, port=443, client_port=5000)
            yield words, story.shakes(server=_OLD, client_port=5000, **handshake).wait(60)
    for name in ("unfinished", "no_answer"):
        story = _other(True).connects(server=_OLD, port=443, client_port=5000)
        yield f"other server's handshake, {name} at the end", story.shakes(name, server=_OLD, client_port=5000)
    for name, hang_up in _HANG_UPS.items():
        for known in (True, False):
            story = _other(known).connects(server=_OLD, client_port=5000)
            story = story.requests(None, server=_OLD, client_port=5000, method=None, **hang_up)
            yield f"other server{'' if known else ' without a name'} hangs up, {name}", story.wait(60)
    many = leased()
    for number in range(5):
        many = many.connects("refused", server=f"10.0.1.{number}")
    yield "five other servers", many.wait(60)


def _signing_in(firmware: Phone) -> Story:
    story = watched(phone=firmware).leased()
    story = story.asks(
        "_sipinternaltls._tcp.contoso.com", "NOERROR", type="SRV", records=("0 0 5061 pool01.contoso.com",)
    )
    return story.asks("pool01.contoso.com", "NOERROR", _REGISTRAR)


def _sign_ins() -> Iterator[tuple[str, Story]]:
    for kind, phone in (("", Phone()), ("the oldest phone's ", _OLDEST)):
        for name, connect in _CONNECTS.items():
            yield (
                f"{kind}sign-in, {name}",
                _signing_in(phone).connects(server=_REGISTRAR, port=5061, **connect).wait(60),
            )
        for name, handshake in _SHAKEN.items():
            story = _signing_in(phone).connects(server=_REGISTRAR, port=5061, client_port=5000)
            story = story.shakes(server=_REGISTRAR, port=5061, client_port=5000, **handshake)
            yield f"{kind}sign-in's handshake, {name}", story.wait(60)
    story = _signing_in(_OLDEST).connects("refused", server=_REGISTRAR, port=5061).wait(30)
    yield (
        "sign-in works again",
        story.connects(server=_REGISTRAR, port=5061, client_port=5000)
        .shakes(server=_REGISTRAR, port=5061, client_port=5000)
        .wait(60),
    )


def _through_proxies() -> Iterator[tuple[str, Story]]:
    for status in ALL_STATUSES:
        more: dict[str, Any] = {"challenges": ("NTLM", "Basic")} if status in (401, 407) else {}
        story = leased().found().connects(server=POOL, port=8080)
        story = story.requests(
            status,
            port=8080,
            method="CONNECT",
            target=f"{NAME}:443",
            purpose=None,
            location="http://else.where/",
            **more,
        )
        yield f"status {status} to a CONNECT", story.wait(20)
    for failure in ("no_answer", "closed", "reset", "not_http"):
        story = leased().found().connects(server=POOL, port=8080)
        story = story.requests(None, port=8080, method="CONNECT", target=f"{NAME}:443", failure=failure)
        yield f"CONNECT, {failure}", story.wait(20)
    for sign_in in (None, "refused", "binding-wanted", "not-continued"):
        for challenges in (("NTLM",), ("Negotiate", "NTLM"), ("Basic",), ()):
            story = active(external=True).found().connects(port=443).shakes()
            outside = {"port": 443, "scheme": "https", "target": "/RequestHandlerExt/ucdevice.upx"}
            story = story.posts(401, challenges=challenges, sign_in=sign_in, **outside)
            yield f"outside, 401 with {' and '.join(challenges) or 'nothing'}, sign-in {sign_in}", story


def _compared() -> Iterator[tuple[str, Story]]:
    host = {"purpose": "host", "host": "pool01.contoso.com", "client_port": 5000}
    usual = {"host": NAME, "client_port": 4000}
    for name, status, answer in (
        ("the same", 200, {"form": "none_offered"}),
        ("an update", 200, {"form": "offered", "version": "3.5.1.1", "internal_url": URL, "external_url": OUTER}),
        ("an update of no version", 200, {"form": "offered", "internal_url": URL, "external_url": OUTER}),
        ("no answer of the service", 200, {"form": "not_xml"}),
        ("404", 404, None),
        ("nothing", None, None),
    ):
        story = reached().posts(**usual).answers(client_port=4000)
        story = story.posts(status, **host)
        if answer is not None:
            story = story.answers(purpose="host", client_port=5000, **answer)
        yield f"asked by the host's own name, {name}", story
    story = (
        reached().posts(**usual).answers(client_port=4000).posts(None, **host, failure="reset", reason="broken pipe")
    )
    yield "asked by the host's own name, for a reason", story
    story = reached().posts(**usual).answers(client_port=4000).posts(None, **{**host, "failure": "not_sent"})
    yield "asked by the host's own name, not sent", story
    story = reached().posts(404, **usual).posts(200, **host).answers(purpose="host", client_port=5000)
    yield "served by the host's own name alone", story
    for rcode, more in (
        ("NXDOMAIN", {}),
        ("NOERROR", {}),
        ("NOERROR", {"referred": True}),
        ("SERVFAIL", {}),
        (None, {"failure": "no_answer"}),
    ):
        for external in (False, True):
            story = active(external=external).found().connects().posts().offers().fetches()
            story = story.asks("ocsrp.fabrikam.com", rcode, purpose="other-side", **more)
            side = "outside" if external else "inside"
            yield f"host of the other side, {rcode}{' referred' * bool(more.get('referred'))}, {side}", story
    for addresses in ((POOL,), ("10.0.0.77",), (POOL, "10.0.0.77")):
        story = active().found().asks("x1y2.contoso.com", "NOERROR", *addresses, purpose="wildcard").updated()
        yield f"a wildcard that leads to {' and '.join(addresses)}", story


def _limits_of_time() -> Iterator[tuple[str, Story]]:
    # A phone that was hung up on tries the server's other port: for a minute that is no failure of its own.
    for seconds in (0, 59.8, 59.9, 60, 61):
        for port in (443, 80):
            story = leased().found().connects(client_port=5000)
            story = story.requests(None, client_port=5000, method=None, failure="closed", closed_by="server")
            yield (
                f"port {port} refused {seconds} s after a hang-up",
                story.wait(seconds).connects("refused", port=port).wait(60),
            )
    for seconds in (0, 1, 3, 5, 9, 10, 11, 30):
        yield f"a question {seconds} s before the end", leased().asks(NAME, None, failure=None).wait(seconds)
        twice = leased().asks(NAME, None, failure=None, attempts=2).wait(seconds)
        yield f"a question asked twice {seconds} s before the end", twice
        yield f"a SYN {seconds} s before the end", leased().found().connects("no_answer").wait(seconds)
        yield f"a POST {seconds} s before the end", leased().found().connects().posts(None).wait(seconds)
        hello = leased().found().connects(port=443).shakes("no_answer", stage="client_hello").wait(seconds)
        yield f"a ClientHello {seconds} s before the end", hello
    again = leased().asks(NAME, None).wait(5).found().wait(5).asks(NAME, None, failure=None)
    yield "silent, answered, silent at the end", again
    again = leased().asks(NAME, None).wait(5).asks(NAME, None).wait(5).asks(NAME, None, failure=None)
    yield "silent three times at the end", again
    again = leased().found().connects("no_answer").connects().connects("no_answer")
    yield "a SYN unanswered after one that was", again
    yield (
        "a file's host lost",
        leased().found().connects().posts().offers().asks("pool01.contoso.com", None, failure="lost").wait(20),
    )


def _by_dhcp() -> Iterator[tuple[str, Story]]:
    for name, transactions in {
        "two transactions": (1, 2),
        "one transaction": (1, 1),
        "no transactions": (None, None),
        "one without a transaction": (None, 2),
    }.items():
        first, second = transactions
        story = active().dhcp("discover", transaction=first)
        story = story.dhcp("discover", transaction=second, vendor_class="CPE-OCPhone")
        yield f"offered to a class alone, {name}", story.dhcp("offer", transaction=second)
        story = active().dhcp("discover", transaction=first, vendor_class="CPE-OCPhone")
        yield f"offered to all, {name}", story.dhcp("discover", transaction=second).dhcp("offer", transaction=first)
    for count in (7, 8, 9, 11):
        resolvers = tuple(f"10.0.1.{number}" for number in range(count))
        yield f"{count} resolvers", active(domain=None).dhcp("discover").dhcp("offer", resolvers=resolvers, domain=None)
        useless = tuple(f"127.0.0.{number}" for number in range(1, count + 1))
        yield f"{count} useless resolvers", active(domain=None).dhcp("discover").dhcp("offer", resolvers=useless)
    yield "the same resolver twice", active(domain=None).dhcp("discover").dhcp("offer", resolvers=("10.0.0.2",) * 2)
    held = watched().leased().dhcp("request", client_address=PHONE)
    yield "a renewal 5 s before the end", held.wait(5)


_PARTS = (_to_others, _sign_ins, _through_proxies, _compared, _limits_of_time, _by_dhcp)
BESIDE_TEXTS: dict[str, Story] = {name: story for part in _PARTS for name, story in part()}
