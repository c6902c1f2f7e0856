"""Recorded stories, active and from captures: each with its verdict and all its findings."""

from dataclasses import replace
from typing import Any

from tests.diagnosis.story import (
    LEGACY,
    NAME,
    OUTER,
    PHONE,
    POOL,
    SERVER,
    START,
    URL,
    Certificate,
    Story,
)
from ucdiag.model.observations import Http, UpdateFile
from ucdiag.model.phone import Phone
from ucdiag.model.steps import STEPS, Step

NO_UPDATE = {"no-update-offered"}
NBT = f"/{URL.split('/', 3)[3]}/CPE.nbt"
SIGNED = (UpdateFile(name="CPE.nbt", signature="CPE.cat"),)
CAT = f"/{URL.split('/', 3)[3]}/CPE.cat"
SHA2 = (Certificate(subject="CN=pool", issuer="CN=root", signature="sha256WithRSAEncryption"),)
EXPIRED = (replace(SHA2[0], not_after=START - 86_400_000_000),)
SHA1 = (Certificate(subject="CN=pool", issuer="CN=root", signature="sha1WithRSAEncryption"),)


def active(**setting: Any) -> Story:
    return Story(**setting)


def watched(**setting: Any) -> Story:
    return Story(from_capture=True, **setting)


def oldest(**setting: Any) -> Story:
    """The firmware in which the check by DNS was disabled."""
    return active(phone=Phone(firmware="1.0.199.123"), **setting)


def reached() -> Story:
    return active().found().connects()


# (story, (status, step, code), all finding codes)
def signed_in_outside(status: int | None, became: str, **more: Any) -> Story:
    story = active(external=True).found().connects(port=443).shakes()
    story = story.posts(401, port=443, target="/RequestHandlerExt/ucdevice.upx", challenges=("NTLM",))
    return story.posts(status, port=443, target="/RequestHandlerExt/ucdevice.upx", sign_in=became, **more)


ACTIVE: dict[str, tuple[Story, tuple[str, str | None, str | None], set[str]]] = {
    "no update": (active().found().updated(), ("whole", None, "no-update-offered"), NO_UPDATE),
    "update arrives": (reached().posts().offers().fetches(), ("whole", None, None), set()),
    "no answer from DHCP": (
        active().dhcp("discover", outcome="no_answer"),
        ("broken", "dhcp", "dhcp-no-answer"),
        {"dhcp-no-answer"},
    ),
    "lease without domain": (active(domain=None).lease(None), ("broken", "dhcp", "dhcp-no-domain"), {"dhcp-no-domain"}),
    "lease with empty domain": (
        active(domain=None).lease(""),
        ("broken", "dhcp", "dhcp-no-domain"),
        {"dhcp-no-domain"},
    ),
    "lease whose place cannot tell the domain": (
        active().lease(None, unknown=("domain",)).found().updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "two names in option 15": (
        active(domain=None).lease("contoso.com fabrikam.com"),
        ("broken", "dhcp", "dhcp-domain-unusable"),
        {"dhcp-domain-unusable"},
    ),
    "lease without resolver": (
        active().lease(resolvers=()),
        ("broken", "dhcp", "dhcp-no-resolver"),
        {"dhcp-no-resolver"},
    ),
    "domain not the expected one": (
        active(expected_domain="contoso.com").lease("corp.contoso.com").found().updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dhcp-domain-unexpected"},
    ),
    "two DHCP servers, two domains": (
        active().dhcp("offer").dhcp("offer", server="10.0.0.9", domain="lab.local").found().updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dhcp-domains-differ"},
    ),
    "one of two DHCP servers gives no domain": (
        active().dhcp("offer", domain=None).dhcp("offer", server="10.0.0.9"),
        ("broken", "dhcp", "dhcp-no-domain"),
        {"dhcp-no-domain"},
    ),
    "INFORM not answered, the machine has a lease": (
        active().lease().dhcp("inform", outcome="no_answer").found().updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "INFORM answered, no offer to the phone": (
        active().lease().dhcp("inform").dhcp("ack").dhcp("discover", outcome="no_answer"),
        ("broken", "dhcp", "dhcp-no-answer"),
        {"dhcp-no-answer"},
    ),
    "one class of three answered": (
        active()
        .dhcp("discover", vendor_class="CPE-OCPhone", outcome="no_answer")
        .dhcp("discover")
        .dhcp("offer")
        .found()
        .updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "an offer that was cut off": (
        active().dhcp("offer", domain=None, truncated=True).found().updated(),
        ("unknown", "dhcp", "dhcp-malformed"),
        set(),
    ),
    "an offer that was cut off behind all that matters": (
        active().dhcp("offer", truncated=True).found().updated(),
        ("unknown", "dhcp", "dhcp-malformed"),
        set(),
    ),
    "an offer that was cut off within a bad domain": (
        active().dhcp("offer", domain="contoso com", truncated=True),
        ("broken", "dhcp", "dhcp-domain-unusable"),
        {"dhcp-domain-unusable"},
    ),
    "r2 missing": (
        active().asks(NAME, "NXDOMAIN").asks(LEGACY, "NXDOMAIN"),
        ("broken", "dns", "dns-r2-missing"),
        {"dns-r2-missing"},
    ),
    "legacy only": (
        active().asks(NAME, "NXDOMAIN").asks(LEGACY, "NOERROR", POOL),
        ("broken", "dns", "dns-legacy-only"),
        {"dns-legacy-only"},
    ),
    "in the SIP domain only": (
        active(sip_domain="fabrikam.com")
        .asks(NAME, "NXDOMAIN")
        .asks(LEGACY, "NXDOMAIN")
        .asks("ucupdates-r2.fabrikam.com", "NOERROR", POOL, purpose="sip"),
        ("broken", "dns", "dns-sip-domain-only"),
        {"dns-sip-domain-only"},
    ),
    "no data": (active().asks(NAME, "NOERROR"), ("broken", "dns", "dns-no-address"), {"dns-no-address"}),
    "dangling alias": (
        active().asks(NAME, "NXDOMAIN", aliases=("gone.contoso.com",)),
        ("broken", "dns", "dns-no-address"),
        {"dns-no-address"},
    ),
    "SERVFAIL": (active().asks(NAME, "SERVFAIL"), ("broken", "dns", "dns-server-failure"), {"dns-server-failure"}),
    "FORMERR": (active().asks(NAME, "FORMERR"), ("broken", "dns", "dns-server-failure"), {"dns-server-failure"}),
    "REFUSED": (active().asks(NAME, "REFUSED"), ("broken", "dns", "dns-refused"), {"dns-refused"}),
    "DNS silent": (active().asks(NAME, None), ("broken", "dns", "dns-no-answer"), {"dns-no-answer"}),
    "DNS answered from elsewhere": (
        active().asks(NAME, None, failure="elsewhere", answer_from="10.0.0.3", answer_from_port=53),
        ("broken", "dns", "dns-answer-from-elsewhere"),
        {"dns-answer-from-elsewhere"},
    ),
    "firmware that never asks, whole by DNS": (
        oldest().found().updated(),
        ("unknown", "dns", "firmware-needs-sign-in"),
        NO_UPDATE | {"firmware-needs-sign-in"},
    ),
    "firmware that never asks, no record": (
        oldest().asks(NAME, "NXDOMAIN").asks(LEGACY, "NXDOMAIN"),
        ("unknown", "dns", "firmware-needs-sign-in"),
        {"firmware-needs-sign-in"},
    ),
    "firmware that never asks, DNS silent": (
        oldest().asks(NAME, None),
        ("unknown", "dns", "firmware-needs-sign-in"),
        {"firmware-needs-sign-in", "dns-no-answer"},
    ),
    "firmware that never asks, server refuses": (
        oldest().found().connects("refused"),
        ("unknown", "dns", "firmware-needs-sign-in"),
        {"firmware-needs-sign-in", "connect-refused"},
    ),
    "firmware that never asks, no lease": (
        oldest().dhcp("discover", outcome="no_answer"),
        ("broken", "dhcp", "dhcp-no-answer"),
        {"dhcp-no-answer"},
    ),
    "firmware that never asks, server given": (
        oldest(domain=None, tested=frozenset(STEPS) - {Step.DNS}).asks("pool01.contoso.com", "NOERROR", POOL).updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "firmware that never asks, names alone": (
        oldest(tested=frozenset({Step.DNS}), command="check-dns").found(),
        ("unknown", "dns", "firmware-needs-sign-in"),
        {"firmware-needs-sign-in"},
    ),
    "first nameserver silent, second fine": (
        active().asks(NAME, None, server="10.0.0.3").found().updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dns-no-answer"},
    ),
    "first nameserver denies, second knows": (
        active().asks(NAME, "NXDOMAIN", server="10.0.0.3").found(),
        ("broken", "dns", "dns-r2-missing"),
        {"dns-r2-missing", "dns-servers-disagree"},
    ),
    "loopback address": (active().found("127.0.0.1"), ("broken", "dns", "dns-bad-address"), {"dns-bad-address"}),
    "wildcard": (
        active().found().asks("ucdiag-x.contoso.com", "NOERROR", POOL, purpose="wildcard").updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dns-wildcard"},
    ),
    "refused": (active().found().connects("refused"), ("broken", "connect", "connect-refused"), {"connect-refused"}),
    "dropped": (
        active().found().connects("no_answer"),
        ("broken", "connect", "connect-no-answer"),
        {"connect-no-answer"},
    ),
    "no route": (
        active().found().connects("unreachable"),
        ("broken", "connect", "connect-unreachable"),
        {"connect-unreachable"},
    ),
    "port 80 fine, port 443 closed": (
        active().found().updated().connects("refused", port=443),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "port 80 closed, port 443 fine": (
        active().found().connects("refused").connects(port=443).shakes().posts(port=443).answers(port=443),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"connect-refused"},
    ),
    "port 80 closed, port 443 too": (
        active().found().connects("no_answer").connects("refused", port=443),
        ("broken", "connect", "connect-no-answer"),
        {"connect-no-answer"},
    ),
    "one of two addresses refuses": (
        active().found(POOL, "10.0.0.21").updated().connects("refused", server="10.0.0.21"),
        ("broken", "connect", "connect-refused"),
        {"connect-refused"},
    ),
    "failed once, then worked": (
        active().found().connects().posts(503).updated(),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"http-unavailable"},
    ),
    "SHA-2 chain on port 80 site": (
        active().found().updated().connects(port=443).shakes(chain=SHA2).posts(404, port=443),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "SHA-2 chain": (
        active().found().connects(port=443).shakes(chain=SHA2).posts(port=443).answers(port=443),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"tls-sha2-chain"},
    ),
    "SHA-1 chain": (
        active().found().connects(port=443).shakes(chain=SHA1).posts(port=443).answers(port=443),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    **{
        f"TLS {outcome}": (
            active().found().connects(port=443).shakes(outcome),
            ("broken", "tls", code),
            {code},
        )
        for outcome, code in {
            "no_answer": "tls-no-answer",
            "version": "tls-version",
            "untrusted": "tls-untrusted",
            "name_mismatch": "tls-name-mismatch",
            "expired": "tls-expired",
            "not_yet_valid": "tls-not-yet-valid",
            "alert": "tls-handshake",
            "closed": "tls-handshake",
            "not_tls": "tls-handshake",
            "failed": "tls-handshake",
        }.items()
    },
    **{
        f"HTTP {status}": (reached().posts(status), ("broken", "request", code), {code})
        for status, code in {
            301: "http-redirected",
            302: "http-redirected",
            307: "http-redirected",
            400: "http-status",
            401: "http-auth-required",
            403: "http-forbidden",
            404: "http-not-found",
            405: "http-method-refused",
            407: "http-proxy-auth",
            418: "http-status",
            500: "http-server-error",
            501: "http-status",
            502: "http-unavailable",
            503: "http-unavailable",
            504: "http-unavailable",
        }.items()
    },
    **{
        f"{status} to a guess": (
            reached().posts(status, verified=False),
            ("unknown", "request", "http-status"),
            {"http-status"},
        )
        for status in (400, 415)
    },
    "415 to a phone's request": (reached().posts(415), ("broken", "request", "http-status"), {"http-status"}),
    "500 to a guess": (
        reached().posts(500, verified=False),
        ("unknown", "request", "http-server-error"),
        {"http-server-error"},
    ),
    "404 to a guess": (
        reached().posts(404, verified=False),
        ("broken", "request", "http-not-found"),
        {"http-not-found"},
    ),
    "no answer": (reached().posts(None), ("broken", "request", "http-no-answer"), {"http-no-answer"}),
    "closed": (reached().posts(None, failure="closed"), ("broken", "request", "http-closed"), {"http-closed"}),
    "cut": (
        reached().posts(200, complete=False, failure="closed"),
        ("broken", "request", "http-closed"),
        {"http-closed"},
    ),
    "not HTTP": (reached().posts(None, failure="not_http"), ("broken", "request", "http-not-http"), {"http-not-http"}),
    "outside, nobody signed in": (
        active(external=True)
        .found()
        .connects(port=443)
        .shakes()
        .posts(401, port=443, target="/RequestHandlerExt/ucdevice.upx", challenges=("NTLM",)),
        ("unknown", "request", "external-sign-in-needed"),
        {"external-sign-in-needed"},
    ),
    "outside, wrong password": (
        signed_in_outside(401, "refused", challenges=("NTLM",)),
        ("unknown", "request", "external-sign-in-refused"),
        {"external-sign-in-refused"},
    ),
    "outside, a channel binding is wanted": (
        signed_in_outside(401, "binding-wanted", challenges=("NTLM",)),
        ("unknown", "request", "external-sign-in-binding"),
        {"external-sign-in-binding"},
    ),
    "outside, the sign-in is not continued": (
        signed_in_outside(401, "not-continued", challenges=("NTLM",)),
        ("unknown", "request", "external-sign-in-needed"),
        {"external-sign-in-needed"},
    ),
    "outside, hung up in the sign-in": (
        signed_in_outside(None, "closed", failure="closed"),
        ("broken", "request", "http-closed"),
        {"http-closed"},
    ),
    "outside, Basic": (
        active(external=True)
        .found()
        .connects(port=443)
        .shakes()
        .posts(401, port=443, target="/RequestHandlerExt/ucdevice.upx", challenges=("Basic",)),
        ("broken", "request", "http-auth-required"),
        {"http-auth-required"},
    ),
    "HTML": (reached().posts().answers("not_xml"), ("broken", "response", "response-not-xml"), {"response-not-xml"}),
    "broken XML": (
        reached().posts().answers("malformed"),
        ("broken", "response", "response-malformed"),
        {"response-malformed"},
    ),
    "empty": (reached().posts().answers("empty"), ("broken", "response", "response-malformed"), {"response-malformed"}),
    "strange XML": (
        reached().posts().answers("unknown"),
        ("broken", "response", "response-unknown"),
        {"response-unknown"},
    ),
    "endless": (
        reached().posts(200, complete=False, failure="too_large"),
        ("broken", "response", "response-unknown"),
        {"response-unknown"},
    ),
    "both URLs blank": (
        reached().posts().offers("", ""),
        ("broken", "response", "response-urls-blank"),
        {"response-urls-blank"},
    ),
    "internal URL blank": (
        reached().posts().offers(""),
        ("broken", "response", "response-internal-url-blank"),
        {"response-internal-url-blank"},
    ),
    "external URL blank": (
        reached().posts().offers(URL, "").fetches(),
        ("whole", None, None),
        {"response-external-url-blank"},
    ),
    "external URL absent": (
        reached().posts().offers(URL, None).fetches(),
        ("whole", None, None),
        {"response-external-url-blank"},
    ),
    "outside, external URL blank": (
        active(external=True).found().connects(port=443).shakes().posts(port=443).offers(URL, "", port=443),
        ("broken", "response", "response-external-url-blank"),
        {"response-external-url-blank"},
    ),
    "outside, internal URL blank": (
        active(external=True).found().connects(port=443).shakes().posts(port=443).offers("", OUTER, port=443).fetches(),
        ("whole", None, None),
        {"response-internal-url-blank"},
    ),
    "relative URL": (
        reached().posts().offers("/files"),
        ("broken", "response", "response-url-unusable"),
        {"response-url-unusable"},
    ),
    "share instead of URL": (
        reached().posts().offers("file://server/share"),
        ("broken", "response", "response-url-unusable"),
        {"response-url-unusable"},
    ),
    **{
        f"file {outcome} {more}": (
            reached().posts().offers().fetches(outcome, **more),
            ("broken", "download", code),
            {code},
        )
        for outcome, more, code in [
            ("host_missing", {}, "download-host-missing"),
            ("connect_failed", {}, "download-connect-failed"),
            ("status", {"status": 404}, "download-not-found"),
            ("status", {"status": 401}, "download-refused"),
            ("status", {"status": 403}, "download-refused"),
            ("status", {"status": 500}, "download-server-error"),
            ("status", {"status": 302}, "download-status"),
            ("truncated", {}, "download-truncated"),
            ("stalled", {}, "download-stalled"),
            ("empty", {}, "download-empty"),
            ("html", {}, "download-not-firmware"),
        ]
    },
    "file not wanted": (
        active(whole_file=False).found().connects().posts().offers(),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "only the beginning of the file wanted": (
        active(whole_file=False).found().connects().posts().offers().fetches("limited", received_bytes=1000),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
}


def leased() -> Story:
    return watched().leased()


def over_tls() -> Story:
    offer = leased().found().connects().posts().offers("https://pool01.contoso.com/files")
    return offer.asks("pool01.contoso.com", "NOERROR", POOL)


def at_root(**offer: Any) -> Story:
    return leased().found().connects().posts().offers("http://pool01.contoso.com/", **offer)


def served() -> Story:
    return leased().found().updated()


def offered() -> Story:
    return leased().found().connects().posts().offers()


def part(first: int, last: int, total: int = 5000) -> dict[str, Any]:
    return {"content_range": f"bytes {first}-{last}/{total}", "answer_bytes": last - first + 1}


HEAD = Http(
    time=0,
    client=PHONE,
    server=POOL,
    port=80,
    method="HEAD",
    host="pool01.contoso.com",
    target=NBT,
    status=200,
    announced_bytes=5000,
    complete=True,
)


CAPTURED: dict[str, tuple[Story, tuple[str, str | None, str | None], set[str]]] = {
    "no update": (leased().found().updated().wait(10), ("whole", None, "no-update-offered"), NO_UPDATE),
    "update arrives": (
        leased().found().connects().posts().offers().asks("pool01.contoso.com", "NOERROR", POOL).gets().wait(10),
        ("whole", None, None),
        set(),
    ),
    "two files": (
        leased().found().connects().posts().offers().gets().gets(target=f"/{URL.split('/', 3)[3]}/CPE.cat").wait(10),
        ("whole", None, None),
        set(),
    ),
    **{
        f"the firmware file {what}, its signature file arrives": (
            leased().found().connects().posts().offers().gets(status, **more).gets(target=CAT).wait(20),
            ("broken", "download", code),
            {code},
        )
        for what, status, more, code in [
            ("is not there", 404, {}, "download-not-found"),
            ("breaks off", 200, {"complete": False, "failure": "closed"}, "download-truncated"),
            ("stalls", 200, {"complete": False}, "download-stalled"),
        ]
    },
    "outside, the phone's account is refused": (
        leased()
        .found()
        .connects()
        .posts(401, target="/RequestHandlerExt/ucdevice.upx", challenges=("NTLM",))
        .posts(401, target="/RequestHandlerExt/ucdevice.upx", challenges=("NTLM",), sign_in="refused")
        .wait(20),
        ("unknown", "request", "external-sign-in-refused"),
        {"external-sign-in-refused"},
    ),
    "outside, the phone's account is refused, and then taken": (
        leased()
        .found()
        .connects()
        .posts(401, target="/RequestHandlerExt/ucdevice.upx", challenges=("NTLM",), sign_in="refused")
        .posts(200, target="/RequestHandlerExt/ucdevice.upx")
        .answers()
        .wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "the signature file is not there, the firmware file arrives": (
        leased().found().connects().posts().offers().gets(404, target=CAT).gets().wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "only the signature file is fetched": (
        leased().found().connects().posts().offers(files=SIGNED).gets(target=CAT).wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "only the signature file is fetched so far": (
        leased().found().connects().posts().offers(files=SIGNED).gets(target=CAT).wait(2),
        ("unknown", "download", "capture-too-short"),
        {"capture-too-short"},
    ),
    "a file is fetched, and which one signs it was not said": (
        leased().found().connects().posts().offers().gets(target=CAT).wait(20),
        ("whole", None, None),
        set(),
    ),
    "both files in another spelling": (
        leased()
        .found()
        .connects()
        .posts()
        .offers(files=SIGNED)
        .gets(target=CAT)
        .gets(target=NBT.replace("CPE.nbt", "cpe%2Enbt"))
        .wait(20),
        ("whole", None, None),
        set(),
    ),
    "the file arrives in parts, in any order": (
        offered().gets(206, **part(0, 1999)).gets(206, **part(4000, 4999)).gets(206, **part(2000, 3999)).wait(20),
        ("whole", None, None),
        set(),
    ),
    "the file arrives in one part": (offered().gets(206, **part(0, 4999)).wait(20), ("whole", None, None), set()),
    "half of the file is fetched": (
        offered().gets(206, **part(0, 1999)).wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "the middle of the file is not fetched": (
        offered().gets(206, **part(0, 1999)).gets(206, **part(3000, 4999)).wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "half of the file is fetched so far": (
        offered().gets(206, **part(0, 1999)).wait(2),
        ("unknown", "download", "capture-too-short"),
        {"capture-too-short"},
    ),
    "part of a file of another size": (
        offered().gets(206, **part(0, 1999)).gets(206, **part(2000, 4999, 6000)).wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "a part that does not say which": (
        offered().gets(206, content_range="bytes 0-").wait(20),
        ("unknown", "download", "part-unknown"),
        set(),
    ),
    "the second part breaks off": (
        offered().gets(206, **part(0, 1999)).gets(206, **part(2000, 4999), complete=False, failure="closed").wait(20),
        ("broken", "download", "download-truncated"),
        {"download-truncated"},
    ),
    "the file breaks off, and the rest of it is fetched": (
        offered()
        .gets(200, complete=False, failure="closed", answer_bytes=2000, announced_bytes=5000)
        .gets(206, **part(2000, 4999))
        .gets(416)
        .wait(20),
        ("whole", None, None),
        {"download-truncated"},
    ),
    "the file breaks off, and not all of the rest is fetched": (
        offered()
        .gets(200, complete=False, failure="closed", answer_bytes=2000, announced_bytes=5000)
        .gets(206, **part(2100, 4999))
        .wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried", "download-truncated"},
    ),
    "only asked about": (
        offered().add(HEAD).wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "asked about before and after it was fetched": (
        offered().add(HEAD).gets().add(HEAD).gets(304).wait(20),
        ("whole", None, None),
        set(),
    ),
    "the phone has the file already": (
        offered().gets(304, answer_bytes=0).wait(20),
        ("whole", None, None),
        set(),
    ),
    "the file fails, and then it is what the phone has": (
        offered().gets(503).wait(20).gets(304, answer_bytes=0).wait(20),
        ("whole", None, None),
        {"download-server-error"},
    ),
    "the file breaks off, and what the phone has of it is not told": (
        offered()
        .gets(200, complete=False, failure="closed", answer_bytes=2000, announced_bytes=5000)
        .gets(304, answer_bytes=0)
        .wait(20),
        ("broken", "download", "download-truncated"),
        {"download-truncated"},
    ),
    "asked about, and not there": (
        offered().add(HEAD).gets(404).wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "the file fails, and a day later nothing is offered": (
        offered().gets(404).wait(86000).found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"download-not-found"},
    ),
    "the phone restarts while the file stalls, and is offered nothing any more": (
        offered().gets(200, complete=False).wait(20).leased().found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"download-stalled"},
    ),
    "the host of the file is missing, and a day later nothing is offered": (
        offered().asks("pool01.contoso.com", "NXDOMAIN").wait(86000).found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"download-host-missing"},
    ),
    "the file fails, and another one is offered and fetched": (
        offered()
        .gets(404)
        .wait(600)
        .posts()
        .offers("http://pool01.contoso.com/other")
        .gets(target="/other/CPE.nbt")
        .wait(20),
        ("whole", None, None),
        {"download-not-found"},
    ),
    "the file fails, another one is offered and is not fetched": (
        offered().gets(404).wait(600).posts().offers("http://pool01.contoso.com/other").wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-found", "download-not-tried"},
    ),
    "the file fails, is offered again and not asked for again": (
        offered().gets(404).wait(600).posts().offers().wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "nothing is offered, then an update whose file fails": (
        leased().found().updated().wait(600).posts().offers().gets(404).wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "the file breaks off after another answer offers nothing": (
        offered()
        .gets(200, complete=False, failure="closed", last_time=START + 60_000_000)
        .wait(10)
        .posts()
        .answers()
        .wait(100),
        ("broken", "download", "download-truncated"),
        {"download-truncated", "no-update-offered"},
    ),
    "the server fails, and a connection is opened and left at that": (
        leased().found().connects().posts(503).wait(30).connects().wait(30),
        ("broken", "request", "http-unavailable"),
        {"http-unavailable"},
    ),
    "refused, and asked DNS again": (
        leased().found().connects("refused").wait(30).found().wait(30),
        ("broken", "connect", "connect-refused"),
        {"connect-refused"},
    ),
    "the name was missing, is found, and is not connected to": (
        leased().asks(NAME, "NXDOMAIN").wait(600).found().wait(20),
        ("unknown", "connect", "connect-not-tried"),
        {"dns-r2-missing", "connect-not-tried"},
    ),
    **{
        f"nothing newer, and then {what}": (story, ("whole", None, "no-update-offered"), NO_UPDATE)
        for what, story in [
            ("a connection left idle", served().wait(60).connects().wait(30)),
            ("a connection left idle so far", served().wait(60).connects().wait(1)),
            ("a question to DNS", served().wait(60).found().wait(30)),
            ("a question to DNS just now", served().wait(60).asks(NAME, None, failure=None).wait(1)),
            ("a SYN at the end", served().wait(60).found().connects("unfinished").wait(0.1)),
            ("a request at the end", served().wait(60).found().connects().posts(None, failure=None).wait(0.1)),
            ("a DHCP request at the end", served().wait(600).dhcp("discover").wait(0.1)),
            ("a handshake that the capture lacks", served().shakes("unfinished", reason="bytes are missing").wait(20)),
        ]
    },
    **{
        f"the file arrives, and then {what}": (story, ("whole", None, None), set())
        for what, story in [
            ("a connection left idle", offered().gets().wait(60).connects().wait(30)),
            ("a question to DNS", offered().gets().wait(60).found().wait(30)),
            ("the same offer again", offered().gets().wait(60).posts().offers().wait(30)),
            ("the same offer just now", offered().gets().wait(60).posts().offers().wait(1)),
        ]
    },
    "nothing newer, and then an offer at the end": (
        served().wait(600).posts().offers().wait(1),
        ("unknown", "download", "capture-too-short"),
        {"capture-too-short"},
    ),
    "the file arrives, and then another offer": (
        offered().gets().wait(60).posts().offers("http://pool01.contoso.com/other").wait(30),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "nothing newer, and then an answer that the capture lacks": (
        served().wait(600).posts(lost_bytes=500).wait(20),
        ("unknown", "response", "capture-gap"),
        NO_UPDATE | {"capture-gap"},
    ),
    "nothing newer, then refused, and a SYN at the end": (
        served().wait(600).connects("refused").wait(20).connects("unfinished").wait(0.1),
        ("unknown", "connect", "capture-too-short"),
        NO_UPDATE | {"capture-too-short", "connect-refused"},
    ),
    "nothing newer, then refused": (
        served().wait(600).connects("refused").wait(20),
        ("broken", "connect", "connect-refused"),
        {"connect-refused"},
    ),
    "files at the root of a host: what was not offered is no file": (
        at_root(files=SIGNED)
        .gets(target="/CPE.nbt")
        .gets(401, target="/certsrv/certnew.p7b?ReqID=CACert")
        .gets(404, target="/abs/handler")
        .wait(20),
        ("whole", None, None),
        set(),
    ),
    "files at the root of a host, one of them is not there": (
        at_root(files=SIGNED).gets(target="/CPE.cat").gets(404, target="/sub/cpe.NBT").gets(target="/x").wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "files at the root of a host, their names are not known": (
        at_root(files=())
        .gets(target="/a.nbt")
        .gets(401, target="/certsrv/certnew.p7b?ReqID=CACert")
        .gets(404, target="/abs/handler")
        .wait(20),
        ("whole", None, None),
        set(),
    ),
    "files at the root of a host, their names are not known, and one is not there": (
        at_root(files=()).gets(404, target="/a.nbt").wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "a path that only begins like the one of the files": (
        leased()
        .found()
        .connects()
        .posts()
        .offers("http://pool01.contoso.com/files")
        .gets(target="/files/CPE.nbt")
        .gets(404, target="/filesystem/x")
        .wait(20),
        ("whole", None, None),
        set(),
    ),
    "the URL names the file itself": (
        leased()
        .found()
        .connects()
        .posts()
        .offers("http://pool01.contoso.com/f/CPE.nbt")
        .gets(404, target="/f/CPE.nbt")
        .wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "a file that was not named is not there, those that were named are": (
        leased()
        .found()
        .connects()
        .posts()
        .offers(files=SIGNED)
        .gets()
        .gets(target=CAT)
        .gets(404, target=CAT.replace("CPE.cat", "readme.txt"))
        .wait(20),
        ("whole", None, None),
        {"download-not-found"},
    ),
    "the file is fetched over TLS": (
        over_tls().connects(port=443).shakes().wait(20),
        ("unknown", "download", "tls-not-decrypted"),
        {"internal-url-https"},
    ),
    "the file is fetched over TLS, whose handshake does not end in the capture": (
        over_tls().connects(port=443).shakes("unfinished", reason="bytes are missing").wait(20),
        ("unknown", "download", "capture-gap"),
        {"capture-gap", "internal-url-https"},
    ),
    "the file is fetched over TLS, whose handshake stops half-way": (
        over_tls().connects(port=443).shakes("unfinished", stage="certificate").wait(20),
        ("broken", "download", "download-connect-failed"),
        {"download-connect-failed", "internal-url-https"},
    ),
    "the file is fetched over TLS, and the capture ends soon": (
        over_tls().connects(port=443).shakes("unfinished", stage="certificate").wait(2),
        ("unknown", "download", "capture-too-short"),
        {"capture-too-short", "internal-url-https"},
    ),
    "the file is fetched over TLS, and a day later nothing is offered": (
        over_tls().connects(port=443).shakes().wait(86000).found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "the file is not fetched over TLS": (
        over_tls().wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried", "internal-url-https"},
    ),
    "the file arrives, and the host for the outside is used for something else": (
        offered()
        .asks("ocsrp.fabrikam.com", "NOERROR", "10.0.0.40")
        .gets()
        .connects(server="10.0.0.40", port=443)
        .shakes(server="10.0.0.40", server_name="ocsrp.fabrikam.com")
        .wait(20),
        ("whole", None, None),
        set(),
    ),
    "a file fails and arrives at the second attempt, in another spelling": (
        leased().found().connects().posts().offers().gets(404).gets(target=CAT).gets(target=NBT.upper()).wait(20),
        ("whole", None, None),
        {"download-not-found"},
    ),
    "the connection for the file fails, and a file arrives at the second attempt": (
        leased()
        .found()
        .connects()
        .posts()
        .offers()
        .asks("pool01.contoso.com", "NXDOMAIN")
        .asks("pool01.contoso.com", "NOERROR", POOL)
        .gets()
        .wait(20),
        ("whole", None, None),
        {"download-host-missing"},
    ),
    "provisioned phone asks no DNS": (leased().updated().wait(10), ("whole", None, "no-update-offered"), NO_UPDATE),
    "NAK, then a lease": (
        watched().dhcp("request").dhcp("nak").leased().found().updated().wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "NTLM": (
        leased().found().connects().posts(401, challenges=("NTLM",)).updated().wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "log upload is no update check": (
        leased().found().updated().posts(500, purpose="log").wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "text that may be a log, beside an update check": (
        leased().found().updated().connects().posts(500, purpose="update-or-log").wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "text that may be a log, and nothing else": (
        leased().found().connects().posts(404, purpose="update-or-log").wait(10),
        ("broken", "request", "http-not-found"),
        {"http-not-found"},
    ),
    "a log that was answered about updates was none": (
        leased().found().connects().posts(purpose="log", answer_frame=30).answers(frame=30).wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "nothing but a log": (
        leased().found().connects().posts(500, purpose="log").wait(10),
        ("unknown", "request", "request-not-sent"),
        {"request-not-sent"},
    ),
    "question repeated after loss": (
        leased().asks(NAME, None).wait(2).found().updated().wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "renewal": (
        leased().found().updated().wait(43200).dhcp("request", client_address="10.0.0.7").dhcp("ack").wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "renewal not answered while the lease runs": (
        leased().found().updated().wait(43200).dhcp("request", client_address="10.0.0.7").wait(60),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dhcp-no-answer"},
    ),
    "no DHCP answer": (
        watched().dhcp("discover").wait(4).dhcp("discover").wait(20),
        ("broken", "dhcp", "dhcp-no-answer"),
        {"dhcp-no-answer"},
    ),
    "no DHCP answer yet": (
        watched().dhcp("discover").wait(2),
        ("unknown", "dhcp", "capture-too-short"),
        {"capture-too-short"},
    ),
    "answers do not pass the mirror": (
        watched().dhcp("discover").dhcp("request", server=SERVER).wait(20),
        ("unknown", "dhcp", "capture-one-direction"),
        {"capture-one-direction"},
    ),
    "NAK of a server that was not chosen, after the lease": (
        watched()
        .dhcp("discover", transaction=1)
        .dhcp("offer", transaction=1)
        .dhcp("request", server=SERVER, transaction=1)
        .dhcp("ack", transaction=1)
        .dhcp("nak", server="10.0.0.99", transaction=1)
        .found()
        .updated()
        .wait(10),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "NAK of a renewal in the transaction of the lease": (
        watched()
        .dhcp("discover", transaction=1)
        .dhcp("offer", transaction=1)
        .dhcp("request", server=SERVER, transaction=1)
        .dhcp("ack", transaction=1)
        .wait(43200)
        .dhcp("request", client_address="10.0.0.7", transaction=1)
        .dhcp("nak", transaction=1)
        .wait(20),
        ("broken", "dhcp", "dhcp-nak"),
        {"dhcp-nak"},
    ),
    "NAK of a server that was not chosen, and the phone heeds it": (
        watched()
        .dhcp("discover", transaction=1)
        .dhcp("offer", transaction=1)
        .dhcp("request", server=SERVER, transaction=1)
        .dhcp("nak", server="10.0.0.99", transaction=1)
        .dhcp("discover", transaction=2)
        .wait(20),
        ("broken", "dhcp", "dhcp-nak"),
        {"dhcp-nak"},
    ),
    "NAK, and nothing after that": (
        watched().dhcp("request").dhcp("nak").dhcp("discover").wait(4).dhcp("discover").wait(20),
        ("broken", "dhcp", "dhcp-nak"),
        {"dhcp-nak"},
    ),
    "NAK, then an offer, and its request unanswered": (
        watched().dhcp("request").dhcp("nak").dhcp("discover").dhcp("offer").dhcp("request", server=SERVER).wait(20),
        ("broken", "dhcp", "dhcp-no-answer"),
        {"dhcp-no-answer", "dhcp-nak"},
    ),
    "an answer before any question": (
        leased()
        .found()
        .connects(client_port=5)
        .add(Http(time=0, client=PHONE, server=POOL, port=80, client_port=5, status=400))
        .wait(20),
        ("unknown", "request", "request-not-sent"),
        {"request-not-sent"},
    ),
    "NAK": (watched().dhcp("request").dhcp("nak").wait(20), ("broken", "dhcp", "dhcp-nak"), {"dhcp-nak"}),
    "no domain": (watched().leased(domain=None).wait(20), ("broken", "dhcp", "dhcp-no-domain"), {"dhcp-no-domain"}),
    "domain not asked for": (
        watched().dhcp("request", requested=(1, 3)).dhcp("ack", domain=None).found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "lease cut off, and nothing after it": (
        watched().leased(truncated=True).wait(20),
        ("unknown", "dhcp", "dhcp-malformed"),
        set(),
    ),
    "lease cut off before the domain, and nothing after it": (
        watched().leased(domain=None, resolvers=(), truncated=True).wait(20),
        ("unknown", "dhcp", "dhcp-malformed"),
        set(),
    ),
    "lease cut off, and it fails later": (
        watched().leased(domain=None, truncated=True).asks(NAME, "NXDOMAIN").asks(LEGACY, "NXDOMAIN").wait(20),
        ("broken", "dns", "dns-r2-missing"),
        {"dns-r2-missing"},
    ),
    "lease cut off by the snap length": (
        watched().leased(domain=None, resolvers=(), truncated=True).found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "domain unusable": (
        watched().leased(domain="contoso com").wait(20),
        ("broken", "dhcp", "dhcp-domain-unusable"),
        {"dhcp-domain-unusable"},
    ),
    "no resolver": (
        watched().leased(resolvers=()).wait(20),
        ("broken", "dhcp", "dhcp-no-resolver"),
        {"dhcp-no-resolver"},
    ),
    "voice VLAN silent": (
        leased()
        .dhcp("ack", vlan=100)
        .dhcp("release")
        .dhcp("discover", tag=100)
        .wait(4)
        .dhcp("discover", tag=100)
        .wait(20),
        ("broken", "dhcp", "dhcp-voice-vlan-silent"),
        {"dhcp-voice-vlan-silent"},
    ),
    "voice VLAN, then silence": (
        leased().dhcp("ack", vlan=100).dhcp("release").wait(20),
        ("broken", "dhcp", "dhcp-voice-vlan-silent"),
        {"dhcp-voice-vlan-silent"},
    ),
    "voice VLAN works, and the phone leaves": (
        leased().dhcp("ack", vlan=100).dhcp("release").leased(tag=100).found().updated().dhcp("release").wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "voice VLAN without a tag in the capture, and the phone leaves": (
        leased().dhcp("ack", vlan=100).dhcp("release").leased().found().updated().dhcp("release").wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "voice VLAN where the answers tell it too, and the phone leaves": (
        leased().dhcp("ack", vlan=100).leased(tag=100, vlan=100).found().updated().dhcp("release").wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "voice VLAN told to a phone that stays, and leaves in the end": (
        leased().dhcp("ack", vlan=100).found().updated().dhcp("release").wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "voice VLAN silent, and back": (
        leased()
        .dhcp("ack", vlan=100)
        .dhcp("release")
        .dhcp("discover", tag=100, transaction=7)
        .wait(8)
        .leased(transaction=8)
        .found()
        .updated()
        .wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dhcp-voice-vlan-silent"},
    ),
    "voice VLAN works": (
        leased().dhcp("ack", vlan=100).dhcp("release").leased(tag=100).found().updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "r2 missing": (leased().asks(NAME, "NXDOMAIN").wait(20), ("broken", "dns", "dns-r2-missing"), {"dns-r2-missing"}),
    "legacy only": (
        leased().asks(NAME, "NXDOMAIN").asks(LEGACY, "NOERROR", POOL).wait(20),
        ("broken", "dns", "dns-legacy-only"),
        {"dns-legacy-only"},
    ),
    "an older deployment and an older phone": (
        leased().asks(LEGACY, "NOERROR", POOL).updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE,
    ),
    "name fails, provisioned server works": (
        leased().asks(NAME, "NXDOMAIN").wait(20).updated(server="10.0.0.99").wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dns-r2-missing"},
    ),
    "worked yesterday, name gone today": (
        leased().found().updated().wait(86000).asks(NAME, "NXDOMAIN").wait(20),
        ("broken", "dns", "dns-r2-missing"),
        {"dns-r2-missing"},
    ),
    "wrong domain": (
        leased().asks("ucupdates-r2.fabrikam.com", "NOERROR", POOL).updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"dns-wrong-domain"},
    ),
    "DNS silent": (leased().asks(NAME, None).wait(20), ("broken", "dns", "dns-no-answer"), {"dns-no-answer"}),
    "DNS silent so far": (
        leased().asks(NAME, None, failure=None).wait(1),
        ("unknown", "dns", "capture-too-short"),
        {"capture-too-short"},
    ),
    "never asked": (leased().wait(20), ("unknown", "dns", "dns-not-asked"), {"dns-not-asked"}),
    "never connected": (leased().found().wait(20), ("unknown", "connect", "connect-not-tried"), {"connect-not-tried"}),
    "never posted": (
        leased().found().connects().wait(20),
        ("unknown", "request", "request-not-sent"),
        {"request-not-sent"},
    ),
    "never fetched": (
        leased().found().connects().posts().offers().wait(20),
        ("unknown", "download", "download-not-tried"),
        {"download-not-tried"},
    ),
    "too short after the offer": (
        leased().found().connects().posts().offers().wait(1),
        ("unknown", "download", "capture-too-short"),
        {"capture-too-short"},
    ),
    "refused": (
        leased().found().connects("refused").wait(20),
        ("broken", "connect", "connect-refused"),
        {"connect-refused"},
    ),
    "refused, then open": (
        leased().found().connects("refused", port=443).updated().wait(20),
        ("whole", None, "no-update-offered"),
        NO_UPDATE | {"connect-refused"},
    ),
    "dropped": (
        leased().found().connects("no_answer").wait(20),
        ("broken", "connect", "connect-no-answer"),
        {"connect-no-answer"},
    ),
    "unreachable": (
        leased().found().connects("unreachable", reason="ARP not answered").wait(20),
        ("broken", "connect", "connect-unreachable"),
        {"connect-unreachable"},
    ),
    "hung up on SHA-2": (
        leased()
        .found()
        .connects(port=443)
        .shakes("closed", closed_by="client", stage="certificate", chain=SHA2)
        .wait(20),
        ("broken", "tls", "tls-sha2-chain"),
        {"tls-sha2-chain"},
    ),
    "hung up after accepting a SHA-2 certificate": (
        leased().found().connects(port=443).shakes("closed", closed_by="client", stage="finished", chain=SHA2).wait(20),
        ("broken", "tls", "tls-handshake"),
        {"tls-handshake"},
    ),
    "hung up on an expired certificate": (
        leased().found().connects(port=443).shakes("closed", closed_by="client", stage="certificate", chain=EXPIRED),
        ("broken", "tls", "tls-expired"),
        {"tls-expired"},
    ),
    "certificate unknown, and it has expired": (
        leased()
        .found()
        .connects(port=443)
        .shakes("alert", alert=46, alert_from="client", stage="certificate", chain=EXPIRED),
        ("broken", "tls", "tls-expired"),
        {"tls-expired"},
    ),
    "an expired certificate with a signature that cannot be verified": (
        leased()
        .found()
        .connects(port=443)
        .shakes("alert", alert=43, alert_from="client", stage="certificate", chain=EXPIRED),
        ("broken", "tls", "tls-sha2-chain"),
        {"tls-sha2-chain"},
    ),
    "an expired certificate, and the server hung up": (
        leased().found().connects(port=443).shakes("closed", closed_by="server", stage="certificate", chain=EXPIRED),
        ("broken", "tls", "tls-handshake"),
        {"tls-handshake"},
    ),
    "the handshake stops half-way": (
        leased().found().connects(port=443).shakes("unfinished", stage="certificate").wait(20),
        ("broken", "tls", "tls-handshake"),
        {"tls-handshake"},
    ),
    "the capture ends while a slow handshake goes on": (
        leased()
        .found()
        .connects(port=443)
        .shakes("unfinished", stage="certificate", last_time=START + 19_000_000)
        .wait(20),
        ("unknown", "tls", "capture-too-short"),
        {"capture-too-short"},
    ),
    "the handshake is not whole in the capture": (
        leased().found().connects(port=443).shakes("unfinished", reason="bytes are missing").wait(20),
        ("unknown", "tls", "capture-gap"),
        {"capture-gap"},
    ),
    "the answer is not whole in the capture": (
        leased().found().connects().posts(200, complete=False, lost_bytes=500).wait(20),
        ("unknown", "request", "capture-gap"),
        {"capture-gap"},
    ),
    "the file is not whole in the capture": (
        leased().found().connects().posts().offers().gets(200, complete=False, lost_bytes=500).wait(20),
        ("unknown", "download", "capture-gap"),
        {"capture-gap"},
    ),
    "alert 48": (
        leased().found().connects(port=443).shakes("alert", alert=48, alert_from="client", chain=SHA1).wait(20),
        ("broken", "tls", "tls-untrusted"),
        {"tls-untrusted"},
    ),
    "alert 45": (
        leased().found().connects(port=443).shakes("alert", alert=45, alert_from="client").wait(20),
        ("broken", "tls", "tls-expired"),
        {"tls-expired"},
    ),
    "the rest is encrypted": (
        leased().found().connects(port=443).shakes().wait(20),
        ("unknown", None, "tls-not-decrypted"),
        set(),
    ),
    "401 and no more": (
        leased().found().connects().posts(401).wait(20),
        ("broken", "request", "http-auth-required"),
        {"http-auth-required"},
    ),
    "500 to a real phone": (
        leased().found().connects().posts(500).wait(20),
        ("broken", "request", "http-server-error"),
        {"http-server-error"},
    ),
    "download 404": (
        leased().found().connects().posts().offers().gets(404).wait(20),
        ("broken", "download", "download-not-found"),
        {"download-not-found"},
    ),
    "download NTLM": (
        leased().found().connects().posts().offers().gets(401).gets().wait(20),
        ("whole", None, None),
        set(),
    ),
    "download cut": (
        leased().found().connects().posts().offers().gets(200, complete=False, failure="closed").wait(20),
        ("broken", "download", "download-truncated"),
        {"download-truncated"},
    ),
    "download stalled": (
        leased().found().connects().posts().offers().gets(200, complete=False).wait(20),
        ("broken", "download", "download-stalled"),
        {"download-stalled"},
    ),
    "download going on": (
        leased().found().connects().posts().offers().gets(200, complete=False).wait(1),
        ("unknown", "download", "capture-too-short"),
        {"capture-too-short"},
    ),
    "download host missing": (
        leased().found().connects().posts().offers().asks("pool01.contoso.com", "NXDOMAIN").wait(20),
        ("broken", "download", "download-host-missing"),
        {"download-host-missing"},
    ),
    "download refused by the host": (
        leased()
        .found()
        .connects()
        .posts()
        .offers()
        .asks("pool01.contoso.com", "NOERROR", "10.0.0.30")
        .connects("refused", server="10.0.0.30")
        .wait(20),
        ("broken", "download", "download-connect-failed"),
        {"download-connect-failed"},
    ),
}
