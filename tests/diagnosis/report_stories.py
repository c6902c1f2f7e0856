"""Stories for the judge's sentences: each variant of a sentence once. Their texts are in ``reports.txt``."""

from collections.abc import Iterator
from typing import Any

from tests.diagnosis.recorded_stories import active, leased, over_tls, reached, watched
from tests.diagnosis.story import LEGACY, NAME, OUTER, POOL, SERVER, URL, Certificate, Story
from ucdiag.model.observations import UpdateFile
from ucdiag.model.phone import Phone
from ucdiag.model.steps import Step

_ALIASES = tuple(f"a{number}.contoso.com" for number in range(16))
_SIP = "ucupdates-r2.fabrikam.com"


def _certificate(**more: Any) -> Certificate:
    return Certificate(subject="CN=pool", issuer="CN=root", signature="sha1WithRSAEncryption", **more)


# The answer of a nameserver: what a lookup is made with.
_LOOKUPS: dict[str, dict[str, Any]] = {
    "cut short, TCP silent": {"rcode": None, "truncated": True},
    "cut short, TCP closed": {"rcode": None, "truncated": True, "failure": "unreachable"},
    "cut short, TCP filtered": {"rcode": None, "truncated": True, "failure": "unreachable", "reason": "filtered"},
    "cut short, TCP not DNS": {"rcode": None, "truncated": True, "failure": "malformed", "server_port": 5353},
    "cut short, nothing over TCP": {"truncated": True, "seconds": 0.5},
    "not DNS": {"rcode": None, "failure": "malformed"},
    "nobody listens": {"rcode": None, "failure": "unreachable", "reason": "ICMP port unreachable from 10.0.0.2"},
    "nobody listens, no reason": {"rcode": None, "failure": "unreachable"},
    "no way there": {"rcode": None, "failure": "unreachable", "reason": "ICMP host unreachable from 10.0.0.254"},
    "silent at another port": {"rcode": None, "server_port": 5353, "seconds": None},
    "silent, unknown server": {"rcode": None, "server": None},
    "refused": {"rcode": "REFUSED"},
    "alias that does not exist": {"rcode": "NXDOMAIN", "aliases": ("a.contoso.com", "gone.contoso.com")},
    "missing": {"rcode": "NXDOMAIN"},
    "missing, no server known": {"rcode": "NXDOMAIN", "server": None},
    "server failure": {"rcode": "SERVFAIL"},
    "referred": {"referred": True},
    "alias of itself": {"aliases": (NAME.upper(),)},
    "aliases in a loop": {"aliases": ("a.contoso.com", "b.contoso.com", "a.contoso.com")},
    "chain too long": {"aliases": _ALIASES},
    "chain not too long": {"aliases": _ALIASES[:15]},
    "no record": {},
}
_ANSWERS: dict[str, tuple[str, ...]] = {
    "loopback": ("127.0.0.1",),
    "one of two is no host's": (POOL, "224.0.0.1"),
    "link-local": ("169.254.0.9",),
    "broadcast": ("255.255.255.255",),
    "no address": ("0.0.0.0",),
    "good": (POOL, "10.0.0.21"),
}
ALL_STATUSES = (101, 301, 304, 400, 401, 403, 404, 405, 407, 410, 500, 502, 503, 504, 599)
_FAILURES: dict[str, dict[str, Any]] = {
    "no answer": {},
    "no answer, with a reason": {"reason": "nothing came for 10 s"},
    "some bytes": {"answer_bytes": 1},
    "closed": {"failure": "closed"},
    "closed, as the source says": {"failure": "closed", "reason": "the server closed the connection"},
    "closed, for a reason": {"failure": "closed", "reason": "broken pipe"},
    "reset": {"failure": "reset"},
    "broken in TLS": {"failure": "tls", "reason": "bad record"},
    "not HTTP": {"failure": "not_http"},
    "not HTTP, as the source says": {
        "failure": "not_http",
        "reason": "what answered does not speak HTTP: SSH-2.0-OpenSSH",
    },
    "too large": {"failure": "too_large"},
    "too large, for a reason": {"failure": "too_large", "reason": "a header of 1 MB"},
    "headers not whole": {"failure": "incomplete", "answer_bytes": 12},
    "request not acknowledged": {"request_acked": False},
    "answer not acknowledged": {"answer_acked": False},
    "answer too late": {"answer_acked": False, "closed_by": "client", "seconds": 31.2},
    "not acknowledged, closed": {"failure": "closed", "request_acked": False},
    "not acknowledged, closed by the phone": {"failure": "reset", "answer_acked": False, "closed_by": "client"},
}
_CUT: dict[str, dict[str, Any]] = {
    "stalled": {"failure": "stalled", "announced_bytes": 900, "answer_bytes": 100},
    "stalled, length unknown": {"failure": "stalled", "answer_bytes": 1},
    "stalled, not acknowledged": {"failure": "stalled", "answer_acked": False},
    "closed": {"failure": "closed", "answer_bytes": 100, "announced_bytes": 900},
}
ALL_HANDSHAKES: dict[str, dict[str, Any]] = {
    "no answer": {"outcome": "no_answer"},
    "untrusted": {"outcome": "untrusted", "reason": "self-signed certificate"},
    "another name": {
        "outcome": "name_mismatch",
        "server_name": NAME,
        "chain": (_certificate(names=tuple(f"h{number}.contoso.com" for number in range(7))),),
    },
    "five other names": {
        "outcome": "name_mismatch",
        "server_name": NAME,
        "chain": (_certificate(names=tuple(f"h{number}.contoso.com" for number in range(5))),),
    },
    "no name at all": {"outcome": "name_mismatch", "server_name": NAME, "chain": (_certificate(),)},
    "another name, no chain": {"outcome": "name_mismatch", "server_name": NAME},
    "expired": {"outcome": "expired", "chain": (_certificate(not_after=1_600_000_000_000_000),)},
    "not yet valid": {"outcome": "not_yet_valid", "chain": (_certificate(not_before=1_900_000_000_000_000),)},
    "expired, no chain": {"outcome": "expired"},
    "version": {"outcome": "version"},
    "not TLS": {"outcome": "not_tls"},
    "alert": {"outcome": "alert", "alert": 40, "alert_from": "server", "stage": "client_hello"},
    "alert 45": {"outcome": "alert", "alert": 45, "alert_from": "client", "stage": "server_hello"},
    "alert 48": {"outcome": "alert", "alert": 48, "alert_from": "client", "stage": "certificate"},
    "alert 70": {"outcome": "alert", "alert": 70, "alert_from": "server", "stage": "client_hello"},
    "closed": {"outcome": "closed", "closed_by": "server", "stage": "client_hello"},
    "closed, with a reason": {"outcome": "closed", "closed_by": "client", "reason": "connection reset by peer"},
}
_TRANSFERS: dict[str, dict[str, Any]] = {
    "whole": {"outcome": "whole", "received_bytes": 20004, "seconds": 1.5},
    "truncated": {"outcome": "truncated", "received_bytes": 1, "announced_bytes": 20004},
    "truncated, as the source says": {"outcome": "truncated", "reason": "the server closed the connection"},
    "truncated, for a reason": {"outcome": "truncated", "reason": "broken pipe"},
    "partial": {"outcome": "partial", "reason": "206"},
    "stalled": {"outcome": "stalled", "received_bytes": 100, "reason": "nothing came for 10 s"},
    "empty": {"outcome": "empty", "status": 200},
    "html": {"outcome": "html", "status": 200, "reason": "an HTML page came"},
    "text": {"outcome": "text", "status": 200},
    "no host": {"outcome": "host_missing"},
    "no host, for a reason": {"outcome": "host_missing", "reason": "its host does not exist"},
    "no connection": {"outcome": "connect_failed", "reason": "refused", "server": "10.0.0.30"},
    "limited": {"outcome": "limited", "received_bytes": 1000},
    **{
        f"status {status}": {"outcome": "status", "status": status}
        for status in (302, 401, 403, 404, 499, 500, 599, 600)
    },
}
_FILES: dict[str, dict[str, Any]] = {
    "whole": {},
    "empty": {"answer_bytes": 0},
    "a page": {"html": True},
    "a message": {"answer_text": "404 file not found"},
    "unchanged": {"status": 304, "conditional": True},
    "a sign-in": {"status": 401},
    "server error": {"status": 500},
    "broken off": {"complete": False, "failure": "closed", "answer_bytes": 1, "announced_bytes": 5000},
    "stalled": {"complete": False, "failure": "stalled", "answer_bytes": 10},
    "never answered": {"status": None, "failure": "no_answer", "answer_bytes": 0},
    "not whole in the capture": {"complete": False, "lost_bytes": 10, "answer_bytes": 10},
    "cut by the snap length": {"complete": False, "lost_bytes": 1, "snapped": True, "answer_bytes": 10},
    "half in one part": {"status": 206, "content_range": "bytes 0-2499/5000", "answer_bytes": 2500},
    "all in one part": {"status": 206, "content_range": "bytes 0-4999/5000", "answer_bytes": 5000},
    "a part of unknown size": {"status": 206, "content_range": "bytes 100-199/*", "answer_bytes": 100},
    "a part that is not said": {"status": 206, "answer_bytes": 100},
}


def _asked(story: Story, **lookup: Any) -> Story:
    """A question, its answer given by ``lookup``."""
    return story.asks(lookup.pop("name", NAME), lookup.pop("rcode", "NOERROR"), **lookup)


def _active_texts() -> Iterator[tuple[str, Story]]:
    for name, lookup in _LOOKUPS.items():
        yield f"lookup, {name}", _asked(active(), **lookup)
    for name, addresses in _ANSWERS.items():
        yield f"addresses, {name}", active().asks(NAME, "NOERROR", *addresses, ttl=3600, aliases=("pool.contoso.com",))
    for status in ALL_STATUSES:
        more: dict[str, Any] = {"challenges": ("NTLM", "Basic")} if status == 401 else {}
        yield f"status {status}", reached().posts(status, reason="ignored", location="http://else.where/", **more)
    for status in (400, 500):
        yield f"status {status} to a guess", reached().posts(status, verified=False)
    for name, failure in _FAILURES.items():
        yield f"request, {name}", reached().posts(None, **{"failure": "no_answer", **failure})
    for name, cut in _CUT.items():
        yield f"answer, {name}", reached().posts(200, complete=False, **cut)
    for name, handshake in ALL_HANDSHAKES.items():
        yield f"handshake, {name}", active().found().connects(port=443).shakes(**handshake)
    for name, transfer in _TRANSFERS.items():
        yield f"file, {name}", reached().posts().offers().fetches(**transfer)
    for name, lookup in _LOOKUPS.items():
        story = reached().posts().offers()
        story = _asked(story, **{**lookup, "name": "pool01.contoso.com", "purpose": "file"})
        yield f"file's host, {name}", story.fetches("host_missing", reason="no address")
    yield "a part of an answer", reached().posts(206, content_range="bytes 0-9/100")
    yield "answer too large", reached().posts(200, complete=False, failure="too_large", answer_bytes=9_000_000)
    yield (
        "all that an answer names",
        reached().posts(403, server_header="IIS/7.5", retry_after="120", scheme="https", host="pool.contoso.com:443"),
    )
    yield "bare name", active().asks("ucupdates-r2", "NXDOMAIN", purpose="update")
    yield "another name", active(domain="contoso.com").asks("pool.contoso.com", "NXDOMAIN")
    yield "both names missing", active().asks(NAME, "NXDOMAIN").asks(LEGACY, "NXDOMAIN")
    yield "the older name only", active().asks(NAME, "NXDOMAIN").asks(LEGACY, "NOERROR", POOL, "10.0.0.21")
    sip = active(sip_domain="fabrikam.com").asks(NAME, "NXDOMAIN")
    yield "in the SIP domain only", sip.asks(_SIP, "NOERROR", POOL, purpose="sip")
    yield "in no domain", active(sip_domain="fabrikam.com").asks(NAME, "NXDOMAIN").asks(_SIP, "NXDOMAIN", purpose="sip")
    yield "two say the same", active().found().asks(NAME, "NOERROR", POOL, server="10.0.0.3").updated()
    three = active().found().asks(NAME, "NOERROR", POOL, server="10.0.0.3")
    yield "three say the same", three.asks(NAME, "NOERROR", POOL, server="10.0.0.4", server_port=5353).updated()
    yield "two disagree", active().found().asks(NAME, "NOERROR", "10.0.0.21", server="10.0.0.3").updated()
    yield "connection refused, for a reason", active().found().connects("refused", reason="RST", attempts=3)
    yield "connection silent", active().found().connects("no_answer", attempts=1, name=NAME, seconds=3.0)
    yield "another address differs", active().found(POOL, "10.0.0.21").updated().updated(server="10.0.0.21")
    both = active().found(POOL, "10.0.0.21").updated().connects(server="10.0.0.21").posts(server="10.0.0.21")
    yield "another address offers", both.offers(server="10.0.0.21").fetches()
    yield (
        "two of three in order",
        (
            active()
            .found(POOL, "10.0.0.21", "10.0.0.22")
            .updated()
            .updated("10.0.0.21")
            .connects("refused", "10.0.0.22")
        ),
    )
    yield "TLS in order", active().found().connects(port=443).shakes(version="TLSv1").posts(port=443, scheme="https")
    yield "no domain known", active(domain=None)
    yield "lease without a place", active(domain=None).lease(None, authority="resolver")
    yield "server given", active(domain=None, tested=frozenset(Step) - {Step.DHCP, Step.DNS}).updated()
    yield "DHCP alone", active(domain=None, tested=frozenset({Step.DHCP}))
    yield "DNS alone", active(tested=frozenset({Step.DNS})).found()
    yield "old firmware", active(phone=Phone(firmware="1.0.199.123")).asks(NAME, "NXDOMAIN").asks(LEGACY, "NXDOMAIN")
    yield from _active_dhcp()
    yield from _unsent()
    yield from _answers()


def _answers() -> Iterator[tuple[str, Story]]:
    for form in ("not_xml", "malformed", "empty", "unknown"):
        yield f"answer {form}", reached().posts().answers(form, excerpt="<html>" * 40)
        yield f"answer {form}, for a reason", reached().posts().answers(form, reason="line 3: bad")
    yield (
        "answer unknown, no more",
        reached().posts().answers("unknown", reason="nothing in it is of a Device Update Service"),
    )
    for name, internal, external in (
        ("both blank", "", ""),
        ("internal blank", "", OUTER),
        ("external blank", URL, ""),
        ("internal absent", None, OUTER),
        ("external absent", URL, None),
        ("internal unusable", "http:///x", OUTER),
        ("internal at loopback", "http://127.0.0.1/x", OUTER),
    ):
        yield f"offer, {name}", reached().posts().offers(internal, external, version="3.5.6907.35")
        yield f"offer outside, {name}", active(external=True).found().connects().posts().offers(internal, external)
    inner = (UpdateFile(name="CPE.nbt", internal_url="", external_url=OUTER),)
    yield "offer, blank in the file", reached().posts().offers(None, None, files=inner)


def _unsent() -> Iterator[tuple[str, Story]]:
    """What this machine could not send at each step, with a reason and without."""
    for name, why in {"": {}, ", for a reason": {"reason": "no route to host"}}.items():
        lost: dict[str, Any] = {"failure": "not_sent", "complete": False, **why}
        yield f"no question sent{name}", active().asks(NAME, None, failure="not_sent", **why)
        yield (
            f"no question sent over TCP{name}",
            active().asks(NAME, None, failure="not_sent", server_port=5353, transport="tcp", **why),
        )
        yield f"no SYN sent{name}", active().found().connects("not_sent", port=8080, **why)
        yield f"no hello sent{name}", active().found().connects(port=443).shakes("not_sent", **why)
        yield f"no request sent{name}", reached().posts(None, **lost)
        yield f"no file asked for{name}", reached().posts().offers().fetches("not_sent", **why)


def _active_dhcp() -> Iterator[tuple[str, Story]]:
    for name, offer in {
        "no domain": {"domain": None},
        "empty domain": {"domain": ""},
        "two domains": {"domain": "contoso.com fabrikam.com"},
        "no resolver": {"resolvers": ()},
        "unusable resolvers": {"resolvers": ("0.0.0.0", "127.0.0.1")},
        "one usable resolver": {"resolvers": ("0.0.0.0", "10.0.0.2")},
        "no server": {"server": None},
        "cut off": {"domain": None, "truncated": True},
        "no address": {"address": None},
    }.items():
        yield (
            f"offer with {name}",
            active(domain=None).dhcp("discover", transaction=7).dhcp("offer", transaction=7, **offer),
        )
        good = active(domain=None).dhcp("offer", server="10.0.0.9")
        yield f"offer with {name} beside another", good.dhcp("offer", **offer)
    for name, lease in {
        "no domain": {"domain": None},
        "empty domain": {"domain": ""},
        "two domains": {"domain": "contoso.com fabrikam.com"},
        "no resolver": {"resolvers": ()},
        "unusable resolver": {"resolvers": ("0.0.0.0",)},
        "all": {},
    }.items():
        yield f"lease with {name}", active(domain=None).lease(**lease)
        yield f"lease with {name}, --domain given", active(expected_domain="contoso.com").lease(**lease)
    silent = active().dhcp("discover", outcome="no_answer", vendor_class="CPE-OCPhone")
    yield "no answer in two ways", silent.dhcp("discover", outcome="no_answer", tag=20)
    yield "ACK to DISCOVER", active().dhcp("discover", transaction=7).dhcp("ack", transaction=7)
    yield "NAK to DISCOVER", active().dhcp("discover", transaction=7).dhcp("nak", transaction=7, server=None)
    many = active(domain=None)
    for number in range(10):
        many = many.dhcp("offer", server=f"10.0.1.{number}")
    yield "ten servers", many
    classes = active().dhcp("discover", transaction=1).dhcp("discover", transaction=2, vendor_class="CPE-OCPhone")
    yield "served to a class alone", classes.dhcp("offer", transaction=2)
    classes = active().dhcp("discover", transaction=1).dhcp("discover", transaction=2, vendor_class="CPE-OCPhone")
    yield "another domain to a class", classes.dhcp("offer", transaction=1).dhcp("offer", transaction=2, domain="b.com")
    yield "own lease differs", active(domain=None).lease("corp.contoso.com").dhcp("offer")
    yield "INFORM alone", active(domain=None).dhcp("inform").dhcp("ack", server=SERVER)


def _at_store(url: str = "http://files.contoso.com/fw") -> Story:
    """An update is offered at a host of its own, and the phone found the host."""
    return leased().found().connects().posts().offers(url, None).asks("files.contoso.com", "NOERROR", "10.0.0.30")


def _captured_files() -> Iterator[tuple[str, Story]]:
    waiting = leased().found().connects().posts().offers()
    yield "file's host silent at the end", waiting.asks("pool01.contoso.com", None, failure=None)
    for address in ("0.0.0.0", "127.0.0.1"):
        story = leased().found().connects().posts().offers()
        yield f"file's host at {address}", story.asks("pool01.contoso.com", "NOERROR", address).wait(20)
    for lost in (0, 12):
        yield (
            f"file without its request, {lost} bytes lost",
            _at_store().requests(server="10.0.0.30", method=None, lost_bytes=lost).wait(20),
        )
    for outcome in ("open", "refused", "no_answer", "unreachable", "unfinished"):
        for name in (None, "files.contoso.com"):
            story = _at_store().connects(outcome, server="10.0.0.30", name=name)
            yield f"file's connection {outcome}, name {name}, at the end", story
            story = _at_store().connects(outcome, server="10.0.0.30", name=name)
            yield f"file's connection {outcome}, name {name}", story.wait(20)
    for name, handshake in ALL_HANDSHAKES.items():
        story = _at_store("https://files.contoso.com/fw").connects(server="10.0.0.30", port=443)
        yield f"file's handshake, {name}", story.shakes(server="10.0.0.30", **handshake).wait(20)
    for outcome in ("complete", "unfinished"):
        for reason in (None, "12 bytes are missing"):
            for seconds in (0, 20):
                story = _at_store("https://files.contoso.com/fw").connects(server="10.0.0.30", port=443)
                story = story.shakes(outcome, server="10.0.0.30", reason=reason).wait(seconds)
                yield f"file's handshake {outcome}, {reason or 'no reason'}, {seconds} s later", story
    at_address = leased().found().connects().posts().offers("https://10.0.0.30/fw", None)
    yield (
        "encrypted at an address",
        at_address.connects(server="10.0.0.30", port=443).shakes(server="10.0.0.30").wait(9),
    )
    for seconds in (0, 20):
        head = leased().found().connects().posts().offers().gets()
        yield f"two files, {seconds} s later", head.gets(target="/DeviceUpdateFiles_Int/CPE.cat").wait(seconds)
        signature = (UpdateFile(name="CPE.nbt", signature="CPE.cat"),)
        story = leased().found().connects().posts().offers(files=signature)
        yield (
            f"the signature alone, {seconds} s later",
            story.gets(target="/DeviceUpdateFiles_Int/CPE.cat").wait(seconds),
        )


def _captured_requests() -> Iterator[tuple[str, Story]]:
    for name, lookup in _LOOKUPS.items():
        yield f"lookup, {name}", _asked(leased(), **lookup).wait(20)
    for name, addresses in _ANSWERS.items():
        yield f"addresses, {name}", leased().asks(NAME, "NOERROR", *addresses).wait(20)
    for status in ALL_STATUSES:
        yield f"status {status}", leased().found().connects().posts(status, reason="x" * 59).wait(20)
    yield "a long reason", leased().found().connects().posts(404, reason="x" * 60).wait(20)
    for name, failure in _FAILURES.items():
        request = {"failure": "no_answer", **failure}
        yield f"request, {name}", leased().found().connects().posts(None, **request).wait(20)
        yield f"request, {name}, at the end", leased().found().connects().posts(None, **request)
    for name, cut in _CUT.items():
        yield f"answer, {name}", leased().found().connects().posts(200, complete=False, **cut).wait(20)
        yield f"answer, {name}, at the end", leased().found().connects().posts(200, complete=False, **cut)
    for snapped in (False, True):
        lost = leased().found().connects().posts(200, complete=False, lost_bytes=12, snapped=snapped)
        yield f"answer with lost bytes{', snapped' * snapped}", lost.wait(20)


def _captured_handshakes() -> Iterator[tuple[str, Story]]:
    for name, handshake in ALL_HANDSHAKES.items():
        yield f"handshake, {name}", over_tls().shakes(**handshake).wait(20)
    for stage in (None, "client_hello", "server_hello", "certificate", "finished"):
        yield f"handshake ends after {stage}", over_tls().shakes("unfinished", stage=stage).wait(20)
        yield f"handshake goes on after {stage}", over_tls().shakes("unfinished", stage=stage)
    yield "handshake with a gap", over_tls().shakes("unfinished", reason="12 bytes are missing").wait(20)
    yield "encrypted", over_tls().shakes(version="TLSv1").wait(20)
    for outcome in ("unfinished", "no_answer", "refused", "unreachable"):
        yield f"connection {outcome}", leased().found().connects(outcome, attempts=2, reason="ICMP").wait(20)
        yield f"connection {outcome} at the end", leased().found().connects(outcome)


def _captured_file_answers() -> Iterator[tuple[str, Story]]:
    for name, got in _FILES.items():
        more = {"status": 200, **got}
        fetched = leased().found().connects().posts().offers().gets(**more)
        yield f"file, {name}", fetched.wait(20)
        yield f"file, {name}, at the end", leased().found().connects().posts().offers().gets(**more)
    for name, lookup in _LOOKUPS.items():
        story = leased().found().connects().posts().offers()
        yield f"file's host, {name}", _asked(story, **{**lookup, "name": "pool01.contoso.com"}).wait(20)
    yield from _captured_files()


def _captured_leases() -> Iterator[tuple[str, Story]]:
    for name, ack in {
        "no domain": {"domain": None},
        "empty domain": {"domain": ""},
        "two domains": {"domain": "contoso.com fabrikam.com"},
        "no resolver": {"resolvers": ()},
        "unusable resolver": {"resolvers": ("0.0.0.0",)},
        "no server": {"server": None},
        "no resolver asked for": {"resolvers": (), "requested": ()},
        "cut off": {"domain": None, "truncated": True},
    }.items():
        yield f"lease with {name}", watched().leased(**ack).wait(20)
    yield (
        "lease not asked with option 15",
        watched().dhcp("request", requested=(1, 3)).dhcp("ack", domain=None).wait(20),
    )
    yield "refused", watched().dhcp("request").dhcp("nak").wait(20)
    yield "refused and silent", watched().dhcp("request").dhcp("nak").dhcp("discover").wait(20)
    yield "refused by an unknown server", watched().dhcp("request").dhcp("nak", server=None).wait(20)
    yield "DHCP silent", watched().dhcp("discover").dhcp("discover", vendor_class="CPE-OCPhone", tag=20).wait(20)
    yield "DHCP silent at the end", watched().dhcp("discover").dhcp("request")
    yield "renewal silent", watched().leased().dhcp("request", client_address="10.0.0.7").wait(20)
    yield "lease over", watched().leased(lease_seconds=10).wait(60).dhcp("request", client_address="10.0.0.7").wait(20)
    yield "voice VLAN silent", watched().leased(vlan=20).dhcp("release").dhcp("discover", tag=20).wait(20)
    yield "going to the voice VLAN", watched().leased(vlan=20).dhcp("release").wait(1)
    yield "left for the voice VLAN", watched().leased(vlan=20).dhcp("release").wait(20)


def _captured_ends() -> Iterator[tuple[str, Story]]:
    way = {"server": "10.0.0.2", "port": 53, "client_port": None, "reason": "ARP was not answered", "attempts": 3}
    for name, ack in {"": {}, ", no domain": {"domain": None}, ", two domains": {"domain": "a.com b.com"}}.items():
        yield f"no way to the DNS server{name}", watched().leased(**ack).connects("unreachable", **way).wait(20)
    for name, first, second in (("before", _SIP, NAME), ("behind", NAME, _SIP), ("before and behind", _SIP, _SIP)):
        moved = leased().asks(first, "NOERROR", POOL).updated().wait(5).leased(domain="corp.contoso.com")
        yield f"another domain {name} another lease", moved.asks(second, "NOERROR", POOL).updated().wait(20)
    for sent in (0, 1, 99, 100, 199, 200, 255, 256, 511, 512, 1023, 1024):
        logged = watched(from_logs=True, logs_files=True).posts().offers()
        yield f"file of {sent} bytes in a log", logged.gets(answer_bytes=sent).wait(20)
    for name, story in {
        "nothing": watched(),
        "DHCP alone": leased(),
        "DNS alone": leased().found(),
        "connection alone": leased().found().connects(),
        "offer alone": leased().found().connects().posts().offers(),
    }.items():
        yield f"{name} at the end", story
    for name, story in {
        "nothing": watched(),
        "DHCP alone": leased(),
        "DNS alone": leased().found(),
        "connection alone": leased().found().connects(),
        "offer alone": leased().found().connects().posts().offers(),
    }.items():
        yield name, story.wait(20)
        yield f"{name}, with lost packets", story.lost(1234)
    back_and_forth = leased().found()
    for status in (503, 200, 503, 200, 503):
        back_and_forth = back_and_forth.connects().posts(status)
    yield "requests fail now and then", back_and_forth.wait(20)


def _captured_texts() -> Iterator[tuple[str, Story]]:
    yield from _captured_requests()
    yield from _captured_handshakes()
    yield from _captured_file_answers()
    yield from _captured_leases()
    yield from _captured_ends()


ACTIVE_TEXTS: dict[str, Story] = dict(_active_texts())
CAPTURED_TEXTS: dict[str, Story] = dict(_captured_texts())
